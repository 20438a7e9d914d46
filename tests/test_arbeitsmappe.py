"""The workbook beside a page: the figures of the page as numbers, and nothing the page hides."""

from __future__ import annotations

import hashlib
import io
import json
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from html import unescape
from pathlib import Path

import openpyxl
import press_fixtures
import pytest
from conftest import Stadt
from press_fixtures import DATENSTAND, STICHTAG, bare_project
from python_calamine import CalamineWorkbook
from rendered import requests, tables

from sozcontrol import catalogue
from sozcontrol.disclosure import GEHEIM
from sozcontrol.errors import Exit, NotReleased
from sozcontrol.present.fragment import Gedruckt, page
from sozcontrol.present.table import Zelle, figure, markup, phrase, word
from sozcontrol.press.ablegen import manifest
from sozcontrol.press.ablegen.publish import publish
from sozcontrol.press.gegenprobe import gegenprobe
from sozcontrol.press.gegenprobe.beilage import ueberzaehlig
from sozcontrol.press.gegenprobe.blatt import Blatt, tafeln
from sozcontrol.press.seite.arbeitsmappe import sheet_name, workbook
from sozcontrol.press.seite.datentafel import headings
from sozcontrol.press.seite.export import Kopf

KOPF = Kopf(
    catalogue.kommune("musterstadt"), catalogue.edition("leitung"), STICHTAG, DATENSTAND
)  # fmt: skip
SEITEN = ("finanzcontrolling", "hochrechnung", "monitoring_jugend", "operativ", "steuerung")
"""Pages with every kind of table: amounts in all units, dates, marks, words for signs, goals."""
ZIFFERN = r"(?:.*(schlechter|besser) um )?([+−])?(\d{1,3}(?:\.\d{3})*(?:,\d+)?|\d+)"
ZAHL = re.compile(ZIFFERN + r"(?: (T€|Mio\. €|€|%|\D.*))?")
NUR_ZAHL = re.compile(ZIFFERN + r"(?: (T€|Mio\. €|€|%))?")
WORTE = ("Datenstand", "Jahre", "geprüfte Monatsenden", "Nr.", "Nr", "Annahme", "Prüfsumme", "")
"""Columns whose digits are words on the page, too; and the head of a row."""
FAKTOR = {"T€": 1000, "Mio. €": 1_000_000, "%": Decimal("0.01")}

MONATE = ("Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September",
          "Oktober", "November", "Dezember")  # fmt: skip

Zeilen = list[list[object]]


def gedruckt(*rows: list[Zelle], kopf: tuple[str, ...] = ("Art", "Zahl")) -> tuple[str, bytes]:
    """Draw a table, and return its page and its workbook."""
    with page() as made:
        html = markup([word(k, kopf=True) for k in kopf], [("", r) for r in rows], "Probe")
    said = f"<p>Musterstadt 30. Juni 2025 15. Juli 2025</p>{html}"
    return said, workbook(made.tafeln, "Seite", KOPF)


def zellen(mappe: bytes) -> list[list[object]]:
    """Return the cells of the first table."""
    sheet = openpyxl.load_workbook(io.BytesIO(mappe)).worksheets[1]
    return [[c.value for c in row] for row in sheet.iter_rows(min_row=5)]


def mit_openpyxl(path: Path) -> dict[str, Zeilen]:
    book = openpyxl.load_workbook(path)
    return _nach_titel([[list(r) for r in s.iter_rows(values_only=True)] for s in book])


def mit_calamine(path: Path) -> dict[str, Zeilen]:
    book = CalamineWorkbook.from_path(path)
    sheets = (book.get_sheet_by_name(n) for n in book.sheet_names)
    return _nach_titel([s.to_python(skip_empty_area=False) for s in sheets])  # type: ignore[misc]


def _nach_titel(sheets: list[Zeilen]) -> dict[str, Zeilen]:
    """Return the rows of all sheets but the first from the head on, those of one title together."""
    found: dict[str, Zeilen] = {}
    for rows in sheets[1:]:
        found.setdefault(_glatt(str(rows[0][0])), []).extend(rows[3:])
    return found


