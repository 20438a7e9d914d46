"""Musterstadt among five invented neighbours: what three kinds of sources say of them.

The figures of the neighbours are thrown; those of the exchange are Musterstadt's own truth. Some
are missing, each in one of the ways of real sources.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from sozcontrol import catalogue
from sozcontrol.demo.einwohnerzahlen import STADT_ID
from sozcontrol.demo.kanonisch import Stadttabellen, Vergleichszeile
from sozcontrol.demo.wuerfel import Wuerfel

EIGEN = "00001000"
KOMMUNEN = {EIGEN: 115, "00002000": 108, "00003000": 99, "00004000": 172, "00005000": 218,
            "00006000": 214}  # fmt: skip
"""The ring by official key, with thousand residents."""
ERSTES_JAHR = 2019
_VIER = Decimal("0.0001")


@dataclass(frozen=True)
class Groesse:
    """One figure: its base per thousand residents, its usual value, and how the own one differs."""

    kennzahl: str
    definition: str
    basis: float
    wert: float
    faktor: int
    stellen: int
    eigen: float
    trend: float = 0.01


RING = (
    Groesse("L03", "ring-sgb12-2022", 5.2, 42, 100, 1, 0.87),
    Groesse("L04", "ring-sgb12-2022", 3.1, 12_400, 1, 0, 1.03, 0.04),
    Groesse("E04", "ring-sgb9-2020", 9.4, 21_500, 1, 0, 0.97, 0.03),
    Groesse("E07", "ring-sgb9-2020", 94.0, 5.2, 1000, 2, 1.1, 0.05),
    Groesse("H18", "ring-sgb8-2021", 14.0, 5_300, 1, 0, 1.07, 0.04),
    Groesse("H13", "ring-sgb8-2021", 2.1, 43, 100, 1, 0.93),
    Groesse("H39", "ring-sgb8-2021", 94.0, 6.1, 1000, 2, 1.15, 0.05),
    Groesse("B01", "ring-but-2019", 61.0, 58, 100, 1, 0.9),
    Groesse("B03", "ring-but-2019", 35.0, 310, 1, 0, 1.02, 0.02),
)
BERICHT = (
    Groesse("H11", "ring-sgb8-2021", 205.0, 21, 1000, 1, 1.05),
    Groesse("H36", "ring-sgb8-2021", 3.4, 1.9, 1, 2, 0.9),
)
"""Of these the source states values only."""
AMTLICH = (
    Groesse("Y01", "22221-01-01-4 Regelleistungsempfänger", 1000, 6.8, 1000, 0, 1.0, -0.04),
    Groesse("Y02", "22221-01-01-4 laufende Hilfe zum Lebensunterhalt", 1000, 1.6, 1000, 0, 1.1),
    Groesse("G01", "22151-01-02-4 außerhalb von Einrichtungen", 1000, 14.2, 1000, 0, 1.12, 0.03),
    Groesse("C02", "12411-01-01-4 insgesamt", 1000, 1000, 1000, 0, 1.0, 0.003),
)
AUSTAUSCH = (
    Groesse("U03", "", 21_000, 23, 100, 4, 1.0),
    Groesse("U02", "", 158, 88, 1000, 4, 1.0),
    Groesse("T01", "", 41, 95, 100, 4, 1.0, 0.0),
)
ZEICHEN = {("Y02", "00006000", 2024): "geheim", ("Y02", "00003000", 2022): "unsicher",
           ("C02", "00005000", 2021): "spaeter"}  # fmt: skip
NULL = ("Y02", "00002000", 2020)
"""Here the table says »-«: none."""
GEHEIM = ("T01", "00002000", 2023)
NICHT_ERHOBEN = ("H39", "00005000", 2022)
ANDERS = ("E04", "00004000")
"""A neighbour that counts otherwise, and says so."""


def vergleichswerte(seed: int, t: Stadttabellen, stichtag: date) -> list[Vergleichszeile]:
    """Return what is published by the Stichtag: the years before it."""
    jahre = range(max(ERSTES_JAHR, stichtag.year - 6), stichtag.year)
    zeilen = [
        _zeile(seed, g, quelle, ags, jahr, t)
        for quelle, groessen in (("ring", (*RING, *BERICHT)), ("amtlich", AMTLICH),
                                 ("austausch", AUSTAUSCH))
        for g in groessen
        for ags in KOMMUNEN
        for jahr in jahre
    ]  # fmt: skip
    return [z for z in zeilen if z]


def _zeile(
    seed: int, g: Groesse, quelle: str, ags: str, jahr: int, t: Stadttabellen
) -> Vergleichszeile | None:
    own = quelle == "austausch" and ags == EIGEN
    sums = _eigene(g.kennzahl, t, jahr) if own else _geworfen(seed, g, ags, jahr)
    if sums is None:
        return None
    above, below = sums
    places = Decimal(1).scaleb(-g.stellen)
    value = (above * g.faktor / below).quantize(places, ROUND_HALF_UP)
    counted = quelle == "amtlich"
    row: Vergleichszeile = {
        "ags": ags, "fuer_ags": EIGEN, "jahr": jahr, "kennzahl_id": g.kennzahl,
        "definition_id": g.definition or catalogue.definition_id(g.kennzahl), "quelle": quelle,
        "wert": above if counted else value, "zaehler": None if counted else above,
        "nenner": None if counted else below, "zeichen": None, "vergleichbar": True,
        "bemerkung": None,
    }  # fmt: skip
    if g in BERICHT:
        row["zaehler"] = row["nenner"] = None
    return _gestoert(row)


def _geworfen(seed: int, g: Groesse, ags: str, jahr: int) -> tuple[Decimal, Decimal]:
    town = Wuerfel(seed, f"vergleich/{g.kennzahl}/{ags}")
    spread = 0.02 if g.kennzahl == "C02" else 0.3
    usual = g.eigen if ags == EIGEN else 1 + spread * (town.anteil() - 0.5)
    year = Wuerfel(seed, f"vergleich/{g.kennzahl}/{ags}/{jahr}")
    below = round(KOMMUNEN[ags] * g.basis * (0.95 + 0.1 * town.anteil()))
    value = g.wert * usual * (1 + g.trend) ** (jahr - ERSTES_JAHR) * (0.98 + 0.04 * year.anteil())
    return Decimal(round(below * value / g.faktor)), Decimal(below)


def _gestoert(row: Vergleichszeile) -> Vergleichszeile:
    key = (row["kennzahl_id"], row["ags"], row["jahr"])
    if key in ZEICHEN:
        return row | {"wert": None, "zeichen": ZEICHEN[key]}
    if key == NULL:
        return row | {"wert": Decimal(0)}
    if key in (GEHEIM, NICHT_ERHOBEN):
        sign = "geheim_gehalten" if key == GEHEIM else "nicht_erhoben"
        row = row | {"zaehler": None, "nenner": None, "bemerkung": sign.replace("_", " ")}
        return row | {"wert": None, "zeichen": sign}
    if key[:2] == ANDERS:
        return row | {"vergleichbar": False, "bemerkung": "mit Leistungen der Pflegeversicherung"}
    return row


def _eigene(kennzahl: str, t: Stadttabellen, jahr: int) -> tuple[Decimal, Decimal] | None:
    """Return Musterstadt's own figures of 31.12., as its lists have them."""
    found = {"U02": _u02, "U03": _u03, "T01": _t01}[kennzahl](t, jahr)
    return found if found[0] else None


