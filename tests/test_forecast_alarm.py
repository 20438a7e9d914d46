"""The alarm and the span: what may become of a forecast, said as a probability that comes true."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sozcontrol.forecast.methoden.alle import STANDARD
from sozcontrol.forecast.prognose.alarm import (
    MINDESTENS,
    STUFEN,
    TREFFEN,
    Warnung,
    Wesentlich,
    alarme,
    chance,
    chancen,
    eichen,
    warnen_ab,
)
from sozcontrol.forecast.prognose.auswertung import zeugnis
from sozcontrol.forecast.prognose.hochrechnung import prognostizieren
from sozcontrol.forecast.prognose.ruecktest import Ruecktest, rueckrechnen
from sozcontrol.forecast.prognose.verteilung import Verteilung, groessen, jahresfaktor
from sozcontrol.forecast.reihe import Reihe, leere_reihe

OHNE_GLAETTUNG = {name: f for name, f in STANDARD.items() if name != "M8"}
FUENF = Wesentlich(0.05)


def panel(samen: int, *, produkte: int = 60, jahre: int = 9, hang: float = 0.0) -> list[Reihe]:
    """Draw products whose results scatter by 6 % around budgets; *hang* is one product's habit."""
    z = np.random.default_rng(samen)
    out = []
    for i in range(produkte):
        ansatz = np.exp(z.normal(14, 1)) * np.cumprod(1 + z.normal(0.03, 0.02, jahre))
        ergebnis = ansatz * np.exp(z.normal(hang * (i == 0), 0.06, jahre))
        anteil = np.clip(np.arange(1, 5) / 4 + z.normal(0, 0.03, (jahre, 4)), 0.05, 1)
        anteil[:, -1] = 1
        out.append(
            leere_reihe(f"P{i:02}", "", np.arange(2010, 2010 + jahre), 4,
                        ist=ergebnis[:, None] * anteil, ergebnis=ergebnis, ansatz=ansatz)
        )  # fmt: skip
    return out


@pytest.fixture(scope="module")
def tests() -> list[Ruecktest]:
    return [rueckrechnen(panel(s), [2], methoden=OHNE_GLAETTUNG) for s in (1, 2, 3)]


# --- the distribution -----------------------------------------------------------------------------

fehler = st.lists(st.floats(-5, 5), min_size=1, max_size=30).map(np.array)


def verteilung(wert: float, weite: float, gemeinsam: np.ndarray, eigene: np.ndarray) -> Verteilung:
    return Verteilung(wert, weite, np.sort(np.abs(gemeinsam)), np.sort(eigene))


@given(st.floats(-1e6, 1e6), st.floats(1, 1e5), fehler, fehler, st.lists(st.floats(-2e6, 2e6)))
def test_je_hoeher_die_grenze_desto_unwahrscheinlicher(wert, weite, alle, eigene, grenzen) -> None:
    v = verteilung(wert, weite, alle, eigene)
    p = [v.ueber(g) for g in sorted(grenzen)]
    assert all(0 < x < 1 for x in p)
    assert all(a >= b for a, b in pairwise(p))


@given(st.floats(1, 1e5), fehler, fehler, st.floats(0.05, 0.95))
def test_die_spanne_laesst_an_beiden_enden_gleich_viel_aus(weite, alle, eigene, niveau) -> None:
    v = verteilung(0.0, weite, alle, eigene)
    unten, oben = v.enden(niveau)
    assert unten <= oben
    assert verteilung(0.0, weite, alle, -eigene).enden(niveau) == pytest.approx((-oben, -unten))


def test_ohne_eigene_fehler_liegt_die_haelfte_darueber() -> None:
    v = verteilung(100.0, 10.0, np.arange(1.0, 21), np.empty(0))
    assert v.ueber(100.0) == pytest.approx(0.5)
    # sizes 11 to 20 of 20 lie beyond ten typical errors, half of them above
    assert v.ueber(200.0) == pytest.approx((0.25 * 20 + 0.5) / 21)


