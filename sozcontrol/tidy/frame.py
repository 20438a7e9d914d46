"""From the text table to the rows one canonical table is fed with: choose, leave out, melt."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sozcontrol.catalogue.profil import Herkunft, Schmelzen, Speisung, Zeilenregel
from sozcontrol.intake import Delivery, TextTable, normalise
from sozcontrol.intake.body import matches
from sozcontrol.intake.header import VORLAGE_FELD, melted, pseudo_columns
from sozcontrol.intake.zellen import Zellen
from sozcontrol.tidy.numbers import Zahlformat

if TYPE_CHECKING:
    import numpy as np


@dataclass
class Frame:
    """Rows as text, by normalised column name; ``zeile`` holds their rows in the source.

    ``gelesen`` counts the cells or rows looked at, ``verworfen`` lists why rows were left out and
    which: together with ``zeile`` they account for everything read. ``ohne_personen`` names the
    columns around which the file holds no persons; what melting makes is never among them.
    """

    spalten: dict[str, Zellen[str]]
    zeile: list[int]
    namen: dict[str, str]
    konstanten: dict[str, str]
    gelesen: int = 0
    verworfen: list[tuple[str, list[int]]] = field(default_factory=list)
    ohne_personen: frozenset[str] = frozenset()

    def resolve(self, names: Iterable[str]) -> str | None:
        """Return the first of the alternative *names* that is there, normalised."""
        keys = map(normalise, names)
        return next((k for k in keys if k in self.spalten or k in self.konstanten), None)

    def cells(self, origin: Herkunft) -> Zellen[str]:
        """Return the texts one canonical column is made of."""
        size = len(self.zeile)
        if origin.konstant is not None:
            return Zellen.gleich(origin.konstant, size)
        if origin.zeilennummer:
            return Zellen.of(map(str, self.zeile))
        if origin.vorlage is not None:
            return Zellen.of(self._filled(origin))
        key = self.resolve(origin.aus)
        return Zellen.gleich("", size) if key is None else self.column(key)

    def column(self, name: str) -> Zellen[str]:
        """Return one column by its name."""
        key = normalise(name)
        if key in self.konstanten:
            return Zellen.gleich(self.konstanten[key], len(self.zeile))
        return self.spalten[key]

    def gaps(self, origin: Herkunft) -> list[int]:
        """Return the rows in which some parts of a template are there and others empty."""
        nothing = {"", *origin.leer}
        rows = enumerate(self._fields(origin.vorlage or ""))
        return [i for i, row in rows if 0 < sum(cell in nothing for cell in row) < len(row)]

    def _fields(self, template: str) -> Iterable[tuple[str, ...]]:
        """Yield, per row, the cells a template is filled with."""
        return zip(*map(self.column, VORLAGE_FELD.findall(template)), strict=True)

    def _filled(self, origin: Herkunft) -> list[str]:
        literals = VORLAGE_FELD.split(origin.vorlage or "")
        if len(literals) == 1:
            return literals * len(self.zeile)
        nothing, filled = {"", *origin.leer}, list[str]()
        for row in self._fields(origin.vorlage or ""):
            pieces = [*literals]
            pieces[1::2] = row
            # A template over nothing is nothing, not its punctuation; over a gap it is half a key.
            filled.append("" if nothing.intersection(row) else "".join(pieces))
        return filled

    def keep(self, wanted: np.ndarray, reason: str) -> None:
        """Keep the rows *wanted* marks, and note the others."""
        if wanted.all():
            return
        rows = [*zip(self.zeile, wanted.tolist(), strict=True)]
        self.verworfen.append((reason, [number for number, take in rows if not take]))
        self.zeile = [number for number, take in rows if take]
        self.spalten = {k: cells.take(wanted) for k, cells in self.spalten.items()}


def build(text: TextTable, feed: Speisung, delivery: Delivery) -> Frame:
    """Return the rows of *text* that feed one canonical table, melted if the profile says so."""
    frame = Frame(
        spalten={normalise(name): cells for name, cells in text.spalten.items()},
        zeile=list(text.zeile),
        namen={normalise(name): name for name in text.spalten},
        konstanten={
            "@stichtag": delivery.stichtag.isoformat(),
            "@datenstand": delivery.datenstand.isoformat(),
            "@ags": delivery.kommune.ags or "",
            "@datei": text.quelle.name,
        },
        gelesen=len(text.zeile),
        ohne_personen=frozenset(map(normalise, text.ohne_personen)) - pseudo_columns(feed),
    )
    made = pseudo_columns(feed)
    _apply(frame, feed, made, pseudo=False)
    if feed.schmelzen:
        _melt(frame, feed, feed.schmelzen, text)
        _apply(frame, feed, made, pseudo=True)
    return frame


def _apply(frame: Frame, feed: Speisung, made: set[str], *, pseudo: bool) -> None:
    for rule in feed.auswahl:
        if (normalise(rule.spalte) in made) is pseudo:
            frame.keep(_hits(frame, rule), f"Spalte »{rule.spalte}« liegt außerhalb der Auswahl")
    for rule in feed.auslassen:
        if (normalise(rule.spalte) in made) is pseudo:
            frame.keep(~_hits(frame, rule), f"nach Spalte »{rule.spalte}« auszulassen")


def _hits(frame: Frame, rule: Zeilenregel) -> np.ndarray:
    return frame.column(rule.spalte).marks(lambda text: matches(rule, text))


def _melt(frame: Frame, feed: Speisung, melt: Schmelzen, text: TextTable) -> None:
    columns = _melted_columns(melt, feed, text)
    origin = next(
        (o for o in feed.spalten.values() if normalise(melt.wert) in map(normalise, o.aus)), None
    )
    skip = _skipper(melt, origin)
    rest = [k for k in frame.spalten if k not in {key for key, _ in columns}]
    keys = dict.fromkeys([*rest, *(k for _, made in columns for k in made), normalise(melt.wert)])
    out: dict[str, list[str]] = {key: [] for key in keys}
    rows: list[int] = []
    gone: list[int] = []
    before = {key: [*cells] for key, cells in frame.spalten.items()}
    for i, number in enumerate(frame.zeile):
        for key, made in columns:
            cell = before[key][i]
            if skip(cell):
                gone.append(number)
                continue
            rows.append(number)
            for name in rest:
                out[name].append(before[name][i])
            for name, value in made.items():
                out[name].append(value)
            out[normalise(melt.wert)].append(cell)
    frame.gelesen += len(frame.zeile) * (len(columns) - 1)
    if gone:
        frame.verworfen.append(("leere Zellen (oder Nullen) ohne Aussage", gone))
    frame.spalten = {key: Zellen.of(cells) for key, cells in out.items()}
    frame.zeile = rows


def _melted_columns(
    melt: Schmelzen, feed: Speisung, text: TextTable
) -> list[tuple[str, dict[str, str]]]:
    columns = [
        (normalise(name), {normalise(k): v for k, v in made.items()})
        for name, made in melt.spalten.items()
    ]
    for name in melted(feed, tuple(text.spalten)):
        if normalise(name) not in dict(columns):
            groups = re.fullmatch(melt.muster or "", name)
            found = groups.groupdict("") if groups else {}
            columns.append((normalise(name), {normalise(k): v for k, v in found.items()}))
    return columns


def _skipper(melt: Schmelzen, origin: Herkunft | None) -> Callable[[str], bool]:
    empty = {"", *(origin.leer if origin else ())}
    numbers = Zahlformat.of(origin, euro=True) if origin else Zahlformat()

    def skip(cell: str) -> bool:
        if cell in empty:
            return melt.ohne_leer
        if not melt.ohne_null:
            return False
        try:
            return numbers.parse(cell) == 0
        except ValueError:
            return False

    return skip
