"""The canonical tables of one delivery."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sozcontrol import catalogue
from sozcontrol.catalogue import Tabelle
from sozcontrol.findings import Finding, Fundstelle, Schwere, blocked_tables
from sozcontrol.intake import Delivery, SourceFile
from sozcontrol.intake.rules import MAX_STELLEN, finding
from sozcontrol.intake.zellen import Zellen
from sozcontrol.tidy.feed import Part, type_feed
from sozcontrol.tidy.neueste import newest_only
from sozcontrol.tidy.pseudonym import Pseudonymiser
from sozcontrol.tidy.schema import arrow_schema
from sozcontrol.tidy.sums import reconcile
from sozcontrol.tidy.zwillinge import near_twins

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Tidied:
    """Typed tables by name (``lieferung`` among them), and all findings of reading and typing.

    A table is not in ``tables`` when one of its files could not be read or one of its cells not
    be typed: an error-level finding says so, and nothing is missing in silence. The latter is in
    ``gesperrt``: it may be checked further, so that a supplier learns of all faults at once, but
    never counted. ``unsicher`` names its columns with such cells (empty here).
    """

    tables: dict[str, pa.Table]
    findings: tuple[Finding, ...]
    gesperrt: dict[str, pa.Table] = field(default_factory=dict)
    unsicher: dict[str, frozenset[str]] = field(default_factory=dict)


def to_tables(delivery: Delivery, pseudonyms: Pseudonymiser) -> Tidied:
    """Type the text tables of *delivery* and put them together, one canonical table each.

    Rows keep the order of the files (profile order, then name) and of the rows in them.
    """
    parts: dict[str, list[Part]] = {}
    found = list(delivery.findings)
    for text in delivery.texte:
        found += reconcile(text)
        for feed in text.datei.tabellen:
            part = type_feed(text, feed, delivery, pseudonyms)
            found += part.findings
            parts.setdefault(feed.tabelle, []).append(part)
    found += near_twins(n for own in parts.values() for part in own for n in part.nummern)
    tables: dict[str, pa.Table] = {}
    blocked: dict[str, pa.Table] = {}
    unsure: dict[str, frozenset[str]] = {}
    rows: Counter[tuple[str, str]] = Counter()
    for name in catalogue.tabellen():
        if name in parts and name not in delivery.unvollstaendig:
            own = parts.pop(name)  # let go once its table is there
            # A file whose rows all stand in another one, too, is not empty.
            read = [((part.quelle.lieferung_id, name), len(part.zeile)) for part in own]
            found += newest_only(own)
            if any(part.defekt for part in own):
                columns = _defective(own)
                if None not in columns:
                    blocked[name] = _assemble(catalogue.tabelle(name), own, delivery)
                    unsure[name] = frozenset(c for c in columns if c)
                continue
            found += _drop_repeated(own)
            tables[name] = _assemble(catalogue.tabelle(name), own, delivery)
            for key, size in read:
                rows[key] += size
    tables["lieferung"] = _lieferung(delivery, rows, found)
    return Tidied(tables, tuple(found), blocked, unsure)


def _defective(parts: Iterable[Part]) -> set[str | None]:
    """Return the columns with an error; None stands for an error that is about no one column."""
    findings = (f for part in parts for f in part.findings)
    return {f.spalte for f in findings if f.schwere is Schwere.FEHLER}


def _drop_repeated(parts: list[Part]) -> list[Finding]:
    """Keep one of several equal rows, where the profile says rows may repeat."""
    if not any(part.eindeutig for part in parts):
        return []
    seen: set[tuple] = set()
    found = []
    for part in parts:
        names = list(part.spalten)
        keep, gone = list[int](), list[int]()
        for i, row in enumerate(zip(*(part.spalten[n] for n in names), strict=True)):
            repeated = part.eindeutig and row in seen
            seen.add(row)
            (gone if repeated else keep).append(i)
        if not gone:
            continue
        rows = [part.zeile[i] for i in gone]
        text = f"{len(gone)} von {len(part.zeile)} Zeilen wiederholen eine andere ganz und zählen"
        found.append(
            finding(
                "R-I31",
                f"{part.quelle.name}: {text} einmal.",
                tabelle=part.tabelle.name,
                anzahl=len(gone),
                geprueft=len(part.zeile),
                stellen=tuple(Fundstelle(part.quelle.name, n) for n in rows[:MAX_STELLEN]),
            )
        )
        part.keep(keep)
    return found


def _assemble(table: Tabelle, parts: Iterable[Part], delivery: Delivery) -> pa.Table:
    import pyarrow as pa

    schema = arrow_schema(table)
    pieces = []
    for part in parts:
        size = len(part.zeile)
        known: dict[str, Zellen] = {
            "lieferung_id": Zellen.gleich(part.quelle.lieferung_id, size),
            "datenstand": Zellen.gleich(delivery.datenstand, size),
            **part.spalten,
        }
        arrays = [
            _array(known[f.name], f.type) if f.name in known else pa.array(part.zeile, f.type)
            for f in schema
        ]
        pieces.append(pa.Table.from_arrays(arrays, schema=schema))
    return pa.concat_tables(pieces).combine_chunks()


def _array(cells: Zellen, kind: pa.DataType) -> pa.Array:
    import pyarrow as pa

    return pa.array(cells.werte, kind).take(pa.array(cells.stellen))


def _lieferung(
    delivery: Delivery, rows: Mapping[tuple[str, str], int], found: list[Finding]
) -> pa.Table:
    """Return one row per file and table it feeds; they come from no row of a source."""
    import pyarrow as pa

    blocked = blocked_tables(found)
    warned = {f.tabelle for f in found if f.schwere is Schwere.WARNUNG}
    records: dict[tuple[str, str], dict] = {}
    for source in delivery.dateien:
        for name in source.tabellen:
            key = (source.lieferung_id, name)
            status = "abgelehnt" if name in blocked else "warn" if name in warned else "ok"
            own = {"tabelle": name, "zeilen_daten": rows.get(key, 0), "status": status}
            # Two sheets of one workbook may feed one table; the file is still delivered once.
            records.setdefault(key, {**_record(source, delivery), **own})
    schema = arrow_schema(catalogue.tabelle("lieferung"))
    return pa.Table.from_pylist(list(records.values()), schema=schema)


def _record(source: SourceFile, delivery: Delivery) -> dict:
    return {
        "lieferung_id": source.lieferung_id,
        "stichtag": delivery.stichtag,
        "lieferant": source.lieferant,
        "profil": source.profil,
        "dateiname": source.name,
        "sha256": source.sha256,
        "bytes": source.bytes,
        "kodierung": source.kodierung,
        "trennzeichen": source.trennzeichen,
        "zeilen_roh": source.zeilen_roh,
        "zeile_quelle": None,
        "datenstand": delivery.datenstand,
    }
