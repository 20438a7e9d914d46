"""A SQL source: the query stands in the profile, the address in the environment."""

from __future__ import annotations

import hashlib
import os

from sozcontrol.catalogue.profil import Quelldatei
from sozcontrol.intake.model import Grid
from sozcontrol.intake.rules import FileRejected
from sozcontrol.intake.values import value_text


def read_sql(source: Quelldatei) -> Grid:
    """Return the column names and rows of the profile's query; the names count as row 1.

    The address may hold a password, and a driver's message may quote the address: neither ever
    reaches a message.

    Raises:
        FileRejected: R-I33 when the variable is missing or the database does not answer.
    """
    address = os.environ.get(source.url_variable or "")
    if not address:
        raise FileRejected(
            "R-I33",
            f"Die Umgebungsvariable {source.url_variable} mit der Adresse der Datenbank fehlt.",
            f"{source.url_variable} setzen (z. B. postgresql+psycopg://…) und neu starten.",
        )
    return _ask(address, source)


def _ask(address: str, source: Quelldatei) -> Grid:
    from sqlalchemy import create_engine, text
    from sqlalchemy.exc import SQLAlchemyError
    from sqlalchemy.pool import NullPool

    try:
        engine = create_engine(address, poolclass=NullPool, hide_parameters=True)
        with engine.connect() as connection:
            result = connection.execute(text(source.abfrage or ""))
            header = result.keys()
            names = [str(name) for name in header]
            rows = [[value_text(value) for value in row] for row in result]
    except (SQLAlchemyError, ImportError, OSError, ValueError) as error:
        kind = type(getattr(error, "orig", None) or error).__name__
        raise FileRejected(
            "R-I33",
            f"Die Datenbank der Abfrage »{source.name}« antwortet nicht wie erwartet ({kind}).",
            f"Adresse in {source.url_variable}, Erreichbarkeit, Rechte und Abfrage prüfen.",
        ) from None
    return Grid([names, *rows], typisiert=True)


def row_hash(grid: Grid) -> tuple[str, int]:
    """Return the SHA-256 over names and rows of *grid*, and the number of bytes hashed."""
    digest, size = hashlib.sha256(), 0
    for row in grid.zellen:
        # Length-prefixed cells: no cell text can imitate another division into cells.
        line = b"".join(b"%d:%s" % (len(c), c) for c in (cell.encode() for cell in row)) + b"\n"
        digest.update(line)
        size += len(line)
    return digest.hexdigest(), size
