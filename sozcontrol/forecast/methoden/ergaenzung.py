"""Completing the youngest months of service before any other method looks at them.

Chain ladder multiplies what is booked; where the first invoices come a month later there is
nothing to multiply, and a young month would stay empty. So the open part is taken from the level
of the developed months instead: Bornhuetter and Ferguson (1972), »The Actuary and IBNR«, with the
level estimated by the »Cape Cod« method (Bühlmann 1983) per unit of volume (occupied months).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sozcontrol.forecast.methoden.dreieck import Dreieck, abwickeln
from sozcontrol.forecast.methoden.einfach import Wert, ergibt, fehlt
from sozcontrol.forecast.methoden.umfeld import glaubhaft
from sozcontrol.forecast.reihe import Floats, Kenntnis

MUSTER_MONATE = 36
"""Months of service that teach the pattern; older ones were billed by another practice."""
NIVEAU_MONATE = 12
"""Months of service that set the present level."""


@dataclass(frozen=True)
class Ergaenzung:
    """Months of service with what is still to come: all arrays (n,), amounts in €.

    ``anteil`` is the share of its final amount a month usually shows by now.
    """

    monate: np.ndarray
    gebucht: Floats
    endstand: Floats
    anteil: Floats

    @property
    def offen(self) -> float:
        """Return what is still to be booked (F18)."""
        return float((self.endstand - self.gebucht).sum())

    def ab(self, monat: int) -> Ergaenzung:
        """Return the months from absolute month *monat* on."""
        m = self.monate >= monat
        return Ergaenzung(self.monate[m], self.gebucht[m], self.endstand[m], self.anteil[m])


def muster(d: Dreieck) -> Floats:
    """Return (L,) the share of the final amount that is booked by each lag; the last is 1."""
    werte = d.werte[-MUSTER_MONATE:]
    lags = werte.shape[1]
    anteil = np.ones(lags)
    for j in range(lags - 2, -1, -1):
        gut = np.isfinite(werte[:, j + 1])
        hier, dann = float(werte[gut, j].sum()), float(werte[gut, j + 1].sum())
        if dann != 0:
            anteil[j] = anteil[j + 1] * max(hier / dann, 0.0)
        else:  # nothing to learn from: as complete as the next lag
            anteil[j] = anteil[j + 1]
    return anteil


def ergaenzen(
    d: Dreieck,
    menge: Floats | None = None,
    *,
    anteile: Floats | None = None,
    vorwissen: float = 0.0,
) -> Ergaenzung:
    """Complete every month of a triangle; *menge* (n,) is its volume, default the same for all.

    A small triangle may borrow: *anteile* (L,) is a pattern to use instead of its own, *vorwissen*
    the volume that is believed to cost 1 € a unit before any booking is seen.
    """
    n = len(d.monate)
    letzte = np.isfinite(d.werte).sum(axis=1) - 1
    gebucht = d.werte[np.arange(n), letzte]
    anteil = (muster(d) if anteile is None else anteile)[letzte]
    volumen = np.ones(n) if menge is None else np.where(np.isfinite(menge), menge, 0.0)
    jung = slice(max(n - NIVEAU_MONATE, 0), n)
    sichtbar = float((volumen[jung] * anteil[jung]).sum()) + vorwissen
    niveau = (float(gebucht[jung].sum()) + vorwissen) / sichtbar if sichtbar > 0 else 0.0
    endstand = gebucht + (1 - anteil) * niveau * volumen
    return Ergaenzung(d.monate, gebucht, endstand, anteil)


def ergaenzung(k: Kenntnis) -> Ergaenzung | None:
    """Return the completed months as known at the origin, if bookings have two dates."""
    e, d = k.extra.get("ergaenzung"), k.extra.get("dreieck")
    if isinstance(e, Ergaenzung):
        return e
    return ergaenzen(d) if isinstance(d, Dreieck) and k.perioden == 12 else None


def noch_nicht_abgerechnet(k: Kenntnis) -> list[tuple[str, float]]:
    """Return the part of this year's months so far that is served but not booked, or nothing."""
    e = ergaenzung(k)
    return [("noch nicht abgerechnet", e.ab(k.jahr * 12).offen)] if e is not None else []


def abwicklung_wert(k: Kenntnis) -> Wert:
    """M7: this year's months completed by run-off, divided by their usual share of the year.

    Needs ``k.extra["dreieck"]``, the monthly triangle as known at the origin. Its own standard
    error is Mack's, of what is not billed yet.
    """
    e = ergaenzung(k)
    if e is None:
        return fehlt("M7", "Es gibt keine Buchungen mit Leistungsmonat und Buchungsdatum.")
    jahr = e.monate // 12
    jetzt = jahr == k.jahr
    if not jetzt.any():
        return fehlt("M7", "Im laufenden Jahr ist noch nichts gebucht.")
    gebucht, endstand = float(e.gebucht[jetzt].sum()), float(e.endstand[jetzt].sum())
    q = _anteil_am_jahr(e, k)
    if q <= 0:
        return fehlt("M7", "Bis zum Stichtag fällt üblicherweise nichts an.")
    teile = [
        ("gebucht", gebucht),
        ("noch nicht abgerechnet", endstand - gebucht),
        ("Rest des Jahres", endstand / q - endstand),
    ]
    d = k.extra.get("dreieck")
    fehler = standardfehler(d) if isinstance(d, Dreieck) else None
    wert = ergibt("M7", teile, "Fehlende Rechnungen ergänzt, dann nach üblichem Anteil.", k)
    return replace(wert, streuung=None if fehler is None else fehler / q)


def standardfehler(d: Dreieck) -> float | None:
    """Return Mack's standard error of all that is open; ``None`` where chain ladder knows nothing.

    Learnt from the same months of service as the pattern.
    """
    a = abwickeln(Dreieck(d.monate[-MUSTER_MONATE:], d.werte[-MUSTER_MONATE:]))
    bekannt = a.ungesichert == 0 and np.isfinite(a.standardfehler_gesamt)
    return a.standardfehler_gesamt if bekannt else None


def _anteil_am_jahr(e: Ergaenzung, k: Kenntnis) -> float:
    """Return the usual share of the year's service by the origin, shrunk to the share of time."""
    jahr, anteile = e.monate // 12, []
    for j in np.unique(jahr[jahr < k.jahr])[-5:]:
        teil, monat = e.endstand[jahr == j], e.monate[jahr == j] % 12
        if len(teil) == 12 and teil.sum() != 0:
            anteile.append(teil[monat < k.periode].sum() / teil.sum())
    return glaubhaft(np.array(anteile), k.anteil_zeit)
