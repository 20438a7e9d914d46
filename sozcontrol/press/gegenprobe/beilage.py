"""What lies beside a page must say just what the page does: workbook and CSV, cell by cell.

The page is what the audit attacks. A figure, a mark or a word that only the workbook holds would
escape it, and so would a digit more than the page prints. A file whose tables have the cells of the
page, all of them and in their places, gives an attack nothing new; what has others is refused.
"""

from __future__ import annotations

import csv
import html as markup
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sozcontrol.press.gegenprobe import mappenteile
from sozcontrol.press.gegenprobe.blatt import KACHELN, VERGLICHEN, Blatt, Tafelbild, Zellbild

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
ZIFFERN = re.compile(r"\d(?:[\d.,]*\d)?")
GESPROCHEN = re.compile(r"(?<=•)\s*geheim gehalten|(?<=–)\s*nichts vorhanden")
"""What only those hear who listen to a mark."""
MONATE = ("Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September",
          "Oktober", "November", "Dezember")  # fmt: skip
MARKUP = re.compile(r"<(style|script)\b.*?</\1>|<[^>]*>", re.DOTALL)

UNLESBAR = "Aufbau der Datei"
MARKE = "fehlende Zeile"
UEBERBLICK, VERAENDERUNG = "Kennzahlen auf einen Blick", "Veränderung"
KACHELKOPF = ("Kennzahl", "Wert", VERGLICHEN, "Wert damals")
BESCHREIBUNG, EINHEIT_DANEBEN = "csv-metadata.json", ", Einheit"
ADRESSE = re.compile(r"https?://\S+$")

Inhalt = int | float | str | bool | time | date | datetime | timedelta | None
Zeilen = Sequence[Sequence[Inhalt]]


@dataclass(frozen=True)
class Seitentext:
    """What may stand around a table: the days and the digits of its page."""

    tage: tuple[date, ...]
    ziffern: frozenset[str]

    @classmethod
    def read(cls, page: str, blatt: Blatt) -> Seitentext:
        """Read a page that was read back as *blatt*."""
        words = markup.unescape(MARKUP.sub(" ", page)).replace("\u00ad", "")
        return cls((blatt.stichtag, blatt.datenstand), frozenset(ZIFFERN.findall(words)))


def ueberzaehlig(page: str, blatt: Blatt, mappe: bytes) -> tuple[str, ...]:
    """Return where a workbook says what its page does not: a title for every such cell.

    *blatt* is the page as it was read back.
    """
    seite, told = Seitentext.read(page, blatt), _tafeln(blatt)
    sheets, beside = _blaetter(mappe)
    if not sheets:
        return (UNLESBAR,)
    (first, contents), *rest = sheets
    found = [UNLESBAR for text in beside if not _gesagt(text, seite)]
    found += [first for row in contents for cell in _ohne_nummer(row, len(rest))
             if not _gesagt(cell, seite)]  # fmt: skip
    for name, rows in rest:
        tafel = _zu(str(rows[0][0]) if rows else "", told)
        found += [name] if tafel is None else [tafel.titel for _ in _blatt(rows, tafel, seite)]
    return tuple(found)


def _als_tafel(kacheln: Tafelbild) -> Tafelbild:
    """Return the tiles of a page as the table a file makes of them: what was said beside each."""
    heads = [Zellbild(text, kopf=True) for text in KACHELKOPF]
    rows = []
    for row in kacheln.zeilen:
        beside = [(h, c) for h, c in zip(kacheln.kopf, row, strict=True) if c.text or c.geheim]
        then = [(h, c) for h, c in beside[2:] if h.text != VERAENDERUNG and not h.ziel]
        with_what, value = then[0] if then else (Zellbild(), Zellbild())
        if with_what.text == VERGLICHEN:
            with_what, value = value, Zellbild()
        rows.append([row[0], row[1], with_what, value])
    return Tafelbild(UEBERBLICK, heads, rows)


