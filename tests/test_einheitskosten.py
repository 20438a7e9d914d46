"""Unit costs are completed: held against what the same months cost nine months later."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hauptbuch import Lieferung, musterstadt, rohdateien, stadt_am
from zweitrechnung import Dateien

from sozcontrol.demo import STANDARD_STICHTAG as STICHTAG
from sozcontrol.disclosure import Freigabe
from sozcontrol.disclosure.entscheidung import lesen
from sozcontrol.errors import UsageError
from sozcontrol.hochrechnung import einheitskosten as kosten
from sozcontrol.hochrechnung.abwicklung.abwicklungstafeln import ist_korrigiert, rueckstellung
from sozcontrol.hochrechnung.abwicklung.dreieckstafeln import abwicklungsdreieck, abwicklungsmuster
from sozcontrol.hochrechnung.abwicklung.einrichtungen import einrichtungen
from sozcontrol.hochrechnung.abwicklung.rueckstand import rueckstand
from sozcontrol.hochrechnung.prognosekennzahlen import kennzahlen
from sozcontrol.measures import INSGESAMT

D = Decimal
DAMALS, SPAETER = date(2025, 7, 15), (date(2025, 12, 31), date(2026, 3, 15))


@pytest.fixture(scope="module")
def roh():
    return Dateien(rohdateien(STICHTAG, DAMALS), STICHTAG)


@pytest.fixture(scope="module")
def spaeter():
    return Dateien(rohdateien(*SPAETER), SPAETER[0])


def bezahlt(dateien: Dateien, art: str | None = None) -> Decimal:
    """Gross cost of the Hilfen zur Erziehung served from January to June 2025."""
    rows = dateien.zahlungen
    rows = rows[
        rows["ist_hze"] & rows["ist_brutto"] & rows["monat"].between("2025-01-01", "2025-06-30")
    ]
    rows = rows if art is None else rows[rows["leistungsart"] == art]
    return rows["betrag"].sum()


def tage(dateien: Dateien, art: str | None = None) -> int:
    """Occupied days of the same half-year; the day of the end is one."""
    rows = dateien.hilfen[dateien.hilfen["ist_hze"]]
    rows = rows if art is None else rows[rows["leistungsart"] == art]
    von = rows["beginn"].clip(lower=pd.Timestamp("2025-01-01"))
    bis = rows["ende"].fillna(pd.Timestamp("2025-06-30")).clip(upper=pd.Timestamp("2025-06-30"))
    return int(((bis - von).dt.days + 1).clip(lower=0).sum())


HEIM = "Heimerziehung/betr. Wohnform"


def wert(id_: str) -> Decimal:
    return kennzahlen(musterstadt(), [id_])[0].frame["wert"].iloc[0]


@pytest.mark.parametrize(
    ("id_", "art", "teiler"),
    [("H17", None, D("30.4375")), ("H18", HEIM, D(1))],
)
def test_die_ergaenzte_zahl_liegt_bei_der_spaeteren_die_rohe_weit_darunter(
    roh, spaeter, id_, art, teiler
):
    roh_wert = bezahlt(roh, art) / (D(tage(roh, art)) / teiler)
    assert wert(f"{id_}r") == pytest.approx(roh_wert)
    wahr = bezahlt(spaeter, art) / (D(tage(roh, art)) / teiler)
    assert roh_wert < wahr * D("0.85")
    assert wert(id_) == pytest.approx(wahr, rel=D("0.04"))


def test_h16_und_h19_teilen_denselben_ergaenzten_betrag(roh):
    teile = kennzahlen(musterstadt(), ["H16", "H17", "H19", "H16r"])
    zaehler = {w.frame["zaehler"].iloc[0] for w in teile[:3]}
    assert len(zaehler) == 1
    (ganz,) = zaehler
    erwartet = ist_korrigiert(musterstadt()).frame.set_index("hilfeart").loc[INSGESAMT]
    assert ganz == bezahlt(roh) + erwartet["erwartet_eur"]
    assert teile[3].frame["zaehler"].iloc[0] == bezahlt(roh)


def test_die_spanne_umschliesst_den_wert_und_steht_daneben():
    frame = kosten.einheitskosten(musterstadt()).frame
    assert len(frame) == 4 and frame["kennzahl"].str.contains("H1").all()
    for row in frame.itertuples():
        assert row.roh < row.unten < row.wert < row.oben


def test_je_hilfeart_geht_es_auf_und_durch_die_tuer(roh):
    t = kosten.kosten_je_monat(musterstadt())
    frame = t.frame.set_index("hilfeart")
    assert frame.loc["34", "gebucht_eur"] == bezahlt(roh, HEIM)
    parts = frame.drop(INSGESAMT)
    for column in ("gebucht_eur", "erwartet_eur", "endstand_eur"):
        assert parts[column].sum() == frame.loc[INSGESAMT, column]
    assert Freigabe.open("gremium").aufstellung(t) is not None


def test_wo_die_kosten_gesperrt_sind_sind_es_auch_ihre_einheitskosten():
    """»Kosten je Tag § 34« is the year's cost that another table shows, or hides, by Hilfeart."""
    je_art, einheit = (
        lesen(kosten.kosten_je_monat(musterstadt())),
        kosten.einheitskosten(musterstadt()),
    )
    (heim,) = [n for n, name in enumerate(einheit.frame["kennzahl"]) if "(H18)" in name]
    (h18,) = kennzahlen(musterstadt(), ["H18"])
    zeile = [row[0] for row in je_art.vorlage.zeilen].index("34")
    for spalte, gezeigt in (("endstand_eur", ("wert", "unten", "oben")), ("gebucht_eur", ("roh",))):
        zelle = je_art.betraege[spalte][zeile]
        gone = lesen(einheit).verborgen({zelle})
        assert {c for c in ("wert", "unten", "oben", "roh") if heim in gone[c]} == {*gezeigt}
    assert lesen(h18).verborgen({je_art.betraege["endstand_eur"][zeile]})["wert"] == {0}


