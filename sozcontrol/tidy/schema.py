"""Canonical tables as Arrow schemas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sozcontrol.catalogue import Tabelle

if TYPE_CHECKING:
    import pyarrow as pa


def arrow_type(typ: str) -> pa.DataType:
    """Return the Arrow type of a canonical type (betrag: decimal(14,2); dezimal: (14,4))."""
    import pyarrow as pa

    return {
        "text": pa.string(),
        "code": pa.string(),
        "id": pa.string(),
        "datum": pa.date32(),
        "monat": pa.date32(),
        "ganzzahl": pa.int64(),
        "betrag": pa.decimal128(14, 2),
        "dezimal": pa.decimal128(14, 4),
        "wahr": pa.bool_(),
    }[typ]


def arrow_schema(table: Tabelle) -> pa.Schema:
    """Return the schema of *table*: its columns in order, then the technical ones.

    ``lieferung_id`` names the file, ``zeile_quelle`` the 1-based row in it, ``datenstand`` the day
    of extraction. A table that has one of them as its own column does not get it twice.
    """
    import pyarrow as pa

    fields = [pa.field(c.name, arrow_type(c.typ)) for c in table.spalten]
    technical = (
        pa.field("lieferung_id", pa.string()),
        pa.field("zeile_quelle", pa.int64()),
        pa.field("datenstand", pa.date32()),
    )
    return pa.schema([*fields, *(f for f in technical if f.name not in table.namen)])
