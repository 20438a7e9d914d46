"""Whether a notebook really ran: every way of not running to the end is found out."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from press_fixtures import PARAMETER, SATZ, execute, write_notebook
from stichprobe import probe

from sozcontrol.errors import Exit, NotebookFailed, StorageError
from sozcontrol.press.lauf.execute import Auftrag, _longest_first, execute_all
from sozcontrol.press.lauf.kernel import GARBAGE
from sozcontrol.press.lauf.progress import Silent
from sozcontrol.press.lauf.verdict import faults

pytestmark = pytest.mark.notebook


class Watcher(Silent):
    """Remembers what it was told."""

    def __init__(self) -> None:
        super().__init__()
        self.cells: list[tuple[str, int, int]] = []
        self.done: list[str] = []

    @contextmanager
    def counting(self, name: str, noun: str):
        yield lambda number, total: self.cells.append((name, number, total))
        self.done.append(name)


def kernels_below(root: Path) -> list[str]:
    """Return the command lines of running kernels that were started or forked for *root*."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().decode()
            works_there = (folder / "cwd").readlink() == root / "notebooks"
        except OSError:
            continue
        if works_there and ("ipykernel" in command or "lauf.zygote" in command):
            found.append(command)
    return found


def test_ein_gutes_notebook_laeuft_mit_seinen_parametern(werkbank) -> None:
    watcher = Watcher()
    (done,) = execute(werkbank, "print(stichtag, datenstand)", "2 + 3", report=watcher)
    printed, summed = done.nb.cells[-2], done.nb.cells[-1]
    assert printed.outputs[0].text == "2025-06-30 2025-07-15\n"
    assert summed.outputs[0].data["text/plain"] == "5"
    ids = [c["id"] for c in done.nb.cells]
    assert ids == ["titel", "parameter", "injected-parameters", "antwort-1", "antwort-2"]
    assert watcher.done == ["probe"]
    assert [c[1] for c in watcher.cells] == [1, 2, 3, 4, 5]


FAULTS = [
    pytest.param("raise KeyError('CANARY-4711')", "KeyError", "Die Zelle", id="Ausnahme"),
    pytest.param(
        "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
        "DeadKernelError",
        "Rechenkern",
        id="Kern getötet",
    ),
    pytest.param("while True: pass", "CellTimeoutError", "Frist", id="Endlosschleife"),
    pytest.param("1 +", "SyntaxError", "Die Zelle", id="kein Python"),
    pytest.param("import sys\nsys.exit(0)", "SystemExit", "vorzeitig", id="sys.exit(0)"),
    pytest.param("import os\nos._exit(0)", "DeadKernelError", "Rechenkern", id="os._exit"),
    pytest.param("input('CANARY-4711')", "StdinNotImplementedError", "Eingabe", id="input()"),
    pytest.param("%%bash\nexit 3", "Exception", "Die Zelle", id="Magic scheitert"),
]


@pytest.mark.parametrize("source, kind, hint", probe(FAULTS, 4))
def test_jeder_ausfall_wird_erkannt_und_auf_deutsch_genannt(werkbank, source, kind, hint) -> None:
    seconds = 3 if "while" in source else 60
    with pytest.raises(NotebookFailed) as caught:
        execute(werkbank, "x = 1", source, "'nie erreicht'", seconds=seconds)
    message = str(caught.value)
    assert "antwort-2" in message and "probe" in message
    assert hint in message
    assert kind in message
    assert "CANARY" not in message
    assert caught.value.exit_code is Exit.NOTEBOOK
    assert kernels_below(werkbank.root) == []


def test_die_einzelheiten_liegen_nur_in_einer_geschuetzten_datei(werkbank) -> None:
    with pytest.raises(NotebookFailed) as caught:
        execute(werkbank, "raise KeyError('CANARY-4711')")
    diagnosis = werkbank.runs / "probe" / "probe.fehler.txt"
    assert str(diagnosis) in str(caught.value)
    assert "CANARY-4711" in diagnosis.read_text()
    assert diagnosis.stat().st_mode & 0o077 == 0


def test_mitgelieferte_ausgaben_gelten_nicht_als_ergebnis(werkbank) -> None:
    path = write_notebook(werkbank, "probe", "print('frisch')")
    stale = path.read_text().replace('"outputs": []', '"outputs": [' + _STALE + "]")
    path.write_text(stale)
    job = Auftrag("probe", path, PARAMETER)
    (done,) = execute_all([job], projekt=werkbank, ordner=werkbank.runs / "probe", report=Silent())
    assert "ALT" not in str(done.nb.cells)


_STALE = '{"output_type": "stream", "name": "stdout", "text": ["ALT"]}'


