"""The command line: arguments, progress, exit codes, and no logic."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from types import FrameType

from sozcontrol.errors import Exit, SozcontrolError
from sozcontrol.projekt import GARBAGE

INTERRUPTED, TERMINATED = 130, 143


class Terminated(BaseException):
    """The scheduler asked the process to end (SIGTERM); cleanup runs as for Ctrl-C."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; prints German one-line faults, no tracebacks."""
    import click

    from sozcontrol.cli.commands import sozcontrol
    from sozcontrol.cli.german import in_german

    gc.set_threshold(*GARBAGE)
    _tolerate_narrow_encodings()
    with _terminable():
        try:
            code = sozcontrol.main(arguments, prog_name="sozcontrol", standalone_mode=False)
            return int(code or 0)
        except SozcontrolError as error:
            return _say(str(error), error.exit_code)
        except click.ClickException as error:
            return _say(in_german(error), Exit.USAGE)
        except (click.Abort, KeyboardInterrupt):
            return _say("Abgebrochen. Alle bisherigen Berichte sind unverändert.", INTERRUPTED)
        except Terminated:
            return _say("Beendet. Alle bisherigen Berichte sind unverändert.", TERMINATED)
        except BrokenPipeError:
            # The reader (head, less) has seen enough; Python must not complain when it flushes.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return Exit.OK
        except Exception as error:
            return _say(_bug(error), Exit.BUG)


def _say(text: str, code: int) -> int:
    print(text, file=sys.stderr, flush=True)
    return int(code)


def _tolerate_narrow_encodings() -> None:
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


@contextlib.contextmanager
def _terminable() -> Iterator[None]:
    """Turn SIGTERM into an exception while a command runs, so that kernels and locks are freed."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise Terminated

    try:
        before = signal.signal(signal.SIGTERM, stop)
    except ValueError:  # not the main thread: a host application keeps its own handling
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _bug(error: Exception) -> str:
    """Write the traceback where people's data may lie, and return a German note of where.

    The text of an exception can quote a cell; where no file takes it, only the places in the code
    are printed.
    """
    import traceback
    from datetime import datetime

    from sozcontrol.projekt import Projekt

    head = f"Interner Fehler ({type(error).__name__}) in sozcontrol, kein Fehler der Eingaben."
    text = "".join(traceback.format_exception(error))
    try:
        folder = Projekt.find().runs
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"fehler-{datetime.now():%Y%m%dT%H%M%S}.txt"
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8")
    except (OSError, SozcontrolError):
        return f"{''.join(traceback.format_tb(error.__traceback__))}{head}"
    return (
        f"{head}\n  Wo:  {path} (vertraulich)\n  Tun: Den Inhalt dieser Datei den Entwicklern "
        "zeigen, wenn er keine Personendaten enthält.\n  Unverändert: Alle bisherigen Berichte."
    )
