"""Columns whose names hold data: a year, a code, an area beside each other become rows.

Columns that differ in more than that (plan and actual) are never put together: of several such
groups the one is taken whose name says what the table counts, or none.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

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

    ``aus_kopf`` is a key whose values are names in the header, cut to their number if there is one;
    ``woerter`` a column of codes whose words are. ``seiten`` says of columns that hold the amounts
    of one side, debit or credit, which.
    """

    wert: str | None = None
    spalten: Mapping[str, Merkmale] = field(default_factory=dict)
    aus_kopf: str | None = None
    woerter: str | None = None
    seiten: Mapping[str, str] = field(default_factory=dict)

    @property
    def merkmale(self) -> list[str]:
        """The canonical columns that the names of source columns feed."""
        return list(dict.fromkeys(c for facets in self.spalten.values() for c in facets))


def melt(table: Tabelle, columns: Sequence[Spaltenbefund]) -> Schmelze:
    """Return how columns of *table* lie beside each other in a file; empty where they don't."""
    numbers = [s for s in table.spalten if s.typ in ZAHLEN and s.pflicht
               and s.name not in quellnamen().jahre and s.name not in table.schluessel]  # fmt: skip
    amounts = [s.name for s in numbers if s.typ == "betrag"]
    if len(amounts) == 1 and (sides := _sides(columns)):
        return Schmelze(amounts[0], {name: {} for name in sides}, seiten=sides)
    if len(numbers) != 1:
        return Schmelze()
    read = {c.name: r for c in columns if c.art == "zahl" and (r := _read(table, c.name))[0]}
    kinds = [tuple(sorted(facets)) for facets, _ in read.values()]
    best = max(kinds, key=lambda k: (len(k), kinds.count(k)), default=())
    if numbers[0].typ == "ganzzahl" and (more := _unknown_words(table, read, best)).spalten:
        return replace(more, wert=numbers[0].name)
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


def _sides(columns: Sequence[Spaltenbefund]) -> dict[str, str]:
    """Return the two columns that hold the amounts of debit and credit, or nothing."""
    found: dict[str, str] = {}
    for side, names in quellnamen().soll_haben.spalten.items():
        keys = set(map(schluessel, names))
        hits = [c.name for c in columns if c.art == "zahl" and schluessel(c.name) in keys]
        found |= dict.fromkeys(hits, side)
    return found if sorted(found.values()) == sorted(quellnamen().soll_haben.spalten) else {}


def _unknown_words(
    table: Tabelle, read: Mapping[str, tuple[Merkmale, str]], best: Sequence[str]
) -> Schmelze:
    """Return all columns of counts that differ in one code, where some of its words are unknown.

    »Deutsche | m« and »Weltbürger | m«: left out, half of what is counted would be missing. Each
    word must stand over the same columns. Amounts are never put together so.
    """
    for code in (c for c in best if table.spalte(c).typ == "code"):
        alike = {n: (f, stem) for n, (f, stem) in read.items() if {*f, code} == set(best)}
        # A word is known, or it is what the name holds besides; both at once is something else.
        words: defaultdict[str, dict[str, Merkmale]] = defaultdict(dict)
        for name, (facets, stem) in alike.items():
            if (code in facets) is not bool(stem) and not _is_total(stem):
                word = facets.get(code, stem)
                words[word][name] = {**facets, code: word}
        strange = any(stem for _, stem in alike.values())
        shapes = {tuple(sorted(_without(f, code) for f in g.values())) for g in words.values()}
        if strange and len(words) > 1 and len(shapes) == 1:
            together = {name: f for group in words.values() for name, f in group.items()}
            return Schmelze(spalten=together, woerter=code)
    return Schmelze()


def _without(facets: Merkmale, code: str) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(item for item in facets.items() if item[0] != code))


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
