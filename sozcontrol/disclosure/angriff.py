"""What a reader can work out: the linear system behind the published cells, and its attack.

A hidden count is **protected** when the attacker can neither name it nor prove it small. The
attacker knows every relation of the system (total = sum of the parts, stock and flow), every shown
count, that counts are whole numbers, and that zeros are shown, so a hidden count is at least 1.

The proof of protection is a *witness*: another table of whole numbers that agrees with everything
shown and holds every relation, in which the cell has reached the threshold. Since the true table
agrees as well, one witness a cell is all it takes, and the attacker's possible values run from the
true count (or less) to the threshold (or more).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

Aenderung = dict[int, int]
"""A witness as the difference to the true table: cell → change."""

KNOTEN = 2000
"""Search limit of one integer programme (nodes, not seconds: the same table gets the same marks).
Running into it counts as »no witness«, so more is hidden: it fails closed."""


@dataclass
class System:
    """Homogeneous linear relations over cells: Σ coefficient · count = 0 in every row.

    ``wert`` holds the true counts, ``unten`` what an attacker knows as the least possible count of
    a hidden cell (0 for what no table shows, and for a zero that had to be hidden), ``unsichtbar``
    the cells that no table has shown.
    """

    wert: list[int] = field(default_factory=list)
    unten: list[int] = field(default_factory=list)
    unsichtbar: set[int] = field(default_factory=set)
    zeilen: list[dict[int, int]] = field(default_factory=list)

    def zelle(self, wert: int, unten: int, *, unsichtbar: bool = False) -> int:
        """Add a cell and return its number."""
        self.wert.append(wert)
        self.unten.append(unten)
        if unsichtbar:
            self.unsichtbar.add(len(self.wert) - 1)
        return len(self.wert) - 1

    def beziehung(self, koeffizienten: dict[int, int]) -> None:
        """Add a relation; what the true counts leave over becomes a cell nobody ever sees."""
        rest = sum(k * self.wert[i] for i, k in koeffizienten.items())
        if rest:
            unseen = self.zelle(abs(rest), 0, unsichtbar=True)
            koeffizienten = {**koeffizienten, unseen: -1 if rest > 0 else 1}
        self.zeilen.append(koeffizienten)

    def umfeld(
        self, start: Collection[int], beweglich: Collection[int]
    ) -> tuple[list[int], list[dict[int, int]]]:
        """Return the cells of *beweglich* linked to *start*, and the relations among them."""
        movable = set(beweglich)
        reached = set(start) & movable
        waiting = [(movable & row.keys(), row) for row in self.zeilen]
        taken: list[dict[int, int]] = []
        while True:
            near = [pair for pair in waiting if pair[0] & reached]
            if not near:
                return sorted(reached), taken
            waiting = [pair for pair in waiting if not pair[0] & reached]
            for cells, row in near:
                reached |= cells
                taken.append(row)


class Angriff:
    """The attack on one neighbourhood of cells; keeps the witnesses it has found."""

    def __init__(self, system: System, start: Collection[int], beweglich: Collection[int]) -> None:
        self.system = system
        self.zellen, self.zeilen = system.umfeld(start, beweglich)
        self._at = {i: k for k, i in enumerate(self.zellen)}
        self._bound = {i for row in self.zeilen for i in row}
        self._matrix = self._build()
        self._belege: list[Aenderung] = []

    def _build(self) -> Any:
        from scipy.sparse import csr_array, hstack

        data, r, c = [], [], []
        for number, row in enumerate(self.zeilen):
            for i, k in row.items():
                if i in self._at:
                    data.append(float(k))
                    r.append(number)
                    c.append(self._at[i])
        matrix = csr_array((data, (r, c)), shape=(len(self.zeilen), len(self.zellen)))
        return hstack([matrix, -matrix], format="csc")

    def vergessen(self) -> None:
        """Drop the witnesses found so far; the bounds have changed."""
        self._belege.clear()

    def belegt(self, i: int, um: int | None, verborgen: Collection[int]) -> bool:
        """Say whether a known witness still holds: *i* rises by *um* (None: changes at all)."""
        if i not in self._bound:
            return True
        return any(
            (i in w if um is None else w.get(i, 0) >= um) and w.keys() <= verborgen
            for w in self._belege
        )

    def suchen(
        self, i: int, um: int | None, verborgen: Collection[int], preise: Mapping[int, float]
    ) -> Aenderung | None:
        """Look for a witness in which *i* rises by *um* (None: changes by one, up or down).

        Hidden cells move for free, cells in *preise* at their price (then they must be hidden
        too), all others stand still. The linear programme finds a cheap witness (the
        shortest-path idea of Cox and Castro); when it is not whole-numbered, the integer one does.
        """
        for rise in (um,) if um is not None else (1, -1):
            if rise < 0 and self.system.wert[i] + rise < self.system.unten[i]:
                continue
            for integer in (False, True):
                x = self._solve(i, rise, verborgen, preise, integer)
                if x is None:
                    break  # no fractional witness, no whole-numbered one
                change = self._whole(x)
                if change is not None:
                    self._belege.append(change)
                    return change
        return None

    def _solve(
        self,
        i: int,
        rise: int,
        verborgen: Collection[int],
        preise: Mapping[int, float],
        integer: bool,
    ) -> Any:
        import numpy as np
        from scipy.optimize import Bounds, LinearConstraint, milp

        n = len(self.zellen)
        price, up, down = np.zeros(n), np.zeros(n), np.zeros(n)
        for k, cell in enumerate(self.zellen):
            if cell in verborgen or cell in preise:
                price[k] = preise.get(cell, 1e-3)
                up[k] = np.inf
                down[k] = max(self.system.wert[cell] - self.system.unten[cell], 0)
        lower = np.zeros(2 * n)
        k = self._at[i]
        lower[k], up[k], lower[n + k], down[k] = (
            (rise, rise, 0, 0) if rise > 0 else (0, 0, -rise, -rise)
        )
        zero = np.zeros(len(self.zeilen))
        result = milp(
            np.concatenate([price, price]),
            integrality=np.full(2 * n, int(integer)),
            bounds=Bounds(lower, np.concatenate([up, down])),
            constraints=LinearConstraint(self._matrix, zero, zero),
            options={"node_limit": KNOTEN, "mip_rel_gap": 0.3} if integer else {},
        )
        return None if result.x is None else result.x[:n] - result.x[n:]

    def _whole(self, x: Any) -> Aenderung | None:
        """Return the change as exact integers, or None when a relation does not hold exactly."""
        change = {c: round(float(v)) for c, v in zip(self.zellen, x, strict=True)}
        change = {c: v for c, v in change.items() if v}
        for row in self.zeilen:
            if sum(k * change.get(c, 0) for c, k in row.items()):
                return None
        low = any(self.system.wert[c] + v < self.system.unten[c] for c, v in change.items())
        return None if low else change
