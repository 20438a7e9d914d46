"""What a check found: rule, place and count, never a value.

A :class:`Finding` is made by ``intake``, ``tidy`` and ``checks`` alike, so that a person sees one
list. The places (:class:`Fundstelle`) name rows by file, source row number and key columns; they
may point at a person and therefore stay under ``data/``. Rule, severity and count may travel on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any


class Schwere(StrEnum):
    """Severity of a rule (domain: E stops, W warns in the report, I informs)."""

    FEHLER = "fehler"
    WARNUNG = "warnung"
    HINWEIS = "hinweis"


@dataclass(frozen=True)
class Fundstelle:
    """One row: file name, row number in the source file (header counted), key columns.

    ``werte`` are cells of the columns the rule speaks about (dates, codes, amounts, pseudonyms),
    so that a person sees the fault; like the key they never leave ``data/``.
    """

    datei: str
    zeile: int | None = None
    schluessel: dict[str, str] = field(default_factory=dict)
    werte: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Finding:
    """One rule that did not hold.

    ``anzahl`` counts the offending rows (or cells); ``stellen`` lists them, at most as many as the
    maker of the finding chose to keep. ``meldung`` is a German sentence without any cell value.
    ``zweifel`` names tables whose figures it casts doubt on; where they are shown, it is said.
    """

    regel: str
    schwere: Schwere
    meldung: str
    tabelle: str | None = None
    spalte: str | None = None
    anzahl: int = 1
    geprueft: int | None = None
    tun: str | None = None
    stellen: tuple[Fundstelle, ...] = ()
    zweifel: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return plain data, for JSON under ``data/``."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Finding:
        """Rebuild what :meth:`as_dict` wrote."""
        stellen = tuple(Fundstelle(**s) for s in data.get("stellen", ()))
        zweifel = tuple(data.get("zweifel", ()))
        kept = {"schwere": Schwere(data["schwere"]), "stellen": stellen, "zweifel": zweifel}
        return cls(**{**data, **kept})


def blocked_tables(findings: Iterable[Finding]) -> set[str]:
    """Return the tables with an error-level finding: what an area may not be built from."""
    return {f.tabelle for f in findings if f.schwere is Schwere.FEHLER and f.tabelle}
