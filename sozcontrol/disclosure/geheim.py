"""The one mark of a suppressed figure.

Primary and complementary suppressions carry the same mark: two marks would tell a reader which
cells are the small ones.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NoReturn


class Geheim:
    """Stands where a figure is withheld: prints as ``•``, is no number, has no truth value."""

    __slots__ = ()
    ZEICHEN = "•"

    def __new__(cls) -> Geheim:
        """Return the one there is."""
        return GEHEIM if "GEHEIM" in globals() else super().__new__(cls)

    def __str__(self) -> str:
        return self.ZEICHEN

    def __repr__(self) -> str:
        return "GEHEIM"

    def __format__(self, spec: str) -> str:
        if spec:
            raise TypeError("GEHEIM is not a number and takes no format")
        return self.ZEICHEN

    def __bool__(self) -> NoReturn:
        raise TypeError("GEHEIM has no truth value; compare with »is GEHEIM«")

    def __reduce__(self) -> str:
        return "GEHEIM"


GEHEIM = Geheim()

Zellwert = str | int | float | Decimal | date | None
"""What a cell holds: a plain value, or None where there is nothing."""

Gezeigt = Zellwert | Geheim
"""What a reader gets of it."""
