"""Back-test, choice, intervals, record and reconciliation."""

from __future__ import annotations

import time
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sozcontrol.errors import UsageError
from sozcontrol.forecast.methoden.alle import STANDARD
from sozcontrol.forecast.prognose import kombination
from sozcontrol.forecast.prognose.abgleich import abgleichen, summenreihe
from sozcontrol.forecast.prognose.auswertung import auswerten, zeugnis
from sozcontrol.forecast.prognose.hochrechnung import hochrechnen
from sozcontrol.forecast.prognose.intervall import nachgefuehrt, quantil, spanne, wilson
from sozcontrol.forecast.prognose.ruecktest import Ruecktest, rueckrechnen
from sozcontrol.forecast.prognose.spannen import methodenspanne
from sozcontrol.forecast.prognose.zeugnis import Fall
from sozcontrol.forecast.reihe import Reihe, leere_reihe
from sozcontrol.hochrechnung.quellen.buchungen import Buchungen, Dreiecke, reihe_aus_buchungen


def stadt(samen: int, *, produkte: int = 40, jahre: int = 9) -> tuple[Reihe, ...]:
    """Draw monthly products: own level, season, drifting year effect, lumpy booking, a budget."""
    z = np.random.default_rng(samen)
    out = []
    for i in range(produkte):
        niveau = np.exp(z.normal(14, 1))
        saison = np.exp(z.normal(0, 0.15, 12))
        wachstum = np.cumsum(z.normal(0.03, 0.05, jahre))
        monate = np.exp(np.repeat(wachstum, 12) + np.cumsum(z.normal(0, 0.01, jahre * 12)))
        betrag = (
            niveau / 12 * np.tile(saison, jahre) * monate * np.exp(z.normal(0, 0.1, jahre * 12))
        )
        ist = np.cumsum(betrag.reshape(jahre, 12), axis=1)
        ansatz = np.r_[ist[0, -1], ist[:-1, -1] * 1.02] * np.exp(z.normal(0, 0.04, jahre))
        out.append(
            leere_reihe(f"P{i:02}", "", np.arange(2015, 2015 + jahre), 12,
                        ist=ist, ergebnis=ist[:, -1], ansatz=ansatz)
        )  # fmt: skip
    return tuple(out)


@pytest.fixture(scope="module")
def simuliert() -> list[Ruecktest]:
    # Without the smoothing, which has tests of its own and most of the time.
    methoden = {name: f for name, f in STANDARD.items() if name != "M8"}
    return [rueckrechnen(stadt(s), [4, 6, 8], methoden=methoden) for s in (1, 2, 3)]


def test_intervalle_treffen_auf_simulierten_daten(simuliert: list[Ruecktest]) -> None:
    treffer, n = np.sum([zeugnis(t, p).abdeckung for t in simuliert for p in (4, 6, 8)], axis=0)
    assert n > 2000
    assert 0.76 <= treffer / n <= 0.84


def test_august_ist_nicht_schlechter_als_juni(simuliert: list[Ruecktest]) -> None:
    for t in simuliert:
        april, juni, august = (zeugnis(t, p).wape for p in (4, 6, 8))
        assert august <= juni <= april


def test_die_wahl_schlaegt_die_basen_auf_simulierten_daten(simuliert: list[Ruecktest]) -> None:
    for t in simuliert:
        record = zeugnis(t, 8)
        assert record.skill_ansatz > 0.2 and record.skill_vorjahr > 0.2


def test_der_ausgang_des_laufenden_jahres_bleibt_ohne_einfluss() -> None:
    # Mutation: multiply every result of the last year by ten, and every later actual.
    reihen = stadt(5, produkte=10, jahre=6)
    anders = []
    for r in reihen:
        ist, ergebnis = r.ist.copy(), r.ergebnis.copy()
        ist[-1, 6:] *= 10
        ergebnis[-1] *= 10
        anders.append(replace(r, ist=ist, ergebnis=ergebnis))
    a, b = rueckrechnen(reihen, [6]), rueckrechnen(anders, [6])
    assert np.array_equal(a.gewaehlt, b.gewaehlt)
    assert np.array_equal(a.wahl, b.wahl)
    assert a.spannen == b.spannen


