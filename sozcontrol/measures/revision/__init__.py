"""Revision: what changed after a figure was published, and why.

Two time axes: a number belongs to a Stichtag, and it is known at a Datenstand. What was published
stays in the journal of the store; here it is held against what is known today.
"""

from __future__ import annotations

from sozcontrol.measures.revision.bericht import Frueher, Vergleich, fruehere, vergleiche
from sozcontrol.measures.revision.effekte import Revision, effekte, pruefe_schluessel, revisionen
from sozcontrol.measures.revision.hybride import URSACHEN, Paar
from sozcontrol.measures.revision.schritte import wenigste

__all__ = [
    "URSACHEN", "Frueher", "Paar", "Revision", "Vergleich", "effekte", "fruehere",
    "pruefe_schluessel", "revisionen", "vergleiche", "wenigste",
]  # fmt: skip
