"""A root of their own for the kernels of a run, made by bubblewrap where the system allows it.

In it a notebook finds programs, the facts, its own delivery and those beside it to read, and what
it has to write: the values of this run, its sockets, what is remembered of computed figures. There
is no key, no raw file, no report, no home and no other run; no network, and no other process.
"""

from __future__ import annotations

import os
import shutil
import site
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

import sozcontrol
from sozcontrol.errors import ConfigurationError
from sozcontrol.press.lauf.beweis import REMEMBERED
from sozcontrol.projekt import Projekt

VARIABLE = "SOZCONTROL_KERNE_ABSCHOTTEN"
AUTO, IMMER, NIE = "auto", "immer", "nie"
PROGRAM = "bwrap"
TRIAL = """
from importlib.util import find_spec
raise SystemExit(not (find_spec("sozcontrol") and find_spec("ipykernel")))"""
TRIAL_SECONDS = 20
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix", "/gnu", "/sys")
ETC = ("localtime", "timezone", "passwd", "group", "nsswitch.conf", "ld.so.cache", "ld.so.conf",
       "ld.so.conf.d", "alternatives")  # fmt: skip
START = (
    "--unshare-all", "--die-with-parent", "--cap-drop", "ALL",
    # A started kernel's parent is outside; that it ended is told by bubblewrap, not by its number.
    "--setenv", "JPY_PARENT_PID", "1",
)  # fmt: skip
END = ("--proc", "/proc", "--dev", "/dev", "--remount-ro", "/")

Sight = Literal["--ro-bind", "--bind", "--tmpfs", "--null", "--symlink"]


class Abschottung:
    """What comes before the command of a kernel; ``davor`` is empty where nothing shuts it off."""

    def __init__(
        self, projekt: Projekt, raum: Path, schreibbar: Sequence[Path],
        umgebung: Mapping[str, str],
    ) -> None:  # fmt: skip
        """Prove once, by a trial start, that the system allows it.

        *raum* is the folder of the run's sockets and logs, *schreibbar* what kernels write: both
        are there. *umgebung* is that of the kernels.

        Raises:
            ConfigurationError: It is demanded and can't be had, or the setting is none.
        """
        wanted = _wanted()
        program = None if offen() else shutil.which(PROGRAM)
        self.davor: tuple[str, ...] = ()
        self.grund = f"{VARIABLE}={NIE}" if wanted == NIE else f"{PROGRAM} nicht gefunden"
        if program:
            sights = _sights(projekt, raum, schreibbar)
            before = (program, *START, *_arguments(sights), *END)
            self.grund = _trial(before, raum, umgebung)
            self.davor = () if self.grund else before
        if wanted == IMMER and not self.davor:
            raise ConfigurationError(
                f"Die Rechenkerne lassen sich hier nicht abschotten: {self.grund}.",
                wo=f"{VARIABLE}={IMMER}",
                tun="bubblewrap einrichten (Debian: apt install bubblewrap; es braucht Namensräume "
                f"für Benutzer), oder {VARIABLE}={AUTO}: dann laufen sie, wo es nicht geht, offen.",
                unveraendert="Kein Notebook lief; die früheren Berichte bleiben.",
            )


def offen() -> bool:
    """Say whether nothing will shut kernels off: it is not wanted, or what would do it lacks.

    Raises:
        ConfigurationError: The setting is none.
    """
    return _wanted() == NIE or os.name != "posix" or not shutil.which(PROGRAM)


def _wanted() -> str:
    wanted = os.environ.get(VARIABLE) or AUTO
    if wanted not in (AUTO, IMMER, NIE):
        raise ConfigurationError(
            f"{VARIABLE} hat keinen bekannten Wert.",
            wo="Umgebung", tun=f"{AUTO}, {IMMER} oder {NIE} setzen.",
        )  # fmt: skip
    return wanted


def _trial(before: Sequence[str], raum: Path, umgebung: Mapping[str, str]) -> str:
    """Start Python once in there; return why it did not, empty where it did."""
    command = [*before, sys.executable, "-c", TRIAL]
    try:
        done = subprocess.run(
            command, env=umgebung, cwd=raum, stdin=subprocess.DEVNULL, capture_output=True,
            timeout=TRIAL_SECONDS, check=False, start_new_session=True,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{PROGRAM} startet nicht ({type(error).__name__})"
    said = done.stderr.decode(errors="replace").strip().splitlines()
    return (said[-1] if said else f"Code {done.returncode}") if done.returncode else ""


def _sights(projekt: Projekt, raum: Path, schreibbar: Sequence[Path]) -> dict[Path, Sight]:
    """Return what is seen where; what lies deeper goes before what lies above it."""
    from sozcontrol import store, tidy

    home, key = Path.home(), tidy.key_path()
    code = [Path(p) for p in (sys.prefix, sys.base_prefix, site.getusersitepackages())]
    code += [Path(sozcontrol.__file__).parent, *_import_folders(projekt, home)]
    read = [projekt.notebooks, projekt.expectations, projekt.profile, projekt.processed, raum,
            projekt.runs / REMEMBERED]  # fmt: skip
    given: dict[Path, Sight] = dict.fromkeys((*code, *read), "--ro-bind")
    given |= {Path("/tmp"): "--tmpfs", home: "--tmpfs", projekt.root: "--tmpfs"}
    given |= dict.fromkeys((*schreibbar, *store.merkordner(projekt)), "--bind")
    given |= dict.fromkeys(store.ordner_des_laufs(projekt), "--tmpfs")
    there = {path: how for path, how in given.items() if path.exists()}
    sights = {path.resolve(): how for path, how in there.items()}
    shown = {path for path, how in sights.items() if how in ("--ro-bind", "--bind")}
    for path in there:  # a link within what is seen is seen itself
        if path.resolve() != path and shown.isdisjoint(path.parents):
            sights[path] = "--symlink"
    if key.exists() and not shown.isdisjoint(key.resolve().parents):
        sights[key.resolve()] = "--null"
    return sights


def _import_folders(projekt: Projekt, home: Path) -> Iterator[Path]:
    """Yield what the environment adds to the search for modules, unless more would be seen."""
    closed = (home, projekt.root, projekt.data, projekt.reports)
    for name in filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep)):
        folder = Path(name).resolve()
        inside = any(folder.is_relative_to(one) for one in closed[2:])
        if not inside and not any(one.is_relative_to(folder) for one in closed):
            yield folder


def _arguments(sights: Mapping[Path, Sight]) -> Iterator[str]:
    for name in SYSTEM:
        path = Path(name)
        if path.is_symlink():
            yield from ("--symlink", str(path.readlink()), name)
        elif path.exists():
            yield from ("--ro-bind", name, name)
    for name in ETC:
        yield from ("--ro-bind-try", f"/etc/{name}", f"/etc/{name}")
    for path, how in sorted(sights.items(), key=lambda pair: len(pair[0].parts)):
        if how == "--tmpfs":
            yield from (how, str(path))
        elif how == "--symlink":
            yield from (how, str(path.resolve()), str(path))
        elif how == "--null":
            yield from ("--ro-bind", os.devnull, str(path))
        else:
            yield from (how, str(path), str(path))