def test_gleiche_eingabe_gleiche_ausgabe_in_jeder_reihenfolge() -> None:
    reihen = stadt(6, produkte=8, jahre=5)
    a, b = rueckrechnen(reihen, [6]), rueckrechnen(reihen[::-1], [6])
    nach_namen = {
        (b.reihen[i].name, j): w for i, j, w in zip(b.nummer, b.jahr, b.gewaehlt, strict=True)
    }
    for i, j, w in zip(a.nummer, a.jahr, a.gewaehlt, strict=True):
        assert nach_namen[a.reihen[i].name, j] == pytest.approx(w)


def test_rueckrechnen_der_ganzen_stadt_ist_schnell() -> None:
    start = time.process_time()
    rueckrechnen(stadt(7, produkte=60, jahre=5), [4, 6, 8])
    assert time.process_time() - start < 20


def klein(ist: list[float], ansatz: float, betrag: float) -> Reihe:
    grid = np.array([[betrag / 2, betrag]] * 3 + [ist])
    return leere_reihe("K", "", np.arange(2020, 2024), 2, ist=grid,
                       ergebnis=grid[:, -1], ansatz=np.full(4, ansatz))  # fmt: skip


def test_ein_kleines_produkt_bleibt_beim_ansatz_auch_wenn_abgeglichen_wird() -> None:
    gross = stadt(3, produkte=6, jahre=4)
    jahre = gross[0].jahre
    ist = np.cumsum(np.full((len(jahre), 12), 1000.0), axis=1)
    winzig = leere_reihe("K", "", jahre, 12, ist=ist, ergebnis=ist[:, -1],
                         ansatz=np.full(len(jahre), 12_500.0))  # fmt: skip
    *_, klein_, summe = hochrechnen([*gross, winzig], int(jahre[-1]), 6)
    assert (klein_.methode, klein_.wert) == ("M0", Decimal("12500.00"))
    assert all(name != "Abgleich von Teilen und Summe" for name, _ in klein_.teile)
    assert any(name == "Abgleich von Teilen und Summe" for name, _ in summe.teile)


def test_ein_kleines_produkt_ueber_dem_ansatz_nimmt_ihn_nicht_mehr() -> None:
    # 20,000 € are booked of a budget of 5,000 €: the budget cannot come true any more
    (h,) = hochrechnen([klein([18_000, np.nan], 5_000, 20_000)], 2023, 1)
    assert h.methode != "M0" and h.wert >= 20_000


def test_kleines_produkt_nimmt_den_ansatz() -> None:
    (h,) = hochrechnen([klein([9000, np.nan], 12_000, 10_000)], 2023, 1)
    assert (h.methode, h.wert) == ("M0", Decimal("12000.00"))
    assert h.satz.startswith("Unter 50.000 € wird nicht hochgerechnet.")
    (h,) = hochrechnen([klein([9000, np.nan], np.nan, 10_000)], 2023, 1)
    assert (h.methode, h.wert) == ("M1", Decimal("10000.00"))


def test_ohne_jede_kenntnis_steht_ein_grund() -> None:
    leer = leere_reihe("L", "", np.array([2023]), 4)
    (h,) = hochrechnen([leer], 2023, 2)
    assert h.wert is None and h.grund.endswith("bekannt.")
    assert "noch kein abgeschlossenes Jahr" in h.zeugnis.satz


def test_unbekanntes_jahr_ist_ein_bedienfehler() -> None:
    with pytest.raises(UsageError, match="2030"):
        hochrechnen(stadt(1, produkte=1, jahre=3), 2030, 6)


@pytest.fixture(scope="module")
def hochgerechnet() -> tuple:
    return hochrechnen(stadt(9, produkte=6, jahre=6), 2020, 8)


def test_summe_ist_die_summe_der_teile(hochgerechnet: tuple) -> None:
    *teile, summe = hochgerechnet
    assert summe.reihe == "Summe"
    assert sum(h.wert for h in teile) == summe.wert


def test_teile_ergeben_auf_den_cent_den_wert(hochgerechnet: tuple) -> None:
    for h in hochgerechnet:
        assert sum(t for _, t in h.teile) == h.wert
        assert {"M0", "M1"} <= set(h.alternativen)
        assert h.zeugnis.n == 5 and max(f.jahr for f in h.zeugnis.faelle) == 2019


def test_zu_wenige_fehler_ergeben_nur_eine_spannweite() -> None:
    (h,) = hochrechnen(stadt(9, produkte=1, jahre=6), 2020, 8, summe=None)
    assert h.spanne.niveau is None and "Spannweite" in h.spanne.satz


