"""What the small line of a row draws, measured: a point for a shown figure of its row, no other.

A line stands over places, one for every figure right before it in its row. Each point must lie over
an open cell, and all on one scale: a point that does not fit the figure beneath it stands for
something else. The thin line behind is measured against the row of totals. What else is drawn, or
can't be measured, counts as given away.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from sozcontrol.press.gegenprobe.figuren import Gelesen, gelesen

if TYPE_CHECKING:
    from lxml.html import HtmlElement

VERLAUF = "soz-verlauf"
ZUG, DANEBEN, PUNKT = "soz-zug", "soz-vergleich", "soz-punkt"
SUMME, TON = "soz-summe", "soz-ton"
ECKE = re.compile(r"[ML](-?\d+(?:\.\d+)?) (-?\d+(?:\.\d+)?)")
GENAU = 0.02
"""So many pixels a point may be off: they are written with two decimals."""


class _Punkt(NamedTuple):
    """A point over a place of the row, and how high it lies (downwards, as pictures count)."""

    platz: int
    y: float


def zuviel(html: str) -> tuple[str, ...]:
    """Return the captions of the tables with a line that draws more than its row shows."""
    import lxml.html

    if VERLAUF not in html:
        return ()
    page = lxml.html.document_fromstring(html)
    return tuple(
        _titel(picture) for picture in page.iter("svg")
        if VERLAUF in (picture.get("class") or "").split() and not _gedeckt(picture)
    )  # fmt: skip


def _titel(picture: HtmlElement) -> str:
    table = next(picture.iterancestors("table"), None)
    caption = None if table is None else table.find("caption")
    return "" if caption is None else caption.text_content().strip()


def _gedeckt(picture: HtmlElement) -> bool:
    """Say whether every point of a line stands for an open cell of its row."""
    try:
        row = next(picture.iterancestors("tr"))
        places = int(picture.get("data-wert") or "")
        own = list(_punkte(picture, ZUG, places))
        behind = list(_punkte(picture, DANEBEN, places))
        cells = [_zellen(row, picture, places)]
        if behind:
            cells.append(_zellen(_summe(row), picture, places))
    except (StopIteration, ValueError):
        return False
    found = [(p.y, _offen(cells[0][p.platz])) for p in own]
    found += [(p.y, _offen(cells[1][p.platz])) for p in behind]
    return _passt(found)


def _summe(row: HtmlElement) -> HtmlElement:
    body = next(row.iterancestors("tbody"))
    return next(r for r in body.iter("tr") if SUMME in (r.get("class") or "").split())


def _zellen(row: HtmlElement, picture: HtmlElement, places: int) -> Sequence[HtmlElement]:
    """Return the cells a line stands over: those right before its own, as many as it has places."""
    own = next(c for c in picture.iterancestors("td", "th"))
    at = [*own.getparent()].index(own)
    cells = [*row][at - places : at]
    if at < places or len(cells) != places:
        raise ValueError("fewer cells than places")
    return cells


def _punkte(picture: HtmlElement, kind: str, places: int) -> Iterator[_Punkt]:
    """Yield the points of one line; the dots belong to the line of the row itself.

    Raises:
        ValueError: There is something else in the picture, or a point between two places.
    """
    wide = float((picture.get("viewbox") or picture.get("viewBox") or "").split()[2])
    for element in picture.iterdescendants():
        name = element.get("class")
        if element.tag == "path" and name in (ZUG, DANEBEN):
            drawn = ECKE.findall(element.get("d") or "")
            if ECKE.sub("", element.get("d") or ""):
                raise ValueError("a way that is none of straight lines")
        elif element.tag == "circle" and name == PUNKT:
            drawn = [(element.get("cx"), element.get("cy"))]
        else:
            raise ValueError("something else is drawn")
        for x, y in drawn if (DANEBEN if name == DANEBEN else ZUG) == kind else ():
            place = float(x) * places / wide - 0.5
            if abs(place - round(place)) > GENAU or not 0 <= round(place) < places:
                raise ValueError("a point between two places")
            yield _Punkt(round(place), float(y))


def _offen(cell: HtmlElement) -> Gelesen | None:
    """Return the figure a cell shows; None where it is hidden, empty or no figure."""
    if any("soz-geheim" in (e.get("class") or "") for e in cell.iter()):
        return None
    return gelesen(_worte(cell))


def _worte(cell: HtmlElement) -> str:
    """Return what a cell says, without the words of its ground (heat tables)."""
    said = cell.text_content()
    for ground in cell.iter("span"):
        if TON in (ground.get("class") or "").split():
            said = "".join([ground.text or "", *(_im_ton(part) for part in ground)])
    return re.sub(r"[\s\u00a0\u202f]+", " ", said.replace("\u2212", "-")).strip()


def _im_ton(part: HtmlElement) -> str:
    words = part.get("aria-hidden") or part.get("class") == "soz-unsichtbar"
    return ("" if words else part.text_content()) + (part.tail or "")


def _passt(found: Sequence[tuple[float, Gelesen | None]]) -> bool:
    """Say whether all points have a figure and lie on one scale, as exactly as it is written.

    Whole ones may be rounded, too: amounts in thousands, cases per post.
    """
    known = [(y, f) for y, f in found if f is not None]
    if len(known) < len(found):
        return False
    if not known:
        return True
    (top, most), (bottom, least) = (
        max(known, key=lambda p: p[1].wert), min(known, key=lambda p: p[1].wert)
    )  # fmt: skip
    reach = most.wert - least.wert
    if reach <= most.halb + least.halb:  # all alike as they are written: no scale to be had
        return True
    unit = (bottom - top) / reach  # pixels for one
    return unit >= 0 and all(
        abs((bottom - y) - (f.wert - least.wert) * unit)
        <= GENAU + unit * (f.halb + least.halb + most.halb)
        for y, f in known
    )
