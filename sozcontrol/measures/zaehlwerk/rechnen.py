"""The engine: many declared sums of primitives, few queries.

All terms over one view become columns of one grouped aggregate, whatever indicator and Stichtag
they belong to: the city-wide value of every indicator costs one query a view, and so does a time
series of sixty months.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, localcontext
from functools import partial, reduce
from operator import add, and_, or_
from typing import TYPE_CHECKING

import ibis.expr.types as ir

from sozcontrol import catalogue, store
from sozcontrol.catalogue.kennzahl import Ausdruck, Bedingung, Term
from sozcontrol.catalogue.sicht import Sicht
from sozcontrol.measures.zaehlwerk.dauern import lebenstafel, ueberlebensmedian
from sozcontrol.measures.zaehlwerk.gliederung import (
    gruppiert,
    mit_schluesseln,
    schluesselspalten,
    summe,
)
from sozcontrol.measures.zaehlwerk.grundzahlen import (
    DULDUNG_AUSGELASSENER,
    SUMMEN,
    Grundzahl,
    finde,
)
from sozcontrol.measures.zaehlwerk.lieferung import Tabellen
from sozcontrol.measures.zaehlwerk.sichten import (
    RAEUME,
    Basis,
    Quelle,
    alter,
    antwort,
    ist_fraglich,
    je_stichtag,
    laesst_aus,
    mit_alter,
    tatsachen,
    vergleich,
    zeilen_von,
)
from sozcontrol.measures.zaehlwerk.tragende import tragende
from sozcontrol.measures.zaehlwerk.zeitraum import spanne

if TYPE_CHECKING:
    import pyarrow as pa

ANTEILIG = ("betrag", "menge")
"""The roles of sums that are made of what each carrier has by itself."""
BEITRAGENDE = "beitragende"
"""The column that tells contributors apart (``Sicht.traeger``)."""
PRAEZISION = 34
"""Significant decimal digits of a quotient; nothing is rounded before a reader sees it."""

Zahl = int | Decimal
Zeile = Mapping[str, object]
"""A row as Arrow gives it."""


@dataclass(frozen=True)
class Rechnung:
    """One sum of terms at one Stichtag."""

    ausdruck: Ausdruck
    stichtag: date

    @property
    def teile(self) -> tuple[Rechnung, ...]:
        """The sums it is made of, where terms are divided by others: each such term, each divisor.

        What one of them may not say, their quotients may not either; so each is asked by itself.
        """
        terms = self.ausdruck.terme
        if not any(t.durch for t in terms):
            return ()
        return tuple(
            Rechnung(Ausdruck(terme=(p,)), self.stichtag) for t in terms for p in _ketten(t)
        )

    @property
    def bestandteile(self) -> tuple[Rechnung, ...]:
        """What a difference or quotient is made of, each by itself; nothing of what only adds up.

        Who knows all of them but one can reckon the last from the whole.
        """
        terms = self.ausdruck.terme
        taken = len(terms) > 1 and any(t.vorzeichen < 0 for t in terms)
        divided = any(t.durch for t in terms)
        parts = dict.fromkeys(p for t in terms for p in _ketten(t))
        if not (taken or divided) or not any(_sicht(p).traeger for p in parts):
            return ()
        return tuple(Rechnung(Ausdruck(terme=(p,)), self.stichtag) for p in parts)


@dataclass(frozen=True)
class Bestandteil:
    """What a figure was made from though its table does not hold it: a sum, and of which part.

    ``was`` may also be the name that amounts no sum declares have in every table.
    """

    was: Rechnung | str
    wo: Mapping[str, str] = field(default_factory=dict)


def _ketten(term: Term) -> list[Term]:
    """Return a term and those it is divided by, each by itself."""
    return [t.model_copy(update={"durch": None, "vorzeichen": 1}) for t in term.alle]


@dataclass(frozen=True)
class _Quelle:
    """What one query reads: a view, for one Stichtag where its rows or groups depend on it."""

    sicht: str
    stichtag: date | None
    folge: bool


def zeilen(table: ir.Table, term: Term, stichtag: date) -> ir.BooleanValue:
    """Which rows of its view a term counts."""
    asked = (*finde(term).wo, *term.wo)
    return reduce(
        and_,
        (_erfuellt(table, term, c, stichtag) for c in asked),
        _gefragt_nach(table, term, stichtag),
    )


@dataclass(frozen=True)
class Ungewiss:
    """The rows a term asks of, and those that do not say what it asks.

    By the column that is empty in them: ``offen`` are rows that may count or not, ``ausgelassen``
    those it leaves out for it, as a share of the rows that do say it does.
    """

    gefragt: ir.BooleanValue
    offen: Mapping[str, ir.BooleanValue]
    ausgelassen: Mapping[str, ir.BooleanValue]


def ungewiss(table: ir.Table, term: Term, stichtag: date) -> Ungewiss | None:
    """Say of which rows a term does not know what it asks; None where it can be of none.

    Open is a row with an empty cell that a condition asks, if it fulfils all others or is open by
    them, too: what is ruled out by one answer needs no other.
    """
    asked, view = (*finde(term).wo, *term.wo), _sicht(term)
    open_ones = [c for c in asked if ist_fraglich(view, c)]
    filled = [c for c in asked if laesst_aus(view, c)]
    if not (open_ones or filled):
        return None

    def fulfils(conditions: Iterable[Bedingung], where: ir.BooleanValue) -> ir.BooleanValue:
        return reduce(and_, (_erfuellt(table, term, c, stichtag) for c in conditions), where)

    empty = {
        c.spalte: _verglichen(table, term, c, stichtag).isnull() for c in (*open_ones, *filled)
    }
    sure = fulfils(
        (c for c in asked if c not in open_ones and c not in filled),
        _gefragt_nach(table, term, stichtag),
    )
    possible = reduce(
        and_,
        (_erfuellt(table, term, c, stichtag) | empty[c.spalte] for c in open_ones),
        fulfils(filled, sure),
    )
    return Ungewiss(
        sure,
        {c.spalte: possible & empty[c.spalte] for c in open_ones},
        {c.spalte: sure & empty[c.spalte] for c in filled},
    )


def _gefragt_nach(table: ir.Table, term: Term, stichtag: date) -> ir.BooleanValue:
    """Which rows lie in a term's period and have a value to count, whatever it asks of them."""
    primitive = finde(term)
    where, size = primitive.zeilen(table, spanne(term.zeitraum, stichtag)), primitive.groesse
    if not size.entfaellt:
        return where
    nothing = (_erfuellt(table, term, c, stichtag) for c in size.entfaellt)
    return where & ~reduce(and_, nothing, table[size.spalte].isnull())


