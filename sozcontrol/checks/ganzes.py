"""What an expectation judges that is no single row: a mean, a sum, the shape of a table."""

from __future__ import annotations

import re

from sozcontrol.checks.regel import Erwartung

UNGEZAEHLT = "Zahl der betroffenen Zeilen nicht ermittelt"
_SPALTE = {
    "mean": "Mittelwert",
    "median": "Median",
    "sum": "Summe",
    "stdev": "Standardabweichung",
    "min": "kleinster Wert",
    "max": "größter Wert",
    "quantile_values": "Quantile",
    "unique_value_count": "Zahl verschiedener Werte",
    "proportion_of_unique_values": "Anteil verschiedener Werte",
    "proportion_of_non_null_values": "Anteil gefüllter Zeilen",
    "most_common_value": "häufigster Wert",
    "distinct_values": "verschiedene Werte",
    "kl_divergence": "Verteilung",
}
_TABELLE = {
    "table_row_count": "Zahl der Zeilen",
    "table_column_count": "Zahl der Spalten",
    "table_columns": "Aufbau der Tabelle",
}


def ganzes(erwartung: Erwartung) -> str:
    """Return what a reader calls what *erwartung* judges as a whole; never the value it has."""
    kind = re.sub(r"_to_\w+$", "", erwartung.type.removeprefix("expect_"))
    if kind in _TABELLE:
        return _TABELLE[kind]
    if not erwartung.spalten:
        return "ganze Tabelle"
    name = _SPALTE.get(kind.removeprefix("column_"))
    return f"{name} der ganzen Spalte" if name else "ganze Spalte"
