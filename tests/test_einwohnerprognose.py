"""Einwohnerprognose of Musterstadt: from the raw sheet in plain pandas, and better than before."""

from __future__ import annotations

import re
from datetime import date
from itertools import pairwise
from statistics import median

import pandas as pd
import pytest
from hauptbuch import rohdateien, stadt_am
from tafel import Stadt
from test_forecast_ohne import antworten

from sozcontrol import store
from sozcontrol.demo.einwohnerzahlen import FAMILIENZUZUG, SOZIALRAEUME
from sozcontrol.forecast.bestand.kohorten import GEWICHT, fortschreiben
from sozcontrol.hochrechnung import einwohnertafeln as tafeln
from sozcontrol.hochrechnung.einwohner.zaehlungen import jahresreihe, zaehlungen

STICHTAG, DATENSTAND = date(2025, 6, 30), date(2025, 7, 15)
JAHRE = [date(j, 12, 31) for j in range(2019, 2025)]
JUNGE = ["0–2", "3–5", "6–9", "10–17", "18–20"]


@pytest.fixture(scope="module")
def stand():
    return tafeln.stand(stadt_am(STICHTAG, DATENSTAND))


@pytest.fixture(scope="module")
def gezaehlt():
    """The delivered sheet: people of one age, on a day, in an area."""
    (pfad,) = rohdateien(STICHTAG, DATENSTAND).glob("Einwohner_*.xlsx")
    blatt = pd.read_excel(pfad, sheet_name="Einwohner", header=None, skiprows=3, engine="openpyxl")
    raum, geschlecht, zeilen = (
        blatt.iloc[0].ffill().str.split().str[0],
        blatt.iloc[1],
        blatt.iloc[2:],
    )
    alter = pd.to_numeric(zeilen[1], errors="coerce")
    tage = pd.to_datetime(zeilen[0].ffill(), format="%d.%m.%Y", errors="coerce").dt.date
    menschen = zeilen.loc[alter.notna(), geschlecht.isin(["m", "w"])].astype("int64")
    menschen = menschen.T.groupby(raum[menschen.columns]).sum().T
    menschen.index = pd.MultiIndex.from_arrays([tage[alter.notna()], alter.dropna().astype(int)])
    zahl = menschen.stack().to_dict()
    return lambda alter, am, gebiet="ST": zahl[am, alter, gebiet]


def quote(gezaehlt, alter: int) -> float:
    """How many children of an age were there a year later, in the city: the median of five years.

    And of a sixth in which no child came or went.
    """
    paare = pairwise(JAHRE)
    return median(gezaehlt(alter + 1, d) / gezaehlt(alter, v) for v, d in paare) ** (5 / 6)


def test_ein_jahrgang_der_stadt_stimmt_mit_der_datei(stand, gezaehlt) -> None:
    """Who is five at the end of 2024 is seven at the end of 2026."""
    soll = gezaehlt(5, JAHRE[-1]) * quote(gezaehlt, 5) * quote(gezaehlt, 6)
    assert fortschreiben(stand.gezaehlt.bestaende, 2)[1, :, 7].sum() == pytest.approx(soll)


def test_ein_jahrgang_eines_sozialraums_stimmt_mit_der_datei(stand, gezaehlt) -> None:
    """Südhang, six years at the end of 2024: the city's ratio, and what is its own of it."""
    paare = list(pairwise(JAHRE))

    def erwartet(raum: str) -> float:
        kam = sum(gezaehlt(a + 1, d, raum) for a in range(4, 9) for _, d in paare)
        wie_alle = sum(
            gezaehlt(a, v, raum) * gezaehlt(a + 1, d) / gezaehlt(a, v)
            for a in range(4, 9) for v, d in paare
        )  # fmt: skip
        eigen = (kam + GEWICHT) / (wie_alle + GEWICHT)
        return gezaehlt(6, JAHRE[-1], raum) * quote(gezaehlt, 6) * eigen

    alle = {r.id: erwartet(r.id) for r in SOZIALRAEUME}
    auf_die_stadt = gezaehlt(6, JAHRE[-1]) * quote(gezaehlt, 6) / sum(alle.values())
    hier = stand.gezaehlt.raeume.index("Südhang")
    naechstes = fortschreiben(stand.gezaehlt.bestaende, 1)[0, hier, 7]
    assert naechstes == pytest.approx(alle["SR04"] * auf_die_stadt)


