"""Official figures of six real municipalities, against values worked out from the raw files.

The files are public but not part of the project. Where the folder is missing the tests are skipped.
"""

from __future__ import annotations

import os
import shutil
from datetime import date
from fractions import Fraction
from pathlib import Path
from statistics import median

import ibis
import pandas as pd
import pytest
from conftest import ROOT
from monatsdateien import Daten

from sozcontrol import catalogue, checks
from sozcontrol.findings import Finding
from sozcontrol.intake import read_delivery
from sozcontrol.measures import kommunen
from sozcontrol.tidy import Pseudonymiser, to_tables

FOLDER = Path(os.environ.get("SOZCONTROL_ECHTE_DATEN", ROOT.parent / "shared" / "data"))
ROH, FLACH = FOLDER / "genesis_regionalstatistik_2017", FOLDER / "genesis_flat_2026"
TABELLEN = ("22121-01-03-4", "22131-01-02-4", "22151-01-02-4", "22221-01-01-4", "22543-01-02-4",
            "22541-01-04-4", "12411-02-03-4", "12411-01-01-4")  # fmt: skip
RING = ["07111", "07211", "07312", "07314", "07315", "07137"]
STICHTAG, DATENSTAND = date(2025, 6, 30), date(2025, 7, 21)

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(
        not ROH.is_dir(), reason=f"ÜBERSPRUNGEN: der Ordner mit echten Tabellen fehlt ({FOLDER})"
    ),
]


@pytest.fixture(scope="module")
def gelesen(tmp_path_factory: pytest.TempPathFactory) -> tuple[Daten, tuple[Finding, ...]]:
    ordner = tmp_path_factory.mktemp("amtlich")
    for nummer in TABELLEN:
        shutil.copy(ROH / f"{nummer}_00.csv", ordner)
    shutil.copy(FLACH / "12411-01-01-4_de_flat.csv", ordner)
    kommune = catalogue.kommune("koblenz")
    delivery = read_delivery(ordner, kommune, stichtag=STICHTAG, datenstand=DATENSTAND)
    tidied = to_tables(delivery, Pseudonymiser(b"k" * 32, "test"))
    found = checks.check(
        tidied.tables, stichtag=STICHTAG, datenstand=DATENSTAND, expectations=ROOT / "expectations"
    )
    con = ibis.duckdb.connect()
    for name, table in tidied.tables.items():
        con.con.register(name, table)
    names = tuple(tidied.tables)
    daten = Daten(con=con, stichtag=STICHTAG, datenstand=DATENSTAND, tabellen=names)
    return daten, (*tidied.findings, *found)


def roh(nummer: str, kopf: int) -> pd.DataFrame:
    """Read a raw table as a person would: data rows have a key of five digits."""
    frame = pd.read_csv(
        ROH / f"{nummer}_00.csv", sep=";", header=None, skiprows=kopf, dtype=str,
        names=range(70), keep_default_na=False,
    )  # fmt: skip
    place = 0 if nummer == "12411-01-01-4" else 1
    return frame[frame[place].isin(RING)].set_index(place)


def spalte(frame: pd.DataFrame, wann: str, nummer: int, **wo: str) -> dict[str, Fraction]:
    rows = frame[frame[0] == wann]
    for column, text in wo.items():
        rows = rows[rows[int(column[1:])] == text]
    return {ags: Fraction(int(v)) for ags, v in rows[nummer].items()}


def einwohner(jahr: int) -> dict[str, Fraction]:
    """Three columns a year, the latest year first: 2015 stands in column 2."""
    frame = roh("12411-01-01-4", 8)
    return {ags: Fraction(int(v)) for ags, v in frame[2 + 3 * (2015 - jahr)].items()}


def altersgruppe(*gruppen: str) -> dict[str, Fraction]:
    frame = roh("12411-02-03-4", 7)
    parts = [spalte(frame, "31.12.2015", 4, c3=g) for g in gruppen]
    return {ags: sum((p[ags] for p in parts), Fraction(0)) for ags in RING}


def quote(
    zaehler: dict[str, Fraction], nenner: dict[str, Fraction], faktor: int
) -> dict[str, Fraction]:
    return {ags: zaehler[ags] * faktor / nenner[ags] for ags in RING}


