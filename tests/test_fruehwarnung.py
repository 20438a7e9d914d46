"""Early warning: rules signal at their boundary, and in vain as rarely as the facts say."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pytest
from hauptbuch import STICHTAG, Lieferung, musterstadt
from test_forecast_alarm import FUENF, OHNE_GLAETTUNG, panel
from test_ziele import HALB, ziel

from sozcontrol import catalogue
from sozcontrol.catalogue.fruehwarnregel import Beobachtung, Warnregel
from sozcontrol.disclosure import GEHEIM
from sozcontrol.forecast.prognose.alarm import TREFFEN, chancen
from sozcontrol.forecast.prognose.ruecktest import rueckrechnen
from sozcontrol.measures import signale
from sozcontrol.present.handlungsbedarf import watched

REGELN = catalogue.warnregeln()
TREND, KARTE = REGELN["trend"], REGELN["regelkarte"]
ZIEHUNGEN = 20_000


@pytest.fixture(scope="module")
def musterstadt_daten() -> Lieferung:
    return musterstadt()


# --- the boundary of each rule --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("werte", "ungut", "signal"),
    [
        pytest.param([1, 2, 3, 4, 5], 1, 1, id="fünf steigen"),
        pytest.param([9, 2, 3, 4, 5], 1, 0, id="vier sind zu wenig"),
        pytest.param([1, 2, 3, 3, 5], 1, 0, id="gleich ist nicht gestiegen"),
        pytest.param([1, 2, 3, 4, 5], -1, 0, id="steigen ist hier gut"),
        pytest.param([5, 4, 3, 2, 1], 0, -1, id="beide Richtungen"),
        pytest.param([1, 2, 3, 4], 1, 0, id="zu kurz"),
    ],
)
def test_trend_am_rand(werte, ungut, signal) -> None:
    assert signale.steigt_an(werte, 5, ungut) == signal


def test_die_karte_hat_die_grenzen_des_lehrbuchs() -> None:
    """Middle 11, moving ranges 2 each: limits 11 ± 2,66 · 2."""
    chart = signale.karte([10, 12, 10, 12])
    assert (chart.mitte, chart.unten, chart.oben) == pytest.approx((11, 5.68, 16.32))


@pytest.mark.parametrize(
    ("letzter", "ungut", "signal"),
    [
        pytest.param(16.33, 1, 1, id="jenseits der Grenze"),
        pytest.param(16.31, 1, 0, id="gerade noch darin"),
        pytest.param(16.33, -1, 0, id="auf der guten Seite"),
        pytest.param(5.67, 0, -1, id="unten"),
    ],
)
def test_regelkarte_am_rand(letzter, ungut, signal) -> None:
    ruhig = [10, 12] * 12
    assert signale.faellt_auf([*ruhig, letzter], 24, 8, ungut) == signal


@pytest.mark.parametrize(("anzahl", "signal"), [(8, 1), (7, 0)])
def test_acht_nacheinander_jenseits_der_mitte_sind_ein_signal(anzahl, signal) -> None:
    ruhig = [10.0, 12.0] * 16
    werte = [*ruhig[anzahl % 2 :][: 25 - anzahl], *[11.5] * anzahl]  # before them one below
    assert signale.faellt_auf(werte, 24, 8, 1) == signal


def test_ein_bestand_wird_an_seinen_schritten_gemessen() -> None:
    """A steady climb is no surprise for its steps, but leaves the chart of its level."""
    steigend = [100.0 + 3 * n + n % 2 for n in range(36)]
    form = {"kennzahl": "H01", "regel": "regelkarte"}
    assert signale.signal(Beobachtung(**form, veraenderung=True), steigend) == 0
    assert signale.signal(Beobachtung(**form), steigend) == 1


# --- in vain, by simulation -----------------------------------------------------------------------


def anteil(signals: list[int]) -> float:
    return 100 * sum(map(bool, signals)) / len(signals)


def haelt(gemessen: float, regel: Warnregel) -> bool:
    """Say whether a measured share is the one of the facts, to a fifth or the noise of drawing."""
    genannt = float(regel.falschalarm_pct)
    noise = 3 * 100 * np.sqrt(genannt / 100 / ZIEHUNGEN)
    return abs(gemessen - genannt) <= max(0.2 * genannt, noise)


def test_der_trend_schlaegt_so_selten_umsonst_an_wie_genannt() -> None:
    ruhig = np.random.default_rng(1).normal(0, 1, (ZIEHUNGEN, TREND.werte)).tolist()
    gemessen = anteil([signale.steigt_an(w, TREND.laenge, 1) for w in ruhig])
    assert haelt(gemessen, TREND), gemessen
    assert gemessen == pytest.approx(100 / 120, abs=0.25)  # one order of five in 5! is rising


def test_die_regelkarte_schlaegt_so_selten_umsonst_an_wie_genannt() -> None:
    ruhig = np.random.default_rng(2).normal(0, 1, (ZIEHUNGEN, KARTE.werte)).tolist()
    gemessen = anteil([signale.faellt_auf(w, KARTE.grundlage, KARTE.lauf, 1) for w in ruhig])
    assert haelt(gemessen, KARTE), gemessen


def test_das_niveau_schlaegt_so_selten_umsonst_an_wie_genannt() -> None:
    """The value keeps to its way; the tolerance is twice its spread."""
    auf_dem_weg, halb = ziel(toleranz=Decimal(2)), Decimal(str(ziel().soll(HALB)))
    ruhig = np.random.default_rng(3).normal(0, 1, ZIEHUNGEN).tolist()
    gemessen = anteil([auf_dem_weg.stufe(halb + Decimal(w), HALB) == "im Rückstand" for w in ruhig])
    assert haelt(gemessen, REGELN["niveau"]), gemessen


def test_die_wahrscheinlichkeit_warnt_so_selten_umsonst_wie_genannt() -> None:
    """Of budgets that were not missed materially, as their year began and as it ended."""
    umsonst = []
    for samen in (1, 2):
        test = rueckrechnen(panel(samen, produkte=40), [2], methoden=OHNE_GLAETTUNG)
        c = chancen(test, FUENF)
        ansatz = test.werte[:, test.methoden.index("M0")]
        kam = np.array([FUENF.verfehlt(e, a) for e, a in zip(test.ergebnis, ansatz, strict=True)])
        umsonst += c.gewarnt[np.isfinite(c.wesentlich) & ~kam].tolist()
    gemessen = anteil(umsonst)
    assert len(umsonst) > 300
    assert abs(gemessen - float(REGELN["wahrscheinlichkeit"].falschalarm_pct)) <= 2.5, gemessen


def test_die_schwelle_der_wahrscheinlichkeit_ist_die_der_hochrechnung() -> None:
    assert REGELN["wahrscheinlichkeit"].treffen_pct == Decimal(100) * Decimal(str(TREFFEN))


# --- charts of few events: exact limits, in vain by simulation -----------------------------------

U, P, CUSUM = (REGELN[r] for r in ("u_karte", "p_karte", "cusum"))
WENIGER = 4_000
"""Draws, where each is judged by an exact test."""


def test_die_grenze_einer_seltenen_zahl_ist_die_des_binomialtests() -> None:
    """Ten events, all alike likely to be in any of ten months: four or more in the last, 1,28 %."""
    davor = [1, 0, 1, 1, 0, 1, 1, 0, 1]
    assert signale.ist_zu_haeufig([*davor, 4], [1] * 10, 0.0129, 1) == 1
    assert signale.ist_zu_haeufig([*davor, 4], [1] * 10, 0.0127, 1) == 0
    assert signale.ist_zu_haeufig([*davor, 4], [1] * 9 + [3], 0.0129, 1) == 0  # three months' worth
    assert signale.ist_zu_haeufig([*davor, 4], [1] * 10, 0.0129, -1) == 0  # more is good here


def test_die_grenze_eines_anteils_ist_die_des_tests_von_fisher() -> None:
    """Fisher's tea: all four of four right, of eight cups, is 1 in 70."""
    assert signale.ist_anderer_anteil([0, 4], [4, 4], 1 / 69.9, 1) == 1
    assert signale.ist_anderer_anteil([0, 4], [4, 4], 1 / 70.1, 1) == 0
    assert signale.ist_anderer_anteil([4, 0], [4, 4], 1 / 69.9, -1) == -1
    assert (
        signale.ist_anderer_anteil([0, 4], [4, 4], 1 / 69.9, 0) == 0
    )  # both sides share the error


