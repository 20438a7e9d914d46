"""Taking a delivery in: a known one is reused, changed rules check it anew, the key stays."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pytest
from press_fixtures import DATENSTAND, STICHTAG, bare_project

import sozcontrol
from sozcontrol import catalogue, checks, intake, store, tidy
from sozcontrol.errors import ConfigurationError, DeliveryMissing
from sozcontrol.findings import Finding, Fundstelle, Schwere
from sozcontrol.press.lauf import receive as receiving
from sozcontrol.press.lauf import storage
from sozcontrol.press.lauf.progress import Silent
from sozcontrol.press.lauf.receive import receive
from sozcontrol.press.lauf.zweifel import zweifel

WARNUNG = Finding("R-F05", Schwere.WARNUNG, "Ende vor Beginn.", "fall", anzahl=3)
FEHLER = Finding("R-B01", Schwere.FEHLER, "Konto fehlt.", "buchung", anzahl=3)


@pytest.fixture
def projekt(tmp_path, monkeypatch):
    """A project with one delivery of one file, read by stand-ins that count their calls."""
    projekt = bare_project(tmp_path / "projekt")
    folder = projekt.delivery_folder(STICHTAG, DATENSTAND)
    folder.mkdir(parents=True)
    (folder / "WJH.csv").write_text("a;b\n")
    (projekt.expectations / "fall.json").write_text("{}")
    return projekt


DATEI = {
    "dateiname": "WJH.csv", "sha256": "a" * 64, "bytes": 4, "lieferant": "Jugendamt",
    "profil": "musterstadt_jugend", "zeilen_daten": 1,
}  # fmt: skip
"""What the log says of every file."""


@pytest.fixture
def calls(monkeypatch) -> list[str]:
    done: list[str] = []
    tables = {n: tidy.arrow_schema(t).empty_table() for n, t in catalogue.tabellen().items()}
    schema = tables["lieferung"].schema
    row = {f.name: None for f in schema} | DATEI | {"status": "ok"}
    rows = [row | {"tabelle": t} for t in ("fall", "buchung", "gebiet")]
    tables["lieferung"] = type(tables["lieferung"]).from_pylist(rows, schema=schema)

    def check(given, **settings):
        done.append("check" if settings["previous"] is None else "check mit Vorgänger")
        return (WARNUNG, FEHLER)

    monkeypatch.setattr(intake, "fingerprint", lambda ordner, kommune: "a" * 64)
    monkeypatch.setattr(
        intake, "read_delivery", lambda *a, **k: done.append("read") or SimpleNamespace(findings=())
    )
    monkeypatch.setattr(tidy, "to_tables", lambda *a: tidy.Tidied(tables, ()))
    monkeypatch.setattr(checks, "check", check)
    monkeypatch.setattr(checks, "regelverzeichnis", lambda expectations: ())
    return done


def take(projekt, day=STICHTAG, known=DATENSTAND):
    return receive(projekt, day, known, Silent())


def test_eine_neue_lieferung_wird_gelesen_geprueft_und_gespeichert(projekt, calls) -> None:
    eingang = take(projekt)
    assert calls == ["read", "check"]
    assert eingang.findings == (WARNUNG, FEHLER) and eingang.hat_fehler and not eingang.bekannt
    assert eingang.pruefseite.is_relative_to(projekt.data)
    assert eingang.pruefseite.stat().st_mode & 0o077 == 0
    assert "Ende vor Beginn." in eingang.pruefseite.read_text()


def test_der_status_jeder_datei_folgt_allen_regeln(projekt, calls) -> None:
    take(projekt)
    daten = store.open_data(STICHTAG, DATENSTAND, projekt)
    rows = daten.lieferung.to_pyarrow().to_pylist()
    daten.con.disconnect()
    status = {r["tabelle"]: r["status"] for r in rows}
    assert status == {"fall": "warn", "buchung": "abgelehnt", "gebiet": "ok"}


def test_dieselbe_lieferung_wird_nicht_noch_einmal_gelesen(projekt, calls) -> None:
    first = take(projekt)
    first.pruefseite.unlink()
    second = take(projekt)
    assert calls == ["read", "check"]
    assert second.bekannt and second.findings == first.findings
    assert second.pruefseite.is_file()


def test_geaenderte_regeln_pruefen_sie_neu(projekt, calls) -> None:
    take(projekt)
    (projekt.expectations / "fall.json").write_text('{"neu": 1}')
    take(projekt)
    assert calls == ["read", "check", "read", "check"]


def test_geaenderter_code_liest_sie_neu(projekt, calls, monkeypatch, tmp_path) -> None:
    module = tmp_path / "code" / "dates.py"
    module.parent.mkdir()
    monkeypatch.setattr(receiving, "PACKAGE", module.parent)
    monkeypatch.setattr(receiving, "code", lambda: [module])
    stored = []
    for text in ("mit Fehler", "mit Fehler", "berichtigt"):
        module.write_text(text)
        take(projekt)
        (current,) = store.deliveries(projekt)
        stored.append(current["fassung"])
    assert stored[0] == stored[1] != stored[2]
    assert calls == ["read", "check", "read", "check"]


def test_zur_fassung_gehoert_aller_code_der_liest_uebersetzt_und_prueft() -> None:
    package = Path(sozcontrol.__file__).parent
    named = {p.relative_to(package).as_posix() for p in receiving.code()}
    for room in ("catalogue", "intake", "tidy", "checks"):
        assert {p.relative_to(package).as_posix() for p in (package / room).rglob("*.py")} <= named
    assert {"findings.py", "press/lauf/receive.py", "zuzweit.py"} <= named
    assert not any(name.startswith(("forecast", "present", "demo")) for name in named)


def test_eine_beschaedigte_pruefseite_wird_neu_geschrieben(projekt, calls) -> None:
    page = take(projekt).pruefseite
    content = page.read_bytes()
    page.write_bytes(content.replace(b"Beginn", b"Becinn"))
    assert take(projekt).pruefseite.read_bytes() == content


def test_die_lieferung_davor_ist_der_vergleich(projekt, calls) -> None:
    take(projekt)
    later = DATENSTAND.replace(month=9)
    projekt.delivery_folder(STICHTAG, later).mkdir(parents=True)
    take(projekt, known=later)
    assert calls == ["read", "check", "read", "check mit Vorgänger"]


def test_verglichen_wird_jede_tabelle_mit_ihrer_letzten_angenommenen(
    projekt, calls, monkeypatch
) -> None:
    """A rejected ledger is no Stand: delivered again as it was, it must not compare with itself."""
    days = [DATENSTAND.replace(month=m) for m in (8, 9, 10)]
    verdicts = [(), (FEHLER,), ()]
    seen = []
    empty = {n: tidy.arrow_schema(t).empty_table() for n, t in catalogue.tabellen().items()}

    def delivered(day):
        def rows(name, **cells):
            row = {f.name: None for f in empty[name].schema} | cells
            return type(empty[name]).from_pylist([row], schema=empty[name].schema)

        log = [rows("lieferung", **DATEI, tabelle=t, stichtag=day) for t in ("fall", "buchung")]
        own = {t: rows(t, datenstand=day) for t in ("fall", "buchung")}
        return {**empty, **own, "lieferung": pa.concat_tables(log)}

    def check(given, **settings):
        seen.append(settings["previous"])
        return verdicts[len(seen) - 1]

    monkeypatch.setattr(checks, "check", check)
    monkeypatch.setattr(checks, "regelverzeichnis", lambda expectations: ())
    for day in days:
        monkeypatch.setattr(tidy, "to_tables", lambda *a, d=day: tidy.Tidied(delivered(d), ()))
        projekt.delivery_folder(STICHTAG, day).mkdir(parents=True)
        take(projekt, known=day)
    assert seen[0] is None
    stand = {t: seen[2][t]["datenstand"].to_pylist() for t in ("fall", "buchung")}
    assert stand == {"fall": [days[1]], "buchung": [days[0]]}
    log = [(r["tabelle"], r["stichtag"]) for r in seen[2]["lieferung"].to_pylist()]
    assert sorted(log) == [("buchung", days[0]), ("fall", days[1])]


def test_ein_verlorener_schluessel_wird_nicht_still_ersetzt(projekt, calls, monkeypatch) -> None:
    take(projekt)
    tidy.key_path().unlink()
    (projekt.expectations / "fall.json").write_text('{"neu": 1}')
    with pytest.raises(ConfigurationError):
        take(projekt)
    assert not tidy.key_path().exists()


def test_ein_fehlender_ordner_nennt_was_da_ist(projekt, calls) -> None:
    with pytest.raises(DeliveryMissing, match="liegt keine Lieferung vor") as caught:
        take(projekt, known=DATENSTAND.replace(day=16))
    assert f"Vorhanden: {DATENSTAND.isoformat()}." in str(caught.value)
    assert calls == []


@pytest.mark.parametrize("ebene", [0, 1], ids=["Stichtag", "Datenstand"])
@pytest.mark.parametrize("schrift", ["%Y%m%d", "%d.%m.%Y", "%Y_%m_%d", "%d%m%y"])
def test_ein_anders_geschriebener_ordner_wird_genannt(
    projekt, calls, ebene: int, schrift: str
) -> None:
    right = projekt.delivery_folder(STICHTAG, DATENSTAND.replace(day=16))
    right.mkdir(parents=True)
    wanted = (right.parent, right)[ebene]
    day = (STICHTAG, DATENSTAND.replace(day=16))[ebene]
    wanted.rename(wanted.with_name(day.strftime(schrift)))
    with pytest.raises(DeliveryMissing) as caught:
        take(projekt, known=DATENSTAND.replace(day=16))
    assert f"»{day.strftime(schrift)}« statt »{day.isoformat()}«" in str(caught.value)


def test_ein_zweifel_an_zeilen_nennt_keine_anzahl() -> None:
    """He stands on pages whose figures are decided; how many rows, today or then, is not."""
    finding = Finding(
        "R-X99", Schwere.WARNUNG, "Etwas ist sehr oft geschehen.", "fall", anzahl=40,
        geprueft=480, stellen=(Fundstelle("WJH.csv", 7, {"person_id": "P7"}),), zweifel=("fall",),
        frueher=(2, 470), summe_eur=Decimal(49755),
    )  # fmt: skip
    assert zweifel([finding], ["fall"]) == ("Etwas ist sehr oft geschehen.",)


@pytest.mark.skipif(os.name != "posix", reason="ÜBERSPRUNGEN: dieses System kennt keine Modi")
@pytest.mark.parametrize(
    ("offen", "gewarnt"),
    [
        pytest.param({"WJH.csv": 0o644}, True, id="eine Datei"),
        pytest.param({"WJH.csv": 0o604}, True, id="nur für andere"),
        pytest.param({"Belege/Kanarmeier.csv": 0o644}, True, id="eine in einem Ordner"),
        pytest.param({"WJH.csv": 0o640}, False, id="nur für die Gruppe"),
        pytest.param({"WJH.csv": 0o644, "../../..": 0o700}, False, id="unter geschlossenem data"),
        pytest.param({"Belege/Kanarmeier.csv": 0o644, "Belege": 0o700}, False, id="Ordner zu"),
    ],
)
def test_vor_rohdaten_die_jeder_lesen_kann_wird_gewarnt(
    projekt, calls, capsys, monkeypatch, offen: dict[str, int], gewarnt: bool
) -> None:
    """What a closed folder protects is protected; names of files are not told."""
    monkeypatch.setattr(storage, "_lets_in", _innerhalb(projekt.root))
    folder = projekt.delivery_folder(STICHTAG, DATENSTAND)
    (folder / "Belege").mkdir()
    (folder / "Belege" / "Kanarmeier.csv").write_text("a\n")
    for path in (projekt.root, *projekt.data.rglob("*"), projekt.data):
        path.chmod(0o755 if path.is_dir() else 0o600)
    for name, mode in offen.items():
        (folder / name).resolve().chmod(mode)
    receive(projekt, STICHTAG, DATENSTAND, Silent())
    said = capsys.readouterr().err
    assert ("alle Benutzer dieses Rechners lesen" in said) is gewarnt
    assert ("chmod -R o-rwx data" in said) is gewarnt
    assert "Kanarmeier" not in said


def _innerhalb(root: Path):
    """As if the test's own folder lay where everybody may go."""
    real = storage._lets_in
    return lambda folder: real(folder) if folder.is_relative_to(root) else True
