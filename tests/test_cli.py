"""The command line: German throughout, one line a fault, the exit code says what it was."""

from __future__ import annotations

import errno
import json
import os
import re
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import click
import pytest
from conftest import call_at_terminal
from press_fixtures import bare_project

import sozcontrol
from sozcontrol.cli import commands, main
from sozcontrol.errors import Busy, DeliveryMissing, Exit, NotebookFailed, StorageError
from sozcontrol.projekt import Projekt

ROOT = Path(__file__).parent.parent
COMMANDS = sorted(commands.sozcontrol.commands)
ENGLISH = (
    "Usage",
    "Options",
    "Commands",
    "Error",
    "Try ",
    "No such",
    "Missing",
    "Show ",
    "default",
)


@pytest.fixture
def projekt(tmp_path, monkeypatch):
    projekt = bare_project(tmp_path / "projekt")
    monkeypatch.setenv("SOZCONTROL_PROJEKT", str(projekt.root))
    return projekt


def call(capsys, *arguments: str) -> tuple[int, str, str]:
    """Run one command in this process; return exit code, standard output and standard error."""
    code = main(list(arguments))
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_ohne_befehl_kommt_die_hilfe(capsys) -> None:
    code, out, err = call(capsys)
    assert code == 0 and out.startswith("Aufruf: sozcontrol") and err == ""
    assert all(f"\n  {name} " in out for name in COMMANDS)
    for number in (e.value for e in Exit if e not in (Exit.WARNINGS, Exit.PLAUSIBILITY)):
        assert f"{number} " in out.split("Ausgangscodes", 1)[1]


@pytest.mark.parametrize("name", COMMANDS)
def test_jeder_befehl_hat_deutsche_hilfe(capsys, name) -> None:
    code, out, _ = call(capsys, name, "--help")
    assert code == 0
    assert out.startswith(f"Aufruf: sozcontrol {name}")
    assert "Diese Hilfe zeigen." in out
    assert not [word for word in ENGLISH if word in out]
    command = commands.sozcontrol.commands[name]
    assert command.help and command.help.rstrip().endswith(".")
    options = [p for p in command.params if isinstance(p, click.Option)]
    assert all(p.help for p in options)


@pytest.mark.parametrize("name", COMMANDS)
def test_jeder_befehl_steht_in_der_readme(name) -> None:
    assert f"sozcontrol {name}" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_die_version_ist_die_des_pakets(capsys) -> None:
    assert call(capsys, "--version") == (0, f"sozcontrol {sozcontrol.__version__}\n", "")


