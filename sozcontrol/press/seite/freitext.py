"""Free text that reaches a report: no pseudonym, no number of a case or person in it.

Figures pass ``disclosure``; titles, remarks and commentaries are words and pass nothing. What looks
like the number of a person or case is refused with its place, never with its text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

from sozcontrol import catalogue
from sozcontrol.catalogue.profil import Herkunft
from sozcontrol.errors import NotReleased, StorageError
from sozcontrol.tidy.pseudonym import LENGTH

if TYPE_CHECKING:
    from nbformat import NotebookNode

_TOKEN = re.compile(rf"(?<![\w+/=-])[a-z2-7]{{{LENGTH}}}(?![\w+/=-])")
_CLUSTERS = re.compile("sch|ch|ck|ph|th|pfl|pf|st|sp|tz|ts|ng|nk|qu|([bdfglmnprst])\\1")
_KEPT = "Es wurde nichts veröffentlicht; alle bisherigen Berichte gelten weiter."
_NUMBER = re.compile(r"(?=[A-Z]|0)[A-Z]{0,3}\d{5,}")


def looks_like_pseudonym(text: str) -> bool:
    """Say whether *text* holds what ``tidy.pseudonym`` makes; German words do not count.

    All but one of sixty pseudonyms have a digit; the others have no syllables.
    """
    return any(_is_random(token) for token in _TOKEN.findall(text))


def _is_random(token: str) -> bool:
    if any(c.isdigit() for c in token):
        return True
    plain = _CLUSTERS.sub("c", token)
    vowels = sum(c in "aeiouy" for c in plain)
    hard = re.search(r"[^aeiouy]{5}|q|[jvwx][bcdfghjkmnpqtvwxz]", plain)
    return hard is not None or not 0.2 <= vowels / len(plain) <= 0.65


def check_notebook(nb: NotebookNode, bereich: str, *, with_code: bool) -> None:
    """Refuse an executed notebook whose text or released outputs hold a pseudonym.

    Raises:
        NotReleased: Names notebook and cell, not what stands there.
    """
    for cell in nb.cells:
        if any(looks_like_pseudonym(text) for text in _texts(cell, with_code=with_code)):
            raise NotReleased(
                f"Das Notebook »{bereich}« zeigt Text, der wie ein Pseudonym aussieht.",
                wo=f"notebooks/{bereich}.ipynb, Zelle »{cell['id']}«",
                tun="Überschriften, Hinweise und Texte ohne Nummern von Personen oder Fällen "
                "schreiben.",
                unveraendert=_KEPT,
            )


def _texts(cell: NotebookNode, *, with_code: bool) -> Iterable[str]:
    if cell.cell_type == "markdown" or with_code:
        yield cell.source
    for output in cell.get("outputs", ()):
        yield unescape(output.get("data", {}).get("text/html", ""))


def check_commentary(path: Path, profile: tuple[str, ...]) -> None:
    """Refuse a commentary that holds a pseudonym or a number as the source systems write them.

    *profile* names the municipality's profiles; their keyed columns say how long such numbers are.

    Raises:
        NotReleased: Names file and line, not what stands there.
        StorageError: The file is there and cannot be read.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    except (OSError, UnicodeDecodeError) as error:
        raise StorageError(
            f"Ein Kommentar ist nicht lesbar ({type(error).__name__}).",
            wo=str(path),
            tun="Als Text in UTF-8 speichern und Leserechte prüfen.",
        ) from None
    if found := _first(lines, profile):
        place, kind = found
        raise _refused(f"Ein Kommentar enthält etwas, das wie {kind} aussieht.",
                       f"{path}, Zeile {place}")  # fmt: skip


def check_texts(texte: Sequence[str], path: Path, profile: tuple[str, ...]) -> None:
    """Refuse the texts read from a file as :func:`check_commentary` does, however it spells them.

    Raises:
        NotReleased: Names the file, not what stands there.
    """
    if found := _first(texte, profile):
        raise _refused(f"Ein Text enthält etwas, das wie {found[1]} aussieht.", f"{path}")


def _first(lines: Sequence[str], profile: tuple[str, ...]) -> tuple[int, str] | None:
    """Return the first line that names somebody, from 1, and by what."""
    if not lines:  # to know what numbers look like all profiles are read
        return None
    ids = _numbers(profile)
    for place, line in enumerate(lines, start=1):
        if looks_like_pseudonym(line):
            return place, "ein Pseudonym"
        if ids.found(line):
            return place, "die Nummer eines Falls"
    return None


def _refused(was: str, wo: str) -> NotReleased:
    tun = "Einzelne Fälle nicht nennen; die Zeile ohne Nummer schreiben."
    return NotReleased(was, wo=wo, tun=tun, unveraendert=_KEPT)


@dataclass(frozen=True)
class Nummern:
    """The numbers of persons and cases one municipality's source systems write."""

    muster: tuple[re.Pattern[str], ...]
    laengen: frozenset[int]

    def found(self, line: str) -> bool:
        """Say whether a word of *line* is such a number.

        Where a profile gives only a length, a number counts that its letters or a leading zero
        tell from an amount: »H0000001«, »00004753«, not »1234567«.
        """
        words = [w.strip(".,;:!?()[]»«\"'*_`") for w in re.split(r"[\s|/]+", line)]
        return any(p.fullmatch(w) for p in self.muster for w in words) or any(
            len(w) in self.laengen and _NUMBER.fullmatch(w) for w in words
        )


@cache
def _numbers(profile: tuple[str, ...]) -> Nummern:
    patterns, lengths = [], set()
    for source in _keyed(profile):
        if source.muster:
            patterns.append(re.compile(source.muster))
        elif source.laenge:
            lengths.add(source.laenge)
    return Nummern(tuple(patterns), frozenset(lengths))


def _keyed(profile: Sequence[str]) -> Iterator[Herkunft]:
    """Yield how the columns that become pseudonyms are read."""
    for name in profile:
        feeds = (feed for file in catalogue.profil(name).dateien for feed in file.tabellen)
        for feed in feeds:
            keyed = {s.name for s in catalogue.tabelle(feed.tabelle).spalten if s.pseudonym}
            yield from (source for column, source in feed.spalten.items() if column in keyed)
