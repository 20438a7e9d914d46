"""The folder for a session: what changed since the last one, what is overdue, open, to decide.

It is put together of published reports. A session knows the newest Stichtag whose data were there
on its day; the session before it of the same body knew an earlier one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from sozcontrol import catalogue
from sozcontrol.catalogue.bericht import Sitzung
from sozcontrol.errors import DeliveryMissing, UsageError
from sozcontrol.measures import beschluesse
from sozcontrol.present.radarbild import BESCHLUSS, LAGE, SITZUNG, TERMIN, ZEICHEN
from sozcontrol.present.steckbrief import KOMMENTAR_FEHLT
from sozcontrol.press.ablegen import manifest
from sozcontrol.press.auszug.mappenseite import HINWEIS, Mappe, drawn
from sozcontrol.press.auszug.themenauszug import Seite
from sozcontrol.press.auszug.zahlenvergleich import Ausgabe, differences, publication, table_of
from sozcontrol.press.seite.export import long_date
from sozcontrol.press.seite.kachelvergleich import Vergleich
from sozcontrol.press.seite.seiteninhalt import Abschnitt, Block, Tabelle, Text
from sozcontrol.projekt import Projekt

TAGE = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"
BEWEGT = 10
"""So many Kennzahlen that moved most are named; all stand in the comparison of two folders."""
MERKLICH, DREI_PROZENT = Decimal("0.03"), "3\u00a0%"
"""What moved by less of its value is not named."""
SPAET = tuple(
    f"{ZEICHEN[lage]} {lage}"
    for lage in (beschluesse.UEBERFAELLIG, beschluesse.WIDERSPRUCH, beschluesse.OHNE_BERICHT)
)
"""How the radar begins where a point is late or contradictory."""
NICHTS = "Nichts."
OHNE_AUSSAGE = "Kein Bericht mit einer Gesamtaussage ist veröffentlicht."
OHNE_BESCHLUESSE = (
    "Kein veröffentlichter Bericht dieses Stichtags enthält eine Liste der Beschlüsse."
)
"""Where a list is missing: that is not »nothing«."""
MESSGROESSE, LIEFERUNG = "Messgröße", "nächste Lieferung"
UNBEKANNT = "kein Termin bekannt"


@dataclass(frozen=True)
class Termin:
    """A session with its folder: what it knows, and what the one before it knew."""

    sitzung: Sitzung
    davor: Sitzung | None
    jetzt: Ausgabe
    damals: Ausgabe | None
    kommende: tuple[Sitzung, ...]


def session_folder(projekt: Projekt, am: date, edition: str) -> str:
    """Return the folder for the session on *am* as a page, read back against its reports.

    Raises:
        UsageError: There is no session on that day.
        DeliveryMissing: No report was published of data known by then.
        NotReleased: A report is not what was published, or the folder says more than they do.
    """
    termin = _session(projekt, am, edition)
    changes = differences(termin.damals, termin.jetzt) if termin.damals else []
    sections = [s for s in _sections(termin, changes) if s.bloecke]
    facts = [("Sitzung", long_date(am)), ("Berichte", termin.jetzt.name)]
    if termin.damals and termin.davor:
        facts.append((f"Vorige Sitzung {long_date(termin.davor.am)}", termin.damals.name))
    subtitle = f"Sitzungsmappe {termin.sitzung.gremium}"
    days = (*(f"{s.am:%d.%m.%Y}" for s in termin.kommende), DREI_PROZENT, str(len(_moved(changes))))
    mappe = Mappe(_headline(termin, changes), subtitle, tuple(facts), sections, days)
    return drawn(mappe, termin.damals, termin.jetzt)


def next_session(projekt: Projekt, heute: date) -> date:
    """Return the day of the next session, or of the last one where none is to come.

    Raises:
        UsageError: The Kommune names no session.
    """
    days = sorted(s.am for s in catalogue.kommune_oder_eigene(projekt.kommune).sitzungen)
    if not days:
        raise UsageError("Die Kommune nennt keine Sitzungen.", wo="profile/kommune.yml",
                         tun="Unter sitzungen eintragen, wer wann tagt.")  # fmt: skip
    return next((day for day in days if day >= heute), days[-1])


def _session(projekt: Projekt, am: date, edition: str) -> Termin:
    found = sorted(catalogue.kommune_oder_eigene(projekt.kommune).sitzungen, key=lambda s: s.am)
    mine = next((s for s in found if s.am == am), None)
    if mine is None:
        days = "; ".join(f"{s.am:%d.%m.%Y} {s.gremium}" for s in found) or "keine"
        raise UsageError(
            f"Am {am:%d.%m.%Y} ist keine Sitzung.", wo="--am",
            tun=f"Sitzungen stehen in der Kommune (sitzungen): {days}.",
        )  # fmt: skip
    before = [s for s in found if s.am < am and s.gremium == mine.gremium]
    there = _folders(projekt, edition)
    now = _known(there, am)
    if now is None:
        raise DeliveryMissing(
            f"Bis zum {am:%d.%m.%Y} ist kein Bericht der Edition {edition} veröffentlicht.",
            wo=str(projekt.reports),
            tun=f"Erst die Berichte erstellen: sozcontrol run --edition {edition}.",
        )
    then = _known(there, before[-1].am) if before else None
    earlier = then if then and then.stichtag < now.stichtag else None
    later = tuple(s for s in found if s.am > am)
    return Termin(mine, before[-1] if before else None, now, earlier, later)


def _folders(projekt: Projekt, edition: str) -> list[Path]:
    place = catalogue.edition(edition).ablage
    root = projekt.reports if place == "reports" else projekt.intern
    return sorted(root.glob(f"{TAGE}/{edition}"))


def _known(there: Sequence[Path], am: date) -> Ausgabe | None:
    """Return the newest publication whose data were all known on a day."""
    for folder in reversed(there):
        entries = manifest.read(folder).get("berichte", {}).values()
        known = [str(e.get("datenstand")) for e in entries if e.get("datei")]
        if known and max(known) <= am.isoformat():
            return publication(folder)
    return None


def _headline(termin: Termin, changes: Sequence[Vergleich]) -> str:
    late = len(_late(termin.jetzt))
    open_ones = len(_uncommented(termin.jetzt))
    goals = sum(v.anderer_stand for v in changes)
    parts = [
        f"{goals} {'Ziel steht' if goals == 1 else 'Ziele stehen'} anders als zur vorigen Sitzung"
        if termin.damals else "Erste Mappe: keine frühere Sitzung mit Berichten",
        f"{late} {'Beschlusspunkt' if late == 1 else 'Beschlusspunkte'} überfällig oder strittig"
        if _has_radar(termin.jetzt) else "Beschlüsse: keine Liste veröffentlicht",
        f"{open_ones} {'Stellungnahme fehlt' if open_ones == 1 else 'Stellungnahmen fehlen'}",
    ]  # fmt: skip
    return "; ".join(parts) + "."


def _sections(termin: Termin, changes: Sequence[Vergleich]) -> Iterator[Abschnitt]:
    now = termin.jetzt
    main = next((p for p in now.seiten if p.sagt.aussage), None)
    yield Abschnitt("lage", "Lage", tuple(_situation(main)))
    yield Abschnitt("veraendert", "Seit der vorigen Sitzung", tuple(_changed(termin, changes)))
    yield Abschnitt("ueberfaellig", "Überfällig", tuple(_overdue(termin)))
    yield Abschnitt("fruehwarnung", "Frühwarnung", _listed(main, "Frühwarnung"))
    yield Abschnitt("offen", "Offene Stellungnahmen", tuple(_open(now)))
    yield Abschnitt("entscheiden", "Zu entscheiden", _listed(main, "Zu entscheiden"))
    yield Abschnitt("termine", "Nächste Termine", tuple(_next(termin)))


def _situation(main: Seite | None) -> Iterator[Text]:
    """Yield what the main report states, and what it says to that."""
    if main is None:
        yield Text(OHNE_AUSSAGE)
        return
    if main.sagt.aussage:
        yield Text(main.sagt.aussage)
    for section in main.sagt.abschnitte[:1]:
        yield from (b for b in section.bloecke if isinstance(b, Text))


def _changed(termin: Termin, changes: Sequence[Vergleich]) -> Iterator[Block]:
    if termin.damals is None:
        yield Text("Es gibt keine frühere Sitzung, zu der Berichte veröffentlicht waren.")
        return
    pair = termin.damals, termin.jetzt
    goals = [v for v in changes if v.anderer_stand]
    if goals:
        yield table_of(goals, "Ziele, die anders stehen", *pair, bereich=True)
    moved = _moved(changes)
    if moved:
        title = "Kennzahlen, die sich am stärksten verändert haben"
        yield table_of(moved[:BEWEGT], title, *pair, bereich=True)
    if len(moved) > BEWEGT:
        told = f"Um {DREI_PROZENT} und mehr haben sich {len(moved)} Kennzahlen verändert"
        yield Text(f"{told}; gezeigt sind die ersten.")
    yield Text(HINWEIS)
    yield from _decisions(termin.damals, termin.jetzt)


def _moved(changes: Sequence[Vergleich]) -> list[Vergleich]:
    """Return what moved noticeably without another state of its goal, the most first."""
    found = [v for v in changes if not v.anderer_stand and (v.anteil or 0) >= MERKLICH]
    return sorted(found, key=lambda v: -(v.anteil or 0))


def _decisions(damals: Ausgabe, jetzt: Ausgabe) -> Iterator[Text]:
    """Yield which points of decisions are new, done, or stand elsewhere."""
    then, now = _points(damals), _points(jetzt)
    for name, lage in now.items():
        if name not in then:
            yield Text(f"Neu verfolgt: {name} ({lage})", punkt=True)
        elif then[name] != lage:
            yield Text(f"{name}: {lage}, vorher {then[name]}", punkt=True)
    yield from (Text(f"Nicht mehr verfolgt: {n}", punkt=True) for n in then if n not in now)


def _points(one: Ausgabe) -> dict[str, str]:
    """Return the points of decisions with where each stands."""
    rows = _radar(one)
    return {_name(r): r[LAGE].split("\n")[0] for r in rows}


def _radar(one: Ausgabe) -> list[dict[str, str]]:
    """Return the radar of decisions as it is printed, whichever pages print it."""
    found = [row for row in _rows(one) if {BESCHLUSS, LAGE, TERMIN} <= row.keys()]
    return [*{_name(row): row for row in reversed(found)}.values()][::-1]


def _has_radar(one: Ausgabe) -> bool:
    return any({BESCHLUSS, LAGE, TERMIN} <= row.keys() for row in _rows(one))


def _rows(one: Ausgabe) -> Iterator[dict[str, str]]:
    for page in one.seiten:
        for section in page.sagt.abschnitte:
            for block in section.bloecke:
                if isinstance(block, Tabelle):
                    yield from (dict(zip(block.kopf, row, strict=True)) for row in block.zeilen)


def _late(one: Ausgabe) -> list[dict[str, str]]:
    return [r for r in _radar(one) if _plain(r[LAGE]).startswith(SPAET)]


def _plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def _overdue(termin: Termin) -> Iterator[Block]:
    """Yield points and data that are late, with the next session of who decided.

    What fell due between Stichtag and session is named, too: whether it came, no report knows yet.
    """
    late = _late(termin.jetzt)
    if late:
        heads = (BESCHLUSS, TERMIN, LAGE, "Nächste Sitzung des Gremiums")
        rows = tuple(
            (r[BESCHLUSS], r[TERMIN], _lage(r), _meets(termin, r[BESCHLUSS])) for r in late
        )
        yield Tabelle("Beschlüsse", heads, rows, (False, True, False, False))
    others = [
        *(f"{_name(r)}, seit {r[TERMIN]} fällig" for r in _radar(termin.jetzt)
          if r not in late and _fallen_due(termin, r[TERMIN])),
        *(_owed(r) for r in _rows(termin.jetzt) if MESSGROESSE in r
          and (r["Stand"] == "überfällig" or _fallen_due(termin, r[LIEFERUNG]))),
    ]  # fmt: skip
    yield from (Text(text, punkt=True) for text in others)
    if not _has_radar(termin.jetzt):
        yield Text(OHNE_BESCHLUESSE)
    elif not late and not others:
        yield Text(NICHTS)


def _lage(row: dict[str, str]) -> str:
    """Return where a point stands, without the session that came next when the report was made."""
    lines = row[LAGE].split("\n")
    return "\n".join(line for line in lines if not line.startswith(SITZUNG))


def _owed(row: dict[str, str]) -> str:
    return f"{row[MESSGROESSE]}, fällig {row[LIEFERUNG]}: {row['liefert']}"


def _name(row: dict[str, str]) -> str:
    return row[BESCHLUSS].split("\n")[0]


def _fallen_due(termin: Termin, text: str) -> bool:
    """Say whether a day lies between the Stichtag of the reports and the session."""
    day = _day(text)
    return day is not None and termin.jetzt.stichtag < day < termin.sitzung.am


def _day(text: str) -> date | None:
    found = re.fullmatch(r"(\d\d)\.(\d\d)\.(\d{4})", text)
    return date(int(found[3]), int(found[2]), int(found[1])) if found else None


def _meets(termin: Termin, decision: str) -> str:
    """Return when the body that decided meets next, by the calendar."""
    body = next((m[1] for line in decision.split("\n") if (m := GREMIUM.match(line))), "")
    found = next((s for s in termin.kommende if s.gremium == body), None)
    return f"{found.am:%d.%m.%Y}" if found else UNBEKANNT


GREMIUM = re.compile(r"(\w+), \d\d\.\d\d\.\d{4}")
"""Who decided, and when, as the radar prints it."""


def _listed(page: Seite | None, titel: str) -> tuple[Text, ...]:
    """Return such a list; »nothing« only where there is a page that says so."""
    return tuple(_list_below(page, titel)) or (Text(OHNE_AUSSAGE if page is None else NICHTS),)


def _list_below(page: Seite | None, titel: str) -> Iterator[Text]:
    """Yield the items of the list of a page under this heading."""
    inside = False
    for section in page.sagt.abschnitte if page else ():
        for block in section.bloecke:
            if isinstance(block, Text) and block.stufe:
                inside = block.text == titel
            elif isinstance(block, Text) and block.punkt and inside:
                yield block
        inside = False


def _uncommented(one: Ausgabe) -> list[Seite]:
    return [p for p in one.seiten if any(
        isinstance(b, Text) and b.text.startswith(KOMMENTAR_FEHLT)
        for s in p.sagt.abschnitte for b in s.bloecke
    )]  # fmt: skip


def _open(one: Ausgabe) -> Iterator[Text]:
    missing = _uncommented(one)
    for page in missing:
        office = catalogue.bereich(page.bereich).lieferant
        yield Text(f"{page.titel}: {office}", punkt=True)
    if not missing:
        yield Text(NICHTS)


def _next(termin: Termin) -> Iterator[Text]:
    """Yield the days ahead until the same body meets again: points that fall due, sessions."""
    again = [s.am for s in termin.kommende if s.gremium == termin.sitzung.gremium]
    found = [(s.am, s.gremium) for s in termin.kommende]
    for row in _radar(termin.jetzt):
        day = _day(row[TERMIN])
        if day and day >= termin.sitzung.am and (not again or day <= again[0]):
            found.append((day, f"fällig: {_name(row)}"))
    yield from (Text(f"{day:%d.%m.%Y} {text}", punkt=True) for day, text in sorted(found))
