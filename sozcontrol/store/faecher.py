"""One file of many small Arrow tables, each under a question: a memory, and never a source.

What can't be opened, is damaged, or was put in by other code is asked again.
"""

from __future__ import annotations

import hashlib
import math
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

ENDUNG = ".sqlite"
TABLE = "CREATE TABLE IF NOT EXISTS antwort (frage BLOB PRIMARY KEY, siegel BLOB, zeilen BLOB)"
WAIT_SECONDS = 1.0
"""A write takes milliseconds; what waits longer is asked again rather than waited for."""
LOOK_SECONDS = 1.0
"""So long what was seen of code and facts is believed; a run keeps hundreds of answers."""


@dataclass
class Faecher:
    """The file, whether code and facts are those it is named by, and what to drop beside it.

    ``raeume`` are the rooms whose code and facts that asks.
    """

    path: Path
    unchanged: Callable[[], bool]
    prune: Callable[[], None]
    raeume: tuple[str, ...]
    seen: float = -math.inf

    def geholt(self, frage: str, frage_an: Callable[[], pa.Table]) -> pa.Table:
        """Return what *frage_an()* gives, asked once and read from then on."""
        if not self.holds():
            return frage_an()
        key = hashlib.sha256(frage.encode()).digest()
        found = self.read(key)
        if found is None:
            with _Frage.an(self) as asked:
                found = frage_an()
                asked.answers.append((self, key, found))
        return found

    def holds(self) -> bool:
        """Whether code and facts are still those the file is named by."""
        now = time.monotonic()
        if now - self.seen > LOOK_SECONDS:
            if not self.unchanged():
                return False
            self.seen = now
        return True

    def read(self, key: bytes) -> pa.Table | None:
        """Return what is kept under *key*; None where nothing is or it can't be used."""
        with self._forgiving(), closing(self._connect()) as con:
            row = con.execute("SELECT siegel, zeilen FROM antwort WHERE frage = ?", (key,))
            siegel, zeilen = row.fetchone() or (b"", b"")
            return _table(zeilen) if siegel == _seal(key, zeilen) else None
        return None

    def write(self, key: bytes, table: pa.Table) -> None:
        """Keep *table* under *key*."""
        zeilen = _bytes(table)
        with self._forgiving():
            self._create()
            with closing(self._connect()) as con, con:
                con.execute(TABLE)  # also where the disk was full when the file was made
                kept = key, _seal(key, zeilen), zeilen
                con.execute("INSERT OR REPLACE INTO antwort VALUES (?, ?, ?)", kept)

    def _connect(self) -> sqlite3.Connection:
        con = sqlite3.connect(f"{self.path.as_uri()}?mode=rw", WAIT_SECONDS, uri=True)
        # Nothing waits for the disk: after a power failure the seals tell what was lost.
        con.execute("PRAGMA synchronous = OFF")
        return con

    def _create(self) -> None:
        if self.path.exists():
            return
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(self.path, os.O_CREAT, 0o600))
        self.prune()

    @contextmanager
    def _forgiving(self) -> Iterator[None]:
        """Go on without the memory where it can't be had; forget it where it is damaged."""
        try:
            yield
        except (OSError, sqlite3.OperationalError):  # not there, locked, a full disk
            return
        except sqlite3.DatabaseError:
            with suppress(OSError):  # a folder that can't be written
                self.path.unlink()


@dataclass
class _Frage:
    """A question being asked, with what is to be kept of it and of those asked for its sake.

    What is kept is believed for long, so code and facts are looked at anew after it is known. That
    reads the state of hundreds of files: a question that asks another looks for both.
    """

    faecher: Faecher
    answers: list[tuple[Faecher, bytes, pa.Table]] = field(default_factory=list)

    @classmethod
    @contextmanager
    def an(cls, faecher: Faecher) -> Iterator[_Frage]:
        """Keep the answers given within the block; at once, or with the question around it."""
        asked, around = cls(faecher), _OFFEN.get()
        token = _OFFEN.set(asked)
        try:
            yield asked
        finally:
            _OFFEN.reset(token)
        if around is not None and set(faecher.raeume) <= set(around.faecher.raeume):
            around.answers += asked.answers
        else:
            asked.keep()

    def keep(self) -> None:
        self.faecher.seen = -math.inf
        if self.faecher.holds():
            for faecher, key, found in self.answers:
                faecher.write(key, found)


_OFFEN: ContextVar[_Frage | None] = ContextVar("_OFFEN", default=None)


def _seal(key: bytes, zeilen: bytes) -> bytes:
    return hashlib.sha256(key + zeilen).digest()


def _bytes(table: pa.Table) -> bytes:
    import pyarrow as pa

    with pa.BufferOutputStream() as sink:
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        return sink.getvalue().to_pybytes()


def _table(zeilen: bytes) -> pa.Table:
    import pyarrow as pa

    return pa.ipc.open_stream(zeilen).read_all()