def test_wer_immer_darueber_lag_dem_sagt_es_die_eigene_vergangenheit() -> None:
    andere = np.arange(0.1, 2.1, 0.1)
    immer = verteilung(100.0, 10.0, andere, np.full(10, 1.5))
    nie = verteilung(100.0, 10.0, andere, np.full(10, -1.5))
    assert immer.ueber(100.0) > 0.7 and nie.ueber(100.0) < 0.3
    assert immer.enden(0.8)[1] - 100 > 100 - immer.enden(0.8)[0]


def test_viele_fehler_werden_zu_wenigen_punkten() -> None:
    z = np.random.default_rng(1).laplace(0, 1, 20_000)
    g = groessen(z)
    assert len(g) == 200 and np.all(np.diff(g) >= 0)
    assert np.quantile(g, [0.5, 0.8]) == pytest.approx(np.quantile(np.abs(z), [0.5, 0.8]), rel=0.02)
    assert groessen(np.array([-3.0, 1] * 4)).tolist() == [1] * 4 + [3] * 4


# --- a year has causes of its own -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("schock", "jahre", "von", "bis"),
    [
        pytest.param(0.0, 10, 1.0, 1.05, id="Jahre wie gezogen"),
        pytest.param(2.0, 10, 1.1, 1.6, id="gemeinsame Ursachen, viele Jahre"),
        pytest.param(2.0, 3, 1.4, 4.0, id="gemeinsame Ursachen, wenige Jahre"),
        pytest.param(0.0, 1, 1.5, 1.7, id="ein Jahr sagt nichts über Jahre"),
    ],
)
def test_je_weniger_jahre_desto_weiter(schock, jahre, von, bis) -> None:
    faktoren = []
    for samen in range(20):
        z = np.random.default_rng(samen)
        jahr = np.repeat(np.arange(jahre), 40)
        zufall = z.normal(0, 1, len(jahr)) + schock * z.normal(0, 1, jahre)[jahr]
        faktoren.append(jahresfaktor(zufall, jahr))
    assert von <= np.median(faktoren) <= bis
    assert jahresfaktor(np.empty(0), np.empty(0)) == 1.0


def test_mit_gemeinsamen_ursachen_treffen_die_spannen_im_mittel_der_jahre() -> None:
    """Every year moves all series alike; only years say how well spans hold."""
    mittel = []
    for samen in range(6):
        z = np.random.default_rng(samen)
        schock = z.normal(0, 0.05, 16)
        reihen = [
            leere_reihe(f"R{i}", "", np.arange(2000, 2016), 1, ist=np.full((16, 1), np.nan),
                        ergebnis=1e6 * np.exp(schock + z.normal(0, 0.03, 16)),
                        ansatz=np.full(16, 1e6))
            for i in range(30)
        ]  # fmt: skip
        test = rueckrechnen(reihen, [1], methoden={"M0": STANDARD["M0"]})
        z1 = zeugnis(test, 1)
        mittel.append(z1.abdeckung_mittel)
        assert z1.abdeckung_spanne[1] - z1.abdeckung_spanne[0] > 0.1  # 15 years, not 450 series
    assert 0.72 <= np.mean(mittel) <= 0.88


def test_jedes_jahr_zaehlt_einmal(tests: list[Ruecktest]) -> None:
    z = zeugnis(tests[0], 2)
    assert z.abdeckung_mittel == pytest.approx(np.mean([k / n for _, k, n in z.treffer]))
    assert z.abdeckung == tuple(np.sum([t[1:] for t in z.treffer], axis=0))
    # Student's t over years, by hand
    je_jahr = np.array([k / n for _, k, n in z.treffer])
    halb = 2.365 * je_jahr.std(ddof=1) / 8**0.5
    assert len(je_jahr) == 8
    assert z.abdeckung_spanne == pytest.approx(
        (je_jahr.mean() - halb, min(je_jahr.mean() + halb, 1)), abs=1e-3
    )


