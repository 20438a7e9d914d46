"""One run at a time: a second one is told who is at work instead of mixing reports."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from sozcontrol.errors import Busy
from sozcontrol.press.lauf.storage import storage_errors
from sozcontrol.projekt import Projekt

_KEPT = "Alle bisherigen Berichte."


@contextmanager
def sole_run(projekt: Projekt) -> Iterator[None]:
    """Hold the project's lock. The system frees it when the process ends, however it ends.

    What an earlier holder was killed over is swept.

    Raises:
        Busy: Another run holds it; its process and start are named.
        StorageError: The folder is not writable.
    """
    import filelock

    from sozcontrol.store.disk import sweep_begun

    path = projekt.runs / "lauf.lock"
    holder = projekt.runs / "lauf.json"
    lock = filelock.FileLock(path, timeout=0)
    with storage_errors("Der Lauf kann nicht beginnen", path.parent, unveraendert=_KEPT):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire()
        except filelock.Timeout:
            raise Busy(
                f"Ein anderer Lauf ist noch aktiv{_who(holder)}.",
                wo=str(projekt.root),
                tun="Warten, bis er fertig ist, oder ihn beenden.",
                unveraendert=_KEPT,
            ) from None
    try:
        with storage_errors("Der Lauf kann nicht beginnen", holder, unveraendert=_KEPT):
            _write_holder(holder)
            sweep_begun(projekt)
        yield
    finally:
        with suppress(OSError):  # it says who, and the lock is gone
            holder.unlink(missing_ok=True)
        lock.release()


def _write_holder(path: Path) -> None:
    started = datetime.now().astimezone().strftime("%d.%m.%Y %H:%M")
    path.write_text(json.dumps({"prozess": os.getpid(), "seit": started}), encoding="utf-8")


def _who(path: Path) -> str:
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
        return f" (Prozess {facts['prozess']}, seit {facts['seit']})"
    except (OSError, ValueError, KeyError, TypeError):
        # The holder writes this file a moment after it took the lock.
        return ""
