"""Look into an XLSX archive before it is read: size, sheets, hidden rows, broken cells.

calamine reads fast, but it builds a dense grid from whatever extent the file claims, and shows
error cells as empty. Both have to be known before and beside it.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from dataclasses import dataclass, field
from posixpath import join, normpath

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from sozcontrol.intake.rules import FileRejected

MAX_UNPACKED = 256 * 2**20
"""Bytes an archive may unpack to: three hundred thousand rows of twenty columns."""

MAX_RATIO = 150
"""An honest sheet shrinks to a tenth or a twentieth; beyond this it was built to burst."""

MAX_CELLS = 20_000_000
EXCEL_ROWS = 1_048_576
_CHUNK = 2**20

_ROW = re.compile(rb"<(?:\w+:)?row\b([^>]*)>")
_NUMBER = re.compile(rb'\br="(\d+)"')
_HIDDEN = re.compile(rb'\bhidden="(?:1|true)"')
_FAR_COLUMN = re.compile(rb'\br="([A-Z]{2,3})\d+"')
_FAR_ROW = re.compile(rb'\br="[A-Z]{1,3}(\d{5,7})"')
_ERROR = re.compile(rb"<(?:\w+:)?c\b(?=[^>]*\bt=\"e\")[^>]*\br=\"([A-Z]+)(\d+)\"")
_FORMULA = re.compile(
    rb"<(?:\w+:)?c\b([^>]*)>\s*<(?:\w+:)?f\b[^>]*?(?:/>|>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>|(?=</(?:\w+:)?c>))"
)
_REFERENCE = re.compile(rb'\br="([A-Z]+)(\d+)"')
_FILTER = re.compile(rb"<(?:\w+:)?filterColumn\b")


@dataclass
class Sheet:
    """One worksheet: its name, its part of the archive and whether Excel shows it."""

    name: str
    part: str
    sichtbar: bool


@dataclass
class Scan:
    """What the XML of one sheet says beyond its values (rows and columns 0-based)."""

    verborgen: list[int] = field(default_factory=list)
    gefiltert: bool = False
    letzte_zeile: int = 0
    defekt: dict[tuple[int, int], str] = field(default_factory=dict)


def open_archive(data: bytes) -> zipfile.ZipFile:
    """Return the archive, once it is proved to unpack to a bounded size.

    Raises:
        FileRejected: R-I08, when it is damaged, no workbook, or a bomb.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        _bounded(archive, len(data))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        # RuntimeError: an encrypted member.
        raise _rejected("Die XLSX-Datei ist beschädigt.") from None
    if "xl/workbook.xml" not in archive.namelist():
        raise _rejected("Die Datei ist ein ZIP-Archiv, aber keine XLSX-Arbeitsmappe.")
    return archive


def _bounded(archive: zipfile.ZipFile, packed: int) -> None:
    claimed = sum(info.file_size for info in archive.infolist())
    small = 20 * 2**20
    if claimed > MAX_UNPACKED or (claimed > small and claimed > MAX_RATIO * packed):
        raise _rejected("Die XLSX-Datei entpackt sich auf ein Vielfaches ihrer Größe.")
    for info in archive.infolist():
        # Reading all of it checks the sum: a member that lies about its size fails here.
        with archive.open(info) as member:
            while member.read(_CHUNK):
                pass


def sheets(archive: zipfile.ZipFile) -> list[Sheet]:
    """Return the worksheets in the order of their tabs."""
    targets = {
        link.get("Id"): link.get("Target", "")
        for link in _xml(archive, "xl/_rels/workbook.xml.rels").iter()
        if link.get("Target")
    }
    found = []
    for element in _xml(archive, "xl/workbook.xml").iter():
        if element.tag.rpartition("}")[2] != "sheet":
            continue
        link = next((v for k, v in element.attrib.items() if k.endswith("}id")), "")
        target = targets.get(link, "")
        part = target.lstrip("/") if target.startswith("/") else normpath(join("xl", target))
        visible = element.get("state", "visible") == "visible"
        found.append(Sheet(element.get("name", ""), part, visible))
    return found


def _xml(archive: zipfile.ZipFile, part: str) -> ElementTree:
    try:
        return ElementTree.fromstring(archive.read(part), forbid_dtd=True)
    except (KeyError, ElementTree.ParseError, DefusedXmlException):
        raise _rejected("Die XLSX-Datei ist beschädigt oder manipuliert.") from None


def scan_sheet(archive: zipfile.ZipFile, sheet: Sheet) -> Scan:
    """Return what the sheet's XML says about hidden rows, filters, errors and extent.

    Raises:
        FileRejected: R-I08 for an extent beyond ``MAX_CELLS``, R-I30 for a sheet cut at Excel's
            last row.
    """
    try:
        xml = archive.read(sheet.part)
    except KeyError:
        raise _rejected("Das Blatt fehlt in der Datei.") from None
    if b"<!DOCTYPE" in xml or b"<!ENTITY" in xml:
        raise _rejected("Die XLSX-Datei ist manipuliert.")
    scan = Scan(gefiltert=bool(_FILTER.search(xml)))
    last = 0
    for row in _ROW.finditer(xml):
        number = _NUMBER.search(row.group(1))
        last = int(number.group(1)) if number else last + 1
        scan.letzte_zeile = max(scan.letzte_zeile, last)
        if _HIDDEN.search(row.group(1)):
            scan.verborgen.append(last - 1)
    scan.letzte_zeile = max([scan.letzte_zeile, *map(int, set(_FAR_ROW.findall(xml)))])
    _limit(scan, xml)
    scan.defekt = _broken(xml)
    return scan


def _limit(scan: Scan, xml: bytes) -> None:
    columns = max(map(column_number, set(_FAR_COLUMN.findall(xml))), default=25) + 1
    if scan.letzte_zeile >= EXCEL_ROWS:
        raise FileRejected(
            "R-I30",
            "Das Blatt endet an der letzten Zeile, die Excel kennt: Es kann abgeschnitten sein.",
            "Die Daten als CSV liefern oder auf mehrere Dateien verteilen.",
        )
    if scan.letzte_zeile * columns > MAX_CELLS:
        raise _rejected("Das Blatt ist größer, als eine Lieferung sein kann.")


def _broken(xml: bytes) -> dict[tuple[int, int], str]:
    broken: dict[tuple[int, int], str] = {}
    if b't="e"' in xml:
        for column, row in _ERROR.findall(xml):
            broken[int(row) - 1, column_number(column)] = "fehler"
    if b"<f" in xml or b":f" in xml:
        for attributes in _FORMULA.findall(xml):
            place = _REFERENCE.search(attributes)
            # A formula whose result is the empty text says so with t="str".
            if place and b't="str"' not in attributes:
                broken[int(place[2]) - 1, column_number(place[1])] = "formel"
    return broken


def column_number(letters: bytes) -> int:
    """Return the 0-based number of column *letters* (``b"AB"`` → 27)."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


def _rejected(meldung: str) -> FileRejected:
    return FileRejected("R-I08", meldung, "Datei in Excel öffnen, neu als XLSX speichern, liefern.")
