"""Every fault of docs/STOERUNGEN.md has its exit code and its proof; here are those of no other."""

from __future__ import annotations

import ast
import json
import locale
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from mess.bauen import csv, lies
from press_fixtures import ausgaben, bare_project, lauf, snapshot, store_delivery

from sozcontrol import store
from sozcontrol.errors import ConfigurationError, Exit
from sozcontrol.press.ablegen.publish import publish
from sozcontrol.press.ablegen.repair import repair
from sozcontrol.press.lauf.progress import Silent
from sozcontrol.store import seal
from sozcontrol.store.fassung import LAYOUT_VERSION

ROOT = Path(__file__).parents[1]
OHNE = {12, 14, 55, 60}
ZEILE = re.compile(r"\| (\d+) \| [^|]+ \| ([^|]+) \| [^|]+ \| ([^|]+) \|")


def zeilen() -> list[tuple[int, str, str]]:
    text = (ROOT / "docs" / "STOERUNGEN.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| ")][1:]
    found = [ZEILE.fullmatch(row) for row in rows]
    assert all(found), [r for r, hit in zip(rows, found, strict=True) if not hit]
    return [(int(hit[1]), hit[2].strip(), hit[3]) for hit in found if hit]


def namen() -> Iterator[str]:
    for path in (ROOT / "tests").glob("test_*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        yield from (n.name for n in tree.body if isinstance(n, ast.FunctionDef))


def test_jede_stoerung_hat_einen_beweis_den_es_gibt() -> None:
    assert [number for number, _, _ in zeilen()] == [n for n in range(1, 61) if n not in OHNE]
    there = set(namen())
    for number, _, proof in zeilen():
        named = re.findall(r"`(\w+)`", proof)
        assert named, f"row {number} names no test"
        assert set(named) <= there, f"row {number}: {set(named) - there}"


def test_jeder_ausgang_ist_einer_der_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8").partition("Exit codes:")[2]
    known = set(re.findall(r"(?:^|· |\s)(\d+) [a-z]", readme.partition("\n\n")[0]))
    assert {
        str(int(code)) for code in Exit if code not in (Exit.WARNINGS, Exit.PLAUSIBILITY)
    } <= known
    signals = {"129", "130", "143"}
    for number, codes, _ in zeilen():
        assert codes == "–" or set(codes.split(", ")) <= known | signals, number


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/St_Johns"])
def test_zeitzone_und_sprache_aendern_kein_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    """Half a day before and behind Berlin; a clock of another year; a language of the system."""

    def made(name: str) -> tuple[dict, dict]:
        _, tidied = lies(tmp_path / name, {"hilfen.csv": csv()})
        projekt = bare_project(tmp_path / f"{name}-projekt")
        run = lauf(editionen=("leitung", "intern"))
        publish(projekt, run, ausgaben(run))
        pages = {n: s for n, s in snapshot(projekt.root).items() if n.endswith(".html")}
        return {n: t.to_pylist() for n, t in tidied.tables.items() if n != "lieferung"}, pages

    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    here = made("hier")
    before = locale.setlocale(locale.LC_ALL)
    try:
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        monkeypatch.setattr(time, "time", lambda: 1_000_000_000.0)
        locale.setlocale(locale.LC_ALL, "C")
        there = made("dort")
    finally:
        locale.setlocale(locale.LC_ALL, before)
        monkeypatch.undo()
        time.tzset()
    assert here[0] == there[0] and here[1] == there[1] and len(here[1]) > 4


def test_was_eine_neuere_fassung_speicherte_bleibt_unangetastet(tmp_path: Path) -> None:
    """It isn't damaged: repair would move away what the newer installation needs."""
    projekt = bare_project(tmp_path / "projekt")
    store_delivery(projekt)
    (path,) = projekt.processed.rglob("lieferung.json")
    facts = json.loads(path.read_text(encoding="utf-8"))
    facts.pop(seal.SEAL)
    later = seal.sealed({**facts, "layout": LAYOUT_VERSION + 1, "was_kommt": True})
    path.write_text(json.dumps(later), encoding="utf-8")
    before = snapshot(projekt.processed)
    for ask in (store.deliveries, lambda p: repair(p, Silent())):
        with pytest.raises(ConfigurationError, match="neueres sozcontrol") as error:
            ask(projekt)
        assert error.value.exit_code is Exit.CONFIGURATION
    assert snapshot(projekt.processed) == before
