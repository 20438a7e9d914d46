"""Code lists after PUDL's encoder: valid, corrected and rejected values are disjoint sets."""

from __future__ import annotations

from datetime import date

from pydantic import Field, model_validator

from sozcontrol.catalogue.yaml_files import Fact

UNBEKANNT, INSGESAMT = "unbekannt", "insgesamt"
"""What stands among the codes of a dimension and is none: a cell was empty; a total over it."""


class Code(Fact):
    """One valid code: its name for readers, its validity, and attributes (e.g. a segment)."""

    name: str
    gueltig_von: date | None = None
    gueltig_bis: date | None = None
    merkmale: dict[str, str] = Field(default_factory=dict)


class Codeliste(Fact):
    """A code list; any value that is in none of the three sets is a fault, never a gap."""

    codeliste: str
    bezeichnung: str
    gueltig: dict[str, Code]
    korrektur: dict[str, str] = Field(default_factory=dict)
    verworfen: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _disjoint(self) -> Codeliste:
        valid, fixed, rejected = set(self.gueltig), set(self.korrektur), set(self.verworfen)
        if valid & fixed or valid & rejected or fixed & rejected:
            raise ValueError("gueltig, korrektur und verworfen überschneiden sich")
        unknown = set(self.korrektur.values()) - valid
        if unknown:
            raise ValueError(f"korrektur führt auf unbekannte Codes: {sorted(unknown)}")
        return self

    def name(self, code: str) -> str:
        """Return what a reader calls *code* (KeyError when it is unknown)."""
        return self.gueltig[code].name
