"""Real plan/actual series: the chosen forecast against the baselines, out of sample.

The same public procedure for every file; nothing here may be tuned to a series.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binom

from sozcontrol.forecast.datei import Dateibericht, backtest_file
from sozcontrol.forecast.methoden.umfeld import spaltenmedian
from sozcontrol.forecast.prognose.alarm import chancen
from sozcontrol.forecast.prognose.auswertung import zeugnis

DATEN = Path(__file__).parent.parent.parent / "shared" / "data"
pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not DATEN.is_dir(), reason="the folder of real series is not here"),
]
DATEIEN = {
    "quartal_breit": "forecast_philadelphia_qcmr/backtest_jahresende_FY2008-2016.csv",
    "quartal_lang": "forecast_philadelphia_qcmr/department-obligations_FY2008-2017.csv",
    "monat_faelle": "forecast_ny_snap_monatlich/snap_ny_counties_monthly_public.csv",
    "monat_kumuliert": "forecast_us_treasury_monatlich/dts_outlays_monthly.csv",
    "halbjahr": "forecast_hawaii_snap_halbjahr/hawaii_snap_county_biannual_89-21.csv",
    "monat_kasse": "forecast_philadelphia_qcmr/cash-reports-spending_FY2007-2016.csv",
}
BASEN = ("linear", "fortgeschriebener Ansatz", "Vorjahr")


@pytest.fixture(scope="module")
def berichte() -> dict[str, Dateibericht]:
    return {p: backtest_file(DATEN / f, p) for p, f in DATEIEN.items()}


@pytest.mark.parametrize("profil", DATEIEN)
def test_die_wahl_ist_besser_als_jede_basis(berichte: dict[str, Dateibericht], profil: str) -> None:
    assert len(berichte[profil].staende) == (1 if profil == "halbjahr" else 3)
    for stand in berichte[profil].staende:
        v = {x.name: x for x in stand.vergleich}
        basen = [v[b] for b in BASEN if b in v]
        assert v["gewählt"].median < min(b.median for b in basen)
        grenze = 1.06 if profil == "monat_kasse" else 1.05  # cash: 14 kinds, one of them the sum
        assert v["gewählt"].wape <= grenze * min(b.wape for b in basen)


@pytest.mark.parametrize("profil", ["quartal_breit", "quartal_lang"])
def test_die_wahl_ist_nicht_schlechter_als_die_prognose_der_stadt(
    berichte: dict[str, Dateibericht], profil: str
) -> None:
    for stand in berichte[profil].staende:
        v = {x.name: x.median for x in stand.vergleich}
        assert v["gewählt"] <= v["Prognose der Stadt"]


@pytest.mark.parametrize("profil", DATEIEN)
def test_spannen_treffen_im_mittel_der_jahre_achtzig_prozent(
    berichte: dict[str, Dateibericht], profil: str
) -> None:
    for stand in berichte[profil].staende:
        z = stand.zeugnis
        assert z.abdeckung[1] >= (25 if profil == "monat_kumuliert" else 120)
        je_jahr = [k / n for _, k, n in z.treffer]
        assert z.abdeckung_mittel == pytest.approx(np.mean(je_jahr))
        assert 0.75 <= z.abdeckung_mittel <= 0.85
        unten, oben = z.abdeckung_spanne
        assert unten < z.abdeckung_mittel < oben


EINFACHE = {
    "mit Ausschöpfung": ("M0b", "M3", "M4", "M5"),
    "der Praxis": ("M0", "M1", "M2", "M4"),
    "ohne linear": ("M0", "M1", "M3", "M4"),
}


@pytest.mark.parametrize("vier", EINFACHE)
def test_besser_als_die_mitte_von_vier_einfachen(
    berichte: dict[str, Dateibericht], vier: str
) -> None:
    """Bootstrap over departments: the lead in median or weighted error is above zero (95 %).

    The weighted error is not: one department's budget of one year was 700 million $ too high, and
    who trusts it errs so much. No other lead is below zero.
    """
    test = berichte["quartal_breit"].test
    mitte = spaltenmedian(np.array([test.spalte(m) for m in EINFACHE[vier]]))
    basis = np.isfinite(mitte + test.spalte("M0b") + test.spalte("M2") + test.spalte("M1"))
    zufall = np.random.default_rng(1)
    for periode in (1, 2, 3):
        gut = basis & (test.periode == periode) & (np.abs(test.ergebnis) >= 1e6)
        y, amt = np.abs(test.ergebnis[gut]), test.nummer[gut]
        weg = [np.abs(w[gut] - test.ergebnis[gut]) for w in (mitte, test.gewaehlt)]
        aemter = [np.flatnonzero(amt == a) for a in np.unique(amt)]
        vorsprung = []
        for _ in range(400):
            s = np.concatenate([aemter[i] for i in zufall.integers(0, len(aemter), len(aemter))])
            median = [np.median(e[s] / y[s]) for e in weg]
            wape = [e[s].sum() / y[s].sum() for e in weg]
            vorsprung.append((median[0] - median[1], wape[0] - wape[1]))
        unten, oben = np.quantile(vorsprung, [0.025, 0.975], axis=0)
        assert unten.max() > 0
        assert (oben > 0).all()
        sonst = weg[1] < weg[1].max()  # without that one budget no lead is below zero
        assert (np.median((weg[0] - weg[1])[sonst] / y[sonst]) >= 0).all()
        assert weg[1][sonst].sum() < weg[0][sonst].sum()


def test_gewarnt_wird_vor_der_haelfte_und_hoechstens_jedes_zweite_mal_umsonst(
    berichte: dict[str, Dateibericht],
) -> None:
    """Departments with five years of history at the end of the second quarter: > 5 % and > 1 M$."""
    bericht = berichte["quartal_breit"]
    test, schwelle = bericht.test, bericht.massstab.wesentlich
    assert (schwelle.anteil, schwelle.betrag) == (0.05, 1e6)
    jahre = [
        np.isfinite(test.reihen[i].ergebnis[test.reihen[i].jahre < j]).sum()
        for i, j in zip(test.nummer, test.jahr, strict=True)
    ]
    lang = np.array(jahre) >= 5
    a = zeugnis(test, 2, nur=lang, wesentlich=schwelle).alarme
    assert a.richtig + a.verpasst == 29
    assert 2 * a.richtig >= 29 and a.falsch <= a.richtig
    assert a.brier < 0.7 * a.brier_quote
    kurz = zeugnis(test, 2, nur=~lang, wesentlich=schwelle).alarme
    assert kurz.falsch <= kurz.richtig  # with a short history less is found, and no more in vain
    for periode in (1, 2, 3):
        for s in (schwelle, schwelle.knapp):
            p = chancen(test, s)
            drin = lang & (test.periode == periode) & np.isfinite(p.ueber + test.ergebnis)
            genannt = p.wesentlich if s is schwelle else p.ueber
            kam = [s.verfehlt(*w) for w in zip(test.ergebnis, test.spalte("M0"), strict=True)]
            demand_calibrated(genannt[drin], np.array(kam)[drin])


def demand_calibrated(genannt: np.ndarray, kam: np.ndarray) -> None:
    for von in (0.0, 0.2, 0.4, 0.6, 0.8):
        fach = (genannt >= von) & (genannt < von + 0.2)
        n, k = int(fach.sum()), int(kam[fach].sum())
        if n >= 20:
            p = float(genannt[fach].mean())
            im_band = binom.ppf(0.05, n, p) <= k <= binom.ppf(0.95, n, p)
            assert abs(k / n - p) <= 0.1 or im_band, (von, n, k, p)
