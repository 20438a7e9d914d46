"""What a reader knows beyond the pages: which figures are one, and how figures hang together.

The list of the auditor that reads finished pages back; no decision is made from it.
"""

from __future__ import annotations

from collections.abc import Mapping

from sozcontrol.catalogue.yaml_files import Fact


class Groesse(Fact):
    """What a column is called wherever it stands: patterns of caption and heading, and the name.

    ``quer`` names the dimension whose values the headings are.
    """

    tafel: str
    spalte: str
    ist: str
    quer: str | None = None


class Ort(Fact):
    """One figure: its name, the values of dimensions it stands for, how often it is taken."""

    groesse: str
    wo: Mapping[str, str] = {}
    mal: int = 1


class Anteil(Fact):
    """A shown rate: ``faktor`` times the sum of *teil* over the sum of *ganzes*.

    ``verborgen`` are counts in them that no page shows, with what each of them adds up from.
    """

    kennzahl: str
    teil: tuple[Ort, ...]
    ganzes: tuple[Ort, ...]
    faktor: int = 100
    verborgen: Mapping[str, tuple[Ort, ...]] = {}


class Gliederung(Fact):
    """Which values of ``ganzes`` each value of ``teil`` can occur in."""

    teil: str
    ganzes: str
    kann: Mapping[str, tuple[str, ...]]


class Leserwissen(Fact):
    """The whole list; ``benennend`` are row heads that name a figure and add up to nothing.

    ``geschuetzt`` are patterns of names that count people: none of them may be shown small.
    """

    gesamt: tuple[str, ...]
    benennend: tuple[str, ...]
    geschuetzt: tuple[str, ...]
    groessen: tuple[Groesse, ...]
    kennzahlen: Mapping[str, str]
    beziehungen: tuple[Mapping[str, int], ...]
    anteile: tuple[Anteil, ...]
    gliederungen: tuple[Gliederung, ...]