def test_der_kern_ist_dieses_python_und_kennt_das_projekt_aber_nicht_den_schluessel(
    werkbank, monkeypatch
) -> None:
    monkeypatch.setenv("SOZCONTROL_SCHLUESSEL_DATEI", "/geheim/schluessel")
    (done,) = execute(
        werkbank,
        "import os, sys\nprint(sys.executable)\nprint(os.environ['SOZCONTROL_PROJEKT'])\n"
        "print(os.environ.get('SOZCONTROL_SCHLUESSEL_DATEI'))\nprint(os.getcwd())\n"
        "print(hash('fest'))",
    )
    lines = done.nb.cells[-1].outputs[0].text.splitlines()
    assert lines[0] == sys.executable
    assert lines[1] == str(werkbank.root)
    assert lines[2] == "None"
    assert lines[3] == str(werkbank.notebooks)
    (again,) = execute(werkbank, "print(hash('fest'))")
    assert again.nb.cells[-1].outputs[0].text.strip() == lines[4]


def test_ein_kern_sucht_selten_nach_zyklen_und_behaelt_seinen_namensraum(werkbank) -> None:
    (done,) = execute(werkbank, "import sys\nsys.modules['gc'].get_threshold(), 'gc' in dir()")
    assert done.nb.cells[-1].outputs[0]["data"]["text/plain"] == str((GARBAGE, False))


def test_ein_fremder_kernelspec_im_heim_des_nutzers_wird_nicht_benutzt(
    werkbank, tmp_path, monkeypatch
) -> None:
    spec = tmp_path / "jupyter" / "kernels" / "python3"
    spec.mkdir(parents=True)
    (spec / "kernel.json").write_text('{"argv": ["/bin/false"], "language": "python"}')
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
    execute(werkbank, "1")


def test_scheitert_eines_werden_die_anderen_sofort_beendet(werkbank) -> None:
    slow = write_notebook(werkbank, "langsam", "import time\ntime.sleep(60)")
    bad = write_notebook(werkbank, "kaputt", "raise ValueError")
    jobs = [Auftrag("langsam", slow, PARAMETER), Auftrag("kaputt", bad, PARAMETER)]
    started = time.monotonic()
    with pytest.raises(NotebookFailed, match="kaputt"):
        execute_all(jobs, projekt=werkbank, ordner=werkbank.runs / "probe", report=Silent())
    assert time.monotonic() - started < 30
    assert kernels_below(werkbank.root) == []


def test_zwei_notebooks_laufen_zugleich_und_in_der_verlangten_ordnung_zurueck(werkbank) -> None:
    wait = "import time\nstart = time.time()\ntime.sleep(1.5)\nprint(start, time.time())"
    paths = [write_notebook(werkbank, name, wait) for name in ("a", "b")]
    jobs = [Auftrag(p.stem, p, PARAMETER) for p in paths]
    done = execute_all(jobs, projekt=werkbank, ordner=werkbank.runs / "probe", report=Silent())
    assert [d.auftrag.name for d in done] == ["a", "b"]
    (a0, a1), (b0, b1) = (map(float, d.nb.cells[-1].outputs[0].text.split()) for d in done)
    assert a0 < b1 and b0 < a1


def test_das_laengste_notebook_beginnt(werkbank) -> None:
    lengths = {"kurz": 1, "lang": 900, "mittel": 90}
    jobs = [Auftrag(n, write_notebook(werkbank, n, "#" * many), PARAMETER)
            for n, many in lengths.items()]  # fmt: skip
    assert [one.name for one in _longest_first(jobs)] == ["lang", "mittel", "kurz"]


def test_strg_c_beendet_auch_die_kerne(werkbank) -> None:
    path = write_notebook(werkbank, "probe", "import time\ntime.sleep(120)")
    program = textwrap.dedent(f"""
        import signal, sys
        from contextlib import nullcontext
        # A job that a shell starts in the background inherits an ignored Ctrl-C.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        sys.path.insert(0, {str(Path(__file__).parent)!r})
        from pathlib import Path
        from press_fixtures import PARAMETER
        from sozcontrol.press.lauf.execute import Auftrag, execute_all
        from sozcontrol.press.lauf.progress import Lines
        from sozcontrol.projekt import Projekt
        class Told(Lines):
            def counting(self, name, noun):
                return nullcontext(lambda number, total: print("cell", number, flush=True))
        execute_all([Auftrag("probe", Path({str(path)!r}), PARAMETER)],
                    projekt=Projekt(Path({str(werkbank.root)!r})),
                    ordner=Path({str(werkbank.runs / "probe")!r}), report=Told())
    """)
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        while process.stdout.readline().strip() != "cell 3":
            assert process.poll() is None, process.stderr.read()
        assert kernels_below(werkbank.root)
        os.kill(process.pid, 2)
        process.wait(timeout=60)
    assert process.returncode != 0
    assert kernels_below(werkbank.root) == []


