"""Population: the denominators of densities."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import ibis.expr.types as ir

from sozcontrol.measures.zaehlwerk.gliederung import gruppiert, summe


def ist_stand(bevoelkerung: ir.Table, stichtag: date) -> ir.BooleanValue:
    """Say whether the count is the latest one of its source on *stichtag*."""
    replaced = bevoelkerung.abgeloest_am
    return (bevoelkerung.stichtag <= stichtag) & (replaced.isnull() | (replaced > stichtag))


def einwohner(
    bevoelkerung: ir.Table,
    stichtag: date,
    je: Sequence[str] = (),
    *,
    ab: int = 0,
    unter: int | None = None,
    quelle: str = "melderegister",
) -> ir.Table:
    """Population aged *ab* to below *unter* at the latest count up to *stichtag* of one source.

    Takes the view ``sichten.bevoelkerung``. Columns ``[*je, anzahl]``. Register and official
    figures differ by several percent and are never mixed.
    """
    where = ist_stand(bevoelkerung, stichtag) & (bevoelkerung.quelle == quelle)
    where = where & (bevoelkerung.altersjahr >= ab)
    if unter is not None:
        where = where & (bevoelkerung.altersjahr < unter)
    rows = bevoelkerung.filter(where)
    return gruppiert(rows, je, anzahl=summe(rows.anzahl.cast("int64")))
