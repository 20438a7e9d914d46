"""Write deliveries atomically and find them again."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sozcontrol import __version__, catalogue
from sozcontrol.errors import ConfigurationError, DeliveryMissing, StorageError
from sozcontrol.findings import Finding, blocked_tables
from sozcontrol.projekt import Projekt

if TYPE_CHECKING:
    import pyarrow as pa

FASSUNG_LENGTH = 16
MANIFEST = "lieferung.json"
FINDINGS = "befunde.json"
POINTER = "aktuell"
LAYOUT_VERSION = 1


def _dates_below(folder: Path) -> list[date]:
    """Return the ISO dates among the names of *folder*'s subfolders, ascending."""
    found = []
    for path in folder.iterdir() if folder.is_dir() else ():
        try:
            found.append(date.fromisoformat(path.name))
        except ValueError:
            continue
    return sorted(found)


def latest_stichtag(projekt: Projekt) -> date:
    """Return the newest Stichtag delivered under ``data/raw``.

    Raises:
        DeliveryMissing: Nothing was delivered yet.
    """
    found = _dates_below(projekt.raw)
    if not found:
        raise DeliveryMissing(
            "Es liegt noch keine Lieferung vor.",
            wo=str(projekt.raw),
            tun="Dateien nach data/raw/<stichtag>/<datenstand>/ legen (Beispiel: sozcontrol demo).",
        )
    return found[-1]


def latest_datenstand(projekt: Projekt, stichtag: date) -> date:
    """Return the newest Datenstand delivered for *stichtag* under ``data/raw``."""
    found = _dates_below(projekt.raw / stichtag.isoformat())
    if not found:
        raise DeliveryMissing(
            f"Zum Stichtag {stichtag:%d.%m.%Y} liegt keine Lieferung vor.",
            wo=str(projekt.raw / stichtag.isoformat()),
            tun="Lieferung in einen Ordner <datenstand> (JJJJ-MM-TT) darunter legen.",
        )
    return found[-1]


def _slot(projekt: Projekt, stichtag: date, datenstand: date) -> Path:
    return projekt.processed / stichtag.isoformat() / datenstand.isoformat()


def find(projekt: Projekt, stichtag: date, datenstand: date, inhalt: str) -> Path | None:
    """Return where the delivery with fingerprint *inhalt* lies, and make it the current one."""
    slot = _slot(projekt, stichtag, datenstand)
    folder = stored_folder(projekt, stichtag, datenstand, inhalt)
    if folder is None:
        return None
    if current(slot) != folder:
        _point(slot, folder.name)
    return folder


def stored_folder(projekt: Projekt, stichtag: date, datenstand: date, inhalt: str) -> Path | None:
    """Return where a Fassung lies, current or not; None when it is no longer stored."""
    if not inhalt:
        return None
    folder = _slot(projekt, stichtag, datenstand) / inhalt[:FASSUNG_LENGTH]
    return folder if (folder / MANIFEST).is_file() else None


def current(slot: Path) -> Path | None:
    """Return the Fassung in use below *slot*, or None."""
    pointer = slot / POINTER
    return slot / pointer.read_text(encoding="utf-8").strip() if pointer.is_file() else None


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_bytes(path: Path, content: bytes) -> None:
    """Write one file whole or not at all, through to the disk."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_bytes(content)
        _sync(temporary)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    _sync(path.parent)


def write_text(path: Path, text: str) -> None:
    """Write one file whole or not at all, through to the disk."""
    write_bytes(path, text.encode("utf-8"))


def _point(slot: Path, name: str) -> None:
    write_text(slot / POINTER, name + "\n")


def _allowed(name: str, table: pa.Table) -> pa.Table:
    """Return *table* with exactly the catalogue's columns; nothing else may reach the disk."""
    wanted = [*catalogue.tabelle(name).namen, *catalogue.TECHNISCH]
    if name == "lieferung":
        wanted = list(catalogue.tabelle(name).namen)
    missing = [c for c in wanted if c not in table.column_names]
    assert not missing, f"{name}: columns missing in a typed table: {missing}"
    # Schema metadata would carry whatever pandas or Arrow put there.
    return table.select(wanted).replace_schema_metadata(None)


