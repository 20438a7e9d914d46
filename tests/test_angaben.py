"""What no row of a delivery says is unknown: no count and no sum of it is 0."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pytest
from hauptbuch import Lieferung
from kleinstadt import STICHTAG
from kleinstadt import Stadt as Kleinstadt
from tafel import Stadt
from wuerfelstadt import wuerfelstadt

from sozcontrol import catalogue, measures
from sozcontrol.auskunft.antworten import Liste
from sozcontrol.press.lauf.luecken import luecken

SPALTEN = ("fall.familie_id", "zahlung.menge", "leistung_quartal.bestand_ende")
"""The optional columns that are counted or summed, each of a view of another kind."""


def betroffen(spalte: str) -> set[str]:
    """Return the Kennzahlen that say in their Steckbrief that they read a column."""
    return {k.id for k in catalogue.kennzahlen().values() if spalte in k.datenquelle}


def stadt_mit(spalte: str, wert: object) -> Stadt:
    """Return a city in which the first row alone says *wert* in a column; all else is filled."""
    stadt = wuerfelstadt(hilfen=20)
    name, _, column = spalte.partition(".")
    table = stadt[name].to_pyarrow()
    at = table.schema.get_field_index(column)
    values = pa.array([wert] + [None] * (len(table) - 1), table.schema.field(at).type)
    stadt.con.con.register(name, table.set_column(at, column, values))
    return stadt


@pytest.mark.parametrize("spalte", SPALTEN)
def test_was_keine_zeile_sagt_ist_unbekannt_und_der_grund_nennt_die_spalte(spalte: str) -> None:
    stadt, ids = stadt_mit(spalte, None), betroffen(spalte)
    assert measures.fehlende(stadt) == dict.fromkeys(ids, (spalte,))
    assert [z.id for z in measures.alle(stadt, ids=["H01", *ids])] == ["H01"]
    for werte in measures.kennzahlen(stadt, sorted(ids)):
        assert werte.frame[["zaehler", "nenner", "wert"]].isna().all(axis=None), werte
    first = min(ids)
    assert measures.explain(stadt, first).zeile.wert is None
    reihe = measures.zeitreihe(stadt, first, [date(2024, 12, 31), stadt.stichtag])
    assert reihe.frame["wert"].isna().all() and len(reihe.frame) == 2


def test_auch_je_gruppe_steht_keine_null() -> None:
    frame = measures.kennzahl(stadt_mit("zahlung.menge", None), "H40", je=["hilfeart"]).frame
    assert len(frame) > 1 and frame["zaehler"].isna().all()


@pytest.mark.parametrize("spalte", SPALTEN)
def test_sagt_es_eine_zeile_ist_nichts_unbekannt(spalte: str) -> None:
    stadt = stadt_mit(spalte, "F1" if spalte.endswith("_id") else 5)
    assert measures.fehlende(stadt) == {}


def test_ohne_zeilen_ist_es_nichts_und_nicht_unbekannt() -> None:
    leer = Stadt(STICHTAG)
    assert [z.zaehler for z in measures.alle(leer, ids=["H01c", "G01"])] == [0, 0]


def test_der_kopf_des_berichts_und_das_terminal_nennen_den_grund() -> None:
    tables = Kleinstadt().tables()
    at = tables["fall"].schema.get_field_index("familie_id")
    nichts = pa.nulls(len(tables["fall"]), tables["fall"].schema.field(at).type)
    ohne = tables | {"fall": tables["fall"].set_column(at, "familie_id", nichts)}
    area = catalogue.bereich("monitoring_jugend")
    assert luecken(area, Lieferung(STICHTAG, tables), ()) is None
    assert luecken(area, Lieferung(STICHTAG, ohne), ()) == (
        "»Hilfe: Familie« (in keiner Zeile angegeben). Deshalb fehlen auch: Familien, und was "
        "daraus folgt."
    )
    kopf = dict.fromkeys(("kommune", "edition"), "x")
    kopf |= dict.fromkeys(("stichtag", "datenstand"), "2025-06-30")
    fehlt = measures.fehlende(Lieferung(STICHTAG, ohne), ["H01", "H01c"])
    text = Liste(kopf, (), fehlt, (), ()).text("table")
    assert "H01c nicht berechenbar: es fehlt fall.familie_id." in text.splitlines()
