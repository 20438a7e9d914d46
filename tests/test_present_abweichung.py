"""The sentence of a deviation: direction in words, shares that make a hundred, no empty place."""

from __future__ import annotations

import re
from decimal import Decimal

import gezeichnet
import pandas as pd
import pytest
import yaml
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from sozcontrol import catalogue
from sozcontrol.catalogue import satztexte
from sozcontrol.disclosure import Freigabe, Released
from sozcontrol.errors import CatalogueError, NotReleased, UsageError
from sozcontrol.measures import INSGESAMT
from sozcontrol.present.ansatzabweichung import anteile, driving

D = Decimal
SPALTEN = ("ansatz_eur", "vorjahr_eur", "ausgangslage_eur", "mengeneffekt_eur",
           "struktureffekt_eur", "preiseffekt_eur", "hochrechnung_eur", "abweichung_eur",
           "monate0", "monate1")  # fmt: skip


def zeile(ansatz, vorjahr, menge, struktur, preis, monate=(100, 110)) -> dict:
    """One row whose parts add up; amounts in thousand euro."""
    a, v, m, s, p = (None if x is None else D(x) * 1000 for x in
                     (ansatz, vorjahr, menge, struktur, preis))  # fmt: skip
    h = v + m + s + p
    values = (a, v, a if a is None else v - a, m, s, p, h, a if a is None else h - a)
    return dict(zip(SPALTEN, (*values, *monate), strict=True))


def tafel(**zeilen: dict) -> Released:
    rows = [{"hilfeart": n.removeprefix("h").replace("summe", INSGESAMT), **z, "faelle": 50}
            for n, z in zeilen.items()]  # fmt: skip
    frame = pd.DataFrame(rows).astype({"faelle": "Int64"})
    frame = frame.astype(dict.fromkeys(SPALTEN, "object")).where(frame.notna(), pd.NA)
    return Freigabe.open("leitung").release(
        frame, je="hilfeart", anzahl="faelle", abgeleitet=dict.fromkeys(SPALTEN, ("faelle",))
    )


def saetze(released: Released) -> list[str]:
    page = BeautifulSoup(
        gezeichnet.deviation(released, "Warum", edition="controlling").html, "html.parser"
    )
    return [e.text.replace("\u00a0", " ") for e in page.select("p.soz-satz, .soz-saetze li")]


def ueberschriften(released: Released) -> list[str]:
    page = BeautifulSoup(
        gezeichnet.deviation(released, "Warum", edition="controlling").html, "html.parser"
    )
    return [f.text for f in page.find_all("figcaption")]


def test_der_satz_nennt_richtung_anteile_und_wer_am_meisten_beitraegt() -> None:
    erste = saetze(tafel(
        h34=zeile(1000, 1100, 200, -50, 50), h33=zeile(500, 450, 0, -50, -50, (50, 45)),
        summe=zeile(1500, 1550, 200, -100, 0, (150, 155)),
    ))[0]  # fmt: skip
    assert erste == (
        "Hilfen zur Erziehung insgesamt: Gegenüber dem Ansatz wird der Haushalt "
        "schlechter um 150 T€ (10,0 %). "
        "Schlechter für den Haushalt: mehr belegte Monate (200 T€, 133 %), der Ansatz lag unter "
        "dem Vorjahr (50 T€, 33 %). Besser für den Haushalt: Verschiebung zu "
        "günstigeren Hilfearten (100 T€). Am meisten trägt Heimerziehung bei (300 T€)."
    )


def test_unter_dem_ansatz_traegt_bei_wer_am_weitesten_darunter_liegt() -> None:
    erste = saetze(tafel(
        h34=zeile(1000, 1000, 0, 0, 20), h33=zeile(500, 500, -100, 0, 0),
        summe=zeile(1500, 1500, -100, 0, 20),
    ))[0]  # fmt: skip
    assert "besser um 80 T€ (5,3 %)." in erste
    assert "Schlechter für den Haushalt: höhere Kosten je belegtem Monat (20 T€)." in erste
    assert "Besser für den Haushalt: weniger belegte Monate (100 T€, 125 %)" in erste
    assert erste.endswith("Am meisten trägt Vollzeitpflege bei (100 T€).")


