"""Real plan/actual series: the chosen forecast against the baselines, out of sample.

The same public procedure for every file; nothing here may be tuned to a series.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from sozcontrol.forecast.datei import Dateibericht, backtest_file

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
def test_intervalle_treffen_achtzig_prozent(berichte: dict[str, Dateibericht], profil: str) -> None:
    for stand in berichte[profil].staende:
        treffer, n = stand.zeugnis.abdeckung
        assert n >= (25 if profil == "monat_kumuliert" else 120)  # five series over seven years
        assert 0.75 <= treffer / n <= 0.85
