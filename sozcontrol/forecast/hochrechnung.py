"""The forecast of one year for all products and their total, each with parts and record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

import numpy as np

from sozcontrol.errors import UsageError
from sozcontrol.forecast.abgleich import abgleichen, summenreihe
from sozcontrol.forecast.intervall import Spanne
from sozcontrol.forecast.methoden import Methode, prozent
from sozcontrol.forecast.reihe import Reihe
from sozcontrol.forecast.ruecktest import STANDARD, Ruecktest, Wissen, rueckrechnen
from sozcontrol.forecast.zeugnis import Zeugnis, methodenname, zeugnis

CENT = Decimal("0.01")


@dataclass(frozen=True)
class Hochrechnung:
    """One forecast: ``wert`` is exactly the sum of ``teile``; without it ``grund`` says why.

    ``alternativen`` are all methods' values by id (M0 and M1 are always worth printing beside it).
    """

    reihe: str
    jahr: int
    periode: int
    methode: str
    wert: Decimal | None
    teile: tuple[tuple[str, Decimal], ...]
    satz: str
    grund: str
    spanne: Spanne
    zeugnis: Zeugnis
    alternativen: Mapping[str, Decimal]


def hochrechnen(
    reihen: Sequence[Reihe],
    jahr: int,
    periode: int,
    *,
    summe: str | None = "Summe",
    methoden: Mapping[str, Methode] = STANDARD,
    niveau: float = 0.8,
    wissen: Wissen | None = None,
) -> tuple[Hochrechnung, ...]:
    """Return the forecast of *jahr* at the end of *periode*, one a series, the total last.

    With *summe* the total is forecast directly too, and both are reconciled by their records.

    Raises:
        UsageError: No series knows the year.
    """
    teile = [_bis(r, jahr) for r in reihen if r.jahre[0] <= jahr <= r.jahre[-1]]
    if not teile:
        raise UsageError(
            f"Für {jahr} gibt es keine Reihe.", wo="jahr", tun="Jahr der Daten angeben."
        )
    panel = [*teile]
    if summe and len(teile) > 1:
        panel.append(replace(summenreihe(summe, teile), gruppe=summe))
    test = rueckrechnen(panel, [periode], methoden=methoden, niveau=niveau, wissen=wissen)
    einzeln = [_eine(test, i, jahr, periode) for i in range(len(panel))]
    if len(panel) == len(teile):
        return tuple(einzeln)
    return _abgeglichen(test, einzeln, jahr)


def _bis(reihe: Reihe, jahr: int) -> Reihe:
    n = int(jahr - reihe.jahre[0]) + 1
    felder = ("jahre", "ist", "ergebnis", "ansatz", "fortgeschrieben", "plan", "menge",
              "einmalig", "fremd")  # fmt: skip
    stand = None if reihe.stand is None else reihe.stand[:n, :n]
    return replace(reihe, stand=stand, **{f: getattr(reihe, f)[:n] for f in felder})


def euro(wert: float) -> Decimal:
    """Return an amount in whole cents, half up."""
    return Decimal(repr(float(wert))).quantize(CENT, ROUND_HALF_UP)


def _eine(test: Ruecktest, i: int, jahr: int, periode: int) -> Hochrechnung:
    reihe = test.reihen[i]
    record = zeugnis(test, periode, reihe=reihe.name, bis=jahr)
    rows = np.flatnonzero((test.nummer == i) & (test.jahr == jahr))
    leer = Spanne(None, None, None, 0)
    if not len(rows) or test.wahl[rows[0]] < 0:
        grund = "Weder Ist noch Ansatz noch ein früheres Ergebnis ist bekannt."
        return Hochrechnung(reihe.name, jahr, periode, "", None, (), "", grund, leer, record, {})
    r = int(rows[0])
    methode = test.methoden[test.wahl[r]]
    werte = zip(test.methoden, test.werte[r], strict=True)
    teile, satz = _teile(test, r, methode)
    wert = euro(test.gewaehlt[r])
    return Hochrechnung(
        reihe=reihe.name,
        jahr=jahr,
        periode=periode,
        methode=methode,
        wert=wert,
        teile=_genau(teile, wert),
        satz=satz,
        grund="",
        spanne=test.spannen[r],
        zeugnis=record,
        alternativen={m: euro(w) for m, w in werte if np.isfinite(w)},
    )


def _teile(test: Ruecktest, r: int, methode: str) -> tuple[list[tuple[str, float]], str]:
    if methode != "M10":
        antwort = test.antworten[r][test.methoden.index(methode)]
        return list(antwort.teile), antwort.satz
    gewichte = test.gewichte[r]
    staerkste = int(np.argmax(gewichte))
    satz = (
        f"Gewichteter Median aus {int((gewichte > 0).sum())} Methoden; am meisten zählt"
        f" »{methodenname(test.methoden[staerkste])}« ({prozent(float(gewichte[staerkste]))})."
    )
    reihe = test.reihen[test.nummer[r]]
    ist = float(reihe.ist[test.jahr[r] - reihe.jahre[0], test.periode[r] - 1])
    wert = float(test.gewaehlt[r])
    if not np.isfinite(ist):
        return [("erwartet", wert)], satz
    return [("Ist", ist), ("erwarteter Rest", wert - ist)], satz


def _genau(teile: list[tuple[str, float]], wert: Decimal) -> tuple[tuple[str, Decimal], ...]:
    """Return the parts in cents; the last one takes the rounding, so that they add up."""
    genau = [(name, euro(t)) for name, t in teile]
    rest = wert - sum((t for _, t in genau[:-1]), Decimal(0))
    return (*genau[:-1], (genau[-1][0], rest))


def _abgeglichen(
    test: Ruecktest, einzeln: list[Hochrechnung], jahr: int
) -> tuple[Hochrechnung, ...]:
    *teile, direkt = einzeln
    mit = [h for h in teile if h.wert is not None]
    if direkt.wert is None or not mit:
        return tuple(einzeln)
    streuung = {test.reihen[test.nummer[r]].name: _streuung(test, int(r))
                for r in np.flatnonzero(test.jahr == jahr)}  # fmt: skip
    ergebnis = abgleichen(
        np.array([float(h.wert) for h in mit if h.wert is not None]),
        np.array([streuung[h.reihe] for h in mit]),
        float(direkt.wert),
        streuung[direkt.reihe],
    )
    neu = {h.reihe: _verschoben(h, w) for h, w in zip(mit, ergebnis.teile, strict=True)}
    fertig = [neu.get(h.reihe, h) for h in teile]
    gesamt = sum((h.wert for h in fertig if h.wert is not None), Decimal(0))
    return (*fertig, _verschoben(direkt, gesamt))


def _streuung(test: Ruecktest, r: int) -> float:
    """Return the typical error of a row in the series' unit; without a record a tenth."""
    breite = test.breite[r] if np.isfinite(test.breite[r]) else 0.1
    massstab = test.massstab[r] if np.isfinite(test.massstab[r]) else 0.0
    return float(breite * massstab)


def _verschoben(h: Hochrechnung, ziel: float | Decimal) -> Hochrechnung:
    assert h.wert is not None, "only forecasts with a value are reconciled"
    wert = ziel if isinstance(ziel, Decimal) else euro(ziel)
    um = wert - h.wert
    if um == 0:
        return h
    s = h.spanne
    if s.unten is not None and s.oben is not None:
        s = Spanne(s.unten + float(um), s.oben + float(um), s.niveau, s.n)
    name = "Abgleich mit den Teilen" if isinstance(ziel, Decimal) else "Abgleich mit der Summe"
    return replace(h, wert=wert, teile=(*h.teile, (name, um)), spanne=s)
