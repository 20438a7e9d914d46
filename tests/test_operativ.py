"""The operative report: its first sheet says what the areas say, in words that are right."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from functools import cache

import gezeichnet
import pytest
from bs4 import BeautifulSoup
from conftest import Stadt
from hauptbuch import Lieferung, ansatz, monatlich
from satzzahlen import Zahl, lies, tafelzahlen
from seiten import STICHTAG, page
from test_teilhaushalte import JAHRE, haushalt, zeilen

from sozcontrol import catalogue, hochrechnung
from sozcontrol.disclosure import Freigabe
from sozcontrol.errors import NotReleased
from sozcontrol.hochrechnung.prognosestand import Aussage
from sozcontrol.hochrechnung.tafeln.beitraege import UEBRIGES
from sozcontrol.measures import INSGESAMT
from sozcontrol.present.absaetze import moved
from sozcontrol.present.handlungsbedarf import asked_for, listed
from sozcontrol.projekt import Projekt

TAFELN = hochrechnung.tafeln
GUELTIG = Aussage("gueltig", sichtbar=tuple(catalogue.editionen()))
VERSUCH = Aussage("experimentell", sichtbar=("intern", "controlling"))


def frei(tafel, edition: str = "leitung"):
    return Freigabe.open(edition).aufstellung(tafel)


def worte(html: str) -> str:
    text = BeautifulSoup(html, "html.parser").get_text(" ", strip=True)
    return re.sub(r"\s+", " ", text.replace("\u00a0", " "))


# --- Beiträge: eine Brücke, Erträge eingeschlossen ------------------------------------------------

MEHR, WENIGER = 12_500, 8_000
"""A month's bookings of P2 instead of 10 000, as its budget expects."""


@cache
def mit_abweichung(monat: int, konto: str = "A") -> Lieferung:
    """A household whose group 3130 alone leaves its budget of 10 000 a month."""
    frueher = monatlich([j for j in JAHRE if j < 2025], 10_000, "P3", konto=konto)
    heute = monatlich([2025], monat, "P3", konto=konto)
    return haushalt((frueher + heute, [ansatz(j, 120_000, "P3", konto=konto) for j in JAHRE]))


def gerichtet(row: dict) -> Decimal:
    return row["abweichung_eur"] * {"schlechter": 1, "besser": -1}[row["wort"]]


@pytest.mark.parametrize(
    ("monat", "konto", "seite", "wort"),
    [
        pytest.param(MEHR, "A", "Aufwand", "schlechter", id="mehr Aufwand ist schlechter"),
        pytest.param(WENIGER, "A", "Aufwand", "besser", id="weniger Aufwand ist besser"),
        pytest.param(MEHR, "E", "Erträge", "besser", id="mehr Ertrag ist besser"),
        pytest.param(WENIGER, "E", "Erträge", "schlechter", id="weniger Ertrag ist schlechter"),
    ],
)
def test_ein_beitrag_hat_wort_und_richtung_fuer_den_haushalt(monat, konto, seite, wort) -> None:
    daten = mit_abweichung(monat, konto)
    rows = TAFELN.beitraege(daten).frame.astype("object").to_dict("records")
    (row,) = [r for r in rows if r["teilhaushalt"] == "7" and r["was"] != INSGESAMT]
    assert (row["seite"], row["wort"]) == (seite, wort)
    netto = zeilen(TAFELN.teilhaushalte(daten))["7"]
    assert netto["wort"] == wort
    assert row["abweichung_eur"] == netto["abweichung_eur"] > 0


