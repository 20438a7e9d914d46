"""What is due when, from whom, and where it stands: the calendar, its file, the state."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
import yaml
from conftest import Call, Stadt
from hypothesis import given
from hypothesis import strategies as st
from press_fixtures import bare_project

from sozcontrol import catalogue
from sozcontrol.auskunft.icsdatei import ics
from sozcontrol.auskunft.lieferstand import Lieferant, lieferanten, lieferfrist
from sozcontrol.auskunft.statusauskunft import status
from sozcontrol.auskunft.terminkalender import Eintrag, calendar_text, entries
from sozcontrol.errors import CatalogueError, DeliveryMissing, Exit
from sozcontrol.press.ablegen import manifest, swap
from sozcontrol.projekt import Projekt

STADT = catalogue.kommune("musterstadt")
JUNI, JULI = date(2025, 6, 30), date(2025, 7, 21)
HEUTE = date(2025, 8, 15)
FAKTEN = Path(catalogue.__file__).parent
WJH = "Jugendamt, Wirtschaftliche Jugendhilfe"


def gelesen(text: str) -> list[dict[str, str]]:
    """Read a calendar file as RFC 5545 wants: unfold, split, unescape; one dict an event."""
    assert text.startswith("BEGIN:VCALENDAR\r\n") and text.endswith("END:VCALENDAR\r\n")
    assert "\n" not in text.replace("\r\n", "")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    events: list[dict[str, str]] = []
    for line in text.replace("\r\n ", "").split("\r\n")[:-1]:
        name, _, value = line.partition(":")
        if line == "BEGIN:VEVENT":
            events.append({})
        elif events and name not in ("END", "BEGIN"):
            plain = re.sub(r"\\(.)", lambda m: "\n" if m[1] == "n" else m[1], value)
            events[-1][name.partition(";")[0]] = plain
    return events


@given(st.text(st.characters(exclude_categories=["C"]) | st.just("\n"), max_size=200))
def test_jeder_text_kommt_aus_der_kalenderdatei_wieder_heraus(text: str) -> None:
    (event,) = gelesen(ics([Eintrag(JUNI, f"Ä{text}", text)], "Probe"))
    assert event["SUMMARY"] == f"Ä{text}" and event.get("DESCRIPTION", "") == text


def test_ein_termin_ist_ein_ganzer_tag_und_bleibt_derselbe() -> None:
    one = Eintrag(date(2025, 12, 31), "Sitzung", "erwartet")
    (event,) = gelesen(ics([one], "Probe"))
    assert (event["DTSTART"], event["DTEND"]) == ("20251231", "20260101")
    (later,) = gelesen(ics([Eintrag(one.am, one.titel, "geliefert")], "Probe"))
    (moved,) = gelesen(ics([Eintrag(date(2026, 1, 2), one.titel)], "Probe"))
    assert event["UID"] == later["UID"] != moved["UID"]
    assert ics([one], "Probe") == ics([one], "Probe")


@pytest.mark.parametrize(
    "stichtag, frist",
    [
        pytest.param(JUNI, JULI, id="drei Wochen"),
        pytest.param(date(2025, 3, 31), date(2025, 4, 22), id="Ostermontag"),
        pytest.param(date(2025, 8, 31), date(2025, 9, 22), id="Sonntag"),
    ],
)
def test_geliefert_wird_bis_zum_naechsten_werktag(stichtag: date, frist: date) -> None:
    assert lieferfrist(STADT, stichtag) == frist
    assert lieferfrist(catalogue.kommune("moers"), stichtag) is None


def test_wer_was_schuldet_steht_in_profilen_und_bereichen() -> None:
    """Counted from the YAML of the facts: tables of obligatory files that an area can't miss."""
    areas = yaml.safe_load((FAKTEN / "bereiche.yml").read_text("utf-8"))["bereiche"]
    needed = {t for area in areas for t in area["braucht"]}
    wanted: dict[str, set[str]] = {}
    for name in STADT.profile:
        profil = yaml.safe_load((FAKTEN / "profile" / f"{name}.yml").read_text("utf-8"))
        for file in profil["dateien"]:
            owed = {s["tabelle"] for s in file["tabellen"]} & needed
            if file.get("pflicht", True) and owed and "gueltig_bis" not in file:
                wanted.setdefault(profil["lieferant"], set()).update(owed)
    found = lieferanten(STADT, JUNI, [*catalogue.bereiche().values()])
    assert {one.name: {*one.schuldet} for one in found} == wanted and len(wanted) > 8
    assert all(one.stand(None, HEUTE) == "erwartet" for one in found)


def geliefert(stand: date, *tables: str, abgelehnt: tuple[str, ...] = (), am: date = JUNI) -> dict:
    """Return what the store says of a delivery of these tables by the WJH."""
    files = [{"lieferant": WJH, "tabelle": t} for t in (*tables, *abgelehnt)]
    return {
        "stichtag": am.isoformat(), "datenstand": stand.isoformat(), "dateien": files,
        "tabellen": [*tables], "abgelehnt": [*abgelehnt],
    }  # fmt: skip


