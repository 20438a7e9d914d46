"""The net of the Teilhaushalte through the year, and what was forecast of it in earlier ones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import numpy as np

from sozcontrol.forecast.reihe import Floats, Reihe
from sozcontrol.hochrechnung.prognosestand import Prognosestand
from sozcontrol.hochrechnung.tafeln.bau import abweichung, in_euro, mit_spalten
from sozcontrol.hochrechnung.tafeln.risiko import staende
from sozcontrol.hochrechnung.tafeln.zuschuss import Netto, posten, spanne
from sozcontrol.hochrechnung.tafelteile import Zeile, prozent
from sozcontrol.measures.aufstellungen import MONATE, Aufstellung
from sozcontrol.measures.zaehlwerk.lieferung import Stadtlieferung

JAHRE = ("haushaltsjahr", "prognose_eur", "ansatz_eur", "ergebnis_eur", "wort", "abweichung_eur",
         "fehler_pct", "naeher")  # fmt: skip
IM_MITTEL = "im Mittel"
VORAUSSICHTLICH, UNTEN, OBEN = "voraussichtlich", "untere Grenze", "obere Grenze"


def zuschussjahre(daten: Stadtlieferung, *, stichtag: date | None = None) -> Aufstellung:
    """What the same forecast of the net said on this day of earlier years, and what became of it.

    Columns :data:`JAHRE`: whether the result was worse than forecast and by how much, and what was
    closer, forecast or budget. The last row is the mean.
    """
    netto = Netto(posten(daten, stichtag or daten.stichtag))
    rows = [_jahr(year, *case) for year, case in netto.frueher.items()]
    if rows:
        off = [abs(f - r) for f, r, _ in netto.frueher.values()]
        share = [abs(f - r) / abs(r) for f, r, _ in netto.frueher.values() if r]
        rows.append({
            "haushaltsjahr": IM_MITTEL, "abweichung_eur": in_euro(float(np.mean(off))),
            "fehler_pct": prozent(float(np.mean(share))) if share else None,
        })  # fmt: skip
    return mit_spalten(rows, JAHRE, JAHRE[:1], "Zuschussbedarf früherer Jahre")


def _jahr(year: int, said: float, result: float, budget: float | None) -> Zeile:
    forecast, ergebnis = in_euro(said), in_euro(result)
    off = abweichung(ergebnis, forecast)
    closer = None
    if budget is not None:
        closer = "Ansatz" if abs(budget - result) < abs(said - result) else "Hochrechnung"
    return {
        "haushaltsjahr": str(year), "prognose_eur": forecast, "ansatz_eur": in_euro(budget),
        "ergebnis_eur": ergebnis,
        "wort": "wie erwartet" if off["wort"] == "im Ansatz" else off["wort"],
        "abweichung_eur": off["abweichung_eur"],
        "fehler_pct": prozent(abs(said - result) / abs(result)) if result else None,
        "naeher": closer,
    }  # fmt: skip


def jahresgang(daten: Stadtlieferung, *, stichtag: date | None = None) -> Aufstellung:
    """The net by month, cumulated, for a chart: last year, this year, the rest with its span.

    The rest comes as it came in earlier years on average; December holds what is booked for the
    year later, too. The span is that of the year's end, and grows from the Stichtag to it.
    """
    day = stichtag or daten.stichtag
    netto = Netto(posten(daten, day))
    known = [(-1 if seite == "ertrag" else 1, s) for (_, seite), s in staende(daten, day)]
    jahr, periode = known[0][1].panel.jahr, known[0][1].panel.periode
    rows: list[tuple[str, int, Decimal | None]] = []
    before = _summe([sign * _vorjahr(s) for sign, s in known])
    now = _summe([sign * _gesamt(s).ist[_nr(s)] for sign, s in known])
    rows += [(str(jahr - 1), m, in_euro(float(w))) for m, w in enumerate(before)]
    rows += [(f"{jahr} gebucht", m, in_euro(float(w))) for m, w in enumerate(now[:periode])]
    start, weg = float(now[periode - 1]), _summe([sign * _rest(s) for sign, s in known])
    unten, oben = spanne(netto)
    for name, ende in ((VORAUSSICHTLICH, netto.wert), (UNTEN, unten), (OBEN, oben)):
        if ende is not None:
            rows += _bis(name, periode, weg, start, float(netto.wert), float(ende))
    rows.append(("Ansatz", 11, netto.ansatz))
    named: list[Zeile] = [
        {"reihe": n, "monat": MONATE[m], "betrag_eur": w} for n, m, w in rows if w is not None
    ]
    return mit_spalten(named, ("reihe", "monat", "betrag_eur"), ("reihe", "monat"), "Jahresgang")


def _summe(parts: Sequence[Floats]) -> Floats:
    return np.sum(np.array(parts), axis=0)


def _gesamt(stand: Prognosestand) -> Reihe:
    """Return the series of the total; of a single series, that one."""
    return stand.prognose.test.reihen[-1]


def _nr(stand: Prognosestand) -> int:
    return stand.panel.jahr - int(_gesamt(stand).jahre[0])


def _vorjahr(stand: Prognosestand) -> Floats:
    """Return last year month by month, ending at its result as known today; NaN: not known."""
    r, j, p = _gesamt(stand), _nr(stand), stand.panel
    if not j:
        return np.full(12, np.nan)
    return np.append(r.ist[j - 1, :-1], r.ergebnisse(p.jahr, p.periode)[j - 1])


def _rest(stand: Prognosestand) -> Floats:
    """Return how much of what is still expected will have come by the end of each month."""
    r, j, p = _gesamt(stand), _nr(stand), stand.panel
    booked = r.ist[:j, p.periode - 1]
    offen = r.ergebnisse(p.jahr, p.periode)[:j] - booked
    gut = np.isfinite(offen) & (offen != 0)
    anteil = _gleichmaessig(p.periode)
    if gut.any():
        anteil = np.mean((r.ist[:j][gut] - booked[gut, None]) / offen[gut, None], axis=0)
    anteil = np.append(anteil[:-1], 1.0)
    return anteil * (float(stand.summe.wert or 0) - r.ist[j, p.periode - 1])


def _gleichmaessig(periode: int) -> Floats:
    return np.clip((np.arange(1, 13) - periode) / max(12 - periode, 1), 0, 1)


def _bis(
    name: str, periode: int, weg: Floats, start: float, wert: float, ende: float
) -> list[tuple[str, int, Decimal | None]]:
    """Return the way from the Stichtag to *ende*, along the way *weg* to the forecast *wert*."""
    if periode == 12:
        return [(name, 11, in_euro(ende))]
    gleich = _gleichmaessig(periode)
    anteil = weg / weg[-1] if abs(weg[-1]) >= 1 else gleich
    punkte = start + (wert - start) * anteil + (ende - wert) * gleich
    punkte[periode - 1], punkte[-1] = start, ende
    return [(name, m, in_euro(float(punkte[m]))) for m in range(periode - 1, 12)]