def test_die_bruecke_fuehrt_vom_fachverfahren_zur_produktgruppe(roh):
    frame = kosten.bruecke(musterstadt()).frame
    rows = dict(zip(frame["schritt"], frame["betrag_eur"], strict=True))
    namen = list(rows)
    am_stichtag, danach, bisher, erwartet, ganz, buch, unterschied, jahr, *gruppen = rows.values()
    assert bisher == bezahlt(roh) == am_stichtag + danach and ganz == bisher + erwartet
    assert unterschied == buch - bisher and "R-X01" in namen[6]
    ledger = roh.hauptbuch[(roh.hauptbuch["art"] == "aufwand")]
    own = ledger[~ledger["hilfeart"].isin(["19", "20", "42"])]
    own = own[own["hilfeart"].notna() | own["paragraph"].notna()]
    assert buch == own[own["monat"].between("2025-01-01", "2025-06-30")]["betrag"].sum()
    in_year = own[(own["jahr"] == 2025) & (own["am"] <= "2025-06-30")]
    assert jahr == in_year["betrag"].sum()
    found = dict(zip((n.split()[1] for n in namen[8:]), gruppen, strict=True))
    assert found == {g: roh.ist(2025, "aufwand", STICHTAG)[g] for g in ("3633", "3634")}
    monatlich = dict(zip(frame["schritt"], frame["je_monat"], strict=True))
    gezeigt = [v for v in monatlich.values() if not pd.isna(v)]
    assert gezeigt == pytest.approx([wert("H17b"), wert("H17r"), wert("H17")])
    assert Freigabe.open("leitung").aufstellung(kosten.bruecke(musterstadt())) is not None


def test_ein_vorjahr_ist_beinahe_fertig():
    """At 31.12.2024, seen in July, nearly all is billed: completing adds next to nothing."""
    daten = musterstadt()
    full, raw = kennzahlen(daten, ["H17", "H17r"], stichtag=date(2024, 12, 31))
    assert full.frame["wert"].iloc[0] == pytest.approx(raw.frame["wert"].iloc[0], rel=D("0.002"))
    assert stadt_am(STICHTAG, DAMALS) is daten


NEU, NEU_CODE = "Soziale Gruppenarbeit", "29"


def erst_danach_bezahlt() -> Lieferung:
    """Return Musterstadt, where no invoice of one Hilfeart came by the Stichtag."""
    daten = musterstadt()
    fall, zahlung = daten.arrow["fall"], daten.arrow["zahlung"]
    eigene = fall.filter(pc.equal(fall["hilfeart"], NEU_CODE))["hilfe_id"]
    weg = pc.and_(
        pc.is_in(zahlung["hilfe_id"], value_set=eigene.combine_chunks()),
        pc.less_equal(zahlung["buchung_am"], pa.scalar(STICHTAG)),
    )
    neu = Lieferung(STICHTAG, {**daten.arrow, "zahlung": zahlung.filter(pc.invert(weg))})
    neu.datenstand = daten.datenstand
    return neu


def test_f18_kennt_auch_was_erst_nach_dem_stichtag_die_erste_rechnung_hat(roh):
    """Its first invoice makes a Hilfeart part of what was open; the files say how much."""
    neu = erst_danach_bezahlt()
    rows = roh.zahlungen
    rows = rows[rows["ist_hze"] & rows["ist_brutto"] & (rows["am"] > pd.Timestamp(STICHTAG))]
    rows = rows[rows["monat"] <= pd.Timestamp(STICHTAG)]
    danach = rows.groupby("leistungsart")["betrag"].sum()
    assert danach[NEU] > 0
    r = rueckstand(neu)
    assert r.posten[NEU_CODE].danach == pytest.approx(float(danach[NEU]))
    assert r.posten[NEU_CODE].gebucht == 0 and r.posten[NEU_CODE].offen >= float(danach[NEU])
    (wert_b,) = kennzahlen(neu, ["F18b"])
    assert wert_b.frame["wert"].iloc[0] == danach.sum() == wert("F18b")

    tafel = ist_korrigiert(neu).frame.set_index("hilfeart")
    zeile, ganz = tafel.loc[NEU_CODE], tafel.loc[INSGESAMT]
    assert (zeile["gebucht_eur"], zeile["danach_eur"]) == (0, danach[NEU])
    teile = tafel.drop(INSGESAMT)
    for spalte in ("offen_eur", "danach_eur", "erwartet_eur"):
        assert teile[spalte].sum() == ganz[spalte]
    bezahlt_danach = rows[rows["leistungsart"] == NEU]["hilfe"].nunique()
    assert zeile["faelle"] > 0 and 0 < zeile["faelle_danach"] <= bezahlt_danach
    with pytest.raises(UsageError, match="nichts gebucht"):
        abwicklungsdreieck(neu, hilfeart=NEU_CODE)
    muster = abwicklungsmuster(neu).frame.set_index("hilfeart")
    assert pd.isna(muster.loc[NEU_CODE, "nach_0"]) and muster["nach_0"].notna().sum() > 5
    assert einrichtungen(neu, r)[-1].offen == r.posten[INSGESAMT].offen
    for bau in (ist_korrigiert, rueckstellung, kosten.kosten_je_monat, kosten.bruecke):
        assert len(Freigabe.open("leitung").aufstellung(bau(neu)).zeilen) > 5