@pytest.mark.parametrize(
    "arguments, says",
    [
        pytest.param(["runn"], "Meinten Sie »run«?", id="Befehl verschrieben"),
        pytest.param(["run", "--stichtach", "x"], "Meinten Sie »--stichtag«?", id="Option"),
        pytest.param(["run", "--stichtag"], "verlangt einen Wert", id="Wert fehlt"),
        pytest.param(["run", "--leise=ja"], "nimmt keinen Wert", id="Wert zu viel"),
        pytest.param(["run", "--frist", "0"], "von 1 bis 86400", id="Zahl außerhalb"),
        pytest.param(["calendar", "--jahr", "MMXXV"], "Eine ganze Zahl", id="keine Zahl"),
        pytest.param(["kennzahlen", "--format", "xml"], "Möglich: table, json", id="Auswahl"),
        pytest.param(["explain"], "Es fehlt »ID«", id="Angabe fehlt"),
        pytest.param(["areas", "alle"], "Überzählige Angaben: alle", id="Angabe zu viel"),
        pytest.param(["run", "--stichtag", "30.06.2025"], "»2025-06-30«", id="deutsches Datum"),
        pytest.param(["run", "--stichtag", "2025-06-31"], "»2025-06-30«", id="kein Tag"),
        pytest.param(
            ["run", "--stichtag", "2025-05-01", "--datenstand", "2025-06-01"],
            "Benachbarte Stichtage: 2025-04-30 und 2025-06-30",
            id="kein Stichtag",
        ),
        pytest.param(
            ["run", "--stichtag", "2025-06-30", "--datenstand", "2025-07-15", "--edition", "chef"],
            "Bekannt: intern",
            id="Edition",
        ),
        pytest.param(["check", "--stichtag", "gestern"], "JJJJ-MM-TT", id="check"),
        pytest.param(["demo", "--mess", "kaffeefleck"], "kaffeefleck", id="demo"),
        pytest.param(["demo", "--stichtag", "2025"], "JJJJ-MM-TT", id="demo Datum"),
        pytest.param(["explain", "H99x"], "unbekannt", id="Kennzahl"),
        pytest.param(["kennzahlen", "--edition", "leitnug"], "»leitung«", id="Edition der Liste"),
        pytest.param(["kennzahlen", "--bereich", "kita"], "unbekannt", id="Bereich der Liste"),
        pytest.param(["runn\nzwei"], "»runn zwei«", id="Zeilenumbruch"),
    ],
)
def test_ein_falscher_aufruf_ist_eine_deutsche_zeile(capsys, projekt, arguments, says) -> None:
    code, out, err = call(capsys, *arguments)
    assert code == Exit.USAGE and out == ""
    assert says in err and err.count("\n") == 1
    assert not [word for word in ENGLISH if word in err]


@pytest.mark.parametrize(
    "error, code",
    [
        pytest.param(DeliveryMissing("Fehlt.", wo="hier", tun="liefern"), 3, id="fehlt"),
        pytest.param(NotebookFailed("Kaputt.", wo="hier", tun="richten"), 6, id="Notebook"),
        pytest.param(StorageError("Voll.", wo="hier", tun="räumen"), 8, id="Platte"),
        pytest.param(Busy("Läuft.", wo="hier", tun="warten"), 10, id="läuft schon"),
        pytest.param(KeyboardInterrupt(), 130, id="Strg-C"),
    ],
)
def test_jeder_fehler_hat_seinen_ausgangscode_und_keinen_traceback(
    capsys, projekt, monkeypatch, error, code
) -> None:
    def fail(*_args, **_settings):
        raise error

    monkeypatch.setattr("sozcontrol.press.run.run", fail)
    got, out, err = call(capsys, "run")
    assert (got, out) == (code, "") and "Traceback" not in err and err.strip()


def test_ein_programmfehler_nennt_seine_art_und_legt_den_rest_geschuetzt_ab(
    capsys, projekt, monkeypatch
) -> None:
    def fail(*_args, **_settings):
        raise KeyError("CANARY-4711")

    monkeypatch.setattr("sozcontrol.press.run.run", fail)
    code, _, err = call(capsys, "run")
    assert code == Exit.BUG and "KeyError" in err and "CANARY" not in err
    (path,) = projekt.runs.glob("fehler-*.txt")
    assert str(path) in err and "CANARY-4711" in path.read_text()
    assert path.stat().st_mode & 0o077 == 0


def test_ein_programmfehler_zeigt_auch_ohne_ablage_keinen_wert(
    capsys, projekt, monkeypatch
) -> None:
    """The text of an exception may quote a cell, and a full disk leaves nowhere to hide it."""
    value = "-".join(("CANARY", "4711"))

    def fail(*_args, **_settings):
        raise KeyError(value)

    monkeypatch.setattr("sozcontrol.press.run.run", fail)
    monkeypatch.setattr(Path, "touch", _full)
    code, out, err = call(capsys, "run")
    assert code == Exit.BUG and "KeyError" in err and "in fail" in err
    assert value not in out + err


def _full(*_args: object, **_settings: object) -> None:
    raise OSError(28, "No space left on device")


