"""The budget of the Sozialräume, and the contacts of the social work it pays for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from sozcontrol.demo.einwohnerzahlen import SOZIALRAEUME
from sozcontrol.demo.kanonisch import (
    Kontaktzeile,
    Landesbudgetzeile,
    Personalzeile,
    Sozialraumbudgetzeile,
)
from sozcontrol.demo.wuerfel import Wuerfel
from sozcontrol.demo.zahlungen import Zahlung
from sozcontrol.demo.zeit import HISTORIE_VON

BESCHEID = {2020: 560, 2021: 590, 2022: 610, 2023: 640, 2024: 670, 2025: 700}
"""Money of the Land a year, in thousand euro."""
ZWECKE = {"ksa": 70, "ikf": 20, "sonst": 10}
"""What it is for, in percent."""
STEIGERUNG = 115
"""The budget of Hilfen, in percent of what last year had cost by its end (bills were missing)."""
KOSTEN, KEINE_HZE = ("leistung", "storno"), ("19", "20", "42")
DIMENSIONEN = {"fallspezifisch": 14, "falluebergreifend": 8, "fallunspezifisch": 5}
"""Contacts a month and centre, on average."""


def sozialraumbudget(seed: int, stichtag: date) -> list[Sozialraumbudgetzeile]:
    """Return all years as known on the Stichtag: earlier ones complete, this one so far."""
    zeilen: list[Sozialraumbudgetzeile] = []
    for jahr in range(HISTORIE_VON.year, stichtag.year + 1):
        stand = min(stichtag, date(jahr, 12, 31))
        for raum, zweck, zugewiesen in _zuweisungen(jahr):
            wuerfel = Wuerfel(seed, f"sozialraumbudget/{jahr}/{raum}/{zweck}")
            verplant, abruf = wuerfel.ganz(88, 100), wuerfel.ganz(85, 97)
            tage = (stand - date(jahr, 1, 1)).days + 1
            abgerufen = zugewiesen * verplant * abruf * tage // 3_660_000
            zeilen.append({
                "jahr": jahr, "gebiet_id": raum, "zweck": zweck, "gezaehlt_bis": stand,
                "zugewiesen_eur": Decimal(zugewiesen),
                "verplant_eur": Decimal(zugewiesen * verplant // 100),
                "abgerufen_eur": Decimal(abgerufen),
                "kofinanzierung_eur": Decimal(zugewiesen // 10),
                "bescheid_eur": Decimal(BESCHEID[jahr] * 1000),
            })  # fmt: skip
    return zeilen


def hilfenbudget(zahlungen: Iterable[Zahlung], stichtag: date) -> list[Sozialraumbudgetzeile]:
    """Return what each Sozialraum may spend on Hilfen: last year's cost, as its end knew it."""
    im_jahr, bisher = Counter[tuple[int, str | None]](), Counter[tuple[int, str | None]]()
    for z in zahlungen:
        wo = (z.von.year, z.hilfe.person.sozialraum)
        if z.art in KOSTEN and z.hilfe.hilfeart not in KEINE_HZE and z.buchung_am.year == wo[0]:
            im_jahr[wo] += z.betrag
            bisher[wo] += z.betrag if z.buchung_am <= stichtag else 0
    zeilen: list[Sozialraumbudgetzeile] = []
    for jahr in range(HISTORIE_VON.year + 1, stichtag.year + 1):
        stand = min(stichtag, date(jahr, 12, 31))
        for raum in SOZIALRAEUME:
            tausend = im_jahr[jahr - 1, raum.id] * STEIGERUNG // 10_000_000
            zeilen.append({
                "jahr": jahr, "gebiet_id": raum.id, "zweck": "hze", "gezaehlt_bis": stand,
                "zugewiesen_eur": Decimal(max(tausend, 10) * 1000),
                "verplant_eur": Decimal(max(tausend, 10) * 1000),
                "abgerufen_eur": Decimal(bisher[jahr, raum.id]) / 100,
                "kofinanzierung_eur": Decimal(0), "bescheid_eur": None,
            })  # fmt: skip
    return zeilen


def _zuweisungen(jahr: int) -> list[tuple[str, str, int]]:
    """Divide the year's money by need and purpose; the last one takes what rounding leaves."""
    raeume = [r for r in SOZIALRAEUME if r.bedarf > 1]
    gewichte = sum(r.bedarf * r.anteil for r in raeume)
    gesamt = BESCHEID[jahr] * 1000
    teile = [
        (r.id, zweck, int(gesamt * r.bedarf * r.anteil / gewichte) * prozent // 100)
        for r in raeume
        for zweck, prozent in ZWECKE.items()
    ]
    raum, zweck, letzter = teile[-1]
    return [*teile[:-1], (raum, zweck, letzter + gesamt - sum(t for _, _, t in teile))]


def kontakte(seed: int, personal: Iterable[Personalzeile]) -> list[Kontaktzeile]:
    """Return the contacts of every centre that has social work."""
    wuerfel = Wuerfel(seed, "kita-sozialarbeit")
    return [
        {"kita_id": z["kita_id"], "monat": z["monat"], "arbeitsdimension": dimension,
         "kontakte": wuerfel.poisson(mittel)}
        for z in personal
        if z["ksa_vzae"] > 0
        for dimension, mittel in DIMENSIONEN.items()
    ]  # fmt: skip


GEWICHTE = {"kinder": 40, "kinder_bg": 60}
"""Planted, in percent: by what the Land divides its budget. Invented, as is the Land."""
KINDER = {"kinder": (6_900, 262_000), "kinder_bg": (1_310, 34_500)}
"""Of the city and of its Land; every year a little more."""


def landesbudget(stichtag: date) -> list[Landesbudgetzeile]:
    """Return how the Land divides its money, so that the city's share is its ``BESCHEID``."""
    return [
        _landesmittel(jahr, merkmal)
        for jahr in range(HISTORIE_VON.year, stichtag.year + 1) for merkmal in GEWICHTE
    ]  # fmt: skip


def _landesmittel(jahr: int, merkmal: str) -> Landesbudgetzeile:
    kinder, land = (n + n * (jahr - HISTORIE_VON.year) // 200 for n in KINDER[merkmal])
    anteil = Decimal(BESCHEID[jahr] * 10 * GEWICHTE[merkmal])
    return {
        "gilt_von": date(jahr, 1, 1), "gilt_bis": date(jahr, 12, 31), "verteilmerkmal": merkmal,
        "landesmittel_eur": (anteil * land / kinder).quantize(Decimal("0.01")), "kinder": kinder,
        "kinder_land": land, "quelle": f"Bescheid des Landes {jahr}",
    }  # fmt: skip
