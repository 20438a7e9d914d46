"""Drawing: plain numbers to the same SVG bytes on every run.

Text stays text, laid out for a wide font so that a narrower one fits; ids are salted, no date is
written, and the paper is the page's. matplotlib and seaborn are imported when the first chart is
drawn.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import wraps
from inspect import isfunction
from io import BytesIO
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal, ParamSpec

from sozcontrol.present.format import MINUS, monat, zahl

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

FARBEN = ("#00508c", "#c86e00", "#6e00c8", "#aa8c6e", "#282828", "#6e2800")
"""≥ 3:1 against white (WCAG 1.4.11) and apart for deutan, protan and tritan eyes (ΔE ≥ 25)."""

STRICHE = ("-", (0, (6, 2)), (0, (2, 1.5)), (0, (8, 2, 2, 2)), (0, (1, 1)), (0, (4, 1, 1, 1, 1, 1)))
MARKEN = ("o", "s", "^", "D", "v", "P")
SCHRAFFUR = ("", "///", "...", "xxx", "\\\\\\", "+++")
ENG, LANG = 0.075, 22
"""Nearer than this part of the height ends of lines have no room for names; so many letters fit."""
BEHALTEN = 200
"""So many drawn charts are remembered: those of one run."""
TINTE, GITTER, PAPIER = "#17212b", "#d5dbe1", "#ffffff"
"""As the style sheet of the pages has them."""


P = ParamSpec("P")


@dataclass(frozen=True)
class Linie:
    """One drawn series; None is a gap.

    A ``band`` fills the room between ``werte`` and ``oben``; a ``hoehe`` is its last value, drawn
    across the whole chart.
    """

    name: str
    werte: tuple[float | None, ...]
    oben: tuple[float | None, ...] = ()
    art: Literal["linie", "band", "hoehe"] = "linie"


BEKANNT: OrderedDict[str, bytes] = OrderedDict()
"""The charts drawn last, by what they were drawn of; ``bilder`` keeps them from run to run."""


def _einmal(draw: Callable[P, bytes]) -> Callable[P, bytes]:
    """Draw the same numbers once: most charts are the same in every edition."""

    @wraps(draw)
    def once(*args: P.args, **named: P.kwargs) -> bytes:
        key = f"{draw.__name__} {_exactly(args)} {_exactly(sorted(named.items()))}"
        if key not in BEKANNT:
            BEKANNT[key] = draw(*args, **named)
        BEKANNT.move_to_end(key)
        if len(BEKANNT) > BEHALTEN:
            BEKANNT.popitem(last=False)
        return BEKANNT[key]

    return once


def _exactly(given: Iterable[object]) -> list[str]:
    """Return numbers, dates, texts and functions of ours as texts that tell all of them apart."""
    return [f"{g.__module__}.{g.__qualname__}" if isfunction(g) else repr(g) for g in given]


@contextmanager
def _blatt(breite: float, hoehe: float) -> Iterator[tuple[Figure, Axes]]:
    import matplotlib as mpl
    import seaborn as sns
    from matplotlib.figure import Figure

    style = {
        **sns.axes_style("whitegrid"),
        "svg.hashsalt": "sozcontrol", "svg.fonttype": "none", "font.family": ["DejaVu Sans"],
        "font.sans-serif": ["DejaVu Sans"], "font.size": 10, "text.color": TINTE,
        "axes.labelcolor": TINTE, "xtick.color": TINTE, "ytick.color": TINTE,
        "axes.edgecolor": TINTE, "grid.color": GITTER, "hatch.linewidth": 0.6,
        "hatch.color": PAPIER, "text.parse_math": False,
        "axes.grid.axis": "y", "figure.constrained_layout.use": True,
    }  # fmt: skip
    with mpl.rc_context(style):
        figure = Figure(figsize=(breite, hoehe))
        ax = figure.add_subplot()
        for paper in (figure.patch, ax.patch):
            paper.set_visible(False)
        for side in ("top", "right"):
            ax.spines[side].set_visible(False)
        yield figure, ax


def _bytes(figure: Figure) -> bytes:
    target = BytesIO()
    figure.savefig(target, format="svg", metadata={"Date": None, "Creator": None})
    return target.getvalue()


def _write_axis(axis: Axis, einheit: str, signs: bool = True) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axis.set_major_locator(MaxNLocator(nbins=6))

    def write(value: float, _: int) -> str:
        shown = round(value if signs else abs(value), 6)
        return zahl(shown, 0 if abs(value) >= 10 or float(value).is_integer() else 1)

    axis.set_major_formatter(FuncFormatter(write))
    axis.set_label_text(einheit)


@_einmal
def linien(
    tage: Sequence[date | str],
    reihen: Sequence[Linie],
    einheit: str,
    brueche: Sequence[tuple[date, str]],
) -> bytes:
    """Draw lines over dates (or over labels in order); gaps stay gaps; breaks are dashed."""
    from matplotlib.dates import date2num

    dates = all(isinstance(t, date) for t in tage)
    x = [float(date2num(t)) for t in tage] if dates else [float(k) for k in range(len(tage))]
    with _blatt(7.2, 3.6) as (figure, ax):
        for k, reihe in enumerate(reihen):
            _ZEICHNER[reihe.art](ax, x, reihe, k % 6)
        _floor(ax, [v for r in reihen for v in (*r.werte, *r.oben) if v is not None])
        _write_axis(ax.yaxis, einheit)
        _ticks(ax, x, tage)
        _mark_breaks(ax, brueche)
        if len(reihen) > 1 and not _named_at_end(ax, x, reihen):
            figure.legend(loc="outside lower center", ncols=3, frameon=False)
        return _bytes(figure)


def _named_at_end(ax: Axes, x: Sequence[float], reihen: Sequence[Linie]) -> bool:
    """Write the name of each line where it ends; else, where there is no room, False: a legend.

    There is none where ends are near each other, a line has no end, or a name is long.
    """
    low, high = ax.get_ylim()
    ends = sorted(r.werte[-1] for r in reihen if r.art == "linie" and r.werte[-1] is not None)
    apart = all(b - a >= ENG * (high - low) for a, b in pairwise(ends))
    if len(ends) < len(reihen) or not apart or any(len(r.name) > LANG for r in reihen):
        return False
    for reihe in reihen:
        ax.annotate(
            reihe.name, (x[-1], reihe.werte[-1]), xytext=(8, 0), textcoords="offset points",
            va="center", annotation_clip=False,
        )  # fmt: skip
    return True


def _line(ax: Axes, x: list[float], reihe: Linie, k: int) -> None:
    ax.plot(
        x, _numbers(reihe.werte), color=FARBEN[k], linestyle=STRICHE[k], marker=MARKEN[k],
        markersize=4.5, linewidth=1.8, label=reihe.name, clip_on=False,
    )  # fmt: skip


def _level(ax: Axes, x: list[float], reihe: Linie, k: int) -> None:
    seen = [v for v in reihe.werte if v is not None]
    if seen:
        ax.axhline(seen[-1], color=TINTE, linestyle=STRICHE[2], linewidth=1.4, label=reihe.name)


def _area(ax: Axes, x: list[float], reihe: Linie, k: int) -> None:
    """Fill a band; where it is known at one place alone, draw it as an upright bar."""
    low, high = _numbers(reihe.werte), _numbers(reihe.oben)
    known = [p for p in zip(x, low, high, strict=True) if all(v == v for v in p)]
    if len(known) == 1:
        ((at, a, b),) = known
        ax.plot([at, at], [a, b], color=FARBEN[1], linewidth=9, alpha=0.35, label=reihe.name,
                solid_capstyle="butt", clip_on=False)  # fmt: skip
    elif known:
        ax.fill_between(x, low, high, color=FARBEN[1], alpha=0.3, linewidth=0, label=reihe.name)


def _numbers(werte: Sequence[float | None]) -> list[float]:
    return [float("nan") if v is None else v for v in werte]


_ZEICHNER = {"linie": _line, "hoehe": _level, "band": _area}


def _mark_breaks(ax: Axes, brueche: Sequence[tuple[date, str]]) -> None:
    """Draw dashed lines; labels stand in rows above the plot, clear of each other and each line.

    From the right to the left: a label reaches over the lines to its right and stands above theirs.
    """
    from matplotlib.dates import date2num

    left, right = ax.get_xlim()
    by_day: dict[date, list[str]] = {}
    for when, text in brueche:
        by_day.setdefault(when, []).append(text)
    placed: list[tuple[float, float, float, int]] = []
    for when in sorted(by_day, reverse=True):
        at, text = float(date2num(when)), ", ".join(by_day[when])
        # 8 pt letters are about 1/110 of the plot's width; a label near the right edge goes left.
        width, place = len(text) / 110 + 0.02, (at - left) / (right - left)
        flip = place + width > 1
        start = place - width if flip else place
        end = start + width
        met = [r for a, b, line, r in placed if (a < end and start < b) or start <= line <= end]
        row = max(met, default=-1) + 1
        placed.append((start, end, place, row))
        ax.plot(
            [at, at], [0, 1.02 + 0.045 * row], transform=ax.get_xaxis_transform(), clip_on=False,
            color=TINTE, linestyle=(0, (4, 3)), linewidth=1, scalex=False, scaley=False,
        )  # fmt: skip
        ax.annotate(
            text, (at, 1), xycoords=("data", "axes fraction"),
            xytext=(-3 if flip else 3, 2 + 10 * row), textcoords="offset points", fontsize=8,
            va="bottom", ha="right" if flip else "left",
        )  # fmt: skip


def _ticks(ax: Axes, x: list[float], tage: Sequence[date | str]) -> None:
    step = -(-len(x) // 7)
    chosen = range(len(x) - 1, -1, -step)
    ax.set_xticks([x[k] for k in chosen])
    labels = [_short(tage[k]) for k in chosen]
    ax.set_xticklabels(labels)


def _short(tag: date | str) -> str:
    return f"{monat(tag)[:3]} {tag:%Y}" if isinstance(tag, date) else str(tag)


def _floor(ax: Axes, values: Sequence[float]) -> None:
    """Start the axis at zero: a cut axis makes a small change look like a large one."""
    if min(values) >= 0:
        ax.set_ylim(bottom=0, top=max(values) * 1.12 or 1)


@_einmal
def balken(
    gruppen: Sequence[str], reihen: Sequence[Linie], einheit: str, vorzeichen: bool = True
) -> bytes:
    """Draw horizontal bars, one colour and hatch a series; a gap has no bar.

    Without *vorzeichen* the axis says what its sides mean.
    """
    n = len(reihen)
    with _blatt(7.2, max(2.0, 0.7 + 0.28 * len(gruppen) * max(n, 1.2))) as (figure, ax):
        height = 0.8 / n
        for k, reihe in enumerate(reihen):
            at = [g + (k - (n - 1) / 2) * height for g in range(len(gruppen))]
            pairs = [(a, v) for a, v in zip(at, reihe.werte, strict=True) if v is not None]
            ax.barh(
                [a for a, _ in pairs], [v for _, v in pairs], height * 0.92, label=reihe.name,
                color=FARBEN[k % 6], hatch=SCHRAFFUR[k % 6], edgecolor=PAPIER, linewidth=0,
            )  # fmt: skip
        ax.grid(axis="x", color=GITTER)
        ax.grid(visible=False, axis="y")
        ax.set_yticks(range(len(gruppen)), labels=list(gruppen))
        ax.invert_yaxis()
        ax.axvline(0, color=TINTE, linewidth=0.8)
        _write_axis(ax.xaxis, einheit, vorzeichen)
        if n > 1:
            figure.legend(loc="outside lower center", ncols=3, frameon=False)
        return _bytes(figure)


@_einmal
def punkte(
    zeilen: Sequence[str], eigene: Sequence[float | None], andere: Sequence[Sequence[float]],
    einheit: str, namen: tuple[str, str], rand: float,
) -> bytes:  # fmt: skip
    """Draw a row of points for each label, the own one filled; zero is a line.

    What lies beyond *rand* is an arrow at the edge: one far away would press all others together.
    """
    with _blatt(7.2, 1.1 + 0.3 * len(zeilen)) as (figure, ax):
        rest = [(v, y) for y, row in enumerate(andere) for v in row]
        own = [(v, y) for y, v in enumerate(eigene) if v is not None]
        hollow = {"facecolors": "none", "edgecolors": TINTE}
        filled = {"color": FARBEN[1], "zorder": 3}
        _scatter(ax, rest, rand, {"s": 28, "marker": MARKEN[0], "label": namen[1], **hollow})
        _scatter(ax, own, rand, {"s": 52, "marker": MARKEN[3], "label": namen[0], **filled})
        ax.axvline(0, color=TINTE, linewidth=0.8)
        ax.set_yticks(range(len(zeilen)), labels=list(zeilen))
        ax.set_ylim(len(zeilen) - 0.5, -0.5)
        ax.grid(axis="both", color=GITTER)
        _write_axis(ax.xaxis, einheit)
        figure.legend(loc="outside lower center", ncols=2, frameon=False)
        return _bytes(figure)


def _scatter(
    ax: Axes, points: Sequence[tuple[float, int]], rand: float, form: Mapping[str, Any]
) -> None:
    inside = [(v, y) for v, y in points if abs(v) <= rand]
    ax.scatter([v for v, _ in inside], [y for _, y in inside], **form)
    for sign, marker in ((1, ">"), (-1, "<")):
        beyond = [y for v, y in points if sign * v > rand]
        if beyond:
            arrow = {**form, "marker": marker, "label": None}
            ax.scatter([sign * rand] * len(beyond), beyond, **arrow)


def achsenbeginn(schritte: Sequence[tuple[str, float, bool]]) -> float:
    """Return where the axis of a waterfall begins: at zero, unless the steps were slivers there.

    Cut (and marked as cut) where all steps together span less than a fifth of the totals; half of
    their span is left below.
    """
    levels, level = [], 0.0
    for _, value, total in schritte:
        level = value if total else level + value
        levels.append(level)
    low, high = min(levels), max(levels)
    span = high - low
    if low <= 0 or not 0 < span < high / 5:
        return 0.0
    step = 10.0 ** math.floor(math.log10(span))
    return max(math.floor((low - span / 2) / step) * step, 0.0)


@_einmal
def wasserfall(
    schritte: Sequence[tuple[str, float, bool]], einheit: str, ab: float = 0.0,
    worte: Callable[[object], str] | None = None,
) -> bytes:  # fmt: skip
    """Draw totals from *ab* and steps from where the last one ended; (name, value, total?).

    *worte* says what a step up or down means; without it it has a sign.
    """
    with _blatt(7.2, 3.6) as (figure, ax):
        level = 0.0
        for k, (_, value, total) in enumerate(schritte):
            base = ab if total else level
            level = value if total else level + value
            _stufe(ax, k, base, level, total)
            ax.annotate(
                _signed(value, total, worte), (k, max(base, level)), xytext=(0, 3),
                textcoords="offset points", ha="center", fontsize=9,
            )  # fmt: skip
            if k + 1 < len(schritte):
                ax.plot([k - 0.325, k + 1.325], [level, level], color=TINTE, linewidth=0.7)
        ax.set_xticks(range(len(schritte)), labels=[name for name, _, _ in schritte])
        bottom, top = ax.get_ylim()
        room = 0.12 if worte else 0.06
        ax.set_ylim(ab or bottom, top + room * (top - (ab or bottom)))
        if ab:
            _abgeschnitten(ax, [k for k, (*_, total) in enumerate(schritte) if total])
        else:
            ax.axhline(0, color=TINTE, linewidth=0.8)
        _write_axis(ax.yaxis, einheit)
        return _bytes(figure)


def _stufe(ax: Axes, k: int, base: float, level: float, total: bool) -> None:
    rises = level >= base
    colour = FARBEN[0] if total else FARBEN[1] if rises else FARBEN[2]
    hatch = "" if total else "///" if rises else "\\\\\\"  # dots would weigh 150 kB
    ax.bar(
        k, level - base, 0.65, bottom=base, color=colour, hatch=hatch, edgecolor=PAPIER,
        linewidth=0,
    )  # fmt: skip


def _abgeschnitten(ax: Axes, saeulen: Sequence[int]) -> None:
    """Break the bars that do not begin at zero with a white zigzag, and the axis with a dash."""
    bottom, top = ax.get_ylim()
    height = top - bottom
    for k in saeulen:
        x = [k - 0.4 + 0.1 * i for i in range(9)]
        y = [bottom + height * (0.07 + 0.025 * (i % 2)) for i in range(9)]
        ax.plot(x, y, color=PAPIER, linewidth=4, scalex=False, scaley=False, zorder=3)
    ax.spines["bottom"].set_linestyle((0, (4, 3)))


def _signed(value: float, total: bool, worte: Callable[[object], str] | None = None) -> str:
    value = round(value, 6)
    text = zahl(value, 0 if abs(value) >= 10 or value.is_integer() else 1)
    if worte and not total and value:
        return f"{worte(value)}\n{text.removeprefix(MINUS)}"
    return text if total or value <= 0 else f"+{text}"
