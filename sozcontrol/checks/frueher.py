"""How often a rule fired in the earlier delivery: where one always fires, only more is news."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from sozcontrol.checks.datenbank import Datenbank
from sozcontrol.checks.regel import Querregel
from sozcontrol.checks.revisionsumfang import stichtag_von
from sozcontrol.checks.tabellenschema import faults, missing

if TYPE_CHECKING:
    import pyarrow as pa

VIELFACHES = 3
"""A rule that fires on three times the share of rows it fired on before has jumped …"""

MINDESTENS = (10, 0.01)
"""… if it are at least so many rows more, and this part of all."""


def sprung(now: tuple[int, int], before: tuple[int, int]) -> bool:
    """Whether offending rows jumped; both pairs are offending rows and rows checked."""
    (rows, checked), (rows_before, checked_before) = now, before
    usual = rows_before * checked / checked_before if checked_before else 0.0
    more = rows - usual
    return rows > VIELFACHES * usual and more >= max(MINDESTENS[0], MINDESTENS[1] * checked)


class Frueher:
    """The earlier delivery, checked by single rules; it is opened when the first one asks."""

    def __init__(self, tables: Mapping[str, pa.Table]) -> None:
        self._tables = tables
        self._databases: dict[str, Datenbank | None] = {}

    def count(self, rule: Querregel) -> tuple[int, int] | None:
        """Return offending rows and rows checked; None where *rule* could not run on it."""
        import duckdb

        for name in (rule.tabelle, *rule.braucht):
            table = self._tables.get(name)
            if table is None or not len(table) or faults(name, table) or missing(name, table):
                return None
        database = self._database(rule.tabelle)
        if database is None:
            return None
        try:
            return database.count(rule.abfrage), len(self._tables[rule.tabelle])
        except duckdb.Error:
            return None  # an earlier delivery that the rule cannot read is no measure

    def _database(self, table: str) -> Datenbank | None:
        """Return the earlier delivery as of the Stichtag that *table* has in it."""
        if table not in self._databases:
            stichtag = stichtag_von(self._tables, table)
            self._databases[table] = self._opened(table, stichtag) if stichtag else None
        return self._databases[table]

    def _opened(self, table: str, stichtag: date) -> Datenbank:
        import pyarrow.compute as pc

        datenstand = pc.max(self._tables[table]["datenstand"]).as_py()
        return Datenbank(self._tables, {}, stichtag=stichtag, datenstand=datenstand)

    def close(self) -> None:
        """Free the memory."""
        for database in self._databases.values():
            if database is not None:
                database.close()
