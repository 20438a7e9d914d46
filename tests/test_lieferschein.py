"""The form of a delivery note: what it can know it proposes, what it can't it leaves empty."""

from __future__ import annotations

import re
from pathlib import Path

import click.testing
import pytest
from conftest import ROOT
from mess.bauen import csv, lies
from press_fixtures import DATENSTAND, STICHTAG, bare_project

from sozcontrol.cli import main
from sozcontrol.cli.commands import sozcontrol
from sozcontrol.findings import Schwere
from sozcontrol.intake import lieferschein

UVG, WJH = "UVG_Monatswerte_20250630.csv", "WJH_Hilfen_20250630.csv"
SEITE = (ROOT / "docs" / "lieferungen.md").read_text(encoding="utf-8")


@pytest.fixture
def ordner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    projekt = bare_project(tmp_path / "stadt")
    monkeypatch.setenv("SOZCONTROL_PROJEKT", str(projekt.root))
    folder = projekt.delivery_folder(STICHTAG, DATENSTAND)
    folder.mkdir(parents=True)
    for name in (UVG, "Notizen.txt"):
        (folder / name).write_text("x")
    return folder


def test_das_formular_zeigt_was_die_seite_zeigt(ordner: Path) -> None:
    (typed,) = re.findall(r"^    sozcontrol (lieferung .+)$", SEITE, re.MULTILINE)
    assert main(typed.split()) == 0
    written = (ordner / "lieferung.yml").read_text(encoding="utf-8").splitlines()
    shown = SEITE.split("```\n")[1]
    there = iter(written)
    assert all(line in there for line in shown.splitlines())  # each, and in this order
    note = lieferschein(ordner)
    assert (note.kommune, note.zeilen) == ("musterstadt", {UVG: 6})


def test_was_niemand_sagt_bleibt_leer_und_gilt_als_nicht_gesagt(ordner: Path) -> None:
    (ordner / WJH).write_text("x")
    assert main(["lieferung"]) == 0
    text = (ordner / "lieferung.yml").read_text(encoding="utf-8")
    assert f"\n  {UVG}:\n" in text and f"\n  {WJH}:\n" in text
    assert lieferschein(ordner).zeilen == {}


def test_ein_lieferschein_wird_nie_ueberschrieben(ordner: Path, capsys) -> None:
    note = ordner / "lieferung.yml"
    note.write_bytes(b"kommune: musterstadt\n")
    assert main(["lieferung"]) == 2
    assert "schon" in capsys.readouterr().err
    assert note.read_bytes() == b"kommune: musterstadt\n"


def test_gefragt_wird_je_datei_und_nur_was_nicht_gesagt_ist(ordner: Path) -> None:
    (ordner / WJH).write_text("x")
    runner = click.testing.CliRunner()
    done = runner.invoke(
        sozcontrol, ["lieferung", "--fragen", "--zeilen", f"{UVG}=6"], input="viele\n1.204\n"
    )
    assert done.exit_code == 0, done.output
    assert UVG not in done.stdout and "ganze Zahl" in done.stdout
    assert lieferschein(ordner).zeilen == {UVG: 6, WJH: 1204}


@pytest.mark.parametrize(
    ("angaben", "sagt"),
    [
        (["--zeilen", "UVG_Monatswerte.csv=6"], f"Meinten Sie »{UVG}«"),
        (["--zeilen", UVG], "DATEI=ANZAHL"),
        (["--zeilen", f"{UVG}=-6"], "DATEI=ANZAHL"),
        (["--kommune", "musterstatt"], "Meinten Sie »musterstadt«"),
    ],
)
def test_eine_falsche_angabe_schreibt_nichts(ordner: Path, capsys, angaben, sagt) -> None:
    assert main(["lieferung", *angaben]) == 2
    assert sagt in capsys.readouterr().err
    assert not (ordner / "lieferung.yml").exists()


def test_ein_name_im_lieferschein_den_keine_datei_hat_wird_gemeldet(tmp_path: Path) -> None:
    """The count of a misspelt file would be held against nothing, and nobody would know."""
    (tmp_path / "lieferung.yml").write_text("zeilen: {hilfe.csv: 3}\n", encoding="utf-8")
    delivery, _ = lies(tmp_path, {"hilfen.csv": csv()})
    (found,) = [f for f in delivery.findings if f.regel == "R-I12"]
    assert found.schwere is Schwere.WARNUNG and "hilfe.csv" not in found.meldung
