"""The words of a code column as the profile translates them: known ones, and frequent strange ones.

A word no list knows stands in the profile with its number, and a question; not where it is rare or
could be a name.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sozcontrol import catalogue
from sozcontrol.catalogue import Spalte, Tabelle
from sozcontrol.catalogue.quellnamen import Ableitung
from sozcontrol.vorschlag.spaltenbefund import HAEUFIG, NAME, Spaltenbefund
from sozcontrol.vorschlag.woerterbuch import code_of, guess_of
from sozcontrol.vorschlag.zielwahl import KENNT

ANTEIL = 0.02
"""A word that no list knows is written only if it stands so often, and in so many of the cells: a
rarer one may be a name."""
_SHORT = 24
_STRANGE = (
    ", kaum eines bekannt: Sie stehen hier nicht; ist es die Spalte, sie unter codes übersetzen "
    "(wort: code)"
)
_RARE = (
    ", die selten sind oder Namen sein könnten: sie stehen hier nicht; --pruefen und sozcontrol "
    "check nennen ihre Zeilen"
)


@dataclass
class Codewahl:
    """Words with their codes and numbers, the questions they raise, what is to be said of them."""

    codes: dict[str, str] = field(default_factory=dict)
    fragen: dict[str, str] = field(default_factory=dict)
    bemerkungen: list[str] = field(default_factory=list)
    anzahl: dict[str, int] = field(default_factory=dict)


def translate(
    table: Tabelle, column: Spalte, source: Spaltenbefund, gleich: str | None = None
) -> Codewahl:
    """Return what the words of *source* mean in *column*.

    *gleich* is another column whose codes mean the same, where this one does not know a word.
    """
    found, rare, own = Codewahl(anzahl=dict(source.gefuellt)), 0, 0
    known = sum(n for t, n in source.gefuellt.items() if code_of(table.name, column.name, t))
    if known < KENNT * source.gefuellt.total() and not source.wortliste:
        found.bemerkungen.append(f"{len(source.gefuellt)} verschiedene Wörter{_STRANGE}")
        return found
    for text, number in sorted(source.gefuellt.items(), key=lambda i: (-i[1], i[0])):
        code = _code(table, column, text, gleich)
        if code is not None and not _own(column, text):
            found.codes[text] = code
        elif code is None and _is_word(
            source, text, guess := guess_of(table.name, column.name, text)
        ):
            found.codes[text] = guess
            found.fragen[text] = f"{number}-mal. {_which(column, guess)}"
        elif code is None:
            rare += number
        else:
            own += number
    if own:
        found.bemerkungen.append(f"{own} Zellen stehen so in der Codeliste")
    if rare:
        found.bemerkungen.append(f"{rare} Zellen mit unbekannten Wörtern{_RARE}")
    return found


def _code(table: Tabelle, column: Spalte, text: str, gleich: str | None) -> str | None:
    code = code_of(table.name, column.name, text)
    same = code_of(table.name, gleich, text) if gleich and code is None else None
    return same if same and _own(column, same) else code


def of_header(table: Tabelle, column: Spalte, names: Iterable[str]) -> Codewahl:
    """Return what *names* in a header mean in *column*; every unknown one is asked about."""
    found = Codewahl()
    for name in dict.fromkeys(names):
        code = code_of(table.name, column.name, name)
        if code is None:
            found.codes[name] = guess_of(table.name, column.name, name)
            found.fragen[name] = f"Steht im Kopf. {_which(column, found.codes[name])}"
        elif not _own(column, name):
            found.codes[name] = code
    return found


def derive(table: Tabelle, column: Spalte, rule: Ableitung, source: Spaltenbefund) -> Codewahl:
    """Return, per word of the source column, what its code says of *column* (a Merkmal)."""
    codes = catalogue.codeliste(table.spalte(rule.von).codeliste or "").gueltig
    found = Codewahl(bemerkungen=[f"folgt aus {rule.von}"], anzahl=dict(source.gefuellt))
    for text in sorted(source.gefuellt, key=lambda t: (-source.gefuellt[t], t)):
        code = code_of(table.name, rule.von, text)
        if code in codes:
            said = codes[code].merkmale.get(rule.merkmal or "", "").split()
            found.codes[text] = said[0] if len(said) == 1 else ""
        elif _is_word(source, text, ""):
            found.codes[text] = ""
    ask = f"{column.bezeichnung} dieser Zeilen? Möglich: {listed(column)}"
    found.fragen = {text: ask for text, code in found.codes.items() if not code}
    return found


def _is_word(source: Spaltenbefund, text: str, guess: str) -> bool:
    """Whether a text of a code column is a word of its system, and can't well be a name."""
    often = source.gefuellt[text] >= max(HAEUFIG, ANTEIL * source.gefuellt.total())
    return often and (bool(guess) or not NAME.search(text))


def _which(spalte: Spalte, guess: str) -> str:
    """Ask which code a word stands for; of a short list with their names."""
    if spalte.codeliste is None:
        return "Heißt das ja oder nein?"
    codes = catalogue.codeliste(spalte.codeliste).gueltig
    meant = f"Gemeint ist wohl {codes[guess].name}" if guess else "Was heißt das"
    return f"{meant}? Möglich: {listed(spalte)}"


def listed(spalte: Spalte) -> str:
    """Return the codes of a column, those of a short list with their names."""
    codes = catalogue.codeliste(spalte.codeliste or "").gueltig
    short = len(codes) <= _SHORT
    return ", ".join(
        f"{code} ({item.name})" if short and item.name != code else code
        for code, item in codes.items()
    )


def _own(spalte: Spalte, text: str) -> bool:
    """Whether the code list reads the word without a profile's help."""
    if spalte.codeliste is None:
        return True
    codes = catalogue.codeliste(spalte.codeliste)
    return text in codes.gueltig or text in codes.korrektur or text in codes.verworfen
