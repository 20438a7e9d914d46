"""Chance that can be repeated: independent random streams, each named after what it decides.

Only ``random.Random.random()`` is used, because it is the one sequence whose bytes the Python
documentation promises to keep between versions; numpy and the distributions of ``random`` may
change theirs, and with them every golden number of Musterstadt.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Wuerfel:
    """One random stream; the same *seed* and *zweck* give the same throws."""

    def __init__(self, seed: int, zweck: str) -> None:
        self._zufall = Random(f"{seed}/{zweck}").random

    def anteil(self) -> float:
        """Return a number in [0, 1)."""
        return self._zufall()

    def ja(self, wahrscheinlichkeit: float) -> bool:
        """Return true with the given probability."""
        return self._zufall() < wahrscheinlichkeit

    def spanne(self, von: float, bis: float) -> float:
        """Return a number in [von, bis)."""
        return von + (bis - von) * self._zufall()

    def ganz(self, von: int, bis: int) -> int:
        """Return a whole number in [von, bis]."""
        return von + int(self._zufall() * (bis - von + 1))

    def eins_aus(self, dinge: Sequence[T]) -> T:
        """Return one of *dinge*, all equally likely."""
        return dinge[int(self._zufall() * len(dinge))]

    def gewichtet(self, gewichte: Mapping[T, float]) -> T:
        """Return one key of *gewichte*, likely as its weight."""
        rest = self._zufall() * sum(gewichte.values())
        for ding, gewicht in gewichte.items():
            rest -= gewicht
            if rest < 0:
                return ding
        return ding

    def normal(self) -> float:
        """Return a standard normal number (Box-Muller)."""
        radius = math.sqrt(-2.0 * math.log(1.0 - self._zufall()))
        return radius * math.cos(2.0 * math.pi * self._zufall())

    def lognormal(self, mittel: float, sigma: float) -> float:
        """Return a log-normal number with expectation *mittel*."""
        return math.exp(math.log(mittel) - sigma * sigma / 2 + sigma * self.normal())

    def dreieck(self, unten: float, spitze: float, oben: float) -> float:
        """Return a triangular number."""
        u, schnitt = self._zufall(), (spitze - unten) / (oben - unten)
        if u < schnitt:
            return unten + math.sqrt(u * (oben - unten) * (spitze - unten))
        return oben - math.sqrt((1 - u) * (oben - unten) * (oben - spitze))

    def poisson(self, mittel: float) -> int:
        """Return a Poisson number (Knuth; *mittel* is small here)."""
        grenze, k, produkt = math.exp(-mittel), 0, self._zufall()
        while produkt > grenze:
            k += 1
            produkt *= self._zufall()
        return k
