"""Sozialraum: indicators and index against the raw file, reckoned again in plain pandas."""

from __future__ import annotations

import json
import re
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pandas as pd
import pytest
from monatsdateien import abweichungen, einwohner, ganz, liefere, roh
from stichprobe import probe
from tafel import Stadt

from sozcontrol import catalogue, measures
from sozcontrol.demo.sozialraumindikatoren import STEIGT

ROOT = Path(__file__).parent.parent
PROFILE = ("musterstadt_sozialraum", "musterstadt_statistik", "musterstadt_kita",
           "musterstadt_stammdaten")  # fmt: skip
INDEX = ["SGB II unter 18", "Alleinerziehende", "Arbeitslose unter 25"]


@pytest.fixture(scope="module", params=probe([date(2025, 6, 30), date(2024, 12, 31)], 1), ids=str)
def lieferung(request, tmp_path_factory):
    tag = request.param
    ordner, daten = liefere(tmp_path_factory.mktemp("raum"), tag, PROFILE)
    f = roh(ordner, "Statistik_Indikatoren", "cp1252")
    f["zahl"], f["alle"], f["jahr"] = ganz(f["Anzahl"]), ganz(f["von"]), ganz(f["Jahr"])
    f["quote"], f["raum"] = f["zahl"] / f["alle"], f["Sozialraum"].str.slice(5)
    kitas = roh(ordner, "Kita_Einrichtungen", "utf-8-sig")
    return tag, f, daten, einwohner(ordner, tag), kitas


def erwartet(lieferung) -> dict[str, Fraction]:
    tag, f, _, menschen, kitas = lieferung
    jetzt = f[f["jahr"] == f["jahr"].max()]
    gilt = pd.to_datetime(kitas["BE ab"], format="%d.%m.%Y") <= pd.Timestamp(tag)
    ende = pd.to_datetime(kitas["BE bis"], format="%d.%m.%Y", errors="coerce")
    kitas = kitas[gilt & ~(ende < pd.Timestamp(tag))]

    def quote(name: str) -> Fraction:
        teil = jetzt[jetzt["Indikator"] == name]
        return Fraction(int(teil["zahl"].sum()) * 100, int(teil["alle"].sum()))

    def plaetze(spalte: str) -> int:
        return int(ganz(kitas[spalte]).sum())

    return {
        "C01": quote("SGB II unter 18"), "C01b": quote("SGB II unter 15"),
        "C02": Fraction(menschen(0, 20) * 100, menschen(20, 65)),
        "C02b": Fraction(menschen(0, 21)), "C02c": Fraction(menschen(0, 3)),
        "C02d": Fraction(menschen(3, 6)), "C02e": Fraction(menschen(65, 200)),
        "C02f": Fraction(menschen(80, 200)),
        "C03": quote("Alleinerziehende"), "C04": quote("Arbeitslose unter 25"),
        "T06": plaetze("davon U2") - Fraction(menschen(0, 2) * 2, 5),
        "T06b": Fraction(plaetze("davon Ü2") - menschen(2, 6)),
    }  # fmt: skip


def test_jede_kennzahl_stimmt_mit_den_dateien(lieferung) -> None:
    soll = erwartet(lieferung)
    assert abweichungen(lieferung[2], soll) == {}
    anderswo = {
        "T13",
        "H08",
        "H45",
        "T05",
        "T05b",
        "T11",
        "T11b",
    }  # below; and in tests of their areas
    assert soll.keys() == set(catalogue.bereich("sozialraum").kennzahlen) - anderswo


def index(f: pd.DataFrame, jahr: int) -> pd.Series:
    """Return the index of every Sozialraum: the mean of z-values by the year 2020."""
    breit = f[f["Indikator"].isin(INDEX)].pivot(
        index=["jahr", "raum"], columns="Indikator", values="quote"
    )
    damals = breit.loc[2020]
    return ((breit.loc[jahr] - damals.mean()) / damals.std(ddof=0)).mean(axis=1)


def test_der_index_ist_das_mittel_der_standardwerte_des_bezugsjahres(lieferung) -> None:
    _, f, daten, _, _ = lieferung
    soll = index(f, f["jahr"].max())
    werte = measures.kennzahl(daten, "T13", je=["sozialraum"]).frame
    werte = werte.set_index("sozialraum")["wert"].astype(float)
    assert werte.drop("insgesamt").to_dict() == pytest.approx(soll.to_dict(), abs=1e-4)
    assert werte["insgesamt"] == pytest.approx(soll.mean(), abs=1e-4)


def test_im_bezugsjahr_ist_das_mittel_null_und_das_gepflanzte_steigt(lieferung) -> None:
    """The yardstick is fixed: one Sozialraum that gets worse moves no other."""
    daten = lieferung[2]
    tage = [date(2020, 12, 31), date(2024, 12, 31)]
    werte = measures.zeitreihe(daten, "T13", tage, je=["sozialraum"]).frame
    breit = werte.pivot(index="sozialraum", columns="stichtag", values="wert").astype(float)
    breit.columns = ["damals", "jetzt"]
    assert breit.loc["insgesamt", "damals"] == pytest.approx(0, abs=1e-6)
    sprung = (breit["jetzt"] - breit["damals"]).drop("insgesamt")
    assert set(STEIGT) == {"SR06", "SR09"}
    assert (sprung.idxmax(), sprung.idxmin()) == ("Hafenviertel", "Sonnenfeld")


def test_was_leser_ueber_das_bezugsjahr_lesen_sagt_die_codeliste() -> None:
    liste = catalogue.codeliste("indikator").gueltig.values()
    jahre = {code.merkmale["bezugsjahr"] for code in liste if "bezugsjahr" in code.merkmale}
    notebook = json.loads((ROOT / "notebooks" / "sozialraum.ipynb").read_text(encoding="utf-8"))
    worte = ["".join(zelle["source"]) for zelle in notebook["cells"]]
    worte.append(catalogue.kennzahl("T13").formel)
    genannt = re.findall(r"(?:Jahr|Mittel|Streuung) (20\d\d)", " ".join(worte))
    assert len(genannt) == 4 and set(genannt) == jahre


# --- the engine: one indicator, drawn -----------------------------------------------------------

INDIKATOREN = """
    gebiet_id | jahr | indikator | gezaehlt_am | anzahl | grundgesamtheit
    A         | 2020 | sgb2_u18  | 2020-12-31  | 10     | 100
    B         | 2020 | sgb2_u18  | 2020-12-31  | 30     | 100
    A         | 2024 | sgb2_u18  | 2024-12-31  | 10     | 100
    B         | 2024 | sgb2_u18  | 2024-12-31  | 40     | 100
    A         | 2024 | sgb2_u15  | 2024-12-31  | 90     | 100
    """


def test_ein_indikator_ohne_gewicht_zaehlt_nicht_und_der_massstab_bleibt() -> None:
    """Mean 20, spread 10 in 2020: A stays at −1, B goes from +1 to +2."""
    stadt = Stadt(date(2025, 6, 30), sozialraum_indikator=INDIKATOREN)
    (zeile,) = measures.alle(stadt, ids=["T13"])
    assert (zeile.zaehler, zeile.nenner) == (Decimal(1), Decimal(2))


def test_ohne_bezugsjahr_gibt_es_keinen_index() -> None:
    ohne = "\n".join(z for z in INDIKATOREN.splitlines() if "| 2020 |" not in z)
    stadt = Stadt(date(2025, 6, 30), sozialraum_indikator=ohne)
    (zeile,) = measures.alle(stadt, ids=["T13"])
    assert zeile.wert is None
