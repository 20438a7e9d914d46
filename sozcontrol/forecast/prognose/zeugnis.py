"""The record of a forecast (Prognosezeugnis): past errors, skill, alarms, coverage, one sentence.

Definitions: domain F07 (error), F08 (skill), domain.md 6.5 (metrics). All figures come from one
back-test and from cases whose year is over; nothing negative is hidden.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sozcontrol.forecast.methoden.einfach import NAMEN, prozent
from sozcontrol.forecast.prognose.intervall import wilson
from sozcontrol.forecast.prognose.ruecktest import Ruecktest
from sozcontrol.forecast.reihe import Floats

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
        if n < MINDESTJAHRE or len({f.jahr for f in self.faelle}) < n or self.bias is None:
            return ""
        unter = sum(f.prognose < f.ergebnis for f in self.faelle)
        ueber = sum(f.prognose > f.ergebnis for f in self.faelle)
        seite, anzahl = ("unter", unter) if self.bias < 0 else ("über", ueber)
        if anzahl < n - 1 or abs(self.bias) < MERKLICH:
            return ""
        mittel = f"{'+' if self.bias > 0 else '−'}{prozent(abs(self.bias))}"
        lag = f"{_in_jahren(anzahl, n)} lag die Hochrechnung {seite} dem Ergebnis"
        return f"{lag} (im Mittel {mittel})."


def _zahl(wert: float) -> str:
    text = f"{wert:.2f}".replace(".", ",").replace("-", "−")
    return "knapp unter 0" if text == "−0,00" else text


def zeugnis(
    test: Ruecktest,
    periode: int,
    *,
    reihe: str | None = None,
    methode: str | None = None,
    bis: int | None = None,
    nur: np.ndarray | None = None,
    mindestbetrag: float = 50_000,
    wesentlich: float | Wesentlich = WESENTLICH,
) -> Zeugnis:
    """Return the record at *periode* of one series (default: all) and method (default: the chosen).

    ``bis`` leaves out years from this one on, for a record as it stood then; ``nur`` (n,) says
    which rows of the back-test count.
    """
    prognose = test.gewaehlt if methode is None else test.spalte(methode)
    drin = (test.periode == periode) & np.isfinite(test.ergebnis) & np.isfinite(prognose)
    if reihe is not None:
        drin &= np.array([test.reihen[i].name == reihe for i in test.nummer], dtype=bool)
    if bis is not None:
        drin &= test.jahr < bis
    if nur is not None:
        drin &= nur
    rows = np.flatnonzero(drin)
    faelle = tuple(_fall(test, r, float(prognose[r]), methode) for r in rows)
    return auswerten(
        faelle,
        periode=periode,
        methode=methode or "gewählt",
        mindestbetrag=mindestbetrag,
        wesentlich=wesentlich,
        abdeckung=_abdeckung(test, rows) if methode is None else (0, 0),
    )


def _fall(test: Ruecktest, r: int, prognose: float, methode: str | None) -> Fall:
    def sonst(name: str) -> float | None:
        if name not in test.methoden or not np.isfinite(test.spalte(name)[r]):
            return None
        return float(test.spalte(name)[r])

    return Fall(
        reihe=test.reihen[test.nummer[r]].name,
        jahr=int(test.jahr[r]),
        prognose=prognose,
        ergebnis=float(test.ergebnis[r]),
        ansatz=sonst("M0"),
        vorjahr=sonst("M1"),
        methode=methode or test.methoden[test.wahl[r]],
    )


def _abdeckung(test: Ruecktest, rows: np.ndarray) -> tuple[int, int]:
    treffer = n = 0
    for r in rows:
        s = test.spannen[r]
        if s.niveau is not None and s.unten is not None and s.oben is not None:
            n += 1
            treffer += bool(s.unten <= test.ergebnis[r] <= s.oben)
    return treffer, n


def auswerten(
    faelle: Sequence[Fall],
    *,
    periode: int,
    methode: str,
    mindestbetrag: float = 50_000,
    wesentlich: float | Wesentlich = WESENTLICH,
    abdeckung: tuple[int, int] = (0, 0),
) -> Zeugnis:
    """Return the record of given cases."""
    ist = np.array([f.ergebnis for f in faelle])
    fehler = np.array([f.prognose for f in faelle]) - ist
    gross = np.abs(ist) >= mindestbetrag
    relativ = np.abs(fehler[gross]) / np.abs(ist[gross]) if gross.any() else np.array([])
    summe = float(np.abs(ist).sum())
    vorjahr = _guete(faelle, [f.vorjahr for f in faelle])
    return Zeugnis(
        periode=periode,
        methode=methode,
        faelle=tuple(faelle),
        mape=float(relativ.mean()) if len(relativ) else None,
        median=float(np.median(relativ)) if len(relativ) else None,
        n_prozent=len(relativ),
        wape=float(np.abs(fehler).sum()) / summe if summe else None,
        mase=None if vorjahr is None else 1 - vorjahr,
        bias=float(fehler.sum()) / summe if summe else None,
        skill_ansatz=_guete(faelle, [f.ansatz for f in faelle]),
        skill_vorjahr=vorjahr,
        alarme=_alarme(faelle, wesentlich),
        abdeckung=abdeckung,
        naeher=_vergleiche(faelle),
    )


def _vergleiche(faelle: Sequence[Fall]) -> tuple[Naeher, ...]:
    return tuple(
        _naeher(faelle, werte, was)
        for werte, was in (
            ([f.ansatz for f in faelle], "der Ansatz"),
            ([f.vorjahr for f in faelle], "das Vorjahresergebnis"),
        )
        if any(w is not None for w in werte)
    )


def _paare(faelle: Sequence[Fall], andere: Sequence[float | None]) -> tuple[Floats, Floats]:
    paare = [
        (abs(f.prognose - f.ergebnis), abs(a - f.ergebnis))
        for f, a in zip(faelle, andere, strict=True)
        if a is not None
    ]
    eigen, fremd = np.array(paare).reshape(-1, 2).T
    return eigen, fremd


def _guete(faelle: Sequence[Fall], andere: Sequence[float | None]) -> float | None:
    eigen, fremd = _paare(faelle, andere)
    if not len(fremd) or fremd.sum() == 0:
        return None
    return float(1 - eigen.mean() / fremd.mean())


def _naeher(faelle: Sequence[Fall], andere: Sequence[float | None], was: str) -> Naeher:
    eigen, fremd = _paare(faelle, andere)
    return Naeher(was, int((fremd < eigen).sum()), len(eigen))


def _alarme(faelle: Sequence[Fall], wesentlich: float | Wesentlich) -> Alarme | None:
    grenze = wesentlich if isinstance(wesentlich, Wesentlich) else Wesentlich(wesentlich)
    paare = [
        (grenze.verfehlt(f.prognose, f.ansatz), grenze.verfehlt(f.ergebnis, f.ansatz))
        for f in faelle if f.ansatz
    ]  # fmt: skip
    if not paare:
        return None
    return Alarme(
        richtig=paare.count((True, True)),
        falsch=paare.count((True, False)),
        verpasst=paare.count((False, True)),
        ruhig=paare.count((False, False)),
    )


def methodenname(methode: str) -> str:
    """Return the German name of a method id."""
    return NAMEN.get(methode, methode)