def test_die_letzte_zaehlung_steht_wie_geliefert_und_alles_summiert_sich(stand, gezaehlt) -> None:
    stadt = tafeln.stadt(stand).frame.set_index("altersgruppe")
    raeume = {n: t.frame.set_index("sozialraum") for n, t in tafeln.raeume(stand).items()}
    assert stand.tag == JAHRE[-1]  # half a year later a cohort is not a year older
    assert stadt.loc["3–5", "jetzt"] == sum(gezaehlt(a, JAHRE[-1]) for a in (3, 4, 5))
    nord = raeume["18–20"].loc["Nordstadt", "jetzt"]
    assert nord == sum(gezaehlt(a, JAHRE[-1], "SR03") for a in (18, 19, 20))
    for spalte in ["jetzt", *(f"j{n}" for n in range(1, 6))]:
        assert stadt.loc["unter 21", spalte] == stadt.loc[JUNGE, spalte].sum()
        fein = stadt.index.difference(["unter 21", "insgesamt"])
        assert stadt.loc["insgesamt", spalte] == stadt.loc[fein, spalte].sum()
        for gruppe, tafel in raeume.items():
            assert tafel.loc["insgesamt", spalte] == stadt.loc[gruppe, spalte]
            assert tafel[spalte].drop("insgesamt").sum() == stadt.loc[gruppe, spalte]


def test_wo_familien_zuziehen_wachsen_die_kinder_wo_sie_fortziehen_nicht(stand) -> None:
    """The planted move shows where it was planted, beyond what every area gains."""
    tafel = tafeln.raeume(stand)["6–9"].frame.set_index("sozialraum")
    wuchs = (tafel["j3"] / tafel["jetzt"]).astype(float)
    namen = {r.id: r.name for r in SOZIALRAEUME}
    zu, fort = namen["SR04"], namen["SR06"]
    assert FAMILIENZUZUG["SR04"] > 0 > FAMILIENZUZUG["SR06"]
    assert wuchs[zu] > wuchs["insgesamt"] > wuchs[fort]


def test_die_prognose_war_besser_als_alles_bleibt(stand) -> None:
    zeugnis = tafeln.zeugnis(stand, alle=True).frame.set_index(["altersgruppe", "jahre"])
    ohne, mit = zeugnis["zuvor_pct"].astype(float), zeugnis["fehler_pct"].astype(float)
    for weite in ("1", "2", "3", "4"):
        assert mit.loc[(JUNGE, weite)].mean() < 0.8 * ohne.loc[(JUNGE, weite)].mean()
        assert mit.loc["unter 21", weite] < ohne.loc["unter 21", weite]
    assert set(zeugnis.xs("3–5")["proben"]) == {4, 3, 2, 1}


def test_ein_fehler_des_zeugnisses_stimmt_mit_der_datei(stand, gezaehlt) -> None:
    """As at the end of 2023, who were three to five at the end of 2024, over all areas."""

    def kinder(tag: date, raum: str) -> int:
        return sum(gezaehlt(a, tag, raum) for a in (3, 4, 5))

    ids = [r.id for r in SOZIALRAEUME]
    zeugnis = tafeln.zeugnis(stand).frame.set_index(["altersgruppe", "jahre"])
    ab = sum(abs(kinder(d, r) - kinder(v, r)) for v, d in pairwise(JAHRE[1:]) for r in ids)
    menschen = sum(kinder(d, r) for d in JAHRE[2:] for r in ids)
    assert float(zeugnis.loc[("3–5", "1"), "zuvor_pct"]) == pytest.approx(
        100 * ab / menschen, abs=1e-5
    )


def test_wo_sie_am_wenigsten_taugt_steht_zuerst(stand) -> None:
    """Worked out again from the record's own cells: all groups below 21, all years, one area."""
    tafel = tafeln.zeugnis_je_raum(stand).frame
    groesste = tafel.iloc[0]
    assert list(tafel["fehler_pct"]) == sorted(tafel["fehler_pct"], reverse=True)
    hier = stand.gezaehlt.raeume.index(groesste["sozialraum"])
    paare = [(p.prognose[hier, g], p.ergebnis[hier, g]) for p in stand.proben for g in range(5)]
    ab = sum(abs(a - b) for a, b in paare) / sum(b for _, b in paare)
    assert float(groesste["fehler_pct"]) == pytest.approx(100 * ab, abs=1e-5)


