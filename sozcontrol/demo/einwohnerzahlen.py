"""The people of Musterstadt: twelve Sozialräume, and how many live there at which age."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sozcontrol.demo.wuerfel import Wuerfel

STADT_ID = "ST"
ALTERSJAHRE = range(111)


@dataclass(frozen=True)
class Sozialraum:
    """One district: its share of the population, how young it is, how much help it needs."""

    id: str
    name: str
    flaeche_km2: str
    anteil: float
    jugend: float
    bedarf: float


SOZIALRAEUME = (
    Sozialraum("SR01", "Altstadt", "2.1400", 0.082, 0.70, 0.9),
    Sozialraum("SR02", "Bahnhofsviertel", "1.7800", 0.078, 1.05, 1.9),
    Sozialraum("SR03", "Nordstadt", "4.9200", 0.118, 1.15, 1.7),
    Sozialraum("SR04", "Südhang", "7.3500", 0.091, 0.92, 0.4),
    Sozialraum("SR05", "Weststadt", "5.1100", 0.109, 1.02, 1.0),
    Sozialraum("SR06", "Hafenviertel", "3.0600", 0.066, 1.12, 1.8),
    Sozialraum("SR07", "Lindenberg", "8.8800", 0.087, 0.95, 0.6),
    Sozialraum("SR08", "Mühlengrund", "11.4700", 0.074, 1.00, 0.7),
    Sozialraum("SR09", "Sonnenfeld", "6.2500", 0.113, 1.20, 1.6),
    Sozialraum("SR10", "Steinäcker", "12.9300", 0.069, 1.01, 0.5),
    Sozialraum("SR11", "Waldsiedlung", "19.6000", 0.058, 0.88, 0.3),
    Sozialraum("SR12", "Eulenbruch", "21.5100", 0.055, 0.96, 0.2),
)

EINWOHNER_STICHTAGE = {
    date(2019, 12, 31): 113_120,
    date(2020, 12, 31): 113_060,
    date(2021, 12, 31): 113_240,
    date(2022, 12, 31): 114_610,
    date(2023, 12, 31): 114_980,
    date(2024, 12, 31): 115_190,
    date(2025, 6, 30): 115_240,
    date(2025, 12, 31): 115_330,
}
HEUTE = 2024
"""At its end people are as old as they are drawn; earlier counts find them younger."""
WANDERUNG = 0.01
"""By which part the people of an age in an area are, by moving, more or fewer than expected."""
FAMILIENZUZUG = {"SR04": 0.03, "SR10": 0.02, "SR06": -0.02}
"""Planted: where new homes fill with families, and where they move away, by this part a year."""
FAMILIEN = (*range(19), *range(28, 61))
PLANUNGSSTAND = (date(2023, 12, 31), 114_980)
"""The day day care was planned for, and its people, of the ages that are drawn."""

# Relative frequency of an age (anchors; straight lines between them).
_ALTERSBAUM = {
    0: 0.85, 5: 0.90, 10: 0.87, 17: 0.83, 19: 1.05, 24: 1.52, 30: 1.45, 40: 1.25, 47: 1.12,
    58: 1.50, 65: 1.18, 75: 0.85, 82: 0.70, 90: 0.28, 97: 0.05, 103: 0.004, 110: 0.0,
}  # fmt: skip


def _haeufigkeit(alter: int) -> float:
    stuetzen = sorted(_ALTERSBAUM)
    oben = next(s for s in stuetzen if s >= alter)
    unten = max(s for s in stuetzen if s <= alter)
    if oben == unten:
        return _ALTERSBAUM[alter]
    lage = (alter - unten) / (oben - unten)
    return _ALTERSBAUM[unten] * (1 - lage) + _ALTERSBAUM[oben] * lage


Gewichte = dict[tuple[str, int, str], float]


def _grundgewichte() -> Gewichte:
    """Return the size of every (Sozialraum, age, sex), without large and small cohorts."""
    gewichte = {}
    for raum in SOZIALRAEUME:
        for alter in ALTERSJAHRE:
            jugend = raum.jugend if alter < 21 else 1.0
            schief = 0.512 if alter < 50 else 0.5 - (alter - 50) * 0.004
            for geschlecht, teil in (("m", schief), ("w", 1 - schief)):
                groesse = raum.anteil * jugend * _haeufigkeit(alter) * teil
                gewichte[raum.id, alter, geschlecht] = groesse
    return gewichte


def _jahrgangsgroessen(wuerfel: Wuerfel, grund: Gewichte) -> Gewichte:
    """Return how much larger or smaller than usual the cohort is that is now of each age."""
    return {key: max(0.0, 1 + 0.06 * wuerfel.normal()) for key in grund}


def einwohner(seed: int) -> dict[tuple[date, str, int, str], int]:
    """Return people by (Stichtag, gebiet_id, Altersjahr, Geschlecht); the city is the exact sum.

    A large cohort stays large while it ages, so that a count tells of the next.
    """
    grund = _grundgewichte()
    groesse = _jahrgangsgroessen(Wuerfel(seed, "bevoelkerung"), grund)
    zug = Wuerfel(seed, "wanderung")
    zahl: dict[tuple[date, str, int, str], int] = {}
    for tag, insgesamt in EINWOHNER_STICHTAGE.items():
        juenger = HEUTE - tag.year if tag.month == 12 else 0
        roh = {}
        for (raum, alter, g), wert in grund.items():
            jahrgang = groesse[raum, min(max(alter + juenger, 0), ALTERSJAHRE[-1]), g]
            roh[raum, alter, g] = wert * jahrgang * _gezogen(raum, alter, juenger, zug)
        zahl |= _gezaehlt(tag, insgesamt, roh)
    return zahl


def _gezogen(raum: str, alter: int, juenger: int, zug: Wuerfel) -> float:
    """Return how many of the people of *HEUTE* lived there *juenger* years before."""
    if not juenger:
        return 1.0
    familien = FAMILIENZUZUG.get(raum, 0.0) if alter in FAMILIEN else 0.0
    return (1 - familien * juenger) * (1 + WANDERUNG * zug.normal())


def planungsstand(seed: int) -> dict[tuple[date, str, int, str], int]:
    """Return the people for whom the places in day care were planned, as :func:`einwohner` does."""
    grund = _grundgewichte()
    groesse = _jahrgangsgroessen(Wuerfel(seed, "bevoelkerung"), grund)
    return _gezaehlt(*PLANUNGSSTAND, {k: w * groesse[k] for k, w in grund.items()})


def _gezaehlt(
    tag: date, insgesamt: int, gewichte: Gewichte
) -> dict[tuple[date, str, int, str], int]:
    summe = sum(gewichte.values())
    zahl: dict[tuple[date, str, int, str], int] = {}
    for (raum, alter, geschlecht), gewicht in gewichte.items():
        menschen = round(insgesamt * gewicht / summe)
        zahl[tag, raum, alter, geschlecht] = menschen
        stadt = zahl.get((tag, STADT_ID, alter, geschlecht), 0)
        zahl[tag, STADT_ID, alter, geschlecht] = stadt + menschen
    return zahl
