"""CSV and TSV to rows of text: quotes, line feeds and separators taken strictly."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import islice

from sozcontrol.catalogue.profil import Quelldatei
from sozcontrol.intake.model import Grid
from sozcontrol.intake.rules import FileRejected
from sozcontrol.intake.text import decode, is_other_utf8
from sozcontrol.intake.umfang import demand_lines
from sozcontrol.intake.zellen import Zeilen, Zeilenleser

SEPARATORS = (";", "\t", ",", "|")
_NAMES = {"tab": "\t"}
_HEAD = 64 * 1024
STUECK = 8192
"""How many records are taken apart into columns at a time."""
Fits = Callable[[Grid], bool]


def read_csv(data: bytes, source: Quelldatei, fits: Fits) -> Grid:
    """Return the records of a CSV file; record ``i`` is row ``i + 1`` as Excel counts rows.

    A separator that is not declared is found by trying: exactly one must lead to a header that
    *fits* the profile.

    Raises:
        FileRejected: R-I01 (encoding), R-I03 (NUL, quotes), R-I04 (no separator fits), R-I08 (more
            than can be read).
    """
    demand_lines(data, tuple(sign.encode() for sign in SEPARATORS))
    text, encoding = decode(data, source.kodierung)
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise FileRejected(
            "R-I03",
            f"In Zeile {line} steht ein NUL-Zeichen.",
            "Die Datei ist beschädigt oder UTF-16 ohne Kennung: neu ausgeben.",
            zeilen=(line,),
        )
    grid = _separated(text, source, encoding, fits)
    if not fits(grid) and is_other_utf8(data, encoding):
        # Read as agreed, its umlauts are two signs each, and the header misses columns that exist.
        raise FileRejected(
            "R-I01",
            f"Vereinbart ist die Kodierung {encoding}, die Datei ist UTF-8.",
            "Datei in der vereinbarten Kodierung neu ausgeben oder kodierung im Profil ändern.",
        )
    return grid


def _separated(text: str, source: Quelldatei, encoding: str, fits: Fits) -> Grid:
    if source.trennzeichen:
        separator = _NAMES.get(source.trennzeichen, source.trennzeichen)
        grid = _grid(text, separator, encoding)
        return grid if fits(grid) else _declared(grid, _other(text, separator, encoding, fits))
    return _detect(text, encoding, fits)


def _grid(text: str, separator: str, encoding: str) -> Grid:
    complete = not text or text.endswith(("\n", "\r"))
    return Grid(
        records(text, separator),
        kodierung=encoding,
        trennzeichen=separator,
        abgebrochen=not complete,
    )


def records(text: str, separator: str) -> Zeilen:
    """Return the records of *text*.

    Raises:
        FileRejected: R-I03 with the row at which quoting breaks, R-I01 for half a sign.
    """
    rows, reader = Zeilenleser(), csv.reader(_lines(text), delimiter=separator, strict=True)
    try:
        while some := [*islice(reader, STUECK)]:
            rows.add(some)
    except csv.Error as error:
        raise _broken(text, separator, str(error)) from None
    except UnicodeEncodeError:  # UTF-7 can say what no other encoding can write
        raise FileRejected(
            "R-I01",
            "Die Datei enthält halbe Zeichen (einzelne Surrogate); so ist sie nicht lesbar.",
            "Datei in UTF-8 oder cp1252 neu ausgeben oder kodierung im Profil berichtigen.",
        ) from None
    return rows.zeilen()


def _broken(text: str, separator: str, error: str) -> FileRejected:
    """Return what is said of the first record that cannot be read."""
    reader = csv.reader(_lines(text), delimiter=separator, strict=True)
    row, line = 1, 0
    with suppress(csv.Error):
        for row, _ in enumerate(reader, start=2):  # noqa: B007
            line = reader.line_num
    if "field limit" in error:
        return FileRejected(
            "R-I03",
            f"In Zeile {row} (Textzeile {line + 1}) beginnt ein Feld mit mehr als "
            f"{csv.field_size_limit():_} Zeichen.".replace("_", "."),
            "Prüfen, ob ein Anführungszeichen nicht geschlossen ist; langen Freitext nicht "
            "mitliefern.",
            zeilen=(row,),
        )
    return FileRejected(
        "R-I03",
        f"Ab Zeile {row} (Textzeile {line + 1}) ist ein Anführungszeichen nicht geschlossen "
        "oder falsch gesetzt.",
        "Die Datei neu ausgeben; Anführungszeichen in Texten müssen verdoppelt sein.",
        zeilen=(row,),
    )


def _lines(text: str) -> Iterator[str]:
    """Yield the lines of *text* with their ends; ``StringIO`` takes four bytes for each sign."""
    begin = 0
    while begin < len(text):
        cut = begin + _HEAD
        end = text.find("\n", cut) + 1 or text.find("\r", cut) + 1 or len(text)
        yield from io.StringIO(text[begin:end], newline="")
        begin = end


def _try(text: str, separator: str, encoding: str, fits: Fits) -> bool:
    """Whether the beginning of *text* shows a header that fits, with this separator."""
    rows: list[list[str]] = []
    reader = csv.reader(_lines(text[:_HEAD]), delimiter=separator, strict=True)
    # The cut may fall into a quoted field, and a wrong separator breaks quoting: both end here.
    with suppress(csv.Error):
        for row in reader:
            rows.append(row)
    return fits(Grid(rows, kodierung=encoding, trennzeichen=separator))


def _other(text: str, declared: str, encoding: str, fits: Fits) -> str | None:
    others = [s for s in SEPARATORS if s != declared and _try(text, s, encoding, fits)]
    return others[0] if len(others) == 1 else None


def _declared(grid: Grid, other: str | None) -> Grid:
    if other is None:
        # The header search says which columns it misses.
        return grid
    raise FileRejected(
        "R-I03",
        f"Die Spalten sind nicht mit »{shown(grid.trennzeichen)}« getrennt, sondern mit "
        f"»{shown(other)}«.",
        "Die Datei mit dem vereinbarten Trennzeichen ausgeben oder das Profil ändern.",
    )


def _detect(text: str, encoding: str, fits: Fits) -> Grid:
    found = [s for s in SEPARATORS if _try(text, s, encoding, fits)]
    if len(found) == 1:
        return _grid(text, found[0], encoding)
    if found:
        raise FileRejected(
            "R-I03",
            "Mehrere Trennzeichen passen zu dieser Datei.",
            "Im Profil trennzeichen angeben.",
        )
    # None fits: the most frequent one lets the header search name what is missing.
    likely = max(SEPARATORS, key=text[:20_000].count)
    return _grid(text, likely, encoding)


def shown(separator: str | None) -> str:
    """Return a separator as a message can show it."""
    return "Tabulator" if separator == "\t" else (separator or "")
