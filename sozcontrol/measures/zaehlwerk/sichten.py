"""Views: the facts of ``catalogue/sichten`` as Ibis expressions.

*daten* is anything that gives a table by name (``daten["fall"]``); ``store.open_data`` does. All
joins are left joins on unique keys: a view has exactly the rows of its fact table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from functools import cache, partial, reduce
from itertools import count
from operator import add, or_
from typing import TYPE_CHECKING

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir

from sozcontrol import catalogue, store
from sozcontrol.catalogue.kennzahl import Bedingung, Bezug
from sozcontrol.catalogue.sicht import Feinste, Folge, Sicht, Verbindung
from sozcontrol.errors import CatalogueError, UsageError, nearest
from sozcontrol.measures.zaehlwerk.gedaechtnis import gedaechtnis
from sozcontrol.measures.zaehlwerk.gliederung import alter_am, gruppe
from sozcontrol.measures.zaehlwerk.lieferung import Tabellen
from sozcontrol.measures.zaehlwerk.zeitraum import fristbeginn, um_monate

if TYPE_CHECKING:
    import pyarrow as pa

RAEUME = ("catalogue", "store", "measures")
"""The rooms whose code and facts decide what a query asks and answers."""

Quelle = Callable[[str], ir.Table]
"""Gives a joined view by name (:class:`Basis`, or the mixed deliveries of a revision)."""

Bau = Callable[[Quelle, date], ir.Table]
"""Makes a view that no join gives, for one Stichtag, from other views."""

_BAUTEN: dict[str, Bau] = {}


def bau(name: str) -> Callable[[Bau], Bau]:
    """Register the decorated function as the maker facts call *name* (``Sicht.bau``).

    Its code is one of :data:`RAEUME`: what it makes is turned into SQL once for all deliveries.
    """

    def register(maker: Bau) -> Bau:
        assert name not in _BAUTEN, f"Bau {name} is registered twice"
        _BAUTEN[name] = maker
        return maker

    return register


def bauten() -> frozenset[str]:
    """Return the names of the makers there are."""
    return frozenset(_BAUTEN)


tabellen, noetige = catalogue.gelesene_tabellen, catalogue.noetige_tabellen


def tatsachen(name: str) -> str:
    """Return what is said of view *name* and of those it reads, as this process knows it."""
    view = catalogue.sicht(name)
    known: dict[str, str] = gedaechtnis(view, "tatsachen")
    if not known:
        below = (*view.grundlage, *(j.sicht for j in view.verbunden if j.sicht))
        known[name] = "\n".join((repr(view), *(tatsachen(base) for base in below)))
    return known[name]


@cache
def spalten(name: str) -> frozenset[str]:
    """Return the columns conditions on view *name* may ask."""
    view = catalogue.sicht(name)
    found = set(catalogue.tabelle(view.tabelle).namen) if view.tabelle else set()
    found = found.union(*(spalten(base) for base in view.grundlage))
    found |= {new for join in view.verbunden for new in join.spalten}
    found |= {*view.abgeleitet, *view.folgespalten, *view.gebaut}
    return frozenset(found | ({"alter"} if view.alter else set()))


Spalten = frozenset[tuple[str, str]]
"""Columns of canonical tables: table, column."""


def gelesen(view: Sicht, column: str) -> Spalten:
    """Return the canonical columns a column of a view takes its values from; none of one built."""
    if column in view.abgeleitet:
        made = view.abgeleitet[column]
        origins = (*made.summe, *(made.abstand or ()), *((made.von,) if made.von else ()))
        return frozenset[tuple[str, str]]().union(*(gelesen(view, one) for one in origins))
    if column == "alter" and view.alter:
        return gelesen(view, view.alter.monat or view.alter.jahre or "")
    for join in view.verbunden:
        if column in join.spalten:
            origin = join.spalten[column]
            if join.sicht:
                return gelesen(catalogue.sicht(join.sicht), origin)
            return frozenset({(join.tabelle or "", origin)})
    own = view.tabelle is not None and column in _namen(catalogue.tabelle(view.tabelle))
    return frozenset({(view.tabelle or "", column)}) if own else frozenset()


def _namen(table: catalogue.Tabelle) -> frozenset[str]:
    known: dict[str, frozenset[str]] = gedaechtnis(table, "namen")
    if not known:
        known["namen"] = frozenset(table.namen)
    return known["namen"]


def ist_fraglich(view: Sicht, condition: Bedingung) -> bool:
    """Whether an empty cell leaves open if a row fulfils *condition*.

    Not where it asks for empty cells itself, nor where the table says what an empty one means.
    """
    compares = condition.leer is None and condition.nicht_in is None
    return compares and _sagt_nichts(view, condition.spalte)


def laesst_aus(view: Sicht, condition: Bedingung) -> bool:
    """Whether *condition* leaves persons out because nothing is said of them."""
    single = view.traeger is not None and view.traeger.schluessel is not None
    return condition.leer is False and single and _sagt_nichts(view, condition.spalte)


def _sagt_nichts(view: Sicht, name: str) -> bool:
    """Whether a column may be empty without that being an answer."""
    columns = (catalogue.tabelle(t).spalte(c) for t, c in gelesen(view, name))
    return any(not column.pflicht and column.leer is None for column in columns)


GEBIET = "gebiet"
"""The one table that holds areas as a tree."""


def gebiete(daten: Tabellen, ebene: str) -> ir.Table:
    """Every area with the name of the area at *ebene* it is, or lies in: ``gebiet_id, name``.

    Looks up to two levels above; an area above that level (the city) has none.
    """
    areas = daten[GEBIET]

    def level(prefix: str) -> ir.Table:
        names = {f"{prefix}_{c}": areas[c] for c in ("gebiet_id", "typ", "name", "eltern_id")}
        return areas.select(**names)

    own, parent, grand = level("g"), level("p"), level("o")
    tree = own.left_join(parent, own.g_eltern_id == parent.p_gebiet_id)
    tree = tree.left_join(grand, tree.p_eltern_id == grand.o_gebiet_id)
    found = ibis.cases(
        *((tree[f"{p}_typ"] == ebene, tree[f"{p}_name"]) for p in ("g", "p", "o")),
        else_=ibis.null("string"),
    )
    return tree.select(gebiet_id=tree.g_gebiet_id, name=found)


def _verbunden(table: ir.Table, join: Verbindung, daten: Tabellen) -> ir.Table:
    other = verbinde(join.sicht, daten) if join.sicht else daten[join.tabelle or ""]
    wanted = {f"v_{old}": _oder_leer(other, old) for old in join.ueber.values()}
    columns = {f"n_{new}": _oder_leer(other, old) for new, old in join.spalten.items()}
    keys = {own: f"v_{old}" for own, old in join.ueber.items()}
    dated = bool(join.im_jahr or join.im_monat)
    right = other.select(**wanted, **columns, **(_gueltigkeit(other, join) if dated else {}))
    same = [table[own] == right[key] for own, key in keys.items()]
    same += _gilt(_periode(table, join), right) if dated else []
    found = {new: right[f"n_{new}"] for new in join.spalten}
    return table.left_join(right, same).select(*table.columns, **found)


def _oder_leer(table: ir.Table, column: str) -> ir.Value:
    """A delivery stored before the catalogue had a column has it empty."""
    return table[column] if column in table.columns else ibis.null("string")


def _gueltigkeit(other: ir.Table, join: Verbindung) -> dict[str, ir.Value]:
    order = ibis.window(group_by=list(join.ueber.values()), order_by="gueltig_von")
    number = _monat if join.im_monat else _jahr
    return {
        "g_von": number(other.gueltig_von),
        "g_bis": number(other.gueltig_bis),
        "g_naechste": number(other.gueltig_von.lead().over(order)),
    }


def _jahr(day: ir.DateValue) -> ir.IntegerValue:
    return day.year()


def _monat(day: ir.DateValue) -> ir.IntegerValue:
    return day.year() * 12 + day.month()


def _periode(table: ir.Table, join: Verbindung) -> ir.IntegerValue:
    """The number of the year or month a row asks the validity for."""
    return _monat(table[join.im_monat]) if join.im_monat else table[join.im_jahr or ""]


def _gilt(period: ir.IntegerValue, right: ir.Table) -> list[ir.BooleanValue]:
    """One row a period: the latest that begins by its end and has not run out before it.

    So exactly one matches, also in the year or month of a change.
    """
    return [
        right.g_von <= period,
        right.g_naechste.isnull() | (right.g_naechste > period),
        right.g_bis.isnull() | (right.g_bis >= period),
    ]


def _nur_feinste(table: ir.Table, level: Feinste) -> ir.Table:
    """Keep one level of overlapping rows, so that nobody is counted twice."""
    ranks = [(table[level.spalte] == typ, i) for i, typ in enumerate(level.rang)]
    ranked = table.mutate(rang=ibis.cases(*ranks, else_=len(level.rang)))
    finest = ranked.rang.min().over(ibis.window(group_by=list(level.je)))
    ranked = ranked.mutate(feinste=finest)
    return ranked.filter(ranked.rang == ranked.feinste).drop("rang", "feinste")


def _abgeloest(table: ir.Table, je: tuple[str, ...], bis: str | None) -> ir.Table:
    """Add the day a row's value ends: the next one of the same *je*, or the day after its last."""
    dates = table.select(*je, "tag").distinct()
    order = ibis.window(group_by=list(je) or None, order_by="tag")
    dates = dates.select(
        **{f"d_{name}": dates[name] for name in (*je, "tag")},
        abgeloest_am=dates.tag.lead().over(order),
    )
    same = [table[name] == dates[f"d_{name}"] for name in (*je, "tag")]
    dated = table.left_join(dates, same).select(*table.columns, "abgeloest_am")
    if bis is None:
        return dated
    after = (dated[bis] + ibis.interval(days=1)).cast("date")
    ends_first = after.notnull() & (dated.abgeloest_am.isnull() | (after < dated.abgeloest_am))
    return dated.mutate(abgeloest_am=ends_first.ifelse(after, dated.abgeloest_am))


