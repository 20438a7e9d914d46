"""Counting cases: boundaries drawn, identities for any cases."""

from __future__ import annotations

from datetime import date, timedelta

import ibis
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tafel import als_dict, tafel, zeilen

from sozcontrol import measures
from sozcontrol.measures import monatsenden
from sozcontrol.measures.zaehlwerk.zeitraum import spanne, um_monate

FAELLE = """
    hilfe_id | hilfeart | beginn     | ende
    ---------+----------+------------+-----------
    H1       | 34       | 2025-01-01 | 2025-03-31
    H2       | 34       | 2025-01-01 |
    H3       | 33       | 2024-06-15 | 2025-03-30
    H4       | 31       | 2025-03-31 | 2025-03-31
    """


@pytest.mark.parametrize(
    ("tag", "erwartet"),
    [
        pytest.param(date(2024, 12, 31), {"33": 1}, id="Tag vor Beginn"),
        pytest.param(date(2025, 1, 1), {"33": 1, "34": 2}, id="erster Tag zählt"),
        pytest.param(date(2025, 3, 29), {"33": 1, "34": 2}, id="Tag vor Ende"),
        pytest.param(date(2025, 3, 30), {"34": 2}, id="Endetag zählt als beendet"),
        pytest.param(date(2025, 3, 31), {"34": 1}, id="Hilfe eines Tages ist nie Bestand"),
    ],
)
def test_bestand_am_rand(tag, erwartet):
    assert als_dict(measures.bestand(tafel(FAELLE), tag, je=["hilfeart"])) == erwartet


@pytest.mark.parametrize(
    ("von", "bis", "erwartet"),
    [
        pytest.param(date(2024, 12, 31), date(2025, 1, 1), 2, id="bis gehört dazu"),
        pytest.param(date(2025, 1, 1), date(2025, 3, 30), 0, id="von gehört nicht dazu"),
        pytest.param(date(2025, 1, 1), date(2025, 3, 31), 1, id="Hilfe eines Tages ist Zugang"),
    ],
)
def test_zugang_im_halboffenen_zeitraum(von, bis, erwartet):
    assert zeilen(measures.zugang(tafel(FAELLE), von, bis)) == [(erwartet,)]


def test_abgang_zaehlt_den_endetag_und_keine_offenen():
    abgang = measures.abgang(tafel(FAELLE), date(2025, 3, 30), date(2025, 3, 31), je=["hilfeart"])
    assert als_dict(abgang) == {"31": 1, "34": 1}


def test_jahresfallzahl_ist_bestand_und_seit_jahresbeginn_beendete():
    faelle = tafel(FAELLE)
    assert zeilen(measures.jahresfallzahl(faelle, date(2025, 3, 31))) == [(4,)]
    assert zeilen(measures.jahresfallzahl(faelle, date(2026, 1, 31))) == [(1,)]


def test_durchschnittsbestand_ist_mittel_der_monatsenden():
    drei_monate = measures.durchschnittsbestand(tafel(FAELLE), date(2025, 3, 31))
    assert zeilen(drei_monate) == [(3 + 3 + 1, 3, pytest.approx(7 / 3))]
    vor_dem_ersten_monatsende = measures.durchschnittsbestand(tafel(FAELLE), date(2025, 1, 15))
    assert zeilen(vor_dem_ersten_monatsende) == [(3, 1, 3.0)]


def test_belegte_tage_zaehlen_beginn_und_ende():
    tage = measures.belegte_tage(
        tafel(FAELLE), date(2024, 12, 31), date(2025, 3, 31), je=["hilfeart"]
    )
    assert als_dict(tage) == {"31": 1, "33": 89, "34": 90 + 90}


def test_leere_tabelle_zaehlt_null():
    leer = tafel("hilfe_id | hilfeart | beginn | ende")
    tag = date(2025, 3, 31)
    assert zeilen(measures.bestand(leer, tag)) == [(0,)]
    assert zeilen(measures.belegte_tage(leer, date(2024, 12, 31), tag)) == [(0,)]
    assert zeilen(measures.bestand(leer, tag, je=["hilfeart"])) == []


