"""GeoPackage to rows of text: the columns of its one layer of areas, and their outlines as WKT.

A GeoPackage is an SQLite database. It is opened from memory; of what somebody else wrote into it
only a plain table is read, no view and no code.
"""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass

from sozcontrol.intake.geojson_file import MAX_BYTES, TUN, demand_small, rows_of
from sozcontrol.intake.model import Grid
from sozcontrol.intake.rules import FileRejected, faults_of_the_file
from sozcontrol.intake.umfang import demand_room

STEPS = 50_000_000
"""Steps of the database after which a file is none that draws a city."""
POLYGON, MULTIPOLYGON = 3, 6
_ENVELOPE = (0, 32, 48, 48, 64)
"""Bytes of the envelope before a geometry, by its kind (OGC 12-128, 2.1.3)."""
_LAYERS = """
    SELECT g.table_name, g.column_name FROM gpkg_contents AS c
    JOIN gpkg_geometry_columns AS g ON g.table_name = c.table_name
    JOIN sqlite_master AS m ON m.name = c.table_name
    WHERE c.data_type = 'features' AND m.type = 'table' AND m.sql NOT LIKE 'CREATE VIRTUAL%'
"""


def read_geopackage(data: bytes) -> Grid:
    """Return one row a feature, below a header of all columns; the header counts as row 1.

    A feature without an area (a point, nothing) has an empty outline.

    Raises:
        FileRejected: R-I08 when it is no readable GeoPackage of bearable size with one layer, or
            an outline is none; R-I05 when a column is called as the outline is.
    """
    demand_small(data)
    with faults_of_the_file("Die Datei ist kein lesbares GeoPackage", TUN):
        layers, names, rows = _layer(data)
    if len(layers) != 1:
        raise FileRejected(
            "R-I08", f"Die Datei enthält {len(layers)} Ebenen mit Flächen, nicht eine.",
            "Nur die Ebene der Gebiete ausgeben.",
        )  # fmt: skip
    demand_room(len(rows), len(rows) * len(names), len(data))
    return rows_of([*_features(names, rows, layers[0][1])])


def _layer(data: bytes) -> tuple[list[tuple[str, str]], list[str], list[tuple[object, ...]]]:
    """Return the layers (table, column of the outline), and columns and rows where it is one."""
    with closing(sqlite3.connect(":memory:")) as con:
        con.deserialize(data)
        con.execute("PRAGMA trusted_schema = OFF")
        con.execute("PRAGMA cell_size_check = ON")
        con.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_BYTES)
        con.set_progress_handler(lambda: 1, STEPS)
        if con.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            raise sqlite3.DatabaseError
        layers = con.execute(_LAYERS).fetchall()
        if len(layers) != 1:
            return layers, [], []
        name = layers[0][0].replace('"', '""')
        rows = con.execute(f'SELECT * FROM "{name}"')  # noqa: S608 - a quoted name, no value
        return layers, [column[0] for column in rows.description], rows.fetchall()


def _features(
    names: list[str], rows: list[tuple[object, ...]], outline: str
) -> Iterator[Mapping[str, object]]:
    """Yield the rows as GeoJSON has them."""
    for row in rows:
        given = dict(zip(names, row, strict=True))
        shape = given.pop(outline, None)
        told = {name: None if isinstance(v, bytes) else v for name, v in given.items()}
        yield {"properties": told, "geometry": _geometry(shape)}


def _geometry(blob: object) -> object:
    """Return an area as GeoJSON has it, None for anything else; what is broken has no rings."""
    if not isinstance(blob, bytes):
        return None
    try:
        if blob[:2] == b"GP":
            return _Wkb(blob, 8 + _ENVELOPE[blob[3] >> 1 & 7]).geometry(POLYGON, MULTIPOLYGON)
    except (struct.error, IndexError):
        pass  # cut short: as what is none
    return {"type": "Polygon", "coordinates": [None]}


@dataclass
class _Wkb:
    """Reads an outline as the standard writes it (ISO 13249-3), from a place on."""

    blob: bytes
    at: int

    def geometry(self, *kinds: int) -> dict[str, object] | None:
        """Return one of *kinds*, None for another."""
        order = "<" if self.blob[self.at] == 1 else ">"
        self.at += 1
        kind = self._number(order)
        size = 2 + (0, 1, 1, 2)[kind // 1000]
        if kind % 1000 not in kinds:
            return None
        if kind % 1000 == POLYGON:
            rings = [self._ring(order, size) for _ in range(self._number(order))]
            return {"type": "Polygon", "coordinates": rings}
        parts = [self.geometry(POLYGON) for _ in range(self._number(order))]
        return {"type": "MultiPolygon", "coordinates": [p and p["coordinates"] for p in parts]}

    def _number(self, order: str) -> int:
        (found,) = struct.unpack_from(f"{order}I", self.blob, self.at)
        self.at += 4
        return int(found)

    def _ring(self, order: str, size: int) -> list[tuple[float, float]]:
        count = self._number(order) * size
        values = struct.unpack_from(f"{order}{count}d", self.blob, self.at)
        self.at += count * 8
        return list(zip(values[::size], values[1::size], strict=True))
