"""What a result may become: the forecast moved by past errors, as a distribution.

Sizes of error are learnt from all similar series, each measured by its own typical error; to which
side a series errs is its own affair, and learnt from nobody else: what went up everywhere in one
year goes down everywhere in another. After ten years its own errors weigh as much as all others.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sozcontrol.forecast.prognose.intervall import quantil
from sozcontrol.forecast.reihe import Floats

EIGENE_JAHRE = 10.0
"""Years after which a series' own errors count as much as those of all: from a few errors a scale
is learnt badly, and one lucky year would make all later spans too narrow."""
PUNKTE = 200
"""Points that describe the sizes of any number of past errors."""
WINZIG = 1e-9
"""Part of the scale within which two amounts are the same."""
SEITENLAGE = 1.2816
"""Half the width of the middle four fifths of a normal distribution, in standard deviations."""
ERSTES_JAHR = (0.25, 3.0)
"""After a single year nothing is known of the spread between years: a quarter of that of the series
is assumed, and nearly no knowledge of it."""


@dataclass(frozen=True)
class Verteilung:
    """The distribution of one result.

    ``weite`` is what an error of size 1 means in the series' unit, ``groessen`` (n,) are the sizes
    of similar series' errors, ascending, ``eigene`` (m,) the series' own, ascending and signed.
    """

    wert: float
    weite: float
    groessen: Floats
    eigene: Floats

    def ueber(self, grenze: float) -> float:
        """Return the probability that the result is larger than *grenze*; never 0 or 1."""
        ab = (grenze - self.wert) / self.weite + WINZIG
        n, m = len(self.groessen), len(self.eigene)
        jenseits = n - int(np.searchsorted(self.groessen, abs(ab), side="right"))
        gemeinsam = jenseits / (2 * n) if ab >= 0 else 1 - jenseits / (2 * n)
        eigen = m - int(np.searchsorted(self.eigene, ab, side="right"))
        anteil = (EIGENE_JAHRE * gemeinsam + eigen) / (EIGENE_JAHRE + m)
        return float((anteil * (n + m) + 0.5) / (n + m + 1))

    def unter(self, grenze: float) -> float:
        """Return the probability that the result is smaller than *grenze*."""
        return self._gespiegelt.ueber(-grenze)

    def enden(self, niveau: float) -> tuple[float, float]:
        """Return the interval that leaves out equal parts at both ends."""
        n, m = len(self.groessen), len(self.eigene)
        aussen = max((1 - niveau) / 2 - 0.5 / (n + 1), WINZIG) * (EIGENE_JAHRE + m)
        fehler, gewicht = self._punkte
        ordnung = np.argsort(fehler, kind="stable")
        fehler, gewicht = fehler[ordnung], gewicht[ordnung]
        unten = fehler[int(np.searchsorted(np.cumsum(gewicht), aussen))]
        oben = fehler[-1 - int(np.searchsorted(np.cumsum(gewicht[::-1]), aussen))]
        return self.wert + self.weite * float(unten), self.wert + self.weite * float(oben)

    def mittel_ueber(self, grenze: float) -> float:
        """Return by how much the result is larger than *grenze*, zero where it isn't, on average.

        It is the probability of being larger times the amount to be expected then.
        """
        fehler, gewicht = self._punkte
        weg = np.maximum(self.wert + self.weite * fehler - grenze, 0.0)
        return float(weg @ gewicht / gewicht.sum())

    def mittel_unter(self, grenze: float) -> float:
        """Return by how much the result is smaller than *grenze* on average."""
        return self._gespiegelt.mittel_ueber(-grenze)

    @property
    def _punkte(self) -> tuple[Floats, Floats]:
        """Return all errors, those of similar series to both sides, and the weight of each."""
        n, m = len(self.groessen), len(self.eigene)
        fehler = np.concatenate([-self.groessen[::-1], self.groessen, self.eigene])
        return fehler, np.concatenate([np.full(2 * n, EIGENE_JAHRE / (2 * n)), np.ones(m)])

    @property
    def _gespiegelt(self) -> Verteilung:
        return Verteilung(-self.wert, self.weite, self.groessen, -self.eigene[::-1])

    def um(self, betrag: float) -> Verteilung:
        """Return the distribution moved by *betrag*."""
        return replace(self, wert=self.wert + betrag)


def groessen(fehler: Floats) -> Floats:
    """Return the sizes of *fehler* ascending, at most :data:`PUNKTE` points that describe them."""
    sortiert = np.sort(np.abs(fehler))
    if len(sortiert) <= PUNKTE:
        return sortiert
    return np.quantile(sortiert, (np.arange(PUNKTE) + 0.5) / PUNKTE)


def jahresfaktor(fehler: Floats, jahre: np.ndarray) -> float:
    """Return by how much spans widen because a new year has a cause of its own.

    The errors of one year share causes. Their common part spreads from year to year; of a spread
    seen in few years the next one is uncertain, as Student's t says. The rest is as it was.

    Args:
        fehler: (n,) past errors in units of each series' typical error, signed.
        jahre: (n,) their years.
    """
    from scipy.special import stdtrit

    verschieden = np.unique(jahre)
    n = len(verschieden)
    if not n:
        return 1.0
    mitten = np.array([np.median(fehler[jahre == j]) for j in verschieden])
    rest = fehler - mitten[np.searchsorted(verschieden, jahre)]
    streuung = quantil(np.abs(rest), 0.8) / SEITENLAGE
    if n == 1:
        gemeinsam, unsicher = ERSTES_JAHR[0] * streuung**2, ERSTES_JAHR[1]
    else:
        zufall = np.mean([np.pi / 2 * streuung**2 / (jahre == j).sum() for j in verschieden])
        gemeinsam = max(float(np.var(mitten, ddof=1) - zufall), 0.0)
        unsicher = float(stdtrit(n - 1, 0.9)) / SEITENLAGE * np.sqrt(1 + 1 / n)
    alles = streuung**2 + gemeinsam
    return float(np.sqrt((streuung**2 + unsicher**2 * gemeinsam) / alles)) if alles else 1.0
