"""Payments due on the first of a month come early when that day is no working day.

Benefits for April are then booked in March: the actual at the end of March holds a month more than
last year's, and every method that compares the two repeats the error (calendar effects as in the
seasonal adjustment of official statistics). How much of a series moves with the calendar is learnt
from its own past, and only where the past is of one mind about it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sozcontrol.forecast.methoden.glaettung import brauchbar, gegen_jahresmittel
from sozcontrol.forecast.reihe import Floats, Kenntnis

VERGLEICHE = 12
"""Comparisons a share needs; they share their months, so a few are soon of one mind by chance."""
EINIG = 0.25
"""Part of the comparisons that may show nothing, or the contrary."""
MINDESTENS = 0.1
"""Part of a period's amount from which it is worth moving: less is as likely chance."""


def bereinigt(k: Kenntnis) -> Kenntnis:
    """Return *k* as if every payment were booked in the month that it is for.

    What was moved so far stands in ``vorgezogen``, what will be moved in the whole year in
    ``vorgezogen_jahr``. Without a calendar, or where nothing moves with it, *k* itself.
    """
    anteil = vorgezogener_anteil(k)
    if not anteil:
        return k
    bewegt = _bewegt(k, anteil)
    bisher, ganz = bewegt[:, : k.periode].sum(axis=1), bewegt.sum(axis=1)
    return replace(
        k,
        ist=k.ist - float(bisher[-1]),
        ist_frueher=k.ist_frueher - bisher[:-1],
        ergebnisse=k.ergebnisse - ganz[:-1],
        fluesse=k.fluesse - bewegt.ravel()[: len(k.fluesse)],
        vorgezogen=float(bisher[-1]),
        vorgezogen_jahr=float(ganz[-1]),
    )


def _bewegt(k: Kenntnis, anteil: float) -> Floats:
    """Return (n+1, P) the amount each period of all years gained, what it lost taken off.

    A payment that moves is *anteil* of the mean amount of its year, of the same sign and never
    more than what is booked in the period it has moved to.
    """
    n = len(k.ergebnisse) + 1
    erste = (k.jahr + 1 - n) * k.perioden
    betrag = np.repeat(_monatsbetrag(k), k.perioden)
    seite = np.where(betrag < 0, -1.0, 1.0)
    hoechstens = np.full(len(betrag), np.inf)
    bekannt = np.isfinite(k.fluesse)
    gebucht = seite[: len(k.fluesse)] * k.fluesse
    hoechstens[: len(k.fluesse)] = np.where(bekannt, np.maximum(gebucht, 0), np.inf)
    vor = seite * np.minimum(anteil * np.abs(betrag), hoechstens)
    vor = vor * _frei(k, erste + 1, len(betrag))
    vor = np.where(np.isfinite(vor), vor, 0.0)
    davor = anteil * betrag[0] * _frei(k, erste, 1)  # nothing is known of the period before
    return np.diff(np.append(np.nan_to_num(davor), vor)).reshape(n, k.perioden)


def _frei(k: Kenntnis, ab: int, anzahl: int) -> Floats:
    """Return of *anzahl* periods from *ab* on 1 where the first day is no working day, else 0."""
    return np.array([p in k.frei for p in range(ab, ab + anzahl)], dtype=float)


def vorgezogener_anteil(k: Kenntnis) -> float:
    """Return the part of a period's amount that moves with the calendar: 0, or 0.1 to 1.

    The same period of two years is compared, each as a multiple of the year around it; the median
    of all such slopes (Theil 1950, Sen 1968) feels neither season nor single payments. Where more
    than a quarter of them show the contrary nothing is believed to move.
    """
    if not k.frei:
        return 0.0
    reihe = brauchbar(k.fluesse, k)
    verhaeltnis = gegen_jahresmittel(reihe, k.perioden)
    if verhaeltnis is None:
        return 0.0
    erste, rand = k.jahr * k.perioden + k.periode - len(reihe), k.perioden // 2
    moment = erste + np.arange(len(reihe))[rand:-rand]
    bewegt = np.diff(_frei(k, erste, len(reihe) + 1))[rand:-rand]  # gained the next, lost its own
    a, b = np.triu_indices(len(moment), 1)
    paar = (moment[a] % k.perioden == moment[b] % k.perioden) & (bewegt[a] != bewegt[b])
    if paar.sum() < VERGLEICHE:
        return 0.0
    steigung = (verhaeltnis[a] - verhaeltnis[b])[paar] / (bewegt[a] - bewegt[b])[paar]
    if np.quantile(steigung, EINIG) <= 0:
        return 0.0
    anteil = min(float(np.median(steigung)), 1.0)
    return anteil if anteil >= MINDESTENS else 0.0


def _monatsbetrag(k: Kenntnis) -> Floats:
    """Return (n+1,) the mean amount of a period of each earlier year, and of the last P periods."""
    frueher = np.where(
        np.isfinite(k.ergebnisse), k.ergebnisse / k.perioden, k.ist_frueher / k.periode
    )
    zuletzt = k.fluesse[-k.perioden :]
    jetzt = zuletzt.mean() if np.isfinite(zuletzt).all() else k.ist / k.periode
    return np.append(frueher, jetzt)
