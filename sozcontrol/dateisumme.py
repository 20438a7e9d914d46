"""The checksum of a file, wherever it lies: read once per process while it is unchanged."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path


def checksum(path: Path) -> str:
    """Return the SHA-256 of a file; whoever asks says what an OSError means there."""
    found = path.stat()
    state = (found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino)
    return _checksum(str(path), *state)


@lru_cache(maxsize=4096)
def _checksum(path: str, *_state: int) -> str:
    with Path(path).open("rb", buffering=0) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
