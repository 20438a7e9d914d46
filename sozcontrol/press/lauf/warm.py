"""Kernels forked from one process that has the imports done, instead of started one by one.

A start costs two seconds of imports, a fork a tenth. Jupyter comes to them by
:mod:`~sozcontrol.press.lauf.provisioner`. Where nothing can be forked, or the fork fails, the
kernel is started as ever.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import weakref
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import IO, Protocol

from sozcontrol.press.lauf.zygote import NUMBER, ORDER, Order

PROVISIONER = "sozcontrol-warm"
COLD_VARIABLE = "SOZCONTROL_KERNE_EINZELN"
"""Set to anything, it starts every kernel by itself."""
PRELOAD_SECONDS = 60


def possible() -> bool:
    """Say whether kernels can be forked here: on Linux, unless it is forbidden."""
    forks = sys.platform == "linux" and hasattr(os, "pidfd_open")
    return forks and not os.environ.get(COLD_VARIABLE)


class Child(Protocol):
    """As much of :class:`subprocess.Popen` as is asked of the process that is forked from."""

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end."""

    def kill(self) -> None:
        """End it at once."""


class Warm:
    """The driver's end of the process that kernels are forked from."""

    program = "sozcontrol.press.lauf.zygote"
    """The module started as that process."""
    guessed = False
    """Whether it was begun before anybody knew that a kernel is needed."""
    _process: Child

    def __init__(
        self, environment: Mapping[str, str], room: Path, before: Sequence[str] = ()
    ) -> None:
        """Start importing; *environment* is what imports see, *room* an empty folder.

        *before* is what comes before its command, to shut it off with all its kernels.
        """
        self.failed = False
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        command = [*before, sys.executable, "-m", self.program, str(theirs.fileno())]
        with theirs, (room / "zygote.log").open("wb") as log:
            self._process = subprocess.Popen(
                command, env=environment, cwd=room, pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    @classmethod
    def around(cls, driver: socket.socket, process: Child) -> Warm:
        """Return the driver's end of a process that is there already."""
        made = cls.__new__(cls)
        made.failed, made._socket, made._process = False, driver, process
        return made

    def fork(self, order: Order) -> Forked:
        """Return a new kernel.

        Raises:
            OSError: The process to fork from is gone, or not ready in time.
        """
        try:
            return Forked(self._send(order))
        except OSError:
            self.failed = True
            self._process.kill()  # what it would still fork is nobody's
            raise

    def _send(self, order: Order) -> socket.socket:
        """Send an order and return the socket that its outcome will be told through."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            with tempfile.TemporaryFile("w+", encoding="ascii") as written:
                json.dump({k: v for k, v in asdict(order).items() if k != "output"}, written)
                written.flush()
                fds = [written.fileno(), *order.output, theirs.fileno()]
                socket.send_fds(self._socket, [ORDER], fds)
        except OSError:
            ours.close()
            raise
        finally:
            theirs.close()
        return ours

    def drop(self) -> None:
        """End it at once, while nothing was forked from it."""
        self._socket.close()
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """End it with every kernel; it does so when nobody holds the other end."""
        self._socket.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:  # still importing, or stuck
            self._process.kill()
            self._process.wait()


INHERITED: list[Warm] = []
"""Where the kernels of the next run of this process come from, if it was itself forked."""


def kernels_from(environment: Mapping[str, str], room: Path, before: Sequence[str] = ()) -> Warm:
    """Return what a run forks its kernels from: what it was left, or a process of its own.

    What it was left is open; kernels that are to be shut off by *before* never come from there.
    """
    left = INHERITED.pop() if INHERITED else None
    if left is not None and not before:
        return left
    if left is not None:
        left.close()
    return Warm(environment, room, before)


class Forked:
    """A forked kernel, in the shape of a :class:`subprocess.Popen`."""

    stdin: IO[bytes] | None = None
    stdout: IO[bytes] | None = None
    stderr: IO[bytes] | None = None

    def __init__(self, status: socket.socket) -> None:
        """Wait until the child is there; *status* is the socket that hands it over, then its end.

        Raises:
            OSError: It did not come to be.
        """
        self._status = status  # closed when it ended
        weakref.finalize(self, status.close)  # or when nobody asks for its end any more
        self.returncode: int | None = None
        _, handles = self._read(PRELOAD_SECONDS)
        if not handles:
            self._status.close()
            raise OSError("no kernel could be forked")
        self.pid = _number_here(*handles)

    def poll(self) -> int | None:
        """Return the exit code, None while it runs."""
        return self.wait(0) if self._waiting(0) else self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit code once it ended.

        Raises:
            TimeoutExpired: It runs on.
        """
        if self.returncode is None:
            if not self._waiting(timeout):
                raise subprocess.TimeoutExpired(PROVISIONER, timeout or 0)
            code, _ = self._read(0)
            # Nobody left to tell the code: the kernel goes with the process it came from.
            self.returncode = -signal.SIGKILL if code is None else code
            self._status.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal to it and what it started."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def _waiting(self, timeout: float | None) -> bool:
        return self.returncode is None and bool(select.select([self._status], [], [], timeout)[0])

    def _read(self, timeout: float) -> tuple[int | None, list[int]]:
        if not self._waiting(timeout):
            return None, []
        told, handles, _, _ = socket.recv_fds(self._status, NUMBER.size, 1)
        return NUMBER.unpack(told)[0] if told else None, handles


def _number_here(handle: int) -> int:
    """Return the number by which this process knows another one, and close its handle."""
    lines = Path(f"/proc/self/fdinfo/{handle}").read_text(encoding="ascii").splitlines()
    os.close(handle)
    return next(int(line[4:]) for line in lines if line.startswith("Pid:"))
