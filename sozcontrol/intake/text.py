"""Bytes to text: strictly, in the declared encoding or in one that leaves no doubt."""

from __future__ import annotations

import codecs
import re
import unicodedata

from sozcontrol.intake.rules import FileRejected

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTINUATION = "".join(bytes([b]).decode("cp1252", "ignore") for b in range(0x80, 0xC0))
# UTF-8 read as cp1252 (»Ã¼«, »â€“«, »Â§«), cp850 read as cp1252 (»K„se«), and lost characters.
MOJIBAKE = re.compile(rf"[ÃÂ][{re.escape(_CONTINUATION)}]|â€|\ufffd|(?<=[A-Za-z])[„”](?=[a-z])|ï»¿")


def decode(data: bytes, declared: str | None) -> tuple[str, str]:
    """Return the text of *data* and the encoding that read it strictly.

    Without a declared encoding: the byte order mark, else strict UTF-8, else strict cp1252.

    Raises:
        FileRejected: R-I01, with byte offset and line of the first byte that does not fit.
    """
    mark = next((name for bom, name in _BOMS if data.startswith(bom)), None)
    for encoding in _candidates(mark, declared):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError as error:
            failed = error
            continue
        except LookupError:
            raise FileRejected(
                "R-I01",
                f"Die Kodierung »{encoding}« des Profils gibt es nicht.",
                "Im Profil unter kodierung eine bekannte Kodierung eintragen (utf-8, cp1252).",
            ) from None
        return unicodedata.normalize("NFC", text).removeprefix("\ufeff"), encoding
    raise _undecodable(data, failed)


def _candidates(mark: str | None, declared: str | None) -> tuple[str, ...]:
    if declared is None:
        return (mark,) if mark else ("utf-8", "cp1252")
    if mark is None:
        return (declared,)
    # The byte order mark is no guess: a file that carries another one is not what was agreed.
    if codecs_name(mark).removesuffix("-sig") != codecs_name(declared).removesuffix("-sig"):
        raise FileRejected(
            "R-I01",
            f"Vereinbart ist die Kodierung {declared}, die Datei trägt aber die Kennung von "
            f"{mark.removesuffix('-sig')}.",
            "Datei in der vereinbarten Kodierung neu ausgeben oder kodierung im Profil ändern.",
        )
    return (mark,)


def codecs_name(name: str) -> str:
    """Return Python's own name of an encoding, or *name* when it knows none."""
    try:
        return codecs.lookup(name).name
    except LookupError:
        return name


def is_other_utf8(data: bytes, encoding: str) -> bool:
    """Whether *data*, read in *encoding*, are letters beyond ASCII in strict UTF-8 instead."""
    if codecs_name(encoding).startswith("utf") or data.isascii():
        return False
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _undecodable(data: bytes, error: UnicodeDecodeError) -> FileRejected:
    line = data.count(b"\n", 0, error.start) + 1
    return FileRejected(
        "R-I01",
        f"Die Datei ist nicht als {error.encoding} lesbar: Byte 0x{data[error.start]:02x} an "
        f"Stelle {error.start} (Zeile {line}).{_suggestion(data)}",
        "Datei in der vereinbarten Kodierung neu ausgeben oder kodierung im Profil berichtigen.",
        zeilen=(line,),
    )


def _suggestion(data: bytes) -> str:
    from charset_normalizer import from_bytes

    # A guess is shown to a person and never used for reading.
    best = from_bytes(data[:200_000]).best()
    return f" Vermutlich ist sie {best.encoding} kodiert." if best else ""
