"""Write deliveries atomically and find them again."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sozcontrol import __version__, catalogue
from sozcontrol.errors import ConfigurationError, DeliveryMissing, StorageError, reason
from sozcontrol.findings import Finding, blocked_tables
from sozcontrol.projekt import KOMMUNE_VARIABLE, Projekt
from sozcontrol.store import seal
from sozcontrol.store.disk import sync
from sozcontrol.store.fassung import (
    FASSUNG_LENGTH,
    FINDINGS,
    LAYOUT_VERSION,
    MANIFEST,
    TABLE,
    Lieferdatei,
    Manifest,
    current,
    dates_below,
    findings_of,
    manifest_of,
    point,
    pointed,
    proved,
    slot_of,
    slots,
    stored_folder,
)

if TYPE_CHECKING:
    import pyarrow as pa


def latest_stichtag(projekt: Projekt) -> date:
    """Return the newest Stichtag delivered under ``data/raw``.

    Raises:
        DeliveryMissing: Nothing was delivered yet.
    """
    found = dates_below(projekt.raw)
    if not found:
        raise DeliveryMissing(
            "Es liegt noch keine Lieferung vor.",
            wo=str(projekt.raw),
            tun="Dateien nach data/raw/<stichtag>/<datenstand>/ legen (Beispiel: sozcontrol demo).",
        )
    return found[-1]


def latest_datenstand(projekt: Projekt, stichtag: date) -> date:
    """Return the newest Datenstand delivered for *stichtag* under ``data/raw``."""
    found = dates_below(projekt.raw / stichtag.isoformat())
    if not found:
        raise DeliveryMissing(
            f"Zum Stichtag {stichtag:%d.%m.%Y} liegt keine Lieferung vor.",
            wo=str(projekt.raw / stichtag.isoformat()),
            tun="Lieferung in einen Ordner <datenstand> (JJJJ-MM-TT) darunter legen.",
        )
    return found[-1]


def find(projekt: Projekt, stichtag: date, datenstand: date, inhalt: str) -> Path | None:
    """Return where the delivery with fingerprint *inhalt* lies, and make it the current one.

    Raises:
        Damaged: It is not what was stored.
    """
    slot = slot_of(projekt, stichtag, datenstand)
    folder = stored_folder(projekt, stichtag, datenstand, inhalt)
    if folder is None:
        return None
    proved(folder)
    if pointed(slot) != folder.name:
        point(slot, folder.name)
    return folder


def _allowed(name: str, table: pa.Table) -> pa.Table:
    """Return *table* with exactly the catalogue's columns; nothing else may reach the disk."""
    item = catalogue.tabelle(name)
    technical = catalogue.TECHNISCH if item.geliefert else ()
    wanted = [*item.namen, *technical]
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
    findings = list(findings)
    slot = slot_of(projekt, stichtag, datenstand)
    target = slot / inhalt[:FASSUNG_LENGTH]
    building = slot / f".neu-{target.name}-{os.getpid()}"
    blocked = blocked_tables(findings)
    facts = Manifest(
        layout=LAYOUT_VERSION,
        sozcontrol=__version__,
        stichtag=stichtag.isoformat(),
        datenstand=datenstand.isoformat(),
        kommune=kommune,
        fassung=inhalt,
        schluessel_id=schluessel_id,
        geladen_am=datetime.now(UTC).isoformat(timespec="seconds"),
        dateien=_files(tables),
        tabellen=sorted(set(tables) - blocked),
        abgelehnt=sorted(blocked),
        verglichen=_earlier(projekt, slot),
    )
    try:
        slot.mkdir(parents=True, exist_ok=True, mode=0o700)
        for stale in slot.glob(".neu-*"):
            shutil.rmtree(stale)
        _fill(building, facts, tables, findings)
        building.rename(target)
        point(slot, target.name)
    except OSError as error:
        shutil.rmtree(building, ignore_errors=True)
        raise StorageError(
            f"Die Lieferung ließ sich nicht speichern: {reason(error)}.",
            wo=str(slot),
            tun="Platz und Schreibrechte prüfen, dann erneut starten.",
            unveraendert="Frühere Lieferungen und Berichte.",
        ) from None
    return target


