"""Outputs: what is let through, how a table, a tile and a sentence are built and written."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import gezeichnet
import pandas as pd
import pyarrow as pa
import pytest
from bs4 import BeautifulSoup

from sozcontrol import catalogue
from sozcontrol.disclosure import GEHEIM, Freigabe, Released
from sozcontrol.errors import NotReleased, UsageError
from sozcontrol.measures import INSGESAMT, Werte
from sozcontrol.present import compared
from sozcontrol.present import format as fmt
from sozcontrol.present.fragment import Fragment, page
from sozcontrol.present.saetze import Kachel
from sozcontrol.present.steckbrief import delivered
from sozcontrol.present.table import placed, word
from sozcontrol.projekt import Projekt
from sozcontrol.revision import Vorjahr, Vorjahreszahl

BOESE = '<script>alert(1)</script>" onload="x\u202e'


def released(
    data: dict[str, list], *, je: Any, edition: str = "leitung", **kwargs: Any
) -> Released:
    return Freigabe.open(edition).release(pd.DataFrame(data, dtype=object), je=je, **kwargs)


def bestand(edition: str = "leitung") -> Released:
    return released(
        {
            "hilfeart": ["33", "34", "31", INSGESAMT],
            "sozialraum": [BOESE] * 4,
            "anzahl": [1234, 2, 7, 1243],
        },
        je=["hilfeart", "sozialraum"], anzahl="anzahl", edition=edition,
    )  # fmt: skip


def geld(*betraege: str | None) -> Released:
    values = [None if b is None else Decimal(b) for b in betraege]
    steps = [f"Schritt {chr(65 + k)}" for k in range(len(values))]
    return released({"schritt": steps, "wert": values}, je="schritt", betraege={"wert": None})


def soup(output: Any) -> BeautifulSoup:
    html = output if isinstance(output, str) else output.html
    return BeautifulSoup(html, "html.parser")


# --- the door -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value", [pd.DataFrame({"a": [1]}), 3, "3 Fälle", Decimal(2), GEHEIM, None]
)
@pytest.mark.parametrize(
    "zeigen",
    [
        lambda v: gezeichnet.table(v, "T"),
        lambda v: gezeichnet.line_chart(v, "T"),
        lambda v: gezeichnet.bar_chart(v, "T", x="a"),
        lambda v: gezeichnet.waterfall(v, "T"),
        lambda v: gezeichnet.tiles([gezeichnet.tile("T", v)]),
        lambda v: gezeichnet.overview([v], "T"),
        lambda v: gezeichnet.sentence("{n}", n=v),
    ],
    ids=["table", "line", "bar", "waterfall", "tile", "overview", "sentence"],
)
def test_nichts_ohne_freigabe(zeigen: Any, value: Any) -> None:
    with pytest.raises(NotReleased) as caught:
        zeigen(value)
    assert "3 Fälle" not in str(caught.value)


# --- German writing -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "format", "erwartet"),
    [
        (1234, "anzahl", "1.234"),
        (Decimal("1234.56"), "eur", "1.234,56\u00a0€"),
        (Decimal("1234.565"), "eur", "1.234,57\u00a0€"),
        (Decimal("-1234.565"), "eur", "−1.234,57\u00a0€"),
        (Decimal("-0.004"), "eur", "0,00\u00a0€"),
        (Decimal("1234567.89"), "eur0", "1.234.568\u00a0€"),
        (Decimal("1234500"), "teur", "1.235\u00a0T€"),
        (Decimal("12345678.90"), "mio", "12,35\u00a0Mio.\u00a0€"),
        (12.45, "pct", "12,5\u00a0%"),
        (0.285, "zahl2", "0,29"),
        (2.675, "zahl2", "2,68"),
        (0.5, "anzahl", "1"),
        (1.5, "anzahl", "2"),
        (2.5, "anzahl", "3"),
        (-0.04, "zahl1", "0,0"),
        (Decimal("1E+3"), "anzahl", "1.000"),
        (date(2025, 6, 30), "datum", "30.06.2025"),
        ("2025-06-30", "datum", "30.06.2025"),
        (date(2025, 3, 1), "monat", "März 2025"),
        (date(2025, 3, 1), "jahr", "2025"),
        (True, "wahr", "ja"),
        (None, "eur", "–"),
        (GEHEIM, "pct", "•"),
        ("Süd", "text", "Süd"),
    ],
)
def test_deutsche_schreibweise(value: Any, format: str, erwartet: str) -> None:
    assert fmt.schreiben(value, format) == erwartet


@pytest.mark.parametrize("word", ["nan", "NaN", "inf", "-inf", "None", "NaT", "<NA>"])
def test_ein_wort_fuer_keine_zahl_wird_nicht_geschrieben(word) -> None:
    with pytest.raises(UsageError, match="keine"):
        fmt.schreiben(word, "text")


@pytest.mark.parametrize("word", ["Nancy", "Information", "–", "0", "Info: 3", "Natur"])
def test_gewoehnliche_woerter_werden_geschrieben(word) -> None:
    assert fmt.schreiben(word, "text") == word


def test_kein_bindestrich_als_minus() -> None:
    assert "-" not in fmt.schreiben(Decimal(-5), "eur") + fmt.schreiben(-5.5, "pct")


def test_unbekanntes_format_nennt_das_naechste() -> None:
    with pytest.raises(UsageError, match="teuro") as caught:
        fmt.schreiben(1, "teuro")
    assert "teur" in caught.value.tun


@pytest.mark.parametrize(
    ("einheit", "rundung", "erwartet"),
    [("%", 1, "pct1"), ("%", 0, "pct0"), ("€", 2, "eur"), ("€", 0, "eur0"),
     ("€ je Einwohner", 2, "zahl2"), ("je 1.000 unter 21", 1, "zahl1"), ("Hilfen", 0, "zahl0"),
     ("Prozentpunkte", 1, "zahl1")],
)  # fmt: skip
def test_format_einer_kennzahl(einheit: str, rundung: int, erwartet: str) -> None:
    assert fmt.format_of(einheit, rundung) == erwartet


def test_jede_kennzahl_laesst_sich_schreiben() -> None:
    for item in catalogue.kennzahlen().values():
        text = fmt.schreiben(Decimal("1234.5"), fmt.format_of(item.einheit, item.rundung))
        assert text.startswith(("1.234", "1.235")), item.id


# --- tables ---------------------------------------------------------------------------------------


def test_eine_kennzahl_daneben_steht_in_ihrer_zeile_nach_ihrer_entscheidung() -> None:
    """Rows stand by the table's own amounts; what is hidden, or not there, is so by itself."""
    kosten = released(
        {"hilfeart": ["31", "33", "34", INSGESAMT], "wert": [Decimal(n) for n in (5, 9, 7, 21)]},
        je=["hilfeart"], betraege={"wert": None},
    )  # fmt: skip
    ziel = released(
        {"hilfeart": ["34", "31", INSGESAMT], "wert": [2, 40, 42]},
        je=["hilfeart"], anzahl="wert", kennzahl=catalogue.kennzahl("H03"),
    )  # fmt: skip
    page = soup(gezeichnet.table(kosten, "T", daneben=[ziel]))
    rows = [[c.text for c in tr.find_all(["th", "td"])] for tr in page.tbody.find_all("tr")]
    assert "beendet" in page.thead.find_all("th")[-1].text.lower()
    said = [(r[1].split(",")[0], r[2][0]) for r in rows]
    assert said == [("9", "–"), ("7", "•"), ("5", "•"), ("21", "4")]