def verbinde(name: str, daten: Tabellen) -> ir.Table:
    """Join view *name*; the same for every Stichtag (no age yet)."""
    view = catalogue.sicht(name)
    if view.tabelle is None:
        raise UsageError(
            f"Die Sicht »{name}« entsteht je Stichtag.",
            wo="measures.sicht",
            tun="measures.sicht(daten, name, stichtag) mit einem Stichtag aufrufen.",
        )
    table = daten[view.tabelle]
    for join in view.verbunden:
        table = _verbunden(table, join, daten)
    for column, made in view.abgeleitet.items():
        if made.gebiet:
            table = _mit_gebiet(table, column, made.gebiet, made.ebene or "", daten)
        elif made.merkmal:
            table = table.mutate(**{column: table[made.von].isin(_mit_merkmal(view, column))})
        elif made.summe:
            parts = (table[c].coalesce(0) for c in made.summe)
            table = table.mutate(**{column: reduce(add, parts)})
        elif made.abstand:
            first, last = (table[c] for c in made.abstand)
            table = table.mutate(**{column: last.delta(first, unit="day").cast("int64")})
    if view.feinste:
        table = _nur_feinste(table, view.feinste)
    table = table.mutate(**_zeiten(view, table))
    return _abgeloest(table, view.je, view.bis) if view.art == "stand" else table


