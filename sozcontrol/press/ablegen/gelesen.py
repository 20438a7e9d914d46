"""What a run read, by checksum: enough to lay it out once more and build its reports again.

Reports of one folder may come from several runs; each is recorded by itself (``laeufe`` in the
manifest). Names and checksums only, never what stands in a file.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError
from typing_extensions import TypedDict

from sozcontrol import store
from sozcontrol.intake.files import LIEFERSCHEIN, delivered
from sozcontrol.press.ablegen import manifest
from sozcontrol.press.lauf.unchanged import BEHALTEN, packages
from sozcontrol.projekt import Projekt
from sozcontrol.store import seal

if TYPE_CHECKING:
    from packaging.requirements import Requirement

PACKAGE = Path(__file__).parents[2]
KEPT_FOR_ITSELF = {"__pycache__", ".ipynb_checkpoints", "werkstatt"}
"""Folders of Python, JupyterLab and analysts: no run reads them."""
WATCHED = ("sozcontrol", "notebooks", "expectations", "profile", manifest.LOCK, "pyproject.toml")
"""What of a checkout decides on reports; uncommitted changes of it are recorded."""

Summen = dict[str, str]
"""Name → SHA-256."""


class Verlangt(TypedDict):
    """What the run was asked for, as typed."""

    bereiche: list[str]
    editionen: list[str]
    frei: bool


class Code(TypedDict):
    """What computed; ``geaendert`` holds what no commit has (None: deleted)."""

    sozcontrol: str
    paket_sha256: str
    commit: str | None
    geaendert: dict[str, str | None]
    lock_sha256: str | None
    python: str
    pakete: dict[str, str]


class Gelesen(TypedDict):
    """What one run read; ``dateien`` by their path in the project, ``gespeichert`` in the store.

    ``gueltig`` names of every other delivery the Fassung in use, ``verglichen`` of earlier ones
    that in use when this one was read.
    """

    verlangt: Verlangt
    stichtag: str
    datenstand: str
    kommune: str
    fassung: str
    schluessel_id: str
    rohdateien: Summen
    dateien: Summen
    gespeichert: Summen
    gueltig: dict[str, str]
    verglichen: dict[str, str]
    entscheidungen: Summen
    code: Code


_FORM = TypeAdapter(Gelesen)


def gelesen(daten: store.Daten, verlangt: Verlangt) -> Gelesen:
    """Return what a run on *daten* reads; to be asked for before it publishes anything."""
    projekt, facts, now = daten.projekt, daten.manifest, store.gueltige_daneben(daten)
    return Gelesen(
        verlangt=verlangt,
        stichtag=daten.stichtag.isoformat(),
        datenstand=daten.datenstand.isoformat(),
        kommune=daten.kommune.id,
        fassung=facts["fassung"],
        schluessel_id=facts["schluessel_id"],
        rohdateien=raw_sums(projekt.delivery_folder(daten.stichtag, daten.datenstand)),
        dateien=_sums(projekt.root, _project_files(projekt, daten)),
        gespeichert=store.danebengelegt(daten),
        gueltig=now,
        verglichen=facts.get("verglichen", now),
        entscheidungen=store.gelesene_entscheidungen(projekt, daten.stichtag),
        code=code(projekt, _installed(daten)),
    )


def _installed(daten: store.Daten) -> Summen:
    """Return what is installed; read from a hundred packages only when one of them changed."""
    own = distribution("sozcontrol").metadata.get_all("Requires-Dist")
    made_of = [store.name_aus("pakete", packages(), own)]
    name = store.name_aus("pakete")
    return store.gerechnet(daten, BEHALTEN, name, lambda: dict(installed()), made_of)


def of(record: object) -> Gelesen | None:
    """Return what a manifest says a run read; None where it says too little to build it again.

    Nor is one believed that names a place outside: a copy may come from anywhere.
    """
    try:
        was = _FORM.validate_python(record)
    except ValidationError:
        return None
    used = (*was["gueltig"].items(), *was["verglichen"].items())
    names = [*was["dateien"], *was["gespeichert"], *was["entscheidungen"], *chain(*used)]
    inside = (".." not in PurePosixPath(n).parts and not n.startswith("/") for n in names)
    return was if all(inside) else None


def raw_files(folder: Path) -> dict[str, Path]:
    """Return the delivered files by the name they are recorded by (no name is left unwritable)."""
    paths = [*(delivered(folder) if folder.is_dir() else ()), folder / LIEFERSCHEIN]
    return {
        os.fsencode(p.name).decode("utf-8", "backslashreplace"): p for p in paths if p.is_file()
    }


def raw_sums(folder: Path) -> Summen:
    """Return the checksums of all delivered files, the Lieferschein among them."""
    return {name: seal.checksum(path) for name, path in raw_files(folder).items()}


def _sums(root: Path, paths: Iterable[Path]) -> Summen:
    return dict(sorted((p.relative_to(root).as_posix(), seal.checksum(p)) for p in paths))


def _project_files(projekt: Projekt, daten: store.Daten) -> Iterator[Path]:
    """Yield notebooks, rules and profiles, and what the offices wrote to this Stichtag."""
    all_of, day = Projekt(projekt.root), daten.stichtag
    own = (all_of.kommentare, all_of.szenarien, all_of.schaetzung(day).parent,
           all_of.zielbeschluesse.parent)  # fmt: skip
    for path in below(projekt.notebooks):
        if not any(folder in path.parents for folder in own):
            yield path
    yield from below(projekt.kommentare / day.isoformat())
    yield from below(projekt.szenarien / day.isoformat())
    yield from (p for p in (projekt.schaetzung(day), projekt.zielbeschluesse) if p.is_file())
    yield from below(projekt.expectations)
    yield from below(projekt.profile)


def below(folder: Path) -> Iterator[Path]:
    """Yield the files below *folder* that a run may read."""
    for where, inside, names in os.walk(folder):
        inside[:] = sorted({*inside} - KEPT_FOR_ITSELF)
        yield from (p for name in sorted(names) if (p := Path(where, name)).is_file())


def code(projekt: Projekt, pakete: Summen) -> Code:
    """Return which code runs here, and on which packages."""
    from_where = manifest.provenance(projekt)
    root = manifest.checkout(projekt)
    return Code(
        sozcontrol=from_where["sozcontrol"],
        paket_sha256=package_sum(PACKAGE),
        commit=from_where["git"]["commit"],
        geaendert=_uncommitted(root) if from_where["git"]["veraendert"] else {},
        lock_sha256=from_where["lock_sha256"],
        python=from_where["python"],
        pakete=pakete,
    )


def package_sum(package: Path) -> str:
    """Return one checksum of all files of the package: code, facts and templates."""
    sums = _sums(package, (p for p in below(package) if p.suffix != ".pyc"))
    return hashlib.sha256(repr(sorted(sums.items())).encode()).hexdigest()


def same_facts(projekt: Projekt, was: Gelesen) -> bool:
    """Whether code, facts and profiles are here those that a run had."""
    now = _sums(projekt.root, below(projekt.profile))
    then = {n: s for n, s in was["dateien"].items() if n.startswith(f"{projekt.profile.name}/")}
    return now == then and package_sum(PACKAGE) == was["code"]["paket_sha256"]


def _uncommitted(root: Path) -> dict[str, str | None]:
    words = ["status", "--porcelain", "-z", "--untracked-files=all", "--no-renames", "--"]
    found = git(root, *words, *WATCHED)
    names = [os.fsdecode(line[3:]) for line in (found or b"").split(b"\0") if line]
    there = {name: root / name for name in names}
    return {n: seal.checksum(p) if p.is_file() else None for n, p in there.items()}


def git(root: Path, *words: str) -> bytes | None:
    """Return what git answers; None where it has no answer."""
    command = ["git", "-C", str(root), *words]
    try:
        done = subprocess.run(command, capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


@cache
def installed() -> Mapping[str, str]:
    """Return the versions of all that the package needs to run, and what that needs."""
    from packaging.utils import canonicalize_name

    found: dict[str, str] = {}
    todo: list[tuple[str, frozenset[str]]] = [("sozcontrol", frozenset())]
    seen = set(todo)
    while todo:
        name, extras = todo.pop()
        version, needs = _metadata(name)
        if name != "sozcontrol" and version is not None:
            found[name] = version
        for need in needs:
            wanted = [{"extra": e} for e in ("", *extras)]
            if need.marker is None or any(need.marker.evaluate(e) for e in wanted):
                one = canonicalize_name(need.name), frozenset(need.extras)
                todo += [one] if one not in seen else []
                seen.add(one)
    return dict(sorted(found.items()))


@cache
def _metadata(name: str) -> tuple[str | None, tuple[Requirement, ...]]:
    """Return the version of a package and what it needs; None and nothing where it isn't there."""
    from packaging.requirements import Requirement

    try:
        facts = distribution(name).metadata
    except PackageNotFoundError:
        return None, ()
    return facts["Version"], tuple(map(Requirement, facts.get_all("Requires-Dist") or ()))
