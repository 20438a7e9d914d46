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
    from sozcontrol.disclosure import Entscheidung


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

    What is published of other areas from the same delivery is fixed.
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
    decided = disclosure.entscheiden(asked, [*catalogue.editionen()], fest)
    kept = store.Entschieden(
        was.kommune.id, was.stichtag, was.fassung, (*others, *areas), decided.as_dict()
    )
    return decided, kept
