"""What analysts open in a notebook: one delivery with all its tables, as Ibis expressions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from sozcontrol import catalogue
from sozcontrol.catalogue import Kommune
from sozcontrol.errors import DeliveryMissing, UsageError, nearest
from sozcontrol.findings import NICHT_GELIEFERT, Schwere
from sozcontrol.projekt import Projekt
from sozcontrol.store.archiv import current_folder, deliveries
from sozcontrol.store.engine import angelegt, connect
from sozcontrol.store.fassung import TABLE, Manifest, findings_of, proved, stored_folder

if TYPE_CHECKING:
    import ibis
    import ibis.expr.types as ir


Sources = tuple[tuple[str, float], ...]
"""Files of code and facts with the time of their last change."""
ZEILEN_JE_THREAD = 122_880
"""So many rows DuckDB gives a thread to work at. Where no table has more, another one finds nothing
to do, and its search costs more than a tenth of what the answers do."""


@dataclass(frozen=True)
class Daten:
    """One delivery, opened: ``daten.fall`` is the table fall; pandas with ``.to_pandas()``."""

    stichtag: date
    datenstand: date
    kommune: Kommune
    manifest: Manifest
    tabellen: tuple[str, ...]
    projekt: Projekt = field(repr=False)
    folder: Path = field(repr=False)

    @cached_property
    def con(self) -> ibis.BaseBackend:
        """The engine with the tables, started when the first one is asked for."""
        return _connect(self.folder, self.tabellen)

    @cached_property
    def _bekannte(self) -> dict[str, ir.Table]:
        """Tables asked for before: the engine describes a table's columns anew each time."""
        return {}

    @cached_property
    def gesehen(self) -> dict[tuple[str, ...], Sources | None]:
        """Code and facts as results of this delivery are named by, by the rooms that made them."""
        return {}

    @cached_property
    def _damals(self) -> Daten | None:
        """The delivery of a year ago, opened once: every cell of a notebook may ask for it."""
        return _vorjahr(self)

    def close(self) -> None:
        """End the engine, if it was started, and that of the delivery of a year ago."""
        if "con" in self.__dict__:
            self.con.disconnect()
        if then := self.__dict__.get("_damals"):
            then.close()

    def hat(self, *namen: str) -> bool:
        """Whether all the named tables were delivered and accepted."""
        return set(namen) <= set(self.tabellen)

    def __getitem__(self, name: str) -> ir.Table:
        """Return the table called *name*.

        Raises:
            DeliveryMissing: The table was rejected, or was not delivered.
            UsageError: There is no such table.
        """
        if name in self.tabellen:
            if name not in self._bekannte:
                self._bekannte[name] = angelegt(self.con, name, _columns(self.folder, name))
            return self._bekannte[name]
        catalogue.tabelle(name)
        fate = "wurde wegen Fehlern abgelehnt" if name in self.manifest["abgelehnt"] else "fehlt"
        raise DeliveryMissing(
            f"Die Tabelle »{name}« {fate}.",
            wo=f"Lieferung zum {self.stichtag:%d.%m.%Y}, Datenstand {self.datenstand:%d.%m.%Y}",
            tun="Die Prüfseite der Lieferung ansehen und die Datei berichtigt nachliefern.",
        )

    def __getattr__(self, name: str) -> ir.Table:
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in catalogue.tabellen():
            there = nearest(name, self.tabellen)
            raise AttributeError(f"Eine Tabelle »{name}« gibt es nicht. {there}")
        return self[name]

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.tabellen]


def _as_date(value: str | date, name: str) -> date:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise UsageError(
            f"{name} »{value}« ist kein Datum der Form JJJJ-MM-TT.", wo=name, tun="z. B. 2025-06-30"
        ) from None


def _choose(projekt: Projekt, stichtag: date | None, datenstand: date | None) -> tuple[date, date]:
    """Return the newest stored delivery that fits what was asked for."""
    stored = [
        (date.fromisoformat(m["stichtag"]), date.fromisoformat(m["datenstand"]))
        for m in deliveries(projekt)
    ]
    fitting = [(s, d) for s, d in stored if stichtag in (None, s) and datenstand in (None, d)]
    if not fitting:
        asked = f" zum Stichtag {stichtag:%d.%m.%Y}" if stichtag else ""
        asked += f" mit Datenstand {datenstand:%d.%m.%Y}" if datenstand else ""
        there = ", ".join(f"{s} (Datenstand {d})" for s, d in stored) or "keine"
        raise DeliveryMissing(
            f"Es ist keine Lieferung{asked} eingelesen.",
            wo=f"{projekt.processed}; eingelesen: {there}",
            tun="sozcontrol check – liest die Lieferung aus data/raw ein.",
        )
    return max(fitting)


