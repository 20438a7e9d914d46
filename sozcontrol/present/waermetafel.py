"""A table as a heat map: every figure stands there, its ground says how far it is from its row."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from sozcontrol.disclosure import GEHEIM, Released
from sozcontrol.disclosure.geheim import Gezeigt
from sozcontrol.present.beschriftung import Spalten
from sozcontrol.present.format import as_decimal
from sozcontrol.present.fragment import Fragment, demand_table
from sozcontrol.present.table import Zelle, crossed, placed, remarks, table_figure, word
from sozcontrol.present.zeilenverlauf import KURZKARTE, ist_verlauf, lesen, zelle

MERKLICH, DEUTLICH = Decimal("0.03"), Decimal("0.10")
"""From which part of a row's mean a figure is noticeably, from which clearly away from it."""

STUFEN = {
    -2: ("soz-tief", "▼", "deutlich unter dem Mittel der Zeile"),
    -1: ("soz-eher-tief", "", ""),
    0: ("", "", ""),
    1: ("soz-eher-hoch", "", ""),
    2: ("soz-hoch", "▲", "deutlich über dem Mittel der Zeile"),
}
LESEN = (
    "Lesen: blau unter, orange über dem Mittel der gezeigten Zahlen der Zeile; ▼ ▲ und kräftig ab "
    "10 %, bei Anzahlen nur, wenn es mehr ist, als kleine Zahlen von selbst schwanken."
)


def heat_table(
    released: Released,
    titel: str,
    *,
    quer: str = "stichtag",
    spalten: Spalten,
    verlauf: Literal["wert", "schritt"] | None = None,
    hinweis: str | None = None,
    quelle: str | None = None,
) -> Fragment:
    """Show one column of figures with the values of *quer* across, each row against its own mean.

    *spalten* as in :func:`table`. What is hidden is in no mean. With *verlauf* each row ends in a
    line that says whether the last value (of stocks: the last step) is an unusual one; series too
    short to say so have none.

    Raises:
        NotReleased: *released* did not come through the door.
        UsageError: There is not exactly one column of figures.
    """
    demand_table(released, "heat_table")
    head, rows, values = crossed(released, spalten, quer)
    drawn = [
        (kind, [*cells[: -len(own)], *_toned(cells[-len(own) :], own)])
        for (kind, cells), own in zip(rows, values, strict=True)
    ]
    rest = [d for d in released.je if d != quer]
    places = placed(rest, [own[-1] for own in values], rows)
    drawn, values = [drawn[n] for n in places], [values[n] for n in places]
    told = [LESEN, *([hinweis] if hinweis else [])]
    if verlauf and _reicht(released.spalte(quer)):
        steps = verlauf == "schritt"
        head = [*head, word("Verlauf", kopf=True)]
        drawn = [
            (kind, [*cells, zelle(own, schritte=steps)])
            for (kind, cells), own in zip(drawn, values, strict=True)
        ]
        told.append(lesen(steps))
    below = remarks(told, [released])
    return table_figure(
        head, drawn, titel, hinweis=below, quelle=quelle, auch_null=released.auch_null
    )


def _reicht(days: list[Gezeigt]) -> bool:
    """Say whether the columns are days in their order, enough of them for a signal."""
    across = list(dict.fromkeys(days))
    return ist_verlauf(across) and len(across) > KURZKARTE.werte


def _toned(cells: list[Zelle], values: list[Gezeigt]) -> list[Zelle]:
    """Give the shown figures of a row their ground."""
    shown = [as_decimal(v) for v in values if _is_shown(v)]
    mean = sum(shown, Decimal(0)) / len(shown) if shown else Decimal(0)
    counted = all(v == int(v) for v in shown)
    return [
        _ground(cell, stufe(as_decimal(v), mean, counted)) if _is_shown(v) else cell
        for cell, v in zip(cells, values, strict=True)
    ]


def _is_shown(value: Gezeigt) -> bool:
    return value is not None and value is not GEHEIM


def stufe(wert: Decimal, mittel: Decimal, gezaehlt: bool) -> int:
    """Return how far a figure is from the mean of its row: −2 to 2.

    A count is clearly away only beyond twice the spread that counts have by chance (√mean).
    """
    away = wert - mittel
    if mittel <= 0 or abs(away) < MERKLICH * mittel:
        return 0
    sign = 1 if away > 0 else -1
    by_chance = gezaehlt and away * away <= 4 * mittel
    return sign if by_chance or abs(away) < DEUTLICH * mittel else 2 * sign


def _ground(cell: Zelle, level: int) -> Zelle:
    name, sign, words = STUFEN[level]
    if not name:
        return cell
    said = (
        f'<span aria-hidden="true">{sign}</span><span class="soz-unsichtbar">{words}</span> '
        if sign
        else ""
    )
    html = f'<span class="soz-ton {name}">{said}{cell.html}</span>'
    return Zelle(html, cell.wert, cell.format, rechts=True)