def _glatt(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("\u00ad", "")).strip()


def zahl(text: str) -> Decimal | None:
    """Read a figure of a page; None where other words stand."""
    found = ZAHL.fullmatch(text)
    if found is None:
        return None
    effect, sign, digits, unit = found.groups()
    value = Decimal(digits.replace(".", "").replace(",", ".")) * FAKTOR.get(unit, 1)
    return -value if effect == "besser" or sign == "−" else value


def vergleiche(seite: list[list[str]], mappe: Zeilen) -> Iterator[str]:
    """Yield what a table of the page and its sheet say differently."""
    head = seite[0]
    kept = [n for n, h in enumerate(head) if h or any(row[n] for row in seite[1:])]
    for row, cells in zip(seite, mappe, strict=False):
        for n, cell in zip(kept, cells, strict=False):
            text = row[n].removeprefix(f"{head[n]} ") if row is not head else row[n]
            said = f"{text!r}: {cell!r}"
            if text not in ("", head[n]) and cell in ("", None):
                yield f"{said} ist leer"
            if "•" in text:
                yield from () if cell == "•" else (said,)
            elif isinstance(cell, int | float):
                value = zahl(re.sub(r".*(?:Zeile|[▸◂] [\d.]+)\s*(?=\d|sch|be)", "", text))
                yield from () if value is not None and float(value) == cell else (said,)
            elif isinstance(cell, date):
                day = cell.date() if isinstance(cell, datetime) else cell
                yield from () if text in _tage(day) else (said,)
            elif row is not head and n and head[n] not in WORTE and NUR_ZAHL.fullmatch(text):
                yield f"{said} ist keine Zahl"


def kacheln(html: str, mappe: Zeilen | None) -> Iterator[str]:
    """Yield the tiles of a page that its sheet says otherwise: title, figure, and the mark."""
    found = r'<p class="soz-kachel-titel">(.*?)</p><p class="soz-kachel-wert">(.*?)</p>'
    tiles = re.findall(found, html)
    rows = [row for row in (mappe or [])[1:] if row[0]][: len(tiles)]
    assert len(rows) == len(tiles)
    for (title, value), row in zip(tiles, rows, strict=True):
        text = _glatt(unescape(re.sub("<[^>]*>", "", value)))
        known = zahl(text)
        said = text[0] if known is None else float(known)
        if (row[0], row[1]) != (_glatt(unescape(title)), said):
            yield f"{title}: {text} / {row}"


def _tage(day: date) -> tuple[str, str]:
    return f"{day:%d.%m.%Y}", f"{MONATE[day.month - 1]} {day.year}"


@pytest.mark.parametrize("lesen", [mit_openpyxl, mit_calamine])
@pytest.mark.parametrize("edition", ["leitung", "gremium"])
def test_jede_zahl_der_seite_steht_in_der_mappe(
    veroeffentlicht: Stadt, edition: str, lesen: Callable[[Path], dict[str, Zeilen]]
) -> None:
    folder = veroeffentlicht.projekt.reports / "2025-06-30" / edition
    seen = marks = 0
    for area in SEITEN:
        html = (folder / f"{area}.html").read_text(encoding="utf-8")
        shown = {_glatt(k): v for k, v in tables(html).items() if k}
        book = lesen(folder / f"{area}.xlsx")
        assert [*kacheln(html, book.pop("Kennzahlen auf einen Blick", None))] == []
        assert [*book] == [*shown]
        for titel, rows in shown.items():
            assert not [*vergleiche(rows, book[titel])], (area, titel)
            seen += sum(isinstance(c, int | float) for row in book[titel] for c in row)
            marks += sum(c == "•" for row in book[titel] for c in row)
            assert sum("•" in c for row in rows for c in row) == sum(
                c == "•" for row in book[titel] for c in row
            )
    assert seen > 1500 and marks > 20


