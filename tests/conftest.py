"""What every test may lean on: a private home, and a project folder of its own."""

from __future__ import annotations

import functools
import gc
import hashlib
import itertools
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gabel
import pytest
from filelock import FileLock
from hypothesis import settings

from sozcontrol.projekt import GARBAGE, Projekt

ROOT = Path(__file__).parent.parent
CHROMIUM = Path("/usr/bin/chromium")

gc.set_threshold(*GARBAGE)  # as the command line does
# Compiled once, not by each process that a test starts.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# The same examples on every machine: a run that failed for one fails for all. To search for new
# ones: HYPOTHESIS_PROFILE=suche make test.
settings.register_profile("fest", derandomize=True, deadline=None)
settings.register_profile("suche", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fest"))


@pytest.fixture(autouse=True, scope="session")
def ablage(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Name the folder in which the workers of this session share what they build."""
    root = shared_root(tmp_path_factory)
    os.environ["SOZCONTROL_TESTABLAGE"] = str(root)
    os.environ["XDG_CACHE_HOME"] = str(root / "cache")
    # Kernels that all tests share see what all of them need; test_abschottung shuts its own off.
    os.environ["SOZCONTROL_KERNE_ABSCHOTTEN"] = "nie"


def shared_root(factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the session, above those of its workers."""
    root = factory.getbasetemp()
    return root.parent if "PYTEST_XDIST_WORKER" in os.environ else root


_HOMES = itertools.count()


@pytest.fixture(autouse=True)
def private_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep tests away from the machine's key file and from any project around them."""
    # Numbered here: pytest would look through thousands of folders for the next free number.
    home = tmp_path_factory.getbasetemp() / "zuhause" / str(next(_HOMES))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    for name in ("SOZCONTROL_SCHLUESSEL_DATEI", "SOZCONTROL_PROJEKT", "SOZCONTROL_KOMMUNE"):
        # Set first, so that what the command line sets in this process is undone afterwards.
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


@pytest.fixture
def no_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Flushing is watched, not done: 300 faults would wait for the disk 6,000 times."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


@pytest.fixture(autouse=True)
def no_earlier_preview() -> None:
    """Each test shows the figures of a city of its own."""
    if preview := sys.modules.get("sozcontrol.present.preview"):
        preview.fresh_preview()


@pytest.fixture(scope="session")
def one_zygote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., object]]:
    """Give every run of this session the same process to fork its kernels from."""
    from sozcontrol.press.lauf.warm import Warm

    class Shared(Warm):
        def close(self) -> None:
            """Go on; the session ends it."""

    started: list[Shared] = []

    def of(environment: Mapping[str, str], room: Path, before: Sequence[str] = ()) -> Shared:
        if not started or started[-1].failed:
            started.append(Shared(environment, tmp_path_factory.mktemp("zygote")))
        return started[-1]

    yield of
    for one in started:
        Warm.close(one)


