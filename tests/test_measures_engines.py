"""The same expressions on other engines: SQL for three dialects, results on two."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import ibis
import pytest
from ibis.config import Config
from postgres_server import postgres_server
from stichprobe import probe
from wuerfelstadt import wuerfelstadt

from sozcontrol import catalogue, measures
from sozcontrol.measures.zaehlwerk.rechnen import Rechnung, plane
from sozcontrol.measures.zaehlwerk.sichten import Basis

VON, BIS = date(2024, 12, 31), date(2025, 6, 30)
TYPEN = {
    "text": "string", "code": "string", "id": "string", "datum": "date", "monat": "date",
    "ganzzahl": "int64", "betrag": "decimal(14, 2)", "dezimal": "decimal(14, 4)", "wahr": "boolean",
}  # fmt: skip
DIALEKTE = ["pyspark", "postgres", "duckdb"]
POSTGRES = {
    "text": "text", "code": "text", "id": "text", "datum": "date", "monat": "date",
    "ganzzahl": "bigint", "betrag": "numeric(14, 2)", "dezimal": "numeric(14, 4)",
    "wahr": "boolean",
}  # fmt: skip


class SparkOptions(Config):
    treat_nan_as_null: bool = False


@pytest.fixture(autouse=True)
def spark_ohne_spark(monkeypatch):
    """Translating to Spark SQL asks an option that only an installed pyspark sets."""
    monkeypatch.setattr(ibis.options, "pyspark", SparkOptions())


class Unverbunden(dict):
    """Canonical tables without an engine behind them."""

    def __missing__(self, name):
        spalten = catalogue.tabelle(name).spalten
        self[name] = ibis.table({s.name: TYPEN[s.typ] for s in spalten}, name=name)
        return self[name]


def ausdruecke(daten):
    """Every primitive, grouped, over views of *daten*."""
    je = ["hilfeart", "altersgruppe"]
    faelle = measures.sicht(daten, "hilfen", BIS)
    zahlungen, buchungen = measures.sicht(daten, "zahlungen"), measures.sicht(daten, "buchungen")
    return {
        "bestand": measures.bestand(faelle, BIS, je),
        "zugang": measures.zugang(faelle, VON, BIS, je),
        "abgang": measures.abgang(faelle, VON, BIS, je),
        "jahresfallzahl": measures.jahresfallzahl(faelle, BIS, je),
        "durchschnittsbestand": measures.durchschnittsbestand(faelle, BIS, je),
        "belegte_tage": measures.belegte_tage(faelle, VON, BIS, je),
        "bestand_je_monat": measures.bestand_je_monat(faelle, VON, BIS, ["segment"]),
        "dauer_beendeter": measures.dauer_beendeter(faelle, VON, BIS, je),
        "dauer_laufender": measures.dauer_laufender(faelle, BIS, je),
        "lebenstafel": measures.lebenstafel(faelle, VON, BIS, ["hilfeart"]),
        "folgehilfe": faelle.select("hilfe_id", "tage_bis_folgehilfe"),
        "zahlung_brutto": measures.brutto(zahlungen, VON, BIS, ["segment"]),
        "zahlung_netto": measures.netto(zahlungen, VON, BIS, nach="buchung_am"),
        "buchung_ertrag": measures.ertrag(buchungen, VON, BIS, ["produktgruppe"], "haushaltsjahr"),
        "ansatz": measures.ansatz(measures.sicht(daten, "budgets"), BIS, ["produktgruppe"]),
        "einwohner": measures.einwohner(
            measures.sicht(daten, "bevoelkerung"), BIS, ["sozialraum"], unter=21
        ),
        "erwartung": measures.erwarteter_anteil(buchungen, BIS),
    }


@pytest.mark.parametrize("dialekt", probe(DIALEKTE, 1))
def test_jede_grundzahl_uebersetzt_in_jeden_dialekt(dialekt):
    for name, expr in ausdruecke(Unverbunden()).items():
        assert "SELECT" in str(ibis.to_sql(expr, dialect=dialekt)), name


@pytest.mark.parametrize("dialekt", probe(DIALEKTE, 1))
def test_jede_kennzahl_uebersetzt_in_jeden_dialekt(dialekt):
    basis = Basis(Unverbunden(), merken=False)
    parts = [p for k in catalogue.kennzahlen().values() for p in (k.zaehler, k.nenner) if p]
    for query in plane([Rechnung(p, BIS) for p in parts], ()):
        for expr in (query.ausdruck(basis, False), *query.lebenstafeln(basis, False).values()):
            assert "SELECT" in str(ibis.to_sql(expr, dialect=dialekt)), query.quelle


def test_gliederung_mit_summen_uebersetzt_in_jeden_dialekt():
    basis = Basis(Unverbunden(), merken=False)
    item = catalogue.kennzahl("H06")
    for query in plane([Rechnung(p, BIS) for p in (item.zaehler, item.nenner)], ("sozialraum",)):
        for dialekt in DIALEKTE:
            assert "insgesamt" in str(ibis.to_sql(query.ausdruck(basis, True), dialect=dialekt))


def test_sweep_kumuliert_ausdruecklich():
    """ibis.window would give every month the whole partition's total, on every engine alike."""
    sql = str(ibis.to_sql(ausdruecke(Unverbunden())["bestand_je_monat"], dialect="duckdb"))
    assert "UNBOUNDED PRECEDING AND CURRENT ROW" in sql


