"""What was computed from a stored delivery, kept beside it until data, facts or code change.

A memory and no source: what is damaged, out of date or can't be written is computed again. The
figures are undecided, so the files are this user's alone. A name carries the checksums of what the
result is made of: code and facts of the rooms that computed it (with the libraries), the tables
read, and what else was.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.metadata import PackageNotFoundError, version
from itertools import chain
from pathlib import Path
from typing import TypeVar, cast

from pydantic import TypeAdapter
from typing_extensions import TypedDict

import sozcontrol
from sozcontrol.errors import Damaged, StorageError
from sozcontrol.projekt import Projekt
from sozcontrol.store import objekte, seal
from sozcontrol.store.daten import Daten, Sources
from sozcontrol.store.disk import write_bytes
from sozcontrol.store.entscheidungen import ORDNER as ENTSCHIEDEN
from sozcontrol.store.fassung import TABLE, current, slots

ORDNER, LAUF = "gerechnet", "lauf"
DES_LAUFS = ("checks", "store", "disclosure", "present", "press", "auskunft")
"""Rooms whose results a run computes, no notebook: they lie where shut-off kernels see nothing."""
ENDUNG = ".json"
PACKAGE = Path(sozcontrol.__file__).parent
LIBRARIES = ("babel", "duckdb", "holidays", "ibis-framework", "numpy", "pandas", "pyarrow",
             "pydantic", "PyYAML", "scipy", "sqlglot")  # fmt: skip
"""What computes beside our own code, reads the facts or writes the figures."""
FACTS = ("fassung", "kommune", "stichtag", "datenstand", "schluessel_id", "pruefsummen")
"""What a manifest says of the tables; without checksums (layout 1) nothing is kept."""
LENGTH = 16
WAIT_SECONDS = 120
"""So long one process waits for another that computes the same; then it computes itself."""
UNREADABLE = (ValueError, TypeError, KeyError, IndexError, AttributeError, ImportError)
"""What reading says of values that are not what was written."""
_BEGUN = sozcontrol.BEGUN
"""A file changed later may not be the code that runs here."""

T = TypeVar("T")


def gerechnet(
    daten: object,
    raeume: Sequence[str],
    name: str,
    rechne: Callable[[], T],
    dazu: Sequence[str] = (),
) -> T:
    """Return *rechne()*, computed by the first process that asks and read by all others.

    *raeume* are all rooms whose code or facts decide the result, the computing one last; *name* is
    unique in it (:func:`name_aus`). *dazu* are checksums of what is read beside the delivery, empty
    where there is none to tell it by: then nothing is kept. Two processes at once compute it once.
    """
    where = platz(daten, tuple(raeume), name, dazu)
    if where is None:
        return rechne()
    if kept := where.read():
        return cast("T", kept[0])
    with _alone(where.path):
        if kept := where.read():
            return cast("T", kept[0])
        found = rechne()
        where.write(found)
    return found


def vergiss(daten: Daten, *raeume: str) -> None:
    """Forget what rooms computed of a delivery, whichever: it is computed again."""
    for raum in raeume:
        for path in _ordner(daten.folder.parent, raum).glob(f"{raum}-*"):
            path.unlink(missing_ok=True)


def merkordner(projekt: Projekt) -> list[Path]:
    """Return the folders in which what notebooks compute is kept; they are made."""
    return _made(slot / ORDNER for slot in slots(projekt))


def ordner_des_laufs(projekt: Projekt) -> list[Path]:
    """Return the folders of what no notebook computes or reads; they are made."""
    decided = projekt.processed / ENTSCHIEDEN
    return [*_made(slot / ORDNER / LAUF for slot in slots(projekt)), decided]


def _made(folders: Iterable[Path]) -> list[Path]:
    found = [*folders]
    for folder in found:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return found


def _ordner(slot: Path, raum: str) -> Path:
    inside = raum.partition("/")[0] in DES_LAUFS
    return slot / ORDNER / LAUF if inside else slot / ORDNER


def name_aus(wofuer: str, *teile: object) -> str:
    """Return the name of a result: what for (one word), and of what (texts, dates, numbers)."""
    return f"{wofuer}-{_digest(json.dumps(teile, default=str))[:LENGTH]}"


def pruefsumme(daten: object) -> str:
    """Return the checksum of the tables of a stored delivery; empty where they have none."""
    facts = {f: daten.manifest.get(f) for f in FACTS} if isinstance(daten, Daten) else {}
    return _digest(json.dumps(facts, sort_keys=True)) if facts.get("pruefsummen") else ""


def dieselbe(eine: object, andere: object, tabelle: str) -> bool:
    """Whether two stored deliveries hold the same table, byte for byte; False where unknown."""
    first, second = (
        d.manifest.get("pruefsummen", {}).get(tabelle + TABLE) if isinstance(d, Daten) else None
        for d in (eine, andere)
    )
    return first is not None and first == second


class _Datei(TypedDict):
    schluessel: dict[str, str]
    wert: objekte.Written


_FORM = TypeAdapter(_Datei)


@dataclass(frozen=True)
class Platz:
    """Where one result lies (read and written as the whole of it), and what it says of itself."""

    path: Path
    projekt: Projekt
    raeume: tuple[str, ...]
    sources: Sources
    key: Mapping[str, str]

    def read(self) -> tuple[object] | None:
        """Return what lies there, as the only member; None where nothing is or it can't be used."""
        with suppress(Damaged, StorageError):
            return aus_datei(self.path, self.key) if self.path.exists() else None
        return None

    def write(self, value: object) -> None:
        """Keep *value* and drop what it replaces, unless code or facts changed meanwhile."""
        if not self.unchanged():
            return
        text = seal.sealed_text({"schluessel": self.key, "wert": objekte.dump(value)})
        with suppress(OSError):  # only a memory
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_bytes(self.path, text.encode(), lasting=False)
            self.path.chmod(0o600)
            self.prune()

    def unchanged(self) -> bool:
        """Whether code and facts are still those this place is named by."""
        return unveraendert(self.raeume, self.sources, self.projekt)

    def earlier(self) -> object:
        """Return what lies there of the same name, made of something else; None where nothing."""
        raum, _, _, *name, _ = self.path.name.split("-")
        pattern = "-".join((raum, "*", "*", *name, f"*{ENDUNG}"))
        for path in sorted(self.path.parent.glob(pattern)):
            with suppress(Damaged, StorageError, *UNREADABLE):
                return objekte.load(cast("objekte.Written", aus_datei(path)[0]))
        return None

    def prune(self) -> None:
        """Drop what other code of this room computed, and what this replaces of its delivery."""
        raum, code, daten, *name, _ = self.path.name.split("-")
        folders = [_ordner(slot, raum) for slot in slots(self.projekt)]
        for old in (p for folder in folders for p in folder.glob(f"{raum}-*")):
            _, made, of, *other, _ = old.name.split("-")
            replaced = of != daten or (other == name and not old.name.startswith(self.path.name))
            if made != code or (replaced and old.parent == self.path.parent):
                old.unlink(missing_ok=True)


