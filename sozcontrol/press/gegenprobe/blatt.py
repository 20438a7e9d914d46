"""A finished page as its reader has it: tables with captions, headings and cells, nothing else."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from html.parser import HTMLParser

GEHEIM = "soz-geheim"
AUCH_NULL = "kann hier auch für null stehen"
UNSICHTBAR = ("style", "script", "svg")


@dataclass
class Zellbild:
    """One cell: its words, whether it heads a row or column, whether a mark stands there."""

    text: str = ""
    kopf: bool = False
    geheim: bool = False


@dataclass
class Tafelbild:
    """One table of a page; ``auch_null`` where its marks may stand for zeros, too."""

    titel: str = ""
    kopf: list[Zellbild] = field(default_factory=list)
    zeilen: list[list[Zellbild]] = field(default_factory=list)
    auch_null: bool = False

    @property
    def zeichen(self) -> int:
        """How many marks stand in it."""
        return sum(cell.geheim for row in self.zeilen for cell in row)


@dataclass(frozen=True, eq=False)
class Blatt:
    """One published page: whose, for whom, of which day, known when; and its tables."""

    bereich: str
    edition: str
    stichtag: date
    datenstand: date
    tafeln: tuple[Tafelbild, ...]


class _Leser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tafeln: list[Tafelbild] = []
        self._ziel: list[str] | None = None
        self._zelle: Zellbild | None = None
        self._tafel: Tafelbild | None = None
        self._im_kopf = False
        self._stumm = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in UNSICHTBAR:
            self._stumm += 1
        elif tag == "table":
            self._tafel = Tafelbild()
            self.tafeln.append(self._tafel)
        elif tag == "thead":
            self._im_kopf = True
        elif tag == "caption":
            self._ziel = []
        elif tag == "tr" and self._tafel is not None and not self._im_kopf:
            self._tafel.zeilen.append([])
        elif tag in ("td", "th") and self._tafel is not None:
            self._zelle, self._ziel = Zellbild(kopf=tag == "th"), []
        elif GEHEIM in (given.get("class") or "") and self._zelle is not None:
            self._zelle.geheim = True

    def handle_endtag(self, tag: str) -> None:
        if tag in UNSICHTBAR:
            self._stumm -= 1
        elif tag == "table":
            self._tafel = None
        elif tag == "thead":
            self._im_kopf = False
        elif tag == "caption" and self._tafel is not None and self._ziel is not None:
            self._tafel.titel, self._ziel = _clean(self._ziel), None
        elif tag in ("td", "th") and self._tafel is not None and self._zelle is not None:
            self._zelle.text = _clean(self._ziel or [])
            row = self._tafel.kopf if self._im_kopf else self._tafel.zeilen[-1]
            row.append(self._zelle)
            self._zelle = self._ziel = None

    def handle_data(self, data: str) -> None:
        if self._ziel is not None and not self._stumm:
            self._ziel.append(data)
        elif self._tafel is None and self.tafeln and AUCH_NULL in data:
            self.tafeln[-1].auch_null = True


def _clean(parts: list[str]) -> str:
    joined = "".join(parts).replace("\u00ad", "").replace("\u2212", "-")
    return re.sub(r"[\s\u00a0\u202f]+", " ", joined).strip()


def tafeln(html: str) -> tuple[Tafelbild, ...]:
    """Return the tables of a page in their order."""
    reader = _Leser()
    reader.feed(html)
    return tuple(reader.tafeln)
