"""The calendar of a year: what is due when, from whom, and where it stands.

Facts give the reporting dates, the deliveries and the sessions; what is stored gives what came and
what was published, and the trackers when a point is to be told of again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, cast

from sozcontrol import catalogue
from sozcontrol.auskunft.lieferstand import Lieferant, lieferanten
from sozcontrol.errors import Damaged
from sozcontrol.press.ablegen import manifest
from sozcontrol.press.ablegen.publish import target
from sozcontrol.press.lauf import STANDARD_EDITION
from sozcontrol.press.lauf.plan import (
    Faellig,
    Faelligkeit,
    due,
    lieferfrist,
    shows_forecast,
    termine,
)
from sozcontrol.press.seite.export import kind_of_report
from sozcontrol.projekt import Projekt
from sozcontrol.store.fassung import dates_below

if TYPE_CHECKING:
    from sozcontrol import store
    from sozcontrol.store.fassung import Manifest

HOCHRECHNUNG = {
    "gueltig": " · mit Hochrechnung",
    "experimentell": " · Hochrechnung nicht in jeder Fassung",
}
SITZUNG, BESCHLUSS, MESSGROESSE = "Sitzung", "Beschluss", "Messgröße"


@dataclass(frozen=True)
class Eintrag:
    """One day in the calendar: what is due, from whom, where it stands, and why."""

    am: date
    titel: str
    text: str = ""


@dataclass(frozen=True)
class Jahr:
    """A year of the project's Kommune, as a day knows it; without a project only what is owed."""

    jahr: int
    projekt: Projekt | None
    heute: date

    @property
    def kommune(self) -> catalogue.Kommune:
        """Whose calendar it is."""
        return _whose(self.projekt)

    @property
    def termine(self) -> tuple[Faelligkeit, ...]:
        """Its reporting dates."""
        return termine(self.jahr, self.kommune.feiertage)

    @cached_property
    def gespeichert(self) -> list[Manifest]:
        """What is stored; nothing is opened where nothing was ever delivered."""
        if self.projekt is None or not dates_below(self.projekt.processed):
            return []
        from sozcontrol import store

        return store.deliveries(self.projekt)


def calendar_text(jahr: int, projekt: Projekt | None, heute: date) -> str:
    """Return the reporting dates of *jahr*: what each owes, when it is due, what was delivered."""
    year = Jahr(jahr, projekt, heute)
    lines, stored = [], year.gespeichert
    lines += [f"Berichtskalender {jahr}, Feiertage: {year.kommune.feiertage or 'keine'}", ""]
    for row in year.termine:
        kinds = kind_of_report(row.termin.berichtsarten, row.termin.prognose)
        told = [_duty(d, projekt, row.stichtag, heute) for d in row.fristen]
        told += [f"Bereiche: {', '.join(b.id for b in row.bereiche) or 'keiner'}"]
        told += [_delivered(projekt, row.stichtag)] if projekt else []
        told += [_suppliers(year, row, stored)]
        lines += [f"{row.stichtag:%d.%m.%Y}  {kinds}{_forecast(row)}"]
        lines += [f"            {line}" for line in told]
    others = [*_sessions(year), *_tracked(year)]
    if others:
        lines += ["", "Sitzungen und Zusagen"]
    lines += [f"  {e.am:%d.%m.%Y}  {e.titel}{f' – {e.text}' if e.text else ''}"
              for e in sorted(others, key=_order)]  # fmt: skip
    return "\n".join(lines)


def entries(jahr: int, projekt: Projekt | None, heute: date) -> list[Eintrag]:
    """Return every day of the calendar of *jahr*, for a file that calendars read."""
    year = Jahr(jahr, projekt, heute)
    found, stored = [*_sessions(year), *_tracked(year)], year.gespeichert
    for row in year.termine:
        day = f"zum {row.stichtag:%d.%m.%Y}"
        for duty in row.fristen:
            said = (_state(duty, projekt, row.stichtag, heute), duty.frist.grundlage)
            found.append(Eintrag(duty.am, f"Fällig: {duty.frist.was} {day}", _joined(said)))
        until = lieferfrist(year.kommune, row.stichtag)
        if until is not None:
            found += [
                Eintrag(until, f"Lieferung {day}: {one.name}", one.stand(until, heute))
                for one in _owing(year, row, stored)
            ]
    return sorted(found, key=_order)


def _order(one: Eintrag) -> tuple[date, str]:
    return one.am, one.titel


def _whose(projekt: Projekt | None) -> catalogue.Kommune:
    return catalogue.kommune_oder_eigene(projekt.kommune if projekt else "")


def _joined(parts: Sequence[str]) -> str:
    return " · ".join(part for part in parts if part)


def duties(projekt: Projekt, stichtag: date, heute: date) -> list[str]:
    """Return what a Stichtag owes, by when, and whether it is done."""
    termin = catalogue.termin_am(stichtag)
    land = _whose(projekt).feiertage
    if termin is None:
        return ["keine: Der Tag steht nicht im Berichtskalender."]
    return [_duty(d, projekt, stichtag, heute) for d in due(termin, stichtag, land)]


def _duty(duty: Faellig, projekt: Projekt | None, stichtag: date, heute: date) -> str:
    why = f" ({duty.tag:%d.%m.}: {duty.grund})" if duty.grund else ""
    state = _state(duty, projekt, stichtag, heute)
    told = f"fällig {duty.am:%d.%m.%Y}{why}: {duty.frist.was} – {duty.frist.grundlage}"
    return _joined((told, state))


