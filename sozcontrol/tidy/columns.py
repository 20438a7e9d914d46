"""One column: text to values of its type, each distinct text parsed once."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from sozcontrol import catalogue
from sozcontrol.catalogue import Spalte, Tabelle
from sozcontrol.catalogue.profil import Herkunft
from sozcontrol.findings import tally
from sozcontrol.intake.zellen import Zellen
from sozcontrol.tidy.codes import UnknownCode, encode, truth, vocabulary
from sozcontrol.tidy.dates import LAST_YEAR, Datumsformat
from sozcontrol.tidy.numbers import Zahlformat, decimals, spelt
from sozcontrol.tidy.pseudonym import Pseudonymiser

Parser = Callable[[str], object]
_EXCEL_NUMBER = re.compile(r"\d+(?:[.,]\d+)?E\+\d+", re.IGNORECASE | re.ASCII)
_EXCEL_ZERO = re.compile(r"\d+\.0+", re.ASCII)
_CENT = Decimal("0.01")
_FOUR = Decimal("0.0001")
_MAX_EUR = Decimal(10) ** 12
_MAX_DEZIMAL = Decimal(10) ** 10


class BadCell(ValueError):
    """A cell that does not satisfy a rule; carries the rule, never the text."""

    def __init__(self, regel: str) -> None:
        super().__init__()
        self.regel = regel


@dataclass
class Typed:
    """The values of one column; ``schlecht`` maps a rule to the positions that broke it.

    ``details`` holds, per rule, what a message may say about the bad texts (codes, shapes);
    ``mehrdeutig`` the positions of texts like »1.234« beside texts with decimals; ``unbewiesen``
    those of a column in which no text shows what their sign means; ``gerundet`` how many decimals
    were cut to four places; ``einheit_fraglich`` the positions of numbers that look like a
    percentage in a column of shares (0–1), or the other way round; ``lueckenhaft`` those of a
    ``vorlage`` with an empty part, whose whole is therefore nothing.
    """

    werte: Zellen
    schlecht: dict[str, list[int]] = field(default_factory=dict)
    details: dict[str, str] = field(default_factory=dict)
    mehrdeutig: list[int] = field(default_factory=list)
    unbewiesen: list[int] = field(default_factory=list)
    gerundet: int = 0
    lueckenhaft: list[int] = field(default_factory=list)
    einheit_fraglich: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Column:
    """One canonical column and where it comes from.

    ``ohne_personen`` says that no column around it in the file may hold persons.
    """

    tabelle: Tabelle
    spalte: Spalte
    herkunft: Herkunft
    typisiert: bool = False
    ohne_personen: bool = False

    @property
    def kennung(self) -> bool:
        """Whether the column holds numbers that identify something."""
        column = self.spalte
        return column.typ == "id" or (
            column.typ == "text"
            and bool(column.name in self.tabelle.schluessel or column.bezug or self.herkunft.laenge)
        )


def type_column(column: Column, cells: Iterable[str], pseudonyms: Pseudonymiser) -> Typed:
    """Return the values of *cells*; positions of bad cells hold ``None`` and are listed."""
    parse = _null_aware(column, _parser(column, pseudonyms))
    cells = Zellen.of(cells)
    tried = [_attempt(parse, text) for text in cells.werte]
    result = Typed(Zellen(tried, cells.stellen))
    if any(isinstance(value, BadCell) for value in tried):
        _collect(result, column, cells)
    if column.spalte.typ in ("betrag", "dezimal", "ganzzahl"):
        _doubts(result, column, cells)
    return result


def _attempt(parse: Parser, text: str) -> object:
    try:
        return parse(text)
    except BadCell as fault:
        return fault


def _collect(result: Typed, column: Column, cells: Zellen[str]) -> None:
    broken = result.werte.mapped(lambda v: v.regel if isinstance(v, BadCell) else None)
    texts: dict[str, list[str]] = {}
    for regel in filter(None, {*broken.werte}):
        found = broken.positions({regel}.__contains__)
        result.schlecht[regel], texts[regel] = found, [cells[position] for position in found]
    result.schlecht = dict(sorted(result.schlecht.items(), key=lambda item: item[1][0]))
    result.werte = result.werte.mapped(lambda v: None if isinstance(v, BadCell) else v)
    if "R-I26" in texts:
        known = vocabulary(column.spalte, column.herkunft.codes)
        persons = not column.ohne_personen
        result.details["R-I26"] = tally(texts["R-I26"], known, persons=persons)
    if "R-I15" in texts:
        told = (tally(texts["R-I15"]), spelt(texts["R-I15"]), _far(column.herkunft, texts["R-I15"]))
        result.details["R-I15"] = "; ".join(filter(None, told))
    if "R-I16" in texts and (why := spelt(texts["R-I16"])):
        result.details["R-I16"] = why


def _far(origin: Herkunft, texts: list[str]) -> str:
    """Name days that stand for »no end yet« as what they are."""
    formats = Datumsformat(origin.format, typisiert=True)
    late = sum(formats.is_far(text) for text in texts)
    return f"{late} liegen nach {LAST_YEAR}, meinen sie »kein Ende«? (offen)" if late else ""


def _doubts(result: Typed, column: Column, cells: Zellen[str]) -> None:
    numbers = Zahlformat.of(column.herkunft)
    distinct = set(cells.werte)
    doubtful = {text for text in distinct if numbers.ambiguous(text)}
    grouped = {text for text in doubtful if not numbers.has_decimals(text)}
    proved = any(map(numbers.proves, distinct)) or "dezimal" in column.herkunft.model_fields_set
    if grouped and any(map(numbers.has_decimals, distinct)):
        result.mehrdeutig = cells.positions(grouped.__contains__)
    elif doubtful and not proved:
        result.unbewiesen = cells.positions(doubtful.__contains__)
    if column.spalte.typ == "dezimal":
        result.einheit_fraglich = _unlikely(result.werte, column.herkunft.einheit, cells)
        result.gerundet = len(result.werte.positions(_too_fine))
        result.werte = result.werte.mapped(
            lambda v: v.quantize(_FOUR, ROUND_HALF_UP) if _too_fine(v) else v
        )


def _too_fine(value: object) -> bool:
    return isinstance(value, Decimal) and decimals(value) > 4


def _unlikely(werte: Zellen, einheit: str | None, cells: Zellen[str]) -> list[int]:
    """Return the positions whose number the declared unit makes unlikely; a written % is certain.

    A share above 1 is one by one in doubt. A percentage below 1 is common; only when the whole
    column stays there do shares (0,125) probably stand for percentages (12,5).
    """
    if einheit not in ("%", "Anteil"):
        return []
    pairs = enumerate(zip(werte, cells, strict=True))
    numbers = [i for i, (v, c) in pairs if isinstance(v, Decimal) and v and "%" not in c]
    above = [i for i in numbers if abs(werte[i]) > 1]
    if einheit == "Anteil":
        return above
    return [] if above or len(numbers) < sum(bool(v) for v in werte) else numbers


def _null_aware(column: Column, parse: Parser) -> Parser:
    empty = {"", *column.herkunft.leer, *column.herkunft.offen}
    if column.spalte.typ in ("code", "wahr") and not column.herkunft.am_anfang:
        empty -= column.herkunft.codes.keys()  # a list of crosses: an empty cell says no
    pattern = re.compile(column.herkunft.muster) if column.herkunft.muster else None
    length, identifies = column.herkunft.laenge, column.kennung

    zero, only = frozenset(column.herkunft.null), column.herkunft.codes
    chosen = column.herkunft.nur_codes

    def checked(text: str) -> object:
        if text in zero:
            return parse("0")
        if text in empty or (chosen and text not in only):
            return None
        # Before length and pattern: »4,7E+03« is too short because Excel made it so.
        if identifies and _by_excel(text, pattern is None):
            raise BadCell("R-I17")
        if pattern:
            hit = pattern.fullmatch(text)
            if hit is None:
                raise BadCell("R-I18")
            text = hit.group(1).strip() if pattern.groups and hit.group(1) else text
        if length is not None and len(text) != length:
            raise BadCell("R-I18")
        return parse(text)

    return checked


def _by_excel(text: str, dotted: bool) -> bool:
    """Whether Excel has left its mark on an id; »363.0« may be right where a pattern says so."""
    if text[:1] == "'":
        return True
    if "+" in text:
        return _EXCEL_NUMBER.fullmatch(text) is not None
    return dotted and "." in text and _EXCEL_ZERO.fullmatch(text) is not None


def _parser(column: Column, pseudonyms: Pseudonymiser) -> Parser:
    kind = column.spalte.typ
    words, starts = column.herkunft.codes, column.herkunft.am_anfang
    if kind in ("datum", "monat"):
        return _date_parser(column)
    if kind in ("ganzzahl", "betrag", "dezimal"):
        return _number_parser(column)
    if kind == "code":
        codes = catalogue.codeliste(column.spalte.codeliste or "")
        return lambda text: _code(lambda: encode(_words(text), words, codes, am_anfang=starts))
    if kind == "wahr":
        return lambda text: _code(lambda: truth(_words(text), words, am_anfang=starts))
    return _text_parser(column, pseudonyms)


def _words(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _code(look_up: Callable[[], object]) -> object:
    try:
        return look_up()
    except UnknownCode:
        raise BadCell("R-I26") from None


def _text_parser(column: Column, pseudonyms: Pseudonymiser) -> Parser:
    words, circle = column.herkunft.codes, column.spalte.pseudonym

    def parse(text: str) -> str:
        plain = unicodedata.normalize("NFC", words.get(text, text))
        return pseudonyms.id(circle, plain) if circle else plain

    return parse


def _date_parser(column: Column) -> Parser:
    origin, first = column.herkunft, column.spalte.typ == "monat"
    # The delivery's own dates and constants may be ISO whatever the file's format is.
    own = origin.konstant is not None or any(name.startswith("@") for name in origin.aus)
    formats = Datumsformat(origin.format, column.typisiert or own, origin.jahre_bis)
    nothing = formats.values((*origin.leer, *origin.offen))

    def parse(text: str) -> date | None:
        try:
            if nothing and formats.parse_any_year(text) in nothing:
                return None
        except ValueError:
            pass
        try:
            day = formats.parse(text)
        except ValueError:
            raise BadCell("R-I15") from None
        return day.replace(day=1) if first else day

    return parse


def _number_parser(column: Column) -> Parser:
    kind, origin = column.spalte.typ, column.herkunft
    numbers = Zahlformat.of(origin, euro=kind == "betrag")
    most = 2 if kind == "betrag" else None

    def parse(text: str) -> object:
        try:
            value = numbers.parse(text)
        except (ValueError, ArithmeticError):
            raise BadCell("R-I16") from None
        if kind == "ganzzahl":
            if decimals(value) or abs(value) >= 2**63:
                raise BadCell("R-I16")
            return int(value)
        if most is not None and (_written(value) > most or abs(value) >= _MAX_EUR):
            raise BadCell("R-I16")
        if kind == "dezimal" and abs(value) >= _MAX_DEZIMAL:
            raise BadCell("R-I16")
        return value

    def _written(value: Decimal) -> int:
        # »12,500« is thousands somewhere else: written decimals count, unless a factor made them.
        exponent = value.as_tuple().exponent
        shown = -exponent if isinstance(exponent, int) else 0
        return shown if origin.faktor == 1 else decimals(value)

    return parse
