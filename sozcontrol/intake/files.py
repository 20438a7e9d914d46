"""Which file of the folder is which entry of which profile, and is it there in peace."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path, PurePath

from sozcontrol.catalogue.profil import Profil, Quelldatei
from sozcontrol.intake.names import normalise
from sozcontrol.intake.rules import FileRejected

LIEFERSCHEIN = "lieferung.yml"
ABZUG = ".abzug.jsonl"
"""What the name of a query's snapshot ends with."""
SIEGEL = ".sha256"
"""What a file's name ends with that seals another of the same name without it."""
# Droppings of operating systems; they say nothing about a delivery.
_IGNORED = {".ds_store", "thumbs.db", "desktop.ini", ".gitkeep", LIEFERSCHEIN, "readme.md"}
_LOCKS = (
    re.compile(r"~\$(?P<name>.+)"),
    re.compile(r"\.~lock\.(?P<name>.+)#"),
    re.compile(r"(?P<name>.+)\.(?:tmp|part|partial|crdownload|filepart)", re.IGNORECASE),
)
_SIGNATURES = (
    (b"PK\x03\x04", "xlsx", "ein ZIP-Archiv oder eine XLSX-Datei"),
    (b"PK\x05\x06", "xlsx", "ein leeres ZIP-Archiv"),
    (b"PAR1", "parquet", "eine Parquet-Datei"),
    (b"SQLite format 3\x00", "gpkg", "eine SQLite-Datei oder ein GeoPackage"),
    (b"{\\rtf", None, "ein RTF-Dokument"),
)


GROESSTE = 512 << 20
"""Bytes of the largest file that is read: twice the payments of a city of a million."""

_PDF = (
    "Das ist eine PDF-Datei; aus gedruckten Tabellen wird keine Zahl übernommen.",
    "Die Tabelle im Quellsystem als CSV oder XLSX ausgeben und diese Datei liefern.",
)
_XLS = (
    "Das ist eine alte Excel-Datei (XLS) oder eine mit Kennwort; beide werden nicht gelesen.",
    "In Excel öffnen und mit »Speichern unter« ohne Kennwort speichern, als XLSX oder, wo das "
    "Profil sie erwartet, als CSV; diese Datei liefern.",
)


@dataclass(frozen=True)
class Eintrag:
    """One entry of one profile."""

    profil: Profil
    datei: Quelldatei

    @property
    def tabellen(self) -> tuple[str, ...]:
        """The canonical tables the entry feeds, once each."""
        return tuple(dict.fromkeys(feed.tabelle for feed in self.datei.tabellen))

    @property
    def abzug(self) -> str | None:
        """What the snapshot of its query is called; None where it has no query."""
        if self.datei.format != "sql":
            return None
        plain = re.sub(r"[^a-z0-9]+", "_", normalise(self.datei.name)).strip("_")
        return f"{self.profil.profil}.{plain}{ABZUG}"

    def recognises(self, name: str) -> bool:
        """Whether a file called *name* is one of this entry (case does not matter)."""
        if self.abzug is not None:
            return name.casefold() == self.abzug.casefold()
        return self.datei.passt(name)

    def replaced_by(self, path: Path) -> bool:
        """Whether *path* has the name of this entry but for its ending (a PDF, an XLS)."""
        return self.recognises(path.stem + PurePath(self.datei.muster or "").suffix)


@dataclass
class Sortiert:
    """The files of a folder, sorted: recognised, contested, locked, never read, unknown.

    ``nie_gelesen`` are PDF and old Excel files, ``veraltet`` those whose entries do not hold at the
    Stichtag.
    """

    erkannt: list[tuple[Path, Eintrag]] = field(default_factory=list)
    mehrdeutig: list[tuple[Path, list[Eintrag]]] = field(default_factory=list)
    gesperrt: list[tuple[Path, list[Eintrag]]] = field(default_factory=list)
    nie_gelesen: list[tuple[Path, list[Eintrag]]] = field(default_factory=list)
    veraltet: list[tuple[Path, list[Eintrag]]] = field(default_factory=list)
    unbekannt: list[Path] = field(default_factory=list)


def entries(profiles: Sequence[Profil]) -> list[Eintrag]:
    """Return the entries of all *profiles*, in order."""
    return [Eintrag(profile, source) for profile in profiles for source in profile.dateien]


def delivered(folder: Path) -> list[Path]:
    """Return what is delivered in *folder*, by name; folders inside are not looked into.

    A link to nowhere or a pipe is delivered, too: reading says that it is no file.
    """
    files = (path for path in folder.iterdir() if not path.is_dir())
    return sorted(p for p in files if p.name.casefold() not in _IGNORED)


def sort_files(folder: Path, known: list[Eintrag], stichtag: date) -> Sortiert:
    """Sort the files of *folder* by the entries that recognise them and hold at *stichtag*."""
    found = Sortiert()
    for path in delivered(folder):
        if path.suffix == SIEGEL and path.with_suffix("").exists():
            continue  # a seal is read with its file
        guarded = _guarded(path.name)
        if guarded is not None:
            found.gesperrt.append((path, [e for e in known if e.recognises(guarded)]))
            continue
        named = [entry for entry in known if entry.recognises(path.name)]
        hits = [entry for entry in named if entry.datei.gilt(stichtag)]
        if named and not hits:
            found.veraltet.append((path, named))
        elif not hits and never_read(start_of(path)):
            stand_in = [e for e in known if e.replaced_by(path) and e.datei.gilt(stichtag)]
            found.nie_gelesen.append((path, stand_in))
        elif not hits:
            found.unbekannt.append(path)
        elif _one_meaning(hits):
            found.erkannt += [(path, entry) for entry in hits]
        else:
            found.mehrdeutig.append((path, hits))
    return found


