"""Sozialhilfe, Pflege, Eingliederungshilfe: Kennzahlen of single cases against the raw files."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pandas as pd
import pytest
from monatsdateien import abweichungen, einwohner, euro, ganz, liefere, roh
from stichprobe import probe

from sozcontrol import catalogue, measures
from sozcontrol.demo import make_city
from sozcontrol.demo.sozialhilfe import BUDGETS, EIGENE_WOHNUNG, FRISTGERECHT, GEPLANT

PROFILE = ("musterstadt_sozialhilfe", "musterstadt_soziales", "musterstadt_statistik",
           "musterstadt_steuerung")  # fmt: skip
TEILHABE = ["LB03", "LB04", "LB05", "LB06", "LB07"]
TAGE = ("Beginn", "Ende", "Bescheid", "Frist bis", "Gesamtplan")


@pytest.fixture(scope="module", params=probe([date(2025, 8, 31), date(2024, 12, 31)], 1), ids=str)
def lieferung(request, tmp_path_factory):
    tag = request.param
    ordner, daten = liefere(tmp_path_factory.mktemp("sozialhilfe"), tag, PROFILE)
    namen = ("Sozialhilfe_Leistungen", "Sozialhilfe_Bedarfsermittlungen",
             "Soziales_Quartalswerte", "Statistik_Pflegebeduerftige",
             "Statistik_Schueler")  # fmt: skip
    frames = {n.split("_")[1]: roh(ordner, n, "cp1252") for n in namen}
    liste = frames["Leistungen"]
    for spalte in TAGE:
        liste[spalte] = pd.to_datetime(liste[spalte], format="%d.%m.%Y", errors="coerce")
    geburt = pd.to_datetime(liste["Geburt"], format="%m/%Y")
    liste["Alter"] = tag.year - geburt.dt.year - (geburt.dt.month > tag.month)
    frames["Parameter"] = roh(ordner, "Steuerung_Parameter", "utf-8-sig")
    return tag, frames, daten, einwohner(ordner, tag)


def letzte_zaehlung(frame: pd.DataFrame, tag: pd.Timestamp) -> int:
    """Return the sum of the last count up to a day."""
    stand = pd.to_datetime(frame["Stichtag"], format="%d.%m.%Y")
    return int(ganz(frame["Anzahl"])[stand == stand[stand <= tag].max()].sum())


def erwartet(lieferung) -> dict[str, Fraction]:
    tag, frames, _, menschen = lieferung
    bis, liste = pd.Timestamp(tag), frames["Leistungen"]
    von = bis - pd.offsets.MonthEnd(12)
    da = liste[(liste["Beginn"] <= bis) & ~(liste["Ende"] <= bis)]
    pflege, teilhabe = da[da["Bereich"] == "LB08"], da[da["Bereich"].isin(TEILHABE)]
    arten = da["Art"].value_counts()
    assistenz = da[(da["Bereich"] == "LB07") & (da["Art"] == "Assistenz")]["Wohnform"]
    neu = liste[(liste["Bescheid"] > von) & (liste["Bescheid"] <= bis) & liste["Frist bis"].notna()]
    plan = teilhabe["Gesamtplan"] >= bis + pd.Timedelta(days=1) - pd.DateOffset(months=24)
    ermittelt = frames["Bedarfsermittlungen"]
    am = pd.to_datetime(ermittelt["Datum"], format="%d.%m.%Y")
    ermittelt = ermittelt[(am > von) & (am <= bis)]
    eigene = ermittelt[ermittelt["Durch"] == "Pflegefachkraft"]
    stunden = [int(euro(ermittelt[f"Std. {s}"]).sum()) for s in ("festgestellt", "beantragt")]
    weniger = int((euro(eigene["beantragt (€)"]) - euro(eigene["festgestellt (€)"])).sum())
    cent, zehntel = (int(euro(eigene[s]).sum()) for s in ("festgestellt (€)", "Std. festgestellt"))
    preis = Fraction(cent, zehntel * 10)
    weniger_h = int((euro(eigene["Std. beantragt"]) - euro(eigene["Std. festgestellt"])).sum())
    gesetzt = frames["Parameter"]
    fachkraft = gesetzt["Parameter"].str.startswith("Pflegefachkraft") & (
        gesetzt["gültig bis"].fillna("") == ""
    )
    (kosten,) = gesetzt[fachkraft]["Wert"].astype(int)
    quartale = frames["Quartalswerte"]
    ende = pd.to_datetime(quartale["Quartalsende"], format="%d.%m.%Y")
    letztes = ende[ende <= bis].max()
    vier = quartale[(ende > letztes - pd.DateOffset(months=12)) & (quartale["Nr."] == "LB08")]
    schwer = pflege["PG"].isin(["4", "5"]).sum()

    def je(teil: int, ganzes: int, faktor: int = 100) -> Fraction:
        return Fraction(int(teil) * faktor, int(ganzes))

    return {
        "G02": je(((da["Bereich"] == "LB01") & (da["Alter"] >= 66)).sum(), menschen(66, 200)),
        "L02": je((pflege["Alter"] >= 65).sum(), menschen(65, 200), 1000),
        "L05": je(len(pflege), letzte_zaehlung(frames["Pflegebeduerftige"], bis)),
        "L06": je(schwer, len(pflege)), "L06b": Fraction(len(pflege)),
        "L07": Fraction(weniger * 12, 100), "L07b": je(*stunden),
        "L07c": Fraction(len(ermittelt)),
        "L07d": kosten / preis, "L07e": Fraction(weniger_h * 12, 10),
        "L08": je(euro(vier["Erträge (€)"]).sum(), euro(vier["Aufwand (€)"]).sum()),
        "E03": je((assistenz == "eigene Wohnung").sum(), len(assistenz)),
        "E05": je(arten["WfbM"], menschen(18, 65), 1000),
        "E06": je(arten["BfA"], arten["WfbM"] + arten["BfA"]),
        "E07": je(arten["Schulbegl."], letzte_zaehlung(frames["Schueler"], bis), 1000),
        "E08": je((neu["Bescheid"] <= neu["Frist bis"]).sum(), len(neu)),
        "E09": je(plan.sum(), len(teilhabe)),
        "E10": je((teilhabe["Pers. Budget"] == "ja").sum(), len(teilhabe)),
    }  # fmt: skip


def test_jede_kennzahl_stimmt_mit_den_dateien(lieferung) -> None:
    soll = erwartet(lieferung)
    assert abweichungen(lieferung[2], soll) == {}
    summen = set(catalogue.bereich("monitoring_soziales").kennzahlen)
    assert soll.keys() == set(catalogue.bereich("sozialhilfe").kennzahlen) - summen


def test_das_gepflanzte_kommt_wieder_heraus(lieferung) -> None:
    werte = {
        z.id: float(z.wert) for z in measures.alle(lieferung[2], ids=list(erwartet(lieferung)))
    }
    assert werte["E08"] == pytest.approx(FRISTGERECHT * 100, abs=6)
    assert werte["E09"] == pytest.approx(GEPLANT * 100, abs=6)
    assert werte["E10"] == pytest.approx(BUDGETS * 100, abs=2)
    assert werte["E03"] == pytest.approx(EIGENE_WOHNUNG * 100, abs=5)


def test_liste_und_quartal_zaehlen_dieselben_menschen(lieferung) -> None:
    """At the end of the last quarter, for each Leistungsbereich, place and Träger."""
    _, frames, _, _ = lieferung
    liste, quartale = frames["Leistungen"], frames["Quartalswerte"]
    ende = pd.to_datetime(quartale["Quartalsende"], format="%d.%m.%Y")
    stand = quartale[(ende == ende.max()) & quartale["Nr."].between("LB01", "LB08")]
    da = liste[(liste["Beginn"] <= ende.max()) & ~(liste["Ende"] <= ende.max())]
    gezaehlt = da.groupby(["Bereich", "Ort", "Träger"]).size().to_dict()
    gemeldet = {
        (z["Nr."], z["Ort"], z["Träger"]): int(z["Bestand Ende"]) for _, z in stand.iterrows()
    }
    assert gezaehlt == {k: n for k, n in gemeldet.items() if n}


def test_was_am_datenstand_nicht_geschehen_ist_steht_nicht_in_der_lieferung() -> None:
    stand = date(2025, 7, 21)
    tabellen = make_city().tabellen(date(2025, 6, 30), stand)
    tage = [
        z[spalte] for z in tabellen["leistungsfall"] for spalte in ("beginn", "ende",
                                                                    "gesamtplan_am")
        if z[spalte] is not None
    ]  # fmt: skip
    assert max(tage) <= stand
    assert max(z["ermittelt_am"] for z in tabellen["bedarfsermittlung"]) <= stand
    assert max(z["stichtag"] for z in tabellen["pflegebeduerftige"]) == date(2023, 12, 31)


def test_ohne_liste_dienen_die_quartalssummen(tmp_path) -> None:
    """Without single cases the sums have their Kennzahlen, and nothing else says zero."""
    tag = date(2025, 6, 30)
    _, daten = liefere(tmp_path, tag, ("musterstadt_soziales", "musterstadt_statistik"))
    ids = catalogue.bereich("sozialhilfe").kennzahlen
    mit = {z.id for z in measures.alle(daten, ids=ids) if z.wert is not None}
    assert {"G01", "L03", "L08", "E04"} <= mit
    assert mit & {"E09", "L05", "G02", "E07"} == set()
