"""Reconcile the forecasts of parts with the direct forecast of their total."""

from __future__ import annotations

from collections.abc import Sequence
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


def summenreihe(
    name: str, reihen: list[Reihe], gruppe: str = "", *, ansatz_vollstaendig: bool = False
) -> Reihe:
    """Return the total of *reihen*; a figure missing in one part that year is missing in the total.

    A part without any figure in a year (a product founded later) does not count in that year.
    ``ansatz_vollstaendig``: all budgets of the year are known, so that a part without one has none.
    """
    jahre = np.arange(min(r.jahre[0] for r in reihen), max(r.jahre[-1] for r in reihen) + 1)
    perioden = reihen[0].perioden
    felder = ("ist", "ergebnis", "ansatz", "fortgeschrieben", "plan", "menge", "einmalig")
    budgets = ("ansatz", "fortgeschrieben") if ansatz_vollstaendig else ()
    summen = {f: _summe(reihen, f, jahre, f in budgets) for f in felder}
    return leere_reihe(
        name,
        gruppe,
        jahre,
        perioden,
        brueche=_ueberwiegend(reihen, "brueche"),
        sonderjahre=_ueberwiegend(reihen, "sonderjahre"),
        frei=frozenset().union(*(r.frei for r in reihen)),
        stand=_stand(reihen, "stand", jahre),
        einmalig_stand=_stand(reihen, "einmalig_stand", jahre),
        **summen,
    )


def mit_summe(
    reihen: Sequence[Reihe], name: str | None, *, ansatz_vollstaendig: bool = False
) -> list[Reihe]:
    """Return the series with their total last; a single one, or no *name*, needs none."""
    alle = [*reihen]
    if name and len(alle) > 1:
        alle.append(summenreihe(name, alle, name, ansatz_vollstaendig=ansatz_vollstaendig))
    return alle


def _summe(reihen: list[Reihe], feld: str, jahre: np.ndarray, luecken_null: bool) -> Floats:
    """Return the total of one field; with *luecken_null* a gap is one only if all have it."""
    form = getattr(reihen[0], feld).shape[1:]
    alle = np.full((len(reihen), len(jahre), *form), np.nan)
    lebt = np.zeros((len(reihen), len(jahre)) + (1,) * len(form), dtype=bool)
    for i, r in enumerate(reihen):
        jetzt = r.jahre - jahre[0]
        alle[i, jetzt] = getattr(r, feld)
        da = np.isfinite(r.ist).any(axis=1) | np.isfinite(r.ansatz) | np.isfinite(r.ergebnis)
        lebt[i, jetzt] = da.reshape((-1,) + (1,) * len(form))
    if luecken_null:
        return np.where(np.isfinite(alle).any(axis=0), np.nansum(alle, axis=0), np.nan)
    return np.where(lebt, alle, 0.0).sum(axis=0)


def _ueberwiegend(reihen: list[Reihe], feld: str) -> frozenset[int]:
    """Return the years that break at least half of the total: a small part is not the whole.

    A part is as large as its results before that year: what came later was not known then.
    """
    jahre = set().union(*(getattr(r, feld) for r in reihen))
    betroffen = set()
    for j in jahre:
        groesse = [_groesse(r, r.jahre < j) for r in reihen]
        if not any(groesse):  # the first year has no earlier one
            groesse = [_groesse(r, r.jahre == j) for r in reihen]
        getroffen = [g for r, g in zip(reihen, groesse, strict=True) if j in getattr(r, feld)]
        if 2 * sum(getroffen) >= sum(groesse):
            betroffen.add(j)
    return frozenset(betroffen)


def _groesse(reihe: Reihe, jahre: np.ndarray) -> float:
    return float(np.nan_to_num(np.nanmax(np.abs(reihe.ergebnis[jahre]), initial=0.0)))


def _stand(reihen: list[Reihe], feld: str, jahre: np.ndarray) -> Floats | None:
    """Return the vintages of the total, where every part has them up to the same year."""
    if any(getattr(r, feld) is None or r.jahre[-1] != jahre[-1] for r in reihen):
        return None
    summe = np.zeros((len(jahre), len(jahre), reihen[0].perioden))
    for r in reihen:
        ab = int(r.jahre[0] - jahre[0])
        summe[ab:, ab:] += getattr(r, feld)
    return summe
