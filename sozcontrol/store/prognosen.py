"""The archive of published forecasts: what was said, on which data, by which method.

Append-only Parquet below ``data/processed/prognose_archiv/``. Later the outcome is joined, and the
error is that of the forecast as it was published, never of one computed again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sozcontrol import catalogue
from sozcontrol.catalogue import Reife
from sozcontrol.projekt import Projekt
from sozcontrol.store import seal
from sozcontrol.store.disk import write_bytes

if TYPE_CHECKING:
    import pyarrow as pa

ORDNER = "prognose_archiv"
CENT = Decimal("0.01")
_NIVEAU = Decimal("0.0001")
_BETRAEGE = ("wert", "unten", "oben", "ansatz", "vorjahr")
_NAME = 64
"""The length of a file's name that is its checksum."""
_AM, _EPOCH = "veroeffentlicht_am", datetime(1970, 1, 1, tzinfo=UTC)
_WANN = ("lauf", _AM)


@dataclass(frozen=True)
class Prognose:
    """One year-end forecast as it was published.

    ``reihe`` names the series on its ``ebene`` (a product group's number, a Hilfeart's code, or
    the name of a total); ``jahr`` is the budget year, ``periode`` the last month known (1–12).
    Amounts are euro in whole cents; ``unten`` and ``oben`` bound the interval of level ``niveau``
    (0.80), None without one. ``ansatz`` and ``vorjahr`` are the rivals, as known at ``datenstand``.
    ``reife`` is the calendar's word for the Stichtag when it was said; a forecast archived without
    it is an experiment unless the calendar calls its Stichtag valid.
    """

    stichtag: date
    datenstand: date
    fassung: str
    ebene: str
    reihe: str
    jahr: int
    periode: int
    methode: str
    wert: Decimal
    unten: Decimal | None = None
    oben: Decimal | None = None
    niveau: Decimal | None = None
    ansatz: Decimal | None = None
    vorjahr: Decimal | None = None
    parameter: Mapping[str, object] = field(default_factory=dict)
    code_version: str = ""
    lauf: str = ""
    veroeffentlicht_am: datetime | None = None
    reife: Reife | None = None

    def __post_init__(self) -> None:
        for name in _BETRAEGE:
            amount = getattr(self, name)
            if amount is not None:
                object.__setattr__(self, name, Decimal(amount).quantize(CENT, ROUND_HALF_UP))
        if self.niveau is not None:
            object.__setattr__(self, "niveau", Decimal(self.niveau).quantize(_NIVEAU))
        if self.reife is None:
            object.__setattr__(self, "reife", catalogue.reife_am(self.stichtag) or "experimentell")
        # What comes back from the archive must equal what went in, to the last digit.
        object.__setattr__(self, "parameter", json.loads(_canonical(self.parameter)))

    @property
    def inhalt(self) -> str:
        """Fingerprint of what was said, whichever run said it."""
        said = {k: v for k, v in asdict(self).items() if k not in _WANN}
        return hashlib.sha256(_canonical(said).encode()).hexdigest()

    def sichtbar(self, edition: str | None) -> bool:
        """Say whether an edition may show it: an experiment only where experiments are shown.

        Without an edition nothing is known of the readers, and no experiment is shown.
        """
        if self.reife == "gueltig":
            return True
        return edition is not None and catalogue.edition(edition).experimentell

    def as_dict(self) -> dict[str, object]:
        """Return plain values: dates and amounts as text."""
        return json.loads(_canonical(asdict(self)))


@dataclass(frozen=True)
class Prognosefehler:
    """A published forecast and what came of it (F07).

    ``fehler_eur`` = forecast − outcome, ``fehler_pct`` of the outcome; the same for the two rivals
    as they were known then. None: no outcome yet, nothing to divide by, or no such rival.
    """

    prognose: Prognose
    ergebnis: Decimal | None
    fehler_eur: Decimal | None
    fehler_pct: Decimal | None
    ansatz_fehler_pct: Decimal | None
    vorjahr_fehler_pct: Decimal | None
    im_intervall: bool | None


def prognosen(projekt: Projekt) -> list[Prognose]:
    """Return every archived forecast, oldest publication first.

    Raises:
        Damaged: A file of the archive is not what was written.
    """
    paths = seal.listing(projekt.processed / ORDNER, ".parquet")
    found = [said for path in paths for said in aus_datei(path)]
    return sorted(found, key=lambda p: (str(p.veroeffentlicht_am or ""), p.lauf, p.inhalt))


def archivsumme(projekt: Projekt) -> str:
    """Prove the archive and return the checksum of all its files.

    What is named by its checksum needn't be read for that: to be told is only that nothing changed.

    Raises:
        Damaged: A file of the archive is not what was written.
    """
    paths = seal.listing(projekt.processed / ORDNER, ".parquet")
    return seal.digest(repr([(p.name, _bewiesen(p)) for p in paths]).encode())


