"""Occupied months of each Hilfeart, the volume that M6 multiplies with the cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sozcontrol.forecast.reihe import Floats
from sozcontrol.hochrechnung.quellen.buchungen import MONATE
from sozcontrol.measures.zaehlwerk.lieferung import Tabellen
from sozcontrol.measures.zaehlwerk.rahmen import rahmen
from sozcontrol.measures.zaehlwerk.verlauf import laufend_je_monat, monatsindex

if TYPE_CHECKING:
    import ibis.expr.types as ir


def belegte_monate(daten: Tabellen, jahre: np.ndarray, bis: int) -> dict[str, Floats]:
    """Return by Hilfeart (Hilfen zur Erziehung) the (J, 12) occupied months of *jahre*.

    The mean of the stock at both ends of each month: begun in it or before, not ended in it (as
    ``bestand_je_monat``). Unknown (NaN) after absolute month *bis*.
    """
    rows = rahmen(daten, ("hilfen",), _monate, bis)
    von = int(jahre[0]) * MONATE
    enden = np.arange(von - 1, bis + 1)
    out = {}
    for hilfeart, cases in rows.groupby("hilfeart", sort=True):
        beginn = cases["beginn"].to_numpy(dtype=np.int64)
        ende = cases["ende"].fillna(10**6).to_numpy(dtype=np.int64)
        bestand = laufend_je_monat(beginn, ende, enden).sum(axis=0)
        menge = np.full(len(jahre) * MONATE, np.nan)
        menge[: len(enden) - 1] = (bestand[1:] + bestand[:-1]) / 2
        out[str(hilfeart)] = menge.reshape(len(jahre), MONATE)
    return out


def _monate(hilfen: ir.Table, bis: int) -> ir.Table:
    t = hilfen.filter(hilfen.ist_hze, monatsindex(hilfen.beginn) <= bis)
    return t.select("hilfeart", beginn=monatsindex(t.beginn), ende=monatsindex(t.ende))
