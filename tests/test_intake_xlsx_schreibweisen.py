"""One sheet, written as many programs write XML: nothing depends on the spelling."""

from __future__ import annotations

import io
import resource
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mess.bauen import befunde, einer, lies, profil, xlsx

from sozcontrol.findings import Schwere
from sozcontrol.intake import xlsx_scan
from sozcontrol.intake.rules import FileRejected
from sozcontrol.intake.xlsx_file import read_xlsx

PROFIL = """
profil: test_plan
system: Planung
lieferant: Kämmerei
beschreibung: Ansatz je Produkt
dateien:
  - name: Plan
    muster: plan*.xlsx
    format: xlsx
    tabellen:
      - tabelle: budget
        spalten:
          jahr: {konstant: '2025'}
          produkt: Produkt
          konto: Konto
          art: {konstant: ansatz}
          wirksam_ab: {konstant: 01.01.2025, format: '%d.%m.%Y'}
          betrag_eur: {aus: Betrag, einheit: EUR}
"""
KOPF = ["Produkt", "Konto", "Betrag", "Vorjahr"]
ZEILEN = [["3633", "533100", 1500.25, 7], ["3634", "533200", -250, 7]]
Attribute = dict[str, str]
Schreibweise = Callable[[str, Attribute, str], str]


def _schreibe(muster: str) -> Schreibweise:
    def element(name: str, attribute: Attribute, inhalt: str) -> str:
        listed = "".join(muster.format(k, v) for k, v in attribute.items())
        return f"<{name}{listed}>{inhalt}</{name}>"

    return element


UEBLICH = _schreibe(' {}="{}"')


def _ohne_r(*namen: str) -> Schreibweise:
    def element(name: str, attribute: Attribute, inhalt: str) -> str:
        kept = {k: v for k, v in attribute.items() if k != "r" or name not in namen}
        return UEBLICH(name, kept, inhalt)

    return element


SCHREIBWEISEN: dict[str, Schreibweise] = {
    "doppelte Anführungszeichen": UEBLICH,
    "einfache Anführungszeichen": _schreibe(" {}='{}'"),
    "Leerzeichen um das Gleichheitszeichen": _schreibe(' {} = "{}"'),
    "Umbruch vor und nach jedem Attribut": _schreibe("\n\t{}\n=\n'{}'\n"),
    "umgekehrte Reihenfolge": lambda n, a, i: UEBLICH(n, dict(reversed(a.items())), i),
    "Präfix": lambda n, a, i: UEBLICH(f"x:{n}", a, i),
    "ein Größerzeichen in einem Attribut": lambda n, a, i: UEBLICH(n, {"cm": ">", **a}, i),
    "Adressen in Kleinbuchstaben": lambda n, a, i: UEBLICH(
        n, {k: v.lower() if k == "r" else v for k, v in a.items()}, i
    ),
    "Zellen ohne r": _ohne_r("c"),
    "Zellen und Zeilen ohne r": _ohne_r("c", "row"),
    "Kommentare und Umbrüche dazwischen": lambda n, a, i: (
        f"\n<!-- {n} -->\n" + UEBLICH(n, a, i) if n in ("c", "row") else UEBLICH(n, a, i)
    ),
}
JEDE_SCHREIBWEISE = pytest.mark.parametrize(
    "element", SCHREIBWEISEN.values(), ids=SCHREIBWEISEN.keys()
)


def zelle(wert: object, ort: str, element: Schreibweise) -> str:
    """Return one cell: a text, a number, nothing, or its kind with what stands in it."""
    if isinstance(wert, tuple):
        art, inhalt = wert
        return element("c", {"r": ort} | ({"t": art} if art else {}), inhalt)
    if isinstance(wert, str):
        text = element("is", {}, element("t", {}, escape(wert)))
        return element("c", {"r": ort, "t": "inlineStr"}, text)
    inhalt = "" if wert is None else element("v", {}, str(wert))
    return element("c", {"r": ort}, inhalt)


