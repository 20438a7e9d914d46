"""One table as the decision reads it: its cells, what its figures are made from, its relations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from sozcontrol.disclosure import merkmale
from sozcontrol.disclosure.eignung import demand_no_persons, is_share, net_of_what_is_taken_off
from sozcontrol.disclosure.lesen import Vorlage
from sozcontrol.disclosure.mengen import Fest, Zeile, Zelle
from sozcontrol.disclosure.merkmale import Benennung, Beziehung, Strom, Summe
from sozcontrol.measures.zaehlwerk.kennzahlen import REST, TRAGENDE, Belegt, Werte
from sozcontrol.measures.zaehlwerk.rechnen import Rechnung

SEITEN = ("zaehler", "nenner")
GELD = "_eur"
"""Columns of amounts end so (style.md 2)."""


@dataclass(frozen=True)
class Tafel:
    """A table with the cells its columns hold, row by row.

    ``zellen`` are the counts, ``betraege`` the amounts (a cell a row, None where the table holds
    none). ``quellen`` says of each figure which of both it was made from: it is hidden with any of
    them. ``verraet`` says which of them a reader of the figure knows.
    """

    vorlage: Vorlage
    zellen: Mapping[str, list[Zelle | None]]
    betraege: Mapping[str, list[Zelle | None]]
    quellen: Mapping[str, tuple[str, ...]]
    verraet: Mapping[str, tuple[str, ...]]
    kennzahl: Belegt | None = None
    beziehungen: tuple[Beziehung, ...] = ()
    zeilen: tuple[Zeile, ...] = ()
    summen: tuple[Summe, ...] = ()
    reste: Mapping[Zelle, int] = field(default_factory=dict)
    lose: frozenset[Zelle] = frozenset()
    stroeme: frozenset[Strom] = frozenset()
    gehoert: tuple[tuple[tuple[str, str], tuple[str, str]], ...] = ()
    frueher: frozenset[Zelle] = frozenset()
    luecken: tuple[str, ...] = ()

    def anzahlen(self) -> dict[Zelle, int]:
        """Return the counts; an empty count has no cell."""
        return {
            z: n
            for column, cells in self.zellen.items()
            for z, n in zip(cells, self.vorlage.werte(column), strict=True)
            if z is not None and n is not None
        }

    def geld(self) -> Iterator[tuple[Zelle, Decimal, tuple[Zelle, ...] | None]]:
        """Yield each amount with the counts behind it; None when it is public."""
        v = self.vorlage
        for column, cells in self.betraege.items():
            at = v.spalten.index(column)
            behind = [self.zellen[c] for c in v.hinter(column)]
            for row, (cell, values) in enumerate(zip(cells, v.zeilen, strict=True)):
                if cell is not None and values[at] is not None:
                    carriers = tuple(z for c in behind if (z := c[row]) is not None)
                    yield cell, Decimal(str(values[at])), carriers if behind else None

    def mit_eigenen(self, merkmale: set[str], wo: str) -> Tafel:
        """Return the table with its amounts of *merkmale* named as its own."""
        if not merkmale & {z[0] for cells in self.betraege.values() for z in cells if z}:
            return self

        def own(cell: Zelle | None) -> Zelle | None:
            return (f"{cell[0]}#{wo}", cell[1]) if cell and cell[0] in merkmale else cell

        amounts = {c: [own(z) for z in cells] for c, cells in self.betraege.items()}
        rows = tuple(
            tuple((f"{m}#{wo}" if m in merkmale else m, k) for m, k in r) for r in self.beziehungen
        )
        tied = tuple(tuple((own(z) or z, k) for z, k in r) for r in self.zeilen)
        before = frozenset(z for cell in self.frueher if (z := own(cell)) is not None)
        return replace(self, betraege=amounts, beziehungen=rows, zeilen=tied, frueher=before)

    def zelle(self, spalte: str, zeile: int) -> Zelle | None:
        """Return the cell a count or amount column holds in a row."""
        return (self.zellen.get(spalte) or self.betraege[spalte])[zeile]

    def sichtbar(self, gezeigt: Sequence[str] | None) -> set[Zelle]:
        """Return the cells a reader knows where the columns *gezeigt* are shown."""
        shown = self.vorlage.spalten if gezeigt is None else gezeigt
        columns = {c for name in shown for c in self.verraet.get(name, ())}
        found = {z for c in columns for z in self.zellen.get(c, self.betraege.get(c, ()))}
        return {z for z in found if z is not None}

    @property
    def zeigbar(self) -> list[str]:
        """The columns a reader may be told of; others only stand behind figures."""
        v = self.vorlage
        return [c for c in v.spalten if c in v.je or c in self.verraet]

    def verborgen(self, geheim: set[Zelle]) -> dict[str, set[int]]:
        """Return column → rows in which it is hidden when the cells *geheim* are."""
        of = {**self.zellen, **self.betraege}
        gone = {c: {r for r, z in enumerate(cells) if z in geheim} for c, cells in of.items()}
        return {c: set().union(*(gone[s] for s in sources)) for c, sources in self.quellen.items()}


@dataclass(frozen=True)
class Erklaerung:
    """What a declared table says beyond its columns (``measures.Aufstellung``)."""

    merkmal: str | None = None
    identitaeten: tuple[Mapping[str, int], ...] = ()
    anteile: tuple[tuple[str, str], ...] = ()
    kennzahl: Belegt | None = None
    groessen: Mapping[str, Rechnung] = field(default_factory=dict)
    heisst: Mapping[str, str] = field(default_factory=dict)
    gleich: Mapping[str, str] = field(default_factory=dict)
    gehoert: tuple[tuple[tuple[str, str], tuple[str, str]], ...] = ()
    bekannt: tuple[str, ...] = ()
    damals: Mapping[str, Rechnung] = field(default_factory=dict)
    stand: date | None = None
    aus: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def of_release(vorlage: Vorlage, sagt: Erklaerung) -> Tafel:
    """Read a table whose columns are declared."""
    demand_no_persons(vorlage.je)
    tied = {c for identity in sagt.identitaeten for c in identity}
    amounts = [c for c in vorlage.figuren if c.endswith(GELD) or c in vorlage.betraege or c in tied]
    plain = merkmale.of_release(sagt.merkmal, sagt.heisst)
    name = merkmale.of_columns(plain, sagt.groessen, amounts)
    cells = {c: vorlage.zellen(c, name) for c in vorlage.anzahl}
    money = {c: vorlage.zellen(c, name, geld=True) for c in amounts}
    for c, one in sagt.groessen.items():
        of = cells if c in cells else money
        of[c] = _nur(of[c], merkmale.gliederbar(one))
    if sagt.gleich:
        money = {c: _wiederholt(vorlage, found, sagt.gleich) for c, found in money.items()}
    relations, tied_cells = _gleichungen(vorlage, sagt.identitaeten, name, {**cells, **money})
    rests, sums = _reste(vorlage, sagt.anteile, name)
    sums += _von_damals(sagt, cells)
    sources: dict[str, tuple[str, ...]] = {c: (c,) for c in vorlage.anzahl}
    tells = dict(sources)
    for c in vorlage.figuren:
        own = sagt.aus.get(c) or ((c,) if c in amounts else _eltern(vorlage, c, amounts))
        sources[c], tells[c] = (*vorlage.hinter(c), *own), own or vorlage.hinter(c)
    return Tafel(
        vorlage, cells, money, sources, tells, sagt.kennzahl, relations, tied_cells, tuple(sums),
        rests, _loose(cells, vorlage), gehoert=sagt.gehoert,
        frueher=frozenset(z for c in sagt.bekannt for z in {**cells, **money}.get(c, ()) if z),
    )  # fmt: skip


def _gleichungen(
    vorlage: Vorlage, identitaeten: Iterable[Mapping[str, int]], name: Benennung,
    cells: Mapping[str, list[Zelle | None]],
) -> tuple[tuple[Beziehung, ...], tuple[Zeile, ...]]:  # fmt: skip
    """Return the identities of the rows: between names, or between cells.

    Names say it of all places at once. Where a column's cell lies elsewhere than its row (it fixes
    more, or what names the row is no part of it), the cells themselves are tied.
    """
    relations: dict[Beziehung, None] = {}
    rows: dict[Zeile, None] = {}
    places = vorlage.praedikate()
    for identity in identitaeten:
        vorlage.prove(identity)
        names = zip(*(vorlage.names(c, name) for c in identity), strict=True)
        there = zip(*(cells[c] for c in identity), strict=True)
        for place, called, found in zip(places, names, there, strict=True):
            k = identity.values()
            if all(z in (None, (n, place)) for z, n in zip(found, called, strict=True)):
                relations[tuple(zip(called, k, strict=True))] = None
            elif None not in found:
                known = (z for z in found if z is not None)
                rows[tuple(zip(known, k, strict=True))] = None
    return tuple(relations), tuple(rows)


def _von_damals(sagt: Erklaerung, cells: Mapping[str, list[Zelle | None]]) -> Iterator[Summe]:
    """Yield that columns repeat counts another delivery had."""
    for column, one in sagt.damals.items() if sagt.stand is not None else ():
        for cell in cells[column]:
            if cell is not None and sagt.stand is not None:
                yield merkmale.von_damals(one, sagt.stand), (cell,)


def _nur(cells: list[Zelle | None], dimensionen: frozenset[str]) -> list[Zelle | None]:
    """Return the cells without what only names a row (a publication is no part of a stock)."""
    return [z and (z[0], frozenset(p for p in z[1] if p[0] in dimensionen)) for z in cells]


def _wiederholt(
    vorlage: Vorlage, cells: list[Zelle | None], gleich: Mapping[str, str]
) -> list[Zelle | None]:
    """Return the totals of another table that the rows repeat, by their first key."""
    keys = [row[vorlage.spalten.index(vorlage.je[0])] for row in vorlage.zeilen]
    return [
        (gleich[key], frozenset()) if isinstance(key, str) and key in gleich and z else z
        for key, z in zip(keys, cells, strict=True)
    ]


def _eltern(vorlage: Vorlage, spalte: str, amounts: Sequence[str]) -> tuple[str, ...]:
    """Return the amounts a word or percentage of the row may tell: those with its own carriers."""
    behind = set(vorlage.hinter(spalte))
    return tuple(
        a for a in amounts
        if behind and vorlage.hinter(a) and set(vorlage.hinter(a)) <= behind
    )  # fmt: skip


def of_kennzahl(werte: Werte) -> Tafel:
    """Read the values of one Kennzahl: numerator and denominator are counts or sums of their own.

    ``zaehler``, ``nenner`` and ``wert`` are hidden when the Hilfen behind them are few, an amount
    also when few carry it; of a share, the rest (nenner − zaehler) is protected as well.
    """
    item, (vorlage, behind) = werte.kennzahl, _gelesen(werte)
    everybody = tuple(c for s in SEITEN for c in behind[s])
    both = (behind["zaehler"][0], behind["nenner"][0])
    name = merkmale.of_kennzahl(werte)
    counts = {c: vorlage.zellen(c, name) for c in everybody}
    parts = {"zaehler": item.zaehler, "nenner": item.nenner}
    amounts = [s for s, part in parts.items() if not merkmale.counts_rows(part)]
    own: dict[str, tuple[str, ...]]
    own = {s: (s,) if s in amounts else behind[s][:1] for s in SEITEN}
    if item.zaehler is None:  # a forecast: the value itself is the amount
        amounts, own = ["wert"], {"zaehler": (), "nenner": ()}
    whole = tuple(c for s in SEITEN for c in own[s])
    each: dict[str, tuple[str, ...]] = {c: (c,) for c in counts}
    sources = each | {s: (*behind[s], *own[s]) for s in SEITEN}
    sources["wert"] = (*everybody, *(whole or ("wert",)))
    tells = {c: each[c] for c in both} | own | {"wert": whole or ("wert",)}
    money = {c: vorlage.zellen(c, merkmale.of_betrag(werte), geld=True) for c in amounts}
    shares = (both,) if is_share(item, vorlage) else ()
    rests, sums = _reste(vorlage, shares, name)
    streams, more = _verwandt(werte, vorlage, both)
    return _mit_rest(Tafel(
        vorlage, counts, money, sources, tells, item, (), _wie_heute(werte, vorlage, counts, money),
        (*sums, *more), rests, _loose(counts, vorlage), streams, luecken=werte.luecken,
    ))  # fmt: skip


def _wie_heute(
    werte: Werte, vorlage: Vorlage, counts: Mapping[str, list[Zelle | None]],
    money: Mapping[str, list[Zelle | None]],
) -> tuple[Zeile, ...]:  # fmt: skip
    """Tie what another delivery had to what today's says just the same: one tells the other."""
    today = replace(werte, stand=None)
    names = ((counts, merkmale.of_kennzahl(today)), (money, merkmale.of_betrag(today)))
    rows: list[Zeile] = []
    for cells, name in names:
        for column in cells:
            if column.removeprefix("faelle_").removeprefix("tragende_") in werte.gleich:
                same = vorlage.zellen(column, name, geld=cells is money)
                pairs = zip(cells[column], same, strict=True)
                rows += [((then, 1), (now, -1)) for then, now in pairs if then and now]
    return tuple(rows)


