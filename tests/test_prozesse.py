"""Running processes: shown is only what can be shown, and the judgement says why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from statistics import fmean, median
from types import SimpleNamespace

import gezeichnet
import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from hauptbuch import rohdateien, stadt_am

from sozcontrol import catalogue
from sozcontrol.catalogue import Prozess
from sozcontrol.disclosure import GEHEIM, Freigabe
from sozcontrol.errors import CatalogueError
from sozcontrol.measures import prozesse
from sozcontrol.measures.prozesse import DAGEGEN, NACHWEISBAR, NICHT, OFFEN, urteil
from sozcontrol.present.beschriftung import mit_einheit
from sozcontrol.revision import quartalsberichte

JAHRESENDE, SPAET = date(2025, 12, 31), date(2026, 3, 15)
MUSTERSTADT = catalogue.kommune("musterstadt")


def prozess(**anders: object) -> Prozess:
    """A process from 2023 on that should make more of something."""
    facts = {"id": "1", "titel": "Probe", "kommune": "musterstadt", "seit": date(2023, 1, 1),
             "kennzahl": "A08", "erwartet": "steigt", "ab": 2020}  # fmt: skip
    return Prozess.model_validate(facts | anders)


def reihe(*werte: object) -> dict[date, Decimal | None]:
    """Return one value a year from 2020 on."""
    days = [date(2020 + n, 12, 31) for n in range(len(werte))]
    return {d: None if w is None else Decimal(str(w)) for d, w in zip(days, werte, strict=True)}


# Before 10, 12, 11: mean 11, mean step 1.5, natural limits 11 ± 3.99.
DAVOR, OBEN = (10, 12, 11), 14.99
GLEICH, EBENSO = (Decimal(50), Decimal(50)), (Decimal(50), Decimal(53))


@pytest.mark.parametrize(
    ("danach", "andere", "wort"),
    [
        pytest.param((15, 16, 15), GLEICH, NACHWEISBAR, id="jenseits, anderswo nicht"),
        pytest.param((15, 16, 15), None, OFFEN, id="jenseits, ohne Vergleich"),
        pytest.param((15, 16, 15), EBENSO, NICHT, id="anderswo mehr als halb so viel"),
        pytest.param((15, OBEN, 16), GLEICH, NICHT, id="einer genau auf der Grenze"),
        pytest.param((11, 12, 10), GLEICH, NICHT, id="wie vorher"),
        pytest.param((6, 7, 5), GLEICH, DAGEGEN, id="auf der anderen Seite"),
        pytest.param((15, 16), GLEICH, NICHT, id="zwei Werte sind zu wenige"),
        pytest.param((15, None, 16), GLEICH, NICHT, id="eine geheime Zahl zählt nicht"),
        pytest.param((15, None, 16, 17), GLEICH, NACHWEISBAR, id="drei bleiben"),
    ],
)  # fmt: skip
def test_urteil_am_rand(danach, andere, wort) -> None:
    assert urteil(prozess(), reihe(*DAVOR, *danach), andere).wort == wort


def test_was_sinken_soll_ist_gespiegelt() -> None:
    sinkt = prozess(erwartet="sinkt")
    assert urteil(sinkt, reihe(*DAVOR, 6, 7, 5), GLEICH).wort == NACHWEISBAR
    assert urteil(sinkt, reihe(*DAVOR, 15, 16, 15), GLEICH).wort == DAGEGEN
    ebenso = (Decimal(50), Decimal(47))
    assert urteil(sinkt, reihe(*DAVOR, 6, 7, 5), ebenso).wort == NICHT


def test_ueber_eine_rechtsaenderung_hinweg_wird_nicht_verglichen() -> None:
    """KJSG in June 2021 and the new software in July 2023 leave two values before, none since."""
    said = urteil(prozess(rechtskreise=["SGB8"]), reihe(*DAVOR, 15, 16, 15), GLEICH)
    assert (said.wort, said.davor, said.danach) == (NICHT, (Decimal(12), Decimal(11)), ())
    assert "KJSG (10.06.2021)" in said.grund and "Fachverfahren Jugend (01.07.2023)" in said.grund


def test_durch_zufall_liegt_selten_alles_jenseits() -> None:
    """As the module says: of unchanged series one in 140 moves as expected, and as many against."""
    draws = np.random.default_rng(7).normal(100, 5, size=(6_000, 6))
    one, seen = prozess(), {NICHT: 0, OFFEN: 0, DAGEGEN: 0}
    for row in draws:
        seen[urteil(one, reihe(*row), None).wort] += 1
    for word in (OFFEN, DAGEGEN):
        assert 6_000 / 140 * 0.6 < seen[word] < 6_000 / 140 * 1.5, word


@pytest.mark.parametrize(
    "anders",
    [
        pytest.param({"erwartet": None}, id="ohne Erwartung"),
        pytest.param({"ab": None}, id="ohne erstes Jahr"),
        pytest.param({"bericht": "monitoring_jugend"}, id="Kennzahl und Bericht"),
    ],
)
def test_was_nicht_vorab_festgelegt_ist_ist_ein_fehler(anders) -> None:
    with pytest.raises(ValueError, match=r"kennzahl mit erwartet"):
        prozess(**anders)


@pytest.mark.parametrize(
    "anders",
    [
        pytest.param({"kennzahl": "X99"}, id="unbekannte Kennzahl"),
        pytest.param({"vergleich": "hze_ring_pflege"}, id="Vergleich einer anderen Kennzahl"),
        pytest.param({"gewinnschwelle": "X99"}, id="unbekannte Gewinnschwelle"),
        pytest.param({"kommune": "nirgendwo"}, id="unbekannte Kommune"),
    ],
)
def test_der_katalog_beweist_die_prozesse(anders) -> None:
    catalogue._prove_prozess(prozess())
    with pytest.raises(CatalogueError):
        catalogue._prove_prozess(prozess(**anders))


# --- Musterstadt ----------------------------------------------------------------------------------


def test_anderswo_ist_der_median_der_anderen_aus_der_rohdatei() -> None:
    """Of L03 since the change of June 2022: a year before 2023, two since, without the own city."""
    (path,) = rohdateien(JAHRESENDE, SPAET).glob("Vergleichsring_*.xlsx")
    rows = pd.read_excel(path, skiprows=2, engine="openpyxl")
    rows = rows[(rows["Kennzahl"] == "L03") & (rows["vergleichbar"] == "ja")]
    rows = rows[rows["Wert"].notna() & ~rows["Kommune"].eq("Musterstadt")]
    je_jahr = {jahr: median(own["Wert"].astype(float)) for jahr, own in rows.groupby("Jahr")}
    frame = prozesse.anderswo(stadt_am(JAHRESENDE, SPAET)).frame.set_index("prozess")
    assert float(frame.loc["5.3", "davor"]) == pytest.approx(je_jahr[2022])
    assert float(frame.loc["5.3", "danach"]) == pytest.approx(fmean([je_jahr[2023], je_jahr[2024]]))
    assert frame.loc["5.1"].isna().all()


def gezogen(wege: Mapping, schwellen: Mapping | None = None) -> dict[str, str]:
    """Return the rows of the table by the number of the process."""
    anderswo = Freigabe.open("intern").aufstellung(prozesse.anderswo(ohne_vergleich()))
    drawn = gezeichnet.processes(
        wege,
        anderswo,
        schwellen or {},
        "Prozesse",
        kommune=MUSTERSTADT,
        berichte={"monitoring_jugend": 3},
    )
    html = BeautifulSoup(drawn.html, "html.parser")
    return {tr.select_one(".soz-nummer").text: tr.get_text(" ", strip=True).replace("\xa0", " ")
            for tr in html.select("tbody tr")}  # fmt: skip


def ohne_vergleich() -> SimpleNamespace:
    return SimpleNamespace(stichtag=JAHRESENDE, kommune=MUSTERSTADT, hat=lambda *t: False)


def test_jeder_prozess_steht_mit_erwartung_urteil_und_grund_da() -> None:
    daten = stadt_am(JAHRESENDE, SPAET)
    frei = Freigabe.open("intern")
    rows = gezogen({i: frei.kennzahl(w) for i, w in prozesse.verlaeufe(daten).items()})
    assert [*rows] == [*catalogue.prozesse("musterstadt")] == [f"5.{n}" for n in range(1, 9)]
    assert "soll steigen: Anteil Pflege" in rows["5.2"] and NICHT in rows["5.2"]
    assert "Median der anderen: Anteil Pflegefamilien an §§ 33 und 34." in rows["5.2"]
    assert sum("Einen Vergleich mit anderen Kommunen gibt es" in r for r in rows.values()) == 5
    assert "unvollständig" in rows["5.6"] and "3 von 4 Quartalen" in rows["5.6"]


@pytest.mark.parametrize("edition", ["intern", "gremium"])
def test_die_gewinnschwelle_ist_die_kennzahl_des_bereichs(edition) -> None:
    """H44 and L07d have one value in a run; a process quotes it."""
    werte = prozesse.schwellen(stadt_am(JAHRESENDE, SPAET))
    assert [*werte] == ["H44", "L07d"]
    frei = Freigabe.open(edition)
    gezeigt = {id: frei.kennzahl(w) for id, w in werte.items()}
    rows = gezogen({}, gezeigt)
    for nummer, id in (("5.2", "H44"), ("5.3", "L07d")):
        item = catalogue.steckbrief(id)
        soll = mit_einheit(gezeigt[id].zahl().wert, item.einheit, item.rundung, None)
        soll = soll.replace("\xa0", " ")
        assert f"Rechnet sich ab {soll} " in rows[nummer], rows[nummer]
    assert sum("Rechnet sich" in row for row in rows.values()) == 2


@pytest.mark.parametrize("wert", [GEHEIM, None, Decimal(0), Decimal(-3)])
def test_ohne_gezeigte_gewinnschwelle_steht_nichts_da(wert) -> None:
    zahl = SimpleNamespace(wert=wert, einheit="Heimmonate", rundung=1)
    told = gezogen({}, {"H44": SimpleNamespace(zahl=lambda: zahl)})["5.2"]
    assert "Rechnet sich" not in told


def test_gezaehlt_wird_jedes_quartal_einmal_und_das_eigene_nur_mit_seinen_tabellen(
    monkeypatch,
) -> None:
    days = [date(2025, 3, 31), date(2025, 4, 30), date(2025, 6, 30), date(2025, 6, 30),
            date(2024, 12, 31)]  # fmt: skip
    told = [SimpleNamespace(bereich="kita_monitoring", stichtag=d) for d in days]
    monkeypatch.setattr("sozcontrol.store.veroeffentlichungen", lambda projekt: told)
    for there, found in ((True, 3), (False, 2)):
        daten = SimpleNamespace(stichtag=JAHRESENDE, projekt=None, hat=lambda *t, da=there: da)
        assert quartalsberichte(daten)["kita_monitoring"] == found
