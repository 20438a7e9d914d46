"""Finished pages, kept beside a stored delivery: made again only when something on them changed.

A comment concerns the page of its office, and those that quote it. So with a page is kept which
comments it shows, and what they said: a whole one is set in anew; a page that quotes one is drawn
again. So it is with goals: the line below a tile is set in, a page that sorts or counts them is
drawn. Kept are the parts it is made of, too: another template puts them together anew. All else
that decides it is in its name: what its notebook declares and says, the figures (those it hides,
too), its head, code and facts.
Released figures, for this user only (those of an internal edition are among them), gone with the
delivery.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache, partial
from html import unescape
from typing import TYPE_CHECKING, cast

from sozcontrol import catalogue, store
from sozcontrol.catalogue.bericht import Frist
from sozcontrol.catalogue.zielbeschluss import Zielbeschluss, beschlossen
from sozcontrol.findings import blocked_tables
from sozcontrol.kommentartext import written
from sozcontrol.press.ablegen.modell import Ausgabe, Lauf
from sozcontrol.press.lauf.decision import Entschiedenes
from sozcontrol.press.lauf.declarations import Erklaerung
from sozcontrol.press.lauf.plan import Bericht, due, following
from sozcontrol.press.lauf.progress import Progress
from sozcontrol.press.lauf.unchanged import BEHALTEN, packages
from sozcontrol.press.lauf.zweifel import read_by, zweifel
from sozcontrol.press.seite.bildgedaechtnis import bilder, gezeichnete, lerne
from sozcontrol.press.seite.drawing import Gezeichnet, draw_notebook
from sozcontrol.press.seite.export import (
    HERE,
    SHELL,
    TEMPLATE,
    Kopf,
    Teile,
    put_together,
    render_report,
    scope,
)
from sozcontrol.press.seite.freitext import looks_like_pseudonym
from sozcontrol.press.seite.geheimhaltung import Geheimhaltung
from sozcontrol.press.seite.sanitise import clean
from sozcontrol.store import seal
from sozcontrol.zuzweit import zu_zweit

if TYPE_CHECKING:
    from sozcontrol.present.fragment import Zielort
    from sozcontrol.projekt import Projekt


Stelle = tuple[date, str, str, str]
"""Where a page shows a whole comment: Stichtag, area, its text, and what stands there without."""


@dataclass(frozen=True)
class Fertig:
    """A page and what lies beside it, packed; ``kommentare`` are the ones it quotes, as read.

    Those it shows whole stand in ``stellen``, what depends on a goal in ``ziele``. ``teile`` are
    what it was put together from, by the template of the checksum ``vorlage``. ``verworfen`` counts
    by cell what its notebook left that is no declaration.
    """

    html: str
    aussage: str
    geheim: Geheimhaltung
    verworfen: dict[str, int]
    teile: str
    vorlage: str
    mappe: str | None = None
    csv: dict[str, str] = field(default_factory=dict)
    kommentare: tuple[tuple[date, str, str], ...] = ()
    stellen: tuple[Stelle, ...] = ()
    ziele: tuple[Zielort, ...] = ()

    def heute(
        self, projekt: Projekt, kopf: Kopf, beschluesse: Sequence[Zielbeschluss]
    ) -> Fertig | None:
        """Return the page with today's comments, goals and template; None: to be drawn anew.

        A whole comment can be set in, and the line of a goal, if what stood there stands nowhere
        else on the page; what looks like a pseudonym is left to the export, which refuses it.
        """
        if any(projekt.stellungnahme(day, area) != text for day, area, text in self.kommentare):
            return None
        stellen = tuple((d, a, projekt.stellungnahme(d, a), none) for d, a, _, none in self.stellen)
        ziele = tuple(_steht(ort, beschluesse) for ort in self.ziele)
        if (stellen, ziele, _vorlage()) == (self.stellen, self.ziele, self.vorlage):
            return self
        teile = self._eingesetzt(stellen, ziele)
        if teile is None:
            return None
        same = (stellen, ziele) == (self.stellen, self.ziele)
        parts = self.teile if same else _packed(teile.as_json().encode())
        page = _packed(put_together(kopf, teile).encode())
        made = replace(self, html=page, teile=parts, vorlage=_vorlage())
        return replace(made, stellen=stellen, ziele=ziele)

    def _eingesetzt(self, stellen: Sequence[Stelle], ziele: Sequence[Zielort]) -> Teile | None:
        """Return the parts with other comments and goals; None where one can't be set in."""
        comments = [pair for pair in zip(self.stellen, stellen, strict=True) if pair[0] != pair[1]]
        if any(looks_like_pseudonym(unescape(written(now[2]))) for _, now in comments):
            return None
        goals = [pair for pair in zip(self.ziele, ziele, strict=True) if pair[0] != pair[1]]
        if any(not (before.html and now.html) for before, now in goals):
            return None
        pairs = [(_gezeigt(before), _gezeigt(now)) for before, now in comments]
        pairs += [(clean(before.html), clean(now.html)) for before, now in goals]
        teile: Teile | None = Teile.from_json(_unpacked(self.teile).decode())
        for before, now in pairs:
            teile = teile.mit(before, now) if teile else None
        return teile


