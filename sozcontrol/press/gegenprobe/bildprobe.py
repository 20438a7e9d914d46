"""What a chart draws, measured: no mark may stand where the table beneath it hides the figure.

A chart is read as its reader could: the ticks of the axis of values give the scale, every point of
a line and every bar is measured with it. Where the table shows everything there is nothing to find.
"""

from __future__ import annotations

import base64
import binascii
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser

from sozcontrol.press.gegenprobe.blatt import Blatt, Tafelbild
from sozcontrol.press.gegenprobe.figuren import Gelesen, gelesen

BILD = "data:image/svg+xml;base64,"
ART = re.compile(r"\w*diagramm: ", re.IGNORECASE)
SVG, XLINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}href"
PUNKT = re.compile(r"[ML] (\S+) (\S+)")
EINHEITEN = (1.0, 1e3, 1e6)
"""An axis may be in thousands or millions of what the table says."""
GENAU = 2e-4
"""So much of the height of a chart a measured mark may be off."""

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

    def quert(self, punkte: Sequence[Punkt]) -> bool:
        """Say whether a line reaches across the whole chart, as a level does."""
        along = [p[1] if self.quer else p[0] for p in punkte]
        return min(along) <= self.weit[0] + 1 and max(along) >= self.weit[1] - 1


@dataclass(frozen=True)
class _Marke:
    """What something drawn may stand for, its size first; ``eigen``: for a cell of its own."""

    werte: tuple[float, ...]
    eigen: bool = True


@dataclass
class _Bilder(HTMLParser):
    """Collects the charts of a page: what they are called, and their picture."""

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.bilder: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        source = given.get("src") or ""
        if tag == "img" and source.startswith(BILD):
            self.bilder.append((given.get("alt") or "", source.removeprefix(BILD)))


def zuviel(html: str, blatt: Blatt) -> tuple[str, ...]:
    """Return the tables whose chart draws what they hide, once for every such mark.

    A chart beside marks that can't be measured counts as one.
    """
    hiding = {t.titel: t for t in blatt.tafeln if t.titel and t.zeichen}
    reader = _Bilder()
    if hiding:
        reader.feed(html)
    found: list[str] = []
    for alt, encoded in reader.bilder:
        name = ART.sub("", alt, count=1)
        titles = [t for t in hiding if name.startswith(t)]
        if titles:
            title = max(titles, key=len)
            found += [title] * _ueberzaehlig(encoded, hiding[title])
    return tuple(found)


def _ueberzaehlig(encoded: str, tafel: Tafelbild) -> int:
    """Return how many marks of a chart stand for no open cell of its table."""
    try:
        axes = _axes(ET.fromstring(base64.b64decode(encoded), _parser()))
        axis = _achse(axes)
    except (binascii.Error, ET.ParseError, StopIteration, ValueError):
        return 1
    drawn = [*_marken(axes, axis)]
    shown = [*_offene(tafel)]
    room = abs(axis.ticks[1][1] - axis.ticks[0][1])
    return min(_ohne_zelle(drawn, shown, scale, GENAU * room) for scale in EINHEITEN)


def _parser() -> ET.XMLParser:
    return ET.XMLParser(target=ET.TreeBuilder(insert_comments=True))


def _axes(root: ET.Element) -> ET.Element:
    return next(g for g in root.iter(f"{SVG}g") if g.get("id", "").startswith("axes_"))


def _achse(axes: ET.Element) -> _Achse:
    """Return the axis whose ticks are numbers on lines across the chart."""
    for sign, quer in (("ytick_", False), ("xtick_", True)):
        ticks, ends = list[Punkt](), list[float]()
        for g in axes.iter(f"{SVG}g"):
            lines = [p for path in g.iter(f"{SVG}path") for p in _punkte(path)]
            texts = [e.text or "" for e in g.iter() if not isinstance(e.tag, str)]
            if g.get("id", "").startswith(sign) and lines and texts:
                read = gelesen(texts[0].strip().replace("\u2212", "-"))
                ticks += [] if read is None else [(lines[0][0 if quer else 1], read.wert)]
                ends += [p[1 if quer else 0] for p in lines]
        if len(ticks) > 1:
            return _Achse(quer, _zwei(ticks), (min(ends), max(ends)))
    raise ValueError("no axis of values")


