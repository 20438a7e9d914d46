"""The Hochrechnung as tables of a report, each with its record beside it.

Every table is an :class:`~sozcontrol.measures.aufstellungen.Aufstellung`. Sums of the ledger have
no persons behind them; the cost of a Hilfeart has the Hilfen it was paid for (``faelle``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import numpy as np

from sozcontrol.forecast.methoden.einfach import NAMEN
from sozcontrol.forecast.prognose.hochrechnung import Hochrechnung, euro
from sozcontrol.forecast.prognose.intervall import Spanne
from sozcontrol.forecast.prognose.zeugnis import Zeugnis, zeugnis
from sozcontrol.forecast.quellen.panel import Ebene, Seite
from sozcontrol.forecast.reihe import Floats
from sozcontrol.forecast.stadt import Prognosestand, prognosestand
from sozcontrol.forecast.tafelteile import dezimal, prozent, rahmen
from sozcontrol.measures.aufstellungen import MONATE, Aufstellung
from sozcontrol.measures.soll_ist import wort

PROZENT = Decimal(100)
GEWAEHLT = "gewählt"
HINTER = {"ansatz_eur": (), "ist_eur": ("faelle",), "vorjahr_eur": ("faelle_vorjahr",)}
"""Hilfen behind the figures that are no forecast; a budget has nobody behind it."""


def _tafel(
    rows: Sequence[dict[str, Any]], je: tuple[str, ...], merkmal: str,
    traeger: Mapping[str, Mapping[str, int]] | None = None,
    hinter: Mapping[str, tuple[str, ...]] | None = None,
) -> Aufstellung:  # fmt: skip
    """Make the table; *traeger* are counts of Hilfen (column → first key → number).

    All of them stand behind every figure, or those that *hinter* names.
    """
    traeger = traeger or {}
    counts = {c: [n.get(row[je[0]], 0) for row in rows] for c, n in traeger.items()}
    figures = [c for c in rows[0] if c not in je]
    behind = {c: (hinter or {}).get(c, tuple(traeger)) for c in figures}
    return Aufstellung(rahmen(rows, list(rows[0]), counts), je, merkmal, tuple(traeger), behind)


def _je_reihe(
    stand: Prognosestand, zeile: Callable[[Hochrechnung], dict[str, Any]], merkmal: str
) -> Aufstellung:
    """One row a series, with its key and, for the ledger, its name; the total last.

    Behind the cost of a Hilfeart stand the Hilfen of the year so far; a forecast may be last
    year's result, and so has those of last year behind it, too.
    """
    p, ebene = stand.panel, stand.panel.ebene
    je: tuple[str, ...] = (ebene, f"{ebene}_name") if ebene == "produktgruppe" else (ebene,)
    rows = []
    for h in stand.prognose.hochrechnungen:
        keys = (h.reihe, p.namen.get(h.reihe, h.reihe))
        rows.append(dict(zip(je, keys, strict=False)) | zeile(h))
    if ebene == "produktgruppe":
        return _tafel(rows, je, merkmal)
    counts = {"faelle": p.faelle, "faelle_vorjahr": p.faelle_vorjahr}
    # The same Hilfen in every table of the run: what one hides, the other must not show.
    merkmal = f"Hilfen mit Kosten bis {p.jahr}-{p.periode:02}"
    return _tafel(rows, je, merkmal, counts, HINTER)


def hochrechnung(
    daten: Any, ebene: Ebene = "produktgruppe", *, stichtag: date | None = None,
    seite: Seite = "aufwand",
) -> Aufstellung:  # fmt: skip
    """F05 and F06 by series: budget, actual, forecast, interval, deviation and the method.

    ``vorjahr_eur`` and ``ansatz_eur`` are the two baselines (M1, M0) that are always shown.
    ``unten_eur`` and ``oben_eur`` are the interval, or with few past errors their span.
    """
    stand = prognosestand(daten, ebene, stichtag=stichtag, seite=seite)

    def zeile(h: Hochrechnung) -> dict[str, Any]:
        ansatz, ist = h.alternativen.get("M0"), _ist(stand, h.reihe)
        weg = None if h.wert is None or ansatz is None else _abweichung(h.wert, ansatz, seite)
        return {
            "ansatz_eur": ansatz,
            "vorjahr_eur": h.alternativen.get("M1"),
            "ist_eur": ist,
            "hochrechnung_eur": h.wert,
            "unten_eur": _euro(h.spanne.unten),
            "oben_eur": _euro(h.spanne.oben),
            "abweichung_eur": weg,
            "abweichung_pct": None if weg is None or not ansatz else weg / ansatz * PROZENT,
            "wort": None if weg is None else _lage(h.wert, ansatz),
            "methode": NAMEN.get(h.methode, h.grund),
        }

    return _je_reihe(stand, zeile, f"Hochrechnung {seite}")


def _lage(wert: Decimal, ansatz: Decimal) -> str:
    """Say where the forecast stands in whole euros: a reader sees no cents to be above or below."""
    voll = wert.quantize(Decimal(1), ROUND_HALF_UP), ansatz.quantize(Decimal(1), ROUND_HALF_UP)
    return "im Ansatz" if voll[0] == voll[1] else wort(*voll)


def _abweichung(wert: Decimal, ansatz: Decimal, seite: Seite) -> Decimal:
    """Return the deviation with the sign of F04: positive is bad news."""
    return wert - ansatz if seite == "aufwand" else ansatz - wert


def _ist(stand: Prognosestand, name: str) -> Decimal | None:
    return _euro(float(_verlauf(stand, name)[-1]))


def _verlauf(stand: Prognosestand, name: str) -> Floats:
    """Return this year's actual of one series by month, cumulated, up to the Stichtag."""
    p = stand.panel
    reihe = next(r for r in stand.prognose.test.reihen if r.name == name)
    return reihe.ist[p.jahr - reihe.jahre[0], : p.periode]


