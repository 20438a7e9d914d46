"""Find the header of a source by the columns its profile needs, and name every column."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property

from sozcontrol import catalogue
from sozcontrol.catalogue.profil import Kopf, Quelldatei, Speisung
from sozcontrol.findings import show
from sozcontrol.intake.model import Grid
from sozcontrol.intake.names import normalise, readable
from sozcontrol.intake.rules import FileRejected

VORLAGE_FELD = re.compile(r"\{([^{}]+)\}")
"""A field of a ``vorlage``."""


@dataclass(frozen=True)
class Bedarf:
    """A source column a profile needs: alternative names, and whether it may be missing."""

    namen: tuple[str, ...]
    darf_fehlen: bool = False


@dataclass(frozen=True)
class Header:
    """Rows ``von`` to ``bis`` (0-based, inclusive) hold the header; ``namen`` one name a column.

    Unnamed columns have the name ``""`` and are known by their place (``#1``, ``#2``); the second
    *Betrag* is called ``Betrag.2``.
    """

    von: int
    bis: int
    namen: tuple[str, ...]

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {normalise(self.key(i)): i for i in range(len(self.namen))}

    def key(self, column: int) -> str:
        """Return what a profile calls a column: its name, or its place where it has none."""
        return self.namen[column] or f"#{column + 1}"

    def index(self) -> dict[str, int]:
        """Return the position of each normalised name."""
        return self._positions

    @property
    def breite(self) -> int:
        """Number of columns up to the last named one."""
        return max((i for i, name in enumerate(self.namen) if name), default=-1) + 1

    def shown(self, column: int, known: Collection[str]) -> str:
        """Return a column as a message names it: by its name only where it is one of *known*.

        A row of data in place of the header, or a header shifted by a column, would make a name
        of a person the name of a column; another column therefore has a number and a shape.
        """
        name = self.namen[column] if column < len(self.namen) else ""
        if normalise(name) in known:
            return f"»{show(name, {name})}«"
        return f"Nr. {column + 1} (»{show(name)}«)" if name else f"Nr. {column + 1} (ohne Namen)"


def pseudo_columns(feed: Speisung) -> set[str]:
    """Return the normalised names of the columns that melting makes; no file holds them."""
    melt = feed.schmelzen
    if melt is None:
        return set()
    names = {melt.wert, *(key for made in melt.spalten.values() for key in made)}
    if melt.muster:
        names |= set(re.compile(melt.muster).groupindex)
    return {normalise(name) for name in names}


def needs(source: Quelldatei) -> tuple[Bedarf, ...]:
    """Return every source column the profile of *source* names, once."""
    found: dict[tuple[str, ...], Bedarf] = {}
    for need in _all_needs(source):
        key = tuple(normalise(name) for name in need.namen)
        strict = need.darf_fehlen and found.get(key, need).darf_fehlen
        found[key] = Bedarf(need.namen, strict)
    return tuple(found.values())


def profile_names(source: Quelldatei) -> set[str]:
    """Return the normalised names of all columns the profile of *source* knows."""
    used = {normalise(name) for need in needs(source) for name in need.namen}
    return used | {normalise(name) for name in source.ignoriert}


def _all_needs(source: Quelldatei) -> Iterator[Bedarf]:
    for feed in source.tabellen:
        made = pseudo_columns(feed)
        for need in _feed_needs(feed):
            if not any(n.startswith("@") or normalise(n) in made for n in need.namen):
                yield need
    for name in source.fuss.summe:
        yield Bedarf((name,))
    if source.zwischensumme:
        rule = source.zwischensumme
        for name in (rule.erkennung.spalte, *rule.betraege, *rule.je):
            yield Bedarf((name,))


def _feed_needs(feed: Speisung) -> Iterator[Bedarf]:
    for origin in feed.spalten.values():
        if origin.aus:
            yield Bedarf(origin.aus, origin.darf_fehlen)
        for name in VORLAGE_FELD.findall(origin.vorlage or ""):
            yield Bedarf((name,))
    for rule in (*feed.auswahl, *feed.auslassen):
        yield Bedarf((rule.spalte,))
    for sign in feed.vorzeichen:
        yield Bedarf((sign.nach,))
    for name in feed.schmelzen.spalten if feed.schmelzen else ():
        yield Bedarf((name,))


def melted(feed: Speisung, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of *names* the pattern of the feed's ``schmelzen`` matches."""
    if feed.schmelzen is None or feed.schmelzen.muster is None:
        return ()
    pattern = re.compile(feed.schmelzen.muster)
    return tuple(name for name in names if name and pattern.fullmatch(name))


def column_names(grid: Grid, first: int, head: Kopf) -> tuple[str, ...]:
    """Return the joined names of a header that begins in row *first*; doubled ones are numbered."""
    rows = [list(row) for row in grid.zellen[first : first + head.zeilen]]
    width = max((len(row) for row in rows), default=0)
    rows = [row + [""] * (width - len(row)) for row in rows]
    for level, row in enumerate(rows[:-1] if head.tragen else ()):
        _carry(grid, row, first + level, rows[level + 1 :])
    names = [_join(parts, head.verbinden) for parts in zip(*rows, strict=True)]
    return _number(names)


def _carry(grid: Grid, row: list[str], number: int, below: list[list[str]]) -> None:
    """Carry the text of an upper header cell to the right, over the columns it spans."""
    merged = [m for m in grid.merged if m[0] == number]
    for _, left, _, right in merged:
        row[left : right + 1] = [row[left]] * (right + 1 - left)
    if merged:
        return
    for column in range(1, len(row)):
        # A file without merged cells: an empty cell above a filled one belongs to its neighbour.
        if not row[column].strip() and any(line[column].strip() for line in below):
            row[column] = row[column - 1]


def _join(parts: tuple[str, ...], joiner: str) -> str:
    names: list[str] = []
    for part in map(readable, parts):
        if part and part not in names:
            names.append(part)
    return joiner.join(names)


def _number(names: list[str]) -> tuple[str, ...]:
    seen: Counter[str] = Counter()
    out = []
    for name in names:
        key = normalise(name)
        seen[key] += 1
        out.append(f"{name}.{seen[key]}" if name and seen[key] > 1 else name)
    return tuple(out)


def find_header(grid: Grid, source: Quelldatei) -> Header:
    """Return the first header within ``suche_bis`` rows that has every needed column.

    Raises:
        FileRejected: R-I04, naming what is missing and what came nearest.
    """
    wanted = [n for n in needs(source) if not n.darf_fehlen]
    best: tuple[int, Header] | None = None
    for header in _candidates(grid, source):
        known = set(header.index())
        hits = sum(any(normalise(n) in known for n in need.namen) for need in wanted)
        if hits == len(wanted) and _has_melted(header, source):
            return header
        if best is None or hits > best[0]:
            best = (hits, header)
    raise _missing(wanted, best, source)


def fits(grid: Grid, source: Quelldatei) -> bool:
    """Whether the header of *source* is found in *grid*."""
    try:
        return bool(find_header(grid, source).namen)
    except FileRejected:
        return False


def _candidates(grid: Grid, source: Quelldatei) -> Iterator[Header]:
    head = source.kopf
    for first in range(min(head.suche_bis, len(grid.zellen))):
        names = column_names(grid, first, head)
        yield Header(first, first + head.zeilen - 1, names)


def _has_melted(header: Header, source: Quelldatei) -> bool:
    return all(
        melted(feed, header.namen)
        for feed in source.tabellen
        if feed.schmelzen and feed.schmelzen.muster
    )


def _missing(
    wanted: list[Bedarf], best: tuple[int, Header] | None, source: Quelldatei
) -> FileRejected:
    tun = "Spalten in der Quelle wie vereinbart benennen oder das Profil anpassen."
    # Names of columns are shown only when the row is clearly a header: it could be a person's row.
    if best is None or best[0] * 2 < len(wanted) or not best[0]:
        listed = ", ".join(f"»{need.namen[0]}«" for need in wanted)
        return FileRejected(
            "R-I04",
            f"In den ersten {source.kopf.suche_bis} Zeilen steht keine Kopfzeile. "
            f"Erwartet: {listed}.",
            tun,
        )
    header = best[1]
    known = header.index()
    gone = [n for n in wanted if not any(normalise(name) in known for name in n.namen)]
    used = {normalise(name) for need in wanted for name in need.namen}
    names = profile_names(source)
    free = {key: header.shown(i, names) for key, i in known.items() if key not in used}
    for name in (n.namen[0] for n in gone if _is_code(source, n.namen[0])):
        tun = f"Meinten Sie »konstant: {name}«? Sonst: {tun}"
    return FileRejected(
        "R-I04",
        f"In der Kopfzeile (Zeile {header.bis + 1}) fehlt: {_listed(gone, free)}."
        if gone
        else "Keine Spalte passt zum Muster, nach dem Spalten zu Zeilen werden.",
        tun,
        zeilen=(header.bis + 1,),
        anzahl=max(len(gone), 1),
    )


def _is_code(source: Quelldatei, name: str) -> bool:
    """Whether what stands for a column is one of the codes of the column it is to feed."""
    return any(
        column in table.namen
        and (codes := table.spalte(column).codeliste) is not None
        and name in catalogue.codeliste(codes).gueltig
        for feed in source.tabellen
        if (table := catalogue.tabellen().get(feed.tabelle))
        for column, origin in feed.spalten.items()
        if name in origin.aus
    )


def _listed(gone: list[Bedarf], free: dict[str, str]) -> str:
    parts = []
    for need in gone:
        near = get_close_matches(normalise(need.namen[0]), list(free), n=1, cutoff=0.6)
        hint = f" (ähnlich ist Spalte {free[near[0]]})" if near else ""
        parts.append(f"»{need.namen[0]}«{hint}")
    return ", ".join(parts)


def folded_twice(header: Header, source: Quelldatei) -> list[str]:
    """Return names the profile uses that stand for two things once spelling is made equal (R-I05).

    Two columns of the file (»Betrag.2« by its own name, and the second »Betrag«), a column and what
    melting makes of others, or one column that is melted twice.
    """
    counts = Counter(normalise(header.key(i)) for i in range(len(header.namen)))
    used = {normalise(name) for need in needs(source) for name in need.namen}
    found = {name for name in used if counts[name] > 1}
    for feed in source.tabellen:
        found |= pseudo_columns(feed) & set(counts)
        melts = Counter(map(normalise, feed.schmelzen.spalten if feed.schmelzen else ()))
        found |= {name for name, number in melts.items() if number > 1}
    return sorted(found)


def doubled_used(header: Header, source: Quelldatei) -> list[str]:
    """Return the doubled names a profile uses without saying which one it means (R-I05)."""
    counts: Counter[str] = Counter(re.sub(r"\.\d+$", "", normalise(n)) for n in header.namen if n)
    plain = {normalise(n) for n in header.namen}
    used = {normalise(name) for need in needs(source) for name in need.namen}
    known = profile_names(source)  # who ignores the second one means the first
    return sorted(
        name
        for name in used & plain
        if counts[name] > 1
        and f"{name}.2" in plain
        and not any(re.fullmatch(rf"{re.escape(name)}\.\d+", other) for other in known)
    )
