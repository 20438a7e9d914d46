"""Subtotals and footers of an unknown sheet, believed when they add up.

Rows that begin with a word for a total are candidates; each division of the rows above them is
tried with the same code that later reads the file, and the one by which they add up is proposed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

from sozcontrol.catalogue.profil import Fuss, Herkunft, Quelldatei, Speisung, Zwischensumme
from sozcontrol.catalogue.quellnamen import quellnamen
from sozcontrol.intake import SourceFile, TextTable
from sozcontrol.intake.body import Body, split_rows, subtotals
from sozcontrol.intake.footer import totals
from sozcontrol.intake.header import Header
from sozcontrol.intake.model import Grid
from sozcontrol.intake.rules import FileRejected
from sozcontrol.tidy.sums import reconcile
from sozcontrol.vorschlag.spaltenbefund import Spaltenbefund

_COUNT = "Anzahl"


@dataclass(frozen=True)
class Rohtafel:
    """The cells of a sheet and its header."""

    grid: Grid
    header: Header


@dataclass(frozen=True)
class Zeilenbefund:
    """Which rows are data: the rules that say so, the columns whose totals add up, and what not.

    ``fremd`` are rows below the data that begin with no known word.
    """

    fuss: Fuss
    zwischensumme: Zwischensumme | None = None
    zeilen: tuple[int, ...] = ()
    bewiesen: tuple[str, ...] = ()
    fussbeweis: tuple[str, ...] = ()
    fremd: tuple[int, ...] = ()


@dataclass(frozen=True)
class _Wort:
    """A row that begins with a known word: where it stands (row, column) and the word."""

    zeile: int
    spalte: int
    wort: str
    summe: bool


def rows_of(tafel: Rohtafel) -> Zeilenbefund:
    """Return which rows of *tafel* are no data, and whether they add up."""
    words, last, foreign = _words(tafel)
    often = Counter((w.wort, w.spalte) for w in words)
    inner = [
        w
        for w in words
        if w.summe and (w.zeile <= last or not _whole(w.wort) or often[w.wort, w.spalte] > 1)
    ]
    outer = [w for w in words if w not in inner]
    foot = Fuss(
        beginnt=tuple(dict.fromkeys(w.wort for w in outer)),
        anzahl=_counted(tafel.grid, outer),
    )
    found = Zeilenbefund(foot, fremd=foreign, zeilen=tuple(w.zeile + 1 for w in inner))
    if inner:
        found = _prove(tafel, found, inner)
    return _prove_foot(tafel, found, [w for w in outer if w.summe])


def source_of(found: Zeilenbefund, columns: Sequence[Spaltenbefund] = ()) -> Quelldatei:
    """Return a profile's entry that reads *columns* as numbers and takes out what was *found*."""
    origins = {
        f"s{c.nummer}": Herkunft(
            aus=(c.name,),
            dezimal="," if c.zahlen.dezimal == "," else ".",
            tausender="." if c.zahlen.dezimal == "," else ",",
        )
        for c in columns
    }
    feed = Speisung(tabelle="-", spalten=origins)
    return Quelldatei(
        name="-",
        muster="*",
        fuss=found.fuss,
        zwischensumme=found.zwischensumme,
        tabellen=(feed,),
    )


def body_of(tafel: Rohtafel, found: Zeilenbefund) -> Body:
    """Return the data rows of *tafel*, as they will be read.

    Raises:
        FileRejected: Data follow what was taken for the footer.
    """
    return split_rows(tafel.grid, tafel.header, source_of(found))


def columns_of(tafel: Rohtafel, body: Body) -> list[Spaltenbefund]:
    """Return the columns of the data rows; without a name and without a cell it is none."""
    header, found = tafel.header, []
    for i in range(len(header.namen)):
        cells = tuple(body.zeilen.spalte(i))
        if header.namen[i] or any(cells):
            found.append(Spaltenbefund(i, header.key(i), cells, tafel.grid.typisiert))
    return found


def _words(tafel: Rohtafel) -> tuple[list[_Wort], int, tuple[int, ...]]:
    """Return rows that begin with a known word, the last row of data, and what else is below it."""
    grid, header = tafel.grid, tafel.header
    rows = range(header.bis + 1, len(grid.zellen))
    fills = {n: sum(bool(c.strip()) for c in grid.zellen[n]) for n in rows}
    usual = median([f for f in fills.values() if f] or [0])
    words = [w for n in rows if (w := _word(grid.zellen[n], n))]
    named = {w.zeile for w in words}
    data = [n for n in rows if n not in named and fills[n] >= max(2, usual / 2)]
    last = max(data, default=header.bis)
    words = [w for w in words if w.summe or w.zeile > last]
    foreign = tuple(n + 1 for n in rows if n > last and fills[n] and n not in named)
    # Only what stands above any known footer row: the rest belongs to it.
    first = min(
        (w.zeile for w in words if w.zeile > last and not w.summe), default=len(grid.zellen)
    )
    return words, last, tuple(n for n in foreign if n - 1 < first)


