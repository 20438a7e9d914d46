"""The facts: coherent, strict, and each name leads somewhere."""

from __future__ import annotations

import os
import re
from datetime import date
from pathlib import Path

import pytest

from sozcontrol import catalogue
from sozcontrol.catalogue.codeliste import Codeliste
from sozcontrol.catalogue.profil import Profil
from sozcontrol.catalogue.profilbeweis import prove_profil
from sozcontrol.catalogue.tabelle import Spalte, Tabelle
from sozcontrol.catalogue.yaml_files import Fact, load_folder, parse, read_yaml
from sozcontrol.errors import CatalogueError, UsageError


def test_der_katalog_ist_widerspruchsfrei() -> None:
    catalogue.prove()


def test_was_eine_einheit_kostet_nennt_womit_es_zu_lesen_ist() -> None:
    """A cost without what it reaches is half the truth; Hilfe zur Gesundheit (O04) reaches none."""
    costs = {k.id: k.paarkennzahl for k in catalogue.steckbriefe().values() if "€ je" in k.einheit}
    assert len(costs) > 15
    assert [i for i, pair in costs.items() if pair is None] == ["O04"]
    shown = set(catalogue.bereich("monitoring_jugend").kennzahlen)
    assert {costs[i] for i in shown & costs.keys()} <= shown


def test_die_zehn_tabellen_der_aufgabe_sind_da() -> None:
    asked = "lieferung person fall zahlung buchung budget map_produkt map_konto einwohner gebiet"
    assert set(asked.split()) <= set(catalogue.tabellen())


@pytest.mark.parametrize("name", sorted(catalogue.tabellen()))
def test_jede_spalte_ist_fuer_menschen_erklaert(name: str) -> None:
    for column in catalogue.tabelle(name).spalten:
        assert column.bezeichnung and column.bedeutung
        assert column.name == column.name.lower()


def test_personen_und_fallnummern_sind_pseudonym() -> None:
    plain = [
        (t.name, s.name)
        for t in catalogue.tabellen().values()
        for s in t.spalten
        if s.name in {"person_id", "fall_id", "hilfe_id", "familie_id"} and s.pseudonym is None
    ]
    assert plain == []


def test_keine_tabelle_fuehrt_namen_oder_freitext_von_personen() -> None:
    forbidden = {"name", "vorname", "nachname", "strasse", "bemerkung", "geburtsdatum", "iban"}
    for table in ("person", "fall", "zahlung", "buchung"):
        assert forbidden & set(catalogue.tabelle(table).namen) == set()


def test_jede_codeliste_wird_gebraucht() -> None:
    used = {s.codeliste for t in catalogue.tabellen().values() for s in t.spalten}
    assert set(catalogue.codelisten()) - used - set(catalogue.VERGLEICHSLISTEN) == set()


@pytest.mark.parametrize(
    "lookup, name, hint",
    [
        (catalogue.tabelle, "fal", "»fall«"),
        (catalogue.edition, "leitng", "»leitung«"),
        (catalogue.bereich, "monitoring_jugnd", "»monitoring_jugend«"),
        (catalogue.codeliste, "segmnt", "»segment«"),
        (catalogue.kommune, "musterstatt", "»musterstadt«"),
        (catalogue.profil, "gibtesnicht", "Bekannt"),
    ],
)
def test_ein_unbekannter_name_bekommt_den_naechsten_genannt(lookup, name: str, hint: str) -> None:
    with pytest.raises(UsageError) as raised:
        lookup(name)
    assert hint in str(raised.value)
    assert "\n" not in str(raised.value)


def code_list(**changes: object) -> Codeliste:
    base = {
        "codeliste": "x",
        "bezeichnung": "X",
        "gueltig": {"a": {"name": "A"}},
        "korrektur": {"A": "a"},
        "verworfen": ["?"],
    }
    return parse(Codeliste, {**base, **changes}, Path("x.yml"))


def test_gueltig_korrektur_und_verworfen_sind_getrennt() -> None:
    assert code_list().name("a") == "A"
    with pytest.raises(CatalogueError, match="überschneiden"):
        code_list(verworfen=["A"])
    with pytest.raises(CatalogueError, match="überschneiden"):
        code_list(korrektur={"a": "a"})
    with pytest.raises(CatalogueError, match="unbekannte Codes"):
        code_list(korrektur={"B": "b"})


@pytest.mark.parametrize(
    "column",
    [
        {"typ": "code"},
        {"typ": "text", "codeliste": "segment"},
        {"typ": "text", "pseudonym": "person"},
        {"typ": "betrag"},
        {"typ": "text", "unbekannt": 1},
    ],
)
def test_eine_unstimmige_spalte_wird_abgewiesen(column: dict) -> None:
    whole = {"name": "s", "bezeichnung": "S", "bedeutung": "s", **column}
    with pytest.raises(CatalogueError):
        parse(Spalte, whole, Path("s.yml"))


