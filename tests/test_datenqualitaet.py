"""What a check found as figures: rules and columns, counted again from the files that hold them."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pandas as pd
import pyarrow as pa
import pytest
import yaml
from conftest import ROOT, Stadt
from hauptbuch import KONTEN, Lieferung, buchung, lieferung, rohdateien, stadt_am
from rohdaten import Rohdaten
from tafel import Stadt as Tafelstadt
from tafel import lies, voll

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
    ist = {z.id: z.wert for z in measures.alle(daten, ids=["Q01", "Q02", "Q03", "Q04"])}
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


# --- Q04: what the ledger told then, and tells now of the same Stichtag --------------------------

SCHLUSS, HEUTE = (date(2024, 12, 31), date(2025, 1, 21)), (TAG, date(2025, 7, 15))


def q04(jetzt: Lieferung, damals: Lieferung, *gefunden: Finding) -> tuple[object, object] | None:
    """Numerator and denominator of Q04 in a delivery that is checked after another one."""
    log = voll("lieferung", {"tabelle": ["buchung"], "stichtag": [damals.stichtag]})
    geprueft = checks.pruefergebnis(
        jetzt.arrow, gefunden, (), stand=(jetzt.stichtag, jetzt.datenstand), faellig_am=None,
        vorher={**damals.arrow, "lieferung": log},
    )  # fmt: skip
    stadt = Lieferung(jetzt.stichtag, {"pruefung": geprueft})
    if measures.fehlende(stadt, ["Q04"]):
        return None
    (wert,) = measures.alle(stadt, ids=["Q04"])
    return wert.zaehler, wert.nenner


def test_der_revisionsumfang_der_musterstadt_aus_den_dateien_zweier_lieferungen() -> None:
    """The year 2024 as reported in January, before its closing, and in the books of July."""

    def ist(stand: tuple[date, date]) -> pd.Series:
        b = Rohdaten(rohdateien(*stand)).buchungen
        return b[b["jahr"] == 2024].groupby(["produkt", "konto"])["cent"].sum()

    alt, neu = ist(SCHLUSS), ist(HEUTE)
    geaendert, damals = int(neu.sub(alt, fill_value=0).abs().sum()), int(alt.abs().sum())
    assert 0.01 < geaendert / damals < 0.1
    erwartet = (Decimal(geaendert) / 100, Decimal(damals) / 100)
    assert q04(stadt_am(*HEUTE), stadt_am(*SCHLUSS)) == erwartet


JUNI_24 = date(2024, 6, 30)


def buch(zeilen: list[dict], stichtag: date = TAG) -> Lieferung:
    return lieferung(zeilen, stichtag=stichtag)


def gebucht(*betraege: tuple[int, str, str], am: date = date(2024, 5, 20)) -> list[dict]:
    return [buchung(am.year, am, b, p, konto=k) for b, p, k in betraege]


ALT = gebucht((600, "P1", "A"), (300, "P2", "A"), (-100, "P1", "E"))


@pytest.mark.parametrize(
    ("jetzt", "erwartet"),
    [
        pytest.param(ALT, (0, 1000), id="nichts geändert"),
        pytest.param([*ALT, *gebucht((50, "P1", "A"))], (50, 1000), id="rückdatiert"),
        pytest.param([*ALT, *gebucht((50, "P1", "A"), am=date(2024, 7, 1))], (0, 1000),
                     id="später gebucht ist keine Änderung"),
        pytest.param([*ALT, *gebucht((-80, "P1", "A"), (80, "P2", "A"))], (160, 1000),
                     id="umgebucht zählt auf beiden Seiten"),
        pytest.param(ALT[1:], (600, 1000), id="gelöscht"),
        pytest.param([*ALT, *gebucht((70, "P3", "A"))], (70, 1000), id="neues Produkt"),
        pytest.param(gebucht((9, "P1", "A"), am=date(2025, 5, 20)), None,
                     id="reicht nicht in das Jahr zurück"),
    ],
)  # fmt: skip
def test_der_revisionsumfang_misst_was_rueckwirkend_anders_ist(jetzt, erwartet) -> None:
    assert q04(buch(jetzt), buch(ALT, JUNI_24)) == erwartet


def test_am_jahresende_zaehlt_das_ganze_haushaltsjahr() -> None:
    spaet = gebucht((50, "P1", "A"), am=date(2024, 12, 31))
    spaet[0]["buchung_am"] = date(2025, 2, 10)
    assert q04(buch([*ALT, *spaet]), buch(ALT, date(2024, 12, 31))) == (50, 1000)


def test_ohne_frueheres_buch_und_aus_einem_abgelehnten_gibt_es_keinen_revisionsumfang() -> None:
    fehler = Finding("R-B01", Schwere.FEHLER, "…", tabelle="buchung", anzahl=1)
    assert q04(buch(ALT), buch(ALT, JUNI_24), fehler) is None
    assert (
        q04(buch(ALT), Lieferung(JUNI_24, {"map_konto": voll("map_konto", lies(KONTEN))})) is None
    )
