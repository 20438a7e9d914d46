"""A delivery of Musterstadt twice: through intake and tidy, and as plain pandas from the raw file.

The second way uses nothing of the package but the demo that writes the files.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import ibis
import pandas as pd
import pytest

from sozcontrol import catalogue, measures
from sozcontrol.demo import dateien, make_city
from sozcontrol.intake import read_delivery
from sozcontrol.tidy import Pseudonymiser, to_tables


class Daten(SimpleNamespace):
    """Tidied tables as ``store.open_data`` would give them."""

    def __getitem__(self, name: str) -> ibis.Table:
        return self.con.table(name)


def liefere(
    ziel: Path, stichtag: date, profile: tuple[str, ...], ohne: str = ""
) -> tuple[Path, Daten]:
    """Write the files of a delivery that these profiles read but one, and read them."""
    stand = stichtag + timedelta(days=21)
    ordner = ziel / stichtag.isoformat() / stand.isoformat()
    kommune = catalogue.kommune("musterstadt").model_copy(update={"profile": profile})
    muster = [d.muster for p in profile for d in catalogue.profil(p).dateien if d.muster]
    alle = dateien._dateien(make_city(), stichtag, stand)
    # A name of a delivery ends with the Stichtag: »UVG_Monatswerte.csv« is »UVG_Monatswerte_….csv«.
    namen = {n: Path(n.replace(".", "_.")) for n in alle}
    gelesene = {
        n: alle[n] for n, datei in namen.items() if n != ohne and any(map(datei.match, muster))
    }
    dateien._schreibe(ordner, gelesene, stichtag)
    gelesen = read_delivery(ordner, kommune, stichtag=stichtag, datenstand=stand)
    tabellen = to_tables(gelesen, Pseudonymiser(b"k" * 32, "test"))
    con = ibis.duckdb.connect()
    for name, table in tabellen.tables.items():
        con.con.register(name, table)
    names = tuple(tabellen.tables)
    days = {"stichtag": stichtag, "datenstand": stand}
    return ordner, Daten(con=con, **days, tabellen=names, kommune=kommune)


def roh(ordner: Path, name: str, kodierung: str, kopf: int = 2) -> pd.DataFrame:
    """Read one CSV report as a person would: *kopf* lines of title, a footer in one cell."""
    (pfad,) = ordner.glob(f"{name}_*.csv")
    frame = pd.read_csv(
        pfad, sep=";", encoding=kodierung, skiprows=kopf, dtype=str, keep_default_na=False
    )
    frame = frame[~frame.iloc[:, 0].str.startswith("Anzahl Datensätze")].copy()
    if "Monat" in frame:
        frame["Monat"] = pd.to_datetime(frame["Monat"], format="%m/%Y")
    return frame


def euro(spalte: pd.Series) -> pd.Series:
    """Read amounts exactly, in cents."""
    return spalte.str.replace(".", "").str.replace(",", "").astype("int64")


def ganz(spalte: pd.Series) -> pd.Series:
    return spalte.astype("int64")


def einwohner(ordner: Path, stichtag: date) -> Callable[..., int]:
    """Return a count of people by age from the sheet: the last state up to *stichtag*."""
    (pfad,) = ordner.glob("Einwohner_*.xlsx")
    blatt = pd.read_excel(pfad, sheet_name="Einwohner", header=None, skiprows=3, engine="openpyxl")
    oben, unten = blatt.iloc[0].ffill(), blatt.iloc[1]
    zeilen = blatt.iloc[2:]
    tage = pd.to_datetime(zeilen[0].ffill(), format="%d.%m.%Y", errors="coerce")
    alter = pd.to_numeric(zeilen[1], errors="coerce")

    def zaehle(von: int, unter: int, am: date = stichtag, gebiet: str = "ST") -> int:
        spalten = [c for c in blatt if str(oben[c]).startswith(gebiet) and unten[c] in ("m", "w")]
        stand = max(t for t in tage.dropna() if t.date() <= am)
        gewaehlt = zeilen[(tage == stand) & (alter >= von) & (alter < unter)]
        return int(gewaehlt[spalten].apply(pd.to_numeric).to_numpy().sum())

    return zaehle


def abweichungen(daten: Daten, soll: Mapping[str, Fraction]) -> dict[str, tuple[object, float]]:
    """Return the Kennzahlen that are not what the files give: the one value and the other."""
    ist = {z.id: z.wert for z in measures.alle(daten, ids=soll)}
    return {
        id_: (ist[id_], float(bruch)) for id_, bruch in soll.items()
        if ist[id_] != pytest.approx(Decimal(bruch.numerator) / bruch.denominator)
    }  # fmt: skip
