"""Tables that a screen reader can walk: caption, scopes, one scrolling region each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from html import unescape

from sozcontrol import catalogue
from sozcontrol.catalogue.codeliste import INSGESAMT
from sozcontrol.disclosure import GEHEIM, Released
from sozcontrol.disclosure.geheim import Gezeigt
from sozcontrol.disclosure.released import Zahl
from sozcontrol.errors import UsageError, nearest
from sozcontrol.present.beschriftung import (
    Spalten,
    columns,
    default_columns,
    format_for,
    heading,
    label,
    label_html,
)
from sozcontrol.present.format import (
    KNAPP,
    NICHTS,
    RECHTS,
    as_decimal,
    base_of,
    pointed,
    schreiben,
)
from sozcontrol.present.fragment import (
    Fragment,
    Gedruckt,
    anchor,
    clean,
    current,
    demand_table,
    esc,
    is_locked,
    note,
)

SUMME = "soz-summe"
"""The class of the row that is the sum of all."""
GEHEIM_HTML = (
    '<span class="soz-geheim"><span aria-hidden="true">•</span>'
    '<span class="soz-unsichtbar">geheim gehalten</span></span>'
)
NICHTS_HTML = (
    '<span class="soz-nichts"><span aria-hidden="true">–</span>'
    '<span class="soz-unsichtbar">nichts vorhanden</span></span>'
)
GANZ = (
    "Diese Tabelle ist ganz gesperrt, weil sich ihre kleinen Zahlen sonst aus ihr selbst oder aus "
    "früheren Tabellen dieses Berichts zurückrechnen ließen."
)
AUCH_NULL = "Das Zeichen • kann hier auch für null stehen."
BREIT = 10
"""With more columns a table stands closer, so that a usual screen shows all of it."""
ZAHL_LANG = re.compile(r"\d[\d.,]{9}")
"""A number so long that beside three others on a telephone it would not stand in one line."""
LEGENDE = (
    (GEHEIM_HTML, "•", "geheim gehalten: kleine Anzahl oder zu deren Schutz gesperrt"),
    (NICHTS_HTML, NICHTS, "nichts vorhanden oder nicht berechenbar"),
)  # fmt: skip

TAG = re.compile(r"<[^>]+>")


def table(
    released: Released,
    titel: str,
    *,
    spalten: Spalten | None = None,
    quer: str | None = None,
    daneben: Sequence[Released] = (),
    hinweis: str | Sequence[str] | None = None,
    quelle: str | None = None,
) -> Fragment:
    """Show a released table.

    Args:
        released: What ``Freigabe`` gave back.
        titel: The caption.
        spalten: Which columns, in which order: a name the catalogue keeps (``"soll_ist"``), or
            column → (heading, format). Default: all of them, of a Kennzahl the value with numerator
            and denominator.
        quer: A dimension whose values become columns (needs exactly one column of figures).
        daneben: Kennzahlen with the same dimensions, a column each at the end of the rows.
        hinweis: A line, or several, below the table.
        quelle: Where the figures come from.

    Raises:
        NotReleased: *released* did not come through the door.
        UsageError: A column, format or name of columns does not exist.
    """
    demand_table(released, "table")
    head, rows = layout(released, spalten, quer, daneben)
    shown = [released, *daneben]
    weak, below = any(t.auch_null for t in shown), remarks(hinweis, shown)
    return table_figure(head, rows, titel, hinweis=below, quelle=quelle, auch_null=weak)


def table_figure(
    head: list[Zelle],
    rows: Zeilen,
    titel: str,
    *,
    hinweis: str | Sequence[str] | None = None,
    quelle: str | None = None,
    zaehlt: str = "Zeilen",
    auch_null: bool = False,
) -> Fragment:
    """Make the output of one table from its cells: anchor, scrolling region, marks, remarks."""
    marker, body = anchor(titel), markup(head, rows, titel)
    html = (
        f'<figure class="soz-tabelle{" soz-breit" if len(head) > BREIT else ""}" id="{marker}">'
        f"{region(body, 'Tabelle: ' + titel, marker)}"
        f"{below_table(body, rows, hinweis, quelle, auch_null=auch_null)}</figure>"
    )
    return Fragment(html, f"{titel} ({len(rows)} {zaehlt})")


def region(body: str, name: str, marker: str, kind: str = "soz-tafel") -> str:
    """Wrap a table or picture in a region that scrolls and takes the keyboard's focus."""
    repeat = marker.rpartition("-")[2]
    name = f"{name} ({repeat})" if repeat.isdigit() else name
    return f'<div class="{kind}" role="region" aria-label="{esc(name)}" tabindex="0">{body}</div>'


