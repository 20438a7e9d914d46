"""F05–F08 and F18: forecast indicators answer like counted ones, and only when they may."""

from __future__ import annotations

import json
import re
from contextlib import nullcontext
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from conftest import Stadt, call, call_at_terminal
from zweitrechnung import Dateien

from sozcontrol import catalogue, measures, store
from sozcontrol.disclosure import Freigabe
from sozcontrol.errors import UsageError
from sozcontrol.hochrechnung.prognosekennzahlen import (
    explain,
    fehlende,
    kennzahlen,
    zurueckgestellt,
)
from sozcontrol.hochrechnung.prognosestand import backtest_city, prognosestand
from sozcontrol.projekt import Projekt

STICHTAG = date(2025, 6, 30)


@pytest.fixture(scope="module")
def projekt(eingelesen: Stadt, tmp_path_factory: pytest.TempPathFactory) -> Projekt:
    return eingelesen.kopie(tmp_path_factory.mktemp("prognosekennzahlen")).projekt


@pytest.fixture(scope="module")
def daten(projekt: Projekt):
    opened = store.open_data("2025-06-30", projekt=projekt)
    yield opened
    opened.con.disconnect()


def zahl(daten, id_: str, spalte: str = "wert") -> Decimal:
    return kennzahlen(daten, [id_])[0].frame[spalte].iloc[0]


def test_gezaehlt_oder_geschaetzt_in_der_reihenfolge_der_frage(daten) -> None:
    asked = ["F18", "F01", "F05", "H01", "F06"]
    assert [w.kennzahl.id for w in kennzahlen(daten, asked)] == asked


def test_die_abweichung_ist_hochrechnung_minus_ansatz(daten) -> None:
    ansatz = measures.kennzahl(daten, "F01").frame["wert"].iloc[0]
    assert zahl(daten, "F06", "zaehler") == zahl(daten, "F05") - ansatz
    assert zahl(daten, "F06") == pytest.approx((zahl(daten, "F05") / ansatz - 1) * 100)


def test_fehler_und_guete_stammen_aus_den_frueheren_jahren(daten) -> None:
    faelle = prognosestand(daten).summe.zeugnis.faelle
    letzter = next(f for f in faelle if f.jahr == 2024)
    fehler = (letzter.prognose - letzter.ergebnis) / letzter.ergebnis
    assert float(zahl(daten, "F07")) == pytest.approx(100 * fehler, abs=1e-6)
    for id_, basis in (("F08", "ansatz"), ("F08b", "vorjahr")):
        mit = [f for f in faelle if getattr(f, basis) is not None]
        eigen = sum(abs(f.prognose - f.ergebnis) for f in mit)
        fremd = sum(abs(getattr(f, basis) - f.ergebnis) for f in mit)
        assert float(zahl(daten, id_)) == pytest.approx(1 - eigen / fremd, abs=1e-6)


def test_ergebnis_ansatz_und_vorjahr_des_zeugnisses_stehen_so_in_den_dateien(
    projekt: Projekt, daten
) -> None:
    """All that F06, F07 and F08 measure a forecast by; last year counts without one-off amounts."""
    (ordner,) = (projekt.raw / "2025-06-30").iterdir()
    roh, faelle = Dateien(ordner, STICHTAG), prognosestand(daten).summe.zeugnis.faelle
    assert [f.jahr for f in faelle] == [2020, 2021, 2022, 2023, 2024]
    for f in faelle:
        assert f.ergebnis == pytest.approx(float(roh.ist(f.jahr, "aufwand").sum()))
        plan = roh.ansatz(f.jahr, "aufwand", STICHTAG.replace(year=f.jahr))
        assert f.ansatz == pytest.approx(float(plan.sum()))
        davor = float(roh.ist(f.jahr - 1, "aufwand").sum()) or None
        assert f.vorjahr == (davor and pytest.approx(davor, rel=1e-4))
    assert zahl(daten, "F06", "nenner") == roh.ansatz(2025, "aufwand", STICHTAG).sum()


@pytest.mark.parametrize(("id_", "je"), [("F05", "produktgruppe"), ("F18", "hilfeart")])
def test_die_teile_ergeben_die_summe(daten, id_: str, je: str) -> None:
    frame = kennzahlen(daten, [id_], je=[je])[0].frame
    ganz = frame[je] == measures.INSGESAMT
    assert frame[~ganz]["wert"].sum() == frame[ganz]["wert"].iloc[0] == zahl(daten, id_)
    assert len(frame) > 8


