"""Numbers of one kind that nearly agree in a delivery: 00012 and 12, a17 and A17.

They count as different persons, cases or accounts, as they are written; whether they are is said to
be looked at. What is compared are the texts of the files; a message holds rows, never a number.
"""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sozcontrol.catalogue import Spalte, Tabelle
from sozcontrol.findings import Finding, Fundstelle, Schwere
from sozcontrol.intake.rules import MAX_STELLEN, finding
from sozcontrol.intake.zellen import Zellen


@dataclass(frozen=True)
class Nummern:
    """The numbers of one column of one file, with their rows in the source.

    ``leer`` names the texts that are no number.
    """

    tabelle: Tabelle
    spalte: Spalte
    datei: str
    zellen: Zellen[str]
    zeilen: Sequence[int]
    leer: frozenset[str]

    @property
    def kreis(self) -> str:
        """What the numbers are numbers of: the same for a key and what refers to it."""
        column = self.spalte
        return column.pseudonym or column.bezug or f"{self.tabelle.name}.{column.name}"

    @property
    def texte(self) -> set[str]:
        """The distinct numbers."""
        return set(self.zellen.werte) - self.leer

    def erste(self, wanted: Collection[str]) -> dict[str, int]:
        """Return the first row of each of the numbers *wanted*, by their last one."""
        places = self.zellen.positions(lambda text: text in wanted and text not in self.leer)
        first: dict[str, int] = {}
        last: dict[str, int] = {}
        for at in places:
            text = self.zellen[at]
            first.setdefault(text, self.zeilen[at])
            last[text] = at
        return {text: first[text] for text in sorted(last, key=last.__getitem__)}


def near_twins(columns: Iterable[Nummern]) -> list[Finding]:
    """Warn, once per kind, of numbers that agree but for zeros in front, case and blanks."""
    kinds: defaultdict[str, list[Nummern]] = defaultdict(list)
    for one in columns:
        kinds[one.kreis].append(one)
    return [found for own in kinds.values() if (found := _twins(own))]


def _twins(columns: list[Nummern]) -> Finding | None:
    texts = set().union(*(one.texte for one in columns))
    if _spelt_alike(texts):
        return None
    spelt = Counter(map(_fold, texts))
    if len(spelt) == len(texts):
        return None
    doubled = {text for text in texts if spelt[_fold(text)] > 1}
    first: dict[str, Fundstelle] = {}
    folded: defaultdict[str, list[str]] = defaultdict(list)
    for one in columns:
        for text, row in one.erste(doubled).items():
            if text not in first:
                first[text] = Fundstelle(one.datei, row)
                folded[_fold(text)].append(text)
    hits = [text for same in folded.values() for text in same]
    table, column = columns[0].tabelle, columns[0].spalte
    name = column.bezeichnung
    return finding(
        "R-I18",
        f"{len(hits)} Nummern der Spalte »{name}« gleichen einander bis auf "
        f"führende Nullen, Groß- und Kleinschreibung oder Leerzeichen (00012 und 12); sie zählen "
        f"als {len(hits)} verschiedene und könnten {len(folded)} sein.",
        tabelle=table.name,
        spalte=column.name,
        schwere=Schwere.WARNUNG,
        anzahl=len(hits),
        geprueft=len(texts),
        tun="In den genannten Zeilen prüfen; sind es dieselben, die Quelle einheitlich schreiben "
        "lassen und im Profil laenge eintragen.",
        stellen=tuple(first[text] for text in hits[:MAX_STELLEN]),
    )


def _spelt_alike(texts: Collection[str]) -> bool:
    """Whether all are of one length, in capitals of ASCII without blanks: then none are twins."""
    together = "".join(texts)
    plain = together.isascii() and together == together.upper()
    unbroken = together.split() in ([together], []) and not together.isspace()
    return plain and unbroken and len({*map(len, texts)}) <= 1


def _fold(text: str) -> str:
    if text.isascii():
        return "".join(text.lower().split()).lstrip("0")
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(plain.split()).lstrip("0")
