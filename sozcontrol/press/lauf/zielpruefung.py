"""Whether what a council has decided on goals since fits the list of goals that was delivered."""

from __future__ import annotations

from sozcontrol import catalogue, store
from sozcontrol.catalogue.ziel import TABELLE, Ziel, gedruckt, geltende
from sozcontrol.catalogue.zielbeschluss import (
    AENDERBAR,
    Zielbeschluss,
    beschlossen,
    fehler,
    lesen,
)
from sozcontrol.press.lauf.progress import Progress
from sozcontrol.press.lauf.unchanged import BEHALTEN
from sozcontrol.store import seal
from sozcontrol.store.fassung import TABLE

GENAU = ("zielwert", "toleranz")
"""What is judged as exactly as its Kennzahl is printed."""


def read_fitting(daten: store.Daten, report: Progress) -> tuple[Zielbeschluss, ...]:
    """Return what was decided on goals, once for a run; what concerns none of the list is told.

    Raises:
        ZielbeschlussFehler: It can't be read, or doesn't fit its goal; names the goal's number.
    """
    path = daten.projekt.zielbeschluesse
    decided = lesen(path)
    if not decided or TABELLE not in daten.tabellen:  # who needs the list is blocked without it
        return decided
    known = {z.ziel_nr: z for z in _delivered(daten)}
    due = [b for b in decided if b.gilt_ab <= daten.stichtag]
    for number in sorted({b.ziel for b in due}):
        if number not in known:
            report.warn(f"Ziel {number} gilt am Stichtag nicht: Sein Beschluss wirkt nicht.")
        elif said := _fault(known[number], due):
            raise fehler(f"Ziel {number}: {said}", path)
    return decided


def _delivered(daten: store.Daten) -> list[Ziel]:
    def read() -> list[Ziel]:
        rows = seal.table(daten.folder / f"{TABELLE}{TABLE}").to_pylist()
        return geltende(rows, daten.stichtag)

    return store.gerechnet(daten, BEHALTEN, store.name_aus("ziele"), read)


def _fault(ziel: Ziel, due: list[Zielbeschluss]) -> str:
    """Say what decisions on a goal may not change; empty where they fit."""
    now = beschlossen(ziel, due)
    if any(getattr(ziel, n) is None and getattr(now, n) is not None for n in AENDERBAR):
        return "Was auf der Liste fehlt, ist dort nachzutragen."
    item = catalogue.steckbriefe().get(str(ziel.kennzahl_id))
    numbers = [v for n in GENAU if (v := getattr(now, n)) is not None and now != ziel]
    if item and any(v != gedruckt(v, item.rundung) for v in numbers):
        return f"Seine Kennzahl hat {item.rundung} Nachkommastellen."
    if now.zielwert is None or now.ausgangswert is None:
        return ""
    if now.vorzeichen * (now.zielwert - now.ausgangswert) < 0:
        return "Der Zielwert liegt auf der falschen Seite des Ausgangswerts."
    return ""
