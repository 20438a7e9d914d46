"""Rules as data: what a suite file and a rule file say, read strictly."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from sozcontrol import catalogue
from sozcontrol.catalogue.yaml_files import Fact, parse, read_yaml
from sozcontrol.errors import CatalogueError
from sozcontrol.findings import Schwere

Regelnummer = Annotated[str, Field(pattern=r"^R-[A-Z][0-9]{2}$")]
Satz = Annotated[str, Field(min_length=10)]

SPALTEN_VORHANDEN = "expect_table_columns_to_match_set"
SCHWERE = {"critical": Schwere.FEHLER, "warning": Schwere.WARNUNG, "info": Schwere.HINWEIS}
EINE_SPALTE = ("column", "column_A", "column_B")
TABELLENREGELN = frozenset({"expect_table_row_count_to_be_between", SPALTEN_VORHANDEN})
"""Expectations about the table as a whole: they have no offending rows."""


@dataclass(frozen=True)
class Regel:
    """One rule as a reader sees it; ``art`` says who evaluates it."""

    id: str
    tabelle: str | None
    spalte: str | None
    schwere: Schwere
    meldung: str
    art: Literal["gx", "sql", "einlesen", "pruefung"]
    tun: str | None = None


class Meta(Fact):
    """What every expectation carries in its ``meta``.

    How severe it is stands in ``severity``, Great Expectations' own place; ``schwere`` is read from
    files that say it twice.
    """

    regel: Regelnummer
    schwere: Schwere | None = None
    meldung: Satz
    tun: Satz


class Erwartung(Fact):
    """One expectation of a suite, read without Great Expectations (whose import takes seconds)."""

    type: str
    kwargs: dict[str, object]
    meta: Meta
    severity: Literal["critical", "warning", "info"]

    @model_validator(mode="after")
    def _coherent(self) -> Erwartung:
        if self.meta.schwere not in (None, self.schwere):
            raise ValueError(f"severity {self.severity} widerspricht schwere {self.meta.schwere}")
        if not isinstance(self.kwargs.get("column_list", []), list):
            raise ValueError("column_list ist keine Liste")
        if "row_condition" in self.kwargs:  # pandas would evaluate it: it may call any program
            raise ValueError("row_condition würde als Programm ausgeführt; Regel in SQL nehmen")
        if "json_schema" in self.kwargs:  # its references would be fetched, wherever they lead
            raise ValueError("json_schema könnte Adressen im Netz abrufen; Regel in SQL nehmen")
        return self

    @property
    def schwere(self) -> Schwere:
        """What ``severity`` means to a reader."""
        return SCHWERE[self.severity]

    @property
    def spalten(self) -> tuple[str, ...]:
        """Columns this expectation looks at; empty for expectations about the whole table."""
        if self.type in TABELLENREGELN:
            return ()
        named = [str(self.kwargs[k]) for k in EINE_SPALTE if k in self.kwargs]
        several = self.kwargs.get("column_list", ())
        assert isinstance(several, list | tuple), "proved when it was read"
        return tuple(named or map(str, several))


class Suite(Fact):
    """The suite of one canonical table, as :meth:`ExpectationSuite.to_json_dict` writes it."""

    name: str
    id: str | None
    expectations: tuple[Erwartung, ...]
    meta: dict[str, str]
    notes: str | None


class Querregel(Fact):
    """One rule in SQL: across rows, tables or deliveries.

    ``sql`` selects the offending rows of ``tabelle`` (kept are provenance, key columns and
    :attr:`angaben`) or, with ``gruppe``, the groups whose sums do not agree. ``zeigen`` names
    columns of the result that ``tabelle`` does not have (the other side of a comparison).
    ``braucht`` lists the tables it reads, ``frueher`` those of the earlier delivery
    (``vorher_<tabelle>``), ``werte`` the optional columns that must be filled somewhere, or the
    rule has not been checked. ``zweifel`` names tables whose figures a finding makes doubtful, but
    does not stop. ``eigen`` are columns whose text the rule writes itself, from catalogue and
    master data alone: they may be shown. ``vorab`` are the shared queries of its file it builds on,
    filled in on loading.
    """

    id: Regelnummer
    tabelle: str
    spalte: str | None = None
    schwere: Schwere
    meldung: Satz
    tun: Satz
    braucht: tuple[str, ...]
    frueher: tuple[str, ...] = ()
    werte: tuple[str, ...] = ()
    gruppe: tuple[str, ...] = ()
    zeigen: tuple[str, ...] = ()
    eigen: tuple[str, ...] = ()
    zeilen_aus: Literal["lieferung", "vorher_lieferung"] = "lieferung"
    zweifel: tuple[str, ...] = ()
    vorab: str = ""
    sql: str

    @model_validator(mode="after")
    def _coherent(self) -> Querregel:
        known = catalogue.tabellen()
        unknown = {self.tabelle, *self.braucht, *self.frueher, *self.zweifel} - set(known)
        if unknown:
            raise ValueError(f"unbekannte Tabellen {sorted(unknown)}")
        if self.spalte and self.spalte not in known[self.tabelle].namen:
            raise ValueError(f"{self.tabelle} hat keine Spalte {self.spalte}")
        for value in self.werte:
            table, _, column = value.partition(".")
            if table not in self.braucht or column not in known[table].namen:
                raise ValueError(f"werte: {value} ist keine Spalte einer benötigten Tabelle")
        # Groups are shown in the terminal, so they may never name a person or a case.
        persons = {s.name for t in known.values() for s in t.spalten if s.typ == "id"}
        if persons & set(self.gruppe):
            raise ValueError("gruppe darf keine Personen- oder Fallnummern enthalten")
        private = {s.name for t in known.values() for s in t.spalten if s.persoenlich}
        if told := sorted(private & {*self.gruppe, *self.zeigen}):
            raise ValueError(f"gruppe und zeigen dürfen nicht enthalten: {told}")
        return self

    @property
    def worte(self) -> frozenset[str]:
        """The texts the rule itself writes, and no delivery: ``'0–2' AS altersgruppe``."""
        return frozenset(re.findall(r"'([^']*)'", self.sql))

    @property
    def gelesen(self) -> frozenset[str]:
        """The words of the query: whatever column it reads is among them."""
        return frozenset(re.findall(r"\w+", self.abfrage)) | {self.spalte or self.tabelle}

    @property
    def abfrage(self) -> str:
        """The whole query: the shared ones it builds on, and its own."""
        if not self.vorab:
            return self.sql
        return f"WITH {self.vorab} SELECT * FROM (\n{self.sql}\n)"  # noqa: S608

    @property
    def angaben(self) -> tuple[str, ...]:
        """Columns shown beside the key: those of its table the rule reads, and ``zeigen``."""
        read = {*re.findall(r"\w+", self.sql), self.spalte}
        columns = catalogue.tabelle(self.tabelle).spalten if not self.gruppe else ()
        own = [s.name for s in columns if s.name in read and not s.persoenlich]
        return (*own, *self.zeigen)


class Querregeln(Fact):
    """One file of rules; ``sichten`` are queries they share, by name, each after those it uses."""

    sichten: dict[str, str] = {}
    regeln: tuple[Querregel, ...]

    def fertig(self) -> list[Querregel]:
        """Return the rules, each with the shared queries it names."""
        return [r.model_copy(update={"vorab": self._vorab(r.sql)}) for r in self.regeln]

    def _vorab(self, sql: str) -> str:
        found: list[str] = []
        for name, query in reversed(self.sichten.items()):
            if re.search(rf"\b{name}\b", sql):
                found.insert(0, f"{name} AS (\n{query}\n)")
                sql += query
        return ", ".join(found)


def load_suites(expectations: Path) -> dict[str, Suite]:
    """Return the suites by table, in the order of the catalogue.

    Raises:
        CatalogueError: A suite is missing, malformed, or its name is not its file's.
    """
    checked = (t for t, item in catalogue.tabellen().items() if item.herkunft != "pruefung")
    paths = {table: expectations / f"{table}.json" for table in checked}
    return {table: _suite(table, path, _read(path)) for table, path in paths.items()}


@lru_cache(maxsize=256)
def _suite(table: str, path: Path, text: bytes) -> Suite:
    """Parse a file once for as long as it says the same: the check and the directory both ask."""
    try:
        facts = json.loads(text)
    except ValueError as error:
        raise _unreadable(path, error) from None
    suite = parse(Suite, facts, path)
    if suite.name != table:
        raise CatalogueError(
            f"Die Suite heißt »{suite.name}«, nicht wie ihre Tabelle.",
            wo=str(path),
            tun="name in der Datei angleichen.",
        )
    return suite


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: Exception) -> CatalogueError:
    return CatalogueError(
        f"Die Suite ist nicht lesbar ({type(error).__name__}).",
        wo=str(path),
        tun="Datei anlegen oder als JSON berichtigen.",
    )


def load_querregeln(expectations: Path) -> tuple[tuple[Path, Querregel], ...]:
    """Return every rule in SQL with the file it stands in, in the order of the files."""
    found: list[tuple[Path, Querregel]] = []
    for path in sorted((expectations / "regeln").glob("*.yml")):
        found += [(path, rule) for rule in parse(Querregeln, read_yaml(path), path).fertig()]
    return tuple(found)
