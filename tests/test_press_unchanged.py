"""Nothing is done again where nothing has changed, and everything where something has."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from press_fixtures import bare_project

from sozcontrol.cli import main
from sozcontrol.errors import Exit
from sozcontrol.press.lauf import unchanged
from sozcontrol.press.run import Wunsch
from sozcontrol.projekt import Projekt

ASKED = vars(Wunsch())
BELOW = ("raw/2025-06-30/2025-07-15", "processed/2025-06-30/2025-07-15/ffff", "processed/journal",
         "reports/2025-06-30/leitung", "intern/2025-06-30", "notebooks/kommentare/2025-06-30",
         "notebooks", "expectations/regeln")  # fmt: skip


@pytest.fixture
def projekt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Projekt:
    """A project with a file in every place a run reads or writes, and a package of its own."""
    projekt = bare_project(tmp_path / "projekt")
    monkeypatch.setattr(unchanged, "PACKAGE", projekt.root / "package")
    monkeypatch.setattr(unchanged, "FRESH_SECONDS", -1.0)  # files of a test are new
    for path in (*(ort(projekt, name) for name in BELOW), projekt.root / "package" / "raum"):
        path.mkdir(parents=True, exist_ok=True)
        for name in ("a.yml", "b.yml"):
            (path / name).write_text(f"{path} {name}")
    (projekt.root / "requirements.lock").write_text("pandas==3.1.1")
    projekt.runs.mkdir(parents=True)
    unchanged.remember(projekt, ASKED, unchanged.traces(projekt), projekt.reports / "index.html")
    return projekt


def ort(projekt: Projekt, name: str) -> Path:
    """Return the folder that *name* begins with as the project calls it."""
    first, _, rest = name.partition("/")
    return getattr(projekt, first) / rest


def anders(path: Path) -> None:
    """Same length, same time of writing: only the system knows."""
    state = path.stat()
    path.write_text(path.read_text()[::-1])
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))


def ersetzt(path: Path) -> None:
    copy = path.with_name("neu")
    shutil.copy2(path, copy)
    copy.replace(path)


EDITS: dict[str, Callable[[Path], object]] = {
    "geändert": anders,
    "ersetzt": ersetzt,
    "gelöscht": Path.unlink,
    "umbenannt": lambda path: path.rename(path.with_name("c.yml")),
    "hinzugefügt": lambda path: path.with_name("0.yml").touch(),
    "gesperrt": lambda path: path.chmod(0),
    "leerer Ordner statt Datei": lambda path: (path.unlink(), path.mkdir()),
}


def test_nichts_geaendert(projekt: Projekt) -> None:
    assert unchanged.stands(projekt, ASKED) == projekt.reports / "index.html"


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS.keys())
def test_jede_aenderung_an_jedem_ort_faellt_auf(
    projekt: Projekt, edit: Callable[[Path], object]
) -> None:
    roots = [*(ort(projekt, name) for name in BELOW), projekt.root / "package" / "raum"]
    for root in roots:
        before = unchanged.traces(projekt)
        unchanged.remember(projekt, ASKED, before, projekt.reports)
        assert unchanged.stands(projekt, ASKED)
        edit(Random(str(root)).choice(sorted(root.glob("*.yml"))))
        assert unchanged.stands(projekt, ASKED) is None, root


@pytest.mark.parametrize("name, value", [
    pytest.param("editionen", ("intern",), id="Edition"),
    pytest.param("bereiche", ("abwicklung",), id="Bereich"),
    pytest.param("stichtag", "2025-06-30", id="Stichtag"),
    pytest.param("frei", True, id="frei"),
])  # fmt: skip
def test_wer_anderes_verlangt_bekommt_einen_lauf(
    projekt: Projekt, name: str, value: object
) -> None:
    assert unchanged.stands(projekt, {**ASKED, name: value}) is None


def test_was_sich_waehrend_des_laufs_aendert_faellt_beim_naechsten_auf(projekt: Projekt) -> None:
    before = unchanged.traces(projekt)
    anders(projekt.notebooks / "a.yml")
    unchanged.remember(projekt, ASKED, before, projekt.reports)
    assert unchanged.stands(projekt, ASKED) is None


def test_im_zweifel_ein_lauf(projekt: Projekt, monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock too coarse, a link, a run that failed, a memory that can't be read."""
    monkeypatch.setattr(unchanged, "FRESH_SECONDS", 2.0)
    assert unchanged.traces(projekt) is None
    monkeypatch.setattr(unchanged, "FRESH_SECONDS", -1.0)
    memory = projekt.runs / unchanged.REMEMBERED
    good = memory.read_text()
    memory.write_text(good[:-9])
    assert unchanged.stands(projekt, ASKED) is None
    memory.write_text(good)
    assert unchanged.stands(projekt, ASKED)
    (projekt.raw / "verweis").symlink_to(projekt.root)
    assert unchanged.traces(projekt) is None
    unchanged.remember(projekt, ASKED, None, projekt.reports)
    assert not memory.exists()


def test_neue_pakete_und_ein_neues_lock_sind_aenderungen(
    projekt: Projekt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    anders(projekt.root / "requirements.lock")
    assert unchanged.stands(projekt, ASKED) is None
    before = unchanged.traces(projekt)
    (tmp_path / "paket-2.0.dist-info").mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    assert unchanged.traces(projekt) != before


def test_der_befehl_laesst_gelten_und_rechnet_auf_verlangen(
    projekt: Projekt, capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(projekt.root)
    monkeypatch.setattr("sozcontrol.press.lauf.beweis.prove_facts", lambda _: None)
    ran = []

    def run(_projekt, wunsch, _report):
        ran.append(wunsch.force)
        raise KeyboardInterrupt

    monkeypatch.setattr("sozcontrol.press.run.run", run)
    assert main(["run"]) == Exit.OK
    out, err = capsys.readouterr()
    assert out == f"{projekt.reports / 'index.html'}\n" and "Nichts hat sich geändert" in err
    assert main(["run", "--force"]) == 130 and ran == [True]
