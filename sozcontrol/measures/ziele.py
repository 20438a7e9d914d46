"""Goals a council has set: those that hold at the Stichtag, and the values they are judged by."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sozcontrol import catalogue
from sozcontrol.catalogue.ziel import Ziel
from sozcontrol.measures.zaehlwerk.kennzahlen import Werte, kennzahlen, vorhandene
from sozcontrol.measures.zaehlwerk.lieferung import Lieferung

TABELLE = "ziel"


def ziele(daten: Lieferung) -> list[Ziel]:
    """Return the goals that hold at the Stichtag: of a number the last one set."""
    if TABELLE not in daten.tabellen:
        return []
    rows = daten[TABELLE].to_pyarrow().to_pylist()
    latest: dict[int, dict[str, object]] = {}
    for row in sorted(rows, key=lambda r: r["gilt_ab"]):
        if row["gilt_ab"] <= daten.stichtag:
            latest[row["ziel_nr"]] = row
    names = Ziel.__dataclass_fields__.keys() - {"stichtag", "erklaert"}
    return [
        Ziel(**{n: row[n] for n in names}, stichtag=daten.stichtag)  # type: ignore[arg-type]
        for _, row in sorted(latest.items())
    ]


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
