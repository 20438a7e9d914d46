"""Days and months of the demo city: its history, its booking runs, its Haushaltsjahre."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache

HISTORIE_VON = date(2020, 1, 1)
HISTORIE_BIS = date(2025, 12, 31)
STANDARD_STICHTAG = date(2025, 6, 30)
LIEFERFRIST = timedelta(days=21)
ENTGELTBRUCH = date(2023, 7, 1)
"""Planted structural break: new rates for residential care, and a new Fachverfahren."""
ENDE_EIGENER_BEITRAEGE = date(2023, 1, 1)
NEUER_PRODUKTPLAN = date(2024, 1, 1)


@lru_cache(maxsize=4096)
def monatserster(tag: date, plus: int = 0) -> date:
    """Return the first of the month *plus* months after *tag*'s."""
    nummer = tag.year * 12 + tag.month - 1 + plus
    return date(nummer // 12, nummer % 12 + 1, 1)


@lru_cache(maxsize=4096)
def monatsletzter(tag: date) -> date:
    """Return the last day of *tag*'s month."""
    return tag.replace(day=monthrange(tag.year, tag.month)[1])


def monate(von: date, bis: date) -> Iterator[date]:
    """Yield the first of every month from *von*'s to *bis*'s."""
    monat = monatserster(von)
    while monat <= bis:
        yield monat
        monat = monatserster(monat, 1)


def werktag(tag: date) -> date:
    """Return *tag*, or the Monday after a weekend."""
    return tag + timedelta(days=(7 - tag.weekday()) if tag.weekday() > 4 else 0)


@lru_cache(maxsize=4096)
def zahllauf(monat: date, zweiter: bool) -> date:
    """Return the day of a month's first (10.) or second (24.) booking run."""
    return werktag(monat.replace(day=24 if zweiter else 10))


@lru_cache(maxsize=8192)
def naechster_zahllauf(tag: date) -> date:
    """Return the first booking run on or after *tag*."""
    for monat in (monatserster(tag), monatserster(tag, 1)):
        for zweiter in (False, True):
            lauf = zahllauf(monat, zweiter)
            if lauf >= tag:
                return lauf
    raise AssertionError("every month has two booking runs")


def geburtstag(geburt: date, jahre: int) -> date:
    """Return the *jahre*-th birthday (29.02. becomes 01.03. in common years)."""
    try:
        return geburt.replace(year=geburt.year + jahre)
    except ValueError:
        return date(geburt.year + jahre, 3, 1)


def haushalt(leistungsmonat: date, buchung_am: date) -> tuple[int, int, bool]:
    """Return Haushaltsjahr, Periode and whether the booking is periodenfremd.

    The old year stays open until 20 February: January still books period 12, February period 13.
    Later bookings belong to the new year and go to accounts for other periods.
    """
    if buchung_am.year < leistungsmonat.year:
        return leistungsmonat.year, 1, False
    if buchung_am.year == leistungsmonat.year:
        return buchung_am.year, buchung_am.month, False
    if buchung_am.year == leistungsmonat.year + 1 and buchung_am <= date(buchung_am.year, 2, 20):
        return leistungsmonat.year, 11 + buchung_am.month, False
    return buchung_am.year, buchung_am.month, True
