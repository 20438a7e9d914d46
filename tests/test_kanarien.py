"""Rows and headers shift by a column; whoever stands in them leaves no trace outside data/raw."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from itertools import cycle
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pytest
from conftest import make_project
from mess import bauen
from mess.bauen import SCHLUESSEL, xlsx
from pydantic import TypeAdapter
from python_calamine import CalamineWorkbook
from stichprobe import probe

from sozcontrol import catalogue
from sozcontrol.cli import main
from sozcontrol.demo import write_delivery
from sozcontrol.demo.pruefstand.ablage import Ablage
from sozcontrol.errors import CatalogueError
from sozcontrol.findings import Finding
from sozcontrol.intake import read_delivery
from sozcontrol.press.lauf.progress import Silent
from sozcontrol.press.lauf.receive import receive
from sozcontrol.projekt import Projekt
from sozcontrol.tidy import Pseudonymiser, to_tables

STICHTAG = date(2021, 6, 30)
DATENSTAND = STICHTAG + timedelta(days=21)
ZEILEN = 30
"""Rows kept of a file: enough for every kind of row, few enough for many checks."""

# One of each length a number of Musterstadt has: none may pass for one and become a key.
NAMEN = (
    "Kanarz", "Kanario", "Kanarius", "Kanarmann", "Kanarmeier", "KANARSKI", "von Kanarburg",
    "Fam. Kanarstein", "07.03.2014", "H7770019", "00777001", "51-777001-34", "Piepmatzweg 7",
    "Pieptraut",
)  # fmt: skip
SPUREN = ("kanar", "piep", "07.03.2014", "2014-03-07", "777001")
PERSONEN = {
    "Name": "Kanarz", "Vorname": "Pieptraut", "Geburtsdatum": "07.03.2014",
    "Straße": "Piepmatzweg 7", "Aktenzeichen": "51-777001-34", "Zahlungsempfänger": "Kanarmann",
    "Bemerkung": "Kanarz, geb. 07.03.2014", "Text": "Kanario",
}  # fmt: skip
CSV = (
    "WJH_Hilfen", "WJH_Personen", "WJH_Zahlliste", "SAP_Einzelposten", "Haushalt_Veraenderungen",
    "Gebiete", "Produktzuordnung", "Kontenzuordnung",
)  # fmt: skip
XLSX = {"Haushalt_Plan": ("Plan", 4), "Einwohner": ("Einwohner", 3)}
"""Sheet and first row of the header."""

Zeilen = list[list[object]]
Schieben = Callable[[list[object], object], list[object]]


def nach_rechts(zeile: list[object], wer: object) -> list[object]:
    return [wer, *zeile[:-1]]


def nach_links(zeile: list[object], wer: object) -> list[object]:
    return [*zeile[1:], wer]


RICHTUNGEN = pytest.mark.parametrize("schieben", [nach_rechts, nach_links])
BERICHTE = pytest.mark.parametrize("bericht", [*CSV, *XLSX])
EINIGE_BERICHTE = pytest.mark.parametrize("bericht", probe([*XLSX, *CSV], 2))
VERSCHOBEN = pytest.mark.parametrize(
    ("bericht", "schieben"),
    probe(zip([*XLSX, *CSV], cycle([nach_rechts, nach_links]), strict=False), 2),
)
"""A file alone in one direction; all together are shifted in both."""


class Datei:
    """A delivered file as rows: the first of its header, and those of data."""

    def __init__(self, ordner: Path, bericht: str) -> None:
        self.ablage, self.bericht = Ablage(ordner, STICHTAG), bericht
        if bericht in CSV:
            self.liste = self.ablage.liste(bericht)
            self.zeilen: Zeilen = self.liste.zeilen  # type: ignore[assignment]
            self.kopf, self.daten = self.liste.kopf, self.liste.daten()
        else:
            self.blatt, self.kopf = XLSX[bericht]
            book = CalamineWorkbook.from_path(self.ablage.pfad(bericht))
            self.zeilen = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
            self.daten = list(range(self.kopf + 2, len(self.zeilen) - 1))

    def schreibe(self) -> None:
        if self.bericht in CSV:
            self.liste.schreibe()
            return
        # An empty text is no cell: the sheet has it as nothing.
        rows = [[None if c == "" else c for c in row] for row in self.zeilen]
        self.ablage.pfad(self.bericht).write_bytes(xlsx(rows, blatt=self.blatt))


@pytest.fixture(scope="module")
def musterstadt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo city's delivery, cut short, with persons of our own in it."""
    ordner = write_delivery(tmp_path_factory.mktemp("raw"), stichtag=STICHTAG)
    for path in ordner.glob("*_*"):  # what nobody shifts only costs time
        if path.name.rpartition("_")[0] not in (*CSV, *XLSX):
            path.unlink()
    for bericht in CSV:
        datei = Datei(ordner, bericht)
        liste, gone = datei.liste, set(datei.daten[ZEILEN:])
        sums = {i for i, z in enumerate(liste.zeilen) if any("Summe Prod" in c for c in z)}
        for spalte in set(PERSONEN) & set(liste.zeilen[liste.kopf]):
            for i in datei.daten:
                liste.setze(i, spalte, PERSONEN[spalte])
        liste.zeilen[:] = [z for i, z in enumerate(liste.zeilen) if i not in gone | sums]
        liste.rechne_fuss()
        liste.schreibe()
    return ordner


