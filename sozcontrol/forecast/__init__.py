"""Year-end forecast with its own record: methods, back-test, run-off, drivers, intervals.

The room imports numpy only when one of its names is used; statsmodels and scipy later still.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

# No name of a submodule stands here: importing it would put the module in the name's place.
_WO = {
    "Reihe": "reihe", "Kenntnis": "reihe", "bekannt": "reihe", "leere_reihe": "reihe",
    "read_series": "einlesen", "Wert": "methoden", "NAMEN": "methoden",
    "rueckrechnen": "ruecktest", "Ruecktest": "ruecktest", "STANDARD": "ruecktest",
    "Spanne": "intervall", "spanne": "intervall", "wilson": "intervall", "Zeugnis": "zeugnis",
    "backtest_file": "datei", "render": "datei", "Hochrechnung": "hochrechnung",
    "hochrechnen": "hochrechnung", "abgleichen": "abgleich", "Dreieck": "abwicklung",
    "abwickeln": "abwicklung", "nachbuchungsquote": "abwicklung", "abwicklung_wert": "ergaenzung",
    "ergaenzen": "ergaenzung", "dreieck": "abwicklung", "Buchungen": "buchungen",
    "Dreiecke": "buchungen", "reihe_aus_buchungen": "buchungen", "Annahmen": "treiber",
    "Fluss": "bestandsfluss", "Entgelt": "treiber", "panel": "quelle", "Panel": "quelle",
    "aussage": "stadt",
}  # fmt: skip

_MODULE = ("abwicklungstafeln", "archiv", "einrichtungstafel", "dreieckstafeln", "kennzahlen",
           "szenarien", "szenariotafeln", "tafeln")  # fmt: skip
"""What notebooks use as a module."""

__all__ = sorted([*_WO, *_MODULE])


def __getattr__(name: str) -> Any:
    if name in _MODULE:
        return import_module(f"{__name__}.{name}")
    if name not in _WO:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WO[name]}"), name)
