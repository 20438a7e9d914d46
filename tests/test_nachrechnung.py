"""The recomputation: Kennzahlen a second time, in plain pandas, straight from the raw files.

Nothing that computes here imports ``sozcontrol``: :class:`Nachrechnung` reads what the source
systems of Musterstadt deliver (``rohdaten``) and counts by the definitions as they are written in
the Steckbriefe. The package lays out the demo and gives the engine's answers, and no more.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from fractions import Fraction
from functools import cached_property
from pathlib import Path

import pandas as pd
import pytest
from hauptbuch import musterstadt
from rohdaten import Rohdaten

DATENSTAND = date(2025, 7, 15)
STICHTAGE = ("2025-06-30", "2024-08-31")
MONAT = Fraction(487, 16)
"""30.4375 days."""
LEISTUNGSART = {
    "19": "Mutter-/Vater-Kind-Einrichtung", "20": "Versorgung in Notsituationen",
    "27_2": "Sonstige erzieherische Hilfe", "28": "Erziehungsberatung",
    "29": "Soziale Gruppenarbeit", "30": "Erziehungsbeistandschaft",
    "31": "Sozialpäd. Familienhilfe", "32": "Tagesgruppe", "33": "Vollzeitpflege",
    "34": "Heimerziehung/betr. Wohnform", "35": "Intensive sozialpäd. Einzelbetreuung",
    "35a": "Eingliederungshilfe seel. Behinderung", "42": "Inobhutnahme",
}  # fmt: skip
ELTERN = ("Haushalt der Eltern", "Haushalt eines Elternteils")
HILFEPLAN, ABBRUCH = "1", ("2", "3", "4")
ZUSTAENDIGKEIT, HILFEWECHSEL = "5", "6"
"""First sign of the reasons an end has in the source system."""
P41 = "§ 41 SGB VIII"


def monatsende(tag: pd.Timestamp, monate: int) -> pd.Timestamp:
    """Move a month end by months; it stays one."""
    return tag + pd.offsets.MonthEnd(monate) if monate else tag


def quote(zaehler: float, nenner: float, faktor: int = 100) -> Fraction:
    return Fraction(int(zaehler)) * faktor / int(nenner)


class Nachrechnung:
    """The Kennzahlen of one Stichtag as known at the delivery's Datenstand."""

    def __init__(self, roh: Rohdaten, stichtag: str) -> None:
        self.roh, self.tag = roh, pd.Timestamp(stichtag)
        self.text = stichtag
        self.vorjahr = pd.Timestamp(self.tag.year - 1, 12, 31)

    # --- Hilfen -----------------------------------------------------------------------------------

    @cached_property
    def hilfen(self) -> pd.DataFrame:
        h = self.roh.hilfen
        return h.assign(grund=h["Grund Ende"].str[:1])

    def nach_art(self, rows: pd.DataFrame, *codes: str) -> pd.DataFrame:
        return rows[rows["Leistungsart"].isin([LEISTUNGSART[c] for c in codes])]

    def bestand(self, tag: pd.Timestamp | None = None) -> pd.DataFrame:
        h, t = self.hilfen, tag if tag is not None else self.tag
        return h[(h["beginn"] <= t) & (h["ende"].isna() | (h["ende"] > t))]

    def begonnen(self) -> pd.DataFrame:
        h = self.hilfen
        return h[(h["beginn"] > self.vorjahr) & (h["beginn"] <= self.tag)]

    def beendet(
        self, von: pd.Timestamp | None = None, bis: pd.Timestamp | None = None
    ) -> pd.DataFrame:
        h = self.hilfen
        a, b = von if von is not None else self.vorjahr, bis if bis is not None else self.tag
        return h[(h["ende"] > a) & (h["ende"] <= b)]

    def jahresfaelle(self) -> pd.DataFrame:
        return pd.concat([self.bestand(), self.beendet()])

    def belegt(self, rows: pd.Series, von: pd.Timestamp, bis: pd.Timestamp) -> int:
        h = self.hilfen[rows]
        erster = h["beginn"].clip(lower=von + pd.Timedelta(days=1))
        letzter = h["ende"].fillna(bis).clip(upper=bis)
        return int(((letzter - erster).dt.days + 1).clip(lower=0).sum())

    def eckwert(self, rows: pd.DataFrame) -> int:
        """§§ 29–35 in their forms, and § 41 in the others."""
        formen = self.nach_art(rows, "29", "30", "31", "32", "33", "34", "35")
        andere = self.nach_art(rows, "27_2", "28", "35a")
        return len(formen) + int((andere["Rechtsgrundlage"] == P41).sum())

    def fremd(self, rows: pd.DataFrame) -> int:
        stat = rows[rows["Form"] == "stat."]
        andere = self.nach_art(stat, "27_2", "35a")
        return len(self.nach_art(stat, "33", "34", "35")) + int(
            (andere["Rechtsgrundlage"] == P41).sum()
        )

    def kehrt_wieder(self, beendete: pd.DataFrame, spaetere: pd.DataFrame) -> int:
        """How many of *beendete* are followed by another Hilfe of the person within 365 days."""
        paare = beendete[["Hilfe-Nr", "Pers.-Nr", "ende"]].merge(
            spaetere[["Hilfe-Nr", "Pers.-Nr", "beginn"]], on="Pers.-Nr", suffixes=("", "_neu")
        )
        tage = (paare["beginn"] - paare["ende"]).dt.days
        treffer = paare[(paare["Hilfe-Nr"] != paare["Hilfe-Nr_neu"]) & (tage >= 0) & (tage <= 365)]
        return treffer["Hilfe-Nr"].nunique()

    def verweildauer(self) -> int:
        """Kaplan–Meier with delayed entry, five years: the first duration with S ≤ one half."""
        von, bis = monatsende(self.tag, -60), self.tag
        h = self.hilfen[self.hilfen["hze"]]
        h = h[(h["beginn"] <= bis) & (h["ende"].isna() | (h["ende"] > von))]
        ein, aus, ende = Counter(), Counter(), Counter()
        for beginn, schluss in zip(h["beginn"], h["ende"], strict=True):
            ein[max((von - beginn).days, -1) + 1] += 1
            raus = min(schluss, bis) if pd.notna(schluss) else bis
            aus[(raus - beginn).days] += 1
            if pd.notna(schluss) and von < schluss <= bis:
                ende[(raus - beginn).days] += 1
        ueberlebt, risiko = Fraction(1), 0
        for dauer in range(max(aus) + 1):
            risiko += ein[dauer]
            if ende[dauer]:
                ueberlebt *= 1 - Fraction(ende[dauer], risiko)
            if ueberlebt <= Fraction(1, 2):
                return dauer
            risiko -= aus[dauer]
        raise AssertionError("half of the Hilfen end within the window")

    def faelle(self) -> dict[str, Fraction | int]:
        """H01 to H43 as far as they count Hilfen."""
        jetzt, begonnen, beendet = self.bestand(), self.begonnen(), self.beendet()
        hze, neu, weg = (rows[rows["hze"]] for rows in (jetzt, begonnen, beendet))
        frueher = self.bestand(self.vorjahr)
        jahr = self.jahresfaelle()
        enden = pd.date_range(self.vorjahr + pd.Timedelta(days=1), self.tag, freq="ME")
        staende = [int(self.bestand(t)["hze"].sum()) for t in enden]
        u21 = self.roh.einwohner_am(self.text, unter=21)
        ohne28 = hze[hze["Leistungsart"] != LEISTUNGSART["28"]]
        form = {f: hze[hze["Form"] == f] for f in ("amb.", "teilstat.", "stat.")}
        pflege, heim = self.nach_art(jetzt, "33"), self.nach_art(jetzt, "34")
        ring = self.nach_art(jetzt[jetzt["Form"] == "stat."],
                             "19", "20", "27_2", "33", "34", "35", "35a")  # fmt: skip
        nah = jetzt[jetzt["Form"] != "stat."]
        nahe41 = self.nach_art(nah, "27_2", "28", "35a")
        nahe = len(self.nach_art(nah, "29", "30", "31", "32", "35")) + int(
            (nahe41["Rechtsgrundlage"] == P41).sum()
        )
        neufall = neu[~neu["Grund Beginn"].isin(["Zuständigkeitsübernahme", "Hilfewechsel"])]
        verwandt = pflege["Pflegeform"].isin(["Verwandtenpflege", "Netzwerkpflege"])
        form35a = len(self.nach_art(jetzt, "35a"))
        return {
            "H01": len(hze), "H02": len(neu), "H02b": len(neufall), "H03": len(weg),
            "H04": int(jahr["hze"].sum()), "H05": Fraction(sum(staende), len(staende)),
            "H06": quote(self.eckwert(jetzt), u21, 1000),
            "H06b": quote(self.eckwert(jahr), u21, 1000),
            "H07": quote(len(self.nach_art(jahr, "27_2", "29", "30", "31", "32", "33", "34", "35")),
                         u21, 10_000),
            "H08": quote(len(hze), u21, 1000), "H09": quote(self.fremd(jetzt), u21, 1000),
            "H10": quote((ohne28["Form"] == "amb.").sum(), len(ohne28)),
            "H10b": quote(len(form["amb."]), len(hze)), "H11": quote(len(form["stat."]), len(hze)),
            "H11b": quote(len(form["teilstat."]), len(hze)),
            "H12": Fraction(nahe, self.fremd(jetzt)),
            "H13": quote(len(pflege), len(pflege) + len(heim)),
            "H13b": quote(len(pflege), len(ring)),
            "H14": quote(len(heim), len(pflege) + len(heim)),
            "H15": quote(verwandt.sum(), len(pflege)),
            "H30": quote(len(neu), frueher["hze"].sum()),
            "H30b": quote(len(neufall), frueher["hze"].sum()),
            "H38": quote(form35a, self.roh.einwohner_am(self.text, ab=6, unter=18), 1000),
            "H38b": quote(form35a, u21, 1000),
            "H43": len(self.nach_art(jetzt, "19")),
        }  # fmt: skip

    def dauern(self) -> dict[str, Fraction]:
        """H21 to H24, H34, H35: days, by plain arithmetic."""
        hze, weg = (rows[rows["hze"]] for rows in (self.bestand(), self.beendet()))
        neu = self.begonnen()
        neu = neu[neu["hze"] & neu["antrag"].notna()]
        lang = (weg["ende"] - weg["beginn"]).dt.days
        bisher = (self.tag - hze["beginn"]).dt.days
        ein_halbes = pd.DateOffset(months=6)  # § 188 BGB: clipped to the end of a shorter month
        aelter = hze[hze["beginn"] + ein_halbes < self.tag]
        plan = pd.to_datetime(aelter["Hilfeplan vom"], format="%d.%m.%Y", errors="coerce")
        warten = (neu["beginn"] - neu["antrag"]).dt.days
        return {
            "H21": Fraction(int(lang.sum()), len(weg)) / MONAT,
            "H21b": Fraction(str(lang.median())) / MONAT,
            "H22": Fraction(int(bisher.sum()), len(hze)) / MONAT,
            "H23": quote((hze["beginn"] < monatsende(self.tag, -24)).sum(), len(hze)),
            "H24": Fraction(self.verweildauer()) / MONAT,
            "H34": quote(((plan + ein_halbes >= self.tag) & (plan <= self.tag)).sum(), len(aelter)),
            "H35": Fraction(str(warten.median())),
        }

    def enden(self) -> dict[str, Fraction]:
        """H25 to H29: how Hilfen end, and what follows."""
        weg = self.beendet()
        hze, heim = weg[weg["hze"]], self.nach_art(weg, "33", "34")
        wechsel = (ZUSTAENDIGKEIT, HILFEWECHSEL)
        ohne = heim[~heim["grund"].isin(wechsel)]
        deutsch = heim[heim["umA"] != "ja"]
        frueher = self.beendet(monatsende(self.tag, -24), monatsende(self.tag, -12))
        frueher = frueher[~frueher["grund"].isin(wechsel)]
        zurueck = self.nach_art(frueher, "33", "34")
        zurueck = zurueck[zurueck["Verbleib"].isin(ELTERN)]
        wieder = self.kehrt_wieder(zurueck, self.nach_art(self.hilfen, "33", "34"))
        frueher = frueher[frueher["hze"]]
        neue = self.kehrt_wieder(frueher, self.hilfen[self.hilfen["hze"]])

        def daheim(rows: pd.DataFrame) -> int:
            return int(rows["Verbleib"].isin(ELTERN).sum())

        return {
            "H25": quote(daheim(heim), len(heim)), "H25b": quote(daheim(ohne), len(ohne)),
            "H25c": quote(daheim(heim[heim["grund"] == HILFEPLAN]), len(heim)),
            "H25d": quote(daheim(deutsch), len(deutsch)),
            "H26": quote(len(zurueck) - wieder, len(zurueck)),
            "H27": quote((hze["grund"] == HILFEPLAN).sum(), (hze["grund"] != ZUSTAENDIGKEIT).sum()),
            "H28": quote(hze["grund"].isin(ABBRUCH).sum(), len(hze)),
            "H29": quote(neue, len(frueher)),
        }  # fmt: skip

    def struktur(self) -> dict[str, Fraction]:
        """H31 to H33, H41, H42: who is in which Hilfe."""
        hze = self.bestand()
        hze = hze[hze["hze"]]
        stat = hze[hze["Form"] == "stat."]
        monate = (self.tag.year - stat["geboren"].dt.year) * 12 + (
            self.tag.month - stat["geboren"].dt.month
        )
        angabe = hze[hze["Transferleistung"] != ""]
        return {
            "H31": quote((monate < 72).sum(), len(stat)),
            "H32": quote((hze["Rechtsgrundlage"] == P41).sum(), len(hze)),
            "H33": quote((stat["Ort"] == "außerhalb").sum(), len(stat)),
            "H41": quote((hze["umA"] == "ja").sum(), len(hze)),
            "H42": quote((angabe["Transferleistung"] == "ja").sum(), len(angabe)),
        }

    # --- Geld -------------------------------------------------------------------------------------

    def zahlungen(self, *arten: str) -> pd.DataFrame:
        """Payments of the service months of the Stichtag's year, of these kinds."""
        z = self.roh.zahlungen
        return z[z["Art"].isin(arten) & (z["monat"] > self.vorjahr) & (z["monat"] <= self.tag)]

    def kosten(self) -> dict[str, Fraction]:
        brutto = self.zahlungen("Leistung", "Rückrechnung")
        erstattet = self.zahlungen("Kostenerstattung")["cent"].sum()
        hze = brutto[brutto["hze"]]
        vorher = self.roh.zahlungen
        alt = vorher[(vorher["monat"] > self.vorjahr - pd.DateOffset(years=1))
                     & (vorher["monat"] <= self.vorjahr)]  # fmt: skip
        alt_brutto = alt[alt["Art"].isin(["Leistung", "Rückrechnung"])]["cent"].sum()
        alt_erstattet = alt[alt["Art"] == "Kostenerstattung"]["cent"].sum()
        gebucht = hze[hze["am"] <= self.tag]["cent"].sum()
        stichtag = monatsende(self.tag, -12)
        damals = vorher[vorher["hze"] & vorher["Art"].isin(["Leistung", "Rückrechnung"])
                        & (vorher["monat"] > self.vorjahr - pd.DateOffset(years=1))
                        & (vorher["monat"] <= stichtag) & (vorher["am"] <= stichtag)]  # fmt: skip
        tage = self.belegt(self.hilfen["hze"], self.vorjahr, self.tag)
        p19 = brutto[brutto["Leistungsart"] == LEISTUNGSART["19"]]["cent"].sum()
        return {
            "F16": Fraction(int(gebucht - damals["cent"].sum()), 100),
            "F20": quote(erstattet, brutto["cent"].sum()),
            "F20b": quote(alt_erstattet, alt_brutto),
            "H17b": Fraction(int(gebucht), 100) / (tage / MONAT),
            "H20": quote(hze[hze["Form"] == "stat."]["cent"].sum(), hze["cent"].sum()),
            "H43b": Fraction(int(p19), 100),
        }

    def haushalt(self) -> dict[str, Fraction]:
        """F01 to F26 without what is expected or forecast."""
        auf, ert = (self.roh.ist(self.text, a)["cent"].sum() for a in ("aufwand", "ertrag"))
        plan, plan_e = (self.roh.ansatz(self.text, a) for a in ("aufwand", "ertrag"))
        ansatz, ansatz_e = plan["cent"].sum(), plan_e["cent"].sum()
        alle = self.roh.netto(self.text, ["konto_art"]).sum()
        alle_auf = self.roh.ist(self.text, "aufwand", sozial=None)["cent"].sum()
        alle_plan = self.roh.ansatz(self.text, "aufwand", sozial=None)["cent"].sum()
        o = self.roh.obligo[self.roh.obligo["jahr"] == self.tag.year]
        o = o[(o["stand"] <= self.tag) & (o["konto_art"] == "aufwand")]
        g = self.roh.gesamt
        g = g[(g["art"] == "Ist") & (g["jahr"] == self.tag.year) & (g["stand"] <= self.tag)]
        jeder, u21 = (self.roh.einwohner_am(self.text, unter=n) for n in (200, 21))
        posten = self.roh.ist(self.text, "aufwand")["cent"]
        mehr = plan[plan["art"].isin(["überplanmäßig", "außerplanmäßig"])]["cent"].sum()
        return {
            "F01": Fraction(int(ansatz), 100), "F01b": Fraction(int(ansatz_e), 100),
            "F02": quote(auf, ansatz), "F02b": quote(ert, ansatz_e),
            "F09": Fraction(int(auf), 100), "F10": Fraction(int(ert), 100),
            "F11": Fraction(int(auf - ert), 100), "F12": quote(ert, auf),
            "F13": Fraction(int(auf - ert), 100 * jeder),
            "F14": Fraction(self.zuschuss_der_hilfen(), 100 * u21),
            "F15": quote(auf, g["aufwand"].sum()), "F15b": quote(alle_auf, g["aufwand"].sum()),
            "F17": self.nachgebucht(),
            "F19": quote(-posten[posten < 0].sum(), posten[posten > 0].sum()),
            "F21": quote(mehr, plan[plan["art"] == "Ansatz"]["cent"].sum()),
            "F22": Fraction(int(alle["ansatz"]), 100), "F23": Fraction(int(alle["ist"]), 100),
            "F24": Fraction(int(o["bestellt"].sum()), 100),
            "F25": Fraction(int(o["gesperrt"].sum()), 100),
            "F26": Fraction(int(alle_plan - alle_auf - o["bestellt"].sum() - o["gesperrt"].sum()),
                            100),
        }  # fmt: skip

    def zuschuss_der_hilfen(self) -> int:
        gruppen = ("3633", "3634")
        auf, ert = (
            rows[rows["produktgruppe"].isin(gruppen)]["cent"].sum()
            for rows in (self.roh.ist(self.text, "aufwand"), self.roh.ist(self.text, "ertrag"))
        )
        return int(auf - ert)

    def nachgebucht(self) -> Fraction:
        b = self.roh.buchungen
        b = b[(b["konto_art"] == "aufwand") & b["sozial"]]
        b = b[(b["monat"] > self.vorjahr) & (b["monat"] <= self.tag)]
        return quote(b[b["am"] > self.tag]["cent"].sum(), b["cent"].sum())

    def alle(self) -> dict[str, Fraction | int]:
        """Every Kennzahl that is recomputed here."""
        return {**self.faelle(), **self.dauern(), **self.enden(), **self.struktur(),
                **self.kosten(), **self.haushalt()}  # fmt: skip


