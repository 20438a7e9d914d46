"""The check as a whole: suites, severities, places, silence, and that no value gets out."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from datetime import date, timedelta
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kleinstadt import DATENSTAND, STICHTAG, Stadt, als_tabelle, eur
from stichprobe import je_art

from sozcontrol import catalogue, checks, zuzweit
from sozcontrol.checks import datenbank, pruefung, regel, suiten, zeilen
from sozcontrol.checks.fundorte import Fundorte
from sozcontrol.checks.seite import render_page
from sozcontrol.checks.wortlaut import extent
from sozcontrol.errors import CatalogueError
from sozcontrol.findings import Finding, Fundstelle, Schwere, blocked_tables, deutsch

pytestmark = pytest.mark.usefixtures("urteile")

EXPECTATIONS = Path(__file__).parent.parent / "expectations"
SUITEN = regel.load_suites(EXPECTATIONS)
KOPF = {"Kommune": "Kleinstadt", "Stichtag": "30.06.2025"}
ERWARTUNGEN = [(name, e) for name, suite in SUITEN.items() for e in suite.expectations]


def pruefe(tables: dict[str, pa.Table], expectations: Path = EXPECTATIONS, **rest: object):
    return checks.check(
        tables, stichtag=STICHTAG, datenstand=DATENSTAND, expectations=expectations, **rest
    )


@pytest.fixture
def expectations(tmp_path: Path) -> Path:
    return Path(shutil.copytree(EXPECTATIONS, tmp_path / "expectations"))


def aendere_suite(expectations: Path, table: str, old: str, new: str) -> None:
    path = expectations / f"{table}.json"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


# --- suites as data -----------------------------------------------------------------------------


GEPRUEFT = [n for n, t in catalogue.tabellen().items() if t.herkunft != "pruefung"]
"""All but what a check itself writes."""


def test_jede_tabelle_hat_genau_eine_suite():
    assert {p.stem for p in EXPECTATIONS.glob("*.json")} == set(GEPRUEFT)


@pytest.mark.parametrize("name", GEPRUEFT)
def test_great_expectations_uebernimmt_die_suite_ganz_und_schreibt_sie_gleich(name: str):
    suiten.pruefer()  # the context a suite needs
    from great_expectations.core import ExpectationSuite

    raw = json.loads((EXPECTATIONS / f"{name}.json").read_text(encoding="utf-8"))
    suite = ExpectationSuite(**raw)
    assert len(suite.expectations) == len(raw["expectations"])
    assert suite.to_json_dict() == raw


@pytest.mark.parametrize("name", GEPRUEFT)
def test_suite_verlangt_spalten_pflicht_codes_und_schluessel_des_katalogs(name: str):
    table, found = catalogue.tabelle(name), SUITEN[name].expectations

    def of(kind: str) -> list[regel.Erwartung]:
        return [e for e in found if e.type == f"expect_{kind}"]

    (columns,) = of("table_columns_to_match_set")
    technical = () if table.herkunft == "protokoll" else catalogue.TECHNISCH
    assert tuple(columns.kwargs["column_set"]) == (*table.namen, *technical)
    assert of("table_row_count_to_be_between")[0].kwargs == {"min_value": 1}
    mandatory = {s.name for s in table.spalten if s.pflicht} - {"status"}
    assert {e.kwargs["column"] for e in of("column_values_to_not_be_null")} == mandatory
    codes = {
        s.name: list(catalogue.codeliste(s.codeliste).gueltig) for s in table.spalten if s.codeliste
    }
    sets = of("column_values_to_be_in_set")
    assert {e.kwargs["column"]: e.kwargs["value_set"] for e in sets} == codes
    keys = [*of("column_values_to_be_unique"), *of("compound_columns_to_be_unique")]
    assert [e.spalten for e in keys] == [table.schluessel]
    assert all(set(e.spalten) <= {*table.namen, *technical} for e in found)


def test_verzeichnis_nennt_jede_regel_mit_satz_und_urheber():
    rules = checks.regelverzeichnis(EXPECTATIONS)
    count = {art: sum(r.art == art for r in rules) for art in ("gx", "sql", "einlesen", "pruefung")}
    assert count["gx"] == len(ERWARTUNGEN)
    assert count["sql"] == len(regel.load_querregeln(EXPECTATIONS))
    assert count["einlesen"] >= 25
    assert all(r.meldung.endswith(".") for r in rules)
    assert all(r.tun for r in rules if r.art in {"gx", "sql"})
    # One reader-visible rule each: no two say the same about the same column.
    seen = [(r.id, r.tabelle, r.spalte, r.schwere, r.meldung) for r in rules]
    assert len(seen) == len(set(seen))


@pytest.mark.parametrize(
    ("old", "new", "wort"),
    [
        pytest.param("expect_column_values_to_not_be_null", "expect_column_values_to_not_be_nul",
                     "expect_column_values_to_not_be_nul", id="Typ verschrieben"),
        pytest.param('"column": "hilfe_id"', '"colum": "hilfe_id"', "R-F01",
                     id="Argument verschrieben"),
    ],
)  # fmt: skip
def test_was_great_expectations_weglassen_wuerde_ist_ein_fehler(
    expectations: Path, old: str, new: str, wort: str
):
    aendere_suite(expectations, "fall", old, new)
    with pytest.raises(CatalogueError) as error:
        pruefe(Stadt().tables(), expectations)
    assert wort in error.value.was
    assert error.value.wo.endswith("fall.json")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(
            '"regel": "R-S02"',
            '"schwere": "warnung", "regel": "R-S02"',
            id="Schwere widerspricht severity",
        ),
        pytest.param('"regel": "R-S02"', '"regel": "S02"', id="keine Regelnummer"),
        pytest.param('"name": "fall"', '"name": "hilfe"', id="falscher Name"),
        pytest.param('"name": "fall",', '"name": "fall"', id="kein JSON"),
    ],
)
def test_fehlerhafte_suite_wird_mit_datei_genannt(expectations: Path, old: str, new: str):
    aendere_suite(expectations, "fall", old, new)
    with pytest.raises(CatalogueError) as error:
        regel.load_suites(expectations)
    assert error.value.wo.endswith("fall.json")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("WHERE beginn = ende", "WHERE begin = ende", id="Spalte verschrieben"),
        pytest.param("WHERE beginn = ende", "WERE beginn = ende", id="kein SQL"),
        pytest.param("FROM fall WHERE beginn = ende", "FROM '/etc/passwd'", id="fremde Datei"),
    ],
)
def test_fehlerhaftes_sql_nennt_regel_und_datei(expectations: Path, old: str, new: str):
    path = expectations / "regeln" / "fall.yml"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CatalogueError, match="R-F07") as error:
        pruefe(Stadt().tables(), expectations)
    assert error.value.wo.endswith("fall.yml")


@pytest.mark.parametrize(
    ("severity", "wort"), [("critical", "fehler"), ("warning", "warnung"), ("info", "hinweis")]
)
@pytest.mark.parametrize("doppelt", [False, True], ids=["einmal gesagt", "zweimal gesagt"])
def test_wie_schwer_eine_erwartung_wiegt_sagt_severity(
    expectations: Path, severity: str, wort: str, doppelt: bool
):
    """Once is enough; a city's files that say it twice load as before."""
    path = expectations / "fall.json"
    raw = json.loads(path.read_text(encoding="utf-8"))
    assert all("schwere" not in e["meta"] for e in raw["expectations"])
    first = raw["expectations"][0]
    first["severity"] = severity
    first["meta"] |= {"schwere": wort} if doppelt else {}
    path.write_text(json.dumps(raw), encoding="utf-8")
    suite = regel.load_suites(expectations)["fall"]
    assert suite.expectations[0].schwere == wort
    shown = [r for r in checks.regelverzeichnis(expectations) if r.tabelle == "fall"]
    assert shown[0].schwere == wort


