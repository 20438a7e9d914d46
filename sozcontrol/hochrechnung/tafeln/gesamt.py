"""Aufwand, Erträge and what the municipality has to pay itself: the three figures of the year."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sozcontrol.forecast.prognose.auswertung import auswerten
from sozcontrol.forecast.prognose.zeugnis import Fall, Zeugnis
from sozcontrol.hochrechnung.prognosestand import Prognosestand, prognosestand, stand_oder_keiner
from sozcontrol.hochrechnung.tafeln.bau import (
    OHNE_SPANNE,
    abweichung,
    grundlage,
    in_euro,
    ist,
    mit_spalten,
    vorjahr,
)
from sozcontrol.hochrechnung.tafeln.zeugnistafel import zeugniszeile
from sozcontrol.hochrechnung.tafelteile import Zeile, minus
from sozcontrol.measures.aufstellungen import Aufstellung
from sozcontrol.measures.zaehlwerk.lieferung import Stadtlieferung

AUFWAND, ERTRAG, ZUSCHUSS = "Aufwand", "Erträge", "Zuschussbedarf"
BEIDE = "beide zusammen"
"""What the span of the difference is: no promise, for both sides may err together."""
GESAMT = ("was", "ansatz_eur", "hochrechnung_eur", "wort", "abweichung_eur", "abweichung_pct",
          "unten_eur", "oben_eur", "grundlage", "ist_eur", "vorjahr_eur")  # fmt: skip
ZEUGNIS = ("was", *zeugniszeile(auswerten([], periode=0, methode="")))


def gesamt(daten: Stadtlieferung, *, stichtag: date | None = None) -> Aufstellung:
    """F05 of the whole: Aufwand, Erträge and the Zuschussbedarf (Aufwand − Erträge).

    Without any income there is the Aufwand alone. The span of the Zuschussbedarf reaches from both
    sides at their best to both at their worst: whether they err together the data do not say.
    """
    aufwand, ertrag = _staende(daten, stichtag)
    rows = [_zeile(AUFWAND, aufwand)]
    if ertrag is not None:
        gegen = _zeile(ERTRAG, ertrag)
        rows += [gegen, _saldo(rows[0], gegen)]
    return mit_spalten(rows, GESAMT, ("was",), "Gesamt")


def _staende(
    daten: Stadtlieferung, stichtag: date | None
) -> tuple[Prognosestand, Prognosestand | None]:
    aufwand = prognosestand(daten, stichtag=stichtag)
    return aufwand, stand_oder_keiner(daten, stichtag=stichtag, seite="ertrag")


def _zeile(name: str, stand: Prognosestand) -> Zeile:
    h = stand.summe
    ansatz = h.alternativen.get("M0")
    return {
        "was": name,
        "ansatz_eur": ansatz,
        "hochrechnung_eur": h.wert,
        **abweichung(h.wert, ansatz, stand.panel.seite),
        "unten_eur": in_euro(h.spanne.unten),
        "oben_eur": in_euro(h.spanne.oben),
        "grundlage": grundlage(h.spanne),
        "ist_eur": ist(stand, h.reihe),
        "vorjahr_eur": vorjahr(stand, h.reihe),
    }


def _saldo(aufwand: Zeile, ertrag: Zeile) -> Zeile:
    gegen = {"unten_eur": "oben_eur", "oben_eur": "unten_eur"}
    betraege = {
        c: minus(_betrag(aufwand, c), _betrag(ertrag, gegen.get(c, c)))
        for c in ("ansatz_eur", "hochrechnung_eur", "unten_eur", "oben_eur", "ist_eur",
                  "vorjahr_eur")
    }  # fmt: skip
    weg = abweichung(betraege["hochrechnung_eur"], betraege["ansatz_eur"])
    ohne = betraege["unten_eur"] is None or betraege["oben_eur"] is None
    return {"was": ZUSCHUSS, **betraege, **weg, "grundlage": OHNE_SPANNE if ohne else BEIDE}


def _betrag(zeile: Zeile, spalte: str) -> Decimal | None:
    wert = zeile[spalte]
    assert wert is None or isinstance(wert, Decimal), f"{spalte} is no amount"
    return wert


def gesamtzeugnis(daten: Stadtlieferung, *, stichtag: date | None = None) -> Aufstellung:
    """The record of the three figures, each measured as :func:`prognosezeugnis` measures."""
    aufwand, ertrag = _staende(daten, stichtag)
    found = {AUFWAND: aufwand.summe.zeugnis}
    if ertrag is not None:
        found |= {ERTRAG: ertrag.summe.zeugnis, ZUSCHUSS: saldozeugnis(aufwand, ertrag)}
    rows: list[Zeile] = [{"was": name, **zeugniszeile(z)} for name, z in found.items()]
    return mit_spalten(rows, ZEUGNIS, ("was",), "Prognosezeugnis gesamt")


def saldozeugnis(aufwand: Prognosestand, ertrag: Prognosestand) -> Zeugnis:
    """Return the record of the Zuschussbedarf, from the years in which both sides have one."""
    a, e = ({f.jahr: f for f in s.summe.zeugnis.faelle} for s in (aufwand, ertrag))
    faelle = [_fall(a[j], e[j]) for j in sorted(a.keys() & e.keys())]
    spannen = [_spannen(s) for s in (aufwand, ertrag)]
    paare = [(spannen[0].get(f.jahr), spannen[1].get(f.jahr), f.jahr, f.ergebnis) for f in faelle]
    traf = [
        (jahr, x[0] - y[1] <= wert <= x[1] - y[0])
        for x, y, jahr, wert in paare if x is not None and y is not None
    ]  # fmt: skip
    return auswerten(
        faelle, periode=aufwand.panel.periode, methode=ZUSCHUSS, wesentlich=aufwand.wesentlich,
        spannen=traf,
    )  # fmt: skip


def _fall(a: Fall, e: Fall) -> Fall:
    def weg(x: float | None, y: float | None) -> float | None:
        return None if x is None or y is None else x - y

    return Fall(ZUSCHUSS, a.jahr, a.prognose - e.prognose, a.ergebnis - e.ergebnis,
                weg(a.ansatz, e.ansatz), weg(a.vorjahr, e.vorjahr), "")  # fmt: skip


def _spannen(stand: Prognosestand) -> dict[int, tuple[float, float]]:
    """Return the intervals (from, to) of the total that promised something, by year."""
    test = stand.prognose.test
    letzte = len(test.reihen) - 1
    return {
        int(j): (s.unten, s.oben)
        for j, i, s in zip(test.jahr, test.nummer, test.spannen, strict=True)
        if i == letzte and s.niveau is not None and s.unten is not None and s.oben is not None
    }  # fmt: skip
