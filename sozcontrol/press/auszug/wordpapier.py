"""A council paper as a Word file: the city's own template, filled with what pages say.

A template is a ``.docx`` with placeholders (:data:`PLATZHALTER`) anywhere in text, head and foot;
``{{p inhalt}}``, alone in its paragraph, takes the sections. Same pages, same template, same bytes.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sozcontrol.errors import UsageError
from sozcontrol.press.auszug.wordbild import png
from sozcontrol.press.auszug.zipdatei import same_zip
from sozcontrol.press.seite.seiteninhalt import Abschnitt, Bild, Block, Inhalt, Tabelle

if TYPE_CHECKING:
    from docx.document import Document
    from docx.table import Table, _Cell
    from docx.text.paragraph import Paragraph
    from docxtpl import DocxTemplate

INHALT = "inhalt"
PLATZHALTER = {
    "kommune": "Name der Kommune",
    "titel": "Titel der Vorlage",
    "stichtag": "Stichtag, etwa 30. Juni 2025",
    "datenstand": "Datenstand der Berichte",
    "edition": "Fassung, etwa »Fassung Gremium«",
    "bereiche": "die Berichte, aus denen der Auszug stammt",
    "hinweise": "was zu allen Zahlen zu sagen ist",
    INHALT: "die Abschnitte; als {{p inhalt}} allein in einem Absatz",
    "herkunft": "Berichte, Datenstände und Prüfsummen",
}
"""What a template may ask for."""
DATEN_DORT = "Die Zahlen hinter den Diagrammen stehen auf der Seite des Berichts."
BREIT = 16.0
"""Width of a chart, in centimetres."""
GEHEIM = "• heißt geheim gehalten: kleine Anzahl oder zu deren Schutz gesperrt."
UEBERSCHRIFT, ZEILE, PUNKT = "Heading {}", "Table Grid", "List Bullet"


@dataclass(frozen=True)
class Quelle:
    """A page the paper is made of: what it says, the chosen sections, and where it is from."""

    inhalt: Inhalt
    abschnitte: tuple[Abschnitt, ...]
    herkunft: str
    hinweis: str = ""


@dataclass(frozen=True)
class Papier:
    """What is filled in: words by placeholder, the day that counts as its making, and the pages."""

    angaben: Mapping[str, str]
    stand: date
    quellen: Sequence[Quelle]


def word_file(papier: Papier, vorlage: bytes) -> bytes:
    """Return the paper, made of a template.

    Raises:
        UsageError: The template is no Word file, or asks for what there isn't.
    """
    from jinja2 import StrictUndefined, TemplateError
    from jinja2.sandbox import SandboxedEnvironment
    from markupsafe import Markup

    template = _template(vorlage)
    env = SandboxedEnvironment(autoescape=True, undefined=StrictUndefined)
    try:
        asked = template.get_undeclared_template_variables(jinja_env=env)
        _demand_known(asked)
        filled: dict[str, object] = dict(papier.angaben)
        filled[INHALT] = Markup(_body(papier, vorlage, template.docx))
        template.render(filled, env, autoescape=True)
    except TemplateError as error:
        raise _wrong(f"Die Platzhalter der Word-Vorlage sind nicht zu lesen: {error}.") from None
    return _same_bytes(template.docx, papier)


def _template(vorlage: bytes) -> DocxTemplate:
    from docxtpl import DocxTemplate

    try:
        template = DocxTemplate(io.BytesIO(vorlage))
        template.init_docx()
    except (KeyError, ValueError, zipfile.BadZipFile):
        raise _wrong("Die Vorlage ist keine Word-Datei (.docx).") from None
    return template


def _demand_known(asked: set[str]) -> None:
    if INHALT not in asked:
        raise _wrong(f"In der Word-Vorlage fehlt der Platzhalter {{{{p {INHALT}}}}}.")
    if unknown := ", ".join(sorted(asked - PLATZHALTER.keys())):
        raise _wrong(f"Die Word-Vorlage nennt unbekannte Platzhalter: {unknown}.")


def _wrong(was: str) -> UsageError:
    return UsageError(
        was, wo="--vorlage",
        tun=f"Erlaubt sind {', '.join(PLATZHALTER)}; ein Muster schreibt --neue-vorlage.",
    )  # fmt: skip


def _same_bytes(docx: Document, papier: Papier) -> bytes:
    """Save a document so that the clock leaves no trace in it."""
    told, day = docx.core_properties, datetime.combine(papier.stand, time())
    told.title, told.author = papier.angaben["titel"], papier.angaben["kommune"]
    told.last_modified_by, told.language, told.revision = papier.angaben["kommune"], "de-DE", 1
    told.created = told.modified = day
    saved = io.BytesIO()
    docx.save(saved)
    with zipfile.ZipFile(saved) as parts:
        return same_zip((name, parts.read(name)) for name in parts.namelist())


def _body(papier: Papier, vorlage: bytes, ziel: Document) -> str:
    """Return the sections as the XML of a Word file, in the styles the template has.

    Pictures become parts of *ziel*, which the XML will stand in.
    """
    import docx
    from docx.oxml.ns import qn

    scratch = docx.Document(io.BytesIO(vorlage))
    body = scratch.element.body
    for old in [e for e in body if e.tag != qn("w:sectPr")]:
        body.remove(old)
    writer = _Schreiber(scratch, ziel)
    for source in papier.quellen:
        writer.source(source, alone=len(papier.quellen) == 1)
    parts = [e for e in body if e.tag != qn("w:sectPr")]
    return "".join(_xml(e) for e in parts)


def _xml(element: Any) -> str:
    from lxml import etree

    return etree.tostring(element, encoding="unicode")


@dataclass(frozen=True)
class _Schreiber:
    """Writes blocks at the end of a document; pictures are parts of *ziel*."""

    docx: Document
    ziel: Document

    def source(self, source: Quelle, *, alone: bool) -> None:
        if not alone:
            self._heading(source.inhalt.titel, 1)
        for line in filter(None, [source.hinweis, *source.inhalt.vorweg]):
            self._paragraph(line)
        for section in source.abschnitte:
            self._heading(section.titel, 1 if alone else 2)
            for block in section.bloecke:
                self._block(block, deeper=0 if alone else 1)

    def _block(self, block: Block, deeper: int) -> None:
        if isinstance(block, Tabelle):
            self._table(block)
        elif isinstance(block, Bild):
            self._picture(block)
        elif block.stufe:
            self._heading(block.text.replace("\n", " · "), block.stufe + deeper)
        else:
            self._paragraph(block.text, PUNKT if block.punkt else None)

    def _picture(self, picture: Bild) -> None:
        """Write a chart with its words as the alternative text; without a drawing the words."""
        if not picture.svg:
            self._paragraph(f"Diagramm »{picture.titel}«. {picture.text}")
            return
        from docx.shared import Cm

        caption = self._paragraph(picture.titel)
        caption.runs[0].bold = True
        caption.paragraph_format.keep_with_next = True
        drawn = self.ziel.part.new_pic_inline(io.BytesIO(png(picture.svg)), width=Cm(BREIT))
        drawn.docPr.set("descr", picture.text)
        drawn.docPr.set("title", picture.titel)
        self.docx.add_paragraph().add_run()._r.add_drawing(drawn)

    def _heading(self, text: str, level: int) -> None:
        style = UEBERSCHRIFT.format(min(level, 4))
        made = self._paragraph(text, style)
        made.paragraph_format.keep_with_next = True
        if style not in self._styles:  # the template has none: bold says it, too
            for run in made.runs:
                run.bold = True

    def _paragraph(self, text: str, style: str | None = None) -> Paragraph:
        made = self.docx.add_paragraph(style=style if style in self._styles else None)
        _lines(made, text)
        return made

    @cached_property
    def _styles(self) -> set[str]:
        return {s.name for s in self.docx.styles if s.name}

    def _table(self, table: Tabelle) -> None:
        caption = self._paragraph(table.titel)
        caption.runs[0].bold = True
        caption.paragraph_format.keep_with_next = True
        made = self.docx.add_table(1, len(table.kopf))
        if ZEILE in self._styles:
            made.style = ZEILE
        _describe(made, table.titel)
        for cell, text in zip(made.rows[0].cells, table.kopf, strict=True):
            _fill(cell, text, bold=True)
        for n, row in enumerate(table.zeilen):
            cells = made.add_row().cells
            for cell, text in zip(cells, row, strict=True):
                _fill(cell, text, bold=n in table.summen)
        for n in [n for n, number in enumerate(table.zahlen) if number]:
            _align_right(made, n)
        _keep_rows_whole(made)
        self.docx.add_paragraph()


def _describe(table: Table, titel: str) -> None:
    """Name a table for those who listen, and repeat its head on every page."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    caption = OxmlElement("w:tblCaption")
    caption.set(qn("w:val"), titel)
    table._tbl.tblPr.append(caption)
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def _keep_rows_whole(table: Table) -> None:
    from docx.oxml import OxmlElement

    for row in table.rows:
        row._tr.get_or_add_trPr().insert(0, OxmlElement("w:cantSplit"))


