"""Shut off by bubblewrap, a notebook reaches nothing but what it needs, and computes the same."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from conftest import call_anew
from press_fixtures import SATZ, execute
from test_press_warm import ECHT

from sozcontrol.errors import ConfigurationError, NotebookFailed
from sozcontrol.press.lauf import abschottung, warm
from sozcontrol.press.lauf.execute import RECORD


def _works() -> bool:
    program = shutil.which(abschottung.PROGRAM)
    command = [program, *abschottung.START, "--ro-bind", "/", "/", *abschottung.END[:-2], "true"]
    return program is not None and subprocess.run(command, check=False).returncode == 0


hier = pytest.mark.skipif(not _works(), reason="bubblewrap is not there, or may not make a root")
pytestmark = pytest.mark.notebook

PROBEN = {
    "den Schlüssel lesen": "open({schluessel!r}).read()",
    "eine Rohdatei lesen": "open({roh!r}).read()",
    "die Rohdaten auflisten": "__import__('os').listdir({rohordner!r})",
    "einen Bericht lesen": "open({bericht!r}).read()",
    "einen Bericht löschen": "__import__('os').unlink({bericht!r})",
    "in die Berichte schreiben": "open({bericht!r} + 'x', 'w')",
    "interne Berichte lesen": "open({intern!r}).read()",
    "einen früheren Lauf lesen": "open({lauf!r}).read()",
    "Entschiedenes lesen": "open({entschieden!r}).read()",
    "ein Urteil der Gegenprobe lesen": "open({urteil!r}).read()",
    "Gespeichertes ändern": "open({gespeichert!r}, 'a').write('x')",
    "ein Notebook ändern": "open({notebook!r}, 'a').write('x')",
    "den Code ändern": "open({code!r}, 'a')",
    "etwas aus dem Zuhause lesen": "open({zuhause!r}).read()",
    "ins Netz gehen": "__import__('socket').create_connection(('127.0.0.1', {port}), 2)",
    "einen fremden Prozess sehen": "open('/proc/{pid}/environ').read()",
    "einen fremden Prozess beenden": "__import__('os').kill({pid}, 0)",
    "einen Ort neben dem Projekt sehen": "open({daneben!r}).read()",
}
GEHOERT_IHM_NICHT = ("schluessel", "roh", "bericht", "intern", "lauf", "entschieden", "urteil",
                    "gespeichert", "notebook", "zuhause", "daneben")  # fmt: skip
VERSUCH = """
outcome = {{}}
for what, how in {proben!r}.items():
    try:
        eval(how)
        outcome[what] = "geht"
    except Exception as error:
        outcome[what] = type(error).__name__
outcome"""
GEHT = """
import os, tempfile
from pathlib import Path
tempfile.TemporaryFile().write(b"x")
Path.home().joinpath("x").write_text("x")
seen = sorted(n for n in os.listdir("/proc") if n.isdigit())
open({lesbar!r}).read(), open({merkbar!r}, "w").write("x"), len(seen)"""


@pytest.fixture
def stadt(werkbank, tmp_path, monkeypatch):
    """A project with one of everything that is none of a notebook's business."""
    import http.server
    import threading

    places = {
        "schluessel": tmp_path / "config" / "sozcontrol" / "schluessel",
        "roh": werkbank.raw / "2025-06-30" / "2025-07-15" / "WJH.csv",
        "bericht": werkbank.reports / "2025-06-30" / "index.html",
        "intern": werkbank.intern / "2025-06-30" / "index.html",
        "lauf": werkbank.runs / "20250101T000000-aaaaaa" / "probe.ipynb",
        "entschieden": werkbank.processed / "entscheidung" / "2025-06-30.json",
        "urteil": werkbank.processed / "2025-06-30/2025-07-15/gerechnet/lauf/press-x.json",
        "merkbar": werkbank.processed / "2025-06-30/2025-07-15/gerechnet/measures-x.json",
        "gespeichert": werkbank.processed / "2025-06-30/2025-07-15/abcd/fall.parquet",
        "lesbar": werkbank.processed / "2025-06-30/2025-07-15/abcd/fall.parquet",
        "notebook": werkbank.notebooks / "anderes.ipynb",
        "code": Path(abschottung.__file__),
        "zuhause": tmp_path / "zuhause" / "brief.txt",
        "daneben": tmp_path / "daneben" / "brief.txt",
    }
    for place in places.values():
        if not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text("CANARY-4711")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("HOME", str(tmp_path / "zuhause"))
    monkeypatch.setattr(warm, "Warm", ECHT)
    monkeypatch.setenv(abschottung.VARIABLE, abschottung.IMMER)
    with http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield werkbank, {
            **{k: str(v) for k, v in places.items()}, "rohordner": str(werkbank.raw),
            "port": server.server_port, "pid": os.getpid(),
        }  # fmt: skip
        server.shutdown()


