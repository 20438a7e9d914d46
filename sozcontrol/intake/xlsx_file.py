"""XLSX to rows of text, cell by cell what the sheet holds."""

from __future__ import annotations

import io

from sozcontrol.catalogue.profil import Quelldatei
from sozcontrol.findings import show
from sozcontrol.intake.model import Grid
from sozcontrol.intake.names import normalise
from sozcontrol.intake.rules import FileRejected
from sozcontrol.intake.values import value_text
from sozcontrol.intake.xlsx_scan import Scan, Sheet, open_archive, scan_sheet, sheets


def read_xlsx(data: bytes, source: Quelldatei) -> Grid:
    """Return the cells of one sheet: ``blatt`` of the profile, else the first visible one.

    Raises:
        FileRejected: R-I04 (no such sheet), R-I08 (damaged, bomb), R-I30 (cut off).
    """
    from python_calamine import CalamineError, CalamineWorkbook

    archive = open_archive(data)
    sheet = _choose(sheets(archive), source.blatt)
    scan = scan_sheet(archive, sheet)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        page = book.get_sheet_by_name(sheet.name)
        rows = page.to_python(skip_empty_area=False)
        merged = page.merged_cell_ranges or []
    except CalamineError:
        raise FileRejected(
            "R-I08",
            f"Das Blatt »{_shown(sheet, source)}« ist nicht lesbar.",
            "Datei in Excel öffnen, neu als XLSX speichern, liefern.",
        ) from None
    return Grid(
        [[value_text(cell) for cell in row] for row in rows],
        typisiert=True,
        merged=tuple((a, b, c, d) for (a, b), (c, d) in merged),
        defekt=scan.defekt,
        warnungen=_warnings(scan, sheet, _shown(sheet, source)),
    )


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


def _warnings(scan: Scan, sheet: Sheet, name: str) -> list[tuple[str, str, str]]:
    found = []
    if scan.verborgen:
        text = f"{len(scan.verborgen)} Zeilen des Blatts »{name}« sind verborgen."
        found.append(("R-I23", text, "Sie werden mitgelesen; prüfen, ob das gewollt ist."))
    if scan.gefiltert:
        text = f"Auf dem Blatt »{name}« ist ein Filter aktiv."
        found.append(("R-I23", text, "Gefilterte Zeilen werden mitgelesen; Filter aufheben."))
    if not sheet.sichtbar:
        text = f"Das Blatt »{name}« ist ausgeblendet."
        found.append(("R-I23", text, "Prüfen, ob das richtige Blatt gelesen wird."))
    return found
