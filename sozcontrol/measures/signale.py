"""Early warning: whether a series signals, or varies as it always did.

Pure functions over plain numbers, the latest last. ``ungut`` is the direction that is bad: 1 up,
-1 down, 0 either. How often each rule signals in vain stands in the catalogue.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from math import log

from sozcontrol import catalogue
from sozcontrol.catalogue.fruehwarnregel import Beobachtung, Warnregel
from sozcontrol.measures.aufstellungen import (
    letzte_monatsenden,
    letzte_quartalsenden,
    quartalsenden,
)
from sozcontrol.measures.groeber import ohne_anteile_weniger
from sozcontrol.measures.zaehlwerk.kennzahlen import (
    Werte,
    fehlende,
    vorhandene,
    zeitreihe,
    zeitreihen,
)
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


def karte(werte: Sequence[float], weite: float = XMR) -> Karte:
    """Return the chart of values that vary as usual (at least two), *weite* mean steps wide."""
    middle = sum(werte) / len(werte)
    ranges = [abs(b - a) for a, b in pairwise(werte)]
    reach = weite * sum(ranges) / len(ranges)
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


def liegt_fern(werte: Sequence[float], regel: Warnregel) -> int:
    """Return where the last value lies beyond the chart of the few before it; else 0.

    The chart is wider than that of many values, for few tell its middle and spread but roughly.
    """
    assert regel.grundlage and regel.weite, "the facts demand them"
    *before, last = werte[-regel.grundlage - 1 :]
    chart = karte(before, float(regel.weite))
    return 1 if last > chart.oben else -1 if last < chart.unten else 0


def ist_zufaellig(davor: float, jetzt: float) -> bool:
    """Say whether two counts differ by no more than counts do by chance (2 √(a + b))."""
    return (jetzt - davor) ** 2 <= 4 * (davor + jetzt)


def ist_zu_haeufig(
    zahlen: Sequence[float], basis: Sequence[float], irrtum: float, ungut: int
) -> int:
    """Return the direction in which the last of counts of events is out of line, if bad; else 0.

    ``basis`` says over what each was counted. Given all events, how many fall into the last place
    is binomial, whatever their frequency: the limits are exact, also where it is small.
    """
    from scipy.special import bdtr, bdtrc

    all_, last = round(sum(zahlen)), round(zahlen[-1])
    share = basis[-1] / sum(basis)
    above = float(bdtrc(last - 1, all_, share)) if last else 1.0
    return _aussen(above, float(bdtr(last, all_, share)), irrtum, ungut)


def ist_anderer_anteil(
    zahlen: Sequence[float], basis: Sequence[float], irrtum: float, ungut: int
) -> int:
    """Return the direction in which the last of shares is out of line, if bad; else 0.

    Given all there are, and all of them that are meant, how many of these are in the last group is
    hypergeometric (Fisher), whatever their share.
    """
    import numpy as np
    from scipy.special import gammaln

    def ways(of: int, some: np.ndarray) -> np.ndarray:
        return gammaln(of + 1) - gammaln(some + 1) - gammaln(of - some + 1)

    meant, last = round(sum(zahlen)), round(zahlen[-1])
    group, rest = round(basis[-1]), round(sum(basis[:-1]))
    numbers = np.arange(max(0, meant - rest), min(group, meant) + 1)
    likely = ways(group, numbers) + ways(rest, meant - numbers)
    chances = np.exp(likely - likely.max())
    chances /= chances.sum()
    above, below = chances[numbers >= last].sum(), chances[numbers <= last].sum()
    return _aussen(float(above), float(below), irrtum, ungut)


def _aussen(hoeher: float, tiefer: float, irrtum: float, ungut: int) -> int:
    """Judge the chances of so much or more, and so little or less; both sides share the error."""
    limit = irrtum / (1 if ungut else 2)
    way = 1 if hoeher <= limit else -1 if tiefer <= limit else 0
    return way if ungut in (0, way) else 0


def haeuft_sich_an(
    zahlen: Sequence[float], basis: Sequence[float], regel: Warnregel, ungut: int
) -> int:
    """Return the direction in which events pile up beyond the rule's threshold, if bad; else 0.

    The sum of log-likelihood ratios of a frequency ``faktor`` times (or a part of) that of the
    values before, never below 0 (CUSUM). Watching both sides, each has half the error: ln 2 more.
    """
    assert regel.grundlage and regel.faktor and regel.schwelle, "the facts demand them"
    before = regel.grundlage
    usual = sum(zahlen[:before]) / sum(basis[:before])
    limit = float(regel.schwelle) + (0 if ungut else log(2))
    for way in (ungut,) if ungut else (1, -1):
        ratio, total = float(regel.faktor) ** way, 0.0
        for number, size in zip(zahlen[before:], basis[before:], strict=True):
            total = max(0.0, total + number * log(ratio) - usual * (ratio - 1) * size)
        if usual and total >= limit:
            return way
    return 0


def ungute_richtung(kennzahl: str) -> int:
    """Return the direction that is bad for a Kennzahl, 0 where both are watched."""
    return RICHTUNG.get(catalogue.steckbrief(kennzahl).richtung, 0)


def signal(beobachtung: Beobachtung, werte: Sequence[float], basis: Sequence[float] = ()) -> int:
    """Return what a watched series signals: its direction (1 up, -1 down), or 0.

    Charts of few events (``Warnregel.zaehlend``) get numbers as *werte*, and their *basis*.
    """
    way, rule = ungute_richtung(beobachtung.kennzahl), catalogue.warnregeln()[beobachtung.regel]
    if rule.zaehlend:
        if rule.id == "cusum":
            return haeuft_sich_an(werte, basis, rule, way)
        chart = ist_zu_haeufig if rule.id == "u_karte" else ist_anderer_anteil
        return chart(werte, basis, float(rule.irrtum_pct or 0) / 100, way)
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


VERGLEICHBAR = {"stichtag", "letztes_quartal", "quartal", "monat", "zwoelf_monate"}
"""Spans of which the end of one quarter may be put beside that of another."""


def leitreihen(daten: Lieferung, bereich: str, *, ohne: Sequence[str] = ()) -> list[Werte]:
    """Return the leading figures of an area at the ends of the last eight complete quarters.

    Left out is what runs since January, what lies years back, and amounts: of these the last
    quarters lack invoices; in a small municipality shares of few, too. *ohne* are figures whose
    parts the page shows at these days: their total beside them would hide more of them.
    """
    known = catalogue.kennzahlen()
    asked = [i for i in catalogue.bereich(bereich).leitzahlen if i in known and i not in ohne]
    asked = [i for i in vorhandene(daten, asked) if _vergleichbar(known[i])]
    asked = ohne_anteile_weniger(daten, asked)
    return zeitreihen(daten, asked, letzte_quartalsenden(daten.stichtag)) if asked else []


def _vergleichbar(item: catalogue.Kennzahl) -> bool:
    return "€" not in item.einheit and {t.zeitraum for t in item.terme} <= VERGLEICHBAR


def ist_bestand(kennzahl: catalogue.Steckbrief) -> bool:
    """Say whether it is the step from one quarter to the next that is judged, not the value.

    So it is of sums over twelve months, which share nine of them with the quarter before: judged by
    value, four in a hundred would signal in vain.
    """
    return kennzahl.bezugszeit == "stichtag" or "zwoelf_monate" in {
        t.zeitraum for t in getattr(kennzahl, "terme", ())
    }


def _tage(beobachtung: Beobachtung, stichtag: date) -> tuple[date, ...]:
    rule = catalogue.warnregeln()[beobachtung.regel]
    if beobachtung.reihe == "jahrestag":
        return tuple(um_monate(stichtag, -12 * n) for n in reversed(range(rule.werte + 1)))
    days = quartalsenden(stichtag) if beobachtung.reihe == "quartalsende" else ()
    return days or letzte_monatsenden(stichtag)
