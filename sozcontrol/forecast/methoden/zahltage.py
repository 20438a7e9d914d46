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

VERGLEICHE = 6
"""Comparisons a share needs."""
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
    jahre = np.arange(k.jahr - len(k.ergebnisse), k.jahr + 1)
    bewegt = anteil * _monatsbetrag(k)[:, None] * verschiebungen(k, jahre)
    bewegt = np.where(np.isfinite(bewegt), bewegt, 0.0)
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


def verschiebungen(k: Kenntnis, jahre: np.ndarray) -> Floats:
    """Return (n, P) how many payments each period gains: 1 the next one's, −1 its own lost."""
    frei = [[j * k.perioden + p in k.frei for p in range(k.perioden + 1)] for j in jahre]
    return np.diff(np.array(frei, dtype=float), axis=1)


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
    letzte = k.jahr * k.perioden + k.periode - 1
    perioden = letzte + 1 - len(reihe) + np.arange(len(reihe))
    jahre = np.arange(perioden[0] // k.perioden, k.jahr + 1)
    alle = verschiebungen(k, jahre).ravel()[perioden - jahre[0] * k.perioden]
    rand = k.perioden // 2
    moment, bewegt = perioden[rand:-rand], alle[rand:-rand]
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
