"""A disk without a byte, a folder without rights: a sentence and code 8, and no traceback."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

import papermill  # noqa: F401 - imported once, before any child
import pytest
from press_fixtures import ausgaben, bare_project, lauf, snapshot, store_delivery, write_notebook
from todespunkte import called, needs_fork

from sozcontrol.errors import Exit
from sozcontrol.findings import Finding, Schwere
from sozcontrol.press.ablegen.publish import publish
from sozcontrol.projekt import Projekt

pytestmark = needs_fork

ROOT = Path(__file__).parent.parent
BEREICHE = ("finanzcontrolling", "monitoring_jugend")
LAUF = ("run", "--leise", "--stichtag", "2025-06-30", "--datenstand", "2025-07-15")
LAUF += tuple(word for area in BEREICHE for word in ("--bereich", area))
FAULTS = {"kein Platz": errno.ENOSPC, "keine Rechte": errno.EACCES, "zu groß": errno.EFBIG}


@pytest.fixture
def projekt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Projekt:
    """A project with a report, whose next run starts no kernel: the delivery is held."""
    projekt = bare_project(tmp_path / "projekt")
    shutil.copytree(ROOT / "expectations", projekt.expectations, dirs_exist_ok=True)
    for area in BEREICHE:
        write_notebook(projekt, area, "## Soll-Ist")
    first = lauf()
    publish(projekt, first, ausgaben(first, "alt"))
    held = Finding("R-I01", Schwere.FEHLER, "Nicht lesbar.", None)
    eingang = store_delivery(projekt, findings=(held,))
    monkeypatch.setattr("sozcontrol.press.run.receive", lambda *_: eingang)
    monkeypatch.setattr("sozcontrol.press.lauf.beweis.prove_facts", lambda _: None)
    # What was read writes nothing, and takes half of the time.
    monkeypatch.setattr("sozcontrol.press.run.gelesen", lambda *_: {})
    monkeypatch.setenv("SOZCONTROL_PROJEKT", str(projekt.root))
    return projekt


def geht_gut_oder_sagt_es(projekt: Projekt, at: int, fault: int) -> None:
    before = pages(projekt)
    code, said, _ = called(at, fault, *LAUF)
    assert code in (Exit.STORAGE, Exit.CONTRACT), f"event {at}: {said}"
    assert "Traceback" not in said and "File " not in said
    assert code == Exit.CONTRACT or "Tun:" in said
    assert pages(projekt) == before
    assert not [*projekt.runs.glob("fehler-*")]


def pages(projekt: Projekt) -> dict[str, str]:
    found = snapshot(projekt.reports / "2025-06-30" / "leitung")
    return {name: digest for name, digest in found.items() if name.split(".")[0] in BEREICHE}


def test_ohne_ein_einziges_byte_ist_es_ein_satz(projekt: Projekt) -> None:
    for fault in FAULTS.values():
        code, said, _ = called(0, fault, *LAUF)
        assert code == Exit.STORAGE and "Traceback" not in said and "Tun:" in said


def test_wo_der_platz_auch_ausgeht(projekt: Projekt) -> None:
    code, _, number = called(None, errno.ENOSPC, *LAUF)
    assert code == Exit.CONTRACT
    for at in range(0, number, number // 4):
        geht_gut_oder_sagt_es(projekt, at, errno.ENOSPC)


@pytest.mark.thorough
@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_an_jedem_ereignis(projekt: Projekt, fault: int) -> None:
    _, _, number = called(None, fault, *LAUF)
    # Each of them for the commonest fault, a third of them for the others.
    for at in range(0, number, 1 if fault == errno.ENOSPC else 3):
        geht_gut_oder_sagt_es(projekt, at, fault)


@pytest.mark.parametrize("was", ["runs", "lauf.json"])
def test_liegt_etwas_im_weg_ist_es_ein_satz(projekt: Projekt, was: str) -> None:
    """Root may write anywhere: something of another kind stands for missing rights."""
    shutil.rmtree(projekt.runs, ignore_errors=True)
    if was == "runs":
        projekt.runs.write_text("")
    else:
        (projekt.runs / was).mkdir(parents=True)
    code, said, _ = called(None, errno.EACCES, *LAUF)
    assert code == Exit.STORAGE and "Traceback" not in said and "Tun:" in said