def test_die_beitraege_ergeben_auf_den_cent_was_der_teilhaushalt_schlechter_wird() -> None:
    """Six parts, of which four are named: nothing is lost and nothing is told twice."""
    mehr = [("P2", "P"), ("P1", "E"), ("P4", "A"), ("P4", "E"), ("P2", "E")]
    weitere = [
        (monatlich([2025], 1_000 + n * 777, p, konto=k), []) for n, (p, k) in enumerate(mehr)
    ]
    daten = haushalt(*weitere)
    netto = zeilen(TAFELN.teilhaushalte(daten))
    rows = TAFELN.beitraege(daten).frame.astype("object").to_dict("records")
    for nummer in ("8", INSGESAMT):
        own = [r for r in rows if r["teilhaushalt"] == nummer]
        *parts, total = own
        assert total["was"] == INSGESAMT
        assert sum(map(gerichtet, parts)) == gerichtet(total) == gerichtet(netto[nummer])
        named = [r["abweichung_eur"] for r in parts if r["was"] != UEBRIGES]
        assert named == sorted(named, reverse=True)
        assert [r["rang"] for r in own] == [*range(1, len(own) + 1)]


def test_aufwand_minus_ertraege_ist_das_netto_aller_teilhaushalte() -> None:
    daten = mit_abweichung(MEHR, "E")
    sides = zeilen(TAFELN.seiten(daten))
    netto = zeilen(TAFELN.teilhaushalte(daten))[INSGESAMT]
    for spalte in ("ansatz_eur", "hochrechnung_eur"):
        found = sides["Aufwand"][spalte] - sides["Erträge"][spalte]
        assert found == sides["Zuschussbedarf"][spalte] == netto[spalte]
    assert sides["Erträge"]["hochrechnung_eur"] > 0
    assert sides["Erträge"]["wort"] == "besser"


# --- Sätze ----------------------------------------------------------------------------------------


def aussage(daten: Lieferung):
    return hochrechnung.aussage(daten)


@pytest.mark.parametrize(
    ("monat", "satz"),
    [
        pytest.param(MEHR, r"wird voraussichtlich schlechter um \d+ T€: ", id="mehr"),
        pytest.param(WENIGER, r"wird voraussichtlich besser um \d+ T€: ", id="weniger"),
        pytest.param(10_000, r"bleibt voraussichtlich im Ansatz: ", id="gleich"),
    ],
)  # fmt: skip
def test_die_schlagzeile_nennt_richtung_und_beide_betraege(monat, satz) -> None:
    daten = mit_abweichung(monat)
    tafeln = [frei(b(daten)) for b in (TAFELN.teilhaushalte, TAFELN.gesamt)]
    fragment = gezeichnet.headline(*tafeln, None, aussage=aussage(daten))
    said = worte(fragment.schlagzeile)
    amounts = r"\d,\d statt \d,\d Mio\. € Zuschussbedarf\.$"
    assert re.match(rf"Der Haushalt {satz}{amounts}", said), said


def test_die_schlagzeile_sagt_wer_frueher_naeher_lag() -> None:
    daten = mit_abweichung(MEHR)
    tafeln = [frei(b(daten)) for b in (TAFELN.teilhaushalte, TAFELN.gesamt)]
    row = zeilen(TAFELN.teilhaushalte(daten))[INSGESAMT]
    html = gezeichnet.headline(*tafeln, None, aussage=aussage(daten)).html
    often = row["ansatz_naeher"] or "keinem"
    assert (
        f"Der Ansatz lag in {often} von {row['jahre']} früheren Jahren näher am Ergebnis als die "
        "Hochrechnung."
    ) in worte(html)


def test_die_groesste_abweichung_steht_zuerst_und_das_ganze_zuletzt() -> None:
    daten = mit_abweichung(WENIGER)
    tafeln = [frei(b(daten)) for b in (TAFELN.teilhaushalte, TAFELN.auffaellige)]
    html = gezeichnet.board(*tafeln, "Wo", kommune=daten.kommune, aussage=GUELTIG).html
    rows = BeautifulSoup(html, "html.parser").select("tbody tr")
    assert [r.th.get_text(" ", strip=True) for r in rows] == [
        "7 Asyl", "8 Jugend", "alle Teilhaushalte",
    ]  # fmt: skip
    assert "besser um" in worte(str(rows[0])) and "im Ansatz" in worte(str(rows[1]))


