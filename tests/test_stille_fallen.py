"""What would be computed wrongly without a word: two files of one case, half a key, near numbers.

The right rows are worked out from the raw lines, in pandas or by hand.
"""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd
import pytest
import xlsxwriter
from mess.bauen import (
    DATENSTAND,
    FALLPROFIL,
    KOPF,
    STICHTAG,
    befunde,
    csv,
    einer,
    fall,
    lies,
    profil,
)

from sozcontrol import catalogue, checks
from sozcontrol.catalogue.profilbeweis import prove_profil
from sozcontrol.errors import CatalogueError
from sozcontrol.findings import Schwere
from sozcontrol.tidy import Tidied

EXPECTATIONS = Path(__file__).parent.parent / "expectations"
NEUESTE = FALLPROFIL.replace("- tabelle: fall", "- tabelle: fall\n        neueste_datei: true")
NEUESTE = NEUESTE.replace("eindeutig: true", "eindeutig: true\n        neueste_datei: true")


def hilfe(nummer: str, person: str = "00011", **anders: str) -> str:
    cells = fall(**anders).split(";")
    return ";".join([nummer, person, *cells[2:]])


def jahre() -> dict[str, bytes]:
    """Three yearly files: H1 in all, H2 only in the first, H3 in two, H4 new in the last."""
    return {
        "hilfen_2024.csv": csv(hilfe("H1", ende="31.03.2025"), hilfe("H3", "00012"),
                               hilfe("H4", "00013", tagessatz="200,00")),
        "hilfen_2022.csv": csv(hilfe("H1"), hilfe("H2", "00010", ende="31.08.2022")),
        "hilfen_2023.csv": csv(hilfe("H1"), hilfe("H3", "00012", ende="01.12.2024")),
    }  # fmt: skip


def aus_pandas(dateien: dict[str, bytes]) -> dict[str, tuple[str, str]]:
    """Return end and rate of each Hilfe in the newest file that holds it."""
    frames = [
        pd.read_csv(io.BytesIO(dateien[name]), sep=";", dtype=str, encoding="cp1252")
        for name in sorted(dateien)
    ]
    newest = pd.concat(frames).drop_duplicates("Hilfe-Nr", keep="last").set_index("Hilfe-Nr")
    return {n: (r["Ende"], r["Tagessatz"]) for n, r in newest.iterrows()}


def gelesen(tidied: Tidied, tabelle: str = "fall") -> list[tuple[str, str]]:
    rows = tidied.tables[tabelle].to_pylist()
    return sorted(
        (
            f"{r['ende']:%d.%m.%Y}" if r["ende"] else "31.12.9999",
            f"{r['tagessatz_eur']:.2f}".replace(".", ","),
        )
        for r in rows
    )


def test_von_jaehrlichen_dateien_gilt_je_hilfe_die_neueste(tmp_path: Path) -> None:
    _, tidied = lies(tmp_path, jahre(), profil(NEUESTE))
    assert befunde(tidied) == set()
    assert gelesen(tidied) == sorted(aus_pandas(jahre()).values())
    assert len(tidied.tables["person"]) == 4


def test_was_ersetzt_wird_und_was_weiter_gilt_ist_gezaehlt(tmp_path: Path) -> None:
    _, tidied = lies(tmp_path, jahre(), profil(NEUESTE))
    told = {
        f.meldung.split(":")[0]: (f.anzahl, f.geprueft, [s.zeile for s in f.stellen], f.meldung)
        for f in tidied.findings
        if f.regel == "R-I31" and f.tabelle == "fall"
    }
    assert told["hilfen_2022.csv"][:3] == (1, 2, [2])
    assert told["hilfen_2023.csv"][:3] == (2, 2, [2, 3])
    assert "1 stehen in keiner neueren und gelten weiter" in told["hilfen_2022.csv"][3]
    assert "hilfen_2024.csv" not in told


def test_ohne_vereinbarung_bleiben_alle_zeilen_stehen(tmp_path: Path) -> None:
    _, tidied = lies(tmp_path, jahre(), profil())
    assert len(tidied.tables["fall"]) == 7


def test_zweimal_in_der_neuesten_datei_bleibt_zweimal(tmp_path: Path) -> None:
    dateien = {"hilfen_2023.csv": csv(hilfe("H1")),
               "hilfen_2024.csv": csv(hilfe("H1"), hilfe("H1", tagessatz="99,00"))}  # fmt: skip
    _, tidied = lies(tmp_path, dateien, profil(NEUESTE))
    assert len(tidied.tables["fall"]) == 2, "the rule of doubled keys says so"


