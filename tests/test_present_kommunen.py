"""Comparisons on the page: what the sentence says, what each row must name, points and courses."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import gezeichnet
import pytest
from bs4 import BeautifulSoup

from sozcontrol import catalogue
from sozcontrol.disclosure import Freigabe, Released
from sozcontrol.measures import kommunen
from sozcontrol.present.kommunenbild import amount

RING = ("00001000", "00002000", "00003000", "00004000", "00005000", "00006000")
STICHTAG = date(2025, 6, 30)


def daten(*kennzahlen: tuple[str, str, Decimal], jahre: tuple[int, ...] = (2023, 2024)):
    """Return a delivery: the own value first, the others one step apart from 100 on."""
    rows = [
        {"ags": ags, "fuer_ags": RING[0], "jahr": jahr, "kennzahl_id": kennzahl, "quelle": "ring",
         "definition_id": definition, "wert": own if n == 0 else Decimal(100 + n),
         "zaehler": Decimal(500), "nenner": Decimal(1000), "zeichen": None,
         "vergleichbar": n != 5, "bemerkung": "anderer Zuschnitt" if n == 5 else None}
        for kennzahl, definition, own in kennzahlen
        for jahr in jahre
        for n, ags in enumerate(RING)
    ]  # fmt: skip
    table = SimpleNamespace(to_pyarrow=lambda: SimpleNamespace(to_pylist=lambda: rows))

    class Lieferung(SimpleNamespace):
        def __getitem__(self, name: str) -> object:
            return table

    return Lieferung(stichtag=STICHTAG, datenstand=STICHTAG, tabellen=("vergleichswert",))


HEIM = ("H18", "ring-sgb8-2021", Decimal(150))
PFLEGE = ("H13", "ring-sgb8-2021", Decimal(150))
DICHTE = ("H11", "ring-sgb8-2021", Decimal(150))


def frei(tafel: object) -> Released:
    return Freigabe.open("gremium").aufstellung(tafel)


def text(html: str) -> str:
    return " ".join(BeautifulSoup(html, "html.parser").get_text(" ").replace("\u00a0", " ").split())


def test_der_satz_nennt_wo_wir_schlechter_und_besser_sind_und_um_wie_viel() -> None:
    drawn = gezeichnet.standing(frei(kommunen.uebersicht(daten(HEIM, PFLEGE, DICHTE))), "Vergleich")
    said = text(drawn.html)
    assert said.startswith(
        "Ungünstiger als der Median liegen wir bei: Kosten eines Heimplatzes im Monat (am Median "
        "47 T€ weniger). Günstiger als der Median liegen wir bei: Anteil Pflegefamilien an §§ 33 "
        "und 34 (am Median 470 Hilfen weniger)."
    )
    assert "Ambulante Hilfen" not in said.partition("Wir neben")[0][:230]


def test_jede_zeile_nennt_jahr_quelle_definition_und_wie_viele_vergleichbar_sind() -> None:
    drawn = gezeichnet.standing(frei(kommunen.uebersicht(daten(HEIM, DICHTE))), "Vergleich")
    rows = BeautifulSoup(drawn.html, "html.parser").select("tbody tr")
    assert len(rows) == 2
    for row in rows:
        said = text(str(row))
        for part in ("2024", "Vergleichsring", "Definition ring-sgb8-2021",
                     "5 von 6 vergleichbar", "Wirtschaftliche Jugendhilfe"):  # fmt: skip
            assert part in said
    first, last = (text(str(row)) for row in rows)
    assert "101 (Altenau)" in first and "5 von 5" in first and "▲ ungünstiger" in first
    assert "1 von 5" in last and "ohne Wertung" in last and "(" not in last.partition("zum")[0][80:]


def test_ein_feld_ohne_eigenen_wert_wird_genannt() -> None:
    said = text(gezeichnet.standing(frei(kommunen.uebersicht(daten(HEIM))), "Vergleich").html)
    gone = said.partition("Ohne Vergleich, weil kein eigener Wert vorliegt: ")[2]
    assert gone.startswith("Hilfe zur Pflege, Eingliederungshilfe, Unterhaltsvorschuss, ")
    assert "Jugendhilfe" not in gone.partition(".")[0]


@pytest.mark.parametrize(
    ("unterschied", "zaehlt", "worte"),
    [
        (Decimal(80_181), "€", "80 T€ weniger"),
        (Decimal(-9_400), "€", "9.400 € mehr"),
        (Decimal("-38.4"), "Kinder", "38 Kinder mehr"),
        (Decimal("0.4"), "Kinder", "gleich viel"),
        (None, "Kinder", None),
    ],
)
def test_der_unterschied_steht_in_worten(unterschied, zaehlt: str, worte: str | None) -> None:
    said = amount({"unterschied": unterschied, "zaehlt": zaehlt})
    assert (said and said.replace("\u00a0", " ")) == worte


def test_jede_kommune_ist_ein_punkt_oder_hat_einen_grund() -> None:
    drawn = gezeichnet.points(frei(kommunen.punkte(daten(HEIM))), "Alle")
    soup = BeautifulSoup(drawn.html, "html.parser")
    assert soup.svg["aria-label"] == (
        "Punktdiagramm: Alle, Abstand zum Median in Prozent. Kosten eines Heimplatzes im Monat "
        "(2024): wir 45,6\u00a0%, die anderen −1,9\u00a0% bis 1,0\u00a0%."
    )
    cells = [text(str(c)) for c in soup.select("tbody tr td")]
    assert cells == ["150", "101", "102", "103", "104", "laut Quelle nicht vergleichbar"]


def test_ohne_genug_werte_kein_bild_aber_die_werte() -> None:
    rows = daten(HEIM)["x"].to_pyarrow().to_pylist()
    few = daten(HEIM)
    few["x"].to_pyarrow().to_pylist()[:] = [z for z in rows if z["ags"] in RING[:2]]
    drawn = gezeichnet.points(frei(kommunen.punkte(few)), "Alle")
    assert "kein Bild" in drawn.text and "<svg" not in drawn.html
    assert "nicht geliefert" in drawn.html


def test_ein_verlauf_ist_ein_bild_mit_quelle_und_luecken() -> None:
    drawn = gezeichnet.courses(frei(kommunen.verlauf(daten(HEIM, DICHTE))), "Jahre")
    soup = BeautifulSoup(drawn.html, "html.parser")
    assert len(soup.select("svg")) == 2
    assert "Quelle: Vergleichsring, Definition ring-sgb8-2021." in text(drawn.html)
    assert "2023 bis 2024" in soup.svg["aria-label"]
    row = [text(str(c)) for c in soup.select("tbody tr")[5].find_all("td")]
    assert row == ["– nichts vorhanden"] * 2


def test_ein_einziges_jahr_ist_kein_verlauf() -> None:
    drawn = gezeichnet.courses(frei(kommunen.verlauf(daten(HEIM, jahre=(2024,)))), "Jahre")
    assert "keinen Vergleich über mehrere Jahre" in drawn.html and "<svg" not in drawn.html


def test_was_weit_entfernt_liegt_steht_als_pfeil_am_rand() -> None:
    far = ("H18", "ring-sgb8-2021", Decimal(900))
    near, away = (
        gezeichnet.points(frei(kommunen.punkte(daten(one))), "Alle") for one in (HEIM, far)
    )
    assert "Ein Pfeil am Rand" in away.html and "Ein Pfeil am Rand" not in near.html
    assert "wir 773,8\u00a0%" in away.text  # 900 against a median of 103


def test_die_eigene_kommune_kommt_zuerst() -> None:
    own = [z | {"fuer_ags": RING[3]} for z in daten(HEIM)["x"].to_pyarrow().to_pylist()]
    ring = kommunen.Werte(own, STICHTAG).ring()
    assert ring == [RING[3], RING[0], RING[1], RING[2], RING[4], RING[5]]
    assert set(ring) < set(catalogue.codeliste("vergleichskommune").gueltig)
