"""Real municipal budgets, each through nothing but a profile, to the finished report.

The files are public but not part of the project. Where the folder is missing the tests are skipped
and say so. What the report prints is compared with figures worked out from the raw file with
``csv`` and ``Decimal`` alone.
"""

from __future__ import annotations

import csv
import os
import re
import shutil
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from conftest import ROOT, make_project
from rendered import tables

from sozcontrol import store

FOLDER = Path(os.environ.get("SOZCONTROL_ECHTE_DATEN", ROOT.parent / "shared" / "data"))
DATENSTAND = date(2018, 4, 16)

pytestmark = [
    pytest.mark.real,
    pytest.mark.notebook,
    pytest.mark.skipif(
        not FOLDER.is_dir(),
        reason=f"ÜBERSPRUNGEN: der Ordner mit echten Haushaltsdateien fehlt ({FOLDER})",
    ),
]


@dataclass(frozen=True)
class Stadt:
    id: str
    stichtag: date
    datei: str


STAEDTE = [
    Stadt("moers", date(2016, 12, 31), "haushalt_moers_2015_2017/Haushalt.csv"),
    Stadt("koeln", date(2012, 12, 31), "haushalt_koeln_2010_2015/roh_teilergebnisplan.csv"),
    Stadt(
        "berlin",
        date(2015, 12, 31),
        "haushalt_berlin_bezirke/berlin_2015_ansatz_ist_hauptfunktion2.csv",
    ),
    Stadt(
        "kiel",
        date(2017, 12, 31),
        "haushalt_kiel_2017/Haushalt-Kiel-2017__Produktbereiche_31-36.csv",
    ),
]


def german(text: str) -> Decimal:
    return Decimal(text.replace(".", "").replace(",", ".") or "0")