def erwartet() -> dict[str, tuple[int, dict[str, Fraction]]]:
    ende = "31.12.2015"
    hlu, kapitel = roh("22121-01-03-4", 9), roh("22131-01-02-4", 7)
    gsi, asyl, kita = roh("22151-01-02-4", 9), roh("22221-01-01-4", 8), roh("22543-01-02-4", 9)
    alle, kinder = {"c3": "Insgesamt"}, {"c3": "Insgesamt (ohne Doppelzählungen)"}
    pro = einwohner(2015)
    alt = altersgruppe("65 bis unter 75 Jahre", "75 Jahre und mehr")
    u3, ue3 = altersgruppe("unter 3 Jahre"), altersgruppe("3 bis unter 6 Jahre")
    return {
        "hlu_dichte": (2015, quote(spalte(hlu, ende, 6), pro, 1000)),
        "hzp_dichte": (2015, quote(spalte(kapitel, ende, 9), pro, 1000)),
        "egh_dichte": (2015, quote(spalte(kapitel, ende, 8), pro, 1000)),
        "gsi_dichte": (2015, quote(spalte(gsi, "2015", 7, **alle), pro, 1000)),
        "gsi_alter": (2015, quote(spalte(gsi, "2015", 6, **alle), alt, 1000)),
        "asyl_dichte": (2015, quote(spalte(asyl, ende, 3), pro, 1000)),
        "asyl_analog": (2015, quote(spalte(asyl, ende, 6), spalte(asyl, ende, 3), 100)),
        "kita_u3": (2016, quote(spalte(kita, "01.03.2016", 5, **kinder), u3, 100)),
        "kita_ue3": (2016, quote(spalte(kita, "01.03.2016", 6, **kinder), ue3, 100)),
    }


def test_jeder_wert_der_sechs_stimmt_mit_den_rohdateien(gelesen) -> None:
    daten, _ = gelesen
    rows = daten["vergleichswert"].to_pyarrow().to_pylist()
    found = {s.vergleich.id: s for s in kommunen.staende(rows, STICHTAG)}
    soll = erwartet()
    assert found.keys() == soll.keys()
    for id_, (jahr, values) in soll.items():
        stand = found[id_]
        assert stand.jahr == jahr, id_
        ist = {ags[:5]: float(v) for ags, v in stand.werte.items()}
        assert ist == pytest.approx({a: float(v) for a, v in values.items()}), id_
        assert float(stand.median or 0) == pytest.approx(float(median(values.values()))), id_


def test_fuenf_jahre_hilfe_zum_lebensunterhalt(gelesen) -> None:
    daten, _ = gelesen
    werte = kommunen.Werte(daten["vergleichswert"].to_pyarrow().to_pylist(), STICHTAG)
    years = kommunen.reihe(werte, catalogue.vergleich("hlu_dichte"))
    hlu = roh("22121-01-03-4", 9)
    assert [s.jahr for s in years][:11] == list(range(2015, 2004, -1))
    for stand in years:
        soll = quote(spalte(hlu, f"31.12.{stand.jahr}", 6), einwohner(stand.jahr), 1000)
        assert {a[:5]: float(v) for a, v in stand.werte.items()} == pytest.approx(
            {a: float(v) for a, v in soll.items()}
        )


def test_die_flache_tabelle_gibt_dieselbe_menge(gelesen) -> None:
    daten, _ = gelesen
    rows = daten["vergleichswert"].to_pyarrow().to_pylist()
    ist = {z["ags"][:5]: z["wert"] for z in rows
           if (z["kennzahl_id"], z["jahr"]) == ("C02", 2024)}  # fmt: skip
    flat = pd.read_csv(FLACH / "12411-01-01-4_de_flat.csv", sep=";", dtype=str)
    flat = flat[flat["1_variable_attribute_code"].isin(RING)]
    flat = flat[flat["2_variable_attribute_label"] == "Insgesamt"]
    soll = dict(zip(flat["1_variable_attribute_code"], flat["value"], strict=True))
    assert {a: str(int(v)) for a, v in ist.items()} == soll
    assert soll["07111"] == "113378"


def test_echte_tabellen_verletzen_keine_regel(gelesen) -> None:
    _, found = gelesen
    loud = [f for f in found if f.schwere.value != "hinweis" and f.tabelle == "vergleichswert"]
    assert [(f.regel, f.meldung) for f in loud if f.regel not in ("R-V03", "R-V04")] == []
