"""Of many cases of one kind some in every run, and all of them in ``make attack``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pytest


def probe(faelle: Iterable[Any], jedesmal: int, ids: Sequence[str] | None = None) -> list[Any]:
    """Return *faelle* as parameters; from the one after the first *jedesmal* on, thorough."""
    found = []
    for number, fall in enumerate(faelle):
        known = isinstance(fall, type(pytest.param()))
        values = fall.values if known else fall if isinstance(fall, tuple) else (fall,)
        name = fall.id if known else ids[number] if ids else None
        marks = () if number < jedesmal else pytest.mark.thorough
        found.append(pytest.param(*values, id=name, marks=marks))
    return found
