"""Payments due on the first of a month, when that day is no working day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from holidays import country_holidays
from hypothesis import given
from hypothesis import strategies as st

from sozcontrol import catalogue
from sozcontrol.catalogue.reihenprofil import reihenprofil, reihenprofile
from sozcontrol.errors import UsageError
from sozcontrol.forecast.datei import backtest_file
from sozcontrol.forecast.methoden import einfach as m
from sozcontrol.forecast.methoden.alle import STANDARD
from sozcontrol.forecast.methoden.zahltage import bereinigt, vorgezogener_anteil
from sozcontrol.forecast.prognose.abgleich import mit_summe
from sozcontrol.forecast.prognose.hochrechnung import hochrechnen
from sozcontrol.forecast.quellen.kalender import feiertage, freie_monatserste
from sozcontrol.forecast.reihe import Kenntnis, Reihe, bekannt, leere_reihe

ERSTES, LETZTES = 2012, 2024
VORGEZOGEN_IM = (2024, 8)
"""1 September 2024 is a Sunday: its payments are booked on Friday, 30 August."""
# The holidays of the whole Republic that were ever a first of the month in these years.
FEIERTAGE = [f"{j}-{t}" for j in range(ERSTES, LETZTES + 2) for t in ("01-01", "05-01")]
FEIERTAGE += ["2013-04-01", "2018-04-02", "2020-06-01", "2024-04-01"]


def reihe(
    anteil: float, *, rauschen: float = 0.0, zuwachs: float = 0.02, seed: int = 0, frei: bool = True
) -> Reihe:
    """Book every payment on its day; *anteil* of each month is due on the first.

    A first that is no working day is paid on the last one before it (numpy's business days).
    """
    zufall = np.random.default_rng(seed)
    jahre = np.arange(ERSTES, LETZTES + 1)
    gebucht = np.zeros(12 * len(jahre))
    for i in range(12 * len(jahre) + 1):
        jahr, monat = ERSTES + i // 12, i % 12 + 1
        saison = 1 + 0.1 * np.sin(monat)
        betrag = 1000 * (1 + zuwachs) ** (i / 12) * saison * (1 + rauschen * zufall.normal())
        zahltag = np.busday_offset(f"{jahr}-{monat:02}-01", 0, roll="backward", holidays=FEIERTAGE)
        tag = zahltag.astype(date)
        for wann, wieviel in (((tag.year, tag.month), anteil), ((jahr, monat), 1 - anteil)):
            n = (wann[0] - ERSTES) * 12 + wann[1] - 1
            if 0 <= n < len(gebucht):
                gebucht[n] += betrag * wieviel
    ist = gebucht.reshape(-1, 12).cumsum(axis=1)
    kalender = freie_monatserste(ERSTES, LETZTES, "DE") if frei else frozenset()
    return leere_reihe("Z", "", jahre, 12, ist=ist, ergebnis=ist[:, -1], frei=kalender)


@pytest.mark.parametrize(
    ("land", "monat", "frei"),
    [
        pytest.param("DE", (2024, 9), True, id="ein Sonntag"),
        pytest.param("DE", (2024, 6), True, id="ein Samstag"),
        pytest.param("DE", (2024, 10), False, id="ein Dienstag"),
        pytest.param("DE", (2024, 4), True, id="Ostermontag"),
        pytest.param("DE", (2020, 6), True, id="Pfingstmontag"),
        pytest.param("DE", (2022, 5), False, id="der Erste Mai ist immer frei, auch sonntags"),
        pytest.param("DE", (2023, 1), False, id="Neujahr ist immer frei"),
        pytest.param("DE-RP", (2020, 11), False, id="Allerheiligen ist in Mainz immer frei"),
        pytest.param("DE-BE", (2020, 11), True, id="in Berlin nur am Sonntag"),
        pytest.param("US", (2008, 9), True, id="Labor Day"),
        pytest.param("DE", (2008, 9), False, id="hierzulande ein Montag"),
    ],
)
def test_welcher_erste_kein_werktag_ist(land: str, monat: tuple[int, int], frei: bool) -> None:
    jahr, m_ = monat
    assert (jahr * 12 + m_ - 1 in freie_monatserste(2000, 2024, land)) is frei


def test_der_kalender_reicht_bis_zum_ersten_des_naechsten_jahres() -> None:
    """The budget year 2022 begins in October 2021, the next one on Saturday, 1 October 2022."""
    frei = freie_monatserste(2022, 2022, "US", erster_monat=10, beginnt_im_vorjahr=True)
    monate = [(2021 + (9 + p - 2022 * 12) // 12, (9 + p) % 12 + 1) for p in sorted(frei)]
    assert monate == [(2022, 5), (2022, 10)]
    assert [date(j, m_, 1).strftime("%a") for j, m_ in monate] == ["Sun", "Sat"]


def test_auch_das_jahr_davor_hat_feiertage() -> None:
    """The budget year 2009 from July on holds Labor Day, Monday, 1 September 2008."""
    frei = freie_monatserste(2009, 2009, "US", erster_monat=7, beginnt_im_vorjahr=True)
    assert 2009 * 12 + 2 in frei


@pytest.mark.parametrize("land", ["QQ-X", "DE-XX", "utils", "Germany"])
def test_unbekannte_feiertage_werden_benannt(land: str) -> None:
    with pytest.raises(UsageError, match=f"»{land}« sind nicht bekannt"):
        freie_monatserste(2020, 2021, land)


@pytest.mark.parametrize("land", ["DE-RP", "AUT", "US-CA", "AX"])
def test_ein_land_fuer_sich_hat_dieselben_feiertage_auf_deutsch(
    land: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only its own module is imported, and what is named must not hang on whose terminal it is."""
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    alone, (staat, _, teil) = feiertage.__wrapped__(land), land.partition("-")
    years = range(2020, 2027)
    whole = country_holidays(staat, subdiv=teil or None, years=years, language="de")
    assert {day: alone.get(day) for day in whole} == dict(whole)
    assert land != "DE-RP" or alone[date(2025, 6, 19)] == "Fronleichnam"


@pytest.mark.parametrize(
    "land",
    sorted(
        {k.feiertage for k in catalogue.kommunen().values() if k.feiertage}
        | {p.feiertage for p in reihenprofile().values() if p.feiertage}
    ),
)
def test_die_feiertage_des_katalogs_sind_bekannt(land: str) -> None:
    assert freie_monatserste(2020, 2024, land)


@pytest.mark.parametrize("anteil", [0.2, 0.3, 0.8, 1.0])
def test_der_anteil_wird_aus_der_vergangenheit_gelernt(anteil: float) -> None:
    k = bekannt(reihe(anteil), 2024, 8)
    assert vorgezogener_anteil(k) == pytest.approx(anteil, abs=0.03)
    laut = bekannt(reihe(anteil, rauschen=0.02), 2024, 8)
    assert vorgezogener_anteil(laut) == pytest.approx(anteil, abs=0.08)


def test_wer_am_fuenfzehnten_zahlt_bleibt_wie_er_ist() -> None:
    k = bekannt(reihe(0.0), 2024, 8)
    assert bereinigt(k) is k
    for seed in range(100):  # nor is noise taken for a calendar
        laut = bekannt(reihe(0.0, rauschen=0.05, seed=seed), 2024, 8)
        assert bereinigt(laut) is laut


def test_gegen_den_zufall_hilft_nur_einigkeit() -> None:
    """Series of single large payments: a tenth is soon passed by chance, unanimity is not."""
    for jahr, periode in ((2015, 3), (2015, 8), (2024, 8)):
        geglaubt = [
            vorgezogener_anteil(bekannt(reihe(0.0, rauschen=0.3, seed=s), jahr, periode))
            for s in range(100)
        ]
        assert np.count_nonzero(geglaubt) <= 6


def test_ein_zwanzigstel_ist_nicht_der_rede_wert() -> None:
    assert vorgezogener_anteil(bekannt(reihe(0.05), 2024, 8)) == 0


def test_ohne_kalender_oder_ohne_vergleich_bewegt_sich_nichts() -> None:
    ohne = bekannt(reihe(0.3, frei=False), 2024, 8)
    assert bereinigt(ohne) is ohne
    for jahr in (2012, 2013):  # two years hold no two months with half a year on either side
        zu_frueh = bekannt(reihe(0.3), jahr, 8)
        assert bereinigt(zu_frueh) is zu_frueh
    bruch = bekannt(replace(reihe(0.3), brueche=frozenset({2023})), 2024, 8)
    assert bereinigt(bruch) is bruch


def test_was_im_stichtag_zu_viel_steht() -> None:
    """A third of September is booked in August; the year as a whole gains and loses nothing."""
    r = reihe(0.3)
    k, rein = bekannt(r, *VORGEZOGEN_IM), bereinigt(bekannt(r, *VORGEZOGEN_IM))
    september = r.ist[-1, 8] - r.ist[-1, 7]
    assert rein.vorgezogen == pytest.approx(september / 0.7 * 0.3, rel=0.15)
    assert rein.vorgezogen_jahr == 0
    assert rein.ist + rein.vorgezogen == pytest.approx(k.ist, rel=1e-12)
    assert rein.ergebnisse == pytest.approx(k.ergebnisse)
    assert rein.vorgezogen == pytest.approx(vorgezogener_anteil(k) * k.fluesse[-12:].mean())
    damals = k.ist_frueher - rein.ist_frueher
    mitgezaehlt = dict(zip(range(ERSTES, LETZTES), damals, strict=True))
    gewandert = {j for j, v in mitgezaehlt.items() if v > 1e-6}
    assert gewandert == {2012, 2013, 2018, 2019}, "the years whose September began on a weekend"
    assert mitgezaehlt[2018] == pytest.approx(0.3 * k.ergebnisse[6] / 12, rel=0.1)


def test_die_fluesse_summieren_sich_zum_bereinigten_ist() -> None:
    rein = bereinigt(bekannt(reihe(0.4, rauschen=0.03), *VORGEZOGEN_IM))
    assert rein.fluesse[-8:].sum() == pytest.approx(rein.ist)
    assert rein.fluesse[:-8].reshape(-1, 12).sum(axis=1) == pytest.approx(rein.ergebnisse)
    assert rein.fluesse[:-8].reshape(-1, 12)[:, :8].sum(axis=1) == pytest.approx(rein.ist_frueher)


@pytest.mark.parametrize("methode", ["M3", "M4", "M8"])
def test_die_hochrechnung_zaehlt_den_september_nicht_zweimal(methode: str) -> None:
    r = reihe(0.3, zuwachs=0.0)
    k = bekannt(r, *VORGEZOGEN_IM)
    roh, rein = STANDARD[methode](k), STANDARD[methode](bereinigt(k))
    assert roh.wert is not None and rein.wert is not None
    wahr = r.ergebnis[-1]
    assert abs(rein.wert / wahr - 1) < 0.006 < 0.028 < roh.wert / wahr - 1


def test_das_gebuchte_ist_steht_da_und_was_nicht_noch_einmal_kommt() -> None:
    k = bekannt(reihe(0.3), *VORGEZOGEN_IM)
    rein = bereinigt(k)
    for name, methode in STANDARD.items():
        w = methode(rein)
        if w.wert is None:
            continue
        assert sum(t for _, t in w.teile) == pytest.approx(w.wert)
        teile = dict(w.teile)
        if m.IST in teile:
            assert teile[m.IST] == pytest.approx(k.ist)
            assert teile[m.VORGEZOGEN] == pytest.approx(-rein.vorgezogen)
        else:
            assert m.VORGEZOGEN not in teile, "within the calendar year nothing is won or lost"
            assert name in ("M0b", "M1", "M1b")


def test_auch_die_abweichung_vom_plan_ist_die_gebuchte() -> None:
    r = reihe(0.3)
    plan = np.tile(np.arange(1, 13) * 1000.0, (len(r.jahre), 1))
    k = bekannt(replace(r, plan=plan, ansatz=plan[:, -1]), *VORGEZOGEN_IM)
    rein = bereinigt(k)
    w = m.planabweichung(rein)
    teile = dict(w.teile)
    assert teile[m.ABWEICHUNG] == pytest.approx(k.ist - 8000)
    assert teile[m.VORGEZOGEN] == pytest.approx(-rein.vorgezogen)
    assert w.wert == pytest.approx(12000 + k.ist - rein.vorgezogen - 8000)


def test_von_einer_leistung_die_es_nicht_mehr_gibt_wird_nichts_vorgezogen() -> None:
    """Nothing is booked this year: then nothing of September can be in August."""
    r = reihe(0.4)
    ist = r.ist.copy()
    ist[-1] = 0.0
    k = bekannt(replace(r, ist=ist), *VORGEZOGEN_IM)
    rein = bereinigt(k)
    assert vorgezogener_anteil(k) > 0.3
    assert (rein.vorgezogen, rein.vorgezogen_jahr) == pytest.approx((0, 0))
    assert m.anteil(rein).wert == pytest.approx(0)


def test_am_jahreswechsel_wandert_die_zahlung_ins_jahr_oder_hinaus() -> None:
    """A year from October on: 1 October 2022 is a Saturday, so 2022 holds thirteen payments."""
    r = reihe(0.5, zuwachs=0.0)
    fluss = np.diff(r.ist, axis=1, prepend=0.0).ravel()[9:-3].reshape(-1, 12)
    frei = freie_monatserste(2013, 2024, "DE", erster_monat=10, beginnt_im_vorjahr=True)
    ist = fluss.cumsum(axis=1)
    okt = leere_reihe("O", "", np.arange(2013, 2025), 12, ist=ist, ergebnis=ist[:, -1], frei=frei)
    rein = bereinigt(bekannt(okt, 2022, 6))
    assert rein.vorgezogen_jahr == pytest.approx(500, rel=0.1)
    wert = m.restjahr(rein).wert
    assert wert is not None and abs(wert / okt.ergebnis[9] - 1) < 0.01
    roh = m.restjahr(bekannt(okt, 2022, 6)).wert
    assert roh is not None and abs(roh / okt.ergebnis[9] - 1) > 0.02
    danach = bereinigt(bekannt(okt, 2023, 6))  # begins a payment short, ends with one more
    assert abs(danach.vorgezogen_jahr) < 1
    assert danach.ergebnisse[-1] == pytest.approx(okt.ergebnis[9] - 500, rel=0.01)


def test_auch_dem_ersten_jahr_fehlt_was_davor_gebucht_ist() -> None:
    """A year from September on: 1 September 2012 is a Saturday, its payments are in no year."""
    fluss = np.diff(reihe(0.5, zuwachs=0.0).ist, axis=1, prepend=0.0).ravel()[8:-4]
    ist = fluss.reshape(-1, 12).cumsum(axis=1)
    frei = freie_monatserste(2013, 2024, "DE", erster_monat=9, beginnt_im_vorjahr=True)
    sep = leere_reihe("S", "", np.arange(2013, 2025), 12, ist=ist, ergebnis=ist[:, -1], frei=frei)
    rein = bereinigt(bekannt(sep, 2022, 6))
    # 1 September 2013 is a Sunday: the year ends with one payment more
    assert rein.ergebnisse[0] == pytest.approx(ist[0, -1], abs=5)
    assert rein.ist_frueher[0] == pytest.approx(ist[0, 5] + 500, rel=0.01)


def test_die_basen_bleiben_was_die_praxis_aus_ihnen_macht() -> None:
    r = reihe(0.3)
    h, *_ = hochrechnen([r], *VORGEZOGEN_IM)
    assert float(h.alternativen["M2"]) == pytest.approx(r.ist[-1, 7] / 8 * 12)
    assert float(h.alternativen["M1"]) == pytest.approx(r.ergebnis[-2])
    k = bereinigt(bekannt(r, *VORGEZOGEN_IM))
    assert float(h.alternativen["M3"]) == pytest.approx(float(m.anteil(k).wert or 0), abs=0.01)


def test_auch_die_summe_kennt_den_kalender() -> None:
    r = reihe(0.3)
    *_, summe = mit_summe([r, replace(r, name="Y")], "Summe")
    assert summe.frei == r.frei


@given(st.floats(0, 1), st.floats(0, 0.3), st.integers(0, 50), st.integers(1, 11))
def test_was_vorgezogen_ist_geht_nie_verloren(
    anteil: float, rauschen: float, seed: int, periode: int
) -> None:
    k = bekannt(reihe(anteil, rauschen=rauschen, seed=seed), 2024, periode)
    rein: Kenntnis = bereinigt(k)
    assert rein.ist + rein.vorgezogen == pytest.approx(k.ist)
    assert 0 <= vorgezogener_anteil(k) <= 1
    if 2024 * 12 + periode not in k.frei:
        assert rein.vorgezogen == pytest.approx(0, abs=1e-6)


def test_eine_datei_mit_zahltagen_wird_mit_ihrem_kalender_gelesen(tmp_path: Path) -> None:
    """The same payments, once with the calendar of their profile and once without."""
    zeilen = ["reihe;jahr;monat;ist_kumuliert"]
    for s in range(4):
        r = reihe(0.3, rauschen=0.01, seed=s)
        zeilen += [
            f"Z{s};{j};{p + 1};{100 * r.ist[i, p]:.2f}".replace(".", ",")
            for i, j in enumerate(r.jahre)
            for p in range(12)
        ]
    datei = tmp_path / "zahltage.csv"
    datei.write_text("\n".join(zeilen), encoding="utf-8")
    profil = reihenprofil("plan_ist")
    mit = backtest_file(datei, profil).staende[-1]
    ohne = backtest_file(datei, profil.model_copy(update={"feiertage": None})).staende[-1]
    assert mit.vergleich[0].wape < 0.8 * ohne.vergleich[0].wape
    assert mit.vergleich[1:] == ohne.vergleich[1:]
