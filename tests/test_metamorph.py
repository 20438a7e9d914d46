"""The same cases written down in another way are the same cases: same tables, same figures."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path

import pytest
from conftest import Stadt as Musterstadt
from mess.bauen import FALLPROFIL, KOPF, befunde, csv, lies, profil
from tafel import Stadt

from sozcontrol import measures
from sozcontrol.catalogue import TECHNISCH
from sozcontrol.demo.pruefstand.ablage import Ablage
from sozcontrol.findings import Schwere
from sozcontrol.tidy import Tidied

EXPECTATIONS = Path(__file__).parents[1] / "expectations"
STICHTAG = date(2025, 6, 30)
KENNZAHLEN = ("H01", "H02", "H03", "H21", "H27")
Dateien = Mapping[str, bytes]


def faelle() -> list[str]:
    """Forty invented cases of thirty people; umlauts, quotes, line feeds, open and ended."""
    dice = random.Random(4711)
    rows = []
    for nr in range(40):
        begin = date(2023, 1, 1) + timedelta(days=dice.randrange(880))
        end = begin + timedelta(days=dice.randrange(30, 900))
        closed = "31.12.9999" if dice.random() < 0.5 else f"{end:%d.%m.%Y}"
        art = ("§ 34 SGB VIII", "Heim", "stat.") if nr % 3 else ("§ 31 SGB VIII", "SPFH", "amb.")
        person = nr % 30
        born = f"{person % 28 + 1:02d}.{person % 12 + 1:02d}.{2008 + person % 10}"
        note = '"größer; als\r\nöfter"' if nr % 7 == 0 else ""
        rate = f"{dice.randrange(10_000, 150_000) / 100:.2f}".replace(".", ",")
        rows.append(
            ";".join([f"H{nr}", f"{person:05d}", "Müller-Lüdenscheidt", born, *art,
                      f"{begin:%d.%m.%Y}", closed, rate, note])
        )  # fmt: skip
    return rows


FAELLE = faelle()


def wie_geliefert() -> Dateien:
    return {"hilfen.csv": csv(*FAELLE)}


def gemischt() -> Dateien:
    rows = FAELLE.copy()
    random.Random(1).shuffle(rows)
    return {"hilfen.csv": csv(*rows)}


def geteilt() -> Dateien:
    return {"hilfen_1.csv": csv(*FAELLE[:13]), "hilfen_2.csv": csv(*FAELLE[13:])}


def umgestellt() -> Dateien:
    """The columns in another order; no quoted cell holds a separator here."""
    names, order = KOPF.split(";"), [3, 0, 10, 7, 5, 6, 4, 9, 1, 8, 2]
    plain = [row.replace('"größer; als\r\nöfter"', "größer") for row in FAELLE]
    rows = [";".join(row.split(";")[i] for i in order) for row in plain]
    return {"hilfen.csv": csv(*rows, kopf=";".join(names[i] for i in order))}


def kodiert(name: str) -> Callable[[], Dateien]:
    return lambda: {"hilfen.csv": csv(*FAELLE, kodierung=name)}


def anders_getrennt() -> Dateien:
    text = csv(*FAELLE).decode("cp1252").replace("größer; als", "größer als")
    return {"hilfen.csv": text.replace(";", "\t").replace("\r\n", "\n").encode("cp1252")}


GLEICHES = {
    "Zeilen gemischt": gemischt,
    "in zwei Dateien": geteilt,
    "Spalten umgestellt": umgestellt,
    "UTF-8": kodiert("utf-8"),
    "UTF-8 mit Kennung": kodiert("utf-8-sig"),
    "UTF-16": kodiert("utf-16"),
    "Tabulatoren und einfache Zeilenenden": anders_getrennt,
}


def tabellen(tidied: Tidied) -> dict[str, list[tuple[str, ...]]]:
    """Return the rows of every table, sorted, without what says where they stood."""
    found = {}
    for name in ("fall", "person"):
        table = tidied.tables[name]
        columns = [c for c in table.column_names if c not in TECHNISCH]
        rows = table.select(columns).to_pylist()
        found[name] = sorted(tuple(map(str, row.values())) for row in rows)
    return found


def zahlen(tidied: Tidied) -> dict[str, list[tuple]]:
    """Return figures with their groups."""
    given = {
        name: {c: tidied.tables[name][c].to_pylist() for c in tidied.tables[name].column_names
               if c not in TECHNISCH}
        for name in ("fall", "person")
    }  # fmt: skip
    stadt = Stadt(STICHTAG, **given)
    return {
        werte.kennzahl.id: sorted(map(repr, werte.frame.to_dict("records")))
        for werte in measures.kennzahlen(stadt, KENNZAHLEN, je=["hilfeart"])
    }


def gelesen(ordner: Path, dateien: Dateien) -> Tidied:
    _, tidied = lies(ordner, dateien, profil(FALLPROFIL))
    return tidied


@pytest.fixture(scope="module")
def erst(tmp_path_factory: pytest.TempPathFactory) -> tuple[set, dict, dict]:
    """Findings, tables and figures of the cases as they were delivered."""
    tidied = gelesen(tmp_path_factory.mktemp("erst"), wie_geliefert())
    return befunde(tidied), tabellen(tidied), zahlen(tidied)


@pytest.mark.parametrize("anders", GLEICHES.values(), ids=GLEICHES)
def test_anders_geschrieben_ist_dasselbe(
    erst: tuple[set, dict, dict], tmp_path: Path, anders: Callable[[], Dateien]
) -> None:
    dann = gelesen(tmp_path, anders())
    assert (befunde(dann), tabellen(dann), zahlen(dann)) == erst


def test_die_zahlen_sind_die_der_zeilen(erst: tuple[set, dict, dict]) -> None:
    """Counted once more from the text of the rows: begun by the day, and not ended by it."""
    running: Counter[str] = Counter()
    for row in FAELLE:
        cells = row.replace("größer;", "").split(";")
        begin, end = (date(*map(int, reversed(cell.split(".")))) for cell in cells[7:9])
        running[cells[4][2:4]] += begin <= STICHTAG < end
    _, tables, figures = erst
    assert (len(tables["fall"]), len(tables["person"])) == (40, 30)
    told = {art: f"'{art}', 'zaehler': {n}," for art, n in running.items()}
    told["insgesamt"] = f"'insgesamt', 'zaehler': {running.total()},"
    assert all(any(t in row for row in figures["H01"]) for t in told.values()), told


def test_zweimal_geliefert_zaehlt_nicht_doppelt(tmp_path: Path) -> None:
    """The copy is an error that holds both tables: nothing is counted until one file is gone."""
    dann = gelesen(tmp_path / "dann", {**wie_geliefert(), "hilfen_kopie.csv": csv(*FAELLE)})
    assert befunde(dann, Schwere.FEHLER) == {("R-I10", "fall"), ("R-I10", "person")}
    assert not {"fall", "person"} & {*dann.tables}


def test_auch_anders_geschrieben_zaehlt_es_nicht_doppelt(tmp_path: Path) -> None:
    """No byte is the same, each case is: its number is there twice, and the checks hold it."""
    dann = gelesen(tmp_path, {**wie_geliefert(), "hilfen_kopie.csv": csv(*FAELLE[::-1])})
    assert len(tabellen(dann)["fall"]) == 80 and len(tabellen(dann)["person"]) == 30
    rules = json.loads((EXPECTATIONS / "fall.json").read_bytes())["expectations"]
    unique = [r for r in rules if r["type"] == "expect_column_values_to_be_unique"]
    assert [r["kwargs"]["column"] for r in unique] == ["hilfe_id"]
    assert [r["severity"] for r in unique] == ["critical"]


@pytest.mark.thorough
@pytest.mark.notebook
def test_ein_ganzer_bericht_bleibt_byte_fuer_byte(eingelesen: Musterstadt, tmp_path: Path) -> None:
    """But for the checksums of the delivered files, which it names."""
    berichte = []
    for wort in ("wie geliefert", "gemischt"):
        stadt = eingelesen.kopie(tmp_path / wort)
        (ordner,) = (stadt.projekt.raw / "2025-06-30").iterdir()
        for name in ("WJH_Hilfen", "WJH_Personen", "WJH_Zahlliste") if wort == "gemischt" else ():
            liste = Ablage(ordner, STICHTAG).liste(name)
            places = liste.daten()
            rows = [liste.zeilen[i] for i in places]
            random.Random(name).shuffle(rows)
            for place, row in zip(places, rows, strict=True):
                liste.zeilen[place] = row
            liste.schreibe()
        done = stadt.typed("run", "--leise", "--bereich", "monitoring_jugend")
        assert done.exit_code == 0, done.stderr
        seite = stadt.projekt.reports / "2025-06-30" / "leitung" / "monitoring_jugend.html"
        berichte.append(re.sub(rb"<code>[0-9a-f]{12}</code>", b"", seite.read_bytes()))
    assert berichte[0] == berichte[1]
