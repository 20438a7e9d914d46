"""Which notebooks have to run: none again until something it read has changed.

What a notebook declared is kept beside its delivery, as every other result of it is, and drawn anew
in each run: a comment, a template or an edition costs no kernel. When in doubt it is executed: what
reaches past the rooms (a file, the clock, the system) isn't kept at all.
"""

from __future__ import annotations

import ast
import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, cast

from sozcontrol import store
from sozcontrol.press.lauf.execute import WERTE, Auftrag, Ausgefuehrt
from sozcontrol.press.lauf.unchanged import packages
from sozcontrol.projekt import MIME, Projekt

if TYPE_CHECKING:
    from nbformat import NotebookNode

RAEUME = ("catalogue", "store", "measures", "forecast", "hochrechnung", "revision", "disclosure",
          "press/lauf", "present")  # fmt: skip
"""The rooms whose code and facts decide what a notebook declares."""
HARMLESS = {"sozcontrol", "datetime", "decimal", "math"}
"""What a notebook may import and still be told by what is watched here."""
BEYOND = {
    "open", "exec", "eval", "compile", "getattr", "globals", "vars", "input", "get_ipython",
    "environ", "getenv", "os", "sys", "Path", "today", "now", "utcnow", "projekt", "Projekt",
}  # fmt: skip
"""Names that lead past the rooms: to files, the clock, the system or the interpreter."""
FILE = re.compile(
    r"\.(csv|tsv|txt|json|ya?ml|xlsx?|ods|parquet|db|sqlite|py|ipynb)$", re.IGNORECASE
)
MAGIC = re.compile(r"^\s*[%!?]|[?]\s*$", re.MULTILINE)
NIE, VERLANGT = "noch nie ausgeführt, oder die Ablage ist verloren", "verlangt"
WEITER = "das Notebook greift über die Räume hinaus"
CODE, LIEFERUNG = "Code oder Fakten", "die Lieferung"


@dataclass(frozen=True)
class Behalten:
    """What an executed notebook declared, and what it was made of (checksums by name)."""

    notebook: str
    werte: dict[str, str]
    sekunden: float
    teile: dict[str, str]


@dataclass(frozen=True)
class Vorhaben:
    """A notebook with what is kept of it; without, ``grund`` says why it has to run."""

    auftrag: Auftrag
    platz: store.Platz | None
    teile: Mapping[str, str]
    behalten: Behalten | None
    grund: str


def look(daten: store.Daten, auftraege: Sequence[Auftrag], *, force: bool) -> list[Vorhaben]:
    """Say of each notebook whether it has to run; with *force* all have to."""
    beside = _daneben(daten)
    return [_vorhaben(daten, auftrag, beside, force=force) for auftrag in auftraege]


def probably(projekt: Projekt, stichtag: date, datenstand: date, notebooks: Iterable[Path]) -> bool:
    """Guess at a glance whether one of *notebooks* will have to run: it is newer than what is kept.

    Nothing is decided by it but when to get ready.
    """
    slot = projekt.processed / stichtag.isoformat() / datenstand.isoformat()
    with suppress(OSError):  # another run may just put it in order
        for path in notebooks:
            name = store.name_aus("ausfuehrung", path.stem)
            there = slot.glob(f"gerechnet/lauf/{RAEUME[-1]}-*-{name}-*")
            if path.stat().st_mtime > max((p.stat().st_mtime for p in there), default=0.0):
                return True
    return False


def complete(
    daten: store.Daten, plans: Sequence[Vorhaben], done: Sequence[Ausgefuehrt], ordner: Path
) -> list[Ausgefuehrt]:
    """Return every planned notebook as executed: those that were (*done*), and those that are kept.

    What was executed is kept; what was kept is laid out in the folder of the run.
    """
    ran = {one.auftrag.name: one for one in done}
    new = [one for one in plans if one.behalten is None]
    beside = _daneben(daten) if new else {}
    for one in new:
        # Nothing is kept of what changed while the notebook ran.
        if _teile(one.auftrag, beside) == one.teile:
            _keep(one, ran[one.auftrag.name])
    return [ran.get(one.auftrag.name) or _restore(one, ordner) for one in plans]


def _restore(one: Vorhaben, ordner: Path) -> Ausgefuehrt:
    kept = one.behalten
    assert kept is not None, "a notebook that isn't kept was executed"
    werte = ordner / f"{one.auftrag.name}{WERTE}"
    werte.mkdir(mode=0o700)
    for name, text in kept.werte.items():
        (werte / name).write_text(text, encoding="utf-8")
    return Ausgefuehrt(
        one.auftrag, cast("NotebookNode", json.loads(kept.notebook)), kept.sekunden, werte
    )


