"""The only door to ``data/processed``: deliveries are written once, whole, and never overwritten.

A delivery lies under ``data/processed/<stichtag>/<datenstand>/<fassung>/``. The *Fassung* is the
fingerprint of everything its tables follow from (delivered bytes, profiles, table definitions), so
the same delivery is recognised and reused, and a changed one lies beside the earlier one.
"""

from __future__ import annotations

from sozcontrol.store.archiv import (
    check_key,
    deliveries,
    find,
    finding_history,
    latest_datenstand,
    latest_stichtag,
    load_findings,
    save,
)
from sozcontrol.store.daten import Daten, open_data

__all__ = [
    "Daten", "check_key", "deliveries", "find", "finding_history", "latest_datenstand",
    "latest_stichtag", "load_findings", "open_data", "save",
]  # fmt: skip
