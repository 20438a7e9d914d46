"""How a chosen column is read, as the profile writes it, and how a missing one is made up for.

A value is proposed with a question wherever the file itself does not prove it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sozcontrol import catalogue
from sozcontrol.catalogue import Spalte
from sozcontrol.catalogue.quellnamen import Ableitung, quellnamen
from sozcontrol.intake.header import VORLAGE_FELD
from sozcontrol.tidy.dates import ISO
from sozcontrol.vorschlag.namenswissen import konstanten, vorlagen
from sozcontrol.vorschlag.spaltenbefund import Spaltenbefund
from sozcontrol.vorschlag.woerterbuch import code_of, guess_of
from sozcontrol.vorschlag.zielwahl import KENNT, SICHER, Treffer, Wahl, could_be

UNBEKANNT = "?"
"""What stands in place of a source column that only a person can name."""
HAEUFIG, ANTEIL = 3, 0.02
"""A word that no list knows is written only if it stands so often, and in so many of the cells: a
rarer one may be a name."""
_NAME = re.compile(r"^(?:Frau|Herrn?|Fam\.|Familie|Eheleute|Dr\.) |^[^\W\d]+,? [^\W\d]+$")
"""What may be a name: a form of address, or two words and no more."""
_THOUSAND = re.compile(r"T€|TEUR|T\s?EUR|Tsd\.?|in 1\.?000", re.IGNORECASE)
_EURO = re.compile(r"€|\bEUR\b|\bEuro\b", re.IGNORECASE)
_SHORT = 12
_PARTS = {"%d": r"\d{1,2}", "%m": r"\d{1,2}", "%Y": r"\d{4}", "%y": r"\d{2}"}


@dataclass(frozen=True)
class Zeile:
    """One canonical column as the profile has it: keys with values, questions by key, remarks."""

    spalte: str
    angaben: Mapping[str, object]
    fragen: Mapping[str, str] = field(default_factory=dict)
    bemerkungen: tuple[str, ...] = ()


def read_as(hit: Treffer, wahl: Wahl, titel: str) -> Zeile:
    """Return how the source column of *hit* is read."""
    column, source = hit.ziel, hit.quelle
    given: dict[str, object] = {"aus": source.name}
    asked: dict[str, str] = {}
    if hit.punkte < SICHER:
        asked["aus"] = f"Ist das die Spalte »{column.bezeichnung}« ({column.bedeutung})?"
    notes = [f"{hit.punkte} von 100: {hit.grund}", source.beschreibung()]
    if column.typ in ("datum", "monat"):
        given |= _dates(source, column)
    elif column.typ in ("betrag", "dezimal", "ganzzahl"):
        given |= _numbers(source)
        _unit(column, source.name, titel, given, asked)
        _doubt(source, asked)
    elif column.typ in ("code", "wahr"):
        _codes(wahl.tabelle.name, column.name, source, given, asked, notes)
    elif source.laenge:
        given["laenge"] = source.laenge
    return Zeile(column.name, given, asked, tuple(notes))


def _dates(source: Spaltenbefund, column: Spalte) -> dict[str, object]:
    forms = [f for f, rate in source.daten.items() if rate > 0]
    best = forms[:1]
    rest = [f for f in forms[1:] if source.daten[f] < 1 and source.daten[best[0]] < 1]
    given: dict[str, object] = {"format": best + rest[:1] if rest else best[0]} if best else {}
    if source.typisiert and best == [ISO]:
        given = {}  # the cells are dates
    if source.offene:
        given["leer" if column.pflicht else "offen"] = list(source.offene)
    return given


def _numbers(source: Spaltenbefund) -> dict[str, object]:
    z = source.zahlen
    return {"dezimal": ".", "tausender": ","} if z.dezimal == "." and z.nachkomma else {}


def _unit(
    column: Spalte, name: str, titel: str, given: dict[str, object], asked: dict[str, str]
) -> None:
    if column.typ != "betrag":
        return
    if _THOUSAND.search(name) or _THOUSAND.search(titel):
        given |= {"einheit": "T€", "faktor": 1000}
        return
    given["einheit"] = "EUR"
    if not (_EURO.search(name) or _EURO.search(titel)):
        asked["einheit"] = "Stehen die Beträge in Euro (EUR) oder in tausend Euro (T€)?"


def _doubt(source: Spaltenbefund, asked: dict[str, str]) -> None:
    if not source.zahlen.eindeutig and not source.typisiert:
        asked["aus"] = (
            f"{source.zahlen.zweifelhaft} Zahlen wie 1.234, keine mit Nachkommastellen: "
            "Trennt der Punkt Tausender? (Wenn nicht: dezimal: '.' ergänzen)"
        )


def _codes(
    table: str, column: str, source: Spaltenbefund, given: dict[str, object],
    asked: dict[str, str], notes: list[str], other: str | None = None,
) -> None:  # fmt: skip
    """Translate the words of a code column; *other* is one whose codes mean the same."""
    spalte = catalogue.tabelle(table).spalte(column)
    known = sum(n for t, n in source.gefuellt.items() if code_of(table, column, t))
    if known < KENNT * source.gefuellt.total():
        notes.append(
            f"{len(source.gefuellt)} verschiedene Wörter, kaum eines bekannt: Sie stehen hier "
            "nicht; ist es die Spalte, sie unter codes übersetzen (wort: code)"
        )
        return
    codes: dict[str, str] = {}
    rare = 0
    for text, number in sorted(source.gefuellt.items(), key=lambda i: (-i[1], i[0])):
        code = code_of(table, column, text)
        if code is None and other and (same := code_of(table, other, text)) and _own(spalte, same):
            code = same
        if code is not None and not _own(spalte, text):
            codes[text] = code
        elif code is None and _is_word(source, text, guess := guess_of(table, column, text)):
            codes[text] = guess
            asked[f"codes.{text}"] = f"{number}-mal. {_which(spalte, codes[text])}"
        elif code is None:
            rare += number
    if codes:
        given["codes"] = codes
    if rare:
        notes.append(
            f"{rare} Zellen mit unbekannten Wörtern, die selten sind oder Namen sein könnten: sie "
            "stehen hier nicht; --pruefen und sozcontrol check nennen ihre Zeilen"
        )


def _is_word(source: Spaltenbefund, text: str, guess: str) -> bool:
    """Whether a text of a code column is a word of its system, and can't well be a name."""
    often = source.gefuellt[text] >= max(HAEUFIG, ANTEIL * source.gefuellt.total())
    return often and (bool(guess) or not _NAME.search(text))


