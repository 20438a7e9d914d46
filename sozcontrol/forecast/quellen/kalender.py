"""The working-day calendar of a series: months whose first day is, this year, no working day."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import cache, partial
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from types import ModuleType
from typing import TYPE_CHECKING

from sozcontrol.errors import UsageError

if TYPE_CHECKING:
    from holidays import HolidayBase

MONATE = 12
RUNDE = 28
"""Years after which a date has fallen on every weekday equally often."""


@cache
def feiertage(land: str) -> HolidayBase:
    """Return the public holidays of *land* (ISO 3166: »DE-RP«): day → name.

    Raises:
        UsageError: Nobody knows them.
    """
    staat, _, teil = land.partition("-")
    try:
        # Without a language it speaks that of the terminal.
        return _staat(staat)(subdiv=teil or None, language="de")
    except NotImplementedError:
        raise UsageError(
            f"Die Feiertage von »{land}« sind nicht bekannt.",
            wo="feiertage",
            tun="Ein Kürzel nach ISO 3166 angeben, zum Beispiel DE oder DE-RP.",
        ) from None


def _staat(code: str) -> Callable[..., HolidayBase]:
    """Return the calendar of one country, from its own module.

    The package of them imports all 250, which takes longer than a run takes to decide.
    """
    import holidays
    from holidays.registry import COUNTRIES

    module = next((name for name, codes in COUNTRIES.items() if code in codes[1:]), None)
    if module is None:
        raise NotImplementedError
    folders = [f"{folder}/countries" for folder in holidays.__path__]
    spec = PathFinder.find_spec(f"holidays.countries.{module}", folders)
    if spec is None or spec.loader is None:
        return partial(holidays.country_holidays, code)
    found = module_from_spec(spec)
    with _ohne_ferien(module):
        spec.loader.exec_module(found)
    calendar: Callable[..., HolidayBase] = getattr(found, code)
    return calendar


@contextmanager
def _ohne_ferien(module: str) -> Iterator[None]:
    """Let a country do without its school holidays: a table larger than all the rest.

    Nobody asks its own module for them; what would, finds None and fails.
    """
    name = f"holidays.calendars.{module}_school"
    if name in sys.modules:
        yield
        return
    nothing = ModuleType(name)
    nothing.__getattr__ = lambda _: None  # type: ignore[method-assign]
    sys.modules[name] = nothing
    try:
        yield
    finally:
        del sys.modules[name]


@cache
def freie_monatserste(
    von: int, bis: int, land: str, *, erster_monat: int = 1, beginnt_im_vorjahr: bool = False
) -> frozenset[int]:
    """Return the months (year · 12 + period − 1) that begin on a weekend or public holiday.

    Up to the first month after the last budget year. A month that begins on a holiday
    every year (January, in Germany May) is left out: what never changes moves nothing from one
    year to the next.

    Args:
        von: First budget year.
        bis: Last budget year.
        land: Country or part of one whose holidays count, by ISO 3166 (»DE-RP«).
        erster_monat: Month of the calendar with which the budget year begins.
        beginnt_im_vorjahr: It begins in the calendar year before the one it is named after.

    Raises:
        UsageError: Nobody knows the holidays of *land*.
    """
    frei = feiertage(land)
    runde = range(bis, bis + RUNDE)
    immer = {m for m in range(1, MONATE + 1) if all(date(j, m, 1) in frei for j in runde)}
    beginn = erster_monat - 1 - MONATE * beginnt_im_vorjahr
    found = set()
    for periode in range(von * MONATE, (bis + 1) * MONATE + 1):
        jahr, monat = divmod(periode + beginn, MONATE)
        tag = date(jahr, monat + 1, 1)
        if tag.month not in immer and (tag.weekday() >= 5 or tag in frei):
            found.add(periode)
    return frozenset(found)
