"""The gate before publication: what readers can reckon back from the finished pages.

It shares no code with the decision (rooms ``disclosure`` and ``present``) and knows neither what it
decided nor what the tables declared: it reads HTML, and its list of what hangs together is its own
(``catalogue/leserwissen.yml``). Files beside a page are held against it: they may say nothing more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sozcontrol import catalogue, store
from sozcontrol.catalogue.leserwissen import Leserwissen
from sozcontrol.errors import DeliveryMissing, NotReleased
from sozcontrol.press.ablegen import manifest
from sozcontrol.press.ablegen.modell import Ausgabe, Lauf
from sozcontrol.press.gegenprobe import satzprobe
from sozcontrol.press.gegenprobe.blatt import Blatt
from sozcontrol.press.gegenprobe.figuren import Figur, Zelle, figuren
from sozcontrol.press.gegenprobe.gelernt import Stand
from sozcontrol.press.gegenprobe.grenzen import Spanne, grenzen
from sozcontrol.press.gegenprobe.kenntnis import Kenntnis
from sozcontrol.press.gegenprobe.rohseite import Rohseite, gelesenes
from sozcontrol.press.lauf.unchanged import BEHALTEN
from sozcontrol.press.lauf.verborgenes import Bewahrt, Verborgen, entschiedenes
from sozcontrol.projekt import Projekt
from sozcontrol.store import seal

TAGE = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"
"""Names of the folders of a Stichtag."""
HAELT = "hält"
SPIEL = 0.1
"""An amount is given away when it can lie nowhere but within a tenth of itself."""
EURO = 2.0
"""Amounts so near are one, whatever their size."""


@dataclass(frozen=True)
class Fund:
    """A mark that gives itself away: to the readers of which edition, in which tables."""

    edition: str
    zelle: Zelle
    tafeln: frozenset[str]
    spanne: Spanne


@dataclass(frozen=True)
class Ergebnis:
    """What the attack found, how many marks it tried, and how often its knowledge did not fit."""

    funde: tuple[Fund, ...]
    ziele: int
    zweifel: int


def angreifen(
    blaetter: Sequence[Blatt], *, neu: Collection[Blatt] | None = None,
    wissen: Leserwissen | None = None,
) -> Ergebnis:  # fmt: skip
    """Attack every edition with all pages its readers may have.

    With *neu* what fell to the other pages alone is no find: it was given away before.
    """
    wissen = catalogue.leserwissen() if wissen is None else wissen
    read = {blatt: figuren(blatt, wissen) for blatt in blaetter}
    old = {b: f for b, f in read.items() if neu is not None and b not in neu}
    found: list[Fund] = []
    goals = doubts = 0
    for edition in _editionen(blaetter):
        attack = _angriff(edition, read, wissen)
        goals, doubts = goals + attack.ziele, doubts + attack.zweifel
        if attack.funde and old:
            again = _angriff(edition, old, wissen, {f.zelle: {*f.tafeln} for f in attack.funde})
            given = {f.zelle for f in again.funde}
            found += [f for f in attack.funde if f.zelle not in given]
        else:
            found += attack.funde
    return Ergebnis(tuple(found), goals, doubts)


def demand_safe(blaetter: Sequence[Blatt], neu: Collection[Blatt]) -> None:
    """Refuse *neu* where it gives a hidden figure away, by itself or beside the other pages.

    Refuse it, too, where words or pictures name what a table hides, and where a file beside a page
    says what the page does not.

    Raises:
        NotReleased: Names editions and tables and how many; never which figure or what it is.
    """
    if funde := angreifen(blaetter, neu=neu).funde:
        raise NotReleased(
            f"Gesperrte Zahlen lassen sich zurückrechnen: {beschreibung(funde)}.",
            wo="Gegenprobe der fertigen Seiten, auch mit früheren Stichtagen und anderen Editionen",
            tun=f"Nichts davon weitergeben. {ausweg(blaetter, neu, funde)}"
            "Den Fall mit der Entscheidung unter data/ melden.",
        )
    if said := _gezaehlt((b.edition, titel) for b in neu for titel in b.gesagt):
        raise NotReleased(
            f"Sätze oder Bilder nennen, was die Tafeln sperren: {said}.",
            wo="Gegenprobe der fertigen Seiten, Text und Bilder",
            tun="Nichts davon weitergeben; den Satz (auch eines Kommentars) oder das Bild ändern.",
        )
    if more := _gezaehlt((b.edition, titel) for b in neu for titel in b.mehr):
        raise NotReleased(
            f"Arbeitsmappen oder CSV-Dateien sagen anderes als ihre Seite: {more}.",
            wo="Gegenprobe der fertigen Seiten und der Dateien daneben",
            tun="Nichts davon weitergeben; die Berichte neu erstellen: sozcontrol run --force.",
        )


def ausweg(blaetter: Sequence[Blatt], neu: Collection[Blatt], funde: Sequence[Fund]) -> str:
    """Say which new area to leave out, and which reports of other days have a part in it.

    Each by itself is enough for everything else to hold; empty where no single one is. What was
    found is attacked first, everything only where that holds: a page less may let a reader believe
    a sum that it had refuted.
    """
    wissen = catalogue.leserwissen()
    read = {blatt: figuren(blatt, wissen) for blatt in blaetter}
    goals: dict[str, dict[Zelle, set[str]]] = {}
    for f in funde:
        goals.setdefault(f.edition, {})[f.zelle] = {*f.tafeln}

    def holds(without: Callable[[Blatt], bool]) -> bool:
        left = {b: found for b, found in read.items() if not without(b)}
        if any(_angriff(e, left, wissen, cells).funde for e, cells in goals.items()):
            return False
        return not angreifen([*left], neu=[b for b in left if b in neu]).funde

    areas = [
        a for a in dict.fromkeys(b.bereich for b in neu)
        if holds(lambda b, a=a: b in neu and b.bereich == a)  # type: ignore[misc]
    ]  # fmt: skip
    days = [
        d for d in sorted({b.stichtag for b in blaetter if b not in neu})
        if holds(lambda b, d=d: b not in neu and b.stichtag == d)  # type: ignore[misc]
    ]  # fmt: skip
    said = ""
    if areas:
        names = " oder ".join(f"»{a}«" for a in areas)
        said += (
            f"Ohne den Bereich {names} hält alles: ihn weglassen "
            "(sozcontrol run mit --bereich für jeden anderen). "
        )
    if days:
        shown = " und ".join(f"{d:%d.%m.%Y}" for d in days)
        again = " ".join(f"--stichtag {d}" for d in days)
        said += (
            f"Beteiligt sind die veröffentlichten Berichte zum {shown}; erschienen sie in Teilen, "
            f"hilft es, sie alle neu auszugeben (sozcontrol run {again}) und es dann noch einmal "
            "zu versuchen. "
        )
    return said


def pruefe(
    projekt: Projekt, lauf: Lauf, ausgaben: Iterable[Ausgabe],
    verborgen: Mapping[tuple[str, str], Sequence[Verborgen]], daten: store.Daten | None = None,
) -> None:  # fmt: skip
    """Attack the reports of a run before they are published, beside all that stays published.

    *verborgen* is what was decided to be hidden, by area and edition: no word may name it. Every
    page is read back once: beside *daten* is kept what was read of just these bytes, and that just
    these tables held before.

    Raises:
        NotReleased: As :func:`demand_safe`.
    """
    days = (lauf.stichtag, lauf.datenstand)
    made = [
        (Rohseite(a.bericht.bereich.id, a.bericht.edition.id, *days, a.html, a.mappe, a.csv),
         a.figuren)
        for a in ausgaben if a.bericht.edition.schwelle
    ]  # fmt: skip
    if not made:
        return
    gone = {(r.stichtag, r.edition, r.bereich) for r, _ in made}
    years = range(lauf.stichtag.year - 1, lauf.stichtag.year + 2)
    with gelesenes(daten) as read:
        old = read.seiten([*_veroeffentlicht(projekt, years, gone)])
        new = read.seiten([page for page, _ in made], verborgen, [f for _, f in made])

        def attack() -> str:
            pages = [page.blatt for page in new]
            demand_safe([*(page.blatt for page in old), *pages], pages)
            return HAELT

        # What was read of them is all that is reckoned with, and the facts are part of the code.
        seen = seal.digest(repr([[page.abdruck for page in some] for some in (old, new)]).encode())
        store.gerechnet(daten, BEHALTEN, store.name_aus("gegenprobe"), attack, [seen])


def veroeffentlichte(
    projekt: Projekt, jahre: Collection[int] | None = None,
    ohne: Collection[tuple[date, str, str]] = (),
) -> Iterator[Blatt]:  # fmt: skip
    """Yield the published pages of all editions that hide anything, of all years or of *jahre*.

    Those *ohne* (Stichtag, edition, area) are about to be replaced, and not read.

    Raises:
        Damaged: A manifest is not what was written.
    """
    yield from (page.blatt() for page in _veroeffentlicht(projekt, jahre, ohne))


def _veroeffentlicht(
    projekt: Projekt, jahre: Collection[int] | None, ohne: Collection[tuple[date, str, str]]
) -> Iterator[Rohseite]:
    """Yield the same as the bytes of their files."""
    for edition in catalogue.editionen().values():
        root = projekt.reports if edition.ablage == "reports" else projekt.intern
        for folder in sorted(root.glob(f"{TAGE}/{edition.id}")) if edition.schwelle else ():
            day = date.fromisoformat(folder.parent.name)
            if jahre is None or day.year in jahre:
                gone = {area for on, of, area in ohne if (on, of) == (day, edition.id)}
                yield from _seiten(folder, edition.id, day, gone)


def _seiten(
    folder: Path, edition: str, stichtag: date, ohne: Collection[str]
) -> Iterator[Rohseite]:
    there = {path.stem for pattern in ("*.xlsx", "csv/*") for path in folder.glob(pattern)}
    there -= {*ohne}
    for area, entry in manifest.read(folder).get("berichte", {}).items():
        name, known = entry["datei"], entry["datenstand"]
        if name and known and area not in ohne:
            html, book = (folder / name).read_text(encoding="utf-8"), folder / f"{area}.xlsx"
            mappe = book.read_bytes() if book.is_file() else None
            offen = {p.name: p.read_bytes() for p in folder.glob(f"csv/{area}/*")}
            days = (stichtag, date.fromisoformat(known))
            yield Rohseite(area, edition, *days, html, mappe, offen)
            there.discard(area)
    for left in sorted(there):
        yield Rohseite(left, edition, stichtag, stichtag, None)


def audit(projekt: Projekt) -> str:
    """Attack all that is published; say in German how many marks held, and what had no measure.

    Sentences are held against what the decision of their Stichtag hides, where it is kept.

    Raises:
        NotReleased: Some did not.
        DeliveryMissing: Nothing is published.
    """
    raw = [*_veroeffentlicht(projekt, None, ())]
    if not raw:
        raise DeliveryMissing(
            "Es ist kein Bericht veröffentlicht, den jemand lesen könnte.",
            wo=str(projekt.reports), tun="Erst die Berichte erstellen: sozcontrol run.",
        )  # fmt: skip
    decided = {
        days: entschiedenes(projekt, *days)
        for days in dict.fromkeys((p.stichtag, p.datenstand) for p in raw)
    }
    pages = [_mit_saetzen(p, decided[p.stichtag, p.datenstand]) for p in raw]
    demand_safe(pages, pages)
    marks = sum(t.zeichen for p in pages for t in p.tafeln)
    said = f"{len(pages)} Seiten mit {marks} gesperrten Zahlen: keine lässt sich zurückrechnen."
    open_ = sum(decided[p.stichtag, p.datenstand] is None for p in raw)
    if open_:
        said += (
            f" Sätze von {open_} Seiten sind nicht gemessen: Was sie sperrten, ist nicht bewahrt."
        )
    return said


def _mit_saetzen(raw: Rohseite, known: Bewahrt | None) -> Blatt:
    """Return a page with what its words give away of what its decision hides."""
    page, there = raw.blatt(), (known or {}).get(raw.edition, {})
    hidden = satzprobe.gesperrt_auf(page, [v for v, closed in there.items() if closed])
    said = satzprobe.verraten(raw.wortlaut or "", page, hidden)
    return page.zum_angriff(said)


def beschreibung(funde: Iterable[Fund]) -> str:
    """Say in which tables of which editions how many figures fall."""
    return _gezaehlt((f.edition, title) for f in funde for title in sorted(f.tafeln))


def _gezaehlt(orte: Iterable[tuple[str, str]]) -> str:
    """Write editions and titles, each with how often it is there."""
    counted = Counter(orte).items()
    return "; ".join(f"{edition}, »{title}« ({n})" for (edition, title), n in counted)


def _editionen(blaetter: Iterable[Blatt]) -> list[str]:
    known = catalogue.editionen()
    there = dict.fromkeys(b.edition for b in blaetter)
    return [e for e in there if e in known and known[e].schwelle]


def _angriff(
    edition: str, read: Mapping[Blatt, list[Figur]], wissen: Leserwissen,
    ziele: Mapping[Zelle, set[str]] | None = None,
) -> Ergebnis:  # fmt: skip
    """Attack the marks of one edition (or *ziele*) with all pages that hide as much or more."""
    known, least = Kenntnis(wissen), catalogue.edition(edition).schwelle
    for blatt, figures in read.items():
        if catalogue.edition(blatt.edition).schwelle >= least:
            known.lesen(figures, ziel=ziele is None and blatt.edition == edition)
    if ziele is not None:
        known.ziele = {z: titles for z, titles in ziele.items() if z in known.staende}
        for cell in known.ziele:
            known.staende[cell].geheim = True
    limits = grenzen(known, lambda stand, spanne: _faellt(stand, spanne, least))
    fallen = {z: s for z, s in limits.spannen.items() if _faellt(known.staende[z], s, least)}
    funde = [Fund(edition, z, frozenset(known.ziele[z]), s) for z, s in fallen.items()]
    return Ergebnis(tuple(funde), len(known.ziele), limits.zweifel)


def _faellt(stand: Stand, spanne: Spanne, schwelle: int) -> bool:
    """Say whether a mark is given away: named, proved small, or an amount known to a tenth.

    A zero tells of nobody. A rate is only a goal where it is shown elsewhere.
    """
    low, high = spanne
    if stand.form == "anzahl":
        named = stand.geheim and high - low < 1 and round(low) != 0
        return named or (-schwelle < low <= high < schwelle and (low > 0 or high < 0))
    if stand.form == "geld":
        return high - low < max(EURO, SPIEL * min(abs(low), abs(high)))
    return False