@pytest.mark.parametrize(
    "namen",
    [("hilfen_a.csv", "hilfen_b.csv"), ("hilfen_a_2024.csv", "hilfen_b_2024.csv"),
     ("hilfen_2024.csv", "hilfen_neu.csv")],
    ids=["ohne Tag", "dasselbe Jahr", "nur eine mit Jahr"],
)  # fmt: skip
def test_welche_datei_die_neuere_ist_wird_nicht_geraten(
    tmp_path: Path, namen: tuple[str, str]
) -> None:
    dateien = {namen[0]: csv(hilfe("H1")), namen[1]: csv(hilfe("H2"))}
    _, tidied = lies(tmp_path, dateien, profil(NEUESTE))
    assert befunde(tidied, Schwere.FEHLER) == {("R-I36", "fall"), ("R-I36", "person")}
    assert not {"fall", "person"} & set(tidied.tables)


def test_zwei_listen_desselben_jahres_ersetzen_einander_nicht(tmp_path: Path) -> None:
    wie = profil(NEUESTE)
    andere = wie.dateien[0].model_copy(update={"name": "Soziales", "muster": "soziales*.csv"})
    beide = wie.model_copy(update={"dateien": (*wie.dateien, andere)})
    dateien = {
        "hilfen_2024.csv": csv(hilfe("H1")), "soziales_2024.csv": csv(hilfe("S1", "00012")),
        "soziales_2023.csv": csv(hilfe("S1", "00012"), hilfe("S2", "00013")),
    }  # fmt: skip
    _, tidied = lies(tmp_path, dateien, beide)
    assert befunde(tidied) == set()
    rows = zip(*(tidied.tables["fall"][c].to_pylist() for c in ("lieferung_id", "zeile_quelle")),
               strict=True)  # fmt: skip
    assert len(set(rows)) == 3 and len(tidied.tables["person"]) == 3


def test_eine_zeilennummer_ist_kein_schluessel_ueber_dateien() -> None:
    facts = Path("test_jugend.yml"), catalogue.tabellen(), catalogue.codelisten()
    text = NEUESTE.replace("hilfe_id: Hilfe-Nr", "hilfe_id: {zeilennummer: true}")
    with pytest.raises(CatalogueError, match="hilfe_id fehlt oder ist die Zeilennummer"):
        prove_profil(profil(text), *facts)
    prove_profil(profil(NEUESTE), *facts)


@pytest.mark.parametrize(
    "teil, ganz",
    [("", False), ("-", False), ("A", True)],
    ids=["leer", "ein Strich", "da"],
)
def test_eine_vorlage_mit_einem_leeren_teil_ergibt_keinen_halben_schluessel(
    tmp_path: Path, teil: str, ganz: bool
) -> None:
    text = FALLPROFIL.replace("hilfe_id: Hilfe-Nr", "hilfe_id: {vorlage: '{Hilfe-Nr}/{Bemerkung}'}")
    text = text.replace("ignoriert: [Name, Bemerkung]", "ignoriert: [Name]")
    rows = [hilfe("H1", bemerkung="A"), hilfe("H2", "00012", bemerkung=teil)]
    _, tidied = lies(tmp_path, {"hilfen.csv": csv(*rows)}, profil(text))
    assert ("fall" in tidied.tables) is ganz
    assert befunde(tidied) == (set() if ganz else {("R-I27", "fall")})
    if not ganz:
        found = einer(tidied, "R-I27")
        assert [s.zeile for s in found.stellen] == [3] and "ein Teil der Vorlage" in found.meldung


def test_in_einer_freien_spalte_bleibt_sie_leer_und_wird_genannt(tmp_path: Path) -> None:
    text = FALLPROFIL.replace("tagessatz_eur:", "fall_id: {vorlage: '{Name}-{Bemerkung}'}\n"
                              "          tagessatz_eur:")  # fmt: skip
    text = text.replace("ignoriert: [Name, Bemerkung]", "ignoriert: []")
    rows = [hilfe("H1", bemerkung="A"), hilfe("H2", "00012"), hilfe("H3", "00013", name="")]
    _, tidied = lies(tmp_path, {"hilfen.csv": csv(*rows)}, profil(text))
    assert [r["fall_id"] is None for r in tidied.tables["fall"].to_pylist()] == [False, True, True]
    found = einer(tidied, "R-I27")
    assert (found.schwere, [s.zeile for s in found.stellen]) == (Schwere.WARNUNG, [3])


