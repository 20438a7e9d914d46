"""How much is hidden beside what must be: held against the fewest marks that protect as well.

The optimum is worked out another way: one integer programme chooses the marks and, for each count
that is too small, other figures that a reader could take for the true ones.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp
from stichprobe import probe

from sozcontrol import catalogue
from sozcontrol.disclosure import GEHEIM, Antrag, entscheiden
from sozcontrol.measures import INSGESAMT
from sozcontrol.measures.aufstellungen import Aufstellung

SCHWELLE = catalogue.edition("leitung").schwelle
HOECHSTENS = 1.25
WEIT = 60
"""So far other figures may lie from the true ones; a larger bound finds no fewer marks."""
Tafel = npt.NDArray[np.int64]


def tafel(seed: int) -> Tafel:
    """Return a table of two to four rows and columns, with its totals in the last of each."""
    rng = np.random.default_rng(seed)
    shape = rng.integers((2, 3), (5, 5))
    inner = np.where(rng.random(shape) < 0.35, rng.integers(0, 4, shape), rng.poisson(9, shape))
    rows = np.vstack([inner, inner.sum(axis=0)])
    return np.hstack([rows, rows.sum(axis=1, keepdims=True)])


def klein(table: Tafel) -> set[tuple[int, int]]:
    return {(int(r), int(c)) for r, c in np.argwhere((table > 0) & (table < SCHWELLE))}


def beziehungen(shape: tuple[int, ...]) -> npt.NDArray[np.float64]:
    """Return one row per total: its parts less itself are nothing."""
    rows, columns = shape
    found = []
    for axis, n in ((0, rows), (1, columns)):
        for k in range(n):
            line = np.zeros(shape)
            part = line[k] if axis == 0 else line[:, k]
            part[:] = 1
            part[-1] = -1
            found.append(line.ravel())
    return np.array(found)


def wenigste(table: Tafel) -> int | None:
    """Return the fewest marks that protect the small counts, beside their own; None: none do."""
    if not klein(table):
        return 0
    wert, small = table.ravel().astype(float), sorted(klein(table))
    n, goals = wert.size, [r * table.shape[1] + c for r, c in small]
    ties, size = beziehungen(table.shape), n * (1 + len(goals))
    matrix, low, high = [], [], []
    for k, goal in enumerate(goals, 1):
        own = slice(k * n, (k + 1) * n)
        for tie in ties:
            matrix.append(np.zeros(size))
            matrix[-1][own] = tie
            low.append(0.0)
            high.append(0.0)
        for i in range(n):  # only what is marked moves, and no mark stands for zero
            for bound, sign in ((WEIT, 1), (max(wert[i] - 1, 0), -1)):
                line = np.zeros(size)
                line[k * n + i], line[i] = sign, -bound
                matrix.append(line)
                low.append(-np.inf)
                high.append(0.0)
        line = np.zeros(size)
        line[k * n + goal] = 1
        matrix.append(line)
        low.append(SCHWELLE - wert[goal])
        high.append(np.inf)
    marks_low, marks_high = np.zeros(n), (wert > 0).astype(float)
    marks_low[goals] = 1
    done = milp(
        np.concatenate([np.ones(n), np.zeros(size - n)]), integrality=np.ones(size),
        bounds=Bounds(
            np.concatenate([marks_low, np.full(size - n, -WEIT)]),
            np.concatenate([marks_high, np.full(size - n, WEIT)]),
        ),
        constraints=LinearConstraint(np.array(matrix), low, high),
    )  # fmt: skip
    assert done.status in (0, 2), done.message
    return None if done.x is None else round(done.fun) - len(goals)


def gesperrt(table: Tafel) -> int | None:
    """Return the marks beside those of small counts; None where marks may stand for zero, too."""
    names = [[*map(str, range(n - 1)), INSGESAMT] for n in table.shape]
    frame = pd.DataFrame([(a, b) for a, b in product(*names)], columns=["a", "b"])
    frame["n"] = pd.array(table.ravel(), dtype="Int64")
    asked = Antrag("x/1", "x", Aufstellung(frame, ("a", "b"), "Probe", ("n",)))
    told = entscheiden([asked], ["leitung"]).freigegeben("x/1", "leitung")
    if told.auch_null:
        return None
    return sum(v is GEHEIM for v in told.spalte("n")) - len(klein(table))


JE_WURF = 20


@pytest.mark.parametrize("wurf", probe(range(20), 1))
def test_hoechstens_ein_viertel_mehr_als_noetig_ist_gesperrt(wurf: int) -> None:
    best = own = 0
    for seed in range(JE_WURF * wurf, JE_WURF * (wurf + 1)):
        table = tafel(seed)
        fewest, chosen = wenigste(table), gesperrt(table)
        if fewest is None or chosen is None:
            assert fewest is None, "marks stand for zero only where nothing else protects"
            continue
        assert chosen >= fewest, "fewer marks than protect"
        best, own = best + fewest, own + chosen
    assert best >= JE_WURF
    assert own <= HOECHSTENS * best