GEMEINSAM = """
sichten:
  alle: SELECT * FROM fall
  offene: SELECT * FROM alle WHERE ende IS NULL
  fremde: SELECT * FROM gibt_es_nicht
regeln:
  - {id: R-F98, tabelle: fall, schwere: warnung, meldung: Ein Satz dazu., tun: Etwas tun bitte.,
     braucht: [fall], zweifel: [person], sql: "SELECT * FROM offene WHERE segment = 'ambulant'"}
  - {id: R-F99, tabelle: fall, schwere: warnung, meldung: Ein Satz dazu., tun: Etwas tun bitte.,
     braucht: [fall], sql: SELECT * FROM fall WHERE hilfe_id = 'H1'}
"""


def test_regeln_einer_datei_teilen_sich_abfragen(expectations: Path):
    (expectations / "regeln" / "eigene.yml").write_text(GEMEINSAM, encoding="utf-8")
    stadt = Stadt()
    found = {f.regel: f for f in pruefe(stadt.tables(), expectations, previous=stadt.previous())}
    assert [s.schluessel for s in found["R-F98"].stellen] == [{"hilfe_id": "H2"}]
    assert (found["R-F98"].zweifel, found["R-F99"].zweifel) == (("person",), ())
    # Only what a rule reads itself is shown beside its key, and only what it needs is asked.
    assert set(found["R-F98"].stellen[0].werte) == {"segment"}


def test_eine_fehlerhafte_gemeinsame_abfrage_nennt_die_regel_die_sie_braucht(expectations: Path):
    path = expectations / "regeln" / "eigene.yml"
    path.write_text(GEMEINSAM.replace("FROM offene WHERE", "FROM fremde WHERE"), encoding="utf-8")
    with pytest.raises(CatalogueError, match="R-F98") as error:
        pruefe(Stadt().tables(), expectations)
    assert error.value.wo.endswith("eigene.yml")


def test_zweifel_nennen_bekannte_tabellen(expectations: Path):
    path = expectations / "regeln" / "eigene.yml"
    path.write_text(GEMEINSAM.replace("[person]", "[persn]"), encoding="utf-8")
    with pytest.raises(CatalogueError, match="persn"):
        regel.load_querregeln(expectations)


def test_gruppen_nennen_nie_personen():
    entry = {"id": "R-F99", "tabelle": "fall", "schwere": "warnung", "meldung": "Ein Satz dazu.",
             "tun": "Etwas tun, bitte.", "braucht": ["fall"], "sql": "SELECT 1"}  # fmt: skip
    regel.Querregel.model_validate({**entry, "gruppe": ["jahr"]})
    with pytest.raises(ValueError, match="gruppe"):
        regel.Querregel.model_validate({**entry, "gruppe": ["person_id"]})


# --- every expectation has a planted fault ------------------------------------------------------


def verletze(stadt: Stadt, table: str, e: regel.Erwartung) -> list[int] | None:
    """Plant a fault for one expectation; return the source rows it must name."""
    rows, k = stadt.zeilen.get(table, []), e.kwargs
    match e.type.removeprefix("expect_"):
        case "column_values_to_not_be_null":
            rows[0][k["column"]] = None
        case "column_values_to_be_in_set":
            rows[0][k["column"]] = "unbekannt!"
        case "column_values_to_match_regex":
            rows[0][k["column"]] = "LB21"
        case "column_values_to_be_between":
            _ausserhalb(rows[0], k)
        case "column_pair_values_a_to_be_greater_than_b":
            spaet, frueh = date(2025, 12, 1), date(1995, 1, 1)
            cells = {k["column_B"]: spaet} if k["column_A"] == "datenstand" else {
                k["column_A"]: frueh, k["column_B"]: date(1996, 1, 1)}  # fmt: skip
            if isinstance(rows[0].get(k["column_B"]), int | Decimal):
                kinds = {c: type(rows[0][c]) for c in (k["column_A"], k["column_B"])}
                cells = {c: kind(n) for n, (c, kind) in enumerate(kinds.items(), start=1)}
            rows[0].update(cells)
        case "column_values_to_be_unique" | "compound_columns_to_be_unique":
            rows.append(dict(rows[0]))
            return [2, len(rows) + 1]
        case "table_row_count_to_be_between":
            rows.clear()
            return []
        case _:
            return None
    return [2]


