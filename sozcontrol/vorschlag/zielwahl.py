"""Which canonical column a source column feeds, and how sure that is: by its name and its cells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import lru_cache

from sozcontrol import catalogue
from sozcontrol.catalogue import Spalte, Tabelle
from sozcontrol.catalogue.quellnamen import quellnamen
from sozcontrol.vorschlag.namenswissen import (
    gleichnamige,
    konstanten,
    privat,
    schluessel,
    synonyme,
    teile,
    vorlagen,
)
from sozcontrol.vorschlag.spaltenbefund import Spaltenbefund
from sozcontrol.vorschlag.spaltenschmelze import ZAHLEN, Schmelze, melt
from sozcontrol.vorschlag.woerterbuch import code_of

SICHER, WAHRSCHEINLICH, WENIGSTENS = 85, 70, 55
KENNT = 0.4
"""The share of known words from which a column of codes is believed to be one."""
_NAME, _ELSEWHERE, _SIMILAR, _CELLS = 65, 45, 40, 35


@dataclass(frozen=True)
class Treffer:
    """A source column for a canonical one, with what speaks for it (of 100)."""

    quelle: Spaltenbefund
    ziel: Spalte
    punkte: int
    grund: str


@dataclass(frozen=True)
class Wahl:
    """A table and the source columns it takes; ``punkte`` compares it with other tables.

    ``anteil`` is the share of its mandatory columns that are there; what follows from other ones,
    or is the same in every row elsewhere, counts half.
    """

    tabelle: Tabelle
    treffer: dict[str, Treffer]
    offen: tuple[str, ...]
    punkte: float
    schmelze: Schmelze = field(default_factory=Schmelze)
    anteil: float = 1.0

    @property
    def benutzt(self) -> set[int]:
        """The source columns it takes, by their number."""
        return {t.quelle.nummer for t in self.treffer.values()}


def score(source: Spaltenbefund, table: str, column: Spalte) -> Treffer | None:
    """Return how well a source column fits a canonical one; None where its cells rule it out."""
    name, why = _name_points(source.name, table, column.name)
    if not name or (column.pseudonym and persoenlich(source.name)):
        return None
    cells, how = _cell_points(source, table, column)
    if cells is None and column.typ in ("code", "wahr") and name == _NAME and source.wortliste:
        cells, how = 20, "aber kaum ein Wort ist bekannt; jedes wird gefragt"
    if cells is None:
        return None
    # A name that is known says what it is even where this delivery has nothing in it.
    return Treffer(source, column, min(100, name + cells), f"{why}; {how}")


@lru_cache(maxsize=1 << 15)
def _name_points(name: str, table: str, column: str) -> tuple[int, str]:
    own = synonyme().get((table, column), frozenset())
    for depth, part in enumerate(teile(name)):
        key = schluessel(part)
        if key in own:
            return _NAME - 5 * bool(depth), f"»{part.strip()}« ist ein Name dafür"
    key = schluessel(name)
    if (other := gleichnamige().get((column, key))) is not None:
        return _ELSEWHERE, f"so heißt die Spalte in {other}"
    near = len(key) > 3 and get_close_matches(key, own, n=1, cutoff=0.8)
    return (_SIMILAR, "der Name ist ähnlich") if near else (0, "")


def _cell_points(source: Spaltenbefund, table: str, column: Spalte) -> tuple[int | None, str]:
    if source.art == "leer":
        return 20, "in dieser Datei leer"
    rate, what = _rate(source, table, column)
    if column.typ in ("code", "wahr") and rate < KENNT and column.pflicht:
        return 0, "aber kaum eine Zelle ist ein bekannter Code"
    if rate < (KENNT if column.typ in ("code", "wahr") else 0.8):
        return None, ""
    return round(_CELLS * rate), what


def _rate(source: Spaltenbefund, table: str, column: Spalte) -> tuple[float, str]:
    if column.typ in ("datum", "monat"):
        form, rate = next(iter(source.daten.items()), ("", 0.0))
        return rate, f"{rate:.0%} sind Daten der Form {form}".replace("%", " %", 1)
    if column.typ in ZAHLEN:
        if column.typ == "ganzzahl" and source.zahlen.nachkomma:
            return 0.0, ""
        return source.zahlen.quote, f"{source.zahlen.quote:.0%} sind Zahlen".replace("%", " %", 1)
    if column.typ in ("code", "wahr"):
        hits = sum(n for t, n in source.gefuellt.items() if code_of(table, column.name, t))
        rate = hits / source.gefuellt.total()
        return rate, f"{rate:.0%} der Zellen sind bekannte Codes".replace("%", " %", 1)
    if source.art == "datum" or (source.art == "zahl" and source.zahlen.nachkomma):
        return 0.0, ""
    if column.typ == "id":
        return source.nummern, "die Zellen sind Nummern"
    return 0.9, "die Zellen sind Texte oder Nummern"


def could_be(column: Spalte, table: str, free: Sequence[Spaltenbefund]) -> list[Spaltenbefund]:
    """Return the columns without a use whose cells a missing column could have."""
    hits = [
        c for c in free
        if c.art != "leer" and not c.erzaehlt and not persoenlich(c.name)
        and (_cell_points(c, table, column)[0] or 0) > _CELLS * 0.8
    ]  # fmt: skip
    cents = [c for c in hits if c.zahlen.nachkomma]
    return cents if cents and column.typ == "betrag" else hits


def persoenlich(name: str) -> bool:
    """Whether a column's name, or a part of it, says that it holds people or free text."""
    parts = [p for part in teile(name) for p in (part, *re.split(r"[/,;]", part))]
    return any(schluessel(part) in privat() for part in parts)


