"""Notebook to one self-contained HTML file, through nbconvert with our own template.

It takes notebooks whose outputs were drawn from the decision (``drawing``). Fail closed: an output
without their stamp is dropped before the template sees it, and so are streams, errors and raw
frames. The template sees no notebook, only the parts that were made of it: kept, they are set in
another template without one.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from sozcontrol import __version__, catalogue, store
from sozcontrol.catalogue import Bereich, Edition, Kommune, Rechtsaenderung
from sozcontrol.press.lauf.unchanged import BEHALTEN, packages
from sozcontrol.press.seite.freitext import check_notebook
from sozcontrol.press.seite.outline import Abschnitt, Zelle, sections, statement, told
from sozcontrol.press.seite.typografie import hold_html
from sozcontrol.store import seal

if TYPE_CHECKING:
    import jinja2
    from markupsafe import Markup
    from nbconvert.exporters import Exporter
    from nbformat import NotebookNode

HERE = Path(__file__).parent
TEMPLATE = "vorlage"
BERICHT = "bericht"
SHELL = ("bericht.html.j2", "seite.html.j2", "seite.css", "seite.js")
"""The files of the template that a report is made with."""
SKRIPT = (HERE / TEMPLATE / "seite.js").read_text(encoding="utf-8")
"""The one script of all pages: it sorts and filters tables that are there without it."""
BERICHTSARTEN = {
    "operativ": "Operativer Bericht",
    "monitoring": "Monitoring",
    "jahresbericht": "Strategischer Jahresbericht",
}


@dataclass(frozen=True)
class Kopf:
    """What every page of one publication says about itself; no clock, no path.

    ``faellig`` are the days a report is due, each with what is, in full and in short; ``naechster``
    is the next Stichtag.
    ``tabellen`` is how many tables the workbook beside a report holds.
    """

    kommune: Kommune
    edition: Edition
    stichtag: date
    datenstand: date
    berichtsarten: tuple[str, ...] = ()
    prognose: str | None = None
    faellig: tuple[tuple[date, str, str], ...] = ()
    naechster: date | None = None
    tabellen: int = 0

    @property
    def offen(self) -> bool:
        """Whether its tables are for anyone's use: an open edition, and a licence."""
        return self.edition.offen and self.kommune.lizenz is not None

    def as_context(self) -> dict[str, object]:
        """Return the template's variables."""
        return {
            "kommune": self.kommune,
            "edition": self.edition,
            "stichtag": long_date(self.stichtag),
            "datenstand": long_date(self.datenstand),
            "tag": self.stichtag,
            "stand": self.datenstand,
            "berichtsarten": kind_of_report(self.berichtsarten, self.prognose),
            "prognose": self.prognose,
            "faellig": self.faellig,
            "naechster": self.naechster,
            "tabellen": self.tabellen,
            "offen": self.offen,
            "version": __version__,
        }