def never_read(data: bytes) -> tuple[str, str] | None:
    """Return what is said of *data* and what to do, where it is a PDF or an old Excel file.

    The name counts for nothing; the mark of a PDF may stand behind a few other bytes.
    """
    if b"%PDF-" in data[:1024]:
        return _PDF
    return _XLS if data.startswith(b"\xd0\xcf\x11\xe0") else None


def start_of(path: Path) -> bytes:
    """Return the first bytes of a delivered file; none of one that can't be opened."""
    if not path.is_file():  # opening a pipe would wait for ever
        return b""
    try:
        with path.open("rb") as file:
            return file.read(1024)
    except OSError:
        return b""  # not to be opened: it stays unknown, and is named as such


def _guarded(name: str) -> str | None:
    """Return the name of the file a lock or a partial copy stands for."""
    hits = (pattern.fullmatch(name) for pattern in _LOCKS)
    return next((hit["name"] for hit in hits if hit), None)


def _one_meaning(hits: list[Eintrag]) -> bool:
    # Several sheets of one workbook are several entries of one file.
    sheets = {(hit.datei.format, hit.datei.blatt) for hit in hits}
    named = all(hit.datei.format == "xlsx" and hit.datei.blatt for hit in hits)
    return len(hits) == 1 or (named and len(sheets) == len(hits))


def read_stable(path: Path) -> bytes:
    """Return the bytes of *path*, proved not to have changed while they were read.

    Raises:
        FileRejected: R-I29 when it cannot be opened or is no file, R-I30 when it changed twice in a
            row or holds zeros, R-I08 when it is larger than any delivery.
    """
    _demand_file(path)
    _demand_begun(path)
    for _ in range(2):
        try:
            before = path.stat()
            data = path.read_bytes()
            after = path.stat()
        except OSError as error:
            raise FileRejected(
                "R-I29",
                f"Die Datei ist nicht zu öffnen ({type(error).__name__}).",
                "Programm schließen, das sie geöffnet hält, und die Leserechte prüfen.",
            ) from None
        same = (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)
        if same and len(data) == after.st_size:
            return data
    raise FileRejected(
        "R-I30",
        "Datei unvollständig: sie änderte sich, während sie gelesen wurde.",
        "Warten, bis die Datei fertig kopiert ist, und neu starten.",
    )


def _demand_begun(path: Path) -> None:
    """Refuse a file of zeros; it may be large, so that is seen before it is read."""
    start = start_of(path)
    if start and not start.strip(b"\0"):
        raise FileRejected(
            "R-I30",
            "Die Datei enthält nur Nullen: sie ist angelegt, aber nicht fertig kopiert.",
            "Die Datei neu kopieren und neu starten.",
        )


def _demand_file(path: Path) -> None:
    if path.exists() and not path.is_file():
        raise FileRejected(
            "R-I29",
            "Unter diesem Namen liegt keine Datei, sondern ein Anschluss an ein anderes Programm.",
            "Die Datei selbst in den Ordner legen.",
        )
    if path.is_symlink() and not path.exists():
        raise FileRejected(
            "R-I29",
            "Unter diesem Namen liegt nur eine Verknüpfung, deren Ziel es nicht gibt.",
            "Die Datei selbst in den Ordner legen.",
        )
    if path.is_file() and path.stat().st_size > GROESSTE:
        raise FileRejected(
            "R-I08",
            f"Die Datei ist größer als {GROESSTE >> 20} MB; so groß ist keine Lieferung.",
            "Den Auszug auf die vereinbarten Jahre beschränken oder auf mehrere Dateien verteilen.",
        )


def sha256(data: bytes) -> str:
    """Return the SHA-256 of *data* in hex."""
    return hashlib.sha256(data).hexdigest()


def check_seal(path: Path, digest: str) -> None:
    """Compare *digest* with what a seal beside the file says, where there is one.

    Raises:
        FileRejected: R-I30 when the file is not the one that was sealed.
    """
    seal = path.with_name(path.name + SIEGEL)
    if seal.exists() and digest not in read_stable(seal).decode("ascii", "replace").split():
        raise FileRejected(
            "R-I30",
            "Die Datei ist nicht die, zu der ihre Prüfsumme gehört: sie ist verändert.",
            "Datei und Prüfsumme noch einmal vom Absender holen.",
        )


def check_type(data: bytes, expected: str) -> None:
    """Compare the first bytes of a file with the format its profile expects.

    Raises:
        FileRejected: R-I07 for an empty file, R-I08 for the content of another format.
    """
    if not data or data.isspace():
        raise FileRejected("R-I07", "Die Datei ist leer.", "Datei neu ausgeben und liefern.")
    if (why := never_read(data)) is not None:
        raise FileRejected("R-I08", *why)
    hit = next(((kind, what) for sign, kind, what in _SIGNATURES if data.startswith(sign)), None)
    start = data[:512].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if hit is None and start.startswith(
        (b"<!doctype html", b"<html", b"<table", b"<?xml", b"<div")
    ):
        hit = (None, "eine HTML- oder XML-Datei")
    actual, what = hit or ("csv", "eine Textdatei")
    if actual != {"sql": "csv", "geojson": "csv"}.get(expected, expected):  # both are text
        raise FileRejected(
            "R-I08",
            f"Erwartet ist {expected.upper()}, der Inhalt ist aber {what}.",
            f"Datei als {expected.upper()} ausgeben; Umbenennen genügt nicht.",
        )
