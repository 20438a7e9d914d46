"""Where the header of an unknown sheet stands and how many rows it has.

Data begin at the first row with a number or a date that fills as many cells as the rows after it;
the header is the block of filled rows above. A row of a person taken for a header would make its
cells the names of columns: a header is believed only when facts know at least two of its names.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from statistics import median

from sozcontrol.catalogue.profil import Kopf
from sozcontrol.errors import DeliveryError
from sozcontrol.intake.header import Header, column_names
from sozcontrol.intake.model import Grid, Zahlzelle
from sozcontrol.vorschlag.namenswissen import bekannt

SUCHE, HOECHSTENS, WENIGSTENS = 40, 4, 2
OHNE_KOPF = (
    "Eine Datei ohne Kopf im Fachverfahren mit den Namen der Spalten ausgeben; geht das nicht, in "
    "einer Kopie eine Zeile mit ihnen einfügen (welche gebraucht werden: sozcontrol dictionary)."
)
"""The way out of a file that names no columns."""
_YEAR = re.compile(r"(?:19|20)\d\d")
_VALUE = re.compile(r"[-+(]?\d[\d.,'’\u00a0\u202f -]*(?:€|EUR|%)?\)?|\d{4}-\d{2}-\d{2}.*")


@dataclass(frozen=True)
class Kopfbefund:
    """A header that was found: which rows, how they are joined, and how many names are known."""

    header: Header
    kopf: Kopf
    bekannte: int


def find(grid: Grid, names: Collection[str], zeile: int | None, datei: str) -> Kopfbefund | None:
    """Return the header of *grid*: the one a person names by its last row (*zeile*), or ours.

    None where the sheet holds no table. A row of people is no header, whoever says so.

    Raises:
        DeliveryError: There may be one, but too few of its names are known to believe it; or there
            are data, and none above them.
    """
    if zeile is None:
        _demand_head(grid, datei)
    first = zeile if zeile is not None else _header_end(grid)
    if first is None or not 0 < first < len(grid.zellen):
        return None
    top = first - 1
    while top and first - top < HOECHSTENS and _needed(grid, top, first) and _heads(grid, top - 1):
        top -= 1
    kopf = Kopf(zeilen=first - top, suche_bis=max(15, first + 5))
    header = Header(top, first - 1, column_names(grid, top, kopf))
    # The lowest part counts: a person below »Name« would else be a column the facts know.
    known = sum(bekannt(name.split("|")[-1], names) for name in header.namen if name)
    known += kopf.zeilen > 1 and _repeats(header)
    if known < WENIGSTENS or any(map(_values, grid.zellen[top:first])):
        if zeile is None and sum(map(bool, header.namen)) < WENIGSTENS:
            return None
        raise DeliveryError(
            f"In Zeile {first} könnte der Kopf stehen, aber nur {known} seiner Namen sind bekannt, "
            f"und {sum(map(_values, grid.zellen[top:first]))} sind Zahlen oder Tage. "
            "Vielleicht hat die Datei keine Kopfzeile.",
            wo=datei,
            tun="Steht der Kopf anderswo, seine letzte Zeile nennen: --kopf ZEILE (wie Excel "
            f"zählt). {OHNE_KOPF}",
        )
    return Kopfbefund(header, kopf, known)


def _demand_head(grid: Grid, datei: str) -> None:
    """Demand that above the data stands more than a title, where their place is clear."""
    begin = _data_begin(grid)
    if begin is None or any(_filled(row) >= WENIGSTENS for row in grid.zellen[:begin]):
        return
    raise DeliveryError(
        f"Die Daten beginnen in Zeile {begin + 1}; darüber steht keine Kopfzeile mit den Namen der "
        "Spalten.",
        wo=datei,
        tun=f"{OHNE_KOPF} Ist Zeile {begin + 1} doch der Kopf: --kopf {begin + 1}.",
    )


def _filled(row: list[str]) -> int:
    return sum(bool(cell.strip()) for cell in row)


def _values(row: list[str]) -> int:
    """Return how many cells are numbers or dates; a year may be the name of a column."""
    return sum(
        not _YEAR.fullmatch(cell.strip())
        and (isinstance(cell, Zahlzelle) or bool(_VALUE.fullmatch(cell.strip())))
        for cell in row
        if cell.strip()
    )


def _data_begin(grid: Grid) -> int | None:
    rows = grid.zellen[:SUCHE]
    for number, row in enumerate(rows):
        later = [n for n in map(_filled, grid.zellen[number : number + 20]) if n]
        if _values(row) and _filled(row) >= max(WENIGSTENS, median(later) / 2):
            return number
    return None


def _needed(grid: Grid, top: int, first: int) -> bool:
    """Whether the header from row *top* on leaves columns without a name, or two with one."""
    names = column_names(grid, top, Kopf(zeilen=first - top))
    width = max(len(row) for row in grid.zellen[first : first + 20])
    filled = [i for i in range(width) if any(_cell(row, i) for row in grid.zellen[first:])]
    own = [re.sub(r"\.\d+$", "", names[i]) if i < len(names) else "" for i in filled]
    return len(set(own)) < len(own) or not all(own) or any(_YEAR.fullmatch(n) for n in own)


def _repeats(header: Header) -> bool:
    """Whether the lowest names of a stacked header repeat, as no row of a person does."""
    lowest = Counter(name.split("|")[-1].strip() for name in header.namen if "|" in name)
    return len(lowest) > 1 and min(lowest.values()) > 1


def _cell(row: list[str], column: int) -> str:
    return row[column].strip() if column < len(row) else ""


def _header_end(grid: Grid) -> int | None:
    """Return the row after the header: where data begin, or headings of a first group of them.

    Where no cell is a number or a day it can but be the first row of several cells.
    """
    first = _data_begin(grid)
    if first is None:
        tops = (i for i, row in enumerate(grid.zellen[:SUCHE], 1) if _filled(row) >= WENIGSTENS)
        return next(tops, None)
    while first and _filled(grid.zellen[first - 1]) < WENIGSTENS:
        first -= 1
    return first


def _heads(grid: Grid, number: int) -> bool:
    """Whether a row above the last one of the header belongs to it: words over several columns.

    A title in one cell names no group of columns, not even merged over the whole sheet.
    """
    row = grid.zellen[number]
    return not _values(row) and _filled(row) > 1
