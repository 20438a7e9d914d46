"""Tasks, recommendations and decisions: W01 to W07 from the raw files, and the radar."""

from __future__ import annotations

import re
from datetime import date
from fractions import Fraction
from statistics import median

import pandas as pd
import pytest
from monatsdateien import abweichungen, liefere, roh
from tafel import Stadt

from sozcontrol import catalogue, measures
from sozcontrol.demo.vorhabenlisten import DAUERLAEUFER, VERGESSEN, WIDERSPRUCH
from sozcontrol.measures import beschluesse, vorhaben
from sozcontrol.present.radarbild import in_state
from sozcontrol.present.svgbild import slippage

STICHTAGE = [date(2024, 12, 31), date(2025, 8, 31)]


@pytest.fixture(scope="module", params=STICHTAGE, ids=str)
def lieferung(request, tmp_path_factory):
    ziel = tmp_path_factory.mktemp("vorhaben")
    return request.param, *liefere(ziel, request.param, ("musterstadt_steuerung",))


def tage(spalte: pd.Series) -> pd.Series:
    return pd.to_datetime(spalte, format="%d.%m.%Y", errors="coerce")


def liste(ordner, name: str) -> pd.DataFrame:
    return roh(ordner, f"Steuerung_{name}", "utf-8-sig")


def verzug(ordner, stichtag: date) -> tuple[list[int], int, list[int], int]:
    """Days late, dates moved, days a report is late, points: one point after the other, by hand."""
    punkte, berichte = liste(ordner, "Beschluesse"), liste(ordner, "Umsetzungsberichte")
    heute, spaet, verschoben, still = pd.Timestamp(stichtag), [], 0, []
    for _, p in punkte.iterrows():
        eigene = berichte[(berichte["Vorlage"] == p["Vorlage"]) & (berichte["Punkt"] == p["Punkt"])]
        eigene = eigene.assign(am=tage(eigene["Bericht vom"])).sort_values("am")
        erster = zuletzt = pd.to_datetime(p["bis"], format="%d.%m.%Y")
        fertig = None
        wiedervorlage, danach = None, None
        for _, b in eigene.iterrows():
            if wiedervorlage is not None and danach is None:
                danach = b["am"]
            if b["nächster Termin"]:
                termin = pd.to_datetime(b["nächster Termin"], format="%d.%m.%Y")
                verschoben += termin > zuletzt
                zuletzt = max(zuletzt, termin)
            if b["Wiedervorlage"]:
                wiedervorlage = pd.to_datetime(b["Wiedervorlage"], format="%d.%m.%Y")
                danach = None
            if fertig is None and b["Status"] in (
                "umgesetzt",
                "Umsetzung nicht realisierbar",
                "Umsetzung abgelehnt",
            ):
                fertig = b["am"]
        bis = heute if fertig is None else fertig
        spaet += [(bis - erster).days] if bis > erster else []
        warten = heute if danach is None else danach
        if wiedervorlage is not None and warten > wiedervorlage:
            still.append((warten - wiedervorlage).days)
    return spaet, int(verschoben), still, len(punkte)


def test_jede_kennzahl_stimmt_mit_den_dateien(lieferung) -> None:
    tag, ordner, daten = lieferung
    s = liste(ordner, "Schwerpunkte")
    s = s[tage(s["Stand"]) == tage(s["Stand"]).max()]
    grade = s["Zielerreichungsgrad"].value_counts()
    voll = grade.get("vollständig erreicht", 0) + grade.get("dauerhaft / vollständig erreicht", 0)
    weiter = grade.get("nahezu erreicht", 0) + grade.get("Fortschritte sind erreicht", 0)
    gueltig = len(s) - grade.get("Vorhaben nicht mehr aktuell", 0)
    m = liste(ordner, "Handlungsempfehlungen")
    m = m[tage(m["Stand"]) == tage(m["Stand"]).max()]
    spaet, verschoben, still, punkte = verzug(ordner, tag)
    soll = {
        "W01": Fraction(int(voll) * 100, int(gueltig)),
        "W02": Fraction(int(voll + weiter) * 100, int(gueltig)),
        "W03": Fraction(int((s["Bez. VJ"] != "").sum()) * 100, len(s)),
        "W04": Fraction(int((m["Termin"] != "").sum()) * 100, len(m)),
        "W05": Fraction(median(spaet)), "W06": Fraction(verschoben, punkte),
        "W07": Fraction(median(still)),
    }  # fmt: skip
    assert abweichungen(daten, soll) == {}
    assert {*soll, "W08"} == set(catalogue.bereich("steuerung").kennzahlen)


