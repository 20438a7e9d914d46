"""The tables of one page as an Excel workbook: the figures of the page as numbers, nothing beside.

It is made of the cells the page was drawn from. No cell holds a formula, whatever its text begins
with; equal input gives equal bytes.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

from sozcontrol.press.seite.datentafel import FORMELZEICHEN, Datentafel, data_table
from sozcontrol.press.seite.export import Kopf, long_date

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    from sozcontrol.present.fragment import Gedruckt
    from sozcontrol.present.tabellenwert import Wert

INHALT = "Inhalt"
KOPFZEILE = 3
"""The row (from 0) that holds the headings of a table; title, edition and a link stand above."""
BREIT, SCHMAL, UEBERSCHRIFT = 60, 9, 24
"""Widest and narrowest column, and from where on a heading of figures breaks its line."""
A4, NAMENSLAENGE = 9, 31
MUSTER_TAG = "dd.mm.yyyy"
STIL = {"style": "Table Style Light 15", "banded_rows": False}
VERBOTEN = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))


def workbook(
    tafeln: Sequence[Gedruckt], titel: str, kopf: Kopf, gesagt: Sequence[str] = ()
) -> bytes:
    """Return the workbook of a page with these tables; a contents sheet first, a sheet a table.

    *gesagt* is what the page says of all its figures: doubts, what they contain, what is missing.
    """
    from xlsxwriter import Workbook

    out = io.BytesIO()
    with Workbook(out, {"in_memory": True}) as book:
        book.set_properties({
            "title": titel, "subject": f"Stichtag {long_date(kopf.stichtag)}",
            "author": kopf.kommune.name,
            "created": datetime.combine(kopf.datenstand, time(), UTC).replace(tzinfo=None),
        })  # fmt: skip
        _Mappe(book, titel, kopf, [data_table(t) for t in tafeln], gesagt).write()
    return out.getvalue()


@dataclass(frozen=True)
class _Mappe:
    """One workbook that is being written."""

    book: Workbook
    titel: str
    kopf: Kopf
    tafeln: Sequence[Datentafel]
    gesagt: Sequence[str]

    def write(self) -> None:
        first = self.book.add_worksheet(INHALT)
        names = [sheet_name(n, t.titel) for n, t in enumerate(self.tafeln, start=1)]
        for number, (name, tafel) in enumerate(zip(names, self.tafeln, strict=True), start=1):
            _Blatt(self, self.book.add_worksheet(name), tafel, f"Tabelle_{number}").write()
        self._contents(first, names)

    @cached_property
    def _formate(self) -> dict[tuple[tuple[str, object], ...], Format]:
        return {}

    def form(self, **wanted: object) -> Format:
        """Return a cell format, the same object for the same wishes."""
        key = tuple(sorted(wanted.items()))
        if key not in self._formate:
            self._formate[key] = self.book.add_format({"valign": "top", **wanted})
        return self._formate[key]

    @property
    def stand(self) -> str:
        """Whose tables, for whom, of which day, known when."""
        return (
            f"{self.kopf.kommune.name} · {self.kopf.edition.titel} · Stichtag "
            f"{long_date(self.kopf.stichtag)} · Datenstand {long_date(self.kopf.datenstand)}"
        )

    def _contents(self, sheet: Worksheet, names: Sequence[str]) -> None:
        kopf, bold = self.kopf, self.form(bold=True)
        sheet.set_column(0, 0, 12)
        sheet.set_column(1, 1, 90)
        self.text(sheet, 0, 0, self.titel, self.form(bold=True, font_size=14))
        told: tuple[tuple[str, str | date], ...] = (
            ("Kommune", kopf.kommune.name), ("Fassung", kopf.edition.titel),
            ("Stichtag", kopf.stichtag), ("Datenstand", kopf.datenstand),
        )  # fmt: skip
        for row, (name, value) in enumerate(told, start=1):
            self.text(sheet, row, 0, name, bold)
            if isinstance(value, date):
                sheet.write_datetime(row, 1, datetime.combine(value, time()),
                                     self.form(num_format=MUSTER_TAG, align="left"))  # fmt: skip
            else:
                self.text(sheet, row, 1, value, self.form())
        row = len(told) + 1
        for line in self._remarks():
            self.text(sheet, row, 0, line, self.form())
            row += 1
        self._list(sheet, row + 1, names)

    def _remarks(self) -> list[str]:
        lines = [self.kopf.edition.vermerk, self.kopf.kommune.erfunden_satz, *self.gesagt]
        known = dict.fromkeys(z for t in self.tafeln for z in t.zeichen)
        return [line for line in (*lines, *known) if line]

    def _list(self, sheet: Worksheet, row: int, names: Sequence[str]) -> None:
        for n, (name, tafel) in enumerate(zip(names, self.tafeln, strict=True), start=1):
            self.text(sheet, row + n, 0, str(n), self.form())
            sheet.write_url(row + n, 1, f"internal:'{name}'!A1", self.form(
                font_color="#0B5394", underline=1), tafel.titel)  # fmt: skip
        heads = [{"header": "Blatt"}, {"header": "Tabelle"}]
        area = (row, 0, row + len(names), 1)
        sheet.add_table(*area, {"name": "Inhaltsverzeichnis", "columns": heads, **STIL})
        sheet.ignore_errors({"number_stored_as_text": "A1:A1048576"})

    def text(self, sheet: Worksheet, row: int, column: int, text: str, form: Format) -> None:
        """Write words as words: what looks like a formula stays what it is, edited too."""
        if text.startswith(FORMELZEICHEN):
            form = self.form(quote_prefix=True)
        sheet.write_string(row, column, text, form)


@dataclass(frozen=True)
class _Blatt:
    """One sheet: a table with its title above and what stands beneath it below."""

    mappe: _Mappe
    sheet: Worksheet
    tafel: Datentafel
    name: str

    def write(self) -> None:
        sheet, mappe, tafel = self.sheet, self.mappe, self.tafel
        mappe.text(sheet, 0, 0, tafel.titel, mappe.form(bold=True, font_size=12))
        mappe.text(sheet, 1, 0, mappe.stand, mappe.form())
        sheet.write_url(2, 0, f"internal:'{INHALT}'!A1", mappe.form(
            font_color="#0B5394", underline=1), f"zum {INHALT}")  # fmt: skip
        for n, (kind, cells) in enumerate(tafel.zeilen, start=KOPFZEILE + 1):
            for column, cell in enumerate(cells):
                self._cell(n, column, cell, bold=kind.endswith("summe"))
        end = KOPFZEILE + max(1, len(tafel.zeilen))
        heads = [{"header": h, "header_format": mappe.form(bold=True, text_wrap=True)}
                 for h in tafel.kopf]  # fmt: skip
        area = (KOPFZEILE, 0, end, len(heads) - 1)
        sheet.add_table(*area, {"name": self.name, "columns": heads, **STIL})
        for n, line in enumerate(tafel.darunter, start=end + 2):
            mappe.text(sheet, n, 0, line, mappe.form())
        self._layout()

    def _cell(self, row: int, column: int, cell: Wert, *, bold: bool) -> None:
        mappe, wert = self.mappe, cell.wert
        if isinstance(wert, str):
            number = self.tafel.zahlen[column]
            form = mappe.form(bold=bold, text_wrap=True, align="right" if number else "left")
            mappe.text(self.sheet, row, column, wert, form)
            return
        form = mappe.form(bold=bold, num_format=cell.muster)
        if isinstance(wert, Decimal):
            self.sheet.write_number(row, column, float(wert), form)
        else:
            self.sheet.write_datetime(row, column, datetime.combine(wert, time()), form)

    def _layout(self) -> None:
        """Make it readable as it opens: widths, a head that stays, a page that fits the paper."""
        sheet = self.sheet
        for column, width in enumerate(self.tafel.breiten):
            heading = min(len(self.tafel.kopf[column]) + 3, UEBERSCHRIFT)
            sheet.set_column(column, column, min(max(SCHMAL, width + 2, heading), BREIT))
        sheet.freeze_panes(KOPFZEILE + 1, 1)
        sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
        sheet.set_landscape()
        sheet.set_paper(A4)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(KOPFZEILE)


def sheet_name(number: int, titel: str) -> str:
    """Return the name of a table's sheet: its number makes it unique, 31 signs are allowed."""
    name = f"{number} {' '.join(titel.translate(VERBOTEN).split())}"
    return name if len(name) <= NAMENSLAENGE else f"{name[: NAMENSLAENGE - 1].strip()}…"