@pytest.mark.parametrize(
    ("reihe", "sagt"),
    [
        pytest.param(
            zeile(100, 100, 0, 0, 0),
            "Heimerziehung: Die Hochrechnung trifft den Ansatz auf tausend Euro genau.",
            id="keine Abweichung",
        ),
        pytest.param(
            zeile(100, 150, 0, -50, 0),
            "Heimerziehung: Die Hochrechnung trifft den Ansatz auf tausend Euro genau. "
            "Schlechter für den Haushalt: der Ansatz lag unter dem Vorjahr (50 T€). "
            "Besser für den Haushalt: Verschiebung zu anderen Hilfearten (50 T€).",
            id="Teile heben einander auf",
        ),
        pytest.param(
            zeile(100, 150, 0, -40, 0),
            "Heimerziehung: Gegenüber dem Ansatz wird der Haushalt "
            "schlechter um 10 T€ (10,0 %). Schlechter für den Haushalt: "
            "der Ansatz lag unter dem Vorjahr (50 T€). Besser für den Haushalt: Verschiebung zu "
            "anderen Hilfearten (40 T€).",
            id="Anteile von 500 % sagten nichts",
        ),
        pytest.param(
            zeile(0, 10, 0, 0, 0),
            "Heimerziehung: Gegenüber dem Ansatz wird der Haushalt "
            "schlechter um 10 T€. Schlechter für den Haushalt: der "
            "Ansatz lag unter dem Vorjahr (10 T€, 100 %).",
            id="Ansatz null",
        ),
        pytest.param(
            zeile(None, 100, 20, 0, -5),
            "Heimerziehung: Einen Ansatz gibt es nicht. Die Hochrechnung liegt 15 T€ (15,0 %) über "
            "dem Vorjahr. Schlechter für den Haushalt: insgesamt mehr belegte "
            "Monate (20 T€, 133 %). Besser für den Haushalt: niedrigere Kosten je belegtem "
            "Monat (5 T€).",
            id="kein Ansatz",
        ),
        pytest.param(
            dict.fromkeys(SPALTEN) | {"ansatz_eur": D(100_000), "hochrechnung_eur": D(90_000),
                                      "abweichung_eur": D(-10_000)},
            "Heimerziehung: Gegenüber dem Ansatz wird der Haushalt "
            "besser um 10 T€ (10,0 %). Ein "
            "vollständiges Vorjahr zum Vergleich fehlt; in Menge, Struktur und Preis lässt sich "
            "die Hochrechnung nicht zerlegen.",
            id="kein Vorjahr",
        ),
        pytest.param(
            dict.fromkeys(SPALTEN) | {"ansatz_eur": D(100_000)},
            "Heimerziehung: Eine Hochrechnung gibt es nicht, also auch keine Abweichung.",
            id="keine Hochrechnung",
        ),
        pytest.param(
            zeile(100, 0, 0, 120, 0, (0, 12)),
            "Heimerziehung: Gegenüber dem Ansatz wird der Haushalt "
            "schlechter um 20 T€ (20,0 %). Schlechter für den Haushalt: "
            "Verschiebung zu dieser Hilfeart (120 T€). Besser für den Haushalt: der Ansatz lag "
            "über dem Vorjahr (100 T€). Im Vorjahr gab es sie nicht; ihre Kosten stehen unter "
            "Verschiebung.",
            id="neu",
        ),
        pytest.param(
            zeile(100, 100, 0, 0, 20, (None, None)),
            "Heimerziehung: Gegenüber dem Ansatz wird der Haushalt "
            "schlechter um 20 T€ (20,0 %). Schlechter für den Haushalt: "
            "höhere Kosten je belegtem Monat (20 T€, 100 %). Belegte Monate sind nicht "
            "bekannt; jede Veränderung steht deshalb unter Preis.",
            id="keine Fallzahlen",
        ),
    ],
)  # fmt: skip
def test_jeder_rand_hat_seinen_satz(reihe, sagt) -> None:
    assert sagt in saetze(tafel(h34=reihe, h33=zeile(9, 9, 0, 0, 0), summe=zeile(9, 9, 0, 0, 0)))


CENTS = st.integers(-(10**9), 10**9).map(lambda n: D(n) / 100)


@given(st.lists(CENTS, min_size=1, max_size=5))
def test_einen_anteil_hat_was_in_die_richtung_der_abweichung_wirkt(werte) -> None:
    weg = sum(werte)
    texte = anteile(werte, weg)
    if not any(texte):
        assert abs(weg) < 500 or any(abs(v) > 3 * abs(weg) for v in werte)
        return
    assert [bool(t) for t in texte] == [v * weg > 0 for v in werte]
    ganz = [int(re.fullmatch(r", (\d+)\u00a0%", t)[1]) for t in texte if t]
    if all(v * weg >= 0 for v in werte):
        assert sum(ganz) == 100
    genau = [v / weg * 100 for v in werte if v * weg > 0]
    assert all(abs(g - x) < 1 for g, x in zip(genau, ganz, strict=True))


