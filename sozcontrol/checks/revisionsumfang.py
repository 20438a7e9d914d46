"""How far the amounts an earlier delivery told have changed since, in two sums."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from sozcontrol.catalogue.tabelle import Revisionsumfang, Tabelle
from sozcontrol.checks.datenbank import Datenbank

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Umfang:
    """``frueher_eur``: Σ |amount| as told then; ``revidiert_eur``: Σ |now − then|."""

    frueher_eur: Decimal
    revidiert_eur: Decimal


def revisionsumfang(
    item: Tabelle, tables: Mapping[str, pa.Table], vorher: Mapping[str, pa.Table], stichtag: date
) -> Umfang | None:
    """Compare a table with the earlier delivery of it, at the Stichtag of *vorher*.

    Each amount is what one group of rows adds up to in the year of that Stichtag, on the time axis
    it is printed on. None: nothing is declared or nothing was delivered earlier, or the present
    delivery does not reach back to that year, so that nothing can be told of it.
    """
    declared = item.revision.umfang if item.revision else None
    known = stichtag_von(vorher, item.name)
    if declared is None or known is None or not len(vorher.get(item.name, ())):
        return None
    database = Datenbank(tables, vorher, stichtag=known, datenstand=stichtag)
    try:
        ((revised, then, reaches),) = database.rows(
            _abfrage(item.name, declared, known), ("revidiert", "damals", "reicht")
        )
    finally:
        database.close()
    if not reaches or not isinstance(then, Decimal) or not isinstance(revised, Decimal):
        return None
    return Umfang(then, revised)


def stichtag_von(vorher: Mapping[str, pa.Table], tabelle: str) -> date | None:
    """Return the Stichtag an earlier delivery of *tabelle* was made for; None: there is none."""
    import pyarrow.compute as pc

    log = vorher.get("lieferung")
    own = log.filter(pc.equal(log["tabelle"], tabelle)) if log is not None else None
    found: date | None = pc.max(own["stichtag"]).as_py() if own is not None else None
    return found


def _abfrage(name: str, declared: Revisionsumfang, known: date) -> str:
    # All parts are names of the catalogue: a table and its columns.
    axis, je = declared.zeit, ", ".join(f'"{c}"' for c in declared.je)
    counted = f'"{axis.jahr}" = year($stichtag)'
    if not (axis.ganzes_jahr and (known.month, known.day) == (12, 31)):
        counted += f' AND "{axis.bis}" <= $stichtag'
    chosen = f'{je}, "{declared.summe}" AS betrag'
    return (
        f"WITH zeilen AS (SELECT {chosen}, false AS jetzt FROM vorher_{name} WHERE {counted} "  # noqa: S608
        f"UNION ALL SELECT {chosen}, true AS jetzt FROM {name} WHERE {counted}), "
        "gruppen AS (SELECT coalesce(sum(betrag) FILTER (NOT jetzt), 0) AS damals, "
        "coalesce(sum(betrag) FILTER (jetzt), 0) AS heute, bool_or(jetzt) AS da "
        f"FROM zeilen GROUP BY {je}) "
        "SELECT sum(abs(heute - damals)) AS revidiert, sum(abs(damals)) AS damals, "
        "bool_or(da) AS reicht FROM gruppen"
    )