def _bewiesen(path: Path) -> str:
    """Prove a file of the archive, and return its checksum."""
    if len(path.stem) == _NAME:
        seal.prove(path, path.stem)
        return path.stem
    aus_datei(path)
    return seal.checksum(path)


def aus_datei(path: Path) -> list[Prognose]:
    """Return the forecasts of one file of the archive, which is named by its own checksum.

    Before checksums it was named by what it says (16 digits): that is proved where the file has
    every column of today, else only that it can be read.

    Raises:
        Damaged: It is not what was written.
    """
    if len(path.stem) == _NAME:
        seal.prove(path, path.stem)
    table = seal.table(path)
    try:
        rows = ({**row, "parameter": json.loads(row["parameter"])} for row in _rows(table))
        found = [Prognose(**row) for row in rows]
    except (ValueError, TypeError, KeyError, ArithmeticError):
        raise seal.changed(path) from None
    whole = set(table.column_names) == {f.name for f in fields(Prognose)}
    if len(path.stem) != _NAME and whole and path.stem != _inhaltsname(found):
        raise seal.changed(path)
    return found


def _rows(table: pa.Table) -> list[dict[str, Any]]:
    """Return the rows of a table; what makes Arrow's moments Python's would import pandas."""
    if _AM not in table.column_names:
        return table.to_pylist()
    (moments,) = table.select([_AM]).combine_chunks().columns
    counted = [n for chunk in moments.chunks for n in chunk.view("int64").to_pylist()]
    rows = table.drop_columns([_AM]).to_pylist()
    told = (None if n is None else _EPOCH + timedelta(microseconds=n) for n in counted)
    return [{**row, _AM: am} for row, am in zip(rows, told, strict=True)]


def _inhaltsname(said: Iterable[Prognose]) -> str:
    return hashlib.sha256("".join(sorted(p.inhalt for p in said)).encode()).hexdigest()[:16]


def prognosen_ablegen(projekt: Projekt, neue: Iterable[Prognose]) -> tuple[Prognose, ...]:
    """Add forecasts to the archive; return those that were not in it yet.

    All of them in one new file, or none; what was archived is never changed.

    Raises:
        OSError: Nothing was written.
        Damaged: A file of the archive is not what was written.
    """
    said = [*neue]
    known = {p.inhalt for p in prognosen(projekt)} if said else set()
    fresh = {p.inhalt: p for p in said if p.inhalt not in known}
    if fresh:
        content = _parquet(fresh[key] for key in sorted(fresh))
        folder = projekt.processed / ORDNER
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_bytes(folder / f"{seal.digest(content)}.parquet", content)
    return tuple(fresh.values())


def mit_ergebnis(
    archiviert: Iterable[Prognose], ergebnisse: Mapping[tuple[str, str, int], Decimal]
) -> list[Prognosefehler]:
    """Join the outcomes to the forecasts, one :class:`Prognosefehler` each, in their order.

    *ergebnisse* maps (ebene, reihe, jahr) to the final Ist of the closed year.
    """
    return [_fehler(p, ergebnisse.get((p.ebene, p.reihe, p.jahr))) for p in archiviert]


def _fehler(p: Prognose, outcome: Decimal | None) -> Prognosefehler:
    if outcome is None:
        return Prognosefehler(p, *(None,) * 6)
    bounds = None if p.unten is None or p.oben is None else p.unten <= outcome <= p.oben
    rivals = (_anteil(p.wert, outcome), _anteil(p.ansatz, outcome), _anteil(p.vorjahr, outcome))
    return Prognosefehler(p, outcome, p.wert - outcome, *rivals, bounds)


def _anteil(said: Decimal | None, outcome: Decimal) -> Decimal | None:
    # Of the size of the outcome: a net income must not turn an excess into a shortfall.
    return None if said is None or not outcome else (said - outcome) * 100 / abs(outcome)


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=_plain)


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _schema() -> pa.Schema:
    import pyarrow as pa

    amount, text = pa.decimal128(18, 2), pa.string()
    types = {
        "stichtag": pa.date32(), "datenstand": pa.date32(), "jahr": pa.int64(),
        "periode": pa.int64(), "niveau": pa.decimal128(5, 4),
        _AM: pa.timestamp("us", tz="UTC"), **dict.fromkeys(_BETRAEGE, amount),
    }  # fmt: skip
    return pa.schema([(f.name, types.get(f.name, text)) for f in fields(Prognose)])


def _parquet(rows: Iterable[Prognose]) -> bytes:
    import pyarrow as pa

    plain = [{**asdict(p), "parameter": _canonical(p.parameter)} for p in rows]
    return seal.parquet(pa.Table.from_pylist(plain, schema=_schema()))