def _verglichen(table: ir.Table, term: Term, condition: Bedingung, stichtag: date) -> ir.Value:
    name = condition.spalte
    return alter(_sicht(term), table, stichtag) if name == "alter" else table[name]


def _erfuellt(table: ir.Table, term: Term, condition: Bedingung, stichtag: date) -> ir.BooleanValue:
    return vergleich(_verglichen(table, term, condition, stichtag), condition, stichtag)


def _mass(table: ir.Table, term: Term, where: ir.BooleanValue, stichtag: date) -> ir.Scalar:
    """Return what a term measures; nothing where it is open of too many rows if they count."""
    found, unsure = _gemessen(table, term, where, stichtag), ungewiss(table, term, stichtag)
    if unsure is None:
        return found
    limits = (
        (unsure.offen, finde(term).duldung_offener), (unsure.ausgelassen, DULDUNG_AUSGELASSENER),
    )  # fmt: skip
    bearable = (
        _ertraeglich(reduce(or_, rows.values()), unsure.gefragt, limit)
        for rows, limit in limits if rows
    )  # fmt: skip
    return reduce(and_, bearable).ifelse(found, None)


def _gemessen(table: ir.Table, term: Term, where: ir.BooleanValue, stichtag: date) -> ir.Scalar:
    primitive = finde(term)
    value = primitive.mass(table, spanne(term.zeitraum, stichtag))
    match primitive.art:
        case "anzahl":
            return _zahl(where)
        case "summe":
            assert value is not None, f"{term.grundzahl} measures nothing"
            return _belegt(primitive, value, where, summe(value, where))
        case "bekannt":
            assert value is not None, f"{term.grundzahl} measures nothing"
            return value.sum(where=where)
        case "verschieden":
            assert value is not None, f"{term.grundzahl} measures nothing"
            return _belegt(primitive, value, where, value.nunique(where=where))
        case _:
            assert value is not None, f"{term.grundzahl} measures nothing"
            # Not median(where=…): Ibis 12 would filter the 0.5, too, and Spark refuses that.
            return where.ifelse(value, None).median()


def _belegt(
    primitive: Grundzahl, value: ir.Value, where: ir.BooleanValue, found: ir.Scalar
) -> ir.Scalar:
    """Return what was found, or nothing where too many of the rows counted have no value."""
    limit = primitive.duldung
    if limit is None:
        return found
    return _ertraeglich(where & value.isnull(), where, limit).ifelse(found, None)


