"""Protocols that only grow: each line carries its own checksum and that of the line before.

Whoever changes or drops a line breaks the chain behind it. Lines dropped from the end leave it
whole; so what is published records the end it was published with (:func:`ende`), and what people
are told to note elsewhere.
"""

from __future__ import annotations

import json
import os
import pwd
from collections.abc import Mapping
from pathlib import Path

from pydantic import JsonValue

from sozcontrol.errors import Damaged
from sozcontrol.projekt import Projekt
from sozcontrol.store import seal
from sozcontrol.store.disk import write_text

FREIGABEN, LOESCHUNGEN = "freigaben", "loeschungen"
DAVOR = "davor"

Wert = JsonValue
Zeile = dict[str, Wert]


def path_of(projekt: Projekt, name: str) -> Path:
    """Return where a protocol lies; it need not exist."""
    return projekt.protokolle / f"{name}.jsonl"


def zeilen(path: Path) -> list[Zeile]:
    """Return all lines of a protocol, the oldest first, each with its checksum.

    Raises:
        Damaged: A line is not what was written, or one before it is gone.
    """
    if not seal.exists(path):
        return []
    found: list[Zeile] = []
    for number, text in enumerate(seal.read(path).decode("utf-8", "replace").splitlines(), start=1):
        line = _line(text)
        before = found[-1][seal.SEAL] if found else None
        if line is None or line.get(DAVOR) != before:
            raise Damaged(f"Die Kette in »{path.name}« ist ab Zeile {number} gebrochen.", path)
        found.append(line)
    return found


def _line(text: str) -> Zeile | None:
    try:
        line = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(line, dict):
        return None
    plain = {k: v for k, v in line.items() if k != seal.SEAL}
    return line if seal.sealed(plain) == line else None


def anhaengen(path: Path, eintrag: Mapping[str, JsonValue]) -> str:
    """Add one line and return its checksum: whoever has it can prove what the protocol said.

    Raises:
        Damaged: The protocol is not what was written; nothing was added.
        OSError: Nothing was written.
    """
    before = zeilen(path)
    line = seal.sealed({**eintrag, DAVOR: before[-1][seal.SEAL] if before else None})
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    texts = [json.dumps(one, ensure_ascii=False) for one in (*before, line)]
    write_text(path, "\n".join(texts) + "\n")  # the whole file: never half a line
    path.chmod(0o600)
    return str(line[seal.SEAL])


def konto() -> str:
    """Return the account this process runs in, as the system knows it."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def enden(projekt: Projekt) -> dict[str, JsonValue]:
    """Return the checksum of the last line of each protocol; None where it has none."""
    lines = {name: zeilen(path_of(projekt, name)) for name in (FREIGABEN, LOESCHUNGEN)}
    return {name: found[-1][seal.SEAL] if found else None for name, found in lines.items()}


def beweise(projekt: Projekt, enden: Mapping[str, object]) -> None:
    """Demand that every protocol still holds the line that was its last one then.

    Raises:
        Damaged: One was cut off, or is not what was written.
    """
    for name in (FREIGABEN, LOESCHUNGEN):
        path, end = path_of(projekt, name), enden.get(name)
        if end is not None and end not in {line[seal.SEAL] for line in zeilen(path)}:
            raise Damaged(f"»{path.name}« ist gekürzt: Eine bekannte Zeile fehlt.", path)
