"""The print version of a published page: the same words and figures, marked up for a tagged PDF.

A browser tags only what it draws. What a page says to listeners beside a sign would be lost, and a
cell that shows nothing would vanish from its row: figures would be read out one column off.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sozcontrol.press.seite.export import css_text

if TYPE_CHECKING:
    from lxml.html import HtmlElement

NBSP = "\u00a0"
UNSICHTBAR, KURZ = "soz-unsichtbar", "soz-kurz"
"""What only listeners have, and what only a phone shows."""
BLEIBT = ("#", "https:", "mailto:")
"""What a link out of a file of its own may begin with."""


@dataclass(frozen=True)
class Druckfassung:
    """A page to print; ``verweise`` says of each link, by its address, what it is called."""

    html: str
    titel: str
    sprache: str
    verweise: Mapping[str, str]
    ueberschriften: tuple[str, ...]


def print_version(page: str, fuss: str, herkunft: str) -> Druckfassung:
    """Return *page* for a PDF: *fuss* stands at the foot of every sheet, *herkunft* at the end."""
    import lxml.html

    root = lxml.html.document_fromstring(page)
    for change in (_drop_scripts, _tell_signs, _show_heads, _fill_cells, _open_data, _unlink):
        change(root)
    _say_origin(root, herkunft)
    style = lxml.html.Element("style")
    style.text = f"@page {{ @bottom-left {{ content: {css_text(fuss)}; color: #4a5763; }} }}"
    root.head.append(style)
    links = {a.get("href"): _words(a) for a in root.iter("a") if a.get("href")}
    html = lxml.html.tostring(root, encoding="unicode", doctype="<!doctype html>")
    heads = tuple(map(_words, root.iter("h1", "h2", "h3", "h4")))
    return Druckfassung(html, root.findtext(".//title") or "", root.get("lang", "de"), links, heads)


def _drop_scripts(root: HtmlElement) -> None:
    for script in [*root.iter("script")]:
        script.drop_tree()


def _tell_signs(root: HtmlElement) -> None:
    """Let a sign say what stands unseen beside it: a tagged file has no unseen words."""
    for sign in root.xpath('//*[@aria-hidden="true"]'):
        spoken = sign.getnext()
        if spoken is not None and _is(spoken, UNSICHTBAR) and not (sign.tail or "").strip():
            del sign.attrib["aria-hidden"]
            if (words := _words(spoken).removesuffix(":")) != _words(sign):
                sign.set("role", "img")
                sign.set("aria-label", words)
            spoken.drop_tree()


def _show_heads(root: HtmlElement) -> None:
    """Print the head of a table also where the screen leaves it to those who listen."""
    for head in root.iter("thead"):
        if _is(head, UNSICHTBAR):
            head.classes.discard(UNSICHTBAR)


def _fill_cells(root: HtmlElement) -> None:
    """Put a blank that takes no room where a cell draws nothing that is tagged."""
    for cell in root.iter("td", "th"):
        if not any(_drawn(cell)):
            blank = cell.makeelement("span", {"style": "position:absolute"})
            blank.text = NBSP
            cell.insert(0, blank)
            blank.tail, cell.text = cell.text, None


def _drawn(element: HtmlElement) -> Iterator[bool]:
    """Yield for the parts of an element whether they are drawn and told."""
    yield bool((element.text or "").strip())
    for part in element:
        quiet = part.get("aria-hidden") == "true" or _is(part, UNSICHTBAR) or _is(part, KURZ)
        told = part.get("role") == "img" or part.tag == "img"
        yield not quiet and (told or any(_drawn(part)))
        yield bool((part.tail or "").strip())


def _open_data(root: HtmlElement) -> None:
    """Unfold the data of charts; pages of earlier versions print them by name alone."""
    for data in root.iter("details"):
        if _is(data, "soz-daten"):
            data.set("open", "")


def _unlink(root: HtmlElement) -> None:
    """Drop links to what lies beside the page: a PDF is elsewhere."""
    for link in root.iter("a"):
        if not (link.get("href") or "").startswith(BLEIBT):
            link.attrib.pop("href", None)


def _say_origin(root: HtmlElement, herkunft: str) -> None:
    """Name the page at the foot, in place of the links to its neighbours."""
    for foot in root.iter("footer"):
        for links in foot.findall("nav"):
            links.drop_tree()
        origin = foot.makeelement("p")
        origin.text = herkunft
        foot.append(origin)


def _is(element: HtmlElement, name: str) -> bool:
    return name in (element.get("class") or "").split()


def _words(element: HtmlElement) -> str:
    """Return the words of an element in one line; a break of lines sets words apart."""
    said = copy.deepcopy(element)
    for line in said.iter("br"):
        line.tail = f" {line.tail or ''}"
    return " ".join(str(said.text_content()).split())