def test_warum_fragt_nach_dem_was_am_meisten_schlechter_wird() -> None:
    daten = mit_abweichung(MEHR)
    tafeln = [frei(b(daten)) for b in (TAFELN.teilhaushalte, TAFELN.beitraege)]
    said = worte(gezeichnet.why(*tafeln).html)
    assert said.startswith("Warum wird der Teilhaushalt 7 Asyl schlechter um ")
    parts = r"Aufwand 3130 schlechter um \d+ T€ zusammen schlechter um \d+ T€$"
    assert re.search(parts, said), said
    besser = [frei(b(mit_abweichung(WENIGER))) for b in (TAFELN.teilhaushalte, TAFELN.beitraege)]
    assert worte(gezeichnet.why(*besser).html).startswith("Warum wird der Haushalt besser um ")


# --- Zu entscheiden -------------------------------------------------------------------------------

KOMMENTAR = """# Jugendamt

Die Zahlen stimmen mit unserer Sicht überein.

- kein Punkt zum Entscheiden

## Zu entscheiden

- **Zwei Stellen** für die Pflegeelternakquise
1. Entgelte mit dem größten Träger
   neu verhandeln

Fließtext ist kein Punkt.

## Sonstiges

- auch keiner
"""


def test_zu_entscheiden_ist_was_unter_dieser_ueberschrift_steht() -> None:
    assert asked_for(KOMMENTAR) == [
        "Zwei Stellen für die Pflegeelternakquise",
        "Entgelte mit dem größten Träger neu verhandeln",
    ]
    assert asked_for("- ohne Überschrift") == []


@pytest.mark.parametrize(
    ("anzahl", "text"),
    [(1, "a"), (3, "a, b, c"), (4, "a, b, c, d"), (5, "a, b, c und 2 weitere")],
)
def test_was_zu_viel_ist_wird_gezaehlt(anzahl, text) -> None:
    assert listed([*"abcdefg"][:anzahl]) == text


def zu_entscheiden(projekt: Projekt, bereiche: list[str]) -> str:
    kommune = catalogue.kommune("musterstadt")
    form = {"stichtag": STICHTAG, "kommune": kommune, "projekt": projekt, "bereiche": bereiche}
    form["aussage"] = GUELTIG
    return worte(gezeichnet.decisions(None, None, "Zu entscheiden", **form).html)


def test_ein_kommentar_bringt_seine_punkte_ein_fehlender_steht_offen(projekt: Projekt) -> None:
    path = projekt.kommentar(STICHTAG, "monitoring_jugend")
    path.parent.mkdir(parents=True)
    path.write_text(KOMMENTAR, encoding="utf-8")
    said = zu_entscheiden(projekt, ["monitoring_jugend", "abwicklung"])
    assert "1 Zwei Stellen für die Pflegeelternakquise Monitoring Jugend" in said
    assert "! Eine Stellungnahme fehlt Abwicklung und Rückstellung" in said
    assert "2 Stellungnahmen fehlen" in zu_entscheiden(projekt, ["abwicklung", "hochrechnung"])


def test_aus_einem_versuch_folgt_nichts_aus_einer_sperre_schon(projekt: Projekt) -> None:
    """So early in the year a forecast makes no duty; a Sperre is one on every day."""
    teurer = (monatlich([2025], 90_000, "P1"), [])
    sperre = [ansatz(2025, -7_000, "P3", art="sperre", ab=date(2025, 3, 1))]
    sperre = ([], [ansatz(2025, 120_000, "P3"), *sperre])
    daten = haushalt(teurer, sperre)
    form = {"stichtag": STICHTAG, "kommune": daten.kommune, "projekt": projekt, "bereiche": []}
    netto = frei(TAFELN.teilhaushalte(daten))
    for said, folgt in ((GUELTIG, True), (VERSUCH, False)):
        text = worte(gezeichnet.decisions(netto, None, "Zu", aussage=said, **form).html)
        assert "7 Asyl: Haushaltssperre über 7 T€" in text
        assert ("8 Jugend: gegensteuern oder Nachtrag?" in text) is folgt, said.reife
        gruppen = frei(TAFELN.auffaellige(daten))
        board = gezeichnet.board(netto, gruppen, "Wo", kommune=daten.kommune, aussage=said).html
        assert worte(board).count("unverzüglich unterrichten") == (2 if folgt else 1)
        assert ("Wo – Versuch" in board) is not folgt


