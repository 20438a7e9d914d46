"""What the tables of the Hochrechnung are built with: rows by series, counts behind them, words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np

from sozcontrol.forecast.prognose.hochrechnung import Hochrechnung, euro
from sozcontrol.forecast.prognose.intervall import Spanne
from sozcontrol.forecast.reihe import Floats, Reihe
from sozcontrol.hochrechnung.prognosestand import Prognosestand
from sozcontrol.hochrechnung.tafelteile import Zeile, Zelle, rahmen
from sozcontrol.measures.aufstellungen import Aufstellung, gebucht_bis
from sozcontrol.measures.zaehlwerk.zeitraum import monatsende

PROZENT = Decimal(100)
HINTER = {
    "ansatz_eur": (), "ist_eur": ("faelle",), "einmalig_eur": ("faelle",),
    "vorjahr_eur": ("faelle_vorjahr",),
}  # fmt: skip
"""Hilfen behind the figures that are no forecast; a budget has nobody behind it."""
MITTE, AUS_DER_MITTE = ("hochrechnung_eur",), ("abweichung_eur", "unten_eur", "oben_eur")
"""The forecast, and what tells it: its distance from the budget, the ends around it."""
SCHLECHTER, BESSER, IM_ANSATZ = "schlechter", "besser", "im Ansatz"
"""What a forecast makes of the budget."""
OHNE_SPANNE = "noch keine"
_KLEIN_EUR, _KLEIN_PCT = Decimal(1000), Decimal("0.05")
"""Below either a deviation is lost in the rounding of what is shown (T€, one decimal)."""


def tafel(
    rows: Sequence[Mapping[str, Zelle]], je: tuple[str, ...], merkmal: str,
    traeger: Mapping[str, Mapping[str, int]] | None = None,
    hinter: Mapping[str, tuple[str, ...]] | None = None,
) -> Aufstellung:  # fmt: skip
    """Make the table; *traeger* are counts of Hilfen (column → first key → number).

    All of them stand behind every figure, or those that *hinter* names.
    """
    traeger = traeger or {}
    counts = {c: [n.get(str(row[je[0]]), 0) for row in rows] for c, n in traeger.items()}
    figures = [c for c in rows[0] if c not in je]
    behind = {c: (hinter or {}).get(c, tuple(traeger)) for c in figures}
    return Aufstellung(rahmen(rows, list(rows[0]), counts), je, merkmal, tuple(traeger), behind)


def je_reihe(
    stand: Prognosestand, zeile: Callable[[Hochrechnung], Zeile], merkmal: str,
    *, zeugnis: bool = False, gleichungen: tuple[Mapping[str, int], ...] = (),
) -> Aufstellung:  # fmt: skip
    """One row a series, with its key and, for the ledger, its name; the total last.

    *gleichungen* between its columns hold in every row.

    Behind the cost of a Hilfeart stand the Hilfen of the year so far; a forecast may be last
    year's result, and so has those of last year behind it, too. Behind a *zeugnis* stand those of
    every year it averages.
    """
    p, ebene = stand.panel, stand.panel.ebene
    je: tuple[str, ...] = (ebene, f"{ebene}_name") if ebene == "produktgruppe" else (ebene,)
    rows: list[Zeile] = []
    for h in stand.prognose.hochrechnungen:
        keys = (h.reihe, p.namen.get(h.reihe, h.reihe))
        rows.append({**dict(zip(je, keys, strict=False)), **zeile(h)})
    if ebene == "produktgruppe":
        return tafel(rows, je, merkmal)
    t = p.traeger
    counts = {"faelle": t.faelle, "faelle_vorjahr": t.faelle_vorjahr}
    counts |= {"faelle_zeugnis": t.faelle_zeugnis} if zeugnis else {}
    made = tafel(rows, je, p.merkmal, counts, HINTER)
    day = monatsende(date(p.jahr, p.periode, 1))
    # A completed year holds what was booked later, too.
    booked = {"ist_eur": gebucht_bis(day, p.nachlauf)} if "ist_eur" in made.frame else {}
    told = {c: MITTE for c in made.frame if c in AUS_DER_MITTE and set(MITTE) <= {*made.frame}}
    return replace(made, heisst=booked, identitaeten=gleichungen, aus=told)


def mit_spalten(
    rows: Sequence[Mapping[str, Zelle]], columns: Sequence[str], je: tuple[str, ...], merkmal: str
) -> Aufstellung:
    """Make a table whose columns are there without any row, too."""
    figures = [c for c in columns if c not in je]
    return Aufstellung(
        rahmen(rows, columns, {}), je, merkmal, abgeleitet=dict.fromkeys(figures, ())
    )


def summentafel(
    stand: Prognosestand, rows: Sequence[Mapping[str, Zelle]], columns: Sequence[str], merkmal: str
) -> Aufstellung:
    """Make a table about the total, keyed by its first column.

    All Hilfen stand behind each of its figures.
    """
    p, je = stand.panel, columns[:1]
    merkmal = f"{merkmal} {p.ebene} {p.seite}"
    if p.ebene == "produktgruppe":
        return mit_spalten(rows, columns, tuple(je), merkmal)
    summe = stand.summe.reihe
    t = p.traeger
    alle = {"faelle": t.faelle.get(summe, 0), "faelle_vorjahr": t.faelle_vorjahr.get(summe, 0)}
    counts = {c: [n] * len(rows) for c, n in alle.items()}
    behind = {c: tuple(alle) for c in columns if c not in je}
    return Aufstellung(rahmen(rows, columns, counts), tuple(je), merkmal, tuple(alle), behind)


def abweichung(wert: Decimal | None, ansatz: Decimal | None, seite: str = "aufwand") -> Zeile:
    """Return in a word what a forecast makes of the budget, and by how much, in € and in %.

    The word has the direction, so amount and share have no sign: more expenses and less income
    (*seite* ``ertrag``) make it worse. The net of both is counted as an expense.
    """
    if wert is None or ansatz is None:
        return {"wort": None, "abweichung_eur": None, "abweichung_pct": None}
    weg = ansatz - wert if seite == "ertrag" else wert - ansatz
    return {
        "wort": IM_ANSATZ if ist_klein(weg, ansatz) else SCHLECHTER if weg > 0 else BESSER,
        "abweichung_eur": abs(weg),
        "abweichung_pct": abs(weg / ansatz) * PROZENT if ansatz else None,
    }


def ist_klein(weg: Decimal, ansatz: Decimal) -> bool:
    """Say whether a deviation is lost in the rounding of what is shown."""
    return abs(weg) < _KLEIN_EUR or abs(weg) * PROZENT < _KLEIN_PCT * abs(ansatz)


def grundlage(s: Spanne) -> str:
    """Say in short what an interval is: a promised share or a mere span, with how many errors.

    :func:`spannenworte` writes it out.
    """
    if s.n == 0:
        return OHNE_SPANNE
    if s.niveau is None:
        return f"Spannweite ({s.n})"
    return f"{100 * s.niveau:.0f} % ({s.n})"


def spannenworte(spannen: Iterable[Spanne]) -> list[str]:
    """Write out what the intervals of a table are, each kind and level once."""
    kinds: dict[str, Spanne] = {}
    for s in spannen:
        if s.n:
            key = "" if s.niveau is None else f"{s.niveau:.2f}"
            kinds[key] = min(s, kinds.get(key, s), key=lambda one: one.n)
    return [f"»{grundlage(s)}«: {_spannensatz(s)}" for _, s in sorted(kinds.items(), reverse=True)]


def _spannensatz(s: Spanne) -> str:
    if s.niveau is not None:
        return (
            f"In {100 * s.niveau:.0f} % der Fälle liegt das Ergebnis in der Spanne, gemessen an "
            f"{s.n} früheren Fehlern."
        )
    was = "der eine bisherige Fehler" if s.n == 1 else f"die bisherigen {s.n} Fehler"
    return f"So weit reichten {was}; für eine Trefferquote sind das zu wenige."


def spannensaetze(spannen: Iterable[Spanne]) -> list[str]:
    """Say what the intervals of a table are where no row names its own level: from, to."""
    known = [s for s in spannen if s.n]
    levels = sorted(f"{100 * s.niveau:.0f}" for s in known if s.niveau is not None)
    told = []
    if levels:
        share = levels[0] if levels[0] == levels[-1] else f"{levels[0]} bis {levels[-1]}"
        told.append(f"Möglich: In {share} % der Fälle lag das Ergebnis in so einer Spanne.")
    if len(levels) < len(known):
        told.append("Möglich, ohne Trefferquote: So weit reichten die wenigen bisherigen Fehler.")
    return told


def reihe(stand: Prognosestand, name: str) -> Reihe:
    """Return one series of the forecast, the total among them."""
    return next(r for r in stand.prognose.test.reihen if r.name == name)


def verlauf(stand: Prognosestand, name: str, feld: str = "ist") -> Floats:
    """Return this year's actual of one series by month, cumulated, up to the Stichtag."""
    p, r = stand.panel, reihe(stand, name)
    return getattr(r, feld)[p.jahr - r.jahre[0], : p.periode]


def ist(stand: Prognosestand, name: str) -> Decimal | None:
    """Return the actual of one series at the Stichtag."""
    return in_euro(float(verlauf(stand, name)[-1]))


def vorjahr(stand: Prognosestand, name: str) -> Decimal | None:
    """Return the result of last year as known at the Stichtag, one-off amounts included.

    The baseline »wie im Vorjahr« (M1) takes them out and adds this year's: another number.
    """
    p, r = stand.panel, reihe(stand, name)
    before = r.ergebnisse(p.jahr, p.periode)[: p.jahr - int(r.jahre[0])]
    return in_euro(float(before[-1])) if len(before) else None


def in_euro(wert: float | None) -> Decimal | None:
    """Return an amount in whole cents; what is not known stays empty."""
    return None if wert is None or not np.isfinite(wert) else euro(wert)
