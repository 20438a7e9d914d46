"""Distribution and interval of each forecast of a back-test, from nothing but earlier errors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from sozcontrol.forecast.prognose.intervall import MINDESTENS, OHNE_SPANNE, Spanne, spanne
from sozcontrol.forecast.prognose.kombination import BODEN
from sozcontrol.forecast.prognose.protokoll import Ruecktest
from sozcontrol.forecast.prognose.verteilung import (
    EIGENE_JAHRE,
    Verteilung,
    groessen,
    jahresfaktor,
)
from sozcontrol.forecast.reihe import Floats


@dataclass(frozen=True)
class Erfahrung:
    """What the past of similar series says of errors, at one origin.

    ``typisch`` is the usual and ``groesster`` the largest relative error of ``anzahl``; ``treffer``
    are by series what its promised intervals met (1 or 0). ``formen`` are the sizes of all errors,
    each in typical ones of its series; ``faktor`` widens them for a year of its own.
    """

    typisch: float
    groesster: float
    treffer: Mapping[int, Floats]
    formen: Floats
    faktor: float
    anzahl: int


def _breite(eigene: Floats, typisch: float) -> float:
    n = len(eigene)
    mitte = float(np.median(np.abs(eigene))) if n else 0.0
    return max((n * mitte + EIGENE_JAHRE * typisch) / (n + EIGENE_JAHRE), BODEN)


def erfahrung(
    nummer: np.ndarray, jahre: np.ndarray, fehler: Floats, treffer: Floats
) -> Erfahrung | None:
    """Learn from past errors (all (n,), NaN = not known): the experience of one group, if any."""
    gut = np.isfinite(fehler)
    nummer, jahre, fehler = nummer[gut], jahre[gut], fehler[gut]
    if not len(fehler):
        return None
    typisch = max(float(np.median(np.abs(fehler))), BODEN)
    je_reihe = {i: fehler[wo] for i, wo in stellen_je_reihe(nummer).items()}
    breiten = {i: _breite(e, typisch) for i, e in je_reihe.items()}
    punkte = fehler / np.array([breiten[i] for i in nummer.tolist()])
    traf = {i: treffer[gut][wo] for i, wo in stellen_je_reihe(nummer).items()}
    traf = {i: t[np.isfinite(t)] for i, t in traf.items()}
    return Erfahrung(
        typisch,
        float(np.abs(fehler).max()),
        traf,
        groessen(punkte),
        jahresfaktor(punkte, jahre),
        len(fehler),
    )


def stellen_je_reihe(nummer: np.ndarray) -> dict[int, np.ndarray]:
    """Return by series the places where it stands in *nummer*."""
    if not len(nummer):
        return {}
    ordnung = np.argsort(nummer, kind="stable")
    verschieden, ab = np.unique(nummer[ordnung], return_index=True)
    return dict(zip(verschieden.tolist(), np.split(ordnung, ab[1:]), strict=True))


def intervall(test: Ruecktest, r: int, e: Erfahrung, stufe: float, vorbilder: Floats) -> None:
    """Set scale, interval and, from eight past errors on, distribution of row *r*.

    *stufe* is the level asked of past errors, *vorbilder* (m,) are the series' own signed errors of
    years that may serve as a model.
    """
    if not np.isfinite(test.massstab[r]) or not np.isfinite(test.gewaehlt[r]):
        return
    i = int(test.nummer[r])
    breite = _breite(vorbilder, e.typisch)
    test.breite[r] = breite
    wert, massstab = float(test.gewaehlt[r]), float(test.massstab[r])
    if e.anzahl >= MINDESTENS:
        v = Verteilung(wert, breite * massstab * e.faktor, e.formen, np.sort(vorbilder) / breite)
        test.verteilungen[r] = v
        niveau, n = _eigenes_niveau(e.treffer.get(i, np.empty(0)), test.niveau, e.anzahl)
        test.spannen[r] = Spanne(*v.enden(stufe), niveau, n)
    else:
        weite = massstab * e.groesster
        test.spannen[r] = Spanne(wert - weite, wert + weite, None, e.anzahl)


def _eigenes_niveau(treffer: Floats, niveau: float, anzahl: int) -> tuple[float, int]:
    """Return the level a row may promise, and the number of cases it rests on.

    Its own hits where it has eight of them, else what all similar series are held to.
    """
    if len(treffer) >= MINDESTENS:
        return float(treffer.mean()), len(treffer)
    return niveau, anzahl


def getroffen(test: Ruecktest, rows: Iterable[int], wahr: Floats) -> Floats:
    """Return 1 or 0 for each past interval that promised something, else NaN."""
    spannen = [test.spannen[r] for r in rows]
    enden = [(None, None) if s.niveau is None else (s.unten, s.oben) for s in spannen]
    unten, oben = np.array(enden, dtype=float).reshape(-1, 2).T
    return np.where(np.isfinite(unten + wahr), (unten <= wahr) & (wahr <= oben), np.nan)


def methodenspanne(test: Ruecktest, r: int, methode: str) -> Spanne:
    """Return the interval of one method's answer in row *r*, from that method's own past errors.

    Of similar series at the same point of the year, relative to their size; without an answer or
    an error before there is none.
    """
    wert, frueher = test.spalte(methode)[r], test.aehnliche(r)
    if not np.isfinite(wert) or not np.isfinite(test.massstab[r]):
        return OHNE_SPANNE
    wahr = test.damals_bekannt(frueher, int(test.jahr[r]), int(test.periode[r]))
    fehler = np.abs(test.spalte(methode)[frueher] - wahr) / test.massstab[frueher]
    return spanne(float(wert), float(test.massstab[r]), fehler, test.niveau)
