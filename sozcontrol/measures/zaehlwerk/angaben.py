"""Columns without a value, in all rows or in some: what is counted or summed by them is unknown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, replace
from datetime import date
from functools import partial, reduce
from operator import and_, or_

import ibis.expr.types as ir
import pyarrow as pa

from sozcontrol import catalogue, store
from sozcontrol.catalogue.kennzahl import Ausdruck, Bedingung, Kennzahl, Term
from sozcontrol.catalogue.sicht import Sicht
from sozcontrol.measures.zaehlwerk.gedaechtnis import gedaechtnis
from sozcontrol.measures.zaehlwerk.grundzahlen import DULDUNG_AUSGELASSENER, finde
from sozcontrol.measures.zaehlwerk.lieferung import Lieferung
from sozcontrol.measures.zaehlwerk.rechnen import (
    Abfrage,
    Rechnung,
    gefragt,
    plane,
    ungewiss,
    zeilen,
)
from sozcontrol.measures.zaehlwerk.sichten import (
    RAEUME,
    Basis,
    antwort,
    erfuellt,
    gelesen,
    ist_fraglich,
    laesst_aus,
)

OFFEN, AUSGELASSEN = "offen", "ausgelassen"
_Stelle = tuple[str, tuple[Bedingung, ...]]
"""A column of a view, and what the rows fulfil for which it says nothing by being empty."""


@dataclass(frozen=True)
class Luecke:
    """Rows a Kennzahl counts that say nothing in the column it counts, sums or asks by.

    ``von`` is how many it counts, or asks; ``gezaehlt`` whether the figure is shown without them.
    ``gefragt``: the column only says whether a row counts; ``ausgelassen``: rows without are left
    out.
    """

    spalten: tuple[str, ...]
    leer: int
    von: int
    gezaehlt: bool
    gefragt: bool = False
    ausgelassen: bool = False

    @property
    def satz(self) -> str:
        """Say what is empty; where rows may be persons, without a number of them."""
        tables = [catalogue.tabelle(s.partition(".")[0]) for s in self.spalten]
        name = " und ".join(
            f"»{t.bezeichnung}: {t.spalte(s.partition('.')[2]).bezeichnung}«"
            for t, s in zip(tables, self.spalten, strict=True)
        )
        if any(t.nennt_personen for t in tables):
            told = f"{name} ist in {'wenigen' if self.gezaehlt else 'zu vielen'} Zeilen leer"
        else:
            told = f"{name} ist in {self.leer} von {self.von} Zeilen leer"
        return f"{told}; {self._folge}."

    @property
    def _folge(self) -> str:
        if self.ausgelassen:
            counted, unknown = "sie sind ausgelassen", "was für alle gilt, ist unbekannt"
        elif self.gefragt:
            counted, unknown = "sie zählen nicht als zutreffend", "ob sie zutrifft, ist unbekannt"
        else:
            counted, unknown = "gezählt ist ohne sie", "was sie enthält, ist unbekannt"
        return counted if self.gezaehlt else unknown


def luecken(daten: Lieferung, item: Kennzahl, days: Iterable[date]) -> tuple[Luecke, ...]:
    """Return where a Kennzahl counts rows without a value on one of *days*, the largest gap each.

    What is unknown for that in some groups only is so in the total, too.
    """
    found: dict[tuple[tuple[str, ...], bool], Luecke] = {}
    for term in dict.fromkeys(t for outer in item.terme for t in outer.alle):
        if not _zaehlbar(term) or ohne_angaben(daten, term):
            continue
        for gap in (gap for day in days for gap in _luecken(daten, term, day)):
            key = (gap.spalten, gap.gefragt or gap.ausgelassen)
            if key not in found or gap.leer > found[key].leer:
                found[key] = gap
    return tuple(found.values())


def _luecken(daten: Lieferung, term: Term, day: date) -> tuple[Luecke, ...]:
    known: dict[tuple[Term, date], tuple[Luecke, ...]] = gedaechtnis(daten, "luecken")
    if (term, day) not in known:
        # Where answers are kept, a view is asked once for all that is counted in it.
        others = catalogue.kennzahlen().values() if isinstance(daten, store.Daten) else ()
        terms = [*(t for item in others for outer in item.terme for t in outer.alle), term]
        (asked,) = _geplant([term], day)
        (query,) = (q for q in _geplant(filter(_zaehlbar, terms), day) if q.quelle == asked.quelle)
        known |= {(t, day): gaps for t, gaps in _gesucht(daten, query).items()}
    return known[term, day]


def _geplant(terms: Iterable[Term], day: date) -> list[Abfrage]:
    return plane([Rechnung(Ausdruck(terme=(term,)), day) for term in terms], ())


def _zaehlbar(term: Term) -> bool:
    """Whether rows may lack what a term counts by, or leave open what it asks."""
    return bool(_stellen(term))


def _stellen(term: Term) -> frozenset[_Stelle]:
    """Return where an empty cell leaves open what a term counts."""
    primitive = finde(term)
    view, asked = primitive.sicht, (*primitive.wo, *term.wo)
    names = {c.spalte for c in asked if ist_fraglich(view, c) or laesst_aus(view, c)}
    if view.alter and "alter" in names:  # unknown just where what it is made of is
        names = names - {"alter"} | {view.alter.monat or view.alter.jahre or ""}
    value = {(_spalte(term), primitive.groesse.entfaellt)} if _mit_wert(term) else set()
    return frozenset({(name, ()) for name in names} | value)


def _mit_wert(term: Term) -> bool:
    """Whether rows may lack a value; a room's own maker says what lacks there."""
    return finde(term).duldung is not None and bool(_namen(finde(term).sicht, _spalte(term)))


