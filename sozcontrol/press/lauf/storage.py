"""Writing: files for this user only, and in German why one could not be written."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sozcontrol.errors import StorageError, reason


@contextmanager
def storage_errors(was: str, wo: Path, *, unveraendert: str | None = None) -> Iterator[None]:
    """Turn an OSError inside the block into a StorageError that begins with *was*."""
    try:
        yield
    except OSError as error:
        raise StorageError(
            f"{was}: {reason(error)}.",
            wo=str(wo),
            tun="Platz und Schreibrechte prüfen, dann erneut starten.",
            unveraendert=unveraendert,
        ) from None


def open_to_others(folder: Path) -> list[Path]:
    """Return the files of *folder* that any user of this machine may read, in order.

    A folder above them that lets nobody in protects them. Systems without such modes have none.
    """
    if os.name != "posix" or not all(map(_lets_in, folder.parents)):
        return []
    return [*_open_below(folder)]


def _open_below(folder: Path) -> Iterator[Path]:
    if not _lets_in(folder):
        return
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            yield from _open_below(path)
        elif path.is_file() and path.stat().st_mode & stat.S_IROTH:
            yield path


def _lets_in(folder: Path) -> bool:
    return bool(folder.stat().st_mode & stat.S_IXOTH)


@contextmanager
def private_files() -> Iterator[None]:
    """Create every file for this user only; what is published gets its mode explicitly."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)
