"""A completed year is the whole Haushaltsjahr: held against the delivered ledger."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hauptbuch import bekannt_am, rohdateien, stadt_am
from rohdaten import Rohdaten
from zweitrechnung import Dateien

from sozcontrol import measures
from sozcontrol.measures import aufstellungen

D = Decimal
JAHRESENDE, SPAET, FRUEH = date(2025, 12, 31), date(2026, 3, 15), date(2026, 1, 21)


@pytest.fixture(scope="module")
def daten():
    return stadt_am(JAHRESENDE, SPAET)


@pytest.fixture(scope="module")
def roh():
    return Dateien(rohdateien(JAHRESENDE, SPAET), JAHRESENDE)


def werte(daten, *ids, stichtag=None):
    found = measures.kennzahlen(daten, ids, stichtag=stichtag)
    return [w.frame["wert"].iloc[0] for w in found]


def test_der_lieferstand_enthaelt_buchungen_nach_dem_jahresende(roh):
    rows = roh.hauptbuch[roh.hauptbuch["jahr"] == 2025]
    spaete = rows[rows["am"] > "2025-12-31"]
    assert len(spaete) > 100 and spaete["betrag"].sum() > 1_000_000
    assert set(spaete["periode"]) <= {12, 13}


def test_das_jahr_ist_alles_was_fuer_es_gebucht_ist(daten, roh):
    aufwand, ertrag = (roh.ist(2025, art).sum() for art in ("aufwand", "ertrag"))
    plan, plan_ertrag = (roh.ansatz(2025, a, JAHRESENDE).sum() for a in ("aufwand", "ertrag"))
    assert werte(daten, "F01", "F01b") == [plan, plan_ertrag]
    assert werte(daten, "F09", "F10", "F11") == [aufwand, ertrag, aufwand - ertrag]
    quoten = [aufwand / plan, ertrag / plan_ertrag, ertrag / aufwand]
    assert werte(daten, "F02", "F02b", "F12") == pytest.approx([100 * q for q in quoten])
    assert werte(daten, "F03", "F04") == pytest.approx([100 * aufwand / plan - 100, aufwand - plan])


def test_der_anteil_am_haushalt_setzt_beide_seiten_desselben_jahres_ins_verhaeltnis(daten, roh):
    ganz = Rohdaten(rohdateien(JAHRESENDE, SPAET)).gesamt
    ganz = ganz[(ganz["art"] == "Ist") & (ganz["jahr"] == 2025)]
    spaete = ganz[ganz["stand"] > "2025-12-31"]["aufwand"].sum()
    aufwand, davor = roh.ist(2025, "aufwand").sum(), roh.ist(2025, "aufwand", JAHRESENDE).sum()
    assert spaete >= 100 * (aufwand - davor) > 0, "the whole has what its part has"
    assert werte(daten, "F15") == pytest.approx([10_000 * aufwand / ganz["aufwand"].sum()])


def test_was_nach_dem_jahresende_gebucht_wurde_steht_als_eigene_zeile_da(daten, roh):
    for id_, art in (("F09b", "aufwand"), ("F10b", "ertrag")):
        davor = roh.ist(2025, art, JAHRESENDE).sum()
        assert werte(daten, id_) == [roh.ist(2025, art).sum() - davor] != [0]


def test_je_produktgruppe_geht_es_auf(daten, roh):
    for art in ("aufwand", "ertrag"):
        frame = measures.soll_ist(daten, ["produktgruppe"], seite=art, summen=False)
        rows = {r.produktgruppe: r for r in frame.itertuples()}
        ganz, davor = roh.ist(2025, art), roh.ist(2025, art, JAHRESENDE)
        ansatz = roh.ansatz(2025, art, JAHRESENDE)
        assert {g: r.ist_eur for g, r in rows.items() if r.ist_eur} == ganz[ganz != 0].to_dict()
        for group, row in rows.items():
            assert row.nach_jahresende_eur == ganz.get(group, D(0)) - davor.get(group, D(0))
            assert row.soll_eur == row.ansatz_eur == ansatz.get(group, D(0))


def test_mit_dem_datenstand_waechst_das_jahr(daten, roh):
    frueh = werte(bekannt_am(daten, FRUEH), "F09", "F10", stichtag=JAHRESENDE)
    for wert, art in zip(frueh, ("aufwand", "ertrag"), strict=True):
        davor, ganz = roh.ist(2025, art, JAHRESENDE).sum(), roh.ist(2025, art).sum()
        assert davor < wert == roh.ist(2025, art, FRUEH).sum() < ganz


@pytest.mark.parametrize("tag", [date(2025, 6, 30), date(2025, 12, 30)])
def test_vor_dem_jahresende_zaehlt_was_bis_zum_stichtag_gebucht_war(daten, roh, tag):
    assert werte(daten, "F09", "F10", "F09b", "F10b", stichtag=tag) == [
        roh.ist(2025, "aufwand", tag).sum(), roh.ist(2025, "ertrag", tag).sum(), 0, 0,
    ]  # fmt: skip


def test_im_verlauf_endet_der_dezember_mit_dem_ganzen_jahr(daten, roh):
    frame = aufstellungen.verlauf(daten).frame.set_index(["reihe", "monat"])["betrag_eur"]
    assert frame["Ist 2025", "Dez"] == roh.ist(2025, "aufwand").sum()
    assert frame["Ist 2024", "Dez"] == roh.ist(2024, "aufwand").sum()
    assert frame["Soll 2025", "Dez"] == roh.ansatz(2025, "aufwand", JAHRESENDE).sum()
