"""One decision for a Stichtag: which figure may be seen in which edition, over all tables at once.

A notebook asks (:class:`Antrag`), :func:`entscheiden` answers once for all areas and editions, and
every way out reads the answer (:class:`Entscheidung`).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NoReturn

from sozcontrol import catalogue
from sozcontrol.disclosure import niederschrift, pruefer, zuwachs
from sozcontrol.disclosure.auswahl import Auswahl
from sozcontrol.disclosure.geheim import Gezeigt
from sozcontrol.disclosure.kennzahltafel import of_kennzahl
from sozcontrol.disclosure.lage import Lage, kleine, uneinige
from sozcontrol.disclosure.lesen import Vorlage
from sozcontrol.disclosure.mengen import Zeile, Zelle
from sozcontrol.disclosure.mittelwerte import zu_wenige
from sozcontrol.disclosure.released import SIEGEL, Released, Zahl
from sozcontrol.disclosure.stichtage import Vorher, aufnehmen
from sozcontrol.disclosure.tafel import Erklaerung, Tafel, of_release
from sozcontrol.errors import NotReleased
from sozcontrol.measures.aufstellungen import Aufstellung
from sozcontrol.measures.zaehlwerk.kennzahlen import Werte

SEITHER = (
    "Das Zeichen • kann hier auch für einen Betrag stehen, den seit einem früheren Bericht nur "
    "wenige Menschen änderten."
)
"""Said below a table that hides a sum for what it has gained."""


@dataclass(frozen=True)
class Antrag:
    """What a notebook asks to show: one table, or the values of one Kennzahl.

    ``id`` is unique in the Stichtag (``<bereich>/<cell id>/<n>``). ``gezeigt`` names the columns
    that are rendered (None: all); the others only stand behind figures and are not in the released
    table. ``sichtbar`` names the editions it is meant for (None: all).
    """

    id: str
    bereich: str
    tafel: Aufstellung | Werte
    gezeigt: tuple[str, ...] | None = None
    sichtbar: tuple[str, ...] | None = None

    @cached_property
    def gelesen(self) -> Tafel:
        """The table as the decision reads it; so it can be read before all others are there.

        Raises:
            NotReleased: It can't be judged.
        """
        return lesen(self.tafel)

    def fuer(self, edition: str) -> bool:
        """Say whether it is meant for *edition*, and may be seen there at all."""
        asked = self.sichtbar is None or edition in self.sichtbar
        return asked and darf_sehen(self.tafel, edition)


@dataclass(frozen=True, repr=False)
class Entscheidung:
    """What may be seen: released tables by Antrag and edition, and the cells decided as data."""

    tafeln: Mapping[tuple[str, str], Released] = field(default_factory=dict)
    lage: Lage = field(default_factory=Lage)

    def __repr__(self) -> str:
        return f"Entscheidung({len(self.tafeln)} Tafeln, {len(self.lage.wert)} Zellen)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a decision holds what was suppressed; write as_dict() under data/")

    def freigegeben(self, antrag_id: str, edition: str) -> Released:
        """Return the table of an Antrag as *edition* may see it.

        Raises:
            NotReleased: The Antrag is not part of this decision, or not meant for the edition.
        """
        if (antrag_id, edition) not in self.tafeln:
            raise NotReleased(
                f"»{antrag_id}« ist für die Edition »{edition}« nicht entschieden.",
                wo="disclosure.entscheiden",
                tun="Den Antrag mit allen anderen des Stichtags zur Entscheidung geben.",
            )
        return self.tafeln[antrag_id, edition]

    def zahl(self, antrag_id: str, edition: str, spalte: str = "wert", **je: Gezeigt) -> Zahl:
        """Return one figure of an Antrag; dimensions not named are taken as totals."""
        return self.freigegeben(antrag_id, edition).zahl(spalte, **je)

    def abdruck(self, bereich: str, edition: str) -> str:
        """Return the checksum of all tables of an area: as *edition* sees them, and as they are."""
        editionen = (edition, catalogue.offene_edition())
        told = [
            (name, edition, _worte(table)) for (name, edition), table in sorted(
                self.tafeln.items(), key=lambda one: one[0]
            ) if edition in editionen and name.startswith(f"{bereich}/")
        ]  # fmt: skip
        return hashlib.sha256(repr(told).encode()).hexdigest()

    def as_dict(self) -> niederschrift.Niederschrift:
        """Return cells and relations as plain data (hidden figures included: stays in data/)."""
        return niederschrift.schreiben(self.lage)

    @classmethod
    def from_dict(cls, data: Mapping[str, object]) -> Entscheidung:
        """Return what :meth:`as_dict` wrote, to decide against; it holds no tables."""
        return cls(lage=niederschrift.lesen(data))


def _worte(tafel: Released) -> tuple[object, ...]:
    item = tafel.kennzahl.id if tafel.kennzahl else None
    shown = (tafel.je, tafel.spalten, tafel.zeilen, sorted(tafel.arten.items()))
    return (*shown, tafel.edition, item, tafel.auch_null, tafel.luecken)


def entscheiden(
    antraege: Sequence[Antrag], editionen: Sequence[str], fest: Entscheidung | None = None,
    vorher: Sequence[Vorher] = (), *, neu_gezaehlt: bool = False,
    zuletzt: Entscheidung | None = None,
) -> Entscheidung:  # fmt: skip
    """Decide over all Antraege and editions of a Stichtag together.

    Neither the order of the Antraege nor that of the editions matters. *fest* is what is published
    or decided already: what it shows is known to readers, what it hides stays hidden. Where a run
    counted anew (*neu_gezaehlt*) what is another figure now is forgotten, with what it made up.
    *vorher* are decisions for reports of other deliveries, to the same effect; of those that are
    replaced since, *zuletzt* remembers what it decided against: the last decision of this delivery.
    Of tables of single cases nothing is decided and nothing kept: the open edition sees them, no
    other does.

    Raises:
        NotReleased: A table can't be judged, a figure contradicts what was decided (unless counted
            anew), or the auditor found one given away.
    """
    ordered = sorted(antraege, key=lambda a: a.id)
    lage = niederschrift.lesen(niederschrift.schreiben(fest.lage)) if fest is not None else Lage()
    read = [Vorgelegt(a.id, a.gelesen, a.gezeigt, a.fuer) for a in ordered]
    single = {a.id for a in ordered if _einzeln(a.tafel)}
    vorlagen = [v for v in read if v.id not in single]
    if neu_gezaehlt:
        lage.vergessen(one for v in vorlagen for one in v.tafel.werte())
    aufnehmen(lage, vorher, [v.tafel for v in vorlagen])
    open_to = {
        (v.id, e): v.released(e, set(), set(), set())
        for v in read if v.id in single for e in editionen if v.fuer(e)
    }  # fmt: skip
    last = None if zuletzt is None else zuletzt.lage
    return Entscheidung({**decide(lage, vorlagen, editionen, vorher, last), **open_to}, lage)


def darf_sehen(tafel: Aufstellung | Werte, edition: str) -> bool:
    """Say whether an edition may see a table at all: single cases are for the open one alone."""
    return not _einzeln(tafel) or edition == catalogue.offene_edition()


def _einzeln(tafel: Aufstellung | Werte) -> bool:
    return isinstance(tafel, Aufstellung) and tafel.einzelfaelle


def lesen(tafel: Aufstellung | Werte) -> Tafel:
    """Read a table as the decision does: the values of a Kennzahl, or a declared table."""
    if not isinstance(tafel, Aufstellung):
        return of_kennzahl(tafel)
    vorlage = Vorlage.read(
        tafel.frame, je=tafel.je, anzahl=tafel.anzahl, abgeleitet=tafel.abgeleitet, betraege={}
    )
    return of_release(
        vorlage,
        Erklaerung(
            tafel.merkmal, tafel.identitaeten, (), tafel.kennzahl, tafel.groessen, tafel.heisst,
            tafel.gleich, tafel.gehoert, tafel.bekannt, tafel.damals, tafel.stand, tafel.aus,
            tafel.bestandteile,
        ),
    )  # fmt: skip


@dataclass(frozen=True)
class Vorgelegt:
    """A table as it was read, with what of it is shown and to whom."""

    id: str
    tafel: Tafel
    gezeigt: tuple[str, ...] | None
    fuer: Callable[[str], bool]

    def released(
        self, edition: str, geheim: set[Zelle], weich: set[Zelle], gewachsen: set[Zelle]
    ) -> Released:
        """Return the table with the cells *geheim* hidden; it says where some are *gewachsen*."""
        v, t = self.tafel.vorlage, self.tafel
        cells = {z for found in t.zellen.values() for z in found}
        made_of = (z for rows in t.anderswo.values() for found in rows for z in found)
        grown = gewachsen & geheim & {*made_of, *(z for b in t.betraege.values() for z in b)}
        hidden = t.verborgen(geheim)
        for column, rows in zu_wenige(t, catalogue.edition(edition)).items():
            hidden[column] = hidden.get(column, set()) | rows
        return Released(
            SIEGEL, v.je, v.spalten, v.masked(hidden), v.arten, edition, t.kennzahl,
            bool(cells & weich), (*t.luecken, *([SEITHER] if grown else ())),
        ).nur([c for c in t.zeigbar if self.gezeigt is None or c in self.gezeigt])  # fmt: skip


def decide(
    lage: Lage, vorlagen: Sequence[Vorgelegt], editionen: Sequence[str],
    vorher: Sequence[Vorher] = (), zuletzt: Lage | None = None,
) -> dict[tuple[str, str], Released]:  # fmt: skip
    """Decide over tables that were read; *lage* takes in their cells and what became of them.

    And what their amounts have gained since the reports of *vorher*, and of those *zuletzt* knew.
    """
    mixed = uneinige((v.tafel for v in vorlagen), lage)
    vorlagen = [replace(v, tafel=v.tafel.mit_eigenen(mixed, v.id)) for v in vorlagen]
    before = set(lage.wert)
    for v in vorlagen:
        lage.aufnehmen(v.tafel, v.id)
    zuwachs.aufnehmen(lage, vorher, [v.tafel for v in vorlagen])
    if zuletzt is not None:
        zuwachs.fortschreiben(lage, zuletzt, vorher)
    whole, zeilen = lage.abgeschlossen()
    grown = zuwachs.gewachsene(lage, zeilen)
    if before:
        zeilen = _betroffen(lage, zeilen, vorlagen, before, editionen)
    tafeln: dict[tuple[str, str], Released] = {}
    pruefung = Pruefung(whole, zeilen)
    places = Counter(z for v in vorlagen for z in v.tafel.stellen(v.gezeigt))
    chain, geheim = _kette(editionen, vorlagen), set[Zelle]()
    for nr, edition in enumerate(chain):
        seen = [v.tafel.sichtbar(v.gezeigt) for v in vorlagen if any(map(v.fuer, chain[nr:]))]
        shown = set().union(*seen) & whole.wert.keys()
        if schwelle := catalogue.edition(edition).schwelle:
            wahl = Auswahl.of(whole, zeilen, edition, schwelle, shown, geheim, places)
            geheim = wahl.treffen()
            pruefung.dazu(edition, wahl, geheim)
            lage.merken(edition, wahl.sichtbar, geheim)
            lage.weich |= whole.weich
        for v in vorlagen:
            if v.fuer(edition):
                tafeln[v.id, edition] = v.released(edition, geheim, lage.weich, grown)
    pruefung.demand_safe()
    return tafeln


def _betroffen(
    lage: Lage, zeilen: list[Zeile], vorlagen: Sequence[Vorgelegt], vorher: set[Zelle],
    editionen: Sequence[str],
) -> list[Zeile]:  # fmt: skip
    """Return the relations that can tell more than before: those linked to something new.

    What is shown already in all editions passes nothing on; without these relations all else stays
    as protected as it was.
    """
    chain = [e for e in editionen if catalogue.edition(e).schwelle]
    out = {z for z, there in lage.offen.items() if there >= set(chain)}
    decided = out | {z for z, there in lage.gesperrt.items() if there >= set(chain)}
    shown = set().union(*(v.tafel.sichtbar(v.gezeigt) for v in vorlagen))
    edge = (set(lage.wert) - vorher) | (shown - decided)
    by_cell: dict[Zelle, list[int]] = {}
    for number, row in enumerate(zeilen):
        for cell, _ in row:
            by_cell.setdefault(cell, []).append(number)
    taken: set[int] = set()
    while edge:
        new = {n for z in edge for n in by_cell.get(z, ())} - taken
        taken |= new
        edge = {z for n in new for z, _ in zeilen[n]} - out
    return [zeilen[n] for n in sorted(taken)]


class Pruefung:
    """Hands the auditor what was decided: numbers only."""

    def __init__(self, lage: Lage, zeilen: Sequence[Zeile]) -> None:
        self.lage = lage
        self.nummer = {z: i for i, z in enumerate(lage.wert)}
        self.akte = pruefer.Akte(
            [float(w) for w in lage.wert.values()],
            [not lage.ist_betrag(z) for z in lage.wert],
            [{self.nummer[z]: float(k) for z, k in row} for row in zeilen],
            {self.nummer[z]: self._nr(behind) for z, behind in lage.traeger.items()},
        )
        self.ausgaenge: list[pruefer.Ausgang] = []

    def dazu(self, edition: str, wahl: Auswahl, geheim: set[Zelle]) -> None:
        """Add one decided edition."""
        lage, small = self.lage, kleine(self.lage, self.lage.wert, wahl.schwelle)
        few = {z for z, behind in lage.traeger.items() if behind & small}
        shown = (wahl.sichtbar | lage.oeffentlich) - geheim
        given = (wahl.fest | lage.oeffentlich | lage.frueher & wahl.sichtbar) - geheim
        marked = {z for z in geheim & wahl.sichtbar - lage.weich if lage.wert[z]}
        self.ausgaenge.append(
            pruefer.Ausgang(
                edition, wahl.schwelle, self._nr(shown), self._nr(given),
                self._nr(geheim | few - shown), self._nr(small - shown),
                self._nr(z for z in marked if not lage.ist_betrag(z)),
            )
        )  # fmt: skip

    def _nr(self, zellen: Iterable[Zelle]) -> frozenset[int]:
        return frozenset(self.nummer[z] for z in zellen)

    def demand_safe(self) -> None:
        """Have the decision attacked; NotReleased when it falls."""
        pruefer.demand_safe(self.akte, self.ausgaenge)


def _kette(editionen: Sequence[str], vorlagen: Sequence[Vorgelegt]) -> list[str]:
    """Put the editions in the order in which each hides all that the one before it hides."""
    known = {e: catalogue.edition(e).schwelle for e in dict.fromkeys(editionen)}
    seen = {e: sum(v.fuer(e) for v in vorlagen) for e in known}
    return sorted(known, key=lambda e: (known[e], -seen[e], e))