def _spalte(term: Term) -> str:
    return finde(term).groesse.spalte or ""


def _gesucht(daten: Lieferung, query: Abfrage) -> dict[Term, tuple[Luecke, ...]]:
    """Return the gaps of each term.

    First it is asked where a cell is empty on any day, which is a short question: mostly that
    answers all the long ones.
    """
    places = {name: _stellen(term) for name, (_, term) in query.masse.items()}
    empty = _leere_stellen(daten, query, frozenset().union(*places.values()))
    masse = {name: query.masse[name] for name, there in places.items() if there & empty}
    none: dict[Term, tuple[Luecke, ...]] = {term: () for _, term in query.masse.values()}
    return none | (_gezaehlt(daten, replace(query, masse=masse)) if masse else {})


def _leere_stellen(daten: Lieferung, query: Abfrage, stellen: Set[_Stelle]) -> frozenset[_Stelle]:
    asked, basis = sorted(stellen, key=repr), Basis(daten)

    def empty() -> ir.Table:
        table = query.grundlage(basis)
        found = {}
        for number, (column, instead) in enumerate(asked):
            there = table[column].isnull()
            if instead:  # a row of another kind has no value, and lacks none
                there &= ~reduce(and_, (erfuellt(table, c) for c in instead))
            found[f"e{number}"] = there.any()
        return table.aggregate(**found)

    said = f"leer {query.quelle} {asked}"
    ask = partial(gefragt, query, basis, said, empty)
    (found,) = store.beantwortet(daten, RAEUME, said, ask).to_pylist()
    return frozenset(one for one, there in zip(asked, found.values(), strict=True) if there)


def _gezaehlt(daten: Lieferung, query: Abfrage) -> dict[Term, tuple[Luecke, ...]]:
    basis = Basis(daten)

    def gaps() -> ir.Table:
        table = query.tabelle(basis)
        counts = {
            f"{name} {was}": rows.sum().coalesce(0).cast("int64")
            for name, (r, term) in query.masse.items()
            for was, rows in _zeilen_ohne(table, term, r.stichtag).items()
        }
        return table.aggregate(**counts)

    said = f"lücken {query!r}"
    ask = partial(gefragt, query, basis, said, gaps)
    (counted,) = store.beantwortet(daten, RAEUME, said, ask).to_pylist()
    found: dict[str, dict[str, int]] = {name: {} for name in query.masse}
    for key, count in counted.items():
        name, _, was = key.partition(" ")
        found[name][was] = count
    return {term: tuple(_gefunden(term, found[name])) for name, (_, term) in query.masse.items()}


