"""One delivered file as intake reads it, before any profile: its sheets, encoding and separator.

What speaks for a reading is kept as a sentence, for a person who decides.
"""

from __future__ import annotations

import codecs
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sozcontrol.catalogue.profil import Quelldatei
from sozcontrol.errors import DeliveryError
from sozcontrol.intake.csv_file import SEPARATORS, read_csv, records, shown
from sozcontrol.intake.files import check_type, delivered, read_stable
from sozcontrol.intake.model import Grid
from sozcontrol.intake.names import file_name
from sozcontrol.intake.rules import FileRejected
from sozcontrol.intake.stichtag import latest_in_name
from sozcontrol.intake.text import decode
from sozcontrol.intake.xlsx_archive import Sheet, open_archive, sheets
from sozcontrol.intake.xlsx_file import read_xlsx


@dataclass(frozen=True)
class Blatt:
    """The cells of one sheet (of a CSV file: of the file, which has no name)."""

    grid: Grid
    name: str | None = None
    nummer: int = 1
    sichtbar: bool = True


@dataclass(frozen=True)
class Abfrage:
    """How a table of a database is asked: variable, table, columns, order, as SQL quotes them."""

    variable: str
    von: str
    spalten: Mapping[str, str]
    ordnung: tuple[str, ...] = ()

    def text(self, names: Iterable[str]) -> str:
        """Return the query for the columns *names*; all names come from the database itself."""
        asked = ", ".join(self.spalten[name] for name in names)
        order = f" ORDER BY {', '.join(self.ordnung)}" if self.ordnung else ""
        return f"SELECT {asked} FROM {self.von}{order}"  # noqa: S608


@dataclass(frozen=True)
class Quelle:
    """A file that is read: ``belege`` says by what its format, encoding and separator are known.

    A table of a database is one, too; ``abfrage`` says how it is asked.
    """

    pfad: Path
    format: str
    blaetter: tuple[Blatt, ...]
    kodierung: str | None = None
    trennzeichen: str | None = None
    belege: tuple[str, ...] = ()
    abfrage: Abfrage | None = None

    @property
    def name(self) -> str:
        """The file's name, as a message can hold it."""
        return file_name(self.pfad)


def read_source(path: Path) -> Quelle:
    """Return what *path* holds.

    Raises:
        DeliveryError: It can't be read: what intake says of it.
    """
    try:
        data = read_stable(path)
        if data.startswith(b"PK"):
            check_type(data, "xlsx")
            return _workbook(path, data)
        check_type(data, "csv")
        return _text(path, data)
    except FileRejected as fault:
        raise rejected(path, fault) from None


def in_order(path: Path, source: Quelldatei) -> list[Path]:
    """Return the files beside *path* that are of one kind with it, if their names tell an order."""
    found = [p for p in delivered(path.parent) if source.passt(p.name)]
    days = {latest_in_name(p.name) for p in found}
    return found if len(days) == len(found) and None not in days else []


def rejected(path: Path, fault: FileRejected) -> DeliveryError:
    """Return what intake has against a file as a fault of the command."""
    rows = f", Zeile {fault.zeilen[0]}" if fault.zeilen else ""
    return DeliveryError(fault.meldung, wo=f"{file_name(path)}{rows}", tun=fault.tun)


def _workbook(path: Path, data: bytes) -> Quelle:
    found, unread = [], []
    for number, sheet in enumerate(sheets(open_archive(data)), start=1):
        try:
            found.append(_sheet(data, sheet, number))
        except FileRejected as fault:
            unread.append((number, fault))
    if not found and unread:
        raise unread[0][1]
    hidden = sum(not sheet.sichtbar for sheet in found)
    text = f"XLSX mit {len(found)} Blättern" if len(found) > 1 else "XLSX mit einem Blatt"
    beleg = f"{text}, davon {hidden} ausgeblendet" if hidden else text
    told = (f"Blatt Nr. {number} nicht lesbar ({fault.regel})" for number, fault in unread)
    return Quelle(path, "xlsx", tuple(found), belege=(beleg, *told))


def _sheet(data: bytes, sheet: Sheet, number: int) -> Blatt:
    source = Quelldatei(name="Blatt", muster="*", format="xlsx", blatt=sheet.name, tabellen=())
    return Blatt(read_xlsx(data, source), sheet.name, number, sheet.sichtbar)


def _text(path: Path, data: bytes) -> Quelle:
    text, encoding = decode(data, None)
    separator, beleg = _separator(text)
    source = Quelldatei(
        name="Datei", muster="*", kodierung=encoding, trennzeichen=separator, tabellen=()
    )
    grid = read_csv(data, source, lambda _: True)
    belege = (_why(data, text, encoding), beleg)
    # A file in plain ASCII does not say how the next one writes its umlauts: reading tries both.
    known = None if text.isascii() and encoding == "utf-8" else encoding
    return Quelle(path, "csv", (Blatt(grid),), known, separator, belege)


def _why(data: bytes, text: str, encoding: str) -> str:
    """Say by what the encoding is known."""
    other = sum(ord(char) > 127 for char in text)
    if data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return f"{encoding}: die Datei trägt dessen Kennung (BOM)"
    if not other:
        return "Kodierung offen: kein Zeichen außerhalb von ASCII, utf-8 und cp1252 passen"
    if encoding == "utf-8":
        return f"utf-8: alle {other} Umlaute und Sonderzeichen sind gültiges UTF-8"
    return f"{encoding}: als UTF-8 ungültig, als {encoding} sind alle {other} Sonderzeichen lesbar"


def _separator(text: str) -> tuple[str, str]:
    """Return the separator most rows agree on, and how many do; one that breaks quoting is none."""
    best = (0.0, SEPARATORS[0], "kein Trennzeichen teilt die Zeilen gleichmäßig")
    for separator in SEPARATORS:
        try:
            widths = Counter(len(row) for row in records(text, separator) if any(row))
        except FileRejected:
            continue
        wide = {width: n for width, n in widths.items() if width > 1}
        if not wide:
            continue
        width, number = max(wide.items(), key=lambda item: (item[1], item[0]))
        share = number / widths.total()
        sentence = f"{number} von {widths.total()} Zeilen haben damit {width} Felder"
        if (share, width) > (best[0], 0):
            best = (share, separator, f"{shown(separator)}: {sentence}")
    return best[1], best[2]
