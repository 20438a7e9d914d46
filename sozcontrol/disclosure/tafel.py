"""One table as the decision reads it: its cells, what its figures are made from, its relations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from sozcontrol.catalogue.kennzahl import Ausdruck
from sozcontrol.disclosure import merkmale
from sozcontrol.disclosure.eignung import demand_no_persons
from sozcontrol.disclosure.lesen import Vorlage
from sozcontrol.disclosure.mengen import Zeile, Zelle
from sozcontrol.disclosure.merkmale import Benennung, Beziehung, Strom, Summe
from sozcontrol.measures.zaehlwerk.kennzahlen import Belegt
from sozcontrol.measures.zaehlwerk.rechnen import Bestandteil, Rechnung

GELD = "_eur"
"""Columns of amounts end so (style.md 2)."""


@dataclass(frozen=True)
class Tafel:
    """A table with the cells its columns hold, row by row.

    ``zellen`` are the counts, ``betraege`` the amounts (a cell a row, None where the table holds
    none). ``quellen`` says of each figure which of both it was made from: it is hidden with any of
    them. ``summiert`` says what amounts sum up, and as of which day (None: that of the row).
    ``verraet`` says which of them a reader of the figure knows. ``vielfaches`` says of what
    other amount one is a multiple, by a number that every other row tells. ``anderswo`` are cells
    of other tables that figures of a row were made from: both holds of them, too.
    """

    vorlage: Vorlage
    zellen: Mapping[str, list[Zelle | None]]
    betraege: Mapping[str, list[Zelle | None]]
    quellen: Mapping[str, tuple[str, ...]]
    verraet: Mapping[str, tuple[str, ...]]
    anderswo: Mapping[str, Sequence[frozenset[Zelle]]] = field(default_factory=dict)
    kennzahl: Belegt | None = None
    beziehungen: tuple[Beziehung, ...] = ()
    zeilen: tuple[Zeile, ...] = ()
    summen: tuple[Summe, ...] = ()
    reste: Mapping[Zelle, int] = field(default_factory=dict)
    lose: frozenset[Zelle] = frozenset()
    stroeme: frozenset[Strom] = frozenset()
    gehoert: tuple[tuple[tuple[str, str], tuple[str, str]], ...] = ()
    frueher: frozenset[Zelle] = frozenset()
    vielfaches: Mapping[Zelle, Zelle] = field(default_factory=dict)
    luecken: tuple[str, ...] = ()
    summiert: Mapping[str, tuple[Ausdruck, date | None]] = field(default_factory=dict)

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

    def werte(self) -> Iterator[tuple[Zelle, int | Decimal]]:
        """Yield all cells, counts and amounts, with their figures."""
        yield from self.anzahlen().items()
        yield from ((cell, amount) for cell, amount, _ in self.geld())

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
        multiples = {own(z) or z: own(of) or of for z, of in self.vielfaches.items()}
        return replace(
            self, betraege=amounts, beziehungen=rows, zeilen=tied, frueher=before,
            vielfaches=multiples,
        )  # fmt: skip

    def zelle(self, spalte: str, zeile: int) -> Zelle | None:
        """Return the cell a count or amount column holds in a row."""
        return (self.zellen.get(spalte) or self.betraege[spalte])[zeile]

    def sichtbar(self, gezeigt: Sequence[str] | None) -> set[Zelle]:
        """Return the cells a reader knows where the columns *gezeigt* are shown."""
        shown = self.vorlage.spalten if gezeigt is None else gezeigt
        columns = {c for name in shown for c in self.verraet.get(name, ())}
        found = {z for c in columns for z in self.zellen.get(c, self.betraege.get(c, ()))}
        found |= {z for c in shown for cells in self.anderswo.get(c, ()) for z in cells}
        return {z for z in found if z is not None}

    def stellen(self, gezeigt: Sequence[str] | None) -> Iterator[Zelle]:
        """Yield for every figure in the columns *gezeigt* each cell it would be hidden with."""
        of = {**self.zellen, **self.betraege}
        for c in self.vorlage.spalten if gezeigt is None else gezeigt:
            for source in self.quellen.get(c, ()):
                yield from (z for z in of[source] if z is not None)
            for cells in self.anderswo.get(c, ()):
                yield from cells

    @property
    def zeigbar(self) -> list[str]:
        """The columns a reader may be told of; others only stand behind figures."""
        v = self.vorlage
        return [c for c in v.spalten if c in v.je or c in self.verraet]

    def verborgen(self, geheim: set[Zelle]) -> dict[str, set[int]]:
        """Return column → rows in which it is hidden when the cells *geheim* are."""
        of = {**self.zellen, **self.betraege}
        gone = {c: {r for r, z in enumerate(cells) if z in geheim} for c, cells in of.items()}
        away = {
            c: {r for r, cells in enumerate(rows) if cells & geheim}
            for c, rows in self.anderswo.items()
        }
        return {
            c: away.get(c, set()).union(*(gone[s] for s in sources))
            for c, sources in self.quellen.items()
        }


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
    bestandteile: Mapping[str, tuple[tuple[Bestandteil, ...], ...]] = field(default_factory=dict)


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
        of[c] = _nur(of[c], merkmale.gliederbar(one.ausdruck))
    if sagt.gleich:
        money = {c: _wiederholt(vorlage, found, sagt.gleich) for c, found in money.items()}
    relations, tied_cells = _gleichungen(vorlage, sagt.identitaeten, name, {**cells, **money})
    rests, sums = reste(vorlage, sagt.anteile, name)
    sums += _von_damals(sagt, cells)
    sums += _verwandt(vorlage, sagt.groessen, cells)
    sources: dict[str, tuple[str, ...]] = {c: (c,) for c in vorlage.anzahl}
    tells = dict(sources)
    for c in vorlage.figuren:
        made = sagt.aus.get(c, ())
        own = (c, *made) if c in amounts else made or _eltern(vorlage, c, amounts)
        sources[c], tells[c] = (*vorlage.hinter(c), *own), own or vorlage.hinter(c)
    elsewhere = {
        c: [merkmale.anderswo(parts) for parts in rows] for c, rows in sagt.bestandteile.items()
    }
    multiples = [(c, *of) for c, of in sagt.aus.items() if len(of) == 1 and {c, *of} <= {*money}]
    pairs = (p for c, of in multiples for p in zip(money[c], money[of], strict=True))
    return Tafel(
        vorlage, cells, money, sources, tells, elsewhere, sagt.kennzahl, relations, tied_cells,
        tuple(sums), rests, loose(cells, vorlage), gehoert=sagt.gehoert,
        frueher=frozenset(z for c in sagt.bekannt for z in {**cells, **money}.get(c, ()) if z),
        vielfaches={z: of for z, of in pairs if z and of},
        summiert={c: (r.ausdruck, r.stichtag) for c, r in sagt.groessen.items() if c in money},
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


def _verwandt(
    vorlage: Vorlage, groessen: Mapping[str, Rechnung], cells: Mapping[str, list[Zelle | None]]
) -> Iterator[Summe]:
    """Yield what declared counts and sums have to do with others: a choice and what it leaves."""
    for column, one in groessen.items():
        inside = merkmale.gliederbar(one.ausdruck)
        places = dict.fromkeys(
            frozenset(p for p in row if p[0] in inside) for row in vorlage.praedikate()
        )
        yield from merkmale.sums_of(one, places, betrag=column not in cells)


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


def reste(
    vorlage: Vorlage, anteile: Iterable[tuple[str, str]], name: Benennung
) -> tuple[dict[Zelle, int], list[Summe]]:
    """Return what parts leave of their wholes, and that both make them."""
    rests: dict[Zelle, int] = {}
    sums: list[Summe] = []
    for part, whole in anteile:
        for n, z, remainder, count in vorlage.rest(part, whole, name):
            rests[remainder] = count
            sums.append((n, (z, remainder)))
    return rests, sums


def loose(cells: Mapping[str, list[Zelle | None]], vorlage: Vorlage) -> frozenset[Zelle]:
    """Return the cells that came without the rest of their breakdown: others are no zeros there."""
    pairs = (p for c in cells.values() for p in zip(c, vorlage.praedikate(), strict=True))
    return frozenset(z for z, row in pairs if z is not None and z[1] != row)