class Zelle:
    """One cell ready to be written: HTML, whether it heads its row, whether it is a figure.

    *wert* is the same for renderings without HTML: what it shows, written by *format*, with
    *einheit* behind it where the format writes none. Words of a picture are "".
    """

    __slots__ = ("einheit", "format", "html", "kopf", "rechts", "wert")

    def __init__(
        self, html: str, wert: Gezeigt, format: str = "text", *, kopf: bool = False,
        rechts: bool = False, einheit: str = "",
    ) -> None:  # fmt: skip
        self.html, self.kopf, self.rechts = html, kopf, rechts
        self.wert, self.format, self.einheit = wert, format, einheit

    @property
    def ist_zahl(self) -> bool:
        """Whether a figure stands here, shown or hidden: no head, no word, not »nothing there«."""
        return self.rechts and not self.kopf and self.html != NICHTS_HTML


def word(text: object, *, kopf: bool = False, rechts: bool = False) -> Zelle:
    """Return a cell of words."""
    return Zelle(esc(text), str(text), kopf=kopf, rechts=rechts)


def phrase(html: str) -> Zelle:
    """Return a cell of words that are written as HTML already, such as a sentence with marks."""
    seen = html.replace(GEHEIM_HTML, str(GEHEIM)).replace(NICHTS_HTML, NICHTS)
    return Zelle(html, unescape(TAG.sub("", seen)).strip())


def figure(value: Gezeigt, format: str, *, rechts: bool | None = None) -> Zelle:
    """Return a cell with a shown value, on the right where its format is one of figures."""
    right = format in RECHTS if rechts is None else rechts
    return Zelle(value_html(value, format), value, format, rechts=right)


def named(spalte: str, value: Gezeigt, format: str = "text", *, rechts: bool = False) -> Zelle:
    """Return a cell that names a value of a dimension."""
    html, is_day = label_html(spalte, value, format), isinstance(value, date)
    text = label(spalte, value, format)
    shown = value if is_day or text == str(value) else text
    form = (format if format in ("monat", "quartal", "jahr") else "datum") if is_day else "text"
    return Zelle(html, shown, form, kopf=True, rechts=rechts)


Zeile = tuple[str, list[Zelle]]
"""A row: its css class and its cells."""
Zeilen = Sequence[Zeile]


def marks(rows: Zeilen) -> list[bool]:
    """Return for every figure of a table whether it is hidden."""
    cells = (cell for _, row in rows for cell in row if cell.ist_zahl)
    return [cell.html == GEHEIM_HTML for cell in cells]


def layout(
    released: Released,
    spalten: Spalten | None,
    quer: str | None,
    daneben: Sequence[Released] = (),
) -> tuple[list[Zelle], list[Zeile]]:
    """Return the head and the rows (css class, cells) of a table, those of *daneben* at the end."""
    chosen = columns(spalten) if spalten is not None else default_columns(released)
    for name in chosen:
        if name not in released.spalten:
            raise UsageError(
                f"Die Spalte »{name}« gibt es nicht.", wo="present.table",
                tun=nearest(name, list(released.spalten)),
            )  # fmt: skip
    chosen = {d: _named(d, released) for d in released.je if d not in chosen} | chosen
    if quer is not None:
        head, rows, values = _crossed(released, chosen, quer)
        rest = [d for d in released.je if d != quer]
        return head, [rows[n] for n in placed(rest, [own[-1] for own in values], rows)]
    head = [word(text, kopf=True, rechts=form in RECHTS) for text, form in chosen.values()]
    head += [word(heading("wert", t), kopf=True, rechts=True) for t in daneben]
    rows, beside = [], [(_by_key(t, released.je), format_for("wert", t)) for t in daneben]
    for z in range(len(released)):
        row = {c: released.zeilen[z][released.spalten.index(c)] for c in chosen}
        cells = [_cell(released, c, row[c], chosen[c][1]) for c in chosen]
        key = tuple(row[d] for d in released.je) if beside else ()
        cells += [figure(values.get(key), form) for values, form in beside]
        rows.append((kind_of_row(row, released.je), cells))
    numeric = [c for c, (_, form) in chosen.items() if base_of(form) in RECHTS]
    figures = [c for c in numeric if c not in released.je]
    amounts = released.spalte(figures[0]) if figures else ()
    return head, [rows[n] for n in placed(released.je, amounts, rows)]


def _by_key(table: Released, je: Sequence[str]) -> dict[tuple[Gezeigt, ...], Gezeigt]:
    """Return the figures of a Kennzahl by its dimensions, to stand beside those of a table."""
    keys = zip(*(demand_table(table, "table").spalte(d) for d in je), strict=True)
    return dict(zip(keys, table.spalte("wert"), strict=True))


