"""What a delivery's suppliers have to mend, as an Excel file to send them.

It goes no further than the terminal: file, sheet, row, column, rule and remedy; of hints the number
only. What the city accepts stands on a sheet of its own, with reason and last day. No key and no
cell, which may point at a person, leaves ``data/``; where sums of a group don't agree, the group is
named (a year, a product, never a person or a case).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from sozcontrol import catalogue
from sozcontrol.checks.verzeichnis import AUSNAHME, NICHT_GEPRUEFT
from sozcontrol.checks.wortlaut import EINZAHL, MEHRZAHL, summary
from sozcontrol.findings import Finding, Fundstelle, Schwere, deutsch
from sozcontrol.intake import normalise, profiles_of
from sozcontrol.intake.files import Eintrag, entries
from sozcontrol.intake.header import pseudo_columns
from sozcontrol.press.lauf.receive import Eingang
from sozcontrol.press.seite.excelbuch import Angaben, Buch, excel

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

TITEL = "Fehlerliste der Lieferung"
OHNE_DATEI = "Lieferung insgesamt"
KOPF = {
    "Datei": 34, "Blatt": 14, "Zeile": 9, "Spalte": 22, "Betrifft": 24, "Art": 10, "Regel": 9,
    "Was": 60, "Tun": 60, "Liefert": 22,
}  # fmt: skip
"""The headings of the list, and how wide their columns are."""
UEBERSICHT = {"Datei": 44, "Liefert": 40, **{MEHRZAHL[s]: 12 for s in Schwere}}
ANGENOMMEN = {
    "Datei": 34, "Spalte": 22, "Art": 10, "Regel": 9, "Was": 60, "Anzahl": 9, "Grund": 60,
    "Stelle": 24, "Angenommen am": 14, "Bis": 12, "Gilt nicht": 36,
}  # fmt: skip
EIGENES = (NICHT_GEPRUEFT, AUSNAHME)
"""What is no supplier's concern: rules not checked, notes to the city's own file."""
HINWEISE = (
    "Zeile ist die Zeile der gelieferten Datei, ihr Kopf mitgezählt. Die Liste enthält keinen Wert "
    "aus einer Zeile und keine Nummer einer Person oder eines Falls.",
    "Fehler halten betroffene Berichte an, Warnungen sind zu prüfen, Hinweise dienen der Kenntnis.",
)
SCHON_BEKANNT = (
    "Was bekannt und angenommen ist, steht mit Grund und Frist auf dem Blatt Angenommen."
)


@dataclass(frozen=True)
class Punkt:
    """One place to look at: a row, a group, a whole file, or what more there is of a kind."""

    befund: Finding
    datei: str
    zeile: int | None
    betrifft: str


@dataclass(frozen=True)
class Fehlerliste:
    """The places of one delivery, by file, and what its profiles say of the files."""

    eingang: Eingang

    @cached_property
    def befunde(self) -> list[Finding]:
        """What the suppliers are told of, accepted or not."""
        return [f for f in self.eingang.findings if f.regel not in EIGENES]

    @cached_property
    def punkte(self) -> list[Punkt]:
        """Every place, file after file, errors first; what concerns no file comes last."""
        order = list(Schwere)
        found = [p for f in self.befunde if not f.angenommen for p in self._of(f)]
        return sorted(
            found,
            key=lambda p: (
                p.datei == OHNE_DATEI, p.datei, order.index(p.befund.schwere), p.befund.regel,
                p.befund.meldung, p.zeile is None, p.zeile or 0, p.betrifft,
            ),
        )  # fmt: skip

    def cells(self, punkt: Punkt) -> tuple[str | int, ...]:
        """Return the cells of a line, in the order of the headings."""
        f, feeding = punkt.befund, self._feeding(punkt.datei, punkt.befund.tabelle)
        own = (e.datei.blatt for e in feeding if e.recognises(punkt.datei))
        sheets = dict.fromkeys(sheet for sheet in own if sheet)
        return (
            punkt.datei, " / ".join(sheets), "" if punkt.zeile is None else punkt.zeile,
            self._columns(f, feeding), punkt.betrifft, EINZAHL[f.schwere], f.regel,
            f.meldung.removeprefix(f"{punkt.datei}: "), f.tun or "",
            _suppliers(feeding),
        )  # fmt: skip

    def overview(self) -> list[tuple[str | int, ...]]:
        """Return for each file its suppliers, and how many rules it breaks by severity."""
        files: dict[str, list[Finding]] = {}
        suppliers: dict[str, dict[str, None]] = {}
        for p in self.punkte:
            known = files.setdefault(p.datei, [])
            if not any(p.befund is f for f in known):
                known.append(p.befund)
            told = _suppliers(self._feeding(p.datei, p.befund.tabelle))
            suppliers.setdefault(p.datei, {})[told] = None
        return [
            (name, ", ".join(s for s in suppliers[name] if s),
             *(sum(f.schwere is s for f in found) for s in Schwere))
            for name, found in files.items()
        ]  # fmt: skip

    def accepted(self) -> list[tuple[str | int, ...]]:
        """Return what is or was accepted, and why; what counts all the same says so."""
        rows: list[tuple[str | int, ...]] = []
        for f in self.befunde:
            if (a := f.annahme) is None:
                continue
            files = dict.fromkeys(p.datei for p in self._of(f))
            feeding = [e for name in files for e in self._feeding(name, f.tabelle)]
            rows.append((
                ", ".join(files), self._columns(f, feeding), EINZAHL[f.schwere], f.regel, f.meldung,
                f.anzahl, a.grund, a.stelle, f"{a.am:%d.%m.%Y}", f"{a.bis:%d.%m.%Y}", a.dagegen,
            ))  # fmt: skip
        return rows

    @staticmethod
    def _columns(finding: Finding, feeding: Sequence[Eintrag]) -> str:
        names = (finding.spalte or "").split(", ")
        return ", ".join(_column(c, finding.tabelle, feeding) for c in names if c)

    def _of(self, finding: Finding) -> Iterator[Punkt]:
        """Return the places of a finding; as on the terminal hints only count."""
        files = {place.datei for place in finding.stellen}
        file = files.pop() if len(files) == 1 else self._named(finding)
        if not finding.stellen or finding.schwere is Schwere.HINWEIS:
            more = f"{finding.anzahl} Stellen" if finding.anzahl > 1 else ""
            yield Punkt(finding, file, None, more)
            return
        for place in finding.stellen:
            yield Punkt(finding, place.datei, place.zeile, _group(place, finding.tabelle))
        if (rest := finding.anzahl - len(finding.stellen)) > 0:
            yield Punkt(finding, file, None, f"und {rest} weitere")

    def _named(self, finding: Finding) -> str:
        """Return the file a finding without places begins with, as intake and tidy write it."""
        name, colon, _ = finding.meldung.partition(": ")
        known = colon and any(e.recognises(name) for e in self._entries)
        return name if known else OHNE_DATEI

    @cached_property
    def _entries(self) -> list[Eintrag]:
        known = entries(profiles_of(self.eingang.kommune))
        return [e for e in known if e.datei.gilt(self.eingang.stichtag)]

    @cached_property
    def _known(self) -> dict[tuple[str, str | None], list[Eintrag]]:
        return {}

    def _feeding(self, datei: str, tabelle: str | None) -> list[Eintrag]:
        """Return the entries of profiles that stand behind *datei*, as far as it feeds *tabelle*.

        Of an unknown file: whatever feeds the table.
        """
        key = datei, tabelle
        if key not in self._known:
            named = [e for e in self._entries if e.recognises(datei)]
            feeding = [e for e in named or self._entries if tabelle in e.tabellen]
            self._known[key] = feeding or named
        return self._known[key]


def _suppliers(feeding: Sequence[Eintrag]) -> str:
    return ", ".join(dict.fromkeys(e.profil.lieferant for e in feeding))


def _column(name: str, tabelle: str | None, feeding: Sequence[Eintrag]) -> str:
    """Return what the source calls a column; else what the catalogue does, else *name*."""
    feeds = [s for e in feeding for s in e.datei.tabellen if s.tabelle == tabelle]
    spelt = {n: None for s in feeds if name in s.spalten for n in s.spalten[name].aus}
    made = {n for s in feeds for n in pseudo_columns(s)}
    if there := [n for n in spelt if normalise(n) not in made]:
        return " / ".join(there)
    known = catalogue.tabellen()
    # A rule may show columns of other tables.
    tables = (*(known[n] for n in (tabelle,) if n in known), *known.values())
    titles = (t.spalte(name).bezeichnung for t in tables if name in t.namen)
    return next(titles, name)


def _group(place: Fundstelle, tabelle: str | None) -> str:
    """Return what names a group; nothing for a row, whose key may be a person's."""
    if place.zeile is not None:
        return ""
    columns = [s for t in catalogue.tabellen().values() for s in t.spalten]
    private = {s.name for s in columns if s.typ == "id" or s.persoenlich}
    named = {k: v for k, v in place.schluessel.items() if k not in private}
    return ", ".join(f"{_column(k, tabelle, ())}: {deutsch(v)}" for k, v in named.items())