def blatt(zeilen: list[list[object]], element: Schreibweise = UEBLICH, nach: str = "") -> bytes:
    rows = [
        element(
            "row",
            {"r": str(r)},
            "".join(zelle(wert, f"{chr(64 + c)}{r}", element) for c, wert in enumerate(row, 1)),
        )
        for r, row in enumerate(zeilen, 1)
    ]
    return _umschlag(element("sheetData", {}, "".join(rows)) + nach)


def _umschlag(inhalt: str) -> bytes:
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<worksheet xmlns="{main}" xmlns:x="{main}">{inhalt}</worksheet>'.encode()


def mappe(sheet: bytes, **teile: bytes) -> bytes:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(xlsx([[1]]))) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for info in old.infolist():
            part = info.filename.rpartition("/")[2].partition(".")[0]
            new.writestr(info.filename, {"sheet1": sheet, **teile}.get(part, old.read(info)))
    return out.getvalue()


def gelesen(ordner: Path, sheet: bytes):
    _, tidied = lies(ordner, {"plan.xlsx": mappe(sheet)}, profil(PROFIL))
    return tidied


def betraege(tidied) -> list[str]:
    return [str(betrag) for betrag in tidied.tables["budget"]["betrag_eur"].to_pylist()]


@JEDE_SCHREIBWEISE
def test_jede_schreibweise_gibt_dieselben_werte(tmp_path: Path, element: Schreibweise) -> None:
    tidied = gelesen(tmp_path, blatt([KOPF, *ZEILEN], element))
    assert befunde(tidied, Schwere.FEHLER) == set()
    assert betraege(tidied) == ["1500.25", "-250.00"]


DEFEKTE = {
    "Fehler": ("e", "<v>#N/A</v>"),
    "Fehler einer Formel": ("e", "<f>1/0</f><v>#DIV/0!</v>"),
    "Fehler ohne Text": ("e", ""),
    "Fehler, den erst ein neues Excel kennt": ("e", "<v>#SPILL!</v>"),
    "Formel ohne Wert": (None, "<f>A1</f>"),
    "Formel mit leerem Wert": (None, "<f>A1</f><v></v>"),
    "Formel mit Leerzeichen als Wert": (None, "<f>A1</f><v> </v>"),
    "geteilte Formel": (None, "<f t='shared' si='0'/><v/>"),
    "Formel mit Kleinerzeichen": (None, "<f>IF(A1&lt;2,1,0)</f>"),
    "Formel als CDATA": (None, "<f><![CDATA[A1<2]]></f>"),
}


@JEDE_SCHREIBWEISE
@pytest.mark.parametrize("defekt", DEFEKTE.values(), ids=DEFEKTE.keys())
def test_fehler_und_unfertige_formeln_fallen_in_jeder_schreibweise_auf(
    tmp_path: Path, element: Schreibweise, defekt: tuple[str | None, str]
) -> None:
    broken = [["3634", "533200", defekt, 7]]
    tidied = gelesen(tmp_path, blatt([KOPF, *ZEILEN, *broken, *ZEILEN], element))
    assert befunde(tidied) == {("R-I32", "budget")}
    assert [s.zeile for s in einer(tidied, "R-I32").stellen] == [4]


ERGEBNISSE = {
    "Zahl": ((None, "<f>1+1</f><v>2</v>"), "2.00"),
    "Zahl mit Art": (("n", "<f>1+1</f><v>2</v>"), "2.00"),
    "Text": (("str", "<f>A1</f><v>3</v>"), "3.00"),
    "Text in der Zelle": (("inlineStr", "<f>A1</f><is><t>4</t></is>"), "4.00"),
}


@pytest.mark.parametrize("fertig, erwartet", ERGEBNISSE.values(), ids=ERGEBNISSE.keys())
def test_eine_formel_mit_ergebnis_ist_ein_wert(
    tmp_path: Path, fertig: tuple[str | None, str], erwartet: str
) -> None:
    tidied = gelesen(tmp_path, blatt([KOPF, ["3633", "533100", fertig, 7]]))
    assert befunde(tidied, Schwere.FEHLER) == set()
    assert betraege(tidied) == [erwartet]