def _keep(one: Vorhaben, done: Ausgefuehrt) -> None:
    if one.platz is not None:
        werte = {p.name: p.read_text(encoding="utf-8") for p in sorted(done.werte.iterdir())}
        text = json.dumps(_declared(done.nb))  # nbformat would sort what was given in an order
        made_of = {**one.teile, **_made_of(one.platz)}
        one.platz.write(Behalten(text, werte, done.sekunden, made_of))


def _vorhaben(
    daten: store.Daten, auftrag: Auftrag, beside: Mapping[str, str], *, force: bool
) -> Vorhaben:
    teile = _teile(auftrag, beside)
    name = store.name_aus("ausfuehrung", auftrag.name)
    platz = store.platz(daten, RAEUME, name, [*teile.values()])
    found = platz.read() if platz and not force else None
    if found:  # of a notebook that reaches beyond nothing is kept
        return Vorhaben(auftrag, platz, teile, cast("Behalten", found[0]), "")
    if _reaches_beyond(auftrag.notebook):
        return Vorhaben(auftrag, None, teile, None, WEITER)
    return Vorhaben(auftrag, platz, teile, None, _grund(platz, teile, force))


def _teile(auftrag: Auftrag, beside: Mapping[str, str]) -> dict[str, str]:
    """Return what an execution is made of, beside its delivery, code and facts."""
    given = auftrag.parameter.as_notebook()
    return {
        "das Notebook": _digest(auftrag.notebook.read_bytes()),
        "die Parameter": _digest(repr(sorted(given.items())).encode()),
        **beside,
    }


def _daneben(daten: store.Daten) -> dict[str, str]:
    """Return what all executions are made of, whichever the notebook."""
    return {
        "andere Lieferungen oder das von ihnen Veröffentlichte": store.daneben(daten),
        "Dateien bei den Notebooks (Szenarien)": beigelegt(daten.projekt),
        "die installierten Pakete": _digest("\n".join(packages()).encode()),
    }


def _grund(platz: store.Platz | None, teile: Mapping[str, str], force: bool) -> str:
    if force:
        return VERLANGT
    earlier = platz.earlier() if platz else None
    if platz is None or not isinstance(earlier, Behalten):
        return NIE
    now = {**teile, **_made_of(platz)}
    changed = [name for name, made in now.items() if earlier.teile.get(name) != made]
    return f"geändert: {', '.join(changed)}" if changed else NIE


def _made_of(platz: store.Platz) -> dict[str, str]:
    return {CODE: platz.key["code"], LIEFERUNG: platz.key["daten"]}


def beigelegt(projekt: Projekt) -> str:
    """Return the checksum of what lies with the notebooks, but for what takes effect in drawing."""
    found = []
    drawn = {projekt.kommentare, Projekt(projekt.root).zielbeschluesse.parent}
    for path in sorted(p for p in projekt.notebooks.rglob("*") if p.is_file()):
        if path.suffix != ".ipynb" and drawn.isdisjoint(path.parents):
            name = path.relative_to(projekt.notebooks).as_posix()
            found.append(f"{name} {_digest(path.read_bytes())}")
    return _digest("\n".join(found).encode())


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _declared(nb: NotebookNode) -> NotebookNode:
    """Return a copy that holds the declarations; of any other output only that there was one."""
    from copy import deepcopy

    from nbformat.v4 import new_output

    made = deepcopy(nb)
    for cell in made["cells"]:
        if cell["cell_type"] == "code":
            bundles = [output.get("data", {}).get(MIME) for output in cell["outputs"]]
            cell["outputs"] = [
                new_output("display_data", data={MIME: bundle} if bundle else {})
                for bundle in bundles
            ]
    return made


def _reaches_beyond(notebook: Path) -> bool:
    """Whether a notebook may read what is not watched here."""
    import nbformat

    cells = nbformat.read(str(notebook), as_version=4).cells
    sources = [cell.source for cell in cells if cell.cell_type == "code"]
    if any(MAGIC.search(source) for source in sources):
        return True
    try:
        trees = [ast.parse(source) for source in sources]
    except SyntaxError:
        return True
    return any(_beyond(node) for tree in trees for node in ast.walk(tree))


def _beyond(node: ast.AST) -> bool:
    if isinstance(node, ast.Import):
        return any(_foreign(alias.name) for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        rooms = [alias.name for alias in node.names] if node.module == "sozcontrol" else []
        return _foreign(node.module or "") or not set(rooms) <= set(RAEUME)
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and bool(FILE.search(node.value))
    name = str(getattr(node, "attr", None) or getattr(node, "id", ""))
    return name in BEYOND or name.startswith("__")


def _foreign(module: str) -> bool:
    root, _, rest = module.partition(".")
    return root not in HARMLESS or (root == "sozcontrol" and bool(rest) and rest.split(".")[0]
                                    not in RAEUME)  # fmt: skip
