"""Modules another one imports and hardly ever uses, loaded when something of them is asked for.

Great Expectations imports scipy's statistics and altair for one expectation each: 80 MB, and two
fifths of its own start.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType


class _Spaeter(ModuleType):
    """Stands for a module; whatever is asked of it is asked of the module."""

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):  # what the import system asks of any module
            raise AttributeError(name)
        return getattr(importlib.import_module(self.__name__), name)


@contextmanager
def loaded_when_asked(*names: str) -> Iterator[None]:
    """Let imports of *names* inside load nothing yet; modules that are there stay as they are.

    Whoever imports one of them later gets the module itself.
    """
    waiting = {name: _Spaeter(name) for name in names if name not in sys.modules}
    parents = {name: name.rpartition(".") for name in waiting}
    for name, module in waiting.items():
        sys.modules[name] = module
        if parent := parents[name][0]:
            setattr(importlib.import_module(parent), parents[name][2], module)
    try:
        yield
    finally:
        for name, module in waiting.items():
            parent, _, own = parents[name]
            if sys.modules.get(name) is module:
                del sys.modules[name]
            if parent and getattr(sys.modules[parent], own) is module:
                delattr(sys.modules[parent], own)
