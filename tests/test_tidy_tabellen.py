"""From text tables to canonical tables: sums, signs, melting, and an account of every row."""

from __future__ import annotations

import random
import time
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mess.bauen import DATENSTAND, FAELLE, KOMMUNE, KOPF, befunde, csv, einer, fall, lies, profil
from pydantic import TypeAdapter

from sozcontrol import catalogue
from sozcontrol.findings import Finding, Schwere
from sozcontrol.intake import fingerprint, lieferschein
from sozcontrol.tidy import arrow_schema

SAP = """
profil: test_sap
system: SAP
lieferant: Kämmerei
beschreibung: Einzelposten mit Zwischensummen
dateien:
  - name: Einzelposten
    muster: sap*.csv
    kodierung: cp1252
    trennzeichen: ;
    fuss: {beginnt: [Gesamtsumme], summe: {Betrag: Gesamtsumme}}
    zwischensumme: {erkennung: {spalte: Produkt, beginnt: [Summe]}, betraege: [Betrag]}
    tabellen:
      - tabelle: buchung
        auslassen: [{spalte: Beleg, gleich: [Vortrag]}]
        vorzeichen: [{spalte: betrag_eur, nach: A/E, faktoren: {A: 1, E: -1}}]
        spalten:
          beleg_nr: Beleg
          pos: {zeilennummer: true}
          haushaltsjahr: {konstant: '2025'}
          periode: {aus: Per}
          buchung_am: {aus: Datum, format: '%d.%m.%Y'}
          produkt: Produkt
          konto: {vorlage: '{Produkt}-{Konto}'}
          betrag_eur: {aus: Betrag, einheit: EUR}
"""
SAPKOPF = "Beleg;Per;Datum;Produkt;Konto;A/E;Betrag"
SAPZEILEN = [
    "1;1;05.01.2025;3633;533;A;1.000,00",
    "2;1;06.01.2025;3633;533;A;250,00-",
    ";;;Summe Konto;;;750,00",
    "3;1;07.01.2025;3633;421;E;100,00-",
    ";;;Summe Konto;;;100,00-",
    ";;;Summe Produkt;;;650,00",
    "4;2;08.01.2025;3634;533;A;10,50",
    ";;;Summe Konto;;;10,50",
    ";;;Summe Produkt;;;10,50",
]


def sap(zeilen=SAPZEILEN, gesamt="660,50") -> bytes:
    return csv(*zeilen, kopf=SAPKOPF, nach=[f"Gesamtsumme;;;;;;{gesamt}"])


def test_sap_minus_zwischensummen_und_gesamtsumme(tmp_path: Path) -> None:
    _, tidied = lies(tmp_path, {"sap.csv": sap()}, profil(SAP))
    assert befunde(tidied) == set()
    rows = tidied.tables["buchung"].to_pylist()
    assert [(r["beleg_nr"], r["betrag_eur"], r["zeile_quelle"]) for r in rows] == [
        ("1", Decimal("1000.00"), 2),
        ("2", Decimal("-250.00"), 3),
        ("3", Decimal("100.00"), 5),
        ("4", Decimal("10.50"), 8),
    ]
    assert rows[0]["konto"] == "3633-533"
    assert rows[0]["pos"] == 2
    assert einer(tidied, "R-I31").anzahl == 5


@pytest.mark.parametrize(
    "zeile, statt, regel, zeilen",
    [
        pytest.param(2, ";;;Summe Konto;;;750,02", "R-I14", [4], id="zwei Cent zu viel"),
        pytest.param(2, ";;;Summe Konto;;;750,01", None, [], id="ein Cent ist Rundung"),
        pytest.param(5, ";;;Summe Produkt;;;750,00", "R-I14", [7], id="obere Ebene falsch"),
        pytest.param(8, ";;;Summe Produkt;;;650,00", "R-I14", [10], id="alte Summe wiederholt"),
        pytest.param(2, ";;;Summe Konto;;;x", "R-I14", [4], id="keine Zahl"),
    ],
)
def test_zwischensummen_jeder_ebene_werden_nachgerechnet(
    tmp_path: Path, zeile: int, statt: str, regel: str | None, zeilen: list[int]
) -> None:
    lines = [*SAPZEILEN]
    lines[zeile] = statt
    _, tidied = lies(tmp_path, {"sap.csv": sap(lines)}, profil(SAP))
    assert befunde(tidied) == ({(regel, "buchung")} if regel else set())
    if regel:
        assert [s.zeile for s in einer(tidied, regel).stellen] == zeilen


