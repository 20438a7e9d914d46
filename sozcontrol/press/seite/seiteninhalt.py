"""A published page as what it says: sections of headings, paragraphs, tables and tiles.

The page is the released thing: sealed, attacked, in its readers' hands. A paper made of it can say
nothing more. Small pictures of rows stay behind; charts come with what is said of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lxml.html import HtmlElement

GEHEIM = "•"
UNGESAGT = {"soz-unsichtbar", "soz-kurz"}
"""Words for those who listen, or who read on a phone: the paper has marks and headings instead."""
FORTGELASSEN = {"soz-steckbriefe", "soz-inhalt", "soz-code", "soz-daten"}
"""What stays on the page: definitions, contents, code, the figures behind a picture."""
DIAGRAMM = "soz-diagramm"
"""The class of a drawn chart."""
KACHELN = "Kennzahlen auf einen Blick"
KACHELKOPF = ("Kennzahl", "Wert", "Vergleich", "Ziel")
KACHELTEILE = ("titel", "wert", "vergleich", "ziel")
ANFANG = "anfang"
"""What the part of a page before its first heading is called."""
NUMMER, ZEICHEN = re.compile(r"^(\d+)\n"), re.compile(r"^(\S{1,2})\n")
"""A number, or a sign, before a line of a list."""
STUFEN = {"h2": 1, "h3": 2, "h4": 3}


@dataclass(frozen=True)
class Text:
    """A heading (``stufe`` 1 to 3), a paragraph, or an item of a list (``punkt``)."""

    text: str
    stufe: int = 0
    punkt: bool = False


@dataclass(frozen=True)
class Tabelle:
    """A table without its pictures; ``zahlen`` says which columns hold figures."""

    titel: str
    kopf: tuple[str, ...]
    zeilen: tuple[tuple[str, ...], ...]
    zahlen: tuple[bool, ...]
    summen: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Bild:
    """A picture: its title, what it shows in words, and its drawing where the page has one."""

    titel: str
    text: str
    svg: str = ""


Block = Text | Tabelle | Bild


@dataclass(frozen=True)
class Abschnitt:
    """A section of a page, by the name its address has there."""

    id: str
    titel: str
    bloecke: tuple[Block, ...]

    def teile(self) -> tuple[Abschnitt, ...]:
        """Return its subsections, each under the name of its heading."""
        heads = [i for i, b in enumerate(self.bloecke) if isinstance(b, Text) and b.stufe == 2]
        return tuple(
            Abschnitt(told.text, told.text, self.bloecke[at + 1 : end])
            for at, end in pairwise([*heads, len(self.bloecke)])
            if isinstance(told := self.bloecke[at], Text)
        )


@dataclass(frozen=True)
class Inhalt:
    """What a page says: of itself (``vorweg``: what it covers, what is in doubt), and sections.

    ``aussage`` is the statement that heads it, where it has one.
    """

    titel: str
    vorweg: tuple[str, ...]
    abschnitte: tuple[Abschnitt, ...]
    aussage: str = ""


def inhalt(page: str) -> Inhalt:
    """Read a page of sozcontrol."""
    import lxml.html

    root = lxml.html.document_fromstring(page if page.strip() else "<p/>")
    told = _by_class(root, "soz-umfang", "soz-zweifel", "soz-vermerk", "soz-erfunden")
    lines = root.findall(".//h1")
    heads = _by_class(root, "soz-dachzeile")  # where the headline is what the page states
    told = [*lines, *told] if heads else told
    sections = [*_by_class(root, "soz-anfang"), *_by_class(root, "soz-abschnitt")]
    return Inhalt(
        "".join(_said(head) for head in (heads or lines)[:1]),
        tuple(dict.fromkeys(_said(p) for p in told)),
        tuple(s for s in map(_section, sections) if s.bloecke),
        _said(lines[0]) if heads else "",
    )


def only_tiles(page: str) -> Inhalt:
    """Read no more of a page than its tiles."""
    if "soz-kacheln" not in page:
        return Inhalt("", (), ())
    import lxml.html

    root = lxml.html.document_fromstring(page)
    tiles = tuple(_tiles(ul) for ul in root.iter("ul") if "soz-kacheln" in _classes(ul))
    return Inhalt("", (), (Abschnitt(ANFANG, "", tiles),))


def _by_class(root: HtmlElement, *names: str) -> list[HtmlElement]:
    return [e for e in root.iter() if {*names} & _classes(e)]


def _classes(element: HtmlElement) -> set[str]:
    return {*(element.get("class") or "").split()} if isinstance(element.tag, str) else set()


def _section(element: HtmlElement) -> Abschnitt:
    name = element.get("aria-labelledby") or ANFANG
    blocks = tuple(_blocks(element))
    first = blocks[0] if blocks and isinstance(blocks[0], Text) and blocks[0].stufe == 1 else None
    rest = blocks[1:] if first else blocks
    return Abschnitt(name, first.text if first else "Vorweg", rest)


def _blocks(element: HtmlElement) -> Iterator[Block]:
    """Yield what an element says, in order; whatever kind of box it stands in."""
    for child in element:
        known, tag = _classes(child), child.tag
        if not isinstance(tag, str) or tag in ("svg", "style", "script", "summary"):
            continue
        if known & (FORTGELASSEN | {"soz-zweifel", "soz-umfang", "soz-titel"}):
            continue
        if "soz-kacheln" in known:
            yield _tiles(child)
        elif tag == "table":
            yield _table(child)
        elif "soz-abbildung" in known:
            yield from _picture(child)
        elif tag in STUFEN or tag in ("p", "li"):
            if text := _said(child):
                text = ZEICHEN.sub(r"\1 ", NUMMER.sub(r"\1. ", text))
                yield Text(text, STUFEN.get(tag, 0), punkt=tag == "li")
        else:
            yield from _blocks(child)


def _picture(figure: HtmlElement) -> Iterator[Block]:
    """Yield the picture and its words; the figures behind it stay on the page."""
    from lxml import etree

    drawn, captions = figure.findall(".//svg[@aria-label]"), figure.findall(".//figcaption")
    said = drawn[0].get("aria-label") if drawn else ""
    charts = [svg for svg in drawn[:1] if DIAGRAMM in _classes(svg)]
    written = [etree.tostring(svg, encoding="unicode", with_tail=False) for svg in charts]
    yield Bild(_said(captions[0]) if captions else "", _clean(said or ""), "".join(written))
    yield from _blocks(figure)


def _tiles(tiles: HtmlElement) -> Tabelle:
    rows = []
    for tile in tiles:
        found = {part: _by_class(tile, f"soz-kachel-{part}") for part in KACHELTEILE}
        rows.append(tuple(_said(found[p][0]) if found[p] else "" for p in KACHELTEILE))
    return _kept(KACHELN, KACHELKOPF, rows, [n == 1 for n in range(len(KACHELKOPF))])


def _table(table: HtmlElement) -> Tabelle:
    captions = table.findall("caption")
    head = [th for tr in table.findall("thead/tr") for th in tr]
    lines = table.findall("tbody/tr")
    rows = [tuple(_said(cell) for cell in tr) for tr in lines]
    sums = frozenset(n for n, tr in enumerate(lines) if any("summe" in c for c in _classes(tr)))
    numbers = ["soz-zahl" in _classes(th) for th in head]
    title = _said(captions[0]) if captions else ""
    return _kept(title, [_said(th) for th in head], rows, numbers, sums)


def _kept(
    titel: str, kopf: Any, zeilen: list[tuple[str, ...]], zahlen: list[bool],
    summen: frozenset[int] = frozenset(),
) -> Tabelle:  # fmt: skip
    """Leave out the columns that are nothing but pictures."""
    kept = [n for n in range(len(kopf)) if not zeilen or any(row[n] for row in zeilen)]
    return Tabelle(
        titel, tuple(kopf[n] for n in kept), tuple(tuple(row[n] for n in kept) for row in zeilen),
        tuple(zahlen[n] for n in kept), summen,
    )  # fmt: skip


def _said(element: HtmlElement) -> str:
    """Return the words of an element, a mark for what is hidden, a line for what is small."""
    return _clean("".join(_parts(element)))


def _parts(element: HtmlElement) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        known = _classes(child)
        if "soz-geheim" in known:
            yield GEHEIM
        elif isinstance(child.tag, str) and child.tag not in ("svg", "style", "script"):
            own_line = child.tag in ("small", "br", "p", "div")
            yield "\n" if own_line else ""
            yield from () if known & UNGESAGT else _parts(child)
        yield child.tail or ""


def _clean(text: str) -> str:
    lines = (re.sub(r"[^\S\u00a0\u202f\n]+", " ", one).strip() for one in
             text.replace("\u00ad", "").split("\n"))  # fmt: skip
    return "\n".join(line for line in lines if line)
