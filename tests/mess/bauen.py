"""Builders of small deliveries: one source system of a town hall, in as many states of mess.

The rows are invented. ``FAELLE`` is what the case system delivers when all is well; every test
changes one thing.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import xlsxwriter
import yaml

from sozcontrol.catalogue import Kommune, Profil
from sozcontrol.findings import Finding, Schwere
from sozcontrol.intake import Delivery, read_delivery
from sozcontrol.tidy import Pseudonymiser, Tidied, to_tables

STICHTAG, DATENSTAND = date(2025, 6, 30), date(2025, 7, 10)
KOMMUNE = Kommune(id="teststadt", name="Teststadt", erfunden=True, ags="07111000", profile=())
SCHLUESSEL = bytes(range(32))
FRAU = "Lüdenscheidt"
"""A name no message may ever show."""

FALLPROFIL = """
profil: test_jugend
system: Testverfahren
lieferant: Jugendamt
beschreibung: Hilfen und Personen in einer Datei
dateien:
  - name: Hilfen
    muster: hilfen*.csv
    ignoriert: [Name, Bemerkung]
    tabellen:
      - tabelle: fall
        spalten:
          hilfe_id: Hilfe-Nr
          person_id: {aus: Pers.-Nr, laenge: 5}
          rechtskreis: {konstant: SGB8}
          paragraph: {aus: Rechtsgrundlage, codes: {§ 34 SGB VIII: '34', § 31 SGB VIII: '31'}}
          hilfeart: {aus: Hilfeart, codes: {Heim: '34', SPFH: '31'}}
          segment: {aus: Form, codes: {stat.: stationaer, amb.: ambulant}}
          beginn: {aus: Beginn, format: '%d.%m.%Y'}
          ende: {aus: Ende, format: '%d.%m.%Y', offen: 31.12.9999}
          tagessatz_eur: {aus: Tagessatz, einheit: EUR}
      - tabelle: person
        eindeutig: true
        spalten:
          person_id: {aus: Pers.-Nr, laenge: 5}
          geburtsmonat: {aus: [Geb.-Datum, Geburtsdatum], format: '%d.%m.%Y'}
"""
KOPF = (
    "Hilfe-Nr;Pers.-Nr;Name;Geburtsdatum;Rechtsgrundlage;Hilfeart;Form;Beginn;Ende;Tagessatz;"
    "Bemerkung"
)
FAELLE = (
    "H1;00011;Lüdenscheidt;05.03.2012;§ 34 SGB VIII;Heim;stat.;01.02.2024;31.12.9999;182,50;",
    "H2;00012;Lüdenscheidt;17.11.2015;§ 31 SGB VIII;SPFH;amb.;15.05.2024;30.06.2025;;",
    'H3;00012;Lüdenscheidt;17.11.2015;§ 34 SGB VIII;Heim;stat.;01.07.2025;;1.201,00;"a; b\r\nc"',
)


def profil(text: str = FALLPROFIL, datei: Mapping[str, object] | None = None) -> Profil:
    """Return a profile; *datei* overrides fields of its first file."""
    data = yaml.safe_load(text)
    data["dateien"][0].update(datei or {})
    return Profil.model_validate(data)


def csv(
    *zeilen: str, kopf: str = KOPF, vor: Sequence[str] = (), nach: Sequence[str] = (),
    kodierung: str = "cp1252",
) -> bytes:  # fmt: skip
    """Return a CSV file of the given lines (the usual cases when none are given)."""
    lines = [*vor, kopf, *(zeilen or FAELLE), *nach]
    return "".join(line + "\r\n" for line in lines).encode(kodierung)


def fall(**anders: str) -> str:
    """Return the first case with some cells changed."""
    names = KOPF.split(";")
    cells = dict(zip(names, FAELLE[0].split(";"), strict=True))
    return ";".join({**cells, **{_spalte(k, names): v for k, v in anders.items()}}.values())


def _spalte(kurz: str, namen: list[str]) -> str:
    return next(n for n in namen if n.replace("-", "").replace(".", "").casefold() == kurz)


def lies(
    ordner: Path, dateien: Mapping[str, bytes], *profile: Profil, stichtag: date = STICHTAG
) -> tuple[Delivery, Tidied]:
    """Write the files, read and type the delivery."""
    ordner.mkdir(parents=True, exist_ok=True)
    for name, inhalt in dateien.items():
        (ordner / name).write_bytes(inhalt)
    delivery = read_delivery(
        ordner, KOMMUNE, stichtag=stichtag, datenstand=DATENSTAND, profile=profile or (profil(),)
    )
    return delivery, to_tables(delivery, Pseudonymiser(SCHLUESSEL, KOMMUNE.id))


def befunde(tidied: Tidied, schwere: Schwere | None = None) -> set[tuple[str, str | None]]:
    """Return (rule, table) of the findings of one severity, or of errors and warnings."""
    wanted = {schwere} if schwere else {Schwere.FEHLER, Schwere.WARNUNG}
    return {(f.regel, f.tabelle) for f in tidied.findings if f.schwere in wanted}


def einer(tidied: Tidied, regel: str, tabelle: str | None = None) -> Finding:
    """Return the only finding of a rule (for a table)."""
    found = [f for f in tidied.findings if f.regel == regel and tabelle in (None, f.tabelle)]
    assert len(found) == 1, [(f.regel, f.tabelle, f.meldung) for f in tidied.findings]
    return found[0]


def xlsx(
    zeilen: Sequence[Sequence[object]],
    *,
    blatt: str = "Daten",
    verbinden: Sequence[tuple[int, int, int, int, str]] = (),
    verborgen: Sequence[int] = (),
    filter_an: bool = False,
    formeln: Mapping[tuple[int, int], tuple[str, object]] | None = None,
) -> bytes:
    """Return a workbook with one sheet; dates become date cells, texts stay texts."""
    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(stream, options)
    sheet = book.add_worksheet(blatt)
    as_date = book.add_format({"num_format": "dd.mm.yyyy"})
    for r, row in enumerate(zeilen):
        for c, cell in enumerate(row):
            if isinstance(cell, date):
                sheet.write_datetime(r, c, cell, as_date)
            elif cell is not None:
                sheet.write(r, c, cell)
    for a, b, c, d, text in verbinden:
        sheet.merge_range(a, b, c, d, text)
    for row in verborgen:
        sheet.set_row(row, None, None, {"hidden": True})
    if filter_an:
        sheet.autofilter(0, 0, len(zeilen) - 1, 1)
        sheet.filter_column(0, "x == NonBlanks")
    for (r, c), (formula, value) in (formeln or {}).items():
        sheet.write_formula(r, c, formula, None, value)
    book.close()
    return stream.getvalue()
