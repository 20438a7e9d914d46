"""Reconcile the forecasts of parts with the direct forecast of their total."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sozcontrol.forecast.reihe import Floats, Reihe, leere_reihe


@dataclass(frozen=True)
class Abgleich:
    """Parts and total that add up, beside the two totals they came from."""

    teile: Floats
    summe: float
    summe_der_teile: float
    direkt: float


def abgleichen(teile: Floats, streuung: Floats, direkt: float, streuung_direkt: float) -> Abgleich:
    """Return parts and total that add up exactly and stay nearest to what was forecast.

    Weighted least squares with the squared typical errors as weights (the diagonal case of
    Wickramasuriya et al. 2019, »MinT«): the total is the precision-weighted mean of both totals,
    the difference goes to the parts by their uncertainty.
    """
    summe = float(teile.sum())
    varianz = streuung**2
    gesamt = float(varianz.sum())
    nenner = gesamt + streuung_direkt**2
    if nenner == 0:
        return Abgleich(teile.copy(), summe, summe, direkt)
    ziel = summe + (direkt - summe) * gesamt / nenner
    anteil = varianz / gesamt if gesamt else np.zeros(len(teile))
    neu = teile + (ziel - summe) * anteil
    return Abgleich(neu, float(neu.sum()), summe, direkt)


def summenreihe(name: str, reihen: list[Reihe], gruppe: str = "") -> Reihe:
    """Return the total of *reihen*; a figure missing in one part that year is missing in the total.

    A part without any figure in a year (a product founded later) does not count in that year.
    """
    jahre = np.arange(min(r.jahre[0] for r in reihen), max(r.jahre[-1] for r in reihen) + 1)
    perioden = reihen[0].perioden
    felder = ("ist", "ergebnis", "ansatz", "fortgeschrieben", "plan", "menge", "einmalig")
    summen = {}
    for feld in felder:
        summe = None
        for r in reihen:
            eigen = getattr(r, feld)
            weit = np.zeros((len(jahre), *eigen.shape[1:]))
            lebt = np.isfinite(r.ist).any(axis=1) | np.isfinite(r.ansatz) | np.isfinite(r.ergebnis)
            form = (-1,) + (1,) * (eigen.ndim - 1)
            weit[r.jahre - jahre[0]] = np.where(lebt.reshape(form), eigen, 0.0)
            summe = weit if summe is None else summe + weit
        summen[feld] = summe
    return leere_reihe(
        name,
        gruppe,
        jahre,
        perioden,
        brueche=_ueberwiegend(reihen, "brueche"),
        sonderjahre=_ueberwiegend(reihen, "sonderjahre"),
        stand=_stand(reihen, jahre),
        **summen,
    )


def _ueberwiegend(reihen: list[Reihe], feld: str) -> frozenset[int]:
    """Return the years that break at least half of the total: a small part is not the whole."""
    groesse = [float(np.nan_to_num(np.nanmax(np.abs(r.ergebnis), initial=0.0))) for r in reihen]
    gesamt = sum(groesse)
    jahre = set().union(*(getattr(r, feld) for r in reihen))
    betroffen = {
        j: sum(g for r, g in zip(reihen, groesse, strict=True) if j in getattr(r, feld))
        for j in jahre
    }
    return frozenset(j for j, g in betroffen.items() if 2 * g >= gesamt)


def _stand(reihen: list[Reihe], jahre: np.ndarray) -> Floats | None:
    """Return the vintages of the total, where every part has them up to the same year."""
    if any(r.stand is None or r.jahre[-1] != jahre[-1] for r in reihen):
        return None
    summe = np.zeros((len(jahre), len(jahre), reihen[0].perioden))
    for r in reihen:
        ab = int(r.jahre[0] - jahre[0])
        summe[ab:, ab:] += r.stand
    return summe
