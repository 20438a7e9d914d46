"""Plan/actual files by profile: every layout, every fault with its place, and the German record."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sozcontrol.catalogue.reihenprofil import Reihenprofil, reihenprofil, reihenprofile
from sozcontrol.catalogue.yaml_files import parse
from sozcontrol.errors import CatalogueError, DeliveryError, DeliveryMissing, UsageError
from sozcontrol.forecast.datei import backtest_file, render
from sozcontrol.forecast.quellen.einlesen import read_series

LANG = {
    "profil": "probe", "beschreibung": "Probe", "reihe": ["amt"], "jahr": "jahr",
    "periode": "q", "perioden": 4, "trennzeichen": ";", "dezimal": ",", "tausender": ".",
    "werte": [
        {"rolle": "ist_einzeln", "spalte": "ist"},
        {"rolle": "ansatz", "spalte": "ansatz", "darf_fehlen": True},
    ],
}  # fmt: skip


def probe(**teile: object) -> Reihenprofil:
    return parse(Reihenprofil, LANG | teile, Path("probe.yml"))


def datei(tmp_path: Path, text: str, kodierung: str = "utf-8") -> Path:
    path = tmp_path / "probe.csv"
    path.write_bytes("\n".join(z.strip() for z in text.strip().splitlines()).encode(kodierung))
    return path


VIER = """
    amt;jahr;q;ist;ansatz
    B;2020;1;1.000,50;5.000
    B;2020;2;2.000;5.000
    B;2020;3;-500;5.000
    B;2020;4;1.000;5.000
    A;2021;1;7;
    """


def test_einzelwerte_werden_kumuliert_und_reihen_sortiert(tmp_path: Path) -> None:
    text = VIER.replace("ansatz", "rest")
    a, b = read_series(datei(tmp_path, text), probe())
    assert (a.name, b.name) == ("A", "B")
    assert b.ist[0].tolist() == [1000.5, 3000.5, 2500.5, 3500.5]
    assert b.ergebnis.tolist() == [3500.5]
    assert np.isnan(a.ergebnis[0]) and np.isnan(a.ansatz[0])


def test_fehlende_periode_laesst_das_spaetere_offen(tmp_path: Path) -> None:
    text = "\n".join(z for z in VIER.splitlines() if ";2;" not in z)
    _, b = read_series(datei(tmp_path, text), probe())
    assert b.ist[0][0] == 1000.5 and np.isnan(b.ist[0][1:]).all() and np.isnan(b.ergebnis[0])


def test_fehlendes_jahr_bleibt_leer(tmp_path: Path) -> None:
    (r,) = read_series(datei(tmp_path, "amt;jahr;q;ist\nA;2019;1;1\nA;2021;1;1"), probe())
    assert r.jahre.tolist() == [2019, 2020, 2021] and np.isnan(r.ist[1]).all()


def test_schluesselwert_form_und_letzter_bericht(tmp_path: Path) -> None:
    text = """
        amt;jahr;q;was;wert;bericht
        A;2020;1;Ist;90;2
        A;2020;1;Ist;80;1
        A;2020;1;Plan;400;1
        """
    p = probe(
        reihenfolge=["bericht"],
        werte=[
            {"rolle": "ist_kumuliert", "spalte": "wert", "wo": {"was": "Ist"}},
            {"rolle": "ansatz", "spalte": "wert", "wo": {"was": "Plan"}},
        ],
    )
    (r,) = read_series(datei(tmp_path, text), p)
    assert (r.ist[0, 0], r.ansatz[0]) == (90, 400)


@pytest.mark.parametrize(
    ("text", "meldung"),
    [
        pytest.param("amt;jahr;ist\nA;2020;1", "Spalten fehlen: q", id="Spalte fehlt"),
        pytest.param("amt;jahr;q;ist\nA;2020;1;abc", "keine Zahl", id="keine Zahl"),
        pytest.param("amt;jahr;q;ist\nA;2020;1;inf", "keine Zahl", id="unendlich"),
        pytest.param("amt;jahr;q;ist\nA;zwanzig;1;1", "kein Jahr", id="kein Jahr"),
        pytest.param("amt;jahr;q;ist\nA;20201;1;1", "»99999« ist kein Jahr", id="Ziffer zu viel"),
        pytest.param("amt;jahr;q;ist\nA;20;1;1", "»99« ist kein Jahr", id="zweistelliges Jahr"),
        pytest.param("amt;jahr;q;ist\nA;2020;5;1", "Periode, die es nicht", id="fünftes Quartal"),
        pytest.param("amt;jahr;q;ist\nA;2020;1;1\nA;2020;1;1", "Zwei Werte", id="doppelt"),
        pytest.param(
            "amt;jahr;q;ist;ansatz\nA;2020;1;1;5\nA;2020;2;1;6", "Zwei Werte", id="zwei Ansätze"
        ),
    ],
)
def test_fehler_nennt_ort_und_abhilfe(tmp_path: Path, text: str, meldung: str) -> None:
    with pytest.raises(DeliveryError, match=meldung) as fund:
        read_series(datei(tmp_path, text), probe())
    assert "probe.csv" in fund.value.wo and fund.value.tun
    assert "abc" not in str(fund.value)


@pytest.mark.parametrize(
    "zeile",
    [
        pytest.param("A;2020;1;Kanarz", id="Betrag"),
        pytest.param("A;Kanarz;1;1", id="Jahr"),
        pytest.param("A;07032014;1;1", id="Geburtstag als Jahr"),
        pytest.param("A;2020;Kanarz;1", id="Periode"),
        pytest.param("A;2020;07032014;1", id="Geburtstag als Periode"),
        pytest.param("Kanarz;2019;1;1", id="Reihe doppelt"),
    ],
)
def test_fehler_nennt_die_zeile_und_niemanden(tmp_path: Path, zeile: str) -> None:
    text = f"amt;jahr;q;ist\nKanarz;2019;1;1\n{zeile}"
    with pytest.raises(DeliveryError) as fund:
        read_series(datei(tmp_path, text), probe())
    assert "probe.csv, Zeile 3" in fund.value.wo
    assert "Kanarz" not in str(fund.value) and "7032014" not in str(fund.value)


def test_falsche_kodierung(tmp_path: Path) -> None:
    path = datei(tmp_path, "amt;jahr;q;ist\nÄ;2020;1;1", "latin-1")
    with pytest.raises(DeliveryError, match="kodiert"):
        read_series(path, probe())


@pytest.mark.parametrize("text", ["amt;jahr;q;ist", "amt;jahr;q;ist\nA;2020;1;-"])
def test_leere_datei(tmp_path: Path, text: str) -> None:
    with pytest.raises(DeliveryMissing, match="keine Werte"):
        read_series(datei(tmp_path, text), probe())


def test_eine_reihe_ohne_werte_faellt_weg(tmp_path: Path) -> None:
    """Its calendar would begin in the year 0."""
    text = "reihe;jahr;monat;ist_kumuliert\nA;2020;1;7\nB;2020;1;-"
    (r,) = read_series(datei(tmp_path, text), reihenprofil("plan_ist"))
    assert r.name == "A" and 2020 * 12 + 1 in r.frei


def test_datei_fehlt(tmp_path: Path) -> None:
    with pytest.raises(DeliveryMissing, match="fehlt"):
        read_series(tmp_path / "x.csv", probe())


@pytest.mark.parametrize(
    "teile",
    [
        pytest.param({"dezimal": ".", "tausender": "."}, id="ein Zeichen für beides"),
        pytest.param({"stichtage": [4]}, id="Stichtag am Jahresende"),
        pytest.param({"periode": None}, id="Periode nirgends"),
        pytest.param({"werte": [{"rolle": "ansatz", "spalte": "a"}]}, id="ohne Ist"),
        pytest.param({"erster_monat": 1}, id="Monate aus Quartalen"),
        pytest.param({"perioden": 12, "feiertage": "DE"}, id="Feiertage ohne Monate"),
        pytest.param({"perioden": 12, "beginnt_im_vorjahr": True}, id="Vorjahr ohne Monate"),
        pytest.param(
            {"perioden": 12, "erster_monat": 1, "feiertage": "Mainz"}, id="Feiertage eines Orts"
        ),
        pytest.param({"unsinn": 1}, id="unbekannter Schlüssel"),
    ],
)
def test_widerspruechliches_profil(teile: dict[str, object]) -> None:
    with pytest.raises(CatalogueError):
        probe(**teile)


def test_mitgelieferte_profile_sind_schluessig() -> None:
    assert {"plan_ist", "quartal_breit", "monat_faelle"} <= set(reihenprofile())
    assert reihenprofil("monat_faelle").origins == (3, 6, 9)
    assert reihenprofil("plan_ist").origins == (4, 6, 8)
    with pytest.raises(UsageError, match="quartal_brei"):
        reihenprofil("quartal_brei")


def plan_ist(tmp_path: Path) -> Path:
    zeilen = ["reihe;jahr;monat;ist_kumuliert;ansatz"]
    for i in range(6):
        for jahr in range(2018, 2024):
            for monat in range(1, 13):
                ist = 1000 * (i + 1) * monat * (1 + 0.02 * (jahr - 2018)) * (1 + 0.01 * (i % 3))
                zeilen.append(
                    f"P{i};{jahr};{monat};{ist:.2f}".replace(".", ",") + f";{13000 * (i + 1)}"
                )
    return datei(tmp_path, "\n".join(zeilen))


def test_ruecktest_einer_datei_auf_deutsch(tmp_path: Path) -> None:
    schritte: list[tuple[int, int]] = []
    bericht = backtest_file(
        plan_ist(tmp_path), "plan_ist", fortschritt=lambda a, b: schritte.append((a, b))
    )
    assert [s.periode for s in bericht.staende] == [4, 6, 8]
    assert schritte[-1] == (108, 108)
    text = render(bericht)
    assert re.search(r"linear +0,0 % +0,0 %", text)
    assert "näher am Ergebnis." in text and "Gewählt:" in text and "nan" not in text.lower()
    assert text == render(backtest_file(plan_ist(tmp_path), "plan_ist"))


def test_der_kopf_sagt_woran_gemessen_wird(tmp_path: Path) -> None:
    """To compare: five years of P4 and P5, three of P3; other results are below 50.000 €.

    The record counts all six years of all six series, against last year five.
    """
    bericht = backtest_file(plan_ist(tmp_path), "plan_ist")
    kopf, zum_april = render(bericht).split("\n\n")[:2]
    assert kopf.splitlines()[1:3] == [
        "6 Reihen, 108 Prognosen, davon 108 mit bekanntem Ergebnis",
        "Wesentlich: mehr als 5 % über dem Ansatz",
    ]
    assert "ab 50.000 €, für die" in kopf and "kann deshalb abweichen." in kopf.replace("\n", " ")
    assert max(map(len, kopf.splitlines())) <= 100
    erste, *rest = zum_april.splitlines()
    assert erste == "Zum 30.04. (Ende des 4. Monats): 13 Vergleichsfälle"
    assert rest.index("  Gewählt: Kombination (13)") == 1 + len(bericht.staende[0].vergleich)
    assert "von 36 Fällen war der Ansatz" in zum_april
    assert "von 30 Fällen war das Vorjahresergebnis" in zum_april


def test_ohne_ansatz_ist_nichts_wesentlich_und_ein_monat_hat_sein_datum(tmp_path: Path) -> None:
    """The sixth month of a budget year from October on ends in March."""
    zeilen = ["item,fiscal_year,fiscal_month,fiscal_ytd_musd"]
    zeilen += [f"A,{j},{m},{j * m / 100}" for j in range(2018, 2023) for m in range(1, 13)]
    text = render(backtest_file(datei(tmp_path, "\n".join(zeilen)), "monat_kumuliert"))
    assert "Wesentlich" not in text and "ab 0,05 Mio. $, für" in text
    assert "\nZum 31.03. (Ende des 6. Monats): " in text


def test_ein_jahr_allein_laesst_sich_nicht_messen(tmp_path: Path) -> None:
    with pytest.raises(DeliveryMissing, match="nichts zu messen"):
        backtest_file(datei(tmp_path, VIER), probe())


def test_der_raum_ist_leicht() -> None:
    code = (
        "import sys, sozcontrol.forecast, sozcontrol.catalogue.reihenprofil;"
        "assert not {'pandas', 'statsmodels', 'scipy', 'numpy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    code = (
        "import sys, sozcontrol.forecast.datei;"
        "assert not {'pandas', 'statsmodels', 'scipy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