@dataclass(frozen=True)
class _Seite:
    """A report to be had: where its page is kept, and the one that lies there."""

    bericht: Bericht
    said: Erklaerung
    figuren: str
    platz: store.Platz | None
    fertig: Fertig | None


def finish(
    daten: store.Daten, lauf: Lauf, berichte: Sequence[Bericht],
    done: Mapping[str, Erklaerung], decided: Entschiedenes, report: Progress,
) -> list[Ausgabe]:  # fmt: skip
    """Return the reports of the run: made of what was decided, or as they were made before.

    Raises:
        NotebookFailed, NotReleased: As :func:`~sozcontrol.press.seite.drawing.draw_notebook`.
    """
    pages = [_look(daten, lauf, b, done[b.bereich.id], decided) for b in berichte]
    todo = [page for page in pages if page.fertig is None]
    made: dict[str, Fertig] = {}
    if todo:
        with bilder(daten):
            found = zu_zweit(partial(_draw, daten, lauf, decided), todo)
            for page, (fertig, charts) in zip(todo, found, strict=True):
                made[page.bericht.name] = fertig
                lerne(charts)
    return [_ausgabe(page, page.fertig or made[page.bericht.name], report) for page in pages]


def _look(
    daten: store.Daten, lauf: Lauf, bericht: Bericht, said: Erklaerung, decided: Entschiedenes
) -> _Seite:
    figures = decided.abdruck(said.bereich, bericht.edition.id)
    name = store.name_aus("seite", said.bereich, bericht.edition.id, lauf.arbeitsstand)
    kopf = _head(lauf, bericht)
    told = seal.digest(repr((_cells(said), kopf, *_around(lauf, bericht))).encode())
    made_of = [figures, said.pruefsumme, told, _pakete()]
    place = store.platz(daten, BEHALTEN, name, made_of)
    found = place.read() if place else None
    kept = cast("Fertig", found[0]) if found else None
    now = kept.heute(daten.projekt, kopf, lauf.beschluesse) if kept else None
    if place and now and now is not kept:
        place.write(now)
    return _Seite(bericht, said, figures, place, now)


def _draw(
    daten: store.Daten, lauf: Lauf, decided: Entschiedenes, page: _Seite
) -> tuple[Fertig, dict[str, bytes]]:
    """Make a page and keep it; return it with the charts that were drawn for it."""
    known = set(gezeichnete())
    edition = page.bericht.edition.id
    drawn = draw_notebook(page.said, decided, edition, daten.projekt, lauf.beschluesse)
    fertig = make(lauf, page.bericht, page.said, drawn)
    if page.platz:
        page.platz.write(fertig)
    return fertig, {what: svg for what, svg in gezeichnete().items() if what not in known}


def make(lauf: Lauf, bericht: Bericht, said: Erklaerung, drawn: Gezeichnet) -> Fertig:
    """Render a drawn notebook, and write what lies beside its page."""
    kopf = replace(_head(lauf, bericht), tabellen=len(drawn.page.tafeln))
    doubts, gaps = _around(lauf, bericht)
    vorlage = _vorlage()  # of before it is read: if it changes meanwhile, the next run sees it
    seite = render_report(drawn.nb, bericht.bereich, kopf, doubts, gaps)
    told = [text for text in (*doubts, scope(bericht.bereich, kopf.kommune), gaps) if text]
    mappe, csv = _files(bericht, drawn, kopf, told)
    read = tuple((day, area, text) for (day, area), text in drawn.page.gelesen.items())
    return Fertig(
        html=_packed(seite.html.encode()),
        aussage=seite.aussage,
        geheim=Geheimhaltung.of(drawn.page),
        verworfen=dict(said.verworfen),
        teile=_packed(seite.teile.as_json().encode()),
        vorlage=vorlage,
        mappe=None if mappe is None else _packed(mappe),
        csv={name: _packed(content) for name, content in csv.items()},
        kommentare=read,
        stellen=tuple(drawn.page.stellen),
        ziele=tuple(drawn.page.ziele),
    )


