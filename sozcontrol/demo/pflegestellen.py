"""Families who foster children in Musterstadt."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from sozcontrol.demo.kanonisch import Pflegestellenzeile
from sozcontrol.demo.wuerfel import Wuerfel
from sozcontrol.demo.zeit import HISTORIE_BIS, HISTORIE_VON, monate

TAG = timedelta(days=1)
WERBUNG_AB = date(2023, 7, 1)
"""Planted: from here the city advertises, and twice as many families apply."""
BEWERBUNGEN = (1.3, 2.6)
"""A month, before and since."""
ZUGELASSEN = 0.55
"""Planted: the share of applications that end with an approval, all within a year."""
ANFANGS = 66
"""Families who fostered before the history begins."""
WEGE = (
    {"umfeld": 0.34, "empfehlung": 0.26, "netzwerk": 0.20, "sonstige": 0.20},
    {"werbung": 0.30, "veranstaltung": 0.14, "umfeld": 0.20, "empfehlung": 0.18,
     "netzwerk": 0.10, "sonstige": 0.08},
)  # fmt: skip
"""What they come by, before and since."""
PLAETZE = {1: 0.66, 2: 0.26, 3: 0.08}


def pflegestellen(seed: int, stand: date) -> list[Pflegestellenzeile]:
    """Return all applications received by a day, as known on it."""
    alle = [*_alte(seed), *_bewerbungen(seed)]
    alle.sort(key=lambda z: (z["bewerbung_am"], z["pflegestelle_id"]))
    return [_bekannt(z, stand) for z in alle if z["bewerbung_am"] <= stand]


def _bekannt(zeile: Pflegestellenzeile, stand: date) -> Pflegestellenzeile:
    """Return a row without what happens later."""
    zugelassen, beendet = zeile["zugelassen_am"], zeile["beendet_am"]
    hier = zugelassen is not None and zugelassen <= stand
    return {
        **zeile,
        "zugelassen_am": zugelassen if hier else None,
        "plaetze": zeile["plaetze"] if hier else None,
        "beendet_am": beendet if beendet is not None and beendet <= stand else None,
    }


def _alte(seed: int) -> Iterator[Pflegestellenzeile]:
    w = Wuerfel(seed, "pflegestellen/alte")
    for nummer in range(1, ANFANGS + 1):
        bewerbung = HISTORIE_VON - TAG * w.ganz(300, 4_300)
        ende = HISTORIE_VON + TAG * max(1, round(w.lognormal(3_000, 0.8)))
        yield {
            "pflegestelle_id": f"PS{nummer:05}", "bewerbung_am": bewerbung,
            "zugelassen_am": bewerbung + TAG * w.ganz(70, 280), "beendet_am": ende,
            "plaetze": w.gewichtet(PLAETZE), "gewonnen_durch": w.gewichtet(WEGE[0]),
        }  # fmt: skip


def _bewerbungen(seed: int) -> Iterator[Pflegestellenzeile]:
    w, nummer = Wuerfel(seed, "pflegestellen/bewerbungen"), ANFANGS
    for monat in monate(HISTORIE_VON, HISTORIE_BIS):
        seit = monat >= WERBUNG_AB
        for _ in range(w.poisson(BEWERBUNGEN[seit])):
            nummer += 1
            bewerbung = monat + TAG * w.ganz(0, 27)
            zugelassen = bewerbung + TAG * w.ganz(70, 280) if w.ja(ZUGELASSEN) else None
            dauer = TAG * max(60, round(w.lognormal(2_600, 0.9)))
            yield {
                "pflegestelle_id": f"PS{nummer:05}", "bewerbung_am": bewerbung,
                "zugelassen_am": zugelassen,
                "beendet_am": zugelassen + dauer if zugelassen else None,
                "plaetze": w.gewichtet(PLAETZE), "gewonnen_durch": w.gewichtet(WEGE[seit]),
            }  # fmt: skip
