"""Three more layouts, after systems that town halls have: proposed, decided, and read as they are.

What is right is worked out from the raw files with pandas.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import fremde_dateien as fremd
import pandas as pd
import pytest
import yaml
from conftest import make_project
from mess.bauen import befunde, lies
from rendered import tables
from seiten import page
from test_vorschlag import LIEFERUNG, rufe

from sozcontrol.catalogue import Profil
from sozcontrol.press.lauf import warm
from sozcontrol.tidy import Tidied
from sozcontrol.vorschlag import Wunsch, propose, read_source
from sozcontrol.vorschlag.profiltext import overview, profile_text


@dataclass
class Gelesen:
    """A file, what was asked about it, and what came of it."""

    pfad: Path
    fragen: list[str]
    profil: Profil
    tidied: Tidied

    def zeilen(self, tabelle: str) -> pd.DataFrame:
        return pd.DataFrame(self.tidied.tables[tabelle].to_pylist())


def einlesen(schreibe: Callable[[Path], Path], ordner: Path, antworten: dict[str, str]) -> Gelesen:
    """Propose, answer the questions whose text holds a key (else take what is proposed), read."""
    pfad = schreibe(ordner)
    found = propose(read_source(pfad), "probe", Wunsch())
    text, fragen = profile_text(found, "Verfahren", "Amt"), []
    for line in text.splitlines():
        hit = re.match(r"(.*?)(\S+)  # ENTSCHEIDEN: (.*)", line)
        if hit:
            fragen.append(hit[3])
            given = next((a for k, a in antworten.items() if k in hit[3]), hit[2])
            text = text.replace(line, f"{hit[1]}{given}")
    told = text + overview(found) + "".join(fragen)
    assert not any(name.casefold() in told.casefold() for name in fremd.KANARIEN)
    profil = Profil.model_validate(yaml.safe_load(text))
    _, tidied = lies(ordner / "lieferung", {pfad.name: pfad.read_bytes()}, profil)
    return Gelesen(pfad, fragen, profil, tidied)


@pytest.fixture(scope="module")
def infoma(tmp_path_factory: pytest.TempPathFactory) -> Gelesen:
    return einlesen(fremd.schreibe_sachposten, tmp_path_factory.mktemp("infoma"), {})


@pytest.fixture(scope="module")
def gedok(tmp_path_factory: pytest.TempPathFactory) -> Gelesen:
    antworten = {"Segment dieser Zeilen?": "ambulant", "18-mal. Was heißt das?": "'27_2'",
                 "12-mal. Was heißt das?": "hilfeplan"}  # fmt: skip
    return einlesen(fremd.schreibe_fallauswertung, tmp_path_factory.mktemp("gedok"), antworten)


@pytest.fixture(scope="module")
def meso(tmp_path_factory: pytest.TempPathFactory) -> Gelesen:
    return einlesen(fremd.schreibe_planungsbezirke, tmp_path_factory.mktemp("meso"), {})


def test_alle_drei_werden_ohne_fehler_und_mit_wenigen_entscheidungen_gelesen(
    infoma: Gelesen, gedok: Gelesen, meso: Gelesen
) -> None:
    for one in (infoma, gedok, meso):
        assert befunde(one.tidied) == set()
    assert len(infoma.fragen) + len(gedok.fragen) + len(meso.fragen) <= 11
    assert not any(o.muster and "(" not in o.muster for d in gedok.profil.dateien
                   for t in d.tabellen for o in t.spalten.values())  # fmt: skip


def test_soll_und_haben_in_zwei_spalten_zaehlen_in_der_richtung_des_kontos(
    infoma: Gelesen,
) -> None:
    raw = pd.read_csv(infoma.pfad, sep="\t", encoding="cp1252", skiprows=2, dtype=str)
    raw = raw[raw["Belegnr."].notna()].fillna("0")
    soll, haben = (
        raw[c].str.replace(".", "").str.replace(",", ".").map(Decimal)
        for c in ("Sollbetrag", "Habenbetrag")
    )
    net = (soll - haben).where(~raw["Sachkontonr."].str.startswith("4"), haben - soll)
    got = infoma.zeilen("buchung").set_index("beleg_nr")["betrag_eur"]
    assert len(got) == len(raw) == 60
    assert dict(got) == dict(zip(raw["Belegnr."], net, strict=True))
    assert sum(got < 0) == 2, "the reversals"
    assert infoma.profil.dateien[0].fuss.summe, "the file's own totals are held against it"


def test_auch_ohne_konten_zaehlt_das_haben_ab(tmp_path: Path) -> None:
    kopf = "Zahlungsnummer;Hilfe-ID;Leistungsmonat;Zahltag;Soll;Haben"
    rows = [f"Z{i};H{i};03.2025;0{i}.04.2025;{i}0,50;" for i in range(1, 6)]
    (tmp_path / "Zahlungen.csv").write_text(
        "\n".join([kopf, *rows, "Z9;H9;03.2025;09.04.2025;;9,00"])
    )
    found = propose(read_source(tmp_path / "Zahlungen.csv"), "probe", Wunsch(tabelle="zahlung"))
    (rule,) = found.blaetter[0].vorzeichen
    assert (rule.spalte, rule.faktoren) == ("betrag_eur", {"Soll": 1, "Haben": -1})


def test_eine_fallauswertung_mit_zweistelligen_geburtsjahren(gedok: Gelesen) -> None:
    raw = pd.read_excel(gedok.pfad, skiprows=3, dtype={"§": str}, engine="openpyxl")
    fall, person = gedok.zeilen("fall"), gedok.zeilen("person")
    assert len(fall) == len(raw) == 70 and fall["hilfe_id"].nunique() == 70
    assert list(pd.to_datetime(fall["beginn"])) == list(raw["Hilfe vom"])
    assert fall["ende"].notna().sum() == raw["Hilfe bis"].notna().sum()
    kurz = {"27 Abs. 2": "27_2"}
    assert Counter(fall["paragraph"]) == Counter(raw["§"].map(lambda p: kurz.get(p, p)))
    assert set(fall[fall["hilfeart"] == "27_2"]["segment"]) == {"ambulant"}
    ended = {"Zielerreichung": "hilfeplan", "Zuständigkeitswechsel": "zustaendigkeit"}
    told = raw["Beendigungsgrund"].dropna().map(ended)
    assert Counter(fall["ende_grund"].dropna()) == Counter(told) and len(told) == 24
    born = pd.to_datetime(raw.drop_duplicates("Pers-ID")["geboren am"], format="%d.%m.%y")
    assert Counter(pd.to_datetime(person["geburtsmonat"]).dt.to_period("M")) == Counter(
        born.dt.to_period("M")
    )


def test_nationalitaet_ueber_geschlecht_im_kopf_wird_beides_zu_zeilen(meso: Gelesen) -> None:
    raw = pd.read_excel(meso.pfad, header=None, skiprows=5, dtype=str, engine="openpyxl")
    raw = raw[raw[1].notna()]
    got = meso.zeilen("einwohner").groupby(["staatsang_gruppe", "geschlecht"])["anzahl"].sum()
    keys = [(n, g) for n in ("deutsch", "auslaendisch") for g in "mw"]
    assert got.to_dict() == {key: raw[i].map(int).sum() for i, key in enumerate(keys, start=2)}


def test_eine_unbekannte_nationalitaet_im_kopf_wird_gefragt(tmp_path: Path) -> None:
    pfad = tmp_path / "Einwohner.csv"
    kopf = ["Bezirk;Alter;Deutsche;;Weltbürger;", ";;m;w;m;w"]
    rows = [f"01;{a};1{a};2{a};3{a};4{a}" for a in range(9)]
    pfad.write_text("\n".join([*kopf, *rows]))
    text = profile_text(propose(read_source(pfad), "probe", Wunsch()), "V", "A")
    asked = [line for line in text.splitlines() if "Steht im Kopf" in line]
    assert len(asked) == 1 and asked[0].strip().startswith("Weltbürger: ''  # ENTSCHEIDEN")


@pytest.mark.thorough
def test_alle_drei_kommen_mit_hoechstens_15_entscheidungen_in_einen_bericht(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch,
    one_zygote: Callable[..., object],
) -> None:  # fmt: skip
    """By commands alone, and a controller's answers; beside them lie three files of master data."""
    projekt = make_project(tmp_path_factory.mktemp("drei") / "stadt")
    monkeypatch.setattr(warm, "Warm", one_zygote)
    monkeypatch.setenv("SOZCONTROL_PROJEKT", str(projekt.root))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("schluessel")))
    ordner = projekt.root / LIEFERUNG
    ordner.mkdir(parents=True)
    ledger, cases, people = (
        fremd.schreibe_sachposten(ordner), fremd.schreibe_fallauswertung(ordner),
        fremd.schreibe_planungsbezirke(ordner),
    )  # fmt: skip
    for write in (fremd.schreibe_haushalt, fremd.schreibe_konten, fremd.schreibe_produkte):
        write(ordner)
    rufe(projekt, "profile", str(ordner), "--kommune", "Neustadt")
    typed = {"gedok_falluebersicht": "\n27_2\nambulant\nhilfeplan\n\n"}
    asked = [
        rufe(projekt, "profile", "--entscheiden", name, eingabe=typed.get(name, "\n" * 9))
        for name in ("gedok_falluebersicht", "haushalt_jugend", "infoma_sachposten", "kontenplan",
                     "meso_ew_planungsbezirk")
    ]  # fmt: skip
    assert all("Nichts mehr offen" in text for text in asked)
    assert sum(len(re.findall(r"^\d+ von \d+ · ", t, re.MULTILINE)) for t in asked) <= 15
    assert rufe(projekt, "check").startswith("Prüfung: 0 Fehler")
    rufe(projekt, "run", "--edition", "leitung", *("--bereich", "finanzcontrolling"),
         *("--bereich", "monitoring_jugend"))  # fmt: skip

    raw = pd.read_excel(cases, skiprows=3, engine="openpyxl")
    day = pd.Timestamp("2025-06-30")
    running = ((raw["Hilfe vom"] <= day) & ~(raw["Hilfe bis"] <= day)).sum()
    shown = tables(page(projekt, "monitoring_jugend"))
    assert ["H01", f"{running} Hilfen"] in [
        row[:3:2] for row in shown["Alle Kennzahlen des Monitorings"]
    ]
    assert people.name in {row[0] for row in shown["Herkunft der Zahlen"]}

    booked = pd.read_csv(ledger, sep="\t", encoding="cp1252", skiprows=2, dtype=str)
    booked = booked[booked["Belegnr."].notna()].fillna("0")
    booked = booked[pd.to_datetime(booked["Buchungsdatum"], format="%d.%m.%Y") <= day]
    soll, haben = (
        booked[c].str.replace(".", "").str.replace(",", ".").map(Decimal)
        for c in ("Sollbetrag", "Habenbetrag")
    )
    found = tables(page(projekt, "finanzcontrolling"))["Zuschussbedarf je Teilhaushalt"]
    (row,) = (r for r in found if r[0] == "51 Jugendamt")
    assert row[5] == str(round((soll - haben).sum() / 1000))
