"""The queries of one comparison, written once and run again on every hybrid.

Between two hybrids only rows change. Turning expressions into SQL costs more than running it, so
each view and each query is turned into SQL once; a step runs those again whose tables it changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial, reduce
from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir
from ibis.expr.operations import InMemoryTable

from sozcontrol import catalogue, store
from sozcontrol.catalogue.kennzahl import Term
from sozcontrol.catalogue.sicht import Sicht
from sozcontrol.catalogue.tabelle import Tabelle
from sozcontrol.measures.zaehlwerk import sichten as zaehlwerk
from sozcontrol.measures.zaehlwerk.gliederung import summe
from sozcontrol.measures.zaehlwerk.grundzahlen import finde
from sozcontrol.measures.zaehlwerk.rechnen import (
    Abfrage,
    Ergebnis,
    Rechnung,
    folgt,
    plane,
    tatsachen_von,
    zeilen,
)
from sozcontrol.measures.zaehlwerk.sichten import FOLGE, basis_von, tatsachen, text_von, zeilen_von
from sozcontrol.measures.zaehlwerk.sichten import tabellen as view_tables
from sozcontrol.measures.zaehlwerk.zeitraum import spanne
from sozcontrol.revision.hybride import Paar

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

RAEUME = (*zaehlwerk.RAEUME, "revision")
TRAEGER = "traeger_id"


class _Statement:
    """One SQL statement over the views of some tables, and what it gave last."""

    def __init__(self, paar: Paar, sicht: str, text: store.Abfragetext) -> None:
        self._paar, self._text = paar, text
        self.tabellen = frozenset(view_tables(sicht))
        self._rows: pa.Table | None = None

    def vergiss(self, tabellen: frozenset[str]) -> None:
        if self.tabellen & tabellen:
            self._rows = None

    def rows(self) -> pa.Table:
        """Return the result as an Arrow table; the same object until a table has changed."""
        if self._rows is None:
            self._rows = self._text.rows(self._paar.con)
        return self._rows


def _text(
    paar: Paar, frage: str, quellen: Mapping[str, ir.Table], ausdruck: Callable[[], ir.Table]
) -> store.Abfragetext:
    """Return an expression as SQL, kept where it reads *quellen* alone."""
    return store.uebersetzt(RAEUME, frage, quellen, ausdruck) or _mit_fakten(paar, ausdruck())


def _mit_fakten(paar: Paar, ausdruck: ir.Table) -> store.Abfragetext:
    """Return an expression as SQL; facts that it holds itself are laid beside the tables."""
    for held in ausdruck.op().find(InMemoryTable):
        paar.con.con.register(held.name, held.data.to_pyarrow(held.schema))
    return store.Abfragetext.von(ausdruck)


class _Sichten:
    """The joined views of a hybrid: what ``sichten.Basis`` is to a delivery, and renewable."""

    def __init__(self, paar: Paar) -> None:
        self._paar = paar
        self._sql: dict[str, str] = {}

    def __call__(self, name: str) -> ir.Table:
        if name not in self._sql:
            text = text_von(name, self._paar)
            text = text or _mit_fakten(self._paar, basis_von(name, self._paar))
            self._sql[name] = text.sql
            self._lege(name)
        return self._paar.con.table(f"sicht_{name}")

    def erneuere(self, tabellen: frozenset[str]) -> None:
        for name in self._sql:
            if tabellen & set(view_tables(name.removesuffix(FOLGE))):
                self._lege(name)

    def gelesen(self, view: Sicht, folge: bool) -> dict[str, ir.Table]:
        """Return what the rows of *view* are read from, by the names it has here."""
        names = view.grundlage if view.bau else (f"{view.sicht}{FOLGE if folge else ''}",)
        return {f"sicht_{name}": self(name) for name in names}

    def _lege(self, name: str) -> None:
        self._paar.sql(f"CREATE OR REPLACE TABLE sicht_{name} AS {self._sql[name]}")


class Abfragen:
    """All that is asked of every hybrid of one comparison."""

    def __init__(
        self,
        paar: Paar,
        rechnungen: Sequence[Rechnung],
        anteile: Sequence[Rechnung],
        je: tuple[str, ...],
        summen: bool,
    ) -> None:
        self._je, self._sichten = je, _Sichten(paar)
        self._plan = [self._geplant(paar, query, summen) for query in plane(rechnungen, je)]
        self._anteile = list(self._je_traeger(paar, anteile))
        self._fertig: dict[Rechnung, tuple[pa.Table, pd.DataFrame]] = {}

    def erneuere(self, tabellen: frozenset[str]) -> None:
        """Forget what was read from *tabellen*, for their rows have changed."""
        self._sichten.erneuere(tabellen)
        for _, main, carried, survival in self._plan:
            for statement in [main, carried, *survival.values()]:
                if statement is not None:
                    statement.vergiss(tabellen)
        for statement, _ in self._anteile:
            statement.vergiss(tabellen)

    def ergebnis(self) -> Ergebnis:
        """Return all sums as they are on the present hybrid."""
        result = Ergebnis(self._je)
        for query, main, carried, survival in self._plan:
            rows = [s.rows().to_pylist() if s else [] for s in (main, carried)]
            tables = {name: s.rows().to_pylist() for name, s in survival.items()}
            result.ablegen(query, rows[0], tables, rows[1])
        return result

    def anteile(self) -> dict[Rechnung, pd.DataFrame]:
        """Return, a sum, the fingerprints of every carrier's own share in it.

        Fingerprints, not shares: how they differ is all that is asked, of amounts and of spans
        alike. They are linear in amounts and counts, so that what moves to and fro leaves nothing.
        What no step changed is the same object as before.
        """
        found = {}
        for statement, columns in self._anteile:
            rows, frame = statement.rows(), None
            for r, names in columns.items():
                if r not in self._fertig or self._fertig[r][0] is not rows:
                    frame = rows.to_pandas().set_index(TRAEGER) if frame is None else frame
                    self._fertig[r] = (rows, frame[names])
                found[r] = self._fertig[r][1]
        return found

    def _geplant(
        self, paar: Paar, query: Abfrage, summen: bool
    ) -> tuple[Abfrage, _Statement | None, _Statement | None, dict[str, _Statement]]:
        read = self._sichten.gelesen(query.sicht, query.quelle.folge)
        said = f"{summen} {query!r} {tatsachen_von(query)}"

        def statement(was: str, ausdruck: Callable[[], ir.Table]) -> _Statement:
            return _Statement(paar, query.sicht.sicht, _text(paar, f"{was} {said}", read, ausdruck))

        survival = {
            name: statement(
                f"lebenstafel {name}", partial(query.lebenstafel, self._sichten, name, summen)
            )
            for name in query.dauern
        }
        main = statement("zeilen", partial(query.ausdruck, self._sichten, summen))
        if not query.betraege:
            return query, main, None, survival
        who = statement("tragende", partial(query.tragende, self._sichten, summen))
        return query, main, who, survival

    def _je_traeger(
        self, paar: Paar, rechnungen: Sequence[Rechnung]
    ) -> Iterator[tuple[_Statement, dict[Rechnung, list[str]]]]:
        """One statement a view: a row a carrier, a column a term.

        All terms with persons of one sum count in the same view (``measures.prove`` holds it).
        """
        views: dict[tuple[str, bool], list[Rechnung]] = {}
        for r in rechnungen:
            counted = next(v for t in r.ausdruck.terme if (v := finde(t).sicht).traeger)
            views.setdefault((counted.sicht, bool(counted.folge) and folgt(r)), []).append(r)
        for (view, folge), sums in views.items():
            facts = catalogue.sicht(view)
            said = f"anteile {folge} {sums!r} {paar.stichtag} {tatsachen(view)}"
            read = self._sichten.gelesen(facts, folge)
            made = partial(self._anteile_aus, facts, folge, sums, paar.stichtag)
            yield _Statement(paar, view, _text(paar, said, read, made)), _spalten(view, sums)

    def _anteile_aus(
        self, view: Sicht, folge: bool, sums: Sequence[Rechnung], stichtag: date
    ) -> ir.Table:
        table = zeilen_von(view, self._sichten, stichtag, folge)
        table = table.mutate(**{TRAEGER: _traeger(view, table)})
        shares = {
            name: _anteil(table, term, r)
            for r, names in _spalten(view.sicht, sums).items()
            for name, term in zip(names, _terme(view.sicht, r), strict=True)
        }
        return table.group_by(TRAEGER).aggregate(**shares)


def _spalten(view: str, sums: Sequence[Rechnung]) -> dict[Rechnung, list[str]]:
    """Return, a sum, the columns of its terms in *view*."""
    return {
        r: [f"r{number}_{place}" for place, _ in enumerate(_terme(view, r))]
        for number, r in enumerate(sums)
    }


def _terme(view: str, rechnung: Rechnung) -> list[Term]:
    return [term for term in rechnung.ausdruck.terme if term.sicht == view]


def _traeger(view: Sicht, table: ir.Table) -> ir.Value:
    """Return who a row belongs to; of rows that count already each is taken for one person.

    How many of those it counts were changed no delivery says: so few, and hidden, rather than many.
    """
    carriers = view.traeger
    if carriers and carriers.schluessel:
        return table[carriers.schluessel]
    keys = [table[k].cast("string").fill_null("") for k in _zeilentabelle(view).schluessel]
    return reduce(lambda a, b: a + "|" + b, keys)


def _zeilentabelle(view: Sicht) -> Tabelle:
    """Return the table whose rows a view has; one that counts carriers keeps those of its base."""
    base = view if view.tabelle else catalogue.sicht(view.grundlage[0])
    assert base.tabelle is not None, f"{view.sicht} has no rows of a table"
    return catalogue.tabelle(base.tabelle)


def _anteil(table: ir.Table, term: Term, rechnung: Rechnung) -> ir.IntegerScalar:
    """Return the fingerprint of what one carrier's rows give to a term; 0 when none counts.

    Of an amount or count: itself in ten-thousandths, twice, and 1 for being there at all.
    """
    day, primitive = rechnung.stichtag, finde(term)
    where = zeilen(table, term, day)
    if primitive.art == "ueberleben":
        open_end = table.ende.cast("string").fill_null("")
        span = (table.beginn.cast("string") + "|" + open_end).max(where=where)
        druck = span.hash() // 2**8  # differences of fingerprints stay within 64 bits
    else:
        value = primitive.mass(table, spanne(term.zeitraum, day))
        counted = value is None or primitive.art == "verschieden"
        own = where.ifelse(1, 0).sum() if counted else summe(value, where)
        druck = (own.cast("decimal(30,4)") * 20_000).cast("int64") + 1
    nobody = ibis.literal(0, "int64")
    return where.any().fill_null(False).ifelse(druck, nobody)
