"""What intake hands on: files with their hashes, and tables of text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from pydantic import Field, field_validator

from sozcontrol.catalogue import Kommune
from sozcontrol.catalogue.profil import Quelldatei
from sozcontrol.catalogue.yaml_files import Fact
from sozcontrol.findings import Finding
from sozcontrol.intake.names import normalise
from sozcontrol.intake.zellen import Zellen


class Zahlzelle(str):
    """The text of a cell that was a number in its source: decimal point, never grouped.

    In an XLSX file the number 1.234 and the text »1.234« stand side by side and mean different
    things; the class is what is left of the difference once both are text. Whole numbers need no
    mark, they read the same under any convention.
    """

    __slots__ = ()


@dataclass(frozen=True)
class SourceFile:
    """One delivered file (or query) and how it was read.

    ``zeilen_roh`` counts all rows of the source, header and footer included; 0 when the file could
    not be read. ``sha256`` is over the delivered bytes (for a query: of its snapshot).
    ``tabellen`` names the canonical tables it feeds.
    """

    name: str
    profil: str
    eintrag: str
    lieferant: str
    sha256: str
    bytes: int
    kodierung: str | None = None
    trennzeichen: str | None = None
    zeilen_roh: int = 0
    tabellen: tuple[str, ...] = ()

    @property
    def lieferung_id(self) -> str:
        """The first 16 hex digits of the hash."""
        return self.sha256[:16]


@dataclass(frozen=True)
class Kontrollsumme:
    """A sum the source itself states: the text of the cell, and the data rows it covers."""

    regel: str
    spalte: str
    text: str
    zeile: int
    von: int
    bis: int


@dataclass(frozen=True)
class TextTable:
    """The data rows of one file as text, by column; only columns its profile uses.

    Titles, headers, subtotals, footers and blank rows are gone. ``zeile`` holds the 1-based row in
    the source for each data row; ``typisiert`` says that the source's cells had types. Around the
    columns ``ohne_personen`` nothing holds persons, not even when rows shift by a column.
    """

    quelle: SourceFile
    datei: Quelldatei
    spalten: Mapping[str, Zellen[str]]
    zeile: list[int]
    typisiert: bool = False
    kontrollsummen: tuple[Kontrollsumme, ...] = ()
    ohne_personen: frozenset[str] = frozenset()
    _index: dict[str, str] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._index.update({normalise(name): name for name in self.spalten})

    def resolve(self, names: tuple[str, ...]) -> str | None:
        """Return the column one of the alternative *names* stands for, as the file spells it."""
        hits = (self._index.get(normalise(name)) for name in names)
        return next((hit for hit in hits if hit is not None), None)


@dataclass(frozen=True)
class Delivery:
    """A delivery folder, read: text tables, files and what was found on the way.

    ``unvollstaendig`` names the tables for which a file is missing or could not be read; ``tidy``
    does not build them from what is left.
    """

    ordner: Path
    stichtag: date
    datenstand: date
    kommune: Kommune
    texte: tuple[TextTable, ...]
    dateien: tuple[SourceFile, ...]
    findings: tuple[Finding, ...]
    unvollstaendig: frozenset[str] = frozenset()


class Lieferschein(Fact):
    """The optional ``lieferung.yml`` of a delivery folder.

    ``kommune`` says whose delivery it is; ``zeilen`` states the number of data rows of a file, so
    that a file cut off at the end of a row is noticed. An empty place states nothing.
    """

    kommune: str
    zeilen: dict[str, int] = Field(default_factory=dict)

    @field_validator("zeilen", mode="before")
    @classmethod
    def _stated(cls, value: object) -> object:
        if not isinstance(value, dict | None):
            return value
        return {name: number for name, number in (value or {}).items() if number is not None}


@dataclass
class Grid:
    """The raw cells of one source, before the header is looked for.

    ``zellen[i]`` is row ``i + 1`` of the source. ``merged`` holds ranges (first row, first column,
    last row, last column; 0-based, inclusive). ``defekt`` maps cells to why they have no value.
    """

    zellen: Sequence[list[str]]
    kodierung: str | None = None
    trennzeichen: str | None = None
    typisiert: bool = False
    merged: tuple[tuple[int, int, int, int], ...] = ()
    defekt: dict[tuple[int, int], str] = field(default_factory=dict)
    abgebrochen: bool = False
    warnungen: list[tuple[str, str, str]] = field(default_factory=list)
