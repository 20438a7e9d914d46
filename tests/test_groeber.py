"""A small municipality reads Segmente instead of marks: its notebook, decided for the leaders."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import nbformat
import pytest
from conftest import ROOT
from hauptbuch import Lieferung, musterstadt
from kleinstadt import STICHTAG, Stadt

from sozcontrol import catalogue, measures, store
from sozcontrol.catalogue.vergroeberung import Vergroeberung
from sozcontrol.disclosure import GEHEIM, Antrag, entscheiden
from sozcontrol.measures import aufstellungen as tafeln
from sozcontrol.present.output import Output
from sozcontrol.projekt import Projekt

OHNE = ("kennzahlen", "pflegestellen", "alle", "kommentar", "herkunft", "steckbriefe", "aussage")
"""Cells that ask for last year's reports, show no figure, or say again what another shows."""
SEGMENTE = ("ambulant", "stationaer")


def klein(jeder: int) -> Lieferung:
    """Every so manieth person of Musterstadt, with the whole ledger."""
    ganz = musterstadt()

    def gewaehlt(wer: Any) -> bool:
        return int(hashlib.sha256(str(wer).encode()).hexdigest()[:6], 16) % jeder == 0

    tables = dict(ganz.arrow)
    for name in ("person", "fall"):
        table = tables[name]
        tables[name] = table.filter([gewaehlt(p) for p in table["person_id"].to_pylist()])
    hilfen = set(tables["fall"]["hilfe_id"].to_pylist())
    paid = tables["zahlung"]
    tables["zahlung"] = paid.filter([h in hilfen for h in paid["hilfe_id"].to_pylist()])
    found = Lieferung(ganz.stichtag, tables, ganz.kommune)
    found.datenstand = ganz.datenstand
    return found


def ausgaben(
    bereich: str = "monitoring_jugend", ohne: Sequence[str] = OHNE
) -> Iterator[tuple[str, Output]]:
    """Run a notebook's cells and yield what they declare."""
    known: dict[str, Any] = {}
    path: Path = ROOT / "notebooks" / f"{bereich}.ipynb"
    for cell in nbformat.read(path, as_version=4).cells:
        name = cell["id"].removeprefix("antwort-")
        if cell.cell_type != "code" or name in ohne:
            continue
        *before, last = cell.source.splitlines()
        shown = cell["id"].startswith("antwort-")
        exec("\n".join(before if shown else [*before, last]), known)  # the notebook is ours
        if shown and isinstance(found := eval(last, known), Output):  # noqa: S307
            yield name, found


@pytest.fixture(scope="module")
def stadt() -> Lieferung:
    return klein(7)


@pytest.fixture(scope="module")
def gezeigt(stadt: Lieferung) -> dict[str, Output]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "open_data", lambda *_: stadt)
        return dict(ausgaben())


def test_die_leitung_liest_jeden_bestand_je_segment_und_fast_alles_andere(
    stadt: Lieferung, gezeigt: dict[str, Output]
) -> None:
    """75 Hilfen: no stock of ambulant or stationär is hidden, and one figure in twenty at most."""
    asked = [a for n, o in gezeigt.items() for a in o.antraege("m", n) if a.fuer("leitung")]
    ids = ["H01", "H02", "H03", "H05", "H06", "H09", "H10", "H13", "H24", "H25", "H28"]
    asked += [Antrag(f"t/{w.kennzahl.id}", "m", w, ("wert",))
              for w in measures.kennzahlen(stadt, ids)]  # fmt: skip
    asked.append(Antrag("f/1", "f", tafeln.soll_ist(stadt), ("ist_eur",)))
    e = entscheiden(asked, ["leitung"])
    figures = [
        v for a in asked for r in [e.freigegeben(a.id, "leitung")]
        for c in r.spalten if c not in r.je for v in r.spalte(c) if v is not None
    ]  # fmt: skip
    assert 0 < sum(v is GEHEIM for v in figures) <= len(figures) / 20
    stocks = [e.freigegeben(f"bewegung/{n}", "leitung") for n in range(8)]
    stocks = [r for r in stocks if r.kennzahl is not None and r.kennzahl.id == "H01"]
    stocks = [r for r in (*stocks, e.freigegeben("verlauf/0", "leitung")) if "wert" in r.spalten]
    assert [r.je for r in stocks] == [("segment",), ("segment",), ("stichtag", "segment")]
    for r in stocks:
        values = zip(r.spalte("segment"), r.spalte("wert"), strict=True)
        assert not [s for s, v in values if s in SEGMENTE and v is GEHEIM]


def test_anteile_weniger_stehen_nicht_als_verlauf(stadt: Lieferung) -> None:
    """Stocks keep their line in a small municipality; of a share half the points were marks."""
    klein, ganz = (
        {w.kennzahl.id for w in measures.leitreihen(city, "monitoring_jugend")}
        for city in (stadt, musterstadt())
    )
    assert klein == {i for i in ganz if catalogue.kennzahl(i).nenner is None} < ganz


