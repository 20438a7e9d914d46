"""All methods behind one interface, simplest first."""

from __future__ import annotations

from collections.abc import Mapping

from sozcontrol.forecast.methoden.einfach import (
    Methode,
    ansatz,
    ansatz_ausschoepfung,
    anteil,
    linear,
    planabweichung,
    restansatz,
    restjahr,
    vorjahr,
    vorjahr_fortgeschrieben,
)
from sozcontrol.forecast.methoden.ergaenzung import abwicklung_wert
from sozcontrol.forecast.methoden.glaettung import glaettung
from sozcontrol.forecast.methoden.treiber import treiber

STANDARD: Mapping[str, Methode] = {
    "M0": ansatz,
    "M0b": ansatz_ausschoepfung,
    "M1": vorjahr,
    "M1b": vorjahr_fortgeschrieben,
    "M2": linear,
    "M3": anteil,
    "M4": restjahr,
    "M5": restansatz,
    "M5b": planabweichung,
    "M6": treiber,
    "M7": abwicklung_wert,
    "M8": glaettung,
}
"""All methods; each says itself when the data it needs are not there."""
