"""How many quarters of a year each area has reported."""

from __future__ import annotations

from datetime import date

from sozcontrol import catalogue, store
from sozcontrol.measures.aufstellungen import letzte_quartalsenden
from sozcontrol.store import Daten


def quartalsberichte(daten: Daten) -> dict[str, int]:
    """Return by area the quarters of the year up to the Stichtag that a report was published of.

    That of the Stichtag itself counts where the delivery has all the area can't do without: it is
    published together with the report that asks.
    """
    year = daten.stichtag.year
    ends = {d for d in letzte_quartalsenden(daten.stichtag, 4) if d.year == year}
    seen: dict[str, set[date]] = {}
    for one in store.veroeffentlichungen(daten.projekt):
        seen.setdefault(one.bereich, set()).add(one.stichtag)
    for area in catalogue.bereiche().values():
        if daten.hat(*area.braucht):
            seen.setdefault(area.id, set()).add(daten.stichtag)
    return {area: len(days & ends) for area, days in seen.items()}