def _ertraeglich(few: ir.BooleanValue, of: ir.BooleanValue, limit: int) -> ir.BooleanScalar:
    """Whether at most one row in *limit* is of the few; with 0 none may be."""
    return _zahl(few) * limit <= _zahl(of) if limit else _zahl(few) == 0


def _zahl(where: ir.BooleanValue) -> ir.IntegerScalar:
    return where.ifelse(1, 0).cast("int64").sum().coalesce(0)


def traegerzahl(view: Sicht, table: ir.Table, where: ir.BooleanValue) -> ir.IntegerScalar:
    """Count whom disclosure protects behind the rows of a view (``Sicht.traeger``).

    Rows that count already may count the same persons in every period: the largest of them is how
    many there are at least.
    """
    carriers = view.traeger
    assert carriers is not None, f"nobody stands behind {view.sicht}"
    if carriers.zeile:  # one row each: counting is enough
        return _zahl(where)
    if carriers.verschieden:
        return table[carriers.verschieden].nunique(where=where)
    return table[carriers.spalte].max(where=where).coalesce(0).cast("int64")


@dataclass
class Abfrage:
    """One query: its source, its dimensions, and the columns the terms became."""

    quelle: _Quelle
    je: tuple[str, ...]
    masse: dict[str, tuple[Rechnung, Term]] = field(default_factory=dict)
    faelle: dict[str, Rechnung] = field(default_factory=dict)

    @property
    def sicht(self) -> Sicht:
        """The view it reads."""
        return catalogue.sicht(self.quelle.sicht)

    @property
    def hat_masse(self) -> bool:
        """Whether anything but life tables is asked for."""
        return any(finde(t).art != "ueberleben" for _, t in self.masse.values())

    def grundlage(self, basis: Quelle) -> ir.Table:
        """Return the view it reads."""
        return zeilen_von(self.sicht, basis, self.quelle.stichtag, self.quelle.folge)

    def tabelle(self, basis: Quelle) -> ir.Table:
        """Return the view with the derived columns the grouping and the conditions need."""
        day, view = self.quelle.stichtag, self.sicht
        table = self.grundlage(basis)
        grouped = any(d in view.abgeleitet and view.abgeleitet[d].gruppen for d in self.je)
        return mit_alter(view, table, day) if grouped else table

    def ausdruck(self, basis: Quelle, summen: bool) -> ir.Table:
        """Return the expression: columns ``[*je, *masse, *faelle]``."""
        table = self.tabelle(basis)
        if self.je:
            # A group no term counts in is no group of this indicator.
            table = table.filter(reduce(or_, self._zeilen(table).values()))
            table = mit_schluesseln(table, self.je, summen)
        keys = schluesselspalten(self.je)
        grouped = gruppiert(table, keys, **self._aggregate(table))
        return grouped.rename(dict(zip(self.je, keys, strict=True)))

    def _zeilen(self, table: ir.Table) -> dict[tuple[Rechnung, Term], ir.BooleanValue]:
        return {(r, term): zeilen(table, term, r.stichtag) for r, term in self.masse.values()}

    def _aggregate(self, table: ir.Table) -> dict[str, ir.Scalar]:
        wheres = self._zeilen(table)
        masse = {
            name: _mass(table, term, wheres[r, term], r.stichtag)
            for name, (r, term) in self.masse.items()
            if finde(term).art != "ueberleben"
        }
        for name, rechnung in self.faelle.items():
            if name in masse:  # a plain count of carriers is its own number of carriers
                continue
            where = reduce(or_, (w for (r, _), w in wheres.items() if r == rechnung))
            masse[name] = traegerzahl(self.sicht, table, where)
        return masse

    @property
    def betraege(self) -> dict[str, Rechnung]:
        """The sums of money that somebody carries, by the names of their counts."""
        carriers = self.sicht.traeger
        if carriers is None or carriers.beitragende is None:
            return {}
        return {name: r for name, r in self.faelle.items() if hat_beitraege(r)}

    def tragende(self, basis: Quelle, summen: bool) -> ir.Table:
        """Return who carries each sum of money: columns ``[*je, *betraege]``."""
        amounts, carriers = self.betraege, self.sicht.traeger
        assert amounts and carriers and carriers.beitragende, "nobody carries an amount"
        table, sums = self._gegeben(basis, summen, amounts)
        keys = schluesselspalten(self.je)
        counted = tragende(table, keys, carriers.beitragende, sums)
        return counted.rename(dict(zip(self.je, keys, strict=True)))

    def beitraege(self, basis: Quelle, summen: bool) -> ir.Table:
        """Return what each contributor gives to each sum: ``[*je, BEITRAGENDE, *faelle]``."""
        carriers = self.sicht.traeger
        assert carriers and carriers.beitragende, "nobody contributes by himself"
        table, sums = self._gegeben(basis, summen, self.faelle)
        keys = schluesselspalten(self.je)
        own = gruppiert(table, [*keys, carriers.beitragende], **sums)
        names = dict(zip(self.je, keys, strict=True))
        return own.rename({**names, BEITRAGENDE: carriers.beitragende})

    def _gegeben(
        self, basis: Quelle, summen: bool, sums: Mapping[str, Rechnung]
    ) -> tuple[ir.Table, dict[str, ir.NumericScalar]]:
        """Return the rows that count in *sums*, by group, and what they give to each."""
        table = self.tabelle(basis)
        wheres = {k: w for k, w in self._zeilen(table).items() if k[0] in sums.values()}
        table = mit_schluesseln(table.filter(reduce(or_, wheres.values())), self.je, summen)
        return table, {name: self._beitrag(table, r) for name, r in sums.items()}

    def _beitrag(self, table: ir.Table, rechnung: Rechnung) -> ir.NumericScalar:
        """What rows give to a sum, over all its terms; null where none counts."""
        given = []
        for r, term in self.masse.values():
            if r == rechnung:
                where, primitive = zeilen(table, term, r.stichtag), finde(term)
                value = primitive.mass(table, spanne(term.zeitraum, r.stichtag))
                assert value is not None, f"{term.grundzahl} measures nothing"
                given.append(where.ifelse(value * term.vorzeichen, None))
        if len(given) == 1:
            return given[0].sum()
        known = reduce(or_, (g.notnull() for g in given))
        return known.ifelse(reduce(add, (g.fill_null(0) for g in given)), None).sum()

    def lebenstafeln(self, basis: Quelle, summen: bool) -> dict[str, ir.Table]:
        """Return the life table of every survival term."""
        return {name: self.lebenstafel(basis, name, summen) for name in self.dauern}

    @property
    def dauern(self) -> list[str]:
        """The names of its survival terms."""
        return [n for n, (_, term) in self.masse.items() if finde(term).art == "ueberleben"]

    def lebenstafel(self, basis: Quelle, name: str, summen: bool) -> ir.Table:
        """Return the life table of one survival term: ``[*je, dauer, ende, risiko]``."""
        r, term = self.masse[name]
        table = self.tabelle(basis)
        rows = table.filter(zeilen(table, term, r.stichtag))
        rows = mit_schluesseln(rows, self.je, summen)
        period, keys = spanne(term.zeitraum, r.stichtag), schluesselspalten(self.je)
        table = lebenstafel(rows, period.von, period.bis, keys)
        return table.rename(dict(zip(self.je, keys, strict=True)))


