"""Rolling-origin back-test: every past year forecast with nothing but what was known then.

The forecast of the current year comes out of the same loop as those of past years, so that a
record can never be better than the procedure it belongs to.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from itertools import groupby

import numpy as np

from sozcontrol.forecast.methoden import einfach as m
from sozcontrol.forecast.methoden.alle import STANDARD
from sozcontrol.forecast.methoden.umfeld import gewichteter_median, umfeld
from sozcontrol.forecast.methoden.zahltage import bereinigt
from sozcontrol.forecast.prognose.intervall import MINDESTENS, nachgefuehrt
from sozcontrol.forecast.prognose.kombination import (
    DECKEL,
    annahme,
    gemeinsamer_fehler,
    gewichte,
)
from sozcontrol.forecast.prognose.protokoll import Ruecktest
from sozcontrol.forecast.prognose.spannen import (
    Erfahrung,
    erfahrung,
    getroffen,
    intervall,
    stellen_je_reihe,
)
from sozcontrol.forecast.reihe import Floats, Kenntnis, Reihe, bekannt

KLEIN = 50_000.0
"""A product below this amount is not forecast but budgeted (domain.md 6.5: no percentages)."""
GESETZT = ("M0", "M1")
"""What a small product takes instead of a forecast, the first that is known."""
Wissen = Callable[[Reihe, int, int], Mapping[str, object]]


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
        klein: Amount below which the budget (else last year) is taken, unless it is passed.
        wissen: Gives more knowledge of a series at an origin (triangle, drivers).
        fortschritt: Called with (done, all) origins.
    """
    reihen = tuple(reihen)
    origins = _origins(reihen, set(stichtage))
    antworten, werte = _antworten(reihen, origins, methoden, wissen, fortschritt)
    test = Ruecktest(
        reihen=reihen,
        methoden=(*methoden, "M10"),
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
    for jahr, periode in sorted(set(zip(test.jahr.tolist(), test.periode.tolist(), strict=True))):
        _kombinieren(test, jahr, periode)
    return test


Origin = tuple[int, int, int]  # year, period, number of the series


def _origins(reihen: Sequence[Reihe], stichtage: Collection[int]) -> list[Origin]:
    return sorted(
        (int(j), p, i)
        for i, r in enumerate(reihen)
        for j in r.jahre
        for p in stichtage
        if _etwas_bekannt(r, int(j), p)
    )


def _antworten(
    reihen: tuple[Reihe, ...],
    origins: Sequence[Origin],
    methoden: Mapping[str, m.Methode],
    wissen: Wissen | None,
    fortschritt: Callable[[int, int], None] | None,
) -> tuple[list[tuple[m.Wert, ...]], Floats]:
    antworten: list[tuple[m.Wert, ...]] = []
    werte = np.full((len(origins), len(methoden)), np.nan)
    for (jahr, periode), gleichzeitig in groupby(origins, key=lambda o: o[:2]):
        nummern = [i for _, _, i in gleichzeitig]
        gruppen: dict[str, dict[int, Kenntnis]] = {}
        for i, r in enumerate(reihen):  # without a forecast this year, it still has years to teach
            if r.jahre[0] <= jahr <= r.jahre[-1]:
                gruppen.setdefault(r.gruppe, {})[i] = bekannt(r, jahr, periode)
        rein = {i: bereinigt(k) for bekannte in gruppen.values() for i, k in bekannte.items()}
        lehre = {
            gruppe: umfeld([rein[i] for i in bekannte]) for gruppe, bekannte in gruppen.items()
        }
        for i in nummern:
            gruppe = reihen[i].gruppe
            extra = dict(wissen(reihen[i], jahr, periode)) if wissen else {}
            gebucht, k = (
                replace(one, umfeld=lehre[gruppe], extra=extra)
                for one in (gruppen[gruppe][i], rein[i])
            )
            antwort = tuple(f(gebucht if n in m.WIE_GEBUCHT else k) for n, f in methoden.items())
            werte[len(antworten)] = [np.nan if w.wert is None else w.wert for w in antwort]
            antworten.append(antwort if jahr == reihen[i].jahre[-1] else ())
            if fortschritt:
                fortschritt(len(antworten), len(origins))
    return antworten, werte


def _etwas_bekannt(reihe: Reihe, jahr: int, periode: int) -> bool:
    j = int(jahr - reihe.jahre[0])
    jetzt = (reihe.ist[j, periode - 1], reihe.ansatz[j], reihe.fortgeschrieben[j, periode - 1])
    return bool(np.isfinite(jetzt).any())


def _massstab(werte: Floats) -> Floats:
    groesse = np.full(len(werte), np.nan)
    gut = np.isfinite(werte).any(axis=1)
    groesse[gut] = np.nanmedian(np.abs(werte[gut]), axis=1)
    return np.where(groesse > 0, groesse, np.nan)


@dataclass(frozen=True)
class Vergangenheit:
    """Earlier origins at the same point of the year: rows, years, series, and what became of them.

    ``fehler`` (n, M) are the methods' relative errors, ``abweichung`` (n,) the signed one of what
    was chosen (positive: the result was larger), ``treffer`` whether its interval met the result;
    NaN where not known by now.
    """

    rows: np.ndarray
    jahr: np.ndarray
    nummer: np.ndarray
    fehler: Floats
    abweichung: Floats
    treffer: Floats

    def nur(self, drin: np.ndarray) -> Vergangenheit:
        """Return the part of it that *drin* (n,) names."""
        return Vergangenheit(*(getattr(self, f.name)[drin] for f in fields(self)))

    @cached_property
    def je_reihe(self) -> Mapping[int, np.ndarray]:
        """Return by series the places of its own earlier origins."""
        return stellen_je_reihe(self.nummer)

    @cached_property
    def erfahrung(self) -> Erfahrung | None:
        """Return what it teaches of errors; several small groups may ask the same."""
        return erfahrung(self.nummer, self.jahr, self.abweichung, self.treffer)


def _vergangenheit(test: Ruecktest, jahr: int, periode: int) -> Vergangenheit:
    rows = np.flatnonzero((test.jahr < jahr) & (test.periode == periode))
    wahr, massstab = test.damals_bekannt(rows, jahr, periode), test.massstab[rows]
    fehler = np.abs(test.werte[rows] - wahr[:, None]) / massstab[:, None]
    abweichung = np.clip((wahr - test.gewaehlt[rows]) / massstab, -DECKEL, DECKEL)
    return Vergangenheit(
        rows, test.jahr[rows], test.nummer[rows], np.minimum(fehler, DECKEL), abweichung,
        getroffen(test, rows.tolist(), wahr),
    )  # fmt: skip


def _kombinieren(test: Ruecktest, jahr: int, periode: int) -> None:
    """Fill combination, choice and interval of the rows of one origin, from earlier years only."""
    rows = np.flatnonzero((test.jahr == jahr) & (test.periode == periode))
    alle = _vergangenheit(test, jahr, periode)
    for gruppe in np.unique(test.gruppe[rows]):
        drin = rows[test.gruppe[rows] == gruppe]
        eigene = alle.nur(test.gruppe[alle.rows] == gruppe)
        genug = np.isfinite(eigene.abweichung).sum() >= MINDESTENS
        _gruppe(test, drin.tolist(), eigene if genug else alle)  # too few: learn from everybody


def _gruppe(test: Ruecktest, rows: Sequence[int], v: Vergangenheit) -> None:
    neutral = _annahme(test, rows)
    pool = gemeinsamer_fehler(v.fehler[:, :-1], neutral)
    stufe = nachgefuehrt(test.niveau, v.jahr, v.treffer)
    test.stufe[rows] = stufe
    for r in rows:
        eigen = _vorbilder(test, r, v)
        _zeile(test, r, gewichte(v.fehler[eigen, :-1], pool))
        if v.erfahrung is not None:
            abweichung = v.abweichung[eigen]
            intervall(test, r, v.erfahrung, stufe, abweichung[np.isfinite(abweichung)])


def _annahme(test: Ruecktest, rows: Sequence[int]) -> Floats:
    """Return what is assumed of each method in *rows*, which are of one origin and group."""
    r, methoden = rows[0], test.methoden[:-1]
    offen = 1 - test.periode[r] / test.reihen[test.nummer[r]].perioden
    mit_ansatz = "M0" in methoden and bool(np.isfinite(test.spalte("M0")[rows]).any())
    return annahme(methoden, offen, mit_ansatz)


def _vorbilder(test: Ruecktest, r: int, v: Vergangenheit) -> np.ndarray:
    """Return the places of the series' own earlier origins that may serve as a model."""
    reihe = test.reihen[test.nummer[r]]
    eigen = v.je_reihe.get(int(test.nummer[r]), np.empty(0, dtype=int))
    letzter = max((b for b in reihe.brueche if b <= test.jahr[r]), default=-10_000)
    jahre = v.jahr[eigen]
    return eigen[(jahre >= letzter) & ~np.isin(jahre, sorted(reihe.sonderjahre))]


def _zeile(test: Ruecktest, r: int, gewicht: Floats) -> None:
    """Set combination and choice of one row by the weights of the methods that answered."""
    gewicht[~np.isfinite(test.werte[r, :-1])] = 0
    if not gewicht.any():
        return
    test.gewichte[r] = gewicht / gewicht.sum()
    test.werte[r, -1] = gewichteter_median(test.werte[r, :-1], gewicht)
    test.wahl[r] = _wahl(test, r)
    test.gewaehlt[r] = test.werte[r, test.wahl[r]]


def _wahl(test: Ruecktest, r: int) -> int:
    """Return the chosen column: the combination; small products take the budget, else last year.

    A budget or a last year that the actual has passed already is refuted, however small.
    """
    werte = test.werte[r]
    if test.klein_ist(r):
        for spalte in [test.methoden.index(m) for m in GESETZT if m in test.methoden]:
            if _haelt(test.ist(r), werte[spalte]):
                return spalte
    return len(test.methoden) - 1


def _haelt(ist: float, wert: float) -> bool:
    """Say whether an amount is known, and not passed by the actual already."""
    return bool(np.isfinite(wert)) and not (ist * wert >= 0 and abs(ist) > abs(wert))
