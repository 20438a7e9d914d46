"""The back-test of a city at the terminal: it says what the report says, and by which threshold."""

from __future__ import annotations

import re
from contextlib import nullcontext
from decimal import Decimal
from types import SimpleNamespace

import pytest
from hauptbuch import Lieferung, ansatz, lieferung, monatlich, musterstadt

from sozcontrol import catalogue
from sozcontrol.catalogue.bericht import Schwelle
from sozcontrol.errors import DeliveryMissing
from sozcontrol.forecast.datei import Dateibericht, Stand, render
from sozcontrol.forecast.prognose.alarm import Alarme
from sozcontrol.hochrechnung import tafeln
from sozcontrol.hochrechnung.prognosestand import backtest_city

JAHRE = range(2021, 2026)
PANELS = [("produktgruppe", "aufwand"), ("produktgruppe", "ertrag"), ("hilfeart", "aufwand")]


@pytest.fixture(scope="module")
def stadt() -> Lieferung:
    return musterstadt()


@pytest.fixture(scope="module")
def berichte(stadt) -> dict[tuple[str, str], Dateibericht]:
    found = backtest_city(stadt)
    assert found.ohne == ()
    return dict(zip(PANELS, found.berichte, strict=True))


def zum(bericht: Dateibericht, periode: int) -> Stand:
    return next(s for s in bericht.staende if s.periode == periode)


def gezaehlt(alarme: Alarme) -> list[int]:
    return [alarme.richtig, alarme.falsch, alarme.verpasst]


@pytest.mark.parametrize("panel", PANELS)
def test_terminal_und_bericht_zaehlen_dieselben_alarme(stadt, berichte, panel) -> None:
    ebene, seite = panel
    worte = tafeln.prognosezeugnis(stadt, ebene, seite=seite).frame["alarme"]
    genannt = [{wort: int(n) for n, wort in re.findall(r"(\d+) (\w+)", text)} for text in worte]
    im_bericht = [[g.get(w, 0) for w in ("richtig", "falsch", "verpasst")] for g in genannt]
    am_terminal = zum(berichte[panel], 6).zeugnis.alarme
    assert gezaehlt(am_terminal) == [sum(column) for column in zip(*im_bericht, strict=True)]
    assert sum(gezaehlt(am_terminal)) > 0


def test_die_stadt_nennt_stichtage_und_ihre_summe(berichte) -> None:
    text = render(berichte["produktgruppe", "ertrag"])
    assert "\n9 Reihen und ihre Summe, 180 Prognosen, davon 150 mit bekanntem Ergebnis\n" in text
    ends = re.findall(r"^(Zum .*): \d+ Vergleichsfälle$", text, re.MULTILINE)
    assert ends == [
        "Zum 30.04. (Ende des 4. Monats)",
        "Zum 30.06. (Ende des 6. Monats)",
        "Zum 31.08. (Ende des 8. Monats)",
    ]
    assert "Periode" not in text


@pytest.mark.parametrize(
    ("jahre", "faelle", "satz"),
    [(3, "1 Vergleichsfall\n", "Fall"), (4, "2 Vergleichsfälle\n", "Fällen")],
)
def test_am_terminal_ist_ein_jahr_einer_reihe_ein_fall(jahre, faelle, satz) -> None:
    """The present year is not over, and the first has no year before it."""
    daten = lieferung(monatlich(range(2026 - jahre, 2026), 100_000))
    text = render(backtest_city(daten).berichte[0])
    assert "\n1 Reihe, " in text and f": {faelle}" in text
    assert f" {satz} war das Vorjahresergebnis" in text and not re.search("Jahr(en)? war", text)


@pytest.mark.parametrize(
    ("schwelle", "wesentliche", "sagt"),
    [
        pytest.param(Schwelle(), 4, "mehr als 5 % und mehr als 100.000 € über", id="Vorgabe"),
        pytest.param(
            Schwelle(anteil_pct=Decimal("7.5"), betrag_eur=Decimal(50_000)), 4,
            "mehr als 7,5 % und mehr als 50.000 € über", id="eigene",
        ),
        pytest.param(
            Schwelle(anteil_pct=Decimal(5), betrag_eur=Decimal(10**6)), 0,
            "mehr als 5 % und mehr als 1.000.000 € über", id="Betrag verfehlt",
        ),
        pytest.param(
            Schwelle(anteil_pct=Decimal(30), betrag_eur=Decimal(0)), 0,
            "mehr als 30 % über", id="Anteil verfehlt",
        ),
    ],
)  # fmt: skip
def test_gewarnt_wird_ab_der_schwelle_der_kommune_und_sie_steht_dabei(
    schwelle, wesentliche, sagt
) -> None:
    """20 % and 240.000 € over budget in each of four complete years."""
    kommune = dict(catalogue.kommune(catalogue.standard_kommune())) | {"wesentlich": schwelle}
    plaene = [ansatz(j, 1_200_000) for j in JAHRE]
    daten = lieferung(monatlich(JAHRE, 120_000), plaene, kommune=SimpleNamespace(**kommune))
    (bericht,) = backtest_city(daten).berichte
    for stand in bericht.staende:
        alarme = stand.zeugnis.alarme
        assert alarme.richtig + alarme.verpasst == wesentliche
    assert f"Wesentlich: {sagt} dem Ansatz\n" in render(bericht)


@pytest.mark.parametrize(
    ("monat", "wesentliche"),
    [pytest.param(80_000, 4, id="Minderertrag"), pytest.param(120_000, 0, id="Mehrertrag")],
)
def test_bei_ertraegen_warnt_am_terminal_der_ausfall(monat, wesentliche) -> None:
    plaene = [ansatz(j, 1_200_000, konto="E") for j in JAHRE]
    found = backtest_city(lieferung(monatlich(JAHRE, monat, konto="E"), plaene))
    (bericht,) = found.berichte
    alarme = zum(bericht, 6).zeugnis.alarme
    assert bericht.titel.endswith("Erträge je Produktgruppe")
    assert alarme.richtig + alarme.verpasst == wesentliche
    text = render(bericht)
    assert "und mehr als 100.000 € unter dem Ansatz\n" in text
    assert "Wesentlicher Minderertrag: " in text and "Überschreitung" not in text


def test_was_keinen_ruecktest_hat_wird_mit_seinem_grund_genannt() -> None:
    shown = []

    def anzeige(name: str):
        shown.append(name)
        return nullcontext()

    found = backtest_city(lieferung(monatlich(JAHRE, 100_000)), anzeige=anzeige)
    assert len(found.berichte) == 1
    assert found.ohne == (
        "Erträge je Produktgruppe: kein Rücktest. "
        "Bis zum Stichtag ist auf Konten der sozialen Sicherung nichts gebucht.",
        "Bruttokosten der Hilfen zur Erziehung je Hilfeart: kein Rücktest."
        " Die Tabelle »zahlung« fehlt.",
    )
    assert shown == ["Aufwand je Produktgruppe", "Erträge je Produktgruppe"]


def test_ohne_jeden_ruecktest_fehlt_die_lieferung() -> None:
    with pytest.raises(DeliveryMissing, match="nichts zu messen"):
        backtest_city(lieferung(monatlich([2025], 100_000)))