@pytest.fixture
def projekt(tmp_path: Path, musterstadt: Path) -> Projekt:
    projekt = make_project(tmp_path / "projekt")
    ordner = projekt.delivery_folder(STICHTAG, DATENSTAND)
    ordner.mkdir(parents=True)
    for path in musterstadt.iterdir():
        (ordner / path.name).write_bytes(path.read_bytes())
    return projekt


def datei(projekt: Projekt, bericht: str) -> Datei:
    return Datei(projekt.delivery_folder(STICHTAG, DATENSTAND), bericht)


def pruefe(projekt: Projekt, capfd: pytest.CaptureFixture[str]) -> list[Finding]:
    """Check the delivery as a user does, and prove that nobody left a trace."""
    capfd.readouterr()
    liste = projekt.root / "fehlerliste.xlsx"
    code = main(["check", "--projekt", str(projekt.root), "--liste", str(liste)])
    assert code in (0, 4), capfd.readouterr().err
    shown = capfd.readouterr()
    assert shown.out and shown.err
    keine_spur("Bildschirm", shown.out + shown.err)
    for path in projekt.root.rglob("*"):
        if path.is_file() and projekt.raw not in path.parents:
            keine_spur(path.name, inhalt(path))
    assert openpyxl.load_workbook(liste)["Fehlerliste"].max_row > 1
    (stored,) = projekt.processed.rglob("befunde.json")
    return TypeAdapter(list[Finding]).validate_json(stored.read_bytes())


def inhalt(path: Path) -> str:
    if path.suffix == ".parquet":
        return str(pq.read_table(path).to_pylist()) + str(pq.read_schema(path).metadata)
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as parts:
            return "".join(parts.read(n).decode() for n in parts.namelist())
    return path.read_bytes().decode("utf-8", "replace")


def keine_spur(wo: str, text: str) -> None:
    found = [spur for spur in SPUREN if spur in text.casefold()]
    at = text.casefold().find(found[0]) if found else 0
    assert not found, f"{wo}: {found} in »{text[max(at - 200, 0) : at + 60]}«"


def gespeist(bericht: str) -> set[str]:
    """Return the tables the file of *bericht* feeds."""
    profile = (catalogue.profil(n) for n in catalogue.kommune("musterstadt").profile)
    files = [f for p in profile for f in p.dateien if (f.muster or "").startswith(bericht)]
    return {feed.tabelle for f in files for feed in f.tabellen}


def blockiert(found: list[Finding], bericht: str) -> list[Finding]:
    errors = [f for f in found if f.tabelle in gespeist(bericht) and f.schwere == "fehler"]
    assert errors, "the fault went unnoticed: nothing was tried"
    return errors


