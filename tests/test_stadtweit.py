"""City-wide, a view is asked once for all Kennzahlen, and each has the value it has alone."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from conftest import Stadt

from sozcontrol import catalogue, measures, store
from sozcontrol.measures.zaehlwerk import kennzahlen, rechnen
from sozcontrol.measures.zaehlwerk.grundzahlen import finde
from sozcontrol.measures.zaehlwerk.rechnen import rechne
from sozcontrol.store import gemerkt

TAG = date(2024, 6, 30)
BESTAND, ZUGANG = "H01", "H02"
"""Two Kennzahlen over one view."""


@pytest.fixture
def fragen(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Collect what the engine is asked, each by its kind."""
    found: list[str] = []
    asked = rechnen.gefragt

    def gefragt(query: object, basis: object, frage: str, expression: object) -> object:
        found.append(frage.split(" ")[0])
        return asked(query, basis, frage, expression)

    monkeypatch.setattr(rechnen, "gefragt", gefragt)
    return found


def oeffne(stadt: Stadt) -> store.Daten:
    """Open the delivery as another report's process would."""
    gemerkt._places.cache_clear()
    return store.open_data(projekt=stadt.projekt)


def wert(daten: store.Daten, name: str) -> object:
    return measures.kennzahl(daten, name, stichtag=TAG).frame["wert"].iloc[0]


def test_der_zweite_bericht_liest_was_der_erste_gefragt_hat(
    eingelesen: Stadt, tmp_path: Path, fragen: list[str]
) -> None:
    stadt = eingelesen.kopie(tmp_path)
    assert wert(oeffne(stadt), BESTAND) > 0
    assert fragen.count("zeilen") > 0
    fragen.clear()
    assert wert(oeffne(stadt), ZUGANG) > 0
    assert fragen == []


def test_eine_dauer_wird_nur_gefragt_wo_sie_jemand_wissen_will(
    eingelesen: Stadt, tmp_path: Path, fragen: list[str]
) -> None:
    stadt = eingelesen.kopie(tmp_path)
    (dauer, *_) = (
        k.id for k in catalogue.kennzahlen().values()
        if any(finde(t).art == "ueberleben" for t in k.terme)
    )  # fmt: skip
    assert {t.sicht for t in catalogue.kennzahl(dauer).terme} <= {
        t.sicht for t in catalogue.kennzahl(BESTAND).terme
    }
    wert(oeffne(stadt), BESTAND)
    assert "lebenstafel" not in fragen
    assert wert(oeffne(stadt), dauer) > 0
    assert fragen.count("lebenstafel") == 1


def test_gemeinsam_gefragt_ist_jede_kennzahl_was_sie_allein_ist(
    eingelesen: Stadt, tmp_path: Path
) -> None:
    daten = oeffne(eingelesen.kopie(tmp_path))
    for zeile in measures.alle(daten, TAG)[::5]:
        item = catalogue.kennzahl(zeile.id)
        allein = kennzahlen._wert(item, rechne(daten, kennzahlen._gerechnet(item, TAG)), TAG, ())
        assert (zeile.wert, zeile.zaehler, zeile.nenner) == (
            allein["wert"], allein["zaehler"], allein["nenner"],
        ), zeile.id  # fmt: skip


def test_ein_anderer_katalog_wird_neu_gefragt(
    eingelesen: Stadt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    daten = oeffne(eingelesen.kopie(tmp_path))
    before = wert(daten, BESTAND)
    items = catalogue.kennzahlen()
    monkeypatch.setattr(catalogue, "kennzahlen", lambda: changed)
    changed = {**items, BESTAND: items[ZUGANG].model_copy(update={"id": BESTAND})}
    assert wert(daten, BESTAND) == wert(daten, ZUGANG) != before
