"""Many runs in one call: several Stichtage, or all municipalities of a project.

What is published of a municipality binds its later reports, so its Stichtage run one after the
other, the earliest first, and after one that failed none of its later ones begins. Municipalities
share no figure: they run side by side, as many as cores and memory carry. Each run is the one that
would have been typed, with its own lock, gate and exit code; one fault stops its municipality only.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Protocol

from sozcontrol import catalogue, store
from sozcontrol.errors import DeliveryMissing, Exit, SozcontrolError
from sozcontrol.press.lauf.kernel import KEY_VARIABLES
from sozcontrol.press.lauf.parameter import parse_date
from sozcontrol.press.lauf.vorlage import Vorlage
from sozcontrol.press.lauf.warm import possible
from sozcontrol.projekt import KOMMUNEN, Projekt

RUN_BYTES = 1_500_000_000
"""What a run with its kernels may need at once; so much has to be free for each beside another."""
PUBLISHED = (Exit.OK, Exit.CONTRACT)
LOOK_SECONDS = 0.05
ENDING_SECONDS = 30


class Laeuft(Protocol):
    """A run at work."""

    def poll(self) -> int | None:
        """Return its exit code, None while it runs."""

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end."""

    def terminate(self) -> None:
        """Ask it to end."""


Starter = Callable[[list[str], Mapping[str, str], Path, tuple[int, int]], Laeuft]
"""Types a command: arguments, environment, folder, where its output and its faults go."""


@dataclass(frozen=True)
class Einzellauf:
    """One run: of which municipality, and what is typed; ``stichtag`` is empty for the newest."""

    projekt: Projekt
    stichtag: str
    worte: tuple[str, ...]

    @property
    def name(self) -> str:
        """How a person calls it."""
        town = catalogue.kommune(self.projekt.kommune or catalogue.projektkommune()).name
        day = f"{parse_date(self.stichtag, 'stichtag'):%d.%m.%Y}" if self.stichtag else ""
        return f"{town}, {day or 'neuester Stichtag'}"


@dataclass
class _Begonnen:
    kette: deque[Einzellauf]
    lauf: Einzellauf
    prozess: Laeuft
    gesagt: IO[bytes]
    seit: float = field(default_factory=time.monotonic)

    def outcome(self, code: int) -> str:
        """Return what came of it: a line of ours, and what it said itself."""
        self.gesagt.seek(0)
        said = self.gesagt.read().decode("utf-8", "replace").strip()
        self.gesagt.close()
        seconds = f"{time.monotonic() - self.seit:.1f}".replace(".", ",")
        how = {Exit.OK: "veröffentlicht", Exit.CONTRACT: "veröffentlicht, Bereiche gesperrt"}
        head = f"{self.lauf.name}: {how.get(code, f'nicht veröffentlicht ({code})')}, {seconds} s"  # type: ignore[call-overload]
        return "\n".join([head, *(f"  {line}" for line in said.splitlines())])


def ketten(
    projekt: Projekt, stichtage: Sequence[str], worte: Sequence[str], *, alle: bool
) -> list[deque[Einzellauf]]:
    """Return the runs of each municipality in their order; the project's own comes first.

    Raises:
        UsageError: A Stichtag is no date.
        DeliveryMissing: Nothing is delivered for any municipality.
    """
    days = sorted({parse_date(day, "stichtag") for day in stichtage})
    named = [day.isoformat() for day in days] or [""]
    towns = [*_delivered(projekt)] if alle else [projekt]
    if not towns:
        raise DeliveryMissing(
            "Für keine Kommune liegt eine Lieferung vor.", wo=str(projekt.root / "data"),
            tun="Lieferungen ablegen: data/raw, data/kommunen/<id>/raw.",
            unveraendert="Alle bisherigen Berichte.",
        )  # fmt: skip
    for town in towns:
        if town.kommune:
            catalogue.kommune(town.kommune)
    options = {day: ("--stichtag", day) if day else () for day in named}
    return [deque(Einzellauf(town, day, ("run", *options[day], *worte, "--leise"))
                  for day in named) for town in towns]  # fmt: skip


