"""Expectation classes of a city's own: code, run while a suite names it and a fact names its bytes.

A class may do whatever the account of the run may (SECURITY.md). What this module holds up is code
that arrives unnoticed, and values that a class lets out by mistake: nothing it says is read but
whether the expectation holds.
"""

from __future__ import annotations

import hashlib
import io
import logging
import sys
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any

from pydantic import Field, model_validator

from sozcontrol.catalogue.szenario import Tag
from sozcontrol.catalogue.yaml_files import Fact, parse, read_yaml
from sozcontrol.errors import CatalogueError

VERZEICHNIS, ORDNER = "klassen.yml", "klassen"


class Klasse(Fact):
    """One class that may run: whose, why, and exactly which bytes."""

    klasse: Annotated[str, Field(pattern=r"^Expect[A-Za-z0-9]+$")]
    datei: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*\.py$")]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    grund: Annotated[str, Field(min_length=10, max_length=300)]
    wer: Annotated[str, Field(min_length=1, max_length=60)]
    am: Tag


class Klassen(Fact):
    """The file ``expectations/klassen.yml``."""

    klassen: tuple[Klasse, ...]

    @model_validator(mode="after")
    def _apart(self) -> Klassen:
        names = [k.klasse for k in self.klassen]
        if len(set(names)) < len(names):
            raise ValueError("eine Klasse steht zweimal da")
        return self


@contextmanager
def loaded(types: Collection[str], expectations: Path) -> Iterator[frozenset[str]]:
    """Register, for as long as they are asked, the classes among *types* that we bring not along.

    Yields:
        The types that are the city's own.

    Raises:
        CatalogueError: A file is missing, is not the one that was looked at, or not one class.
    """
    from great_expectations.expectations import registry
    from great_expectations.util import camel_to_snake

    # Both are read late; whatever came while ours are registered would go with them.
    registry.register_core_expectations()
    registry.register_core_metrics()
    strange = set(types) - set(registry.list_registered_expectation_implementations())
    path = expectations / VERZEICHNIS
    if not strange or not path.exists():
        yield frozenset()
        return
    entries = {camel_to_snake(k.klasse): k for k in parse(Klassen, read_yaml(path), path).klassen}
    own = sorted(strange & set(entries))
    with _restored():
        for kind in own:
            _load(kind, entries[kind], expectations / ORDNER)
        yield frozenset(own)


@contextmanager
def muted() -> Iterator[None]:
    """Let nothing be printed or logged: it might be a cell."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            yield
    finally:
        logging.disable(before)


def _load(kind: str, entry: Klasse, folder: Path) -> None:
    """Run the file: Great Expectations registers the class while it is made."""
    path = folder / entry.datei
    content = _approved(entry, path)
    before = _registered()
    module = ModuleType(f"sozcontrol_{path.stem}")
    sys.modules[module.__name__] = module  # annotations of its fields are looked up there
    try:
        with muted():
            exec(compile(content, str(path), "exec"), module.__dict__)
    except (Exception, SystemExit) as error:
        raise _refused(
            entry, path, f"lässt sich nicht laden ({type(error).__name__})", "Die Datei berichtigen"
        ) from None
    finally:
        del sys.modules[module.__name__]
    _demand_one(kind, entry, path, before)


def _approved(entry: Klasse, path: Path) -> bytes:
    """Return the bytes of the file: those that run are those whose sum was compared."""
    if not path.is_file():
        raise _refused(entry, path, "fehlt", "Die Datei dorthin legen")
    content = path.read_bytes()
    if (found := hashlib.sha256(content).hexdigest()) != entry.sha256:
        raise _refused(
            entry,
            path,
            "ist nicht die Datei, die zugelassen wurde",
            f"Sie ansehen, Zeile für Zeile, dann in {VERZEICHNIS} eintragen: sha256: {found}",
        )
    return content


def _demand_one(kind: str, entry: Klasse, path: Path, before: tuple[dict[str, Any], ...]) -> None:
    """Prove that the file brought this class, no other, and put nothing in the place of ours."""
    from great_expectations.expectations import expectation, registry

    after = _registered()
    new = set(after[0]) - set(before[0])
    replaced = any(
        now.get(name) != was
        for known, now in zip(before, after, strict=True)
        for name, was in known.items()
    )
    if new != {kind} or replaced:
        raise _refused(
            entry,
            path,
            f"enthält nicht genau die Klasse {entry.klasse}, oder sie ersetzt, was es schon gibt",
            "Eine Klasse je Datei; der Klasse und ihrer Metrik eigene Namen geben",
        )
    on_columns = (
        expectation.ColumnMapExpectation,
        expectation.ColumnPairMapExpectation,
        expectation.MulticolumnMapExpectation,
        expectation.ColumnAggregateExpectation,
    )
    if not issubclass(registry.get_expectation_impl(kind), on_columns):
        raise _refused(
            entry,
            path,
            "beurteilt keine Spalten, die sie nennt",
            f"Von einer dieser Klassen ableiten: {', '.join(k.__name__ for k in on_columns)}",
        )


def _refused(entry: Klasse, path: Path, what: str, do: str) -> CatalogueError:
    return CatalogueError(
        f"Die Klasse »{entry.klasse}« wird nicht ausgeführt, ihre Regeln sind nicht geprüft: "
        f"Die Datei {what}.",
        wo=str(path),
        tun=f"{do}.",
    )


@contextmanager
def _restored() -> Iterator[None]:
    """Put the books of Great Expectations back as they were."""
    before = _registered()
    try:
        yield
    finally:
        for book, was in zip(_books(), before, strict=True):
            book.clear()
            book.update(was)


def _books() -> tuple[dict[str, Any], ...]:
    from great_expectations.expectations import registry

    return (
        registry._registered_expectations,
        registry._registered_metrics,
        registry._registered_renderers,
    )


def _registered() -> tuple[dict[str, Any], ...]:
    """Return a copy of the books, deep enough that no entry of it changes any more."""
    return tuple({name: _copied(entry) for name, entry in book.items()} for book in _books())


def _copied(entry: Any) -> Any:
    return {k: _copied(v) for k, v in entry.items()} if isinstance(entry, Mapping) else entry
