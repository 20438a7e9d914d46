"""The city's year-end forecast: its series from a delivery, and the tables a report shows of it.

Its line: quellen → prognosestand → tafelteile → abweichung, abwicklung, szenarien, tafeln,
einwohner → amtsschaetzungen, prognosearchiv, prognosekennzahlen. What is computed comes from the
engine, ``forecast``.
"""

from sozcontrol.hochrechnung import (
    abweichung,
    amtsschaetzungen,
    prognosearchiv,
    prognosekennzahlen,
    tafeln,
)
from sozcontrol.hochrechnung.abwicklung import (
    abwicklungstafeln,
    dreieckstafeln,
    einheitskosten,
    einrichtungstafel,
)
from sozcontrol.hochrechnung.einwohner import einwohnertafeln
from sozcontrol.hochrechnung.prognosestand import aussage, stand_oder_keiner
from sozcontrol.hochrechnung.quellen.buchungen import Buchungen, Dreiecke, reihe_aus_buchungen
from sozcontrol.hochrechnung.quellen.panel import Panel, panel
from sozcontrol.hochrechnung.szenarien import szenariotafeln
from sozcontrol.hochrechnung.szenarien.wirkung import szenariostand

__all__ = [
    "Buchungen", "Dreiecke", "Panel", "abweichung", "abwicklungstafeln",
    "amtsschaetzungen", "aussage",
    "dreieckstafeln", "einheitskosten", "einrichtungstafel", "einwohnertafeln", "panel",
    "prognosearchiv", "prognosekennzahlen", "reihe_aus_buchungen", "stand_oder_keiner",
    "szenariostand", "szenariotafeln", "tafeln",
]  # fmt: skip
