"""The file command: the forecast of the open year with span, probability and record."""

from __future__ import annotations

import csv
import io
import json
import time
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from sozcontrol.cli.commands import sozcontrol
from sozcontrol.forecast.datei import backtest_file, render
from sozcontrol.forecast.prognose.offene_jahre import FELDER, OHNE_OFFENES, offene_jahre
from sozcontrol.forecast.reihe import leere_reihe

KOPF = "reihe;jahr;monat;ist_kumuliert;ansatz"


def schreiben(
    path: Path, reihen: int, *, bis: tuple[int, int] = (2025, 6), mal: float = 1.0, ab: int = 2018
) -> Path:
    """Write monthly series with noise; the last one runs a fifth above its budget since 2024."""
    z = np.random.default_rng(5)
    zeilen = [KOPF]
    for i in range(reihen):
        niveau = float(np.exp(z.normal(11, 0.7)))
        for jahr in range(ab, bis[0] + 1):
            mehr = 1.2 if i == reihen - 1 and jahr >= 2024 else 1.0
            monate = niveau * mehr * z.normal(1, 0.05, 12)
            ansatz = 12 * niveau * mal
            for m, ist in enumerate(np.cumsum(monate)[: 12 if jahr < bis[0] else bis[1]], start=1):
                text = f"R{i:03};{jahr};{m};{ist * mal:.2f};{ansatz:.2f}".replace(".", ",")
                zeilen.append(text)
    path.write_text("\n".join(zeilen), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def datei(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return schreiben(tmp_path_factory.mktemp("reihen") / "probe.csv", 12)


def gerufen(*args: str) -> tuple[int, str]:
    found = CliRunner().invoke(sozcontrol, ["backtest", "--leise", *args])
    return found.exit_code, found.output


def test_das_offene_jahr_steht_zuerst(datei: Path) -> None:
    code, text = gerufen("--daten", str(datei), "--profil", "plan_ist")
    assert code == 0
    kopf, spalten, *zeilen = text.splitlines()
    assert kopf == "Hochrechnung probe.csv (Profil plan_ist), in €"
    assert spalten.split()[:6] == ["Reihe", "Stand", "Ist", "Ansatz", "Hochrechnung", "von"]
    assert [z.split()[:2] for z in zeilen[:12]] == [[f"R{i:03}", "2025/06"] for i in range(12)]
    assert zeilen[12].startswith("R011: Dass der Ansatz überschritten wird, ist ")
    assert zeilen[12].endswith("Das ist eine Warnung.")
    assert "\nRücktest probe.csv" in text and "Brier-Wert 0," in text


def test_die_hochrechnung_haelt_was_ihre_spanne_sagt(datei: Path) -> None:
    """The truth is the mean of six more months; the warned series runs a fifth over its budget."""
    bericht = backtest_file(datei, "plan_ist")
    for a in bericht.ausblicke:
        assert (a.jahr, a.periode, a.zeugnis.n) == (2025, 6, 7)
        assert a.spanne.unten < a.wert < a.spanne.oben
        assert a.wert == pytest.approx(2 * a.ist, rel=0.1)
    gewarnt = [a.reihe for a in bericht.ausblicke if a.warnung.gewarnt]
    assert gewarnt == ["R011"]


def test_maschinen_lesen_dieselben_zahlen(datei: Path) -> None:
    args = ("--daten", str(datei), "--profil", "plan_ist", "--format")
    als_json = json.loads(gerufen(*args, "json")[1])
    als_csv = list(csv.DictReader(io.StringIO(gerufen(*args, "csv")[1]), delimiter=";"))
    bericht = backtest_file(datei, "plan_ist")
    for a, j, c in zip(bericht.ausblicke, als_json["hochrechnungen"], als_csv, strict=True):
        assert (j["reihe"], c["reihe"]) == (a.reihe, a.reihe)
        assert j["hochrechnung"] == a.wert
        assert float(c["hochrechnung"].replace(",", ".")) == pytest.approx(a.wert)
        assert (j["warnung"], c["warnung"]) == (a.warnung.gewarnt, "ja" if j["warnung"] else "nein")
        assert j["p_ueber_ansatz"] == a.warnung.ueber
    assert {s["periode"] for s in als_json["ruecktest"]} == {4, 6, 8}
    assert als_json["ruecktest"][0]["alarme"]["brier"] is not None
    assert als_json["wesentlich"]["anteil"] == 0.05


def test_gespiegelt_und_in_tausend_ist_es_dieselbe_antwort(tmp_path: Path) -> None:
    wie = [
        backtest_file(schreiben(tmp_path / f"{i}.csv", 6, mal=mal), "plan_ist").ausblicke
        for i, mal in enumerate((1.0, -1.0, 1000.0))
    ]
    for a, gespiegelt, tausend in zip(*wie, strict=True):
        assert gespiegelt.wert == pytest.approx(-a.wert, rel=1e-9)
        assert gespiegelt.spanne.unten == pytest.approx(-a.spanne.oben, rel=1e-9)
        assert tausend.wert == pytest.approx(1000 * a.wert, rel=1e-7)  # cents are rounded away


def test_ein_monat_ausserhalb_der_stichtage_hat_seinen_eigenen_ruecktest(tmp_path: Path) -> None:
    bericht = backtest_file(schreiben(tmp_path / "x.csv", 3, bis=(2025, 9)), "plan_ist")
    assert {a.periode for a in bericht.ausblicke} == {9}
    assert [s.periode for s in bericht.staende] == [4, 6, 8, 9]
    assert all(a.zeugnis.n == 7 and a.zeugnis.periode == 9 for a in bericht.ausblicke)


@pytest.mark.parametrize(
    ("ist", "offen"),
    [
        pytest.param([[1, 2], [3, np.nan]], (2021, 1), id="laufendes Jahr"),
        pytest.param([[1, 2], [3, 4]], None, id="alles abgeschlossen"),
        pytest.param([[1, np.nan], [3, 4]], None, id="ein früheres Jahr bleibt offen"),
        pytest.param([[1, 2], [np.nan, np.nan]], None, id="nur geplant"),
    ],
)
def test_offen_ist_das_letzte_jahr_mit_ist_und_ohne_ergebnis(ist, offen) -> None:
    grid = np.array(ist, dtype=float)
    r = leere_reihe("R", "", np.array([2020, 2021]), 2, ist=grid, ergebnis=grid[:, -1])
    assert offene_jahre([r]) == ({} if offen is None else {0: offen})


def test_ohne_offenes_jahr_bleibt_der_ruecktest(tmp_path: Path) -> None:
    text = render(backtest_file(schreiben(tmp_path / "x.csv", 3, bis=(2024, 12)), "plan_ist"))
    assert OHNE_OFFENES in text and "\nRücktest x.csv" in text
    args = ("--daten", str(tmp_path / "x.csv"), "--profil", "plan_ist", "--format")
    assert gerufen(*args, "csv")[1].strip() == ";".join(FELDER)
    assert json.loads(gerufen(*args, "json")[1])["hochrechnungen"] == []


def test_ein_erstes_jahr_hat_eine_hochrechnung_und_kein_zeugnis(tmp_path: Path) -> None:
    path = schreiben(tmp_path / "x.csv", 1, ab=2025)
    (a,) = backtest_file(path, "plan_ist").ausblicke
    assert a.wert is not None and a.spanne.n == 0 and a.warnung is None and a.zeugnis.n == 0


def test_die_stadt_hat_kein_format(tmp_path: Path) -> None:
    code, text = gerufen("--format", "json")
    assert code == 2 and "--daten" in text


@pytest.mark.parametrize("anzahl", [(50, 200)])
def test_die_rechenzeit_waechst_wie_die_zahl_der_reihen(tmp_path: Path, anzahl) -> None:
    dauer = []
    for n in anzahl:
        path = schreiben(tmp_path / f"{n}.csv", n, ab=2021)
        start = time.process_time()
        backtest_file(path, "plan_ist")
        dauer.append(time.process_time() - start)
    assert dauer[1] < 1.6 * dauer[0] * anzahl[1] / anzahl[0]
    assert dauer[1] < 0.03 * anzahl[1]  # 1,000 series in 30 s