def rows(stadt: Stadt, encoding: str) -> list[dict[str, str]]:
    with (FOLDER / stadt.datei).open(encoding=encoding, newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def moers(stadt: Stadt) -> dict[str, tuple[Decimal, Decimal | None]]:
    """Plan and Ist 2016 of transfer expenses (Kontengruppe 53) by Profitcenter."""
    found: dict[str, tuple[Decimal, Decimal | None]] = {}
    for row in rows(stadt, "cp1252"):
        if (
            row["Profitcenter"].startswith(("50", "51", "60"))
            and row["Kontengruppe-Nummer"] == "53"
        ):
            plan, ist = found.get(row["Profitcenter"], (Decimal(0), Decimal(0)))
            found[row["Profitcenter"]] = (
                plan + german(row["Plan 2016"]),
                ist + german(row["Ist 2016"]),
            )
    return found


def koeln(stadt: Stadt) -> dict[str, tuple[Decimal, Decimal | None]]:
    """Plan 2012 of transfer expenses (line 15) by Teilplan; there is no Ist 2012."""
    return {
        row["Teilplan"]: (german(row["Plan 2012"]), None)
        for row in rows(stadt, "utf-8")
        if row["Produktbereich"] in ("05", "06") and row["Teilplanzeile"].startswith("15 ")
    }


def berlin(stadt: Stadt) -> dict[str, tuple[Decimal, Decimal | None]]:
    """Ansatz and Ist 2015 of grants and refunds (Obergruppen 63–69) by Kapitel, all districts."""
    found: dict[str, tuple[Decimal, Decimal | None]] = {}
    for row in rows(stadt, "utf-8"):
        if row["Bereich"] != "30" and row["Obergruppe"] in ("63", "67", "68", "69"):
            plan, ist = found.get(row["Kapitel"], (Decimal(0), Decimal(0)))
            found[row["Kapitel"]] = (plan + Decimal(row["Ansatz"]), ist + Decimal(row["Ist"]))
    return found


INDEPENDENT = {"moers": moers, "koeln": koeln, "berlin": berlin}


def deliver(stadt: Stadt, root: Path):
    projekt = make_project(root)
    folder = projekt.delivery_folder(stadt.stichtag, DATENSTAND)
    folder.mkdir(parents=True)
    shutil.copy(FOLDER / stadt.datei, folder)
    (folder / "lieferung.yml").write_text(f"kommune: {stadt.id}\n", encoding="utf-8")
    return projekt


def in_euro(cell: str) -> Decimal | None:
    """Read back a printed amount in whole euros; »–« is nothing there."""
    text = re.sub(r"[^\d,−–-]", "", cell).replace("−", "-")
    return None if text in ("", "–") else Decimal(text.replace(",", "."))


@pytest.mark.parametrize(
    "stadt",
    [
        pytest.param(s, id=s.id, marks=[] if s.id == "moers" else [pytest.mark.thorough])
        for s in STAEDTE[:3]
    ],
)
def test_der_haushalt_wird_zum_bericht_mit_den_zahlen_der_datei(
    stadt: Stadt, tmp_path: Path, run_cli
) -> None:
    projekt = deliver(stadt, tmp_path / stadt.id)
    result = run_cli(
        projekt, "run", "--stichtag", stadt.stichtag.isoformat(), "--bereich", "finanzcontrolling"
    )
    assert result.exit_code == 0, result.stderr
    folder = projekt.reports / stadt.stichtag.isoformat()
    page = (folder / "leitung" / "finanzcontrolling.html").read_text(encoding="utf-8")
    rows = tables(page)["Soll-Ist je Produktgruppe: Aufwand"]
    booked = next(i for i, head in enumerate(rows[0]) if head.startswith("Ist"))
    printed = {row[0]: row for row in rows}
    expected = INDEPENDENT[stadt.id](stadt)
    largest = sorted(expected, key=lambda k: -expected[k][0])[:6]
    assert len(largest) >= 4
    for produktgruppe in largest:
        plan, ist = expected[produktgruppe]
        row = printed[produktgruppe]
        assert in_euro(row[2]) == plan.quantize(Decimal(1), "ROUND_HALF_UP"), produktgruppe
        if ist is not None:
            assert in_euro(row[booked]) == ist.quantize(Decimal(1), "ROUND_HALF_UP"), produktgruppe
        else:
            assert in_euro(row[4]) in (None, Decimal(0))
    assert "Musterstadt" not in page


def test_ein_plan_ohne_ist_wird_gelesen_aber_kein_soll_ist_bericht(tmp_path: Path, run_cli) -> None:
    # Kiel publishes its plan only: everything is read and stored, the area says what is missing.
    stadt = STAEDTE[3]
    projekt = deliver(stadt, tmp_path / stadt.id)
    asked = ("--stichtag", stadt.stichtag.isoformat())
    assert run_cli(projekt, "check", *asked).exit_code == 0
    done = run_cli(projekt, "run", *asked, "--bereich", "finanzcontrolling")
    assert done.exit_code == 4
    assert "buchung" in done.stderr
    assert not (projekt.reports / "2017-12-31" / "leitung" / "finanzcontrolling.html").exists()
    budget = store.open_data(projekt=projekt).budget
    expected = sum(abs(german(r["Betrag"])) for r in rows(stadt, "cp1252"))
    assert budget.betrag_eur.abs().sum().execute() == expected


def test_koelns_zwischensummen_gehen_mit_den_uebernommenen_zeilen_auf() -> None:
    # What the profile leaves out (lines with »=«) must be the sum of what it takes.
    stadt = STAEDTE[1]
    taken: dict[str, Decimal] = {}
    stated: dict[str, Decimal] = {}
    for row in rows(stadt, "utf-8"):
        line = int(row["Teilplanzeile"][:2])
        if 11 <= line <= 16:
            taken[row["Teilplan"]] = taken.get(row["Teilplan"], Decimal(0)) + german(
                row["Plan 2012"]
            )
        if line == 17:
            stated[row["Teilplan"]] = german(row["Plan 2012"])
    # Rounded to whole euros in the source: six addends may be off by three.
    assert {k for k in stated if abs(stated[k] - taken[k]) > 3} == set()
