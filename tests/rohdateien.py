"""The files of Musterstadt's offices as pandas frames, read without anything of sozcontrol.

What a file means is read from the file and said here once more: encodings, German numbers, what a
Leistungsart is called, what is a total and no record. Amounts are exact.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pandas as pd

# Hilfen zur Erziehung by their legal basis: §§ 27–35a and § 41 (so neither § 19, § 20 nor § 42).
HZE = ["27", "28", "29", "30", "31", "32", "33", "34", "35", "35a", "41"]
FORMEN = {
    "Mutter-/Vater-Kind-Einrichtung": "19",
    "Versorgung in Notsituationen": "20",
    "Sonstige erzieherische Hilfe": "27_2",
    "Erziehungsberatung": "28",
    "Soziale Gruppenarbeit": "29",
    "Erziehungsbeistandschaft": "30",
    "Sozialpäd. Familienhilfe": "31",
    "Tagesgruppe": "32",
    "Vollzeitpflege": "33",
    "Heimerziehung/betr. Wohnform": "34",
    "Intensive sozialpäd. Einzelbetreuung": "35",
    "Eingliederungshilfe seel. Behinderung": "35a",
    "Inobhutnahme": "42",
}
UNBEKANNT = "unbekannt"
# The last group has no end.
ALTERSGRUPPEN = {"0–5": 0, "6–11": 6, "12–17": 12, "18–20": 18, "21+": 21}


@dataclass(frozen=True)
class Datei:
    """How a CSV file is written, and how its records are told from totals and footers."""

    kodierung: str
    titelzeilen: int
    kennung: str
    betrag: str = ""


DATEIEN = {
    "WJH_Hilfen": Datei("cp1252", 1, r"H\d{7}"),
    "WJH_Personen": Datei("cp1252", 1, r"\d{8}"),
    "WJH_Zahlliste": Datei("cp1252", 1, r"Z\d{8}", betrag="Betrag (€)"),
    "SAP_Einzelposten": Datei("cp1252", 3, r"\d{10}", betrag="Betrag"),
    "Haushalt_Veraenderungen": Datei("cp1252", 2, r"\d{4}"),
    "Kontenzuordnung": Datei("utf-8-sig", 1, r"\d+"),
    "Produktzuordnung": Datei("utf-8-sig", 1, r"\d+"),
    "Kita_Sozialraumbudget": Datei("utf-8-sig", 2, r"\d{4}"),
}


def lies(ordner: Path, name: str) -> pd.DataFrame:
    """Return the records of a CSV file as text, as many and as much as its footer says."""
    (pfad,) = ordner.glob(f"{name}_*.csv")
    art = DATEIEN[name]
    zeilen = pd.read_csv(
        pfad, sep=";", encoding=art.kodierung, skiprows=art.titelzeilen, dtype=str,
        keep_default_na=False,
    )  # fmt: skip
    erste = zeilen.iloc[:, 0]
    saetze = zeilen[erste.str.fullmatch(art.kennung)].reset_index(drop=True)
    for anzahl in erste.str.extract(r"^Anzahl Datensätze: (\d+)$", expand=False).dropna():
        assert len(saetze) == int(anzahl), pfad.name
    if art.betrag:
        (gesamt,) = zahlen(zeilen.loc[erste == "Gesamtsumme", art.betrag])
        assert sum(zahlen(saetze[art.betrag])) == gesamt, pfad.name
    return saetze


def tage(spalte: pd.Series) -> pd.Series:
    """Read German dates; empty cells and the 31.12.9999 of the Fachverfahren are open."""
    return pd.to_datetime(spalte.mask(spalte.isin(["", "31.12.9999"])), format="%d.%m.%Y")


def zahlen(spalte: pd.Series) -> pd.Series:
    """Read ``1.206,40`` and SAP's trailing minus, ``1.206,40-``, as exact Decimals."""
    vorn = spalte.str.replace(r"^(.+)-$", r"-\1", regex=True)
    return vorn.str.replace(".", "").str.replace(",", ".").map(Decimal)


def lies_hilfen(ordner: Path, tag: pd.Timestamp) -> pd.DataFrame:
    """Return one row a Hilfe, with what the list of persons adds."""
    liste = lies(ordner, "WJH_Hilfen")
    personen = lies(ordner, "WJH_Personen").set_index("Pers.-Nr")
    wohnraum = liste["Pers.-Nr"].map(personen["Sozialraum"])
    hilfen = liste.assign(
        paragraph=liste["Rechtsgrundlage"].str.extract(r"^§ (\d+a?)", expand=False),
        hilfeart=liste["Leistungsart"].map(FORMEN),
        fachkraft_org=liste["Org.-Einheit"],
        geboren=tage(liste["Pers.-Nr"].map(personen["Geburtsdatum"]).fillna("")),
        sozialraum=liste["Sozialraum"].where(liste["Sozialraum"].str.startswith("SR"), wohnraum),
        **{neu: tage(liste[alt]) for neu, alt in {
            "beginn": "Beginn", "ende": "Ende", "antrag": "Antrag vom", "plan": "Hilfeplan vom",
        }.items()},
    )  # fmt: skip
    assert hilfen["Hilfe-Nr"].is_unique and hilfen["hilfeart"].notna().all()
    return _ergaenzt(hilfen, tag)


