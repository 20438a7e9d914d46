"""The form of a session's protocol: open points to report on, promises, new decisions.

Its sheets have the columns the profile reads, so that what the secretary fills in is a delivery.
Rows left empty count for nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from sozcontrol import catalogue, store
from sozcontrol.catalogue.profil import Quelldatei, Speisung
from sozcontrol.errors import DeliveryMissing, UsageError
from sozcontrol.measures import beschluesse
from sozcontrol.measures.zaehlwerk.lieferung import Lieferung
from sozcontrol.press.run import resolve
from sozcontrol.press.seite.excelbuch import MUSTER_TAG, Angaben, Buch, excel
from sozcontrol.projekt import Projekt

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

PROFIL = "sitzungsprotokoll"
TITEL = "Protokoll der Sitzung"
KOPFZEILE = 3
LEERE = 12
"""So many empty rows a sheet has for what is new."""
BREITE = {"text": 30, "datum": 14, "ganzzahl": 8, "code": 28}
HINWEISE = {
    "umsetzungsbericht": "Je Punkt, über den berichtet wurde, den Status wählen; ohne Status zählt "
    "die Zeile nicht.",
    "zusage": "Was zugesagt wurde, zu welchem Punkt, bis wann; ohne Zusage zählt die Zeile nicht.",
    "beschlusspunkt": "Was das Gremium neu beschlossen hat; ohne Vorlage zählt die Zeile nicht.",
}
Zeile = Mapping[str, object]


@dataclass(frozen=True)
class Blatt:
    """One sheet: the entry of the profile that reads it, and what stands in it already."""

    datei: Quelldatei
    zeilen: Sequence[Zeile]

    @property
    def speisung(self) -> Speisung:
        """The table it feeds."""
        return self.datei.tabellen[0]

    @property
    def kopf(self) -> dict[str, str]:
        """Its headings by canonical column; what is only to be read has its own name."""
        read = {name: origin.aus[0] for name, origin in self.speisung.spalten.items()}
        first = {k: v for k, v in read.items() if k in ("vorlage", "punkt")}
        return first | {text: text for text in self.datei.ignoriert} | read


def protocol_form(projekt: Projekt, am: date, name: str) -> bytes:
    """Return the form for the session on *am*, to be saved as *name*. Same data, same bytes.

    It is filled from the newest delivery there was on that day.

    Raises:
        UsageError: The profile would not recognise a file of this name.
        DeliveryMissing: No decisions are delivered.
    """
    files = catalogue.profil(PROFIL).dateien
    if not all(f.passt(name) for f in files):
        raise UsageError(
            "Unter diesem Namen erkennt das Profil den Vordruck nicht wieder.",
            wo="--protokoll", tun=f"Einen Namen wie {files[0].muster} geben.",
        )  # fmt: skip
    daten = store.open_data(*_delivery(projekt, am), projekt)
    try:
        return form(daten, am, daten.kommune.name)
    finally:
        daten.close()


def _delivery(projekt: Projekt, am: date) -> tuple[date, date]:
    """Return Stichtag and Datenstand of what was known on *am*; of the newest where nothing was."""
    there = [(m["stichtag"], m["datenstand"]) for m in store.deliveries(projekt)]
    known = [key for key in there if max(key) <= am.isoformat()]
    return resolve(projekt, *max(known, default=(None, None)))


def form(daten: Lieferung, am: date, kommune: str) -> bytes:
    """Return the form, filled with what a delivery knows.

    Raises:
        DeliveryMissing: It holds no decisions.
    """
    rows = _filled(daten, am)
    files = catalogue.profil(PROFIL).dateien
    sheets = [Blatt(f, rows[f.tabellen[0].tabelle]) for f in files]
    of = f"Stichtag {daten.stichtag:%d.%m.%Y}"
    told = Angaben(f"{TITEL} vom {am:%d.%m.%Y}", of, kommune, daten.datenstand)
    return excel(told, lambda buch: _write(buch, sheets, told.titel))


def _filled(daten: Lieferung, am: date) -> dict[str, list[Zeile]]:
    """Return by table what is known before the session."""
    if not {"beschlusspunkt", "umsetzungsbericht"} <= set(daten.tabellen):
        raise DeliveryMissing(
            "Die Lieferung enthält keine Beschlüsse.", wo=f"Stichtag {daten.stichtag:%d.%m.%Y}",
            tun="Die Listen der Beschlusskontrolle liefern (sozcontrol dictionary).",
        )  # fmt: skip
    points = [p for p in beschluesse.stand(daten) if p["lage"] != beschluesse.FERTIG]
    points.sort(key=lambda p: (str(p["vorlage"]), int(str(p["punkt"]))))
    told = [
        {"vorlage": p["vorlage"], "punkt": p["punkt"], "Beschluss": p["beschluss_text"],
         "bisher fällig": p["faellig_am"], "bericht_am": am}
        for p in points
    ]  # fmt: skip
    promised = (
        daten["zusage"].zusage_nr.max().to_pyarrow().as_py() if "zusage" in daten.tabellen else 0
    )
    last = int(promised or 0)
    new = [{"zusage_nr": last + n, "zugesagt_am": am} for n in range(1, LEERE + 1)]
    return {"umsetzungsbericht": [*told], "zusage": [*new], "beschlusspunkt": [{}] * LEERE}


def _write(buch: Buch, sheets: Sequence[Blatt], titel: str) -> None:
    for one in sheets:
        sheet = buch.book.add_worksheet(one.datei.blatt)
        table, heads = one.speisung.tabelle, one.kopf
        buch.text(sheet, 0, 0, f"{titel}: {one.datei.blatt}", buch.form(bold=True, font_size=12))
        buch.text(sheet, 1, 0, HINWEISE[table], buch.form())
        for n, row in enumerate(one.zeilen, start=KOPFZEILE + 1):
            for column, name in enumerate(heads):
                _cell(buch, sheet, (n, column), row.get(name))
        buch.table(sheet, KOPFZEILE, [*heads.values()], len(one.zeilen), f"{table}_Vordruck")
        for column, name in enumerate(heads):
            _column(sheet, one, column, name)
        buch.layout(sheet, KOPFZEILE)


def _cell(buch: Buch, sheet: Worksheet, at: tuple[int, int], value: object) -> None:
    form = buch.form(text_wrap=True)
    if isinstance(value, date):
        day = buch.form(num_format=MUSTER_TAG, align="left")
        sheet.write_datetime(*at, datetime.combine(value, time()), day)
    elif isinstance(value, int):
        sheet.write_number(*at, value, form)
    elif value is not None:
        buch.text(sheet, *at, str(value), form)


def _column(sheet: Worksheet, one: Blatt, column: int, name: str) -> None:
    """Set the width, and offer the words of a code list."""
    known = catalogue.tabelle(one.speisung.tabelle)
    spalte = known.spalte(name) if name in known.namen else None
    sheet.set_column(column, column, BREITE.get(spalte.typ if spalte else "text", 30))
    words: list[str] = []
    if spalte is not None and spalte.codeliste:
        given = one.speisung.spalten[name].codes
        words = [*given] or [*catalogue.codeliste(spalte.codeliste).gueltig]
    if words:
        area = (KOPFZEILE + 1, column, KOPFZEILE + max(1, len(one.zeilen)), column)
        sheet.data_validation(*area, {"validate": "list", "source": words})
