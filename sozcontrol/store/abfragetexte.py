"""SQL that expressions became before, kept for every delivery until code or facts change.

Building an expression and turning it into SQL takes ten times as long as its query, and what it
becomes depends on no row: on the question, on code and facts, on the columns it reads. So the text
is kept in the user's cache folder, for every delivery, Kommune and process of this user. It holds
what the facts say and nothing that was delivered.
"""

from __future__ import annotations

import os
import stat
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sozcontrol.store.engine import text_of
from sozcontrol.store.ergebnisse import code_aus, quellen_von, unveraendert
from sozcontrol.store.faecher import ENDUNG, Faecher

if TYPE_CHECKING:
    import ibis
    import ibis.expr.types as ir
    import pandas as pd
    import pyarrow as pa

CACHE_VARIABLE = "XDG_CACHE_HOME"
NAME, SQL = "abfragen", b"sql"
COPIED = "Arrow output on a DB-API result"
"""How DuckDB's remark begins that rows are copied once."""
KEPT_SECONDS = 30 * 24 * 3600.0
"""So long texts of other code stay after they were last added to."""


@dataclass(frozen=True)
class Abfragetext:
    """SQL of the embedded engine, and the columns that the expression promises."""

    sql: str
    schema: pa.Schema

    @classmethod
    def von(cls, ausdruck: ir.Table) -> Abfragetext:
        """Turn an expression into the text that its engine would be asked."""
        import ibis

        engine: Any = ibis.get_backend(ausdruck)
        return cls(engine.compile(ausdruck), ausdruck.schema().to_pyarrow())

    def rows(self, engine: ibis.BaseBackend) -> pa.Table:
        """Return what *engine* answers; it sums whole numbers in wider types than promised.

        Executed at once: ``sql()`` would read the text three times more, which takes a third as
        long again as to answer it. Answers are short, so a copy of them costs nothing.
        """
        connection: Any = engine
        warnings.filterwarnings("ignore", COPIED)
        return connection.con.execute(self.sql).to_arrow_table().cast(self.schema)

    def frame(self, engine: ibis.BaseBackend) -> pd.DataFrame:
        """Return the same as pandas, as ``execute()`` would give it."""
        import ibis
        import pandas as pd
        from ibis.backends.duckdb.converter import DuckDBPandasData

        rows = self.rows(engine)
        columns = {
            name: column.to_pylist() if column.null_count else column.to_pandas()
            for name, column in zip(rows.column_names, rows.columns, strict=True)
        }
        promised = ibis.Schema.from_pyarrow(self.schema)
        return DuckDBPandasData.convert_table(pd.DataFrame(columns), promised)


def uebersetzt(
    raeume: Sequence[str],
    frage: str,
    quellen: Mapping[str, ir.Table],
    ausdruck: Callable[[], ir.Table],
) -> Abfragetext | None:
    """Return the SQL of *ausdruck()*; None where it reads more than *quellen*.

    *frage* says all that the expression depends on beside the code and facts of *raeume* and the
    columns of *quellen*: what it calls each table it reads, and the table, one of the embedded
    engine.
    """
    names = {called: _table_name(table) for called, table in quellen.items()}
    if not all(names.values()):
        return None
    columns = (f"{called}: {table.schema()}" for called, table in sorted(quellen.items()))
    asked = "\n".join((frage, *columns))
    known, kept = _texte(), _faecher(tuple(raeume))
    write = partial(_written, ausdruck, names)
    with suppress(_MoreThanText):
        if kept is None or not kept.holds():
            return _read(write(), names)
        if (kept.path, asked) not in known:
            known[kept.path, asked] = kept.geholt(asked, write)
        return _read(known[kept.path, asked], names)
    return None


class _MoreThanText(Exception):
    """An expression holds rows itself, or reads a table that it was not said to read."""


def _table_name(table: ir.Table) -> str:
    """Return the name of a table of the embedded engine; empty where it is something else."""
    import ibis.expr.operations as ops

    op = table.op()
    here = type(op) is ops.DatabaseTable and op.source.name == "duckdb"
    return op.name if here else ""


def _written(ausdruck: Callable[[], ir.Table], names: Mapping[str, str]) -> pa.Table:
    """Return no row with the columns promised; the SQL stands in its metadata."""
    import ibis.expr.operations as ops

    table = ausdruck()
    if not {one.name for one in table.op().find(ops.PhysicalTable)} <= set(names.values()):
        raise _MoreThanText
    text = Abfragetext(text_of(table), table.schema().to_pyarrow())
    sql = text.sql
    for called, name in _renamed(names):
        sql = sql.replace(f'"{name}"', _mark(called))
    return text.schema.empty_table().replace_schema_metadata({SQL: sql})


def _read(text: pa.Table, names: Mapping[str, str]) -> Abfragetext:
    sql = text.schema.metadata[SQL].decode()
    for called, name in _renamed(names):
        sql = sql.replace(_mark(called), f'"{name}"')
    return Abfragetext(sql, text.schema.remove_metadata())


def _renamed(names: Mapping[str, str]) -> list[tuple[str, str]]:
    """Those tables that are called otherwise each time."""
    return [(called, name) for called, name in names.items() if called != name]


def _mark(called: str) -> str:
    return f'"\N{REPLACEMENT CHARACTER}{called}"'


@cache
def _texte() -> dict[tuple[Path, str], pa.Table]:
    """What this process has read or written before."""
    return {}


@cache
def _faecher(raeume: tuple[str, ...]) -> Faecher | None:
    """Return the file of what this process runs; None where that is not what it had begun with."""
    sources = quellen_von(raeume)
    if sources is None:
        return None
    folder = textordner()
    path = folder / f"{NAME}-{code_aus(sources)}{ENDUNG}" if folder else None
    if path is None:
        return None
    return Faecher(path, partial(unveraendert, raeume, sources), partial(_prune, path), raeume)


def textordner() -> Path | None:
    """Return (and make) the folder of the texts.

    None where another user could have written what is run here.
    """
    with suppress(RuntimeError, OSError):  # a user without a home, or one that can't be written
        cached = os.environ.get(CACHE_VARIABLE) or Path.home() / ".cache"
        folder = Path(cached).absolute() / "sozcontrol"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder if _eigen(folder.stat()) else None
    return None


def _eigen(found: os.stat_result) -> bool:
    """Whether only this user writes there; where the system knows no owners, it is his profile."""
    if not hasattr(os, "getuid"):
        return True
    others = stat.S_IWGRP | stat.S_IWOTH
    return found.st_uid == os.getuid() and not found.st_mode & others


def _prune(path: Path) -> None:
    """Drop what other code wrote long ago."""
    long_ago = time.time() - KEPT_SECONDS
    for old in path.parent.glob(f"{NAME}-*{ENDUNG}"):
        if old != path and old.stat().st_mtime < long_ago:
            old.unlink(missing_ok=True)
