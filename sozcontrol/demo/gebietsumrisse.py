"""Where the Sozialräume of Musterstadt lie: outlines that meet without a gap, as a GIS exports."""

from __future__ import annotations

import json
from itertools import pairwise

from sozcontrol.demo.einwohnerzahlen import SOZIALRAEUME
from sozcontrol.demo.kanonisch import Umrisszeile
from sozcontrol.demo.schreibweise import ERFUNDEN
from sozcontrol.demo.wuerfel import Wuerfel

Punkt = tuple[float, float]
_LAGE = (
    ("SR12", "SR11", "SR10", "SR08"),
    ("SR07", "SR02", "SR01", "SR05"),
    ("SR04", "SR06", "SR03", "SR09"),
)
"""From north to south, from west to east."""
_SPALTEN, _REIHEN = (0.0, 7.0, 11.0, 14.5, 20.0), (0.0, 5.5, 9.0, 13.0)
"""Their borders in kilometres, before they bend."""
_ECKE, _JE_GRAD, _JE_LAENGE, _TEILE = (8.61, 50.02), 111.2, 71.4, 6


def umrisse(seed: int) -> list[Umrisszeile]:
    """Return the outline of every Sozialraum."""
    raster = _Raster(seed)
    found = {
        raum: raster.umriss(reihe, spalte)
        for reihe, namen in enumerate(reversed(_LAGE))
        for spalte, raum in enumerate(namen)
    }
    return [{"gebiet_id": r.id, "umriss": _wkt(found[r.id])} for r in SOZIALRAEUME]


def geojson(zeilen: list[Umrisszeile]) -> str:
    """Return them as a file: one feature a Sozialraum, with its key and name."""
    names = {r.id: r.name for r in SOZIALRAEUME}
    features = [
        {"type": "Feature", "properties": {"kennung": id_, "name": names[id_]},
         "geometry": {"type": "Polygon", "coordinates": [_punkte(wkt)]}}
        for id_, wkt in ((z["gebiet_id"], z["umriss"]) for z in zeilen)
    ]  # fmt: skip
    file = {"type": "FeatureCollection", "hinweis": ERFUNDEN, "features": features}
    return json.dumps(file, ensure_ascii=False)


class _Raster:
    """Corners and borders that neighbours share, each bent once."""

    def __init__(self, seed: int) -> None:
        self._wurf = Wuerfel(seed, "umrisse")
        self._ecken = {
            (i, j): self._gebogen((x, y), 0.9)
            for i, y in enumerate(_REIHEN)
            for j, x in enumerate(_SPALTEN)
        }
        self._linien: dict[tuple[tuple[int, int], tuple[int, int]], list[Punkt]] = {}

    def _gebogen(self, punkt: Punkt, weit: float) -> Punkt:
        x, y = punkt
        return x + self._wurf.spanne(-weit, weit), y + self._wurf.spanne(-weit, weit)

    def umriss(self, reihe: int, spalte: int) -> list[Punkt]:
        """Return the closed outline of one field, against the clock."""
        i, j = reihe, spalte
        ecken = [(i, j), (i, j + 1), (i + 1, j + 1), (i + 1, j), (i, j)]
        zug = [p for a, b in pairwise(ecken) for p in self._linie(a, b)]
        return [*zug, zug[0]]

    def _linie(self, a: tuple[int, int], b: tuple[int, int]) -> list[Punkt]:
        """Return the border from one corner to the next, without the latter."""
        von, bis = sorted((a, b))
        if (von, bis) not in self._linien:
            (x, y), (u, v) = self._ecken[von], self._ecken[bis]
            teile = [n / _TEILE for n in range(1, _TEILE)]
            between = [self._gebogen((x + (u - x) * t, y + (v - y) * t), 0.28) for t in teile]
            self._linien[von, bis] = [self._ecken[von], *between, self._ecken[bis]]
        line = self._linien[von, bis]
        return line[:-1] if (von, bis) == (a, b) else line[::-1][:-1]


def _wkt(zug: list[Punkt]) -> str:
    lang, breit = _ECKE
    grade = [(lang + x / _JE_LAENGE, breit + y / _JE_GRAD) for x, y in zug]
    text = ",".join(" ".join(f"{v:.5f}".rstrip("0").rstrip(".") for v in punkt) for punkt in grade)
    return f"MULTIPOLYGON((({text})))"


def _punkte(wkt: str) -> list[list[float]]:
    inner = wkt.removeprefix("MULTIPOLYGON(((").removesuffix(")))")
    return [[float(v) for v in punkt.split()] for punkt in inner.split(",")]
