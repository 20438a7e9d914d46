"""What readers see of a column is a fact: heading, unit and format, one file a family of tables."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import gezeichnet
import pandas as pd
import pytest

from sozcontrol import catalogue
from sozcontrol.catalogue import spaltenbild
from sozcontrol.disclosure import Freigabe
from sozcontrol.errors import CatalogueError, UsageError
from sozcontrol.measures.aufstellungen import Aufstellung
from sozcontrol.present.beschriftung import columns
from sozcontrol.present.format import FORMATE, WIRKUNG

ROOT = Path(__file__).parent.parent
GUT = "tafeln:\n  leer: {wert: {bezeichnung: Wert, einheit: €, format: anzahl}}\n"


@pytest.fixture
def ordner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Give the catalogue other descriptions of columns: file name → its text."""
    loaders = (spaltenbild._files, spaltenbild.tafelbilder, spaltenbild.bezeichnungen)

    def forget() -> None:
        for loader in loaders:
            loader.cache_clear()

    def write(**files: str) -> None:
        (tmp_path / "spalten").mkdir()
        for name, text in files.items():
            (tmp_path / "spalten" / f"{name}.yml").write_text(text, encoding="utf-8")
        monkeypatch.setattr(spaltenbild, "HERE", tmp_path)
        forget()

    yield write
    monkeypatch.undo()
    forget()


def geld() -> Aufstellung:
    frame = pd.DataFrame({"weg": ["a", "b"], "summe_eur": [1_234_567, 2_000_000], "jahre": [3, 4]})
    return Aufstellung(frame, ("weg",), "Wege", abgeleitet={"summe_eur": (), "jahre": ()})


def test_jedes_format_des_katalogs_kann_geschrieben_werden() -> None:
    known = {f.removeprefix(WIRKUNG) for f in get_args(spaltenbild.Format)}
    assert known == set(FORMATE)


def test_die_einheit_steht_in_klammern_hinter_der_bezeichnung(ordner: Callable[..., None]) -> None:
    ordner(a=GUT + "  ohne: {wert: {bezeichnung: Wert, format: text}}\n")
    assert columns("leer") == {"wert": ("Wert (€)", "anzahl")}
    assert columns("ohne") == {"wert": ("Wert", "text")}


def test_die_reihenfolge_der_datei_ist_die_der_tafel() -> None:
    assert [*columns("muster")] == [f"nach_{n}" for n in range(7)]
    assert columns("muster")["nach_6"] != columns("dreieck")["nach_6"]
    assert columns("muster")["nach_1"] == columns("dreieck")["nach_1"]


def test_eine_tafel_nennt_ihre_spalten_beim_namen() -> None:
    released = Freigabe.open("intern").aufstellung(geld())
    named = gezeichnet.table(
        released, "T", spalten={n: columns("wege")[n] for n in ("weg", "jahre")}
    )
    assert "Jahre" in named.html and "Summe" not in named.html
    with pytest.raises(UsageError, match="wape_pct"):
        gezeichnet.table(released, "T", spalten="wege")


def test_ein_name_zeigt_dasselbe_wie_seine_spalten(ordner: Callable[..., None]) -> None:
    ordner(
        a="tafeln:\n  kurz:\n    summe_eur: {bezeichnung: Summe, einheit: T€, format: tausend}\n"
    )
    freigabe = Freigabe.open("intern")
    shown = [
        gezeichnet.table(freigabe.aufstellung(geld()), "Titel", spalten=s).html.split("<table>")[1]
        for s in ("kurz", {"summe_eur": ("Summe (T€)", "tausend")})
    ]
    assert shown[0] == shown[1]
    assert "Summe (T€)" in shown[0] and "1.235" in shown[0]


def test_ein_verschriebener_name_bekommt_den_naechsten_genannt() -> None:
    released = Freigabe.open("intern").aufstellung(geld())
    with pytest.raises(UsageError, match="»soll_ist«"):
        gezeichnet.table(released, "T", spalten="sol_ist")


@pytest.mark.parametrize(
    ("dateien", "wort"),
    [
        pytest.param({"a": GUT.replace("anzahl", "anzhl")}, "format", id="unbekanntes Format"),
        pytest.param({"a": GUT.replace("einheit", "einheiten")}, "einheiten", id="fremder Eintrag"),
        pytest.param({"a": GUT.replace(", format: anzahl", "")}, "format", id="ohne Format"),
        pytest.param({"a": GUT + GUT[8:]}, "leer", id="Tafel zweimal in einer Datei"),
        pytest.param({"a": GUT, "b": GUT}, "»leer«", id="Tafel in zwei Dateien"),
        pytest.param({"a": "bezeichnungen: {ort: Ort}\n", "b": "bezeichnungen: {ort: Platz}\n"},
                     "»ort«", id="Spalte in zwei Dateien"),
        pytest.param({"a": "tafeln: {leer: {}}\n"}, "leer: ohne Spalten", id="ohne Spalten"),
        pytest.param({"a": "tafeln:\n  x:\n    a: {bezeichnung: Wert, format: text}\n"
                           "    b: {bezeichnung: Wert, format: anzahl}\n"},
                     "x: zwei Spalten heißen Wert", id="zwei Spalten heißen gleich"),
    ],
)  # fmt: skip
def test_was_niemand_lesen_koennte_beweist_der_katalog(
    ordner: Callable[..., None], dateien: dict[str, str], wort: str
) -> None:
    ordner(**dateien)
    with pytest.raises(CatalogueError, match=wort):
        catalogue.prove()


def test_spalten_ohne_ueberschrift_duerfen_mehrere_sein() -> None:
    assert [text for text, _ in columns("satz").values()] == ["", ""]


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda p: p.stem)
def test_notebooks_nennen_nur_spalten_die_es_gibt(path: Path) -> None:
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            for name in named(ast.parse("".join(cell["source"]))):
                assert catalogue.spalten(name)


def named(tree: ast.AST) -> list[str]:
    """Return the names given as ``spalten="…"`` or ``{"spalten": "…"}``."""
    keywords = [(k.arg, k.value) for n in ast.walk(tree) if isinstance(n, ast.Call)
                for k in n.keywords]  # fmt: skip
    entries = [(getattr(k, "value", None), v) for n in ast.walk(tree) if isinstance(n, ast.Dict)
               for k, v in zip(n.keys, n.values, strict=True)]  # fmt: skip
    return [v.value for k, v in keywords + entries
            if k == "spalten" and isinstance(v, ast.Constant)]  # fmt: skip


def test_jede_beschriebene_tafel_wird_gezeigt() -> None:
    places = [*(ROOT / "notebooks").glob("*.ipynb"), *(ROOT / "sozcontrol").rglob("*.py")]
    text = "".join(p.read_text(encoding="utf-8") for p in places).replace('\\"', '"')
    assert [n for n in catalogue.tafelbilder() if f'"{n}"' not in text] == []
