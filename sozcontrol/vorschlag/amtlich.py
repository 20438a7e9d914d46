"""A raw table of official statistics, as downloaded: columns without names, signs for numbers.

It says itself what it is, so its header is believed whose names nobody knows: the rows above the
data whose first cells, over the columns of place and time, are empty.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sozcontrol import catalogue
from sozcontrol.catalogue.profil import Kopf
from sozcontrol.catalogue.quellnamen import quellnamen
from sozcontrol.errors import DeliveryError
from sozcontrol.intake.header import Header, column_names
from sozcontrol.intake.model import Grid
from sozcontrol.vorschlag.quelle import Quelle

_PLACE = re.compile(r"DG|\d{2}|\d{3}|\d{5}|\d{8}")
_PLACES = re.compile(r"\d{5}|\d{8}")
JAHR = r"(?:[0-9]{2}[.][0-9]{2}[.])?((?:19|20)[0-9]{2})(?:/[0-9]{2})?"
"""A day, a year or a school year: what it begins with is the year."""
_YEAR = re.compile(JAHR)
_NUMBER = re.compile(r"(?=.*\d)[0-9A-Z]{2,}(?:-[0-9A-Z]+)+")
"""A number of a table: 12411-01-01-4, AI-S-05."""
_MARK, _MOST = 5, 0.9
GEMEINDE = 8
"""Digits of the key of a municipality; those of a Kreis are three fewer."""


@dataclass(frozen=True)
class Rohtabelle:
    """A table of official statistics: its number and title, where what stands.

    ``ort`` and ``jahr`` are columns without a name, by position; ``weitere`` the other ones.
    ``fest`` is the year that stands above the header of a table of one year.
    """

    nummer: str
    titel: str
    kopf: Header
    ort: int
    jahr: int | None
    fest: str | None
    weitere: tuple[int, ...]
    fuss: tuple[str, ...]
    zeilen: tuple[tuple[str, ...], ...]

    @property
    def orte(self) -> list[str]:
        """The keys of Kreise or of municipalities, whatever the table mostly lists."""
        cells = {row[self.ort] for row in self.zeilen if self.ort < len(row)}
        keys = [cell for cell in cells if _PLACES.fullmatch(cell)]
        lengths = Counter(map(len, keys)).most_common(1)
        return sorted(k for k in keys if len(k) == lengths[0][0])

    @property
    def bekannte(self) -> list[str]:
        """The keys among them that the list of places knows."""
        table = catalogue.tabelle(quellnamen().amtlich.tabelle)
        listed = catalogue.codeliste(table.spalte(quellnamen().amtlich.ort).codeliste or "").gueltig
        return [k for k in self.orte if k.ljust(GEMEINDE, "0") in listed]

    @property
    def werte(self) -> dict[str, tuple[str | None, str]]:
        """The columns of numbers by name, each with the year in it, if any, and what is counted."""
        found: dict[str, tuple[str | None, str]] = {}
        for i, name in enumerate(self.kopf.namen):
            if name:
                parts = name.split(" | ")
                years = [hit[1] for part in parts if (hit := _YEAR.fullmatch(part))]
                rest = [part for part in parts if not _YEAR.fullmatch(part)]
                found[self.kopf.key(i)] = (next(iter(years), None), ", ".join(rest))
        return found

    @property
    def jahre_vorn(self) -> bool:
        """Whether each name of a column of numbers begins with a year: the next file has others."""
        return all(
            " | " in name and _YEAR.fullmatch(name.split(" | ")[0])
            for name in self.kopf.namen
            if name
        )

    @property
    def zeichen(self) -> Counter[str]:
        """How often which sign stands where a number is expected."""
        own = quellnamen().amtlich
        signs = {*own.spalten[own.wert].null, *own.spalten[own.wert].leer} - {""}
        values = [i for i, name in enumerate(self.kopf.namen) if name]
        return Counter(
            row[i] for row in self.zeilen for i in values if i < len(row) and row[i] in signs
        )


def read_raw(quelle: Quelle) -> Rohtabelle | None:
    """Return what the file is as a raw table of official statistics; None where it is none.

    Raises:
        DeliveryError: It is one, but knows no place smaller than a Land, or nobody can read it.
    """
    grid = quelle.blaetter[0].grid
    number = _number(grid)
    if number is None:
        return None
    if quelle.format != "csv":
        raise _unreadable(quelle, "Eine Arbeitsmappe verbindet, was über ihren Spalten steht.")
    first, place = _begin(grid, quelle)
    top = first
    while top and not any(grid.zellen[top - 1][: place + 1]) and any(grid.zellen[top - 1]):
        top -= 1
    header = Header(top, first - 1, column_names(grid, top, Kopf(zeilen=first - top, tragen=False)))
    if not any(header.namen):
        raise _unreadable(quelle, "Über den Zahlen steht kein Kopf.")
    foot = tuple(f for f in quellnamen().amtlich.fuss if _starts(grid, first, f) is not None)[:1]
    last = _starts(grid, first, foot[0]) if foot else None
    rows = tuple(tuple(row) for row in grid.zellen[first:last] if any(row))
    nameless = [i for i, name in enumerate(header.namen) if not name and i != place]
    years = [i for i in nameless if _share(rows, i, _YEAR) > _MOST]
    year = next(iter(years), None)
    found = Rohtabelle(
        number, _title(grid), header, place, year,
        None if year is not None else _year_above(grid, top),
        tuple(i for i in nameless if i != year and i > place + 1), foot, rows,
    )  # fmt: skip
    if not found.orte:
        raise _unreadable(quelle, "Sie nennt Länder, keine Kreise und keine Gemeinden.")
    return found


def _number(grid: Grid) -> str | None:
    """Return the number of the table, which stands behind the mark in the first row."""
    first = next(iter(grid.zellen), [""])
    for mark in quellnamen().amtlich.kennung:
        words = first[0].removeprefix(mark).split() if first else []
        if words and first[0].startswith(mark) and _NUMBER.fullmatch(words[0]):
            return words[0]
    return None


def _begin(grid: Grid, quelle: Quelle) -> tuple[int, int]:
    """Return the first row of data, and the column that holds the keys of places."""
    for number, row in enumerate(grid.zellen):
        above = grid.zellen[max(number - 1, 0)]
        later = [r for r in grid.zellen[number : number + 20] if sum(map(bool, r)) > 2]
        for column, cell in enumerate(row[:_MARK]):
            nameless = row in later and not any(above[: column + 1])
            if nameless and _PLACE.fullmatch(cell) and _share(later, column, _PLACE) > _MOST:
                return number, column
    raise _unreadable(quelle, "Keine ihrer Spalten enthält Schlüssel von Kreisen oder Gemeinden.")


def _share(rows: Sequence[Sequence[str]], column: int, form: re.Pattern[str]) -> float:
    cells = [row[column] for row in rows if column < len(row) and row[column]]
    return sum(bool(form.fullmatch(cell)) for cell in cells) / max(len(cells), 1)


def _starts(grid: Grid, first: int, word: str) -> int | None:
    """Return the first row below the data that begins with *word*."""
    rows = enumerate(grid.zellen[first:], start=first)
    return next((i for i, row in rows if row and row[0].startswith(word)), None)


def _title(grid: Grid) -> str:
    return next((row[0] for row in grid.zellen[1:] if row and row[0]), "")


def _year_above(grid: Grid, top: int) -> str | None:
    """Return the year that stands alone in a row above the header."""
    alone = [row[0] for row in grid.zellen[:top] if row and row[0] and not any(row[1:])]
    return next((hit[1] for cell in alone if (hit := _YEAR.fullmatch(cell))), None)


def _unreadable(quelle: Quelle, why: str) -> DeliveryError:
    return DeliveryError(
        f"Das ist eine Tabelle der amtlichen Statistik, aber so nicht zu vergleichen. {why}",
        wo=quelle.name,
        tun="Die Tabelle mit der regionalen Tiefe »Kreise und kreisfreie Städte« oder »Gemeinden« "
        "herunterladen, als CSV, mit Schlüsseln.",
    )
