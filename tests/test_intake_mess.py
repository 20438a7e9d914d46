"""Every class of mess in real deliveries has a defined result: read exactly, or named exactly."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from mess.bauen import (
    DATENSTAND,
    FAELLE,
    FALLPROFIL,
    FRAU,
    KOMMUNE,
    KOPF,
    STICHTAG,
    befunde,
    csv,
    einer,
    fall,
    lies,
    profil,
    xlsx,
)
from pydantic import ValidationError

from sozcontrol import checks, zuzweit
from sozcontrol.demo.pruefstand.druck import pdf
from sozcontrol.errors import CatalogueError, DeliveryMissing
from sozcontrol.findings import Schwere
from sozcontrol.intake import delivery as leser
from sozcontrol.intake import read_delivery

BEIDE = {"fall", "person"}


def spalten(tidied, tabelle: str, *namen: str) -> list[tuple]:
    table = tidied.tables[tabelle]
    return list(zip(*(table[name].to_pylist() for name in namen), strict=True))


SAUBER = [
    (date(2024, 2, 1), None, Decimal("182.50"), 2),
    (date(2024, 5, 15), date(2025, 6, 30), None, 3),
    (date(2025, 7, 1), None, Decimal("1201.00"), 4),
]


def test_eine_saubere_lieferung_ergibt_die_typisierten_tabellen(tmp_path: Path) -> None:
    delivery, tidied = lies(tmp_path, {"hilfen_2025-06-30.csv": csv()})
    assert befunde(tidied) == set()
    assert spalten(tidied, "fall", "beginn", "ende", "tagessatz_eur", "zeile_quelle") == SAUBER
    assert spalten(tidied, "fall", "paragraph", "hilfeart", "segment") == [
        ("34", "34", "stationaer"),
        ("31", "31", "ambulant"),
        ("34", "34", "stationaer"),
    ]
    assert spalten(tidied, "person", "geburtsmonat", "zeile_quelle") == [
        (date(2012, 3, 1), 2),
        (date(2015, 11, 1), 3),
    ]
    source = delivery.dateien[0]
    assert (source.kodierung, source.trennzeichen, source.zeilen_roh) == ("cp1252", ";", 4)
    assert [r["zeilen_daten"] for r in tidied.tables["lieferung"].to_pylist()] == [3, 3]
    assert {r["status"] for r in tidied.tables["lieferung"].to_pylist()} == {"ok"}


def kopf_mit(alt: str, neu: str) -> bytes:
    return csv(fall(), kopf=KOPF.replace(alt, neu))


FALSCHES_BYTE = csv(fall(), fall(bemerkung="X")).replace(b"X", b"\x81")
OFFEN = csv(fall(), fall(bemerkung='"offen'), fall())
HALB = csv(fall(), "H2;0001").removesuffix(b"\r\n")
GELESEN = {
    "cp1252 mit ß, € und Gedankenstrich": csv(fall(tagessatz="182,50 €", bemerkung="Straße – €")),
    "UTF-8": csv(fall(), kodierung="utf-8"),
    "UTF-8 mit BOM": csv(fall(), kodierung="utf-8-sig"),
    "UTF-16": csv(fall(), kodierung="utf-16"),
    "Zeilenenden von Unix": csv(fall()).replace(b"\r\n", b"\n"),
    "Strichpunkt und Umbruch in Anführungszeichen": csv(fall(bemerkung='"a; ""b""\r\nc"')),
    "Trennzeichen am Ende jeder Zeile": csv(fall() + ";", kopf=KOPF + ";"),
    "Trennzeichen am Ende jeder Datenzeile": csv(fall() + ";"),
    "Tabulator als Trennzeichen": csv(fall()).replace(b";", b"\t"),
    "Komma als Trennzeichen": csv(fall(tagessatz='"182,50"')).replace(b";", b","),
    "drei Titelzeilen": csv(fall(), vor=["Stadt Teststadt", "", "Hilfen zum Stichtag 30.06.2025"]),
    "Umlaute und Groß/klein im Kopf anders": kopf_mit("Hilfeart", "HILFEART "),
    "Umbruch mit Trennstrich im Kopf": kopf_mit("Rechtsgrundlage", '"Rechts-\ngrundlage"'),
    "Spalte unter ihrem zweiten Namen": kopf_mit("Geburtsdatum", "Geb.-Datum"),
    "Leerzeichen und NBSP am Rand": csv(fall(tagessatz=" 182,50\u00a0", beginn="01.02.2024 ")),
    "Datum mit Uhrzeit null": csv(fall(beginn="01.02.2024 00:00:00")),
    "Datum offen 31.12.9999": csv(fall(ende="31.12.9999")),
    "fehlender Wert als Strich": csv(fall(ende="-")),
    "fehlender Wert als Punkt": csv(fall(ende=".")),
    "fehlender Wert als x": csv(fall(ende="x")),
    "fehlender Wert als drei Punkte": csv(fall(ende="…")),
    "Leerzeilen am Ende": csv(fall(), nach=["", ";;;;;;;;;;", ""]),
    "ohne Zeilenende am Schluss": csv(fall()).removesuffix(b"\r\n"),
}  # fmt: skip


@pytest.mark.parametrize("inhalt", GELESEN.values(), ids=GELESEN.keys())
def test_harmlose_unordnung_wird_ohne_befund_gelesen(tmp_path: Path, inhalt: bytes) -> None:
    _, tidied = lies(tmp_path, {"Hilfen.CSV": inhalt})
    assert befunde(tidied) == set()
    assert spalten(tidied, "fall", "beginn", "ende", "tagessatz_eur") == [
        (date(2024, 2, 1), None, Decimal("182.50"))
    ]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("1\u00a0182,50", id="geschütztes Leerzeichen"),
        pytest.param("1\u202f182,50", id="schmales geschütztes Leerzeichen"),
        pytest.param("1\u2009182,50", id="schmales Leerzeichen"),
        pytest.param("1 182,50", id="Leerzeichen"),
        pytest.param("1'182,50", id="Apostroph"),
        pytest.param("1’182,50", id="typografischer Apostroph"),
        pytest.param("1.182,50", id="Punkt"),
    ],
)
def test_tausender_sind_in_jeder_schreibweise_tausender(tmp_path: Path, text: str) -> None:
    _, tidied = lies(tmp_path, {"hilfen.csv": csv(fall(tagessatz=text), kodierung="utf-8")})
    assert befunde(tidied) == set()
    assert spalten(tidied, "fall", "tagessatz_eur") == [(Decimal("1182.50"),)]


def mit_spalte(vereinbart: str, geliefert: str, *zellen: str) -> tuple[str, bytes]:
    """Return a profile with one more text column, and a file that calls it *geliefert*."""
    spalte = f"          leistungserbringer_id: {{aus: {vereinbart}}}\n      - tabelle: person"
    text = FALLPROFIL.replace("      - tabelle: person", spalte)
    kopf = f'{KOPF};"{geliefert}"'
    zeilen = [f"{f};{z}" for f, z in zip(FAELLE, zellen or ("T1",), strict=False)]
    return text, csv(*zeilen, kopf=kopf, kodierung="utf-8")


@pytest.mark.parametrize(
    "vereinbart, geliefert, passt",
    [
        ("Straße", "Strasse", True),
        ("Strasse", "Straße", True),
        ("Straße", "STRASSE", True),
        ("Straße", "Str.", False),
        ("[Straße, Str.]", "Str.", True),
        ("[Straße, Str.]", "Strasse", True),
        ("Fälle", "Faelle", True),
        ("Faelle", "Fälle", True),
        ("Fälle", "FÄLLE", True),
        ("Fälle", "Fa\u0308lle", True),
        ("Fälle", "Falle", False),
        ("Vortrag", "Vor-\ntrag", True),
        ("Vortrag", "Vor\u00adtrag", True),
        ("Vortrag", "Vor-trag", False),
        ("Plan-Ist", "Plan-\nIst", False),
    ],
)
def test_umlaute_und_trennung_im_kopf_passen_andere_namen_fehlen(
    tmp_path: Path, vereinbart: str, geliefert: str, passt: bool
) -> None:
    text, data = mit_spalte(vereinbart, geliefert)
    _, tidied = lies(tmp_path, {"hilfen.csv": data}, profil(text))
    fehler = befunde(tidied, Schwere.FEHLER)
    # One missing column is enough to stop every table the file feeds.
    assert {regel for regel, _ in fehler} == (set() if passt else {"R-I04"})
    if passt:
        assert befunde(tidied) == set()
        assert spalten(tidied, "fall", "leistungserbringer_id") == [("T1",)]


def test_ein_traeger_in_drei_schreibweisen_bleibt_was_geliefert_ist(tmp_path: Path) -> None:
    namen = ("Haus Süd gGmbH", "Haus Sued gGmbH", "haus süd ggmbh")
    text, data = mit_spalte("Träger", "Traeger", *namen)
    _, tidied = lies(tmp_path, {"hilfen.csv": data}, profil(text))
    assert befunde(tidied) == set()
    assert spalten(tidied, "fall", "leistungserbringer_id") == [(n,) for n in namen]


def test_ein_code_in_drei_schreibweisen_ist_zweimal_unbekannt(tmp_path: Path) -> None:
    zeilen = (fall(), fall(form="Stat"), fall(form="vollstationär"))
    _, tidied = lies(tmp_path, {"hilfen.csv": csv(*zeilen)})
    found = einer(tidied, "R-I26", "fall")
    assert found.schwere is Schwere.FEHLER
    assert [s.zeile for s in found.stellen] == [3, 4]
    assert "fall" not in tidied.tables


DOPPELT = csv(fall(), kodierung="utf-8").decode("cp1252").encode("utf-8")
ABGEWIESEN = {
    "undefiniertes Byte in cp1252": ("R-I01", BEIDE, [3], FALSCHES_BYTE),
    "ein Feld zu viel": ("R-I03", BEIDE, [3], csv(fall(), fall(bemerkung="a;b"))),
    "ein Feld zu wenig": ("R-I03", BEIDE, [2], csv("H1;00011", fall())),
    "Anführungszeichen nicht geschlossen": ("R-I03", BEIDE, [3], OFFEN),
    "überlanges Feld": ("R-I03", BEIDE, [3], csv(fall(), fall(bemerkung="x" * 140_000))),
    "NUL-Zeichen": ("R-I03", BEIDE, [2], csv(fall(bemerkung="\0"))),
    "Spalte fehlt": ("R-I04", BEIDE, [1], kopf_mit("Beginn", "Anfang")),
    "kein Kopf": ("R-I04", BEIDE, [], csv(fall(), fall(), kopf=fall())),
    "Spalte doppelt": ("R-I05", BEIDE, [1], csv(fall() + ";1", kopf=KOPF + ";Tagessatz")),
    "leere Datei": ("R-I07", BEIDE, [], b""),
    "nur Leerzeichen": ("R-I07", BEIDE, [], b" \r\n"),
    "nur Kopf": ("R-I07", BEIDE, [], (KOPF + "\r\n").encode()),
    "XLSX mit Endung CSV": ("R-I08", BEIDE, [], xlsx([[1]])),
    "HTML mit Endung CSV": ("R-I08", BEIDE, [], b"\xef\xbb\xbf\n<HTML><table></table></HTML>"),
    "altes Excel": ("R-I08", BEIDE, [], b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    "PDF mit Endung CSV": ("R-I08", BEIDE, [], pdf([KOPF, *FAELLE])),
    "PDF hinter einem Vorspann": ("R-I08", BEIDE, [], b"\r\n" * 9 + pdf([KOPF])),
    "mitten in der Zeile abgeschnitten": ("R-I30", BEIDE, [3], HALB),
    "31.02.": ("R-I15", {"fall"}, [2], csv(fall(beginn="31.02.2024"))),
    "00.00.0000 ohne Vereinbarung": ("R-I15", {"fall"}, [2], csv(fall(ende="00.00.0000"))),
    "ISO statt deutsch": ("R-I15", {"fall"}, [2], csv(fall(beginn="2024-02-01"))),
    "zweistelliges Jahr": ("R-I15", {"fall"}, [2], csv(fall(beginn="01.02.24"))),
    "Excel-Zahl als Datum": ("R-I15", {"fall"}, [2], csv(fall(beginn="44196"))),
    "amerikanischer Betrag": ("R-I16", {"fall"}, [2], csv(fall(tagessatz="1,234.50"))),
    "Dezimalpunkt": ("R-I16", {"fall"}, [2], csv(fall(tagessatz="182.50"))),
    "drei Nachkommastellen": ("R-I16", {"fall"}, [2], csv(fall(tagessatz="182,500"))),
    "T€ in einer Eurospalte": ("R-I16", {"fall"}, [2], csv(fall(tagessatz="5 T€"))),
    "Zahl mit E+": ("R-I17", BEIDE, [2], csv(fall(persnr="1,23E+11"))),
    "Nummer mit .0": ("R-I17", BEIDE, [2], csv(fall(persnr="12345.0"))),
    "führende Nullen verloren": ("R-I18", BEIDE, [2], csv(fall(persnr="11"))),
    "unbekannter Code": ("R-I26", {"fall"}, [2], csv(fall(hilfeart="Hort"))),
    "Pflichtspalte leer": ("R-I27", {"fall"}, [2], csv(fall(beginn=""))),
}  # fmt: skip


@pytest.mark.parametrize(
    "regel, tabellen, zeilen, inhalt", ABGEWIESEN.values(), ids=ABGEWIESEN.keys()
)
def test_was_nicht_sicher_ist_wird_abgewiesen_und_benannt(
    tmp_path: Path, regel: str, tabellen: set[str], zeilen: list[int], inhalt: bytes
) -> None:
    _, tidied = lies(tmp_path, {"hilfen.csv": inhalt})
    faults = [f for f in tidied.findings if f.schwere is Schwere.FEHLER]
    assert {(f.regel, f.tabelle) for f in faults} == {(regel, t) for t in tabellen}
    assert set(tidied.tables) & BEIDE == BEIDE - tabellen
    for fault in faults:
        assert [s.zeile for s in fault.stellen] == zeilen
        assert "hilfen.csv" in fault.meldung
        assert fault.tun
        assert all(FRAU not in str(text) for text in (fault.as_dict(), fault.meldung))


@pytest.mark.parametrize(
    "inhalt",
    [
        pytest.param(DOPPELT, id="UTF-8 doppelt kodiert"),
        pytest.param(csv(fall(form="\ufffd"), kodierung="utf-8"), id="Ersatzzeichen"),
        pytest.param(csv(fall(form="KÃ¼che"), kodierung="cp1252"), id="UTF-8 als cp1252"),
        pytest.param(csv(fall(form="K„se"), kodierung="cp1252"), id="cp850 als cp1252"),
    ],
)
def test_zerstoerte_umlaute_blockieren_die_tabellen(tmp_path: Path, inhalt: bytes) -> None:
    _, tidied = lies(tmp_path, {"hilfen.csv": inhalt})
    assert {("R-I02", "fall"), ("R-I02", "person")} <= befunde(tidied, Schwere.FEHLER)
    assert einer_je_spalte(tidied, "R-I02")


def einer_je_spalte(tidied, regel: str) -> bool:
    found = [f for f in tidied.findings if f.regel == regel]
    return all([s.zeile for s in f.stellen] == [2] for f in found)


@pytest.mark.parametrize("umlaut", [True, False])
def test_utf8_statt_der_vereinbarten_kodierung_ist_keine_fehlende_spalte(
    tmp_path: Path, umlaut: bool
) -> None:
    """Read as cp1252 the header has other names; where it has no umlaut, only texts are broken."""
    column = "Rechtsgründe" if umlaut else "Rechtsgrundlage"
    text = FALLPROFIL.replace("Rechtsgrundlage", column)
    data = csv(kopf=KOPF.replace("Rechtsgrundlage", column), kodierung="utf-8")
    agreed = profil(text, {"kodierung": "cp1252"})
    _, tidied = lies(tmp_path, {"hilfen.csv": data}, agreed)
    rules = {r for r, _ in befunde(tidied, Schwere.FEHLER)}
    assert "R-I04" not in rules and ("R-I01" in rules) is umlaut
    if umlaut:
        (fault, *_) = [f for f in tidied.findings if f.regel == "R-I01"]
        assert "Vereinbart ist die Kodierung cp1252, die Datei ist UTF-8" in fault.meldung
    other = data.decode().encode("cp1252")
    _, tidied = lies(tmp_path, {"hilfen.csv": other}, agreed)
    assert befunde(tidied) == set()


def test_zerstoerte_umlaute_im_freitext_sind_eine_warnung(tmp_path: Path) -> None:
    _, tidied = lies(tmp_path, {"hilfen.csv": csv(fall(bemerkung="KÃ¼che"))})
    assert befunde(tidied) == {("R-I02", "fall")}
    assert einer(tidied, "R-I02").schwere is Schwere.WARNUNG
    assert "fall" in tidied.tables


def test_legale_sonderzeichen_sind_keine_zerstoerten_umlaute(tmp_path: Path) -> None:
    _, tidied = lies(tmp_path, {"hilfen.csv": csv(fall(bemerkung="SÃO „Haus“ Ângela"))})
    assert befunde(tidied) == set()


def test_die_byte_stelle_und_die_zeile_stehen_in_der_meldung(tmp_path: Path) -> None:
    _, tidied = lies(tmp_path, {"hilfen.csv": FALSCHES_BYTE})
    meldung = einer(tidied, "R-I01", "fall").meldung
    assert f"Stelle {FALSCHES_BYTE.index(0x81)} (Zeile 3)" in meldung
    assert "0x81" in meldung


def test_vereinbarte_kodierung_gilt_streng(tmp_path: Path) -> None:
    utf8 = profil(datei={"kodierung": "utf-8"})
    _, tidied = lies(tmp_path, {"hilfen.csv": csv(kodierung="cp1252")}, utf8)
    assert befunde(tidied) == {("R-I01", "fall"), ("R-I01", "person")}
    _, tidied = lies(tmp_path, {"hilfen.csv": csv(kodierung="utf-8-sig")}, utf8)
    assert befunde(tidied) == set()


def test_ein_bom_widerspricht_der_vereinbarten_kodierung(tmp_path: Path) -> None:
    cp1252 = profil(datei={"kodierung": "cp1252"})
    _, tidied = lies(tmp_path, {"hilfen.csv": csv(kodierung="utf-8-sig")}, cp1252)
    assert befunde(tidied) == {("R-I01", "fall"), ("R-I01", "person")}


def test_verschiedene_kodierungen_in_einer_lieferung(tmp_path: Path) -> None:
    files = {
        "hilfen_a.csv": csv(FAELLE[0], kodierung="cp1252"),
        "hilfen_b.csv": csv(FAELLE[1], kodierung="utf-16"),
    }
    delivery, tidied = lies(tmp_path, files)
    assert [f.kodierung for f in delivery.dateien] == ["cp1252", "utf-16"]
    assert befunde(tidied) == set()
    assert tidied.tables["fall"].num_rows == 2


def test_das_vereinbarte_trennzeichen_gilt_und_ein_anderes_wird_genannt(tmp_path: Path) -> None:
    strict = profil(datei={"trennzeichen": ";"})
    _, tidied = lies(tmp_path, {"hilfen.csv": csv(fall()).replace(b";", b"\t")}, strict)
    assert "Tabulator" in einer(tidied, "R-I03", "fall").meldung


def test_ein_tabulator_darf_im_profil_als_zeichen_stehen(tmp_path: Path) -> None:
    tabs = profil(datei={"trennzeichen": "\t"})
    delivery, tidied = lies(tmp_path, {"hilfen.csv": csv(fall()).replace(b";", b"\t")}, tabs)
    assert befunde(tidied) == set()
    assert delivery.dateien[0].trennzeichen == "\t"


def test_ein_falscher_ausdruck_faellt_beim_laden_des_profils_auf() -> None:
    with pytest.raises(ValidationError, match="regulärer Ausdruck"):
        profil(datei={"fuss": {"anzahl": "("}})


def test_eine_umbenannte_spalte_wird_mit_der_aehnlichsten_genannt(tmp_path: Path) -> None:
    _, tidied = lies(tmp_path, {"hilfen.csv": csv(kopf=KOPF.replace("Tagessatz", "Tagessätze"))})
    meldung = einer(tidied, "R-I04", "fall").meldung
    assert "»Tagessatz« (ähnlich ist Spalte Nr. 10 (»Aaaaaaaaaa«))" in meldung


def test_ohne_kopf_zeigt_die_meldung_keine_zelle(tmp_path: Path) -> None:
    _, tidied = lies(tmp_path, {"hilfen.csv": csv(fall(), fall(), kopf=fall())})
    text = str(einer(tidied, "R-I04", "fall").as_dict())
    assert FRAU not in text
    assert "00011" not in text


def test_die_zweite_von_zwei_gleichen_spalten_ist_erreichbar(tmp_path: Path) -> None:
    text = FALLPROFIL.replace("aus: Tagessatz,", "aus: Tagessatz.2,")
    data = csv(fall() + ";99,00", kopf=KOPF + ";Tagessatz")
    _, tidied = lies(tmp_path, {"hilfen.csv": data}, profil(text))
    assert spalten(tidied, "fall", "tagessatz_eur") == [(Decimal("99.00"),)]
    assert ("R-I05", "fall") not in befunde(tidied)


def test_eine_doppelte_spalte_die_niemand_braucht_stoert_nicht(tmp_path: Path) -> None:
    _, tidied = lies(tmp_path, {"hilfen.csv": csv(fall() + ";x", kopf=KOPF + ";Bemerkung")})
    assert befunde(tidied) == {("R-I06", "fall")}


def test_unbekannte_spalten_werden_aufgefuehrt_bekannte_verworfene_nicht(tmp_path: Path) -> None:
    _, tidied = lies(tmp_path, {"hilfen.csv": csv(fall() + ";x", kopf=KOPF + ";Neu")})
    found = einer(tidied, "R-I06")
    assert found.schwere is Schwere.WARNUNG
    assert found.meldung.endswith("verworfen: Nr. 12 (»Aaa«).")
    assert "Bemerkung" not in found.meldung


def test_eine_spalte_die_fehlen_darf_bleibt_leer(tmp_path: Path) -> None:
    text = FALLPROFIL.replace("{aus: Tagessatz,", "{aus: Satz, darf_fehlen: true,")
    _, tidied = lies(tmp_path, {"hilfen.csv": csv(fall())}, profil(text))
    assert spalten(tidied, "fall", "tagessatz_eur") == [(None,)]
    assert ("R-I04", "fall") in befunde(tidied, Schwere.WARNUNG)


def test_leerzeilen_zwischen_den_daten_und_raender_werden_gezaehlt(tmp_path: Path) -> None:
    _, tidied = lies(tmp_path, {"hilfen.csv": csv(FAELLE[0], "", ";;;;;;;;;;", FAELLE[1] + " ")})
    assert einer(tidied, "R-I20").anzahl == 2
    assert [s.zeile for s in einer(tidied, "R-I20").stellen] == [3, 4]
    assert einer(tidied, "R-I19").anzahl == 1
    assert spalten(tidied, "fall", "zeile_quelle") == [(2,), (5,)]


def test_leer_erlaubt_laesst_einen_leeren_monat_zu(tmp_path: Path) -> None:
    _, tidied = lies(
        tmp_path, {"hilfen.csv": (KOPF + "\n").encode()}, profil(datei={"leer_erlaubt": True})
    )
    assert befunde(tidied) == set()
    assert tidied.tables["fall"].num_rows == 0
    assert tidied.tables["fall"].schema.names[-3:] == ["lieferung_id", "zeile_quelle", "datenstand"]


def test_der_kopf_jeder_seite_faellt_weg_und_wird_gezaehlt(tmp_path: Path) -> None:
    lines = [FAELLE[0], "Hilfen;Seite 2 von 3", KOPF, FAELLE[1]]
    _, tidied = lies(tmp_path, {"hilfen.csv": csv(*lines, vor=["Hilfen;Seite 1 von 3"])})
    assert befunde(tidied) == set()
    assert einer(tidied, "R-I31", "fall").anzahl == 2
    assert spalten(tidied, "fall", "zeile_quelle") == [(3,), (6,)]


FUSS = {"fuss": {"beginnt": ["Anzahl Datensätze", "Gedruckt"], "anzahl": r"Datensätze: ([\d.]+)"}}


@pytest.mark.parametrize(
    "nach, regel",
    [
        pytest.param(["Anzahl Datensätze: 3", "", "Gedruckt am 01.07.2025"], None, id="stimmt"),
        pytest.param(["Anzahl Datensätze: 412"], "R-I12", id="falsche Anzahl"),
        pytest.param([], "R-I12", id="Fuß fehlt: Datei abgeschnitten"),
        pytest.param(["Gedruckt am 01.07.2025"], "R-I12", id="Anzahl fehlt im Fuß"),
        pytest.param(["Anzahl Datensätze: 3", FAELLE[0]], "R-I12", id="Daten nach dem Fuß"),
    ],
)
def test_fuss_mit_der_anzahl_der_datensaetze(
    tmp_path: Path, nach: list[str], regel: str | None
) -> None:
    _, tidied = lies(tmp_path, {"hilfen.csv": csv(nach=nach)}, profil(datei=FUSS))
    assert befunde(tidied) == ({(regel, "fall"), (regel, "person")} if regel else set())


def test_der_lieferschein_nennt_die_zeilen_einer_am_zeilenende_abgeschnittenen_datei(
    tmp_path: Path,
) -> None:
    (tmp_path / "lieferung.yml").write_text("zeilen: {hilfen.csv: 3}\n", encoding="utf-8")
    _, tidied = lies(tmp_path, {"hilfen.csv": csv()})
    assert befunde(tidied) == set()
    _, tidied = lies(tmp_path, {"hilfen.csv": csv(*FAELLE[:2])})
    assert ("R-I12", "fall") in befunde(tidied)


@pytest.mark.parametrize(
    "name, regel",
    [
        ("hilfen_2025-06-30.csv", None),
        ("hilfen_20250630.csv", None),
        ("hilfen_30.06.2025.csv", None),
        ("hilfen_2025-07-10.csv", None),
        ("hilfen_2025-06.csv", None),
        ("hilfen_2025_Q2.csv", None),
        ("hilfen_2019.csv", None),
        ("hilfen_2025-03-31.csv", "R-I09"),
        ("hilfen_31032025.csv", "R-I09"),
        ("hilfen_2025-05.csv", "R-I09"),
        ("hilfen_Q1_2025.csv", "R-I09"),
    ],
)
def test_der_stichtag_im_dateinamen_ist_der_des_laufs(
    tmp_path: Path, name: str, regel: str | None
) -> None:
    _, tidied = lies(tmp_path, {name: csv()})
    assert befunde(tidied) == ({(regel, "fall"), (regel, "person")} if regel else set())


def test_der_stichtag_im_titel_ist_der_des_laufs(tmp_path: Path) -> None:
    _, tidied = lies(tmp_path, {"hilfen.csv": csv(vor=["Bestand zum Stichtag: 31.03.2025"])})
    assert ("R-I09", "fall") in befunde(tidied)


def test_eine_fehlende_pflichtdatei_blockiert_ihre_tabellen_und_keine_andere(
    tmp_path: Path,
) -> None:
    other = profil("""
