"""Prove the facts before anything is computed from them, and remember that they were proved."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path

from sozcontrol import yamlgedaechtnis
from sozcontrol.projekt import FAKTEN, Projekt

PACKAGE = Path(__file__).parents[2]
READ = ("*.py", "catalogue/**/*", "measures/**/*")
"""The code and facts that decide the proof, and how facts are read."""
REMEMBERED = "bewiesen"


def prove_facts(projekt: Projekt) -> None:
    """Prove catalogue, views and Kennzahlen; at once where nothing has changed since the last time.

    Raises:
        CatalogueError: The first fact that can't be computed as declared, with file and entry.
    """
    now, memory = _digest(projekt), projekt.runs / REMEMBERED
    if _proved(memory, now):
        return
    from sozcontrol import catalogue, measures
    from sozcontrol.store.disk import write_text

    catalogue.prove()
    measures.prove()
    # Only a memory: a folder that can't be written costs the next start half a second.
    with suppress(OSError):
        memory.parent.mkdir(parents=True, exist_ok=True)
        write_text(memory, yamlgedaechtnis.schreibe(now))


def recall(projekt: Projekt) -> None:
    """Spare this process the parsing of facts that were proved, if they are still the same."""
    _proved(projekt.runs / REMEMBERED, _digest(projekt))


def _proved(memory: Path, now: str) -> bool:
    with suppress(OSError):
        return yamlgedaechtnis.lies(memory.read_text(encoding="utf-8", errors="replace"), now)
    return False


def _digest(projekt: Projekt) -> str:
    digest = hashlib.sha256()
    for name in FAKTEN:
        own = projekt.profile / name
        digest.update(own.read_bytes() if own.is_file() else b"-")
    for some in READ:
        for path in sorted(PACKAGE.glob(some)):
            if path.suffix in (".py", ".yml"):
                digest.update(f"{path.relative_to(PACKAGE)}\0".encode())
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
