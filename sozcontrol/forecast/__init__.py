"""Year-end forecast with its own record: methods, back-test, run-off, drivers, intervals.

The engine: series go in, a value with its span and its record comes out. It knows no city and no
table; the room ``hochrechnung`` brings both. Its line: reihe → methoden → prognose → quellen →
datei. statsmodels and scipy are imported when a method needs them.
"""

from sozcontrol.forecast.datei import backtest_file, render
from sozcontrol.forecast.methoden.alle import STANDARD
from sozcontrol.forecast.methoden.bestandsfluss import Fluss
from sozcontrol.forecast.methoden.dreieck import Dreieck, abwickeln, dreieck, nachbuchungsquote
from sozcontrol.forecast.methoden.einfach import NAMEN, Wert
from sozcontrol.forecast.methoden.ergaenzung import abwicklung_wert, ergaenzen
from sozcontrol.forecast.methoden.treiber import Annahmen, Entgelt
from sozcontrol.forecast.prognose.abgleich import abgleichen
from sozcontrol.forecast.prognose.hochrechnung import Hochrechnung, hochrechnen
from sozcontrol.forecast.prognose.intervall import Spanne, spanne, wilson
from sozcontrol.forecast.prognose.ruecktest import Ruecktest, rueckrechnen
from sozcontrol.forecast.prognose.zeugnis import Zeugnis
from sozcontrol.forecast.quellen.einlesen import read_series
from sozcontrol.forecast.reihe import Kenntnis, Reihe, bekannt, leere_reihe

__all__ = [
    "NAMEN", "STANDARD", "Annahmen", "Dreieck", "Entgelt", "Fluss", "Hochrechnung", "Kenntnis",
    "Reihe", "Ruecktest", "Spanne", "Wert", "Zeugnis", "abgleichen", "abwickeln",
    "abwicklung_wert", "backtest_file", "bekannt", "dreieck", "ergaenzen", "hochrechnen",
    "leere_reihe", "nachbuchungsquote", "read_series", "render", "rueckrechnen", "spanne", "wilson",
]  # fmt: skip
