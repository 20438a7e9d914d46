"""Is the table what the catalogue says? Types are proved before any engine is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sozcontrol import catalogue
from sozcontrol.checks.verzeichnis import NICHT_AUSWERTBAR
from sozcontrol.findings import Finding, Schwere

if TYPE_CHECKING:
    import pyarrow as pa


def _expected() -> dict[str, pa.DataType]:
    import pyarrow as pa

    return {
        **dict.fromkeys(("text", "code", "id"), pa.string()),
        **dict.fromkeys(("datum", "monat"), pa.date32()),
        "ganzzahl": pa.int64(),
        "betrag": pa.decimal128(14, 2),
        "dezimal": pa.decimal128(14, 4),
        "wahr": pa.bool_(),
    }


def faults(name: str, table: pa.Table) -> list[Finding]:
    """Return one finding for each column of the wrong type (missing ones are R-S01's)."""
    expected, found = _expected(), []
    for column in catalogue.tabelle(name).spalten:
        if column.name not in table.column_names:
            continue
        if table.schema.field(column.name).type != expected[column.typ]:
            found.append(
                Finding(
                    regel=NICHT_AUSWERTBAR,
                    schwere=Schwere.FEHLER,
                    meldung=f"Die Spalte »{column.name}« hat nicht den Typ {column.typ}.",
                    tabelle=name,
                    spalte=column.name,
                    geprueft=len(table),
                    tun="Herkunft der Spalte im Profil prüfen und neu einlesen.",
                )
            )
    return found


def missing(name: str, table: pa.Table) -> list[str]:
    """Return the columns *table* lacks: its own, and those that say where a row comes from."""
    known = catalogue.tabelle(name)
    technical = catalogue.TECHNISCH if known.geliefert else ()
    return [c for c in (*known.namen, *technical) if c not in table.column_names]


def filled(table: pa.Table) -> set[str]:
    """Return the columns that hold a value in at least one row."""
    pairs = zip(table.column_names, table.columns, strict=True)
    return {name for name, column in pairs if column.null_count < len(column)}