def zahlen(samen: int, mittel: float, regel: Warnregel, ziehungen: int) -> list[list[int]]:
    return np.random.default_rng(samen).poisson(mittel, (ziehungen, regel.werte)).tolist()


def test_die_u_karte_schlaegt_so_selten_umsonst_an_wie_genannt() -> None:
    eins, irrtum = [1] * U.werte, float(U.irrtum_pct or 0) / 100
    for ungut in (1, 0):
        gemessen = anteil([signale.ist_zu_haeufig(w, eins, irrtum, ungut)
                           for w in zahlen(5, 12, U, ZIEHUNGEN)])  # fmt: skip
        assert haelt(gemessen, U), (ungut, gemessen)


@pytest.mark.parametrize("mittel", [0.3, 2, 40])
def test_die_u_karte_irrt_nie_oefter_als_vereinbart_wie_selten_es_auch_ist(mittel) -> None:
    eins, irrtum = [1] * U.werte, float(U.irrtum_pct or 0) / 100
    gemessen = anteil([signale.ist_zu_haeufig(w, eins, irrtum, 1)
                       for w in zahlen(6, mittel, U, WENIGER)])  # fmt: skip
    assert gemessen <= 1 + 3 * 100 * np.sqrt(0.01 / WENIGER)


def test_die_p_karte_schlaegt_so_selten_umsonst_an_wie_genannt() -> None:
    je, irrtum = [40] * P.werte, float(P.irrtum_pct or 0) / 100
    ruhig = np.random.default_rng(7).binomial(40, 0.6, (WENIGER, P.werte)).tolist()
    gemessen = anteil([signale.ist_anderer_anteil(w, je, irrtum, 1) for w in ruhig])
    genannt = float(P.falschalarm_pct)
    assert abs(gemessen - genannt) <= 3 * 100 * np.sqrt(genannt / 100 / WENIGER), gemessen


