"""A paper made of published pages, read back: every cell stands on its page, every digit, too."""

from __future__ import annotations

import html as markup
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sozcontrol.errors import NotReleased
from sozcontrol.press.gegenprobe.beilage import GESPROCHEN, ZIFFERN, Seitentext, lesarten
from sozcontrol.press.gegenprobe.blatt import KACHELN, Blatt, Tafelbild

if TYPE_CHECKING:
    from docx.document import Document
    from docx.table import Table

UEBERBLICK = "Kennzahlen auf einen Blick"
UNLESBAR, BILD = "Aufbau der Datei", "Bild"
MEDIEN = "/word/media/"
"""Where the pictures of a Word file lie."""
GEHEIM = "•"
GEHOERT = re.compile(
    "deutlich (?:über|unter) (?:dem Mittel der Zeile|allen)|auffällig (?:mehr|weniger)"
)
"""What is read aloud of the sign before or behind a figure."""
RICHTUNG = {"▸": "schlechter", "◂": "besser"}
ALT = re.compile(r'\s(?:alt|aria-label)="([^"]*)"')
"""What a page says of its pictures."""


@dataclass(frozen=True)
class Papierprobe:
    """What a paper may say: the pages it is made of, and what else its makers put in words.

    ``bilder`` are the pictures it may hold, drawn from the pages once more, with their words.
    """

    seiten: Sequence[tuple[str, Blatt]]
    worte: Sequence[str] = ()
    bilder: frozenset[tuple[str, bytes]] = frozenset()

    @property
    def ziffern(self) -> frozenset[str]:
        """Every run of digits that may stand anywhere in the paper."""
        found = [Seitentext.read(html, blatt).ziffern for html, blatt in self.seiten]
        spoken = [alt for html, _ in self.seiten for alt in ALT.findall(html)]
        words = [*map(markup.unescape, spoken), *self.worte]
        return frozenset().union(*(map(_bare, found)), *map(digits, words))

    @property
    def tafeln(self) -> list[Tafelbild]:
        """All tables of the pages, tiles as one."""
        return [t for _, blatt in self.seiten for t in blatt.tafeln]


def demand_paper(papier: bytes, vorlage: bytes, probe: Papierprobe) -> None:
    """Refuse a paper that says anything its pages do not.

    Raises:
        NotReleased: Names the tables; never which cell or what it is.
    """
    if more := sorted(set(more_than_said(papier, vorlage, probe))):
        raise NotReleased(
            f"Die Word-Datei sagt anderes als ihre Seiten: {', '.join(f'»{m}«' for m in more)}.",
            wo="Gegenprobe der Word-Datei",
            tun="Die Datei wurde nicht geschrieben; den Fall melden.",
        )


def more_than_said(papier: bytes, vorlage: bytes, probe: Papierprobe) -> Iterator[str]:
    """Yield where a paper says what neither its pages nor its template do."""
    made, plain = _read(papier), _read(vorlage)
    known = probe.ziffern | {d for text in _texts(plain) for d in digits(text)}
    if _parts(made) != _parts(plain):
        yield UNLESBAR
    allowed = {*_pictures(plain), *probe.bilder}
    files = {*_media(plain), *(file for _, file in probe.bilder)}
    if not {*_pictures(made)} <= allowed or not {*_media(made)} <= files:
        yield BILD
    waiting = probe.tafeln
    own, given = 0, {None, *map(_caption, plain.tables)}
    for table in made.tables:
        title = _caption(table)
        own += title in given
        if title is not None and title not in given:
            yield from (title for _ in _table(table, title, waiting, known))
    if own != len(plain.tables):
        yield UNLESBAR
    if any(not digits(text) <= known for text in _texts(made)):
        yield "Text"


def _read(data: bytes) -> Document:
    import docx

    return docx.Document(io.BytesIO(data))


def _parts(document: Document) -> set[str]:
    """Return the names of all parts but pictures, which are held against the pages' own."""
    names = {str(p.partname) for p in document.part.package.iter_parts()}
    return {name for name in names if not name.startswith(MEDIEN)}


def _media(document: Document) -> Iterator[bytes]:
    parts = document.part.package.iter_parts()
    return (p.blob for p in parts if str(p.partname).startswith(MEDIEN))