def test_die_unverschobene_lieferung_wird_gelesen_und_nennt_niemanden(projekt, capfd) -> None:
    found = pruefe(projekt, capfd)
    errors = {f.regel for f in found if f.regel.startswith("R-I") and f.schwere == "fehler"}
    assert errors == {"R-I00"}, found  # the files of other areas are missing
    raw = "".join(inhalt(p) for p in projekt.raw.rglob("*.csv"))
    assert all(spur in raw.casefold() for spur in SPUREN if spur != "2014-03-07")


@VERSCHOBEN
def test_verschobene_zeilen_nennen_niemanden(
    projekt: Projekt, capfd, bericht: str, schieben: Schieben
) -> None:
    file = datei(projekt, bericht)
    verschiebe(file, file.daten[: len(NAMEN)], schieben)
    errors = blockiert(pruefe(projekt, capfd), bericht)
    # The rows are named, so that a person finds what only has a shape here.
    assert any(place.zeile for f in errors for place in f.stellen)


@pytest.mark.parametrize("schieben", probe([nach_rechts, nach_links], 1))
def test_ganz_verschobene_dateien_nennen_niemanden(
    projekt: Projekt, capfd, schieben: Schieben
) -> None:
    for bericht in (*CSV, *XLSX):
        file = datei(projekt, bericht)
        verschiebe(file, file.daten, schieben)
    found = pruefe(projekt, capfd)
    for bericht in (*CSV, *XLSX):
        blockiert(found, bericht)


def verschiebe(file: Datei, rows: list[int], schieben: Schieben) -> None:
    for wer, i in zip(cycle(NAMEN), rows, strict=False):
        file.zeilen[i] = schieben(file.zeilen[i], wer)
    file.schreibe()


# --- headers and titles ---------------------------------------------------------------------------


@EINIGE_BERICHTE
def test_eine_datenzeile_statt_der_kopfzeile_nennt_niemanden(
    projekt: Projekt, capfd, bericht: str
) -> None:
    file = datei(projekt, bericht)
    for i in range(file.kopf, file.daten[0]):
        file.zeilen[i] = nach_rechts(file.zeilen[file.daten[1]], "Kanarmeier")
    file.schreibe()
    assert {f.regel for f in blockiert(pruefe(projekt, capfd), bericht)} == {"R-I04"}


@EINIGE_BERICHTE
@RICHTUNGEN
def test_eine_verschobene_kopfzeile_nennt_niemanden(
    projekt: Projekt, bericht: str, schieben: Schieben
) -> None:
    file = datei(projekt, bericht)
    head = {i: file.zeilen[i] for i in range(file.kopf, file.daten[0])}
    for wer in NAMEN:
        for i, names in head.items():
            file.zeilen[i] = schieben(names, wer)
        file.schreibe()
        blockiert(lies(projekt, file), bericht)


@BERICHTE
def test_eine_spalte_die_beinahe_so_heisst_wie_eine_vereinbarte_nennt_niemanden(
    projekt: Projekt, bericht: str
) -> None:
    """Most surnames are near to some word: Ende and Enders, Ort and Orth."""
    file = datei(projekt, bericht)
    first = file.zeilen[file.kopf]
    aehnlich = 0
    for i, name in enumerate(first):
        if not name or name in PERSONEN:
            continue
        first[i] = f"{name}Piep"
        file.schreibe()
        aehnlich += sum("ähnlich" in f.meldung for f in lies(projekt, file))
        first[i] = name
    assert aehnlich, "no column was near to another: nothing was tried"


