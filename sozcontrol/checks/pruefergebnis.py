"""What a check found as a table of its own: rules and columns are counted, never rows.

How many rows break a rule is shown rule by rule, and small numbers of them are hidden without
complements. A sum over rules would give them away, so there is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING

from sozcontrol import catalogue
from sozcontrol.checks.regel import Regel
from sozcontrol.checks.revisionsumfang import revisionsumfang
from sozcontrol.findings import Finding, Schwere, blocked_tables

if TYPE_CHECKING:
    import pyarrow as pa

TABELLE = "pruefung"
VERLETZT = (Schwere.FEHLER, Schwere.WARNUNG)


def pruefergebnis(
    tables: Mapping[str, pa.Table],
    findings: Iterable[Finding],
    regeln: Iterable[Regel],
    *,
    stand: tuple[date, date],
    faellig_am: date | None,
    vorher: Mapping[str, pa.Table] | None = None,
) -> pa.Table:
    """Return the table ``pruefung``: a row for each canonical table of the delivery.

    *stand* is its Stichtag and Datenstand, *faellig_am* the last day of its Frist, where one holds;
    *vorher* are the tables as they were delivered before. Of a rejected table no amount is told.
    """
    import pyarrow as pa

    findings = list(findings)
    blocked = blocked_tables(findings)

    broken = {(f.tabelle, f.regel) for f in findings if f.schwere in VERLETZT}
    known = {(r.tabelle, r.id) for r in regeln}
    stichtag, datenstand = stand
    rows = [
        {
            "tabelle": name, "tabelle_name": item.bezeichnung, "stichtag": stichtag,
            "geliefert_am": datenstand, "faellig_am": faellig_am,
            "regeln": sum(table == name for table, _ in known | broken),
            "regeln_verletzt": sum(table == name for table, _ in broken),
            **_pflichtfelder(item, tables[name]),
            **({} if name in blocked else _umfang(item, tables, vorher or {}, stichtag)),
        }
        for name, item in catalogue.tabellen().items()
        if name in tables and item.geliefert
    ]  # fmt: skip
    types = {"datum": pa.date32(), "ganzzahl": pa.int64(), "betrag": pa.decimal128(14, 2)}
    columns = catalogue.tabelle(TABELLE).spalten
    schema = pa.schema([(c.name, types.get(c.typ, pa.string())) for c in columns])
    return pa.Table.from_pylist(rows, schema=schema)


def _pflichtfelder(item: catalogue.Tabelle, table: pa.Table) -> dict[str, int]:
    wanted = [s.name for s in item.spalten if s.pflicht]
    full = [c for c in wanted if c in table.column_names and not table[c].null_count]
    return {"pflichtfelder": len(wanted), "pflichtfelder_voll": len(full)}


def _umfang(
    item: catalogue.Tabelle,
    tables: Mapping[str, pa.Table],
    vorher: Mapping[str, pa.Table],
    stichtag: date,
) -> dict[str, object]:
    found = revisionsumfang(item, tables, vorher, stichtag)
    return vars(found) if found else {}