def placed(je: Sequence[str], amounts: Sequence[Gezeigt], rows: Zeilen) -> list[int]:
    """Return in which order rows stand: by amount where no dimension has an order of its own.

    Of two dimensions the rows of one value of the first stay together.
    """
    dims = [d for d in je if d.removesuffix("_name") not in set(je) - {d}]
    free = all({d, d.removesuffix("_name")} & catalogue.nach_menge() for d in dims)
    if not free or len(dims) not in (1, 2) or len(amounts) != len(rows):
        return [*range(len(rows))]
    return by_amount(amounts, rows) if len(dims) == 1 else _by_group(amounts, rows)


def _by_group(amounts: Sequence[Gezeigt], rows: Zeilen) -> list[int]:
    """Return groups by their total, or the highest of their figures, and so the rows in each."""
    groups: dict[str, list[int]] = {}
    for n in by_amount(amounts, rows):
        groups.setdefault(str(rows[n][1][0].wert), []).append(n)
    heads = {next((n for n in own if rows[n][0]), own[0]): own for own in groups.values()}
    last = {h: all(rows[n][0] for n in own) for h, own in heads.items()}
    ordered = sorted(heads, key=lambda h: (last[h], _weight(amounts[h], rows[h])))
    return [n for h in ordered for n in heads[h]]


def by_amount(amounts: Sequence[Gezeigt], rows: Zeilen) -> list[int]:
    """Return the rows by their figure, the highest first; then hidden ones by name, then totals."""

    def key(n: int) -> tuple[int, tuple[bool, Decimal, str]]:
        kind = rows[n][0]
        return bool(kind) + (kind == SUMME), _weight(amounts[n], rows[n])

    return sorted(range(len(rows)), key=key)


def _weight(value: Gezeigt, row: Zeile) -> tuple[bool, Decimal, str]:
    hidden = value is None or value is GEHEIM
    return hidden, Decimal(0) if hidden else -as_decimal(value), str(row[1][0].wert)


def _named(spalte: str, released: Released) -> tuple[str, str]:
    return heading(spalte, released), format_for(spalte, released)


def crossed(
    released: Released, spalten: Spalten, quer: str
) -> tuple[list[Zelle], list[Zeile], list[list[Gezeigt]]]:
    """Return head and rows with the values of *quer* across, and the figures of each row."""
    chosen = columns(spalten)
    chosen = {d: _named(d, released) for d in released.je if d not in chosen} | chosen
    return _crossed(released, chosen, quer)


def _crossed(
    released: Released, chosen: dict[str, tuple[str, str]], quer: str
) -> tuple[list[Zelle], list[Zeile], list[list[Gezeigt]]]:
    figures = [c for c in chosen if c not in released.je]
    if quer not in released.je or len(figures) != 1:
        raise UsageError(
            "quer braucht eine Dimension und genau eine Spalte mit Zahlen.",
            wo="present.table", tun="Mit spalten={…} eine Spalte auswählen.",
        )  # fmt: skip
    (shown,), rest = figures, [d for d in released.je if d != quer]
    across = list(dict.fromkeys(released.spalte(quer)))
    codes = catalogue.codelisten().get(quer)
    order: dict[Gezeigt, int] = {c: i for i, c in enumerate(codes.gueltig)} if codes else {}
    across.sort(key=lambda v: (v == INSGESAMT, order.get(v, len(order))))
    grid: dict[tuple, dict[Gezeigt, Gezeigt]] = {}
    for keys in zip(*(released.spalte(c) for c in (*rest, quer, shown)), strict=True):
        grid.setdefault(keys[:-2], {})[keys[-2]] = keys[-1]
    head = [word(chosen[d][0], kopf=True) for d in rest] or [word("")]
    head += [named(quer, v, chosen[quer][1], rechts=True) for v in across]
    rows: list[Zeile] = []
    for key, values in grid.items():
        cells = [_cell(released, d, v, chosen[d][1]) for d, v in zip(rest, key, strict=True)]
        cells = cells or [word(chosen[shown][0], kopf=True)]
        cells += [_cell(released, shown, values.get(v), chosen[shown][1]) for v in across]
        rows.append((kind_of_row(dict(zip(rest, key, strict=True)), tuple(rest)), cells))
    return head, rows, [[values.get(v) for v in across] for values in grid.values()]


def _cell(released: Released, spalte: str, value: Gezeigt, format: str) -> Zelle:
    if spalte in released.je:
        if value == INSGESAMT and spalte.removesuffix("_name") in set(released.je) - {spalte}:
            return word("")  # the total is named once, beside its key
        return named(spalte, value, format)
    return figure(value, format)


