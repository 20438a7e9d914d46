"""What an executed notebook may say: declarations; all else leaves no trace, whatever it claims."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from press_fixtures import PARAMETER, SATZ, bare_project, write_notebook

from sozcontrol.disclosure import entscheiden
from sozcontrol.errors import NotebookFailed
from sozcontrol.press.lauf.declarations import Erklaerung, collect
from sozcontrol.press.lauf.execute import Auftrag, execute_all
from sozcontrol.press.lauf.progress import Silent
from sozcontrol.press.seite.drawing import draw_notebook
from sozcontrol.projekt import Projekt

pytestmark = pytest.mark.notebook

RAEUME = """import pandas as pd
from sozcontrol import present
from sozcontrol.measures.aufstellungen import Aufstellung
frame = pd.DataFrame({"sozialraum": ["A", "B", "C"], "anzahl": pd.array([12, 2, 47114], "Int64")})
tafel = Aufstellung(frame, ("sozialraum",), "Probe", ("anzahl",))
present.table(tafel, "Räume")"""
BUNDLE = '"art": "table", "angaben": {}, "sichtbar": None'
FORGED = [
    pytest.param("'CANARY'", id="Wert"),
    pytest.param("print('CANARY')", id="print"),
    pytest.param("import pandas as pd\npd.DataFrame({'a': ['CANARY']})", id="rohe Tabelle"),
    pytest.param(
        "from IPython.display import HTML, display\n"
        "display(HTML('CANARY'), metadata={'sozcontrol': {'released': True}})",
        id="gefälschter Stempel",
    ),
    pytest.param(
        "from IPython.display import display\nfrom sozcontrol.projekt import MIME\n"
        f"display({{MIME: {{{BUNDLE}, 'verweis': '../CANARY.json'}}, 'text/html': 'CANARY'}}, "
        "raw=True)",
        id="Verweis nach draußen",
    ),
    pytest.param(
        "from sozcontrol.present.kinds import KINDS\nfrom sozcontrol.disclosure import Freigabe\n"
        "import pandas as pd\nr = Freigabe.open('intern').release("
        "pd.DataFrame({'a': ['CANARY'], 'n': [1]}), je='a', anzahl='n')\n"
        "KINDS['table'].draw(r, 'CANARY')",
        id="selbst gezeichnet",
    ),
]


@pytest.fixture(scope="module")
def werkbank(tmp_path_factory: pytest.TempPathFactory) -> Projekt:
    return bare_project(tmp_path_factory.mktemp("erklaert") / "projekt")


def executed(projekt: Projekt, name: str, *sources: str) -> Erklaerung:
    path = write_notebook(projekt, name, *sources)
    ordner = projekt.runs / name
    ordner.mkdir(parents=True)
    job = Auftrag(name, path, PARAMETER)
    (done,) = execute_all([job], projekt=projekt, ordner=ordner, report=Silent())
    return collect(done, ("leitung", "intern"))


@pytest.fixture(scope="module")
def erklaert(werkbank: Projekt) -> Erklaerung:
    """One notebook for all: each kernel costs seconds."""
    forged = [case.values[0] for case in FORGED]
    inside = "present.table(tafel, 'Im Haus', sichtbar=['intern', 'controlling'])"
    return executed(werkbank, "probe", RAEUME, inside, SATZ, *forged)


def test_nur_erklaertes_kommt_auf_die_seite(werkbank: Projekt, erklaert: Erklaerung) -> None:
    assert [one.zelle for one in erklaert.ausgaben] == ["antwort-1", "antwort-2", "antwort-3"]
    assert set(erklaert.verworfen) == {f"antwort-{n}" for n in range(4, 4 + len(FORGED))}
    decided = entscheiden(erklaert.antraege, ("leitung", "intern"))
    for edition in ("leitung", "intern"):
        nb = draw_notebook(erklaert, decided, edition, werkbank).nb
        assert "CANARY" not in json.dumps([c.get("outputs") for c in nb.cells])


def test_jeder_antrag_heisst_nach_bereich_zelle_und_stelle(erklaert: Erklaerung) -> None:
    assert [a.id for a in erklaert.antraege] == ["probe/antwort-1/0", "probe/antwort-2/0"]
    assert {a.bereich for a in erklaert.antraege} == {"probe"}
    # asked for by the cell, and made at all of this area
    assert [a.sichtbar for a in erklaert.antraege] == [("leitung", "intern"), ("intern",)]


def test_aus_einer_ausfuehrung_wird_jede_edition(werkbank: Projekt, erklaert: Erklaerung) -> None:
    decided = entscheiden(erklaert.antraege, ("leitung", "intern"))
    shown, outputs = {}, {}
    for edition in ("leitung", "intern"):
        drawn = draw_notebook(erklaert, decided, edition, werkbank)
        outputs[edition] = {c["id"] for c in drawn.nb.cells if c.get("outputs")}
        first = next(c for c in drawn.nb.cells if c["id"] == "antwort-1")
        shown[edition] = first.outputs[0].data["text/html"], drawn.page.geheim
    assert "geheim gehalten" in shown["leitung"][0] and ">2<" not in shown["leitung"][0]
    assert outputs["leitung"] == {"antwort-1", "antwort-3"}
    assert outputs["intern"] == {"antwort-1", "antwort-2", "antwort-3"}
    assert ">2<" in shown["intern"][0] and shown["intern"][1] == 0 < shown["leitung"][1]


def test_die_zahlen_liegen_geschuetzt_neben_dem_notebook_und_nicht_darin(
    werkbank: Projekt, erklaert: Erklaerung
) -> None:
    folder = werkbank.runs / "probe"
    assert "47114" not in (folder / "probe.ipynb").read_text().replace('47114], \\"Int64\\"', "")
    files = sorted((folder / "probe.werte").iterdir())
    assert len(files) == 3 and "47114" in files[0].read_text()
    assert all(p.stat().st_mode & 0o077 == 0 for p in [folder / "probe.werte", *files])


def test_was_sich_nicht_zeichnen_laesst_nennt_notebook_und_zelle(werkbank: Projekt) -> None:
    broken = 'present.table(tafel, "T", spalten={"anzal": ("n", "anzahl")})'
    found = executed(werkbank, "kaputt", RAEUME, broken)
    decided = entscheiden(found.antraege, ("leitung",))
    with pytest.raises(NotebookFailed) as caught:
        draw_notebook(found, decided, "leitung", werkbank)
    said = str(caught.value)
    assert "kaputt" in said and "antwort-2" in said and "anzal" in said and "47114" not in said


def test_eine_undefinierte_tabelle_scheitert_schon_in_ihrer_zelle(werkbank: Projekt) -> None:
    with pytest.raises(NotebookFailed, match="antwort-1"):
        executed(werkbank, "roh", "from sozcontrol import present\npresent.table(3, 'T')")


def test_kein_verweis_fuehrt_aus_dem_ordner(tmp_path: Path) -> None:
    from sozcontrol.present.output import read_output

    (tmp_path / "0001.json").write_text("[]")
    inside = tmp_path / "werte"
    inside.mkdir()
    bundle = {"art": "absent", "angaben": {"titel": "T"}, "sichtbar": None}
    for name in ("../0001.json", str(tmp_path / "0001.json"), "0001", "٠٠٠١.json"):
        with pytest.raises((ValueError, OSError)):
            read_output(bundle | {"verweis": name}, inside)