@pytest.mark.parametrize(
    "nummern, zahl",
    [(["00012", "12"], 2), (["a17", "A17", "A 17"], 3), (["00012", "00013"], 0), (["0", "00"], 2)],
    ids=["führende Nullen", "Schreibweise", "verschiedene", "nichts als Nullen"],
)
def test_fast_gleiche_nummern_werden_genannt(tmp_path: Path, nummern: list[str], zahl: int) -> None:
    ohne = profil(FALLPROFIL.replace(", laenge: 5", ""))
    rows = [hilfe(f"H{i}", nummer) for i, nummer in enumerate(nummern, 1)]
    _, tidied = lies(tmp_path, {"hilfen.csv": csv(*rows)}, ohne)
    assert len(tidied.tables["person"]) == len(nummern), "they count as they are written"
    found = [f for f in tidied.findings if f.regel == "R-I18"]
    assert [f.anzahl for f in found] == ([zahl] if zahl else [])
    assert not any(nummer in f.meldung for f in found for nummer in nummern if len(nummer) == 3)


def test_auch_ueber_dateien_hinweg(tmp_path: Path) -> None:
    ohne = profil(FALLPROFIL.replace(", laenge: 5", ""))
    dateien = {"hilfen_a.csv": csv(hilfe("H1", "00077")), "hilfen_b.csv": csv(hilfe("H2", "77"))}
    _, tidied = lies(tmp_path, dateien, ohne)
    found = einer(tidied, "R-I18")
    assert [(s.datei, s.zeile) for s in found.stellen] == [("hilfen_a.csv", 2), ("hilfen_b.csv", 2)]
    assert "77" not in found.meldung


@pytest.mark.parametrize(
    "saetze, angabe, schwere",
    [
        (["1.000", "2.500"], "", Schwere.WARNUNG),
        (["1.000", "500"], "", Schwere.WARNUNG),
        (["1.000", "2.500"], "dezimal: ','", None),
        (["1.000", "2.500,00"], "", Schwere.WARNUNG),
        (["1.000", "2.500.000"], "", None),
        (["500", "250"], "", None),
    ],
    ids=["nur solche", "und kleine", "das Profil sagt es", "beides gemischt", "bewiesen", "keine"],
)
def test_was_ein_punkt_bedeutet_ist_bewiesen_oder_gesagt(
    tmp_path: Path, saetze: list[str], angabe: str, schwere: Schwere | None
) -> None:
    text = FALLPROFIL.replace("einheit: EUR", f"einheit: EUR, {angabe}".rstrip(", "))
    rows = [hilfe(f"H{i}", tagessatz=satz) for i, satz in enumerate(saetze)]
    _, tidied = lies(tmp_path, {"hilfen.csv": csv(*rows)}, profil(text))
    found = [f for f in tidied.findings if f.regel == "R-I16"]
    assert [f.schwere for f in found] == ([schwere] if schwere else [])
    if schwere:
        assert found[0].stellen[0].zeile == 2


def test_neben_einer_spalte_mit_dezimalpunkt_ist_es_ein_fehler(tmp_path: Path) -> None:
    text = FALLPROFIL.replace("tagessatz_eur:", "fls_monat: {aus: Bemerkung, dezimal: .}\n"
                              "          tagessatz_eur:")  # fmt: skip
    text = text.replace("ignoriert: [Name, Bemerkung]", "ignoriert: [Name]")
    rows = [hilfe("H1", tagessatz="1.000", bemerkung="12.5")]
    _, tidied = lies(tmp_path, {"hilfen.csv": csv(*rows)}, profil(text))
    found = einer(tidied, "R-I16")
    assert found.schwere is Schwere.FEHLER and "Dezimalpunkt" in found.meldung
    assert "fall" not in tidied.tables


BREIT = """
profil: test_breit
system: Haushalt
lieferant: Kämmerei
beschreibung: Jahre nebeneinander
dateien:
  - name: Plan
    muster: plan*.csv
    ignoriert: ['*']
    tabellen:
      - tabelle: budget
        schmelzen: {wert: Wert, spalten: {Ansatz 2024: {Jahr: '2024'}, SPALTE: {Jahr: '2025'}}}
        spalten:
          jahr: Jahr
          produkt: Produkt
          konto: Konto
          art: {konstant: ansatz}
          wirksam_ab: {vorlage: '01.01.{Jahr}', format: '%d.%m.%Y'}
          betrag_eur: {aus: Wert, einheit: EUR}
"""


