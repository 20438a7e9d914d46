"""Column names as they are compared: one spelling for all the ways offices write them."""

from __future__ import annotations

import os
import re
import unicodedata
from functools import lru_cache
from pathlib import Path

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
# »Vor-⏎trag« is one word; »Plan-⏎Ist« keeps its hyphen because a capital follows.
_HYPHENATION = re.compile(r"(?<=\w)[-\u00ad]\s*[\r\n]+\s*(?=[a-zäöüß])")


@lru_cache(maxsize=4096)
def normalise(name: str) -> str:
    """Return *name* for comparison: case, umlauts, ß, hyphenation and blanks made equal."""
    text = unicodedata.normalize("NFKC", _HYPHENATION.sub("", name)).replace("\u00ad", "")
    text = text.casefold().translate(_UMLAUTS)
    return re.sub(r"\s*\|\s*", "|", " ".join(text.split()))


def readable(name: str) -> str:
    """Return *name* on one line, as a message shows it."""
    return " ".join(_HYPHENATION.sub("", name).split())


def file_name(path: Path) -> str:
    """Return the name of *path* as a message or a stored text can hold it: in UTF-8, come what may.

    Linux takes any bytes for a name; those that are no UTF-8 become the replacement character.
    """
    return os.fsencode(path.name).decode("utf-8", "replace")
