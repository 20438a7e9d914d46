"""Keyed pseudonyms: the same number gives the same name, and nobody without the key can tell.

An unkeyed hash of a case number is undone in a tenth of a second by trying all numbers. The key
lies outside the project and outside any copy of its data.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import stat
import unicodedata
from functools import cache
from pathlib import Path

from sozcontrol.errors import ConfigurationError
from sozcontrol.projekt import Projekt

KEY_VARIABLE = "SOZCONTROL_SCHLUESSEL_DATEI"
KEY_BYTES = 32
LENGTH = 20
_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"


class Pseudonymiser:
    """Makes pseudonyms for one municipality (``mandant``)."""

    def __init__(self, key: bytes, mandant: str) -> None:
        if len(key) != KEY_BYTES:
            raise ConfigurationError(
                f"Der Schlüssel hat {len(key)} statt {KEY_BYTES} Byte.",
                wo=f"Schlüsseldatei ({KEY_VARIABLE})",
                tun="Die Schlüsseldatei aus der Sicherung wiederherstellen.",
            )
        self._key = key
        self._mandant = mandant.encode()

    @property
    def key_id(self) -> str:
        """The first 8 hex digits of the key's SHA-256: tells keys apart, gives nothing away."""
        return hashlib.sha256(self._key).hexdigest()[:8]

    def id(self, kreis: str, text: str) -> str:
        """Return the pseudonym of *text* in the domain *kreis*: 20 characters, 100 bits.

        HMAC-SHA256 over domain, municipality and text, so that the same number means different
        things as a case and as a person, and in two municipalities.
        """
        plain = unicodedata.normalize("NFC", text.strip()).encode()
        message = b"\0".join((kreis.encode(), self._mandant, plain))
        return _base32(hmac.digest(self._key, message, "sha256"))


def _base32(digest: bytes) -> str:
    """Return the first 100 bits as lower-case base32 (RFC 4648), fifteen bits at a time.

    Same text as ``b32encode(digest)[:20].lower()``, many times as fast: ids are most of a delivery.
    """
    bits, triples = int.from_bytes(digest[:13], "big") >> 4, _triples()
    return (
        triples[bits >> 85] + triples[bits >> 70 & 32767] + triples[bits >> 55 & 32767]
        + triples[bits >> 40 & 32767] + triples[bits >> 25 & 32767] + triples[bits >> 10 & 32767]
        + triples[bits & 1023][1:]
    )  # fmt: skip


@cache
def _triples() -> list[str]:
    return [a + b + c for a in _ALPHABET for b in _ALPHABET for c in _ALPHABET]


def key_path() -> Path:
    """Return where the key lies: the environment's file, else the user's configuration folder."""
    named = os.environ.get(KEY_VARIABLE)
    if named:
        return Path(named).expanduser().absolute()
    config = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(config) / "sozcontrol" / "schluessel"


def load_key(projekt: Projekt, *, create: bool) -> bytes:
    """Return the key; with *create*, make one where there is none (32 random bytes, mode 0600).

    Raises:
        ConfigurationError: It is missing, inside the project, readable by others or of a wrong
            size.
    """
    path = key_path()
    inside = path.resolve().is_relative_to(projekt.root.resolve())
    _demand(not inside, "Der Schlüssel liegt im Projektordner.", path, "Außerhalb ablegen.")
    if create and not path.exists():
        _make(path)
    key = _read(path)
    _demand(
        len(key) == KEY_BYTES,
        f"Der Schlüssel hat {len(key)} statt {KEY_BYTES} Byte.",
        path,
        "Die Schlüsseldatei aus der Sicherung wiederherstellen.",
    )
    return key


def _read(path: Path) -> bytes:
    others = stat.S_IRWXG | stat.S_IRWXO
    try:
        mode = path.stat().st_mode
        _demand(stat.S_ISREG(mode), "Der Schlüssel ist keine Datei.", path, "Datei angeben.")
        was = "Andere Benutzer können den Schlüssel lesen oder ändern."
        _demand(not mode & others, was, path, f"chmod 600 {path}")
        return path.read_bytes()
    except FileNotFoundError:
        raise ConfigurationError(
            "Der Schlüssel für die Pseudonyme fehlt.",
            wo=str(path),
            tun=f"Die Sicherung zurückspielen oder {KEY_VARIABLE} auf die Schlüsseldatei setzen.",
        ) from None
    except OSError as error:
        raise ConfigurationError(
            f"Der Schlüssel ist nicht lesbar ({type(error).__name__}).",
            wo=str(path),
            tun="Rechte der Datei und ihres Ordners prüfen.",
        ) from None


def _demand(holds: bool, was: str, path: Path, tun: str) -> None:
    if not holds:
        raise ConfigurationError(was, wo=str(path), tun=tun)


def _make(path: Path) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # O_EXCL: two first runs at once must not end with two keys.
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    except OSError as error:
        raise ConfigurationError(
            f"Der Schlüssel lässt sich nicht anlegen ({type(error).__name__}).",
            wo=str(path),
            tun=f"Ordner schreibbar machen oder {KEY_VARIABLE} setzen.",
        ) from None
    with os.fdopen(handle, "wb") as stream:
        stream.write(secrets.token_bytes(KEY_BYTES))
        stream.flush()
        os.fsync(stream.fileno())
