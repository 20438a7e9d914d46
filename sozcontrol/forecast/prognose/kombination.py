"""M10 and the choice of a method: weights, medians and selection by past errors only.

The combination is the weighted median of all methods that answer, each weighted with the inverse
of its typical past error. For errors of Laplace shape this is the likeliest value given all
answers; for errors of any shape no single wild method can pull it away. Without a record every
method counts the same.
"""

from __future__ import annotations

import numpy as np

from sozcontrol.forecast.prognose.intervall import wilson
from sozcontrol.forecast.reihe import VERTRAUEN, Floats

BODEN = 0.01
"""No method is trusted to be better than 1 %: two exact years are no law."""
DECKEL = 1.0
"""A relative error counts at most 100 %."""
OHNE_ZEUGNIS = 0.1
"""Typical error assumed of a forecast of the whole year without any record."""
RECORD = 5
"""Pooled errors a method needs before its own record counts."""
GLEICHAUF = 0.02
"""Methods whose records differ by less than this share are equal; the simpler one is taken."""
SICHERHEIT = 0.9
"""Confidence with which a single method must have beaten the combination in most years."""


def typischer_fehler(eigene: Floats, gemeinsam: Floats) -> Floats:
    """Return per method the typical relative error, own experience shrunk to the pooled one.

    Args:
        eigene: (n, M) past errors of this series, NaN where a method did not answer.
        gemeinsam: (M,) pooled typical errors.
    """
    n = np.isfinite(eigene).sum(axis=0)
    mitte = np.zeros(len(gemeinsam))
    if n.any():
        mitte[n > 0] = spaltenmedian(eigene)[n > 0]
    return np.maximum((n * mitte + VERTRAUEN * gemeinsam) / (n + VERTRAUEN), BODEN)


def spaltenmedian(werte: Floats) -> Floats:
    """Return the median of the finite values of each column, NaN for a column without any.

    One sort instead of numpy's masked arrays: the back-test asks this thousands of times.
    """
    n = np.isfinite(werte).sum(axis=0)
    if not len(werte):
        return np.full(werte.shape[1], np.nan)
    sortiert = np.sort(np.where(np.isfinite(werte), werte, np.nan), axis=0)  # NaN last
    spalten = np.arange(werte.shape[1])
    return (sortiert[np.maximum(n - 1, 0) // 2, spalten] + sortiert[n // 2, spalten]) / 2


def gemeinsamer_fehler(fehler: Floats, offen: Floats | None = None) -> Floats:
    """Return per method the pooled median error of similar series.

    A method with fewer than five errors counts as the worst known one. Without any record a method
    errs in proportion to the part of the year it has to forecast.

    Args:
        fehler: (n, M) past errors, NaN where a method did not answer.
        offen: (M,) that part, 1 for a method that does not use the actual; default: all 1.
    """
    anzahl = np.isfinite(fehler).sum(axis=0)
    genug = anzahl >= RECORD
    if not genug.any():
        return OHNE_ZEUGNIS * (np.ones(fehler.shape[1]) if offen is None else offen)
    mitte = spaltenmedian(fehler)
    return np.where(genug, mitte, mitte[genug].max())


def gewichteter_median(werte: Floats, gewichte: Floats) -> float:
    """Return the interpolated weighted median of the finite values.

    Each value stands in the middle of its weight, so that two equal weights give the mean.
    """
    gut = np.isfinite(werte) & (gewichte > 0)
    ordnung = np.argsort(werte[gut], kind="stable")
    v, w = werte[gut][ordnung], gewichte[gut][ordnung]
    return float(np.interp(0.5, (np.cumsum(w) - w / 2) / w.sum(), v))


def waehle(fehler: Floats, jahre: np.ndarray) -> int | None:
    """Return the column (simplest first) with the best record, or ``None`` without a record.

    The combination stands in the last column and is taken unless a single method has a smaller
    pooled error and was closer in clearly most years (Wilson's lower bound above one half): the
    best of many records is partly luck, and the errors of one year share their causes, so that a
    year counts once, however many series it has. Among equal methods the simpler is taken.

    Args:
        fehler: (n, M) past relative errors, NaN where a method did not answer.
        jahre: (n,) their years.
    """
    letzte = fehler[:, -1]
    if np.isfinite(letzte).sum() < RECORD:
        return None
    punkte = np.full(fehler.shape[1], np.inf)
    punkte[-1] = 1.0
    for m in range(fehler.shape[1] - 1):
        beide = np.isfinite(fehler[:, m]) & np.isfinite(letzte)
        if beide.sum() >= RECORD and _meist_naeher(fehler[beide, m], letzte[beide], jahre[beide]):
            punkte[m] = _gross(fehler[beide, m]) / max(_gross(letzte[beide]), 1e-12)
    return int(np.flatnonzero(punkte <= punkte.min() * (1 + GLEICHAUF))[0])


def _meist_naeher(eigen: Floats, ziel: Floats, jahre: np.ndarray) -> bool:
    verschieden = np.unique(jahre)
    siege = sum(eigen[jahre == j].mean() < ziel[jahre == j].mean() for j in verschieden)
    return wilson(int(siege), len(verschieden), SICHERHEIT)[0] > 0.5


def _gross(fehler: Floats) -> float:
    """Return the geometric mean of median (what is usual) and mean error (what it costs)."""
    return float(np.sqrt(np.median(fehler) * np.mean(fehler)))