def _sicht(term: Term) -> Sicht:
    return catalogue.sicht(term.sicht)


def folgt(rechnung: Rechnung) -> bool:
    """Whether a condition asks what came after a row."""
    terms = rechnung.ausdruck.terme
    return any(b.spalte in _sicht(t).folgespalten for t in terms for b in t.wo)


def hat_beitraege(rechnung: Rechnung) -> bool:
    """Whether a sum is one of money that single carriers contribute to."""
    if rechnung.teile:
        return any(map(hat_beitraege, rechnung.teile))
    counted = [p for p in map(finde, rechnung.ausdruck.terme) if p.sicht.traeger]
    return bool(counted) and all(p.hat_beitraege for p in counted)


def hat_anteile(summe: Ausdruck) -> bool:
    """Whether every carrier has a share of its own in a sum: of money, of days, of hours."""
    counted = [finde(t) for t in summe.terme]
    known = (c is not None and c.beitragende for c in (p.sicht.traeger for p in counted))
    shared = all(p.rolle in ANTEILIG and p.art in SUMMEN for p in counted)
    return not any(t.durch for t in summe.terme) and all(known) and shared


def traegt(term: Term, je: Sequence[str]) -> tuple[str, ...]:
    """Return those of *je* the term's view can be grouped by."""
    return tuple(d for d in je if d in _sicht(term).dimensionen)


