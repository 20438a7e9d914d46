"""The machine-readable record of a run: from which bytes, with which code, which reports came."""

from __future__ import annotations

import hashlib
import json
import platform
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sozcontrol import __version__
from sozcontrol.projekt import Projekt
from sozcontrol.store import seal

SCHEMA = 2
NAME = "manifest.json"
LOCK = "requirements.lock"


def sha256(data: bytes) -> str:
    """Return the checksum every entry of the manifest is given in."""
    return hashlib.sha256(data).hexdigest()


def provenance(projekt: Projekt) -> dict[str, Any]:
    """Return version, commit, lock and Python of this run."""
    lock = projekt.root / LOCK
    return {
        "sozcontrol": __version__,
        "git": git_state(projekt.root),
        "lock_sha256": sha256(lock.read_bytes()) if lock.is_file() else None,
        "python": platform.python_version(),
    }


def git_state(root: Path) -> dict[str, Any]:
    """Return the commit and whether anything beside it was in the way; null without git."""

    def git(*words: str) -> str | None:
        try:
            done = subprocess.run(
                ["git", "-C", str(root), *words], capture_output=True, text=True, timeout=10
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        return done.stdout.strip() if done.returncode == 0 else None

    commit = git("rev-parse", "HEAD")
    if commit is None:
        return {"commit": None, "veraendert": None}
    return {"commit": commit, "veraendert": bool(git("status", "--porcelain"))}


def read(folder: Path) -> dict[str, Any]:
    """Return the manifest of a published edition, or an empty one when there is none yet.

    Raises:
        Damaged: It is not what was written, or pages lie there without one.
    """
    path = folder / NAME
    if not seal.exists(path) and not seal.listing(folder, ".html"):
        return {}
    return seal.unsealed(path, before=_unsealed)


def _unsealed(data: Any) -> bool:
    """Say whether a manifest is of the first schema, which had no seal."""
    return isinstance(data, dict) and data.get("schema") == 1 and seal.SEAL not in data


def dump(data: Mapping[str, Any]) -> str:
    """Return *data* as the JSON a manifest is written in, with its seal."""
    return json.dumps(seal.sealed(data), ensure_ascii=False, indent=2, sort_keys=False) + "\n"
