"""A file built to burst the memory is a finding for its tables; the other files go on.

`make test` tries what says so at once, `make attack` measures that no kind takes a gigabyte.
"""

from __future__ import annotations

import os
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from mess.bauen import FALLPROFIL, befunde, csv, lies, profil
from test_intake_dateien import ZWEITE
from todespunkte import needs_fork

from sozcontrol.errors import CatalogueError
from sozcontrol.intake.delivery import lieferschein
from sozcontrol.intake.files import GROESSTE
from sozcontrol.intake.rules import FileRejected
from sozcontrol.intake.umfang import LONGEST_LINE, ROOM, demand_lines, demand_room

MB = 1 << 20
FUELLUNG = os.urandom(MB)
KOPF = b"Konto;Name;Art;Sozial\n"
NS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PAKET = "http://schemas.openxmlformats.org/package/2006/relationships"


def mappe(path: Path, *, voll: int, **teile: Iterator[bytes]) -> None:
    """Write a workbook of which some parts are given; *voll* MB of noise keep its ratio honest."""
    parts = {
        "_rels/.rels": f"<Relationships xmlns='{PAKET}'><Relationship Id='r' "
        f"Type='{OFFICE}/officeDocument' Target='xl/workbook.xml'/></Relationships>",
        "xl/_rels/workbook.xml.rels": f"<Relationships xmlns='{PAKET}'><Relationship Id='r' "
        f"Type='{OFFICE}/worksheet' Target='worksheets/a.xml'/></Relationships>",
        "xl/workbook.xml": f"<workbook xmlns='{NS}' xmlns:r='{OFFICE}'><sheets><sheet name='A' "
        "sheetId='1' r:id='r'/></sheets></workbook>",
        "xl/worksheets/a.xml": f"<worksheet xmlns='{NS}'><sheetData/></worksheet>",
    }
    given = {
        "buch": "xl/workbook.xml", "blatt": "xl/worksheets/a.xml", "texte": "xl/sharedStrings.xml",
    }  # fmt: skip
    own = {given[name]: content for name, content in teile.items()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, text in parts.items():
            if name not in own:
                archive.writestr(name, text)
        for name, content in own.items():
            with archive.open(name, "w") as member:
                for piece in content:
                    member.write(piece)
        for number in range(voll):
            archive.writestr(f"xl/media/{number}.bin", FUELLUNG)


def um(wurzel: str, mitte: bytes, anzahl: int, ende: str = "") -> Iterator[bytes]:
    yield f"<{wurzel} xmlns='{NS}'>".encode()
    block = mitte * 1000
    for _ in range(anzahl // 1000 + 1):
        yield block
    yield f"{ende}</{wurzel}>".encode()


def blatt(inhalt: Iterator[bytes] | list[bytes]) -> Iterator[bytes]:
    yield f"<worksheet xmlns='{NS}'>".encode()
    yield from inhalt
    yield b"</worksheet>"


def verbunden(anzahl: int) -> Iterator[bytes]:
    yield b"<sheetData/><mergeCells>"
    for _ in range(anzahl // 1000 + 1):
        yield b"<mergeCell ref='A1:B2'/>" * 1000
    yield b"</mergeCells>"


def duenn(zeilen: int) -> Iterator[bytes]:
    """Two cells a row, five hundred columns apart: calamine fills what lies between."""
    yield b"<sheetData>"
    for row in range(1, zeilen):
        yield b"<row r='%d'><c r='A%d'><v>1</v></c><c r='SJ%d'><v>1</v></c></row>" % (row, row, row)
    yield b"</sheetData>"


def gleiche_zeilen(path: Path, gruppen: int) -> None:
    """Write a Parquet file of a few bytes that stands for ten million equal rows a group."""
    rows = pa.table({"Konto": pa.nulls(10_000_000, pa.bool_())})
    with pq.ParquetWriter(path, rows.schema) as writer:
        for _ in range(gruppen):
            writer.write_table(rows)


def text(path: Path, stueck: bytes, mal: int, kopf: bytes = KOPF) -> None:
    with path.open("wb") as file:
        file.write(kopf)
        for _ in range(mal):
            file.write(stueck)


def loch(path: Path, kopf: bytes, groesse: int) -> None:
    path.write_bytes(kopf)
    os.truncate(path, groesse)


Bau = Callable[[Path], None]
KLEIN: dict[str, tuple[str, str, Bau]] = {
    "2 GB Nullen": ("csv", "R-I08", lambda p: loch(p, b"", 2 << 30)),
    "Nullen, so groß wie erlaubt": ("csv", "R-I30", lambda p: loch(p, b"", GROESSTE)),
    "ein Feld ohne Ende": ("csv", "R-I03", lambda p: text(p, b"a" * MB, 3, KOPF + b'1;"')),
    "ein Feld mit Zeilenenden": (
        "csv", "R-I03", lambda p: text(p, b"a" * 999 + b"\n", 1000, KOPF + b'1;"'),
    ),
    "eine Zeile ohne Ende": ("csv", "R-I03", lambda p: text(p, b"a;" * (MB // 2), 3)),
    "Parquet aus Wiederholungen": ("parquet", "R-I08", lambda p: gleiche_zeilen(p, 4)),
    "Zelle am Ende der Welt": (
        "xlsx", "R-I30",
        lambda p: mappe(p, voll=0, blatt=blatt([
            b"<sheetData><row r='1048576'><c r='XFD1048576'><v>1</v></c></row></sheetData>"
        ])),
    ),
    "riesiges Inhaltsverzeichnis": (
        "xlsx", "R-I08", lambda p: mappe(p, voll=0, buch=um("workbook", b"<a/>", 300_000)),
    ),
    "zu viele verbundene Zellen": (
        "xlsx", "R-I08", lambda p: mappe(p, voll=0, blatt=blatt(verbunden(110_000))),
    ),
}  # fmt: skip

GROSS: dict[str, tuple[str, str, Bau]] = {
    "Nullen nach einem Kopf": ("csv", "R-I03", lambda p: loch(p, KOPF, GROESSTE)),
    "ein Feld von 200 MB": ("csv", "R-I03", lambda p: text(p, b"a" * MB, 200, KOPF + b'1;"')),
    "kurze Zeilen": ("csv", "R-I08", lambda p: text(p, b"1\n" * (MB // 2), 300)),
    "leere Felder": ("csv", "R-I08", lambda p: text(p, b";" * (MB - 1) + b"\n", 300)),
    "Trennzeichen eines anderen": ("csv", "R-I08", lambda p: text(p, b"," * (MB - 1) + b"\n", 300)),
    "Texte, die keiner nennt": (
        "xlsx", "R-I04",
        lambda p: mappe(p, voll=3, texte=um("sst", b"<si><t>a</t></si>", 14_000_000)),
    ),
    "ein Blatt aus Zwischenräumen": (
        "xlsx", "R-I04", lambda p: mappe(p, voll=1, blatt=blatt(duenn(39_000))),
    ),
    "240 MB verbundene Zellen": (
        "xlsx", "R-I08", lambda p: mappe(p, voll=3, blatt=blatt(verbunden(10_000_000))),
    ),
    "240 MB Inhaltsverzeichnis": (
        "xlsx", "R-I08", lambda p: mappe(p, voll=3, buch=um("workbook", b"<a/>", 60_000_000)),
    ),
}  # fmt: skip


def haelt_nur_seine_tabelle_auf(ordner: Path, form: str, regel: str) -> None:
    delivery, tidied = lies(
        ordner, {"hilfen.csv": csv()}, profil(FALLPROFIL), profil(ZWEITE.format(format=form))
    )
    assert befunde(tidied) == {(regel, "map_konto")}
    assert delivery.unvollstaendig == {"map_konto"}
    assert tidied.tables["fall"].num_rows == 3


@pytest.mark.parametrize("form, regel, baue", KLEIN.values(), ids=KLEIN)
def test_was_den_speicher_sprengen_soll_ist_ein_befund(
    tmp_path: Path, form: str, regel: str, baue: Bau
) -> None:
    baue(tmp_path / f"konten.{form}")
    haelt_nur_seine_tabelle_auf(tmp_path, form, regel)


@pytest.mark.parametrize("zeilen, felder", [(ROOM // 129 + 1, ROOM // 129 + 1), (1, ROOM // 57)])
def test_abgewiesen_wird_bevor_die_zeilen_entstehen(zeilen: int, felder: int) -> None:
    demand_room(zeilen // 2, felder // 2, 0)
    with pytest.raises(FileRejected):
        demand_room(zeilen, felder, 1000)


@pytest.mark.parametrize("ende", [b"\n", b"\r", b"\r\n"])
def test_eine_zeile_hat_ein_ende(ende: bytes) -> None:
    kurz = b"a" * (LONGEST_LINE - 2) + ende
    demand_lines(KOPF + kurz * 3, (b";",))
    with pytest.raises(FileRejected, match="Textzeile 3 ist länger als 1 MB") as fault:
        demand_lines(b"kurz\nkurz\n" + b"a" * (2 * LONGEST_LINE) + ende, (b";",))
    assert fault.value.zeilen == (3,)


@needs_fork
@pytest.mark.thorough
@pytest.mark.skipif(sys.platform != "linux", reason="misst in Kilobyte")
@pytest.mark.parametrize(
    "form, regel, baue", [*KLEIN.values(), *GROSS.values()], ids=[*KLEIN, *GROSS]
)
def test_keine_feindliche_datei_braucht_ein_gigabyte(
    tmp_path: Path, form: str, regel: str, baue: Bau
) -> None:
    built = os.fork()
    if not built:  # what building takes is no measure
        baue(tmp_path / f"konten.{form}")
        os._exit(0)
    os.waitpid(built, 0)
    rest = gebraucht(lambda: None)
    took = gebraucht(lambda: haelt_nur_seine_tabelle_auf(tmp_path, form, regel))
    (tmp_path / f"konten.{form}").unlink()
    print(f"{took - rest >> 10} MB")
    assert took - rest < 1 << 20


def gebraucht(work: Callable[[], None]) -> int:
    """Return how many KB a child took at most that did *work*."""
    child = os.fork()
    if not child:
        try:
            work()
        except BaseException as fault:
            print(fault)
            os._exit(1)
        os._exit(0)
    _, code, used = os.wait4(child, 0)
    assert code == 0
    return used.ru_maxrss


LIEFERSCHEINE = {
    "eine Million Klammern": "[" * 1_000_000,
    "tausendmal verwiesen": "a: &a [1]\n" + "".join(f"b{i}: *a\n" for i in range(1000)),
    "größer als 1 MB": "kommune: x\n" + "#" * (1 << 20),
    "tief eingerückt": "".join(" " * i + f"k{i}:\n" for i in range(300)),
}


@pytest.mark.parametrize("inhalt", LIEFERSCHEINE.values(), ids=LIEFERSCHEINE)
def test_ein_lieferschein_wie_ihn_niemand_schreibt_ist_ein_satz(
    tmp_path: Path, inhalt: str
) -> None:
    (tmp_path / "lieferung.yml").write_text(inhalt, encoding="utf-8")
    with pytest.raises(CatalogueError, match="kein gültiges YAML"):
        lieferschein(tmp_path)
