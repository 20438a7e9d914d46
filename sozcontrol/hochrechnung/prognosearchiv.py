"""What is published of a Hochrechnung, for the archive, and what became of what was published."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

import numpy as np

from sozcontrol import catalogue, store
from sozcontrol.catalogue import Reife
from sozcontrol.forecast.methoden.einfach import NAMEN
from sozcontrol.forecast.prognose.hochrechnung import Hochrechnung, euro
from sozcontrol.hochrechnung import amtsschaetzungen
from sozcontrol.hochrechnung.einmal import einmal
from sozcontrol.hochrechnung.prognosestand import (
    NIVEAU,
    PANELE,
    Prognosestand,
    prognosestand,
    stand_oder_keiner,
)
from sozcontrol.hochrechnung.quellen.panel import HAUSHALTSEBENE, Seite, letzte_periode
from sozcontrol.hochrechnung.tafeln.bau import IM_ANSATZ, abweichung, mit_spalten
from sozcontrol.hochrechnung.tafeln.zeugnistafel import hinweise as tafelhinweise
from sozcontrol.hochrechnung.tafeln.zuschuss import GANZ, fehler_heute, nettos, spanne
from sozcontrol.hochrechnung.tafelteile import Zeile
from sozcontrol.measures.aufstellungen import Aufstellung
from sozcontrol.measures.teilhaushalte import TEILHAUSHALT, benannt
from sozcontrol.measures.zaehlwerk.gliederung import INSGESAMT
from sozcontrol.store import Daten

SPALTEN = ("was", "haushaltsjahr", "stichtag", "datenstand", "reife", "methode", "prognose_eur",
           "ergebnis_eur", "fehler_pct", "spanne_traf")  # fmt: skip
SUMME, ZUSCHUSS = "summe", "Zuschussbedarf"
"""Level of the totals in the archive, and the name of the net over all accounts."""
AUS_TEILEN = "Summe der Teile"
SEITHER = ("teilhaushalt", "teilhaushalt_name", "stichtag", "damals_eur", "hochrechnung_eur",
           "wort", "abweichung_eur")  # fmt: skip
WEITER = ("teilhaushalt", "teilhaushalt_name", "weite_eur", "damals_eur", "jahr", "fehler_eur")
WEITER_ALS = (
    "Weiter als zum {tag}: {reihen}. Eine Spanne stammt aus den Fehlern am selben Tag früherer "
    "Jahre, eigenen und denen ähnlicher Reihen; sie waren zusammen nicht kleiner als zum vorigen "
    "Stichtag."
)
MERKLICH = 0.0005
"""Part of the forecast by which a span must be wider to be called so: 0,0 % is none."""
TAUSEND = Decimal("1E3")
UNVERAENDERT = "unverändert"
REIFE: Mapping[Reife | None, str] = {"experimentell": "Versuch", "gueltig": "gilt"}


def _staende(daten: Daten) -> Iterator[tuple[Prognosestand, str]]:
    for tafel in PANELE:
        stand = stand_oder_keiner(daten, tafel.ebene, seite=tafel.seite)
        if stand is not None:
            yield stand, tafel.summe


def prognosen(daten: Daten) -> tuple[store.Prognose, ...]:
    """Return every forecast the reports of this delivery show; the run adds when and by whom."""
    return (
        *einmal(daten, "prognosen", (), lambda: _alle(daten)),
        *amtsschaetzungen.prognosen(daten),
    )


def _alle(daten: Daten) -> tuple[store.Prognose, ...]:
    found = []
    for stand, summe in _staende(daten):
        for h in stand.prognose.hochrechnungen:
            if h.wert is not None:
                found.append(_prognose(daten, stand, h, summe, h.wert))
    return (*found, *_nettos(daten))


def _nettos(daten: Daten) -> Iterator[store.Prognose]:
    """Return the net of every Teilhaushalt, all accounts, and that of all."""
    jahr, periode = letzte_periode(daten.stichtag)
    for key, netto in nettos(daten, daten.stichtag).items():
        unten, oben = spanne(netto)
        yield store.Prognose(
            stichtag=daten.stichtag,
            datenstand=daten.datenstand,
            fassung=daten.manifest["fassung"],
            ebene=SUMME if key == GANZ else "teilhaushalt",
            reihe=ZUSCHUSS if key == GANZ else key[0],
            jahr=jahr,
            periode=periode,
            methode=AUS_TEILEN,
            wert=netto.wert,
            unten=unten,
            oben=oben,
            ansatz=netto.ansatz,
            parameter={"prognosen": len(netto.frueher)},
            reife=catalogue.reife_am(daten.stichtag),
        )


def _schluessel(stand: Prognosestand, reihe: str, summe: str) -> tuple[str, str]:
    """Return level and name in the archive; income has names of its own beside expenses."""
    if reihe == INSGESAMT or len(stand.panel.reihen) == 1:
        return SUMME, summe
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


def nettoergebnisse(daten: Daten) -> dict[tuple[str, str, int], Decimal]:
    """Return the net of all Teilhaushalte in closed years; none where a part is its budget."""
    ganz = nettos(daten, daten.stichtag)[GANZ]
    if any(p.angenommen for p in ganz.posten):
        return {}
    return {(SUMME, ZUSCHUSS, jahr): euro(r) for jahr, (_, r, _) in ganz.frueher.items()}


def seit_der_letzten(daten: Daten) -> Aufstellung:
    """What changed since the last Hochrechnung of the year that was published: net, all accounts.

    Columns :data:`SEITHER`, the largest change first, the total last; without an earlier one that
    is no experiment there is no row.
    """
    damals = _letzte(daten)
    rows: list[Zeile] = []
    for key, netto in nettos(daten, daten.stichtag).items():
        said = damals.get(ZUSCHUSS if key == GANZ else key[0])
        if said is not None:
            off = abweichung(netto.wert, said.wert)
            wort = UNVERAENDERT if off["wort"] == IM_ANSATZ else off["wort"]
            rows.append({**benannt(TEILHAUSHALT, key), "stichtag": said.stichtag,
                         "damals_eur": said.wert, "hochrechnung_eur": netto.wert, "wort": wort,
                         "abweichung_eur": off["abweichung_eur"]})  # fmt: skip
    rows[:-1] = sorted(rows[:-1], key=lambda r: -_euro(r))
    return mit_spalten(rows, SEITHER, TEILHAUSHALT, "Seit der letzten Hochrechnung")


def weitere_spannen(daten: Daten) -> Aufstellung:
    """Which nets are less certain than at the last Hochrechnung of the year, and why.

    Columns :data:`WEITER`. A span reaches as far as the errors on this day of earlier years, which
    need not be smaller than those on an earlier day; named is the year whose error sets the end
    that moved out most.
    """
    damals = _letzte(daten)
    rows: list[Zeile] = []
    for key, netto in nettos(daten, daten.stichtag).items():
        said = damals.get(ZUSCHUSS if key == GANZ else key[0])
        unten, oben = spanne(netto)
        if said is None or said.unten is None or said.oben is None or unten is None or oben is None:
            continue
        weite, frueher = oben - unten, said.oben - said.unten
        if weite > frueher and weite.quantize(TAUSEND) > frueher.quantize(TAUSEND):
            unter = (netto.wert - unten) - (said.wert - said.unten)
            errors = fehler_heute(netto)
            lowest = unter > (oben - netto.wert) - (said.oben - said.wert)
            year = max(errors, key=lambda y: errors[y] if lowest else -errors[y])
            rows.append({**benannt(TEILHAUSHALT, key), "weite_eur": weite,
                         "damals_eur": frueher, "jahr": str(year),
                         "fehler_eur": euro(abs(errors[year]))})  # fmt: skip
    return mit_spalten(rows, WEITER, TEILHAUSHALT, "Weitere Spannen")


def hinweise(daten: Daten, *, seite: Seite = "aufwand") -> dict[str, Sequence[str]]:
    """Return the remarks of a table by product group, and which of its spans widened, and why.

    Of the ledger alone: which span of a Hilfeart widened would tell of a row that may be hidden.
    """
    found = tafelhinweise(daten, seite=seite)
    stand = prognosestand(daten, seite=seite)
    name = next(t.summe for t in PANELE if (t.ebene, t.seite) == (HAUSHALTSEBENE, seite))
    said = [p for p in _fruehere(daten) if p.ebene in (SUMME, HAUSHALTSEBENE)]
    last = max((p.stichtag for p in said), default=None)
    damals = {(p.ebene, p.reihe): p for p in said if p.stichtag == last}
    wider = [
        "die Summe" if h.reihe == INSGESAMT else h.reihe
        for h in stand.prognose.hochrechnungen
        if _ist_weiter(h, damals.get(_schluessel(stand, h.reihe, name)))
    ]
    if last is None or not wider:
        return dict(found)
    told = WEITER_ALS.format(tag=f"{last:%d.%m.%Y}", reihen=", ".join(wider))
    return {k: [*v, told] if k in ("prognose", "spanne") else v for k, v in found.items()}


def _ist_weiter(h: Hochrechnung, said: store.Prognose | None) -> bool:
    """Whether a span is wider than then, in proportion to the forecast, by what a reader sees."""
    s = h.spanne
    if said is None or said.unten is None or said.oben is None or not said.wert or not h.wert:
        return False
    if s.unten is None or s.oben is None:
        return False
    damals = float((said.oben - said.unten) / abs(said.wert))
    return (s.oben - s.unten) / abs(float(h.wert)) > damals + MERKLICH


def _euro(row: Zeile) -> Decimal:
    value = row["abweichung_eur"]
    return value if isinstance(value, Decimal) else Decimal(0)


def _fruehere(daten: Daten) -> list[store.Prognose]:
    """Return what was published at earlier Stichtage of the year, no experiments, oldest first."""
    return [
        p
        for p in store.prognosen(daten.projekt)
        if p.stichtag < daten.stichtag and p.jahr == daten.stichtag.year and p.reife == "gueltig"
    ]


def _letzte(daten: Daten) -> dict[str, store.Prognose]:
    """Return the nets of the last earlier Stichtag of the year, by name; the newest publication."""
    found = [
        p
        for p in _fruehere(daten)
        if p.ebene == "teilhaushalt" or (p.ebene, p.reihe) == (SUMME, ZUSCHUSS)
    ]
    last = max((p.stichtag for p in found), default=None)
    return {p.reihe: p for p in found if p.stichtag == last}


def veroeffentlichte(daten: Daten) -> Aufstellung:
    """The totals published before this Stichtag, with what became of them (F07 as it was said).

    Of several publications of one Stichtag the last; years still open have no result yet.
    Experiments are among them: ``present.published`` leaves them out where they may not be seen.
    """
    letzte = {}
    for p in store.prognosen(daten.projekt):
        if p.ebene == SUMME and p.stichtag < daten.stichtag:
            letzte[p.reihe, p.stichtag] = p
    ordered = [letzte[k] for k in sorted(letzte, key=lambda k: (k[1], k[0]))]
    rows: list[Zeile] = []
    known = ergebnisse(daten) if ordered else {}
    if any(p.reihe == ZUSCHUSS for p in ordered):
        known |= nettoergebnisse(daten)
    for f in store.mit_ergebnis(ordered, known):
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
