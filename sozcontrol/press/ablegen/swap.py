"""Change whole folders at once, so that a reader sees all of the old or all of the new.

Protocol: build the new folder beside its target, flush it, write a journal that names every pair,
put on the indexes that two places are about to differ, exchange the pairs, file what was published,
delete the journal. Without a journal nothing was decided and what lies beside is rubbish; with one
the decision stands and :func:`recover` completes it at the next start.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NotRequired

from pydantic import TypeAdapter
from typing_extensions import TypedDict

from sozcontrol.errors import Damaged, StorageError
from sozcontrol.press.ablegen import zwischenstand
from sozcontrol.press.ablegen.uebersicht import INDEX, renew_overview
from sozcontrol.press.ablegen.vermerk import Vermerk
from sozcontrol.press.ablegen.zwischenstand import run_of
from sozcontrol.projekt import Projekt
from sozcontrol.store import seal
from sozcontrol.store.disk import sync


class Paar(TypedDict):
    """A new folder and its place, relative to the project: it may be moved before it restarts."""

    neu: str
    ziel: str


class Journal(TypedDict):
    """What was decided; a journal of an earlier version remembers nothing of it."""

    lauf: str
    paare: list[Paar]
    vermerk: NotRequired[Vermerk]


_FORM = TypeAdapter(Journal)
_KEYS = {"lauf", "paare", "vermerk"}
_UNCLEAR = "Ob die Berichte zum Stichtag {} schon die neuen sind, ist nicht zu erkennen."
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
_NO_EXCHANGE = (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP)


@dataclass(frozen=True)
class Tausch:
    """A complete new folder and the place it is to take."""

    neu: Path
    ziel: Path

    @property
    def alt(self) -> Path:
        """Where the old folder waits when two renames stand in for one exchange."""
        return self.neu.with_name(self.neu.name.replace(".neu-", ".alt-"))


def beside(ziel: Path, lauf: str) -> Path:
    """Return where the new folder for *ziel* is built: same file system, hidden name."""
    return ziel.with_name(f".{ziel.name}.neu-{lauf}")


def journal_path(projekt: Projekt) -> Path:
    """Return where a decided publication is written down."""
    return projekt.runs / "veroeffentlichung.json"


def flush(folder: Path) -> None:
    """Write *folder* and all below it through to the disk."""
    for path in sorted(folder.rglob("*")):
        sync(path)
    sync(folder)


def commit(
    projekt: Projekt,
    paare: Sequence[Tausch],
    lauf: str,
    vermerk: Vermerk | None = None,
    danach: Callable[[], None] = lambda: None,
) -> None:
    """Put every new folder in its place, or none; then file *vermerk* and do what comes *danach*.

    Raises:
        OSError: Nothing was changed (what had been exchanged was put back).
    """
    vermerk = vermerk or Vermerk()
    done: list[Tausch] = []
    indexes = _indexes(paare, lauf)
    try:
        _announce(paare, indexes)
        _write_journal(projekt, paare, lauf, vermerk)
        for pair in (*indexes, *paare):
            place(pair)
            done.append(pair)
            sync(pair.ziel.parent)
    except OSError:
        for pair in reversed(done):
            _take_back(pair)
        _sweep(pair.neu for pair in indexes)
        journal_path(projekt).unlink(missing_ok=True)
        raise
    try:
        zwischenstand.take_away(projekt)
        vermerk.ablegen(projekt)
        danach()
    except (OSError, StorageError):
        # The reports are in place. The journal stays, so the next start does what is missing.
        return
    _close(projekt, (*indexes, *paare))


def _indexes(paare: Sequence[Tausch], lauf: str) -> list[Tausch]:
    """Return the indexes readers see between the first exchange and the last, if there are two.

    That of the first place isn't among them: being new, it comes with what it has to say.
    """
    roots = [pair.ziel.parent for pair in paare] if len(paare) > 1 else []
    pages = [*(root / INDEX for root in roots), *(pair.ziel / INDEX for pair in paare[1:])]
    found = []
    for page in (p for p in pages if p.is_file()):
        root = page.parent if page.parent in roots else page.parent.parent
        found.append(Tausch(root / f".{page.parent.name}.{INDEX}.neu-{lauf}", page))
    return found


def _announce(paare: Sequence[Tausch], indexes: Sequence[Tausch]) -> None:
    """Write beside each index, and on the new one of the first place, that the two will differ."""
    if len(paare) > 1:
        first, last = paare
        neu, alt = zwischenstand.platz(first.neu), zwischenstand.platz(last.ziel)
        satz = zwischenstand.coming(_day(first), neu, alt)
        own = first.neu / INDEX
        for page, copy in ((own, own), *((pair.ziel, pair.neu) for pair in indexes)):
            zwischenstand.with_notice(page, satz, copy)


def _day(pair: Tausch) -> date:
    return date.fromisoformat(pair.ziel.name)


def unfinished(projekt: Projekt) -> str | None:
    """Say that a publication isn't completed, and which edition is of which run meanwhile.

    None where there is none; a run at work may be completing it.
    """
    if not seal.exists(journal_path(projekt)):
        return None
    try:
        lauf, paare, _ = _decided(projekt)
    except Damaged:
        return f"{zwischenstand.OFFEN}."
    there = [zwischenstand.platz(pair.ziel) for pair in paare]
    if {p.lauf for p in there} == {lauf} or all(p.lauf != lauf for p in there):
        return f"{zwischenstand.OFFEN}."
    return zwischenstand.seen(_day(paare[0]), there)


def _write_journal(projekt: Projekt, paare: Sequence[Tausch], lauf: str, vermerk: Vermerk) -> None:
    path = journal_path(projekt)
    path.parent.mkdir(parents=True, exist_ok=True)
    root = projekt.root
    pairs = [
        Paar(neu=str(p.neu.relative_to(root)), ziel=str(p.ziel.relative_to(root))) for p in paare
    ]
    temporary = path.with_suffix(".neu")
    decided = seal.sealed({"lauf": lauf, "paare": pairs, "vermerk": vermerk.as_dict()})
    temporary.write_text(json.dumps(decided), encoding="utf-8")
    sync(temporary)
    temporary.replace(path)
    sync(path.parent)


def place(pair: Tausch) -> None:
    """Put a new folder in its place; what was there lies where the new one was, or beside."""
    if not pair.ziel.exists():
        pair.neu.rename(pair.ziel)
    elif not exchange(pair.neu, pair.ziel):
        pair.ziel.rename(pair.alt)
        try:
            pair.neu.rename(pair.ziel)
        except OSError:
            pair.alt.rename(pair.ziel)
            raise


def _take_back(pair: Tausch) -> None:
    if pair.alt.exists():
        pair.ziel.rename(pair.neu)
        pair.alt.rename(pair.ziel)
    elif pair.neu.exists():
        exchange(pair.neu, pair.ziel)
    else:
        pair.ziel.rename(pair.neu)


def exchange(a: Path, b: Path) -> bool:
    """Exchange two folders in one step; False where the system has no such call."""
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    if not hasattr(libc, "renameat2"):
        return False
    names = (os.fsencode(a), os.fsencode(b))
    if not libc.renameat2(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE):
        return True
    code = ctypes.get_errno()
    if code in _NO_EXCHANGE:
        return False
    raise OSError(code, os.strerror(code), str(b))


def _close(projekt: Projekt, paare: Iterable[Tausch]) -> None:
    # The new folders are in place: what fails from here on is repeated at the next start.
    with suppress(OSError):
        journal_path(projekt).unlink(missing_ok=True)
    _sweep(path for pair in paare for path in (pair.neu, pair.alt))


def _sweep(stale: Iterable[Path]) -> None:
    for path in stale:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with suppress(OSError):
                path.unlink(missing_ok=True)


def recover(projekt: Projekt) -> bool:
    """Complete a publication that was decided but cut off, and sweep what a killed run left.

    Returns whether there was one to complete. Call it under the lock only.

    Raises:
        OSError: It could not be completed.
        Damaged: Its journal, or a mark of the folders it names, is not what was written.
    """
    decided = seal.exists(journal_path(projekt))
    if decided:
        lauf, paare, vermerk = _decided(projekt)
        for pair in paare:
            if not settle(pair, lauf):
                raise Damaged(_UNCLEAR.format(pair.ziel.name), journal_path(projekt))
        zwischenstand.take_away(projekt)
        vermerk.ablegen(projekt)
        for pair in paare:
            renew_overview(projekt, pair.ziel.parent)
        _close(projekt, paare)
    _sweep(_left_behind(projekt))
    return decided


def _decided(projekt: Projekt) -> tuple[str, list[Tausch], Vermerk]:
    path, root = journal_path(projekt), projekt.root
    journal = seal.unsealed(path, _FORM, before=_unsealed)
    paare = [Tausch(root / p["neu"], root / p["ziel"]) for p in journal["paare"]]
    return journal["lauf"], paare, journal.get("vermerk", Vermerk())


def _unsealed(journal: object) -> bool:
    """Say whether a journal is from before seals."""
    return isinstance(journal, dict) and {"lauf", "paare"} <= journal.keys() <= _KEYS


def _left_behind(projekt: Projekt) -> list[Path]:
    places = (projekt.reports, projekt.intern, projekt.runs)
    return [p for place in places for kind in ("neu", "alt") for p in place.glob(f".*.{kind}-*")]


def settle(pair: Tausch, lauf: str) -> bool:
    """Put the new folder of *lauf* in its place, unless it is there; False when neither shows."""
    if run_of(pair.ziel) == lauf:
        return True
    if run_of(pair.neu) != lauf and (pair.ziel.exists() or not pair.neu.exists()):
        return False
    place(pair)
    sync(pair.ziel.parent)
    return True


def settle_unread(projekt: Projekt) -> tuple[list[Path], list[Path]]:
    """Complete a publication whose journal can't be read, as the names of its new folders say.

    Returns the places it was for, and the new folders of which no mark shows whether they are in
    place: those places are whole, but may be of this run or of the one before.
    """
    paare = []
    for neu in _left_behind(projekt):
        ziel, kind, lauf = neu.name[1:].partition(".neu-")
        if kind and neu.is_dir():
            paare.append((Tausch(neu, neu.with_name(ziel)), lauf))
    unclear = [pair.neu for pair, lauf in paare if not settle(pair, lauf)]
    zwischenstand.take_away(projekt)
    return [pair.ziel for pair, _ in paare], unclear
