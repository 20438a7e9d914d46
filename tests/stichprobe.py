"""Of many cases of one kind some in every run, and all of them in ``make attack``."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any

import pytest


def probe(faelle: Iterable[Any], jedesmal: int, ids: Sequence[str] | None = None) -> list[Any]:
    """Return *faelle* as parameters; from the one after the first *jedesmal* on, thorough."""
    return [
        _param(fall, number >= jedesmal, ids[number] if ids else None)
        for number, fall in enumerate(faelle)
    ]


def je_art(faelle: Iterable[Any], art: Callable[..., Hashable]) -> list[Any]:
    """Return *faelle* as parameters; of each *art* the first in every run, the others thorough."""
    found: list[Any] = []
    seen: set[Hashable] = set()
    for fall in faelle:
        kind = art(*_values(fall))
        found.append(_param(fall, kind in seen, None))
        seen.add(kind)
    return found


def _values(fall: Any) -> tuple[Any, ...]:
    if isinstance(fall, type(pytest.param())):
        return tuple(fall.values)
    return fall if isinstance(fall, tuple) else (fall,)


def _param(fall: Any, selten: bool, name: str | None) -> Any:
    known = isinstance(fall, type(pytest.param()))
    marks = pytest.mark.thorough if selten else ()
    return pytest.param(*_values(fall), id=fall.id if known else name, marks=marks)
