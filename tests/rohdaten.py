"""The raw files of Musterstadt in plain pandas, for recomputations that owe the engine nothing.

Nothing here imports ``sozcontrol``. Amounts are whole cents, dates are ``Timestamp``, texts are
those of the files; words of the source systems stay as they are.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import pandas as pd

KEINE_HZE = {
    "Mutter-/Vater-Kind-Einrichtung", "Versorgung in Notsituationen", "Inobhutnahme",
}  # fmt: skip
"""What the list of Hilfen holds beside Hilfen zur Erziehung (§§ 19, 20, 42)."""


def cents(text: pd.Series) -> pd.Series:
    """Return German amounts (``1.234,56`` and SAP's ``1.234,56-``) as whole cents."""
    minus = text.str.endswith("-")
    digits = text.str.replace("-", "").str.replace(".", "").str.replace(",", "")
    return digits.astype("int64").where(~minus, -digits.astype("int64"))


def tage(text: pd.Series) -> pd.Series:
    """Return ``TT.MM.JJJJ`` as dates, empty ones as NaT; »31.12.9999« is no end."""
    return pd.to_datetime(text.where(text != "31.12.9999", ""), format="%d.%m.%Y", errors="coerce")


class Rohdaten:
    """One delivery folder; every table is read once, straight from its file."""

    def __init__(self, ordner: Path) -> None:
        self.ordner = ordner

    def _pfad(self, stamm: str) -> Path:
        (path,) = self.ordner.glob(f"{stamm}_*")
        return path

    def _csv(self, stamm: str, kopf: int, kodierung: str = "cp1252") -> pd.DataFrame:
        with self._pfad(stamm).open(encoding=kodierung, newline="") as file:
            rows = list(csv.reader(file, delimiter=";"))[kopf:]
        width = len(rows[0])
        padded = [row + [""] * (width - len(row)) for row in rows[1:]]
        return pd.DataFrame(padded, columns=rows[0], dtype=str)

    @cached_property
    def produkte(self) -> pd.DataFrame:
        """The mapping of products, ``von``/``bis`` as years."""
        p = self._csv("Produktzuordnung", 1, "utf-8")
        p["von"] = p["gueltig_von"].str[:4].astype(int)
        p["bis"] = p["gueltig_bis"].str[:4].where(p["gueltig_bis"] != "", "9999").astype(int)
        return p

    @cached_property
    def konten(self) -> pd.DataFrame:
        k = self._csv("Kontenzuordnung", 1, "utf-8")
        return k.assign(sozial=k["ist_soziale_sicherung"] == "ja")

    def _mit_zuordnung(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Join the mapping in force in the budget year, and the kind of the account."""
        p = self.produkte.rename(columns={"produkt_lokal": "produkt"})
        joined = rows.merge(p, on="produkt", how="left")
        joined = joined[(joined["von"] <= joined["jahr"]) & (joined["jahr"] <= joined["bis"])]
        assert len(joined) == len(rows), "every row has one mapping"
        out = joined.merge(self.konten, on="konto", how="left")
        assert out["konto_art"].notna().all()
        return out

    @cached_property
    def buchungen(self) -> pd.DataFrame:
        """The ledger; income turned positive, in cents."""
        b = self._csv("SAP_Einzelposten", 3)
        b = b[b["Belegnr"].str.fullmatch(r"\d{10}")]
        betrag = cents(b["Betrag"])
        rows = pd.DataFrame(
            {
                "jahr": b["GJahr"].astype(int), "periode": b["Per"].astype(int),
                "am": tage(b["Buchungsdatum"]), "produkt": b["Produkt"], "konto": b["Sachkonto"],
                "monat": pd.to_datetime(b["Leistungsmonat"], format="%Y/%m", errors="coerce"),
                "cent": betrag.where(b["A/E"] == "A", -betrag),
            }
        )  # fmt: skip
        return self._mit_zuordnung(rows)

    @cached_property
    def budget(self) -> pd.DataFrame:
        """Plan, Übertragungen and every change with its day; in cents."""
        plan = pd.read_excel(
            self._pfad("Haushalt_Plan"), header=None, dtype=object, engine="openpyxl"
        )
        kopf = plan.iloc[4].ffill().astype(str) + " " + plan.iloc[5].astype(str)
        parts = []
        for spalte in range(3, plan.shape[1]):
            art, jahr = kopf[spalte].rsplit(" ", 1)
            rows = plan.iloc[6:][[0, 2, spalte]].dropna()
            tag = "01-01" if art == "Ansatz" else "03-15"
            parts.append(
                pd.DataFrame(
                    {"jahr": int(jahr), "produkt": rows[0].astype(str),
                     "konto": rows[2].astype(str), "art": art, "ab": pd.Timestamp(f"{jahr}-{tag}"),
                     "cent": rows[spalte].astype(int) * 100_000}
                )
            )  # fmt: skip
        v = self._csv("Haushalt_Veraenderungen", 2)
        v = v[v["Haushaltsjahr"].str.fullmatch(r"\d{4}")]
        parts.append(
            pd.DataFrame(
                {"jahr": v["Haushaltsjahr"].astype(int), "produkt": v["Produkt"],
                 "konto": v["Sachkonto"], "art": v["Art der Veränderung"],
                 "ab": tage(v["Wirksam ab"]), "cent": cents(v["Betrag (€)"])}
            )
        )  # fmt: skip
        return self._mit_zuordnung(pd.concat(parts, ignore_index=True))

    @cached_property
    def obligo(self) -> pd.DataFrame:
        o = self._csv("Haushalt_Obligo", 2)
        o = o[o["Haushaltsjahr"].str.fullmatch(r"\d{4}")]
        rows = pd.DataFrame(
            {"jahr": o["Haushaltsjahr"].astype(int), "produkt": o["Produkt"],
             "konto": o["Sachkonto"], "stand": tage(o["Stand"]),
             "bestellt": cents(o["Bestellt (€)"]), "gesperrt": cents(o["Gesperrt (€)"])}
        )  # fmt: skip
        return self._mit_zuordnung(rows)

    @cached_property
    def gesamt(self) -> pd.DataFrame:
        g = self._csv("Haushalt_Gesamt", 2)
        return pd.DataFrame(
            {"jahr": g["Haushaltsjahr"].astype(int), "art": g["Art"], "stand": tage(g["Stand"]),
             "aufwand": cents(g["Aufwendungen (€)"]), "ertrag": cents(g["Erträge (€)"])}
        )  # fmt: skip

    def ist(self, stichtag: str, art: str, *, sozial: bool | None = True) -> pd.DataFrame:
        """The bookings of the Stichtag's budget year up to it; *sozial* None: all accounts."""
        b, day = self.buchungen, pd.Timestamp(stichtag)
        b = b[(b["jahr"] == day.year) & (b["am"] <= day) & (b["konto_art"] == art)]
        return b if sozial is None else b[b["sozial"] == sozial]

    def ansatz(self, stichtag: str, art: str, *, sozial: bool | None = True) -> pd.DataFrame:
        """The budget rows in force on the Stichtag, without Sperren."""
        b, day = self.budget, pd.Timestamp(stichtag)
        b = b[(b["jahr"] == day.year) & (b["ab"] <= day) & (b["konto_art"] == art)]
        b = b[b["art"] != "Haushaltssperre"]
        return b if sozial is None else b[b["sozial"] == sozial]

    def netto(
        self, stichtag: str, je: Sequence[str], *, sozial: bool | None = None
    ) -> pd.DataFrame:
        """Budget and actual net (Aufwand − Ertrag) per *je*, in cents."""
        teile = {}
        for name, lies in (("ansatz", self.ansatz), ("ist", self.ist)):
            auf, ert = (
                lies(stichtag, art, sozial=sozial).groupby(list(je))["cent"].sum()
                for art in ("aufwand", "ertrag")
            )
            teile[name] = auf.sub(ert, fill_value=0).astype("int64")
        return pd.DataFrame(teile).fillna(0).astype("int64")

    @cached_property
    def hilfen(self) -> pd.DataFrame:
        """The list of Hilfen, with month of birth and sex of the person; words as delivered."""
        h = self._csv("WJH_Hilfen", 1)
        h = h[h["Hilfe-Nr"].str.fullmatch(r"H\d{7}")]
        p = self._csv("WJH_Personen", 1)
        p = p.assign(geboren=tage(p["Geburtsdatum"]))
        h = h.merge(p[["Pers.-Nr", "geboren", "Geschlecht"]], on="Pers.-Nr", how="left")
        return h.assign(
            beginn=tage(h["Beginn"]), ende=tage(h["Ende"]), antrag=tage(h["Antrag vom"]),
            hze=~h["Leistungsart"].isin(KEINE_HZE),
        )  # fmt: skip

    @cached_property
    def zahlungen(self) -> pd.DataFrame:
        """The list of payments in cents, with kind, form and basis of the Hilfe."""
        z = self._csv("WJH_Zahlliste", 1)
        z = z[z["Zahl-Nr"].str.fullmatch(r"Z\d{8}")]
        z = z.assign(
            cent=cents(z["Betrag (€)"]), am=tage(z["Buchung am"]),
            monat=pd.to_datetime(z["Leistungsmonat"], format="%m/%Y"),
        )  # fmt: skip
        h = self.hilfen[["Hilfe-Nr", "Leistungsart", "Form", "Rechtsgrundlage", "hze"]]
        return z.merge(h, on="Hilfe-Nr", how="left")

    def belegte_tage(self, von: str, bis: str) -> pd.Series:
        """Days of service of every Hilfe zur Erziehung in (von, bis]; the day of the end counts."""
        h, a, b = self.hilfen, pd.Timestamp(von), pd.Timestamp(bis)
        h = h[h["hze"]]
        erster = h["beginn"].clip(lower=a + pd.Timedelta(days=1))
        letzter = h["ende"].fillna(b).clip(upper=b)
        return ((letzter - erster).dt.days + 1).clip(lower=0).set_axis(h.index)
