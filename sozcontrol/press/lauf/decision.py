"""One decision of a run: over all its notebooks and editions, beside what other areas published."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, Protocol, TypedDict, cast

from sozcontrol import catalogue
from sozcontrol.press.lauf.declarations import Erklaerung
from sozcontrol.projekt import Projekt
from sozcontrol.store import seal

if TYPE_CHECKING:
    from sozcontrol import disclosure, store
    from sozcontrol.disclosure import Entscheidung, Released
    from sozcontrol.disclosure.lage import Lage


class Lieferung(Protocol):
    """Which stored delivery a run reports on."""

    @property
    def kommune(self) -> catalogue.Kommune:
        """Whose it is."""

    @property
    def stichtag(self) -> date:
        """The day it reports."""

    @property
    def datenstand(self) -> date:
        """Up to which day it knows."""

    @property
    def fassung(self) -> str:
        """Its fingerprint in the store."""


class Entschiedenes(Protocol):
    """As much of a decision as pages are made of."""

    @property
    def tafeln(self) -> Mapping[tuple[str, str], Released]:
        """The released tables by Antrag and edition."""

    def freigegeben(self, antrag_id: str, edition: str) -> Released:
        """Return the table of an Antrag as *edition* may see it."""

    def abdruck(self, bereich: str, edition: str) -> str:
        """Return the checksum of all tables of an area: as *edition* sees them, as they are."""


class _Kurz(TypedDict):
    """What is asked of every decision: the checksums of its pages, and the cells as JSON."""

    abdruecke: dict[str, str]
    zellen: str


@dataclass(frozen=True)
class Beschluss:
    """The decision of a run: checksums of its pages at once, its tables when one is drawn."""

    abdruecke: Mapping[str, str] = field(default_factory=dict)
    lies: Callable[[], Entscheidung] | None = None

    @cached_property
    def _ganz(self) -> Entscheidung:
        from sozcontrol import disclosure

        return self.lies() if self.lies else disclosure.Entscheidung()

    @property
    def tafeln(self) -> Mapping[tuple[str, str], Released]:
        """See :class:`Entschiedenes`."""
        return self._ganz.tafeln

    def freigegeben(self, antrag_id: str, edition: str) -> Released:
        """See :class:`Entschiedenes`."""
        return self._ganz.freigegeben(antrag_id, edition)

    def abdruck(self, bereich: str, edition: str) -> str:
        """See :class:`Entschiedenes`."""
        return self.abdruecke[f"{bereich}/{edition}"]


RAEUME = ("catalogue", "store", "measures", "forecast", "hochrechnung", "revision", "present",
          "press/lauf", "disclosure")  # fmt: skip
"""The rooms whose code and facts decide what is declared and what of it may be seen."""


def decide(
    daten: store.Daten, was: Lieferung, erklaerungen: Sequence[Erklaerung]
) -> tuple[Beschluss, store.Entschieden | None]:
    """Decide over everything the notebooks declare, for all editions; return it and what to keep.

    What is published of other areas from the same delivery is fixed, also where it was read anew
    since; what the reports of other deliveries show and hide is taken in where this one repeats it.
    The same question is answered once: the answer lies beside the delivery until anything it was
    made of changes. Nothing is to be kept that is kept already.
    """
    from sozcontrol import store

    if not erklaerungen:
        return Beschluss(), None
    projekt, areas = daten.projekt, [e.bereich for e in erklaerungen]
    before = store.entscheidung(projekt, was.stichtag)
    last = before if before is not None and _dieselbe(projekt, before, was) else None
    others = [b for b in last.bereiche if b not in areas] if last is not None else []
    fest = last.zellen if last is not None and others else None
    vorher = [*_vorher(projekt, was, before)]
    replaced = _ersetzt(last, vorher) if last is not None else []
    zuletzt = last.zellen if last is not None and replaced else None

    def of(day: date) -> str:  # megabytes of cells are told by the checksum of their file
        return store.entscheidung_von(projekt, day)

    stated = [(v.stichtag, stand, of(v.stichtag), _da(projekt, v, stand)) for v, stand in vorher]
    asked_of = (fest is not None and of(was.stichtag), stated, *replaced)
    made_of = [*(e.pruefsumme for e in erklaerungen), seal.digest(repr(asked_of).encode())]

    def antworte() -> disclosure.Bewahrt:
        from sozcontrol import disclosure
        from sozcontrol.revision.anteilswechsel import seit

        asked = [a for e in erklaerungen for a in e.antraege]
        fixed, known_last = (
            None if cells is None else disclosure.Entscheidung.from_dict(cells)
            for cells in (fest, zuletzt)
        )  # fmt: skip
        again = replace(daten)  # the run has closed it
        known = [
            disclosure.Vorher(
                v.stichtag, stand, _lage(v), seit(again, v.stichtag, stand, v.fassung)
            )
            for v, stand in vorher
        ]
        editions = [*catalogue.editionen()]
        with closing(again):
            decided = disclosure.entscheiden(
                asked, editions, fixed, known, neu_gezaehlt=True, zuletzt=known_last
            )
        return disclosure.Bewahrt.of(decided)

    @cache
    def antwort() -> disclosure.Bewahrt:
        return store.gerechnet(
            daten, RAEUME, store.name_aus("entscheidung", *areas), antworte, made_of
        )

    def kurz() -> _Kurz:
        whole, editions = antwort().entscheidung(), catalogue.editionen()
        sums = {f"{area}/{e}": whole.abdruck(area, e) for area in areas for e in editions}
        return {"abdruecke": sums, "zellen": antwort().zellen}

    short = store.gerechnet(daten, RAEUME, store.name_aus("beschluss", *areas), kurz, made_of)
    cells = json.loads(short["zellen"])
    kept = store.Entschieden(was.kommune.id, was.stichtag, was.fassung, (*others, *areas), cells)
    decided = Beschluss(short["abdruecke"], lambda: antwort().entscheidung())
    return decided, None if kept == before else kept


def _dieselbe(projekt: Projekt, before: store.Entschieden, was: Lieferung) -> bool:
    """Say whether a decision was made for the same delivery: the same day, known up to the same.

    Its fingerprint is another one as soon as a program that read it has changed.
    """
    from sozcontrol import store

    same = ((v.stichtag, v.datenstand) == (was.stichtag, was.datenstand)
            for v in store.veroeffentlichungen(projekt) if v.fassung == before.fassung)  # fmt: skip
    return before.fassung == was.fassung or any(same)


def _vorher(
    projekt: Projekt, was: Lieferung, before: store.Entschieden | None
) -> Iterator[tuple[store.Entschieden, date]]:
    """Yield the decisions behind reports of other deliveries, of this year and the one before.

    *before* is that of the Stichtag itself, which may be of another delivery, too.
    """
    from sozcontrol import store

    known = {(v.stichtag, v.fassung): v.datenstand for v in store.veroeffentlichungen(projekt)}
    for day in store.entschiedene(projekt):
        if not 0 <= was.stichtag.year - day.year <= 1:
            continue
        one = before if day == was.stichtag else store.entscheidung(projekt, day)
        if one is not None and (one.stichtag, one.fassung) != (was.stichtag, was.fassung):
            stand = known.get((one.stichtag, one.fassung))
            if stand is not None:
                yield one, stand


def _ersetzt(
    last: store.Entschieden, vorher: Sequence[tuple[store.Entschieden, date]]
) -> list[object]:
    """Return what a decision knew of reports that nothing is decided against any more."""
    from sozcontrol.store.entscheidungen import BERICHT, berichtsname

    known = tuple(berichtsname(v.stichtag, stand) for v, stand in vorher)
    rows = cast("Sequence[Any]", last.zellen.get("zeilen", ()))
    reports = ((row, name) for row in rows for (name, _), _ in row if name.startswith(BERICHT))
    return [row for row, name in reports if not name.startswith(known)]


def _da(projekt: Projekt, one: store.Entschieden, stand: date) -> str | None:
    """Return the Fassung a decision was made from, None where it is not stored any more."""
    from sozcontrol import store

    there = store.stored_folder(projekt, one.stichtag, stand, one.fassung)
    return one.fassung if there else None


def _lage(one: store.Entschieden) -> Lage:
    from sozcontrol import disclosure

    return disclosure.Entscheidung.from_dict(one.zellen).lage
