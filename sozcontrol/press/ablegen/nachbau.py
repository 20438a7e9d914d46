"""Build the reports of a recorded run once more, from what it read, apart from all that is there.

A project of its own is laid out below ``data/runs`` (for this user only, swept by the next run),
the delivery is read and the reports are made by a process of their own, and nothing is installed.
What differs from the record is named, and then nothing is built.
"""

from __future__ import annotations

import io
import os
import platform
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path

from sozcontrol import store, tidy
from sozcontrol.errors import (
    ConfigurationError,
    DeliveryMissing,
    Exit,
    SozcontrolError,
    StorageError,
)
from sozcontrol.press.ablegen import gelesen, manifest
from sozcontrol.press.ablegen.gelesen import Code, Gelesen
from sozcontrol.press.lauf.progress import Progress
from sozcontrol.press.lauf.storage import storage_errors
from sozcontrol.projekt import Projekt
from sozcontrol.store import seal
from sozcontrol.tidy.pseudonym import KEY_VARIABLE, key_path

PLACE = ".nachbau.alt-"
"""How the folder's name begins; runs sweep what is called so."""
SHOWN = 8
"""So many things that lack or differ are named; more are counted."""
UNTOUCHED = "Alle Berichte und Daten; es wurde nichts installiert."


@contextmanager
def rebuilt(projekt: Projekt, was: Gelesen, report: Progress) -> Iterator[Projekt]:
    """Give a project in which the reports of a recorded run have been built again.

    Raises:
        ConfigurationError: Code, packages or key are not those of the record.
        DeliveryMissing: Something the run read is not there any more.
        StorageError: There is no place to build.
    """
    place = projekt.runs / f"{PLACE}{os.getpid()}"
    with storage_errors("Zum Nachbauen fehlt der Platz", place, unveraendert=UNTOUCHED):
        for stale in projekt.runs.glob(f"{PLACE}*"):
            shutil.rmtree(stale, ignore_errors=True)
        place.mkdir(parents=True, mode=0o700)
        try:
            there = Projekt(place, projekt.kommune)
            environment = _environment(projekt, there, was)
            _lay_out(projekt, there, was)
            report.step("Lieferung neu lesen")
            _call(there, was, "check", environment)
            store.gelten_lassen(there, was["gueltig"])
            report.step("Berichte nachbauen")
            _call(there, was, "run", environment)
            yield there
        finally:
            shutil.rmtree(place, ignore_errors=True)


def _environment(projekt: Projekt, there: Projekt, was: Gelesen) -> dict[str, str]:
    """Return what the process needs to run the recorded code; prove that it can."""
    wrong = _packages(was["code"])
    key = _key_id(projekt, was["kommune"])
    if key != was["schluessel_id"]:
        wrong.append(f"Schlüssel {key} statt {was['schluessel_id']}")
    paths = _code(projekt, there, was["code"])
    if paths is None:
        wrong.append("Code oder Fakten des Pakets")
    if wrong:
        raise ConfigurationError(
            f"Der Lauf entstand mit anderem, als hier eingerichtet ist: {_some(wrong)}.",
            wo=f"Commit {was['code']['commit'] or 'unbekannt'}",
            tun=_remedy(was["code"]),
            unveraendert=UNTOUCHED,
        )
    before = [p for p in os.environ.get("PYTHONPATH", "").split(os.pathsep) if p]
    code = [*(paths or ()), *(str(Path(p).resolve()) for p in before)]
    own = {
        "PYTHONPATH": os.pathsep.join(code),
        KEY_VARIABLE: str(key_path()),  # it may be named from here
        # What was computed before and is kept for this user is not believed.
        "XDG_CACHE_HOME": str(there.root / "cache"),
    }
    return {**os.environ, **there.environment, **own}


def _remedy(code: Code) -> str:
    if code["commit"] is None:
        return "Die damalige Fassung einrichten und verify dort wiederholen."
    changed = [name for name in code["geaendert"] if name.startswith("sozcontrol/")]
    if changed:
        return (
            f"Wiederherstellen, was nicht eingecheckt war ({_some(changed)}); sonst neu erstellen."
        )
    return f"git checkout {code['commit']}, dann make env und verify wiederholen."


def _packages(code: Code) -> list[str]:
    """Name the packages (and Python) that are not those the run had."""
    now, then = dict(gelesen.installed()), code["pakete"]
    python = platform.python_version()
    wrong = [f"Python {python} statt {code['python']}"] if python != code["python"] else []
    for name in sorted({*now, *then}):
        here, there = now.get(name, "nicht da"), then.get(name, "keines")
        wrong += [f"{name} {here} statt {there}"] if here != there else []
    return wrong


def _key_id(projekt: Projekt, kommune: str) -> str:
    return tidy.Pseudonymiser(tidy.load_key(projekt, create=False), kommune).key_id


