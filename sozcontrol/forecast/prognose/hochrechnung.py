"""The forecast of one year for all products and their total, each with parts and record."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

import numpy as np

from sozcontrol.errors import UsageError
from sozcontrol.forecast.methoden.alle import STANDARD
from sozcontrol.forecast.methoden.einfach import Methode, prozent
from sozcontrol.forecast.prognose.abgleich import abgleichen, mit_summe
from sozcontrol.forecast.prognose.alarm import WESENTLICH, Warnung, Wesentlich, warnung
from sozcontrol.forecast.prognose.auswertung import als_schwelle, zeugnis
from sozcontrol.forecast.prognose.intervall import OHNE_SPANNE, Spanne
from sozcontrol.forecast.prognose.ruecktest import GESETZT, KLEIN, Ruecktest, Wissen, rueckrechnen
from sozcontrol.forecast.prognose.spannen import methodenspanne
from sozcontrol.forecast.prognose.zeugnis import Zeugnis, methodenname
from sozcontrol.forecast.reihe import Reihe

CENT = Decimal("0.01")
ABGLEICH = "Abgleich von Teilen und Summe"
"""Name of the part of a forecast that reconciles it with the others."""


@dataclass(frozen=True)
class Hochrechnung:
    """One forecast: ``wert`` is exactly the sum of ``teile``; without it ``grund`` says why.

    ``alternativen`` are all methods' values by id (M0 and M1 are always worth printing beside it),
    ``alternativspannen`` their intervals, each from that method's own past errors; of the chosen
    method the one that is shown, before parts and total are reconciled. ``warnung`` says how likely
    the budget is missed; without a budget there is none.
    """

    reihe: str
    jahr: int
    periode: int
    methode: str
    wert: Decimal | None
    teile: tuple[tuple[str, Decimal], ...]
    satz: str
    grund: str
    spanne: Spanne
    zeugnis: Zeugnis
    alternativen: Mapping[str, Decimal]
    alternativspannen: Mapping[str, Spanne]
    warnung: Warnung | None = None


@dataclass(frozen=True)
class Prognose:
    """The forecasts of one year beside the back-test they are judged by.

    ``test`` holds the forecasts as they are shown, parts and total reconciled; ``direkt`` the same
    before that, so that the record of both ways to the total can be told apart.
    """

    hochrechnungen: tuple[Hochrechnung, ...]
    test: Ruecktest
    direkt: Ruecktest


def hochrechnen(
    reihen: Sequence[Reihe],
    jahr: int,
    periode: int,
    *,
    summe: str | None = "Summe",
    methoden: Mapping[str, Methode] = STANDARD,
    niveau: float = 0.8,
    wissen: Wissen | None = None,
) -> tuple[Hochrechnung, ...]:
    """Return the forecast of *jahr* at the end of *periode*, one a series, the total last.

    With *summe* the total is forecast directly too, and both are reconciled by their records.

    Raises:
        UsageError: No series knows the year.
    """
    return prognostizieren(
        reihen, jahr, periode, summe=summe, methoden=methoden, niveau=niveau, wissen=wissen
    ).hochrechnungen


def prognostizieren(
    reihen: Sequence[Reihe],
    jahr: int,
    periode: int,
    *,
    summe: str | None = "Summe",
    methoden: Mapping[str, Methode] = STANDARD,
    niveau: float = 0.8,
    wissen: Wissen | None = None,
    wesentlich: float | Wesentlich = WESENTLICH,
    ansatz_vollstaendig: bool = False,
    klein: float = KLEIN,
) -> Prognose:
    """Return :func:`hochrechnen`'s forecasts together with their back-test.

    ``wesentlich`` says which deviation from the budget is material (a share, or more); the record
    counts the alarms at this threshold. ``ansatz_vollstaendig``: see :func:`summenreihe`.
    ``klein``: see :func:`rueckrechnen`.
    """
    teile = [_bis(r, jahr) for r in reihen if r.jahre[0] <= jahr <= r.jahre[-1]]
    if not teile:
        raise UsageError(
            f"Für {jahr} gibt es keine Reihe.", wo="jahr", tun="Jahr der Daten angeben."
        )
    panel = mit_summe(teile, summe, ansatz_vollstaendig=ansatz_vollstaendig)
    direkt = rueckrechnen(
        panel, [periode], methoden=methoden, niveau=niveau, wissen=wissen, klein=klein
    )
    summiert = len(panel) > len(teile)
    test = abgeglichen(direkt) if summiert else direkt
    einzeln = [_eine(test, direkt, i, jahr, periode, wesentlich) for i in range(len(panel))]
    if summiert:
        einzeln[-1] = _auf_den_cent(einzeln[-1], einzeln[:-1])
    return Prognose(tuple(einzeln), test, direkt)


def _bis(reihe: Reihe, jahr: int) -> Reihe:
    n = int(jahr - reihe.jahre[0]) + 1
    stand, einmalig_stand = reihe.stand, reihe.einmalig_stand
    return replace(
        reihe,
        jahre=reihe.jahre[:n],
        ist=reihe.ist[:n],
        ergebnis=reihe.ergebnis[:n],
        ansatz=reihe.ansatz[:n],
        fortgeschrieben=reihe.fortgeschrieben[:n],
        plan=reihe.plan[:n],
        menge=reihe.menge[:n],
        einmalig=reihe.einmalig[:n],
        fremd=reihe.fremd[:n],
        stand=None if stand is None else stand[:n, :n],
        einmalig_stand=None if einmalig_stand is None else einmalig_stand[:n, :n],
    )


def euro(wert: float) -> Decimal:
    """Return an amount in whole cents, half up."""
    return Decimal(repr(float(wert))).quantize(CENT, ROUND_HALF_UP)


def abgeglichen(test: Ruecktest) -> Ruecktest:
    """Return a back-test whose last series, the total, is the sum of the others at every origin.

    Intervals move with their forecast. What was learnt from past errors is not touched.
    """
    neu = copy.copy(test)
    neu.gewaehlt, neu.spannen = test.gewaehlt.copy(), list(test.spannen)
    neu.verteilungen, neu.chancen = list(test.verteilungen), {}
    summe = len(test.reihen) - 1
    for jahr, periode in sorted(set(zip(test.jahr.tolist(), test.periode.tolist(), strict=True))):
        rows = np.flatnonzero(
            (test.jahr == jahr) & (test.periode == periode) & np.isfinite(test.gewaehlt)
        )
        teile, ganz = rows[test.nummer[rows] != summe], rows[test.nummer[rows] == summe]
        if len(teile) and len(ganz):
            _ausgleichen(test, neu, teile, int(ganz[0]))
    return neu


def _ausgleichen(test: Ruecktest, neu: Ruecktest, teile: np.ndarray, ganz: int) -> None:
    ergebnis = abgleichen(
        test.gewaehlt[teile],
        np.array([_streuung(test, int(r)) for r in teile]),
        float(test.gewaehlt[ganz]),
        _streuung(test, ganz),
    )
    for r, wert in [*zip(teile, ergebnis.teile, strict=True), (ganz, ergebnis.summe)]:
        um, s = float(wert) - float(test.gewaehlt[r]), test.spannen[r]
        neu.gewaehlt[r] = wert
        if (v := test.verteilungen[r]) is not None:
            neu.verteilungen[r] = v.um(um)
        if s.unten is not None and s.oben is not None:
            neu.spannen[r] = Spanne(s.unten + um, s.oben + um, s.niveau, s.n)


def _streuung(test: Ruecktest, r: int) -> float:
    """Return the typical error of a row in the series' unit; without a record a tenth.

    A small product is not forecast but set: what its budget or last year says stays.
    """
    if test.klein_ist(r) and test.methoden[test.wahl[r]] in GESETZT:
        return 0.0
    breite = test.breite[r] if np.isfinite(test.breite[r]) else 0.1
    massstab = test.massstab[r] if np.isfinite(test.massstab[r]) else 0.0
    return float(breite * massstab)


def _eine(
    test: Ruecktest,
    direkt: Ruecktest,
    i: int,
    jahr: int,
    periode: int,
    wesentlich: float | Wesentlich,
) -> Hochrechnung:
    reihe = test.reihen[i]
    record = zeugnis(test, periode, reihe=reihe.name, bis=jahr, wesentlich=wesentlich)
    rows = np.flatnonzero((test.nummer == i) & (test.jahr == jahr))
    leer = OHNE_SPANNE
    if not len(rows) or test.wahl[rows[0]] < 0:
        grund = "Weder Ist noch Ansatz noch ein früheres Ergebnis ist bekannt."
        return Hochrechnung(
            reihe.name, jahr, periode, "", None, (), "", grund, leer, record, {}, {}
        )
    r = int(rows[0])
    methode = test.methoden[test.wahl[r]]
    antworten = {m: float(test.spalte(m)[r]) for m in test.methoden}
    bekannt = {m: w for m, w in antworten.items() if np.isfinite(w)}
    teile, satz = _teile(direkt, r, methode)
    wert, vorher = euro(test.gewaehlt[r]), euro(direkt.gewaehlt[r])
    genau = _genau(teile, vorher)
    if wert != vorher:
        genau = (*genau, (ABGLEICH, wert - vorher))
    return Hochrechnung(
        reihe=reihe.name,
        jahr=jahr,
        periode=periode,
        methode=methode,
        wert=wert,
        teile=genau,
        satz=satz,
        grund="",
        spanne=test.spannen[r],
        zeugnis=record,
        alternativen={m: euro(w) for m, w in bekannt.items()},
        alternativspannen={m: methodenspanne(test, r, m) for m in bekannt}
        | {methode: direkt.spannen[r]},
        warnung=warnung(test, r, als_schwelle(wesentlich)),
    )


def _teile(test: Ruecktest, r: int, methode: str) -> tuple[list[tuple[str, float]], str]:
    if methode != "M10":
        antwort = test.antworten[r][test.methoden.index(methode)]
        klein = f"Unter {test.klein:,.0f} € wird nicht hochgerechnet. ".replace(",", ".")
        return list(antwort.teile), (klein if test.klein_ist(r) else "") + antwort.satz
    gewichte = test.gewichte[r]
    staerkste = int(np.argmax(gewichte))
    satz = (
        f"Gewichteter Median aus {int((gewichte > 0).sum())} Methoden; am meisten zählt"
        f" »{methodenname(test.methoden[staerkste])}« ({prozent(float(gewichte[staerkste]))})."
    )
    ist, wert = test.ist(r), float(test.gewaehlt[r])
    if not np.isfinite(ist):
        return [("erwartet", wert)], satz
    return [("Ist", ist), ("erwarteter Rest", wert - ist)], satz


def _genau(teile: list[tuple[str, float]], wert: Decimal) -> tuple[tuple[str, Decimal], ...]:
    """Return the parts in cents; the last one takes the rounding, so that they add up."""
    genau = [(name, euro(t)) for name, t in teile]
    rest = wert - sum((t for _, t in genau[:-1]), Decimal(0))
    return (*genau[:-1], (genau[-1][0], rest))


def _auf_den_cent(summe: Hochrechnung, teile: Sequence[Hochrechnung]) -> Hochrechnung:
    """Return the total as the exact sum of its parts: each part is rounded to the cent."""
    mit = [h.wert for h in teile if h.wert is not None]
    if summe.wert is None or not mit:
        return summe
    wert = sum(mit, Decimal(0))
    if wert == summe.wert:
        return summe
    name, letzter = summe.teile[-1]
    return replace(summe, wert=wert, teile=(*summe.teile[:-1], (name, letzter + wert - summe.wert)))
