"""The record of a forecast (Prognosezeugnis): what it holds, and how it is said in German.

Nothing negative is hidden. :mod:`sozcontrol.forecast.prognose.auswertung` computes it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sozcontrol.forecast.methoden.einfach import NAMEN, prozent
from sozcontrol.forecast.prognose.alarm import Alarme

MINDESTJAHRE = 4
"""Years a record needs before it is said to err to one side."""
MERKLICH = 0.0005
"""A bias below this share rounds to 0,0 %."""


@dataclass(frozen=True)
class Fall:
    """One past forecast beside what became of it; ``None`` = there was no such figure.

    ``chance`` is the probability of a material miss of the budget as said then, ``gewarnt`` whether
    it was warned of; without one the forecast itself warns.
    """

    reihe: str
    jahr: int
    prognose: float
    ergebnis: float
    ansatz: float | None
    vorjahr: float | None
    methode: str
    chance: float | None = None
    gewarnt: bool = False


@dataclass(frozen=True)
class Naeher:
    """How often something else was closer to the result than the forecast (ties are nobody's)."""

    was: str
    naeher: int
    von: int

    @property
    def satz(self) -> str:
        """Return the plain sentence."""
        return f"{_in_jahren(self.naeher, self.von)} war {self.was} näher am Ergebnis."


def _in_jahren(n: int, von: int) -> str:
    """Say in how many of the years something was so, as people say it."""
    if von == 1:
        return "In dem einen früheren Jahr" if n else "In keinem früheren Jahr"
    if n == von:
        return "In beiden Jahren" if n == 2 else f"In allen {von} Jahren"
    return f"In {n or 'keinem'} von {von} Jahren"


@dataclass(frozen=True)
class Zeugnis:
    """The record of one forecast procedure at one period.

    ``mape`` and ``median`` are means and medians of |error| / |result| over results of at least
    ``mindestbetrag`` (``n_prozent`` of ``n`` cases); ``wape`` is Σ|error| / Σ|result|; ``mase``
    the mean error against last year's result as forecast; ``bias`` Σerror / Σ|result|. A skill is
    1 − MAE/MAE of the baseline on the same cases; negative means: the baseline was better.
    ``treffer`` counts (year, hits, intervals with a promised level): errors of one year share
    causes, so that the coverage is the mean of its years, and its uncertainty that of few years.
    """

    periode: int
    methode: str
    faelle: tuple[Fall, ...]
    mape: float | None
    median: float | None
    n_prozent: int
    wape: float | None
    mase: float | None
    bias: float | None
    skill_ansatz: float | None
    skill_vorjahr: float | None
    alarme: Alarme | None
    treffer: tuple[tuple[int, int, int], ...]
    naeher: tuple[Naeher, ...]

    @property
    def n(self) -> int:
        """Return the number of past forecasts."""
        return len(self.faelle)

    @property
    def abdeckung(self) -> tuple[int, int]:
        """Return (hits, intervals) of all years together."""
        return sum(k for _, k, _ in self.treffer), sum(n for _, _, n in self.treffer)

    @property
    def abdeckung_mittel(self) -> float | None:
        """Return the mean of the years' coverages, each year counting once."""
        return float(np.mean(self._je_jahr)) if self.treffer else None

    @property
    def abdeckung_spanne(self) -> tuple[float, float]:
        """Return the 95 % interval of that mean over years (Student's t, within 0 and 1)."""
        from scipy.special import stdtrit

        n = len(self.treffer)
        if n < 2:
            return 0.0, 1.0
        mitte, werte = float(np.mean(self._je_jahr)), self._je_jahr
        halb = float(stdtrit(n - 1, 0.975)) * float(np.std(werte, ddof=1)) / n**0.5
        return max(0.0, mitte - halb), min(1.0, mitte + halb)

    @property
    def _je_jahr(self) -> list[float]:
        return [k / n for _, k, n in self.treffer]

    @property
    def satz(self) -> str:
        """Return the record in plain German, the negative first."""
        if not self.faelle:
            return "Es gibt noch kein abgeschlossenes Jahr, an dem sich die Prognose messen ließe."
        saetze = [n.satz for n in self.naeher]
        for wert, was in ((self.skill_ansatz, "der Ansatz"), (self.skill_vorjahr, "das Vorjahr")):
            if wert is not None and wert < 0:
                saetze.insert(0, f"Bisher war {was} die bessere Prognose (Güte {_zahl(wert)}).")
        saetze.append(self.schieflage)
        if self.mape is not None:
            saetze.append(f"Mittlerer Fehler {prozent(self.mape)}.")
        else:
            saetze.append("Fehler so kleiner Beträge sagt kein Prozentwert.")
        return " ".join(s for s in saetze if s)

    @property
    def schieflage(self) -> str:
        """Say that (nearly) all years erred to one side, and how far on average; else nothing.

        Of at least four years of one series all but one; a mean that rounds to nothing is none.
        """
        n = len(self.faelle)
        ergebnisse = [f.ergebnis for f in self.faelle]
        if n < MINDESTJAHRE or len({f.jahr for f in self.faelle}) < n or 0 in ergebnisse:
            return ""
        unter = sum(f.prognose < f.ergebnis for f in self.faelle)
        ueber = sum(f.prognose > f.ergebnis for f in self.faelle)
        # The mean of the years, as the mean error beside it; the bias counts euros.
        mittel = sum((f.prognose - f.ergebnis) / abs(f.ergebnis) for f in self.faelle) / n
        seite, anzahl = ("unter", unter) if mittel < 0 else ("über", ueber)
        if anzahl < n - 1 or abs(mittel) < MERKLICH:
            return ""
        lag = f"{_in_jahren(anzahl, n)} lag die Hochrechnung {seite} dem Ergebnis"
        return f"{lag} (im Mittel {'+' if mittel > 0 else '−'}{prozent(abs(mittel))})."


def _zahl(wert: float) -> str:
    text = f"{wert:.2f}".replace(".", ",").replace("-", "−")
    return "knapp unter 0" if text == "−0,00" else text


def methodenname(methode: str) -> str:
    """Return the German name of a method id."""
    return NAMEN.get(methode, methode)
