"""Durations: convention, censoring, delayed entry."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tafel import Stadt, tafel, zeilen

from sozcontrol import measures
from sozcontrol.measures import ueberlebensmedian

VON, BIS = date(2024, 12, 31), date(2025, 12, 31)

FAELLE = """
    hilfe_id | hilfeart | beginn     | ende
    H1       | 34       | 2025-01-01 | 2025-01-11
    H2       | 34       | 2025-01-01 | 2025-01-31
    H3       | 34       | 2025-12-01 |
    H4       | 33       | 2025-06-01 | 2025-06-01
    """


def test_dauer_ist_ende_minus_beginn():
    beendet = measures.dauer_beendeter(tafel(FAELLE), VON, BIS, ["hilfeart"])
    assert zeilen(beendet) == [("33", 1, 0, 0.0), ("34", 2, 40, 20.0)]
    laufend = measures.dauer_laufender(tafel(FAELLE), BIS)
    assert zeilen(laufend) == [(1, 30, 30.0)]


def median(faelle, von=VON, bis=BIS):
    rows = measures.lebenstafel(tafel(faelle), von, bis).to_pyarrow().to_pylist()
    return ueberlebensmedian((r["dauer"], r["ende"], r["risiko"]) for r in rows)


def test_median_ohne_offene_ist_der_gewoehnliche():
    faelle = "hilfe_id | hilfeart | beginn | ende\n" + "\n".join(
        f"H{d} | 34 | 2025-01-01 | {date(2025, 1, 1) + timedelta(days=d)}" for d in (10, 20, 30)
    )
    assert median(faelle) == 20


def test_offene_hilfen_verlaengern_den_median_statt_zu_verschwinden():
    beendet = """
        hilfe_id | hilfeart | beginn     | ende
        H1       | 34       | 2025-01-01 | 2025-01-11
        H2       | 34       | 2025-01-01 | 2025-01-21
        """
    offen = "H3 | 34 | 2025-01-01 |\nH4 | 34 | 2025-01-01 | 2025-06-01\n"
    assert median(beendet) == 10
    assert median(beendet + offen) == 20


def test_median_bleibt_unbekannt_wenn_mehr_als_die_haelfte_laeuft():
    faelle = "hilfe_id | hilfeart | beginn | ende\n" + "\n".join(
        f"H{i} | 33 | 2025-01-01 | {'2025-02-01' if i == 0 else ''}" for i in range(3)
    )
    assert median(faelle) is None


def test_vor_dem_fenster_begonnene_sind_erst_ab_ihrer_damaligen_dauer_im_risiko():
    alt = "hilfe_id | hilfeart | beginn | ende\nA | 33 | 2015-01-01 | 2025-06-01\n"
    kurz = "".join(f"K{i} | 33 | 2025-01-01 | 2025-01-11\n" for i in range(3))
    tafeln = measures.lebenstafel(tafel(alt + kurz), VON, BIS)
    risiko = {r["dauer"]: r["risiko"] for r in tafeln.to_pyarrow().to_pylist()}
    assert risiko == {10: 3, 3804: 1}
    assert median(alt + kurz) == 10


def test_haelfte_genau_getroffen():
    """(1 − 1/3)(1 − 1/4) is one half, though neither factor is a finite decimal."""
    assert ueberlebensmedian([(5, 1, 3), (9, 1, 4), (20, 1, 1)]) == 9


TAGE = st.integers(0, 700)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(TAGE, st.one_of(st.none(), TAGE)), min_size=1, max_size=20))
def test_lebenstafel_gleicht_der_definition(cases):
    """At risk at d: observed with that duration inside the window; S = Π(1 − ends/at risk)."""
    start = date(2024, 6, 1)
    text = "hilfe_id | hilfeart | beginn | ende\n"
    window = []
    for i, (offset, length) in enumerate(cases):
        begin = start + timedelta(days=offset)
        end = None if length is None else begin + timedelta(days=length)
        text += f"H{i} | 33 | {begin} | {end or ''}\n"
        if begin <= BIS and (end is None or end > VON):
            last = min(end or BIS, BIS)
            first_risk = max((VON - begin).days + 1, 0)
            window.append((first_risk, (last - begin).days, end is not None and end <= BIS))
    durations = sorted({d for _, d, ended in window if ended})
    expected = [
        (
            d,
            sum(1 for _, leave, ended in window if ended and leave == d),
            sum(1 for enter, leave, _ in window if enter <= d <= leave),
        )
        for d in durations
    ]
    rows = measures.lebenstafel(tafel(text), VON, BIS).to_pyarrow().to_pylist()
    got = sorted((r["dauer"], r["ende"], r["risiko"]) for r in rows)
    assert got == expected
    left, exact = Fraction(1), None
    for d, ends, risk in expected:
        left *= 1 - Fraction(ends, risk)
        if left <= Fraction(1, 2):
            exact = d
            break
    assert ueberlebensmedian(got) == exact


def test_folgehilfe_derselben_person_nach_dem_ende():
    stadt = Stadt(
        date(2025, 6, 30),
        fall="""
            hilfe_id | person_id | hilfeart | beginn     | ende
            H1       | P1        | 33       | 2023-01-01 | 2023-06-30
            H2       | P1        | 31       | 2023-06-30 | 2023-12-31
            H3       | P1        | 34       | 2024-01-31 |
            H4       | P2        | 34       | 2023-07-01 | 2023-07-01
            H5       | P1        | 42       | 2023-07-02 | 2023-07-03
            """,
    )
    rows = measures.sicht(stadt, "hilfen", stadt.stichtag)
    found = {
        r["hilfe_id"]: (r["tage_bis_folgehilfe"], r["tage_bis_folge_stationaer"])
        for r in rows.to_pyarrow().to_pylist()
    }
    # H2 begins on the day H1 ends: it follows without a gap. § 42 is no Hilfe zur Erziehung.
    assert found["H1"] == (0, 215)
    assert found["H2"] == (31, 31)
    assert found["H3"] == found["H4"] == (None, None)
    assert found["H5"] == (212, 212)
    assert len(found) == 5


@pytest.mark.parametrize("je", [[], ["hilfeart"]])
def test_lebenstafel_einer_leeren_tabelle_ist_leer(je):
    leer = tafel("hilfe_id | hilfeart | beginn | ende")
    assert zeilen(measures.lebenstafel(leer, VON, BIS, je)) == []