def _ergaenzt(hilfen: pd.DataFrame, tag: pd.Timestamp) -> pd.DataFrame:
    """Add what follows from the columns: HzE or not, the age on *tag*, the person's next Hilfe."""
    hze = hilfen["paragraph"].isin(HZE)
    name = hilfen["sozialraum"].str.extract(r"^SR\d\d (.+)", expand=False)
    # Of a birthday only the month is known to the reports; Stichtage are ends of months.
    alter = tag.year - hilfen["geboren"].dt.year - (hilfen["geboren"].dt.month > tag.month)
    grenzen = [*ALTERSGRUPPEN.values(), 200]
    gruppe = pd.cut(alter, grenzen, right=False, labels=list(ALTERSGRUPPEN))
    return hilfen.assign(
        sozialraum=name.fillna(UNBEKANNT),
        hze=hze,
        alter=alter,
        altersgruppe=gruppe.astype("object").fillna(UNBEKANNT),
        folge_hze=tage_bis_folge(hilfen, hilfen[hze]),
        folge_fremd=tage_bis_folge(hilfen, hilfen[hze & hilfen["hilfeart"].isin(["33", "34"])]),
    )


def tage_bis_folge(hilfen: pd.DataFrame, neue: pd.DataFrame) -> pd.Series:
    """Return the days from the end of each Hilfe to the person's next one among *neue*."""
    paare = hilfen.reset_index().merge(neue, on="Pers.-Nr", suffixes=("", "_neu"))
    paare = paare[paare["beginn_neu"] > paare["ende"]]
    abstand = (paare["beginn_neu"] - paare["ende"]).dt.days
    return abstand.groupby(paare["index"]).min().reindex(hilfen.index)


def lies_zahlungen(ordner: Path, hilfen: pd.DataFrame) -> pd.DataFrame:
    """Return the payments, each with the Hilfe it was made for."""
    liste = lies(ordner, "WJH_Zahlliste")
    zahlungen = pd.DataFrame({
        "Hilfe-Nr": liste["Hilfe-Nr"],
        "art": liste["Art"],
        "einheit": liste["Einheit"],
        "betrag": zahlen(liste["Betrag (€)"]),
        "menge": liste["Menge"].str.replace(",", ".").map(Decimal),
        "leistung": pd.to_datetime("01/" + liste["Leistungsmonat"], format="%d/%m/%Y"),
        "gebucht": tage(liste["Buchung am"]),
    })  # fmt: skip
    merkmale = ["Hilfe-Nr", "hze", "hilfeart", "Form", "FLS/Monat", "sozialraum", "fachkraft_org"]
    return zahlungen.merge(hilfen[merkmale], on="Hilfe-Nr", validate="many_to_one")


def lies_buchungen(ordner: Path) -> pd.DataFrame:
    """Return the ledger. SAP shows income as minus; here an amount counts in its direction."""
    posten = lies(ordner, "SAP_Einzelposten")
    betrag = zahlen(posten["Betrag"])
    buchungen = pd.DataFrame({
        "produkt": posten["Produkt"],
        "konto": posten["Sachkonto"],
        "jahr": posten["GJahr"].astype(int),
        "gebucht": tage(posten["Buchungsdatum"]),
        "leistung": pd.to_datetime(posten["Leistungsmonat"] + "/01", format="%Y/%m/%d"),
        "betrag": betrag.where(posten["A/E"] == "A", -betrag),
    })  # fmt: skip
    zugeordnet = _zugeordnet(ordner, buchungen)
    assert (zugeordnet["richtung"].str[0].str.upper() == posten["A/E"]).all()
    return zugeordnet


def lies_ansaetze(ordner: Path) -> pd.DataFrame:
    """Return the budget: the plan, in T€, and its changes, in €."""
    (datei,) = ordner.glob("Haushalt_Plan_*.xlsx")
    blatt = pd.read_excel(datei, header=[4, 5], dtype=str, engine="openpyxl")
    blatt = blatt[blatt.iloc[:, 0].str.fullmatch(r"\d+")]
    plan = [
        pd.DataFrame({
            "produkt": blatt.iloc[:, 0], "konto": blatt.iloc[:, 2], "jahr": int(jahr), "art": art,
            # Transfers of the year before are decided with its accounts, in the middle of March.
            "ab": pd.Timestamp(int(jahr), *((3, 15) if art == "Übertragung" else (1, 1))),
            "betrag": blatt[art, jahr].map(Decimal, na_action="ignore") * 1000,
        })
        for art, jahr in blatt.columns
        if art in ("Ansatz", "Übertragung")
    ]  # fmt: skip
    liste = lies(ordner, "Haushalt_Veraenderungen")
    aenderungen = pd.DataFrame({
        "produkt": liste["Produkt"], "konto": liste["Sachkonto"],
        "jahr": liste["Haushaltsjahr"].astype(int), "art": liste["Art der Veränderung"],
        "ab": tage(liste["Wirksam ab"]), "betrag": zahlen(liste["Betrag (€)"]),
    })  # fmt: skip
    alle = pd.concat([*plan, aenderungen], ignore_index=True)
    return _zugeordnet(ordner, alle[alle["betrag"].notna()])