def test_alle_mappen_sind_tabellen_von_excel_ohne_formeln(veroeffentlicht: Stadt) -> None:
    folder = veroeffentlicht.projekt.reports / "2025-06-30" / "gremium"
    for area in SEITEN:
        book = openpyxl.load_workbook(folder / f"{area}.xlsx")
        contents, *sheets = book.worksheets
        found = [t for sheet in book for t in sheet.tables.values()]
        assert len({t.name for t in found}) == len(found) == len(sheets) + 1
        links = [cell.hyperlink for row in contents for cell in row if cell.hyperlink]
        assert [k.location for k in links] == [f"'{s.title}'!A1" for s in sheets]
        assert [c.value.date() for c in (contents["B4"], contents["B5"])] == [
            date(2025, 6, 30), date(2025, 7, 21),
        ]  # fmt: skip
        for sheet in sheets:
            (table,) = sheet.tables.values()
            heads = [c.value for c in sheet[table.ref][0]]
            assert heads == [c.name for c in table.tableColumns]
            assert len({h.casefold() for h in heads}) == len(heads)
            assert sheet.freeze_panes == "B5"
        assert not [c for s in book for row in s for c in row if c.data_type == "f"]


def test_die_seite_verweist_auf_ihre_mappe_und_das_manifest_nennt_sie(
    veroeffentlicht: Stadt,
) -> None:
    for folder in sorted((veroeffentlicht.projekt.reports / "2025-06-30").glob("*/")):
        record = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        for area, entry in record["berichte"].items():
            html = (folder / f"{area}.html").read_text(encoding="utf-8")
            assert f'<a href="{area}.xlsx">' in html and not requests(html)
            mappe = (folder / entry["mappe"]["datei"]).read_bytes()
            assert hashlib.sha256(mappe).hexdigest() == entry["mappe"]["sha256"]


@pytest.mark.parametrize("anfang", ["=", "+", "-", "@", "\t="])
def test_was_wie_eine_formel_beginnt_bleibt_text(anfang: str) -> None:
    text = f"{anfang}HYPERLINK(A1)"
    _, mappe = gedruckt([word(text, kopf=True), figure(1, "anzahl")], kopf=(text, "Zahl"))
    assert zellen(mappe)[0] == [text, 1]
    with zipfile.ZipFile(io.BytesIO(mappe)) as parts:
        sheet = parts.read("xl/worksheets/sheet2.xml")
        assert b"<f>" not in sheet and b'quotePrefix="1"' in parts.read("xl/styles.xml")


@pytest.mark.parametrize(
    "wert, format, steht, muster",
    [
        pytest.param(Decimal("1234567.891"), "eur", 1234567.89, '#,##0.00"\xa0€"', id="Cent"),
        pytest.param(Decimal(1234567), "teur", 1235000, '#,##0,"\xa0T€"', id="gerundet"),
        pytest.param(Decimal(1234567), "tausend", 1235, "#,##0", id="Einheit im Kopf"),
        pytest.param(Decimal(-1250000), "mio1", -1300000, '#,##0.0,,"\xa0Mio.\xa0€"', id="Mio."),
        pytest.param(12.4875, "pct1", 0.125, '#,##0.0" "%', id="Prozent"),
        pytest.param(0.04, "zahl1", 0, "#,##0.0", id="nie minus null"),
        pytest.param(date(2025, 6, 30), "datum", datetime(2025, 6, 30), "dd.mm.yyyy", id="Tag"),
        pytest.param(
            Decimal(-4840), "wirkung_eur0", -4840,
            '"schlechter um "#,##0"\xa0€";"besser um "#,##0"\xa0€";#,##0"\xa0€"', id="Wort",
        ),
        pytest.param(GEHEIM, "eur", "•", "General", id="geheim"),
        pytest.param(None, "pct", "–", "General", id="nichts"),
    ],
)  # fmt: skip
def test_eine_zahl_ist_eine_zahl_so_genau_wie_auf_der_seite(
    wert: object, format: str, steht: object, muster: str
) -> None:
    _, mappe = gedruckt([word("a", kopf=True), figure(wert, format)])  # type: ignore[arg-type]
    cell = openpyxl.load_workbook(io.BytesIO(mappe)).worksheets[1]["B5"]
    assert (cell.value, cell.number_format) == (steht, muster)


