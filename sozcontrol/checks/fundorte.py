"""From offending rows to places: file, source row number, key columns, and what a rule speaks of.

Of the cells only those are shown whose type says what they are: dates, numbers, amounts, codes of
their list, pseudonyms. A text is shown where it is a word of the city's own lists; beyond them,
where no persons stand in the table, a number of the source system. Of any other text only the
shape is shown: columns may have shifted, and then a name stands there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING

from sozcontrol import catalogue
from sozcontrol.catalogue import Spalte, Tabelle
from sozcontrol.checks.regel import Querregel
from sozcontrol.findings import Fundstelle, show

if TYPE_CHECKING:
    import pyarrow as pa

GRENZE = 500
"""How many places a finding keeps; ``anzahl`` counts all of them."""

UNBEKANNT = "unbekannte Datei"
ZEILE = "zeile_quelle"
HERKUNFT = ("lieferung_id", ZEILE)
"""Where a row comes from: what may be shown of any row."""
_NUMMER = re.compile(r"(?=.*\d)(?!.*[A-Z][a-z])[A-Za-z0-9_./-]{1,24}")
"""A number of the source system: of a product, a document, an account."""


def row_columns(table: pa.Table, name: str, angaben: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the columns to select: provenance first, the key *table* has, then *angaben*."""
    keys = catalogue.tabelle(name).schluessel
    technical = [c for c in (*HERKUNFT, *keys) if c in table.column_names]
    return tuple(dict.fromkeys((*technical, *angaben)))


def shown(name: str, columns: Iterable[str]) -> tuple[str, ...]:
    """Return those of *columns* of table *name* that do not describe a human being."""
    private = {s.name for s in catalogue.tabelle(name).spalten if s.persoenlich}
    return tuple(c for c in columns if c not in private)


class Fundorte:
    """The places of one delivery: its files, and the words its master data vouch for."""

    def __init__(self, tables: Mapping[str, pa.Table]) -> None:
        self._tables = tables
        self._files = _file_names(tables)
        self._lists: dict[str, frozenset[str]] = {}

    def rows(
        self, name: str, columns: tuple[str, ...], rows: Iterable[tuple[object, ...]]
    ) -> tuple[Fundstelle, ...]:
        """Return the first places of *rows* of table *name* by file and row number."""
        found = []
        for row in rows:
            cells = dict(zip(columns, row, strict=True))
            file = self._files.get(str(cells.pop("lieferung_id", "")), UNBEKANNT)
            number = cells.pop(ZEILE, None)
            found.append((file, number if isinstance(number, int) else None, cells))
        keys = catalogue.tabelle(name).schluessel
        found.sort(key=lambda f: (f[0], f[1] or 0, [str(f[2].get(k)) for k in keys]))
        return tuple(
            Fundstelle(file, line, *self._parted(name, cells, keys))
            for file, line, cells in found[:GRENZE]
        )

    def groups(
        self,
        name: str,
        columns: tuple[str, ...],
        rows: Iterable[tuple[object, ...]],
        gruppe: tuple[str, ...],
        rule: Querregel,
    ) -> tuple[Fundstelle, ...]:
        """Return one place a group: all files of table *name*, no row number, the group as key.

        What *rule* itself writes into its columns may be shown.
        """
        table = self._tables[name]
        ids = table.column("lieferung_id").unique().to_pylist() if len(table) else []
        files = sorted({self._files.get(i, UNBEKANNT) for i in ids})
        file = ", ".join(files) or UNBEKANNT
        cells = [dict(zip(columns, row, strict=True)) for row in rows]
        places = [Fundstelle(file, None, *self._parted(name, c, gruppe, rule)) for c in cells]
        return tuple(sorted(places, key=lambda p: tuple(p.schluessel.values()))[:GRENZE])

    def _parted(
        self,
        name: str,
        cells: Mapping[str, object],
        key: tuple[str, ...],
        rule: Querregel | None = None,
    ) -> tuple[dict[str, str], dict[str, str]]:
        """Return the cells of the key, and the others, as they may be shown."""
        texts = {k: self._shown(name, k, v, rule) for k, v in cells.items()}
        return (
            {k: v for k, v in texts.items() if k in key},
            {k: v for k, v in texts.items() if k not in key},
        )

    def _shown(self, name: str, column: str, value: object, rule: Querregel | None) -> str:
        if not isinstance(value, str):
            return "" if value is None else str(value)
        table, kind = _column(name, column)
        own = rule is not None and (value in rule.worte or column in rule.eigen)
        if own or (table and kind and self._vouched(table, kind, value)):
            return show(value, {value})
        return f"Form {show(value)}"

    def _vouched(self, table: Tabelle, kind: Spalte, value: str) -> bool:
        if kind.pseudonym or table.herkunft != "lieferung":
            return True
        if kind.codeliste:
            return value in catalogue.codeliste(kind.codeliste).gueltig
        number = not table.nennt_personen and _NUMMER.fullmatch(value) is not None
        return number or bool(kind.bezug and value in self._list(kind.bezug))

    def _list(self, bezug: str) -> frozenset[str]:
        """Return the values of a column of the master data; those of other tables are no list."""
        if bezug not in self._lists:
            name, _, column = bezug.partition(".")
            own = catalogue.tabelle(name).herkunft == "stammdaten" and name in self._tables
            values = self._tables[name].column(column).unique().to_pylist() if own else ()
            self._lists[bezug] = frozenset(values)
        return self._lists[bezug]


def _file_names(tables: Mapping[str, pa.Table]) -> dict[str, str]:
    """Return the file name of each ``lieferung_id``."""
    log = tables.get("lieferung")
    if log is None:
        return {}
    ids, names = (log.column(c).to_pylist() for c in ("lieferung_id", "dateiname"))
    return dict(zip(ids, names, strict=True))


@cache
def _column(name: str, column: str) -> tuple[Tabelle | None, Spalte | None]:
    """Return the canonical column a rule on table *name* shows, and whose it is.

    A rule may show columns of other tables, and the second of two rows (``andere_person_id``).
    """
    wanted = column.removeprefix("andere_")
    tables = (catalogue.tabelle(name), *catalogue.tabellen().values())
    hits = ((table, table.spalte(wanted)) for table in tables if wanted in table.namen)
    return next(hits, (None, None))
