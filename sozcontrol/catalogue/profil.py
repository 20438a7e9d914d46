"""Profiles: how the files of one source system become canonical tables, as data.

A profile is the only thing a city writes to bring a new system. It says, for each file, how to
recognise and read it, and for each canonical table it feeds, where each column comes from and how
its text is to be understood. Nothing in it is code, and nothing that it does not say is guessed.
"""

from __future__ import annotations

import re
from datetime import date
from fnmatch import fnmatchcase
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from pydantic_core import PydanticKnownError

from sozcontrol.catalogue.yaml_files import Fact


def _regex(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        place = f" (ab Zeichen {error.pos + 1})" if error.pos is not None else ""
        raise ValueError(f"kein gültiger regulärer Ausdruck{place}") from None
    return text


def _select(text: str) -> str:
    plain = re.sub(r"--[^\n]*|/\*.*?\*/", " ", text, flags=re.DOTALL).strip().rstrip(";")
    if not re.match(r"(?i)(select|with)\b", plain):
        raise ValueError("eine Abfrage beginnt mit SELECT oder WITH")
    return text


Ausdruck = Annotated[str, AfterValidator(_regex)]
"""A regular expression, proved to compile when the profile is loaded."""

Land = Annotated[str, Field(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$")]
"""A country or its part by ISO 3166, whose public holidays count: »DE«, »DE-RP«, »US«."""

# Facts strip their texts, so a lone tab would vanish; it travels under its name.
Trenner = Annotated[str, BeforeValidator(lambda v: "tab" if v in ("\t", "\\t") else v)]


def _no_text(value: object) -> None:
    """Refuse a number, day or yes/no where a text may stand for more than itself."""
    if isinstance(value, bool | int | float | date):
        raise PydanticKnownError("string_type")


def _several(value: object) -> object:
    _no_text(value)
    return (value,) if isinstance(value, str) else value


Worte = Annotated[tuple[str, ...], BeforeValidator(_several)]
"""Texts; a single one needs no list."""


class Kopf(Fact):
    """The header: how many rows it spans, and how their cells are joined (``Plan | Jan``).

    The header is looked for in the first ``suche_bis`` rows: the first row (or block of ``zeilen``
    rows) that holds all mandatory source columns. Merged upper cells are carried to the right;
    without ``tragen`` they are not, for a source that repeats what spans several columns.
    """

    zeilen: int = 1
    tragen: bool = True
    verbinden: str = " | "
    suche_bis: int = 15


class Fuss(Fact):
    """The footer. The data end at a row whose first filled cell begins with one of ``beginnt``.

    ``anzahl`` is a regular expression with one group, the number of data rows the source claims
    (R-I12). ``summe`` maps a source column to the expression that marks the row whose cell in that
    column is the source's own total (R-I13).
    """

    beginnt: tuple[str, ...] = ()
    anzahl: Ausdruck | None = None
    summe: dict[str, Ausdruck] = Field(default_factory=dict)


class Zeilenregel(Fact):
    """Selects source rows by one column: exactly one of the conditions is given.

    ``gleich`` and ``beginnt`` compare the trimmed text with any of the given ones, ``muster`` must
    match all of it, ``leer`` asks whether the cell is empty (or not).
    """

    spalte: str
    gleich: tuple[str, ...] | None = None
    beginnt: tuple[str, ...] | None = None
    muster: Ausdruck | None = None
    leer: bool | None = None

    @model_validator(mode="after")
    def _one(self) -> Zeilenregel:
        given = [c for c in (self.gleich, self.beginnt, self.muster, self.leer) if c is not None]
        if len(given) != 1:
            raise ValueError("genau eine Bedingung: gleich, beginnt, muster oder leer")
        return self


class Zwischensumme(Fact):
    """Subtotal rows inside the data: removed, and reconciled with the rows above them (R-I14).

    With ``je`` a subtotal covers the run of rows directly above it that agree in these columns.
    Without it, it covers the rows since the previous subtotal; one that directly follows another
    stands a level higher and covers the rows since the previous one of its level.
    """

    erkennung: Zeilenregel
    betraege: tuple[str, ...] = ()
    je: tuple[str, ...] = ()


class Herkunft(Fact):
    """Where one canonical column comes from, and how its text is read.

    Exactly one source: ``aus`` (source column; several names are alternatives, the first present
    counts), ``konstant``, ``vorlage`` (a text with ``{Quellspalte}`` fields) or ``zeilennummer``.
    The second of two columns called *Betrag* is ``Betrag.2``; a column without a name is known by
    its place, the first one as ``#1``. ``@stichtag``, ``@datenstand``, ``@ags`` and ``@datei``
    stand for the delivery's dates, the official key of its Kommune and the file's name. A source
    column that is not there is an error, unless ``darf_fehlen``: then the column is empty and a
    warning says so.
    ``format`` is a strptime pattern for dates (several are tried strictly, in order; ``excel``
    allows serial numbers); years of two digits lie in the hundred years up to ``jahre_bis``
    (births: 2030 makes 31 to 99 of the last century).
    ``dezimal``/``tausender`` describe numbers; ``faktor`` scales (T€: 1000); ``einheit`` is the
    declared unit of an amount (R-I24). ``codes`` translates the source system's own words into our
    codes, before the code list is asked; with ``am_anfang`` they say how a text begins (accounts
    that begin with 4), and the longest counts. ``leer`` lists texts that
    mean *nothing there* (one that ``codes`` translates means that: ``{x: ja, "": nein}`` in a list
    of crosses); ``offen`` those that mean *no end yet*; dates among them are compared as
    dates. ``null`` lists those that mean zero, whatever ``leer`` says (official tables write »-«).
    With ``nur_codes`` a text that ``codes`` does not translate is nothing: the signs of a column of
    numbers, read apart from its numbers. ``laenge`` demands a fixed length (R-I18: lost leading
    zeros). ``muster`` must match the whole text; when it has a group, the group is the value
    (»3633 Hilfe zur Erziehung« → 3633).

    ``gleitkomma`` says that the source writes amounts out of binary floats
    (``1563590.4099999997``, ``7.45e-09``): they are rounded half up to cents.

    In files whose cells have types (XLSX, Parquet, SQL) numbers and dates are taken as they are;
    ``dezimal`` and ``format`` then speak about the cells that hold text.
    """

    aus: Worte = ()
    konstant: str | None = None
    vorlage: str | None = None
    zeilennummer: bool = False
    format: Worte = ()
    jahre_bis: int = Field(default=2068, ge=1999, le=2168)
    dezimal: Literal[",", "."] = ","
    tausender: str = ". \u00a0\u202f\u2009'’"
    faktor: int = 1
    einheit: Literal["EUR", "T€", "%", "Anteil"] | None = None
    codes: dict[str, str] = Field(default_factory=dict)
    leer: Worte = ("", "-", "–", ".", "x", "…")
    offen: Worte = ()
    null: Worte = ()
    nur_codes: bool = False
    am_anfang: bool = False
    laenge: int | None = None
    muster: Ausdruck | None = None
    darf_fehlen: bool = False
    gleitkomma: bool = False

    @model_validator(mode="before")
    @classmethod
    def _short(cls, data: object) -> object:
        # ``spalte: Betrag`` is short for ``spalte: {aus: [Betrag]}``.
        if isinstance(data, str):
            return {"aus": (data,)}
        if isinstance(data, dict):
            out = dict(data)
            if None in out:
                out["null"] = out.pop(None)  # what YAML makes of an unquoted null
            return out
        _no_text(data)
        return data

    @model_validator(mode="after")
    def _one(self) -> Herkunft:
        given = [
            bool(self.aus),
            self.konstant is not None,
            self.vorlage is not None,
            self.zeilennummer,
        ]
        if sum(given) != 1:
            raise ValueError("genau eine Herkunft: aus, konstant, vorlage oder zeilennummer")
        if self.dezimal == "," and "," in self.tausender:
            raise ValueError("das Komma kann nicht Dezimal- und Tausenderzeichen zugleich sein")
        if self.faktor < 1:
            raise ValueError("faktor ist mindestens 1; das Vorzeichen regelt vorzeichen")
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
    muster: Ausdruck | None = None
    ohne_leer: bool = True
    ohne_null: bool = False


class Vorzeichen(Fact):
    """Sign rule: multiply an amount by a factor chosen by the text of a source column.

    With ``am_anfang`` the texts are beginnings (accounts that begin with 4), the longest counts.
    """

    spalte: str
    nach: str
    faktoren: dict[str, int]
    am_anfang: bool = False

    def faktor(self, word: str) -> int | None:
        """Return the factor of *word*; None where the rule does not know it."""
        if not self.am_anfang:
            return self.faktoren.get(word)
        hits = [start for start in self.faktoren if word.startswith(start)]
        return self.faktoren[max(hits, key=len)] if hits else None


class Speisung(Fact):
    """How a file feeds one canonical table.

    A row is taken when every rule of ``auswahl`` holds and none of ``auslassen``. ``eindeutig``
    keeps one of several rows that agree in every canonical column (a report that joins payments
    repeats the case). With ``neueste_datei`` the rows of a newer file replace those of the older
    ones with the same key (a case file a year); the day, month or year in their names says which is
    newer. Whatever is left out is counted in the protocol.
    """

    tabelle: str
    spalten: dict[str, Herkunft]
    auswahl: tuple[Zeilenregel, ...] = ()
    auslassen: tuple[Zeilenregel, ...] = ()
    schmelzen: Schmelzen | None = None
    vorzeichen: tuple[Vorzeichen, ...] = ()
    eindeutig: bool = False
    neueste_datei: bool = False


class Quelldatei(Fact):
    """One kind of file (or one query) a source system delivers.

    ``ignoriert`` names source columns that are known and left out on purpose (names, free text);
    »*« stands for all others. ``stichtag_im_namen`` says that a full date in the file's name is
    the Stichtag or the day of extraction (R-I09); switch it off where it means something else.
    An ``abfrage`` names its columns: what it does not ask for never leaves the database. The
    address lies in the environment variable ``url_variable``, or in a file that
    ``<url_variable>_DATEI`` names; the answer is kept as a snapshot in the delivery's folder.
    ``gueltig_von`` and ``gueltig_bis`` bound the Stichtage whose files have this layout (R-I22):
    when a system changes its report, the old entry ends and a new one of the same pattern begins.
    The columns of a ``geojson`` or a ``gpkg`` are the properties of its areas, and ``umriss``
    their outline.
    """

    name: str
    muster: str | None = None
    format: Literal["csv", "xlsx", "parquet", "geojson", "gpkg", "sql"] = "csv"
    pflicht: bool = True
    kodierung: str | None = None
    trennzeichen: Trenner | None = None
    blatt: str | None = None
    kopf: Kopf = Kopf()
    fuss: Fuss = Fuss()
    zwischensumme: Zwischensumme | None = None
    url_variable: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")] | None = None
    abfrage: Annotated[str, AfterValidator(_select)] | None = None
    leer_erlaubt: bool = False
    ignoriert: tuple[str, ...] = ()
    stichtag_im_namen: bool = True
    gueltig_von: date | None = None
    gueltig_bis: date | None = None
    tabellen: tuple[Speisung, ...]

    @model_validator(mode="after")
    def _source(self) -> Quelldatei:
        if self.format == "sql":
            if not (self.url_variable and self.abfrage):
                raise ValueError("eine SQL-Quelle braucht url_variable und abfrage")
        elif not self.muster:
            raise ValueError("eine Datei braucht ein muster für ihren Namen")
        if self.gueltig_von and self.gueltig_bis and self.gueltig_bis < self.gueltig_von:
            raise ValueError("gueltig_bis liegt vor gueltig_von")
        return self

    def passt(self, name: str) -> bool:
        """Whether a file called *name* is one of this kind (case does not matter)."""
        return self.muster is not None and fnmatchcase(name.casefold(), self.muster.casefold())

    def gilt(self, stichtag: date) -> bool:
        """Whether files of *stichtag* have this layout; both days are included."""
        return (self.gueltig_von or stichtag) <= stichtag <= (self.gueltig_bis or stichtag)


class Profil(Fact):
    """One source system: who delivers, and its files."""

    profil: str
    system: str
    lieferant: str
    beschreibung: str
    dateien: tuple[Quelldatei, ...]
