"""Asyl, Bildung und Teilhabe: every Kennzahl against the raw files, counted again in pandas."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pandas as pd
import pytest
from monatsdateien import abweichungen, einwohner, euro, ganz, liefere, roh
from stichprobe import probe

from sozcontrol import catalogue, measures
from sozcontrol.demo import make_city
from sozcontrol.demo.asyl_teilhabe import BEWILLIGT, DAUER
from sozcontrol.demo.produkte import ist_aufwand

PROFILE = ("musterstadt_asyl_but", "musterstadt_statistik")
STICHTAGE = [date(2024, 12, 31), date(2025, 8, 31)]
ARTEN = {"": "Ausflüge", "b": "Schulbedarf", "c": "Beförderung", "d": "Lernförderung",
         "e": "Mittagessen", "f": "Teilhabe"}  # fmt: skip


@pytest.fixture(scope="module", params=probe(STICHTAGE[::-1], 1), ids=str)
def lieferung(request, tmp_path_factory):
    tag = request.param
    ordner, daten = liefere(tmp_path_factory.mktemp("asyl"), tag, PROFILE)
    asyl, but, kinder = (
        roh(ordner, name, "cp1252")
        for name in ("Asyl_Monatswerte", "BuT_Leistungen", "BuT_Berechtigte")
    )
    for frame in (asyl, but, kinder):
        for spalte in frame.columns.difference(["Monat", "Grundlage", "Rechtskreis", "Leistung"]):
            frame[spalte] = (euro if "(€)" in spalte else ganz)(frame[spalte])
    return tag, (asyl, but, kinder), daten, einwohner(ordner, tag)


def erwartet(lieferung) -> dict[str, Fraction]:
    tag, (asyl, but, kinder), _, menschen = lieferung
    monat = pd.Timestamp(tag.replace(day=1))
    ab = monat - pd.DateOffset(months=12)
    asyl12, but12 = (f[(f["Monat"] > ab) & (f["Monat"] <= monat)] for f in (asyl, but))
    jetzt, heute = (f[f["Monat"] == monat] for f in (asyl, kinder))
    koepfe = int(asyl12["Leistungsberechtigte"].sum())
    a = {s: int(asyl12[s].sum()) for s in asyl12.columns if "(€)" in s}
    bewilligt, abgelehnt = int(but12["bewilligt"].sum()), int(but12["abgelehnt"].sum())
    stadt = heute[heute["Rechtskreis"] != "SGB II"]
    berechtigt = int(jetzt["Leistungsberechtigte"].sum())
    return {
        "Y01": Fraction(berechtigt * 1000, menschen(0, 200)),
        # A month's cost of one: the sum of twelve months over the sum of twelve stocks.
        "Y03": Fraction(a["Aufwand (€)"], koepfe * 100),
        "Y03b": Fraction(a["davon Unterkunft (€)"], koepfe * 100),
        "Y04": Fraction(a["davon Krankenhilfe (€)"] * 12, koepfe * 100),
        "Y05": Fraction(a["Erstattung Land (€)"] * 100, a["Aufwand (€)"]),
        "Y06": Fraction(berechtigt),
        "B01": Fraction(int(heute["mit Leistung"].sum()) * 100, int(heute["Berechtigte"].sum())),
        **{f"B02{b}": Fraction(
            int(but12[but12["Leistung"] == art]["bewilligt"].sum()) * 100, bewilligt)
           for b, art in ARTEN.items()},
        "B03": Fraction(int(but12["Ausgaben (€)"].sum()), int(stadt["mit Leistung"].sum()) * 100),
        "B04": Fraction(bewilligt * 100, bewilligt + abgelehnt),
        "B04b": Fraction(int(but12["Bearbeitungstage"].sum()), bewilligt + abgelehnt),
    }  # fmt: skip


def test_jede_kennzahl_stimmt_mit_den_dateien(lieferung) -> None:
    soll = erwartet(lieferung)
    assert abweichungen(lieferung[2], soll) == {}
    assert soll.keys() == set(catalogue.bereich("asyl_bildung").kennzahlen)
    assert sum(soll[f"B02{b}"] for b in ARTEN) == 100


def test_gepflanzte_quote_und_dauer_kommen_wieder_heraus(lieferung) -> None:
    werte = {z.id: float(z.wert) for z in measures.alle(lieferung[2], ids=["B04", "B04b"])}
    assert werte["B04"] == pytest.approx(BEWILLIGT * 100, abs=1.5)
    assert werte["B04b"] == pytest.approx(DAUER, abs=1.5)


def test_am_quartalsende_ist_es_der_bestand_des_monitorings_soziales() -> None:
    stadt = make_city()
    quartal = {(q["lb"], q["quartal"]): q["bestand_ende"] for q in stadt.leistungen}
    monat = {(z["leistungsgrundlage"], z["monat"]): z["leistungsberechtigte"] for z in stadt.asyl}
    for ende in (date(2024, 3, 31), date(2025, 6, 30)):
        assert monat["p3", ende.replace(day=1)] == quartal["LB18", ende]
        assert monat["p2", ende.replace(day=1)] == quartal["LB19", ende]


def test_aufwand_ist_der_des_hauptbuchs() -> None:
    stadt, monat = make_city(), date(2025, 3, 1)
    for produkt, rows, spalte in (
        ("asyl3", [z for z in stadt.asyl if z["leistungsgrundlage"] == "p3"], "aufwand_eur"),
        ("but", [z for z in stadt.but_leistungen if z["but_kreis"] == "BKGG"], "ausgaben_eur"),
    ):
        gebucht = sum(
            b.betrag for b in stadt.buchungen
            if b.produkt == produkt and ist_aufwand(b.konto) and b.leistungsmonat == monat
        )  # fmt: skip
        assert sum(z[spalte] for z in rows if z["monat"] == monat) * 100 == gebucht