@pytest.mark.parametrize(
    "gesamt, regel", [("660,50", None), ("660,51", None), ("660,52", "R-I13"), ("66050", "R-I13")]
)
def test_die_gesamtsumme_im_fuss_wird_nachgerechnet(
    tmp_path: Path, gesamt: str, regel: str | None
) -> None:
    _, tidied = lies(tmp_path, {"sap.csv": sap(gesamt=gesamt)}, profil(SAP))
    assert befunde(tidied) == ({(regel, "buchung")} if regel else set())


def test_eine_fehlende_gesamtsumme_ist_eine_abgeschnittene_datei(tmp_path: Path) -> None:
    _, tidied = lies(tmp_path, {"sap.csv": csv(*SAPZEILEN, kopf=SAPKOPF)}, profil(SAP))
    assert befunde(tidied) == {("R-I13", "buchung")}


def test_zwischensummen_je_schluessel(tmp_path: Path) -> None:
    text = SAP.replace("betraege: [Betrag]}", "betraege: [Betrag], je: [Konto]}")
    lines = [SAPZEILEN[i] for i in (0, 1, 2, 3, 4, 6, 7)]
    _, tidied = lies(tmp_path, {"sap.csv": sap(lines)}, profil(text))
    assert befunde(tidied) == set()


def test_ausgelassene_zeilen_stehen_im_protokoll(tmp_path: Path) -> None:
    lines = ["Vortrag;1;01.01.2025;3633;533;A;5,00", "1;1;05.01.2025;3633;533;A;1,00"]
    _, tidied = lies(tmp_path, {"sap.csv": sap(lines, "6,00")}, profil(SAP))
    assert befunde(tidied) == set()
    note = einer(tidied, "R-I31")
    assert (note.anzahl, note.geprueft, note.schwere) == (1, 2, Schwere.HINWEIS)
    assert [s.zeile for s in note.stellen] == [2]
    assert tidied.tables["buchung"].num_rows == 1


def test_ein_unbekanntes_vorzeichen_wird_nicht_geraten(tmp_path: Path) -> None:
    lines = ["1;1;05.01.2025;3633;533;?;1,00"]
    _, tidied = lies(tmp_path, {"sap.csv": sap(lines, "1,00")}, profil(SAP))
    assert befunde(tidied) == {("R-I26", "buchung")}
    assert "buchung" not in tidied.tables


def test_tausenderpunkt_neben_kommabetraegen_ist_eine_warnung(tmp_path: Path) -> None:
    lines = ["1;1;05.01.2025;3633;533;A;1.234", "2;1;05.01.2025;3633;533;A;1,50"]
    _, tidied = lies(tmp_path, {"sap.csv": sap(lines, "1.235,50")}, profil(SAP))
    found = einer(tidied, "R-I16")
    assert (found.schwere, [s.zeile for s in found.stellen]) == (Schwere.WARNUNG, [2])
    assert tidied.tables["buchung"]["betrag_eur"].to_pylist()[0] == Decimal("1234.00")


def test_tausenderpunkt_ohne_kommabetraege_ist_vereinbart_oder_eine_warnung(tmp_path: Path) -> None:
    lines = ["1;1;05.01.2025;3633;533;A;1.234", "2;1;05.01.2025;3633;533;A;500"]
    _, tidied = lies(tmp_path / "nicht", {"sap.csv": sap(lines, "1.734")}, profil(SAP))
    assert einer(tidied, "R-I16").schwere is Schwere.WARNUNG
    agreed = profil(SAP.replace("einheit: EUR}", "einheit: EUR, dezimal: ','}"))
    _, tidied = lies(tmp_path, {"sap.csv": sap(lines, "1.734")}, agreed)
    assert befunde(tidied) == set()


