"""Series from bookings with two dates: every figure as it was known at each origin (D4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import ibis.expr.types as ir
import numpy as np

from sozcontrol.forecast.methoden.dreieck import Dreieck, dreieck
from sozcontrol.forecast.methoden.ergaenzung import ergaenzen
from sozcontrol.forecast.reihe import Floats, Reihe, leere_reihe
from sozcontrol.measures.zaehlwerk.verlauf import monatsindex
from sozcontrol.measures.zaehlwerk.zeitraum import monatsende

MONATE = 12


@dataclass(frozen=True)
class Nachlauf:
    """What is known beyond the end of a month: the bookings of *monate* months more, up to *tag*.

    Such months end with that day in every year, so that all years are equally mature.
    """

    monate: int = 0
    tag: int = 31

    def monat(self, am: ir.DateValue) -> ir.IntegerValue:
        """Return the absolute month, ending with *tag*, in which a booking becomes known."""
        return monatsindex(am) + (am.day() > self.tag).ifelse(1, 0)

    def zum_jahresende(
        self, jahr: np.ndarray, gebucht: np.ndarray, reife: np.ndarray
    ) -> np.ndarray:
        """Count in December what is known this long after it; *reife* is :meth:`monat`."""
        dezember = jahr * MONATE + MONATE - 1
        return np.where(reife <= dezember + self.monate, np.minimum(gebucht, dezember), gebucht)


def nachlauf(stand: int, datenstand: date) -> Nachlauf:
    """Return what a Datenstand knows beyond the end of absolute month *stand*."""
    monate = datenstand.year * MONATE + datenstand.month - 1 - stand
    ganz = datenstand == monatsende(datenstand)
    return Nachlauf(monate, 31 if ganz else datenstand.day) if monate > 0 else Nachlauf()


@dataclass(frozen=True)
class Buchungen:
    """Bookings of one series: (n,) absolute months (year · 12 + month − 1) and amounts.

    ``leistung`` is the service month, ``gebucht`` the month of booking.
    """

    leistung: np.ndarray
    gebucht: np.ndarray
    betrag: Floats

    def bis(self, stand: int, nachlauf: int = 0) -> np.ndarray:
        """Say which serve a month up to *stand* and are known *nachlauf* months after it."""
        return (self.leistung <= stand) & (self.gebucht <= stand + nachlauf)


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
    """Knowledge for the back-test: the triangle of each series as known at an origin.

    *nachlauf* months of booking beyond the origin are known, at every origin alike.
    """

    buchungen: dict[str, Buchungen]
    nachlauf: int = 0

    def __call__(self, reihe: Reihe, jahr: int, periode: int) -> dict[str, object]:
        """Return ``dreieck`` and ``ergaenzung``, or nothing when there is no booking yet."""
        stand = jahr * MONATE + periode - 1
        b = self.buchungen.get(reihe.name)
        if b is None or not b.bis(stand, self.nachlauf).any():
            return {}
        d = dreieck_bis(b, stand, self.nachlauf)
        return {"dreieck": d, "ergaenzung": ergaenzen(d, _mengen(reihe, d.monate))}


def dreieck_bis(b: Buchungen, stand: int, nachlauf: int = 0) -> Dreieck:
    """Return the triangle of the service up to month *stand*, as known *nachlauf* months later."""
    bis = b.leistung <= stand
    d = dreieck(b.leistung[bis], b.gebucht[bis], b.betrag[bis], stand + nachlauf)
    n = stand + 1 - int(d.monate[0])
    return Dreieck(d.monate[:n], d.werte[:n])


def _mengen(reihe: Reihe, monate: np.ndarray) -> Floats | None:
    """Return the volume of each of *monate*, or ``None`` where one of them has none."""
    i = monate - int(reihe.jahre[0]) * MONATE
    flach = reihe.menge.ravel()
    if i[0] < 0 or not np.isfinite(flach[i]).all():
        return None
    return flach[i]
