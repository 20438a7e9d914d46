"""What is drawn: pieces of a page, and the page they are drawn on."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date
from html import escape
from typing import Protocol

from sozcontrol.catalogue.ziel import Ziel
from sozcontrol.disclosure import Released, Zahl
from sozcontrol.disclosure.geheim import GEHEIM, Geheim, Gezeigt, Zellwert
from sozcontrol.errors import NotReleased


@dataclass(frozen=True)
class Fragment:
    """One drawn output: ``html`` for the page, ``text`` for a terminal.

    A ``schlagzeile`` (HTML) states what the whole page says; the first one becomes its heading.

    It holds released figures and escaped text only: what draws takes nothing else.
    """

    html: str
    text: str = ""
    schlagzeile: str = ""


class Inhalt(Protocol):
    """A cell of a printed table: what it shows, and how that is written."""

    wert: Gezeigt
    format: str
    einheit: str


@dataclass
class Gedruckt:
    """A table as the page prints it, for its other renderings: cells, and the lines beneath it.

    ``zeilen`` have the kind of row (its css class) before their cells.
    """

    titel: str
    kopf: Sequence[str]
    zeilen: Sequence[tuple[str, Sequence[Inhalt]]]
    darunter: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Zielort:
    """Where a page depends on a goal; ``html`` is the line that stands there, if nothing but it.

    ``ziel`` is judged by a released value (``geheim``: that is hidden) on the day ``am``.
    """

    ziel: Ziel
    html: str = ""
    wert: Zellwert = None
    geheim: bool = False
    am: date | None = None

    @classmethod
    def of(cls, ziel: Ziel, html: str, wert: Gezeigt, am: date | None) -> Zielort:
        """Return the place of one line."""
        if isinstance(wert, Geheim):
            return cls(ziel, html, geheim=True, am=am)
        return cls(ziel, html, wert, am=am)

    @property
    def gezeigt(self) -> Gezeigt:
        """What a reader sees of the value."""
        return GEHEIM if self.geheim else self.wert


@dataclass
class Page:
    """What is drawn onto one document: ids given away, tables, and how many figures are marks.

    A figure is a cell of figures in a table, or the value of a tile; »nothing there« is none.
    ``ganz`` names the tables that hold nothing but marks; ``bereich`` is the area it is of.
    ``gelesen`` are the comments it quotes, by Stichtag and area. ``stellen`` are the places of
    whole ones, which can be set in anew: Stichtag, area, text, and what stands there without one.
    ``ziele`` are the places that depend on a goal.
    """

    bereich: str | None = None
    ids: Counter[str] = field(default_factory=Counter)
    zahlen: int = 0
    geheim: int = 0
    ganz: list[str] = field(default_factory=list)
    tafeln: list[Gedruckt] = field(default_factory=list)
    gelesen: dict[tuple[date, str], str] = field(default_factory=dict)
    stellen: list[tuple[date, str, str, str]] = field(default_factory=list)
    ziele: list[Zielort] = field(default_factory=list)

    def beneath(self, zeilen: Sequence[object], texte: Iterable[str | None]) -> None:
        """Take in what stands beneath the table made of *zeilen*."""
        for tafel in self.tafeln:
            if tafel.zeilen is zeilen:
                tafel.darunter += [text for text in texte if text]

    def extend(self, more: Gedruckt) -> None:
        """Take in rows that a page shows in several places, as one table."""
        for tafel in self.tafeln:
            if tafel.titel == more.titel:
                tafel.zeilen = [*tafel.zeilen, *more.zeilen]
                tafel.darunter += [t for t in more.darunter if t not in tafel.darunter]
                return
        self.tafeln.append(more)

    def count(self, marks: Sequence[bool], titel: str | None = None) -> None:
        """Take in the figures of a table (*titel*) or of tiles; True stands for a hidden one."""
        self.zahlen += len(marks)
        self.geheim += sum(marks)
        if titel is not None and is_locked(marks):
            self.ganz.append(titel)


_page: ContextVar[Page] = ContextVar("page", default=Page())  # noqa: B039 - one kernel, one document


def current() -> Page:
    """Return the page that is being drawn."""
    return _page.get()


@contextmanager
def page(bereich: str | None = None) -> Iterator[Page]:
    """Draw a document of its own within the block, that of an area."""
    made = Page(bereich)
    token = _page.set(made)
    try:
        yield made
    finally:
        _page.reset(token)


def is_locked(marks: Sequence[bool]) -> bool:
    """Say whether every figure of a table is hidden."""
    return bool(marks) and all(marks)


def demand_table(value: object, was: str) -> Released:
    """Return *value* when it came through the door.

    Raises:
        NotReleased: It is a bare frame, number or anything else.
    """
    if isinstance(value, Released):
        return value
    raise NotReleased(
        f"{was} zeigt nur freigegebene Tabellen; übergeben wurde »{type(value).__name__}«.",
        wo=f"present.{was}",
        tun="Eine Aufstellung oder die Werte einer Kennzahl übergeben; entschieden wird im Lauf.",
    )


def demand_number(value: object, was: str) -> Zahl:
    """Return *value* when it is a released figure, also the only figure of a released table."""
    if isinstance(value, Zahl):
        return value
    if isinstance(value, Released):
        return value.zahl()
    raise NotReleased(
        f"{was} zeigt nur freigegebene Zahlen; übergeben wurde »{type(value).__name__}«.",
        wo=f"present.{was}",
        tun="Die Werte einer Kennzahl übergeben; entschieden wird im Lauf.",
    )


def anchor(titel: str) -> str:
    """Return an id made from *titel*, unique on this page."""
    plain = titel.casefold()
    for umlaut, letters in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")):
        plain = plain.replace(umlaut, letters)
    slug = "soz-" + (re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60] or "ausgabe")
    ids = current().ids
    ids[slug] += 1
    return slug if ids[slug] == 1 else f"{slug}-{ids[slug]}"


def clean(text: object) -> str:
    """Drop the signs nobody sees, and those that turn writing around."""
    return re.sub(r"[\u202a-\u202e\u2066-\u2069\x00-\x08\x0b-\x1f]", "", str(text))


def esc(text: object) -> str:
    """Escape :func:`clean` text for HTML content and attributes."""
    return escape(clean(text))


def note(text: str | None, kind: str) -> str:
    """Return one line below a table or chart, or nothing."""
    return f'<p class="soz-{kind}">{esc(text)}</p>' if text else ""
