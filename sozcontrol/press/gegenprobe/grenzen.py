"""How far a hidden figure can lie from what is known: the least and the greatest it can be."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sozcontrol.press.gegenprobe.figuren import Zelle
from sozcontrol.press.gegenprobe.gelernt import GENAU, Stand
from sozcontrol.press.gegenprobe.kenntnis import Kenntnis, Zeile

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Zahlen = npt.NDArray[np.float64]

KNOTEN = 20_000
"""Search limit of one integer programme; beyond it the figure counts as open."""
UNMOEGLICH = 2
"""What the solver answers where no figures fit."""

Offen = tuple[dict[Zelle, float], float, float]
"""What a relation says of its unknown cells, known figures moved to the right."""
Spanne = tuple[float, float]
Faellt = Callable[[Stand, Spanne], bool]
"""Whether a figure that lies within a span is given away; within a wider one it is less so."""


@dataclass
class Grenzen:
    """What every mark can stand for; ``zweifel`` counts groups whose relations fit no figures."""

    spannen: dict[Zelle, Spanne] = field(default_factory=dict)
    zweifel: int = 0


@dataclass(frozen=True)
class _Teil:
    """Unknown cells that relations link, and these relations."""

    zellen: list[Zelle]
    zeilen: list[Zeile]


def grenzen(kenntnis: Kenntnis, faellt: Faellt) -> Grenzen:
    """Return what every goal can be at least and at most: exactly where *faellt*, else inside.

    Where relations fit no figures a reader gives up what was guessed, then all of them.
    """
    found, rows = Grenzen(), kenntnis.zeilen()
    for cell in kenntnis.ziele:
        if (known := kenntnis.staende[cell].spanne) is not None:
            found.spannen[cell] = known
    goals = kenntnis.ziele.keys() - found.spannen.keys()
    for part in _teile(kenntnis, rows):
        wanted = [z for z in part.zellen if z in goals]
        if not wanted:
            continue
        for some in (part.zeilen, [r for r in part.zeilen if r.sicher]):
            limits = _begrenzt(kenntnis, _Teil(part.zellen, some), wanted, faellt) if some else None
            if limits is not None:
                found.spannen |= limits
                break
            found.zweifel += 1
    return found


def _teile(kenntnis: Kenntnis, zeilen: Sequence[Zeile]) -> Iterator[_Teil]:
    """Yield the groups of unknown cells that relations link."""
    by_cell: dict[Zelle, list[int]] = defaultdict(list)
    for n, row in enumerate(zeilen):
        for cell in row.glieder:
            if kenntnis.staende[cell].spanne is None:
                by_cell[cell].append(n)
    seen: set[Zelle] = set()
    for start in by_cell:
        if start in seen:
            continue
        group, edge, lines = {start: None}, [start], dict[int, None]()
        while edge:
            new = [n for z in edge for n in by_cell[z] if n not in lines]
            lines |= dict.fromkeys(new)
            linked = (z for n in new for z in zeilen[n].glieder if z in by_cell)
            edge = list(dict.fromkeys(z for z in linked if z not in group))
            group |= dict.fromkeys(edge)
        seen |= group.keys()
        yield _Teil([*group], [zeilen[n] for n in lines])


def _begrenzt(
    kenntnis: Kenntnis, teil: _Teil, ziele: Collection[Zelle], faellt: Faellt
) -> dict[Zelle, Spanne] | None:
    """Return the bounds of *ziele*; None when nothing fits.

    Every solution is a witness for all cells: one that was seen far enough apart needs no bounds.
    """
    solver = _Rechner(kenntnis, teil)
    at = {z: n for n, z in enumerate(teil.zellen)}
    found: dict[Zelle, Spanne] = {}
    for cell in ziele:
        state = kenntnis.staende[cell]
        span = solver.gesehen(at[cell])
        if span is None or faellt(state, span):
            span = solver.grenzen(at[cell], state, faellt)
        if span is None:
            return None
        found[cell] = span
    return found


class _Rechner:
    """The solver for one group: bounds of its cells, and what was seen of them on the way."""

    def __init__(self, kenntnis: Kenntnis, teil: _Teil) -> None:
        import numpy as np
        from scipy.optimize import Bounds, LinearConstraint
        from scipy.sparse import csc_array

        states = [kenntnis.staende[z] for z in teil.zellen]
        at = {z: n for n, z in enumerate(teil.zellen)}
        rows = [_offen(kenntnis, row) for row in teil.zeilen]
        entries = [(r, at[z], k) for r, (row, _, _) in enumerate(rows) for z, k in row.items()]
        r, c, v = zip(*entries, strict=True)
        low, high = [a - GENAU for _, a, _ in rows], [b + GENAU for *_, b in rows]
        matrix = csc_array((v, (r, c)), shape=(len(rows), len(states)))
        self.zeilen = LinearConstraint(matrix, low, high)
        self.raum = Bounds([_mindestens(s) for s in states], np.full(len(states), np.inf))
        self.ganz = np.array([s.form == "anzahl" for s in states])
        self._zeugen: list[Zahlen] = []

    def gesehen(self, cell: int) -> Spanne | None:
        """Return between which values a cell was seen in figures that fit."""
        seen = [x[cell] for x in self._zeugen]
        return (min(seen), max(seen)) if seen else None

    def grenzen(self, cell: int, stand: Stand, faellt: Faellt) -> Spanne | None:
        """Return the least and the greatest value of a cell; None when no figures fit.

        Whole numbers are asked for where fractions leave room for little more.
        """
        low, high = self._grenze(cell, 1), self._grenze(cell, -1)
        if low is None or high is None:
            return None
        if self.ganz.any() and faellt(stand, (low + 1.0, high - 1.0)):
            low, high = self._grenze(cell, 1, ganz=True), self._grenze(cell, -1, ganz=True)
        return None if low is None or high is None else (low, high)

    def _grenze(self, cell: int, sign: int, *, ganz: bool = False) -> float | None:
        import numpy as np
        from scipy.optimize import milp

        cost = np.zeros(len(self.ganz))
        cost[cell] = sign
        done = milp(
            cost, integrality=self.ganz.astype(int) * ganz, bounds=self.raum,
            constraints=self.zeilen, options={"node_limit": KNOTEN} if ganz else {},
        )  # fmt: skip
        if done.status == UNMOEGLICH:
            return None
        if done.x is None:
            return -sign * math.inf
        if (abs(done.x - done.x.round())[self.ganz] < GENAU).all():
            self._zeugen.append(done.x)
        return sign * float(done.fun)


def _mindestens(stand: Stand) -> float:
    """Return the least a hidden figure can be: amounts, rates and changes may be below zero."""
    if stand.form != "anzahl" or stand.wechselt:
        return -math.inf
    return 1.0 if stand.ab_eins else 0.0


def _offen(kenntnis: Kenntnis, zeile: Zeile) -> Offen:
    row, low, high = dict[Zelle, float](), zeile.unten, zeile.oben
    for cell, k in zeile.glieder.items():
        known = kenntnis.staende[cell].spanne
        if known is None:
            row[cell] = k
        else:
            least, most = sorted(k * b for b in known)
            low, high = low - most, high - least
    return row, low, high