def ueberzaehlig_offen(page: str, blatt: Blatt, files: Mapping[str, bytes]) -> tuple[str, ...]:
    """Return where CSV files, or their description, say what their page does not."""
    seite, told = Seitentext.read(page, blatt), _tafeln(blatt)
    try:
        described = json.loads(files[BESCHREIBUNG])
        titles = {str(t["url"]): str(t["dc:title"]) for t in described["tables"]}
        read = {name: [*csv.reader(io.StringIO(files[name].decode()))] for name in titles}
    except (ValueError, KeyError, TypeError):
        return (UNLESBAR,)
    if files.keys() != {*read, BESCHREIBUNG}:
        return (UNLESBAR,)
    known = {day.isoformat() for day in seite.tage} | titles.keys()
    said = (t for t in _texte(described) if t not in known and not ADRESSE.match(t))
    found = [BESCHREIBUNG for text in said if not _gesagt(text, seite)]
    for name, rows in read.items():
        tafel = _zu(titles[name], told)
        found += [name] if tafel is None else [tafel.titel for _ in _datei(rows, tafel, seite)]
    return tuple(found)


def _texte(value: object) -> Iterator[str]:
    """Yield all that a description says, but for the machine's names of columns."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from () if name == "name" else _texte(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texte(part)
    else:
        yield str(value)


def _datei(rows: Sequence[Sequence[str]], tafel: Tafelbild, seite: Seitentext) -> Iterator[str]:
    """Yield the cells of a CSV file that its table on the page does not have."""
    kept, heads = _bewohnte(tafel), rows[0] if rows else []
    units = {n for n, head in enumerate(heads) if head.endswith(EINHEIT_DANEBEN) and n}
    figures = [n for n in range(len(heads)) if n not in units]
    yield from (MARKE for _ in tafel.zeilen[max(0, len(rows) - 1) :])
    extra = _kopf([heads[n].removeprefix("'") for n in figures], [tafel.kopf[k] for k in kept])
    yield from map(str, extra)
    yield from (c for row in rows[len(tafel.zeilen) + 1 :] for c in row)
    for row, there in zip(rows[1:], tafel.zeilen, strict=False):
        said = [lesarten(there[k], tafel.kopf[k]) for k in kept]
        if len(row) != len(heads) or len(figures) != len(said):
            yield from row
            continue
        texts = dict(zip(figures, said, strict=True))
        for n in figures:
            if not _sagt(row[n], texts[n]) if row[n] else all(texts[n]):
                yield row[n]
        yield from (row[n] for n in units if not _gesagt(row[n], seite))


def _sagt(cell: str, texts: Sequence[str]) -> bool:
    return any(_gleich(meant, text) for meant in _wie_csv(cell) for text in texts)


def _wie_csv(cell: str) -> Iterator[Inhalt]:
    """Yield what a cell of a CSV file may mean: words, a figure, a day, a month."""
    yield cell.removeprefix("'")
    if re.fullmatch(r"-?\d+(\.\d+)?", cell):
        yield float(cell)
    if re.fullmatch(r"\d{4}-\d\d(-\d\d)?", cell):
        with suppress(ValueError):  # no day, only written like one
            yield date.fromisoformat(f"{cell}-01"[:10])


def _tafeln(blatt: Blatt) -> list[Tafelbild]:
    """Return the tables of a page that have a caption, and its tiles: what a workbook holds."""
    return [_als_tafel(t) if t.titel == KACHELN else t for t in blatt.tafeln if t.titel]


def _zu(titel: str, tafeln: list[Tafelbild]) -> Tafelbild | None:
    """Take the next table of this title out of *tafeln*."""
    found = next((t for t in tafeln if _kern(t.titel) == _kern(titel)), None)
    if found is not None:
        tafeln.remove(found)
    return found


def _blaetter(mappe: bytes) -> tuple[list[tuple[str, Zeilen]], list[str]]:
    """Return the sheets with their rows, and what is said beside; none of what is no such workbook.

    It may hold no part that no table needs, and no formula.
    """
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        with zipfile.ZipFile(io.BytesIO(mappe)) as packed:
            if not all(map(TEILE.fullmatch, packed.namelist())):
                return [], []
            parts = {name: packed.read(name) for name in packed.namelist()}
        if any(map(FORMEL.search, parts.values())):
            return [], []
        if mappenteile.fremd(read := mappenteile.gelesen(parts)):
            return [], []
        book = CalamineWorkbook.from_filelike(io.BytesIO(mappe))
        sheets: list[tuple[str, Zeilen]] = [
            (name, book.get_sheet_by_name(name).to_python(skip_empty_area=False))
            for name in book.sheet_names
        ]
        shown = {cell for _, rows in sheets for row in rows for cell in row
                 if isinstance(cell, str)}  # fmt: skip
        return sheets, [*mappenteile.daneben(read, shown)]
    except (zipfile.BadZipFile, zlib.error, CalamineError, ParseError, DefusedXmlException):
        return [], []


def _ohne_nummer(row: Sequence[Inhalt], most: int) -> Sequence[Inhalt]:
    """Return a row of the contents without the number of the sheet it names."""
    numbered = bool(row) and _nummer(row[0], most)
    return row[1:] if numbered else row


def _nummer(cell: Inhalt, most: int) -> bool:
    return isinstance(cell, str) and cell.isdigit() and int(cell) <= most


def _blatt(rows: Zeilen, tafel: Tafelbild, seite: Seitentext) -> Iterator[Inhalt]:
    """Yield the cells of a sheet that its table on the page does not have."""
    kept = _bewohnte(tafel)
    end = KOPFZEILE + 1 + len(tafel.zeilen)
    yield from (MARKE for _ in range(len(rows), end))
    for n, row in enumerate(rows):
        if n == KOPFZEILE:
            yield from _kopf(row, [tafel.kopf[k] for k in kept])
        elif KOPFZEILE < n < end:
            there = tafel.zeilen[n - KOPFZEILE - 1]
            yield from _zeile(row, [lesarten(there[k], tafel.kopf[k]) for k in kept])
        else:
            yield from (cell for cell in row if not _gesagt(cell, seite))


def _bewohnte(tafel: Tafelbild) -> list[int]:
    """Return the columns that say something: pictures have no place in a file."""
    return [
        n for n, head in enumerate(tafel.kopf)
        if head.text or any(row[n].text for row in tafel.zeilen)
    ]  # fmt: skip


def _kopf(row: Sequence[Inhalt], heads: Sequence[Zellbild]) -> Iterator[Inhalt]:
    for n, cell in enumerate(row):
        text = heads[n].text if n < len(heads) else ""
        again = re.sub(r" \(\d+\)$", "", str(cell))
        if cell and _kern(text or f"Spalte {n + 1}") not in (_kern(str(cell)), _kern(again)):
            yield cell


def lesarten(cell: Zellbild, head: Zellbild) -> tuple[str, str]:
    """Return what a cell says, also without its heading: a phone shows it again before figures."""
    return cell.text, cell.text.removeprefix(head.text).strip()


def _zeile(row: Sequence[Inhalt], cells: Sequence[tuple[str, str]]) -> Iterator[Inhalt]:
    for n, cell in enumerate(row):
        texts = cells[n] if n < len(cells) else ()
        empty = cell in ("", None)
        if (empty and all(texts)) or not (empty or any(_gleich(cell, text) for text in texts)):
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
        if unit == "%":
            yield value


def _gesagt(cell: Inhalt, seite: Seitentext) -> bool:
    """Say whether what stands around a table is said on the page: its digits, its days."""
    if isinstance(cell, str):
        return set(ZIFFERN.findall(cell)) <= seite.ziffern
    day = cell.date() if isinstance(cell, datetime) else cell
    return day is None or (isinstance(day, date) and day in seite.tage)


def _kern(text: str) -> str:
    """Return the letters and digits of a text: how they are set apart differs from page to file."""
    return re.sub(r"[\W_]+", "", text)