@pytest.mark.parametrize(
    "einheit, kopf, regel",
    [
        pytest.param("einheit: EUR", "Betrag", None, id="vereinbart"),
        pytest.param("", "Betrag", "R-I24", id="nicht vereinbart"),
        pytest.param("einheit: T€", "Betrag", "R-I24", id="T€ ohne Faktor"),
        pytest.param("einheit: EUR, faktor: 1000", "Betrag", "R-I24", id="Faktor ohne T€"),
        pytest.param("einheit: EUR", "Betrag in T€", "R-I24", id="Kopf sagt T€"),
        pytest.param("einheit: T€, faktor: 1000", "Betrag in T€", None, id="T€ überall"),
        pytest.param("einheit: '%'", "Betrag", "R-I24", id="Prozent ist kein Betrag"),
    ],
)
def test_jede_betragsspalte_hat_eine_einheit_die_zum_kopf_passt(
    tmp_path: Path, einheit: str, kopf: str, regel: str | None
) -> None:
    text = SAP.replace("{aus: Betrag, einheit: EUR}", f"{{aus: '{kopf}', {einheit}}}")
    text = text.replace("Betrag: Gesamtsumme", f"{kopf}: Gesamtsumme")
    text = text.replace("betraege: [Betrag]", f"betraege: ['{kopf}']")
    data = csv("1;1;05.01.2025;3633;533;A;1,00", kopf=SAPKOPF.replace("Betrag", kopf),
               nach=["Gesamtsumme;;;;;;1,00"])  # fmt: skip
    _, tidied = lies(tmp_path, {"sap.csv": data}, profil(text))
    assert befunde(tidied) == ({(regel, "buchung")} if regel else set())


BREIT = """
profil: test_breit
system: Statistik
lieferant: Statistikstelle
beschreibung: breite Tabelle
dateien:
  - name: Einwohner
    muster: ew*.csv
    tabellen:
      - tabelle: einwohner
        schmelzen: {wert: Zahl, spalten: {Männer: {G: m}, Frauen: {G: w}}, ohne_null: OHNENULL}
        auswahl: [{spalte: Gebiet, muster: 'SR.*'}]
        spalten:
          stichtag: '@stichtag'
          gebiet_id: Gebiet
          altersjahr: Alter
          geschlecht: G
          staatsang_gruppe: {konstant: o.A.}
          quelle: {konstant: melderegister}
          anzahl: Zahl
"""
EW = csv("SR1;0;12;0", "SR1;1;x;7", "Stadt;1;99;99", kopf="Gebiet;Alter;Männer;Frauen")


@pytest.mark.parametrize("ohne_null, zahlen", [("false", [12, 0, 7]), ("true", [12, 7])])
def test_breit_nach_lang_mit_rechenschaft_ueber_jede_zelle(
    tmp_path: Path, ohne_null: str, zahlen: list[int]
) -> None:
    _, tidied = lies(tmp_path, {"ew.csv": EW}, profil(BREIT.replace("OHNENULL", ohne_null)))
    assert befunde(tidied) == set()
    rows = tidied.tables["einwohner"].to_pylist()
    assert [r["anzahl"] for r in rows] == zahlen
    assert rows[0]["stichtag"] == date(2025, 6, 30)
    assert (rows[0]["geschlecht"], rows[0]["zeile_quelle"]) == ("m", 2)
    notes = [f for f in tidied.findings if f.regel == "R-I31"]
    read = notes[0].geprueft
    assert read == sum(note.anzahl for note in notes) + len(rows)


def test_ohne_auslassung_wird_eine_leere_zelle_zur_leeren_pflichtspalte(tmp_path: Path) -> None:
    text = BREIT.replace("ohne_null: OHNENULL", "ohne_leer: false")
    _, tidied = lies(tmp_path, {"ew.csv": EW}, profil(text))
    assert befunde(tidied) == {("R-I27", "einwohner")}


def test_wiederholte_zeilen_zaehlen_einmal_nur_wo_es_vereinbart_ist(tmp_path: Path) -> None:
    _, tidied = lies(tmp_path, {"hilfen.csv": csv(FAELLE[0], FAELLE[0])})
    assert tidied.tables["person"].num_rows == 1
    assert tidied.tables["fall"].num_rows == 2
    note = einer(tidied, "R-I31")
    assert (note.tabelle, note.anzahl) == ("person", 1)
    assert [s.zeile for s in note.stellen] == [3]