def _euro(wert: float | None) -> Decimal | None:
    return None if wert is None or not np.isfinite(wert) else euro(wert)


def prognosezeugnis(
    daten: Any, ebene: Ebene = "produktgruppe", *, stichtag: date | None = None,
    seite: Seite = "aufwand",
) -> Aufstellung:  # fmt: skip
    """The record of every shown forecast: errors, bias, skill, alarms, coverage, and its sentence.

    All from complete years before this one, forecast at the same day of the year with what was
    known then (F07, F08; domain.md 6.5). Negative skill is printed.
    """
    stand = prognosestand(daten, ebene, stichtag=stichtag, seite=seite)
    return _je_reihe(stand, lambda h: _zeugniszeile(h.zeugnis), f"Prognosezeugnis {seite}")


def _zeugniszeile(z: Zeugnis) -> dict[str, Any]:
    alarme = z.alarme
    treffer, n = z.abdeckung
    return {
        "jahre": str(z.n),
        "mape_pct": prozent(z.mape),
        "wape_pct": prozent(z.wape),
        "mase": dezimal(z.mase),
        "bias_pct": prozent(z.bias),
        "guete_ansatz": dezimal(z.skill_ansatz),
        "guete_vorjahr": dezimal(z.skill_vorjahr),
        "alarme": "–" if alarme is None else f"{alarme.richtig}/{alarme.falsch}/{alarme.verpasst}",
        "treffer": f"{treffer} von {n}" if n else "–",
        "satz": z.satz,
    }


def fruehere_jahre(
    daten: Any, ebene: Ebene = "produktgruppe", *, stichtag: date | None = None,
    seite: Seite = "aufwand",
) -> Aufstellung:  # fmt: skip
    """The total year by year: what would have been forecast on this day, and what became of it.

    ``naeher`` names what was closest: the forecast, the budget or last year's result.
    """
    stand = prognosestand(daten, ebene, stichtag=stichtag, seite=seite)
    rows = []
    for f in stand.summe.zeugnis.faelle:
        kandidaten = {"Hochrechnung": f.prognose, "Ansatz": f.ansatz, "Vorjahr": f.vorjahr}
        bekannt = {k: abs(w - f.ergebnis) for k, w in kandidaten.items() if w is not None}
        rows.append({
            "haushaltsjahr": f.jahr,
            "prognose_eur": _euro(f.prognose),
            "ansatz_eur": _euro(f.ansatz),
            "vorjahr_eur": _euro(f.vorjahr),
            "ergebnis_eur": _euro(f.ergebnis),
            "fehler_pct": prozent((f.prognose - f.ergebnis) / f.ergebnis if f.ergebnis else None),
            "naeher": min(bekannt, key=bekannt.__getitem__),
        })  # fmt: skip
    columns = ("haushaltsjahr", "prognose_eur", "ansatz_eur", "vorjahr_eur", "ergebnis_eur",
               "fehler_pct", "naeher")  # fmt: skip
    return mit_spalten(rows, columns, ("haushaltsjahr",), f"Frühere Jahre {ebene} {seite}")


def mit_spalten(
    rows: list[dict[str, Any]], columns: Sequence[str], je: tuple[str, ...], merkmal: str
) -> Aufstellung:
    """Make a table whose columns are there without any row, too."""
    figures = [c for c in columns if c not in je]
    return Aufstellung(
        rahmen(rows, columns, {}), je, merkmal, abgeleitet=dict.fromkeys(figures, ())
    )


def methoden(
    daten: Any, ebene: Ebene = "produktgruppe", *, stichtag: date | None = None,
    seite: Seite = "aufwand",
) -> Aufstellung:  # fmt: skip
    """All methods side by side: the total they give now, and their record over all series.

    The last row is what is shown: chosen by record, parts and total reconciled.
    """
    stand = prognosestand(daten, ebene, stichtag=stichtag, seite=seite)
    test, p = stand.prognose.test, stand.panel
    rows = []
    for m in test.methoden:
        z = zeugnis(test, p.periode, methode=m, bis=p.jahr, wesentlich=stand.wesentlich)
        if z.n or m in stand.summe.alternativen:
            rows.append(_methodenzeile(f"{m} {NAMEN[m]}", stand.summe.alternativen.get(m), z))
    z = zeugnis(test, p.periode, bis=p.jahr, wesentlich=stand.wesentlich)
    rows.append(_methodenzeile(GEWAEHLT, stand.summe.wert, z))
    return _tafel(rows, ("methode",), f"Methoden {ebene} {seite}")


