"""What was published is kept: filed when it happened, once, and never changed."""

from __future__ import annotations

import contextlib
import errno
import os
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from press_fixtures import ausgaben, bare_project, lauf
from pydantic import TypeAdapter
from test_store import areas
from test_store import save as save_delivery

from sozcontrol import store
from sozcontrol.errors import StorageError
from sozcontrol.press.ablegen import swap, vermerk
from sozcontrol.press.ablegen.publish import publish
from sozcontrol.press.ablegen.zwischenstand import MARK
from sozcontrol.projekt import Projekt
from sozcontrol.store import seal

STICHTAG, DATENSTAND = date(2025, 6, 30), date(2025, 7, 15)


@pytest.fixture
def projekt(tmp_path: Path) -> Projekt:
    return bare_project(tmp_path / "projekt")


def eintrag(**changes: Any) -> store.Veroeffentlichung:
    facts = {
        "stichtag": STICHTAG,
        "datenstand": DATENSTAND,
        "fassung": "a" * 64,
        "bereich": "monitoring_jugend",
        "edition": "leitung",
        "sha256": "1" * 64,
        "lauf": "L1",
        "am": datetime(2025, 8, 1, 9, tzinfo=UTC),
        "sozcontrol": "1.0",
        "commit": "c" * 40,
        "geaendert": False,
    }
    return store.Veroeffentlichung(**facts | changes)


def files(projekt: Projekt, folder: str = "veroeffentlicht") -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in (projekt.processed / folder).glob("*")}


# ---- the journal ----------------------------------------------------------------------------


def test_was_abgelegt_wurde_kommt_unveraendert_zurueck(projekt: Projekt) -> None:
    assert store.veroeffentlichungen(projekt) == ()
    both = [eintrag(), eintrag(edition="gremium", commit=None, geaendert=None)]
    assert set(store.veroeffentlichungen_ablegen(projekt, both)) == set(both)
    assert set(store.veroeffentlichungen(projekt)) == set(both)
    assert list(files(projekt)) == ["L1.json"]


def test_dieselbe_veroeffentlichung_noch_einmal_hinterlaesst_keine_spur(projekt: Projekt) -> None:
    store.veroeffentlichungen_ablegen(projekt, [eintrag()])
    before = files(projekt)
    again = eintrag(lauf="L2", am=datetime(2025, 8, 2, tzinfo=UTC))
    assert store.veroeffentlichungen_ablegen(projekt, [again]) == ()
    assert files(projekt) == before


@pytest.mark.parametrize(
    "change",
    [
        {"fassung": "b" * 64},
        {"datenstand": date(2025, 8, 5)},
        {"sha256": "2" * 64},
        {"commit": "d" * 40},
        {"sozcontrol": "1.1"},
        {"edition": "gremium"},
        {"bereich": "finanzcontrolling"},
    ],
    ids=lambda c: next(iter(c)),
)
def test_jede_andere_veroeffentlichung_wird_abgelegt_und_laesst_die_erste_stehen(
    projekt: Projekt, change: dict[str, Any]
) -> None:
    store.veroeffentlichungen_ablegen(projekt, [eintrag()])
    before = files(projekt)
    other = eintrag(lauf="L2", am=datetime(2025, 8, 2, tzinfo=UTC), **change)
    assert store.veroeffentlichungen_ablegen(projekt, [other]) == (other,)
    assert store.veroeffentlichungen(projekt) == (eintrag(), other)
    assert files(projekt)["L1.json"] == before["L1.json"]


def test_kehrt_eine_fruehere_fassung_zurueck_ist_das_eine_neue_veroeffentlichung(
    projekt: Projekt,
) -> None:
    for number, fassung in enumerate("aba", start=1):
        entry = eintrag(
            fassung=fassung * 64, lauf=f"L{number}", am=datetime(2025, 8, number, tzinfo=UTC)
        )
        store.veroeffentlichungen_ablegen(projekt, [entry])
    assert [v.fassung[0] for v in store.veroeffentlichungen(projekt)] == ["a", "b", "a"]


def test_ein_lauf_wird_kein_zweites_mal_geschrieben(projekt: Projekt) -> None:
    store.veroeffentlichungen_ablegen(projekt, [eintrag()])
    before = files(projekt)
    store.veroeffentlichungen_ablegen(projekt, [eintrag(sha256="9" * 64)])
    assert files(projekt) == before


