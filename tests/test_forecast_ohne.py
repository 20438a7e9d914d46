"""What a delivery lacks costs its own figures: the rest of the reports and the archive stand."""

from __future__ import annotations

import ast
import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

import gezeichnet
import pyarrow as pa
import pytest
from hauptbuch import Lieferung, ansatz, lieferung, monatlich, musterstadt
from press_fixtures import bare_project
from rendered import tables
from stichprobe import probe

from sozcontrol import store
from sozcontrol.disclosure import Freigabe
from sozcontrol.hochrechnung import (
    prognosearchiv as archiv,
)
from sozcontrol.hochrechnung import (
    prognosekennzahlen as kennzahlen,
)
from sozcontrol.hochrechnung import (
    tafeln,
)
from sozcontrol.hochrechnung.prognosestand import stand_oder_keiner
from sozcontrol.present import Output
from sozcontrol.projekt import Projekt

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
ANTWORT = "__antwort"
HERKUNFT = {"antwort-kommentar", "antwort-herkunft"}
"""Cells that read the project beside its data."""
KEINE_ERTRAEGE, KEINE_ZAHLUNG = "keine Erträge gebucht", "Zahlungen der Hilfen liegen nicht vor"
HILFEN = {"antwort-abweichung", "antwort-szenarien"}
"""Cells that leadership sees; a preview is hers."""
ZERLEGUNG = {"antwort-zerlegung", "antwort-zerlegung-hilfeart"}


def ohne_ertraege(tabellen: dict[str, pa.Table]) -> dict[str, pa.Table]:
    konten = tabellen["map_konto"]
    income = {r["konto"] for r in konten.to_pylist() if r["konto_art"] == "ertrag"}
    found = dict(tabellen)
    for name in ("buchung", "budget"):
        rows = tabellen[name]
        found[name] = rows.filter(pa.array([k not in income for k in rows["konto"].to_pylist()]))
    return found


def leere_zahlung(tabellen: dict[str, pa.Table]) -> dict[str, pa.Table]:
    return {**tabellen, "zahlung": tabellen["zahlung"].slice(0, 0)}


def ohne_zahlung(tabellen: dict[str, pa.Table]) -> dict[str, pa.Table]:
    return {n: t for n, t in tabellen.items() if n != "zahlung"}


VERKUERZT = {f.__name__: f for f in (ohne_ertraege, leere_zahlung, ohne_zahlung)}


