"""Children the city is guardian of, and how often its emergency service is called."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from sozcontrol.demo.kanonisch import Einsatzzeile, Muendelzeile
from sozcontrol.demo.wuerfel import Wuerfel
from sozcontrol.demo.zeit import HISTORIE_BIS, HISTORIE_VON, monate

TAG = timedelta(days=1)
ARTEN = {"bestellt": 0.62, "gesetzlich": 0.08, "pflegschaft": 0.30}
MUENDEL = (138, 4.0, 1_250)
"""At the beginning of the history, new ones a month, and for how many days."""
EINSAETZE = 13
"""Calls a month, on average; planted: they fall on every day alike, weekends too."""
NACHTS = 0.42
"""Planted: of those on workdays, the share after ten in the evening."""


def vormundschaften(seed: int, stand: date) -> list[Muendelzeile]:
    """Return all guardianships that began by a day, as known on it."""
    alle = sorted(_muendel(seed), key=lambda z: (z["beginn"], z["vormundschaft_id"]))
    return [
        {**z, "ende": z["ende"] if z["ende"] is not None and z["ende"] <= stand else None}
        for z in alle if z["beginn"] <= stand
    ]  # fmt: skip


def _muendel(seed: int) -> Iterator[Muendelzeile]:
    w, (anfangs, neue, dauer) = Wuerfel(seed, "vormundschaften"), MUENDEL
    beginne = [(HISTORIE_VON - TAG * w.ganz(1, 2_000), HISTORIE_VON) for _ in range(anfangs)]
    for monat in monate(HISTORIE_VON, HISTORIE_BIS):
        tage = (monat + TAG * w.ganz(0, 27) for _ in range(w.poisson(neue)))
        beginne += [(tag, tag) for tag in tage]
    for nummer, (beginn, seit) in enumerate(beginne, start=1):
        yield {
            "vormundschaft_id": f"VM{nummer:05}", "person_id": f"7{nummer:07}",
            "vormundschaft_art": w.gewichtet(ARTEN), "beginn": beginn,
            "ende": seit + TAG * max(30, round(w.lognormal(dauer, 0.8))),
        }  # fmt: skip


def einsaetze(seed: int, stichtag: date) -> list[Einsatzzeile]:
    """Return all calls up to the Stichtag."""
    w = Wuerfel(seed, "rufbereitschaft")
    tage = [
        monat + TAG * w.ganz(0, 27)
        for monat in monate(HISTORIE_VON, HISTORIE_BIS)
        for _ in range(w.poisson(EINSAETZE))
    ]
    lagen = [(tag, "nacht" if w.ja(NACHTS) else "abend") for tag in sorted(tage)]
    return [
        {"einsatz_id": f"RB{nummer:05}", "einsatz_am": tag,
         "zeitlage": "wochenende" if tag.weekday() > 4 else lage}
        for nummer, (tag, lage) in enumerate(lagen, start=1) if tag <= stichtag
    ]  # fmt: skip
