"""Which count is which: names of measures, so that one count is one cell in every table of a run.

What a Kennzahl counts is named by its declaration (primitive, conditions, span), not by its id: the
stock under »Fallzahl« and under »Anteil ambulant« is the same stock. Stock and flow of the same
conditions are tied together, for a reader can reckon B(b) = B(a) + Z − A as well as we can.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sozcontrol.measures.zeitraum import spanne

Benennung = Callable[[str, str | None], str]
"""(count column, Stichtag of the row) → name of the measure."""

Beziehung = tuple[tuple[str, int], ...]

TRAEGER = {
    "bestand": "bestand",
    "dauer_laufender": "bestand",
    "zugang": "zugang",
    "abgang": "abgang",
    "dauer_beendeter": "abgang",
    "dauer_beendeter_median": "abgang",
    "jahresfallzahl": "jahresfallzahl",
}
"""Primitive → whom it counts, where stock and flow are concerned (measures.grundzahlen)."""


@dataclass(frozen=True, order=True)
class Strom:
    """A stock at *bis*, or a flow in (von, bis], of the cases that fulfil *wo*."""

    art: str
    wo: str
    von: str
    bis: str

    @property
    def name(self) -> str:
        """The measure; a stock does not depend on where a span began."""
        span = self.bis if self.art == "bestand" else f"{self.von}..{self.bis}"
        return f"{self.art}|{self.wo}|{span}"


def of_release(merkmal: str | None) -> Benennung:
    """Name the count columns of a table; counts of two Stichtage are two measures."""

    def name(column: str, stichtag: str | None) -> str:
        base = f"{merkmal}.{column}" if merkmal else column
        return f"{base}@{stichtag}" if stichtag else base

    return name


def of_kennzahl(werte: Any) -> Benennung:
    """Name what stands behind numerator and denominator of ``measures.Werte``."""
    item, known = werte.kennzahl, getattr(werte, "stichtag", None)

    def name(column: str, stichtag: str | None) -> str:
        day = stichtag or (str(known) if known else None)
        if day is None or getattr(item, column.removeprefix("faelle_"), None) is None:
            return of_release(item.id)(column, day)
        strom = strom_of(item, column, day)
        return strom.name if strom else f"{_written(_part(item, column))}|{day}"

    return name


def strom_of(item: Any, column: str, stichtag: str) -> Strom | None:
    """Return the stock or flow behind a count column, if it is a single one."""
    part = _part(item, column)
    terms = part.terme if part is not None else ()
    if len(terms) != 1 or terms[0].grundzahl not in TRAEGER:
        return None
    term, day = terms[0], date.fromisoformat(stichtag)
    relative = any(
        b.spalte == "alter" or any(hasattr(v, "stichtag_monate") for v in b.gegeben.values())
        for b in term.wo
    )
    where = _written(
        sorted((b.model_dump(mode="json", exclude_none=True) for b in term.wo), key=str)
    )
    if relative:  # the condition itself moves with the Stichtag
        where = f"{where}@{stichtag}"
    span = spanne(term.zeitraum, day)
    return Strom(TRAEGER[term.grundzahl], where, span.von.isoformat(), span.bis.isoformat())


def identities(stroeme: Iterable[Strom]) -> list[Beziehung]:
    """Return B(b) − B(a) − Z + A = 0 and J − B(b) − A = 0 wherever at most one is unknown."""
    known = set(stroeme)
    names = {s.name for s in known}
    found: dict[Beziehung, None] = {}
    for strom in sorted(s for s in known if s.art != "bestand"):
        end, out, inward, year = (
            replace(strom, art=art).name
            for art in ("bestand", "abgang", "zugang", "jahresfallzahl")
        )
        start = Strom("bestand", strom.wo, "", strom.von).name
        for relation in (
            ((end, 1), (start, -1), (inward, -1), (out, 1)),
            ((year, 1), (end, -1), (out, -1)),
        ):
            if sum(name not in names for name, _ in relation) <= 1:
                found[relation] = None
    return list(found)


def _part(item: Any, column: str) -> Any:
    return getattr(item, column.removeprefix("faelle_"), None)


def _written(part: Any) -> str:
    data = part.model_dump(mode="json", exclude_none=True) if hasattr(part, "model_dump") else part
    return json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def is_part(part: Any, whole: Any) -> bool:
    """Say whether one declared term counts a subset of what another one counts."""
    if (part.grundzahl, part.zeitraum) != (whole.grundzahl, whole.zeitraum):
        return False
    return all(any(_implies(own, given) for own in part.wo) for given in whole.wo)


def _implies(own: Any, given: Any) -> bool:
    if own.spalte != given.spalte:
        return False
    if own == given:
        return True
    mine = {own.gleich} if own.gleich is not None else set(own.in_ or ())
    if not mine:
        return False
    if given.leer is not None:
        return not given.leer
    if given.nicht_in is not None:
        return not mine & set(given.nicht_in)
    return mine <= ({given.gleich} if given.gleich is not None else set(given.in_ or ()))
