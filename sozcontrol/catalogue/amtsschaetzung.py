"""What an office itself expects of the year, with its reason: one YAML file a Stichtag.

Opinion, not fact: the files lie beside the comments, as ``notebooks/schaetzungen/<stichtag>.yml``.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError, field_validator

from sozcontrol.catalogue.fehlertexte import describe
from sozcontrol.catalogue.szenario import Tag, Zahl
from sozcontrol.catalogue.yaml_files import Fact, read_yaml
from sozcontrol.errors import CatalogueError, ConfigurationError

MUSTER = (
    "Je Eintrag: teilhaushalt (Nummer in Anführungszeichen, oder insgesamt), zuschuss_eur, grund, "
    "stelle, am."
)


class SchaetzungFehler(ConfigurationError):
    """A file of estimates cannot be used as it is written."""


class Amtsschaetzung(Fact):
    """The net of one Teilhaushalt at the year's end as its office expects it, and why."""

    teilhaushalt: Annotated[str, Field(min_length=1)]
    zuschuss_eur: Annotated[Zahl, Field(max_digits=14, decimal_places=2)]
    grund: Annotated[str, Field(min_length=1, max_length=300)]
    stelle: Annotated[str, Field(min_length=1, max_length=60)]
    am: Tag


class Schaetzungsdatei(Fact):
    """All estimates to one Stichtag, at most one a Teilhaushalt."""

    stichtag: Tag
    schaetzungen: tuple[Amtsschaetzung, ...]

    @field_validator("schaetzungen")
    @classmethod
    def _once(cls, value: tuple[Amtsschaetzung, ...]) -> tuple[Amtsschaetzung, ...]:
        named = [s.teilhaushalt for s in value]
        if doubled := sorted({n for n in named if named.count(n) > 1}):
            raise ValueError(f"Teilhaushalt {doubled[0]} steht zweimal da")
        return value


def lesen(path: Path, stichtag: date) -> tuple[Amtsschaetzung, ...]:
    """Return the estimates of one file, none where there is no file.

    Raises:
        SchaetzungFehler: Anything in it is unknown, missing or contradictory; all faults at once.
    """
    if not path.is_file():
        return ()
    try:
        datei = Schaetzungsdatei.model_validate(read_yaml(path))
    except CatalogueError as error:
        raise SchaetzungFehler(error.was, wo=str(path), tun=error.tun) from None
    except ValidationError as error:
        faults = describe(error, Schaetzungsdatei, path)
        raise fehler(f"Die Schätzungen enthalten Fehler: {faults}.", path) from None
    if datei.stichtag != stichtag:
        raise fehler(
            f"Die Schätzungen gelten für den {datei.stichtag:%d.%m.%Y}, die Datei heißt nach dem "
            f"{stichtag:%d.%m.%Y}.", path,
        )  # fmt: skip
    return datei.schaetzungen


def fehler(was: str, path: Path) -> SchaetzungFehler:
    """Return the error of a file with how an entry looks."""
    return SchaetzungFehler(was, wo=str(path), tun=f"Die Datei berichtigen. {MUSTER}")
