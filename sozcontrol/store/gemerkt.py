"""What a stored delivery answered, kept beside it in one file until data, facts or code change.

:mod:`~sozcontrol.store.ergebnisse` keeps few large results; this keeps many small ones: the rows
that queries gave, by the query. A memory and no source: what can't be opened, is damaged or was
answered by other code is asked again. The figures are undecided, so the file is this user's alone.
"""

from __future__ import annotations

import hashlib
import math
import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sozcontrol.store.daten import Daten
from sozcontrol.store.ergebnisse import Platz, platz

if TYPE_CHECKING:
    import pyarrow as pa

NAME, ENDUNG = "antworten", ".sqlite"
TABLE = "CREATE TABLE IF NOT EXISTS antwort (frage BLOB PRIMARY KEY, siegel BLOB, zeilen BLOB)"
WAIT_SECONDS = 10.0
LOOK_SECONDS = 1.0
"""So long what was seen of code and facts is believed; a run keeps hundreds of answers."""


def beantwortet(
    daten: object, raeume: Sequence[str], frage: str, frage_an: Callable[[], pa.Table]
) -> pa.Table:
    """Return the rows that *frage_an()* gives, asked once and read from then on.

    *frage* says all that they depend on beside the tables, and the code and facts of *raeume*.
    """
    file = _file(daten, tuple(raeume))
    if file is None or not file.holds():
        return frage_an()
    key = hashlib.sha256(frage.encode()).digest()
    found = file.read(key)
    if found is None:
        found = frage_an()
        if file.holds():
            file.write(key, found)
    return found


@dataclass
class _File:
    """The answers of one delivery, and when code and facts were last those it is named by."""

    place: Platz
    seen: float = -math.inf

    def holds(self) -> bool:
        """Whether code and facts are still those the file is named by."""
        now = time.monotonic()
        if now - self.seen > LOOK_SECONDS:
            if not self.place.unchanged():
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
                kept = key, _seal(key, zeilen), zeilen
                con.execute("INSERT OR REPLACE INTO antwort VALUES (?, ?, ?)", kept)

    def _connect(self) -> sqlite3.Connection:
        con = sqlite3.connect(f"{self.place.path.as_uri()}?mode=rw", WAIT_SECONDS, uri=True)
        # Nothing waits for the disk: after a power failure the seals tell what was lost.
        con.execute("PRAGMA synchronous = OFF")
        return con

    def _create(self) -> None:
        path = self.place.path
        if path.exists():
            return
        path.parent.mkdir(exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_CREAT, 0o600))
        with closing(self._connect()) as con, con:
            con.execute(TABLE)
        self.place.prune()

    @contextmanager
    def _forgiving(self) -> Iterator[None]:
        """Go on without the memory where it can't be had; forget it where it is damaged."""
        try:
            yield
        except (OSError, sqlite3.OperationalError):  # not there, locked, a full disk
            return
        except sqlite3.DatabaseError:
            self.place.path.unlink(missing_ok=True)


@cache
def _places() -> dict[tuple[Path, tuple[str, ...]], _File | None]:
    """The files this process knows: what it runs is what it had begun with."""
    return {}


def _file(daten: object, raeume: tuple[str, ...]) -> _File | None:
    if not isinstance(daten, Daten):
        return None
    known, asked = _places(), (daten.folder, raeume)
    if asked not in known:
        place = platz(daten, raeume, NAME, ())
        path = place and place.path.with_suffix(ENDUNG)
        known[asked] = _File(replace(place, path=path)) if place and path else None
    return known[asked]


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