def aus_datei(path: Path, key: Mapping[str, str] | None = None) -> tuple[object]:
    """Return what one file keeps, as the only member; without *key* as it is written.

    Raises:
        Damaged: It is not what was written, or that of something else.
    """
    found = seal.unsealed(path, _FORM)
    if key is None:
        return (found["wert"],)
    if found["schluessel"] != key:
        raise seal.changed(path)
    try:
        return (objekte.load(found["wert"]),)
    except UNREADABLE:
        raise seal.changed(path) from None


def platz(daten: object, raeume: tuple[str, ...], name: str, dazu: Sequence[str]) -> Platz | None:
    """Return where a result of *daten* is kept; None where it can't be told what it would be of.

    Code and facts are those of the first time something of these rooms was asked of *daten*: what
    runs here began with them. Before anything is kept they are looked at again.
    """
    read = pruefsumme(daten)
    if not isinstance(daten, Daten) or not all((read, *dazu)):
        return None
    if raeume not in daten.gesehen:
        daten.gesehen[raeume] = quellen_von(raeume, daten.projekt)
    slot, sources = daten.folder.parent, daten.gesehen[raeume]
    if current(slot) != daten.folder or sources is None:
        return None
    key = {"name": name, "code": code_aus(sources), "daten": read, "dazu": _digest(*dazu)}
    short = (key["code"][:LENGTH], read[:LENGTH], name, key["dazu"][:LENGTH])
    path = _ordner(slot, raeume[-1]) / ("-".join((raeume[-1], *short)) + ENDUNG)
    return Platz(path, daten.projekt, raeume, sources, {**key, "raum": raeume[-1]})


