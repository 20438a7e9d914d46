"""The interval of each forecast of a back-test, from nothing but earlier errors."""

from __future__ import annotations

import numpy as np

from sozcontrol.forecast.prognose.intervall import MINDESTENS, OHNE_SPANNE, Spanne, spanne
from sozcontrol.forecast.prognose.kombination import BODEN, typischer_fehler
from sozcontrol.forecast.prognose.protokoll import Ruecktest
from sozcontrol.forecast.reihe import Floats

BREITE_JAHRE = 10.0
"""Years after which a series' own scale of error counts as much as that of all: from a few errors
a scale is learnt badly, and one lucky year would make all later spans too narrow."""


def intervall(
    test: Ruecktest, r: int, frueher: np.ndarray, gewaehlt: Floats, eigen: np.ndarray
) -> None:
    """Set scale and interval of row *r* from the errors of the rows *frueher*.

    *gewaehlt* (n,) are their relative errors, NaN where not known then; *eigen* (n,) says which of
    them are of the same series.
    """
    gut = np.isfinite(gewaehlt)
    if not gut.any() or not np.isfinite(test.massstab[r]):
        return
    pool = np.array([max(float(np.median(gewaehlt[gut])), BODEN)])
    test.breite[r] = typischer_fehler(gewaehlt[eigen][:, None], pool, BREITE_JAHRE)[0]
    punkte, breite = gewaehlt / test.breite[frueher], test.breite[r]
    if np.isfinite(punkte).sum() < MINDESTENS:  # the first years: plain relative errors
        punkte, breite = gewaehlt, 1.0
    weite, stufe = breite * test.massstab[r], float(test.stufe[r])
    test.spannen[r] = spanne(test.gewaehlt[r], weite, punkte, test.niveau, stufe)


def getroffen(test: Ruecktest, rows: np.ndarray, wahr: Floats) -> Floats:
    """Return 1 or 0 for each past interval that promised something, else NaN."""
    spannen = [test.spannen[r] for r in rows]
    enden = [(s.unten, s.oben) if s.niveau else (None, None) for s in spannen]
    unten, oben = np.array(enden, dtype=float).reshape(-1, 2).T
    return np.where(np.isfinite(unten + wahr), (unten <= wahr) & (wahr <= oben), np.nan)


def methodenspanne(test: Ruecktest, r: int, methode: str) -> Spanne:
    """Return the interval of one method's answer in row *r*, from that method's own past errors.

    Of similar series at the same point of the year, relative to their size; without an answer or
    an error before there is none.
    """
    wert, frueher = test.spalte(methode)[r], test.aehnliche(r)
    if not np.isfinite(wert) or not np.isfinite(test.massstab[r]):
        return OHNE_SPANNE
    wahr = test.damals_bekannt(frueher, int(test.jahr[r]), int(test.periode[r]))
    fehler = np.abs(test.spalte(methode)[frueher] - wahr) / test.massstab[frueher]
    return spanne(float(wert), float(test.massstab[r]), fehler, test.niveau)
