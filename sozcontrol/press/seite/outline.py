"""Markdown to headings that make sense on one page: one h1, no level jumped, stable anchors."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sozcontrol.press.seite.sanitise import clean

if TYPE_CHECKING:
    import mistune
    from nbformat import NotebookNode

TITLE_LEVEL = 1
BLATT = "blatt"
"""Tag of a heading whose section belongs to the first sheet, laid out for one screen and page."""
NUR_MIT_ANTWORT = "nur-mit-antwort"
"""Tag of a question that is left out, its code included, where its cells show nothing."""


@dataclass
class Zelle:
    """One cell as the page shows it; ``html`` and ``ausgaben`` are sanitised."""

    id: str
    art: str
    html: str = ""
    code: str = ""
    ausgaben: list[str] = field(default_factory=list)


@dataclass
class Abschnitt:
    """The cells below one h2; the first section, before any h2, has no title.

    ``blatt``: it stands on the first sheet.
    """

    id: str
    titel: str
    zellen: list[Zelle] = field(default_factory=list)
    blatt: bool = False


class _Headings:
    """Gives headings their level and anchor while one notebook is rendered."""

    def __init__(self) -> None:
        self.last = TITLE_LEVEL
        self.cell = ""
        self.count = 0
        self.tables = 0
        self.sections: list[tuple[str, str]] = []

    def next_table(self) -> int:
        self.tables += 1
        return self.tables

    def enter(self, cell: str) -> None:
        self.cell, self.count, self.sections = cell, 0, []

    def render(self, text: str, level: int) -> str:
        if level == TITLE_LEVEL:
            # The page's only h1 is the area's title, from the catalogue.
            return ""
        level = min(level, self.last + 1)
        self.last = level
        self.count += 1
        anchor = self.cell if self.count == 1 else f"{self.cell}-{self.count}"
        if level == 2:
            self.sections.append((anchor, _plain(text)))
        return f'<h{level} id="{anchor}">{text}</h{level}>\n'


def _plain(html: str) -> str:
    import html as entities

    return entities.unescape(re.sub(r"<[^>]+>", "", html)).strip()


def _markdown(headings: _Headings) -> mistune.Markdown:
    import mistune

    class Renderer(mistune.HTMLRenderer):
        def heading(self, text: str, level: int, **attributes: object) -> str:
            return headings.render(text, level)

        def table(self, text: str) -> str:
            name = f"Tabelle {headings.next_table()}"
            return (
                f'<div class="soz-tafel" role="region" tabindex="0" aria-label="{name}">'
                f"<table>\n{text}</table></div>\n"
            )

        def table_cell(self, text: str, align: str | None = None, head: bool = False) -> str:
            kind = ' class="soz-zahl"' if align == "right" else ""
            return f'<th scope="col"{kind}>{text}</th>\n' if head else f"<td{kind}>{text}</td>\n"

    # Raw HTML in Markdown is shown as text; tables and strikethrough are what analysts write.
    renderer = Renderer(escape=True)
    return mistune.create_markdown(renderer=renderer, plugins=["table", "strikethrough"])


def sections(nb: NotebookNode, *, with_code: bool) -> list[Abschnitt]:
    """Return the page's sections; a Markdown cell with an h2 opens one.

    A question tagged :data:`NUR_MIT_ANTWORT` is not asked where there is no answer.
    """
    headings = _Headings()
    markdown = _markdown(headings)
    found = [Abschnitt("anfang", "")]
    for cell in _asked(nb):
        if cell.cell_type == "markdown":
            headings.enter(cell["id"])
            html = clean(str(markdown(cell.source)))
            if headings.sections:
                sheet = BLATT in cell.metadata.get("tags", ())
                found.append(Abschnitt(*headings.sections[0], blatt=sheet))
            if html.strip():
                found[-1].zellen.append(Zelle(cell["id"], "text", html=html))
        elif cell.cell_type == "code":
            shown = _code_cell(cell, with_code=with_code)
            if shown.ausgaben or shown.code:
                found[-1].zellen.append(shown)
    return [a for a in found if a.zellen]


def _asked(nb: NotebookNode) -> list[NotebookNode]:
    """Return the cells without the tagged questions nobody answers, and without their code."""
    blocks: list[list[NotebookNode]] = [[]]
    for cell in nb.cells:
        if cell.cell_type == "markdown":
            blocks.append([])
        blocks[-1].append(cell)
    kept = [b for b in blocks if not _is_optional(b) or any(_answers(c) for c in b)]
    return [cell for block in kept for cell in block]


def statement(nb: NotebookNode) -> str:
    """Return the first statement that an output makes of the whole page, sanitised."""
    outputs = [o for cell in nb.cells for o in cell.get("outputs", ())]
    said = (o.get("metadata", {}).get("sozcontrol", {}).get("schlagzeile") for o in outputs)
    return clean(next((s for s in said if isinstance(s, str) and s), ""))


def told(nb: NotebookNode) -> str:
    """Return what the index says of the page, as plain text: its statement."""
    return _plain(statement(nb))


def _is_optional(block: list[NotebookNode]) -> bool:
    return bool(block) and NUR_MIT_ANTWORT in block[0].metadata.get("tags", ())


def _answers(cell: NotebookNode) -> bool:
    return any(o.get("data", {}).get("text/html") for o in cell.get("outputs", ()))


def _code_cell(cell: NotebookNode, *, with_code: bool) -> Zelle:
    outputs = [
        clean(o.data["text/html"]) for o in cell.outputs if o.get("data", {}).get("text/html")
    ]
    code = cell.source.strip() if with_code else ""
    return Zelle(cell["id"], "code", code=code, ausgaben=outputs)
