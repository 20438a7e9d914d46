"""Early warning: whether a series signals, or varies as it always did.

Pure functions over plain numbers, the latest last. ``ungut`` is the direction that is bad: 1 up,
-1 down, 0 either. How often each rule signals in vain stands in the catalogue.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from sozcontrol import catalogue
from sozcontrol.catalogue.fruehwarnregel import Beobachtung
from sozcontrol.measures.aufstellungen import letzte_monatsenden, quartalsenden
from sozcontrol.measures.zaehlwerk.kennzahlen import Werte, fehlende, zeitreihe
from sozcontrol.measures.zaehlwerk.lieferung import Lieferung
from sozcontrol.measures.zaehlwerk.zeitraum import um_monate

XMR = 2.66
"""Mean moving ranges between the middle and the natural limits (3 sigma of d2 = 1,128)."""
RICHTUNG = {"hoch": -1, "niedrig": 1}
"""Direction of a Steckbrief → the bad one; of all others both are watched."""


@dataclass(frozen=True)
class Karte:
    """The middle and the natural limits of a control chart for single values."""

    mitte: float
    unten: float
    oben: float


def steigt_an(werte: Sequence[float], laenge: int, ungut: int) -> int:
    """Return the direction in which the last *laenge* values all went, if that is bad; else 0."""
    if len(werte) < laenge:
        return 0
    steps = [b - a for a, b in pairwise(werte[-laenge:])]
    for way in (1, -1):
        if ungut in (0, way) and all(way * step > 0 for step in steps):
            return way
    return 0


def karte(werte: Sequence[float]) -> Karte:
    """Return the chart of values that vary as usual (at least two)."""
    middle = sum(werte) / len(werte)
    ranges = [abs(b - a) for a, b in pairwise(werte)]
    reach = XMR * sum(ranges) / len(ranges)
    return Karte(middle, middle - reach, middle + reach)


def faellt_auf(werte: Sequence[float], grundlage: int, lauf: int, ungut: int) -> int:
    """Return where the last value lies beyond the chart of those before it, if bad; else 0.

    So do *lauf* values one after the other on the same side of the middle of those before them.
    """
    if len(werte) <= grundlage:
        return 0
    *before, last = werte[-grundlage - 1 :]
    chart = karte(before)
    way = 1 if last > chart.oben else -1 if last < chart.unten else 0
    if not way:
        middle = karte(werte[-grundlage - 1 : -lauf]).mitte
        way = next((w for w in (1, -1) if all(w * (v - middle) > 0 for v in werte[-lauf:])), 0)
    return way if ungut in (0, way) else 0


def ungute_richtung(kennzahl: str) -> int:
    """Return the direction that is bad for a Kennzahl, 0 where both are watched."""
    return RICHTUNG.get(catalogue.steckbrief(kennzahl).richtung, 0)


def signal(beobachtung: Beobachtung, werte: Sequence[float]) -> int:
    """Return what a watched series signals: its direction (1 up, -1 down), or 0."""
    way, rule = ungute_richtung(beobachtung.kennzahl), catalogue.warnregeln()[beobachtung.regel]
    steps = [b - a for a, b in pairwise(werte)] if beobachtung.veraenderung else [*werte]
    if rule.id == "trend":
        return steigt_an(steps, rule.laenge or 0, way)
    return faellt_auf(steps, rule.grundlage or 0, rule.lauf or 0, way)


def warnreihen(daten: Lieferung) -> dict[str, Werte]:
    """Return the series of everything watched that this delivery can tell, by its id."""
    watched = catalogue.beobachtungen()
    missing = fehlende(daten, [b.kennzahl for b in watched])
    return {
        b.id: zeitreihe(daten, b.kennzahl, _tage(b, daten.stichtag))
        for b in watched if b.kennzahl not in missing
    }  # fmt: skip


def _tage(beobachtung: Beobachtung, stichtag: date) -> tuple[date, ...]:
    rule = catalogue.warnregeln()[beobachtung.regel]
    if beobachtung.reihe == "jahrestag":
        return tuple(um_monate(stichtag, -12 * n) for n in reversed(range(rule.werte + 1)))
    days = quartalsenden(stichtag) if beobachtung.reihe == "quartalsende" else ()
    return days or letzte_monatsenden(stichtag)
