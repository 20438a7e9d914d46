"""A ZIP in which clock, machine and user leave no trace: same parts, same bytes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable

JAHR_NULL = (1980, 1, 1, 0, 0, 0)
"""The day every part of the file bears: a zip file can't name an earlier one."""
UNIX = 3


def same_zip(parts: Iterable[tuple[str, bytes]]) -> bytes:
    """Return the parts as a ZIP, in the order given, each readable by its owner only."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, data in parts:
            one = zipfile.ZipInfo(name, JAHR_NULL)
            one.create_system, one.external_attr = UNIX, 0o600 << 16
            one.compress_type = zipfile.ZIP_DEFLATED
            made.writestr(one, data)
    return out.getvalue()
