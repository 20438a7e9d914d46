"""Counted cases by month: occupied months for M6, stock and flow by age group for M9."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sozcontrol import catalogue
from sozcontrol.forecast.methoden.bestandsfluss import Fluss
from sozcontrol.forecast.methoden.ergaenzung import Ergaenzung
from sozcontrol.forecast.reihe import Floats
from sozcontrol.hochrechnung.quellen.buchungen import MONATE
from sozcontrol.measures.zaehlwerk.lieferung import Tabellen
from sozcontrol.measures.zaehlwerk.sichten import Basis
from sozcontrol.measures.zaehlwerk.verlauf import laufend_je_monat, monatsindex

FENSTER = 36
"""Months whose events teach the rates; older ones belong to another practice."""
PREISFENSTER = 6
"""Months of service whose developed cost makes the present price of a case."""


@dataclass(frozen=True)
class Bestandszellen:
    """One Hilfeart by month: T months from absolute month ``von`` on, G age groups.

    ``bestand`` (T+1, G) is the stock at the end of each month, the first row that before ``von``;
    ``zugang`` and ``abgang`` (T, G) count cases that are there at one month's end and not at the
    other; ``uebertritt`` (T, G, G) those that changed from the column's group to the row's.
    """

    von: int
    bestand: Floats
    zugang: Floats
    abgang: Floats
    uebertritt: Floats

    def mengen(self, jahre: np.ndarray) -> Floats:
        """Return (J, 12) occupied months: the mean of the stock at both ends of each month."""
        gesamt = self.bestand.sum(axis=1)
        mittel = (gesamt[1:] + gesamt[:-1]) / 2
        flach = np.full(len(jahre) * MONATE, np.nan)
        start = self.von - int(jahre[0]) * MONATE
        flach[start : start + len(mittel)] = mittel
        return flach.reshape(len(jahre), MONATE)

    def fluss(self, stand: int, ergaenzung: Ergaenzung) -> Fluss | None:
        """Return the counts of the last 36 months by the end of month *stand*; ``None`` = no year.

        The cost of a case and month is the developed cost of the last six months of service over
        their occupied months, the same for every age group.
        """
        t = stand - self.von + 1
        if t < MONATE:
            return None
        teil = slice(max(t - FENSTER, 0), t)
        return Fluss(
            bestand=self.bestand[t],
            unter_risiko=self.bestand[teil].sum(axis=0),
            uebertritt=self.uebertritt[teil].sum(axis=0),
            abgang=self.abgang[teil].sum(axis=0),
            zugang=self.zugang[teil].sum(axis=0),
            perioden=teil.stop - teil.start,
            kosten=np.full(self.bestand.shape[1], self._preis(t, ergaenzung)),
        )

    def _preis(self, t: int, ergaenzung: Ergaenzung) -> float:
        menge = self.bestand[t - PREISFENSTER : t + 1].sum(axis=1)
        belegt = float((menge[1:] + menge[:-1]).sum() / 2)
        e = ergaenzung.ab(int(ergaenzung.monate[-1]) - PREISFENSTER + 1)
        return float(e.endstand.sum() / belegt) if belegt > 0 else 0.0


def zellen(daten: Tabellen, von: int, bis: int) -> dict[str, Bestandszellen]:
    """Return the cells of each Hilfeart (Hilfen zur Erziehung) for absolute months *von* to *bis*.

    A case is in the cell of the age it has at each month's end. An unknown month of birth counts
    in the oldest group: such cases age no further.
    """
    t = Basis(daten)("hilfen")
    t = t.filter(t.ist_hze, monatsindex(t.beginn) <= bis)
    t = t.select("hilfeart", geboren=monatsindex(t.geburtsmonat), beginn=monatsindex(t.beginn),
                 ende=monatsindex(t.ende))  # fmt: skip
    frame = t.order_by(["hilfeart", "beginn", "ende", "geboren"]).execute()
    out = {}
    for hilfeart, cases in frame.groupby("hilfeart", sort=True):
        geboren = cases["geboren"].fillna(-(10**6)).to_numpy(dtype=np.int64)
        ende = cases["ende"].fillna(10**6).to_numpy(dtype=np.int64)
        beginn = cases["beginn"].to_numpy(dtype=np.int64)
        out[str(hilfeart)] = _zaehlen(geboren, beginn, ende, von, bis)
    return out


def _zaehlen(
    geboren: np.ndarray, beginn: np.ndarray, ende: np.ndarray, von: int, bis: int
) -> Bestandszellen:
    """Count one Hilfeart; months are absolute.

    Stock at a month's end: begun in it or before, not ended in it (as ``bestand_je_monat``).
    """
    monate = np.arange(von - 1, bis + 1)
    da = laufend_je_monat(beginn, ende, monate)
    grenzen = np.array(sorted(catalogue.altersgruppen("kjh").values())[1:])
    jahre = (monate[None, :] - geboren[:, None]) // MONATE
    gruppe = np.searchsorted(grenzen, jahre, side="right")
    g = len(grenzen) + 1
    drin = da[:, :, None] & (gruppe[:, :, None] == np.arange(g))
    bestand = drin.sum(axis=0).astype(float)
    vorher, jetzt = drin[:, :-1], drin[:, 1:]
    war, ist = da[:, :-1, None], da[:, 1:, None]
    wechsel = np.einsum("ntg,nth->tgh", jetzt.astype(np.int64), vorher.astype(np.int64))
    wechsel[:, np.arange(g), np.arange(g)] = 0
    return Bestandszellen(
        von=von,
        bestand=bestand,
        zugang=(jetzt & ~war).sum(axis=0).astype(float),
        abgang=(vorher & ~ist).sum(axis=0).astype(float),
        uebertritt=wechsel.astype(float),
    )
