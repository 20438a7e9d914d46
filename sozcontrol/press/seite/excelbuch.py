"""What every workbook we write keeps: text stays text, real tables, equal input equal bytes."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

FORMELZEICHEN = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet takes for the beginning of a formula, at the latest when a cell is edited."""
BREIT, SCHMAL = 60, 9
"""Widest and narrowest column."""
A4 = 9
MUSTER_TAG = "dd.mm.yyyy"
STIL = {"style": "Table Style Light 15", "banded_rows": False}


@dataclass(frozen=True)
class Buch:
    """A workbook that is being written, and its cell formats."""

    book: Workbook
    _formate: dict[tuple[tuple[str, object], ...], Format] = field(default_factory=dict)

    def form(self, **wanted: object) -> Format:
        """Return a cell format, the same object for the same wishes."""
        key = tuple(sorted(wanted.items()))
        if key not in self._formate:
            self._formate[key] = self.book.add_format({"valign": "top", **wanted})
        return self._formate[key]

    def text(self, sheet: Worksheet, row: int, column: int, text: str, form: Format) -> None:
        """Write words as words: what looks like a formula stays what it is, edited too."""
        if text.startswith(FORMELZEICHEN):
            form = self.form(quote_prefix=True)
        sheet.write_string(row, column, text, form)

    def told(self, sheet: Worksheet, titel: str, lines: Sequence[tuple[str, str | date]]) -> int:
        """Write a title and the lines (name, value) of a first sheet; return the next row."""
        self.text(sheet, 0, 0, titel, self.form(bold=True, font_size=14))
        for row, (name, value) in enumerate(lines, start=1):
            self.text(sheet, row, 0, name, self.form(bold=True))
            if isinstance(value, date):
                sheet.write_datetime(row, 1, datetime.combine(value, time()),
                                     self.form(num_format=MUSTER_TAG, align="left"))  # fmt: skip
            else:
                self.text(sheet, row, 1, value, self.form())
        return len(lines) + 1

    def table(self, sheet: Worksheet, row: int, heads: Sequence[str], rows: int, name: str) -> None:
        """Make a table of *rows* written cells below the headings in *row*."""
        wrapped = self.form(bold=True, text_wrap=True)
        columns = [{"header": h, "header_format": wrapped} for h in heads]
        area = (row, 0, row + max(1, rows), len(heads) - 1)
        sheet.add_table(*area, {"name": name, "columns": columns, **STIL})

    def layout(self, sheet: Worksheet, kopfzeile: int) -> None:
        """Make it readable as it opens: a head that stays, a page that fits the paper."""
        sheet.freeze_panes(kopfzeile + 1, 1)
        sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
        sheet.set_landscape()
        sheet.set_paper(A4)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(kopfzeile)


@dataclass(frozen=True)
class Angaben:
    """The properties of a file: title, subject, author, and the day that counts as its making."""

    titel: str
    gegenstand: str
    von: str
    stand: date


def excel(angaben: Angaben, fill: Callable[[Buch], None]) -> bytes:
    """Return the workbook that *fill* writes."""
    from xlsxwriter import Workbook

    out = io.BytesIO()
    with Workbook(out, {"in_memory": True}) as book:
        book.set_properties({
            "title": angaben.titel, "subject": angaben.gegenstand, "author": angaben.von,
            "created": datetime.combine(angaben.stand, time(), UTC).replace(tzinfo=None),
        })  # fmt: skip
        fill(Buch(book))
    return out.getvalue()
