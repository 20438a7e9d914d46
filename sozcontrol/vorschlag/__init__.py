"""Propose how an unknown file is read: a profile for a person to decide on; nothing is stored."""

from sozcontrol.vorschlag.quelle import Quelle, read_source
from sozcontrol.vorschlag.vorschlag import Vorschlag, Wunsch, propose, slug

__all__ = ["Quelle", "Vorschlag", "Wunsch", "propose", "read_source", "slug"]