@pytest.mark.parametrize(
    "spalte, kopf, ok",
    [
        ("Ansatz 2025", "Produkt;Konto;Ansatz 2024;Ansatz 2025", True),
        ("ansatz  2024", "Produkt;Konto;Ansatz 2024;Ansatz 2025", False),
        ("Ansatz 2025", "Produkt;Konto;Ansatz 2024;Ansatz 2025;Jahr", False),
        ("Ansatz 2025", "Produkt;Konto;Ansatz 2024;Ansatz 2025;WERT", False),
        ("Ansatz 2024.2", "Produkt;Konto;Ansatz 2024;Ansatz 2024;Ansatz 2024.2", False),
    ],
    ids=["eindeutig", "eine Spalte zweimal", "das Jahr gibt es schon", "den Wert gibt es schon",
         "zwei heißen gleich"],
)  # fmt: skip
def test_namen_die_gleichgesetzt_zweierlei_heissen_werden_abgewiesen(
    tmp_path: Path, spalte: str, kopf: str, ok: bool
) -> None:
    row = "36301;533100;1,00;2,00;2023"[: None if kopf.count(";") == 4 else -5]
    _, tidied = lies(tmp_path, {"plan.csv": csv(row, kopf=kopf)},
                     profil(BREIT.replace("SPALTE", spalte)))  # fmt: skip
    if ok:
        rows = tidied.tables["budget"].to_pylist()
        assert [(r["jahr"], int(r["betrag_eur"])) for r in rows] == [(2024, 1), (2025, 2)]
    assert befunde(tidied) == (set() if ok else {("R-I05", "budget")})


def test_ein_apostroph_vor_einer_nummer_macht_keine_zweite_person(tmp_path: Path) -> None:
    ohne = profil(FALLPROFIL.replace(", laenge: 5", ""))
    _, tidied = lies(tmp_path, {"hilfen.csv": csv(hilfe("H1", "'00011"))}, ohne)
    assert ("R-I17", "fall") in befunde(tidied) and "fall" not in tidied.tables


def test_verborgene_spalten_werden_beim_lesen_genannt(tmp_path: Path) -> None:
    pfad = tmp_path / "hilfen.xlsx"
    mappe = xlsxwriter.Workbook(pfad)
    blatt = mappe.add_worksheet("Daten")
    for r, row in enumerate([KOPF, fall()]):
        blatt.write_row(r, 0, row.split(";"))
    blatt.set_column(4, 5, None, None, {"hidden": True})
    mappe.close()
    wie = profil(datei={"format": "xlsx", "muster": "hilfen*.xlsx"})
    _, tidied = lies(tmp_path / "lieferung", {pfad.name: pfad.read_bytes()}, wie)
    found = einer(tidied, "R-I23")
    assert found.meldung.startswith("hilfen.xlsx: 2 Spalten") and "verborgen" in found.meldung


@pytest.mark.parametrize("text", [NEUESTE, FALLPROFIL], ids=["neuere ersetzt", "wiederholt"])
def test_aus_einer_datei_deren_zeilen_anderswo_zaehlen_kam_doch_etwas(
    tmp_path: Path, text: str
) -> None:
    dateien = jahre() | {"hilfen_2022.csv": csv(hilfe("H1")),
                         "hilfen_2021.csv": csv(hilfe("H1"), hilfe("H3", "00012"))}  # fmt: skip
    delivery, tidied = lies(tmp_path, dateien, profil(text))
    assert {f.name for f in delivery.dateien} == {*dateien}
    gelesen = {
        (r["dateiname"], r["tabelle"]): r["zeilen_daten"]
        for r in tidied.tables["lieferung"].to_pylist()
    }
    roh = {name: len(pd.read_csv(io.BytesIO(d), sep=";", encoding="cp1252"))
           for name, d in dateien.items()}  # fmt: skip
    assert gelesen == {(name, t): n for name, n in roh.items() for t in ("fall", "person")}
    gezaehlt = [len(tidied.tables[t]) for t in ("fall", "person")]
    assert gezaehlt == ([3, 3] if text == NEUESTE else [8, 3])
    found = checks.check(
        {"lieferung": tidied.tables["lieferung"]},
        stichtag=STICHTAG, datenstand=DATENSTAND, expectations=EXPECTATIONS,
    )  # fmt: skip
    assert not [f for f in found if (f.regel, f.tabelle) == ("R-S09", "lieferung")]


def test_eine_datei_von_der_das_profil_nichts_nimmt_wird_gemeldet(tmp_path: Path) -> None:
    auswahl = "- tabelle: fall\n        auslassen: [{spalte: Hilfeart, gleich: [Heim]}]"
    nichts = profil(FALLPROFIL.replace("- tabelle: fall", auswahl))
    _, tidied = lies(tmp_path, {"hilfen_2024.csv": csv(hilfe("H1"))}, nichts)
    found = checks.check(
        {"lieferung": tidied.tables["lieferung"]},
        stichtag=STICHTAG, datenstand=DATENSTAND, expectations=EXPECTATIONS,
    )  # fmt: skip
    assert [f.spalte for f in found if (f.regel, f.tabelle) == ("R-S09", "lieferung")] == [
        "zeilen_daten"
    ]