def _which(spalte: Spalte, guess: str) -> str:
    """Ask which code a word stands for; of a short list with their names."""
    if spalte.codeliste is None:
        return "Heißt das ja oder nein?"
    codes = catalogue.codeliste(spalte.codeliste).gueltig
    meant = f"Gemeint ist wohl {codes[guess].name}" if guess else "Was heißt das"
    return f"{meant}? Möglich: {_listed(spalte)}"


def _listed(spalte: Spalte) -> str:
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


def made_up(name: str, wahl: Wahl, fields: Sequence[str]) -> Zeile | None:
    """Return how a mandatory column that no source column feeds comes about; None: it doesn't."""
    table, column = wahl.tabelle.name, wahl.tabelle.spalte(name)
    rule = quellnamen().ableitbar.get(table, {}).get(name)
    if rule and (hit := wahl.treffer.get(rule.von)) and (line := _derived(column, rule, hit, wahl)):
        return line
    for origin in vorlagen(table, name):
        needed = VORLAGE_FELD.findall(origin.vorlage or "")
        if needed and set(needed) <= set(fields):
            given: dict[str, object] = {"vorlage": origin.vorlage}
            given |= {"format": origin.format[0]} if origin.format else {}
            ask = (
                f"»{column.bezeichnung}« ({column.bedeutung}) steht nicht in der Datei. "
                f"Gilt für jede Zeile {origin.vorlage}?"
            )
            return Zeile(name, given, {"vorlage": ask})
    return _constant(wahl, column)


def asked_for(column: Spalte, wahl: Wahl, columns: Sequence[Spaltenbefund], titel: str) -> Zeile:
    """Return a line that asks which source column it is: the only one it could be, if there is."""
    melted = wahl.schmelze.spalten
    free = [c for c in columns if c.nummer not in wahl.benutzt and c.name not in melted]
    hits = could_be(column, wahl.tabelle.name, free)
    told = f"Es fehlt {column.bezeichnung} ({column.bedeutung})."
    if len(hits) == 1 and not column.pseudonym:
        line = read_as(Treffer(hits[0], column, 0, "die einzige, die es sein könnte"), wahl, titel)
        return replace(line, fragen={**line.fragen, "aus": f"{told} Ist es diese Spalte?"})
    taken = [t.quelle for t in wahl.treffer.values() if t.ziel.typ == column.typ]
    names = ", ".join(c.name for c in (hits or taken)) or "keine kommt in Frage"
    return Zeile(column.name, {"aus": UNBEKANNT}, {"aus": f"{told} Welche Spalte ist es: {names}?"})