def test_ausgefuehrte_notebooks_verraten_keinen_ort_ausserhalb_des_laufs(werkbank) -> None:
    execute(werkbank, SATZ)
    files = [p for p in werkbank.root.rglob("*.*") if p.is_file()]
    assert sorted(p.relative_to(werkbank.root).as_posix() for p in files) == [
        "data/runs/probe/kerne.txt",
        "data/runs/probe/probe.ipynb",
        "data/runs/probe/probe.werte/0001.json",
        "notebooks/probe.ipynb",
    ]


def cell(id: str, *, count: int | None = 1, source: str = "x", outputs=()) -> dict:
    return {
        "cell_type": "code", "id": id, "source": source, "execution_count": count,
        "outputs": list(outputs),
    }  # fmt: skip


ENDE = cell("sozcontrol-ende", outputs=[{"output_type": "stream", "text": "marke\n"}])


@pytest.mark.parametrize(
    "cells, expected",
    [
        pytest.param([cell("a"), ENDE], [], id="gelaufen"),
        pytest.param([cell("a", count=None), ENDE], ["a"], id="Zelle nicht ausgeführt"),
        pytest.param([cell("a", count=None, source="  "), ENDE], [], id="leere Zelle darf fehlen"),
        pytest.param([cell("a")], ["a"], id="Schlusszelle fehlt"),
        pytest.param(
            [cell("a"), cell("sozcontrol-ende")], ["sozcontrol-ende"], id="Schlusszelle stumm"
        ),
        pytest.param(
            [cell("a", outputs=[{"output_type": "error", "ename": "ValueError"}]), ENDE],
            ["a"],
            id="Fehlerausgabe trotz Ende",
        ),
        pytest.param([], ["?"], id="leeres Notebook"),
    ],
)
def test_das_urteil_glaubt_papermill_nicht(cells, expected) -> None:
    assert [where for where, _ in faults(cells, "marke")] == expected


def test_was_eine_zelle_an_jupyter_vorbei_schreibt_erreicht_kein_terminal(werkbank, capfd) -> None:
    source = (
        'import os\nos.write(1, b"CANARY-1")\nos.write(2, b"CANARY-2")\nos.system("echo CANARY-3")'
    )
    execute(werkbank, source)
    out, err = capfd.readouterr()
    assert "CANARY" not in out + err


def test_der_name_einer_eigenen_fehlerklasse_wird_nicht_gezeigt(werkbank) -> None:
    source = "class CANARY_Erika(Exception): ...\nraise CANARY_Erika"
    with pytest.raises(NotebookFailed) as caught:
        execute(werkbank, source)
    assert "CANARY" not in str(caught.value)


@pytest.mark.parametrize(
    "error, stored",
    [
        pytest.param("OSError(28, 'voll')", True, id="kein Platz"),
        pytest.param("OSError(122, 'voll')", True, id="Kontingent erschöpft"),
        pytest.param("PermissionError(13, 'nein')", False, id="eine Zelle ohne Rechte"),
        pytest.param("KeyError('[Errno 28]')", False, id="ein anderer Fehler"),
    ],
)
def test_ein_voller_datentraeger_ist_kein_fehler_der_zelle(
    werkbank, error: str, stored: bool
) -> None:
    with pytest.raises(StorageError if stored else NotebookFailed) as caught:
        execute(werkbank, f"raise {error}")
    assert ("Platz und Rechte" in caught.value.tun) is stored


def test_auch_papermill_findet_keinen_platz(werkbank, monkeypatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "voll")

    monkeypatch.setattr("papermill.execute_notebook", full)
    with pytest.raises(StorageError, match="kein Platz"):
        execute(werkbank, "1")


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="braucht /proc")
def test_was_eine_zelle_im_hintergrund_startet_endet_mit_dem_lauf(werkbank) -> None:
    """Also in a session of its own, which no signal to the kernel's group reaches."""
    noted = werkbank.root / "prozesse"
    start = "subprocess.Popen(['sleep', '300'], start_new_session={})"
    cell = (
        f"import subprocess\nboth = [{start.format(True)}, {start.format(False)}]\n"
        f"open({str(noted)!r}, 'w').write(' '.join(str(p.pid) for p in both))"
    )
    execute(werkbank, cell)
    end = time.monotonic() + 5
    while running := [p for p in noted.read_text().split() if _runs(p)]:
        assert time.monotonic() < end, running
        time.sleep(0.05)


def _runs(number: str) -> bool:
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
