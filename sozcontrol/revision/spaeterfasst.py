"""What the figures of then would tell beside those of today: by how few cases they differ.

Today's report shows its own series of the past. A figure of then beside them gives away how many
cases were recorded since, and so do figures tied to each other: stock and flows give the stock
before them, and of stock, outflow and the year's cases each follows from the other two.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sozcontrol import catalogue
from sozcontrol.catalogue.kennzahl import Bezug, Kennzahl
from sozcontrol.catalogue.sicht import Rolle
from sozcontrol.measures import Werte
from sozcontrol.measures.zaehlwerk.grundzahlen import finde
from sozcontrol.measures.zaehlwerk.zeitraum import spanne

Verbund = Mapping[Rolle, tuple[str, ...]]
"""Role → the Kennzahlen that show the stock or flow of that role, of the same cases and span."""


@dataclass(frozen=True)
class Strom:
    """The stock or flow that a Kennzahl is: whom it counts, in which role, from when to when."""

    wen: str
    rolle: Rolle
    von: date
    bis: date


def verbuende(stichtag: date) -> tuple[Verbund, ...]:
    """Return the stocks and flows that the areas' Kennzahlen tie together, seen from a day."""
    flows: dict[tuple[str, date, date], dict[Rolle, tuple[str, ...]]] = {}
    stocks: dict[tuple[str, date], tuple[str, ...]] = {}
    for id in _berichtete():
        strom = _strom(catalogue.kennzahl(id), stichtag)
        if strom is None:
            continue
        if strom.rolle == "bestand":
            stocks[strom.wen, strom.bis] = (*stocks.get((strom.wen, strom.bis), ()), id)
        else:
            group = flows.setdefault((strom.wen, strom.von, strom.bis), {})
            group[strom.rolle] = (*group.get(strom.rolle, ()), id)
    ends = {key: stocks.get((key[0], key[2])) for key in flows}
    return tuple(g | ({"bestand": b} if (b := ends[key]) else {}) for key, g in flows.items())


def _berichtete() -> dict[str, None]:
    counted = catalogue.kennzahlen()
    shown = (k for area in catalogue.bereiche().values() for k in area.kennzahlen)
    return dict.fromkeys(k for k in shown if k in counted)


def _strom(item: Kennzahl, stichtag: date) -> Strom | None:
    """Return the stock or flow a Kennzahl is; None where it is none, or moves with the day."""
    if item.nenner is not None or len(item.zaehler.terme) != 1:
        return None
    (term,) = item.zaehler.terme
    found, values = finde(term), [v for b in term.wo for v in b.gegeben.values()]
    moving = any(b.spalte == "alter" for b in term.wo) or any(isinstance(v, Bezug) for v in values)
    if found.wer is None or not found.plain_count or found.wo or moving:
        return None
    conditions = sorted(b.model_dump_json(exclude_none=True) for b in term.wo)
    period = spanne(term.zeitraum, stichtag)
    return Strom(json.dumps([term.sicht, conditions]), found.wer, period.von, period.bis)


class Spaet:
    """By how much the figures of then (*damals*) differ from those of today (*heute*)."""

    def __init__(
        self, damals: Mapping[str, Werte], heute: Mapping[str, Werte], verbund: tuple[Verbund, ...]
    ) -> None:
        self._je_zahl = {i: _unterschiede(w, heute[i]) for i, w in damals.items()}
        self._anzahl = {i: _anzahl(w) - _anzahl(heute[i]) for i, w in damals.items()}
        self._verbund = [{r: there for r, ids in v.items() if (there := self._da(ids))}
                         for v in verbund]  # fmt: skip

    def _da(self, ids: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(i for i in ids if i in self._je_zahl)

    def sichtbar(self) -> dict[str, tuple[str, ...]]:
        """Return the editions that each figure of then may be told.

        Who reads an edition with a low threshold may read the others, too: what is hidden there
        stays hidden here.
        """
        told: dict[str, list[str]] = {i: [] for i in self._je_zahl}
        hidden: set[str] = set()
        for edition in sorted(catalogue.editionen().values(), key=lambda e: e.schwelle):
            hidden = self._verborgen(edition.schwelle, hidden)
            for i in told.keys() - hidden:
                told[i].append(edition.id)
        return {i: tuple(e) for i, e in told.items()}

    def _verborgen(self, schwelle: int, schon: set[str]) -> set[str]:
        hidden = {i for i, few in self._je_zahl.items() if _klein(few, schwelle)} | schon
        for group in self._verbund:
            if {"jahr", "bestand", "abgang"} <= group.keys():
                gone = [r for r in ("jahr", "bestand", "abgang") if hidden & {*group[r]}]
                if len(gone) == 1:  # the other two would give it back
                    hidden |= {*group["abgang" if gone == ["jahr"] else "jahr"]}
            if {"bestand", "zugang", "abgang"} <= group.keys():
                b, z, a = (self._anzahl[group[r][0]] for r in ("bestand", "zugang", "abgang"))
                parts = {*group["bestand"], *group["zugang"], *group["abgang"]}
                if _klein([b - z + a], schwelle) and not hidden & parts:
                    hidden |= {*group["zugang"]}
        return hidden


def _klein(spaet: list[int], schwelle: int) -> bool:
    return any(0 < abs(n) < schwelle for n in spaet)


def _anzahl(werte: Werte) -> int:
    value = werte.frame["faelle_zaehler"].iloc[0]
    return 0 if leer(value) else int(value)


def gleiche(damals: Werte, heute: Werte) -> tuple[str, ...]:
    """Return what of a figure both deliveries say just the same, with those who stand behind it."""
    found = (s for s in ("zaehler", "nenner", "wert") if all(
        _gleich(damals.frame[c].iloc[0], heute.frame[c].iloc[0]) for c in _spalten(damals, heute, s)
    ))  # fmt: skip
    return tuple(found)


def _spalten(damals: Werte, heute: Werte, side: str) -> list[str]:
    columns = (side, f"faelle_{side}", f"tragende_{side}")
    return [c for c in columns if c in damals.frame and c in heute.frame]


def _unterschiede(damals: Werte, heute: Werte) -> list[int]:
    """Return the fewest cases that the sides of a figure can have changed by; 0 where none has.

    An amount or a duration that has changed without more or fewer cases behind it is one case's.
    """
    found, same = [], gleiche(damals, heute)
    for side in ("zaehler", "nenner"):
        columns = _spalten(damals, heute, side)[1:]
        pairs = [(damals.frame[c].iloc[0], heute.frame[c].iloc[0]) for c in columns]
        changes = [abs(int(a) - int(b)) for a, b in pairs if not leer(a) and not leer(b)]
        if changes and side not in same:
            found.append(max(min(changes), 1))
    return found


def _gleich(a: object, b: object) -> bool:
    return (leer(a) and leer(b)) or (not leer(a) and not leer(b) and a == b)


def leer(value: object) -> bool:
    """Say whether a cell of a frame has no value."""
    return value is None or type(value).__name__ == "NAType"
