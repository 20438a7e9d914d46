"""Profiles: how the files of one source system become canonical tables, as data.

A profile is the only thing a city writes to bring a new system. It says, for each file, how to
recognise and read it, and for each canonical table it feeds, where each column comes from and how
its text is to be understood. Nothing in it is code, and nothing that it does not say is guessed.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from sozcontrol.catalogue.yaml_files import Fact


class Kopf(Fact):
    """The header: how many rows it spans, and how their cells are joined (``Plan | Jan``).

    The header is looked for in the first ``suche_bis`` rows: the first row (or block of ``zeilen``
    rows) that holds all mandatory source columns. Merged upper cells are carried to the right.
    """

    zeilen: int = 1
    verbinden: str = " | "
    suche_bis: int = 15


class Fuss(Fact):
    """The footer. A row whose first filled cell matches ``beginnt`` (regular expression) ends the data.

    ``anzahl`` is a regular expression with one group, the number of data rows the source claims
    (R-I12). ``summe`` maps a source column to the expression that marks the row whose cell in that
    column is the source's own total (R-I13).
    """

    beginnt: tuple[str, ...] = ()
    anzahl: str | None = None
    summe: dict[str, str] = Field(default_factory=dict)


class Zeilenregel(Fact):
    """Selects source rows by one column: exactly one of the conditions is given."""

    spalte: str
    gleich: tuple[str, ...] | None = None
    beginnt: tuple[str, ...] | None = None
    muster: str | None = None
    leer: bool | None = None

    @model_validator(mode="after")
    def _one(self) -> Zeilenregel:
        given = [c for c in (self.gleich, self.beginnt, self.muster, self.leer) if c is not None]
        if len(given) != 1:
            raise ValueError("genau eine Bedingung: gleich, beginnt, muster oder leer")
        return self


class Zwischensumme(Fact):
    """Subtotal rows inside the data: removed, and reconciled with the rows above them (R-I14)."""

    erkennung: Zeilenregel
    betraege: tuple[str, ...] = ()
    je: tuple[str, ...] = ()


class Herkunft(Fact):
    """Where one canonical column comes from, and how its text is read.

    Exactly one source: ``aus`` (source column; several names are alternatives, the first present
    counts), ``konstant``, ``vorlage`` (a text with ``{Quellspalte}`` fields) or ``zeilennummer``.
    ``format`` is a strptime pattern for dates (several are tried strictly, in order; ``excel``
    allows serial numbers). ``dezimal``/``tausender`` describe numbers; ``faktor`` scales (T€:
    1000); ``einheit`` is the declared unit of an amount (R-I24). ``codes`` translates the source
    system's own words into our codes, before the code list is asked. ``leer`` lists texts that
    mean *nothing there*; ``offen`` those that mean *no end yet*. ``laenge`` demands a fixed length
    (R-I18: lost leading zeros).
    """

    aus: tuple[str, ...] = ()
    konstant: str | None = None
    vorlage: str | None = None
    zeilennummer: bool = False
    format: tuple[str, ...] = ()
    dezimal: Literal[",", "."] = ","
    tausender: str = ".  '’"
    faktor: int = 1
    einheit: Literal["EUR", "T€", "%", "Anteil"] | None = None
    codes: dict[str, str] = Field(default_factory=dict)
    leer: tuple[str, ...] = ("", "-", "–", ".", "x", "…")
    offen: tuple[str, ...] = ()
    laenge: int | None = None
    muster: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _short(cls, data: object) -> object:
        # ``spalte: Betrag`` is short for ``spalte: {aus: [Betrag]}``.
        if isinstance(data, str):
            return {"aus": (data,)}
        if isinstance(data, dict):
            out = dict(data)
            for key in ("aus", "format", "leer", "offen"):
                if isinstance(out.get(key), str):
                    out[key] = (out[key],)
            return out
        return data

    @model_validator(mode="after")
    def _one(self) -> Herkunft:
        given = [bool(self.aus), self.konstant is not None, self.vorlage is not None, self.zeilennummer]
        if sum(given) != 1:
            raise ValueError("genau eine Herkunft: aus, konstant, vorlage oder zeilennummer")
        return self


class Schmelzen(Fact):
    """Wide to long: each listed source column becomes rows, with the given constants beside it.

    ``spalten`` maps a source column to the pseudo source columns it sets (e.g. ``Plan 2016`` →
    ``{Jahr: "2016"}``); the cell itself becomes the pseudo source column ``wert``. With ``muster``
    (a regular expression with named groups) matching columns are found by name instead.
    ``ohne_leer`` leaves out cells that mean *nothing there*; ``ohne_null`` zeros as well.
    """

    wert: str
    spalten: dict[str, dict[str, str]] = Field(default_factory=dict)
    muster: str | None = None
    ohne_leer: bool = True
    ohne_null: bool = False


class Vorzeichen(Fact):
    """Sign rule: multiply an amount by a factor chosen by the text of a source column."""

    spalte: str
    nach: str
    faktoren: dict[str, int]


class Speisung(Fact):
    """How a file feeds one canonical table."""

    tabelle: str
    spalten: dict[str, Herkunft]
    auswahl: tuple[Zeilenregel, ...] = ()
    auslassen: tuple[Zeilenregel, ...] = ()
    schmelzen: Schmelzen | None = None
    vorzeichen: tuple[Vorzeichen, ...] = ()
    eindeutig: bool = False


class Quelldatei(Fact):
    """One kind of file (or one query) a source system delivers."""

    name: str
    muster: str | None = None
    format: Literal["csv", "xlsx", "parquet", "sql"] = "csv"
    pflicht: bool = True
    kodierung: str | None = None
    trennzeichen: str | None = None
    blatt: str | None = None
    kopf: Kopf = Kopf()
    fuss: Fuss = Fuss()
    zwischensumme: Zwischensumme | None = None
    url_variable: str | None = None
    abfrage: str | None = None
    leer_erlaubt: bool = False
    tabellen: tuple[Speisung, ...]

    @model_validator(mode="after")
    def _source(self) -> Quelldatei:
        if self.format == "sql":
            if not (self.url_variable and self.abfrage):
                raise ValueError("eine SQL-Quelle braucht url_variable und abfrage")
        elif not self.muster:
            raise ValueError("eine Datei braucht ein muster für ihren Namen")
        return self


class Profil(Fact):
    """One source system: who delivers, and its files."""

    profil: str
    system: str
    lieferant: str
    beschreibung: str
    dateien: tuple[Quelldatei, ...]