@pytest.fixture(autouse=True)
def forked_kernels(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare tests that run notebooks in this process the imports, once for each run."""
    if request.node.get_closest_marker("notebook"):
        from sozcontrol.press.lauf import warm

        monkeypatch.setattr(warm, "Warm", request.getfixturevalue("one_zygote"))


@pytest.fixture
def werkbank(tmp_path: Path) -> Projekt:
    """Return an empty project with the folder of a run."""
    from press_fixtures import bare_project

    projekt = bare_project(tmp_path / "projekt {mit} Klammern")
    (projekt.runs / "probe").mkdir(parents=True)
    return projekt


@pytest.fixture
def projekt(tmp_path: Path) -> Projekt:
    """Return an empty project with this repository's notebooks and expectations."""
    return make_project(tmp_path / "projekt")


def make_project(root: Path) -> Projekt:
    """Lay a project at *root*: the repository's notebooks and expectations, no data."""
    root.mkdir(parents=True)
    for name in ("notebooks", "expectations"):
        shutil.copytree(
            ROOT / name, root / name, ignore=shutil.ignore_patterns(".ipynb_checkpoints")
        )
    for name in ("data/raw", "data/processed", "reports"):
        (root / name).mkdir(parents=True)
    return Projekt.find(root)


@dataclass(frozen=True)
class Call:
    """What one call of the command line left behind."""

    exit_code: int
    stdout: str
    stderr: str


def call(projekt: Projekt, *arguments: str, **environment: str) -> Call:
    """Call ``sozcontrol`` in a process of its own, as a user types it.

    The process is forked from one that has the imports done; a test of the start itself, or of
    what each process draws anew, takes :func:`call_anew`.
    """
    found = _environment(projekt, environment)
    if not gabel.possible(found):
        return call_anew(projekt, *arguments, **environment)
    return Call(*_gabel().call(list(arguments), found, projekt.root))


@functools.cache
def _gabel() -> gabel.Gabel:
    """Return the process of this worker that commands are forked from."""
    return gabel.Gabel(Path(tempfile.mkdtemp(dir=os.environ["SOZCONTROL_TESTABLAGE"])))


@pytest.fixture(autouse=True, scope="session")
def no_gabel_left() -> Iterator[None]:
    """End it with the session."""
    yield
    if _gabel.cache_info().currsize:
        _gabel().close()


def call_anew(projekt: Projekt, *arguments: str, **environment: str) -> Call:
    """Call ``sozcontrol`` in a process that is started, with nothing imported."""
    done = subprocess.run(
        [sys.executable, "-m", "sozcontrol", *arguments],
        cwd=projekt.root,
        env=_environment(projekt, environment),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=280,
        check=False,
    )
    return Call(done.returncode, done.stdout, done.stderr)


def call_at_terminal(projekt: Projekt, *arguments: str, **environment: str) -> Call:
    """Call ``sozcontrol`` as :func:`call` does, with standard error on a terminal."""
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    # A file and no pipe: what fills it must not wait for a reader.
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "sozcontrol", *arguments],
            cwd=projekt.root,
            env=_environment(projekt, {"TERM": "xterm", "COLUMNS": "100"} | environment),
            stdout=out,
            stderr=theirs,
        )
        os.close(theirs)
        shown = b"".join(_until_hangup(ours))
        code = process.wait(timeout=280)
        out.seek(0)
        return Call(code, out.read().decode(), shown.decode().replace("\r\n", "\n"))


def _until_hangup(terminal: int) -> Iterator[bytes]:
    with open(terminal, "rb", buffering=0) as stream, suppress(OSError):  # Linux: an I/O error
        while part := stream.read(65536):
            yield part


def _environment(projekt: Projekt, given: Mapping[str, str]) -> dict[str, str]:
    """Return this process' environment with *given*, away from the machine's project and key."""
    found = {**os.environ, **given}
    found.pop("SOZCONTROL_PROJEKT", None)
    found.setdefault("XDG_CONFIG_HOME", str(projekt.root.parent / "config"))
    return found


@dataclass(frozen=True)
class Stadt:
    """Musterstadt as a city keeps it: a project and, beside it, the key of its own."""

    home: Path

    @property
    def projekt(self) -> Projekt:
        """The project."""
        return Projekt(self.home / "projekt")

    def typed(self, *arguments: str) -> Call:
        """Call the command line in it."""
        return call(self.projekt, *arguments, XDG_CONFIG_HOME=str(self.home / "config"))

    def kopie(self, home: Path) -> Stadt:
        """Return a copy a test may do with as it likes."""
        shutil.copytree(self.home, home, dirs_exist_ok=True)
        return Stadt(home)


HAELFTE = ("jahresbericht", "steuerung", "revision", "monitoring_jugend")
Gemeinsam = Callable[[str, Callable[[Path], None]], Path]


@pytest.fixture(scope="session")
def gemeinsam(tmp_path_factory: pytest.TempPathFactory) -> Gemeinsam:
    """Give a folder that the first worker builds for all workers of the session, to be copied."""
    root = shared_root(tmp_path_factory)

    def folder(name: str, build: Callable[[Path], None]) -> Path:
        target = root / f"gemeinsam-{name}"
        done = target.with_suffix(".fertig")
        with FileLock(target.with_suffix(".lock")):
            if not done.exists():
                shutil.rmtree(target, ignore_errors=True)  # of a worker that failed at it
                build(target)
                done.touch()
        return target

    return folder


