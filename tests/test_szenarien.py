"""Scenarios: what they add to M6, when they hold, and that no mistake in a file passes unseen."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import gezeichnet
import numpy as np
import pytest
from conftest import ROOT, Stadt, make_project
from hauptbuch import stadt_am
from hypothesis import given
from hypothesis import strategies as st

from sozcontrol import cli, store
from sozcontrol.catalogue.szenario import Szenario, SzenarioFehler, lesen
from sozcontrol.demo import STANDARD_STICHTAG
from sozcontrol.disclosure import GEHEIM, Freigabe
from sozcontrol.errors import DeliveryMissing, Exit, UsageError
from sozcontrol.forecast.methoden.treiber import treiber
from sozcontrol.forecast.reihe import bekannt, leere_reihe
from sozcontrol.hochrechnung.quellen.kosten import Traeger
from sozcontrol.hochrechnung.quellen.panel import Panel
from sozcontrol.hochrechnung.szenarien import szenariodatei as szenariodatei
from sozcontrol.hochrechnung.szenarien.szenariotafeln import (
    ARTEN,
    FORMEN,
    annahmen,
    in_worten,
    satz,
    spalten_vergleich,
    spalten_wirkung,
    vergleich,
    zustaende,
)
from sozcontrol.hochrechnung.szenarien.wirkung import (
    Eintrag,
    Szenariostand,
    annahmen_fuer,
    basiswerte,
    eintrag,
    szenariostand,
    wirkungen,
)
from sozcontrol.measures import INSGESAMT
from sozcontrol.projekt import Projekt

STICHTAG = date(2025, 6, 30)
KOSTEN, FAELLE = 1000, 20  # a month and a case; cases a month


def tafel(faelle: dict[str, int] | None = None, periode: int = 6) -> Panel:
    """A panel by Hilfeart: 2024 whole and 2025 up to *periode*, 20 cases of 1000 € each month."""
    counts = faelle or {"32": 30, "34": 50}
    jahre = np.array([2024, 2025])
    menge = np.full((2, 12), float(FAELLE))
    ist = np.cumsum(menge * KOSTEN, axis=1)
    ist[1, periode:] = np.nan
    reihen = tuple(
        leere_reihe(n, "", jahre, 12, ist=ist, ergebnis=ist[:, -1], menge=menge.copy())
        for n in counts
    )
    return Panel(
        "hilfeart", "aufwand", 2025, periode, reihen, {n: n for n in counts}, {},
        traeger=Traeger(alle := {**counts, INSGESAMT: sum(counts.values())}, alle),
    )  # fmt: skip


def szenario(*annahmen: dict, name: str = "s", **felder: object) -> Szenario:
    data = {
        "name": name, "titel": name, "beschreibung": "b", "stelle": "Amt",
        "erstellt_am": date(2025, 7, 1), "stichtag": STICHTAG, "annahmen": list(annahmen),
    }  # fmt: skip
    return Szenario.model_validate(data | felder)


def entgelt(ab: date, prozent: float, hilfeart: object = "34") -> dict:
    return {"art": "entgelt", "hilfeart": hilfeart, "ab": ab, "prozent": prozent}


def plaetze(ab: date, anzahl: int, hilfeart: str = "34", **bis: date) -> dict:
    return {"art": "plaetze", "hilfeart": hilfeart, "ab": ab, "anzahl": anzahl, **bis}


def recht(ab: date, hilfeart: object = "34", **was: float) -> dict:
    return {"art": "rechtsaenderung", "hilfeart": hilfeart, "ab": ab, **was}


def schritte(*annahmen: dict) -> list[Decimal]:
    return [*wirkungen(szenario(*annahmen), basiswerte(tafel()))["34"].schritte]


# --- what an assumption adds ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("annahme", "erwartet"),
    [
        pytest.param(plaetze(date(2025, 7, 1), 10), [10 * KOSTEN * 6, 0, 0, 0, 0], id="10 Plätze"),
        pytest.param(
            plaetze(date(2025, 7, 1), 10, bis=date(2025, 9, 30)), [10 * KOSTEN * 3, 0, 0, 0, 0],
            id="drei Monate",
        ),
        pytest.param(
            plaetze(date(2025, 11, 16), -4), [-4 * KOSTEN * 1.5, 0, 0, 0, 0], id="Monatsmitte"
        ),
        pytest.param(
            plaetze(date(2025, 7, 17), 31), [31 * KOSTEN * 5 + 15 * KOSTEN, 0, 0, 0, 0],
            id="15 von 31 Tagen",
        ),
        pytest.param(
            plaetze(date(2025, 7, 1), 31, bis=date(2025, 7, 1)), [KOSTEN, 0, 0, 0, 0], id="ein Tag"
        ),
        pytest.param(
            entgelt(date(2025, 10, 1), 4), [0, 0, FAELLE * KOSTEN * 3 * 0.04, 0, 0],
            id="+ 4 % ab Oktober zählt drei Monate",
        ),
        pytest.param(
            entgelt(date(2025, 11, 16), 4), [0, 0, FAELLE * KOSTEN * 1.5 * 0.04, 0, 0],
            id="+ 4 % ab Mitte November",
        ),
        pytest.param(entgelt(date(2026, 1, 1), 4), [0, 0, 0, 0, 0], id="erst im Folgejahr"),
        pytest.param(entgelt(date(2025, 3, 1), 4), [0, 0, 0, 0, 0], id="steckt schon im Ist"),
        pytest.param(
            recht(date(2025, 7, 1), fallzahl_prozent=5), [0, FAELLE * KOSTEN * 6 * 0.05, 0, 0, 0],
            id="Fallzahl",
        ),
        pytest.param(
            recht(date(2025, 7, 1), kosten_prozent=-5), [0, 0, 0, -FAELLE * KOSTEN * 6 * 0.05, 0],
            id="Kosten",
        ),
        pytest.param(
            recht(date(2025, 12, 31), einmalig_eur=12.34), [0, 0, 0, 0, 12.34], id="einmalig"
        ),
        pytest.param(recht(date(2026, 1, 1), einmalig_eur=12.34), [0] * 5, id="einmalig 2026"),
    ],
)  # fmt: skip
def test_eine_annahme_zaehlt_nach_tagen(annahme: dict, erwartet: list[float]) -> None:
    assert schritte(annahme) == [Decimal(str(e)).quantize(Decimal("0.01")) for e in erwartet]


def test_eine_rueckwirkende_erhoehung_zaehlt_soweit_sie_im_preis_fehlt() -> None:
    # In force for the last of the three months that make the price: a third is in it.
    voll = FAELLE * KOSTEN * 6
    erwartet = Decimal(voll * (1.3 / 1.1 - 1)).quantize(Decimal("0.01"))
    assert schritte(entgelt(date(2025, 6, 1), 30))[2] == erwartet


def test_die_reihenfolge_entscheidet_wem_die_wechselwirkung_gehoert() -> None:
    ab = date(2025, 7, 1)
    p, f, e, k, _ = schritte(
        plaetze(ab, 10), recht(ab, fallzahl_prozent=10, kosten_prozent=10), entgelt(ab, 10)
    )
    assert (p, f, e, k) == (60_000, 18_000, 19_800, Decimal(21_780))


def test_das_folgejahr_zaehlt_zwoelf_monate() -> None:
    basis = basiswerte(tafel())
    s = szenario(entgelt(date(2025, 10, 1), 4), plaetze(date(2026, 7, 1), 2, bis=date(2026, 9, 30)))
    w = wirkungen(s, basis)["34"]
    # places act at the present cost and bear the increase
    assert w.folgejahr == Decimal(FAELLE * KOSTEN * 12 * 4 // 100 + 2 * KOSTEN * 3 * 104 // 100)


def test_am_jahresende_bleibt_nur_das_folgejahr() -> None:
    s = szenario(plaetze(date(2026, 1, 1), 1), stichtag=date(2025, 12, 31))
    w = wirkungen(s, basiswerte(tafel(periode=12)))["34"]
    assert (w.unterschied, w.folgejahr) == (0, 12 * KOSTEN)


def test_alle_meint_jede_hilfeart_der_hochrechnung() -> None:
    found = wirkungen(szenario(entgelt(date(2025, 10, 1), 4, "alle")), basiswerte(tafel()))
    assert {n: w.unterschied for n, w in found.items()} == {"32": 2400, "34": 2400}


def test_eine_annahme_beruehrt_keine_andere_hilfeart() -> None:
    assert set(wirkungen(szenario(entgelt(date(2025, 10, 1), 4)), basiswerte(tafel()))) == {"34"}


@pytest.mark.parametrize(
    ("annahme", "grund"),
    [
        pytest.param(entgelt(date(2025, 10, 1), 4, "30"), "30: .* keine Kosten", id="ohne Kosten"),
        pytest.param(plaetze(date(2025, 8, 1), -21), "mehr Plätze", id="mehr als belegt"),
        pytest.param(plaetze(date(2026, 2, 1), -21), "mehr Plätze", id="im Folgejahr"),
    ],
)
def test_was_nicht_zu_den_daten_passt_ist_ein_fehler(annahme: dict, grund: str) -> None:
    with pytest.raises(SzenarioFehler, match=grund):
        wirkungen(szenario(annahme), basiswerte(tafel()))


def test_alle_belegten_plaetze_duerfen_entfallen() -> None:
    assert schritte(plaetze(date(2025, 7, 1), -FAELLE))[0] == -FAELLE * KOSTEN * 6


tage = st.dates(date(2025, 7, 1), date(2026, 12, 31))
prozente = st.decimals(-90, 100, places=2)
eine_annahme = st.one_of(
    st.builds(entgelt, tage, prozente, st.sampled_from(["32", "34", "alle"])),
    st.builds(plaetze, tage, st.integers(-4, 40), st.sampled_from(["32", "34"])),
    st.builds(
        lambda ab, h, f, k, e: recht(ab, h, fallzahl_prozent=f, kosten_prozent=k, einmalig_eur=e),
        tage, st.sampled_from(["32", "34"]), prozente, prozente, st.decimals(-9999, 9999, places=2),
    ),
)  # fmt: skip


@given(st.lists(eine_annahme, min_size=1, max_size=5, unique_by=repr))
def test_die_teile_des_unterschieds_gehen_auf_den_cent_auf(liste: list[dict]) -> None:
    s, p = szenario(*liste), tafel()
    basis = basiswerte(p)
    found = wirkungen(s, basis)
    frame = vergleich(Szenariostand(STICHTAG, p, basis, (gueltig(s, found),))).frame
    cents = frame[[c for c in frame if c.endswith("_eur")]]
    arten = [f"s1_{a}_eur" for a in ARTEN]
    for _, row in cents.iterrows():
        assert row["s1_unterschied_eur"] == sum(row[arten])
        assert row["s1_eur"] == row["basis_eur"] + row["s1_unterschied_eur"]
    assert (cents.iloc[:-1].sum() == cents.iloc[-1]).all()
    for name, w in found.items():
        # The whole of M6 under the assumptions is the base and what the steps add.
        k = replace(basis[name].kenntnis, extra={"annahmen": annahmen_fuer(s, name)})
        ganz = treiber(k)
        assert ganz.wert == pytest.approx(float(basis[name].wert + w.unterschied), abs=0.03)
        assert sum(t for _, t in ganz.teile) == pytest.approx(ganz.wert)


@given(st.dates(date(2025, 7, 1), date(2025, 12, 31)))
def test_jeder_tag_zaehlt_gleich_viel_in_seinem_monat(ab: date) -> None:
    tage = monthrange(2025, ab.month)[1]
    monate = Decimal(tage - ab.day + 1) / tage + 12 - ab.month
    assert schritte(plaetze(ab, 1))[0] == (monate * KOSTEN).quantize(Decimal("0.01"))


def test_ohne_annahmen_bleibt_m6_wie_es_war() -> None:
    reihe = tafel().reihen[0]
    antwort = treiber(bekannt(reihe, 2025, 6))
    assert antwort.wert == 240_000
    assert [n for n, _ in antwort.teile] == ["Ist", "Fälle × heutige Kosten", "Entgelte"]


# --- the file ------------------------------------------------------------------------------------

GUT = """\
# oben
name: gut
titel: Gut
beschreibung: Test
stelle: Amt
erstellt_am: 2025-07-01
stichtag: 2025-06-30