def _word(row: Sequence[str], number: int) -> _Wort | None:
    hit = next(((i, c.strip()) for i, c in enumerate(row) if c.strip()), None)
    if hit is None:
        return None
    facts = quellnamen()
    for words, is_sum in ((facts.fuss, False), (facts.summen, True)):
        for word in sorted(words, key=len, reverse=True):
            text = hit[1][: len(word)]
            follows = hit[1][len(word) : len(word) + 1]
            if text.casefold() == word.casefold() and not follows.isalpha():
                return _Wort(number, hit[0], text, is_sum)
    return None


def _whole(word: str) -> bool:
    """Whether the word means the total of all rows."""
    return word.casefold().startswith(("gesamt", "insgesamt", "total"))


def literal(word: str) -> str:
    """Return the expression that matches *word* and reads like it."""
    return re.escape(word).replace(r"\ ", " ")


def _counted(grid: Grid, words: Sequence[_Wort]) -> str | None:
    """Return how the footer's number of records is found, where it has one."""
    for w in words:
        row = " ".join(c for c in grid.zellen[w.zeile] if c)
        if w.wort.casefold().startswith(_COUNT.casefold()) and re.search(r"\d+\s*$", row):
            return rf"{literal(w.wort)}\D*(\d[\d.]*)"
    return None


def _prove(tafel: Rohtafel, found: Zeilenbefund, inner: list[_Wort]) -> Zeilenbefund:
    """Try every division of the rows above the subtotals; keep the one by which most add up."""
    column = Counter(w.spalte for w in inner).most_common(1)[0][0]
    starts = tuple(dict.fromkeys(w.wort for w in inner if w.spalte == column))
    rule = Zwischensumme.model_validate(
        {"erkennung": {"spalte": tafel.header.key(column), "beginnt": starts}}
    )
    plain = replace(found, zwischensumme=rule)
    columns = columns_of(tafel, body_of(tafel, plain))
    amounts = [c for c in columns if c.art == "zahl"]
    keys = [c.name for c in columns if c.art != "datum" and len(c.gefuellt) > 1]
    best = plain
    for je in [(), *((name,) for name in keys)]:
        fits = [c for c in amounts if c.name not in je
                and _adds_up(tafel, plain, rule, je, c)]  # fmt: skip
        if len(fits) > len(best.bewiesen):
            names = tuple(c.name for c in fits)
            proved = rule.model_copy(update={"betraege": names, "je": je})
            best = replace(plain, zwischensumme=proved, bewiesen=names)
    return best


def _adds_up(
    tafel: Rohtafel, found: Zeilenbefund, rule: Zwischensumme,
    je: tuple[str, ...], column: Spaltenbefund,
) -> bool:  # fmt: skip
    tried = rule.model_copy(update={"betraege": (column.name,), "je": je})
    trial = replace(found, zwischensumme=tried)
    source = source_of(trial, [column])
    body = split_rows(tafel.grid, tafel.header, source)
    return _agree(source, body, column, subtotals(body, tafel.header, source))


def _agree(source: Quelldatei, body: Body, column: Spaltenbefund, stated: list) -> bool:
    sums = [s for s in stated if s.text]
    if not sums:
        return False
    # An unnamed column carries no label in a Kontrollsumme.
    named = [replace(s, spalte=column.name) for s in sums]
    cells = {column.name: body.zeilen.spalte(column.nummer)}
    file = SourceFile("-", "-", "-", "-", "", 0, tabellen=("-",))
    table = TextTable(file, source, cells, body.nummern, kontrollsummen=tuple(named))
    return not reconcile(table)


def _prove_foot(tafel: Rohtafel, found: Zeilenbefund, words: list[_Wort]) -> Zeilenbefund:
    """Add the totals of the footer that agree with their column."""
    if not words:
        return found
    body = body_of(tafel, found)
    claims: dict[str, str] = {}
    for column in columns_of(tafel, body):
        row = tafel.grid.zellen[words[-1].zeile]
        if column.art != "zahl" or column.nummer >= len(row) or not row[column.nummer].strip():
            continue
        foot = found.fuss.model_copy(update={"summe": {column.name: literal(words[-1].wort)}})
        source = source_of(replace(found, fuss=foot), [column])
        try:
            stated = totals(body, tafel.header, source)
        except FileRejected:
            continue
        if _agree(source, body, column, stated):
            claims |= foot.summe
    foot = found.fuss.model_copy(update={"summe": claims})
    return replace(found, fuss=foot, fussbeweis=tuple(claims))
