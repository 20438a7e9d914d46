"""A chart of a published page as a picture file: a paper for Word can't hold the page's drawing.

It is drawn again from the page itself, mark by mark, so it shows what readers of the page see and
the audit has measured; nothing else is read. What a page's drawing is made of is small
(``present.seitenbild``): paths of straight lines and curves, marks used again, texts, one clip.
Same drawing, same bytes: the font is matplotlib's own.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element
    from matplotlib.axes import Axes
    from matplotlib.path import Path

AUFLOESUNG = 160
"""Dots per inch: of a chart 16 cm wide about 1,100 by 550."""
SCHRIFT = "DejaVu Sans"
TINTE, PAPIER = "#17212b", "#ffffff"
FARBE = re.compile(r"var\([^,]+,(#[0-9a-f]+)\)")
VERWEIS = re.compile(r"url\(#([^)]+)\)|^#(.+)$")
SCHRITT = re.compile(r"([MLCzZ])([^MLCzZ]*)")
ZAHL = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")
DREHUNG = re.compile(r"rotate\((-?[\d.]+)")
VERSCHIEBUNG = re.compile(r"translate\((-?[\d.]+)[ ,]+(-?[\d.]+)")
RICHTUNG = {"start": "left", "middle": "center", "end": "right"}
ERBT = ("fill", "stroke", "stroke-width", "font-size", "stroke-dasharray", "fill-opacity",
        "stroke-opacity", "text-anchor", "clip-path")  # fmt: skip


def png(svg: str) -> bytes:
    """Return a chart (an ``<svg>`` of a page, as a reader of HTML has it) as a PNG on white.

    Raises:
        ValueError: It holds what a chart of a page does not.
    """
    from lxml import etree
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    root = etree.fromstring(svg.encode(), etree.XMLParser(resolve_entities=False))
    _, _, wide, high = (float(n) for n in ZAHL.findall(root.get("viewbox", "")))
    figure = Figure(figsize=(wide / 72, high / 72), dpi=AUFLOESUNG, facecolor=PAPIER)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, wide), ylim=(high, 0))
    axes.set_axis_off()
    drawing = _Zeichnung(axes, {e.get("id", ""): e for e in root.iter() if e.get("id")})
    drawing.inside(root, {})
    saved = io.BytesIO()
    figure.savefig(
        saved, format="png", metadata={"Software": None}, bbox_inches="tight", pad_inches=0.05
    )
    return saved.getvalue()


@dataclass
class _Zeichnung:
    """What is drawn onto: the axes, and what can be used again by its id."""

    axes: Axes
    bekannt: Mapping[str, _Element]
    ebene: int = 0

    def inside(self, element: _Element, given: Mapping[str, str]) -> None:
        """Draw what an element holds, in its order."""
        own = {**given, **{k: v for k in ERBT if (v := element.get(k)) is not None}}
        for child in element:
            if child.tag == "g" or child.tag == "svg":
                self.inside(child, own)
            elif child.tag == "path":
                self._path(child, own)
            elif child.tag == "use":
                self._use(child, own)
            elif child.tag == "rect":
                self._rect(child, own)
            elif child.tag == "text":
                self._text(child, own)
            elif child.tag != "defs":
                raise ValueError(f"a chart holds no {child.tag}")

    def _use(self, element: _Element, given: Mapping[str, str]) -> None:
        target = self.bekannt[_named(element.get("href", ""))]
        own = {**given, **{k: v for k in ERBT if (v := element.get(k)) is not None}}
        self._path(target, own, (float(element.get("x", 0)), float(element.get("y", 0))))

    def _path(
        self, element: _Element, given: Mapping[str, str], by: tuple[float, float] = (0.0, 0.0)
    ) -> None:
        found = _path(element.get("d", ""), by)
        if found is not None:
            self._patch(found, {**given, **dict(element.attrib)})

    def _rect(self, element: _Element, given: Mapping[str, str]) -> None:
        self._patch(_corners(element), {**given, **dict(element.attrib)})

    def _patch(self, path: Path, style: Mapping[str, str]) -> None:
        from matplotlib.patches import PathPatch

        self.ebene += 1
        fill = style.get("fill", "#000000")
        hatched = fill.startswith("url(")
        patch = PathPatch(
            path, zorder=self.ebene, linewidth=float(style.get("stroke-width", 1)),
            facecolor=(0, 0, 0, 0) if hatched else _colour(fill, style.get("fill-opacity")),
            edgecolor=_colour(style.get("stroke", "none"), style.get("stroke-opacity")),
            hatch="////" if hatched else None, capstyle="round", joinstyle="round",
        )  # fmt: skip
        dashes = [float(n) for n in ZAHL.findall(style.get("stroke-dasharray", ""))]
        patch.set_linestyle((0, dashes) if dashes else "solid")
        self.axes.add_patch(patch)
        box = self.bekannt.get(_named(style.get("clip-path", "")))
        if box is not None:
            patch.set_clip_path(_corners(box[0]), self.axes.transData)
        else:
            patch.set_clip_on(False)

    def _text(self, element: _Element, given: Mapping[str, str]) -> None:
        self.ebene += 1
        style, turned = {**given, **dict(element.attrib)}, element.get("transform", "")
        moved, turn = VERSCHIEBUNG.search(turned), DREHUNG.search(turned)
        x, y = (float(moved[n]) if moved else 0.0 for n in (1, 2))
        self.axes.text(
            x + float(element.get("x", 0)), y + float(element.get("y", 0)),
            "".join(element.itertext()).replace("$", r"\$"), family=SCHRIFT, zorder=self.ebene,
            size=float(style.get("font-size", 10)), color=_colour(style.get("fill", TINTE), None),
            ha=RICHTUNG[style.get("text-anchor", "start")], va="baseline",
            rotation=-float(turn[1]) if turn else 0.0, rotation_mode="anchor",
        )  # fmt: skip


def _named(reference: str) -> str:
    hit = VERWEIS.search(reference)
    return (hit[1] or hit[2]) if hit else ""


def _colour(value: str, opacity: str | None) -> tuple[float, float, float, float]:
    """Return a colour; the one behind a variable of the style sheet is that of paper."""
    from matplotlib.colors import to_rgba

    hit = FARBE.search(value)
    return to_rgba(
        hit[1] if hit else value, float(opacity) if opacity and value != "none" else None
    )


def _corners(rect: _Element) -> Path:
    from matplotlib.path import Path

    x, y, wide, high = (float(rect.get(k, 0)) for k in ("x", "y", "width", "height"))
    return Path([(x, y), (x + wide, y), (x + wide, y + high), (x, y + high), (x, y)], closed=True)


def _path(d: str, by: tuple[float, float]) -> Path | None:
    """Return the path of a drawing, moved; None for an empty one.

    Raises:
        ValueError: It has steps a chart has not.
    """
    from matplotlib.path import Path

    if SCHRITT.sub("", d).strip():
        raise ValueError("a step no chart has")
    codes = {"M": int(Path.MOVETO), "L": int(Path.LINETO), "C": int(Path.CURVE4)}
    points: list[tuple[float, float]] = []
    kinds: list[int] = []
    for kind, numbers in SCHRITT.findall(d):
        steps = list(_points(numbers, by)) or points[-1:]
        points += steps
        kinds += [codes.get(kind, int(Path.CLOSEPOLY))] * len(steps)
    return Path(points, kinds) if points else None


def _points(numbers: str, by: tuple[float, float]) -> Iterator[tuple[float, float]]:
    found = [float(n) for n in ZAHL.findall(numbers)]
    for x, y in zip(found[::2], found[1::2], strict=True):
        yield x + by[0], y + by[1]