annahmen:
  # warum
  - {art: entgelt, hilfeart: '34', ab: 2025-10-01, prozent: 4}
"""
ANNAHME = "{art: entgelt, hilfeart: '34', ab: 2025-10-01, prozent: 4}"


@pytest.mark.parametrize(
    ("alt", "neu", "sagt"),
    [
        ("titel: Gut", "titl: Gut", r"Zeile 3, titl: ist unbekannt\. Meinten Sie »titel«"),
        ("stelle: Amt\n", "", "Zeile 1, stelle: fehlt"),
        ("prozent: 4", "prozente: 4", r"Zeile 11, annahmen\.1\.prozente: .*Meinten Sie »prozent«"),
        ("prozent: 4", "prozent: 4, anzahl: 3", r"annahmen\.1\.anzahl: ist unbekannt"),
        ("prozent: 4", "prozent: '4,5'", r"Zeile 11, annahmen\.1\.prozent: ist keine Zahl"),
        ("prozent: 4", "prozent: yes", "prozent: ist keine Zahl"),
        ("prozent: 4", "prozent: 400", "prozent: ist zu groß"),
        ("prozent: 4", "prozent: -100", "prozent: ist zu klein"),
        ("2025-10-01", "20251001", r"annahmen\.1\.ab: ist kein Datum"),
        ("2025-10-01", "01.10.2025", "ab: ist kein Datum"),
        ("art: entgelt", "art: entgeld", "unbekannte art .bekannt: entgelt"),
        ("art: entgelt, ", "", "nennt keine art"),
        ("'34'", "272", "unbekannte Hilfeart"),
        ("'34'", "[34, 34]", "eine Hilfeart zweimal"),
        (ANNAHME, f"{ANNAHME}\n  - {ANNAHME}", "dieselbe Annahme zweimal"),
        (ANNAHME, "{art: plaetze, hilfeart: alle, ab: 2025-10-01, anzahl: 1}", "genau eine"),
        (ANNAHME, "{art: plaetze, hilfeart: '34', ab: 2025-10-01, anzahl: 1.5}", "ganze Zahl"),
        (ANNAHME, "{art: plaetze, hilfeart: '34', ab: 2025-06-30, anzahl: 1}", "nach dem Stichtag"),
        (
            ANNAHME, "{art: plaetze, hilfeart: '34', ab: 2025-10-01, bis: 2025-09-30, anzahl: 1}",
            "bis liegt vor ab",
        ),
        (ANNAHME, "{art: rechtsaenderung, hilfeart: '34', ab: 2025-10-01}", "nennt weder"),
        ("name: gut", "name: gut\nname: gut", "doppelter Schlüssel"),
        ("name: gut", "name: anders", "passt nicht zum Dateinamen"),
        ("stichtag: 2025-06-30", "stichtag: 2025-08-31", "gilt für den 31.08.2025"),
        ("annahmen:\n  # warum\n  - " + ANNAHME, "annahmen: []", "Zeile 9, annahmen: ist leer"),
        ("annahmen:", "- annahmen", "nicht lesbar"),
    ],
)  # fmt: skip
def test_ein_schreibfehler_ist_ein_fehler(tmp_path: Path, alt: str, neu: str, sagt: str) -> None:
    path = tmp_path / "gut.yml"
    path.write_text(GUT, encoding="utf-8")
    assert lesen(path, STICHTAG).titel == "Gut"
    assert GUT.count(alt) == 1
    path.write_text(GUT.replace(alt, neu), encoding="utf-8")
    with pytest.raises(SzenarioFehler, match=sagt) as error:
        lesen(path, STICHTAG)
    assert str(path) in str(error.value) and error.value.tun


def test_alle_fehler_werden_auf_einmal_genannt(tmp_path: Path) -> None:
    path = tmp_path / "gut.yml"
    path.write_text(GUT.replace("titel", "titl").replace("prozent", "prozente"), encoding="utf-8")
    with pytest.raises(SzenarioFehler) as error:
        lesen(path, STICHTAG)
    assert error.value.was.count("Zeile") == 4


# --- tied to the data ----------------------------------------------------------------------------


def lieferung(projekt: Projekt, **sha: str) -> SimpleNamespace:
    """An opened delivery as far as scenarios look at it."""
    known = {"fall": "a", "person": "b", "zahlung": "c", "gebiet": "d", "einwohner": "e"} | sha
    dateien = [{"tabelle": t, "sha256": s} for t, s in known.items() if s]
    return SimpleNamespace(
        stichtag=STICHTAG, datenstand=date(2025, 7, 21), projekt=projekt,
        manifest={"dateien": dateien},
    )  # fmt: skip


def lege(projekt: Projekt, name: str, text: str = GUT, stichtag: date = STICHTAG) -> Path:
    folder = szenariodatei.ordner(projekt, stichtag)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.yml"
    path.write_text(text.replace("name: gut", f"name: {name}"), encoding="utf-8")
    return path


@pytest.fixture
def leer(tmp_path: Path) -> Projekt:
    for folder in ("notebooks", "expectations"):
        (tmp_path / folder).mkdir()
    return Projekt(tmp_path)


def zustand(path: Path, daten: SimpleNamespace) -> tuple[str, str]:
    e = eintrag(path, daten, basiswerte(tafel()))
    return e.zustand, e.grund


def test_ein_szenario_gilt_bis_sich_seine_daten_aendern(leer: Projekt) -> None:
    path, daten = lege(leer, "gut"), lieferung(leer)
    assert zustand(path, daten) == ("ungültig", "Noch für keine Daten bestätigt.")
    szenariodatei.bestaetigen(path, szenariodatei.grundlage(daten))
    assert zustand(path, daten) == ("gültig", "")
    assert zustand(path, lieferung(leer, einwohner="x")) == ("gültig", "")
    for table in ("fall", "person", "zahlung", "gebiet"):
        state, grund = zustand(path, lieferung(leer, **{table: "x"}))
        assert state == "ungültig"
        assert grund.startswith("Gerechnet auf Daten vom 21.07.2025, seitdem geändert")
    spaeter = lieferung(leer)
    spaeter.datenstand = date(2025, 8, 20)
    assert "jetzt: Datenstand 20.08.2025" in zustand(path, spaeter)[1]


def test_ein_ungueltiges_szenario_wird_nicht_gerechnet(leer: Projekt) -> None:
    e = eintrag(lege(leer, "gut"), lieferung(leer), basiswerte(tafel()))
    assert not e.wirkungen
    p = tafel()
    frame = vergleich(Szenariostand(STICHTAG, p, basiswerte(p), (e,))).frame
    assert [*frame.columns] == ["hilfeart", "faelle", "faelle_vorjahr", "basis_eur"]


def test_ohne_dateien_im_manifest_gibt_es_keine_grundlage(leer: Projekt) -> None:
    with pytest.raises(DeliveryMissing, match="zahlung"):
        szenariodatei.grundlage(lieferung(leer, zahlung=""))


MIT_GRUNDLAGE = GUT.replace(
    "\nannahmen:",
    "grundlage:  # von damals\n  stichtag: 2025-06-30\n  datenstand: 2025-05-05\n"
    f"  abdruck: {'a' * 64}\n# Annahmen mit Grund\nannahmen:",
)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(GUT, id="fehlt"),
        pytest.param(GUT.rstrip("\n"), id="ohne Zeilenende"),
        pytest.param(MIT_GRUNDLAGE, id="Block"),
        pytest.param(MIT_GRUNDLAGE.replace("\n", "\r\n"), id="Windows"),
        pytest.param(
            MIT_GRUNDLAGE.replace("  # von damals\n", " {\n").replace(
                "30\n  datenstand", "30,\n  datenstand"
            ).replace("05-05\n", "05-05,\n").replace("aa\n", "aa\n  }\n"), id="in Klammern",
        ),
    ],
)  # fmt: skip
def test_bestaetigen_aendert_nur_die_grundlage(leer: Projekt, text: str) -> None:
    folder = szenariodatei.ordner(leer, STICHTAG)
    folder.mkdir(parents=True)
    path = folder / "gut.yml"
    path.write_bytes(text.encode())
    vorher = lesen(path, STICHTAG)
    jetzt = szenariodatei.grundlage(lieferung(leer))
    szenariodatei.bestaetigen(path, jetzt)
    assert lesen(path, STICHTAG) == vorher.model_copy(update={"grundlage": jetzt})
    danach = path.read_bytes().decode()
    for line in ("# oben", "  # warum", *(["# Annahmen mit Grund"] if "Grund" in text else [])):
        assert line in danach.splitlines()
    assert danach.count("\r\n") in (0, danach.count("\n"))
    assert [*folder.iterdir()] == [path]


def test_eine_fehlerhafte_datei_wird_nicht_bestaetigt(leer: Projekt) -> None:
    path = lege(leer, "gut", GUT.replace("prozent", "prozente"))
    vorher = path.read_bytes()
    with pytest.raises(SzenarioFehler):
        szenariodatei.bestaetigen(path, szenariodatei.grundlage(lieferung(leer)))
    assert path.read_bytes() == vorher


def test_szenarien_eines_anderen_stichtags_zaehlen_nicht(leer: Projekt) -> None:
    for name in ("b", "a", "c"):
        lege(leer, name)
    lege(leer, "d", stichtag=date(2025, 8, 31))
    assert [p.stem for p in szenariodatei.dateien(leer, STICHTAG)] == ["a", "b", "c"]


def test_die_vorlage_gilt_sobald_eine_annahme_darin_steht(leer: Projekt) -> None:
    daten = lieferung(leer)
    path = szenariodatei.neu(leer, "erstes", szenariodatei.grundlage(daten), date(2025, 7, 22))
    assert zustand(path, daten)[0] == "fehlerhaft"
    text = path.read_text(encoding="utf-8")
    zeilen = [z[4:] for z in text.splitlines() if z.startswith("#   - {")]
    assert len(zeilen) == 4
    for zeile in zeilen:
        path.write_text(
            text.replace("annahmen: []", "annahmen:\n  " + zeile.replace("JJJJ", "2025")),
            encoding="utf-8",
        )
        assert lesen(path, STICHTAG).grundlage == szenariodatei.grundlage(daten)
    with pytest.raises(UsageError, match="schon"):
        szenariodatei.neu(leer, "erstes", szenariodatei.grundlage(daten), date(2025, 7, 22))


@pytest.mark.parametrize("name", ["../x", "", "Groß", "a.yml", "1", "x" * 41])
def test_ein_name_fuehrt_aus_dem_ordner_nicht_hinaus(leer: Projekt, name: str) -> None:
    with pytest.raises(UsageError):
        szenariodatei.datei(leer, STICHTAG, name)


def test_eine_datei_mit_anderer_endung_wird_nicht_uebergangen(leer: Projekt) -> None:
    path = lege(leer, "gut")
    path = path.rename(path.with_suffix(".yaml"))
    assert szenariodatei.dateien(leer, STICHTAG) == [path]
    assert zustand(path, lieferung(leer)) == ("fehlerhaft", "Die Datei endet nicht auf .yml.")


# --- tables --------------------------------------------------------------------------------------


def gueltig(s: Szenario, found: dict) -> Eintrag:
    return Eintrag(s.name, "gültig", "", s, found)


def stand(p: Panel, *szenarien: Szenario, **extra: object) -> Szenariostand:
    basis = basiswerte(p)
    entries = tuple(gueltig(s, wirkungen(s, basis)) for s in szenarien)
    return Szenariostand(STICHTAG, p, basis, entries, **extra)


ZWEI = (
    szenario(entgelt(date(2025, 10, 1), 4), name="zuerst"),
    szenario(plaetze(date(2025, 7, 1), 10, "32"), name="danach"),
)


def test_szenarien_stehen_in_ihrer_reihenfolge_nebeneinander() -> None:
    hochrechnung = {"32": Decimal(1), "34": Decimal(2), INSGESAMT: Decimal(4)}
    s = stand(tafel(), *ZWEI, hochrechnung=hochrechnung)
    r = Freigabe.open("leitung").aufstellung(vergleich(s))
    html = gezeichnet.table(r, "Szenarien", spalten=spalten_vergleich(s)).html
    assert (
        html.index("gewählte") < html.index("Basis") < html.index("zuerst") < html.index("danach")
    )
    assert [r.zahl(c).wert for c in ("hochrechnung_eur", "basis_eur", "s1_eur", "s2_eur")] == [
        4, 480_000, 482_400, 540_000,
    ]  # fmt: skip
    html = gezeichnet.table(r, "Wirkung", spalten=spalten_wirkung(s, "danach")).html
    assert "60.000" in html and "Wirkung 2026" in html
    assert "dasselbe Verfahren ohne Annahmen" in satz(s)


def test_eine_summe_verraet_keine_kleine_hilfeart() -> None:
    # Only the small one is named: the scenario's total differs from the base's by it alone.
    p = tafel({"30": 200, "31": 100, "32": 30, "34": 2})
    s = stand(p, ZWEI[0], ZWEI[1])
    r = Freigabe.open("leitung").aufstellung(vergleich(s))
    assert [r.zahl(c).wert for c in ("s1_eur", "s1_unterschied_eur", "s1_entgelte_eur")] == [
        GEHEIM, GEHEIM, GEHEIM,
    ]  # fmt: skip
    assert r.zahl("basis_eur").wert == 960_000
    assert r.zahl("basis_eur", hilfeart="34").wert is GEHEIM


def test_was_eine_spalte_verbirgt_verbirgt_auch_die_naechste() -> None:
    p = tafel({"30": 200, "31": 100, "32": 30, "34": 2})
    ab = date(2025, 10, 1)
    s = stand(p, *(szenario(entgelt(ab, 4, h), name=f"s{i}") for i, h in enumerate(
        (["32", "34"], ["31", "34"], ["30", "31"], "alle")
    )))  # fmt: skip
    r = Freigabe.open("leitung").aufstellung(vergleich(s))
    verborgen = {h for h in r.spalte("hilfeart") if r.zahl("basis_eur", hilfeart=h).wert is GEHEIM}
    assert len(verborgen) >= 2 and "34" in verborgen
    # Each shown total is an equation in the hidden rows; none of them may be solved for.
    gleichungen = [[1] * len(verborgen)]
    for n, e in enumerate(s.gueltige, 1):
        if r.zahl(f"s{n}_unterschied_eur").wert is not GEHEIM:
            gleichungen.append([int(h in e.wirkungen) for h in sorted(verborgen)])
    rang = np.linalg.matrix_rank(gleichungen)
    for einer in np.eye(len(verborgen)):
        assert np.linalg.matrix_rank([*gleichungen, einer]) > rang


def test_ohne_basis_steht_nichts_in_der_zeile_und_der_satz_nennt_sie() -> None:
    p = tafel({"30": 40, "34": 50})
    ohne = p.reihen[0]
    ohne.menge[:] = 0
    s = stand(p, ZWEI[0])
    r = Freigabe.open("leitung").aufstellung(vergleich(s))
    assert r.zahl("basis_eur", hilfeart="30").wert is None
    assert r.zahl("s1_eur").wert == 242_400
    assert "Ohne Basis, auch in der Summe: Erziehungsbeistand." in satz(s)
    assert "Ohne Basis" not in satz(stand(tafel()))


def test_annahmen_in_worten() -> None:
    s = szenario(
        entgelt(date(2025, 6, 1), 4.5, ["34", "27_2"]),
        plaetze(date(2025, 7, 1), -1, bis=date(2025, 9, 30)),
        recht(date(2025, 8, 1), "alle", fallzahl_prozent=-2, kosten_prozent=1),
        recht(date(2025, 8, 1), einmalig_eur=25000),
    )
    assert in_worten(s) == [
        "Heimerziehung, HzE § 27 Abs. 2: Entgelte + 4,5 % ab 01.06.2025"
        " (soweit die letzten drei Monate sie noch nicht enthalten)",
        "Heimerziehung: − 1 Platz ab 01.07.2025 bis 30.09.2025",
        "alle Hilfearten: Rechtsänderung: Fallzahl − 2 %, Kosten je Fall + 1 % ab 01.08.2025",
        "Heimerziehung: Rechtsänderung: einmalig + 25.000 € ab 01.08.2025",
    ]


def test_ohne_szenarien_gibt_es_die_tafeln_auch() -> None:
    s, f = stand(tafel()), Freigabe.open("leitung")
    for table, columns in zip((annahmen(s), zustaende(s)), FORMEN.values(), strict=True):
        assert len(f.aufstellung(table)) == 0
        assert gezeichnet.table(f.aufstellung(table), "leer", spalten=columns)
    assert len(f.aufstellung(vergleich(s))) == 3


# --- Musterstadt ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def musterstadt(eingelesen: Stadt, tmp_path_factory: pytest.TempPathFactory) -> Projekt:
    """A project that has the demo city's standard delivery stored."""
    return eingelesen.kopie(tmp_path_factory.mktemp("szenarien")).projekt


