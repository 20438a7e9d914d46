"""Kennzahlen as data: the Steckbrief of an indicator, and how its number is computed.

One entry carries both. The fields are those of a Kennzahlensteckbrief; numerator and denominator
are sums of *terms*, and a term names a counting primitive (Grundzahl), a period and conditions on
columns. Value, breakdown, time series and the Steckbrief page all come from this one entry.

``zaehler: {grundzahl: bestand, wo: {ist_hze: true, hilfeart: ['33', '34']}}`` reads: the stock on
the Stichtag of the cases that are Hilfen zur Erziehung and of the form § 33 or § 34. In ``wo`` a
single value means *equal*, a list means *one of*, a mapping names the comparison.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from sozcontrol.catalogue.yaml_files import Fact, Roh

Wert = bool | int | Decimal | str
Zeitraum = Literal[
    "stichtag",
    "jahr_bis_stichtag",
    "vorjahr_bis_stichtag",
    "vorjahr",
    "quartal",
    "letztes_quartal",
    "monat",
    "zwoelf_monate",
    "zwoelf_monate_davor",
    "fuenf_jahre",
    "erster_maerz",
    "jahresende_vor_maerz",
]
"""Spans relative to the Stichtag, as half-open intervals (von, bis]; a stock is taken at *bis*."""

Richtung = Literal["hoch", "niedrig", "neutral", "korridor"]
"""Which way is better; ``neutral``: the number alone says nothing about better or worse."""


class Bezug(Fact):
    """A day relative to the Stichtag.

    ``stichtag_monate``: the same day so many months before it (negative) or after; a month end
    stays one. ``frist_monate``: the first day from which a time of so many months has not run out
    before the Stichtag (§§ 187, 188 BGB: six months from 30.12. end with 30.06., and so does none
    that began earlier).
    """

    stichtag_monate: int | None = None
    frist_monate: int | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.stichtag_monate is None) == (self.frist_monate is None):
            raise ValueError("genau eines von stichtag_monate und frist_monate")
        return self


class Bedingung(Fact):
    """One condition on one column; an empty cell fulfils only ``leer`` and ``nicht_in``.

    ``nicht_in`` keeps empty cells on purpose: what is unknown is not one of the excluded codes, and
    dropping it would make parts and whole disagree.
    """

    spalte: str
    gleich: Wert | None = None
    in_: tuple[Wert, ...] | None = Field(default=None, alias="in")
    nicht_in: tuple[Wert, ...] | None = None
    groesser: Wert | Bezug | None = None
    groesser_gleich: Wert | Bezug | None = None
    kleiner: Wert | Bezug | None = None
    kleiner_gleich: Wert | Bezug | None = None
    leer: bool | None = None

    @model_validator(mode="after")
    def _one(self) -> Bedingung:
        if len(self.gegeben) != 1:
            raise ValueError("genau ein Vergleich je Bedingung")
        return self

    @property
    def gegeben(self) -> dict[str, object]:
        """The comparison that is given, by its name."""
        fields = type(self).model_fields
        return {
            n: getattr(self, n) for n in fields if n != "spalte" and getattr(self, n) is not None
        }

    @property
    def verglichen(self) -> tuple[Wert, ...]:
        """The values an equality compares with; for a code column each must be one of its codes."""
        values = (self.gleich,) if self.gleich is not None else (self.in_ or self.nicht_in or ())
        return tuple(values)


def short_conditions(data: object) -> object:
    """Write the short form ``{spalte: wert | [werte] | {vergleich: wert}}`` out as conditions."""
    if isinstance(data, dict):
        return [c for spalte, given in data.items() for c in _condition(spalte, given)]
    return data


def _condition(spalte: str, given: object) -> list[dict[str, object]]:
    if isinstance(given, dict):
        return [{"spalte": spalte, op: value} for op, value in given.items()]
    return [{"spalte": spalte, "in" if isinstance(given, list) else "gleich": given}]


class Term(Fact):
    """One primitive of a view over one period under conditions, added (+1) or subtracted (−1).

    ``sicht`` may come from the file (``vorgaben``). ``teiler`` divides the primitive before it is
    added (belegte Tage / 30,4375 = Monate), and so does ``durch``, another term: what a month costs
    in one form of help, less what it costs in another.
    """

    sicht: str
    grundzahl: str
    zeitraum: Zeitraum = "jahr_bis_stichtag"
    wo: tuple[Bedingung, ...] = ()
    vorzeichen: Literal[1, -1] = 1
    teiler: Decimal = Decimal(1)
    durch: Term | None = None

    @field_validator("wo", mode="before")
    @classmethod
    def _short(cls, data: object) -> object:
        return short_conditions(data)

    @property
    def alle(self) -> tuple[Term, ...]:
        """The term and those it is divided by."""
        return (self, *self.durch.alle) if self.durch else (self,)


class Ausdruck(Fact):
    """A sum of terms."""

    terme: tuple[Term, ...] = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _short(cls, data: object) -> object:
        if isinstance(data, dict) and "grundzahl" in data:
            return {"terme": [data]}
        return {"terme": data} if isinstance(data, list) else data


class Aenderung(Fact):
    """One change of a definition."""

    version: int
    am: date
    was: str


class Steckbrief(Fact):
    """What a reader must know of an indicator (fields: domain.md 1.2)."""

    id: str = Field(pattern=r"^[A-Z]\d{2}[a-z]?$")
    name: str
    kurzname: str
    gruppe: str
    zweck: str
    steuerungsfrage: str
    zaehler_text: str
    nenner_text: str | None = None
    formel: str
    einheit: str
    rundung: int = Field(ge=0, le=4)
    bezugszeit: Literal["stichtag", "zeitraum", "durchschnitt"]
    granularitaet: tuple[str, ...]
    richtung: Richtung
    richtung_mit_kontext: bool = False
    haushaltswirkung: bool = False
    """A positive value makes the budget worse, a negative one better: readers get the word."""
    rechtsgrundlage: str
    quelle_definition: str
    datenquelle: tuple[str, ...] = Field(min_length=1)
    lieferant: str
    erhebungsturnus: str
    verantwortlich: str
    vergleichbar_mit: str
    fallstricke: str
    geheimhaltung: Literal["fallbezogen", "ohne Personenbezug"]
    gueltig_von: date
    gueltig_bis: date | None = None
    version: int = 1
    aenderungshistorie: tuple[Aenderung, ...] = Field(min_length=1)
    paarkennzahl: str | None = None
    variante_von: str | None = None

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        if self.version != max(a.version for a in self.aenderungshistorie):
            raise ValueError("version ist nicht die letzte der Änderungshistorie")
        if self.variante_von and self.variante_von == self.id:
            raise ValueError("eine Kennzahl ist keine Variante ihrer selbst")
        return self

    @property
    def tabellen(self) -> tuple[str, ...]:
        """The canonical tables it reads, as its Steckbrief names them."""
        return tuple(dict.fromkeys(q.partition(".")[0] for q in self.datenquelle))


class Kennzahl(Steckbrief):
    """One indicator with the declaration its number is computed from.

    ``wert = zaehler / nenner × faktor`` (without a denominator: ``zaehler × faktor``).
    """

    zaehler: Ausdruck
    nenner: Ausdruck | None = None
    faktor: Decimal = Decimal(1)

    @model_validator(mode="after")
    def _both_sides(self) -> Self:
        if (self.nenner is None) != (self.nenner_text is None):
            raise ValueError("nenner und nenner_text gehören zusammen")
        return self

    @property
    def terme(self) -> tuple[Term, ...]:
        """All terms of numerator and denominator, and those they are divided by."""
        sides = self.zaehler.terme + (self.nenner.terme if self.nenner else ())
        return tuple(t for term in sides for t in term.alle)


ABWICKLUNG = ("offen", "danach", "erwartet", "ergaenzt")
"""Sizes of the run-off: what is not billed, its two parts, and what it completes."""


class Prognosekennzahl(Steckbrief):
    """One indicator of the Hochrechnung: not counted in rows, but forecast from past years.

    ``groesse`` names what is taken from the forecast; the room ``forecast`` knows how. ``roh`` is
    the counted Kennzahl that is completed, where one is (``ergaenzt``).
    """

    groesse: Literal[
        "hochrechnung",
        "abweichung",
        "fehler",
        "guete_ansatz",
        "guete_vorjahr",
        "offen",
        "danach",
        "erwartet",
        "ergaenzt",
    ]
    roh: str | None = None
    faktor: Decimal = Decimal(1)
    zaehler: None = None
    nenner: None = None

    @property
    def zum_jahresende(self) -> bool:
        """Whether it says how the year will end: too early in the year nobody may be told."""
        return self.groesse not in ABWICKLUNG


class Kennzahlendatei(Fact):
    """One file: entries of one field, and what they share (an entry's own value wins)."""

    gruppe: str
    vorgaben: Roh
    kennzahlen: tuple[Roh, ...]

    def eintraege(self) -> list[Roh]:
        """Return every entry with the shared fields filled in, and its terms' view."""
        shared = {k: v for k, v in self.vorgaben.items() if k != "sicht"}
        entries = [{"gruppe": self.gruppe, **shared, **entry} for entry in self.kennzahlen]
        return [entry | self._sides(entry) for entry in entries]

    def _sides(self, entry: Roh) -> Roh:
        if "sicht" not in self.vorgaben:
            return {}
        view = self.vorgaben["sicht"]
        sides = {side: entry[side] for side in ("zaehler", "nenner") if entry.get(side)}
        return {side: _viewed(terms, view) for side, terms in sides.items()}


def _viewed(terms: object, view: object) -> object:
    """Return terms with the view of their file, where they name none."""
    if isinstance(terms, list):
        return [_viewed(term, view) for term in terms]
    if not isinstance(terms, dict):
        return terms
    below = {"durch": _viewed(terms["durch"], view)} if "durch" in terms else {}
    return {"sicht": view} | terms | below
