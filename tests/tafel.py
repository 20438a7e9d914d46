"""Tables drawn as text, and a small data set around them, for tests of ``measures``.

Columns take their type from the catalogue, whichever table has a column of that name; an empty
cell is null.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import ibis
import pyarrow as pa

from sozcontrol import catalogue
from sozcontrol.store import connect

ARROW = {
    "text": pa.string(), "code": pa.string(), "id": pa.string(), "datum": pa.date32(),
    "monat": pa.date32(), "ganzzahl": pa.int64(), "betrag": pa.decimal128(14, 2),
    "dezimal": pa.decimal128(14, 4), "wahr": pa.bool_(),
}  # fmt: skip


def _cell(text: str, typ: pa.DataType) -> Any:
    if not text:
        return None
    if pa.types.is_date32(typ):
        return date.fromisoformat(text)
    if pa.types.is_decimal(typ):
        return Decimal(text)
    if pa.types.is_int64(typ):
        return int(text)
    return text == "ja" if pa.types.is_boolean(typ) else text


def typ_von(spalte: str) -> pa.DataType:
    """Return the Arrow type of the first canonical column called *spalte*."""
    for table in catalogue.tabellen().values():
        if spalte in table.namen:
            return ARROW[table.spalte(spalte).typ]
    raise KeyError(spalte)


def lies(text: str) -> dict[str, list[Any]]:
    """Parse a drawn table (``a | b``, a line of dashes, rows) into columns."""
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    names = [c.strip() for c in lines[0].split("|")]
    rows = [[c.strip() for c in line.split("|")] for line in lines[1:] if set(line) - set("-+ |")]
    return {n: [_cell(r[i], typ_von(n)) for r in rows] for i, n in enumerate(names)}


def tafel(text: str) -> ibis.Table:
    """Return a drawn table as an Ibis table."""
    columns = lies(text)
    return ibis.memtable(pa.table({n: pa.array(v, typ_von(n)) for n, v in columns.items()}))


def voll(name: str, spalten: Mapping[str, list[Any]]) -> pa.Table:
    """Return canonical table *name*; columns not given are empty."""
    table = catalogue.tabelle(name)
    rows = len(next(iter(spalten.values()))) if spalten else 0
    assert set(spalten) <= set(table.namen), f"{name} has no {set(spalten) - set(table.namen)}"
    return pa.table(
        {s.name: pa.array(spalten.get(s.name, [None] * rows), ARROW[s.typ]) for s in table.spalten}
    )


class Stadt:
    """A data set as ``store.open_data`` gives it: canonical tables drawn or left empty."""

    def __init__(self, stichtag: date, datenstand: date | None = None, **tabellen: Any) -> None:
        self.stichtag, self.datenstand = stichtag, datenstand or stichtag
        self.con = connect()
        self._bekannte: dict[str, ibis.Table] = {}
        for name in catalogue.tabellen():
            given = tabellen.get(name, {})
            columns = lies(given) if isinstance(given, str) else given
            self.con.con.register(name, voll(name, columns))
        self.tabellen = tuple(catalogue.tabellen())

    def __getitem__(self, name: str) -> ibis.Table:
        if name not in self._bekannte:
            self._bekannte[name] = self.con.table(name)
        return self._bekannte[name]


def zeilen(expr: ibis.Table) -> list[tuple]:
    """Return the rows of an expression, sorted, as tuples."""
    rows = expr.to_pyarrow().to_pylist()
    return sorted((tuple(r.values()) for r in rows), key=lambda r: tuple(map(str, r)))


def als_dict(expr: ibis.Table) -> dict[Any, Any]:
    """Return ``{key: value}`` of an expression with two columns."""
    return dict(zeilen(expr))
