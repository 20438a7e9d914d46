"""Words and pictures beside hidden figures: each fault is planted, the same without it passes."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pandas as pd
import press_fixtures
import pytest
from test_gegenprobe import MARK, tafel

from sozcontrol import catalogue
from sozcontrol.disclosure import Antrag, entscheiden
from sozcontrol.errors import Exit, NotReleased
from sozcontrol.measures.aufstellungen import Aufstellung
from sozcontrol.present.seitenbild import inline
from sozcontrol.present.zeichnen import Linie, balken, linien
from sozcontrol.press.gegenprobe import bildprobe, gegenprobe, satzprobe
from sozcontrol.press.gegenprobe.blatt import Blatt, tafeln
from sozcontrol.press.lauf.verborgenes import Verborgen, verborgenes

TAG, STAND = date(2025, 6, 30), date(2025, 7, 21)
TITEL = "Bestand je Hilfeart"
ZEILEN = [("SPFH", "•"), ("Heimerziehung", 31), ("Vollzeitpflege", "•"), ("insgesamt", 60)]
SPFH = Verborgen((frozenset({"SPFH"}),), 4, "anzahl")
KOSTEN = Verborgen((frozenset({"SPFH"}),), 41_214.37, "geld")
HEIM = (frozenset({"stationär"}),)
STATIONAER = catalogue.steckbrief("H13b").nenner_text
QUOTE = Verborgen((frozenset({"Abbruchquote", "Abgebrochene Hilfen"}),), 12.5, "wert")


def blatt(html: str) -> Blatt:
    return Blatt("probe", "leitung", TAG, STAND, tafeln(html))


def bild(inhalt: str, alt: str) -> str:
    return f'<svg class="soz-diagramm" role="img" aria-label="{alt}">{inhalt}</svg>'


SEITE = tafel(TITEL, ("Hilfeart", "Bestand"), ZEILEN)


@pytest.mark.parametrize(
    ("text", "verborgen", "nennt"),
    [
        ("<p>In der SPFH laufen 4 Hilfen.</p>", SPFH, True),
        ("<p>In der SPFH laufen vier Hilfen.</p>", SPFH, True),
        ("<h3>SPFH</h3><p>Es laufen 4 Hilfen.</p>", SPFH, True),
        ("<p>In der SPFH laufen 5 Hilfen.</p>", SPFH, False),
        ("<p>In der Heimerziehung laufen 4 Hilfen mehr.</p>", SPFH, False),
        ("<p>Die SPFH wächst. In der Heimerziehung sind es 4.</p>", SPFH, False),
        ("<p>SPFH nach § 4, am 4.6.2025 und in H04 erklärt; 4 Werte geheim.</p>", SPFH, False),
        ("<h3>SPFH</h3><p>Lücken: 4 geheim gehalten.</p>", SPFH, False),
        ("<h1>SPFH</h1><p>Fällig: Operativer Bericht 4</p>", SPFH, False),
        ("<ul><li>SPFH: 41.214 €</li></ul>", KOSTEN, True),
        ("<p>Die SPFH kostet 41 T€.</p>", KOSTEN, True),
        ("<p>Die SPFH kostet 0,0 Mio. €.</p>", KOSTEN, False),
        ("<p>Die SPFH kostet 38 T€.</p>", KOSTEN, False),
        ("<p>Die Abbruchquote liegt bei 12,5 %.</p>", QUOTE, True),
        ("<p>Die Rückführungsquote liegt bei 12,5 %.</p>", QUOTE, False),
        ('<img src="x.png" alt="Balken. SPFH: 4 Hilfen, Heimerziehung: 31.">', SPFH, True),
        ('<img src="x.png" alt="Balken. SPFH: geheim, Heimerziehung: 31.">', SPFH, False),
        ('<svg role="img" aria-label="SPFH von 2 auf 4"><path d="M0 0"/></svg>', SPFH, True),
        ("<svg><title>SPFH 4</title></svg>", SPFH, True),
        ("<svg><text>SPFH <tspan>4</tspan></text></svg>", SPFH, True),
        (bild("<text>SPFH 4</text>", "Bild"), SPFH, True),
        ("<h3>SPFH</h3>" + bild('<g class="ytick"><text>4</text></g>', "Bild"), SPFH, False),
        ("<h3>SPFH</h3>" + bild('<g class="ytick"><text>4 da</text></g>', "Bild"), SPFH, True),
        ("<h3>SPFH</h3>" + bild('<g class="ytick"></g><text>4</text>', "Bild"), SPFH, True),
        ('<span title="SPFH: 4">mehr</span>', SPFH, True),
        (bild("", "SPFH: von 7 auf 9. 1 Werte geheim gehalten. Heim: von 4 auf 5."), SPFH, False),
        (bild("", "Heim: von 7 auf 9. SPFH: von 4 auf 5."), SPFH, True),
        (f"<dl><dt>Nenner</dt><dd>{STATIONAER}</dd></dl>", Verborgen(HEIM, 2, "anzahl"), False),
        (f"<p>{STATIONAER}; 2 enden.</p>", Verborgen(HEIM, 2, "anzahl"), True),
    ],
)
def test_ein_satz_oder_ein_wort_zum_bild_nennt_die_gesperrte_zahl(
    text: str, verborgen: Verborgen, nennt: bool
) -> None:
    html = f"<h2>Teil</h2>{text}{SEITE}"
    assert bool(satzprobe.verraten(html, blatt(html), [verborgen])) == nennt


def test_was_die_tafel_von_derselben_sache_offen_zeigt_darf_der_satz_sagen() -> None:
    html = SEITE + tafel("Ende", ("Hilfeart", "beendet"), [("SPFH", 4)]) + "<p>SPFH: 4 beendet.</p>"
    assert satzprobe.verraten(html, blatt(html), [SPFH]) == ()


def ausgabe(html: str, **mehr: object):
    run = press_fixtures.lauf(datenstand=STAND)
    (made, *_) = press_fixtures.ausgaben(run)
    return run, [
        SimpleNamespace(bericht=made.bericht, html=html, mappe=None, csv={}, figuren="", **mehr)
    ]


def geprueft(tmp_path, html: str, *verborgen: Verborgen) -> None:
    run, made = ausgabe(html)
    where = (made[0].bericht.bereich.id, made[0].bericht.edition.id)
    projekt = press_fixtures.bare_project(tmp_path)
    gegenprobe.pruefe(projekt, run, made, {where: verborgen})


@pytest.mark.parametrize(
    ("gut", "schlecht"),
    [
        ("<p>SPFH läuft.</p>", "<p>SPFH: 4.</p>"),
        (
            bild("", "Balken: SPFH geheim gehalten"),
            bild("", "Balken: SPFH 4, Heimerziehung 31"),
        ),
    ],
    ids=["Satz", "Alternativtext"],
)
def test_der_lauf_endet_mit_sieben_und_nennt_die_zahl_nicht(tmp_path, gut, schlecht) -> None:
    geprueft(tmp_path / "gut", f"<h2>Bestand</h2>{gut}{SEITE}", SPFH)
    with pytest.raises(NotReleased) as error:
        geprueft(tmp_path / "schlecht", f"<h2>Bestand</h2>{schlecht}{SEITE}", SPFH)
    assert error.value.exit_code is Exit.DISCLOSURE
    assert "»Bestand« (1)" in str(error.value) and "4" not in str(error.value)


# --- pictures: what is drawn is measured ----------------------------------------------------------

MONATE = [date(2025, m, 28) for m in range(1, 7)]


def linienbild(werte: list[float | None], tabelle: list[object]) -> str:
    svg = linien(MONATE, [Linie("SPFH", tuple(werte)), Linie("Heim", (30,) * 6)], "Hilfen", ())
    rows = [*zip([f"{d:%d.%m.%Y}" for d in MONATE], tabelle, [30] * 6, strict=True)]
    alt = "Liniendiagramm: Verlauf je Hilfeart. 2 Reihen."
    return inline(svg, alt) + tafel("Verlauf je Hilfeart", ("Stichtag", "SPFH", "Heim"), rows)


@pytest.mark.parametrize(
    ("gezeichnet", "zuviel"),
    [([12, 9, None, 14, 15, 18], 0), ([12, 9, 4, 14, 15, 18], 1), ([12, 9, 9, 14, 15, 18], 1)],
    ids=["Lücke", "der Punkt steht da", "so hoch wie sein Nachbar"],
)
def test_eine_linie_hat_keinen_punkt_wo_die_tafel_sperrt(gezeichnet, zuviel) -> None:
    html = linienbild(gezeichnet, [12, 9, "•", 14, 15, 18])
    assert len(bildprobe.zuviel(html, blatt(html))) == zuviel


def balkenbild(werte: tuple[float | None, ...], tabelle: list[object], kopf: str) -> str:
    arten = ("SPFH", "Heimerziehung", "Vollzeitpflege")
    svg = balken(arten, [Linie("Abweichung", werte)], "T€", False)
    rows = [*zip(arten, tabelle, strict=True)]
    alt = "Balkendiagramm: Abweichung je Hilfeart. 3 Gruppen."
    return inline(svg, alt) + tafel("Abweichung je Hilfeart", ("Hilfeart", kopf), rows)


@pytest.mark.parametrize("hoehe", [None, 41.2, -41.2, 7.0])
def test_ein_balken_in_der_hoehe_einer_gesperrten_zahl_haelt_den_lauf_an(tmp_path, hoehe) -> None:
    shown = ["•", "schlechter um 300 T€", "besser um 119 T€"]
    html = balkenbild((hoehe, 300.2, -118.9), shown, "Abweichung")
    if hoehe is None:
        geprueft(tmp_path, html)
        return
    with pytest.raises(NotReleased, match="Bilder") as error:
        geprueft(tmp_path, html)
    assert error.value.exit_code is Exit.DISCLOSURE and "41" not in str(error.value)


@pytest.mark.parametrize(("hoehe", "zuviel"), [(None, 0), (4.0, 1), (7.0, 1)])
def test_ein_balken_kleiner_anzahlen_wird_nicht_in_millionen_gemessen(hoehe, zuviel) -> None:
    """Its foot is 0, which is near any small count if the axis may be in millions."""
    arten, summe = ("SPFH", "Heimerziehung", "Vollzeitpflege"), "insgesamt"
    svg = balken(arten, [Linie("Bestand", (hoehe, 30.0, 12.0))], "Hilfen")
    rows = [*zip((*arten, summe), ("•", 30, 12, 46), strict=True)]
    html = inline(svg, f"Balkendiagramm: {TITEL}.") + tafel(TITEL, ("Hilfeart", "Bestand"), rows)
    assert len(bildprobe.zuviel(html, blatt(html))) == zuviel


@pytest.mark.parametrize(
    "picture",
    [
        lambda alt: bild("", alt),
        lambda alt: f'<img src="data:image/png;base64,AAAA" alt="{alt}">',
    ],
    ids=["ohne Achse", "als Datei"],
)
def test_ein_bild_neben_gesperrten_zahlen_das_sich_nicht_messen_laesst_erscheint_nicht(
    picture,
) -> None:
    html = picture(f"Diagramm: {TITEL}.") + SEITE
    assert bildprobe.zuviel(html, blatt(html)) == (TITEL,)
    offen = html.replace(MARK, "9")
    assert bildprobe.zuviel(offen, blatt(offen)) == ()


# --- what is looked for comes from the decision ---------------------------------------------------


def test_gesucht_wird_was_die_entscheidung_der_edition_verbirgt() -> None:
    rows = [("31", 4, 41_214), ("33", 9, 90_000), ("34", 31, 310_000), ("insgesamt", 44, 441_214)]
    frame = pd.DataFrame(rows, columns=["hilfeart", "n", "ist_eur"]).astype({"n": "Int64"})
    table = Aufstellung(frame, ("hilfeart",), "Probe", ("n",), {"ist_eur": ("n",)})
    asked = Antrag("a/1", "a", table)
    e = entscheiden([asked], ["intern", "leitung", "gremium"])
    said = SimpleNamespace(bereich="a", antraege=[asked])
    found = verborgenes([said], e, ["leitung", "gremium"])
    assert found["a", "leitung"] == ()
    hidden = found["a", "gremium"]
    spfh = {(v.zahl, v.art) for v in hidden if "SPFH" in v.worte[0]}
    assert spfh == {(4.0, "anzahl"), (41_214.0, "geld")}
    assert len(hidden) > len(spfh), "and what is hidden for its sake"


def test_was_dieselbe_sache_in_einer_anderen_tafel_offen_zeigt_darf_gesagt_werden() -> None:
    """Last year's figure may happen to be this year's hidden one; a sentence quotes it."""

    def antrag(id: str, merkmal: str, rows: list[tuple[str, int]]) -> Antrag:
        whole = [*rows, ("insgesamt", sum(n for _, n in rows))]
        frame = pd.DataFrame(whole, columns=["hilfeart", "n"]).astype({"n": "Int64"})
        return Antrag(id, "a", Aufstellung(frame, ("hilfeart",), merkmal, ("n",)))

    heute = antrag("a/1", "Heute", [("31", 4), ("33", 7), ("34", 31)])
    damals = antrag("a/2", "Damals", [("31", 12), ("33", 7), ("34", 30)])

    def gesucht(*antraege: Antrag) -> set[float]:
        e = entscheiden(antraege, ["intern", "gremium"])
        said = SimpleNamespace(bereich="a", antraege=antraege)
        return {v.zahl for v in verborgenes([said], e, ["gremium"])["a", "gremium"]}

    assert gesucht(heute) == {4.0, 7.0}
    assert gesucht(heute, damals) == {4.0}
