"""The alarm: how likely a budget is missed, and by more than is material, with its record.

The forecast is the middle of what may come; a warning asks for its edge. So it does not wait until
the forecast itself has passed the budget: both probabilities come from the distribution of the
result, and how often such probabilities came true is part of the record.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sozcontrol.forecast.methoden.einfach import zahl
from sozcontrol.forecast.prognose.protokoll import Ruecktest
from sozcontrol.forecast.reihe import Floats

TREFFEN = 0.5
"""Share of the warnings that is to come true: at most one in vain for one that is right."""
MINDESTENS = 0.25
"""Nothing less likely is warned of, however certain others are: three times in vain for once."""
STUFEN = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
"""Bounds of the five bins in which probabilities are held against what happened."""
VORWISSEN = 200.0
"""Cases that the stated probabilities count for when they are held against past ones: what looks
like a habit of budgets in fewer is chance (on simulated panels twenty made the record worse)."""
WORTE = (
    (0.1, "sehr unwahrscheinlich"),
    (1 / 3, "eher unwahrscheinlich"),
    (2 / 3, "etwa so wahrscheinlich wie nicht"),
    (0.9, "wahrscheinlich"),
    (1.0, "sehr wahrscheinlich"),
)
IM_ANSATZ = 0.0005
"""Share of the budget by which no result misses it: 0,0 % is within the budget."""
WESENTLICH = 0.05
"""Default share of the budget above which a deviation is material."""


@dataclass(frozen=True)
class Wesentlich:
    """When a deviation is material: more than *anteil* of the budget and more than *betrag* €.

    Of expenses an overrun counts, of income (``ertrag``) a shortfall.
    """

    anteil: float
    betrag: float = 0.0
    ertrag: bool = False

    def grenze(self, ansatz: float) -> float:
        """Return the result beyond which *ansatz* is missed materially."""
        weg = max(self.anteil * abs(ansatz), self.betrag)
        return ansatz - weg if self.ertrag else ansatz + weg

    def verfehlt(self, wert: float, ansatz: float) -> bool:
        """Say whether *wert* misses the budget materially."""
        return wert < self.grenze(ansatz) if self.ertrag else wert > self.grenze(ansatz)

    @property
    def knapp(self) -> Wesentlich:
        """Return the same side with the threshold of any miss at all."""
        return Wesentlich(IM_ANSATZ, 0.0, self.ertrag)


@dataclass(frozen=True)
class Warnung:
    """The probabilities that a budget is missed at all, and materially.

    ``risiko`` is the amount by which it is missed on average over all that may come; *gewarnt*
    whether a material miss is likely enough to be warned of (:func:`warnen_ab`).
    """

    ueber: float
    wesentlich: float
    schwelle: Wesentlich
    gewarnt: bool
    risiko: float = 0.0

    def satz(self, einheit: str = "€") -> str:
        """Say both probabilities in words and per cent."""
        was = "unterschritten" if self.schwelle.ertrag else "überschritten"
        satz = f"Dass der Ansatz {was} wird, ist {in_worten(self.ueber)}"
        if mehr := mehr_als(self.schwelle, einheit=einheit):
            satz += f"; um {mehr}: {in_worten(self.wesentlich)}"
        return satz + (". Das ist eine Warnung." if self.gewarnt else ".")


def in_worten(p: float) -> str:
    """Say how likely something is, in words and per cent."""
    wort = next(wort for bis, wort in WORTE if p <= bis)
    return f"{wort} ({chance(p)})"


def chance(p: float) -> str:
    """Return a probability per cent; certainty is never claimed."""
    prozent = round(100 * p)
    return "unter 1 %" if prozent < 1 else "über 99 %" if prozent > 99 else f"{prozent} %"


def mehr_als(w: Wesentlich, *, einheit: str = "€", von: str = "") -> str:
    """Return a threshold in words, empty where there is none; *von* says what the share is of."""
    teile = [f"{zahl(100 * w.anteil)} %{von}"] if w.anteil else []
    teile += [f"{zahl(w.betrag)} {einheit}"] if w.betrag else []
    return " und ".join(f"mehr als {teil}" for teil in teile)


@dataclass(frozen=True)
class Chancen:
    """By row of a back-test, as said then: (n,) probabilities, NaN without budget or forecast.

    ``ab`` (n,) is the probability of a material miss from which was warned.
    """

    ueber: Floats
    wesentlich: Floats
    ab: Floats

    @property
    def gewarnt(self) -> np.ndarray:
        """Return (n,) whether was warned."""
        return self.wesentlich >= self.ab


def chancen(test: Ruecktest, schwelle: Wesentlich) -> Chancen:
    """Return the probabilities of all rows, computed once for each threshold.

    Whether a budget is missed at all is held against what past probabilities came to: many results
    meet their budget exactly, which no distribution of errors tells.
    """
    kept = test.chancen.get(schwelle)
    if isinstance(kept, Chancen):
        return kept
    ansatz = _ansaetze(test)
    ueber = _geeicht(test, _jenseits(test, ansatz, schwelle.knapp), ansatz, schwelle.knapp)
    wesentlich = np.minimum(_jenseits(test, ansatz, schwelle), ueber)
    found = Chancen(ueber, wesentlich, _ab(test, wesentlich))
    test.chancen[schwelle] = found
    return found


def _ab(test: Ruecktest, p: Floats) -> Floats:
    """Return from which probability each row is warned of: by what was stated until then."""
    ab = np.full(len(p), TREFFEN)
    for jahr, periode in sorted(set(zip(test.jahr.tolist(), test.periode.tolist(), strict=True))):
        gleich = test.periode == periode
        ab[gleich & (test.jahr == jahr)] = warnen_ab(p[gleich & (test.jahr <= jahr)])
    return ab


def warnen_ab(genannt: Floats) -> float:
    """Return the lowest of the stated probabilities from which half of the warnings come true.

    From the highest one downwards, as long as their mean is at least :data:`TREFFEN`: what became
    of them is not asked, so nothing is fitted to it. While little is known no high ones are stated,
    and little is warned of.
    """
    p = np.sort(genannt[np.isfinite(genannt)])[::-1]
    halten = np.cumsum(p) >= TREFFEN * np.arange(1, len(p) + 1)
    halten &= np.append(p[1:] < p[:-1], True)[: len(p)]  # equal ones are treated alike
    return max(float(p[halten][-1]), MINDESTENS) if halten.any() else TREFFEN


def warnung(test: Ruecktest, r: int, schwelle: Wesentlich) -> Warnung | None:
    """Return the alarm of one row, ``None`` without a budget or a forecast."""
    c, v = chancen(test, schwelle), test.verteilungen[r]
    if v is None or not np.isfinite(c.ueber[r]):
        return None
    ansatz = float(_ansaetze(test)[r])
    risiko = v.mittel_unter(ansatz) if schwelle.ertrag else v.mittel_ueber(ansatz)
    gewarnt = bool(c.gewarnt[r])
    return Warnung(float(c.ueber[r]), float(c.wesentlich[r]), schwelle, gewarnt, risiko)


def _ansaetze(test: Ruecktest) -> Floats:
    """Return the amended budgets by row; one of zero is none."""
    if "M0" not in test.methoden:
        return np.full(len(test.jahr), np.nan)
    ansatz = test.spalte("M0")
    return np.where(ansatz == 0, np.nan, ansatz)


def _jenseits(test: Ruecktest, ansatz: Floats, schwelle: Wesentlich) -> Floats:
    p = np.full(len(ansatz), np.nan)
    for r in np.flatnonzero(np.isfinite(ansatz)):
        if (v := test.verteilungen[r]) is not None:
            grenze = schwelle.grenze(float(ansatz[r]))
            p[r] = v.unter(grenze) if schwelle.ertrag else v.ueber(grenze)
    return p


def _geeicht(test: Ruecktest, p: Floats, ansatz: Floats, schwelle: Wesentlich) -> Floats:
    """Return *p* as past probabilities of that size came true, in years known by then."""
    neu = p.copy()
    for jahr, periode in sorted(set(zip(test.jahr.tolist(), test.periode.tolist(), strict=True))):
        bekannt = np.isfinite(p) & (test.periode == periode)
        frueher = np.flatnonzero(bekannt & (test.jahr < jahr))
        wahr = test.damals_bekannt(frueher, jahr, periode)
        frueher, wahr = frueher[np.isfinite(wahr)], wahr[np.isfinite(wahr)]
        kam = [schwelle.verfehlt(y, a) for y, a in zip(wahr, ansatz[frueher], strict=True)]
        rows = bekannt & (test.jahr == jahr)
        neu[rows] = eichen(p[rows], p[frueher], np.array(kam, dtype=float))
    return neu


def eichen(p: Floats, frueher: Floats, kam: Floats) -> Floats:
    """Return (n,) probabilities as past ones of that size came true, in ascending order.

    Isotonic regression of *kam* (1 or 0) on *frueher*; the stated probabilities themselves count as
    200 cases more, so that few years change little.
    """
    from scipy.optimize import isotonic_regression

    stuetzen = np.linspace(0, 1, 11)
    gewicht = np.concatenate([np.ones(len(frueher)), np.full(11, VORWISSEN / 11)])
    x, wo = np.unique(np.concatenate([frueher, stuetzen]), return_inverse=True)
    gesamt = np.bincount(wo, gewicht)
    mittel = np.bincount(wo, gewicht * np.concatenate([kam, stuetzen])) / gesamt
    rand = 0.5 / (len(frueher) + VORWISSEN)  # certain is nothing
    return np.clip(np.interp(p, x, isotonic_regression(mittel, weights=gesamt).x), rand, 1 - rand)


@dataclass(frozen=True)
class Stufe:
    """One bin of the record: how many cases, the mean probability stated, how many came true."""

    von: float
    bis: float
    n: int
    genannt: float
    eingetreten: int


@dataclass(frozen=True)
class Alarme:
    """Would we have warned of a material miss? Counts of the four cases, and the probabilities.

    ``brier`` is the mean squared error of the probabilities, ``brier_quote`` that of who always
    states the share that came true; ``stufen`` are the bins with cases. Without probabilities (of
    a single method, or before there are eight past errors) the point forecast warns.
    """

    richtig: int
    falsch: int
    verpasst: int
    ruhig: int
    brier: float | None = None
    brier_quote: float | None = None
    stufen: tuple[Stufe, ...] = ()


def alarme(faelle: Sequence[tuple[bool, bool, float | None]]) -> Alarme | None:
    """Return the record of (warned, came true, probability) cases; ``None`` without any."""
    if not faelle:
        return None
    paare = [f[:2] for f in faelle]
    p = np.array([f[2] for f in faelle if f[2] is not None])
    kam = np.array([f[1] for f in faelle if f[2] is not None], dtype=float)
    return Alarme(
        richtig=paare.count((True, True)),
        falsch=paare.count((True, False)),
        verpasst=paare.count((False, True)),
        ruhig=paare.count((False, False)),
        brier=float(np.mean((p - kam) ** 2)) if len(p) else None,
        brier_quote=float(kam.mean() * (1 - kam.mean())) if len(p) else None,
        stufen=_stufen(p, kam),
    )


def _stufen(p: Floats, kam: Floats) -> tuple[Stufe, ...]:
    fach = np.clip(np.searchsorted(STUFEN, p, side="right") - 1, 0, len(STUFEN) - 2)
    found = []
    for i in np.unique(fach).tolist():
        drin = fach == i
        genannt = float(p[drin].mean())
        found.append(
            Stufe(STUFEN[i], STUFEN[i + 1], int(drin.sum()), genannt, int(kam[drin].sum()))
        )
    return tuple(found)
