"""From the header down: which rows are data, and what becomes of the others.

Every row has one fate. Data rows are kept; blank rows, repeated page headers, subtotals and the
footer are taken out and counted; anything else is an error with its row number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sozcontrol.catalogue.profil import Quelldatei, Zeilenregel
from sozcontrol.intake.header import Header
from sozcontrol.intake.model import Grid, Kontrollsumme, Zahlzelle
from sozcontrol.intake.names import normalise
from sozcontrol.intake.rules import FileRejected
from sozcontrol.intake.zellen import Zeilen, Zellen

_DIGITS = re.compile(r"\d+")


@dataclass
class Body:
    """The data rows (trimmed cells), their source row numbers, and what was taken out."""

    zeilen: Zeilen = field(default_factory=lambda: Zeilen.of(()))
    nummern: list[int] = field(default_factory=list)
    leer: list[int] = field(default_factory=list)
    seitenkopf: list[int] = field(default_factory=list)
    zwischensummen: list[tuple[int, list[str], int]] = field(default_factory=list)
    fuss: list[tuple[int, list[str]]] = field(default_factory=list)
    getrimmt: int = 0
    im_fuss: bool = False


def trimmed(cell: str) -> str:
    """Return *cell* without blanks at its ends; ``str.strip`` would forget a typed number."""
    return cell if isinstance(cell, Zahlzelle) else cell.strip()


def matches(rule: Zeilenregel, text: str) -> bool:
    """Whether the trimmed *text* of the rule's column satisfies the rule."""
    if rule.gleich is not None:
        return text in rule.gleich
    if rule.beginnt is not None:
        return text.startswith(rule.beginnt)
    if rule.muster is not None:
        return re.fullmatch(rule.muster, text, re.DOTALL) is not None
    return (text == "") is rule.leer


def split_rows(grid: Grid, header: Header, source: Quelldatei) -> Body:
    """Sort the rows below the header into data, blanks, page headers, subtotals and footer.

    Raises:
        FileRejected: R-I12 when data follow the footer.
    """
    import numpy as np

    rows = Zeilen.of(grid.zellen, typisiert=grid.typisiert)
    body, clean = Body(), rows.mapped(trimmed if grid.typisiert else str.strip)
    page, begin = _PageHeader(grid, header), header.bis + 1
    body.getrimmt = rows.anders(clean, begin)
    data = np.zeros(len(rows), bool)
    counted = 0
    for at in [*_special(clean, page, header, source, begin), len(rows)]:
        if body.im_fuss:
            body.fuss += [(place + 1, clean[place]) for place in range(begin, at)]
        else:
            data[begin:at] = True
            counted += max(at - begin, 0)
        if at < len(rows):
            data[at] = _sort(body, at + 1, clean[at], page, header, source, counted)
            counted += int(data[at])
        begin = at + 1
    kept = np.flatnonzero(data)
    body.zeilen, body.nummern = clean.take(kept), (kept + 1).tolist()
    _refuse_data_in_footer(body)
    # Blank rows after the last row of data are the end of the file, not a gap in it.
    last = max(body.nummern, default=0)
    body.leer = [n for n in body.leer if n < last]
    return body


def _special(
    rows: Zeilen, page: _PageHeader, header: Header, source: Quelldatei, begin: int
) -> list[int]:
    """Return the places of the rows, from *begin* on, that may be anything but rows of data."""
    import numpy as np

    usual = len(rows) - len(rows.andere)
    found, unseen = np.zeros(usual, bool), np.ones(usual, bool)
    filled = np.zeros(usual, np.int32)
    for cells in rows.spalten:
        there = cells.ohne("")
        if unseen.any():
            starts = cells.marks(lambda c: c in page.first or c.startswith(source.fuss.beginnt))
            found |= unseen & there & starts
            unseen &= ~there
        filled += there
    found |= unseen | np.isin(filled, [*page.sizes])
    column = _subtotal_column(header, source)
    if source.zwischensumme and column is not None and column < len(rows.spalten):
        rule = source.zwischensumme.erkennung
        found |= rows.spalten[column].marks(lambda c: matches(rule, c))
    marked = np.ones(len(rows), bool)
    marked[rows.uebliche] = found
    marked[:begin] = False
    return np.flatnonzero(marked).tolist()


def _sort(
    body: Body,
    number: int,
    row: list[str],
    page: _PageHeader,
    header: Header,
    source: Quelldatei,
    before: int,
) -> bool:
    """Put one row where it belongs, after *before* rows of data; return whether it is one."""
    first = next(filter(None, row), "")
    if not first:
        body.leer.append(number)
    elif page.repeats(row, first):
        body.seitenkopf.append(number)
        body.im_fuss = False
    # Subtotals are asked for first: »Summe Produkt …« is not yet »Summe«, the footer.
    elif not body.im_fuss and _is_subtotal(row, header, source):
        body.zwischensummen.append((number, row, before))
    elif body.im_fuss or first.startswith(source.fuss.beginnt):
        body.im_fuss = True
        body.fuss.append((number, row))
    else:
        return True
    return False


