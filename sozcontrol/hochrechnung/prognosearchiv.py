"""What is published of a Hochrechnung, for the archive, and what became of what was published."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

import numpy as np

from sozcontrol import catalogue, store
from sozcontrol.catalogue import Reife
from sozcontrol.forecast.methoden.einfach import NAMEN
from sozcontrol.forecast.prognose.hochrechnung import Hochrechnung, euro
from sozcontrol.hochrechnung.prognosestand import NIVEAU, PANELE, Prognosestand, stand_oder_keiner
from sozcontrol.hochrechnung.tafeln import mit_spalten
from sozcontrol.hochrechnung.tafelteile import Zeile
from sozcontrol.measures.aufstellungen import Aufstellung
from sozcontrol.measures.zaehlwerk.gliederung import INSGESAMT
from sozcontrol.store import Daten

SPALTEN = ("was", "haushaltsjahr", "stichtag", "datenstand", "reife", "methode", "prognose_eur",
           "ergebnis_eur", "fehler_pct", "spanne_traf")  # fmt: skip
REIFE: Mapping[Reife | None, str] = {"experimentell": "Versuch", "gueltig": "gilt"}


def _staende(daten: Daten) -> Iterator[tuple[Prognosestand, str]]:
    for tafel in PANELE:
        stand = stand_oder_keiner(daten, tafel.ebene, seite=tafel.seite)
        if stand is not None:
            yield stand, tafel.summe


def prognosen(daten: Daten) -> tuple[store.Prognose, ...]:
    """Return every forecast the reports of this delivery show; the run adds when and by whom."""
    found = []
    for stand, summe in _staende(daten):
        for h in stand.prognose.hochrechnungen:
            if h.wert is not None:
                found.append(_prognose(daten, stand, h, summe, h.wert))
    return tuple(found)


def _schluessel(stand: Prognosestand, reihe: str, summe: str) -> tuple[str, str]:
    """Return level and name in the archive; income has names of its own beside expenses."""
    if reihe == INSGESAMT or len(stand.panel.reihen) == 1:
        return "summe", summe
    return stand.panel.ebene, f"{reihe} Erträge" if stand.panel.seite == "ertrag" else reihe


def _prognose(
    daten: Daten, stand: Prognosestand, h: Hochrechnung, summe: str, wert: Decimal
) -> store.Prognose:
    ebene, reihe = _schluessel(stand, h.reihe, summe)
    s = h.spanne
    return store.Prognose(
        stichtag=daten.stichtag,
        datenstand=daten.datenstand,
        fassung=daten.manifest["fassung"],
        ebene=ebene,
        reihe=reihe,
        jahr=h.jahr,
        periode=h.periode,
        methode=h.methode,
        wert=wert,
        unten=None if s.unten is None else euro(s.unten),
        oben=None if s.oben is None else euro(s.oben),
        niveau=None if s.niveau is None else Decimal(str(s.niveau)),
        ansatz=h.alternativen.get("M0"),
        vorjahr=h.alternativen.get("M1"),
        parameter=_parameter(stand, h),
        reife=catalogue.reife_am(daten.stichtag),
    )


def _parameter(stand: Prognosestand, h: Hochrechnung) -> dict[str, object]:
    """Return what a forecast can be retraced with, beside its data and code.

    ``stufe`` is the level asked of past errors for the promised ``niveau``; ``gewichte`` are those
    of the combination (M10), by method.
    """
    test, grenze = stand.prognose.test, stand.wesentlich
    found: dict[str, object] = {
        "niveau": NIVEAU,
        "fehler": h.spanne.n,
        "prognosen": h.zeugnis.n,
        "zeugnisjahre": sorted({f.jahr for f in h.zeugnis.faelle}),
        "wesentlich": grenze.anteil,
        "wesentlich_ab_eur": grenze.betrag,
    }
    hier = (test.jahr == h.jahr) & (test.periode == h.periode)
    for r in np.flatnonzero(hier):
        if test.reihen[test.nummer[r]].name == h.reihe:
            gewichte = zip(test.methoden, test.gewichte[r], strict=False)
            found["stufe"] = round(float(test.stufe[r]), 6)
            found["gewichte"] = {m: round(float(g), 6) for m, g in gewichte if g > 0}
    return found


def ergebnisse(daten: Daten) -> dict[tuple[str, str, int], Decimal]:
    """Return the results of the closed years as the present delivery knows them, by archive key."""
    found = {}
    for stand, summe in _staende(daten):
        for reihe in stand.prognose.test.reihen:
            for jahr, wert in zip(reihe.jahre, reihe.ergebnis, strict=True):
                if np.isfinite(wert) and jahr < stand.panel.jahr:
                    found[(*_schluessel(stand, reihe.name, summe), int(jahr))] = euro(float(wert))
    return found


def veroeffentlichte(daten: Daten) -> Aufstellung:
    """The totals published before this Stichtag, with what became of them (F07 as it was said).

    Of several publications of one Stichtag the last; years still open have no result yet.
    Experiments are among them: ``present.published`` leaves them out where they may not be seen.
    """
    letzte = {}
    for p in store.prognosen(daten.projekt):
        if p.ebene == "summe" and p.stichtag < daten.stichtag:
            letzte[p.reihe, p.stichtag] = p
    ordered = [letzte[k] for k in sorted(letzte, key=lambda k: (k[1], k[0]))]
    rows: list[Zeile] = []
    for f in store.mit_ergebnis(ordered, ergebnisse(daten)) if ordered else []:
        p = f.prognose
        rows.append({
            "was": p.reihe, "haushaltsjahr": p.jahr, "stichtag": p.stichtag,
            "datenstand": f"{p.datenstand:%d.%m.%Y}", "reife": REIFE[p.reife],
            "methode": NAMEN.get(p.methode, p.methode),
            "prognose_eur": p.wert, "ergebnis_eur": f.ergebnis, "fehler_pct": f.fehler_pct,
            "spanne_traf": None if f.im_intervall is None else "ja" if f.im_intervall else "nein",
        })  # fmt: skip
    je = ("was", "haushaltsjahr", "stichtag")
    return mit_spalten(rows, SPALTEN, je, "Veröffentlichte Hochrechnungen")
