"""Every figure of a page that is composed of others, sought in those others. No project code.

A figure is a number with its unit, in a cell, a tile or a sentence; dates, law and ids are none. It
is found where another page writes a figure that can be the same, to the rounding of both.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from bs4 import BeautifulSoup, Tag
from satzzahlen import EINHEIT, ZAHL, Zahl, lies

KEINE = re.compile(
    r"\d{1,2}\.\d{1,2}\.(?:\d{4})?|§§? ?\d+[a-z]?(?: (?:Abs|Satz|Nr)\. \d+)*|"
    r"\b[A-ZÄÖÜ]{1,4}-?\d+[a-z]?\b|\b(?:19|20)\d\d\b|\b[IV]+/\d{4}"
)
"""Dates, law, ids, years and quarters."""
TEIL = re.compile(rf"({ZAHL})(?: ?(?:(?:statt|bis|und) (?:{ZAHL}) )?(Mio\. €|T€|€|%))?")
"""A number with its unit, be it behind the next one: »99,1 statt 98,8 Mio. €«."""
BLOECKE = "h1, h2, h3, h4, p, li, dd, dt, figcaption, summary, text, small"
RAHMEN = "style, script, head, .soz-kopf, .soz-fuss"


@dataclass(frozen=True)
class Stelle:
    """A figure, its kind of unit, and the words it stands in."""

    zahl: Zahl
    art: str
    worte: str


def worte(node: object) -> str:
    """Return the text of an element, with one kind of blank and of minus."""
    said = node.get_text(" ", strip=True)  # type: ignore[attr-defined]
    said = said.replace("\N{SOFT HYPHEN}", "").replace("\N{NO-BREAK SPACE}", " ")
    return re.sub(r"\s+", " ", said.replace("\N{MINUS SIGN}", "-"))


def _texte(page: BeautifulSoup) -> Iterator[tuple[str, str]]:
    """Yield each cell with the unit its head or caption gives, then each block of text."""
    for table in page.select("table"):
        heads = [worte(h) for h in table.select("thead th, thead td")]
        caption = worte(table.caption) if table.caption else ""
        for row in table.select("tbody tr"):
            for head, cell in zip(heads, row.select("th, td"), strict=False):
                given = (u for p in (head, caption) for u in EINHEIT if f"({u})" in p
                         or f" in {u})" in p)  # fmt: skip
                yield worte(cell), next(given, "")
        table.extract()
    for block in reversed(page.select(BLOECKE)):  # what stands within comes first, and goes
        yield worte(block), _gemessen(block)
        block.extract()


def _gemessen(block: Tag) -> str:
    """Return the unit of a text within a picture: its caption says it for all."""
    figure = block.find_parent("figure") if block.name == "text" else None
    caption = worte(figure.figcaption) if figure and figure.figcaption else ""
    return next((u for u in ("Mio. €", "T€") if u in caption), "")


def zahlen(html: str) -> Iterator[Stelle]:
    """Yield the figures of a page."""
    page = BeautifulSoup(html, "html.parser")
    for frame in page.select(RAHMEN):
        frame.extract()
    for said, given in _texte(page):
        for number, unit in _teile(KEINE.sub(" ", said)):
            name = unit or given
            art = "€" if "€" in name else name
            yield Stelle(lies(number.lstrip("+"), EINHEIT.get(name, 1.0)), art, said)


def _teile(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    while hit := TEIL.search(text, at):
        yield hit[1], hit[2] or ""
        at = hit.end(1)


def unbekannt(html: str, andere: list[str]) -> tuple[int, list[str]]:
    """Return how many figures a page has, and those (with their words) no other page writes."""
    known: dict[str, list[Zahl]] = {}
    for stelle in (s for page in andere for s in zahlen(page)):
        known.setdefault(stelle.art, []).append(stelle.zahl)
    for found in known.values():
        found.sort(key=lambda z: abs(z.wert))
    own = list(zahlen(html))
    return len(own), [f"{s.zahl.wert:g} {s.art} in »{s.worte[:120]}«" for s in own
                      if not _ist_bekannt(s, known.get(s.art, []))]  # fmt: skip


def _ist_bekannt(stelle: Stelle, known: list[Zahl]) -> bool:
    """Say whether a figure is one of *known* (sorted by size), which is written as exactly."""
    size, far = abs(stelle.zahl.wert), 2.01 * stelle.zahl.halb
    near = known[bisect_left(known, size - far, key=lambda z: abs(z.wert)):
                 bisect_right(known, size + far, key=lambda z: abs(z.wert))]  # fmt: skip
    return any(stelle.zahl.ist(z) and z.halb <= stelle.zahl.halb * 1.001 for z in near)