def test_eine_hilfeart_ohne_ansatz_loescht_nicht_den_der_anderen() -> None:
    found = tafel(
        h34=zeile(1000, 1100, 20, 0, 0), h33=zeile(None, 500, 10, 0, 0),
        h32=zeile(None, 500, 0, 0, 0), summe=zeile(None, 2100, 30, 0, 0),
    )  # fmt: skip
    assert saetze(found)[0] == (
        "Hilfen zur Erziehung insgesamt: Nicht jede Hilfeart hat einen Ansatz (ohne: "
        "Vollzeitpflege, Tagesgruppe). Die Hochrechnung liegt 30 T€ (1,4 %) über dem Vorjahr. "
        "Schlechter für den Haushalt: mehr belegte Monate (30 T€, 100 %)."
    )
    assert ueberschriften(found) == [
        "Hilfen zur Erziehung insgesamt: vom Vorjahr zur Hochrechnung",
        "Heimerziehung: vom Ansatz zur Hochrechnung",
    ]


def test_hat_keine_einen_ansatz_gibt_es_keinen() -> None:
    ohne = zeile(None, 500, 10, 0, 0)
    assert (
        "insgesamt: Einen Ansatz gibt es nicht." in saetze(tafel(h34=ohne, h33=ohne, summe=ohne))[0]
    )


@pytest.mark.parametrize(
    ("reihe", "bild"),
    [
        pytest.param(zeile(100, 110, 10, 0, 0), "Warum", id="mit Ansatz"),
        pytest.param(zeile(None, 110, 10, 0, 0), "Heimerziehung: vom Vorjahr zur Hochrechnung",
                     id="ohne Ansatz"),
    ],
)  # fmt: skip
def test_eine_einzige_hilfeart_wird_einmal_erzaehlt(reihe, bild) -> None:
    found = tafel(h34=reihe, summe=reihe)
    (satz,) = saetze(found)
    assert satz.startswith("Heimerziehung: ") and "Am meisten" not in satz
    assert ueberschriften(found) == [bild]


@given(st.lists(CENTS, min_size=1, max_size=5))
def test_jede_spuerbare_ursache_steht_einmal_auf_ihrer_seite(werte) -> None:
    told = driving([(f"U{'abcde'[i]}", v) for i, v in enumerate(werte)], sum(werte))
    text = " ".join(told)
    for i, v in enumerate(werte):
        assert text.count(f"U{'abcde'[i]} (") == (abs(v) >= 500)
    for satz in told:
        sides = {werte["abcde".index(u)] > 0 for u in re.findall(r"U([a-e]) \(\d", satz)}
        assert sides == {satz.startswith("Schlechter für den Haushalt: ")}


def test_die_groessten_abweichungen_haben_ein_bild_und_alle_stehen_in_der_tabelle() -> None:
    arten = {f"h{n}": zeile(100, 100 + i, 5, -2, i) for i, n in enumerate(("31", "32", "33", "34"))}
    page = BeautifulSoup(
        gezeichnet.deviation(
            tafel(**arten, summe=zeile(400, 406, 20, -8, 6)), "Warum", edition="controlling"
        ).html,
        "html.parser",
    )
    titel = [f.text for f in page.find_all("figcaption")]
    assert titel == ["Warum", *(f"{n}: vom Ansatz zur Hochrechnung" for n in
                                ("Heimerziehung", "Vollzeitpflege", "Tagesgruppe"))]  # fmt: skip
    assert len(page.select("table")[-1].select("tbody tr")) == 5
    assert "Ausgangslage: schlechter um 6" in page.svg["aria-label"]


def test_ohne_freigabe_keine_abweichung() -> None:
    with pytest.raises(NotReleased):
        gezeichnet.deviation(pd.DataFrame(), "Warum", edition="leitung")


