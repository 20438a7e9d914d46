"""What a report lacks because a table or column is missing, in one sentence for its head."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING

from sozcontrol import catalogue, store
from sozcontrol.catalogue import Bereich
from sozcontrol.findings import NICHT_GELIEFERT, Finding, Schwere
from sozcontrol.press.lauf.unchanged import BEHALTEN
from sozcontrol.store import seal

if TYPE_CHECKING:
    from sozcontrol.store import Daten

HOECHSTENS = 6
"""Kennzahlen named in one sentence; the others are counted."""


def alle_luecken(
    areas: Iterable[Bereich], daten: Daten, findings: Sequence[Finding]
) -> dict[str, str]:
    """Say of each area what its report lacks, where it lacks something; told once per delivery."""
    asked = [*areas]

    def tell() -> dict[str, str]:
        told = {a.id: luecken(a, daten, findings) for a in asked}
        return {area: text for area, text in told.items() if text}

    name = store.name_aus("luecken", *(a.id for a in asked))
    return store.gerechnet(daten, BEHALTEN, name, tell, [seal.digest(repr(findings).encode())])


def luecken(area: Bereich, daten: Daten, findings: Sequence[Finding]) -> str | None:
    """Say which tables and columns an area shows something of are missing, and what that costs."""
    missing = [t for t in area.auch if t not in daten.tabellen]
    columns = _columns(area, daten)
    partly = " ".join(teilweise(daten, area.kennzahlen))
    if not (missing or columns):
        return partly or None
    from sozcontrol.hochrechnung.prognosekennzahlen import fehlende

    told = [f"{_named(t)} ({_fate(t, findings)})" for t in missing]
    told += [f"{name} (in keiner Zeile angegeben)" for name in columns]
    lost = f"{'; '.join(told)}. {_cost(fehlende(daten, area.kennzahlen))}"
    return f"{lost} {partly}".strip()


def teilweise(daten: Daten, ids: Collection[str]) -> list[str]:
    """Say which columns only some of the counted rows fill, and which Kennzahlen that concerns."""
    from sozcontrol.measures import vorhandene
    from sozcontrol.measures.zaehlwerk.angaben import luecken as gaps

    concerned: dict[str, list[str]] = {}
    known = catalogue.kennzahlen()
    for item in (known[k] for k in vorhandene(daten, [k for k in ids if k in known])):
        for gap in gaps(daten, item, [daten.stichtag]):
            concerned.setdefault(gap.satz, []).append(item.kurzname)
    return [f"{satz} Das betrifft: {_listed(names)}." for satz, names in concerned.items()]


def _columns(area: Bereich, daten: Daten) -> list[str]:
    """Return the columns, as readers call them, that Kennzahlen of the area need and no row has."""
    from sozcontrol.measures import fehlende

    lost = fehlende(daten, [k for k in area.kennzahlen if k in catalogue.kennzahlen()])
    names = dict.fromkeys(n for missing in lost.values() for n in missing if "." in n)
    found = []
    for table, _, column in (name.partition(".") for name in names):
        known = catalogue.tabelle(table)
        found.append(f"»{known.bezeichnung}: {known.spalte(column).bezeichnung}«")
    return found


def _fate(table: str, findings: Sequence[Finding]) -> str:
    """Say whether a table was not delivered, or delivered with errors and not used."""
    errors = {f.regel for f in findings if f.tabelle == table and f.schwere is Schwere.FEHLER}
    return "fehlerhaft, nicht verwendet" if errors - {NICHT_GELIEFERT} else "nicht geliefert"


def _named(table: str) -> str:
    return f"»{catalogue.tabelle(table).bezeichnung}«"


def _cost(lost: Collection[str]) -> str:
    """Name the Kennzahlen that can't be computed, as readers call them."""
    if not lost:
        return "Alle Kennzahlen dieses Berichts sind trotzdem da."
    names = [catalogue.steckbrief(k).kurzname for k in lost]
    return f"Deshalb fehlen auch: {_listed(names)}, und was daraus folgt."


def _listed(names: Sequence[str]) -> str:
    rest = len(names) - HOECHSTENS
    more = "; und eine weitere Kennzahl" if rest == 1 else f"; und {rest} weitere Kennzahlen"
    return "; ".join(names[:HOECHSTENS]) + (more if rest > 0 else "")
