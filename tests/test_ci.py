"""CI builds reports from a clean clone: the memory outlives it, and held areas stop no upload."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
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


@pytest.mark.parametrize(
    "answer, ended, code, says",
    [
        pytest.param([{"name": "a", "vulns": []}], 0, 0, "passed: 1", id="alle gefragt"),
        pytest.param([{"name": "a", "skip_reason": "no index"}], 0, 77, "skipped: 1", id="keines"),
        pytest.param(
            [{"name": "a", "vulns": []}, {"name": "b", "skip_reason": "?"}], 0, 77, "skipped: 1",
            id="eines nicht",
        ),
        pytest.param([{"name": "a", "vulns": [{"id": "X"}]}], 1, 1, "vulnerable: a", id="Lücke"),
        pytest.param(None, 1, 77, "skipped: all", id="ohne Antwort"),
    ],
)  # fmt: skip
def test_was_der_index_nicht_sagt_ist_uebersprungen_und_nicht_bestanden(
    tmp_path: Path, answer: list | None, ended: int, code: int, says: str
) -> None:
    """pip-audit itself says that nothing was found when nothing could be asked."""
    shutil.copytree(ROOT / ".ci", tmp_path / ".ci")
    tools = tmp_path / ".venv-tools" / "bin"
    tools.mkdir(parents=True)
    (tools / "python").symlink_to(sys.executable)
    write = f"cat > build/audit.json <<'E'\n{json.dumps({'dependencies': answer})}\nE\n"
    (tools / "pip-audit").write_text(f"#!/bin/sh\n{write if answer else ''}exit {ended}\n")
    (tools / "pip-audit").chmod(0o755)
    done = subprocess.run([tmp_path / ".ci" / "audit-lock"], capture_output=True, text=True)
    assert done.returncode == code
    assert says in done.stdout + done.stderr
