"""Outlines of areas as delivered, made small: paths of a picture, in whole steps of its width."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import chain, pairwise
from math import cos, radians
from typing import TypedDict

from sozcontrol.measures.zaehlwerk.lieferung import Lieferung

BREITE, HOEHE = 640, 560
"""The picture an outline is fitted into."""
_RING = re.compile(r"\(([^()]+)\)")
Punkt = tuple[float, float]
Zug = Sequence[Punkt]


class Umriss(TypedDict):
    """The path of an area in the picture, where its name stands, and how far down it reaches."""

    pfad: str
    x: int
    y: int
    unten: int


def umrisse(daten: Lieferung, ebene: str) -> dict[str, Umriss]:
    """Return the outlines of the areas at *ebene* that hold at the Stichtag, by name; none: empty.

    Degrees are drawn as wide as they are in the middle of the map, metres as they are.
    """
    if "gebietsumriss" not in daten.tabellen:
        return {}
    areas, outlines, day = daten["gebiet"], daten["gebietsumriss"], daten.stichtag
    holds = (areas.gueltig_von <= day) & (areas.gueltig_bis.isnull() | (areas.gueltig_bis >= day))
    asked = areas.filter(areas.typ == ebene, holds)
    rows = asked.join(outlines, "gebiet_id").select("name", "umriss").to_pyarrow().to_pylist()
    known = {row["name"]: _zuege(row["umriss"]) for row in rows}
    return _gezeichnet(known) if known else {}


def _zuege(wkt: str) -> list[list[Punkt]]:
    """Return the rings of a MULTIPOLYGON, parts and holes alike."""
    return [
        [(float(x), float(y)) for x, y in (point.split() for point in ring.split(","))]
        for ring in _RING.findall(wkt)
    ]


def _gezeichnet(known: dict[str, list[list[Punkt]]]) -> dict[str, Umriss]:
    points = list(chain(*chain(*known.values())))
    west, east = _enden(x for x, _ in points)
    south, north = _enden(y for _, y in points)
    degrees = -180 <= west <= east <= 180 and -90 <= south <= north <= 90
    narrow = cos(radians((south + north) / 2)) if degrees else 1.0
    wide, high = (east - west) * narrow or 1.0, (north - south) or 1.0
    scale = min(BREITE / wide, HOEHE / high)

    def at(point: Punkt) -> tuple[int, int]:
        return round((point[0] - west) * narrow * scale), round((north - point[1]) * scale)

    drawn = {n: [[at(p) for p in ring] for ring in rings] for n, rings in known.items()}
    return {name: _umriss(rings) for name, rings in drawn.items()}


def _enden(values: Iterable[float]) -> tuple[float, float]:
    found = list(values)
    return min(found), max(found)


def _umriss(rings: list[list[tuple[int, int]]]) -> Umriss:
    x, y = _mitte(max(rings, key=lambda ring: abs(_doppelflaeche(ring))))
    down = max(y for ring in rings for _, y in ring)
    return {"pfad": "".join(map(_pfad, rings)), "x": x, "y": y, "unten": down}


def _pfad(ring: list[tuple[int, int]]) -> str:
    steps = [b for a, b in pairwise(ring) if a != b]
    return f"M{ring[0][0]} {ring[0][1]}" + "".join(f"L{x} {y}" for x, y in steps[:-1]) + "Z"


def _doppelflaeche(ring: Zug) -> float:
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring))


def _mitte(ring: Zug) -> tuple[int, int]:
    """Return the centre of an area; of one too small to have an inside, its first point."""
    double = _doppelflaeche(ring)
    if not double:
        return int(ring[0][0]), int(ring[0][1])
    x, y = (
        sum((a[i] + b[i]) * (a[0] * b[1] - b[0] * a[1]) for a, b in pairwise(ring)) / (3 * double)
        for i in (0, 1)
    )
    return round(x), round(y)
