"""What a word of a source system means among our codes: certainly, or as a guess to ask about."""

from __future__ import annotations

from sozcontrol import catalogue
from sozcontrol.tidy.codes import UnknownCode, encode, truth
from sozcontrol.vorschlag.namenswissen import schluessel, woerter


def code_of(table: str, column: str, text: str) -> str | None:
    """Return the code a word stands for, by the code list, else by names and other profiles."""
    spalte = catalogue.tabelle(table).spalte(column)
    try:
        if spalte.codeliste is None:
            return "ja" if truth(text, {}) else "nein"
        return encode(text, {}, catalogue.codeliste(spalte.codeliste)) or ""
    except UnknownCode:
        return woerter(table, column).get(schluessel(text))


def guess_of(table: str, column: str, text: str) -> str:
    """Return the one code whose words a longer text holds; nothing where it is none or several."""
    key = schluessel(text)
    known = woerter(table, column).items()
    hits = {code for word, code in known if len(word) > 4 and word in key}
    return hits.pop() if len(hits) == 1 else ""
