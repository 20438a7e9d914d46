"""One edition as one file: what was published, byte for byte, and nothing of another's readers."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from pathlib import Path, PurePosixPath
from posixpath import normpath

import press_fixtures
import pytest
from conftest import Stadt
from rendered import links

from sozcontrol.cli import auszugbefehl
from sozcontrol.errors import DeliveryMissing, Exit, NotReleased, UsageError
from sozcontrol.press.ablegen import swap
from sozcontrol.press.ablegen.publish import publish
from sozcontrol.press.auszug.versandpaket import package
from sozcontrol.projekt import Projekt

TAG = "2025-06-30"
REST = pytest.mark.thorough
EDITIONEN = ("leitung", "gremium", "intern")


@pytest.fixture
def projekt(tmp_path: Path, no_disk: None) -> Projekt:
    projekt = press_fixtures.bare_project(tmp_path / "projekt")
    run = press_fixtures.lauf(editionen=EDITIONEN)
    publish(projekt, run, press_fixtures.ausgaben(run))
    return projekt


def inhalt(paket: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(paket)) as parts:
        return {name: parts.read(name) for name in parts.namelist()}


def versandt(projekt: Projekt, ziel: Path, edition: str = "leitung") -> list[str]:
    return [*auszugbefehl.versand(projekt, TAG, edition, str(ziel))]


@pytest.mark.parametrize("edition", ["gremium", pytest.param("leitung", marks=REST)])
def test_im_paket_liegt_die_edition_byte_fuer_byte_und_kein_verweis_fuehrt_hinaus(
    veroeffentlicht: Stadt, tmp_path: Path, no_disk: None, edition: str
) -> None:
    theirs = veroeffentlicht.projekt.reports
    projekt = press_fixtures.bare_project(tmp_path / "projekt")
    (projekt.reports / TAG).symlink_to(theirs / TAG)
    projekt.protokolle.symlink_to(veroeffentlicht.projekt.protokolle)
    found = inhalt(package(projekt, TAG, edition).zip)
    index = found.pop("index.html").decode()
    there = {p for p in (theirs / TAG / edition).rglob("*") if p.is_file()}
    assert found == {p.relative_to(theirs / TAG).as_posix(): p.read_bytes() for p in there}
    kinds = {PurePosixPath(name).suffix for name in found}
    assert kinds == {".html", ".xlsx", ".json"} | ({".csv"} if edition == "gremium" else set())
    pages = {n: d.decode() for n, d in found.items() if n.endswith(".html")}
    pointed = set()
    for name, html in [("index.html", index), *pages.items()]:
        ways = {w.split("#")[0] for w in links(html) if not w.startswith(("#", "data:"))}
        pointed |= {normpath((PurePosixPath(name).parent / way).as_posix()) for way in ways}
    assert pointed <= {*found, "index.html"}
    assert pointed >= {*pages, "index.html", f"{edition}/manifest.json"}


def test_zwei_pakete_sind_gleich_und_nur_fuer_den_der_sie_macht(
    projekt: Projekt, tmp_path: Path
) -> None:
    one, two = tmp_path / "eins.zip", tmp_path / "zwei.zip"
    two.write_text("älteres")
    said = versandt(projekt, one)
    assert said == [
        str(one), "Fassung Leitung zum 30. Juni 2025: 2 Berichte.",
        "Fassung Leitung: nicht freigegeben.",
    ]  # fmt: skip
    versandt(projekt, two)
    assert one.read_bytes() == two.read_bytes()
    assert {p.stat().st_mode & 0o777 for p in (one, two)} == {0o600}
    with zipfile.ZipFile(one) as parts:
        names = [i.filename for i in parts.infolist()]
        told = {(i.date_time, i.external_attr >> 16, i.create_system) for i in parts.infolist()}
    assert names == sorted(names) and told == {((1980, 1, 1, 0, 0, 0), 0o600, 3)}


def test_gesperrte_berichte_nennt_der_befehl_und_die_startseite(
    projekt: Projekt, tmp_path: Path
) -> None:
    held = press_fixtures.lauf(
        id="20260201T000000-bbbbbb", editionen=EDITIONEN, datenstand=date(2025, 8, 1),
        gesperrt={"monitoring_jugend": ("fall",)},
    )  # fmt: skip
    publish(projekt, held, press_fixtures.ausgaben(held))
    said = versandt(projekt, tmp_path / "b.zip")
    assert [s for s in said if "Gesperrt" in s] == [
        "Gesperrt: Monitoring Jugend; enthalten ist der letzte gültige Bericht."
    ]
    found = inhalt((tmp_path / "b.zip").read_bytes())
    assert "Gezeigt wird der letzte gültige Bericht" in found["index.html"].decode()
    assert "leitung/monitoring_jugend.html" in found


@pytest.mark.parametrize("name, neu", [
    ("finanzcontrolling.html", "besser"),
    pytest.param("fremd.html", "neu", marks=REST),
    pytest.param("datenqualitaet.html", None, marks=REST),
])  # fmt: skip
def test_was_nicht_so_veroeffentlicht_ist_wird_nicht_versandt(
    projekt: Projekt, tmp_path: Path, name: str, neu: str | None
) -> None:
    page = projekt.reports / TAG / "leitung" / name
    page.unlink(missing_ok=True) if neu is None else page.write_text(neu)
    with pytest.raises(NotReleased, match=name) as error:
        versandt(projekt, tmp_path / "b.zip")
    assert error.value.exit_code == Exit.DISCLOSURE
    assert not (tmp_path / "b.zip").exists()


def test_was_halb_veroeffentlicht_ist_wird_nicht_versandt(
    projekt: Projekt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(swap, "unfinished", lambda _: "Zwei Läufe liegen nebeneinander.")
    (tmp_path / "verknuepft").symlink_to(projekt.root)
    for one in (projekt, Projekt(tmp_path / "verknuepft")):
        with pytest.raises(NotReleased, match="Zwei Läufe"):
            versandt(one, tmp_path / "b.zip")
    assert not (tmp_path / "b.zip").exists()


def test_was_im_haus_bleibt_oder_fehlt_und_andere_ziele_werden_abgelehnt(
    projekt: Projekt, tmp_path: Path
) -> None:
    ziel = tmp_path / "b.zip"
    with pytest.raises(UsageError, match="bleibt unter data/"):
        versandt(projekt, ziel, "intern")
    with pytest.raises(DeliveryMissing, match="nicht veröffentlicht"):
        versandt(projekt, ziel, "controlling")
    with pytest.raises(UsageError, match=r"\.zip"):
        versandt(projekt, tmp_path / "b.html")
    among = projekt.reports / TAG / "leitung" / "b.zip"
    with pytest.raises(UsageError, match="Unter den Berichten"):
        versandt(projekt, among)
    assert not ziel.exists() and not among.exists()


def test_kein_befehl_schreibt_zwischen_die_berichte(projekt: Projekt) -> None:
    """What lies there and was not published, ``verify`` calls foreign from then on."""
    ordner = projekt.reports / TAG / "leitung"
    before = sorted(projekt.reports.rglob("*"))
    tag = {"am": TAG, "edition": "leitung", "ziel": None, "protokoll": None}
    calls = (
        lambda: [*auszugbefehl.auszug(projekt, {}, None, str(ordner / "muster.docx"))],
        lambda: [*auszugbefehl.sitzung(projekt, tag | {"ziel": f"{ordner}/m.html"}, date.max)],
        lambda: [*auszugbefehl.sitzung(projekt, tag | {"protokoll": f"{ordner}/p.xlsx"}, date.max)],
        lambda: auszugbefehl.vergleich(str(ordner), str(ordner), str(projekt.reports / "v.html")),
    )
    for one in calls:
        with pytest.raises(UsageError, match="Unter den Berichten"):
            one()
    assert sorted(projekt.reports.rglob("*")) == before