def test_zweimal_gebaut_sind_es_dieselben_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    first = gedruckt([word("a", kopf=True), figure(3, "anzahl")])
    monkeypatch.setenv("TZ", "Pacific/Apia")
    assert gedruckt([word("a", kopf=True), figure(3, "anzahl")]) == first
    book = openpyxl.load_workbook(io.BytesIO(first[1]))
    assert book.properties.created == book.properties.modified == datetime(2025, 7, 15)


def test_ueberschriften_einer_tabelle_sind_verschieden_und_nie_leer() -> None:
    assert headings(["Wert", "wert", "", "Wert"]) == ["Wert", "wert (2)", "Spalte 3", "Wert (3)"]


def test_namen_von_blaettern_passen_in_excel() -> None:
    name = sheet_name(12, "Was [je: Jahr] / 'anders' ist, und warum es lang ist?")
    assert len(name) <= 31 and name.startswith("12 Was je Jahr anders") and name.endswith("…")


def test_kacheln_einer_seite_sind_eine_tabelle_auch_aus_mehreren_zellen() -> None:
    with page() as made:
        for _ in range(2):
            made.extend(Gedruckt("Blick", ("Art",), [("", [word("a", kopf=True)])], ["Satz"]))
    assert [(len(t.zeilen), t.darunter) for t in made.tafeln] == [(2, ["Satz"])]


def test_ein_satz_mit_zeichen_sagt_in_der_mappe_nur_das_zeichen() -> None:
    said = phrase(f"Vorjahr: {figure(GEHEIM, 'anzahl').html}, davor {figure(None, 'anzahl').html}")
    html, mappe = gedruckt([word("a", kopf=True), said])
    assert zellen(mappe)[0] == ["a", "Vorjahr: •, davor –"]
    assert gehalten(html, mappe) == ()


def test_eine_spalte_aus_bildern_fehlt() -> None:
    row = [word("a", kopf=True), Zelle("<svg></svg>", ""), figure(1, "anzahl")]
    _, mappe = gedruckt(row, kopf=("Art", "", "Zahl"))
    assert zellen(mappe)[0] == ["a", 1]


def gehalten(html: str, mappe: bytes) -> tuple[str, ...]:
    """Hold a workbook against its page as the audit does."""
    return ueberzaehlig(html, Blatt("a", "leitung", STICHTAG, DATENSTAND, tafeln(html)), mappe)


def veraendert(mappe: bytes, change: Callable[[openpyxl.Workbook], object]) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(mappe))
    change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _setze(place: str, value: object) -> Callable[[openpyxl.Workbook], object]:
    return lambda book: setattr(book.worksheets[1][place], "value", value)


def _kommentar(book: openpyxl.Workbook) -> None:
    from openpyxl.comments import Comment

    book.worksheets[1]["A5"].comment = Comment("17", "x")


def _vertauscht(book: openpyxl.Workbook) -> None:
    sheet = book.worksheets[1]
    for place in "AB":
        one, other = sheet[f"{place}5"], sheet[f"{place}6"]
        one.value, other.value = other.value, one.value


def _benannt(book: openpyxl.Workbook) -> None:
    from openpyxl.workbook.defined_name import DefinedName

    book.defined_names["a"] = DefinedName("a", attr_text="17")


