"""From offending rows to places: file, source row number, key columns, and what a rule speaks of.

Of the cells beside the key only those are shown whose type says what they are: dates, numbers,
amounts, codes of their list, pseudonyms. A text is shown where no person stands behind the table,
or when it looks like a number of something: columns may have shifted, and then a name stands there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from sozcontrol import catalogue
from sozcontrol.findings import Fundstelle

if TYPE_CHECKING:
    import pyarrow as pa

GRENZE = 500
"""How many places a finding keeps; ``anzahl`` counts all of them."""

UNBEKANNT = "unbekannte Datei"
VERDECKT = "…"
ZEILE = "zeile_quelle"
_NUMMER = re.compile(r"(?=.*\d)[A-Za-z0-9_./-]{1,24}|[a-z2-7]{20}")
"""A number of the source system, or a pseudonym."""


def file_names(tables: Mapping[str, pa.Table]) -> dict[str, str]:
    """Return the file name of each ``lieferung_id``."""
    log = tables.get("lieferung")
    if log is None:
        return {}
    ids, names = (log.column(c).to_pylist() for c in ("lieferung_id", "dateiname"))
    return dict(zip(ids, names, strict=True))


def row_columns(table: pa.Table, name: str, angaben: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the columns to select: provenance first, the key *table* has, then *angaben*."""
    keys = catalogue.tabelle(name).schluessel
    technical = [c for c in ("lieferung_id", ZEILE, *keys) if c in table.column_names]
    return tuple(dict.fromkeys((*technical, *angaben)))


def shown(name: str, columns: Iterable[str]) -> tuple[str, ...]:
    """Return those of *columns* of table *name* that do not describe a human being."""
    private = {s.name for s in catalogue.tabelle(name).spalten if s.persoenlich}
    return tuple(c for c in columns if c not in private)


def row_places(
    rows: Iterable[tuple[Any, ...]], columns: tuple[str, ...], name: str, files: Mapping[str, str]
) -> tuple[Fundstelle, ...]:
    """Return the first places of *rows* of table *name* by file and row number."""
    places = []
    for row in rows:
        cells = dict(zip(columns, row, strict=True))
        file, line = files.get(cells.pop("lieferung_id", None), UNBEKANNT), cells.pop(ZEILE, None)
        key, values = _parted(cells, catalogue.tabelle(name).schluessel)
        values = {k: _shown_cell(name, k, v) for k, v in values.items()}
        places.append(Fundstelle(file, line, _text(key), values))
    return tuple(sorted(places, key=_order)[:GRENZE])


def group_places(
    rows: Iterable[tuple[Any, ...]],
    columns: tuple[str, ...],
    gruppe: tuple[str, ...],
    table: pa.Table,
    files: Mapping[str, str],
) -> tuple[Fundstelle, ...]:
    """Return one place a group: all files of *table*, no row number, the group as key."""
    ids = table.column("lieferung_id").unique().to_pylist() if len(table) else []
    file = ", ".join(sorted({files.get(i, UNBEKANNT) for i in ids})) or UNBEKANNT
    parted = [_parted(dict(zip(columns, row, strict=True)), gruppe) for row in rows]
    places = [Fundstelle(file, None, _text(key), _text(values)) for key, values in parted]
    return tuple(sorted(places, key=_order)[:GRENZE])


def _parted(
    cells: Mapping[str, Any], key: tuple[str, ...]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the cells of the key, and the others."""
    return (
        {k: v for k, v in cells.items() if k in key},
        {k: v for k, v in cells.items() if k not in key},
    )


def _shown_cell(name: str, column: str, value: Any) -> str:
    """Return a cell as the page may show it; a text nobody vouches for is covered."""
    if not isinstance(value, str):
        return "" if value is None else str(value)
    table = catalogue.tabelle(name)
    kind = table.spalte(column) if column in table.namen else None
    if kind is not None and kind.codeliste:
        vouched = value in catalogue.codeliste(kind.codeliste).gueltig
    elif kind is not None and kind.typ == "id":
        vouched = True  # a pseudonym since tidy
    else:
        vouched = not any(s.typ == "id" for s in table.spalten)
    return value if vouched or _NUMMER.fullmatch(value) else VERDECKT


def _text(cells: Mapping[str, Any]) -> dict[str, str]:
    return {k: "" if v is None else str(v) for k, v in cells.items()}


def _order(place: Fundstelle) -> tuple[str, int, tuple[str, ...]]:
    return place.datei, place.zeile or 0, tuple(place.schluessel.values())
