"""The notes on the forecast are true: every method, name, file and value in them is the code's."""

from __future__ import annotations

import re

import pytest
from test_architektur import HOUSE, ROOMS, ROOT, found_by

from sozcontrol.cli.commands import sozcontrol
from sozcontrol.forecast.methoden.alle import STANDARD
from sozcontrol.forecast.methoden.einfach import NAMEN

TEXT = (ROOT / "docs" / "hochrechnung.md").read_text(encoding="utf-8")
ZEILEN = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in TEXT.splitlines()
    if line.startswith("|")
]
VERFAHREN = {z[0]: z for z in ZEILEN if re.fullmatch(r"M\d+b?", z[0])}
SETZUNGEN = [z for z in ZEILEN if len(z) == 3 and re.fullmatch(r"[\d,]+", z[1])]
PLAETZE = sorted(set(re.findall(r"`([a-z]+(?:\.[A-Za-z_]+)+)`", TEXT)))


def test_jedes_verfahren_steht_mit_seinem_namen_da() -> None:
    assert {nr: z[1] for nr, z in VERFAHREN.items()} == NAMEN
    assert [*VERFAHREN] == [*STANDARD, "M10"]


@pytest.mark.parametrize("nr", STANDARD)
def test_jedes_verfahren_steht_an_seinem_ort(nr: str) -> None:
    assert found_by(VERFAHREN[nr][3].strip("`")) is STANDARD[nr]


@pytest.mark.parametrize("name", PLAETZE)
def test_jeder_name_fuehrt_irgendwohin(name: str) -> None:
    assert name.split(".")[0] in ROOMS
    assert found_by(name) is not None


@pytest.mark.parametrize(("was", "wert", "wo"), SETZUNGEN, ids=lambda x: str(x)[-40:])
def test_jede_setzung_ist_die_des_programms(was: str, wert: str, wo: str) -> None:
    assert found_by(wo.strip("`")) == float(wert.replace(",", "."))


def test_dateien_und_befehle_gibt_es() -> None:
    files = re.findall(r"`(catalogue/[a-z_/]+\.yml)`", TEXT)
    assert [f for f in files if not (HOUSE / f).is_file()] == []
    assert set(re.findall(r"`sozcontrol (\w+)", TEXT)) <= set(sozcontrol.commands)
    assert all((ROOT / "docs" / f).is_file() for f in re.findall(r"\]\(([^)#]+)\)", TEXT))
    assert len(files) > 1 and len(PLAETZE) > 25 and len(SETZUNGEN) > 8
