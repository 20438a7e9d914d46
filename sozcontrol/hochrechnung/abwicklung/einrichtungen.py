"""Who bills late: the delay of every provider (Leistungserbringer), and what it has still to bill.

A provider with few invoices has no pattern of its own. Its pattern and its level are mixed with
those of the Hilfearten it serves, by the months it has shown (as :data:`reihe.VERTRAUEN` says).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from sozcontrol.forecast.methoden.dreieck import LAGS, dreieck
from sozcontrol.forecast.methoden.ergaenzung import MUSTER_MONATE, NIVEAU_MONATE, ergaenzen, muster
from sozcontrol.forecast.reihe import VERTRAUEN, Floats
from sozcontrol.hochrechnung.abwicklung.rueckstand import Rueckstand
from sozcontrol.hochrechnung.quellen.buchungen import MONATE, Buchungen
from sozcontrol.hochrechnung.quellen.kosten import zahlungszeilen
from sozcontrol.measures.zaehlwerk.gliederung import INSGESAMT, UNBEKANNT, summe
from sozcontrol.measures.zaehlwerk.lieferung import Stadtlieferung
from sozcontrol.measures.zaehlwerk.sichten import Basis
from sozcontrol.measures.zaehlwerk.verlauf import laufend_je_monat, monatsindex

if TYPE_CHECKING:
    import pandas as pd

W = TypeVar("W", float, Floats)
SPAET_MONATE = 0.5
"""Half a month later than the whole on average is late (as much earlier: early)."""
SPAET_AB = 2
"""Booked in the second month after service, or later, counts as late."""


@dataclass(frozen=True)
class Einrichtung:
    """One provider at the Stichtag.

    ``gebucht`` (€) is what was booked in the last twelve months; of it, ``verzug`` is the mean
    delay in months and ``spaet`` the share booked later than a month after service (both ``None``
    without a booking). ``verzug_glaubhaft`` is the delay after mixing with the whole. ``offen``
    (€) is still to come.
    """

    name: str
    gebucht: float
    verzug: float | None
    spaet: float | None
    verzug_glaubhaft: float
    offen: float


def einrichtungen(daten: Stadtlieferung, stand: Rueckstand) -> tuple[Einrichtung, ...]:
    """Return all providers of the Hilfen zur Erziehung, and the whole as the last one."""
    beginn = min(int(r.jahre[0]) for r in stand.panel.reihen) * MONATE
    t = zahlungszeilen(daten)
    t = t.filter(t.gebucht <= stand.stand, t.leistung <= stand.stand, t.leistung >= beginn)
    keys = ["erbringer", "hilfeart", "leistung", "gebucht"]
    rows = t.group_by(keys).aggregate(betrag=summe(t.betrag_eur)).order_by(keys).execute()
    rows = rows.assign(betrag=rows["betrag"].astype(float))
    return einrichtungen_aus(rows, belegte_monate(daten, beginn, stand.stand), stand)


def einrichtungen_aus(
    rows: pd.DataFrame, belegung: Mapping[tuple[str, str], Floats], stand: Rueckstand
) -> tuple[Einrichtung, ...]:
    """Return all providers, and the whole as the last one.

    *rows* has one row by ``erbringer``, ``hilfeart``, ``leistung`` and ``gebucht`` with its
    ``betrag``; *belegung* the occupied months of each provider and Hilfeart, beginning with the
    first month of the panel's years. The open amounts add up to the total of the Hilfearten.
    """
    art = _Arten.lernen(stand, belegung)
    ganz = _verzug(rows, stand.stand)
    found = []
    for name in sorted(set(rows["erbringer"])):
        eigen = rows[rows["erbringer"] == name]
        v = _verzug(eigen, stand.stand)
        mittel = 0.0 if ganz.mittel is None else ganz.mittel
        glaubhaft = mittel if v.mittel is None else _mischen(v.monate, v.mittel, mittel)
        offen = art.offen(eigen, {h: b for (e, h), b in belegung.items() if e == name})
        found.append(Einrichtung(name, v.gebucht, v.mittel, v.spaet, glaubhaft, offen))
    alle = stand.posten[INSGESAMT].offen
    whole = Einrichtung(INSGESAMT, ganz.gebucht, ganz.mittel, ganz.spaet, ganz.mittel or 0.0, alle)
    return (*_abgeglichen(found, alle), whole)


def _mischen(n: float, eigen: W, fremd: W) -> W:
    """Return own experience of *n* months mixed with that of the others."""
    return (n * eigen + VERTRAUEN * fremd) / (n + VERTRAUEN)


def _abgeglichen(teile: list[Einrichtung], summe: float) -> list[Einrichtung]:
    """Let the open amounts add up to *summe*; the difference goes by size."""
    groesse = sum(abs(t.offen) for t in teile)
    rest = summe - sum(t.offen for t in teile)
    if groesse == 0:
        return teile
    return [replace(t, offen=t.offen + rest * abs(t.offen) / groesse) for t in teile]


@dataclass(frozen=True)
class _Verzug:
    gebucht: float
    monate: int
    mittel: float | None
    spaet: float | None


def _verzug(rows: pd.DataFrame, stand: int) -> _Verzug:
    """Measure the bookings of the last twelve months; what nets to less than 0 has no weight.

    By month of booking: the invoices of young service months are not in yet, and the delays of
    those that are would look too short.
    """
    jung = rows[(rows["gebucht"] > stand - MONATE) & (rows["gebucht"] <= stand)]
    jung = jung[jung["leistung"] <= stand]
    gebucht, monate = float(jung["betrag"].sum()), int(jung["leistung"].nunique())
    gewicht = jung["betrag"].clip(lower=0).to_numpy(dtype=float)
    if gewicht.sum() <= 0:
        return _Verzug(gebucht, 0, None, None)
    lag = (jung["gebucht"] - jung["leistung"]).to_numpy()
    alles = gewicht.sum()
    return _Verzug(gebucht, monate, float((gewicht * lag).sum() / alles),
                   float(gewicht[lag >= SPAET_AB].sum() / alles))  # fmt: skip


@dataclass(frozen=True)
class _Arten:
    """What the Hilfearten lend a provider: the pattern, and the price of an occupied month."""

    stand: int
    beginn: int
    muster: Mapping[str, Floats]
    preis: Mapping[str, float]

    @classmethod
    def lernen(cls, stand: Rueckstand, belegung: Mapping[tuple[str, str], Floats]) -> _Arten:
        patterns, price = {}, {}
        for name, e in stand.ergaenzungen.items():
            if name not in stand.neue:
                b = stand.gebucht(name)
                patterns[name] = muster(dreieck(b.leistung, b.gebucht, b.betrag, stand.stand))
            menge = sum(float(v[-NIVEAU_MONATE:].sum()) for (_, h), v in belegung.items()
                        if h == name)  # fmt: skip
            price[name] = float(e.endstand[-NIVEAU_MONATE:].sum()) / menge if menge > 0 else 0.0
        beginn = min(int(r.jahre[0]) for r in stand.panel.reihen) * MONATE
        return cls(stand.stand, beginn, patterns, price)

    def offen(self, rows: pd.DataFrame, belegung: Mapping[str, Floats]) -> float:
        """Return what one provider has still to bill (rows and occupied months are its own)."""
        b = Buchungen(*(rows[c].to_numpy() for c in ("leistung", "gebucht", "betrag")))
        if not np.any((b.gebucht <= self.stand) & (b.leistung <= self.stand)):
            return 0.0
        d = dreieck(b.leistung, b.gebucht, b.betrag, self.stand)
        eigene = d.werte[-MUSTER_MONATE:]
        gezeigt = int((np.nanmax(eigene, axis=1) > 0).sum())
        anteile = _mischen(gezeigt, muster(d), self._umfeld(rows))
        menge = self._menge(d.monate, belegung)
        jung = menge[-NIVEAU_MONATE:]
        if jung.sum() <= 0:  # Hilfen too short to be counted at any month's end
            neu = b.betrag[(b.leistung > self.stand - MONATE) & (b.gebucht <= self.stand)]
            menge = np.full(len(menge), max(float(neu.sum()), 0.0) / MONATE)
            jung = menge[-NIVEAU_MONATE:]
        # Two months of its usual volume are believed at the usual price: one early invoice of a
        # new provider must not be multiplied up.
        vorwissen = VERTRAUEN * float(jung[jung > 0].mean()) if np.any(jung > 0) else 0.0
        return ergaenzen(d, menge, anteile=anteile, vorwissen=vorwissen).offen

    def _umfeld(self, rows: pd.DataFrame) -> Floats:
        """Return the pattern of the Hilfearten served, by their share of what was paid."""
        betrag = rows.groupby("hilfeart")["betrag"].sum().clip(lower=0)
        anteil = {str(h): float(w) for h, w in betrag.items() if h in self.muster and w > 0}
        if not anteil:
            return np.ones(LAGS)
        ganz = sum(anteil.values())
        return np.sum([w / ganz * self.muster[h] for h, w in anteil.items()], axis=0)

    def _menge(self, monate: np.ndarray, belegung: Mapping[str, Floats]) -> Floats:
        """Return the usual cost (€) of the months occupied at this provider."""
        volumen = np.zeros(self.stand - self.beginn + 1)
        for hilfeart, monatlich in belegung.items():
            volumen += monatlich * self.preis.get(hilfeart, 0.0)
        out = np.zeros(len(monate))
        drin = monate >= self.beginn
        out[drin] = volumen[monate[drin] - self.beginn]
        return out


def belegte_monate(daten: Stadtlieferung, von: int, bis: int) -> dict[tuple[str, str], Floats]:
    """Return the occupied months (T,) of each provider and Hilfeart, months *von* to *bis*.

    As the forecast counts them: the mean of the stock at both ends of a month.
    """
    t = Basis(daten)("hilfen")
    t = t.filter(t.ist_hze, monatsindex(t.beginn) <= bis)
    t = t.mutate(erbringer=t.leistungserbringer_id.fill_null(UNBEKANNT),
                 von=monatsindex(t.beginn), ende=monatsindex(t.ende))  # fmt: skip
    keys = ["erbringer", "hilfeart", "von", "ende"]
    frame = t.group_by(keys).aggregate(n=t.count()).order_by(keys).execute()
    monate = np.arange(von - 1, bis + 1)
    out = {}
    for key, e in frame.groupby(["erbringer", "hilfeart"], sort=True):
        beginn = e["von"].to_numpy(dtype=np.int64)
        ende = e["ende"].fillna(bis + 1).to_numpy(dtype=np.int64)
        da = laufend_je_monat(beginn, ende, monate)
        bestand = (da * e["n"].to_numpy(dtype=np.int64)[:, None]).sum(axis=0)
        out[str(key[0]), str(key[1])] = (bestand[1:] + bestand[:-1]) / 2
    return out
