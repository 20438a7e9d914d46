"""Compute a record from a back-test: errors, skill, alarms, coverage.

Definitions: domain F07 (error), F08 (skill), domain.md 6.5 (metrics). All figures come from one
back-test and from cases whose year is over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from sozcontrol.forecast.prognose.alarm import (
    WESENTLICH,
    Alarme,
    Wesentlich,
    alarme,
    chancen,
)
from sozcontrol.forecast.prognose.protokoll import Ruecktest
from sozcontrol.forecast.prognose.spannen import getroffen
from sozcontrol.forecast.prognose.zeugnis import Fall, Naeher, Zeugnis
from sozcontrol.forecast.reihe import Floats


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
        drin &= np.isin(test.nummer, [i for i, r in enumerate(test.reihen) if r.name == reihe])
    if bis is not None:
        drin &= test.jahr < bis
    if nur is not None:
        drin &= nur
    rows = np.flatnonzero(drin).tolist()
    faelle = tuple(_fall(test, r, float(prognose[r]), methode) for r in rows)
    if methode is None:
        c = chancen(test, als_schwelle(wesentlich))
        faelle = tuple(
            replace(f, chance=float(p), gewarnt=bool(g)) if np.isfinite(p) else f
            for f, p, g in zip(faelle, c.wesentlich[rows], c.gewarnt[rows], strict=True)
        )
    return auswerten(
        faelle,
        periode=periode,
        methode=methode or "gewählt",
        mindestbetrag=mindestbetrag,
        wesentlich=wesentlich,
        spannen=_getroffen(test, rows) if methode is None else (),
    )


def als_schwelle(wesentlich: float | Wesentlich) -> Wesentlich:
    """Return a threshold, given as such or as a share of the budget."""
    return wesentlich if isinstance(wesentlich, Wesentlich) else Wesentlich(wesentlich)


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


def _getroffen(test: Ruecktest, rows: Sequence[int]) -> list[tuple[int, bool]]:
    """Return (year, hit) of each interval that promised something."""
    traf = getroffen(test, rows, test.ergebnis[rows])
    return [(int(test.jahr[r]), bool(t)) for r, t in zip(rows, traf, strict=True) if t == t]


def auswerten(
    faelle: Sequence[Fall],
    *,
    periode: int,
    methode: str,
    mindestbetrag: float = 50_000,
    wesentlich: float | Wesentlich = WESENTLICH,
    spannen: Sequence[tuple[int, bool]] = (),
) -> Zeugnis:
    """Return the record of given cases; *spannen* are (year, hit) of the intervals."""
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
        treffer=_je_jahr(spannen),
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


def _je_jahr(getroffen: Sequence[tuple[int, bool]]) -> tuple[tuple[int, int, int], ...]:
    jahre = sorted({j for j, _ in getroffen})
    traf = {j: [t for i, t in getroffen if i == j] for j in jahre}
    return tuple((j, sum(traf[j]), len(traf[j])) for j in jahre)


def _alarme(faelle: Sequence[Fall], wesentlich: float | Wesentlich) -> Alarme | None:
    grenze = als_schwelle(wesentlich)

    def gewarnt(f: Fall, ansatz: float) -> bool:
        if f.chance is None:
            return grenze.verfehlt(f.prognose, ansatz)
        return f.gewarnt

    return alarme(
        [
            (gewarnt(f, f.ansatz), grenze.verfehlt(f.ergebnis, f.ansatz), f.chance)
            for f in faelle if f.ansatz
        ]
    )  # fmt: skip
