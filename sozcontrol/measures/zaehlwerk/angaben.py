"""Columns without a value in any row: what is counted or summed by them is unknown, not nothing."""

from __future__ import annotations

import pyarrow as pa

from sozcontrol import catalogue, store
from sozcontrol.catalogue.kennzahl import Term
from sozcontrol.catalogue.sicht import Sicht
from sozcontrol.measures.zaehlwerk.gedaechtnis import gedaechtnis
from sozcontrol.measures.zaehlwerk.grundzahlen import finde
from sozcontrol.measures.zaehlwerk.lieferung import Lieferung
from sozcontrol.measures.zaehlwerk.sichten import RAEUME

Spalten = frozenset[tuple[str, str]]
"""Columns of canonical tables: table, column."""


def ohne_angaben(daten: Lieferung, term: Term) -> tuple[str, ...]:
    """Return what a term counts or sums where no row of the delivery says it: »fall.familie_id«.

    A table without rows is no gap: there was nothing to say it of. Where some rows say it, those
    that do not add nothing. A median, and a sum that asks for a value, are unknown by themselves.
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
