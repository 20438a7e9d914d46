"""CI builds reports from a clean clone: the memory outlives it, and held areas stop no upload."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from conftest import ROOT

BERICHT = "reports/2025-12-31/leitung/jahresbericht.html"
WORKFLOWS = [".github/workflows/reports.yml", ".gitlab-ci.yml"]
SOZCONTROL = """#!/usr/bin/env bash
echo "$@" > aufruf
lager="$3"
[ -d "$lager/notebooks" ] && [ -d "$lager/expectations" ] || exit 9
date +%N >> "$lager/data/processed/veroeffentlicht"
mkdir -p "$lager/$(dirname "$BERICHT")" && echo Bericht > "$lager/$BERICHT"
exit "${CODE:-0}"
"""
"""Stands for the command line: it publishes, and remembers that it did."""


@pytest.fixture
def klon(tmp_path: Path) -> Path:
    """A clone with the script and a command line of its own."""
    clone = tmp_path / "klon"
    for name in (".ci", "notebooks", "expectations"):
        shutil.copytree(ROOT / name, clone / name)
    command = clone / ".venv/bin/sozcontrol"
    command.parent.mkdir(parents=True)
    command.write_text(SOZCONTROL, encoding="utf-8")
    command.chmod(0o755)
    return clone


def lauf(klon: Path, **environment: str) -> int:
    known = {**os.environ, "SOZCONTROL_LAGER": f"{klon.parent / 'lager'}", "BERICHT": BERICHT}
    command = ["bash", ".ci/report", "2025-12-31", "--bereich", "jahresbericht"]
    done = subprocess.run(command, cwd=klon, env=known | environment, check=False)
    return done.returncode


def test_das_gedaechtnis_ueberlebt_den_klon(klon: Path) -> None:
    assert lauf(klon) == 0
    shutil.rmtree(klon / "build")  # as `git clean -ffdx` does
    assert lauf(klon) == 0
    memory = klon.parent / "lager/data/processed/veroeffentlicht"
    assert len(memory.read_text().splitlines()) == 2
    asked = (klon / "aufruf").read_text().split()
    assert asked[3:] == ["--stichtag", "2025-12-31", "--edition", "leitung", "--edition", "gremium",
                         "--bereich", "jahresbericht"]  # fmt: skip
    assert sorted(p.name for p in klon.iterdir()) == sorted(
        [".ci", ".venv", "aufruf", "build", "expectations", "notebooks"]
    )


@pytest.mark.parametrize(
    ("code", "da"), [("0", True), ("4", True), ("6", False), ("70", False)]
)  # fmt: skip
def test_hochgeladen_wird_auch_was_neben_gesperrten_bereichen_erschien(klon, code, da) -> None:
    assert lauf(klon, CODE=code) == int(code)
    assert (klon / "build" / BERICHT).is_file() is da


@pytest.mark.parametrize("name", WORKFLOWS)
def test_beide_ablaeufe_rufen_dasselbe_und_laden_es_in_jedem_fall_hoch(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    facts = yaml.safe_load(text)
    job = facts["jobs"]["reports"] if "jobs" in facts else facts["reports"]
    assert "bash .ci/report" in f"{job}" and "build/reports/" in f"{job}"
    if "artifacts" in job:
        assert job["artifacts"]["when"] == "always" and job["allow_failure"]["exit_codes"] == [4]
        return
    names = [f"{step}" for step in job["steps"]]
    run, upload, last = (next(n for n, s in enumerate(names) if word in s)
                         for word in ("bash .ci/report", "upload-artifact", "exit 4"))  # fmt: skip
    assert run < upload < last
