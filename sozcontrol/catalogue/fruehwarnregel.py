"""Rules of early warning: when they signal, how often in vain, and what they watch."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from pydantic import Field, model_validator

from sozcontrol.catalogue.yaml_files import Fact

Reihenart = Literal["monatsende", "quartalsende", "jahrestag"]
"""The days of a series: ends of months or quarters, or the same day of earlier years."""


class Warnregel(Fact):
    """One rule; ``falschalarm_pct`` is how often it signals at a Stichtag though nothing changed.

    ``unter`` says what »nothing changed« means; a simulation of just that holds the share. What a
    rule needs: a trend its ``laenge`` (values one after the other in the bad direction), a control
    chart the ``grundlage`` (values before the last, of which its limits are made) and the ``lauf``
    (values one after the other beyond the middle), probabilities ``treffen_pct``,
    the share of the warnings that is to come true.
    """

    id: Literal["niveau", "trend", "regelkarte", "wahrscheinlichkeit"]
    text: str
    unter: str
    falschalarm_pct: Decimal = Field(gt=0, lt=50)
    laenge: int | None = Field(default=None, ge=3)
    grundlage: int | None = Field(default=None, ge=10)
    lauf: int | None = Field(default=None, ge=5)
    treffen_pct: Decimal | None = None

    @model_validator(mode="after")
    def _whole(self) -> Warnregel:
        needs = {"trend": ("laenge",), "regelkarte": ("grundlage", "lauf"),
                 "wahrscheinlichkeit": ("treffen_pct",)}.get(self.id, ())  # fmt: skip
        if missing := [name for name in needs if getattr(self, name) is None]:
            raise ValueError(f"{self.id}: es fehlt {', '.join(missing)}")
        return self

    @property
    def werte(self) -> int:
        """How many values of a series the rule looks at."""
        return self.laenge or (self.grundlage or 0) + 1


class Beobachtung(Fact):
    """One Kennzahl a rule watches over a series; with ``veraenderung`` its steps, not its level.

    A stock carries its past with it: only its changes are independent of each other, as the limits
    of a control chart suppose.
    """

    kennzahl: str
    regel: Literal["trend", "regelkarte"]
    reihe: Reihenart = "monatsende"
    veraenderung: bool = False

    @property
    def id(self) -> str:
        """What tells it from the others."""
        return f"{self.kennzahl}-{self.regel}"
