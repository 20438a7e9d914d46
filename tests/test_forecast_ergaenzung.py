"""Young months are completed, parts and total agree – at every origin, and to the cent."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sozcontrol.forecast.methoden.dreieck import LAGS, dreieck
from sozcontrol.forecast.methoden.ergaenzung import Ergaenzung, ergaenzen, muster
from sozcontrol.forecast.prognose.abgleich import abgleichen, summenreihe
from sozcontrol.forecast.prognose.hochrechnung import Prognose, abgeglichen, prognostizieren
from sozcontrol.forecast.prognose.ruecktest import rueckrechnen
from sozcontrol.hochrechnung.quellen.buchungen import Buchungen, Dreiecke, reihe_aus_buchungen

JAHR, STAND = 2021, 2025 * 12 + 5
MONATE = np.arange(JAHR * 12, STAND + 1)


def ergaenzt(leistung, gebucht, betrag, menge=None) -> Ergaenzung:
    return ergaenzen(dreieck(leistung, gebucht, np.asarray(betrag, float), STAND), menge)


def bezahlt(anteile: list[float], niveau: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Serve *niveau* (n,) and book it by *anteile*, one share a lag."""
    lags = np.arange(len(anteile))
    leistung = np.repeat(MONATE, len(anteile))
    return leistung, leistung + np.tile(lags, len(MONATE)), np.outer(niveau, anteile).ravel()


# --- completing young months --------------------------------------------------------------------

ANTEILE = st.lists(st.integers(0, 100), min_size=1, max_size=LAGS - 1).filter(any)


@given(ANTEILE, st.integers(1, 10**7))
@example([0, 0, 100], 5000).via("die ersten zwei Monate kommt nichts")
@example([100], 5000).via("alles sofort")
def test_gleichbleibende_kosten_werden_genau_ergaenzt(gewichte, niveau) -> None:
    """Whatever the pattern, an empty lag 0 included: every month ends at its level."""
    anteile = [0.0, *(g / sum(gewichte) for g in gewichte)]
    e = ergaenzt(*bezahlt(anteile, np.full(len(MONATE), float(niveau))))
    assert e.endstand == pytest.approx(np.full(len(MONATE), niveau), rel=1e-9)
    offen = sum(1 - sum(anteile[: STAND - m + 1]) for m in MONATE)
    assert e.offen == pytest.approx(offen * niveau, rel=1e-6, abs=1e-3)


@given(ANTEILE, st.lists(st.integers(1, 500), min_size=len(MONATE), max_size=len(MONATE)))
def test_je_fall_gleiche_kosten_werden_mit_der_menge_genau_ergaenzt(gewichte, faelle) -> None:
    anteile = [0.0, *(g / sum(gewichte) for g in gewichte)]
    menge = np.array(faelle, float)
    e = ergaenzt(*bezahlt(anteile, 1000 * menge), menge)
    assert e.endstand == pytest.approx(1000 * menge, rel=1e-9)


BETRAG = st.tuples(st.sampled_from(MONATE.tolist()), st.integers(-2, 20), st.integers(0, 10**6))
JEDER = st.tuples(
    st.sampled_from(MONATE.tolist()), st.integers(-2, 20), st.integers(-(10**6), 10**6)
)


def spalten(rows):
    leistung, lag, betrag = (np.array(x) for x in zip(*rows, strict=True))
    return leistung, leistung + lag, betrag


@given(st.lists(BETRAG, min_size=1, max_size=40))
def test_offen_ist_nie_negativ_wo_nichts_negativ_ist(rows) -> None:
    rows = [*rows, (int(MONATE[0]), 0, 0)]
    e = ergaenzt(*spalten(rows))
    assert (e.endstand >= e.gebucht - 1e-6).all()
    assert e.offen >= -1e-6
    assert ((e.anteil >= 0) & (e.anteil <= 1)).all()


@given(st.lists(JEDER, min_size=1, max_size=40), st.booleans())
def test_gebucht_ist_was_bekannt_ist_und_nichts_ist_nan(rows, mit_menge) -> None:
    leistung, gebucht, betrag = spalten([*rows, (int(MONATE[0]), 0, 0)])
    menge = np.arange(len(MONATE), dtype=float) if mit_menge else None
    e = ergaenzt(leistung, gebucht, betrag, menge)
    assert np.isfinite(e.endstand).all()
    for m, b in zip(e.monate, e.gebucht, strict=True):
        assert b == pytest.approx(betrag[(leistung == m) & (gebucht <= STAND)].sum(), abs=1e-6)
    fertig = e.monate <= STAND - LAGS + 1
    assert (e.endstand[fertig] == e.gebucht[fertig]).all()


def test_lauter_nullen_bleiben_null() -> None:
    e = ergaenzt(MONATE, MONATE, np.zeros(len(MONATE)))
    assert not e.endstand.any()
    assert e.offen == 0
    assert (muster(dreieck(MONATE, MONATE, np.zeros(len(MONATE)), STAND)) == 1).all()


def test_ohne_faelle_wird_nichts_ergaenzt() -> None:
    e = ergaenzt(*bezahlt([0.0, 1.0], np.full(len(MONATE), 100.0)), np.zeros(len(MONATE)))
    assert e.offen == 0


def test_ab_einem_monat_zaehlt_nur_der_rest() -> None:
    e = ergaenzt(*bezahlt([0.0, 1.0], np.full(len(MONATE), 100.0)))
    jung = e.ab(2025 * 12)
    assert jung.monate.tolist() == list(range(2025 * 12, STAND + 1))
    assert jung.offen == pytest.approx(e.offen) == pytest.approx(100)
    assert e.ab(STAND).endstand.tolist() == pytest.approx([100])


