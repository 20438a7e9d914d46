"""Kill a piece of work at every event of its file system, in a forked child: what is left is what
a reader, and the next start, find.

The events are Python's own (``sys.addaudithook``): opening to write, renaming, removing, making
folders, changing modes; flushing and the exchange of two names, which it doesn't tell, are wrapped.
A file opened to write is killed twice: before it is there, and when it is there and empty.
"""

from __future__ import annotations

import io
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

import sozcontrol.auskunft.einzeln
import sozcontrol.press.run  # noqa: F401 - imported once, before any child
from sozcontrol.cli import main
from sozcontrol.press.ablegen import swap

TELLING = {
    "os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.chmod", "os.link", "os.symlink",
    "os.truncate", "os.utime",
}  # fmt: skip
NEEDS_SPACE = {"open", "os.mkdir", "os.rename", "os.link", "os.symlink", "fsync"}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
KILLED, FAILED = 9, 70

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="das System kennt kein fork")


class Ereignisse(list[str]):
    """The names of the events so far; at number *at* the process is gone.

    With a *fault* it lives on, and from there on nothing can be written: a disk that is full.
    """

    def __init__(self, at: int | None, fault: int | None = None) -> None:
        super().__init__()
        self.at, self.fault = at, fault

    def happens(self, name: str, half: Callable[[], object] | None = None) -> None:
        """Count one; where it can be done by *half* that is another."""
        if self.fault is not None:
            self.append(name)
            if self.at is not None and len(self) > self.at and name in NEEDS_SPACE:
                raise OSError(self.fault, os.strerror(self.fault))
            return
        for then in (None, half) if half else (None,):
            if len(self) == self.at:
                if then:
                    self.at = None
                    then()
                os._exit(KILLED)
            self.append(name)


def _arm(events: Ereignisse) -> None:
    """Watch this process from now on; there is no way back, so only a child may."""

    def hook(event: str, arguments: tuple) -> None:
        if event in TELLING:
            events.happens(event)
        elif event == "open" and isinstance(arguments[0], str | bytes | os.PathLike):
            path, _, flags = arguments
            if flags & WRITING and not os.fsdecode(path).startswith("/dev/"):
                events.happens(event, lambda: os.close(os.open(path, flags, 0o600)))

    exchange = swap.exchange

    def told(a: Path, b: Path) -> bool:
        events.happens("exchange")
        return exchange(a, b)

    # Watched, not done: what a killed process has written isn't lost.
    os.fsync = lambda descriptor: events.happens("fsync")
    swap.exchange = told
    sys.addaudithook(hook)


def _child(work: Callable[[], object], at: int | None, telling: int) -> None:
    events = Ereignisse(at)
    try:
        _arm(events)
        work()
        os.write(telling, "\n".join(events).encode())
        os._exit(0)
    except BaseException:
        traceback.print_exc()
        os._exit(FAILED)


def killed_at(at: int | None, work: Callable[[], object]) -> list[str]:
    """Do *work* in a child that dies at event *at*; return all events if there was no such one."""
    reading, telling = os.pipe()
    child = os.fork()
    if not child:
        _child(work, at, telling)
    os.close(telling)
    with os.fdopen(reading, encoding="ascii") as stream:
        told = stream.read()
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, KILLED), f"the work itself failed before event {at}"
    return told.split()


def called(at: int | None, fault: int, *arguments: str) -> tuple[int, str, int]:
    """Call the command line in a child that can't write from event *at* on.

    Returns its exit code, what it said on standard error, and how many events there were.
    """
    reading, telling = os.pipe()
    child = os.fork()
    if not child:
        events = Ereignisse(at, fault)
        os.dup2(telling, 2)
        sys.stderr = os.fdopen(2, "w", encoding="utf-8", closefd=False)
        sys.stdout = io.StringIO()
        _arm(events)
        code = main([*arguments])
        os.write(2, f"\n{len(events)}".encode())
        os._exit(code)
    os.close(telling)
    with os.fdopen(reading, encoding="utf-8") as stream:
        said, _, number = stream.read().rpartition("\n")
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), said, int(number)


def killed_after(seconds: float, work: Callable[[], object]) -> None:
    """Do *work* in a child that the system kills some time later."""
    child = os.fork()
    if not child:
        try:
            work()
        finally:
            os._exit(0)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
