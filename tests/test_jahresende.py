"""From 31.12. on F05 starts from what is booked; F18 says what is booked since, and what is not.

Held against the delivered files, in plain pandas.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pandas as pd
import pytest
from hauptbuch import bekannt_am, rohdateien, stadt_am
from zweitrechnung import Dateien

from sozcontrol.disclosure import GEHEIM, Antrag, entscheiden
from sozcontrol.disclosure.entscheidung import lesen
from sozcontrol.disclosure.lage import Lage, uneinige
from sozcontrol.hochrechnung.abwicklung.abwicklungstafeln import (
    ist_korrigiert,
    rueckstellung,
    rueckstellung_gesamt,
)
from sozcontrol.hochrechnung.abwicklung.einheitskosten import kosten_je_monat
from sozcontrol.hochrechnung.abwicklung.rueckstand import rueckstand
from sozcontrol.hochrechnung.prognosekennzahlen import kennzahlen
from sozcontrol.hochrechnung.prognosestand import prognosestand
from sozcontrol.hochrechnung.tafeln.bau import ist
from sozcontrol.hochrechnung.tafeln.jahr import hochrechnung
from sozcontrol.measures import INSGESAMT
from sozcontrol.measures.aufstellungen import kostenzerlegung

JAHRESENDE, SPAET, FRUEH = date(2025, 12, 31), date(2026, 3, 15), date(2026, 1, 21)


@pytest.fixture(scope="module")
def daten():
    return stadt_am(JAHRESENDE, SPAET)


@pytest.fixture(scope="module")
def roh():
    return Dateien(rohdateien(JAHRESENDE, SPAET), JAHRESENDE)


def frueher(daten):
    found = bekannt_am(daten, FRUEH)
    found.stichtag = JAHRESENDE
    return found


@pytest.mark.parametrize("seite", ["aufwand", "ertrag"])
def test_das_ist_der_hochrechnung_ist_das_ganze_jahr(daten, roh, seite):
    for lieferung, bis in ((daten, SPAET), (frueher(daten), FRUEH)):
        stand = prognosestand(lieferung, seite=seite)
        gebucht = roh.ist(2025, seite, bis)
        for h in stand.prognose.hochrechnungen[:-1]:
            assert ist(stand, h.reihe) == gebucht.get(h.reihe, Decimal(0)), h.reihe
        assert ist(stand, INSGESAMT) == gebucht.sum()


def test_ein_name_steht_auch_am_jahresende_in_allen_tafeln_fuer_einen_betrag(daten):
    """Else each table would be decided by itself, and one shows what another one hides."""
    hier = frueher(daten)
    tafeln = [
        ist_korrigiert(hier),
        kostenzerlegung(hier),
        hochrechnung(hier, "hilfeart"),
        kosten_je_monat(hier),
    ]
    assert uneinige([lesen(t) for t in tafeln], Lage()) == set()
    ist, _, voraus, _ = (t.frame.set_index("hilfeart") for t in tafeln)
    both = ist["bisher_eur"].index.intersection(voraus.index)
    assert len(both) > 5 and (ist["bisher_eur"][both] == voraus["ist_eur"][both]).all()
    assert {n for t in tafeln for n in t.heisst.values() if "gebucht bis" in n} == {
        "Kosten der Hilfen, gebucht bis 2025-12-31",
        "Kosten der Hilfen, gebucht bis 2025-12-31, 1 Monate später",
    }


def spaet_gebuchte(roh) -> dict[Decimal, int]:
    """Return, by what a Leistungsart had cost at the Stichtag, its Hilfen booked for since."""
    rows = roh.zahlungen[roh.zahlungen["ist_hze"] & roh.zahlungen["ist_brutto"]]
    rows = rows[rows["monat"].between(f"{JAHRESENDE:%Y}-01-01", f"{JAHRESENDE}")]
    rows = rows[rows["am"] <= pd.Timestamp(FRUEH)]
    later = rows["am"] > pd.Timestamp(JAHRESENDE)
    cost = rows[~later].groupby("leistungsart")["betrag"].sum()
    since = rows[later].groupby("leistungsart")["hilfe"].nunique()
    return {c: int(since.get(art, 0)) for art, c in cost.items()}


def test_ein_lauf_einzelner_bereiche_zieht_keine_einzelne_buchung_ab(daten, roh):
    """The Hochrechnung is published; Abwicklung comes later, and yields where one takes it off."""
    hier = frueher(daten)
    voraus = Antrag("h", "h", hochrechnung(hier, "hilfeart"), ("ist_eur",))
    spaeter = Antrag("a", "a", ist_korrigiert(hier), ("gebucht_eur", "offen_eur", "endstand_eur"))
    before = entscheiden([voraus], ["leitung"])
    after = entscheiden([spaeter], ["leitung"], before).freigegeben("a", "leitung")
    ist = before.freigegeben("h", "leitung")
    seen = {
        h for h, v in zip(ist.spalte("hilfeart"), ist.spalte("ist_eur"), strict=True)
        if v is not GEHEIM
    }  # fmt: skip
    frame = spaeter.tafel.frame.set_index("hilfeart")
    since, tried = spaet_gebuchte(roh), 0
    shown = zip(after.spalte("hilfeart"), after.spalte("gebucht_eur"), strict=True)
    for hilfeart, gebucht in shown:
        few = since.get(frame.loc[hilfeart, "gebucht_eur"], 0) in (1, 2)
        tried += few
        assert not (few and hilfeart in seen) or gebucht is GEHEIM, hilfeart
    assert tried


def test_ist_alles_gebucht_weicht_die_hochrechnung_nicht_ab(daten, roh):
    """By 15 March every earlier year was complete; nothing is left to expect of this one."""
    stand = prognosestand(daten)
    assert stand.summe.wert == pytest.approx(roh.ist(2025, "aufwand").sum(), rel=Decimal("0.0005"))


def test_die_hochrechnung_im_januar_kennt_die_buchungen_des_januar(daten, roh):
    h = prognosestand(frueher(daten)).summe
    booked, final = (roh.ist(2025, "aufwand", bis).sum() for bis in (FRUEH, None))
    assert h.wert > booked
    assert abs(h.wert - final) < abs(booked - final) / 2


def test_unterjaehrig_zaehlt_weiter_nur_was_bis_zum_stichtag_gebucht_war(daten, roh):
    tag = date(2025, 6, 30)
    stand = prognosestand(daten, stichtag=tag)
    assert ist(stand, INSGESAMT) == roh.ist(2025, "aufwand", tag).sum()


# --- F18 in two parts ---------------------------------------------------------------------------


def spaeter(roh, von: date, bis: date | None, seit: str = "1900-01-01") -> pd.Series:
    """Gross cost by Hilfeart of service up to *von*, booked after it and by *bis*."""
    rows = roh.zahlungen[roh.zahlungen["ist_hze"] & roh.zahlungen["ist_brutto"]]
    rows = rows[(rows["monat"] <= pd.Timestamp(von)) & (rows["monat"] >= seit)]
    rows = rows[rows["am"] > pd.Timestamp(von)]
    rows = rows if bis is None else rows[rows["am"] <= pd.Timestamp(bis)]
    return rows.groupby("leistungsart")["betrag"].sum()


@pytest.mark.parametrize("tag", [date(2025, 6, 30), date(2025, 12, 31)])
def test_was_seither_gebucht_ist_steht_auf_den_cent_da(daten, roh, tag):
    frame = rueckstellung(daten, stichtag=tag).frame.set_index("hilfeart")
    danach = spaeter(roh, tag, None)
    assert frame.loc[INSGESAMT, "danach_eur"] == danach.sum()
    assert frame.loc["33", "danach_eur"] == danach.get("Vollzeitpflege", Decimal(0))
    jahr = ist_korrigiert(daten, stichtag=tag).frame.set_index("hilfeart").loc[INSGESAMT]
    assert jahr["danach_eur"] == spaeter(roh, tag, None, f"{tag.year}-01-01").sum()
    for row in frame.itertuples():
        assert row.offen_eur == row.danach_eur + row.erwartet_eur
        assert row.unten_eur is pd.NA or row.unten_eur <= row.offen_eur <= row.oben_eur
    (ganz,) = rueckstellung_gesamt(daten, stichtag=tag).frame.itertuples()
    assert (ganz.hilfeart, ganz.danach_eur) == (INSGESAMT, danach.sum())
    assert ganz.erwartet_eur == frame.loc[INSGESAMT, "erwartet_eur"]
    moved = frame.loc[INSGESAMT, "unten_eur"] - ganz.erwartet_unten_eur
    assert moved == danach.sum()


def test_was_noch_erwartet_wird_trifft_was_kam(daten, roh):
    """At 30.06. with the Datenstand of 21.07.: held against what the later delivery holds."""
    tag, stand = date(2025, 6, 30), date(2025, 7, 21)
    damals = bekannt_am(daten, stand)
    damals.stichtag = tag
    p = rueckstand(damals).posten[INSGESAMT]
    kam = float(spaeter(roh, tag, None).sum())
    schon = float(spaeter(roh, tag, stand).sum())
    assert p.danach == pytest.approx(schon) and schon > 100_000
    assert p.spanne.unten <= kam - schon <= p.spanne.oben
    assert p.offen == pytest.approx(kam, rel=0.05)


def test_f18_ist_die_summe_seiner_teile(daten):
    werte = kennzahlen(daten, ["F18", "F18b", "F18c"], je=["hilfeart"])
    ganz, danach, erwartet = (w.frame.set_index("hilfeart")["wert"] for w in werte)
    assert (ganz == danach + erwartet).all() and len(ganz) > 5
    assert danach[INSGESAMT] > 0 and ganz[INSGESAMT] > danach[INSGESAMT]
