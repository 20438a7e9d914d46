"""Cohorts carried forward, drawn small: who moves on, whose ratio counts, what is not known yet."""

from __future__ import annotations

import numpy as np
import pytest

from sozcontrol.forecast.bestand import kohorten
from sozcontrol.forecast.bestand.kohorten import Bestaende, fortschreiben, gealtert
from sozcontrol.forecast.bestand.kohortenzeugnis import Probe, fehler, proben, spanne_der

EINZELN = np.array([*([1.0] * 40), np.inf])


def stadt(jahre: int = 4, raeume: int = 3, zufall: int = 1) -> Bestaende:
    """Draw areas in which nobody comes, goes or dies, and as many are born every year."""
    w = np.random.default_rng(zufall)
    zahl = w.integers(50, 400, (jahre, raeume, len(EINZELN))).astype(float)
    zahl[:, :, 20:] = 100.0  # as many parents every year, so as many children
    zahl[:, :, 0] = 80.0
    for t in range(1, jahre):
        zahl[t, :, 1:20] = zahl[t - 1, :, 0:19]
        zahl[t, :, 20:] = gealtert(zahl[t - 1], EINZELN)[:, 20:]
    return Bestaende(zahl, EINZELN)


def test_wer_bleibt_wird_ein_jahr_aelter() -> None:
    b = stadt()
    naechstes, uebernaechstes = fortschreiben(b, 2)
    assert naechstes[:, 1:20] == pytest.approx(b.zahl[-1][:, 0:19])
    assert uebernaechstes[:, 2:20] == pytest.approx(b.zahl[-1][:, 0:18])


def test_in_gruppen_von_drei_jahren_zieht_ein_drittel_weiter() -> None:
    zahl = np.array([[30.0, 60.0, 100.0]])
    weiter = gealtert(zahl, np.array([3.0, 4.0, np.inf]))
    assert weiter.tolist() == [[20.0, 60 - 15 + 10, 100 + 15]]


@pytest.mark.parametrize("breite", [1.0, 3.0], ids=["Altersjahre", "Gruppen"])
def test_die_gebiete_ergeben_jahr_um_jahr_die_stadt(breite: float) -> None:
    w = np.random.default_rng(3)
    breiten = np.array([*([breite] * 30), np.inf])
    b = Bestaende(w.integers(0, 90, (5, 7, 31)).astype(float), breiten)
    assert fortschreiben(b, 5).sum(axis=1) == pytest.approx(fortschreiben(b.zusammen(), 5)[:, 0])


def test_ein_jahr_mit_viel_zuzug_wird_nicht_fortgeschrieben() -> None:
    """In one year of four a third more came: the median of years knows nothing of it."""
    ruhig, b = stadt(5), stadt(5)
    b.zahl[2:] *= 4 / 3
    assert fortschreiben(b, 3) == pytest.approx(fortschreiben(ruhig, 3) * 4 / 3)


@pytest.mark.parametrize(
    "menschen, zuwachs",
    [
        pytest.param(1e7, 0.2, id="groß: seine eigene"),
        pytest.param(1.0, 0.0, id="winzig: die aller"),
    ],
)
def test_ein_gebiet_hat_so_viel_eigenes_wie_menschen(menschen: float, zuwachs: float) -> None:
    """One area gains a fifth a year at every age, beside one that is a thousand times as large."""
    zahl = np.full((3, 2, 41), 1.0)
    zahl[:, 1] = 1000.0
    zahl[1, 0], zahl[2, 0] = 1.2, 1.44
    eigen = kohorten._eigenart(Bestaende(zahl * menschen, EINZELN))
    assert eigen[0, 5] - 1 == pytest.approx(zuwachs, abs=0.02)
    assert eigen[1, 5] == pytest.approx(1, abs=0.001)


def test_die_juengsten_folgen_den_heutigen_moeglichen_eltern() -> None:
    """There are more 25 to 34 year olds of late; who will be of that age later is not asked."""
    zahl = np.full((4, 2, 41), 100.0)
    zahl[-1, :, 24:34] = 200.0
    zahl[:, :, 0] = 50.0
    kommend = fortschreiben(Bestaende(zahl, EINZELN), 5)
    je_elternteil = 150 / zahl[-3:, 0, 25:35].sum()
    assert kommend[:, :, 0] == pytest.approx(
        np.full((5, 2), je_elternteil * zahl[-1, 0, 25:35].sum())
    )


