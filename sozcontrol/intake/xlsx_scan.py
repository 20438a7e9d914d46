"""Look through a sheet's XML before calamine reads it: extent, hidden parts, merges, broken cells.

calamine reads fast, but it builds a dense grid from whatever extent the cells claim, and shows as
empty what is an error, a formula without a result, or a number spelled in a way it does not know.
All of that has to be known before and beside it, so the same XML goes through expat.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import IO, NoReturn
from xml.parsers import expat

from sozcontrol.intake.rules import FileRejected, broken_cells
from sozcontrol.intake.xlsx_archive import CHUNK, Sheet, rejected

MAX_CELLS = 20_000_000
MAX_BROKEN = 500_000
MAX_MERGED = 100_000
MAX_TAG = 4 * CHUNK
EXCEL_ROWS, EXCEL_COLUMNS = 1_048_576, 16_384

Place = tuple[int, int]
Attributes = dict[str, str]
_PLACE = re.compile(r"([A-Za-z]{1,3})([1-9][0-9]{0,6})")
_NUMBER = re.compile(r"[1-9][0-9]{0,6}")
_TRUE = ("1", "true")


@dataclass
class Scan:
    """What the XML of one sheet says beyond its values (rows and columns 0-based).

    ``zeilen`` and ``spalten`` are its extent, ``zahlen`` counts the cells that hold a number.
    """

    verborgen: list[int] = field(default_factory=list)
    verborgene_spalten: list[range] = field(default_factory=list)
    gefiltert: bool = False
    zeilen: int = 0
    spalten: int = 0
    zahlen: int = 0
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    defekt: dict[Place, str] = field(default_factory=dict)


def scan_sheet(archive: zipfile.ZipFile, sheet: Sheet) -> Scan:
    """Return what the sheet's XML says about hidden parts, filters, errors, merges and extent.

    Raises:
        FileRejected: R-I08 for broken XML and an extent beyond ``MAX_CELLS``, R-I30 for a sheet cut
            at Excel's last row, R-I32 when more than ``MAX_BROKEN`` cells have no value.
    """
    walk = _Walk()
    try:
        with archive.open(sheet.part) as stream:
            _parse(stream, walk.parser())
    except KeyError:
        raise rejected("Das Blatt fehlt in der Datei.") from None
    except expat.ExpatError:
        raise rejected("Das XML des Blatts ist beschädigt.") from None
    _limit(walk.scan)
    return walk.scan


def _parse(stream: IO[bytes], parser: expat.XMLParserType) -> None:
    fed = 0
    while chunk := stream.read(CHUNK):
        parser.Parse(chunk, False)
        fed += len(chunk)
        # expat begins an unfinished tag anew with every chunk; Excel's cells end at 32 KB.
        if fed - parser.CurrentByteIndex > MAX_TAG:
            raise rejected("Die XLSX-Datei ist manipuliert.")
    parser.Parse(b"", True)


def _limit(scan: Scan) -> None:
    if scan.zeilen >= EXCEL_ROWS:
        raise FileRejected(
            "R-I30",
            "Das Blatt endet an der letzten Zeile, die Excel kennt: Es kann abgeschnitten sein.",
            "Die Daten als CSV liefern oder auf mehrere Dateien verteilen.",
        )
    if scan.zeilen * scan.spalten > MAX_CELLS or scan.spalten > EXCEL_COLUMNS:
        raise rejected("Das Blatt ist größer, als eine Lieferung sein kann.")


class _Walk:
    """Follows the elements of one sheet; a cell without a reference stands where calamine sees it.

    Elements go by their local names, whatever their prefix; ``row`` and ``c`` only count inside
    the first ``sheetData`` (a drawing's anchor has rows, too).
    """

    def __init__(self) -> None:
        self.scan = Scan()
        self._row = -1
        self._place: Place = (-1, -1)
        self._kind = "n"
        self._unfinished = self._in_value = self._number = False
        self._around: dict[str, Callable[[Attributes], None]] = {
            "sheetData": self._enter, "col": self._on_col, "mergeCell": self._on_merge,
            "filterColumn": self._on_filter,
        }  # fmt: skip
        self._inside: dict[str, Callable[[Attributes], None]] = {
            "row": self._on_row, "c": self._on_cell, "f": self._on_formula, "v": self._on_value,
            "t": self._on_text,
        }  # fmt: skip
        self._steps = self._around

    def parser(self) -> expat.XMLParserType:
        """Return a parser that calls this walk and refuses what could declare an entity."""
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = _refuse_doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.CommentHandler = parser.ProcessingInstructionHandler = self._interrupt
        parser.StartCdataSectionHandler = self._interrupt
        return parser

    def _start(self, name: str, attributes: Attributes) -> None:
        step = self._steps.get(name) or self._steps.get(_local(name))
        if step is not None:
            step(attributes)

    def _end(self, name: str) -> None:
        self._in_value = False
        if name.endswith("sheetData") and _local(name) == "sheetData":
            self._steps = self._around
            self._around.pop("sheetData", None)

    def _text(self, text: str) -> None:
        if not self._in_value or text.isspace():
            return
        if self._number:
            self._number = False
            self.scan.zahlen += 1
        if self._unfinished:
            self._on_text({})

    def _interrupt(self, *_: object) -> None:
        if self._in_value:
            # calamine reads a value up to a comment or a CDATA section and forgets the rest.
            raise rejected("Die XLSX-Datei hat Werte, die nicht sicher lesbar sind.")

    def _enter(self, _: Attributes) -> None:
        self._steps = self._inside

    def _on_row(self, attributes: Attributes) -> None:
        number = attributes.get("r")
        self._row = self._row + 1 if number is None else _row_number(number)
        self._place = self._row, -1
        self.scan.zeilen = max(self.scan.zeilen, self._row + 1)
        if attributes.get("hidden") in _TRUE:
            self.scan.verborgen.append(self._row)

    def _on_cell(self, attributes: Attributes) -> None:
        reference = attributes.get("r")
        self._place = (self._row, self._place[1] + 1) if reference is None else _place(reference)
        row, column = self._place
        scan = self.scan
        if row >= scan.zeilen:
            scan.zeilen = row + 1
        if column >= scan.spalten:
            scan.spalten = column + 1
        self._kind = attributes.get("t", "n")
        self._unfinished = False
        if self._kind == "e":
            self._broken("fehler")

    def _on_formula(self, _: Attributes) -> None:
        # A formula whose result is the empty text says so with t="str".
        if self._kind not in ("str", "e"):
            self._broken("formel")
            self._unfinished = True

    def _on_value(self, _: Attributes) -> None:
        self._in_value = True
        self._number = self._kind in ("n", "b")

    def _on_text(self, _: Attributes) -> None:
        if self._unfinished:
            self._unfinished = False
            del self.scan.defekt[self._place]

    def _broken(self, why: str) -> None:
        self.scan.defekt[self._place] = why
        if len(self.scan.defekt) > MAX_BROKEN:
            raise broken_cells([(row + 1, kind) for (row, _), kind in self.scan.defekt.items()])

    def _on_col(self, attributes: Attributes) -> None:
        if attributes.get("hidden") in _TRUE:
            first, last = (_row_number(attributes.get(key, "")) for key in ("min", "max"))
            self.scan.verborgene_spalten.append(range(first, last + 1))

    def _on_merge(self, attributes: Attributes) -> None:
        first, _, last = attributes.get("ref", "").partition(":")
        self.scan.merged.append((*_place(first), *_place(last or first)))
        if len(self.scan.merged) > MAX_MERGED:
            raise rejected("Das Blatt hat mehr verbundene Zellen, als jemand verbinden kann.")

    def _on_filter(self, _: Attributes) -> None:
        self.scan.gefiltert = True


def _local(name: str) -> str:
    return name.partition(":")[2] or name


def _refuse_doctype(*_: object) -> NoReturn:
    raise rejected("Die XLSX-Datei ist manipuliert.")


def _row_number(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise rejected("Die XLSX-Datei ist beschädigt: Eine Zeile hat keine gültige Nummer.")
    return int(text) - 1


def _place(reference: str) -> Place:
    match = _PLACE.fullmatch(reference)
    if match is None:
        raise rejected("Die XLSX-Datei ist beschädigt: Eine Zelle hat keine gültige Adresse.")
    return int(match[2]) - 1, column_number(match[1])


@cache
def column_number(letters: str) -> int:
    """Return the 0-based number of column *letters* (``"AB"`` → 27)."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1
