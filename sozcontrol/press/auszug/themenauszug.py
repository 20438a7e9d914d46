"""Chosen sections of published reports as a paper for a committee, read back before it is written.

Only the edition the committee sees is taken, and only what its manifest still names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from sozcontrol import catalogue, store
from sozcontrol.errors import DeliveryMissing, UsageError
from sozcontrol.press.ablegen.manifestprobe import Ausgabeordner, demand_published
from sozcontrol.press.ablegen.publish import target
from sozcontrol.press.auszug.wordbild import png
from sozcontrol.press.auszug.wordpapier import (
    DATEN_DORT,
    GEHEIM,
    Papier,
    Quelle,
    neutral_template,
    word_file,
)
from sozcontrol.press.gegenprobe.blatt import Blatt, tafeln
from sozcontrol.press.gegenprobe.wordprobe import Papierprobe, demand_paper
from sozcontrol.press.lauf.parameter import parse_date
from sozcontrol.press.seite.export import long_date
from sozcontrol.press.seite.seiteninhalt import Abschnitt, Bild, Inhalt, Tabelle, inhalt
from sozcontrol.projekt import Projekt

EDITION = "gremium"
HERKUNFT = "frage-herkunft"
"""The section on files and definitions: it stays on the page, the paper names the page."""


@dataclass(frozen=True)
class Auszugswunsch:
    """Which sections of which reports of a Stichtag, under which title, in which template.

    A section is named as the page calls it, by the name in its address or by its heading, a part of
    one by its heading; with ``bereich/`` before it only that report's.
    """

    stichtag: str | None
    bereiche: tuple[str, ...]
    abschnitte: tuple[str, ...] = ()
    titel: str | None = None
    vorlage: str | None = None


@dataclass(frozen=True)
class Seite:
    """A published page: of which area, with which data, and what it says."""

    bereich: str
    kommune: str
    html: str
    datenstand: date
    gesperrt: bool
    pruefsumme: str
    sagt: Inhalt = field(compare=False)

    @property
    def titel(self) -> str:
        """What readers call the report."""
        return catalogue.bereich(self.bereich).titel


def published_pages(
    projekt: Projekt, stichtag: date, edition: str, bereiche: Sequence[str]
) -> list[Seite]:
    """Return the published pages of *bereiche*, proved to be what was published.

    Raises:
        DeliveryMissing: One isn't published in this edition.
        NotReleased: A file is not what was published.
    """
    one = published_edition(projekt, stichtag, edition)
    return [_page(one, area) for area in bereiche]


def published_edition(projekt: Projekt, stichtag: date, edition: str) -> Ausgabeordner:
    """Return an edition of a Stichtag; all that lies in its folder is what was published.

    Raises:
        DeliveryMissing: It isn't published.
        NotReleased: A file is not what was published.
    """
    ablage = catalogue.edition(edition).ablage
    folder = (target(projekt, ablage, stichtag) / edition).resolve()
    if not folder.is_dir():
        raise _missing(edition, edition, stichtag, folder)
    (one,) = demand_published(folder)
    return one


def pages_of(one: Ausgabeordner) -> list[Seite]:
    """Return all pages of an edition that are there, in the order of the areas."""
    there = {k for k, entry in one.manifest.get("berichte", {}).items() if entry.get("datei")}
    return [_page(one, area) for area in catalogue.bereiche() if area in there]


def _missing(was: str, edition: str, stichtag: date, folder: Path) -> DeliveryMissing:
    return DeliveryMissing(
        f"»{was}« ist zum {long_date(stichtag)} nicht veröffentlicht.",
        wo=str(folder),
        tun=f"Erst erstellen: sozcontrol run --stichtag {stichtag} --edition {edition}.",
    )


def _page(one: Ausgabeordner, area: str) -> Seite:
    catalogue.bereich(area)  # names the nearest one where there is none
    entry = one.manifest.get("berichte", {}).get(area, {})
    name, known = entry.get("datei"), entry.get("datenstand")
    if not name or not known:
        raise _missing(area, one.edition, one.stichtag, one.ordner)
    html = (one.ordner / name).read_text(encoding="utf-8")
    held = entry.get("status") == "gesperrt"
    check = str(entry.get("sha256"))
    town = str(one.manifest.get("kommune"))
    return Seite(area, town, html, date.fromisoformat(known), held, check, inhalt(html))


def committee_paper(projekt: Projekt, wunsch: Auszugswunsch) -> bytes:
    """Return the paper as a Word file, read back and found to say nothing its pages don't.

    Raises:
        UsageError: A section or a placeholder is unknown, or no area is named.
        DeliveryMissing: A report is not published, or the template is not there.
        NotReleased: A page is not what was published, or the paper says more than its pages.
    """
    given = wunsch.stichtag
    on = store.latest_stichtag(projekt) if given is None else parse_date(given, "stichtag")
    if not wunsch.bereiche:
        raise UsageError(
            "Es fehlt, woraus der Auszug sein soll.", wo="--bereich",
            tun="Mindestens einen Bereich nennen: sozcontrol areas zeigt sie.",
        )  # fmt: skip
    pages = published_pages(projekt, on, EDITION, [*dict.fromkeys(wunsch.bereiche)])
    template = _template(wunsch.vorlage)
    paper = _paper(on, pages, wunsch)
    made = word_file(paper, template)
    blaetter = [
        (p.html, Blatt(p.bereich, EDITION, on, p.datenstand, tafeln(p.html))) for p in pages
    ]
    drawn = frozenset((b.text, png(b.svg)) for p in pages for b in _charts(p.sagt.abschnitte))
    demand_paper(made, template, Papierprobe(blaetter, [*paper.angaben.values()], drawn))
    return made


def _charts(sections: Iterable[Abschnitt]) -> Iterator[Bild]:
    blocks = (b for section in sections for b in section.bloecke)
    return (b for b in blocks if isinstance(b, Bild) and b.svg)


def _template(path: str | None) -> bytes:
    if path is None:
        return neutral_template()
    if not Path(path).is_file():
        raise DeliveryMissing(
            "Die Word-Vorlage gibt es nicht.", wo=path,
            tun="Den Pfad prüfen, oder ein Muster schreiben: sozcontrol auszug --neue-vorlage "
            "DATEI.docx.",
        )  # fmt: skip
    return Path(path).read_bytes()


def _paper(on: date, pages: Sequence[Seite], wunsch: Auszugswunsch) -> Papier:
    chosen = _chosen(pages, wunsch.abschnitte)
    used = [p for p in pages if chosen[p.bereich]]
    sources = [Quelle(p.sagt, chosen[p.bereich], _origin(p), _held(p)) for p in used]
    names, latest = ", ".join(p.titel for p in used), max(p.datenstand for p in used)
    text = {
        "kommune": catalogue.kommune(used[0].kommune).name,
        "titel": wunsch.titel or f"Auszug aus dem Sozialcontrolling: {names}",
        "stichtag": long_date(on),
        "datenstand": long_date(latest),
        "edition": catalogue.edition(EDITION).titel,
        "bereiche": names,
        "hinweise": " ".join(_notes(sources)),
        "herkunft": " ".join(s.herkunft for s in sources),
    }
    return Papier(text, latest, sources)


def _chosen(pages: Sequence[Seite], wanted: Sequence[str]) -> dict[str, tuple[Abschnitt, ...]]:
    """Return the sections of each page that were asked for; all but the origin without a wish.

    Raises:
        UsageError: A wish meets no section.
    """
    if not wanted:
        return {p.bereich: tuple(s for s in p.sagt.abschnitte if s.id != HERKUNFT) for p in pages}
    for one in wanted:
        if not any(_picked(page, [one]) for page in pages):
            known = (
                f"{page.bereich}/{s.id} ({', '.join([s.titel, *(t.titel for t in s.teile())])})"
                for page in pages for s in page.sagt.abschnitte
            )  # fmt: skip
            raise UsageError(
                f"Kein Bericht hat den Abschnitt »{one}«.", wo="--abschnitt",
                tun=f"Es gibt: {'; '.join(known)}.",
            )  # fmt: skip
    return {page.bereich: _picked(page, wanted) for page in pages}


def _picked(page: Seite, wanted: Sequence[str]) -> tuple[Abschnitt, ...]:
    """Return the sections of a page that are wanted, and the wanted parts of the others."""

    def meets(section: Abschnitt) -> bool:
        return any(_meets(one, page.bereich, section) for one in wanted)

    found: list[Abschnitt] = []
    for section in page.sagt.abschnitte:
        found += [section] if meets(section) else filter(meets, section.teile())
    return tuple(found)


def _meets(wanted: str, area: str, section: Abschnitt) -> bool:
    of, slash, name = wanted.rpartition("/")
    names = {section.id, section.id.removeprefix("schritt-"), section.id.removeprefix("frage-"),
             section.titel.casefold()}  # fmt: skip
    return (not slash or of == area) and name.casefold() in names


def _origin(page: Seite) -> str:
    return (
        f"Bericht »{page.titel}«, {catalogue.edition(EDITION).titel}, Datenstand "
        f"{long_date(page.datenstand)}, Prüfsumme der Seite {page.pruefsumme[:12]}."
    )


def _held(page: Seite) -> str:
    stand = long_date(page.datenstand)
    told = f"Der Bericht ist gesperrt; gezeigt wird der letzte gültige mit dem Datenstand {stand}."
    return told if page.gesperrt else ""


def _notes(sources: Sequence[Quelle]) -> list[str]:
    blocks = [b for s in sources for section in s.abschnitte for b in section.bloecke]
    tables = [b for b in blocks if isinstance(b, Tabelle)]
    hidden = any("•" in cell for t in tables for row in t.zeilen for cell in row)
    drawn = any(_charts(section for s in sources for section in s.abschnitte))
    return [text for text, said in ((GEHEIM, hidden), (DATEN_DORT, drawn)) if said]
