"""What sentences call the whole, the parts and the causes of one breakdown."""

from __future__ import annotations

from decimal import Decimal
from functools import cache

from sozcontrol.catalogue.yaml_files import HERE, Fact, load_folder


class Wortpaar(Fact):
    """The words for a cause that adds, and for one that takes away."""

    mehr: str
    weniger: str

    def von(self, betrag: Decimal) -> str:
        """Return the words for the sign of an amount."""
        return self.weniger if betrag < 0 else self.mehr


class Gliederungstexte(Fact):
    """The words of the breakdown by *dimension*, as sentences need them.

    ``insgesamt`` is the whole; ``menge``, ``preis``, ``struktur`` are the causes of its change and
    ``struktur_eines`` that of one part. The rest are pieces of sentences and sentences.
    """

    dimension: str
    insgesamt: str
    je: str
    nicht_jede: str
    der_teile: str
    von_gezeigten: str
    weniger: str
    leistungen: str
    menge: Wortpaar
    preis: Wortpaar
    struktur: Wortpaar
    struktur_eines: Wortpaar
    ohne_menge: str
    neu: str
    gleicher_stand: str


@cache
def gliederungstexte() -> dict[str, Gliederungstexte]:
    """Return the words by dimension."""
    return load_folder(Gliederungstexte, HERE / "texte", key="dimension")
