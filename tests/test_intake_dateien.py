"""A file that cannot be read is a finding for its tables; the other files go on."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from mess.bauen import FALLPROFIL, KOMMUNE, befunde, csv, einer, lies, profil, xlsx

from sozcontrol.catalogue import Profil
from sozcontrol.findings import Schwere
from sozcontrol.intake import delivery as reading
from sozcontrol.intake import fingerprint
from sozcontrol.intake.files import GROESSTE
from sozcontrol.intake.rules import FileRejected, faults_of_the_file

ZWEITE = """
profil: test_konten
system: Buchhaltung
lieferant: Kämmerei
beschreibung: Konten in einem Format, das jeder Test wählt
dateien:
  - name: Konten
    muster: konten*
    format: {format}
    tabellen:
      - tabelle: map_konto
        spalten: {{konto: Konto, konto_name: Name, konto_art: Art, ist_soziale_sicherung: Sozial}}
"""
KONTEN = [["Konto", "Name", "Art", "Sozial"], [533100, "Hilfen", "Aufwand", "ja"]]


def zwei(format_: str) -> tuple[Profil, Profil]:
    return profil(FALLPROFIL), profil(ZWEITE.format(format=format_))


def _umbenannt(name: bytes) -> Callable[[Path], None]:
    def make(ordner: Path) -> None:
        (ordner / "konten.xlsx").rename(os.fsdecode(os.fsencode(ordner) + b"/" + name))

    return make


def _unlesbar(ordner: Path) -> None:
    # Root may read every file; the memory of a process answers nobody at its beginning.
    (ordner / "konten.xlsx").unlink()
    (ordner / "konten.xlsx").symlink_to("/proc/self/mem")


def _ins_leere(ordner: Path) -> None:
    (ordner / "konten.xlsx").unlink()
    (ordner / "konten.xlsx").symlink_to(ordner / "gibt es nicht.xlsx")


def _warteschlange(ordner: Path) -> None:
    (ordner / "konten.xlsx").unlink()
    os.mkfifo(ordner / "konten.xlsx")


def _riesig(ordner: Path) -> None:
    with (ordner / "konten.xlsx").open("r+b") as file:
        file.truncate(GROESSTE + 1)  # a hole: it takes no room


def _nullen(ordner: Path) -> None:
    (ordner / "konten.xlsx").write_bytes(bytes(100_000))


UNLESBAR = {
    "Verknüpfung ins Leere": (_ins_leere, {("R-I29", "map_konto")}),
    "Warteschlange statt Datei": (_warteschlange, {("R-I29", "map_konto")}),
    "größer als jede Lieferung": (_riesig, {("R-I08", "map_konto")}),
    "nur Nullen": (_nullen, {("R-I30", "map_konto")}),
    "Name in cp1252": (_umbenannt(b"konten_M\xfcnster.xlsx"), {("R-I01", "map_konto")}),
    "Name in cp850": (_umbenannt(b"konten_M\x81nster.xlsx"), {("R-I01", "map_konto")}),
    "nicht zu öffnen": (_unlesbar, {("R-I29", "map_konto")}),
    "Name in cp1252, unbekannt": (
        _umbenannt(b"M\xfcnster.xlsx"), {("R-I28", None), ("R-I00", "map_konto")}
    ),
    "Sperrdatei in cp1252": (
        _umbenannt(b"~$konten_M\xfcnster.xlsx"), {("R-I29", "map_konto"), ("R-I00", "map_konto")}
    ),
}  # fmt: skip


@pytest.mark.parametrize("stoere, erwartet", UNLESBAR.values(), ids=UNLESBAR.keys())
def test_eine_unlesbare_datei_haelt_nur_ihre_tabellen_auf(
    tmp_path: Path, stoere: Callable[[Path], None], erwartet: set[tuple[str, str | None]]
) -> None:
    lies(tmp_path, {"konten.xlsx": xlsx(KONTEN)}, *zwei("xlsx"))
    stoere(tmp_path)
    delivery, tidied = lies(tmp_path, {"hilfen.csv": csv()}, *zwei("xlsx"))
    assert befunde(tidied) == erwartet
    assert delivery.unvollstaendig == {"map_konto"}
    assert tidied.tables["fall"].num_rows == 3
    for found in tidied.findings:
        found.meldung.encode()  # what is written is UTF-8


@pytest.mark.parametrize("stoere", [stoere for stoere, _ in UNLESBAR.values()], ids=UNLESBAR.keys())
def test_der_abdruck_einer_lieferung_haengt_auch_an_unlesbaren_dateien(
    tmp_path: Path, stoere: Callable[[Path], None]
) -> None:
    kommune = KOMMUNE.model_copy(update={"profile": ("musterstadt_statistik",)})
    (tmp_path / "konten.xlsx").write_bytes(b"x")
    before = fingerprint(tmp_path, kommune)
    stoere(tmp_path)
    after = fingerprint(tmp_path, kommune)
    assert after != before
    assert fingerprint(tmp_path, kommune) == after


def _parquet(sekunden: int) -> bytes:
    stream = io.BytesIO()
    far = pa.array([sekunden], pa.timestamp("s"))
    pq.write_table(pa.table({"Konto": ["5"], "Am": far}), stream)
    return stream.getvalue()


def _ohne(data: bytes, von: int, anzahl: int) -> bytes:
    return data[:von] + data[von + anzahl :]


def _doppelt(name: str) -> bytes:
    stream = io.BytesIO(xlsx(KONTEN))
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr(name, b"<worksheet><sheetData/></worksheet>")
    return stream.getvalue()


BESCHAEDIGT: dict[str, tuple[Callable[[], bytes], str]] = {
    "parquet mit dem Jahr 30000": (lambda: _parquet(884541340800), "beschädigt"),
    "parquet, abgeschnitten": (lambda: _parquet(0)[:-9], "beschädigt"),
    "xlsx, in der Mitte fehlt etwas": (lambda: _ohne(xlsx(KONTEN), 300, 50), "beschädigt"),
    "xlsx, am Anfang fehlt etwas": (lambda: _ohne(xlsx(KONTEN), 4, 1), "beschädigt"),
    "xlsx, ein Teil zweimal": (lambda: _doppelt("XL/worksheets/Sheet1.xml"), "eindeutig"),
    "xlsx, ein Teil zweimal, mit Rückstrich": (
        lambda: _doppelt("xl\\worksheets\\sheet1.xml"), "eindeutig"
    ),
    "xlsx, ein Teil klettert": (lambda: _doppelt("xl/../xl/worksheets/sheet1.xml"), "eindeutig"),
}  # fmt: skip


@pytest.mark.parametrize("was", BESCHAEDIGT)
def test_eine_beschaedigte_datei_haelt_nur_ihre_tabellen_auf(tmp_path: Path, was: str) -> None:
    bauen, wort = BESCHAEDIGT[was]
    files = {"konten.dat": bauen(), "hilfen.csv": csv()}
    _, tidied = lies(tmp_path, files, *zwei(was.split(maxsplit=1)[0].strip(",")))
    assert befunde(tidied, Schwere.FEHLER) == {("R-I08", "map_konto")}
    assert wort in einer(tidied, "R-I08").meldung
    assert tidied.tables["fall"].num_rows == 3


# --- whose fault it is --------------------------------------------------------------------------


def test_ein_fehler_in_unserem_code_bleibt_einer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(*_: object) -> None:
        raise IndexError("list index out of range")

    monkeypatch.setattr(reading, "text_table", wrong)
    with pytest.raises(IndexError):
        lies(tmp_path, {"hilfen.csv": csv()})


class Terminated(BaseException):
    pass


@pytest.mark.parametrize("fault", [ValueError("Lüdenscheidt"), MemoryError(), KeyError("x")])
def test_was_ein_fremder_leser_wirft_nennt_seine_art_und_keinen_wert(fault: Exception) -> None:
    with (
        pytest.raises(FileRejected) as caught,
        faults_of_the_file("Beschädigt", "Neu liefern."),
    ):
        raise fault
    assert caught.value.meldung == f"Beschädigt ({type(fault).__name__})."


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit, Terminated])
def test_ein_abbruch_ist_kein_befund(stop: type[BaseException]) -> None:
    with pytest.raises(stop), faults_of_the_file("Beschädigt", "Neu liefern."):
        raise stop


def test_auch_eine_unbekannte_warteschlange_wird_genannt(tmp_path: Path) -> None:
    lies(tmp_path, {"konten.xlsx": xlsx(KONTEN)}, *zwei("xlsx"))
    os.mkfifo(tmp_path / "kanal")
    _, tidied = lies(tmp_path, {"hilfen.csv": csv()}, *zwei("xlsx"))
    assert befunde(tidied) == {("R-I28", None)}
    assert "kanal" in einer(tidied, "R-I28").meldung
