"""The canonical tables: what a row is, which columns it has, and what they mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from sozcontrol.catalogue.sicht import Achse
from sozcontrol.catalogue.yaml_files import Fact

Typ = Literal["text", "code", "id", "datum", "monat", "ganzzahl", "dezimal", "betrag", "wahr"]
"""``monat`` is stored as its first day; ``betrag`` is DECIMAL(14,2) euro; ``dezimal`` (14,4)."""

Kreis = Literal["person", "fall", "hilfe", "familie", "vorgang"]
"""Domain of a pseudonym: the same number gives different pseudonyms in different domains."""


class Spalte(Fact):
    """One column of a canonical table.

    ``persoenlich`` marks what describes a human being: no list of findings ever shows it. ``leer``
    says what an empty cell means where it is an answer (»läuft noch«); without it, it is none, and
    who asks for rows by this column does not know whether such a row is one of them.
    """

    name: str
    typ: Typ
    bezeichnung: str
    bedeutung: str
    pflicht: bool = False
    einheit: str | None = None
    codeliste: str | None = None
    bezug: str | None = None
    pseudonym: Kreis | None = None
    persoenlich: bool = False
    leer: str | None = None

    @model_validator(mode="after")
    def _coherent(self) -> Spalte:
        if (self.typ == "code") != (self.codeliste is not None):
            raise ValueError("genau Spalten vom Typ code haben eine codeliste")
        if self.pseudonym and self.typ != "id":
            raise ValueError("nur Spalten vom Typ id werden pseudonymisiert")
        if self.typ == "betrag" and self.einheit != "EUR":
            raise ValueError("ein betrag hat die einheit EUR")
        if self.pflicht and self.leer:
            raise ValueError("eine Spalte, die nie leer sein darf, sagt nicht, was leer heißt")
        return self


class Wechsel(Fact):
    """When the columns of a group change over to their later value.

    ``sobald``: only where this column was empty and is filled now; otherwise it is the rest.
    """

    spalten: tuple[str, ...]
    sobald: str | None = None


class Revisionsumfang(Fact):
    """Which amounts of a table are compared with the earlier delivery, for how far they changed.

    ``summe`` is added up per ``je`` in the year of the earlier Stichtag (``zeit``: a budget year).
    Only of a table no person stands behind: the sum of all changes is shown.
    """

    summe: str
    je: tuple[str, ...] = Field(min_length=1)
    zeit: Achse

    @model_validator(mode="after")
    def _of_a_year(self) -> Self:
        if self.zeit.jahr is None or self.zeit.bis_stichtag:
            raise ValueError("umfang braucht eine zeit mit jahr und bis, ohne bis_stichtag")
        return self

    @property
    def spalten(self) -> tuple[str, ...]:
        """The columns it reads."""
        return (self.summe, *self.je, *self.zeit.spalten)


class Revision(Fact):
    """Which cause a change of this table's rows belongs to; the ids are those of ``ursachen.yml``.

    ``neu``: rows only the later delivery has, ``weg``: rows only the earlier one has, ``spalten``:
    columns of rows that both have (others are corrections). ``bekannt`` names a column whose value,
    known already, makes a new row a correction (a new mapping of a known product takes over).
    ``erfasst_am`` names the column with the day a row was recorded, where there is one: what was
    known on a past day can then be told today. ``umfang``: how far the amounts changed, in one sum.
    """

    neu: str
    weg: str
    spalten: Mapping[str, Wechsel] = Field(default_factory=dict)
    bekannt: str | None = None
    erfasst_am: str | None = None
    umfang: Revisionsumfang | None = None

    @field_validator("spalten", mode="before")
    @classmethod
    def _short(cls, data: dict[str, object]) -> object:
        return {k: {"spalten": v} if isinstance(v, list) else v for k, v in data.items()}

    @property
    def ursachen(self) -> tuple[str, ...]:
        """Every cause it names."""
        return (self.neu, self.weg, *self.spalten)


class Tabelle(Fact):
    """One canonical table; ``zeile`` says what one row is, ``schluessel`` what identifies it."""

    name: str
    bezeichnung: str
    zeile: str
    bedeutung: str
    schluessel: tuple[str, ...]
    spalten: tuple[Spalte, ...]
    herkunft: Literal["lieferung", "stammdaten", "protokoll", "pruefung"] = "lieferung"
    revision: Revision | None = None

    @property
    def geliefert(self) -> bool:
        """Whether somebody delivers it; else a run writes it when it reads or checks."""
        return self.herkunft in ("lieferung", "stammdaten")

    @model_validator(mode="after")
    def _coherent(self) -> Tabelle:
        names = [s.name for s in self.spalten]
        if len(set(names)) != len(names):
            raise ValueError("ein Spaltenname steht zweimal")
        missing = set(self.schluessel) - set(names)
        if missing:
            raise ValueError(f"Schlüsselspalten fehlen: {sorted(missing)}")
        if (self.revision is None) == self.geliefert:
            raise ValueError(
                "jede gelieferte Tabelle sagt unter revision, was ihre Änderungen sind"
            )
        named = (
            {c for w in self.revision.spalten.values() for c in w.spalten}
            if self.revision
            else set()
        )
        if self.revision and self.revision.erfasst_am:
            named |= {self.revision.erfasst_am}
        if self.revision and self.revision.umfang:
            if self.nennt_personen:
                raise ValueError("umfang gibt es nur, wo keine Zeile von einem Menschen spricht")
            named |= set(self.revision.umfang.spalten)
        if named - set(names):
            raise ValueError(f"revision nennt fremde Spalten: {sorted(named - set(names))}")
        return self

    @property
    def namen(self) -> tuple[str, ...]:
        """Names of the domain columns, in order."""
        return tuple(s.name for s in self.spalten)

    @property
    def nennt_personen(self) -> bool:
        """Whether a row may stand for a person: by a pseudonym, or by what describes one."""
        return any(s.pseudonym or s.persoenlich for s in self.spalten)

    def spalte(self, name: str) -> Spalte:
        """Return the column called *name* (KeyError when there is none)."""
        return next(s for s in self.spalten if s.name == name) if name in self.namen else _no(name)


def _no(name: str) -> Spalte:
    raise KeyError(name)


TECHNISCH = ("lieferung_id", "zeile_quelle", "datenstand")
"""Columns every stored table carries besides its own: which file, which row of it, known when."""
