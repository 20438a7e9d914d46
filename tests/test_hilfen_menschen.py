"""Persons and families beside Hilfen, what teams do, Schulbegleitung: against the raw files."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from monatsdateien import liefere, roh
from tafel import Stadt

from sozcontrol import measures

TAG = date(2025, 6, 30)
PROFILE = ("musterstadt_jugend",)
KEINE_HZE = [
    "Sozialpäd. begleitetes Jugendwohnen", "Begleiteter Umgang", "Mutter-/Vater-Kind-Einrichtung",
    "Versorgung in Notsituationen", "Unterbringung zur Schulpflicht", "Inobhutnahme",
    "Vorläufige Inobhutnahme",
]  # fmt: skip


@pytest.fixture(scope="module")
def lieferung(tmp_path_factory):
    ordner, daten = liefere(
        tmp_path_factory.mktemp("hilfen"), TAG, PROFILE, ohne="WJH_Zahlliste.csv"
    )
    f = roh(ordner, "WJH_Hilfen", "cp1252", kopf=1)
    f = f[~f["Hilfe-Nr"].str.startswith("Gedruckt")].copy()
    for spalte in ("Beginn", "Ende"):
        f[spalte] = pd.to_datetime(f[spalte], format="%d.%m.%Y", errors="coerce")
    bis = pd.Timestamp(TAG)
    laufend = f[(f["Beginn"] <= bis) & ~(f["Ende"] <= bis)]
    return daten, laufend[~laufend["Leistungsart"].isin(KEINE_HZE)]


def wert(daten, id_: str):
    (zeile,) = measures.alle(daten, ids=[id_])
    return zeile


def test_personen_und_familien_sind_weniger_als_hilfen(lieferung) -> None:
    daten, hilfen = lieferung
    assert wert(daten, "H01").zaehler == len(hilfen)
    assert wert(daten, "H01b").zaehler == hilfen["Pers.-Nr"].nunique() < len(hilfen)
    familien = hilfen["Familien-Nr"].replace("", pd.NA).nunique()
    assert wert(daten, "H01c").zaehler == familien < hilfen["Pers.-Nr"].nunique()


def test_jedes_team_hat_seine_hilfen(lieferung) -> None:
    daten, hilfen = lieferung
    teams = measures.kennzahl(daten, "H01", je=["fachkraft_org"]).frame
    teams = teams.set_index("fachkraft_org")["zaehler"].drop("insgesamt")
    assert teams.to_dict() == hilfen["Org.-Einheit"].value_counts().to_dict()


# --- Schulbegleitung, drawn: Musterstadt's Jugendamt has none ------------------------------------

FALL = """
    hilfe_id | person_id | hilfeart | segment  | beginn     | ende
    H1       | P1        | 35a_sb   | ambulant | 2024-09-01 |
    H2       | P2        | 35a_sb   | ambulant | 2024-09-01 | 2025-06-30
    H3       | P3        | 35a      | ambulant | 2024-09-01 |
    """
SCHUELER = """
    stichtag   | schulart    | anzahl
    2023-10-01 | grundschule | 999
    2024-10-01 | grundschule | 300
    2024-10-01 | gymnasium   | 200
    2025-10-01 | gymnasium   | 777
    """
PERSON = """
    person_id | geburtsmonat
    P1        | 2015-01-01
    P2        | 2015-01-01
    P3        | 2015-01-01
    """


def test_schulbegleitung_je_schueler_der_letzten_schulstatistik() -> None:
    stadt = Stadt(TAG, fall=FALL, person=PERSON, schueler=SCHUELER)
    zeile = wert(stadt, "H39")
    assert (zeile.zaehler, zeile.nenner) == (1, 500)