def test_tabelle_ist_fuer_vorleseprogramme_gebaut() -> None:
    page = soup(gezeichnet.table(bestand(), "Bestand je Hilfeart", quelle="Fachverfahren"))
    (table,) = page.find_all("table")
    assert table.caption.text == "Bestand je Hilfeart"
    assert [th["scope"] for th in table.thead.find_all("th")] == ["col"] * 3
    for row in table.tbody.find_all("tr"):
        assert [th["scope"] for th in row.find_all("th")] == ["row", "row"]
        assert [td["class"] for td in row.find_all("td")] == [["soz-zahl"]]
    region = table.parent
    assert (region["role"], region["tabindex"]) == ("region", "0")
    assert region["aria-label"] == "Tabelle: Bestand je Hilfeart"
    assert not page.find_all(["h1", "h2", "h3"])
    assert "Quelle: Fachverfahren" in page.text


def test_daten_werden_text_und_nie_markup() -> None:
    page = soup(gezeichnet.table(bestand(), BOESE, hinweis=BOESE, quelle=BOESE))
    assert not page.find_all("script")
    assert not page.find_all(attrs={"onload": True})
    assert "<script>alert(1)</script>" in page.text
    assert "\u202e" not in page.text


def test_gesperrtes_und_legende() -> None:
    page = soup(gezeichnet.table(bestand(), "Bestand"))
    hidden = page.select("td .soz-geheim")
    assert len(hidden) == 2
    assert all(h.select_one(".soz-unsichtbar").text == "geheim gehalten" for h in hidden)
    assert all(h.select_one("[aria-hidden=true]").text == "•" for h in hidden)
    assert len(page.select(".soz-zeichen li")) == 1
    assert not soup(gezeichnet.table(bestand("intern"), "Bestand")).select(".soz-zeichen")


