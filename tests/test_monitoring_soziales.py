"""Monitoring Soziales: every Kennzahl against the raw files, counted again in plain pandas."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pandas as pd
import pytest
from monatsdateien import abweichungen, einwohner, euro, ganz, liefere, roh
from stichprobe import probe
from tafel import Stadt

from sozcontrol import catalogue, measures
from sozcontrol.demo import make_city
from sozcontrol.demo.leistungsbereiche import WARTEZEIT, _teile
from sozcontrol.demo.produkte import ist_aufwand
from sozcontrol.measures import aufstellungen
from sozcontrol.measures.zaehlwerk.zeitraum import spanne
from sozcontrol.present.waermetafel import stufe

PROFILE = ("musterstadt_soziales", "musterstadt_statistik")
STICHTAGE = [date(2024, 12, 31), date(2025, 8, 31)]
ZAHLEN = ("Bestand Anfang", "Zugang", "Abgang", "Bestand Ende", "Anträge", "bewilligt",
          "abgelehnt", "offen")  # fmt: skip


@pytest.fixture(scope="module", params=probe(STICHTAGE[::-1], 1), ids=str)
def lieferung(request, tmp_path_factory):
    ordner, daten = liefere(tmp_path_factory.mktemp("soziales"), request.param, PROFILE)
    frame = roh(ordner, "Soziales_Quartalswerte", "cp1252")
    frame["q"] = pd.to_datetime(frame["Quartalsende"], format="%d.%m.%Y")
    for spalte in ZAHLEN:
        frame[spalte] = ganz(frame[spalte].replace("", "0"))
    frame["aufwand"], frame["ertrag"] = euro(frame["Aufwand (€)"]), euro(frame["Erträge (€)"])
    frame["vzae"] = euro(frame["Stellen (VZÄ)"])
    bereiche = roh(ordner, "Soziales_Leistungsbereiche", "cp1252")
    return request.param, frame, daten, einwohner(ordner, request.param), bereiche


def erwartet(f: pd.DataFrame, tag: date, menschen) -> dict[str, Fraction]:
    """Count again: the last quarter that is over, and the four up to it."""
    letztes = f["q"][f["q"] <= pd.Timestamp(tag)].max()
    jetzt, vier = f[f["q"] == letztes], f[(f["q"] > letztes - pd.DateOffset(months=12))]
    n = {s: int(jetzt[s].sum()) for s in (*ZAHLEN, "aufwand", "ertrag")}
    stellen = int(jetzt[jetzt["Nr."] != "LB10"]["vzae"].sum())

    def lb(*nummern: str, frame: pd.DataFrame = jetzt, spalte: str = "Bestand Ende", **wo) -> int:
        gewaehlt = frame[frame["Nr."].isin(nummern)]
        for name, wert in wo.items():
            gewaehlt = gewaehlt[gewaehlt[name] == wert]
        return int(gewaehlt[spalte].sum())

    def je_fall(*nummern: str, **wo) -> Fraction:
        """A year's cost over the mean of four quarter ends."""
        faelle = lb(*nummern, frame=vier, **wo)
        return Fraction(lb(*nummern, frame=vier, spalte="aufwand", **wo) * 4, faelle * 100)

    teilhabe = ("LB03", "LB04", "LB05", "LB06", "LB07")
    asyl = lb("LB18", "LB19")
    bestattungen = lb("LB10", frame=vier, spalte="bewilligt")
    bezahlt = lb("LB10", frame=vier, spalte="aufwand")
    zuhause, im_heim = lb("LB08", Ort="amb."), lb("LB08", Ort="stat.")
    return {
        "A01": Fraction(n["Bestand Ende"]), "A02": Fraction(n["Zugang"]),
        "A03": Fraction(n["Abgang"]), "A04": Fraction(n["Anträge"]),
        "A05": Fraction(n["bewilligt"] * 100, n["bewilligt"] + n["abgelehnt"]),
        "A06": Fraction(n["aufwand"], 100), "A06b": Fraction(n["ertrag"], 100),
        "A07": Fraction(n["Bestand Ende"] * 100, stellen), "A08": Fraction(n["offen"]),
        "A09": Fraction(asyl), "Y02": Fraction(lb("LB19") * 100, asyl),
        "G01": Fraction(lb("LB01") * 1000, menschen(18, 200)),
        "G03": Fraction(lb("LB02") * 1000, menschen(0, 200)),
        "G04": je_fall("LB01"), "G04b": je_fall("LB02"),
        "L01": Fraction(lb("LB08") * 1000, menschen(0, 200)),
        "L03": Fraction(zuhause * 100, zuhause + im_heim),
        "L04": je_fall("LB08", Ort="amb."), "L04b": je_fall("LB08", Ort="stat."),
        "E01": Fraction(lb(*teilhabe) * 1000, menschen(0, 200)),
        "E02": Fraction(lb(*teilhabe)), "E04": je_fall(*teilhabe),
        "E11": Fraction(lb(*teilhabe, Träger="Stadt") * 100, lb(*teilhabe)),
        "O01": Fraction(bestattungen), "O01b": Fraction(bezahlt, bestattungen * 100),
        "O02": Fraction(lb("LB12")), "O02b": Fraction(lb("LB11")),
        "O03": Fraction(lb("LB15") * 10000, menschen(0, 200)),
        "O03b": Fraction(lb("LB16") * 10000, menschen(0, 200)), "O04": je_fall("LB09"),
    }  # fmt: skip


