"""What a controlling office keeps of goals and decisions, as the lists it delivers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from sozcontrol.demo.kanonisch import Stadttabellen, Zielzeile
from sozcontrol.demo.schreibweise import liste, tag

_RICHTUNG = {"hoch": "mindestens", "niedrig": "höchstens", "korridor": "im Bereich"}
_MESSUNG = {"stichtag": "jeder Stichtag", "jahresende": "Jahresende"}


def dateien(t: Stadttabellen, stichtag: date) -> dict[str, Callable[[], bytes]]:
    """Return the lists: name without the Stichtag → its bytes when asked."""
    return {"Steuerung_Ziele.csv": lambda: _ziele(t["ziel"], stichtag)}


def _ziele(zeilen: list[Zielzeile], stichtag: date) -> bytes:
    kopf = (
        "Nr.", "Kennzahl", "Ziel", "Ausgangswert", "am", "Richtung", "Zielwert", "Termin",
        "Toleranz", "Messung", "verantwortlich", "Beschluss", "vom",
    )  # fmt: skip
    rows = [
        (z["ziel_nr"], z["kennzahl_id"], z["zieltext"], _wert(z["ausgangswert"]),
         tag(z["ausgang_am"]), _RICHTUNG[z["zielrichtung"]], _wert(z["zielwert"]),
         tag(z["termin"]), _wert(z["toleranz"]), _MESSUNG[z["zielmessung"]],
         z["verantwortlich"] or "", z["beschluss"], tag(z["gilt_ab"]))
        for z in zeilen
    ]  # fmt: skip
    return liste("Ziele", stichtag, kopf, rows).encode("utf-8-sig")


def _wert(wert: Decimal | None) -> str:
    """A number as people type it: decimal comma, no thousands dots."""
    return "" if wert is None else str(wert).replace(".", ",")
