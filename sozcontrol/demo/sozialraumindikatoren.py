"""What the statistics office counts of each Sozialraum: poverty, lone parents, unemployment."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sozcontrol.demo.einwohnerzahlen import SOZIALRAEUME, Sozialraum
from sozcontrol.demo.kanonisch import Indikatorzeile
from sozcontrol.demo.wuerfel import Wuerfel

# Indikator | ages of all | part of them that are counted | share without need, more per need
_INDIKATOREN = {
    "sgb2_u18": (0, 18, 1.0, 0.02, 0.12),
    "sgb2_u15": (0, 15, 1.0, 0.022, 0.126),
    "alleinerziehend": (0, 18, 0.6, 0.13, 0.07),
    "arbeitslos_u25": (15, 25, 1.0, 0.018, 0.022),
}
STEIGT = {"SR06": 0.05, "SR09": -0.04}
"""Planted: the need of Hafenviertel grows year by year, that of Sonnenfeld falls, by this part."""
SEIT = 2019


def sozialraumindikatoren(
    seed: int, einwohner: Mapping[tuple[date, str, int, str], int], stichtag: date
) -> list[Indikatorzeile]:
    """Return every year whose end is over at the Stichtag."""
    w, zeilen = Wuerfel(seed, "sozialraumindikatoren"), []
    for jahr in range(SEIT, stichtag.year + 1):
        tag = date(jahr, 12, 31)
        for raum in SOZIALRAEUME:
            for indikator, (von, bis, teil, grund, je_bedarf) in _INDIKATOREN.items():
                menschen = sum(
                    einwohner[tag, raum.id, alter, g] for alter in range(von, bis) for g in "mw"
                )
                alle = round(menschen * teil)
                quote = (grund + je_bedarf * _bedarf(raum, jahr)) * w.spanne(0.97, 1.03)
                zeilen.append((tag, raum.id, indikator, round(alle * quote), alle))
    return [
        {"gebiet_id": raum, "jahr": tag.year, "indikator": indikator, "gezaehlt_am": tag,
         "anzahl": anzahl, "grundgesamtheit": alle}
        for tag, raum, indikator, anzahl, alle in zeilen if tag <= stichtag
    ]  # fmt: skip


def _bedarf(raum: Sozialraum, jahr: int) -> float:
    return raum.bedarf * (1 + STEIGT.get(raum.id, 0.0) * (jahr - SEIT))