def test_ein_kommentar_schreibt_kein_html(projekt: Projekt) -> None:
    path = projekt.kommentar(STICHTAG, "abwicklung")
    path.parent.mkdir(parents=True)
    path.write_text("## Zu entscheiden\n- <script>x</script>", encoding="utf-8")
    form = {"stichtag": STICHTAG, "kommune": catalogue.kommune("musterstadt"), "aussage": GUELTIG}
    html = gezeichnet.decisions(
        None, None, "Zu entscheiden", projekt=projekt, bereiche=["abwicklung"], **form
    ).html
    assert "<script" not in html


def test_auch_der_kommentar_eines_anderen_bereichs_nennt_keinen_fall(eingelesen, tmp_path) -> None:
    """The operative report quotes it, so a run of that report alone proves it, too."""
    stadt: Stadt = eingelesen.kopie(tmp_path)
    path = stadt.projekt.kommentar(date(2025, 6, 30), "monitoring_jugend")
    path.parent.mkdir(parents=True)
    path.write_text("## Zu entscheiden\n- Was wird aus H0000001?", encoding="utf-8")
    done = stadt.typed("run", "--bereich", "operativ")
    assert done.exit_code == NotReleased.exit_code
    assert "H0000001" not in done.stdout + done.stderr


# --- die Seite und die Bereiche -------------------------------------------------------------------

BEREICHE = ("finanzcontrolling", "hochrechnung", "abwicklung")
BETRAG = re.compile(r"(\d[\d.]*(?:,\d+)?) (Mio\. €|T€)")
EINHEIT = {"T€": 1e3, "Mio. €": 1e6}
NUR_HIER = re.compile(
    r"(?:Übriges|, andere Konten)(?: \([^)]*\)| (?:schlechter|besser) um [\d.,]+ (?:T€|Mio\. €))"
)
"""Parts of the bridge that no area shows: the rest, and accounts beside soziale Sicherung."""


@pytest.fixture(scope="module")
def seite(veroeffentlicht: Stadt) -> BeautifulSoup:
    return BeautifulSoup(page(veroeffentlicht.projekt, "operativ"), "html.parser")


@pytest.fixture(scope="module")
def bekannt(veroeffentlicht: Stadt) -> list[Zahl]:
    """All amounts in tables of the areas, in the same run and edition."""
    pages = (page(veroeffentlicht.projekt, b) for b in BEREICHE)
    return [z for p in pages for z in tafelzahlen(BeautifulSoup(p, "html.parser")).betraege]


def test_jeder_betrag_in_worten_steht_so_in_einem_bereich(seite, bekannt) -> None:
    """Expenses and income over all accounts are the parts of a net that the areas show."""
    for own in seite.select(".soz-messung"):
        own.extract()
    said = BETRAG.findall(NUR_HIER.sub("", worte(str(seite.select_one(".soz-blatt")))))
    assert len(said) > 15
    lost = [f"{n} {e}" for n, e in said if not any(lies(n, EINHEIT[e]).ist(z) for z in bekannt)]
    assert lost == []


def test_jeder_betrag_der_absaetze_steht_so_in_einem_bereich(seite, bekannt) -> None:
    html = str(seite.select_one("#antwort-absaetze"))
    text = NUR_HIER.sub("", worte(html))
    said = BETRAG.findall(text)
    assert len(said) > 30
    lost = [f"{n} {e}" for n, e in said if not any(lies(n, EINHEIT[e]).ist(z) for z in bekannt)]
    assert lost == []