def gerundet(expr):
    """Rows with floats to nine digits and Decimals without trailing zeros, sorted."""
    rows = [
        tuple(
            Decimal(str(round(v, 9))).normalize()
            if isinstance(v, float)
            else v.normalize() + 0
            if isinstance(v, Decimal)
            else v
            for v in row.values()
        )
        for row in expr.to_pyarrow().to_pylist()
    ]
    return sorted(rows, key=lambda row: tuple(map(str, row)))


@pytest.fixture(scope="module")
def postgres():
    """The dice city in a real PostgreSQL, reached through Ibis."""
    import psycopg

    stadt = wuerfelstadt(hilfen=120)
    with postgres_server() as folder:
        with psycopg.connect(f"host={folder} user=postgres") as con:
            for name in stadt.tabellen:
                _lade(con, name, stadt[name])
        engine = ibis.postgres.connect(host=str(folder), user="postgres", database="postgres")
        yield stadt, Verbunden(engine, stadt)
        engine.disconnect()


def _lade(con, name, table):
    spalten = catalogue.tabelle(name).spalten
    columns = ", ".join(f"{s.name} {POSTGRES[s.typ]}" for s in spalten)
    con.execute(f"CREATE TABLE {name} ({columns})")
    marks = ", ".join(["%s"] * len(spalten))
    rows = [tuple(row.values()) for row in table.to_pyarrow().to_pylist()]
    if rows:
        con.cursor().executemany(f"INSERT INTO {name} VALUES ({marks})", rows)


class Verbunden:
    """The tables of a city as another engine holds them."""

    def __init__(self, engine, stadt):
        self.engine, self.tabellen = engine, stadt.tabellen
        self.stichtag, self.datenstand = stadt.stichtag, stadt.datenstand

    def __getitem__(self, name):
        return self.engine.table(name)


def gleiche_grundzahlen(stadt, anderswo):
    """Demand that every primitive is the same on both engines."""
    dort = ausdruecke(anderswo)
    for name, expr in ausdruecke(stadt).items():
        assert gerundet(expr) == gerundet(dort[name]), name


def gleiche_kennzahlen(stadt, anderswo):
    """Demand that every Kennzahl is the same on both, to a millionth."""
    hier, dort = measures.alle(stadt), measures.alle(anderswo)
    assert len(hier) == len(catalogue.kennzahlen())
    for a, b in zip(hier, dort, strict=True):
        assert (a.wert is None) == (b.wert is None), a.id
        assert a.wert is None or abs(a.wert - b.wert) < Decimal("1e-6"), a.id


@pytest.mark.thorough
@pytest.mark.server
def test_postgresql_und_duckdb_zaehlen_gleich(postgres):
    gleiche_grundzahlen(*postgres)


@pytest.mark.server
def test_kennzahlen_auf_postgresql_und_duckdb_gleich(postgres):
    gleiche_kennzahlen(*postgres)
