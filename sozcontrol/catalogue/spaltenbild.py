"""What readers see of a column: its heading, its unit, and how its values are written."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from sozcontrol.catalogue.yaml_files import HERE, Fact, parse, read_yaml
from sozcontrol.errors import CatalogueError

Format = Literal[
    "anzahl", "eur", "eur0", "teur", "tausend", "millionen", "mio", "mio1", "pct", "pct0", "pct1",
    "pct2", "zahl0", "zahl1", "zahl2", "zahl3", "zahl4", "datum", "monat", "quartal", "jahr",
    "wahr", "text", "betrag", "betrag_pct", "haushalt_pct", "haushalt_teur",
    "wirkung_eur0", "wirkung_teur",
]  # fmt: skip
"""The ways of writing a value; ``present.format`` knows how each is done."""


class Spaltenbild(Fact):
    """One column of a table for readers; an empty *bezeichnung* heads what explains itself."""

    bezeichnung: str
    einheit: str | None = None
    format: Format

    @property
    def ueberschrift(self) -> str:
        """Return the heading: the name, the unit in brackets."""
        return f"{self.bezeichnung} ({self.einheit})" if self.einheit else self.bezeichnung


Tafelbild = Mapping[str, Spaltenbild]
"""Column → what readers see of it, in their order."""


class Spaltendatei(Fact):
    """One file of ``spalten/``: tables by name, and headings of columns no table describes.

    ``nach_menge`` are dimensions without an order of their own: their rows stand by amount.
    """

    bezeichnungen: dict[str, str] = Field(default_factory=dict)
    nach_menge: tuple[str, ...] = ()
    tafeln: dict[str, dict[str, Spaltenbild]] = Field(default_factory=dict)

    @field_validator("tafeln")
    @classmethod
    def _told_apart(cls, tafeln: dict[str, Tafelbild]) -> dict[str, Tafelbild]:
        for name, columns in tafeln.items():
            heads = [c.ueberschrift for c in columns.values() if c.ueberschrift]
            doubled = sorted({h for h in heads if heads.count(h) > 1})
            if doubled:
                raise ValueError(f"{name}: zwei Spalten heißen {', '.join(doubled)}")
            if not columns:
                raise ValueError(f"{name}: ohne Spalten")
        return tafeln


@cache
def tafelbilder() -> dict[str, Tafelbild]:
    """Return the columns of all described tables, by the table's name."""
    found: dict[str, Tafelbild] = {}
    for path, one in _files():
        _once(found, one.tafeln, "Die Tafel", path)
        found |= one.tafeln
    return found


@cache
def bezeichnungen() -> dict[str, str]:
    """Return the headings of columns that no table describes."""
    found: dict[str, str] = {}
    for path, one in _files():
        _once(found, one.bezeichnungen, "Die Spalte", path)
        found |= one.bezeichnungen
    return found


@cache
def nach_menge() -> frozenset[str]:
    """Return the dimensions whose rows a table orders by amount."""
    return frozenset(name for _, one in _files() for name in one.nach_menge)


@cache
def _files() -> tuple[tuple[Path, Spaltendatei], ...]:
    paths = sorted((HERE / "spalten").glob("*.yml"))
    return tuple((path, parse(Spaltendatei, read_yaml(path), path)) for path in paths)


def _once(found: Mapping[str, object], new: Mapping[str, object], what: str, path: Path) -> None:
    doubled = sorted(set(found) & set(new))
    if doubled:
        raise CatalogueError(
            f"{what} »{doubled[0]}« ist in zwei Dateien beschrieben.",
            wo=str(path),
            tun="Eine der beiden Beschreibungen löschen oder umbenennen.",
        )
