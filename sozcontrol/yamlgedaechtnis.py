"""What YAML was read as when the facts were proved: parsing 230 files is a tenth of a short run.

An entry is named by the checksum of the whole text it was read from, so a changed file is read
anew. The whole is named by what was proved, facts and code; what is damaged is not believed.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date

_DATUM = "!datum"
_BEKANNT: dict[str, str] = {}
"""Checksum of a text → its content as JSON: as it was remembered, or parsed in this process."""
_UNGELESEN: list[str] = []
"""What is remembered, as long as nothing of it was asked for."""


def gelesen(text: str) -> tuple[object] | None:
    """Return what *text* was read as, as the only member, made anew; None where it never was."""
    while _UNGELESEN:
        _BEKANNT.update(json.loads(_UNGELESEN.pop()))
    kept = _BEKANNT.get(_digest(text))
    return None if kept is None else (json.loads(kept, object_hook=_from_json),)


def merke(text: str, content: object) -> None:
    """Remember what *text* was read as, where JSON can say it."""
    try:
        written = json.dumps(content, default=_as_json, allow_nan=False)
    except (TypeError, ValueError):
        return
    # Of what would read back otherwise (a year as a key) nothing is remembered.
    if repr(json.loads(written, object_hook=_from_json)) == repr(content):
        _BEKANNT[_digest(text)] = written


def schreibe(beweis: str) -> str:
    """Return the text of a file: the proof, and what was read of the facts."""
    written = json.dumps(_BEKANNT)
    return f"{beweis}\n{_digest(written)}\n{written}"


def lies(datei: str, beweis: str) -> bool:
    """Say whether a file was written whole by just this proof; then what it says is remembered."""
    head, _, rest = datei.partition("\n")
    checksum, _, written = rest.partition("\n")
    if head != beweis or checksum != _digest(written):
        return False
    _UNGELESEN.append(written)
    return True


def _as_json(value: object) -> dict[str, str]:
    if type(value) is not date:
        raise TypeError
    return {_DATUM: value.isoformat()}


def _from_json(found: dict[str, object]) -> object:
    written = found.get(_DATUM)
    return date.fromisoformat(written) if isinstance(written, str) and len(found) == 1 else found


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
