"""The pages of a published Musterstadt, and what every look at them needs."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date
from pathlib import Path

from rendered import tables

from sozcontrol.projekt import Projekt

STICHTAG, DATENSTAND = date(2025, 6, 30), date(2025, 7, 21)
GOLDEN = Path(__file__).parent / "golden" / "2025-06-30.csv"
AREAS = ("finanzcontrolling", "monitoring_jugend")
ZWEI = tuple(w for area in AREAS for w in ("--bereich", area))
"""Both sides: what reads the ledger, and what reads the Zahlliste."""


def page(projekt: Projekt, area: str, edition: str = "leitung") -> str:
    root = projekt.intern if edition == "intern" else projekt.reports
    return (root / "2025-06-30" / edition / f"{area}.html").read_text(encoding="utf-8")


def snapshot(folder: Path, pattern: str = "*") -> dict[str, bytes]:
    found = (p for p in folder.rglob(pattern) if p.is_file())
    return {str(p.relative_to(folder)): p.read_bytes() for p in found}


def lesbar(content: bytes) -> str:
    """Return what a file of a report says, of a workbook what its parts say."""
    if not content.startswith(b"PK"):
        return content.decode("utf-8", "ignore")
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        return "\n".join(parts.read(name).decode("utf-8") for name in parts.namelist())


def tiles(html: str) -> dict[str, str]:
    """Return the values of the tiles by title, in their order."""
    found = r'kachel-titel">([^<]+)</p><p class="soz-kachel-wert">([^<]+)'
    return {title: value.replace("&nbsp;", " ") for title, value in re.findall(found, html)}


def sizes(html: str) -> dict[str, tuple[int, int]]:
    """Return rows and columns of every table, head included."""
    return {k: (len(rows), max(map(len, rows))) for k, rows in tables(html).items()}


def golden(stichtag: str, edition: str, area: str) -> dict[str, tuple[int, int]]:
    """Return the sizes of the tables as they were when each edition had kernels of its own."""
    path = GOLDEN.with_name("tabellen.csv")
    rows = [line.split(";", 5) for line in path.read_text(encoding="utf-8").splitlines()]
    return {r[5]: (int(r[3]), int(r[4])) for r in rows if r[:3] == [stichtag, edition, area]}
