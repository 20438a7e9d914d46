"""Methods M0–M5b: from what is known at an origin to a value, its parts and one German sentence.

Sources: domain practice of German municipal controlling (linear projection, last year's share) and
domain-neutral credibility theory for every shrinkage. Each method either answers or says why it
cannot; it never returns NaN and never guesses in silence.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from sozcontrol.forecast.methoden.umfeld import (
    HOECHSTENS,
    JAHRE,
    ausschoepfungen,
    glaubhaft,
    mitnahme,
    zuwaechse,
)
from sozcontrol.forecast.reihe import VERTRAUEN, Floats, Kenntnis

KLEINSTER_ANTEIL = 0.02
"""Below this share of the year's result an actual is no basis for multiplying up."""
OHNE_IST = frozenset({"M0", "M0b", "M1", "M1b"})
"""Methods that forecast the whole year and not only its rest."""
HOCHGERECHNET = frozenset({"M2", "M3", "M7"})
"""Methods that multiply the actual up, and with it all that is odd about it."""
WIE_GEBUCHT = frozenset({"M0", "M1", "M2", "M7"})
"""Methods that see the actual as it is booked: the baselines stay what practice makes of them, and
the run-off goes by months of service. All others see it without the payments that the calendar
moved (:mod:`sozcontrol.forecast.methoden.zahltage`)."""
IST, ABWEICHUNG = "Ist", "Abweichung vom Plan"
"""Names of the parts of an answer that hold the actual."""
VORGEZOGEN = "vorgezogene Zahlungen"
"""Name of the part that corrects it for the calendar."""


@dataclass(frozen=True)
class Wert:
    """One method's answer: ``wert`` is the sum of ``teile``; without it ``grund`` says why.

    ``streuung`` is the standard error of a method that states one itself (M7). The interval that
    is shown comes from past errors (:mod:`sozcontrol.forecast.prognose.spannen`).
    """

    methode: str
    wert: float | None
    teile: tuple[tuple[str, float], ...] = ()
    satz: str = ""
    grund: str = ""
    streuung: float | None = None


Methode = Callable[[Kenntnis], Wert]

NAMEN = {
    "M0": "Ansatz",
    "M0b": "Ansatz × übliche Ausschöpfung",
    "M1": "Vorjahresergebnis",
    "M1b": "Vorjahresergebnis × übliche Veränderung",
    "M2": "linear",
    "M3": "üblicher Anteil am Jahr",
    "M4": "Ist + Restjahr des Vorjahres",
    "M5": "Ist + üblicher Rest des Ansatzes",
    "M5b": "Ansatz + Abweichung vom Plan bis zum Stichtag",
    "M6": "Fälle × Kosten",
    "M7": "Abwicklung",
    "M8": "Theta und gedämpfter Trend",
    "M10": "Kombination",
}
"""Short German names; the order is the order of simplicity (ties go to the earlier one)."""


def prozent(anteil: float) -> str:
    """Return a share as German text with one decimal."""
    return f"{100 * anteil:.1f} %".replace(".", ",")


def zahl(wert: float) -> str:
    """Return a number as German text, with as many decimals as it has."""
    return f"{wert:,.10g}".translate(str.maketrans(",.", ".,"))


def ergibt(methode: str, teile: list[tuple[str, float]], satz: str, k: Kenntnis) -> Wert:
    """Return the answer made of *teile*, with the one-off amounts added once.

    Of an actual without the payments moved by the calendar the booked one is shown, and as a part
    of its own what of them is not paid again this year, or will still come before it ends.
    """
    mit_ist = [n in (IST, ABWEICHUNG) for n, _ in teile]
    teile = [(n, t + k.vorgezogen * da) for (n, t), da in zip(teile, mit_ist, strict=True)]
    if rest := k.vorgezogen_jahr - k.vorgezogen * any(mit_ist):
        teile = [*teile, (VORGEZOGEN, rest)]
    if k.einmalig:
        teile = [*teile, ("Einmaliges", k.einmalig)]
    wert = float(sum(t for _, t in teile))
    if not np.isfinite(wert):
        return Wert(methode, None, grund="Die Angaben reichen nicht aus.")
    return Wert(methode, wert, tuple(teile), satz)


def fehlt(methode: str, grund: str) -> Wert:
    """Return the answer of a method that cannot answer."""
    return Wert(methode, None, grund=grund)