# --- parts and total ----------------------------------------------------------------------------


def stadt(saat: int, gruppen: int, jahre: int = 6) -> tuple[list, Dreiecke]:
    """Product groups with season, growth and noise; amounts to the cent, one of them tiny."""
    rng = np.random.default_rng(saat)
    von, bis = STAND // 12 - jahre + 1, STAND
    monate = np.arange(von * 12, bis + 1)
    reihen, buchungen = [], {}
    for i in range(gruppen):
        hoehe = 10 ** rng.uniform(2.5 if i == 0 else 4.5, 6.5)
        fluss = hoehe * (1 + 0.1 * rng.standard_normal(len(monate)))
        b = Buchungen(monate, monate + rng.integers(0, 3, len(monate)), np.round(fluss, 2))
        jahresreihen = np.arange(von, bis // 12 + 1)
        plan = np.round(12 * hoehe * (1 + 0.1 * rng.standard_normal(len(jahresreihen))), -2)
        reihen.append(reihe_aus_buchungen(f"G{i}", b, jahresreihen, bis, ansatz=plan))
        buchungen[f"G{i}"] = b
    return reihen, Dreiecke(buchungen)


def prognose(saat: int = 1, gruppen: int = 4) -> Prognose:
    reihen, wissen = stadt(saat, gruppen)
    return prognostizieren(reihen, STAND // 12, 6, wissen=wissen)


@settings(max_examples=10)
@given(st.integers(0, 10**6), st.integers(1, 6))
def test_teile_ergeben_die_summe_auf_den_cent(saat, gruppen) -> None:
    p = prognose(saat, gruppen)
    *teile, summe = p.hochrechnungen
    if gruppen > 1:
        assert summe.reihe == "Summe"
        assert sum(h.wert for h in teile) == summe.wert
    for h in p.hochrechnungen:
        assert sum((w for _, w in h.teile), Decimal(0)) == h.wert
        assert all(w == w.quantize(Decimal("0.01")) for _, w in h.teile)


@pytest.mark.parametrize("saat", range(4))
def test_an_jedem_frueheren_ursprung_ergeben_die_teile_die_summe(saat) -> None:
    test = prognose(saat).test
    summe = len(test.reihen) - 1
    for jahr in set(test.jahr.tolist()):
        rows = test.jahr == jahr
        teile = test.gewaehlt[rows & (test.nummer != summe)]
        assert len(teile) == summe
        assert test.gewaehlt[rows & (test.nummer == summe)] == pytest.approx(teile.sum())


@pytest.mark.parametrize("saat", range(4))
def test_die_spanne_wandert_mit_der_prognose(saat) -> None:
    p = prognose(saat)
    bewegt = 0
    for vor, nach, a, b in zip(p.direkt.spannen, p.test.spannen, p.direkt.gewaehlt,
                               p.test.gewaehlt, strict=True):  # fmt: skip
        if vor.unten is None:
            assert nach == vor
            continue
        assert nach.unten - vor.unten == pytest.approx(b - a, abs=1e-3)
        assert nach.oben - vor.oben == pytest.approx(b - a, abs=1e-3)
        assert (nach.niveau, nach.n) == (vor.niveau, vor.n)
        bewegt += abs(b - a) > 1
    assert bewegt > 5


def test_der_abgleich_laesst_was_gelernt_wurde_unberuehrt() -> None:
    reihen, wissen = stadt(3, 4)
    reihen.append(summenreihe("Summe", reihen, "Summe"))
    test = rueckrechnen(reihen, [6], wissen=wissen)
    vorher = test.gewaehlt.copy(), list(test.spannen)
    neu = abgeglichen(test)
    assert (test.gewaehlt == vorher[0]).all()
    assert test.spannen == vorher[1]
    assert (neu.werte[np.isfinite(neu.werte)] == test.werte[np.isfinite(test.werte)]).all()
    assert (neu.breite[np.isfinite(neu.breite)] == test.breite[np.isfinite(test.breite)]).all()
    assert (neu.gewaehlt != test.gewaehlt).any()


def test_der_unsichere_teil_traegt_den_abgleich() -> None:
    a = abgleichen(np.array([100.0, 100.0]), np.array([30.0, 10.0]), 240.0, 0.0)
    assert a.summe == pytest.approx(240)
    assert a.teile == pytest.approx([136, 104])
    sicher = abgleichen(np.array([100.0, 100.0]), np.array([0.0, 0.0]), 240.0, 5.0)
    assert sicher.teile.tolist() == [100, 100]


def test_das_zeugnis_zaehlt_nur_fruehere_jahre() -> None:
    reihen, wissen = stadt(5, 3)
    p = prognostizieren(reihen, 2023, 6, wissen=wissen)
    for h in p.hochrechnungen:
        assert [f.jahr for f in h.zeugnis.faelle] == [2020, 2021, 2022]
    # The result of 2023 is known today; the forecast of 2023 and its record must not see it.
    spaeter = [r for r in p.test.reihen if r.jahre[-1] > 2023]
    assert not spaeter
    gezeigt = p.hochrechnungen[-1].zeugnis.faelle[-1]
    zeile = (p.test.jahr == 2022) & (p.test.nummer == len(p.test.reihen) - 1)
    assert gezeigt.prognose == p.test.gewaehlt[zeile][0]


def test_eine_einzige_reihe_ist_ihre_eigene_summe() -> None:
    p = prognose(7, 1)
    assert [h.reihe for h in p.hochrechnungen] == ["G0"]
    assert p.test is p.direkt