def test_nichts_vorhanden_ist_keine_null() -> None:
    page = soup(gezeichnet.table(geld("0", None), "Geld"))
    cells = page.select("td")
    assert cells[0].text == "0,00\u00a0€"
    assert cells[1].select_one("[aria-hidden=true]").text == "–"
    assert "nichts vorhanden" in page.select_one(".soz-zeichen").text


def test_codes_werden_uebersetzt_und_der_paragraph_steht_dabei() -> None:
    page = soup(gezeichnet.table(bestand(), "Bestand"))
    rows = [tr.find("th") for tr in page.tbody.find_all("tr")]
    texts = {th.text: th.abbr["title"] for th in rows if th.abbr}
    assert texts["Vollzeitpflege"] == "§ 33 Vollzeitpflege"
    assert texts["SPFH"] == "§ 31 Sozialpädagogische Familienhilfe"
    assert "33" not in [th.text for th in rows]


def test_summen_sind_ausgezeichnet() -> None:
    table = released(
        {"hilfeart": ["33", "33", INSGESAMT], "ort": ["stadt", INSGESAMT, INSGESAMT],
         "anzahl": [5, 5, 5]},
        je=["hilfeart", "ort"], anzahl="anzahl",
    )  # fmt: skip
    rows = soup(gezeichnet.table(table, "T")).tbody.find_all("tr")
    assert [r.get("class") for r in rows] == [None, ["soz-zwischensumme"], ["soz-summe"]]


def test_quer_stellt_eine_dimension_in_die_spalten() -> None:
    data = {
        "hilfeart": ["33", "33", "34", INSGESAMT, INSGESAMT],
        "ort": ["stadt", "ausserhalb", "stadt", "stadt", "ausserhalb"],
        "anzahl": [5, 6, 7, 12, 6],
    }
    table = released(data, je=["hilfeart", "ort"], anzahl="anzahl")
    page = soup(gezeichnet.table(table, "T", quer="ort"))
    assert [c.text for c in page.thead.find_all("th")] == ["Hilfeart", "in der Stadt", "außerhalb"]
    rows = [[c.text for c in r.find_all(["th", "td"])] for r in page.tbody.find_all("tr")]
    assert rows[0] == ["Vollzeitpflege", "5", "6"]
    assert rows[1][1] == "7"
    assert "nichts vorhanden" in rows[1][2]
    with pytest.raises(UsageError):
        gezeichnet.table(table, "T", quer="sozialraum")


