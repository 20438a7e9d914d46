"""Intervals from past errors: conformal with a finite-sample rank, and Wilson's for shares."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sozcontrol.forecast.reihe import VERTRAUEN, Floats

MINDESTENS = 8
"""With fewer past errors no percentage is printed, only the span of the errors (issue, 6.5)."""
NACHFUEHRUNG = 0.2
"""Part of a year's miss by which the level of the intervals moves."""
STUFEN = (0.5, 0.97)
"""Bounds of the moved level."""


@dataclass(frozen=True)
class Spanne:
    """An interval around a forecast, in the series' unit.

    ``niveau`` is the nominal coverage; ``None`` means: the span of the ``n`` past errors, without
    any promise. Both ends are ``None`` when there is no past error at all.
    """

    unten: float | None
    oben: float | None
    niveau: float | None
    n: int

    @property
    def satz(self) -> str:
        """Return in German what the interval is."""
        if self.niveau is not None:
            share = f"{100 * self.niveau:.0f} %"
            return f"In {share} der Fälle liegt das Ergebnis darin ({self.n} frühere Fehler)."
        if self.n == 0:
            return "Es gibt noch keine Fehler früherer Jahre, also keine Spannweite."
        return f"Spannweite der bisherigen Fehler ({self.n})."


OHNE_SPANNE = Spanne(None, None, None, 0)
"""What there is before any error is known."""


def quantil(werte: Floats, niveau: float) -> float:
    """Return the ceil((n+1)·niveau)-th smallest value, at most the largest.

    Source: split conformal prediction; for exchangeable errors the coverage is at least *niveau*.
    """
    sortiert = np.sort(werte)
    rang = math.ceil((len(sortiert) + 1) * niveau - 1e-9)
    return float(sortiert[min(rang, len(sortiert)) - 1])


def nachgefuehrt(niveau: float, jahre: np.ndarray, getroffen: Floats) -> float:
    """Return the level to ask for, so that *niveau* is met although the errors change with time.

    Years share their shocks, so the errors of one are not exchangeable with those of the next:
    after each year the level moves against the miss of the intervals issued then. A year of few
    cases moves it less.
    Source: adaptive conformal inference, Gibbs and Candès (2021), one step a year.

    Args:
        niveau: Nominal coverage.
        jahre: (n,) years of past intervals.
        getroffen: (n,) 1 or 0, NaN where no interval was issued or no result is known.
    """
    stufe = niveau
    for jahr in np.unique(jahre):
        drin = getroffen[(jahre == jahr) & np.isfinite(getroffen)]
        if n := len(drin):
            schritt = NACHFUEHRUNG * n / (n + VERTRAUEN)
            stufe = float(np.clip(stufe + schritt * (niveau - drin.mean()), *STUFEN))
    return stufe


def spanne(
    wert: float, breite: float, punkte: Floats, niveau: float, stufe: float | None = None
) -> Spanne:
    """Return the interval of *wert*: past scores (error / breite then) times today's *breite*.

    ``stufe`` is the level of the quantile where it differs from the promised *niveau*.
    """
    punkte = punkte[np.isfinite(punkte)]
    n = len(punkte)
    if n == 0:
        return OHNE_SPANNE
    weite = breite * (quantil(punkte, stufe or niveau) if n >= MINDESTENS else float(punkte.max()))
    return Spanne(wert - weite, wert + weite, niveau if n >= MINDESTENS else None, n)


def wilson(treffer: int, n: int, niveau: float = 0.95) -> tuple[float, float]:
    """Return Wilson's interval for a share of *treffer* in *n* (both ends within 0 and 1)."""
    if n == 0:
        return 0.0, 1.0
    from scipy.special import ndtri

    z = float(ndtri(0.5 + niveau / 2))
    p, zz = treffer / n, z * z
    mitte = (p + zz / (2 * n)) / (1 + zz / n)
    halb = z / (1 + zz / n) * math.sqrt(p * (1 - p) / n + zz / (4 * n * n))
    return max(0.0, mitte - halb), min(1.0, mitte + halb)
