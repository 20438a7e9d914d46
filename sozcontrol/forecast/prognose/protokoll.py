"""What a back-test holds: one row an origin, with every answer, the choice and its interval."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from sozcontrol.forecast.methoden.einfach import Wert
from sozcontrol.forecast.prognose.intervall import OHNE_SPANNE, Spanne
from sozcontrol.forecast.prognose.verteilung import Verteilung
from sozcontrol.forecast.reihe import Floats, Reihe


@dataclass(eq=False)
class Ruecktest:
    """All origins of a panel, one row each, ordered by year, period, series.

    ``werte`` is (n, M) with the combination as last column; ``ergebnis`` is NaN where the year is
    not over; ``massstab`` is the size by which errors are made relative, known at the origin;
    ``stufe`` the level asked of past errors for an interval of the nominal ``niveau``. The methods'
    ``antworten`` in words and parts are kept of the last year of each series only.
    """

    reihen: tuple[Reihe, ...]
    methoden: tuple[str, ...]
    nummer: np.ndarray
    jahr: np.ndarray
    periode: np.ndarray
    ergebnis: Floats
    antworten: list[tuple[Wert, ...]]
    werte: Floats
    massstab: Floats
    niveau: float
    klein: float
    gewichte: Floats = field(init=False)
    wahl: np.ndarray = field(init=False)
    gewaehlt: Floats = field(init=False)
    breite: Floats = field(init=False)
    stufe: Floats = field(init=False)
    spannen: list[Spanne] = field(init=False)
    verteilungen: list[Verteilung | None] = field(init=False)
    gruppe: np.ndarray = field(init=False)
    chancen: dict[object, object] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        n = len(self.jahr)
        self.gewichte = np.zeros((n, len(self.methoden) - 1))
        self.wahl = np.full(n, -1)
        self.gewaehlt = np.full(n, np.nan)
        self.breite = np.full(n, np.nan)
        self.stufe = np.full(n, self.niveau)
        self.spannen = [OHNE_SPANNE] * n
        self.verteilungen = [None] * n
        nummern = {g: i for i, g in enumerate(sorted({r.gruppe for r in self.reihen}))}
        self.gruppe = np.array([nummern[r.gruppe] for r in self.reihen], dtype=int)[self.nummer]

    @property
    def fremd(self) -> Floats:
        """Return somebody else's forecast per row (NaN = none)."""
        return np.array(
            [
                self.reihen[i].fremd[j - self.reihen[i].jahre[0], p - 1]
                for i, j, p in zip(self.nummer, self.jahr, self.periode, strict=True)
            ]
        )

    def ist(self, r: int) -> float:
        """Return the actual of a row, as known at its origin (NaN = unknown)."""
        reihe = self.reihen[self.nummer[r]]
        return float(reihe.ist[self.jahr[r] - reihe.jahre[0], self.periode[r] - 1])

    def klein_ist(self, r: int) -> bool:
        """Say whether every answer of a row stays below the amount worth a forecast."""
        return bool(np.nanmax(np.abs(self.werte[r])) < self.klein)

    def spalte(self, methode: str) -> Floats:
        """Return the forecasts of one method, NaN where it did not answer."""
        return self.werte[:, self.methoden.index(methode)]

    def damals_bekannt(self, rows: np.ndarray, jahr: int, periode: int) -> Floats:
        """Return the results of *rows* as known at the end of *periode* of *jahr* (NaN = not)."""
        cache: dict[int, Floats] = {}
        out = np.empty(len(rows))
        for x, r in enumerate(rows):
            i = int(self.nummer[r])
            if i not in cache:
                cache[i] = self.reihen[i].ergebnisse(jahr, periode)
            out[x] = cache[i][self.jahr[r] - self.reihen[i].jahre[0]]
        return out

    def aehnliche(self, r: int) -> np.ndarray:
        """Return the rows before *r* at the same point of the year, of series of its group."""
        frueher = (self.jahr < self.jahr[r]) & (self.periode == self.periode[r])
        return np.flatnonzero(frueher & (self.gruppe == self.gruppe[r]))
