"""Finish what Chromium printed: a tagged PDF that meets PDF/UA-1, the same bytes each time.

Chromium tags text, tables and pictures; what stands in the margins, the names of its own tags and
what the file says of itself are left to this module.
"""

from __future__ import annotations

import io
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pikepdf
from pikepdf import Array, ContentStreamInstruction, Dictionary, Name, Operator, String

from sozcontrol import __version__

PDFUA, TEIL = "http://www.aiim.org/pdfua/ns/id/", "1"
MACHER = f"sozcontrol {__version__}"
KNOWN = {
    "Document", "Part", "Art", "Sect", "Div", "BlockQuote", "Caption", "TOC", "TOCI", "Index",
    "NonStruct", "Private", "P", "H", "H1", "H2", "H3", "H4", "H5", "H6", "L", "LI", "Lbl", "LBody",
    "Table", "TR", "TH", "TD", "THead", "TBody", "TFoot", "Span", "Quote", "Note", "Reference",
    "BibEntry", "Code", "Link", "Annot", "Ruby", "Warichu", "RB", "RT", "RP", "WT", "WP", "Figure",
    "Formula", "Form",
}  # fmt: skip
"""The structure types of PDF 1.7."""
PATH = {"m", "l", "c", "v", "y", "h", "re", "W", "W*"}
PAINT = {"S", "s", "f", "F", "f*", "B", "B*", "b", "b*", "n", "sh", "Do", "EI", "INLINE IMAGE"}
PRINTED = 4
"""The flag of a link that says it belongs to the print."""


@dataclass(frozen=True)
class Angaben:
    """What a file says of itself; ``stand`` is the day that counts as its making.

    ``verweise`` names links by their address, ``ueberschriften`` are the page's headings as read.
    """

    titel: str
    kommune: str
    gegenstand: str
    sprache: str
    stand: date
    verweise: Mapping[str, str]
    ueberschriften: Iterable[str] = ()

    @property
    def tag(self) -> str:
        """The day of its making as metadata write it."""
        return f"{self.stand}T00:00:00Z"

    @property
    def worte(self) -> list[str]:
        """What the file says of itself beside its page: title, maker, day, part of the standard."""
        short = f"D:{self.stand:%Y%m%d}000000+00'00'"
        return [self.titel, MACHER, self.tag, short, TEIL]


def finish(printed: bytes, angaben: Angaben) -> bytes:
    """Return the printed file with all its marks, twice the same bytes."""
    with pikepdf.open(io.BytesIO(printed)) as pdf:
        _mend_tree(pdf)
        _renumber(pdf)
        again = _repeated_heads(pdf)
        for page in pdf.pages:
            page.Contents = pdf.make_stream(_marked(page, again.get(page.obj.objgen, ())))
            _name_links(page, angaben.verweise)
        _name_bookmarks(pdf, angaben.ueberschriften)
        _describe(pdf, angaben)
        out = io.BytesIO()
        pdf.save(
            out, deterministic_id=True, fix_metadata_version=False,
            object_stream_mode=pikepdf.ObjectStreamMode.generate, recompress_flate=False,
        )  # fmt: skip
        return out.getvalue()


def _mend_tree(pdf: pikepdf.Pdf) -> None:
    """Give every element a type of the standard, and lists and figures the parts they need."""
    tree, roles = pdf.Root.StructTreeRoot, Dictionary()
    for element in _elements(tree):
        kind, above = str(element.S)[1:], element.get("/P")
        if kind not in KNOWN:
            roles[f"/{kind}"] = Name.Span
        elif kind == "Figure" and "/Alt" not in element:
            element.S = Name.Div if any(_kids(element)) else Name.Span
        elif kind == "Caption" and (above is None or above.get("/S") != Name.Table):
            element.S = Name.P
        elif kind == "LI":
            _wrap_body(pdf, element)
    tree.RoleMap = roles


def _renumber(pdf: pikepdf.Pdf) -> None:
    """Count the names by which cells find their heads: the printer's are off by one at times."""
    tree = pdf.Root.StructTreeRoot
    named = sorted((e for e in _elements(tree) if "/ID" in e), key=lambda e: str(e.ID))
    names = {str(e.ID): String(f"z{n:06}") for n, e in enumerate(named)}
    for element in named:
        element.ID = names[str(element.ID)]
    for part in (part for e in _elements(tree) for part in _parts(e.get("/A"))):
        if "/Headers" in part:
            part.Headers = Array([names[str(h)] for h in part.Headers])
    tree.IDTree = Dictionary(Names=Array([x for e in named for x in (e.ID, e)]))


def _parts(attributes: Any) -> list[Any]:
    several = attributes if isinstance(attributes, Array) else [attributes]
    return [part for part in several if isinstance(part, Dictionary)]


def _elements(node: Any) -> Iterator[Any]:
    """Yield the elements below a node, each before what it holds."""
    for kid in _kids(node):
        yield kid
        yield from _elements(kid)