def test_was_gepflanzt_ist_wird_gefunden(lieferung) -> None:
    tag, _, daten = lieferung
    rows = {(r["vorlage"], r["punkt"]): r for r in beschluesse.stand(daten)}
    assert rows[WIDERSPRUCH]["lage"] == beschluesse.WIDERSPRUCH
    found = {z["zusage_nr"] for z in beschluesse.vergessene(daten)}
    assert found == {n for n in VERGESSEN if n == 2 or tag >= date(2025, 4, 1)}
    rows = vorhaben.schwerpunkte(daten).frame
    assert rows.set_index("aufgabe").loc[DAUERLAEUFER, "jahre"] == 5


def test_auf_seiten_stehen_funktionen_und_keine_kuerzel(lieferung) -> None:
    *_, daten = lieferung
    initials = set(catalogue.codeliste("zustaendig").gueltig)
    for made in (
        beschluesse.radar(daten),
        vorhaben.schwerpunkte(daten),
        vorhaben.massnahmen(daten),
    ):
        assert not {"zustaendig", "mitzustaendig", "sachstand"} & set(made.frame.columns)
        assert not initials & set(made.frame.astype(str).to_numpy().ravel())


def test_offene_punkte_nennen_die_naechste_sitzung_ihres_gremiums(lieferung) -> None:
    *_, daten = lieferung
    rows = beschluesse.radar(daten).frame
    known = catalogue.kommune("musterstadt").sitzungen
    sitzungen = pd.DataFrame([(s.gremium, s.am) for s in known])
    for row in rows.to_dict("records"):
        eigene = pd.to_datetime(sitzungen[sitzungen[0] == row["gremium"]][1])
        spaeter = eigene[eigene > pd.Timestamp(daten.datenstand)]
        soll = None if row["lage"] == "erledigt" or spaeter.empty else spaeter.min().date()
        assert (None if pd.isna(row["naechste_sitzung"]) else row["naechste_sitzung"]) == soll


@pytest.mark.parametrize("nach, soll", [
    pytest.param("2025-09-17", date(2025, 9, 18), id="am Tag davor"),
    pytest.param("2025-09-18", None, id="am Tag der Sitzung ist es die nächste"),
])  # fmt: skip
def test_die_naechste_sitzung_liegt_danach(nach: str, soll: date | None) -> None:
    kommune = catalogue.kommune("musterstadt")
    assert kommune.naechste_sitzung("Sozialausschuss", date.fromisoformat(nach)) == soll
    assert kommune.naechste_sitzung("Niemand", date(2020, 1, 1)) is None


# --- where a point stands -------------------------------------------------------------------------

PUNKT = """
    vorlage | punkt | beschlossen_am | erster_termin | zustaendig | gremium
    BV/1    | 1     | 2024-01-01     | 2025-03-31    | PL         | Rat
    """
KOPF = "vorlage | punkt | bericht_am | beschlussstatus | zieltermin | wiedervorlage\n"


