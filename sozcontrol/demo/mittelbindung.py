"""What is ordered or blocked on a Stichtag, and the whole city's result month by month."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal

from sozcontrol.demo.budget import Budgetzeile
from sozcontrol.demo.hauptbuch import Buchung
from sozcontrol.demo.kanonisch import Gesamtzeile, Obligozeile
from sozcontrol.demo.produkte import PRODUKTE, ist_aufwand
from sozcontrol.demo.zeit import HISTORIE_VON, monate, monatsletzter

# Tenths of a per cent of the yearly Ansatz that are ordered for each month still to come.
_BESTELLT = {
    ("kita", "541900"): 21, ("kita", "524100"): 34, ("ktp", "557100"): 9, ("p34", "555200"): 6,
    ("p31", "555100"): 11, ("teilhabe", "553100"): 4, ("but", "558100"): 15,
}  # fmt: skip
_UEBRIGE = 20_300_000_00
"""Cents the rest of the city spends in a month of 2020: staff, schools, roads, levies."""
_WACHSTUM = 0.035
_ERTRAGSQUOTE = 1.04
"""Income of the rest of the city in parts of its expenses: taxes also carry the social budgets."""


def obligo(budget: tuple[Budgetzeile, ...], stichtag: date, stand: date) -> list[Obligozeile]:
    """Return ``obligo`` of the Stichtag: accounts of its year with an order or a Sperre."""
    ansatz: Counter[tuple[str, str]] = Counter()
    gesperrt: Counter[tuple[str, str]] = Counter()
    for z in budget:
        if z.jahr == stichtag.year and z.wirksam_ab <= stichtag and z.bekannt_ab <= stand:
            topf, zeichen = (gesperrt, -1) if z.art == "sperre" else (ansatz, 1)
            topf[z.produkt, z.konto] += zeichen * z.betrag
    lokal = {(PRODUKTE[p].nummer(stichtag.year), k): n for (p, k), n in _BESTELLT.items()}
    rest = 12 - stichtag.month
    bestellt = {key: ansatz[key] * n * rest // 1000 for key, n in lokal.items() if key in ansatz}
    return [
        {"jahr": stichtag.year, "produkt": p, "konto": k, "stand": stichtag,
         "bestellt_eur": _eur(bestellt.get((p, k), 0)), "gesperrt_eur": _eur(gesperrt[p, k])}
        for p, k in sorted({*bestellt, *gesperrt})
        if bestellt.get((p, k)) or gesperrt[p, k]
    ]  # fmt: skip


def gesamthaushalt(
    buchungen: tuple[Buchung, ...], budget: tuple[Budgetzeile, ...], stichtag: date, stand: date
) -> list[Gesamtzeile]:
    """Return ``gesamthaushalt``: the plan of each year, and its result by month of booking.

    Of a completed year also what was booked later, as far as *stand* knows it, as the ledger does.
    """
    bis = stand if stichtag == date(stichtag.year, 12, 31) else stichtag
    plan: Counter[tuple[int, bool]] = Counter()
    for z in budget:
        if z.art == "ansatz" and z.jahr <= stichtag.year:
            plan[z.jahr, ist_aufwand(z.konto)] += z.betrag
    ist: Counter[tuple[int, date, bool]] = Counter()
    for b in buchungen:
        monat = monatsletzter(max(b.buchung_am, date(b.haushaltsjahr, 1, 1)))
        if b.buchung_am <= stand and (ende := min(monat, stand)) <= bis:
            ist[b.haushaltsjahr, ende, ist_aufwand(b.konto)] += b.betrag
    zeilen = []
    for jahr in range(HISTORIE_VON.year, stichtag.year + 1):
        uebrige = round(_UEBRIGE * (1 + _WACHSTUM) ** (jahr - HISTORIE_VON.year))
        werte = (plan[jahr, True] + 12 * uebrige, plan[jahr, False] + _ertrag(12 * uebrige))
        zeilen.append(_zeile(jahr, "plan", date(jahr, 1, 1), *werte))
        enden = [monatsletzter(m) for m in monate(date(jahr, 1, 1), date(jahr, 12, 31))]
        spaet = {m for j, m, _ in ist if j == jahr and m.year > jahr}
        for ende in [e for e in enden if e <= stichtag] + sorted(spaet):
            rest = uebrige if ende.year == jahr else 0
            werte = (ist[jahr, ende, True] + rest, ist[jahr, ende, False] + _ertrag(rest))
            zeilen.append(_zeile(jahr, "ist", ende, *werte))
    return zeilen


def _zeile(jahr: int, art: str, stand: date, aufwand: int, ertrag: int) -> Gesamtzeile:
    return {"jahr": jahr, "art": art, "stand": stand, "aufwand_eur": _eur(aufwand),
            "ertrag_eur": _eur(ertrag)}  # fmt: skip


def _ertrag(aufwand: int) -> int:
    return round(aufwand * _ERTRAGSQUOTE)


def _eur(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)
