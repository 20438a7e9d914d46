"""The report Hochrechnung: its record, what is at risk, the year's course, and its length.

The right values are added up from the raw files in plain pandas (``rohdaten``).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import gezeichnet
import numpy as np
import pandas as pd
import pdf_text
import pytest
from bs4 import BeautifulSoup
from hauptbuch import Lieferung, ansatz, lieferung, monatlich, musterstadt, rohdateien
from rohdaten import Rohdaten
from seiten import page

from sozcontrol import catalogue, hochrechnung
from sozcontrol.demo import STANDARD_STICHTAG
from sozcontrol.disclosure import Freigabe
from sozcontrol.forecast.prognose.intervall import Spanne
from sozcontrol.forecast.prognose.verteilung import Verteilung
from sozcontrol.hochrechnung import tafeln
from sozcontrol.hochrechnung.tafeln import bau
from sozcontrol.projekt import Projekt

STICHTAG = "2025-06-30"
MONATE = ["Jan", "Feb", "Mär", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez"]
SEITEN, WOERTER = 8, 2500
SPAETER = 210  # words of three tables and two remarks: 204 on a page of August


@pytest.fixture(scope="module")
def buch() -> Lieferung:
    return musterstadt()


@pytest.fixture(scope="module")
def roh() -> Rohdaten:
    return Rohdaten(rohdateien(STANDARD_STICHTAG, date(2025, 7, 15)))


def zeilen(tafel) -> list[dict]:
    frame = tafel.frame.astype("object")
    return frame.where(frame.notna(), None).to_dict("records")


def netto(roh: Rohdaten, bis: str = STICHTAG) -> pd.Series:
    """Expenses less income of all accounts by budget year, booked up to a day, in cents."""
    rows = roh.buchungen
    rows = rows[(rows["am"] <= bis) & rows["konto_art"].isin(["aufwand", "ertrag"])]
    cent = rows["cent"].where(rows["konto_art"] == "aufwand", -rows["cent"])
    return cent.groupby(rows["jahr"]).sum()


# --- how far it was off --------------------------------------------------------------------------


def test_das_zeugnis_des_zuschussbedarfs_misst_an_allen_konten(buch, roh) -> None:
    *jahre, mittel = zeilen(tafeln.zuschussjahre(buch))
    ergebnisse = netto(roh)
    assert [z["haushaltsjahr"] for z in jahre] == ["2020", "2021", "2022", "2023", "2024"]
    for z in jahre:
        assert z["ergebnis_eur"] == Decimal(int(ergebnisse[int(z["haushaltsjahr"])])) / 100
        off = z["ergebnis_eur"] - z["prognose_eur"]
        assert z["abweichung_eur"] == abs(off)
        assert z["wort"] == ("schlechter" if off > 0 else "besser")
        nah = abs(z["ergebnis_eur"] - z["ansatz_eur"]) < abs(off)
        assert z["naeher"] == ("Ansatz" if nah else "Hochrechnung")
    assert float(mittel["abweichung_eur"]) == pytest.approx(
        np.mean([float(z["abweichung_eur"]) for z in jahre]), abs=0.01
    )


def test_der_erste_satz_nennt_den_zuschussbedarf_und_sein_zeugnis(lauf: Projekt) -> None:
    main = BeautifulSoup(page(lauf, "hochrechnung"), "html.parser").main
    head, first = (main.select_one(w).text.replace("\u00a0", " ") for w in ("h1", ".soz-satz"))
    assert head == (
        "Der Haushalt wird voraussichtlich schlechter um 233 T€: 99,1 statt 98,8 Mio. € "
        "Zuschussbedarf."
    )
    satz = first.split(". Möglich")[0]
    assert satz.startswith("Am selben Tag lag dieselbe Hochrechnung im Mittel von 5 Vorjahren")
    assert satz.endswith("daneben")


def test_ohne_frueheres_jahr_gibt_es_kein_zeugnis_und_das_steht_da() -> None:
    daten = lieferung(monatlich([2025], 100_000), [ansatz(2025, 1_200_000)])
    freigabe = Freigabe.open("leitung")
    bauten = (tafeln.teilhaushalte, tafeln.auffaellige, tafeln.zuschussjahre)
    *gezeigt, jahre = [freigabe.aufstellung(b(daten)) for b in bauten]
    form = {"kommune": daten.kommune, "aussage": hochrechnung.aussage(daten), "jahre": jahre}
    html = gezeichnet.subsidy(*gezeigt, "Zuschussbedarf", **form).html
    assert "hat sich noch in keinem Jahr gezeigt" in html and html.count("<table") == 1


# --- what is at risk -----------------------------------------------------------------------------


def test_das_risiko_ist_die_mittlere_verschlechterung() -> None:
    """Ten years' worth of others' errors ±1 and ±2, one own of +3, each worth 10 €."""
    v = Verteilung(100.0, 10.0, np.array([1.0, 2.0]), np.array([3.0]))
    assert v.mittel_ueber(105.0) == pytest.approx((2.5 * 5 + 2.5 * 15 + 1 * 25) / 11)
    assert v.mittel_unter(95.0) == pytest.approx((2.5 * 5 + 2.5 * 15) / 11)
    assert v.mittel_ueber(500.0) == 0


def test_rangfolge_nach_geld_und_jede_warnung_traegt_ihre_wahrscheinlichkeit(buch) -> None:
    rows = zeilen(tafeln.risiken(buch))
    rated = [z["risiko_eur"] for z in rows if z["risiko_eur"] is not None]
    assert rated == sorted(rated, reverse=True) and len(rated) > 20
    assert (rows[0]["produktgruppe"], rows[0]["seite"]) == ("3633", "Aufwand")
    for z in rows:
        share = z["wesentlich"] and int("".join(c for c in z["wesentlich"] if c.isdigit()))
        assert not z["warnung"] or share >= 25, z
        assert (z["zeugnis"] == "ohne Zeugnis") == (z["risiko_eur"] is None) == (share is None)
    # The largest budget of all is forecast from five errors of its own: no probability.
    (kita,) = [z for z in rows if z["zeugnis"] == "ohne Zeugnis"]
    assert (kita["produktgruppe"], kita["seite"]) == ("3650", "Aufwand, übrige Konten")


def test_das_zeugnis_der_warnungen_zaehlt_die_wesentlichen_verschlechterungen(buch, roh) -> None:
    """Counted from the ledger: result against the amended budget of that 30.06."""
    (aufwand,) = [z for z in zeilen(tafeln.warnungszeugnis(buch)) if z["seite"] == "Aufwand"]
    rows = roh.buchungen
    rows = rows[(rows["am"] <= STICHTAG) & (rows["konto_art"] == "aufwand") & rows["sozial"]]
    ergebnis = rows.groupby(["jahr", "produktgruppe"])["cent"].sum()
    verfehlt = 0
    for jahr in range(2025 - aufwand["jahre"], 2025):
        plan = roh.ansatz(f"{jahr}-06-30", "aufwand").groupby("produktgruppe")["cent"].sum()
        weg = ergebnis[jahr] - plan
        verfehlt += int(((weg > 10_000_000) & (weg > plan * 0.05)).sum())
    assert aufwand["verfehlt"] == verfehlt == aufwand["gefunden"] + aufwand["verpasst"]
    assert aufwand["faelle"] == 15 * aufwand["jahre"]


def test_ohne_zeugnis_keine_wahrscheinlichkeit() -> None:
    daten = lieferung(
        monatlich([2024, 2025], 100_000), [ansatz(j, 1_100_000) for j in (2024, 2025)]
    )
    for z in zeilen(tafeln.risiken(daten)):
        assert z["zeugnis"] == "ohne Zeugnis"
        assert z["risiko_eur"] is z["ueber"] is z["wesentlich"] is None
    freigabe = Freigabe.open("leitung")
    found = [freigabe.aufstellung(b(daten)) for b in (tafeln.risiken, tafeln.warnungszeugnis)]
    html = gezeichnet.risks(*found, "Risiko", kommune=daten.kommune, edition="leitung").html
    assert "gibt es noch nicht" in html and "%)" not in html


@pytest.mark.parametrize("edition", ["leitung", "gremium", "controlling", "intern"])
def test_neben_den_wahrscheinlichkeiten_steht_woran_sie_gemessen_sind(buch, edition) -> None:
    freigabe = Freigabe.open(edition)
    found = [freigabe.aufstellung(b(buch)) for b in (tafeln.risiken, tafeln.warnungszeugnis)]
    html = gezeichnet.risks(*found, "Risiko", kommune=buch.kommune, edition=edition).html
    text = BeautifulSoup(html, "html.parser").text.replace("\u00a0", " ")
    told = ("gefunden und", "umsonst gewarnt", "jede zweite Warnung zutrifft",
            "stützt sich auf 4 eigene Jahre")  # fmt: skip
    assert [words for words in told if words not in text] == []
    assert ("Brier-Wert" in text) == catalogue.edition(edition).verfahren
    rows = BeautifulSoup(html, "html.parser").select_one("tbody").select("tr")
    warned = [z for z in zeilen(tafeln.risiken(buch)) if z["warnung"]]
    assert sum("▲" in r.text for r in rows) == len(warned)
    assert (len(rows) > 20) == catalogue.edition(edition).verfahren


# --- the year's course ---------------------------------------------------------------------------


def test_der_verlauf_zeigt_beide_jahre_wie_gebucht_und_endet_bei_der_hochrechnung(
    buch, roh
) -> None:
    frame = tafeln.jahresgang(buch).frame
    gang = {
        name: dict(zip(g["monat"], g["betrag_eur"], strict=True))
        for name, g in frame.groupby("reihe")
    }
    for jahr, name, monate in ((2024, "2024", MONATE[:11]), (2025, "2025 gebucht", MONATE[:6])):
        for n, monat in enumerate(monate, 1):
            ende = str((pd.Timestamp(jahr, n, 1) + pd.offsets.MonthEnd()).date())
            assert gang[name][monat] == Decimal(int(netto(roh, ende)[jahr])) / 100, (name, monat)
    assert gang["2024"]["Dez"] == Decimal(int(netto(roh)[2024])) / 100
    total = zeilen(tafeln.teilhaushalte(buch))[-1]
    ends = ("voraussichtlich", "hochrechnung_eur"), ("untere Grenze", "unten_eur"), (
        "obere Grenze", "oben_eur"), ("Ansatz", "ansatz_eur")  # fmt: skip
    for name, spalte in ends:
        assert gang[name]["Dez"] == total[spalte]
    assert gang["voraussichtlich"]["Jun"] == gang["2025 gebucht"]["Jun"]
    weite = [gang["obere Grenze"][m] - gang["untere Grenze"][m] for m in MONATE[5:]]
    assert weite == sorted(weite) and weite[0] == 0 < weite[-1]


def test_der_rest_kommt_wie_in_frueheren_jahren() -> None:
    """Half of what came after June came in December, every year."""
    spaet = [r for j in range(2021, 2025) for r in monatlich([j], 100_000)]
    spaet += monatlich([2025], 100_000)
    spaet += [r | {"betrag_eur": Decimal(500_000)} for r in spaet
              if r["buchung_am"].month == 12 and r["buchung_am"].year < 2025]  # fmt: skip
    daten = lieferung(spaet, [ansatz(j, 1_700_000) for j in range(2021, 2026)])
    frame = tafeln.jahresgang(daten).frame
    weg = frame[frame["reihe"] == "voraussichtlich"]["betrag_eur"].astype(float).tolist()
    steps = np.diff(weg)
    assert steps[:5] == pytest.approx([steps[0]] * 5, rel=1e-6)
    assert steps[5] == pytest.approx(6 * steps[0], rel=1e-6)


# --- what spans promise --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("niveaus", "satz"),
    [
        pytest.param([0.8, 0.8], "In 80 % der Fälle lag", id="alle gleich"),
        pytest.param([0.8, 0.62, 0.8], "In 62 bis 80 % der Fälle lag", id="jede Zeile ihres"),
    ],
)
def test_ohne_spalte_nennt_ein_satz_alle_niveaus(niveaus, satz) -> None:
    (told,) = bau.spannensaetze([Spanne(1.0, 2.0, n, 12) for n in niveaus])
    assert satz in told


def test_jedes_niveau_wird_erklaert() -> None:
    spannen = [Spanne(1.0, 2.0, n, 12) for n in (0.8, 0.62)] + [Spanne(1.0, 2.0, None, 3)]
    told = bau.spannenworte(spannen)
    assert [w.split("«")[0] for w in told] == ["»80 % (12)", "»62 % (12)", "»Spannweite (3)"]


# --- its length ----------------------------------------------------------------------------------


def _woerter(html: str) -> int:
    soup = BeautifulSoup(html, "html.parser")
    for tag in soup(["style", "script", "svg"]):
        tag.decompose()
    return len(soup.body.get_text(" ").split())


@pytest.mark.notebook
@pytest.mark.parametrize("edition", ["leitung", "gremium"])
def test_die_leitung_liest_hoechstens_2500_woerter(lauf: Projekt, edition: str) -> None:
    """In June; later in the year it also says what changed, and which spans widened and why."""
    assert _woerter(page(lauf, "hochrechnung", edition)) <= WOERTER - SPAETER


@pytest.mark.notebook
def test_verfahren_und_einzelne_reihen_stehen_nur_wo_man_sie_will(lauf: Projekt) -> None:
    for edition, full in (("leitung", False), ("gremium", False), ("intern", True)):
        html = page(lauf, "hochrechnung", edition)
        for words in ("Alle Verfahren im Vergleich", "Güte", "Spanne traf zu (Prognosen)",
                      "je Hilfeart:", "mittlerer Fehler", "Kombination"):  # fmt: skip
            assert (words in html) == full, (edition, words)


@pytest.mark.notebook
@pytest.mark.browser
@pytest.mark.parametrize("edition", ["leitung", "gremium"])
def test_sie_druckt_auf_hoechstens_acht_seiten(lauf: Projekt, browser, edition: str) -> None:
    opened = browser.new_page()
    opened.goto((lauf.reports / STICHTAG / edition / "hochrechnung.html").as_uri())
    printed = pdf_text.pages(opened.pdf(prefer_css_page_size=True))
    opened.close()
    assert len(printed) <= SEITEN and "161.103165.211schlechter4.108" in printed[0]