def test_das_projekt_laesst_sich_nennen_und_ein_falsches_wird_erklaert(capsys, tmp_path) -> None:
    code, _, err = call(capsys, "check", "--projekt", str(tmp_path))
    assert code == Exit.CONFIGURATION and "kein sozcontrol-Projekt" in err
    assert call(capsys, "check", "--projekt", str(bare_project(tmp_path / "p").root))[0] == 3


def finished(projekt, code=Exit.OK):
    return SimpleNamespace(index=projekt.reports / "index.html", eingang=None, exit_code=code)


@pytest.mark.parametrize("leise", [False, True])
@pytest.mark.parametrize("code", [Exit.OK, Exit.CONTRACT])
def test_die_letzte_zeile_ist_der_pfad_der_uebersicht(
    capsys, projekt, monkeypatch, leise, code
) -> None:
    seen = {}

    def run(_projekt, wunsch, report):
        seen["wunsch"] = wunsch
        report.step("Schritt eins")
        return finished(projekt, code)

    monkeypatch.setattr("sozcontrol.press.run.run", run)
    monkeypatch.setattr("sozcontrol.auskunft.einzeln.summary", lambda *_a, **_k: "Befunde: 0")
    options = ["--leise"] if leise else []
    got, out, err = call(
        capsys, "run", "--bereich", "a", "--bereich", "b", "--edition", "intern", *options
    )
    assert got == code
    assert out.splitlines()[-1] == str(projekt.reports / "index.html")
    assert err == ("" if leise else "Schritt eins\n")
    assert seen["wunsch"].bereiche == ("a", "b") and seen["wunsch"].editionen == ("intern",)


def test_ohne_edition_gilt_leitung(capsys, projekt, monkeypatch) -> None:
    seen = []
    monkeypatch.setattr(
        "sozcontrol.press.run.run", lambda p, wunsch, r: seen.append(wunsch) or finished(projekt)
    )
    monkeypatch.setattr("sozcontrol.auskunft.einzeln.summary", lambda *_a, **_k: "")
    call(capsys, "run")
    assert seen[0].editionen == ()  # the calendar decides


def test_der_kalender_nennt_stichtage_und_faelligkeiten(capsys) -> None:
    code, out, _ = call(capsys, "calendar", "--jahr", "2025")
    assert code == 0
    owed = {line[:10]: line for line in out.splitlines() if line[:1].isdigit()}
    assert list(owed) == [f"{d}.2025" for d in
                          ("31.03", "30.04", "30.06", "31.08", "30.09", "31.12")]  # fmt: skip
    assert "fällig 02.03.2026 (28.02.: Samstag): Unterrichtung des Rates – § 21 GemHVO" in out
    assert "fällig 31.03.2026: Strategischer Jahresbericht" in out
    assert "fällig 01.09.2025 (31.08.: Sonntag): Operativer Bericht 2" in out
    assert [d[:5] for d, line in owed.items() if "mit Hochrechnung" in line] == [
        "30.06", "31.08", "31.12",
    ]  # fmt: skip
    assert [d[:5] for d, line in owed.items() if " · Versuch · " in line] == ["30.04"]
    assert all(line.count("Hochrechnung") <= 1 for line in owed.values())
    assert [d[:5] for d, line in owed.items() if "September-Prognose" in line] == ["31.08"]
    assert str(date.today().year) in call(capsys, "calendar")[1]


def test_der_kalender_sagt_was_geliefert_und_berichtet_ist(capsys, projekt: Projekt) -> None:
    (projekt.raw / "2025-06-30" / "2025-07-21").mkdir(parents=True)
    (projekt.reports / "2025-06-30" / "leitung").mkdir(parents=True)
    (projekt.reports / "2025-06-30" / "leitung" / "manifest.json").write_text("{}")
    code, out, _ = call(capsys, "calendar", "--jahr", "2025", "--projekt", str(projekt.root))
    assert code == 0
    assert out.count("geliefert: Datenstand 21.07.2025; berichtet: leitung") == 1
    assert out.count("geliefert: nichts") == 5


