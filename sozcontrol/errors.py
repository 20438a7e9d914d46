"""The words of sozcontrol: every fault a user can meet, in German, in three parts.

*was* happened, *wo* it happened and what to *tun* about it. A fourth part says what did **not**
happen (``unveraendert``), so that nobody has to wonder whether last month's report still stands.
No message ever carries a value of a person column; codes of a code list and names of files,
columns, rules and notebooks are allowed.
"""

from __future__ import annotations

import errno
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class Exit(IntEnum):
    """Exit codes of the command line; documented in the README and in ``sozcontrol --help``."""

    OK = 0
    WARNINGS = 1  # only with --streng
    USAGE = 2
    INPUT_MISSING = 3
    CONTRACT = 4
    PLAUSIBILITY = 5
    NOTEBOOK = 6
    DISCLOSURE = 7
    STORAGE = 8
    CONFIGURATION = 9
    BUSY = 10
    BUG = 70


class SozcontrolError(Exception):
    """A fault with a German explanation; the command line prints it without a traceback."""

    exit_code: Exit = Exit.CONTRACT

    def __init__(self, was: str, *, wo: str, tun: str, unveraendert: str | None = None) -> None:
        self.was, self.wo, self.tun, self.unveraendert = was, wo, tun, unveraendert
        super().__init__(was)

    def __str__(self) -> str:
        lines = [self.was, f"  Wo:  {self.wo}", f"  Tun: {self.tun}"]
        if self.unveraendert:
            lines.append(f"  Unverändert: {self.unveraendert}")
        return "\n".join(lines)


class UsageError(SozcontrolError):
    """A parameter is unknown, malformed or contradicts another one."""

    exit_code = Exit.USAGE

    def __init__(self, was: str, *, wo: str = "Aufruf", tun: str = "sozcontrol --help") -> None:
        super().__init__(was, wo=wo, tun=tun)

    def __str__(self) -> str:
        # One line: a scheduler's log shows it whole.
        return f"{self.was} (Wo: {self.wo}. Tun: {self.tun})"


class CatalogueError(SozcontrolError):
    """A fact under ``sozcontrol/catalogue`` is malformed or contradicts another fact."""

    exit_code = Exit.CONFIGURATION


class ConfigurationError(SozcontrolError):
    """The project folder, the key file or the environment is not usable."""

    exit_code = Exit.CONFIGURATION


class DeliveryMissing(SozcontrolError):
    """A delivery, or a file of it, is absent, empty, locked or still being written."""

    exit_code = Exit.INPUT_MISSING


class DeliveryError(SozcontrolError):
    """A delivery cannot be read as its profile says."""

    exit_code = Exit.CONTRACT


class NotReleased(SozcontrolError):
    """Something was to be shown that ``disclosure`` has not released."""

    exit_code = Exit.DISCLOSURE


class NotebookFailed(SozcontrolError):
    """A notebook did not run to its end; nothing was published."""

    exit_code = Exit.NOTEBOOK


class StorageError(SozcontrolError):
    """Writing or reading what is stored failed (disk, permission)."""

    exit_code = Exit.STORAGE


class Damaged(StorageError):
    """Something stored is not what was written; ``sozcontrol repair`` sets it aside."""

    def __init__(self, was: str, wo: Path) -> None:
        super().__init__(
            was,
            wo=str(wo),
            tun="sozcontrol repair – stellt Beschädigtes beiseite und sagt, wie es wiederkommt.",
            unveraendert="Alle bisherigen Berichte.",
        )


class Busy(SozcontrolError):
    """Another run holds the lock of this project."""

    exit_code = Exit.BUSY


_REASONS = {
    errno.ENOSPC: "kein Platz mehr auf dem Datenträger",
    errno.EDQUOT: "das Speicherkontingent ist erschöpft",
    errno.EACCES: "keine Schreibrechte",
    errno.EPERM: "keine Schreibrechte",
    errno.EROFS: "der Datenträger ist nur lesbar",
    errno.EIO: "der Datenträger meldet einen Fehler",
    errno.EFBIG: "die Datei wird größer, als der Datenträger erlaubt",
    errno.ENOENT: "der Ordner fehlt",
    errno.ENOTDIR: "ein Ordner fehlt",
    errno.EISDIR: "dort liegt ein Ordner",
}


_OF_STORAGE = {
    errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EPERM, errno.EROFS, errno.EIO, errno.EFBIG,
}  # fmt: skip
"""What the place of the files is to blame for, and no programme."""


def of_storage(error: OSError) -> StorageError | None:
    """Return *error* as what a user can mend; None where it may be a mistake of ours."""
    if error.errno not in _OF_STORAGE:
        return None
    return StorageError(
        f"Eine Datei ließ sich nicht lesen oder schreiben: {reason(error)}.",
        wo=str(error.filename or "Datenträger des Projekts oder des Ordners für Vorläufiges"),
        tun="Platz und Rechte prüfen, dann erneut starten.",
        unveraendert="Alle bisherigen Berichte.",
    )


def reason(error: OSError) -> str:
    """Return why *error* happened, in German where we know it."""
    import shutil  # the help needs errors, and no files

    if isinstance(error, shutil.Error):
        return "Dateien ließen sich nicht kopieren"
    return _REASONS.get(error.errno or 0, error.strerror or type(error).__name__)


def nearest(name: str, known: list[str] | tuple[str, ...]) -> str:
    """Return »Meinten Sie …?« with the known name nearest to *name*, or the list of all of them."""
    from difflib import get_close_matches

    hits = get_close_matches(name, known, n=1, cutoff=0.5)
    if hits:
        return f"Meinten Sie »{hits[0]}«? Bekannt: {', '.join(known)}."
    return f"Bekannt: {', '.join(known)}."
