"""The German page on own rules, followed as written: its files, its command, what it prints."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import click.testing
import pytest
from conftest import ROOT
from press_fixtures import bare_project

from sozcontrol.checks import regelverzeichnis
from sozcontrol.cli.commands import sozcontrol
from sozcontrol.projekt import Projekt

SEITE = (ROOT / "docs" / "eigene_regeln.md").read_text(encoding="utf-8")
ORT = '"expectations": [\n'


def bloecke(sprache: str) -> list[str]:
    """Return the blocks of the page in this language."""
    return re.findall(rf"^```{sprache}\n((?:.*\n)*?)```$", SEITE, re.MULTILINE)


def block(sprache: str) -> str:
    """Return the one block of the page in this language."""
    (text,) = bloecke(sprache)
    return text


def pfade(endung: str) -> list[str]:
    """Return the paths of the page that end so and name no placeholder, as they come."""
    found = re.findall(rf"`((?:data|expectations)/[^`<>]+\.{endung})`", SEITE)
    return list(dict.fromkeys(found))


def abgeschrieben(projekt: Projekt) -> None:
    """Write the files of the page where it says."""
    for endung, sprache in (("yml", "yaml"), ("py", "python")):
        for name, text in zip(pfade(endung), bloecke(sprache), strict=True):
            (projekt.root / name).parent.mkdir(exist_ok=True)
            (projekt.root / name).write_bytes(text.encode())


@pytest.fixture
def gedruckt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    projekt = bare_project(tmp_path / "stadt")
    monkeypatch.setenv("SOZCONTROL_PROJEKT", str(projekt.root))
    shutil.copytree(ROOT / "expectations", projekt.expectations, dirs_exist_ok=True)
    raw = projekt.root / pfade("csv")[0]
    raw.parent.mkdir(parents=True)
    raw.write_text(block("csv"), encoding="cp1252")
    (name,) = pfade("json")
    suite = projekt.root / name
    before = suite.read_text(encoding="utf-8")
    assert before.count(ORT) == 1
    suite.write_text(before.replace(ORT, ORT + "".join(bloecke("json"))), encoding="utf-8")
    abgeschrieben(projekt)
    (command,) = re.findall(r"^    sozcontrol (.+)$", SEITE, re.MULTILINE)
    done = click.testing.CliRunner().invoke(sozcontrol, command.split())
    assert done.exit_code == 0, done.output
    return done.stdout


def test_die_seite_zeigt_was_ihre_eigenen_regeln_finden(gedruckt: str) -> None:
    own = next(part for part in gedruckt.split("\n\n") if "(uvg_monat)" in part.splitlines()[0])
    assert own.strip() == block("text").strip()
    # Every rule the page teaches is one its example breaks, and no other rule fails there.
    taught = set(re.findall(r"R-Z\d\d", "".join(bloecke("json") + bloecke("yaml"))))
    assert taught == set(re.findall(r" (R-[A-Z]\d\d) ", own)) == {f"R-Z0{i}" for i in range(1, 6)}


def test_die_nummern_einer_stadt_bleiben_frei() -> None:
    """The page promises that no rule of ours begins with R-Z."""
    assert not [r.id for r in regelverzeichnis(ROOT / "expectations") if r.id.startswith("R-Z")]
