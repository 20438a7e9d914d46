"""Measures: counting primitives and indicators, as pure Ibis expressions.

The functions that take a table (``bestand``, ``brutto``, …) return expressions and run on any Ibis
engine. Those that take *daten* (what ``store.open_data`` gives) compute declared indicators.
"""

from __future__ import annotations

from sozcontrol.measures import (
    aufstellungen,
    beschluesse,
    einzelfaelle,
    gebietskarte,
    kommunen,
    prozesse,
    signale,
    standardwert,
    teilhaushalte,
    vergleichssicht,
    vorhaben,
    ziele,
)
from sozcontrol.measures.bevoelkerung import einwohner
from sozcontrol.measures.erwartung import erwarteter_anteil
from sozcontrol.measures.finanzen import ansatz, brutto, ertrag, netto
from sozcontrol.measures.groeber import Gliederung, gliederung
from sozcontrol.measures.signale import leitreihen
from sozcontrol.measures.soll_ist import ist_je_monat, soll_ist
from sozcontrol.measures.zaehlwerk.dauern import (
    dauer_beendeter,
    dauer_laufender,
    lebenstafel,
    ueberlebensmedian,
)
from sozcontrol.measures.zaehlwerk.gliederung import INSGESAMT, UNBEKANNT
from sozcontrol.measures.zaehlwerk.grundzahlen import finde as grundzahl
from sozcontrol.measures.zaehlwerk.grundzahlen import grundzahlen
from sozcontrol.measures.zaehlwerk.kennzahlen import (
    Erklaerung,
    Werte,
    Zeile,
    alle,
    explain,
    fehlende,
    kennzahl,
    kennzahlen,
    vorhandene,
    zeitreihe,
)
from sozcontrol.measures.zaehlwerk.prove import prove
from sozcontrol.measures.zaehlwerk.sichten import sicht
from sozcontrol.measures.zaehlwerk.verlauf import (
    abgang,
    belegte_tage,
    bestand,
    bestand_je_monat,
    durchschnittsbestand,
    jahresfallzahl,
    zugang,
)
from sozcontrol.measures.zaehlwerk.zeitraum import ist_jahresende, monatsenden
from sozcontrol.measures.zerlegung import zerlegung

__all__ = [
    "INSGESAMT", "UNBEKANNT", "Erklaerung", "Gliederung", "Werte", "Zeile", "abgang", "alle",
    "ansatz", "aufstellungen", "belegte_tage", "beschluesse", "bestand", "bestand_je_monat",
    "brutto", "dauer_beendeter", "dauer_laufender", "durchschnittsbestand", "einwohner",
    "einzelfaelle", "ertrag", "erwarteter_anteil", "explain", "fehlende", "gebietskarte",
    "gliederung", "grundzahl", "grundzahlen", "ist_jahresende", "ist_je_monat", "jahresfallzahl",
    "kennzahl", "kennzahlen",
    "kommunen", "lebenstafel", "leitreihen", "monatsenden", "netto", "prove", "prozesse", "sicht",
    "signale", "soll_ist", "standardwert", "teilhaushalte", "ueberlebensmedian", "vergleichssicht",
    "vorhaben", "vorhandene", "zeitreihe", "zerlegung", "ziele", "zugang",
]  # fmt: skip