def _kein_ist(k: Kenntnis) -> str:
    return "" if np.isfinite(k.ist) else "Das Ist zum Stichtag fehlt."


def _letzte(werte: Floats) -> Floats:
    return werte[np.isfinite(werte)][-JAHRE:]


def ansatz(k: Kenntnis) -> Wert:
    """M0: the amended budget, a zero included; baseline 1."""
    if not np.isfinite(k.ansatz):
        return fehlt("M0", "Es gibt keinen Ansatz.")
    return Wert(
        "M0", k.ansatz, (("Ansatz", k.ansatz),), "Der fortgeschriebene Ansatz wird erreicht."
    )


def ansatz_ausschoepfung(k: Kenntnis) -> Wert:
    """M0b: the budget times its usual result/budget ratio, shrunk to that of similar series."""
    if not np.isfinite(k.ansatz) or k.ansatz == 0:
        return fehlt("M0b", "Es gibt keinen Ansatz, oder er ist null.")
    quoten = ausschoepfungen(k)
    gruppe = None if k.umfeld is None else k.umfeld.ausschoepfung
    if not len(quoten) and gruppe is None:
        return fehlt("M0b", "Es gibt kein früheres Jahr mit Ansatz und Ergebnis.")
    quote = glaubhaft(quoten, 1.0 if gruppe is None else gruppe)
    teile = [("Ansatz", k.ansatz), ("übliche Abweichung", k.ansatz * (quote - 1))]
    return ergibt("M0b", teile, f"Üblich sind {prozent(quote)} des Ansatzes.", k)


def vorjahr(k: Kenntnis) -> Wert:
    """M1: last year's result; baseline 2."""
    if not np.isfinite(k.vorjahr):
        return fehlt("M1", "Es gibt kein Ergebnis des Vorjahres.")
    satz = "Das Ergebnis des Vorjahres wiederholt sich."
    if k.bruch_vor:
        satz += " Dazwischen liegt eine Rechtsänderung oder ein Sonderjahr."
    return ergibt("M1", [("Vorjahresergebnis", k.vorjahr)], satz, k)


def vorjahr_fortgeschrieben(k: Kenntnis) -> Wert:
    """M1b: last year's result with the usual change from year to year (median of five years).

    The own change is shrunk to that of similar series, theirs to none.
    """
    if not np.isfinite(k.vorjahr):
        return fehlt("M1b", "Es gibt kein Ergebnis des Vorjahres.")
    eigene = zuwaechse(k)
    gruppe = None if k.umfeld is None else k.umfeld.zuwachs
    if not len(eigene) and gruppe is None:
        return fehlt("M1b", "Es gibt noch keine Veränderung von Jahr zu Jahr.")
    g = glaubhaft(eigene, gruppe or 0.0)
    teile = [("Vorjahresergebnis", k.vorjahr), ("übliche Veränderung", k.vorjahr * g)]
    return ergibt("M1b", teile, f"Üblich ist gegenüber dem Vorjahr {prozent(g)}.", k)


def linear(k: Kenntnis) -> Wert:
    """M2: the actual divided by the share of time; standard in practice, often wrong."""
    if grund := _kein_ist(k):
        return fehlt("M2", grund)
    rest = k.ist * (1 - k.anteil_zeit) / k.anteil_zeit
    satz = f"Der Rest des Jahres verläuft wie die ersten {k.periode} von {k.perioden} Perioden."
    return ergibt("M2", [(IST, k.ist), ("Rest linear", rest)], satz, k)


def anteil(
    k: Kenntnis,
    *,
    jahre: int = JAHRE,
    mittel: Literal["median", "mittelwert"] = "median",
    schrumpfen: bool = True,
) -> Wert:
    """M3: the actual divided by the usual share of the year at this point.

    ``schrumpfen`` pulls the own share towards the share of time (:func:`_glaubhaft`); without it
    and with ``jahre=1`` this is the practice's *Vorjahresanteil*.
    """
    if grund := _kein_ist(k):
        return fehlt("M3", grund)
    nenner = np.where(k.taugt & (k.ergebnisse != 0), k.ergebnisse, np.nan)
    eigene = (k.ist_frueher / nenner)[-jahre:]
    eigene = eigene[np.isfinite(eigene)]
    if not len(eigene):
        return fehlt("M3", "Es gibt kein früheres Jahr mit Ist und Ergebnis.")
    kern = float(np.median(eigene) if mittel == "median" else np.mean(eigene))
    q = _glaubhaft(eigene, kern, k.anteil_zeit) if schrumpfen else kern
    if q < KLEINSTER_ANTEIL:
        return fehlt("M3", "Bis zum Stichtag ist üblicherweise fast nichts gebucht.")
    teile = [(IST, k.ist), ("Rest nach üblichem Anteil", k.ist / q - k.ist)]
    return ergibt("M3", teile, f"Üblich sind bis hierher {prozent(q)} des Jahres.", k)


