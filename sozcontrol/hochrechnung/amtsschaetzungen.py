"""The offices' own estimates beside ours, and once the year is known the errors of both."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from sozcontrol import catalogue, store
from sozcontrol.catalogue.amtsschaetzung import Amtsschaetzung, fehler, lesen
from sozcontrol.errors import nearest
from sozcontrol.forecast.prognose.hochrechnung import euro
from sozcontrol.hochrechnung.quellen.panel import letzte_periode
from sozcontrol.hochrechnung.tafeln.bau import mit_spalten
from sozcontrol.hochrechnung.tafeln.zuschuss import Netto, nettos
from sozcontrol.hochrechnung.tafelteile import Zeile
from sozcontrol.measures.aufstellungen import Aufstellung
from sozcontrol.measures.teilhaushalte import TEILHAUSHALT, benannt
from sozcontrol.store import Daten

EBENE, METHODE = "amt", "Schätzung des Amtes"
"""Level and method of an office's estimate in the archive."""
SCHAETZUNGEN = (*TEILHAUSHALT, "hochrechnung_eur", "schaetzung_eur", "abweichung_eur", "grund",
                "stelle", "am")  # fmt: skip
ZEUGNIS = ("jahr", "stichtag", *TEILHAUSHALT, "ergebnis_eur", "hochrechnung_eur", "fehler_eur",
           "schaetzung_eur", "fehler_amt_eur", "naeher")  # fmt: skip
Nettos = Mapping[tuple[str, str], Netto]


def tafeln(daten: Daten) -> dict[str, Aufstellung]:
    """Return the tables there are any rows of, by the name of their columns."""
    found = {"amtsschaetzungen": schaetzungen(daten), "amtszeugnis": zeugnis(daten)}
    return {name: tafel for name, tafel in found.items() if len(tafel.frame)}


def schaetzungen(daten: Daten) -> Aufstellung:
    """Return the estimates of this Stichtag beside ours. Columns :data:`SCHAETZUNGEN`.

    ``abweichung_eur`` is how much worse (positive) the budget becomes by theirs than by ours.
    """
    rows: list[Zeile] = [
        {**benannt(TEILHAUSHALT, key), "hochrechnung_eur": netto.wert,
         "schaetzung_eur": s.zuschuss_eur, "abweichung_eur": s.zuschuss_eur - netto.wert,
         "grund": s.grund, "stelle": s.stelle, "am": s.am}
        for key, netto, s in _genannte(daten)
    ]  # fmt: skip
    return mit_spalten(rows, SCHAETZUNGEN, TEILHAUSHALT, "Schätzungen der Ämter")


def _genannte(daten: Daten) -> list[tuple[tuple[str, str], Netto, Amtsschaetzung]]:
    path = daten.projekt.schaetzung(daten.stichtag)
    said = {s.teilhaushalt: s for s in lesen(path, daten.stichtag)}
    if not said:
        return []
    alle = nettos(daten, daten.stichtag)
    known = [key[0] for key in alle]
    if unknown := sorted(set(said) - set(known)):
        raise fehler(
            f"Den Teilhaushalt »{unknown[0]}« gibt es nicht ({nearest(unknown[0], known)}).", path
        )
    return [(key, netto, said[key[0]]) for key, netto in alle.items() if key[0] in said]


def prognosen(daten: Daten) -> tuple[store.Prognose, ...]:
    """Return the estimates for the archive, each with its reason and who said it."""
    jahr, periode = letzte_periode(daten.stichtag)
    return tuple(
        store.Prognose(
            stichtag=daten.stichtag,
            datenstand=daten.datenstand,
            fassung=daten.manifest["fassung"],
            ebene=EBENE,
            reihe=key[0],
            jahr=jahr,
            periode=periode,
            methode=METHODE,
            wert=s.zuschuss_eur,
            ansatz=netto.ansatz,
            parameter={"hochrechnung_eur": str(netto.wert), "grund": s.grund, "stelle": s.stelle},
            reife=catalogue.reife_am(daten.stichtag),
        )
        for key, netto, s in _genannte(daten)
    )


def zeugnis(daten: Daten) -> Aufstellung:
    """Return what became of earlier years' estimates, theirs and ours. Columns :data:`ZEUGNIS`.

    Of several publications of one Stichtag the last counts.
    """
    letzte = {
        (p.stichtag, p.reihe): p
        for p in store.prognosen(daten.projekt)
        if p.ebene == EBENE and p.jahr < daten.stichtag.year
    }
    alle: Nettos = nettos(daten, daten.stichtag) if letzte else {}
    rows: list[Zeile] = []
    for (stichtag, reihe), p in sorted(letzte.items()):
        for key, netto in alle.items():
            case = netto.frueher.get(p.jahr)
            if key[0] == reihe and case is not None and not _angenommen(netto):
                rows.append({"jahr": p.jahr, "stichtag": stichtag, **benannt(TEILHAUSHALT, key),
                             **_fehler(p, euro(case[1]))})  # fmt: skip
    return mit_spalten(rows, ZEUGNIS, ZEUGNIS[:4], "Zeugnis der Schätzungen")


def _angenommen(netto: Netto) -> bool:
    """Say whether a part has no result of its own: the sum would be none of the whole."""
    return any(p.angenommen for p in netto.posten)


def _fehler(p: store.Prognose, ergebnis: Decimal) -> Zeile:
    unser = Decimal(str(p.parameter["hochrechnung_eur"]))
    own, theirs = abs(unser - ergebnis), abs(p.wert - ergebnis)
    nearer = "gleich" if own == theirs else "Hochrechnung" if own < theirs else "Amt"
    return {
        "ergebnis_eur": ergebnis, "hochrechnung_eur": unser, "fehler_eur": own,
        "schaetzung_eur": p.wert, "fehler_amt_eur": theirs, "naeher": nearer,
    }  # fmt: skip
