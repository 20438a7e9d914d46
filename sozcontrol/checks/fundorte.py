"""From offending rows to places: file, source row number, key columns. Never another cell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from sozcontrol import catalogue
from sozcontrol.findings import Fundstelle

if TYPE_CHECKING:
    import pyarrow as pa

GRENZE = 500
"""How many places a finding keeps; ``anzahl`` counts all of them."""

UNBEKANNT = "unbekannte Datei"


def file_names(tables: Mapping[str, pa.Table]) -> dict[str, str]:
    """Return the file name of each ``lieferung_id``."""
    log = tables.get("lieferung")
    if log is None:
        return {}
    ids, names = (log.column(c).to_pylist() for c in ("lieferung_id", "dateiname"))
    return dict(zip(ids, names, strict=True))


def row_columns(table: pa.Table, name: str) -> tuple[str, ...]:
    """Return the provenance and key columns *table* has, provenance first."""
    keys = catalogue.tabelle(name).schluessel
    wanted = dict.fromkeys(("lieferung_id", "zeile_quelle", *keys))
    return tuple(c for c in wanted if c in table.column_names)


def row_places(
    rows: Iterable[tuple[Any, ...]], columns: tuple[str, ...], files: Mapping[str, str]
) -> tuple[Fundstelle, ...]:
    """Return the first places of *rows* by file and row number."""
    places = []
    for row in rows:
        cells = dict(zip(columns, row, strict=True))
        file = files.get(cells.pop("lieferung_id", None), UNBEKANNT)
        places.append(Fundstelle(file, cells.pop("zeile_quelle", None), _text(cells)))
    return tuple(sorted(places, key=_order)[:GRENZE])


def group_places(
    rows: Iterable[tuple[Any, ...]],
    columns: tuple[str, ...],
    table: pa.Table,
    files: Mapping[str, str],
) -> tuple[Fundstelle, ...]:
    """Return one place a group: all files of *table*, no row number, the group as key."""
    ids = table.column("lieferung_id").unique().to_pylist() if len(table) else []
    file = ", ".join(sorted({files.get(i, UNBEKANNT) for i in ids})) or UNBEKANNT
    places = [Fundstelle(file, None, _text(dict(zip(columns, r, strict=True)))) for r in rows]
    return tuple(sorted(places, key=_order)[:GRENZE])


def _text(cells: Mapping[str, Any]) -> dict[str, str]:
    return {k: "" if v is None else str(v) for k, v in cells.items()}


def _order(place: Fundstelle) -> tuple[str, int, tuple[str, ...]]:
    return place.datei, place.zeile or 0, tuple(place.schluessel.values())