def test_kosten_je_hilfeart_tragen_ihre_hilfen_und_gehen_durch_die_tuer(daten) -> None:
    werte = kennzahlen(daten, ["F18"], je=["hilfeart"])[0]
    assert (werte.frame["faelle_zaehler"] > 0).all()
    assert len(Freigabe.open("leitung").kennzahl(werte)) == len(werte.frame)


def test_eine_unbekannte_gliederung_ist_ein_fehler(daten) -> None:
    with pytest.raises(UsageError, match="F05 lässt sich nicht nach »hilfeart«"):
        kennzahlen(daten, ["F05"], je=["hilfeart"])


def test_zu_frueh_wird_nichts_gesagt_ausser_was_noch_offen_ist() -> None:
    alle = list(catalogue.steckbriefe())
    frueh = zurueckgestellt(alle, date(2025, 4, 30), "leitung")
    assert set(frueh) == {"F05", "F06", "F07", "F08", "F08b"}
    assert zurueckgestellt(alle, date(2025, 4, 30), "controlling") == ()
    assert zurueckgestellt(alle, date(2025, 6, 30), "gremium") == ()


def test_ohne_buchhaltung_fehlt_die_hochrechnung_nicht_der_rueckstand(daten) -> None:
    class OhneBuchung:
        tabellen = tuple(t for t in daten.tabellen if t != "buchung")

        def hat(self, *names: str) -> bool:
            return set(names) <= set(self.tabellen)

        def __getitem__(self, name: str) -> Any:
            return daten[name]

        def __getattr__(self, name: str) -> Any:
            return getattr(daten, name)

    assert fehlende(OhneBuchung(), ["F05", "F18", "H01"]) == {"F05": ("buchung",)}


def test_die_herleitung_nennt_verfahren_spanne_und_zeugnis(daten) -> None:
    found = dict(explain(daten, "F05").saetze)
    assert list(found) == ["Verfahren", "Spanne", "Zeugnis"]
    assert "von 5 Jahren war der Ansatz näher" in found["Zeugnis"]
    assert {d["tabelle"] for d in explain(daten, "F05").lieferungen} >= {"buchung", "budget"}
    assert explain(daten, "H01").sql


def test_die_liste_nennt_auch_die_hochrechnung(projekt: Projekt, daten) -> None:
    wanted = ("--stichtag", "2025-06-30", "--edition", "intern", "--format", "json")
    done = call(projekt, "kennzahlen", *wanted)
    rows = {r["id"]: r for r in json.loads(done.stdout)["kennzahlen"]}
    assert rows["F05"]["wert"] == round(float(zahl(daten, "F05")))
    assert rows["F06"]["nenner"] is not None and rows["F05"]["nenner"] is None


def test_der_ruecktest_der_stadt_vergleicht_alle_jahre_zu_drei_stichtagen(daten) -> None:
    calls: dict[str, list[tuple[int, int]]] = {}

    def anzeige(name: str):
        calls[name] = []
        return nullcontext(lambda *x: calls[name].append(x))

    berichte = backtest_city(daten, anzeige=anzeige).berichte
    assert len(calls) == len(berichte) == 3
    assert all(told[-1][0] == told[-1][1] for told in calls.values())
    for bericht in berichte:
        assert [s.periode for s in bericht.staende] == [4, 6, 8]
        for stand in bericht.staende:
            found = {v.name: v for v in stand.vergleich}
            assert found["gewählt"].wape < min(found["linear"].wape, found["Vorjahr"].wape)


@pytest.mark.thorough
def test_der_ruecktest_der_stadt_geht_auch_am_terminal(projekt: Projekt) -> None:
    done = call_at_terminal(
        projekt, "backtest", XDG_CONFIG_HOME=str(projekt.root.parent / "config")
    )
    assert done.exit_code == 0, done.stderr
    panels = re.findall(r"^Rücktest Musterstadt, (.*)$", done.stdout, re.MULTILINE)
    assert len(panels) == 3 and all(f"✓ {panel} " in done.stderr for panel in panels)
    assert re.search(r"Prognose \d+ von \d+", done.stderr)


def test_eine_datei_braucht_kein_projekt_aber_ein_profil(projekt: Projekt) -> None:
    done = call(projekt, "backtest", "--daten", "x.csv")
    assert done.exit_code == 2 and "plan_ist" in done.stderr