def test_eine_tabelle_braucht_ihre_schluesselspalten() -> None:
    column = {"name": "a", "typ": "text", "bezeichnung": "A", "bedeutung": "a"}
    table = {"name": "t", "bezeichnung": "T", "zeile": "z", "bedeutung": "b", "spalten": [column]}
    with pytest.raises(CatalogueError, match="Schlüsselspalten fehlen"):
        parse(Tabelle, {**table, "schluessel": ["b"]}, Path("t.yml"))


def test_ein_doppelter_schluessel_in_yaml_ist_ein_fehler(tmp_path: Path) -> None:
    path = tmp_path / "x.yml"
    path.write_text("a: 1\nb: 2\na: 3\n")
    with pytest.raises(CatalogueError, match="doppelter Schlüssel"):
        read_yaml(path)


def test_der_dateiname_ist_der_name(tmp_path: Path) -> None:
    class Thing(Fact):
        name: str

    (tmp_path / "eins.yml").write_text("name: zwei\n")
    with pytest.raises(CatalogueError, match="Dateinamen"):
        load_folder(Thing, tmp_path, key="name")


def test_der_kalender_kennt_beide_rhythmen() -> None:
    kinds = {t.tag: set(t.berichtsarten) for t in catalogue.kalender().values()}
    assert kinds["30.06."] == {"operativ", "monitoring"}
    assert {tag for tag, k in kinds.items() if "operativ" in k} == {"30.04.", "30.06.", "31.08."}
    quarters = {"31.03.", "30.06.", "30.09.", "31.12."}
    assert {tag for tag, k in kinds.items() if "monitoring" in k} == quarters
    assert {tag for tag, k in kinds.items() if "jahresbericht" in k} == {"31.12."}


@pytest.mark.parametrize(
    ("tag", "edition", "reife"),
    [
        (date(2025, 2, 28), "intern", None),
        (date(2025, 3, 31), "controlling", None),
        (date(2025, 4, 30), "controlling", "experimentell"),
        (date(2025, 4, 30), "leitung", None),
        (date(2025, 4, 30), "gremium", None),
        (date(2025, 6, 29), "leitung", None),
        (date(2025, 6, 30), "leitung", "gueltig"),
        (date(2025, 8, 31), "gremium", "gueltig"),
        (date(2025, 12, 31), "leitung", "gueltig"),
    ],
)
def test_vor_dem_30_juni_gibt_es_keine_hochrechnung_die_gilt(
    tag: date, edition: str, reife: str | None
) -> None:
    assert catalogue.hochrechnung_am(tag, edition) == reife


def test_nur_die_interne_fassung_zeigt_kleine_zahlen_und_bleibt_unter_data() -> None:
    for edition in catalogue.editionen().values():
        assert (edition.schwelle == 0) == (edition.id == "intern") == (edition.ablage == "data")
        assert edition.schwelle == 0 or edition.schwelle >= 3


@pytest.mark.parametrize(
    ("rechtskreis", "kommune", "betrifft", "dabei", "nicht_dabei"),
    [
        pytest.param("SGB8", None, None, "KJSG", "Produktplan 2024", id="oertliches nur mit Ort"),
        pytest.param("SGB8", "moers", None, "KJSG", "Produktplan 2024", id="ein anderer Ort"),
        pytest.param(
            "SGB8", "musterstadt", "finanzen", "Produktplan 2024", "UVG-Reform", id="Finanzen"
        ),
        pytest.param(
            "SGB8", "musterstadt", "faelle", "Fachverfahren Jugend", "Produktplan 2024", id="Fälle"
        ),
        pytest.param(
            "SGB8", "musterstadt", "entgelte", "Entgelte stationär 2023", "KJSG", id="Entgelte"
        ),
    ],
)
def test_ein_bruch_steht_nur_wo_er_gilt(
    rechtskreis: str, kommune: str | None, betrifft: str | None, dabei: str, nicht_dabei: str
) -> None:
    found = catalogue.brueche([rechtskreis], kommune, betrifft)
    assert dabei in {r.kurz for r in found}
    assert nicht_dabei not in {r.kurz for r in found}
    assert [r.am for r in found] == sorted(r.am for r in found)


def test_was_einzelne_kennzahlen_bricht_steht_nur_bei_ihnen() -> None:
    """The reform of guardianship is not named at every figure of Jugendhilfe."""
    named = {k: {r.kurz for r in catalogue.brueche(["SGB8"], kennzahlen=k)} for k in ("", ("P07",))}
    assert named[("P07",)] - named[""] == {"Vormundschaftsreform"}
    assert {r.kurz for r in catalogue.brueche([], kennzahlen=["C01"])} == {"Bürgergeld"}