@given(
    st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(0, 1e5)), min_size=1, max_size=8),
    st.floats(-1e6, 1e6),
    st.floats(0, 1e5),
)
def test_abgleich_addiert_sich(
    teile: list[tuple[float, float]], direkt: float, streuung: float
) -> None:
    werte, breiten = np.array(teile).T
    a = abgleichen(werte, breiten, direkt, streuung)
    assert a.teile.sum() == pytest.approx(a.summe, abs=1e-3)
    unten, oben = sorted((a.summe_der_teile, a.direkt))
    assert unten - 1e-3 <= a.summe <= oben + 1e-3


def test_der_sichere_teil_bleibt_beim_abgleich_stehen() -> None:
    a = abgleichen(np.array([100.0, 100.0]), np.array([0.0, 10.0]), 220.0, 0.0)
    assert a.teile.tolist() == [100.0, 120.0]


def test_die_abweichung_verteilt_sich_nach_der_varianz() -> None:
    # 10 to distribute; squared errors 1 and 9 of the parts, none of the direct total
    a = abgleichen(np.array([100.0, 100.0]), np.array([1.0, 3.0]), 210.0, 0.0)
    assert a.teile.tolist() == pytest.approx([101.0, 109.0])


def test_summenreihe_mit_spaeter_gegruendetem_produkt() -> None:
    alt = leere_reihe("a", "", np.arange(2020, 2023), 2, ist=np.ones((3, 2)), ergebnis=np.ones(3))
    neu = leere_reihe("b", "", np.arange(2022, 2023), 2, ist=np.ones((1, 2)), ergebnis=np.ones(1))
    summe = summenreihe("s", [alt, neu])
    assert summe.ergebnis.tolist() == [1, 1, 2]
    assert np.isnan(summe.ansatz).all()


@pytest.mark.parametrize(
    ("n", "rang"),
    [
        pytest.param(8, 8, id="8 Fehler: der größte (ceil 7,2)"),
        pytest.param(9, 8, id="9 Fehler: ceil 8,0"),
        pytest.param(10, 9, id="10 Fehler: ceil 8,8"),
        pytest.param(99, 80, id="99 Fehler: ceil 80"),
    ],
)
def test_quantil_mit_endlicher_stichprobe(n: int, rang: int) -> None:
    assert quantil(np.arange(1.0, n + 1), 0.8) == rang


@pytest.mark.parametrize(("n", "niveau"), [(0, None), (7, None), (8, 0.8)])
def test_unter_acht_fehlern_kein_prozentsatz(n: int, niveau: float | None) -> None:
    s = spanne(100.0, 10.0, np.ones(n), 0.8)
    assert (s.niveau, s.n) == (niveau, n)
    assert (s.unten is None) == (n == 0)


@pytest.mark.parametrize(
    ("treffer", "erwartet"),
    [
        pytest.param([], 0.8, id="ohne Vergangenheit die nominale Stufe"),
        pytest.param([np.nan] * 4, 0.8, id="ohne Versprechen nichts zu lernen"),
        pytest.param([1] * 8 + [0] * 2, 0.8, id="getroffen wie versprochen"),
        # a fifth of the miss of 0.8, a year of eight cases counts 8/10
        pytest.param([0] * 8, 0.8 + 0.2 * 0.8 * 0.8, id="nie getroffen: breiter"),
        pytest.param([1] * 8, 0.8 - 0.2 * 0.8 * 0.2, id="immer getroffen: schmaler"),
    ],
)
def test_die_stufe_folgt_dem_was_die_intervalle_trafen(
    treffer: list[float], erwartet: float
) -> None:
    jahre = np.full(len(treffer), 2020)
    assert nachgefuehrt(0.8, jahre, np.array(treffer, dtype=float)) == pytest.approx(erwartet)


@given(st.lists(st.tuples(st.integers(2000, 2030), st.sampled_from([0.0, 1.0, np.nan]))))
def test_die_stufe_bleibt_in_ihren_grenzen(faelle: list[tuple[int, float]]) -> None:
    jahre, treffer = np.array(faelle, dtype=float).reshape(-1, 2).T
    assert 0.5 <= nachgefuehrt(0.8, jahre, treffer) <= 0.97