def _zeiten(view: Sicht, table: ir.Table) -> dict[str, ir.Value]:
    """The columns the engine knows under its own names, whatever the table calls them."""
    own = {"beginn": view.beginn, "ende": view.ende, "tag": view.tag}
    return {name: table[column] for name, column in own.items() if column and column != name}


def _mit_gebiet(
    table: ir.Table, column: str, von: tuple[str, ...], ebene: str, daten: Tabellen
) -> ir.Table:
    if not _ist_da(daten, GEBIET):
        return table.mutate(**{column: ibis.null("string")})
    place = reduce(lambda a, b: a.coalesce(b), (table[c] for c in von))
    area = gebiete(daten, ebene).select(r_id=ibis._.gebiet_id, r_name=ibis._.name)
    joined = table.left_join(area, place == area.r_id)
    return joined.select(*table.columns, **{column: area.r_name})


def _ist_da(daten: Tabellen, name: str) -> bool:
    """Whether a data set has a table; one that can't tell has all of them."""
    known = getattr(daten, "tabellen", None)
    return known is None or name in known


def _mit_merkmal(view: Sicht, column: str) -> list[str]:
    made = view.abgeleitet[column]
    codes = catalogue.codeliste(_codeliste(view, made.von or "")).gueltig
    return [code for code, c in codes.items() if c.merkmale.get(made.merkmal or "") == "ja"]