def test_eine_zeile_verspricht_was_sie_selbst_gehalten_hat() -> None:
    """One product scatters ten times as much as the others, and its row says what that means."""
    reihen = panel(4, produkte=30, jahre=14)
    wild = reihen[0]
    z = np.random.default_rng(3)
    reihen[0] = leere_reihe("wild", "", wild.jahre, 4, ist=wild.ist, ansatz=wild.ansatz,
                            ergebnis=wild.ansatz * np.exp(z.normal(0, 0.5, 14)))  # fmt: skip
    test = rueckrechnen(reihen, [2], methoden={"M0": STANDARD["M0"]})
    (r,) = np.flatnonzero((test.nummer == 0) & (test.jahr == 2023))
    (ruhig,) = np.flatnonzero((test.nummer == 1) & (test.jahr == 2010 + 3))
    drin = [
        s.unten <= test.ergebnis[i] <= s.oben
        for i in np.flatnonzero((test.nummer == 0) & (test.jahr < 2023))
        if (s := test.spannen[i]).niveau is not None
    ]
    assert len(drin) >= 8
    gehalten = (sum(drin) + 2 * 0.8) / (len(drin) + 2)  # two years of the promise beside its own
    assert test.spannen[r].niveau == pytest.approx(gehalten) and test.spannen[r].n == len(drin)
    assert test.spannen[r].niveau < 0.8
    assert test.spannen[ruhig].niveau == 0.8 and test.spannen[ruhig].n == 90


# --- the alarm ------------------------------------------------------------------------------------


@given(
    st.floats(0, 0.5), st.floats(0, 1e6), st.booleans(), st.floats(-1e7, 1e7), st.floats(-1e7, 1e7)
)
def test_wesentlich_ist_was_jenseits_beider_schwellen_liegt(
    anteil, betrag, ertrag, wert, ansatz
) -> None:
    weg = ansatz - wert if ertrag else wert - ansatz
    soll = weg > anteil * abs(ansatz) and weg > betrag
    if abs(weg - max(anteil * abs(ansatz), betrag)) > 1e-6:
        assert Wesentlich(anteil, betrag, ertrag).verfehlt(wert, ansatz) == soll


@pytest.mark.parametrize("art", ["wesentlich", "ueber"])
def test_wahrscheinlichkeiten_kommen_wie_genannt(tests: list[Ruecktest], art: str) -> None:
    schwelle = FUENF if art == "wesentlich" else FUENF.knapp
    paare = []
    for test in tests:
        p = getattr(chancen(test, schwelle), art)
        for r in np.flatnonzero(np.isfinite(p) & (test.jahr >= 2013)):
            paare.append((p[r], schwelle.verfehlt(test.ergebnis[r], test.spalte("M0")[r])))
    genannt, kam = np.array(paare).T
    assert len(genannt) == 1080
    for von, bis in pairwise(STUFEN):
        fach = (genannt >= von) & (genannt < bis)
        assert fach.sum() < 80 or abs(genannt[fach].mean() - kam[fach].mean()) < 0.12


def test_gewarnt_wird_ehe_die_hochrechnung_die_schwelle_erreicht(tests: list[Ruecktest]) -> None:
    test = tests[0]
    a = zeugnis(test, 2, wesentlich=FUENF).alarme
    drin = np.isfinite(test.ergebnis + test.spalte("M0"))
    paare = zip(test.gewaehlt[drin], test.ergebnis[drin], test.spalte("M0")[drin], strict=True)
    punkt = [(FUENF.verfehlt(w, b), FUENF.verfehlt(y, b)) for w, y, b in paare]
    assert a.richtig + a.verpasst == sum(kam for _, kam in punkt)
    assert a.richtig > 1.3 * punkt.count((True, True))
    assert a.falsch <= 3 * a.richtig
    assert a.brier < a.brier_quote


