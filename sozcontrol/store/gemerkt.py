"""What a stored delivery answered, kept beside it in one file until data, facts or code change.

:mod:`~sozcontrol.store.ergebnisse` keeps few large results; this keeps many small ones: the rows
that queries gave, by the query. A memory and no source: what can't be opened, is damaged or was
answered by other code is asked again. The figures are undecided, so the file is this user's alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sozcontrol.store.daten import Daten
from sozcontrol.store.ergebnisse import platz
from sozcontrol.store.faecher import ENDUNG, Faecher

if TYPE_CHECKING:
    import pyarrow as pa

NAME = "antworten"


def beantwortet(
    daten: object, raeume: Sequence[str], frage: str, frage_an: Callable[[], pa.Table]
) -> pa.Table:
    """Return the rows that *frage_an()* gives, asked once and read from then on.

    *frage* says all that they depend on beside the tables, and the code and facts of *raeume*.
    """
    kept = _faecher(daten, tuple(raeume))
    return frage_an() if kept is None else kept.geholt(frage, frage_an)


@cache
def _places() -> dict[tuple[Path, tuple[str, ...]], Faecher | None]:
    """The files this process knows: what it runs is what it had begun with."""
    return {}


def _faecher(daten: object, raeume: tuple[str, ...]) -> Faecher | None:
    if not isinstance(daten, Daten):
        return None
    known, asked = _places(), (daten.folder, raeume)
    if asked not in known:
        known[asked] = None
        if place := platz(daten, raeume, NAME, ()):
            path = place.path.with_suffix(ENDUNG)
            prune = replace(place, path=path).prune
            known[asked] = Faecher(path, place.unchanged, prune, raeume)
    return known[asked]
