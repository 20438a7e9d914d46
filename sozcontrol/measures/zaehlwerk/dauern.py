"""Durations: of ended and of running cases, medians, and the survival median with open cases.

Durations are days between ``beginn`` and ``ende`` (or the Stichtag): ``ende − beginn``, as the
KJH-Statistik has it; a month is 30.4375 days.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal, localcontext

import ibis
import ibis.expr.types as ir

from sozcontrol.measures.zaehlwerk.gliederung import am_tag, gruppiert, summe
from sozcontrol.measures.zaehlwerk.verlauf import ist_beendet, ist_beobachtet, ist_laufend


def dauer_tage(faelle: ir.Table) -> ir.IntegerValue:
    """Days from ``beginn`` to ``ende`` of ended cases (null for open ones)."""
    return faelle.ende.delta(faelle.beginn, unit="day").cast("int64")


def bisherige_tage(faelle: ir.Table, stichtag: date) -> ir.IntegerValue:
    """Days from ``beginn`` to *stichtag*."""
    return (-faelle.beginn.delta(stichtag, unit="day")).cast("int64")


def dauer_beendeter(faelle: ir.Table, von: date, bis: date, je: Sequence[str] = ()) -> ir.Table:
    """Cases ended in (von, bis]: ``[*je, anzahl, tage, median_tage]`` (sum and median of days).

    Length-biased: it falls when many long cases are closed. Read it with :func:`lebenstafel`.
    """
    faelle = am_tag(faelle, bis, je)
    rows = faelle.filter(ist_beendet(faelle, von, bis))
    days = dauer_tage(rows)
    return gruppiert(rows, je, anzahl=rows.count(), tage=summe(days), median_tage=days.median())


def dauer_laufender(faelle: ir.Table, stichtag: date, je: Sequence[str] = ()) -> ir.Table:
    """Cases running on *stichtag*: ``[*je, anzahl, tage, median_tage]`` of the duration so far."""
    faelle = am_tag(faelle, stichtag, je)
    rows = faelle.filter(ist_laufend(faelle, stichtag))
    days = bisherige_tage(rows, stichtag)
    return gruppiert(rows, je, anzahl=rows.count(), tage=summe(days), median_tage=days.median())


def lebenstafel(faelle: ir.Table, von: date, bis: date, je: Sequence[str] = ()) -> ir.Table:
    """Life table of the window (von, bis]: ``[*je, dauer, ende, risiko]``, one row a duration.

    Kaplan–Meier with delayed entry: a case that was running before the window opened is at risk
    only from the duration it had then, so that old long cases don't look like the rule; cases
    still open on *bis* leave the risk set there without having ended. ``ende`` counts the ends at a
    duration in days, ``risiko`` the cases at risk just before it.
    """
    rows = faelle.filter(ist_beobachtet(faelle, von, bis))
    ended = ist_beendet(rows, von, bis)
    # A case begun inside the window is at risk from its first day on, hence -1.
    entry = ibis.greatest(bisherige_tage(rows, von), -1)
    leave = ibis.least(rows.ende.coalesce(bis), bis).delta(rows.beginn, unit="day")
    zero, one = ibis.literal(0, "int64"), ibis.literal(1, "int64")
    entries = rows.select(*je, dauer=entry.cast("int64") + 1, ein=one, aus=zero, ende=zero)
    exits = rows.select(
        *je, dauer=leave.cast("int64"), ein=zero, aus=one, ende=ended.ifelse(1, 0).cast("int64")
    )
    events = entries.union(exits)
    table = gruppiert(
        events, [*je, "dauer"],
        ein=summe(events.ein), aus=summe(events.aus), ende=summe(events.ende),
    )  # fmt: skip
    running = ibis.cumulative_window(group_by=list(je) or None, order_by="dauer")
    at_risk = table.ein.sum().over(running) - table.aus.sum().over(running) + table.aus
    table = table.mutate(risiko=at_risk.cast("int64"))
    return table.filter(table.ende > 0).select(*je, "dauer", "ende", "risiko")


def ueberlebensmedian(tafel: Iterable[tuple[int, int, int]]) -> int | None:
    """Return the first duration at which at most half are left, from (dauer, ende, risiko) rows.

    ``None``: more than half are still left at the longest observed duration; the median is then
    unknown, not long.
    """
    with localcontext() as context:
        context.prec = 60
        left = Decimal(1)
        for duration, ends, at_risk in sorted(tafel):
            left *= Decimal(at_risk - ends) / Decimal(at_risk)
            # The product of rounded quotients may miss an exact one half by its last digits.
            if left <= Decimal("0.5") + Decimal("1e-40"):
                return duration
    return None
