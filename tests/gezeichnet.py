"""Draw outputs from released tables, as the press does once all is decided: ``table(…)``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sozcontrol import present
from sozcontrol.present.kinds import KINDS


def __getattr__(name: str) -> Callable[..., Any]:
    return KINDS[name].draw if name in KINDS else getattr(present, name)
