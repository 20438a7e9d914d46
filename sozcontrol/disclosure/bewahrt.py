"""A decision as plain values, to be kept beside the delivery until what it was made of changes.

``niederschrift`` writes what is decided of every cell, this the tables as each edition may see
them; only this room can make them ``Released`` again.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from sozcontrol import catalogue
from sozcontrol.disclosure.entscheidung import Entscheidung
from sozcontrol.disclosure.geheim import GEHEIM, Gezeigt, Zellwert
from sozcontrol.disclosure.niederschrift import Niederschrift
from sozcontrol.disclosure.released import SIEGEL, Released

if TYPE_CHECKING:
    from sozcontrol.measures.zaehlwerk.kennzahlen import Belegt


@dataclass(frozen=True)
class Zeichen:
    """Stands for GEHEIM, of which there is one only."""


@dataclass(frozen=True)
class Tafel:
    """A released table, cell by cell; its Kennzahl by name."""

    antrag: str
    edition: str
    je: tuple[str, ...]
    spalten: tuple[str, ...]
    zeilen: tuple[tuple[Zellwert | Zeichen, ...], ...]
    arten: dict[str, str]
    kennzahl: str | None
    auch_null: bool


@dataclass(frozen=True)
class Bewahrt:
    """What was decided: every table, and the cells as JSON (hidden figures: stays in data/)."""

    tafeln: tuple[Tafel, ...]
    zellen: str

    @classmethod
    def of(cls, decided: Entscheidung) -> Bewahrt:
        """Return a decision as plain values."""
        tables = tuple(_tafel(name, one) for (name, _), one in decided.tafeln.items())
        return cls(tables, json.dumps(decided.as_dict()))

    def entscheidung(self) -> Entscheidung:
        """Return the decision to draw from; it holds no cells."""
        return Entscheidung({(t.antrag, t.edition): _released(t) for t in self.tafeln})

    def niederschrift(self) -> Niederschrift:
        """Return the cells, to decide against."""
        cells: Niederschrift = json.loads(self.zellen)
        return cells


def _tafel(antrag: str, one: Released) -> Tafel:
    rows = tuple(tuple(_written(v) for v in row) for row in one.zeilen)
    name = one.kennzahl.id if one.kennzahl else None
    told = (one.je, one.spalten, rows, {**one.arten})
    return Tafel(antrag, one.edition, *told, name, one.auch_null)


def _released(one: Tafel) -> Released:
    rows = tuple(tuple(_read(v) for v in row) for row in one.zeilen)
    item = cast("Belegt", catalogue.steckbrief(one.kennzahl)) if one.kennzahl else None
    told = (one.je, one.spalten, rows, one.arten)
    return Released(SIEGEL, *told, one.edition, item, one.auch_null)


def _written(value: Gezeigt) -> Zellwert | Zeichen:
    return Zeichen() if value is GEHEIM else value  # type: ignore[return-value]


def _read(value: Zellwert | Zeichen) -> Gezeigt:
    return GEHEIM if isinstance(value, Zeichen) else value