def _u02(t: Stadttabellen, jahr: int) -> tuple[Decimal, Decimal]:
    faelle = sum(z["zahlfaelle"] for z in t["uvg_monat"] if z["monat"] == date(jahr, 12, 1))
    kinder = sum(
        z["anzahl"] for z in t["einwohner"]
        if z["stichtag"] == date(jahr, 12, 31) and z["gebiet_id"] == STADT_ID
        and z["altersjahr"] < 18
    )  # fmt: skip
    return Decimal(faelle), Decimal(kinder)


def _u03(t: Stadttabellen, jahr: int) -> tuple[Decimal, Decimal]:
    year = [z for z in t["uvg_monat"] if z["monat"].year == jahr]
    zero = Decimal(0)
    return (sum((z["einnahmen_p7_eur"] for z in year), zero),
            sum((z["ausgaben_eur"] for z in year), zero))  # fmt: skip


def _t01(t: Stadttabellen, jahr: int) -> tuple[Decimal, Decimal]:
    day = date(jahr, 12, 31)
    kitas = {
        z["kita_id"]: z["plaetze"] for z in sorted(t["kita"], key=lambda z: z["gueltig_von"])
        if z["gueltig_von"] <= day and (z["gueltig_bis"] is None or z["gueltig_bis"] >= day)
        and z["traegerart"] != "tagespflege"
    }  # fmt: skip
    belegt = sum(
        z["belegt"] for z in t["kita_belegung"]
        if z["monat"] == date(jahr, 12, 1) and z["kita_id"] in kitas
    )  # fmt: skip
    return Decimal(belegt), Decimal(sum(kitas.values()))


def je(zeilen: list[Vergleichszeile], quelle: str) -> Iterator[Vergleichszeile]:
    """Yield the rows of one source."""
    yield from (z for z in zeilen if z["quelle"] == quelle)