@BERICHTE
def test_eine_unbekannte_spalte_hat_eine_nummer_und_eine_form(
    projekt: Projekt, bericht: str
) -> None:
    file = datei(projekt, bericht)
    width = len(file.zeilen[file.kopf])
    for i in (*range(file.kopf, file.daten[0]), *file.daten):
        file.zeilen[i] = [*file.zeilen[i], "Kanarmeier" if i == file.kopf else "Piepmatz Ã¼"]
    file.schreibe()
    found = {f.regel: f for f in lies(projekt, file)}
    shown = f"Nr. {width + 1} (»Aaaaaaaaaa«)"
    if bericht in CSV:
        assert shown in found["R-I06"].meldung and shown in found["R-I02"].meldung
    else:  # in a header of two rows the lower one speaks, too
        assert f"Nr. {width + 1} (»Aaaaaaaaaa | " in found["R-I06"].meldung


def lies(projekt: Projekt, file: Datei) -> list[Finding]:
    """Read and type that one file of the delivery, and prove that nobody left a trace."""
    ordner = projekt.delivery_folder(STICHTAG, DATENSTAND)
    own = file.ablage.pfad(file.bericht)
    for path in ordner.iterdir():
        if path != own:
            path.unlink()
    kommune = catalogue.kommune("musterstadt")
    delivery = read_delivery(ordner, kommune, stichtag=STICHTAG, datenstand=DATENSTAND)
    found = to_tables(delivery, Pseudonymiser(SCHLUESSEL, kommune.id)).findings
    keine_spur("Befunde", str([f.as_dict() for f in found]))
    return [f for f in found if f.regel != "R-I00"]


@pytest.mark.parametrize("bericht", XLSX)
def test_der_titel_eines_blatts_nennt_niemanden(projekt: Projekt, bericht: str) -> None:
    file = datei(projekt, bericht)
    file.blatt = "Kanarmeier"
    file.schreibe()
    (found,) = lies(projekt, file)
    assert found.regel == "R-I04" and "Blatt Nr. 1 (»Aaaaaaaaaa«)" in found.meldung


BLATT = """
profil: test
system: x
lieferant: x
beschreibung: x
dateien:
  - name: Gebiete
    muster: g*.xlsx
    format: xlsx
    tabellen:
      - tabelle: gebiet
        spalten: {gebiet_id: Nr, typ: Typ, name: Name, gueltig_von: Ab}
"""


def test_das_erste_blatt_nennt_niemanden_wenn_das_profil_keines_nennt(tmp_path: Path) -> None:
    rows = [["Nr", "Typ", "Name", "Ab"], ["S1", "stadt", "Stadt", date(2020, 1, 1)]]
    data = xlsx(rows, blatt="Kanarmeier", verborgen=[1], filter_an=True)
    _, tidied = bauen.lies(tmp_path, {"g.xlsx": data}, bauen.profil(BLATT))
    assert [f.regel for f in tidied.findings] == ["R-I23", "R-I23"]
    keine_spur("Befunde", str(tidied.findings))
    assert all("»Aaaaaaaaaa«" in f.meldung for f in tidied.findings)


def test_ein_titel_der_einen_tag_nennt_verraet_ihn_nicht(projekt: Projekt) -> None:
    file = datei(projekt, "WJH_Personen")
    file.zeilen[0] = ["Kanarz, zum Stichtag 07.03.2014"]
    file.schreibe()
    assert {f.regel for f in lies(projekt, file)} == {"R-I09"}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("kommune: Kanarmeier", id="unbekannte Kommune"),
        pytest.param("Kanarmeier: 1", id="unbekannter Schlüssel"),
        pytest.param("zeilen: {Kanarmeier: piep}", id="keine Anzahl"),
        pytest.param("zeilen: *kanarmeier", id="Verweis ins Leere"),
        pytest.param("kanar: 1\nkanar: 2", id="doppelter Schlüssel"),
        pytest.param("- Kanarmeier", id="eine Liste"),
    ],
)
def test_der_lieferschein_nennt_niemanden(projekt: Projekt, text: str) -> None:
    ordner = projekt.delivery_folder(STICHTAG, DATENSTAND)
    (ordner / "lieferung.yml").write_text(text, encoding="utf-8")
    with pytest.raises(CatalogueError, match="Lieferschein") as caught:
        receive(projekt, STICHTAG, DATENSTAND, Silent())
    keine_spur("Meldung", str(caught.value))
    assert "lieferung.yml" in caught.value.wo