def _codeliste(view: Sicht, column: str) -> str:
    assert view.tabelle is not None
    found = catalogue.tabelle(view.tabelle).spalte(column).codeliste
    assert found is not None, f"{column} has no code list"
    return found


def mit_folge(table: ir.Table, folge: Folge, zeile: str) -> ir.Table:
    """Add the days from a row's end to the next row of the same person that fulfils conditions.

    Null for open rows and where no other row begins on the day of the end (0 days) or later.
    """
    ended = table.filter(table.ende.notnull())
    ended = ended.select(e_id=ended[zeile], e_person=ended[folge.person], e_ende=ended.ende)
    marks = {
        f"f_{name}": reduce(lambda a, b: a & b, (erfuellt(table, one) for one in wo))
        for name, wo in folge.spalten.items()
    }
    later = table.select(
        f_id=table[zeile], f_person=table[folge.person], f_beginn=table.beginn, **marks
    )
    later = later.filter(reduce(or_, (later[mark] for mark in marks)))
    same = [ended.e_person == later.f_person, ended.e_id != later.f_id]
    pairs = ended.inner_join(later, [*same, later.f_beginn >= ended.e_ende])
    days = pairs.f_beginn.delta(pairs.e_ende, unit="day").cast("int64")
    first = pairs.group_by(f_von=pairs.e_id).aggregate(
        **{name: days.min(where=pairs[f"f_{name}"]) for name in folge.spalten}
    )
    return table.left_join(first, table[zeile] == first.f_von).select(
        *table.columns, *folge.spalten
    )


def erfuellt(table: ir.Table, bedingung: Bedingung) -> ir.BooleanValue:
    """Turn one declared condition that knows no Stichtag into an expression over *table*."""
    return vergleich(table[bedingung.spalte], bedingung, None)


def vergleich(column: ir.Value, bedingung: Bedingung, stichtag: date | None) -> ir.BooleanValue:
    """Compare *column* as declared; days relative to the Stichtag are counted from it."""
    (operation, value), *_ = bedingung.gegeben.items()
    if isinstance(value, Bezug):
        assert stichtag is not None, "a day relative to the Stichtag needs one"
        value = _tag(value, stichtag)
    match operation:
        case "gleich":
            return column == value
        case "in_":
            return column.isin(value)
        case "nicht_in":
            return column.isnull() | column.notin(value)
        case "groesser":
            return column > value
        case "groesser_gleich":
            return column >= value
        case "kleiner":
            return column < value
        case "kleiner_gleich":
            return column <= value
        case _:
            return column.isnull() if value else column.notnull()


def _tag(bezug: Bezug, stichtag: date) -> date:
    if bezug.frist_monate is not None:
        return fristbeginn(stichtag, bezug.frist_monate)
    assert bezug.stichtag_monate is not None
    return um_monate(stichtag, bezug.stichtag_monate)


def alter(view: Sicht, table: ir.Table, stichtag: date | None) -> ir.IntegerValue:
    """Return the age the rows of a view have on *stichtag*, in completed years."""
    assert view.alter is not None, f"{view.sicht} knows no age"
    if view.alter.jahre:
        return table[view.alter.jahre]
    assert stichtag is not None, "an age is that of a day"
    return alter_am(table[view.alter.monat], stichtag)


