"""Personal: every Kennzahl against the raw files, counted again in plain pandas."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pandas as pd
import pytest
from monatsdateien import abweichungen, euro, ganz, liefere, roh
from stichprobe import probe
from tafel import Stadt

from sozcontrol import catalogue, measures
from sozcontrol.demo import make_city
from sozcontrol.demo.stellenplan import BEMESSUNG, BESETZT_IM_ENGPASS, ENGPASS, KNAPP

PROFILE = ("musterstadt_personal", "musterstadt_jugend", "musterstadt_uvg", "musterstadt_soziales")
STICHTAGE = [date(2024, 12, 31), date(2025, 8, 31)]


@pytest.fixture(scope="module", params=probe(STICHTAGE[::-1], 1), ids=str)
def lieferung(request, tmp_path_factory):
    tag = request.param
    ziel = tmp_path_factory.mktemp("personal")
    ordner, daten = liefere(ziel, tag, PROFILE, ohne="WJH_Zahlliste.csv")
    stellen, bedarf = (roh(ordner, f"Personal_{n}", "cp1252") for n in ("Stellen", "Bedarf"))
    stellen["am"] = pd.to_datetime(stellen["Stichtag"], format="%d.%m.%Y")
    for frame in (stellen, bedarf):
        for spalte in frame.columns[frame.columns.str.contains("VZÄ")]:
            frame[spalte] = euro(frame[spalte])
    for spalte in ("Köpfe", "Abgänge", "unter 2 Jahren im Beruf", "unbesetzt", "Tage unbesetzt"):
        stellen[spalte] = ganz(stellen[spalte])
    return tag, stellen, bedarf, ordner, daten


def hilfen(ordner, tag: date) -> pd.Series:
    """Running Hilfen by form: begun by the Stichtag, not ended by it."""
    liste = roh(ordner, "WJH_Hilfen", "cp1252", kopf=1)
    beginn, ende = (
        pd.to_datetime(liste[s], format="%d.%m.%Y", errors="coerce") for s in ("Beginn", "Ende")
    )
    laeuft = (beginn <= pd.Timestamp(tag)) & ~(ende <= pd.Timestamp(tag))
    codes = next(
        s.codes for d in catalogue.profil("musterstadt_jugend").dateien for t in d.tabellen
        for n, s in t.spalten.items() if t.tabelle == "fall" and n == "hilfeart"
    )  # fmt: skip
    return liste[laeuft]["Leistungsart"].map(codes).value_counts()


def erwartet(lieferung) -> dict[str, Fraction]:
    tag, stellen, bedarf, ordner, _ = lieferung
    letztes = stellen["am"].max()
    jetzt = stellen[stellen["am"] == letztes]
    vier = stellen[stellen["am"] > letztes - pd.DateOffset(months=12)]

    def vzae(funktion: str, spalte: str = "Ist (VZÄ)") -> Fraction:
        return Fraction(int(jetzt[jetzt["Funktion"] == funktion][spalte].sum()), 100)

    je_form = hilfen(ordner, tag)
    listen = catalogue.codeliste("hilfeart").gueltig
    hze = {k: int(n) for k, n in je_form.items() if listen[k].merkmale["hze"] == "ja"}
    ohne_pflege = sum(hze.values()) - hze["33"]
    gemessen = jetzt.merge(bedarf, on=["Org.-Einheit", "Funktion"])
    ist, soll = (Fraction(int(gemessen[s].sum()), 100) for s in ("Ist (VZÄ)", "Bedarf (VZÄ)"))
    n = {s: int(jetzt[s].sum()) for s in ("Köpfe", "unbesetzt", "Tage unbesetzt", "Plan (VZÄ)")}
    leitung = int(jetzt[jetzt["Funktion"] == "Leitung"]["Köpfe"].sum())
    quartal = roh(ordner, "Soziales_Quartalswerte", "cp1252")
    quartal = quartal[quartal["Quartalsende"] == f"{letztes:%d.%m.%Y}"]
    teilhabe = quartal[quartal["Nr."].isin(["LB03", "LB04", "LB05", "LB06", "LB07"])]
    uvg = roh(ordner, "UVG_Monatswerte", "cp1252")
    kinder = ganz(uvg[uvg["Monat"] == pd.Timestamp(tag.replace(day=1))]["Zahlfälle"]).sum()
    return {
        "P01": ohne_pflege / vzae("ASD"), "P01b": ohne_pflege / vzae("ASD", "verfügbar (VZÄ)"),
        "P02": sum(hze.values()) / vzae("WJH"),
        "P03": Fraction(int(jetzt["Ist (VZÄ)"].sum()) * 100, n["Plan (VZÄ)"]),
        "P03b": Fraction(n["Plan (VZÄ)"], 100),
        "P04": Fraction(int(vier["Abgänge"].sum()) * 400, int(vier["Köpfe"].sum())),
        "P05": Fraction(int(jetzt["unter 2 Jahren im Beruf"].sum()) * 100, n["Köpfe"]),
        "P06": ist * 100 / soll, "P06b": soll - ist, "P08": hze["33"] / vzae("PKD"),
        "P09": int(ganz(teilhabe["Bestand Ende"]).sum()) / vzae("Eingliederungshilfe"),
        "P10": int(kinder) / vzae("UV"), "P11": Fraction(n["Köpfe"] - leitung, leitung),
        "P12": Fraction(n["Tage unbesetzt"], n["unbesetzt"]),
    }  # fmt: skip


def test_jede_kennzahl_stimmt_mit_den_dateien(lieferung) -> None:
    soll = erwartet(lieferung)
    assert abweichungen(lieferung[-1], soll) == {}
    assert soll.keys() | {"P07"} == set(catalogue.bereich("personal").kennzahlen)
    assert soll["P01b"] > soll["P01"]


def test_die_gepflanzten_viereinhalb_stellen_und_der_engpass_stehen_im_stellenplan() -> None:
    stellen = [s for s in make_city().stellen if s["funktion"] == "asd"]
    vorher, nachher = (
        sum(s["vzae_plan"] for s in stellen if s["stichtag"] == tag)
        for tag in (date(2020, 12, 31), date(2021, 3, 31))
    )
    assert date(2020, 12, 31) < BEMESSUNG <= date(2021, 3, 31)
    assert nachher - vorher == Decimal("4.75")
    knapp = {s["org_einheit"]: s["vzae_ist"] / s["vzae_plan"] for s in stellen
             if s["stichtag"] == date(2025, 6, 30)}  # fmt: skip
    assert date(2025, 6, 30) > ENGPASS
    assert min(knapp, key=lambda e: knapp[e]) == KNAPP
    assert float(knapp[KNAPP]) == pytest.approx(BESETZT_IM_ENGPASS, abs=0.02)


# --- the engine: need has a validity ------------------------------------------------------------

STELLE = """
    stichtag   | org_einheit | funktion | vzae_ist | vzae_plan
    2024-12-31 | KSD         | asd      | 6        | 8
    2025-03-31 | KSD         | asd      | 6        | 8
    2025-03-31 | UV          | uv       | 3        | 3
    """
BEDARF = """
    org_einheit | funktion | gueltig_von | gueltig_bis | vzae_bedarf
    KSD         | asd      | 2024-01-01  | 2024-12-31  | 6
    KSD         | asd      | 2025-01-01  |             | 8
    """


@pytest.mark.parametrize(
    ("tag", "deckung"),
    [
        pytest.param(date(2025, 1, 15), 100, id="alter Bedarf am letzten Quartalsende"),
        pytest.param(date(2025, 3, 31), 75, id="neuer Bedarf, ohne Bemessung zählt nicht"),
    ],
)
def test_bedarf_gilt_am_quartalsende(tag: date, deckung: int) -> None:
    stadt = Stadt(date(2025, 6, 30), stelle=STELLE, personalbedarf=BEDARF)
    (zeile,) = measures.alle(stadt, tag, ["P06"])
    assert zeile.wert == deckung