def _ausserhalb(row: dict, k: dict) -> None:
    old, bound = row.get(k["column"]), k.get("min_value")
    if isinstance(bound, str):
        row[k["column"]] = date(1900, 1, 1)
    elif k.get("strict_min"):
        row[k["column"]] = eur(bound)
    else:
        exact = isinstance(old, Decimal) or k["column"].endswith(("eur", "monat", "vzae"))
        row[k["column"]] = eur(bound - 1) if exact else bound - 1
    assert row[k["column"]] != old


@pytest.mark.parametrize(
    ("table", "nummer"),
    je_art(
        [(t, i) for t, s in SUITEN.items() if t != "lieferung" for i in range(len(s.expectations))],
        lambda table, nummer: (table, SUITEN[table].expectations[nummer].type),
    ),
)
def test_jede_erwartung_hat_einen_gepflanzten_fehler(table: str, nummer: int, monkeypatch):
    e = SUITEN[table].expectations[nummer]
    stadt = Stadt()
    expected = verletze(stadt, table, e)
    tables = {name: t for name, t in stadt.tables().items() if name in (table, "lieferung")}
    if e.type == regel.SPALTEN_VORHANDEN:
        tables[table] = tables[table].drop_columns([catalogue.tabelle(table).spalten[-1].name])
    alone = SUITEN[table].model_copy(update={"expectations": (e,)})
    monkeypatch.setattr(checks.pruefung, "load_suites", lambda _: {table: alone})
    monkeypatch.setattr(checks.pruefung, "load_querregeln", lambda _: ())
    found = [
        f for f in pruefe(tables)
        if (f.regel, f.schwere, f.meldung) == (e.meta.regel, e.schwere, e.meta.meldung)
        and (f.spalte == (", ".join(e.spalten) or None) or e.type == regel.SPALTEN_VORHANDEN)
    ]  # fmt: skip
    assert len(found) == 1
    if expected is not None:
        assert [p.zeile for p in found[0].stellen] == expected
        assert all(
            set(p.schluessel) == set(catalogue.tabelle(table).schluessel) for p in found[0].stellen
        )


@pytest.mark.parametrize(
    ("spalte", "wert", "regelnummer"),
    [
        ("sha256", "abc", "R-S09"), ("lieferung_id", "abc", "R-S09"), ("bytes", 0, "R-S09"),
        ("zeilen_daten", 0, "R-S09"), ("status", "gut", "R-S04"), ("dateiname", None, "R-S03"),
    ],
)  # fmt: skip
def test_fehler_im_lieferprotokoll(spalte: str, wert: object, regelnummer: str):
    tables = Stadt().tables()
    rows = tables["lieferung"].to_pylist()
    rows[0][spalte] = wert
    tables = {"lieferung": als_tabelle("lieferung", rows)}
    found = [f for f in pruefe(tables) if f.regel != "R-S08"]
    assert [(f.regel, f.spalte, f.anzahl) for f in found] == [(regelnummer, spalte, 1)]


META = {"regel": "R-S09", "meldung": "Ein deutscher Satz.",
        "tun": "Etwas tun, bitte."}  # fmt: skip
WERTE = {
    "text": st.none() | st.sampled_from(["", "LB01", "LB20", "LB21", "x'y", "ä"]),
    "zahl": st.none() | st.integers(-2, 3),
    "datum": st.none() | st.dates(date(1989, 12, 30), date(1990, 1, 3)),
}


def _spalten(k: dict) -> list[str]:
    return [k[name] for name in ("column", "column_A", "column_B") if name in k]


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.tuples(WERTE["text"], WERTE["zahl"], WERTE["zahl"], WERTE["datum"]),
        min_size=1,
        max_size=6,
    )
)
def test_zeilensuche_und_great_expectations_sind_sich_einig(rows: list[tuple]):
    """The twin in SQL selects a row exactly when Great Expectations says the rule fails."""
    columns = list(zip(*rows, strict=True))
    table = pa.table(
        {
            "t": pa.array(columns[0], pa.string()), "a": pa.array(columns[1], pa.int64()),
            "b": pa.array(columns[2], pa.int64()), "d": pa.array(columns[3], pa.date32()),
        }
    )  # fmt: skip
    missing = {"ignore_row_if": "either_value_is_missing"}
    kinds = [
        ("expect_column_values_to_not_be_null", {"column": "t"}),
        ("expect_column_values_to_be_in_set", {"column": "t", "value_set": ["LB01", "x'y"]}),
        ("expect_column_values_to_be_in_set",
         {"column": "d", "value_set": ["1990-01-01", "1989-12-31"]}),
        ("expect_column_values_to_match_regex", {"column": "t", "regex": "^LB(?:0[1-9]|20)$"}),
        ("expect_column_values_to_be_between", {"column": "a", "min_value": 0, "max_value": 2}),
        ("expect_column_values_to_be_between", {"column": "a", "min_value": 0, "strict_min": True}),
        ("expect_column_values_to_be_between", {"column": "d", "min_value": "1990-01-01T00:00:00"}),
        ("expect_column_pair_values_a_to_be_greater_than_b",
         {"column_A": "a", "column_B": "b", "or_equal": True, **missing}),
        ("expect_column_pair_values_a_to_be_greater_than_b",
         {"column_A": "a", "column_B": "b", "or_equal": False, **missing}),
        ("expect_column_values_to_be_unique", {"column": "a"}),
        ("expect_compound_columns_to_be_unique", {"column_list": ["a", "b"]}),
    ]  # fmt: skip
    chosen = [
        regel.Erwartung(type=t, kwargs=k, meta=META, severity="critical") for t, k in kinds
        if all(table[c].null_count < len(rows) for c in _spalten(k))
    ]  # fmt: skip
    if not chosen:
        return
    base = datenbank.Datenbank({"t": table}, {}, stichtag=STICHTAG, datenstand=DATENSTAND)
    for verdict in suiten.pruefer().judge("t", table, chosen, Path("t.json")):
        hits = base.rows(zeilen.offending_rows("t", verdict.erwartung), ("t",))
        assert verdict.auswertbar
        assert (not hits) == verdict.erfuellt, verdict.erwartung
    base.close()


TAGE = ["1980-01-01", "2020-01-01"]


