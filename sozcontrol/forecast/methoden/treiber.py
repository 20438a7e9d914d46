"""M6: cases × cost per occupied period, with agreed increases as dated assumptions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sozcontrol.forecast.methoden.einfach import IST, Wert, ergibt, fehlt
from sozcontrol.forecast.methoden.ergaenzung import ergaenzung, noch_nicht_abgerechnet
from sozcontrol.forecast.methoden.glaettung import MINDESTENS, fortschreiben
from sozcontrol.forecast.reihe import Floats, Kenntnis

PREISFENSTER = 3
"""Periods from which the present cost of a case is taken."""


@dataclass(frozen=True)
class Entgelt:
    """An agreed change of the cost per case from a period on; ``anteil`` 0.04 means +4 %.

    ``periode`` counts from 1; 10.5 is the middle of the tenth period, which then counts half.
    """

    jahr: int
    periode: float
    anteil: float
    text: str = ""


@dataclass(frozen=True)
class Annahmen:
    """Dated assumptions of one scenario; a period that begins midway counts for its rest only.

    ``plaetze`` are (year, period, occupied periods more a period), ``fallzahl`` (year, period,
    share by which the volume changes), ``kosten`` changes of the cost per case by law,
    ``einmalig`` (year, amount in €).
    """

    name: str = "Basis"
    entgelte: tuple[Entgelt, ...] = ()
    plaetze: tuple[tuple[int, float, float], ...] = ()
    fallzahl: tuple[tuple[int, float, float], ...] = ()
    kosten: tuple[Entgelt, ...] = ()
    einmalig: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True)
class Lage:
    """What M6 reckons with: cost per occupied period and the volume of *perioden* (absolute)."""

    preis: float
    mengen: Floats
    perioden: Floats


SCHRITTE = (
    "mehr oder weniger Plätze",
    "Fallzahl nach Rechtsänderung",
    "Entgelte",
    "Kosten nach Rechtsänderung",
    "einmalig durch Rechtsänderung",
)
"""The effects of assumptions in their fixed order: each acts on what the earlier ones left."""


def treiber(k: Kenntnis) -> Wert:
    """M6: the completed actual plus expected volume × expected cost of each coming period.

    The volume follows its smoothed course (24 periods), else it stays; the cost per unit is that
    of the last three periods. ``k.extra["annahmen"]`` adds dated assumptions.
    """
    heute = lage(k)
    if isinstance(heute, Wert):
        return heute
    annahmen = k.extra.get("annahmen")
    annahmen = annahmen if isinstance(annahmen, Annahmen) else Annahmen()
    teile = [
        (IST, k.ist),
        *noch_nicht_abgerechnet(k),
        ("Fälle × heutige Kosten", float(heute.mengen.sum() * heute.preis)),
        *((n, w) for n, w in schritte(k, heute, annahmen) if w or n == "Entgelte"),
    ]
    return ergibt("M6", teile, "Erwartete Fälle mal Kosten je Fall und Periode.", k)


def lage(k: Kenntnis) -> Lage | Wert:
    """Return present cost and expected volume of the year's coming periods, or why there is none.

    At the end of the last period there is no coming one: ``mengen`` is empty.
    """
    menge, kosten = k.mengen[_fenster(k)], _kosten(k)[_fenster(k)]
    if not (np.isfinite(menge).all() and np.isfinite(kosten).all() and np.isfinite(k.ist)):
        return fehlt("M6", "Fallzahlen oder Kosten der letzten Perioden fehlen.")
    if menge.sum() <= 0:
        return fehlt("M6", "In den letzten Perioden gab es keine Fälle.")
    return Lage(float(kosten.sum() / menge.sum()), kommende_mengen(k), _kommende(k))


def folgejahr(k: Kenntnis, heute: Lage) -> Lage:
    """Return the next year with the volume of this year's last period and the present cost."""
    letzte = heute.mengen[-1] if len(heute.mengen) else k.mengen[_fenster(k)].mean()
    perioden = (k.jahr + 1) * k.perioden + np.arange(1, k.perioden + 1)
    return Lage(heute.preis, np.full(k.perioden, float(letzte)), perioden)


