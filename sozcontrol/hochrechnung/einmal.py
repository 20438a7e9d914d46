"""Compute once a delivery: for this process, and beside a stored delivery for every later one."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TypeVar

from sozcontrol import store
from sozcontrol.measures.zaehlwerk.gedaechtnis import gedaechtnis

RAEUME = ("catalogue", "store", "measures", "forecast", "hochrechnung")
"""The rooms whose code and facts decide a forecast; what comes before them is the delivery's."""
T = TypeVar("T")


def einmal(daten: object, wofuer: str, key: tuple[Hashable, ...], rechne: Callable[[], T]) -> T:
    """Return *rechne()* for *wofuer* and *key*; a fault is not kept, it is found again."""
    kept: dict[tuple[Hashable, ...], T] = gedaechtnis(daten, wofuer)
    if key not in kept:
        kept[key] = store.gerechnet(daten, RAEUME, store.name_aus(wofuer, *key), rechne)
    return kept[key]