def value_html(value: object, format: str) -> str:
    """Return a figure as HTML; the marks carry words for those who listen."""
    if value is GEHEIM:
        return GEHEIM_HTML
    if value is None:
        return NICHTS_HTML
    told = esc(schreiben(value, format))
    if format != KNAPP:
        return told
    hidden = f'<span class="soz-unsichtbar">{told}</span>'
    return f'<span aria-hidden="true">{esc(pointed(value))}</span>{hidden}'


def kind_of_row(row: Mapping[str, object], je: Sequence[str]) -> str:
    """Return the class of a row: a total, a subtotal or a part."""
    totals = [row.get(d) == INSGESAMT for d in je]
    if je and all(totals):
        return SUMME
    return "soz-zwischensumme" if any(totals) else ""


def markup(head: list[Zelle], rows: Zeilen, titel: str, klasse: str = "") -> str:
    """Return the ``<table>`` element; the page counts its figures and keeps its cells.

    Every cell names its column: on a narrow screen a row becomes a block, and cards have no head.
    """
    current().count(marks(rows), titel)
    names = [heading_text(c) for c in head]
    current().tafeln.append(Gedruckt(titel, names, rows))
    top = "".join(_th(c, "col") if c.html else '<td class="soz-ecke"></td>' for c in head)
    body = "".join(
        f"<tr{_class(kind)}>"
        + "".join(_th(c, "row") if c.kopf else _td(c, name)
                  for c, name in zip(cells, names, strict=True))
        + "</tr>"
        for kind, cells in rows
    )  # fmt: skip
    if any(ZAHL_LANG.search(c.html) for _, cells in rows for c in cells if c.rechts):
        klasse = f"{klasse} soz-lang".strip()
    return (
        f"<table{_class(klasse)}><caption>{esc(titel)}</caption>"
        f"<thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"
    )


def heading_text(cell: Zelle) -> str:
    """Return the words of a head: a day as it is written."""
    return clean(schreiben(cell.wert, cell.format))


def _th(cell: Zelle, scope: str) -> str:
    return f'<th scope="{scope}"{_right(cell)}>{cell.html}</th>'


def _td(cell: Zelle, spalte: str) -> str:
    named = f' data-kopf="{esc(spalte)}"' if spalte and cell.html else ""
    return f"<td{_right(cell)}{named}>{cell.html}</td>"


def _right(cell: Zelle) -> str:
    return _class("soz-zahl" if cell.rechts else "")


def _class(name: str) -> str:
    return f' class="{name}"' if name else ""


def remarks(
    hinweis: str | Sequence[str] | None, figures: Iterable[Released | Zahl | None] = ()
) -> list[str]:
    """Return the lines below a table: those asked for, then which gaps its *figures* have."""
    told = [hinweis] if isinstance(hinweis, str) else list(hinweis or ())
    return list(dict.fromkeys([*told, *(gap for f in figures if f for gap in f.luecken)]))


def below_table(
    body: str,
    rows: Zeilen,
    hinweis: str | Sequence[str] | None,
    quelle: str | None,
    *,
    auch_null: bool = False,
) -> str:
    """Return what stands below a table: the marks in it, remarks, the source."""
    told = remarks(hinweis)
    source = f"Quelle: {quelle}" if quelle else None
    explained = legend(body, rows, auch_null=auch_null)
    current().beneath(rows, [*told, source])
    below = "".join(note(remark, "anmerkung") for remark in told)
    return explained + below + note(source, "herkunft")


def explained(body: str) -> list[tuple[str, str]]:
    """Return the marks that occur in *body*, each with what it means."""
    return [(sign, text) for html, sign, text in LEGENDE if html in body]


def legend(body: str, rows: Zeilen = (), *, auch_null: bool = False) -> str:
    """Explain the marks that occur in *body*, and only those; say when *rows* hold nothing else."""
    found = explained(body)
    signs = "".join(f"<li><span>{sign}</span> {text}</li>" for sign, text in found)
    signs = signs and f'<ul class="soz-zeichen">{signs}</ul>'
    told = [AUCH_NULL] if auch_null and GEHEIM_HTML in body else []
    told += [GANZ] if is_locked(marks(rows)) else []
    if rows:
        current().beneath(rows, [*(f"{sign} {text}" for sign, text in found), *told])
    return signs + "".join(note(text, "anmerkung") for text in told)


def plain_label(released: Released, spalte: str, value: object) -> str:
    """Return a dimension's value as plain text (charts, alternative texts)."""
    return label(spalte, value, format_for(spalte, released))