# --- which counts -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "tage, erwartet",
    [
        pytest.param(["2022-12-31", "2023-12-31", "2024-06-30"], [0, 1], id="halbes Jahr"),
        pytest.param(["2021-12-31", "2023-12-31", "2024-12-31"], [1, 2], id="Lücke beendet"),
        pytest.param(["2023-06-30", "2023-12-31"], [1], id="gleich lang: die spätere"),
        pytest.param(["2023-02-28", "2024-02-29"], [0, 1], id="Monatsende bleibt Monatsende"),
        pytest.param([], [], id="keine"),
    ],
)  # fmt: skip
def test_gezaehlt_wird_im_abstand_von_einem_jahr(tage, erwartet) -> None:
    days = [date.fromisoformat(t) for t in tage]
    assert jahresreihe(days) == [days[i] for i in erwartet]


def kleine_stadt(jahre: list[int], alter: list[int], raum: dict[int, str] | None = None) -> Stadt:
    """Draw two areas, from a year on another one instead of the second."""
    zeilen = [
        f"{j}-12-31 | {g} | {a} | m | o.A. | melderegister | {10 + a}"
        for j in jahre for g in ("S1", (raum or {}).get(j, "S2")) for a in alter
    ]  # fmt: skip
    kopf = "stichtag | gebiet_id | altersjahr | geschlecht | staatsang_gruppe | quelle | anzahl"
    gebiete = "\n".join(f"{g} | sozialraum | {n} | | 2000-01-01" for g, n in
                        (("S1", "Nord"), ("S2", "Süd"), ("S3", "Neu")))  # fmt: skip
    return Stadt(
        STICHTAG, einwohner="\n".join([kopf, *zeilen]),
        gebiet=f"gebiet_id | typ | name | eltern_id | gueltig_von\n{gebiete}",
    )  # fmt: skip


def test_neu_geschnittene_gebiete_beenden_die_reihe() -> None:
    stadt = kleine_stadt([2020, 2021, 2022, 2023, 2024], [*range(30)], {2020: "S3", 2021: "S3"})
    gefunden = zaehlungen(stadt)
    assert gefunden is not None and gefunden.raeume == ("Nord", "Süd")
    assert [t.year for t in gefunden.tage] == [2022, 2023, 2024]


@pytest.mark.parametrize(
    "jahre, alter",
    [
        pytest.param([2023, 2024], [*range(30)], id="zwei Zählungen"),
        pytest.param([2022, 2023, 2024], [0, 3, 6, 10, 18], id="Altersgruppen statt Altersjahren"),
        pytest.param([], [], id="keine Zählung"),
    ],
)
def test_ohne_genug_zaehlungen_gibt_es_keine_prognose(jahre, alter) -> None:
    assert tafeln.stand(kleine_stadt(jahre, alter)) is None


# --- the page -----------------------------------------------------------------------------------

PROGNOSE = {"antwort-aussage", "antwort-stadt", "antwort-zeugnis", "antwort-raeume",
            "antwort-zeugnis-raeume", "antwort-zeugnis-alle"}  # fmt: skip


def gezeigt(stand, monkeypatch) -> dict[str, str]:
    monkeypatch.setattr(store, "open_data", lambda *_: stadt_am(STICHTAG, DATENSTAND))
    monkeypatch.setattr(tafeln, "stand", lambda _: stand)
    found = antworten("einwohnerprognose", PROGNOSE)
    return {i: re.sub(r"<[^>]+>", "", o.preview().html) for i, o in found.items() if o is not None}


def test_die_seite_sagt_zuerst_wie_viele_wann(stand, gezaehlt, monkeypatch) -> None:
    html = gezeigt(stand, monkeypatch)
    jetzt = sum(gezaehlt(a, JAHRE[-1]) for a in range(21))
    said = html["antwort-aussage"]
    assert f"am 31.12.2024 waren es {jetzt:,}".replace(",", ".") in said
    assert said.startswith("Am 31.12.2029 leben hier voraussichtlich ")
    assert html.keys() == PROGNOSE


def test_ohne_genug_zaehlungen_sagt_die_seite_was_fehlt(monkeypatch) -> None:
    html = gezeigt(None, monkeypatch)
    assert html.keys() == {"antwort-aussage"}
    assert "drei Zählungen nach Altersjahren" in html["antwort-aussage"]
