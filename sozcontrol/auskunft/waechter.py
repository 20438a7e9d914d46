"""Check a delivery again whenever its files, the rules or the profiles change, and say what is new.

The folder is looked at every few seconds: a network drive, where deliveries lie, reports no events.
A file that differs from the look before may still be copied; it is waited for.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from sozcontrol.checks.wortlaut import body, summary, table_title
from sozcontrol.errors import Busy, SozcontrolError
from sozcontrol.findings import Finding
from sozcontrol.intake.files import LIEFERSCHEIN, delivered
from sozcontrol.press.lauf.receive import Eingang
from sozcontrol.projekt import Projekt

PAUSE_SECONDS = 2.0
Spur = Mapping[str, object]
"""What tells a file from a later one, by the name a person knows it by."""


@dataclass
class Blick:
    """Looks at files, and names those that changed once they stand still."""

    spuren: Callable[[], Spur]
    _seen: Spur | None = field(default=None, init=False)
    _done: Spur | None = field(default=None, init=False)
    _before: Spur | None = field(default=None, init=False)

    @property
    def fresh(self) -> bool:
        """Whether nothing was ever named."""
        return self._done is None

    def changed(self) -> list[str] | None:
        """Look once; return what differs from the last time something did, None where nothing."""
        now, before = self.spuren(), self._seen
        self._seen = now
        if now == self._done or (before is not None and now != before):
            return None
        self._before, self._done = self._done, now
        then = self._before or {}
        return sorted(n for n in {*now, *then} if now.get(n) != then.get(n))

    def again(self) -> None:
        """Name the same once more: nothing came of it."""
        self._done = self._before


@dataclass
class Waechter:
    """Looks at one delivery, and checks it when it changed; ``pruefe`` checks it once."""

    projekt: Projekt
    stichtag: date
    datenstand: date
    pruefe: Callable[[], Eingang]
    _blick: Blick = field(init=False)
    _found: tuple[Finding, ...] | None = field(default=None, init=False)
    _fault: str = field(default="", init=False)

    def __post_init__(self) -> None:
        self._blick = Blick(self._traces)

    def rounds(self, pause: float = PAUSE_SECONDS) -> Iterator[str]:
        """Yield what there is to say, until somebody interrupts."""
        while True:
            if text := self.look():
                yield text
            time.sleep(pause)

    def look(self) -> str:
        """Look once; return what a check says, or nothing where none was due."""
        named = self._blick.changed()
        if named is None:
            return ""
        try:
            found = self.pruefe().findings
        except SozcontrolError as fault:
            return self._again(fault)
        told = _first(found) if self._found is None else _news(named, self._found, found)
        self._found, self._fault = found, ""
        return told

    def _again(self, fault: SozcontrolError) -> str:
        """Return what stopped a check, once; whoever is busy is asked again."""
        if isinstance(fault, Busy):
            self._blick.again()
        said, self._fault = self._fault, str(fault)
        return "" if said == self._fault else f"{clock()}  {fault}"

    def _traces(self) -> Spur:
        found = delivery_traces(self.projekt, self.stichtag, self.datenstand)
        for root in (self.projekt.expectations, self.projekt.profile):
            inside = (path for path in root.rglob("*") if path.is_file())
            found |= {str(p.relative_to(self.projekt.root)): trace(p) for p in inside}
        return found


def delivery_traces(projekt: Projekt, stichtag: date, datenstand: date) -> dict[str, object]:
    """Return the traces of a delivery's files and of its note."""
    folder = projekt.delivery_folder(stichtag, datenstand)
    return {path.name: trace(path) for path in (*files(folder), folder / LIEFERSCHEIN)}


def files(folder: Path) -> Sequence[Path]:
    """Return the delivered files of *folder*; none where it can't be read."""
    try:
        return delivered(folder)
    except OSError:  # gone, or the drive is; the check says so
        return ()


def trace(path: Path) -> object:
    """Return what tells a file from a later one; None where there is none."""
    try:
        s = path.stat()
    except OSError as fault:
        return None if isinstance(fault, FileNotFoundError) else type(fault).__name__
    return s.st_size, s.st_mtime_ns, s.st_ctime_ns, s.st_ino


def clock() -> str:
    """Return the time as the watch says it."""
    return f"{datetime.now():%H:%M:%S}"


def _first(found: Sequence[Finding]) -> str:
    return "\n".join([f"Prüfung: {summary(found)}", *body(found)])


def _news(named: Sequence[str], before: Sequence[Finding], after: Sequence[Finding]) -> str:
    """Say what changed since the check before: new, other, gone; what stayed is not repeated."""
    old, new = {_key(f): f for f in before}, {_key(f): f for f in after}
    other = [f for key, f in new.items() if old.get(key) != f]
    gone = [f for key, f in old.items() if key not in new]
    lines = [f"{clock()}  geändert: {', '.join(named)}"] if named else [clock()]
    if other:
        lines += ["", "Neu oder anders:", *body(other)]
    if gone:
        told = [f"  {f.regel}  {f.meldung} [{table_title(f.tabelle)}]" for f in gone]
        lines += ["", "Nicht mehr:", *told]
    if not other and not gone:
        lines.append("An den Befunden ändert sich nichts.")
    return "\n".join([*lines, "", f"Prüfung: {summary(after)}"])


def _key(finding: Finding) -> tuple[object, ...]:
    return finding.regel, finding.tabelle, finding.spalte, finding.schwere, finding.meldung
