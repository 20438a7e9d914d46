"""Pseudonyms and their key."""

from __future__ import annotations

import hashlib
import stat
from pathlib import Path

import pytest

from sozcontrol.errors import ConfigurationError, Exit
from sozcontrol.projekt import Projekt
from sozcontrol.tidy import Pseudonymiser, key_path, load_key

KEY = bytes(range(32))


def test_dieselbe_nummer_gibt_dasselbe_pseudonym_und_keines_verraet_sie() -> None:
    one, again = Pseudonymiser(KEY, "a"), Pseudonymiser(KEY, "a")
    name = one.id("fall", "4711")
    assert name == again.id("fall", " 4711 ")
    assert len(name) == 20
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz234567")
    assert name != hashlib.sha256(b"4711").hexdigest()[:20]


def test_kreis_kommune_und_schluessel_trennen_die_pseudonyme() -> None:
    names = {
        Pseudonymiser(key, town).id(circle, "4711")
        for key in (KEY, bytes(32))
        for town in ("a", "b")
        for circle in ("fall", "person")
    }
    assert len(names) == 8


def test_kreis_und_nummer_lassen_sich_nicht_verschieben() -> None:
    maker = Pseudonymiser(KEY, "a")
    assert maker.id("fall", "x4711") != maker.id("fallx", "4711")


def test_ein_bekannter_wert_haelt_das_verfahren_fest() -> None:
    # hmac-sha256(key, b"fall\\0teststadt\\04711"), base32, computed with the standard library.
    import base64
    import hmac

    digest = hmac.new(KEY, b"fall\0teststadt\x004711", "sha256").digest()
    expected = base64.b32encode(digest).decode().lower()[:20]
    assert Pseudonymiser(KEY, "teststadt").id("fall", "4711") == expected


def test_der_schluessel_entsteht_einmal_mit_0600_ausserhalb_des_projekts(projekt: Projekt) -> None:
    key = load_key(projekt, create=True)
    assert len(key) == 32
    assert load_key(projekt, create=True) == key == load_key(projekt, create=False)
    assert stat.S_IMODE(key_path().stat().st_mode) == 0o600
    assert not key_path().is_relative_to(projekt.root)
    assert Pseudonymiser(key, "a").key_id == hashlib.sha256(key).hexdigest()[:8]


def test_ohne_schluessel_wird_nichts_gelesen(projekt: Projekt) -> None:
    with pytest.raises(ConfigurationError) as error:
        load_key(projekt, create=False)
    assert error.value.exit_code is Exit.CONFIGURATION


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o666])
def test_ein_schluessel_den_andere_lesen_koennen_gilt_nicht(projekt: Projekt, mode: int) -> None:
    load_key(projekt, create=True)
    key_path().chmod(mode)
    with pytest.raises(ConfigurationError, match="Andere Benutzer"):
        load_key(projekt, create=True)


@pytest.mark.parametrize("size", [0, 31, 33])
def test_ein_schluessel_falscher_groesse_gilt_nicht(projekt: Projekt, size: int) -> None:
    load_key(projekt, create=True)
    key_path().write_bytes(b"x" * size)
    with pytest.raises(ConfigurationError, match="statt 32 Byte"):
        load_key(projekt, create=True)
    with pytest.raises(ConfigurationError):
        Pseudonymiser(b"x" * size, "a")


def test_im_projektordner_darf_kein_schluessel_liegen(
    projekt: Projekt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = projekt.data / "schluessel"
    monkeypatch.setenv("SOZCONTROL_SCHLUESSEL_DATEI", str(inside))
    with pytest.raises(ConfigurationError, match="Projektordner"):
        load_key(projekt, create=True)
    assert not inside.exists()
    link = tmp_path / "verweis"
    link.symlink_to(inside)
    monkeypatch.setenv("SOZCONTROL_SCHLUESSEL_DATEI", str(link))
    with pytest.raises(ConfigurationError, match="Projektordner"):
        load_key(projekt, create=True)


def test_die_umgebung_nennt_die_schluesseldatei(
    projekt: Projekt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = tmp_path / "tresor" / "schluessel"
    monkeypatch.setenv("SOZCONTROL_SCHLUESSEL_DATEI", str(named))
    load_key(projekt, create=True)
    assert named.exists()
    with pytest.raises(ConfigurationError, match="keine Datei"):
        monkeypatch.setenv("SOZCONTROL_SCHLUESSEL_DATEI", str(named.parent))
        load_key(projekt, create=True)