def test_wesentlich_ist_nie_wahrscheinlicher_als_ueberhaupt(tests: list[Ruecktest]) -> None:
    p = chancen(tests[0], FUENF)
    gut = np.isfinite(p.ueber)
    assert gut.any() and (p.wesentlich[gut] <= p.ueber[gut]).all()


def test_die_gewohnheit_eines_produkts_warnt() -> None:
    """It ends 8 % above its budget each year: after five years it is believed."""
    test = rueckrechnen(panel(7, hang=0.08), [2], methoden={"M0": STANDARD["M0"]})
    p = chancen(test, FUENF).wesentlich
    spaet = test.jahr >= 2015
    assert p[spaet & (test.nummer == 0)].mean() > 1.5 * p[spaet & (test.nummer > 0)].mean()


def test_das_laufende_jahr_aendert_keine_wahrscheinlichkeit() -> None:
    reihen = panel(9, produkte=12)
    spaeter = [
        leere_reihe(r.name, "", r.jahre, 4, ist=np.where(np.arange(9)[:, None] == 8,
                    r.ist * [1, 1, 9, 9], r.ist), ansatz=r.ansatz,
                    ergebnis=np.where(np.arange(9) == 8, r.ergebnis * 9, r.ergebnis))
        for r in reihen
    ]  # fmt: skip
    a, b = (
        chancen(rueckrechnen(x, [2], methoden=OHNE_GLAETTUNG), FUENF) for x in (reihen, spaeter)
    )
    np.testing.assert_array_equal(a.ueber, b.ueber)
    np.testing.assert_array_equal(a.wesentlich, b.wesentlich)


def test_jede_hochrechnung_mit_ansatz_traegt_ihre_warnung() -> None:
    reihen = panel(5, produkte=8)
    prognose = prognostizieren(reihen, 2018, 2, methoden=OHNE_GLAETTUNG)
    test = prognose.test
    assert all(h.warnung is not None for h in prognose.hochrechnungen)
    rows = np.flatnonzero(test.jahr == 2018)
    for r, h in zip(rows, prognose.hochrechnungen, strict=True):
        grenze = FUENF.grenze(float(test.spalte("M0")[r]))
        # parts and total reconciled: the distribution moves with the forecast that is shown
        assert test.verteilungen[r].wert == pytest.approx(float(h.wert), abs=0.01)
        assert h.warnung.wesentlich <= test.verteilungen[r].ueber(grenze) + 1e-12
    ohne = [leere_reihe(r.name, "", r.jahre, 4, ist=r.ist, ergebnis=r.ergebnis) for r in reihen]
    assert prognostizieren(ohne, 2018, 2).hochrechnungen[0].warnung is None


def test_was_nie_eintraf_wird_unwahrscheinlicher() -> None:
    p = np.array([0.1, 0.5, 0.9])
    assert eichen(p, np.empty(0), np.empty(0)) == pytest.approx(p)
    nie = eichen(p, np.full(2000, 0.5), np.zeros(2000))
    assert nie[1] < 0.1 and nie[0] <= nie[1] <= nie[2]
    # what came true as stated stays
    z = np.random.default_rng(1)
    frueher = z.random(2000)
    gut = eichen(p, frueher, (z.random(2000) < frueher).astype(float))
    assert gut == pytest.approx(p, abs=0.1)


def test_brier_und_stufen_von_hand() -> None:
    faelle = [(True, True, 0.9), (True, False, 0.5), (False, True, 0.1), (False, False, 0.1)]
    a = alarme(faelle)
    assert (a.richtig, a.falsch, a.verpasst, a.ruhig) == (1, 1, 1, 1)
    assert a.brier == pytest.approx((0.01 + 0.25 + 0.81 + 0.01) / 4)
    assert a.brier_quote == pytest.approx(0.25)
    stufen = [(s.von, s.n, s.eingetreten) for s in a.stufen]
    assert stufen == [(0.0, 2, 1), (0.4, 1, 0), (0.8, 1, 1)]
    assert alarme([]) is None
    assert alarme([(True, True, None)]).brier is None