ALLES = ("fall", "person", "zahlung")


@pytest.mark.parametrize(
    "stored, sagt",
    [
        pytest.param([], "überfällig seit 21.07.2025", id="nichts"),
        pytest.param([geliefert(JULI, *ALLES)], "geliefert", id="am letzten Tag"),
        pytest.param([geliefert(date(2025, 7, 22), *ALLES)],
                     "nach der Frist (Datenstand 22.07.2025)", id="einen Tag zu spät"),
        pytest.param([geliefert(JULI, *ALLES), geliefert(HEUTE, *ALLES)], "geliefert",
                     id="pünktlich und noch einmal"),
        pytest.param([geliefert(JULI, "fall", "person")], "fehlt: Zahlung", id="unvollständig"),
        pytest.param([geliefert(JULI, "fall", "person"), geliefert(HEUTE, *ALLES)], "geliefert",
                     id="nachgereicht"),
        pytest.param([geliefert(JULI, "fall", "person", abgelehnt=("zahlung",))],
                     "abgelehnt: Zahlung", id="abgelehnt"),
        pytest.param([geliefert(JULI, *ALLES, am=date(2025, 3, 31))],
                     "überfällig seit 21.07.2025", id="zu einem anderen Stichtag"),
    ],
)  # fmt: skip
def test_der_stand_eines_lieferanten(stored: list, sagt: str) -> None:
    areas = [catalogue.bereich("monitoring_jugend"), catalogue.bereich("abwicklung")]
    (one,) = [x for x in lieferanten(STADT, JUNI, areas, stored) if x.name == WJH]
    assert one.stand(JULI, HEUTE) == sagt


def test_vor_der_frist_ist_nichts_ueberfaellig() -> None:
    assert Lieferant(WJH, ALLES).stand(JULI, JULI) == "erwartet"
    assert Lieferant(WJH, ALLES).stand(JULI, date(2025, 7, 22)) == "überfällig seit 21.07.2025"


@pytest.mark.parametrize(
    "stand, heute, sagt",
    [
        pytest.param(None, date(2025, 9, 1), "", id="am Tag selbst noch Zeit"),
        pytest.param(None, date(2025, 9, 2), " · überfällig", id="danach überfällig"),
        pytest.param("2025-09-01", HEUTE, " · erschienen, Datenstand 01.09.2025", id="erschienen"),
        pytest.param("2025-09-02", HEUTE, " · erschienen nach der Frist, Datenstand 02.09.2025",
                     id="aus Daten nach der Frist"),
    ],
)  # fmt: skip
def test_eine_frist_sagt_ob_sie_gehalten_ist(
    projekt: Projekt, stand: str | None, heute: date, sagt: str
) -> None:
    if stand:
        folder = projekt.reports / "2025-06-30" / "leitung"
        folder.mkdir(parents=True)
        entry = {"datei": "operativ.html", "datenstand": stand, "berichtsarten": ["operativ"]}
        (folder / "manifest.json").write_text(manifest.dump({"berichte": {"operativ": entry}}))
    text = calendar_text(2025, projekt, heute)
    (line,) = [z for z in text.splitlines() if "Operativer Bericht 2" in z]
    assert line.endswith(f"Operativer Bericht 2 – Sozialcontrolling-Konzept{sagt}")


def roh(stadt: Projekt, name: str) -> pd.DataFrame:
    folder = stadt.delivery_folder(JUNI, JULI)
    path = folder / f"Steuerung_{name}_20250630.csv"
    return pd.read_csv(path, sep=";", skiprows=2, dtype=str, encoding="utf-8-sig")


def test_der_kalender_nennt_sitzungen_und_was_die_listen_zusagen(eingelesen: Stadt) -> None:
    """The days stand in the delivered lists; a point that is done is due no more."""
    projekt = eingelesen.projekt
    found = entries(2025, projekt, HEUTE)
    assert found == sorted(found, key=lambda e: (e.am, e.titel))
    sessions = [(e.am, e.titel) for e in found if e.titel.startswith("Sitzung")]
    assert sessions == [(s.am, f"Sitzung: {s.gremium}") for s in STADT.sitzungen]
    lists = roh(projekt, "Handlungsempfehlungen").dropna(subset=["nächste Lieferung"])
    last = lists.assign(tag=pd.to_datetime(lists["Stand"], dayfirst=True)).sort_values("tag")
    last = last.groupby("Nr.").tail(1)
    due = {f"{r['Indikator']} ({r['Nr.']})": r["nächste Lieferung"] for _, r in last.iterrows()}
    told = {e.titel.removeprefix("Messgröße: "): f"{e.am:%d.%m.%Y}"
            for e in found if e.titel.startswith("Messgröße")}  # fmt: skip
    assert told == {k: v for k, v in due.items() if v.endswith("2025")} and len(told) > 5
    reports = roh(projekt, "Umsetzungsberichte")
    open_ones = [e for e in found if e.titel.startswith("Bericht zum Beschluss: BV/0044/2024")]
    named = reports[reports["Vorlage"] == "BV/0044/2024"].groupby("Punkt").last()["Wiedervorlage"]
    assert [f"{e.am:%d.%m.%Y}" for e in open_ones] == [*named]