def schritte(k: Kenntnis, heute: Lage, annahmen: Annahmen) -> list[tuple[str, float]]:
    """Return the effect of each kind of assumption in €, in the order of :data:`SCHRITTE`.

    Places count at the present cost; a law change of the volume acts on the places, too; a change
    of the cost on all of them; agreed increases come before those by law.
    """
    mehr = mehr_plaetze(k, annahmen, heute.perioden)
    faktor = np.ones(len(mehr))
    for jahr, periode, anteil in annahmen.fallzahl:
        faktor *= 1 + anteil * _ab(jahr, periode, k, heute.perioden)
    menge = (heute.mengen + mehr) * faktor
    entgelt = preisindex(k, annahmen.entgelte, heute.perioden)
    recht = preisindex(k, annahmen.kosten, heute.perioden)
    jahre = set((heute.perioden - 1) // k.perioden)
    werte = (
        mehr.sum() * heute.preis,
        (menge - heute.mengen - mehr).sum() * heute.preis,
        (menge * (entgelt - 1)).sum() * heute.preis,
        (menge * entgelt * (recht - 1)).sum() * heute.preis,
        sum(betrag for jahr, betrag in annahmen.einmalig if jahr in jahre),
    )
    return [(name, float(wert)) for name, wert in zip(SCHRITTE, werte, strict=True)]


def mehr_plaetze(k: Kenntnis, annahmen: Annahmen, perioden: Floats) -> Floats:
    """Return how many occupied periods more (or fewer) each of *perioden* has."""
    mehr = np.zeros(len(perioden))
    for jahr, periode, plaetze in annahmen.plaetze:
        mehr += plaetze * _ab(jahr, periode, k, perioden)
    return mehr


def _fenster(k: Kenntnis) -> slice:
    return slice(-min(PREISFENSTER, k.periode), None)


def _kosten(k: Kenntnis) -> Floats:
    """Return the cost of each period: of its service where that is known, else as booked."""
    e = ergaenzung(k)
    return k.fluesse if e is None else e.endstand


def kommende_mengen(k: Kenntnis) -> Floats:
    """Return the expected volume of each coming period of the year."""
    horizont = k.perioden - k.periode
    luecken = np.flatnonzero(~np.isfinite(k.mengen))
    verlauf = k.mengen[(luecken[-1] + 1 if len(luecken) else 0) :]
    if len(verlauf) < MINDESTENS:
        return np.full(horizont, float(verlauf[-PREISFENSTER:].mean()))
    return np.maximum(fortschreiben(verlauf[-60:], horizont), 0.0)


def preisindex(k: Kenntnis, entgelte: Sequence[Entgelt], perioden: Floats | None = None) -> Floats:
    """Return per coming period the product of the increases that start after the price window.

    An increase that already lies in the window counts for the part it is missing there.
    *perioden* are absolute; default the coming ones of the year.
    """
    kommende = _kommende(k) if perioden is None else perioden
    index = np.ones(len(kommende))
    n = min(PREISFENSTER, k.periode)
    for e in entgelte:
        jetzt = k.jahr * k.perioden + k.periode
        start = e.jahr * k.perioden + e.periode
        enthalten = float(np.clip(jetzt - start + 1, 0, n)) / n
        index *= (1 + e.anteil * _ab(e.jahr, e.periode, k, kommende)) / (1 + e.anteil * enthalten)
    return index


def _kommende(k: Kenntnis) -> Floats:
    """Return the absolute numbers of the year's coming periods."""
    return k.jahr * k.perioden + np.arange(k.periode + 1, k.perioden + 1)


def _ab(jahr: int, periode: float, k: Kenntnis, kommende: Floats) -> Floats:
    """Return the share of each period that lies after the given (perhaps broken) period."""
    return np.clip(kommende + 1 - (jahr * k.perioden + periode), 0.0, 1.0)
