"""Who answers for a report is on record, and the record shows when somebody changed it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from press_fixtures import ausgaben, bare_project, lauf

from sozcontrol import catalogue
from sozcontrol.errors import Damaged, Exit, NotReleased, UsageError
from sozcontrol.press.ablegen.freigeben import Verantwortliche, release
from sozcontrol.press.ablegen.publish import publish
from sozcontrol.press.ablegen.repair import repair
from sozcontrol.press.ablegen.verify import verify
from sozcontrol.press.lauf.progress import Silent
from sozcontrol.projekt import Projekt
from sozcontrol.store import kette

EINE = Verantwortliche("Ada Beispiel")


pytestmark = pytest.mark.usefixtures("no_disk")


@pytest.fixture
def projekt(tmp_path: Path) -> Projekt:
    projekt = bare_project(tmp_path / "projekt")
    publish_as(projekt, "20260101T000000-aaaaaa", "alt")
    return projekt


def publish_as(projekt: Projekt, name: str, text: str) -> None:
    run = lauf(id=name, editionen=("leitung", "gremium"))
    publish(projekt, run, ausgaben(run, text))


def ordner(projekt: Projekt) -> Path:
    return projekt.reports / "2025-06-30"


def said(projekt: Projekt) -> str:
    return verify(projekt, ordner(projekt), Silent(), nachbauen=False)


def protokoll(projekt: Projekt) -> Path:
    return kette.path_of(projekt, kette.FREIGABEN)


def test_verify_sagt_was_freigegeben_ist_und_von_wem(projekt: Projekt) -> None:
    assert said(projekt).count("nicht freigegeben.") == 2
    text = release(projekt, ordner(projekt) / "leitung", EINE)
    assert "3 Dateien freigegeben. Quittung: " in text  # two reports, one page of findings
    now = said(projekt)
    assert "Leitung: freigegeben am" in now and "von Ada Beispiel." in now
    assert now.count("nicht freigegeben") == 1
    (line,) = kette.zeilen(protokoll(projekt))
    assert text.endswith(str(line["pruefsumme"])) and line["konto"]
    assert protokoll(projekt).stat().st_mode & 0o077 == 0
    publish_as(projekt, "20260201T000000-bbbbbb", "neu")
    assert "Ada Beispiel, seither neu veröffentlicht und so nicht freigegeben." in said(projekt)


def test_eine_veraenderte_seite_gibt_niemand_frei(projekt: Projekt) -> None:
    (ordner(projekt) / "leitung" / "finanzcontrolling.html").write_text("besser")
    with pytest.raises(NotReleased, match="finanzcontrolling"):
        release(projekt, ordner(projekt), EINE)
    assert not protokoll(projekt).exists()


@pytest.mark.parametrize(
    "wer, says",
    [
        pytest.param(("Ada Beispiel", None), "zwei Personen", id="eine Person"),
        pytest.param(("Ada Beispiel", " ada  beispiel"), "derselbe", id="zweimal dieselbe"),
        pytest.param(("Ada Beispiel", " "), "leer", id="leerer Name"),
    ],
)
def test_wo_die_stadt_zwei_namen_verlangt_reicht_einer_nicht(
    projekt: Projekt, monkeypatch, wer: tuple, says: str
) -> None:
    town = catalogue.kommune("musterstadt").model_copy(update={"vier_augen": True})
    monkeypatch.setattr(catalogue, "kommune", lambda _: town)
    with pytest.raises(UsageError, match=says):
        release(projekt, ordner(projekt), Verantwortliche(*wer))
    assert not protokoll(projekt).exists()
    release(projekt, ordner(projekt), Verantwortliche("Ada Beispiel", "Ben Muster"))
    assert "von Ada Beispiel und Ben Muster." in said(projekt)


def test_freigegeben_wird_am_ort_der_veroeffentlichung(projekt: Projekt, tmp_path: Path) -> None:
    copy = shutil.copytree(ordner(projekt), tmp_path / "kopie")
    with pytest.raises(UsageError, match="keine Kopie"):
        release(projekt, copy, EINE)
    assert not protokoll(projekt).exists()


def change(path: Path, at: int, **values: object) -> None:
    """Change a line and seal it again: whoever can write can do that."""
    lines = path.read_text("utf-8").splitlines()
    plain = json.loads(lines[at]) | values
    del plain["pruefsumme"]
    lines[at] = json.dumps(kette.seal.sealed(plain), ensure_ascii=False)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


FAELSCHUNG = {
    "ein anderer Name": lambda p: change(p, 0, wer="Niemand"),
    "eine Zeile weniger": lambda p: p.write_text("".join(p.read_text().splitlines(True)[1:])),
    "vertauscht": lambda p: p.write_text("".join(p.read_text().splitlines(True)[::-1])),
    "ein Zeichen der letzten": lambda p: p.write_text(
        p.read_text()[:-9] + ("0" if p.read_text()[-9] == "f" else "f") + p.read_text()[-8:]
    ),
    "keine Zeile": lambda p: p.write_text(p.read_text() + "nichts\n"),
}


@pytest.mark.parametrize("fake", FAELSCHUNG.values(), ids=FAELSCHUNG)
def test_eine_veraenderte_zeile_bricht_die_kette(projekt: Projekt, fake: Callable) -> None:
    release(projekt, ordner(projekt), EINE)
    assert len(kette.zeilen(protokoll(projekt))) == 2
    before = protokoll(projekt).read_bytes()
    fake(protokoll(projekt))
    assert protokoll(projekt).read_bytes() != before
    for again in (said, lambda p: release(p, ordner(p), EINE)):
        with pytest.raises(Damaged, match="Kette") as caught:
            again(projekt)
        assert caught.value.exit_code == Exit.STORAGE
    assert "freigaben.jsonl" in repair(projekt, Silent())
    assert said(projekt).count("nicht freigegeben") == 2


def test_was_am_ende_fehlt_merkt_die_naechste_veroeffentlichung(projekt: Projekt) -> None:
    release(projekt, ordner(projekt), EINE)
    publish_as(projekt, "20260201T000000-bbbbbb", "neu")
    whole = protokoll(projekt).read_text("utf-8")
    protokoll(projekt).write_text(whole.splitlines(keepends=True)[0], encoding="utf-8")
    with pytest.raises(Damaged, match="gekürzt"):
        said(projekt)
    protokoll(projekt).write_text(whole, encoding="utf-8")
    assert "freigegeben" in said(projekt)
