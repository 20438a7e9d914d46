"""What an attack on the forecast's tables recomputed, and must not again."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest
from test_forecast_abweichung import JAHRE, VIELE, geplant, hilfen

from sozcontrol.disclosure import GEHEIM, Freigabe
from sozcontrol.forecast import tafeln
from sozcontrol.forecast.abweichung import je_hilfeart
from sozcontrol.forecast.quellen.panel import panel
from sozcontrol.forecast.revision import GEAENDERT, _gemeinsam_verbergen
from sozcontrol.forecast.szenarien.tafeln import vergleich
from sozcontrol.forecast.szenarien.wirkung import Szenariostand, basiswerte

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
    # a year without any Hilfe has nobody to protect
    leer = hilfen(STADT | {"33": {j: n for j, n in VIELE.items() if j != 2022}}, geplant(240_000))
    assert panel(leer, "hilfeart").traeger.faelle_zeugnis["33"] == 20


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


def test_auch_eine_noch_unbezahlte_hilfe_hat_monate() -> None:
    daten = hilfen(STADT)
    bezahlt = panel(daten, "hilfeart").traeger
    assert bezahlt.laufend["33"] == bezahlt.faelle["33"] == 20
    # a Hilfe that pays in arrears runs, and nobody has been paid for it yet this year
    spaet = hilfen(
        {"31": VIELE, "33": dict.fromkeys(JAHRE, 1)}, verzug=8, stichtag=date(2025, 6, 30)
    )
    t = panel(spaet, "hilfeart").traeger
    assert t.faelle["33"] == 0 and t.laufend["33"] == 1
    for spalte in ("monate0", "monate1"):
        assert "33" in verborgen(Freigabe.open("leitung"), je_hilfeart(spaet), spalte)


def test_heute_ist_in_allen_zeilen_der_revision_dieselbe_zahl() -> None:
    def zeile(stand: str, n: int, was: str = "Aufwand") -> dict:
        return {"stichtag": date(2025, 6, 30), "datenstand": stand, "was": was, GEAENDERT: n}

    # since the second publication one Hilfe changed, since the first seven, since the third none
    rows = [zeile("10.07.", 7), zeile("05.08.", 1), zeile("20.08.", 0), zeile("10.07.", 7, "F18")]
    _gemeinsam_verbergen(rows)
    assert [r[GEAENDERT] for r in rows] == [1, 1, 1, 7]
