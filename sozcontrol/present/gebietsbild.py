"""A map of areas: where a figure is high or low, by colour, shape and word; tiles without outlines.

What is hidden is hatched and has no class, and the classes come from shown figures alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from math import ceil, sqrt
from typing import NamedTuple

from sozcontrol.disclosure import GEHEIM, Released
from sozcontrol.disclosure.geheim import Gezeigt
from sozcontrol.errors import UsageError
from sozcontrol.measures import INSGESAMT
from sozcontrol.measures.gebietskarte import BREITE, Umriss
from sozcontrol.present.beschriftung import format_for, heading
from sozcontrol.present.format import as_decimal, joined, schreiben
from sozcontrol.present.fragment import Fragment, anchor, demand_table, esc
from sozcontrol.present.svgbild import svg
from sozcontrol.present.table import Zelle, below_table, figure, remarks, word
from sozcontrol.present.tafelblock import Spalte, blocks

UEBER, RAND = 130, 6
"""Width of a tile without an outline, and the room between two."""


class Stufe(NamedTuple):
    """How an area is drawn: class of its ground, shape, word."""

    klasse: str
    zeichen: str
    wort: str


STUFEN = (
    Stufe("niedrig", "▼", "niedrig"), Stufe("mittel", "○", "mittel"), Stufe("hoch", "▲", "hoch"),
)  # fmt: skip
VERBORGEN, OHNE = Stufe("geheim", "•", "geheim gehalten"), Stufe("ohne", "–", "keine Angabe")


class Gebiet(NamedTuple):
    """One area with its figure, and how it is drawn."""

    name: str
    wert: Gezeigt
    stufe: Stufe


def area_map(
    released: Released,
    titel: str,
    *,
    umrisse: Mapping[str, Umriss],
    hinweis: str | None = None,
    quelle: str | None = None,
) -> Fragment:
    """Show a figure on a map, and beside it as a table, the highest first.

    Args:
        released: A Kennzahl by one dimension, the areas.
        titel: The caption.
        umrisse: ``measures.gebietskarte.umrisse``; without any, areas are tiles of one size.
        hinweis: A line below.
        quelle: Where the figures come from.

    Raises:
        NotReleased: *released* did not come through the door.
        UsageError: It is not broken down by areas alone.
    """
    table = demand_table(released, "area_map")
    if len(table.je) != 1:
        raise UsageError(
            "Eine Karte zeigt Werte je Gebiet.", wo="present.area_map",
            tun="Mit genau einer Dimension berechnen.",
        )  # fmt: skip
    areas = _areas(table)
    form = format_for("wert", table)
    lost = [a.name for a in areas if a.name not in umrisse] if umrisse else []
    told = remarks([*_legend(areas, form), *_lost(lost), *([hinweis] if hinweis else [])], [table])
    marker, rows = anchor(titel), _rows(areas, form)
    body = blocks(_head(table), rows, titel)
    picture = _picture(areas, umrisse or _tiles([a.name for a in areas]), _alt(titel, areas, form))
    below = below_table(body, rows, told, quelle, auch_null=table.auch_null)
    html = (
        f'<figure class="soz-tabelle soz-landkarte" id="{marker}"><div>{picture}</div>'
        f"<div>{body}{below}</div></figure>"
    )
    return Fragment(html, f"{titel} ({len(areas)} Gebiete)")


def _areas(table: Released) -> list[Gebiet]:
    """Return the areas, the highest first; what is not shown comes last, by name."""
    (dim,) = table.je
    found = dict(zip(table.spalte(dim), table.spalte("wert"), strict=True))
    named = {str(name): value for name, value in found.items() if name != INSGESAMT}
    shown = {n: as_decimal(v) for n, v in named.items() if v is not None and v is not GEHEIM}
    rest = sorted(named.keys() - shown.keys())
    bounds = _bounds(shown.values())
    return [
        *(Gebiet(n, named[n], _class(shown[n], bounds))
          for n in sorted(shown, key=lambda n: (-shown[n], n))),
        *(Gebiet(n, named[n], VERBORGEN if named[n] is GEHEIM else OHNE) for n in rest),
    ]  # fmt: skip


def _bounds(shown: Iterable[Decimal]) -> tuple[Decimal, Decimal] | None:
    """Return where the middle of three equally wide classes begins and ends; None: all alike."""
    values = list(shown)
    if not values or min(values) == max(values):
        return None
    step = (max(values) - min(values)) / 3
    return min(values) + step, min(values) + 2 * step


def _class(value: Decimal, bounds: tuple[Decimal, Decimal] | None) -> Stufe:
    low, middle, high = STUFEN
    if bounds is None:
        return middle
    return low if value <= bounds[0] else middle if value <= bounds[1] else high


def _head(table: Released) -> list[Spalte]:
    (dim,) = table.je
    value = heading("wert", table)
    return [Spalte("Nr."), Spalte(heading(dim, table)), Spalte(value, rechts=True), Spalte("Stufe")]


def _rows(areas: Sequence[Gebiet], form: str) -> list[tuple[str, list[Zelle]]]:
    return [
        ("", [word(str(number)), word(a.name, kopf=True), figure(a.wert, form), _stage(a.stufe)])
        for number, a in enumerate(areas, start=1)
    ]


def _stage(stufe: Stufe) -> Zelle:
    html = f'<span aria-hidden="true">{stufe.zeichen}</span> {esc(stufe.wort)}'
    return Zelle(f'<span class="soz-stufenfeld soz-{stufe.klasse}">{html}</span>', stufe.wort)


def _legend(areas: Sequence[Gebiet], form: str) -> list[str]:
    bounds = _bounds([as_decimal(a.wert) for a in areas if a.stufe in STUFEN])
    if bounds is None:
        return []
    low, middle, high = (s.wort for s in STUFEN)
    first, second = (schreiben(b, form) for b in bounds)
    return [f"Drei gleich breite Stufen: {low} bis {first}, {middle} bis {second}, darüber {high}."]


def _lost(names: Sequence[str]) -> list[str]:
    told = f"Ohne gelieferten Umriss, deshalb nicht auf der Karte: {joined(names)}."
    return [told] if names else []


def _tiles(names: Sequence[str]) -> dict[str, Umriss]:
    """Return squares side by side, in the order of names."""
    across = min(ceil(sqrt(len(names))) or 1, (BREITE + RAND) // (UEBER + RAND))
    found: dict[str, Umriss] = {}
    for place, name in enumerate(sorted(names)):
        x, y = (UEBER + RAND) * (place % across), (UEBER + RAND) * (place // across)
        half = UEBER // 2
        path = f"M{x} {y}h{UEBER}v{UEBER}h-{UEBER}Z"
        found[name] = {"pfad": path, "x": x + half, "y": y + half, "unten": y + UEBER}
    return found


def _picture(areas: Sequence[Gebiet], outlines: Mapping[str, Umriss], alt: str) -> str:
    known = {a.name: a.stufe for a in areas}
    ground = "".join(
        f'<path class="soz-gebiet soz-{known.get(name, OHNE).klasse}" d="{esc(outline["pfad"])}"/>'
        for name, outline in outlines.items()
    )
    signs = "".join(
        _sign(f"{number} {a.stufe.zeichen}", outlines[a.name])
        for number, a in enumerate(areas, start=1)
        if a.name in outlines
    )
    high = max((o["unten"] for o in outlines.values()), default=0)
    return svg(ground + signs, BREITE, high + RAND, alt)


def _sign(text: str, outline: Umriss) -> str:
    where = f'x="{outline["x"]}" y="{outline["y"] + 9}" text-anchor="middle"'
    return f'<text class="soz-gebietsname" {where}>{text}</text>'


def _alt(titel: str, areas: Sequence[Gebiet], form: str) -> str:
    """Say what the map shows: of each class its areas, with their figures."""
    told = []
    for stufe in (*reversed(STUFEN), VERBORGEN, OHNE):
        names = [_told(a, form) for a in areas if a.stufe is stufe]
        told += [f"{stufe.wort}: {', '.join(names)}"] if names else []
    return f"Karte: {titel}. {'; '.join(told)}."


def _told(area: Gebiet, form: str) -> str:
    return f"{area.name} {schreiben(area.wert, form)}" if area.stufe in STUFEN else area.name
