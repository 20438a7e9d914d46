"""Hybrid deliveries: the way from an earlier delivery to a later one, one cause at a time.

Rows are matched by the keys of their tables. Every row, and every column of a row that stands in
both deliveries, changes over at exactly one step; step 0 is the earlier delivery, the last step the
later one. What a figure changes by from step to step is the effect of that step's cause.

Mixing is plumbing of the embedded engine and written in its SQL; all names are the catalogue's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.types as ir

from sozcontrol import catalogue, store
from sozcontrol.catalogue.tabelle import Revision
from sozcontrol.measures.zaehlwerk.lieferung import Lieferung

URSACHEN: dict[str, str] = {u.id: u.bezeichnung for u in catalogue.ursachen().values()}
"""Cause → what readers call it, in the order the deliveries are mixed in; the last is the rest."""

_SCHRITT = {name: number for number, name in enumerate(URSACHEN, start=1)}
_REST = len(URSACHEN)


def _revision(name: str) -> Revision:
    facts = catalogue.tabelle(name).revision
    assert facts is not None, f"{name} is not delivered"
    return facts


@dataclass(frozen=True)
class _Paarung:
    """One table of both deliveries: whether its rows were matched, and which steps change it."""

    name: str
    abgeglichen: bool
    schritte: frozenset[int]

    def quelle(self, schritt: int) -> str:
        """Return the SQL of this table as it is after *schritt*."""
        if not self.abgeglichen:
            return f"FROM {'n' if schritt >= _REST else 'a'}_{self.name}"
        columns = ", ".join(
            f"CASE WHEN NOT a_da OR (n_da AND {_stufe(self.name, c)} <= {schritt}) "
            f"THEN n_{c} ELSE a_{c} END AS {c}"
            for c in catalogue.tabelle(self.name).namen
        )
        gone = _SCHRITT[_revision(self.name).weg]
        there = (
            f"CASE WHEN a_da AND n_da THEN true WHEN n_da THEN stufe_neu <= {schritt} "
            f"ELSE {gone} > {schritt} END"
        )
        return f"SELECT {columns} FROM p_{self.name} WHERE {there}"  # noqa: S608


class Paar:
    """Two deliveries side by side in one embedded engine; a delivery itself, mixed of both.

    *alt* and *neu* are what ``store.open_data`` gives; tables that only one of them has are left
    out. Measures read it as any delivery: tables by name, each copied when it is asked for. It
    begins as the earlier delivery, and :meth:`stelle` takes it a step further. Use it as a context
    manager: it frees the engine.
    """

    def __init__(self, alt: Lieferung, neu: Lieferung, stichtag: date) -> None:
        self.stichtag = stichtag
        self.con = store.connect()
        self._alt, self._neu, self._schritt = alt, neu, 0
        self._bekannte: dict[str, ir.Table] = {}
        self._paarungen: dict[str, _Paarung] = {}
        self.sql("SET enable_external_access = false")
        shared = [n for n in catalogue.tabellen() if n in alt.tabellen and n in neu.tabellen]
        self.tabellen = tuple(n for n in shared if catalogue.tabelle(n).revision is not None)

    def __enter__(self) -> Paar:
        return self

    def __exit__(self, *_: object) -> None:
        self.con.disconnect()

    def __getitem__(self, name: str) -> ir.Table:
        if name not in self._bekannte:  # its columns stay what they are, whatever its rows
            if name in self.tabellen:
                self._paarungen[name] = self._lies(name)
                self._setze(self._paarungen[name])
            self._bekannte[name] = self.con.table(name)
        return self._bekannte[name]

    def sql(self, statement: str) -> list[tuple]:
        """Run one statement to its end and return its rows."""
        return self.con.con.execute(statement).fetchall()

    def stelle(self, schritt: int) -> frozenset[str]:
        """Let the cause number *schritt* change over; return the tables in which it changes rows.

        Causes come in order: every one before it has changed over already. Tables that nobody has
        asked for yet are not among them: whoever asks later reads them as they are then.
        """
        self._schritt = schritt
        changed = [p for p in self._paarungen.values() if schritt in p.schritte]
        for pair in changed:
            self._setze(pair)
        return frozenset(p.name for p in changed)

    def _setze(self, pair: _Paarung) -> None:
        self.sql(f"CREATE OR REPLACE TABLE {pair.name} AS {pair.quelle(self._schritt)}")

    def _lies(self, name: str) -> _Paarung:
        """Copy one table of both deliveries and match its rows, where its key is one."""
        alt, neu = self._alt[name], self._neu[name]
        self._kopiere(f"a_{name}", name, _ganz(name, alt, neu))
        if store.dieselbe(self._alt, self._neu, name):
            self.sql(f"CREATE VIEW n_{name} AS FROM a_{name}")
            return _Paarung(name, False, frozenset())
        self._kopiere(f"n_{name}", name, _ganz(name, neu, alt))
        if not all(self._eindeutig(f"{side}_{name}", name) for side in "an"):
            return _Paarung(name, False, frozenset({_REST}))
        self.sql(f"CREATE TABLE p_{name} AS {_abgleich(name)}")
        steps = _SCHRITT.values()
        flags = ", ".join(f"coalesce(bool_or({_wechselt(name, s)}), false)" for s in steps)
        (found,) = self.sql(f"SELECT {flags} FROM p_{name}")  # noqa: S608
        return _Paarung(
            name, True, frozenset(s for s, hit in zip(steps, found, strict=True) if hit)
        )

    def _kopiere(self, hierher: str, name: str, table: ir.Table) -> None:
        rows = table.select(list(catalogue.tabelle(name).namen)).to_pyarrow()
        # Not create_table(): what it sends to clean up after itself, DuckDB 2 refuses.
        self.con.con.register("gelesen", rows)
        self.sql(f"CREATE TABLE {hierher} AS FROM gelesen")
        self.con.con.unregister("gelesen")

    def _eindeutig(self, table: str, name: str) -> bool:
        """Whether the key identifies a row; a table where it does not changes over as a whole."""
        key = catalogue.tabelle(name).schluessel
        empty = " OR ".join(f"{k} IS NULL" for k in key)
        groups = (
            f"FROM {table} SELECT {', '.join(key)}, count(*) n, bool_or({empty}) leer GROUP BY ALL"
        )
        bad = self.sql(f"FROM ({groups}) WHERE n > 1 OR leer LIMIT 1")
        return not bad


def _ganz(name: str, table: ir.Table, other: ir.Table) -> ir.Table:
    """Give a delivery stored before a column was in the catalogue that column, empty."""
    fehlend = [c for c in catalogue.tabelle(name).namen if c not in table.columns]
    types = {c: other.schema().get(c, "string") for c in fehlend}
    return table.mutate(**{c: ibis.null(t) for c, t in types.items()}) if fehlend else table


def _abgleich(name: str) -> str:
    """Join both deliveries' rows: ``a_…``, ``n_…``, which of them is there, when a new one comes.

    A row of one side only has empty keys on the other; where it is there, a key is never empty.
    """
    table = catalogue.tabelle(name)
    first = table.schluessel[0]
    columns = [f"{side}.{c} AS {side}_{c}" for side in "an" for c in table.namen]
    columns += [f"{side}.{first} IS NOT NULL AS {side}_da" for side in "an"]
    columns.append(f"{_kommt(name)} AS stufe_neu")
    same = " AND ".join(f"a.{k} = n.{k}" for k in table.schluessel)
    both = f"a_{name} AS a FULL JOIN n_{name} AS n ON {same}"
    return f"SELECT {', '.join(columns)} FROM {both}"  # noqa: S608


def _kommt(name: str) -> str:
    """Return the step at which a row that only the later delivery has comes in."""
    facts = _revision(name)
    step = _SCHRITT[facts.neu]
    if facts.bekannt is None:
        return str(step)
    known = f"n.{facts.bekannt} IN (SELECT {facts.bekannt} FROM a_{name})"  # noqa: S608
    return f"CASE WHEN {known} THEN {_REST} ELSE {step} END"


def _stufe(name: str, spalte: str) -> str:
    """Return the step at which a column of a row in both deliveries takes its later value."""
    for cause, change in _revision(name).spalten.items():
        if spalte in change.spalten:
            step, filled = _SCHRITT[cause], change.sobald
            if filled is None:
                return str(step)
            first = f"a_{filled} IS NULL AND n_{filled} IS NOT NULL"
            return f"CASE WHEN {first} THEN {step} ELSE {_REST} END"
    return str(_REST)


def _wechselt(name: str, schritt: int) -> str:
    """Return the condition of the rows that *schritt* changes."""
    table = catalogue.tabelle(name)
    other = " OR ".join(
        f"(a_{c} IS DISTINCT FROM n_{c} AND {_stufe(name, c)} = {schritt})" for c in table.namen
    )
    gone = _SCHRITT[_revision(name).weg] == schritt
    return (
        f"(a_da AND n_da AND ({other})) OR (NOT a_da AND stufe_neu = {schritt}) "
        f"OR (NOT n_da AND {str(gone).lower()})"
    )
