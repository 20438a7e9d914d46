"""A PDF made of a published page, read back: it says what the page says, all of it, no more."""

from __future__ import annotations

import base64
import html as markup
import re
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser

from sozcontrol.errors import NotReleased
from sozcontrol.press.gegenprobe.beilage import MARKUP, UNLESBAR, lesarten
from sozcontrol.press.gegenprobe.blatt import KACHELN, Tafelbild, tafeln
from sozcontrol.press.gegenprobe.pdfleser import Pdfinhalt, read_pdf
from sozcontrol.press.gegenprobe.wordprobe import GEHEIM, digits, says

TEXT, FEHLT = "Text", "Text der Seite fehlt"
UNGEDRUCKT = {"soz-unsichtbar", "soz-kurz", "soz-sprung", "soz-inhalt", "soz-code"}
TRENNSTRICH = "\u2010"
"""What is drawn where a long word may break."""
CONTENT = re.compile(r'content: "([^"]*)"')
"""What a page's style says on paper."""
GANZ = 10
"""So many signs a line with figures has that is its maker's own."""
FORMEN = re.compile("[▲▼◆◇○●]")
"""Shapes that say again what the word beside them says; they are drawn, not told."""
STECKBRIEF = "soz-steckbrief"
"""A definition that is folded up: its name is printed, and where it can be read."""
STUMM = {"script", "style", "title", "svg", "nav", "table"}
EINZELN = {"br", "hr", "img", "wbr", "meta", "link", "input", "col"}
SVG = re.compile(r"data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)")
GEHOERT = re.compile(r'\s(?:alt|aria-label|title)="([^"]*)"')
"""What a page says to those who listen."""
SVGTEXT = re.compile(r"<(?:text|tspan)\b[^>]*>([^<]*)")


def demand_pdf(pdf: bytes, page: str, worte: Sequence[str]) -> None:
    """Refuse a PDF that says anything its published page doesn't, or leaves a figure out.

    *worte* are its maker's own: foot, origin, what the file says of itself.

    Raises:
        NotReleased: Names the tables; never which cell or what it is.
    """
    if wrong := sorted({*differing(pdf, page, worte)}):
        raise NotReleased(
            f"Die PDF-Datei sagt anderes als ihre Seite: {', '.join(f'»{w}«' for w in wrong)}.",
            wo="Gegenprobe der PDF-Datei",
            tun="Die Datei wurde nicht geschrieben; den Fall melden.",
        )


def differing(pdf: bytes, page: str, worte: Sequence[str]) -> Iterator[str]:
    """Yield where a PDF and its page differ."""
    try:
        said = read_pdf(pdf)
    except ValueError:
        yield UNLESBAR
        return
    if said.fremd:
        yield UNLESBAR
    told = tafeln(page)
    tables = [t for t in told if t.titel != KACHELN]
    if len(tables) != len(said.tafeln):
        yield TEXT
    for there, table in zip(said.tafeln, tables, strict=False):
        if there.titel and _solid(there.titel) != _solid(table.titel):
            yield TEXT
        if not _same_table(there.zeilen, table):
            yield table.titel
    words = _Gedrucktes.of(page)
    own = _solid("".join([*worte, *CONTENT.findall(page)]))
    yield from _same_words(said.worte, words, own)
    yield from _nothing_beside(said, page, worte)


def _same_table(rows: Sequence[Sequence[str]], table: Tafelbild) -> bool:
    """Say whether a table is its page's, cell by cell and mark by mark."""
    there = [table.kopf, *table.zeilen] if table.kopf else table.zeilen
    if [len(row) for row in rows] != [len(row) for row in there]:
        return False
    for row, cells in zip(rows, there, strict=True):
        for n, (text, cell) in enumerate(zip(row, cells, strict=True)):
            head = table.kopf[n] if cells is not table.kopf and n < len(table.kopf) else cell
            shown, meant = _bare(text), map(_bare, lesarten(cell, head))
            if (GEHEIM in shown) != cell.geheim or not any(says(shown, m) for m in meant):
                return False
    return True


def _same_words(said: Sequence[str], page: str, own: str) -> Iterator[str]:
    """Yield where the words of a file are not those of its page, one after the other."""
    at = 0
    for piece in map(_solid, said):
        if not any(c.isalnum() for c in piece):
            continue
        found = page.find(piece, at)
        passed = digits(page[at:found]) if found >= 0 else set()
        if (found < 0 or passed) and _is_own(piece, own):
            continue
        if found < 0:
            yield TEXT
            return
        if passed:
            yield FEHLT
        at = found + len(piece)
    if digits(page[at:]):
        yield FEHLT


def _is_own(piece: str, own: str) -> bool:
    """Say whether its maker says so; a figure alone is none of it."""
    return piece in own and (len(piece) >= GANZ or not digits(piece))


def _nothing_beside(said: Pdfinhalt, page: str, worte: Sequence[str]) -> Iterator[str]:
    """Yield where margin, pictures or what is only heard say what the page doesn't."""
    drawings = [base64.b64decode(part).decode() for part in SVG.findall(page)]
    drawn = {
        _solid(markup.unescape(text)) for one in (page, *drawings) for text in SVGTEXT.findall(one)
    }
    if any(digits(text) and _solid(text) not in drawn for text in said.bildtexte):
        yield TEXT
    heard = map(markup.unescape, GEHOERT.findall(page))
    words = markup.unescape(MARKUP.sub(" ", page)).replace("\u00ad", "")
    known = {d for text in (words, *heard, *worte) for d in digits(text)}
    margin = re.sub(rf"Seite \d+ von {said.seiten}\b", "", " ".join(t.strip() for t in said.rand))
    if any(not digits(text) <= known for text in (margin, *said.gesprochen)):
        yield TEXT


def _bare(text: str) -> str:
    """Return a cell without shapes that repeat a word, and without breaks of its words."""
    return FORMEN.sub("", text.replace(TRENNSTRICH, ""))


def _solid(text: str) -> str:
    """Return a text as it is seen without spaces and without what only breaks its lines."""
    seen = text.replace("\u2212", "-").replace("\u00ad", "").replace(TRENNSTRICH, "")
    return re.sub(r"\s+", "", seen)


class _Gedrucktes(HTMLParser):
    """The words of a page that are printed as words, one after the other."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.quiet: list[bool] = []
        self.folded: list[bool] = []

    @classmethod
    def of(cls, page: str) -> str:
        """Return the words of *page* without the spaces between them."""
        reader = cls()
        reader.feed(page)
        return _solid("".join(reader.parts))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in EINZELN:
            return
        given = dict(attrs)
        classes = {*(given.get("class") or "").split()}
        unseen = bool(UNGEDRUCKT & classes) and tag != "thead"
        drawn_only = given.get("aria-hidden") == "true"
        inside_folded = bool(self.folded) and self.folded[-1] and tag != "summary"
        self.quiet.append(tag in STUMM or inside_folded or unseen or drawn_only)
        self.folded.append(STECKBRIEF in classes and "open" not in given)

    def handle_endtag(self, tag: str) -> None:
        if tag not in EINZELN and self.quiet:
            self.quiet.pop()
            self.folded.pop()

    def handle_data(self, data: str) -> None:
        if not any(self.quiet):
            self.parts.append(data)