def named_like(source: Spaltenbefund, wahl: Wahl) -> Spalte | None:
    """Return the column of the table that is called so and has no source yet."""
    free = (s for s in wahl.tabelle.spalten if s.name not in wahl.treffer)
    table, key = wahl.tabelle.name, schluessel(source.name)
    return next((s for s in free if key in synonyme().get((table, s.name), ())), None)


def choose(columns: Sequence[Spaltenbefund], wanted: str | None) -> list[Wahl]:
    """Return the tables the columns could feed, the best first; only *wanted* where it is named."""
    names = [wanted] if wanted else [
        name for name, t in catalogue.tabellen().items() if t.herkunft != "protokoll"
    ]  # fmt: skip
    found = [_assign(catalogue.tabelle(name), columns) for name in names]
    fair = [replace(w, punkte=w.punkte / 2) if _repeats(w) else w for w in found if w.treffer]
    return sorted(fair, key=lambda w: -w.punkte)


def _repeats(wahl: Wahl) -> bool:
    """Whether what would be the number of a row names most rows again: it is that of others."""
    keys = wahl.tabelle.schluessel
    if len(keys) != 1 or keys[0] not in wahl.treffer:
        return False
    cells = wahl.treffer[keys[0]].quelle.gefuellt
    return len(cells) * 2 < cells.total()


def beside(wahl: Wahl, columns: Sequence[Spaltenbefund]) -> list[Wahl]:
    """Return the tables *wahl* refers to that the same file can feed, too: its persons, say.

    Every mandatory column must be there, and one that *wahl* has no use for.
    """
    found: dict[str, Wahl] = {}
    for column in wahl.tabelle.spalten:
        name, _, key = (column.bezug or "").partition(".")
        hit = wahl.treffer.get(column.name)
        if not (hit and name) or name in (*found, wahl.tabelle.name):
            continue
        other = _assign(catalogue.tabelle(name), columns)
        own = {n: t for n, t in other.treffer.items() if n != key}
        taken = own | {key: replace(hit, ziel=catalogue.tabelle(name).spalte(key))}
        needed = {s.name for s in other.tabelle.spalten if s.pflicht}
        if needed <= set(taken) and {t.quelle.nummer for t in own.values()} - wahl.benutzt:
            found[name] = Wahl(other.tabelle, taken, (), other.punkte)
    return list(found.values())


def _assign(table: Tabelle, columns: Sequence[Spaltenbefund]) -> Wahl:
    """Give each canonical column the source column that fits it best, the surest first."""
    melted = melt(table, columns)
    made = {*melted.merkmale, *([melted.wert] if melted.wert else [])}
    free = [c for c in columns if c.name not in melted.spalten]
    hits = [h for c in free for s in table.spalten if s.name not in made
            and (h := score(c, table.name, s)) and h.punkte >= WENIGSTENS]  # fmt: skip
    taken: dict[str, Treffer] = {}
    used: set[int] = set()
    for hit in sorted(hits, key=lambda h: (-h.punkte, h.quelle.nummer)):
        if hit.ziel.name not in taken and hit.quelle.nummer not in used:
            taken[hit.ziel.name] = hit
            used.add(hit.quelle.nummer)
    known = {*taken, *made}
    open_ = tuple(s.name for s in table.spalten if s.pflicht and s.name not in known)
    share = _share(table, open_)
    sure = sum(t.punkte for t in taken.values()) + 80 * (len(known) - len(taken))
    return Wahl(table, taken, open_, share * share * sure, melted, share)


def _share(table: Tabelle, open_: Sequence[str]) -> float:
    needed = [s.name for s in table.spalten if s.pflicht]
    fixed = [n for n in open_ if konstanten(table.name, n) or vorlagen(table.name, n)
             or n in quellnamen().ableitbar.get(table.name, {})]  # fmt: skip
    return (len(needed) - len(open_) + 0.5 * len(fixed)) / max(len(needed), 1)
