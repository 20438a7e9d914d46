"""An attacker of our own: knows all that is shown, tries to name what is not.

It shares no code with ``disclosure``: its unknowns are the cases of the finest table, and every
published cell is a sum of them.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Mapping
from datetime import date
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp
from stichprobe import probe

from sozcontrol import catalogue
from sozcontrol.disclosure import GEHEIM, Freigabe
from sozcontrol.measures import INSGESAMT, Werte

SCHWELLE = catalogue.edition("leitung").schwelle
Zellen = dict[tuple[str, ...], Any]


def publish(cube: np.ndarray, dims: tuple[str, ...], achsen: tuple[int, ...]) -> pd.DataFrame:
    """Return the table over *achsen* of the cube, with every total."""
    rows = []
    for place in itertools.product(*[[*range(cube.shape[a]), None] for a in achsen]):
        chosen: list[Any] = [slice(None)] * cube.ndim
        for axis, value in zip(achsen, place, strict=True):
            chosen[axis] = slice(None) if value is None else value
        labels = [INSGESAMT if v is None else f"w{v}" for v in place]
        rows.append([*labels, int(cube[tuple(chosen)].sum())])
    return pd.DataFrame(rows, columns=[*(dims[a] for a in achsen), "anzahl"])


class Angreifer:
    """Integer bounds of each hidden cell, over all cubes that agree with what is shown."""

    def __init__(self, shape: tuple[int, ...], dims: tuple[str, ...]) -> None:
        self.shape, self.dims = shape, dims
        self.zeilen: list[np.ndarray] = []
        self.unten: list[float] = []
        self.oben: list[float] = []

    def sees(self, released: Any, dims: tuple[str, ...], cube: np.ndarray) -> list[np.ndarray]:
        """Learn one table; return the sums that are hidden in it."""
        hidden = []
        for row in released.zeilen:
            cell = dict(zip(released.spalten, row, strict=True))
            mask = np.ones(self.shape, dtype=bool)
            for d in dims:
                if cell[d] != INSGESAMT:
                    keep = np.zeros(self.shape, dtype=bool)
                    axis = self.dims.index(d)
                    keep[(slice(None),) * axis + (int(cell[d][1:]),)] = True
                    mask &= keep
            self.zeilen.append(mask.ravel().astype(float))
            secret = cell["anzahl"] is GEHEIM
            # Zeros are shown, so whatever is hidden is at least one, unless the table says that
            # its marks may stand for zeros (earlier tables left no other way).
            least = 0 if released.auch_null else 1
            self.unten.append(least if secret else cell["anzahl"])
            self.oben.append(np.inf if secret else cell["anzahl"])
            if secret:
                hidden.append(self.zeilen[-1])
        return hidden

    def bounds(self, wanted: np.ndarray) -> tuple[int, int | float]:
        """Return the least and the greatest value the hidden sum can have."""
        limits = LinearConstraint(np.array(self.zeilen), self.unten, self.oben)
        found = []
        for sign in (1, -1):
            result = milp(
                sign * wanted, integrality=np.ones(wanted.size), bounds=Bounds(0, np.inf),
                constraints=limits,
            )  # fmt: skip
            found.append(round(sign * result.fun) if result.status == 0 else np.inf)
        return found[0], found[1]


def exposed(angreifer: Angreifer, hidden: list[np.ndarray], cube: np.ndarray) -> list[int]:
    """Return the true counts of hidden cells the attacker names or proves to be small."""
    fallen = []
    for wanted in hidden:
        true = round(float(wanted @ cube.ravel()))
        low, high = angreifer.bounds(wanted)
        assert low <= true <= high, "the attacker's system must hold for the true table"
        if low == high or (0 < true < SCHWELLE and high < SCHWELLE):
            fallen.append(true)
    return fallen


ANZAHLEN = st.one_of(st.integers(0, 3), st.integers(0, 14))


@st.composite
def wuerfel(draw: st.DrawFn, shapes: tuple[tuple[int, int], ...]) -> np.ndarray:
    shape = tuple(draw(st.integers(low, high)) for low, high in shapes)
    size = int(np.prod(shape))
    return np.array(draw(st.lists(ANZAHLEN, min_size=size, max_size=size))).reshape(shape)


FORMEN = {
    "eine Dimension": ((2, 9),),
    "zwei Dimensionen": ((2, 6), (2, 5)),
    "drei Dimensionen": ((2, 3), (2, 3), (2, 3)),
}


@pytest.mark.parametrize("formen", probe([(f,) for f in FORMEN.values()], 2, [*FORMEN]))
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_der_angreifer_nennt_keine_gesperrte_anzahl(formen: Any, data: st.DataObject) -> None:
    cube = data.draw(wuerfel(formen))
    dims = ("a", "b", "c")[: cube.ndim]
    released = Freigabe.open("leitung").release(
        publish(cube, dims, tuple(range(cube.ndim))), je=dims, anzahl="anzahl"
    )
    angreifer = Angreifer(cube.shape, dims)
    hidden = angreifer.sees(released, dims, cube)
    assert exposed(angreifer, hidden, cube) == []


@settings(max_examples=25, deadline=None)
@given(cube=wuerfel(((2, 4), (2, 3), (2, 3))), order=st.permutations([(0, 1), (0, 2), (0,), ()]))
def test_auch_mehrere_tabellen_eines_laufs_verraten_nichts(
    cube: np.ndarray, order: list[tuple[int, ...]]
) -> None:
    """Tables that share a dimension, totals in tables of their own, in any order."""
    freigabe, dims = Freigabe.open("leitung"), ("a", "b", "c")
    angreifer, hidden = Angreifer(cube.shape, dims), []
    for achsen in order:
        je = tuple(dims[a] for a in achsen)
        released = freigabe.release(publish(cube, dims, achsen), je=je, anzahl="anzahl")
        hidden += angreifer.sees(released, je, cube)
    assert exposed(angreifer, hidden, cube) == []


@settings(max_examples=25, deadline=None)
@given(cube=wuerfel(((2, 5), (2, 4))))
def test_jede_zweite_sperrung_ist_noetig(cube: np.ndarray) -> None:
    """Show any one complementary cell and the attacker succeeds: no cell is hidden in vain."""
    dims = ("a", "b")
    table = publish(cube, dims, (0, 1))
    true = dict(zip(zip(table.a, table.b, strict=True), table.anzahl, strict=True))
    released = Freigabe.open("leitung").release(table, je=dims, anzahl="anzahl")
    marks = dict(
        zip(zip(*map(released.spalte, dims), strict=True), released.spalte("anzahl"), strict=True)
    )
    for key, mark in marks.items():
        if mark is GEHEIM and true[key] >= SCHWELLE:
            angreifer = Angreifer(cube.shape, dims)
            shown = _with(released, key, true[key])
            hidden = angreifer.sees(shown, dims, cube)
            assert exposed(angreifer, hidden, cube) != []


def _with(released: Any, key: tuple[str, ...], n: int) -> Any:
    rows = [r if r[:2] != key else (*key, n) for r in released.zeilen]
    return SimpleNamespace(zeilen=rows, spalten=released.spalten, auch_null=released.auch_null)


@settings(max_examples=60, deadline=None)
@given(cube=wuerfel(((1, 6), (1, 4))))
def test_intern_zeigt_alles(cube: np.ndarray) -> None:
    table = publish(cube, ("a", "b"), (0, 1))
    released = Freigabe.open("intern").release(table, je=("a", "b"), anzahl="anzahl")
    assert released.spalte("anzahl") == list(table.anzahl)


@settings(max_examples=60, deadline=None)
@given(counts=st.lists(ANZAHLEN, min_size=1, max_size=8), extra=ANZAHLEN)
def test_eine_zeile_mehr_deckt_keine_kleine_anzahl_auf(counts: list[int], extra: int) -> None:
    """Small counts stay hidden whatever is added.

    That is all that holds between runs: *which* other cells protect them may change with a row.
    Within a run more holds: the register keeps every mark and every figure (next test).
    """
    for numbers in (counts, [*counts, extra]):
        table = publish(np.array(numbers), ("a",), (0,))
        released = Freigabe.open("leitung").release(table, je="a", anzahl="anzahl")
        true = dict(zip(table.a, table.anzahl, strict=True))
        for label, mark in zip(released.spalte("a"), released.spalte("anzahl"), strict=True):
            if 0 < true[label] < SCHWELLE:
                assert mark is GEHEIM
            if true[label] == 0:
                assert mark == 0


@settings(max_examples=25, deadline=None)
@given(
    cube=wuerfel(((2, 4), (2, 3), (2, 3))),
    order=st.permutations([(0, 1), (0, 2), (1, 2), (0,), (1,), (2,), ()]),
)
def test_in_einem_lauf_hat_jede_zelle_nur_ein_gesicht(
    cube: np.ndarray, order: list[tuple[int, ...]]
) -> None:
    freigabe, dims, seen = Freigabe.open("leitung"), ("a", "b", "c"), {}
    for achsen in [*order, *order]:
        je = tuple(dims[a] for a in achsen)
        released = freigabe.release(publish(cube, dims, achsen), je=je, anzahl="anzahl")
        for row in released.zeilen:
            cell: Mapping[str, Any] = dict(zip(released.spalten, row, strict=True))
            key = frozenset((d, cell[d]) for d in je if cell[d] != INSGESAMT)
            assert seen.setdefault(key, cell["anzahl"]) is cell["anzahl"] or (
                seen[key] == cell["anzahl"]
            )


@settings(max_examples=25, deadline=None)
@given(cube=wuerfel(((2, 5), (2, 4))), anteil=st.booleans())
def test_abgeleitetes_ist_genau_dann_offen_wenn_seine_anzahlen_es_sind(
    cube: np.ndarray, anteil: bool
) -> None:
    table = publish(cube, ("a", "b"), (0, 1)).rename(columns={"anzahl": "alle"})
    table["teil"] = [n // 2 for n in table.alle]
    table["quote"], table["dichte"], table["betrag"] = 1.0, 2.0, 3.0
    released = Freigabe.open("leitung").release(
        table, je=("a", "b"), anzahl=("alle", "teil"), betraege={"betrag": "alle"},
        abgeleitet={"quote": ("teil", "alle"), "dichte": ("teil",)},
        anteile=[("teil", "alle")] if anteil else (),
    )  # fmt: skip
    for row in released.zeilen:
        cell = dict(zip(released.spalten, row, strict=True))
        whole, part = cell["alle"] is GEHEIM, cell["teil"] is GEHEIM
        assert (cell["quote"] is GEHEIM) == (whole or part)
        assert (cell["dichte"] is GEHEIM) == part
        assert (cell["betrag"] is GEHEIM) == whole
        if anteil and not whole and not part:
            assert not 0 < cell["alle"] - cell["teil"] < SCHWELLE


def test_eine_tabelle_von_berichtsgroesse_dauert_keine_sekunde() -> None:
    cube = np.random.default_rng(7).poisson(4, (18, 9))
    table = publish(cube, ("a", "b"), (0, 1))
    start = time.process_time()
    released = Freigabe.open("leitung").release(table, je=("a", "b"), anzahl="anzahl")
    assert time.process_time() - start < 1.5
    assert len(released) == 190


def kennzahl_je_hilfeart(id: str, stichtag: str, counts: np.ndarray) -> Werte:
    """Return a Kennzahl by Hilfeart, with the total."""
    numbers = [int(n) for n in [*counts, counts.sum()]]
    frame = pd.DataFrame(
        {
            "hilfeart": [*(f"w{k}" for k in range(len(counts))), INSGESAMT],
            "zaehler": numbers,
            "nenner": None,
            "wert": numbers,
            "faelle_zaehler": numbers,
            "faelle_nenner": None,
        },
        dtype=object,
    )
    return Werte(catalogue.kennzahl(id), ("hilfeart",), frame, date.fromisoformat(stichtag))


@settings(max_examples=25, deadline=None)
@given(
    flows=st.lists(st.tuples(st.integers(0, 12), ANZAHLEN, ANZAHLEN), min_size=2, max_size=6),
    order=st.permutations(range(4)),
)
def test_bestand_und_bewegung_verraten_einander_nicht(
    flows: list[tuple[int, int, int]], order: list[int]
) -> None:
    """B(b) = B(a) + Z − A by Hilfeart, the four Kennzahlen in any order of release."""
    begin, inflow = (np.array(column) for column in list(zip(*flows, strict=True))[:2])
    outflow = np.array([min(a, b + z) for b, z, a in flows])
    end = begin + inflow - outflow
    n = len(flows)
    published = [
        (kennzahl_je_hilfeart("H01", "2024-12-31", begin), (1, 0, 0)),
        (kennzahl_je_hilfeart("H01", "2025-06-30", end), (1, 1, -1)),
        (kennzahl_je_hilfeart("H02", "2025-06-30", inflow), (0, 1, 0)),
        (kennzahl_je_hilfeart("H03", "2025-06-30", outflow), (0, 0, 1)),
    ]
    freigabe, true = Freigabe.open("leitung"), np.concatenate([begin, inflow, outflow])
    rows, least, most, hidden = [], [], [], []
    for werte, factors in (published[k] for k in order):
        released = freigabe.kennzahl(werte)
        for label, mark in zip(
            released.spalte("hilfeart"), released.spalte("zaehler"), strict=True
        ):
            who = np.ones(n) if label == INSGESAMT else np.eye(n)[int(label[1:])]
            rows.append(np.concatenate([f * who for f in factors]))
            secret = mark is GEHEIM
            least.append((0 if released.auch_null else 1) if secret else mark)
            most.append(np.inf if secret else mark)
            hidden += [rows[-1]] if secret else []
    known = np.concatenate([np.eye(n), np.eye(n), -np.eye(n)], axis=1)  # no stock below zero
    angreifer = Angreifer((3 * n,), ("x",))
    angreifer.zeilen = [*rows, *known]
    angreifer.unten, angreifer.oben = [*least, *[0.0] * n], [*most, *[np.inf] * n]
    assert exposed(angreifer, hidden, true) == []
