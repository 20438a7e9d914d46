"""Runs of many municipalities on a Dask cluster: the same commands, typed on other machines.

All machines see one project folder (a network drive) and have the same environment and the key in
its place there: neither data nor the key travels over the cluster, only what is typed and what the
run says. A scheduler does whatever it is sent, so one on another machine has to ask for a
certificate (``tls://``).
"""

from __future__ import annotations

import functools
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sozcontrol.auskunft.sammellauf import Starter, starter
from sozcontrol.errors import ConfigurationError, UsageError
from sozcontrol.projekt import KOMMUNE_VARIABLE, ROOT_VARIABLE

if TYPE_CHECKING:
    from distributed import Client, Future

HERE = ("127.0.0.1", "::1", "localhost")
SENT = (ROOT_VARIABLE, KOMMUNE_VARIABLE)
"""All of the environment that travels: the rest, and the key, are the other machine's own."""
CONNECT_SECONDS = 20
HELD = ExitStack()
"""What a worker starts commands with; it goes when the worker does."""


@contextmanager
def cluster(address: str) -> Iterator[tuple[Starter, int]]:
    """Give what starts runs on the cluster of that scheduler, and how many it carries at once.

    Raises:
        UsageError: The address is none, or leads to another machine without a certificate.
        ConfigurationError: ``distributed`` is not installed, or nobody answers there.
    """
    _demand_safe(address)
    try:
        from distributed import Client
    except ImportError:
        raise ConfigurationError(
            "Für einen Verbund fehlt das Paket »distributed«.", wo="--cluster",
            tun="Die Umgebung dafür einrichten: make .venv-verbund/.ready (docs/verbund.md).",
        ) from None  # fmt: skip
    try:
        client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, TimeoutError, ValueError, TypeError) as error:
        raise ConfigurationError(
            f"Der Verbund antwortet nicht ({type(error).__name__}).", wo=address,
            tun="Prüfen, ob der Scheduler läuft und das Zertifikat eingerichtet ist.",
            unveraendert="Alle bisherigen Berichte.",
        ) from None  # fmt: skip
    with client:
        yield on(client)


def on(client: Client) -> tuple[Starter, int]:
    """Return what starts runs with *client*, and how many its workers carry at once."""

    def start(
        words: list[str], environment: Mapping[str, str], folder: Path, output: tuple[int, int]
    ) -> Entfernt:
        sent = {name: environment[name] for name in SENT}
        # The same words twice are two runs: nothing is remembered, and nothing tried again.
        future = client.submit(typed, words, sent, str(folder), pure=False, retries=0)
        return Entfernt(future, output[0])

    return start, max(1, sum(client.nthreads().values()))


def typed(words: list[str], environment: dict[str, str], folder: str) -> tuple[int, bytes]:
    """Type a command on this machine; return its exit code and what it said."""
    with tempfile.TemporaryFile() as said:
        streams = (said.fileno(), said.fileno())
        code = _start()(words, {**os.environ, **environment}, Path(folder), streams).wait()
        said.seek(0)
        return code, said.read()


@functools.cache
def _start() -> Starter:
    """Return what starts commands here, for as long as this worker lives."""
    return HELD.enter_context(starter())


class Entfernt:
    """A run on another machine."""

    def __init__(self, future: Future, output: int) -> None:
        self._future, self._output = future, output

    def poll(self) -> int | None:
        """Return its exit code, None while it runs; write what it said when it ended."""
        return self.wait(CONNECT_SECONDS) if self._future.done() else None  # it has to be fetched

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end.

        Raises:
            ConfigurationError: The machine it ran on was lost.
        """
        try:
            code, said = self._future.result(timeout)
        except Exception as error:
            raise ConfigurationError(
                f"Ein Rechner des Verbunds ging verloren ({type(error).__name__}).",
                wo=self._future.key,
                tun="Den Aufruf wiederholen: Was erschienen ist, bleibt, was nicht, läuft neu.",
                unveraendert="Alle Berichte, deren Lauf nicht fertig wurde.",
            ) from None
        os.write(self._output, said)
        return int(code)

    def terminate(self) -> None:
        """Take it back if it hasn't begun; one at work comes to its end, as typed there."""
        self._future.cancel()


def _demand_safe(address: str) -> None:
    parts = urlsplit(address)
    if parts.scheme not in ("tcp", "tls") or not parts.hostname:
        raise UsageError(
            "Das ist keine Adresse eines Schedulers.", wo="--cluster",
            tun="Etwa: tls://rechner:8786 (docs/verbund.md).",
        )  # fmt: skip
    if parts.scheme == "tcp" and parts.hostname not in HERE:
        raise UsageError(
            "Ein Scheduler auf einem anderen Rechner muss sich ausweisen.", wo="--cluster",
            tun=f"tls://{parts.hostname}, mit Zertifikaten für alle Rechner (docs/verbund.md).",
        )  # fmt: skip