def _code(projekt: Projekt, there: Projekt, code: Code) -> list[str] | None:
    """Return where the recorded code lies: nowhere but here, or unpacked from its commit.

    None where neither is the recorded one.
    """
    if gelesen.package_sum(gelesen.PACKAGE) == code["paket_sha256"]:
        return []
    commit, place = code["commit"], there.root / "code"
    packed = commit and _archive(manifest.checkout(projekt), commit)
    if not packed:
        return None
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(place, filter="data")
    same = gelesen.package_sum(place / "sozcontrol") == code["paket_sha256"]
    return [str(place)] if same else None


def _archive(root: Path, commit: str) -> bytes | None:
    if len(commit) != 40 or not set(commit) <= set("0123456789abcdef"):
        return None
    return gelesen.git(root, "archive", "--format=tar", commit, "sozcontrol")


def _lay_out(projekt: Projekt, there: Projekt, was: Gelesen) -> None:
    """Lay out all that was read, each file proved by its checksum.

    What the project holds no more as it was may still be had from git.
    """
    day, known = (date.fromisoformat(was[k]) for k in ("stichtag", "datenstand"))
    raw = gelesen.raw_files(projekt.delivery_folder(day, known))
    target, found = there.delivery_folder(day, known), _Fund()
    for name, expected in was["rohdateien"].items():
        path = raw.pop(name, target / name)
        found.take(f"Rohdatei {name}", target / path.name, expected, [partial(_read, path)])
    found.missing += [f"Rohdatei {name} (kam hinzu)" for name in raw]
    commit, root = was["code"]["commit"], manifest.checkout(projekt)
    for name, expected in was["dateien"].items():
        now, then = partial(_read, projekt.root / name), partial(_committed, root, commit, name)
        found.take(name, there.root / name, expected, [now, then])
    for folder in (there.notebooks, there.expectations, there.raw):
        folder.mkdir(parents=True, exist_ok=True)
    found.missing += store.nachstellen(projekt, there, was["gespeichert"], was["entscheidungen"])
    found.missing += store.gelten_lassen(there, was["verglichen"])
    found.demand(projekt)


def _committed(root: Path, commit: str | None, name: str) -> bytes | None:
    return gelesen.git(root, "cat-file", "blob", f"{commit}:{name}") if commit else None


class _Fund:
    """Copies what is as recorded, and remembers what is not."""

    def __init__(self) -> None:
        self.missing: list[str] = []

    def take(
        self, name: str, place: Path, expected: str, sources: Iterable[Callable[[], bytes | None]]
    ) -> None:
        """Write to *place* what the first source gives that is as recorded; else note its name."""
        for source in sources:
            content = source()
            if content is not None and seal.digest(content) == expected:
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(content)
                return
        self.missing.append(name)

    def demand(self, projekt: Projekt) -> None:
        """Refuse to go on where something is not there as it was read."""
        if self.missing:
            raise DeliveryMissing(
                f"Nicht mehr da, wie der Lauf es las: {_some(self.missing)}.",
                wo=str(projekt.root),
                tun="Aus der Datensicherung zurücklegen; was gelöscht werden musste, lässt sich "
                "nicht nachbauen (sozcontrol verify --schnell prüft die Dateien allein).",
                unveraendert=UNTOUCHED,
            )


def _read(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _some(names: list[str]) -> str:
    more = len(names) - SHOWN
    return ", ".join([*names[:SHOWN], *([f"und {more} weitere"] if more > 0 else [])])


def _call(there: Projekt, was: Gelesen, command: str, environment: Mapping[str, str]) -> None:
    """Call the command line in the project laid out; what keeps it from its end is passed on."""
    days = ["--stichtag", was["stichtag"], "--datenstand", was["datenstand"], "--leise"]
    asked = was["verlangt"]
    options = [w for b in asked["bereiche"] for w in ("--bereich", b)]
    options += [w for e in asked["editionen"] for w in ("--edition", e)]
    options += ["--force", *(["--frei"] if asked["frei"] else [])]
    words = [command, *days, *(options if command == "run" else [])]
    process = subprocess.Popen(
        [sys.executable, "-m", "sozcontrol", *words], cwd=there.root, env=dict(environment),
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace",
    )  # fmt: skip
    try:
        _, said = process.communicate()
    finally:  # also when this process is to end
        if process.poll() is None:
            process.terminate()
        process.wait()
    if process.returncode not in (Exit.OK, Exit.CONTRACT):
        raise _failed(said, process.returncode, command)


def _failed(said: str, code: int, command: str) -> SozcontrolError:
    error = StorageError(
        f"Der Nachbau endete mit {code}: {said.strip() or 'ohne ein Wort'}",
        wo=f"sozcontrol {command}",
        tun="Die genannte Ursache beheben und verify wiederholen.",
        unveraendert=UNTOUCHED,
    )
    if code in {e.value for e in Exit}:
        error.exit_code = Exit(code)
    return error
