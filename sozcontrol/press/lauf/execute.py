"""Run notebooks through papermill, two at a time, in a private folder under ``data/runs``.

Executed notebooks and diagnoses may hold people; they never leave that folder.
"""

from __future__ import annotations

import errno
import logging
import os
import re
import shutil
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sozcontrol.errors import NotebookFailed, SozcontrolError, StorageError, of_storage
from sozcontrol.press.lauf import verdict
from sozcontrol.press.lauf.kernel import Kernels
from sozcontrol.press.lauf.parameter import Parameter
from sozcontrol.press.lauf.progress import Count, Progress
from sozcontrol.projekt import Projekt

if TYPE_CHECKING:
    from nbformat import NotebookNode

CELL_SECONDS = 300
WORKERS = 2
RECORD = "kerne.txt"
"""In the folder of a run: what shut its kernels off, or why nothing did."""
WERTE = ".werte"
"""Ending of the folder beside an executed notebook that holds its values."""


@dataclass(frozen=True)
class Auftrag:
    """One notebook to run with its parameters; ``name`` is the area's."""

    name: str
    notebook: Path
    parameter: Parameter


@dataclass(frozen=True)
class Ausgefuehrt:
    """One notebook that ran to its end: without the sentinel, with speaking ids only.

    It may be plain data of the same shape, for nbformat is slow to import: ask it by key.

    ``werte`` is the folder that holds the values its outputs refer to.
    """

    auftrag: Auftrag
    nb: NotebookNode
    sekunden: float
    werte: Path


@dataclass(frozen=True)
class _Umgebung:
    """What all notebooks of one run share."""

    kernels: Kernels
    ordner: Path
    report: Progress
    cell_seconds: int

    def path(self, auftrag: Auftrag, suffix: str) -> Path:
        """Return where this run keeps a notebook's own file."""
        return self.ordner / f"{auftrag.name}{suffix}"


@dataclass
class _Trace:
    """Where a notebook stands; papermill's own notebook lies about it after a dead kernel."""

    cell: str = "parameters"
    done: int = 0


def execute_all(
    auftraege: Sequence[Auftrag],
    *,
    projekt: Projekt,
    ordner: Path,
    report: Progress,
    cell_seconds: int = CELL_SECONDS,
    meanwhile: Sequence[Callable[[], object]] = (),
    each: Callable[[Ausgefuehrt], object] = lambda done: None,
) -> list[Ausgefuehrt]:
    """Run every notebook of *auftraege*, at most two at a time; return them in the order given.

    The longest begins first, or the second core would wait for the last one in the end.
    What is to be done *meanwhile* is done while they run; where none has to, it isn't. *each* is
    called with one that is done while others run: not with the last, for whom nothing waits.

    Raises:
        NotebookFailed: The first that failed; the others are ended at once.
        StorageError: It failed at what is stored.
    """
    if not auftraege:
        return []
    werte = [_empty(ordner / f"{a.name}{WERTE}") for a in auftraege]
    with Kernels(projekt, werte) as kernels, _quiet_logger(), ThreadPoolExecutor(WORKERS) as pool:
        # Once, before the threads, which would wait for each other; kernels get ready meanwhile.
        import papermill  # noqa: F401

        around = _Umgebung(kernels, ordner, report, cell_seconds)
        (ordner / RECORD).write_text(f"{kernels.abschottung}\n", encoding="utf-8")
        begun = {a.name: pool.submit(_guarded, a, around) for a in _longest_first(auftraege)}
        jobs = [begun[auftrag.name] for auftrag in auftraege]
        try:
            for do in meanwhile:
                do()
            failed = _wait(jobs, each)
        finally:
            # Also on Ctrl-C: the pool waits for its threads, and they wait for their kernels.
            for job in jobs:
                job.cancel()
            if any(not job.done() for job in jobs):
                kernels.kill()
        if failed:
            raise failed
        if kernels.started_singly:
            report.warn("Die Rechenkerne mussten einzeln starten; das dauert länger.")
        return [job.result() for job in jobs]


def _longest_first(auftraege: Sequence[Auftrag]) -> list[Auftrag]:
    """Return them by the size of their notebooks: who writes more cells asks more."""
    return sorted(auftraege, key=lambda one: _size(one.notebook), reverse=True)


def _size(notebook: Path) -> int:
    # Whoever executes a notebook that is gone says so; here it only comes last.
    return notebook.stat().st_size if notebook.is_file() else 0


def _wait(
    jobs: Sequence[Future[Ausgefuehrt]], each: Callable[[Ausgefuehrt], object]
) -> BaseException | None:
    """Wait for all, or for the first that fails; return what it failed of."""
    pending = set(jobs)
    while pending:
        done, pending = wait(pending, return_when=FIRST_COMPLETED)
        if failed := [job for job in jobs if job in done and job.exception()]:
            return failed[0].exception()
        for job in done if pending else ():
            each(job.result())
    return None


