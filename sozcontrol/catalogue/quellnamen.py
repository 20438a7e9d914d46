"""What source systems call their columns: the facts from which a profile is proposed."""

from __future__ import annotations

from functools import cache
from typing import Literal

from pydantic import Field

from sozcontrol.catalogue.profil import Herkunft
from sozcontrol.catalogue.yaml_files import HERE, Fact, parse, read_yaml


class Ableitung(Fact):
    """How a column follows from another one of its table.

    ``teil`` takes the year or month of a date, ``merkmal`` what a code's list says of it,
    ``anfang`` what a number's beginning means, about which ``frage`` asks; without any of them the
    same words are read as codes of the other list.
    """

    von: str
    teil: Literal["jahr", "monat"] | None = None
    merkmal: str | None = None
    anfang: dict[str, str] = Field(default_factory=dict)
    frage: str | None = None


class Seite(Fact):
    """A column that says on which side an amount stands, and the factor of its words.

    ``spalten`` names the columns of a source in which each side has amounts of its own.
    """

    namen: tuple[str, ...]
    faktoren: dict[str, int]
    spalten: dict[str, tuple[str, ...]]


class Amtlich(Fact):
    """A raw table of official statistics: by what it is known, and what its cells feed.

    ``kennung`` begins its first row, before its number; ``fuss`` the first row below the data.
    ``spalten`` are those that every such table feeds alike; the others name the canonical columns
    of the place, the year, the number of the table and what is counted.
    """

    kennung: tuple[str, ...]
    fuss: tuple[str, ...]
    tabelle: str
    ort: str
    jahr: str
    nummer: str
    gezaehlt: str
    wert: str
    spalten: dict[str, Herkunft]


class Quellnamen(Fact):
    """Names by table and column, and the words of columns and rows that hold no data."""

    spalten: dict[str, dict[str, tuple[str, ...]]]
    ableitbar: dict[str, dict[str, Ableitung]]
    jahre: tuple[str, ...]
    zaehler: tuple[str, ...]
    personen: tuple[str, ...]
    freitext: tuple[str, ...]
    summen: tuple[str, ...]
    fuss: tuple[str, ...]
    soll_haben: Seite
    kontoarten: tuple[str, ...]
    amtlich: Amtlich


@cache
def quellnamen() -> Quellnamen:
    """Return the names source systems use."""
    path = HERE / "quellnamen.yml"
    return parse(Quellnamen, read_yaml(path), path)