def _state(duty: Faellig, projekt: Projekt | None, stichtag: date, heute: date) -> str:
    """Say whether what is owed was published, and whether in time; nothing while there is time."""
    if projekt is None:
        return ""
    edition = catalogue.edition(duty.frist.edition or STANDARD_EDITION)
    try:
        there = manifest.read(target(projekt, edition.ablage, stichtag) / edition.id)
    except Damaged:
        return "Manifest der Berichte beschädigt: sozcontrol repair"
    known = [
        str(e["datenstand"]) for e in there.get("berichte", {}).values()
        if e.get("datei") and set(e.get("berichtsarten", ())) & set(duty.frist.arten)
    ]  # fmt: skip
    if not known:
        return "überfällig" if heute > duty.am else ""
    newest = date.fromisoformat(max(known))
    late = " nach der Frist" if newest > duty.am else ""
    return f"erschienen{late}, Datenstand {newest:%d.%m.%Y}"


def _owing(year: Jahr, row: Faelligkeit, stored: Sequence[Manifest]) -> list[Lieferant]:
    return lieferanten(year.kommune, row.stichtag, row.bereiche, stored)


def _suppliers(year: Jahr, row: Faelligkeit, stored: Sequence[Manifest]) -> str:
    """Say by when which suppliers owe something, and of whom something is missing or late."""
    until, owing = lieferfrist(year.kommune, row.stichtag), _owing(year, row, stored)
    by = f"Lieferungen{f' bis {until:%d.%m.%Y}' if until else ''}"
    if not any(m["stichtag"] == row.stichtag.isoformat() for m in stored):
        late = until is not None and year.projekt is not None and year.heute > until
        state = " – überfällig" if late else ""
        return f"{by} von: {'; '.join(one.name for one in owing)}{state}"
    open_ones = [one for one in owing if one.stand(until, year.heute) != "geliefert"]
    told = f"{by}: {len(owing) - len(open_ones)} von {len(owing)} Stellen ohne Beanstandung"
    return "; ".join([told, *(f"{o.name}: {o.stand(until, year.heute)}" for o in open_ones)])


def _delivered(projekt: Projekt, stichtag: date) -> str:
    """Say which deliveries of a Stichtag there are, and in which editions it was reported."""
    found = dates_below(projekt.raw / stichtag.isoformat())
    if not found:
        return "geliefert: nichts"
    states = ", ".join(f"Datenstand {day:%d.%m.%Y}" for day in found)
    made = [
        e.id for e in catalogue.editionen().values()
        if (target(projekt, e.ablage, stichtag) / e.id / "manifest.json").is_file()
    ]  # fmt: skip
    return f"geliefert: {states}; berichtet: {', '.join(made) or 'noch nicht'}"


def _forecast(row: Faelligkeit) -> str:
    """Say how far the Hochrechnung is trusted, where an owed report shows one."""
    shown = any(shows_forecast(area) for area in row.bereiche)
    return HOCHRECHNUNG.get(row.termin.hochrechnung or "", "") if shown else ""


def _sessions(year: Jahr) -> Iterator[Eintrag]:
    for one in year.kommune.sitzungen:
        if one.am.year == year.jahr:
            yield Eintrag(one.am, f"{SITZUNG}: {one.gremium}")


def _tracked(year: Jahr) -> Iterator[Eintrag]:
    """Yield the days the trackers of the newest delivery name: points, reports on them, data."""
    stored = year.gespeichert
    if year.projekt is None or not stored:
        return
    newest = max(stored, key=lambda m: (m["stichtag"], m["datenstand"]))
    if not {"beschlusspunkt", "massnahme"} & set(newest["tabellen"]):
        return
    from sozcontrol import store

    daten = store.open_data(newest["stichtag"], newest["datenstand"], year.projekt)
    try:
        found = [*_decided(daten), *_measured(daten)]
    finally:
        daten.close()
    yield from (e for e in found if e.am.year == year.jahr)


def _decided(daten: store.Daten) -> Iterator[Eintrag]:
    from sozcontrol.measures import beschluesse

    if not {"beschlusspunkt", "umsetzungsbericht"} <= set(daten.tabellen):
        return
    for row in beschluesse.stand(daten):
        if row["lage"] == beschluesse.FERTIG:
            continue
        name = f"{row['vorlage']}, Punkt {row['punkt']}, {row['gremium']}"
        text = f"{row['beschluss_text']} ({row['lage']} am {daten.stichtag:%d.%m.%Y})"
        yield Eintrag(cast("date", row["faellig_am"]), f"{BESCHLUSS}: {name}", text)
        if isinstance(again := row["wiedervorlage"], date):
            yield Eintrag(again, f"Bericht zum {BESCHLUSS}: {name}", text)


def _measured(daten: store.Daten) -> Iterator[Eintrag]:
    from sozcontrol.measures import vorhaben

    if "massnahme" not in daten.tabellen:
        return
    for row in vorhaben.massnahmen(daten).frame.to_dict("records"):
        if isinstance(day := row["naechste_lieferung"], date):
            name = f"{row['messgroesse']} ({row['massnahme']})"
            yield Eintrag(day, f"{MESSGROESSE}: {name}", f"liefert {row['datenlieferant']}")
