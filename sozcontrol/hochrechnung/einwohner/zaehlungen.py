"""Counts of people a year apart, by Sozialraum and single year of age, as cohorts need them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from sozcontrol.forecast.bestand.kohorten import Bestaende
from sozcontrol.measures.zaehlwerk.lieferung import Lieferung
from sozcontrol.measures.zaehlwerk.sichten import Basis
from sozcontrol.measures.zaehlwerk.zeitraum import um_monate

if TYPE_CHECKING:
    import pandas as pd

QUELLE = "melderegister"
MINDESTENS = 3
"""Counts without which there is no record: two show a year, the third what came of it."""


@dataclass(frozen=True)
class Zaehlungen:
    """Counts on the same day of successive years; ``bestaende`` by day, area and year of age."""

    tage: tuple[date, ...]
    raeume: tuple[str, ...]
    bestaende: Bestaende


def zaehlungen(daten: Lieferung, *, stichtag: date | None = None) -> Zaehlungen | None:
    """Return the longest row of yearly counts of the register up to the Stichtag.

    Its areas are those of its last count: before areas were drawn anew it ends. None where fewer
    than ``MINDESTENS`` counts are left, or where ages are missing, as with counts of age groups.
    """
    frame = _gezaehlt(daten, stichtag or daten.stichtag)
    tage = jahresreihe(frame["stichtag"])
    if not tage:
        return None
    am = {tag: frame[frame["stichtag"] == tag] for tag in tage}
    raeume = set(am[tage[-1]]["sozialraum"])
    bis = next((i for i, t in enumerate(tage[::-1]) if set(am[t]["sozialraum"]) != raeume), None)
    tage = tage if bis is None else tage[len(tage) - bis :]
    oben = min(int(am[tag]["altersjahr"].max()) for tag in tage)
    lueckenlos = all(set(range(oben)) <= set(am[tag]["altersjahr"]) for tag in tage)
    if len(tage) < MINDESTENS or not lueckenlos:
        return None
    namen = sorted(raeume)
    zahl = np.stack([_feld(am[tag], namen, oben) for tag in tage])
    return Zaehlungen(tuple(tage), tuple(namen), Bestaende(zahl, _breiten(oben)))


def jahresreihe(tage: Iterable[date]) -> list[date]:
    """Return the longest row of days a year apart; of equally long ones the latest."""
    alle = set(tage)

    def bis(tag: date) -> list[date]:
        vorher = um_monate(tag, -12)
        return [*(bis(vorher) if vorher in alle else ()), tag]

    return max((bis(tag) for tag in sorted(alle)), key=lambda r: (len(r), r[-1]), default=[])


def _gezaehlt(daten: Lieferung, tag: date) -> pd.DataFrame:
    rows = Basis(daten)("bevoelkerung")
    rows = rows.filter(rows.quelle == QUELLE, rows.stichtag <= tag)
    rows = rows.group_by("stichtag", "sozialraum", "altersjahr").aggregate(
        anzahl=rows.anzahl.sum().cast("int64")
    )
    frame = rows.execute()
    frame["stichtag"] = [t.date() if hasattr(t, "date") else t for t in frame["stichtag"]]
    return frame


def _feld(frame: pd.DataFrame, raeume: list[str], oben: int) -> np.ndarray:
    """Lay one count out: (areas, ages); who is older than the last age counts there."""
    feld = np.zeros((len(raeume), oben + 1))
    platz = {name: i for i, name in enumerate(raeume)}
    for raum, alter, anzahl in frame[["sozialraum", "altersjahr", "anzahl"]].itertuples(False):
        feld[platz[raum], min(int(alter), oben)] += anzahl
    return feld


def _breiten(oben: int) -> np.ndarray:
    return np.array([*([1.0] * oben), np.inf])
