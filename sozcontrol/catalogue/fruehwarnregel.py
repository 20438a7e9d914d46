"""Rules of early warning: when they signal, how often in vain, and what they watch."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from pydantic import Field, model_validator

from sozcontrol.catalogue.yaml_files import Fact

Reihenart = Literal["monatsende", "quartalsende", "jahrestag"]
"""The days of a series: ends of months or quarters, or the same day of earlier years."""


VIELE = 10
"""From so many values on the limits of a chart are known well enough to be those of textbooks."""


class Warnregel(Fact):
    """One rule; ``falschalarm_pct`` is how often it signals at a Stichtag though nothing changed.

    ``unter`` says what »nothing changed« means; a simulation of just that holds the share. What a
    rule needs: a trend its ``laenge`` (values one after the other in the bad direction), a control
    chart the ``grundlage`` (values before the last, of which its limits are made) and the ``lauf``
    (values one after the other beyond the middle), probabilities ``treffen_pct``,
    the share of the warnings that is to come true. Charts of few events need the ``grundlage``,
    too: those of counts (u) and shares (p) an ``irrtum_pct`` that no false alarm is more frequent
    than, the sum of what is too much (cusum) a ``laenge`` it is summed over, the ``faktor`` it
    looks for and its ``schwelle``. A chart of short series (kurzkarte) has a ``weite``, the mean
    steps between its middle and its limits.
    """

    id: Literal[
        "niveau",
        "trend",
        "regelkarte",
        "kurzkarte",
        "u_karte",
        "p_karte",
        "cusum",
        "wahrscheinlichkeit",
    ]
    text: str
    unter: str
    falschalarm_pct: Decimal = Field(gt=0, lt=50)
    laenge: int | None = Field(default=None, ge=3)
    grundlage: int | None = Field(default=None, ge=6)
    lauf: int | None = Field(default=None, ge=5)
    weite: Decimal | None = Field(default=None, gt=2)
    irrtum_pct: Decimal | None = Field(default=None, gt=0, lt=50)
    faktor: Decimal | None = Field(default=None, gt=1)
    schwelle: Decimal | None = Field(default=None, gt=0)
    treffen_pct: Decimal | None = None

    @model_validator(mode="after")
    def _whole(self) -> Warnregel:
        needs = {"trend": ("laenge",), "regelkarte": ("grundlage", "lauf"),
                 "kurzkarte": ("grundlage", "weite"),
                 "u_karte": ("grundlage", "irrtum_pct"), "p_karte": ("grundlage", "irrtum_pct"),
                 "cusum": ("grundlage", "laenge", "faktor", "schwelle"),
                 "wahrscheinlichkeit": ("treffen_pct",)}.get(self.id, ())  # fmt: skip
        if missing := [name for name in needs if getattr(self, name) is None]:
            raise ValueError(f"{self.id}: es fehlt {', '.join(missing)}")
        if self.id != "kurzkarte" and self.grundlage is not None and self.grundlage < VIELE:
            raise ValueError(f"{self.id}: grundlage unter {VIELE} ist eine kurzkarte")
        return self

    @property
    def werte(self) -> int:
        """How many values of a series the rule looks at."""
        if self.grundlage is None:
            return self.laenge or 1
        return self.grundlage + (self.laenge or 1)

    @property
    def zaehlend(self) -> bool:
        """Whether it judges numbers and what they are of, not the value made of both."""
        return self.id in ("u_karte", "p_karte", "cusum")


class Beobachtung(Fact):
    """One Kennzahl a rule watches over a series; with ``veraenderung`` its steps, not its level.

    A stock carries its past with it: only its changes are independent of each other, as the limits
    of a control chart suppose.
    """

    kennzahl: str
    regel: Literal["trend", "regelkarte", "u_karte", "p_karte", "cusum"]
    reihe: Reihenart = "monatsende"
    veraenderung: bool = False

    @property
    def id(self) -> str:
        """What tells it from the others."""
        return f"{self.kennzahl}-{self.regel}"
