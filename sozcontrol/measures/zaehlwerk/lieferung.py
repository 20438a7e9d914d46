"""What the rooms read of an opened delivery: its tables, its days, the Kommune it comes from.

``store.open_data`` gives one. A step between two deliveries (``revision``) is read just so, and a
city that a test draws; each function asks for no more than it reads.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Protocol

from sozcontrol.catalogue import Kommune

if TYPE_CHECKING:
    import ibis.expr.types as ir


Lieferzeile = dict[str, str | int | date | None]
"""One row of the table ``lieferung``: a file that was delivered."""


class Tabellen(Protocol):
    """Canonical tables by name."""

    def __getitem__(self, name: str, /) -> ir.Table:
        """Return one canonical table."""
        ...


class Lieferung(Tabellen, Protocol):
    """Tables, and the days they speak of."""

    @property
    def stichtag(self) -> date:
        """The reporting date."""
        ...

    @property
    def datenstand(self) -> date:
        """The date of extraction."""
        ...

    @property
    def tabellen(self) -> tuple[str, ...]:
        """The names of the tables there are."""
        ...


class Stadtlieferung(Lieferung, Protocol):
    """A delivery that knows its Kommune, and with it what is material there."""

    @property
    def kommune(self) -> Kommune:
        """The Kommune it comes from."""
        ...

    def hat(self, *namen: str) -> bool:
        """Whether all the named tables are there."""
        ...
