"""Rolling-origin back-test: every past year forecast with nothing but what was known then.

The forecast of the current year comes out of the same loop as those of past years, so that a
record can never be better than the procedure it belongs to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from sozcontrol.forecast.methoden import einfach as m
from sozcontrol.forecast.methoden.bestandsfluss import bestandsfluss_wert
from sozcontrol.forecast.methoden.ergaenzung import abwicklung_wert
from sozcontrol.forecast.methoden.glaettung import glaettung
from sozcontrol.forecast.methoden.treiber import treiber
from sozcontrol.forecast.prognose.intervall import MINDESTENS, Spanne, nachgefuehrt, spanne
from sozcontrol.forecast.prognose.kombination import (
    BODEN,
    DECKEL,
    gemeinsamer_fehler,
    gewichteter_median,
    typischer_fehler,
    waehle,
)
from sozcontrol.forecast.reihe import Floats, Reihe, bekannt

STANDARD: Mapping[str, m.Methode] = {
    "M0": m.ansatz,
    "M0b": m.ansatz_ausschoepfung,
    "M1": m.vorjahr,
    "M2": m.linear,
    "M3": m.anteil,
    "M4": m.restjahr,
    "M5": m.restansatz,
    "M5b": m.planabweichung,
    "M6": treiber,
    "M7": abwicklung_wert,
    "M8": glaettung,
    "M9": bestandsfluss_wert,
}
"""All methods; each says itself when the data it needs are not there."""

KLEIN = 50_000.0
"""A product below this amount is not forecast but budgeted (domain.md 6.5: no percentages)."""
Wissen = Callable[[Reihe, int, int], Mapping[str, object]]


@dataclass(eq=False)
class Ruecktest:
    """All origins of a panel, one row each, ordered by year, period, series.

    ``werte`` is (n, M) with the combination as last column; ``ergebnis`` is NaN where the year is
    not over; ``massstab`` is the size by which errors are made relative, known at the origin;
    ``stufe`` the level asked of past errors for an interval of the nominal ``niveau``.
    """

    reihen: tuple[Reihe, ...]
    methoden: tuple[str, ...]
    nummer: np.ndarray
    jahr: np.ndarray
    periode: np.ndarray
    ergebnis: Floats
    antworten: list[tuple[m.Wert, ...]]
    werte: Floats
    massstab: Floats
    niveau: float
    klein: float
    gewichte: Floats = field(init=False)
    wahl: np.ndarray = field(init=False)
    gewaehlt: Floats = field(init=False)
    breite: Floats = field(init=False)
    stufe: Floats = field(init=False)
    spannen: list[Spanne] = field(init=False)

    def __post_init__(self) -> None:
        n = len(self.jahr)
        self.gewichte = np.zeros((n, len(self.methoden) - 1))
        self.wahl = np.full(n, -1)
        self.gewaehlt = np.full(n, np.nan)
        self.breite = np.full(n, np.nan)
        self.stufe = np.full(n, self.niveau)
        self.spannen = [Spanne(None, None, None, 0)] * n

    @property
    def fremd(self) -> Floats:
        """Return somebody else's forecast per row (NaN = none)."""
        return np.array(
            [
                self.reihen[i].fremd[j - self.reihen[i].jahre[0], p - 1]
                for i, j, p in zip(self.nummer, self.jahr, self.periode, strict=True)
            ]
        )

    def spalte(self, methode: str) -> Floats:
        """Return the forecasts of one method, NaN where it did not answer."""
        return self.werte[:, self.methoden.index(methode)]


def rueckrechnen(
    reihen: Sequence[Reihe],
    stichtage: Iterable[int],
    *,
    methoden: Mapping[str, m.Methode] = STANDARD,
    niveau: float = 0.8,
    klein: float = KLEIN,
    wissen: Wissen | None = None,
    fortschritt: Callable[[int, int], None] | None = None,
) -> Ruecktest:
    """Forecast every year of every series at each of *stichtage* (periods), knowing only the past.

    Args:
        reihen: The panel; series of one ``gruppe`` share their experience.
        stichtage: Periods (1-based) at whose end a forecast is made.
        methoden: Methods by id, simplest first; the combination M10 is added.
        niveau: Nominal coverage of the intervals.
        klein: Amount below which the budget (else last year) is taken without further ado.
        wissen: Gives more knowledge of a series at an origin (triangle, drivers).
        fortschritt: Called with (done, all) origins.
    """
    reihen = tuple(reihen)
    origins = sorted(
        (int(j), p, i)
        for i, r in enumerate(reihen)
        for j in r.jahre
        for p in set(stichtage)
        if _etwas_bekannt(r, int(j), p)
    )
    antworten = _antworten(reihen, origins, methoden, wissen, fortschritt)
    test = _aufstellen(reihen, origins, antworten, (*methoden, "M10"), niveau, klein)
    for jahr, periode in sorted(set(zip(test.jahr.tolist(), test.periode.tolist(), strict=True))):
        _kombinieren(test, jahr, periode)
    return test


