"""What a forecast reads of every Hilfe, as fingerprints: whose figures changed, and how many.

A figure that few Hilfen moved tells what they moved it by; so before a change is shown, the Hilfen
are counted that the figure reads differently.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from sozcontrol.hochrechnung.quellen.kosten import zahlungszeilen
from sozcontrol.measures.zaehlwerk.gliederung import summe
from sozcontrol.measures.zaehlwerk.sichten import Basis
from sozcontrol.measures.zaehlwerk.verlauf import monatsindex
from sozcontrol.revision.schritte import wenigste

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Hinter:
    """The Hilfen behind one figure: how many differ between both deliveries, and are there at all.

    ``je_ursache`` is the fewest that differ by any selection of causes; 0 where none do.
    """

    geaendert: int
    je_ursache: int
    alle: int


UNBEKANNT = Hinter(1, 1, 1)
"""Of a delivery that is gone, one Hilfe might have changed, and one be all there was."""


@dataclass(frozen=True)
class Abdruck:
    """What a forecast of absolute month *bis* reads of every Hilfe: one fingerprint a row.

    ``zahlungen`` and ``faelle`` are frames ``[hilfe_id, monat, druck]``: the month of service, and
    the last month of the case (of a running one *bis*). Fingerprints add up, modulo 2⁶⁴: a row
    that moves to and fro leaves nothing behind.
    """

    zahlungen: pd.DataFrame
    faelle: pd.DataFrame

    def je_hilfe(self, ab: int) -> pd.Series:
        """Return the fingerprint of each Hilfe of what lies in or after absolute month *ab*."""
        import pandas as pd

        parts = [f[f["monat"] >= ab] for f in (self.zahlungen, self.faelle)]
        return pd.concat(parts).groupby("hilfe_id")["druck"].sum()


def abdruck(daten: Any, bis: int, *, alter: bool) -> Abdruck:
    """Read the fingerprints of Hilfen zur Erziehung; with *alter* ages and the § of a payment, too.

    By month, as the forecasts read them: a day, another number or a payment in two pieces is none.
    """
    t = zahlungszeilen(daten)
    t = t.filter(t.gebucht <= bis, t.leistung <= bis)
    what = ["hilfeart", *(("paragraph", "segment") if alter else ())]
    t = t.group_by(["hilfe_id", *what, "leistung", "gebucht"]).aggregate(
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


def _gedruckt(rows: pd.DataFrame, monat: pd.Series, mal: Any = 1) -> pd.DataFrame:
    import pandas as pd

    druck = pd.util.hash_pandas_object(rows.astype("string").fillna(""), index=False) | 1
    if not isinstance(mal, int):
        mal = mal.astype("int64").astype("uint64")
    parts = {"hilfe_id": rows["hilfe_id"], "monat": monat.astype("int64"), "druck": druck * mal}
    return pd.DataFrame(parts)


def gezaehlt(drucke: Sequence[pd.Series]) -> Hinter:
    """Count the Hilfen whose fingerprints differ, between both deliveries and for all causes.

    A reader adds what is shown: so of every selection of causes the Hilfen are counted that differ
    in sum. A Hilfe under a new number is one, not two: those that were there and those that were
    not are counted apart, and the larger number holds.
    """
    everyone = drucke[0].index
    for d in drucke[1:]:
        everyone = everyone.union(d.index)
    werte = [d.reindex(everyone, fill_value=0).to_numpy(dtype="uint64") for d in drucke]
    schritte = [b - a for a, b in pairwise(werte) if (a != b).any()]
    da = werte[0] != 0

    def anders(teile: Sequence[Any]) -> int:
        moved = sum(teile) != 0
        return int(max((moved & da).sum(), (moved & ~da).sum()))

    dahinter = min(int((w != 0).sum()) for w in (werte[0], werte[-1]))
    return Hinter(anders([werte[-1] - werte[0]]), wenigste(schritte, anders), dahinter)
