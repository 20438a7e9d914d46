"""A forked kernel is what a freshly started one is, and none outlives its run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from contextlib import nullcontext, suppress
from pathlib import Path

import papermill
import pytest
from jupyter_client.provisioning import KernelProvisionerFactory
from press_fixtures import execute, notebook, write_notebook
from test_press_execute import Watcher, kernels_below

from sozcontrol.errors import NotebookFailed
from sozcontrol.press.lauf import abschottung, warm
from sozcontrol.press.lauf.kernel import started_ahead

pytestmark = [
    pytest.mark.notebook,
    pytest.mark.skipif(not warm.possible(), reason="here every kernel starts by itself"),
]

VERAENDERT = """
import os, random, sys, warnings
import numpy as np, pandas as pd
wert = 1
sys.fremd = pd.fremd = "ANDERES-NOTEBOOK"
os.environ["FREMD"] = "ANDERES-NOTEBOOK"
pd.set_option("display.max_rows", 7)
warnings.simplefilter("ignore")
os.chdir("/")
os.getpid(), np.random.rand(), random.random()"""
ANGABEN = """
import gc, locale, os, random, resource, signal, sys, threading, warnings
import numpy as np, pandas as pd
mask = os.umask(0)
os.umask(mask)
wanted = [mask, os.getcwd(), sys.path, sys.flags, sys.argv[1:3], sorted(vars())]
OWN = {"JPY_PARENT_PID", "PYDEVD_USE_FRAME_EVAL"}  # debugpy sets it where a kernel starts alone
wanted += [sorted({*os.environ} - OWN), os.environ["PYTHONHASHSEED"]]
wanted += [hash("fest"), gc.get_threshold(), gc.get_freeze_count(), locale.getlocale()]
wanted += [sorted(t.name for t in threading.enumerate() if "Poller" not in type(t).__name__)]
wanted += [str(signal.getsignal(s)) for s in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD)]
wanted += [sorted(map(str, warnings.filters)), sys.stdin.isatty()]
wanted += [resource.getrlimit(resource.RLIMIT_AS)]
names = ("display.width", "display.max_columns", "display.max_rows")
wanted += [{n: pd.get_option(n) for n in names}]
wanted += [hasattr(sys, "fremd"), hasattr(pd, "fremd"), sys.modules.get("debugpy", "frei") is None]
wanted"""
BREIT = "import pandas as pd\npd.DataFrame({f'spalte_{i}': [i] * 70 for i in range(25)})"
BILD = "import matplotlib.pyplot as plt\nfigure = plt.figure(figsize=(2, 1))\nplt.plot([1, 2]);"


ECHT = warm.Warm
"""Not the one that all tests of a session share."""


class Unable(warm.Warm):
    """Can't fork, as where the system grants no further process."""

    def _send(self, order):
        raise OSError


class Told(Watcher):
    """Remembers its warnings."""

    def __init__(self) -> None:
        super().__init__()
        self.warnings: list[str] = []

    def warn(self, text: str) -> None:
        self.warnings.append(text)


def outputs(done) -> list[list[dict]]:
    return outputs_of(done.nb)


def outputs_of(nb) -> list[list[dict]]:
    return [cell.outputs for cell in nb.cells if cell.cell_type == "code"]


def test_ein_abgezweigter_kern_gleicht_einem_frisch_gestarteten(werkbank, monkeypatch) -> None:
    # From a process of its own: that of the session may have begun under a run's umask.
    monkeypatch.setattr(warm, "Warm", ECHT)
    sources = (ANGABEN, BREIT, BILD, "get_ipython().run_line_magic('who', '')")
    execute(werkbank, VERAENDERT)
    (forked,) = execute(werkbank, *sources)
    monkeypatch.setattr(warm, "possible", lambda: False)
    (fresh,) = execute(werkbank, *sources)
    assert outputs(forked) == outputs(fresh)
    assert "image/png" in str(outputs(forked)[4])
    assert "..." in outputs(forked)[3][0]["data"]["text/plain"]  # twenty of 25 columns


