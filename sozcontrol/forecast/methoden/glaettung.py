"""M8: Theta and damped trend on the deseasonalised period series.

Where bookings have two dates the series is that of the completed months of service (M7 first).
"""

from __future__ import annotations

from functools import cache

import numpy as np

from sozcontrol.forecast.methoden.einfach import IST, Wert, ergibt, fehlt
from sozcontrol.forecast.methoden.ergaenzung import Ergaenzung, ergaenzung, noch_nicht_abgerechnet
from sozcontrol.forecast.methoden.umfeld import spaltenmedian
from sozcontrol.forecast.reihe import VERTRAUEN, Floats, Kenntnis

MINDESTENS = 24
"""Periods a smoothing needs. Two years of months: with less its own record shows what it is worth
(domain.md 6.2 asks for 36, and has no record)."""
FENSTER = 60
GLAETTUNG, TREND, DAEMPFUNG = 0.5, 0.1, 0.9
"""Conventional fixed parameters of the damped trend: nothing is fitted, nothing can diverge."""
STUFEN = np.array([0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9])
"""Levels of smoothing to choose from."""
ANLAUF = 6
"""Periods a level runs in before its errors count."""


def glaettung(k: Kenntnis) -> Wert:
    """M8: mean of Theta and damped trend, the year's season put back on.

    Needs 24 periods without a gap since the last break, and a positive seasonal pattern. Payments
    slip from one month to the next, in some series often and in some never: how much of the last
    period counts is chosen by what would have told the next period best so far.
    """
    e = ergaenzung(k)
    reihe = brauchbar(k.fluesse if e is None else _je_leistungsmonat(e, k), k)
    if len(reihe) < MINDESTENS:
        return fehlt("M8", f"Es gibt keine {MINDESTENS} lückenlosen Perioden.")
    saison = saisonfaktoren(reihe, k.perioden, k.periode)
    if saison is None:
        return fehlt("M8", "Das Saisonmuster ist nicht durchweg positiv.")
    phase = (k.periode - len(reihe) + np.arange(len(reihe))) % k.perioden
    rein = reihe / saison[phase]
    rest = fortschreiben(rein, k.perioden - k.periode, stufe(rein)) * saison[k.periode :]
    teile = [
        (IST, k.ist),
        *noch_nicht_abgerechnet(k),
        ("Rest aus geglättetem Verlauf", float(rest.sum())),
    ]
    return ergibt("M8", teile, "Theta und gedämpfter Trend der Perioden, mit Saison.", k)


def _je_leistungsmonat(e: Ergaenzung, k: Kenntnis) -> Floats:
    """Return the completed months of service in the places of the booked flows."""
    fluesse = np.full(len(k.fluesse), np.nan)
    erster = k.jahr * k.perioden + k.periode - len(fluesse)
    drin = e.monate >= erster
    fluesse[e.monate[drin] - erster] = e.endstand[drin]
    return fluesse


def brauchbar(fluesse: Floats, k: Kenntnis) -> Floats:
    """Return the last gapless stretch of period amounts that may serve as a model."""
    jahre = np.repeat(k.taugt, k.perioden)
    gut = np.isfinite(fluesse)
    gut[: len(jahre)] &= jahre
    luecken = np.flatnonzero(~gut)
    return fluesse[(luecken[-1] + 1 if len(luecken) else 0) :][-FENSTER:]


def saisonfaktoren(reihe: Floats, perioden: int, ende: int) -> Floats | None:
    """Return shrunk seasonal factors by period of the year, or ``None`` if one is not positive.

    Classical decomposition: median ratio to the moving average. The series ends with period *ende*
    (1-based).
    """
    verhaeltnis = gegen_jahresmittel(reihe, perioden)
    if verhaeltnis is None:
        return None
    phase = (ende - len(reihe) + perioden // 2) % perioden  # of the first ratio
    hinten = -(phase + len(verhaeltnis)) % perioden
    jahre = np.pad(verhaeltnis, (phase, hinten), constant_values=np.nan).reshape(-1, perioden)
    roh = spaltenmedian(jahre)
    n = len(verhaeltnis) // perioden
    faktoren = (n * roh / roh.mean() + VERTRAUEN) / (n + VERTRAUEN)
    return None if np.any(faktoren < 0.05) else faktoren


def gegen_jahresmittel(reihe: Floats, perioden: int) -> Floats | None:
    """Return each amount over the centred moving average of one year, which a trend does not bend.

    Half a year is lost at either end. ``None``: too short for two years of ratios, or the averages
    are not all of one sign.
    """
    if len(reihe) < MINDESTENS:
        return None
    gewichte = np.ones(perioden + 1 - perioden % 2)
    if perioden % 2 == 0:
        gewichte[[0, -1]] = 0.5
    mittel = np.convolve(reihe, gewichte / perioden, mode="valid")
    rand = perioden // 2
    einig = np.all(mittel > 0) or np.all(mittel < 0)
    return reihe[rand : len(reihe) - rand] / mittel if einig else None


def stufe(reihe: Floats) -> float:
    """Return the smoothing with the smallest mean absolute error one period ahead."""
    fehler = np.abs(reihe[1:] - _niveaus(len(reihe)) @ reihe)
    return float(STUFEN[np.argmin(fehler[:, ANLAUF - 1 :].sum(axis=1))])


@cache
def _niveaus(n: int) -> Floats:
    """Return (S, n−1, n) what each amount counts in the level before every later one."""
    alter = np.arange(n - 1)[:, None] - np.arange(n)
    rest = 1 - STUFEN[:, None, None]
    gewicht = np.where(alter >= 0, (1 - rest) * rest ** np.maximum(alter, 0), 0.0)
    gewicht[:, :, 0] = rest[:, :, 0] ** np.arange(n - 1)
    return gewicht


def fortschreiben(reihe: Floats, horizont: int, glaettung: float = GLAETTUNG) -> Floats:
    """Return *horizont* values after a seasonless series: mean of Theta and damped trend.

    Theta in the form of Hyndman and Billah (2003): simple exponential smoothing with half the
    slope of the trend line as drift. To the last bit what statsmodels gives, in a fiftieth of the
    time: a back-test asks this hundreds of times.
    """
    if horizont < 1:
        return np.empty(0)
    schritte = np.arange(1, horizont + 1)
    zeit = np.arange(len(reihe)) - (len(reihe) - 1) / 2
    steigung = float((zeit * reihe).sum() / (zeit * zeit).sum())
    einfach, _ = _niveau(reihe, glaettung)
    theta = einfach + steigung / 2 * schritte
    niveau, trend = _niveau(reihe, glaettung, TREND, DAEMPFUNG)
    gedaempft = niveau + trend * np.cumsum(DAEMPFUNG**schritte)
    return (theta + gedaempft) / 2


def _niveau(
    reihe: Floats, glaettung: float, trendglaettung: float = 0.0, daempfung: float = 1.0
) -> tuple[float, float]:
    """Return the last level and trend of exponential smoothing with a damped trend (Holt).

    The level begins with the first value, the trend with none. Without smoothing of the trend it
    stays none: simple exponential smoothing.
    """
    niveau, trend = float(reihe[0]), 0.0
    for wert in reihe.tolist():
        vorher, trend = niveau, trend * daempfung
        niveau = glaettung * wert + (1 - glaettung) * (vorher + trend)
        trend = trendglaettung * (niveau - vorher) + (1 - trendglaettung) * trend
    return niveau, trend