def open_data(
    stichtag: str | date | None = None,
    datenstand: str | date | None = None,
    projekt: Projekt | None = None,
) -> Daten:
    """Open one stored delivery with all its accepted tables.

    Args:
        stichtag: Reporting date (ISO string or date); None takes the newest.
        datenstand: Date of extraction; None (or an empty string) takes the newest.
        projekt: The project; None finds the one around the working directory.

    Returns:
        The tables as Ibis expressions over Parquet; no result is computed until it is asked for.

    Raises:
        Damaged: A stored file is not what was written.
    """
    projekt = projekt or Projekt.find()
    on = _as_date(stichtag, "stichtag") if stichtag else None
    known = _as_date(datenstand, "datenstand") if datenstand else None
    chosen = _choose(projekt, on, known)
    return _open(projekt, *chosen, current_folder(projekt, *chosen))


def open_fassung(projekt: Projekt, stichtag: date, datenstand: date, fassung: str) -> Daten | None:
    """Open one Fassung of a delivery, current or not; None when it is no longer stored."""
    folder = stored_folder(projekt, stichtag, datenstand, fassung)
    return None if folder is None else _open(projekt, stichtag, datenstand, folder)


GLEICH_REIF = timedelta(days=7)
"""So much may the time from Stichtag to Datenstand differ where two deliveries are compared."""


def vorjahr(daten: Daten) -> Daten | None:
    """Return the delivery of the same Stichtag a year before, known as long after it; None = none.

    It is closed with *daten*.
    """
    return daten._damals


def _vorjahr(daten: Daten) -> Daten | None:
    next_day = daten.stichtag + timedelta(days=1)
    day = next_day.replace(year=next_day.year - 1) - timedelta(days=1)
    late = daten.datenstand - daten.stichtag
    fitting = {
        date.fromisoformat(m["datenstand"])
        for m in deliveries(daten.projekt)
        if (m["stichtag"], m["kommune"]) == (day.isoformat(), daten.kommune.id)
    }
    known = min(fitting, key=lambda d: (abs(d - day - late), d), default=None)
    if known is None or abs(known - day - late) > GLEICH_REIF:
        return None
    return open_data(day, known, daten.projekt)


def abgelehnt(daten: Daten, tabelle: str) -> bool:
    """Say whether a table was delivered, but with errors; one that is missing was not."""
    rules = {
        f.regel for f in findings_of(daten.folder)
        if f.tabelle == tabelle and f.schwere is Schwere.FEHLER
    }  # fmt: skip
    return bool(rules - {NICHT_GELIEFERT})


def beanstandet(daten: Daten) -> dict[str, tuple[str, ...]]:
    """Return the tables the check found errors in, and warnings, as readers call them.

    Never how often: a total of findings gives away what small counts hide.
    """
    words = {Schwere.FEHLER: "Fehler", Schwere.WARNUNG: "Warnungen"}
    found: dict[str, set[str]] = {word: set() for word in words.values()}
    for one in findings_of(daten.folder):
        if one.tabelle and one.schwere in words:
            found[words[one.schwere]].add(catalogue.tabelle(one.tabelle).bezeichnung)
    return {word: tuple(sorted(names)) for word, names in found.items()}


def _open(projekt: Projekt, stichtag: date, datenstand: date, folder: Path) -> Daten:
    manifest = proved(folder)
    return Daten(
        stichtag=stichtag,
        datenstand=datenstand,
        kommune=catalogue.kommune(manifest["kommune"]),
        manifest=manifest,
        tabellen=tuple(manifest["tabellen"]),
        projekt=projekt,
        folder=folder,
    )


def _connect(folder: Path, names: Sequence[str]) -> ibis.BaseBackend:
    con = connect()
    if _most_rows(folder, names) <= ZEILEN_JE_THREAD:
        con.raw_sql("SET threads = 1")
    # Ibis would describe each table here, which takes longer than most questions of a notebook.
    for name in names:
        path = _text(str(folder / (name + TABLE)))
        rows = f"SELECT * FROM read_parquet({path})"  # noqa: S608 – a name of the catalogue
        con.raw_sql(f'CREATE TEMPORARY VIEW "{name}" AS {rows}')
    # A notebook's connection reads this delivery and nothing else: no other file, no network.
    con.raw_sql(f"SET allowed_directories = [{_text(str(folder))}]")
    con.raw_sql("SET enable_external_access = false")
    con.raw_sql("SET lock_configuration = true")
    return con


def _most_rows(folder: Path, names: Sequence[str]) -> int:
    """Return how many rows the largest table has, by the size of its file."""
    import pyarrow.parquet as pq

    paths = (folder / (name + TABLE) for name in names)
    largest = max(paths, key=lambda path: path.stat().st_size, default=None)
    return pq.read_metadata(largest).num_rows if largest else 0


def _columns(folder: Path, name: str) -> ibis.Schema:
    """Return the columns of a stored table as its file names them."""
    import ibis
    import pyarrow.parquet as pq

    return ibis.Schema.from_pyarrow(pq.read_schema(folder / (name + TABLE)))


def _text(value: str) -> str:
    """Return a text as SQL writes it."""
    return "'" + value.replace("'", "''") + "'"
