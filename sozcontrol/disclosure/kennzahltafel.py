"""The values of one Kennzahl as the decision reads them: sides, their parts, and what ties them.

A difference or quotient of sums is a figure like any other, but who sees it and knows all its parts
but one can reckon the last: it is shown only with all of them, and tells them all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from itertools import product
from typing import TYPE_CHECKING

from sozcontrol.catalogue.kennzahl import Ausdruck
from sozcontrol.disclosure import merkmale
from sozcontrol.disclosure.eignung import demand_no_persons, is_share, net_of_what_is_taken_off
from sozcontrol.disclosure.lesen import Vorlage
from sozcontrol.disclosure.mengen import Fest, Zeile, Zelle
from sozcontrol.disclosure.merkmale import CARRIED, COUNTED, STAENDE, Strom, Summe
from sozcontrol.disclosure.tafel import Tafel, loose, reste
from sozcontrol.measures.zaehlwerk.kennzahlen import REST, Belegt, Werte, teile
from sozcontrol.measures.zaehlwerk.rechnen import Rechnung

if TYPE_CHECKING:
    import pandas as pd

SEITEN = ("zaehler", "nenner")


def of_kennzahl(werte: Werte) -> Tafel:
    """Read the values of one Kennzahl: numerator and denominator are counts or sums of their own.

    ``zaehler``, ``nenner`` and ``wert`` are hidden when the Hilfen behind them are few, an amount
    also when few carry it; of a share, the rest (nenner − zaehler) is protected as well.
    """
    vorlage, behind = _gelesen(werte)
    both, parts = (behind["zaehler"][0], behind["nenner"][0]), _teile(werte)
    name = merkmale.of_kennzahl(werte)
    named = [c for who in (*behind.values(), *parts.values()) for c in who]
    counts = {c: vorlage.zellen(c, name) for c in named}
    amounts, own = _eigen(werte, behind, parts)
    money = {c: vorlage.zellen(c, merkmale.of_betrag(werte), geld=True) for c in amounts}
    means = [c for c in vorlage.spalten if c.startswith(STAENDE)]
    stocks = {c: vorlage.zellen(c, merkmale.of_staende(werte)) for c in means}
    each: dict[str, tuple[str, ...]] = {c: (c,) for c in counts}
    all_own = tuple(dict.fromkeys(c for s in SEITEN for c in own[s])) or ("wert",)
    sources = each | {s: (*behind[s], *own[s]) for s in SEITEN} | {"wert": (*named, *all_own)}
    tells = {c: each[c] for c in both} | own | {"wert": all_own}
    rests, sums = reste(vorlage, (both,) if is_share(werte.kennzahl, vorlage) else (), name)
    tied = (*both, *(who[0] for who in parts.values()))
    streams, more = _verwandt(werte, vorlage, tied, amounts)
    return _mit_rest(Tafel(
        vorlage, counts | stocks, money, sources, tells, _anderswo(werte, vorlage),
        werte.kennzahl, (), _wie_heute(werte, vorlage, counts, money, stocks),
        (*sums, *more), rests, loose(counts | stocks, vorlage), streams, luecken=werte.luecken,
        summiert=_summiert(werte, amounts),
    ))  # fmt: skip


def _summiert(werte: Werte, amounts: Iterable[str]) -> dict[str, tuple[Ausdruck, date | None]]:
    """Return what the amounts sum up; nothing of what another delivery has summed."""
    if werte.stand is not None:
        return {}
    parts = ((c, merkmale.part_of(werte.kennzahl, c)) for c in amounts)
    return {c: (part, werte.stichtag) for c, part in parts if part is not None}


def _eigen(
    werte: Werte, behind: Mapping[str, tuple[str, ...]], parts: Mapping[str, tuple[str, ...]]
) -> tuple[list[str], dict[str, tuple[str, ...]]]:
    """Return the columns that are amounts, and what either side is, with what it is made of."""
    item = werte.kennzahl
    if item.zaehler is None:  # a forecast: the value itself is the amount
        return ["wert"], {"zaehler": (), "nenner": ()}
    amounts = [c for c in (*SEITEN, *parts) if not merkmale.counts_rows(merkmale.part_of(item, c))]
    own = {s: (s,) if s in amounts else behind[s][:1] for s in SEITEN}
    sums = {r: c for c, r in teile(item, date.min).items() if c in parts}
    for s in SEITEN:
        part = merkmale.part_of(item, s)
        of = Rechnung(part, date.min).bestandteile if part is not None else ()
        made = [sums[r] for r in of if r in sums]
        own[s] = (*own[s], *(c if c in amounts else parts[c][0] for c in made))
        own[s] += tuple(f"{STAENDE}{c}" for c in own[s] if _ist_mittel(item, c))
    return amounts, own


def _ist_mittel(item: Belegt, column: str) -> bool:
    return merkmale.gemittelt(merkmale.part_of(item, column)) is not None


def _mit_staenden(werte: Werte, frame: pd.DataFrame) -> pd.DataFrame:
    """Put beside each mean the sum of the stocks it is taken of."""
    import pandas as pd

    days = frame["stichtag"] if "stichtag" in werte.je else [merkmale.tag_von(werte)] * len(frame)
    means = [c for c in (*SEITEN, *_teile(werte)) if _ist_mittel(werte.kennzahl, c)]
    sums = {
        f"{STAENDE}{c}": [
            merkmale.staende(werte, c, str(day), mean)
            for day, mean in zip(days, frame[c], strict=True)
        ]
        for c in means
    }
    return frame.assign(**pd.DataFrame(sums, frame.index, dtype=object)) if sums else frame


def _teile(werte: Werte) -> dict[str, tuple[str, ...]]:
    """Return the columns of what numerator and denominator are made of, and who is behind each."""
    return {c: _hinter(werte, c) for c in teile(werte.kennzahl, date.min) if c in werte.frame}


def _hinter(werte: Werte, column: str) -> tuple[str, ...]:
    """Return the columns that count who stands behind a figure, and who carries it."""
    return tuple(c for c in (f"{COUNTED}{column}", f"{CARRIED}{column}") if c in werte.frame)


def _anderswo(werte: Werte, vorlage: Vorlage) -> dict[str, list[frozenset[Zelle]]]:
    """Return the cells of other tables that a forecast was made from."""
    if not werte.bestandteile:
        return {}
    cells = merkmale.anderswo(werte.bestandteile, werte.stand)
    return dict.fromkeys(("zaehler", "wert"), [cells] * len(vorlage.zeilen))


def _wie_heute(
    werte: Werte, vorlage: Vorlage, counts: Mapping[str, list[Zelle | None]],
    money: Mapping[str, list[Zelle | None]], stocks: Mapping[str, list[Zelle | None]],
) -> tuple[Zeile, ...]:  # fmt: skip
    """Tie what another delivery had to what today's says just the same: one tells the other."""
    today = replace(werte, stand=None)
    names = (
        (counts, merkmale.of_kennzahl(today)), (money, merkmale.of_betrag(today)),
        (stocks, merkmale.of_staende(today)),
    )  # fmt: skip
    rows: list[Zeile] = []
    for cells, name in names:
        for column in cells:
            if _seite(column) in werte.gleich:
                same = vorlage.zellen(column, name, geld=cells is money)
                pairs = zip(cells[column], same, strict=True)
                rows += [((then, 1), (now, -1)) for then, now in pairs if then and now]
    return tuple(rows)


