"""Where things lie: the folders of one analysis repository."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sozcontrol.errors import ConfigurationError

ROOT_VARIABLE = "SOZCONTROL_PROJEKT"
VALUES_VARIABLE = "SOZCONTROL_WERTE"
"""Names the folder a run keeps the values of one notebook in."""


@dataclass(frozen=True)
class Projekt:
    """The folders of a project; only *root* is stored, everything else follows from it."""

    root: Path

    @classmethod
    def find(cls, start: Path | str | None = None) -> Projekt:
        """Return the project around *start*: the environment variable, or the nearest parent.

        A folder is a project when it holds ``notebooks/`` and ``expectations/``.
        """
        named = start or os.environ.get(ROOT_VARIABLE)
        here = Path(named or Path.cwd())
        try:
            here = here.resolve()
            for folder in [here] if named else [here, *here.parents]:
                if (folder / "notebooks").is_dir() and (folder / "expectations").is_dir():
                    return cls(folder)
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
    def data(self) -> Path:
        """Everything that may hold people; never published."""
        return self.root / "data"

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
    def intern(self) -> Path:
        """Reports of editions that must not leave the office."""
        return self.data / "reports_intern"

    @property
    def reports(self) -> Path:
        """What may leave the office."""
        return self.root / "reports"

    @property
    def notebooks(self) -> Path:
        """One notebook an area."""
        return self.root / "notebooks"

    @property
    def expectations(self) -> Path:
        """One Great Expectations suite a table, and the cross-table rules."""
        return self.root / "expectations"

    def delivery_folder(self, stichtag: date, datenstand: date) -> Path:
        """Return the folder one delivery lies in."""
        return self.raw / stichtag.isoformat() / datenstand.isoformat()
