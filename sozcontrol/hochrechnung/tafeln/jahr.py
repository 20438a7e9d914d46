"""The forecast of the year: by series, its parts, the ways to the total."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np

from sozcontrol.forecast.methoden.einfach import NAMEN
from sozcontrol.forecast.prognose.hochrechnung import ABGLEICH, Hochrechnung
from sozcontrol.forecast.prognose.ruecktest import Ruecktest
from sozcontrol.hochrechnung.prognosestand import Prognosestand, prognosestand
from sozcontrol.hochrechnung.quellen.panel import Ebene, Seite
from sozcontrol.hochrechnung.tafeln.bau import (
    abweichung,
    grundlage,
    in_euro,
    ist,
    je_reihe,
    summentafel,
    verlauf,
    vorjahr,
)
from sozcontrol.hochrechnung.tafeln.verfahren import verfahrenssatz
from sozcontrol.hochrechnung.tafelteile import Zeile, prozent
from sozcontrol.measures.aufstellungen import Aufstellung
from sozcontrol.measures.zaehlwerk.lieferung import Stadtlieferung


def hochrechnung(
    daten: Stadtlieferung, ebene: Ebene = "produktgruppe", *, stichtag: date | None = None,
    seite: Seite = "aufwand",
) -> Aufstellung:  # fmt: skip
    """F05 and F06 by series: budget, actual, forecast, interval, deviation and the method.

    ``ansatz_eur`` and last year's result, ``vorjahr_eur``, are always shown.
    ``unten_eur`` and ``oben_eur`` are the interval, ``grundlage`` what it rests on. ``wort`` says
    whether the budget becomes worse or better, by the amounts of the deviation.
    """
    stand = prognosestand(daten, ebene, stichtag=stichtag, seite=seite)

    def zeile(h: Hochrechnung) -> Zeile:
        ansatz = h.alternativen.get("M0")
        return {
            "ansatz_eur": ansatz,
            "vorjahr_eur": vorjahr(stand, h.reihe),
            "ist_eur": ist(stand, h.reihe),
            "hochrechnung_eur": h.wert,
            "unten_eur": in_euro(h.spanne.unten),
            "oben_eur": in_euro(h.spanne.oben),
            "grundlage": grundlage(h.spanne),
            **abweichung(h.wert, ansatz, seite),
            "methode": NAMEN.get(h.methode, h.grund),
        }

    return je_reihe(stand, zeile, f"Hochrechnung {seite}")


def teile(
    daten: Stadtlieferung, ebene: Ebene = "produktgruppe", *, stichtag: date | None = None,
    seite: Seite = "aufwand",
) -> Aufstellung:  # fmt: skip
    """What each forecast is made of: the actual, what is still expected, the reconciliation.

    The three add up to the forecast; ``einmalig_eur`` is contained in the actual and is not carried
    on. ``verfahren`` says in words where the rest comes from.
    """
    stand = prognosestand(daten, ebene, stichtag=stichtag, seite=seite)

    def zeile(h: Hochrechnung) -> Zeile:
        einmal = float(verlauf(stand, h.reihe, "einmalig")[-1])
        return {
            **_bestandteile(stand, h),
            "einmalig_eur": in_euro(einmal) if einmal else None,
            "hochrechnung_eur": h.wert,
            "verfahren": verfahrenssatz(stand, h),
        }

    signs = {"hochrechnung_eur": 1, "ist_eur": -1, "rest_eur": -1, "abgleich_eur": -1}
    return je_reihe(stand, zeile, f"Teile {seite}", gleichungen=(signs,))


def _bestandteile(stand: Prognosestand, h: Hochrechnung) -> dict[str, Decimal | None]:
    gebucht = ist(stand, h.reihe)
    um = sum((w for name, w in h.teile if name == ABGLEICH), Decimal(0))
    offen = None if h.wert is None else h.wert - um - (gebucht or 0)
    return {"ist_eur": gebucht, "rest_eur": offen, "abgleich_eur": um or None}


def wege_zur_summe(
    daten: Stadtlieferung, ebene: Ebene = "produktgruppe", *, stichtag: date | None = None,
    seite: Seite = "aufwand",
) -> Aufstellung:  # fmt: skip
    """The total three ways: sum of the parts, forecast directly, reconciled; with their errors."""
    stand = prognosestand(daten, ebene, stichtag=stichtag, seite=seite)
    direkt, test, p = stand.prognose.direkt, stand.prognose.test, stand.panel
    summe = len(test.reihen) - 1
    rows = []
    for name, quelle, aus_teilen in (
        ("Summe der Teile", direkt, True),
        ("direkt hochgerechnet", direkt, False),
        ("abgeglichen (gezeigt)", test, False),
    ):
        wert, fehler, n = _summenrekord(quelle, summe, p.jahr, aus_teilen)
        rows.append(
            {"weg": name, "summe_eur": in_euro(wert), "jahre": n, "wape_pct": prozent(fehler)}
        )
    return summentafel(stand, rows, ("weg", "summe_eur", "jahre", "wape_pct"), "Wege zur Summe")


def _summenrekord(
    test: Ruecktest, summe: int, jahr: int, aus_teilen: bool
) -> tuple[float, float | None, int]:
    """Return this year's total, the weighted error of past totals, and how many there were."""
    werte, ergebnisse = {}, {}
    for j in sorted(set(test.jahr.tolist())):
        ganz = (test.jahr == j) & (test.nummer == summe)
        # A single series is its own total.
        rows = (test.jahr == j) & (test.nummer != summe) if aus_teilen and summe else ganz
        werte[j] = float(np.nansum(test.gewaehlt[rows]))
        ergebnisse[j] = float(test.ergebnis[ganz][0]) if ganz.any() else float("nan")
    frueher = [j for j in werte if j < jahr and np.isfinite(ergebnisse[j]) and werte[j]]
    nenner = sum(abs(ergebnisse[j]) for j in frueher)
    weg = sum(abs(werte[j] - ergebnisse[j]) for j in frueher)
    return werte.get(jahr, float("nan")), weg / nenner if nenner else None, len(frueher)
