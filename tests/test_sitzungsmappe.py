"""What two publications say differently, and the folder for a session made of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import press_fixtures
import pytest
from conftest import Stadt
from pdf_text import pages
from rendered import tables, text

from sozcontrol import catalogue
from sozcontrol.cli import auszugbefehl
from sozcontrol.errors import DeliveryMissing, NotReleased, UsageError
from sozcontrol.press.ablegen.publish import publish
from sozcontrol.press.auszug import mappenseite, sitzungsmappe
from sozcontrol.press.auszug.zahlenvergleich import differences, publication
from sozcontrol.press.gegenprobe.mappenprobe import demand_composed, more_than_composed
from sozcontrol.press.lauf.plan import plan
from sozcontrol.press.seite.kachelvergleich import Vergleich, comparable
from sozcontrol.projekt import Projekt

Kacheln = dict[str, tuple[str, str]]
GEHEIM = (
    '<span class="soz-geheim"><span aria-hidden="true">•</span>'
    '<span class="soz-unsichtbar">geheim gehalten</span></span>'
)
APRIL, JUNI, AUGUST = date(2025, 4, 30), date(2025, 6, 30), date(2025, 8, 31)
VORJAHR = date(2024, 6, 30)
DAMALS: Kacheln = {
    "Fallzahl": ("1.612 Hilfen", ""), "begonnen": ("120 Hilfen", ""),
    "Anteil ambulant": ("50,3&nbsp;%", "● im Rückstand · Ziel mindestens 55,0&nbsp;%"),
    "Abbrüche": ("19,9&nbsp;%", "◆ erreicht · Ziel höchstens 20,0&nbsp;%"),
    "Personen": (GEHEIM, ""), "Verweildauer": ("12,2 Monate", ""),
}  # fmt: skip
JETZT: Kacheln = {
    "Fallzahl": ("1.580 Hilfen", ""), "begonnen": ("229 Hilfen", ""),
    "Anteil ambulant": ("49,5&nbsp;%", "● im Rückstand · Ziel mindestens 55,0&nbsp;%"),
    "Abbrüche": ("20,3&nbsp;%", "○ auf dem Weg · Ziel höchstens 20,0&nbsp;%"),
    "Personen": ("1.400 Personen", ""), "Verweildauer": ("12,2 Monate", ""),
    "Familien": ("700 Familien", ""),
}  # fmt: skip
Punkte = dict[str, tuple[str, str]]
PUNKTE: Punkte = {"Plätze BV/1/2024": ("31.03.2025", "○ im Zeitplan"),
                  "Stellen BV/2/2024": ("31.03.2025", "▲ überfällig")}  # fmt: skip
LATE = "▲ überfällig<small>nächste Sitzung 1.8.</small>"
NEUE: Punkte = {"Plätze BV/1/2024": ("31.03.2025", LATE),
                "Stellen BV/2/2024": ("", "◆ erledigt"),
                "Anträge BV/3/2025": ("15.07.2025", "● bald fällig"),
                "Formular BV/4/2025": ("30.09.2025", "○ im Zeitplan")}  # fmt: skip


def html(kacheln: Kacheln, punkte: Punkte | None = None) -> str:
    """Return a page as the press writes it: tiles, the radar, a missing comment, a list."""
    tiles = "".join(
        f'<li class="soz-kachel"><p class="soz-kachel-titel">{name}</p>'
        f'<p class="soz-kachel-wert">{value}</p><p class="soz-kachel-ziel">{goal}</p></li>'
        for name, (value, goal) in kacheln.items()
    )
    rows = "".join(
        f"<tr><th>{name}<small>Sozialausschuss, 18.04.2024; Amtsleitung</small></th>"
        f"<td>{due}</td><td>{lage}</td></tr>"
        for name, (due, lage) in (punkte or {}).items()
    )
    return (
        '<!doctype html><main><h1>Der Haushalt wird besser um 2</h1><p class="soz-dachzeile">Lage'
        '</p><section class="soz-abschnitt" aria-labelledby="schritt-ziel"><h2>Ziel</h2>'
        f'<ul class="soz-kacheln">{tiles}</ul><table><caption>Beschlüsse</caption><thead><tr>'
        f"<th>Beschluss</th><th>Termin</th><th>Lage</th></tr></thead><tbody>{rows}</tbody></table>"
        '<div class="soz-kommentar soz-fehlt"><p>Kommentar des Fachamts fehlt (Probe).</p></div>'
        "<h3>Zu entscheiden</h3><ol><li><span>1</span><div>Mehr Plätze?</div></li></ol>"
        "</section></main>\n"
    )


def veroeffentliche(
    projekt: Projekt, stichtag: date, datenstand: date, page: str, edition: str = "leitung"
) -> Path:
    """Publish *page* as the report of one area, and return the folder of its edition."""
    berichte = plan(stichtag, ("monitoring_jugend",), (edition,), frei=True)
    run = press_fixtures.lauf(
        id=f"{stichtag:%Y%m%d}T000000-aaaaaa", stichtag=stichtag, datenstand=datenstand,
        geplant=berichte,
    )  # fmt: skip
    publish(projekt, run, [replace(a, html=page) for a in press_fixtures.ausgaben(run)])
    return projekt.reports / stichtag.isoformat() / edition


@pytest.fixture
def projekt(tmp_path: Path, no_disk: None) -> Projekt:
    return press_fixtures.bare_project(tmp_path / "projekt")


@pytest.fixture
def zwei(projekt: Projekt) -> tuple[Path, Path]:
    """The folders of two Stichtage of one year."""
    return (
        veroeffentliche(projekt, APRIL, date(2025, 5, 21), html(DAMALS, PUNKTE)),
        veroeffentliche(projekt, JUNI, date(2025, 7, 21), html(JETZT, NEUE)),
    )


def unterschiede(vorher: Path, nachher: Path) -> dict[str, Vergleich]:
    return {v.titel: v for v in differences(publication(vorher), publication(nachher))}


def test_der_unterschied_ist_der_der_gedruckten_werte(zwei: tuple[Path, Path]) -> None:
    found = unterschiede(*zwei)
    assert {t: v.unterschied.replace("\u00a0", " ") for t, v in found.items()} == {
        "Fallzahl": "−32", "begonnen": "läuft seit Jahresbeginn",
        "Anteil ambulant": "−0,8 Prozentpunkte", "Abbrüche": "+0,4 Prozentpunkte",
        "Personen": "geheim gehalten", "Verweildauer": "unverändert",
    }  # fmt: skip
    assert [v.titel for v in found.values() if v.anderer_stand] == ["Abbrüche"]
    assert "Familien" not in found  # printed in one of them only


def test_am_selben_tag_des_vorjahres_ist_auch_vergleichbar_was_seit_januar_laeuft(
    projekt: Projekt,
) -> None:
    then = veroeffentliche(projekt, VORJAHR, date(2024, 7, 21), html(DAMALS))
    now = veroeffentliche(projekt, JUNI, date(2025, 7, 21), html(JETZT))
    assert unterschiede(then, now)["begonnen"].unterschied == "+109"


@pytest.mark.parametrize("damals, jetzt, said", [
    ("schlechter um 1,9&nbsp;%", "besser um 0,3&nbsp;%", "besser um 2,2 Prozentpunkte"),
    ("51,79&nbsp;Mio.&nbsp;€", "68,98&nbsp;Mio.&nbsp;€", "+17,19 Mio. €"),
    ("543&nbsp;T€", "1,20&nbsp;Mio.&nbsp;€", "anders ausgedrückt"),
    ("−0,5", "0,25", "+0,75"),
    ("1.000 Fälle", "999 Fälle", "−1"),
    (GEHEIM, GEHEIM, "geheim gehalten"),
])  # fmt: skip
def test_vorzeichen_einheiten_und_tausender(
    projekt: Projekt, damals: str, jetzt: str, said: str
) -> None:
    then = veroeffentliche(projekt, VORJAHR, date(2024, 7, 21), html({"Fallzahl": (damals, "")}))
    now = veroeffentliche(projekt, JUNI, date(2025, 7, 21), html({"Fallzahl": (jetzt, "")}))
    one = unterschiede(then, now)["Fallzahl"]
    assert one.unterschied.replace("\u00a0", " ") == said
    assert mappenseite.comparison_page(publication(then), publication(now))


def test_was_zaehlungen_von_selbst_schwanken_gilt_nicht_als_bewegt(projekt: Projekt) -> None:
    then = veroeffentliche(projekt, APRIL, date(2025, 5, 21), html({"Fallzahl": ("9 Hilfen", "")}))
    now = veroeffentliche(projekt, JUNI, date(2025, 7, 21), html({"Fallzahl": ("14 Hilfen", "")}))
    assert unterschiede(then, now)["Fallzahl"].anteil == 0


@pytest.mark.parametrize("kennzahl, im_jahr", [
    pytest.param("H01", True, id="Bestand"),
    pytest.param("H02", False, id="seit Januar gezählt"),
    pytest.param("T11", False, id="seit Januar geteilt durch das ganze Jahr"),
    pytest.param("H17", False, id="Betrag je Monat"),
    pytest.param("S03", True, id="Anteil, zwölf Monate"),
    pytest.param("F05", True, id="Hochrechnung desselben Jahres"),
])  # fmt: skip
def test_verglichen_wird_nur_ueber_gleiche_zeit(kennzahl: str, im_jahr: bool) -> None:
    known = catalogue.steckbrief(kennzahl)
    assert comparable(known, (JUNI, AUGUST)) is im_jahr
    assert not comparable(None, (JUNI, AUGUST))
    if kennzahl == "F05":
        assert not comparable(known, (VORJAHR, AUGUST))


def test_zwei_datenstaende_desselben_stichtags(projekt: Projekt, tmp_path: Path) -> None:
    first = veroeffentliche(projekt, JUNI, date(2025, 7, 15), html(DAMALS))
    kept = tmp_path / "leitung"  # a copy keeps the name
    first.rename(kept)
    now = veroeffentliche(projekt, JUNI, date(2025, 9, 21), html(JETZT))
    page = mappenseite.comparison_page(publication(kept), publication(now))
    rows = tables(page)["Monitoring Jugend"]
    assert rows[0][1:3] == ["Datenstand 15.07.2025", "Datenstand 21.09.2025"]
    assert "begonnen" in {row[0] for row in rows}  # the same span: from January to the Stichtag
    assert "Nicht gleich reif" in text(page)


def test_die_seite_zeigt_beide_werte_und_was_sich_nicht_aendert(zwei: tuple[Path, Path]) -> None:
    page = mappenseite.comparison_page(*map(publication, zwei))
    assert page == mappenseite.comparison_page(*map(publication, zwei))
    assert tables(page)["Stand der Ziele vorher und nachher"][1][1:4] == [
        "30.04.2025 19,9 %", "30.06.2025 20,3 %", "Unterschied +0,4 Prozentpunkte"
    ]  # fmt: skip
    assert "1 Ziel steht anders" in text(page) and "Unverändert: Verweildauer." in text(page)
    assert text(page).count("geheim gehalten") >= 2


def test_verglichen_wird_was_veroeffentlicht_ist_fuer_dieselben_leser(
    projekt: Projekt, zwei: tuple[Path, Path]
) -> None:
    other = veroeffentliche(projekt, APRIL, date(2025, 5, 21), html(DAMALS), "gremium")
    with pytest.raises(UsageError, match="verschiedene Leser"):
        auszugbefehl.vergleich(str(other), str(zwei[1]), None)
    with pytest.raises(UsageError, match="je eine Edition"):
        auszugbefehl.vergleich(str(other.parent), str(zwei[1]), None)
    page = zwei[0] / "monitoring_jugend.html"
    page.write_text(page.read_text().replace("1.612", "1.613"))
    with pytest.raises(NotReleased):
        auszugbefehl.vergleich(*map(str, zwei), None)


def test_aus_dem_was_im_haus_bleibt_entsteht_keine_seite(projekt: Projekt) -> None:
    for day, known in ((APRIL, date(2025, 5, 21)), (JUNI, date(2025, 7, 21))):
        veroeffentliche(projekt, day, known, html(JETZT), "intern")
    folders = [projekt.intern / f"{day}" / "intern" for day in (APRIL, JUNI)]
    assert "Fallzahl" in auszugbefehl.vergleich(*map(str, folders), None)
    with pytest.raises(UsageError, match="bleibt unter data"):
        mappenseite.comparison_page(*map(publication, folders))
    with pytest.raises(UsageError, match="bleibt unter data"):
        sitzungsmappe.session_folder(projekt, date(2025, 9, 10), "intern")


@pytest.mark.parametrize("faelschen", [
    pytest.param(lambda h: h.replace("+0,4", "+0,5"), id="Unterschied"),
    pytest.param(lambda h: h.replace("+0,4", "−0,4"), id="Vorzeichen"),
    pytest.param(lambda h: h.replace("20,3", "19,9"), id="Wert von damals"),
    pytest.param(lambda h: re.sub('<span class="soz-geheim">.*?</span></span>', "612", h), id="•"),
    pytest.param(lambda h: h.replace("Unverändert:", "Unverändert 987:"), id="Text"),
])  # fmt: skip
def test_die_gegenprobe_rechnet_die_unterschiede_nach(
    zwei: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, faelschen: Callable[[str], str]
) -> None:
    seen = []
    monkeypatch.setattr(mappenseite, "demand_composed", lambda h, p: seen.append((h, p)))
    mappenseite.comparison_page(*map(publication, zwei))
    ((page, probe),) = seen
    demand_composed(page, probe)
    assert [*more_than_composed(page, probe)] == []
    assert faelschen(page) != page
    assert [*more_than_composed(faelschen(page), probe)]


def test_die_uebersicht_sagt_was_sich_seit_dem_stichtag_davor_geaendert_hat(
    projekt: Projekt, zwei: tuple[Path, Path]
) -> None:
    said = text((projekt.reports / "index.html").read_text(encoding="utf-8"))
    told = "Seit dem 30. April 2025: 3 von 6 Kennzahlen haben sich verändert, 1 Ziel steht anders."
    assert said.count(told) == 1 and said.count("Seit dem") == 1
    assert "Abbrüche: ○ auf dem Weg, vorher ◆ erreicht" in said
    # What leitung reads is not told where gremium is published, too, of one of the days.
    veroeffentliche(projekt, JUNI, date(2025, 7, 21), html(JETZT, NEUE), "gremium")
    said = text((projekt.reports / "index.html").read_text(encoding="utf-8"))
    assert "Seit dem" not in said
    veroeffentliche(projekt, APRIL, date(2025, 5, 21), html(DAMALS, PUNKTE), "gremium")
    assert told in text((projekt.reports / "index.html").read_text(encoding="utf-8"))


def test_die_mappe_sagt_was_sich_seit_der_vorigen_sitzung_geaendert_hat(
    projekt: Projekt, zwei: tuple[Path, Path]
) -> None:
    page = sitzungsmappe.session_folder(projekt, date(2025, 9, 10), "leitung")
    said, found = text(page), tables(page)
    assert "1 Ziel steht anders als zur vorigen Sitzung; 1 Beschlusspunkt überfällig" in said
    assert "Vorige Sitzung 11. Juni 2025" in said
    assert "30.04.2025 (Datenstand 21.05.2025)" in said
    assert [row[0] for row in found["Ziele, die anders stehen"][1:]] == [
        "AbbrücheMonitoring Jugend"
    ]
    assert "Neu verfolgt: Anträge BV/3/2025 (● bald fällig)" in said
    assert "Plätze BV/1/2024: ▲ überfällig, vorher ○ im Zeitplan" in said
    assert "Stellen BV/2/2024: ◆ erledigt, vorher ▲ überfällig" in said
    (late,) = found["Beschlüsse"][1:]
    assert late[2].endswith("▲ überfällig")
    assert late[0].startswith("Plätze") and late[3].endswith("18.09.2025")  # Sozialausschuss
    assert "Anträge BV/3/2025, seit 15.07.2025 fällig" in said
    assert "Monitoring Jugend: Jugendamt, Wirtschaftliche Jugendhilfe" in said
    assert "1. Mehr Plätze?" in said
    assert "30.09.2025 fällig: Formular BV/4/2025" in said and "10.12.2025 AG" in said


def test_die_sitzung_kennt_was_an_ihrem_tag_bekannt_war(
    projekt: Projekt, zwei: tuple[Path, Path]
) -> None:
    page = text(sitzungsmappe.session_folder(projekt, date(2025, 6, 11), "leitung"))
    assert "30.04.2025 (Datenstand 21.05.2025)" in page and "30.06.2025" not in page
    assert "keine frühere Sitzung" in page
    with pytest.raises(DeliveryMissing, match="Bis zum 12"):
        sitzungsmappe.session_folder(projekt, date(2025, 3, 12), "leitung")
    with pytest.raises(DeliveryMissing):
        sitzungsmappe.session_folder(projekt, date(2025, 9, 10), "gremium")
    with pytest.raises(UsageError, match="ist keine Sitzung"):
        sitzungsmappe.session_folder(projekt, date(2025, 9, 11), "leitung")


def test_eine_liste_die_fehlt_ist_nicht_leer(projekt: Projekt) -> None:
    """Neither a radar nor a report that decides is published: that is said, and not »nothing«."""
    page = html(DAMALS).replace('<p class="soz-dachzeile">Lage</p>', "")
    veroeffentliche(projekt, APRIL, date(2025, 5, 21), page)
    said = text(sitzungsmappe.session_folder(projekt, date(2025, 6, 11), "leitung"))
    assert "Beschlüsse: keine Liste veröffentlicht" in said and "überfällig oder" not in said
    assert said.count(sitzungsmappe.OHNE_BESCHLUESSE) == 1
    assert said.count(sitzungsmappe.OHNE_AUSSAGE) == 3  # situation, early warning, to decide
    assert sitzungsmappe.NICHTS not in said


def test_ohne_tag_gilt_die_naechste_sitzung(tmp_path: Path) -> None:
    home = Projekt(tmp_path)
    assert sitzungsmappe.next_session(home, date(2025, 6, 12)) == date(2025, 9, 10)
    assert sitzungsmappe.next_session(home, date(2030, 1, 1)) == date(2025, 12, 10)
    with pytest.raises(UsageError, match="keine Sitzungen"):
        sitzungsmappe.next_session(Projekt(tmp_path, "moers"), date(2025, 6, 12))


@pytest.mark.browser
def test_die_mappe_druckt_auf_hoechstens_vier_seiten(
    veroeffentlicht: Stadt, tmp_path: Path, browser
) -> None:
    path = tmp_path / "mappe.html"
    page = sitzungsmappe.session_folder(veroeffentlicht.projekt, date(2025, 9, 10), "leitung")
    path.write_text(page, encoding="utf-8")
    tab = browser.new_page()
    tab.goto(path.as_uri())
    printed = pages(tab.pdf(prefer_css_page_size=True))
    assert len(printed) <= 4
    tab.set_viewport_size({"width": 390, "height": 900})
    assert tab.evaluate("document.documentElement.scrollWidth") == 390
    tab.close()