@pytest.mark.parametrize("bound", ["1990-01-01", "1990-01-01T00:00:00"])
@pytest.mark.parametrize(
    ("kind", "erfuellt"),
    [("values", (False, True)), ("max", (True, True)), ("min", (False, True))],
)
def test_eine_grenze_nennt_den_tag_mit_oder_ohne_uhrzeit(bound, kind, erfuellt):
    e = regel.Erwartung(
        type=f"expect_column_{kind}_to_be_between",
        kwargs={"column": "d", "min_value": bound}, meta=META, severity="critical",
    )  # fmt: skip
    for days, expected in zip((TAGE, TAGE[1:]), erfuellt, strict=True):
        table = pa.table({"d": pa.array(map(date.fromisoformat, days), pa.date32())})
        (verdict,) = suiten.pruefer().judge("t", table, [e], Path("t.json"))
        assert (verdict.auswertbar, verdict.erfuellt) == (True, expected)


def _urteil(table: pa.Table, kind: str, **kwargs: object) -> suiten.Urteil:
    e = regel.Erwartung(type=f"expect_{kind}", kwargs=kwargs, meta=META, severity="critical")
    (verdict,) = suiten.pruefer().judge("t", table, [e], Path("t.json"))
    return verdict


@pytest.mark.parametrize(
    ("kind", "haelt", "verletzt"),
    [
        ("column_values_to_be_in_set", TAGE, TAGE[:1]),
        ("column_values_to_not_be_in_set", ["1999-01-01"], TAGE[1:]),
        ("column_distinct_values_to_be_in_set", TAGE, TAGE[:1]),
        ("column_distinct_values_to_equal_set", TAGE, TAGE[:1]),
        ("column_distinct_values_to_contain_set", TAGE[:1], [*TAGE, "1999-01-01"]),
        ("column_most_common_value_to_be_in_set", TAGE[:1], TAGE[1:]),
    ],
)
def test_eine_menge_von_tagen_wird_verglichen(kind: str, haelt: list[str], verletzt: list[str]):
    days = [*map(date.fromisoformat, [TAGE[0], *TAGE]), None]
    table = pa.table({"d": pa.array(days, pa.date32()), "t": pa.array([*map(str, days)])})
    for menge, expected in ((haelt, True), (verletzt, False)):
        verdict = _urteil(table, kind, column="d", value_set=menge)
        assert (verdict.auswertbar, verdict.erfuellt) == (True, expected)
    assert _urteil(
        table, "column_values_to_be_in_set", column="t", value_set=[*TAGE, "None"]
    ).erfuellt


def test_eine_menge_von_paaren_mit_einem_tag_wird_verglichen():
    days = pa.array(map(date.fromisoformat, TAGE), pa.date32())
    table = pa.table({"d": days, "t": pa.array(["a", "b"])})
    pairs = [[TAGE[0], "a"], [TAGE[1], "b"]]
    for menge, expected in ((pairs, True), (pairs[:1], False)):
        verdict = _urteil(
            table, "column_pair_values_to_be_in_set",
            column_A="d", column_B="t", value_pairs_set=menge,
        )  # fmt: skip
        assert (verdict.auswertbar, verdict.erfuellt) == (True, expected)


@pytest.mark.parametrize("wert", ["01.06.2025", "2025-02-31", "2025-06", 20250601, None])
def test_eine_menge_die_keinen_tag_nennt_haelt_an(wert: object):
    """It would hold for no day at all, and look like a fault of the data."""
    table = pa.table({"d": pa.array([date(2025, 6, 1)], pa.date32())})
    with pytest.raises(CatalogueError, match=r"anderes als Tage \(JJJJ-MM-TT\)"):
        _urteil(table, "column_values_to_be_in_set", column="d", value_set=["2025-06-01", wert])


@pytest.mark.parametrize("name", ["fall", "person"])
def test_die_grenzen_der_suiten_lassen_sich_in_great_expectations_allein_vergleichen(name: str):
    """On days as pandas reads them from the stored Parquet: no exception, and the planted fault."""
    suiten.pruefer()  # the context a suite needs
    from great_expectations.core import ExpectationSuite

    raw = json.loads((EXPECTATIONS / f"{name}.json").read_text(encoding="utf-8"))
    bounded = [e for e in raw["expectations"] if isinstance(e["kwargs"].get("min_value"), str)]
    assert bounded
    frame = Stadt().tables()[name].to_pandas()
    column = bounded[0]["kwargs"]["column"]
    batches = suiten.pruefer()._batches
    for day, expected in ((frame[column].min(), True), (date(1900, 1, 1), False)):
        frame.loc[0, column] = day
        suite = ExpectationSuite(name=name, expectations=bounded)
        batch = batches.get_batch(batch_parameters={"dataframe": frame})
        (result,) = batch.validate(suite).results
        assert not suiten._raised(result.exception_info)
        assert result.success is expected


def test_unbekannte_erwartungsart_bleibt_ein_befund_ohne_zeilen(expectations: Path):
    """A city may use any expectation; without a twin in SQL its rows are not listed."""
    path = expectations / "map_konto.json"
    raw = json.loads(path.read_text(encoding="utf-8"))
    raw["expectations"].append(
        {"type": "expect_column_value_lengths_to_equal", "kwargs": {"column": "konto", "value": 6},
         "severity": "warning", "meta": {"regel": "R-Z01",
         "meldung": "Das Konto hat nicht sechs Stellen.", "tun": "Kontenplan prüfen."}}
    )  # fmt: skip
    path.write_text(json.dumps(raw), encoding="utf-8")
    stadt = Stadt()
    (befund,) = pruefe(stadt.tables(), expectations, previous=stadt.previous())
    assert (befund.regel, befund.anzahl, befund.stellen) == ("R-Z01", 1, ())
    assert extent(befund) == "Spalte konto, Zahl der betroffenen Zeilen nicht ermittelt"


VERFEHLT = {"min_value": 1e9}


