"""What one run is made of: the run itself and the reports it has exported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

from sozcontrol import store
from sozcontrol.catalogue import Edition, Kommune
from sozcontrol.findings import Finding
from sozcontrol.press.lauf.plan import Bericht
from sozcontrol.press.seite.export import Kopf
from sozcontrol.press.seite.geheimhaltung import Geheimhaltung
from sozcontrol.press.seite.quality import History

if TYPE_CHECKING:
    from sozcontrol.catalogue.zielbeschluss import Zielbeschluss
    from sozcontrol.checks import Regel
    from sozcontrol.press.ablegen.gelesen import Gelesen


ARBEITSSTAND = "Arbeitsstand – nicht veröffentlicht."
"""What every page and workbook of a state of work says of itself, on screen and on paper."""
MAPPE, CSV = ".xlsx", "csv"
"""How the file of a workbook ends, and the folder of open files."""


@dataclass(frozen=True)
class Ausgabe:
    """One exported report; ``mappe`` is the workbook of its tables, None where it has none.

    ``csv`` holds the same as open files, by name; none where its edition isn't open. ``figuren`` is
    the checksum of the figures it was drawn from, those it hides among them; empty where unknown.
    """

    bericht: Bericht
    html: str
    sekunden: float
    verworfen: Mapping[str, int] = field(default_factory=dict)
    geheim: Geheimhaltung = field(default_factory=Geheimhaltung)
    aussage: str = ""
    mappe: bytes | None = None
    csv: Mapping[str, bytes] = field(default_factory=dict)
    figuren: str = ""

    @property
    def beilagen(self) -> dict[str, bytes]:
        """What lies beside the page, by its place in the folder of the edition."""
        area = self.bericht.bereich.id
        book = {} if self.mappe is None else {f"{area}{MAPPE}": self.mappe}
        return book | {f"{CSV}/{area}/{name}": content for name, content in self.csv.items()}


@dataclass(frozen=True)
class Lauf:
    """What all reports of one run have in common.

    ``fassung`` is the fingerprint of the stored delivery; ``prognosen`` are the forecasts the
    reports show, to be archived when they are published, and ``entschieden`` is what their figures
    were drawn from, unless it is kept. ``luecken`` says by area what its report lacks, and why;
    ``gelesen`` is all that was read. With ``arbeitsstand`` it is a state of work, and says so on
    every page. ``beschluesse`` are what was decided on goals since they were delivered. Beside
    ``daten`` (which is closed by then) is kept what its pages take.
    """

    id: str
    begonnen: datetime
    stichtag: date
    datenstand: date
    kommune: Kommune
    geplant: tuple[Bericht, ...]
    gesperrt: Mapping[str, tuple[str, ...]]
    findings: tuple[Finding, ...]
    history: History
    regeln: tuple[Regel, ...]
    eingaben: tuple[Mapping[str, object], ...]
    zeiten: dict[str, float]
    fassung: str = ""
    luecken: Mapping[str, str] = field(default_factory=dict)
    prognosen: tuple[store.Prognose, ...] = ()
    entschieden: store.Entschieden | None = None
    gelesen: Gelesen | None = None
    arbeitsstand: bool = False
    beschluesse: tuple[Zielbeschluss, ...] = ()
    daten: store.Daten | None = field(default=None, repr=False, compare=False)

    def kopf(
        self, edition: Edition, berichtsarten: tuple[str, ...] = (), prognose: str | None = None
    ) -> Kopf:
        """Return what every page of *edition* says about itself."""
        shown = self.shown(edition)
        return Kopf(self.kommune, shown, self.stichtag, self.datenstand, berichtsarten, prognose)

    def shown(self, edition: Edition) -> Edition:
        """Return *edition* as its pages name it: a state of work is for nobody's further use."""
        if not self.arbeitsstand:
            return edition
        note = " ".join(filter(None, (ARBEITSSTAND, edition.vermerk)))
        return edition.model_copy(update={"vermerk": note, "offen": False})

    @property
    def editionen(self) -> tuple[Edition, ...]:
        """The editions this run makes, in order."""
        return tuple(dict.fromkeys(b.edition for b in self.geplant))
