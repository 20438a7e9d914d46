"""The tables of one page as CSV with a description machines read (CSV on the Web), for reuse.

Made of the same cells as the workbook, for editions that are open and Kommunen that name a licence.
Amounts are in euro, percentages from 0 to 100, days ISO; the marks stay.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from sozcontrol.press.seite.datentafel import Datentafel, data_table
from sozcontrol.press.seite.excelbuch import FORMELZEICHEN
from sozcontrol.press.seite.export import Kopf

if TYPE_CHECKING:
    from sozcontrol.present.fragment import Gedruckt
    from sozcontrol.present.tabellenwert import Wert

BESCHREIBUNG = "csv-metadata.json"
"""The name CSV on the Web looks for beside a file."""
KONTEXT = ["http://www.w3.org/ns/csvw", {"@language": "de"}]
EINHEIT = ", Einheit"
"""Behind the heading of the column that names the unit of each figure, where they differ."""
EURO = {"€": "EUR", "T€": "EUR", "Mio.\u00a0€": "EUR"}
IN_KLAMMERN = re.compile(r"\(([^()]+)\)$")
MONAT = "mmmm"
HINWEISE = (
    "Die Zahlen sind gerundet wie auf der Seite, Beträge mit einer Einheit in der Zelle in Euro.",
    "• heißt geheim gehalten, – nichts vorhanden oder nicht berechenbar.",
    "Vor Texten, die wie eine Formel beginnen, steht ein Apostroph.",
)


@dataclass(frozen=True)
class Spalte:
    """One column of a file: its heading, what stands in it, and the unit of its figures."""

    titel: str
    art: str
    einheit: str | None
    zellen: tuple[str, ...]


def csv_files(
    tafeln: Sequence[Gedruckt], titel: str, kopf: Kopf, gesagt: Sequence[str] = ()
) -> dict[str, bytes]:
    """Return the files of a page by name: one a table, and the description of them all."""
    described, files = [], {}
    for number, tafel in enumerate(map(data_table, tafeln), start=1):
        name, columns = f"{number}.csv", _columns(tafel)
        files[name] = _written(columns)
        described.append(_table(name, tafel, columns))
    told = {
        "@context": KONTEXT,
        "dc:title": titel,
        "dc:publisher": kopf.kommune.name,
        "dc:license": {"@id": kopf.kommune.lizenz},
        "dc:audience": kopf.edition.titel,
        "dc:description": [*filter(None, [kopf.kommune.erfunden_satz]), *gesagt, *HINWEISE],
        "schema:temporalCoverage": kopf.stichtag.isoformat(),
        "dc:modified": kopf.datenstand.isoformat(),
        "null": ["•", "–"],
        "tables": described,
    }
    text = json.dumps(told, ensure_ascii=False, indent=1) + "\n"
    return files | {BESCHREIBUNG: text.encode()}


def _table(name: str, tafel: Datentafel, columns: Sequence[Spalte]) -> dict[str, object]:
    described = []
    for number, column in enumerate(columns, start=1):
        one = {"name": f"spalte_{number}", "titles": column.titel, "datatype": column.art}
        described.append(one | ({"schema:unitText": column.einheit} if column.einheit else {}))
    return {
        "url": name,
        "dc:title": tafel.titel,
        "notes": list(tafel.darunter),
        "tableSchema": {"columns": described},
    }


def _columns(tafel: Datentafel) -> list[Spalte]:
    found = []
    for n, heading in enumerate(tafel.kopf):
        cells = [cells[n] for _, cells in tafel.zeilen]
        units = {_unit(c) for c in cells if isinstance(c.wert, Decimal)}
        named = IN_KLAMMERN.search(heading)
        unit = next(iter(units)) if len(units) == 1 else None
        unit = unit or (named[1] if named and units else None)
        found.append(Spalte(heading, _kind(cells), unit, tuple(map(_cell, cells))))
        if len(units) > 1:
            each = tuple(_unit(c) if isinstance(c.wert, Decimal) else "" for c in cells)
            found.append(Spalte(heading + EINHEIT, "string", None, each))
    return found


def _unit(cell: Wert) -> str:
    return EURO.get(cell.einheit, cell.einheit)


def _kind(cells: Sequence[Wert]) -> str:
    """Return the datatype of a column: that of its values, marks aside; words where they differ."""
    kinds = {_datatype(c) for c in cells if c.wert not in ("•", "–", "")}
    return kinds.pop() if len(kinds) == 1 else "string"


def _datatype(cell: Wert) -> str:
    if isinstance(cell.wert, Decimal):
        return "decimal"
    if isinstance(cell.wert, date):
        return "gYearMonth" if MONAT in cell.muster else "date"
    return "string"


def _cell(cell: Wert) -> str:
    wert = cell.wert
    if isinstance(wert, Decimal):
        return f"{(wert * 100 if cell.einheit == '%' else wert).normalize():f}"
    if isinstance(wert, date):
        return f"{wert:%Y-%m}" if MONAT in cell.muster else wert.isoformat()
    return _harmless(wert)


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(FORMELZEICHEN) else text


def _written(columns: Sequence[Spalte]) -> bytes:
    out = io.StringIO()
    lines = csv.writer(out)
    lines.writerow([_harmless(c.titel) for c in columns])
    lines.writerows(zip(*(c.zellen for c in columns), strict=True))
    return out.getvalue().encode()
