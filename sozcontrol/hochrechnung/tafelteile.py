"""Pieces of the forecast's tables: frames with their counts, sums in cents, months, shares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from sozcontrol.forecast.prognose.hochrechnung import CENT, euro
from sozcontrol.measures.zaehlwerk.gliederung import INSGESAMT
from sozcontrol.measures.zaehlwerk.zeitraum import monatsende, monatserster

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pandas as pd


Zelle = str | int | Decimal | date | None
"""What a cell holds before it is one of a frame."""
Zeile = dict[str, Zelle]


def rahmen(
    rows: Sequence[Mapping[str, Zelle]],
    columns: Sequence[str],
    counts: Mapping[str, Sequence[int | None]],
) -> pd.DataFrame:
    """Return the rows as a frame of plain values, empty ones ``NA``, with the *counts* added."""
    import pandas as pd

    frame = pd.DataFrame(list(rows), columns=list(columns), dtype="object")
    frame = frame.mask(frame.isna(), pd.NA)
    return frame.assign(**{c: pd.array(list(v), dtype="Int64") for c, v in counts.items()})


def summiert(teile: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Add the total of amounts."""
    return {**teile, INSGESAMT: sum(teile.values(), Decimal(0))}


def gezaehlt_je_hilfeart(teile: Mapping[str, int], namen: Sequence[str]) -> dict[str, int]:
    """Return the counts of these Hilfearten, the missing ones nobody, with their total.

    Who carries the whole is no sum of those who carry its parts; *teile* say it where they can.
    """
    parts = {n: teile.get(n, 0) for n in namen if n != INSGESAMT}
    return {**parts, INSGESAMT: teile.get(INSGESAMT, sum(parts.values()))}


def nur_hilfeart(t: ir.Table, hilfeart: str) -> ir.Table:
    """Return the rows of one Hilfeart; ``insgesamt`` is all of them."""
    return t if hilfeart == INSGESAMT else t.filter(t.hilfeart == hilfeart)


def auf_summe(werte: Mapping[str, float], summe: Decimal) -> dict[str, Decimal]:
    """Round to cents so that the parts add up to *summe*; the largest take the odd cents."""
    out = {n: euro(w) for n, w in werte.items()}
    rest = int((summe - sum(out.values(), Decimal(0))) / CENT)
    groesste = sorted(out, key=lambda n: (-abs(out[n]), n))
    for i in range(abs(rest) if groesste else 0):
        out[groesste[i % len(groesste)]] += CENT if rest > 0 else -CENT
    return out


def minus(a: Decimal | None, b: Decimal | None) -> Decimal | None:
    """Return a difference; of what is not known there is none."""
    return None if a is None or b is None else a - b


def prozent(anteil: float | None) -> Decimal | None:
    """Return a share (0–1) in percent."""
    return None if anteil is None else dezimal(anteil * 100)


def dezimal(wert: float | None) -> Decimal | None:
    """Return a figure without a float's binary tail."""
    return None if wert is None else Decimal(repr(round(float(wert), 6)))


def ende_des_monats(monat: int) -> date:
    """Return the last day of an absolute month."""
    return monatsende(monatserster(monat))


def monatsname(stand: int) -> str:
    """Return an absolute month as it stands in the name of a count: ``2025-06``."""
    return f"{monatserster(stand):%Y-%m}"
