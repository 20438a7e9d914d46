"""Packages that import a name when it is used: the same names, types and faults as any package."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sozcontrol import disclosure, present
from sozcontrol.beigebrauch import import_whole

GESICHT = """
from typing import TYPE_CHECKING
from sozcontrol.beigebrauch import give_on_use
if TYPE_CHECKING:
    from probehaus.tafel import andere, tafel
    from probehaus.teuer import LADEN
else:
    give_on_use(__name__)
__all__ = ["LADEN", "andere", "tafel"]
"""


@pytest.fixture
def haus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A package whose function ``tafel`` lies in a module of the same name."""
    folder = tmp_path / "probehaus"
    folder.mkdir()
    (folder / "__init__.py").write_text(GESICHT)
    (folder / "tafel.py").write_text("def tafel(): return 1\ndef andere(): return 2\nKLEIN = 3\n")
    (folder / "teuer.py").write_text("LADEN = 4\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield "probehaus"
    for name in [n for n in sys.modules if n.partition(".")[0] == "probehaus"]:
        del sys.modules[name]


def test_ein_modul_kommt_ohne_seine_geschwister(haus) -> None:
    importlib.import_module(f"{haus}.tafel")
    assert f"{haus}.teuer" not in sys.modules
    assert importlib.import_module(haus).LADEN == 4
    assert f"{haus}.teuer" in sys.modules


@pytest.mark.parametrize("zuerst", ["", ".tafel", ".teuer"])
def test_ein_name_bleibt_die_funktion_auch_wenn_ein_modul_so_heisst(haus, zuerst) -> None:
    importlib.import_module(haus + zuerst)
    package = importlib.import_module(haus)
    assert package.tafel() == 1 and package.andere() == 2
    del sys.modules[f"{haus}.tafel"]
    assert importlib.import_module(f"{haus}.tafel").KLEIN == 3 and package.tafel() == 1


def test_was_sie_nicht_gibt_hat_sie_nicht(haus) -> None:
    package = importlib.import_module(haus)
    with pytest.raises(AttributeError, match=r"module 'probehaus' has no attribute 'KLEIN'"):
        _ = package.KLEIN
    with pytest.raises(ImportError, match=r"cannot import name 'fehlt' from 'probehaus'"):
        exec("from probehaus import fehlt")
    assert not hasattr(package, "__wrapped__") and f"{haus}.teuer" not in sys.modules


def test_wer_nachsieht_findet_alle_namen_und_laedt_nichts(haus) -> None:
    package = importlib.import_module(haus)
    assert {*package.__all__, "__all__"} <= {*dir(package)}
    assert not {f"{haus}.tafel", f"{haus}.teuer"} & set(sys.modules)


def test_vor_einer_gabelung_ist_alles_da(haus) -> None:
    import_whole("json")
    import_whole(haus)
    assert {*importlib.import_module(haus).__all__} <= vars(sys.modules[haus]).keys()


@pytest.mark.parametrize("room", [disclosure, present])
def test_die_raeume_geben_was_sie_versprechen(room) -> None:
    import_whole(room.__name__)
    assert {*room.__all__} == room._homes.keys()