def test_abweichende_angaben_zu_einer_person_bleiben_beide_stehen(tmp_path: Path) -> None:
    _, tidied = lies(
        tmp_path, {"hilfen.csv": csv(fall(), fall(hilfenr="H2", geburtsdatum="05.04.2012"))}
    )
    assert tidied.tables["person"].num_rows == 2


def test_zwei_dateien_eines_eintrags_werden_aneinandergehaengt(tmp_path: Path) -> None:
    files = {"hilfen_b.csv": csv(FAELLE[1]), "hilfen_a.csv": csv(FAELLE[0])}
    _, tidied = lies(tmp_path, files)
    ids = tidied.tables["fall"]["lieferung_id"].to_pylist()
    assert len(set(ids)) == 2
    files = {r["lieferung_id"]: r["dateiname"] for r in tidied.tables["lieferung"].to_pylist()}
    assert [files[i] for i in ids] == ["hilfen_a.csv", "hilfen_b.csv"]


def test_eine_unlesbare_datei_laesst_keine_halbe_tabelle_entstehen(tmp_path: Path) -> None:
    _, tidied = lies(tmp_path, {"hilfen_a.csv": csv(FAELLE[0]), "hilfen_b.csv": b""})
    assert "fall" not in tidied.tables
    status = {(r["dateiname"], r["status"]) for r in tidied.tables["lieferung"].to_pylist()}
    assert status == {("hilfen_a.csv", "abgelehnt"), ("hilfen_b.csv", "abgelehnt")}


def test_dezimalzahlen_werden_kaufmaennisch_auf_vier_stellen_gerundet(tmp_path: Path) -> None:
    text = """
profil: test_gebiet
system: x
lieferant: x
beschreibung: x
dateien:
  - {name: G, muster: g.csv, trennzeichen: ;, tabellen: [{tabelle: gebiet, spalten: {
     gebiet_id: Id, typ: {konstant: stadt}, name: Id, gueltig_von: {konstant: '2020-01-01'},
     flaeche_km2: Fläche}}]}
"""
    data = csv("A;1,00005", "B;2,5", kopf="Id;Fläche")
    _, tidied = lies(tmp_path, {"g.csv": data}, profil(text))
    assert tidied.tables["gebiet"]["flaeche_km2"].to_pylist() == [
        Decimal("1.0001"), Decimal("2.5000"),
    ]  # fmt: skip
    assert einer(tidied, "R-I35").schwere is Schwere.HINWEIS


@pytest.mark.parametrize("name", sorted(catalogue.tabellen()))
def test_das_schema_folgt_dem_katalog(name: str) -> None:
    table, schema = catalogue.tabelle(name), arrow_schema(catalogue.tabelle(name))
    assert schema.names[: len(table.namen)] == list(table.namen)
    assert set(schema.names[len(table.namen) :]) <= {"lieferung_id", "zeile_quelle", "datenstand"}
    for column in table.spalten:
        if column.typ == "betrag":
            assert schema.field(column.name).type == pa.decimal128(14, 2)


def test_tabellen_haben_spalten_und_typen_des_katalogs(tmp_path: Path) -> None:
    _, tidied = lies(tmp_path, {"hilfen.csv": csv()})
    for name, table in tidied.tables.items():
        assert table.schema == arrow_schema(catalogue.tabelle(name))
    assert set(tidied.tables["fall"]["datenstand"].to_pylist()) == {DATENSTAND}


def test_befunde_ueberstehen_den_weg_als_daten(tmp_path: Path) -> None:
    _, tidied = lies(tmp_path, {"hilfen.csv": csv(fall(beginn="x"), fall(hilfeart="y"))})
    for found in tidied.findings:
        assert TypeAdapter(Finding).validate_python(found.as_dict()) == found


ZEILE = st.tuples(
    st.integers(1, 99999),
    st.sampled_from(["34", "31"]),
    st.dates(date(2000, 1, 1), date(2025, 6, 30)),
    st.decimals(0, 999, places=2, allow_nan=False, allow_infinity=False),
)


