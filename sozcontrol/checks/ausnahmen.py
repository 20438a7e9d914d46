"""Findings a city accepts: with reason, office and a last day; none of them is ever gone.

An error says that figures would be wrong, and a note doesn't make them right: it can't be accepted.
What casts doubt on figures goes on doing so. Whether an entry still holds is asked of the
delivery's Datenstand, not of the clock: the same delivery gives the same verdict tomorrow.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Annotated

from pydantic import Field, model_validator

from sozcontrol import catalogue
from sozcontrol.catalogue.szenario import Tag
from sozcontrol.catalogue.yaml_files import Fact, parse, read_yaml
from sozcontrol.checks.regel import Regelnummer
from sozcontrol.checks.verzeichnis import AUSNAHME, PRUEFUNG
from sozcontrol.errors import nearest
from sozcontrol.findings import Annahme, Finding, Schwere

LAENGSTENS = 731
"""Days an entry may hold; after two years somebody has to think again."""


class Ausnahme(Fact):
    """What is accepted: findings of one rule on one table (and column), up to so many rows."""

    regel: Regelnummer
    tabelle: str | None = None
    spalte: str | None = None
    hoechstens: int = Field(ge=1)
    grund: Annotated[str, Field(min_length=10, max_length=300)]
    stelle: Annotated[str, Field(min_length=1, max_length=60)]
    am: Tag
    bis: Tag

    @model_validator(mode="after")
    def _coherent(self) -> Ausnahme:
        if self.regel in {rule.id for rule in PRUEFUNG}:
            raise ValueError(f"{self.regel} sagt, was nicht geprüft ist; das bleibt sichtbar")
        if self.tabelle and self.tabelle not in (known := catalogue.tabellen()):
            raise ValueError(f"unbekannte Tabelle. {nearest(self.tabelle, [*known])}")
        if not 0 <= (self.bis - self.am).days <= LAENGSTENS:
            raise ValueError("bis liegt vor am oder mehr als zwei Jahre danach")
        return self

    @property
    def name(self) -> str:
        """What is accepted, in short: »R-F07, fall, ende«."""
        return ", ".join(filter(None, (self.regel, self.tabelle, self.spalte)))

    def means(self, finding: Finding) -> bool:
        """Whether *finding* is one of those accepted; without a column it is that of any."""
        same = (finding.regel, finding.tabelle) == (self.regel, self.tabelle)
        return same and self.spalte in (None, finding.spalte)

    def against(self, hits: Sequence[Finding], datenstand: date) -> str:
        """Return why *hits* count all the same; nothing where the entry holds."""
        number = sum(f.anzahl for f in hits)
        if any(f.schwere is Schwere.FEHLER for f in hits):
            return "ein Fehler lässt sich nicht annehmen"
        if datenstand > self.bis:
            return f"abgelaufen am {self.bis:%d.%m.%Y}"
        return f"jetzt {number} statt höchstens {self.hoechstens}" * (number > self.hoechstens)


class Ausnahmen(Fact):
    """The file of a city: ``profile/ausnahmen.yml``."""

    ausnahmen: tuple[Ausnahme, ...]

    @model_validator(mode="after")
    def _apart(self) -> Ausnahmen:
        for (m, a), (n, b) in combinations(enumerate(self.ausnahmen, start=1), 2):
            same = (a.regel, a.tabelle) == (b.regel, b.tabelle)
            if same and (a.spalte == b.spalte or None in (a.spalte, b.spalte)):
                raise ValueError(f"Ausnahme {m} und {n} nehmen dasselbe an ({a.name})")
        return self


def load_ausnahmen(path: Path) -> tuple[Ausnahme, ...]:
    """Return what the file at *path* accepts; nothing where there is none.

    Raises:
        CatalogueError: It is malformed, doubled, or names what doesn't exist.
    """
    return parse(Ausnahmen, read_yaml(path), path).ausnahmen if path.exists() else ()


def accept(
    findings: Iterable[Finding], ausnahmen: Sequence[Ausnahme], datenstand: date
) -> tuple[Finding, ...]:
    """Return all *findings*, accepted ones marked, and a hint for each entry that doesn't hold."""
    found, notes = list(findings), []
    for number, item in enumerate(ausnahmen, start=1):
        hits = [i for i, f in enumerate(found) if item.means(f)]
        against = item.against([found[i] for i in hits], datenstand)
        for i in hits:
            told = Annahme(item.grund, item.stelle, item.am, item.bis, against)
            found[i] = replace(found[i], annahme=told)
        if against or not hits:
            notes.append(_note(number, item, against))
    return (*found, *notes)


def _note(number: int, item: Ausnahme, against: str) -> Finding:
    if against:
        what, do = f"gilt nicht: {against}. Der Befund zählt", "Beheben lassen oder neu begründen"
    else:
        what, do = "trifft keinen Befund dieser Lieferung", "Erledigtes löschen, sonst berichtigen"
    return Finding(
        AUSNAHME, Schwere.HINWEIS, f"Ausnahme {number} ({item.name}) {what}.",
        tun=f"{do} (profile/ausnahmen.yml).",
    )  # fmt: skip
