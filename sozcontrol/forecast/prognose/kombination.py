"""M10, the combination: weights from past errors only.

It is the weighted median of all methods that answer, each weighted by its typical past error: no
single wild method can pull it away. Weights learnt from the errors' covariances (Bates and Granger
1969) were tried and were worse: years are few, and their errors alike. Taking the one method with
the best record was no better on any series it was not made on: the best of many records is partly
luck.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sozcontrol.forecast.methoden.einfach import HOCHGERECHNET, OHNE_IST
from sozcontrol.forecast.methoden.umfeld import spaltenmedian
from sozcontrol.forecast.reihe import VERTRAUEN, Floats

BODEN = 0.01
"""No method is trusted to be better than 1 %: two exact years are no law."""
DECKEL = 1.0
"""A relative error counts at most 100 %."""
SCHAERFE = 1.5
"""Power of the error in the weight: 1 is the likeliest value for errors of Laplace shape, 2 for
normal ones; past errors of budgets lie between."""
OHNE_ZEUGNIS = 0.1
"""Typical error assumed of a forecast of the whole year without any record."""


def typischer_fehler(eigene: Floats, gemeinsam: Floats, vertrauen: float = VERTRAUEN) -> Floats:
    """Return per method the typical relative error, own experience shrunk to the pooled one.

    Args:
        eigene: (n, M) past errors of this series, NaN where a method did not answer.
        gemeinsam: (M,) pooled typical errors.
        vertrauen: Years of one's own that weigh as much as the pooled experience.
    """
    n = np.isfinite(eigene).sum(axis=0)
    mitte = np.zeros(len(gemeinsam))
    if n.any():
        mitte[n > 0] = spaltenmedian(eigene)[n > 0]
    return np.maximum((n * mitte + vertrauen * gemeinsam) / (n + vertrauen), BODEN)


def gewichte(eigene: Floats, gemeinsam: Floats) -> Floats:
    """Return (M,) the weights of the methods, from :func:`typischer_fehler`."""
    return typischer_fehler(eigene, gemeinsam) ** -SCHAERFE


def annahme(methoden: Sequence[str], offen: float, mit_ansatz: bool) -> Floats:
    """Return (M,) the typical error assumed of each method before there is any record.

    Nothing is known of a method but the part of the year it has to forecast: its error grows with
    the root of that part, as that of a random walk. Where a budget was made, multiplying up what
    is booked errs twice as much (domain.md 6.3: straight line and shares against Ansatz).
    """
    teil = np.array([1.0 if m in OHNE_IST else offen for m in methoden])
    doppelt = np.array([mit_ansatz and m in HOCHGERECHNET for m in methoden])
    return OHNE_ZEUGNIS * np.sqrt(teil) * np.where(doppelt, 2.0, 1.0)


def gemeinsamer_fehler(fehler: Floats, neutral: Floats) -> Floats:
    """Return per method the pooled typical error of similar series, shrunk to the *neutral* one.

    Args:
        fehler: (n, M) past errors, NaN where a method did not answer.
        neutral: (M,) see :func:`annahme`.
    """
    n = np.isfinite(fehler).sum(axis=0)
    mitte = np.where(n > 0, spaltenmedian(fehler), 0.0)
    return (n * mitte + VERTRAUEN * neutral) / (n + VERTRAUEN)