def test_spalten_und_formate_waehlt_wer_zeigt() -> None:
    page = soup(gezeichnet.table(geld("1234567.89"), "T", spalten={"wert": ("Aufwand", "teur")}))
    assert page.thead.text == "SchrittAufwand"
    assert page.td.text == "1.235\u00a0T€"
    with pytest.raises(UsageError, match="gibt es nicht"):
        gezeichnet.table(geld("1"), "T", spalten={"wrt": ("Aufwand", "teur")})


@pytest.mark.parametrize(
    ("je", "erwartet"),
    [
        pytest.param(
            ["produktgruppe", "hilfeart"],
            ["B y 50", "B x 30", "B S 80", "A z 40", "A x 9", "A w •", "A S 49", "S S 129"],
            id="Gruppen nach ihrer Summe, darin nach der Menge, Geheimes danach",
        ),
        pytest.param(
            ["altersgruppe", "hilfeart"],
            ["A w •", "A x 9", "A z 40", "A S 49", "B x 30", "B y 50", "B S 80", "S S 129"],
            id="das Alter hat eine Ordnung",
        ),
        pytest.param(
            ["kita_name"],
            ["B y 50", "A z 40", "B x 30", "A x 9", "A w •", "B S 80", "A S 49", "S S 129"],
            id="eine Dimension, die wie ein Name heißt",
        ),
    ],
)
def test_zeilen_stehen_nach_der_menge_wo_nichts_eine_ordnung_hat(je, erwartet) -> None:
    given = ["A w •", "A x 9", "A z 40", "A S 49", "B x 30", "B y 50", "B S 80", "S S 129"]
    rows, amounts = [], []
    for one in given:
        first, second, figure = one.split()
        total = {"S S": "soz-summe", "A S": "soz-zwischensumme", "B S": "soz-zwischensumme"}
        rows.append((total.get(f"{first} {second}", ""), [word(first), word(second)]))
        amounts.append(GEHEIM if figure == "•" else int(figure))
    assert [given[n] for n in placed(je, amounts, rows)] == erwartet


def test_ids_und_namen_der_bereiche_sind_einmalig() -> None:
    pages = [soup(gezeichnet.table(geld("1"), "Zweimal derselbe Titel")) for _ in range(2)]
    assert len({p.figure["id"] for p in pages}) == 2
    assert len({p.select_one("[role=region]")["aria-label"] for p in pages}) == 2


# --- sentences, tiles, overview -------------------------------------------------------------------


def test_satz_mit_zahlen_und_geheimem() -> None:
    table = bestand()
    output = gezeichnet.sentence(
        "Am {tag} liefen {n} Hilfen, {k} davon § 34 & mehr.",
        tag="2025-06-30",
        n=table.zahl("anzahl", sozialraum=BOESE),
        k=table.zahl("anzahl", hilfeart="34", sozialraum=BOESE),
    )
    text = soup(output).p.text
    assert text == "Am 30.06.2025 liefen 1.243 Hilfen, • (geheim gehalten) davon § 34 & mehr."


def test_satz_nimmt_formate_und_lehnt_alles_andere_ab() -> None:
    value = geld("1234567").zahl("wert", schritt="Schritt A")
    assert soup(gezeichnet.sentence("{x:mio}", x=value)).text == "1,23\u00a0Mio.\u00a0€"
    for vorlage in ("{x.wert}", "{x[0]}", "{x!r}", "{}", "{y}"):
        with pytest.raises(UsageError):
            gezeichnet.sentence(vorlage, x=value)
    assert soup(gezeichnet.sentence("{{a}} {x:teur}", x=value)).text == "{a} 1.235\u00a0T€"


