"""One count, one cell: conditions on dimensions are moved from the measure into the predicate.

»Stock of § 33« is the numerator of a share and the row § 33 of »stock by Hilfeart«: the same
Hilfen. As two measures, a mark in the table would be undone by the share times its base. So an
equality on a dimension becomes part of the predicate, and a choice of several values is a sum of
the cells it chooses from.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from sozcontrol import catalogue
from sozcontrol.catalogue.kennzahl import Bedingung

HOECHSTENS = 60
"""Cells one sum is resolved into; a longer one stays a count of its own."""

Fest = frozenset[tuple[str, str | None]]
Zelle = tuple[str, Fest]
"""Measure and predicate; a value None of a dimension means »ohne Angabe«, not a total."""
Zeile = tuple[tuple[Zelle, int], ...]
"""Σ coefficient · cell = 0."""

Namen = Callable[[tuple[Bedingung, ...]], str]


@cache
def dimensionen() -> frozenset[str]:
    """Return the code columns that tables are broken down by as they are (not computed ones)."""
    codes = {s.name for t in catalogue.tabellen().values() for s in t.spalten if s.typ == "code"}
    return gliederungen() & codes


@cache
def gliederungen() -> frozenset[str]:
    """Return all columns that figures are broken down by; others only name the rows of a table."""
    return frozenset(d for k in catalogue.steckbriefe().values() for d in k.granularitaet)


@cache
def ganze() -> frozenset[str]:
    """Return the dimensions whose values are wholes of what lies within: totals, as readers see."""
    return frozenset(h.ganzes for h in catalogue.hierarchien()) & dimensionen()


@cache
def innerhalb(teil: str, ganzes: str) -> dict[str, tuple[bool | str, ...]]:
    """Return code of *teil* → the values of *ganzes* it lies within; empty when nothing says so."""
    for h in catalogue.hierarchien():
        if (h.teil, h.ganzes) == (teil, ganzes):
            return dict(h.innerhalb(catalogue.codeliste(teil)))
    mark = _marken().get(ganzes)
    if mark is None or mark[0] != teil:
        return {}
    codes = catalogue.codeliste(teil).gueltig
    return {code: (item.merkmale.get(mark[1]) == "ja",) for code, item in codes.items()}


@cache
def _marken() -> dict[str, tuple[str, str]]:
    """Return derived column → (the code column it comes from, the mark of the code)."""
    derived = (d for s in catalogue.sichten().values() for d in s.abgeleitet.items())
    return {n: (how.von, how.merkmal) for n, how in derived if how.von and how.merkmal}


@dataclass(frozen=True)
class Menge:
    """What one term counts: remaining conditions, fixed values, and choices of several values."""

    wo: tuple[Bedingung, ...]
    fest: Fest
    auswahl: tuple[tuple[Bedingung, tuple[str, ...]], ...]

    @property
    def bedingungen(self) -> tuple[Bedingung, ...]:
        """The conditions that belong to the measure's name."""
        return (*self.wo, *(condition for condition, _ in self.auswahl))

    def teile(self, zeile: Fest, name: Namen) -> list[Zelle] | None:
        """Return the cells that add up to this count in the row *zeile*; None when it is too many.

        A row outside a choice counts nothing: its sum is empty.
        """
        row, added = dict(zeile), []
        for condition, values in self.auswahl:
            given = row.get(condition.spalte)
            if condition.spalte in row:
                if given not in values:
                    return []
            else:
                added.append([(condition.spalte, v) for v in values])
        places = list(itertools.islice(itertools.product(*added), HOECHSTENS + 1))
        if len(places) > HOECHSTENS:
            return None
        base = name(self.wo)
        return [(base, zeile | self.fest | frozenset(place)) for place in places]


def menge(wo: Sequence[Bedingung], je: Sequence[str]) -> Menge:
    """Split the conditions of one term; dimensions in *je* stand in the rows already."""
    conditions = _with_implied(wo)
    rest, fixed, chosen = [], {}, []
    for condition in conditions:
        values = _values(condition, conditions)
        # The same column twice would be an intersection; it keeps its own name.
        alone = sum(c.spalte == condition.spalte for c in conditions) == 1
        if values is None or not alone:
            rest.append(condition)
        elif len(values) == 1 and condition.spalte not in je:
            fixed[condition.spalte] = values[0]
        else:
            chosen.append((condition, values))
    return Menge(tuple(rest), frozenset(fixed.items()), tuple(chosen))


def _with_implied(wo: Sequence[Bedingung]) -> tuple[Bedingung, ...]:
    """Add what the codes named imply: forms that all are »Hilfe zur Erziehung« are counted so."""
    added = []
    for whole, (part, _) in _marken().items():
        if any(c.spalte == whole for c in wo):
            continue
        lies = innerhalb(part, whole)
        for codes in ({c.gleich, *(c.in_ or ())} - {None} for c in wo if c.spalte == part):
            implied = {v for code in codes for v in lies.get(str(code), ())}
            if codes and implied == {True}:
                added.append(Bedingung(spalte=whole, gleich=True))
    return (*wo, *dict.fromkeys(added))


def _values(condition: Bedingung, wo: Sequence[Bedingung]) -> tuple[str, ...] | None:
    """Return the values a condition on a dimension lets through, None when that is unknown."""
    if condition.spalte not in dimensionen():
        return None
    if condition.gleich is not None:
        return (str(condition.gleich),)
    if condition.in_ is not None:
        return tuple(str(v) for v in condition.in_)
    if condition.nicht_in is None:
        return None
    for other in wo:
        lies = innerhalb(condition.spalte, other.spalte)
        codes = [code for code, inside in lies.items() if inside == (other.gleich,)]
        if codes:
            return tuple(code for code in codes if code not in condition.nicht_in)
    return None