@dataclass(frozen=True)
class Teile:
    """What a report is made of beside its head and the template.

    ``gesagt`` is what it says of itself, plain values by their name in the template; the cells of
    ``abschnitte`` are sanitised.
    """

    gesagt: dict[str, object]
    abschnitte: list[Abschnitt]

    def as_json(self) -> str:
        """Return all of it as text, for :meth:`from_json`."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Teile:
        """Undo :meth:`as_json`."""
        read = json.loads(text)
        cells = [[Zelle(**cell) for cell in part.pop("zellen")] for part in read["abschnitte"]]
        parts = zip(read["abschnitte"], cells, strict=True)
        return cls(read["gesagt"], [Abschnitt(**part, zellen=those) for part, those in parts])

    def mit(self, war: str, ist: str) -> Teile | None:
        """Return the parts with *ist* in place of *war*, which stood in one output, once."""
        cells = [cell for part in self.abschnitte for cell in part.zellen]
        if sum(shown.count(war) for cell in cells for shown in (cell.html, *cell.ausgaben)) != 1:
            return None

        def put(cell: Zelle) -> Zelle:
            return replace(cell, ausgaben=[shown.replace(war, ist) for shown in cell.ausgaben])

        parts = [replace(p, zellen=[put(cell) for cell in p.zellen]) for p in self.abschnitte]
        return replace(self, abschnitte=parts)


@dataclass(frozen=True)
class Seite:
    """One exported page; ``verworfen`` counts the outputs that were not drawn here, by cell.

    ``aussage`` is what the index says of it, ``teile`` what it was made of.
    """

    html: str
    verworfen: dict[str, int]
    aussage: str
    teile: Teile


def kind_of_report(arten: Sequence[str], prognose: str | None = None) -> str:
    """Return what a report is due as: »Operativer Bericht · September-Prognose«."""
    kinds = ", ".join(BERICHTSARTEN[a] for a in arten)
    return " · ".join(part for part in (kinds, prognose) if part)


def long_date(day: date) -> str:
    """Return a date as German readers write it: 30. Juni 2025."""
    from babel.dates import format_date

    return format_date(day, "d. MMMM y", locale="de_DE")


def short_date(day: date) -> str:
    """Return a date as a line of facts has it: 30.06.2025."""
    return f"{day:%d.%m.%Y}"


def _equip(environment: jinja2.Environment) -> jinja2.Environment:
    """Give an environment what all pages use; their policy admits the one script by its hash."""
    from markupsafe import Markup

    digest = b64encode(sha256(SKRIPT.encode()).digest()).decode("ascii")
    environment.globals |= {"skript": Markup(SKRIPT), "skriptsumme": f"sha256-{digest}"}
    environment.filters |= {"css_text": css_text, "lang": long_date, "kurz": short_date}
    return environment


def css_text(text: str) -> Markup:
    """Return *text* as a CSS string: what a page's margin says may hold any sign."""
    from markupsafe import Markup

    signs = (c if c.isascii() and c.isalnum() else f"\\{ord(c):06x}" for c in text)
    return Markup(f'"{"".join(signs)}"')


def is_released(output: NotebookNode) -> bool:
    """Return whether *output* carries the stamp of ``drawing``; anything else stays inside."""
    if output.get("output_type") not in ("display_data", "execute_result"):
        return False
    stamp = output.get("metadata", {}).get("sozcontrol", {})
    return isinstance(stamp, dict) and stamp.get("released") is True


def keep_released(nb: NotebookNode) -> dict[str, int]:
    """Drop every output of *nb* that was not released; return how many by cell id."""
    dropped: dict[str, int] = {}
    for cell in nb.cells:
        if cell.cell_type != "code":
            continue
        kept = [output for output in cell.outputs if is_released(output)]
        if len(kept) < len(cell.outputs):
            dropped[cell["id"]] = len(cell.outputs) - len(kept)
        cell.outputs = kept
    return dropped


@cache
def _exporter() -> Exporter:
    from nbconvert.exporters import Exporter
    from nbconvert.preprocessors import Preprocessor

    class Freigegebenes(Preprocessor):
        """Makes the parts of the page, of released outputs only."""

        def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
            resources["verworfen"] = keep_released(nb)
            with_code = resources["kopf"].edition.code_zeigen
            check_notebook(nb, resources["gesagt"]["bereich"], with_code=with_code)
            said = resources["gesagt"] | {"schlagzeile": statement(nb)}
            resources["teile"] = Teile(said, sections(nb, with_code=with_code))
            resources["aussage"] = told(nb)
            return nb, resources

    class Bericht(Exporter):
        """Our template alone: none of nbconvert's own, which fetch scripts from other hosts."""

        file_extension = ".html"
        output_mimetype = "text/html"

        def from_notebook_node(  # type: ignore[override] # as nbconvert's own with a template
            self, nb: NotebookNode, resources: dict | None = None, **kw: object
        ) -> tuple[str, dict]:
            _, made = super().from_notebook_node(nb, resources, **kw)
            return put_together(made["kopf"], made["teile"]), made

    exporter = Bericht(default_preprocessors=[])
    exporter.register_preprocessor(Freigegebenes, enabled=True)
    return exporter


