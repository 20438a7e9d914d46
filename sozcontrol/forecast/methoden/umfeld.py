"""What similar series teach: usual share of the budget, usual growth, and what growth is worth.

A series of one's own is short; those of one group at the same point of the year lend each other
their experience. Everything comes from :class:`Kenntnis`, so nothing is later than the origin.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sozcontrol.forecast.reihe import MITNAHME, VERTRAUEN, Floats, Kenntnis, Umfeld

JAHRE = 5
"""How many earlier years a profile looks back."""
GENUG = 5
"""Pooled figures from which a group has something to teach."""
HOECHSTENS = 0.5
"""A change from year to year counts at most ±50 %: more is another product, not growth."""
GRENZEN = (0.0, 1.5)
"""Bounds of the pass-through: never against the change, never much beyond it."""


def umfeld(gruppe: Sequence[Kenntnis]) -> Umfeld:
    """Return what the series of one group teach at one origin."""
    quoten = _alle([ausschoepfungen(k) for k in gruppe])
    zuwachs = _alle([zuwaechse(k) for k in gruppe])
    paare = [veraenderungen(k) for k in gruppe]
    return Umfeld(
        ausschoepfung=float(np.median(quoten)) if len(quoten) >= GENUG else None,
        zuwachs=glaubhaft(zuwachs, 0.0) if len(zuwachs) >= GENUG else None,
        mitnahme=_steigung(_alle([p[0] for p in paare]), _alle([p[1] for p in paare]), MITNAHME),
    )


def _alle(teile: Sequence[Floats]) -> Floats:
    return np.concatenate([*teile, np.empty(0)])


def glaubhaft(eigene: Floats, neutral: float) -> float:
    """Return the median of one's own figures, shrunk to the neutral one by their number."""
    n = len(eigene)
    if not n:
        return neutral
    return float(n * np.median(eigene) + VERTRAUEN * neutral) / (n + VERTRAUEN)


def ausschoepfungen(k: Kenntnis) -> Floats:
    """Return result / budget of the last earlier years."""
    teilbar = k.taugt & (k.ansatz_frueher != 0)
    quoten = np.where(teilbar, k.ergebnisse, np.nan) / np.where(teilbar, k.ansatz_frueher, 1)
    return quoten[np.isfinite(quoten)][-JAHRE:]


def zuwaechse(k: Kenntnis) -> Floats:
    """Return the changes of the result between consecutive years that may serve as a model."""
    z = _aenderung(np.where(k.taugt, k.ergebnisse, np.nan))
    return z[np.isfinite(z)][-JAHRE:]


def veraenderungen(k: Kenntnis) -> tuple[Floats, Floats]:
    """Return the changes of the actual at this point and those of the rest of the year after it.

    Only years with both, and with a change to speak of.
    """
    ist = np.where(k.taugt, k.ist_frueher, np.nan)
    bisher, danach = _aenderung(ist), _aenderung(k.ergebnisse - ist)
    gut = np.isfinite(bisher) & np.isfinite(danach) & (np.abs(bisher) > 1e-4)
    return bisher[gut][-JAHRE:], danach[gut][-JAHRE:]


def mitnahme(k: Kenntnis) -> float:
    """Return the pass-through of one series: its own, shrunk to that of its group."""
    gruppe = MITNAHME if k.umfeld is None else k.umfeld.mitnahme
    bisher, danach = veraenderungen(k)
    n = len(bisher)
    if not n:
        return gruppe
    eigene = _steigung(bisher, danach, None)
    return (n * eigene + VERTRAUEN * gruppe) / (n + VERTRAUEN)


def _aenderung(werte: Floats) -> Floats:
    """Return (n−1,) relative changes from year to year, NaN where the base is zero."""
    basis = np.where(werte[:-1] != 0, werte[:-1], np.nan)
    return np.clip(werte[1:] / basis - 1, -HOECHSTENS, HOECHSTENS)


def _steigung(x: Floats, y: Floats, neutral: float | None) -> float:
    """Return the least-absolute-deviations slope of y = b·x: the |x|-weighted median of y/x.

    With *neutral* as if two more years of the usual size had shown that slope.
    """
    if not len(x):
        return MITNAHME if neutral is None else neutral
    steigungen, gewichte = y / x, np.abs(x)
    if neutral is not None:
        steigungen = np.append(steigungen, neutral)
        gewichte = np.append(gewichte, VERTRAUEN * np.median(gewichte))
    return float(np.clip(gewichteter_median(steigungen, gewichte), *GRENZEN))


def gewichteter_median(werte: Floats, gewichte: Floats) -> float:
    """Return the interpolated weighted median of the finite values.

    Each value stands in the middle of its weight, so that two equal weights give the mean.
    """
    gut = np.isfinite(werte) & (gewichte > 0)
    ordnung = np.argsort(werte[gut], kind="stable")
    v, w = werte[gut][ordnung], gewichte[gut][ordnung]
    return float(np.interp(0.5, (np.cumsum(w) - w / 2) / w.sum(), v))


def spaltenmedian(werte: Floats) -> Floats:
    """Return the median of the finite values of each column, NaN for a column without any.

    One sort instead of numpy's masked arrays: the back-test asks this thousands of times.
    """
    n = np.isfinite(werte).sum(axis=0)
    if not len(werte):
        return np.full(werte.shape[1], np.nan)
    sortiert = np.sort(np.where(np.isfinite(werte), werte, np.nan), axis=0)  # NaN last
    spalten = np.arange(werte.shape[1])
    return (sortiert[np.maximum(n - 1, 0) // 2, spalten] + sortiert[n // 2, spalten]) / 2