def _gezeigt(stelle: Stelle) -> str:
    """Return what stands in an output that shows a whole comment."""
    _, _, text, missing = stelle
    return clean(written(text) or missing)


def _steht(ort: Zielort, beschluesse: Sequence[Zielbeschluss]) -> Zielort:
    """Return a place with its goal as it holds now, and the line that belongs there."""
    now = beschlossen(ort.ziel.erklaert or ort.ziel, beschluesse)
    if now == ort.ziel:
        return ort
    from sozcontrol.present.zielstand import beneath

    return replace(ort, ziel=now, html=ort.html and beneath(now, ort.gezeigt, ort.am))


def _ausgabe(page: _Seite, made: Fertig, report: Progress) -> Ausgabe:
    bericht = page.bericht
    if made.geheim.ganz:
        names = ", ".join(f"»{title}«" for title in made.geheim.ganz)
        report.warn(f"{bericht.name}: ganz gesperrt ist {names}.")
    return Ausgabe(
        bericht, _unpacked(made.html).decode(), page.said.sekunden, made.verworfen, made.geheim,
        made.aussage, None if made.mappe is None else _unpacked(made.mappe),
        {name: _unpacked(content) for name, content in made.csv.items()}, page.figuren,
    )  # fmt: skip


def _cells(said: Erklaerung) -> list[tuple[object, ...]]:
    """Return what the notebook itself says: its words, its code (some editions show it), tags."""
    return [
        (cell["id"], cell["cell_type"], cell["source"], cell["metadata"].get("tags", ()))
        for cell in said.nb["cells"]
    ]


@cache
def _pakete() -> str:
    """Return the checksum of what pages are made with, beside code and facts."""
    return store.name_aus("pakete", packages())


@cache
def _vorlage() -> str:
    """Return the checksum of the template that reports are put together by."""
    return seal.digest(repr([seal.checksum(HERE / TEMPLATE / name) for name in SHELL]).encode())


def _head(lauf: Lauf, bericht: Bericht) -> Kopf:
    kopf = lauf.kopf(bericht.edition, bericht.berichtsarten, bericht.prognose)
    return _dated(kopf, bericht)


def _around(lauf: Lauf, bericht: Bericht) -> tuple[tuple[str, ...], str | None]:
    """Return the doubts that concern a report, and what it lacks."""
    # Of a table that was rejected no figure is shown: nothing of it is in doubt.
    used = set(read_by(bericht.bereich)) - blocked_tables(lauf.findings)
    return tuple(zweifel(lauf.findings, used)), lauf.luecken.get(bericht.bereich.id)


def _files(
    bericht: Bericht, drawn: Gezeichnet, kopf: Kopf, gesagt: Sequence[str]
) -> tuple[bytes | None, dict[str, bytes]]:
    """Return what lies beside a page: the workbook of its tables, and open files of them."""
    if not drawn.page.tafeln:
        return None, {}
    from sozcontrol.press.seite.arbeitsmappe import workbook
    from sozcontrol.press.seite.csvtabellen import csv_files

    given = (drawn.page.tafeln, bericht.bereich.titel, kopf, gesagt)
    return workbook(*given), csv_files(*given) if kopf.offen else {}


def _dated(kopf: Kopf, bericht: Bericht) -> Kopf:
    """Say in the head when the report is due, and which day the next one speaks of."""
    termin = catalogue.termin_am(kopf.stichtag)
    if termin is None:
        return kopf
    found: dict[date, list[Frist]] = {}
    for duty in due(termin, kopf.stichtag, kopf.kommune.feiertage):
        if set(duty.frist.arten) & set(bericht.berichtsarten):
            found.setdefault(duty.am, []).append(duty.frist)
    return replace(
        kopf,
        faellig=tuple(
            (day, ", ".join(f.was for f in owed), ", ".join(f.kurz or f.was for f in owed))
            for day, owed in found.items()
        ),
        naechster=following(bericht.bereich, kopf.stichtag),
    )


def _packed(content: bytes) -> str:
    return base64.b64encode(zlib.compress(content, 1)).decode("ascii")


def _unpacked(text: str) -> bytes:
    return zlib.decompress(base64.b64decode(text))