def hilfen(jetzt: int | None, damals: int | None, gegen: str = "Vorjahr") -> Kachel:
    """Return a count beside that of a year ago; a small one is hidden."""
    tuer = Freigabe.open("leitung")
    frames = [pd.DataFrame({"wert": [v]}, dtype=object) for v in (jetzt, damals)]
    now, then = (tuer.release(f, je=(), anzahl="wert", kennzahl=catalogue.kennzahl("H01"),
                              merkmal=f"H01 {n}").zahl() for n, f in enumerate(frames))  # fmt: skip
    return Kachel(None, now, (Vorjahreszahl(gegen, (), then),), "")


@pytest.mark.parametrize(
    ("kachel", "kopf"),
    [
        pytest.param(hilfen(612, 585), "612 Hilfen laufen, 27 mehr als im Vorjahr.", id="mehr"),
        pytest.param(hilfen(585, 612), "585 Hilfen laufen, 27 weniger als im Vorjahr.",
                     id="weniger"),
        pytest.param(hilfen(612, 612), "612 Hilfen laufen, wie im Vorjahr.", id="gleich viele"),
        pytest.param(hilfen(612, 600, "Vorjahr, vorläufig"),
                     "612 Hilfen laufen, 12 mehr als im Vorjahr (vorläufig).", id="vorläufig"),
        pytest.param(hilfen(612, 2), "612 Hilfen laufen.", id="das Vorjahr ist geheim"),
        pytest.param(hilfen(612, None), "612 Hilfen laufen.", id="kein Vorjahr"),
    ],
)  # fmt: skip
def test_die_schlagzeile_nennt_die_zahl_und_wie_sie_sich_bewegt_hat(kachel, kopf) -> None:
    satz = "{n} laufen{n:seither}."
    assert gesagt(satz, "Es sind {m}.", n=kachel, m=hilfen(20, None)) == (
        kopf,
        "Es sind 20 Hilfen.",
    )


def gesagt(*vorlagen: str, **zahlen: Kachel | None) -> tuple[str, str]:
    """Return the heading of a statement, and what stands below it."""
    said = gezeichnet.statement(*vorlagen, **zahlen)
    head, below = (" ".join(soup(t).text.split()) for t in (said.schlagzeile, said.html))
    return head, below


@pytest.mark.parametrize(
    ("n", "m", "kopf", "darunter"),
    [
        pytest.param(2, 20, "Es sind 20 Hilfen.", "• (geheim gehalten) laufen. Zu tun: mehr.",
                     id="die Leitzahl ist geheim: die nächste"),
        pytest.param(None, 20, "Es sind 20 Hilfen.", "– laufen. Zu tun: mehr.",
                     id="die Leitzahl fehlt: die nächste"),
        pytest.param(2, 2, "Die Leitzahl »Fallzahl« ist geheim gehalten.",
                     "• (geheim gehalten) laufen. Es sind • (geheim gehalten). Zu tun: mehr.",
                     id="beide sind geheim"),
        pytest.param(None, 2, "Zur Leitzahl »Fallzahl« gibt es für diesen Stichtag keinen Wert.",
                     "– laufen. Es sind • (geheim gehalten). Zu tun: mehr.", id="nichts zu zeigen"),
    ],
)  # fmt: skip
def test_ohne_leitzahl_steht_die_naechste_zahl_ueber_der_seite(n, m, kopf, darunter) -> None:
    zahlen = {"n": hilfen(n, 612), "m": hilfen(m, None)}
    assert gesagt("{n} laufen{n:seither}.", "Es sind {m}. Zu tun: mehr.", **zahlen) == (
        kopf, darunter,
    )  # fmt: skip


def test_ein_satz_ueber_viele_sagt_nichts_von_einem() -> None:
    eins = Freigabe.open("intern").release(
        pd.DataFrame({"wert": [1]}, dtype=object), je=(), anzahl="wert",
        kennzahl=catalogue.kennzahl("H01"), merkmal="H01",
    ).zahl()  # fmt: skip
    assert gesagt("{n} laufen.", n=Kachel(None, eins)) == ("Die Leitzahl »Fallzahl« ist 1.", "")


