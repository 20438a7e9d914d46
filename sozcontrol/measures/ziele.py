"""Goals a council has set: those that hold at the Stichtag, and the values they are judged by."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sozcontrol import catalogue
from sozcontrol.catalogue.ziel import TABELLE, Ziel, geltende
from sozcontrol.measures.zaehlwerk.kennzahlen import Werte, kennzahlen, vorhandene
from sozcontrol.measures.zaehlwerk.lieferung import Lieferung


def ziele(daten: Lieferung) -> list[Ziel]:
    """Return the goals as the delivered list sets them for the Stichtag.

    What was decided since (``catalogue.zielbeschluss``) takes effect when a page is drawn.
    """
    if TABELLE not in daten.tabellen:
        return []
    return geltende(daten[TABELLE].to_pyarrow().to_pylist(), daten.stichtag)


def je_kennzahl(daten: Lieferung) -> dict[str, Ziel]:
    """Return the goals by their Kennzahl; of several the first to be reached."""
    found: dict[str, Ziel] = {}
    for ziel in sorted(ziele(daten), key=lambda z: (z.termin or date.max, z.ziel_nr)):
        if ziel.kennzahl_id in catalogue.steckbriefe():
            found.setdefault(str(ziel.kennzahl_id), ziel)
    return found


def zielwerte(daten: Lieferung, ids: Iterable[str] | None = None) -> dict[str, Werte]:
    """Return the values of the Kennzahlen with a goal (of *ids*) that this delivery can tell."""
    asked = set(catalogue.kennzahlen() if ids is None else ids)
    named = [k for k in je_kennzahl(daten) if k in asked and k in catalogue.kennzahlen()]
    known = vorhandene(daten, named)
    return dict(zip(known, kennzahlen(daten, known), strict=True))