Origin = tuple[int, int, int]  # year, period, number of the series


def _antworten(
    reihen: tuple[Reihe, ...],
    origins: Sequence[Origin],
    methoden: Mapping[str, m.Methode],
    wissen: Wissen | None,
    fortschritt: Callable[[int, int], None] | None,
) -> list[tuple[m.Wert, ...]]:
    umfeld: dict[tuple[str, int, int], float | None] = {}
    antworten: list[tuple[m.Wert, ...]] = []
    for done, (jahr, periode, i) in enumerate(origins):
        key = (reihen[i].gruppe, jahr, periode)
        if key not in umfeld:
            umfeld[key] = m.umfeld(reihen, *key)
        extra = wissen(reihen[i], jahr, periode) if wissen else {}
        k = bekannt(reihen[i], jahr, periode, umfeld=umfeld[key], **extra)
        antworten.append(tuple(f(k) for f in methoden.values()))
        if fortschritt:
            fortschritt(done + 1, len(origins))
    return antworten


def _aufstellen(
    reihen: tuple[Reihe, ...],
    origins: Sequence[Origin],
    antworten: list[tuple[m.Wert, ...]],
    methoden: tuple[str, ...],
    niveau: float,
    klein: float,
) -> Ruecktest:
    werte = np.array([[np.nan if w.wert is None else w.wert for w in a] for a in antworten])
    werte = werte.reshape(len(origins), len(methoden) - 1)
    return Ruecktest(
        reihen=reihen,
        methoden=methoden,
        nummer=np.array([i for _, _, i in origins], dtype=int),
        jahr=np.array([j for j, _, _ in origins], dtype=int),
        periode=np.array([p for _, p, _ in origins], dtype=int),
        ergebnis=np.array([reihen[i].ergebnis[j - reihen[i].jahre[0]] for j, _, i in origins]),
        antworten=antworten,
        werte=np.column_stack([werte, np.full(len(origins), np.nan)]),
        massstab=_massstab(werte),
        niveau=niveau,
        klein=klein,
    )


def _etwas_bekannt(reihe: Reihe, jahr: int, periode: int) -> bool:
    j = int(jahr - reihe.jahre[0])
    jetzt = (reihe.ist[j, periode - 1], reihe.ansatz[j], reihe.fortgeschrieben[j, periode - 1])
    return bool(np.isfinite(jetzt).any())


def _massstab(werte: Floats) -> Floats:
    groesse = np.full(len(werte), np.nan)
    gut = np.isfinite(werte).any(axis=1)
    groesse[gut] = np.nanmedian(np.abs(werte[gut]), axis=1)
    return np.where(groesse > 0, groesse, np.nan)


def _kombinieren(test: Ruecktest, jahr: int, periode: int) -> None:
    """Fill combination, choice and interval of the rows of one origin, from earlier years only."""
    rows = np.flatnonzero((test.jahr == jahr) & (test.periode == periode))
    frueher = np.flatnonzero((test.jahr < jahr) & (test.periode == periode))
    wahr = _damals_bekannt(test, frueher, jahr, periode)
    massstab = test.massstab[frueher]
    fehler = np.minimum(np.abs(test.werte[frueher] - wahr[:, None]) / massstab[:, None], DECKEL)
    gewaehlt = np.minimum(np.abs(test.gewaehlt[frueher] - wahr) / massstab, DECKEL)
    getroffen = _getroffen(test, frueher, wahr)
    for gruppe in sorted({test.reihen[test.nummer[r]].gruppe for r in rows}):
        drin = [r for r in rows if test.reihen[test.nummer[r]].gruppe == gruppe]
        gleich = np.array([test.reihen[test.nummer[f]].gruppe == gruppe for f in frueher], bool)
        if np.isfinite(gewaehlt[gleich]).sum() < MINDESTENS:
            gleich = np.ones(len(frueher), bool)  # too little of its own: learn from everybody
        alle = (frueher[gleich], fehler[gleich], gewaehlt[gleich])
        pool = gemeinsamer_fehler(alle[1][:, :-1], _offen(test, drin[0]))
        beste = waehle(alle[1], test.jahr[alle[0]])
        test.stufe[drin] = nachgefuehrt(test.niveau, test.jahr[alle[0]], getroffen[gleich])
        for r in drin:
            _zeile(test, r, pool, beste, alle)


