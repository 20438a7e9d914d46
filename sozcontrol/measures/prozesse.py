"""Whether a process moved what it was expected to move: before and after, and elsewhere.

Compared are values of the same day of the year, within one legal regime. Something has moved where
every value since lies beyond the natural limits of those before (a control chart for single
values); that alone is no proof of a cause, so the other municipalities are asked, too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from statistics import median

from sozcontrol import catalogue
from sozcontrol.catalogue import Prozess
from sozcontrol.measures import kommunen, signale
from sozcontrol.measures.aufstellungen import Aufstellung
from sozcontrol.measures.beschluesse import oeffentlich
from sozcontrol.measures.zaehlwerk.kennzahlen import Werte, fehlende, kennzahlen, zeitreihe
from sozcontrol.measures.zaehlwerk.lieferung import Stadtlieferung

MINDESTENS = 3
"""Values before the beginning and since; by chance all of so many lie beyond once in 140 times."""
NACHWEISBAR, OFFEN = "nachweisbar", "bewegt, Ursache offen"
NICHT, DAGEGEN = "nicht nachweisbar", "gegen die Erwartung"
SPALTEN = ("davor", "danach")
HAELFTE = 2
"""Others that moved the same way by at least one half of it: then it is not the process."""


@dataclass(frozen=True)
class Urteil:
    """What became of the expectation, why, and the values it is judged by."""

    wort: str
    grund: str
    davor: tuple[Decimal, ...] = ()
    danach: tuple[Decimal, ...] = ()


def verlaeufe(daten: Stadtlieferung) -> dict[str, Werte]:
    """Return the Kennzahl of every process at this day of all its years, by the process."""
    day, found = daten.stichtag, {}
    for one in catalogue.prozesse(daten.kommune.id).values():
        if one.kennzahl is None or one.ab is None or fehlende(daten, [one.kennzahl]):
            continue
        days = [_tag(day, year) for year in range(one.ab, day.year + 1)]
        found[one.id] = zeitreihe(daten, one.kennzahl, days)
    return found


def schwellen(daten: Stadtlieferung) -> dict[str, Werte]:
    """Return the Kennzahlen that say from where on a process pays for itself, by their id."""
    named = (one.gewinnschwelle for one in catalogue.prozesse(daten.kommune.id).values())
    known = [id for id in dict.fromkeys(named) if id and not fehlende(daten, [id])]
    return dict(zip(known, kennzahlen(daten, known), strict=True))


def _tag(day: date, year: int) -> date:
    leap = (day.month, day.day) == (2, 29)
    return day.replace(year=year, day=28) if leap else day.replace(year=year)


def anderswo(daten: Stadtlieferung) -> Aufstellung:
    """Return for every process with a comparison the median of the others before and since.

    Columns ``[prozess, davor, danach]``, means over the years; nothing where there are none.
    """
    there = daten.hat(kommunen.TABELLE)
    rows = daten[kommunen.TABELLE].to_pyarrow().to_pylist() if there else []
    werte, found = kommunen.Werte(rows, daten.stichtag), []
    for one in catalogue.prozesse(daten.kommune.id).values():
        sides: dict[str, list[Decimal]] = {name: [] for name in SPALTEN}
        for day, stand in _jahre(werte, one).items():
            others = [w for ags, w in stand.werte.items() if ags != stand.eigene]
            sides["danach" if day >= one.seit else "davor"].append(median(others))
        found.append({"prozess": one.id, **{name: _mittel(own) for name, own in sides.items()}})
    return oeffentlich(found, ("prozess",), SPALTEN, "Prozesse anderswo")


def _jahre(werte: kommunen.Werte, one: Prozess) -> dict[date, kommunen.Vergleichsstand]:
    """Return the years of a comparison with values enough, within the regime, by their end."""
    if one.vergleich is None:
        return {}
    years = kommunen.reihe(werte, catalogue.vergleiche()[one.vergleich])
    ends = {date(s.jahr, 12, 31): s for s in years if s.genug}
    first, last = _grenzen(one)
    return {day: s for day, s in ends.items() if first <= day < last}


def _mittel(values: Sequence[Decimal]) -> Decimal | None:
    return sum(values, Decimal(0)) / len(values) if values else None


def urteil(
    prozess: Prozess, werte: Mapping[date, Decimal | None], andere: tuple[Decimal, Decimal] | None
) -> Urteil:
    """Judge a process by the values shown of its Kennzahl; None is hidden, or not there.

    *andere* is the median of the other municipalities before and since.
    """
    first, last = _grenzen(prozess)
    known = {day: v for day, v in sorted(werte.items()) if v is not None}
    davor = tuple(v for day, v in known.items() if first <= day < prozess.seit)
    danach = tuple(v for day, v in known.items() if prozess.seit <= day < last)
    if len(davor) < MINDESTENS or len(danach) < MINDESTENS:
        broken = [f"{b.kurz} ({b.am:%d.%m.%Y})" for b in _regime(prozess) if b]
        why = f"Vergleichbare Werte: {len(davor)} davor, {len(danach)} seither; nötig sind je "
        why += f"{MINDESTENS}."
        why += f" Dazwischen brechen die Reihe: {', '.join(broken)}." if broken else ""
        return Urteil(NICHT, why, davor, danach)
    return Urteil(*_bewegt(prozess.richtung, davor, danach, andere), davor, danach)


def _regime(prozess: Prozess) -> tuple[catalogue.Rechtsaenderung | None, ...]:
    """Return the last change of law up to the beginning, and the first after it."""
    own = [prozess.kennzahl] if prozess.kennzahl else []
    known = catalogue.brueche(prozess.rechtskreise, prozess.kommune, "faelle", own)
    before = [b for b in known if b.am <= prozess.seit]
    after = [b for b in known if b.am > prozess.seit]
    return before[-1] if before else None, after[0] if after else None


def _grenzen(prozess: Prozess) -> tuple[date, date]:
    """Return the first day of the legal regime a process began in, and the first after it."""
    von, bis = _regime(prozess)
    return von.am if von else date.min, bis.am if bis else date.max


def _bewegt(
    way: int, davor: Sequence[Decimal], danach: Sequence[Decimal],
    andere: tuple[Decimal, Decimal] | None,
) -> tuple[str, str]:  # fmt: skip
    chart = signale.karte([float(v) for v in davor])
    edges = {1: chart.oben, -1: chart.unten}
    beyond = {w: all(w * (float(v) - edge) > 0 for v in danach) for w, edge in edges.items()}
    if beyond[-way]:
        return DAGEGEN, "Alle Werte seither liegen auf der anderen Seite als erwartet."
    if not beyond[way]:
        return NICHT, "Die Werte seither liegen nicht alle jenseits dessen, was vorher üblich war."
    if andere is None:
        return OFFEN, "Alle Werte seither liegen jenseits des Üblichen; ein Vergleich fehlt."
    own, other = float((_mittel(danach) or 0) - (_mittel(davor) or 0)), float(andere[1] - andere[0])
    if way * other * HAELFTE >= way * own:
        return NICHT, "Bei den anderen Kommunen hat sich der Wert ebenso bewegt."
    return NACHWEISBAR, "Alle Werte seither liegen jenseits des Üblichen, bei den anderen nicht."
