"""Revision: what changed after a figure was published, and why.

Two time axes: a number belongs to a Stichtag, and it is known at a Datenstand. What was published
stays in the journal of the store; here it is held against what is known today.
"""

from __future__ import annotations

from sozcontrol.revision import hochrechnungen, leitzahlen
from sozcontrol.revision.effekte import Revision, effekte, pruefe_schluessel, revisionen
from sozcontrol.revision.hybride import URSACHEN, Paar
from sozcontrol.revision.quartale import quartalsberichte
from sozcontrol.revision.schritte import wenigste
from sozcontrol.revision.vergleich import (
    Frueher,
    FuerEditionen,
    Vergleich,
    fruehere,
    vergleiche,
)
from sozcontrol.revision.vorjahr import Vorjahr, Vorjahreszahl, vorjahr

__all__ = [
    "URSACHEN", "Frueher", "FuerEditionen", "Paar", "Revision", "Vergleich", "Vorjahr",
    "Vorjahreszahl", "effekte", "fruehere",
    "hochrechnungen", "leitzahlen", "pruefe_schluessel", "quartalsberichte",
    "revisionen", "vergleiche", "vorjahr", "wenigste",
]  # fmt: skip
