"""A scenario: dated assumptions of an office about the rest of the year, one YAML file each.

Opinion, not fact: the files lie beside the comments, in ``notebooks/szenarien/<stichtag>/``. Read
as strictly as facts, for a misspelt field that is passed over changes a forecast unseen.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, ValidationError, field_validator, model_validator

from sozcontrol.catalogue.fehlertexte import describe
from sozcontrol.catalogue.yaml_files import Fact, read_yaml
from sozcontrol.errors import CatalogueError, ConfigurationError, UsageError, nearest

ALLE = "alle"
"""Stands for every Hilfeart of the forecast."""


class SzenarioFehler(ConfigurationError):
    """A scenario file cannot be used as it is written."""


def _tag(value: object) -> object:
    # YAML reads 20251001 as a number, which pydantic takes for seconds since 1970.
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise ValueError("ist kein Datum der Form JJJJ-MM-TT")


def _zahl(value: object) -> object:
    if isinstance(value, (bool, str)):
        raise ValueError("ist keine Zahl (ohne Anführungszeichen, mit Punkt statt Komma)")
    return value


def _hilfearten(value: object) -> tuple[str, ...]:
    from sozcontrol.catalogue import codeliste

    codes = tuple(str(v) for v in (value if isinstance(value, (list, tuple)) else [value]))
    known = [*codeliste("hilfeart").gueltig]
    # YAML reads an unquoted 27_2 as the number 272.
    if wrong := [c for c in codes if c not in known] if codes != (ALLE,) else []:
        raise ValueError(
            f"nennt eine unbekannte Hilfeart (Schlüssel in Anführungszeichen, oder {ALLE}): "
            + nearest(wrong[0], known)
        )
    if len(set(codes)) < len(codes):
        raise ValueError("nennt eine Hilfeart zweimal")
    return codes


Tag = Annotated[date, BeforeValidator(_tag)]
Zahl = Annotated[Decimal, BeforeValidator(_zahl)]
Prozent = Annotated[Zahl, Field(gt=-100, le=100)]
Hilfearten = Annotated[tuple[str, ...], BeforeValidator(_hilfearten), Field(min_length=1)]


class Entgelterhoehung(Fact):
    """The cost per case changes by *prozent* from a day on."""

    art: Literal["entgelt"]
    hilfeart: Hilfearten
    ab: Tag
    prozent: Prozent


class Plaetze(Fact):
    """So many places more (or fewer) are occupied from a day on, perhaps until another."""

    art: Literal["plaetze"]
    hilfeart: Hilfearten
    ab: Tag
    bis: Tag | None = None
    anzahl: Annotated[int, BeforeValidator(_zahl)]

    @model_validator(mode="after")
    def _coherent(self) -> Plaetze:
        if self.bis is not None and self.bis < self.ab:
            raise ValueError("bis liegt vor ab")
        _eine(self.hilfeart, "anzahl")
        return self


class Rechtswirkung(Fact):
    """A law change from a day on: on the number of cases, the cost per case, or once an amount."""

    art: Literal["rechtsaenderung"]
    hilfeart: Hilfearten
    ab: Tag
    fallzahl_prozent: Prozent | None = None
    kosten_prozent: Prozent | None = None
    einmalig_eur: Annotated[Zahl, Field(max_digits=14, decimal_places=2)] | None = None

    @model_validator(mode="after")
    def _coherent(self) -> Rechtswirkung:
        if self.fallzahl_prozent is self.kosten_prozent is self.einmalig_eur is None:
            raise ValueError("nennt weder fallzahl_prozent noch kosten_prozent noch einmalig_eur")
        if self.einmalig_eur is not None:
            _eine(self.hilfeart, "einmalig_eur")
        return self


def _eine(hilfeart: tuple[str, ...], feld: str) -> None:
    if len(hilfeart) != 1 or hilfeart == (ALLE,):
        raise ValueError(f"{feld} gilt für genau eine Hilfeart (mehrere: je ein Eintrag)")


Annahme = Annotated[Entgelterhoehung | Plaetze | Rechtswirkung, Field(discriminator="art")]


class Grundlage(Fact):
    """The data a scenario was made on: ``abdruck`` is the SHA-256 of the delivered files."""

    stichtag: Tag
    datenstand: Tag
    abdruck: str = Field(pattern=r"^[0-9a-f]{64}$")


class Szenario(Fact):
    """One scenario; without ``grundlage`` nobody has confirmed it for any data yet."""

    name: str
    titel: str = Field(min_length=1, max_length=40)
    beschreibung: str = Field(min_length=1)
    stelle: str = Field(min_length=1)
    erstellt_am: Tag
    stichtag: Tag
    grundlage: Grundlage | None = None
    annahmen: tuple[Annahme, ...]

    @field_validator("annahmen")
    @classmethod
    def _einzeln(cls, value: tuple[Annahme, ...]) -> tuple[Annahme, ...]:
        # Field(min_length=1) would call a list empty whose only entry has a fault.
        if not value:
            raise ValueError("ist leer")
        if len(set(map(repr, value))) < len(value):
            raise ValueError("enthält dieselbe Annahme zweimal")
        return value

    @model_validator(mode="after")
    def _kommend(self) -> Szenario:
        # What began before is in the cases already; an increase may be agreed after the fact.
        for nummer, a in enumerate(self.annahmen, 1):
            if a.art != "entgelt" and a.ab <= self.stichtag:
                raise ValueError(f"Annahme {nummer}: ab liegt nicht nach dem Stichtag")
        return self


def lesen(path: Path, stichtag: date) -> Szenario:
    """Return the scenario of one file, which must be made for *stichtag*.

    Raises:
        SzenarioFehler: Anything in it is unknown, missing or contradictory; all faults at once,
            with line and field.
    """
    try:
        data = read_yaml(path)
        szenario = Szenario.model_validate(data)
    except CatalogueError as error:
        raise SzenarioFehler(error.was, wo=str(path), tun=error.tun) from None
    except ValidationError as error:
        faults = describe(error, Szenario, path, texte=_TEXTE, auslassen=[*_ARTEN])
        raise _fehler(f"Das Szenario enthält Fehler: {faults}.", path) from None
    if szenario.name != path.stem:
        raise _fehler(f"Der Name »{szenario.name}« passt nicht zum Dateinamen.", path)
    if szenario.stichtag != stichtag:
        raise _fehler(
            f"Das Szenario gilt für den {szenario.stichtag:%d.%m.%Y}, liegt aber im Ordner des "
            f"{stichtag:%d.%m.%Y}.", path,
        )  # fmt: skip
    return szenario


def pruefe_name(name: str) -> str:
    """Return *name* if a scenario file may be called so.

    Raises:
        UsageError: It is not made of at most 40 small letters, digits, ``_`` and ``-``.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_-]{0,39}", name):
        raise UsageError(
            "Der Name eines Szenarios beginnt mit einem kleinen Buchstaben (a–z) und besteht aus "
            "höchstens 40 kleinen Buchstaben, Ziffern, _ und -.",
            wo="Name des Szenarios",
            tun="z. B. entgelte_oktober",
        )
    return name


def _fehler(was: str, path: Path) -> SzenarioFehler:
    return SzenarioFehler(
        was, wo=str(path), tun="Die Datei berichtigen (Muster: sozcontrol szenarien --neu NAME)."
    )


_ARTEN: dict[str, type[Fact]] = {
    "entgelt": Entgelterhoehung, "plaetze": Plaetze, "rechtsaenderung": Rechtswirkung,
}  # fmt: skip
_TEXTE = {
    "union_tag_not_found": f"nennt keine art (bekannt: {', '.join(_ARTEN)})",
    "union_tag_invalid": f"hat eine unbekannte art (bekannt: {', '.join(_ARTEN)})",
    "string_pattern_mismatch": "ist kein SHA-256",
    "string_too_short": "ist leer",
    "string_type": "ist kein Text",
    "too_short": "ist leer",
    "decimal_max_places": "hat mehr als zwei Nachkommastellen",
    "greater_than": "ist zu klein (mehr als −100 %)",
    "less_than_equal": "ist zu groß (höchstens 100 %)",
    "model_type": "hat keine Felder",
    "model_attributes_type": "hat keine Felder",
}
