"""How long the press takes against papermill, nbconvert and a Great Expectations script by hand.

    python benchmarks/presse.py [--bereich BEREICH …] [--von-hand PYTHON] [--notiz TEXT]

Machines are noisy, so only ratios of one run count: what is done by hand is measured beside it,
on the same delivery and the same notebooks. With ``--von-hand`` it is done once more by another
Python, which needs the same packages: analysts have JupyterLab beside them (``environment.yml``,
``make lab``), and whatever reads a notebook starts two seconds later there. Every step's exit code
is checked, and what two ways to the same pages give is compared to the byte. Each run adds a line
to ``verlauf.jsonl``.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
HERE = sys.executable
STICHTAG = "2025-06-30"
AREAS = ("monitoring_jugend", "finanzcontrolling", "hochrechnung", "abwicklung", "sozialhilfe")
EDITIONS = ("leitung", "controlling", "gremium", "intern")
LIEFERUNG = "f  eine Lieferung, gegen Lesen und a"
"""The one work that is not held against what is done by hand, which reads no delivery."""
GEDRUCKT = "WJH_Hilfen_20250630.csv"
"""Tells below its rows when it was printed: printed anew, it is another file of the same rows."""
NENNEN_ZIEL = {"jahresbericht", "monitoring_jugend", "operativ", "steuerung"}
"""The areas that show the first goal."""
PACKAGES = """
import json
from importlib import import_module
from importlib.metadata import distributions
from packaging.utils import canonicalize_name
for name in ("great_expectations", "ipykernel", "nbconvert", "papermill", "sozcontrol.present"):
    import_module(name)  # what is imported has its bytecode from now on
print(json.dumps({canonicalize_name(d.name): d.version for d in distributions()}))
"""
ERWARTUNGEN = """
import json, sys, warnings
from pathlib import Path
warnings.filterwarnings("ignore")
import great_expectations as gx, pandas as pd
context = gx.get_context(mode="ephemeral")
context.variables.progress_bars = {"globally": False}
source = context.data_sources.add_pandas("lieferung")
for table in sorted(Path(sys.argv[1]).glob("*.parquet")):
    suite = Path(sys.argv[2], table.stem + ".json")
    if suite.is_file():
        given = json.loads(suite.read_text(encoding="utf-8"))
        known = gx.ExpectationSuite(table.stem)
        for one in given["expectations"]:
            name = "".join(word.title() for word in one["type"].split("_"))
            known.add_expectation(getattr(gx.expectations, name)(**one["kwargs"]))
        batch = source.add_dataframe_asset(table.stem).add_batch_definition_whole_dataframe("alles")
        batch.get_batch({"dataframe": pd.read_parquet(table)}).validate(known)
