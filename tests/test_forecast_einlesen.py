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


# --- what is ambiguous is refused -----------------------------------------------------------------


def monate(jahre: range, *, mal: float = 1.0, name: str = "A") -> list[list[str]]:
    """Return the rows of one cumulated series in the project's own form."""
    rows = []
    for jahr in jahre:
        for monat in range(1, 13):
            ist = mal * (100_000 * monat + 137 * monat * (jahr - 2000) + 11 * monat**2)
            rows.append([name, str(jahr), str(monat), f"{ist:.2f}".replace(".", ","), "1200000,00"])
    return rows


def eigene(tmp_path: Path, rows: list[list[str]]) -> Path:
    kopf = "reihe;jahr;monat;ist_kumuliert;ansatz"
    return datei(tmp_path, "\n".join([kopf, *(";".join(row) for row in rows)]))


def in_zelle(text: str) -> list[list[str]]:
    """May 2021 stands in line 18 of a file that begins in January 2020."""
    rows = monate(range(2020, 2023))
    rows[16][3] = text
    return rows


@pytest.mark.parametrize(
    ("text", "form"),
    [
        pytest.param("612345.67", "999999.99", id="Punkt statt Komma in einer Zelle"),
        pytest.param("1234,56-", "9999,99-", id="Minus hinten"),
        pytest.param("\u22121234,56", "\u22129999,99", id="typografisches Minus"),
        pytest.param("(1234,56)", "(9999,99)", id="Klammern"),
        pytest.param("1'234,50", "9'999,99", id="Apostroph"),
        pytest.param("1\u00a0234,50", "9?999,99", id="geschütztes Leerzeichen"),
        pytest.param("1e6", "9a9", id="Exponent"),
        pytest.param("12,5%", "99,9%", id="Prozent"),
        pytest.param("12.34,5", "99.99,9", id="falsche Gruppen"),
        pytest.param("n/a", "a/a", id="Wort"),
    ],
)
def test_eine_zelle_die_keine_zahl_des_profils_ist_wird_genannt(tmp_path, text, form) -> None:
    with pytest.raises(DeliveryError) as fund:
        read_series(eigene(tmp_path, in_zelle(text)), reihenprofil("plan_ist"))
    assert "probe.csv, Zeile 18, Spalte »ist_kumuliert«" in fund.value.wo
    assert f"»{form}«" in fund.value.was and text not in str(fund.value)


@pytest.mark.parametrize(
    ("text", "wert"),
    [("1.612.345,5", 1_612_345.5), ("600000", 600_000), ("+550.000,00 €", 550_000), (",5", None)],
)
def test_was_eindeutig_ist_wird_gelesen(tmp_path: Path, text: str, wert: float | None) -> None:
    rows = in_zelle(text)
    if wert is None:
        rows = rows[:17]
        with pytest.raises(DeliveryError, match="fällt"):
            read_series(eigene(tmp_path, rows), reihenprofil("plan_ist"))
        return
    (r,) = read_series(eigene(tmp_path, rows[:17]), reihenprofil("plan_ist"))
    assert r.ist[1, 4] == wert


def test_eine_ganze_datei_mit_dezimalpunkt_wird_nicht_hundertfach_gelesen(tmp_path: Path) -> None:
    rows = [[c.replace(",", ".") for c in row] for row in monate(range(2020, 2023))]
    with pytest.raises(DeliveryError, match=r"»999999\.99« ist keine Zahl") as fund:
        read_series(eigene(tmp_path, rows), reihenprofil("plan_ist"))
    assert "Zeile 2, Spalte »ist_kumuliert«" in fund.value.wo


@pytest.mark.parametrize(
    ("betrag", "fehler"),
    [pytest.param("999,00", True, id="anders"), pytest.param(None, False, id="gleich")],
)
def test_ein_monat_darf_nicht_zweierlei_sagen(tmp_path, betrag, fehler) -> None:
    rows = monate(range(2020, 2023))
    doppelt = [*rows[5][:3], betrag or rows[5][3], rows[5][4]]
    path = eigene(tmp_path, [*rows, doppelt])
    if not fehler:
        assert read_series(path, reihenprofil("plan_ist"))[0].ist.shape == (3, 12)
        return
    with pytest.raises(DeliveryError, match=r"Zwei Werte .* 2020, Periode 6") as fund:
        read_series(path, reihenprofil("plan_ist"))
    assert "Zeile 38, " in fund.value.wo and "zuerst in Zeile 7, " in fund.value.wo


def test_der_spaetere_ansatz_des_jahres_gilt(tmp_path: Path) -> None:
    rows = monate(range(2020, 2021))
    rows[11][4] = "1300000,00"
    (r,) = read_series(eigene(tmp_path, rows), reihenprofil("plan_ist"))
    assert r.ansatz.tolist() == [1_300_000]


