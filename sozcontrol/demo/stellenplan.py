"""Positions of Musterstadt a quarter: planned, filled, available; who leaves; what was measured."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from math import ceil

from sozcontrol.demo.kanonisch import Bedarfzeile, Stellenzeile
from sozcontrol.demo.wuerfel import Wuerfel
from sozcontrol.demo.zeit import HISTORIE_BIS, HISTORIE_VON, monate, monatsletzter

BEMESSUNG = date(2021, 1, 1)
"""Planted: from here the plan holds 4.75 positions more for the three teams, as was measured."""
ENGPASS, BESETZT_IM_ENGPASS = date(2024, 10, 1), 0.78
"""Planted: from here one team is short of people, and those who stay leave more often."""
KNAPP = "KSD 2"

# unit | function | planned until 2020 | from 2021 | measured need, blank: none
_EINHEITEN = """
KSD 1              |asd    | 7.50| 9.00| 9.50
KSD 2              |asd    | 8.00| 9.75|10.50
KSD 3              |asd    | 7.00| 8.50| 9.00
KSD 1              |leitung| 1.00| 1.00|
KSD 2              |leitung| 1.00| 1.00|
KSD 3              |leitung| 1.00| 1.00|
PKD                |pkd    | 3.00| 3.50| 3.50
WJH                |wjh    | 8.00| 9.00| 9.00
WJH                |leitung| 1.00| 1.00|
Amtsvormundschaft  |vormund| 3.50| 3.50| 4.00
Unterhaltsvorschuss|uv     | 6.50| 7.00| 7.50
Unterhaltsvorschuss|leitung| 0.00| 1.00|
Eingliederungshilfe|egh    |19.00|22.00|23.00
Eingliederungshilfe|leitung| 2.00| 2.00|
Hilfe zur Pflege   |hzp    | 6.50| 7.00|
Hilfe zur Pflege   |leitung| 1.00| 1.00|
Grundsicherung     |gs     |13.00|13.50|
Grundsicherung     |leitung| 1.00| 1.00|
Asyl               |asyl   | 6.00| 6.50|
Asyl               |leitung| 1.00| 1.00|
"""


@dataclass(frozen=True)
class Einheit:
    """One function of one unit."""

    name: str
    funktion: str
    plan: tuple[Decimal, Decimal]
    bedarf: Decimal | None

    def geplant(self, tag: date) -> Decimal:
        """Return the positions in the plan on a day."""
        return self.plan[tag >= BEMESSUNG]


def _einheiten() -> list[Einheit]:
    found = []
    for zeile in _EINHEITEN.strip().splitlines():
        name, funktion, alt, neu, bedarf = (t.strip() for t in zeile.split("|"))
        need = Decimal(bedarf) if bedarf else None
        found.append(Einheit(name, funktion, (Decimal(alt), Decimal(neu)), need))
    return found


def stellen(seed: int) -> list[Stellenzeile]:
    """Return all units at all quarter ends; a function without positions has no row."""
    wuerfel = {(e.name, e.funktion): Wuerfel(seed, f"stelle/{e.name}/{e.funktion}")
               for e in _einheiten()}  # fmt: skip
    return [
        _zeile(wuerfel[e.name, e.funktion], e, monatsletzter(monat))
        for monat in monate(HISTORIE_VON, HISTORIE_BIS)
        if monat.month % 3 == 0
        for e in _einheiten()
        if e.geplant(monatsletzter(monat))
    ]


def _zeile(w: Wuerfel, e: Einheit, tag: date) -> Stellenzeile:
    plan, leitung = e.geplant(tag), e.funktion == "leitung"
    knapp = e.name == KNAPP and not leitung and tag >= ENGPASS
    anteil = BESETZT_IM_ENGPASS if knapp else 1.0 if leitung else w.spanne(0.90, 1.0)
    ist = (plan * Decimal(f"{anteil:.4f}") * 4).quantize(Decimal(1)) / 4
    koepfe = int(plan) if leitung else ceil(float(ist) / 0.86)
    frei = ceil(float(plan - ist)) if plan > ist else 0
    weg = 0 if leitung else min(koepfe, w.poisson(koepfe * (0.07 if knapp else 0.025)))
    return {
        "stichtag": tag, "org_einheit": e.name, "funktion": e.funktion,
        "vzae_plan": plan, "vzae_ist": ist,
        "vzae_verfuegbar": (ist * Decimal(f"{w.spanne(0.92, 0.99):.4f}")).quantize(Decimal("0.01")),
        "koepfe": koepfe, "abgaenge": weg, "zugaenge": weg + (0 if leitung else w.poisson(0.1)),
        "berufseinsteiger": 0 if leitung else round(koepfe * (0.30 if knapp else 0.15)),
        "unbesetzt": frei, "unbesetzt_tage": sum(w.ganz(20, 170) for _ in range(frei)),
    }  # fmt: skip


def bedarf() -> list[Bedarfzeile]:
    """Return what was measured; before 2021 nothing was."""
    return [
        {"org_einheit": e.name, "funktion": e.funktion, "gueltig_von": BEMESSUNG,
         "gueltig_bis": None, "vzae_bedarf": e.bedarf, "quelle": "Personalbemessung 2019"}
        for e in _einheiten() if e.bedarf is not None
    ]  # fmt: skip
