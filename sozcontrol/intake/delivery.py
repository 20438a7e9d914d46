"""Read a delivery folder: every file by its profile, every fault as a finding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from sozcontrol import catalogue
from sozcontrol.catalogue import Kommune, Profil
from sozcontrol.catalogue.yaml_files import parse, read_yaml
from sozcontrol.errors import CatalogueError, DeliveryMissing
from sozcontrol.findings import Finding, Schwere
from sozcontrol.intake.csv_file import read_csv
from sozcontrol.intake.files import (
    LIEFERSCHEIN,
    Eintrag,
    Sortiert,
    check_type,
    delivered,
    entries,
    read_stable,
    sha256,
    sort_files,
)
from sozcontrol.intake.header import fits
from sozcontrol.intake.model import Delivery, Grid, Lieferschein, SourceFile, TextTable
from sozcontrol.intake.parquet_file import read_parquet
from sozcontrol.intake.rules import FileRejected, finding, places
from sozcontrol.intake.sql_source import read_sql, row_hash
from sozcontrol.intake.textual import Anlass, Notes, text_table
from sozcontrol.intake.xlsx_file import read_xlsx


def lieferschein(ordner: Path) -> Lieferschein:
    """Return the folder's ``lieferung.yml``, or the standard municipality when it has none.

    Raises:
        CatalogueError: The file is not valid.
    """
    path = ordner / LIEFERSCHEIN
    if not path.exists():
        return Lieferschein(kommune=catalogue.standard_kommune())
    data = read_yaml(path) or {}
    if isinstance(data, dict):
        data = {"kommune": catalogue.standard_kommune(), **data}
    return parse(Lieferschein, data, path)


def profiles_of(kommune: Kommune) -> tuple[Profil, ...]:
    """Return the profiles of a municipality.

    Raises:
        CatalogueError: It has none: nothing of it can be read.
    """
    if not kommune.profile:
        raise CatalogueError(
            f"Für {kommune.name} ist kein Profil eines Quellsystems eingetragen.",
            wo="sozcontrol/catalogue/kommunen.yml",
            tun="Profile unter sozcontrol/catalogue/profile anlegen und der Kommune zuordnen.",
        )
    return tuple(catalogue.profil(name) for name in kommune.profile)


def read_delivery(
    ordner: Path,
    kommune: Kommune,
    *,
    stichtag: date,
    datenstand: date,
    profile: Sequence[Profil] | None = None,
) -> Delivery:
    """Read the delivery in *ordner* by the profiles of *kommune* (or the given ones).

    What is wrong with a file becomes a finding for each table it feeds, so that other areas go on.

    Raises:
        DeliveryMissing: The folder is missing or holds nothing.
        CatalogueError: The municipality has no profile, or ``lieferung.yml`` is not valid.
    """
    known = entries(profiles_of(kommune) if profile is None else profile)
    _demand_folder(ordner, known)
    sorted_files = sort_files(ordner, known)
    reader = _Reader(stichtag, datenstand, lieferschein(ordner).zeilen)
    reader.everything(known, sorted_files)
    return Delivery(
        ordner=ordner,
        stichtag=stichtag,
        datenstand=datenstand,
        kommune=kommune,
        texte=tuple(reader.texte),
        dateien=tuple(reader.dateien),
        findings=tuple(reader.findings),
        unvollstaendig=frozenset(reader.unvollstaendig),
    )


def _demand_folder(folder: Path, known: list[Eintrag]) -> None:
    queries = any(entry.datei.format == "sql" for entry in known)
    if not folder.is_dir():
        raise DeliveryMissing(
            "Für diesen Stichtag ist nichts geliefert.",
            wo=str(folder),
            tun="Die Dateien der Quellsysteme in diesen Ordner legen.",
        )
    if not delivered(folder) and not queries:
        raise DeliveryMissing(
            "Der Ordner der Lieferung ist leer.",
            wo=str(folder),
            tun="Die Dateien der Quellsysteme in diesen Ordner legen.",
        )


@dataclass
class _Reader:
    """Reads one file after the other and keeps what came of it."""

    stichtag: date
    datenstand: date
    zeilen: dict[str, int]
    texte: list[TextTable] = field(default_factory=list)
    dateien: list[SourceFile] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    unvollstaendig: set[str] = field(default_factory=set)
    _seen: dict[str, Path] = field(default_factory=dict)

    def everything(self, known: list[Eintrag], files: Sortiert) -> None:
        """Read files and queries in the order of the profiles, files of one entry by name."""
        self.report(files)
        order = {id(entry): i for i, entry in enumerate(known)}
        for path, entry in sorted(files.erkannt, key=lambda f: (order[id(f[1])], f[0].name)):
            self.file(path, entry)
        for entry in known:
            if entry.datei.format == "sql":
                self.query(entry)
        self.missing(known, files)

    def file(self, path: Path, entry: Eintrag) -> None:
        """Read one recognised file."""
        quelle = _source(path.name, entry)
        try:
            data = read_stable(path)
            quelle = replace(quelle, sha256=sha256(data), bytes=len(data))
            self._refuse_double(path, quelle.sha256)
            check_type(data, entry.datei.format)
            grid = _grid(data, entry)
        except FileRejected as fault:
            self._reject(quelle, fault)
            return
        self._take(grid, quelle, entry)

    def query(self, entry: Eintrag) -> None:
        """Ask one database."""
        quelle = _source(entry.datei.name, entry)
        try:
            grid = read_sql(entry.datei)
        except FileRejected as fault:
            self._reject(quelle, fault)
            return
        digest, size = row_hash(grid)
        self._take(grid, replace(quelle, sha256=digest, bytes=size), entry)

    def _take(self, grid: Grid, quelle: SourceFile, entry: Eintrag) -> None:
        quelle = replace(
            quelle,
            kodierung=grid.kodierung,
            trennzeichen=grid.trennzeichen,
            zeilen_roh=len(grid.zellen),
        )
        anlass = Anlass(self.stichtag, self.datenstand, self.zeilen.get(quelle.name))
        notes = Notes(quelle)
        try:
            self.texte.append(text_table(grid, entry.datei, anlass, notes))
            self.dateien.append(quelle)
        except FileRejected as fault:
            self._reject(quelle, fault)
        finally:
            self.findings += notes.liste

    def _refuse_double(self, path: Path, digest: str) -> None:
        first = self._seen.setdefault(digest, path)
        if first != path:
            raise FileRejected(
                "R-I10",
                f"Der Inhalt ist derselbe wie in »{first.name}«.",
                "Eine der beiden Dateien entfernen; prüfen, ob eine andere gemeint war.",
            )

    def _reject(self, quelle: SourceFile, fault: FileRejected) -> None:
        if quelle.sha256:
            self.dateien.append(quelle)
        self._block(
            quelle.tabellen,
            fault.regel,
            f"{quelle.name}: {fault.meldung}",
            fault.tun,
            datei=quelle.name,
            zeilen=fault.zeilen,
            anzahl=fault.anzahl,
        )

    def _block(
        self,
        tables: Sequence[str],
        regel: str,
        meldung: str,
        tun: str,
        *,
        datei: str | None = None,
        zeilen: Sequence[int] = (),
        anzahl: int = 1,
    ) -> None:
        self.unvollstaendig |= set(tables)
        stellen = places(datei, zeilen) if datei else ()
        self.findings += [
            finding(regel, meldung, tabelle=table, tun=tun, anzahl=anzahl, stellen=stellen)
            for table in tables
        ]

    def report(self, files: Sortiert) -> None:
        """Report the files that are not read: locked, contested, unknown."""
        for path, hits in files.gesperrt:
            self._locked(path, hits)
        for path, hits in files.mehrdeutig:
            listed = ", ".join(f"»{hit.profil.profil}/{hit.datei.name}«" for hit in hits)
            tables = dict.fromkeys(table for hit in hits for table in hit.tabellen)
            self._block(
                list(tables),
                "R-I34",
                f"{path.name}: Die Datei passt zu mehreren Einträgen der Profile: {listed}.",
                "Die Muster der Einträge so fassen, dass sie sich ausschließen.",
            )
        if files.unbekannt:
            listed = ", ".join(f"»{path.name}«" for path in files.unbekannt)
            self.findings.append(
                finding(
                    "R-I28",
                    f"Kein Profil kennt diese Dateien, sie werden nicht gelesen: {listed}.",
                    anzahl=len(files.unbekannt),
                    tun="Dateien umbenennen, entfernen oder im Profil eintragen.",
                )
            )

    def _locked(self, path: Path, hits: list[Eintrag]) -> None:
        meldung = f"{path.name}: Eine Datei der Lieferung ist geöffnet oder wird noch kopiert."
        tun = "Programm schließen, Kopie abwarten; bleibt die Sperrdatei liegen, sie löschen."
        tables = list(dict.fromkeys(table for hit in hits for table in hit.tabellen))
        if tables:
            self._block(tables, "R-I29", meldung, tun)
        else:
            self.findings.append(finding("R-I29", meldung, tun=tun, schwere=Schwere.WARNUNG))

    def missing(self, known: list[Eintrag], files: Sortiert) -> None:
        """Report the entries no file was delivered for."""
        contested = {id(hit) for _, hits in files.mehrdeutig for hit in hits}
        there = {id(entry) for _, entry in files.erkannt} | contested
        for entry in known:
            if entry.datei.format == "sql" or id(entry) in there:
                continue
            text = f"Es fehlt »{entry.datei.name}« ({entry.datei.muster}) aus {entry.profil.system}"
            tun = f"Die Datei bei {entry.profil.lieferant} anfordern und in den Ordner legen."
            if entry.datei.pflicht:
                self._block(entry.tabellen, "R-I00", f"Lieferung unvollständig: {text}.", tun)
            else:
                self.findings += [
                    finding(
                        "R-I00",
                        f"{text}; sie ist nicht verlangt.",
                        tabelle=table,
                        schwere=Schwere.HINWEIS,
                    )
                    for table in entry.tabellen
                ]


def _source(name: str, entry: Eintrag) -> SourceFile:
    return SourceFile(
        name=name,
        profil=entry.profil.profil,
        eintrag=entry.datei.name,
        lieferant=entry.profil.lieferant,
        sha256="",
        bytes=0,
        tabellen=entry.tabellen,
    )


def _grid(data: bytes, entry: Eintrag) -> Grid:
    source = entry.datei
    if source.format == "csv":
        return read_csv(data, source, lambda grid: fits(grid, source))
    return read_xlsx(data, source) if source.format == "xlsx" else read_parquet(data)
