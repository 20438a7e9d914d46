"""The kernels of one run: this interpreter, local sockets only, and nothing left behind.

A virtual environment may lack a ``python3`` kernelspec, or the user's home may hold one that
starts another Python. So the spec is made here, in memory; connection files and IPython's own
folder lie in a private temporary folder with a short name (a socket's path may have 107 bytes).
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING

from sozcontrol.press.lauf import warm
from sozcontrol.press.lauf.abschottung import Abschottung, offen
from sozcontrol.press.lauf.storage import private_files
from sozcontrol.projekt import VALUES_VARIABLE, Projekt

if TYPE_CHECKING:
    from jupyter_client import AsyncKernelManager

KEY_VARIABLES = ("SOZCONTROL_SCHLUESSEL_DATEI", "CREDENTIALS_DIRECTORY")
"""Notebooks see pseudonyms and never need the key they were made with."""

GARBAGE = (1_000_000, 50, 100)
"""How seldom a kernel looks for cycles: it lives for seconds, and to free what its queries left
takes longer than to build a few of them. What it holds more by then are some eighty megabytes."""
INSIDE = "k"
"""The folder in a run's temporary one that kernels write: sockets and what IPython keeps."""
ROOM = "soz-"
"""How the name of a run's temporary folder begins; the number of its process follows."""


def _abandoned() -> list[Path]:
    """Return the folders of runs that were killed: what their cells printed may stand in there."""
    if os.name != "posix":
        return []
    found = Path(tempfile.gettempdir()).glob(f"{ROOM}[0-9]*-*")
    mine = (f for f in found if not f.is_symlink() and f.lstat().st_uid == os.getuid())
    return [room for room in mine if not _lives(room.name.split("-")[1])]


def _lives(number: str) -> bool:
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return False
    except (PermissionError, ValueError, OverflowError):  # another user's by now, or no number
        pass
    return True


@contextmanager
def started_ahead(projekt: Projekt, *, wanted: bool) -> Iterator[None]:
    """Have what kernels are forked from import within the block, before anybody needs one.

    Only where nothing shuts them off: what such kernels may see is known when the delivery is.
    What a block around this one began is dropped where it isn't *wanted* after all.
    """
    if warm.INHERITED and warm.INHERITED[0].guessed and not wanted:
        warm.INHERITED.pop().drop()
    if not (wanted and warm.possible() and offen()) or warm.INHERITED:
        yield
        return
    room = Path(tempfile.mkdtemp(prefix=f"{ROOM}{os.getpid()}-"))
    try:
        with private_files():  # it hands its umask on to all kernels
            ahead = warm.Warm(Kernels(projekt).environment(), room)
        ahead.guessed = True
        warm.INHERITED.append(ahead)
        try:
            yield
        finally:
            if ahead in warm.INHERITED:
                warm.INHERITED.clear()
                ahead.drop()
            ahead.close()
    finally:
        shutil.rmtree(room, ignore_errors=True)