"""


@dataclass(frozen=True)
class Cost:
    """What one way took."""

    wall: float
    cpu: float

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.wall + other.wall, self.cpu + other.cpu)


Found = dict[str, tuple[Cost, Cost]]
"""By the kind of work, what it took otherwise and what it took here."""


class Bench:
    """A project with a checked delivery, and ways to its reports."""

    def __init__(self, home: Path, areas: tuple[str, ...]) -> None:
        self.home, self.areas = home, areas
        self.project = home / "projekt"
        for name in ("notebooks", "expectations"):
            shutil.copytree(ROOT / name, self.project / name)
        # Who works with it has the bytecode kept; a test bench may forbid it.
        given = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        self.environment = {
            **given,
            # What runs in a root of its own is ended with it, and its CPU time is told to nobody.
            "SOZCONTROL_KERNE_ABSCHOTTEN": "nie",
            "PYTHONPATH": str(self.copied(home / "paket")),
            "SOZCONTROL_PROJEKT": str(self.project),
            "XDG_CONFIG_HOME": str(home / "config"),
            "XDG_CACHE_HOME": str(home / "cache"),
            # A kernel of the user's home might start a third Python.
            "JUPYTER_DATA_DIR": str(home / "jupyter"),
        }
        self.sozcontrol("demo", "--stichtag", STICHTAG)

    def told(self, *words: str, python: str = HERE) -> str:
        """Start a program, wait for its end, and return what it prints."""
        done = subprocess.run(
            [python, *words], cwd=self.project / "notebooks", env=self.environment,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            asked = " ".join(words[:4]).strip().splitlines()[0]
            raise SystemExit(f"{python} {asked}: {done.returncode}\n{done.stderr[-2000:]}")
        return done.stdout

    def do(self, *words: str, python: str = HERE) -> Cost:
        """Start a program, wait for its end, and return what it and its children took."""
        before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        self.told(*words, python=python)
        wall, after = time.monotonic() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return Cost(wall, cpu)

    def sozcontrol(self, *words: str) -> Cost:
        """Type a command."""
        return self.do("-m", "sozcontrol", *words)

    def run(self, *words: str, editions: tuple[str, ...] = ("leitung",)) -> Cost:
        """Publish the areas."""
        named = [w for area in self.areas for w in ("--bereich", area)]
        named += [w for edition in editions for w in ("--edition", edition)]
        return self.sozcontrol("run", "--stichtag", STICHTAG, "--leise", *named, *words)

    def by_hand(self, python: str) -> Cost:
        """One edition: expectations, then each notebook by papermill and nbconvert.

        Nothing is there that was computed before: the notebooks keep what they count.
        """
        self.forget()
        (stored,) = (self.project / "data" / "processed").rglob("buchung.parquet")
        script = self.home / "erwartungen.py"
        script.write_text(ERWARTUNGEN, encoding="utf-8")
        rules = str(self.project / "expectations")
        total = self.do(str(script), str(stored.parent), rules, python=python)
        for area in self.areas:
            out = str(self.home / f"{area}.ipynb")
            given = ("-p", "stichtag", STICHTAG, "-k", "python3")
            total += self.do("-m", "papermill", f"{area}.ipynb", out, *given, python=python)
            total += self.do("-m", "nbconvert", "--to", "html", "--no-input", out, python=python)
        return total

    def demand_same_packages(self, python: str) -> dict[str, str]:
        """Return the packages of another Python, by version.

        Raises:
            SystemExit: It lacks what the package needs, or has another version of what is here.
        """
        here, there = (json.loads(self.told("-c", PACKAGES, python=p)) for p in (HERE, python))
        asked = [Requirement(r) for r in requires("sozcontrol") or ()]
        needed = {canonicalize_name(r.name) for r in asked if not r.marker}
        other = {n for n in here.keys() & there.keys() - {"pip"} if here[n] != there[n]}
        if wrong := sorted(needed - there.keys() | other):
            raise SystemExit(f"{python} hat nicht, was hier liegt: {', '.join(wrong)}")
        return there

    def print_anew(self, minute: int) -> None:
        """Deliver a file once more, printed at another minute; its rows are the same."""
        (path,) = (self.project / "data" / "raw").rglob(GEDRUCKT)
        found, times = re.subn(rb"06:\d\d Uhr", b"06:%02d Uhr" % minute, path.read_bytes())
        assert times == 1, f"{GEDRUCKT} tells when it was printed"
        path.write_bytes(found)

    def retarget(self, value: int) -> None:
        """Let a council decide what the first goal is to reach."""
        path = self.project / "notebooks" / "ziele" / "beschluesse.yml"
        path.parent.mkdir(exist_ok=True)
        decided = f"ziel: 1, gilt_ab: {STICHTAG}, beschluss: Vorlage 2025/118, zielwert: {value}"
        path.write_text(f"beschluesse: [{{{decided}}}]\n", encoding="utf-8")

    def forget(self) -> None:
        """Leave the stored delivery as it is, and nothing that was ever computed from it."""
        for gone in (self.project / "reports", self.home / "cache", self.project / "data"):
            shutil.rmtree(gone, ignore_errors=True)
        self.sozcontrol("demo", "--stichtag", STICHTAG)
        self.sozcontrol("check", "--stichtag", STICHTAG)

    def copied(self, folder: Path) -> Path:
        """Copy the package, so that its template can be edited; return the folder it lies in."""
        unread = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / "sozcontrol", folder / "sozcontrol", ignore=unread)
        return folder

    def edit(self, name: str, before: str, after: str) -> None:
        """Change what stands once in a file of the template of all pages."""
        path = self.home / "paket" / "sozcontrol" / "press" / "seite" / "vorlage" / name
        text = path.read_text(encoding="utf-8")
        assert text.count(before) == 1, f"{name} has {before!r} once"
        path.write_text(text.replace(before, after), encoding="utf-8")

    def pages(self) -> dict[str, str]:
        """Return the checksum of every page."""
        reports = self.project / "reports"
        return {
            str(p.relative_to(reports)): hashlib.sha256(p.read_bytes()).hexdigest()
            for p in sorted(reports.rglob("*.html"))
        }


def measure(bench: Bench, hand: Cost) -> Found:
    """Return for each kind of work what it took by hand (one edition: *hand*), and by the press."""
    bench.forget()
    found = {"a  eine Edition, kalt": (hand, bench.run())}
    first = bench.pages()
    found["c  nichts geändert"] = (hand, bench.run())
    _same(first, bench.pages())
    found["   alles noch einmal (--force)"] = (hand, bench.run("--force"))
    _same(first, bench.pages())
    comment = bench.project / "notebooks" / "kommentare" / STICHTAG / f"{bench.areas[0]}.md"
    comment.parent.mkdir(parents=True, exist_ok=True)
    comment.write_text("Die Zahlen sind mit dem Fachamt besprochen.\n", encoding="utf-8")
    found["d  ein Kommentar"] = (hand, bench.run())
    before = bench.pages()
    bench.retarget(58)
    found["d  ein Ziel"] = (hand, bench.run())
    _same(before, bench.pages(), anders=NENNEN_ZIEL)
    bench.edit("seite.css", "--tinte: #17212b", "--tinte: #123456")
    found["d  ein Stil der Vorlage"] = (hand, bench.run())
    foot = '<nav aria-label="Zu diesem Bericht">'
    bench.edit("bericht.html.j2", foot, f"<p>Fragen an das Controlling.</p>\n{foot}")
    found["d  eine Vorlage (Schale)"] = (hand, bench.run())
    notebook = bench.project / "notebooks" / f"{bench.areas[0]}.ipynb"
    notebook.write_text(notebook.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    found["e  ein Notebook"] = (hand, bench.run())
    asked = ("--stichtag", STICHTAG, "--edition", "leitung")
    bench.sozcontrol("kennzahlen", *asked)
    found["j  kennzahlen"] = (hand, bench.sozcontrol("kennzahlen", *asked))
    found["   explain, zum ersten Mal"] = (hand, bench.sozcontrol("explain", "F09", *asked))
    found["j  explain"] = (hand, bench.sozcontrol("explain", "F09", *asked))
    bench.forget()
    four = Cost(hand.wall * len(EDITIONS), hand.cpu * len(EDITIONS))
    found["b  vier Editionen, kalt"] = (four, bench.run(editions=EDITIONS))
    bench.print_anew(16)
    reading = bench.sozcontrol("check", "--stichtag", STICHTAG)
    bench.print_anew(17)
    found[LIEFERUNG] = (reading + found["a  eine Edition, kalt"][1], bench.run())
    return found


def _same(one: dict[str, str], other: dict[str, str], *, anders: Collection[str] = ()) -> None:
    """Demand the same pages, and other ones of the areas *anders*."""
    pages = one.keys() | other.keys()
    changed = {page for page in pages if one.get(page) != other.get(page)}
    if wrong := changed ^ {page for page in pages if Path(page).stem in anders}:
        raise SystemExit(f"Anders als erwartet: {sorted(wrong)}")


def main() -> None:
    """Measure, print a table, and add it to the history."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bereich", action="append", choices=sorted(p.stem for p in
                        (ROOT / "notebooks").glob("*.ipynb")))  # fmt: skip
    parser.add_argument("--notiz", default="")
    parser.add_argument("--von-hand", metavar="PYTHON", help="auch mit diesem Python von Hand")
    given = parser.parse_args()
    areas = tuple(given.bereich or AREAS)
    with tempfile.TemporaryDirectory() as home:
        bench = Bench(Path(home), areas)
        packages = bench.demand_same_packages(given.von_hand) if given.von_hand else {}
        hand = bench.by_hand(HERE)
        there = bench.by_hand(given.von_hand) if packages else None
        found = measure(bench, hand)
    print(f"{len(areas)} Notebooks, {os.cpu_count()} Kerne, Last {os.getloadavg()[0]:.1f}")
    _show(found)
    line = {
        "wann": datetime.now(UTC).isoformat(timespec="seconds"),
        "bereiche": areas, "last": os.getloadavg()[0], "notiz": given.notiz, **_ratios(found),
    }  # fmt: skip
    if there:
        lab = packages.get("jupyterlab")
        slower = {n: (_as(there, hand, h), o) for n, (h, o) in found.items() if n != LIEFERUNG}
        print(f"Gegen von Hand, wo JupyterLab {lab or 'nicht'} liegt")
        _show(slower)
        line["anderswo"] = {"jupyterlab": lab, **_ratios(slower)}
    with (Path(__file__).parent / "verlauf.jsonl").open("a", encoding="utf-8") as history:
        history.write(json.dumps(line, ensure_ascii=False) + "\n")


def _as(there: Cost, hand: Cost, cost: Cost) -> Cost:
    """Return what *cost*, a multiple of *hand*, is where that takes *there*."""
    return Cost(cost.wall * there.wall / hand.wall, cost.cpu * there.cpu / hand.cpu)


def _show(found: Found) -> None:
    for name, (other, ours) in found.items():
        print(
            f"{name:36s} {other.wall:6.1f} s, {other.cpu:6.1f} CPU-s; "
            f"hier {ours.wall:6.2f} s, {ours.cpu:6.1f} CPU-s; "
            f"{other.wall / ours.wall:6.1f}-mal so schnell, {ours.cpu / other.cpu:5.2f} der CPU"
        )


def _ratios(found: Found) -> dict[str, dict[str, float]]:
    return {
        "mal": {n.strip(): round(h.wall / o.wall, 2) for n, (h, o) in found.items()},
        "cpu": {n.strip(): round(o.cpu / h.cpu, 3) for n, (h, o) in found.items()},
    }


if __name__ == "__main__":
    main()