def lies_hilfenbudgets(ordner: Path) -> pd.DataFrame:
    """Return what each Sozialraum may spend on Hilfen zur Erziehung in a year."""
    liste = lies(ordner, "Kita_Sozialraumbudget")
    liste = liste[liste["Zweck"] == "Hilfen zur Erziehung"]
    return pd.DataFrame({
        "sozialraum": liste["Sozialraum"].str.split(n=1).str[1],
        "jahr": liste["Jahr"].astype(int), "betrag": zahlen(liste["zugewiesen (€)"]),
    })  # fmt: skip


def _zugeordnet(ordner: Path, zeilen: pd.DataFrame) -> pd.DataFrame:
    """Say of each row its direction, its product group, and whether it is soziale Sicherung."""
    konten = lies(ordner, "Kontenzuordnung").set_index("konto")
    produkte = lies(ordner, "Produktzuordnung").set_index("produkt_lokal")
    mit = zeilen.assign(
        richtung=zeilen["konto"].map(konten["konto_art"]),
        sozial=zeilen["konto"].map(konten["ist_soziale_sicherung"]),
        produktgruppe=zeilen["produkt"].map(produkte["produktgruppe"]),
    )
    assert mit[["richtung", "sozial", "produktgruppe"]].notna().all(axis=None)
    return mit.assign(sozial=mit["sozial"] == "ja")


def lies_einwohner(ordner: Path, tag: pd.Timestamp) -> pd.DataFrame:
    """Return residents by area and year of age at the last count up to *tag*."""
    (datei,) = ordner.glob("Einwohner_*.xlsx")
    blatt = pd.read_excel(datei, header=[3, 4], dtype=str, engine="openpyxl")
    blatt.index = pd.MultiIndex.from_arrays([blatt.pop(s) for s in list(blatt.columns[:2])])
    lang = blatt.stack([0, 1], future_stack=True).rename_axis(["stand", "alter", "gebiet", "g"])
    zeilen = lang.dropna().astype(int).rename("anzahl").reset_index()
    zeilen = zeilen[zeilen["alter"].str.fullmatch(r"\d+")]
    stand = tage(zeilen["stand"])
    zeilen = zeilen[stand == stand[stand <= tag].max()]
    return zeilen.assign(
        alter=zeilen["alter"].astype(int), gebiet=zeilen["gebiet"].str.split(n=1).str[1]
    )


@dataclass(frozen=True)
class Rohdaten:
    """A delivery as its files tell it, of the whole city or of one group."""

    tag: pd.Timestamp
    hilfen: pd.DataFrame
    zahlungen: pd.DataFrame
    buchungen: pd.DataFrame
    ansaetze: pd.DataFrame
    einwohner: pd.DataFrame
    hilfenbudgets: pd.DataFrame
    gebiet: str = "Musterstadt"

    @property
    def jahresbeginn(self) -> pd.Timestamp:
        return pd.Timestamp(self.tag.year, 1, 1)

    @property
    def vorjahresende(self) -> pd.Timestamp:
        return pd.Timestamp(self.tag.year - 1, 12, 31)

    @property
    def jahr_vorbei(self) -> bool:
        return self.tag.is_year_end

    @property
    def hze(self) -> pd.DataFrame:
        return self.hilfen[self.hilfen["hze"]]

    def bewohner(self, ab: int = 0, unter: int = 200) -> int:
        """Return how many people from *ab* to below *unter* years live in the area."""
        hier = self.einwohner[self.einwohner["gebiet"] == self.gebiet]
        return int(hier.loc[hier["alter"].between(ab, unter - 1), "anzahl"].sum())

    def gruppen(self, spalte: str) -> list[str]:
        frames = (self.hilfen, self.buchungen, self.ansaetze)
        return sorted({w for f in frames if spalte in f for w in f[spalte].dropna()})

    def je(self, spalte: str, gruppe: str) -> Rohdaten:
        """Return the rows of *gruppe*. Residents live in a Sozialraum, but have no Hilfeart."""
        eng = {
            name: tafel[tafel[spalte] == gruppe]
            for name in ("hilfen", "zahlungen", "buchungen", "ansaetze", "hilfenbudgets")
            if spalte in (tafel := getattr(self, name)).columns
        }
        return replace(self, **eng, gebiet=gruppe if spalte == "sozialraum" else self.gebiet)


def lies_rohdaten(ordner: Path, stichtag: date) -> Rohdaten:
    """Return what lies in the folder of one delivery."""
    tag = pd.Timestamp(stichtag)
    hilfen = lies_hilfen(ordner, tag)
    return Rohdaten(
        tag,
        hilfen,
        lies_zahlungen(ordner, hilfen),
        lies_buchungen(ordner),
        lies_ansaetze(ordner),
        lies_einwohner(ordner, tag),
        lies_hilfenbudgets(ordner),
    )
