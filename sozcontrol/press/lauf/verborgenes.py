"""What a decision hides from an edition, as plain figures with the words they are spoken of by.

The gate looks for them in sentences and pictures (``press.gegenprobe.satzprobe``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from sozcontrol import catalogue, store
from sozcontrol.press.lauf.declarations import Erklaerung
from sozcontrol.press.lauf.unchanged import BEHALTEN
from sozcontrol.projekt import Projekt

if TYPE_CHECKING:
    from sozcontrol.disclosure import Released
    from sozcontrol.press.lauf.decision import Entschiedenes
    from sozcontrol.store import Daten

Art = Literal["anzahl", "geld", "wert"]
Bewahrt = dict[str, dict["Verborgen", bool]]
"""Edition → figure → whether it is hidden there wherever it stands."""


@dataclass(frozen=True)
class Verborgen:
    """A figure one edition must not see: what it speaks of, in words, and what it is.

    Of every group of ``worte`` one must be there for a sentence to speak of it.
    """

    worte: tuple[frozenset[str], ...]
    zahl: float
    art: Art


def verborgenes(
    erklaerungen: Iterable[Erklaerung], entscheidung: Entschiedenes, editionen: Iterable[str]
) -> dict[tuple[str, str], tuple[Verborgen, ...]]:
    """Return, by area and edition, the figures of its tables that the edition must not see.

    What is shown of the same thing on another day or in another column may be said, though it
    happens to be the same figure: a sentence quotes last year's, and no table need repeat it.
    """
    asked = [(e.bereich, a.id) for e in erklaerungen for a in e.antraege]
    found: dict[tuple[str, str], dict[Verborgen, bool]] = {}
    true = catalogue.offene_edition()
    for edition in editionen:
        for area, id in asked:
            tables = [entscheidung.tafeln.get((id, e)) for e in (true, edition)]
            if tables[0] is not None and tables[1] is not None:
                known = found.setdefault((area, edition), {})
                for one, shown in _figuren(tables[0], tables[1]):
                    known[one] = known.get(one, False) or shown
    return {
        place: tuple(one for one, shown in known.items() if not shown)
        for place, known in found.items()
    }


class VerborgenesJeSeite(Mapping[tuple[str, str], tuple[Verborgen, ...]]):
    """The same, found when a page is asked for, and kept beside the delivery by its figures."""

    def __init__(
        self, daten: Daten, erklaerungen: Iterable[Erklaerung], entscheidung: Entschiedenes,
        editionen: Iterable[str],
    ) -> None:  # fmt: skip
        self._said = {e.bereich: e for e in erklaerungen}
        self._daten, self._decided, self._editions = daten, entscheidung, [*editionen]

    def __getitem__(self, seite: tuple[str, str]) -> tuple[Verborgen, ...]:
        area, edition = seite
        if area not in self._said or edition not in self._editions:
            raise KeyError(seite)

        def find() -> tuple[Verborgen, ...]:
            return verborgenes([self._said[area]], self._decided, [edition]).get(seite, ())

        name, figures = store.name_aus("verborgen", *seite), self._decided.abdruck(*seite)
        return store.gerechnet(self._daten, BEHALTEN, name, find, [figures])

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter((a, e) for a in self._said for e in self._editions)

    def __len__(self) -> int:
        return len(self._said) * len(self._editions)


def entschiedenes(projekt: Projekt, stichtag: date, datenstand: date) -> Bewahrt | None:
    """Return what the kept decision of a Stichtag hides, by edition; None where none is kept.

    It knows figures by what they are broken down to; of a total nothing says how it is spoken of.
    """
    from sozcontrol import disclosure

    kept = store.entscheidung(projekt, stichtag)
    known = {(v.stichtag, v.fassung): v.datenstand for v in store.veroeffentlichungen(projekt)}
    if kept is None or known.get((stichtag, kept.fassung)) != datenstand:
        return None
    lage = disclosure.Entscheidung.from_dict(kept.zellen).lage
    found: Bewahrt = {}
    for state, hidden in ((lage.gesperrt, True), (lage.offen, False)):
        for cell, editions in state.items():
            if words := _worte(dict(cell[1]), None):
                art: Art = "geld" if lage.ist_betrag(cell) else "anzahl"
                one = Verborgen(words, abs(float(lage.wert[cell])), art)
                for edition in editions:
                    there = found.setdefault(edition, {})
                    there[one] = there.get(one, True) and hidden
    return found


def _figuren(wahr: Released, gezeigt: Released) -> Iterator[tuple[Verborgen, bool]]:
    """Yield the figures of a table, and whether they are shown."""
    from sozcontrol.disclosure import GEHEIM

    keys = [gezeigt.spalten.index(d) for d in gezeigt.je]
    true = {tuple(row[k] for k in keys): row for row in wahr.zeilen}
    for row in gezeigt.zeilen:
        key = tuple(row[k] for k in keys)
        words = _worte(dict(zip(gezeigt.je, key, strict=True)), gezeigt.kennzahl)
        for n, (column, cell) in enumerate(zip(gezeigt.spalten, row, strict=True)):
            value = true[key][n] if cell is GEHEIM else cell
            if isinstance(value, bool) or not words:
                continue
            if isinstance(value, int | float | Decimal):
                figure = Verborgen(words, abs(float(value)), _art(column, gezeigt))
                yield figure, cell is not GEHEIM


def _worte(
    zeile: Mapping[str, object], kennzahl: catalogue.Steckbrief | None
) -> tuple[frozenset[str], ...]:
    """Return what a sentence about the row must say: its codes by name, or else the Kennzahl."""
    from sozcontrol.measures import INSGESAMT

    named = [
        _namen(d, v) for d, v in zeile.items()
        if v is not None and v != INSGESAMT and not isinstance(v, date)
        and f"{d}_name" not in zeile
    ]  # fmt: skip
    if named:
        return tuple(named)
    return (frozenset({kennzahl.name, kennzahl.kurzname}),) if kennzahl is not None else ()


def _namen(dimension: str, value: object) -> frozenset[str]:
    """Return what readers call a value: a code by its name or its short one."""
    known = catalogue.codelisten().get(dimension)
    item = known.gueltig.get(str(value)) if known is not None else None
    if item is None:
        return frozenset({str(value)})
    return frozenset({item.name, item.merkmale.get("kurz", item.name)})


def _art(spalte: str, tafel: Released) -> Art:
    if tafel.arten[spalte] == "anzahl":
        return "anzahl"
    unit = tafel.kennzahl.einheit if tafel.kennzahl is not None and spalte == "wert" else ""
    counts = unit and not any(s in unit for s in ("€", "%", "Tage", "Monate", "je "))
    return "geld" if spalte.endswith("_eur") or "€" in unit else "anzahl" if counts else "wert"
