"""Whether an actual that is called cumulated is one; else every forecast is wrong in silence."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sozcontrol.errors import DeliveryError
from sozcontrol.forecast.reihe import Floats

RUECKFALL = 0.5
"""Part of what was reached below which no cumulated amount falls: credit notes are smaller."""
PERIODEN = 4
"""Periods of a year that show whether it adds up."""
GLEICH = 1.5
"""A year that ends at less than this multiple of its first amount has not added up."""


def kumuliert(ist: Floats, ansatz: Floats, ort: Callable[[int, int], str]) -> None:
    """Refuse (J, P) actuals that are not cumulated within their years.

    Args:
        ist: The actuals; NaN = unknown.
        ansatz: (J,) the budgets.
        ort: Says where the amount of year j and period p (from 0) stands.

    Raises:
        DeliveryError: An amount falls below half of what the year had reached before; or the
            amounts are those of single periods.
    """
    for j, jahr in enumerate(ist):
        bekannt = np.flatnonzero(np.isfinite(jahr))
        hoch = 0.0
        for p in bekannt.tolist():
            if abs(jahr[p]) < RUECKFALL * abs(hoch):
                raise DeliveryError(
                    "Das kumulierte Ist fällt auf weniger als die Hälfte des schon Erreichten.",
                    wo=ort(j, p),
                    tun="Zelle berichtigen. Sind es Werte der einzelnen Periode: rolle ist_einzeln "
                    "im Reihenprofil; fällt das Ist wirklich: darf_fallen: true.",
                )
            hoch = jahr[p] if abs(jahr[p]) > abs(hoch) else hoch
    jahre = [j for j in range(len(ist)) if np.isfinite(ist[j]).sum() >= PERIODEN]
    if jahre and all(_einzeln(ist[j], float(ansatz[j])) for j in jahre):
        letzte = int(np.flatnonzero(np.isfinite(ist[jahre[-1]]))[-1])
        raise DeliveryError(
            "Das Ist soll kumuliert sein, wächst aber in keinem Jahr: Es sieht nach Werten der "
            "einzelnen Perioden aus.",
            wo=ort(jahre[-1], letzte),
            tun="Im Reihenprofil rolle ist_einzeln angeben, oder das Ist kumulieren; wird alles am "
            "Jahresanfang gebucht, den Ansatz mitliefern.",
        )


def _einzeln(jahr: Floats, ansatz: float) -> bool:
    """Say whether a year looks like single periods: booked in most of them, and never more.

    A year that reaches half of its budget adds up, however early it was spent.
    """
    werte = jahr[np.isfinite(jahr)]
    if not werte[0] or abs(werte[-1]) >= 0.5 * abs(ansatz) > 0:
        return False
    bewegt = np.mean(np.diff(werte) != 0) > 0.5
    return bool(bewegt and np.max(np.abs(werte)) < GLEICH * abs(werte[0]))
