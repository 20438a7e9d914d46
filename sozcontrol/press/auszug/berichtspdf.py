"""A published report as PDF/UA-1: its page printed, finished, read back, and not kept among them.

What lies among the reports is what a run published and can be built again; a PDF depends on the
browser at hand. It is made of the page when somebody wants it, and names the page by its checksum.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from sozcontrol import catalogue, store
from sozcontrol.errors import UsageError
from sozcontrol.press.auszug.chromium import printed
from sozcontrol.press.auszug.druckfassung import print_version
from sozcontrol.press.auszug.pdffassung import Angaben, finish
from sozcontrol.press.auszug.themenauszug import Seite, published_pages
from sozcontrol.press.gegenprobe.pdfprobe import demand_pdf
from sozcontrol.press.lauf.lock import sole_run
from sozcontrol.press.lauf.parameter import parse_date
from sozcontrol.press.seite.export import long_date
from sozcontrol.projekt import Projekt


def report_pdfs(
    projekt: Projekt, stichtag: str | None, edition: str, bereiche: Sequence[str]
) -> Iterator[tuple[str, bytes]]:
    """Yield the PDFs of published reports with their names, each proved to say what its page says.

    Raises:
        UsageError: The edition stays in the house, or no area is named.
        DeliveryMissing: A report isn't published in this edition.
        ConfigurationError: There is no browser to print with.
        NotReleased: A page is not what was published, or its PDF says other than the page.
    """
    known = catalogue.edition(edition)
    if known.ablage != "reports":
        raise UsageError(
            f"Die »{known.titel}« bleibt unter data/; aus ihr entsteht kein PDF.",
            wo="--edition", tun="Eine Edition nennen, die unter reports/ liegt, etwa leitung.",
        )  # fmt: skip
    if not bereiche:
        raise UsageError(
            "Es fehlt, von welchem Bericht das PDF sein soll.", wo="--bereich",
            tun="Mindestens einen Bereich nennen: sozcontrol areas zeigt sie.",
        )  # fmt: skip
    on = store.latest_stichtag(projekt) if stichtag is None else parse_date(stichtag, "stichtag")
    with sole_run(projekt):
        for page in published_pages(projekt, on, edition, [*dict.fromkeys(bereiche)]):
            yield f"{page.bereich}_{on}_{edition}.pdf", report_pdf(projekt, page, on, edition)


def report_pdf(projekt: Projekt, page: Seite, stichtag: date, edition: str) -> bytes:
    """Return the PDF of one published page; call it with the project's lock held.

    Raises:
        ConfigurationError: There is no browser to print with.
        NotReleased: The PDF says other than the page.
    """
    head = f"Stichtag {long_date(stichtag)} · {catalogue.edition(edition).titel}"
    origin = (
        f"PDF der veröffentlichten Seite {page.bereich}.html, Datenstand "
        f"{long_date(page.datenstand)}, Prüfsumme {page.pruefsumme[:12]}."
    )
    version = print_version(page.html, head, origin)
    kommune = catalogue.kommune(page.kommune)
    angaben = Angaben(
        version.titel, kommune.name, origin, version.sprache, page.datenstand,
        version.verweise, version.ueberschriften,
    )  # fmt: skip
    made = finish(printed(projekt, version.html), angaben)
    demand_pdf(made, page.html, [head, origin, kommune.erfunden_satz or "", *angaben.worte])
    return made
