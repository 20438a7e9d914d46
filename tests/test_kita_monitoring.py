"""Kita-Monitoring: every Kennzahl against the raw files, counted again in plain pandas."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pandas as pd
import pytest
from monatsdateien import Daten, abweichungen, einwohner, euro, ganz, liefere, roh
from stichprobe import probe
from tafel import Stadt

from sozcontrol import measures
from sozcontrol.demo.kindertagesbetreuung import ANBAU, ENGPASS, SCHLUSS
from sozcontrol.measures.zaehlwerk.zeitraum import spanne

PROFILE = (
    "musterstadt_kita", "musterstadt_statistik", "musterstadt_finanzen", "musterstadt_stammdaten",
)  # fmt: skip
STICHTAGE = [date(2024, 12, 31), date(2025, 6, 30)]
UE2 = ["2 Jahre", "3 bis 5", "ab 6"]
PFLEGE = "Kindertagespflege"


@dataclass
class Roh:
    """The raw files of one Stichtag."""

    tag: date
    kitas: pd.DataFrame
    belegung: pd.DataFrame
    anmeldungen: pd.DataFrame
    personal: pd.DataFrame
    budget: pd.DataFrame
    kontakte: pd.DataFrame
    zuschuss: Fraction
    menschen: Callable[..., int]
    daten: Daten

    def gueltig(self, am: date) -> pd.DataFrame:
        """The centres whose licence holds on a day; first and last day are in it."""
        tag = pd.Timestamp(am)
        return self.kitas[(self.kitas["ab"] <= tag) & (self.kitas["bis"] >= tag)]


def dezimal(spalte: pd.Series) -> pd.Series:
    return spalte.map(lambda text: Fraction(text.replace(",", ".")))


def _zuschuss(ordner, tag: date) -> Fraction:
    """Spending less income of 361 and 365 from the ledger; SAP prints income as negative.

    Of a completed year everything booked for it counts, also what was booked after it.
    """
    liste = roh(ordner, "SAP_Einzelposten", "cp1252", kopf=3)
    liste = liste[(liste["GJahr"] == str(tag.year)) & liste["Produkt"].str.match(r"36[15]\d{5}$")]
    gebucht = pd.to_datetime(liste["Buchungsdatum"], format="%d.%m.%Y") <= pd.Timestamp(tag)
    betrag = liste[gebucht | ((tag.month, tag.day) == (12, 31))]["Betrag"]
    minus = betrag.str.endswith("-").map({True: -1, False: 1})
    return Fraction(int((euro(betrag.str.rstrip("-")) * minus).sum()), 100)


@pytest.fixture(scope="module", params=probe(STICHTAGE[::-1], 1), ids=str)
def lieferung(request, tmp_path_factory) -> Roh:
    tag = request.param
    ordner, daten = liefere(tmp_path_factory.mktemp("kita"), tag, PROFILE)
    kitas, belegung, anmeldungen, personal, budget, kontakte = (
        roh(ordner, f"Kita_{n}", "utf-8-sig")
        for n in ("Einrichtungen", "Belegung", "Anmeldungen", "Personal", "Sozialraumbudget",
                  "Sozialarbeit")
    )  # fmt: skip
    for spalte in ("zugewiesen (€)", "verplant (€)", "abgerufen (€)"):
        budget[spalte] = euro(budget[spalte])
    kontakte["n"] = ganz(kontakte["Kontakte"])
    kitas["ab"] = pd.to_datetime(kitas["BE ab"], format="%d.%m.%Y")
    kitas["bis"] = pd.to_datetime(kitas["BE bis"], format="%d.%m.%Y").fillna("2099-12-31")
    for neu, alt in {"p": "Plätze lt. BE", "u2": "davon U2", "ue2": "davon Ü2",
                     "lang": "davon Ganztag"}.items():  # fmt: skip
        kitas[neu] = ganz(kitas[alt])
    belegung["belegt"], belegung["zu"] = ganz(belegung["belegt"]), ganz(belegung["gesperrt"])
    belegung = belegung.merge(
        kitas.drop_duplicates("Einr.-Nr")[["Einr.-Nr", "Träger", "Sozialraum"]]
    )
    for neu, alt in {"da": "angemeldet", "offen": "davon unversorgt"}.items():
        anmeldungen[neu] = ganz(anmeldungen[alt])
    for neu, alt in {"soll": "Soll (VZÄ)", "ist": "Ist (VZÄ)",
                     "ksa": "Kita-Sozialarbeit (VZÄ)"}.items():  # fmt: skip
        personal[neu] = dezimal(personal[alt])
    personal["tage"] = ganz(personal["Schließtage"])
    zuschuss, menschen = _zuschuss(ordner, tag), einwohner(ordner, tag)
    return Roh(
        tag, kitas, belegung, anmeldungen, personal, budget, kontakte, zuschuss, menschen, daten
    )


def auslastung(belegt: pd.DataFrame, plaetze: pd.DataFrame) -> dict[str, Fraction]:
    """T01 and T02 with their age groups, of centres alone."""
    belegt, plaetze = belegt[belegt["Träger"] != PFLEGE], plaetze[plaetze["Träger"] != PFLEGE]
    out = {}
    for zusatz, alter, spalte in (("", ["unter 2", *UE2], "p"), ("b", ["unter 2"], "u2"),
                                  ("c", UE2, "ue2")):  # fmt: skip
        kinder = belegt[belegt["Alter"].isin(alter)]
        n, p, zu = (int(x.sum()) for x in (kinder["belegt"], plaetze[spalte], kinder["zu"]))
        out[f"T01{zusatz}"], out[f"T02{zusatz}"] = Fraction(n * 100, p), Fraction(n * 100, p - zu)
    return out


def erwartet(r: Roh) -> dict[str, Fraction]:
    monat, maerz = pd.Timestamp(r.tag.replace(day=1)), pd.Timestamp(r.tag.year, 3, 1)
    jetzt, am_ersten = (r.belegung[r.belegung["Monat"] == m] for m in (monat, maerz))
    plaetze, warten = r.gueltig(r.tag), r.anmeldungen[r.anmeldungen["Monat"] == monat]
    personal = r.personal[r.personal["Monat"] == monat]
    heuer = r.personal[(r.personal["Monat"].dt.year == r.tag.year) & (r.personal["Monat"] <= monat)]
    kitas = plaetze[plaetze["Träger"] != PFLEGE]

    def kinder(frame: pd.DataFrame, *alter: str) -> int:
        return int(frame[frame["Alter"].isin(alter)]["belegt"].sum())

    silvester = date(r.tag.year - 1, 12, 31)
    mittel = r.budget[r.budget["Zweck"] != "Hilfen zur Erziehung"]
    mittel = mittel[mittel["Jahr"] == str(r.tag.year)]
    zugewiesen = int(mittel["zugewiesen (€)"].sum())
    im_jahr = r.kontakte[
        (r.kontakte["Monat"].dt.year == r.tag.year) & (r.kontakte["Monat"] <= monat)
    ]
    alle, ksa = int(jetzt["belegt"].sum()), sum(personal["ksa"])
    pflege = int(jetzt[jetzt["Träger"] == PFLEGE]["belegt"].sum())
    return auslastung(jetzt, plaetze) | {
        "T03": Fraction(kinder(am_ersten, "unter 2", "2 Jahre") * 100, r.menschen(0, 3, silvester)),
        "T03b": Fraction(kinder(jetzt, "unter 2") * 100, r.menschen(0, 2)),
        "T04": Fraction(kinder(am_ersten, "3 bis 5") * 100, r.menschen(3, 6, silvester)),
        "T04b": Fraction(kinder(jetzt, "2 Jahre", "3 bis 5") * 100, r.menschen(2, 6)),
        "T05": Fraction(int(plaetze["u2"].sum()) * 100, r.menschen(0, 2)),
        "T05b": Fraction(int(plaetze["ue2"].sum()) * 100, r.menschen(2, 6)),
        "T07": Fraction(int(warten["offen"].sum()) * 100, int(warten["da"].sum())),
        "T08": Fraction(alle),
        "T08b": Fraction(kinder(jetzt, "unter 2") * 100, alle),
        "T09": Fraction(int(plaetze["lang"].sum()) * 100, int(plaetze["p"].sum())),
        "T10": sum(personal["ist"]) * 100 / sum(personal["soll"]),
        "T11": Fraction(int(mittel["abgerufen (€)"].sum()) * 100, zugewiesen),
        "T11b": Fraction(int(mittel["verplant (€)"].sum()) * 100, zugewiesen),
        "T14c": Fraction(int(im_jahr["n"].sum())),
        "T14": ksa / len(kitas),
        "T14b": Fraction(int(kitas["p"].sum())) / ksa,
        "T15": r.zuschuss / int(plaetze["p"].sum()),
        "T16": Fraction(pflege * 100, alle),
        "T17": Fraction(int(heuer["tage"].sum()), heuer["Einr.-Nr"].nunique()),
    }  # fmt: skip


def gleich(wert: Decimal, bruch: Fraction) -> bool:
    return wert == pytest.approx(Decimal(bruch.numerator) / bruch.denominator)


def test_jede_kennzahl_stimmt_mit_den_dateien(lieferung: Roh) -> None:
    soll = erwartet(lieferung)
    assert abweichungen(lieferung.daten, soll) == {}
    assert soll["T02"] > soll["T01"]


@pytest.mark.parametrize("kita", ["Regenbogen Nordstadt", "St. Martin Nordstadt"])
def test_auslastung_je_kita_mit_anbau_und_sperrung(lieferung: Roh, kita: str) -> None:
    """One gains fifteen places on 01.01.2025, one lacks staff and closes twenty."""
    monat = pd.Timestamp(lieferung.tag.replace(day=1))
    plaetze = lieferung.gueltig(lieferung.tag)
    plaetze = plaetze[plaetze["Einrichtung"] == kita]
    belegung = lieferung.belegung[lieferung.belegung["Monat"] == monat]
    soll = auslastung(belegung[belegung["Einr.-Nr"].isin(plaetze["Einr.-Nr"])], plaetze)
    for tafel in measures.kennzahlen(lieferung.daten, [*soll], je=["kita_name"], summen=False):
        (wert,) = tafel.frame.loc[tafel.frame["kita_name"] == kita, "wert"]
        assert gleich(wert, soll[tafel.kennzahl.id])
    assert lieferung.tag >= ENGPASS
    assert (soll["T01"] < soll["T02"]) == (kita == "St. Martin Nordstadt")


def test_je_sozialraum_zaehlt_die_kita_wo_sie_liegt(lieferung: Roh) -> None:
    monat = pd.Timestamp(lieferung.tag.replace(day=1))
    jetzt = lieferung.belegung[lieferung.belegung["Monat"] == monat]
    soll = {r[5:]: int(n) for r, n in jetzt.groupby("Sozialraum")["belegt"].sum().items()}
    frame = measures.kennzahl(lieferung.daten, "T08", je=["sozialraum"], summen=False).frame
    assert dict(zip(frame["sozialraum"], frame["zaehler"], strict=True)) == soll
    menschen = lieferung.menschen(0, 2, gebiet="SR03")
    quote = measures.kennzahl(lieferung.daten, "T03b", je=["sozialraum"], summen=False).frame
    (nenner,) = quote.loc[quote["sozialraum"] == "Nordstadt", "nenner"]
    assert nenner == menschen


def test_die_geschlossene_kita_hat_plaetze_bis_zu_ihrem_letzten_tag(lieferung: Roh) -> None:
    frames = {
        tag: measures.kennzahl(lieferung.daten, "T01", je=["kita_name"], stichtag=tag).frame
        for tag in (SCHLUSS, date(2024, 8, 1), date(2024, 12, 31))
    }
    nenner = {t: dict(zip(f["kita_name"], f["nenner"], strict=True)) for t, f in frames.items()}
    assert nenner[SCHLUSS]["St. Martin Südhang"] > 80
    assert not nenner[date(2024, 8, 1)].get("St. Martin Südhang")
    # The last day of an old licence is not a day without places.
    assert date(2024, 12, 31) < ANBAU
    assert nenner[date(2024, 12, 31)]["Regenbogen Nordstadt"] == 120


# --- the engine: validity by day and by month ---------------------------------------------------

KITA = """
    kita_id | kita_name | traegerart | gebiet_id | plaetze | gueltig_von | gueltig_bis
    K1      | Alt       | frei       | S1        | 10      | 2024-01-01  | 2024-06-15
    K1      | Neu       | frei       | S1        | 30      | 2024-06-16  | 2024-09-10
    K2      | Zwei      | frei       | S1        | 5       | 2024-01-01  |
    """
BELEGUNG = """
    kita_id | monat      | altersgruppe | umfang  | belegt | gesperrt
    K1      | 2024-05-01 | 3–5          | ganztag | 8      | 0
    K1      | 2024-06-01 | 3–5          | ganztag | 20     | 0
    K1      | 2024-09-01 | 3–5          | ganztag | 21     | 0
    K1      | 2024-10-01 | 3–5          | ganztag | 22     | 0
    """


@pytest.mark.parametrize(
    ("tag", "plaetze"),
    [
        pytest.param(date(2023, 12, 31), 0, id="vor der ersten"),
        pytest.param(date(2024, 6, 15), 15, id="letzter Tag der alten"),
        pytest.param(date(2024, 6, 16), 35, id="erster Tag der neuen"),
        pytest.param(date(2024, 9, 10), 35, id="letzter Tag"),
        pytest.param(date(2024, 9, 11), 5, id="geschlossen"),
    ],
)
def test_ein_stand_gilt_bis_zu_seinem_letzten_tag(tag: date, plaetze: int) -> None:
    stadt = Stadt(date(2024, 12, 31), kita=KITA, kita_belegung=BELEGUNG)
    frame = measures.kennzahl(stadt, "T09", stichtag=tag).frame
    assert (frame["nenner"].fillna(0) == plaetze).all()


def test_im_monat_des_wechsels_gilt_die_neue_zeile_und_danach_keine() -> None:
    stadt = Stadt(date(2024, 12, 31), kita=KITA, kita_belegung=BELEGUNG)
    rows = measures.sicht(stadt, "kita_belegung").execute().sort_values("monat")
    names = [None if pd.isna(n) else n for n in rows["kita_name"]]
    assert names == ["Alt", "Neu", "Neu", None]


@pytest.mark.parametrize(
    ("stichtag", "maerz"),
    [
        pytest.param(date(2025, 2, 28), date(2024, 3, 1), id="noch kein März"),
        pytest.param(date(2025, 3, 1), date(2025, 3, 1), id="am Tag selbst"),
        pytest.param(date(2025, 12, 31), date(2025, 3, 1), id="Jahresende"),
    ],
)
def test_die_amtliche_quote_steht_am_letzten_ersten_maerz(stichtag: date, maerz: date) -> None:
    assert spanne("erster_maerz", stichtag).bis == maerz
    assert spanne("jahresende_vor_maerz", stichtag).bis == date(maerz.year - 1, 12, 31)
