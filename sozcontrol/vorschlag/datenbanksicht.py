"""What lies in a database: its tables with rows and types, and one of them as a source to propose.

Shown are names, types and counts, never a cell. A profile asks for the columns it uses and no
others: a name that nobody needs does not leave the database.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sozcontrol.errors import DeliveryError, UsageError, nearest
from sozcontrol.intake.rules import FileRejected
from sozcontrol.intake.sql_source import answer, connected
from sozcontrol.vorschlag.quelle import Abfrage, Blatt, Quelle

if TYPE_CHECKING:
    from sqlalchemy import Connection, Dialect, Inspector

_EIGENES = ("information_schema", "pg_", "performance_schema", "mysql", "sys")
"""How schemas begin that a database keeps for itself."""
Ort = tuple[str | None, str]
"""Schema (None: the usual one) and name of a table or view."""


def tables_text(variable: str) -> str:
    """Return a line for every table and view, with its rows and the types of its columns.

    Raises:
        DeliveryError: The database does not answer.
    """
    from sqlalchemy import inspect

    with _answering(variable) as connection:
        inspector = inspect(connection)
        lines = [
            line
            for place, kind in _places(inspector).items()
            for line in _described(connection, inspector, place, kind)
        ]
    return "\n".join(lines) if lines else "In dieser Datenbank ist keine Tabelle zu sehen."


def read_table(variable: str, named: str) -> Quelle:
    """Return one table or view as a source that a profile can be proposed for.

    Raises:
        DeliveryError: The database does not answer.
        UsageError: It has no table of this name.
    """
    from sqlalchemy import inspect

    with _answering(variable) as connection:
        inspector = inspect(connection)
        places = {_name(place): place for place in _places(inspector)}
        if named not in places:
            raise UsageError(
                "Eine Tabelle dieses Namens gibt es hier nicht.",
                wo="--quelle",
                tun=nearest(named, [*places]),
            )
        schema, name = places[named]
        columns = [str(c["name"]) for c in inspector.get_columns(name, schema)]
        key = inspector.get_pk_constraint(name, schema)["constrained_columns"]
        query = _query(connection.dialect, variable, (schema, name), columns, key)
        grid = answer(connection, query.text(columns))
    told = f"{named} der Datenbank in {variable}, {len(grid.zellen) - 1} Zeilen"
    return Quelle(Path(name), "sql", (Blatt(grid),), belege=(told,), abfrage=query)


@contextmanager
def _answering(variable: str) -> Iterator[Connection]:
    """Yield a connection whose faults are those of a command."""
    if not re.fullmatch("[A-Z][A-Z0-9_]*", variable):  # an address perhaps: it is not repeated
        raise UsageError(
            "Hier gehört der Name einer Umgebungsvariablen hin, keine Adresse.",
            wo="--datenbank",
            tun="Große Buchstaben, Ziffern und Unterstriche, zum Beispiel DWH_URL.",
        )
    try:
        with connected(variable, f"in {variable}") as connection:
            yield connection
    except FileRejected as fault:
        raise DeliveryError(fault.meldung, wo=variable, tun=fault.tun) from None


def _places(inspector: Inspector) -> dict[Ort, str]:
    """Return all tables and views that are the city's, and which of both each is."""
    usual = inspector.default_schema_name
    found: dict[Ort, str] = {}
    for schema in inspector.get_schema_names():
        if schema.casefold().startswith(_EIGENES):
            continue
        shown = None if schema == usual else schema
        found |= {(shown, name): "Tabelle" for name in sorted(inspector.get_table_names(schema))}
        found |= {(shown, name): "Sicht" for name in sorted(inspector.get_view_names(schema))}
    return found


def _described(
    connection: Connection, inspector: Inspector, place: Ort, kind: str
) -> Iterator[str]:
    from sqlalchemy import func, select, table
    from sqlalchemy.exc import SQLAlchemyError

    schema, name = place
    try:
        rows = connection.scalar(select(func.count()).select_from(table(name, schema=schema)))
        told = f"{rows:,} Zeilen".replace(",", ".")
    except SQLAlchemyError:
        connection.rollback()
        told = "nicht lesbar (Rechte)"
    yield f"{_name(place)} ({kind}, {told})"
    for column in inspector.get_columns(name, schema):
        must = "" if column["nullable"] else ", immer gefüllt"
        yield f"    {column['name']}: {column['type']}{must}"


def _name(place: Ort) -> str:
    return ".".join(filter(None, place))


def _query(
    dialect: Dialect, variable: str, place: Ort, columns: list[str], key: list[str]
) -> Abfrage:
    def quoted(name: str) -> str:
        # The query is read as plain SQL again: no doubled percent signs, and no colon is a bind.
        plain = dialect.identifier_preparer.quote(name).replace("%%", "%")
        return plain.replace(":", r"\:")

    source = ".".join(quoted(part) for part in place if part)
    return Abfrage(variable, source, {n: quoted(n) for n in columns}, tuple(quoted(n) for n in key))