AUS_HILFEN = ("operativ", "finanzcontrolling", "hochrechnung", "abwicklung", "monitoring_jugend",
              "sozialraum", "steuerung", "einwohnerprognose", "benchmarking")  # fmt: skip
"""The areas of a municipality that delivers its Hilfen, its ledger and what is public."""
JE_BEREICH = {"monitoring_jugend": 0.075, "abwicklung": 0.12}
"""Where more than one figure in twenty stays hidden: the budget of a Hilfeart, shares of few (said
three times), the triangle of months with few bills."""


@pytest.mark.thorough
def test_ueber_alle_bereiche_ist_eine_von_zwanzig_zahlen_geheim(
    stadt: Lieferung, tmp_path: Path
) -> None:
    """All notebooks of the small municipality, decided together, for the leaders."""
    stadt.projekt = Projekt(tmp_path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "open_data", lambda *_: stadt)
        patch.setattr(store, "vorjahr", lambda *_: None)
        asked = [
            a for area in AUS_HILFEN for name, o in ausgaben(area, ("kommentar", "zweifel"))
            for a in o.antraege(area, f"{area}/{name}")
        ]  # fmt: skip
    e = entscheiden(asked, [*catalogue.editionen()])
    counted = {area: [0, 0] for area in AUS_HILFEN}
    for a in (a for a in asked if a.fuer("leitung")):
        r = e.freigegeben(a.id, "leitung")
        cells = [v for c in r.spalten if c not in r.je for v in r.spalte(c) if v is not None]
        counted[a.bereich][0] += sum(v is GEHEIM for v in cells)
        counted[a.bereich][1] += len(cells)
    hidden, figures = (sum(column) for column in zip(*counted.values(), strict=True))
    assert figures > 8000 and 0 < hidden <= figures / 50
    share = {area: h / n for area, (h, n) in counted.items() if n}
    assert {a: s for a, s in share.items() if s > JE_BEREICH.get(a, 0.05)} == {}
    for edition in ("leitung", "gremium"):
        stocks = [
            row for a in asked if a.fuer(edition)
            for r in [e.freigegeben(a.id, edition)]
            if r.kennzahl is not None and r.kennzahl.id == "H01" and "wert" in r.spalten
            if set(r.je) in ({"segment"}, {"segment", "stichtag"})
            for row in (dict(zip(r.spalten, z, strict=True)) for z in r.zeilen)
            if row["segment"] in SEGMENTE
        ]  # fmt: skip
        assert len(stocks) > 70 and not [row for row in stocks if row["wert"] is GEHEIM]


def test_jede_groebere_tafel_sagt_dass_sie_zusammenfasst(gezeigt: dict[str, Output]) -> None:
    said = {name: o.preview().html for name, o in gezeigt.items()}
    reason = f"Es laufen weniger als {catalogue.vergroeberung().unter} Hilfen"
    for name in ("bewegung", "dauer"):
        assert f"Zusammengefasst je Segment statt je Hilfeart: {reason}" in said[name]
    assert f"Zusammengefasst je Produktgruppe statt je Hilfeart: {reason}" in said["budget"]
    assert "Zusammengefasst je Altersgruppe statt je Altersgruppe und Segment" in said["alter"]
    for name, what in (
        ("sozialraum", "Bestand und Dichte je Sozialraum"), ("teams", "Kosten und Wirkung je Team"),
        ("pflege", "an der Fremdunterbringung"), ("kosten-hilfeart", "und Hilfeart, ergänzt"),
    ):  # fmt: skip
        assert f"{what}: nicht gezeigt. {reason}" in said[name]
    assert "segment" not in said
    assert "§ 33" not in said["budget"]


def test_eine_grosse_stadt_gliedert_wie_gefragt() -> None:
    for je in (["hilfeart"], ["altersgruppe", "segment"], ["sozialraum"], ["fachkraft_org"]):
        asked = measures.gliederung(musterstadt(), je)
        assert asked.je == tuple(je) and asked.fein
    assert asked.titel == "je Organisationseinheit"


@pytest.mark.parametrize(("mehr", "fein"), [(0, True), (1, False)])
def test_klein_ist_wer_unter_der_grenze_liegt(
    mehr: int, fein: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    daten = Lieferung(STICHTAG, Stadt().tables())
    running = int(measures.kennzahl(daten, "H01").frame["wert"].iloc[0])
    rule = catalogue.vergroeberung().model_dump() | {"unter": running + mehr}
    monkeypatch.setattr(catalogue, "vergroeberung", lambda: Vergroeberung.model_validate(rule))
    assert measures.gliederung(daten, ["hilfeart"]).fein == fein


def test_ohne_hilfen_ist_niemand_klein() -> None:
    tables = {n: t for n, t in Stadt().tables().items() if n != "fall"}
    assert measures.gliederung(Lieferung(STICHTAG, tables), ["hilfeart"]).fein
