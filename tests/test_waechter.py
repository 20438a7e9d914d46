"""A watched delivery: checked when it stands still after a change, and only the news are told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from press_fixtures import DATENSTAND, STICHTAG, beliefert

from sozcontrol import catalogue
from sozcontrol.auskunft import einzeln
from sozcontrol.auskunft.waechter import Waechter
from sozcontrol.cli import main
from sozcontrol.errors import Busy, DeliveryMissing
from sozcontrol.findings import Finding, Schwere
from sozcontrol.press.lauf.receive import Eingang
from sozcontrol.projekt import Projekt

KURZ = Finding("R-F07", Schwere.WARNUNG, "Kurz.", "fall", "ende", 3, 9)
ALT = replace(KURZ, regel="R-F27", meldung="Der Hilfeplan ist alt.")


class Pruefung:
    """Stands for the check: gives what a test plants, and counts."""

    def __init__(self, page: Path) -> None:
        self.page, self.gefunden, self.mal = page, (KURZ, ALT), 0
        self.fehler: Exception | None = None
        self.dabei: Callable[[], object] = lambda: None

    def __call__(self, *_: object, **__: object) -> Eingang:
        self.mal += 1
        self.dabei()
        if self.fehler:
            raise self.fehler
        town = catalogue.kommune("musterstadt")
        return Eingang(STICHTAG, DATENSTAND, town, self.gefunden, self.page, False)


@pytest.fixture
def projekt(tmp_path: Path) -> Projekt:
    return beliefert(tmp_path / "stadt")


@pytest.fixture
def pruefung(tmp_path: Path) -> Pruefung:
    return Pruefung(tmp_path / "seite.html")


@pytest.fixture
def waechter(projekt: Projekt, pruefung: Pruefung) -> Waechter:
    guard = Waechter(projekt, STICHTAG, DATENSTAND, pruefung)
    assert "Prüfung: 0 Fehler, 2 Warnungen" in guard.look()
    return guard


def test_ohne_aenderung_wird_nicht_geprueft(waechter: Waechter, pruefung: Pruefung) -> None:
    assert [waechter.look() for _ in range(3)] == ["", "", ""]
    assert pruefung.mal == 1


LIEFERUNG = "data/raw/2025-06-30/2025-07-15"


@pytest.mark.parametrize(
    "datei",
    [
        f"{LIEFERUNG}/a.csv", f"{LIEFERUNG}/lieferung.yml", "profile/eigenes.yml",
        "profile/ausnahmen.yml", "expectations/regeln/eigene.yml",
    ],
)  # fmt: skip
def test_jede_datei_die_das_urteil_aendert_wird_bemerkt(
    waechter: Waechter, pruefung: Pruefung, projekt: Projekt, datei: str
) -> None:
    path = projekt.root / datei
    path.parent.mkdir(parents=True, exist_ok=True)
    for content in ("x", "yy", None):  # made, changed, removed
        path.write_text(content) if content else path.unlink()
        before = pruefung.mal
        assert waechter.look() == ""  # it may still be copied
        assert path.name in waechter.look()
        assert pruefung.mal == before + 1


def test_was_noch_kopiert_wird_wartet(
    waechter: Waechter, pruefung: Pruefung, projekt: Projekt
) -> None:
    path = projekt.delivery_folder(STICHTAG, DATENSTAND) / "gross.csv"
    for size in range(1, 5):
        path.write_text("x" * size)
        assert waechter.look() == ""
    assert pruefung.mal == 1 and "gross.csv" in waechter.look()


def test_was_sich_waehrend_der_pruefung_aendert_wird_noch_einmal_geprueft(
    waechter: Waechter, pruefung: Pruefung, projekt: Projekt
) -> None:
    path = projekt.delivery_folder(STICHTAG, DATENSTAND) / "a.csv"
    path.write_text("x")
    pruefung.dabei = lambda: path.write_text("x" * pruefung.mal)
    waechter.look(), waechter.look()
    pruefung.dabei = lambda: None
    waechter.look(), waechter.look()
    assert pruefung.mal == 3 and waechter.look() == ""


def test_gesagt_wird_nur_was_sich_aendert(
    waechter: Waechter, pruefung: Pruefung, projekt: Projekt
) -> None:
    pruefung.gefunden = (replace(KURZ, anzahl=4), replace(KURZ, regel="R-F13", meldung="Neu."))
    (projekt.delivery_folder(STICHTAG, DATENSTAND) / "a.csv").write_text("x")
    waechter.look()
    new, gone = waechter.look().split("Nicht mehr:")
    assert "R-F13" in new and "R-F07" in new and "4 von 9" in new and "R-F27" not in new
    assert "R-F27" in gone and "R-F07" not in gone
    (projekt.delivery_folder(STICHTAG, DATENSTAND) / "a.csv").write_text("yy")
    waechter.look()
    same = waechter.look()
    assert "nichts" in same and "R-F" not in same


def test_ein_fehler_der_eingabe_beendet_nichts_und_steht_einmal_da(
    waechter: Waechter, pruefung: Pruefung, projekt: Projekt
) -> None:
    path = projekt.delivery_folder(STICHTAG, DATENSTAND) / "a.csv"
    pruefung.fehler = DeliveryMissing("Nichts da.", wo="hier", tun="Liefern.")
    for number, told in ((1, True), (2, False)):
        path.write_text("x" * number)
        waechter.look()
        assert ("Nichts da." in waechter.look()) is told
    pruefung.fehler, pruefung.gefunden = None, (KURZ,)
    path.write_text("xxx")
    waechter.look()
    assert "R-F27" in waechter.look()  # against what was last found


def test_wer_beschaeftigt_ist_wird_wieder_gefragt(
    waechter: Waechter, pruefung: Pruefung, projekt: Projekt
) -> None:
    pruefung.fehler = Busy("Ein anderer Lauf ist aktiv.", wo="hier", tun="Warten.")
    (projekt.delivery_folder(STICHTAG, DATENSTAND) / "a.csv").write_text("x")
    waechter.look()
    assert "aktiv" in waechter.look() and waechter.look() == ""
    pruefung.fehler = None
    assert "nichts" in waechter.look()


def test_ein_verschwundener_ordner_ist_eine_aenderung(
    waechter: Waechter, pruefung: Pruefung, projekt: Projekt
) -> None:
    folder = projekt.delivery_folder(STICHTAG, DATENSTAND)
    (folder / "a.csv").write_text("x")
    waechter.look(), waechter.look()
    folder.rename(folder.with_name("weg"))
    waechter.look()
    assert "a.csv" in waechter.look()


def test_strg_c_beendet_mit_130(
    projekt: Projekt, pruefung: Pruefung, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setenv("SOZCONTROL_PROJEKT", str(projekt.root))
    monkeypatch.setattr(einzeln, "check", pruefung)
    monkeypatch.setattr("sozcontrol.press.lauf.beweis.prove_facts", lambda _: None)
    monkeypatch.setattr("sozcontrol.auskunft.waechter.time.sleep", interrupted)
    assert main(["check", "--watch", "--leise"]) == 130
    assert "R-F27" in capsys.readouterr().out
    inside = projekt.delivery_folder(STICHTAG, DATENSTAND) / "liste.xlsx"
    assert main(["check", "--watch", "--leise", "--liste", str(inside)]) == 2