@pytest.mark.parametrize(
    ("kind", "kwargs", "wort"),
    [
        ("column_mean_to_be_between", VERFEHLT, "Mittelwert der ganzen Spalte"),
        ("column_sum_to_be_between", VERFEHLT, "Summe der ganzen Spalte"),
        ("column_max_to_be_between", VERFEHLT, "größter Wert der ganzen Spalte"),
        ("column_quantile_values_to_be_between",
         {"quantile_ranges": {"quantiles": [0.5], "value_ranges": [[1e9, None]]}},
         "Quantile der ganzen Spalte"),
        ("column_proportion_of_unique_values_to_be_between", {"min_value": 1.0, "strict_min": True},
         "Anteil verschiedener Werte der ganzen Spalte"),
        ("column_type_to_be", {"type_": "str"}, "ganze Spalte"),
        ("table_row_count_to_equal", {"value": 1}, "Zahl der Zeilen"),
        ("table_column_count_to_equal", {"value": 1}, "Zahl der Spalten"),
    ],
)  # fmt: skip
def test_was_ein_ganzes_beurteilt_nennt_keine_zeilen(kind, kwargs, wort, monkeypatch):
    stadt = Stadt()
    column = {} if kind.startswith("table") else {"column": "betrag_eur"}
    e = regel.Erwartung(
        type=f"expect_{kind}", kwargs={**column, **kwargs}, meta=META, severity="warning"
    )
    alone = SUITEN["zahlung"].model_copy(update={"expectations": (e,)})
    monkeypatch.setattr(checks.pruefung, "load_suites", lambda _: {"zahlung": alone})
    monkeypatch.setattr(checks.pruefung, "load_querregeln", lambda _: ())
    (befund,) = pruefe(stadt.tables())
    assert (befund.regel, befund.stellen) == ("R-S09", ())
    assert extent(befund) == ", ".join([*(f"Spalte {c}" for c in column.values()), wort])
    amounts = {str(z["betrag_eur"]) for z in stadt.zeilen["zahlung"]}
    assert not any(a in checks.render_text([befund]) for a in amounts)


def test_eine_suite_fuehrt_kein_programm_aus(expectations: Path, tmp_path: Path):
    """Great Expectations hands a condition on rows to pandas, which calls what it names."""
    written = tmp_path / "heraus.csv"
    path = expectations / "zahlung.json"
    raw = json.loads(path.read_text(encoding="utf-8"))
    raw["expectations"][0]["kwargs"]["row_condition"] = f'betrag_eur.to_csv("{written}") == 0'
    path.write_text(json.dumps(raw), encoding="utf-8")
    with pytest.raises(CatalogueError, match="row_condition") as error:
        pruefe(Stadt().tables(), expectations)
    assert error.value.wo.endswith("zahlung.json")
    assert not written.exists()


def test_eine_suite_ruft_nichts_aus_dem_netz_ab(expectations: Path):
    """Great Expectations fetches what a JSON schema refers to."""
    path = expectations / "zahlung.json"
    raw = json.loads(path.read_text(encoding="utf-8"))
    one = raw["expectations"][0]
    one["type"] = "expect_column_values_to_match_json_schema"
    one["kwargs"] = {"column": "zahlung_id", "json_schema": {"$ref": "http://127.0.0.1:9/s.json"}}
    path.write_text(json.dumps(raw), encoding="utf-8")
    with pytest.raises(CatalogueError, match="json_schema"):
        regel.load_suites(expectations)


# --- what did not run ---------------------------------------------------------------------------


def test_ohne_fruehere_lieferung_wird_gesagt_was_ungeprueft_bleibt():
    (befund,) = pruefe(Stadt().tables())
    assert (befund.regel, befund.schwere, befund.tabelle) == ("R-S08", Schwere.HINWEIS, None)
    assert "R-F36, R-F37, R-F38" in befund.meldung


def test_fehlende_tabelle_ist_kein_bestehen():
    stadt = Stadt()
    tables, previous = stadt.tables(), stadt.previous()
    for name in ("fall", "person", "zahlung"):
        del tables[name]
    found = pruefe(tables, previous=previous)
    assert blocked_tables(found) == set()
    hints = {f.tabelle: f for f in found}
    assert set(hints) == {"fall", "person", "zahlung"}
    assert all(f.regel == "R-S08" for f in found)
    assert {"R-F01", "R-F14", "R-X05", "R-X07"} <= set(_regeln(hints["fall"]))


def _regeln(finding: Finding) -> list[str]:
    return finding.meldung.partition("Regeln: ")[2].rstrip(".").split(", ")


def test_leere_tabelle_besteht_nichts():
    stadt = Stadt()
    stadt.zeilen["zahlung"] = []
    found = pruefe(stadt.tables(), previous=stadt.previous())
    errors = [(f.regel, f.tabelle) for f in found if f.schwere is Schwere.FEHLER]
    assert errors == [("R-S02", "zahlung")]
    hint = next(f for f in found if f.regel == "R-S08" and f.tabelle == "zahlung")
    assert {"R-B07", "R-X02", "R-X03", "R-F13"} <= set(_regeln(hint))


def test_spalte_ohne_werte_gilt_als_ungeprueft():
    stadt = Stadt()
    for rows in (stadt.zeilen, stadt.vorher):
        for zeile in rows["fall"]:
            zeile["hilfeplan_am"] = None
    (befund,) = pruefe(stadt.tables(), previous=stadt.previous())
    assert (befund.regel, befund.tabelle) == ("R-S08", "fall")
    assert "hilfeplan_am" in befund.meldung
    assert _regeln(befund) == ["R-F27"]


def test_fehlende_spalte_ist_ein_eigener_befund():
    stadt = Stadt()
    tables = stadt.tables()
    tables["fall"] = tables["fall"].drop_columns(["ende", "ort"])
    found = pruefe(tables, previous=stadt.previous())
    errors = [
        (f.regel, f.tabelle, f.spalte, f.anzahl) for f in found if f.schwere is Schwere.FEHLER
    ]
    assert errors == [("R-S01", "fall", "ende, ort", 2)]
    hint = next(f for f in found if f.regel == "R-S08" and f.tabelle == "fall")
    assert {"R-F07", "R-X05"} <= set(_regeln(hint))


def test_falscher_spaltentyp_ist_ein_befund_ohne_wert():
    stadt = Stadt()
    tables = stadt.tables()
    fall = tables["fall"]
    text = pa.array(["GEHEIM-Tagessatz"] * len(fall), pa.string())
    place = fall.column_names.index("tagessatz_eur")
    tables["fall"] = fall.set_column(place, "tagessatz_eur", text)
    found = pruefe(tables, previous=stadt.previous())
    errors = [(f.regel, f.tabelle, f.spalte) for f in found if f.schwere is Schwere.FEHLER]
    assert errors == [("R-S07", "fall", "tagessatz_eur")]
    assert "GEHEIM" not in checks.render_text(found) + json.dumps([f.as_dict() for f in found])


