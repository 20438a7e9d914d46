"""How much of a report is hidden: what the page counted while it was drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sozcontrol.present.fragment import Page


@dataclass(frozen=True)
class Geheimhaltung:
    """Figures of a report, how many of them are marks, and the tables that hold nothing else."""

    zahlen: int = 0
    geheim: int = 0
    ganz: tuple[str, ...] = ()

    @classmethod
    def of(cls, page: Page) -> Geheimhaltung:
        """Return what a drawn page counted."""
        return cls(page.zahlen, page.geheim, tuple(page.ganz))

    def as_dict(self) -> dict[str, object]:
        """Return what the manifest records."""
        return {
            "zahlen": self.zahlen,
            "geheim": self.geheim,
            "ganz_gesperrte_tabellen": list(self.ganz),
        }
