"""Which codes lie within which values of another column, as their code list says."""

from __future__ import annotations

from sozcontrol.catalogue.codeliste import Codeliste
from sozcontrol.catalogue.yaml_files import Fact


class Hierarchie(Fact):
    """Codes of the column ``teil`` lie within values of the column ``ganzes``.

    The code's attribute ``merkmal`` names them, separated by blanks.
    """

    teil: str
    ganzes: str
    merkmal: str

    def innerhalb(self, liste: Codeliste) -> dict[str, tuple[str, ...]]:
        """Return for each code the values of ``ganzes`` it can occur in."""
        return {
            c: tuple(i.merkmale.get(self.merkmal, "").split()) for c, i in liste.gueltig.items()
        }