def _align_right(table: Table, column: int) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    for row in table.rows:
        for paragraph in row.cells[column].paragraphs:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _fill(cell: _Cell, text: str, *, bold: bool) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_after = 0
    _lines(paragraph, text)
    for run in paragraph.runs if bold else ():
        run.bold = True


def _lines(paragraph: Paragraph, text: str) -> None:
    for n, line in enumerate(text.split("\n")):
        run = paragraph.add_run()
        if n:
            run.add_break()
        run.add_text(line)


def neutral_template() -> bytes:
    """Return the template of a city that has none of its own: a page of A4 that says everything."""
    import docx
    from docx.shared import Cm, Pt

    made = docx.Document()
    made.core_properties.comments = made.core_properties.author = ""
    made.styles["Normal"].font.name, made.styles["Normal"].font.size = "Arial", Pt(10)
    page = made.sections[0]
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.left_margin = page.right_margin = Cm(2.2)
    page.header.paragraphs[0].text = "{{ kommune }} · {{ edition }}"
    page.footer.paragraphs[0].text = "Stichtag {{ stichtag }} · Datenstand {{ datenstand }}"
    made.add_paragraph("{{ titel }}", style="Title")
    made.add_paragraph("Aus: {{ bereiche }}. Stichtag {{ stichtag }}, Datenstand {{ datenstand }}.")
    made.add_paragraph("{{ hinweise }}")
    made.add_paragraph(f"{{{{p {INHALT}}}}}")
    made.add_paragraph("Herkunft", style=UEBERSCHRIFT.format(1))
    made.add_paragraph("{{ herkunft }}")
    saved = io.BytesIO()
    made.save(saved)
    return saved.getvalue()