def _zwei(ticks: Sequence[Punkt]) -> tuple[Punkt, Punkt]:
    """Return two ticks that differ: zero and its neighbour, for words may stand for the sign."""
    at = [n for n, (_, value) in enumerate(ticks) if not value]
    if not at:
        return ticks[0], ticks[-1]
    n = at[0]
    return ticks[n], ticks[n + 1 if n + 1 < len(ticks) else n - 1]


def _punkte(path: ET.Element) -> list[Punkt]:
    """Return the corners of what is clipped to the chart: frames and ornaments are not."""
    found = PUNKT.findall(path.get("d", "")) if path.get("clip-path") else ()
    return [(float(x), float(y)) for x, y in found]


def _marken(axes: ET.Element, axis: _Achse) -> Iterator[_Marke]:
    """Yield what is drawn: the points of a line, bars, what is filled."""
    for g in axes:
        name = g.get("id", "") if isinstance(g.tag, str) else ""
        if name.startswith("line2d_"):
            yield from _linie(g, axis)
        elif name.startswith("patch_"):
            for path in g.iter(f"{SVG}path"):
                ends = [axis.wert(p) for p in _punkte(path)]
                if ends:  # its length first, or where it ends
                    yield _Marke((max(ends) - min(ends), max(ends), min(ends)))
        elif "Collection_" in name:
            yield from _flaeche(g, axis)


def _linie(g: ET.Element, axis: _Achse) -> Iterator[_Marke]:
    """Yield the points of a line; one that stands across the values is none (a day, a break)."""
    marks = [(float(u.get("x", 0)), float(u.get("y", 0))) for u in g.iter(f"{SVG}use")]
    points = marks or [p for path in g.iter(f"{SVG}path") for p in _punkte(path)]
    values = [axis.wert(p) for p in points]
    if marks or len({round(v, 6) for v in values}) > 2:
        yield from (_Marke((v,)) for v in values)
    elif len({round(v, 6) for v in values}) == 1 and axis.quert(points):
        yield _Marke((values[0],), eigen=False)


def _flaeche(g: ET.Element, axis: _Achse) -> Iterator[_Marke]:
    """Yield the corners of what is filled, or single points: both stand where they are used."""
    shapes = {p.get("id"): PUNKT.findall(p.get("d", "")) for p in g.iter(f"{SVG}path")}
    single = g.get("id", "").startswith("Path")
    for use in g.iter(f"{SVG}use"):
        x, y = float(use.get("x", 0)), float(use.get("y", 0))
        corners = shapes.get(use.get(XLINK, "").removeprefix("#"), [])
        for dx, dy in [(0.0, 0.0)] if single else corners:
            yield _Marke((axis.wert((x + float(dx), y + float(dy))),), eigen=single)


def _offene(tafel: Tafelbild) -> Iterator[Gelesen]:
    for row in tafel.zeilen:
        for head, cell in zip(tafel.kopf, row, strict=False):
            text = cell.text.removeprefix(head.text).strip()
            read = None if cell.geheim or cell.kopf else gelesen(text, "(T€)" in head.text)
            if read is not None:
                yield read


def _ohne_zelle(
    drawn: Sequence[_Marke], shown: Sequence[Gelesen], scale: float, room: float
) -> int:
    """Count the marks that stand for no open cell; 0 is no figure."""
    free, left = list(shown), 0
    for mark in drawn:
        among = free if mark.eigen else shown
        off = [
            (min(abs(abs(m) * scale - abs(f.wert)) for m in mark.werte), n)
            for n, f in enumerate(among)
        ]
        near = [(d, n) for d, n in off if d <= _spiel(among[n]) + room * scale]
        if near and mark.eigen:
            del free[min(near)[1]]
        elif not near and abs(mark.werte[0]) > room:
            left += 1
    return left


def _spiel(f: Gelesen) -> float:
    return 0.0 if f.ganz else f.halb
