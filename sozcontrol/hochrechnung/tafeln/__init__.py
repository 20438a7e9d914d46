"""The Hochrechnung as tables of a report, each with its record beside it.

Every table is an :class:`~sozcontrol.measures.aufstellungen.Aufstellung`. Sums of the ledger have
no persons behind them; the cost of a Hilfeart has the Hilfen it was paid for (``faelle``).
"""

from sozcontrol.hochrechnung.tafeln.bau import mit_spalten
from sozcontrol.hochrechnung.tafeln.beitraege import beitraege, seiten
from sozcontrol.hochrechnung.tafeln.gesamt import gesamt, gesamtzeugnis
from sozcontrol.hochrechnung.tafeln.jahr import (
    hochrechnung,
    teile,
    wege_zur_summe,
)
from sozcontrol.hochrechnung.tafeln.jahresgang import jahresgang, zuschussjahre
from sozcontrol.hochrechnung.tafeln.risiko import risiken, warnungszeugnis
from sozcontrol.hochrechnung.tafeln.verfahren import methoden, ohne_antwort, wahl
from sozcontrol.hochrechnung.tafeln.warntafel import warntafel
from sozcontrol.hochrechnung.tafeln.zeugnistafel import fruehere_jahre, hinweise, prognosezeugnis
from sozcontrol.hochrechnung.tafeln.zuschuss import auffaellige, teilhaushalte

__all__ = [
    "auffaellige", "beitraege", "fruehere_jahre", "gesamt", "gesamtzeugnis", "hinweise",
    "hochrechnung", "jahresgang", "methoden", "mit_spalten", "ohne_antwort", "prognosezeugnis",
    "risiken", "seiten", "teile", "teilhaushalte", "wahl", "warntafel", "warnungszeugnis",
    "wege_zur_summe", "zuschussjahre",
]  # fmt: skip