def test_jede_kennzahl_stimmt_mit_der_datei(lieferung) -> None:
    tag, frame, daten, menschen, _ = lieferung
    soll = erwartet(frame, tag, menschen)
    assert abweichungen(daten, soll) == {}
    assert soll.keys() == set(catalogue.bereich("monitoring_soziales").kennzahlen)


def test_jede_zelle_der_acht_quartale_stimmt_mit_der_datei(lieferung) -> None:
    tag, frame, daten, *_ = lieferung
    enden = aufstellungen.letzte_quartalsenden(tag)
    assert len(enden) == 8
    spalten = {"A01": "Bestand Ende", "A02": "Zugang", "A03": "Abgang", "A04": "Anträge"}
    for id_, spalte in spalten.items():
        gewaehlt = frame[frame["q"].dt.date.isin(enden)]
        if id_ == "A01":
            gewaehlt = gewaehlt[gewaehlt["Nr."] != "LB10"]
        summen = gewaehlt.groupby([gewaehlt["q"].dt.date, "Nr."])[spalte].sum()
        reihe = measures.zeitreihe(daten, id_, enden, je=["lb"], summen=False).frame
        ist = {(r.stichtag, r.lb): r.zaehler for r in reihe.itertuples()}
        assert ist == {k: int(v) for k, v in summen.items()}, id_


def test_die_zwanzig_namen_stehen_buchstaeblich_und_die_rechtsgrundlage_berichtigt(
    lieferung,
) -> None:
    *_, bereiche = lieferung
    codes = catalogue.codeliste("lb").gueltig
    assert {r["Nr."]: r["Leistungsbereich"] for _, r in bereiche.iterrows()} == {
        nr: code.name for nr, code in codes.items()
    }
    recht = bereiche.set_index("Nr.")["Rechtsgrundlage"]
    assert recht["LB20"].startswith("§ 6b BKGG")
    assert codes["LB20"].name == "Leistungen zur Bildung und Teilhabe nach §6 BKGG"
    assert [*bereiche[bereiche["Zählweise"] == "Entscheidungen"]["Nr."]] == ["LB10"]


def test_bestattungen_haben_keinen_bestand_und_keine_zeile_im_bestand(lieferung) -> None:
    *_, daten, _, _ = lieferung
    frame = measures.kennzahl(daten, "A01", je=["lb"], summen=False).frame
    assert "LB10" not in {*frame["lb"]}
    assert len(frame) == 19


def test_aufwand_je_produkt_ist_der_des_hauptbuchs() -> None:
    """To the cent: what the ledger holds of a product for a quarter is what its areas cost."""
    stadt = make_city()
    produkt = {t.lb: t.produkt for t in _teile()}
    je_bereich: Counter[tuple[str, date]] = Counter()
    for q in stadt.leistungen:
        je_bereich[produkt[q["lb"]], q["quartal"]] += int(q["aufwand_eur"] * 100)
    for ende, monate in ((date(2024, 6, 30), (4, 5, 6)), (date(2025, 3, 31), (1, 2, 3))):
        for name in {*produkt.values()}:
            gebucht = sum(
                b.betrag for b in stadt.buchungen
                if b.produkt == name and ist_aufwand(b.konto) and b.leistungsmonat
                and b.leistungsmonat.year == ende.year and b.leistungsmonat.month in monate
            )  # fmt: skip
            assert je_bereich[name, ende] == gebucht, name