def test_eine_weitere_kommune_hat_ihren_eigenen_kalender(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In its holidays and suppliers; the own city's profiles may even be broken."""
    projekt = bare_project(tmp_path / "stadt")
    projekt.profile.mkdir()
    (projekt.profile / "kommune.yml").write_text(
        "id: teststadt\nname: Teststadt\nfeiertage: DE-BY\n"
    )
    (projekt.profile / "liste.yml").write_text("profil: [")
    monkeypatch.setenv("SOZCONTROL_PROJEKT", str(projekt.root))
    weitere = calendar_text(2025, projekt.of("musterstadt"), HEUTE)
    assert "DE-BY" not in weitere and WJH in weitere
    with pytest.raises(CatalogueError, match="nicht lesbar"):
        calendar_text(2025, projekt, HEUTE)


def test_die_kalenderdatei_hat_jeden_tag_einmal(typed_city: Callable[..., Call], tmp_path) -> None:
    path = tmp_path / "kalender.ics"
    done = typed_city("calendar", "--jahr", "2025", "--ics", str(path))
    assert done.exit_code == 0 and done.stdout.strip() == str(path), done.stderr
    events = gelesen(path.read_bytes().decode("utf-8"))
    assert len({e["UID"] for e in events}) == len(events) > 80
    by_title = {e["SUMMARY"]: e for e in events}
    duty = by_title["Fällig: Operativer Bericht 2 zum 30.06.2025"]
    assert duty["DTSTART"] == "20250901"
    supply = by_title[f"Lieferung zum 30.06.2025: {WJH}"]
    assert (supply["DTSTART"], supply["DESCRIPTION"]) == ("20250721", "geliefert")


@pytest.fixture
def typed_city(eingelesen: Stadt) -> Callable[..., Call]:
    """The command line of a city that changes nothing."""
    return eingelesen.typed


def test_status_sagt_wer_geliefert_hat_und_was_erscheinen_kann(eingelesen: Stadt) -> None:
    text = status(eingelesen.projekt, None, None, HEUTE)
    head, supply, checked, due = text.split("\n\n")
    assert head.startswith("Lieferung zum 30.06.2025, Datenstand 21.07.2025\n  Musterstadt")
    lines = supply.splitlines()
    assert lines[0] == "Lieferungen bis 21.07.2025"
    assert all(": geliefert (" in line for line in lines[1:]) and len(lines) > 10
    halbjahr = {"operativ", "monitoring"}
    areas = sum(bool(halbjahr & {*a.berichtsarten}) for a in catalogue.bereiche().values())
    assert f"{areas} von {areas} Bereichen können erscheinen" in checked
    assert re.search(r"0 Fehler, \d+ Warnungen, \d+ Hinweise", checked)
    assert due.count("fällig 01.09.2025") == 3


def test_status_kennt_das_ungelesene_und_das_abgebrochene(projekt: Projekt, tmp_path: Path) -> None:
    with pytest.raises(DeliveryMissing) as error:
        status(projekt, "2025-06-30", "2025-07-21", HEUTE)
    assert error.value.exit_code is Exit.INPUT_MISSING
    projekt.delivery_folder(JUNI, JULI).mkdir(parents=True)
    swap.journal_path(projekt).parent.mkdir(parents=True)
    swap.journal_path(projekt).write_text("{}")
    text = status(projekt, None, None, HEUTE)
    assert "noch nicht eingelesen: sozcontrol check --stichtag 2025-06-30" in text
    assert text.endswith("»sozcontrol repair« bringt sie zu Ende.")


def test_status_nennt_gesperrte_bereiche(projekt: Projekt) -> None:
    from press_fixtures import store_delivery

    from sozcontrol.findings import Finding, Schwere

    bad = Finding(regel="R-F01", schwere=Schwere.FEHLER, meldung="Beginn fehlt.", tabelle="fall")
    store_delivery(projekt, findings=(bad,))
    projekt.delivery_folder(JUNI, date(2025, 7, 15)).mkdir(parents=True)
    text = status(projekt, None, None, HEUTE)
    held = {a.titel for a in catalogue.bereiche().values() if "fall" in a.braucht}
    assert {*re.findall(r"gesperrt: (.*) \(Hilfe\)", text)} == held and held
    assert "  1 Fehler, 0 Warnungen, 0 Hinweise" in text
