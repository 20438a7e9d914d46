"""A reader with a pencil: takes all tables of a published report and tries to name what is hidden.

Knows the definitions (stock and flow, what a share is a share of, which forms of help exist in
which segment) and reads nothing but finished HTML. Shares no code with the package.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from rendered import tables, text
from scipy.optimize import Bounds, LinearConstraint, milp

SEGMENTE = ("ambulant", "teilstationär", "stationär")
BEWEGUNG = "Bestand und Bewegung je "
HIDDEN = "geheim gehalten"
AUCH_NULL = "kann auch für null stehen"
Zelle = tuple[str, str, str]
"""(what is counted, form of help or area or age, segment); empty = all of them."""


def number(cell: str) -> float | None:
    """Read a German number; None for a mark, 0 for »nothing there«."""
    if HIDDEN in cell:
        return None
    found = re.match(r"[−-]?[\d.]+(?:,\d+)?", cell)
    return float(found.group().replace(".", "").replace(",", ".")) if found else 0.0


@dataclass
class System:
    """Linear knowledge about counts: rows low ≤ Σ k · cell ≤ high."""

    zellen: dict[Zelle, int] = field(default_factory=dict)
    geheim: set[Zelle] = field(default_factory=set)
    bekannt: dict[Zelle, int] = field(default_factory=dict)
    zeilen: list[tuple[dict[Zelle, float], float, float]] = field(default_factory=list)
    mindestens: int = 1

    def sieht(self, zelle: Zelle, cell: str) -> None:
        """Learn one cell of a table."""
        self.zellen.setdefault(zelle, len(self.zellen))
        value = number(cell)
        if value is None:
            self.geheim.add(zelle)
        else:
            assert self.bekannt.setdefault(zelle, int(value)) == value, zelle

    def weiss(self, row: dict[Zelle, float], low: float = 0, high: float = 0) -> None:
        """Learn a relation; cells no table shows are unknowns of at least zero."""
        for zelle in row:
            self.zellen.setdefault(zelle, len(self.zellen))
        self.zeilen.append((row, low, high))

    def grenzen(self, zelle: Zelle) -> tuple[float, float]:
        """Return the least and the greatest value a cell can have."""
        n = len(self.zellen)
        matrix = np.zeros((len(self.zeilen), n))
        for number_, (row, _, _) in enumerate(self.zeilen):
            for z, k in row.items():
                matrix[number_, self.zellen[z]] = k
        low, high = np.zeros(n), np.full(n, np.inf)
        for z, i in self.zellen.items():
            if z in self.bekannt:
                low[i] = high[i] = self.bekannt[z]
            elif z in self.geheim:
                low[i] = self.mindestens
        limits = LinearConstraint(matrix, [r[1] for r in self.zeilen], [r[2] for r in self.zeilen])
        found = []
        for sign in (1, -1):
            goal = np.zeros(n)
            goal[self.zellen[zelle]] = sign
            done = milp(goal, integrality=np.ones(n), bounds=Bounds(low, high), constraints=limits)
            assert done.status in (0, 3, 4), f"the reader's knowledge contradicts itself: {zelle}"
            found.append(round(sign * done.fun) if done.status == 0 else sign * -np.inf)
        return found[0], found[1]

    def verraten(self, wahr: dict[Zelle, int], schwelle: int) -> list[Zelle]:
        """Return the hidden cells that are named, or proved to be small."""
        fallen = []
        for zelle in sorted(self.geheim - self.bekannt.keys()):
            low, high = self.grenzen(zelle)
            assert low <= wahr[zelle] <= high, ("the reader believes something untrue", zelle)
            if low == high or (0 < wahr[zelle] < schwelle and high < schwelle):
                fallen.append(zelle)
        return fallen


def liest(html: str, segmente: dict[str, Iterable[str]], quoten: bool = True) -> System:
    """Read a report on Hilfen; *segmente* names the segments a form of help can have."""
    found, system = tables(html), System()
    system.mindestens = 0 if AUCH_NULL in text(html) else 1
    names = _movement(found, system)
    for name in names:
        _sums(system, name, segmente)
    old, begun, ended, new = names
    for what in {z[1:] for z in system.zellen}:
        row = {(new, *what): 1, (old, *what): -1, (begun, *what): -1, (ended, *what): 1}
        if sum(z in system.zellen for z in row) >= 3:
            system.weiss(row)
    _areas(found, system, new)
    if quoten:
        _rates(found, system, new, ended)
    return system


def _movement(found: dict[str, list[list[str]]], system: System) -> list[str]:
    head, *rows = found[BEWEGUNG + "Hilfeart"]
    for row in rows:
        for name, cell in zip(head[1:], row[1:], strict=True):
            system.sieht((name, "" if row[0] == "insgesamt" else row[0], ""), cell)
    own, *rows = found[BEWEGUNG + "Segment"]
    assert own[1 : len(head)] == head[1:]  # what stands right of it are costs and shares
    for row in rows:
        for name, cell in zip(head[1:], row[1 : len(head)], strict=True):
            system.sieht((name, "", "" if row[0] == "insgesamt" else row[0]), cell)
    return head[1:]


def _sums(system: System, name: str, segmente: dict[str, Iterable[str]]) -> None:
    forms = sorted({z[1] for z in system.zellen if z[0] == name and z[1]})
    system.weiss({(name, "", ""): 1} | {(name, f, ""): -1 for f in forms})
    system.weiss({(name, "", ""): 1} | {(name, "", s): -1 for s in SEGMENTE})
    for form in forms:
        system.weiss({(name, form, ""): 1} | {(name, form, s): -1 for s in segmente[form]})
    for s in SEGMENTE:
        inside = [f for f in forms if s in segmente[f]]
        system.weiss({(name, "", s): 1} | {(name, f, s): -1 for f in inside})


def _areas(found: dict[str, list[list[str]]], system: System, new: str) -> None:
    """Learn the stock by area (and by the density times the population) and by age and segment."""
    _, *rows = found["Bestand und Dichte je Sozialraum"]
    for name, count, people, density in rows:
        cell = (new, "" if name == "insgesamt" else f"in {name}", "")
        system.sieht(cell, count)
        if number(density) and number(people):
            _between(system, {cell: 1000 / number(people)}, number(density), 0.05)
    areas = [f"in {r[0]}" for r in rows if r[0] != "insgesamt"]
    system.weiss({(new, "", ""): 1} | {(new, a, ""): -1 for a in areas})
    head, *rows = found["Bestand je Altersgruppe und Segment"]
    ages = [r[0] for r in rows if r[0] != "insgesamt"]
    for row in rows:
        for s, cell in zip(head[1:], row[1:], strict=True):
            age, s = ("" if v == "insgesamt" else v for v in (row[0], s))
            system.sieht((new, age, s), cell)
        if row[0] in ages:
            system.weiss({(new, row[0], ""): 1} | {(new, row[0], s): -1 for s in SEGMENTE})
    for s in (*SEGMENTE, ""):
        system.weiss({(new, "", s): 1} | {(new, age, s): -1 for age in ages})


def _rates(found: dict[str, list[list[str]]], system: System, new: str, ended: str) -> None:
    """Learn what the overview's rates say about counts."""
    shown = {r[0]: r[2] for r in found["Alle Kennzahlen des Monitorings"][1:]}
    foster, home = (new, "Vollzeitpflege", ""), (new, "Heimerziehung", "")
    for id, part in (("H13", foster), ("H14", home)):
        share = number(shown[id])
        if share is not None:
            for bound, sign in ((share + 0.05, 1), (share - 0.05, -1)):
                other = home if part == foster else foster
                row = {part: sign * (bound - 100), other: sign * bound}
                system.weiss(row, 0, np.inf)
    share = number(shown["H11"])
    if share is not None:
        for bound, sign in ((share + 0.05, 1), (share - 0.05, -1)):
            system.weiss(
                {(new, "", ""): sign * bound, (new, "", "stationär"): -sign * 100}, 0, np.inf
            )
    served = number(shown["H04"])
    if served is not None:
        system.weiss({(new, "", ""): 1, (ended, "", ""): 1}, served, served)


def _between(system: System, row: dict[Zelle, float], value: float, half: float) -> None:
    system.weiss(row, value - half - 1e-9, value + half + 1e-9)
