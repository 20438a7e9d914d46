"""GeoJSON to rows of text: the properties of each feature, and its outline as WKT."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import chain
from math import isfinite

from sozcontrol.intake.model import Grid
from sozcontrol.intake.rules import FileRejected, faults_of_the_file
from sozcontrol.intake.umfang import demand_room
from sozcontrol.intake.values import value_text

UMRISS = "umriss"
"""The column of the outline, beside the properties."""
MAX_BYTES = 16 << 20
"""Outlines of a city's areas take a hundredth of it; a map on paper shows no more."""
TUN = "Die Gebiete im Geoinformationssystem neu ausgeben, Umrisse als Flächen."


def read_geojson(data: bytes) -> Grid:
    """Return one row a feature, below a header of all properties; the header counts as row 1.

    A feature without an area (a point, nothing) has an empty outline.

    Raises:
        FileRejected: R-I08 when it is no readable GeoJSON of bearable size, or an outline is none;
            R-I05 when a property is called as the outline is.
    """
    return rows_of(_features(data))


def rows_of(features: Sequence[Mapping[str, object]]) -> Grid:
    """Return features as rows, their outlines in the last column.

    Raises:
        FileRejected: As :func:`read_geojson`.
    """
    names = list(dict.fromkeys(str(name) for f in features for name in _properties(f)))
    if UMRISS in names:
        raise FileRejected(
            "R-I05", "Eine Eigenschaft heißt »umriss«, wie die Spalte der Umrisse.",
            "Die Eigenschaft umbenennen oder beim Ausgeben weglassen.",
        )  # fmt: skip
    rows = [_row(feature, names, number) for number, feature in enumerate(features, start=2)]
    return Grid([[*names, UMRISS], *rows], kodierung="utf-8", typisiert=True)


def demand_small(data: bytes) -> None:
    """Refuse a file of outlines that no map on paper needs.

    Raises:
        FileRejected: R-I08.
    """
    if len(data) > MAX_BYTES:
        raise _no_map(f"Die Datei ist größer als {MAX_BYTES >> 20} MB; Umrisse vereinfachen")


def _features(data: bytes) -> list[Mapping[str, object]]:
    demand_small(data)
    demand_room(data.count(b"["), data.count(b","), len(data))
    with faults_of_the_file("Die Datei ist kein lesbares GeoJSON", TUN):
        found = json.loads(data)
    features = found.get("features") if isinstance(found, dict) else None
    if not isinstance(features, list) or not all(isinstance(f, dict) for f in features):
        raise _no_map("Die Datei enthält keine Sammlung von Gebieten (FeatureCollection)")
    return features


def _properties(feature: Mapping[str, object]) -> Mapping[str, object]:
    found = feature.get("properties")
    return found if isinstance(found, dict) else {}


def _row(feature: Mapping[str, object], names: list[str], number: int) -> list[str]:
    values = (_properties(feature).get(name) for name in names)
    told = ["" if isinstance(v, (dict, list)) else value_text(v) for v in values]
    return [*told, _outline(feature.get("geometry"), number)]


def _outline(geometry: object, number: int) -> str:
    """Return an area as WKT, whether it has one part or several."""
    if not isinstance(geometry, dict) or geometry.get("type") not in ("Polygon", "MultiPolygon"):
        return ""
    parts = geometry.get("coordinates") or ()
    polygons = [parts] if geometry["type"] == "Polygon" else parts
    try:
        told = [[_ring(ring) for ring in polygon] for polygon in polygons]
    except (TypeError, ValueError, IndexError, OverflowError) as fault:
        raise _no_map("Ein Umriss ist kein geschlossener Zug von Punkten", number) from fault
    areas = ",".join(f"({','.join(rings)})" for rings in told)
    return f"MULTIPOLYGON({areas})" if told else ""


def _ring(ring: list[list[float]]) -> str:
    points = [(float(p[0]), float(p[1])) for p in ring]
    if len(points) < 4 or points[0] != points[-1] or not all(map(isfinite, chain(*points))):
        raise ValueError("no ring")
    return f"({','.join(f'{_short(x)} {_short(y)}' for x, y in points)})"


def _short(value: float) -> str:
    """Write a coordinate to the centimetre, be it in degrees or in metres."""
    return f"{value:.7f}".rstrip("0").rstrip(".")


def _no_map(meldung: str, zeile: int | None = None) -> FileRejected:
    return FileRejected("R-I08", f"{meldung}.", TUN, zeilen=(zeile,) if zeile else ())
