"""What lies beside a page must say nothing the page does not: its workbook, cell by cell.

The page is what the audit attacks. A figure, a mark or a word that only the workbook holds would
escape it, and so would a digit more than the page prints.
"""

from __future__ import annotations

import html as markup
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sozcontrol.press.gegenprobe.blatt import KACHELN, Blatt, Tafelbild, Zellbild

KOPFZEILE = 3
"""The row (from 0) of a sheet that holds the headings of its table."""
TEILE = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|docProps/(app|core)\.xml|xl/(workbook|styles|"
    r"sharedStrings)\.xml|xl/theme/theme1\.xml|xl/_rels/workbook\.xml\.rels|"
    r"xl/worksheets/sheet\d+\.xml|xl/worksheets/_rels/sheet\d+\.xml\.rels|xl/tables/table\d+\.xml"
)
"""The parts a workbook of tables has: no comments, pictures, links to files, macros."""
FORMEL = re.compile(rb"<(?:\w+:)?(f|calculatedColumnFormula|totalsRowFormula)\b")
ZAHL = re.compile(r"(\d{1,3}(?:\.\d{3})+|\d+)(?:,(\d+))?(?: ?(%|T€|Mio\. ?€))?")
EINHEIT = {"%": 0.01, "T€": 1e3, "Mio. €": 1e6, "Mio.€": 1e6}
ZIFFERN = re.compile(r"\d[\d.,]*")
GESPROCHEN = re.compile(r"(?<=•)\s*geheim gehalten|(?<=–)\s*nichts vorhanden")
"""What only those hear who listen to a mark."""
MONATE = ("Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September",
          "Oktober", "November", "Dezember")  # fmt: skip
MARKUP = re.compile(r"<(style|script)\b.*?</\1>|<[^>]*>", re.DOTALL)

UNLESBAR = "Aufbau der Datei"

Inhalt = int | float | str | bool | time | date | datetime | timedelta | None
Zeilen = Sequence[Sequence[Inhalt]]


@dataclass(frozen=True)
class Seitentext:
    """What may stand around a table: the days and the digits of its page."""

    tage: tuple[date, ...]
    ziffern: frozenset[str]


def ueberzaehlig(page: str, blatt: Blatt, mappe: bytes) -> tuple[str, ...]:
    """Return where a workbook says what its page does not: a title for every such cell.

    *blatt* is the page as it was read back.
    """
    words = markup.unescape(MARKUP.sub(" ", page)).replace("\u00ad", "")
    told = [t for t in blatt.tafeln if t.titel and t.titel != KACHELN]
    days = (blatt.stichtag, blatt.datenstand)
    seite = Seitentext(days, frozenset(ZIFFERN.findall(words)))
    sheets = _blaetter(mappe)
    if not sheets:
        return (UNLESBAR,)
    (first, contents), *rest = sheets
    found = [first for row in contents for cell in _ohne_nummer(row, len(rest))
             if not _gesagt(cell, seite)]  # fmt: skip
    for name, rows in rest:
        titel = _kern(str(rows[0][0])) if rows else ""
        tafel = next((t for t in told if _kern(t.titel) == titel), None)
        if tafel is None:
            found.append(name)
            continue
        told.remove(tafel)
        found += [tafel.titel for _ in _blatt(rows, tafel, seite)]
    return tuple(found)


def _blaetter(mappe: bytes) -> list[tuple[str, Zeilen]]:
    """Return the sheets with their rows; none of what is no workbook of tables.

    It may hold no part that no table needs, and no formula.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        with zipfile.ZipFile(io.BytesIO(mappe)) as parts:
            names = parts.namelist()
            if any(not TEILE.fullmatch(n) or FORMEL.search(parts.read(n)) for n in names):
                return []
        book = CalamineWorkbook.from_filelike(io.BytesIO(mappe))
        return [(n, book.get_sheet_by_name(n).to_python(skip_empty_area=False))
                for n in book.sheet_names]  # fmt: skip
    except (zipfile.BadZipFile, zlib.error, CalamineError):
        return []


def _ohne_nummer(row: Sequence[Inhalt], most: int) -> Sequence[Inhalt]:
    """Return a row of the contents without the number of the sheet it names."""
    numbered = bool(row) and _nummer(row[0], most)
    return row[1:] if numbered else row


def _nummer(cell: Inhalt, most: int) -> bool:
    return isinstance(cell, str) and cell.isdigit() and int(cell) <= most


def _blatt(rows: Zeilen, tafel: Tafelbild, seite: Seitentext) -> Iterator[Inhalt]:
    """Yield the cells of a sheet that its table on the page does not have."""
    kept = [n for n, head in enumerate(tafel.kopf) if head.text or _bewohnt(tafel, n)]
    end = KOPFZEILE + 1 + len(tafel.zeilen)
    for n, row in enumerate(rows):
        if n == KOPFZEILE:
            yield from _kopf(row, [tafel.kopf[k] for k in kept])
        elif KOPFZEILE < n < end:
            there = tafel.zeilen[n - KOPFZEILE - 1]
            yield from _zeile(row, [_lesarten(there[k], tafel.kopf[k]) for k in kept])
        else:
            yield from (cell for cell in row if not _gesagt(cell, seite))


def _bewohnt(tafel: Tafelbild, column: int) -> bool:
    return any(row[column].text for row in tafel.zeilen)


def _kopf(row: Sequence[Inhalt], heads: Sequence[Zellbild]) -> Iterator[Inhalt]:
    for n, cell in enumerate(row):
        text = heads[n].text if n < len(heads) else ""
        again = re.sub(r" \(\d+\)$", "", str(cell))
        if cell and _kern(text or f"Spalte {n + 1}") not in (_kern(str(cell)), _kern(again)):
            yield cell


def _lesarten(cell: Zellbild, head: Zellbild) -> tuple[str, str]:
    """Return what a cell says, also without its heading: a phone shows it again before figures."""
    return cell.text, cell.text.removeprefix(head.text).strip()


def _zeile(row: Sequence[Inhalt], cells: Sequence[tuple[str, str]]) -> Iterator[Inhalt]:
    for n, cell in enumerate(row):
        texts = cells[n] if n < len(cells) else ()
        if cell not in ("", None) and not any(_gleich(cell, text) for text in texts):
            yield cell


def _gleich(cell: Inhalt, text: str) -> bool:
    """Say whether a cell says what its cell on the page says."""
    if isinstance(cell, str):
        return _kern(cell) == _kern(GESPROCHEN.sub("", text))
    if isinstance(cell, date):
        months = f"{MONATE[cell.month - 1]} {cell.year}"
        return text in (f"{cell:%d.%m.%Y}", months)
    if not isinstance(cell, int | float):
        return False
    return any(abs(abs(cell) - known) <= 1e-9 * max(1.0, known) for known in _zahlen(text))


def _zahlen(text: str) -> Iterator[float]:
    for whole, decimals, unit in ZAHL.findall(text):
        value = float(f"{whole.replace('.', '')}.{decimals or 0}")
        yield value * EINHEIT.get(unit, 1.0)


def _gesagt(cell: Inhalt, seite: Seitentext) -> bool:
    """Say whether what stands around a table is said on the page: its digits, its days."""
    if isinstance(cell, str):
        return set(ZIFFERN.findall(cell)) <= seite.ziffern
    day = cell.date() if isinstance(cell, datetime) else cell
    return day is None or (isinstance(day, date) and day in seite.tage)


def _kern(text: str) -> str:
    """Return the letters and digits of a text: how they are set apart differs from page to file."""
    return re.sub(r"[\W_]+", "", text)
