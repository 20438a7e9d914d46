"""One count, one cell: conditions on dimensions are moved from the measure into the predicate.

»Stock of § 33« is the numerator of a share and the row § 33 of »stock by Hilfeart«: the same
Hilfen. As two measures, a mark in the table would be undone by the share times its base. So an
equality on a dimension becomes part of the predicate, and a choice of several values is a sum of
the cells it chooses from.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sozcontrol import catalogue
from sozcontrol.catalogue.kennzahl import Bedingung

DIMENSIONEN = frozenset({"hilfeart", "segment", "paragraph", "geschlecht", "traeger", "ort"})
"""Columns of a case that tables are broken down by as they are; age and area are computed."""

HOECHSTENS = 60
"""Cells one sum is resolved into; a longer one stays a count of its own."""

Fest = frozenset[tuple[str, str | None]]
Zelle = tuple[str, Fest]
"""Measure and predicate; a value None of a dimension means »ohne Angabe«, not a total."""

Namen = Callable[[tuple[Bedingung, ...]], str]


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
    """Add »Hilfe zur Erziehung« where the forms named are all such (``measures.sichten``)."""
    if any(c.spalte == "ist_hze" for c in wo):
        return tuple(wo)
    forms = [{c.gleich} if c.gleich is not None else set(c.in_ or ()) for c in _on(wo, "hilfeart")]
    if any(form and form <= set(_hze()) for form in forms):
        return (*wo, Bedingung(spalte="ist_hze", gleich=True))
    return tuple(wo)


def _values(condition: Bedingung, wo: Sequence[Bedingung]) -> tuple[str, ...] | None:
    """Return the values a condition on a dimension lets through, None when that is unknown."""
    if condition.spalte not in DIMENSIONEN:
        return None
    if condition.gleich is not None:
        return (str(condition.gleich),)
    if condition.in_ is not None:
        return tuple(str(v) for v in condition.in_)
    hze = any(c.spalte == "ist_hze" and c.gleich is True for c in wo)
    if condition.nicht_in is not None and condition.spalte == "hilfeart" and hze:
        return tuple(code for code in _hze() if code not in condition.nicht_in)
    return None


def _on(wo: Sequence[Bedingung], spalte: str) -> Iterator[Bedingung]:
    return (c for c in wo if c.spalte == spalte)


def _hze() -> list[str]:
    codes: Mapping[str, Any] = catalogue.codeliste("hilfeart").gueltig
    return [code for code, c in codes.items() if c.merkmale.get("hze") == "ja"]
