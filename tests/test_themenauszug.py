"""The council paper: what its pages say, no more, in a template of the city's own."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import docx
import numpy as np
import press_fixtures
import pytest
from bs4 import BeautifulSoup
from conftest import Stadt
from PIL import Image
from rendered import tables

from sozcontrol.cli import auszugbefehl
from sozcontrol.cli.commands import Auszugsangaben
from sozcontrol.errors import DeliveryMissing, NotReleased, UsageError
from sozcontrol.press.ablegen.publish import publish
from sozcontrol.press.auszug import themenauszug, wordpapier
from sozcontrol.press.auszug.themenauszug import Auszugswunsch, committee_paper
from sozcontrol.press.auszug.wordbild import AUFLOESUNG, png
from sozcontrol.press.auszug.wordpapier import neutral_template
from sozcontrol.press.gegenprobe.blatt import Blatt, tafeln
from sozcontrol.press.gegenprobe.wordprobe import Papierprobe, more_than_said
from sozcontrol.press.seite.seiteninhalt import Bild
from sozcontrol.projekt import Projekt

REST = pytest.mark.thorough
TAG, STICHTAG = "2025-06-30", date(2025, 6, 30)
WUNSCH = Auszugswunsch(TAG, ("monitoring_jugend",))
SOLL_IST = replace(WUNSCH, abschnitte=("soll-ist",))
RADAR = replace(WUNSCH, bereiche=("steuerung",), abschnitte=("ursachen",))
ANDERE = ("personal", "steuerung", "operativ", "finanzcontrolling", "monitoring_soziales")
GESPROCHEN = re.compile(
    r"geheim gehalten|nichts vorhanden|deutlich (über|unter) (dem Mittel der Zeile|allen)|"
    r"auffällig (mehr|weniger)|"
    r"(?<=\d)(schlechter|besser) um \d[\d.]*$|(?<=^0)0$"
)
"""What only those hear who listen to a mark."""


@pytest.fixture(scope="module")
def projekt(veroeffentlicht: Stadt) -> Projekt:
    return veroeffentlicht.projekt


@pytest.fixture(scope="module")
def kurz(projekt: Projekt) -> bytes:
    """The paper of one section."""
    return committee_paper(projekt, SOLL_IST)


@pytest.fixture(scope="module")
def ganz(projekt: Projekt) -> bytes:
    """The paper of one report."""
    return committee_paper(projekt, WUNSCH)


def seite(projekt: Projekt, area: str) -> str:
    return (projekt.reports / TAG / "gremium" / f"{area}.html").read_text(encoding="utf-8")


def gelesen(papier: bytes) -> dict[str, list[list[str]]]:
    """Return the tables of a paper by the title that stands above each."""
    found, title = {}, ""
    for part in docx.Document(io.BytesIO(papier)).iter_inner_content():
        if hasattr(part, "rows"):
            found[title] = [[dicht(c.text) for c in row.cells] for row in part.rows]
        else:
            title = part.text
    return found


def dicht(text: str) -> str:
    return re.sub(r"[\s\u00a0\u00ad]", "", GESPROCHEN.sub("", text))


def worte(papier: bytes) -> str:
    return "\n".join(p.text for p in docx.Document(io.BytesIO(papier)).paragraphs)


def vorlage(*lines: str) -> bytes:
    made = docx.Document()
    for line in lines:
        made.add_paragraph(line)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


@pytest.mark.parametrize("area", [
    "monitoring_jugend", *(pytest.param(a, marks=REST) for a in ANDERE),
])  # fmt: skip
def test_jede_zahl_des_auszugs_steht_so_auf_der_veroeffentlichten_seite(
    projekt: Projekt, ganz: bytes, area: str
) -> None:
    page = {dicht(title): rows for title, rows in tables(seite(projekt, area)).items()}
    own = area in WUNSCH.bereiche
    paper = gelesen(ganz if own else committee_paper(projekt, replace(WUNSCH, bereiche=(area,))))
    compared = marks = 0
    for title, rows in paper.items():
        if title == "Kennzahlen auf einen Blick":
            continue
        there = page[dicht(title)]
        kept = [n for n in range(len(there[0])) if any(dicht(row[n]) for row in there[1:])]
        for mine, its in zip(rows[1:], there[1:], strict=True):
            for text, n in zip(mine, kept, strict=True):
                said = dicht(its[n])
                head = dicht(there[0][n])
                assert text in (said, said.removeprefix(head)), (title, n)
                compared, marks = compared + 1, marks + ("•" in text)
    assert compared > 40
    assert marks > 10 or area != "monitoring_jugend"


def test_kacheln_stehen_als_tafel_mit_vergleich_und_ziel(projekt: Projekt, ganz: bytes) -> None:
    rows = gelesen(ganz)["Kennzahlen auf einen Blick"]
    html = seite(projekt, "monitoring_jugend")
    titles = re.findall(r'kachel-titel">([^<]+)', html)
    assert [row[0] for row in rows[1:]] == [dicht(t) for t in titles]
    by_name = {row[0]: row for row in rows[1:]}
    assert by_name["Fallzahl"][1] == "612Hilfen"
    assert "Zielmindestens55,0%" in by_name["Anteilambulant"][3]


def test_gleiche_seiten_geben_gleiche_bytes_mit_festen_tagen(projekt: Projekt, kurz: bytes) -> None:
    one = committee_paper(projekt, SOLL_IST)
    assert one == kurz
    with zipfile.ZipFile(io.BytesIO(one)) as parts:
        assert {i.date_time[:3] for i in parts.infolist()} == {(1980, 1, 1)}
    told = docx.Document(io.BytesIO(one)).core_properties
    assert f"{told.created:%Y-%m-%d}" == f"{told.modified:%Y-%m-%d}" == "2025-07-21"


def test_tafeln_sind_zum_lesen_gemacht(kurz: bytes) -> None:
    made = docx.Document(io.BytesIO(kurz))
    assert made.tables
    for table in made.tables:
        xml = table.rows[0]._tr.xml
        assert "w:tblHeader" in xml and "w:tblCaption" in table._tbl.xml
        figure = table.rows[1].cells[-1].paragraphs[0]
        assert "RIGHT" in str(figure.alignment)
    text = worte(kurz)
    assert "• heißt geheim gehalten" in text and "Diagramme" in text
    assert "Musterstadt ist erfunden" in text
    assert re.search(r"Datenstand 21\. Juli 2025, Prüfsumme der Seite [0-9a-f]{12}\.", text)


def test_abschnitte_waehlt_man_mit_adresse_ueberschrift_und_bereich(projekt: Projekt) -> None:
    both = replace(WUNSCH, bereiche=("unterhaltsvorschuss", "steuerung"))
    alone = committee_paper(projekt, replace(both, abschnitte=("steuerung/schritt-ursachen",)))
    assert "Beschluss-Radar" in worte(alone) and "Unterhaltsvorschuss" not in worte(alone)
    assert list(gelesen(alone)) == ["Beschlüsse, überfällige zuerst"]
    each = worte(committee_paper(projekt, replace(both, abschnitte=("Maßnahmen",))))
    assert "Kommentar des Fachamts fehlt (Unterhaltsvorschuss" in each and "Schwerpunkte" in each
    with pytest.raises(UsageError, match="nirgends") as error:
        committee_paper(projekt, replace(both, abschnitte=("maßnahmen", "nirgends")))
    assert "steuerung/schritt-ursachen (Ursachen, Beschluss-Radar)" in str(error.value)


def test_ein_teil_eines_abschnitts_ist_die_unterrichtung_des_ausschusses(projekt: Projekt) -> None:
    wanted = ("steuerung/Handlungsempfehlungen",)
    teil = committee_paper(projekt, replace(RADAR, abschnitte=wanted))
    assert "der Handlungsempfehlungen sind besprochen" in worte(teil)
    assert list(gelesen(teil)) == [
        "Wie weit die Handlungsempfehlungen sind", "Handlungsempfehlungen",
        "Wer welche Messgröße wann liefert",
    ]  # fmt: skip
    both = replace(RADAR, abschnitte=("Maßnahmen", *wanted))
    assert worte(committee_paper(projekt, both)).count("sind besprochen") == 1


def test_die_herkunft_steht_nur_auf_der_seite(ganz: bytes) -> None:
    assert "Herkunft der Zahlen" not in gelesen(ganz)


def test_die_vorlage_der_stadt_wird_ausgefuellt_auch_in_kopf_und_fuss(
    projekt: Projekt, tmp_path: Path
) -> None:
    own = docx.Document(
        io.BytesIO(vorlage("Drucksache 4711", "{{ titel }} – {{ kommune }}", "{{p inhalt }}"))
    )
    own.sections[0].header.paragraphs[0].text = "Stand {{ stichtag }}"
    costs = own.add_table(1, 1)
    costs.cell(0, 0).text = "Finanzielle Auswirkungen: 0"
    wordpapier._describe(costs, "Auswirkungen")  # a city that names its tables
    path = tmp_path / "stadt.docx"
    own.save(str(path))
    made = committee_paper(projekt, replace(RADAR, vorlage=str(path), titel="Bericht & <Lage>"))
    read = docx.Document(io.BytesIO(made))
    assert "Bericht & <Lage> – Musterstadt" in worte(made) and "Drucksache 4711" in worte(made)
    assert read.sections[0].header.paragraphs[0].text == "Stand 30. Juni 2025"
    assert read.tables[-1].cell(0, 0).text == "Finanzielle Auswirkungen: 0"


@pytest.mark.parametrize("lines, said", [
    (("{{ titel }}",), "fehlt der Platzhalter"),
    pytest.param(("{{p inhalt }}", "{{ betrag }}"), "Platzhalter: betrag", marks=REST),
    pytest.param(("{{p inhalt }}", "{% if %}"), "nicht zu lesen", marks=REST),
    (("{{p inhalt }}", "{{ titel.__class__.__mro__ }}"), "nicht zu lesen"),
])  # fmt: skip
def test_eine_vorlage_die_anderes_verlangt_wird_abgelehnt(
    projekt: Projekt, tmp_path: Path, lines: tuple[str, ...], said: str
) -> None:
    path = tmp_path / "stadt.docx"
    path.write_bytes(vorlage(*lines))
    with pytest.raises(UsageError, match=said):
        committee_paper(projekt, replace(RADAR, vorlage=str(path)))


def test_was_keine_word_datei_ist_wird_abgelehnt(projekt: Projekt, tmp_path: Path) -> None:
    path = tmp_path / "stadt.docx"
    path.write_text("Text")
    with pytest.raises(UsageError, match="keine Word-Datei"):
        committee_paper(projekt, replace(SOLL_IST, vorlage=str(path)))
    with pytest.raises(DeliveryMissing, match="gibt es nicht"):
        committee_paper(projekt, replace(SOLL_IST, vorlage=str(tmp_path / "fehlt.docx")))


def test_was_nicht_veroeffentlicht_oder_danach_veraendert_ist_kommt_in_keine_vorlage(
    veroeffentlicht: Stadt, tmp_path: Path
) -> None:
    with pytest.raises(DeliveryMissing, match="jahresbericht"):
        committee_paper(veroeffentlicht.projekt, replace(WUNSCH, bereiche=("jahresbericht",)))
    with pytest.raises(DeliveryMissing):
        committee_paper(veroeffentlicht.projekt, replace(WUNSCH, stichtag="2024-06-30"))
    stadt = veroeffentlicht.kopie(tmp_path / "stadt")
    page = stadt.projekt.reports / TAG / "gremium" / "monitoring_jugend.html"
    page.write_text(page.read_text(encoding="utf-8").replace("612", "613"), encoding="utf-8")
    with pytest.raises(NotReleased):
        committee_paper(stadt.projekt, SOLL_IST)


def test_ein_gesperrter_bericht_sagt_dass_er_der_letzte_gueltige_ist(
    tmp_path: Path, no_disk: None
) -> None:
    html = (
        '<!doctype html><main><h1>Probe</h1><section class="soz-abschnitt" '
        'aria-labelledby="schritt-ziel"><h2>Ziel</h2><p class="soz-satz">Es sind 12.</p>'
        '<ul class="soz-kacheln"><li class="soz-kachel"><p class="soz-kachel-titel">Fälle</p>'
        '<p class="soz-kachel-wert">12</p><p class="soz-kachel-ziel">Ziel höchstens 300</p>'
        "</li></ul>"
        "</section>"
        '<div class="soz-hinweis soz-zweifel"><p>Zweifel an 3 Zeilen.</p></div></main>\n'
    )
    bare = press_fixtures.bare_project(tmp_path / "projekt")
    first = press_fixtures.lauf(editionen=("gremium",))
    publish(bare, first, [replace(a, html=html) for a in press_fixtures.ausgaben(first)])
    held = press_fixtures.lauf(
        id="20260201T000000-bbbbbb", editionen=("gremium",), datenstand=date(2025, 8, 1),
        gesperrt={"monitoring_jugend": ("fall",)},
    )  # fmt: skip
    publish(bare, held, [replace(a, html=html) for a in press_fixtures.ausgaben(held)])
    said = worte(committee_paper(bare, WUNSCH))
    assert "gesperrt; gezeigt wird der letzte gültige mit dem Datenstand 15. Juli 2025" in said
    goals = gelesen(committee_paper(bare, WUNSCH))["Kennzahlen auf einen Blick"]
    assert goals == [["Kennzahl", "Wert", "Ziel"], ["Fälle", "12", "Zielhöchstens300"]]
    assert "Es sind 12." in said and "Zweifel an 3 Zeilen." in said


# --- Diagramme ------------------------------------------------------------------------------------

FARBIG = (
    '<svg viewbox="0 0 100 50" class="soz-diagramm"><defs><path d="M-2 -2L2 -2L2 2L-2 2z" id="m"/>'
    '</defs><g fill="var(--reihe-1,#00508c)"><path d="M10 10L30 10L30 40L10 40z" stroke="none"/>'
    '</g><use href="#m" x="60" y="25" fill="#c86e00"/>'
    '<text x="80" y="45" font-size="10" text-anchor="middle">7</text></svg>'
)
"""A bar, a mark used again, and a text, 100 × 50."""
FREMD = png('<svg viewbox="0 0 9 9"><path d="M0 0L9 9" stroke="#000000"/></svg>')


def bilder(page: themenauszug.Seite) -> list[Bild]:
    blocks = [b for section in page.sagt.abschnitte for b in section.bloecke]
    return [b for b in blocks if isinstance(b, Bild) and b.svg]


def test_ein_diagramm_steht_als_bild_da_und_sagt_was_es_zeigt(
    projekt: Projekt, kurz: bytes
) -> None:
    """The words are those of the page, the figures those of its drawing: no other file is read."""
    html = BeautifulSoup(seite(projekt, "monitoring_jugend"), "html.parser")
    section = html.select_one("[aria-labelledby=schritt-soll-ist]")
    spoken = [svg["aria-label"] for svg in section.select("svg.soz-diagramm")]
    made = docx.Document(io.BytesIO(kurz))
    drawn = [shape._inline.docPr.get("descr") for shape in made.inline_shapes]
    assert drawn == [dicht_(s) for s in spoken] and drawn
    assert all(shape.width <= docx.shared.Cm(16.1) for shape in made.inline_shapes)
    (page,) = themenauszug.published_pages(projekt, STICHTAG, "gremium", ["monitoring_jugend"])
    files = {made.part.related_parts[s._inline.graphic.graphicData.pic.blipFill.blip.embed].blob
             for s in made.inline_shapes}  # fmt: skip
    assert files <= {png(b.svg) for b in bilder(page)}


def dicht_(text: str) -> str:
    return re.sub(r"[ \n]+", " ", text).strip()


def test_das_bild_zeigt_die_marken_der_zeichnung() -> None:
    """A tight box is cut around what is drawn: from the bar's left edge to the text's right."""
    image = np.asarray(Image.open(io.BytesIO(png(FARBIG))).convert("RGB"))
    blau, orange = (0, 0x50, 0x8C), (0xC8, 0x6E, 0)
    found = [np.nonzero((image == farbe).all(axis=2)) for farbe in (blau, orange)]
    unit = AUFLOESUNG / 72
    bar, mark = ({"x": xs, "y": ys} for ys, xs in found)
    assert (max(bar["x"]) - min(bar["x"])) / unit == pytest.approx(20, abs=0.8)
    assert (max(bar["y"]) - min(bar["y"])) / unit == pytest.approx(30, abs=0.8)
    assert (min(mark["x"]) - min(bar["x"])) / unit == pytest.approx(58 - 10, abs=0.8)
    assert (min(mark["y"]) - min(bar["y"])) / unit == pytest.approx(23 - 10, abs=0.8)
    assert png(FARBIG) == png(FARBIG)


@pytest.mark.parametrize("fremd", ["<image/>", '<path d="M0 0A1 1 0 0 0 2 2"/>'])
def test_was_kein_diagramm_hat_wird_nicht_gezeichnet(fremd: str) -> None:
    with pytest.raises(ValueError):
        png(f'<svg viewbox="0 0 9 9">{fremd}</svg>')


# --- Gegenprobe -----------------------------------------------------------------------------------

Faelschung = Callable[[docx.document.Document], None]


def _zelle(made: docx.document.Document, alt: str, neu: str) -> None:
    cells = (c for t in made.tables for row in t.rows for c in row.cells)
    cell = next(c for c in cells if c.text == alt)
    cell.paragraphs[0].runs[0].text = neu


def _bild(made: docx.document.Document, inhalt: bytes) -> None:
    embed = made.inline_shapes[0]._inline.graphic.graphicData.pic.blipFill.blip.embed
    made.part.related_parts[embed]._blob = inhalt


@pytest.mark.parametrize("faelschen", [
    pytest.param(lambda d: _zelle(d, "•", "4"), id="Geheimes als Zahl"),
    pytest.param(lambda d: _zelle(d, "•", "20"), id="eine Zahl der Seite", marks=REST),
    pytest.param(lambda d: _zelle(d, "31", "14"), id="vertauschte Zahl", marks=REST),
    pytest.param(lambda d: _zelle(d, "31", "3"), id="abgeschnittene Zahl"),
    pytest.param(lambda d: d.add_paragraph("davon 987654"), id="Zahl im Text", marks=REST),
    pytest.param(lambda d: d.add_table(1, 1), id="Tafel ohne Titel", marks=REST),
    pytest.param(lambda d: setattr(d.core_properties, "comments", "987654"), id="E", marks=REST),
    pytest.param(lambda d: d.sections[0].header.add_paragraph("987654"), id="Kopf"),
    pytest.param(lambda d: d.add_picture(io.BytesIO(FREMD)), id="ein fremdes Bild"),
    pytest.param(lambda d: d.inline_shapes[0]._inline.docPr.set("descr", "Kreis 9876"),
                 id="andere Worte zum Bild", marks=REST),
    pytest.param(lambda d: _bild(d, FREMD), id="anderer Inhalt eines Bildes", marks=REST),
])  # fmt: skip
def test_die_gegenprobe_liest_die_datei_und_findet_jedes_mehr(
    projekt: Projekt, kurz: bytes, faelschen: Faelschung
) -> None:
    html = seite(projekt, "monitoring_jugend")
    area = "monitoring_jugend"
    (page,) = themenauszug.published_pages(projekt, STICHTAG, "gremium", [area])
    blatt = Blatt(area, "gremium", STICHTAG, page.datenstand, tafeln(html))
    drawn = frozenset((b.text, png(b.svg)) for b in bilder(page))
    probe = Papierprobe([(html, blatt)], [page.pruefsumme[:12]], drawn)
    assert [*more_than_said(kurz, neutral_template(), probe)] == []
    made = docx.Document(io.BytesIO(kurz))
    faelschen(made)
    out = io.BytesIO()
    made.save(out)
    assert [*more_than_said(out.getvalue(), neutral_template(), probe)]


def test_der_befehl_schreibt_vorlage_und_auszug_oder_nichts(
    projekt: Projekt, tmp_path: Path
) -> None:
    asked: Auszugsangaben = {
        "stichtag": None, "bereiche": ("steuerung",), "abschnitte": ("ursachen",),
        "titel": None, "vorlage": None,
    }  # fmt: skip
    paper, own = str(tmp_path / "auszug.docx"), str(tmp_path / "vorlage.docx")
    assert [*auszugbefehl.auszug(projekt, asked, paper, own)] == [own, paper]
    assert "Beschluss-Radar" in worte(Path(paper).read_bytes())
    assert {p.stat().st_mode & 0o077 for p in tmp_path.iterdir()} == {0}
    for ziel, said in ((str(tmp_path / "auszug.pdf"), r"\.docx"), (None, "wohin")):
        with pytest.raises(UsageError, match=said):
            [*auszugbefehl.auszug(projekt, asked, ziel, None)]
    assert {p.name for p in tmp_path.iterdir()} == {"auszug.docx", "vorlage.docx"}