def test_eine_formel_mit_leerem_text_ist_eine_leere_zelle() -> None:
    sheet = blatt([KOPF, [("str", "<f>A1</f><v></v>"), "x"]])
    grid = read_xlsx(mappe(sheet), SimpleNamespace(blatt=None))
    assert (grid.zellen[1], grid.defekt) == (["", "x", "", ""], {})


@st.composite
def _zellen(draw: st.DrawFn) -> dict[tuple[int, int], str]:
    """Draw a sparse sheet: what stands in which cell."""
    places = st.tuples(st.integers(0, 30), st.integers(0, 30))
    kinds = st.sampled_from(["zahl", "fehler", "formel", "fertig", "text"])
    return draw(st.dictionaries(places, kinds, min_size=1, max_size=25))


INHALT = {
    "zahl": (None, "<v>5</v>"),
    "fehler": ("e", "<v>#REF!</v>"),
    "formel": (None, "<f>A1</f>"),
    "fertig": (None, "<f>2+3</f><v>5</v>"),
    "text": ("str", "<v>5</v>"),
}


@settings(max_examples=80, deadline=None)
@given(_zellen(), st.sampled_from(list(SCHREIBWEISEN.values())), st.randoms(use_true_random=False))
def test_jede_zelle_wird_an_ihrem_ort_gesehen(cells, element, zufall) -> None:
    rows, last_row = [], -1
    for r in sorted({r for r, _ in cells}):
        parts, last = [], -1
        for c in sorted(c for row, c in cells if row == r):
            kind, inhalt = INHALT[cells[r, c]]
            ort = xlsx_name(c) + str(r + 1)
            free = c == last + 1 and zufall.random() < 0.5
            attributes = ({} if free else {"r": ort}) | ({"t": kind} if kind else {})
            # A spelling that drops references would move the cell: it has none to drop.
            parts.append(_mit_ort(element)("c", attributes, inhalt))
            last = c
        free = r == last_row + 1 and zufall.random() < 0.5
        rows.append(_mit_ort(element)("row", {} if free else {"r": str(r + 1)}, "".join(parts)))
        last_row = r
    sheet = _umschlag(element("sheetData", {}, "".join(rows)))
    grid = read_xlsx(mappe(sheet), SimpleNamespace(blatt=None))
    seen = {(r, c): cell for r, row in enumerate(grid.zellen) for c, cell in enumerate(row) if cell}
    assert seen == {p: "5" for p, kind in cells.items() if kind in ("zahl", "fertig", "text")}
    assert grid.defekt == {p: kind for p, kind in cells.items() if kind in ("fehler", "formel")}


def _mit_ort(element: Schreibweise) -> Schreibweise:
    dropping = (SCHREIBWEISEN["Zellen ohne r"], SCHREIBWEISEN["Zellen und Zeilen ohne r"])
    return UEBLICH if element in dropping else element


def xlsx_name(column: int) -> str:
    return chr(65 + column) if column < 26 else "A" + chr(65 + column - 26)


# --- size ---------------------------------------------------------------------------------------


@JEDE_SCHREIBWEISE
@pytest.mark.parametrize(
    "zeilen",
    [
        pytest.param([("1048000", "XFD1048000")], id="eine ferne Zelle"),
        pytest.param([("2", "XFD1048000")], id="eine Zelle fern von ihrer Zeile"),
        pytest.param([("9", "XFD9"), ("1048000", "A1048000")], id="ferne Spalte, ferne Zeile"),
        pytest.param([("1", "XFE1")], id="mehr Spalten, als Excel kennt"),
    ],
)
def test_die_groesse_eines_blatts_wird_in_jeder_schreibweise_gesehen(
    tmp_path: Path, element: Schreibweise, zeilen: list[tuple[str, str]]
) -> None:
    element = _mit_ort(element)
    rows = [("1", "A1"), *zeilen]
    parts = [element("row", {"r": r}, element("c", {"r": c}, "<v>1</v>")) for r, c in rows]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    tidied = gelesen(tmp_path, _umschlag(element("sheetData", {}, "".join(parts))))
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert befunde(tidied) == {("R-I08", "budget")}
    assert "größer" in einer(tidied, "R-I08").meldung
    assert grown < 100 * 1024, "reading it must not take the memory it claims"


