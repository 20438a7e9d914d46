"""Areas, calendar, editions, municipalities and law changes: the small facts of a run."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from sozcontrol.catalogue.yaml_files import Fact

Berichtsart = Literal["operativ", "monitoring", "jahresbericht"]


class Bereich(Fact):
    """One monitoring area = one notebook of the same name + this entry."""

    id: str
    titel: str
    kurz: str
    tabellen: tuple[str, ...]
    kennzahlen: tuple[str, ...]
    berichtsarten: tuple[Berichtsart, ...]
    lieferant: str
    editionen: tuple[str, ...]


class Termin(Fact):
    """One yearly reporting date and the kinds of report it owes.

    ``tag`` is ``TT.MM.``; ``hochrechnung`` says whether a headline year-end forecast is due.
    """

    tag: str
    berichtsarten: tuple[Berichtsart, ...]
    faellig: str
    grundlage: str
    hochrechnung: bool = False

    def am(self, jahr: int) -> date:
        """Return this reporting date in *jahr*."""
        day, month = (int(p) for p in self.tag.rstrip(".").split("."))
        return date(jahr, month, day)


class Edition(Fact):
    """Who reads, and what may be shown to them. ``schwelle`` 0 means: nothing is suppressed."""

    id: str
    titel: str
    leserschaft: str
    schwelle: int
    code_zeigen: bool
    ablage: Literal["reports", "data"]
    vermerk: str | None = None


class Schwelle(Fact):
    """From which overspending on a deviation is *wesentlich*: both limits must be passed.

    § 21 GemHVO leaves the threshold to the municipality; this default is not law.
    """

    anteil_pct: Decimal = Decimal(5)
    betrag_eur: Decimal = Decimal(100_000)


class Kommune(Fact):
    """One municipality, the profiles of its source systems, and its own threshold."""

    id: str
    name: str
    ags: str | None = None
    erfunden: bool = False
    profile: tuple[str, ...]
    wesentlich: Schwelle = Schwelle()


class Rechtsaenderung(Fact):
    """A change of law or software that breaks series; ``rechtskreise`` says whose."""

    am: date
    kurz: str
    text: str
    rechtskreise: tuple[str, ...]
    oertlich: bool = False
