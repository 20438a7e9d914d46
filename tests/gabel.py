"""The command line in a process of its own, forked from one that has the imports done.

A test that types a command pays two seconds of imports for it, six where Great Expectations or
kernels are needed: a third of the whole suite. Here each worker imports once. What is forked runs
``main`` with its own arguments, environment, folder and streams; so do the kernels of its runs.
Not for tests of the start itself: of imports, signals, a terminal, the seed of hashes.
"""

from __future__ import annotations

import atexit
import gc
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import IO

from sozcontrol.press.lauf import warm, zygote

MODULES = (
    "great_expectations", "scipy.stats", "papermill", "nbconvert", "nbformat", "bs4",
    "matplotlib.backends.backend_svg", "matplotlib.pyplot", "xlsxwriter", "openpyxl",
    "python_calamine", "sozcontrol.cli.commands", "sozcontrol.demo", "sozcontrol.press.run",
    "sozcontrol.checks.suiten", "sozcontrol.auskunft.einzeln",
)  # fmt: skip
AT_START = ("PYTHON", "LC_", "LANG", "MPL", "COVERAGE", "OMP_")
"""Variables that a process looks at when it starts, or imports: who sets one, starts anew."""


def possible(environment: Mapping[str, str]) -> bool:
    """Say whether a command with this environment can be forked instead of started."""
    return warm.possible() and _at_start(environment) == _at_start(os.environ)


def _at_start(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith(AT_START)}


class Gabel(warm.Warm):
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
            order = zygote.Order(arguments, dict(environment), str(folder), streams)
            code = self.fork(order).wait(timeout=280)
            return code, _read(out), _read(err)


def _read(stream: IO[str]) -> str:
    stream.seek(0)
    return stream.read()


class _Forked:
    """As much of :class:`subprocess.Popen` as the press asks of where kernels come from."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.watch = os.pidfd_open(pid)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end."""
        if not select.select([self.watch], [], [], timeout)[0]:
            raise subprocess.TimeoutExpired("gabel", timeout or 0)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def kill(self) -> None:
        """End it at once."""
        os.kill(self.pid, signal.SIGKILL)


KERNELS: list[tuple[socket.socket, _Forked]] = []
"""Where the kernels of this command come from; a command starts one run at most."""


class _Kernels(warm.Warm):
    """Forks the kernels of a command from where the command itself came from."""

    def __init__(
        self, environment: Mapping[str, str], room: Path, before: Sequence[str] = ()
    ) -> None:
        self.failed = False
        self._socket, self._process = KERNELS.pop()


def _fork_zygote() -> None:
    """Leave a process behind that forks kernels, before this one has any thread."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    pid = os.fork()
    if pid:
        theirs.close()
        KERNELS.append((ours, _Forked(pid)))
        return
    ours.close()
    os.setsid()
    with theirs:
        order = zygote.Zygote(theirs).serve()
    if order:
        zygote._become_kernel(order)
    os._exit(0)


def _become_command(order: zygote.Order) -> int:
    """Be what ``python -m sozcontrol`` is."""
    for fd, target in zip(order.output, (1, 2), strict=True):
        os.dup2(fd, target)
        os.close(fd)
    os.environ.clear()
    os.environ.update(order.environment)
    time.tzset()
    os.chdir(order.folder)
    _fork_zygote()
    warm.Warm = _Kernels
    import numpy as np

    np.random.seed()
    sys.argv = ["sozcontrol", *order.arguments]
    from sozcontrol.cli import main

    return main()


def serve() -> None:
    """Import, then fork until the test session ends."""
    del sys.path[0]  # tests/
    zygote.preload()
    for name in MODULES:
        import_module(name)
    gc.collect()
    gc.freeze()  # what is imported stays; no child looks through it, and no page is copied for it
    with socket.socket(fileno=int(sys.argv[1])) as driver:
        order = zygote.Zygote(driver).serve()
    if order:
        code = _become_command(order)
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    serve()
