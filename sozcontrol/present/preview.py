"""What an analyst sees where no run decides: the output as one edition would, decided here.

Every output shown in this process is decided against those shown before it. What can't be decided
is not shown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count

from sozcontrol import catalogue
from sozcontrol.disclosure import Antrag, Entscheidung, Released, entscheiden
from sozcontrol.errors import NotReleased
from sozcontrol.present.fragment import Fragment, esc

EDITION = "leitung"
"""Whose rules protect a preview."""

_numbers = count(1)
_known: list[Entscheidung] = []


def preview(
    sichtbar: Sequence[str] | None,
    antraege: Callable[[str, str], Sequence[Antrag]],
    drawn: Callable[[Sequence[Released | None], str], Fragment | None],
) -> Fragment:
    """Return an output as :data:`EDITION` may see it.

    *antraege* names what it asks for, under an area and a prefix; *drawn* draws what was released.

    Raises:
        NotReleased: It can't be decided.
        SozcontrolError: Its options do not fit its tables.
    """
    if sichtbar is not None and EDITION not in sichtbar:
        return _not_for(sichtbar)
    asked = antraege("vorschau", f"vorschau/{next(_numbers)}")
    made = _decided(asked)
    released = [made.freigegeben(a.id, EDITION) if a.fuer(EDITION) else None for a in asked]
    return drawn(released, EDITION) or Fragment("", "")


def fresh_preview() -> None:
    """Forget what was shown: another delivery is open now, and its figures are others."""
    _known.clear()


def _decided(antraege: Sequence[Antrag]) -> Entscheidung:
    try:
        made = entscheiden(antraege, (EDITION,), _known[-1] if _known else None)
    except NotReleased as error:
        again = " Ist inzwischen eine andere Lieferung offen: present.fresh_preview() aufrufen."
        raise NotReleased(error.was, wo=error.wo, tun=error.tun + again) from error
    _known[:] = [made]
    return made


def _not_for(editions: Sequence[str]) -> Fragment:
    names = ", ".join(catalogue.edition(e).titel for e in editions) or "keiner Fassung"
    own = catalogue.edition(EDITION).titel
    text = f"In der Vorschau ({own}) nicht zu sehen; zu sehen in: {names}."
    return Fragment(f'<p class="soz-hinweis">{esc(text)}</p>', text)
