"""Periods: half-open intervals (von, bis] of days, relative to a Stichtag."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class Spanne:
    """A period (von, bis] seen from a Stichtag: *von* itself is outside, *bis* inside."""

    stichtag: date
    von: date
    bis: date


def monatsende(tag: date) -> date:
    """Return the last day of the month of *tag*."""
    return tag.replace(day=monthrange(tag.year, tag.month)[1])


def monatserster(index: int) -> date:
    """Return the first day of a month numbered 12 × year + month − 1."""
    return date(index // 12, index % 12 + 1, 1)


def um_monate(tag: date, monate: int) -> date:
    """Move *tag* by months; a month end stays a month end, other days are clipped to the month."""
    index = tag.year * 12 + tag.month - 1 + monate
    first = monatserster(index)
    if tag == monatsende(tag):
        return monatsende(first)
    return first.replace(day=min(tag.day, monthrange(first.year, first.month)[1]))


def fristbeginn(ende: date, monate: int) -> date:
    """Return the first day from which a time of *monate* months ends on *ende* or later.

    §§ 187, 188 BGB: it ends on the day of the same number, or on the last day of a shorter month.
    """
    first = monatserster(ende.year * 12 + ende.month - 1 - monate)
    last = monthrange(first.year, first.month)[1]
    if ende.day > last:  # no day of that month reaches it; the next month's first does
        return monatserster(first.year * 12 + first.month)
    return first.replace(day=ende.day)


def jahresanfang(tag: date) -> date:
    """Return the exclusive start of the year of *tag*: 31 December before it."""
    return date(tag.year - 1, 12, 31)


def ist_jahresende(tag: date) -> bool:
    """Say whether a year is over with *tag*: its budget year is then taken whole."""
    return (tag.month, tag.day) == (12, 31)


def monatsenden(von: date, bis: date) -> tuple[date, ...]:
    """Return the month ends in (von, bis]; when there is none, *bis* itself.

    So a mean of month-end stocks is defined in the first days of January, too.
    """
    ends, day = [], monatsende(von + timedelta(days=1))
    while day <= bis:
        ends.append(day)
        day = monatsende(day + timedelta(days=1))
    return tuple(ends) or (bis,)


def quartalsenden(von: date, bis: date) -> tuple[date, ...]:
    """Return the quarter ends in (von, bis]; when there is none, *bis* itself."""
    return tuple(d for d in monatsenden(von, bis) if d.month % 3 == 0 and d <= bis) or (bis,)


def letztes_quartalsende(tag: date) -> date:
    """Return the last day of the last quarter that is over with *tag*."""
    return quartalsenden(um_monate(tag, -3), tag)[-1]


def spanne(zeitraum: str, stichtag: date) -> Spanne:
    """Return the period a Steckbrief names, seen from *stichtag*."""
    before = um_monate(stichtag, -12)
    last_year_end = jahresanfang(stichtag)
    march = date(stichtag.year - (stichtag.month < 3), 3, 1)
    quarter = date(stichtag.year, (stichtag.month - 1) // 3 * 3 + 1, 1)
    complete = letztes_quartalsende(stichtag)
    spans = {
        "stichtag": (last_year_end, stichtag),
        "jahr_bis_stichtag": (last_year_end, stichtag),
        "vorjahr_bis_stichtag": (jahresanfang(before), before),
        "vorjahr": (jahresanfang(last_year_end), last_year_end),
        "quartal": (quarter - timedelta(days=1), stichtag),
        "letztes_quartal": (um_monate(complete, -3), complete),
        "monat": (stichtag.replace(day=1) - timedelta(days=1), stichtag),
        "zwoelf_monate": (before, stichtag),
        "zwoelf_monate_davor": (um_monate(stichtag, -24), before),
        "fuenf_jahre": (um_monate(stichtag, -60), stichtag),
        # The day of the official statistics, and the population it is held against.
        "erster_maerz": (jahresanfang(march), march),
        "jahresende_vor_maerz": (jahresanfang(jahresanfang(march)), jahresanfang(march)),
    }
    return Spanne(stichtag, *spans[zeitraum])