def test_intervalle_werden_nach_unruhigen_jahren_breiter() -> None:
    # Plant a regime: errors triple half way. Without the moved level less than half is caught.
    z = np.random.default_rng(11)
    streuung = np.repeat([0.03, 0.09], 7)
    reihen = [
        leere_reihe(f"R{i}", "", np.arange(2000, 2014), 1, ist=np.full((14, 1), np.nan),
                    ergebnis=1e6 * np.exp(z.normal(0, streuung)), ansatz=np.full(14, 1e6))
        for i in range(60)
    ]  # fmt: skip
    test = rueckrechnen(reihen, [1], methoden={"M0": STANDARD["M0"]})
    spaet = np.flatnonzero(test.jahr >= 2008)
    drin = [test.spannen[r].unten <= test.ergebnis[r] <= test.spannen[r].oben for r in spaet]
    assert (test.stufe[spaet] > 0.8).all()
    assert 0.68 <= np.mean(drin) <= 0.9


def test_wilson_nach_lehrbuch() -> None:
    # Newcombe (1998): 81 of 263, 95 %: 0.2553 to 0.3662
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert wilson(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("methode", "mit_ansatz", "erwartet"),
    [
        pytest.param("M1", False, 0.1, id="ganzes Jahr"),
        pytest.param("M1", True, 0.1, id="ganzes Jahr, mit Ansatz"),
        pytest.param("M4", True, 0.05, id="ein Viertel: die Wurzel davon"),
        pytest.param("M2", False, 0.05, id="Dreisatz ohne Ansatz"),
        pytest.param("M2", True, 0.1, id="Dreisatz, wo geplant wurde"),
        pytest.param("M7", True, 0.1, id="hochgerechnete Abwicklung"),
    ],
)
def test_was_ohne_zeugnis_angenommen_wird(methode, mit_ansatz, erwartet) -> None:
    assert kombination.annahme([methode], 0.25, mit_ansatz) == pytest.approx([erwartet])


def test_ohne_ansatz_gilt_auch_keine_annahme_ueber_ihn() -> None:
    ist = np.array([[np.nan] * 4, [30.0, 60, 90, 120]]) * 1e4
    r = leere_reihe("R", "", np.arange(2020, 2022), 4, ist=ist, ergebnis=np.full(2, 120e4))
    test = rueckrechnen([r], [3], methoden={x: STANDARD[x] for x in ("M0", "M1", "M2")})
    assert test.gewichte[-1] == pytest.approx(np.array([0, 1, 2**1.5]) / (1 + 2**1.5))


def test_der_massstab_einer_reihe_ist_ihr_fehler_zum_gemeinsamen_gezogen(
    simuliert: list[Ruecktest],
) -> None:
    test = simuliert[0]
    jahr, periode = int(test.jahr[-1]), int(test.periode[-1])
    for r in np.flatnonzero((test.jahr == jahr) & (test.periode == periode))[:5]:
        vorher = test.aehnliche(r)
        assert (test.jahr[vorher] < jahr).all() and (test.periode[vorher] == periode).all()
        fehler = np.abs(test.gewaehlt - test.ergebnis)[vorher] / test.massstab[vorher]
        eigen, n = fehler[test.nummer[vorher] == test.nummer[r]], jahr - test.jahr[0]
        soll = (n * np.median(eigen) + 10 * np.median(fehler)) / (n + 10)
        assert test.breite[r] == pytest.approx(max(soll, 0.01))


def test_jedes_verfahren_hat_seine_eigene_spanne(simuliert: list[Ruecktest]) -> None:
    test, r = simuliert[0], len(simuliert[0].jahr) - 1
    for methode in ("M0", "M2", "M10"):
        s, wert = methodenspanne(test, r, methode), test.spalte(methode)[r]
        vorher = test.aehnliche(r)
        eigene = np.abs(test.spalte(methode) - test.ergebnis)[vorher] / test.massstab[vorher]
        weite = quantil(eigene[np.isfinite(eigene)], 0.8) * test.massstab[r]
        assert (s.unten, s.oben) == pytest.approx((wert - weite, wert + weite))
    assert methodenspanne(test, 0, "M0").n == 0  # the first year knows no error


