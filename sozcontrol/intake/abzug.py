"""The snapshot of a query: what a database answered, kept as a delivered file beside the others.

A database knows only today. The answer is therefore stored once, sealed, and from then on read like
any file: the same delivery gives the same figures later. To ask anew, a person deletes it.

One JSON line a row: the first names columns, query and day; a cell that was a number is an object.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from sozcontrol.catalogue.profil import Quelldatei
from sozcontrol.intake.files import SIEGEL, Eintrag, sha256
from sozcontrol.intake.model import Grid, Zahlzelle
from sozcontrol.intake.rules import FileRejected
from sozcontrol.intake.sql_source import ask

ZAHL = "zahl"
TUN = "Den Abzug (.abzug.jsonl und .sha256) löschen; die nächste Prüfung fragt neu."


def take_missing(
    ordner: Path, known: Iterable[Eintrag], stichtag: date
) -> list[tuple[Eintrag, FileRejected]]:
    """Ask for every snapshot that isn't there; return which could not be taken, and why."""
    failed = []
    for entry in known:
        if entry.datei.format != "sql" or not entry.datei.gilt(stichtag) or not ordner.is_dir():
            continue
        path = ordner / (entry.abzug or "")
        if path.exists():
            continue
        try:
            _store(path, snapshot(ask(entry.datei), entry.datei, date.today()))
        except FileRejected as fault:
            failed.append((entry, fault))
    return failed


def snapshot(grid: Grid, source: Quelldatei, am: date) -> bytes:
    """Return the bytes of a snapshot taken on a day."""
    names, *rows = grid.zellen
    head = {"spalten": names, "abfrage": _digest(source), "am": am.isoformat()}
    cells = ([{ZAHL: c} if isinstance(c, Zahlzelle) else c for c in row] for row in rows)
    lines = (json.dumps(line, ensure_ascii=False) for line in (head, *cells))
    return "".join(f"{line}\n" for line in lines).encode()


def read_snapshot(data: bytes, source: Quelldatei) -> tuple[Grid, date]:
    """Return names and rows of a snapshot, and the day it was taken.

    Raises:
        FileRejected: R-I08 when it is none, R-I33 when the profile asks otherwise by now.
    """
    try:
        # JSON escapes a line feed inside a text: every other one ends a row.
        head, *rows = [json.loads(line) for line in data.decode().split("\n")[:-1]]
        cells = [[_cell(c) for c in row] for row in rows]
        names, asked, am = [*head["spalten"]], head["abfrage"], date.fromisoformat(head["am"])
    except (ValueError, KeyError, TypeError, AttributeError):
        raise FileRejected("R-I08", "Der Abzug der Datenbank ist beschädigt.", TUN) from None
    if asked != _digest(source):
        raise FileRejected(
            "R-I33", "Der Abzug beantwortet eine andere Abfrage als die des Profils.", TUN
        )
    return Grid([names, *cells], typisiert=True), am


def _cell(cell: object) -> str:
    if isinstance(cell, dict):
        return Zahlzelle(cell[ZAHL])
    if not isinstance(cell, str):
        raise TypeError
    return cell


def _digest(source: Quelldatei) -> str:
    return hashlib.sha256((source.abfrage or "").encode()).hexdigest()


def _store(path: Path, data: bytes) -> None:
    """Write snapshot and seal, each whole or not at all, the snapshot last: it is what counts."""
    seal = path.with_name(path.name + SIEGEL)
    try:
        for target, content in ((seal, f"{sha256(data)}  {path.name}\n".encode()), (path, data)):
            part = target.with_name(f".{target.name}.neu-{os.getpid()}")
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as f:
                f.write(content)
            part.replace(target)
    except OSError as error:
        raise FileRejected(
            "R-I33",
            f"Der Abzug der Datenbank ließ sich nicht ablegen ({type(error).__name__}).",
            "Schreibrechte und Platz im Ordner der Lieferung prüfen.",
        ) from None
