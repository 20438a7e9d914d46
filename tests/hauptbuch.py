"""Deliveries for tests of the forecast: a ledger of a few rows, a small office, Musterstadt."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from filelock import FileLock
from tafel import lies, voll

from sozcontrol import catalogue
from sozcontrol.demo import STANDARD_STICHTAG, write_delivery
from sozcontrol.errors import DeliveryMissing
from sozcontrol.intake import read_delivery
from sozcontrol.store import connect
from sozcontrol.store.daten import _vorjahr
from sozcontrol.tidy import Pseudonymiser, to_tables

STICHTAG = date(2025, 6, 30)
Zeile = dict[str, Any]

PRODUKTE = """
    produkt_lokal | produkt_name | gueltig_von | produktgruppe | produktgruppe_name
    P1            | Heim         | 2000-01-01  | 3633          | Hilfe zur Erziehung
    P2            | Förderung    | 2000-01-01  | 3632          | Förderung
    P3            | Asyl         | 2000-01-01  | 3130          | Asyl
    """
KONTEN = """
    konto | konto_name | konto_art | ist_soziale_sicherung
    A     | Aufwand    | aufwand   | ja
    E     | Ertrag     | ertrag    | ja
    P     | Personal   | aufwand   | nein
    """


class Lieferung:
    """What ``store.open_data`` gives, made of Arrow tables; a table not given was not delivered."""

    def __init__(
        self, stichtag: date, tabellen: Mapping[str, pa.Table], kommune: Any = None
    ) -> None:
        self.stichtag, self.tabellen = stichtag, tuple(tabellen)
        self.datenstand = date(stichtag.year + 1, 1, 15)  # late enough for every Stichtag
        self.kommune = kommune or catalogue.kommune(catalogue.standard_kommune())
        self.arrow = dict(tabellen)
        self.con = connect()
        self._bekannte: dict[str, ibis.Table] = {}
        for name, table in self.arrow.items():
            self.con.con.register(name, table)

    def hat(self, *namen: str) -> bool:
        return set(namen) <= set(self.tabellen)

    @cached_property
    def _damals(self) -> Any:
        return _vorjahr(self) if hasattr(self, "projekt") else None  # type: ignore[arg-type]

    def close(self) -> None:
        self.con.disconnect()

    def __getitem__(self, name: str) -> ibis.Table:
        if name not in self.tabellen:
            raise DeliveryMissing(
                f"Die Tabelle »{name}« fehlt.", wo="Lieferung", tun="Nachliefern."
            )
        if name not in self._bekannte:
            self._bekannte[name] = self.con.table(name)
        return self._bekannte[name]


def als_spalten(rows: Sequence[Zeile]) -> dict[str, list[Any]]:
    namen = sorted({n for row in rows for n in row})
    return {n: [row.get(n) for row in rows] for n in namen}


def lieferung(
    buchungen: Sequence[Zeile], budgets: Sequence[Zeile] = (), *, stichtag: date = STICHTAG,
    produkte: str = PRODUKTE, kommune: Any = None, **weitere: Sequence[Zeile] | str,
) -> Lieferung:  # fmt: skip
    """Return a delivery with a ledger; *weitere* are further tables, drawn or as rows."""
    gegeben = {"buchung": buchungen, "budget": budgets, "map_produkt": produkte,
               "map_konto": KONTEN, **weitere}  # fmt: skip
    tables = {
        name: voll(name, lies(rows) if isinstance(rows, str) else als_spalten(rows))
        for name, rows in gegeben.items()
    }
    return Lieferung(stichtag, tables, kommune)


def buchung(jahr: int, am: date, betrag: Any, produkt: str = "P1", **anders: Any) -> Zeile:
    return {"haushaltsjahr": jahr, "buchung_am": am, "leistungsmonat": am.replace(day=1),
            "produkt": produkt, "konto": "A", "betrag_eur": Decimal(betrag),
            "herkunft": "fachverfahren", **anders}  # fmt: skip


def ansatz(
    jahr: int, betrag: Any, produkt: str = "P1", ab: date | None = None, **anders: Any
) -> Zeile:
    return {
        "jahr": jahr, "produkt": produkt, "konto": "A", "art": "ansatz",
        "wirksam_ab": ab or date(jahr, 1, 1), "betrag_eur": Decimal(betrag), **anders,
    }  # fmt: skip


def monatlich(
    jahre: Iterable[int], betrag: Any, produkt: str = "P1", bis: date = STICHTAG, **anders: Any
) -> list[Zeile]:
    """Book *betrag* on the 20th of every month up to *bis*."""
    tage = [date(j, m, 20) for j in jahre for m in range(1, 13)]
    return [buchung(t.year, t, betrag, produkt, **anders) for t in tage if t <= bis]


def bekannt_am(daten: Lieferung, tag: date) -> Lieferung:
    """Return the delivery as it was on *tag*: nothing later is known."""
    tables = dict(daten.arrow)
    for name, spalte in (("buchung", "buchung_am"), ("zahlung", "buchung_am"),
                         ("budget", "wirksam_ab"), ("fall", "beginn")):  # fmt: skip
        if name in tables:
            schon = pc.less_equal(tables[name][spalte], pa.scalar(tag))
            tables[name] = tables[name].filter(schon)
    if "fall" in tables:
        fall = tables["fall"]
        spaeter = pc.greater(fall["ende"], pa.scalar(tag))
        ende = pc.if_else(spaeter, pa.scalar(None, pa.date32()), fall["ende"])
        tables["fall"] = fall.set_column(fall.schema.get_field_index("ende"), "ende", ende)
    found = Lieferung(tag, tables, daten.kommune)
    found.datenstand = tag
    return found


@cache
def musterstadt() -> Lieferung:
    """Return the invented city through intake and tidy."""
    return stadt_am(STANDARD_STICHTAG, date(2025, 7, 15))


@cache
def stadt_am(stichtag: date, datenstand: date) -> Lieferung:
    """Return the invented city as delivered for a Stichtag on a day, built once a session."""
    kommune = catalogue.kommune(catalogue.standard_kommune())

    def build(folder: Path) -> None:
        roh = rohdateien(stichtag, datenstand)
        delivery = read_delivery(roh, kommune, stichtag=stichtag, datenstand=datenstand)
        for name, table in to_tables(delivery, Pseudonymiser(b"k" * 32, "test")).tables.items():
            pq.write_table(table, folder / name)

    folder = gebaut(f"stadt-{stichtag}-{datenstand}", build)
    tables = {path.name: pq.read_table(path) for path in sorted(folder.iterdir())}
    found = Lieferung(stichtag, tables, kommune)
    found.datenstand = datenstand
    return found


def gebaut(name: str, build: Callable[[Path], None]) -> Path:
    """Return a folder that the first worker of the session fills for all; nobody changes it."""
    folder = Path(os.environ.get("SOZCONTROL_TESTABLAGE") or _ABLAGE.name) / name
    with FileLock(folder.with_suffix(".lock")):
        if not folder.exists():
            work = folder.with_suffix(".neu")
            shutil.rmtree(work, ignore_errors=True)  # of a worker that failed at it
            work.mkdir()
            build(work)
            work.rename(folder)
    return folder


_ABLAGE = tempfile.TemporaryDirectory()


@cache
def rohdateien(stichtag: date, datenstand: date) -> Path:
    """Return the folder with what the offices of the invented city deliver."""

    def build(folder: Path) -> None:
        write_delivery(folder, stichtag=stichtag, datenstand=datenstand)

    (found,) = gebaut(f"roh-{stichtag}-{datenstand}", build).glob("*/*")
    return found
