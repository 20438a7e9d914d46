"""How much of a report is hidden: counted on the page itself, as its reader meets it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import unescape
from typing import Any

_TABLE = re.compile(r"<table>.*?</table>", re.S)
_CAPTION = re.compile(r"<caption[^>]*>(.*?)</caption>", re.S)
_CELL = re.compile(r'<td class="soz-zahl">(.+?)</td>', re.S)
_TILE = re.compile(r'<p class="soz-kachel-wert">(.+?)</p>', re.S)


@dataclass(frozen=True)
class Geheimhaltung:
    """Figures of a report, how many of them are marks, and the tables that hold nothing else."""

    zahlen: int = 0
    geheim: int = 0
    ganz: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return what the manifest records."""
        return {
            "zahlen": self.zahlen,
            "geheim": self.geheim,
            "ganz_gesperrte_tabellen": list(self.ganz),
        }


def count(fragments: Iterable[str]) -> Geheimhaltung:
    """Count figures and marks in the sanitised outputs of a report.

    A figure is a cell of figures in a table, or the value of a tile; »nothing there« is none.
    """
    figures = hidden = 0
    locked = []
    for html in fragments:
        tiles = _marks(_TILE.findall(html))
        figures, hidden = figures + len(tiles), hidden + sum(tiles)
        for table in _TABLE.findall(html):
            cells = _marks(_CELL.findall(table))
            figures, hidden = figures + len(cells), hidden + sum(cells)
            if cells and all(cells):
                locked.append(_title(table))
    return Geheimhaltung(figures, hidden, tuple(locked))


def _marks(cells: Iterable[str]) -> list[bool]:
    return ['class="soz-geheim"' in cell for cell in cells if 'class="soz-nichts"' not in cell]


def _title(table: str) -> str:
    found = _CAPTION.search(table)
    return unescape(re.sub(r"<[^>]+>", "", found[1])).strip() if found else "ohne Titel"