def test_zeilen_einer_zeichnung_zaehlen_nicht_zum_blatt(tmp_path: Path) -> None:
    anchor = (
        '<controls><from><x:col max="9">0</x:col><x:row r="1048576">7</x:row></from></controls>'
    )
    tidied = gelesen(tmp_path, blatt([KOPF, *ZEILEN], nach=anchor))
    assert betraege(tidied) == ["1500.25", "-250.00"]


@pytest.mark.parametrize("fremd", ["xsheetData", "x:y:sheetData", "row", "is"])
def test_fremde_elemente_beenden_das_blatt_nicht(tmp_path: Path, fremd: str) -> None:
    far = "<row><c r='XFD1048000'><v>1</v></c></row>"
    for before, inside in ((f"<{fremd}/>", ""), ("", f"<{fremd}/>")):
        tidied = gelesen(tmp_path, _umschlag(f"{before}<sheetData>{inside}{far}</sheetData>"))
        assert "größer" in einer(tidied, "R-I08").meldung


def test_ein_endloses_attribut_wird_nicht_zu_ende_gelesen(tmp_path: Path) -> None:
    tidied = gelesen(tmp_path, _umschlag(f"<sheetPr codeName='{'x' * 12 * 2**20}'/><sheetData/>"))
    assert befunde(tidied) == {("R-I08", "budget")}


def test_ein_blatt_voller_fehler_wird_nicht_zu_ende_gelesen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx_scan, "MAX_BROKEN", 3)
    tidied = gelesen(tmp_path, blatt([KOPF, *[[("e", "<v>#N/A</v>")] for _ in range(9)]]))
    assert befunde(tidied) == {("R-I32", "budget")}


# --- values that cannot be read with certainty --------------------------------------------------


UNSICHER = {
    "CDATA": "<v><![CDATA[5]]></v>",
    "Kommentar davor": "<v><!-- x -->5</v>",
    "Kommentar mitten in der Zahl": "<v>2<!-- x -->3</v>",
    "Verarbeitungsanweisung": "<v>2<?x y?>3</v>",
    "Leerzeichen um die Zahl": "<v> 1.234 </v>",
    "Umbruch um die Zahl": "<v>\n1.234\n</v>",
    "Zeichen als Nummer": "<v>&#53;</v>",
    "Wert vor der Formel": "<v>5</v><f>A1</f>",
    "zwei Werte": "<v>5</v><v/>",
    "Text ohne Art": "<v>fünf</v>",
    "zwei Zellen an einem Ort": "<v>5</v></c><c r='C2'><v>6</v>",
}


@pytest.mark.parametrize("inhalt", UNSICHER.values(), ids=UNSICHER.keys())
def test_eine_zahl_die_nicht_sicher_lesbar_ist_verschwindet_nicht(
    tmp_path: Path, inhalt: str
) -> None:
    tidied = gelesen(tmp_path, blatt([KOPF, ["3633", "533100", (None, inhalt), 7]]))
    assert befunde(tidied) == {("R-I08", "budget")}


def test_ein_blatt_mit_entitaeten_wird_nicht_gelesen(tmp_path: Path) -> None:
    doctype = "<!DOCTYPE worksheet [<!ENTITY a '5'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>]>"
    cells = blatt([KOPF, ["3633", "533100", ("str", "<v>&b;</v>"), 7]])
    tidied = gelesen(tmp_path, doctype.encode() + cells)
    assert "manipuliert" in einer(tidied, "R-I08").meldung


@pytest.mark.parametrize("kodierung", ["utf-16", "iso-8859-1"])
def test_ein_blatt_in_anderer_kodierung_ist_ein_befund(tmp_path: Path, kodierung: str) -> None:
    head = f'<?xml version="1.0" encoding="{kodierung}"?>'
    sheet = (head + blatt([["Schlüssel", *KOPF], ["x", *ZEILEN[0]]]).decode()).encode(kodierung)
    assert befunde(gelesen(tmp_path, sheet)) == {("R-I08", "budget")}


DATUM, DAUER = "dd.mm.yyyy", "[h]:mm"


