"""Cells, the register of one run, and the choice of what to hide.

A cell is (measure, predicate): ``("H01", {hilfeart: 33, sozialraum: Nord})``. Dimensions that are
totalled are left out of the predicate, so the same cell is recognised in every table of the run.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NoReturn

from sozcontrol.disclosure.angriff import Angriff, System
from sozcontrol.disclosure.mengen import Zelle

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
    auch_null: set[Zelle] = field(default_factory=set)
    einzeln: set[Zelle] = field(default_factory=set)
    beziehungen: dict[tuple[tuple[str, int], ...], None] = field(default_factory=dict)
    summen: dict[tuple[Zelle, tuple[Zelle, ...]], None] = field(default_factory=dict)

    def __reduce__(self) -> NoReturn:
        raise TypeError("the register holds what was suppressed and is never written down")

    def relate(self, koeffizienten: Iterable[tuple[str, int]]) -> None:
        """Declare Σ coefficient · measure = 0 for every predicate."""
        self.beziehungen[tuple(koeffizienten)] = None

    def summe(self, ganzes: Zelle, teile: Iterable[Zelle]) -> None:
        """Declare that one cell is the sum of others, of other measures or predicates."""
        self.summen[ganzes, tuple(teile)] = None

    def admit(
        self, neu: dict[Zelle, int], unsichtbar: dict[Zelle, int], einzeln: Iterable[Zelle] = ()
    ) -> None:
        """Take in the cells of one table, decide which are hidden, and remember it.

        *einzeln* are cells that came without the rest of their breakdown (the numerator of a share
        is one form of many): that others are missing there does not make them zeros.
        """
        fresh = sorted((z for z in neu if not self.known(z)), key=_order)
        loose = set(einzeln)
        self.einzeln = (self.einzeln | loose) - (neu.keys() - loose)
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
        """Return the counts nobody released that relations and sums give away all the same.

        Two stocks and the inflow between them tell the outflow: it needs protection before its own
        table comes, for then it would be too late. What is found may give away more.
        """
        released = self.anzahl.keys() - self.unsichtbar
        whole = {(m, frozenset(d for d, _ in p)) for m, p in released - self.einzeln}
        known = {z: self.anzahl[z] for z in released}
        found: dict[Zelle, int] = {}
        while True:
            rows = [*self._by_relation(known, whole), *self._by_sum()]
            new = {}
            for row in rows:
                missing = [z for z, _ in row if known.get(z) is None]
                if len(missing) == 1 and missing[0] not in known:
                    sign = dict(row)[missing[0]]
                    count = -sign * sum(k * known[z] for z, k in row if z != missing[0])
                    if count >= 0:
                        new[missing[0]] = count
            if not new:
                return found
            found |= new
            known |= new

    def _by_relation(
        self, known: dict[Zelle, int], whole: set[tuple[str, frozenset[str]]]
    ) -> Iterator[list[tuple[Zelle, int]]]:
        """Yield the relations predicate by predicate; a cell missing in a whole table is a zero."""
        places: dict[str, set] = {}
        for merkmal, predicate in known:
            places.setdefault(merkmal, set()).add(predicate)
        for relation in self.beziehungen:
            for predicate in set.union(*(places.get(m, set()) for m, _ in relation)):
                dims = frozenset(d for d, _ in predicate)
                yield [
                    ((m, predicate), k)
                    for m, k in relation
                    if (m, predicate) in known or (m, dims) not in whole
                ]

    def _by_sum(self) -> Iterator[list[tuple[Zelle, int]]]:
        for ganzes, teile in self.summen:
            yield [(ganzes, 1), *((z, -1) for z in teile)]

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
        self.verloren: set[int] = set()
        self.small = {i for z, i in self.nummer.items() if register.klein(z)}
        self.before = {i for z, i in self.nummer.items() if z in register.gesperrt}
        start = {self.nummer[z] for z in beruehrt}
        # A table may tie cells together that were loose before: what shares a relation counts too.
        start |= {i for row in self.system.zeilen if start & row.keys() for i in row}
        movable = self.before | self.system.unsichtbar
        self.angriff = Angriff(self.system, start, movable | self.fresh.keys())

    def treffen(self) -> set[Zelle]:
        """Return the fresh cells to hide; at worst all of them, zeros and totals included.

        Where earlier tables leave no other way, marks of this table may stand for zeros, too: the
        reader is told so, and then even parts of a small total that is out already are safe.
        """
        primary = {i for i in self.fresh if i in self.small}
        hidden = self._cover(primary)
        if hidden is None:
            # All zeros go, needed or not: a zero that stays would tell that no mark is one.
            primary |= {i for i in self.fresh if not self.system.wert[i]}
            for i in self.fresh:
                self.system.unten[i] = 0
            self.angriff.vergessen()
            hidden = self._cover(primary, aufgeben=True) or primary
            self.register.auch_null |= {self.fresh[i] for i in hidden}
        return {self.fresh[i] for i in self._spare(hidden, primary)}

    def _goals(self, hidden: set[int]) -> dict[int, int | None]:
        """By how much a cell must be able to rise: to the threshold, or (None) change at all."""
        named = hidden | self.before | (self.system.unsichtbar & self.small)
        near = (named & set(self.angriff.zellen)) - self.verloren
        return {
            i: self.register.schwelle - self.system.wert[i] if i in self.small else None
            for i in sorted(near)
        }

    def _cover(self, hidden: set[int], *, aufgeben: bool = False) -> set[int] | None:
        """Hide cells until every goal has its witness; None when even all counts do not do.

        With *aufgeben*, a goal that hiding all of this table would not reach is left out: what was
        shown before gives the cell away, so hiding more would cost readers and protect nobody.
        """
        while True:
            moving = hidden | self.before | self.system.unsichtbar
            for i, rise in self._goals(hidden).items():
                if self.angriff.belegt(i, rise, moving):
                    continue
                prices = self._prices(hidden)
                change = self.angriff.suchen(i, rise, moving, prices)
                if change is None and aufgeben:
                    self.verloren.add(i)
                    continue
                if change is None:
                    return None
                if change.keys() & prices.keys():
                    hidden = hidden | (change.keys() & prices.keys())
                    break
            else:
                return hidden

    def _prices(self, hidden: set[int]) -> dict[int, float]:
        """Price the cells that may still be hidden: parts before totals, small before large."""
        deepest = max((len(p) for _, p in self.fresh.values()), default=0)
        return {
            i: 6.0 ** (deepest - len(z[1])) * (1 + math.log2(self.system.wert[i])) + 1e-6 * i
            for i, z in self.fresh.items()
            if i not in hidden and self.system.wert[i] > 0
        }

    def _spare(self, hidden: set[int], primary: set[int]) -> set[int]:
        """Show again what the protection does not need, dearest first."""
        prices = self._prices(primary)
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
    linked = _linked(register, merkmale)
    system, number = System(), {}
    for zelle in sorted((z for z in register.anzahl if z[0] in linked), key=_order):
        unseen = zelle in register.unsichtbar
        # Implied cells may be published yet, and then a mark says »at least one« of them, too.
        never = unseen and zelle not in register.erschlossen
        least = 0 if never or zelle in register.auch_null or not register.anzahl[zelle] else 1
        number[zelle] = system.zelle(register.anzahl[zelle], least, unsichtbar=unseen)
    for merkmal in sorted(linked):
        _sums(system, {z: i for z, i in number.items() if z[0] == merkmal})
    for relation in register.beziehungen:
        if {m for m, _ in relation} <= linked:
            _across(system, number, relation)
    for whole, parts in register.summen:
        row = [number[z] for z in parts if z in number]
        # Without all its parts a sum bounds them from above; more than the whole is no sum.
        if whole in number and row and sum(system.wert[i] for i in row) <= register.anzahl[whole]:
            system.beziehung({number[whole]: 1, **dict.fromkeys(row, -1)})
    return system, number


def _linked(register: Register, merkmale: set[str]) -> set[str]:
    """Return the measures that any relation ties to *merkmale*, directly or through others."""
    groups = [{m for m, _ in r} for r in register.beziehungen]
    groups += [
        {z[0] for z in (whole, *parts) if z in register.anzahl} for whole, parts in register.summen
    ]
    linked = set(merkmale)
    while more := [g for g in groups if g & linked and not g <= linked]:
        linked |= set.union(*more)
    return linked


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