def test_fehlende_angabe_wird_eine_gruppe():
    faelle = tafel("""
        hilfe_id | segment  | beginn     | ende
        H1       | ambulant | 2025-01-01 |
        H2       |          | 2025-01-01 |
        """)
    tag = date(2025, 1, 31)
    erwartet = {"ambulant": 1, "unbekannt": 1}
    assert als_dict(measures.bestand(faelle, tag, je=["segment"])) == erwartet
    monate = measures.bestand_je_monat(faelle, tag, tag, je=["segment"])
    assert {z[0]: z[2] for z in zeilen(monate)} == erwartet


# --- identities, for any cases -------------------------------------------------------------------

TAGE = st.integers(0, 800).map(lambda n: date(2024, 1, 1) + timedelta(days=n))


@st.composite
def fall(draw):
    beginn = draw(TAGE)
    length = draw(st.one_of(st.none(), st.just(0), st.integers(0, 900)))
    ende = None if length is None else beginn + timedelta(days=length)
    return (draw(st.sampled_from(["33", "34", None])), beginn, ende)


FALLMENGEN = st.lists(fall(), max_size=25)
ZWEI_TAGE = st.tuples(TAGE, TAGE).map(sorted)


def tabelle(cases):
    arts, begins, ends = zip(*cases, strict=True) if cases else ((), (), ())
    return ibis.memtable(
        pa.table(
            {
                "hilfe_id": pa.array([f"H{i}" for i in range(len(cases))], pa.string()),
                "hilfeart": pa.array(arts, pa.string()),
                "beginn": pa.array(begins, pa.date32()),
                "ende": pa.array(ends, pa.date32()),
            }
        )
    )


def anzahl(expr):
    return sum(row[-1] for row in zeilen(expr))


TAG = date(2024, 6, 30)


@settings(max_examples=25, deadline=None)
@given(FALLMENGEN, ZWEI_TAGE)
@example([("33", TAG, TAG)], [TAG, TAG + timedelta(days=1)])
@example([("33", TAG, TAG)], [TAG - timedelta(days=1), TAG])
@example([("33", TAG, None), (None, TAG, TAG + timedelta(days=1))], [TAG, TAG])
def test_bestandsidentitaet(cases, tage):
    """B(b) = B(a) + Z(a,b] − A(a,b], und J = B(Vorjahresende) + Z(Jahr)."""
    a, b = tage
    faelle = tabelle(cases)
    stocks = [anzahl(measures.bestand(faelle, tag)) for tag in (a, b)]
    z, w = (anzahl(f(faelle, a, b)) for f in (measures.zugang, measures.abgang))
    assert stocks[1] == stocks[0] + z - w
    last_year = date(b.year - 1, 12, 31)
    begun = anzahl(measures.zugang(faelle, last_year, b))
    assert anzahl(measures.jahresfallzahl(faelle, b)) == begun + anzahl(
        measures.bestand(faelle, last_year)
    )


@settings(max_examples=15, deadline=None)
@given(FALLMENGEN, ZWEI_TAGE)
def test_summe_ueber_jede_gliederung_ist_das_ganze(cases, tage):
    faelle, (a, b) = tabelle(cases), tage
    for f, args in [
        (measures.bestand, (b,)), (measures.zugang, (a, b)), (measures.abgang, (a, b)),
        (measures.jahresfallzahl, (b,)), (measures.belegte_tage, (a, b)),
    ]:  # fmt: skip
        assert anzahl(f(faelle, *args, je=["hilfeart"])) == anzahl(f(faelle, *args))


