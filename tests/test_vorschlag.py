"""From files nobody has described to a stored delivery: proposed, decided, read; no name told.

What is right comes from the raw files, read with pandas and what their offices say of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import click.testing
import fremde_dateien as fremd
import pandas as pd
import pytest
from conftest import ROOT, make_project
from fremde_dateien import KANARIEN, deutsch
from press_fixtures import bare_project
from rendered import tables
from seiten import page

from sozcontrol import catalogue, store
from sozcontrol.catalogue import eigenes
from sozcontrol.catalogue.profil import Vorzeichen
from sozcontrol.catalogue.reihenprofil import reihenprofil
from sozcontrol.cli.commands import sozcontrol
from sozcontrol.errors import CatalogueError, SozcontrolError, UsageError
from sozcontrol.press.lauf import warm
from sozcontrol.projekt import Projekt

LIEFERUNG = "data/raw/2025-06-30/2025-07-15"
STICHTAG, DATENSTAND = date(2025, 6, 30), date(2025, 7, 15)
SEITE = (ROOT / "docs" / "eigene_dateien.md").read_text(encoding="utf-8")
SPAETER = "## Wenn eine Lieferung anders aussieht"


def schritte(seite: str) -> list[tuple[list[str], str]]:
    """Return the commands of a page in their order, each with what the page says it prints."""
    found: list[tuple[list[str], str]] = []
    for hit in re.finditer(r"^    sozcontrol (.+)$|^```\n((?:.*\n)*?)```$", seite, re.MULTILINE):
        if hit[1]:
            found.append((hit[1].split(), ""))
        elif found:
            found[-1] = (found[-1][0], found[-1][1] + hit[2])
    return [(command, block) for command, block in found if "DATEI" not in command]


SCHRITTE = schritte(SEITE.split(SPAETER)[0])


def rufe(projekt: Projekt, *arguments: str, eingabe: str = "") -> str:
    """Call a command of this project and return what it prints; a fault is raised."""
    runner = click.testing.CliRunner(env={"SOZCONTROL_PROJEKT": str(projekt.root)})
    done = runner.invoke(sozcontrol, arguments, input=eingabe, standalone_mode=False)
    if done.exception:
        raise done.exception
    return done.stdout


def antworten(gedruckt: str) -> str:
    """Return what the page types: its answers, by the number of their question, else return."""
    typed = re.findall(r"^(\d+) von .*\n(?:  .*\n)*?  Antwort(?: \[.*\])?: ?(.*)$", gedruckt, re.M)
    given = {int(number): text for number, text in typed}
    return "".join(f"{given.get(n, '')}\n" for n in range(1, max(given, default=0) + 9))


@dataclass
class Stadt:
    """A city after its controller has gone the way of the Handbuch."""

    projekt: Projekt
    gedruckt: list[str]
    tabellen: dict[str, pd.DataFrame]
    kommune: str


@pytest.fixture(scope="module")
def stadt(
    tmp_path_factory: pytest.TempPathFactory, one_zygote: Callable[..., object]
) -> Iterator[Stadt]:
    with pytest.MonkeyPatch.context() as patch:
        projekt = make_project(tmp_path_factory.mktemp("fremd") / "stadt")
        patch.setattr(warm, "Warm", one_zygote)
        patch.setenv("SOZCONTROL_PROJEKT", str(projekt.root))
        patch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("schluessel")))
        patch.chdir(projekt.root)
        fremd.schreibe_alle(projekt.root / LIEFERUNG)
        shown = [rufe(projekt, *c, eingabe=antworten(block)) for c, block in SCHRITTE]
        daten = store.open_data(STICHTAG, DATENSTAND, projekt)
        tables = {n: daten[n].to_pandas() for n in daten.tabellen}
        daten.close()
        yield Stadt(projekt, shown, tables, daten.kommune.name)


@pytest.mark.parametrize("nummer", range(len(SCHRITTE)), ids=[" ".join(s) for s, _ in SCHRITTE])
def test_die_seite_zeigt_was_ihre_befehle_drucken(stadt: Stadt, nummer: int) -> None:
    printed = stadt.gedruckt[nummer].splitlines()
    for line in SCHRITTE[nummer][1].splitlines():
        assert any(line.rstrip() == p.rstrip() for p in printed), line


def test_sechs_fremde_dateien_kosten_hoechstens_15_entscheidungen(stadt: Stadt) -> None:
    asked = [re.findall(r"^\d+ von (\d+) · ", text, re.MULTILINE) for text in stadt.gedruckt]
    assert 6 <= sum(map(len, asked)) <= 15
    assert {int(total) for found in asked for total in found} == {1, 2, 3}
    (checked,) = (t for (c, _), t in zip(SCHRITTE, stadt.gedruckt, strict=True) if c == ["check"])
    assert checked.startswith("Prüfung: 0 Fehler, 0 Warnungen")
    assert set(stadt.tabellen) == {
        "buchung", "budget", "einwohner", "fall", "person", "map_konto", "map_produkt", "lieferung",
        "pruefung",
    }  # fmt: skip
    assert stadt.kommune == "Neustadt"
    index = stadt.projekt.reports / "2025-06-30" / "index.html"
    assert stadt.gedruckt[-1].splitlines()[-1] == str(index) and index.is_file()


def test_der_bericht_druckt_was_die_rohen_dateien_ergeben(stadt: Stadt) -> None:
    raw = pd.read_csv(
        stadt.projekt.root / LIEFERUNG / "proDoppik_Buchungen_2025-06-30.csv",
        sep=";", encoding="cp1252", skiprows=2, dtype=str,
    ).dropna(subset="Belegnummer")  # fmt: skip
    raw = raw[pd.to_datetime(raw["Buchungsdatum"], format="%d.%m.%Y") <= "2025-06-30"]
    plain = raw["Betrag"].str.rstrip("-").str.replace(".", "").str.replace(",", ".").map(Decimal)
    revenue = raw["Sachkonto"].str.startswith("4")
    spent, earned = plain[~revenue].sum(), plain[revenue].sum()
    plan = sum(
        fremd.ansatz(p, k, 2025) * (-1 if k.startswith("4") else 1)
        for p in fremd.PRODUKTE
        for k in fremd.KONTEN
    )
    found = tables(page(stadt.projekt, "finanzcontrolling"))["Zuschussbedarf je Teilhaushalt"]
    (row,) = (dict(zip(found[0], r, strict=True)) for r in found[1:] if r[0] == "51 Jugendamt")
    shown = [row[name] for name in found[0][2:6]]
    expected = [plan, spent / 1000, earned / 1000, (spent - earned) / 1000]
    assert shown == [f"{round(value):,}".replace(",", ".") for value in expected]


def test_das_hauptbuch_kommt_an_wie_es_gebucht_ist(stadt: Stadt) -> None:
    raw = pd.read_csv(
        stadt.projekt.root / LIEFERUNG / "proDoppik_Buchungen_2025-06-30.csv",
        sep=";", encoding="cp1252", skiprows=2, dtype=str,
    )  # fmt: skip
    raw = raw[raw["Belegnummer"].notna()]
    minus = raw["Betrag"].str.endswith("-")
    plain = raw["Betrag"].str.rstrip("-").str.replace(".", "").str.replace(",", ".").map(Decimal)
    # The ledger writes revenues (accounts that begin with 4) negative.
    expected = plain.where(minus == raw["Sachkonto"].str.startswith("4"), -plain)
    got = stadt.tabellen["buchung"].set_index("beleg_nr")
    assert len(got) == len(raw) == 120
    assert dict(got["betrag_eur"]) == dict(zip(raw["Belegnummer"], expected, strict=True))
    months = pd.to_datetime(raw["Buchungsdatum"], format="%d.%m.%Y").dt.month
    assert dict(got["periode"]) == dict(zip(raw["Belegnummer"], months, strict=True))


def test_die_fallliste_kommt_ohne_menschen_an(stadt: Stadt) -> None:
    raw = pd.read_csv(
        stadt.projekt.root / LIEFERUNG / "OKJUS_Hilfen_2025-06-30.csv",
        sep=";", encoding="utf-8-sig", skiprows=1, dtype=str,
    )  # fmt: skip
    raw = raw[raw["Aktenzeichen"].notna()]
    got = stadt.tabellen["fall"]
    assert got["ende"].notna().sum() == (raw["Ende"] != "31.12.9999").sum()
    assert got["person_id"].nunique() == raw["Klient-Nr"].nunique()
    kurz = raw["Rechtsgrundlage"].str.extract(r"§ (\d+)")[0]
    assert got["hilfeart"].value_counts().to_dict() == kurz.value_counts().to_dict()
    assert set(got["rechtskreis"]) == {"SGB8"}
    umzug = (raw["Beendigungsgrund"] == "Umzug").sum()
    assert (got["ende_grund"] == "zustaendigkeit").sum() == umzug > 0


def test_die_menschen_der_fallliste_kommen_einmal_an(stadt: Stadt) -> None:
    raw = pd.read_csv(
        stadt.projekt.root / LIEFERUNG / "OKJUS_Hilfen_2025-06-30.csv",
        sep=";", encoding="utf-8-sig", skiprows=1, dtype=str,
    ).dropna(subset="Klient-Nr").drop_duplicates("Klient-Nr")  # fmt: skip
    got = stadt.tabellen["person"]
    assert len(got) == len(raw) == 90
    months = pd.to_datetime(raw["Geb.-Datum"], format="%d.%m.%Y").dt.to_period("M").value_counts()
    read = pd.to_datetime(got["geburtsmonat"]).dt.to_period("M").value_counts()
    assert read.to_dict() == months.to_dict()
    assert got["geschlecht"].value_counts().to_dict() == raw["Geschlecht"].value_counts().to_dict()


def test_der_haushalt_kommt_je_jahr_und_in_euro_an(stadt: Stadt) -> None:
    raw = pd.read_excel(
        stadt.projekt.root / LIEFERUNG / "Haushalt_Jugend_2025.xlsx",
        sheet_name="Teilplan 51", header=None, skiprows=4, dtype=str, engine="openpyxl",
    )  # fmt: skip
    raw = raw[~raw[0].str.startswith("Summe")]
    got = stadt.tabellen["budget"]
    for jahr, column in ((2024, 3), (2025, 4)):
        euro = sum(got[got["jahr"] == jahr]["betrag_eur"], Decimal(0))
        assert euro == sum(map(int, raw[column])) * 1000
    assert set(got["jahr"]) == {2024, 2025}, "results are no budget"
    assert len(got) == 2 * len(raw)


def test_die_einwohner_kommen_je_geschlecht_an(stadt: Stadt) -> None:
    raw = pd.read_excel(
        stadt.projekt.root / LIEFERUNG / "Einwohner_2025-06-30.xlsx",
        header=None, skiprows=4, dtype=str, engine="openpyxl",
    )  # fmt: skip
    raw = raw[raw[1].notna()]
    got = stadt.tabellen["einwohner"]
    for code, column in (("m", 2), ("w", 3)):
        je = got[got["geschlecht"] == code].groupby("gebiet_id")["anzahl"].sum().to_dict()
        assert je == raw[column].map(int).groupby(raw[0]).sum().to_dict()


def test_kein_name_und_kein_freitext_verlaesst_die_dateien(stadt: Stadt) -> None:
    written = [p.read_text() for p in stadt.projekt.profile.glob("*.yml")]
    shown = [
        rufe(stadt.projekt, "profile", str(path), "--pruefen", name)
        for path in sorted((stadt.projekt.root / LIEFERUNG).iterdir())
        for name in eigenes.namen(stadt.projekt.profile)
        if name.split("_")[0] in path.name.casefold()
    ]
    assert len(shown) == 6 and len(written) == 7
    published = [p.read_text() for p in stadt.projekt.reports.rglob("*.html")]
    assert len(published) >= 3
    for text in (*stadt.gedruckt, *written, *shown, *published):
        for name in KANARIEN:
            assert name.casefold() not in text.casefold()


def test_die_probe_rechnet_gegen_die_eigenen_summen_der_datei(stadt: Stadt) -> None:
    (shown,) = (t for (c, _), t in zip(SCHRITTE, stadt.gedruckt, strict=True) if "--pruefen" in c)
    geschrieben = sum((b.betrag for b in fremd.buchungen()), Decimal(0))
    gelesen = sum((abs(b.betrag) for b in fremd.buchungen()), Decimal(0))
    assert f"Summe in der Datei {deutsch(geschrieben)}, gelesen {deutsch(gelesen)}" in shown


def test_was_niemand_entschieden_hat_wird_nicht_gelesen(projekt: Projekt) -> None:
    fremd.schreibe_hauptbuch(projekt.root)
    file = str(projekt.root / "proDoppik_Buchungen_2025-06-30.csv")
    rufe(projekt, "profile", file, "--kommune", "Neustadt", "--name", "hauptbuch")
    path = projekt.profile / "hauptbuch.yml"
    with pytest.raises(CatalogueError, match="noch zu entscheiden: 3 Punkte"):
        eigenes.demand_entschieden("hauptbuch")
    before = path.read_text()
    assert catalogue.profil("hauptbuch").dateien[0].tabellen[0].tabelle == "buchung"
    rufe(projekt, "profile", "--entscheiden", "hauptbuch", eingabe="\n\n\n")
    eigenes.demand_entschieden("hauptbuch")
    after = path.read_text()
    assert after == re.sub(r"  # ENTSCHEIDEN.*", "", before), (
        "the return key takes what is proposed"
    )


def test_mehrere_jahre_werden_gefragt_und_spaeter_genannt(projekt: Projekt) -> None:
    kopf = "Hilfe-ID;Klient-Nr;Rechtsgrundlage;Leistung;Hilfeform;Beginn;Ende"
    for jahr in (2023, 2024):
        rows = [f"{i};0{i};§ 34 SGB VIII;Heimerziehung;stationär;01.02.{jahr};" for i in range(5)]
        (projekt.root / f"Faelle_{jahr}.csv").write_text("\n".join([kopf, *rows]))
    file = str(projekt.root / "Faelle_2024.csv")
    rufe(projekt, "profile", file, "--kommune", "Neustadt")
    assert "Zu entscheiden: 1" in rufe(projekt, "profile", file)
    asked = rufe(projekt, "profile", "--entscheiden", "faelle", eingabe="nein\n")
    assert "2 Dateien heißen bis auf Tag oder Jahr gleich" in asked and "Antwort [ja]" in asked
    (feed,) = catalogue.profil("faelle").dateien[0].tabellen
    assert not feed.neueste_datei
    assert "nichts geändert" in rufe(projekt, "profile", file)
    path = projekt.profile / "faelle.yml"
    path.write_text(path.read_text().replace("neueste_datei: false", ""))
    assert "2 Dateien heißen so, alle Zeilen zählen" in rufe(projekt, "profile", file)


def test_eine_umbenannte_spalte_wird_mit_ihren_zeilen_genannt(projekt: Projekt) -> None:
    path = fremd.schreibe_hauptbuch(projekt.root)
    rufe(projekt, "profile", str(path), "--kommune", "Neustadt")
    rufe(projekt, "profile", "--entscheiden", "prodoppik_buchungen", eingabe="\n\n\n")
    same = rufe(projekt, "profile", str(path))
    assert "nichts geändert" in same and "Probe: 120 Zeilen gelesen, ohne Fehler" in same
    later = path.rename(path.with_name("proDoppik_Buchungen_2025-08-31.csv"))
    fremd.schreibe_hauptbuch(projekt.root, spaltenname="Buchungsbetrag EUR").rename(later)
    told = rufe(projekt, "profile", str(later)).splitlines()
    (block,) = re.findall(r"```\n((?:.*\n)*?)```", SEITE.split(SPAETER)[1])
    assert told[:3] == block.splitlines()
    lines = (projekt.profile / "prodoppik_buchungen.yml").read_text().splitlines()
    for number in re.findall(r"\d+", told[1].split(":")[0]):
        assert re.search(r"\bBetrag\b", lines[int(number) - 1])


@pytest.fixture
def projekt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Projekt:
    projekt = bare_project(tmp_path / "stadt")
    monkeypatch.setenv("SOZCONTROL_PROJEKT", str(projekt.root))
    return projekt


def test_eine_zeile_mit_menschen_wird_nie_zum_kopf(projekt: Projekt) -> None:
    path = projekt.root / "liste.csv"
    rows = ["Name;Wohnung", *(f"Wendelgard {c};Quastenflosserweg {c}" for c in "abcdef")]
    path.write_text("\n".join([*rows, "4711;12,50"]))
    for extra in ([], ["--kopf", "2"]):
        told = rufe(projekt, "profile", str(path), *extra)
        assert "Kopf" in told and not any(k in told for k in KANARIEN)
    assert not list(projekt.profile.glob("*.yml"))


def test_ein_kaputtes_profil_haelt_nur_auf_wer_es_braucht(projekt: Projekt) -> None:
    projekt.profile.mkdir()
    (projekt.profile / "kommune.yml").write_text("id: neustadt\nname: Neustadt\n")
    (projekt.profile / "kaputt.yml").write_text("profil: kaputt\nsystem: 7\n")
    assert catalogue.kommune("neustadt").profile == ("kaputt",)
    assert catalogue.standard_kommune() == "neustadt"
    catalogue.prove()
    assert catalogue.profil("musterstadt_jugend").profil == "musterstadt_jugend"
    with pytest.raises(SozcontrolError) as caught:
        catalogue.profil("kaputt")
    assert "Zeile 2, system" in caught.value.was
    assert str(projekt.profile / "kaputt.yml") in caught.value.wo


def test_wer_tausend_euro_sagt_bekommt_den_faktor_dazu(projekt: Projekt) -> None:
    path = fremd.schreibe_hauptbuch(projekt.root)
    rufe(projekt, "profile", str(path), "--name", "hauptbuch", "--kommune", "Neustadt")
    rufe(projekt, "profile", "--entscheiden", "hauptbuch", eingabe="\n\nT€\n")
    betrag = catalogue.profil("hauptbuch").dateien[0].tabellen[0].spalten["betrag_eur"]
    assert (betrag.einheit, betrag.faktor) == ("T€", 1000)


@pytest.mark.parametrize(
    "anfaenge, konto, faktor",
    [
        ({"4": -1, "5": 1}, "421100", -1),
        ({"4": -1, "42": 1}, "421100", 1),
        ({"4": -1}, "533100", None),
    ],
    ids=["Anfang", "der längste zählt", "unbekannt"],
)
def test_ein_vorzeichen_nach_dem_anfang_des_kontos(
    anfaenge: dict[str, int], konto: str, faktor: int | None
) -> None:
    rule = {"spalte": "betrag_eur", "nach": "Konto", "faktoren": anfaenge, "am_anfang": True}
    assert Vorzeichen.model_validate(rule).faktor(konto) == faktor


def test_auch_ein_eigenes_reihenprofil_liegt_ausserhalb_des_pakets(projekt: Projekt) -> None:
    folder = projekt.profile / "reihen"
    folder.mkdir(parents=True)
    text = (ROOT / "sozcontrol/catalogue/profile_reihen/plan_ist.yml").read_text(encoding="utf-8")
    (folder / "eigene_reihe.yml").write_text(text.replace("plan_ist", "eigene_reihe"))
    assert reihenprofil("eigene_reihe").profil == "eigene_reihe"
    assert reihenprofil("plan_ist").profil == "plan_ist"
    with pytest.raises(UsageError) as caught:
        reihenprofil("eigene_reie")
    assert "Meinten Sie »eigene_reihe«?" in caught.value.tun


def test_ein_eigenes_profil_verdeckt_keines_von_sozcontrol(projekt: Projekt) -> None:
    projekt.profile.mkdir()
    path = projekt.profile / "musterstadt_jugend.yml"
    path.write_text((ROOT / "sozcontrol/catalogue/profile/musterstadt_jugend.yml").read_text())
    with pytest.raises(CatalogueError, match="gibt es schon"):
        catalogue.profil("musterstadt_jugend")


def test_ein_ordner_ueberschreibt_keine_entscheidungen(projekt: Projekt) -> None:
    folder = projekt.root / LIEFERUNG
    fremd.schreibe_alle(folder)
    with pytest.raises(UsageError, match="einzelne Datei"):
        rufe(projekt, "profile", str(folder), "--ersetzen")
    assert eigenes.namen(projekt.profile) == []


AMTLICH = """\
GENESIS-Tabelle: 22131-01-02-4
Empfänger von Leistungen;;;;
;;;Leistungsempfänger;Leistungsempfänger
;;;Hilfe zur Pflege;Eingliederungshilfe für behinderte Menschen
;;;Anzahl;Anzahl
2023;07111;Koblenz, kreisfreie Stadt;402;.
"""


def test_was_ein_mitgeliefertes_profil_liest_braucht_kein_eigenes(projekt: Projekt) -> None:
    path = projekt.root / "22131-01-02-4.csv"
    path.write_text(AMTLICH, encoding="utf-8")
    told = rufe(projekt, "profile", str(path), "--kommune", "Neustadt")
    assert "mitgelieferte Profil regionalstatistik" in told
    line = re.search(r"^  (profile: .*)$", told, re.MULTILINE)
    assert line and line[1] == "profile: [regionalstatistik]"
    own = projekt.profile / "kommune.yml"
    own.write_text(own.read_text() + line[1])
    assert catalogue.kommune("neustadt").profile == ("regionalstatistik",)
    assert "gehört schon" in rufe(projekt, "profile", str(path))
    path.write_text("Belegnummer;Betrag\n1;2,50\n", encoding="cp1252")
    assert "Das mitgelieferte" not in rufe(projekt, "profile", str(path)), (
        "a name alone proves nothing"
    )


def test_eine_andere_art_von_datei_wird_als_solche_genannt(projekt: Projekt) -> None:
    path = fremd.schreibe_hauptbuch(projekt.root)
    rufe(projekt, "profile", str(path), "--name", "hauptbuch", "--kommune", "Neustadt")
    fremd.schreibe_einwohner(projekt.root).rename(path)
    told = rufe(projekt, "profile", str(path))
    assert "Die Datei ist jetzt XLSX statt CSV" in told