@settings(max_examples=20, deadline=None)
@given(st.lists(ZEILE, min_size=1, max_size=12, unique_by=lambda z: z[0]), st.randoms())
def test_reihenfolge_von_zeilen_und_spalten_aendert_das_ergebnis_nicht(
    zeilen: list[tuple], zufall: random.Random
) -> None:
    lines = [_zeile(*z) for z in zeilen]
    order = list(range(len(KOPF.split(";"))))
    zufall.shuffle(order)
    mixed = [*lines]
    zufall.shuffle(mixed)
    turned = [";".join(line.split(";")[i] for i in order) for line in [KOPF, *mixed]]
    assert _ergebnis(csv(*lines)) == _ergebnis(csv(*turned[1:], kopf=turned[0]))


def _zeile(nummer: int, art: str, beginn: date, satz: Decimal) -> str:
    word, form = {"34": ("Heim", "stat."), "31": ("SPFH", "amb.")}[art]
    money = str(satz).replace(".", ",")
    return f"H{nummer};{nummer:05d};N;01.01.2010;{art};{word};{form};{beginn:%d.%m.%Y};;{money};"


def _ergebnis(data: bytes) -> list[tuple]:
    text = profil().model_dump()
    with TemporaryDirectory() as folder:
        _, tidied = lies(Path(folder), {"hilfen.csv": data}, type(profil()).model_validate(text))
    assert befunde(tidied) == set()
    table = tidied.tables["fall"].drop_columns(["zeile_quelle", "lieferung_id"])
    return sorted(tuple(map(str, row.values())) for row in table.to_pylist())


def test_dieselben_bytes_geben_dieselben_tabellen(tmp_path: Path) -> None:
    _, one = lies(tmp_path / "a", {"hilfen.csv": csv()})
    _, two = lies(tmp_path / "b", {"hilfen.csv": csv()})
    assert one.tables.keys() == two.tables.keys()
    assert all(one.tables[name].equals(two.tables[name]) for name in one.tables)
    assert one.findings == two.findings


def test_lieferschein_und_standardkommune(tmp_path: Path) -> None:
    assert lieferschein(tmp_path).kommune == catalogue.standard_kommune()
    (tmp_path / "lieferung.yml").write_text("kommune: anderswo\n", encoding="utf-8")
    assert lieferschein(tmp_path).kommune == "anderswo"


def test_der_fingerabdruck_haengt_an_inhalt_namen_und_profil(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kommune = KOMMUNE.model_copy(update={"profile": ("test_jugend",)})

    def mark(text: str | None = None) -> str:
        found = profil() if text is None else profil(datei={"muster": text})
        monkeypatch.setattr(catalogue, "profil", {"test_jugend": found}.__getitem__)
        return fingerprint(tmp_path, kommune)

    seen = [mark()]
    (tmp_path / "hilfen.csv").write_bytes(csv())
    seen.append(mark())
    assert mark() == seen[-1]
    (tmp_path / "hilfen.csv").write_bytes(csv(FAELLE[0]))
    seen.append(mark())
    (tmp_path / "hilfen.csv").rename(tmp_path / "hilfen_2.csv")
    seen.append(mark())
    seen.append(mark("hilfen_*.csv"))
    (tmp_path / "lieferung.yml").write_text("zeilen: {hilfen_2.csv: 1}\n", encoding="utf-8")
    seen.append(mark("hilfen_*.csv"))
    # A table the profile doesn't feed: rules read its facts all the same.
    known = catalogue.tabellen()
    other = known["buchung"].model_copy(update={"schluessel": ("jahr",)})
    monkeypatch.setattr(catalogue, "tabellen", lambda: known | {"buchung": other})
    seen.append(mark("hilfen_*.csv"))
    assert len(set(seen)) == len(seen)


def test_hunderttausend_zeilen_kosten_sekunden(tmp_path: Path) -> None:
    dice = random.Random(1)
    days = [date.fromordinal(number) for number in range(737000, 739000)]
    money = [Decimal(cents) / 100 for cents in range(10_000)]
    lines = [
        _zeile(i % 99999, dice.choice(["34", "31"]), dice.choice(days), dice.choice(money))
        for i in range(100_000)
    ]
    start = time.process_time()
    _, tidied = lies(tmp_path, {"hilfen.csv": csv(*lines)})
    spent = time.process_time() - start
    assert tidied.tables["fall"].num_rows == 100_000
    assert spent < 20, "two seconds on a quiet machine; ten times that on a crowded one"
