"""Work shared with a forked process, where a second core stands idle.

Checking, deciding, drawing and reading back are Python, and one process runs Python on one core.
What is forked has all that is read and imported; it gives back what it made and writes no word.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Generic, NoReturn, TypeVar

Eines = TypeVar("Eines")
Anderes = TypeVar("Anderes")
Gemacht = TypeVar("Gemacht")
PATIENCE = 10.0
"""So many times as long as the own half the other one is waited for."""

HARMLESS = ("rich.live", "tqdm._monitor")
"""Whose threads only draw on the terminal, which no fork does."""


def zu_zweit(do: Callable[[Eines], Gemacht], todo: Sequence[Eines]) -> list[Gemacht]:
    """Return what *do* gives for each of *todo*, in order; the later half is done in a fork.

    What *do* changes here is lost there: it has to return all of it. Where nothing can be forked,
    or the other half doesn't come, it is done here, so that its faults are told where they belong.
    """
    half = (len(todo) + 1) // 2
    if half == len(todo) or not possible():
        return [do(one) for one in todo]

    def done(some: Sequence[Eines]) -> list[Gemacht]:
        return [do(one) for one in some]

    later, earlier = nebeneinander(lambda: done(todo[half:]), lambda: done(todo[:half]))
    return earlier + later


def nebeneinander(
    dort: Callable[[], Eines], hier: Callable[[], Anderes], *, mindestens: float = 1.0
) -> tuple[Eines, Anderes]:
    """Return what *dort* and *hier* give; the former is done in a fork, as in :func:`zu_zweit`.

    *mindestens* are the seconds that *hier* counts for when *dort* is waited for, however short it
    was.
    """
    if not possible():
        return dort(), hier()
    begun = time.monotonic()
    with _Andere(dort) as other:
        mine = hier()
        theirs = other.wait(PATIENCE * max(mindestens, time.monotonic() - begun))
    return (theirs[0] if theirs else dort()), mine


def possible() -> bool:
    """Say whether to fork: on Linux with a second core, and beside no thread that may hold a lock.

    The fork would wait for it for ever.
    """
    others = {*threading.enumerate()} - {threading.current_thread()}
    alone = all(type(thread).__module__ in HARMLESS for thread in others)
    return alone and sys.platform == "linux" and len(os.sched_getaffinity(0)) > 1


class _Andere(Generic[Gemacht]):
    """The forked process: what it made, or nothing; it never outlives the block."""

    def __init__(self, do: Callable[[], Gemacht]) -> None:
        self._end, theirs = Pipe(duplex=False)
        with warnings.catch_warnings():  # Python warns of threads; ours and Arrow's can be forked
            warnings.simplefilter("ignore", DeprecationWarning)
            self._pid = os.fork()
        if self._pid == 0:
            _become(do, theirs)
        theirs.close()

    def __enter__(self) -> _Andere[Gemacht]:
        return self

    def wait(self, seconds: float) -> tuple[Gemacht] | None:
        """Return what it made; None where it failed or took too long."""
        with suppress(EOFError, OSError):
            if self._end.poll(seconds):
                return (self._end.recv(),)
        return None

    def __exit__(self, *_: object) -> None:
        self._end.close()
        with suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)


def _become(do: Callable[[], Gemacht], end: Connection) -> NoReturn:
    """Do it and end at once: nothing of the process it was forked from is to be closed here."""
    try:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        gc.freeze()  # to look for waste in what was forked would copy it, and end what is not ours
        end.send(do())
    finally:
        os._exit(0)
