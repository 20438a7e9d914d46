"""The record of a forecast (Prognosezeugnis): what it holds, and how it is said in German.

Nothing negative is hidden. :mod:`sozcontrol.forecast.prognose.auswertung` computes it.
"""

from __future__ import annotations

from dataclasses import dataclass

from sozcontrol.forecast.methoden.einfach import NAMEN, prozent
from sozcontrol.forecast.prognose.intervall import wilson

WESENTLICH = 0.05
"""Default share of the budget above which a deviation is material (§ 21 GemHVO: set locally)."""
MINDESTJAHRE = 4
"""Years a record needs before it is said to err to one side."""
MERKLICH = 0.0005
"""A bias below this share rounds to 0,0 %."""


@dataclass(frozen=True)
class Wesentlich:
    """When a deviation is material: more than *anteil* of the budget and more than *betrag* €.

    Of expenses an overrun counts, of income (``ertrag``) a shortfall.
    """

    anteil: float
    betrag: float = 0.0
    ertrag: bool = False

    def verfehlt(self, wert: float, ansatz: float) -> bool:
        """Say whether *wert* misses the budget materially."""
        weg = ansatz - wert if self.ertrag else wert - ansatz
        return weg > self.anteil * abs(ansatz) and weg > self.betrag


@dataclass(frozen=True)
class Fall:
    """One past forecast beside what became of it; ``None`` = there was no such figure."""

    reihe: str
    jahr: int
    prognose: float
    ergebnis: float
    ansatz: float | None
    vorjahr: float | None
    methode: str


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
class Alarme:
    """Would we have warned of a material deviation? Counts of the four cases."""

    richtig: int
    falsch: int
    verpasst: int
    ruhig: int


@dataclass(frozen=True)
class Zeugnis:
    """The record of one forecast procedure at one period.

    ``mape`` and ``median`` are means and medians of |error| / |result| over results of at least
    ``mindestbetrag`` (``n_prozent`` of ``n`` cases); ``wape`` is Σ|error| / Σ|result|; ``mase``
    the mean error against last year's result as forecast; ``bias`` Σerror / Σ|result|. A skill is
    1 − MAE/MAE of the baseline on the same cases; negative means: the baseline was better.
    ``abdeckung`` counts (hits, intervals with a promised level).
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
    abdeckung: tuple[int, int]
    naeher: tuple[Naeher, ...]

    @property
    def n(self) -> int:
        """Return the number of past forecasts."""
        return len(self.faelle)

    @property
    def abdeckung_wilson(self) -> tuple[float, float]:
        """Return Wilson's 95 % interval of the coverage."""
        return wilson(*self.abdeckung)

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