def _zeilen_ohne(table: ir.Table, term: Term, day: date) -> dict[str, ir.BooleanValue]:
    """Name the rows in which a term misses something, and those it counts or asks."""
    found: dict[str, ir.BooleanValue] = {}
    if _mit_wert(term):
        where = zeilen(table, term, day)
        found |= {"leer": where & table[_spalte(term)].isnull(), "von": where}
    if unsure := ungewiss(table, term, day):
        for was, rows in ((OFFEN, unsure.offen), (AUSGELASSEN, unsure.ausgelassen)):
            found |= {f"{was} {column}": where for column, where in rows.items()}
            found |= {was: reduce(or_, rows.values())} if rows else {}
        found["gefragt"] = unsure.gefragt
    return found


def _gefunden(term: Term, counted: Mapping[str, int]) -> Iterator[Luecke]:
    view, limit = finde(term).sicht, finde(term).duldung
    if leer := counted.get("leer", 0):
        von = counted["von"]
        yield Luecke(_namen(view, _spalte(term)), leer, von, leer * (limit or von + 1) <= von)
    limits = {OFFEN: finde(term).duldung_offener, AUSGELASSEN: DULDUNG_AUSGELASSENER}
    for key, leer in counted.items():
        was, _, column = key.partition(" ")
        if column and leer:
            von, left = counted["gefragt"], was == AUSGELASSEN
            tolerable = counted[was] * (limits[was] or von + 1) <= von
            names = _namen(view, column)
            yield Luecke(names, leer, von, tolerable, gefragt=not left, ausgelassen=left)


def _namen(view: Sicht, column: str) -> tuple[str, ...]:
    """Name the columns of tables in which an empty cell leaves *column* of a view empty."""
    read = gelesen(view, column)
    optional = {(t, c) for t, c in read if not catalogue.tabelle(t).spalte(c).pflicht}
    return tuple(sorted(f"{table}.{name}" for table, name in optional or read))


def ohne_angaben(daten: Lieferung, term: Term) -> tuple[str, ...]:
    """Return what a term counts, sums or asks by where no row says it: »fall.familie_id«.

    A table without rows is no gap: there was nothing to say it of. Of those that say it in some
    rows :func:`luecken` tells. A median, and a sum that asks for one, are unknown by themselves. A
    condition is open where none of the rows says it, though an empty cell may mean no: of a column
    nobody fills that is not to be told from one nobody delivered.
    """
    primitive = finde(term)
    columns = [primitive.groesse.spalte] if primitive.art in ("summe", "verschieden") else []
    columns += [
        c.spalte for c in (*primitive.wo, *term.wo) if c.leer is None and c.nicht_in is None
    ]
    lost = (_leer_in_allen(daten, primitive.sicht, column or "") for column in columns)
    return tuple(dict.fromkeys(name for names in lost for name in names))


def _leer_in_allen(daten: Lieferung, view: Sicht, column: str) -> list[str]:
    """Name the columns behind one of a view for which no row can have a value in it.

    A sum of columns has one as soon as one of them has, a distance needs both.
    """
    read = gelesen(view, column)
    empty = sorted((table, name) for table, name in read if name in _leere(daten, table))
    distance = column in view.abgeleitet and view.abgeleitet[column].abstand is not None
    nothing = bool(empty) and (distance or len(empty) == len(read))
    return [f"{table}.{name}" for table, name in empty] if nothing else []


def _leere(daten: Lieferung, name: str) -> frozenset[str]:
    """Return the optional columns of a table that no row fills; of one without rows, none."""
    known: dict[str, frozenset[str]] = gedaechtnis(daten, "leere_spalten")
    if name not in known:
        there = name in daten.tabellen
        known[name] = _ungefuellt(daten, name) if there else frozenset()
    return known[name]


def _ungefuellt(daten: Lieferung, name: str) -> frozenset[str]:
    asked = [s.name for s in catalogue.tabelle(name).spalten if not s.pflicht]
    if not asked:
        return frozenset()

    def ask() -> pa.Table:
        table = daten[name]
        there = [c for c in asked if c in table.columns]

        def filled() -> ir.Table:
            counts = {c: table[c].count() for c in there}
            return table.aggregate(zeilen_insgesamt=table.count(), **counts)

        return antwort(f"gefüllt {name} {there}", table, filled)

    # Every report asks this first: answered from memory, no table is opened for it.
    counts = store.beantwortet(daten, RAEUME, f"gefüllt {name}", ask).to_pylist()[0]
    if counts["zeilen_insgesamt"] == 0:
        return frozenset()
    return frozenset(c for c in asked if not counts.get(c))
