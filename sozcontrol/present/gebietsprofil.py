"""One card an area: its course beside that of all to one scale, and all there is to know of it.

Both are tables whose rows the style sheet lays out as cards, so every figure is there once, can be
sorted out of the workbook and is protected like any other. Who stands first is said by what is
shown; what is hidden comes last, by name.
"""

from __future__ import annotations

from collections.abc import Sequence

from sozcontrol.disclosure import GEHEIM, Released
from sozcontrol.disclosure.geheim import Gezeigt
from sozcontrol.errors import UsageError
from sozcontrol.measures import INSGESAMT
from sozcontrol.present.beschriftung import Spalten, format_for, heading
from sozcontrol.present.format import as_decimal
from sozcontrol.present.fragment import Fragment, anchor, demand_table
from sozcontrol.present.table import (
    Zeile,
    Zelle,
    below_table,
    by_amount,
    crossed,
    figure,
    kind_of_row,
    markup,
    named,
    remarks,
    word,
)
from sozcontrol.present.waermetafel import stufe
from sozcontrol.present.zeilenverlauf import Rahmen, Reihe, grenzen, ist_verlauf, reihe, zug

BREIT, HOCH = 220, 64
"""Size of the line of a card, in pixels."""
ZEICHEN = {2: ("▲", "deutlich über allen"), -2: ("▼", "deutlich unter allen")}
MASSSTAB = "Alle Bilder haben einen Maßstab; die dünne Linie zeigt alle zusammen."
VERGLEICH = (
    "▲ ▼: deutlich (ab 10 %) über oder unter dem Wert aller zusammen; nur bei Anteilen und Dichten."
)


def multiples(
    released: Released, titel: str, *, spalten: Spalten, quer: str = "stichtag",
    hinweis: str | None = None,
) -> Fragment:  # fmt: skip
    """Draw the course of every row in a picture of its own, all to one scale, the highest first.

    Args:
        released: A Kennzahl by one dimension and by days.
        titel: The caption.
        spalten: As in :func:`table`; exactly one column of figures.
        quer: The dimension of the days.
        hinweis: A line below.

    Raises:
        NotReleased: *released* did not come through the door.
        UsageError: It is no series by one dimension.
    """
    demand_table(released, "multiples")
    head, rows, values = crossed(released, spalten, quer)
    across = list(dict.fromkeys(released.spalte(quer)))
    if len(released.je) != 2 or not ist_verlauf(across):
        raise UsageError(
            "Kleine Bilder zeigen Reihen je Gebiet.", wo="present.multiples",
            tun="Mit genau einer Dimension über mehrere Tage berechnen.",
        )  # fmt: skip
    series = [reihe(own) for own in values]
    frame = Rahmen(BREIT, HOCH, *grenzen(series))
    beside = next((s for s, (kind, _) in zip(series, rows, strict=True) if kind), ())
    drawn = [
        (kind, [*cells, _picture(own, frame, () if kind else beside)])
        for own, (kind, cells) in zip(series, rows, strict=True)
    ]
    order = by_amount([own[-1] for own in values], rows)
    told = [MASSSTAB, *([hinweis] if hinweis else [])]
    body = [*head, word("Verlauf", kopf=True)]
    return _cards("soz-vielfach", body, [drawn[n] for n in order], titel, told, [released])


def _picture(own: Reihe, frame: Rahmen, beside: Reihe) -> Zelle:
    return Zelle(zug(own, frame, beside), "")


def profiles(tabellen: Sequence[Released], titel: str, *, hinweis: str | None = None) -> Fragment:
    """Show a card for every row: each Kennzahl, and whether it is clearly away from that of all.

    Args:
        tabellen: Released Kennzahlen by one dimension, the one to order by first.
        titel: The caption.
        hinweis: A line below.

    Raises:
        NotReleased: One of them did not come through the door.
        UsageError: They are not broken down by one dimension, the same for all.
    """
    parts = [demand_table(t, "profiles") for t in tabellen]
    if len({t.je for t in parts}) != 1 or len(parts[0].je) != 1:
        raise UsageError(
            "Profile zeigen Kennzahlen je Gebiet.", wo="present.profiles",
            tun="Alle mit genau einer, derselben Dimension berechnen.",
        )  # fmt: skip
    (dim,) = parts[0].je
    known = [dict(zip(t.spalte(dim), t.spalte("wert"), strict=True)) for t in parts]
    names = [
        name for name in dict.fromkeys(name for grid in known for name in grid)
        if any(grid.get(name) is not None for grid in known)
    ]  # fmt: skip
    rows = [_card(dim, name, parts, known) for name in names]
    order = by_amount([known[0].get(name) for name in names], rows)
    head = [word(heading(dim, parts[0]), kopf=True)]
    head += [word(heading("wert", t), kopf=True, rechts=True) for t in parts]
    told = [VERGLEICH, *([hinweis] if hinweis else [])]
    return _cards("soz-profile", head, [rows[n] for n in order], titel, told, parts)


def _card(
    dim: str, name: Gezeigt, parts: Sequence[Released], known: Sequence[dict[Gezeigt, Gezeigt]]
) -> Zeile:
    cells = [named(dim, name)]
    for table, grid in zip(parts, known, strict=True):
        cell = figure(grid.get(name), format_for("wert", table), rechts=True)
        found = _away(grid, name) if name != INSGESAMT and _is_share(table, grid) else None
        cells.append(_signed(cell, *found) if found else cell)
    return kind_of_row({dim: name}, (dim,)), cells


def _is_share(table: Released, grid: dict[Gezeigt, Gezeigt]) -> bool:
    """Say whether figures are shares of something, and can be told apart by how many times as much.

    What lies around zero, as an index does, can't.
    """
    item = table.kennzahl
    around_zero = any(as_decimal(v) < 0 for v in grid.values() if _is_shown(v))
    return item is not None and bool(item.nenner_text) and not around_zero


def _is_shown(value: Gezeigt) -> bool:
    return value is not None and value is not GEHEIM


def _away(grid: dict[Gezeigt, Gezeigt], name: Gezeigt) -> tuple[str, str] | None:
    """Return sign and words where a shown figure is clearly away from the shown one of all."""
    value, of_all = grid.get(name), grid.get(INSGESAMT)
    if not (_is_shown(value) and _is_shown(of_all)):
        return None
    return ZEICHEN.get(stufe(as_decimal(value), as_decimal(of_all), gezaehlt=False))


def _signed(cell: Zelle, sign: str, words: str) -> Zelle:
    said = f'<span aria-hidden="true">{sign}</span><span class="soz-unsichtbar">{words}</span>'
    return Zelle(f"{cell.html} {said}", cell.wert, cell.format, rechts=True)


def _cards(
    kind: str, head: list[Zelle], rows: list[Zeile], titel: str, told: Sequence[str],
    figures: Sequence[Released],
) -> Fragment:  # fmt: skip
    marker, body = anchor(titel), markup(head, rows, titel, kind)
    weak = any(t.auch_null for t in figures)
    below = below_table(body, rows, remarks(told, figures), None, auch_null=weak)
    html = f'<figure class="soz-tabelle" id="{marker}">{body}{below}</figure>'
    return Fragment(html, f"{titel} ({len(rows)} Karten)")
