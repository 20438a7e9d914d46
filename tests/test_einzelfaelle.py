"""A table of single cases: right, and for nobody but those who may see persons."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from hauptbuch import musterstadt, rohdateien
from test_einheitskosten import DAMALS, STICHTAG
from zweitrechnung import Dateien

from sozcontrol import catalogue, present
from sozcontrol.disclosure import Antrag, Freigabe, entscheiden
from sozcontrol.errors import NotReleased
from sozcontrol.measures.einzelfaelle import HOECHSTENS, teuerste_hilfen
from sozcontrol.present import draw
from sozcontrol.present.output import Output

ANDERE = [e for e in catalogue.editionen() if e != "intern"]
FORM = {"spalten": "teuerste_hilfen"}


@pytest.fixture(scope="module")
def tafel():
    return teuerste_hilfen(musterstadt())


def test_die_teuersten_sind_die_der_zahlliste(tafel) -> None:
    roh = Dateien(rohdateien(STICHTAG, DAMALS), STICHTAG)
    rows = roh.zahlungen
    rows = rows[
        rows["ist_hze"] & rows["ist_brutto"] & rows["monat"].between("2025-01-01", "2025-06-30")
    ]
    month = rows.groupby(["hilfe", "monat"])["betrag"].sum()
    paid = month.groupby("hilfe").sum().sort_values(ascending=False)
    found = tafel.frame
    assert [*found["betrag_eur"]] == [*paid.iloc[:HOECHSTENS]]
    ab, bis = pd.Timestamp("2025-01-01"), pd.Timestamp("2025-06-30")
    known = set()
    for nr in paid[paid >= found["betrag_eur"].min()].index:
        beginn, ende = roh.hilfen.loc[nr, ["beginn", "ende"]]
        letzter = bis if pd.isna(ende) else min(ende, bis)
        tage = (letzter - max(beginn, ab)).days + 1
        known.add((paid[nr], int((month[nr] > 0).sum()), tage))
    told = zip(found["betrag_eur"], found["monate"], found["tage"], strict=True)
    assert set(told) <= known
    assert all(r.je_tag == r.betrag_eur / r.tage for r in found.itertuples())


def test_keine_zeile_sagt_wer_es_ist(tafel) -> None:
    assert {*tafel.frame.columns} == {
        "rang", "hilfeart", "monate", "betrag_eur", "tage", "je_tag", "faelle",
    }  # fmt: skip


@pytest.mark.parametrize("sichtbar", [None, ("leitung", "gremium"), tuple(catalogue.editionen())])
def test_kein_notebook_kann_sie_anderen_zeigen(tafel, sichtbar) -> None:
    """Neither by asking for all editions, nor by naming others, nor past ``present``."""
    shown: Output = present.table(tafel, "T", sichtbar=sichtbar, **FORM)
    meant = None if sichtbar is None else set(sichtbar)
    assert {*shown.sichtbar} == ({"intern"} if meant is None or "intern" in meant else set())
    asked = [*shown.antraege("b", "b/z"), Antrag("b/roh/0", "b", tafel, None, sichtbar)]
    made = entscheiden(asked, [*catalogue.editionen()])
    assert {e for _, e in made.tafeln} <= {"intern"}
    for edition in ANDERE:
        assert draw(shown, [None], edition=edition, projekt=None) is None
        with pytest.raises(NotReleased, match="nicht entschieden"):
            made.freigegeben("b/roh/0", edition)
        with pytest.raises(NotReleased, match="einzelnen Fall"):
            Freigabe.open(edition).aufstellung(tafel)


def test_intern_sieht_jede_zahl_und_die_entscheidung_bewahrt_keine(tafel) -> None:
    asked = present.table(tafel, "T", **FORM).antraege("b", "b/z")
    made = entscheiden(asked, [*catalogue.editionen()])
    assert made.freigegeben("b/z/0", "intern").spalte("betrag_eur") == [*tafel.frame["betrag_eur"]]
    assert not made.lage.wert


def test_ohne_die_erklaerung_stuende_sie_verborgen_da(tafel) -> None:
    """The counts behind it protect it a second time."""
    asked = [Antrag("b/z/0", "b", replace(tafel, einzelfaelle=False))]
    made = entscheiden(asked, ["leitung"])
    shown = made.freigegeben("b/z/0", "leitung")
    assert not {str(v) for v in shown.spalte("betrag_eur")} & {*map(str, tafel.frame["betrag_eur"])}


def test_wer_nichts_verbirgt_liegt_nicht_bei_den_berichten() -> None:
    assert {e.ablage for e in catalogue.editionen().values() if not e.schwelle} == {"data"}
