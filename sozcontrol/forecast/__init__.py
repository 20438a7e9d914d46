"""Year-end forecast with its own record: methods, back-test, run-off, drivers, intervals.

Its line: reihe → methoden → prognose → quellen → datei, stadt → the tables of a report
(tafeln, abweichung, abwicklung, szenarien, archiv, kennzahlen, revision). The room imports numpy
only when one of its names is used; statsmodels and scipy later still.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

# No name of a submodule stands here: importing it would put the module in the name's place.
_WO = {
    "Reihe": "reihe", "Kenntnis": "reihe", "bekannt": "reihe", "leere_reihe": "reihe",
    "read_series": "quellen.einlesen", "Wert": "methoden.einfach", "NAMEN": "methoden.einfach",
    "rueckrechnen": "prognose.ruecktest", "Ruecktest": "prognose.ruecktest",
    "STANDARD": "methoden.alle", "Spanne": "prognose.intervall",
    "spanne": "prognose.intervall", "wilson": "prognose.intervall",
    "Zeugnis": "prognose.zeugnis", "backtest_file": "datei", "render": "datei",
    "Hochrechnung": "prognose.hochrechnung", "hochrechnen": "prognose.hochrechnung",
    "abgleichen": "prognose.abgleich", "Dreieck": "methoden.dreieck",
    "abwickeln": "methoden.dreieck", "nachbuchungsquote": "methoden.dreieck",
    "abwicklung_wert": "methoden.ergaenzung", "ergaenzen": "methoden.ergaenzung",
    "dreieck": "methoden.dreieck", "Buchungen": "quellen.buchungen",
    "Dreiecke": "quellen.buchungen", "reihe_aus_buchungen": "quellen.buchungen",
    "Annahmen": "methoden.treiber", "Fluss": "methoden.bestandsfluss",
    "Entgelt": "methoden.treiber", "panel": "quellen.panel", "Panel": "quellen.panel",
    "aussage": "stadt", "stand_oder_keiner": "stadt",
    "szenariostand": "szenarien.wirkung",
}  # fmt: skip

_MODULE = {
    "tafeln": "tafeln", "abweichung": "abweichung", "abwicklungstafeln": "abwicklung.tafeln",
    "dreieckstafeln": "abwicklung.dreieckstafeln",
    "einrichtungstafel": "abwicklung.einrichtungstafel", "szenariotafeln": "szenarien.tafeln",
    "archiv": "archiv", "kennzahlen": "kennzahlen", "revision": "revision",
}  # fmt: skip
"""What notebooks use as a module, under one name a table book."""

__all__ = sorted([*_WO, *_MODULE])


def __getattr__(name: str) -> Any:
    if name in _MODULE:
        return import_module(f"{__name__}.{_MODULE[name]}")
    if name not in _WO:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WO[name]}"), name)
