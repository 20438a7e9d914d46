"""Where things lie: the folders of one analysis repository."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sozcontrol.errors import ConfigurationError

ROOT_VARIABLE = "SOZCONTROL_PROJEKT"
KOMMUNE_VARIABLE = "SOZCONTROL_KOMMUNE"
"""Names the Kommune to work for, where it isn't the one the project belongs to."""
GARBAGE = (100_000, 50, 100)
"""How seldom Python looks for cycles (``gc.set_threshold``): queries are built of many short-lived
objects and few cycles; by default the search takes a tenth of a run."""
VALUES_VARIABLE = "SOZCONTROL_WERTE"
"""Names the folder a run keeps the values of one notebook in."""
MIME = "application/vnd.sozcontrol.ausgabe+json"
"""The type of an output that is a declaration (``present.output``)."""

KOMMUNEN = "kommunen"
KOMMUNE, PROZESSE, VERGROEBERUNG = "kommune.yml", "prozesse.yml", "vergroeberung.yml"
AUSNAHMEN = "ausnahmen.yml"
FAKTEN = (KOMMUNE, PROZESSE, VERGROEBERUNG, AUSNAHMEN)
"""What lies in ``profile/`` of a project and is no profile: a city's own facts."""
_ID = re.compile(r"[a-z][a-z0-9_-]*")


@dataclass(frozen=True)
class Projekt:
    """The folders of a project for one Kommune; all follow from *root* and *kommune*.

    A project belongs to one Kommune, whose folders carry no name. A further one (*kommune*) has
    all that is made of a Stichtag once more, below ``kommunen/<id>``: deliveries, the store with
    its registers, runs, reports, comments and scenarios. Notebooks, rules and facts are shared.
    """

    root: Path
    kommune: str = ""

    def __post_init__(self) -> None:
        if self.kommune and not _ID.fullmatch(self.kommune):
            raise ConfigurationError(
                "Der Name der Kommune taugt nicht als Ordner.",
                wo=KOMMUNE_VARIABLE,
                tun="Die id aus sozcontrol/catalogue/kommunen.yml nennen.",
            )

    def of(self, kommune: str) -> Projekt:
        """Return the same project for a further Kommune."""
        return Projekt(self.root, kommune)

    @classmethod
    def find(cls, start: Path | str | None = None) -> Projekt:
        """Return the project around *start*: the environment variable, or the nearest parent.

        A folder is a project when it holds ``notebooks/`` and ``expectations/``; for which Kommune
        it is opened says the environment, too.
        """
        named = start or os.environ.get(ROOT_VARIABLE)
        here = Path(named or Path.cwd())
        try:
            here = here.resolve()
            for folder in [here] if named else [here, *here.parents]:
                if (folder / "notebooks").is_dir() and (folder / "expectations").is_dir():
                    return cls(folder, os.environ.get(KOMMUNE_VARIABLE, ""))
        except (OSError, ValueError):
            pass  # a name no file system accepts is no project either
        shown = "".join(c if c.isprintable() else "?" for c in str(here))
        raise ConfigurationError(
            "Hier ist kein sozcontrol-Projekt (erwartet: Ordner notebooks/ und expectations/).",
            wo=shown if len(shown) <= 200 else shown[:200] + "…",
            tun=f"In den Projektordner wechseln oder {ROOT_VARIABLE} auf ihn setzen.",
        )

    @classmethod
    def around(cls) -> Projekt | None:
        """Return the project around the current folder; None outside of one."""
        try:
            return cls.find()
        except ConfigurationError:
            return None

    @property
    def environment(self) -> dict[str, str]:
        """What a process started from here needs to :meth:`find` the same project and Kommune."""
        return {ROOT_VARIABLE: str(self.root), KOMMUNE_VARIABLE: self.kommune}

    def _own(self, folder: Path) -> Path:
        return folder / KOMMUNEN / self.kommune if self.kommune else folder

    @property
    def data(self) -> Path:
        """Everything that may hold people; never published."""
        return self._own(self.root / "data")

    @property
    def raw(self) -> Path:
        """Deliveries as delivered: ``<stichtag>/<datenstand>/…``."""
        return self.data / "raw"

    @property
    def processed(self) -> Path:
        """Canonical tables as Parquet; written by ``store`` only."""
        return self.data / "processed"

    @property
    def runs(self) -> Path:
        """Executed notebooks and diagnoses of runs (may hold people)."""
        return self.data / "runs"

    @property
    def damaged(self) -> Path:
        """What ``sozcontrol repair`` set aside, with a record of it (may hold people)."""
        return self.data / "beschaedigt"

    @property
    def protokolle(self) -> Path:
        """Who released what, and what was deleted: files that only grow."""
        return self.data / "protokoll"

    @property
    def intern(self) -> Path:
        """Reports of editions that must not leave the office."""
        return self.data / "reports_intern"

    @property
    def reports(self) -> Path:
        """What may leave the office."""
        return self._own(self.root / "reports")

    @property
    def notebooks(self) -> Path:
        """One notebook an area."""
        return self.root / "notebooks"

    @property
    def kommentare(self) -> Path:
        """What the offices write to a Stichtag: ``<stichtag>/<bereich>.md``."""
        return self._own(self.notebooks / "kommentare")

    @property
    def szenarien(self) -> Path:
        """Scenarios of a Stichtag: ``<stichtag>/<name>.yml``."""
        return self._own(self.notebooks / "szenarien")

    def schaetzung(self, stichtag: date) -> Path:
        """Return where the offices' own estimates to a Stichtag lie; it need not exist."""
        return self._own(self.notebooks / "schaetzungen") / f"{stichtag.isoformat()}.yml"

    @property
    def zielbeschluesse(self) -> Path:
        """What was decided on goals since they were delivered; the file need not exist."""
        return self._own(self.notebooks / "ziele") / "beschluesse.yml"

    @property
    def profile(self) -> Path:
        """What the city says of itself and its source systems, out of reach of updates."""
        return self.root / "profile"

    @property
    def ausnahmen(self) -> Path:
        """Findings the city accepts; the file need not exist."""
        return self._own(self.profile) / AUSNAHMEN

    @property
    def expectations(self) -> Path:
        """One Great Expectations suite a table, and the cross-table rules."""
        return self.root / "expectations"

    def kommentar(self, stichtag: date, bereich: str) -> Path:
        """Return where the comment of one area to one Stichtag lies; it need not exist."""
        return self.kommentare / stichtag.isoformat() / f"{bereich}.md"

    def stellungnahme(self, stichtag: date, bereich: str) -> str:
        """Return what the office of one area wrote to a Stichtag; empty where it wrote nothing."""
        path = self.kommentar(stichtag, bereich)
        return path.read_text(encoding="utf-8").strip() if path.is_file() else ""

    def delivery_folder(self, stichtag: date, datenstand: date) -> Path:
        """Return the folder one delivery lies in."""
        return self.raw / stichtag.isoformat() / datenstand.isoformat()
