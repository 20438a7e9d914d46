"""How a chosen column is read, as the profile writes it, and how a missing one is made up for.

A value is proposed with a question wherever the file itself does not prove it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sozcontrol import catalogue
from sozcontrol.catalogue import Spalte
from sozcontrol.catalogue.profil import Herkunft
from sozcontrol.catalogue.quellnamen import Ableitung, quellnamen
from sozcontrol.intake.header import VORLAGE_FELD
from sozcontrol.tidy.dates import ISO
from sozcontrol.vorschlag.codewahl import Codewahl, derive, listed, translate
from sozcontrol.vorschlag.namenswissen import konstanten, vorlagen
from sozcontrol.vorschlag.spaltenbefund import Spaltenbefund
from sozcontrol.vorschlag.zielwahl import SICHER, Treffer, Wahl, could_be

UNBEKANNT = "?"
"""What stands in place of a source column that only a person can name."""
_THOUSAND = re.compile(r"T€|TEUR|T\s?EUR|Tsd\.?|in 1\.?000", re.IGNORECASE)
_EURO = re.compile(r"€|\bEUR\b|\bEuro\b", re.IGNORECASE)
_PARTS = {"%d": r"\d{1,2}", "%m": r"\d{1,2}", "%Y": r"\d{4}", "%y": r"\d{2}"}


@dataclass(frozen=True)
class Zeile:
    """One canonical column as the profile has it: keys with values, questions by key, remarks.

    ``anzahl`` is how many cells hold each word of its codes.
    """

    spalte: str
    angaben: Mapping[str, object]
    fragen: Mapping[str, str] = field(default_factory=dict)
    bemerkungen: tuple[str, ...] = ()
    anzahl: Mapping[str, int] = field(default_factory=dict)


def read_as(hit: Treffer, wahl: Wahl, titel: str) -> Zeile:
    """Return how the source column of *hit* is read."""
    column, source = hit.ziel, hit.quelle
    given: dict[str, object] = {"aus": source.name}
    asked: dict[str, str] = {}
    if hit.punkte < SICHER:
        asked["aus"] = f"Ist das die Spalte »{column.bezeichnung}« ({_meaning(column)})?"
    notes = [f"{hit.punkte} von 100: {hit.grund}", source.beschreibung()]
    if column.typ in ("datum", "monat"):
        given |= _dates(source, column, asked)
    elif _is_number(column):
        given |= _numbers(source)
        _unit(column, source, titel, given, asked)
        _doubt(source, given, asked)
        if source.striche:
            given["null"] = ["-", "–"]
            asked["null"] = f"{source.striche} Zellen sind ein Strich. Heißt er null? (sonst: nein)"
    elif source.laenge and column.typ not in ("code", "wahr"):
        given["laenge"] = source.laenge
    _doubt_text(hit, wahl, asked)
    line = Zeile(column.name, given, asked, tuple(notes))
    if column.typ in ("code", "wahr"):
        return coded(line, translate(wahl.tabelle, column, source))
    return line


def _doubt_text(hit: Treffer, wahl: Wahl, asked: dict[str, str]) -> None:
    """Ask about numbers that differ by zeros only, and about texts that may be people."""
    column, source = hit.ziel, hit.quelle
    if source.nullendoppel and not _is_number(column):
        asked["aus"] = (
            f"{source.nullendoppel} Nummern gleichen einer anderen bis auf führende Nullen (00012 "
            "und 12) und zählen als zwei. Stimmt das?"
        )
    if column.typ == "text" and wahl.tabelle.nennt_personen and source.namensartig:
        asked["aus"] = (
            f"Die Zellen sehen nach Namen aus. Ist es »{column.bezeichnung}«, kein Mensch?"
        )


def _is_number(column: Spalte) -> bool:
    return column.typ in ("betrag", "dezimal", "ganzzahl", "datum", "monat")


def _dates(source: Spaltenbefund, column: Spalte, asked: dict[str, str]) -> dict[str, object]:
    forms = [f for f, rate in source.daten.items() if rate > 0]
    best = forms[:1]
    rest = [f for f in forms[1:] if source.daten[f] < 1 and source.daten[best[0]] < 1]
    given: dict[str, object] = {"format": best + rest[:1] if rest else best[0]} if best else {}
    if source.typisiert and best == [ISO]:
        given = {}  # the cells are dates
    if (last := source.jahre_bis) is not None:
        given["jahre_bis"] = last
        asked["jahre_bis"] = (
            f"Jahre zweistellig: {(last + 1) % 100:02d} bis 99 als 19xx, 00 bis {last % 100:02d} "
            "als 20xx. Stimmt das?"
        )
    if source.offene:
        nothing = list(Herkunft(zeilennummer=True).leer) if column.pflicht else []
        given["leer" if column.pflicht else "offen"] = [*nothing, *source.offene]
    return given


def _numbers(source: Spaltenbefund) -> dict[str, object]:
    z = source.zahlen
    if z.dezimal == "," or not z.nachkomma:
        return {}
    marks = "".join(sorted({c for text in source.gefuellt for c in text if c in "'’"}))
    return {"dezimal": ".", "tausender": f",{marks}"}


def _unit(
    column: Spalte, source: Spaltenbefund, titel: str, given: dict[str, object],
    asked: dict[str, str],
) -> None:  # fmt: skip
    if column.typ == "dezimal" and source.zahlen.einheit == "%":
        given["einheit"] = "%"
    if column.typ != "betrag":
        return
    name = source.name
    # What the column says counts before what the title says.
    for text in (name, titel):
        if _THOUSAND.search(text):
            given |= {"einheit": "T€", "faktor": 1000}
        elif _EURO.search(text):
            given["einheit"] = "EUR"
        if "einheit" in given:
            return
    given["einheit"] = source.zahlen.einheit or "EUR"
    if source.zahlen.einheit is None:
        asked["einheit"] = "Stehen die Beträge in Euro (EUR) oder in tausend Euro (T€)?"


def _doubt(source: Spaltenbefund, given: dict[str, object], asked: dict[str, str]) -> None:
    if not source.zahlen.eindeutig and not source.typisiert:
        given["dezimal"] = source.zahlen.dezimal
        asked["dezimal"] = (
            f"{source.zahlen.zweifelhaft} Zahlen wie 1.234, keine mit Nachkommastellen: Was trennt "
            "Nachkommastellen, ein Komma (,) oder ein Punkt (.)?"
        )


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
                f"»{column.bezeichnung}« ({_meaning(column)}) steht nicht in der Datei. "
                f"Gilt für jede Zeile {origin.vorlage}?"
            )
            return Zeile(name, given, {"vorlage": ask})
    return _constant(wahl, column)


def asked_for(column: Spalte, wahl: Wahl, columns: Sequence[Spaltenbefund], titel: str) -> Zeile:
    """Return a line that asks which source column it is: the only one it could be, if there is."""
    melted = wahl.schmelze.spalten
    free = [c for c in columns if c.nummer not in wahl.benutzt and c.name not in melted]
    hits = could_be(column, wahl.tabelle.name, free)
    told = f"Es fehlt {column.bezeichnung} ({_meaning(column)})."
    keys = [t.quelle for t in wahl.treffer.values() if t.ziel.typ == column.typ and _tells_apart(t)]
    if column.name in wahl.tabelle.schluessel and len(keys) == 1:
        line = read_as(Treffer(keys[0], column, 0, "in jeder Zeile eine andere"), wahl, titel)
        name = keys[0].name
        ask = f"{told} »{name}« ist in jeder Zeile eine andere (nachgezählt). Ist es sie?"
        return replace(line, fragen={**line.fragen, "aus": ask})
    if len(hits) == 1 and not column.pseudonym:
        line = read_as(Treffer(hits[0], column, 0, "die einzige, die es sein könnte"), wahl, titel)
        return replace(line, fragen={**line.fragen, "aus": f"{told} Ist es diese Spalte?"})
    taken = [t.quelle for t in wahl.treffer.values() if t.ziel.typ == column.typ]
    names = ", ".join(c.name for c in (hits or taken))
    which = f"Welche Spalte ist es: {names}?" if names else "Keine der Spalten kommt in Frage."
    return Zeile(column.name, {"aus": UNBEKANNT}, {"aus": f"{told} {which}"})


def _meaning(column: Spalte) -> str:
    """Return what a column means to who delivers it: of a pseudonym, the number it is made from."""
    return "die Nummer dazu, verschlüsselt beim Einlesen" if column.pseudonym else column.bedeutung


def _tells_apart(hit: Treffer) -> bool:
    """Whether a source column has something in each row, and never the same twice."""
    return not hit.quelle.leer and len(hit.quelle.gefuellt) == len(hit.quelle.zellen)


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
        possible = f" Möglich: {listed(column)}" if column.codeliste else ""
        ask = f"Die Datei nennt keine Spalte »{column.bezeichnung}«. Gilt das für alle Zeilen?"
        return Zeile(name, {"konstant": usual[0]}, {"konstant": ask + possible})
    return None


def _row_key(column: Spalte, keys: Sequence[Treffer]) -> Zeile:
    """Return a number that tells rows apart: none is needed where another key does."""
    if any(map(_tells_apart, keys)):
        note = "jede Zeile hat schon eine eigene Nummer (nachgezählt)"
        return Zeile(column.name, {"konstant": "1"}, bemerkungen=(note,))
    ask = (
        "Die Zeilennummer macht Zeilen unterscheidbar, ist aber in jeder Lieferung eine andere. "
        "Gut so?"
    )
    return Zeile(column.name, {"zeilennummer": True}, {"zeilennummer": ask})


def _derived(column: Spalte, rule: Ableitung, hit: Treffer, wahl: Wahl) -> Zeile | None:
    if rule.teil:
        return _part_of_date(column, rule.teil, hit)
    if rule.anfang:
        first = next(iter(rule.anfang))
        given = {"aus": hit.quelle.name, "am_anfang": True, "codes": rule.anfang}
        return Zeile(column.name, given, {f"codes.{first}": rule.frage or "Stimmt das?"})
    if rule.merkmal is None:
        found = translate(wahl.tabelle, column, hit.quelle, gleich=rule.von)
        found.bemerkungen.append(f"aus derselben Spalte wie {rule.von}")
        return coded(Zeile(column.name, {"aus": hit.quelle.name}), found)
    found = derive(wahl.tabelle, column, rule, hit.quelle)
    return coded(Zeile(column.name, {"aus": hit.quelle.name}), found) if found.codes else None


def coded(line: Zeile, found: Codewahl) -> Zeile:
    """Return *line* with the words it translates, their questions and remarks."""
    given = {**line.angaben, **({"codes": found.codes} if found.codes else {})}
    asked = {**line.fragen, **{f"codes.{word}": ask for word, ask in found.fragen.items()}}
    notes = (*line.bemerkungen, *found.bemerkungen)
    return Zeile(line.spalte, given, asked, notes, found.anzahl)


def _part_of_date(column: Spalte, part: str, hit: Treffer) -> Zeile | None:
    form = next(iter(hit.quelle.daten), "")
    wanted = "%Y" if part == "jahr" else "%m"
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
