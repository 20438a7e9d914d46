"""Series from bookings with two dates: every figure as it was known at each origin (D4)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sozcontrol.forecast.methoden.dreieck import dreieck
from sozcontrol.forecast.methoden.ergaenzung import ergaenzen
from sozcontrol.forecast.reihe import Floats, Reihe, leere_reihe

MONATE = 12


@dataclass(frozen=True)
class Buchungen:
    """Bookings of one series: (n,) absolute months (year · 12 + month − 1) and amounts.

    ``leistung`` is the service month, ``gebucht`` the month of booking.
    """

    leistung: np.ndarray
    gebucht: np.ndarray
    betrag: Floats


def reihe_aus_buchungen(
    name: str, buchungen: Buchungen, jahre: np.ndarray, bis: int, **teile: object
) -> Reihe:
    """Return the series by service period, each figure as known at its own origin.

    A year's result is what is booked for it by the end of absolute month *bis* (the Datenstand);
    a year that is not over by then has none. *teile* are further parts of the series
    (``ansatz``, ``gruppe``, …).
    """
    b = buchungen
    monat = jahre[:, None] * MONATE + np.arange(MONATE)[None, :]
    jahr_der_leistung = b.leistung // MONATE
    ist = np.full(monat.shape, np.nan)
    stand = np.full((len(jahre), *monat.shape), np.nan)
    for y, jahr in enumerate(jahre):
        eigen = jahr_der_leistung == jahr
        leistung, gebucht, betrag = b.leistung[eigen], b.gebucht[eigen], b.betrag[eigen]
        for k, p in np.argwhere(monat <= bis):
            gesehen = gebucht <= monat[k, p]
            stand[y, k, p] = betrag[gesehen].sum()
            if k == y:
                ist[y, p] = betrag[gesehen & (leistung <= monat[y, p])].sum()
    summe = np.array([b.betrag[(jahr_der_leistung == y) & (b.gebucht <= bis)].sum() for y in jahre])
    ergebnis = np.where(monat[:, -1] <= bis, summe, np.nan)
    known = {"ist": ist, "ergebnis": ergebnis, "stand": stand}
    gruppe = str(teile.pop("gruppe", ""))
    return leere_reihe(name, gruppe, jahre, MONATE, **known, **teile)


@dataclass(frozen=True)
class Dreiecke:
    """Knowledge for the back-test: the triangle of each series as known at an origin."""

    buchungen: dict[str, Buchungen]

    def __call__(self, reihe: Reihe, jahr: int, periode: int) -> dict[str, object]:
        """Return ``dreieck`` and ``ergaenzung``, or nothing when there is no booking yet."""
        stand = jahr * MONATE + periode - 1
        b = self.buchungen.get(reihe.name)
        if b is None or not np.any((b.gebucht <= stand) & (b.leistung <= stand)):
            return {}
        d = dreieck(b.leistung, b.gebucht, b.betrag, stand)
        return {"dreieck": d, "ergaenzung": ergaenzen(d, _mengen(reihe, d.monate))}


def _mengen(reihe: Reihe, monate: np.ndarray) -> Floats | None:
    """Return the volume of each of *monate*, or ``None`` where one of them has none."""
    i = monate - int(reihe.jahre[0]) * MONATE
    flach = reihe.menge.ravel()
    if i[0] < 0 or not np.isfinite(flach[i]).all():
        return None
    return flach[i]
