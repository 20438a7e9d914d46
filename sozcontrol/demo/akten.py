"""The files of the Jugendamt: a person, and a Hilfe. Every name is invented."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sozcontrol.demo.hilfearten import Art, Erbringer

VORNAMEN = {
    "m": ("Jörg", "Emil", "Björn", "Ali", "Tom", "Götz", "Nuri", "Paul", "Milan", "Jan"),
    "w": ("Änne", "Mia", "Zoë", "Aylin", "Lea", "Käthe", "Nour", "Ida", "Jana", "Maja"),
}
NAMEN = (
    "Beispielhuber", "Erdachtner", "Fantasiak", "Mustergruß", "Nirgendwo", "Öxmann-Probe",
    "Probstein", "Schönerfunden", "Testowski", "Ungenannt", "Wäre", "Zufallski",
)  # fmt: skip


@dataclass
class Person:
    """One invented person; ``frei_ab`` is the first day without a Hilfe."""

    nummer: str
    familie: str
    name: str
    vorname: str
    geburt: date
    geschlecht: str
    staatsang: str
    sozialraum: str | None
    transfer: bool | None
    frei_ab: date = date.min


@dataclass
class Hilfe:
    """One Hilfe as it really was; what a delivery knows of it depends on its Datenstand."""

    nummer: str
    aktenzeichen: str
    person: Person
    art: Art
    paragraph: str
    beginn: date
    ende: date
    beginn_grund: str
    ende_grund: str
    aufenthalt_nach: str | None
    antrag_am: date | None
    erbringer: Erbringer
    uma: bool
    pflegeform: str | None
    fls_monat: float | None
    beginn_erfasst: date
    ende_erfasst: date
    hilfeplaene: tuple[date, ...] = ()

    @property
    def hilfeart(self) -> str:
        """Form of the help (§ 41 stands in ``paragraph``)."""
        return self.art.hilfeart


class Schritt(NamedTuple):
    """One Hilfe in the course of a life, before anybody records it."""

    person: Person
    art: Art
    paragraph: str
    beginn: date
    ende: date
    beginn_grund: str
    ende_grund: str
    erbringer: Erbringer
    uma: bool
