"""What readers could know of a Stichtag: all cells of all tables, and what ties them together.

A cell is (measure, predicate): ``("H01", {art: 33, gebiet: Nord})``. Dimensions that are totalled
are left out of the predicate, so the same cell is recognised in every table. Counts and amounts
are cells alike; an amount knows the counts behind it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import NoReturn

from sozcontrol import catalogue
from sozcontrol.disclosure import merkmale
from sozcontrol.disclosure.mengen import Fest, Zeile, Zelle, dimensionen, gliederungen, innerhalb
from sozcontrol.disclosure.merkmale import Beziehung, Strom
from sozcontrol.disclosure.tafel import Tafel
from sozcontrol.errors import NotReleased

Zahl = int | Decimal

CENT = Decimal("0.02")
"""Amounts rounded one by one may miss their sum by a cent each."""
ZIFFERN = 5
"""From so many digits on, trailing zeros not counted, two equal amounts are one."""
REST = "Rest"


@dataclass
class Lage:
    """Cells with their true figures, what is decided of them, and the relations a reader can use.

    ``offen`` and ``gesperrt`` name the editions in which a cell is shown and hidden already;
    ``frueher`` was published before and is never hidden for others;
    ``weich`` are hidden counts whose mark may stand for zero, too, ``lose`` counts that came
    without the rest of their breakdown; ``vielfache`` are amounts that follow from another one.
    """

    wert: dict[Zelle, Zahl] = field(default_factory=dict)
    traeger: dict[Zelle, set[Zelle]] = field(default_factory=dict)
    oeffentlich: set[Zelle] = field(default_factory=set)
    offen: dict[Zelle, set[str]] = field(default_factory=dict)
    gesperrt: dict[Zelle, set[str]] = field(default_factory=dict)
    frueher: set[Zelle] = field(default_factory=set)
    weich: set[Zelle] = field(default_factory=set)
    lose: set[Zelle] = field(default_factory=set)
    vielfaches: dict[Zelle, Zelle] = field(default_factory=dict)
    beziehungen: dict[Beziehung, None] = field(default_factory=dict)
    zeilen: dict[Zeile, None] = field(default_factory=dict)
    summen: dict[tuple[Zelle, tuple[Zelle, ...]], None] = field(default_factory=dict)
    stroeme: set[Strom] = field(default_factory=set)
    gehoert: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)

    def __reduce__(self) -> NoReturn:
        raise TypeError("the cells hold what is suppressed and are never pickled")

    def mindestens(self, edition: str) -> set[Zelle]:
        """Return the cells hidden already in an edition that shows as much as *edition* or more."""
        return {z for z, there in self.gesperrt.items() if any(weiter(e, edition) for e in there)}

    def bekannt(self, edition: str) -> set[Zelle]:
        """Return the cells shown already in an edition whose readers are no closer circle."""
        return {z for z, there in self.offen.items() if any(weiter(edition, e) for e in there)}

    def merken(self, edition: str, sichtbar: set[Zelle], geheim: set[Zelle]) -> None:
        """Remember what an edition shows and hides."""
        for cell in sichtbar:
            state = self.gesperrt if cell in geheim else self.offen
            state.setdefault(cell, set()).add(edition)

    def ist_betrag(self, zelle: Zelle) -> bool:
        """Say whether a cell is an amount."""
        return zelle in self.traeger or zelle in self.oeffentlich

    def aufnehmen(self, tafel: Tafel, wo: str) -> None:
        """Take in the cells and relations of one table.

        Raises:
            NotReleased: A cell has another value than in an earlier table.
        """
        for cell, n in tafel.anzahlen().items():
            self._setzen(cell, n, wo)
            if cell in tafel.lose:
                self.lose.add(cell)
        for cell, amount, behind in tafel.geld():
            self._setzen(cell, amount, wo)
            if behind is None:
                self.oeffentlich.add(cell)
                self.traeger.pop(cell, None)
            elif cell not in self.oeffentlich:
                self.traeger.setdefault(cell, set()).update(behind)
        for cell, n in tafel.reste.items():
            self.wert.setdefault(cell, n)
        self.beziehungen |= dict.fromkeys(tafel.beziehungen)
        self.zeilen |= dict.fromkeys(tafel.zeilen)
        self.summen |= dict.fromkeys(tafel.summen)
        self.stroeme |= tafel.stroeme
        self.frueher |= tafel.frueher
        self.vielfaches |= tafel.vielfaches
        self.gehoert |= dict(tafel.gehoert)

    def _setzen(self, zelle: Zelle, wert: Zahl, wo: str) -> None:
        self.wert.setdefault(zelle, wert)
        if self.widerspricht(zelle, wert):
            raise _widerspruch(zelle, wo)

    def widerspricht(self, zelle: Zelle, wert: Zahl) -> bool:
        """Say whether a cell is known with another figure."""
        known = self.wert.get(zelle, wert)
        return abs(Decimal(known - wert)) > (CENT if self.ist_betrag(zelle) else 0)

    def vergessen(self, neu: Iterable[tuple[Zelle, Zahl]]) -> None:
        """Forget what *neu* tells otherwise, and what is not told anew and adds up no longer."""
        told = {**self.wert, **(now := dict(neu))}
        gone = other = {z for z, n in now.items() if self.widerspricht(z, n)}
        for row in self.abgeschlossen()[1] if other else ():
            cells = {z for z, _ in row}
            if cells & other and cells <= self.wert.keys():
                limit = CENT * len(row) if any(map(self.ist_betrag, cells)) else Decimal(0)
                off = sum(k * told[z] for z, k in row)
                if off > limit or -off > limit:
                    gone = gone | (cells - now.keys())
        for cell in gone:
            for known in (self.wert, self.traeger, self.offen, self.gesperrt):
                known.pop(cell, None)
            for marked in (self.oeffentlich, self.frueher, self.weich, self.lose):
                marked.discard(cell)

    def abgeschlossen(self) -> tuple[Lage, list[Zeile]]:
        """Return a copy with what nobody shows but relations give away, and all relations."""
        copy = replace(
            self, wert=dict(self.wert), traeger=dict(self.traeger),
            beziehungen=self.beziehungen | dict.fromkeys(merkmale.identities(self.stroeme)),
        )  # fmt: skip
        return copy, copy._abschliessen()

    def _abschliessen(self) -> list[Zeile]:
        found: dict[Zeile, None] = {}
        for one, other, sign in self._gleiche_betraege():
            self._row({one: 1, other: -sign}, found)
        self._implied()
        by_measure: dict[str, list[Zelle]] = {}
        for cell in sorted(self.wert, key=ordnung):
            by_measure.setdefault(cell[0], []).append(cell)
        for cells in by_measure.values():
            self._margins(cells, found)
            self._nested(cells, found)
        for row in (*self._by_relation(), *self.zeilen):
            missing = {k > 0 for z, k in row if z not in self.wert}
            if len(missing) < 2:  # what may go up and down by what nobody knows says nothing
                self._row({z: k for z, k in row if z in self.wert}, found)
        for (whole, _), *parts in self._by_sum():
            # Without all its parts a sum bounds them from above; more than the whole is no sum.
            here = {z: k for z, k in parts if z in self.wert}
            known = -sum(k * self.wert[z] for z, k in here.items())
            if whole in self.wert and known <= self.wert[whole]:
                self._row({whole: 1, **here}, found)
        return list(found)

    def _gleiche_betraege(self) -> Iterator[tuple[Zelle, Zelle, int]]:
        """Yield amounts that are equal to the cent, or but for the sign: one number, two names.

        No table says that they are the same; whoever reads both can see it. What one measure is in
        two places can be equal by chance (flat rates): then only the same place is one number. What
        was out before is left alone: what equals it by chance would count as known.
        """
        by_value: dict[Decimal, list[tuple[Zelle, Fest]]] = {}
        for cell in sorted(self.traeger.keys() - self.frueher, key=ordnung):
            value = Decimal(self.wert[cell])
            if _ist_betrag_in_cent(value):
                place = frozenset(p for p in cell[1] if p[0] in gliederungen())
                by_value.setdefault(abs(value), []).append((cell, place))
        for same in by_value.values():
            places = {(cell[0], place) for cell, place in same}
            doubt = len(places) > len({measure for measure, _ in places})
            first: dict[Fest, Zelle] = {}
            for cell, place in same:
                one = first.setdefault(place if doubt else frozenset(), cell)
                if one != cell:
                    yield one, cell, 1 if self.wert[one] == self.wert[cell] else -1

    def _row(
        self, koeffizienten: Mapping[Zelle, int], found: dict[Zeile, None], *, genau: bool = False
    ) -> None:
        """Add a relation; what the true figures leave over becomes a cell nobody ever sees."""
        rest = sum(k * self.wert[z] for z, k in koeffizienten.items())
        size = -rest if rest < 0 else rest
        amounts = any(map(self.ist_betrag, koeffizienten))
        limit = CENT * len(koeffizienten) if amounts else Decimal(0)
        row = sorted(koeffizienten.items(), key=lambda pair: ordnung(pair[0]))
        if len(row) < 2:
            return
        if size > limit:
            if limit and genau:
                return  # figures that do not add up (means, spans) are no parts
            unseen: Zelle = (f"{REST} {row[0][0][0]} {len(found)}", frozenset())
            self.wert[unseen] = size
            if limit:
                self.traeger[unseen] = set()
            row.append((unseen, -1 if rest > 0 else 1))
        found[tuple(row)] = None

    def _margins(self, cells: list[Zelle], found: dict[Zeile, None]) -> None:
        """Relate every total to its parts, for each combination of dimensions that splits it."""
        by_dims: dict[frozenset[str], list[Zelle]] = {}
        for cell in cells:
            by_dims.setdefault(frozenset(d for d, _ in cell[1]), []).append(cell)
        layers = sorted(by_dims, key=lambda dims: (len(dims), sorted(dims)))
        for upper in layers:
            for lower in (dims for dims in layers if upper < dims):
                parts: dict[Fest, list[Zelle]] = {}
                for cell in by_dims[lower]:
                    above = frozenset(p for p in cell[1] if p[0] in upper)
                    parts.setdefault(above, []).append(cell)
                for cell in by_dims[upper]:
                    if below := parts.get(cell[1]):
                        self._row({cell: 1, **dict.fromkeys(below, -1)}, found, genau=True)

    def _nested(self, cells: list[Zelle], found: dict[Zeile, None]) -> None:
        """Relate a value of one dimension to the values of another that lie within it."""
        here = set(cells)
        groups: dict[tuple[Zelle, str], list[Zelle]] = {}
        for measure, predicate in cells:
            for pair in sorted(predicate, key=str):
                whole = self._ganzes(pair)
                if whole is not None:
                    above = (measure, predicate - {pair} | {whole})
                    groups.setdefault((above, pair[0]), []).append((measure, predicate))
        for (above, _), parts in groups.items():
            if above in here:
                self._row({above: 1, **dict.fromkeys(parts, -1)}, found)

    def _ganzes(self, pair: tuple[str, str | None]) -> tuple[str, str] | None:
        dimension, value = pair
        declared = None if value is None else self.gehoert.get((dimension, value))
        return declared or _within(pair)

    def _implied(self) -> None:
        """Add the counts nobody shows that relations and sums give away all the same.

        Two stocks and the inflow between them tell the outflow: it needs protection, though no
        table holds it. What is found may give away more.
        """
        while True:
            new: dict[Zelle, Zahl] = {}
            for row in [*self._by_relation(), *self._by_sum(), *self.zeilen]:
                missing = [z for z, _ in row if z not in self.wert]
                if len(missing) == 1 and missing[0] not in new:
                    sign = dict(row)[missing[0]]
                    rest = sum(k * self.wert[z] for z, k in row if z != missing[0])
                    amount = any(self.ist_betrag(z) for z, _ in row)
                    if amount or -sign * rest >= 0:
                        new[missing[0]] = -sign * rest
                    if amount:
                        self.traeger[missing[0]] = set()
            if not new:
                return
            self.wert |= new

    def _by_relation(self) -> Iterator[list[tuple[Zelle, int]]]:
        """Yield the relations predicate by predicate; a cell missing in a whole table is a zero."""
        places: dict[str, set[Fest]] = {}
        whole: set[tuple[str, frozenset[str]]] = set()
        for cell in self.wert:
            places.setdefault(cell[0], set()).add(cell[1])
            if cell not in self.lose:
                whole.add((cell[0], frozenset(d for d, _ in cell[1])))
        for relation in self.beziehungen:
            for predicate in _sorted(set().union(*(places.get(m, set()) for m, _ in relation))):
                dims = frozenset(d for d, _ in predicate)
                yield [
                    ((m, predicate), k)
                    for m, k in relation
                    if (m, predicate) in self.wert or (m, dims) not in whole
                ]

    def _by_sum(self) -> Iterator[list[tuple[Zelle, int]]]:
        for whole, parts in self.summen:
            yield [(whole, 1), *((z, -1) for z in parts)]


def weiter(edition: str, andere: str) -> bool:
    """Say whether *edition* may show all that *andere* shows."""
    return catalogue.edition(edition).schwelle <= catalogue.edition(andere).schwelle


def _widerspruch(zelle: Zelle, wo: str) -> NotReleased:
    """Say why a cell has two figures: its rows are of the same span, but not of the same day."""
    daily = sorted(
        d for d, _ in zelle[1] if any(s.taeglich(d) for s in catalogue.sichten().values())
    )
    if not daily or "|" not in zelle[0]:
        return NotReleased(
            "Unter demselben Merkmal stehen zwei verschiedene Zahlen.",
            wo=wo, tun="Mit merkmal=… sagen, was gezählt wird (z. B. »Zugang 2025«).",
        )  # fmt: skip
    return NotReleased(
        f"Derselbe Zeitraum ist zweimal nach »{daily[0]}« gegliedert: einmal, wie es am Stichtag "
        "war, einmal, wie es damals war.",
        wo=wo, tun=f"Nur eine der beiden Tafeln zeigen, oder eine ohne »{daily[0]}« gliedern.",
    )  # fmt: skip


def uneinige(tafeln: Iterable[Tafel], lage: Lage) -> set[str]:
    """Return the names under which tables hold different amounts: no name for one amount."""
    seen = {z: w for z, w in lage.wert.items() if lage.ist_betrag(z)}
    found = set()
    for tafel in tafeln:
        for cell, amount, _ in tafel.geld():
            if abs(seen.setdefault(cell, amount) - amount) > CENT:
                found.add(cell[0])
    return found


def _ist_betrag_in_cent(wert: Decimal) -> bool:
    """Say whether a figure is a sum of money that hardly another one happens to equal."""
    cents = abs(wert) * 100
    return cents == int(cents) and len(str(int(cents)).rstrip("0")) >= ZIFFERN


def _within(pair: tuple[str, str | None]) -> tuple[str, str] | None:
    """Return the one value of another dimension that a code lies within, None when there is none.

    What may lie within several values is in none of them alone.
    """
    dimension, code = pair
    for h in catalogue.hierarchien():
        if h.teil == dimension and h.ganzes in dimensionen():
            values = innerhalb(h.teil, h.ganzes).get(str(code), ())
            if len(values) == 1:
                return h.ganzes, str(values[0])
    return None


def ordnung(zelle: Zelle) -> tuple:
    """Return the key by which cells are put in order."""
    measure, predicate = zelle
    return (measure, sorted((d, v is None, v or "") for d, v in predicate))


def _sorted(predicates: Iterable[Fest]) -> list[Fest]:
    return sorted(predicates, key=lambda p: ordnung(("", p)))


def kleine(lage: Lage, zellen: Iterable[Zelle], schwelle: int) -> set[Zelle]:
    """Return the counts that are small, but not zero."""
    return {z for z in zellen if not lage.ist_betrag(z) and 0 < lage.wert[z] < schwelle}
