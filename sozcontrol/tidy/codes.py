"""Words of a source system to our codes: the profile first, then the code list."""

from __future__ import annotations

from collections.abc import Mapping

from sozcontrol import catalogue
from sozcontrol.catalogue import Codeliste, Spalte

_TRUE = frozenset({"ja", "j", "wahr", "true", "1", "y"})
_FALSE = frozenset({"nein", "n", "falsch", "false", "0"})


def translated(text: str, words: Mapping[str, str], am_anfang: bool) -> str:
    """Return what a profile's *words* make of *text*: the whole of it, or how it begins."""
    if not am_anfang:
        return words.get(text, text)
    starts = [start for start in words if text.startswith(start)]
    return words[max(starts, key=len)] if starts else text


class UnknownCode(ValueError):
    """A word that neither the profile nor the code list knows."""


def encode(
    text: str, words: Mapping[str, str], codes: Codeliste, *, am_anfang: bool = False
) -> str | None:
    """Return the code *text* stands for; a rejected value is nothing.

    Raises:
        UnknownCode: It is in none of the three sets of the list.
    """
    word = translated(text, words, am_anfang)
    if word in codes.gueltig:
        return word
    if word in codes.korrektur:
        return codes.korrektur[word]
    if word in codes.verworfen:
        return None
    raise UnknownCode


def truth(text: str, words: Mapping[str, str], *, am_anfang: bool = False) -> bool:
    """Return yes or no.

    Raises:
        UnknownCode: It is neither.
    """
    word = translated(text, words, am_anfang).casefold()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise UnknownCode


def vocabulary(column: Spalte, words: Mapping[str, str]) -> frozenset[str]:
    """Return every text a cell of *column* may hold: the code list's, and the profile's *words*."""
    if column.codeliste is None:
        return frozenset({*_TRUE, *_FALSE, *words})
    codes = catalogue.codeliste(column.codeliste)
    return frozenset({*codes.gueltig, *codes.korrektur, *codes.verworfen, *words})
