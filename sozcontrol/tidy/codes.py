"""Words of a source system to our codes: the profile first, then the code list."""

from __future__ import annotations

from collections.abc import Iterable

from sozcontrol.catalogue import Codeliste

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


def listed(words: Iterable[str]) -> str:
    """Return unknown codes for a message: few and short ones.

    A shifted column puts names where codes belong; long texts and long lists are therefore
    counted, not shown.
    """
    found = sorted(set(words))
    short = [word for word in found if len(word) <= 16 and len(word.split()) <= 2]
    if len(found) > 20 or not short:
        return f"{len(found)} verschiedene Texte, die keine Codes sind"
    more = len(found) - len(short[:10])
    return ", ".join(f"»{w}«" for w in short[:10]) + (f" und {more} weitere" if more else "")
