"""Population: the denominators of densities."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import ibis.expr.types as ir

from sozcontrol.catalogue.kennzahl import Term
from sozcontrol.measures.zaehlwerk.gliederung import gruppiert, summe
from sozcontrol.measures.zaehlwerk.grundzahlen import finde
from sozcontrol.measures.zaehlwerk.zeitraum import spanne


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

    Takes the view ``bevoelkerung``. Columns ``[*je, anzahl]``. Register and official
    figures differ by several percent and are never mixed.
    """
    latest = finde(Term(sicht="bevoelkerung", grundzahl="einwohner"))
    where = latest.zeilen(bevoelkerung, spanne("stichtag", stichtag))
    where = where & (bevoelkerung.quelle == quelle) & (bevoelkerung.altersjahr >= ab)
    if unter is not None:
        where = where & (bevoelkerung.altersjahr < unter)
    rows = bevoelkerung.filter(where)
    return gruppiert(rows, je, anzahl=summe(rows.anzahl.cast("int64")))
