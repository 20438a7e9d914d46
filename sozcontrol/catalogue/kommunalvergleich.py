"""Comparisons with other municipalities as facts: which figure, whose definition, better which way.

What is compared is data of the table ``vergleichswert``: a value as its source states it, or one
made of quantities of the same source (recipients over residents).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Self

from pydantic import Field, model_validator

from sozcontrol.catalogue.kennzahl import Kennzahl, Richtung, Steckbrief
from sozcontrol.catalogue.sicht import Sicht
from sozcontrol.catalogue.yaml_files import Fact, Roh


class Menge(Fact):
    """A quantity of ``vergleichswert``: of the same year, or so many years before or after it."""

    kennzahl: str
    definition: str
    jahr: int = 0


class Vergleich(Fact):
    """One comparison; without ``zaehler`` the source states the value itself.

    ``zaehlt`` is what a numerator is: a difference to the median is told as so many of it. With
    ``richtung`` neutral there is no best value, and nobody is better or worse.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    feld: str
    kennzahl: str
    name: str
    definition: str
    quelle: str
    einheit: str
    rundung: int = Field(ge=0, le=4)
    richtung: Richtung
    zaehlt: str
    faktor: Decimal = Decimal(1)
    zaehler: tuple[Menge, ...] = ()
    nenner: tuple[Menge, ...] = ()

    @model_validator(mode="after")
    def _both_sides(self) -> Self:
        if bool(self.zaehler) != bool(self.nenner):
            raise ValueError("zaehler und nenner gehören zusammen")
        return self


def with_steckbrief(
    entry: object, items: Mapping[str, Steckbrief], ident: Callable[[str], str]
) -> object:
    """Fill in what the Steckbrief of an own Kennzahl says; the entry's own word wins."""
    item = items.get(str(entry.get("kennzahl"))) if isinstance(entry, dict) else None
    if not isinstance(entry, dict) or not isinstance(item, Kennzahl) or "definition" in entry:
        return entry
    known: Roh = {
        "name": item.name, "einheit": item.einheit, "rundung": item.rundung,
        "richtung": item.richtung, "definition": ident(item.id), "faktor": item.faktor,
    }  # fmt: skip
    return known | entry


VERGLEICHSLISTEN = {"leistungsfeld": "feld", "vergleichsquelle": "quelle"}
"""The code lists a comparison names, and under which word."""

_WORDS = frozenset({"bezeichnung", "erklaerung", "dimensionen", "einheit"})
"""What a view says to readers: two cities may word it differently and count the same."""


def definition_of(item: Kennzahl, views: Iterable[Sicht], marks: Roh) -> str:
    """Return the id of a definition: the Kennzahl and a hash of all that decides its number.

    That is numerator, denominator, factor and unit, the views they count in, and the *marks* of
    codes these ask for.
    """
    # Without defaults: a new field that a definition does not use leaves its id as it is.
    facts: Roh = item.model_dump(
        mode="json", include={"zaehler", "nenner", "faktor", "einheit"}, exclude_defaults=True
    )
    given = [v.model_dump(mode="json", exclude_defaults=True) for v in views]
    facts["sichten"] = [_counting(v) for v in given]
    facts["merkmale"] = marks
    text = json.dumps(facts, sort_keys=True, ensure_ascii=False)
    return f"{item.id}:{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def _counting(fact: object) -> object:
    if isinstance(fact, dict):
        return {k: _counting(v) for k, v in fact.items() if k not in _WORDS}
    return [_counting(v) for v in fact] if isinstance(fact, list) else fact


class Vergleichsregeln(Fact):
    """How comparisons are made, whatever they compare.

    ``mindestens`` values make a median or a best value; fewer are shown as points. A value that
    fewer than ``faelle`` stand behind is no value: it says little, and may say it of someone.
    """

    mindestens: int = Field(ge=2)
    faelle: int = Field(ge=1)
    jahre: int = Field(ge=2)