def test_ein_satz_ueber_eine_zahl_die_es_nicht_gibt_entfaellt() -> None:
    assert gezeichnet.statement("{n} laufen.", n=None) is None
    assert gesagt("{n} laufen.", "Es sind {m}.", n=None, m=hilfen(20, None)) == (
        "Es sind 20 Hilfen.", "",
    )  # fmt: skip
    assert gesagt("{n}.", "{m}", n=hilfen(20, None), m=None) == ("20 Hilfen.", "")


def test_kacheln_zeigen_vergleich_und_hoechstens_zwoelf() -> None:
    table = geld("1100", "1000")
    now, then = (table.zahl("wert", schritt=f"Schritt {s}") for s in "AB")
    (item,) = soup(
        gezeichnet.tiles([gezeichnet.tile("Aufwand", now, vergleich=then, format="eur0")])
    ).find_all("li")
    assert item.select_one(".soz-kachel-wert").text == "1.100\u00a0€"
    expected = "+100\u00a0€ gegenüber Vorjahr: 1.000\u00a0€"
    assert item.select_one(".soz-kachel-vergleich").text == expected
    with pytest.raises(UsageError, match="13"):
        gezeichnet.tiles([gezeichnet.tile("x", now)] * 13)


def kacheln(*ids: str) -> list[tuple[str, list[str]]]:
    """Return which tiles are shown for these Kennzahlen, in which size."""
    tuer = Freigabe.open("leitung")
    frame = pd.DataFrame({"wert": [1]})
    given = [tuer.release(frame, je=(), betraege={"wert": None}, kennzahl=catalogue.kennzahl(i),
                          merkmal=i).zahl() for i in ids]  # fmt: skip
    items = soup(gezeichnet.tiles(given)).find_all("li")
    return [(li.select_one(".soz-kachel-titel").text, li["class"][1:]) for li in items]


def test_kacheln_haben_drei_groessen_und_die_leitzahlen_stehen_vorn() -> None:
    """Whatever order a notebook asks in: what the area calls leading comes first, as declared."""
    leading = catalogue.bereich("sozialhilfe").leitzahlen
    others = ("L03", "E04", "E07")
    with page("sozialhilfe"):
        shown = kacheln(*others, *reversed(leading))
    with page("personal"):  # where the same figures lead nothing
        first, _ = kacheln("L03", leading[0])[0]
        assert first == catalogue.kennzahl("L03").kurzname
    names = [catalogue.kennzahl(i).kurzname for i in (*leading, *others)]
    assert [name for name, _ in shown] == names
    assert [size for _, size in shown] == [
        ["soz-kachel-gross"],
        *[[]] * 4,
        *[["soz-kachel-klein"]] * 4,
    ]


def test_wenige_kacheln_bleiben_gross_und_eine_allein_ist_keine_groesse() -> None:
    assert [size for _, size in kacheln("W11")] == [[]]
    assert [size for _, size in kacheln("U02", "U06", "U07")] == [["soz-kachel-gross"], [], []]


def test_kachel_mit_geheimem_vergleich_rechnet_nicht() -> None:
    table = bestand()
    shown = table.zahl("anzahl", sozialraum=BOESE)
    hidden = table.zahl("anzahl", hilfeart="34", sozialraum=BOESE)
    html = gezeichnet.tiles([gezeichnet.tile("Hilfen", shown, vergleich=hidden)]).html
    assert "1.241" not in html
    assert "geheim gehalten" in html


def test_uebersicht_der_kennzahlen() -> None:
    item = catalogue.kennzahl("H01")
    frame = pd.DataFrame(
        {"zaehler": [31], "nenner": [None], "wert": [Decimal(31)], "faelle_zaehler": [31],
         "faelle_nenner": [None]}
    )  # fmt: skip
    werte = Werte(item, (), frame)
    figure = Freigabe.open("leitung").zahl(werte)
    then = Vorjahr(((Vorjahreszahl("Vorjahr", (), figure),),))
    page = soup(gezeichnet.overview([figure], "Kennzahlen", vergleich=then))
    cells = [c.text for c in page.tbody.find_all(["td", "th"])]
    assert cells[:2] == ["H01", item.name]
    assert cells[2].startswith("31")
    assert page.tbody.th["scope"] == "row"


