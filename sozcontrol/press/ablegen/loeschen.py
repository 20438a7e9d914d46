"""Delete what its time is over for, layer by layer, and keep a protocol of it.

What later reports are compared with, decided against or attacked beside is kept, unless that is
asked for by name. The journals of publications and forecasts and the protocols stay: they hold no
people. Files are unlinked, not overwritten; backups are the city's own.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import groupby
from pathlib import Path

from sozcontrol import catalogue, store
from sozcontrol.errors import UsageError, nearest
from sozcontrol.press.ablegen import manifest, swap
from sozcontrol.press.ablegen.arbeitsstand import FOLDER
from sozcontrol.press.ablegen.uebersicht import write_overview
from sozcontrol.press.lauf.lock import sole_run
from sozcontrol.press.lauf.storage import private_files, storage_errors
from sozcontrol.projekt import Projekt
from sozcontrol.store import kette, seal

TRASH = ".alt-loeschung"
"""How names end while their files go; what a killed deletion leaves is swept by the next."""
COMPARED = "damit vergleichen sich spätere Berichte (Vorjahr, Revision, »damals«)"
DECIDED = "dagegen entscheiden spätere Berichte, was geheim bleibt"
ATTACKED = "daneben prüft die Gegenprobe spätere Berichte"
UNREAD = "ist noch nicht eingelesen"
NEWEST = "ist die neueste Lieferung"


@dataclass(frozen=True)
class Stueck:
    """One thing of a layer: of which day, where; ``grund`` says why it is still needed."""

    schicht: str
    tag: date
    pfad: Path
    grund: str = ""


@dataclass(frozen=True)
class Loeschwunsch:
    """What is to go: all *schichten* (none named: all) of days before *vor*.

    Without *ausfuehren* nothing does; *auch_benoetigtes* takes what later reports need, too.
    """

    vor: date
    schichten: tuple[str, ...] = ()
    auch_benoetigtes: bool = False
    ausfuehren: bool = False
    wer: str | None = None


def delete(projekt: Projekt, wunsch: Loeschwunsch) -> str:
    """Delete what *wunsch* names and return in German what went, what stayed and why.

    Raises:
        UsageError: A layer is unknown, or nobody is named who deletes.
        StorageError: Something could not be deleted; the protocol says that it had begun.
        Damaged: The protocol is not what was written; nothing was deleted.
    """
    for name in wunsch.schichten:
        if name not in SCHICHTEN:
            raise UsageError(
                "Diese Schicht gibt es nicht.", wo="--schicht", tun=nearest(name, [*SCHICHTEN])
            )
    if wunsch.ausfuehren and not (wunsch.wer or "").strip():
        raise UsageError(
            "Gelöscht wird unter einem Namen.", wo="--name", tun="Vor- und Nachnamen nennen."
        )
    with private_files(), sole_run(projekt):
        _sweep(projekt)
        found = _found(projekt, wunsch)
        kept = [s for s in found if s.grund and not wunsch.auch_benoetigtes]
        gone = [s for s in found if s not in kept]
        lines = _told(wunsch, gone, kept)
        if wunsch.ausfuehren and gone:
            lines.append(f"Quittung: {_delete(projekt, wunsch, gone, kept)}")
    return "\n".join(lines)


# ---- what there is ----------------------------------------------------------------------------


def _found(projekt: Projekt, wunsch: Loeschwunsch) -> list[Stueck]:
    wanted = wunsch.schichten or tuple(SCHICHTEN)
    pieces = [
        Stueck(name, day, path)
        for name, there in SCHICHTEN.items() if name in wanted
        for day, path in there(projekt)
    ]  # fmt: skip
    days = [*store.dates_below(projekt.raw), *store.dates_below(projekt.processed)]
    newest = max(days, default=date.min)
    return [_judged(projekt, s, newest) for s in pieces if s.tag < wunsch.vor]


def _judged(projekt: Projekt, one: Stueck, newest: date) -> Stueck:
    """Say why a thing is still needed, if it is."""
    recent = one.tag.year >= newest.year - 1
    if one.schicht == "roh":
        stored = {(m["stichtag"], m["datenstand"]) for m in store.deliveries(projekt)}
        there = {(one.tag.isoformat(), d.isoformat()) for d in store.dates_below(one.pfad)}
        reason = NEWEST if one.tag == newest else "" if there <= stored else UNREAD
    else:
        reason = NEEDED.get(one.schicht, "") if recent else ""
    return replace(one, grund=reason)


def _dated(root: Path) -> Iterator[tuple[date, Path]]:
    for day in store.dates_below(root):
        yield day, root / day.isoformat()


def _runs(projekt: Projekt) -> Iterator[tuple[date, Path]]:
    """Yield executed notebooks, notes of faults, pages not published, and what repair set aside."""
    for path in (*seal.listing(projekt.runs), *seal.listing(projekt.damaged)):
        if day := _day(path.name.removeprefix("fehler-")[:8], "%Y%m%d"):
            yield day, path
    for folder in ("pruefung", FOLDER):
        for path in seal.listing(projekt.runs / folder):
            if day := _day(path.name[:10], "%Y-%m-%d"):
                yield day, path


def _day(text: str, form: str) -> date | None:
    try:
        return datetime.strptime(text, form).date()
    except ValueError:
        return None


SCHICHTEN: dict[str, Callable[[Projekt], Iterable[tuple[date, Path]]]] = {
    "roh": lambda p: _dated(p.raw),
    "gespeichert": lambda p: _dated(p.processed),
    "entscheidungen": store.entscheidungsdateien,
    "laeufe": _runs,
    "intern": lambda p: _dated(p.intern),
    "berichte": lambda p: _dated(p.reports),
}
"""The layers, from what was delivered to what was published."""
NEEDED = {
    "gespeichert": COMPARED, "entscheidungen": DECIDED, "intern": ATTACKED, "berichte": ATTACKED,
}  # fmt: skip


# ---- what is said and done --------------------------------------------------------------------


def _told(wunsch: Loeschwunsch, gone: Sequence[Stueck], kept: Sequence[Stueck]) -> list[str]:
    word = "Gelöscht" if wunsch.ausfuehren else "Zu löschen (nichts ist geschehen: --ausfuehren)"
    lines = [f"{word}, vor dem {wunsch.vor:%d.%m.%Y}:"]
    lines += [f"  {name}: {days}" for name, days in _by_layer(gone)] or ["  nichts"]
    if kept:
        lines.append("Behalten, weil benötigt (sonst --auch-benoetigtes):")
        for reason in dict.fromkeys(s.grund for s in kept):
            of = [s for s in kept if s.grund == reason]
            lines += [f"  {name}: {days} – {reason}" for name, days in _by_layer(of)]
    if any(s.schicht in ("roh", "gespeichert", "entscheidungen") for s in gone):
        lines.append("Berichte dieser Stichtage lassen sich danach nicht mehr nachbauen (verify).")
    return lines


def _by_layer(pieces: Iterable[Stueck]) -> list[tuple[str, str]]:
    groups = groupby(pieces, key=lambda s: s.schicht)
    return [(name, ", ".join(dict.fromkeys(f"{s.tag:%d.%m.%Y}" for s in of)))
            for name, of in groups]  # fmt: skip


def _delete(
    projekt: Projekt, wunsch: Loeschwunsch, gone: Sequence[Stueck], kept: Sequence[Stueck]
) -> str:
    """Write down what is to go, let it go, and write down that it went; return the receipt."""
    path = kette.path_of(projekt, kette.LOESCHUNGEN)
    with storage_errors("Das Löschen ließ sich nicht beginnen", path):
        entry = _entry(wunsch, gone, kept)
        kette.anhaengen(path, {**entry, "stand": "begonnen"})
    with storage_errors("Nicht alles ließ sich löschen", projekt.data):
        towns = _towns(gone)
        for one in gone:
            _remove(one.pfad)
        for root, kommune in towns.items():
            ablage = "reports" if root == projekt.reports else "data"
            write_overview(root, catalogue.kommune(kommune), ablage, "loeschung")
        return kette.anhaengen(path, {**entry, "stand": "gelöscht"})


def _entry(
    wunsch: Loeschwunsch, gone: Sequence[Stueck], kept: Sequence[Stueck]
) -> dict[str, kette.Wert]:
    return {
        "am": datetime.now(UTC).isoformat(timespec="seconds"),
        "wer": wunsch.wer,
        "konto": kette.konto(),
        "vor": wunsch.vor.isoformat(),
        "auch_benoetigtes": wunsch.auch_benoetigtes,
        "was": [_measured(s) for s in gone],
        "behalten": [
            {"schicht": s.schicht, "tag": s.tag.isoformat(), "grund": s.grund} for s in kept
        ],
    }


def _measured(one: Stueck) -> dict[str, kette.Wert]:
    """Return how much a thing is, and one checksum of it: no name, for suppliers name files."""
    paths = [one.pfad] if one.pfad.is_file() else sorted(p for p in one.pfad.rglob("*"))
    files = [p for p in paths if p.is_file()]
    sums = [f"{os.fsencode(p.relative_to(one.pfad.parent))!r} {seal.checksum(p)}" for p in files]
    return {
        "schicht": one.schicht,
        "tag": one.tag.isoformat(),
        "dateien": len(files),
        "bytes": sum(p.stat().st_size for p in files),
        "sha256": seal.digest("\n".join(sums).encode()),
    }


def _remove(path: Path) -> None:
    """Let a file or folder go: out of sight at once, then for good."""
    hidden = path.with_name(f".{path.name}{TRASH}")
    path.rename(hidden)
    _drop(hidden)


def _drop(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def _sweep(projekt: Projekt) -> None:
    """Complete what a deletion or publication that was cut off has left."""
    with storage_errors("Angefangenes ließ sich nicht zu Ende bringen", projekt.data):
        swap.recover(projekt)
        for root in (projekt.raw, projekt.processed, projekt.runs, projekt.damaged):
            for stale in root.rglob(f".*{TRASH}"):
                _drop(stale)


def _towns(gone: Sequence[Stueck]) -> dict[Path, str]:
    """Return the places whose overview has to be written anew, and whose they are."""
    found = {}
    for one in (s for s in gone if s.schicht in ("intern", "berichte")):
        for edition in catalogue.editionen():
            if town := manifest.read(one.pfad / edition).get("kommune"):
                found[one.pfad.parent] = town
    return found
