"""A page composed of two publications of one edition: drawn, read back, then handed over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sozcontrol import __version__, catalogue
from sozcontrol.errors import UsageError
from sozcontrol.press.auszug.zahlenvergleich import Ausgabe, between, differences, table_of
from sozcontrol.press.gegenprobe.blatt import Blatt, tafeln
from sozcontrol.press.gegenprobe.mappenprobe import Mappenprobe, demand_composed
from sozcontrol.press.gegenprobe.wordprobe import Papierprobe
from sozcontrol.press.seite.export import long_date, render_page
from sozcontrol.press.seite.kachelvergleich import GLEICH, Vergleich, headline
from sozcontrol.press.seite.seiteninhalt import Abschnitt, Tabelle, Text

GLEICH_REIF = 14
"""So many days the data of both may differ in age."""
HINWEIS = (
    "Unterschiede sind aus den gedruckten Werten gerechnet; was in einer der beiden Ausgaben "
    "geheim gehalten ist, hat keinen. Was seit Jahresbeginn läuft, ist nur mit demselben Tag eines "
    "anderen Jahres zu vergleichen. Ein Ziel kann auch anders stehen, weil ein Gremium es geändert "
    "hat."
)


@dataclass(frozen=True)
class Mappe:
    """What is drawn: the statement above, the facts beside it, and sections.

    ``eigenes`` is what it says that no report does: days of the Kommune, how mature data are.
    """

    titel: str
    untertitel: str
    angaben: tuple[tuple[str, str], ...]
    abschnitte: Sequence[Abschnitt]
    eigenes: tuple[str, ...] = ()


def drawn(mappe: Mappe, damals: Ausgabe | None, jetzt: Ausgabe) -> str:
    """Return the page as HTML, read back against the pages it is made of.

    Raises:
        UsageError: The edition stays in the house, and a page made of it could lie anywhere.
        NotReleased: It says more than they do.
    """
    edition = catalogue.edition(jetzt.ordner.edition)
    if edition.ablage != "reports":
        raise UsageError(
            f"Die »{edition.titel}« bleibt unter data/; daraus entsteht keine Seite.",
            wo="Edition", tun="Eine Edition nennen, die unter reports/ liegt, etwa leitung.",
        )  # fmt: skip
    kommune = catalogue.kommune(str(jetzt.ordner.manifest.get("kommune")))
    sources = [a for a in (damals, jetzt) if a]
    origin = "; ".join(f"{a.ordner.titel}, {a.name}" for a in sources)
    context = {
        "kommune": kommune, "edition": edition,
        "version": __version__, "titel": mappe.titel, "untertitel": mappe.untertitel,
        "stichtag": long_date(jetzt.stichtag), "datenstand": long_date(jetzt.datenstand),
        "berichtsarten": None, "angaben": mappe.angaben, "abschnitte": mappe.abschnitte,
        "herkunft": f"Zusammengestellt aus veröffentlichten Berichten: {origin}.",
    }  # fmt: skip
    html = render_page("mappe", resources=context)
    days = [long_date(d) for a in sources for d in (a.stichtag, a.datenstand)]
    facts = [text for pair in mappe.angaben for text in pair]
    words = [mappe.titel, origin, __version__, *days, *facts, *mappe.eigenes]
    empty = Papierprobe([])
    probe = Mappenprobe(_probe(damals) if damals else empty, _probe(jetzt), words)
    demand_composed(html, probe)
    return html


def _probe(one: Ausgabe) -> Papierprobe:
    edition, day = one.ordner.edition, one.stichtag
    return Papierprobe(
        [(p.html, Blatt(p.bereich, edition, day, p.datenstand, tafeln(p.html))) for p in one.seiten]
    )


def comparison_page(damals: Ausgabe, jetzt: Ausgabe) -> str:
    """Return the page of all Kennzahlen two publications share: then, now, the difference.

    Raises:
        UsageError: They are for different readers.
        NotReleased: The page says more than they do.
    """
    found = differences(damals, jetzt)
    changed = [v for v in found if v.anderer_stand]
    stands = table_of(changed, "Stand der Ziele vorher und nachher", damals, jetzt, bereich=True)
    goals = stands if changed else Text("Kein Ziel steht anders.")
    sections = [Abschnitt("ziele", "Ziele, die anders stehen", (goals,))]
    notes = _notes(damals, jetzt)
    areas = dict.fromkeys(v.bereich for v in found)
    tables = [b for a in areas for b in _area([v for v in found if v.bereich == a], damals, jetzt)]
    sections.append(
        Abschnitt("kennzahlen", "Alle Kennzahlen, die sich verändert haben", (*tables,))
    )
    sections.append(Abschnitt("lesart", "Wie das zu lesen ist", notes))
    facts = (("Vorher", damals.name), ("Nachher", jetzt.name))
    told = f"Vergleich: {between(damals, jetzt)}"
    mappe = Mappe(headline(found), told, facts, sections, tuple(n.text for n in notes))
    return drawn(mappe, damals, jetzt)


def _notes(damals: Ausgabe, jetzt: Ausgabe) -> tuple[Text, ...]:
    """Return how to read differences; what is not equally mature is said."""
    then, now = ((a.datenstand - a.stichtag).days for a in (damals, jetzt))
    told = (
        f"Nicht gleich reif: Vorher lag der Datenstand {then} Tage nach dem Stichtag, nachher "
        f"{now}. Was spät erfasst wird, fehlt auf der jüngeren Seite eher."
    )
    return (Text(HINWEIS), Text(told)) if abs(then - now) > GLEICH_REIF else (Text(HINWEIS),)


def _area(found: Sequence[Vergleich], damals: Ausgabe, jetzt: Ausgabe) -> list[Tabelle | Text]:
    """Return the Kennzahlen of an area that differ as a table, and which don't."""
    told = [v for v in found if v.unterschied != GLEICH or v.anderer_stand]
    still = [v.titel for v in found if v not in told]
    title = catalogue.bereich(found[0].bereich).titel
    blocks: list[Tabelle | Text] = [table_of(told, title, damals, jetzt)] if told else []
    name = "Unverändert" if told else f"{title}, unverändert"
    return [*blocks, Text(f"{name}: {', '.join(still)}.")] if still else blocks


def comparison_text(damals: Ausgabe, jetzt: Ausgabe) -> str:
    """Return the same for the terminal.

    Raises:
        UsageError: They are for different readers.
    """
    found = differences(damals, jetzt)
    lines = [f"Vergleich: {between(damals, jetzt)}", headline(found)]
    area = ""
    for one in found:
        if one.bereich != area:
            area = one.bereich
            lines += ["", catalogue.bereich(area).titel]
        state = f"; {one.stand_jetzt}, vorher {one.stand_damals}" if one.anderer_stand else ""
        lines.append(f"  {one.titel}: {one.damals} → {one.jetzt} ({one.unterschied}){state}")
    return "\n".join([*lines, "", HINWEIS]).replace("\u00a0", " ")
