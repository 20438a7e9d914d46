"""What small municipalities break their tables down by, instead of what would be hidden mostly."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from sozcontrol.catalogue.yaml_files import Fact


class Vergroeberung(Fact):
    """Small is where the Kennzahl ``gezaehlt`` lies below ``unter``; ``grund`` says so to readers.

    ``statt`` maps a dimension to the coarser one, or to none; ``allein`` are crossed with no other.
    """

    gezaehlt: str
    unter: int = Field(gt=0)
    grund: str
    statt: Mapping[str, str | None]
    allein: tuple[str, ...] = ()
