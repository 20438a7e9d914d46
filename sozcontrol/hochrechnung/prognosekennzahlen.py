"""Indicators counted or forecast, answered alike: F05–F08 and F18 beside those of the registry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from sozcontrol import catalogue, measures
from sozcontrol.catalogue import Prognosekennzahl
from sozcontrol.errors import DeliveryMissing, UsageError
from sozcontrol.forecast.prognose.hochrechnung import Hochrechnung, euro
from sozcontrol.forecast.prognose.zeugnis import Zeugnis
from sozcontrol.hochrechnung.abwicklung.abwicklungstafeln import spaeter_bezahlt, vorschlag
from sozcontrol.hochrechnung.abwicklung.einheitskosten import bestandteile, ergaenzt, gezaehlt
from sozcontrol.hochrechnung.abwicklung.rueckstand import rueckstand
from sozcontrol.hochrechnung.prognosestand import (
    Prognosestand,
    aussage,
    prognosestand,
    stand_oder_keiner,
)
from sozcontrol.hochrechnung.quellen.panel import TABELLEN, Ebene, Seite, panel
from sozcontrol.hochrechnung.tafelteile import Zeile
from sozcontrol.measures.zaehlwerk.gliederung import INSGESAMT
from sozcontrol.measures.zaehlwerk.kennzahlen import (
    MASSE,
    Werte,
    als_tag,
    lieferungen,
    pruefe_gliederung,
    quotient,
)
from sozcontrol.measures.zaehlwerk.lieferung import Lieferzeile, Stadtlieferung

ANSAETZE: Mapping[str, Seite] = {"F01": "aufwand", "F01b": "ertrag"}
"""Counted Kennzahlen that are a budget, and of which side."""
Paar = tuple[Decimal | None, Decimal | None]


def kennzahlen(
    daten: Stadtlieferung,
    ids: Iterable[str],
    *,
    je: Sequence[str] = (),
    stichtag: date | str | None = None,
) -> list[Werte]:
    """Return indicators in the order asked, as :mod:`sozcontrol.measures` does.

    Raises:
        UsageError: The id is unknown, or the indicator can't be broken down by *je*.
        DeliveryMissing: The forecast lacks a table (ask :func:`fehlende` first).
    """
    asked = [catalogue.steckbrief(i) for i in ids]
    counted = [item.id for item in asked if not isinstance(item, Prognosekennzahl)]
    found = {
        w.kennzahl.id: _ohne_ansatz(daten, w)
        for w in measures.kennzahlen(daten, counted, je=je, stichtag=stichtag)
    }
    for item in asked:
        if isinstance(item, Prognosekennzahl):
            found[item.id] = _prognosewerte(daten, item, tuple(je), als_tag(stichtag, daten))
    return [found[item.id] for item in asked]


def _ohne_ansatz(daten: Stadtlieferung, werte: Werte) -> Werte:
    """Return a Kennzahl of the budget; where the forecast knows none it is not there, and not 0."""
    seite = ANSAETZE.get(werte.kennzahl.id)
    if seite is None or werte.je or werte.frame["wert"].iloc[0] != 0:
        return werte
    stand = stand_oder_keiner(daten, stichtag=werte.stichtag, seite=seite)
    if stand is None or stand.summe.alternativen.get("M0") is not None:
        return werte
    leer = werte.frame.astype("object").assign(zaehler=None, wert=None)
    frame = leer.astype(werte.frame.dtypes.to_dict())
    return replace(werte, frame=frame)


def fehlende(daten: Stadtlieferung, ids: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the indicators that can't be computed, with the tables and columns they miss."""
    asked = list(ids)
    counted = [i for i in asked if i in catalogue.kennzahlen()]
    missing = measures.fehlende(daten, counted) if counted else {}
    for i in asked:
        item = catalogue.steckbrief(i)
        if isinstance(item, Prognosekennzahl):
            lacks = _fehlt(daten, _ebene(item))
            if item.groesse == "ergaenzt":
                raw = measures.fehlende(daten, [gezaehlt(item).id])
                lacks = tuple(dict.fromkeys((*lacks, *(t for ts in raw.values() for t in ts))))
            missing |= {i: lacks} if lacks else {}
    return {i: missing[i] for i in asked if i in missing}


def _fehlt(daten: Stadtlieferung, ebene: Ebene) -> tuple[str, ...]:
    """Return the tables a level lacks; of Hilfen that nobody was paid for, the payments."""
    lacks = tuple(t for t in TABELLEN[ebene] if not daten.hat(t))
    if not lacks and ebene == "hilfeart":
        try:
            panel(daten, ebene)
        except DeliveryMissing:
            return ("zahlung",)
        except UsageError:  # no complete month yet: that is no fault of the delivery
            return ()
    return lacks


def zurueckgestellt(ids: Iterable[str], stichtag: date, edition: str) -> tuple[str, ...]:
    """Return the indicators that must not be shown on this day in this edition (too early)."""
    known = catalogue.prognosekennzahlen()
    early = tuple(i for i in ids if i in known and known[i].zum_jahresende)
    return () if catalogue.hochrechnung_am(stichtag, edition) else early


def versuche(ids: Iterable[str], stichtag: date, edition: str) -> tuple[str, ...]:
    """Return the indicators that this edition shows on this day as an experiment, marked so."""
    known = catalogue.prognosekennzahlen()
    experiment = catalogue.hochrechnung_am(stichtag, edition) == "experimentell"
    return tuple(i for i in ids if experiment and i in known and known[i].zum_jahresende)


def vorhandene(daten: Stadtlieferung, ids: Iterable[str]) -> list[str]:
    """Return those of *ids* that can be computed of this delivery, in the order asked."""
    asked = list(ids)
    missing = fehlende(daten, asked)
    return [i for i in asked if i not in missing]


