"""The leading figures of an area beside those of a year ago, as the area's own report shows them.

A report composed of areas takes them from here, so that it never compares otherwise than they do.
"""

from __future__ import annotations

from sozcontrol import catalogue, store
from sozcontrol.hochrechnung import prognosekennzahlen
from sozcontrol.measures import Werte
from sozcontrol.revision.vorjahr import Vorjahr, vorjahr
from sozcontrol.store import Daten


def leitzahlen(
    daten: Daten, bereich: str, *, hoechstens: int | None = None
) -> tuple[list[Werte], Vorjahr | None]:
    """Return the leading figures this delivery can tell (the first *hoechstens*), now and then.

    Then is None where the area compares with nothing, or has a table missing it can't do without.
    """
    area = catalogue.bereich(bereich)
    if not daten.hat(*area.braucht):
        return [], None
    ids = prognosekennzahlen.vorhandene(daten, area.leitzahlen)[:hoechstens]
    now = prognosekennzahlen.kennzahlen(daten, ids)
    return now, None if area.ohne_vorjahr else vorjahr(daten, ids, gegen=area.gegen)


def je_bereich(daten: Daten, *, hoechstens: int) -> dict[str, tuple[list[Werte], Vorjahr | None]]:
    """Return the leading figures of every area that has some, in the catalogue's order."""
    areas = [b.id for b in catalogue.bereiche().values() if b.leitzahlen]
    return {one: leitzahlen(daten, one, hoechstens=hoechstens) for one in areas}


def ohne(daten: Daten) -> dict[str, str]:
    """Return the areas with leading figures that this delivery can't tell of, each with why."""
    found = {}
    for area in catalogue.bereiche().values():
        gone = [t for t in area.braucht if not daten.hat(t)]
        if area.leitzahlen and gone:
            told = "; ".join(
                f"»{catalogue.tabelle(t).bezeichnung}« {_fate(daten, t)}" for t in gone
            )
            found[area.id] = f"Zu diesem Stichtag nicht zu berichten: {told}."
    return found


def _fate(daten: Daten, table: str) -> str:
    rejected = store.abgelehnt(daten, table)
    return "ist fehlerhaft und nicht verwendet" if rejected else "ist nicht geliefert"