def render_report(
    nb: NotebookNode,
    bereich: Bereich,
    kopf: Kopf,
    zweifel: Sequence[str] = (),
    luecken: str | None = None,
) -> Seite:
    """Return the report of one drawn notebook; equal input gives equal bytes.

    *zweifel* are sentences that cast doubt on its figures; they stand beside the first of them.
    *luecken* says in the head what is missing because a table is.

    Raises:
        NotReleased: A text looks like a pseudonym.
    """
    said = {
        "bereich": bereich.id, "titel": bereich.titel, "untertitel": bereich.kurz,
        "zweifel": [*zweifel], "umfang": scope(bereich, kopf.kommune), "luecken": luecken,
        "brueche": breaks(bereich, kopf.kommune, kopf.stichtag), "tabellen": kopf.tabellen,
    }  # fmt: skip
    html, made = _exporter().from_notebook_node(nb, {"kopf": kopf, "gesagt": said})
    return Seite(str(html), made["verworfen"], made["aussage"], made["teile"])


def put_together(kopf: Kopf, teile: Teile) -> str:
    """Return the page of these parts, in the template as it is: no notebook is needed for it."""
    said = teile.gesagt | {"abschnitte": teile.abschnitte}
    return render_page(BERICHT, resources=kopf.as_context() | said)


def scope(bereich: Bereich, kommune: Kommune) -> str | None:
    """Say what the figures of a report contain, and what the ledger of the Kommune leaves out."""
    if bereich.umfang is None or not (kommune.nicht_enthalten and bereich.liest_hauptbuch):
        return bereich.umfang
    return f"{bereich.umfang} Nicht enthalten: {', '.join(kommune.nicht_enthalten)}."


def breaks(bereich: Bereich, kommune: Kommune, stichtag: date) -> str | None:
    """Name the changes of law and software since a year before: comparisons with then cross them.

    Marked by code, whoever compares what; nothing is said where nothing changed.
    """
    from sozcontrol.measures.zaehlwerk.zeitraum import um_monate

    since = um_monate(stichtag, -12)
    found = catalogue.brueche(bereich.rechtskreise, kommune.id, None, bereich.kennzahlen)
    return "; ".join(_broken(r, bereich) for r in found if since < r.am <= stichtag) or None


def _broken(change: Rechtsaenderung, bereich: Bereich) -> str:
    """Name a change, and of the report's Kennzahlen those it breaks where it breaks few."""
    known = catalogue.kennzahlen()
    hit = [known[i].kurzname for i in bereich.kennzahlen if i in change.kennzahlen]
    return f"{change.kurz} ({change.am:%d.%m.%Y}{': ' if hit else ''}{', '.join(hit)})"


@cache
def _pages() -> jinja2.Environment:
    import jinja2

    loader = jinja2.FileSystemLoader(HERE / TEMPLATE)
    return _equip(
        jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)
    )


def render_page(template: str, **context: object) -> str:
    """Return a page by the name of its template."""
    return hold_html(_pages().get_template(f"{template}.html.j2").render(**context))


def kept_page(
    daten: store.Daten | None, wovon: str, template: str, resources: dict[str, object]
) -> str:
    """Return a page about no single report, as :func:`render_page` does, and keep it.

    It is kept beside *daten* (without them nowhere) by what it says and the templates it may be
    made with; *wovon* names it among those of its template.
    """
    files = [p for p in sorted((HERE / TEMPLATE).iterdir()) if p.stem != f"{BERICHT}.html"]
    sums = [seal.checksum(p) for p in files]
    made_of = [seal.digest(repr(part).encode()) for part in (resources, sums, packages())]
    name = store.name_aus(template, wovon)
    return store.gerechnet(
        daten, BEHALTEN, name, lambda: render_page(template, resources=resources), made_of
    )