def _seite(column: str) -> str:
    """Return the side of which a column counts who stands behind it, or carries it."""
    for before in (COUNTED, CARRIED, STAENDE):
        column = column.removeprefix(before)
    return column


def _gelesen(werte: Werte) -> tuple[Vorlage, dict[str, tuple[str, ...]]]:
    """Read the columns of a Kennzahl; return them, and the counts behind either side."""
    je = tuple(werte.je)
    demand_no_persons(je)
    behind = {s: _hinter(werte, s) for s in SEITEN}
    everybody = tuple(c for s in SEITEN for c in behind[s])
    beside = _teile(werte) | ({REST[0]: REST[1:]} if REST[0] in werte.frame else {})
    frame = _mit_staenden(werte, net_of_what_is_taken_off(werte))
    stocks = [c for c in map(str, frame) if c.startswith(STAENDE)]
    vorlage = Vorlage.read(
        frame, je=je, anzahl=(*everybody, *(c for who in beside.values() for c in who), *stocks),
        abgeleitet={**behind, **beside, "wert": everybody}, betraege={},
    )  # fmt: skip
    return vorlage, behind


def _mit_rest(tafel: Tafel) -> Tafel:
    """Take in what a share of money leaves of its whole, and who carries it: nobody is shown it."""
    amount, carried = REST
    if amount not in tafel.vorlage.spalten:
        return tafel
    pairs = list(zip(tafel.betraege["nenner"], tafel.betraege["zaehler"], strict=True))
    rests = [merkmale.without(n, z) if n and z else None for n, z in pairs]
    rows = [
        ((n, 1), (z, -1), (r, -1))
        for (n, z), r in zip(pairs, rests, strict=True) if n and z and r
    ]  # fmt: skip
    who = [r and (f"{merkmale.TRAGEND}{r[0]}", r[1]) for r in rests]
    return replace(
        tafel, zeilen=(*tafel.zeilen, *rows), betraege={**tafel.betraege, amount: rests},
        zellen={**tafel.zellen, carried: who},
    )  # fmt: skip


def _verwandt(
    werte: Werte, vorlage: Vorlage, columns: Iterable[str], amounts: Iterable[str]
) -> tuple[frozenset[Strom], list[Summe]]:
    """Say what counts and amounts of a Kennzahl have to do with others: stock, flow and sums."""
    known = merkmale.tag_von(werte)
    rows: dict[str, list[Fest]] = {}
    for day, row in zip(vorlage.tage(), vorlage.praedikate(), strict=True):
        if day or known:
            rows.setdefault(day or known or "", []).append(row)
    streams: set[Strom] = set()
    sums: list[Summe] = []
    for column in columns:
        for day in sorted(rows):
            stream = merkmale.strom_of(werte, column, day)
            streams |= {stream} if stream else set()
            sums += merkmale.sums(werte, column, day, rows[day])
    for column, day in product(amounts, sorted(rows)):
        sums += merkmale.sums(werte, column, day, rows[day], betrag=True)
        sums += merkmale.sums_of_stocks(werte, column, day, rows[day])
    return frozenset(streams), sums
