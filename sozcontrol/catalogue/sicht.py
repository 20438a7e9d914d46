"""Views as facts: what a table counts, and what it can be broken down by.

A view names one canonical table (or is built by a room of its own), joins others to it on unique
keys, and says what is derived from a row: the age on a day, the area, a mark of a code list. The
engine reads nothing else; a new field of law is a new file here.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from sozcontrol.catalogue.kennzahl import Bedingung, short_conditions
from sozcontrol.catalogue.yaml_files import Fact

Art = Literal["verlauf", "ereignis", "stand", "bewegung"]
"""``verlauf``: a row begins and ends · ``ereignis``: it happens on a day · ``stand``: a value as of
a day · ``bewegung``: an amount or a count of a period."""

Rolle = Literal[
    "bestand", "zugang", "abgang", "jahr", "mittel", "menge", "dauer", "betrag", "ereignis", "stand"
]
"""What a figure is to the others: disclosure ties stock and flow by it, not by a name."""


class Traeger(Fact):
    """Whom disclosure counts behind a figure.

    ``zeile``: each row is one, known by this column · ``verschieden``: the different values of a
    column (a Hilfe has many payments) · ``spalte``: the rows count already, in this column, and
    ``zaehlend`` names all columns that do. ``beitrag`` tells apart whose amounts are added up when
    it is asked who carries a sum of money: a child with three Hilfen is one.
    """

    zeile: str | None = None
    verschieden: str | None = None
    spalte: str | None = None
    zaehlend: tuple[str, ...] = ()
    beitrag: str | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(v is not None for v in (self.zeile, self.verschieden, self.spalte)) != 1:
            raise ValueError("genau eines von zeile, verschieden und spalte")
        if self.zaehlend and self.spalte not in self.zaehlend:
            raise ValueError("zaehlend nennt auch die spalte")
        return self

    @property
    def schluessel(self) -> str | None:
        """The column that tells carriers apart; None where rows count already."""
        return self.zeile or self.verschieden

    @property
    def beitragende(self) -> str | None:
        """The column that tells apart whose contributions an amount is made of."""
        return self.beitrag or self.schluessel


class Verbindung(Fact):
    """A left join on a unique key: of a table, or of another view.

    ``ueber`` maps own columns to those of the other side, ``spalten`` the new names to its columns.
    With ``im_jahr`` (an own column with a year) or ``im_monat`` (one with a month) the other side's
    rows have a validity (gueltig_von, gueltig_bis): of one key the latest that begins by the end of
    the year or month and has not run out before it.
    """

    tabelle: str | None = None
    sicht: str | None = None
    ueber: Mapping[str, str] = Field(min_length=1)
    spalten: Mapping[str, str]
    im_jahr: str | None = None
    im_monat: str | None = None

    @field_validator("ueber", "spalten", mode="before")
    @classmethod
    def _short(cls, data: object) -> object:
        if isinstance(data, str):
            return {data: data}
        return {name: name for name in data} if isinstance(data, list) else data

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.tabelle is None) == (self.sicht is None):
            raise ValueError("genau eines von tabelle und sicht")
        if self.im_jahr and self.im_monat:
            raise ValueError("höchstens eines von im_jahr und im_monat")
        return self


class Ableitung(Fact):
    """A column made from others; exactly one way.

    ``gruppen``: the group of the age on the day asked · ``gebiet``: the name of the area at
    ``ebene`` that the first filled of these columns lies in · ``merkmal``: whether the code in
    ``von`` carries this mark with the value ``ja`` · ``summe``: these columns added up, an empty
    one as 0 · ``abstand``: the days from the first of these two dates to the second.
    """

    gruppen: str | None = None
    gebiet: tuple[str, ...] = ()
    ebene: str | None = None
    merkmal: str | None = None
    von: str | None = None
    summe: tuple[str, ...] = ()
    abstand: tuple[str, str] | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        ways = (self.gruppen, self.gebiet, self.merkmal, self.summe, self.abstand)
        if sum(bool(way) for way in ways) != 1:
            raise ValueError("genau eines von gruppen, gebiet, merkmal, summe und abstand")
        if bool(self.gebiet) != (self.ebene is not None):
            raise ValueError("gebiet und ebene gehören zusammen")
        if (self.merkmal is None) != (self.von is None):
            raise ValueError("merkmal und von gehören zusammen")
        return self


class Alter(Fact):
    """Where an age comes from: a month of birth, or a column with completed years."""

    monat: str | None = None
    jahre: str | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.monat is None) == (self.jahre is None):
            raise ValueError("genau eines von monat und jahre")
        return self


class Folge(Fact):
    """Days from the end of a row to the next one of the same person, a column each.

    ``spalten`` maps the new column to the conditions the next row must fulfil.
    """

    person: str
    spalten: Mapping[str, tuple[Bedingung, ...]]

    @field_validator("spalten", mode="before")
    @classmethod
    def _short(cls, data: dict[str, object]) -> object:
        return {name: short_conditions(wo) for name, wo in data.items()}


class Achse(Fact):
    """When a row of a ``bewegung`` counts.

    ``spalte``: its day lies in the period · ``jahr`` and ``bis``: its year is that of the period's
    end, and its day not after it (the budget year so far). With ``ganzes_jahr`` a period that ends
    with the year takes all of it, whatever the day: what is booked later belongs to it still. With
    ``bis_stichtag`` its day may lie after the period, up to the Stichtag: what has come in by now
    for an earlier year.
    """

    spalte: str | None = None
    jahr: str | None = None
    bis: str | None = None
    ganzes_jahr: bool = False
    bis_stichtag: bool = False

    @model_validator(mode="before")
    @classmethod
    def _short(cls, data: object) -> object:
        return {"spalte": data} if isinstance(data, str) else data

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.spalte is None) == (self.jahr is None) or (self.jahr is None) != (
            self.bis is None
        ):
            raise ValueError("entweder spalte, oder jahr und bis")
        if (self.ganzes_jahr or self.bis_stichtag) and self.jahr is None:
            raise ValueError("ganzes_jahr und bis_stichtag gehören zu jahr und bis")
        if self.ganzes_jahr and self.bis_stichtag:
            raise ValueError("entweder ganzes_jahr oder bis_stichtag")
        return self

    @property
    def spalten(self) -> tuple[str, ...]:
        """The columns it reads."""
        return tuple(c for c in (self.spalte, self.jahr, self.bis) if c)


class Groesse(Fact):
    """A primitive of the engine made ready for this view: its column, time axis and conditions.

    ``entfaellt`` says which rows without a value have none to say; all others lack it.
    """

    grundzahl: str
    erklaerung: str
    spalte: str | None = None
    von: str | None = None
    bis: str | None = None
    hoechstens: Decimal | None = None
    zeit: Achse | None = None
    wo: tuple[Bedingung, ...] = ()
    entfaellt: tuple[Bedingung, ...] = ()
    rolle: Rolle | None = None
    einheit: str | None = None

    @field_validator("wo", "entfaellt", mode="before")
    @classmethod
    def _short(cls, data: object) -> object:
        return short_conditions(data)

    @model_validator(mode="after")
    def _of_a_column(self) -> Self:
        if self.entfaellt and self.spalte is None:
            raise ValueError("entfaellt gehört zu einer spalte")
        return self

    @property
    def spalten(self) -> tuple[str, ...]:
        """The columns it reads."""
        named = [c for c in (self.spalte, self.von, self.bis) if c]
        asked = (b.spalte for b in (*self.wo, *self.entfaellt))
        return (*named, *(self.zeit.spalten if self.zeit else ()), *asked)


class Feinste(Fact):
    """Of rows that overlap (a city and its areas) only one level is kept: the first delivered."""

    spalte: str
    rang: tuple[str, ...]
    je: tuple[str, ...]


class Sicht(Fact):
    """One view: see the module.

    ``beginn``/``ende`` are the columns of a ``verlauf``, ``tag`` that of an ``ereignis`` or a
    ``stand``; the values of a ``stand`` hold, per ``je``, until the next day they are delivered
    for, and not after the last day in the column ``bis``, where there is one. ``bau`` names the
    room's own maker of a view that no join gives; it stands on ``grundlage`` and adds the columns
    ``gebaut``. A view that
    ``traeger`` is missing from has no persons behind it.
    """

    sicht: str
    bezeichnung: str
    art: Art
    einheit: str
    tabelle: str | None = None
    bau: str | None = None
    grundlage: tuple[str, ...] = ()
    gebaut: tuple[str, ...] = ()
    beginn: str | None = None
    ende: str | None = None
    tag: str | None = None
    bis: str | None = None
    je: tuple[str, ...] = ()
    traeger: Traeger | None = None
    verbunden: tuple[Verbindung, ...] = ()
    alter: Alter | None = None
    abgeleitet: Mapping[str, Ableitung] = Field(default_factory=dict)
    folge: Folge | None = None
    feinste: Feinste | None = None
    dimensionen: tuple[str, ...]
    groessen: Mapping[str, Groesse] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        needed = {"verlauf": ("beginn", "ende"), "ereignis": ("tag",), "stand": ("tag",)}
        missing = [n for n in needed.get(self.art, ()) if getattr(self, n) is None]
        if missing and self.bau is None:
            raise ValueError(f"art {self.art} verlangt {', '.join(missing)}")
        if (self.tabelle is None) == (self.bau is None) or (self.bau is None) == bool(
            self.grundlage
        ):
            raise ValueError("entweder tabelle, oder bau mit grundlage")
        if any(a.gruppen for a in self.abgeleitet.values()) and self.alter is None:
            raise ValueError("gruppen verlangen alter")
        return self

    @property
    def folgespalten(self) -> frozenset[str]:
        """The columns of :attr:`folge`; they are computed only where a condition asks for them."""
        return frozenset(self.folge.spalten) if self.folge else frozenset()

    def taeglich(self, spalte: str) -> bool:
        """Whether the column depends on the day asked for: an age does, unless given in years."""
        of_age = spalte == "alter" or bool(
            spalte in self.abgeleitet and self.abgeleitet[spalte].gruppen
        )
        return of_age and self.alter is not None and self.alter.jahre is None