def _glaubhaft(anteile: Floats, kern: float, neutral: float) -> float:
    """Return the own share *kern* shrunk to the *neutral* one by what its years agree on.

    Bühlmann's credibility n/(n + κ), κ the variance between the years over the squared distance
    from the neutral share, at most ``VERTRAUEN``: a season that returns every year is believed
    after few years, one that scatters as far as it deviates is not.
    """
    n = len(anteile)
    kappa = VERTRAUEN
    if n > 1 and kern != neutral:
        kappa *= min(1.0, float(np.var(anteile, ddof=1)) / (kern - neutral) ** 2)
    w = n / (n + kappa)
    return w * kern + (1 - w) * neutral


def restjahr(k: Kenntnis, *, wachstum: float | None = None) -> Wert:
    """M4: the actual plus last year's rest, grown by a part of the growth seen so far.

    ``wachstum`` is that part. By default it is learnt (:func:`mitnahme`): benefits paid month by
    month carry nearly all of a change into the rest of the year, bookings that come at another
    time than last year nothing of it. The growth counts within ±50 %.
    """
    if grund := _kein_ist(k):
        return fehlt("M4", grund)
    rest = k.vorjahr - k.ist_vorjahr
    if not np.isfinite(rest):
        return fehlt("M4", "Das Vorjahr ist nicht vollständig bekannt.")
    g = k.ist / k.ist_vorjahr - 1 if k.ist_vorjahr != 0 else 0.0
    g = float(np.clip(g, -HOECHSTENS, HOECHSTENS)) * (mitnahme(k) if wachstum is None else wachstum)
    teile = [(IST, k.ist), ("Restjahr des Vorjahres", rest), ("Veränderung", rest * g)]
    return ergibt("M4", teile, f"Der Rest des Vorjahres, verändert um {prozent(g)}.", k)


def restansatz(k: Kenntnis, *, ausschoepfung: bool = True) -> Wert:
    """M5: the actual plus the usual rest of the budget.

    The usual rest is (result − actual) / budget of earlier years; with ``ausschoepfung=False`` it
    is 1 − mean(actual / budget), which assumes that the budget is met (domain.md 6.2).
    """
    if grund := _kein_ist(k):
        return fehlt("M5", grund)
    if not np.isfinite(k.ansatz) or k.ansatz == 0:
        return fehlt("M5", "Es gibt keinen Ansatz, oder er ist null.")
    basis = np.where(k.taugt & (k.ansatz_frueher != 0), k.ansatz_frueher, np.nan)
    zaehler = k.ergebnisse - k.ist_frueher if ausschoepfung else k.ist_frueher
    quoten = _letzte(zaehler / basis) if ausschoepfung else (zaehler / basis)
    quoten = quoten[np.isfinite(quoten)]
    if len(quoten) < (2 if ausschoepfung else 1):
        return fehlt("M5", "Es gibt zu wenige frühere Jahre mit Ansatz und Ist.")
    rest = float(np.median(quoten)) if ausschoepfung else 1 - float(np.mean(quoten))
    teile = [(IST, k.ist), ("üblicher Rest des Ansatzes", k.ansatz * rest)]
    return ergibt("M5", teile, f"Üblich sind ab hier noch {prozent(rest)} des Ansatzes.", k)


def planabweichung(k: Kenntnis) -> Wert:
    """M5b: the budget plus the deviation from the plan to date (F04), which lasts."""
    if grund := _kein_ist(k):
        return fehlt("M5b", grund)
    if not np.isfinite(k.plan) or not np.isfinite(k.ansatz):
        return fehlt("M5b", "Es gibt keinen Plan bis zum Stichtag.")
    teile = [("Ansatz", k.ansatz), (ABWEICHUNG, k.ist - k.plan)]
    return ergibt("M5b", teile, "Was bis hierher vom Plan abweicht, wird nicht aufgeholt.", k)