def _guarded(auftrag: Auftrag, around: _Umgebung) -> Ausgefuehrt:
    started = time.monotonic()
    trace = _Trace()
    with around.report.counting(auftrag.name, "Zelle") as count:
        try:
            nb = _run(auftrag, around, trace, count)
        except SozcontrolError:
            raise
        except Exception as error:
            raise _full(error) or _explained(auftrag, error, trace, around) from None
    werte = around.path(auftrag, WERTE)
    if any(p.is_symlink() or not p.is_file() for p in werte.iterdir()):
        raise NotebookFailed(
            f"Das Notebook »{auftrag.name}« legte anderes ab als Werte.",
            wo=str(auftrag.notebook),
            tun="Werte schreibt present allein; eigene Dateien aus dem Notebook nehmen.",
        )
    return Ausgefuehrt(auftrag, nb, time.monotonic() - started, werte)


def _empty(werte: Path) -> Path:
    """Make the folder for the values of one notebook; a kernel that is shut off can't."""
    shutil.rmtree(werte, ignore_errors=True)
    werte.mkdir(mode=0o700)
    return werte


def _run(auftrag: Auftrag, around: _Umgebung, trace: _Trace, count: Count) -> NotebookNode:
    token = f"sozcontrol-ende-{os.urandom(8).hex()}"
    nb = _with_sentinel(auftrag.notebook, token)
    total = sum(cell.cell_type == "code" for cell in nb.cells)

    def at_cell(cell: NotebookNode, cell_index: int) -> None:
        trace.cell = _speaking_id(cell)
        trace.done += 1
        count(trace.done, total)

    done = _papermill(nb, auftrag, around, at_cell)
    for cell in done.cells:
        cell["id"] = _speaking_id(cell)
    found = verdict.faults(done.cells, token)
    if found:
        cell, kind = found[0]
        raise verdict.failure(auftrag.name, cell, kind, around.path(auftrag, ".ipynb"))
    del done.cells[-1]
    return done


def _papermill(
    nb: NotebookNode, auftrag: Auftrag, around: _Umgebung, at_cell: Callable[..., None]
) -> NotebookNode:
    import papermill

    with _own_loop():
        return papermill.execute_notebook(
            nb,
            # Braces are format fields to papermill, also in a path.
            str(around.path(auftrag, ".ipynb")).replace("{", "{{").replace("}", "}}"),
            parameters=auftrag.parameter.as_notebook(),
            kernel_name="python3",
            language="python",
            progress_bar=False,
            request_save_on_cell_execute=False,
            start_timeout=60,
            execution_timeout=around.cell_seconds,
            record_timing=False,
            shutdown_kernel="immediate",
            kernel_manager_class=around.kernels.manager_class(around.path(auftrag, WERTE)),
            on_cell_execute=at_cell,
        )


def _with_sentinel(notebook: Path, token: str) -> NotebookNode:
    import nbformat

    nb = nbformat.read(str(notebook), as_version=4)
    ids = [cell.get("id") for cell in nb.cells]
    if len(set(ids)) != len(ids) or verdict.SENTINEL in ids or verdict.INJECTED in ids:
        raise NotebookFailed(
            f"Das Notebook »{notebook.stem}« hat doppelte oder vergebene Zellen-Ids.",
            wo=str(notebook),
            tun="Jeder Zelle eine eigene sprechende Id geben.",
        )
    for cell in nb.cells:
        # Committed outputs would pass for this run's when a cell doesn't run.
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    end = nbformat.v4.new_code_cell(verdict.sentinel_source(token), id=verdict.SENTINEL)
    nb.cells.append(end)
    return nb


def _speaking_id(cell: NotebookNode) -> str:
    injected = "injected-parameters" in cell.get("metadata", {}).get("tags", ())
    return verdict.INJECTED if injected else str(cell["id"])


def _full(error: Exception) -> StorageError | None:
    """Return the fault of a full or unwritable disk, met here or by a cell; it is no notebook's.

    A cell may try to write where it has no right to; that is its own mistake.
    """
    if isinstance(error, OSError):
        return of_storage(error)
    met = re.match(r"\[Errno (\d+)\]", str(getattr(error, "evalue", "")))
    number = int(met[1]) if met and getattr(error, "ename", "") == "OSError" else 0
    return of_storage(OSError(number, "")) if number in (errno.ENOSPC, errno.EDQUOT) else None


def _explained(
    auftrag: Auftrag, error: Exception, trace: _Trace, around: _Umgebung
) -> SozcontrolError:
    kind = verdict.class_name(getattr(error, "ename", None) or type(error).__name__)
    diagnosis = None
    if not around.kernels.stopped:
        diagnosis = around.path(auftrag, ".fehler.txt")
        text = "".join(getattr(error, "traceback", None) or traceback.format_exception(error))
        with suppress(OSError):  # a full disk must not hide the notebook's own failure
            diagnosis.write_text(text, encoding="utf-8")
            diagnosis.chmod(0o600)
    return verdict.failure(auftrag.name, trace.cell, kind, diagnosis)


@contextmanager
def _own_loop() -> Iterator[None]:
    """Give this thread an event loop and close it again; jupyter_core would leave one open."""
    import asyncio

    from jupyter_core.utils import ensure_event_loop

    loop = ensure_event_loop()
    try:
        yield
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
        asyncio.set_event_loop(None)


@contextmanager
def _quiet_logger() -> Iterator[None]:
    """Keep papermill's and nbclient's log lines off the terminal: they quote cells."""
    log = logging.getLogger("papermill")
    silent = logging.NullHandler()
    before, log.propagate = log.propagate, False
    log.addHandler(silent)
    try:
        yield
    finally:
        log.removeHandler(silent)
        log.propagate = before
