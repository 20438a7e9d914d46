"""Cells kept small: of a column its distinct values, and for each row the place of its own.

A delivery repeats itself: of a million cells few are different. What asks or changes a cell does so
once for each distinct value, and a row costs four bytes a column.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import repeat
from operator import ne
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

if TYPE_CHECKING:
    import numpy as np

W = TypeVar("W")
V = TypeVar("V")


class Zellen(Sequence[W], Generic[W]):
    """The cells of one column: row ``i`` holds ``werte[stellen[i]]``.

    Every value of ``werte`` is the value of a row; of texts that were read no two are equal (a
    text and a typed number of the same signs are two).
    """

    __slots__ = ("stellen", "werte")

    def __init__(self, werte: list[W], stellen: np.ndarray) -> None:
        self.werte, self.stellen = werte, stellen

    @classmethod
    def of(cls, cells: Iterable[W]) -> Zellen[W]:
        """Return *cells* as they are, or taken apart."""
        if isinstance(cells, Zellen):
            return cells
        made = _Spalte(typisiert=True)
        made.add([*cells])
        return made.zellen()

    @classmethod
    def gleich(cls, wert: W, anzahl: int) -> Zellen[W]:
        """Return *anzahl* cells that all hold *wert*."""
        import numpy as np

        return cls([wert] if anzahl else [], np.zeros(anzahl, np.int32))

    def __len__(self) -> int:
        return len(self.stellen)

    @overload
    def __getitem__(self, at: int) -> W: ...
    @overload
    def __getitem__(self, at: slice) -> Zellen[W]: ...
    def __getitem__(self, at: int | slice) -> W | Zellen[W]:
        return self.take(at) if isinstance(at, slice) else self.werte[self.stellen[at]]

    def __iter__(self) -> Iterator[W]:
        return map(self.werte.__getitem__, self.stellen.tolist())

    def take(self, rows: np.ndarray | slice | list[int]) -> Zellen[W]:
        """Return the cells of *rows*: a slice, positions, or a mark for each row."""
        import numpy as np

        stellen = self.stellen[rows]
        if len(stellen) < len(self.werte):  # a few rows of many: asked of them alone
            used, stellen = np.unique(stellen, return_inverse=True)
            return Zellen([self.werte[i] for i in used.tolist()], stellen.astype(np.int32))
        there = np.zeros(len(self.werte), bool)
        there[stellen] = True
        if there.all():
            return Zellen(self.werte, stellen)
        werte = [wert for wert, used in zip(self.werte, there.tolist(), strict=True) if used]
        return Zellen(werte, (np.cumsum(there, dtype=np.int32) - 1)[stellen])

    def mapped(self, change: Callable[[W], V]) -> Zellen[V]:
        """Return the cells with each distinct value changed; several may become one."""
        return Zellen([change(wert) for wert in self.werte], self.stellen)

    def ohne(self, wert: W) -> np.ndarray:
        """Return, for each row, whether it holds anything but *wert*."""
        import numpy as np

        if wert not in self.werte:
            return np.ones(len(self), bool)
        return self.stellen != self.werte.index(wert)

    def marks(self, asked: Callable[[W], object]) -> np.ndarray:
        """Return, for each row, whether *asked* holds of its value."""
        import numpy as np

        return np.array([bool(asked(wert)) for wert in self.werte], bool)[self.stellen]

    def positions(self, asked: Callable[[W], object]) -> list[int]:
        """Return the rows of whose value *asked* holds."""
        hits = [i for i, wert in enumerate(self.werte) if asked(wert)]
        if not hits:
            return []
        import numpy as np

        marked = np.zeros(len(self.werte), bool)
        marked[hits] = True
        return np.flatnonzero(marked[self.stellen]).tolist()

    def counts(self) -> list[int]:
        """Return how many rows hold each of ``werte``."""
        import numpy as np

        return np.bincount(self.stellen, minlength=len(self.werte)).tolist()

    def paired(self, other: Zellen[V]) -> Zellen[tuple[W, V]]:
        """Return the pairs of the cells of two columns."""
        import numpy as np

        both = self.stellen.astype(np.int64) * max(len(other.werte), 1) + other.stellen
        pairs, stellen = np.unique(both, return_inverse=True)
        found = (divmod(pair, max(len(other.werte), 1)) for pair in pairs.tolist())
        return Zellen([(self.werte[a], other.werte[b]) for a, b in found], stellen.astype(np.int32))


class _Spalte:
    """Takes a column in, some rows at a time."""

    def __init__(self, *, typisiert: bool) -> None:
        self._typisiert = typisiert
        self._stuecke: list[Any] = []

    def add(self, cells: Sequence[Any]) -> None:
        """Take in the cells of further rows; strings go to Arrow, which looks up faster."""
        import pyarrow as pa

        self._stuecke.append(cells if self._typisiert else pa.array(cells, pa.string()))

    def zellen(self) -> Zellen[Any]:
        """Return the cells taken in."""
        return Zellen(*(self._typed() if self._typisiert else self._texts()))

    def _texts(self) -> tuple[list[str], np.ndarray]:
        import numpy as np
        import pyarrow as pa

        coded = pa.chunked_array(self._stuecke, pa.string()).dictionary_encode().combine_chunks()
        self._stuecke = []
        if isinstance(coded, pa.ChunkedArray):  # without any piece it stays one
            return [], np.empty(0, np.int32)
        return coded.dictionary.to_pylist(), coded.indices.to_numpy()

    def _typed(self) -> tuple[list[Any], np.ndarray]:
        import numpy as np

        # The number of a new value is how many were there before it.
        numbers: defaultdict[tuple[type, Any], int] = defaultdict()
        numbers.default_factory = numbers.__len__
        places = [numbers[type(c), c] for cells in self._stuecke for c in cells]
        return [value for _, value in numbers], np.array(places, np.int32)


class Zeilen(Sequence[list[str]]):
    """The rows of a source: those of the usual width by columns, others as they are.

    So a file of uneven rows takes what it took as lists, and not its rows times its widest one.
    ``andere`` holds the rows of another width by their place, ``spalten`` the cells of all others.
    """

    def __init__(
        self, anzahl: int, spalten: list[Zellen[str]], andere: dict[int, list[str]]
    ) -> None:
        self.spalten, self.andere = spalten, andere
        self._anzahl, self._orte = anzahl, sorted(andere)

    @classmethod
    def of(cls, rows: Iterable[list[str]], *, typisiert: bool = False) -> Zeilen:
        """Return *rows* taken apart; typed ones may hold numbers beside texts of the same signs."""
        if isinstance(rows, Zeilen):
            return rows
        made = Zeilenleser(typisiert=typisiert)
        made.add([*rows])
        return made.zeilen()

    def __len__(self) -> int:
        return self._anzahl

    @overload
    def __getitem__(self, at: int) -> list[str]: ...
    @overload
    def __getitem__(self, at: slice) -> list[list[str]]: ...
    def __getitem__(self, at: int | slice) -> list[str] | list[list[str]]:
        if isinstance(at, slice):
            return [self[i] for i in range(*at.indices(self._anzahl))]
        number = range(self._anzahl)[at]
        if number in self.andere:
            return self.andere[number]
        place = number - bisect_left(self._orte, number)
        return [cells[place] for cells in self.spalten]

    def __iter__(self) -> Iterator[list[str]]:
        usual = zip(*self.spalten, strict=True) if self.spalten else repeat(())
        for number in range(self._anzahl):
            yield self.andere[number] if number in self.andere else [*next(usual)]

    @property
    def uebliche(self) -> np.ndarray:
        """The places of the rows of the usual width, in order."""
        import numpy as np

        usual = np.ones(self._anzahl, bool)
        usual[self._orte] = False
        return np.flatnonzero(usual)

    def take(self, rows: np.ndarray) -> Zeilen:
        """Return the *rows* at ascending places."""
        import numpy as np

        usual = np.isin(rows, np.array(self._orte, np.int64), invert=True)
        before = np.searchsorted(np.array(self._orte, np.int64), rows)
        spalten = [cells.take((rows - before)[usual]) for cells in self.spalten]
        other = np.flatnonzero(~usual).tolist()
        return Zeilen(len(rows), spalten, {at: self.andere[int(rows[at])] for at in other})

    def mapped(self, change: Callable[[str], str]) -> Zeilen:
        """Return the rows with every cell changed; a column that stays the same is shared."""
        spalten = [_merged(cells, change) for cells in self.spalten]
        andere = {at: [*map(change, row)] for at, row in self.andere.items()}
        return Zeilen(self._anzahl, spalten, andere)

    def spalte(self, place: int) -> Zellen[str]:
        """Return one column; what a row lacks is empty."""
        if not self.andere and place < len(self.spalten):
            return self.spalten[place]
        return Zellen.of(row[place] if place < len(row) else "" for row in self)

    def orte(self, place: int, asked: Callable[[str], object]) -> list[int]:
        """Return the places of the rows of whose cell in column *place* *asked* holds."""
        if not self.andere:
            return self.spalten[place].positions(asked) if place < len(self.spalten) else []
        return [i for i, row in enumerate(self) if place < len(row) and asked(row[place])]

    def funde(self, asked: Callable[[str], object]) -> dict[int, set[str]]:
        """Return, by the place of its column, each text of which *asked* holds."""
        found: defaultdict[int, set[str]] = defaultdict(set)
        for place, texts in enumerate(self.spalten):
            if hits := {text for text in texts.werte if asked(text)}:
                found[place] |= hits
        for row in self.andere.values():
            for place, text in enumerate(row):
                if asked(text):
                    found[place].add(text)
        return dict(found)

    def anders(self, other: Zeilen, begin: int) -> int:
        """Return how many cells differ in *other*, a changed copy, from row *begin* on."""
        usual = self.uebliche >= begin
        number = 0
        for cells, changed in zip(self.spalten, other.spalten, strict=True):
            if cells is not changed:
                pairs = cells.take(usual).paired(changed.take(usual))
                number += len(pairs.positions(lambda pair: pair[0] != pair[1]))
        for at in self._orte:
            if at >= begin:
                number += sum(map(ne, self.andere[at], other.andere[at]))
        return number

    def uebliche_fuellung(self) -> int:
        """Return how many filled cells most rows have; of several numbers that of the first row."""
        import numpy as np

        filled = np.zeros(self._anzahl, np.int64)
        filled[self.uebliche] = sum(cells.ohne("").astype(np.int64) for cells in self.spalten)
        for at, row in self.andere.items():
            filled[at] = sum(map(bool, row))
        numbers, first, counts = np.unique(filled, return_index=True, return_counts=True)
        return int(numbers[np.lexsort((first, -counts))[0]])

    def breiten(self) -> Counter[int]:
        """Return how many rows have which number of fields."""
        found = Counter(map(len, self.andere.values()))
        if usual := self._anzahl - len(self.andere):
            found[len(self.spalten)] += usual
        return found


class Zeilenleser:
    """Takes rows in, some at a time; the usual width is the most frequent one of the first."""

    def __init__(self, *, typisiert: bool = False) -> None:
        self._anzahl = 0
        self._typisiert = typisiert
        self._spalten: list[_Spalte] | None = None
        self._andere: dict[int, list[str]] = {}

    def add(self, rows: list[list[str]]) -> None:
        """Take further rows in."""
        widths = {*map(len, rows)}
        if self._spalten is None:
            width = Counter(map(len, rows)).most_common(1)[0][0] if rows else 0
            self._spalten = [_Spalte(typisiert=self._typisiert) for _ in range(width)]
        if widths - {len(self._spalten)}:
            numbered = enumerate(rows, start=self._anzahl)
            self._andere |= {n: row for n, row in numbered if len(row) != len(self._spalten)}
        self._anzahl += len(rows)
        usual = [row for row in rows if len(row) == len(self._spalten)] if len(widths) > 1 else rows
        if len(self._spalten) in widths:
            for column, cells in zip(self._spalten, zip(*usual, strict=True), strict=True):
                column.add(cells)

    def zeilen(self) -> Zeilen:
        """Return all rows taken in."""
        return Zeilen(self._anzahl, [c.zellen() for c in self._spalten or ()], self._andere)


def _merged(cells: Zellen[str], change: Callable[[str], str]) -> Zellen[str]:
    """Return *cells* changed, with equal values put together again."""
    changed = [change(wert) for wert in cells.werte]
    if changed == cells.werte:
        return cells
    made = _Spalte(typisiert=True)
    made.add(changed)
    merged = made.zellen()
    return Zellen(merged.werte, merged.stellen[cells.stellen])