@settings(max_examples=15, deadline=None)
@given(FALLMENGEN, ZWEI_TAGE)
@example([("33", date(2023, 5, 1), date(2024, 1, 31))], [date(2024, 1, 5), date(2024, 3, 3)])
def test_sweep_gleicht_der_schleife_ueber_monate(cases, tage):
    faelle, (a, b) = tabelle(cases), tage
    sweep = zeilen(measures.bestand_je_monat(faelle, a, b, je=["hilfeart"]))
    # Whole months, whatever the days: the loop takes every month end from a's to b's month.
    months = [um_monate(date(a.year, a.month, 1), i) for i in range(40)]
    months = [m for m in months if m <= b]
    loop = []
    for first in months:
        end = monatsenden(first - timedelta(days=1), um_monate(first, 1))[0]
        stock = als_dict(measures.bestand(faelle, end, je=["hilfeart"]))
        arts = {art or "unbekannt" for art, _, _ in cases}
        loop += [(art, first, stock.get(art, 0)) for art in arts]
    assert sweep == sorted(loop, key=lambda r: tuple(map(str, r)))
    total = zeilen(measures.bestand_je_monat(faelle, a, b))
    assert total == [(m, sum(r[2] for r in loop if r[1] == m)) for m in months]


@settings(max_examples=25, deadline=None)
@given(FALLMENGEN, ZWEI_TAGE)
@example([("33", TAG, TAG)], [TAG - timedelta(days=1), TAG])
def test_belegte_tage_gleichen_dem_zaehlen_tag_fuer_tag(cases, tage):
    a, b = tage
    days = [a + timedelta(days=i + 1) for i in range((b - a).days)]
    counted = sum(
        1 for _, begin, end in cases for d in days if begin <= d and (end is None or d <= end)
    )
    assert anzahl(measures.belegte_tage(tabelle(cases), a, b)) == counted


@settings(max_examples=25, deadline=None)
@given(st.lists(fall(), min_size=2, max_size=15), st.randoms(use_true_random=False), TAGE)
def test_reihenfolge_der_zeilen_ist_gleichgueltig(cases, rnd, tag):
    mixed = list(cases)
    rnd.shuffle(mixed)
    for f in (measures.bestand, measures.jahresfallzahl, measures.durchschnittsbestand):
        assert zeilen(f(tabelle(cases), tag, je=["hilfeart"])) == zeilen(
            f(tabelle(mixed), tag, je=["hilfeart"])
        )


# --- periods and ages ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tag", "monate", "erwartet"),
    [
        pytest.param(date(2025, 6, 30), -12, date(2024, 6, 30), id="Monatsende bleibt"),
        pytest.param(date(2024, 2, 29), -12, date(2023, 2, 28), id="Schalttag"),
        pytest.param(date(2025, 2, 28), -12, date(2024, 2, 29), id="in das Schaltjahr"),
        pytest.param(date(2025, 3, 30), -1, date(2025, 2, 28), id="gekappt"),
        pytest.param(date(2025, 1, 15), -1, date(2024, 12, 15), id="über den Jahreswechsel"),
    ],
)
def test_um_monate(tag, monate, erwartet):
    assert um_monate(tag, monate) == erwartet


def test_zeitraeume_schliessen_aneinander_an():
    stichtag = date(2025, 8, 31)
    jahr, vorjahr = (spanne(n, stichtag) for n in ("jahr_bis_stichtag", "vorjahr"))
    assert (vorjahr.von, vorjahr.bis) == (date(2023, 12, 31), date(2024, 12, 31))
    assert jahr.von == vorjahr.bis
    assert spanne("quartal", stichtag).von == date(2025, 6, 30)
    davor, danach = (spanne(n, stichtag) for n in ("zwoelf_monate_davor", "zwoelf_monate"))
    assert davor.bis == danach.von == date(2024, 8, 31)


def test_monatsenden_eines_jahres():
    assert len(monatsenden(date(2024, 12, 31), date(2025, 12, 31))) == 12
    assert monatsenden(date(2024, 12, 31), date(2025, 1, 30)) == (date(2025, 1, 30),)
