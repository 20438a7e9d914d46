"""Grouping: one way to break a table down, so that parts and whole always agree.

An empty cell of a dimension becomes the group ``unbekannt``: it is kept and shown, never dropped.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir

from sozcontrol import catalogue
from sozcontrol.catalogue.codeliste import INSGESAMT, UNBEKANNT
from sozcontrol.errors import UsageError

if TYPE_CHECKING:
    from datetime import date


def gruppe(alter: ir.IntegerValue, gruppen: str) -> ir.StringValue:
    """Name the group of an age in completed years; an unknown age is ``unbekannt``."""
    groups = sorted(catalogue.altersgruppen(gruppen).items(), key=lambda g: -g[1])
    cases = [(alter >= first, label) for label, first in groups]
    return ibis.cases(*cases, else_=UNBEKANNT)  # no comparison with an unknown age is true


def alter_am(geburtsmonat: ir.DateValue, tag: date) -> ir.IntegerValue:
    """Return the age in completed years on *tag*.

    Only the month of birth is stored. A birthday counts as reached in its month: exact at month
    ends, which every Stichtag is, and at most one month early on other days.
    """
    months = (tag.year - geburtsmonat.year()) * 12 + (tag.month - geburtsmonat.month())
    return (months // 12).cast("int64")


def am_tag(table: ir.Table, tag: date | None, je: Sequence[str]) -> ir.Table:
    """Take age groups among *je* as they are on *tag*, the day that is counted for.

    A view carries the ages of its own Stichtag; a stock of another day has other ages.

    Raises:
        UsageError: There is no one day (*tag* is None), or the table has no month of birth.
    """
    for view in catalogue.sichten().values():
        groups = {c: a.gruppen for c, a in view.abgeleitet.items() if a.gruppen and c in je}
        if not groups or view.alter is None or view.alter.jahre in table.columns:
            continue
        month = view.alter.monat
        if tag is None:
            raise UsageError(
                f"Nach »{', '.join(groups)}« gegliedert hat jeder Monat andere Alter.",
                wo="je", tun="Ohne Altersgruppe zählen, oder je Stichtag mit measures.zeitreihe.",
            )  # fmt: skip
        if month in table.columns:
            age = alter_am(table[month], tag)
            return table.mutate(**{c: gruppe(age, name) for c, name in groups.items()})
    return table


def _key(table: ir.Table, name: str) -> ir.Value:
    column = table[name]
    if column.type().is_string():
        column = column.fill_null(UNBEKANNT)
    return column.name(name)


def gruppiert(table: ir.Table, je: Sequence[str], **masse: ir.Scalar) -> ir.Table:
    """Aggregate *table* per combination of *je* (empty: one row): columns ``[*je, *masse]``."""
    if not je:
        return table.aggregate(**masse)
    return table.group_by([_key(table, name) for name in je]).aggregate(**masse)


def schluessel(table: ir.Table, je: Sequence[str]) -> ir.Table:
    """Fill the empty cells of the grouping columns as :func:`gruppiert` does."""
    return table.mutate(**{name: _key(table, name) for name in je}) if je else table


def summe(wert: ir.NumericColumn, where: ir.BooleanValue | None = None) -> ir.NumericScalar:
    """Sum, with 0 for no rows (SQL says NULL)."""
    return wert.sum(where=where).coalesce(ibis.literal(0).cast(wert.type()))


def _together(je: Sequence[str]) -> list[tuple[str, ...]]:
    """A ``*_name`` is an attribute of its key, not a dimension of its own."""
    names = {f"{d}_name" for d in je}
    return [(d, f"{d}_name") if f"{d}_name" in je else (d,) for d in je if d not in names]


def schluesselspalten(je: Sequence[str]) -> list[str]:
    """Return the names :func:`mit_schluesseln` gives the grouping columns of *je*."""
    return [f"je_{name}" for name in je]


def mit_schluesseln(table: ir.Table, je: Sequence[str], summen: bool) -> ir.Table:
    """Add a grouping column ``je_<name>`` for each of *je*; with *summen*, one row for each level.

    Every row is repeated for each sub-combination of *je*, with ``insgesamt`` in what is left out:
    grouping then gives every cell and every total over it in one pass. Distinct counts and medians
    can't be added up from cells; here each total is taken from the rows. The dimensions themselves
    stay as they are, for an indicator's conditions may ask them.
    """
    units = _together(je)
    if not summen or not units:
        return table.mutate(**{f"je_{d}": _key(table, d) for d in je}) if je else table
    levels = ibis.range(0, 2 ** len(units)).unnest().name("ebene").as_table()
    dims: dict[str, ir.Value] = {}
    for bit, unit in enumerate(units):
        kept = (levels.ebene // 2**bit) % 2 == 0
        dims |= {f"je_{d}": kept.ifelse(_key(table, d), INSGESAMT) for d in unit}
    return table.cross_join(levels).select(*table.columns, **dims)


@cache
def _rank(name: str) -> dict[str, int]:
    grouped = [
        v.abgeleitet[name].gruppen for v in catalogue.sichten().values() if name in v.abgeleitet
    ]
    for groups in filter(None, grouped):
        return {label: i for i, label in enumerate(catalogue.altersgruppen(groups))}
    if name in catalogue.codelisten():
        return {code: i for i, code in enumerate(catalogue.codeliste(name).gueltig)}
    return {}


def rangfolge(je: Sequence[str], keys: Iterable[tuple]) -> list[tuple]:
    """Sort group keys: codes in their list's order, then text; ``insgesamt`` comes last."""

    def rank(name: str, value: object) -> tuple[int, int, str]:
        known, word = _rank(name), value if isinstance(value, str) else ""
        last = {UNBEKANNT: 1, INSGESAMT: 2}.get(word, 0)
        return (last, known.get(word, len(known)), str(value))

    return sorted(keys, key=lambda k: tuple(rank(n, v) for n, v in zip(je, k, strict=True)))