def test_der_cusum_schlaegt_so_selten_umsonst_an_wie_genannt() -> None:
    eins = [1] * CUSUM.werte
    gemessen = anteil([signale.haeuft_sich_an(w, eins, CUSUM, 1)
                       for w in zahlen(8, 13, CUSUM, ZIEHUNGEN)])  # fmt: skip
    assert haelt(gemessen, CUSUM), gemessen


def test_eine_anhaltende_zunahme_findet_der_cusum_oefter_als_die_u_karte() -> None:
    """Half as much again for a year: every single month looks like chance."""
    z = np.random.default_rng(9)
    werte = np.hstack([z.poisson(13, (500, 24)), z.poisson(19.5, (500, 12))]).tolist()
    summe = anteil([signale.haeuft_sich_an(w, [1] * 36, CUSUM, 1) for w in werte])
    einzeln = anteil([signale.ist_zu_haeufig(w[-25:], [1] * 25, 0.01, 1) for w in werte])
    assert summe > 80 > 40 > einzeln


# --- and where something did change ---------------------------------------------------------------


def test_was_sich_aendert_wird_gefunden() -> None:
    """A jump of four times the usual spread: nine of ten charts see it at once."""
    z = np.random.default_rng(4)
    werte = z.normal(0, 1, (500, KARTE.werte))
    werte[:, -1] += 4
    found = anteil([signale.faellt_auf(w.tolist(), KARTE.grundlage, KARTE.lauf, 1) for w in werte])
    assert found > 80


# --- what a page says of it -----------------------------------------------------------------------


@dataclass(frozen=True)
class Reihe:
    """A released series as a page gets it."""

    werte: list
    spalten = ("stichtag", "wert")

    def spalte(self, name: str) -> list:
        assert name == "wert"
        return self.werte


RUHIG = [Decimal(20 + n % 2) for n in range(24)]


@dataclass(frozen=True)
class Gezaehlt:
    """A released series of counts, and what they are of."""

    zaehler: list
    nenner: list
    spalten = ("stichtag", "zaehler", "nenner", "wert")

    def spalte(self, name: str) -> list:
        if name != "wert":
            return getattr(self, name)
        pairs = zip(self.zaehler, self.nenner, strict=True)
        return [GEHEIM if a is GEHEIM else Decimal(a) / b for a, b in pairs]