def versucht(werkbank, known) -> dict[str, str]:
    proben = {what: how.format(**known) for what, how in PROBEN.items()}
    (done,) = execute(werkbank, VERSUCH.format(proben=proben))
    return ast.literal_eval(done.nb.cells[-1].outputs[0].data["text/plain"])


@hier
@pytest.mark.parametrize("kern", ["abgezweigt", "einzeln gestartet"])
def test_ein_notebook_erreicht_nichts_als_was_es_braucht(stadt, monkeypatch, kern) -> None:
    werkbank, known = stadt
    if kern == "einzeln gestartet":
        monkeypatch.setattr(warm, "possible", lambda: False)
    outcome = versucht(werkbank, known)
    assert set(outcome) == set(PROBEN)
    assert {what for what, came in outcome.items() if came == "geht"} == set()
    assert {Path(known[name]).read_text() for name in GEHOERT_IHM_NICHT} == {"CANARY-4711"}
    assert (werkbank.runs / "probe" / RECORD).read_text() == "bubblewrap\n"


@hier
def test_ohne_abschottung_erreicht_es_alles_davon(stadt, monkeypatch) -> None:
    """Otherwise the attempts above would prove nothing."""
    werkbank, known = stadt
    monkeypatch.setenv(abschottung.VARIABLE, abschottung.NIE)
    outcome = versucht(werkbank, known)
    # What was deleted can't be read; all else goes.
    assert {what: came for what, came in outcome.items() if came != "geht"} == {}
    assert (werkbank.runs / "probe" / RECORD).read_text() == f"{abschottung.VARIABLE}=nie\n"


@hier
def test_was_es_braucht_geht(stadt) -> None:
    werkbank, known = stadt
    forged = f"open({known['urteil']!r}, 'w').write('hält')"
    (done,) = execute(werkbank, forged, GEHT.format(**known), SATZ)
    told = ast.literal_eval(done.nb.cells[-2].outputs[0].data["text/plain"])
    assert told[:2] == ("CANARY-4711", 1) and told[2] < 10
    assert Path(known["merkbar"]).read_text() == "x"
    assert Path(known["urteil"]).read_text() == "CANARY-4711"  # it wrote into nothing
    assert [p.name for p in done.werte.iterdir()] == ["0001.json"]


def test_was_kein_wert_ist_wird_nicht_uebernommen(werkbank) -> None:
    """A link in the folder of values would have the run itself read what the notebook can't."""
    link = "import os\nos.symlink('/etc/passwd', os.environ['SOZCONTROL_WERTE'] + '/0001.json')"
    with pytest.raises(NotebookFailed, match="legte anderes ab als Werte"):
        execute(werkbank, link)


@pytest.mark.parametrize(
    ("wert", "pfad", "heisst"),
    [
        pytest.param("immer", "/nirgends", "bwrap nicht gefunden", id="verlangt, nicht da"),
        pytest.param("immer", "falsch", "kein Namensraum", id="verlangt, geht nicht"),
        pytest.param("vielleicht", "", "keinen bekannten Wert", id="unbekannter Wert"),
    ],
)
def test_wo_es_nicht_geht_und_verlangt_ist_laeuft_nichts(
    werkbank, monkeypatch, tmp_path, wert, pfad, heisst
) -> None:
    if pfad:
        monkeypatch.setenv("PATH", str(_broken(tmp_path) if pfad == "falsch" else pfad))
    monkeypatch.setenv(abschottung.VARIABLE, wert)
    with pytest.raises(ConfigurationError, match=heisst) as caught:
        execute(werkbank, "raise AssertionError")
    assert caught.value.exit_code == 9