def test_eine_unbekannte_art_von_reihe_ist_ein_fehler() -> None:
    with pytest.raises(UsageError, match="»faelle«"):
        catalogue.brueche(["SGB8"], None, "faele")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changes",
    [{"kommune": "nirgendwo"}, {"rechtskreise": ["SGB99"]}, {"kennzahlen": ["H999"]}],
    ids=["Kommune", "Kreis", "Kennzahl"],
)
def test_ein_bruch_braucht_kommune_rechtskreis_und_kennzahl_die_es_gibt(
    monkeypatch: pytest.MonkeyPatch, changes: dict
) -> None:
    whole = {"am": "2024-01-01", "kurz": "X", "text": "X", "rechtskreise": ["SGB8"], **changes}
    broken = parse(catalogue.Rechtsaenderung, whole, Path("x.yml"))
    monkeypatch.setattr(catalogue, "rechtsaenderungen", lambda: (broken,))
    with pytest.raises(CatalogueError, match="X: "):
        catalogue.prove()


LACHEN = "a: &a [x]\nb0: &b0 [*a, *a]\n" + "".join(
    f"b{i}: &b{i} [*b{i - 1}, *b{i - 1}]\n" for i in range(1, 60)
)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b"a: " + b"[" * 200_000, id="Klammern ohne Ende"),
        pytest.param(
            "".join("  " * i + "- \n" for i in range(200)).encode(), id="Listen in Listen"
        ),
        pytest.param("".join(" " * i + "a:\n" for i in range(300)).encode(), id="Treppe"),
        pytest.param(LACHEN.encode(), id="Verweise auf Verweise"),
        pytest.param(b"? [a]\n: b\n", id="Liste als Schlüssel"),
        pytest.param(b"am: 2025-02-31\n", id="Tag, den es nicht gibt"),
        pytest.param("ä: 1".encode("cp1252"), id="nicht UTF-8"),
        pytest.param(b"a: 1\n" * 300_000, id="größer als jede Datei von Hand"),
    ],
)
def test_ein_unmoegliches_yaml_ist_eine_meldung_und_kein_absturz(tmp_path: Path, text: bytes):
    (tmp_path / "x.yml").write_bytes(text)
    with pytest.raises(CatalogueError, match="nicht lesbar"):
        read_yaml(tmp_path / "x.yml")


def test_eine_warteschlange_ist_kein_yaml(tmp_path: Path):
    os.mkfifo(tmp_path / "x.yml")
    with pytest.raises(CatalogueError, match="keine Datei"):
        read_yaml(tmp_path / "x.yml")


def test_doppelte_schluessel_werden_auch_unter_vielen_gefunden(tmp_path: Path):
    """And in time that grows with their number, not with its square."""
    (tmp_path / "x.yml").write_text("".join(f"k{i}: 1\n" for i in range(30_000)) + "k7: 2\n")
    with pytest.raises(CatalogueError, match=r"doppelter Schlüssel \['k7'\]"):
        read_yaml(tmp_path / "x.yml")


PROFILTEXT = """\
profil: teststadt
system: Testverfahren
lieferant: Amt
beschreibung: Ein Auszug
dateien:
  - name: Hilfen
    muster: hilfen*.csv
    format: csv
    tabellen:
      - tabelle: fall
        spalten:
          hilfe_id: Nummer
"""


@pytest.mark.parametrize(
    ("alt", "neu", "satz"),
    [
        ("lieferant: Amt", "lieferant: 51", "Zeile 3, lieferant: ist kein Text"),
        ("beschreibung: Ein Auszug\n", "", "Zeile 1, beschreibung: fehlt"),
        (
            "    muster:",
            "    mustr:",
            "Zeile 7, dateien.1.mustr: ist unbekannt. Meinten Sie »muster«",
        ),
        ("format: csv", "format: doc", "Zeile 8, dateien.1.format: ist unbekannt (bekannt: "),
        ("- tabelle", "- tabele", "Zeile 10, dateien.1.tabellen.1.tabele: ist unbekannt"),
    ],
    ids=["Zahl statt Text", "fehlt", "verschrieben", "unbekanntes Wort", "tief innen"],
)
def test_ein_fehler_im_yaml_steht_auf_deutsch_mit_seiner_zeile(
    tmp_path: Path, alt: str, neu: str, satz: str
):
    path = tmp_path / "teststadt.yml"
    path.write_text(PROFILTEXT)
    parse(Profil, read_yaml(path), path)
    path.write_text(PROFILTEXT.replace(alt, neu))
    with pytest.raises(CatalogueError) as caught:
        parse(Profil, read_yaml(path), path)
    assert satz in caught.value.was
    assert not re.search("Input|should|valid |required", caught.value.was)


