"""Finished pages, kept beside a stored delivery: made again only when something on them changed.

A comment concerns the page of its office, and those that quote it. So with a page is kept which
comments it asked for, and what they said; all else that decides it is in its name: what its
notebook declares and says, the figures (those it hides, too), its head, templates, code and facts.
Released figures, for this user only (those of an internal edition are among them), gone with the
delivery.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, cast

from sozcontrol import catalogue, store
from sozcontrol.catalogue.bericht import Frist
from sozcontrol.findings import blocked_tables
from sozcontrol.press.ablegen.modell import Ausgabe, Lauf
from sozcontrol.press.lauf.declarations import Erklaerung
from sozcontrol.press.lauf.plan import Bericht, due, following
from sozcontrol.press.lauf.progress import Progress
from sozcontrol.press.lauf.unchanged import BEHALTEN, packages
from sozcontrol.press.lauf.zweifel import read_by, zweifel
from sozcontrol.press.seite.drawing import Gezeichnet, draw_notebook
from sozcontrol.press.seite.export import HERE, TEMPLATE, Kopf, render_report, scope
from sozcontrol.press.seite.geheimhaltung import Geheimhaltung
from sozcontrol.store import seal

if TYPE_CHECKING:
    from sozcontrol.disclosure import Entscheidung
    from sozcontrol.projekt import Projekt


@dataclass(frozen=True)
class Fertig:
    """A page and what lies beside it, packed; ``kommentare`` are the ones it asked for, as read.

    ``verworfen`` counts by cell what its notebook left that is no declaration.
    """

    html: str
    aussage: str
    geheim: Geheimhaltung
    verworfen: dict[str, int]
    mappe: str | None = None
    csv: dict[str, str] = field(default_factory=dict)
    kommentare: tuple[tuple[date, str, str], ...] = ()

    def stands(self, projekt: Projekt) -> bool:
        """Say whether all comments it asked for are what they were."""
        return all(projekt.stellungnahme(day, area) == text for day, area, text in self.kommentare)


def finish(
    daten: store.Daten, lauf: Lauf, bericht: Bericht, said: Erklaerung, decided: Entscheidung,
    report: Progress,
) -> Ausgabe:  # fmt: skip
    """Return a report of the run: made of what was decided, or as it was made before.

    Raises:
        NotebookFailed, NotReleased: As :func:`~sozcontrol.press.seite.drawing.draw_notebook`.
    """
    figures = _figures(said, decided, bericht.edition.id)
    name = store.name_aus("seite", said.bereich, bericht.edition.id, lauf.arbeitsstand)
    told = (_head(lauf, bericht), *_around(lauf, bericht))
    made_of = [figures, said.pruefsumme, seal.digest(repr((_cells(said), told)).encode()), _kit()]
    place = store.platz(daten, BEHALTEN, name, made_of)
    found = place.read() if place else None
    kept = cast("Fertig", found[0]) if found else None
    if kept is None or not kept.stands(daten.projekt):
        drawn = draw_notebook(said, decided, bericht.edition.id, daten.projekt)
        kept = make(lauf, bericht, said, drawn)
        if place:
            place.write(kept)
    return _ausgabe(bericht, said, kept, figures, report)


def make(lauf: Lauf, bericht: Bericht, said: Erklaerung, drawn: Gezeichnet) -> Fertig:
    """Render a drawn notebook, and write what lies beside its page."""
    kopf = replace(_head(lauf, bericht), tabellen=len(drawn.page.tafeln))
    doubts, gaps = _around(lauf, bericht)
    seite = render_report(drawn.nb, bericht.bereich, kopf, doubts, gaps)
    told = [text for text in (*doubts, scope(bericht.bereich, kopf.kommune), gaps) if text]
    mappe, csv = _files(bericht, drawn, kopf, told)
    read = tuple((day, area, text) for (day, area), text in drawn.page.gelesen.items())
    return Fertig(
        html=_packed(seite.html.encode()),
        aussage=seite.aussage,
        geheim=Geheimhaltung.of(drawn.page),
        verworfen=dict(said.verworfen),
        mappe=None if mappe is None else _packed(mappe),
        csv={name: _packed(content) for name, content in csv.items()},
        kommentare=read,
    )


def _ausgabe(
    bericht: Bericht, said: Erklaerung, made: Fertig, figures: str, report: Progress
) -> Ausgabe:
    if made.geheim.ganz:
        names = ", ".join(f"»{title}«" for title in made.geheim.ganz)
        report.warn(f"{bericht.name}: ganz gesperrt ist {names}.")
    return Ausgabe(
        bericht, _unpacked(made.html).decode(), said.sekunden, made.verworfen, made.geheim,
        made.aussage, None if made.mappe is None else _unpacked(made.mappe),
        {name: _unpacked(content) for name, content in made.csv.items()}, figures,
    )  # fmt: skip


def _figures(said: Erklaerung, decided: Entscheidung, edition: str) -> str:
    """Return the checksum of a page's figures: as its readers see them, and as they are."""
    return decided.abdruck(said.bereich, (edition, catalogue.offene_edition()))


def _cells(said: Erklaerung) -> list[tuple[object, ...]]:
    """Return what the notebook itself says: its words, its code (some editions show it), tags."""
    return [
        (cell["id"], cell.cell_type, cell.source, cell.metadata.get("tags", ()))
        for cell in said.nb.cells
    ]


@cache
def _kit() -> str:
    """Return the checksum of what pages are made with, beside code and facts."""
    files = sorted(p for p in (HERE / TEMPLATE).iterdir() if p.is_file())
    return seal.digest(json.dumps([*packages(), *map(seal.checksum, files)]).encode())


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
