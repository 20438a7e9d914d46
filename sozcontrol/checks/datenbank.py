"""The tables of a delivery as one DuckDB: for rules in SQL, and to find rows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

from sozcontrol import catalogue
from sozcontrol.checks import monatsvergleich

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

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
        import duckdb

        self.parameter = {"stichtag": stichtag, "datenstand": datenstand}
        self.con: duckdb.DuckDBPyConnection = duckdb.connect(":memory:")
        for name, table in tables.items():
            self.con.register(name, table)
        for name, table in previous.items():
            self.con.register(f"vorher_{name}", table)
        for name in catalogue.codelisten():
            self.con.register(f"code_{name}", _code_table(name))
        self.con.register("steckbriefe", _steckbriefe())
        for makro in MAKROS:
            self.con.execute(f"CREATE MACRO {makro}")
        # A rule reads the delivery and nothing else: no file, no network, no other setting.
        self.con.execute("SET enable_external_access = false")
        self.con.execute("SET lock_configuration = true")

    def count(self, sql: str) -> int:
        """Return how many rows *sql* selects."""
        used = {k: v for k, v in self.parameter.items() if f"${k}" in sql}
        (number,) = self.con.execute(f"SELECT count(*) FROM ({sql}\n)", used).fetchall()[0]  # noqa: S608
        return number

    def rows(self, sql: str, columns: tuple[str, ...]) -> list[tuple[object, ...]]:
        """Return *columns* of what *sql* selects; all other columns stay inside."""
        used = {k: v for k, v in self.parameter.items() if f"${k}" in sql}
        chosen = ", ".join(f'"{c}"' for c in columns)
        # Both parts are the project's own words: the rule and column names of the catalogue.
        return self.con.execute(f"SELECT {chosen} FROM ({sql}\n)", used).fetchall()  # noqa: S608

    def close(self) -> None:
        """Free the memory."""
        self.con.close()


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
