"""Raw tables of official statistics: columns without a name, stacked headers, signs for numbers."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from mess.bauen import befunde, lies, profil

from sozcontrol.catalogue.profil import Kopf
from sozcontrol.intake.header import column_names
from sozcontrol.intake.model import Grid

PROFIL = """
profil: test_amtlich
system: GENESIS
lieferant: Statistisches Landesamt
beschreibung: Rohtabelle
dateien:
  - name: Empfänger
    muster: tabelle*.csv
    trennzeichen: ;
    stichtag_im_namen: false
    kopf: {zeilen: 3, tragen: false}
    fuss: {beginnt: ['_____']}
    ignoriert: ['*']
    tabellen:
      - tabelle: vergleichswert
        auswahl: [{spalte: '#2', gleich: ['07111', '07211']}]
        schmelzen:
          wert: wert
          ohne_leer: false
          spalten:
            Empfänger | Anzahl: {Kennzahl: A01}
            Empfänger | weiblich | Anzahl: {Kennzahl: A02}
        spalten:
          ags: {vorlage: '{#2}000', laenge: 8}
          fuer_ags: '@ags'
          jahr: {aus: '#1', muster: '31[.]12[.]([0-9]{4})'}
          kennzahl_id: Kennzahl
          definition_id: {konstant: '1'}
          quelle: {konstant: amtlich}
          vergleichbar: {konstant: ja}
          wert: {aus: wert, 'null': ['-', –], leer: ['', ., /, x, …, '...']}
          zeichen:
            aus: wert
            nur_codes: true
            leer: ['']
            codes: {.: geheim, /: unsicher, x: gesperrt, …: spaeter, '...': spaeter}
"""
KOPF = [
    "Tabelle: 22121", "Empfänger laufender Hilfe;;;;;", ";;;Empfänger;Empfänger;Plätze",
    ";;;;weiblich;",
    ";;;Anzahl;Anzahl;Anzahl",
]  # fmt: skip
FUSS = ["__________", "Ein Hinweis,", '"der umbricht', 'und endet"', "Stand: 10.10.2017 / 12:46"]


def tabelle(*zellen: str) -> bytes:
    """Return a table with one row a pair of cells, of two towns in turn and one not asked for."""
    towns = (("07111", "      Koblenz"), ("07211", "      Trier"))
    rows = [
        f"31.12.{2015 - n // 2};{towns[n % 2][0]};{towns[n % 2][1]};{cell};5;77"
        for n, cell in enumerate(zellen)
    ]
    return "\n".join([*KOPF, *rows, "31.12.2015;01001;      Flensburg;1;1;1", *FUSS]).encode()


def lese(tmp_path: Path, *zellen: str) -> list[dict[str, object]]:
    _, tidied = lies(tmp_path, {"tabelle.csv": tabelle(*zellen)}, profil(PROFIL))
    assert befunde(tidied) == set()
    rows = tidied.tables["vergleichswert"].to_pylist()
    return [z for z in rows if z["kennzahl_id"] == "A01"]


@pytest.mark.parametrize(
    ("zelle", "wert", "zeichen"),
    [
        pytest.param("1574", Decimal(1574), None, id="Zahl"),
        pytest.param("0", Decimal(0), None, id="weniger als die Hälfte der Einheit"),
        pytest.param("-", Decimal(0), None, id="Strich ist null"),
        pytest.param("–", Decimal(0), None, id="langer Strich ist null"),
        pytest.param(".", None, "geheim", id="Punkt ist unbekannt"),
        pytest.param("/", None, "unsicher", id="Schrägstrich ist nicht sicher"),
        pytest.param("x", None, "gesperrt", id="x ist gesperrt"),
        pytest.param("…", None, "spaeter", id="kommt später"),
        pytest.param("...", None, "spaeter", id="kommt später, drei Punkte"),
        pytest.param("", None, None, id="leer"),
    ],
)
def test_ein_zeichen_ist_keine_zahl(tmp_path: Path, zelle: str, wert, zeichen) -> None:
    first, second = lese(tmp_path, zelle, "12")
    assert (first["wert"], first["zeichen"]) == (wert, zeichen)
    assert (second["wert"], second["zeichen"]) == (12, None)


def test_spalten_ohne_namen_haben_einen_platz(tmp_path: Path) -> None:
    found = lese(tmp_path, "1", "2", "3", "4")
    assert [(z["ags"], z["jahr"], z["wert"]) for z in found] == [
        ("07111000", 2015, 1), ("07211000", 2015, 2), ("07111000", 2014, 3), ("07211000", 2014, 4),
    ]  # fmt: skip
    assert {z["fuer_ags"] for z in found} == {"07111000"}


def test_was_keine_zahl_und_kein_zeichen_ist_wird_gemeldet(tmp_path: Path) -> None:
    _, tidied = lies(tmp_path, {"tabelle.csv": tabelle("1", "r12")}, profil(PROFIL))
    assert ("R-I16", "vergleichswert") in befunde(tidied)
    assert "vergleichswert" not in tidied.tables


@pytest.mark.parametrize(
    ("tragen", "name"), [(True, "Plätze | weiblich | Anzahl"), (False, "Plätze | Anzahl")]
)
def test_nur_ein_verbundener_kopf_traegt_nach_rechts(tragen: bool, name: str) -> None:
    grid = Grid([line.split(";") for line in KOPF])
    assert column_names(grid, 2, Kopf(zeilen=3, tragen=tragen))[5] == name
