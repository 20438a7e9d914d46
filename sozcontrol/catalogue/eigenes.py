"""What a city keeps outside the package, so that no update overwrites it: its name, its profiles.

They lie in ``profile/`` of the project: ``kommune.yml`` says whose project it is,
``kommunen/<id>.yml`` who else keeps reports in it, ``prozesse.yml``
and ``vergroeberung.yml`` stand beside and for the catalogue's of that name, ``ausnahmen.yml`` says
what findings the city accepts; every other file is a profile, below ``profile/reihen`` of series. A
broken profile stops the city that names it, and nobody else.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from sozcontrol.catalogue.bericht import Kommune
from sozcontrol.catalogue.profil import Profil
from sozcontrol.catalogue.yaml_files import parse, read_yaml
from sozcontrol.errors import CatalogueError
from sozcontrol.projekt import FAKTEN, KOMMUNE, KOMMUNEN, Projekt

MARKE = "# ENTSCHEIDEN"
"""Marks a line of a proposed profile that a person has not decided yet."""
_FRAGE = re.compile(rf"{MARKE}(?: \d+)?:? *(.*)")


def ordner() -> Path | None:
    """Return ``profile/`` of the project around us; None where there is none."""
    projekt = Projekt.around()
    return projekt.profile if projekt and projekt.profile.is_dir() else None


def eigene_kommune() -> Kommune | None:
    """Return the city the project says it belongs to.

    Without a list of its own it has all profiles that lie beside it.
    """
    path = eigene_fakten(KOMMUNE)
    if path is None:
        return None
    data = read_yaml(path)
    if isinstance(data, dict) and "profile" not in data:
        data = {**data, "profile": namen(path.parent)}
    return parse(Kommune, data, path)


def weitere_kommunen() -> dict[str, Kommune]:
    """Return the further municipalities of the project by id: ``profile/kommunen/<id>.yml``.

    As the project's own, one without a list has all profiles that lie in ``profile/``.
    """
    here = ordner()
    paths = sorted((here / KOMMUNEN).glob("*.yml")) if here else []
    own = tuple(namen(here)) if here and paths else ()
    found = (_weitere(path, path.read_bytes(), own) for path in paths)
    return {item.id: item for item in found}


@lru_cache(maxsize=256)
def _weitere(path: Path, content: bytes, profile: tuple[str, ...]) -> Kommune:
    data = read_yaml(path)
    if isinstance(data, dict) and "profile" not in data:
        data = {**data, "profile": [*profile]}
    item = parse(Kommune, data, path)
    _demand_stem(path, item.id, "Die Kommune", "die id")
    return item


def _demand_stem(path: Path, name: str, was: str, wort: str) -> None:
    if name != path.stem:
        raise CatalogueError(
            f"{was} »{name}« passt nicht zum Dateinamen.",
            wo=str(path),
            tun=f"Datei umbenennen oder {wort} angleichen.",
        )


def namen(folder: Path) -> list[str]:
    """Return the names of the profiles in *folder*."""
    return sorted(p.stem for p in folder.glob("*.yml") if p.name not in FAKTEN)


def eigene_fakten(name: str) -> Path | None:
    """Return the city's own file called *name* (one of ``FAKTEN``); None where it has none."""
    here = ordner()
    return here / name if here and (here / name).is_file() else None


def eigener_pfad(name: str) -> Path:
    """Return where the city's own profile called *name* lies, or would lie."""
    return (ordner() or Path("profile")) / f"{name}.yml"


def eigenes_profil(name: str) -> Profil | None:
    """Return the city's own profile called *name*; None where it has none."""
    path = eigener_pfad(name)
    if ordner() is None or path.name in FAKTEN or not path.is_file():
        return None
    return _read(path, path.read_bytes())


@lru_cache(maxsize=64)
def _read(path: Path, content: bytes) -> Profil:
    """Read the profile in *path* once for each *content*: a file's time may not tell two apart."""
    item = parse(Profil, read_yaml(path), path)
    _demand_stem(path, item.profil, "Der Name", "den Namen")
    return item


def offen(path: Path) -> list[tuple[int, str]]:
    """Return what a person still has to decide in a proposed profile: line and question."""
    lines = path.read_text(encoding="utf-8").splitlines()
    hits = ((number, _FRAGE.search(line)) for number, line in enumerate(lines, start=1))
    return [(number, hit[1].strip()) for number, hit in hits if hit]


def demand_entschieden(name: str) -> None:
    """Demand that nothing is left to decide in the city's own profile *name*.

    Raises:
        CatalogueError: Something is; nothing that nobody decided is read.
    """
    path = eigener_pfad(name)
    if ordner() is None or not path.is_file() or not (open_points := offen(path)):
        return
    listed = ", ".join(str(number) for number, _ in open_points)
    points = "ein Punkt" if len(open_points) == 1 else f"{len(open_points)} Punkte"
    raise CatalogueError(
        f"Im Profil »{name}« ist noch zu entscheiden: {points}.",
        wo=f"{path}, Zeile {listed}",
        tun=f"sozcontrol profile --entscheiden {name}",
    )
