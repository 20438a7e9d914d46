"""What a check found as figures: rules and columns, counted again from the files that hold them."""

from __future__ import annotations

import json
from datetime import date

import pandas as pd
import pyarrow as pa
import pytest
import yaml
from conftest import ROOT, Stadt
from tafel import Stadt as Tafelstadt

from sozcontrol import catalogue, checks, measures, store
from sozcontrol.findings import Finding, Schwere

TAG = date(2025, 6, 30)
TABELLEN = ROOT / "sozcontrol" / "catalogue" / "tabellen"


def regeln_der_dateien() -> set[tuple[str, str]]:
    """Every rule of a table that stands under ``expectations``, as the files have it."""
    suites = [json.loads(p.read_text("utf-8")) for p in (ROOT / "expectations").glob("*.json")]
    found = {(s["name"], e["meta"]["regel"]) for s in suites for e in s["expectations"]}
    for path in (ROOT / "expectations" / "regeln").glob("*.yml"):
        found |= {
            (r["tabelle"], r["id"]) for r in yaml.safe_load(path.read_text("utf-8"))["regeln"]
        }
    return found


def test_die_zahlen_der_musterstadt_stimmen_mit_befunden_und_tabellen(eingelesen: Stadt) -> None:
    daten = store.open_data(TAG, projekt=eingelesen.projekt)
    ist = {z.id: z.wert for z in measures.alle(daten, ids=["Q01", "Q02", "Q03"])}
    befunde = json.loads((daten.folder / "befunde.json").read_text("utf-8"))
    parquet = {p.stem: pd.read_parquet(p) for p in daten.folder.glob("*.parquet")}
    daten.close()
    fakten = {p.stem: yaml.safe_load(p.read_text("utf-8")) for p in TABELLEN.glob("*.yml")}
    da = {n for n in parquet if fakten[n].get("herkunft") not in ("protokoll", "pruefung")}
    verletzt = {
        (b["tabelle"], b["regel"]) for b in befunde
        if b["tabelle"] in da and b["schwere"] in ("fehler", "warnung")
    }  # fmt: skip
    regeln = {r for r in regeln_der_dateien() | verletzt if r[0] in da}
    pflicht = [(n, s["name"]) for n in da for s in fakten[n]["spalten"] if s.get("pflicht")]
    voll = [(n, c) for n, c in pflicht if not parquet[n][c].isna().any()]
    assert verletzt and len(da) > 40
    assert float(ist["Q01"]) == pytest.approx(100 * len(verletzt) / len(regeln))
    assert float(ist["Q02"]) == pytest.approx(100 * len(voll) / len(pflicht))
    assert ist["Q03"] == 0  # 21 days after the Stichtag, as the city keeps it


def test_eine_verletzte_regel_zaehlt_einmal_wie_viele_zeilen_es_auch_sind() -> None:
    """A number of rows would let a reader reckon what the page of rules hides."""
    fall = pa.table({"hilfe_id": ["H1", "H2"], "beginn": pa.array([TAG, None], pa.date32())})

    def befund(regel: str, schwere: Schwere, anzahl: int = 1) -> Finding:
        return Finding(regel, schwere, "…", tabelle="fall", anzahl=anzahl)

    regeln = [checks.Regel(r, "fall", None, Schwere.WARNUNG, "…", "sql") for r in "ABCD"]
    gefunden = [
        befund("A", Schwere.WARNUNG, 7), befund("A", Schwere.WARNUNG), befund("B", Schwere.HINWEIS),
        befund("R-I11", Schwere.FEHLER),
    ]  # fmt: skip
    (zeile,) = checks.pruefergebnis(
        {"fall": fall}, gefunden, regeln, stand=(TAG, date(2025, 7, 24)),
        faellig_am=date(2025, 7, 21),
    ).to_pylist()  # fmt: skip
    assert (zeile["regeln"], zeile["regeln_verletzt"]) == (5, 2)  # one more of the reading
    pflicht = [s.name for s in catalogue.tabelle("fall").spalten if s.pflicht]
    assert (zeile["pflichtfelder"], zeile["pflichtfelder_voll"]) == (len(pflicht), 1)


PRUEFUNG = """
    tabelle | tabelle_name | stichtag   | geliefert_am | faellig_am | regeln | regeln_verletzt | pflichtfelder | pflichtfelder_voll
    fall    | Fall         | 2025-06-30 | 2025-07-24   | 2025-07-21 | 30     | 3               | 9             | 8
    person  | Person       | 2025-06-30 | 2025-07-24   | 2025-07-21 | 10     | 1               | 3             | 3
    kita    | Kita         | 2025-06-30 | 2025-07-24   |            | 10     | 0               | 4             | 4
    """  # noqa: E501


def test_puenktlich_ist_wer_eine_frist_hat() -> None:
    stadt = Tafelstadt(TAG, pruefung=PRUEFUNG)
    werte = {z.id: (z.zaehler, z.nenner) for z in measures.alle(stadt, ids=["Q01", "Q02", "Q03"])}
    assert werte == {"Q01": (4, 50), "Q02": (15, 16), "Q03": (6, 2)}
    je = measures.kennzahl(stadt, "Q01", je=["tabelle_name"], summen=False).frame
    assert dict(zip(je["tabelle_name"], je["zaehler"], strict=True))["Fall"] == 3
