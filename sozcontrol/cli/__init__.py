"""The command line: arguments, progress, exit codes, and no logic."""

from __future__ import annotations

import atexit
import contextlib
import gc
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from types import FrameType

from sozcontrol.errors import Exit, SozcontrolError, of_storage
from sozcontrol.projekt import GARBAGE

INTERRUPTED = 130
ENDING = [signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]
"""What asks the process to end: the scheduler, or the terminal that is closed."""


class Terminated(BaseException):
    """The process was asked to end; cleanup runs as for Ctrl-C. Its argument is the exit code."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; prints German one-line faults, no tracebacks."""
    import click

    from sozcontrol.cli.commands import sozcontrol
    from sozcontrol.cli.german import in_german

    gc.set_threshold(*GARBAGE)
    atexit.register(_leave)
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
        except Terminated as asked:
            with contextlib.suppress(OSError):  # the terminal may be gone
                _say("Beendet. Alle bisherigen Berichte sind unverändert.", Exit.OK)
            return int(asked.args[0])
        except BrokenPipeError:
            # The reader (head, less) has seen enough; Python must not complain when it flushes.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return Exit.OK
        except Exception as error:
            fault = of_storage(error) if isinstance(error, OSError) else None
            return _say(str(fault or _bug(error)), Exit.STORAGE if fault else Exit.BUG)


def _leave() -> None:
    """Look for no cycles at the end, which frees all of it: that took a tenth of a short run.

    DuckDB counts what is left of its own, and complains of what nobody looked for.
    """
    if "duckdb" not in sys.modules:
        gc.freeze()


def _say(text: str, code: int) -> int:
    print(text, file=sys.stderr, flush=True)
    return int(code)


def _tolerate_narrow_encodings() -> None:
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


@contextlib.contextmanager
def _terminable() -> Iterator[None]:
    """Turn signals into an exception while a command runs, so that kernels and locks are freed."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise Terminated(128 + number)

    before = {one: signal.getsignal(one) for one in ENDING}
    # What is ignored stays so: nohup means it.
    heard = [one for one, how in before.items() if how != signal.SIG_IGN]
    try:
        for one in heard:
            signal.signal(one, stop)
    except ValueError:  # not the main thread: a host application keeps its own handling
        yield
        return
    try:
        yield
    finally:
        for one in heard:
            signal.signal(one, before[one])


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
        try:
            path.write_text(text, encoding="utf-8")
        except OSError:
            path.unlink()
            raise
    except (OSError, SozcontrolError):
        return f"{''.join(traceback.format_tb(error.__traceback__))}{head}"
    return (
        f"{head}\n  Wo:  {path} (vertraulich)\n  Tun: Den Inhalt dieser Datei den Entwicklern "
        "zeigen, wenn er keine Personendaten enthält.\n  Unverändert: Alle bisherigen Berichte."
    )
