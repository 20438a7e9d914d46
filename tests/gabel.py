"""The command line in a process of its own, forked from one that has the imports done.

A test that types a command pays two seconds of imports for it, six where Great Expectations or
kernels are needed: a third of the whole suite. Here each worker imports once, as a run over many
municipalities does (``press.lauf.vorlage``). Not for tests of the start itself: of imports,
signals, a terminal, the seed of hashes.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from sozcontrol.press.lauf import vorlage, warm

MODULES = (
    *vorlage.MODULES, "scipy.stats", "bs4", "matplotlib.backends.backend_svg",
    "matplotlib.pyplot", "openpyxl", "sozcontrol.demo", "sozcontrol.auskunft.einzeln",
)  # fmt: skip
AT_START = ("PYTHON", "LC_", "LANG", "MPL", "COVERAGE", "OMP_")
"""Variables that a process looks at when it starts, or imports: who sets one, starts anew."""


def possible(environment: Mapping[str, str]) -> bool:
    """Say whether a command with this environment can be forked instead of started."""
    return warm.possible() and _at_start(environment) == _at_start(os.environ)


def _at_start(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith(AT_START)}


class Gabel(vorlage.Vorlage):
    """The test's end of the process that commands are forked from."""

    def __init__(self, room: Path) -> None:
        self.failed = False
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        with theirs, (room / "gabel.log").open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, __file__, str(theirs.fileno())], cwd=room,
                pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip

    def call(
        self, arguments: list[str], environment: Mapping[str, str], folder: Path
    ) -> tuple[int, str, str]:
        """Run a command; return its exit code and what it wrote."""
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
            streams = out.fileno(), err.fileno()
            code = self.start(arguments, environment, folder, streams).wait(timeout=280)
            return code, _read(out), _read(err)


def _read(stream: IO[str]) -> str:
    stream.seek(0)
    return stream.read()


if __name__ == "__main__":
    del sys.path[0]  # tests/
    vorlage.serve(MODULES)