@pytest.mark.parametrize(
    ("p", "text"),
    [(0.003, "unter 1 %"), (0.25, "25 %"), (0.998, "über 99 %"), (1.0, "über 99 %")],
)
def test_sicher_ist_nichts(p: float, text: str) -> None:
    assert chance(p) == text


def test_die_warnung_sagt_es_in_worten_und_prozent() -> None:
    schwelle = Wesentlich(0.05, 100_000)
    assert Warnung(0.62, 0.31, schwelle, True).satz() == (
        "Dass der Ansatz überschritten wird, ist etwa so wahrscheinlich wie nicht (62 %); um mehr "
        "als 5 % und mehr als 100.000 €: eher unwahrscheinlich (31 %). Das ist eine Warnung."
    )
    ertrag = Warnung(0.05, 0.01, Wesentlich(0.05, 0, ertrag=True), False)
    assert ertrag.satz() == (
        "Dass der Ansatz unterschritten wird, ist sehr unwahrscheinlich (5 %); um mehr als 5 %: "
        "sehr unwahrscheinlich (1 %)."
    )
    assert "mehr als 100.000 $" in Warnung(0.9, 0.5, schwelle, True).satz("$")


@pytest.mark.parametrize(
    ("genannt", "gewarnt"),
    [
        pytest.param([0.9, 0.4, 0.3, 0.1], [0.9, 0.4, 0.3], id="im Mittel noch die Hälfte"),
        pytest.param([0.99, 0.99, 0.99, 0.2], [0.99] * 3, id="nichts Unwahrscheinliches"),
        pytest.param([0.4, 0.4, 0.3], [], id="nie die Hälfte"),
        pytest.param([0.5], [0.5], id="genau die Hälfte"),
        pytest.param([0.6, 0.45, 0.45], [0.6, 0.45, 0.45], id="gleiche zählen alle"),
        pytest.param([0.75, 0.75, 0.1, 0.1], [0.75, 0.75], id="oder keiner"),
        pytest.param([], [], id="nichts genannt"),
    ],
)
def test_gewarnt_wird_solange_jede_zweite_warnung_zutrifft(genannt, gewarnt) -> None:
    ab = warnen_ab(np.array([*genannt, np.nan]))
    assert [p for p in genannt if p >= ab] == gewarnt


@given(st.lists(st.floats(0.001, 0.999), min_size=1, max_size=40))
def test_wer_noch_gewarnt_wuerde_senkte_den_anteil_unter_die_haelfte(genannt) -> None:
    p = np.array(genannt)
    ab = warnen_ab(p)
    drin, sonst = p[p >= ab], p[p < ab]
    if len(drin):
        assert drin.mean() >= TREFFEN - 1e-9 and drin.min() >= MINDESTENS
    if len(sonst) and sonst.max() >= MINDESTENS:
        assert p[p >= sonst.max()].mean() < TREFFEN + 1e-9


def test_ab_wann_gewarnt_wird_weiss_nichts_von_spaeter(tests: list[Ruecktest]) -> None:
    """Years and points of the year that were not yet: the bound is as it was said then."""
    ganz, c = tests[0], chancen(tests[0], FUENF)
    kurz = [
        leere_reihe(r.name, "", r.jahre[:6], 4, ist=r.ist[:6], ergebnis=r.ergebnis[:6],
                    ansatz=r.ansatz[:6])
        for r in ganz.reihen
    ]  # fmt: skip
    damals = chancen(rueckrechnen(kurz, [2], methoden=OHNE_GLAETTUNG), FUENF)
    frueh = ganz.jahr <= 2015
    assert damals.ab == pytest.approx(c.ab[frueh])
    assert (damals.gewarnt == c.gewarnt[frueh]).all() and c.gewarnt.any()
