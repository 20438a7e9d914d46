"""A drawn chart as a part of its page: real text, the page's colours, nothing but marks.

What matplotlib writes is a document of its own. Here it loses what a page does not need (prologue,
metadata, groups), its styles become attributes, its colours variables of the style sheet, its ids
short and unique on the page; what kind of mark a group draws stays as its class, for whoever
measures the chart. The colour beside each variable is for a notebook: no style sheet.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sozcontrol.present.fragment import current, esc
from sozcontrol.present.zeichnen import FARBEN, GITTER, PAPIER, TINTE

if TYPE_CHECKING:
    from lxml.etree import _Element

VARIABLEN = {
    **{colour: f"--reihe-{n}" for n, colour in enumerate(FARBEN, start=1)},
    TINTE: "--tinte", GITTER: "--linie", PAPIER: "--papier",
}  # fmt: skip
"""What the style sheet calls each colour that is drawn with."""

ENTBEHRLICH = {"font-family", "stroke-dashoffset"}
"""The page has a font of its own; a dash begins where its line does."""
ERBLICH = {"fill", "stroke", "stroke-width", "stroke-linejoin", "stroke-linecap", "font-size"}
"""What the marks of a group can be given once, by the group."""
ARTEN = re.compile(r"^(axes|xtick|ytick|line2d|patch|\w*Collection)_\d+$")
"""What matplotlib calls the groups that draw: the chart, its scales, lines, bars and areas."""
ZAHLEN = ("d", "x", "y", "width", "height", "transform", "font-size", "stroke-width")
_PX = 4 / 3
"""Pixels of a page to one point of matplotlib's."""
_NUMBER = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")
_LINK = "{http://www.w3.org/1999/xlink}href"
_REFERENCE = re.compile(r"^(?:url\()?#([\w-]+)\)?$")


def inline(drawing: bytes, alt: str) -> str:
    """Return *drawing* as an element of the current page; *alt* is what it says."""
    from lxml import etree

    parser = etree.XMLParser(remove_comments=True, remove_blank_text=True, resolve_entities=False)
    root = etree.fromstring(drawing, parser)
    for element in root.iter():
        element.tag = etree.QName(element).localname
    etree.strip_elements(root, "metadata", "style")
    for element in root.iter():
        _attributes(element)
    _rename(root)
    for group in root.iter("g"):
        _hoist(group)
    body = "".join(_written(child) for child in root)
    width, height = (float(n) for n in root.get("viewBox", "").split()[2:])
    size = f'width="{width * _PX:.0f}" height="{height * _PX:.0f}"'
    return (
        f'<svg class="soz-diagramm" viewBox="0 0 {width:g} {height:g}" {size} role="img" '
        f'aria-label="{esc(alt)}" focusable="false" stroke-linejoin="round">{body}</svg>'
    )


def _attributes(element: _Element) -> None:
    """Turn style into attributes, colours into variables, and write numbers short."""
    for part in filter(None, (element.attrib.pop("style", None) or "").split(";")):
        name, value = (p.strip() for p in part.split(":"))
        if name not in ENTBEHRLICH:
            element.set(name, value.removesuffix("px"))
    if link := element.attrib.pop(_LINK, None):
        element.set("href", link)
    if element.get("transform", "").startswith("rotate(-0 "):
        del element.attrib["transform"]
    if element.tag == "text":
        element.attrib.pop("fill", None)  # ink: the style sheet's, or a notebook's own
    for name, value in element.attrib.items():
        if name in ("fill", "stroke") and value in VARIABLEN:
            element.set(name, f"var({VARIABLEN[value]},{value})")
        elif name in ZAHLEN:
            element.set(name, _short(value))


def _short(value: str) -> str:
    """Write numbers with two decimals at most, and the steps of a path without gaps."""
    value = _NUMBER.sub(lambda hit: f"{float(hit[0]):.2f}".rstrip("0").rstrip("."), value)
    return re.sub(r"\s*([MLCQHVZz])\s*", r"\1", value).strip()


def _hoist(group: _Element) -> None:
    """Give a group what all its marks have in common."""
    if len(group) > 1:
        shared = set.intersection(*(set(mark.attrib.items()) for mark in group))
        for name, value in sorted(shared):
            if name in ERBLICH and name not in group.attrib:
                group.set(name, value)
                for mark in group:
                    del mark.attrib[name]


def _rename(root: _Element) -> None:
    """Keep the ids something points to, under names no other figure of the page has."""
    ids, used = current().ids, dict[str, str]()
    ids["bild"] += 1
    places = [(e, n, hit[1]) for e in root.iter() for n, v in e.attrib.items()
              if n != "id" and (hit := _REFERENCE.match(v))]  # fmt: skip
    for element, name, old in places:
        new = used.setdefault(old, f"soz-b{ids['bild']}--{len(used) + 1}")
        element.set(name, element.get(name, "").replace(old, new))
    for element in root.iter():
        if old := element.attrib.pop("id", None):
            element.attrib.update({"id": used[old]} if old in used else {})
            if element.tag == "g" and (kind := ARTEN.match(old)):
                element.set("class", kind[1])


def _written(element: _Element) -> str:
    """Write an element; a group or a box of definitions that says nothing is its content."""
    inside = esc(element.text or "") + "".join(_written(child) for child in element)
    if element.tag == "g" and not element.attrib:
        return inside
    if not inside and element.tag in ("defs", "g", "text"):
        return ""
    said = "".join(f' {name}="{esc(value)}"' for name, value in element.attrib.items())
    return f"<{element.tag}{said}>{inside}</{element.tag}>"