MEHR = {
    "die gesperrte Zahl": _setze("B5", 17),
    "die gesperrte Zahl als Wort": _setze("B5", "17"),
    "eine Stelle mehr": _setze("B6", 12.34),
    "eine Zahl neben der Tabelle": _setze("D6", 5),
    "eine Zahl darunter": _setze("A20", "17 waren es"),
    "eine Zeile mehr": _setze("A7", "17"),
    "die Zahl in der Überschrift": _setze("B4", "Zahl 17"),
    "die Zahl im Titel": _setze("A1", "Probe 17"),
    "die Zahl im Inhalt": lambda book: setattr(book.worksheets[0]["B20"], "value", 17),
    "ein Blatt mehr": lambda book: book.create_sheet("mehr").append([17]),
    "ein verstecktes Blatt": lambda book: setattr(
        book.copy_worksheet(book.worksheets[1]), "sheet_state", "hidden"
    ),
    "eine Formel": _setze("D6", "=B6+17"),
    "eine Zeile weniger": lambda book: book.worksheets[1].delete_rows(6),
    "die Zeilen vertauscht": _vertauscht,
    "eine Zelle leer": _setze("B6", None),
    "die Zahl im Zahlenformat": lambda book: setattr(
        book.worksheets[1]["B6"], "number_format", '#,##0.0" (a: 17)"'
    ),
    "die Zahl im Namen des Blatts": lambda book: setattr(book.worksheets[1], "title", "1 a 17"),
    "die Zahl in den Eigenschaften": lambda book: setattr(book.properties, "description", "a: 17"),
    "die Zahl in der Kopfzeile": lambda book: setattr(
        book.worksheets[1].oddHeader.center, "text", "a: 17"
    ),
    "ein Name für die Zahl": _benannt,
    "ein Kommentar": _kommentar,
}


