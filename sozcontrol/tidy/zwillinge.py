"""Numbers of one kind that nearly agree in a delivery: 00012 and 12, a17 and A17.

They count as different persons, cases or accounts, as they are written; whether they are is said to
be looked at. What is compared are the texts of the files; a message holds rows, never a number.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from sozcontrol.catalogue import Spalte, Tabelle
from sozcontrol.findings import Finding, Fundstelle, Schwere
from sozcontrol.intake.rules import MAX_STELLEN, finding


@dataclass(frozen=True)
class Nummern:
    """The distinct texts of one column of one file, each with its first row in the source."""

    tabelle: Tabelle
    spalte: Spalte
    datei: str
    zeilen: dict[str, int]

    @property
    def kreis(self) -> str:
        """What the numbers are numbers of: the same for a key and what refers to it."""
        column = self.spalte
        return column.pseudonym or column.bezug or f"{self.tabelle.name}.{column.name}"


def near_twins(columns: Iterable[Nummern]) -> list[Finding]:
    """Warn, once per kind, of numbers that agree but for zeros in front, case and blanks."""
    kinds: defaultdict[str, list[Nummern]] = defaultdict(list)
    for one in columns:
        kinds[one.kreis].append(one)
    return [found for own in kinds.values() if (found := _twins(own))]


def _twins(columns: list[Nummern]) -> Finding | None:
    first: dict[str, Fundstelle] = {}
    folded: defaultdict[str, list[str]] = defaultdict(list)
    for one in columns:
        for text, row in one.zeilen.items():
            if text not in first:
                first[text] = Fundstelle(one.datei, row)
                folded[_fold(text)].append(text)
    hits = [text for texts in folded.values() if len(texts) > 1 for text in texts]
    if not hits:
        return None
    table, column = columns[0].tabelle, columns[0].spalte
    name = column.bezeichnung
    groups = sum(len(texts) > 1 for texts in folded.values())
    return finding(
        "R-I18",
        f"{len(hits)} Nummern der Spalte »{name}« gleichen einander bis auf "
        f"führende Nullen, Groß- und Kleinschreibung oder Leerzeichen (00012 und 12); sie zählen "
        f"als {len(hits)} verschiedene und könnten {groups} sein.",
        tabelle=table.name,
        spalte=column.name,
        schwere=Schwere.WARNUNG,
        anzahl=len(hits),
        geprueft=len(first),
        tun="In den genannten Zeilen prüfen; sind es dieselben, die Quelle einheitlich schreiben "
        "lassen und im Profil laenge eintragen.",
        stellen=tuple(first[text] for text in hits[:MAX_STELLEN]),
    )


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(plain.split()).lstrip("0")
