"""What a council has decided on a goal since the list of goals was delivered: one YAML file.

The list says what is measured, and until when; both decide what a report counts and come with a
delivery. Where to, how exactly, in which words and by whom is told beside the figures, so a
decision on it takes effect when a page is drawn: ``notebooks/ziele/beschluesse.yml``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, ValidationError, field_validator, model_validator

from sozcontrol.catalogue.fehlertexte import describe
from sozcontrol.catalogue.szenario import Tag, Zahl
from sozcontrol.catalogue.yaml_files import Fact, read_yaml
from sozcontrol.catalogue.ziel import Ziel
from sozcontrol.errors import CatalogueError, ConfigurationError

AENDERBAR = ("zielwert", "toleranz", "zieltext", "verantwortlich")
"""What a decision may set anew."""
MUSTER = (
    "Je Eintrag: ziel (Nummer in der Liste der Ziele), gilt_ab, beschluss, und wenigstens eines "
    f"von {', '.join(AENDERBAR)}. Kennzahl und Termin ändert eine neue Liste."
)


class ZielbeschlussFehler(ConfigurationError):
    """The file of decisions cannot be used as it is written."""


class Zielbeschluss(Fact):
    """What a council has set anew of one goal, from which day on; values in its Kennzahl's unit."""

    ziel: Annotated[int, Field(strict=True, ge=0)]
    gilt_ab: Tag
    beschluss: Annotated[str, Field(min_length=1, max_length=60)]
    zielwert: Annotated[Zahl, Field(max_digits=14, decimal_places=4)] | None = None
    toleranz: Annotated[Zahl, Field(ge=0, max_digits=14, decimal_places=4)] | None = None
    zieltext: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    verantwortlich: Annotated[str, Field(min_length=1, max_length=60)] | None = None

    @property
    def texte(self) -> list[str]:
        """Every word of it that a page may show."""
        return [t for t in (self.beschluss, self.zieltext, self.verantwortlich) if t]

    @model_validator(mode="after")
    def _something(self) -> Self:
        if all(getattr(self, name) is None for name in AENDERBAR):
            raise ValueError(f"ändert nichts (möglich: {', '.join(AENDERBAR)})")
        return self


class Zielbeschlussdatei(Fact):
    """All decisions since; of one goal at most one takes effect on a day."""

    beschluesse: tuple[Zielbeschluss, ...]

    @field_validator("beschluesse")
    @classmethod
    def _once(cls, value: tuple[Zielbeschluss, ...]) -> tuple[Zielbeschluss, ...]:
        named = [(b.ziel, b.gilt_ab) for b in value]
        if doubled := sorted({n for n in named if named.count(n) > 1}):
            number, day = doubled[0]
            raise ValueError(f"Ziel {number} wird zum {day:%d.%m.%Y} zweimal geändert")
        return value


def lesen(path: Path) -> tuple[Zielbeschluss, ...]:
    """Return what was decided, none where there is no file.

    Raises:
        ZielbeschlussFehler: Something in it is unknown, missing or contradictory, all faults at
            once; or a file lies there by a name that nobody reads.
    """
    if strange := sorted(p for p in path.parent.glob("*.y*ml") if p.name != path.name):
        raise fehler(f"Gelesen wird nur »{path.name}«.", strange[0])
    if not (path.exists() or path.is_symlink()):
        return ()
    try:
        return Zielbeschlussdatei.model_validate(read_yaml(path)).beschluesse
    except CatalogueError as error:
        raise fehler(error.was, path) from None
    except ValidationError as error:
        faults = describe(error, Zielbeschlussdatei, path)
        raise fehler(f"Die Zielbeschlüsse enthalten Fehler: {faults}.", path) from None


def beschlossen(ziel: Ziel, beschluesse: Sequence[Zielbeschluss]) -> Ziel:
    """Return a delivered goal as it holds at its Stichtag.

    A list that sets the goal from that day on, or a later one, knows of the decision, and holds.
    """
    own = sorted((b for b in beschluesse if b.ziel == ziel.ziel_nr), key=lambda b: b.gilt_ab)
    since = [b for b in own if ziel.gilt_ab < b.gilt_ab <= ziel.stichtag]
    found = ziel
    for one in since:
        new = {name: getattr(one, name) for name in AENDERBAR}
        told = {name: value for name, value in new.items() if value is not None}
        found = replace(found, gilt_ab=one.gilt_ab, erklaert=ziel, **told)
    named = dict.fromkeys(b.beschluss for b in since)
    return replace(found, beschluss=", ".join(named)) if since else ziel


def fehler(was: str, path: Path) -> ZielbeschlussFehler:
    """Return the error of the file with how an entry looks."""
    return ZielbeschlussFehler(
        was, wo=str(path), tun=f"Die Datei berichtigen. {MUSTER}",
        unveraendert="Es wurde nichts veröffentlicht; alle bisherigen Berichte gelten weiter.",
    )  # fmt: skip
