"""Unterhaltsvorschuss: every Kennzahl against the raw file, counted again in plain pandas."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pandas as pd
import pytest
from monatsdateien import einwohner, euro, ganz, liefere, roh
from stichprobe import probe

from sozcontrol import measures
from sozcontrol.demo import make_city

PROFILE = ("musterstadt_uvg", "musterstadt_statistik")
STICHTAGE = [date(2024, 12, 31), date(2025, 6, 30)]
STUFEN = {"0–5": "0 bis 5 Jahre", "6–11": "6 bis 11 Jahre", "12–17": "12 bis 17 Jahre"}


@pytest.fixture(scope="module", params=probe(STICHTAGE[::-1], 1), ids=str)
def lieferung(request, tmp_path_factory):
    ordner, daten = liefere(tmp_path_factory.mktemp("uvg"), request.param, PROFILE)
    frame = roh(ordner, "UVG_Monatswerte", "cp1252")
    spalten = {
        "ausgaben": "Ausgaben § 8 Abs. 1 (€)", "p7": "Einnahmen § 7 (€)",
        "p5": "Einnahmen § 5 (€)", "erstattung": "Erstattung Bund/Land (€)",
        "offen": "Offene Forderungen (€)",
    }  # fmt: skip
    for neu, alt in spalten.items():
        frame[neu] = euro(frame[alt])
    frame["faelle"], frame["jahr"] = ganz(frame["Zahlfälle"]), ganz(frame["Leistungsjahr"])
    frame["unfaehig"] = ganz(frame["davon leistungsunfähig"])
    return request.param, frame, daten, einwohner(ordner, request.param)


def erwartet(frame: pd.DataFrame, tag: date, unter_18: int) -> dict[str, Fraction]:
    """Count everything once more: months of the year up to *tag*, the last month for a stock."""
    monat = pd.Timestamp(tag.replace(day=1))
    heuer = frame[(frame["Monat"].dt.year == tag.year) & (frame["Monat"] <= monat)]
    jetzt = frame[frame["Monat"] == monat]
    zwoelf = frame[(frame["Monat"] > monat - pd.DateOffset(months=12)) & (frame["Monat"] <= monat)]
    fuer_vorjahr = frame[(frame["jahr"] == tag.year - 1) & (frame["Monat"] <= monat)]
    f = {name: Fraction(int(heuer[name].sum())) for name in ("ausgaben", "p7", "p5", "erstattung")}
    faelle = Fraction(int(jetzt["faelle"].sum()))
    return {
        "U01": faelle,
        "U02": faelle * 1000 / unter_18,
        "U03": f["p7"] * 100 / f["ausgaben"],
        "U04": (f["p7"] + f["p5"]) * 100 / f["ausgaben"],
        "U05": Fraction(int(fuer_vorjahr["p7"].sum())) * 100 / int(fuer_vorjahr["ausgaben"].sum()),
        "U06": Fraction(int(jetzt["unfaehig"].sum())) * 100 / faelle,
        "U07": Fraction(int(zwoelf["ausgaben"].sum()), 100) / int(zwoelf["faelle"].sum()),
        "U08": (f["ausgaben"] - f["p7"] - f["p5"] - f["erstattung"]) / 100,
        "U09": Fraction(int(jetzt["offen"].sum()), 100),
    }


def test_jede_kennzahl_stimmt_mit_der_datei(lieferung) -> None:
    tag, frame, daten, menschen = lieferung
    soll = erwartet(frame, tag, menschen(0, 18))
    ist = {z.id: z.wert for z in measures.alle(daten, ids=soll)}
    assert ist.keys() == soll.keys()
    for id_, wert in soll.items():
        assert ist[id_] == pytest.approx(Decimal(wert.numerator) / wert.denominator), id_
    assert soll["U01"] > 1_500
    assert soll["U05"] != soll["U03"]


def test_die_leitreihe_ist_an_jedem_quartalsende_die_der_datei(lieferung) -> None:
    """What runs since January (U03, U08) and what lies a year back (U05) is no series."""
    tag, frame, daten, _ = lieferung
    (zahlfaelle,) = measures.leitreihen(daten, "unterhaltsvorschuss")
    enden = [d.date() for d in pd.date_range(end=tag, periods=8, freq="QE")]
    je_monat = frame.groupby("Monat")["faelle"].sum()
    soll = [int(je_monat[pd.Timestamp(d.replace(day=1))]) for d in enden]
    rows = zahlfaelle.frame
    assert (zahlfaelle.kennzahl.id, rows["stichtag"].tolist()) == ("U01", enden)
    assert rows["wert"].tolist() == soll and len(set(soll)) > 4


def test_je_altersstufe_mit_den_kindern_derselben_jahre(lieferung) -> None:
    tag, frame, daten, menschen = lieferung
    ids = ["U01", "U02", "U03", "U05", "U07"]
    tafeln = measures.kennzahlen(daten, ids, je=["altersstufe"], summen=False)
    for ab, (stufe, wort) in zip((0, 6, 12), STUFEN.items(), strict=True):
        soll = erwartet(frame[frame["Altersstufe"] == wort], tag, menschen(ab, ab + 6))
        for tafel in tafeln:
            (wert,) = tafel.frame.loc[tafel.frame["altersstufe"] == stufe, "wert"]
            bruch = soll[tafel.kennzahl.id]
            assert wert == pytest.approx(Decimal(bruch.numerator) / bruch.denominator), stufe


def test_was_spaeter_fuer_ein_jahr_eingeht_zaehlt_zu_ihm() -> None:
    """Half a year later more of last year's spending came back, none of it is this year's."""
    stadt = make_city()
    fuer_2024 = [u for u in stadt.uvg if u.leistungsjahr == 2024]
    dezember, juni = (
        sum(u.rueckgriff for u in fuer_2024 if u.monat <= bis)
        for bis in (date(2024, 12, 1), date(2025, 6, 1))
    )
    assert dezember < juni
    assert sum(u.ausgaben for u in fuer_2024 if u.monat.year == 2025) == 0


def test_ausgaben_und_rueckgriff_sind_die_des_hauptbuchs() -> None:
    stadt = make_city()
    gebucht = [b for b in stadt.buchungen if b.produkt == "uvg"]
    for jahr in (2023, 2024):
        aufwand = sum(
            b.betrag for b in gebucht
            if b.konto == "556100" and b.leistungsmonat and b.leistungsmonat.year == jahr
        )  # fmt: skip
        assert sum(u.ausgaben for u in stadt.uvg if u.monat.year == jahr) == aufwand
        rueckgriff = [b for b in gebucht if b.konto == "423100" and b.buchung_am.year == jahr]
        assert sum(u.rueckgriff for u in stadt.uvg if u.monat.year == jahr) == sum(
            b.betrag for b in rueckgriff
        )


def test_zahlfaelle_sind_kinder_eines_monats_und_werden_nie_ueber_monate_addiert(lieferung) -> None:
    _, frame, daten, _ = lieferung
    hoechstens = frame.groupby("Monat")["faelle"].sum().max()
    assert all(z.zaehler <= hoechstens for z in measures.alle(daten, ids=["U01", "U02", "U06"]))
