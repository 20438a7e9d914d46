"""One grid of cells to one table of text, with everything worth saying about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from sozcontrol import catalogue
from sozcontrol.catalogue.profil import Quelldatei
from sozcontrol.findings import Finding, Schwere
from sozcontrol.intake.body import Body, check_fields, split_rows, subtotals
from sozcontrol.intake.footer import check_count, totals
from sozcontrol.intake.header import (
    Header,
    doubled_used,
    find_header,
    folded_twice,
    melted,
    needs,
    profile_names,
)
from sozcontrol.intake.model import Grid, SourceFile, TextTable
from sozcontrol.intake.names import normalise
from sozcontrol.intake.rules import FileRejected, broken_cells, finding, places
from sozcontrol.intake.stichtag import contradiction, date_in_title
from sozcontrol.intake.text import MOJIBAKE


@dataclass
class Anlass:
    """What reading one file needs besides its cells."""

    stichtag: date
    datenstand: date
    zeilen: int | None = None


@dataclass
class Notes:
    """Findings about one file: errors for each table it feeds, the rest once."""

    quelle: SourceFile
    liste: list[Finding] = field(default_factory=list)

    def add(
        self,
        regel: str,
        meldung: str,
        *,
        zeilen: Sequence[int] = (),
        anzahl: int | None = None,
        tun: str | None = None,
        schwere: Schwere | None = None,
        geprueft: int | None = None,
    ) -> None:
        """Add a finding about this file."""
        name = self.quelle.name
        found = finding(
            regel,
            f"{name}: {meldung}",
            tabelle=self.quelle.tabellen[0],
            schwere=schwere,
            anzahl=len(zeilen) if anzahl is None else anzahl,
            geprueft=geprueft,
            tun=tun,
            stellen=places(name, zeilen),
        )
        everywhere = found.schwere is Schwere.FEHLER
        tables = self.quelle.tabellen if everywhere else self.quelle.tabellen[:1]
        self.liste += [replace(found, tabelle=table) for table in tables]


def text_table(grid: Grid, source: Quelldatei, anlass: Anlass, notes: Notes) -> TextTable:
    """Return the data rows of *grid* as text columns; findings about the file go to *notes*.

    Raises:
        FileRejected: When what the file holds is not certain (rules R-I03 to R-I13, R-I30, R-I32).
    """
    header = find_header(grid, source)
    _refuse_doubled(header, source)
    _refuse_folded(header, source)
    used = _used_columns(header, source)
    _check_dates(notes, grid, header, source, anlass)
    body = split_rows(grid, header, source)
    # Destroyed umlauts explain much of what may fail next (a footer that is not recognised).
    _check_texts(notes, body, header, source, used)
    if not grid.typisiert:
        check_fields(body, grid, header)
    if not body.zeilen and not source.leer_erlaubt:
        raise FileRejected(
            "R-I07",
            "Die Datei hat einen Kopf, aber keine Datenzeile.",
            "Ausgabe wiederholen; ist ein leerer Monat möglich, leer_erlaubt ins Profil eintragen.",
        )
    _refuse_broken(grid, body, used)
    check_count(body, source, anlass.zeilen)
    sums = (*totals(body, header, source), *subtotals(body, header, source))
    columns = {header.key(i): body.zeilen.spalte(i) for i in used}
    _report_columns(notes, header, source, used)
    _report_rows(notes, grid, body)
    free = _without_persons(header, source, used)
    return TextTable(notes.quelle, source, columns, body.nummern, grid.typisiert, sums, free)


def _without_persons(header: Header, source: Quelldatei, used: list[int]) -> frozenset[str]:
    """Return the names of the columns around which no column may hold persons.

    None in a file that feeds a table of persons. Elsewhere a column that is ignored, unknown or
    unnamed may hold free text, and with it names: nothing beside it is safe.
    """
    if any(catalogue.tabelle(feed.tabelle).nennt_personen for feed in source.tabellen):
        return frozenset()
    foreign = set(range(len(header.namen))) - set(used)
    return frozenset(header.key(i) for i in used if not {i - 1, i + 1} & foreign)


def _refuse_doubled(header: Header, source: Quelldatei) -> None:
    doubled = doubled_used(header, source)
    if doubled:
        index, known = header.index(), profile_names(source)
        listed = ", ".join(header.shown(index[name], known) for name in doubled)
        raise FileRejected(
            "R-I05",
            f"Diese Spalten stehen mehrmals im Kopf: {listed}.",
            "In der Quelle umbenennen, oder im Profil sagen, welche gemeint ist (»Betrag.2«).",
            zeilen=(header.bis + 1,),
            anzahl=len(doubled),
        )


def _refuse_folded(header: Header, source: Quelldatei) -> None:
    """Refuse a name of the profile that means two things: one of them would be lost in silence."""
    twice = folded_twice(header, source)
    if twice:
        listed = ", ".join(f"»{name}«" for name in twice)
        raise FileRejected(
            "R-I05",
            f"Diese Namen stehen im Profil für zweierlei, Groß- und Kleinschreibung, Umlaute und "
            f"Leerzeichen gleichgesetzt: {listed}.",
            "Was durch schmelzen entsteht, anders nennen als jede Spalte der Datei; gleiche "
            "Spalten in der Quelle umbenennen.",
            zeilen=(header.bis + 1,),
            anzahl=len(twice),
        )


def _used_columns(header: Header, source: Quelldatei) -> list[int]:
    index = header.index()
    used = set()
    for need in needs(source):
        hit = next((index[k] for k in map(normalise, need.namen) if k in index), None)
        if hit is not None:
            used.add(hit)
    for feed in source.tabellen:
        used |= {index[normalise(name)] for name in melted(feed, header.namen)}
    return sorted(used)


def _refuse_broken(grid: Grid, body: Body, used: list[int]) -> None:
    if not grid.defekt:
        return
    wanted, rows = set(used), set(body.nummern)
    hits = [
        (r + 1, kind)
        for (r, c), kind in sorted(grid.defekt.items())
        if c in wanted and r + 1 in rows
    ]
    if hits:
        raise broken_cells(hits)


def _check_dates(
    notes: Notes, grid: Grid, header: Header, source: Quelldatei, anlass: Anlass
) -> None:
    tun = "Prüfen, ob die Datei in diese Lieferung gehört, oder stichtag_im_namen im Profil setzen."
    if not source.stichtag_im_namen:
        return
    if source.format != "sql":
        other = contradiction(notes.quelle.name, anlass.stichtag, anlass.datenstand)
        if other:
            text = f"Der Dateiname nennt den {other:%d.%m.%Y}, der Stichtag ist der "
            notes.add("R-I09", f"{text}{anlass.stichtag:%d.%m.%Y}.", anzahl=1, tun=tun)
    stated = date_in_title(grid.zellen[: header.von])
    if stated and stated != anlass.stichtag:
        text = f"Der Titel nennt einen anderen Stichtag als den {anlass.stichtag:%d.%m.%Y}."
        notes.add("R-I09", text, anzahl=1, tun=tun)


def _check_texts(
    notes: Notes, body: Body, header: Header, source: Quelldatei, used: list[int]
) -> None:
    """Look for destroyed umlauts: an error in columns we use, a warning in the others."""
    tun = "Die Datei aus der Quelle neu ausgeben, ohne sie in Excel umzuwandeln."
    known = profile_names(source)
    for column, bad in sorted(body.zeilen.funde(_destroyed).items()):
        notes.add(
            "R-I02",
            f"In Spalte {header.shown(column, known)} sind Umlaute zerstört (falsch umkodierte "
            "Texte).",
            zeilen=[body.nummern[at] for at in body.zeilen.orte(column, bad.__contains__)],
            tun=tun,
            schwere=None if column in used else Schwere.WARNUNG,
        )
    if any(MOJIBAKE.search(name) for name in header.namen):
        notes.add("R-I02", "Im Kopf sind Umlaute zerstört.", zeilen=[header.bis + 1], tun=tun)


def _destroyed(text: str) -> bool:
    return not text.isascii() and MOJIBAKE.search(text) is not None


def _report_columns(notes: Notes, header: Header, source: Quelldatei, used: list[int]) -> None:
    index, known = header.index(), profile_names(source)
    named = {key: i for key, i in index.items() if header.namen[i]}
    extra = [i for key, i in named.items() if key not in known and i not in used]
    if extra and "*" not in source.ignoriert:
        listed = ", ".join(header.shown(i, known) for i in extra)
        notes.add(
            "R-I06",
            f"{len(extra)} Spalten kennt das Profil nicht, sie werden verworfen: {listed}.",
            anzahl=len(extra),
            tun="Im Profil zuordnen oder unter ignoriert aufführen.",
        )
    for need in needs(source):
        if need.darf_fehlen and not any(normalise(name) in index for name in need.namen):
            text = f"Die Spalte »{need.namen[0]}« fehlt; das Profil lässt das zu, sie bleibt leer."
            notes.add("R-I04", text, anzahl=1, schwere=Schwere.WARNUNG)


def _report_rows(notes: Notes, grid: Grid, body: Body) -> None:
    if body.getrimmt:
        text = f"{body.getrimmt} Zellen hatten Leerzeichen am Rand; sie sind entfernt."
        notes.add("R-I19", text, anzahl=body.getrimmt)
    if body.leer:
        text = f"{len(body.leer)} Leerzeilen zwischen den Daten sind entfernt."
        notes.add("R-I20", text, zeilen=body.leer, tun="Prüfen, ob dort Daten fehlen.")
    if body.seitenkopf:
        text = f"{len(body.seitenkopf)} wiederholte Kopf- und Titelzeilen sind entfernt."
        notes.add("R-I31", text, zeilen=body.seitenkopf)
    if body.zwischensummen:
        text = f"{len(body.zwischensummen)} Zwischensummen sind entfernt."
        notes.add("R-I31", text, zeilen=[number for number, _, _ in body.zwischensummen])
    for regel, meldung, tun in grid.warnungen:
        notes.add(regel, meldung, anzahl=1, tun=tun)
