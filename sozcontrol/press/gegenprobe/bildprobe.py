"""What a chart draws, measured: no mark may stand where the table beneath it hides the figure.

A chart is read as its reader could: the ticks of the axis of values give the scale, every point of
a line and every bar is measured with it. Where the table shows everything there is nothing to find.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sozcontrol.press.gegenprobe.blatt import Blatt, Tafelbild
from sozcontrol.press.gegenprobe.figuren import Gelesen, einheit, gelesen

if TYPE_CHECKING:
    from lxml.html import HtmlElement

DIAGRAMM = "soz-diagramm"
ART = re.compile(r"\w*diagramm: ", re.IGNORECASE)
PUNKT = re.compile(r"[ML]\s*(-?[\d.]+)[ ,]+(-?[\d.]+)")
EINHEITEN = (1.0, 1e3, 1e6)
"""An axis may be in thousands or millions of what the table says."""
GENAU = 0.02
"""So many points a mark may be off: it and the two ticks are written with two decimals."""

Punkt = tuple[float, float]


@dataclass(frozen=True)
class _Achse:
    """The axis of values: which coordinate it is, two ticks (place, value), how far lines reach."""

    quer: bool
    ticks: tuple[Punkt, Punkt]
    weit: tuple[float, float]

    def wert(self, punkt: Punkt) -> float:
        """Return the value that stands at a point."""
        (a, low), (b, high) = self.ticks
        place = punkt[0] if self.quer else punkt[1]
        return low + (place - a) * (high - low) / (b - a)

    def spiel(self) -> float:
        """Return how much a measured value may be off."""
        (a, low), (b, high) = self.ticks
        return abs((high - low) / (b - a)) * GENAU

    def quert(self, punkte: Sequence[Punkt]) -> bool:
        """Say whether a line reaches across the whole chart, as a level does."""
        along = [p[1] if self.quer else p[0] for p in punkte]
        return min(along) <= self.weit[0] + 1 and max(along) >= self.weit[1] - 1


@dataclass(frozen=True)
class _Marke:
    """What something drawn may stand for, its size first; ``eigen``: for a cell of its own."""

    werte: tuple[float, ...]
    eigen: bool = True


def zuviel(html: str, blatt: Blatt) -> tuple[str, ...]:
    """Return the tables whose chart draws what they hide, once for every such mark.

    A chart beside marks that can't be measured counts as one.
    """
    hiding = {t.titel: t for t in blatt.tafeln if t.titel and t.zeichen}
    found: list[str] = []
    for name, drawn in _bilder(html) if hiding else ():
        titles = [t for t in hiding if name.startswith(t)]
        if titles:
            title = max(titles, key=len)
            found += [title] * _ueberzaehlig(drawn, hiding[title])
    return tuple(found)


def _bilder(html: str) -> Iterator[tuple[str, HtmlElement]]:
    """Yield the charts of a page: what they are called, and their picture."""
    import lxml.html

    for element in lxml.html.document_fromstring(html).iter("svg", "img"):
        said = element.get("aria-label") or element.get("alt") or ""
        if element.tag == "img" or DIAGRAMM in (element.get("class") or "").split():
            yield ART.sub("", said, count=1), element


def _ueberzaehlig(picture: HtmlElement, tafel: Tafelbild) -> int:
    """Return how many marks of a chart stand for no open cell of its table."""
    try:
        axes = _axes(picture)
        axis = _achse(axes)
    except (StopIteration, ValueError):
        return 1
    drawn = [*_marken(axes, axis)]
    shown = [*_offene(tafel)]
    return min(_ohne_zelle(drawn, shown, scale, axis.spiel()) for scale in EINHEITEN)


def _axes(picture: HtmlElement) -> HtmlElement:
    return next(g for g in picture.iter("g") if g.get("class") == "axes")


def _achse(axes: HtmlElement) -> _Achse:
    """Return the axis whose ticks are numbers on lines across the chart."""
    for kind, quer in (("ytick", False), ("xtick", True)):
        ticks, ends = list[Punkt](), list[float]()
        for g in axes.iter("g"):
            lines = [p for path in g.iter("path") for p in _punkte(path)]
            texts = [e.text_content() for e in g.iter("text")]
            if g.get("class") == kind and lines and texts:
                read = gelesen(texts[0].strip().replace("\u2212", "-"))
                ticks += [] if read is None else [(lines[0][0 if quer else 1], read.wert)]
                ends += [p[1 if quer else 0] for p in lines]
        if len(ticks) > 1:
            return _Achse(quer, _zwei(ticks), (min(ends), max(ends)))
    raise ValueError("no axis of values")


def _zwei(ticks: Sequence[Punkt]) -> tuple[Punkt, Punkt]:
    """Return two ticks far apart: zero and the largest, for words may stand for the sign."""
    zero = next((tick for tick in ticks if not tick[1]), None)
    if zero is None:
        return ticks[0], ticks[-1]
    return zero, max(ticks, key=lambda tick: abs(tick[1]))


def _punkte(path: HtmlElement) -> list[Punkt]:
    """Return the corners of what is clipped to the chart: frames and ornaments are not."""
    found = PUNKT.findall(path.get("d", "")) if path.get("clip-path") else ()
    return [(float(x), float(y)) for x, y in found]


def _marken(axes: HtmlElement, axis: _Achse) -> Iterator[_Marke]:
    """Yield what is drawn: the points of a line, bars, what is filled."""
    for g in axes:
        kind = g.get("class") or ""
        if kind == "line2d":
            yield from _linie(g, axis)
        elif kind == "patch":
            for path in g.iter("path"):
                ends = [axis.wert(p) for p in _punkte(path)]
                if ends:  # its length first, or where it ends
                    yield _Marke((max(ends) - min(ends), max(ends), min(ends)))
        elif kind.endswith("Collection"):
            yield from _flaeche(g, axis)


def _linie(g: HtmlElement, axis: _Achse) -> Iterator[_Marke]:
    """Yield the points of a line; one that stands across the values is none (a day, a break)."""
    marks = [(float(u.get("x", 0)), float(u.get("y", 0))) for u in g.iter("use")]
    points = marks or [p for path in g.iter("path") for p in _punkte(path)]
    values = [axis.wert(p) for p in points]
    if marks or len({round(v, 6) for v in values}) > 2:
        yield from (_Marke((v,)) for v in values)
    elif len({round(v, 6) for v in values}) == 1 and axis.quert(points):
        yield _Marke((values[0],), eigen=False)


def _flaeche(g: HtmlElement, axis: _Achse) -> Iterator[_Marke]:
    """Yield the corners of what is filled, or single points: both stand where they are used."""
    shapes = {p.get("id"): PUNKT.findall(p.get("d", "")) for p in g.iter("path")}
    single = g.get("class") == "PathCollection"
    for use in g.iter("use"):
        x, y = float(use.get("x", 0)), float(use.get("y", 0))
        corners = shapes.get(use.get("href", "").removeprefix("#"), [])
        for dx, dy in [(0.0, 0.0)] if single else corners:
            yield _Marke((axis.wert((x + float(dx), y + float(dy))),), eigen=single)


def _offene(tafel: Tafelbild) -> Iterator[Gelesen]:
    for row in tafel.zeilen:
        for head, cell in zip(tafel.kopf, row, strict=False):
            text = cell.text.removeprefix(head.text).strip()
            read = None if cell.geheim or cell.kopf else gelesen(text, einheit(head.text))
            if read is not None:
                yield read


def _ohne_zelle(
    drawn: Sequence[_Marke], shown: Sequence[Gelesen], scale: float, room: float
) -> int:
    """Count the marks that stand for no open cell; 0 is no figure."""
    free, left = list(shown), 0
    for mark in drawn:
        among = free if mark.eigen else shown
        sizes = [m for m in mark.werte if abs(m) > room] or [0.0]  # the foot of a bar is no figure
        off = [
            (min(abs(abs(m) * scale - abs(f.wert)) for m in sizes), n) for n, f in enumerate(among)
        ]
        near = [(d, n) for d, n in off if d <= _spiel(among[n]) + room * scale]
        if near and mark.eigen:
            del free[min(near)[1]]
        elif not near and abs(mark.werte[0]) > room:
            left += 1
    return left


def _spiel(f: Gelesen) -> float:
    return 0.0 if f.ganz else f.halb