@pytest.mark.parametrize("content", ["kein JSON", "[{}]", '[{"stichtag": "x"}]', "{}[]"])
def test_ein_beschaedigtes_verzeichnis_wird_gemeldet(projekt: Projekt, content: str) -> None:
    store.veroeffentlichungen_ablegen(projekt, [eintrag()])
    (projekt.processed / "veroeffentlicht" / "L1.json").write_text(content)
    with pytest.raises(StorageError, match="nicht mehr, was gespeichert wurde"):
        store.veroeffentlichungen(projekt)


def test_eine_veroeffentlichte_fassung_laesst_sich_oeffnen_auch_wenn_eine_neue_gilt(
    projekt: Projekt,
) -> None:
    save_delivery(projekt)
    save_delivery(projekt, "b" * 64, tables={"gebiet": areas("West")})
    day, known = date(2025, 6, 30), date(2025, 7, 21)
    then = store.open_fassung(projekt, day, known, "a" * 64)
    assert then is not None and then.manifest["fassung"] == "a" * 64
    assert sorted(then.gebiet.execute()["name"]) == ["Nord", "Süd"]
    assert store.open_fassung(projekt, day, known, "c" * 64) is None
    assert store.open_fassung(projekt, day, known, "") is None
    assert list(store.open_data(projekt=projekt).gebiet.execute()["name"]) == ["West"]


# ---- written exactly when it was published --------------------------------------------------


def test_eine_veroeffentlichung_steht_mit_daten_code_und_bericht_im_verzeichnis(
    projekt: Projekt,
) -> None:
    run = lauf(fassung="f" * 64, editionen=("leitung", "intern"))
    made = ausgaben(run)
    publish(projekt, run, made)
    found = store.veroeffentlichungen(projekt)
    assert {(v.bereich, v.edition) for v in found} == {
        (a.bericht.bereich.id, a.bericht.edition.id) for a in made
    }
    (one, *_) = found
    assert (one.stichtag, one.datenstand, one.fassung) == (STICHTAG, DATENSTAND, "f" * 64)
    page = projekt.reports / "2025-06-30" / "leitung" / f"{one.bereich}.html"
    from hashlib import sha256

    same = next(v for v in found if v.edition == "leitung" and v.bereich == one.bereich)
    assert same.sha256 == sha256(page.read_bytes()).hexdigest()
    publish(projekt, replace(run, id="20260102T000000-bbbbbb"), made)
    assert store.veroeffentlichungen(projekt) == found


def test_ein_gesperrter_bereich_wurde_nicht_veroeffentlicht(projekt: Projekt) -> None:
    run = lauf(gesperrt={"monitoring_jugend": ("fall",)})
    publish(projekt, run, ausgaben(run))
    areas_of = {v.bereich for v in store.veroeffentlichungen(projekt)}
    assert "finanzcontrolling" in areas_of and "monitoring_jugend" not in areas_of


