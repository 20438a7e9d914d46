"""Columns whose names hold data: a year, a code, an area beside each other become rows.

Columns that differ in more than that (plan and actual) are never put together: of several such
groups the one is taken whose name says what the table counts, or none.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sozcontrol.catalogue import Spalte, Tabelle
from sozcontrol.catalogue.quellnamen import quellnamen
from sozcontrol.vorschlag.namenswissen import schluessel, synonyme, teile
from sozcontrol.vorschlag.spaltenbefund import Spaltenbefund
from sozcontrol.vorschlag.woerterbuch import code_of

ZAHLEN = ("ganzzahl", "betrag", "dezimal")
_YEAR = re.compile(r"(?:19|20)\d\d")
_UNIT = re.compile(r"\(?(?:in )?(?:T€|TEUR|€|EUR|Euro|Tsd\. ?€|Anzahl)\)?", re.IGNORECASE)
_KEY = re.compile(r"[A-Za-z]{0,3}\d+")
Merkmale = dict[str, str]


@dataclass(frozen=True)
class Schmelze:
    """Source columns with what their names say, and the canonical column their cells feed.

    ``aus_kopf`` is a key whose values are names in the header, cut to their number if there is one.
    """

    wert: str | None = None
    spalten: Mapping[str, Merkmale] = field(default_factory=dict)
    aus_kopf: str | None = None

    @property
    def merkmale(self) -> list[str]:
        """The canonical columns that the names of source columns feed."""
        return list(dict.fromkeys(c for facets in self.spalten.values() for c in facets))


def melt(table: Tabelle, columns: Sequence[Spaltenbefund]) -> Schmelze:
    """Return how columns of *table* lie beside each other in a file; empty where they don't."""
    numbers = [s for s in table.spalten if s.typ in ZAHLEN and s.pflicht
               and s.name not in quellnamen().jahre and s.name not in table.schluessel]  # fmt: skip
    if len(numbers) != 1:
        return Schmelze()
    read = {c.name: r for c in columns if c.art == "zahl" and (r := _read(table, c.name))[0]}
    kinds = [tuple(sorted(facets)) for facets, _ in read.values()]
    best = max(kinds, key=lambda k: (len(k), kinds.count(k)), default=())
    groups: defaultdict[str, dict[str, Merkmale]] = defaultdict(dict)
    for name, (facets, stem) in read.items():
        if tuple(sorted(facets)) == best and not _is_total(stem):
            groups[stem][name] = facets
    return _choose(table, numbers[0], groups, columns)


def _choose(
    table: Tabelle, value: Spalte, groups: Mapping[str, dict[str, Merkmale]],
    columns: Sequence[Spaltenbefund],
) -> Schmelze:  # fmt: skip
    if len(groups) > 1 and (key := _key_of_header(table, columns)):
        short = _shortened(list(groups))
        together = {
            name: {key: short[stem], **facets}
            for stem, group in groups.items()
            for name, facets in group.items()
        }
        return Schmelze(value.name, together, key)
    known = synonyme().get((table.name, value.name), frozenset())
    named = [g for stem, g in groups.items() if schluessel(stem) in known]
    only = named if len(groups) > 1 else list(groups.values())
    if len(only) != 1:
        return Schmelze()
    (group,) = only
    years = set(quellnamen().jahre) & {c for facets in group.values() for c in facets}
    return Schmelze(value.name, group) if len(group) > 1 or years else Schmelze()


def _key_of_header(table: Tabelle, columns: Sequence[Spaltenbefund]) -> str | None:
    """Return the one text key of *table* that no column of the file is called like."""
    named = {schluessel(part) for c in columns for part in teile(c.name)}
    keys = [s.name for s in table.spalten if s.typ == "text" and s.name in table.schluessel
            and not named & synonyme()[table.name, s.name]]  # fmt: skip
    return keys[0] if len(keys) == 1 else None


def _shortened(stems: Sequence[str]) -> dict[str, str]:
    """Return each stem by its leading number, where all have one of their own."""
    hits = {stem: _KEY.match(stem) for stem in stems}
    short = {stem: hit[0] for stem, hit in hits.items() if hit}
    return short if len(set(short.values())) == len(stems) else {stem: stem for stem in stems}


def _is_total(stem: str) -> bool:
    return any(stem.casefold().startswith(word.casefold()) for word in quellnamen().summen)


def _read(table: Tabelle, name: str) -> tuple[Merkmale, str]:
    """Return what a column's name says of the columns of *table* (a year, a code), and the rest."""
    found: Merkmale = {}
    rest: list[str] = []
    for part in map(str.strip, name.split("|")):
        words = [part] if _facet(table, part) else part.split()
        for word in words:
            hit = _facet(table, word)
            if hit and hit[0] not in found:
                found[hit[0]] = hit[1]
            elif not _UNIT.fullmatch(word):
                rest.append(word)
    return found, " ".join(rest)


def _facet(table: Tabelle, word: str) -> tuple[str, str] | None:
    for column in table.spalten:
        if column.name in quellnamen().jahre and _YEAR.fullmatch(word):
            return column.name, word
        if column.typ == "code" and column.pflicht:
            code = code_of(table.name, column.name, word)
            if code:
                return column.name, code
    return None
