"""What the office for maintenance advances reports a month: it follows the ledger to the cent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sozcontrol.demo.hauptbuch import Buchung
from sozcontrol.demo.wuerfel import Wuerfel
from sozcontrol.demo.zeit import HISTORIE_BIS, HISTORIE_VON, monate

LEISTUNG, ERSTATTUNG, RUECKGRIFF = "556100", "422100", "423100"
SATZ = {
    2020: (165, 220, 293), 2021: (174, 232, 309), 2022: (177, 236, 314),
    2023: (187, 252, 338), 2024: (230, 301, 395), 2025: (227, 299, 394),
}  # fmt: skip
"""Advance a child and month in euro, by year and age band."""
STUFEN = {"0–5": 0.30, "6–11": 0.38, "12–17": 0.32}
"""Age bands, and their share of the children."""
VERZUG = (0.38, 0.27, 0.16, 0.11, 0.08)
"""Of a month's receipts: for the current year, last year, and the years before."""
UNFAEHIG = {"0–5": 0.52, "6–11": 0.44, "12–17": 0.39}


@dataclass
class Uvgmonat:
    """One month, age band and year of service; amounts in cents."""

    monat: date
    altersstufe: str
    leistungsjahr: int
    zahlfaelle: int = 0
    gesamt: int = 0
    ausgaben: int = 0
    rueckgriff: int = 0
    rueckzahlung: int = 0
    erstattung: int = 0
    leistungsunfaehig: int = 0
    offen: int = 0


def aufgeteilt(betrag: int, gewichte: Iterable[float]) -> list[int]:
    """Divide cents by weights; the last part takes what rounding leaves."""
    weights = list(gewichte)
    parts = [int(betrag * w / sum(weights)) for w in weights]
    return [*parts[:-1], betrag - sum(parts[:-1])]


def uvg_monate(seed: int, buchungen: Iterable[Buchung]) -> list[Uvgmonat]:
    """Return all months: spending by month of service, income by month of booking."""
    geld = _monatsbetraege(buchungen)
    wuerfel = Wuerfel(seed, "unterhaltsvorschuss")
    forderung: Counter[tuple[str, int]] = Counter()
    zeilen: list[Uvgmonat] = []
    for monat in monate(HISTORIE_VON, HISTORIE_BIS):
        neu = _monat(wuerfel, monat, geld)
        for zeile in neu:
            key = (zeile.altersstufe, zeile.leistungsjahr)
            if monat == HISTORIE_VON and zeile.leistungsjahr < monat.year:
                forderung[key] = 60_000_000
            forderung[key] += zeile.ausgaben * 4 // 5 - zeile.rueckgriff
            zeile.offen = max(0, forderung[key])
        zeilen += neu
    return zeilen


def _monatsbetraege(buchungen: Iterable[Buchung]) -> Mapping[tuple[str, date], int]:
    summen: Counter[tuple[str, date]] = Counter()
    for b in buchungen:
        if b.produkt == "uvg":
            monat = b.leistungsmonat if b.konto == LEISTUNG else b.buchung_am.replace(day=1)
            if monat is not None:
                summen[b.konto, monat] += b.betrag
    return summen


def _monat(wuerfel: Wuerfel, monat: date, geld: Mapping[tuple[str, date], int]) -> list[Uvgmonat]:
    betrag = {k: geld.get((k, monat), 0) for k in (LEISTUNG, ERSTATTUNG, RUECKGRIFF)}
    saetze = dict(zip(STUFEN, SATZ[monat.year], strict=True))
    kosten = [STUFEN[s] * saetze[s] * wuerfel.spanne(0.98, 1.02) for s in STUFEN]
    # Who can't pay gives nothing back.
    zahlbar = [k * (1 - UNFAEHIG[s]) for k, s in zip(kosten, STUFEN, strict=True)]
    teile = {k: aufgeteilt(b, zahlbar if k == RUECKGRIFF else kosten) for k, b in betrag.items()}
    zeilen: list[Uvgmonat] = []
    for i, stufe in enumerate(STUFEN):
        jahre = [Uvgmonat(monat, stufe, monat.year - zurueck) for zurueck in range(len(VERZUG))]
        # In January nobody has paid for the new year yet.
        gewicht = (VERZUG[0] * monat.month / 6, *VERZUG[1:])
        for zeile, teil in zip(jahre, aufgeteilt(teile[RUECKGRIFF][i], gewicht), strict=True):
            zeile.rueckgriff = teil
        jetzt = jahre[0]
        jetzt.ausgaben, jetzt.erstattung = teile[LEISTUNG][i], teile[ERSTATTUNG][i]
        jetzt.zahlfaelle = round(jetzt.ausgaben / 100 / saetze[stufe])
        jetzt.rueckzahlung = round(jetzt.ausgaben * wuerfel.spanne(0.002, 0.006))
        anteil = UNFAEHIG[stufe] * wuerfel.spanne(0.97, 1.03)
        jetzt.leistungsunfaehig = round(jetzt.zahlfaelle * anteil)
        zeilen += jahre
    gesamt = sum(z.zahlfaelle for z in zeilen)
    for zeile in zeilen:
        zeile.gesamt = gesamt
    return zeilen
