"""M6: cases × cost per occupied period, with agreed increases as dated assumptions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sozcontrol.forecast.ergaenzung import ergaenzung, noch_nicht_abgerechnet
from sozcontrol.forecast.glaettung import MINDESTENS, fortschreiben
from sozcontrol.forecast.methoden import Wert, ergibt, fehlt
from sozcontrol.forecast.reihe import Floats, Kenntnis

PREISFENSTER = 3
"""Periods from which the present cost of a case is taken."""


@dataclass(frozen=True)
class Entgelt:
    """An agreed change of the cost per case from a period on; ``anteil`` 0.04 means +4 %."""

    jahr: int
    periode: int
    anteil: float
    text: str = ""


@dataclass(frozen=True)
class Annahmen:
    """Dated assumptions of one scenario: increases, and places more (or fewer) from a period on."""

    name: str = "Basis"
    entgelte: tuple[Entgelt, ...] = ()
    plaetze: tuple[tuple[int, int, float], ...] = ()  # (year, period, more occupied periods)


def treiber(k: Kenntnis) -> Wert:
    """M6: the completed actual plus expected volume × expected cost of each coming period.

    The volume follows its smoothed course (36 periods), else it stays; the cost per unit is that
    of the last three periods. ``k.extra["annahmen"]`` adds dated assumptions, and
    ``k.extra["mengen"]`` replaces the volume of the coming periods (stock-flow, M9).
    """
    menge, kosten = k.mengen[_fenster(k)], _kosten(k)[_fenster(k)]
    if not (np.isfinite(menge).all() and np.isfinite(kosten).all() and np.isfinite(k.ist)):
        return fehlt("M6", "Fallzahlen oder Kosten der letzten Perioden fehlen.")
    if menge.sum() <= 0:
        return fehlt("M6", "In den letzten Perioden gab es keine Fälle.")
    preis = float(kosten.sum() / menge.sum())
    annahmen = k.extra.get("annahmen")
    annahmen = annahmen if isinstance(annahmen, Annahmen) else Annahmen()
    mengen = kommende_mengen(k)
    mehr = np.zeros(len(mengen))
    for jahr, periode, plaetze in annahmen.plaetze:
        mehr += plaetze * _ab(jahr, periode, k)
    index = preisindex(k, annahmen.entgelte)
    teile = [
        ("Ist", k.ist),
        *noch_nicht_abgerechnet(k),
        ("Fälle × heutige Kosten", float(mengen.sum() * preis)),
        ("Entgelte", float((mengen * (index - 1)).sum() * preis)),
    ]
    if annahmen.plaetze:
        teile.append(("mehr oder weniger Plätze", float((mehr * index).sum() * preis)))
    return ergibt("M6", teile, "Erwartete Fälle mal Kosten je Fall und Periode.", k)


def _fenster(k: Kenntnis) -> slice:
    return slice(-min(PREISFENSTER, k.periode), None)


def _kosten(k: Kenntnis) -> Floats:
    """Return the cost of each period: of its service where that is known, else as booked."""
    e = ergaenzung(k)
    return k.fluesse if e is None else e.endstand


def kommende_mengen(k: Kenntnis) -> Floats:
    """Return the expected volume of each coming period of the year."""
    horizont = k.perioden - k.periode
    gesetzt = k.extra.get("mengen")
    if isinstance(gesetzt, np.ndarray):
        assert len(gesetzt) == horizont, "one volume for each coming period"
        return gesetzt
    luecken = np.flatnonzero(~np.isfinite(k.mengen))
    verlauf = k.mengen[(luecken[-1] + 1 if len(luecken) else 0) :]
    if len(verlauf) < MINDESTENS:
        return np.full(horizont, float(verlauf[-PREISFENSTER:].mean()))
    return np.maximum(fortschreiben(verlauf[-60:], horizont), 0.0)


def preisindex(k: Kenntnis, entgelte: Sequence[Entgelt]) -> Floats:
    """Return per coming period the product of the increases that start after the price window.

    An increase that already lies in the window counts for the part it is missing there.
    """
    index = np.ones(k.perioden - k.periode)
    n = min(PREISFENSTER, k.periode)
    for e in entgelte:
        jetzt = k.jahr * k.perioden + k.periode
        start = e.jahr * k.perioden + e.periode
        enthalten = float(np.clip(jetzt - start + 1, 0, n)) / n
        index *= np.where(_ab(e.jahr, e.periode, k), (1 + e.anteil) / (1 + e.anteil * enthalten), 1)
    return index


def _ab(jahr: int, periode: int, k: Kenntnis) -> np.ndarray:
    kommende = k.jahr * k.perioden + np.arange(k.periode + 1, k.perioden + 1)
    return (kommende >= jahr * k.perioden + periode).astype(float)
