"""Write what a room computed as plain JSON, and read exactly the same back.

No pickle: reading makes values, arrays and dataclasses of this package, and calls none of its code.
Numbers come back to the last bit, and what was one object in two places is one object again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from importlib import import_module
from typing import Any

from typing_extensions import TypedDict

PACKAGE = __name__.split(".")[0]
PLAIN = (type(None), bool, int, float, str)


class Written(TypedDict):
    """Objects by number, each after what it consists of, and which of them is the whole."""

    objekte: list[list[object]]
    wurzel: object


def dump(value: object) -> Written:
    """Return *value* as JSON values: a list of objects, each naming earlier ones by ``[number]``.

    Raises:
        TypeError: Something in it has no written form; it is our mistake, not the data's.
    """
    writer = _Writer()
    root = writer.reference(value)
    return {"objekte": writer.written, "wurzel": root}


def load(data: Written) -> object:
    """Undo :func:`dump`.

    Raises:
        ValueError, TypeError, KeyError, AttributeError, ImportError: It is no such thing.
    """
    read: list[Any] = []

    def of(one: Any) -> Any:
        return read[one[0]] if isinstance(one, list) else one

    for kind, *parts in data["objekte"]:
        read.append(_READERS[str(kind)](of, *parts))
    return of(data["wurzel"])


class _Writer:
    """Numbers every object once; what it consists of stands before it."""

    def __init__(self) -> None:
        self.written: list[list[object]] = []
        self._numbers: dict[int, tuple[int, object]] = {}

    def reference(self, value: Any) -> Any:
        if type(value) in PLAIN:
            return value
        known = self._numbers.get(id(value))
        if known is None:
            self.written.append([*self._parts(value)])
            # The object is kept with its number: a new one must not get its address.
            known = self._numbers[id(value)] = (len(self.written) - 1, value)
        return [known[0]]

    def _parts(self, value: Any) -> Iterator[Any]:
        kind = type(value)
        if kind in (tuple, list):
            yield from (kind.__name__, [self.reference(v) for v in value])
        elif kind is dict:
            pairs = [[self.reference(k), self.reference(v)] for k, v in value.items()]
            yield from ("dict", pairs)
        elif kind is frozenset:
            yield from ("frozenset", [self.reference(v) for v in sorted(value)])
        elif kind in (Decimal, Fraction):
            yield from (kind.__name__, str(value))
        elif kind is date:
            yield from ("date", value.isoformat())
        elif is_dataclass(kind) and kind.__module__.split(".")[0] == PACKAGE:
            held = {f.name: self.reference(getattr(value, f.name)) for f in fields(kind)}
            yield from ("class", kind.__module__, kind.__qualname__, held)
        else:
            yield from _numbers(value)


def _numbers(value: Any) -> tuple[Any, ...]:
    import numpy as np

    if isinstance(value, np.generic) and value.dtype.kind in "biuf":
        return ("number", value.dtype.str, value.item())
    if type(value) is np.ndarray and value.dtype.kind in "biuf":
        return ("array", value.dtype.str, list(value.shape), value.ravel().tolist())
    raise TypeError(f"{type(value)} can't be kept")


def _array(_: object, dtype: str, shape: list[int], values: list[Any]) -> Any:
    import numpy as np

    return np.array(values, dtype=dtype).reshape(shape)


def _number(_: object, dtype: str, value: Any) -> Any:
    import numpy as np

    return np.dtype(dtype).type(value)


def _instance(of: Callable[[Any], Any], module: str, name: str, held: dict[str, Any]) -> Any:
    if module.split(".")[0] != PACKAGE:
        raise ValueError(module)
    kind = getattr(import_module(module), name)
    if {f.name for f in fields(kind)} != held.keys():
        raise ValueError(name)
    made = object.__new__(kind)
    for field, one in held.items():
        object.__setattr__(made, field, of(one))
    return made


_READERS: dict[str, Callable[..., Any]] = {
    "tuple": lambda of, parts: tuple(of(p) for p in parts),
    "list": lambda of, parts: [of(p) for p in parts],
    "dict": lambda of, pairs: {of(k): of(v) for k, v in pairs},
    "frozenset": lambda of, parts: frozenset(of(p) for p in parts),
    "Decimal": lambda _, text: Decimal(text),
    "Fraction": lambda _, text: Fraction(text),
    "date": lambda _, text: date.fromisoformat(text),
    "number": _number,
    "array": _array,
    "class": _instance,
}