def error_list(eingang: Eingang) -> bytes:
    """Return the workbook: an overview by file, then every place. Same findings, same bytes."""
    liste = Fehlerliste(eingang)
    angaben = Angaben(
        TITEL, f"Stichtag {eingang.stichtag:%d.%m.%Y}", eingang.kommune.name, eingang.datenstand
    )
    return excel(angaben, lambda buch: _write(buch, liste))


def _write(buch: Buch, liste: Fehlerliste) -> None:
    eingang, sheet = liste.eingang, buch.book.add_worksheet("Übersicht")
    row = buch.told(sheet, TITEL, (
        ("Kommune", eingang.kommune.name), ("Stichtag", eingang.stichtag),
        ("Datenstand", eingang.datenstand), ("Verletzte Regeln", summary(liste.befunde)),
    ))  # fmt: skip
    accepted = liste.accepted()
    lines = [*HINWEISE, SCHON_BEKANNT if accepted else "", eingang.kommune.erfunden_satz]
    for line in filter(None, lines):
        buch.text(sheet, row, 0, line, buch.form())
        row += 1
    _table(buch, sheet, row + 1, UEBERSICHT, liste.overview())
    sheet = buch.book.add_worksheet("Fehlerliste")
    _table(buch, sheet, 0, KOPF, [liste.cells(p) for p in liste.punkte])
    buch.layout(sheet, 0)
    if accepted:
        sheet = buch.book.add_worksheet("Angenommen")
        _table(buch, sheet, 0, ANGENOMMEN, accepted)
        buch.layout(sheet, 0)


def _table(
    buch: Buch,
    sheet: Worksheet,
    row: int,
    heads: dict[str, int],
    lines: Sequence[tuple[str | int, ...]],
) -> None:
    for n, cells in enumerate(lines, start=row + 1):
        for column, cell in enumerate(cells):
            if isinstance(cell, int):
                sheet.write_number(n, column, cell, buch.form())
            elif cell:
                buch.text(sheet, n, column, cell, buch.form(text_wrap=True))
    buch.table(sheet, row, list(heads), len(lines), f"{sheet.get_name()}_Tabelle")
    for column, width in enumerate(heads.values()):
        sheet.set_column(column, column, width)