profil: test_plan
system: Planung
lieferant: Kämmerei
beschreibung: x
dateien:
  - {name: Konten, muster: konten*.csv, tabellen: [{tabelle: map_konto, spalten: {
     konto: Konto, konto_name: Name, konto_art: Art, ist_soziale_sicherung: Sozial}}]}
  - {name: Gebiete, muster: gebiete*.csv, pflicht: false, tabellen: [{tabelle: gebiet, spalten: {
     gebiet_id: Id, typ: Typ, name: Name, gueltig_von: Von}}]}
""")
    konten = b"Konto;Name;Art;Sozial\n533;Hilfen;Aufwand;ja\n"
    _, tidied = lies(tmp_path, {"konten.csv": konten}, profil(), other)
    assert befunde(tidied, Schwere.FEHLER) == {("R-I00", "fall"), ("R-I00", "person")}
    assert befunde(tidied, Schwere.HINWEIS) == {("R-I00", "gebiet")}
    assert set(tidied.tables) == {"map_konto", "lieferung"}
    assert tidied.tables["map_konto"]["ist_soziale_sicherung"].to_pylist() == [True]


def test_unbekannte_dateien_werden_gemeldet(tmp_path: Path) -> None:
    _, tidied = lies(tmp_path, {"hilfen.csv": csv(), "Notiz.docx": b"x", "Thumbs.db": b"x"})
    found = einer(tidied, "R-I28")
    assert found.schwere is Schwere.WARNUNG
    assert found.anzahl == 1
    assert "»Notiz.docx«" in found.meldung


@pytest.mark.parametrize("sperre", ["~$hilfen.csv", ".~lock.hilfen.csv#", "hilfen.csv.part"])
def test_eine_geoeffnete_oder_halb_kopierte_datei_blockiert_ihre_tabellen(
    tmp_path: Path, sperre: str
) -> None:
    _, tidied = lies(tmp_path, {"hilfen.csv": csv(), sperre: b"x"})
    assert befunde(tidied) == {("R-I29", "fall"), ("R-I29", "person")}
    assert set(tidied.tables) == {"lieferung"}


def test_eine_fremde_sperrdatei_ist_eine_warnung(tmp_path: Path) -> None:
    _, tidied = lies(tmp_path, {"hilfen.csv": csv(), "~$Notiz.docx": b"x"})
    assert befunde(tidied, Schwere.WARNUNG) == {("R-I29", None)}
    assert "fall" in tidied.tables


def test_derselbe_inhalt_zweimal_geliefert_zaehlt_nie_doppelt(tmp_path: Path) -> None:
    _, tidied = lies(tmp_path, {"hilfen_a.csv": csv(), "hilfen_b.csv": csv()})
    assert befunde(tidied) == {("R-I10", "fall"), ("R-I10", "person")}
    assert "fall" not in tidied.tables


GUT, KURZ, KOPFLOS = csv(*FAELLE, fall(hilfenr="H9")), csv(fall(hilfenr="H8")), b"ohne Kopf\r\n"


@pytest.mark.parametrize(
    ("inhalte", "hier"),
    [
        pytest.param([KURZ, GUT, KOPFLOS], 2, id="ganze und eine ohne Kopf"),
        pytest.param([KURZ, GUT, GUT], 4, id="zwei gleiche"),
    ],
)
def test_zwei_prozesse_lesen_wie_einer(tmp_path, monkeypatch, inhalte, hier) -> None:
    """The largest is read in the fork; of equal ones in both halves all is read again, in order."""
    dateien = {f"hilfen_{i}.csv": inhalt for i, inhalt in enumerate(inhalte)}
    allein = lies(tmp_path, dateien)
    read, file = [], leser._Reader.file
    monkeypatch.setattr(leser._Reader, "file", lambda *a: read.append(a[1]) or file(*a))
    monkeypatch.setattr(leser, "GROSS", 1)
    monkeypatch.setattr(zuzweit, "possible", lambda: True)
    zu_zweit = lies(tmp_path, dateien)
    assert len(read) == hier
    gelesen = [
        (d.findings, d.dateien, d.unvollstaendig, t.findings, t.tables,
         [(x.quelle, x.zeile, {name: [*cells] for name, cells in x.spalten.items()},
           x.kontrollsummen, x.ohne_personen, x.datei is d.texte[0].datei) for x in d.texte])
        for d, t in (allein, zu_zweit)
    ]  # fmt: skip
    assert gelesen[0] == gelesen[1]


def test_eine_datei_die_zu_zwei_eintraegen_passt_wird_nicht_gelesen(tmp_path: Path) -> None:
    twin = profil(FALLPROFIL.replace("test_jugend", "test_zwei"))
    _, tidied = lies(tmp_path, {"hilfen.csv": csv()}, profil(), twin)
    assert befunde(tidied) == {("R-I34", "fall"), ("R-I34", "person")}


def test_eine_datei_die_sich_beim_lesen_aendert_ist_unvollstaendig(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "hilfen.csv"
    read = Path.read_bytes

    def growing(self: Path) -> bytes:
        data = read(self)
        if self == path:
            path.write_bytes(data + b"H9")
        return data

    path.write_bytes(csv())
    monkeypatch.setattr(Path, "read_bytes", growing)
    _, tidied = lies(tmp_path, {})
    assert befunde(tidied) == {("R-I30", "fall"), ("R-I30", "person")}
    assert "Datei unvollständig" in einer(tidied, "R-I30", "fall").meldung


def test_fehlender_und_leerer_ordner_und_fehlendes_profil_sind_fehler_der_lieferung(
    tmp_path: Path,
) -> None:
    (tmp_path / "leer").mkdir()
    for name in ("fehlt", "leer"):
        with pytest.raises(DeliveryMissing):
            lies_ordner(tmp_path / name)
    with pytest.raises(CatalogueError):
        read_delivery(tmp_path / "leer", KOMMUNE, stichtag=STICHTAG, datenstand=DATENSTAND)


def lies_ordner(ordner: Path) -> None:
    read_delivery(ordner, KOMMUNE, stichtag=STICHTAG, datenstand=DATENSTAND, profile=[profil()])


def test_unbekannte_codes_werden_gezaehlt_und_haben_eine_form(tmp_path: Path) -> None:
    _, tidied = lies(tmp_path, {"hilfen.csv": csv(fall(hilfeart="Hort"), fall(hilfeart="Hort"))})
    found = einer(tidied, "R-I26")
    assert found.anzahl == 2
    assert ": 2-mal »Aaaa« (nur die Form" in found.meldung
    _, tidied = lies(tmp_path, {"hilfen.csv": csv(fall(hilfeart="Maria von Lüdenscheidt"))})
    assert FRAU not in str(einer(tidied, "R-I26").as_dict())


def test_fundstellen_nennen_pseudonyme_und_keine_nummern(tmp_path: Path) -> None:
    _, tidied = lies(tmp_path, {"hilfen.csv": csv(fall(beginn="31.02.2024"))})
    place = einer(tidied, "R-I15").stellen[0]
    assert (place.datei, place.zeile) == ("hilfen.csv", 2)
    assert len(place.schluessel["hilfe_id"]) == 20
    assert "1-mal »99.99.9999«" in einer(tidied, "R-I15").meldung


def test_namen_und_freitext_verlassen_intake_nicht(tmp_path: Path) -> None:
    delivery, tidied = lies(tmp_path, {"hilfen.csv": csv()})
    assert all(FRAU not in str(text.spalten) for text in delivery.texte)
    for table in tidied.tables.values():
        assert FRAU not in str(table.to_pylist())
        assert "00012" not in str(table.to_pylist())


# --- PDF ----------------------------------------------------------------------------------------


def test_die_pdf_der_tests_ist_eine(tmp_path: Path) -> None:
    data = pdf([f"Zeile {i} (ä € – \\)" for i in range(130)])
    start = int(data.rsplit(b"startxref\n", 1)[1].split()[0])
    assert data[start:].startswith(b"xref\n0 10\n")
    for number, line in enumerate(data[start:].splitlines()[3:12], start=1):
        assert data[int(line[:10]) :].startswith(b"%d 0 obj" % number)
    assert data.count(b"/Type /Page ") == 3
    assert data.endswith(b"%%EOF\n")


@pytest.mark.parametrize("name", ["hilfen_2025-06-30.pdf", "Hilfen.PDF", "hilfen.dat"])
def test_eine_pdf_statt_der_tabelle_ist_ein_befund_je_tabelle(tmp_path: Path, name: str) -> None:
    _, tidied = lies(tmp_path, {name: pdf([KOPF, *FAELLE])})
    # One clear word: no second finding that the file is missing, or unknown.
    assert befunde(tidied) == {("R-I08", "fall"), ("R-I08", "person")}
    found = einer(tidied, "R-I08", "fall")
    assert found.schwere is Schwere.FEHLER
    assert name in found.meldung
    assert "PDF" in found.meldung
    assert "CSV oder XLSX" in str(found.tun)
    assert FRAU not in str(found.as_dict())


@pytest.mark.parametrize("name", ["hilfen_2025-06-30.xls", "hilfen_2025-06-30.csv", "hilfen.XLSX"])
def test_eine_alte_excel_datei_nennt_den_weg_zu_einer_lesbaren(tmp_path: Path, name: str) -> None:
    _, tidied = lies(tmp_path, {name: bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600)})
    assert befunde(tidied) == {("R-I08", "fall"), ("R-I08", "person")}
    found = einer(tidied, "R-I08", "fall")
    assert "XLS" in found.meldung and "Speichern unter" in str(found.tun)


def test_eine_pdf_neben_der_tabelle_wird_benannt_und_haelt_nichts_auf(tmp_path: Path) -> None:
    files = {"hilfen.csv": csv(), "hilfen.pdf": pdf([KOPF]), "Schwerpunkte.pdf": pdf(["Text"])}
    _, tidied = lies(tmp_path, files)
    assert befunde(tidied) == {("R-I28", None)}
    named = [f for f in tidied.findings if f.regel == "R-I28"]
    assert {f.meldung.partition(":")[0] for f in named} == {"hilfen.pdf", "Schwerpunkte.pdf"}
    assert all("CSV oder XLSX" in str(f.tun) for f in named)
    assert tidied.tables["fall"].num_rows == 3


# --- layouts with a validity --------------------------------------------------------------------


ALT = {"gueltig_bis": "2024-12-31"}
NEU = {"gueltig_von": "2025-01-01"}


@pytest.mark.parametrize(
    ("stichtag", "spanne", "regeln"),
    [
        pytest.param(date(2025, 6, 30), ALT, {"R-I22"}, id="Aufbau abgelaufen"),
        pytest.param(date(2024, 12, 31), ALT, set(), id="letzter Tag"),
        pytest.param(date(2024, 12, 31), NEU, {"R-I22"}, id="Aufbau gilt noch nicht"),
        pytest.param(date(2025, 1, 1), NEU, set(), id="erster Tag"),
    ],
)
def test_ein_aufbau_gilt_nur_in_seiner_zeit(
    tmp_path: Path, stichtag: date, spanne: dict[str, str], regeln: set[str]
) -> None:
    _, tidied = lies(tmp_path, {"hilfen.csv": csv()}, profil(datei=spanne), stichtag=stichtag)
    assert befunde(tidied) == {(regel, tabelle) for regel in regeln for tabelle in BEIDE}
    if regeln:
        assert f"{stichtag:%d.%m.%Y}" in einer(tidied, "R-I22", "fall").meldung


def test_der_nachfolger_gleichen_namens_liest_die_datei(tmp_path: Path) -> None:
    """A new layout every few years: the Stichtag chooses the entry, not the order."""
    anders = FALLPROFIL.replace("test_jugend", "test_neu").replace("aus: Beginn", "aus: Start")
    alt, neu = profil(datei=ALT), profil(anders, datei=NEU)
    for ordner, stichtag, kopf in (
        ("a", date(2024, 12, 31), KOPF),
        ("b", date(2025, 6, 30), KOPF.replace("Beginn", "Start")),
    ):
        files = {"hilfen.csv": csv(kopf=kopf), "hilfen.pdf": pdf([kopf])}
        _, tidied = lies(tmp_path / ordner, files, alt, neu, stichtag=stichtag)
        assert befunde(tidied) == {("R-I28", None)}
        assert spalten(tidied, "fall", "beginn", "ende", "tagessatz_eur", "zeile_quelle") == SAUBER


def test_eine_verkehrte_gueltigkeit_faellt_beim_laden_auf() -> None:
    with pytest.raises(ValidationError, match="gueltig_bis"):
        profil(datei={"gueltig_von": "2025-01-01", "gueltig_bis": "2024-12-31"})


# --- percentages --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("einheit", "zellen", "werte", "regeln"),
    [
        pytest.param("'%'", ["12,5 %", "7%", ""], ["12.5", "7", None], set(), id="Prozent"),
        pytest.param("'%'", ["12,5", "7", "0,4"], ["12.5", "7", "0.4"], set(), id="ohne Zeichen"),
        pytest.param("'%'", ["0,4 %", "0,2 %", "0"], ["0.4", "0.2", "0"], set(), id="sehr klein"),
        pytest.param("'%'", ["0,125", "0,07", ""], ["0.125", "0.07", None], {"R-I24"},
                     id="Anteile als Prozent vereinbart"),
        pytest.param("Anteil", ["0,125", "1", "0"], ["0.125", "1", "0"], set(), id="Anteil"),
        pytest.param("Anteil", ["12,5 %", "0,5", "105 %"], ["0.125", "0.5", "1.05"], set(),
                     id="Prozent als Anteil vereinbart"),
        pytest.param("Anteil", ["12,5", "0,5", ""], ["12.5", "0.5", None], {"R-I24"},
                     id="Prozent ohne Zeichen im Anteil"),
        pytest.param("null", ["12,5 %", "0,5", ""], None, {"R-I16"}, id="nicht vereinbart"),
    ],
)  # fmt: skip
def test_prozente_sind_was_die_einheit_der_spalte_sagt(
    tmp_path: Path, einheit: str, zellen: list[str], werte: list[str | None] | None,
    regeln: set[str],
) -> None:  # fmt: skip
    spalte = f"          fls_monat: {{aus: Umfang, einheit: {einheit}}}\n      - tabelle: person"
    text = FALLPROFIL.replace("      - tabelle: person", spalte)
    zeilen = [f"{f};{z}" for f, z in zip(FAELLE, zellen, strict=True)]
    _, tidied = lies(tmp_path, {"hilfen.csv": csv(*zeilen, kopf=f"{KOPF};Umfang")}, profil(text))
    assert {regel for regel, _ in befunde(tidied)} == regeln
    if werte is None:
        assert "fall" not in tidied.tables
        return
    assert spalten(tidied, "fall", "fls_monat") == [(w and Decimal(w),) for w in werte]
    if regeln:
        found = einer(tidied, "R-I24", "fall")
        assert found.schwere is Schwere.WARNUNG
        assert "»Umfang«" in found.meldung


def test_eine_prozentzelle_aus_excel_ist_ein_anteil(tmp_path: Path) -> None:
    """Excel shows 12,5 % and stores 0.125: a column of shares takes it, one of percent doubts."""
    rows = [[*KOPF.split(";"), "Umfang"], *([*f.split(";")[:10], "", z] for f, z in
            zip(FAELLE[:2], (0.125, 0.5), strict=True))]  # fmt: skip
    for einheit, regeln in (("Anteil", set()), ("'%'", {("R-I24", "fall")})):
        spalte = (
            f"          fls_monat: {{aus: Umfang, einheit: {einheit}}}\n      - tabelle: person"
        )
        text = FALLPROFIL.replace("      - tabelle: person", spalte).replace(".csv", ".xlsx")
        _, tidied = lies(
            tmp_path / einheit.strip("'%"), {"hilfen.xlsx": xlsx(rows)},
            profil(text, datei={"format": "xlsx"}),
        )  # fmt: skip
        assert befunde(tidied) == regeln
        assert spalten(tidied, "fall", "fls_monat") == [(Decimal("0.125"),), (Decimal("0.5"),)]


def test_ein_schlechtes_datum_haelt_die_anderen_regeln_nicht_auf(tmp_path: Path):
    """A supplier learns of all faults at once; what reads the bad column is named."""
    zeilen = (fall(beginn="31.02.2024"), fall(hilfenr="H2", form="amb."), *FAELLE[2:])
    _, tidied = lies(tmp_path, {"hilfen.csv": csv(*zeilen)})
    assert "fall" not in tidied.tables
    assert tidied.unsicher == {"fall": frozenset({"beginn"})}
    found = checks.check(
        {**tidied.tables, **tidied.gesperrt}, stichtag=STICHTAG, datenstand=DATENSTAND,
        expectations=Path(__file__).parent.parent / "expectations", unsicher=tidied.unsicher,
    )  # fmt: skip
    (segment,) = [f for f in found if f.regel == "R-F09"]
    assert [s.zeile for s in segment.stellen] == [3]
    (unsure,) = [f for f in found if f.regel == "R-S08" and "falsch enthält" in f.meldung]
    assert {"R-F07", "R-F19"} <= set(re.findall(r"R-[A-Z]\d\d", unsure.meldung))
    assert not {f.regel for f in found} & {"R-F03", "R-F07", "R-F19"}