@pytest.mark.parametrize(
    ("zelle", "bereich"),
    [
        ("antwort-jugend", "monitoring_jugend"),
        ("antwort-kinderschutz", "kinderschutz"),
        ("antwort-soziales", "monitoring_soziales"),
        ("antwort-asyl", "asyl_bildung"),
        ("antwort-kita", "kita_monitoring"),
        ("antwort-uvg", "unterhaltsvorschuss"),
        ("antwort-personal", "personal"),
    ],
)  # fmt: skip
def test_der_absatz_eines_bereichs_nennt_dessen_zahlen(
    seite, veroeffentlicht, zelle, bereich
) -> None:
    """Figure and comparison as in a tile or in the overview of all Kennzahlen of the area."""
    other = worte(page(veroeffentlicht.projekt, bereich))
    paragraph = seite.select_one(f"#{zelle} .soz-satz")
    figures = [worte(str(s)) for s in paragraph.select("strong")]
    assert len(figures) == len(catalogue.bereich(bereich).leitzahlen)
    assert [f for f in figures if f not in other] == []
    before = re.findall(r"gegenüber Vorjahr(?:esquartal)?: ([^)]+)\)", worte(str(paragraph)))
    assert [b for b in before if b not in other] == []


@pytest.mark.parametrize(
    ("beitraege", "saetze"),
    [
        ([700, -200], ["Schlechter macht ihn: Aufwand A (700 T€).",
                       "Besser macht ihn: Aufwand A (200 T€)."]),
        ([-300, 100, -400], ["Besser machen ihn: Aufwand A (300 T€), Aufwand A (400 T€).",
                             "Schlechter macht ihn: Aufwand A (100 T€)."]),
        ([], []),
    ],
)  # fmt: skip
def test_was_schlechter_und_was_besser_macht_steht_getrennt_und_richtig_gebeugt(
    beitraege, saetze
) -> None:
    rows = [
        {"seite": "Aufwand", "was": "A", "wort": "schlechter" if b > 0 else "besser",
         "abweichung_eur": Decimal(1000 * abs(b))} for b in beitraege
    ]  # fmt: skip
    assert [s.replace("\u00a0", " ") for s in moved(rows)] == saetze


def test_jeder_betrag_der_tafel_steht_so_im_finanzcontrolling(seite, veroeffentlicht) -> None:
    other = BeautifulSoup(page(veroeffentlicht.projekt, "finanzcontrolling"), "html.parser")
    (table,) = [t for t in other.select("table") if "alle Konten" in worte(str(t.caption))
                and "zum Jahresende" in worte(str(t.caption))]  # fmt: skip
    rows = [[worte(str(c)) for c in tr.select("th, td")] for tr in table.select("tbody tr")]
    theirs = {row[0]: row[1:] for row in rows}
    board = seite.select("#antwort-teilhaushalte tbody tr")
    assert len(board) == len(theirs)
    for tr in board:
        name, *cells = [worte(str(c)) for c in tr.select("th, td")]
        plan, wert, becomes, *_ = theirs["insgesamt" if name == "alle Teilhaushalte" else name]
        for mine, full in zip(cells[:2], (plan, wert), strict=True):
            assert lies(mine.split()[-1], 1e6).ist(lies(full, 1e3))
        assert cells[2].split(" T€")[0].split(" Mio")[0] in becomes
    steps = seite.select("#antwort-warum tbody tr")
    assert [worte(str(s.th)) for s in steps][-1] == "zusammen"


def test_die_statt_eines_titels_gesagte_aussage_ist_die_ueberschrift(seite) -> None:
    (h1,) = seite.select("h1")
    assert worte(str(h1)).startswith("Der Haushalt wird voraussichtlich schlechter um 233 T€")
    assert seite.title.string.startswith("Operativer Bericht")


def test_keine_vorlage_bleibt_unausgefuellt(seite) -> None:
    assert re.search(r"\{\w*\}|None|nan\b|GEHEIM", worte(str(seite.main))) is None
