"""One check of one delivery: schema, suites, rules in SQL; every rule not run is said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sozcontrol import catalogue
from sozcontrol.checks import fundorte
from sozcontrol.checks.datenbank import Datenbank
from sozcontrol.checks.frueher import Frueher, sprung
from sozcontrol.checks.ganzes import UNGEZAEHLT, ganzes
from sozcontrol.checks.regel import (
    SPALTEN_VORHANDEN,
    Erwartung,
    Querregel,
    Suite,
    load_querregeln,
    load_suites,
)
from sozcontrol.checks.tabellenschema import faults, filled, missing
from sozcontrol.checks.ungeprueft import Ungeprueft
from sozcontrol.checks.verzeichnis import NICHT_AUSWERTBAR
from sozcontrol.checks.zeilen import offending_rows
from sozcontrol.errors import CatalogueError
from sozcontrol.findings import Finding, Schwere
from sozcontrol.zuzweit import nebeneinander

if TYPE_CHECKING:
    import pyarrow as pa

    from sozcontrol.checks.suiten import Urteil

    Urteile = list[tuple[str, Urteil]]

GROSS = 300_000
"""Rows of a delivery from which on its suites are judged in a fork, beside its rules in SQL.

Great Expectations starts there, then, and the next delivery starts it again: a second, which of a
smaller one would be much.
"""


def check(
    tables: Mapping[str, pa.Table],
    *,
    stichtag: date,
    datenstand: date,
    expectations: Path,
    previous: Mapping[str, pa.Table] | None = None,
    unsicher: Mapping[str, frozenset[str]] | None = None,
) -> tuple[Finding, ...]:
    """Check the canonical *tables* of one delivery and return what does not hold.

    *unsicher* names columns, by table, that hold cells nobody could read: what reads them is not
    checked, everything else of their table is.

    Every finding names its rows by file, source row number and key columns. A rule that could not
    run (no such table, no values, no earlier delivery) is a finding of its own, R-S08.

    Raises:
        CatalogueError: A file under *expectations* is malformed or names what does not exist.
    """
    suites, rules = load_suites(expectations), load_querregeln(expectations)
    database = Datenbank(tables, previous or {}, stichtag=stichtag, datenstand=datenstand)
    try:
        run = _Pruefung(tables, previous or {}, database, unsicher or {})
        judge, apply = partial(_urteile, run.asked(suites, expectations)), partial(run.rules, rules)
        large = sum(map(len, tables.values())) >= GROSS
        verdicts, of_rules = nebeneinander(judge, apply) if large else (judge(), apply())
        of_suites = run.judged(verdicts)
    finally:
        database.close()
        run.earlier.close()
    found = [*run.findings, *of_suites, *of_rules, *run.skipped.findings()]
    return tuple(sorted(found, key=_order))


def _order(finding: Finding) -> tuple[object, ...]:
    tables, severities = list(catalogue.tabellen()), list(Schwere)
    place = tables.index(finding.tabelle) if finding.tabelle in tables else len(tables)
    return place, severities.index(finding.schwere), finding.regel, finding.meldung


@dataclass(frozen=True)
class _Gefragt:
    """The expectations of one suite that say something about its table."""

    name: str
    table: pa.Table
    erwartungen: tuple[Erwartung, ...]
    path: Path


def _urteile(asked: Iterable[_Gefragt]) -> Urteile:
    """Return table and verdict of each expectation; this asks Great Expectations and nobody else.

    So it can be done in a fork, where DuckDB must not be used.
    """
    # Imported late: a delivery without tables pays nothing for Great Expectations.
    from sozcontrol.checks.suiten import pruefer

    return [
        (one.name, verdict)
        # The largest first, while the rules beside it hold little.
        for one in sorted(asked, key=lambda one: -len(one.table))
        for verdict in pruefer().judge(one.name, one.table, one.erwartungen, one.path)
    ]


class _Pruefung:
    """The state of one check: tables, the engines, and what was found so far."""

    def __init__(
        self,
        tables: Mapping[str, pa.Table],
        previous: Mapping[str, pa.Table],
        database: Datenbank,
        unsure: Mapping[str, frozenset[str]],
    ) -> None:
        self.tables, self.previous, self.database = tables, previous, database
        self.unsure = unsure
        self.places = {
            "lieferung": fundorte.Fundorte(tables),
            "vorher_lieferung": fundorte.Fundorte(previous),
        }
        self.filled = {name: filled(table) for name, table in tables.items()}
        self.faults = {name: faults(name, table) for name, table in tables.items()}
        self.findings = [f for found in self.faults.values() for f in found]
        self.skipped = Ungeprueft()
        self.earlier = Frueher(previous)

    def asked(self, suites: Mapping[str, Suite], expectations: Path) -> list[_Gefragt]:
        """Return what is to be judged; expectations that can't be are said to be unchecked."""
        found = []
        for name, suite in suites.items():
            if name not in self.tables:
                for e in suite.expectations:
                    self.skipped.without_table(e.meta.regel, name)
            elif runnable := tuple(self._runnable_of(name, suite)):
                path = expectations / f"{name}.json"
                found.append(_Gefragt(name, self.tables[name], runnable, path))
        return found

    def _runnable_of(self, name: str, suite: Suite) -> Iterator[Erwartung]:
        table = self.tables[name]
        unsound = {*(f.spalte for f in self.faults[name]), *missing(name, table)}
        unsound |= self.unsure.get(name, frozenset())
        for e in suite.expectations:
            if unsound & set(e.spalten):
                continue  # its column has a finding already
            empty = [c for c in e.spalten if c not in self.filled[name]]
            if empty and len(table) and e.type != "expect_column_values_to_not_be_null":
                self.skipped.without_values(e.meta.regel, name, empty)
            else:
                yield e

    def judged(self, verdicts: Iterable[tuple[str, Urteil]]) -> list[Finding]:
        """Return a finding for each expectation that does not hold, or could not be evaluated."""
        return [
            self._failed(name, one)
            if one.auswertbar
            else _unevaluable(one.erwartung.meta.regel, name)
            for name, one in verdicts
            if not (one.auswertbar and one.erfuellt)
        ]

    def _failed(self, name: str, verdict: Urteil) -> Finding:
        e = verdict.erwartung
        sql = offending_rows(name, e)
        angaben = fundorte.shown(name, e.spalten)
        columns = self._columns(self.tables[name], name, angaben)
        rows = self.database.rows(sql, columns) if sql else []
        lacking = missing(name, self.tables[name]) if e.type == SPALTEN_VORHANDEN else []
        return Finding(
            regel=e.meta.regel,
            schwere=e.schwere,
            meldung=e.meta.meldung,
            tabelle=name,
            spalte=", ".join(e.spalten or lacking) or None,
            anzahl=max(len(rows), len(lacking), 1),
            geprueft=len(self.tables[name]),
            tun=e.meta.tun,
            stellen=self.places["lieferung"].rows(name, columns, rows),
            ganzes=None if sql else UNGEZAEHLT if verdict.je_zeile else ganzes(e),
        )

    def _columns(self, table: pa.Table, name: str, angaben: Iterable[str]) -> tuple[str, ...]:
        """Return what a place may show; where cells are unreadable a row may be shifted."""
        if name in self.unsure:
            return fundorte.HERKUNFT
        return fundorte.row_columns(table, name, angaben)

    def rules(self, rules: Iterable[tuple[Path, Querregel]]) -> list[Finding]:
        """Run the rules in SQL, or say why one was not run."""
        return [found for path, rule in rules if (found := self._rule(rule, path))]

    def _rule(self, rule: Querregel, path: Path) -> Finding | None:
        if not self._runnable(rule):
            return None
        table = self._source(rule)
        columns = (*rule.gruppe, *rule.zeigen)
        if not rule.gruppe:
            columns = self._columns(table, rule.tabelle, rule.angaben)
        rows = self._rows(rule, columns, path)
        if rows is None:
            return _unevaluable(rule.id, rule.tabelle)
        if not rows:
            return None
        places = self.places[rule.zeilen_aus]
        if rule.gruppe:
            found = places.groups(rule.tabelle, columns, rows, rule.gruppe, rule)
        else:
            found = places.rows(rule.tabelle, columns, rows)
        finding = Finding(
            regel=rule.id, schwere=rule.schwere, meldung=rule.meldung, tabelle=rule.tabelle,
            spalte=rule.spalte, anzahl=len(rows), geprueft=len(table), tun=rule.tun,
            stellen=found, zweifel=rule.zweifel, summe_eur=_amount(rule, columns, rows),
        )  # fmt: skip
        return self._held_against_earlier(finding, rule)

    def _held_against_earlier(self, finding: Finding, rule: Querregel) -> Finding:
        """Say how often a warning came in the earlier delivery; far more casts a doubt."""
        if rule.gruppe or rule.frueher or rule.schwere is not Schwere.WARNUNG:
            return finding
        before = self.earlier.count(rule)
        if before is None:
            return finding
        found = replace(finding, frueher=before)
        if not sprung((finding.anzahl, finding.geprueft or 0), before):
            return found
        return replace(found, zweifel=tuple(dict.fromkeys((*found.zweifel, rule.tabelle))))

    def _source(self, rule: Querregel) -> pa.Table:
        earlier = rule.zeilen_aus == "vorher_lieferung"
        return (self.previous if earlier else self.tables)[rule.tabelle]

    def _runnable(self, rule: Querregel) -> bool:
        for name in dict.fromkeys((rule.tabelle, *rule.braucht)):
            if name not in self.tables or not len(self.tables[name]):
                self.skipped.without_table(rule.id, name)
                return False
            unsound = self.faults[name] or missing(name, self.tables[name])
            if unsound or self._uncertain(rule, name):
                self.skipped.unsound(rule.id, name)
                return False
        empty = [v for v in rule.werte if v.split(".")[1] not in self.filled[v.split(".")[0]]]
        if empty:
            table = empty[0].split(".")[0]
            self.skipped.without_values(rule.id, table, [v.split(".")[1] for v in empty])
            return False
        if not all(name in self.previous and len(self.previous[name]) for name in rule.frueher):
            self.skipped.without_previous(rule.id)
            return False
        return True

    def _uncertain(self, rule: Querregel, name: str) -> bool:
        """Whether *rule* would lean on cells of table *name* that nobody could read.

        Of such a table single rows are judged, and by its other columns; no sums, no other table.
        """
        unsure = self.unsure.get(name)
        return unsure is not None and bool(
            name != rule.tabelle or rule.gruppe or unsure & rule.gelesen
        )

    def _rows(
        self, rule: Querregel, columns: tuple[str, ...], path: Path
    ) -> list[tuple[object, ...]] | None:
        """Return the offending rows; None where DuckDB could not evaluate the rule on them."""
        import duckdb

        try:
            return self.database.rows(rule.abfrage, columns)
        except (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException) as error:
            # These name words of the rule, never data: it was not even started.
            raise CatalogueError(
                f"Die Regel {rule.id} ({rule.tabelle}) ist kein gültiges SQL: {error}",
                wo=str(path),
                tun="sql der Regel berichtigen.",
            ) from None
        except duckdb.Error:
            return None


def _amount(
    rule: Querregel, columns: tuple[str, ...], rows: list[tuple[object, ...]]
) -> Decimal | None:
    """Return what the offending rows stand for, where the rule is about an amount."""
    kind = catalogue.tabelle(rule.tabelle).spalte(rule.spalte) if rule.spalte else None
    if rule.gruppe or kind is None or kind.typ != "betrag" or rule.spalte not in columns:
        return None
    at = columns.index(rule.spalte)
    return sum((n for row in rows if isinstance(n := row[at], Decimal)), Decimal(0))


def _unevaluable(regel: str, tabelle: str) -> Finding:
    # The engine's own words may quote cells; they are left out.
    return Finding(
        regel=NICHT_AUSWERTBAR,
        schwere=Schwere.FEHLER,
        meldung=f"Die Regel {regel} war auf dieser Tabelle nicht auswertbar.",
        tabelle=tabelle,
        tun="Typen der Spalten und die Regel unter expectations/ prüfen.",
    )