def _methodenzeile(name: str, wert: Decimal | None, z: Zeugnis) -> dict[str, Any]:
    return {
        "methode": name,
        "summe_eur": wert,
        "prognosen": z.n,
        "median_pct": prozent(z.median),
        "wape_pct": prozent(z.wape),
        "bias_pct": prozent(z.bias),
        "guete_ansatz": dezimal(z.skill_ansatz),
        "guete_vorjahr": dezimal(z.skill_vorjahr),
    }


def wege_zur_summe(
    daten: Any, ebene: Ebene = "produktgruppe", *, stichtag: date | None = None,
    seite: Seite = "aufwand",
) -> Aufstellung:  # fmt: skip
    """The total three ways: sum of the parts, forecast directly, reconciled; with their errors."""
    stand = prognosestand(daten, ebene, stichtag=stichtag, seite=seite)
    direkt, test, p = stand.prognose.direkt, stand.prognose.test, stand.panel
    summe = len(test.reihen) - 1
    rows = []
    for name, quelle, aus_teilen in (
        ("Summe der Teile", direkt, True),
        ("direkt hochgerechnet", direkt, False),
        ("abgeglichen (gezeigt)", test, False),
    ):
        wert, fehler, n = _summenrekord(quelle, summe, p.jahr, aus_teilen)
        row = {"weg": name, "summe_eur": _euro(wert), "jahre": n, "wape_pct": prozent(fehler)}
        rows.append(row)
    return _tafel(rows, ("weg",), f"Wege zur Summe {ebene} {seite}")


def _summenrekord(
    test: Any, summe: int, jahr: int, aus_teilen: bool
) -> tuple[float, float | None, int]:
    """Return this year's total, the weighted error of past totals, and how many there were."""
    werte, ergebnisse = {}, {}
    for j in sorted(set(test.jahr.tolist())):
        ganz = (test.jahr == j) & (test.nummer == summe)
        # A single series is its own total.
        rows = (test.jahr == j) & (test.nummer != summe) if aus_teilen and summe else ganz
        werte[j] = float(np.nansum(test.gewaehlt[rows]))
        ergebnisse[j] = float(test.ergebnis[ganz][0]) if ganz.any() else float("nan")
    frueher = [j for j in werte if j < jahr and np.isfinite(ergebnisse[j]) and werte[j]]
    nenner = sum(abs(ergebnisse[j]) for j in frueher)
    weg = sum(abs(werte[j] - ergebnisse[j]) for j in frueher)
    return werte.get(jahr, float("nan")), weg / nenner if nenner else None, len(frueher)


def weg_zum_jahresende(
    daten: Any, ebene: Ebene = "produktgruppe", *, stichtag: date | None = None,
    seite: Seite = "aufwand",
) -> Aufstellung:  # fmt: skip
    """The total by month for a chart: actual so far, then straight to the forecast and its ends."""
    stand = prognosestand(daten, ebene, stichtag=stichtag, seite=seite)
    p, h = stand.panel, stand.summe
    ist = _verlauf(stand, h.reihe)
    rows = [(f"Ist {p.jahr}", MONATE[m], _euro(float(w))) for m, w in enumerate(ist)]
    enden = {"Hochrechnung": h.wert, "untere Grenze": h.spanne.unten, "obere Grenze": h.spanne.oben}
    for name, ende in enden.items():
        if ende is not None and p.periode < 12:
            weg = np.linspace(float(ist[-1]), float(ende), 13 - p.periode)
            rows += [(name, MONATE[p.periode - 1 + m], _euro(float(w))) for m, w in enumerate(weg)]
    named = [dict(zip(("reihe", "monat", "betrag_eur"), row, strict=True)) for row in rows]
    return _tafel(named, ("reihe", "monat"), f"Weg zum Jahresende {ebene} {seite}")


def _grenzen(s: Spanne) -> str:
    if s.unten is None or s.oben is None:
        return ""
    unten, oben = (f"{euro(x) / 1_000_000:.1f}".replace(".", ",") for x in (s.unten, s.oben))
    return f"{unten} bis {oben} Mio. €. "


def satz(
    daten: Any, ebene: Ebene = "produktgruppe", *, stichtag: date | None = None
) -> Aufstellung:
    """The total in words: what it is made of, what the interval is, and its record."""
    h = prognosestand(daten, ebene, stichtag=stichtag).summe
    rows = [
        {"was": "Verfahren", "satz": h.satz or h.grund},
        {"was": "Spanne", "satz": _grenzen(h.spanne) + h.spanne.satz},
        {"was": "Zeugnis", "satz": h.zeugnis.satz},
    ]
    return _tafel(rows, ("was",), f"Sätze {ebene}")


__all__ = [
    "fruehere_jahre", "hochrechnung", "methoden", "prognosezeugnis", "satz",
    "weg_zum_jahresende", "wege_zur_summe",
]  # fmt: skip
