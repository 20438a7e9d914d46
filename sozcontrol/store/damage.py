"""Look through everything stored for what is no longer what was written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sozcontrol.errors import Damaged
from sozcontrol.projekt import Projekt
from sozcontrol.store import fassung, kette, seal
from sozcontrol.store.entscheidungen import ORDNER as DECISIONS
from sozcontrol.store.entscheidungen import aus_datei as decision_of
from sozcontrol.store.ergebnisse import ORDNER as RESULTS
from sozcontrol.store.ergebnisse import aus_datei as result_of
from sozcontrol.store.prognosen import ORDNER as FORECASTS
from sozcontrol.store.prognosen import aus_datei as forecasts_of
from sozcontrol.store.veroeffentlicht import ORDNER as PUBLICATIONS
from sozcontrol.store.veroeffentlicht import aus_datei as publications_of

BACKUP = "Aus der Datensicherung an den alten Platz zurücklegen."


@dataclass(frozen=True)
class Damage:
    """One damaged file or folder: what is wrong, what is missing without it, how it comes back."""

    path: Path
    was: str
    fehlt: str
    tun: str


def damages(projekt: Projekt) -> list[Damage]:
    """Return all that is damaged among deliveries, results, publications, forecasts and decisions.

    Raises:
        StorageError: Something may not be read at all.
    """
    deliveries = [d for slot in fassung.slots(projekt) for d in _delivery(projekt, slot)]
    kept = (*_publications(projekt), *_forecasts(projekt), *_decisions(projekt))
    return [*deliveries, *kept, *_protocols(projekt)]


def _protocols(projekt: Projekt) -> Iterator[Damage]:
    for path, fault in _archive(projekt.protokolle, ".jsonl", kette.zeilen):
        missing = "Wer was freigegeben hat, oder was gelöscht wurde."
        yield Damage(path, fault, missing, f"{BACKUP} Sonst beginnt das Protokoll von vorn.")


def _decisions(projekt: Projekt) -> Iterator[Damage]:
    for path in seal.listing(projekt.processed / DECISIONS, ".json"):
        if fault := _fault(decision_of, path):
            missing = f"Was für die Berichte zum {path.stem} entschieden wurde."
            yield Damage(
                path, fault, missing, "Alle Bereiche des Stichtags neu ausgeben: sozcontrol run"
            )


def _delivery(projekt: Projekt, slot: Path) -> Iterator[Damage]:
    stichtag, datenstand = (date.fromisoformat(name) for name in slot.parts[-2:])
    name = f"Lieferung zum {stichtag:%d.%m.%Y}, Datenstand {datenstand:%d.%m.%Y}"
    call = f"sozcontrol check --stichtag {stichtag} --datenstand {datenstand}"
    again = f"{call} – liest sie aus data/raw neu ein."
    if not projekt.delivery_folder(stichtag, datenstand).is_dir():
        again = f"{BACKUP} Dann {call}; in data/raw liegt sie nicht mehr."
    wrong_pointer = _fault(fassung.current, slot)
    used = None if wrong_pointer else fassung.current(slot)
    for folder in seal.listing(slot):
        if not fassung.is_name(folder.name) or not (fault := _fault(fassung.proved, folder)):
            continue
        if folder == used:
            yield Damage(folder, fault, f"Die {name}.", again)
            wrong_pointer = f"»{fassung.POINTER}« nennt die beschädigte Fassung."
        else:
            missing = f"Eine frühere Fassung der {name}, die der Revisionsbericht lesen kann."
            yield Damage(folder, fault, missing, BACKUP)
    if wrong_pointer:
        missing = f"Welche Fassung der {name} gilt."
        yield Damage(slot / fassung.POINTER, wrong_pointer, missing, again)
    for path in seal.listing(slot / RESULTS, ".json"):
        if fault := _fault(result_of, path):
            missing = f"Ein Zwischenergebnis zur {name}."
            yield Damage(path, fault, missing, "Nichts; es wird beim nächsten Mal neu gerechnet.")


def _publications(projekt: Projekt) -> Iterator[Damage]:
    for path, fault in _archive(projekt.processed / PUBLICATIONS, ".json", publications_of):
        missing = f"Die Veröffentlichungen des Laufs {path.stem}, auch im Revisionsbericht."
        yield Damage(path, fault, missing, f"{BACKUP} Neu rechnen lassen sie sich nicht.")


def _forecasts(projekt: Projekt) -> Iterator[Damage]:
    for path, fault in _archive(projekt.processed / FORECASTS, ".parquet", forecasts_of):
        missing = "Veröffentlichte Hochrechnungen, auch im Zeugnis und im Revisionsbericht."
        yield Damage(path, fault, missing, f"{BACKUP} Neu rechnen lassen sie sich nicht.")


def _archive(
    folder: Path, suffix: str, read: Callable[[Path], object]
) -> Iterator[tuple[Path, str]]:
    try:
        paths = seal.listing(folder, suffix)
    except Damaged as damaged:
        yield folder, damaged.was
        return
    for path in paths:
        if fault := _fault(read, path):
            yield path, fault


def _fault(read: Callable[[Path], object], path: Path) -> str | None:
    try:
        read(path)
    except Damaged as damaged:
        return damaged.was
    return None
