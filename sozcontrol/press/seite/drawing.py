"""From the decision to the notebook of one edition: every declaration drawn, nothing executed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from sozcontrol.errors import NotebookFailed, SozcontrolError
from sozcontrol.press.lauf import verdict
from sozcontrol.press.lauf.decision import Entschiedenes
from sozcontrol.press.lauf.declarations import Erklaert, Erklaerung
from sozcontrol.projekt import Projekt

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from sozcontrol.catalogue.zielbeschluss import Zielbeschluss
    from sozcontrol.disclosure import Released
    from sozcontrol.present.fragment import Fragment, Page

STEMPEL = {"sozcontrol": {"released": True}}
"""Marks what was drawn here; the export drops every output that does not carry it."""


@dataclass(frozen=True)
class Gezeichnet:
    """A notebook with its outputs as one edition may see them, and what its page counts."""

    nb: NotebookNode
    page: Page


def draw_notebook(
    erklaerung: Erklaerung, entscheidung: Entschiedenes, edition: str, projekt: Projekt,
    beschluesse: Sequence[Zielbeschluss] = (),
) -> Gezeichnet:  # fmt: skip
    """Draw all outputs of a notebook as *edition* may see them, with goals as decided since.

    Raises:
        NotebookFailed: An output can't be drawn; names notebook and cell.
        NotReleased: A table is not part of the decision.
    """
    from sozcontrol.present import draw
    from sozcontrol.present.fragment import page

    draw_one = partial(draw, edition=edition, projekt=projekt, beschluesse=beschluesse)
    drawn: dict[str, list[Fragment]] = {}
    with page(erklaerung.bereich) as counted:
        for one in erklaerung.ausgaben:
            released = [
                entscheidung.freigegeben(a.id, edition) if edition in (a.sichtbar or ()) else None
                for a in one.antraege
            ]
            fragment = _draw(draw_one, one, erklaerung.bereich, released)
            if fragment is not None:
                drawn.setdefault(one.zelle, []).append(fragment)
    return Gezeichnet(filled(erklaerung.nb, drawn), counted)


def filled(nb: NotebookNode, drawn: Mapping[str, list[Fragment]]) -> NotebookNode:
    """Return a copy of *nb* whose cells show what was drawn for them, and nothing else."""
    from nbformat import from_dict
    from nbformat.v4 import new_output

    made: NotebookNode = from_dict(deepcopy(nb))
    for cell in made.cells:
        if cell.cell_type == "code":
            cell.outputs = [
                new_output(
                    "display_data",
                    data={"text/html": f.html, "text/plain": f.text},
                    metadata=_stamped(f),
                )
                for f in drawn.get(cell["id"], ())
            ]
    return made


def _stamped(fragment: Fragment) -> dict[str, dict[str, object]]:
    """Return the stamp of what was drawn here, with the statement it makes of the page."""
    said = {"schlagzeile": fragment.schlagzeile} if fragment.schlagzeile else {}
    return {"sozcontrol": {**STEMPEL["sozcontrol"], **said}}


def _draw(
    draw: Callable[..., Fragment | None], one: Erklaert, bereich: str,
    released: Sequence[Released | None],
) -> Fragment | None:  # fmt: skip
    try:
        return draw(one.output, released)
    except SozcontrolError as error:
        raise _failed(bereich, one, f"{type(error).__name__}: {error.was}", error.tun) from error
    except Exception as error:
        kind = verdict.class_name(type(error).__name__)
        hint = "Die Angaben der Ausgabe prüfen; im Notebook zeigt die Vorschau denselben Fehler."
        raise _failed(bereich, one, kind, hint) from error


def _failed(bereich: str, one: Erklaert, was: str, tun: str) -> NotebookFailed:
    return NotebookFailed(
        f"Eine Ausgabe des Notebooks »{bereich}« lässt sich nicht zeichnen "
        f"(present.{one.output.kind}): {was}",
        wo=f"notebooks/{bereich}.ipynb, Zelle »{one.zelle}«",
        tun=tun,
        unveraendert="Es wurde nichts veröffentlicht; alle bisherigen Berichte gelten weiter.",
    )
