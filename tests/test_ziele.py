"""Goals: states at their boundaries, the linter's letters, and W08 from the raw file."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from monatsdateien import abweichungen, liefere, roh

from sozcontrol import catalogue, measures
from sozcontrol.catalogue.ziel import Ziel
from sozcontrol.catalogue.zielbeschluss import (
    Zielbeschluss,
    ZielbeschlussFehler,
    beschlossen,
    lesen,
)
from sozcontrol.demo.zielvereinbarungen import OHNE_STELLE, OHNE_TERMIN, ziele
from sozcontrol.disclosure import GEHEIM
from sozcontrol.errors import NotReleased
from sozcontrol.present.handlungsbedarf import behind
from sozcontrol.present.zielstand import GESPERRT, _headline, judged, sign, summary
from sozcontrol.press.lauf import zielpruefung
from sozcontrol.press.lauf.progress import Silent
from sozcontrol.press.seite.freitext import check_texts
from sozcontrol.projekt import Projekt

BEGINN, TERMIN, HALB = date(2025, 1, 1), date(2026, 1, 1), date(2025, 7, 2)


def ziel(**anders: object) -> Ziel:
    """From 20 down to 10 within a year, give or take 1: in the middle 15 are due."""
    angaben = {
        "ziel_nr": 1, "kennzahl_id": "T07", "zieltext": "weniger warten",
        "ausgangswert": Decimal(20), "ausgang_am": BEGINN, "zielwert": Decimal(10),
        "termin": TERMIN, "toleranz": Decimal(1), "zielrichtung": "niedrig",
        "zielmessung": "stichtag", "verantwortlich": "Amt", "beschluss": "BV/1",
        "gilt_ab": BEGINN, "stichtag": HALB,
    }  # fmt: skip
    return Ziel(**(angaben | anders))


@pytest.mark.parametrize(
    ("wert", "tag", "anders", "stufe"),
    [
        pytest.param("10", HALB, {}, "erreicht", id="genau am Ziel, vor der Zeit"),
        pytest.param("10.1", HALB, {}, "auf dem Weg", id="vor dem Termin hilft keine Toleranz"),
        pytest.param("16.0", HALB, {}, "auf dem Weg", id="um die Toleranz hinter dem Weg"),
        pytest.param("16.1", HALB, {}, "im Rückstand", id="weiter dahinter"),
        pytest.param("11.0", TERMIN, {}, "erreicht", id="am Termin zählt die Toleranz"),
        pytest.param("11.1", TERMIN, {}, "verfehlt", id="am Termin verfehlt"),
        pytest.param("20", BEGINN, {}, "auf dem Weg", id="am ersten Tag"),
        pytest.param("19", HALB, {"zielrichtung": "hoch", "zielwert": Decimal(30)}, "im Rückstand",
                     id="mehr ist besser"),
        pytest.param("24", HALB, {"zielrichtung": "hoch", "zielwert": Decimal(30)}, "auf dem Weg",
                     id="mehr ist besser, in der Toleranz"),
        pytest.param("9", HALB, {"zielrichtung": "korridor"}, "erreicht", id="im Bereich, unten"),
        pytest.param("8", TERMIN, {"zielrichtung": "korridor"}, "verfehlt", id="darunter"),
        pytest.param("10", HALB, {"zielmessung": "jahresende"}, "am Jahresende", id="noch nicht"),
        pytest.param("11", date(2025, 12, 31), {"zielmessung": "jahresende"}, "auf dem Weg",
                     id="am 31.12."),
        pytest.param("10", HALB, {"termin": None}, "nicht messbar", id="ohne Termin"),
        pytest.param("15", HALB, {"ausgangswert": None}, "nicht messbar", id="ohne Ausgangswert"),
    ],
)  # fmt: skip
def test_stufe_am_rand(wert, tag, anders, stufe) -> None:
    assert ziel(**anders).stufe(Decimal(wert), tag) == stufe


def test_ob_der_bisherige_weg_reicht() -> None:
    """Two of ten in the first half are four in the year."""
    half = ziel().so_weiter(Decimal(18), HALB)
    assert half == pytest.approx(Decimal(16), abs=Decimal("0.02"))
    assert ziel().so_weiter(Decimal(18), date(2025, 3, 1)) is None
    assert ziel().so_weiter(Decimal(18), TERMIN) is None


@pytest.mark.parametrize(
    ("spalte", "buchstabe"),
    [("zieltext", "S"), ("kennzahl_id", "M"), ("zielwert", "M"), ("verantwortlich", "A"),
     ("beschluss", "A"), ("ausgangswert", "R"), ("ausgang_am", "R"), ("termin", "T")],
)  # fmt: skip
def test_der_fehlende_buchstabe_wird_genannt(spalte, buchstabe) -> None:
    assert ziel().fehlt == ""
    assert ziel(**{spalte: None}).fehlt == buchstabe


def test_ein_geheim_gehaltener_wert_hat_keinen_stand() -> None:
    stand = judged(ziel(), GEHEIM, TERMIN)
    assert (stand.wert, stand.stufe) == (None, GESPERRT)
    assert "verfehlt" not in sign(stand) and behind([stand]) == []
    assert summary([stand, stand]) == "2 Ziele: 2 mit geheim gehaltenem Wert."


def test_ein_stand_sagt_nicht_mehr_als_die_gedruckte_zahl() -> None:
    """T07 is printed with one place: 16,04 and 16,0 are the same figure, and the same state."""
    assert catalogue.steckbrief("T07").rundung == 1
    assert judged(ziel(), Decimal("16.04"), HALB).stufe == "auf dem Weg"
    assert judged(ziel(), Decimal("16.05"), HALB).stufe == "im Rückstand"


def test_die_fruehwarnung_nennt_was_am_weitesten_zurueckliegt() -> None:
    near = judged(ziel(), Decimal(17), HALB)
    far = judged(ziel(ziel_nr=2, kennzahl_id="S09"), Decimal(19), HALB)
    (punkt,) = behind([near, far])
    assert (punkt.text, punkt.dazu) == (
        "2 Ziele: 2 im Rückstand",
        "Erstkontakt fristgerecht, Wartequote",
    )
    assert punkt.stufe == "beobachten"
    assert behind([judged(ziel(), Decimal(12), TERMIN)])[0].stufe == "wesentlich"


@pytest.mark.parametrize(
    ("werte", "kopf"),
    [
        pytest.param(
            [17, 17, 10], "2 von 3 Zielen im Rückstand, 1 erreicht.", id="nichts verfehlt"
        ),
        pytest.param([15, 15], "Keines von 2 Zielen erreicht.", id="alle unterwegs"),
        pytest.param([17], "Ein Ziel: im Rückstand.", id="eines"),
    ],
)
def test_die_seite_der_ziele_beginnt_mit_dem_schlechtesten(werte, kopf) -> None:
    stands = [judged(ziel(ziel_nr=n), Decimal(w), HALB) for n, w in enumerate(werte, 1)]
    assert _headline(stands) == kopf


# --- Zielbeschlüsse -------------------------------------------------------------------------------


def beschluss(tag: date, **anders: object) -> Zielbeschluss:
    given = {"ziel": 1, "gilt_ab": tag, "beschluss": f"BV/{tag.month}", "zielwert": Decimal(12)}
    return Zielbeschluss.model_validate(given | anders)


VORHER, DANACH, SPAETER = date(2024, 12, 31), date(2025, 1, 2), date(2025, 7, 3)


@pytest.mark.parametrize(
    ("beschluesse", "gilt"),
    [
        pytest.param([], (10, "BV/1", None), id="keiner"),
        pytest.param([beschluss(VORHER)], (10, "BV/1", None), id="die Liste weiß ihn schon"),
        pytest.param([beschluss(SPAETER)], (10, "BV/1", None), id="erst nach dem Stichtag"),
        pytest.param([beschluss(BEGINN, ziel=2)], (10, "BV/1", None), id="ein anderes Ziel"),
        pytest.param([beschluss(BEGINN)], (10, "BV/1", None), id="am Tag der Liste"),
        pytest.param([beschluss(DANACH)], (12, "BV/1", DANACH), id="am Tag danach"),
        pytest.param([beschluss(HALB)], (12, "BV/7", HALB), id="am Stichtag"),
        pytest.param([beschluss(HALB, zielwert=8), beschluss(date(2025, 3, 1))],
                     (8, "BV/3, BV/7", HALB), id="der spätere gilt"),
        pytest.param([beschluss(HALB, zielwert=None, toleranz=2), beschluss(date(2025, 3, 1))],
                     (12, "BV/3, BV/7", HALB), id="was der spätere nicht nennt, bleibt"),
    ],
)  # fmt: skip
def test_was_gilt_wenn_ein_gremium_seit_der_liste_beschlossen_hat(beschluesse, gilt) -> None:
    found = beschlossen(ziel(), beschluesse)
    changed = found.gilt_ab if found.erklaert else None
    assert (found.zielwert, found.beschluss, changed) == gilt
    assert (found.erklaert or found) == ziel(), "what the list says is not lost"
    assert beschlossen(found.erklaert or found, []) == ziel()


@pytest.mark.parametrize(
    ("text", "satz"),
    [
        pytest.param("termin: 2027-01-01", "termin", id="eine Spalte, die zählt"),
        pytest.param("", "ändert nichts", id="nichts"),
        pytest.param("zielwert: '12'", "keine Zahl", id="ein Text"),
        pytest.param("zielwert: 12, gilt_ab: 20250301", "JJJJ-MM-TT", id="ein halbes Datum"),
        pytest.param("toleranz: -1", "toleranz", id="eine negative Toleranz"),
        pytest.param("zielwert: 58,5", "mit Punkt schreiben", id="ein Komma"),
        pytest.param("zielwert: .inf", "keine endliche Zahl", id="unendlich"),
        pytest.param("zielwert: 1234567890123456", "zu viele Stellen", id="zu groß"),
        pytest.param("zielwert: 12}, {ziel: 1, gilt_ab: 2025-03-01, beschluss: B, zielwert: 9",
                     "zweimal", id="zwei an einem Tag"),
    ],
)  # fmt: skip
def test_ein_zielbeschluss_sagt_was_an_ihm_falsch_ist(tmp_path, text, satz) -> None:
    path = tmp_path / "beschluesse.yml"
    day = "" if "gilt_ab: 2025030" in text else "gilt_ab: 2025-03-01, "
    path.write_text(f"beschluesse: [{{ziel: 1, {day}beschluss: B, {text}}}]\n", encoding="utf-8")
    with pytest.raises(ZielbeschlussFehler) as caught:
        lesen(path)
    assert satz in caught.value.was and "Kennzahl und Termin" in str(caught.value.tun)


def test_ohne_datei_ist_nichts_beschlossen_und_was_keine_ist_faellt_auf(tmp_path) -> None:
    path = tmp_path / "beschluesse.yml"
    assert lesen(path) == ()
    path.symlink_to(tmp_path / "weg.txt")
    with pytest.raises(ZielbeschlussFehler, match="nicht lesbar"):
        lesen(path)
    path.unlink()
    path.mkdir()
    with pytest.raises(ZielbeschlussFehler, match="keine Datei"):
        lesen(path)
    path.rmdir()
    path.with_suffix(".yaml").write_text("beschluesse: []", encoding="utf-8")
    with pytest.raises(ZielbeschlussFehler, match="Gelesen wird nur"):
        lesen(path)


def test_wie_ein_beschluss_eine_nummer_schreibt_ist_gleich(tmp_path) -> None:
    """YAML has many ways to write a sign; a page shows what it means."""
    path = tmp_path / "beschluesse.yml"
    text = '[{ziel: 1, gilt_ab: 2025-03-01, beschluss: B, zieltext: "für H\\x30000001 da"}]'
    path.write_text(f"beschluesse: {text}\n", encoding="utf-8")
    (one,) = lesen(path)
    assert "H0000001" not in text and one.texte == ["B", "für H0000001 da"]
    with pytest.raises(NotReleased) as caught:
        check_texts(one.texte, path, catalogue.kommune("musterstadt").profile)
    assert "H0" not in str(caught.value)


# --- Musterstadt ----------------------------------------------------------------------------------


def test_der_rat_hat_mindestens_25_ziele_an_kennzahlen_die_es_gibt() -> None:
    rows = ziele()
    assert len({z["kennzahl_id"] for z in rows}) >= 25
    for z in rows:
        item = catalogue.kennzahl(str(z["kennzahl_id"]))
        assert z["zielrichtung"] == item.richtung, item.id
        # An amount or a count that grows within the year meets its target at its end only.
        growing = {t.zeitraum for t in item.zaehler.terme} == {"jahr_bis_stichtag"}
        if growing and item.nenner is None and item.bezugszeit == "zeitraum" and item.id != "H35":
            assert z["zielmessung"] == "jahresende", item.id


def test_w08_stimmt_mit_der_datei_und_die_gepflanzten_luecken_sind_genannt(tmp_path) -> None:
    ordner, daten = liefere(tmp_path, date(2025, 6, 30), ("musterstadt_steuerung",))
    liste = roh(ordner, "Steuerung_Ziele", "utf-8-sig")
    pflicht = ["Ziel", "Kennzahl", "Zielwert", "verantwortlich", "Beschluss", "Ausgangswert", "am",
               "Termin"]  # fmt: skip
    ganz = (liste[pflicht] != "").all(axis=1)
    assert abweichungen(daten, {"W08": Fraction(int(ganz.sum()) * 100, len(liste))}) == {}
    fehlt = {z.kennzahl_id: z.fehlt for z in measures.ziele.ziele(daten) if z.fehlt}
    assert fehlt == {OHNE_TERMIN: "T", OHNE_STELLE: "A"}


def test_ein_beschluss_passt_zu_seinem_ziel_oder_haelt_den_lauf_an(tmp_path, monkeypatch) -> None:
    """One on no goal of the list is told; one of a later day asks for nothing yet."""
    _, daten = liefere(tmp_path, date(2025, 6, 30), ("musterstadt_steuerung",))
    daten.projekt = Projekt(tmp_path)
    path = daten.projekt.zielbeschluesse
    path.parent.mkdir(parents=True)

    listed = measures.ziele.ziele(daten)
    monkeypatch.setattr(zielpruefung, "_delivered", lambda _: listed)
    told: list[str] = []
    report = Silent()
    monkeypatch.setattr(report, "warn", told.append, raising=False)

    def fuer(nummer: int, was: str, tag: str = "2025-06-25") -> None:
        said = f"{{ziel: {nummer}, gilt_ab: {tag}, beschluss: BV/2, {was}}}"
        path.write_text(f"beschluesse: [{said}]\n", encoding="utf-8")
        assert len(zielpruefung.read_fitting(daten, report)) == 1

    fuer(1, "zielwert: 58.5")
    fuer(99, "zielwert: 58", "2025-07-01")
    assert told == []
    fuer(99, "zielwert: 58")
    assert told == ["Ziel 99 gilt am Stichtag nicht: Sein Beschluss wirkt nicht."]
    leer = next(z.ziel_nr for z in listed if z.kennzahl_id == OHNE_STELLE)
    for number, what, said in [
        (1, "zielwert: 50", "falschen Seite des Ausgangswerts"),  # from 52.3 more was wanted
        (1, "zielwert: 58.55", "1 Nachkommastellen"),
        (1, "toleranz: 0.04", "1 Nachkommastellen"),
        (leer, "verantwortlich: Amt", "auf der Liste fehlt"),
    ]:
        with pytest.raises(ZielbeschlussFehler, match=said):
            fuer(number, what)


def test_vor_dem_beschluss_gilt_ein_ziel_nicht(tmp_path) -> None:
    _, daten = liefere(tmp_path, date(2025, 6, 30), ("musterstadt_steuerung",))
    daten.stichtag = date(2024, 2, 14)
    assert [z.kennzahl_id for z in measures.ziele.ziele(daten)] == ["T02", "P03"]
    daten.stichtag = date(2024, 2, 15)
    assert len(measures.ziele.je_kennzahl(daten)) == len(ziele())
