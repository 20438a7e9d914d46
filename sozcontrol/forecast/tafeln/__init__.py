"""The Hochrechnung as tables of a report, each with its record beside it.

Every table is an :class:`~sozcontrol.measures.aufstellungen.Aufstellung`. Sums of the ledger have
no persons behind them; the cost of a Hilfeart has the Hilfen it was paid for (``faelle``).
"""

from sozcontrol.forecast.tafeln.bau import mit_spalten
from sozcontrol.forecast.tafeln.gesamt import gesamt, gesamtzeugnis
from sozcontrol.forecast.tafeln.jahr import (
    hochrechnung,
    teile,
    weg_zum_jahresende,
    wege_zur_summe,
)
from sozcontrol.forecast.tafeln.verfahren import methoden, ohne_antwort, wahl
from sozcontrol.forecast.tafeln.zeugnis import (
    fruehere_jahre,
    hinweise,
    prognosezeugnis,
)

__all__ = [
    "fruehere_jahre", "gesamt", "gesamtzeugnis", "hinweise", "hochrechnung", "methoden",
    "mit_spalten", "ohne_antwort", "prognosezeugnis", "teile", "wahl",
    "weg_zum_jahresende", "wege_zur_summe",
]  # fmt: skip