def mit_alter(view: Sicht, table: ir.Table, stichtag: date | None) -> ir.Table:
    """Add ``alter`` and the groups made of it on *stichtag*."""
    age = alter(view, table, stichtag)
    groups = {c: gruppe(age, a.gruppen) for c, a in view.abgeleitet.items() if a.gruppen}
    return table.mutate(alter=age, **groups)


def sicht(daten: Tabellen, name: str, stichtag: date | None = None) -> ir.Table:
    """Return view *name* of a delivery, one row a row of its table, with all it derives.

    With *stichtag* there are ``alter`` and its groups on that day, too; without one they are
    missing, for an age is that of a day.

    Raises:
        UsageError: There is no such view, or it needs a Stichtag.
    """
    view = catalogue.sicht(name)
    if view.bau is not None and stichtag is not None:
        return aufbau(view, Basis(daten), stichtag)
    table = verbinde(name, daten)
    if view.folge and view.traeger and view.traeger.zeile:
        table = mit_folge(table, view.folge, view.traeger.zeile)
    return mit_alter(view, table, stichtag) if view.alter and stichtag else table


def aufbau(view: Sicht, basis: Quelle, stichtag: date) -> ir.Table:
    """Return a view that its own room makes.

    Raises:
        CatalogueError: No room does.
    """
    if view.bau not in _BAUTEN:
        raise CatalogueError(
            f"Die Sicht »{view.sicht}« nennt den Bau »{view.bau}«, den es nicht gibt.",
            wo=f"sozcontrol/catalogue/sichten/{view.sicht}.yml",
            tun=nearest(view.bau or "", [*_BAUTEN]),
        )
    return _BAUTEN[view.bau](basis, stichtag)


FOLGE = "_folge"


def basis_von(name: str, daten: Tabellen) -> ir.Table:
    """Return what is joined once for all Stichtage: a view, or with ``_folge`` its follow-ups."""
    bare = name.removesuffix(FOLGE)
    table = verbinde(bare, daten)
    if bare == name:
        return table
    view = catalogue.sicht(bare)
    assert view.folge and view.traeger and view.traeger.zeile, f"{bare} knows no follow-up"
    return mit_folge(table, view.folge, view.traeger.zeile)


def text_von(name: str, daten: Tabellen) -> store.Abfragetext | None:
    """Return what :func:`basis_von` joins as SQL; None where it reads more than engine's tables."""
    bare = name.removesuffix(FOLGE)
    read = {t: daten[t] for t in tabellen(bare) if _ist_da(daten, t)}
    made = partial(basis_von, name, daten)
    return store.uebersetzt(RAEUME, f"sicht {name} {tatsachen(bare)}", read, made)


class Basis:
    """Gives the joined views of one data set; with *merken* each is joined once and kept.

    Kept views are temporary tables of the embedded engine; a distributed engine is given the
    expressions and plans the joins itself. Without *merken* the expressions reach down to the
    canonical tables, so their SQL tells the whole story.
    """

    def __init__(self, daten: Tabellen, *, merken: bool = True) -> None:
        self.daten = daten
        self._kept: dict[str, ir.Table] | None
        self._kept = gedaechtnis(daten, "sichten") if merken else None

    def __call__(self, name: str) -> ir.Table:
        """Return view *name*, joined; with ``_folge`` after it, with its follow-ups."""
        if self._kept is None:
            return basis_von(name, self.daten)
        if name not in self._kept:
            self._kept[name] = self._gelegt(name)
        return self._kept[name]

    def _gelegt(self, name: str) -> ir.Table:
        text = text_von(name, self.daten)
        if text is None:
            return _temporaer(basis_von(name, self.daten), name)
        own = self.daten[tabellen(name.removesuffix(FOLGE))[0]]
        return _lege(ibis.get_backend(own), name, text)

    def gebaut(self, view: Sicht, stichtag: date) -> ir.Table:
        """Return a view that its own room makes for a day."""
        if self._kept is None:
            return aufbau(view, self, stichtag)
        name = f"{view.sicht}_{stichtag:%Y%m%d}"
        if name not in self._kept:
            self._kept[name] = self._gebaut(view, stichtag, name)
        return self._kept[name]

    def _gebaut(self, view: Sicht, stichtag: date, name: str) -> ir.Table:
        made = cache(partial(aufbau, view, self, stichtag))
        read = {base: self(base) for base in view.grundlage}
        text = store.uebersetzt(RAEUME, f"bau {name} {tatsachen(view.sicht)}", read, made)
        if text is None:  # facts stand in the expression as rows
            return _temporaer(made(), name)
        return _lege(ibis.get_backend(read[view.grundlage[0]]), name, text)