@pytest.mark.parametrize(
    ("genannt", "kopf", "hinweis"),
    [
        pytest.param(["Vorjahr", "Vorjahr"], "Vorjahr", None, id="gleich reif"),
        pytest.param(["Vorjahr, vorläufig"] * 2, "Vorjahr, vorläufig", None, id="keine"),
        pytest.param(["Vorjahr", "Vorjahr, vorläufig"], "Vorjahr", "Vorjahr, vorläufig: H13.",
                     id="die zweite nicht"),
        pytest.param(["Vorjahr, vorläufig", "Vorjahr", "Vorjahr, vorläufig"], "Vorjahr, vorläufig",
                     "Nicht vorläufig: H13.", id="die zweite allein"),
        pytest.param(["Vorjahr", "Vorjahr nicht geliefert"], "Vorjahr",
                     "Vorjahr nicht geliefert: H13.", id="nicht geliefert"),
    ],
)  # fmt: skip
def test_uebersicht_sagt_welche_zahl_des_vorjahres_vorlaeufig_ist(genannt, kopf, hinweis) -> None:
    frame = pd.DataFrame({"zaehler": [31], "nenner": [None], "wert": [Decimal(31)],
                          "faelle_zaehler": [31], "faelle_nenner": [None]})  # fmt: skip
    ids = ("H01", "H13", "H10")[: len(genannt)]
    freigabe = Freigabe.open("intern")
    figures = [freigabe.zahl(Werte(catalogue.kennzahl(i), (), frame)) for i in ids]
    told = [Vorjahreszahl(g, (), None if "nicht" in g else f)
            for g, f in zip(genannt, figures, strict=True)]  # fmt: skip
    then = Vorjahr(tuple((t,) for t in told))
    page = soup(gezeichnet.overview(figures, "Kennzahlen", vergleich=then))
    assert page.thead.find_all("th")[-1].text == kopf
    below = page.text.partition(figures[-1].name)[2]
    assert (hinweis in below) if hinweis else "vorläufig" not in below


def test_das_vorjahr_waehlt_kein_notebook() -> None:
    with pytest.raises(UsageError, match=r"von einer Stelle"):
        compared([], [])  # type: ignore[arg-type]


# --- what stands beside the figures ---------------------------------------------------------------


def test_steckbrief_zeigt_alle_felder() -> None:
    output = gezeichnet.steckbriefe(["H01", "H13"], edition="leitung")
    page = soup(output)
    assert len(page.find_all("details")) == 2
    item = catalogue.kennzahl("H13")
    text = page.find_all("details")[1].text
    for value in (item.name, item.zaehler_text, item.nenner_text, item.formel, item.zweck,
                  item.fallstricke, item.quelle_definition, item.rechtsgrundlage):  # fmt: skip
        assert value in text
    from sozcontrol.present.steckbrief import FELDER

    computing = {
        "id",
        "name",
        "gruppe",
        "richtung_mit_kontext",
        "haushaltswirkung",
        "zaehler",
        "nenner",
        "faktor",
    }
    assert set(type(item).model_fields) - set(FELDER) <= computing


def test_steckbrief_sagt_wo_die_richtung_allein_nicht_genuegt() -> None:
    assert catalogue.kennzahl("H25").richtung_mit_kontext
    page = soup(gezeichnet.steckbriefe(["H25"], edition="leitung"))
    shown = {t.text: t.find_next_sibling("dd").text for t in page.find_all("dt")}
    assert shown["Richtung"] == "höher ist besser, im Zusammenhang zu lesen"
    assert "gültig bis" not in shown