# --- what stays readable --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bericht", "spalte", "wort", "gezeigt"),
    [
        pytest.param("Kontenzuordnung", "konto_art", "umlage", "umlage", id="Wort wie ein Code"),
        pytest.param("Kontenzuordnung", "konto_art", "Umlage", "Aaaaaa", id="groß wie ein Name"),
        pytest.param("Kontenzuordnung", "konto_art", "umlagekosten", "a" * 12, id="zu lang"),
        pytest.param("Kontenzuordnung", "konto_art", "müller", "aaaaaa", id="fremder Buchstabe"),
        pytest.param("Kontenzuordnung", "konto_art", "4711", "9999", id="andere Bauart"),
        pytest.param("Produktzuordnung", "hilfeart", "36", "36", id="Paragraph"),
        pytest.param("Produktzuordnung", "hilfeart", "27_9", "27_9", id="Absatz"),
        pytest.param("Produktzuordnung", "hilfeart", "36b3", "99a9", id="kein Absatz"),
        pytest.param("SAP_Einzelposten", "A/E", "X", "X", id="Kontoart im Hauptbuch"),
        pytest.param("SAP_Einzelposten", "A/E", "Kanarz", "Aaaaaa", id="Name im Hauptbuch"),
        pytest.param("WJH_Hilfen", "Form", "amb", "aaa", id="Datei mit Personen"),
        pytest.param("WJH_Zahlliste", "Einheit", "h", "a", id="Zahlliste"),
    ],
)
def test_ein_unbekannter_code_ist_lesbar_wo_keine_personen_stehen(
    projekt: Projekt, bericht: str, spalte: str, wort: str, gezeigt: str
) -> None:
    file = datei(projekt, bericht)
    for i in file.daten[:2]:
        file.liste.setze(i, spalte, wort)
    file.schreibe()
    found = [f for f in lies(projekt, file) if f.regel == "R-I26"]
    assert len(found) == 1 and f": 2-mal »{gezeigt}«" in found[0].meldung
    assert ("nur die Form" in found[0].meldung) is (wort != gezeigt)
    assert [s.zeile for s in found[0].stellen] == [i + 1 for i in file.daten[:2]]


LISTE = """
profil: test
system: x
lieferant: x
beschreibung: x
dateien:
  - name: Konten
    muster: k*.csv
    ignoriert: [Bemerkung]
    tabellen:
      - tabelle: map_konto
        spalten: {konto: Nr, konto_name: Name, konto_art: Art, ist_soziale_sicherung: SoS}
"""


@pytest.mark.parametrize(
    ("kopf", "lesbar"),
    [
        pytest.param("Nr;Name;Art;SoS", True, id="ganz vereinbart"),
        pytest.param("Bemerkung;Nr;Name;Art;SoS", True, id="Freitext woanders"),
        pytest.param("Nr;Name;Bemerkung;Art;SoS", False, id="Freitext davor"),
        pytest.param("Nr;Name;Art;Bemerkung;SoS", False, id="Freitext danach"),
        pytest.param("Nr;Name;Art;Neu;SoS", False, id="unbekannte Spalte"),
        pytest.param("Nr;Name;Art;;SoS", False, id="Spalte ohne Namen"),
    ],
)
def test_neben_freitext_ist_kein_code_lesbar(tmp_path: Path, kopf: str, lesbar: bool) -> None:
    """A row shifted by one column brings the neighbour's text, whatever stands farther away."""
    werte = {"Nr": "533", "Name": "Hilfen", "Art": "umlage", "SoS": "ja"}
    zeile = ";".join(werte.get(name, "") for name in kopf.split(";"))
    _, tidied = bauen.lies(tmp_path, {"k.csv": bauen.csv(zeile, kopf=kopf)}, bauen.profil(LISTE))
    shown = "umlage" if lesbar else "aaaaaa"
    assert f"1-mal »{shown}«" in bauen.einer(tidied, "R-I26").meldung