def test_zwei_zeilen_eines_berichts_werden_addiert_und_der_spaetere_bericht_gilt(
    tmp_path: Path,
) -> None:
    text = "amt;jahr;q;ist;bericht\nA;2020;1;7;1\nA;2020;1;5;2\nA;2020;1;4;2"
    p = probe(reihenfolge=["bericht"], summieren=True)
    assert read_series(datei(tmp_path, text), p)[0].ist[0, 0] == 9


@pytest.mark.parametrize("anders", ["A ", "A\u00a0B", "A  B"])
def test_namen_die_sich_nur_durch_leerzeichen_unterscheiden(tmp_path: Path, anders: str) -> None:
    name = "A" if anders == "A " else "A B"
    rows = [*monate(range(2020, 2022), name=name), *monate(range(2020, 2022), name=anders)]
    with pytest.raises(DeliveryError, match="nur durch Leerzeichen") as fund:
        read_series(eigene(tmp_path, rows), reihenprofil("plan_ist"))
    assert "Zeile 26, Spalte »reihe«; zuerst anders in Zeile 2" in fund.value.wo


def test_eine_reihe_ohne_namen_wird_verlangt_oder_weggelassen(tmp_path: Path) -> None:
    path = eigene(tmp_path, monate(range(2020, 2022), name=" "))
    with pytest.raises(DeliveryError, match="keinen Namen") as fund:
        read_series(path, reihenprofil("plan_ist"))
    assert "Zeile 2, Spalte »reihe«" in fund.value.wo
    eine = reihenprofil("plan_ist").model_copy(update={"reihe": ()})
    assert [r.name for r in read_series(path, eine)] == ["probe"]


def test_ein_kumuliertes_ist_faellt_nicht_auf_die_haelfte(tmp_path: Path) -> None:
    path = eigene(tmp_path, in_zelle("10,00"))
    with pytest.raises(DeliveryError, match="fällt auf weniger als die Hälfte") as fund:
        read_series(path, reihenprofil("plan_ist"))
    assert "Zeile 18, Spalte »ist_kumuliert«" in fund.value.wo
    erlaubt = reihenprofil("plan_ist").model_copy(update={"darf_fallen": True})
    assert read_series(path, erlaubt)[0].ist[1, 4] == 10
    # a credit note of a tenth is none of it
    assert read_series(eigene(tmp_path, in_zelle("350000,00")), reihenprofil("plan_ist"))


@pytest.mark.parametrize("seite", [1, -1])
def test_monatswerte_sind_kein_kumuliertes_ist(tmp_path: Path, seite: int) -> None:
    def rows(ansatz: str, *, einmal: bool = False) -> list[list[str]]:
        werte = [100_000 if einmal else 100_000 + 100 * m for m in range(1, 37)]
        return [
            ["A", str(2020 + m // 12), str(m % 12 + 1), f"{seite * w},00", ansatz]
            for m, w in enumerate(werte)
        ]

    for ansatz in (f"{seite * 1_200_000},00", ""):
        with pytest.raises(DeliveryError, match="Werten der einzelnen Perioden") as fund:
            read_series(eigene(tmp_path, rows(ansatz)), reihenprofil("plan_ist"))
        assert "Zeile 37, " in fund.value.wo and "ist_einzeln" in fund.value.tun
    # a grant paid in January and never again; the same with later changes, as budgeted
    assert read_series(eigene(tmp_path, rows("", einmal=True)), reihenprofil("plan_ist"))
    wie_geplant = rows(f"{seite * 105_000},00")
    assert read_series(eigene(tmp_path, wie_geplant), reihenprofil("plan_ist"))


def test_ein_profil_kommt_auch_aus_einer_eigenen_datei(tmp_path: Path) -> None:
    path = tmp_path / "mein.yml"
    path.write_text(
        "profil: mein\nbeschreibung: eine Reihe\ntrennzeichen: ';'\njahr: jahr\nperiode: q\n"
        "perioden: 4\nwerte: [{rolle: ist_einzeln, spalte: ist}]\n",
        encoding="utf-8",
    )
    (r,) = read_series(datei(tmp_path, "jahr;q;ist\n2020;1;7\n2020;2;8"), reihenprofil(str(path)))
    assert r.name == "probe" and r.ist[0, :2].tolist() == [7, 15]
    with pytest.raises(CatalogueError, match="nicht lesbar"):
        reihenprofil(str(tmp_path / "fehlt.yml"))


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
    assert (
        "näher am Ergebnis." in text
        and "Gewählt:" in text
        and not re.search(r"\bnan\b", text.lower())
    )
    assert text == render(backtest_file(plan_ist(tmp_path), "plan_ist"))


def test_der_kopf_sagt_woran_gemessen_wird(tmp_path: Path) -> None:
    """To compare: five years of P4 and P5, three of P3; other results are below 50.000 €.

    The record counts all six years of all six series, against last year five.
    """
    bericht = backtest_file(plan_ist(tmp_path), "plan_ist")
    ohne, kopf, zum_april = render(bericht).split("\n\n")[:3]
    assert ohne.endswith("Es gibt nichts hochzurechnen.")
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
        backtest_file(datei(tmp_path, "\n".join(VIER.splitlines()[:6])), probe())


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
