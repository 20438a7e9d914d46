"""What much of it costs: a large delivery, ten million cases, many municipalities.

    python benchmarks/menge.py [--teil TEIL …] [--gross] [--notiz TEXT]

``pruefen``   reading and checking a city ten times Musterstadt (with --gross forty times, too)
``zaehlen``   stock of ten million cases at 120 month ends: the product, SQL by hand, a pandas loop
``kommunen``  one report for 1 and 10 municipalities (with --gross for 50, too)

Every step's exit code is checked, and its figures are held against ones worked out another way.
Each run adds a line to ``verlauf.jsonl``. On a machine that does other work only CPU seconds count.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
from grossstadt import enlarge

ROOT = Path(__file__).parent.parent
STICHTAG = "2025-06-30"
HILFEN, MONATE, GRUPPEN = 10_000_000, 120, ("hilfeart", "sozialraum")
VON, BIS = "2016-01-31", "2025-12-31"
BEREICH, TOWNS = "asyl_bildung", (1, 10, 50)
WAYS = {"hier": "das Produkt", "sql": "SQL von Hand", "schleife": "Schleife in pandas"}
LOOK_SECONDS = 0.05


@dataclass(frozen=True)
class Cost:
    """What a program and all it started took: seconds; MiB of the largest process, and of all.

    What two processes share counts once in all of them.
    """

    wall: float
    cpu: float
    groesster: int
    summe: int

    def told(self) -> dict[str, float]:
        """Return it as the history keeps it."""
        return {name: round(value, 2) for name, value in asdict(self).items()}


class Project:
    """A project folder of its own, and a way to type commands in it."""

    def __init__(self, home: Path) -> None:
        self.root = home / "projekt"  # the key lies beside it, never in it
        for name in ("notebooks", "expectations"):
            shutil.copytree(ROOT / name, self.root / name)
        (self.root / "pyproject.toml").touch()
        # Who works with it has the bytecode kept; a test bench may forbid it.
        given = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        self.environment = {
            **given,
            # What runs in a root of its own is ended with it, and its CPU time is told to nobody.
            "SOZCONTROL_KERNE_ABSCHOTTEN": "nie",
            "PYTHONPATH": str(ROOT),
            "SOZCONTROL_PROJEKT": str(self.root),
            "XDG_CONFIG_HOME": str(home / "config"),
            "XDG_CACHE_HOME": str(home / "cache"),
        }

    def sozcontrol(self, *words: str, codes: tuple[int, ...] = (0,)) -> Cost:
        """Type a command."""
        return run([sys.executable, "-m", "sozcontrol", *words], self.environment, codes)

    def demo(self) -> Path:
        """Write the delivery of Musterstadt, and return its folder."""
        self.sozcontrol("demo", "--stichtag", STICHTAG)
        (folder,) = (self.root / "data" / "raw" / STICHTAG).iterdir()
        return folder


def run(words: list[str], environment: Mapping[str, str], codes: tuple[int, ...] = (0,)) -> Cost:
    """Start a program, wait for its end, and return what it and all it started took."""
    with tempfile.TemporaryFile() as said:
        begun, most = time.monotonic(), [0, 0]
        process = subprocess.Popen(words, env=environment, stdout=said, stderr=said)
        watching = threading.Thread(target=_watch, args=(process.pid, most), daemon=True)
        watching.start()
        _, status, used = os.wait4(process.pid, 0)
        wall = time.monotonic() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        watching.join()
        if process.returncode not in codes:
            said.seek(0)
            raise SystemExit(f"{words[2:6]}: {process.returncode}\n{said.read()[-2000:].decode()}")
    return Cost(wall, used.ru_utime + used.ru_stime, most[1] >> 10, most[0] >> 10)


def _watch(process: int, most: list[int]) -> None:
    """Keep, while *process* runs, the most KiB it and what it started held: all, and one of them.

    What the system says at its end counts the memory of this bench, too, from which it was forked.
    """
    while held := [*_held(process)]:
        most[0] = max(most[0], sum(now for now, _ in held))
        most[1] = max(most[1], *(peak for _, peak in held))
        time.sleep(LOOK_SECONDS)


def _held(process: int) -> Iterator[tuple[int, int]]:
    """Yield the KiB that *process* and what it started hold, each, and held at most.

    Of what several hold each holds its part (PSS): of a fork most is its parent's, too.
    """
    own = Path("/proc", str(process))
    try:
        files = [(own / name).read_text(encoding="ascii") for name in ("status", "smaps_rollup")]
        lines = [line.split(":", 1) for file in files for line in file.splitlines() if ":" in line]
        known = {name: told.split()[0] for name, told in lines if told.endswith("kB")}
        children = [c for f in own.glob("task/*/children") for c in f.read_text().split()]
    except OSError:
        return  # it has ended
    if {"Pss", "VmHWM"} <= set(known):
        yield int(known["Pss"]), int(known["VmHWM"])
    for child in children:
        yield from _held(int(child))


def pruefen(home: Path, times: int) -> Cost:
    """Read and check a city *times* Musterstadt.

    Its copies are alike but for their numbers, and rules on doubles say so: code 4. What is stored
    of its payments is held against the file of Musterstadt itself.
    """
    project = Project(home)
    folder = project.demo()
    rows, total = _payments(folder)
    enlarge(folder, times)
    cost = project.sozcontrol("check", "--stichtag", STICHTAG, codes=(4,))
    (stored,) = (project.root / "data" / "processed").rglob("zahlung.parquet")
    asked = f"SELECT count(*), sum(betrag_eur) FROM '{stored}'"  # noqa: S608
    (found,) = duckdb.sql(asked).fetchall()
    _demand(found == (rows * times, total * times), "Zahlungen")
    return cost


def _payments(folder: Path) -> tuple[int, Decimal]:
    """Return number and sum of the payments, read from the file as plainly as can be."""
    (path,) = folder.glob("WJH_Zahlliste_*.csv")
    rows = [line.split(";") for line in path.read_text(encoding="cp1252").splitlines()]
    head = next(row for row in rows if row[0] == "Zahl-Nr")
    amounts = [row[head.index("Betrag (€)")] for row in rows if row[0].startswith("Z0")]
    return len(amounts), sum((_number(text) for text in amounts), Decimal(0))


def _number(text: str) -> Decimal:
    plain = Decimal(text.strip("-").replace(".", "").replace(",", "."))
    return -plain if "-" in text else plain


def zaehlen(home: Path) -> dict[str, Cost]:
    """Count the stock in three ways, each in a process of its own; all must agree to the unit."""
    cases, found = home / "faelle.parquet", {}
    duckdb.sql(
        f"""COPY (SELECT 'H' || (hash(i) % 8) AS hilfeart,
            'SR' || (hash(i, 1) % 12 + 1) AS sozialraum, beginn,
            CASE WHEN hash(i, 2) % 5 > 0 THEN beginn + (hash(i, 3) % 1500)::INT END AS ende
        FROM (SELECT i, DATE '2012-01-01' + (hash(i, 4) % 5100)::INT AS beginn
              FROM range({HILFEN}) t(i))) TO '{cases}'"""  # noqa: S608
    )  # fmt: skip
    given = {**os.environ, "PYTHONPATH": str(ROOT)}
    for way in WAYS:
        out = home / f"{way}.json"
        words = [sys.executable, __file__, "--zaehle", way, str(cases), str(out)]
        whole = run(words, given)
        told = json.loads(out.read_text(encoding="utf-8"))
        found[way] = Cost(told["wall"], told["cpu"], whole.groesster, whole.summe), told["zeilen"]
    counted = [rows for _, rows in found.values()]
    _demand(counted[0] == counted[1] == counted[2] and len(counted[0]) > 0, "Bestand")
    return {way: cost for way, (cost, _) in found.items()}


def zaehle(way: str, cases: str, out: str) -> None:
    """Count in this process, and write what came out and how long it took, imports left out."""
    count = {"hier": _hier, "sql": _sql, "schleife": _schleife}[way](cases)
    begun, used = time.monotonic(), time.process_time()
    rows = count()
    taken = {"wall": time.monotonic() - begun, "cpu": time.process_time() - used}
    zeilen = sorted([a, s, str(m)[:10], int(n)] for a, s, m, n in rows)
    Path(out).write_text(json.dumps({**taken, "zeilen": zeilen}), encoding="utf-8")


def _hier(cases: str) -> Any:
    from datetime import date

    from sozcontrol import measures
    from sozcontrol.store import engine

    table = engine.connect().read_parquet(cases)
    von, bis = map(date.fromisoformat, (VON, BIS))
    stock = measures.bestand_je_monat(table, von, bis, je=GRUPPEN)
    return lambda: [tuple(row.values()) for row in stock.to_pyarrow().to_pylist()]


def _sql(cases: str) -> Any:
    sweep = f"""
        WITH ereignis AS (
            SELECT hilfeart, sozialraum, date_trunc('month', beginn) AS monat, 1 AS v FROM '{cases}'
            UNION ALL
            SELECT hilfeart, sozialraum, date_trunc('month', ende), -1 FROM '{cases}'
            WHERE ende IS NOT NULL),
        summe AS (
            SELECT hilfeart, sozialraum, greatest(monat, DATE '{VON[:8]}01') AS monat, sum(v) AS v
            FROM ereignis WHERE monat <= DATE '{BIS}' GROUP BY ALL)
        SELECT hilfeart, sozialraum, monat,
            sum(v) OVER (PARTITION BY hilfeart, sozialraum ORDER BY monat)
        FROM summe"""  # noqa: S608
    con = duckdb.connect()
    return lambda: con.execute(sweep).fetchall()


def _schleife(cases: str) -> Any:
    import pandas as pd

    def count() -> list[tuple[Any, ...]]:
        table, rows = pd.read_parquet(cases), []
        for name in ("beginn", "ende"):
            table[name] = pd.to_datetime(table[name])
        for day in pd.date_range(VON, BIS, freq="ME"):
            at = (table.beginn <= day) & (table.ende.isna() | (table.ende > day))
            sizes = table[at].groupby([*GRUPPEN]).size()
            rows += [(*key, day.replace(day=1), number) for key, number in sizes.items()]
        return rows

    return count


def kommunen(home: Path, number: int) -> Cost:
    """Publish one report of each of so many municipalities, none of which was read before."""
    project = Project(home)
    delivered = project.demo()
    facts = {"feiertage": "DE-RP", "lieferfrist_tage": 21, "profile": ["musterstadt_asyl_but"]}
    below = project.root / "profile" / "kommunen"
    below.mkdir(parents=True)
    names = [f"ort{i:02d}" for i in range(number)]
    for i, name in enumerate(names):
        own = {"id": name, "name": f"Ort {i:02d}", "ags": f"{7999000 + i:08d}", **facts}
        (below / f"{name}.yml").write_text(json.dumps(own), encoding="utf-8")
        folder = project.root / "data" / "kommunen" / name / "raw" / STICHTAG / delivered.name
        folder.mkdir(parents=True)
        for file in (*delivered.glob("Asyl_*"), *delivered.glob("BuT_*")):
            shutil.copy(file, folder)
        (folder / "lieferung.yml").write_text(f"kommune: {name}\n", encoding="utf-8")
    shutil.rmtree(project.root / "data" / "raw")
    words = ("run", "--alle-kommunen", "--stichtag", STICHTAG, "--bereich", BEREICH, "--edition")
    cost = project.sozcontrol(*words, "leitung")
    pages = [*(project.root / "reports").rglob(f"{BEREICH}.html")]
    _demand(len(pages) == number, "Berichte")
    return cost


def _demand(holds: bool, what: str) -> None:
    if not holds:
        raise SystemExit(f"{what}: nicht, was auf anderem Weg herauskommt.")


def measure(home: Path, parts: list[str], gross: bool) -> dict[str, Cost]:
    """Return what each part took."""
    found: dict[str, Cost] = {}
    if "pruefen" in parts:
        for times in (10, 40) if gross else (10,):
            found[f"h  prüfen, {times} × Musterstadt"] = pruefen(home / f"stadt{times}", times)
    if "zaehlen" in parts:
        for way, cost in zaehlen(home).items():
            found[f"g  Bestand, {WAYS[way]}"] = cost
    if "kommunen" in parts:
        for number in TOWNS if gross else TOWNS[:2]:
            found[f"i  {number} Kommunen"] = kommunen(home / f"kreis{number}", number)
    return found


def compared(found: Mapping[str, Cost]) -> dict[str, float]:
    """Return what machines may be compared by: ratios of this run."""
    costs = {name.split("  ")[1]: cost for name, cost in found.items()}
    told = {}
    hier, sql, schleife = (costs.get(f"Bestand, {way}") for way in WAYS.values())
    if hier and sql and schleife:
        told["Bestand: mal SQL von Hand, CPU"] = hier.cpu / sql.cpu
        told["Bestand: mal SQL von Hand, Zeit"] = hier.wall / sql.wall
        told["Bestand: Schleife mal Produkt, CPU"] = schleife.cpu / hier.cpu
        told["Bestand: Schleife mal Produkt, Zeit"] = schleife.wall / hier.wall
    towns = [(n, costs[f"{n} Kommunen"].cpu) for n in TOWNS if f"{n} Kommunen" in costs]
    for (few, first), (many, second) in pairwise(towns):
        told[f"CPU-s je weitere Kommune, {few} bis {many}"] = (second - first) / (many - few)
    return {name: round(value, 2) for name, value in told.items()}


def main() -> None:
    """Measure, print a table, and add it to the history."""
    parser = argparse.ArgumentParser(description=__doc__)
    known = ("pruefen", "zaehlen", "kommunen")
    parser.add_argument("--teil", action="append", choices=known)
    parser.add_argument("--gross", action="store_true")
    parser.add_argument("--notiz", default="")
    parser.add_argument("--zaehle", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.zaehle:
        zaehle(*given.zaehle)
        return
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as home:
        found = measure(Path(home), given.teil or [*known], given.gross)
    print(f"{os.cpu_count()} Kerne, Last {load:.1f}")
    for name, cost in found.items():
        print(
            f"{name:32s} {cost.wall:7.2f} s, {cost.cpu:7.2f} CPU-s; "
            f"{cost.groesster:5d} MiB im größten Prozess, {cost.summe:5d} in allen"
        )
    for name, value in compared(found).items():
        print(f"{name:40s} {value:6.2f}")
    line = {
        "wann": datetime.now(UTC).isoformat(timespec="seconds"), "last": round(load, 1),
        "notiz": given.notiz, "menge": {n.strip(): cost.told() for n, cost in found.items()},
        "mal": compared(found),
    }  # fmt: skip
    with (Path(__file__).parent / "verlauf.jsonl").open("a", encoding="utf-8") as history:
        history.write(json.dumps(line, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
