"""A database as a source: the query stands in the profile, the address outside the project.

The address may hold a password, and a driver's message may quote the address: neither ever reaches
a message. What is read is read in a transaction that can't write, and is never committed.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sozcontrol.catalogue.profil import Quelldatei
from sozcontrol.intake.model import Grid
from sozcontrol.intake.rules import FileRejected
from sozcontrol.intake.values import value_text
from sozcontrol.projekt import Projekt

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection

DATEI = "_DATEI"
"""What a variable's name ends with that names a file with the address."""
_TREIBER = {
    "postgresql": "sozcontrol[postgresql]", "mssql": "pyodbc", "oracle": "oracledb",
    "mysql": "pymysql", "mariadb": "pymysql",
}  # fmt: skip
"""What to install for a kind of database."""
_NUR_LESEN = {
    "sqlite": "PRAGMA query_only = ON",
    "mysql": "SET SESSION TRANSACTION READ ONLY",
    "mariadb": "SET SESSION TRANSACTION READ ONLY",
    "oracle": "SET TRANSACTION READ ONLY",
}
"""How a kind of database is told that nothing will be written."""


def ask(source: Quelldatei) -> Grid:
    """Return the column names and rows of the profile's query; the names count as row 1.

    Raises:
        FileRejected: R-I33 when there is no address, no driver, or no answer as expected.
    """
    with connected(source.url_variable or "", f"der Abfrage »{source.name}«") as connection:
        return answer(connection, source.abfrage or "")


def answer(connection: Connection, query: str) -> Grid:
    """Return names and rows of one query as text that loses nothing."""
    from sqlalchemy import text

    result = connection.execute(text(query))
    names = [str(name) for name in result.keys()]  # noqa: SIM118 - no mapping
    return Grid([names, *([value_text(v) for v in row] for row in result)], typisiert=True)


@contextmanager
def connected(variable: str, was: str) -> Iterator[Connection]:
    """Yield a connection that can't write; whatever goes wrong with it is R-I33.

    *was* says in a message whose database it is (»der Abfrage »Zahlungen««).

    Raises:
        FileRejected: R-I33.
    """
    from sqlalchemy import create_engine
    from sqlalchemy.exc import SQLAlchemyError
    from sqlalchemy.pool import NullPool

    url = _url(variable)
    try:
        engine = create_engine(url, poolclass=NullPool, hide_parameters=True)
        options = {"postgresql_readonly": True} if engine.dialect.name == "postgresql" else {}
        with engine.connect().execution_options(**options) as connection:
            if words := _NUR_LESEN.get(engine.dialect.name):
                connection.exec_driver_sql(words)
            yield connection
    except (SQLAlchemyError, ImportError, OSError, ValueError) as error:
        kind = type(getattr(error, "orig", None) or error).__name__
        raise _silent(was, kind, variable) from None


def _silent(was: str, kind: str, variable: str) -> FileRejected:
    return FileRejected(
        "R-I33",
        f"Die Datenbank {was} antwortet nicht wie erwartet ({kind}).",
        f"Adresse in {variable}, Erreichbarkeit, Rechte und Abfrage prüfen.",
    )


def _url(variable: str) -> URL:
    """Return the address, proved to have a driver here and, where it is a file, to be there."""
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError

    try:
        url = make_url(_address(variable))
        kind = url.get_backend_name()
        url.get_dialect().import_dbapi()
    except NoSuchModuleError:
        # Not its name: where the address is muddled, anything may stand there.
        raise FileRejected(
            "R-I33",
            f"Zu der Art von Datenbank, die {variable} nennt, ist hier kein Treiber eingerichtet.",
            "Schreibweise vorn in der Adresse prüfen (sqlite, postgresql+psycopg, mssql+pyodbc …), "
            "oder den Treiber einrichten (DuckDB: pip install duckdb-engine).",
        ) from None
    except (ArgumentError, ValueError):
        raise _silent(f"in {variable}", "keine gültige Adresse", variable) from None
    except ImportError:
        install = _TREIBER.get(kind, "den Treiber dieser Datenbank")
        raise FileRejected(
            "R-I33",
            f"Der Treiber für Datenbanken der Art {kind} ist nicht installiert.",
            f"Einrichten: pip install '{install}'.",
        ) from None
    # SQLite would make an empty file of a misspelt name.
    if kind == "sqlite" and url.database and not Path(url.database).is_file():
        raise _silent(f"in {variable}", "keine Datei", variable)
    return url


def _address(variable: str) -> str:
    if address := os.environ.get(variable):
        return address
    if path := os.environ.get(variable + DATEI):
        return _secret(Path(path), variable + DATEI)
    raise FileRejected(
        "R-I33",
        f"Die Umgebungsvariable {variable} mit der Adresse der Datenbank fehlt.",
        f"{variable} setzen (z. B. postgresql+psycopg://…) oder {variable}{DATEI} auf eine Datei "
        "mit der Adresse, die nur Sie lesen können, und neu starten.",
    )


def _secret(path: Path, variable: str) -> str:
    """Return what a file holds that nobody else can read, and that no project gives away."""
    around = Projekt.around()
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode) or mode & (stat.S_IRWXG | stat.S_IRWXO):
            what, do = "ist für andere lesbar oder keine Datei", "chmod 600 auf diese Datei"
        elif around and path.resolve().is_relative_to(around.root.resolve()):
            what, do = "liegt im Projektordner", "Sie außerhalb ablegen"
        else:
            return path.read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        what, do = f"ist nicht lesbar ({type(error).__name__})", "Pfad und Rechte prüfen"
    raise FileRejected("R-I33", f"Die Datei, die {variable} nennt, {what}.", f"{do}.")
