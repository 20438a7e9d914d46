"""Why the Hochrechnung deviates from the Ansatz: exact per Hilfeart and in total, never silent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest
from hauptbuch import STICHTAG, Lieferung, ansatz, lieferung, musterstadt
from hypothesis import given, settings
from hypothesis import strategies as st

from sozcontrol.disclosure import GEHEIM, Freigabe
from sozcontrol.disclosure.entscheidung import lesen
from sozcontrol.forecast.methoden.ergaenzung import Ergaenzung
from sozcontrol.forecast.reihe import leere_reihe
from sozcontrol.hochrechnung import tafeln
from sozcontrol.hochrechnung.abweichung import Posten, gesamt, je_hilfeart, zerlegt
from sozcontrol.hochrechnung.prognosestand import prognosestand
from sozcontrol.hochrechnung.quellen.panel import TABELLEN
from sozcontrol.measures import INSGESAMT
from sozcontrol.measures.zaehlwerk.zeitraum import monatsende
from sozcontrol.present.ansatzabweichung import deviation

D = Decimal
CENT = D("0.01")
JAHRE = range(2022, 2026)
VIELE = dict.fromkeys(JAHRE, 20)
PRODUKTE = """
    produkt_lokal | produkt_name | gueltig_von | produktgruppe | produktgruppe_name | hilfeart
    P33           | Pflege       | 2000-01-01  | 3633          | HzE                | 33
    P34           | Heim         | 2000-01-01  | 3633          | HzE                | 34
    """


@pytest.fixture(scope="module")
def stadt() -> Lieferung:
    return musterstadt()


def hilfen(
    je_jahr: Mapping[str, Mapping[int, int]], budgets=(), *, verzug: int = 0,
    stichtag: date = STICHTAG, haushalt: bool = True,
) -> Lieferung:  # fmt: skip
    """So many Hilfen a year, all year long, 1000 € a month, booked *verzug* months later."""
    faelle, zahlungen = [], []
    for art, jahre in je_jahr.items():
        for jahr, anzahl in jahre.items():
            for i in range(anzahl):
                nr = f"{art}-{jahr}-{i}"
                faelle.append({"hilfe_id": nr, "person_id": nr, "hilfeart": art,
                               "beginn": date(jahr - 1, 12, 31), "ende": date(jahr, 12, 31),
                               "rechtskreis": "SGB8", "paragraph": art,
                               "segment": "stationaer"})  # fmt: skip
                for m in range(1, 13):
                    gebucht = jahr * 12 + m - 1 + verzug
                    am = monatsende(date(gebucht // 12, gebucht % 12 + 1, 1))
                    if am <= stichtag:
                        zahlungen.append({"hilfe_id": nr, "leistungsmonat": date(jahr, m, 1),
                                          "art": "leistung", "buchung_am": am,
                                          "betrag_eur": D(1000)})  # fmt: skip
    alle = lieferung([], budgets, produkte=PRODUKTE, stichtag=stichtag, fall=faelle,
                     zahlung=zahlungen, person=[{"person_id": f["person_id"]} for f in faelle],
                     gebiet=[{"gebiet_id": "M", "typ": "stadt", "name": "M"}])  # fmt: skip
    if haushalt:
        return alle
    return Lieferung(stichtag, {n: alle.arrow[n] for n in TABELLEN["hilfeart"]})


def geplant(betrag: int, jahre=JAHRE) -> list[dict]:
    return [ansatz(j, betrag, p) for j in jahre for p in ("P33", "P34")]


def saetze(daten: Lieferung, edition: str = "intern") -> dict[str, str]:
    """Every sentence there is of what *edition* may see, by what it speaks of."""
    from bs4 import BeautifulSoup

    released = Freigabe.open(edition).aufstellung(je_hilfeart(daten))
    page = BeautifulSoup(deviation(released, "W", edition="controlling").html, "html.parser")
    told = [e.text for e in page.select("p.soz-satz, ul.soz-saetze > li")]
    assert not re.search(r"\bnan\b|\bNone\b|<NA>", page.text, re.IGNORECASE)
    return dict(t.split(": ", 1) for t in told)


# --- exact --------------------------------------------------------------------------------------


def test_teile_ergeben_die_abweichung_der_hochrechnungstafel_auf_den_cent(stadt) -> None:
    frame = je_hilfeart(stadt).frame
    rows = frame.to_dict("records")
    for row in rows:
        effekte = [row[f"{n}_eur"] for n in
                   ("ausgangslage", "mengeneffekt", "struktureffekt", "preiseffekt")]  # fmt: skip
        assert sum(effekte) == row["abweichung_eur"]
        assert row["ansatz_eur"] + sum(effekte) == row["hochrechnung_eur"]
        assert all(v == v.quantize(CENT) for v in effekte)
    *teile, summe = rows
    for spalte in set(frame.columns) - {"hilfeart", "faelle", "faelle_vorjahr"}:  # carriers overlap
        assert sum(t[spalte] for t in teile) == summe[spalte], spalte
    dort = {
        r["hilfeart"]: r for r in tafeln.hochrechnung(stadt, "hilfeart").frame.to_dict("records")
    }
    for row in rows:
        for spalte in ("ansatz_eur", "hochrechnung_eur", "abweichung_eur", "faelle"):
            assert row[spalte] == dort[row["hilfeart"]][spalte]


def test_wer_die_kosten_nicht_sieht_sieht_auch_keinen_effekt_daraus(stadt) -> None:
    tafel = lesen(je_hilfeart(stadt))
    effekte = ("mengeneffekt_eur", "struktureffekt_eur", "preiseffekt_eur")
    for spalte, daraus in (("vorjahr_eur", effekte), ("hochrechnung_eur", effekte[2:])):
        for zeile, zelle in enumerate(tafel.betraege[spalte]):
            if zelle is not None:
                gone = tafel.verborgen({zelle})
                assert all(zeile in gone[c] for c in daraus)


def test_menge_sind_die_belegten_monate_beider_ganzen_jahre(stadt) -> None:
    p = prognosestand(stadt, "hilfeart").panel
    posten = zerlegt(prognosestand(stadt, "hilfeart"))
    for reihe in p.reihen:
        j = p.jahr - reihe.jahre[0]
        x = posten[reihe.name]
        assert x.monate0 == Fraction(reihe.menge[j - 1].sum())
        bisher = reihe.menge[j, : p.periode].sum()
        assert 0.3 < bisher / float(x.monate1) < 0.8


BETRAG = st.integers(-(10**10), 10**10).map(lambda n: D(n) / 100)
MONATE = st.integers(0, 50_000)


def stand_aus(zeilen: Mapping[str, tuple]) -> SimpleNamespace:
    """A forecast drawn from (Ansatz, last year, Hochrechnung, months of each year)."""
    reihen, wissen = [], {}
    for name, (_, vorjahr, _, m0, m1) in zeilen.items():
        menge = np.full((2, 12), 0.0)
        menge[0, 0], menge[1, 0] = m0 / 100, m1 / 100
        ist = np.zeros((2, 12))
        reihen.append(leere_reihe(name, "", np.array([2024, 2025]), 12, menge=menge, ist=ist))
        e = np.array([float(vorjahr)])
        wissen[name] = {"ergaenzung": Ergaenzung(np.array([2024 * 12]), e, e, e)}
    panel = SimpleNamespace(reihen=reihen, jahr=2025, periode=12,
                            wissen=lambda r, *_: wissen[r.name])  # fmt: skip
    vorhersagen = {
        n: SimpleNamespace(wert=h, alternativen={"M0": a} if a is not None else {})
        for n, (a, _, h, *_) in zeilen.items()
    }
    return SimpleNamespace(panel=panel, reihen=vorhersagen)


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["31", "33", "34", "35a"]),
        st.tuples(BETRAG, BETRAG, BETRAG, MONATE, MONATE), min_size=1,
    )
)  # fmt: skip
def test_jede_zerlegung_geht_auf(zeilen) -> None:
    posten = zerlegt(stand_aus(zeilen))
    assert list(posten) == [*zeilen, INSGESAMT]
    for x in posten.values():
        assert x.ausgangslage + x.effekte.summe == x.abweichung
        assert x.ansatz + x.abweichung == x.hochrechnung
    for feld in ("ansatz", "vorjahr", "hochrechnung", "abweichung", "monate0", "monate1"):
        teile = [getattr(posten[n], feld) for n in zeilen]
        assert sum(teile) == getattr(posten[INSGESAMT], feld)


def test_die_reihenfolge_ist_menge_struktur_preis() -> None:
    """Volume at old shares and old prices, then shares at old prices, then the price of today."""
    posten = zerlegt(stand_aus({
        "33": (D(900), D(1000), D(2200), 1000, 2000),
        "34": (D(3000), D(3000), D(3300), 1000, 1000),
    }))  # fmt: skip
    heim, pflege = posten["34"], posten["33"]
    assert (pflege.ausgangslage, heim.ausgangslage) == (100, 0)
    assert (pflege.effekte.menge, heim.effekte.menge) == (500, 1500)
    assert (pflege.effekte.struktur, heim.effekte.struktur) == (500, -1500)
    assert (pflege.effekte.preis, heim.effekte.preis) == (200, 300)


def test_was_von_einem_teil_nicht_bekannt_ist_ist_vom_ganzen_nicht_bekannt() -> None:
    posten = zerlegt(stand_aus({
        "33": (None, D(10), D(12), 100, 100), "34": (D(30), D(30), D(30), 100, 100),
    }))  # fmt: skip
    summe = posten[INSGESAMT]
    assert (summe.ansatz, summe.ausgangslage, summe.abweichung) == (None, None, None)
    assert summe.effekte.summe == summe.hochrechnung - summe.vorjahr == 2
    assert gesamt([Posten(D(1), None, D(2), None, None)]).effekte is None


# --- both years complete --------------------------------------------------------------------------


def test_offene_rechnungen_des_vorjahres_senken_das_vorjahr_nicht() -> None:
    """At the end of January the invoices of November and December are not there yet."""
    daten = hilfen({"33": VIELE, "34": VIELE}, geplant(240_000), verzug=2,
                   stichtag=date(2025, 1, 31))  # fmt: skip
    stand = prognosestand(daten, "hilfeart")
    gebucht = stand.reihen["34"].alternativen["M1"]
    assert gebucht <= 220_000
    assert zerlegt(stand)["34"].vorjahr == 240_000


# --- defined when something is missing ------------------------------------------------------------


def test_ohne_abweichung_sagt_der_satz_dass_der_ansatz_getroffen_ist() -> None:
    daten = hilfen({"33": VIELE, "34": VIELE}, geplant(240_000))
    for x in zerlegt(prognosestand(daten, "hilfeart")).values():
        assert x.abweichung == x.ausgangslage == x.effekte.menge == x.effekte.preis == 0
    for satz in saetze(daten).values():
        assert satz == "Die Hochrechnung trifft den Ansatz auf tausend Euro genau."


def test_ohne_haushalt_zaehlt_der_vergleich_mit_dem_vorjahr() -> None:
    mehr = VIELE | {2025: 30}
    daten = hilfen({"33": VIELE, "34": mehr}, haushalt=False)
    told = saetze(daten)
    assert told["Heimerziehung"].startswith("Einen Ansatz gibt es nicht. Die Hochrechnung liegt")
    assert "über dem Vorjahr" in told["Heimerziehung"]
    assert "mehr belegte Monate" in told["Hilfen zur Erziehung insgesamt"]
    frame = je_hilfeart(daten).frame
    assert frame["ansatz_eur"].isna().all() and frame["abweichung_eur"].isna().all()
    effekte = frame[["mengeneffekt_eur", "struktureffekt_eur", "preiseffekt_eur"]].sum(axis=1)
    assert list(effekte) == list(frame["hochrechnung_eur"] - frame["vorjahr_eur"])


def test_ohne_vorjahr_nennt_der_satz_die_abweichung_und_den_grund() -> None:
    daten = hilfen({"33": {2025: 20}, "34": {2025: 20}}, geplant(200_000, [2025]))
    told = saetze(daten)
    for satz in told.values():
        assert "Ein vollständiges Vorjahr zum Vergleich fehlt" in satz
        assert "dem Ansatz" in satz or "den Ansatz" in satz
    assert je_hilfeart(daten).frame["preiseffekt_eur"].isna().all()


def test_eine_neue_hilfeart_ist_verschiebung() -> None:
    daten = hilfen({"33": VIELE, "34": {2025: 20}}, geplant(240_000))
    x = zerlegt(prognosestand(daten, "hilfeart"))["34"]
    assert (x.vorjahr, x.monate0, x.ausgangslage) == (0, 0, -240_000)
    assert (x.effekte.menge, x.effekte.struktur, x.effekte.preis) == (0, x.hochrechnung, 0)
    assert "Im Vorjahr gab es sie nicht" in saetze(daten)["Heimerziehung"]


def test_ohne_fallzahlen_steht_alles_unter_preis() -> None:
    stand = stand_aus({"34": (D(100_000), D(90_000), D(120_000), 0, 0)})
    x = zerlegt(stand)["34"]
    assert (x.effekte.menge, x.effekte.struktur, x.effekte.preis) == (0, 0, 30_000)


# --- through the door -----------------------------------------------------------------------------


@pytest.mark.parametrize("edition", ["controlling", "leitung", "gremium"])
def test_was_die_hochrechnung_sperrt_sperrt_auch_die_zerlegung(edition) -> None:
    wenige = dict.fromkeys(JAHRE, 2)
    daten = hilfen({"33": wenige, "34": VIELE, "32": dict.fromkeys(JAHRE, 9), "31": VIELE},
                   haushalt=False)  # fmt: skip
    freigabe = Freigabe.open(edition)
    gesperrt = []
    for tafel in (je_hilfeart(daten), tafeln.hochrechnung(daten, "hilfeart")):
        released = freigabe.aufstellung(tafel)
        i = released.spalten.index("hochrechnung_eur")
        gesperrt.append({z[0] for z in released.zeilen if z[i] is GEHEIM})
    assert gesperrt[0] == gesperrt[1] >= {"33"}
    assert len(gesperrt[0]) > 1
    told = saetze(daten, edition)
    assert told["Vollzeitpflege"].startswith("geheim gehalten, weil sich sonst Zahlen")
    assert "%" not in told["Vollzeitpflege"]


def test_jeder_satz_und_jedes_bild_von_musterstadt(stadt) -> None:
    told = saetze(stadt, "leitung")
    assert len(told) == len(je_hilfeart(stadt).frame)
    summe = told["Hilfen zur Erziehung insgesamt"]
    assert "wird der Haushalt schlechter um" in summe and "mehr belegte Monate" in summe
    assert "Am meisten trägt Heimerziehung bei (1." in summe
    assert "Verschiebung zu anderen Hilfearten" in told["Heimerziehung"]