def _delivered(projekt: Projekt) -> Iterator[Projekt]:
    """Yield the project for each municipality that something was delivered for."""
    below = projekt.root / "data" / KOMMUNEN
    others = sorted(p.name for p in below.iterdir() if p.is_dir()) if below.is_dir() else []
    for town in (projekt.of(name) for name in ("", *others)):
        if store.dates_below(town.raw):
            yield town


def together(chains: int) -> int:
    """Return how many runs may work side by side: as many as cores, and as memory is free for."""
    return max(1, min(chains, os.cpu_count() or 1, _free_bytes() // RUN_BYTES))


def _free_bytes() -> int:
    """Return how much memory is free; for one run where the system doesn't say."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        known = dict(line.split(":", 1) for line in lines)
        return int(known["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError, ValueError):
        return RUN_BYTES


def run_all(
    chains: Sequence[deque[Einzellauf]], limit: int, start: Starter
) -> Iterator[tuple[str, int]]:
    """Run every chain, *limit* at a time; yield what came of each run, with its exit code.

    Whoever stops listening ends what runs, and waits for its end.
    """
    waiting, running = deque(chains), list[_Begonnen]()
    try:
        while waiting or running:
            while waiting and len(running) < limit:
                running.append(_begin(waiting.popleft(), start))
            ended = [(one, code) for one in running if (code := one.prozess.poll()) is not None]
            for one, code in ended:
                running.remove(one)
                yield one.outcome(code), code
                if code in PUBLISHED and one.kette:
                    waiting.appendleft(one.kette)
                elif one.kette:
                    names = "; ".join(later.name for later in one.kette)
                    yield f"Nicht begonnen, weil der frühere Lauf nicht erschien: {names}", code
            if not ended:
                time.sleep(LOOK_SECONDS)
    finally:
        for one in running:
            one.prozess.terminate()
        for one in running:
            with suppress(SozcontrolError):  # lost; the fault that ends all is another one
                one.prozess.wait(ENDING_SECONDS)
            one.gesagt.close()


def _begin(chain: deque[Einzellauf], start: Starter) -> _Begonnen:
    lauf = chain.popleft()
    # Unnamed, for this user only: what a run says may name files, and nothing of it is kept.
    said = tempfile.TemporaryFile()  # noqa: SIM115 - closed when it is told
    streams = (said.fileno(), said.fileno())
    environment = {**os.environ, **lauf.projekt.environment}
    process = start([*lauf.worte], environment, lauf.projekt.root, streams)
    return _Begonnen(chain, lauf, process, said)


def verdict(codes: Sequence[int]) -> int:
    """Return one exit code for all: the first that published nothing, else 4 where one was held."""
    bad = [code for code in codes if code not in PUBLISHED]
    return bad[0] if bad else max(codes, default=int(Exit.OK))


@contextmanager
def here(chains: int) -> Iterator[tuple[Starter, int]]:
    """Give what starts runs on this machine, and how many at once."""
    with starter() as start:
        yield start, together(chains)


@contextmanager
def starter() -> Iterator[Starter]:
    """Give what starts the runs: forked from one process with the imports done, where that goes."""
    if not possible():
        yield _singly
        return
    clean = {k: v for k, v in os.environ.items() if k not in KEY_VARIABLES}
    with ExitStack() as stack:
        room = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="soz-vorlage-")))
        vorlage = Vorlage({**clean, "PYTHONHASHSEED": "0"}, room)
        stack.callback(vorlage.close)

        def start(
            words: list[str], environment: Mapping[str, str], folder: Path, output: tuple[int, int]
        ) -> Laeuft:
            try:
                if not vorlage.failed:
                    return vorlage.start(words, environment, folder, output)
            except OSError:
                pass  # started singly it takes longer, and is the same
            return _singly(words, environment, folder, output)

        yield start


def _singly(
    words: list[str], environment: Mapping[str, str], folder: Path, output: tuple[int, int]
) -> Laeuft:
    return subprocess.Popen(
        [sys.executable, "-m", "sozcontrol", *words], cwd=folder, env=dict(environment),
        stdin=subprocess.DEVNULL, stdout=output[0], stderr=output[1], start_new_session=True,
    )  # fmt: skip