class Kernels:
    """Starts the kernels of a run and can end all of them at once."""

    def __init__(self, projekt: Projekt, werte: Sequence[Path] = ()) -> None:
        """Of *projekt*; *werte* are the folders that the notebooks keep their values in."""
        self.projekt = projekt
        self._managers: list[AsyncKernelManager] = []
        self._lock = threading.Lock()
        self._stopped = False
        self._werte = [*werte]
        self._room: Path | None = None
        self._davor: tuple[str, ...] = ()
        self.abschottung = ""
        self._warm: warm.Warm | None = None

    def __enter__(self) -> Kernels:
        for room in _abandoned():
            shutil.rmtree(room, ignore_errors=True)
        self._room = Path(tempfile.mkdtemp(prefix=f"{ROOM}{os.getpid()}-"))
        try:
            self._shut_off(self._room)
            if warm.possible():
                self._warm = warm.kernels_from(self.environment(), self._room, self._davor)
        except BaseException:
            shutil.rmtree(self._room, ignore_errors=True)
            raise
        return self

    def _shut_off(self, room: Path) -> None:
        """Find out what stands before a kernel's command; what kernels write is there by then."""
        from sozcontrol import store

        (room / INSIDE).mkdir(mode=0o700)
        texts = store.textordner()
        writable = [room / INSIDE, *self._werte, *([texts] if texts else [])]
        found = Abschottung(self.projekt, room, writable, self.environment())
        self._davor, self.abschottung = found.davor, found.grund or "bubblewrap"

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.kill()
        for number in self._left_behind():
            with suppress(ProcessLookupError, PermissionError):
                os.kill(number, signal.SIGKILL)
        if self._room:
            shutil.rmtree(self._room, ignore_errors=True)

    @property
    def stopped(self) -> bool:
        """Whether the kernels were ended on purpose: what fails afterwards is no finding."""
        return self._stopped

    @property
    def started_singly(self) -> bool:
        """Whether a kernel had to be started because it could not be forked."""
        return bool(self._warm and self._warm.failed) and not self._stopped

    def kill(self) -> None:
        """End every kernel with its children; a second call does no harm."""
        with self._lock:
            self._stopped = True
            for manager in self._managers:
                group = getattr(manager.provisioner, "pgid", None)
                if group:
                    with suppress(ProcessLookupError, PermissionError):
                        os.killpg(group, signal.SIGKILL)
            self._managers.clear()
            if self._warm:
                self._warm.close()

    def _left_behind(self) -> list[int]:
        """Return the processes that cells started in a session of their own.

        They have the environment of their kernel, which names the folder of its values.
        """
        marks = {os.fsencode(f"{VALUES_VARIABLE}={werte}") for werte in self._werte}
        found = []
        for path in Path("/proc").glob("[0-9]*/environ"):  # none where there is no such system
            with suppress(OSError):  # ended, or another user's
                if not marks.isdisjoint(path.read_bytes().split(b"\0")):
                    found.append(int(path.parent.name))
        return found

    def environment(self) -> dict[str, str]:
        """Return the environment of a kernel: the caller's without keys, and what is fixed."""
        return {
            **{k: v for k, v in os.environ.items() if k not in KEY_VARIABLES},
            **self.projekt.environment,
            "PYTHONHASHSEED": "0",
            "MPLBACKEND": "module://matplotlib_inline.backend_inline",
            "SOURCE_DATE_EPOCH": "0",
            "IPYTHONDIR": str(self._room / INSIDE / "ipython") if self._room else "",
            "GX_ANALYTICS_ENABLED": "false",
        }

    def manager_class(self, werte: Path) -> type[AsyncKernelManager]:
        """Return a kernel manager class for nbclient, bound to this run.

        *werte* is the folder that the notebook's declarations keep their values in.
        """
        from jupyter_client import AsyncKernelManager
        from jupyter_client.kernelspec import KernelSpec

        from sozcontrol.press.lauf.provisioner import metadata

        kernels = self
        spec = KernelSpec(
            argv=[
                *self._davor, sys.executable, "-m", "ipykernel_launcher",
                "--HistoryManager.enabled=False",
                f"--IPKernelApp.exec_lines=__import__('gc').set_threshold{GARBAGE}",
                "-f", "{connection_file}",
            ],
            display_name="Python 3",
            language="python",
            metadata=metadata() if self._warm else {},
        )  # fmt: skip

        class Manager(AsyncKernelManager):
            """One kernel of this run."""

            kernel_spec = spec
            warm = kernels._warm

            def __init__(self, **settings: object) -> None:
                super().__init__(**settings)
                self.transport = "ipc"
                self.connection_file = kernels._connection_file()
                # The sockets lie apart from what a kernel must not write.
                self.ip = str(kernels._inside() / Path(self.connection_file).stem)

            # A coroutine, as in AsyncKernelManager; its base class alone is synchronous.
            async def start_kernel(self, **settings: object) -> None:  # type: ignore[override]
                settings["env"] = kernels.environment() | {VALUES_VARIABLE: str(werte)}
                settings["cwd"] = str(kernels.projekt.notebooks)
                # What a cell writes past Jupyter (os.write, os.system) must not reach a terminal.
                with kernels._log() as log:
                    settings |= {"stdout": log, "stderr": log}
                    await super().start_kernel(**settings)
                kernels._register(self)

        return Manager

    def _inside(self) -> Path:
        assert self._room is not None, "kernels start inside the with block"
        return self._room / INSIDE

    def _log(self) -> IO[bytes]:
        assert self._room is not None, "kernels start inside the with block"
        handle, _ = tempfile.mkstemp(prefix="k", suffix=".log", dir=self._room)
        return os.fdopen(handle, "wb")

    def _connection_file(self) -> str:
        assert self._room is not None, "kernels start inside the with block"
        handle, name = tempfile.mkstemp(prefix="k", suffix=".json", dir=self._room)
        os.close(handle)
        # jupyter_client writes the file itself and takes an existing one for another kernel's.
        Path(name).unlink()
        return name

    def _register(self, manager: AsyncKernelManager) -> None:
        with self._lock:
            self._managers.append(manager)
        if self._stopped:
            self.kill()
