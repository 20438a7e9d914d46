"""Open an XLSX archive only once it is proved to be one of bearable size, and list its sheets."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from posixpath import join, normpath
from typing import TYPE_CHECKING

from defusedxml import ElementTree

from sozcontrol.intake.rules import FileRejected, faults_of_the_file

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MAX_UNPACKED = 256 * 2**20
"""Bytes an archive may unpack to: three hundred thousand rows of twenty columns."""

MAX_RATIO = 150
"""An honest sheet shrinks to a tenth or a twentieth; beyond this it was built to burst."""

MAX_LIST = 2**20
"""Bytes of the part that lists the sheets: a tree of it takes a hundred times as much."""

TUN = "Datei in Excel öffnen, neu als XLSX speichern, liefern."
CHUNK = 2**20


@dataclass
class Sheet:
    """One worksheet: its name, its part of the archive and whether Excel shows it."""

    name: str
    part: str
    sichtbar: bool


def rejected(meldung: str) -> FileRejected:
    """Return the finding for a workbook that is damaged, none, or built to do harm."""
    return FileRejected("R-I08", meldung, TUN)


def open_archive(data: bytes) -> zipfile.ZipFile:
    """Return the archive, once it is proved to unpack to a bounded size.

    Raises:
        FileRejected: R-I08, when it is damaged, no workbook, or a bomb.
    """
    with faults_of_the_file("Die XLSX-Datei ist beschädigt", TUN):
        archive = zipfile.ZipFile(io.BytesIO(data))
        _bounded(archive, len(data))
    names = [name.replace("\\", "/").casefold() for name in archive.namelist()]
    # Of two parts with one name, or a name that climbs, each reader may take another one.
    if len(set(names)) < len(names) or any(".." in name.split("/") for name in names):
        raise rejected("Die XLSX-Datei ist manipuliert: Ihre Teile sind nicht eindeutig benannt.")
    if "xl/workbook.xml" not in archive.namelist():
        raise rejected("Die Datei ist ein ZIP-Archiv, aber keine XLSX-Arbeitsmappe.")
    return archive


def _bounded(archive: zipfile.ZipFile, packed: int) -> None:
    claimed = sum(info.file_size for info in archive.infolist())
    small = 20 * 2**20
    if claimed > MAX_UNPACKED or (claimed > small and claimed > MAX_RATIO * packed):
        raise rejected("Die XLSX-Datei entpackt sich auf ein Vielfaches ihrer Größe.")
    for info in archive.infolist():
        # Reading all of it checks the sum: a member that lies about its size fails here.
        with archive.open(info) as member:
            while member.read(CHUNK):
                pass


def sheets(archive: zipfile.ZipFile) -> list[Sheet]:
    """Return the worksheets in the order of their tabs."""
    targets = {
        link.get("Id"): link.get("Target", "")
        for link in _xml(archive, "xl/_rels/workbook.xml.rels").iter()
        if link.get("Target")
    }
    found = []
    for element in _xml(archive, "xl/workbook.xml").iter():
        if element.tag.rpartition("}")[2] != "sheet":
            continue
        link = next((v for k, v in element.attrib.items() if k.endswith("}id")), "")
        target = targets.get(link, "")
        part = target.lstrip("/") if target.startswith("/") else normpath(join("xl", target))
        visible = element.get("state", "visible") == "visible"
        found.append(Sheet(element.get("name", ""), part, visible))
    return found


def _xml(archive: zipfile.ZipFile, part: str) -> Element:
    if part in archive.namelist() and archive.getinfo(part).file_size > MAX_LIST:
        raise rejected("Die XLSX-Datei ist manipuliert: Ihr Inhaltsverzeichnis ist übergroß.")
    with faults_of_the_file("Die XLSX-Datei ist beschädigt oder manipuliert", TUN):
        return ElementTree.fromstring(archive.read(part), forbid_dtd=True)