def test_das_datenwoerterbuch_kommt_aus_dem_katalog(capsys, tmp_path) -> None:
    code, out, _ = call(capsys, "dictionary")
    assert code == 0
    assert "## Hilfe (`fall`)" in out and "| `beginn` | Beginn | datum | – | ja |" in out
    assert "### Hilfeart (SGB VIII) (`hilfeart`)" in out and "| 33 | § 33 Vollzeitpflege |" in out
    target = tmp_path / "woerterbuch.md"
    assert call(capsys, "dictionary", "--out", str(target))[1] == f"{target}\n"
    assert target.read_text(encoding="utf-8") == out
    code, _, err = call(capsys, "dictionary", "--out", str(tmp_path / "fehlt" / "x.md"))
    assert code == Exit.STORAGE and "der Ordner fehlt" in err


def test_die_bereiche_nennen_tabellen_und_editionen(capsys) -> None:
    out = call(capsys, "areas")[1]
    assert "monitoring_jugend\n  Monitoring Jugend" in out
    assert "Braucht: fall, person\n  Zeigt auch: zahlung, einwohner, gebiet" in out


@pytest.fixture
def reihen(tmp_path) -> Path:
    """Two series of four years; each month is a twelfth of the year."""
    rows = ["reihe;jahr;monat;ist_kumuliert;ansatz"]
    rows += [
        f"{name};{jahr};{monat};{jahr * monat * 10};{jahr * 125}"
        for name in "AB" for jahr in range(2020, 2024) for monat in range(1, 13)
    ]  # fmt: skip
    path = tmp_path / "reihen.csv"
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


def test_der_ruecktest_einer_datei_geht_auch_am_terminal(projekt, reihen) -> None:
    done = call_at_terminal(projekt, "backtest", "--daten", str(reihen), "--profil", "plan_ist")
    assert done.exit_code == 0, done.stderr
    assert done.stdout.startswith("Hochrechnung reihen.csv") and "näher am Ergebnis" in done.stdout
    # The result belongs to standard output, also while the display is on.
    assert "Vergleichsfälle" not in done.stderr
    assert done.stderr.count("Rücktest rechnen\n") == 1 and "✓ reihen.csv" in done.stderr
    assert done.stderr.rindex("\x1b[?25h") > done.stderr.rindex("\x1b[?25l")  # cursor shown


def test_ohne_terminal_sagt_der_ruecktest_anfang_und_ende(capsys, projekt, reihen) -> None:
    code, _, err = call(capsys, "backtest", "--daten", str(reihen), "--profil", "plan_ist")
    begin, end = err.splitlines()
    assert code == 0 and begin == "Hochrechnung und Rücktest rechnen"
    assert re.fullmatch(r"  reihen\.csv fertig \(\d+,\d s\)", end)


@pytest.mark.parametrize("stream", ["Terminal", "Datei"])
def test_ein_ruecktest_der_scheitert_laesst_eine_deutsche_zeile(
    capsys, projekt, reihen, stream
) -> None:
    reihen.write_text("reihe;jahr;monat;ist_kumuliert\nA;2020;13;5", encoding="utf-8")
    arguments = ("backtest", "--daten", str(reihen), "--profil", "plan_ist")
    if stream == "Terminal":
        done = call_at_terminal(projekt, *arguments)
        code, out, err = done.exit_code, done.stdout, done.stderr
    else:
        code, out, err = call(capsys, *arguments)
    assert code == Exit.CONTRACT and out == ""
    assert "reihen.csv nicht fertig" in err and "Periode, die es nicht gibt" in err
    assert "Traceback" not in err


def test_ohne_jupyterlab_sagt_lab_wie_man_es_bekommt(capsys, projekt, monkeypatch) -> None:
    monkeypatch.setattr("shutil.which", lambda *_a, **_k: None)
    code, _, err = call(capsys, "lab")
    assert code == Exit.CONFIGURATION and "make lab" in err


