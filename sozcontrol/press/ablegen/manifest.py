"""The machine-readable record of a run: from which bytes, with which code, which reports came."""

from __future__ import annotations

import hashlib
import json
import platform
import subprocess
from collections.abc import Mapping
from pathlib import Path

from pydantic import ConfigDict, TypeAdapter, with_config
from typing_extensions import TypedDict

from sozcontrol import __version__
from sozcontrol.projekt import Projekt
from sozcontrol.store import seal

SCHEMA = 2
NAME = "manifest.json"
LOCK = "requirements.lock"
CHECKOUT = Path(__file__).parents[3]
"""Where the code lies."""


class Stand(TypedDict):
    """What git says: the commit, and whether anything beside it was in the way."""

    commit: str | None
    veraendert: bool | None


class Herkunft(TypedDict):
    """Which code made a report."""

    sozcontrol: str
    git: Stand
    lock_sha256: str | None
    python: str


@with_config(ConfigDict(extra="allow"))
class Eintrag(TypedDict, total=False):
    """One report of an edition; ``status`` is »aktuell« or »gesperrt«.

    ``mappe`` names the workbook of its tables with its checksum, ``csv`` the checksums of its open
    files by their place in the folder.
    """

    status: str
    datei: str | None
    sha256: str | None
    mappe: dict[str, str]
    csv: dict[str, str]
    lauf: str | None
    datenstand: str | None
    berichtsarten: list[str]
    prognose: str | None
    aussage: str
    sekunden: float
    nicht_freigegebene_ausgaben: dict[str, int]
    geheimhaltung: dict[str, object]
    gesperrt_wegen: list[str]


@with_config(ConfigDict(extra="allow"))
class Manifest(TypedDict, total=False):
    """What is read again of a manifest; what else it holds is for readers elsewhere."""

    lauf: str
    kommune: str
    parameter: dict[str, str]
    seiten: dict[str, str]
    berichte: dict[str, Eintrag]
    laeufe: dict[str, object]
    protokolle: dict[str, object]


_FORM = TypeAdapter(Manifest)


def sha256(data: bytes) -> str:
    """Return the checksum every entry of the manifest is given in."""
    return hashlib.sha256(data).hexdigest()


def provenance(projekt: Projekt) -> Herkunft:
    """Return version, commit, lock and Python of this run.

    A project that lies apart from its checkout has neither: then it is that of the code.
    """
    root = checkout(projekt)
    lock = root / LOCK
    return {
        "sozcontrol": __version__,
        "git": git_state(root),
        "lock_sha256": sha256(lock.read_bytes()) if lock.is_file() else None,
        "python": platform.python_version(),
    }


def checkout(projekt: Projekt) -> Path:
    """Return where the code of a project is kept under git."""
    return projekt.root if (projekt.root / LOCK).is_file() else CHECKOUT


def git_state(root: Path) -> Stand:
    """Return the commit and whether anything beside it was in the way; null without git."""

    def git(*words: str) -> str | None:
        try:
            done = subprocess.run(
                ["git", "-C", str(root), *words], capture_output=True, text=True, timeout=10
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        return done.stdout.strip() if done.returncode == 0 else None

    commit = git("rev-parse", "HEAD")
    if commit is None:
        return {"commit": None, "veraendert": None}
    return {"commit": commit, "veraendert": bool(git("status", "--porcelain"))}


def read(folder: Path) -> Manifest:
    """Return the manifest of a published edition, or an empty one when there is none yet.

    Raises:
        Damaged: It is not what was written, or pages lie there without one.
    """
    path = folder / NAME
    if not seal.exists(path) and not seal.listing(folder, ".html"):
        return {}
    return seal.unsealed(path, _FORM, before=_unsealed)


def _unsealed(data: object) -> bool:
    """Say whether a manifest is of the first schema, which had no seal."""
    return isinstance(data, dict) and data.get("schema") == 1 and seal.SEAL not in data


def dump(data: Mapping[str, object]) -> str:
    """Return *data* as the JSON a manifest is written in, with its seal."""
    return json.dumps(seal.sealed(data), ensure_ascii=False, indent=2, sort_keys=False) + "\n"
