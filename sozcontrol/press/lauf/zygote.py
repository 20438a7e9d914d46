"""The process that kernels are forked from: everything imported, nothing begun.

:mod:`~sozcontrol.press.lauf.warm` starts it as a program of its own. It imports what notebooks use,
then waits for orders: for each it makes a child, and the child becomes the kernel. It never asks a
question of any data: DuckDB's default connection or a pool of threads would hang in a fork. When
its driver ends, however it ends, it ends too and takes all its kernels along.
"""

from __future__ import annotations

import gc
import json
import os
import selectors
import signal
import socket
import struct
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sozcontrol.beigebrauch import import_whole
from sozcontrol.projekt import GARBAGE, Projekt

NUMBER = struct.Struct("q")
"""How it is told that a kernel is there (with a handle of its process) and, later, its exit code.

Not its number: in a root of their own the processes are numbered otherwise than outside."""
ORDER = b"k"
MODULES = (
    "ipykernel.ipkernel", "ipykernel.kernelapp", "ipykernel.zmqshell", "ipykernel.debugger",
    "IPython.core.completer",
    "pandas", "pyarrow.compute", "pyarrow.dataset", "pyarrow.parquet", "pyarrow_hotfix", "duckdb",
    "ibis.backends.duckdb", "ibis.backends.duckdb.converter", "ibis.expr.types.groupby",
    "ibis.formats.numpy", "ibis.formats.pandas", "ibis.formats.pyarrow", "babel.dates",
    "babel.numbers", "sozcontrol.hochrechnung", "sozcontrol.revision", "sozcontrol.disclosure",
    "sozcontrol.present",
)  # fmt: skip
"""What notebooks import. Not matplotlib: it ties itself to the kernel it is imported in, and the
press draws, not the notebook."""


@dataclass(frozen=True)
class Order:
    """A kernel to become: what a program is started with, and where its output goes."""

    arguments: list[str]
    environment: dict[str, str]
    folder: str
    output: tuple[int, int]


@dataclass(frozen=True)
class _Running:
    """A kernel at work, and the socket its driver waits at."""

    pid: int
    status: socket.socket


class Zygote:
    """Forks kernels for one driver."""

    def __init__(self, driver: socket.socket) -> None:
        self.driver = driver
        self.running: dict[int, _Running] = {}

    def serve(self) -> Order | None:
        """Fork until the driver ends; return the order in each child, None in the end."""
        with selectors.DefaultSelector() as ready:
            ready.register(self.driver, selectors.EVENT_READ)
            while True:
                for key, _ in ready.select():
                    if key.fd in self.running:
                        ready.unregister(key.fd)
                        self._reap(key.fd)
                        continue
                    received = _receive(self.driver)
                    if received is None:
                        self._end()
                        return None
                    pid = os.fork()
                    if pid == 0:
                        self._forget(received[1])
                        return received[0]
                    ready.register(self._adopt(pid, *received), selectors.EVENT_READ)

    def _adopt(self, pid: int, order: Order, status: socket.socket) -> int:
        """Make a child the head of a group that signals reach, hand it over, and watch it."""
        os.setpgid(pid, pid)
        for fd in order.output:
            os.close(fd)
        watch = os.pidfd_open(pid)
        self.running[watch] = _Running(pid, status)
        _tell(status, pid, watch)
        return watch

    def _reap(self, watch: int) -> None:
        ended = self.running.pop(watch)
        os.close(watch)
        _, code = os.waitpid(ended.pid, 0)
        _tell(ended.status, os.waitstatus_to_exitcode(code))
        ended.status.close()

    def _end(self) -> None:
        for one in self.running.values():
            with suppress(ProcessLookupError):
                os.killpg(one.pid, signal.SIGKILL)

    def _forget(self, status: socket.socket) -> None:
        """Close what belongs to the parent: a socket that a child holds open hides a death."""
        for watch in self.running:
            os.close(watch)
        for one in (status, *(one.status for one in self.running.values())):
            one.close()


def main() -> None:
    """Serve the driver at the other end of the socket whose number is the only argument."""
    if sys.path[0] == str(Path.cwd()):  # »python -m« adds it, and nothing lies there
        del sys.path[0]
    gc.set_threshold(*GARBAGE)
    preload()
    with socket.socket(fileno=int(sys.argv[1])) as driver:
        order = Zygote(driver).serve()
    if order is None:
        os._exit(0)  # the driver waits for the end, and there is nothing to put in order
    become_kernel(order)


def preload() -> None:
    """Import what notebooks use and read the facts; leave the state a fresh kernel would have."""
    with without("debugpy"):  # half of a kernel's start; a notebook may still import it
        for name in MODULES:
            import_whole(name)
    import pandas

    from sozcontrol import measures
    from sozcontrol.press.lauf.beweis import recall

    if projekt := Projekt.around():
        recall(projekt)
    measures.prove()  # reads all facts
    # pandas asks at import whether it is in a kernel; if not, it fits tables to the terminal.
    pandas.set_option("display.max_columns", 20)
    if threading.active_count() != 1:
        raise RuntimeError("an import started a thread, which would be missing in every kernel")


@contextmanager
def without(module: str) -> Iterator[None]:
    """Let imports within the block do without a module that they needn't have."""
    if module in sys.modules:
        yield
        return
    sys.modules[module] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[module]


def _receive(driver: socket.socket) -> tuple[Order, socket.socket] | None:
    """Return the next order and the socket to tell its outcome to; None when the driver ended."""
    message, fds, _, _ = socket.recv_fds(driver, len(ORDER), 4)
    if message != ORDER:
        return None
    written, out, err, status = fds
    with os.fdopen(written, encoding="ascii") as file:
        file.seek(0)
        given = json.load(file)
    return Order(**given, output=(out, err)), socket.socket(fileno=status)


def _tell(status: socket.socket, number: int, *handle: int) -> None:
    with suppress(BrokenPipeError):  # the driver doesn't wait for this one any more
        socket.send_fds(status, [NUMBER.pack(number)], handle)


def become_kernel(order: Order) -> None:
    """Be what a freshly started kernel is: its streams, environment, folder, chance and parent."""
    for fd, target in zip(order.output, (1, 2), strict=True):
        os.dup2(fd, target)
        os.close(fd)
    os.environ.clear()
    os.environ.update(order.environment)
    os.chdir(order.folder)
    import numpy as np

    np.random.seed()  # numpy's old generator is inherited, and all kernels would draw alike
    from ipykernel.kernelapp import launch_new_instance

    # The class read the parent's number from the environment when it was made.
    parent = f"--IPKernelApp.parent_handle={os.getppid()}"
    sys.argv = [sys.argv[0], *order.arguments, parent]
    launch_new_instance()


if __name__ == "__main__":
    main()
