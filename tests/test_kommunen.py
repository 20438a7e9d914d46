"""Where things lie when one project serves two municipalities: nothing of one meets the other."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from press_fixtures import DATENSTAND, STICHTAG, bare_project
from press_fixtures import snapshot as files_below

from sozcontrol import catalogue, store
from sozcontrol.errors import ConfigurationError
from sozcontrol.hochrechnung.szenarien import szenariodatei
from sozcontrol.press.ablegen import publish, swap
from sozcontrol.press.lauf import receive
from sozcontrol.press.lauf.kernel import Kernels
from sozcontrol.press.lauf.lock import sole_run
from sozcontrol.projekt import KOMMUNE_VARIABLE, Projekt
from sozcontrol.store import fassung
from sozcontrol.tidy.schema import arrow_schema

GETEILT = {"profile", "root", "notebooks", "expectations"}
"""What municipalities of one project share: it holds no figure and no Stichtag."""


@pytest.fixture
def projekt(tmp_path: Path) -> Projekt:
    return bare_project(tmp_path / "projekt")


def orte(projekt: Projekt) -> dict[str, Path]:
    """Return every place that is not shared, and those the rooms make of a Stichtag."""
    names = {n for n, v in vars(Projekt).items() if isinstance(v, property)}
    found = {n: getattr(projekt, n) for n in sorted(names - GETEILT)}
    places = {n: p for n, p in found.items() if isinstance(p, Path)}
    return places | {
        "lieferung": projekt.delivery_folder(STICHTAG, DATENSTAND),
        "kommentar": projekt.kommentar(STICHTAG, "monitoring_jugend"),
        "fassungen": fassung.slot_of(projekt, STICHTAG, DATENSTAND),
        "prüfseite": receive.page_path(projekt, STICHTAG, DATENSTAND),
        "journal": swap.journal_path(projekt),
        "berichte": publish.target(projekt, "reports", STICHTAG),
        "interne berichte": publish.target(projekt, "data", STICHTAG),
        "stichtagsszenarien": szenariodatei.ordner(projekt, STICHTAG),
    }


def test_eine_stadt_allein_sieht_keinen_ordner_mehr(projekt: Projekt) -> None:
    below = {n: p.relative_to(projekt.root).as_posix() for n, p in orte(projekt).items()}
    assert below == {
        "data": "data",
        "raw": "data/raw",
        "processed": "data/processed",
        "protokolle": "data/protokoll",
        "ausnahmen": "profile/ausnahmen.yml",
        "runs": "data/runs",
        "damaged": "data/beschaedigt",
        "intern": "data/reports_intern",
        "reports": "reports",
        "kommentare": "notebooks/kommentare",
        "szenarien": "notebooks/szenarien",
        "zielbeschluesse": "notebooks/ziele/beschluesse.yml",
        "lieferung": "data/raw/2025-06-30/2025-07-15",
        "kommentar": "notebooks/kommentare/2025-06-30/monitoring_jugend.md",
        "fassungen": "data/processed/2025-06-30/2025-07-15",
        "prüfseite": "data/runs/pruefung/2025-06-30_2025-07-15.html",
        "journal": "data/runs/veroeffentlichung.json",
        "berichte": "reports/2025-06-30",
        "interne berichte": "data/reports_intern/2025-06-30",
        "stichtagsszenarien": "notebooks/szenarien/2025-06-30",
    }


def test_kein_ort_einer_kommune_liegt_in_dem_einer_anderen(projekt: Projekt) -> None:
    """The own city's folder holds the others' (`data/kommunen`), but no place that is read."""
    gelesen = ("raw", "processed", "runs", "damaged", "intern")
    eigene, *weitere = (orte(p) for p in (projekt, projekt.of("kiel"), projekt.of("koeln")))
    for a, b in itertools.combinations((eigene, *weitere), 2):
        assert not set(a.values()) & set(b.values())
    for a, b in itertools.permutations(weitere, 2):
        assert not [(p, q) for p in a.values() for q in b.values() if p.is_relative_to(q)]
    for other in weitere:
        assert not [p for p in other.values() for n in gelesen if p.is_relative_to(eigene[n])]
        assert {n for n, p in eigene.items() if other[n].relative_to(projekt.root) == p} == set()


def ablegen(projekt: Projekt, kommune: str, betrag: int) -> None:
    """Fill every register of one municipality; days, areas and runs are the same for all."""
    tables = {n: arrow_schema(t).empty_table() for n, t in catalogue.tabellen().items()}
    row = {f.name: None for f in tables["gebiet"].schema} | {"gebiet_id": kommune}
    tables["gebiet"] = pa.Table.from_pylist([row], schema=tables["gebiet"].schema)
    store.save(
        projekt, stichtag=STICHTAG, datenstand=DATENSTAND, inhalt="f" * 64, kommune=kommune,
        tables=tables, findings=(), schluessel_id="k1",
    )  # fmt: skip
    when = datetime(2025, 8, 1, tzinfo=UTC)
    store.veroeffentlichungen_ablegen(projekt, [store.Veroeffentlichung(
        STICHTAG, DATENSTAND, "f" * 64, "monitoring_jugend", "leitung", f"{betrag:064}", "L1", when,
        "1.0",
    )])  # fmt: skip
    store.prognosen_ablegen(projekt, [store.Prognose(
        STICHTAG, DATENSTAND, "f" * 64, "summe", "Aufwand", 2025, 6, "M1", Decimal(betrag),
    )])  # fmt: skip
    one = store.Entschieden(kommune, STICHTAG, "f" * 64, ("monitoring_jugend",), {"wert": betrag})
    store.entscheidung_ablegen(projekt, store.entscheidungen.write(one))


def gelesen(projekt: Projekt) -> Mapping[str, object]:
    daten = store.open_data(projekt=projekt)
    decided = store.entscheidung(projekt, STICHTAG)
    try:
        return {
            "stadt": {m["kommune"] for m in store.deliveries(projekt)} | {daten.kommune.id},
            "gebiet": daten["gebiet"].to_pyarrow()["gebiet_id"].to_pylist(),
            "verlauf": len(store.finding_history(projekt)),
            "erschienen": [int(v.sha256) for v in store.veroeffentlichungen(projekt)],
            "vorhergesagt": [int(p.wert) for p in store.prognosen(projekt)],
            "entschieden": decided and (decided.kommune, decided.zellen["wert"]),
            "schäden": store.damages(projekt),
        }
    finally:
        daten.con.disconnect()


def test_jedes_verzeichnis_liest_was_seiner_kommune_gehoert(projekt: Projekt) -> None:
    orte_ = {"musterstadt": projekt, "kiel": projekt.of("kiel"), "koeln": projekt.of("koeln")}
    for number, (kommune, ort) in enumerate(orte_.items(), start=1):
        ablegen(ort, kommune, number)
    for number, (kommune, ort) in enumerate(orte_.items(), start=1):
        assert gelesen(ort) == {
            "stadt": {kommune}, "gebiet": [kommune], "verlauf": 1, "erschienen": [number],
            "vorhergesagt": [number], "entschieden": (kommune, number), "schäden": [],
        }  # fmt: skip


def test_eine_zweite_kommune_laesst_die_dateien_der_ersten_wie_sie_sind(projekt: Projekt) -> None:
    ablegen(projekt, "musterstadt", 1)
    before = files_below(projekt.root)
    ablegen(projekt.of("kiel"), "kiel", 2)
    after = files_below(projekt.root)
    assert before.items() <= after.items()
    assert {
        n for n in after if n not in before and not n.startswith("data/kommunen/kiel/")
    } == set()


def test_kommunen_halten_einander_nicht_auf(projekt: Projekt) -> None:
    with sole_run(projekt), sole_run(projekt.of("kiel")), sole_run(projekt.of("koeln")):
        pass


@pytest.mark.parametrize(
    ("ort", "kommune", "passt"),
    [("", "musterstadt", True), ("", "kiel", False), ("kiel", "kiel", True),
     ("kiel", "musterstadt", False), ("koeln", "koeln", True)],
)  # fmt: skip
def test_an_einem_ort_liegt_eine_kommune(
    projekt: Projekt, ort: str, kommune: str, passt: bool
) -> None:
    ablegen(projekt, "musterstadt", 1)
    ablegen(projekt.of("kiel"), "kiel", 2)
    if passt:
        store.check_kommune(projekt.of(ort), kommune)
        return
    with pytest.raises(ConfigurationError) as caught:
        store.check_kommune(projekt.of(ort), kommune)
    assert f"»{kommune}«" in caught.value.was
    assert str(projekt.of(kommune).raw) in caught.value.tun


def test_ein_leerer_ort_nimmt_die_erste_kommune_die_kommt(projekt: Projekt) -> None:
    for kommune in catalogue.kommunen():
        store.check_kommune(projekt, kommune)


@pytest.mark.parametrize("kommune", ["", "kiel"])
def test_ein_kernel_findet_die_kommune_seines_laufs(
    projekt: Projekt, kommune: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KOMMUNE_VARIABLE, "koeln")
    for name, value in Kernels(projekt.of(kommune)).environment().items():
        monkeypatch.setenv(name, value)
    assert Projekt.find() == projekt.of(kommune)


@pytest.mark.parametrize("name", ["../kiel", "kiel/..", "Kiel", "2025-06-30", " ", "."])
def test_was_kein_name_eines_ordners_sein_darf_wird_keiner(projekt: Projekt, name: str) -> None:
    with pytest.raises(ConfigurationError):
        projekt.of(name)


def test_jede_kommune_des_katalogs_hat_einen_ort(projekt: Projekt) -> None:
    assert len({projekt.of(k).data for k in catalogue.kommunen()}) == len(catalogue.kommunen())


def test_die_kommentare_einer_kommune_stehen_nicht_in_den_berichten_der_anderen(
    projekt: Projekt,
) -> None:
    from sozcontrol.present.steckbrief import commentary

    kiel, day = projekt.of("kiel"), date(2025, 6, 30)
    path = kiel.kommentar(day, "monitoring_jugend")
    path.parent.mkdir(parents=True)
    path.write_text("Nur für Kiel.")
    own, other = (
        commentary(day, "monitoring_jugend", projekt=p, edition="controlling").html
        for p in (kiel, projekt)
    )
    assert "Nur für Kiel." in own
    assert "Nur für Kiel." not in other
    assert "notebooks/kommentare/2025-06-30/monitoring_jugend.md" in other