@pytest.mark.parametrize(
    "zaehlungen, anteil",
    [
        pytest.param(2, 1 / 2, id="ein Jahr: zur Hälfte"),
        pytest.param(5, 4 / 5, id="vier Jahre: zu vier Fünfteln"),
        pytest.param(9, 5 / 6, id="es zählen die letzten fünf"),
    ],
)
def test_was_jahre_von_kindern_zeigten_zaehlt_soweit_es_jahre_sind(zaehlungen, anteil) -> None:
    """A tenth of every cohort leaves every year; of grown-ups one year shows it as well as nine."""
    zahl = np.tile(1e6 * 0.9 ** np.arange(41), (zaehlungen, 1, 1))
    quoten = kohorten._quoten(Bestaende(zahl, EINZELN))
    assert quoten[0, 1:18] == pytest.approx(np.full(17, 0.9**anteil))
    assert quoten[0, 18:40] == pytest.approx(np.full(22, 0.9))


@pytest.mark.parametrize(
    "menschen, mal",
    [
        pytest.param(1e6, 3.0, id="groß: wie zuletzt"),
        pytest.param(1e-3, 1.0, id="winzig: wie alle"),
    ],
)
def test_jedes_gebiet_hat_die_juengsten_wie_zuletzt(menschen: float, mal: float) -> None:
    """As many parents in both areas, in one of them three times as many children of late."""
    zahl = np.full((5, 2, 41), menschen)
    zahl[-3:, 1, 0] = 3 * menschen
    klein, gross = fortschreiben(Bestaende(zahl, EINZELN), 2)[1, :, 0]
    assert gross / klein == pytest.approx(mal, rel=0.01)
    assert klein + gross == pytest.approx(4 * menschen)


def test_wo_niemand_ist_bleibt_niemand_und_nichts_wird_unbekannt() -> None:
    zahl = np.full((3, 2, 41), 100.0)
    zahl[:, :, 7] = 0.0
    zahl[:, 1] = 0.0
    kommend = fortschreiben(Bestaende(zahl, EINZELN), 5)
    assert np.isfinite(kommend).all() and (kommend[:, 1] == 0).all()


# --- the record ---------------------------------------------------------------------------------


def test_eine_probe_kennt_nichts_spaeteres() -> None:
    b = stadt(5)
    spaeter = b.zahl.copy()
    spaeter[3:] *= 7
    gruppen = [slice(0, 3), slice(3, 41)]
    vorher = {(p.ursprung, p.jahre): p for p in proben(b, 5, gruppen)}
    nachher = {(p.ursprung, p.jahre): p for p in proben(Bestaende(spaeter, EINZELN), 5, gruppen)}
    assert set(vorher) == {(1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (3, 1)}
    for key in [(1, 1), (1, 2), (1, 3), (2, 1), (2, 2)]:
        assert (vorher[key].prognose == nachher[key].prognose).all()
    assert (vorher[1, 2].ergebnis[:, 0] == b.zahl[3, :, :3].sum(axis=1)).all()
    assert (vorher[1, 2].zuvor[:, 0] == b.zahl[1, :, :3].sum(axis=1)).all()


def probe(prognose: list[float], ergebnis: list[float], zuvor: list[float]) -> Probe:
    return Probe(1, 1, *(np.array(v, dtype=float)[:, None] for v in (prognose, ergebnis, zuvor)))


def test_der_fehler_ist_die_summe_der_abweichungen_durch_die_menschen() -> None:
    p = probe([110, 80], [100, 100], [100, 60])
    je, ganz = fehler([p], np.s_[:, 0]), fehler([p], np.s_[:, 0], zusammen=True)
    assert je is not None and ganz is not None
    assert (je.wape, je.wape_zuvor, je.guete) == pytest.approx((30 / 200, 40 / 200, 0.25))
    assert (ganz.wape, ganz.wape_zuvor) == pytest.approx((10 / 200, 40 / 200))


def test_die_spanne_waechst_mit_der_wurzel_der_menschen() -> None:
    """Off by 10 of 100 and 20 of 400: one root each, as of 900 people 30 would be."""
    p = probe([100, 400], [110, 380], [100, 400])
    weit = spanne_der(900, [p], np.s_[:, 0])
    assert (weit.unten, weit.oben, weit.niveau, weit.n) == (870, 930, None, 2)


def test_ohne_fruehere_prognose_gibt_es_weder_fehler_noch_spanne() -> None:
    assert fehler([], np.s_[:, 0]) is None
    assert spanne_der(900, [], np.s_[:, 0]).oben is None
