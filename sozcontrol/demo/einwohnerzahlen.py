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


def _gewichte(wuerfel: Wuerfel) -> dict[tuple[str, int, str], float]:
    """Return the share of every (Sozialraum, age, sex); noise is drawn once: years are smooth."""
    roh = {}
    for raum in SOZIALRAEUME:
        for alter in ALTERSJAHRE:
            jugend = raum.jugend if alter < 21 else 1.0
            for geschlecht in ("m", "w"):
                schief = 0.512 if alter < 50 else 0.5 - (alter - 50) * 0.004
                anteil = schief if geschlecht == "m" else 1 - schief
                rauschen = 1 + 0.06 * wuerfel.normal()
                wert = raum.anteil * jugend * _haeufigkeit(alter) * anteil * rauschen
                roh[raum.id, alter, geschlecht] = max(0.0, wert)
    summe = sum(roh.values())
    return {k: v / summe for k, v in roh.items()}


def einwohner(seed: int) -> dict[tuple[date, str, int, str], int]:
    """Return people by (Stichtag, gebiet_id, Altersjahr, Geschlecht); the city is the exact sum."""
    gewichte = _gewichte(Wuerfel(seed, "bevoelkerung"))
    zahl: dict[tuple[date, str, int, str], int] = {}
    for tag, insgesamt in EINWOHNER_STICHTAGE.items():
        for alter in ALTERSJAHRE:
            for geschlecht in ("m", "w"):
                stadt = 0
                for raum in SOZIALRAEUME:
                    menschen = round(insgesamt * gewichte[raum.id, alter, geschlecht])
                    zahl[tag, raum.id, alter, geschlecht] = menschen
                    stadt += menschen
                zahl[tag, STADT_ID, alter, geschlecht] = stadt
    return zahl