# --- areas, places, privacy ---------------------------------------------------------------------


def test_fehler_in_zahlung_sperrt_nur_bereiche_die_zahlung_brauchen():
    stadt = Stadt()
    stadt.zeile("zahlung", zahlung_id="ZH1-202505")["hilfe_id"] = "H77"
    blocked = blocked_tables(pruefe(stadt.tables(), previous=stadt.previous()))
    assert blocked == {"zahlung"}
    stopped = {b.id for b in catalogue.bereiche().values() if blocked & set(b.braucht)}
    assert stopped == {"abwicklung"}


CANARY = "K4N4R13"


SICHTBAR = "K5N5R14"


def mit_kanarien() -> Stadt:
    """Plant what a person's row holds where columns have shifted, and words only the page shows."""
    stadt = Stadt()
    stadt.zeile("fall", hilfe_id="H1")["hilfeart"] = f"{CANARY}, Erika"
    stadt.zeile("fall", hilfe_id="H2")["sozialraum_id"] = f"Erika {CANARY}"
    stadt.zeile("fall", hilfe_id="H4")["person_id"] = f"{SICHTBAR}p"
    stadt.zeile("fall", hilfe_id="H6")["leistungserbringer_id"] = f"{CANARY} gGmbH"
    stadt.zeile("zahlung", zahlung_id="ZS1")["storno_zu"] = f"{CANARY}-1"
    stadt.dazu("zahlung", stadt.zeile("zahlung", zahlung_id="ZS1"), zahlung_id=f"{CANARY}-2")
    stadt.zeile("person", person_id="P5")["geschlecht"] = f"<script>{CANARY}</script>"
    stadt.zeile("person", person_id="P6")["sozialraum_id"] = f"{CANARY}-9"
    stadt.zeilen["map_produkt"][0]["leistungsbereich"] = f"<i>{SICHTBAR}</i>"
    stadt.zeilen["buchung"][2]["produkt"] = f"<b>{CANARY}</b>"
    stadt.zeilen["buchung"][3]["produkt"] = f"{SICHTBAR}-7"
    stadt.zeilen["fall"].append({**stadt.zeile("fall", hilfe_id="H6"), "hilfe_id": "SCHLUESSEL"})
    stadt.zeilen["fall"].append(dict(stadt.zeile("fall", hilfe_id="SCHLUESSEL")))
    return stadt


def test_kein_zellwert_verlaesst_die_pruefung(tmp_path: Path, caplog, capfd):
    stadt = mit_kanarien()
    found = pruefe(stadt.tables(), previous=stadt.previous())
    assert {"R-F08", "R-F34", "R-X05", "R-B07", "R-S04", "R-B11", "R-F19", "R-F01"} <= {
        f.regel for f in found
    }
    page = tmp_path / "pruefung.html"
    checks.write_validation_page(page, found, kopf=KOPF)
    text = checks.render_text(found)
    out = capfd.readouterr()
    for spur in (text, json.dumps([f.as_dict() for f in found]), page.read_text(encoding="utf-8"),
                 caplog.text, out.out, out.err):  # fmt: skip
        assert CANARY not in spur
    for spur in (text, caplog.text, out.out, out.err):
        assert SICHTBAR not in spur
    # What the rule speaks about, and the key that leads to the row: on the page only, as text.
    shown = [w for f in found for s in f.stellen for w in s.werte.values() if SICHTBAR in w]
    assert {f"{SICHTBAR}p", f"{SICHTBAR}-7", f"<i>{SICHTBAR}</i>"} <= set(shown)
    assert f"&lt;i&gt;{SICHTBAR}&lt;/i&gt;" in page.read_text(encoding="utf-8")
    assert "SCHLUESSEL" in page.read_text(encoding="utf-8")
    assert "SCHLUESSEL" not in text


@pytest.mark.parametrize(
    ("tabelle", "spalte", "wert", "gezeigt"),
    [
        pytest.param("fall", "hilfe_id", "Pseudonym", "Pseudonym", id="Pseudonym"),
        pytest.param("fall", "andere_person_id", "Pseudonym", "Pseudonym", id="das andere"),
        pytest.param("fall", "hilfeart", "34", "34", id="Code"),
        pytest.param("zahlung", "hilfeart", "34", "34", id="Code einer anderen Tabelle"),
        pytest.param("fall", "hilfeart", "36", "Form 99", id="kein Code"),
        pytest.param("fall", "sozialraum_id", "S1", "S1", id="Gebiet des Verzeichnisses"),
        pytest.param("fall", "sozialraum_id", "S9", "Form A9", id="Gebiet, das niemand kennt"),
        pytest.param("fall", "leistungserbringer_id", "T31", "Form A99", id="Nummer bei Personen"),
        pytest.param("zahlung", "zahlung_id", "ZH1-1", "Form AA9-9", id="Nummer einer Zahlung"),
        pytest.param("zahlung", "storno_zu", "ZH1-202505", "Form AA9-999999", id="Verweis darauf"),
        pytest.param("buchung", "beleg_nr", "B-4711", "B-4711", id="Nummer ohne Personen"),
        pytest.param("buchung", "konto", "533999", "533999", id="unbekanntes Konto"),
        pytest.param("buchung", "produkt", "Kanarz", "Form Aaaaaa", id="Name im Hauptbuch"),
        pytest.param("buchung", "produkt", "Kanarz-7", "Form Aaaaaa-9", id="Name mit Ziffer"),
        pytest.param("buchung", "produkt", "KANARZ", "Form AAAAAA", id="Name ohne Ziffer"),
        pytest.param("budget", "beschluss_ref", "BV 12/2025", "Form AA 99/9999", id="zwei Wörter"),
        pytest.param("gebiet", "name", "Altstadt", "Altstadt", id="Verzeichnis der Stadt"),
        pytest.param("buchung", "konto_art", "aufwand", "aufwand", id="Code der Kontenliste"),
        pytest.param("fall", "ausgedacht", "Kanarz", "Form Aaaaaa", id="Spalte, die es nicht gibt"),
        pytest.param("fall", "beginn", date(2025, 1, 2), "2025-01-02", id="Datum"),
        pytest.param("fall", "ende", None, "", id="nichts"),
    ],
)
def test_eine_fundstelle_zeigt_was_der_katalog_belegt_sonst_die_form(
    tabelle: str, spalte: str, wert: object, gezeigt: str
):
    orte, (_, querregel) = Fundorte(Stadt().tables()), regel.load_querregeln(EXPECTATIONS)[0]
    (stelle,) = orte.rows(tabelle, (spalte,), [(wert,)])
    assert {**stelle.schluessel, **stelle.werte} == {spalte: gezeigt}
    (gruppe,) = orte.groups(tabelle, (spalte,), [(wert,)], (spalte,), querregel)
    assert gruppe.schluessel == {spalte: gezeigt}
    schreibt = querregel.model_copy(update={"sql": f"SELECT 'Wort' AS {spalte}"})
    (eigen,) = orte.groups(tabelle, (spalte,), [("Wort",)], (), schreibt)
    assert eigen.werte == {spalte: "Wort"}