def _gelesen(werte: Werte) -> tuple[Vorlage, dict[str, tuple[str, ...]]]:
    """Read the columns of a Kennzahl; return them, and the counts behind either side."""
    je = tuple(werte.je)
    demand_no_persons(je)
    behind = {
        s: (f"faelle_{s}", *(c for c in TRAGENDE if c in werte.frame and c.endswith(s)))
        for s in SEITEN
    }
    everybody = tuple(c for s in SEITEN for c in behind[s])
    rest = {REST[0]: REST[1:]} if REST[0] in werte.frame else {}
    vorlage = Vorlage.read(
        net_of_what_is_taken_off(werte), je=je,
        anzahl=(*everybody, *(REST[1:] if rest else ())),
        abgeleitet={**behind, **rest, "wert": everybody}, betraege={},
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
    werte: Werte, vorlage: Vorlage, columns: Iterable[str]
) -> tuple[frozenset[Strom], list[Summe]]:
    """Say what the counts of a Kennzahl have to do with others: stock, flow and sums."""
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
    return frozenset(streams), sums


def _reste(
    vorlage: Vorlage, anteile: Iterable[tuple[str, str]], name: Benennung
) -> tuple[dict[Zelle, int], list[Summe]]:
    rests: dict[Zelle, int] = {}
    sums: list[Summe] = []
    for part, whole in anteile:
        for n, z, remainder, count in vorlage.rest(part, whole, name):
            rests[remainder] = count
            sums.append((n, (z, remainder)))
    return rests, sums


def _loose(cells: Mapping[str, list[Zelle | None]], vorlage: Vorlage) -> frozenset[Zelle]:
    """Return the cells that came without the rest of their breakdown: others are no zeros there."""
    pairs = (p for c in cells.values() for p in zip(c, vorlage.praedikate(), strict=True))
    return frozenset(z for z, row in pairs if z is not None and z[1] != row)