def plane(rechnungen: Iterable[Rechnung], je: Sequence[str]) -> list[Abfrage]:
    """Group the terms of all sums into as few queries as their views allow."""
    queries: dict[_Quelle, Abfrage] = {}
    for rechnung in dict.fromkeys(r for asked in rechnungen for r in asked.teile or (asked,)):
        seen: set[_Quelle] = set()
        for term in rechnung.ausdruck.terme:
            view, kept = _sicht(term), traegt(term, je)
            dated = je_stichtag(view, kept)
            follow = bool(view.folge) and folgt(rechnung)
            source = _Quelle(view.sicht, rechnung.stichtag if dated else None, follow)
            query = queries.setdefault(source, Abfrage(source, kept))
            name = f"m{len(query.masse)}"
            query.masse[name] = (rechnung, term)
            if view.traeger and source not in seen:
                counts = len(rechnung.ausdruck.terme) == 1 and finde(term).plain_count
                query.faelle[name if counts else f"f{len(query.faelle)}"] = rechnung
            seen.add(source)
    return list(queries.values())


class Ergebnis:
    """The values of all sums, per group."""

    def __init__(self, je: Sequence[str]) -> None:
        self.je = tuple(je)
        self._werte: dict[tuple[Rechnung, Term], dict[tuple, Zahl | None]] = {}
        self._faelle: dict[Rechnung, dict[tuple, int | None]] = {}
        self._tragende: dict[Rechnung, dict[tuple, int]] = {}

    def fuelle(self, query: Abfrage, basis: Quelle, summen: bool) -> None:
        """Run one query and file its cells."""
        said = repr(query)

        def answer(was: str, expression: Callable[[], ir.Table]) -> list[Zeile]:
            daten = basis.daten if isinstance(basis, Basis) else None
            frage = f"{was} {summen} {said}"
            ask = partial(gefragt, query, basis, frage, expression)
            return store.beantwortet(daten, RAEUME, frage, ask).to_pylist()

        rows = answer("zeilen", lambda: query.ausdruck(basis, summen))
        tables = {
            name: answer(f"lebenstafel {name}", partial(query.lebenstafel, basis, name, summen))
            for name in query.dauern
        }
        asked = query.betraege and partial(query.tragende, basis, summen)
        self.ablegen(query, rows, tables, answer("tragende", asked) if asked else ())

    def ablegen(
        self, query: Abfrage, rows: Iterable[Zeile], tables: Mapping[str, Iterable[Zeile]],
        tragende: Iterable[Zeile] = (),
    ) -> None:  # fmt: skip
        """File the rows of one query, those of who carries its amounts, and its life tables.

        These have the names of the terms that ask for them.
        """
        cells = {name: self._werte.setdefault(r, {}) for name, r in query.masse.items()}
        for row in rows:
            key = tuple(row[d] for d in query.je)
            for name in cells.keys() - tables.keys():
                cells[name][key] = _exakt(row[name])
            for name, rechnung in query.faelle.items():
                count = row[name]  # of a plain count that is unknown, nobody can be counted
                told = None if count is None else _anzahl(count)
                self._faelle.setdefault(rechnung, {})[key] = told
        for name, table in tables.items():
            cells[name].update(_mediane(table, query.je))
        for row in tragende:
            key = tuple(row[d] for d in query.je)
            for name in row.keys() - set(query.je):
                self._tragende.setdefault(query.faelle[name], {})[key] = _anzahl(row[name])

    def schluessel(self, rechnung: Rechnung) -> set[tuple]:
        """Return the groups of the terms that can be grouped by all of *je*."""
        if rechnung.teile:
            return set[tuple]().union(*map(self.schluessel, rechnung.teile))
        terms = [t for t in rechnung.ausdruck.terme if traegt(t, self.je) == self.je]
        keys: set[tuple] = set()
        for term in terms:
            keys |= self._werte[rechnung, term].keys()
            keys |= self._faelle.get(rechnung, {}).keys()
        return keys

    def wert(self, rechnung: Rechnung, key: tuple) -> Zahl | None:
        """Return the exact value of a sum in a group; ``None`` where it is unknown."""
        if rechnung.teile:
            return self._quotienten(rechnung, key)
        total: Zahl = 0
        for term in rechnung.ausdruck.terme:
            primitive = finde(term)
            cells, place = self._werte[rechnung, term], self._projiziert(term, key)
            value = cells.get(place)
            if value is None:
                if place in cells or primitive.art in ("median", "ueberleben", "bekannt"):
                    return None
                value = 0
            total += term.vorzeichen * _geteilt(value, term, primitive, rechnung.stichtag)
        return total

    def _quotienten(self, rechnung: Rechnung, key: tuple) -> Zahl | None:
        """Add up terms that are divided by others; unknown where a divisor is, or is nothing."""
        total: Zahl = 0
        for term in rechnung.ausdruck.terme:
            parts = (Rechnung(Ausdruck(terme=(t,)), rechnung.stichtag) for t in _ketten(term))
            value = _durch([self.wert(part, key) for part in parts])
            if value is None:
                return None
            total += term.vorzeichen * value
        return total

    def faelle(self, rechnung: Rechnung, key: tuple) -> int | None:
        """Return how many carriers stand behind a sum; ``None`` where no persons do."""
        if rechnung.teile:
            return _wenigste(self.faelle(part, key) for part in rechnung.teile)
        term = next((t for t in rechnung.ausdruck.terme if _sicht(t).traeger), None)
        if term is None:
            return None
        return self._faelle.get(rechnung, {}).get(self._projiziert(term, key), 0)

    def tragende(self, rechnung: Rechnung, key: tuple) -> int | None:
        """Return how many carry a sum of money; of others, how many stand behind it."""
        if rechnung.teile:
            return _wenigste(self.tragende(part, key) for part in rechnung.teile)
        if not hat_beitraege(rechnung):
            return self.faelle(rechnung, key)
        term = next(t for t in rechnung.ausdruck.terme if _sicht(t).traeger)
        return self._tragende.get(rechnung, {}).get(self._projiziert(term, key), 0)

    def _projiziert(self, term: Term, key: tuple) -> tuple:
        kept = traegt(term, self.je)
        return tuple(v for d, v in zip(self.je, key, strict=True) if d in kept)


