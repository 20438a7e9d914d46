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
from sozcontrol.findings import Finding, Schwere

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
) -> pa.Table:
    """Return the table ``pruefung``: a row for each canonical table of the delivery.

    *stand* is its Stichtag and Datenstand, *faellig_am* the last day of its Frist, where one holds.
    """
    import pyarrow as pa

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
        }
        for name, item in catalogue.tabellen().items()
        if name in tables and item.geliefert
    ]  # fmt: skip
    types = {"datum": pa.date32(), "ganzzahl": pa.int64()}
    columns = catalogue.tabelle(TABELLE).spalten
    schema = pa.schema([(c.name, types.get(c.typ, pa.string())) for c in columns])
    return pa.Table.from_pylist(rows, schema=schema)


def _pflichtfelder(item: catalogue.Tabelle, table: pa.Table) -> dict[str, int]:
    wanted = [s.name for s in item.spalten if s.pflicht]
    full = [c for c in wanted if c in table.column_names and not table[c].null_count]
    return {"pflichtfelder": len(wanted), "pflichtfelder_voll": len(full)}
