"""Cells, the register of one run, and the choice of what to hide.

A cell is (measure, predicate): ``("H01", {hilfeart: 33, sozialraum: Nord})``. Dimensions that are
totalled are left out of the predicate, so the same cell is recognised in every table of the run.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NoReturn

from sozcontrol.disclosure.angriff import Angriff, System

Zelle = tuple[str, frozenset[tuple[str, str | None]]]
"""Measure and predicate; a value None of a dimension means »ohne Angabe«, not a total."""

PRUEFUNGEN = 60
"""At most so many complementary cells are tried for being dispensable."""


@dataclass
class Register:
    """Every count cell one run has put through the door, and whether it was shown."""

    schwelle: int
    anzahl: dict[Zelle, int] = field(default_factory=dict)
    gesperrt: set[Zelle] = field(default_factory=set)
    gezeigt: set[Zelle] = field(default_factory=set)
    unsichtbar: set[Zelle] = field(default_factory=set)
    erschlossen: set[Zelle] = field(default_factory=set)
    ganz: set[Zelle] = field(default_factory=set)
    beziehungen: dict[tuple[tuple[str, int], ...], None] = field(default_factory=dict)

    def __reduce__(self) -> NoReturn:
        raise TypeError("the register holds what was suppressed and is never written down")

    def relate(self, koeffizienten: Iterable[tuple[str, int]]) -> None:
        """Declare Σ coefficient · measure = 0 for every predicate."""
        self.beziehungen[tuple(koeffizienten)] = None

    def admit(self, neu: dict[Zelle, int], unsichtbar: dict[Zelle, int]) -> None:
        """Take in the cells of one table, decide which are hidden, and remember it."""
        fresh = sorted((z for z in neu if not self.known(z)), key=_order)
        self.unsichtbar.difference_update(neu)
        self.anzahl.update(neu)
        implied = self._implied()
        self.erschlossen.update(implied)
        unseen = {**unsichtbar, **implied}
        self.anzahl.update(unseen)
        self.unsichtbar.update(unseen)
        if self.schwelle > 0:
            self.gesperrt |= Auswahl(self, fresh, [*neu, *unseen]).treffen()
        self.gezeigt.update(z for z in neu if z not in self.gesperrt)

    def known(self, zelle: Zelle) -> bool:
        """Say whether a cell has been before the door, not only been implied."""
        return zelle in self.anzahl and zelle not in self.unsichtbar

    def _implied(self) -> dict[Zelle, int]:
        """Return the counts nobody released that a relation gives away all the same.

        Two stocks and the inflow between them tell the outflow: it needs protection before its own
        table comes, for then it would be too late.
        """
        shapes: dict[str, dict[frozenset[str], set]] = {}
        for merkmal, predicate in self.anzahl:
            if (merkmal, predicate) not in self.unsichtbar:
                dims = frozenset(d for d, _ in predicate)
                shapes.setdefault(merkmal, {}).setdefault(dims, set()).add(predicate)
        found: dict[Zelle, int] = {}
        for relation in self.beziehungen:
            missing = [(m, k) for m, k in relation if m not in shapes]
            if len(missing) != 1:
                continue
            ((merkmal, sign),) = missing
            rest = [(m, k) for m, k in relation if m != merkmal]
            for dims in set.intersection(*(set(shapes[m]) for m, _ in rest)):
                for predicate in set.union(*(shapes[m][dims] for m, _ in rest)):
                    count = -sign * sum(k * self.anzahl.get((m, predicate), 0) for m, k in rest)
                    if count >= 0:
                        found[merkmal, predicate] = count
        return found

    def klein(self, zelle: Zelle) -> bool:
        """Say whether a count is primary: small, but not zero."""
        return 0 < self.anzahl[zelle] < self.schwelle


def _order(zelle: Zelle) -> tuple:
    merkmal, predicate = zelle
    return (merkmal, sorted((d, v is None, v or "") for d, v in predicate))


class Auswahl:
    """One decision: which of the fresh cells of a table must be hidden."""

    def __init__(self, register: Register, fresh: Sequence[Zelle], beruehrt: list[Zelle]) -> None:
        self.register = register
        self.system, self.nummer = _system(register, {m for m, _ in beruehrt})
        self.fresh = {self.nummer[z]: z for z in fresh}
        self.small = {i for z, i in self.nummer.items() if register.klein(z)}
        self.before = {i for z, i in self.nummer.items() if z in register.gesperrt}
        start = {self.nummer[z] for z in beruehrt}
        # A table may tie cells together that were loose before: what shares a relation counts too.
        start |= {i for row in self.system.zeilen if start & row.keys() for i in row}
        movable = self.before | self.system.unsichtbar
        self.angriff = Angriff(self.system, start, movable | self.fresh.keys())

    def treffen(self) -> set[Zelle]:
        """Return the fresh cells to hide; at worst all of them, zeros and totals included."""
        primary = {i for i in self.fresh if i in self.small}
        hidden = self._cover(primary)
        if hidden is None:
            self.register.ganz |= set(self.fresh.values())
            return set(self.fresh.values())
        return {self.fresh[i] for i in self._spare(hidden, primary)}

    def _goals(self, hidden: set[int]) -> dict[int, int | None]:
        """By how much a cell must be able to rise: to the threshold, or (None) change at all."""
        named = hidden | self.before | (self.system.unsichtbar & self.small)
        near = named & set(self.angriff.zellen)
        return {
            i: self.register.schwelle - self.system.wert[i] if i in self.small else None
            for i in sorted(near)
        }

    def _cover(self, hidden: set[int]) -> set[int] | None:
        """Hide cells until every goal has its witness; None when even all counts do not do."""
        while True:
            moving = hidden | self.before | self.system.unsichtbar
            for i, rise in self._goals(hidden).items():
                if self.angriff.belegt(i, rise, moving):
                    continue
                prices = self._prices(hidden)
                change = self.angriff.suchen(i, rise, moving, prices)
                if change is None:
                    prices = self._prices(hidden, nullen=True)
                    change = self.angriff.suchen(i, rise, moving, prices)
                if change is None:
                    return None
                if change.keys() & prices.keys():
                    hidden = hidden | (change.keys() & prices.keys())
                    break
            else:
                return hidden

    def _prices(self, hidden: set[int], *, nullen: bool = False) -> dict[int, float]:
        """Price the cells that may still be hidden: parts before totals, small before large.

        Zeros are shown unless nothing else helps (an earlier table fixed the rest): then *nullen*
        lets them be hidden, too, at a forbidding price.
        """
        deepest = max((len(p) for _, p in self.fresh.values()), default=0)
        return {
            i: 6.0 ** (deepest - len(z[1])) * self._size(i) + 1e-6 * i
            for i, z in self.fresh.items()
            if i not in hidden and (nullen or self.system.wert[i] > 0)
        }

    def _size(self, i: int) -> float:
        count = self.system.wert[i]
        return 1 + math.log2(count) if count else 50.0

    def _spare(self, hidden: set[int], primary: set[int]) -> set[int]:
        """Show again what the protection does not need, dearest first."""
        prices = self._prices(primary, nullen=True)
        extra = sorted(hidden - primary, key=lambda i: -prices[i])
        for i in extra[:PRUEFUNGEN]:
            if self._holds(hidden - {i}):
                hidden = hidden - {i}
        return hidden

    def _holds(self, hidden: set[int]) -> bool:
        moving = hidden | self.before | self.system.unsichtbar
        return all(
            self.angriff.belegt(i, rise, moving)
            or self.angriff.suchen(i, rise, moving, {}) is not None
            for i, rise in self._goals(hidden).items()
        )


def _system(register: Register, merkmale: set[str]) -> tuple[System, dict[Zelle, int]]:
    """Build the relations of all measures that are linked to *merkmale*."""
    linked, grew = set(merkmale), True
    while grew:
        more = {m for r in register.beziehungen if {m for m, _ in r} & linked for m, _ in r}
        grew = not more <= linked
        linked |= more
    system, number = System(), {}
    for zelle in sorted((z for z in register.anzahl if z[0] in linked), key=_order):
        unseen = zelle in register.unsichtbar
        # Implied cells may be published yet, and then a mark says »at least one« of them, too.
        never = unseen and zelle not in register.erschlossen
        least = 0 if never or zelle in register.ganz or not register.anzahl[zelle] else 1
        number[zelle] = system.zelle(register.anzahl[zelle], least, unsichtbar=unseen)
    for merkmal in sorted(linked):
        _sums(system, {z: i for z, i in number.items() if z[0] == merkmal})
    for relation in register.beziehungen:
        if {m for m, _ in relation} <= linked:
            _across(system, number, relation)
    return system, number


def _sums(system: System, number: dict[Zelle, int]) -> None:
    """Relate every total to its parts, for each combination of dimensions that splits it."""
    by_dims: dict[frozenset[str], list[Zelle]] = {}
    for zelle in number:
        by_dims.setdefault(frozenset(d for d, _ in zelle[1]), []).append(zelle)
    layers = sorted(by_dims, key=lambda dims: (len(dims), sorted(dims)))
    for upper in layers:
        for lower in (dims for dims in layers if upper < dims):
            parts: dict[frozenset, list[int]] = {}
            for merkmal, predicate in by_dims[lower]:
                above = frozenset(p for p in predicate if p[0] in upper)
                parts.setdefault(above, []).append(number[merkmal, predicate])
            for zelle in by_dims[upper]:
                below = parts.get(zelle[1])
                if below:
                    system.beziehung({number[zelle]: 1, **dict.fromkeys(below, -1)})


def _across(
    system: System, number: dict[Zelle, int], relation: tuple[tuple[str, int], ...]
) -> None:
    """Relate several measures of one predicate; a missing cell is a zero nobody had to list."""
    predicates = {z[1] for z in number if z[0] in {m for m, _ in relation}}
    for predicate in sorted(predicates, key=lambda p: _order(("", p))):
        row = {number[m, predicate]: k for m, k in relation if (m, predicate) in number}
        if len(row) > 1:
            system.beziehung(row)
