"""The embedded engine: DuckDB through Ibis, with what the locked versions disagree on put right."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ibis


def connect() -> ibis.BaseBackend:
    """Return a new embedded engine; ``con.sql(…)`` and ``table.sql(…)`` work on it, too."""
    import ibis

    # Fusing nested selects costs more than it gives: DuckDB flattens them itself.
    ibis.options.sql.fuse_selects = False
    engine = _engine()()
    engine.do_connect()
    return engine


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


@cache
def _engine() -> Any:
    """Make the class late, for Ibis takes half a second to import."""
    from ibis.backends.duckdb import Backend

    class Engine(Backend):
        """Unpatched, a failed look-up leaves its statement open and blocks the connection."""

        @contextmanager
        def _safe_raw_sql(self, *args: Any, **kwargs: Any) -> Iterator[_Answer]:
            yield _Answer(self.raw_sql(*args, **kwargs))

        def list_tables(self, *, like: str | None = None, **_: Any) -> list[str]:
            rows = self.con.execute("SELECT table_name FROM information_schema.tables")
            return self._filter_with_like(sorted(name for (name,) in rows.fetchall()), like)

    return Engine
