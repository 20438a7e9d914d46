"""Views are facts: what the engine makes of them, what the proof refuses, and which day it is."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import ibis
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tafel import als_dict, tafel
from wuerfelstadt import STICHTAG, wuerfelstadt

from sozcontrol import catalogue, measures
from sozcontrol.auskunft import werkstatt
from sozcontrol.catalogue.kennzahl import Term
from sozcontrol.catalogue.sicht import Sicht
from sozcontrol.checks.datenbank import Datenbank
from sozcontrol.errors import CatalogueError, UsageError
from sozcontrol.measures.zaehlwerk import prove
from sozcontrol.measures.zaehlwerk.grundzahlen import finde
from sozcontrol.measures.zaehlwerk.rechnen import traegerzahl, zeilen
from sozcontrol.measures.zaehlwerk.zeitraum import fristbeginn, spanne
from sozcontrol.press.lauf import beweis
from sozcontrol.projekt import Projekt

TAG = date(2025, 6, 30)


@pytest.fixture(scope="module")
def stadt() -> Any:
    return wuerfelstadt()


def neue_sicht(monkeypatch: pytest.MonkeyPatch, **facts: Any) -> Sicht:
    """Add a view to the catalogue; primitives are remembered by name, so each has its own."""
    view = Sicht.model_validate({"bezeichnung": "Probe", "einheit": "Stück", **facts})
    known = catalogue.sichten()
    monkeypatch.setattr(catalogue, "sichten", lambda: {**known, view.sicht: view})
    return view


def wert(table: ibis.Table, term: Term, tag: date = TAG) -> Any:
    """Count a term over a bare table, as the engine does over its view."""
    primitive, where = finde(term), zeilen(table, term, tag)
    value = primitive.mass(table, spanne(term.zeitraum, tag))
    if primitive.art == "anzahl":
        found = where.ifelse(1, 0).sum()
    elif primitive.art == "verschieden":
        found = value.nunique(where=where)
    else:
        found = value.median(where=where) if primitive.art == "median" else value.sum(where=where)
    return table.aggregate(n=found).to_pyarrow().to_pylist()[0]["n"]


# --- the day ------------------------------------------------------------------------------------


def test_altersgruppen_sind_die_des_gezaehlten_tages(stadt: Any) -> None:
    damals = date(2022, 6, 30)
    hilfen = measures.sicht(stadt, "hilfen", STICHTAG)
    gezaehlt = als_dict(measures.bestand(hilfen, damals, je=["altersgruppe"]))
    dann = measures.sicht(stadt, "hilfen", damals)
    assert gezaehlt == als_dict(measures.bestand(dann, damals, je=["altersgruppe"]))
    heutige = {r["hilfe_id"]: r["altersgruppe"] for r in hilfen.to_pyarrow().to_pylist()}
    laufend = [
        r for r in hilfen.to_pyarrow().to_pylist()
        if r["beginn"] <= damals and (r["ende"] is None or r["ende"] > damals)
    ]  # fmt: skip
    assert sum(gezaehlt.values()) == len(laufend)
    verschoben = sum(heutige[r["hilfe_id"]] == "18–20" for r in laufend)
    assert gezaehlt.get("18–20", 0) < verschoben, "three years ago fewer were of age"


def test_je_monat_hat_jeder_monat_andere_alter(stadt: Any) -> None:
    hilfen = measures.sicht(stadt, "hilfen", STICHTAG)
    with pytest.raises(UsageError, match="altersgruppe"):
        measures.bestand_je_monat(hilfen, date(2024, 1, 1), STICHTAG, je=["altersgruppe"])


def test_ueber_die_zukunft_weiss_die_lieferung_nichts(stadt: Any) -> None:
    for frage in (
        lambda: measures.kennzahl(stadt, "H01", stichtag="2099-12-31"),
        lambda: measures.zeitreihe(stadt, "H01", ["2025-06-30", "2025-07-31"]),
        lambda: measures.alle(stadt, date(2025, 7, 1)),
        lambda: measures.soll_ist(stadt, stichtag=date(2025, 7, 31)),
    ):
        with pytest.raises(UsageError, match="weiß die Lieferung zum"):
            frage()


def test_vor_dem_ersten_tag_ist_unbekannt_nicht_null(stadt: Any) -> None:
    (zeile,) = measures.kennzahl(stadt, "H01", stichtag="1990-06-30").frame.to_dict("records")
    assert pd.isna(zeile["wert"])
    erste = stadt["fall"].beginn.min().to_pyarrow().as_py()
    (zeile,) = measures.kennzahl(stadt, "H01", stichtag=erste).frame.to_dict("records")
    assert zeile["wert"] >= 0


@pytest.mark.parametrize(
    "beginn, ende, erwartet",
    [
        ("2025-06-30", "", True),
        ("2025-07-01", "", False),
        ("2025-01-01", "2025-06-29", False),
        ("2025-01-01", "2025-06-30", False),
        ("2025-01-01", "2025-07-01", True),
        ("2025-06-30", "2025-06-30", False),
    ],
)
def test_regeln_und_kennzahlen_zaehlen_an_derselben_grenze(
    beginn: str, ende: str, erwartet: bool
) -> None:
    """The rules (SQL, a room to the left) and the measures (Ibis) draw one line."""
    zeile = f"hilfe_id | beginn | ende\nF1 | {beginn} | {ende}"
    assert (
        bool(measures.bestand(tafel(zeile), TAG).to_pyarrow().to_pylist()[0]["anzahl"]) is erwartet
    )
    leer = Datenbank({}, {}, stichtag=TAG, datenstand=TAG)
    bis = f"DATE '{ende}'" if ende else "NULL"
    sql = f"SELECT laeuft(DATE '{beginn}', {bis}, DATE '{TAG}') AS laeuft"
    assert leer.con.execute(sql).fetchall() == [(erwartet,)]


# --- what an analyst does with it -----------------------------------------------------------------


def test_werte_lassen_sich_mit_pandas_weiterrechnen(stadt: Any, tmp_path: Path) -> None:
    werte = measures.kennzahl(stadt, "H17r", je=["hilfeart"])
    assert repr(werte).startswith("Werte(H17r »")
    assert "je hilfeart" in repr(werte)
    rechenbar = werte.floats()
    assert "insgesamt" not in set(rechenbar["hilfeart"])
    assert "insgesamt" in set(werte.floats(summen=True)["hilfeart"])
    assert len(rechenbar.nlargest(2, "wert")) == 2
    assert (rechenbar["zaehler"] * 1.02).sum() == pytest.approx(
        1.02 * float(sum(werte.frame[werte.frame["hilfeart"] != "insgesamt"]["zaehler"]))
    )
    assert "<table" in werte._repr_html_()
    projekt = Projekt(tmp_path)
    for name in ("kosten.csv", "kosten.xlsx"):
        path = werkstatt.save(werte, name, projekt)
        assert path == tmp_path / "notebooks" / "werkstatt" / name
        assert path.stat().st_mode & 0o077 == 0
    zurueck = pd.read_csv(tmp_path / "notebooks/werkstatt/kosten.csv", sep=";", decimal=",")
    assert zurueck["wert"].tolist() == pytest.approx(werte.floats(summen=True)["wert"].tolist())
    for name in ("kosten.txt", "../kosten.csv", "/tmp/kosten.csv"):
        with pytest.raises(UsageError, match="Werkstatt"):
            werkstatt.save(werte, name, projekt)


# --- kinds of views -----------------------------------------------------------------------------


def test_ein_ereignis_zaehlt_an_seinem_tag(monkeypatch: pytest.MonkeyPatch) -> None:
    neue_sicht(
        monkeypatch, sicht="meldungen", art="ereignis", tabelle="fall", tag="hilfeplan_am",
        traeger={"zeile": "hilfe_id"}, dimensionen=["hilfeart"],
        groessen={
            "frist": {"grundzahl": "abstand_hoechstens", "von": "antrag_am", "bis": "tag",
                      "hoechstens": 7, "erklaerung": "binnen einer Woche"},
            "kinder": {"grundzahl": "verschieden", "spalte": "person_id", "zeit": "tag",
                       "erklaerung": "verschiedene Kinder"},
        },
    )  # fmt: skip
    table = tafel("""
        hilfe_id | person_id | antrag_am  | beginn
        F1       | P1        | 2024-12-25 | 2024-12-31
        F2       | P1        | 2025-01-01 | 2025-01-01
        F3       | P1        | 2025-06-20 | 2025-06-30
        F4       | P2        | 2025-06-23 | 2025-06-30
        F5       | P3        | 2025-06-30 | 2025-07-01
        """)
    table = table.rename(tag="beginn")
    term = Term(sicht="meldungen", grundzahl="ereignisse")
    assert wert(table, term) == 3
    assert wert(table, term.model_copy(update={"grundzahl": "frist"})) == 2
    assert wert(table, term.model_copy(update={"grundzahl": "kinder"})) == 2


def test_ein_stand_gilt_bis_zum_naechsten(stadt: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    neue_sicht(
        monkeypatch, sicht="staende", art="stand", tabelle="einwohner", tag="stichtag",
        je=["quelle"], dimensionen=["geschlecht"],
        traeger={"spalte": "anzahl", "zaehlend": ["anzahl"]},
        groessen={
            "da": {"grundzahl": "stand", "spalte": "anzahl", "erklaerung": "da"},
            "im_mittel": {"grundzahl": "stand_mittel", "spalte": "anzahl", "erklaerung": "Ø"},
        },
    )  # fmt: skip
    rows = [("2025-03-31", "m", 10), ("2025-04-30", "m", 12), ("2025-04-30", "m", 5),
            ("2025-07-31", "m", 99), ("2025-01-31", "a", 4)]  # fmt: skip
    stadt_tafel = {
        "stichtag": pa.array([date.fromisoformat(r[0]) for r in rows]),
        "quelle": [r[1] for r in rows],
        "geschlecht": ["w"] * 5,
        "anzahl": pa.array([r[2] for r in rows], pa.int32()),
    }
    table = measures.sicht({"einwohner": ibis.memtable(pa.table(stadt_tafel))}, "staende")
    assert wert(table, Term(sicht="staende", grundzahl="da")) == 12 + 5 + 4
    mittel = finde(Term(sicht="staende", grundzahl="im_mittel"))
    assert mittel.teiler(spanne("jahr_bis_stichtag", TAG)) == 6
    assert wert(table, Term(sicht="staende", grundzahl="im_mittel")) == 10 + 12 + 5 + 4
    view = catalogue.sicht("staende")
    where = table.quelle == "m"
    found = table.aggregate(n=traegerzahl(view, table, where)).to_pyarrow().to_pylist()
    assert found == [{"n": 99}], "the largest row, for others may count the same persons"


def test_jede_grundzahl_mit_personen_hat_eine_rolle() -> None:
    for name in catalogue.sichten():
        for found in measures.grundzahlen(name).values():
            assert found.rolle is not None or found.sicht.traeger is None, (name, found.name)


def test_hinter_bisherigen_dauern_steht_der_bestand() -> None:
    """Disclosure ties a mean duration to the stock by this, as ended durations to the ended."""
    wer = {n: g.wer for n, g in measures.grundzahlen("hilfen").items()}
    assert {wer[n] for n in ("bestand", "dauer_laufender")} == {"bestand"}
    assert {wer[n] for n in ("abgang", "dauer_beendeter", "dauer_beendeter_median")} == {"abgang"}
    assert (wer["zugang"], wer["jahresfallzahl"], wer["belegte_tage"]) == ("zugang", "jahr", None)
    assert all(g.wer is None for g in measures.grundzahlen("zahlungen").values())


def test_betraege_sind_in_euro_ohne_dass_es_jemand_sagt() -> None:
    assert measures.grundzahl(Term(sicht="zahlungen", grundzahl="brutto")).einheit == "€"
    assert measures.grundzahl(Term(sicht="hilfen", grundzahl="bestand")).einheit == "Hilfen"
    assert measures.grundzahl(Term(sicht="hilfen", grundzahl="belegte_tage")).einheit == "Tage"


# --- the proof ----------------------------------------------------------------------------------

GUT: dict[str, Any] = {
    "sicht": "probe", "art": "verlauf", "tabelle": "fall", "beginn": "beginn", "ende": "ende",
    "traeger": {"zeile": "hilfe_id"}, "dimensionen": ["hilfeart"],
}  # fmt: skip


@pytest.mark.parametrize(
    "aenderung, grund",
    [
        pytest.param({"tabelle": "fal"}, "fal", id="Tabelle"),
        pytest.param({"beginn": "anfang"}, "anfang", id="Beginn"),
        pytest.param({"dimensionen": ["farbe"]}, "farbe", id="Dimension"),
        pytest.param({"traeger": {"zeile": "fallnummer"}}, "fallnummer", id="Träger"),
        pytest.param(
            {"verbunden": [{"tabelle": "person", "ueber": "person_id", "spalten": ["name"]}]},
            "name", id="verbundene Spalte",
        ),
        pytest.param(
            {"groessen": {"x": {"grundzahl": "summe_jahresfaelle", "spalte": "fls_monat",
                                "erklaerung": "x"}}},
            "keine rolle", id="Rolle",
        ),
        pytest.param(
            {"groessen": {"x": {"grundzahl": "summe", "spalte": "fls_monat", "zeit": "beginn",
                                "erklaerung": "x"}}},
            "zählt nur in Sichten", id="Art",
        ),
        pytest.param(
            {"groessen": {"x": {"grundzahl": "abstand_median", "von": "beginn",
                                "erklaerung": "x"}}},
            "fehlt bis", id="Größe unvollständig",
        ),
        pytest.param(
            {"art": "stand", "tabelle": "einwohner", "beginn": None, "ende": None,
             "tag": "stichtag", "dimensionen": ["quelle"],
             "traeger": {"spalte": "anzahl", "zaehlend": ["anzahl"]},
             "groessen": {"x": {"grundzahl": "summe", "spalte": "anzahl", "zeit": "stichtag",
                                "rolle": "menge", "erklaerung": "x"}}},
            "noch einmal", id="Summe von Ständen",
        ),
    ],
)  # fmt: skip
def test_eine_sicht_die_nicht_zu_zaehlen_ist_wird_abgelehnt(
    monkeypatch: pytest.MonkeyPatch, aenderung: dict[str, Any], grund: str
) -> None:
    name = f"probe_{abs(hash(grund))}"
    view = neue_sicht(monkeypatch, **{**GUT, **aenderung, "sicht": name})
    with pytest.raises((CatalogueError, UsageError)) as error:
        prove.pruefe_sicht(view)
    assert grund in str(error.value)


def test_eine_gute_sicht_besteht(monkeypatch: pytest.MonkeyPatch) -> None:
    prove.pruefe_sicht(neue_sicht(monkeypatch, **GUT))


def test_was_niemand_braucht_ist_verwaist(monkeypatch: pytest.MonkeyPatch) -> None:
    neue_sicht(monkeypatch, **{**GUT, "sicht": "verwaist"})
    with pytest.raises(CatalogueError, match="»verwaist« wird von nichts gebraucht"):
        measures.prove()


def test_ein_bereich_nennt_die_tabellen_seiner_kennzahlen(monkeypatch: pytest.MonkeyPatch) -> None:
    area = catalogue.bereich("monitoring_jugend")
    short = area.model_copy(update={"braucht": ("fall", "person"), "auch": ()})
    with pytest.raises(CatalogueError, match="monitoring_jugend"):
        prove.pruefe_bereich(short)
    prove.pruefe_bereich(area)


def test_der_beweis_wird_behalten_bis_sich_etwas_aendert(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    projekt, proved = Projekt(tmp_path), []
    monkeypatch.setattr(measures, "prove", lambda: proved.append(1))
    monkeypatch.setattr(beweis, "_digest", lambda _: "stand 1")
    beweis.prove_facts(projekt)
    beweis.prove_facts(projekt)
    assert len(proved) == 1
    monkeypatch.setattr(beweis, "_digest", lambda _: "stand 2")
    beweis.prove_facts(projekt)
    assert len(proved) == 2


def test_die_pruefsumme_kennt_jede_tatsache_und_den_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    projekt = Projekt(tmp_path)
    before = beweis._digest(projekt)
    assert before == beweis._digest(projekt)
    read = Path.read_bytes

    def one_changed(path: Path) -> bytes:
        return read(path) + (b" " if path.name == "hilfen.yml" else b"")

    monkeypatch.setattr(Path, "read_bytes", one_changed)
    assert beweis._digest(projekt) != before
    monkeypatch.setattr(Path, "read_bytes", read)
    projekt.profile.mkdir()
    (projekt.profile / "kommune.yml").write_text("id: hier")
    assert beweis._digest(projekt) != before


@given(st.dates(date(2015, 1, 1), date(2035, 12, 31)), st.integers(1, 36))
def test_eine_frist_endet_am_tag_gleicher_zahl(ende: date, monate: int) -> None:
    """§§ 187, 188 BGB, forward from each day: what began a day earlier has run out."""

    def laeuft_bis(tag: date) -> date:
        jahr, monat = divmod(tag.year * 12 + tag.month - 1 + monate, 12)
        return date(jahr, monat + 1, min(tag.day, monthrange(jahr, monat + 1)[1]))

    beginn = fristbeginn(ende, monate)
    assert laeuft_bis(beginn) >= ende > laeuft_bis(beginn - timedelta(days=1))
