"""The comments that the reports of a run ask their offices for, and which are missing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from sozcontrol.catalogue import Bereich
from sozcontrol.errors import DeliveryMissing
from sozcontrol.projekt import Projekt

ASKS = "present.commentary("
"""How a notebook asks its office for a comment."""


def demand(projekt: Projekt, stichtag: date, bereiche: Iterable[Bereich]) -> None:
    """Refuse reports whose office has not written its comment yet.

    Raises:
        DeliveryMissing: Names every file that is missing or empty.
    """
    paths = {area.titel: projekt.kommentar(stichtag, area.id) for area in bereiche
             if _asks(projekt.notebooks / f"{area.id}.ipynb")}  # fmt: skip
    missing = {titel: path for titel, path in paths.items() if not _written(path)}
    if missing:
        what = "Eine Stellungnahme fehlt" if len(missing) == 1 else (
            f"{len(missing)} Stellungnahmen fehlen"
        )  # fmt: skip
        raise DeliveryMissing(
            f"{what}: {', '.join(missing)}.",
            wo=", ".join(path.relative_to(projekt.root).as_posix() for path in missing.values()),
            tun="Die Kommentare schreiben; oder den Lauf ohne --nur-kommentiert wiederholen.",
            unveraendert="Frühere Berichte stehen, wie sie waren; gerechnet wurde nichts.",
        )


def _asks(notebook: Path) -> bool:
    return ASKS in notebook.read_text(encoding="utf-8")


def _written(path: Path) -> bool:
    """Whether something stands there; what can't be read is refused with its reason later."""
    try:
        return bool(path.read_bytes().strip())
    except FileNotFoundError:
        return False
    except OSError:
        return True
