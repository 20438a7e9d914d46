"""Last year at equal maturity: from the delivery of then, else »vorläufig«."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import gezeichnet
import pytest
from hauptbuch import rohdateien, stadt_am
from rendered import text
from zweitrechnung import Dateien

from sozcontrol import catalogue, measures, store
from sozcontrol.demo import STANDARD_STICHTAG as STICHTAG
from sozcontrol.disclosure import Freigabe
from sozcontrol.measures import Werte
from sozcontrol.present import compared
from sozcontrol.revision import FuerEditionen
from sozcontrol.revision.vorjahr import VORJAHR, VORLAEUFIG, _fuer_editionen, vorjahr
from sozcontrol.store import daten as archiv

DAMALS, HEUTE = (date(2024, 6, 30), date(2024, 7, 15)), (STICHTAG, date(2025, 7, 15))
IDS = ["H01", "H02", "H03", "F09"]


@pytest.fixture
def alt(monkeypatch):
    found = stadt_am(*DAMALS)
    monkeypatch.setattr(found.con, "disconnect", lambda: None)
    monkeypatch.setattr(store, "vorjahr", lambda daten: found)
    return found


@pytest.fixture
def ohne(monkeypatch):
    monkeypatch.setattr(store, "vorjahr", lambda daten: None)


def werte(v):
    inner = [w.tafel if isinstance(w, FuerEditionen) else w for w in v.werte]
    return {w.kennzahl.id: int(w.frame["zaehler"].iloc[0]) for w in inner}


def gezaehlt(dateien: Dateien, tag: str) -> tuple[int, int, int]:
    """Stock on *tag*, begun and ended since New Year, from the delivered list of Hilfen."""
    h = dateien.hilfen[dateien.hilfen["ist_hze"]]
    neujahr = f"{tag[:4]}-01-01"
    stock = (h["beginn"] <= tag) & (h["ende"].isna() | (h["ende"] > tag))
    return (
        int(stock.sum()), int(h["beginn"].between(neujahr, tag).sum()),
        int(h["ende"].between(neujahr, tag).sum()),
    )  # fmt: skip


def test_verglichen_wird_mit_der_lieferung_von_damals(alt):
    v = vorjahr(stadt_am(*HEUTE), IDS)
    damals = gezaehlt(Dateien(rohdateien(*DAMALS), DAMALS[0]), "2024-06-30")
    heute = gezaehlt(Dateien(rohdateien(*HEUTE), HEUTE[0]), "2024-06-30")
    assert damals != heute, "cases were recorded late"
    found = werte(v)
    assert tuple(found[i] for i in ("H01", "H02", "H03")) == damals
    assert set(v.gegen) == {VORJAHR}


def test_ohne_diese_lieferung_ist_eine_fallzahl_vorlaeufig_das_hauptbuch_nicht(ohne):
    v = vorjahr(stadt_am(*HEUTE), IDS)
    heute = gezaehlt(Dateien(rohdateien(*HEUTE), HEUTE[0]), "2024-06-30")
    assert tuple(werte(v)[i] for i in ("H01", "H02", "H03")) == heute
    assert v.gegen == (VORLAEUFIG, VORLAEUFIG, VORLAEUFIG, VORJAHR)


def test_eine_kleine_spaete_erfassung_verraet_der_vergleich_nicht():
    """Beside today's series of the same day the figure of then would tell of one or two Hilfen."""
    one = measures.kennzahl(stadt_am(*HEUTE), "H01")
    assert _fuer_editionen(one, [0]) is one and _fuer_editionen(one, [-7, 0]) is one
    few = _fuer_editionen(one, [4])
    assert isinstance(few, FuerEditionen)
    assert set(few.sichtbar) == {"intern", "controlling", "leitung"}
    assert _fuer_editionen(one, [-1]).sichtbar == ("intern",)


def test_damals_und_heute_sind_zwei_zahlen_desselben_tages(alt):
    """The same name for both would be refused at the door, or tie what is not tied."""
    freigabe = Freigabe.open("intern")
    daten = stadt_am(*HEUTE)
    freigabe.aufstellung(measures.kennzahl(daten, "H01", stichtag=date(2024, 6, 30)))
    (w, *_) = vorjahr(daten, ["H01"]).werte
    w = w.tafel if isinstance(w, FuerEditionen) else w
    assert isinstance(w, Werte) and w.stand == DAMALS[1]
    assert freigabe.aufstellung(w) is not None


def kachel(jetzt: str, damals: str, id_: str = "H10") -> str:
    item = catalogue.kennzahl(id_)

    def of(value: str) -> Werte:
        frame = measures.kennzahl(stadt_am(*HEUTE), id_).frame.copy()
        frame["wert"] = [Decimal(value)]
        return Werte(item, (), frame, STICHTAG)

    freigabe = Freigabe.open("intern")
    then = freigabe.aufstellung(replace(of(damals), stand=DAMALS[1]))
    return text(gezeichnet.tiles(compared([freigabe.aufstellung(of(jetzt))], [then])).html)


def test_gleiche_zahlen_heissen_unveraendert():
    assert "unverändert gegenüber Vorjahr: 50,3" in kachel("50.34", "50.26")
    assert "+" not in kachel("50.34", "50.26")


def test_unterschiede_kommen_aus_ungerundeten_werten_und_das_steht_dabei():
    shown = kachel("50.36", "50.24")
    assert "+0,1" in shown and "Unterschiede sind aus ungerundeten Werten gerechnet." in shown


@pytest.mark.parametrize(
    ("vorhanden", "erwartet"),
    [
        pytest.param(["2024-07-15"], "2024-07-15", id="derselbe Abstand"),
        pytest.param(
            ["2024-07-10", "2024-07-20"], "2024-07-10", id="der nächste, sonst der frühere"
        ),
        pytest.param(["2024-09-01"], None, id="zu reif"),
        pytest.param([], None, id="keine"),
    ],
)
def test_gleich_reif_ist_eine_lieferung_mit_gleichem_abstand(monkeypatch, vorhanden, erwartet):
    there = [("2024-06-30", d, "musterstadt") for d in vorhanden]
    there += [("2024-06-30", "2024-07-15", "moers"), ("2024-03-31", "2024-07-15", "musterstadt")]
    names = ("stichtag", "datenstand", "kommune")
    stored = [dict(zip(names, one, strict=True)) for one in there]
    monkeypatch.setattr(archiv, "deliveries", lambda projekt: stored)
    monkeypatch.setattr(archiv, "open_data", lambda tag, stand, projekt: (tag, stand))
    daten = SimpleNamespace(stichtag=STICHTAG, datenstand=date(2025, 7, 15), projekt=None,
                            kommune=catalogue.kommune("musterstadt"))  # fmt: skip
    found = archiv.vorjahr(daten)
    assert found == (None if erwartet is None else (DAMALS[0], date.fromisoformat(erwartet)))