def gespeichert(projekt: Projekt, stichtag: date) -> Projekt:
    stadt = stadt_am(stichtag, stichtag + timedelta(days=21))
    store.save(
        projekt, stichtag=stichtag, datenstand=stadt.datenstand, inhalt="0" * 64,
        kommune=stadt.kommune.id, tables=stadt.arrow, findings=(), schluessel_id="test",
    )  # fmt: skip
    return projekt


def test_die_beispiele_der_musterstadt_gelten(musterstadt: Projekt) -> None:
    daten = store.open_data(STANDARD_STICHTAG, projekt=musterstadt)
    s = szenariostand(daten, hochrechnung=False)
    beispiele = sorted((ROOT / "notebooks/szenarien" / str(STANDARD_STICHTAG)).glob("*.yml"))
    assert beispiele and [e.name for e in s.eintraege] == [p.stem for p in beispiele]
    # When the demo city has changed: confirm them with »sozcontrol szenarien --bestaetigen NAME«.
    assert {e.name: e.grund for e in s.eintraege if e.zustand != "gültig"} == {}
    # The tables need no hiding of whole scenarios, or the example shows nothing.
    r = Freigabe.open("leitung").aufstellung(vergleich(s))
    assert all(r.zahl(f"s{n}_eur").wert is not GEHEIM for n, _ in enumerate(s.gueltige, 1))


