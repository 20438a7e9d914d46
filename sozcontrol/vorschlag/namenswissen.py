"""What the facts know about names of columns: of all profiles, tables and source systems."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from functools import cache

from sozcontrol import catalogue
from sozcontrol.catalogue.profil import Herkunft
from sozcontrol.catalogue.quellnamen import quellnamen
from sozcontrol.intake import normalise

_UNIT = re.compile(r"\((?:€|eur|t€|teur)\)|\b(?:in )?(?:t?eur|euro|t€)\b|[€]", re.IGNORECASE)
_SIGNS = re.compile(r"[^\w§/]+")
_PARAGRAPH = re.compile(r"^§ \S+ (?:(?:Abs\.|Satz) \d+ )*")
_NUMBER = re.compile(r"nummern?$")


def schluessel(name: str) -> str:
    """Return *name* as names of different offices are compared: no unit, no signs, Nr = Nummer."""
    text = _SIGNS.sub("", _UNIT.sub("", normalise(name)))
    return _NUMBER.sub("nr", text).lstrip("§") or normalise(name)


def teile(name: str) -> list[str]:
    """Return the parts of a stacked name, the lowest first, and the whole before them."""
    parts = [part for part in name.split("|") if part.strip()]
    return [name, *reversed(parts)] if len(parts) > 1 else [name]


def bekannt(name: str, names: Collection[str]) -> bool:
    """Whether *name*, or a part of a stacked one, is among *names*."""
    return any(schluessel(part) in names for part in teile(name))


def _origins() -> Iterator[tuple[str, str, Herkunft]]:
    for profile in catalogue.profile().values():
        for source in profile.dateien:
            for feed in source.tabellen:
                for column, origin in feed.spalten.items():
                    yield feed.tabelle, column, origin


@cache
def synonyme() -> dict[tuple[str, str], frozenset[str]]:
    """Return, per table and column, what it is called anywhere (as keys)."""
    found: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for name, table in catalogue.tabellen().items():
        for column in table.spalten:
            found[name, column.name] |= {schluessel(column.name), schluessel(column.bezeichnung)}
    for table_name, column_name, origin in _origins():
        own = (n for n in origin.aus if not n.startswith(("@", "#")))
        found[table_name, column_name] |= set(map(schluessel, own))
    for table_name, columns in quellnamen().spalten.items():
        said = {column: set(map(schluessel, names)) for column, names in columns.items()}
        for (owner, name), keys in found.items():
            # A profile that makes do with another column does not change what that one is called.
            if owner == table_name:
                keys -= set().union(*(k for c, k in said.items() if c != name))
        for column_name, keys in said.items():
            found[table_name, column_name] |= keys
    return {key: frozenset(names) for key, names in found.items()}


@cache
def gleichnamige() -> dict[tuple[str, str], str]:
    """Return, per name of a canonical column and key, a table in which it is called so."""
    return {(c, key): table for (table, c), names in synonyme().items() for key in names}


@cache
def alle_namen() -> frozenset[str]:
    """Return every name of a column the facts know, those that are never read among them."""
    known = set().union(*synonyme().values()) | privat()
    known |= {schluessel(n) for p in catalogue.profile().values() for d in p.dateien
              for n in d.ignoriert if n != "*"}  # fmt: skip
    known |= set(map(schluessel, (*quellnamen().soll_haben.namen, *quellnamen().kontoarten)))
    return frozenset(known)


@cache
def privat() -> frozenset[str]:
    """Return the names of columns that hold people or free text."""
    return frozenset(map(schluessel, (*quellnamen().personen, *quellnamen().freitext)))


@cache
def verschwiegen() -> frozenset[str]:
    """Return the names of columns no cell of which is shown: people, births, numbers, free text."""
    hidden = {(t.name, s.name) for t in catalogue.tabellen().values() for s in t.spalten
              if s.typ == "id" or (s.persoenlich and s.typ in ("datum", "monat"))}  # fmt: skip
    return privat().union(*(keys for place, keys in synonyme().items() if place in hidden))


@cache
def woerter(table: str, column: str) -> dict[str, str]:
    """Return the words that stand for the codes of a column, by their key, from list and profiles.

    What two codes share (»§ 32«) is left out where it isn't one of the list's own codes.
    """
    spalte = catalogue.tabelle(table).spalte(column)
    found: defaultdict[str, set[str]] = defaultdict(set)
    if spalte.codeliste is None:
        return {"ja": "ja", "nein": "nein"}
    codes = catalogue.codeliste(spalte.codeliste)
    for code, item in codes.gueltig.items():
        # »§ 34 Heimerziehung« is called Heimerziehung, too, and »§ 27 Abs. 2 …« 27 Abs. 2.
        parts = [hit[0] for hit in [_PARAGRAPH.match(item.name)] if hit]
        kurz = item.merkmale.get("kurz", "")
        for word in (item.name, _PARAGRAPH.sub("", item.name), kurz, *parts):
            found[schluessel(word)].add(code)
    for word, code in codes.korrektur.items():
        found[schluessel(word)].add(code)
    for other_table, other, origin in _origins():
        if catalogue.tabelle(other_table).spalte(other).codeliste == spalte.codeliste:
            for word, code in origin.codes.items():
                found[schluessel(word)].add(codes.korrektur.get(code, code))
    clear = {word: next(iter(hits)) for word, hits in found.items() if len(hits) == 1 and word}
    own = {schluessel(code): code for code in codes.gueltig}
    return {**clear, **own}


@cache
def konstanten(table: str, column: str) -> tuple[str, ...]:
    """Return what other profiles set where their source has no such column, the usual first."""
    found = Counter(
        o.konstant for t, c, o in _origins() if (t, c) == (table, column) and o.konstant is not None
    )
    return tuple(word for word, _ in found.most_common())


@cache
def vorlagen(table: str, column: str) -> tuple[Herkunft, ...]:
    """Return how other profiles make the column out of other ones."""
    return tuple(o for t, c, o in _origins() if (t, c) == (table, column) and o.vorlage)