class _Lieferung:
    """A delivery of which nothing but its log is read."""

    datenstand = date(2025, 7, 15)

    def __init__(self, log: pa.Table) -> None:
        self.log = log

    def __getitem__(self, name: str) -> Any:
        assert name == "lieferung"
        return SimpleNamespace(to_pyarrow=lambda: self.log)


def test_herkunft_nennt_lieferung_und_keine_zeilenzahlen() -> None:
    row = {"dateiname": "faelle.csv", "lieferant": "Jugendamt", "sha256": "ab" * 32,
           "datenstand": date(2025, 7, 15), "zeilen_daten": 4711}  # fmt: skip
    log = pa.Table.from_pylist([{**row, "tabelle": t} for t in ("fall", "person", "budget")])
    page = soup(gezeichnet.origin(delivered(_Lieferung(log), ["fall", "person"])))
    assert len(page.tbody.find_all("tr")) == 1
    text = page.tbody.text
    assert "abababababab" in text
    assert "ab" * 7 not in text
    assert "15.07.2025" in text
    assert "4711" not in text
    assert catalogue.tabelle("budget").bezeichnung not in text


def kommentar(projekt: Projekt, tag: date | str, bereich: str = "monitoring_jugend") -> Fragment:
    return gezeichnet.commentary(tag, bereich, projekt=projekt, edition="leitung")


def test_fehlender_kommentar_ist_sichtbar(projekt: Projekt) -> None:
    output = kommentar(projekt, "2024-02-29")
    assert "Kommentar des Fachamts fehlt" in soup(output).text


@pytest.mark.parametrize(
    ("edition", "pfad"),
    [
        ("intern", True),
        ("controlling", True),
        ("leitung", False),
        ("gremium", False),
    ],
)
def test_den_pfad_des_kommentars_erfaehrt_nur_wer_ihn_schreibt(
    projekt: Projekt, edition: str, pfad: bool
) -> None:
    output = gezeichnet.commentary(
        "2024-02-29", "monitoring_jugend", projekt=projekt, edition=edition
    )
    assert ("notebooks/kommentare/2024-02-29/monitoring_jugend.md" in output.html) == pfad


def test_kommentar_wird_gesaeubert(projekt: Projekt) -> None:
    path = projekt.notebooks / "kommentare" / "2024-02-29" / "monitoring_jugend.md"
    path.parent.mkdir(parents=True)
    path.write_text(
        "# Lage\n\nDie Zahl **steigt**, weil\n\n- Zuzug\n\n<script>alert(1)</script>\n\n"
        "![Bild](https://example.org/x.png) [Satzung](https://example.org/) "
        "[x](javascript:alert(1))\n",
        encoding="utf-8",
    )
    page = soup(kommentar(projekt, date(2024, 2, 29)))
    assert not page.find_all(["script", "img", "h1", "h2"])
    assert page.find("strong").text == "Lage"
    assert page.li.text == "Zuzug"
    assert page.a.get("href") == "https://example.org/"
    assert not any("javascript" in (a.get("href") or "") for a in page.find_all("a"))


def test_kommentar_verlaesst_seinen_ordner_nicht(projekt: Projekt) -> None:
    with pytest.raises(UsageError):
        kommentar(projekt, "2024-02-29", "../../README")
    with pytest.raises(ValueError, match="isoformat"):
        kommentar(projekt, "../..")


def test_der_raum_laedt_kein_zeichenwerkzeug() -> None:
    code = (
        "import sys; from sozcontrol.present import *; "
        "print(sorted({'matplotlib', 'seaborn', 'pandas', 'mistune', 'scipy'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("einheit", "geschrieben"), [("", "0,57"), ("€", "0,57\u00a0€"), (None, "0,57\u00a0€")]
)
def test_ein_verhaeltnis_ohne_einheit_ist_kein_betrag(einheit, geschrieben) -> None:
    from sozcontrol.present.beschriftung import mit_einheit

    assert mit_einheit(Decimal("0.571"), einheit, 2, None) == geschrieben
