"""What a proposal makes of the states of mess that files of unknown systems come in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter
import yaml
from mess.bauen import FALLPROFIL, befunde, csv, fall, lies, profil
from press_fixtures import bare_project

from sozcontrol import catalogue
from sozcontrol.catalogue import Profil
from sozcontrol.catalogue.profil import Speisung
from sozcontrol.errors import CatalogueError, DeliveryError, UsageError
from sozcontrol.vorschlag import Wunsch, propose, read_source
from sozcontrol.vorschlag.aenderung import changes
from sozcontrol.vorschlag.profiltext import overview, profile_text
from sozcontrol.vorschlag.rueckfragen import answer, questions

NAME = "Wendelgard Quast"
KONTOKOPF = "Belegnummer;Buchungsdatum;Haushaltsjahr;Periode;Produkt;Sachkonto;Betrag EUR"
FALLKOPF = (
    "Hilfe-ID;Klient-Nr;Rechtsgrundlage;Leistung;Hilfeform;Beginn;Ende;Beendigungsgrund;Notiz"
)


@dataclass
class Befund:
    """A proposal: the profile as YAML text and as a model, and what the terminal shows."""

    text: str
    profil: Profil
    gezeigt: str
    pfad: Path

    @property
    def speisung(self) -> Speisung:
        return self.profil.dateien[0].tabellen[0]

    @property
    def fragen(self) -> list[str]:
        return [line.strip() for line in self.text.splitlines() if "  # ENTSCHEIDEN: " in line]


def vorschlag(pfad: Path, wunsch: Wunsch | None = None) -> Befund:
    found = propose(read_source(pfad), "probe", wunsch or Wunsch())
    text = profile_text(found, "Verfahren", "Amt")
    return Befund(text, Profil.model_validate(yaml.safe_load(text)), overview(found), pfad)


def aus_csv(tmp_path: Path, *zeilen: str, name: str = "datei.csv") -> Befund:
    pfad = tmp_path / name
    pfad.write_text("\n".join(zeilen) + "\n", encoding="utf-8")
    return vorschlag(pfad)


def buchung(nummer: int, betrag: str, konto: str = "533100", produkt: str = "36301") -> str:
    return f"{nummer:06d};{nummer % 28 + 1:02d}.03.2025;2025;3;{produkt};{konto};{betrag}"


def hilfe(nummer: int, ende: str = "", grund: str = "", beginn: str = "01.02.2024") -> str:
    fest = "§ 34 SGB VIII;Heimerziehung;stat."
    return f"{nummer};0{nummer};{fest};{beginn};{ende};{grund};Text {nummer}"


def betraege(befund: Befund, tmp_path: Path) -> list[Decimal]:
    """Return the amounts as a delivery would hold them, read by the proposed profile."""
    folder = tmp_path / "lieferung"
    folder.mkdir()
    _, tidied = lies(folder, {befund.pfad.name: befund.pfad.read_bytes()}, befund.profil)
    assert befunde(tidied) == set()
    return [row["betrag_eur"] for row in tidied.tables["buchung"].to_pylist()]


def test_summen_die_nicht_aufgehen_werden_gefragt_und_nicht_geglaubt(tmp_path: Path) -> None:
    rows = [buchung(i, f"{i + 1},00") for i in range(6)]
    falsch = aus_csv(tmp_path, KONTOKOPF, *rows[:3], ";;;;Summe 1;;6,01", *rows[3:],
                     ";;;;Summe 2;;15,00")  # fmt: skip
    rule = falsch.profil.dateien[0].zwischensumme
    assert rule and rule.betraege == ("Betrag EUR",), "a cent is forgiven, as in reading"
    falsch = aus_csv(tmp_path, KONTOKOPF, *rows[:3], ";;;;Summe 1;;6,02", *rows[3:],
                     ";;;;Summe 2;;15,00")  # fmt: skip
    rule = falsch.profil.dateien[0].zwischensumme
    assert rule and rule.betraege == ()
    assert any(
        "2 Zeilen (die erste: 5) beginnen so, gehen aber nicht auf" in f for f in falsch.fragen
    )


@pytest.mark.parametrize(
    "zeilen, je",
    [
        ([0, 1, "S", 2, 3, "S"], ()),
        ([0, 1, "S", 2, 3, "S", "T"], ()),
    ],
    ids=["je Block", "und eine Summe darüber"],
)
def test_zwischensummen_werden_an_ihren_zeilen_bewiesen(
    tmp_path: Path, zeilen: list[object], je: tuple[str, ...]
) -> None:
    lines, since, total = [], 0, 0
    for z in zeilen:
        if isinstance(z, int):
            lines.append(buchung(z, f"{10 + z},00"))
            since, total = since + 10 + z, total + 10 + z
        else:
            lines.append(f";;;;Summe;;{since if z == 'S' else total},00")
            since = 0
    befund = aus_csv(tmp_path, KONTOKOPF, *lines)
    rule = befund.profil.dateien[0].zwischensumme
    assert rule and (rule.betraege, rule.je) == (("Betrag EUR",), je)
    assert betraege(befund, tmp_path) == [10, 11, 12, 13]


def test_soll_und_haben_zaehlen_nach_der_richtung_des_kontos(tmp_path: Path) -> None:
    # Aufwand (5…) in the Soll, Ertrag (4…) in the Haben; one reversal of each.
    rows = [
        *(f"{buchung(i, f'{100 + i},00')};S" for i in range(9)),
        *(f"{buchung(20 + i, f'{200 + i},00', konto='421100')};H" for i in range(9)),
        f"{buchung(40, '7,00')};H",
        f"{buchung(41, '8,00', konto='421100')};S",
    ]
    befund = aus_csv(tmp_path, f"{KONTOKOPF};S/H", *rows)
    expected = [*(100 + i for i in range(9)), *(200 + i for i in range(9)), -7, -8]
    assert betraege(befund, tmp_path) == expected


def test_ein_amerikanischer_auszug_wird_als_solcher_gelesen(tmp_path: Path) -> None:
    befund = aus_csv(tmp_path, KONTOKOPF, *(buchung(i, f"1,{i}00.50") for i in range(5)))
    assert betraege(befund, tmp_path) == [Decimal(f"1{i}00.50") for i in range(5)]


def test_nur_tausenderpunkte_sind_ein_zweifel(tmp_path: Path) -> None:
    befund = aus_csv(tmp_path, KONTOKOPF, *(buchung(i, f"{i + 1}.500") for i in range(5)))
    assert any("5 Zahlen wie 1.234, keine mit Nachkommastellen" in f for f in befund.fragen)
    befund = aus_csv(tmp_path, KONTOKOPF, buchung(9, "1,25"),
                     *(buchung(i, f"{i + 1}.500") for i in range(5)))  # fmt: skip
    assert not any("Nachkommastellen" in f for f in befund.fragen)


@pytest.mark.parametrize(
    "offen", ["31.12.9999", "30.12.9999", "31.12.2999", "31.12.2199", "00.00.0000"]
)
def test_ein_offenes_ende_wird_als_solches_vorgeschlagen(tmp_path: Path, offen: str) -> None:
    rows = [hilfe(i, offen if i % 2 else "30.06.2025", "1 – gemäß Hilfeplan") for i in range(6)]
    ende = aus_csv(tmp_path, FALLKOPF, *rows).speisung.spalten["ende"]
    assert (ende.offen, ende.format) == ((offen,), ("%d.%m.%Y",))


def test_ein_wirkliches_ende_ist_nicht_offen(tmp_path: Path) -> None:
    rows = [hilfe(i, "31.12.2025") for i in range(6)]
    assert aus_csv(tmp_path, FALLKOPF, *rows).speisung.spalten["ende"].offen == ()


def test_zweistellige_jahre_nennen_ihr_jahrhundert(tmp_path: Path) -> None:
    rows = [hilfe(i, beginn=f"01.02.{j}") for i, j in enumerate((98, 99, 24, 25, 23))]
    befund = aus_csv(tmp_path, FALLKOPF, *rows)
    assert befund.speisung.spalten["beginn"].format == ("%d.%m.%y",)
    text = " ".join(befund.text.replace("#", " ").split())
    assert "Jahre zweistellig: 2 als 19xx gelesen, 3 als 20xx" in text


def test_fuehrende_nullen_verlangen_ihre_laenge(tmp_path: Path) -> None:
    rows = [hilfe(1000 + i) for i in range(5)]
    columns = aus_csv(tmp_path, FALLKOPF, *rows).speisung.spalten
    assert (columns["person_id"].laenge, columns["hilfe_id"].laenge) == (5, None)


@pytest.mark.parametrize("oft", [1, 2, 3, 30])
@pytest.mark.parametrize("spalte", ["Beendigungsgrund", "Notiz", "Leistung"])
def test_ein_name_in_keiner_spalte_verlaesst_die_datei(
    tmp_path: Path, spalte: str, oft: int
) -> None:
    at = FALLKOPF.split(";").index(spalte)
    rows = [hilfe(i, "30.06.2025", "1 – gemäß Hilfeplan").split(";") for i in range(60)]
    for row in rows[:oft]:
        row[at] = NAME
    befund = aus_csv(tmp_path, FALLKOPF, *(";".join(row) for row in rows))
    assert NAME.split()[0] not in befund.text + befund.gezeigt


def test_ein_fremdes_wort_steht_mit_seiner_anzahl_da(tmp_path: Path) -> None:
    grund = ["1 – gemäß Hilfeplan"] * 8 + ["Umzug"] * 4 + ["Tod"]
    befund = aus_csv(tmp_path, FALLKOPF, *(hilfe(i, "30.06.2025", g) for i, g in enumerate(grund)))
    codes = befund.speisung.spalten["ende_grund"].codes
    assert codes == {"1 – gemäß Hilfeplan": "hilfeplan", "Umzug": ""}
    assert any("4-mal" in f for f in befund.fragen) and "1 Zellen mit unbekannten" in befund.text
    assert "'1 – gemäß Hilfeplan': hilfeplan  # 8-mal\n" in befund.text


def test_menschen_werden_kein_kopf(tmp_path: Path) -> None:
    rows = [f"{i};{NAME};{i}.1.2025;12,50" for i in range(1, 9)]
    for wunsch in (Wunsch(), Wunsch(kopf=1), Wunsch(tabelle="fall", kopf=2)):
        (tmp_path / "ohne.csv").write_text("\n".join(rows))
        with pytest.raises(DeliveryError) as caught:
            vorschlag(tmp_path / "ohne.csv", wunsch)
        assert "Wendelgard" not in str(caught.value)


@pytest.mark.parametrize("kopf", [2, 3])
@pytest.mark.parametrize(
    "zeilen",
    [
        pytest.param(["Name;Vorname;Beginn", f"{NAME};{NAME};01.02.2024"], id="mit Datum"),
        pytest.param(["Name;Vorname;Bemerkung", f"{NAME};{NAME};ruft an"], id="nur Text"),
    ],
)
def test_auch_wer_die_falsche_zeile_nennt_macht_keinen_menschen_zum_kopf(
    tmp_path: Path, zeilen: list[str], kopf: int
) -> None:
    (tmp_path / "liste.csv").write_text("\n".join([zeilen[0], *[zeilen[1]] * 6]))
    with pytest.raises(DeliveryError) as caught:
        vorschlag(tmp_path / "liste.csv", Wunsch(tabelle="fall", kopf=kopf))
    assert "Wendelgard" not in str(caught.value)


@pytest.mark.parametrize("titel", [(), ("Auszug", "")], ids=["ohne Titel", "mit Titel"])
@pytest.mark.parametrize(
    ("zeilen", "satz"),
    [
        ([buchung(i, "10,50") for i in range(1, 5)], "Die Daten beginnen in Zeile {}"),
        ([hilfe(i) for i in range(1, 5)], "Die Daten beginnen in Zeile {}"),
        ([f"{j};1;2;3" for j in range(2020, 2025)], "Die Daten beginnen in Zeile {}"),
        ([f"{NAME};ambulant;{w}" for w in ("eins", "zwei", "drei")], "Vielleicht hat die Datei"),
    ],
    ids=["Beträge", "Menschen", "Jahre", "Wörter"],
)  # fmt: skip
def test_eine_datei_ohne_kopf_wird_so_genannt(
    tmp_path: Path, titel: tuple[str, ...], zeilen: list[str], satz: str
) -> None:
    with pytest.raises(DeliveryError) as fehler:
        aus_csv(tmp_path, *titel, *zeilen)
    assert satz.format(len(titel) + 1) in fehler.value.was
    assert "in einer Kopie eine Zeile" in str(fehler.value.tun)
    assert NAME.split()[0] not in str(fehler.value)


def test_ein_kopf_ueber_lauter_woertern_ist_einer(tmp_path: Path) -> None:
    kopf = "Produkt;Produktbezeichnung;Produktgruppe;Bezeichnung der Produktgruppe;Teilhaushalt"
    rows = [f"A{w};Hilfe {w};G;Gruppe;Jugendamt" for w in ("a", "b", "c")]
    assert aus_csv(tmp_path, kopf, *rows).speisung.tabelle == "map_produkt"


def test_die_nummer_des_anbieters_ist_nicht_die_der_zeile(tmp_path: Path) -> None:
    """»Nr.« could be the number of a row of another table, but names each row ten times."""
    kopf = "Leistungs-ID;Rechtsgrundlage;Hilfeform;Personen-ID;Beginn;Ende;Nr."
    rows = [f"L{i};§ 33;stationär;2{i};01.02.2024;;A{i % 6}" for i in range(100, 160)]
    found = aus_csv(tmp_path, kopf, *rows)
    assert found.speisung.tabelle == "fall"
    assert found.speisung.spalten["hilfe_id"].aus == ("Leistungs-ID",)


def test_ein_apostroph_zwischen_tausendern_wird_gelesen(tmp_path: Path) -> None:
    found = aus_csv(tmp_path, KONTOKOPF, *(buchung(i, f"{i}'234.50") for i in range(1, 6)))
    assert betraege(found, tmp_path) == [Decimal(f"{i}234.50") for i in range(1, 6)]


def test_betraege_mit_exponent_werden_als_solche_genannt(tmp_path: Path) -> None:
    found = aus_csv(tmp_path, KONTOKOPF, *(buchung(i, f"{i},5E+05") for i in range(1, 6)))
    assert "5 mit Exponent" in found.gezeigt
    assert any("Keine der Spalten kommt in Frage" in frage for frage in found.fragen)


def test_woerter_sind_keine_nummer_eines_falls(tmp_path: Path) -> None:
    """A column called like the number of a case, but of words: taken, all cases would be one."""
    kopf = "Hilfe;Aktenzeichen;Klient-Nr;Leistung nach;Form;von;bis"
    rows = [f"Vollzeitpflege;A{i};0{i};§ 33;stationär;01.02.2024;" for i in range(100, 110)]
    found = aus_csv(tmp_path, kopf, *rows)
    spalten = found.speisung.spalten
    assert spalten["hilfeart"].aus == ("Hilfe",)
    assert spalten["hilfe_id"].aus != ("Hilfe",)
    assert any("Es fehlt Hilfe (die Nummer" in frage for frage in found.fragen)


def test_zwei_spalten_eines_namens_bleiben_lesbar(tmp_path: Path) -> None:
    rows = [f"{buchung(i, f'{i},50')};0" for i in range(5)]
    befund = aus_csv(tmp_path, f"{KONTOKOPF};Betrag EUR", *rows)
    assert befund.speisung.spalten["betrag_eur"].aus == ("Betrag EUR",)
    assert "Betrag EUR.2" in befund.profil.dateien[0].ignoriert
    assert betraege(befund, tmp_path) == [Decimal(f"{i}.50") for i in range(5)]


def test_ueberschriften_zwischen_den_zeilen_sind_keine_daten(tmp_path: Path) -> None:
    rows = [buchung(i, f"{i},50") for i in range(6)]
    befund = aus_csv(
        tmp_path, KONTOKOPF, "Bereich Jugend;;;;;;", *rows[:3], "Bereich Soziales;;;;;;", *rows[3:]
    )
    assert "Jugend" not in befund.text
    assert len(betraege(befund, tmp_path)) == 6


def test_was_fehlt_wird_gefragt_mit_den_spalten_die_es_sein_koennten(tmp_path: Path) -> None:
    kopf = KONTOKOPF.replace("Produkt", "Fonds").replace("Betrag EUR", "Hauswährung")
    befund = aus_csv(tmp_path, kopf, *(buchung(i, f"{i},50") for i in range(5)))
    columns = befund.speisung.spalten
    assert columns["betrag_eur"].aus == ("Hauswährung",) and columns["produkt"].aus == ("Fonds",)
    asked = " ".join(befund.fragen)
    assert "Es fehlt Betrag" in asked and "Es fehlt Produkt" in asked


def test_verborgene_blaetter_zeilen_und_spalten_werden_genannt(tmp_path: Path) -> None:
    pfad = tmp_path / "mappe.xlsx"
    mappe = xlsxwriter.Workbook(pfad)
    geheim = mappe.add_worksheet(NAME)
    geheim.write_row(0, 0, KONTOKOPF.split(";"))
    geheim.hide()
    blatt = mappe.add_worksheet("Liste")
    blatt.set_first_sheet()
    blatt.activate()
    blatt.write_row(0, 0, KONTOKOPF.split(";"))
    for i in range(5):
        blatt.write_row(i + 1, 0, [f"{i:06d}", f"0{i + 1}.03.2025", 2025, 3, "36301", "533100", i])
    blatt.set_column(3, 3, None, None, {"hidden": True})
    blatt.set_row(2, None, None, {"hidden": True})
    mappe.close()
    befund = vorschlag(pfad)
    assert [d.blatt for d in befund.profil.dateien] == ["Liste"]
    for told in ("1 ausgeblendet", "1 Spalten des Blatts", "1 Zeilen des Blatts"):
        assert told in befund.gezeigt
    assert NAME not in befund.text + befund.gezeigt


@pytest.mark.parametrize(
    "zelle, gesagt",
    [
        ("'182,50", "1 mit Apostroph davor"),
        ("1,8E+02", "1 mit Exponent"),
        ("12.34,0", ""),
    ],
)
def test_was_excel_hinterlaesst_wird_beim_namen_genannt(
    tmp_path: Path, zelle: str, gesagt: str
) -> None:
    _, tidied = lies(tmp_path, {"hilfen.csv": csv(fall(tagessatz=zelle))}, profil())
    (message,) = (f.meldung for f in tidied.findings if f.regel == "R-I16")
    assert gesagt in message and zelle not in message


def test_ein_tag_jenseits_des_kalenders_fragt_nach_dem_offenen_ende(tmp_path: Path) -> None:
    _, tidied = lies(tmp_path, {"hilfen.csv": csv(fall(ende="31.12.2999"))}, profil())
    (message,) = (f.meldung for f in tidied.findings if f.regel == "R-I15")
    assert "1 liegen nach 2199, meinen sie »kein Ende«? (offen)" in message


def test_plan_und_ist_werden_nie_zusammengezaehlt(tmp_path: Path) -> None:
    befund = aus_csv(
        tmp_path, "Budgetbericht", "Produkt;Sachkonto;Plan;;Ist;", ";;2024;2025;2024;2025",
        ";;T€;T€;T€;T€", *(f"3630{i};533100;1{i},5;2{i},5;3{i},5;4{i},5" for i in range(4)),
    )  # fmt: skip
    melted = befund.speisung.schmelzen
    assert melted and melted.spalten == {
        "Plan | 2024 | T€": {"Jahr": "2024"}, "Plan | 2025 | T€": {"Jahr": "2025"},
    }  # fmt: skip
    assert befund.speisung.spalten["betrag_eur"].faktor == 1000
    assert {"Ist | 2024 | T€", "Ist | 2025 | T€"} <= set(befund.profil.dateien[0].ignoriert)


def test_zwei_gleichartige_gruppen_werden_nicht_geraten(tmp_path: Path) -> None:
    befund = aus_csv(
        tmp_path, "Produkt;Sachkonto;Fassung A;;Fassung B;", ";;2024;2025;2024;2025",
        *(f"3630{i};533100;1{i},5;2{i},5;3{i},5;4{i},5" for i in range(4)),
    )  # fmt: skip
    assert befund.speisung.schmelzen is None


def test_gebiete_im_kopf_einer_kreuztabelle_werden_zu_zeilen(tmp_path: Path) -> None:
    pfad = tmp_path / "Einwohner_breit.xlsx"
    mappe = xlsxwriter.Workbook(pfad)
    blatt = mappe.add_worksheet("Tab")
    blatt.merge_range(0, 0, 0, 8, "Einwohner nach Alter")
    blatt.merge_range(2, 0, 3, 0, "Alter")
    for j, teil in enumerate(("01 Mitte", "02 Nord", "Insgesamt")):
        blatt.merge_range(2, 1 + 2 * j, 2, 2 + 2 * j, teil)
        blatt.write_row(3, 1 + 2 * j, ["m", "w"])
    for alter in range(20):
        je = [10 + alter, 11 + alter, 20 + alter, 21 + alter]
        blatt.write_row(4 + alter, 0, [alter, *je, je[0] + je[2], je[1] + je[3]])
    mappe.close()
    befund = vorschlag(pfad)
    folder = tmp_path / "lieferung"
    _, tidied = lies(folder, {pfad.name: pfad.read_bytes()}, befund.profil)
    assert befunde(tidied) == set()
    rows = tidied.tables["einwohner"].to_pylist()
    je: dict[tuple[str, str], int] = {}
    for row in rows:
        key = row["gebiet_id"], row["geschlecht"]
        je[key] = je.get(key, 0) + row["anzahl"]
    ab = sum(range(20))
    assert je == {
        ("01", "m"): 200 + ab, ("01", "w"): 220 + ab, ("02", "m"): 400 + ab, ("02", "w"): 420 + ab,
    }  # fmt: skip
    assert any("Steht »Gebiet« im Kopf (»01 Mitte | m« → 01)?" in f for f in befund.fragen)


def test_ein_neuer_jahrgang_wird_mit_seiner_zeile_genannt(tmp_path: Path) -> None:
    rows = [f"3630{i};533100;{i}1,5;{i}2,5" for i in range(4)]
    alt = aus_csv(tmp_path, "Produkt;Sachkonto;Ansatz 2024;Ansatz 2025", *rows)
    text = tmp_path / "probe.yml"
    text.write_text(alt.text)
    neu = tmp_path / "datei.csv"
    neu.write_text("\n".join(["Produkt;Sachkonto;Ansatz 2025;Ansatz 2026", *rows]))
    told = changes(read_source(neu), alt.profil, text)
    (line,) = (n for n, z in enumerate(alt.text.splitlines(), 1) if "Ansatz 2024:" in z)
    assert told == [f"Zeile {line}: »Ansatz 2024« heißt jetzt »Ansatz 2026«."]


def test_eine_antwort_die_kein_code_ist_aendert_nichts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    projekt = bare_project(tmp_path / "stadt")
    monkeypatch.setenv("SOZCONTROL_PROJEKT", str(projekt.root))
    projekt.profile.mkdir()
    grund = ["1 – gemäß Hilfeplan"] * 6 + ["Umzug"] * 4
    rows = [hilfe(i, "30.06.2025", g) for i, g in enumerate(grund)]
    path = projekt.profile / "probe.yml"
    path.write_text(aus_csv(tmp_path, FALLKOPF, *rows).text)
    before = path.read_text()
    frage = next(f for f in questions(path) if f.stelle == "ende_grund.Umzug")
    with pytest.raises(CatalogueError) as caught:
        answer(path, frage, "zustaendig")
    assert "kennt »zustaendig« nicht" in caught.value.was
    assert "»zustaendigkeit«" in caught.value.tun and path.read_text() == before
    with pytest.raises(UsageError):
        answer(path, frage, "")
    answer(path, frage, "zustaendigkeit")
    changed = set(path.read_text().splitlines()) - set(before.splitlines())
    assert changed == {"              Umzug: zustaendigkeit"}


@pytest.mark.parametrize(
    "antwort, gesagt",
    [
        pytest.param("SGB8", "Meinten Sie »konstant: SGB8«?", id="Code statt Spalte"),
        pytest.param("Leistng", "Meinten Sie »Leistung«?", id="vertippt"),
    ],
)
def test_eine_antwort_die_keine_spalte_ist_wird_erklaert(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, antwort: str, gesagt: str
) -> None:
    projekt = bare_project(tmp_path / "stadt")
    monkeypatch.setenv("SOZCONTROL_PROJEKT", str(projekt.root))
    projekt.profile.mkdir()
    kopf = FALLKOPF.replace("Rechtsgrundlage", "Grundlage")
    befund = aus_csv(tmp_path, kopf, *(hilfe(i) for i in range(5)))
    path = projekt.profile / "probe.yml"
    asked = "aus: Leistung  # ENTSCHEIDEN: Welche?"
    path.write_text(re.sub(r"konstant: SGB8  #.*", asked, befund.text))
    before = path.read_text()
    frage = next(f for f in questions(path) if f.stelle == "rechtskreis.aus")
    with pytest.raises(UsageError) as caught:
        answer(path, frage, antwort)
    assert gesagt in caught.value.tun and path.read_text() == before


@pytest.mark.parametrize(
    "jahre, bis",
    [
        pytest.param(["50", "61", "72", "99", "03", "15"], 2025, id="Geburten"),
        pytest.param(["19", "22", "24", "25"], None, id="Buchungen"),
        pytest.param(["98", "99", "01"], None, id="um die Jahrtausendwende"),
        pytest.param(["50", "61", "72", "93"], 2003, id="nur im letzten Jahrhundert"),
    ],
)
def test_das_jahrhundert_zweistelliger_jahre(
    tmp_path: Path, jahre: list[str], bis: int | None
) -> None:
    kopf = "Klient-Nr;Geburtsdatum;Geschlecht"
    rows = [f"0{i};05.03.{j};w" for i, j in enumerate(jahre * 2)]
    pfad = tmp_path / "personen.csv"
    pfad.write_text("\n".join([kopf, *rows]))
    befund = vorschlag(pfad, Wunsch(tabelle="person"))
    origin = befund.speisung.spalten["geburtsmonat"]
    assert origin.jahre_bis == (bis or 2068)
    assert any("Stimmt das?" in f for f in befund.fragen) == (bis is not None)
    _, tidied = lies(tmp_path / "lieferung", {pfad.name: pfad.read_bytes()}, befund.profil)
    got = [row["geburtsmonat"].year for row in tidied.tables["person"].to_pylist()]
    assert got == [int(("20" if int(j) <= 25 else "19") + j) for j in jahre * 2]


def test_nummern_die_sich_nur_in_nullen_unterscheiden_sind_eine_frage(tmp_path: Path) -> None:
    rows = [hilfe(i).replace(";0", ";000", 1) if i == 7 else hilfe(i) for i in (3, 5, 7)]
    ohne = aus_csv(tmp_path, FALLKOPF, *rows)
    assert not any("führende Nullen" in f for f in ohne.fragen)
    mit = aus_csv(tmp_path, FALLKOPF, *rows, hilfe(9).replace(";09;", ";7;"))
    assert any("1 Nummern gleichen einer anderen bis auf führende Nullen" in f for f in mit.fragen)


@pytest.mark.parametrize("antwort, null", [("", ("-", "–")), ("nein", ())])
def test_ein_strich_unter_zahlen_ist_eine_frage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, antwort: str, null: tuple[str, ...]
) -> None:
    projekt = bare_project(tmp_path / "stadt")
    monkeypatch.setenv("SOZCONTROL_PROJEKT", str(projekt.root))
    projekt.profile.mkdir()
    rows = [f"01;{a};m;{'-' if a == 3 else a + 1}" for a in range(8)]
    befund = aus_csv(tmp_path, "Bezirk;Alter in Jahren;Geschlecht;Anzahl", *rows)
    path = projekt.profile / "probe.yml"
    path.write_text(befund.text)
    frage = next(f for f in questions(path) if f.stelle == "anzahl.null")
    assert frage.text.startswith("1 Zellen sind ein Strich")
    answer(path, frage, antwort)
    origin = catalogue.profil("probe").dateien[0].tabellen[0].spalten["anzahl"]
    assert origin.null == null


def test_eine_alte_excel_datei_nennt_den_weg(tmp_path: Path) -> None:
    pfad = tmp_path / "alt.xls"
    pfad.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600))
    with pytest.raises(DeliveryError) as caught:
        read_source(pfad)
    assert "XLS" in caught.value.was and "XLSX" in caught.value.tun


def test_ein_haushalt_mit_ertraegen_im_minus_wird_gefragt(tmp_path: Path) -> None:
    rows = [f"36301;{k};{v}{i}0,50;{v}{i}5,50" for i in range(1, 5)
            for k, v in (("533100", ""), ("421100", "-"))]  # fmt: skip
    befund = aus_csv(tmp_path, "Produkt;Sachkonto;Ansatz 2024;Ansatz 2025", *rows)
    (rule,) = befund.speisung.vorzeichen
    assert (rule.nach, rule.faktoren, rule.am_anfang) == ("Sachkonto", {"4": -1, "5": 1}, True)
    assert any("(4…: 8 von 8 negativ)" in f for f in befund.fragen)


@pytest.mark.parametrize(
    "titel, spalte, einheit",
    [
        pytest.param("Beträge in T€", "Ansatz 2025", "T€", id="der Titel"),
        pytest.param("Beträge in T€", "Ansatz 2025 (€)", "EUR", id="die Spalte vor dem Titel"),
        pytest.param("Haushalt", "Ansatz 2025", "EUR", id="niemand"),
    ],
)
def test_die_einheit_sagt_die_spalte_sonst_der_titel(
    tmp_path: Path, titel: str, spalte: str, einheit: str
) -> None:
    rows = [f"3630{i};533100;{i}1,5" for i in range(4)]
    befund = aus_csv(tmp_path, titel, "", f"Produkt;Sachkonto;{spalte}", *rows)
    assert befund.speisung.spalten["betrag_eur"].einheit == einheit
    assert any("in Euro (EUR) oder" in f for f in befund.fragen) == (titel == "Haushalt")


def test_eine_datei_die_zu_keiner_tabelle_passt_wird_abgelehnt(tmp_path: Path) -> None:
    rows = [f"30.06.2025;Team {i};{i},5" for i in range(5)]
    (tmp_path / "stellen.csv").write_text("\n".join(["Stichtag;Org-Einheit;Soll-VZÄ", *rows]))
    with pytest.raises(DeliveryError) as caught:
        vorschlag(tmp_path / "stellen.csv")
    assert "stelle" in caught.value.was and "Köpfe" in caught.value.was
    befund = vorschlag(tmp_path / "stellen.csv", Wunsch(tabelle="stelle"))
    assert any("Es fehlt Köpfe" in f for f in befund.fragen)


def test_ein_blatt_das_nicht_passt_haelt_die_anderen_nicht_auf(tmp_path: Path) -> None:
    pfad = tmp_path / "mappe.xlsx"
    mappe = xlsxwriter.Workbook(pfad)
    deckblatt = mappe.add_worksheet("Deckblatt")
    for i in range(6):
        deckblatt.write_row(i, 0, [NAME, f"Zimmer {i}", i])
    blatt = mappe.add_worksheet("Liste")
    blatt.write_row(0, 0, KONTOKOPF.split(";"))
    for i in range(5):
        blatt.write_row(i + 1, 0, [f"{i:06d}", f"0{i + 1}.03.2025", 2025, 3, "36301", "533100", i])
    mappe.close()
    befund = vorschlag(pfad)
    assert [d.blatt for d in befund.profil.dateien] == ["Liste"]
    assert NAME not in befund.text + befund.gezeigt


def test_namen_in_einer_textspalte_werden_gefragt(tmp_path: Path) -> None:
    kopf = FALLKOPF.replace("Notiz", "Leistungserbringer")
    rows = [hilfe(i).rsplit(";", 1)[0] + f";{NAME}" for i in range(6)]
    befund = aus_csv(tmp_path, kopf, *rows)
    asked = [f for f in befund.fragen if "sehen nach Namen aus" in f]
    assert len(asked) == 1 and NAME not in befund.text


def test_eine_konstante_als_spalte_geschrieben_wird_als_solche_erkannt(tmp_path: Path) -> None:
    text = FALLPROFIL.replace("rechtskreis: {konstant: SGB8}", "rechtskreis: SGB8")
    _, tidied = lies(tmp_path, {"hilfen.csv": csv()}, profil(text))
    found = next(f for f in tidied.findings if f.regel == "R-I04")
    assert "»SGB8«" in found.meldung and "Meinten Sie »konstant: SGB8«?" in (found.tun or "")


def test_ein_name_aus_ziffern_sagt_nicht_welche_dateien_folgen(tmp_path: Path) -> None:
    rows = [buchung(i, f"{i},50") for i in range(5)]
    befund = aus_csv(tmp_path, KONTOKOPF, *rows, name="20250630.csv")
    assert befund.profil.dateien[0].muster == "20250630.csv"
    assert any("besteht aus Ziffern" in f for f in befund.fragen)


@pytest.mark.parametrize("als_text", [False, True], ids=["Datumszellen", "Text in Excel"])
def test_jahr_und_periode_folgen_aus_dem_datum(tmp_path: Path, als_text: bool) -> None:
    pfad = tmp_path / "buchungen.xlsx"
    mappe = xlsxwriter.Workbook(pfad)
    blatt = mappe.add_worksheet("Liste")
    form = mappe.add_format({"num_format": "dd.mm.yyyy"})
    kopf = ["Belegnummer", "Buchungsdatum", "Produkt", "Sachkonto", "Betrag EUR"]
    blatt.write_row(0, 0, kopf)
    tage = [date(2024, 12, 30) + timedelta(days=20 * i) for i in range(6)]
    for i, tag in enumerate(tage, start=1):
        blatt.write_row(i, 0, [f"{i:06d}", "", "36301", "533100", i + 0.5])
        if als_text:
            blatt.write_string(i, 1, f"{tag:%d.%m.%Y}")
        else:
            blatt.write_datetime(i, 1, tag, form)
    mappe.close()
    befund = vorschlag(pfad)
    assert any("Haushaltsjahr fehlt. Folgt es aus dem" in f for f in befund.fragen)
    folder = tmp_path / "lieferung"
    _, tidied = lies(folder, {pfad.name: pfad.read_bytes()}, befund.profil)
    assert befunde(tidied) == set()
    rows = tidied.tables["buchung"].to_pylist()
    assert [(r["haushaltsjahr"], r["periode"]) for r in rows] == [(t.year, t.month) for t in tage]


def test_ein_name_aus_einer_anderen_tabelle_ist_eine_frage(tmp_path: Path) -> None:
    kopf = KONTOKOPF.replace("Betrag EUR", "Ansatz").replace("Haushaltsjahr", "Jahr")
    befund = aus_csv(tmp_path, kopf, *(buchung(i, f"{i},50") for i in range(5)))
    wahl = Wunsch(tabelle="buchung")
    befund = vorschlag(befund.pfad, wahl)
    assert befund.speisung.spalten["haushaltsjahr"].aus == ("Jahr",)
    assert any(
        f.startswith("aus: Ansatz  # ENTSCHEIDEN: Ist das die Spalte") for f in befund.fragen
    )


def test_ein_kontenplan_ohne_kontoart_folgt_dem_anfang_der_konten(tmp_path: Path) -> None:
    rows = ["421100;Ersätze", "448000;Erstattungen", "533100;Hilfen", "551000;Leistungen"]
    befund = aus_csv(tmp_path, "Sachkonto;Kontobezeichnung", *rows, name="Konten.csv")
    assert len(befund.fragen) == 2
    folder = tmp_path / "lieferung"
    _, tidied = lies(folder, {"Konten.csv": befund.pfad.read_bytes()}, befund.profil)
    assert befunde(tidied) == set()
    got = {r["konto"]: (r["konto_art"], r["ist_soziale_sicherung"])
           for r in tidied.tables["map_konto"].to_pylist()}  # fmt: skip
    assert got == {
        "421100": ("ertrag", True), "448000": ("ertrag", False),
        "533100": ("aufwand", False), "551000": ("aufwand", True),
    }  # fmt: skip


def test_ein_konto_ohne_bekannten_anfang_bleibt_ein_fehler(tmp_path: Path) -> None:
    rows = ["421100;Ersätze", "533100;Hilfen", "990000;Statistik"]
    befund = aus_csv(tmp_path, "Sachkonto;Kontobezeichnung", *rows, name="Konten.csv")
    folder = tmp_path / "lieferung"
    _, tidied = lies(folder, {"Konten.csv": befund.pfad.read_bytes()}, befund.profil)
    assert ("R-I26", "map_konto") in befunde(tidied)