def _mit_wort(mappe: bytes) -> bytes:
    """Add words that no cell shows."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(mappe)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"</sst>", b"<si><t>a: 17</t></si></sst>"))
    return out.getvalue()


@pytest.mark.parametrize("was", [None, *MEHR])
def test_was_die_seite_nicht_sagt_faellt_auf(was: str | None) -> None:
    html, mappe = gedruckt(
        [word("a", kopf=True), figure(GEHEIM, "anzahl")],
        [word("b", kopf=True), figure(Decimal("12.3"), "zahl1")],
    )
    read = veraendert(mappe, MEHR[was] if was else lambda book: None)
    assert bool(gehalten(html, read)) is (was is not None)
    assert gehalten(html, mappe) == ()
    assert gehalten(html, _mit_wort(mappe)) != ()
    assert gehalten(html, mappe[:-30]) and gehalten(html, b"")


def test_ein_gekuerzter_name_eines_blatts_ist_keine_andere_zahl() -> None:
    """»… Stichtag 30…« of »… Stichtag 30.06.2025«, which alone is written on the page."""
    titel = "Damals und heute: Stichtag 30.06.2025"
    rows = [("", [word("a", kopf=True), figure(1, "anzahl")])]
    with page() as made:
        html = markup([word(k, kopf=True) for k in ("Art", "Zahl")], rows, titel)
    mappe = workbook(made.tafeln, "Seite", KOPF)
    assert "30…" in openpyxl.load_workbook(io.BytesIO(mappe)).sheetnames[1]
    assert gehalten(f"<p>Musterstadt 30. Juni 2025 15. Juli 2025</p>{html}", mappe) == ()


@pytest.mark.parametrize(
    "jetzt, damals, faellt",
    [
        pytest.param(GEHEIM, 205, False, id="wie die Seite"),
        pytest.param(4, 205, True, id="gesperrt"),
        pytest.param(GEHEIM, 206, True, id="anderes Vorjahr"),
    ],
)
def test_auch_kacheln_sagen_in_der_mappe_nichts_anderes(
    jetzt: object, damals: int, faellt: bool
) -> None:
    mark = figure(GEHEIM, "anzahl").html
    html = (
        f'<p class="soz-kachel-titel">Fälle</p><p class="soz-kachel-wert">{mark}</p>'
        '<p class="soz-kachel-vergleich">Vorjahr: 205</p>'
    )
    cells = [word("Fälle", kopf=True), figure(jetzt, "anzahl"), word("Vorjahr"),  # type: ignore[arg-type]
             figure(damals, "anzahl")]  # fmt: skip
    kopf = ("Kennzahl", "Wert", "verglichen mit", "Wert damals")
    made = Gedruckt("Kennzahlen auf einen Blick", kopf, [("", cells)])
    said = f"<p>Musterstadt 30. Juni 2025 15. Juli 2025</p>{html}"
    assert bool(gehalten(said, workbook([made], "Seite", KOPF))) is faellt


def test_eine_gesperrte_zahl_in_der_mappe_haelt_audit_und_lauf_an(
    veroeffentlicht: Stadt, tmp_path: Path
) -> None:
    stadt = veroeffentlicht.projekt
    projekt = bare_project(tmp_path / "projekt")
    folder, there = (p.reports / "2025-06-30" / "gremium" for p in (projekt, stadt))
    folder.mkdir(parents=True)
    path = folder / "monitoring_jugend.xlsx"
    for page_or_book in (path, path.with_suffix(".html")):
        shutil.copy(there / page_or_book.name, folder)
    one = {path.stem: manifest.read(there)["berichte"][path.stem]}
    (folder / manifest.NAME).write_text(manifest.dump({"berichte": one}), encoding="utf-8")
    good = path.read_bytes()
    titel = "Bestand und Bewegung je Hilfeart"

    def verraten(book: openpyxl.Workbook) -> None:
        (sheet,) = [s for s in book if s["A1"].value == titel]
        hidden = [cell for row in sheet for cell in row if cell.value == "•"]
        hidden[0].value = 4

    bad = veraendert(good, verraten)
    html = (folder / "monitoring_jugend.html").read_text(encoding="utf-8")
    path.write_bytes(bad)
    with pytest.raises(NotReleased) as error:
        gegenprobe.audit(projekt)
    told = str(error.value)
    assert error.value.exit_code is Exit.DISCLOSURE
    assert f"gremium, »{titel}« (1)" in told and "4" not in told

    lauf = press_fixtures.lauf(editionen=("gremium",), datenstand=date(2025, 7, 21))
    (a,) = [x for x in press_fixtures.ausgaben(lauf) if x.bericht.bereich.id == path.stem]
    with pytest.raises(NotReleased):
        gegenprobe.pruefe(
            bare_project(tmp_path / "neu"), lauf, [replace(a, html=html, mappe=bad)], {}
        )
    gegenprobe.pruefe(bare_project(tmp_path / "gut"), lauf, [replace(a, html=html, mappe=good)], {})

    path.write_bytes(good)
    shutil.copy(path, folder / "vergessen.xlsx")
    with pytest.raises(NotReleased, match="ohne Seite"):
        gegenprobe.audit(projekt)


def test_ein_gesperrter_bereich_behaelt_seite_und_mappe_und_bekommt_keine_neue(
    tmp_path: Path,
) -> None:
    projekt, lauf = bare_project(tmp_path / "projekt"), press_fixtures.lauf()
    first = [replace(a, mappe=b"alt") for a in press_fixtures.ausgaben(lauf)]
    publish(projekt, lauf, [a for a in first if a.bericht.bereich.id == "finanzcontrolling"])
    blocked = press_fixtures.lauf(
        id="20260102T000000-bbbbbb", gesperrt={"finanzcontrolling": ("buchung",)}
    )
    publish(projekt, blocked, [replace(a, mappe=b"neu") for a in press_fixtures.ausgaben(blocked)])
    folder = projekt.reports / "2025-06-30" / "leitung"
    found = {p.name: p.read_bytes() for p in folder.glob("*.xlsx")}
    assert found == {"finanzcontrolling.xlsx": b"alt", "monitoring_jugend.xlsx": b"neu"}
    publish(projekt, lauf, press_fixtures.ausgaben(lauf))
    assert not [*folder.glob("*.xlsx")]
