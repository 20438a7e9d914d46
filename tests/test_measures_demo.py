"""Musterstadt through intake and tidy: the measures find what was planted."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hauptbuch import stadt_am

from sozcontrol import catalogue, measures
from sozcontrol.demo import STANDARD_STICHTAG, make_city
from sozcontrol.demo.pruefstand.wahrheit import zaehle

STICHTAG, DATENSTAND = STANDARD_STICHTAG, date(2025, 7, 15)
JE = ["hilfeart", "segment", "paragraph", "sozialraum", "altersgruppe", "geschlecht"]


@pytest.fixture(scope="module")
def stadt():
    return make_city()


@pytest.fixture(scope="module")
def wahrheit(stadt):
    return zaehle(stadt, STICHTAG, DATENSTAND)


@pytest.fixture(scope="module")
def daten():
    return stadt_am(STICHTAG, DATENSTAND)


def je_wert(daten, id_, dimension):
    frame = measures.kennzahl(daten, id_, je=[dimension], summen=False).frame
    return {r[dimension]: r["zaehler"] for r in frame.to_dict("records") if r["zaehler"]}


@pytest.mark.parametrize("dimension", JE)
@pytest.mark.parametrize(
    ("id_", "feld"),
    [
        ("H01", "bestand"),
        ("H02", "begonnen_jahr"),
        ("H03", "beendet_jahr"),
        ("H04", "jahresfallzahl"),
    ],
)
def test_hilfen_wie_gepflanzt(daten, wahrheit, id_, feld, dimension):
    planted = getattr(wahrheit.hze, feld)[dimension]
    assert je_wert(daten, id_, dimension) == {k: v for k, v in planted.items() if v}


def test_stadtweite_kennzahlen_wie_gepflanzt(daten, wahrheit):
    zeilen = {z.id: z for z in measures.alle(daten)}
    # The quality of a delivery is counted in what its check wrote; here nothing was checked.
    assert set(catalogue.kennzahlen()) - set(zeilen) == {"Q01", "Q02", "Q03", "Q04"}
    assert zeilen["H05"].zaehler == pytest.approx(
        Decimal(wahrheit.hze.durchschnitt.numerator) / wahrheit.hze.durchschnitt.denominator
    )
    assert zeilen["H08"].nenner == wahrheit.einwohner_u21
    assert zeilen["F13"].nenner == wahrheit.einwohner
    for id_, name in (("H10b", "H10"), ("H11", "H11_stationaer"), ("H13", "H13")):
        planted = wahrheit.anteile[name]
        assert zeilen[id_].wert == pytest.approx(
            Decimal(100 * planted.numerator) / planted.denominator
        )


def test_wiederkehr_nach_rueckfuehrung_wie_gepflanzt(daten, wahrheit):
    (zeile,) = [z for z in measures.alle(daten) if z.id == "H26"]
    assert 0.10 <= wahrheit.wiedergekehrt / wahrheit.rueckgefuehrt <= 0.20
    assert zeile.nenner == wahrheit.rueckgefuehrt
    assert zeile.zaehler == wahrheit.rueckgefuehrt - wahrheit.wiedergekehrt


def test_dichte_je_sozialraum_hat_den_gepflanzten_nenner(daten, wahrheit):
    frame = measures.kennzahl(daten, "H08", je=["sozialraum"], summen=False).frame
    nenner = {r.sozialraum: r.nenner for r in frame.itertuples() if r.nenner}
    assert nenner == wahrheit.einwohner_u21_je_sozialraum


def test_belegte_tage_und_geld_je_hilfeart_wie_gepflanzt(daten, wahrheit):
    frame = measures.kennzahl(daten, "H17r", je=["hilfeart"], summen=False).frame
    tage = wahrheit.hze.belegte_tage["hilfeart"]
    for row in frame.itertuples():
        assert row.zaehler == wahrheit.nach_leistungsmonat.brutto.get(row.hilfeart, 0)
        assert row.nenner * Decimal("30.4375") == pytest.approx(Decimal(tage[row.hilfeart]))


def test_ansatz_und_ist_je_produktgruppe_wie_gepflanzt(daten, wahrheit):
    for seite in ("aufwand", "ertrag"):
        frame = measures.soll_ist(daten, je=["produktgruppe"], seite=seite, summen=False)
        rows = {r.produktgruppe: r for r in frame.itertuples()}
        for planted, column in (
            (wahrheit.ansatz, "ansatz_eur"),
            (wahrheit.ist_haushaltsjahr, "ist_eur"),
        ):
            expected = {g: v for (g, art), v in planted.items() if art == seite and v}
            assert {
                g: getattr(r, column) for g, r in rows.items() if getattr(r, column)
            } == expected


def test_erwartung_ruht_auf_eigenen_jahren(daten):
    expected = measures.erwarteter_anteil(measures.sicht(daten, "buchungen"), STICHTAG)
    rows = expected.to_pyarrow().to_pylist()
    assert rows
    assert all(0 < r["anteil"] < 1 and r["jahre"] >= 1 for r in rows)