@pytest.fixture(scope="session")
def eingelesen(gemeinsam: Gemeinsam) -> Stadt:
    """Musterstadt's standard delivery, checked and stored; copy it before you change anything."""

    def build(home: Path) -> None:
        make_project(home / "projekt")
        for command in ("demo", "check"):
            done = Stadt(home).typed(command)
            assert done.exit_code == 0, done.stderr

    return Stadt(gemeinsam("eingelesen", build))


@pytest.fixture(scope="session")
def veroeffentlicht(gemeinsam: Gemeinsam, eingelesen: Stadt) -> Stadt:
    """The same with the reports of three editions; copy it before you change anything."""

    def build(home: Path) -> None:
        stadt = eingelesen.kopie(home)
        editions = [w for e in ("leitung", "gremium", "intern") for w in ("--edition", e)]
        done = stadt.typed("run", *editions)
        assert done.exit_code == 0, done.stderr
        index = stadt.projekt.reports / "2025-06-30" / "index.html"
        assert done.stdout.splitlines()[-1] == str(index)

    return Stadt(gemeinsam("veroeffentlicht", build))


@pytest.fixture(scope="session")
def jahresabschluss(gemeinsam: Gemeinsam) -> Stadt:
    """Musterstadt at the end of its year, with the annual report: all areas, for thorough tests."""

    def build(home: Path) -> None:
        make_project(home / "projekt")
        stadt, tag = Stadt(home), ("--stichtag", "2025-12-31")
        editions = [w for e in ("leitung", "gremium", "intern") for w in ("--edition", e)]
        half = [w for b in HAELFTE for w in ("--bereich", b)]
        runs = (("run", *tag, *half), ("run", *tag, *editions))  # each within the time a call has
        for command in (("demo", *tag), *runs):
            done = stadt.typed(*command)
            assert done.exit_code == 0, done.stderr

    return Stadt(gemeinsam("jahresabschluss", build))


_URTEILE: dict[tuple, list] = {}


def _druck(table: Any) -> bytes:
    """Return the checksum of a table's columns and rows."""
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return hashlib.sha256(sink.getvalue()).digest()


@pytest.fixture
def urteile(monkeypatch: pytest.MonkeyPatch) -> dict[tuple, list]:
    """Ask the same expectation or rule of the same rows once; return what is known so far."""
    from sozcontrol.checks import datenbank, suiten

    judge, ask = suiten.Pruefer.judge, datenbank.Datenbank._ask

    def once(self, name, table, erwartungen, path):
        chosen = list(erwartungen)
        key = (name, *(one.model_dump_json() for one in chosen), _druck(table))
        if key not in _URTEILE:
            _URTEILE[key] = judge(self, name, table, chosen, path)
        return _URTEILE[key]

    def asked(self, sql):
        drucke = self.__dict__.setdefault("drucke", {})
        there = self.__dict__.setdefault("gegeben", frozenset(self._unread))
        named = sorted(there & set(re.findall(r"\w+", sql)))
        for name in named:
            if name not in drucke:
                drucke[name] = _druck(self._table(name))
        days = tuple(self.parameter.items())
        key = (sql, days, *((name, drucke[name]) for name in named))
        if key not in _URTEILE:
            _URTEILE[key] = ask(self, sql)
        return list(_URTEILE[key])

    monkeypatch.setattr(suiten.Pruefer, "judge", once)
    monkeypatch.setattr(datenbank.Datenbank, "_ask", asked)
    return _URTEILE


@pytest.fixture(scope="session")
def browser() -> Iterator:
    """A headless Chromium."""
    if not CHROMIUM.is_file():
        pytest.skip("Chromium fehlt: make browser")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        started = play.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"]
        )
        yield started
        started.close()


@pytest.fixture(scope="module")
def stadt(veroeffentlicht: Stadt, tmp_path_factory: pytest.TempPathFactory) -> Stadt:
    """A copy of the published city, for the tests of one file."""
    return veroeffentlicht.kopie(tmp_path_factory.mktemp("lauf"))


@pytest.fixture(scope="module")
def lauf(stadt: Stadt) -> Projekt:
    """Its project."""
    return stadt.projekt


@pytest.fixture(scope="module")
def typed(stadt: Stadt) -> Callable[..., Call]:
    """Its command line."""
    return stadt.typed


@pytest.fixture
def run_cli() -> Callable[..., Call]:
    """Return :func:`call`; ``private_home`` keeps it away from the machine's key."""
    return call