def test_eine_gruppe_nennt_am_bildschirm_niemanden():
    """Products and accounts are texts of the source; whoever stands there is not printed."""
    stadt = Stadt()
    stadt.zeilen["budget"][0]["produkt"] = "Kanarz"
    found = pruefe(stadt.tables(), previous=stadt.previous())
    assert [f for f in found if f.tabelle == "budget"]
    assert "Kanarz" not in checks.render_text(found) + json.dumps([f.as_dict() for f in found])


def test_die_pruefseite_schreibt_daten_deutsch_und_sonst_was_da_steht():
    stadt = Stadt()
    stadt.zeilen["fall"][0]["ende"] = date(2000, 1, 31)
    found = pruefe(stadt.tables())
    page = render_page(found, kopf={})
    assert "31.01.2000" in page
    assert not re.search(r"\d{4}-\d{2}-\d{2}", re.sub(r"<style.*?</style>", "", page, flags=re.S))
    assert deutsch("2025-06-30") == "30.06.2025"
    assert [deutsch(t) for t in ("P-2025-06-30", "2025-06", "")] == ["P-2025-06-30", "2025-06", ""]


def test_great_expectations_behaelt_keine_werte(urteile: dict):
    """BOOLEAN_ONLY: nothing of a result could be written by accident."""
    seen: list[str] = []
    urteile.clear()
    tables = mit_kanarien().tables()
    suiten.pruefer()
    import great_expectations.datasource.fluent.interfaces as fluent

    validate = fluent.Batch.validate

    def spy(self, *args: object, **kwargs: object):
        result = validate(self, *args, **kwargs)
        seen.append(json.dumps(result.to_json_dict()))
        return result

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fluent.Batch, "validate", spy)
        pruefe(tables)
    assert len(seen) == len(tables)
    assert not any(CANARY in text for text in seen)
    assert any('"success": false' in text for text in seen)


def test_terminal_nennt_datei_zeile_spalte_und_was_zu_tun_ist():
    stadt = Stadt()
    for rows in (stadt.zeilen["fall"], stadt.vorher["fall"]):
        rows[4]["ende"] = rows[4]["beginn"] - timedelta(days=1)
    text = checks.render_text(pruefe(stadt.tables(), previous=stadt.previous()))
    assert text.splitlines()[0] == "Prüfung: 1 Fehler, 0 Warnungen, 0 Hinweise"
    assert "Hilfe (fall)" in text
    assert (
        "FEHLER R-F04  Das Ende liegt vor dem Beginn. [Spalte ende, beginn, 1 von 6 Zeilen]" in text
    )
    assert "fall_20250630.csv: Zeile 6" in text
    assert "Tun: Beginn und Ende im Fachverfahren berichtigen." in text


def test_terminal_kuerzt_lange_listen_und_zaehlt_den_rest():
    stellen = (*(Fundstelle("a.csv", i) for i in range(2, 22)), Fundstelle("b.csv", 3))
    befund = Finding("R-F07", Schwere.WARNUNG, "Satz.", "fall", "ende", 30, 99, "Prüfen.", stellen)
    text = checks.render_text([befund], limit=3)
    assert "a.csv: Zeilen 2, 3, 4" in text
    assert "… und 27 weitere" in text


class _Seite(HTMLParser):
    """Collects what the accessibility and privacy checks below need."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


@pytest.fixture(scope="module")
def seite(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, _Seite]:
    stadt = mit_kanarien()
    found = pruefe(stadt.tables(), previous=stadt.previous())
    path = tmp_path_factory.mktemp("data") / "tief" / "pruefung.html"
    checks.write_validation_page(path, found, kopf={**KOPF, "Notiz": "<b>&"})
    assert path.stat().st_mode & 0o077 == 0
    assert [p.name for p in path.parent.iterdir()] == ["pruefung.html"]
    parsed = _Seite()
    parsed.feed(path.read_text(encoding="utf-8"))
    return path.read_text(encoding="utf-8"), parsed


def test_seite_ist_zugaenglich_gegliedert(seite: tuple[str, _Seite]):
    text, parsed = seite
    count = [tag for tag, _ in parsed.tags].count
    assert parsed.tags[0] == ("html", {"lang": "de"})
    assert count("h1") == count("main") == count("title") == 1
    assert count("table") == count("caption") > 5
    assert all(a.get("scope") in {"col", "row"} for tag, a in parsed.tags if tag == "th")
    ids = [a["id"] for _, a in parsed.tags if "id" in a]
    assert len(ids) == len(set(ids))
    targets = {a["aria-labelledby"] for _, a in parsed.tags if "aria-labelledby" in a}
    assert targets <= set(ids)
    assert "&lt;b&gt;&amp;" in text


def test_seite_fragt_niemanden_und_fuehrt_nichts_aus(seite: tuple[str, _Seite]):
    text, parsed = seite
    tags = {tag for tag, _ in parsed.tags}
    assert not tags & {"script", "link", "img", "iframe", "form", "base"}
    links = [a.get("href", "") for tag, a in parsed.tags if tag == "a"]
    assert links
    assert all(link.startswith("#") for link in links)
    assert "://" not in text
    policy = next(a["content"] for _, a in parsed.tags if a.get("http-equiv"))
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert not any(name.startswith("on") or name == "style" for _, a in parsed.tags for name in a)


def test_seite_ist_jedes_mal_gleich(tmp_path: Path):
    stadt = mit_kanarien()
    pages = []
    for name in ("a", "b"):
        checks.write_validation_page(tmp_path / name, pruefe(stadt.tables()), kopf=KOPF)
        pages.append((tmp_path / name).read_bytes())
    assert pages[0] == pages[1]


def test_schlagwort_einer_formel_bleibt_text(tmp_path: Path):
    stelle = Fundstelle("<img src=x>.csv", 2, {"hilfe_id": '"><script>alert(1)</script>'})
    befund = Finding(
        "R-F01", Schwere.FEHLER, "Satz <b>.", "fall", None, 1, 2, "Tun <i>.", (stelle,)
    )
    checks.write_validation_page(tmp_path / "s.html", [befund])
    parsed = _Seite()
    parsed.feed((tmp_path / "s.html").read_text(encoding="utf-8"))
    assert not {tag for tag, _ in parsed.tags} & {"script", "img", "b", "i"}


# --- cost ---------------------------------------------------------------------------------------


def test_import_laedt_keine_schweren_bibliotheken():
    code = (
        "import sys; import sozcontrol.checks as c; from pathlib import Path; "
        f"c.regelverzeichnis(Path({str(EXPECTATIONS)!r})); "
        "heavy = {'pandas', 'great_expectations', 'duckdb', 'pyarrow'} & set(sys.modules); "
        "sys.exit(', '.join(sorted(heavy)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


GROSS = """
import resource, sys
from pathlib import Path
import pyarrow as pa
sys.path.insert(0, sys.argv[1])
from kleinstadt import DATENSTAND, STICHTAG, Stadt, als_tabelle
from sozcontrol import checks