def test_auch_die_veraenderung_gegen_das_vorjahr_steht_in_worten_und_warnt() -> None:
    frame = pd.DataFrame({
        "schritt": ["2024", "Menge", "Struktur", "Preis", "2025"],
        "betrag_eur": [D(x) * 1000 for x in (8000, 500, 100, -97, 8503)],
    })  # fmt: skip
    steps = Freigabe.open("leitung").release(frame, je="schritt", betraege={"betrag_eur": None})
    drawn = gezeichnet.decomposition(steps, "Warum", je="hilfeart")
    page = BeautifulSoup(drawn.html, "html.parser")
    text = page.text.replace("\u00a0", " ")
    assert "Besser für den Haushalt: je belegtem Monat weniger gebucht (97 T€)." in text
    assert "mehr belegte Monate (500 T€, 99 %), Verschiebung zu teureren Hilfearten (100 T€" in text
    assert (
        "später als im vorigen, ist je belegtem Monat weniger gebucht, ohne dass er billiger wäre."
        in text
    )


# ---- the words are those of the breakdown -------------------------------------------------------
STUFENTEXTE = {
    "dimension": "altersstufe", "insgesamt": "Vorschuss insgesamt", "je": "je Altersstufe",
    "nicht_jede": "Nicht jede Altersstufe", "der_teile": "der Altersstufen",
    "von_gezeigten": "Von den gezeigten Altersstufen", "weniger": "weniger Kinder",
    "leistungen": "bewilligte Monate", "ohne_menge": "Ohne Monate.", "neu": "Neu.",
    "menge": {"mehr": "mehr Kinder", "weniger": "weniger Kinder"},
    "preis": {"mehr": "höherer Satz", "weniger": "niedrigerer Satz"},
    "preis_gezaehlt": {"mehr": "höherer Satz", "weniger": "niedrigerer Satz"},
    "struktur": {"mehr": "ältere Kinder", "weniger": "jüngere Kinder"},
    "struktur_eines": {"mehr": "hinzu", "weniger": "fort"}, "gleicher_stand": "Gleicher Stand.",
}  # fmt: skip


@pytest.fixture
def altersstufe(tmp_path, monkeypatch):
    """Let the catalogue know the words of another breakdown, and of no other."""
    (tmp_path / "texte").mkdir()
    file = tmp_path / "texte" / "altersstufe.yml"
    file.write_text(yaml.safe_dump(STUFENTEXTE, allow_unicode=True), encoding="utf-8")
    monkeypatch.setattr(satztexte, "HERE", tmp_path)
    satztexte.gliederungstexte.cache_clear()
    yield file
    monkeypatch.undo()
    satztexte.gliederungstexte.cache_clear()


def test_saetze_einer_anderen_gliederung_sprechen_ihre_worte(altersstufe) -> None:
    rows = [{"altersstufe": n, **z, "faelle": 50} for n, z in (
        ("0–5", zeile(500, 510, 30, 5, -20)), ("6–11", zeile(300, 280, -10, -5, 15)),
        (INSGESAMT, zeile(800, 790, 20, 0, -5)))]  # fmt: skip
    frame = pd.DataFrame(rows).astype({"faelle": "Int64"})
    released = Freigabe.open("leitung").release(
        frame, je="altersstufe", anzahl="faelle", abgeleitet=dict.fromkeys(SPALTEN, ("faelle",))
    )
    text = BeautifulSoup(
        gezeichnet.deviation(released, "Warum", edition="controlling").html, "html.parser"
    ).text
    told = ("Vorschuss insgesamt:", "0–5 Jahre:", "mehr Kinder", "insgesamt weniger Kinder",
            "niedrigerer Satz", "hinzu", "Warum, je Altersstufe")  # fmt: skip
    assert [t for t in told if t not in text] == []
    assert re.findall(r"\w*[Hh]ilfe\w*", text) == []


def test_ohne_worte_ihrer_gliederung_gibt_es_keine_saetze(altersstufe) -> None:
    with pytest.raises(UsageError, match="altersstufe"):
        catalogue.texte("altersstufen")
    with pytest.raises(UsageError, match="hilfeart"):
        gezeichnet.deviation(tafel(h34=zeile(1, 1, 0, 0, 0)), "Warum", edition="leitung")


@pytest.mark.parametrize("eintrag", sorted(STUFENTEXTE))
def test_fehlende_worte_nennt_der_katalog_beim_beweis(altersstufe, eintrag: str) -> None:
    rest = {k: v for k, v in STUFENTEXTE.items() if k != eintrag}
    altersstufe.write_text(yaml.safe_dump(rest, allow_unicode=True), encoding="utf-8")
    with pytest.raises(CatalogueError, match=eintrag):
        catalogue.prove()
