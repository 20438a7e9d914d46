"""Whether what a council has decided on goals since fits the list of goals that was delivered."""

from __future__ import annotations

from sozcontrol import store
from sozcontrol.catalogue.ziel import Ziel
from sozcontrol.catalogue.zielbeschluss import beschlossen, fehler, lesen
from sozcontrol.press.lauf.unchanged import BEHALTEN

TABELLE = "ziel"


def demand_fitting(daten: store.Daten) -> None:
    """Refuse decisions on goals that are on no list, or that ask for the opposite of their goal.

    Raises:
        ZielbeschlussFehler: Names the number of the goal.
    """
    path = daten.projekt.zielbeschluesse
    decided = lesen(path)
    if not decided or TABELLE not in daten.tabellen:  # who needs the list is blocked without it
        return
    known = {z.ziel_nr: z for z in delivered(daten)}
    due = [b for b in decided if b.gilt_ab <= daten.stichtag]
    if unknown := sorted({b.ziel for b in due} - known.keys()):
        raise fehler(f"Ziel {unknown[0]} gilt am Stichtag nicht oder steht auf keiner Liste.", path)
    for number in sorted({b.ziel for b in due}):
        if _backwards(beschlossen(known[number], due)):
            raise fehler(
                f"Der Zielwert von Ziel {number} liegt auf der falschen Seite des Ausgangswerts.",
                path,
            )


def delivered(daten: store.Daten) -> list[Ziel]:
    """Return the goals of a delivery that hold at its Stichtag, read once."""

    def read() -> list[Ziel]:
        from sozcontrol import measures

        return measures.ziele.ziele(daten)

    return store.gerechnet(daten, BEHALTEN, store.name_aus("ziele"), read)


def _backwards(ziel: Ziel) -> bool:
    if ziel.ausgangswert is None or ziel.zielwert is None:
        return False
    return ziel.vorzeichen * (ziel.zielwert - ziel.ausgangswert) < 0
