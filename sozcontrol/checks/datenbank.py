"""The tables of a delivery as one DuckDB: for rules in SQL, and to find rows."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from datetime import date
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from sozcontrol import catalogue
from sozcontrol.checks import monatsvergleich

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

CODE, STECKBRIEFE = "code_", "steckbriefe"
MAKROS = (
    # Running at t: begun, and not ended on or before t (one convention for the whole project).
    "laeuft(beginn, ende, tag) AS beginn <= tag AND (ende IS NULL OR ende > tag)",
    # Validity: both days are included.
    "gilt(von, bis, tag) AS von <= tag AND (bis IS NULL OR bis >= tag)",
    # Completed years, at least: of the birth only the month is known, so count from its last day.
    "alter_mindestens(monat, tag) AS "
    "(12 * (year(tag) - year(monat)) + month(tag) - month(monat) - 1) // 12",
    monatsvergleich.MAKRO,
)


class Datenbank:
    """Canonical tables, code lists (``code_<liste>``) and the earlier delivery, read-only.

    ``steckbriefe`` holds the Kennzahlen there are (id, richtung).

    Args:
        tables: Canonical tables of the delivery.
        previous: Tables of the earlier delivery; they are called ``vorher_<tabelle>``.
        stichtag: Value of ``$stichtag``.
        datenstand: Value of ``$datenstand``.
    """

    def __init__(
        self,
        tables: Mapping[str, pa.Table],
        previous: Mapping[str, pa.Table],
        *,
        stichtag: date,
        datenstand: date,
    ) -> None:
        self.parameter = {"stichtag": stichtag, "datenstand": datenstand}
        self._tables = {**tables, **{f"vorher_{name}": t for name, t in previous.items()}}
        self._unread = {
            *self._tables,
            *(CODE + name for name in catalogue.codelisten()),
            STECKBRIEFE,
        }

    @cached_property
    def con(self) -> duckdb.DuckDBPyConnection:
        """The engine, from the first question on; what is registered is seen by this one alone."""
        return _engine(os.getpid()).cursor()

    def count(self, sql: str) -> int:
        """Return how many rows *sql* selects."""
        ((number,),) = self._ask(f"SELECT count(*) FROM ({sql}\n)")  # noqa: S608
        return number

    def rows(self, sql: str, columns: tuple[str, ...]) -> list[tuple[object, ...]]:
        """Return *columns* of what *sql* selects; all other columns stay inside."""
        chosen = ", ".join(f'"{c}"' for c in columns)
        # Both parts are the project's own words: the rule and column names of the catalogue.
        return self._ask(f"SELECT {chosen} FROM ({sql}\n)")  # noqa: S608

    def _ask(self, sql: str) -> list[Any]:
        """Give the engine the tables that *sql* names and was not given before; then ask it."""
        for name in self._unread & set(re.findall(r"\w+", sql)):
            self.con.register(name, self._table(name))
            self._unread.remove(name)
        used = {k: v for k, v in self.parameter.items() if f"${k}" in sql}
        return self.con.execute(sql, used).fetchall()

    def _table(self, name: str) -> pa.Table:
        if name in self._tables:
            return self._tables[name]
        return _steckbriefe() if name == STECKBRIEFE else _code_table(name.removeprefix(CODE))

    def close(self) -> None:
        """Free the memory."""
        if "con" in self.__dict__:
            self.con.close()


@cache
def _engine(process: int) -> duckdb.DuckDBPyConnection:
    """Return the engine of a process: to start one takes longer than most rules."""
    import duckdb

    con = duckdb.connect(":memory:")
    for makro in MAKROS:
        con.execute(f"CREATE MACRO {makro}")
    # One core is for the suites; a thread more is memory more, and seldom time less.
    con.execute(f"SET threads = {max(1, (os.cpu_count() or 1) - 1)}")
    # A rule reads the delivery and nothing else: no file, no network, no other setting.
    con.execute("SET enable_external_access = false")
    con.execute("SET lock_configuration = true")
    return con


def _steckbriefe() -> pa.Table:
    import pyarrow as pa

    items = catalogue.steckbriefe().values()
    return pa.table({"id": [i.id for i in items], "richtung": [i.richtung for i in items]})


@cache
def _code_table(name: str) -> pa.Table:
    import pyarrow as pa

    codes = catalogue.codeliste(name).gueltig
    return pa.table(
        {
            "code": pa.array(codes, pa.string()),
            "name": pa.array([c.name for c in codes.values()], pa.string()),
            "gueltig_von": pa.array([c.gueltig_von for c in codes.values()], pa.date32()),
            "gueltig_bis": pa.array([c.gueltig_bis for c in codes.values()], pa.date32()),
            "merkmale": pa.array(
                [list(c.merkmale.items()) for c in codes.values()],
                pa.map_(pa.string(), pa.string()),
            ),
        }
    )