def python(*arguments: str, **settings) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, timeout=60, **settings
    )


HEAVY = {
    "pandas", "ibis", "duckdb", "pyarrow", "papermill", "nbconvert", "nbformat", "matplotlib",
    "great_expectations", "pydantic", "yaml", "rich", "sqlalchemy",
}  # fmt: skip


def test_die_hilfe_laedt_nichts_schweres() -> None:
    done = python("-X", "importtime", "-m", "sozcontrol", "--help")
    loaded = {line.split("|")[-1].strip() for line in done.stderr.splitlines()}
    assert done.returncode == 0 and "sozcontrol.cli.commands" in loaded
    assert {name.split(".")[0] for name in loaded} & HEAVY == set()


def test_am_ende_beklagt_duckdb_nichts() -> None:
    program = "import duckdb; from sozcontrol.cli import main; main(['--help'])"
    assert python("-c", program).stderr == "", "what it counts at the end was looked for"


def test_die_hilfe_ist_sofort_da() -> None:
    best = 9.0
    for _ in range(5):
        started = time.perf_counter()
        python("-m", "sozcontrol", "--help")
        best = min(best, time.perf_counter() - started)
    # 80 ms alone on two cores; the bound leaves room for a busy machine.
    assert best < 0.5


@pytest.mark.parametrize("command", ["calendar", "areas", "dictionary"])
def test_katalogbefehle_laden_keine_daten(command, projekt) -> None:
    """Where nothing is delivered; with a delivery the calendar tells what of it is late."""
    done = python("-X", "importtime", "-m", "sozcontrol", command, cwd=projekt.root)
    loaded = {line.split("|")[-1].strip().split(".")[0] for line in done.stderr.splitlines()}
    assert done.returncode == 0 and loaded & (HEAVY - {"pydantic", "yaml"}) == set()


def test_der_lauf_laedt_erst_was_er_braucht() -> None:
    """A comment is set in without what draws, asks or decides; each costs a fifth of such a run.

    What writes a cell of a finished page comes alone, too, though its package gives all drawings.
    """
    code = "import sys, sozcontrol.press.run; print(*sys.modules); "
    code += "import sozcontrol.present.zielstand; print(*sys.modules)"
    done = python("-c", code)
    run, cell = (set(line.split()) for line in done.stdout.splitlines())
    assert done.returncode == 0 and "sozcontrol.kommentartext" in run
    assert {name.split(".")[0] for name in cell} & {*HEAVY, "numpy"} <= {"pydantic", "yaml"}
    rooms = {f"sozcontrol.{room}" for room in ("measures", "disclosure", "present", "hochrechnung")}
    assert run & rooms == set()
    assert cell & rooms == {"sozcontrol.disclosure", "sozcontrol.present"}


def test_eine_schmale_ausgabe_bringt_nichts_zum_absturz() -> None:
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    done = python("-m", "sozcontrol", "calendar", "--jahr", "2025", env=environment)
    assert done.returncode == 0 and "30.04.2025" in done.stdout and done.stderr == ""
    done = python("-m", "sozcontrol", "runn", env=environment)
    assert done.returncode == 2 and "?runn?" in done.stderr and "Traceback" not in done.stderr


def test_ein_leser_der_aufhoert_ist_kein_fehler() -> None:
    command = f"{sys.executable} -m sozcontrol dictionary | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60)
    assert done.stdout == "# Datenwörterbuch\n" and done.stderr == ""