@pytest.mark.parametrize(
    ("letzter", "davor", "signale_", "offen"),
    [
        pytest.param(4, 1, 1, 0, id="viele"),
        pytest.param(1, 1, 0, 0, id="wie immer"),
        pytest.param(4, GEHEIM, 0, 1, id="eine geheime Zahl"),
    ],
)
def test_eine_zahl_wird_an_dem_gemessen_worauf_sie_kommt(letzter, davor, signale_, offen) -> None:
    """One in 10.000 a month, and then four: too many, unless a hidden month says nothing."""
    reihe = Gezaehlt([davor, *[0, 1] * 11, 0, letzter], [10_000] * 25)
    found = watched({"S01c-u_karte": reihe})
    assert (len(found.signale), len(found.offen)) == (signale_, offen)


def test_worauf_nichts_kommt_wird_nicht_beurteilt() -> None:
    reihe = Gezaehlt([1] * 25, [10_000] * 24 + [0])
    object.__setattr__(reihe, "spalte", lambda name: getattr(reihe, name, [Decimal(1)] * 25))
    assert len(watched({"S01c-u_karte": reihe}).offen) == 1


def test_ohne_nenner_ist_jeder_monat_gleich_lang() -> None:
    reihe = Reihe([Decimal(n) for n in (*[10, 12] * 12, *[19] * 12)])
    (punkt,) = watched({"S08c-cusum": reihe}).signale
    assert "Der Wert liegt seit Monaten höher als davor." in punkt.dazu.replace("\u00a0", " ")


def gesagt(werte: list, id: str = "T07-regelkarte") -> tuple[list[str], list[str]]:
    found = watched({id: Reihe(werte)})
    texts = [f"{p.text} | {p.dazu}".replace("\u00a0", " ") for p in found.signale]
    assert len(found.signale) + len(found.still) + len(found.offen) == 1
    return texts, found.still


def test_ein_signal_nennt_wert_richtung_und_wie_oft_es_umsonst_ist() -> None:
    (text,), quiet = gesagt([*RUHIG, Decimal("31.4")])
    assert text == (
        "Wartequote: 31,4 %, davor 21,0 % | Der Wert liegt auffällig höher als bisher. "
        "Fehlalarm in 1,3 % der Stichtage."
    )
    assert quiet == []


def test_eine_ruhige_reihe_wird_genannt_und_warnt_nicht() -> None:
    assert gesagt([*RUHIG, Decimal(21)]) == ([], ["Wartequote"])
    assert gesagt([*RUHIG, Decimal(9)]) == ([], ["Wartequote"])  # fewer who wait are no alarm
    said = watched({"T07-regelkarte": Reihe([*RUHIG, Decimal(21)])}).in_words()
    chance = "Bei Schwankungen wie bisher 0,01 Fehlalarme je Stichtag."
    assert said == f"Ohne Signal: Wartequote. {chance}"


@pytest.mark.parametrize("luecke", [GEHEIM, None])
def test_eine_reihe_mit_einer_geheimen_zahl_sagt_nichts(luecke) -> None:
    """Whether it signals would tell of the figure that is hidden."""
    werte = [luecke, *RUHIG[1:], Decimal("31.4")]
    assert gesagt(werte) == ([], [])
    assert watched({"T07-regelkarte": Reihe(werte)}).in_words() == "Nicht beurteilt: Wartequote."
    assert gesagt([luecke, *RUHIG, Decimal("31.4")])[0]  # beyond the reach of the rule


def test_jede_beobachtung_hat_genug_werte_fuer_ihre_regel(musterstadt_daten) -> None:
    reihen = signale.warnreihen(musterstadt_daten)
    assert set(reihen) == {b.id for b in catalogue.beobachtungen()}
    for b in catalogue.beobachtungen():
        need = REGELN[b.regel].werte + b.veraenderung
        assert len(reihen[b.id].frame) >= need, b.id
        assert reihen[b.id].frame["stichtag"].iloc[-1] == STICHTAG


KURZ = REGELN["kurzkarte"]


@pytest.mark.parametrize("schritte", [False, True])
def test_die_kurzkarte_schlaegt_so_selten_umsonst_an_wie_genannt(schritte) -> None:
    """Of values that vary around one middle, and of the steps of a stock that wanders."""
    ruhig = np.random.default_rng(7).normal(0, 1, (ZIEHUNGEN, KURZ.werte))
    if schritte:
        ruhig = np.diff(np.cumsum(np.c_[np.zeros(ZIEHUNGEN), ruhig], axis=1), axis=1)
    gemessen = anteil([signale.liegt_fern(w, KURZ) for w in ruhig.tolist()])
    assert haelt(gemessen, KURZ), gemessen
