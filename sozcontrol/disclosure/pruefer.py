"""The auditor: attacks a finished decision and finds what it gives away.

It shares no code with the choice of what to hide and knows it by its outcome only: figures by
number, relations between them, and for each edition which of them are shown. It works with the
figures themselves (the choice works with changes) and takes a whole group of linked unknowns at
once: one programme pushes all of them up together, what stays is tried alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sozcontrol.errors import NotReleased

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from scipy.sparse import csc_array

    Zahlen = npt.NDArray[np.float64]

SPIEL = 0.1
"""A hidden amount must be able to lie a tenth above or below its value."""
GENAU = 1e-5
KNOTEN = 5000
"""Search limit of one integer programme; running into it counts as given away."""


@dataclass(frozen=True)
class Ausgang:
    """What one edition knows and hides: numbers of figures.

    ``bekannt`` are shown figures, ``gegeben`` those among them that were public before; ``klein``
    counts that nobody may prove small, ``geheim`` figures that nobody may name. ``ab_eins`` are
    hidden counts that a reader knows to be at least one.
    """

    edition: str
    schwelle: int
    bekannt: frozenset[int]
    gegeben: frozenset[int]
    geheim: frozenset[int]
    klein: frozenset[int]
    ab_eins: frozenset[int]


@dataclass(frozen=True)
class Akte:
    """Everything an auditor needs: true figures, which are whole, and relations (Σ k · x = 0).

    ``traeger`` are the counts of those who stand behind an amount, and of those who carry it.
    """

    werte: Sequence[float]
    ganz: Sequence[bool]
    zeilen: Sequence[Mapping[int, float]]
    traeger: Mapping[int, Collection[int]] = field(default_factory=dict)


def demand_safe(akte: Akte, ausgaenge: Iterable[Ausgang]) -> None:
    """Refuse a decision that gives a hidden figure away.

    Raises:
        NotReleased: In which editions, and how many; never which or what.
    """
    found = [(a.edition, len(verraten(akte, a))) for a in ausgaenge]
    if bad := [f"{edition} ({n})" for edition, n in found if n]:
        raise NotReleased(
            "Die Prüfung fand Zahlen von zu wenigen oder konnte gesperrte zurückrechnen: "
            f"{', '.join(bad)}.",
            wo="disclosure.pruefer",
            tun="Nichts veröffentlichen; den Fall mit den Daten der Entscheidung melden.",
        )


def verraten(akte: Akte, ausgang: Ausgang) -> list[int]:
    """Return the figures of too few that are shown, and those hidden that a reader can reckon.

    What was given away before is none of them.
    """
    goals = ausgang.geheim | ausgang.klein
    fallen = _fallen(akte, ausgang, ausgang.bekannt, goals)
    given = _fallen(akte, ausgang, ausgang.gegeben, fallen) if fallen else []
    return sorted({i for i in fallen if i not in given} | _gezeigt(akte, ausgang))


def _gezeigt(akte: Akte, ausgang: Ausgang) -> set[int]:
    """Return what is newly shown though too few are counted, or carry the amount."""

    def few(i: int) -> bool:
        return akte.ganz[i] and 0 < akte.werte[i] < ausgang.schwelle

    new = ausgang.bekannt - ausgang.gegeben
    return {i for i in new if few(i) or any(map(few, akte.traeger.get(i, ())))}


def _fallen(
    akte: Akte, ausgang: Ausgang, bekannt: frozenset[int], goals: Collection[int]
) -> list[int]:
    """Return the goals that fall to a reader who knows *bekannt*."""
    groups = [_Gruppe(akte, ausgang, *found) for found in _gruppen(akte, bekannt, goals)]
    fallen: list[int] = []
    for whole in (True, False):
        same = [g for g in groups if g.ganz == whole]
        left = _gemeinsam(akte, ausgang, same, goals)
        fallen += [i for g in same for i in left & set(g.cells) if not g.einzeln(i)]
    return sorted(fallen)


def _gemeinsam(
    akte: Akte, ausgang: Ausgang, groups: Sequence[_Gruppe], goals: Collection[int]
) -> set[int]:
    """Push the goals of all groups up at once; return those that do not get far enough."""
    left = {i for g in groups for i in g.cells if i in goals}
    while left:
        cells = [i for g in groups if left & set(g.cells) for i in g.cells]
        rows = [row for g in groups if left & set(g.cells) for row in g.zeilen]
        all_ = _Gruppe(akte, ausgang, cells, rows)
        reached = {i for g in groups for i in all_.schieben(sorted(left), g.cells)}
        if not reached & left:
            break
        left -= reached
    return left


def _gruppen(
    akte: Akte, bekannt: frozenset[int], goals: Collection[int]
) -> Iterator[tuple[list[int], list[Mapping[int, float]]]]:
    """Yield the unknowns that relations link to each other, with these relations."""
    by_cell: dict[int, list[int]] = {}
    for number, row in enumerate(akte.zeilen):
        for i in row:
            if i not in bekannt:
                by_cell.setdefault(i, []).append(number)
    seen: set[int] = set()
    for start in sorted(goals):
        if start in seen or start not in by_cell:
            continue
        group, edge, rows = {start}, [start], set[int]()
        while edge:
            new = {r for i in edge for r in by_cell[i]} - rows
            rows |= new
            edge = [i for r in new for i in akte.zeilen[r] if i in by_cell and i not in group]
            group.update(edge)
        seen |= group
        yield sorted(group), [akte.zeilen[r] for r in sorted(rows)]


class _Gruppe:
    """Unknowns and their equations, as the solver takes them."""

    def __init__(
        self, akte: Akte, ausgang: Ausgang, cells: list[int], rows: list[Mapping[int, float]]
    ) -> None:
        import numpy as np
        from scipy.sparse import csc_array

        self.cells, self.at, self.zeilen = cells, {c: k for k, c in enumerate(cells)}, rows
        self._stand: tuple[Zahlen | None] | None = None
        self.ausgang, self.ganz = ausgang, akte.ganz[cells[0]]
        self.wahr = np.array([akte.werte[c] for c in cells], dtype=float)
        entries = [
            (r, self.at[i], k) for r, row in enumerate(rows) for i, k in row.items() if i in self.at
        ]
        r, c, v = zip(*entries, strict=True)
        self.matrix = csc_array((v, (r, c)), shape=(len(rows), len(cells)))
        self.rechts = self.matrix @ self.wahr
        least = [0.0 if v >= 0 else -np.inf for v in self.wahr]
        self.unten = np.array(
            [1.0 if c in ausgang.ab_eins else b for c, b in zip(cells, least, strict=True)]
        )

    def ziel(self, cell: int) -> float:
        """By how much a figure must be able to rise."""
        value = self.wahr[self.at[cell]]
        if not self.ganz:
            return max(SPIEL * abs(value), 1.0)
        return self.ausgang.schwelle - value if cell in self.ausgang.klein else 1.0

    def schieben(self, goals: list[int], teil: Sequence[int]) -> list[int]:
        """Push *goals* up together; return those within *teil* that get far enough."""
        x = self._geschoben(tuple(goals))
        if x is None:
            return []
        at = [self.at[c] for c in teil if c in self.at]
        for times in (1, 2, 3, 6):
            other = self.wahr[at] + times * (x[at] - self.wahr[at])
            if not self.ganz or (self._whole(other) and (other >= self.unten[at] - GENAU).all()):
                moved = dict(zip(at, other - self.wahr[at], strict=True))
                within = [g for g in goals if self.at[g] in moved]
                return [g for g in within if moved[self.at[g]] >= self.ziel(g) - GENAU]
        return []

    def _geschoben(self, goals: tuple[int, ...]) -> Zahlen | None:
        """Return figures in which the goals together have risen as far as they can, once."""
        import numpy as np
        from scipy.sparse import csc_array, eye_array, hstack, vstack

        if self._stand is not None:
            return self._stand[0]
        n, m = len(self.cells), len(goals)
        need = np.array([self.ziel(g) for g in goals])
        at = [self.at[g] for g in goals]
        pick = csc_array((np.ones(m), (range(m), at)), shape=(m, n))
        top = hstack([self.matrix, csc_array((len(self.rechts), m))])
        x = self._solve(
            np.concatenate([np.zeros(n), -1.0 / need]),
            vstack([top, hstack([pick, -eye_array(m)])], format="csc"),
            np.concatenate([self.rechts, self.wahr[at]]),
            np.concatenate([self.rechts, np.full(m, np.inf)]),
            np.concatenate([self.unten, np.zeros(m)]), np.concatenate([np.full(n, np.inf), need]),
        )  # fmt: skip
        self._stand = (None if x is None else x[:n],)
        return self._stand[0]

    def _whole(self, x: Zahlen) -> bool:
        return bool((abs(x - x.round()) < GENAU).all())

    def einzeln(self, goal: int) -> bool:
        """Say whether one figure can lie elsewhere: far enough above, or (no small count) below."""
        import numpy as np

        k, need = self.at[goal], self.ziel(goal)
        both = (1, -1) if goal not in self.ausgang.klein or not self.ganz else (1,)
        for sign in both:
            low, high = self.unten.copy(), np.full(len(self.cells), np.inf)
            if sign > 0:
                low[k] = max(low[k], self.wahr[k] + need)
            else:
                high[k] = self.wahr[k] - need
            if low[k] <= high[k] and self._moegen(low, high):
                return True
        return False

    def _moegen(self, low: Zahlen, high: Zahlen) -> bool:
        import numpy as np

        zero = np.zeros(len(self.cells))
        arguments = (zero, self.matrix, self.rechts, self.rechts, low, high)
        x = self._solve(*arguments)
        if x is None or not self.ganz or self._whole(x):
            return x is not None
        return self._solve(*arguments, ganz=True) is not None

    def _solve(
        self, cost: Zahlen, matrix: csc_array, low: Zahlen, high: Zahlen, unten: Zahlen,
        oben: Zahlen, *, ganz: bool = False,
    ) -> Zahlen | None:  # fmt: skip
        import numpy as np
        from scipy.optimize import Bounds, LinearConstraint, milp

        done = milp(
            cost, integrality=np.full(len(cost), int(ganz)), bounds=Bounds(unten, oben),
            constraints=LinearConstraint(matrix, low, high),
            options={"node_limit": KNOTEN} if ganz else {},
        )  # fmt: skip
        return done.x