def save(
    projekt: Projekt,
    *,
    stichtag: date,
    datenstand: date,
    inhalt: str,
    kommune: str,
    tables: Mapping[str, pa.Table],
    findings: Iterable[Finding],
    schluessel_id: str,
) -> Path:
    """Store one delivery: its accepted tables, its findings and its manifest, all or nothing.

    A table with an error-level finding is not stored; the manifest names it as rejected.

    Returns:
        The folder of the stored Fassung.

    Raises:
        StorageError: The disk is full or not writable; nothing was changed.
    """
    import pyarrow.parquet as pq

    findings = list(findings)
    blocked = blocked_tables(findings)
    slot = _slot(projekt, stichtag, datenstand)
    target = slot / inhalt[:FASSUNG_LENGTH]
    building = slot / f".neu-{inhalt[:FASSUNG_LENGTH]}-{os.getpid()}"
    try:
        slot.mkdir(parents=True, exist_ok=True, mode=0o700)
        for stale in slot.glob(".neu-*"):
            shutil.rmtree(stale)
        building.mkdir(mode=0o700)
        for name, table in tables.items():
            if name not in blocked:
                pq.write_table(
                    _allowed(name, table), building / f"{name}.parquet", compression="zstd"
                )
        manifest = {
            "layout": LAYOUT_VERSION,
            "sozcontrol": __version__,
            "stichtag": stichtag.isoformat(),
            "datenstand": datenstand.isoformat(),
            "kommune": kommune,
            "fassung": inhalt,
            "schluessel_id": schluessel_id,
            "geladen_am": datetime.now(UTC).isoformat(timespec="seconds"),
            "tabellen": sorted(set(tables) - blocked),
            "abgelehnt": sorted(blocked),
            "dateien": _files(tables),
        }
        _dump(building / FINDINGS, [f.as_dict() for f in findings])
        _dump(building / MANIFEST, manifest)
        for path in sorted(building.iterdir()):
            path.chmod(0o600)
            _sync(path)
        _sync(building)
        building.rename(target)
        _point(slot, target.name)
    except OSError as error:
        shutil.rmtree(building, ignore_errors=True)
        raise StorageError(
            f"Die Lieferung ließ sich nicht speichern ({error.strerror or type(error).__name__}).",
            wo=str(slot),
            tun="Platz und Schreibrechte prüfen, dann erneut starten.",
            unveraendert="Frühere Lieferungen und Berichte.",
        ) from None
    return target


def _files(tables: Mapping[str, pa.Table]) -> list[dict[str, Any]]:
    if "lieferung" not in tables:
        return []
    keep = ("dateiname", "sha256", "bytes", "tabelle", "lieferant", "profil", "zeilen_daten")
    rows = tables["lieferung"].select(keep).to_pylist()
    return sorted(rows, key=lambda r: (r["dateiname"], r["tabelle"]))


def _dump(path: Path, data: Any) -> None:
    path.write_text(json.dumps(data, ensure_ascii=False, indent=1, default=str), encoding="utf-8")


def deliveries(projekt: Projekt) -> list[dict[str, Any]]:
    """Return the manifests of all current deliveries, by Stichtag and Datenstand."""
    found = []
    for stichtag in _dates_below(projekt.processed):
        for datenstand in _dates_below(projekt.processed / stichtag.isoformat()):
            folder = current(_slot(projekt, stichtag, datenstand))
            if folder is not None:
                found.append(json.loads((folder / MANIFEST).read_text(encoding="utf-8")))
    return found


def current_folder(projekt: Projekt, stichtag: date, datenstand: date) -> Path:
    """Return the folder of the current Fassung of a delivery that must be stored."""
    folder = current(_slot(projekt, stichtag, datenstand))
    if folder is None:
        raise DeliveryMissing(
            f"Die Lieferung zum Stichtag {stichtag:%d.%m.%Y} mit Datenstand {datenstand:%d.%m.%Y} "
            "ist noch nicht eingelesen.",
            wo=str(_slot(projekt, stichtag, datenstand)),
            tun=f"sozcontrol check --stichtag {stichtag} --datenstand {datenstand}",
        )
    return folder


def load_findings(projekt: Projekt, stichtag: date, datenstand: date) -> tuple[Finding, ...]:
    """Return the findings stored with a delivery."""
    path = current_folder(projekt, stichtag, datenstand) / FINDINGS
    return tuple(Finding.from_dict(f) for f in json.loads(path.read_text(encoding="utf-8")))


def finding_history(projekt: Projekt) -> dict[tuple[date, date], dict[tuple[str, str], int]]:
    """Return, for each delivery (Stichtag, Datenstand), the count of findings by (rule, table)."""
    history: dict[tuple[date, date], dict[tuple[str, str], int]] = {}
    for manifest in deliveries(projekt):
        when = (
            date.fromisoformat(manifest["stichtag"]),
            date.fromisoformat(manifest["datenstand"]),
        )
        counts: dict[tuple[str, str], int] = {}
        for finding in load_findings(projekt, *when):
            key = (finding.regel, finding.tabelle or "")
            counts[key] = counts.get(key, 0) + finding.anzahl
        history[when] = counts
    return history


def check_key(projekt: Projekt, schluessel_id: str) -> None:
    """Refuse a key that differs from the one earlier deliveries were pseudonymised with.

    With another key the same person gets another pseudonym, and every comparison over time is
    wrong without looking wrong.

    Raises:
        ConfigurationError: The key is not the one in use.
    """
    used = {m["schluessel_id"] for m in deliveries(projekt)}
    if used and schluessel_id not in used:
        raise ConfigurationError(
            f"Der Schlüssel {schluessel_id} ist nicht der, mit dem die vorhandenen Lieferungen "
            f"pseudonymisiert wurden ({', '.join(sorted(used))}).",
            wo="Schlüsseldatei",
            tun="Den bisherigen Schlüssel einsetzen; sonst alle Lieferungen neu einlesen.",
            unveraendert="Alle gespeicherten Lieferungen und Berichte.",
        )
