"""The state of one delivery: who delivered, what the checks found, what can appear, what is due."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

from sozcontrol import catalogue
from sozcontrol.auskunft.lieferstand import lieferanten, named
from sozcontrol.auskunft.terminkalender import duties
from sozcontrol.catalogue import Bereich
from sozcontrol.press.lauf.plan import lieferfrist
from sozcontrol.projekt import Projekt

if TYPE_CHECKING:
    from sozcontrol.findings import Finding
    from sozcontrol.store.fassung import Manifest


def status(projekt: Projekt, stichtag: str | None, datenstand: str | None, heute: date) -> str:
    """Say where a delivery stands: who delivered, what the checks found, what can be reported.

    Raises:
        UsageError: A date is malformed.
        DeliveryMissing: Nothing was delivered for this day.
    """
    from sozcontrol import store
    from sozcontrol.press.ablegen import swap
    from sozcontrol.press.ablegen.zwischenstand import ZUSAMMEN
    from sozcontrol.press.lauf.receive import no_delivery
    from sozcontrol.press.run import resolve

    day, known = resolve(projekt, stichtag, datenstand)
    if not (folder := projekt.delivery_folder(day, known)).is_dir():
        raise no_delivery(projekt, day, folder)
    lines = [f"Lieferung zum {day:%d.%m.%Y}, Datenstand {known:%d.%m.%Y}"]
    stored = [m for m in store.deliveries(projekt) if m["datenstand"] <= known.isoformat()]
    key = (day.isoformat(), known.isoformat())
    mine = next((m for m in stored if (m["stichtag"], m["datenstand"]) == key), None)
    if mine is None:
        call = f"sozcontrol check --stichtag {day} --datenstand {known}"
        lines.append(f"  eingegangen, noch nicht eingelesen: {call}")
    else:
        lines += _state(projekt, mine, stored, heute)
    lines += ["", "Fristen", *(f"  {line}" for line in duties(projekt, day, heute))]
    lines += ["", f"{found} {ZUSAMMEN}"] if (found := swap.unfinished(projekt)) else []
    return "\n".join(lines)


def _state(
    projekt: Projekt, mine: Manifest, stored: Sequence[Manifest], heute: date
) -> Iterator[str]:
    from sozcontrol import checks, store

    day, known = (date.fromisoformat(mine[n]) for n in ("stichtag", "datenstand"))
    kommune = catalogue.kommune(mine["kommune"])
    areas = [catalogue.bereich(b) for b in catalogue.berichte_am(day)]
    kept = store.load_findings(projekt, day, known)
    findings = checks.accept(kept, checks.load_ausnahmen(projekt.ausnahmen), known)
    until = lieferfrist(kommune, day)
    yield f"  {kommune.name}, eingelesen am {date.fromisoformat(mine['geladen_am'][:10]):%d.%m.%Y}"
    yield ""
    yield f"Lieferungen{f' bis {until:%d.%m.%Y}' if until else ''}"
    for one in lieferanten(kommune, day, areas, stored):
        yield f"  {one.name}: {one.stand(until, heute)} ({named(one.schuldet)})"
    yield from ("", "Prüfung", *_checked(findings, areas, mine["tabellen"]))


def _checked(
    findings: Sequence[Finding], areas: Sequence[Bereich], stored: Sequence[str]
) -> Iterator[str]:
    from sozcontrol.checks.wortlaut import summary
    from sozcontrol.press.run import blocked_by

    yield f"  {summary(findings)}"
    held = {a.titel: reasons for a in areas if (reasons := blocked_by(a, findings, stored))}
    free = len(areas) - len(held)
    yield f"  {free} von {len(areas)} Bereichen können erscheinen"
    yield from (f"  gesperrt: {titel} ({named(tables)})" for titel, tables in held.items())
