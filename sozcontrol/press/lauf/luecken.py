"""What a report lacks because an optional table is missing, in one sentence for its head."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from sozcontrol import catalogue
from sozcontrol.catalogue import Bereich
from sozcontrol.findings import Finding, blocked_tables

if TYPE_CHECKING:
    from sozcontrol.store import Daten

HOECHSTENS = 6
"""Kennzahlen named in one sentence; the others are counted."""


def luecken(area: Bereich, daten: Daten, findings: Sequence[Finding]) -> str | None:
    """Say which of the tables an area shows something of are not there, and what that costs."""
    missing = [t for t in area.auch if t not in daten.tabellen]
    if not missing:
        return None
    from sozcontrol.hochrechnung.prognosekennzahlen import fehlende

    bad = blocked_tables(findings)
    told = [
        f"{was} {', '.join(names)}"
        for was, names in (
            ("nicht geliefert", [_named(t) for t in missing if t not in bad]),
            ("fehlerhaft und nicht verwendet", [_named(t) for t in missing if t in bad]),
        )
        if names
    ]
    return f"{'; '.join(told)}. {_cost(fehlende(daten, area.kennzahlen))}"


def _named(table: str) -> str:
    return f"»{catalogue.tabelle(table).bezeichnung}«"


def _cost(lost: Collection[str]) -> str:
    """Name the Kennzahlen that can't be computed, as readers call them."""
    if not lost:
        return "Alle Kennzahlen dieses Berichts sind trotzdem da."
    names = [catalogue.steckbrief(k).kurzname for k in lost]
    rest = len(names) - HOECHSTENS
    more = f" und {rest} weitere Kennzahlen" if rest > 0 else ""
    return f"Deshalb fehlen: {', '.join(names[:HOECHSTENS])}{more}, und was daraus folgt."