def test_was_nicht_erschienen_ist_steht_nicht_im_verzeichnis(
    projekt: Projekt, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    run = lauf(prognosen=(prognose(),))
    monkeypatch.setattr(swap, "place", full)
    with pytest.raises(StorageError):
        publish(projekt, run, ausgaben(run))
    monkeypatch.undo()
    assert not swap.recover(projekt)
    assert store.veroeffentlichungen(projekt) == () and store.prognosen(projekt) == []


class Cut(BaseException):
    """The power fails."""


@pytest.mark.parametrize(
    "where, error",
    [
        pytest.param("vor der Ablage", Cut(), id="Stromausfall vor der Ablage"),
        pytest.param("zwischen", Cut(), id="Stromausfall zwischen Berichten und Prognosen"),
        pytest.param("vor der Ablage", OSError(28, "voll"), id="Platte voll bei der Ablage"),
        pytest.param("zwischen", OSError(28, "voll"), id="Platte voll bei den Prognosen"),
    ],
)
def test_was_erschienen_aber_nicht_abgelegt_ist_holt_der_naechste_start_nach(
    projekt: Projekt, monkeypatch: pytest.MonkeyPatch, where: str, error: BaseException
) -> None:
    def fail(*_: object) -> None:
        raise error

    run = lauf(fassung="f" * 64, prognosen=(prognose(),))
    made = ausgaben(run)
    name = "veroeffentlichungen_ablegen" if where == "vor der Ablage" else "prognosen_ablegen"
    monkeypatch.setattr(vermerk.store, name, fail)
    with contextlib.suppress(Cut):
        publish(projekt, run, made)
    monkeypatch.undo()
    assert (projekt.reports / "2025-06-30" / "leitung" / "monitoring_jugend.html").is_file()
    assert store.prognosen(projekt) == []
    assert swap.recover(projekt)
    assert len(store.veroeffentlichungen(projekt)) == len(made)
    (kept,) = store.prognosen(projekt)
    assert (kept.wert, kept.lauf, kept.fassung) == (Decimal("100.00"), run.id, "f" * 64)
    before = files(projekt) | files(projekt, "prognose_archiv")
    assert not swap.recover(projekt)
    assert files(projekt) | files(projekt, "prognose_archiv") == before


def test_ein_journal_der_vorigen_version_wird_noch_zu_ende_gebracht(projekt: Projekt) -> None:
    neu = projekt.reports / ".2025-06-30.neu-x"
    neu.mkdir()
    (neu / MARK).write_text("x\n")
    projekt.runs.mkdir(parents=True)
    pair = '{"neu": "reports/.2025-06-30.neu-x", "ziel": "reports/2025-06-30"}'
    swap.journal_path(projekt).write_text(f'{{"lauf": "x", "paare": [{pair}]}}')
    assert swap.recover(projekt)
    assert (projekt.reports / "2025-06-30").is_dir() and store.veroeffentlichungen(projekt) == ()


# ---- the archive of forecasts ---------------------------------------------------------------


def prognose(**changes: Any) -> store.Prognose:
    facts = {
        "stichtag": STICHTAG,
        "datenstand": DATENSTAND,
        "fassung": "a" * 64,
        "ebene": "produktgruppe",
        "reihe": "3633",
        "jahr": 2025,
        "periode": 6,
        "methode": "kombination",
        "wert": Decimal(100),
        "unten": Decimal(90),
        "oben": Decimal(115),
        "niveau": Decimal("0.8"),
        "ansatz": Decimal(95),
        "vorjahr": Decimal(80),
        "parameter": {"gewichte": {"ansatz": 0.25}, "stand": date(2025, 7, 15)},
        "code_version": "1.0+abc",
        "lauf": "L1",
        "veroeffentlicht_am": datetime(2025, 8, 1, tzinfo=UTC),
    }
    return store.Prognose(**facts | changes)


def test_eine_prognose_kommt_unveraendert_zurueck(projekt: Projekt) -> None:
    bare = prognose(
        ebene="summe", reihe="Zuschussbedarf", unten=None, oben=None, niveau=None, ansatz=None,
        vorjahr=None, parameter={}, veroeffentlicht_am=None,
    )  # fmt: skip
    assert len(store.prognosen_ablegen(projekt, [prognose(), bare])) == 2
    found = store.prognosen(projekt)
    assert sorted(found, key=lambda p: p.ebene) == [prognose(), bare]
    assert [TypeAdapter(store.Prognose).validate_python(p.as_dict()) for p in found] == found


amounts = st.decimals(-(10**9), 10**9, places=2)


@given(wert=amounts, unten=st.none() | amounts, niveau=st.none() | st.decimals(0, 1, places=4))
def test_jeder_betrag_bleibt_auf_den_cent(wert: Any, unten: Any, niveau: Any) -> None:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        said = prognose(wert=wert, unten=unten, niveau=niveau)
        store.prognosen_ablegen(Projekt(Path(folder)), [said])
        assert store.prognosen(Projekt(Path(folder))) == [said]


def test_das_archiv_waechst_nur_und_gleiches_kommt_nicht_doppelt_hinein(projekt: Projekt) -> None:
    store.prognosen_ablegen(projekt, [prognose()])
    before = files(projekt, "prognose_archiv")
    same = prognose(lauf="L2", veroeffentlicht_am=datetime(2025, 9, 1, tzinfo=UTC))
    assert store.prognosen_ablegen(projekt, [same, same]) == ()
    assert files(projekt, "prognose_archiv") == before
    other = prognose(wert=Decimal("100.01"), lauf="L2")
    assert store.prognosen_ablegen(projekt, [same, other]) == (other,)
    after = files(projekt, "prognose_archiv")
    assert len(after) == 2 and before.items() <= after.items()
    assert {p.lauf for p in store.prognosen(projekt)} == {"L1", "L2"}


def test_gleicher_inhalt_gibt_gleiche_bytes(tmp_path: Path) -> None:
    made = []
    for name in ("eins", "zwei"):
        projekt = bare_project(tmp_path / name)
        order = ("3631", "3633") if made else ("3633", "3631")
        store.prognosen_ablegen(projekt, [prognose(reihe=r) for r in order])
        made.append(files(projekt, "prognose_archiv"))
    assert made[0] == made[1] and len(made[0]) == 1


def test_das_archiv_wird_einmal_gelesen_und_danach_nur_bewiesen(
    projekt: Projekt, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also from what is remembered: what is new, what is damaged, and what reports depend on."""
    save_delivery(projekt)
    daten = store.open_data(STICHTAG, None, projekt)
    own = {"stichtag": daten.stichtag, "datenstand": daten.datenstand}
    said, other = prognose(**own), prognose(datenstand=date(2025, 4, 20))
    store.prognosen_ablegen(projekt, [said])
    empty = store.daneben(daten)
    read = seal.table
    monkeypatch.setattr(seal, "table", lambda path: pytest.fail(f"{path} was read again"))
    again = replace(said, lauf="L2", veroeffentlicht_am=None)
    assert store.nicht_archiviert(daten, [again, other]) == (other,)
    assert store.daneben(daten) == empty, "a report doesn't depend on its own forecast"
    store.archivsumme(projekt)
    monkeypatch.setattr(seal, "table", read)
    store.prognosen_ablegen(projekt, [other])
    assert store.daneben(daten) != empty, "but on those of other deliveries"
    assert store.nicht_archiviert(daten, [again, other]) == ()
    (path, *_) = (projekt.processed / "prognose_archiv").glob("*.parquet")
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    for ask in (lambda: store.archivsumme(projekt), lambda: store.daneben(daten)):
        with pytest.raises(StorageError, match="nicht mehr, was gespeichert wurde"):
            ask()
    daten.close()


def test_scheitert_die_ablage_bleibt_kein_halbes_archiv(
    projekt: Projekt, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "voll")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="voll"):
        store.prognosen_ablegen(projekt, [prognose()])
    assert files(projekt, "prognose_archiv") == {}


@pytest.mark.parametrize(
    "ergebnis, erwartet",
    [
        pytest.param("80", ("20.00", "25", "18.75", "0", False), id="zu hoch geschätzt"),
        pytest.param("100", ("0.00", "0", "-5", "-20", True), id="getroffen"),
        pytest.param("125", ("-25.00", "-20", "-24", "-36", False), id="zu niedrig geschätzt"),
        pytest.param("-100", ("200.00", "200", "195", "180", False), id="Erstattung im Ergebnis"),
        pytest.param("0", ("100.00", None, None, None, False), id="Ergebnis null"),
        pytest.param(None, (None, None, None, None, None), id="noch kein Ergebnis"),
    ],
)
def test_der_prognosefehler_gilt_der_damals_genannten_zahl(ergebnis, erwartet) -> None:
    outcomes = {("produktgruppe", "3633", 2025): Decimal(ergebnis)} if ergebnis else {}
    (found,) = store.mit_ergebnis([prognose()], outcomes)
    shown = (
        found.fehler_eur, found.fehler_pct, found.ansatz_fehler_pct, found.vorjahr_fehler_pct
    )  # fmt: skip
    wanted = tuple(None if v is None else Decimal(v) for v in erwartet[:4])
    assert (shown, found.im_intervall) == (wanted, erwartet[4])


def test_ein_ergebnis_gehoert_zu_ebene_reihe_und_jahr() -> None:
    outcomes = {("hilfeart", "3633", 2025): Decimal(1), ("produktgruppe", "3633", 2024): Decimal(1)}
    (found,) = store.mit_ergebnis([prognose()], outcomes)
    assert found.ergebnis is None


# ---- what was decided -----------------------------------------------------------------------


def entschieden(**changes: Any) -> store.Entschieden:
    facts = {
        "kommune": "musterstadt",
        "stichtag": STICHTAG,
        "fassung": "a" * 64,
        "bereiche": ("monitoring_jugend",),
        "zellen": {"zellen": [["H01", 612, True]]},
    }
    return store.Entschieden(**facts | changes)


def test_die_entscheidung_kommt_zurueck_wie_sie_war_und_nur_zu_ihrem_stichtag(projekt) -> None:
    assert store.entscheidung(projekt, STICHTAG) is None
    for one in (entschieden(), entschieden(bereiche=("monitoring_jugend", "revision"))):
        store.entscheidung_ablegen(projekt, store.entscheidungen.write(one))
        assert store.entscheidung(projekt, STICHTAG) == one
    assert store.entscheidung(projekt, date(2025, 4, 30)) is None
    (path,) = (p for p in projekt.processed.rglob("*.json") if p.parent.name == "entscheidung")
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"stichtag": "x"}', "null"])
def test_eine_beschaedigte_entscheidung_nennt_den_ausweg(projekt, text: str) -> None:
    store.entscheidung_ablegen(projekt, store.entscheidungen.write(entschieden()))
    (path,) = (projekt.processed / "entscheidung").iterdir()
    path.write_text(text)
    with pytest.raises(StorageError, match="nicht mehr, was gespeichert wurde") as caught:
        store.entscheidung(projekt, STICHTAG)
    assert str(path) in caught.value.wo and "sozcontrol repair" in caught.value.tun
    (damage,) = store.damages(projekt)
    assert damage.path == path and "sozcontrol run" in damage.tun


def test_ein_gekipptes_zeichen_macht_aus_einer_geheimen_zahl_keine_offene(projekt) -> None:
    store.entscheidung_ablegen(projekt, store.entscheidungen.write(entschieden()))
    (path,) = (projekt.processed / "entscheidung").iterdir()
    path.write_text(path.read_text().replace("true", "false"))
    with pytest.raises(StorageError, match="nicht mehr, was gespeichert wurde"):
        store.entscheidung(projekt, STICHTAG)


def test_abgelegt_wird_die_entscheidung_mit_ihren_berichten_auch_nach_einem_abbruch(
    projekt,
) -> None:
    run = replace(lauf(), fassung="f" * 64, entschieden=entschieden(fassung="f" * 64))
    note = vermerk.vermerk_zu(projekt, run, ausgaben(run))
    assert store.entscheidung(projekt, STICHTAG) is None
    again = TypeAdapter(vermerk.Vermerk).validate_python(note.as_dict())
    again.ablegen(projekt)
    again.ablegen(projekt)
    assert store.entscheidung(projekt, STICHTAG) == run.entschieden
    without = vermerk.vermerk_zu(projekt, replace(run, entschieden=None), [])
    without.ablegen(projekt)
    assert store.entscheidung(projekt, STICHTAG) == run.entschieden


def test_eine_ersetzte_entscheidung_findet_wer_ihre_pruefsumme_kennt(projekt) -> None:
    sums = []
    for areas_ in (("monitoring_jugend",), ("revision",), ("revision",)):
        one = entschieden(bereiche=areas_)
        store.entscheidung_ablegen(projekt, store.entscheidungen.write(one))
        sums.append(store.entscheidung_von(projekt, STICHTAG))
        assert store.gelesene_entscheidungen(projekt, STICHTAG) == {"2025-06-30": sums[-1]}
    first, second = sums[0], sums[1]
    path = store.entscheidung_mit(projekt, STICHTAG, first)
    assert path is not None and path.stat().st_mode & 0o077 == 0
    assert store.entscheidungen.aus_datei(path) == entschieden()
    assert store.entscheidung_mit(projekt, STICHTAG, second) != path
    assert store.entscheidung_mit(projekt, STICHTAG, "0" * 64) is None
    assert store.entschiedene(projekt) == [STICHTAG] and store.damages(projekt) == []
    assert store.gelesene_entscheidungen(projekt, date(2027, 6, 30)) == {}


def test_nachgestellt_gilt_was_damals_galt(projekt, tmp_path: Path) -> None:
    """A Fassung read later is another one; what was filed later is not there."""
    early = {"stichtag": date(2025, 3, 31), "datenstand": date(2025, 4, 20)}
    for inhalt in ("a", "b"):
        save_delivery(projekt, inhalt * 64, **early)
    store.veroeffentlichungen_ablegen(projekt, [eintrag(lauf="L1")])
    save_delivery(projekt)
    daten = store.open_data(STICHTAG, None, projekt)
    assert daten.manifest["verglichen"] == {"2025-03-31/2025-04-20": "b" * 16}
    then, valid = store.danebengelegt(daten), store.gueltige_daneben(daten)
    daten.close()
    save_delivery(projekt, "c" * 64, **early)
    store.veroeffentlichungen_ablegen(projekt, [eintrag(lauf="L2", bereich="revision")])
    there = Projekt(tmp_path / "dort")
    assert store.nachstellen(projekt, there, then, {}) == []
    assert store.gelten_lassen(there, valid) == []
    (one,) = store.deliveries(there)
    assert one["fassung"] == "b" * 64
    assert [v.lauf for v in store.veroeffentlichungen(there)] == ["L1"]
    path = projekt.processed / "veroeffentlicht" / "L1.json"
    path.unlink()
    gone = store.nachstellen(projekt, Projekt(tmp_path / "anderswo"), then, {"2025-03-31": "0"})
    assert gone == ["data/processed/veroeffentlicht/L1.json", "die Entscheidung zum 2025-03-31"]
