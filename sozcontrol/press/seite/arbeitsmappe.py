"""The tables of one page as an Excel workbook: the figures of the page as numbers, nothing beside.

It is made of the cells the page was drawn from. No cell holds a formula, whatever its text begins
with; equal input gives equal bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING

from sozcontrol.press.seite.datentafel import Datentafel, data_table
from sozcontrol.press.seite.excelbuch import BREIT, SCHMAL, STIL, Angaben, Buch, excel
from sozcontrol.press.seite.export import Kopf, long_date

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

    from sozcontrol.present.fragment import Gedruckt
    from sozcontrol.present.tabellenwert import Wert

INHALT = "Inhalt"
KOPFZEILE = 3
"""The row (from 0) that holds the headings of a table; title, edition and a link stand above."""
UEBERSCHRIFT = 24
"""From where on a heading of figures breaks its line."""
NAMENSLAENGE = 31
VERBOTEN = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))


def workbook(
    tafeln: Sequence[Gedruckt], titel: str, kopf: Kopf, gesagt: Sequence[str] = ()
) -> bytes:
    """Return the workbook of a page with these tables; a contents sheet first, a sheet a table.

    *gesagt* is what the page says of all its figures: doubts, what they contain, what is missing.
    """
    angaben = Angaben(
        titel, f"Stichtag {long_date(kopf.stichtag)}", kopf.kommune.name, kopf.datenstand
    )
    drawn = [data_table(t) for t in tafeln]
    return excel(angaben, lambda buch: _Mappe(buch, titel, kopf, drawn, gesagt).write())


@dataclass(frozen=True)
class _Mappe:
    """One workbook that is being written."""

    buch: Buch
    titel: str
    kopf: Kopf
    tafeln: Sequence[Datentafel]
    gesagt: Sequence[str]

    def write(self) -> None:
        first = self.buch.book.add_worksheet(INHALT)
        names = [sheet_name(n, t.titel) for n, t in enumerate(self.tafeln, start=1)]
        for number, (name, tafel) in enumerate(zip(names, self.tafeln, strict=True), start=1):
            _Blatt(self, self.buch.book.add_worksheet(name), tafel, f"Tabelle_{number}").write()
        self._contents(first, names)

    @property
    def stand(self) -> str:
        """Whose tables, for whom, of which day, known when."""
        return (
            f"{self.kopf.kommune.name} · {self.kopf.edition.titel} · Stichtag "
            f"{long_date(self.kopf.stichtag)} · Datenstand {long_date(self.kopf.datenstand)}"
        )

    def _contents(self, sheet: Worksheet, names: Sequence[str]) -> None:
        kopf, buch = self.kopf, self.buch
        sheet.set_column(0, 0, 12)
        sheet.set_column(1, 1, 90)
        row = buch.told(sheet, self.titel, (
            ("Kommune", kopf.kommune.name), ("Fassung", kopf.edition.titel),
            ("Stichtag", kopf.stichtag), ("Datenstand", kopf.datenstand),
        ))  # fmt: skip
        for line in self._remarks():
            buch.text(sheet, row, 0, line, buch.form())
            row += 1
        self._list(sheet, row + 1, names)

    def _remarks(self) -> list[str]:
        lines = [self.kopf.edition.vermerk, self.kopf.kommune.erfunden_satz, *self.gesagt]
        known = dict.fromkeys(z for t in self.tafeln for z in t.zeichen)
        return [line for line in (*lines, *known) if line]

    def _list(self, sheet: Worksheet, row: int, names: Sequence[str]) -> None:
        for n, (name, tafel) in enumerate(zip(names, self.tafeln, strict=True), start=1):
            self.buch.text(sheet, row + n, 0, str(n), self.buch.form())
            sheet.write_url(row + n, 1, f"internal:'{name}'!A1", self.buch.form(
                font_color="#0B5394", underline=1), tafel.titel)  # fmt: skip
        heads = [{"header": "Blatt"}, {"header": "Tabelle"}]
        area = (row, 0, row + len(names), 1)
        sheet.add_table(*area, {"name": "Inhaltsverzeichnis", "columns": heads, **STIL})
        sheet.ignore_errors({"number_stored_as_text": "A1:A1048576"})


@dataclass(frozen=True)
class _Blatt:
    """One sheet: a table with its title above and what stands beneath it below."""

    mappe: _Mappe
    sheet: Worksheet
    tafel: Datentafel
    name: str

    def write(self) -> None:
        sheet, buch, tafel = self.sheet, self.mappe.buch, self.tafel
        buch.text(sheet, 0, 0, tafel.titel, buch.form(bold=True, font_size=12))
        buch.text(sheet, 1, 0, self.mappe.stand, buch.form())
        sheet.write_url(2, 0, f"internal:'{INHALT}'!A1", buch.form(
            font_color="#0B5394", underline=1), f"zum {INHALT}")  # fmt: skip
        for n, (kind, cells) in enumerate(tafel.zeilen, start=KOPFZEILE + 1):
            for column, cell in enumerate(cells):
                self._cell(n, column, cell, bold=kind.endswith("summe"))
        end = KOPFZEILE + max(1, len(tafel.zeilen))
        buch.table(sheet, KOPFZEILE, tafel.kopf, len(tafel.zeilen), self.name)
        for n, line in enumerate(tafel.darunter, start=end + 2):
            buch.text(sheet, n, 0, line, buch.form())
        self._layout()

    def _cell(self, row: int, column: int, cell: Wert, *, bold: bool) -> None:
        buch, wert = self.mappe.buch, cell.wert
        if isinstance(wert, str):
            number = self.tafel.zahlen[column]
            form = buch.form(bold=bold, text_wrap=True, align="right" if number else "left")
            buch.text(self.sheet, row, column, wert, form)
            return
        form = buch.form(bold=bold, num_format=cell.muster)
        if isinstance(wert, Decimal):
            self.sheet.write_number(row, column, float(wert), form)
        else:
            self.sheet.write_datetime(row, column, datetime.combine(wert, time()), form)

    def _layout(self) -> None:
        """Make it readable as it opens."""
        sheet = self.sheet
        for column, width in enumerate(self.tafel.breiten):
            heading = min(len(self.tafel.kopf[column]) + 3, UEBERSCHRIFT)
            sheet.set_column(column, column, min(max(SCHMAL, width + 2, heading), BREIT))
        self.mappe.buch.layout(sheet, KOPFZEILE)


def sheet_name(number: int, titel: str) -> str:
    """Return the name of a table's sheet: its number makes it unique, 31 signs are allowed."""
    name = f"{number} {' '.join(titel.translate(VERBOTEN).split())}"
    return name if len(name) <= NAMENSLAENGE else f"{name[: NAMENSLAENGE - 1].strip()}…"