def test_jeder_kern_wuerfelt_fuer_sich_und_ist_ein_eigener(werkbank) -> None:
    drawn = [outputs(execute(werkbank, VERAENDERT)[0])[2][0]["data"]["text/plain"] for _ in "ab"]
    one, other = (text.strip("()").split(", ") for text in drawn)
    assert all(a != b for a, b in zip(one, other, strict=True))


def test_was_forks_sonst_haengen_laesst_laeuft(werkbank) -> None:
    source = """
    import concurrent.futures, multiprocessing, subprocess, threading
    import debugpy, duckdb, numpy as np, pyarrow.compute as pc
    assert duckdb.sql("select sum(range) from range(1000000)").fetchall() == [(499999500000,)]
    assert (np.ones((300, 300)) @ np.ones((300, 300))).sum() == 300**3
    assert pc.sum(list(range(10))).as_py() == 45
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        assert list(pool.map(abs, [-1, -2])) == [1, 2]
    with multiprocessing.get_context("fork").Pool(1) as pool:
        assert pool.map(abs, [-3]) == [3]
    assert subprocess.run(["echo", "x"], capture_output=True).stdout == b"x\\n"
    """
    execute(werkbank, textwrap.dedent(source))


SCHLAEFT = (
    "import resource\nassert resource.getrlimit(resource.RLIMIT_AS)[0] == 64 << 30",
    "import subprocess\nsubprocess.run(['sleep', '120'])",
)