@pytest.fixture(scope="module")
def roh(tmp_path_factory: pytest.TempPathFactory) -> Rohdaten:
    from sozcontrol.demo import write_delivery

    return Rohdaten(write_delivery(tmp_path_factory.mktemp("roh"), datenstand=DATENSTAND))


def antwort(stichtag: str, namen: list[str]) -> dict[str, object]:
    from sozcontrol import measures

    found = measures.kennzahlen(musterstadt(), namen, stichtag=stichtag)
    return {w.kennzahl.id: w.frame["wert"].iloc[0] for w in found}


@pytest.mark.parametrize("stichtag", STICHTAGE)
def test_jede_nachgerechnete_kennzahl_stimmt(roh: Rohdaten, stichtag: str) -> None:
    erwartet = Nachrechnung(roh, stichtag).alle()
    assert len(erwartet) >= 65
    gesagt = antwort(stichtag, [*erwartet])
    falsch = {
        name: (float(wert), float(gesagt[name]))  # type: ignore[arg-type]
        for name, wert in erwartet.items()
        if abs(Fraction(str(gesagt[name])) - wert) > Fraction(1, 10**12) * max(1, abs(wert))
    }
    assert falsch == {}


def test_die_gliederung_nach_hilfeart_stimmt(roh: Rohdaten) -> None:
    from sozcontrol import measures

    n = Nachrechnung(roh, STICHTAGE[0])
    stroeme = {"H01": n.bestand(), "H02": n.begonnen(), "H03": n.beendet(), "H04": n.jahresfaelle()}
    codes = {wort: code for code, wort in LEISTUNGSART.items()}
    for name, rows in stroeme.items():
        erwartet = Counter(rows[rows["hze"]]["Leistungsart"].map(codes))
        frame = measures.kennzahl(musterstadt(), name, je=["hilfeart"]).frame
        gesagt = dict(zip(frame["hilfeart"], frame["wert"], strict=True))
        assert gesagt.pop("insgesamt") == sum(erwartet.values())
        assert {k: int(v) for k, v in gesagt.items() if v} == dict(erwartet), name


@pytest.mark.parametrize("stichtag", STICHTAGE)
def test_die_gliederung_nach_produktgruppe_stimmt(roh: Rohdaten, stichtag: str) -> None:
    from sozcontrol import measures

    for name, sozial in (("F11", True), ("F23", None)):
        erwartet = roh.netto(stichtag, ["produktgruppe"], sozial=sozial)["ist"]
        frame = measures.kennzahl(
            musterstadt(), name, je=["produktgruppe"], stichtag=stichtag
        ).frame
        gesagt = {
            k: int(v * 100) for k, v in zip(frame["produktgruppe"], frame["wert"], strict=True)
        }
        assert gesagt.pop("insgesamt") == erwartet.sum()
        assert gesagt == erwartet.to_dict()


def test_die_nachrechnung_importiert_das_paket_nicht() -> None:
    here = Path(__file__).parent
    quelle = (here / "rohdaten.py").read_text(encoding="utf-8")
    assert "import sozcontrol" not in quelle and "from sozcontrol" not in quelle
    eigen = Path(__file__).read_text(encoding="utf-8").partition("@pytest.fixture")[0]
    assert "\nfrom sozcontrol" not in eigen and "\nimport sozcontrol" not in eigen
