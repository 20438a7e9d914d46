"""How long the press takes against papermill, nbconvert and a Great Expectations script by hand.

    python benchmarks/presse.py [--bereich BEREICH …] [--notiz TEXT]

Machines are noisy, so only ratios of one run count: what is done by hand is measured beside it,
on the same delivery and the same notebooks. Every step's exit code is checked, and what two ways
to the same pages give is compared to the byte. Each run adds a line to ``verlauf.jsonl``.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parent.parent
STICHTAG = "2025-06-30"
AREAS = ("monitoring_jugend", "finanzcontrolling", "hochrechnung", "abwicklung", "sozialhilfe")
EDITIONS = ("leitung", "controlling", "gremium", "intern")
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
        }
        self.sozcontrol("demo", "--stichtag", STICHTAG)

    def do(self, *words: str) -> Cost:
        """Start a program, wait for its end, and return what it and its children took."""
        before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        done = subprocess.run(
            [sys.executable, *words], cwd=self.project / "notebooks", env=self.environment,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        wall, after = time.monotonic() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
        if done.returncode:
            raise SystemExit(f"{' '.join(words[:4])}: {done.returncode}\n{done.stderr[-2000:]}")
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

    def by_hand(self) -> Cost:
        """One edition: expectations, then each notebook by papermill and nbconvert."""
        (stored,) = (self.project / "data" / "processed").rglob("buchung.parquet")
        script = self.home / "erwartungen.py"
        script.write_text(ERWARTUNGEN, encoding="utf-8")
        total = self.do(str(script), str(stored.parent), str(self.project / "expectations"))
        for area in self.areas:
            out = str(self.home / f"{area}.ipynb")
            given = ("-p", "stichtag", STICHTAG, "-k", "python3")
            total += self.do("-m", "papermill", f"{area}.ipynb", out, *given)
            total += self.do("-m", "nbconvert", "--to", "html", "--no-input", out)
        return total

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

    def restyle(self) -> None:
        """Write another colour into the stylesheet of all pages."""
        style = self.home / "paket" / "sozcontrol" / "press" / "seite" / "vorlage" / "seite.css"
        with style.open("a", encoding="utf-8") as file:
            file.write(".soz-kopf { color: #123456; }\n")

    def pages(self) -> dict[str, str]:
        """Return the checksum of every page."""
        reports = self.project / "reports"
        return {
            str(p.relative_to(reports)): hashlib.sha256(p.read_bytes()).hexdigest()
            for p in sorted(reports.rglob("*.html"))
        }


def measure(bench: Bench) -> dict[str, tuple[Cost, Cost]]:
    """Return for each kind of work what it took by hand, and by the press."""
    bench.forget()
    hand = bench.by_hand()
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
    bench.restyle()
    found["d  ein Stil der Vorlage"] = (hand, bench.run())
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
    return found


def _same(one: dict[str, str], other: dict[str, str]) -> None:
    if other != one:
        raise SystemExit(f"Verschiedene Seiten: {sorted(k for k in one if one[k] != other.get(k))}")


def main() -> None:
    """Measure, print a table, and add it to the history."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bereich", action="append", choices=sorted(p.stem for p in
                        (ROOT / "notebooks").glob("*.ipynb")))  # fmt: skip
    parser.add_argument("--notiz", default="")
    given = parser.parse_args()
    areas = tuple(given.bereich or AREAS)
    with tempfile.TemporaryDirectory() as home:
        found = measure(Bench(Path(home), areas))
    print(f"{len(areas)} Notebooks, {os.cpu_count()} Kerne, Last {os.getloadavg()[0]:.1f}")
    for name, (hand, ours) in found.items():
        print(
            f"{name:32s} von Hand {hand.wall:6.1f} s, {hand.cpu:6.1f} CPU-s; "
            f"hier {ours.wall:6.2f} s, {ours.cpu:6.1f} CPU-s; "
            f"{hand.wall / ours.wall:6.1f}-mal so schnell, {ours.cpu / hand.cpu:5.2f} der CPU"
        )
    line = {
        "wann": datetime.now(UTC).isoformat(timespec="seconds"),
        "bereiche": areas, "last": os.getloadavg()[0], "notiz": given.notiz,
        "mal": {n.strip(): round(h.wall / o.wall, 2) for n, (h, o) in found.items()},
        "cpu": {n.strip(): round(o.cpu / h.cpu, 3) for n, (h, o) in found.items()},
    }  # fmt: skip
    with (Path(__file__).parent / "verlauf.jsonl").open("a", encoding="utf-8") as history:
        history.write(json.dumps(line, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
