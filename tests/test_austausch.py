"""The exchange with partner cities: decided figures only, read back as they were given."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from mess.bauen import KOMMUNE, befunde, lies
from monatsdateien import Daten, ganz, liefere, roh

from sozcontrol import catalogue
from sozcontrol.auskunft import austausch, entschieden
from sozcontrol.errors import ConfigurationError, NotReleased, UsageError
from sozcontrol.intake.files import sha256
from sozcontrol.projekt import Projekt

TAG = date(2024, 12, 31)
PROFILE = ("musterstadt_uvg", "musterstadt_statistik")


@pytest.fixture(scope="module")
def lieferung(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Daten]:
    ordner, daten = liefere(tmp_path_factory.mktemp("austausch"), TAG, PROFILE)
    daten.kommune = catalogue.kommune("musterstadt")
    return ordner, daten


@pytest.fixture
def neu_entschieden(monkeypatch: pytest.MonkeyPatch) -> None:
    """Decide for the edition of the exchange, as a run does, with nothing published before."""
    monkeypatch.setattr(entschieden, "_published", lambda daten: None)

    def decide(daten: Daten, edition: str, tafeln: Sequence) -> list:
        return entschieden.released(daten, edition, tafeln, auch_ohne=True)

    monkeypatch.setattr(austausch, "released", decide)


def gelesen(tmp_path: Path, text: str) -> dict[str, dict[str, object]]:
    _, tidied = lies(
        tmp_path, {"Austausch_00001000_2024.csv": text.encode()}, catalogue.profil("austausch")
    )
    assert befunde(tidied) == set()
    return {str(z["kennzahl_id"]): z for z in tidied.tables["vergleichswert"].to_pylist()}


def test_ein_partner_liest_was_die_stadt_entschieden_hat(
    lieferung, neu_entschieden, tmp_path: Path
) -> None:
    ordner, daten = lieferung
    rows = gelesen(tmp_path, austausch._text(daten, TAG))
    roh_uvg = roh(ordner, "UVG_Monatswerte", "cp1252")
    dezember = roh_uvg[roh_uvg["Monat"] == "2024-12-01"]
    u02 = rows["U02"]
    assert u02["zaehler"] == int(ganz(dezember["Zahlfälle"]).sum())
    assert float(u02["wert"]) == pytest.approx(
        float(u02["zaehler"] / u02["nenner"] * 1000), abs=1e-4
    )
    assert (u02["ags"], u02["fuer_ags"], u02["jahr"]) == ("00001000", KOMMUNE.ags, 2024)
    assert u02["definition_id"] == catalogue.definition_id("U02")
    assert (rows["T01"]["wert"], rows["T01"]["zeichen"]) == (None, "nicht_berechenbar")


def test_was_zu_klein_ist_verlaesst_das_haus_nicht(
    lieferung, neu_entschieden, tmp_path: Path
) -> None:
    """Four children are shown to the office, and to no partner."""
    _, daten = lieferung
    monate = daten["uvg_monat"]
    wo = (monate.altersstufe == "0–5") & (monate.leistungsjahr == monate.monat.year())
    few = monate.mutate(zahlfaelle=wo.ifelse(4, 0).cast("int64"))
    con, tables = daten.con, {t: daten[t] for t in daten.tabellen}

    class Kleine(Daten):
        def __getitem__(self, name: str):
            return few if name == "uvg_monat" else tables[name]

    klein = Kleine(
        con=con, stichtag=TAG, datenstand=daten.datenstand, tabellen=daten.tabellen,
        kommune=daten.kommune,
    )  # fmt: skip
    u02 = gelesen(tmp_path, austausch._text(klein, TAG))["U02"]
    assert (u02["wert"], u02["zaehler"], u02["zeichen"]) == (None, None, "geheim_gehalten")


def test_ohne_entscheidung_kein_austausch(lieferung, monkeypatch: pytest.MonkeyPatch) -> None:
    _, daten = lieferung
    monkeypatch.setattr(entschieden, "_published", lambda daten: None)
    with pytest.raises(NotReleased, match="noch nicht entschieden"):
        austausch._text(daten, TAG)


def test_ausgetauscht_wird_ein_ganzes_jahr(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="ganzen Jahres"):
        austausch.exchange(Projekt(tmp_path), "2024-06-30", tmp_path)


def test_ohne_schluessel_keine_datei(lieferung) -> None:
    _, daten = lieferung
    ohne = Daten(**{**vars(daten), "kommune": daten.kommune.model_copy(update={"ags": None})})
    with pytest.raises(ConfigurationError, match="Gemeindeschlüssel"):
        austausch._text(ohne, TAG)


ZEILE = "00001000;2024;U03;U03:1;22,5000;225,0000;1000,0000;"
DATEI = (
    f"Titel\nAGS;Jahr;Kennzahl;Definition;Wert;Zähler;Nenner;Bemerkung\n{ZEILE}\nAnzahl Werte: 1\n"
)


@pytest.mark.parametrize(
    ("inhalt", "erwartet"),
    [
        pytest.param(DATEI, set(), id="unverändert"),
        pytest.param(DATEI.replace("22,5", "12,5"), {("R-I30", "vergleichswert")}, id="verändert"),
    ],
)
def test_eine_veraenderte_datei_wird_nicht_gelesen(
    tmp_path: Path, inhalt: str, erwartet: set[tuple[str, str]]
) -> None:
    name = "Austausch_00001000_2024.csv"
    seal = f"{sha256(DATEI.encode('utf-8-sig'))}  {name}\n"
    files = {name: inhalt.encode("utf-8-sig"), f"{name}.sha256": seal.encode()}
    _, tidied = lies(tmp_path, files, catalogue.profil("austausch"))
    assert befunde(tidied) == erwartet
    rows = tidied.tables["vergleichswert"].to_pylist() if not erwartet else []
    assert [z["wert"] for z in rows] == ([Decimal("22.5")] if not erwartet else [])


def test_ein_siegel_ohne_datei_wird_genannt(tmp_path: Path) -> None:
    name = "Austausch_00001000_2024.csv"
    files = {name: DATEI.encode("utf-8-sig"), "andere.csv.sha256": b"abc  andere.csv\n"}
    _, tidied = lies(tmp_path, files, catalogue.profil("austausch"))
    assert {rule for rule, _ in befunde(tidied)} == {"R-I28"}
