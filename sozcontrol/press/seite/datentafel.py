"""A printed table as plain data: headings that name one column each, and cells with values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sozcontrol.present.fragment import Gedruckt
    from sozcontrol.present.tabellenwert import Wert


@dataclass(frozen=True)
class Datentafel:
    """One table of a page: its rows (kind, cells), and the lines beneath it.

    A column that is nothing but a picture is left out, as are empty ones.
    """

    titel: str
    kopf: tuple[str, ...]
    zeilen: tuple[tuple[str, tuple[Wert, ...]], ...]
    darunter: tuple[str, ...]

    @cached_property
    def zahlen(self) -> tuple[bool, ...]:
        """Whether a figure stands in a column."""
        return tuple(
            any(not isinstance(cells[n].wert, str) for _, cells in self.zeilen)
            for n in range(len(self.kopf))
        )

    @property
    def breiten(self) -> list[int]:
        """How many signs the widest cell of each column has."""
        return [
            max((_width(cells[n]) for _, cells in self.zeilen), default=0)
            for n in range(len(self.kopf))
        ]

    @property
    def zeichen(self) -> list[str]:
        """The lines that explain its marks."""
        from sozcontrol.present.table import LEGENDE

        known = {f"{sign} {text}" for _, sign, text in LEGENDE}
        return [line for line in self.darunter if line in known]


def data_table(tafel: Gedruckt) -> Datentafel:
    """Return a printed table as data."""
    from sozcontrol.present.fragment import clean
    from sozcontrol.present.tabellenwert import cell_value

    rows = [
        (kind, [cell_value(c.wert, c.format, c.einheit) for c in cells])
        for kind, cells in tafel.zeilen
    ]
    kept = [
        n for n, head in enumerate(tafel.kopf) if head or any(cells[n].wert for _, cells in rows)
    ]
    return Datentafel(
        clean(tafel.titel),
        tuple(headings([tafel.kopf[n] for n in kept])),
        tuple((kind, tuple(cells[n] for n in kept)) for kind, cells in rows),
        tuple(clean(line) for line in tafel.darunter),
    )


def headings(texts: Sequence[str]) -> list[str]:
    """Return headings that differ, none of them empty: a table of Excel allows no others."""
    found: list[str] = []
    for number, text in enumerate(texts, start=1):
        name, again = text.strip() or f"Spalte {number}", 1
        while name.casefold() in {h.casefold() for h in found}:
            again += 1
            name = f"{text.strip() or f'Spalte {number}'} ({again})"
        found.append(name)
    return found


def _width(cell: Wert) -> int:
    if isinstance(cell.wert, str):
        return max(map(len, cell.wert.split("\n")), default=0)
    return max(len(f"{cell.wert:,}"), 10) + len(cell.muster) // 3 if cell.muster else 10
