"""Recognise and read a delivery by the profiles of its municipality; never interpret a value."""

from sozcontrol.intake.delivery import (
    kommune_of,
    lieferschein,
    profiles_of,
    read_delivery,
    take_snapshots,
)
from sozcontrol.intake.fingerprint import fingerprint
from sozcontrol.intake.model import (
    Delivery,
    Kontrollsumme,
    Lieferschein,
    SourceFile,
    TextTable,
    Zahlzelle,
)
from sozcontrol.intake.names import normalise
from sozcontrol.intake.rules import EINLESEREGELN, Einleseregel

__all__ = [
    "EINLESEREGELN", "Delivery", "Einleseregel", "Kontrollsumme", "Lieferschein", "SourceFile",
    "TextTable", "Zahlzelle", "fingerprint", "kommune_of", "lieferschein", "normalise",
    "profiles_of", "read_delivery", "take_snapshots",
]  # fmt: skip
