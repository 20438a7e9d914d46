"""What an office itself expects: beside ours with its reason, kept, and measured like ours."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import gezeichnet
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from hauptbuch import musterstadt, rohdateien
from press_fixtures import bare_project
from rohdaten import Rohdaten
from zweitrechnung import Dateien

from sozcontrol import catalogue, store
from sozcontrol.catalogue.amtsschaetzung import SchaetzungFehler, lesen
from sozcontrol.disclosure import Freigabe
from sozcontrol.errors import NotReleased
from sozcontrol.hochrechnung import amtsschaetzungen, prognosearchiv
from sozcontrol.press.seite.freitext import check_commentary

JUNI, VORJAHR = date(2025, 6, 30), date(2024, 6, 30)
D = Decimal
EINTRAG = """\
stichtag: 2025-06-30
schaetzungen:
  - teilhaushalt: '08'
    zuschuss_eur: 23400000
    grund: Zwei Plätze enden im August; die Nachzahlung des Landes kommt im Herbst.
    stelle: Jugendamt
    am: 2025-07-10
"""


@pytest.fixture(scope="module")
def geoeffnet() -> Any:
    """One delivery for all tests: what is forecast of it is computed once."""
    return copy.copy(musterstadt())


@pytest.fixture
def stadt(geoeffnet: Any, tmp_path: Path) -> Any:
    geoeffnet.projekt, geoeffnet.manifest = bare_project(tmp_path / "p"), {"fassung": "f" * 64}
    return geoeffnet


@pytest.fixture
def schreibe(stadt: Any) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path: Path = stadt.projekt.schaetzung(JUNI)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return write


def zeilen(tafel: Any) -> list[dict[str, Any]]:
    return tafel.frame.to_dict("records")


def test_ohne_schaetzung_steht_und_bleibt_nichts(stadt: Any) -> None:
    assert amtsschaetzungen.tafeln(stadt) == {}
    assert not [p for p in prognosearchiv.prognosen(stadt) if p.ebene == "amt"]


def test_die_schaetzung_steht_mit_ihrem_grund_neben_der_hochrechnung(
    stadt: Any, schreibe: Callable[[str], Path]
) -> None:
    schreibe(EINTRAG)
    (zeile,) = zeilen(amtsschaetzungen.schaetzungen(stadt))
    unser = next(
        p.wert for p in prognosearchiv.prognosen(stadt)
        if (p.ebene, p.reihe) == ("teilhaushalt", "08")
    )  # fmt: skip
    assert (zeile["hochrechnung_eur"], zeile["schaetzung_eur"]) == (unser, D(23_400_000))
    assert zeile["abweichung_eur"] == D(23_400_000) - unser < 0
    tafeln = amtsschaetzungen.tafeln(stadt)
    assert [*tafeln] == ["amtsschaetzungen"]
    released = Freigabe.open("leitung").aufstellung(tafeln["amtsschaetzungen"])
    page = gezeichnet.tables({"T": released}, formen={"T": "amtsschaetzungen"}).html
    text = BeautifulSoup(page, "html.parser").text.replace("\u00a0", " ")
    assert "Zwei Plätze enden im August" in text and "23.400" in text and "besser um" in text
    assert "10.07.2025" in text and "Jugendamt" in text


def test_sie_wird_aufgehoben_und_im_naechsten_jahr_wie_unsere_gemessen(stadt: Any) -> None:
    """The result is that of the files: all bookings of the year in this Teilhaushalt."""
    gesagt = store.Prognose(
        stichtag=VORJAHR, datenstand=date(2024, 7, 21), fassung="f" * 64, ebene="amt", reihe="08",
        jahr=2024, periode=6, methode=amtsschaetzungen.METHODE, wert=D(22_000_000),
        parameter={"hochrechnung_eur": "21000000.00", "grund": "G", "stelle": "S"}, lauf="L",
    )  # fmt: skip
    store.prognosen_ablegen(stadt.projekt, [gesagt])
    (zeile,) = zeilen(amtsschaetzungen.zeugnis(stadt))
    rows = Rohdaten(rohdateien(JUNI, date(2025, 7, 15))).buchungen
    rows = rows[(rows["jahr"] == 2024) & (rows["teilhaushalt"] == "08")]
    rows = rows[rows["am"] <= pd.Timestamp(JUNI)]
    netto = rows["cent"].where(rows["konto_art"] == "aufwand", -rows["cent"])
    ergebnis = D(int(netto.sum())) / 100
    assert zeile["ergebnis_eur"] == ergebnis > 20_000_000
    assert zeile["fehler_eur"] == abs(D(21_000_000) - ergebnis)
    assert zeile["fehler_amt_eur"] == abs(D(22_000_000) - ergebnis)
    assert zeile["naeher"] == ("Amt" if zeile["fehler_amt_eur"] < zeile["fehler_eur"] else
                               "Hochrechnung")  # fmt: skip


def test_veroeffentlicht_wird_sie_mit_grund_und_stelle(
    stadt: Any, schreibe: Callable[[str], Path]
) -> None:
    schreibe(EINTRAG)
    (p,) = (p for p in prognosearchiv.prognosen(stadt) if p.ebene == "amt")
    assert (p.reihe, p.jahr, p.wert) == ("08", 2025, D(23_400_000))
    assert p.parameter["stelle"] == "Jugendamt" and "August" in str(p.parameter["grund"])
    store.prognosen_ablegen(stadt.projekt, [p])
    assert amtsschaetzungen.zeugnis(stadt).frame.empty  # the year is not known yet


@pytest.mark.parametrize(
    ("aus", "ein", "sagt"),
    [
        pytest.param("'08'", "'88'", "Teilhaushalt »88« gibt es nicht", id="unbekannt"),
        pytest.param("2025-06-30", "2025-08-31", "gelten für den 31.08.2025", id="anderer Tag"),
        pytest.param("grund:", "gruende:", "gruende", id="verschrieben"),
        pytest.param("23400000", "'23,4'", "ist keine Zahl", id="keine Zahl"),
        pytest.param(
            "schaetzungen:\n", "schaetzungen:\n  - {teilhaushalt: '08', zuschuss_eur: 1, grund: g, "
            "stelle: s, am: 2025-07-01}\n", "steht zweimal da", id="zweimal",
        ),
    ],
)  # fmt: skip
def test_eine_falsche_datei_sagt_was_falsch_ist(
    stadt: Any, schreibe: Callable[[str], Path], aus: str, ein: str, sagt: str
) -> None:
    assert aus in EINTRAG
    path = schreibe(EINTRAG.replace(aus, ein, 1))
    with pytest.raises(SchaetzungFehler) as fault:
        lesen(path, JUNI)
        amtsschaetzungen.schaetzungen(stadt)
    assert sagt in str(fault.value) and str(path) in str(fault.value)


def test_ein_grund_nennt_keinen_fall(schreibe: Callable[[str], Path]) -> None:
    profile = catalogue.kommune(catalogue.standard_kommune()).profile
    nummer = rohdateien(JUNI, date(2025, 7, 15))
    hilfe = Dateien(nummer, JUNI).hilfen.index[0]
    path = schreibe(EINTRAG.replace("Zwei Plätze", f"Hilfe {hilfe}"))
    with pytest.raises(NotReleased):
        check_commentary(path, profile)
