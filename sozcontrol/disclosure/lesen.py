"""Read what is put before the door: plain values, declared columns, cells with their predicates."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

from sozcontrol import catalogue
from sozcontrol.disclosure.geheim import GEHEIM, Gezeigt, Zellwert
from sozcontrol.disclosure.mengen import Fest, Zelle
from sozcontrol.disclosure.merkmale import Benennung, without
from sozcontrol.errors import NotReleased
from sozcontrol.measures import INSGESAMT
from sozcontrol.measures.aufstellungen import MONATE

if TYPE_CHECKING:
    import pandas as pd

CENT = Decimal("0.01")
"""An equation of amounts holds to the cent."""

_TUN = (
    "Den Aufruf von Freigabe.release ergänzen: je, anzahl, abgeleitet, betraege (siehe Docstring)."
)


class Auswertbar(Protocol):
    """What becomes a frame when it is asked to (an Ibis expression)."""

    def execute(self) -> pd.DataFrame:
        """Return the rows."""
        ...


@dataclass(frozen=True)
class Vorlage:
    """A frame turned into plain values, with every column declared."""

    je: tuple[str, ...]
    anzahl: tuple[str, ...]
    abgeleitet: Mapping[str, tuple[str, ...]]
    betraege: Mapping[str, str | None]
    spalten: tuple[str, ...]
    zeilen: tuple[tuple[Zellwert, ...], ...]

    @classmethod
    def read(
        cls,
        frame: pd.DataFrame | Auswertbar,
        *,
        je: tuple[str, ...],
        anzahl: tuple[str, ...],
        abgeleitet: Mapping[str, tuple[str, ...]],
        betraege: Mapping[str, str | None],
    ) -> Vorlage:
        """Read *frame*; whatever is not declared is refused, not dropped."""
        import pandas as pd

        data = frame if isinstance(frame, pd.DataFrame) else frame.execute()
        columns = tuple(str(c) for c in data.columns)
        declared = {*je, *anzahl, *abgeleitet, *betraege}
        if len(declared) < len(je) + len(anzahl) + len(abgeleitet) + len(betraege):
            raise _refuse("Eine Spalte ist doppelt erklärt.", je)
        _demand_columns(columns, declared, je)
        used = {c for v in abgeleitet.values() for c in v} | {c for c in betraege.values() if c}
        if used - set(anzahl):
            raise _refuse(f"Keine Spalte aus anzahl: {', '.join(sorted(used - set(anzahl)))}.", je)
        rows = tuple(tuple(map(_plain, row)) for row in data.to_numpy(dtype=object).tolist())
        made = cls(je, anzahl, abgeleitet, betraege, columns, rows)
        made._demand_keys()
        for column in anzahl:
            made.werte(column)
        return made

    @property
    def arten(self) -> dict[str, str]:
        """Return what each column is."""
        kinds = dict.fromkeys(self.je, "dimension") | dict.fromkeys(self.anzahl, "anzahl")
        kinds |= dict.fromkeys(self.abgeleitet, "abgeleitet") | dict.fromkeys(
            self.betraege, "betrag"
        )
        return {c: kinds[c] for c in self.spalten}

    @property
    def figuren(self) -> tuple[str, ...]:
        """Return the columns that are figures made from counts, or without anybody behind."""
        return tuple(c for c in self.spalten if c in self.abgeleitet or c in self.betraege)

    def hinter(self, spalte: str) -> tuple[str, ...]:
        """Return the count columns behind a figure."""
        if spalte in self.abgeleitet:
            return tuple(self.abgeleitet[spalte])
        behind = self.betraege[spalte]
        return (behind,) if behind else ()

    def names(self, column: str, benennung: Benennung) -> list[str]:
        """Return the name of the measure a count column holds, for each row."""
        if "stichtag" not in self.je:
            return [benennung(column, None)[0]] * len(self.zeilen)
        return [benennung(column, day)[0] for day in self.tage()]

    def tage(self) -> list[str | None]:
        """Return the Stichtag of each row, None where the table has no such column."""
        if "stichtag" not in self.je:
            return [None] * len(self.zeilen)
        at = self.spalten.index("stichtag")
        return [_text(row[at]) for row in self.zeilen]

    def werte(self, column: str) -> list[int | None]:
        """Return a count column as whole numbers; None where no persons are behind."""
        at = self.spalten.index(column)
        return [_count(row[at], column, self.je) for row in self.zeilen]

    def zellen(
        self, column: str, benennung: Benennung, *, geld: bool = False
    ) -> list[Zelle | None]:
        """Return the cell of each row, None where no persons are behind (or no amount is)."""
        known = {day: benennung(column, day) for day in set(self.tage())}
        at = self.spalten.index(column)
        values = [row[at] for row in self.zeilen] if geld else self.werte(column)
        parts = zip(self.tage(), self.praedikate(), values, strict=True)
        return [
            (known[day][0], predicate | known[day][1]) if n is not None else None
            for day, predicate, n in parts
        ]

    def rest(
        self, part: str, whole: str, benennung: Benennung
    ) -> list[tuple[Zelle, Zelle, Zelle, int]]:
        """Return (whole, part, »whole without part«, its count), which a shown share gives away.

        Raises:
            NotReleased: A part is larger than its whole.
        """
        found = []
        columns = (self.zellen(part, benennung), self.zellen(whole, benennung))
        counts = (self.werte(part), self.werte(whole))
        for z, n, small, large in zip(*columns, *counts, strict=True):
            if z is None or n is None or small is None or large is None:
                continue
            if small > large:
                raise _refuse(f"»{part}« ist größer als »{whole}«: kein Anteil.", self.je)
            found.append((n, z, without(n, z), large - small))
        return found

    def prove(self, identity: Mapping[str, int]) -> None:
        """Prove that a declared identity holds in every row.

        Raises:
            NotReleased: It does not, so the attack would reckon with something untrue.
        """
        unknown = set(identity) - set(self.anzahl) - set(self.figuren)
        if unknown:
            raise _refuse(f"Keine Zahlenspalte: {', '.join(sorted(unknown))}.", self.je)
        columns = [self.spalten.index(c) for c in identity]
        for row in self.zeilen:
            values = [row[at] for at in columns]
            if None in values:
                continue
            numbers = [_exact(v, self.je) for v in values]
            off = sum((k * v for k, v in zip(identity.values(), numbers, strict=True)), Decimal(0))
            if abs(off) > CENT:
                raise _refuse(f"Die Identität aus {', '.join(identity)} geht nicht auf.", self.je)

    def masked(self, hidden: Mapping[str, set[int]]) -> tuple[tuple[Gezeigt, ...], ...]:
        """Return the rows with GEHEIM where a column is hidden.

        As soon as anything is hidden the rows are put in the order of their dimensions: an order
        by size would tell the size.
        """
        rows = [
            tuple(
                GEHEIM if z in hidden.get(c, ()) else v
                for c, v in zip(self.spalten, row, strict=True)
            )
            for z, row in enumerate(self.zeilen)
        ]
        if any(hidden.values()):
            rows.sort(key=lambda row: [_natural(d, row[self.spalten.index(d)]) for d in self.je])
        return tuple(rows)

    def praedikate(self) -> list[Fest]:
        """Return what each row fixes; totalled dimensions are left out."""
        # A readable name beside its code (produktgruppe, produktgruppe_name) is one dimension.
        # Counts of two Stichtage never add up: the Stichtag is part of the measure's name.
        dims = [
            d for d in self.je
            if d != "stichtag" and not (d.endswith("_name") and d[: -len("_name")] in self.je)
        ]  # fmt: skip
        at = [(d, self.spalten.index(d)) for d in dims]
        return [
            frozenset((d, _text(row[i])) for d, i in at if row[i] != INSGESAMT)
            for row in self.zeilen
        ]

    def _demand_keys(self) -> None:
        keys = list(zip(self.tage(), self.praedikate(), strict=True))
        if len(set(keys)) < len(keys):
            raise _refuse("Mindestens eine Zeile steht doppelt.", self.je)


def _demand_columns(columns: Sequence[str], declared: set[str], je: tuple[str, ...]) -> None:
    if len(set(columns)) < len(columns):
        raise _refuse("Ein Spaltenname steht zweimal.", je)
    if set(columns) - declared:
        raise _refuse(f"Nicht erklärte Spalten: {', '.join(sorted(set(columns) - declared))}.", je)
    if declared - set(columns):
        raise _refuse(f"Spalten fehlen: {', '.join(sorted(declared - set(columns)))}.", je)


def _refuse(was: str, je: Sequence[str]) -> NotReleased:
    return NotReleased(was, wo=f"Tabelle je {', '.join(je) or 'Gesamt'}", tun=_TUN)


def _plain(value: object) -> Zellwert:
    """Return a plain Python value; every kind of missing value becomes None."""
    if value is None or isinstance(value, (str, bool, Decimal)):
        return None if isinstance(value, Decimal) and not value.is_finite() else value
    if isinstance(value, datetime):
        return None if value != value else value.date()
    if isinstance(value, date):
        return value
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, (int, float, bool)):
        return None if value != value or value in (float("inf"), float("-inf")) else value
    if type(value).__name__ in ("NAType", "NaTType"):
        return None
    raise NotReleased(
        f"Ein Wert vom Typ »{type(value).__name__}« kann nicht freigegeben werden.",
        wo="Freigabe", tun="Text, Zahl, Betrag oder Datum daraus machen.",
    )  # fmt: skip


def _exact(value: Zellwert, je: Sequence[str]) -> Decimal:
    if not isinstance(value, (int, float, Decimal)):
        raise _refuse("In einer Identität steht etwas, das keine Zahl ist.", je)
    return Decimal(str(value))


def _count(value: Zellwert, column: str, je: Sequence[str]) -> int | None:
    if value is None:
        return None
    if isinstance(value, (str, bool, date)) or value != int(value) or value < 0:
        raise _refuse(f"In »{column}« steht etwas, das keine Anzahl ist.", je)
    return int(value)


def _text(value: object) -> str | None:
    return value.isoformat() if isinstance(value, date) else None if value is None else str(value)


def _natural(dimension: str, value: Gezeigt) -> tuple:
    """Sort codes as their list does, others as people do (3–5 before 12–17), totals last."""
    if value == INSGESAMT:
        return (2, ())
    if value is None:
        return (1, ())
    if isinstance(value, str) and value in MONATE:
        return (0, ((0, MONATE.index(value), ""),))
    known = catalogue.codelisten().get(dimension)
    if known is not None and isinstance(value, str) and value in known.gueltig:
        return (0, ((0, [*known.gueltig].index(value), ""),))
    pieces = re.split(r"(\d+)", _text(value) or "")
    return (0, tuple((0, int(p), "") if p.isdigit() else (1, 0, p.casefold()) for p in pieces if p))
