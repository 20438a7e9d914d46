"""Read the catalogue's YAML strictly: one place that turns text into frozen models."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from sozcontrol import yamlgedaechtnis
from sozcontrol.catalogue.fehlertexte import Loc, describe
from sozcontrol.catalogue.yamlgrund import YamlFault, reason
from sozcontrol.errors import CatalogueError

HERE = Path(__file__).parent
M = TypeVar("M", bound="Fact")
WORD = "tag:yaml.org,2002:str"
LARGEST, DEEPEST = 1 << 20, 50
"""Bytes and levels of the largest YAML file anybody writes by hand."""

Roh = dict[str, object]
"""An entry as YAML gives it, which no model has read yet."""


class Fact(BaseModel):
    """Base of every catalogue model: frozen, and an unknown key is an error, not a no-op."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", str_strip_whitespace=True, defer_build=True
    )  # many kinds are read seldom, or within others


class _UniqueKeyLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """PyYAML lets a later duplicate key win in silence; here it is an error."""

    def construct_mapping(
        self, node: yaml.MappingNode, deep: bool = False
    ) -> dict[Hashable, object]:
        nodes = [key for key, _ in node.value if key.value != "<<"]
        words = {k.value for k in nodes if k.tag == WORD and isinstance(k, yaml.ScalarNode)}
        if len(words) == len(nodes):  # nearly always
            return super().construct_mapping(node, deep)
        keys = [self.construct_object(key, deep=True) for key in nodes]
        if not all(isinstance(k, Hashable) for k in keys):
            text = "ein Schlüssel ist eine Liste oder ein Verzeichnis"
            raise YamlFault(problem=text, problem_mark=node.start_mark)
        doubled = [k for k, number in Counter(keys).items() if number > 1]
        if doubled:
            last = max(i for i, k in enumerate(keys) if k == doubled[0])
            text = f"doppelter Schlüssel {sorted(map(str, doubled))}"
            raise YamlFault(problem=text, problem_mark=nodes[last].start_mark)
        return super().construct_mapping(node, deep)


def read_yaml(path: Path) -> object:
    """Return the content of one YAML file: anything, until a model has read it.

    Raises:
        CatalogueError: The file is missing or not valid YAML.
    """
    try:
        text = _text(path)
        if not path.is_relative_to(HERE):  # no fact: it may hold what was delivered
            return _parsed(text)
        read_by = f"{yaml.__version__}\n{text}"
        if known := yamlgedaechtnis.gelesen(read_by):
            return known[0]
        content = _parsed(text)
        yamlgedaechtnis.merke(read_by, content)
        return content
    # ValueError: 31.02. as a date, a file that is not UTF-8.
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise CatalogueError(
            f"Die Datei ist nicht lesbar: {reason(error)}.",
            wo=str(path),
            tun="Die Stelle und die Zeile davor prüfen.",
        ) from None


def _parsed(text: str) -> object:
    _demand_plain(text)
    return yaml.load(text, Loader=_UniqueKeyLoader)  # noqa: S506 - a SafeLoader


def _text(path: Path) -> str:
    if path.exists() and not path.is_file():
        raise OSError("keine Datei")
    if path.stat().st_size > LARGEST:
        raise OSError(f"größer als {LARGEST >> 20} MB")
    return path.read_text(encoding="utf-8")


def _demand_plain(text: str) -> None:
    """Refuse what nobody writes: nested so deeply or repeated so often that it never ends."""
    nested = max(text.count(sign) for sign in ("[", "{", "- ", "\n ")) >= DEEPEST
    if not nested and "*" not in text:
        return
    named: list[bool] = []
    for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
        if isinstance(event, yaml.CollectionStartEvent):
            named.append(event.anchor is not None)
        elif isinstance(event, yaml.CollectionEndEvent):
            named.pop()
        elif isinstance(event, yaml.AliasEvent) and any(named):
            raise yaml.YAMLError("ein Verweis (*) innerhalb dessen, worauf ein anderer verweist")
        if len(named) > DEEPEST:
            raise yaml.YAMLError(f"tiefer als {DEEPEST} Ebenen verschachtelt")


def part(path: Path, key: str) -> object:
    """Return what one YAML file holds under *key*.

    Raises:
        CatalogueError: There is no such key.
    """
    data = read_yaml(path)
    if not isinstance(data, dict) or key not in data:
        raise CatalogueError(f"Der Eintrag »{key}« fehlt.", wo=str(path), tun=f"»{key}:« ergänzen.")
    return data[key]


def entries(path: Path, key: str) -> list[object]:
    """Return the list one YAML file holds under *key*."""
    found = part(path, key)
    if not isinstance(found, list):
        raise CatalogueError(
            f"Unter »{key}« steht keine Liste.",
            wo=str(path),
            tun="Jeden Eintrag mit »- « beginnen.",
        )
    return found


def parse(model: type[M], data: object, path: Path, ort: Loc = ()) -> M:
    """Validate *data*, which stands at *ort* in *path*, as *model*; every violation is named."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        faults = describe(error, model, path, ort=ort)
        raise CatalogueError(
            f"Kein gültiger Eintrag ({model.__name__}): {faults}.",
            wo=str(path),
            tun="Eintrag nach dem Muster der anderen Dateien dieses Ordners berichtigen.",
        ) from None


def load_folder(model: type[M], folder: Path, *, key: str) -> dict[str, M]:
    """Load one model a file; *key* must equal the file's stem, so a name leads to its file."""
    found: dict[str, M] = {}
    for path in sorted(folder.glob("*.yml")):
        item = parse(model, read_yaml(path), path)
        name = getattr(item, key)
        if name != path.stem:
            raise CatalogueError(
                f"Der Name »{name}« passt nicht zum Dateinamen.",
                wo=str(path),
                tun="Datei umbenennen oder den Namen angleichen.",
            )
        found[name] = item
    return found


def index(items: Iterable[M], key: str, path: Path) -> dict[str, M]:
    """Return *items* by *key*; a doubled key is an error."""
    found: dict[str, M] = {}
    for item in items:
        name = getattr(item, key)
        if name in found:
            raise CatalogueError(
                f"»{name}« steht zweimal.",
                wo=str(path),
                tun="Einen Eintrag löschen oder umbenennen.",
            )
        found[name] = item
    return found
