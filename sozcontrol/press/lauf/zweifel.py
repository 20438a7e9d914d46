"""What a reader must know before believing a figure: findings that stop nothing but cast doubt."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date

from sozcontrol import catalogue
from sozcontrol.catalogue import Bereich
from sozcontrol.findings import Finding, Fundstelle, deutsch

HOECHSTENS = 6
"""Places named in one sentence; all of them stand on the validation page."""


def read_by(area: Bereich) -> tuple[str, ...]:
    """Return the tables an area needs, and those its Kennzahlen read: doubts about them count."""
    known = catalogue.kennzahlen()
    terms = (term for k in area.kennzahlen if k in known for term in known[k].terme)
    read = (t for term in terms for t in catalogue.gelesene_tabellen(term.sicht))
    return tuple(dict.fromkeys((*area.braucht, *read)))


def zweifel(findings: Iterable[Finding], tabellen: Collection[str]) -> tuple[str, ...]:
    """Return one sentence for each finding that casts doubt on one of *tabellen*.

    It names the groups concerned (a month, a product group), which are never persons or counts.
    """
    return tuple(_sentence(f) for f in findings if set(f.zweifel) & set(tabellen))


def _sentence(finding: Finding) -> str:
    if finding.je_zeile:  # a key may be a person, and no count of rows has been decided
        return finding.meldung
    places = [text for p in finding.stellen if (text := _place(p))]
    shown = "; ".join(places[:HOECHSTENS])
    rest = finding.anzahl - len(places[:HOECHSTENS])
    more = f" und {rest} weitere" if places and rest > 0 else ""
    return f"{finding.meldung} Betroffen: {shown}{more}." if places else finding.meldung


def _place(place: Fundstelle) -> str:
    return ", ".join(_written(name, value) for name, value in place.schluessel.items())


def _written(name: str, value: str) -> str:
    """Return a key as a reader says it: months and quarters in words."""
    if name == "quartal":
        day = date.fromisoformat(value)
        return f"{(day.month + 2) // 3}. Quartal {day.year}"
    if name == "monat":
        from babel.dates import format_date

        return format_date(date.fromisoformat(value), "MMMM y", locale="de_DE")
    return deutsch(value)