stadt = Stadt()
tables = stadt.tables()
def vervielfache(name, mal, schluessel):
    rows = tables[name].to_pylist()
    tables[name] = als_tabelle(name, [
        {**row, **{k: f"{row[k]}-{i}" for k in schluessel if row.get(k)}}
        for i in range(mal) for row in rows])
vervielfache("person", 900, ["person_id"])
vervielfache("fall", 900, ["hilfe_id", "person_id"])
vervielfache("zahlung", 900, ["zahlung_id", "hilfe_id", "storno_zu"])
vervielfache("buchung", 180, ["beleg_nr", "storno_zu"])
def used():
    both = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in both)
start = used()
found = checks.check(tables, stichtag=STICHTAG, datenstand=DATENSTAND,
                     expectations=Path(sys.argv[2]), previous=stadt.previous())
print(len(tables["zahlung"]), len(tables["buchung"]), len(found), used() - start)
"""


def test_von_einer_grossen_lieferung_urteilt_ein_zweiter_prozess_dasselbe(monkeypatch):
    """It is asked first: what was asked here before, the tests remember."""
    stadt, asked = Stadt(), []
    stadt.zeilen["fall"][0]["ende"] = date(1999, 1, 1)
    stadt.zeilen["zahlung"][0]["art"] = "CANARY"
    suites = {name: SUITEN[name] for name in ("fall", "zahlung")}
    monkeypatch.setattr(pruefung, "load_suites", lambda _: suites)
    judge = suiten.Pruefer.judge
    monkeypatch.setattr(
        suiten.Pruefer, "judge", lambda *which: asked.append(which[1]) or judge(*which)
    )
    monkeypatch.setattr(zuzweit, "possible", lambda: True)
    with monkeypatch.context() as large:
        large.setattr(pruefung, "GROSS", 1)
        there = pruefe(stadt.tables())
    assert not asked
    assert there == pruefe(stadt.tables()) and sorted(asked) == ["fall", "zahlung"]
    assert {f.tabelle for f in there if f.schwere is Schwere.FEHLER} == {"fall", "zahlung"}


@pytest.mark.thorough
def test_sechzigtausend_zahlungen_in_zwoelf_sekunden():
    """CPU seconds in a fresh process, the import of Great Expectations included."""
    here = str(Path(__file__).parent)
    done = subprocess.run(
        [sys.executable, "-c", GROSS, here, str(EXPECTATIONS)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    zahlungen, buchungen, befunde, sekunden = done.stdout.split()
    assert int(zahlungen) > 60_000
    assert int(buchungen) > 12_000
    assert int(befunde) > 0
    assert float(sekunden) < 12


def test_was_great_expectations_kaum_braucht_laedt_es_erst_dann():
    """In a process of its own: here it is loaded for long."""
    code = """
import sys
from sozcontrol.checks.suiten import pruefer
pruefer()
assert "scipy.stats" not in sys.modules and "altair" not in sys.modules, "geladen"
import scipy
assert not hasattr(vars(scipy).get("stats"), "norm")
from great_expectations.expectations.core import expect_column_kl_divergence_to_be_less_than as kl
assert round(kl.stats.norm.cdf(0), 3) == 0.5 and kl.alt.Chart, "nicht zu gebrauchen"
from scipy import stats
import altair
assert stats is sys.modules["scipy.stats"] and altair is sys.modules["altair"]
assert stats.norm.cdf(0) == kl.stats.norm.cdf(0)
"""
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True, timeout=120)


def test_von_keiner_tabelle_bildet_great_expectations_eine_pruefsumme(tmp_path, monkeypatch):
    """Where it hashes is where it hashed when this was written, or this says so."""
    from great_expectations.execution_engine import pandas_execution_engine as engine

    asked = []
    hashed = engine.hash_pandas_dataframe
    monkeypatch.setattr(engine, "hash_pandas_dataframe", lambda f: asked.append(1) or hashed(f))
    table = pa.table({"anzahl": pa.array([1, 2], pa.int64())})
    pruefer = suiten.pruefer()
    pruefer._batches.get_batch(batch_parameters={"dataframe": suiten.to_frame(table, ())})
    assert asked, "Great Expectations bildet die Prüfsumme nicht mehr, oder woanders."
    before = len(asked)
    pruefer.judge("x", table, (), tmp_path / "x.json")
    assert len(asked) == before
