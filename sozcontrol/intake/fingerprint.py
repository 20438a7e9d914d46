"""One number for a delivery and everything that decides how it is read."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import sozcontrol
from sozcontrol import catalogue
from sozcontrol.catalogue import Kommune, Profil
from sozcontrol.dateisumme import checksum
from sozcontrol.intake.delivery import profiles_of
from sozcontrol.intake.files import LIEFERSCHEIN, delivered


def fingerprint(ordner: Path, kommune: Kommune) -> str:
    """Return the SHA-256 over what *ordner* holds and how it would be read.

    Covers file names and bytes (snapshots of queries among them), the Lieferschein, the profiles of
    *kommune*, all tables and code lists, and the version of this package.
    """
    profiles = profiles_of(kommune)
    digest = hashlib.sha256(f"{sozcontrol.__version__}\0{kommune.id}\0".encode())
    for part in (*_facts(profiles), *_files(ordner)):
        # A name that is no UTF-8 gives its bytes.
        digest.update(f"{len(part)}:{part}\n".encode(errors="surrogateescape"))
    return digest.hexdigest()


def _facts(profiles: tuple[Profil, ...]) -> list[str]:
    facts = [*profiles, *catalogue.tabellen().values(), *catalogue.codelisten().values()]
    return [json.dumps(fact.model_dump(mode="json"), sort_keys=True) for fact in facts]


def _files(folder: Path) -> list[str]:
    paths = delivered(folder) if folder.is_dir() else []
    note = folder / LIEFERSCHEIN
    if note.exists():
        paths = [*paths, note]
    parts = []
    for path in paths:
        # Reading reports what cannot be opened; here it only has to differ from every content.
        try:
            content = checksum(path) if path.is_file() else "keine Datei"
        except OSError as fault:
            content = type(fault).__name__
        parts.append(f"{path.name}\0{content}")
    return parts
