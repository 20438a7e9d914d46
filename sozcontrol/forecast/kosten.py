"""What the Hilfen zur Erziehung cost, and how many Hilfen stand behind the cost of a year."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sozcontrol.errors import DeliveryMissing
from sozcontrol.forecast.buchungen import MONATE
from sozcontrol.measures.faelle import monatsindex
from sozcontrol.measures.finanzen import ist_brutto
from sozcontrol.measures.gliederung import summe
from sozcontrol.measures.sichten import Basis

if TYPE_CHECKING:
    import pandas as pd


def bruttokosten(daten: Any, bis: int) -> pd.DataFrame:
    """Return ``[reihe, jahr, gebucht, leistung, betrag]``: served and booked by month *bis*.

    Months are absolute, ``reihe`` is the Hilfeart and ``jahr`` that of the service.

    Raises:
        DeliveryMissing: Nothing is served and paid by then.
    """
    t = Basis(daten)("zahlungen")
    t = t.filter(ist_brutto(t) & t.ist_hze)
    t = t.mutate(reihe=t.hilfeart, leistung=monatsindex(t.leistungsmonat),
                 gebucht=monatsindex(t.buchung_am))  # fmt: skip
    t = t.mutate(jahr=t.leistung // MONATE).filter(t.gebucht <= bis, t.leistung <= bis)
    keys = ["reihe", "jahr", "gebucht", "leistung"]
    frame = t.group_by(keys).aggregate(betrag=summe(t.betrag_eur)).order_by(keys).execute()
    if frame.empty:
        raise DeliveryMissing(
            "Bis zum Stichtag ist keine Hilfe bezahlt.",
            wo="Tabelle zahlung",
            tun="Stichtag und Leistungsmonate der Lieferung prüfen.",
        )
    return frame.assign(betrag=frame["betrag"].astype(float))


def traeger(daten: Any, jahr: int, bis: int) -> dict[str, int]:
    """Return by Hilfeart the Hilfen whose service in *jahr* is paid for by absolute month *bis*."""
    t = Basis(daten)("zahlungen")
    served = monatsindex(t.leistungsmonat)
    t = t.filter(ist_brutto(t) & t.ist_hze, served // MONATE == jahr, served <= bis,
                 monatsindex(t.buchung_am) <= bis)  # fmt: skip
    frame = t.group_by("hilfeart").aggregate(n=t.hilfe_id.nunique()).execute()
    return {k: int(n) for k, n in zip(frame["hilfeart"], frame["n"], strict=True)}
