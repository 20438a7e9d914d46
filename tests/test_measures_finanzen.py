"""Money: gross, income, net; the amended budget; population; the expected profile."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tafel import Stadt, als_dict, tafel, zeilen

from sozcontrol import measures
from sozcontrol.catalogue.bericht import Schwelle
from sozcontrol.measures import aufstellungen

D = Decimal
JAHRESANFANG, STICHTAG = date(2024, 12, 31), date(2025, 6, 30)

ZAHLUNGEN = """
    zahlung_id | hilfe_id | art           | leistungsmonat | buchung_am | betrag_eur
    -----------+----------+---------------+----------------+------------+-----------
    Z1         | H1       | leistung      | 2025-01-01     | 2025-02-10 | 1000.10
    Z2         | H1       | storno        | 2025-01-01     | 2025-07-03 | -200.05
    Z3         | H1       | erstattung    | 2025-02-01     | 2025-05-01 | 300.00
    Z4         | H2       | kostenbeitrag | 2025-06-01     | 2025-06-30 | 50.50
    Z5         | H2       | leistung      | 2024-12-01     | 2025-01-20 | 700.00
    """


@pytest.mark.parametrize(
    ("nach", "brutto", "ertrag"),
    [
        pytest.param("leistungsmonat", "800.05", "350.50", id="Storno mindert seinen Monat"),
        pytest.param("buchung_am", "1700.10", "350.50", id="Buchung im Juli zählt noch nicht"),
    ],
)
def test_brutto_ertrag_netto_nach_beiden_zeitachsen(nach, brutto, ertrag):
    zahlungen = tafel(ZAHLUNGEN)
    gross, income, net = (
        zeilen(f(zahlungen, JAHRESANFANG, STICHTAG, nach=nach))[0][0]
        for f in (measures.brutto, measures.ertrag, measures.netto)
    )
    assert (gross, income, net) == (D(brutto), D(ertrag), D(brutto) - D(ertrag))


@pytest.mark.parametrize(
    "soll, abweichung, wesentlich",
    [
        pytest.param("1000000", "100000", False, id="an der Euro-Schwelle"),
        pytest.param("1000000", "100000.01", True, id="über beiden Schwellen"),
        pytest.param("4000000", "200000", False, id="an der Prozent-Schwelle"),
        pytest.param("4000000", "200000.01", True, id="eben darüber"),
        pytest.param("9000000", "200000", False, id="viel Geld, wenig Prozent"),
        pytest.param("0", "100000.01", True, id="ohne Soll"),
        pytest.param("1000000", "-900000", False, id="Unterschreitung"),
    ],
)
def test_wesentlich_ist_was_beide_schwellen_ueberschreitet(soll, abweichung, wesentlich):
    """§ 21 GemHVO leaves the threshold to the municipality: more than 100 T€ *and* 5 percent."""
    assert aufstellungen.ist_wesentlich(D(abweichung), D(soll), Schwelle()) is wesentlich


ARTEN = st.sampled_from(["leistung", "storno", "erstattung", "kostenbeitrag"])
MONATE = st.integers(0, 17).map(lambda n: date(2024 + n // 12, n % 12 + 1, 1))
CENT = st.integers(-(10**9), 10**9).map(lambda n: D(n) / 100)
ZAHLUNG = st.tuples(st.sampled_from(["33", "34", None]), ARTEN, MONATE, st.integers(0, 200), CENT)


def zahlungstabelle(rows):
    arts, kinds, months, lags, cents = zip(*rows, strict=True) if rows else ((),) * 5
    booked = [m.fromordinal(m.toordinal() + lag) for m, lag in zip(months, lags, strict=True)]
    return ibis.memtable(
        pa.table(
            {
                "hilfeart": pa.array(arts, pa.string()),
                "art": pa.array(kinds, pa.string()),
                "leistungsmonat": pa.array(months, pa.date32()),
                "buchung_am": pa.array(booked, pa.date32()),
                "betrag_eur": pa.array(cents, pa.decimal128(14, 2)),
            }
        )
    )


@settings(max_examples=20, deadline=None)
@given(st.lists(ZAHLUNG, max_size=20), st.randoms(use_true_random=False))
def test_geschlossene_welt_beide_zeitachsen_gleich_und_auf_den_cent(rows, rnd):
    """Over all time every payment counts on both axes; sums are exact, whatever the order."""
    mixed = list(rows)
    rnd.shuffle(mixed)
    von, bis = date(2000, 1, 1), date(2099, 12, 31)
    exact = sum((r[4] for r in rows if r[1] in ("leistung", "storno")), D(0))
    for table in (zahlungstabelle(rows), zahlungstabelle(mixed)):
        for nach in ("leistungsmonat", "buchung_am"):
            gross = measures.brutto(table, von, bis, nach=nach)
            assert zeilen(gross) == [(exact,)]
            parts = als_dict(measures.brutto(table, von, bis, je=["hilfeart"], nach=nach))
            assert sum(parts.values(), D(0)) == exact
            net = zeilen(measures.netto(table, von, bis, nach=nach))[0][0]
            assert net == exact - zeilen(measures.ertrag(table, von, bis, nach=nach))[0][0]


STADT = {
    "map_konto": """
        konto | konto_name | konto_art | ist_soziale_sicherung
        A     | Aufwand    | aufwand   | ja
        E     | Ertrag     | ertrag    | ja
        P     | Personal   | aufwand   | nein
        """,
    "map_produkt": """
        produkt_lokal | produkt_name | gueltig_von| gueltig_bis| produktgruppe| produktgruppe_name
        P1            | alt          | 2010-01-01 | 2023-12-31 | 3632         | Förderung
        P1            | neu          | 2024-01-01 |            | 3633         | HzE
        P2            | anderes      | 2010-01-01 |            | 3634         | Sonstiges
        P3            | ausgelaufen  | 2010-01-01 | 2022-12-31 | 3635         | Altes
        """,
    "budget": """
        jahr | produkt | konto | art          | wirksam_ab | betrag_eur
        2025 | P1      | A     | ansatz       | 2025-01-01 | 1000.00
        2025 | P1      | A     | nachtrag     | 2025-06-30 | 200.00
        2025 | P1      | A     | uepl         | 2025-07-01 | 50.00
        2025 | P1      | A     | sperre       | 2025-03-01 | -100.00
        2025 | P2      | A     | umschichtung | 2025-02-01 | -30.00
        2025 | P2      | A     | ansatz       | 2025-01-01 | 500.00
        2025 | P1      | E     | ansatz       | 2025-01-01 | 80.00
        2025 | P1      | P     | ansatz       | 2025-01-01 | 9999.00
        2024 | P1      | A     | ansatz       | 2024-01-01 | 900.00
        """,
    "buchung": """
        beleg_nr | pos | haushaltsjahr | periode | buchung_am | produkt | konto | betrag_eur
        B1       | 1   | 2025          | 1       | 2025-01-15 | P1      | A     | 300.00
        B2       | 1   | 2025          | 6       | 2025-06-30 | P1      | A     | 100.00
        B3       | 1   | 2025          | 7       | 2025-07-01 | P1      | A     | 77.00
        B4       | 1   | 2024          | 13      | 2025-01-20 | P1      | A     | 55.00
        B5       | 1   | 2023          | 5       | 2023-05-05 | P1      | A     | 11.00
        B6       | 1   | 2025          | 2       | 2025-02-01 | P1      | E     | 20.00
        B7       | 1   | 2025          | 2       | 2025-02-01 | P1      | P     | 5000.00
        B8       | 1   | 2025          | 2       | 2025-02-02 | P3      | A     | 1.00
        """,
}


def test_ansatz_ist_bis_zum_stichtag_fortgeschrieben_und_kennt_keine_sperre():
    budgets = measures.sicht(Stadt(STICHTAG, **STADT), "budgets")
    je = ["produktgruppe"]
    erwartet = {"3633": D("1200.00"), "3634": D("470.00")}
    assert als_dict(measures.ansatz(budgets, STICHTAG, je)) == erwartet
    davor = measures.ansatz(budgets, date(2025, 6, 29))
    assert zeilen(davor) == [(D("1470.00"),)]
    assert zeilen(measures.ansatz(budgets, STICHTAG, art="ertrag")) == [(D("80.00"),)]


def test_ist_gehoert_zum_haushaltsjahr_und_ist_bis_zum_stichtag_gebucht():
    buchungen = measures.sicht(Stadt(STICHTAG, **STADT), "buchungen")
    ist = measures.brutto(buchungen, JAHRESANFANG, STICHTAG, ["produktgruppe"], "haushaltsjahr")
    # B4 belongs to 2024, B3 is booked later, P is no social account, P3 has no group any more.
    assert als_dict(ist) == {"3633": D("400.00"), "unbekannt": D("1.00")}


def test_neuer_produktplan_gilt_ab_seinem_haushaltsjahr_und_verdoppelt_nichts():
    stadt = Stadt(STICHTAG, **STADT)
    buchungen = measures.sicht(stadt, "buchungen")
    assert len(zeilen(buchungen)) == len(zeilen(stadt["buchung"]))
    gruppe = {z["beleg_nr"]: z["produktgruppe"] for z in buchungen.to_pyarrow().to_pylist()}
    assert (gruppe["B5"], gruppe["B4"], gruppe["B8"]) == ("3632", "3633", None)


def test_ist_je_monat_ist_dicht_und_kumuliert():
    monate = zeilen(measures.ist_je_monat(Stadt(STICHTAG, **STADT)))
    assert [m[0].month for m in monate] == [1, 2, 3, 4, 5, 6]
    assert [m[1] for m in monate] == [D(n) for n in (300, 1, 0, 0, 0, 100)]
    assert [m[2] for m in monate] == [D(n) for n in (300, 301, 301, 301, 301, 401)]


# --- Soll: the expected profile -------------------------------------------------------------------


def buchungsjahr(jahr, bis_juni, gesamt, produkt="P1"):
    """One booking in January, one on 30 June, one in December; shares are easy to read."""
    rows = [(date(jahr, 1, 10), D(1)), (date(jahr, 6, 30), D(bis_juni) - 1)]
    rows += [(date(jahr, 12, 10), D(gesamt) - D(bis_juni))]
    return [(jahr, tag, produkt, betrag) for tag, betrag in rows]


def stadt_mit_jahren(*jahre, herkunft=None, konto="A"):
    rows = [row for jahr in jahre for row in jahr]
    buchung = {
        "beleg_nr": [f"B{i}" for i in range(len(rows))],
        "pos": [1] * len(rows),
        "haushaltsjahr": [r[0] for r in rows],
        "periode": [r[1].month for r in rows],
        "buchung_am": [r[1] for r in rows],
        "produkt": [r[2] for r in rows],
        "konto": [konto] * len(rows),
        "betrag_eur": [r[3] for r in rows],
        "herkunft": [herkunft] * len(rows),
    }
    return Stadt(STICHTAG, **{**STADT, "buchung": buchung})


def anteile(stadt):
    table = measures.erwarteter_anteil(measures.sicht(stadt, "buchungen"), STICHTAG)
    return {z[0]: (z[3], z[4]) for z in zeilen(table)}


def test_erwartung_ist_median_der_eigenen_anteile():
    jahre = [buchungsjahr(y, b, 100) for y, b in ((2022, 30), (2023, 90), (2024, 40))]
    # 2022 and 2023 were product group 3632; the change of plan starts a new course.
    assert anteile(stadt_mit_jahren(*jahre)) == {
        "3632": (D("0.6000000000"), 2),
        "3633": (D("0.4000000000"), 1),
    }


def test_unvollstaendige_jahre_und_jahressummen_geben_keine_erwartung():
    nur_herbst = [(2024, date(2024, 11, 1), "P1", D(50)), (2024, date(2024, 12, 1), "P1", D(50))]
    assert anteile(stadt_mit_jahren(nur_herbst)) == {}
    assert anteile(stadt_mit_jahren(buchungsjahr(2024, 40, 100), herkunft="jahresabschluss")) == {}


def test_laufendes_jahr_beeinflusst_die_eigene_erwartung_nicht():
    allein = anteile(stadt_mit_jahren(buchungsjahr(2024, 40, 100)))
    mit_2025 = stadt_mit_jahren(buchungsjahr(2024, 40, 100), buchungsjahr(2025, 99, 100))
    assert anteile(mit_2025) == allein


def test_soll_ist_sagt_besser_oder_schlechter_und_geht_auf():
    anderes = buchungsjahr(2024, 50, 100, "P2")
    stadt = stadt_mit_jahren(
        buchungsjahr(2024, 40, 100), anderes, [(2025, date(2025, 3, 3), "P1", D("500.00"))]
    )
    frame = measures.soll_ist(stadt).set_index("produktgruppe")
    hze, sonst, alle = (frame.loc[n] for n in ("3633", "3634", "insgesamt"))
    assert hze.soll_eur == D(1200) * D("0.4")
    assert (hze.abweichung_eur, hze.wort) == (D(20), "schlechter")
    assert sonst.soll_eur == D(470) * D("0.5")
    assert (sonst.ist_eur, sonst.wort) == (D(0), "besser")
    for column in ("ansatz_eur", "soll_eur", "ist_eur", "abweichung_eur"):
        assert hze[column] + sonst[column] == alle[column]
    assert alle.ausschoepfung_pct == pytest.approx(D(500) * 100 / D(1670))


def test_ohne_vorjahr_gibt_es_keine_erwartung_auch_nicht_im_ganzen():
    """Days of the year are no expectation; a whole with an unknown part is unknown."""
    stadt = stadt_mit_jahren(
        buchungsjahr(2024, 40, 100), [(2025, date(2025, 3, 3), "P1", D("500.00"))]
    )
    frame = measures.soll_ist(stadt).set_index("produktgruppe")
    assert frame.loc["3633", "soll_eur"] == D(480)
    for name in ("3634", "insgesamt"):
        row = frame.loc[name]
        assert row.wort == "noch kein Vergleich"
        unknown = ["soll_eur", "abweichung_eur", "abweichung_pct", "erwartet_pct"]
        assert row[unknown].isna().all()
        assert row.ansatz_eur > 0 and row.ausschoepfung_pct >= 0
    werte = measures.kennzahlen(stadt, ["F02", "F03", "F04", "F04b"])
    assert [w.frame["wert"].isna().iloc[0] for w in werte] == [False, True, True, True]
    assert set(aufstellungen.verlauf(stadt).frame["reihe"]) == {"Ist 2025", "Ist 2024"}


def test_ein_ansatz_von_null_braucht_keine_erwartung():
    stadt = stadt_mit_jahren(buchungsjahr(2024, 40, 100))
    budget = STADT["budget"].replace("500.00", "0.00").replace("-30.00", "0.00")
    frame = measures.soll_ist(
        Stadt(STICHTAG, **{**STADT, "budget": budget, "buchung": gebucht(stadt)})
    )
    assert frame.set_index("produktgruppe").loc["insgesamt", "soll_eur"] == D(480)


def gebucht(stadt):
    return stadt["buchung"].to_pyarrow().to_pydict()


@pytest.mark.parametrize(
    ("kennzeichen", "erwartet"),
    [
        pytest.param(("33", "34"), {"33": D(160), "34": D(500)}, id="jede Hilfeart ihren Verlauf"),
        pytest.param(("33", "33"), {"33": D(660)}, id="dieselbe Hilfeart ist eine Einheit"),
        pytest.param((None, None), {"unbekannt": D(660)}, id="sonst jedes Produkt den seinen"),
    ],
)
def test_die_feinste_einheit_hat_ihren_eigenen_verlauf(kennzeichen, erwartet):
    """P1 spends 40 of 400 by June, P2 90 of 100; new numbers of 2025 (Q1, Q2) change nothing."""
    namen = {"P1": ("P1", "2010-01-01", "2024-12-31"), "Q1": ("P1", "2025-01-01", ""),
             "P2": ("P2", "2010-01-01", "2024-12-31"), "Q2": ("P2", "2025-01-01", "")}  # fmt: skip
    codes = dict(zip(("P1", "P2"), kennzeichen, strict=True))
    kopf = "produkt_lokal|produkt_name|gueltig_von|gueltig_bis|produktgruppe|produktgruppe_name"
    plan = [f"{kopf}|hilfeart"]
    plan += [f"{n}|x|{v}|{b}|3633|HzE|{codes[p] or ''}" for n, (p, v, b) in namen.items()]
    neu = "Q" if kennzeichen[0] else "P"
    budget = f"""
        jahr | produkt | konto | art    | wirksam_ab | betrag_eur
        2025 | {neu}1  | A     | ansatz | 2025-01-01 | 400.00
        2025 | {neu}2  | A     | ansatz | 2025-01-01 | 1000.00
        """
    if kennzeichen[0] is None:
        plan = [plan[0], *(z.replace("2024-12-31", "") for z in plan[1:] if z[0] == "P")]
    vorher = stadt_mit_jahren(buchungsjahr(2024, 160, 400, "P1"), buchungsjahr(2024, 50, 100, "P2"))
    stadt = Stadt(STICHTAG, map_konto=STADT["map_konto"], map_produkt="\n".join(plan),
                  budget=budget, buchung=gebucht(vorher))  # fmt: skip
    frame = measures.soll_ist(stadt, je=["hilfeart"], summen=False)
    if kennzeichen == ("33", "33"):  # together 210 of 500
        erwartet = {"33": D(1400) * D("0.42")}
    assert dict(zip(frame["hilfeart"], frame["soll_eur"], strict=True)) == erwartet


def test_bei_ertraegen_ist_ein_fehlbetrag_positiv():
    frueher = buchungsjahr(2024, 50, 100)
    stadt = stadt_mit_jahren(frueher, konto="E")
    row = measures.soll_ist(stadt, je=(), seite="ertrag").iloc[0]
    assert row.abweichung_eur == row.soll_eur - row.ist_eur > 0
    assert row.wort == "schlechter"


# --- population ----------------------------------------------------------------------------------

EINWOHNER = {
    "gebiet": """
        gebiet_id | typ        | name  | eltern_id | gueltig_von
        ST        | stadt      | Stadt |           | 2000-01-01
        S1        | sozialraum | Nord  | ST        | 2000-01-01
        S2        | sozialraum | Süd   | ST        | 2000-01-01
        B1        | stadtteil  | Berg  | S2        | 2000-01-01
        """,
    "einwohner": """
        stichtag   | gebiet_id | altersjahr | geschlecht | staatsang_gruppe | quelle        | anzahl
        2023-12-31 | S1        | 5          | m          | o.A.             | melderegister | 90
        2024-12-31 | ST        | 5          | m          | o.A.             | melderegister | 300
        2024-12-31 | S1        | 5          | m          | o.A.             | melderegister | 100
        2024-12-31 | S2        | 20         | w          | o.A.             | melderegister | 150
        2024-12-31 | S2        | 21         | w          | o.A.             | melderegister | 50
        2025-03-31 | ST        | 5          | m          | o.A.             | amtlich       | 280
        2025-12-31 | S1        | 5          | m          | o.A.             | melderegister | 110
        """,
}


def test_einwohner_letzte_zaehlung_einer_quelle_ohne_doppelte_ebene():
    people = measures.sicht(Stadt(STICHTAG, **EINWOHNER), "bevoelkerung")
    assert zeilen(measures.einwohner(people, STICHTAG)) == [(300,)]
    assert zeilen(measures.einwohner(people, STICHTAG, unter=21)) == [(250,)]
    assert als_dict(measures.einwohner(people, STICHTAG, ["sozialraum"], unter=21)) == {
        "Nord": 100,
        "Süd": 150,
    }
    assert zeilen(measures.einwohner(people, STICHTAG, quelle="amtlich")) == [(280,)]
    assert zeilen(measures.einwohner(people, date(2024, 12, 30))) == [(90,)]
    assert zeilen(measures.einwohner(people, date(2020, 1, 1))) == [(0,)]


def test_gebiet_unter_dem_sozialraum_zaehlt_zu_ihm():
    stadt = Stadt(
        STICHTAG,
        **EINWOHNER,
        person="person_id | geburtsmonat | sozialraum_id\nP1 | 2019-07-01 | S1",
        fall="""
            hilfe_id | person_id | hilfeart | segment    | beginn     | ende | sozialraum_id
            H1       | P1        | 33       | stationaer | 2025-01-01 |      | B1
            H2       | P1        | 33       | stationaer | 2025-01-01 |      |
            H3       | P9        | 33       | stationaer | 2025-01-01 |      | fremd
            """,
    )
    hilfen = measures.sicht(stadt, "hilfen", STICHTAG)
    raeume = {z["hilfe_id"]: (z["sozialraum"], z["alter"]) for z in hilfen.to_pyarrow().to_pylist()}
    assert raeume == {"H1": ("Süd", 5), "H2": ("Nord", 5), "H3": (None, None)}
    assert als_dict(measures.bestand(hilfen, STICHTAG, ["altersgruppe"])) == {
        "0–5": 2,
        "unbekannt": 1,
    }


@pytest.mark.parametrize(
    ("geburtsmonat", "alter", "gruppe"),
    [
        pytest.param("2019-07-01", 5, "0–5", id="vor dem Geburtsmonat"),
        pytest.param("2019-06-01", 6, "6–11", id="im Geburtsmonat"),
        pytest.param("2007-06-01", 18, "18–20", id="volljährig"),
        pytest.param("2004-06-01", 21, "21+", id="21"),
    ],
)
def test_alter_am_stichtag(geburtsmonat, alter, gruppe):
    stadt = Stadt(
        STICHTAG,
        person=f"person_id | geburtsmonat\nP1 | {geburtsmonat}",
        fall="hilfe_id | person_id | hilfeart | beginn\nH1 | P1 | 33 | 2025-01-01",
    )
    row = measures.sicht(stadt, "hilfen", STICHTAG).to_pyarrow().to_pylist()[0]
    assert (row["alter"], row["altersgruppe"]) == (alter, gruppe)