def _pictures(document: Document) -> Iterator[tuple[str, bytes]]:
    """Yield every picture that stands somewhere: what is read aloud of it, and its file."""
    for part in document.part.package.iter_parts():
        root = getattr(part, "element", None)
        for drawn in () if root is None else root.iter("{*}inline", "{*}anchor"):
            said = next((e.get("descr") or "" for e in drawn.iter("{*}docPr")), "")
            for blip in drawn.iter("{*}blip"):
                names = [v for k, v in blip.items() if k.endswith(("}embed", "}link"))]
                yield from ((said, part.related_parts[name].blob) for name in names)


def _texts(document: Document) -> Iterator[str]:
    """Yield all words of a document, those of head, foot, notes and properties, too."""
    from lxml import etree

    for part in document.part.package.iter_parts():
        name = str(part.partname)
        if name.startswith("/word/") and name.endswith(".xml"):
            root = etree.fromstring(part.blob)
            for paragraph in root.iter("{*}p"):
                yield " ".join(t.text or "" for t in paragraph.iter("{*}t"))
    told = document.core_properties
    yield from (told.title, told.subject, told.comments, told.keywords, told.author)


def _caption(table: Table) -> str | None:
    found = table._tbl.tblPr.findall("{*}tblCaption")
    return next((v for e in found for k, v in e.items() if k.endswith("}val")), None)


def _table(
    table: Table, titel: str, waiting: list[Tafelbild], known: frozenset[str]
) -> Iterator[str]:
    """Yield the cells of a table that its page does not have."""
    rows = [[cell.text for cell in row.cells] for row in table.rows]
    if titel == UEBERBLICK:
        said = [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
        yield from _tiles(said, [t for t in waiting if t.titel == KACHELN], known)
        return
    there = next((t for t in waiting if t.titel and _equal(t, titel, rows)), None)
    if there is None:
        yield titel
    else:
        waiting.remove(there)


def _equal(tafel: Tafelbild, titel: str, rows: list[list[str]]) -> bool:
    """Say whether a table of a page says all that these rows say, cell by cell."""
    kept = [
        n for n in range(len(tafel.kopf))
        if not tafel.zeilen or any(row[n].text for row in tafel.zeilen)
    ]  # fmt: skip
    heads = [dense(tafel.kopf[n].text) for n in kept]
    if dense(titel) != dense(tafel.titel) or len(rows) != len(tafel.zeilen) + 1:
        return False
    if [dense(text) for text in rows[0]] != heads:
        return False
    for row, cells in zip(rows[1:], tafel.zeilen, strict=True):
        for text, n in zip(row, kept, strict=True):
            hidden = GEHEIM in text
            said = lesarten(cells[n], tafel.kopf[n])
            if hidden != cells[n].geheim or not any(says(text, meant) for meant in said):
                return False
    return True


def _tiles(
    rows: list[dict[str, str]], tiles: Sequence[Tafelbild], known: frozenset[str]
) -> Iterator[str]:
    """Yield the tiles that no page has with this value, beside what it is compared with."""
    there = [
        (dense(row[0].text), row[1], {d for c in row for d in digits(c.text)})
        for one in tiles for row in one.zeilen
    ]  # fmt: skip
    for row in rows:
        name, value = row["Kennzahl"], row["Wert"]
        if not any(
            dense(name) == title
            and dense(value) == dense(cell.text)
            and (GEHEIM in value) == cell.geheim
            and digits(row.get("Vergleich", "")) <= runs
            for title, cell, runs in there
        ) or any(not digits(text) <= known for text in row.values()):
            yield name


def digits(text: str) -> set[str]:
    """Return the runs of digits of a text."""
    return _bare(ZIFFERN.findall(text))


def _bare(runs: Iterable[str]) -> set[str]:
    """Return runs of digits without the stop or comma of the sentence behind them."""
    return {run.rstrip(".,") for run in runs}


def says(text: str, meant: str) -> bool:
    """Say whether a cell says what its page shows; what is only spoken there may be left out."""
    shown, there = dense(text), dense(GEHOERT.sub("", meant))
    rest = there.removeprefix(shown)
    return there == shown or (there.startswith(shown) and rest in _spoken(shown))


def _spoken(shown: str) -> set[str]:
    """Return what is read aloud behind a figure with a sign, or behind nought."""
    if shown == "0":
        return {"0"}
    sign, figure = shown[:1], shown[1:]
    return {f"{RICHTUNG[sign]}um{figure}"} if sign in RICHTUNG and figure else set()


def dense(text: str) -> str:
    """Return a text without its spaces: lines break elsewhere in a paper."""
    plain = GESPROCHEN.sub("", text).replace("\u2212", "-").replace("\u00ad", "")
    return re.sub(r"\s+", "", plain)