def _earlier(projekt: Projekt, slot: Path) -> dict[str, str]:
    """Return which Fassung of every earlier delivery is in use, by the place of it."""
    there = {other: pointed(other) for other in slots(projekt)}
    when = slot.parts[-2:]
    return {"/".join(s.parts[-2:]): name for s, name in there.items()
            if name and s.parts[-2:] < when}  # fmt: skip


def _fill(
    building: Path,
    facts: Manifest,
    tables: Mapping[str, pa.Table],
    findings: Sequence[Finding],
) -> None:
    building.mkdir(mode=0o700)
    sums = {
        name + TABLE: _write(building / (name + TABLE), seal.parquet(_allowed(name, table)))
        for name, table in tables.items()
        if name in facts["tabellen"]
    }
    sums[FINDINGS] = _write(building / FINDINGS, _json([f.as_dict() for f in findings]))
    _write(building / MANIFEST, _json(seal.sealed({**facts, "pruefsummen": sums})))
    sync(building)


def _files(tables: Mapping[str, pa.Table]) -> list[Lieferdatei]:
    if "lieferung" not in tables:
        return []
    keep = ("dateiname", "sha256", "bytes", "tabelle", "lieferant", "profil", "zeilen_daten")
    rows = tables["lieferung"].select(keep).to_pylist()
    return sorted(rows, key=lambda r: (r["dateiname"], r["tabelle"]))


def _write(path: Path, content: bytes) -> str:
    """Write one file and return the checksum of what it was meant to hold."""
    path.write_bytes(content)
    path.chmod(0o600)
    sync(path)
    return seal.digest(content)


def _json(data: object) -> bytes:
    return json.dumps(data, ensure_ascii=False, indent=1, default=str).encode("utf-8")


def deliveries(projekt: Projekt) -> list[Manifest]:
    """Return the manifests of all current deliveries, by Stichtag and Datenstand."""
    there = (current(slot) for slot in slots(projekt))
    return [manifest_of(folder) for folder in there if folder is not None]


def current_folder(projekt: Projekt, stichtag: date, datenstand: date) -> Path:
    """Return the folder of the current Fassung of a delivery that must be stored."""
    folder = current(slot_of(projekt, stichtag, datenstand))
    if folder is None:
        raise DeliveryMissing(
            f"Die Lieferung zum Stichtag {stichtag:%d.%m.%Y} mit Datenstand {datenstand:%d.%m.%Y} "
            "ist noch nicht eingelesen.",
            wo=str(slot_of(projekt, stichtag, datenstand)),
            tun=f"sozcontrol check --stichtag {stichtag} --datenstand {datenstand}",
        )
    return folder


def load_findings(projekt: Projekt, stichtag: date, datenstand: date) -> tuple[Finding, ...]:
    """Return the findings stored with a delivery.

    Raises:
        Damaged: They are not what was stored.
    """
    return findings_of(current_folder(projekt, stichtag, datenstand))


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


def check_kommune(projekt: Projekt, kommune: str) -> None:
    """Refuse a delivery of another Kommune than the place belongs to: their figures would mix.

    Raises:
        ConfigurationError: The place is another one's, by its name or by what is stored there.
    """
    known = {projekt.kommune, *(m["kommune"] for m in deliveries(projekt))} - {"", kommune}
    if known:
        raise ConfigurationError(
            f"Die Lieferung ist von »{kommune}«; hier liegt »{', '.join(sorted(known))}«.",
            wo=str(projekt.data),
            tun="Ist die Kommune falsch, sie in lieferung.yml berichtigen. Sonst die Dateien nach "
            f"{projekt.of(kommune).raw} legen und {KOMMUNE_VARIABLE}={kommune} setzen.",
            unveraendert="Alle gespeicherten Lieferungen und Berichte.",
        )


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
