"""Tables for the first sheet: as wide as their content; on a narrow screen a row is a block.

Roles are written out, for a table that is laid out as blocks would lose them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sozcontrol.present.format import NBSP
from sozcontrol.present.fragment import Gedruckt, anchor, current, esc
from sozcontrol.present.table import Zeilen, Zelle, below_table, marks


@dataclass(frozen=True)
class Spalte:
    """One column: its heading, and whether figures stand in it."""

    titel: str
    rechts: bool = False


def blocks(head: Sequence[Spalte], rows: Zeilen, titel: str, *, still: bool = False) -> str:
    """Return a table; a *still* one has its caption and head for those alone who listen."""
    current().count(marks(rows), titel)
    current().tafeln.append(Gedruckt(titel, [s.titel for s in head], rows))
    top = "".join(
        f'<th role="columnheader" scope="col"{_figures(s.rechts)}>{esc(s.titel)}</th>'
        if s.titel
        else '<td role="cell" class="soz-ecke"></td>'
        for s in head
    )
    body = "".join(
        f'<tr role="row"{_class(kind)}>'
        + "".join(_cell(s, c) for s, c in zip(head, cells, strict=True)) + "</tr>"
        for kind, cells in rows
    )  # fmt: skip
    quiet = ' class="soz-unsichtbar"' if still else ""
    return (
        f'<table class="soz-block" role="table"><caption{quiet}>{esc(titel)}</caption>'
        f'<thead role="rowgroup"{quiet}><tr role="row">{top}</tr></thead>'
        f'<tbody role="rowgroup">{body}</tbody></table>'
    )


def told_blocks(satz: str, head: Sequence[Spalte], rows: Zeilen, titel: str, lesen: str) -> str:
    """Return a table below the sentence that says what it comes to, with how to read it."""
    marker, body = anchor(titel), blocks(head, rows, titel)
    return (
        f'<p class="soz-satz"><strong>{esc(satz)}</strong></p>'
        f'<figure class="soz-tabelle soz-tafelblatt soz-ziele" id="{marker}">{body}'
        f"{below_table(body, rows, lesen, None)}</figure>"
    )


def stage(word: str, mark: str | None, kind: str | None) -> str:
    """Return a state as shape and word, coloured; without a *kind* as one that asks for nothing."""
    shape = f'<span aria-hidden="true">{mark}</span>{NBSP}' if mark else ""
    return f'<span class="soz-stufe soz-stufe-{kind or "plan"}">{shape}{esc(word)}</span>'


def numbered(name: object, number: str, below: Sequence[str]) -> Zelle:
    """Return the head of a row: name, number, and smaller lines below."""
    html = f'{esc(name)} <span class="soz-nummer">{esc(number)}</span>{_small(below)}'
    return Zelle(html, joined_parts([f"{name} {number}", *below]), kopf=True)


def stage_cell(html: str, text: str, below: Sequence[str]) -> Zelle:
    """Return a state (:func:`stage`), strong, with smaller lines below."""
    return Zelle(f"<strong>{html}</strong>{_small(below)}", joined_parts([text, *below]))


def joined_parts(parts: Sequence[str]) -> str:
    """Return the lines of a cell as one text."""
    return " · ".join(part for part in parts if part)


def _small(parts: Sequence[str]) -> str:
    return "".join(f"<small>{esc(part)}</small>" for part in parts)


def _cell(column: Spalte, cell: Zelle) -> str:
    if cell.kopf:
        return f'<th role="rowheader" scope="row">{cell.html}</th>'
    name = f'<span class="soz-kurz">{esc(column.titel)} </span>' if column.rechts else ""
    return f'<td role="cell"{_figures(column.rechts)}>{name}{cell.html}</td>'


def _figures(right: bool) -> str:
    return _class("soz-zahl" if right else "")


def _class(name: str) -> str:
    return f' class="{name}"' if name else ""
