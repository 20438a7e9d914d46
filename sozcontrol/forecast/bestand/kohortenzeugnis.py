"""How good the cohorts were: forecasts from every earlier count, beside »as at the last count«."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sozcontrol.forecast.bestand.kohorten import Bestaende, fortschreiben
from sozcontrol.forecast.prognose.intervall import OHNE_SPANNE, Spanne, spanne
from sozcontrol.forecast.reihe import Floats

FRUEHESTENS = 2
"""Counts that are needed before the first forecast: they show one year."""
NIVEAU = 0.8


@dataclass(frozen=True)
class Probe:
    """One year that was forecast: (areas, groups) of what was said, what it was, what it had been.

    ``ursprung`` is the number of the last count that was known, ``jahre`` how far ahead it was.
    """

    ursprung: int
    jahre: int
    prognose: Floats
    ergebnis: Floats
    zuvor: Floats


@dataclass(frozen=True)
class Fehler:
    """Sum of absolute errors by the sum of people: ours, and that of »as at the last count«."""

    wape: float
    wape_zuvor: float
    proben: int

    @property
    def guete(self) -> float:
        """Return how much of the other's error is spared; below 0 it was the better one."""
        return 1 - self.wape / self.wape_zuvor if self.wape_zuvor else 0.0


def proben(b: Bestaende, jahre: int, gruppen: Sequence[slice]) -> list[Probe]:
    """Forecast from every earlier count up to *jahre* ahead, knowing nothing later.

    *gruppen* are the age groups that are looked at, as slices of those of *b*.
    """
    wahr, out = gruppiert(b.zahl, gruppen), []
    for stand in range(FRUEHESTENS, len(b.zahl)):
        kommend = fortschreiben(b.bis(stand), min(jahre, len(b.zahl) - stand))
        for weite, prognose in enumerate(gruppiert(kommend, gruppen)):
            ergebnis = wahr[stand + weite]
            out.append(Probe(stand - 1, weite + 1, prognose, ergebnis, wahr[stand - 1]))
    return out


def gruppiert(zahl: Floats, gruppen: Sequence[slice]) -> Floats:
    """Return the sums of the age groups."""
    return np.stack([zahl[..., g].sum(axis=-1) for g in gruppen], axis=-1)


Stelle = tuple[int | slice, int | slice]
"""Which areas and which age groups of a :class:`Probe`."""


def fehler(gepruefte: Sequence[Probe], wo: Stelle, *, zusammen: bool = False) -> Fehler | None:
    """Return the error over the cells *wo*, or *zusammen* of their sum; None without a record."""
    if not gepruefte:
        return None
    gesagt, wahr, zuvor = (
        _lage([p.prognose for p in gepruefte], wo, zusammen),
        _lage([p.ergebnis for p in gepruefte], wo, zusammen),
        _lage([p.zuvor for p in gepruefte], wo, zusammen),
    )
    menschen = float(wahr.sum()) or 1.0  # where nobody is, nobody was expected wrongly by percent
    ab = [float(np.abs(x - wahr).sum()) / menschen for x in (gesagt, zuvor)]
    return Fehler(ab[0], ab[1], len(gepruefte))


def spanne_der(
    wert: float, gepruefte: Sequence[Probe], wo: Stelle, *, zusammen: bool = False
) -> Spanne:
    """Return the interval around *wert* from the errors of the cells *wo* at the same distance.

    Errors count by the root of the size, for a large area errs by more people and fewer percent.
    """
    if not gepruefte:
        return OHNE_SPANNE
    gesagt = _lage([p.prognose for p in gepruefte], wo, zusammen)
    wahr = _lage([p.ergebnis for p in gepruefte], wo, zusammen)
    punkte = np.abs(wahr - gesagt) / np.sqrt(np.maximum(gesagt, 1.0))
    return spanne(wert, float(np.sqrt(max(wert, 1.0))), punkte.ravel(), NIVEAU)


def _lage(tafeln: Sequence[Floats], wo: Stelle, zusammen: bool) -> Floats:
    """Return the cells of every table, (tables, cells), or their sum."""
    zellen = np.stack([np.ravel(t[wo]) for t in tafeln])
    return zellen.sum(axis=1, keepdims=True) if zusammen else zellen
