"""What is computed once for an opened delivery, and forgotten with it."""

from __future__ import annotations

import weakref
from typing import Any

_KEPT: dict[int, dict[str, dict[Any, Any]]] = {}


def gedaechtnis(daten: Any, wofuer: str) -> dict[Any, Any]:
    """Return what is kept under *wofuer* for exactly this object (two engines may be equal)."""
    key = id(daten)
    if key not in _KEPT:
        _KEPT[key] = {}
        weakref.finalize(daten, _KEPT.pop, key, None)
    return _KEPT[key].setdefault(wofuer, {})
