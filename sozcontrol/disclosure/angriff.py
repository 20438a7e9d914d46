"""The search for witnesses: other figures that agree with everything a reader sees.

A hidden figure is **protected** when the attacker can neither name it nor, where it is a small
count, prove it small; an amount must be able to move by a tenth. The attacker knows every relation
(total = sum of the parts, stock and flow), every shown figure, that counts are whole numbers, that
zeros are shown (so a hidden count is at least 1), and which amounts are no refunds.

The proof of protection is a *witness*: another set of figures that holds every relation, in which
the cell has moved far enough. Since the true figures agree as well, one witness a cell is enough.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from scipy.sparse import csc_array

    Zahlen = npt.NDArray[np.float64]

Aenderung = dict[int, float]
"""A witness as the difference to the true figures: cell → change."""

KNOTEN = 500
"""Search limit of one integer programme (nodes, not seconds: the same table gets the same marks).
Running into it counts as »no witness«, so more is hidden: it fails closed."""
REICHWEITEN = (2, 4, 99)
"""How many relations away from a cell its witness is looked for, near ones first."""
VIELFACHE = (1, 2, 3)
"""A change in halves or thirds, so often as large, is one in whole numbers that moves farther."""
WENIG = 1e-5
"""The price of a move beside a goal: none moves in vain."""
BILLIG = 300.0
"""A witness that costs more is looked for farther away, too: it may spare a total."""
KLEIN = 1e-6


@dataclass
class System:
    """Cells by number: true figures, the least a hidden one can be, and homogeneous relations.

    ``ganz`` says that figures are whole (counts). ``unten`` is what an attacker knows as the least
    possible figure of a hidden cell: 1 of a count in a table, 0 of what no table shows.
    """

    wert: list[float]
    unten: dict[int, float]
    zeilen: list[dict[int, float]]
    ganz: bool
    an: dict[int, list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for number, row in enumerate(self.zeilen):
            for i in row:
                self.an.setdefault(i, []).append(number)

    def umkreis(self, start: int, beweglich: Collection[int], weite: int) -> list[int]:
        """Return the movable cells at most *weite* relations away from *start*."""
        reached, edge, seen = {start}, [start], set[int]()
        for _ in range(weite):
            rows = {r for i in edge for r in self.an.get(i, ())} - seen
            if not rows:
                break
            seen |= rows
            edge = sorted({i for r in rows for i in self.zeilen[r] if i in beweglich} - reached)
            reached.update(edge)
        return sorted(reached)


class Angriff:
    """The attack on one system; keeps the witnesses it has found."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.belege: dict[int, Aenderung] = {}

    def belegt(self, i: int, ziel: Sequence[float], verborgen: Set[int]) -> bool:
        """Say whether a known witness still holds: *i* moves by one of *ziel*."""
        if i not in self.system.an:
            return True
        known = self.belege.get(i)
        if known is not None and known.keys() <= verborgen and _reaches(known, i, ziel):
            return True
        for w in self.belege.values():
            if i in w and _reaches(w, i, ziel) and w.keys() <= verborgen:
                self.belege[i] = w
                return True
        return False

    def voraus(self, ziele: Mapping[int, float], verborgen: Collection[int]) -> None:
        """Look for witnesses of all goals at once: push them up together, hidden cells only.

        What moves together without touching the rest is a witness of its own.
        """
        cells = sorted(c for c in verborgen if c in self.system.an)
        goals = [g for g in sorted(ziele) if g in set(cells)]
        rows = sorted({r for c in cells for r in self.system.an[c]})
        if not goals or not rows:
            return
        x = self._pushed(cells, rows, goals, [ziele[g] for g in goals])
        if x is not None:
            self._zerlegt(dict(zip(cells, x, strict=True)), ziele)

    def _pushed(
        self, cells: list[int], rows: list[int], goals: list[int], need: Sequence[float]
    ) -> Zahlen | None:
        """Return changes in which the goals have risen together as far as they can."""
        import numpy as np
        from scipy.optimize import Bounds, LinearConstraint, milp
        from scipy.sparse import csc_array, hstack, vstack

        n, m, at = len(cells), len(goals), {c: k for k, c in enumerate(cells)}
        down = [max(self.system.wert[c] - self.system.unten[c], 0.0) for c in cells]
        own, ones, lines = [at[g] for g in goals], np.ones(m), [*range(m)]
        moved = [*own, *(k + n for k in own), *(2 * n + k for k in lines)]
        rise = csc_array(
            (np.concatenate([ones, -ones, -ones]), (3 * lines, moved)), shape=(m, 2 * n + m)
        )
        top = hstack([self._matrix(cells, rows), csc_array((len(rows), m))])
        top_high = np.concatenate([np.zeros(len(rows)), np.full(m, np.inf)])
        done = milp(
            np.concatenate([np.full(2 * n, WENIG), -1.0 / np.array(need)]),
            bounds=Bounds(0, np.concatenate([np.full(n, np.inf), down, need])),
            constraints=LinearConstraint(vstack([top, rise], format="csc"), 0.0, top_high),
        )
        return None if done.x is None else done.x[:n] - done.x[n : 2 * n]

    def _zerlegt(self, x: Mapping[int, float], ziele: Mapping[int, float]) -> None:
        moving = {c for c, v in x.items() if abs(v) > KLEIN}
        while moving:
            part = self.system.umkreis(min(moving), moving, len(moving))
            moving -= set(part)
            rows = sorted({r for c in part for r in self.system.an[c]})
            found = self._checked([x[c] for c in part], part, rows)
            for c in part:
                if found and c in ziele and found.get(c, 0) >= ziele[c] - KLEIN:
                    self.belege[c] = found

    def suchen(
        self,
        i: int,
        ziel: Sequence[float],
        verborgen: Collection[int],
        preise: Mapping[int, float],
    ) -> Aenderung | None:
        """Look for a witness in which *i* moves by one of the changes *ziel*.

        Hidden cells move for free, cells in *preise* at their price (then they must be hidden
        too), all others stand still. The linear programme finds a cheap witness (the
        shortest-path idea of Cox and Castro); when it is not whole-numbered, the integer one does.
        """
        movable = set(verborgen) | preise.keys()
        before: list[int] = []
        best: tuple[float, Aenderung] | None = None
        for reach in REICHWEITEN:
            cells = self.system.umkreis(i, movable, reach)
            if cells == before:
                break
            before = cells
            for found in self._witnesses(i, ziel, cells, preise):
                cost = sum(preise.get(c, 0.0) for c in found)
                best = min(best or (cost, found), (cost, found), key=lambda pair: pair[0])
            if best and best[0] <= BILLIG:
                break
        if best is None:
            return None
        self.belege[i] = best[1]
        return best[1]

    def _witnesses(
        self, i: int, ziel: Sequence[float], cells: list[int], preise: Mapping[int, float]
    ) -> Iterator[Aenderung]:
        """Yield a witness for each of the changes *ziel* that has one; of a count, the first."""
        for change in ziel:
            if change > 0 or self.system.wert[i] + change >= self.system.unten[i]:
                found = self._witness(i, change, cells, preise)
                if found is not None:
                    yield found
                    if self.system.ganz:
                        return

    def _witness(
        self, i: int, change: float, cells: list[int], preise: Mapping[int, float]
    ) -> Aenderung | None:
        rows = sorted({r for c in cells for r in self.system.an.get(c, ())})
        x = self._solve(i, change, cells, rows, preise, integer=False)
        if x is None:
            return None  # no fractional witness, no whole-numbered one
        found = self._checked(x, cells, rows)
        if found is not None:
            return found
        # Whole numbers: first among the cells of the fractional witness, then among all.
        used = {c for c, v in zip(cells, x, strict=True) if abs(v) > KLEIN}
        for some in ([c for c in cells if c in used or c not in preise], cells):
            x = self._solve(i, change, some, rows, preise, integer=True)
            found = None if x is None else self._checked(x, some, rows)
            if found is not None:
                return found
        return None

    def _solve(
        self,
        i: int,
        change: float,
        cells: list[int],
        rows: list[int],
        preise: Mapping[int, float],
        *,
        integer: bool,
    ) -> Zahlen | None:
        import numpy as np
        from scipy.optimize import Bounds, LinearConstraint, milp

        system, n = self.system, len(cells)
        price = np.array([preise.get(c, 1e-3) for c in cells])
        down = np.array([max(system.wert[c] - system.unten[c], 0.0) for c in cells])
        low, high = np.zeros(2 * n), np.concatenate([np.full(n, np.inf), down])
        k = cells.index(i)
        low[k] = high[k] = max(change, 0.0)
        low[n + k] = high[n + k] = max(-change, 0.0)
        zero = np.zeros(len(rows))
        result = milp(
            np.concatenate([price, price]),
            integrality=np.full(2 * n, int(integer)),
            bounds=Bounds(low, high),
            constraints=LinearConstraint(self._matrix(cells, rows), zero, zero) if rows else None,
            options={"node_limit": KNOTEN, "mip_rel_gap": 0.9} if integer else {},
        )
        return None if result.x is None else result.x[:n] - result.x[n:]

    def _matrix(self, cells: list[int], rows: list[int]) -> csc_array:
        from scipy.sparse import csc_array

        at, n = {c: k for k, c in enumerate(cells)}, len(cells)
        up = [
            (r, at[c], v)
            for r, number in enumerate(rows)
            for c, v in self.system.zeilen[number].items()
            if c in at
        ]
        r, c, v = zip(*up, *((r, c + n, -v) for r, c, v in up), strict=True)
        return csc_array((v, (r, c)), shape=(len(rows), 2 * n))

    def _checked(self, x: Iterable[float], cells: list[int], rows: list[int]) -> Aenderung | None:
        """Return the change, exact integers of counts; None when a relation does not hold."""
        if not self.system.ganz:
            return {c: float(v) for c, v in zip(cells, x, strict=True) if abs(v) > KLEIN}
        for times in VIELFACHE:
            change = {c: round(float(times * v)) for c, v in zip(cells, x, strict=True)}
            change = {c: v for c, v in change.items() if v}
            if self._holds(change, rows):
                return dict(change)
        return None

    def _holds(self, change: Mapping[int, int], rows: list[int]) -> bool:
        low = any(self.system.wert[c] + v < self.system.unten[c] for c, v in change.items())
        return not low and not any(
            sum(k * change.get(c, 0) for c, k in self.system.zeilen[number].items())
            for number in rows
        )


def _reaches(witness: Aenderung, i: int, ziel: Sequence[float]) -> bool:
    moved = witness.get(i, 0)
    return any(moved >= z - KLEIN if z > 0 else moved <= z + KLEIN for z in ziel)
