"""What shown figures teach a reader of hidden ones: columns that add up, columns that are one."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sozcontrol.press.gegenprobe.figuren import Fest, Figur, Form, Zelle

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Zahlen = npt.NDArray[np.float64]

MINDESTENS = 4
"""Rows something must hold in before a reader believes it of the hidden ones, too."""
GLIEDER = (2, 3)
"""So many other columns a hidden one may be made of."""
ZUGLEICH = 1000
"""So many choices of them are tried at once: enough to be fast, few enough for the memory."""
GENAU = 1e-6
SCHARF = 0.01
"""Figures rounded more coarsely than this share of their value prove no likeness."""

Tafel = dict[str, dict[int, Zelle]]
"""Column → row → the cell that stands there."""


@dataclass
class Stand:
    """What is known of one cell: its bounds (None: hidden), what it is, what its mark can be.

    ``geheim``: the pages under attack hide it; ``wechselt``: a change, which may go either way.
    """

    form: Form
    spanne: tuple[float, float] | None = None
    geheim: bool = False
    ab_eins: bool = False
    wechselt: bool = False


Staende = Mapping[Zelle, Stand]


def tafeln(figuren: Iterable[Figur]) -> list[Tafel]:
    """Return the tables of one page in which a count or an amount is hidden."""
    found: dict[str, Tafel] = defaultdict(lambda: defaultdict(dict))
    hidden = set()
    for f in figuren:
        if f.form != "rate":
            title, row, column = f.ort
            found[title][column][row] = f.zelle
            if f.geheim:
                hidden.add(title)
    return [found[t] for t in found if t in hidden]


def zeilen(known: Iterable[Tafel], staende: Staende) -> Iterator[dict[Zelle, float]]:
    """Yield, for every hidden figure, the sums of other columns it was in all rows shown."""
    for tafel in known:
        for column, cells in tafel.items():
            hidden = [row for row, z in cells.items() if staende[z].spanne is None]
            for parts in _summen(tafel, column, staende) if hidden else ():
                for row in hidden:
                    if all(row in tafel[c] for c in parts):
                        yield _zeile(cells[row], [(tafel[c][row], k) for c, k in parts.items()])


def _zeile(cell: Zelle, parts: Iterable[tuple[Zelle, int]]) -> dict[Zelle, float]:
    line = {cell: -1.0}
    for z, k in parts:
        line[z] = line.get(z, 0.0) + k
    return line


def _summen(tafel: Tafel, column: str, staende: Staende) -> Iterator[dict[str, int]]:
    """Yield the signed columns that make *column* wherever all of it is shown."""
    others = [c for c in tafel if c != column]
    middle, half = _werte(tafel, [column, *others], sorted(tafel[column]), staende)
    for n in GLIEDER if len(tafel[column]) >= MINDESTENS else ():
        signs = [*itertools.product((1, -1), repeat=n)]
        all_ = itertools.combinations(range(len(others)), n)
        while chosen := [*itertools.islice(all_, ZUGLEICH)]:
            for c, g in _aufgehend(middle, half, chosen, signs):
                yield dict(zip((others[i] for i in chosen[c]), signs[g], strict=True))


def _aufgehend(
    middle: Zahlen, half: Zahlen, chosen: Sequence[tuple[int, ...]], signs: Sequence[Sequence[int]]
) -> Iterator[tuple[int, int]]:
    """Yield which of *chosen*, with which of *signs*, make the first column.

    In every row that is shown, and in enough.
    """
    import numpy as np

    at = np.array([(0, *(i + 1 for i in some)) for some in chosen])
    weights = np.array([(-1, *some) for some in signs])
    values, slack = np.nan_to_num(middle)[at], np.nan_to_num(half)[at].sum(axis=1) + GENAU
    shown = ~np.isnan(middle)[at].any(axis=1)
    real = shown & (abs(values) > slack[:, None]).all(axis=1)
    off = abs(np.einsum("gk,ckr->cgr", weights, values))
    fits = ((off <= slack[:, None]) | ~shown[:, None]).all(axis=2)
    fits &= (real.sum(axis=1) >= MINDESTENS)[:, None]
    yield from ((int(c), int(g)) for c, g in np.argwhere(fits))


def _werte(
    tafel: Tafel, columns: Sequence[str], rows: Sequence[int], staende: Staende
) -> tuple[Zahlen, Zahlen]:
    import numpy as np

    found = np.full((2, len(columns), len(rows)), np.nan)
    for (i, c), (j, r) in itertools.product(enumerate(columns), enumerate(rows)):
        bounds = staende[tafel[c][r]].spanne if r in tafel[c] else None
        if bounds is not None:
            low, high = bounds
            found[:, i, j] = (low + high) / 2, (high - low) / 2
    return found[0], found[1]


def gleiche(cells: Iterable[Zelle], staende: Staende) -> Iterator[dict[Zelle, float]]:
    """Yield hidden figure = shown figure, of two names that agree wherever both are shown."""
    columns: dict[tuple[str, frozenset[str]], dict[Fest, Zelle]] = defaultdict(dict)
    alike: dict[tuple[str, frozenset[str]], set[str]] = defaultdict(set)
    for z in cells:
        if z[1]:
            dims = frozenset(d for d, _ in z[1])
            columns[z[0], dims][z[1]] = z
            alike[_tag(z[0]), dims].add(z[0])
    for (name, dims), own in columns.items():
        hidden = [wo for wo, z in own.items() if staende[z].spanne is None]
        for other in sorted(alike[_tag(name), dims]) if hidden else ():
            theirs = columns[other, dims]
            if other != name and _sind_gleich(own, theirs, staende):
                yield from ({own[wo]: 1.0, theirs[wo]: -1.0} for wo in hidden if wo in theirs)


def _tag(name: str) -> str:
    return name.rpartition(" / ")[2]


def _sind_gleich(one: Mapping[Fest, Zelle], other: Mapping[Fest, Zelle], staende: Staende) -> bool:
    seen = set()
    for wo in one.keys() & other.keys():
        a, b = staende[one[wo]].spanne, staende[other[wo]].spanne
        if a is None or b is None:
            continue
        if a[0] > b[1] + GENAU or b[0] > a[1] + GENAU:
            return False
        if a[0] > 0 and max(a[1] - a[0], b[1] - b[0]) < SCHARF * a[1]:
            seen.add(round(a[1]))
    return len(seen) >= MINDESTENS
