"""Rows as pandas by SQL kept before: what the expression itself gives."""

from __future__ import annotations

from datetime import date

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
import pytest
from tafel import Stadt

from sozcontrol.measures.zaehlwerk.rahmen import rahmen
from sozcontrol.measures.zaehlwerk.sichten import Basis
from sozcontrol.store import abfragetexte

STICHTAG = date(2025, 6, 30)
HILFEN = """
hilfe_id | person_id | hilfeart | beginn     | ende
h1       | p1        | 34       | 2024-02-01 | 2025-03-31
h2       | p2        | 34       | 2025-01-15 |
h3       | p2        | 33       | 2023-07-01 | 2024-12-31
"""


def jede_art(hilfen: ir.Table, vor: date, faktor: int) -> ir.Table:
    """Columns of every kind, with and without empty cells."""
    t = hilfen.filter(hilfen.beginn < vor)
    return t.select(
        "hilfeart", "beginn", "ende",
        betrag=(t.beginn.year() * faktor).cast("decimal(18, 2)"),
        leer=t.ende.isnull().ifelse(None, 1).cast("int64"),
        anteil=t.beginn.month() / 12, laeuft=t.ende.isnull(),
    ).order_by(["hilfeart", "beginn"])  # fmt: skip


def anzahl(hilfen: ir.Table) -> ir.Table:
    """How many, of each kind."""
    return hilfen.group_by("hilfeart").aggregate(n=hilfen.count()).order_by("hilfeart")


def stadt(rows: str = HILFEN) -> Stadt:
    return Stadt(STICHTAG, fall=rows)


@pytest.mark.parametrize("vor", [date(2025, 1, 1), date(2025, 6, 30), date(2000, 1, 1)])
def test_der_rahmen_ist_genau_der_des_ausdrucks(vor: date) -> None:
    for _ in range(2):  # written, and read in what might be another process
        abfragetexte._texte.cache_clear()
        daten = stadt()
        erwartet = jede_art(Basis(daten)("hilfen"), vor, 3).execute()
        pd.testing.assert_frame_equal(rahmen(daten, ("hilfen",), jede_art, vor, 3), erwartet)


def test_jeder_wert_ist_teil_der_frage() -> None:
    daten = stadt()
    for faktor in (1, 2):
        frame = rahmen(daten, ("hilfen",), jede_art, STICHTAG, faktor)
        assert [int(b) for b in frame["betrag"]] == [b.year * faktor for b in frame["beginn"]]


def test_eine_andere_stadt_gibt_mit_demselben_text_ihre_eigenen_zeilen() -> None:
    assert dict(rahmen(stadt(), ("hilfen",), anzahl).values) == {"33": 1, "34": 2}
    zwei = "\n".join(HILFEN.strip().splitlines()[:2])
    assert dict(rahmen(stadt(zwei), ("hilfen",), anzahl).values) == {"34": 1}


class Mit:
    """An object whose state decides what its method makes."""

    def anzahl(self, hilfen: ir.Table) -> ir.Table:
        """How many."""
        return anzahl(hilfen)


def test_was_sein_name_nicht_ganz_sagt_wird_nicht_gemerkt() -> None:
    class Ohne:
        pass

    unsagbar = (lambda t: t, ()), (anzahl, (Ohne(),)), (anzahl, (np.arange(2000),))
    for ausdruck, werte in (*unsagbar, (Mit().anzahl, ())):
        with pytest.raises(AssertionError):
            rahmen(stadt(), ("hilfen",), ausdruck, *werte)


def test_zeilen_im_speicher_gehen_ohne_text() -> None:
    rows = ibis.memtable(pd.DataFrame({"hilfe_id": ["h1"], "hilfeart": ["34"]}))
    assert abfragetexte._table_name(rows) == ""
