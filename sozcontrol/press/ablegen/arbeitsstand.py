"""Lay the reports of a run out for whoever works at them: as they would appear, kept apart.

What is published binds later reports: they are compared with it and decided against it. So a state
of work, half a comment or an unfinished cell, lies under ``data/``, for this user only, and every
page and workbook says what it is.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from sozcontrol.catalogue import Edition
from sozcontrol.press.ablegen import manifest
from sozcontrol.press.ablegen.modell import Ausgabe, Lauf
from sozcontrol.press.ablegen.publish import INTERN_MODES, set_modes, write_edition
from sozcontrol.press.ablegen.swap import Tausch, place
from sozcontrol.press.ablegen.uebersicht import INDEX, index_of_one
from sozcontrol.press.lauf.storage import storage_errors
from sozcontrol.projekt import Projekt

FOLDER = "arbeitsstand"


def folder_of(projekt: Projekt, stichtag: date, edition: str) -> Path:
    """Return where the state of work on an edition lies: an index, and the edition beside it."""
    return projekt.runs / FOLDER / stichtag.isoformat() / edition


def lay_out(projekt: Projekt, lauf: Lauf, ausgaben: Sequence[Ausgabe]) -> list[Path]:
    """Put *ausgaben* where the work before lay, edition by edition; return their indexes.

    Of an area that is blocked nothing is there; its last valid report is the published one.

    Raises:
        StorageError: Writing failed; what was published is as it was.
    """
    return [_lay_out(projekt, lauf, edition, ausgaben) for edition in lauf.editionen]


def _lay_out(projekt: Projekt, lauf: Lauf, edition: Edition, ausgaben: Sequence[Ausgabe]) -> Path:
    ziel = folder_of(projekt, lauf.stichtag, edition.id)
    # Directly below the runs: the next one sweeps there what a killed one left.
    neu = projekt.runs / f".{FOLDER}-{ziel.parent.name}-{edition.id}.neu-{lauf.id}"
    pair = Tausch(neu, ziel)
    with storage_errors("Der Arbeitsstand ließ sich nicht ablegen", ziel,
                        unveraendert="Alle Berichte."):  # fmt: skip
        try:
            ziel.parent.mkdir(parents=True, exist_ok=True)
            neu.mkdir()
            write_edition(projekt, neu / edition.id, edition, lauf, ausgaben)
            known = manifest.read(neu / edition.id).get("berichte", {})
            entries = {area: entry for area, entry in known.items() if entry.get("datei")}
            page = index_of_one(lauf.shown(edition), entries, lauf.stichtag, lauf.kommune)
            (neu / INDEX).write_text(page, encoding="utf-8")
            set_modes(neu, INTERN_MODES)
            place(pair)
        finally:
            for stale in (pair.neu, pair.alt):
                shutil.rmtree(stale, ignore_errors=True)
    return ziel / INDEX