def test_wird_der_lauf_getoetet_endet_alles_und_seine_grenzen_gelten_im_kern(werkbank) -> None:
    path = write_notebook(werkbank, "probe", *SCHLAEFT)
    program = f"""
        import resource, sys
        from contextlib import nullcontext
        from pathlib import Path
        resource.setrlimit(resource.RLIMIT_AS, (64 << 30, resource.RLIM_INFINITY))
        sys.path.insert(0, {str(Path(__file__).parent)!r})
        from press_fixtures import PARAMETER, Auftrag, Projekt, Silent, execute_all
        class Told(Silent):
            def counting(self, name, noun):
                return nullcontext(lambda number, total: print("cell", number, flush=True))
        execute_all([Auftrag("probe", Path({str(path)!r}), PARAMETER)],
                    projekt=Projekt(Path({str(werkbank.root)!r})),
                    ordner=Path({str(werkbank.runs / "probe")!r}), report=Told())
    """
    command = [sys.executable, "-c", textwrap.dedent(program)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        while (line := process.stdout.readline().strip()) != "cell 4":
            assert line, "the driver ended before the kernel slept"
        while len(started := descendants(process.pid)) < 3:  # to fork from, kernel, sleep
            time.sleep(0.05)
        process.kill()
    gone_within(5, started)


def descendants(pid: int) -> list[int]:
    """Return the processes that *pid* started, and what these started."""
    children: list[int] = []
    # a process may end between being listed and being read
    with suppress(FileNotFoundError, ProcessLookupError):
        for thread in Path(f"/proc/{pid}/task").glob("*/children"):
            children += map(int, thread.read_text().split())
    return children + [n for child in children for n in descendants(child)]


def gone_within(seconds: float, processes: list[int]) -> None:
    """Wait until none of *processes* lives."""
    end = time.monotonic() + seconds
    while alive := [p for p in processes if Path(f"/proc/{p}").exists()]:
        assert time.monotonic() < end, alive
        time.sleep(0.05)


def test_stirbt_der_prozess_aus_dem_die_kerne_kommen_ist_der_kern_tot(
    werkbank, monkeypatch
) -> None:
    own: list[warm.Warm] = []
    monkeypatch.setattr(warm, "Warm", lambda *given: own.append(ECHT(*given)) or own[-1])

    class Kills(Watcher):
        def counting(self, name, noun):
            return nullcontext(lambda number, _: number == 3 and own[0]._process.kill())

    with pytest.raises(NotebookFailed, match="DeadKernelError"):
        execute(werkbank, "import time\ntime.sleep(60)", report=Kills())
    assert kernels_below(werkbank.root) == []


@pytest.mark.parametrize("fault", ["import", "fork"])
def test_wo_nichts_abgezweigt_werden_kann_startet_der_kern_allein(
    werkbank, monkeypatch, fault
) -> None:
    if fault == "import":
        broken = werkbank.root / "anders" / "pyarrow_hotfix"
        broken.mkdir(parents=True)
        (broken / "__init__.py").write_text("raise ImportError")
        monkeypatch.setenv("PYTHONPATH", str(broken.parent), prepend=os.pathsep)
        monkeypatch.setattr(warm, "Warm", ECHT)
    else:
        monkeypatch.setattr(warm, "Warm", Unable)
    told = Told()
    (done,) = execute(werkbank, "import os\nos.getppid()", report=told)
    assert outputs(done)[2][0]["data"]["text/plain"] == str(os.getpid())
    assert told.warnings == ["Die Rechenkerne mussten einzeln starten; das dauert länger."]


def test_was_vorweg_beginnt_endet_sofort_wenn_es_niemand_braucht(
    werkbank, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warm, "Warm", ECHT)
    monkeypatch.setattr(warm, "INHERITED", [])
    monkeypatch.setenv(abschottung.VARIABLE, abschottung.NIE)
    for asked_within in (True, False):
        with started_ahead(werkbank, wanted=True):
            (ahead,) = warm.INHERITED
            status = Path(f"/proc/{ahead._process.pid}/status").read_text()
            assert "Umask:\t0077" in status.splitlines(), "kernels write for this user only"
            with started_ahead(werkbank, wanted=asked_within):
                assert [ahead][:asked_within] == warm.INHERITED
        assert ahead._process.returncode == -signal.SIGKILL, "not when its imports are done"
        assert warm.INHERITED == []


def test_was_ein_anderer_hinterliess_verwirft_niemand(werkbank, monkeypatch) -> None:
    """A template's run has its kernels' source from the template, whatever it guesses."""
    left = object.__new__(ECHT)
    monkeypatch.setattr(warm, "INHERITED", [left])
    for wanted in (True, False):
        with started_ahead(werkbank, wanted=wanted):
            assert [left] == warm.INHERITED
    assert [left] == warm.INHERITED


def test_papermill_ausserhalb_der_presse_weiss_nichts_davon(werkbank, tmp_path) -> None:
    execute(werkbank, "1")
    done = papermill.execute_notebook(
        notebook("import os\nos.getppid()"), str(tmp_path / "aus.ipynb"),
        kernel_name="python3", progress_bar=False,
    )  # fmt: skip
    assert outputs_of(done)[-1][0]["data"]["text/plain"] == str(os.getpid())
    assert KernelProvisionerFactory.instance().default_provisioner_name == "local-provisioner"


def test_was_vorweg_importiert_wird_startet_nichts_und_fragt_nichts() -> None:
    """DuckDB's default connection, a pool or a thread of the parent would hang in every kernel."""
    program = """
        import threading
        from unittest import mock
        import duckdb
        with mock.patch("duckdb.connect", side_effect=AssertionError("a query")):
            from sozcontrol.press.lauf import zygote
            zygote.preload()
        import sys
        from sozcontrol import disclosure, present
        assert {*present.__all__} <= vars(present).keys()
        assert {*disclosure.__all__} <= vars(disclosure).keys()
        assert threading.active_count() == 1
        assert not {"matplotlib", "debugpy", "polars", "papermill"} & set(sys.modules)
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(program)], check=True)


def test_ohne_ein_modul_heisst_nur_so_lange() -> None:
    code = (
        "import json; "
        "from sozcontrol.press.lauf.zygote import without\n"
        "def there(name):\n"
        "    try: return bool(__import__(name))\n"
        "    except ImportError: return False\n"
        "with without('wave'), without('json'): print(there('wave'), there('json'))\n"
        "print(there('wave'), there('json'))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["False", "True", "True", "True"]