@pytest.fixture(scope="module", params=probe(["ohne_zahlung", "ohne_ertraege", "leere_zahlung"], 1))
def fall(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The name of what is missing, and the delivery without it."""
    stadt = musterstadt()
    daten: Any = Lieferung(stadt.stichtag, VERKUERZT[request.param](stadt.arrow), stadt.kommune)
    projekt: Projekt = bare_project(tmp_path_factory.mktemp("ohne") / "projekt")
    daten.projekt, daten.datenstand = projekt, stadt.stichtag.replace(month=7, day=21)
    daten.manifest = {"fassung": "f" * 64}
    return request.param, daten


def antworten(name: str, nur: Collection[str] = ()) -> dict[str, Output | None]:
    """Run a notebook's cells in order (of the answers *nur* those); return what each shows."""
    cells = json.loads((NOTEBOOKS / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]
    scope, found = {}, {}
    for cell in cells:
        wanted = not nur or cell["id"] in {"parameter", "daten", *nur}
        if cell["cell_type"] == "code" and cell["id"] not in HERKUNFT and wanted:
            tree = ast.parse("".join(cell["source"]))
            if isinstance(tree.body[-1], ast.Expr):
                shown = ast.Assign([ast.Name(ANTWORT, ast.Store())], tree.body[-1].value)
                tree.body[-1] = ast.copy_location(shown, tree.body[-1])
            exec(compile(ast.fix_missing_locations(tree), cell["id"], "exec"), scope)
            found[cell["id"]] = scope.pop(ANTWORT, None)
    return found


@pytest.mark.parametrize("bericht", ["hochrechnung", "finanzcontrolling"])
def test_was_fehlt_kostet_keinen_bericht(fall, bericht, monkeypatch: pytest.MonkeyPatch) -> None:
    was, daten = fall
    monkeypatch.setattr(store, "open_data", lambda *_: daten)
    html = {i: o.preview().html for i, o in antworten(bericht).items() if o is not None}
    assert "<table>" in html["antwort-hochrechnung"]
    if bericht == "finanzcontrolling":
        ohne = {i for i, text in html.items() if KEINE_ZAHLUNG in text}
        assert ohne == (set() if was == "ohne_ertraege" else ZERLEGUNG)
        return
    keine = {i for i, text in html.items() if KEINE_ERTRAEGE in text}
    unbezahlt = {i for i, text in html.items() if KEINE_ZAHLUNG in text}
    assert keine == ({"antwort-ertrag"} if was == "ohne_ertraege" else set())
    assert unbezahlt == (set() if was == "ohne_ertraege" else HILFEN)


def test_was_fehlt_kostet_das_archiv_nur_seine_zahlen(fall) -> None:
    was, daten = fall
    reihen = {p.reihe for p in archiv.prognosen(daten) if p.ebene == "summe"}
    weg = "Erträge" if was == "ohne_ertraege" else "Hilfen zur Erziehung"
    ohne_netto = {"Aufwand", "Erträge", "Hilfen zur Erziehung"} - {weg}
    assert reihen == {*ohne_netto, archiv.ZUSCHUSS}
    assert {name for ebene, name, _ in archiv.ergebnisse(daten) if ebene == "summe"} == ohne_netto


def test_wozu_nichts_da_ist_gibt_es_keinen_stand(fall) -> None:
    was, daten = fall
    ertrag = stand_oder_keiner(daten, seite="ertrag")
    hilfen = stand_oder_keiner(daten, "hilfeart")
    assert (ertrag is None, hilfen is None) == (was == "ohne_ertraege", was != "ohne_ertraege")
    assert ("Zuschussbedarf" in set(tafeln.gesamt(daten).frame["was"])) == (ertrag is not None)


def test_ohne_zahlungen_ist_f18_nicht_berechenbar(fall) -> None:
    was, daten = fall
    fehlt = {} if was == "ohne_ertraege" else {"F18": ("zahlung",)}
    assert kennzahlen.fehlende(daten, ["F05", "F18"]) == fehlt


@pytest.mark.parametrize(("konto", "nummer"), [("A", "F01"), ("E", "F01b")])
def test_ohne_budget_ist_der_ansatz_nicht_null_sondern_nicht_da(konto, nummer) -> None:
    rows = [r for k in "AE" for r in monatlich(range(2022, 2026), 1_000_000, konto=k)]
    plan = [ansatz(2025, 11_000_000, konto=konto)]
    freigabe = Freigabe.open("leitung")
    for budgets, sagt in (((), "–"), (plan, "11.000.000 €")):
        werte = kennzahlen.kennzahlen(lieferung(rows, budgets), [nummer, "F05"])
        html = gezeichnet.overview([freigabe.zahl(w) for w in werte], "Auf einen Blick").html
        ansatz_, hochrechnung = (r[-1] for r in tables(html)["Auf einen Blick"][1:])
        assert ansatz_.replace("\u00a0", " ").startswith(sagt)
        assert hochrechnung.endswith("€") and ",00" not in html


def test_der_grund_steht_da_ohne_zweiten_doppelpunkt() -> None:
    text = gezeichnet.absent("Je Produktgruppe: Erträge", grund="Es ist nichts gebucht.").text
    assert text == "Je Produktgruppe: Erträge – nicht berechenbar. Es ist nichts gebucht."
    assert gezeichnet.absent("Bestand", "fall").text.startswith("Bestand: nicht berechenbar, weil")
