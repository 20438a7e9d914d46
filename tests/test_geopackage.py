"""Outlines delivered as a GeoPackage: the same rows as from GeoJSON, and a finding for the rest."""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Sequence
from contextlib import closing

import pytest

from sozcontrol.intake import gpkg_file
from sozcontrol.intake.files import check_type
from sozcontrol.intake.gpkg_file import read_geopackage
from sozcontrol.intake.rules import FileRejected

RING = [(8.0, 50.0), (8.1, 50.0), (8.1, 50.1), (8.0, 50.0)]
LOCH = [(8.02, 50.01), (8.04, 50.01), (8.04, 50.02), (8.02, 50.01)]
EBENE = """
    CREATE TABLE gpkg_contents (table_name TEXT, data_type TEXT);
    CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT);
"""


def wkb(rings: Sequence[Sequence[tuple[float, ...]]], order: str = "<", art: int = 3) -> bytes:
    """Write a polygon as the standard says, point by point."""
    told = b""
    for ring in rings:
        told += struct.pack(f"{order}I", len(ring))
        told += b"".join(struct.pack(f"{order}{len(p)}d", *p) for p in ring)
    return bytes([order == "<"]) + struct.pack(f"{order}II", art, len(rings)) + told


def umriss(shape: bytes, umschlag: int = 0) -> bytes:
    size = (0, 32, 48, 48, 64)[umschlag]
    return b"GP\x00" + bytes([umschlag << 1 | 1]) + struct.pack("<i", 25832) + bytes(size) + shape


def paket(
    shapes: Sequence[bytes | None], mehr: str = "", ebenen: Sequence[str] = ("raum",)
) -> bytes:
    with closing(sqlite3.connect(":memory:")) as con:
        con.executescript(EBENE)
        con.execute(
            "CREATE TABLE raum (fid INTEGER PRIMARY KEY, geom BLOB, kennung TEXT, anteil REAL)"
        )
        for n, shape in enumerate(shapes, start=1):
            con.execute("INSERT INTO raum VALUES (?, ?, ?, ?)", (n, shape, f"S{n}", n / 4))
        con.executescript(mehr)
        for name in ebenen:
            con.execute("INSERT INTO gpkg_contents VALUES (?, 'features')", (name,))
            con.execute("INSERT INTO gpkg_geometry_columns VALUES (?, 'geom')", (name,))
        con.commit()
        return con.serialize()


def wkt(*rings: list[tuple[float, float]]) -> str:
    told = ",".join("(" + ",".join(f"{x:g} {y:g}" for x, y in ring) + ")" for ring in rings)
    return f"({told})"


def test_spalten_und_umriss_wie_aus_geojson() -> None:
    kopf, eins, zwei = read_geopackage(paket([umriss(wkb([RING, LOCH])), None])).zellen
    assert kopf == ["fid", "kennung", "anteil", "umriss"]
    assert eins == ["1", "S1", "0.25", f"MULTIPOLYGON({wkt(RING, LOCH)})"]
    assert zwei == ["2", "S2", "0.5", ""]


@pytest.mark.parametrize("shape", [
    pytest.param(umriss(wkb([RING], ">")), id="andere Reihenfolge der Bytes"),
    pytest.param(umriss(wkb([[(*p, 117.0) for p in RING]], art=1003)), id="mit Höhe"),
    pytest.param(umriss(wkb([[(*p, 117.0, 1.0) for p in RING]], art=3003)), id="mit Höhe und Maß"),
    *(pytest.param(umriss(wkb([RING]), n), id=f"Umschlag {n}") for n in range(1, 5)),
    pytest.param(umriss(b"\x01" + struct.pack("<II", 6, 1) + wkb([RING])), id="mehrere Teile"),
])  # fmt: skip
def test_jede_schreibweise_einer_flaeche_gibt_denselben_umriss(shape: bytes) -> None:
    assert read_geopackage(paket([shape])).zellen[1][-1] == f"MULTIPOLYGON({wkt(RING)})"


def test_ein_punkt_hat_keinen_umriss() -> None:
    punkt = b"\x01" + struct.pack("<Idd", 1, 8.0, 50.0)
    assert read_geopackage(paket([umriss(punkt)])).zellen[1][-1] == ""


GANZ = umriss(wkb([RING]))
KETTE = b"".join(b"\x01" + struct.pack("<II", 6, 1) for _ in range(100_000))


@pytest.mark.parametrize(("inhalt", "satz"), [
    pytest.param(b"SQLite format 3\x00" + b"\xff" * 200, "kein lesbares", id="kein SQLite"),
    pytest.param(paket([GANZ])[:-3000], "kein lesbares", id="abgeschnitten"),
    pytest.param(paket([], "DROP TABLE gpkg_contents; CREATE TABLE gpkg_contents (x)", ()),
                 "kein lesbares", id="keine Verzeichnisse"),
    pytest.param(paket([GANZ], ebenen=()), "0 Ebenen", id="keine Ebene"),
    pytest.param(paket([GANZ], "CREATE TABLE b (geom BLOB)", ("raum", "b")), "2 Ebenen", id="zwei"),
    pytest.param(paket([GANZ], "CREATE VIEW v AS SELECT * FROM raum", ("v",)), "0 Ebenen", id="v"),
    pytest.param(paket([GANZ[:-5]]), "kein geschlossener Zug", id="Fläche abgeschnitten"),
    pytest.param(paket([b"XX" + GANZ[2:]]), "kein geschlossener Zug", id="keine Geometrie"),
    pytest.param(paket([GANZ[:3] + b"\x0f" + GANZ[4:]]), "kein geschlossener Zug", id="Umschlag 7"),
    pytest.param(paket([umriss(wkb([RING[:-1]]))]), "kein geschlossener Zug", id="offen"),
    pytest.param(paket([umriss(b"\x01" + struct.pack("<III", 3, 1, 2**32 - 1))]),
                 "kein geschlossener Zug", id="vier Milliarden Punkte"),
    pytest.param(paket([umriss(KETTE)]), "kein geschlossener Zug", id="endlos geschachtelt"),
    pytest.param(bytes(gpkg_file.MAX_BYTES + 1), "größer als 16 MB", id="zu groß"),
])  # fmt: skip
def test_was_keine_karte_ist_wird_ein_befund_fuer_diese_datei(inhalt: bytes, satz: str) -> None:
    with pytest.raises(FileRejected) as fault:
        read_geopackage(inhalt)
    assert satz in fault.value.meldung and fault.value.tun


def test_eine_andere_art_von_datei_wird_beim_namen_genannt() -> None:
    check_type(paket([GANZ]), "gpkg")
    with pytest.raises(FileRejected, match="GeoPackage"):
        check_type(paket([GANZ]), "geojson")
    with pytest.raises(FileRejected, match="Textdatei"):
        check_type(b'{"type": "FeatureCollection"}', "gpkg")
