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

SEITE = (ROOT / "docs" / "eigene_regeln.md").read_text(encoding="utf-8")
ORT = '"expectations": [\n'


def block(sprache: str) -> str:
    """Return the one block of the page in this language."""
    (text,) = re.findall(rf"^```{sprache}\n((?:.*\n)*?)```$", SEITE, re.MULTILINE)
    return text


def pfad(endung: str) -> str:
    """Return the one path of the page that ends so and names no placeholder."""
    (found,) = set(re.findall(rf"`((?:data|expectations)/[^`<>]+\.{endung})`", SEITE))
    return found


@pytest.fixture
def gedruckt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    projekt = bare_project(tmp_path / "stadt")
    monkeypatch.setenv("SOZCONTROL_PROJEKT", str(projekt.root))
    shutil.copytree(ROOT / "expectations", projekt.expectations, dirs_exist_ok=True)
    raw = projekt.root / pfad("csv")
    raw.parent.mkdir(parents=True)
    raw.write_text(block("csv"), encoding="cp1252")
    suite = projekt.root / pfad("json")
    before = suite.read_text(encoding="utf-8")
    assert before.count(ORT) == 1
    suite.write_text(before.replace(ORT, ORT + block("json")), encoding="utf-8")
    (projekt.root / pfad("yml")).write_text(block("yaml"), encoding="utf-8")
    (command,) = re.findall(r"^    sozcontrol (.+)$", SEITE, re.MULTILINE)
    done = click.testing.CliRunner().invoke(sozcontrol, command.split())
    assert done.exit_code == 0, done.output
    return done.stdout


def test_die_seite_zeigt_was_ihre_eigenen_regeln_finden(gedruckt: str) -> None:
    own = next(part for part in gedruckt.split("\n\n") if "(uvg_monat)" in part.splitlines()[0])
    assert own.strip() == block("text").strip()
    # Every rule the page teaches is one its example breaks, and no other rule fails there.
    taught = set(re.findall(r"R-Z\d\d", block("json") + block("yaml")))
    assert (
        taught == set(re.findall(r" (R-[A-Z]\d\d) ", own)) == {"R-Z01", "R-Z02", "R-Z03", "R-Z04"}
    )


def test_die_nummern_einer_stadt_bleiben_frei() -> None:
    """The page promises that no rule of ours begins with R-Z."""
    assert not [r.id for r in regelverzeichnis(ROOT / "expectations") if r.id.startswith("R-Z")]