def _constant(wahl: Wahl, column: Spalte) -> Zeile | None:
    table, name = wahl.tabelle.name, column.name
    table_of = catalogue.tabelle(table)
    if name in quellnamen().zaehler:
        return _row_key(
            column, [h for h in wahl.treffer.values() if h.ziel.name in table_of.schluessel]
        )
    if column.typ == "datum" and name in ("stichtag", "stand"):
        ask = "Gilt die Datei für den Stichtag der Lieferung?"
        return Zeile(name, {"aus": "@stichtag"}, {"aus": ask})
    usual = konstanten(table, name)
    if usual:
        possible = f" Möglich: {_listed(column)}" if column.codeliste else ""
        ask = f"Die Datei nennt keine Spalte »{column.bezeichnung}«. Gilt das für alle Zeilen?"
        return Zeile(name, {"konstant": usual[0]}, {"konstant": ask + possible})
    return None


def _row_key(column: Spalte, keys: Sequence[Treffer]) -> Zeile:
    """Return a number that tells rows apart: none is needed where another key does."""
    if any(max(k.quelle.gefuellt.values(), default=0) == 1 for k in keys):
        note = "jede Zeile hat schon eine eigene Nummer (nachgezählt)"
        return Zeile(column.name, {"konstant": "1"}, bemerkungen=(note,))
    ask = (
        "Die Zeilennummer macht Zeilen unterscheidbar, ist aber in jeder Lieferung eine andere. "
        "Gut so?"
    )
    return Zeile(column.name, {"zeilennummer": True}, {"zeilennummer": ask})


def _derived(column: Spalte, rule: Ableitung, hit: Treffer, wahl: Wahl) -> Zeile | None:
    source = hit.quelle
    if rule.teil:
        return _part_of_date(column, rule.teil, hit)
    given: dict[str, object] = {"aus": source.name}
    asked: dict[str, str] = {}
    if rule.merkmal is None:
        notes = [f"aus derselben Spalte wie {rule.von}"]
        _codes(wahl.tabelle.name, column.name, source, given, asked, notes, rule.von)
        return Zeile(column.name, given, asked, tuple(notes))
    marks = _marks(column, rule, source, wahl)
    if not marks:
        return None
    given["codes"] = marks
    asked |= {f"codes.{t}": f"{column.bezeichnung} dieser Zeilen? Möglich: {_listed(column)}"
              for t, code in marks.items() if not code}  # fmt: skip
    return Zeile(column.name, given, asked, (f"folgt aus {rule.von}",))


def _marks(column: Spalte, rule: Ableitung, source: Spaltenbefund, wahl: Wahl) -> dict[str, str]:
    """Return, per word of the source column, what the code list says its code is."""
    other = wahl.tabelle.spalte(rule.von)
    codes = catalogue.codeliste(other.codeliste or "").gueltig
    found: dict[str, str] = {}
    for text in sorted(source.gefuellt, key=lambda t: (-source.gefuellt[t], t)):
        code = code_of(wahl.tabelle.name, rule.von, text)
        if code in codes:
            said = codes[code].merkmale.get(rule.merkmal or "", "").split()
            found[text] = said[0] if len(said) == 1 else ""
        elif _is_word(source, text, ""):
            found[text] = ""
    return found


def _part_of_date(column: Spalte, part: str, hit: Treffer) -> Zeile | None:
    form = next(iter(hit.quelle.daten), "")
    wanted = "%Y" if part == "jahr" else "%m"
    if hit.quelle.typisiert:
        form = "%Y-%m-%d"
    if wanted not in form:
        return None
    pieces = re.findall(r"%.|[^%]+", form)
    pattern = "".join(
        f"({_PARTS[p]})" if p == wanted else _PARTS.get(p) or re.escape(p) for p in pieces
    )
    ask = f"{column.bezeichnung} fehlt. Folgt es aus dem {hit.ziel.bezeichnung}?"
    note = f"die Klammer in muster ist {'das Jahr' if part == 'jahr' else 'der Monat'} des Datums"
    given = {"aus": hit.quelle.name, "muster": pattern}
    return Zeile(column.name, given, {"aus": ask}, (note,))
