"""``sozcontrol auszug``: where the files go, and which Stichtag is meant."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from sozcontrol.errors import UsageError

if TYPE_CHECKING:
    from sozcontrol.cli.commands import Auszugsangaben
    from sozcontrol.projekt import Projekt

ENDUNG = ".docx"


def auszug(
    projekt: Projekt, asked: Auszugsangaben, ziel: str | None, muster: str | None
) -> Iterator[str]:
    """Write what is asked for, a template or a paper, and yield where it lies.

    Raises:
        UsageError: No file is named, or one that is no Word file.
    """
    from sozcontrol.auskunft.einzeln import write_whole
    from sozcontrol.press.auszug import themenauszug, wordpapier

    if muster is not None:
        write_whole(_word(muster, "--neue-vorlage"), wordpapier.neutral_template())
        yield muster
    if ziel is None and muster is None:
        raise UsageError("Es fehlt, wohin der Auszug soll.", wo="--ziel",
                         tun="Eine Datei nennen: --ziel vorlage.docx.")  # fmt: skip
    if ziel is not None:
        wish = themenauszug.Auszugswunsch(**asked)
        write_whole(_word(ziel, "--ziel"), themenauszug.committee_paper(projekt, wish))
        yield ziel


def _word(path: str, option: str) -> Path:
    if not path.casefold().endswith(ENDUNG):
        raise UsageError("Geschrieben wird eine Word-Datei.", wo=option,
                         tun=f"Einen Namen angeben, der auf {ENDUNG} endet.")  # fmt: skip
    return Path(path)
