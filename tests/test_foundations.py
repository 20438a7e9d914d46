"""Words, findings and folders: what everything else stands on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from sozcontrol import errors
from sozcontrol.errors import Exit, SozcontrolError, UsageError, nearest
from sozcontrol.findings import Finding, Fundstelle, Schwere, blocked_tables, shape, show, tally
from sozcontrol.projekt import ROOT_VARIABLE, Projekt


def test_ein_fehler_sagt_was_wo_und_was_zu_tun_ist() -> None:
    text = str(SozcontrolError("Was.", wo="Ort", tun="Tat.", unveraendert="Bericht."))
    assert text.splitlines() == ["Was.", "  Wo:  Ort", "  Tun: Tat.", "  Unverändert: Bericht."]


def test_ein_aufruffehler_ist_eine_zeile() -> None:
    assert "\n" not in str(UsageError("Der Stichtag fehlt."))


def test_jede_fehlerart_hat_ihren_ausgang() -> None:
    kinds = [
        c for c in vars(errors).values() if isinstance(c, type) and c.__module__ == errors.__name__
    ]
    codes = {c.__name__: c.exit_code for c in kinds if issubclass(c, SozcontrolError)}
    assert codes["UsageError"] is Exit.USAGE
    assert codes["DeliveryMissing"] is Exit.INPUT_MISSING
    assert codes["NotebookFailed"] is Exit.NOTEBOOK
    assert codes["NotReleased"] is Exit.DISCLOSURE
    assert codes["StorageError"] is Exit.STORAGE
    assert codes["Busy"] is Exit.BUSY
    assert Exit.OK not in codes.values() and Exit.BUG not in codes.values()


@pytest.mark.parametrize(
    "name, answer",
    [
        ("leitng", "Meinten Sie »leitung«? Bekannt: leitung, gremium."),
        ("xyz", "Bekannt: leitung, gremium."),
    ],
)
def test_der_naechste_bekannte_name_wird_genannt(name: str, answer: str) -> None:
    assert nearest(name, ["leitung", "gremium"]) == answer


def test_ein_befund_ueberlebt_das_speichern() -> None:
    place = Fundstelle("a.csv", 3, {"hilfe_id": "p1"})
    finding = Finding(
        "R-F04",
        Schwere.FEHLER,
        "Ende vor Beginn.",
        "fall",
        "ende",
        1,
        10,
        None,
        (place,),
        ("person",),
    )
    assert TypeAdapter(Finding).validate_json(json.dumps(finding.as_dict())) == finding


def test_nur_fehler_halten_eine_tabelle_auf() -> None:
    found = [
        Finding("R-1", Schwere.WARNUNG, "w", "fall"),
        Finding("R-2", Schwere.HINWEIS, "h", "person"),
        Finding("R-3", Schwere.FEHLER, "f", "zahlung"),
        Finding("R-4", Schwere.FEHLER, "ohne Tabelle"),
    ]
    assert blocked_tables(found) == {"zahlung"}


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("Müller", "Aaaaaa"),
        ("Mu\u0308ller", "Aaaaaa"),
        ("OʼNeill-SMITH", "AaAaaaa-AAAAA"),
        ("31.02.2025", "99.99.9999"),
        ("51-000342-33", "99-999999-99"),
        ("Ida\nMaria\u202e", "Aaa?Aaaaa?"),
        ("Österreich ½ ²", "Aaaaaaaaaa 9 9"),
        ("梅", "a"),
        ("", ""),
        ("x" * 24, "a" * 24),
        ("x" * 25, "a" * 24 + "… (25 Zeichen)"),
    ],
)
def test_die_form_eines_textes_verraet_seine_laenge_und_sonst_nichts(text: str, form: str) -> None:
    assert shape(text) == form


CODES = ("aufwand", "27_2", "EU", "o.A.", "Tag")


@pytest.mark.parametrize(
    ("text", "gezeigt"),
    [
        pytest.param("umlage", "umlage", id="Wort"),
        pytest.param("umlagen", "umlagen", id="so lang wie der längste"),
        pytest.param("abgaben-", "aaaaaaa-", id="ein Zeichen, das kein Code hat"),
        pytest.param("ertraege", "aaaaaaaa", id="länger als jeder Code"),
        pytest.param("35_1", "35_1", id="Zahl mit Strich"),
        pytest.param("127_1", "999_9", id="Zahl zu lang"),
        pytest.param("US", "US", id="zwei Großbuchstaben"),
        pytest.param("USA", "AAA", id="drei Großbuchstaben"),
        pytest.param("Ida", "Aaa", id="ein Vorname, gebaut wie Tag"),
        pytest.param("Tag", "Tag", id="ein Code"),
        pytest.param("ändern", "aaaaaa", id="kein Buchstabe der Codes"),
    ],
)
def test_gezeigt_wird_was_gebaut_ist_wie_ein_code(text: str, gezeigt: str) -> None:
    assert show(text, CODES, persons=False) == gezeigt
    assert show(text, CODES) == (text if text in CODES else shape(text))
    assert show(text) == shape(text)


def test_gezaehlt_werden_formen_nicht_texte() -> None:
    assert tally(["umlage", "umlage", ""], CODES, persons=False) == "2-mal »umlage«, 1-mal leer"
    assert tally(["Ida", "Eva", "Müller"]) == (
        "2-mal »Aaa«, 1-mal »Aaaaaa« (nur die Form: A, a Buchstaben, 9 Ziffern)"
    )
    lang = tally("9" * n for n in range(1, 9))
    assert lang.startswith("1-mal »9«, 1-mal »99«,") and " und 3 weitere (" not in lang
    assert lang.endswith(" und 3 weitere")


def test_das_projekt_wird_von_unterordnern_aus_gefunden(projekt: Projekt, monkeypatch) -> None:
    monkeypatch.chdir(projekt.notebooks)
    assert Projekt.find() == projekt


def test_die_umgebungsvariable_geht_vor(projekt: Projekt, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(ROOT_VARIABLE, str(projekt.root))
    assert Projekt.find() == projekt


def test_ohne_projekt_sagt_ein_satz_wo_gesucht_wurde(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(errors.ConfigurationError, match="kein sozcontrol-Projekt"):
        Projekt.find()
    with pytest.raises(errors.ConfigurationError):
        Projekt.find(tmp_path)


def test_berichte_liegen_nie_unter_data_und_daten_nie_unter_reports(projekt: Projekt) -> None:
    assert not projekt.reports.is_relative_to(projekt.data)
    for folder in (projekt.raw, projekt.processed, projekt.runs, projekt.intern, projekt.damaged):
        assert folder.is_relative_to(projekt.data)


@pytest.mark.parametrize("name", ["a" * 20_000, "a\nb", "a\0b"])
def test_ein_unmoeglicher_ordnername_ist_ein_satz(name: str) -> None:
    with pytest.raises(errors.ConfigurationError) as raised:
        Projekt.find("/tmp/" + name)
    assert len(str(raised.value).splitlines()) == 3
