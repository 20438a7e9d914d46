"""Single steps a person asks for: check a delivery, write a file, open JupyterLab."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from sozcontrol.catalogue import reihenprofile
from sozcontrol.errors import ConfigurationError, UsageError
from sozcontrol.findings import Schwere
from sozcontrol.press.lauf.lock import sole_run
from sozcontrol.press.lauf.parameter import parse_date
from sozcontrol.press.lauf.progress import Progress
from sozcontrol.press.lauf.receive import Eingang, receive
from sozcontrol.press.lauf.storage import private_files, storage_errors
from sozcontrol.press.run import resolve
from sozcontrol.projekt import Projekt


def check(
    projekt: Projekt, stichtag: str | None, datenstand: str | None, report: Progress
) -> Eingang:
    """Take one delivery in and return what its checks found; no report is made.

    Raises:
        SozcontrolError: As :func:`~sozcontrol.press.lauf.receive.receive`;
            Busy while a run is active.
    """
    on, known = resolve(projekt, stichtag, datenstand)
    with private_files(), sole_run(projekt):
        return receive(projekt, on, known, report)


def summary(eingang: Eingang, *, all_findings: bool) -> str:
    """Return the findings of a delivery as text for a terminal.

    Without *all_findings* only what blocks is spelled out; the rest is counted and stands on the
    validation page.
    """
    from sozcontrol import checks
    from sozcontrol.checks import wortlaut

    if all_findings:
        return checks.render_text(eingang.findings)
    errors = [f for f in eingang.findings if f.schwere is Schwere.FEHLER]
    lines = [checks.render_text(errors)] if errors else []
    told = wortlaut.summary(eingang.findings)
    lines.append(f"Befunde: {told}. Alle mit Zeilen: {eingang.pruefseite}")
    return "\n".join(lines)


def backtest_file(daten: str, profil: str | None, report: Progress, form: str = "text") -> str:
    """Return the forecast of a plan/actual file, and how good it would have been.

    Raises:
        UsageError: No profile is named, or it is unknown.
        DeliveryError, DeliveryMissing: The file cannot be read as the profile says.
    """
    from sozcontrol.forecast.datei import backtest_file, render

    if profil is None:
        raise UsageError(
            "Zu einer Datei gehört ein Profil.",
            wo="--profil",
            tun=f"Möglich: {', '.join(reihenprofile())}, oder der Pfad einer eigenen .yml.",
        )
    report.step("Hochrechnung und Rücktest rechnen")
    path = Path(daten)
    with report.counting(path.name, "Prognose") as count:
        return render(backtest_file(path, profil, fortschritt=count), form)


def backtest_city(
    projekt: Projekt, stichtag: str | None, datenstand: str | None, report: Progress
) -> str:
    """Return in German how good the city's own forecasts of past years would have been.

    Raises:
        UsageError: A date is malformed.
        DeliveryMissing: The delivery has not been read in, or has no complete year.
    """
    from sozcontrol import store
    from sozcontrol.forecast.datei import render
    from sozcontrol.hochrechnung.prognosestand import backtest_city

    on = parse_date(stichtag, "stichtag") if stichtag is not None else None
    known = parse_date(datenstand, "datenstand") if datenstand is not None else None
    daten = store.open_data(on, known, projekt)
    try:
        report.step("Rücktest der eigenen Stadt rechnen")
        found = backtest_city(daten, anzeige=lambda name: report.counting(name, "Prognose"))
        return "\n\n".join([*map(render, found.berichte), *found.ohne])
    finally:
        daten.close()


def write_text(path: Path, text: str) -> None:
    """Write *text* to *path* as :func:`write_whole` does."""
    write_whole(path, text.encode())


def write_whole(path: Path, data: bytes) -> None:
    """Write *data* to *path* whole or not at all, for this user only: who else may read is said.

    Raises:
        StorageError: The file cannot be written.
    """
    temporary = path.with_name(f".{path.name}.neu-{os.getpid()}")
    with storage_errors("Die Datei ließ sich nicht schreiben", path):
        try:
            temporary.touch(mode=0o600)
            temporary.write_bytes(data)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)


def open_lab(projekt: Projekt) -> int:
    """Start JupyterLab in the notebooks' folder, on this machine only; return its exit code.

    Raises:
        ConfigurationError: JupyterLab is not installed; a run does not need it.
    """
    beside = projekt.root / ".venv-lab" / "bin" / "jupyter-lab"
    found = shutil.which("jupyter-lab", path=str(Path(sys.executable).parent))
    command = found or (str(beside) if beside.is_file() else None)
    if command is None:
        raise ConfigurationError(
            "JupyterLab ist in dieser Umgebung nicht installiert.",
            wo=str(Path(sys.executable).parent),
            tun="make lab – legt die Umgebung der Analystinnen und Analysten an und öffnet sie.",
        )
    return subprocess.call([command, "--ip=127.0.0.1", str(projekt.notebooks)])