def test_nach_der_rechtsaenderung_waechst_lb18_und_schrumpft_lb19_und_die_summe_steht() -> None:
    stand = {(q["lb"], q["quartal"]): q["bestand_ende"] for q in make_city().leistungen}
    vorher, nachher = date(2023, 12, 31), date(2025, 12, 31)
    assert vorher < WARTEZEIT < nachher
    drei, zwei = (stand[lb, nachher] / stand[lb, vorher] for lb in ("LB18", "LB19"))
    assert drei > 1.1
    assert zwei < 0.92
    summe = [stand["LB18", t] + stand["LB19", t] for t in (vorher, nachher)]
    assert abs(summe[1] / summe[0] - 1) < 0.1


# --- the engine ---------------------------------------------------------------------------------

BEREICHE = """
    lb   | zaehlweise
    LB01 | bestand
    LB10 | strom
    """
QUARTALE = """
    quartal    | lb   | leistungsort | traeger  | bestand_anfang | zugang | abgang | bestand_ende | vzae
    2024-12-31 | LB01 | ohne         | kommunal | 4              | 1      | 5      | 0            | 1.0
    2025-03-31 | LB01 | ohne         | kommunal | 0              | 6      | 0      | 6            | 1.0
    2025-03-31 | LB10 | ohne         | kommunal |                | 2      | 2      |              | 1.0
    """  # noqa: E501


@pytest.mark.parametrize(
    ("tag", "faelle", "zugang"),
    [
        pytest.param(date(2025, 3, 31), 6, 8, id="Ende des Quartals"),
        pytest.param(date(2025, 3, 30), 0, 1, id="Tag davor: das letzte volle Quartal"),
        pytest.param(date(2025, 6, 29), 6, 8, id="noch nicht zu Ende"),
    ],
)
def test_gezaehlt_wird_das_letzte_abgeschlossene_quartal(tag, faelle, zugang) -> None:
    stadt = Stadt(date(2025, 6, 30), leistung_quartal=QUARTALE, leistungsbereich=BEREICHE)
    ist = {z.id: z.wert for z in measures.alle(stadt, tag, ["A01", "A02"])}
    assert ist == {"A01": faelle, "A02": zugang}


def test_zwei_stichtage_im_selben_quartal_fragen_nach_demselben() -> None:
    """So they name the same counts, and what one hides the other does not give back."""
    juni, august = (spanne("letztes_quartal", date(2025, m, t)) for m, t in ((6, 30), (8, 31)))
    assert (juni.von, juni.bis) == (august.von, august.bis)
    assert (juni.von, juni.bis) == (date(2025, 3, 31), date(2025, 6, 30))


def test_hinter_geld_stehen_alle_die_im_quartal_leistungen_hatten() -> None:
    """All five have left by the end of 2024: nobody is there, but five stand behind the cost."""
    stadt = Stadt(date(2025, 6, 30), leistung_quartal=QUARTALE, leistungsbereich=BEREICHE)
    frame = measures.kennzahl(stadt, "A06", je=["lb"], stichtag=date(2024, 12, 31)).frame
    assert frame.set_index("lb")["faelle_zaehler"]["LB01"] == 5
    spaeter = measures.kennzahl(stadt, "A06", je=["lb"], stichtag=date(2025, 3, 31)).frame
    assert spaeter.set_index("lb")["faelle_zaehler"]["LB10"] == 2


@pytest.mark.parametrize(
    ("wert", "mittel", "gezaehlt", "ton"),
    [
        pytest.param("102", "100", True, 0, id="im Mittel"),
        pytest.param("104", "100", True, 1, id="etwas darüber"),
        pytest.param("120", "100", True, 1, id="zwei Wurzeln sind noch Zufall"),
        pytest.param("121", "100", True, 2, id="mehr als Zufall"),
        pytest.param("120", "100", False, 2, id="kein Zufall bei Beträgen"),
        pytest.param("2", "4", True, -1, id="kleine Zahlen schwanken"),
        pytest.param("90", "100", False, -2, id="zehn vom Hundert darunter"),
        pytest.param("0", "0", True, 0, id="nichts"),
    ],
)
def test_wie_weit_eine_zahl_vom_mittel_ihrer_zeile_ist(wert, mittel, gezaehlt, ton) -> None:
    assert stufe(Decimal(wert), Decimal(mittel), gezaehlt) == ton
