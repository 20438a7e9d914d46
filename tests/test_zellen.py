"""Cells by their distinct values say what lists of them say."""

import csv
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sozcontrol.catalogue.profil import Quelldatei
from sozcontrol.intake import Zahlzelle, csv_file
from sozcontrol.intake.body import split_rows
from sozcontrol.intake.header import Header
from sozcontrol.intake.model import Grid
from sozcontrol.intake.rules import FileRejected
from sozcontrol.intake.zellen import Zeilenleser, Zellen
from sozcontrol.tidy import zwillinge

zelle = st.sampled_from(["", "a", " a", "a ", "1.5", Zahlzelle("1.5"), "Summe", "Ä"])
zeile = st.lists(zelle, max_size=4)
gleich_breit = st.integers(0, 4).flatmap(
    lambda n: st.lists(st.lists(zelle, min_size=n, max_size=n))
)
zeilen = st.one_of(st.lists(zeile), gleich_breit)


def arten(rows):
    return [[(type(c), c) for c in row] for row in rows]


@given(zeilen, st.data())
def test_zeilen_sind_was_sie_als_listen_waren(rows, data):
    typisiert = any(isinstance(c, Zahlzelle) for row in rows for c in row)
    found, cut = Zeilenleser(typisiert=typisiert), data.draw(st.integers(0, len(rows)))
    found.add(rows[:cut])
    found.add(rows[cut:])
    found = found.zeilen()
    assert len(found) == len(rows)
    assert arten(found) == arten(rows) == arten(found[i] for i in range(len(rows)))
    marks = data.draw(st.lists(st.booleans(), min_size=len(rows), max_size=len(rows)))
    places = [i for i, mark in enumerate(marks) if mark]
    some = found.take(np.array(places, np.int64))
    assert arten(some) == arten(rows[i] for i in places)
    stripped = found.mapped(str.strip)
    assert [*stripped] == [[c.strip() for c in row] for row in rows]
    assert found.anders(stripped, 0) == sum(c != c.strip() for row in rows for c in row)
    width = max(map(len, rows), default=0)
    for i in range(width + 1):
        assert [*found.spalte(i)] == [row[i] if i < len(row) else "" for row in rows]
        assert found.orte(i, "a".__eq__) == [
            n for n, row in enumerate(rows) if i < len(row) and row[i] == "a"
        ]
    assert found.funde(str.isalpha) == {
        i: texts
        for i in range(width)
        if (texts := {row[i] for row in rows if i < len(row) and row[i].isalpha()})
    }


@given(st.lists(zelle), st.data())
def test_zellen_sind_was_sie_als_liste_waren(cells, data):
    found = Zellen.of(cells)
    assert [*found] == cells
    part = data.draw(st.slices(len(cells)))
    some = found[part]
    assert [*some] == cells[part]
    assert {*some.werte} == {*cells[part]}
    assert sum(some.counts()) == len(some)
    assert some.ohne("").tolist() == [c != "" for c in cells[part]]
    assert found.positions(str.isalpha) == [i for i, c in enumerate(cells) if c.isalpha()]
    other = data.draw(st.lists(st.integers(0, 2), min_size=len(cells), max_size=len(cells)))
    assert [*found.paired(Zellen.of(other))] == [*zip(cells, other, strict=True)]


@given(st.text(alphabet='a;"\r\n', max_size=40), st.integers(1, 5))
def test_eine_datei_in_stuecken_ist_die_datei(text, head):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_file, "_HEAD", head)
        patch.setattr(csv_file, "STUECK", 2)
        assert "".join(csv_file._lines(text)) == text
        try:
            whole = [*csv.reader(io.StringIO(text, newline=""), delimiter=";", strict=True)]
        except csv.Error:
            with pytest.raises(FileRejected):
                csv_file.records(text, ";")
            return
        assert [*csv_file.records(text, ";")] == whole


def test_ein_halbes_zeichen_ist_ein_befund_der_datei():
    with pytest.raises(FileRejected, match="halbe Zeichen"):
        csv_file.records(b"a;+2AA-\n".decode("utf-7"), ";")


QUELLE = Quelldatei.model_validate({
    "name": "x", "muster": "x.csv", "fuss": {"beginnt": ["Summe"]},
    "zwischensumme": {"erkennung": {"spalte": "Ä", "gleich": ["1.5"]}, "betraege": ["Ä"]},
    "tabellen": [{"tabelle": "fall", "spalten": {"hilfe_id": "a"}}],
})  # fmt: skip


@given(zeilen)
def test_jede_zeile_hat_ein_schicksal(rows):
    """Row by row, as a person would sort them."""
    data, blank, again, sums, foot = [], [], [], [], []
    closed = False
    for number, raw in enumerate(rows, start=2):
        row = [c.strip() for c in raw]
        filled = [c for c in row if c]
        if not filled:
            blank.append(number)
        elif filled == ["a", "Ä"]:
            again.append(number)
            closed = False
        elif not closed and row[1:2] == ["1.5"]:
            sums.append((number, row, len(data)))
        elif closed or filled[0] == "Summe":
            closed = True
            foot.append((number, row))
        else:
            data.append((number, row))
    fill = [sum(map(bool, row)) for _, row in data]
    usual = max(fill, key=fill.count, default=0)
    late = [n for n, row in foot[1:] if data and sum(map(bool, row)) >= max(usual, 3)]
    grid, header = Grid([["a", "Ä"], *rows]), Header(0, 0, ("a", "Ä"))
    if late:
        with pytest.raises(FileRejected) as refused:
            split_rows(grid, header, QUELLE)
        assert refused.value.zeilen == tuple(late)
        return
    body = split_rows(grid, header, QUELLE)
    last = max((n for n, _ in data), default=0)
    assert [*zip(body.nummern, body.zeilen, strict=True)] == data
    assert (body.leer, body.seitenkopf) == ([n for n in blank if n < last], again)
    assert (body.zwischensummen, body.fuss) == (sums, foot)
    assert body.getrimmt == sum(c != c.strip() for row in rows for c in row)


@given(st.sets(st.text(alphabet="0a1A \t", max_size=3)))
def test_gleich_geschriebene_nummern_sind_keine_zwillinge(texts):
    if zwillinge._spelt_alike(texts):
        assert len({*map(zwillinge._fold, texts)}) == len(texts)
