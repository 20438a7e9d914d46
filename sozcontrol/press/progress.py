"""What a run tells while it works: a live display on a terminal, plain lines elsewhere.

Everything goes to standard error; standard output belongs to the result.
"""

from __future__ import annotations

import os
import sys
import threading
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, Protocol, TextIO


class Progress(Protocol):
    """What ``press`` calls; several threads may."""

    def step(self, text: str) -> None:
        """A stage of the run begins."""

    def started(self, name: str) -> None:
        """A notebook begins."""

    def cell(self, name: str, done: int, total: int) -> None:
        """Cell *done* of *total* begins."""

    def finished(self, name: str, seconds: float) -> None:
        """A notebook ran to its end."""

    def warn(self, text: str) -> None:
        """Something the user should know although the run goes on."""


class Silent:
    """Says nothing but warnings."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stderr

    def __enter__(self) -> Silent:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def step(self, text: str) -> None:
        """See :class:`Progress`."""

    def started(self, name: str) -> None:
        """See :class:`Progress`."""

    def cell(self, name: str, done: int, total: int) -> None:
        """See :class:`Progress`."""

    def finished(self, name: str, seconds: float) -> None:
        """See :class:`Progress`."""

    def warn(self, text: str) -> None:
        """See :class:`Progress`."""
        print(f"Achtung: {text}", file=self.stream, flush=True)


class Lines(Silent):
    """One plain line an event: for logs, schedulers and CI."""

    def step(self, text: str) -> None:
        """See :class:`Progress`."""
        print(text, file=self.stream, flush=True)

    def finished(self, name: str, seconds: float) -> None:
        """See :class:`Progress`."""
        print(f"  {name} fertig ({_seconds(seconds)} s)", file=self.stream, flush=True)


class Live:
    """A display with one bar a notebook."""

    def __init__(self, stream: TextIO | None = None) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

        self._console = Console(file=stream or sys.stderr, highlight=False)
        self._bars = Progress(
            SpinnerColumn(finished_text="✓"), TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24), TextColumn("{task.fields[note]}", markup=False),
            console=self._console,
        )  # fmt: skip
        self._tasks: dict[str, Any] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Live:
        self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self._bars.stop()

    def step(self, text: str) -> None:
        """See :class:`Progress`."""
        self._console.print(text, markup=False)

    def started(self, name: str) -> None:
        """See :class:`Progress`."""
        with self._lock:
            self._tasks[name] = self._bars.add_task(name, total=None, note="")

    def cell(self, name: str, done: int, total: int) -> None:
        """See :class:`Progress`."""
        note = f"Zelle {done} von {total}"
        self._bars.update(self._tasks[name], completed=done - 1, total=total, note=note)

    def finished(self, name: str, seconds: float) -> None:
        """See :class:`Progress`."""
        task = self._tasks[name]
        self._bars.update(task, completed=1, total=1, note=f"{_seconds(seconds)} s")

    def warn(self, text: str) -> None:
        """See :class:`Progress`."""
        self._console.print(f"Achtung: {text}", markup=False, style="yellow")


def _seconds(value: float) -> str:
    return f"{value:.1f}".replace(".", ",")


def for_stream(
    stream: TextIO | None = None, *, leise: bool = False
) -> AbstractContextManager[Progress]:
    """Return the display that fits *stream* (default: standard error)."""
    stream = stream or sys.stderr
    if leise:
        return Silent(stream)
    is_terminal = stream.isatty() and os.environ.get("TERM") != "dumb"
    return Live(stream) if is_terminal else Lines(stream)
