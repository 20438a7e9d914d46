"""The house: one line of rooms, each importing only rooms to its left."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HOUSE = ROOT / "sozcontrol"
LINE = [
    "errors", "findings", "projekt", "kommentartext", "yamlgedaechtnis", "zuzweit", "beigebrauch",
    "dateisumme",
    "catalogue", "demo", "intake", "tidy", "vorschlag", "checks", "store", "measures", "forecast",
    "hochrechnung", "revision", "disclosure", "present", "press", "auskunft", "cli", "__main__",
]  # fmt: skip
BANNED = {"utils", "helpers", "common", "misc", "data2", "final"}


def room_of(path: Path) -> str:
    return path.relative_to(HOUSE).parts[0].removesuffix(".py")


@cache
def parsed(path: Path) -> ast.Module:
    """Return the tree of a file: a dozen tests look at each."""
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """Return all nodes of a file."""
    return tuple(ast.walk(parsed(path)))


@cache
def imported_rooms(path: Path) -> set[str]:
    """Return the rooms *path* imports, at module level or inside functions."""
    names: set[str] = set()
    for node in nodes(path):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            if node.module == "sozcontrol":
                names |= {f"sozcontrol.{alias.name}" for alias in node.names}
    parts = [n.split(".") for n in names if n.startswith("sozcontrol.")]
    return {p[1] for p in parts if p[1] != "__version__"}


MODULES = sorted(p for p in HOUSE.rglob("*.py") if p != HOUSE / "__init__.py")


def test_jeder_raum_steht_in_der_linie() -> None:
    assert {room_of(p) for p in MODULES} <= set(LINE)


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(HOUSE)))
def test_ein_raum_importiert_nur_nach_links(path: Path) -> None:
    room = room_of(path)
    allowed = set(LINE[: LINE.index(room) + 1])
    assert imported_rooms(path) - allowed == set()


INNEN = {
    "forecast": ["reihe", "methoden", "prognose", "bestand", "quellen", "datei"],
    "hochrechnung": [
        "einmal", "quellen", "prognosestand", "tafelteile", "abweichung", "abwicklung", "szenarien",
        "tafeln", "einwohner", "amtsschaetzungen", "prognosearchiv", "prognosekennzahlen",
    ],
    "press": ["lauf", "seite", "ablegen", "gegenprobe", "auszug", "run"],
}  # fmt: skip
"""The rooms with a line of their own inside."""


@pytest.mark.parametrize(
    "path",
    [p for p in MODULES if room_of(p) in INNEN and len(p.relative_to(HOUSE).parts) > 1],
    ids=lambda p: str(p.relative_to(HOUSE)),
)
def test_auch_innen_zeigt_jeder_import_nach_links(path: Path) -> None:
    room = room_of(path)
    here = path.relative_to(HOUSE / room).parts[0].removesuffix(".py")
    if here == "__init__":
        return
    line = INNEN[room]
    parts = {p for p in imported_parts(path, room) if p}
    assert parts - set(line[: line.index(here) + 1]) == set()


def imported_parts(path: Path, room: str) -> set[str]:
    """Return the parts of *room* that a module in it imports."""
    prefix, found = f"sozcontrol.{room}", set()
    for node in nodes(path):
        if isinstance(node, ast.ImportFrom) and node.module:
            if node.module == prefix:
                found |= {alias.name for alias in node.names}
            elif node.module.startswith(f"{prefix}."):
                found.add(node.module.split(".")[2])
    return found


def _modules() -> dict[str, Path]:
    found = {}
    for path in sorted((ROOT / "sozcontrol").rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(p for p in parts if p != "__init__")] = path
    return found


def _uses(path: Path, known: set[str]) -> set[str]:
    """Modules whose names *path* uses, also inside functions; types alone are no use."""
    quiet = {
        id(inner)
        for node in nodes(path)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for inner in ast.walk(node)
    }
    found: set[str] = set()
    for node in nodes(path):
        if isinstance(node, ast.ImportFrom) and node.module and id(node) not in quiet:
            whole = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= whole & known or {node.module}
    return found & known


def test_kein_modul_importiert_im_kreis() -> None:
    modules = _modules()
    faces = {name for name, path in modules.items() if path.name == "__init__.py"}
    inner = {name: path for name, path in modules.items() if name not in faces}
    graph = {name: _uses(path, set(inner)) - {name} for name, path in inner.items()}
    TopologicalSorter(graph).prepare()  # CycleError names the circle


def test_jeder_dateiname_kommt_einmal_vor() -> None:
    names = [p.name for p in MODULES if p.name != "__init__.py"]
    twice = {n for n in names if names.count(n) > 1}
    assert twice == set()


def test_die_oberste_ebene_ist_die_vereinbarte() -> None:
    agreed = {"notebooks", "sozcontrol", "data", "expectations", "reports", "tests"}
    files = {
        "environment.yml",
        "README.md",
        "LICENSE",
        "CHANGELOG.md",
        "pyproject.toml",
        "Makefile",
    }
    assert {n for n in agreed if not (ROOT / n).is_dir()} == set()
    assert {n for n in files if not (ROOT / n).is_file()} == set()


def test_keine_sammelsurien() -> None:
    assert [p for p in HOUSE.rglob("*") if p.stem in BANNED] == []


GENANNT = {
    "need.namen[0]", "source", "rule.nach", "rule.spalte", "column", "column.name", "profil.jahr",
    "profil.periode", "spalte", "name", "name or ''",  # columns, sheets: as the profile has them
    "source.name", "entry.datei.name", "hit.profil.profil", "profil.profil", "encoding", "land",
    "suite.name", "item.type", "entry.klasse",  # facts of catalogue and expectations
    "first.name", "path.name", "file_name(path)",  # files
    "shown(grid.trennzeichen)", "shown(other)",  # separators
}  # fmt: skip
"""What a message of the rooms that read may quote: facts, and names of files."""
VORGESCHLAGEN = {
    "kind.name", "new", "old", "part.strip()", "sheet.blatt.name", "source.blatt",  # of a header
    "column.bezeichnung", "table.bezeichnung", "d.muster", "z.dezimal",  # facts
}  # fmt: skip
"""What a proposal quotes besides: names of columns under a header whose names are known."""


@pytest.mark.parametrize("room", ["intake", "tidy", "vorschlag", "checks", "forecast/quellen"])
def test_was_geliefert_ist_kommt_nur_durch_show_in_eine_meldung(room: str) -> None:
    for path in (HOUSE / room).rglob("*.py"):
        quoted = {q for q in _quoted(path) if not re.match(r"(show|_shown|shape)\(", q)}
        assert quoted <= (GENANNT | VORGESCHLAGEN if room == "vorschlag" else GENANNT), path


def _quoted(path: Path) -> Iterator[str]:
    """Yield what the f-strings of *path* put between guillemets, as source."""
    for node in nodes(path):
        before = ""
        for part in node.values if isinstance(node, ast.JoinedStr) else ():
            if isinstance(part, ast.FormattedValue) and before.endswith("»"):
                yield ast.unparse(part.value)
            before = str(part.value) if isinstance(part, ast.Constant) else ""


def test_demo_wird_nur_von_der_kommandozeile_gebraucht() -> None:
    # The demo city plays the source systems: nothing that counts may know it.
    users = {p for p in MODULES if "demo" in imported_rooms(p) and room_of(p) != "demo"}
    assert {p.relative_to(HOUSE).as_posix() for p in users} == {"cli/musterstadt.py"}
    assert "sozcontrol.cli.musterstadt" not in _at_import(HOUSE / "cli" / "commands.py")


def test_den_pruefstand_liest_nur_wer_stoert() -> None:
    bench = HOUSE / "demo" / "pruefstand"
    for path in (p for p in MODULES if bench not in p.parents):
        assert not [n for n in _at_import(path) if n.startswith("sozcontrol.demo.pruefstand")], path


def _at_import(path: Path) -> set[str]:
    """Return the modules that importing *path* reads, those within its functions left out."""
    found: set[str] = set()
    waiting: list[ast.AST] = [parsed(path)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{a.name}" for a in node.names)}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            waiting += ast.iter_child_nodes(node)
    return found


FELDWORT = re.compile(
    r"(?<!ab)hilfe|(?<![a-z])hze|pflege|heime|uvg|kita|asyl|unterhalt|sgb\d|jugend|station(ae|ä)r|ambulant|erzieh"
    r"|tagesgruppe|eingliederung",
    re.IGNORECASE,
)
MASCHINEN = [
    "store", "measures/zaehlwerk", "forecast", "revision", "disclosure", "present", "press",
]  # fmt: skip
"""The engine rooms: what differs by field of law is a fact, not a word of theirs."""


def ohne_docstrings(path: Path) -> list[tuple[int, str]]:
    """Return the numbered lines of code, without docstrings and comments."""
    text = path.read_text(encoding="utf-8")
    said: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        if (
            isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str)
        ):
            said |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    lines = enumerate(text.splitlines(), start=1)
    return [(n, line.split("#")[0]) for n, line in lines if n not in said]


@pytest.mark.parametrize("room", MASCHINEN)
def test_die_maschine_nennt_kein_fach(room: str) -> None:
    found = [
        f"{path.relative_to(HOUSE)}:{n}: {line.strip()}"
        for path in sorted((HOUSE / room).rglob("*.py"))
        for n, line in ohne_docstrings(path)
        if FELDWORT.search(line)
    ]
    assert found == []


def _public(body: list[ast.stmt], name: str = "") -> Iterator[tuple[str, list[ast.expr]]]:
    """Yield the names a reader of a module meets, with the types they are given."""
    for node in body:
        match node:
            case ast.ClassDef() if not node.name.startswith("_"):
                yield from _public(node.body, f"{name}{node.name}.")
            case ast.FunctionDef() | ast.AsyncFunctionDef() if not re.match(r"_[^_]", node.name):
                a = node.args
                given = [*a.posonlyargs, *a.args, *a.kwonlyargs, a.vararg, a.kwarg]
                types = [arg.annotation for arg in given if arg] + [node.returns]
                yield name + node.name, [t for t in types if t]
            case ast.AnnAssign(target=ast.Name(id=field)) if not field.startswith("_"):
                yield name + field, [node.annotation]
            case ast.Assign(targets=[ast.Name(id=alias)]) if not alias.startswith("_"):
                yield name + alias, [node.value]


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(HOUSE)))
def test_was_ein_raum_zeigt_hat_einen_typ(path: Path) -> None:
    """A parameter, result, field or alias that may be anything tells nobody what to hand over."""
    found = [
        name
        for name, types in _public(parsed(path).body)
        if any(isinstance(n, ast.Name) and n.id == "Any" for t in types for n in ast.walk(t))
    ]
    assert found == []


def test_kein_name_haengt_an_einer_liste_von_texten() -> None:
    """What a module gives is written down in it, where an editor and mypy find it."""
    for path in MODULES:
        tree = parsed(path)
        assert "__getattr__" not in {n.name for n in tree.body if isinstance(n, ast.FunctionDef)}
