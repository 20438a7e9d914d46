"""The process that whole runs are forked from: everything imported, nothing begun.

Many runs in a row pay five seconds of imports each, for themselves and for their kernels. Here they
are paid once: :class:`Vorlage` starts this module as a program of its own, and each run, and where
its kernels come from, is forked from it (see :mod:`~sozcontrol.press.lauf.zygote`). A run is what
``python -m sozcontrol`` is, with arguments, environment, folder and streams of its own.
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
import time
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path

from sozcontrol.press.lauf import warm, zygote

MODULES = (
    "great_expectations", "scipy.optimize", "papermill", "nbconvert.exporters", "nbformat",
    "xlsxwriter", "python_calamine", "sozcontrol.cli.commands", "sozcontrol.press.run",
    "sozcontrol.checks.suiten",
)  # fmt: skip
"""What a run imports. Not matplotlib: kernels come from here, too, and it ties itself to the place
it is imported in."""


class Vorlage(warm.Warm):
    """The driver's end of it."""

    program = "sozcontrol.press.lauf.vorlage"

    def start(
        self, arguments: list[str], environment: Mapping[str, str], folder: Path,
        output: tuple[int, int],
    ) -> warm.Forked:  # fmt: skip
        """Type a command; what it writes goes to the two files of *output*.

        Raises:
            OSError: It did not come to be.
        """
        order = zygote.Order(arguments, dict(environment), str(folder), output)
        return self.fork(order)


class _Child:
    """As much of :class:`subprocess.Popen` as the press asks of where kernels come from."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._watch = os.pidfd_open(pid)
        self._code: int | None = None

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; a second time it is known."""
        if self._code is None:
            if not select.select([self._watch], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(__name__, timeout or 0)
            self._code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self._code

    def kill(self) -> None:
        """End it at once."""
        os.kill(self.pid, signal.SIGKILL)


def _leave_zygote() -> warm.Warm:
    """Leave a process behind that forks kernels, before this one has any thread."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    pid = os.fork()
    if pid:
        theirs.close()
        return warm.Warm.around(ours, _Child(pid))
    ours.close()
    os.setsid()
    with theirs:
        order = zygote.Zygote(theirs).serve()
    if order:
        zygote.become_kernel(order)
    os._exit(0)


def _become_command(order: zygote.Order, main: Callable[[], int]) -> int:
    """Be what ``python -m sozcontrol`` is."""
    for fd, target in zip(order.output, (1, 2), strict=True):
        os.dup2(fd, target)
        os.close(fd)
    warm.INHERITED.append(_leave_zygote())  # before it learns where the key lies
    os.environ.clear()
    os.environ.update(order.environment)
    time.tzset()
    os.chdir(order.folder)
    import numpy as np

    np.random.seed()
    sys.argv = ["sozcontrol", *order.arguments]
    return main()


def serve(modules: tuple[str, ...]) -> None:
    """Import, then fork commands until the driver ends; its socket's number is the argument."""
    zygote.preload()
    for name in modules:
        import_module(name)
    (command,) = entry_points(group="console_scripts", name="sozcontrol")  # as it is installed
    main: Callable[[], int] = command.load()
    gc.collect()
    gc.freeze()  # what is imported stays; no child looks through it, and no page is copied for it
    with socket.socket(fileno=int(sys.argv[1])) as driver:
        order = zygote.Zygote(driver).serve()
    if order:
        code = _become_command(order, main)
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    del sys.path[0]  # »python -m« adds the folder it is started in, and nothing lies there
    serve(MODULES)
