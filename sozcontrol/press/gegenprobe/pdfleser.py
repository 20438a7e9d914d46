"""Read a tagged PDF as its listeners and its readers have it: tables, words in order, the rest.

It shares no code and no library with what made the file.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from defusedxml.ElementTree import fromstring
from pdfminer.pdfdevice import PDFDevice
from pdfminer.pdfdocument import PDFDocument
from pdfminer.pdfinterp import PDFPageInterpreter, PDFResourceManager
from pdfminer.pdfpage import PDFPage
from pdfminer.pdfparser import PDFParser
from pdfminer.pdftypes import resolve1
from pdfminer.psexceptions import PSException
from pdfminer.utils import decode_text

KATALOG = {"Type", "Pages", "StructTreeRoot", "MarkInfo", "Lang", "Outlines", "Dests",
           "ViewerPreferences", "PageMode", "Metadata"}  # fmt: skip
"""What a report's file has at its root: no scripts, forms or files in the file."""
ZEILENTEIL, ZELLEN = {"THead", "TBody", "TFoot"}, {"TH", "TD"}


@dataclass
class Pdftafel:
    """A table as it is tagged: its caption, where it has one, and its rows of cells."""

    titel: str = ""
    zeilen: list[list[str]] = field(default_factory=list)


@dataclass
class Pdfinhalt:
    """What a file says, by where it says it; ``fremd`` names what no report has.

    ``worte`` are those outside of tables and pictures, in the order they are read.
    """

    tafeln: list[Pdftafel] = field(default_factory=list)
    worte: list[str] = field(default_factory=list)
    bildtexte: list[str] = field(default_factory=list)
    rand: list[str] = field(default_factory=list)
    gesprochen: list[str] = field(default_factory=list)
    fremd: set[str] = field(default_factory=set)
    seiten: int = 0


def read_pdf(data: bytes) -> Pdfinhalt:
    """Return what a tagged PDF says.

    Raises:
        ValueError: It is none.
    """
    try:
        logging.getLogger("pdfminer").setLevel(logging.ERROR)  # drawn fonts have no box
        document = PDFDocument(PDFParser(io.BytesIO(data)))
        return _Leser(document).read()
    except (PSException, KeyError, TypeError, AttributeError) as error:
        raise ValueError("no tagged PDF") from error


class _Leser:
    """Walks the tree of a file with the texts its pages paint."""

    def __init__(self, document: PDFDocument) -> None:
        resources, pages = PDFResourceManager(), [*PDFPage.create_pages(document)]
        device = _Texte(resources)
        for page in pages:
            _Seiten(resources, device).process_page(page)
        self.document, self.painted = document, device.painted
        self.pages = {page.pageid: n for n, page in enumerate(pages)}
        self.told: set[tuple[int, int]] = set()
        self.found = Pdfinhalt(rand=device.bare, seiten=len(pages))
        self.found.fremd = {"Bild"} if device.images else set()

    def read(self) -> Pdfinhalt:
        catalog = self.document.catalog
        self.found.fremd |= catalog.keys() - KATALOG
        self._walk(_plain(catalog["StructTreeRoot"])["K"], 0, self.found.worte)
        # What is tagged in no place of the tree is seen, too.
        loose = [t for key, texts in self.painted.items() if key not in self.told for t in texts]
        self.found.rand += loose
        self.found.gesprochen += [t for info in self.document.info for t in _strings(info, 2)]
        self.found.gesprochen += [*_strings(catalog.get("Outlines"), 400)]
        metadata = _plain(catalog.get("Metadata"))
        self.found.gesprochen += [] if metadata is None else [_xml_words(metadata.get_data())]
        return self.found

    def _walk(self, node: Any, page: int, into: list[str]) -> None:
        """Take in a node – a piece of content, an element, or several – and its words."""
        node = _plain(node)
        if isinstance(node, list):
            for one in node:
                self._walk(one, page, into)
        elif isinstance(node, int):
            self.told.add((page, node))
            into += self.painted.get((page, node), [])
        elif isinstance(node, dict):
            page = self.pages.get(getattr(node.get("Pg"), "objid", None), page)
            if "S" in node:
                self._element(node, page, into)
            elif "MCID" in node:
                self._walk(node["MCID"], page, into)
            elif "Obj" in node:
                self.found.gesprochen += _strings(node["Obj"], 2)

    def _element(self, node: dict[str, Any], page: int, into: list[str]) -> None:
        kind, kids, found = _plain(node["S"]).name, node.get("K", []), self.found
        found.gesprochen += [_text(node[k]) for k in ("Alt", "ActualText", "E", "T") if k in node]
        inside: list[str] = []
        if kind == "Table":
            found.tafeln.append(Pdftafel())
            self._walk(kids, page, found.worte)
        elif kind == "TR" and found.tafeln:
            found.tafeln[-1].zeilen.append([])
            self._walk(kids, page, into)
        elif kind in ZELLEN and found.tafeln and found.tafeln[-1].zeilen:
            self._walk(kids, page, inside)
            found.tafeln[-1].zeilen[-1].append("".join(inside))
        elif kind == "Caption" and found.tafeln:
            self._walk(kids, page, inside)
            found.tafeln[-1].titel += "".join(inside)
        elif kind == "Figure":
            self._walk(kids, page, found.bildtexte if into is found.worte else into)
        else:
            self._walk(kids, page, [] if kind == "Lbl" else into)