def _durch(werte: Sequence[Zahl | None]) -> Zahl | None:
    """Divide the first by the second, which the third divides, and so on."""
    above, *below = werte
    if not below:
        return above
    divisor = _durch(below)
    if above is None or not divisor:
        return None
    with localcontext() as context:
        context.prec = PRAEZISION
        return Decimal(above) / Decimal(divisor)


def _wenigste(zahlen: Iterable[int | None]) -> int | None:
    return min((n for n in zahlen if n is not None), default=None)


def _exakt(value: object) -> Zahl | None:
    if isinstance(value, float):  # a median of whole days: exact in binary, too
        return None if value != value else Decimal(str(value))
    assert value is None or isinstance(value, Zahl), "a sum is a number"
    return value


def _anzahl(value: object) -> int:
    assert isinstance(value, int), "a count is a whole number"
    return value


def _geteilt(value: Zahl, term: Term, primitive: Grundzahl, stichtag: date) -> Zahl:
    parts = primitive.teiler(spanne(term.zeitraum, stichtag))
    divisor = term.teiler * parts
    if divisor == 1:
        return value
    with localcontext() as context:
        context.prec = PRAEZISION
        return Decimal(value) / divisor


def _mediane(table: Iterable[Zeile], je: Sequence[str]) -> dict[tuple, int | None]:
    rows: dict[tuple, list[tuple[int, int, int]]] = {}
    for row in table:
        key = tuple(row[d] for d in je)
        dauer, ende, risiko = (_anzahl(row[c]) for c in ("dauer", "ende", "risiko"))
        rows.setdefault(key, []).append((dauer, ende, risiko))
    return {key: ueberlebensmedian(one) for key, one in rows.items()}


def tatsachen_von(query: Abfrage) -> str:
    """Return what facts the expressions of a query are made of, as this process knows them."""
    views = dict.fromkeys([query.quelle.sicht, *(term.sicht for _, term in query.masse.values())])
    counted = dict.fromkeys(repr(finde(term).groesse) for _, term in query.masse.values())
    return "\n".join((*map(tatsachen, views), *counted))


def gefragt(
    query: Abfrage, basis: Quelle, frage: str, expression: Callable[[], ir.Table]
) -> pa.Table:
    """Return the rows of one expression of a query, which reads the view of the query alone."""
    return antwort(f"{frage} {tatsachen_von(query)}", query.grundlage(basis), expression)


def rechne(
    daten: Tabellen, rechnungen: Iterable[Rechnung], je: Sequence[str] = (), summen: bool = True
) -> Ergebnis:
    """Compute all sums per combination of *je*, with *summen* also the totals over each of them."""
    result, basis = Ergebnis(je), Basis(daten)
    for query in plane(rechnungen, je):
        result.fuelle(query, basis, summen)
    return result
