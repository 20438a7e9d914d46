"""What a workbook says beside its cells: names, formats, properties, words no cell shows."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING

from defusedxml import ElementTree

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

BLATT = re.compile(r"xl/worksheets/sheet\d+\.xml")
ELEMENTE = ("worksheet", "sheetPr", "outlinePr", "pageSetUpPr", "dimension", "sheetViews", "pane",
            "sheetView", "selection", "sheetFormatPr", "cols", "col", "sheetData", "row", "c", "v",
            "is", "t", "hyperlinks", "hyperlink", "pageMargins", "pageSetup", "ignoredErrors",
            "ignoredError", "tableParts", "tablePart")  # fmt: skip
"""What a sheet of a table is made of: no notes, rules, headers, filters of its own."""
DRUCKTITEL = re.compile(r"'(?:[^']|'')+'!\$\d+:\$\d+|[\w.]+!\$\d+:\$\d+")
WOERTLICH = re.compile(r'"([^"]*)"|\\(.)')
"""In a number format, what is shown as it stands."""
NUMMER = re.compile(r"\d+ ")
"""Before the title in a sheet's name."""
ZEITEN = ("created", "modified", "lastPrinted")
GEZAEHLT = ("i4", "Application", "AppVersion", "DocSecurity", "TotalTime")
"""Properties by which a program counts and names itself."""
VERWEIS = ("display", "tooltip")


def gelesen(teile: Mapping[str, bytes]) -> dict[str, Element]:
    """Return the parts of a workbook as XML, by name; each is read once.

    Raises:
        ParseError: A part is no XML.
        DefusedXmlException: One declares a type or an entity.
    """
    return {n: ElementTree.fromstring(part, forbid_dtd=True) for n, part in teile.items()}


def fremd(teile: Mapping[str, Element]) -> bool:
    """Say whether a sheet is made of more than a table needs."""
    sheets = [root for name, root in teile.items() if BLATT.fullmatch(name)]
    return any(_name(e) not in ELEMENTE for root in sheets for e in root.iter())


def daneben(teile: Mapping[str, Element], gezeigt: Collection[str]) -> Iterator[str]:
    """Yield what is said beside the cells; *gezeigt* are the words of cells."""
    begun = {_kern(text) for text in gezeigt}
    for part, root in teile.items():
        if part == "xl/sharedStrings.xml":
            for item in root:
                text = "".join(t.text or "" for t in item.iter() if _name(t) == "t")
                yield from () if text in gezeigt else (text,)
        elif part == "xl/workbook.xml":
            yield from (t for t in _namen(root) if not _beginnt(t, begun))
        elif part == "xl/styles.xml":
            for form in (e.get("formatCode", "") for e in root.iter() if _name(e) == "numFmt"):
                yield " ".join(a + b for a, b in WOERTLICH.findall(form))
        elif part.startswith("docProps/"):
            yield from (t for t in _eigenschaften(root) if not _beginnt(t, begun))
        elif BLATT.fullmatch(part):
            yield from (e.get(v, "") for e in root.iter() for v in VERWEIS)


def _beginnt(name: str, texte: Collection[str]) -> bool:
    """Say whether a sheet's name, which may be cut, is how the text of some cell begins."""
    begun = _kern(name)
    return any(text.startswith(begun) for text in texte)


def _kern(text: str) -> str:
    return re.sub(r"[\W_]+", "", text)


def _namen(root: Element) -> Iterator[str]:
    for one in root.iter():
        if _name(one) == "sheet":
            yield NUMMER.sub("", one.get("name", ""), count=1)
        elif _name(one) == "definedName" and not DRUCKTITEL.fullmatch(one.text or ""):
            yield f"{one.get('name', '')} {one.text}"


def _eigenschaften(root: Element) -> Iterator[str]:
    for one in root.iter():
        if _name(one) not in (*ZEITEN, *GEZAEHLT) and (text := (one.text or "").strip()):
            yield NUMMER.sub("", text.removesuffix("!Print_Titles").strip("'"), count=1)


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]
