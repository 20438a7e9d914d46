"""Words of a source system to our codes: the profile first, then the code list."""

from __future__ import annotations

from collections.abc import Mapping

from sozcontrol import catalogue
from sozcontrol.catalogue import Codeliste, Spalte

_TRUE = frozenset({"ja", "j", "wahr", "true", "1", "y"})
_FALSE = frozenset({"nein", "n", "falsch", "false", "0"})


class UnknownCode(ValueError):
    """A word that neither the profile nor the code list knows."""


def encode(text: str, words: dict[str, str], codes: Codeliste) -> str | None:
    """Return the code *text* stands for; a rejected value is nothing.

    Raises:
        UnknownCode: It is in none of the three sets of the list.
    """
    word = words.get(text, text)
    if word in codes.gueltig:
        return word
    if word in codes.korrektur:
        return codes.korrektur[word]
    if word in codes.verworfen:
        return None
    raise UnknownCode


def truth(text: str, words: dict[str, str]) -> bool:
    """Return yes or no.

    Raises:
        UnknownCode: It is neither.
    """
    word = words.get(text, text).casefold()
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
