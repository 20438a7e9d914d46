"""Packages that import a name when it is first used, so that a module comes without its siblings.

Importing ``sozcontrol.present.zielstand`` executes ``sozcontrol.present`` first. Were all that it
gives imported there, one line of a tile would cost half a second. What a package gives stands once,
where mypy and editors read it: as imports ``if TYPE_CHECKING``, in whose ``else`` it calls
:func:`give_on_use` (PEP 562; Python 3.15 has ``lazy import`` for it, PEP 810).
"""

from __future__ import annotations

import ast
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType


class Beigebrauch(ModuleType):
    """A package that imports each of its names when it is first asked for."""

    _homes: dict[str, str]

    def __getattr__(self, name: str) -> object:
        if name not in self._homes:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        found: object = getattr(import_module(self._homes[name]), name)
        self.__dict__[name] = found
        return found

    def __setattr__(self, name: str, value: object) -> None:
        """Set it, unless a module takes the place of a name: ``present.table`` is a function."""
        if name not in self._homes or value is not sys.modules.get(f"{self.__name__}.{name}"):
            super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        return [*{*super().__dir__(), *self._homes}]


def give_on_use(package: str) -> None:
    """Let *package*, which is being imported, import its names when they are used."""
    module = sys.modules[package]
    module.__dict__["_homes"] = _homes(Path(str(module.__file__)))
    module.__class__ = Beigebrauch


def _homes(path: Path) -> dict[str, str]:
    """Return the names a package imports for the type checker, and the module each comes from."""
    return {
        alias.name: str(node.module)
        for block in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING"
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def import_whole(name: str) -> None:
    """Import a module now; of a package that gives its names on use, all of them."""
    module = import_module(name)
    if isinstance(module, Beigebrauch):
        for given in module._homes:
            getattr(module, given)