@pytest.mark.parametrize(
    "zahl, format_, zelle_",
    [
        ("-1e300", DATUM, None), ("-1e300", DAUER, None), ("1e300", DAUER, None),
        ("99999999", DATUM, "99999999"), ("45658", DATUM, "2025-01-01"),
    ],
)  # fmt: skip
def test_ein_datum_ausserhalb_jedes_kalenders_haelt_nur_seine_datei_auf(
    zahl: str, format_: str, zelle_: str | None
) -> None:
    style = f"""<styleSheet><numFmts><numFmt numFmtId="170" formatCode="{format_}"/></numFmts>
        <cellXfs><xf numFmtId="0"/><xf numFmtId="170"/></cellXfs></styleSheet>""".encode()
    cell = f"<sheetData><row><c s='1'><v>{zahl}</v></c></row></sheetData>"
    data = mappe(_umschlag(cell), styles=style)
    if zelle_ is not None:
        assert read_xlsx(data, SimpleNamespace(blatt=None)).zellen == [[zelle_]]
        return
    with pytest.raises(FileRejected, match="R-I08"):
        read_xlsx(data, SimpleNamespace(blatt=None))


# --- merges and hidden columns ------------------------------------------------------------------


VERBUNDEN = {
    "Titel breiter als die Daten": "A1:Z1",
    "Titel bis zur letzten Spalte": "A1:XFD1",
    "Kopfzelle breiter als die Daten": "D2:F2",
    "Zellen ganz neben den Daten": "K2:M2",
    "eine einzelne Zelle": "A1",
    "bis unter die Daten": "A2:A99",
}


@pytest.mark.parametrize("bereich", VERBUNDEN.values(), ids=VERBUNDEN.keys())
@pytest.mark.parametrize("kopfzeilen", [1, 2])
def test_verbundene_zellen_duerfen_breiter_sein_als_die_daten(
    tmp_path: Path, bereich: str, kopfzeilen: int
) -> None:
    rows = [["Plan der Stadt"], ["", "", "", "Soll"][: 4 * (kopfzeilen - 1)], KOPF, *ZEILEN]
    sheet = blatt(rows, nach=f"<mergeCells><mergeCell ref = '{bereich}'/></mergeCells>")
    entry = profil(PROFIL, {"kopf": {"zeilen": kopfzeilen}})
    _, tidied = lies(tmp_path, {"plan.xlsx": mappe(sheet)}, entry)
    assert befunde(tidied, Schwere.FEHLER) == set()
    assert betraege(tidied) == ["1500.25", "-250.00"]


@pytest.mark.parametrize(
    "spalten, anzahl",
    [
        pytest.param("<col min='2' max='2' hidden='1'/>", "1 Spalten", id="eine"),
        pytest.param("<x:col hidden = 'true' max='4' min='2'/>", "3 Spalten", id="ein Bereich"),
        pytest.param("<col min='4' max='16384' hidden='1'/>", "1 Spalten", id="bis ans Ende"),
        pytest.param("<col min='5' max='16384' hidden='1'/>", None, id="neben den Daten"),
        pytest.param("<col min='1' max='4' hidden='0'/>", None, id="sichtbar"),
    ],
)
def test_verborgene_spalten_werden_gelesen_und_gemeldet(
    tmp_path: Path, spalten: str, anzahl: str | None
) -> None:
    sheet = blatt([KOPF, *ZEILEN]).replace(b"<sheetData>", f"{spalten}<sheetData>".encode())
    tidied = gelesen(tmp_path, sheet)
    found = [f.meldung for f in tidied.findings if f.regel == "R-I23"]
    assert [anzahl in text for text in found] == ([True] if anzahl else [])
    assert betraege(tidied) == ["1500.25", "-250.00"]


@pytest.mark.parametrize(
    "ort", ["", "5", "A", "A0", " A1", "$A$1", "ABCD1", "A99999999", "Ä1", "A٣"]
)
def test_eine_unmoegliche_adresse_ist_ein_befund(ort: str) -> None:
    sheet = _umschlag(f"<sheetData><row><c r='{ort}'><v>1</v></c></row></sheetData>")
    with pytest.raises(FileRejected, match="R-I08"):
        read_xlsx(mappe(sheet), SimpleNamespace(blatt=None))