@pytest.mark.parametrize(
    ("tag", "berichte", "lage", "verschoben"),
    [
        pytest.param("2025-01-29", "", "im Zeitplan", 0, id="61 Tage vorher"),
        pytest.param("2025-01-30", "", "bald fällig", 0, id="60 Tage vorher"),
        pytest.param("2025-03-31", "", "bald fällig", 0, id="am Termin"),
        pytest.param("2025-04-01", "", "überfällig", 0, id="am Tag danach"),
        pytest.param("2025-04-01", "BV/1|1|2025-02-01|arbeit|2025-12-31|", "im Zeitplan", 1,
                     id="verschoben"),
        pytest.param("2025-01-31", "BV/1|1|2025-02-01|arbeit|2025-12-31|", "bald fällig", 0,
                     id="von einem späteren Bericht weiß niemand"),
        pytest.param("2025-04-01", "BV/1|1|2025-02-01|arbeit|2025-02-15|", "überfällig", 0,
                     id="ein früherer Termin ist nicht verschoben"),
        pytest.param("2025-06-30", "BV/1|1|2024-06-01|arbeit|2025-12-31|\n"
                     "BV/1|1|2024-12-01|arbeit|2025-06-30|\n"
                     "BV/1|1|2025-02-01|arbeit|2025-12-31|", "im Zeitplan", 1,
                     id="zurück auf den schon genannten Termin"),
        pytest.param("2025-03-01", "BV/1|1|2025-01-01|arbeit|2025-12-31|2025-02-28",
                     "Bericht überfällig", 1, id="Wiedervorlage vorbei"),
        pytest.param("2025-06-30", "BV/1|1|2025-02-01|umgesetzt||", "erledigt", 0, id="umgesetzt"),
        pytest.param("2025-06-30", "BV/1|1|2024-06-01|arbeit|2025-12-31|\n"
                     "BV/1|1|2025-02-01|umgesetzt||", "erledigt", 1, id="früher als angekündigt"),
        pytest.param("2025-06-30", "BV/1|1|2025-02-01|umgesetzt|2025-09-30|", "widersprüchlich", 1,
                     id="umgesetzt mit Termin"),
        pytest.param("2025-06-30", "BV/1|1|2025-02-01|abgelehnt||", "erledigt", 0, id="abgelehnt"),
    ],
)  # fmt: skip
def test_wo_ein_beschlusspunkt_steht(tag, berichte, lage, verschoben) -> None:
    stadt = Stadt(date.fromisoformat(tag), beschlusspunkt=PUNKT, umsetzungsbericht=KOPF + berichte)
    (row,) = beschluesse.stand(stadt)
    assert (row["lage"], row["verschiebungen"]) == (lage, verschoben)
    # What is drawn is what is counted: the first date, and one more for each time it was moved.
    assert len(str(row["termine"] or "").split()) == (verschoben + 1 if verschoben else 0)


@pytest.mark.parametrize(("wie_viele", "satz"), [
    ({"erledigt": 2, "überfällig": 1}, "1 überfällig und 2 erledigt"),
    ({"Bericht überfällig": 2, "widersprüchlich": 1},
     "1 widersprüchlich und 2 ohne fälligen Bericht"),
    ({}, ""),
])  # fmt: skip
def test_wie_viele_punkte_wo_stehen_ist_ein_deutscher_satz(wie_viele, satz) -> None:
    assert in_state(wie_viele) == satz


def test_der_weg_der_termine_ist_gezeichnet_und_gesagt() -> None:
    dates = [date(2023, 9, 30), date(2024, 6, 30), date(2025, 3, 31)]
    drawn = slippage(dates, date(2025, 6, 30), "zugesagt")
    xs = [float(x) for x in re.findall(r'd="M([\d.]+) (?:3l|4V)', drawn)]
    days = [(d - dates[0]).days / (date(2025, 6, 30) - dates[0]).days for d in dates[1:]]
    assert xs == pytest.approx([12 + 96 * part for part in days], abs=0.06)
    assert 'role="img" aria-label="zugesagt"' in drawn


def test_vor_dem_beschluss_gibt_es_keinen_punkt() -> None:
    stadt = Stadt(date(2023, 12, 31), beschlusspunkt=PUNKT, umsetzungsbericht=KOPF)
    assert beschluesse.stand(stadt) == []
    assert [z.wert for z in measures.alle(stadt, ids=["W05", "W06"])] == [None, None]
