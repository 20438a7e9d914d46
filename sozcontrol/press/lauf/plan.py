"""Which reports a Stichtag owes: the calendar's kinds of report × areas × editions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sozcontrol import catalogue
from sozcontrol.catalogue import Bereich, Edition, Kommune, Termin
from sozcontrol.catalogue.bericht import Frist
from sozcontrol.errors import UsageError
from sozcontrol.forecast.quellen.kalender import feiertage
from sozcontrol.press.lauf import STANDARD_EDITION
from sozcontrol.press.lauf.parameter import shown

SATURDAY = 5


@dataclass(frozen=True)
class Bericht:
    """One report: an area in an edition; ``berichtsarten`` says what it is due as.

    ``prognose`` is the name of the forecast it shows, where the calendar gives it one.
    """

    bereich: Bereich
    edition: Edition
    berichtsarten: tuple[str, ...]
    prognose: str | None = None

    @property
    def name(self) -> str:
        """Path of the report below its Stichtag, without the suffix."""
        return f"{self.edition.id}/{self.bereich.id}"


@dataclass(frozen=True)
class Faellig:
    """One duty of a reporting date: by fact on ``tag``, by law on ``am``, and why they differ."""

    frist: Frist
    tag: date
    am: date
    grund: str | None


@dataclass(frozen=True)
class Faelligkeit:
    """One reporting date of a year: the day, what is due when, the areas that owe a report."""

    stichtag: date
    fristen: tuple[Faellig, ...]
    termin: Termin
    bereiche: tuple[Bereich, ...]


def termine(jahr: int, land: str | None = None) -> tuple[Faelligkeit, ...]:
    """Return the reporting dates of *jahr* in order (domain: 30.04., 30.06., 31.08., quarters).

    *land* is whose public holidays move a due date (ISO 3166); without one weekends do.
    """
    rows = [
        Faelligkeit(t.am(jahr), due(t, t.am(jahr), land), t, tuple(catalogue.faellige(t)))
        for t in catalogue.kalender().values()
    ]
    return tuple(sorted(rows, key=lambda row: row.stichtag))


def due(termin: Termin, stichtag: date, land: str | None) -> tuple[Faellig, ...]:
    """Return what *stichtag* owes by when, each on a working day, the earliest first."""
    found = [Faellig(f, f.nach(stichtag), *_working_day(f.nach(stichtag), land))
             for f in termin.fristen]  # fmt: skip
    return tuple(sorted(found, key=lambda f: f.am))


def next_working_day(day: date, land: str | None) -> date:
    """Return the first working day from *day* on."""
    return _working_day(day, land)[0]


def lieferfrist(kommune: Kommune, stichtag: date) -> date | None:
    """Return the working day by which everything is to be delivered; None without a rule."""
    if kommune.lieferfrist_tage is None:
        return None
    return next_working_day(stichtag + timedelta(days=kommune.lieferfrist_tage), kommune.feiertage)


def _working_day(day: date, land: str | None) -> tuple[date, str | None]:
    """Return the first working day from *day* on, and why it is not *day* itself (§ 193 BGB)."""
    known = feiertage(land) if land else {}
    moved = day
    while moved.weekday() >= SATURDAY or moved in known:
        moved += timedelta(days=1)
    if moved == day:
        return day, None
    return moved, known.get(day) or ("Samstag", "Sonntag")[day.weekday() - SATURDAY]


def following(area: Bereich, stichtag: date) -> date:
    """Return the next reporting date after *stichtag* on which *area* owes a report."""
    days = [
        t.am(year) for year in (stichtag.year, stichtag.year + 1)
        for t in catalogue.kalender().values() if area in catalogue.faellige(t)
    ]  # fmt: skip
    return min(d for d in days if d > stichtag)


def owed_editions(termin: Termin) -> list[Edition]:
    """Return the editions a duty of *termin* is owed in, beside the usual one."""
    named = dict.fromkeys(f.edition for f in termin.fristen if f.edition)
    return [catalogue.edition(name) for name in named if name != STANDARD_EDITION]


def shows_forecast(bereich: Bereich) -> bool:
    """Say whether *bereich* reports a Hochrechnung of the year."""
    known = catalogue.prognosekennzahlen()
    return any(known[k].zum_jahresende for k in bereich.kennzahlen if k in known)


def plan(
    stichtag: date, bereiche: Sequence[str], editionen: Sequence[str], *, frei: bool = False
) -> tuple[Bericht, ...]:
    """Return the reports to make, in the catalogue's order.

    An empty *bereiche* means: all that the date owes; empty *editionen*: the usual one, and those
    in which the date owes a duty. With *frei* any date goes, for any area.

    Raises:
        UsageError: Unknown name; a date outside the calendar (its neighbours are named); an area
            that owes nothing on this date or is not made in this edition.
    """
    asked = {catalogue.bereich(shown(name)).id for name in bereiche}
    named = dict.fromkeys(editionen or (STANDARD_EDITION,))
    chosen = [catalogue.edition(shown(name)) for name in named]
    termin = catalogue.termin_am(stichtag)
    besides = owed_editions(termin) if termin and not editionen else []
    if termin is None and not frei:
        raise _outside(stichtag)
    due = {b.id for b in catalogue.faellige(termin)} if termin else set()
    reports = []
    for area in catalogue.bereiche().values():
        if asked and area.id not in asked:
            continue
        if area.id not in due and not frei:
            if asked:
                raise _not_due(area, stichtag)
            continue
        kinds = tuple(k for k in termin.berichtsarten if k in area.berichtsarten) if termin else ()
        made = [e for e in chosen if _made(area, e, stichtag, bool(asked))]
        made += [e for e in besides if _made(area, e, stichtag, False)]
        reports += [Bericht(area, e, kinds, _named(termin, area, e, stichtag)) for e in made]
    if not reports:
        raise UsageError(
            f"Zum {stichtag.isoformat()} ist in dieser Edition kein Bericht geplant.",
            wo="--edition",
            tun="sozcontrol areas",
        )
    return tuple(reports)


def readers(area: Bereich, stichtag: date) -> tuple[str, ...]:
    """Return the editions that a report of *area* can be made in on *stichtag*."""
    return tuple(e.id for e in catalogue.editionen().values() if _made(area, e, stichtag, False))


def _named(termin: Termin | None, area: Bereich, edition: Edition, stichtag: date) -> str | None:
    """Return the name of the forecast that a report shows, if it shows one and it has a name."""
    if termin is None or not shows_forecast(area):
        return None
    return termin.prognose if catalogue.hochrechnung_am(stichtag, edition.id) else None


def _made(area: Bereich, edition: Edition, stichtag: date, asked: bool) -> bool:
    if area.hochrechnung and catalogue.hochrechnung_am(stichtag, edition.id) is None:
        if asked:
            raise UsageError(
                f"Zum {stichtag:%d.%m.%Y} gibt es in der Edition »{edition.id}« keine "
                "Hochrechnung: So früh im Jahr streuen die Buchungen mehr, als sie verraten.",
                wo="--bereich",
                tun="Ab dem 30.06., oder als Versuch ab dem 30.04. mit --edition controlling.",
            )
        return False
    if edition.id in area.editionen:
        return True
    if asked:
        raise UsageError(
            f"»{area.id}« erscheint nicht in der Edition »{edition.id}«.",
            wo="--edition",
            tun=f"Möglich: {', '.join(area.editionen)}.",
        )
    return False


def _outside(stichtag: date) -> UsageError:
    days = [f.stichtag for year in (-1, 0, 1) for f in _safe_year(stichtag.year + year)]
    before = max((d for d in days if d < stichtag), default=None)
    after = min((d for d in days if d > stichtag), default=None)
    near = " und ".join(d.isoformat() for d in (before, after) if d)
    return UsageError(
        f"Der {stichtag.isoformat()} steht nicht im Berichtskalender.",
        wo="--stichtag",
        tun=f"Benachbarte Stichtage: {near}; mit --frei läuft jeder Tag.",
    )


def _safe_year(jahr: int) -> tuple[Faelligkeit, ...]:
    # date() ends with the year 9999, and the report of 31.12. is due in the year after.
    return termine(jahr) if 1 <= jahr < date.max.year else ()


def _not_due(area: Bereich, stichtag: date) -> UsageError:
    dates = [t.tag for t in catalogue.kalender().values() if area in catalogue.faellige(t)]
    return UsageError(
        f"»{area.id}« schuldet zum {stichtag:%d.%m.%Y} keinen Bericht.",
        wo="--bereich",
        tun=f"Stichtage dieses Bereichs: {', '.join(dates)}; mit --frei läuft jeder Tag.",
    )
