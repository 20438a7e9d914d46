"""Budgets as series: what was adopted, and the amended budget at each month's end (F01)."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from sozcontrol.forecast.quellen.buchungen import MONATE
from sozcontrol.forecast.reihe import Floats
from sozcontrol.measures.faelle import monatsindex
from sozcontrol.measures.finanzen import ist_brutto, ist_ertrag
from sozcontrol.measures.gliederung import schluessel, summe
from sozcontrol.measures.sichten import Basis

Plan = dict[str, Floats]


def ansaetze(
    daten: Any,
    jahre: np.ndarray,
    seite: Literal["aufwand", "ertrag"],
    je: str = "produktgruppe",
) -> dict[str, Plan]:
    """Return by series the parts ``ansatz`` (J,) and ``fortgeschrieben`` (J, 12) of its Reihe.

    Before the first row takes effect there is no budget yet, which is not a budget of zero. A
    budget that takes effect within the year is therefore no ``ansatz`` of the whole year.
    """
    t = Basis(daten)("budgets")
    t = t.filter(ist_brutto(t) if seite == "aufwand" else ist_ertrag(t), t.art != "sperre")
    t = schluessel(t, [je])
    t = t.mutate(reihe=t[je], ab=monatsindex(t.wirksam_ab), neu=t.art == "ansatz")
    keys = ["reihe", "jahr", "ab", "neu"]
    frame = t.group_by(keys).aggregate(betrag=summe(t.betrag_eur)).order_by(keys).execute()
    plaene: dict[str, Plan] = {}
    for row in frame[frame["jahr"].isin(jahre)].itertuples():
        p = plaene.setdefault(row.reihe, _leer(len(jahre)))
        y, betrag = int(row.jahr) - int(jahre[0]), float(row.betrag)
        von = min(max(int(row.ab) - int(row.jahr) * MONATE, 0), MONATE)
        if row.neu and von == 0:
            p["ansatz"][y] = np.nan_to_num(p["ansatz"][y]) + betrag
        p["fortgeschrieben"][y, von:] = np.nan_to_num(p["fortgeschrieben"][y, von:]) + betrag
    return plaene


def gruppennamen(daten: Any, jahr: int) -> dict[str, str]:
    """Return the names of the product groups in the plan of *jahr*, the newest of each."""
    t = daten["map_produkt"]
    t = t.filter(t.gueltig_von.year() <= jahr, t.produktgruppe_name.notnull())
    t = t.order_by(["gueltig_von", "produkt_lokal"])
    frame = t.select("produktgruppe", "produktgruppe_name").execute()
    return dict(frame.itertuples(index=False))


def _leer(n: int) -> Plan:
    return {"ansatz": np.full(n, np.nan), "fortgeschrieben": np.full((n, MONATE), np.nan)}
