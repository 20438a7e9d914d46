"""The map of the house is true: every name in it leads somewhere, every file is on it."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HOUSE = ROOT / "sozcontrol"
TEXT = (ROOT / "docs" / "ARCHITEKTUR.md").read_text(encoding="utf-8")
ROOMS = sorted(p.name for p in HOUSE.iterdir() if (p / "__init__.py").exists())
NAMES = sorted({
    name
    for name in re.findall(r"`([a-z_]+(?:\.[A-Za-z_]+)+)`", TEXT)
    if name.split(".")[0] in ROOMS and not name.endswith((".yml", ".csv", ".py"))
})  # fmt: skip


def found_by(name: str) -> object:
    """Return what a dotted name below the package stands for."""
    parts = name.split(".")
    for cut in range(len(parts), 0, -1):
        try:
            found: object = import_module(".".join(["sozcontrol", *parts[:cut]]))
        except ModuleNotFoundError:
            continue
        for attribute in parts[cut:]:
            found = getattr(found, attribute)
        return found
    raise AssertionError(name)


@pytest.mark.parametrize("name", NAMES)
def test_jeder_name_fuehrt_irgendwohin(name: str) -> None:
    assert found_by(name) is not None


@pytest.mark.parametrize("room", ROOMS)
def test_jeder_raum_nennt_seine_dateien_und_keine_anderen(room: str) -> None:
    (line,) = re.findall(rf"^\*\*{room}\*\* – .*\n(.*)$", TEXT, re.MULTILINE)
    named = set(re.sub(r"\*\*[a-z/]+\*\* ", "", line).replace(" · ", ", ").split(", "))
    there = {p.stem for p in (HOUSE / room).rglob("*.py") if p.name != "__init__.py"}
    assert named == there


def test_die_dateien_der_tatsachen_gibt_es() -> None:
    for path in re.findall(r"`(catalogue/[a-z_/]+\.yml)`", TEXT):
        assert (HOUSE / path).is_file(), path
    assert len(NAMES) > 20


def test_was_die_sicherheitsseite_als_beleg_nennt_gibt_es() -> None:
    from sozcontrol.cli.commands import sozcontrol

    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    proofs = set(re.findall(r"`(tests/\w+\.py)`", text))
    assert len(proofs) > 4 and {p for p in proofs if not (ROOT / p).is_file()} == set()
    assert set(re.findall(r"`sozcontrol (\w+)", text)) <= {*sozcontrol.commands}