def test_im_ersten_jahr_fuehrt_der_ansatz_vor_dem_dreisatz() -> None:
    ist = np.array([[60.0, 75, 90, 120]]) * 1e4  # half the year's amount is booked at once
    r = leere_reihe("R", "", np.array([2020]), 4, ist=ist, ergebnis=np.array([120e4]),
                    ansatz=np.array([118e4]))  # fmt: skip
    test = rueckrechnen([r], [1], methoden={x: STANDARD[x] for x in ("M0", "M2")})
    assert test.gewichte[0, 0] > 0.5
    assert abs(test.gewaehlt[0] - 118e4) < abs(test.gewaehlt[0] - 240e4)


def test_ein_kurzes_zeugnis_zaehlt_nach_seiner_laenge() -> None:
    # two errors weigh as much as the assumption, a single lucky one is not believed
    fehler = np.column_stack([np.full(2, 0.3), [0.01, np.nan]])
    gemeinsam = kombination.gemeinsamer_fehler(fehler, np.full(2, 0.1))
    assert gemeinsam == pytest.approx([(0.3 + 0.1) / 2, (0.01 + 2 * 0.1) / 3])


def test_ohne_zeugnis_irrt_wer_nur_den_rest_schaetzt_weniger() -> None:
    # of the year before only the result is known, so that no method has a record
    ist = np.array([[np.nan] * 4, [30.0, 60, 90, 120]]) * 1e4
    r = leere_reihe("R", "", np.arange(2020, 2022), 4, ist=ist, ergebnis=np.full(2, 120e4))
    test = rueckrechnen([r], [3], methoden={x: STANDARD[x] for x in ("M1", "M2")})
    # a quarter of the year is open: half the error, which counts 2^1.5 times as much
    assert test.gewichte[-1] == pytest.approx(np.array([1, 2**1.5]) / (1 + 2**1.5))


@given(
    st.lists(
        st.lists(st.one_of(st.floats(-1e6, 1e6), st.just(np.nan)), min_size=3, max_size=3),
        min_size=1,
    )
)
def test_spaltenmedian_ist_der_median_ohne_luecken(zeilen: list[list[float]]) -> None:
    werte = np.array(zeilen)
    for spalte, gefunden in zip(werte.T, kombination.spaltenmedian(werte), strict=True):
        da = spalte[np.isfinite(spalte)]
        assert gefunden == pytest.approx(np.median(da)) if len(da) else np.isnan(gefunden)


def test_eigene_erfahrung_gegen_die_gemeinsame() -> None:
    eigen, pool = np.array([[0.3], [0.1]]), np.array([0.1])
    assert kombination.typischer_fehler(eigen, pool) == pytest.approx([0.15])
    assert kombination.typischer_fehler(eigen[:0], pool) == pytest.approx([0.1])


def fall(jahr: int, prognose: float, ergebnis: float, ansatz: float, vorjahr: float) -> Fall:
    return Fall("R", jahr, prognose, ergebnis, ansatz, vorjahr, "M10")


VIER_VON_SECHS = [
    fall(2018, 120, 100, 101, 70),
    fall(2019, 120, 100, 101, 70),
    fall(2020, 120, 100, 101, 70),
    fall(2021, 120, 100, 101, 70),
    fall(2022, 100, 100, 130, 100),
    fall(2023, 101, 100, 110, 100.5),
]


def test_zeugnis_sagt_wie_oft_der_ansatz_naeher_war() -> None:
    z = auswerten(VIER_VON_SECHS, periode=6, methode="M10", mindestbetrag=1)
    assert "In 4 von 6 Jahren war der Ansatz näher am Ergebnis." in z.satz
    assert "In 1 von 6 Jahren war das Vorjahresergebnis näher am Ergebnis." in z.satz


def test_kennzahlen_des_zeugnisses() -> None:
    z = auswerten(VIER_VON_SECHS, periode=6, methode="M10", mindestbetrag=1)
    assert z.mape == pytest.approx(0.81 / 6)
    assert z.median == pytest.approx(0.2)
    assert z.wape == pytest.approx(81 / 600)
    assert z.bias == pytest.approx(81 / 600)
    assert z.skill_ansatz == pytest.approx(1 - 81 / 44)
    assert z.mase == pytest.approx(81 / 120.5)
    assert z.skill_vorjahr == pytest.approx(1 - 81 / 120.5)


def test_schlechtere_prognose_wird_zuerst_genannt() -> None:
    z = auswerten(VIER_VON_SECHS, periode=6, methode="M10", mindestbetrag=1)
    assert z.satz.startswith("Bisher war der Ansatz die bessere Prognose (Güte −0,84).")


