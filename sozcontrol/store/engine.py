"""The embedded engine: DuckDB through Ibis, with what the locked versions disagree on put right."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ibis
    import ibis.expr.types as ir


def connect() -> ibis.BaseBackend:
    """Return a new embedded engine; ``con.sql(…)`` and ``table.sql(…)`` work on it, too."""
    import ibis

    # Fusing nested selects costs more than it gives: DuckDB flattens them itself.
    ibis.options.sql.fuse_selects = False
    engine = _engine()()
    engine.do_connect()
    return engine


def angelegt(engine: ibis.BaseBackend, name: str, schema: ibis.Schema) -> ir.Table:
    """Return a table of *engine* whose columns are known; to ask for them takes a statement."""
    import ibis
    import ibis.expr.operations as ops

    columns = ibis.schema({c: kind.copy(nullable=True) for c, kind in schema.items()})
    return ops.DatabaseTable(
        name, schema=columns, source=engine, namespace=ops.Namespace()
    ).to_expr()


def text_of(ausdruck: ir.Table) -> str:
    """Return the SQL of an expression whose text is kept elsewhere: to know it again costs more."""
    import ibis

    engine: Any = ibis.get_backend(ausdruck)
    sql: str = (
        engine.written(ausdruck) if isinstance(engine, _engine()) else engine.compile(ausdruck)
    )
    return sql


class _Answer:
    """A finished statement; Ibis 12 asks for its rows by a name that DuckDB 2 retired."""

    def __init__(self, answer: Any) -> None:
        self._answer = answer

    def fetch_arrow_table(self) -> Any:
        import pyarrow as pa

        names = [column[0] for column in self._answer.description]
        rows = [dict(zip(names, row, strict=True)) for row in self._answer.fetchall()]
        return pa.table({name: [row[name] for row in rows] for name in names})

    def __getattr__(self, name: str) -> Any:
        return getattr(self._answer, name)


_MOST = 256


class _Compiled:
    """SQL of expressions compiled before: of another delivery's same tables it is the same.

    Compiling takes longer than most of the queries. What is kept names no connection, so that none
    lives longer for it: engines in memory are equal to Ibis, and so are expressions on them.
    """

    def __init__(self, nobody: Any) -> None:
        self._nobody = nobody
        self._known: OrderedDict[Any, str] = OrderedDict()

    def get(self, op: Any) -> str | None:
        if op in self._known:
            self._known.move_to_end(op)
        return self._known.get(op)

    def keep(self, op: Any, sql: str) -> None:
        import ibis.expr.operations as ops

        tables = op.find(
            lambda node: isinstance(node, ops.PhysicalTable) or hasattr(node, "source")
        )
        if not all(type(table) is ops.DatabaseTable for table in tables):
            return  # a table in memory is named anew each time; others hold their connection
        unbound = {table: table.copy(source=self._nobody) for table in tables}
        self._known[op.replace(unbound)] = sql
        if len(self._known) > _MOST:
            self._known.popitem(last=False)


@cache
def _engine() -> Any:
    """Make the class late, for Ibis takes half a second to import."""
    from ibis.backends.duckdb import Backend

    class Engine(Backend):
        """Unpatched, a failed look-up leaves its statement open and blocks the connection."""

        def compile(self, expr: Any, /, **how: Any) -> str:
            if any(how.values()):
                return super().compile(expr, **how)
            op = expr.op()
            sql = compiled.get(op)
            if sql is None:
                sql = super().compile(expr)
                compiled.keep(op, sql)
            return sql

        def written(self, expr: Any) -> str:
            return super().compile(expr)

        @contextmanager
        def _safe_raw_sql(self, *args: Any, **kwargs: Any) -> Iterator[_Answer]:
            yield _Answer(self.raw_sql(*args, **kwargs))

        def list_tables(self, *, like: str | None = None, **_: Any) -> list[str]:
            rows = self.con.execute("SELECT table_name FROM information_schema.tables")
            return self._filter_with_like(sorted(name for (name,) in rows.fetchall()), like)

    compiled = _Compiled(Engine())
    return Engine
