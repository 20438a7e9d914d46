"""What a run tells while it works: a live display on a terminal, plain lines elsewhere.

Everything goes to standard error; standard output belongs to the result.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from time import monotonic
from types import TracebackType
from typing import Protocol, TextIO

Count = Callable[[int, int], None]
"""Called with (number, total): piece *number* of *total* is in work; cheap, any thread may."""


class Progress(Protocol):
    """What ``press`` calls; several threads may."""

    def step(self, text: str) -> None:
        """A stage of the run begins."""

    def counting(self, name: str, noun: str) -> AbstractContextManager[Count]:
        """Show what runs within and counts its pieces (*noun*): a notebook, a back-test.

        However the block is left, its display ends; nothing can be counted before it begins.
        """

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

    def counting(self, name: str, noun: str) -> AbstractContextManager[Count]:
        """See :class:`Progress`."""
        return nullcontext(lambda number, total: None)

    def warn(self, text: str) -> None:
        """See :class:`Progress`."""
        print(f"Achtung: {text}", file=self.stream, flush=True)


class Lines(Silent):
    """One plain line an event: for logs, schedulers and CI."""

    def step(self, text: str) -> None:
        """See :class:`Progress`."""
        print(text, file=self.stream, flush=True)

    @contextmanager
    def counting(self, name: str, noun: str) -> Iterator[Count]:
        """See :class:`Progress`."""
        begun = monotonic()
        try:
            yield lambda number, total: None
        except BaseException:
            self.step(f"  {name} nicht fertig ({_seconds(begun)} s)")
            raise
        self.step(f"  {name} fertig ({_seconds(begun)} s)")


class Live:
    """A display with one bar for everything that counts."""

    def __init__(self, stream: TextIO | None = None) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

        self._console = Console(file=stream or sys.stderr, highlight=False)
        self._bars = Progress(
            SpinnerColumn(finished_text="✓"), TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24), TextColumn("{task.fields[note]}", markup=False),
            console=self._console,
            redirect_stdout=False,  # else print() would go to standard error
        )  # fmt: skip

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

    @contextmanager
    def counting(self, name: str, noun: str) -> Iterator[Count]:
        """See :class:`Progress`."""
        begun = monotonic()
        task = self._bars.add_task(name, total=None, note="")

        def count(number: int, total: int) -> None:
            # Draws nothing: the display looks by itself ten times a second.
            note = f"{noun} {number} von {total}"
            self._bars.update(task, completed=number - 1, total=total, note=note)

        try:
            yield count
        except BaseException:
            self._bars.remove_task(task)
            self.step(f"  {name} nicht fertig ({_seconds(begun)} s)")
            raise
        self._bars.update(task, completed=1, total=1, note=f"{_seconds(begun)} s")

    def warn(self, text: str) -> None:
        """See :class:`Progress`."""
        self._console.print(f"Achtung: {text}", markup=False, style="yellow")


def _seconds(begun: float) -> str:
    return f"{monotonic() - begun:.1f}".replace(".", ",")


def for_stream(
    stream: TextIO | None = None, *, leise: bool = False
) -> AbstractContextManager[Progress]:
    """Return the display that fits *stream* (default: standard error)."""
    stream = stream or sys.stderr
    if leise:
        return Silent(stream)
    is_terminal = stream.isatty() and os.environ.get("TERM") != "dumb"
    return Live(stream) if is_terminal else Lines(stream)
