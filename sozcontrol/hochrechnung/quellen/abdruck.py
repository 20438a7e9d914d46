"""What a forecast reads of every Hilfe, as fingerprints: the revision counts what changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sozcontrol.hochrechnung.quellen.kosten import zahlungszeilen
from sozcontrol.measures.zaehlwerk.gliederung import summe
from sozcontrol.measures.zaehlwerk.lieferung import Tabellen
from sozcontrol.measures.zaehlwerk.sichten import Basis
from sozcontrol.measures.zaehlwerk.verlauf import monatsindex

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Abdruck:
    """What a forecast of absolute month *bis* reads of every Hilfe: one fingerprint a row.

    ``zahlungen`` and ``faelle`` are frames ``[hilfe_id, monat, druck]``: the month of service, and
    the last month of the case (of a running one *bis*). Fingerprints add up, modulo 2⁶⁴: a row
    that moves to and fro leaves nothing behind.
    """

    zahlungen: pd.DataFrame
    faelle: pd.DataFrame

    def je_traeger(self, ab: int) -> pd.Series:
        """Return the fingerprint of each Hilfe of what lies in or after absolute month *ab*."""
        import pandas as pd

        parts = [f[f["monat"] >= ab] for f in (self.zahlungen, self.faelle)]
        return pd.concat(parts).groupby("hilfe_id")["druck"].sum()


def abdruck(daten: Tabellen, bis: int, *, alter: bool, spaetere: bool) -> Abdruck:
    """Read the fingerprints of Hilfen zur Erziehung; with *alter* ages and the § of a payment, too.

    By month, as the forecasts read them: a day, another number or a payment in two pieces is none.
    With *spaetere* what was booked after *bis* is read as well, all of it by the day.
    """
    t = zahlungszeilen(daten)
    t = t.filter(t.leistung <= bis)
    t = (
        t.mutate(wann=t.buchung_am)
        if spaetere
        else t.filter(t.gebucht <= bis).mutate(wann=t.gebucht)
    )
    what = ["hilfeart", *(("paragraph", "segment") if alter else ())]
    t = t.group_by(["hilfe_id", *what, "leistung", "wann"]).aggregate(
        cent=(summe(t.betrag_eur) * 100).cast("int64")
    )
    f = Basis(daten)("hilfen")
    f = f.mutate(von=monatsindex(f.beginn), ende=monatsindex(f.ende))
    f = f.filter(f.ist_hze, f.von <= bis)
    f = f.select(
        "hilfe_id", "hilfeart", "von", ende=(f.ende <= bis).ifelse(f.ende, None),
        geboren=monatsindex(f.geburtsmonat) if alter else 0,
    )  # fmt: skip
    zahlungen, faelle = t.to_pandas(), f.to_pandas()
    return Abdruck(
        _gedruckt(zahlungen, zahlungen["leistung"], zahlungen.pop("cent")),
        _gedruckt(faelle, faelle["ende"].fillna(bis)),
    )


def _gedruckt(rows: pd.DataFrame, monat: pd.Series, mal: pd.Series | int = 1) -> pd.DataFrame:
    import pandas as pd

    druck = pd.util.hash_pandas_object(rows.astype("string").fillna(""), index=False) | 1
    if not isinstance(mal, int):
        mal = mal.astype("int64").astype("uint64")
    parts = {"hilfe_id": rows["hilfe_id"], "monat": monat.astype("int64"), "druck": druck * mal}
    return pd.DataFrame(parts)