def gueltige(daten: Stadtlieferung, ids: Iterable[str]) -> list[Werte]:
    """Return the indicators where the Hochrechnung is no experiment any more, else none."""
    asked = list(ids)
    if aussage(daten).reife != "gueltig" or fehlende(daten, asked):
        return []
    return kennzahlen(daten, asked)


def _ebene(item: Prognosekennzahl) -> Ebene:
    hilfen = not item.zum_jahresende or "hilfeart" in item.granularitaet
    return "hilfeart" if hilfen else "produktgruppe"


def _prognosewerte(
    daten: Stadtlieferung, item: Prognosekennzahl, je: tuple[str, ...], stichtag: date
) -> Werte:
    import pandas as pd

    je = pruefe_gliederung(item, je)
    if item.groesse == "ergaenzt":
        rows = [ergaenzt(daten, item, stichtag)]
    elif not item.zum_jahresende:
        rows = _offene(daten, item, je, stichtag)
    else:
        stand = prognosestand(daten, _ebene(item), stichtag=stichtag)
        shown = stand.prognose.hochrechnungen if je else (stand.summe,)
        rows = [_zeile(item, stand, h, je) for h in shown]
    frame = pd.DataFrame(rows, columns=[*je, *MASSE], dtype="object")
    frame = frame.mask(frame.isna(), pd.NA)
    for column in ("faelle_zaehler", "faelle_nenner"):
        frame[column] = frame[column].astype("Int64")
    made = bestandteile(daten, item, stichtag) if item.groesse == "ergaenzt" else ()
    return Werte(item, je, frame, stichtag, bestandteile=made)


def _zeile(
    item: Prognosekennzahl, stand: Prognosestand, h: Hochrechnung, je: tuple[str, ...]
) -> Zeile:
    zaehler, nenner = _paar(item, stand, h)
    keys = {
        d: stand.panel.namen.get(h.reihe, h.reihe) if d.endswith("_name") else h.reihe for d in je
    }
    return {
        **keys,
        "zaehler": zaehler,
        "nenner": nenner,
        "wert": quotient(zaehler, nenner if item.nenner_text else Decimal(1), item.faktor),
        "faelle_zaehler": stand.panel.faelle.get(h.reihe),
        "faelle_nenner": None,
    }


def _offene(
    daten: Stadtlieferung, item: Prognosekennzahl, je: tuple[str, ...], stichtag: date
) -> list[Zeile]:
    """Return F18, or a part of it, of each Hilfeart and of all, with the Hilfen behind it.

    Behind what was booked after the Stichtag stand those it was booked for, else those paid for in
    the year.
    """
    r = rueckstand(daten, stichtag=stichtag)
    behind = spaeter_bezahlt(daten, r) if item.groesse == "danach" else r.faelle
    return [
        dict.fromkeys(je, name) | {
            "zaehler": wert, "nenner": None, "wert": wert,
            "faelle_zaehler": behind.get(name), "faelle_nenner": None,
        }
        for name, wert in vorschlag(r, f"{item.groesse}_eur").items() if je or name == INSGESAMT
    ]  # fmt: skip


def _paar(item: Prognosekennzahl, stand: Prognosestand, h: Hochrechnung) -> Paar:
    """Return numerator and denominator of one forecast."""
    ansatz = h.alternativen.get("M0")
    if item.groesse == "hochrechnung":
        return h.wert, None
    if item.groesse == "abweichung":
        return (None if h.wert is None or ansatz is None else h.wert - ansatz), ansatz
    if item.groesse == "fehler":
        return _letzter_fehler(h.zeugnis, stand.panel.jahr)
    return _guete(h.zeugnis, item.groesse)


def _letzter_fehler(z: Zeugnis, jahr: int) -> Paar:
    faelle = [f for f in z.faelle if f.jahr == jahr - 1]
    if not faelle:
        return None, None
    return euro(faelle[0].prognose - faelle[0].ergebnis), euro(faelle[0].ergebnis)


def _guete(z: Zeugnis, groesse: str) -> Paar:
    """Return MAE(baseline) − MAE(forecast) and MAE(baseline), over the years both have."""
    basis = "ansatz" if groesse == "guete_ansatz" else "vorjahr"
    paare = [(f, getattr(f, basis)) for f in z.faelle if getattr(f, basis) is not None]
    if not paare:
        return None, None
    eigen = sum(abs(f.prognose - f.ergebnis) for f, _ in paare) / len(paare)
    fremd = sum(abs(b - f.ergebnis) for f, b in paare) / len(paare)
    return euro(fremd - eigen), euro(fremd)


@dataclass(frozen=True)
class Herleitung:
    """What stands behind one indicator: deliveries, queries, and sentences of a forecast."""

    lieferungen: tuple[Lieferzeile, ...]
    sql: tuple[str, ...]
    saetze: tuple[tuple[str, str], ...] = ()


def explain(daten: Stadtlieferung, id: str) -> Herleitung:
    """Return what is behind indicator *id*; of a forecast also how it was made and its record."""
    item = catalogue.steckbrief(id)
    if not isinstance(item, Prognosekennzahl):
        found = measures.explain(daten, id)
        return Herleitung(found.lieferungen, found.sql)
    behind = lieferungen(daten, TABELLEN[_ebene(item)])
    if not item.zum_jahresende:  # no forecast of the year; its record stands in the report
        return Herleitung(behind, ())
    h = prognosestand(daten, _ebene(item)).summe
    saetze = (
        ("Verfahren", h.satz or h.grund), ("Spanne", h.spanne.satz), ("Zeugnis", h.zeugnis.satz)
    )  # fmt: skip
    return Herleitung(behind, (), saetze)
