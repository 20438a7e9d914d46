"""A finished page as its reader has it: tables with captions, headings and cells, and tiles."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from html.parser import HTMLParser
from typing import Protocol

GEHEIM, ZEICHEN = "soz-geheim", "•"
"""The class and the sign of what is hidden."""
AUCH_NULL = "kann hier auch für null stehen"
UNSICHTBAR = ("style", "script", "svg")
KACHEL = {f"soz-kachel-{part}": part for part in ("titel", "wert", "vergleich", "ziel")}
KACHELN, ZIEL = "Kacheln", "Ziel"
"""What the tiles of a page are called, read as one table: a row each, its name at the head; and the
column of their goals."""
VERGLEICH = re.compile(r"(?:(?P<mehr>.*) gegenüber )?(?P<mit>.*): (?P<wert>.*)")
GLEICH = "unverändert"
VERGLICHEN = "verglichen mit"
"""Where a tile says why it is compared with nothing: words, no figure."""


@dataclass
class Zellbild:
    """One cell: its words, whether it heads a row or column, whether a mark stands there.

    ``ziel``: it heads what a council wants of the tiles' figures.
    """

    text: str = ""
    kopf: bool = False
    geheim: bool = False
    ziel: bool = False


@dataclass
class Tafelbild:
    """One table of a page; ``auch_null`` where its marks may stand for zeros, too.

    ``fremd`` counts the cells that are named otherwise than the head of a column is: on a narrow
    screen that name is read, and it is text like any other.
    """

    titel: str = ""
    kopf: list[Zellbild] = field(default_factory=list)
    zeilen: list[list[Zellbild]] = field(default_factory=list)
    auch_null: bool = False
    fremd: int = 0

    @property
    def zeichen(self) -> int:
        """How many marks stand in it."""
        return sum(cell.geheim for row in self.zeilen for cell in row)

    def ohne_ziele(self) -> Tafelbild:
        """Return the table without the goals of tiles."""
        kept = [n for n, head in enumerate(self.kopf) if not head.ziel]
        if len(kept) == len(self.kopf):
            return self
        rows = [[row[n] for n in kept] for row in self.zeilen]
        return replace(self, kopf=[self.kopf[n] for n in kept], zeilen=rows)


@dataclass(frozen=True, eq=False)
class Blatt:
    """One published page: whose, for whom, of which day, known when; and its tables.

    ``mehr`` names the tables whose files say what the page does not, once for every cell;
    ``gesagt`` the headings under which words or pictures give away what its tables hide.
    """

    bereich: str
    edition: str
    stichtag: date
    datenstand: date
    tafeln: tuple[Tafelbild, ...]
    mehr: tuple[str, ...] = ()
    gesagt: tuple[str, ...] = ()

    def zum_angriff(self, gesagt: tuple[str, ...]) -> Blatt:
        """Return the page as it is attacked, its words (*gesagt*) read, too.

        The goal of a tile is what a council wants, and its state repeats the tile's figure: neither
        is a figure of the delivery.
        """
        tables = tuple(t.ohne_ziele() for t in self.tafeln)
        return replace(self, tafeln=tables, gesagt=self.gesagt + gesagt)


Attribute = list[tuple[str, str | None]]


class Zuhoerer(Protocol):
    """Who hears the tags and words of a page, as :class:`html.parser.HTMLParser` calls them."""

    def handle_starttag(self, tag: str, attrs: Attribute) -> None:
        """Hear that an element begins."""

    def handle_endtag(self, tag: str) -> None:
        """Hear that one ends."""

    def handle_data(self, data: str) -> None:
        """Hear what stands in it."""


class _Mitschrift(HTMLParser):
    """What stands in a page, in order: words or the name of a tag, with what it begins with."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.folge: list[tuple[str, str, Attribute]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: Attribute) -> None:
        self.folge.append(("beginnt", tag, attrs))

    def handle_endtag(self, tag: str) -> None:
        self.folge.append(("endet", tag, []))

    def handle_data(self, data: str) -> None:
        self.folge.append(("text", data, []))

    def updatepos(self, i: int, j: int) -> int:
        """Count no lines: nobody asks for them."""
        return j


_mitschrift = lru_cache(maxsize=1)(_Mitschrift)


def vorlesen(html: str, zuhoerer: Zuhoerer) -> None:
    """Read a page to one who listens; it is parsed once for all who ask for it in a row."""
    for was, text, attrs in _mitschrift(html).folge:
        if was == "text":
            zuhoerer.handle_data(text)
        elif was == "beginnt":
            zuhoerer.handle_starttag(text, attrs)
        else:
            zuhoerer.handle_endtag(text)


class _Leser:
    def __init__(self) -> None:
        self.tafeln: list[Tafelbild] = []
        self._ziel: list[str] | None = None
        self._zelle: Zellbild | None = None
        self._tafel: Tafelbild | None = None
        self.kacheln: list[dict[str, Zellbild]] = []
        self._kachel: str | None = None
        self._im_kopf = False
        self._stumm = 0

    def handle_starttag(self, tag: str, attrs: Attribute) -> None:
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
            named = given.get("data-kopf")
            if named and _clean([named]) not in (c.text for c in self._tafel.kopf):
                self._tafel.fremd += 1
        elif tag == "p" and (part := KACHEL.get(given.get("class") or "")):
            self.kacheln += [{}] if part == "titel" else []
            self._kachel, self._zelle, self._ziel = part, Zellbild(kopf=part == "titel"), []
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

        elif tag == "p" and self._kachel is not None and self._zelle is not None:
            self._zelle.text = _clean(self._ziel or [])
            self.kacheln[-1][self._kachel] = self._zelle
            self._zelle = self._ziel = self._kachel = None

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
    vorlesen(html, reader)
    return (*reader.tafeln, *_kacheln(reader.kacheln))


def _kacheln(kacheln: list[dict[str, Zellbild]]) -> Iterator[Tafelbild]:
    """Yield the tiles as a table: value, what it is compared with, the difference, and the goal."""
    rows = []
    for tile in kacheln:
        row = {"Kennzahl": tile["titel"], "Wert": tile.get("wert", Zellbild())}
        beside = tile.get("vergleich", Zellbild())
        if said := VERGLEICH.fullmatch(beside.text):
            row[said["mit"]] = Zellbild(said["wert"], geheim=beside.geheim)
            if said["mehr"] not in (None, GLEICH):
                row["Veränderung"] = Zellbild(said["mehr"])
        elif beside.text:
            row[VERGLICHEN] = Zellbild(beside.text)
        rows.append(row)
    named = dict.fromkeys(h for row in rows for h in row)
    cells = [[row.get(h, Zellbild()) for h in named] for row in rows]
    heads = [Zellbild(h, kopf=True) for h in named]
    if any("ziel" in tile for tile in kacheln):  # what a tile is compared with may be called so
        heads.append(Zellbild(ZIEL, kopf=True, ziel=True))
        goals = [tile.get("ziel", Zellbild()) for tile in kacheln]
        cells = [[*own, goal] for own, goal in zip(cells, goals, strict=True)]
    if rows:
        yield Tafelbild(KACHELN, heads, cells)
