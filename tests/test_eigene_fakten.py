"""Facts of a city that lie in its project, where no update of sozcontrol overwrites them."""

from __future__ import annotations

from pathlib import Path

import pytest
from press_fixtures import bare_project

from sozcontrol import catalogue
from sozcontrol.catalogue import eigenes
from sozcontrol.errors import CatalogueError
from sozcontrol.press.lauf.beweis import prove_facts
from sozcontrol.projekt import Projekt

PROZESSE = """\
prozesse:
  - {id: '7.1', titel: Fallmanagement, seit: 2024-01-01, kennzahl: E09, erwartet: steigt, ab: 2020}
"""
GROEBER = """\
vergroeberung:
  gezaehlt: H01
  unter: 90
  grund: "Es laufen weniger als {unter} Hilfen."
  statt: {hilfeart: segment}
"""


@pytest.fixture
def projekt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Projekt:
    projekt = bare_project(tmp_path / "stadt")
    monkeypatch.setenv("SOZCONTROL_PROJEKT", str(projekt.root))
    projekt.profile.mkdir()
    (projekt.profile / "kommune.yml").write_text("id: neustadt\nname: Neustadt\n")
    return projekt


def test_eigene_prozesse_gehoeren_der_stadt_des_projekts(projekt: Projekt) -> None:
    ours = catalogue.prozesse("musterstadt")
    assert catalogue.prozesse("neustadt") == {}
    (projekt.profile / "prozesse.yml").write_text(PROZESSE)
    assert [p.titel for p in catalogue.prozesse("neustadt").values()] == ["Fallmanagement"]
    assert catalogue.prozesse("musterstadt") == ours


def test_die_eigene_vergroeberung_gilt_statt_der_mitgelieferten(projekt: Projekt) -> None:
    assert catalogue.vergroeberung().unter == 200
    path = projekt.profile / "vergroeberung.yml"
    path.write_text(GROEBER)
    assert (catalogue.vergroeberung().unter, catalogue.vergroeberung().allein) == (90, ())
    path.write_text(GROEBER.replace("90", "60"))
    assert catalogue.vergroeberung().unter == 60, "what is written later counts in the same process"
    path.unlink()
    assert catalogue.vergroeberung().unter == 200


def test_beide_sind_keine_profile(projekt: Projekt) -> None:
    (projekt.profile / "prozesse.yml").write_text(PROZESSE)
    (projekt.profile / "vergroeberung.yml").write_text(GROEBER)
    assert eigenes.namen(projekt.profile) == []
    assert catalogue.kommune("neustadt").profile == ()
    assert eigenes.eigenes_profil("prozesse") is None


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("prozesse.yml", PROZESSE.replace("E09", "X99")),
        ("prozesse.yml", PROZESSE.replace("steigt", "schwankt")),
        ("vergroeberung.yml", GROEBER.replace("H01", "X99")),
        ("vergroeberung.yml", GROEBER.replace("hilfeart:", "hilfart:")),
    ],
    ids=["keine Kennzahl", "keine Richtung", "nichts gezählt", "keine Dimension"],
)
def test_auch_sie_werden_vor_jedem_lauf_bewiesen(projekt: Projekt, name: str, text: str) -> None:
    prove_facts(projekt)
    (projekt.profile / name).write_text(text)
    with pytest.raises(CatalogueError) as caught:
        prove_facts(projekt)
    assert str(projekt.profile / name) in caught.value.wo
