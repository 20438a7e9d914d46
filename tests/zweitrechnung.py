"""Musterstadt's figures once more, in plain pandas, from the files its offices deliver.

Nothing here imports the package: what it counts, and how it reads a file, must not be able to hide
a fault of its own. The words of the source systems are written out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from pathlib import Path

import pandas as pd


def betrag(text: str) -> Decimal:
    """Read »1.234,50-« as the ledger writes it."""
    plain = text.strip().replace(".", "").replace(",", ".")
    return -Decimal(plain[:-1]) if plain.endswith("-") else Decimal(plain)


def tag(text: pd.Series) -> pd.Series:
    """Read German dates; what is none (an open end) is empty."""
    return pd.to_datetime(text, format="%d.%m.%Y", errors="coerce")


@dataclass(frozen=True)
class Dateien:
    """The delivered files of one Stichtag."""

    ordner: Path
    stichtag: date

    def csv(self, name: str, *, kopf: int, kodierung: str = "cp1252") -> pd.DataFrame:
        path = self.ordner / f"{name}_{self.stichtag:%Y%m%d}.csv"
        return pd.read_csv(path, sep=";", skiprows=kopf, encoding=kodierung, dtype=str)

    @cached_property
    def hauptbuch(self) -> pd.DataFrame:
        """Social bookings: ``jahr, periode, am, monat, produkt, art, betrag`` (income positive)."""
        rows = self.csv("SAP_Einzelposten", kopf=3)
        rows = rows[rows["GJahr"].notna()]  # totals of a product have no year
        konten = self.csv("Kontenzuordnung", kopf=1, kodierung="utf-8-sig")
        rows = rows.merge(konten, left_on="Sachkonto", right_on="konto")
        rows = rows[rows["ist_soziale_sicherung"] == "ja"]
        sign = rows["konto_art"].map({"aufwand": 1, "ertrag": -1})
        amounts = [betrag(b) * int(s) for b, s in zip(rows["Betrag"], sign, strict=True)]
        frame = pd.DataFrame(
            {
                "jahr": rows["GJahr"].astype(int), "periode": rows["Per"].astype(int),
                "am": tag(rows["Buchungsdatum"]), "produkt": rows["Produkt"],
                "monat": pd.to_datetime(rows["Leistungsmonat"], format="%Y/%m"),
                "art": rows["konto_art"], "betrag": amounts,
            }
        )  # fmt: skip
        return self._mit_produkt(frame)

    @cached_property
    def haushalt(self) -> pd.DataFrame:
        """Social budget rows: ``jahr, produkt, art, ab, betrag``; a Sperre is none."""
        rows = pd.concat([self._plan(), self._veraenderungen()], ignore_index=True)
        konten = self.csv("Kontenzuordnung", kopf=1, kodierung="utf-8-sig")
        rows = rows.merge(konten, on="konto")
        rows = rows[rows["ist_soziale_sicherung"] == "ja"]
        return self._mit_produkt(rows.assign(art=rows["konto_art"]))

    def _plan(self) -> pd.DataFrame:
        path = self.ordner / f"Haushalt_Plan_{self.stichtag:%Y%m%d}.xlsx"
        plan = pd.read_excel(path, sheet_name="Plan", header=None, dtype=str, engine="openpyxl")
        kopf = plan.index[plan[0] == "Produkt"][0]
        was, jahre = plan.loc[kopf].ffill(), plan.loc[kopf + 1]
        rows = plan.loc[kopf + 2 :]
        first = {"Ansatz": "01-01", "Übertragung": "03-15"}
        parts = [
            pd.DataFrame(
                {
                    "jahr": int(jahre[c]), "produkt": rows[0], "konto": rows[2],
                    "ab": pd.Timestamp(f"{jahre[c]}-{first[was[c]]}"), "teur": rows[c],
                }
            )
            for c in plan.columns[3:]
        ]  # fmt: skip
        long = pd.concat(parts).dropna(subset="teur")
        return long.assign(betrag=[Decimal(t) * 1000 for t in long.pop("teur")])

    def _veraenderungen(self) -> pd.DataFrame:
        rows = self.csv("Haushalt_Veraenderungen", kopf=2)
        rows = rows[rows["Produkt"].notna() & (rows["Art der Veränderung"] != "Haushaltssperre")]
        return pd.DataFrame(
            {
                "jahr": rows["Haushaltsjahr"].astype(int), "produkt": rows["Produkt"],
                "konto": rows["Sachkonto"], "ab": tag(rows["Wirksam ab"]),
                "betrag": rows["Betrag (€)"].map(betrag),
            }
        )  # fmt: skip

    @cached_property
    def hilfen(self) -> pd.DataFrame:
        """Hilfen by number: ``person, paragraph, leistungsart, form, beginn, ende``."""
        rows = self.csv("WJH_Hilfen", kopf=1)
        rows = rows[rows["Beginn"].notna()]
        frame = pd.DataFrame(
            {
                "hilfe": rows["Hilfe-Nr"], "person": rows["Pers.-Nr"],
                "paragraph": rows["Rechtsgrundlage"], "leistungsart": rows["Leistungsart"],
                "form": rows["Form"], "beginn": tag(rows["Beginn"]), "ende": tag(rows["Ende"]),
            }
        )  # fmt: skip
        ohne = ("Mutter-/Vater", "Notsituation", "Inobhutnahme")
        keine = frame["leistungsart"].str.contains("|".join(ohne), regex=True)
        return frame.assign(ist_hze=~keine).set_index("hilfe")

    @cached_property
    def zahlungen(self) -> pd.DataFrame:
        """Payments: ``hilfe, monat, am, betrag``, of what kind, and for which Hilfe."""
        rows = self.csv("WJH_Zahlliste", kopf=1)
        rows = rows[rows["Hilfe-Nr"].notna()]
        frame = pd.DataFrame(
            {
                "hilfe": rows["Hilfe-Nr"],
                "monat": pd.to_datetime(rows["Leistungsmonat"], format="%m/%Y"),
                "am": tag(rows["Buchung am"]),
                "betrag": [betrag(b) for b in rows["Betrag (€)"]],
                "ist_brutto": rows["Art"].isin(["Leistung", "Rückrechnung"]),
            }
        )  # fmt: skip
        return frame.join(self.hilfen[["paragraph", "leistungsart", "form", "ist_hze"]], on="hilfe")

    @cached_property
    def produkte(self) -> pd.DataFrame:
        return self.csv("Produktzuordnung", kopf=1, kodierung="utf-8-sig")

    def _mit_produkt(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Add what a product is; local numbers differ before and after the new plan."""
        facts = self.produkte.set_index("produkt_lokal")
        assert facts.index.is_unique
        named = ("produktgruppe", "hilfeart", "segment", "paragraph", "leistungsbereich")
        return rows.assign(**{c: rows["produkt"].map(facts[c]) for c in named})

    def ist(self, jahr: int, art: str, bis: date | None = None) -> pd.Series:
        """Return by product group what is booked for *jahr*, all of it or up to a day."""
        rows = self.hauptbuch
        rows = rows[(rows["jahr"] == jahr) & (rows["art"] == art)]
        rows = rows if bis is None else rows[rows["am"] <= pd.Timestamp(bis)]
        return rows.groupby("produktgruppe")["betrag"].sum()

    def ansatz(self, jahr: int, art: str, bis: date) -> pd.Series:
        """Return by product group the amended budget on a day."""
        rows = self.haushalt
        rows = rows[(rows["jahr"] == jahr) & (rows["art"] == art)]
        rows = rows[rows["ab"] <= pd.Timestamp(bis)]
        return rows.groupby("produktgruppe")["betrag"].sum()
