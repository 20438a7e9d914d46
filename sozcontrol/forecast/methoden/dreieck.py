"""Chain ladder: from service month × booking lag to the final amount (F17, F18).

Source: chain ladder with the standard error of Mack (1993), »Distribution-free calculation of the
standard error of chain ladder reserve estimates«, ASTIN Bulletin 23. Rows are service months, the
lag counts months from service to booking; the last column gathers all later lags. One-off
reimbursements do not belong into the triangle (domain F18).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sozcontrol.errors import DeliveryError
from sozcontrol.forecast.reihe import Floats

LAGS = 12


@dataclass(frozen=True)
class Dreieck:
    """Cumulated amounts (n, L) by service month and lag; NaN where the booking lies ahead.

    ``monate`` are absolute months (year · 12 + month − 1), consecutive and ascending.
    """

    monate: np.ndarray
    werte: Floats


@dataclass(frozen=True)
class Abwicklung:
    """The developed triangle.

    ``faktoren`` (L−1,) link a lag to the next; ``endstand`` (n,) is the estimated final amount of
    each service month, ``gebucht`` what is booked, ``standardfehler`` Mack's per month and
    ``standardfehler_gesamt`` of all that is outstanding. ``ungesichert`` counts lags without a
    positive amount to learn from; they are taken as complete (factor 1).
    """

    monate: np.ndarray
    faktoren: Floats
    endstand: Floats
    gebucht: Floats
    standardfehler: Floats
    standardfehler_gesamt: float
    ungesichert: int

    @property
    def offen(self) -> float:
        """Return what is still to be booked: the proposal for the Rückstellung (F18)."""
        return float((self.endstand - self.gebucht).sum())


def dreieck(
    leistungsmonat: np.ndarray,
    buchungsmonat: np.ndarray,
    betrag: Floats,
    stand: int,
    *,
    lags: int = LAGS,
) -> Dreieck:
    """Return the triangle of the bookings known at the end of month *stand* (all absolute months).

    A booking before its service month counts in lag 0; later bookings than *stand* are not seen.
    """
    gesehen = (buchungsmonat <= stand) & (leistungsmonat <= stand)
    if not gesehen.any():
        raise DeliveryError(
            "Bis zum Stichtag liegt keine Buchung vor.",
            wo="Abwicklungsdreieck",
            tun="Stichtag und Buchungsdatum der Lieferung prüfen.",
        )
    lm, bm, b = leistungsmonat[gesehen], buchungsmonat[gesehen], betrag[gesehen]
    monate = np.arange(lm.min(), stand + 1)
    einzeln = np.zeros((len(monate), lags))
    np.add.at(einzeln, (lm - monate[0], np.clip(bm - lm, 0, lags - 1)), b)
    werte = np.cumsum(einzeln, axis=1)
    alter = (stand - monate)[:, None]
    return Dreieck(monate, np.where(np.arange(lags)[None, :] <= alter, werte, np.nan))


def abwickeln(d: Dreieck) -> Abwicklung:
    """Develop a triangle to its last lag; one of negative amounts as its mirror image."""
    if float(np.nansum(d.werte)) < 0:
        a = abwickeln(Dreieck(d.monate, -d.werte))
        return replace(a, endstand=-a.endstand, gebucht=-a.gebucht)
    c = d.werte.copy()
    n, lags = c.shape
    f, sigma2, gewicht = np.ones(lags - 1), np.zeros(lags - 1), np.zeros(lags - 1)
    ungesichert = 0
    for j in range(lags - 1):
        gut = np.isfinite(d.werte[:, j + 1])
        basis = d.werte[gut, j]
        gewicht[j] = basis.sum()
        if not gut.any() or gewicht[j] <= 0:
            ungesichert += 1
            continue
        f[j] = d.werte[gut, j + 1].sum() / gewicht[j]
        sigma2[j] = _sigma2(basis, d.werte[gut, j + 1], f[j], sigma2[:j])
    letzte = np.array([np.flatnonzero(np.isfinite(row))[-1] for row in c])
    for j in range(lags - 1):
        fehlt = ~np.isfinite(c[:, j + 1])
        c[fehlt, j + 1] = c[fehlt, j] * f[j]
    einzel, gesamt = _mack(c, letzte, f, sigma2, gewicht)
    gebucht = c[np.arange(n), letzte]
    return Abwicklung(d.monate, f, c[:, -1], gebucht, einzel, gesamt, ungesichert)


def _sigma2(basis: Floats, folge: Floats, f: float, frueher: Floats) -> float:
    """Return Mack's σ² of one lag; with one row only, his extrapolation from earlier lags."""
    positiv = basis > 0
    if positiv.sum() > 1:
        q = folge[positiv] / basis[positiv]
        return float((basis[positiv] * (q - f) ** 2).sum() / (positiv.sum() - 1))
    if len(frueher) > 1 and frueher[-2] > 0:
        return float(min(frueher[-1] ** 2 / frueher[-2], frueher[-2], frueher[-1]))
    return float(frueher[-1]) if len(frueher) else 0.0


def _mack(
    c: Floats, letzte: np.ndarray, f: Floats, sigma2: Floats, gewicht: Floats
) -> tuple[Floats, float]:
    n, lags = c.shape
    rel = np.divide(sigma2, f**2, out=np.zeros(lags - 1), where=f != 0)
    je_gewicht = np.divide(1.0, gewicht, out=np.zeros(lags - 1), where=gewicht > 0)
    mse = np.zeros(n)
    gemeinsam = 0.0
    for i in range(n):
        k = np.arange(letzte[i], lags - 1)
        stand = c[i, k]
        je_stand = np.divide(1.0, stand, out=np.zeros(len(k)), where=stand > 0)
        mse[i] = c[i, -1] ** 2 * float((rel[k] * (je_stand + je_gewicht[k])).sum())
        # The factors are shared: errors of one month are errors of all younger months.
        juenger = float(c[i + 1 :, -1].sum())
        gemeinsam += 2 * c[i, -1] * juenger * float((rel[k] * je_gewicht[k]).sum())
    return np.sqrt(mse), float(np.sqrt(max(mse.sum() + gemeinsam, 0.0)))


def nachbuchungsquote(
    leistungsmonat: np.ndarray, buchungsmonat: np.ndarray, betrag: Floats, stand: int
) -> float | None:
    """F17: share of the amount of service months up to *stand* that was booked after it."""
    bis = leistungsmonat <= stand
    summe = float(betrag[bis].sum())
    if summe == 0:
        return None
    return float(betrag[bis & (buchungsmonat > stand)].sum()) / summe