def test_alarme_ab_der_wesentlichen_abweichung() -> None:
    faelle = [
        fall(2019, 106, 106, 100, 1),
        fall(2020, 106, 100, 100, 1),
        fall(2021, 105, 106, 100, 1),
        fall(2022, 100, 100, 100, 1),
    ]
    a = auswerten(faelle, periode=6, methode="M10", wesentlich=0.05).alarme
    assert (a.richtig, a.falsch, a.verpasst, a.ruhig) == (1, 1, 1, 1)


def test_kleine_ergebnisse_ergeben_keine_prozente() -> None:
    z = auswerten(VIER_VON_SECHS, periode=6, methode="M10", mindestbetrag=50_000)
    assert z.mape is None and z.n_prozent == 0 and z.wape is not None


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10_000), st.floats(0, 1))
def test_luecken_ergeben_nie_nan_und_nie_schweigen(samen: int, anteil: float) -> None:
    zufall = np.random.default_rng(samen)
    reihen = []
    for r in stadt(samen, produkte=3, jahre=4):
        ist = np.where(zufall.random(r.ist.shape) < anteil, np.nan, r.ist)
        ansatz = np.where(zufall.random(r.ansatz.shape) < anteil, np.nan, r.ansatz)
        vorzeichen = zufall.choice([-1, 0, 1], size=r.ergebnis.shape)
        reihen.append(replace(r, ist=ist, ansatz=ansatz, ergebnis=r.ergebnis * vorzeichen))
    for h in hochrechnen(reihen, 2018, 6):
        assert (h.wert is None) == bool(h.grund)
        assert h.wert is None or h.wert.is_finite()


def spaete_rechnungen(samen: int) -> tuple[list[Reihe], Dreiecke]:
    """Draw six products whose invoices come over five months."""
    z = np.random.default_rng(samen)
    reihen, alle = [], {}
    monate, muster = 72, np.array([0.1, 0.3, 0.3, 0.2, 0.1])
    for i in range(6):
        betrag = 1e5 * np.exp(np.cumsum(z.normal(0.004, 0.02, monate)))
        lm = np.repeat(np.arange(monate), 5) + 2016 * 12
        teile = (betrag[:, None] * muster * np.exp(z.normal(0, 0.02, (monate, 5)))).ravel()
        b = Buchungen(lm, lm + np.tile(np.arange(5), monate), teile)
        alle[f"P{i}"] = b
        reihen.append(reihe_aus_buchungen(f"P{i}", b, np.arange(2016, 2022), 2021 * 12 + 11))
    return reihen, Dreiecke(alle)


def test_abwicklung_schlaegt_linear_wenn_rechnungen_spaet_kommen() -> None:
    reihen, wissen = spaete_rechnungen(3)
    test = rueckrechnen(reihen, [6], wissen=wissen)
    assert zeugnis(test, 6, methode="M7").wape < 0.3 * zeugnis(test, 6, methode="M2").wape


def test_auch_die_summe_kennt_nur_was_damals_gebucht_war() -> None:
    reihen, _ = spaete_rechnungen(5)
    summe = summenreihe("s", reihen)
    assert summe.ergebnisse(2019, 1)[2] == pytest.approx(
        sum(r.ergebnisse(2019, 1)[2] for r in reihen)
    )
    assert summe.ergebnisse(2019, 1)[2] < summe.ergebnis[2]


def test_spaetere_buchungen_aendern_keine_fruehere_prognose() -> None:
    reihen, wissen = spaete_rechnungen(4)
    grenze = 2020 * 12 + 5
    anders, mehr = [], {}
    for r in reihen:
        b = wissen.buchungen[r.name]
        c = replace(b, betrag=np.where(b.gebucht > grenze, b.betrag * 9, b.betrag))
        mehr[r.name] = c
        anders.append(reihe_aus_buchungen(r.name, c, r.jahre, 2021 * 12 + 11))
    a = rueckrechnen(reihen, [6], wissen=wissen)
    b = rueckrechnen(anders, [6], wissen=Dreiecke(mehr))
    bis = a.jahr <= 2020
    assert np.array_equal(a.gewaehlt[bis], b.gewaehlt[bis])
    assert not np.array_equal(a.gewaehlt, b.gewaehlt)
