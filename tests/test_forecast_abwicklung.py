"""Run-off and stock-flow: exact where the truth is exact, else as published or simulated."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sozcontrol.errors import DeliveryError
from sozcontrol.forecast.methoden.dreieck import (
    Dreieck,
    abwickeln,
    dreieck,
    nachbuchungsquote,
)
from sozcontrol.forecast.methoden.ergaenzung import abwicklung_wert, standardfehler
from sozcontrol.forecast.reihe import bekannt
from sozcontrol.hochrechnung.quellen.buchungen import Buchungen, Dreiecke, reihe_aus_buchungen

# Taylor and Ashe (1983), the triangle on which Mack (1993) shows his standard errors.
TAYLOR_ASHE = """
357848 1124788 1735330 2218270 2745596 3319994 3466336 3606286 3833515 3901463
352118 1236139 2170033 3353322 3799067 4120063 4647867 4914039 5339085
290507 1292306 2218525 3235179 3985995 4132918 4628910 4909315
310608 1418858 2195047 3757447 4029929 4381982 4588268
443160 1136350 2128333 2897821 3402672 3873311
396132 1333217 2180715 2985752 3691712
440832 1288463 2419861 3483130
359480 1421128 2864498
376686 1363294
344014
"""


def test_taylor_ashe_ergibt_macks_veroeffentlichte_zahlen() -> None:
    rows = [[float(x) for x in z.split()] for z in TAYLOR_ASHE.split("\n") if z]
    werte = np.array([r + [np.nan] * (10 - len(r)) for r in rows])
    a = abwickeln(Dreieck(np.arange(10), werte))
    assert a.offen == pytest.approx(18_680_856, abs=1)
    assert a.standardfehler_gesamt == pytest.approx(2_447_095, rel=1e-4)
    assert a.standardfehler[[1, 4, 9]] == pytest.approx([75_535, 261_406, 1_363_155], rel=1e-4)


def buchungen(monate: int, muster: list[float], betrag: float = 1000.0) -> Buchungen:
    """Book each month's amount over the coming months by *muster*, from January 2020 on."""
    lm = np.repeat(np.arange(monate), len(muster)) + 2020 * 12
    lag = np.tile(np.arange(len(muster)), monate)
    return Buchungen(lm, lm + lag, np.tile(np.array(muster) * betrag, monate))


@settings(deadline=None)
@given(
    st.lists(st.floats(0.05, 1), min_size=2, max_size=6),
    st.integers(14, 30),
)
def test_genaues_dreieck_wird_genau_abgewickelt(roh: list[float], monate: int) -> None:
    muster = [x / sum(roh) for x in roh]
    b = buchungen(monate, muster)
    d = dreieck(b.leistung, b.gebucht, b.betrag, 2020 * 12 + monate - 1)
    a = abwickeln(d)
    assert a.endstand == pytest.approx(np.full(monate, 1000.0), rel=1e-9)
    assert a.standardfehler_gesamt == pytest.approx(0, abs=1e-3)


def test_spaetere_buchungen_sieht_das_dreieck_nicht() -> None:
    b = buchungen(12, [0.5, 0.5])
    d = dreieck(b.leistung, b.gebucht, b.betrag, 2020 * 12 + 5)
    assert d.werte[-1, 0] == 500 and np.isnan(d.werte[-1, 1])
    assert len(d.monate) == 6


def test_auch_alte_monate_zeigen_keine_kuenftige_buchung() -> None:
    leistung = np.array([24240, 24240])
    d = dreieck(leistung, np.array([24240, 24250]), np.array([5.0, 7.0]), 24249, lags=3)
    assert d.werte[0].tolist() == [5, 5, 5]


def test_dreieck_ohne_buchung_nennt_die_stelle() -> None:
    b = buchungen(3, [1.0])
    with pytest.raises(DeliveryError, match="keine Buchung"):
        dreieck(b.leistung, b.gebucht, b.betrag, 2019 * 12)


def test_spalte_ohne_betraege_gilt_als_fertig() -> None:
    werte = np.array([[0.0, 0.0], [0.0, np.nan]])
    a = abwickeln(Dreieck(np.arange(2), werte))
    assert a.offen == 0 and a.ungesichert == 1


def test_nachbuchungsquote() -> None:
    b = buchungen(4, [0.75, 0.25])
    # up to March three months are served; the last quarter of March comes in April
    quote = nachbuchungsquote(b.leistung, b.gebucht, b.betrag, 2020 * 12 + 2)
    assert quote == pytest.approx(250 / 3000)
    assert nachbuchungsquote(b.leistung, b.gebucht, b.betrag, 2019 * 12) is None


def test_m7_ergaenzt_fehlende_rechnungen() -> None:
    b = buchungen(48, [0.6, 0.3, 0.1])
    jahre = np.arange(2020, 2024)
    r = reihe_aus_buchungen("R", b, jahre, 2023 * 12 + 5)
    w = abwicklung_wert(bekannt(r, 2023, 6, **Dreiecke({"R": b})(r, 2023, 6)))
    assert w.wert == pytest.approx(12_000)
    teile = dict(w.teile)
    assert teile["gebucht"] == pytest.approx(5500)
    assert teile["noch nicht abgerechnet"] == pytest.approx(500)
    assert w.streuung == pytest.approx(0, abs=1e-6)  # every month was billed alike


def test_m7_nennt_macks_fehler_fuer_das_ganze_jahr() -> None:
    z = np.random.default_rng(3)
    b = buchungen(48, [0.6, 0.3, 0.1])
    b = Buchungen(b.leistung, b.gebucht, b.betrag * z.uniform(0.7, 1.3, len(b.betrag)))
    r = reihe_aus_buchungen("R", b, np.arange(2020, 2024), 2023 * 12 + 5)
    wissen = Dreiecke({"R": b})(r, 2023, 6)
    w, mack = abwicklung_wert(bekannt(r, 2023, 6, **wissen)), standardfehler(wissen["dreieck"])
    gezeigt = w.wert - dict(w.teile)["Rest des Jahres"]
    assert mack > 0 and w.streuung == pytest.approx(mack * w.wert / gezeigt)


def test_jede_zahl_wie_sie_damals_bekannt_war() -> None:
    b = buchungen(36, [0.5] + [0.0] * 3 + [0.5])
    r = reihe_aus_buchungen("R", b, np.arange(2020, 2023), 2022 * 12 + 11)
    # end of 2020: the second halves of September to December are not booked yet
    assert r.ist[0, 11] == pytest.approx(10_000)
    assert r.ergebnisse(2021, 1)[0] == pytest.approx(10_500)
    assert r.ergebnisse(2021, 4)[0] == pytest.approx(12_000)
    assert np.isnan(r.ergebnisse(2020, 12)[0])
    assert r.ergebnis[:2] == pytest.approx([12_000, 12_000])


def test_ein_laufendes_jahr_hat_kein_ergebnis() -> None:
    r = reihe_aus_buchungen("R", buchungen(36, [1.0]), np.arange(2020, 2023), 2022 * 12 + 5)
    assert np.isnan(r.ergebnis[2]) and np.isnan(r.ist[2, 6])
