"""Writing: files for this user only, and in German why one could not be written."""

from __future__ import annotations

import os
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


@contextmanager
def private_files() -> Iterator[None]:
    """Create every file for this user only; what is published gets its mode explicitly."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)
