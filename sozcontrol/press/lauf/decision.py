"""One decision of a run: over all its notebooks and editions, beside what other areas published."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Protocol

from sozcontrol import catalogue
from sozcontrol.press.lauf.declarations import Erklaerung
from sozcontrol.projekt import Projekt

if TYPE_CHECKING:
    from sozcontrol import store
    from sozcontrol.disclosure import Entscheidung, Vorher


class Lieferung(Protocol):
    """Which stored delivery a run reports on."""

    @property
    def kommune(self) -> catalogue.Kommune:
        """Whose it is."""

    @property
    def stichtag(self) -> date:
        """The day it reports."""

    @property
    def fassung(self) -> str:
        """Its fingerprint in the store."""


def decide(
    projekt: Projekt, was: Lieferung, erklaerungen: Sequence[Erklaerung]
) -> tuple[Entscheidung, store.Entschieden | None]:
    """Decide over everything the notebooks declare, for all editions; return it and what is kept.

    What is published of other areas from the same delivery is fixed; what the reports of other
    deliveries show and hide is taken in where this one repeats it.
    """
    from sozcontrol import disclosure, store

    if not erklaerungen:
        return disclosure.Entscheidung(), None
    areas = [e.bereich for e in erklaerungen]
    before = store.entscheidung(projekt, was.stichtag)
    others = (
        [b for b in before.bereiche if b not in areas]
        if before is not None and before.fassung == was.fassung
        else []
    )
    fest = (
        disclosure.Entscheidung.from_dict(before.zellen) if before is not None and others else None
    )
    asked = [a for e in erklaerungen for a in e.antraege]
    vorher = vorher_entschieden(projekt, was)
    decided = disclosure.entscheiden(asked, [*catalogue.editionen()], fest, vorher)
    kept = store.Entschieden(
        was.kommune.id, was.stichtag, was.fassung, (*others, *areas), decided.as_dict()
    )
    return decided, kept


def vorher_entschieden(projekt: Projekt, was: Lieferung) -> list[Vorher]:
    """Return the decisions behind reports of other deliveries, of this year and the one before."""
    from sozcontrol import disclosure, store

    known = {(v.stichtag, v.fassung): v.datenstand for v in store.veroeffentlichungen(projekt)}
    found = []
    for day in store.entschiedene(projekt):
        one = store.entscheidung(projekt, day) if 0 <= was.stichtag.year - day.year <= 1 else None
        if one is not None and (one.stichtag, one.fassung) != (was.stichtag, was.fassung):
            stand = known.get((one.stichtag, one.fassung))
            if stand is not None:
                lage = disclosure.Entscheidung.from_dict(one.zellen).lage
                found.append(disclosure.Vorher(day, stand, lage))
    return found
