"""Running processes of a municipality: what began when, and what it is expected to move.

The expectation is written down before anything is measured, and measured is what is declared here.
"""

from __future__ import annotations

from datetime import date
from typing import Literal, Self

from pydantic import Field, model_validator

from sozcontrol.catalogue.yaml_files import Fact


class Prozess(Fact):
    """One process: measured by a Kennzahl that is expected to move, or by reports that appear.

    ``ab`` is the first year whose end the series is complete at: what a source kept of earlier
    years are those who stayed, and no comparison. ``rechtskreise`` are those whose changes break
    it. ``vergleich`` is a comparison with other municipalities in the same Kennzahl. ``bericht`` is
    the area whose quarterly reports are counted. ``gewinnschwelle`` is the Kennzahl that says from
    where on it pays for itself.
    """

    id: str = Field(pattern=r"^\d+(\.\d+)?$")
    titel: str
    kommune: str
    seit: date
    kennzahl: str | None = None
    erwartet: Literal["steigt", "sinkt"] | None = None
    ab: int | None = None
    rechtskreise: tuple[str, ...] = ()
    vergleich: str | None = None
    bericht: str | None = None
    gewinnschwelle: str | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        measured = (self.kennzahl, self.erwartet, self.ab)
        if (self.bericht is None) != all(measured) or (self.bericht and any(measured)):
            raise ValueError("kennzahl mit erwartet und ab, oder bericht")
        return self

    @property
    def richtung(self) -> int:
        """1 where the Kennzahl is expected to rise, −1 where to fall."""
        return 1 if self.erwartet == "steigt" else -1
