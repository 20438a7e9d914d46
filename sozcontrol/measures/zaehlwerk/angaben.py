"""Columns without a value, in all rows or in some: what is counted or summed by them is unknown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import partial

import ibis.expr.types as ir
import pyarrow as pa

from sozcontrol import catalogue, store
from sozcontrol.catalogue.kennzahl import Ausdruck, Kennzahl, Term
from sozcontrol.catalogue.sicht import Sicht
from sozcontrol.measures.zaehlwerk.gedaechtnis import gedaechtnis
from sozcontrol.measures.zaehlwerk.grundzahlen import finde
from sozcontrol.measures.zaehlwerk.lieferung import Lieferung
from sozcontrol.measures.zaehlwerk.rechnen import (
    Abfrage,
    Rechnung,
    gefragt,
    plane,
    zeilen,
)
from sozcontrol.measures.zaehlwerk.sichten import RAEUME, Basis

Spalten = frozenset[tuple[str, str]]
"""Columns of canonical tables: table, column."""


@dataclass(frozen=True)
class Luecke:
    """Rows a Kennzahl counts that say nothing in the column it counts or sums by.

    ``von`` is how many it counts; ``gezaehlt`` whether the figure is shown without them.
    """

    spalten: tuple[str, ...]
    leer: int
    von: int
    gezaehlt: bool

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
        how = "gezählt ist ohne sie" if self.gezaehlt else "was sie enthält, ist unbekannt"
        return f"{told}; {how}."


def luecken(daten: Lieferung, item: Kennzahl, days: Iterable[date]) -> tuple[Luecke, ...]:
    """Return where a Kennzahl counts rows without a value on one of *days*, the largest gap each.

    What is unknown for that in some groups only is so in the total, too.
    """
    found: dict[tuple[str, ...], Luecke] = {}
    for term in dict.fromkeys(t for outer in item.terme for t in outer.alle):
        if not _zaehlbar(term) or ohne_angaben(daten, term):
            continue
        for gap in (_luecke(daten, term, day) for day in days):
            if gap and gap.leer > (found[gap.spalten].leer if gap.spalten in found else 0):
                found[gap.spalten] = gap
    return tuple(found.values())


def _luecke(daten: Lieferung, term: Term, day: date) -> Luecke | None:
    known: dict[tuple[Term, date], Luecke | None] = gedaechtnis(daten, "luecken")
    if (term, day) not in known:
        # Where answers are kept, a view is asked once for all that is counted in it.
        others = catalogue.kennzahlen().values() if isinstance(daten, store.Daten) else ()
        terms = [*(t for item in others for outer in item.terme for t in outer.alle), term]
        (asked,) = _geplant([term], day)
        (query,) = (q for q in _geplant(filter(_zaehlbar, terms), day) if q.quelle == asked.quelle)
        known |= {(t, day): gap for t, gap in _gesucht(daten, query).items()}
    return known[term, day]


def _geplant(terms: Iterable[Term], day: date) -> list[Abfrage]:
    return plane([Rechnung(Ausdruck(terme=(term,)), day) for term in terms], ())


def _zaehlbar(term: Term) -> bool:
    """Whether rows may lack what a term counts by; a room's own maker says what lacks there."""
    return finde(term).duldung is not None and bool(_gelesene(term))


def _gelesene(term: Term) -> Spalten:
    return _gelesen(finde(term).sicht, finde(term).groesse.spalte or "")


def _gesucht(daten: Lieferung, query: Abfrage) -> dict[Term, Luecke | None]:
    basis = Basis(daten)

    def gaps() -> ir.Table:
        table = query.tabelle(basis)
        counts: dict[str, ir.IntegerScalar] = {}
        for name, (rechnung, term) in query.masse.items():
            where = zeilen(table, term, rechnung.stichtag)
            empty = where & table[finde(term).groesse.spalte].isnull()
            counts[f"leer_{name}"] = empty.sum().coalesce(0).cast("int64")
            counts[f"von_{name}"] = where.sum().coalesce(0).cast("int64")
        return table.aggregate(**counts)

    said = f"lücken {query!r}"
    ask = partial(gefragt, query, basis, said, gaps)
    (counted,) = store.beantwortet(daten, RAEUME, said, ask).to_pylist()
    return {
        term: _gefunden(term, counted[f"leer_{name}"], counted[f"von_{name}"])
        for name, (_, term) in query.masse.items()
    }


def _gefunden(term: Term, leer: int, von: int) -> Luecke | None:
    limit = finde(term).duldung or von + 1
    names = tuple(sorted(f"{table}.{name}" for table, name in _gelesene(term)))
    return Luecke(names, leer, von, leer * limit <= von) if leer else None


def ohne_angaben(daten: Lieferung, term: Term) -> tuple[str, ...]:
    """Return what a term counts or sums where no row of the delivery says it: »fall.familie_id«.

    A table without rows is no gap: there was nothing to say it of. Of those that say it in some
    rows :func:`luecken` tells. A median, and a sum that asks for one, are unknown by themselves.
    """
    primitive = finde(term)
    if primitive.art not in ("summe", "verschieden") or primitive.groesse.spalte is None:
        return ()
    read = _gelesen(primitive.sicht, primitive.groesse.spalte)
    if not read or any(column not in _leere(daten, table) for table, column in read):
        return ()
    return tuple(sorted(f"{table}.{column}" for table, column in read))


def _gelesen(view: Sicht, column: str) -> Spalten:
    """Return the canonical columns a column of a view takes its values from; none of one built."""
    if column in view.abgeleitet:
        parts = (_gelesen(view, part) for part in view.abgeleitet[column].summe)
        return frozenset().union(*parts)
    for join in view.verbunden:
        if column in join.spalten:
            origin = join.spalten[column]
            if join.sicht:
                return _gelesen(catalogue.sicht(join.sicht), origin)
            return frozenset({(join.tabelle or "", origin)})
    own = view.tabelle is not None and column in catalogue.tabelle(view.tabelle).namen
    return frozenset({(view.tabelle or "", column)}) if own else frozenset()


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
        filled = {c: table[c].count() for c in asked if c in table.columns}
        return table.aggregate(zeilen_insgesamt=table.count(), **filled).to_pyarrow()

    # Every report asks this first: answered from memory, no table is opened for it.
    counts = store.beantwortet(daten, RAEUME, f"gefüllt {name}", ask).to_pylist()[0]
    if counts["zeilen_insgesamt"] == 0:
        return frozenset()
    return frozenset(c for c in asked if not counts.get(c))