class _PageHeader:
    """Recognises header and title rows that a report repeats on each page."""

    def __init__(self, grid: Grid, header: Header) -> None:
        rows = grid.zellen[header.von : header.bis + 1]
        self.heads = {tuple(_filled([c.strip() for c in row])) for row in rows}
        self.first = {head[0] for head in self.heads if head}
        shapes = (_shape([c.strip() for c in row]) for row in grid.zellen[: header.von])
        self.titles = {shape for shape in shapes if shape and _is_title(shape, header)}
        self.sizes = {len(shape) for shape in self.titles}

    def repeats(self, row: list[str], first: str) -> bool:
        """Whether the trimmed *row*, whose first filled cell is *first*, is no row of data."""
        if first in self.first and tuple(_filled(row)) in self.heads:
            return True
        return len(row) - row.count("") in self.sizes and _shape(row) in self.titles


def _filled(row: list[str]) -> list[str]:
    return [cell for cell in row if cell]


def _shape(row: list[str]) -> tuple[str, ...]:
    # Titles differ from page to page in their numbers: »Seite 2 von 9«.
    return tuple(_DIGITS.sub("#", cell) for cell in row if cell)


def _is_title(shape: tuple[str, ...], header: Header) -> bool:
    named = sum(1 for name in header.namen if name)
    return len(shape) * 2 <= named and len(re.findall(r"[^\W\d_]", " ".join(shape))) >= 3


def _subtotal_column(header: Header, source: Quelldatei) -> int | None:
    rule = source.zwischensumme.erkennung if source.zwischensumme else None
    return header.index().get(normalise(rule.spalte)) if rule and rule.spalte else None


def _is_subtotal(row: list[str], header: Header, source: Quelldatei) -> bool:
    column = _subtotal_column(header, source)
    if source.zwischensumme is None or column is None or column >= len(row):
        return False
    return matches(source.zwischensumme.erkennung, row[column])


def _refuse_data_in_footer(body: Body) -> None:
    if not body.fuss or not body.zeilen:
        return
    usual = body.zeilen.uebliche_fuellung()
    # A footer line fills fewer cells than a data row does.
    late = [n for n, row in body.fuss[1:] if sum(1 for c in row if c) >= max(usual, 3)]
    if late:
        raise FileRejected(
            "R-I12",
            f"Nach dem Fuß (Zeile {body.fuss[0][0]}) stehen noch {len(late)} Datenzeilen.",
            "Prüfen, ob der Fuß der Quelle richtig beschrieben ist (fuss.beginnt im Profil).",
            zeilen=tuple(late),
            anzahl=len(late),
        )


def check_fields(body: Body, grid: Grid, header: Header) -> None:
    """Demand one field count for all data rows; one empty field at the end of all is tolerated.

    Raises:
        FileRejected: R-I30 when the last row is cut off, else R-I03 with the rows that differ.
    """
    heads = grid.zellen[header.von : header.bis + 1]
    expected = max(len(row) for row in heads)
    counts = body.zeilen.breiten()
    if set(counts) <= {expected}:
        return
    if grid.abgebrochen and len(body.zeilen[-1]) < expected and _is_last(body):
        raise FileRejected(
            "R-I30",
            "Datei unvollständig: die letzte Zeile ist abgeschnitten.",
            "Warten, bis die Datei fertig kopiert ist, oder sie neu anfordern.",
            zeilen=(body.nummern[-1],),
        )
    if len(counts) == 1:
        only = next(iter(counts))
        beyond = range(header.breite, only)
        if only >= header.breite and not any(any(body.zeilen.spalte(i).werte) for i in beyond):
            return
    raise _uneven(body, expected)


def _uneven(body: Body, expected: int) -> FileRejected:
    wrong = [n for n, r in zip(body.nummern, body.zeilen, strict=True) if len(r) != expected]
    return FileRejected(
        "R-I03",
        f"{len(wrong)} von {len(body.zeilen)} Datenzeilen haben nicht {expected} Felder wie der "
        "Kopf.",
        "Trennzeichen in Texten müssen in Anführungszeichen stehen; Datei neu ausgeben.",
        zeilen=tuple(wrong),
        anzahl=len(wrong),
    )


def _is_last(body: Body) -> bool:
    others = [n for n, _ in body.fuss] + [n for n, _, _ in body.zwischensummen]
    return body.nummern[-1] > max(others, default=0)


def subtotals(body: Body, header: Header, source: Quelldatei) -> list[Kontrollsumme]:
    """Return what each subtotal row claims, and the data rows it covers."""
    rule = source.zwischensumme
    if rule is None:
        return []
    index = header.index()
    keys = [body.zeilen.spalte(index[normalise(name)]) for name in rule.je]
    found: list[Kontrollsumme] = []
    starts = [0]
    previous_end, level = -1, 0
    for number, row, end in body.zwischensummen:
        level = level + 1 if end == previous_end else 0
        starts += [0] * (level + 1 - len(starts))
        first = _run_start(keys, end) if keys else starts[level]
        for name in rule.betraege:
            column = index[normalise(name)]
            text = row[column] if column < len(row) else ""
            label = header.namen[column]
            found.append(Kontrollsumme("R-I14", label, text, number, first, end))
        for covered in range(level + 1):
            starts[covered] = end
        previous_end = end
    return found


def _run_start(cells: list[Zellen[str]], end: int) -> int:
    if end == 0:
        return 0
    wanted = [column[end - 1] for column in cells]
    start = end
    while start and [column[start - 1] for column in cells] == wanted:
        start -= 1
    return start