def _temporaer(view: ir.Table, name: str) -> ir.Table:
    engine = ibis.get_backend(view)
    if engine.name != "duckdb":
        return view
    # Not Table.cache(): its clean-up speaks SQL that DuckDB 2 refuses.
    if view.op().find(ops.InMemoryTable):
        return engine.create_table(_freier_name(engine, name), view, temp=True)
    return _lege(engine, name, store.Abfragetext.von(view))


def _lege(engine: ibis.BaseBackend, name: str, text: store.Abfragetext) -> ir.Table:
    """Lay the rows of a view into a temporary table.

    create_table() would ask the engine a dozen questions first, and table() once more what the
    columns are. They are those that the expression promises: a sum of whole numbers would come back
    as a binary one.
    """
    table = _freier_name(engine, name)
    kinds = engine.compiler.type_mapper.to_string
    promised = ibis.Schema.from_pyarrow(text.schema)
    columns = ", ".join(f'"{c}" {kinds(kind)}' for c, kind in promised.items())
    engine.raw_sql(f"CREATE TEMP TABLE {table} ({columns})")
    engine.raw_sql(f"INSERT INTO {table} {text.sql}")
    return store.angelegt(engine, table, promised)


def _freier_name(engine: ibis.BaseBackend, name: str) -> str:
    return f"sicht_{name}_{next(engine.__dict__.setdefault('_sichten', count(1)))}"


def zeilen_von(view: Sicht, basis: Quelle, stichtag: date | None, folge: bool = False) -> ir.Table:
    """Return the rows of a view; *folge* adds its follow-ups."""
    if view.bau is not None:
        assert stichtag is not None, f"{view.sicht} needs a day"
        if isinstance(basis, Basis):
            return basis.gebaut(view, stichtag)
        return aufbau(view, basis, stichtag)
    return basis(f"{view.sicht}{FOLGE}" if folge else view.sicht)


def erster_tag(daten: Tabellen, name: str) -> date | None:
    """Return the first day view *name* knows anything of; None where it has no row or no day.

    What was before it is unknown, not nothing.
    """
    known: dict[str, date | None] = gedaechtnis(daten, "erster_tag")
    if name not in known:
        known[name] = _erster_tag(daten, catalogue.sicht(name))
    return known[name]


def _erster_tag(daten: Tabellen, view: Sicht) -> date | None:
    column = view.beginn or view.tag
    name = view.tabelle
    if name is None or column is None:
        return None

    said = f"erster Tag {name} {column}"

    def ask() -> pa.Table:
        table = daten[name]
        return antwort(said, table, lambda: table.aggregate(tag=table[column].min()))

    # Every report asks this of each view: answered from memory, no table is opened for it.
    (first,) = store.beantwortet(daten, RAEUME, said, ask).to_pylist()
    return first["tag"]


def antwort(frage: str, table: ir.Table, ausdruck: Callable[[], ir.Table]) -> pa.Table:
    """Return the rows of an expression over *table* alone; its SQL is written once for all cities.

    *frage* says all that it depends on beside the columns of *table*.
    """
    text = store.uebersetzt(RAEUME, frage, {"grundlage": table}, ausdruck)
    return text.rows(ibis.get_backend(table)) if text else ausdruck().to_pyarrow()


def je_stichtag(view: Sicht, je: Iterable[str]) -> bool:
    """Whether rows or groups depend on the day: the view is made for it, or an age is asked."""
    return view.bau is not None or any(view.taeglich(d) for d in je)