class _Texte(PDFDevice):
    """Takes the texts of pages by page and mark; the words without a mark, and the pictures."""

    def __init__(self, resources: PDFResourceManager) -> None:
        super().__init__(resources)
        self.page, self.images = -1, 0
        self.bare: list[str] = []
        self.painted: dict[tuple[int, int], list[str]] = {}
        self._marks: list[int | None] = []
        self._text: list[str] = []

    def begin_page(self, page: PDFPage, ctm: Any) -> None:
        self.page, self._marks = self.page + 1, []

    def begin_tag(self, tag: Any, props: Any = None) -> None:
        self._marks.append(props.get("MCID") if isinstance(props, dict) else None)

    def end_tag(self) -> None:
        self._marks.pop()

    def begin_text(self) -> None:
        """Begin a piece of text: what follows belongs together."""
        mark = next((m for m in reversed(self._marks) if m is not None), None)
        if mark is None:
            self._text = self.bare
        else:
            self._text = self.painted.setdefault((self.page, mark), [])
        self._text.append("")

    def render_string(self, textstate: Any, seq: Any, ncs: Any, graphicstate: Any) -> None:
        font = textstate.font
        codes = (code for part in seq if isinstance(part, bytes) for code in font.decode(part))
        self._text[-1] += "".join(map(font.to_unichr, codes))

    def render_image(self, name: str, stream: Any) -> None:
        self.images += 1


class _Seiten(PDFPageInterpreter):
    """Reads pages; tells where a piece of text begins."""

    device: _Texte

    def do_BT(self) -> None:
        super().do_BT()
        self.device.begin_text()


def _plain(value: Any) -> Any:
    return resolve1(value)


def _text(value: Any) -> str:
    plain = _plain(value)
    return decode_text(plain) if isinstance(plain, bytes) else str(plain)


def _strings(value: Any, depth: int) -> Iterator[str]:
    """Yield the strings of a thing and of what hangs on it, but for the way back."""
    plain = _plain(value)
    if isinstance(plain, bytes):
        yield _text(plain)
    elif isinstance(plain, dict) and depth:
        for name, part in plain.items():
            if name not in ("Parent", "Prev", "P", "Pg", "Last", "StructParent"):
                yield from _strings(part, depth - 1)
    elif isinstance(plain, list) and depth:
        for part in plain:
            yield from _strings(part, depth - 1)


def _xml_words(data: bytes) -> str:
    return " ".join(fromstring(data).itertext())
