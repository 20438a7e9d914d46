"""One run from a stored delivery to the published folder: all of it or none of it."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from press_fixtures import (
    BEREICHE,
    SATZ,
    STICHTAG,
    bare_project,
    snapshot,
    store_delivery,
    write_notebook,
)
from stichprobe import probe

from sozcontrol import catalogue, store
from sozcontrol.disclosure import Entscheidung, entscheiden
from sozcontrol.errors import (
    Busy,
    DeliveryMissing,
    Exit,
    NotebookFailed,
    NotReleased,
    StorageError,
    UsageError,
)
from sozcontrol.findings import Finding, Schwere
from sozcontrol.press.ablegen import manifest
from sozcontrol.press.gegenprobe import rohseite
from sozcontrol.press.gegenprobe.blatt import Tafelbild, Zellbild
from sozcontrol.press.lauf.lock import sole_run
from sozcontrol.press.lauf.plan import plan
from sozcontrol.press.lauf.progress import Silent
from sozcontrol.press.run import Wunsch, blocked_by, resolve, run
from sozcontrol.projekt import Projekt

ROOT = Path(__file__).parent.parent
WUNSCH = Wunsch(stichtag="2025-06-30", datenstand="2025-07-15", bereiche=BEREICHE)
FEHLER = Finding("R-F01", Schwere.FEHLER, "Beginn fehlt.", "fall", anzahl=12)


@pytest.fixture
def projekt(tmp_path: Path) -> Projekt:
    projekt = bare_project(tmp_path / "projekt")
    shutil.copytree(ROOT / "expectations", projekt.expectations, dirs_exist_ok=True)
    write_notebook(projekt, "finanzcontrolling", "## Soll-Ist", SATZ)
    write_notebook(projekt, "monitoring_jugend", "## Soll-Ist", SATZ)
    return projekt


@pytest.fixture
def deliver(projekt, monkeypatch):
    """Return a function that makes the next run find a delivery with the given findings."""

    def make(*findings: Finding) -> None:
        eingang = store_delivery(projekt, findings=findings)
        monkeypatch.setattr("sozcontrol.press.run.receive", lambda *_: eingang)

    return make


@pytest.fixture
def no_kernel(monkeypatch) -> list:
    """Record the calls that would start a kernel; the tests demand that there are none."""
    started: list = []
    monkeypatch.setattr("sozcontrol.press.run.execute_all", lambda *a, **k: started.append(a) or [])
    return started


@pytest.mark.notebook
def test_ein_lauf_veroeffentlicht_jeden_geschuldeten_bericht(projekt, deliver) -> None:
    deliver()
    mask = os.umask(0o022)
    os.umask(mask)
    owed = [b.bereich.id for b in plan(STICHTAG, (), ["leitung"])]
    for area in owed:
        write_notebook(projekt, area, "## Soll-Ist", SATZ)
    wunsch = Wunsch("2025-06-30", "2025-07-15", (), ("leitung", "intern"))
    done = run(projekt, wunsch, Silent())
    assert done.exit_code is Exit.OK
    assert done.index == projekt.reports / "2025-06-30" / "index.html"
    assert set(done.berichte) == {f"{e}/{b}" for e in ("leitung", "intern") for b in owed}
    page = done.index.parent / "leitung" / "monitoring_jugend.html"
    assert "Stichtag 30.06.2025" in page.read_text()
    inside = projekt.intern / "2025-06-30" / "intern" / "monitoring_jugend.html"
    assert "Stichtag 30.06.2025" in inside.read_text()
    assert os.umask(mask) == mask


@pytest.mark.notebook
def test_zwei_laeufe_geben_dieselben_bytes(projekt, deliver) -> None:
    deliver()
    run(projekt, WUNSCH, Silent())
    folder = projekt.reports / "2025-06-30"
    first = {k: v for k, v in snapshot(folder).items() if k.endswith(".html")}
    run(projekt, WUNSCH, Silent())
    assert {k: v for k, v in snapshot(folder).items() if k.endswith(".html")} == first


@pytest.mark.notebook
def test_eine_rohe_tabelle_kommt_nirgends_hinaus(projekt, deliver) -> None:
    raw = "import pandas as pd\nprint('CANARY-1')\npd.DataFrame({'name': ['CANARY-2']})"
    write_notebook(projekt, "monitoring_jugend", SATZ, raw)
    deliver()
    heard: list[str] = []
    report = Silent()
    report.warn = heard.append  # type: ignore[method-assign]
    run(projekt, WUNSCH, report)
    for path in projekt.reports.rglob("*"):
        assert path.is_dir() or b"CANARY" not in path.read_bytes(), path
    assert ["antwort-2" in text for text in heard] == [True]
    entry = json.loads((projekt.reports / "2025-06-30/leitung/manifest.json").read_text())
    dropped = entry["berichte"]["monitoring_jugend"]["nicht_freigegebene_ausgaben"]
    assert dropped == {"antwort-2": 2}
    held = [p for p in projekt.runs.rglob("*") if p.is_file() and b"CANARY" in p.read_bytes()]
    assert held and all(p.stat().st_mode & 0o077 == 0 for p in held)


@pytest.mark.notebook
def test_ein_notebook_laeuft_einmal_fuer_alle_editionen(projekt, deliver, monkeypatch) -> None:
    deliver()
    counted = projekt.root / "gezaehlt"
    count = f"open({str(counted)!r}, 'a').write('x')\n"
    write_notebook(projekt, "monitoring_jugend", "## Soll-Ist", count + SATZ)
    wunsch = Wunsch("2025-06-30", "2025-07-15", BEREICHE, ("leitung", "gremium", "intern"))
    done = run(projekt, wunsch, Silent())
    assert len(done.berichte) == 6 and counted.read_text() == "x"


@pytest.mark.notebook
def test_ein_teil_wird_gegen_die_entscheidung_der_anderen_entschieden(
    projekt, deliver, monkeypatch
) -> None:
    """Also an area that was blocked at first; a delivery of other data begins anew."""
    deliver()
    given: list[Any] = []
    made: list[Any] = []

    def watched(
        antraege: Any, editionen: Any, fest: Any = None, vorher: Any = (), *, neu_gezaehlt: bool,
        zuletzt: Any = None,
    ) -> Any:  # fmt: skip
        assert zuletzt is None, "no report of it is replaced"
        given.append(None if fest is None else fest.as_dict())
        assert set(editionen) == set(catalogue.editionen())
        assert not vorher, "nothing of another Stichtag is published"
        made.append(entscheiden(antraege, editionen, fest, vorher, neu_gezaehlt=neu_gezaehlt))
        return made[-1]

    monkeypatch.setattr("sozcontrol.disclosure.entscheiden", watched)
    first, second = BEREICHE
    for areas in ((first,), (second,), BEREICHE):
        run(projekt, Wunsch("2025-06-30", "2025-07-15", areas), Silent())
        kept = store.entscheidung(projekt, STICHTAG)
        assert kept is not None
        assert Entscheidung.from_dict(kept.zellen).as_dict() == made[-1].as_dict()
    assert given == [None, made[0].as_dict(), None]
    assert set(kept.bereiche) == set(BEREICHE)
    other = replace(kept, fassung="e" * 64, bereiche=(first,))
    store.entscheidung_ablegen(projekt, store.entscheidungen.write(other))
    run(projekt, Wunsch("2025-06-30", "2025-07-15", (second,)), Silent())
    assert given[-1] is None


@pytest.mark.notebook
def test_ein_gescheiterter_lauf_laesst_auch_die_entscheidung_wie_sie_war(projekt, deliver) -> None:
    deliver()
    run(projekt, WUNSCH, Silent())
    before = snapshot(projekt.processed / "entscheidung")
    assert before
    broken = SATZ.replace("tag=stichtag", "tag=stichtag, sichtbar=['leitung']").replace(
        "{tag}", "{tag} {fehlt}"
    )
    write_notebook(projekt, "monitoring_jugend", broken)
    with pytest.raises(NotebookFailed, match="fehlt"):
        run(projekt, WUNSCH, Silent())
    assert snapshot(projekt.processed / "entscheidung") == before


FAULTS = {
    "Ausnahme": "raise ValueError('CANARY')",
    "Kern getötet": "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
    "sys.exit(0)": "import sys; sys.exit(0)",
    "os._exit": "import os; os._exit(0)",
    "Eingabe": "input()",
    "Endlosschleife": "while True: pass",
}


@pytest.mark.notebook
@pytest.mark.parametrize("fault", probe(FAULTS.values(), 2, [*FAULTS]))
def test_ein_gescheitertes_notebook_laesst_alle_berichte_wie_sie_waren(
    projekt, deliver, fault
) -> None:
    deliver()
    earlier = projekt.reports / "2025-06-30" / "leitung"
    earlier.mkdir(parents=True)
    (earlier / "monitoring_jugend.html").write_text("der letzte gute Bericht")
    (earlier / "manifest.json").write_text(manifest.dump({"berichte": {}}))
    before = snapshot(projekt.reports)
    write_notebook(projekt, "monitoring_jugend", fault, "'nie erreicht'")
    seconds = 3 if "while" in fault else 60
    wunsch = Wunsch("2025-06-30", "2025-07-15", BEREICHE, cell_seconds=seconds)
    with pytest.raises(NotebookFailed) as caught:
        run(projekt, wunsch, Silent())
    assert snapshot(projekt.reports) == before
    message = str(caught.value)
    assert "monitoring_jugend" in message and "antwort-1" in message and "CANARY" not in message
    assert "nichts veröffentlicht" in message


@pytest.mark.notebook
def test_liest_ein_notebook_beschaedigtes_ist_das_die_ablage(projekt, deliver) -> None:
    deliver()
    write_notebook(
        projekt,
        "monitoring_jugend",
        "from pathlib import Path\nfrom sozcontrol.errors import Damaged\n"
        "raise Damaged('CANARY', Path('CANARY'))",
    )
    with pytest.raises(StorageError) as caught:
        run(projekt, WUNSCH, Silent())
    message = str(caught.value)
    assert caught.value.exit_code is Exit.STORAGE and caught.value.tun.startswith(
        "sozcontrol repair"
    )
    assert "monitoring_jugend" in message and "CANARY" not in message
    assert snapshot(projekt.reports) == {}


@pytest.mark.notebook
def test_ein_gesperrter_bereich_haelt_die_anderen_nicht_auf(projekt, deliver) -> None:
    deliver(FEHLER)
    done = run(projekt, WUNSCH, Silent())
    assert done.exit_code is Exit.CONTRACT
    assert done.gesperrt == {"monitoring_jugend": ("fall",)}
    assert done.berichte == ("leitung/finanzcontrolling",)
    assert not (done.index.parent / "leitung" / "monitoring_jugend.html").exists()
    assert "nicht geliefert: Hilfe" in done.index.read_text()


def test_ist_alles_gesperrt_startet_kein_kern_und_die_uebersicht_sagt_es(
    projekt, deliver, no_kernel
) -> None:
    deliver(Finding("R-I01", Schwere.FEHLER, "Nicht lesbar.", None))
    done = run(projekt, WUNSCH, Silent())
    assert done.exit_code is Exit.CONTRACT and done.berichte == () and no_kernel == []
    assert set(done.gesperrt) == set(BEREICHE)
    assert done.index.read_text().count("gesperrt, weil") == 2


@pytest.mark.parametrize(
    "findings, stored, expected",
    [
        pytest.param([], None, (), id="nichts gefunden"),
        pytest.param([FEHLER], None, ("fall",), id="Fehler in einer eigenen Tabelle"),
        pytest.param(
            [Finding("R-B01", Schwere.FEHLER, "x", "buchung")], None, (), id="Fehler anderswo"
        ),
        pytest.param([Finding("R-F05", Schwere.WARNUNG, "x", "fall")], None, (), id="nur Warnung"),
        pytest.param([], ("person",), ("fall",), id="fehlt"),
        pytest.param(
            [Finding("R-I01", Schwere.FEHLER, "x")], None, ("lieferung",), id="ganze Lieferung"
        ),
    ],
)
def test_was_einen_bereich_sperrt(findings, stored, expected) -> None:
    area = catalogue.bereich("monitoring_jugend")
    assert blocked_by(area, findings, stored or area.braucht) == expected


@pytest.mark.parametrize(
    "wunsch, error",
    [
        pytest.param(Wunsch("2025-06-31"), UsageError, id="kein Tag"),
        pytest.param(Wunsch("2025-05-02", "2025-07-15"), UsageError, id="kein Stichtag"),
        pytest.param(Wunsch("2025-06-30", "2025-06-01"), UsageError, id="Stand davor"),
        pytest.param(
            Wunsch("2025-06-30", "2025-07-15", ("monitoring_jugent",)),
            UsageError,
            id="Bereich",
        ),
        pytest.param(Wunsch("2025-06-30", "2025-07-15", (), ("leitug",)), UsageError, id="Edition"),
        pytest.param(Wunsch(), DeliveryMissing, id="noch nichts geliefert"),
        pytest.param(Wunsch("2025-06-30"), DeliveryMissing, id="dazu nichts geliefert"),
        pytest.param(
            Wunsch("2025-06-30", "2025-07-15", BEREICHE), DeliveryMissing, id="Ordner fehlt"
        ),
    ],
)
def test_ein_falscher_aufruf_startet_keinen_kern_und_aendert_nichts(
    projekt, no_kernel, wunsch, error
) -> None:
    with pytest.raises(error):
        run(projekt, wunsch, Silent())
    assert no_kernel == []
    assert snapshot(projekt.reports) == {}


def test_ein_notebook_mit_fremden_parametern_startet_keinen_kern(
    projekt, deliver, no_kernel
) -> None:
    deliver()
    write_notebook(projekt, "finanzcontrolling", parameters='stichtag = "2025-06-30"')
    with pytest.raises(NotebookFailed, match="finanzcontrolling"):
        run(projekt, WUNSCH, Silent())
    assert no_kernel == []


def test_waehrend_eines_laufs_beginnt_kein_zweiter(projekt, deliver, no_kernel) -> None:
    deliver()
    with sole_run(projekt), pytest.raises(Busy):
        run(projekt, WUNSCH, Silent())
    assert no_kernel == []


def test_eine_abgeschnittene_veroeffentlichung_wird_vor_dem_lauf_vollendet(
    projekt, deliver, no_kernel, monkeypatch
) -> None:
    deliver(Finding("R-I01", Schwere.FEHLER, "Nicht lesbar.", None))
    new = projekt.reports / ".2025-03-31.neu-xyz"
    new.mkdir()
    (new / ".lauf").write_text("xyz\n")
    (new / "index.html").write_text("neu")
    journal = projekt.runs / "veroeffentlichung.json"
    journal.parent.mkdir(parents=True)
    pair = {"neu": "reports/.2025-03-31.neu-xyz", "ziel": "reports/2025-03-31"}
    journal.write_text(json.dumps({"lauf": "xyz", "paare": [pair]}))
    heard: list[str] = []
    report = Silent()
    report.warn = heard.append  # type: ignore[method-assign]
    run(projekt, WUNSCH, report)
    assert (projekt.reports / "2025-03-31" / "index.html").read_text() == "neu"
    assert heard[0] == "Eine Veröffentlichung ist nicht abgeschlossen. Das ist jetzt nachgeholt."


def test_von_alten_laeufen_bleiben_nur_die_letzten(projekt, deliver, no_kernel) -> None:
    deliver(Finding("R-I01", Schwere.FEHLER, "Nicht lesbar.", None))
    for number in range(8):
        (projekt.runs / f"2020010{number}T000000-abcdef").mkdir(parents=True)
    (projekt.runs / "pruefung").mkdir()
    for number in (6, 7):
        (projekt.runs / f"2020010{number}T000000-abcdef" / "revision.werte").mkdir()
    run(projekt, WUNSCH, Silent())
    assert [p.parent.name[:8] for p in projekt.runs.rglob("*.werte")] == ["20200107"]
    kept = sorted(p.name for p in projekt.runs.iterdir() if p.is_dir())
    assert kept == [f"2020010{n}T000000-abcdef" for n in (3, 4, 5, 6, 7)] + ["pruefung"]


def test_ist_die_ablage_voll_wird_nichts_ausgefuehrt(
    projekt, deliver, no_kernel, monkeypatch
) -> None:
    deliver()

    def full(*_args, **_settings) -> None:
        raise StorageError("voll", wo="hier", tun="aufräumen")

    monkeypatch.setattr("sozcontrol.press.run.check_place", full)
    with pytest.raises(StorageError):
        run(projekt, WUNSCH, Silent())
    assert no_kernel == []


def test_ohne_angaben_gilt_die_neueste_lieferung(projekt) -> None:
    for folder in ("2025-04-30/2025-05-10", "2025-06-30/2025-07-15", "2025-06-30/2025-09-01"):
        (projekt.raw / folder).mkdir(parents=True)
    assert resolve(projekt, None, None) == (STICHTAG, STICHTAG.replace(month=9, day=1))
    assert resolve(projekt, "2025-04-30", None)[1].isoformat() == "2025-05-10"


@pytest.mark.notebook
def test_eine_seite_die_etwas_verraet_wird_nicht_veroeffentlicht(
    projekt, deliver, monkeypatch
) -> None:
    """The decision is made deaf: the finished pages show a count of two, and nothing appears."""
    deliver()
    run(projekt, Wunsch("2025-06-30", "2025-07-15", BEREICHE), Silent())
    before = snapshot(projekt.reports)
    real = rohseite.tafeln

    def with_a_small_sum(html: str) -> Any:
        bild = Tafelbild("Kinder je Raum", [Zellbild("Raum"), Zellbild("Kinder")], [
            [Zellbild("Nord", kopf=True), Zellbild("40")],
            [Zellbild("Süd", kopf=True), Zellbild(geheim=True)],
            [Zellbild("insgesamt", kopf=True), Zellbild("42")],
        ])  # fmt: skip
        return (*real(html), bild)

    monkeypatch.setattr(rohseite, "tafeln", with_a_small_sum)
    with pytest.raises(NotReleased, match="zurückrechnen") as caught:
        run(projekt, Wunsch("2025-06-30", "2025-07-15", BEREICHE, force=True), Silent())
    assert caught.value.exit_code is Exit.DISCLOSURE
    assert snapshot(projekt.reports) == before


def test_mit_nur_kommentiert_wartet_der_lauf_auf_jede_stellungnahme(
    projekt, deliver, no_kernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver()
    gefragt = "present.commentary(stichtag, bereich, projekt=projekt, edition=edition)"
    write_notebook(projekt, "monitoring_jugend", "## Stellungnahme", SATZ, gefragt)
    write_notebook(projekt, "finanzcontrolling", "## Soll-Ist", SATZ)
    asked = replace(WUNSCH, nur_kommentiert=True)
    kommentar = projekt.kommentar(STICHTAG, "monitoring_jugend")
    kommentar.parent.mkdir(parents=True)
    for text in (None, " \n"):
        if text is not None:
            kommentar.write_text(text, encoding="utf-8")
        with pytest.raises(DeliveryMissing) as caught:
            run(projekt, asked, Silent())
        assert caught.value.wo == "notebooks/kommentare/2025-06-30/monitoring_jugend.md"
        assert "Finanz" not in str(caught.value)
        assert no_kernel == [] and not projekt.reports.joinpath("2025-06-30").exists()
    kommentar.write_text("Der Zugang folgt dem Beschluss vom März.", encoding="utf-8")
    monkeypatch.setattr("sozcontrol.press.run._run", lambda *_: SimpleNamespace(
        exit_code=Exit.OK, index=projekt.reports / "index.html"
    ))  # fmt: skip
    assert run(projekt, asked, Silent()).exit_code is Exit.OK
