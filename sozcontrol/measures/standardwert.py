"""Quotas of areas made comparable: how far each lies from the mean of a fixed reference year.

A z-value by the mean and the spread *of one year* moves only when the area does; one by those of
its own year would say that nothing changed where everything got worse alike.
"""

from __future__ import annotations

from datetime import date

import ibis
import ibis.expr.types as ir

from sozcontrol import catalogue
from sozcontrol.measures.zaehlwerk.sichten import Quelle, bau

SICHT = "indikatorwerte"
"""The view it is made from: a count and what it is a part of, by area, indicator and year."""
LISTE = "indikator"
"""The code list whose marks say the reference year and the weight of each indicator."""
FIGURE = "decimal(18, 6)"


@bau("standardwert")
def standardwerte(basis: Quelle, stichtag: date) -> ir.Table:
    """Return the rows of the indicators in the index, with ``gewichtet`` and ``gewicht``.

    Without the reference year, or where all areas were alike in it, an indicator has no value.
    """
    rows = basis(SICHT)
    rows = rows.mutate(quote=rows.anzahl.cast("float64") / rows.grundgesamtheit.nullif(0))
    facts = ibis.memtable(_gewichte())
    weighed = rows.inner_join(facts, rows.indikator == facts.i_code)
    then = weighed.filter(weighed.jahr == weighed.i_jahr).group_by(r_code="i_code")
    reference = then.aggregate(mitte=ibis._.quote.mean(), streuung=ibis._.quote.std(how="pop"))
    known = weighed.inner_join(reference, weighed.i_code == reference.r_code)
    known = known.filter(known.streuung > 0, known.quote.notnull(), known.tag <= stichtag)
    distance = (known.quote - known.mitte) / known.streuung
    return known.mutate(
        gewichtet=(distance * known.i_gewicht).cast(FIGURE), gewicht=known.i_gewicht.cast(FIGURE)
    )


def _gewichte() -> dict[str, list[object]]:
    marks = {c: code.merkmale for c, code in catalogue.codeliste(LISTE).gueltig.items()}
    index = {c: m for c, m in marks.items() if "gewicht" in m}
    return {
        "i_code": list(index),
        "i_jahr": [int(m["bezugsjahr"]) for m in index.values()],
        "i_gewicht": [float(m["gewicht"]) for m in index.values()],
    }
