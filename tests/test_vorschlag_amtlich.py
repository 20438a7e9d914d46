"""Raw tables of official statistics nobody has described: proposed, decided, read as they are."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter
import yaml
from mess.bauen import befunde, lies
from press_fixtures import bare_project

from sozcontrol.catalogue import Profil
from sozcontrol.errors import DeliveryError
from sozcontrol.projekt import Projekt
from sozcontrol.vorschlag import read_source
from sozcontrol.vorschlag.amtlich import read_raw
from sozcontrol.vorschlag.auftrag import Angaben, Ergebnis, work_through
from sozcontrol.vorschlag.rueckfragen import answer, questions

ORTE = (("DG", "Bund"), ("07", "  Land"), ("07111", "    Stadt A"), ("07211", "    Stadt B"),
        ("07999", "    Kreis C"))  # fmt: skip
ZELLEN = ("-", ".", "x", "…", "/", "0", "12", "3,5", "140", "7")
FUSS = ["__________", "x = gesperrt", "© Amt, 2017.", "Stand: 10.10.2017 / 12:46"]


def zelle(n: int) -> str:
    return ZELLEN[n % len(ZELLEN)]


def mit_jahren(kennung: str = "GENESIS-Tabelle: 88811-01-02-4", fuss: bool = True) -> list[str]:
    """A table with a year a row, three rows of header, a row of units."""
    kopf = [kennung, "Empfänger erfundener Hilfen;;;;;", "- Stichtag 31.12. -;;;;;",
            ";;;Empfänger;Empfänger;Ausgaben", ";;;;weiblich;", ";;;Anzahl;Anzahl;EUR"]  # fmt: skip
    rows = [
        f"31.12.{jahr};{ort};{name};{zelle(3 * i + j)};{zelle(i + 5)};{zelle(2 * i)}"
        for j, jahr in enumerate((2016, 2015))
        for i, (ort, name) in enumerate(ORTE)
    ]
    return [*kopf, *rows, *(FUSS if fuss else [])]


def jahre_im_kopf() -> list[str]:
    kopf = ["GENESIS-Tabelle: 88812-01-01-4", "Erfundene Menschen;;;;", "Anzahl;;;;",
            ";;31.12.2016;31.12.2016;31.12.2015", ";;Insgesamt;weiblich;Insgesamt"]  # fmt: skip
    rows = [f"{o};{n};{zelle(i)};{zelle(i + 1)};{zelle(i + 6)}" for i, (o, n) in enumerate(ORTE)]
    return [*kopf, *rows, *FUSS]


def ein_jahr() -> list[str]:
    """One year above the header, and a second key that tells rows of a place apart."""
    kopf = ["Tabelle: 88813-01-03-4", "Erfundene Schulen;;;", "2016;;;", ";;;Schüler", ";;;Anzahl"]
    rows = [
        f"{ort};{name};{art};{zelle(i + j)}"
        for i, (ort, name) in enumerate(ORTE)
        for j, art in enumerate(("Grundschulen", "Gymnasien"))
    ]
    return [*kopf, *rows, *FUSS]


@pytest.fixture
def stadt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Projekt:
    projekt = bare_project(tmp_path / "stadt")
    monkeypatch.setenv("SOZCONTROL_PROJEKT", str(projekt.root))
    projekt.profile.mkdir(parents=True)
    return projekt


def vorgeschlagen(
    stadt: Projekt, zeilen: list[str], name: str = "88811-01-02-4_00.csv"
) -> Ergebnis:
    pfad = stadt.root / name
    pfad.write_text("\n".join(zeilen) + "\n", encoding="utf-8")
    (found,) = work_through(pfad, stadt.profile, Angaben(name="amt"))
    if found.fehler:
        raise found.fehler
    (stadt.profile / "amt.yml").write_text(found.yaml, encoding="utf-8")
    return found


def entschieden(stadt: Projekt, antworten: dict[str, str]) -> list[str]:
    """Answer what is asked; return the questions."""
    path, asked = stadt.profile / "amt.yml", []
    while offen := questions(path):
        asked.append(offen[0].text)
        answer(path, offen[0], next((a for k, a in antworten.items() if k in asked[-1]), ""))
    return asked


def gelesen(stadt: Projekt, found: Ergebnis) -> list[dict[str, object]]:
    profil = Profil.model_validate(yaml.safe_load((stadt.profile / "amt.yml").read_text()))
    _, tidied = lies(stadt.root / "lieferung", {found.datei.name: found.datei.read_bytes()}, profil)
    assert befunde(tidied) == set()
    return tidied.tables["vergleichswert"].to_pylist()


def wert(text: str) -> Decimal | None:
    return (
        None if text in (".", "x", "…", "/") else Decimal(text.replace("-", "0").replace(",", "."))
    )


@pytest.mark.parametrize("kennung", ["GENESIS-Tabelle: 88811-01-02-4", "Tabelle: 88811-01-02-4"])
@pytest.mark.parametrize("fuss", [True, False])
def test_eine_unbekannte_tabelle_wird_gelesen_wie_sie_dasteht(
    stadt: Projekt, kennung: str, fuss: bool
) -> None:
    zeilen = mit_jahren(kennung, fuss)
    found = vorgeschlagen(stadt, zeilen)
    assert "88811-01-02-4" in found.text and "»x« (unbekannt" in found.text
    asked = entschieden(stadt, {"Welche Orte": "07111, 07211"})
    assert len(asked) == 2
    raw = [z.split(";") for z in zeilen[6:16]]
    rows = gelesen(stadt, found)
    got = {(z["ags"], z["jahr"], z["definition_id"]): (z["wert"], z["zeichen"]) for z in rows}
    spalten = ("Empfänger, Anzahl", "Empfänger, weiblich, Anzahl", "Ausgaben, EUR")
    expected = {
        (z[1] + "000", int(z[0][-4:]), f"88811-01-02-4 {was}"): z[i]
        for z in raw for i, was in enumerate(spalten, start=3) if z[1] in ("07111", "07211")
    }  # fmt: skip
    assert len(got) == len(expected) == 12
    for key, text in expected.items():
        unknown = {".": "geheim", "x": "gesperrt", "…": "spaeter", "/": "unsicher"}.get(text)
        assert got[key] == (wert(text), unknown), (key, text)


def test_bekannte_orte_werden_vorgeschlagen(stadt: Projekt) -> None:
    text = vorgeschlagen(stadt, mit_jahren()).yaml
    assert "gleich: ['07111', '07211']  # ENTSCHEIDEN" in text


def test_jahre_im_kopf_werden_zu_zeilen(stadt: Projekt) -> None:
    found = vorgeschlagen(stadt, jahre_im_kopf())
    assert len(entschieden(stadt, {})) == 2
    got = [(z["ags"], z["jahr"], z["wert"]) for z in gelesen(stadt, found)]
    raw = [z.split(";") for z in jahre_im_kopf()[7:9]]
    assert got == [
        (f"{z[0]}000", jahr, wert(z[i]))
        for z in raw
        for i, jahr in ((2, 2016), (3, 2016), (4, 2015))
    ]


def test_die_naechste_datei_bringt_ihr_jahr_mit(stadt: Projekt) -> None:
    """And the command says of a file it knows that nothing has changed."""
    first = vorgeschlagen(stadt, jahre_im_kopf())
    entschieden(stadt, {})
    neu = [z.replace("31.12.2016", "31.12.2017") for z in jahre_im_kopf()]
    later = first.datei.with_name("88812-01-01-4_01.csv")
    first.datei.rename(first.datei.with_name("88812-01-01-4_00.csv"))
    for path in (first.datei.with_name("88812-01-01-4_00.csv"), later):
        path.write_text("\n".join(neu))
        profil = stadt.profile / "amt.yml"
        profil.write_text(profil.read_text().replace(first.datei.name, "88812*.csv"))
        (again,) = work_through(path, stadt.profile, Angaben())
        assert again.fehler is None and "nichts geändert" in again.text, again.text
    rows = gelesen(stadt, Ergebnis("", later))
    assert {z["jahr"] for z in rows} == {2015, 2017}


def test_als_arbeitsmappe_nennt_sie_den_weg_zur_textdatei(tmp_path: Path) -> None:
    """Its merged header would give columns half a name."""
    pfad = tmp_path / "88811-01-02-4.xlsx"
    mappe = xlsxwriter.Workbook(pfad)
    blatt = mappe.add_worksheet("Tabelle")
    for n, zeile in enumerate(mit_jahren()):
        blatt.write_row(n, 0, zeile.split(";"))
    mappe.close()
    with pytest.raises(DeliveryError, match="Arbeitsmappe") as fehler:
        read_raw(read_source(pfad))
    assert "CSV" in str(fehler.value.tun)


def test_eine_tabelle_der_laender_nennt_den_weg(stadt: Projekt) -> None:
    zeilen = [z for z in mit_jahren() if not z[10:].startswith((";07111", ";07211", ";07999"))]
    with pytest.raises(DeliveryError, match="Länder"):
        vorgeschlagen(stadt, zeilen)


def test_anmerkungen_ohne_strich_darunter_sind_keine_orte(stadt: Projekt) -> None:
    zeilen = [*mit_jahren(fuss=False), "Ergebnisse vorläufig"]
    assert "davon 2 in der Liste" in vorgeschlagen(stadt, zeilen).text


@pytest.mark.parametrize("titel", ["Tabelle: Hilfen", "Tabelle: 2025", "Tabelle:"])
def test_eine_ueberschrift_macht_keine_amtliche_tabelle(tmp_path: Path, titel: str) -> None:
    pfad = tmp_path / "liste.csv"
    pfad.write_text("\n".join([titel, *mit_jahren()[1:]]))
    assert read_raw(read_source(pfad)) is None


def test_ein_jahr_ueber_dem_kopf_wird_gefragt(stadt: Projekt) -> None:
    found = vorgeschlagen(stadt, ein_jahr())
    asked = entschieden(stadt, {})
    assert any("kein Jahr" in text for text in asked) and len(asked) == 3
    got = gelesen(stadt, found)
    assert {z["jahr"] for z in got} == {2016}
    assert {z["definition_id"] for z in got} == {
        "88813-01-03-4 Schüler, Anzahl Grundschulen", "88813-01-03-4 Schüler, Anzahl Gymnasien"
    }  # fmt: skip


def test_ohne_schluessel_von_orten_nennt_die_meldung_den_weg(stadt: Projekt) -> None:
    zeilen = ["GENESIS-Tabelle: 88814-0013", "Menschen;;;", ";;Land A;Land B", ";;Zahl;Zahl",
              *(f"31.12.2015;{a}-Jährige;51{a}15;49802" for a in range(9))]  # fmt: skip
    with pytest.raises(DeliveryError, match="Schlüssel") as fehler:
        vorgeschlagen(stadt, zeilen)
    assert "Kreise" in str(fehler.value.tun)


def test_was_keine_amtliche_tabelle_ist_bleibt_ein_unbekannter_auszug(tmp_path: Path) -> None:
    """Its unknown header is believed because the table says what it is; others must be known."""
    pfad = tmp_path / "liste.csv"
    pfad.write_text("\n".join(["Liste", *mit_jahren()[1:]]))
    assert read_raw(read_source(pfad)) is None