def _offen(test: Ruecktest, r: int) -> Floats:
    """Return per method the part of the year it has to forecast in row *r*."""
    rest = 1 - test.periode[r] / test.reihen[test.nummer[r]].perioden
    return np.array([1.0 if name in m.OHNE_IST else rest for name in test.methoden[:-1]])


def _getroffen(test: Ruecktest, rows: np.ndarray, wahr: Floats) -> Floats:
    """Return 1 or 0 for each past interval that promised something, else NaN."""
    spannen = [test.spannen[r] for r in rows]
    enden = [(s.unten, s.oben) if s.niveau else (None, None) for s in spannen]
    unten, oben = np.array(enden, dtype=float).reshape(-1, 2).T
    return np.where(np.isfinite(unten + wahr), (unten <= wahr) & (wahr <= oben), np.nan)


def _damals_bekannt(test: Ruecktest, rows: np.ndarray, jahr: int, periode: int) -> Floats:
    cache: dict[int, Floats] = {}
    out = np.empty(len(rows))
    for x, r in enumerate(rows):
        i = int(test.nummer[r])
        if i not in cache:
            cache[i] = test.reihen[i].ergebnisse(jahr, periode)
        out[x] = cache[i][test.jahr[r] - test.reihen[i].jahre[0]]
    return out


def _zeile(
    test: Ruecktest,
    r: int,
    pool: Floats,
    beste: int | None,
    alle: tuple[np.ndarray, Floats, Floats],
) -> None:
    frueher, fehler, gewaehlt = alle
    reihe = test.reihen[test.nummer[r]]
    eigen = (test.nummer[frueher] == test.nummer[r]) & _vorbild(
        reihe, test.jahr[frueher], test.jahr[r]
    )
    gewicht = 1 / typischer_fehler(fehler[eigen][:, :-1], pool)
    gewicht[~np.isfinite(test.werte[r, :-1])] = 0
    if not gewicht.any():
        return
    test.gewichte[r] = gewicht / gewicht.sum()
    test.werte[r, -1] = gewichteter_median(test.werte[r, :-1], gewicht)
    test.wahl[r] = _wahl(test, r, beste)
    test.gewaehlt[r] = test.werte[r, test.wahl[r]]
    _intervall(test, r, frueher, gewaehlt, eigen)


def _vorbild(reihe: Reihe, jahre: np.ndarray, jahr: int) -> np.ndarray:
    letzter = max((b for b in reihe.brueche if b <= jahr), default=-10_000)
    return (jahre >= letzter) & ~np.isin(jahre, sorted(reihe.sonderjahre))


def _wahl(test: Ruecktest, r: int, beste: int | None) -> int:
    """Return the chosen column: record first; small products take the budget, else last year."""
    letzte = len(test.methoden) - 1
    werte = test.werte[r]
    if np.nanmax(np.abs(werte)) < test.klein:
        for methode in ("M0", "M1"):
            if methode in test.methoden and np.isfinite(werte[test.methoden.index(methode)]):
                return test.methoden.index(methode)
    if beste is not None and np.isfinite(werte[beste]):
        return beste
    return letzte


def _intervall(
    test: Ruecktest, r: int, frueher: np.ndarray, gewaehlt: Floats, eigen: np.ndarray
) -> None:
    gut = np.isfinite(gewaehlt)
    if not gut.any() or not np.isfinite(test.massstab[r]):
        return
    pool = np.array([max(float(np.median(gewaehlt[gut])), BODEN)])
    test.breite[r] = typischer_fehler(gewaehlt[eigen][:, None], pool)[0]
    punkte, breite = gewaehlt / test.breite[frueher], test.breite[r]
    if np.isfinite(punkte).sum() < MINDESTENS:  # the first years: plain relative errors
        punkte, breite = gewaehlt, 1.0
    weite, stufe = breite * test.massstab[r], float(test.stufe[r])
    test.spannen[r] = spanne(test.gewaehlt[r], weite, punkte, test.niveau, stufe)