def quellen_von(raeume: tuple[str, ...], projekt: Projekt | None = None) -> Sources | None:
    """Return the files of code and facts of *raeume*; None where they changed since we began.

    With *projekt* those facts, too, that its city keeps outside the package.
    """
    sources = _sources(raeume, projekt)
    return None if any(changed > _BEGUN for _, changed in sources) else sources


def unveraendert(raeume: tuple[str, ...], sources: Sources, projekt: Projekt | None = None) -> bool:
    """Whether code and facts of *raeume* (and of *projekt*) are still *sources*."""
    return _sources(raeume, projekt) == sources


def _sources(raeume: tuple[str, ...], projekt: Projekt | None) -> Sources:
    """Return the files of *raeume* and of what stands below all rooms, with their last change.

    It is asked for often, so it looks into folders the shortest way.
    """
    flat = [PACKAGE, projekt.profile] if projekt else [PACKAGE]
    whole = [PACKAGE / room for room in raeume]
    found = [*(_files(f, deep=False) for f in flat), *(_files(f, deep=True) for f in whole)]
    return tuple(sorted(chain.from_iterable(found)))


def _files(folder: Path | str, *, deep: bool) -> list[tuple[str, float]]:
    """Return code and facts in *folder* with their last change; *deep*: also of folders in it."""
    files: list[tuple[str, float]] = []
    with suppress(FileNotFoundError, NotADirectoryError), os.scandir(folder) as found:
        for entry in found:
            if entry.name.endswith((".py", ".yml")):
                files.append((entry.path, _changed(entry)))
            elif deep and entry.name != "__pycache__" and entry.is_dir():
                files += _files(entry.path, deep=deep)
    return files


def _changed(entry: os.DirEntry[str]) -> float:
    try:
        return entry.stat().st_ctime
    except OSError:  # an editor's lock, or a file just taken away: it changes right now
        return math.inf


@lru_cache
def code_aus(sources: Sources) -> str:
    """Return the checksum of what computes: sources, facts, libraries, Python."""
    return _digest(sys.version, *map(_version, LIBRARIES), *(_file(*one) for one in sources))


@lru_cache(maxsize=4096)
def _file(path: str, _changed: float) -> str:
    """Return name and checksum of a file; most lie in rooms that many results are made by."""
    inside, here = f"{PACKAGE}{os.sep}", Path(path)
    named = path.removeprefix(inside) if path.startswith(inside) else f"profile/{here.name}"
    return f"{named} {seal.checksum(here)}"


@cache
def _version(library: str) -> str:
    try:
        return f"{library} {version(library)}"
    except PackageNotFoundError:
        return f"{library} –"


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold the lock of one result; the system frees it when the process ends, however it ends.

    Where it can't be had, everybody computes for himself: that is slower, never wrong.
    """
    import filelock

    lock = filelock.FileLock(path.with_name(f"{path.name}.lock"), timeout=WAIT_SECONDS)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock.acquire()
    except (OSError, NotImplementedError):  # also the timeout; a folder that can't be written
        yield
        return
    try:
        yield
    finally:
        lock.release()
