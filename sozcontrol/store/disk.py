"""Write a file whole or not at all, through to the disk."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

from sozcontrol.projekt import Projekt


def sync(path: Path) -> None:
    """Write a file or folder through to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_bytes(path: Path, content: bytes, *, lasting: bool = True) -> None:
    """Write one file whole or not at all.

    What is only remembered, and proved when it is read, needn't be *lasting*: it isn't waited for
    until the disk has it.
    """
    temporary = path.with_name(f".{path.name}.neu-{os.getpid()}")
    try:
        temporary.write_bytes(content)
        if lasting:
            sync(temporary)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    if lasting:
        sync(path.parent)


def write_text(path: Path, text: str) -> None:
    """Write one file whole or not at all."""
    write_bytes(path, text.encode("utf-8"))


def sweep_begun(projekt: Projekt) -> None:
    """Remove what processes that were killed have left of files they were about to write.

    Call it where no other process writes: what is being written looks the same.
    """
    places = (projekt.processed, projekt.protokolle, projekt.runs)
    found = [p for place in places for p in place.rglob(".*") if "neu-" in p.name]
    for path in (*found, *projekt.raw.rglob(".*.abzug.jsonl*.neu-*")):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with suppress(OSError):
                path.unlink()
