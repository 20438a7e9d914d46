"""What an attack on the forecast's tables recomputed, and must not again."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pandas as pd
import pyarrow as pa
import pytest
from hauptbuch import Lieferung
from test_forecast_abweichung import JAHRE, VIELE, geplant, hilfen

from sozcontrol import catalogue
from sozcontrol.disclosure import GEHEIM, Antrag, Freigabe, entscheiden
from sozcontrol.hochrechnung import tafeln
from sozcontrol.hochrechnung.abweichung import je_hilfeart
from sozcontrol.hochrechnung.prognosestand import prognosestand
from sozcontrol.hochrechnung.quellen.panel import panel
from sozcontrol.hochrechnung.szenarien.szenariotafeln import vergleich
from sozcontrol.hochrechnung.szenarien.wirkung import Szenariostand, basiswerte
from sozcontrol.measures import INSGESAMT
from sozcontrol.measures.aufstellungen import Aufstellung
from sozcontrol.measures.zaehlwerk.rechnen import Rechnung
from sozcontrol.present.ansatzabweichung import deviation
from sozcontrol.revision.hochrechnungen import (
    DAHINTER,
    GEAENDERT,
    JE_URSACHE,
    SPALTEN,
    Revidiert,
    _gemeinsam_verbergen,
    _tafel,
)
from sozcontrol.revision.hybride import URSACHEN

D = Decimal
STADT = {"31": VIELE, "32": VIELE, "33": VIELE, "34": VIELE}


def verborgen(freigabe: Freigabe, tafel, spalte: str) -> set[str]:
    released = freigabe.aufstellung(tafel)
    i = released.spalten.index(spalte)
    return {z[0] for z in released.zeilen if z[i] is GEHEIM}


def szenarien(daten) -> Szenariostand:
    p = panel(daten, "hilfeart")
    basis = basiswerte(p)
    gewaehlt = {n: D(1000 + i) for i, n in enumerate([*basis, "insgesamt"])}
    return Szenariostand(daten.stichtag, p, basis, (), gewaehlt)


@pytest.mark.parametrize("edition", ["leitung", "gremium"])
def test_die_hochrechnung_neben_den_szenarien_ist_dieselbe_zelle(edition) -> None:
    # twenty Hilfen now, two last year: the forecast may be last year's result
    daten = hilfen(STADT | {"33": VIELE | {2024: 2}}, haushalt=False)
    freigabe = Freigabe.open(edition)
    eins = verborgen(freigabe, tafeln.hochrechnung(daten, "hilfeart"), "hochrechnung_eur")
    zwei = verborgen(freigabe, vergleich(szenarien(daten)), "hochrechnung_eur")
    assert "33" in eins and eins == zwei


def test_ein_zeugnis_braucht_in_jedem_seiner_jahre_genug_hilfen() -> None:
    # one Hilfe in 2022: with the budgets beside it the record's mean could be solved for its cost
    daten = hilfen(STADT | {"33": VIELE | {2022: 1}}, geplant(240_000))
    assert panel(daten, "hilfeart").traeger.faelle_zeugnis["33"] == 1
    for spalte in ("mape_pct", "guete_ansatz", "satz", "jahre"):
        tafel = tafeln.prognosezeugnis(daten, "hilfeart")
        assert "33" in verborgen(Freigabe.open("leitung"), tafel, spalte), spalte
    # a year without any Hilfe has nobody to protect; eighteen of twenty carry nine tenths
    leer = hilfen(STADT | {"33": {j: n for j, n in VIELE.items() if j != 2022}}, geplant(240_000))
    assert panel(leer, "hilfeart").traeger.faelle_zeugnis["33"] == 18


def test_wie_oft_ein_verfahren_gezeigt_wird_steht_je_hilfeart_nirgends() -> None:
    daten = hilfen(STADT | {"33": dict.fromkeys(JAHRE, 2)}, geplant(240_000))
    satz = tafeln.wahl(daten, "hilfeart").frame.set_index("was")["satz"]
    assert not re.search(r"\(\d+\)", satz["Gezeigt"])
    assert not re.search(r"\d+ von \d+ Zeilen", satz["Warum"])


def test_monate_beider_jahre_werden_gemeinsam_gesperrt() -> None:
    # two Hilfen this year, twenty last year: Σ Struktur and Σ Monate would be two equations
    daten = hilfen(STADT | {"33": VIELE | {2025: 2}}, geplant(240_000))
    freigabe = Freigabe.open("leitung")
    monate = [verborgen(freigabe, je_hilfeart(daten), c) for c in ("monate0", "monate1")]
    assert "33" in monate[0] and monate[0] == monate[1]
    # Menge is last year's cost times a known ratio: it is no more secret than that cost
    menge, vorjahr = (
        verborgen(freigabe, je_hilfeart(daten), c) for c in ("mengeneffekt_eur", "vorjahr_eur")
    )
    assert menge == vorjahr


@pytest.mark.parametrize("edition", ["leitung", "gremium"])
def test_auch_eine_noch_unbezahlte_hilfe_hat_monate(edition) -> None:
    # a Hilfe billed late runs, and nobody has been paid for it yet this year
    spaet = hilfen({"31": VIELE, "32": VIELE, "33": dict.fromkeys(JAHRE, 1)}, verzug=8)
    t = panel(spaet, "hilfeart").traeger
    assert t.faelle["33"] == t.laufend["33"] == 1
    freigabe = Freigabe.open(edition)
    for spalte in ("monate0", "monate1", "struktureffekt_eur", "hochrechnung_eur"):
        assert "33" in verborgen(freigabe, je_hilfeart(spaet), spalte), spalte
    text = deviation(freigabe.aufstellung(je_hilfeart(spaet)), "Warum", edition="controlling").html
    assert "geheim gehalten" in text


def test_ein_zeugnis_zaehlt_wer_am_damaligen_stichtag_bekannt_war() -> None:
    # twenty Hilfen a year; of those of 2023 one was billed by June, the others later
    def spaeter(z: dict) -> dict:
        nach = z["hilfe_id"] != "33-2023-0" and z["leistungsmonat"].year == 2023
        return z | {"buchung_am": date(2023, 12, 31)} if nach else z

    daten = hilfen(STADT)
    rows = [spaeter(z) for z in daten.arrow["zahlung"].to_pylist()]
    tables = daten.arrow | {"zahlung": pa.Table.from_pylist(rows, daten.arrow["zahlung"].schema)}
    t = panel(Lieferung(daten.stichtag, tables), "hilfeart").traeger
    assert (t.faelle_zeugnis["33"], t.faelle_zeugnis["34"]) == (1, 18)


def test_keine_hilfeart_folgt_aus_ihrem_oeffentlichen_ansatz() -> None:
    # with 1,000 € a month one Hilfe stays below 50 T€; a product group would take its budget
    daten = hilfen(STADT | {"33": dict.fromkeys(JAHRE, 1)}, geplant(12_500))
    h = prognosestand(daten, "hilfeart").reihen["33"]
    assert h.methode == "M10" and h.wert != D(12_500)


def test_heute_ist_in_allen_zeilen_der_revision_dieselbe_zahl() -> None:
    def zeile(stand: str, n: int, was: str = "Aufwand") -> Revidiert:
        werte = {
            "stichtag": date(2025, 6, 30), "datenstand": stand, "was": was, "verfahren_eur": n,
            "korrekturen": n,
        }  # fmt: skip
        return Revidiert(werte, {GEAENDERT: n, DAHINTER: 9, JE_URSACHE: n})

    # since the second publication one Hilfe changed, since the first seven, since the third none
    rows = [zeile("20.08.", 0), zeile("05.08.", 1), zeile("10.07.", 7), zeile("10.07.", 7, "F18")]
    _gemeinsam_verbergen(rows)
    assert [r.anzahlen[GEAENDERT] for r in rows] == [1, 1, 1, 7]
    # and the causes stand with the latest only, though nothing has changed since
    assert (
        [r.werte["korrekturen"] for r in rows]
        == [r.werte["verfahren_eur"] for r in rows]
        == [0, *2 * [None], 7]
    )


@pytest.mark.parametrize("offen", [D(0), D("13.40")])
def test_ist_heute_anderswo_gesperrt_fehlt_auch_was_sich_veraenderte(offen: Decimal) -> None:
    """Beside what was published, the change and its causes would tell it.

    It is last year's cost, or that and what is still expected of it.
    """
    gebucht, damals, tag = D("22532703.83"), D("22388767.51"), date(2025, 9, 30)
    heute = gebucht + offen
    werte = {
        "stichtag": date(2024, 12, 31), "datenstand": "21.01.2025", "was": "Hilfen",
        "damals_eur": damals, "heute_eur": heute, "veraenderung_eur": heute - damals,
        "verfahren_eur": D(0), **dict.fromkeys(URSACHEN, D(0)), "nachbuchungen": heute - damals,
    }  # fmt: skip
    zeile = Revidiert(dict.fromkeys(SPALTEN) | werte, {GEAENDERT: 90, DAHINTER: 90, JE_URSACHE: 90})
    summe = Rechnung(catalogue.kennzahl("H17c").zaehler, tag)
    for wenige, bleibt in ((2, ["damals_eur"]), (90, list(werte)[3:])):
        kosten = pd.DataFrame({"was": [INSGESAMT], "hilfen": [wenige], "kosten_eur": [gebucht]})
        andere = Aufstellung(kosten, ("was",), "Kosten", ("hilfen",), {"kosten_eur": ("hilfen",)},
                             groessen={"kosten_eur": summe})  # fmt: skip
        asked = [Antrag("a/1", "a", _tafel([zeile], tag)), Antrag("b/1", "b", andere)]
        released = entscheiden(asked, ["leitung"]).freigegeben("a/1", "leitung")
        assert [c for c in list(werte)[3:] if released.spalte(c) != [GEHEIM]] == bleibt