def _kids(node: Any) -> list[Any]:
    """Return the elements a node holds; marked content and links are none."""
    found = node.get("/K", [])
    several = found if isinstance(found, Array) else [found]
    return [k for k in several if isinstance(k, Dictionary) and "/S" in k]


def _wrap_body(pdf: pikepdf.Pdf, item: Any) -> None:
    """Put what an item of a list says into the part that is called so."""
    kids = _kids(item)
    inside = [k for k in kids if k.S not in (Name.Lbl, Name.LBody)]
    if not inside:
        return
    body = pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.LBody, P=item))
    body.K = Array(inside)
    for kid in inside:
        kid.P = body
    item.K = Array([*(k for k in kids if Name.Lbl == k.S), body])


def _repeated_heads(pdf: pikepdf.Pdf) -> dict[tuple[int, int], set[int]]:
    """Take heads that stand again on later sheets or columns out of the tree; return their marks.

    Who listens to a table hears its head once, and each cell with what heads it. A piece of text
    has one mark; a second one is its repetition.
    """
    found: dict[tuple[int, int], set[int]] = {}
    heads = (e for e in _elements(pdf.Root.StructTreeRoot) if str(e.S) == "/TH")
    for leaf in (leaf for head in heads for leaf in (head, *_elements(head))):
        inside = leaf.get("/K")
        marks = [k for k in inside if _is_mark(k)] if isinstance(inside, Array) else []
        for again in marks[1:]:
            page, mark = (leaf.Pg, again) if isinstance(again, int) else (again.Pg, again.MCID)
            found.setdefault(page.objgen, set()).add(int(mark))
        if marks:
            leaf.K = Array([marks[0], *(k for k in inside if not _is_mark(k))])
    return found


def _is_mark(kid: Any) -> bool:
    return isinstance(kid, int) or (isinstance(kid, Dictionary) and "/MCID" in kid)


def _marked(page: pikepdf.Page, again: Collection[int]) -> bytes:
    """Return a page's content; what no tag names, or has named before, is marked as no content."""
    kept: list[Any] = []
    depth, waiting = 0, False
    for one in pikepdf.parse_content_stream(page):
        name = str(one.operator)
        depth += (name in ("BDC", "BMC")) - (name == "EMC")
        outside = depth == 0 and name != "EMC"
        if outside and not waiting and (name in PATH or name in PAINT or name == "BT"):
            kept.append(_artifact())
            waiting = True
        told = name == "BDC" and isinstance(one.operands[1], Dictionary)
        if told and one.operands[1].get("/MCID") in again:
            kept.append(_artifact())
        else:
            kept.append(one)
        if waiting and outside and (name == "ET" or name in PAINT):
            kept.append(ContentStreamInstruction([], Operator("EMC")))
            waiting = False
    return pikepdf.unparse_content_stream(kept)


def _artifact() -> ContentStreamInstruction:
    return ContentStreamInstruction([Name.Artifact], Operator("BMC"))


def _name_links(page: pikepdf.Page, verweise: Mapping[str, str]) -> None:
    """Say of every link where it leads."""
    for link in page.get("/Annots") or []:
        action = link.get("/A") or Dictionary()
        place = str(link.get("/Dest") or action.get("/D") or "").removeprefix("/")
        address = str(action.get("/URI") or f"#{place}")
        link.Contents = verweise.get(address) or f"Verweis auf {address}"
        link.F = PRINTED


def _name_bookmarks(pdf: pikepdf.Pdf, ueberschriften: Iterable[str]) -> None:
    """Call bookmarks what their headings are called: the printer drops the breaks of lines."""
    known = {_dense(text): text for text in ueberschriften}
    with pdf.open_outline() as outline:
        waiting = [*outline.root]
        while waiting:
            item = waiting.pop()
            item.title = known.get(_dense(item.title), item.title)
            waiting += item.children


def _dense(text: str) -> str:
    return re.sub(r"\s+", "", text)


def _describe(pdf: pikepdf.Pdf, angaben: Angaben) -> None:
    """Say what the file is, and nothing of clock and machine."""
    pdf.Root.Lang = String(angaben.sprache)
    pdf.Root.PageMode = Name.UseOutlines
    pdf.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
    for name in [*pdf.docinfo]:
        del pdf.docinfo[name]
    with pdf.open_metadata(set_pikepdf_as_editor=False) as told:
        told.register_xml_namespace(PDFUA, "pdfuaid")
        told["pdfuaid:part"] = TEIL
        told["dc:title"], told["dc:creator"] = angaben.titel, [angaben.kommune]
        told["dc:description"], told["dc:language"] = angaben.gegenstand, {angaben.sprache}
        told["xmp:CreatorTool"] = told["pdf:Producer"] = MACHER
        told["xmp:CreateDate"] = told["xmp:ModifyDate"] = angaben.tag
