"""The Kennzahlen of Musterstadt worked out a second time, in plain pandas from the raw files.

Nothing of sozcontrol is imported: a figure means what its Steckbrief says in words, and where that
is silent, what German youth and budget law and KJH-Statistik mean by it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import pandas as pd
from rohdateien import Rohdaten

MONAT = Fraction("30.4375")
ISM = ["29", "30", "31", "32", "33", "34", "35", "41"]
# Stationary Hilfen in the rings of cities that compare themselves; § 41 counts by its form.
RING = ["19", "20", "21", "27_2", "33", "34", "35", "35a"]
WECHSEL_BEGINN = ["Zuständigkeitsübernahme", "Hilfewechsel"]
PLAN, ABGABE, UEBERGANG = (
    "1 – gemäß Hilfeplan", "5 – Abgabe Zuständigkeit", "6 – Übergang in andere Hilfe",
)  # fmt: skip
ABBRUCH = ["2 – Abbruch Sorgeberechtigte", "3 – Abbruch junger Mensch", "4 – Abbruch Einrichtung"]
ELTERN = ["Haushalt der Eltern", "Haushalt eines Elternteils"]
Zahl = int | Decimal | Fraction


@dataclass(frozen=True)
class Bruch:
    """A figure with what it is made of: zaehler / nenner × faktor."""

    zaehler: Zahl
    nenner: Zahl | None = None
    faktor: int = 1

    @property
    def wert(self) -> Fraction | None:
        """Return the figure, ``None`` where nothing stands below the line."""
        if self.nenner is None:
            return Fraction(self.zaehler) * self.faktor
        return Fraction(self.zaehler) / Fraction(self.nenner) * self.faktor if self.nenner else None


Werte = dict[str, Bruch]
Teil = Callable[[Rohdaten], Werte]


# What is counted: a Hilfe that ends on a day has ended and doesn't run any more.


def laufend(hilfen: pd.DataFrame, tag: pd.Timestamp) -> pd.DataFrame:
    return hilfen[(hilfen["beginn"] <= tag) & ~(hilfen["ende"] <= tag)]


def begonnen(hilfen: pd.DataFrame, nach: pd.Timestamp, bis: pd.Timestamp) -> pd.DataFrame:
    return hilfen[(hilfen["beginn"] > nach) & (hilfen["beginn"] <= bis)]


def beendet(hilfen: pd.DataFrame, nach: pd.Timestamp, bis: pd.Timestamp) -> pd.DataFrame:
    return hilfen[(hilfen["ende"] > nach) & (hilfen["ende"] <= bis)]


def jahresfaelle(hilfen: pd.DataFrame, roh: Rohdaten) -> int:
    """Return those running on the Stichtag and those ended since the year began."""
    return len(laufend(hilfen, roh.tag)) + len(beendet(hilfen, roh.vorjahresende, roh.tag))


def belegte_tage(hilfen: pd.DataFrame, ab: pd.Timestamp, bis: pd.Timestamp) -> int:
    """Return the days of service from *ab* to *bis*; the day a Hilfe ends is one."""
    erster, letzter = hilfen["beginn"].clip(lower=ab), hilfen["ende"].fillna(bis).clip(upper=bis)
    return int(((letzter - erster).dt.days + 1).clip(lower=0).sum())


def tage_zusammen(abstand: pd.Series) -> int:
    return int(abstand.dt.days.sum())


def median(tage: pd.Series) -> Fraction | None:
    return None if tage.empty else Fraction(float(tage.median()))


def summe(betraege: pd.Series) -> Decimal:
    return sum(betraege, Decimal(0))


def anteil(teil: pd.DataFrame, ganzes: pd.DataFrame) -> Bruch:
    return Bruch(len(teil), len(ganzes), 100)


# Hilfen zur Erziehung.


def am_stichtag(roh: Rohdaten) -> Werte:
    da = laufend(roh.hze, roh.tag)
    ende_der_monate = pd.date_range(roh.jahresbeginn, roh.tag, freq="ME")
    bestaende = [len(laufend(roh.hze, tag)) for tag in ende_der_monate]
    return {
        "H01": Bruch(len(da)),
        "H05": Bruch(Fraction(sum(bestaende), len(bestaende))),
        "H22": Bruch(tage_zusammen(roh.tag - da["beginn"]) / MONAT, len(da)),
        "H23": anteil(da[da["beginn"] + pd.DateOffset(months=24) < roh.tag], da),
        "H43": Bruch(len(laufend(roh.hilfen[roh.hilfen["hilfeart"] == "19"], roh.tag))),
    }


def dichten(roh: Rohdaten) -> Werte:
    unter_21 = roh.bewohner(unter=21)
    da = laufend(roh.hze, roh.tag)
    ism = roh.hze[roh.hze["paragraph"].isin(ISM)]
    akj = roh.hze[~roh.hze["hilfeart"].isin(["28", "35a"])]
    in_35a = da["hilfeart"] == "35a"
    return {
        "H06": Bruch(len(laufend(ism, roh.tag)), unter_21, 1000),
        "H06b": Bruch(jahresfaelle(ism, roh), unter_21, 1000),
        "H07": Bruch(jahresfaelle(akj, roh), unter_21, 10000),
        "H08": Bruch(len(da), unter_21, 1000),
        "H09": Bruch(len(_fremd(da)), unter_21, 1000),
        "H38": Bruch(int(in_35a.sum()), roh.bewohner(ab=6, unter=18), 1000),
        "H38b": Bruch(int(in_35a.sum()), unter_21, 1000),
    }


def _fremd(da: pd.DataFrame) -> pd.DataFrame:
    """Return those outside the family: §§ 33, 34, and stationary § 35 and § 41."""
    paragraph = da["paragraph"]
    stationaer = paragraph.isin(["35", "41"]) & (da["Form"] == "stat.")
    return da[paragraph.isin(["33", "34"]) | stationaer]


def anteile(roh: Rohdaten) -> Werte:
    da = laufend(roh.hze, roh.tag)
    ohne_28 = da[da["hilfeart"] != "28"]
    zuhause = da["paragraph"].isin(["29", "30", "31", "32", "35", "41"]) & (da["Form"] != "stat.")
    return {
        "H10": anteil(ohne_28[ohne_28["Form"] == "amb."], ohne_28),
        "H10b": anteil(da[da["Form"] == "amb."], da),
        "H11": anteil(da[da["Form"] == "stat."], da),
        "H11b": anteil(da[da["Form"] == "teilstat."], da),
        "H12": Bruch(int(zuhause.sum()), len(_fremd(da))),
        "H32": anteil(da[da["paragraph"] == "41"], da),
        "H34": _hilfeplaene(roh, da),
        "H41": anteil(da[da["umA"] == "ja"], da),
        "H42": anteil(da[da["Transferleistung"] == "ja"], da[da["Transferleistung"] != ""]),
    }


def _hilfeplaene(roh: Rohdaten, da: pd.DataFrame) -> Bruch:
    """Return the plans in time; six months end on the day of the same number (§ 188 BGB)."""
    frist = pd.DateOffset(months=6)
    alt = da[da["beginn"] + frist < roh.tag]
    return anteil(alt[(alt["plan"] <= roh.tag) & (alt["plan"] + frist >= roh.tag)], alt)


def fremdunterbringung(roh: Rohdaten) -> Werte:
    da = laufend(roh.hze, roh.tag)
    stationaer = da[da["Form"] == "stat."]
    pflege, heim = da[da["hilfeart"] == "33"], da[da["hilfeart"] == "34"]
    beide = pd.concat([pflege, heim])
    ring = laufend(roh.hilfen, roh.tag)
    ring = ring[(ring["Form"] == "stat.") & ring["hilfeart"].isin(RING)]
    nah = pflege["Pflegeform"].isin(["Verwandtenpflege", "Netzwerkpflege"])
    return {
        "H13": anteil(pflege, beide),
        "H13b": anteil(pflege, ring),
        "H14": anteil(heim, beide),
        "H15": anteil(pflege[nah], pflege),
        "H31": anteil(stationaer[stationaer["alter"] < 6], stationaer),
        "H33": anteil(stationaer[stationaer["Ort"] == "außerhalb"], stationaer),
    }


def im_zeitraum(roh: Rohdaten) -> Werte:
    neu = begonnen(roh.hze, roh.vorjahresende, roh.tag)
    neuer_bedarf = neu[~neu["Grund Beginn"].isin(WECHSEL_BEGINN)]
    weg = beendet(roh.hze, roh.vorjahresende, roh.tag)
    vorher = laufend(roh.hze, roh.vorjahresende)
    wartezeit = median((neu["beginn"] - neu["antrag"]).dropna().dt.days)
    return {
        "H02": Bruch(len(neu)),
        "H02b": Bruch(len(neuer_bedarf)),
        "H03": Bruch(len(weg)),
        "H04": Bruch(jahresfaelle(roh.hze, roh)),
        "H30": anteil(neu, vorher),
        "H30b": anteil(neuer_bedarf, vorher),
        **({"H35": Bruch(wartezeit)} if wartezeit is not None else {}),
    }


def beendigungen(roh: Rohdaten) -> Werte:
    weg = beendet(roh.hze, roh.vorjahresende, roh.tag)
    grund, dauer = weg["Grund Ende"], weg["ende"] - weg["beginn"]
    mitte = median(dauer.dt.days)
    damals = beendet(roh.hze, roh.vorjahresende - pd.DateOffset(years=1), roh.vorjahresende)
    damals_grund = damals["Grund Ende"]
    return {
        "H21": Bruch(tage_zusammen(dauer) / MONAT, len(weg)),
        **({"H21b": Bruch(mitte / MONAT)} if mitte is not None else {}),
        "H27": anteil(weg[grund == PLAN], weg[grund != ABGABE]),
        "H27b": anteil(damals[damals_grund == PLAN], damals[damals_grund != ABGABE]),
        "H28": anteil(weg[grund.isin(ABBRUCH)], weg),
    }


def rueckkehr(roh: Rohdaten) -> Werte:
    weg = beendet(roh.hze, roh.vorjahresende, roh.tag)
    weg = weg[weg["hilfeart"].isin(["33", "34"])]
    heim, grund = weg["Verbleib"].isin(ELTERN), weg["Grund Ende"]
    echt, hier = ~grund.isin([ABGABE, UEBERGANG]), weg["umA"] != "ja"
    frueher = beendet(
        roh.hze, roh.tag - pd.DateOffset(months=24), roh.tag - pd.DateOffset(months=12)
    )
    frueher = frueher[~frueher["Grund Ende"].isin([ABGABE, UEBERGANG])]
    zurueck = frueher["hilfeart"].isin(["33", "34"]) & frueher["Verbleib"].isin(ELTERN)
    zurueck = frueher[zurueck]
    return {
        "H25": anteil(weg[heim], weg),
        "H25b": anteil(weg[heim & echt], weg[echt]),
        "H25c": anteil(weg[heim & (grund == PLAN)], weg),
        "H25d": anteil(weg[heim & hier], weg[hier]),
        "H26": anteil(zurueck[~(zurueck["folge_fremd"] <= 365)], zurueck),
        "H29": anteil(frueher[frueher["folge_hze"] <= 365], frueher),
    }


def dauern(roh: Rohdaten) -> Werte:
    """Return the median stay after Kaplan and Meier, watched for five years.

    A Hilfe that began earlier is at risk only from the age it had when the watch began.
    """
    seit = roh.tag - pd.DateOffset(years=5)
    da = roh.hze[(roh.hze["beginn"] <= roh.tag) & ~(roh.hze["ende"] <= seit)]
    zu_ende = da["ende"] <= roh.tag
    austritt = (da["ende"].where(zu_ende, roh.tag) - da["beginn"]).dt.days
    eintritt = (seit - da["beginn"]).dt.days
    bleibt = Fraction(1)
    for tag, enden in zu_ende[zu_ende].groupby(austritt[zu_ende]).sum().items():
        unter_risiko = int(((eintritt < tag) & (austritt >= tag)).sum())
        bleibt *= Fraction(unter_risiko - int(enden), unter_risiko)
        if bleibt <= Fraction(1, 2):
            return {"H24": Bruch(int(tag) / MONAT)}
    return {}


# What the Fachverfahren paid. The axis is the month of service, whenever it was booked.


def _leistungen(roh: Rohdaten, ab: pd.Timestamp, bis: pd.Timestamp) -> pd.DataFrame:
    """Return what was paid for services, less what was taken back, of the months *ab* to *bis*."""
    art = roh.zahlungen["art"].isin(["Leistung", "Rückrechnung"])
    return roh.zahlungen[art & roh.zahlungen["leistung"].between(ab, bis)]


def kosten(roh: Rohdaten) -> Werte:
    ab, bis = roh.jahresbeginn, roh.tag
    alle = _leistungen(roh, ab, bis)
    hze = alle[alle["hze"]]
    heim = roh.hilfen[roh.hilfen["hilfeart"] == "34"]
    mit_fls = roh.hze[roh.hze["FLS/Monat"] != ""]
    fls = hze[(hze["einheit"] == "FLS") & (hze["FLS/Monat"] != "")]
    brutto, monate = summe(hze["betrag"]), belegte_tage(roh.hze, ab, bis) / MONAT
    return {
        "H16r": Bruch(brutto, jahresfaelle(roh.hze, roh)),
        "H17r": Bruch(brutto, monate),
        "H17b": Bruch(summe(hze.loc[hze["gebucht"] <= bis, "betrag"]), monate),
        "H17c": _vorjahreskosten(roh, roh.hze, MONAT),
        "H17d": _vorjahreskosten(roh, roh.hze[roh.hze["Form"] == "amb."]),
        "H17e": _vorjahreskosten(roh, roh.hze[roh.hze["Form"] == "stat."]),
        "H18r": Bruch(
            summe(alle.loc[alle["hilfeart"] == "34", "betrag"]), belegte_tage(heim, ab, bis)
        ),
        "H19r": Bruch(brutto, roh.bewohner(unter=21)),
        "H20": Bruch(summe(hze.loc[hze["Form"] == "stat.", "betrag"]), brutto, 100),
        "H40": Bruch(summe(fls["menge"]), belegte_tage(mit_fls, ab, bis) / MONAT),
        "H43b": Bruch(summe(alle.loc[alle["hilfeart"] == "19", "betrag"])),
        "H45": Bruch(_vorjahreskosten(roh, roh.hze).zaehler, _hilfenbudget(roh), 100),
    }  # fmt: skip


def _vorjahreskosten(roh: Rohdaten, hilfen: pd.DataFrame, teiler: Fraction | int = 1) -> Bruch:
    ab, bis = pd.Timestamp(roh.vorjahresende.year, 1, 1), roh.vorjahresende
    frueher = _leistungen(roh, ab, bis)
    ihre = frueher["Hilfe-Nr"].isin(hilfen["Hilfe-Nr"])
    tage = Fraction(belegte_tage(hilfen, ab, bis))
    return Bruch(summe(frueher.loc[ihre, "betrag"]), tage / teiler)


def _hilfenbudget(roh: Rohdaten) -> Decimal:
    budgets = roh.hilfenbudgets
    return summe(budgets.loc[budgets["jahr"] == roh.vorjahresende.year, "betrag"])


def erstattungen(roh: Rohdaten) -> Werte:
    ein_jahr = pd.DateOffset(years=1)
    ab, bis = roh.jahresbeginn, roh.tag
    jetzt, damals = _leistungen(roh, ab, bis), _leistungen(roh, ab - ein_jahr, bis - ein_jahr)
    jetzt = jetzt[jetzt["hze"] & (jetzt["gebucht"] <= bis)]
    damals = damals[damals["hze"] & (damals["gebucht"] <= bis - ein_jahr)]
    return {
        "F16": Bruch(summe(jetzt["betrag"]) - summe(damals["betrag"])),
        "F20": _erstattet(roh, ab, bis),
        "F20b": _erstattet(roh, ab - ein_jahr, roh.vorjahresende),
    }


def _erstattet(roh: Rohdaten, ab: pd.Timestamp, bis: pd.Timestamp) -> Bruch:
    zahlungen = roh.zahlungen[roh.zahlungen["leistung"].between(ab, bis)]
    zurueck = zahlungen.loc[zahlungen["art"] == "Kostenerstattung", "betrag"]
    return Bruch(summe(zurueck), summe(_leistungen(roh, ab, bis)["betrag"]), 100)


# The ledger and the budget. F22 and F23 take all accounts, the others those of soziale Sicherung.


def haushalt(roh: Rohdaten) -> Werte:
    aufwand, ertrag = ist(roh, "aufwand"), ist(roh, "ertrag")
    brutto, ertraege = summe(aufwand["betrag"]), summe(ertrag["betrag"])
    hilfen = [b.loc[b["produktgruppe"].isin(["3633", "3634"]), "betrag"] for b in (aufwand, ertrag)]
    minus, plus = (aufwand.loc[m, "betrag"] for m in (aufwand["betrag"] < 0, aufwand["betrag"] > 0))
    return {
        **ansaetze(roh, brutto, ertraege),
        "F09": Bruch(brutto),
        "F09b": Bruch(summe(aufwand.loc[aufwand["gebucht"] > roh.tag, "betrag"])),
        "F10": Bruch(ertraege),
        "F10b": Bruch(summe(ertrag.loc[ertrag["gebucht"] > roh.tag, "betrag"])),
        "F11": Bruch(brutto - ertraege),
        "F12": Bruch(ertraege, brutto, 100),
        "F13": Bruch(brutto - ertraege, roh.bewohner()),
        "F14": Bruch(summe(hilfen[0]) - summe(hilfen[1]), roh.bewohner(unter=21)),
        "F19": Bruch(-summe(minus), summe(plus), 100),
        "F23": Bruch(_netto(ist(roh, "aufwand", alle=True), ist(roh, "ertrag", alle=True))),
    }  # fmt: skip


def ist(roh: Rohdaten, richtung: str, *, alle: bool = False) -> pd.DataFrame:
    """Return the postings of the Haushaltsjahr: all that are delivered once it is over.

    Until then those booked up to the Stichtag. After its last day a year is still booked for, in
    the periods from 13 on.
    """
    jahr = roh.buchungen[roh.buchungen["jahr"] == roh.tag.year]
    jahr = jahr[(jahr["richtung"] == richtung) & (jahr["sozial"] | alle)]
    return jahr if roh.jahr_vorbei else jahr[jahr["gebucht"] <= roh.tag]


def ansaetze(roh: Rohdaten, brutto: Decimal, ertraege: Decimal) -> Werte:
    aus, ein = plan(roh, "aufwand"), plan(roh, "ertrag")
    ansatz, ansatz_ein = summe(aus["betrag"]), summe(ein["betrag"])
    mehr = aus["art"].isin(["überplanmäßig", "außerplanmäßig"])
    urspruenglich = summe(aus.loc[aus["art"] == "Ansatz", "betrag"])
    ueber = brutto - ansatz
    # What is usual at the end of a year is the whole Ansatz; earlier it takes a course of the year.
    soll = {
        "F03": Bruch(ueber, ansatz, 100),
        "F04": Bruch(ueber),
        "F04b": Bruch(ueber, ansatz, 100),
    }
    return {
        **(soll if roh.jahr_vorbei else {}),
        "F01": Bruch(ansatz),
        "F01b": Bruch(ansatz_ein),
        "F02": Bruch(brutto, ansatz, 100),
        "F02b": Bruch(ertraege, ansatz_ein, 100),
        "F21": Bruch(summe(aus.loc[mehr, "betrag"]), urspruenglich, 100),
        "F22": Bruch(_netto(plan(roh, "aufwand", alle=True), plan(roh, "ertrag", alle=True))),
    }


def plan(roh: Rohdaten, richtung: str, *, alle: bool = False) -> pd.DataFrame:
    """Return what is budgeted by the Stichtag; a Sperre takes nothing from an Ansatz."""
    jahr = roh.ansaetze[(roh.ansaetze["jahr"] == roh.tag.year) & (roh.ansaetze["ab"] <= roh.tag)]
    jahr = jahr[(jahr["richtung"] == richtung) & (jahr["sozial"] | alle)]
    return jahr[jahr["art"] != "Haushaltssperre"]


def _netto(aufwand: pd.DataFrame, ertrag: pd.DataFrame) -> Decimal:
    return summe(aufwand["betrag"]) - summe(ertrag["betrag"])


def nachbuchungen(roh: Rohdaten) -> Werte:
    leistung = roh.buchungen["leistung"].between(roh.jahresbeginn, roh.tag)
    sozial = (roh.buchungen["richtung"] == "aufwand") & roh.buchungen["sozial"]
    aufwand = roh.buchungen[leistung & sozial]
    spaeter = aufwand.loc[aufwand["gebucht"] > roh.tag, "betrag"]
    return {"F17": Bruch(summe(spaeter), summe(aufwand["betrag"]), 100)}


HILFEN: tuple[Teil, ...] = (
    am_stichtag, dichten, anteile, fremdunterbringung, im_zeitraum, beendigungen, rueckkehr,
)  # fmt: skip
GELD: tuple[Teil, ...] = (kosten, erstattungen)
HAUSHALT: tuple[Teil, ...] = (haushalt, nachbuchungen)


def rechne(roh: Rohdaten, *teile: Teil) -> Werte:
    """Return the Kennzahlen of a delivery, or of one group of it: all, or those of *teile*."""
    gefragt = teile or (*HILFEN, dauern, *GELD, *HAUSHALT)
    return {id_: bruch for teil in gefragt for id_, bruch in teil(roh).items()}