def test_wo_es_nicht_geht_und_nicht_verlangt_ist_laeuft_es_offen(
    werkbank, monkeypatch, tmp_path
) -> None:
    monkeypatch.setenv("PATH", str(_broken(tmp_path)), prepend=os.pathsep)
    monkeypatch.setenv(abschottung.VARIABLE, abschottung.AUTO)
    execute(werkbank, "1")
    assert (werkbank.runs / "probe" / RECORD).read_text() == "kein Namensraum\n"


def _broken(tmp_path: Path) -> Path:
    """Make a bubblewrap as it is where the system grants no user a root of his own."""
    program = tmp_path / "bin" / abschottung.PROGRAM
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho 'kein Namensraum' >&2\nexit 1\n")
    program.chmod(0o755)
    return program.parent


@hier
def test_wird_der_lauf_getoetet_bleibt_kein_prozess(stadt) -> None:
    werkbank, _ = stadt
    from test_press_warm import descendants, gone_within

    program = f"""
        import sys
        sys.path.insert(0, {str(Path(__file__).parent)!r})
        from pathlib import Path
        from press_fixtures import Projekt, execute
        print("da", flush=True)
        execute(Projekt(Path({str(werkbank.root)!r})), "import subprocess",
                "subprocess.Popen(['setsid', 'sleep', '97'])", "subprocess.run(['sleep', '97'])")
    """
    command = [sys.executable, "-c", textwrap.dedent(program)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        process.stdout.readline()
        sleeping: list[int] = []
        while len(sleeping) < 2:
            assert process.poll() is None
            started = descendants(process.pid)
            sleeping = [p for p in started if b"sleep" in _command(p)]
        process.kill()
    gone_within(5, started)


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


@pytest.mark.thorough
@pytest.mark.timeout(600)
@pytest.mark.skipif(
    not hasattr(os, "sched_setaffinity") or len(os.sched_getaffinity(0)) < 2,
    reason="one core here, or none can be chosen",
)
def test_auf_einem_kern_sind_es_dieselben_bytes(veroeffentlicht, tmp_path) -> None:
    """What was computed on all cores, again on one: with nothing kept, in other kernels."""
    stadt = veroeffentlicht.kopie(tmp_path / "stadt")
    for kept in stadt.projekt.processed.glob("*/*/gerechnet"):
        shutil.rmtree(kept)
    areas = ("monitoring_jugend", "abwicklung")
    folder = stadt.projekt.reports / "2025-06-30" / "leitung"
    pages = [p for a in areas for p in (folder / f"{a}.html", folder / f"{a}.xlsx")]
    before = {p.name: p.read_bytes() for p in pages}
    for page in pages:
        page.unlink()
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        done = call_anew(
            stadt.projekt, "run", "--force", *(w for a in areas for w in ("--bereich", a)),
            XDG_CONFIG_HOME=str(stadt.home / "config"), XDG_CACHE_HOME=str(tmp_path / "cache"),
        )  # fmt: skip
    finally:
        os.sched_setaffinity(0, cores)
    assert done.exit_code == 0, done.stderr
    assert {p.name: p.read_bytes() for p in pages} == before


@hier
def test_der_bericht_ist_byte_fuer_byte_derselbe(veroeffentlicht, tmp_path) -> None:
    stadt = veroeffentlicht.kopie(tmp_path / "stadt")
    page = stadt.projekt.reports / "2025-06-30" / "leitung" / "unterhaltsvorschuss.html"
    before = page.read_bytes()
    page.unlink()
    done = call_anew(
        stadt.projekt, "run", "--force", "--bereich", "unterhaltsvorschuss",
        XDG_CONFIG_HOME=str(stadt.home / "config"), **{abschottung.VARIABLE: abschottung.IMMER},
    )  # fmt: skip
    assert done.exit_code == 0, done.stderr
    assert page.read_bytes() == before
    *_, record = sorted(stadt.projekt.runs.glob(f"*/{RECORD}"))
    assert record.read_text() == "bubblewrap\n"
