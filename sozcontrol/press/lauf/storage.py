"""Say in German why something could not be written."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sozcontrol.errors import StorageError

_REASONS = {
    errno.ENOSPC: "kein Platz mehr auf dem Datenträger",
    errno.EDQUOT: "das Speicherkontingent ist erschöpft",
    errno.EACCES: "keine Schreibrechte",
    errno.EPERM: "keine Schreibrechte",
    errno.EROFS: "der Datenträger ist nur lesbar",
    errno.EIO: "der Datenträger meldet einen Fehler",
    errno.ENOENT: "der Ordner fehlt",
    errno.ENOTDIR: "ein Ordner fehlt",
    errno.EISDIR: "dort liegt ein Ordner",
}


def reason(error: OSError) -> str:
    """Return why *error* happened, in German where we know it."""
    if isinstance(error, shutil.Error):
        return "Dateien ließen sich nicht kopieren"
    return _REASONS.get(error.errno or 0, error.strerror or type(error).__name__)


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
