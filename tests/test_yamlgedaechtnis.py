"""What proved facts were read as, remembered: exactly that, of just that text, or nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from sozcontrol import yamlgedaechtnis
from sozcontrol.catalogue import yaml_files

FAKTEN = sorted(yaml_files.HERE.rglob("*.yml"))


@pytest.fixture(autouse=True)
def vergesslich(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin as a new process does."""
    vergiss(monkeypatch)


def vergiss(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yamlgedaechtnis, "_BEKANNT", {})
    monkeypatch.setattr(yamlgedaechtnis, "_UNGELESEN", [])


@pytest.fixture
def fact(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fact of the package that may be edited: a threshold of 3."""
    monkeypatch.setattr(yaml_files, "HERE", tmp_path)
    path = tmp_path / "fakt.yml"
    path.write_text("schwelle: 3\n")
    return path


def gemerkt(monkeypatch: pytest.MonkeyPatch, *paths: Path) -> str:
    """Return the file that is written after *paths* were read."""
    for path in paths:
        yaml_files.read_yaml(path)
    written = yamlgedaechtnis.schreibe("bewiesen")
    vergiss(monkeypatch)
    return written


def test_jede_tatsache_kommt_zurueck_wie_yaml_sie_liest(monkeypatch: pytest.MonkeyPatch) -> None:
    read = {p: repr(yaml_files._parsed(p.read_text(encoding="utf-8"))) for p in FAKTEN}
    assert yamlgedaechtnis.lies(gemerkt(monkeypatch, *FAKTEN), "bewiesen")
    parsed: list[str] = []
    monkeypatch.setattr(yaml_files, "_parsed", parsed.append)
    found = {p: repr(yaml_files.read_yaml(p)) for p in FAKTEN}
    assert found == read and len(read) > 200, "values, types and order"
    assert parsed == [], "and nothing of it was parsed again"


@pytest.mark.parametrize(
    "yaml",
    ["{2024: eins}", "[2024-01-01 10:00:00]", "{a: !!binary aGFsbG8=}", "[.nan]", "[.inf]",
     "{'!datum': '2024-01-01'}"],
    ids=["Jahr als Schlüssel", "Zeitpunkt", "Bytes", "keine Zahl", "unendlich", "wie die Marke"],
)  # fmt: skip
def test_was_json_anders_saehe_wird_nicht_gemerkt(yaml: str) -> None:
    yamlgedaechtnis.merke(yaml, yaml_files._parsed(yaml))
    assert yamlgedaechtnis.gelesen(yaml) is None


def test_wer_liest_bekommt_ein_eigenes() -> None:
    yamlgedaechtnis.merke("text", {"liste": [1]})
    for _ in range(2):
        found = yamlgedaechtnis.gelesen("text")
        assert found == ({"liste": [1]},)
        found[0]["liste"].append(2)  # type: ignore[index]


def test_ein_geaenderter_text_wird_neu_gelesen(fact: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = gemerkt(monkeypatch, fact)
    fact.write_text("schwelle: 5\n")
    assert yamlgedaechtnis.lies(written, "bewiesen")
    assert yaml_files.read_yaml(fact) == {"schwelle": 5}


def test_was_beschaedigt_ist_wird_nicht_geglaubt(
    fact: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = gemerkt(monkeypatch, fact)
    turned = written.replace('\\"schwelle\\": 3', '\\"schwelle\\": 1')
    assert turned != written
    for damaged in (turned, "", "bewiesen", "bewiesen\n", written[:-5]):
        assert not yamlgedaechtnis.lies(damaged, "bewiesen"), "the facts are proved again"
        assert yaml_files.read_yaml(fact) == {"schwelle": 3}


def test_ein_anderer_beweis_gilt_nicht(monkeypatch: pytest.MonkeyPatch) -> None:
    written = gemerkt(monkeypatch, FAKTEN[0])
    assert not yamlgedaechtnis.lies(written, "ein anderer")
    assert not yamlgedaechtnis._UNGELESEN


def test_von_einer_lieferung_wird_nichts_gemerkt(tmp_path: Path) -> None:
    slip = tmp_path / "lieferung.yml"
    slip.write_text("zeilen: {WJH.csv: 3}\n")
    yaml_files.read_yaml(slip)
    assert not yamlgedaechtnis._BEKANNT