@pytest.mark.parametrize("asked", [signal.SIGTERM, signal.SIGHUP])
def test_wer_enden_soll_endet_geordnet(projekt, asked) -> None:
    """The scheduler asks, or the terminal is closed."""
    program = (
        "import sys, time\nfrom sozcontrol import cli\nimport sozcontrol.press.run as r\n"
        "def wait(*a): print('da', flush=True); time.sleep(60)\n"
        "r.run = wait\nsys.exit(cli.main(['run']))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "da\n"
        process.send_signal(asked)
        _, err = process.communicate(timeout=20)
    assert process.returncode == 128 + asked and err.startswith("Beendet.")


@pytest.mark.parametrize(
    "number, code",
    [
        pytest.param(errno.ENOSPC, Exit.STORAGE, id="kein Platz"),
        pytest.param(errno.EACCES, Exit.STORAGE, id="keine Rechte"),
        pytest.param(errno.EROFS, Exit.STORAGE, id="nur lesbar"),
        pytest.param(errno.ENOENT, Exit.BUG, id="unser Fehler"),
    ],
)
def test_was_am_datentraeger_liegt_ist_kein_interner_fehler(
    capsys, projekt, monkeypatch, number: int, code: Exit
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("sozcontrol.auskunft.statusauskunft.status", broken)
    ended, out, err = call(capsys, "status")
    assert (ended, out) == (code, "")
    assert ("Interner Fehler" in err) is (code == Exit.BUG) and "Traceback" not in err
    assert bool([*projekt.runs.glob("fehler-*")]) is (code == Exit.BUG)


def test_demo_schreibt_nicht_waehrend_ein_lauf_liest(capsys, projekt) -> None:
    from sozcontrol.press.lauf.lock import sole_run

    with sole_run(projekt):
        code, _, err = call(capsys, "demo", "--leise")
    assert code == Exit.BUSY and "Ein anderer Lauf" in err
    assert not [*projekt.raw.iterdir()]


@pytest.mark.notebook
def test_pruefen_und_kennzahlen_gehen_von_der_kommandozeile(
    capsys, eingelesen, tmp_path, monkeypatch
) -> None:
    stadt = eingelesen.kopie(tmp_path / "stadt")
    monkeypatch.setenv("SOZCONTROL_PROJEKT", str(stadt.projekt.root))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(stadt.home / "config"))
    code, out, _ = call(capsys, "check")
    assert code == 0 and out.splitlines()[-1].endswith(".html")
    assert "R-" in out

    code, out, err = call(capsys, "kennzahlen", "--edition", "leitung")
    assert (code, out) == (7, "") and "noch nicht entschieden" in err
    intern = ("--edition", "intern")
    code, out, _ = call(
        capsys, "kennzahlen", "--format", "json", "--bereich", "monitoring_jugend", *intern
    )
    assert code == 0
    listed = {k["id"]: k for k in json.loads(out)["kennzahlen"]}
    assert listed["H01"]["wert"] == listed["H01"]["zaehler"] > 0
    assert listed["H01"]["einheit"] == "Hilfen" and listed["H01"]["nenner"] is None
    code, text, _ = call(capsys, "kennzahlen", "--bereich", "monitoring_jugend", *intern)
    shown = next(line for line in text.splitlines() if line.startswith("H01 "))
    assert f"{listed['H01']['wert']}" in shown.replace(".", "")
    code, out, _ = call(capsys, "explain", "H01", "--format", "json", *intern)
    explained = json.loads(out)
    assert explained["wert"] == listed["H01"]["wert"]
    assert {d["tabelle"] for d in explained["lieferungen"]} >= {"fall", "person"}
    assert "sql" not in explained
    assert "SELECT" in call(capsys, "explain", "H01", "--sql", *intern)[1]

    # Asked again, what was answered is read: at once, and without the engine.
    again = "from sozcontrol.cli import main\nimport sys\ntry: main()\n"
    again += "finally: print('ibis' in sys.modules)"
    for asked in (
        ("explain", "H01", "--format", "json"),
        ("kennzahlen", "--bereich", "monitoring_jugend"),
    ):
        first = call(capsys, *asked, *intern)[1]
        read = subprocess.run(
            [sys.executable, "-c", again, *asked, *intern],
            capture_output=True,
            text=True,
            check=True,
        )
        assert read.stdout == f"{first}False\n"