@pytest.mark.parametrize("wert", ["12", "1.5", "true", "2024-01-01"])
@pytest.mark.parametrize(
    ("ort", "herkunft"),
    [("hilfe_id", "{}"), ("hilfe_id.aus", "{{aus: {}}}")]
    + [(f"hilfe_id.{k}", f"{{{{aus: Nummer, {k}: {{}}}}}}")
       for k in ("format", "leer", "offen", "null")],
)  # fmt: skip
def test_wo_ein_text_fuer_eine_liste_steht_heisst_eine_zahl_kein_text(
    tmp_path: Path, ort: str, herkunft: str, wert: str
):
    path = tmp_path / "teststadt.yml"
    path.write_text(PROFILTEXT.replace("hilfe_id: Nummer", f"hilfe_id: {herkunft.format(wert)}"))
    with pytest.raises(CatalogueError) as caught:
        parse(Profil, read_yaml(path), path)
    place = f"Zeile 12, dateien.1.tabellen.1.spalten.{ort}: "
    assert f"{place}ist kein Text (Zahlen und ja/nein in Anführungszeichen" in caught.value.was
    assert "Liste" not in caught.value.was


@pytest.mark.parametrize(
    ("alt", "neu", "satz"),
    [
        ("    muster", "\tmuster", "Zeile 7: ein Tabulator rückt ein"),
        ("    format", "   format", "Zeile 8: die Einrückung"),
        ("lieferant: Amt", "lieferant: Amt: 51", "Zeile 3: ein Doppelpunkt mitten im Text"),
        ("lieferant: Amt", "lieferant Amt", "Zeile 4: eine Zeile ohne Doppelpunkt"),
        ("lieferant: Amt", "lieferant: 'Amt", "Zeile 3: ein Anführungszeichen ist nicht"),
        ("hilfen*.csv", "*.csv", "Zeile 7: ein Text beginnt mit *"),
        ("hilfen*.csv", "[a, b", "Zeile 7: eine eckige oder geschweifte Klammer"),
        ("lieferant: Amt", "lieferant: @Amt", "Zeile 3: ein Zeichen"),
        ("format: csv", "format: csv\n    format: csv", "Zeile 9: doppelter Schlüssel ['format']"),
        ("format: csv", "gueltig_von: 2025-02-31", "ein Tag oder eine Zahl darin gibt es nicht"),
    ],
    ids=["Tabulator", "Einrückung", "Doppelpunkt im Text", "ohne Doppelpunkt", "Anführungszeichen",
         "Stern", "Klammer", "Klammeraffe", "zweimal", "Tag, den es nicht gibt"],
)  # fmt: skip
def test_was_kein_yaml_ist_wird_auf_deutsch_mit_seiner_zeile_gesagt(
    tmp_path: Path, alt: str, neu: str, satz: str
) -> None:
    path = tmp_path / "teststadt.yml"
    path.write_text(PROFILTEXT.replace(alt, neu))
    with pytest.raises(CatalogueError) as caught:
        read_yaml(path)
    assert satz in caught.value.was
    assert not re.search("found|while|expected|line|month", caught.value.was)


VOLL = (
    PROFILTEXT
    + """\
          person_id: Person
          rechtskreis: {konstant: SGB8}
          paragraph: Grundlage
          hilfeart: {aus: Art, codes: {Heim: '34'}}
          segment: Form
          beginn: Beginn
"""
)


@pytest.mark.parametrize(
    ("alt", "neu", "zeile", "satz"),
    [
        ("fall", "fal", 10, "Die Tabelle »fal« gibt es nicht."),
        ("hilfe_id", "hilfeid", 12, "Die Tabelle fall hat keine Spalte »hilfeid«."),
        ("          beginn: Beginn\n", "", 11, "fehlen Spalten, die sie verlangt: beginn (Beginn)"),
        ("'34'", "'344'", 16, "Die Codeliste hilfeart kennt »344« nicht."),
        ("konstant: SGB8", "konstant: SGB88", 14, "kennt »SGB88« nicht."),
    ],
    ids=["Tabelle", "Spalte", "Pflichtspalte", "Code", "Konstante"],
)
def test_ein_name_der_ins_leere_fuehrt_steht_mit_seiner_zeile(
    tmp_path: Path, alt: str, neu: str, zeile: int, satz: str
) -> None:
    facts = catalogue.tabellen(), catalogue.codelisten()
    path = tmp_path / "teststadt.yml"
    path.write_text(VOLL)
    prove_profil(parse(Profil, read_yaml(path), path), path, *facts)
    path.write_text(VOLL.replace(alt, neu))
    with pytest.raises(CatalogueError) as caught:
        prove_profil(parse(Profil, read_yaml(path), path), path, *facts)
    assert satz in caught.value.was and caught.value.wo == f"{path}, Zeile {zeile}"
