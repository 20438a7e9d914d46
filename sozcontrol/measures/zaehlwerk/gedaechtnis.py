"""What is computed once for an opened delivery, and forgotten with it."""

from __future__ import annotations

import weakref
from collections.abc import Hashable
from typing import Any, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
_KEPT: dict[int, dict[str, dict[Any, Any]]] = {}
"""Object → purpose → what it keeps; each purpose has keys and values of its own kind."""


def gedaechtnis(daten: object, wofuer: str) -> dict[K, V]:
    """Return what is kept under *wofuer* for exactly this object (two engines may be equal)."""
    key = id(daten)
    if key not in _KEPT:
        _KEPT[key] = {}
        weakref.finalize(daten, _KEPT.pop, key, None)
    return _KEPT[key].setdefault(wofuer, {})
