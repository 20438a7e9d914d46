"""XLSX to rows of text, cell by cell what the sheet holds."""

from __future__ import annotations

import io
from typing import Any

from sozcontrol.catalogue.profil import Quelldatei
from sozcontrol.findings import show
from sozcontrol.intake.model import Grid
from sozcontrol.intake.names import normalise
from sozcontrol.intake.rules import FileRejected, broken_cells, faults_of_the_file
from sozcontrol.intake.values import value_text
from sozcontrol.intake.xlsx_archive import TUN, Sheet, open_archive, rejected, sheets
from sozcontrol.intake.xlsx_scan import Scan, scan_sheet


def read_xlsx(data: bytes, source: Quelldatei) -> Grid:
    """Return the cells of one sheet: ``blatt`` of the profile, else the first visible one.

    Raises:
        FileRejected: R-I04 (no such sheet), R-I08 (damaged, bomb), R-I30 (cut off), R-I32
            (errors that cannot even be read).
    """
    archive = open_archive(data)
    sheet = _choose(sheets(archive), source.blatt)
    scan = scan_sheet(archive, sheet)
    name = _shown(sheet, source)
    rows = _rows(data, sheet, scan, name)
    width = max(map(len, rows), default=0)
    return Grid(
        [[value_text(cell) for cell in row] for row in rows],
        typisiert=True,
        # A title may be merged wider than the data are.
        merged=tuple((a, b, c, min(d, width - 1)) for a, b, c, d in scan.merged if b < width),
        defekt=scan.defekt,
        warnungen=_warnings(scan, sheet, name, width),
    )


def _rows(data: bytes, sheet: Sheet, scan: Scan, name: str) -> list[list[Any]]:
    from python_calamine import CalamineWorkbook

    try:
        with faults_of_the_file(f"Das Blatt »{name}« ist nicht lesbar", TUN):
            page = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_name(sheet.name)
            rows = page.to_python(skip_empty_area=False)
    except FileRejected as fault:
        # calamine stops at an error it does not know (#ÜBERLAUF!, #KALK!): name the cells instead.
        if "cell error" not in str(fault.__cause__):
            raise
        errors = [(row + 1, why) for (row, _), why in scan.defekt.items() if why == "fehler"]
        raise broken_cells(errors) from None
    if sum(cell.__class__ is not str for row in rows for cell in row) < scan.zahlen:
        raise rejected(f"Auf dem Blatt »{name}« sind Zahlen nicht lesbar geschrieben.")
    return rows


def _shown(sheet: Sheet, source: Quelldatei) -> str:
    """Return a sheet's name where the profile has it, else its shape."""
    return show(sheet.name, {sheet.name} if source.blatt else ())


def _choose(found: list[Sheet], name: str | None) -> Sheet:
    if name is None:
        visible = [sheet for sheet in found if sheet.sichtbar] or found
        if visible:
            return visible[0]
    for sheet in found:
        if name is not None and normalise(sheet.name) == normalise(name):
            return sheet
    listed = ", ".join(f"Nr. {i} (»{show(s.name)}«)" for i, s in enumerate(found, 1)) or "keine"
    raise FileRejected(
        "R-I04",
        f"Das Blatt »{name or ''}« fehlt. Vorhanden sind Blatt {listed}.",
        "Blatt in der Quelle wie vereinbart benennen oder blatt im Profil ändern.",
    )


def _warnings(scan: Scan, sheet: Sheet, name: str, width: int) -> list[tuple[str, str, str]]:
    found = []
    if scan.verborgen:
        text = f"{len(scan.verborgen)} Zeilen des Blatts »{name}« sind verborgen."
        found.append(("R-I23", text, "Sie werden mitgelesen; prüfen, ob das gewollt ist."))
    columns = sum(len(range(s.start, min(s.stop, width))) for s in scan.verborgene_spalten)
    if columns:
        text = f"{columns} Spalten des Blatts »{name}« sind verborgen."
        found.append(("R-I23", text, "Sie werden mitgelesen; prüfen, ob das gewollt ist."))
    if scan.gefiltert:
        text = f"Auf dem Blatt »{name}« ist ein Filter aktiv."
        found.append(("R-I23", text, "Gefilterte Zeilen werden mitgelesen; Filter aufheben."))
    if not sheet.sichtbar:
        text = f"Das Blatt »{name}« ist ausgeblendet."
        found.append(("R-I23", text, "Prüfen, ob das richtige Blatt gelesen wird."))
    return found