def test_auch_zur_september_prognose_gelten_die_beispiele(tmp_path: Path) -> None:
    tag = date(2025, 8, 31)
    daten = store.open_data(tag, projekt=gespeichert(make_project(tmp_path / "p"), tag))
    s = szenariostand(daten, hochrechnung=False)
    erste = sorted((ROOT / "notebooks/szenarien" / str(STANDARD_STICHTAG)).glob("*.yml"))
    assert [e.name for e in s.gueltige] == [p.stem for p in erste]


def test_das_terminal_listet_und_bestaetigt(
    musterstadt: Projekt, capsys: pytest.CaptureFixture[str]
) -> None:
    def ruf(*more: str) -> tuple[int, str]:
        day = str(STANDARD_STICHTAG)
        code = cli.main(["szenarien", "--projekt", str(musterstadt.root), "--stichtag", day, *more])
        out = capsys.readouterr()
        return code, out.out + out.err

    path = lege(musterstadt, "gut", MIT_GRUNDLAGE)
    try:
        code, text = ruf()
        assert code == Exit.OK
        assert "gültig      entgelte_stationaer" in text and "ungültig    gut" in text
        code, text = ruf("--bestaetigen", "gut")
        assert code == Exit.OK
        assert "nicht mehr zu berechnen" in text and "davon Entgelte" in text
        code, text = ruf()
        assert "gültig      gut" in text and "ungültig    gut" not in text
        assert "gilt schon" in ruf("--bestaetigen", "gut")[1]
        path.write_text(GUT.replace("stelle", "stele"), encoding="utf-8")
        code, text = ruf()
        assert code == Exit.CONFIGURATION and "fehlerhaft  gut" in text and "Zeile 5" in text
        assert ruf("--bestaetigen", "gt")[0] == Exit.USAGE
        assert ruf("--bestaetigen", "gut", "--neu", "x")[0] == Exit.USAGE
    finally:
        path.unlink()
