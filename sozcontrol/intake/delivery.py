"""Read a delivery folder: every file by its profile, every fault as a finding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from sozcontrol import catalogue
from sozcontrol.catalogue import Kommune, Profil
from sozcontrol.catalogue.eigenes import demand_entschieden
from sozcontrol.catalogue.yaml_files import parse, read_yaml
from sozcontrol.errors import CatalogueError, DeliveryMissing, nearest
from sozcontrol.findings import show
from sozcontrol.intake.abzug import read_snapshot, take_missing
from sozcontrol.intake.csv_file import read_csv
from sozcontrol.intake.files import (
    LIEFERSCHEIN,
    Eintrag,
    Sortiert,
    check_seal,
    check_type,
    delivered,
    entries,
    read_stable,
    sha256,
    sort_files,
)
from sozcontrol.intake.geojson_file import read_geojson
from sozcontrol.intake.gpkg_file import read_geopackage
from sozcontrol.intake.header import fits
from sozcontrol.intake.model import Delivery, Grid, Lieferschein, SourceFile, TextTable
from sozcontrol.intake.names import file_name
from sozcontrol.intake.parquet_file import read_parquet
from sozcontrol.intake.rules import FileRejected
from sozcontrol.intake.textual import Anlass, Notes, text_table
from sozcontrol.intake.ungelesen import Befundliste
from sozcontrol.intake.xlsx_file import read_xlsx
from sozcontrol.zuzweit import nebeneinander

GROSS = 32 << 20
"""Bytes of a delivery from which on a fork reads half of it."""

SLOW = 4 << 20
"""Bytes a second: no machine reads slower."""

Datei = tuple[Path, Eintrag]


def lieferschein(ordner: Path) -> Lieferschein:
    """Return the folder's ``lieferung.yml``, or the standard municipality when it has none.

    Raises:
        CatalogueError: The file is not valid; what stands in it is not said.
    """
    path = ordner / LIEFERSCHEIN
    if not path.exists():
        return Lieferschein(kommune=catalogue.standard_kommune())
    try:
        data = read_yaml(path) or {}
        if isinstance(data, dict):
            data = {"kommune": catalogue.standard_kommune(), **data}
        return parse(Lieferschein, data, path)
    except CatalogueError:
        # Its words quote keys and values; this file is delivered as all others are.
        raise CatalogueError(
            "Der Lieferschein ist kein gültiges YAML oder enthält anderes als vereinbart.",
            wo=str(path),
            tun="Erlaubt sind »kommune: Kennung« und »zeilen:« mit einer Anzahl je Dateiname.",
        ) from None


def kommune_of(ordner: Path) -> Kommune:
    """Return whose delivery *ordner* holds.

    Raises:
        CatalogueError: ``lieferung.yml`` is not valid, or its municipality is in no catalogue.
    """
    name, known = lieferschein(ordner).kommune, catalogue.kommunen()
    if name not in known:
        raise CatalogueError(
            f"Die Kommune »{show(name)}« des Lieferscheins ist unbekannt.",
            wo=str(ordner / LIEFERSCHEIN),
            tun=nearest(name, [*known]),
        )
    return known[name]


def profiles_of(kommune: Kommune) -> tuple[Profil, ...]:
    """Return the profiles of a municipality.

    Raises:
        CatalogueError: It has none, or in one of its own something is left to decide: nothing of
            it can be read.
    """
    if not kommune.profile:
        raise CatalogueError(
            f"Für {kommune.name} ist kein Profil eines Quellsystems eingetragen.",
            wo="sozcontrol/catalogue/kommunen.yml",
            tun="Profile vorschlagen lassen: sozcontrol profile DATEI.",
        )
    for name in kommune.profile:
        demand_entschieden(name)
    return tuple(catalogue.profil(name) for name in kommune.profile)


def take_snapshots(ordner: Path, kommune: Kommune, stichtag: date) -> None:
    """Ask the databases of *kommune* for what the delivery in *ordner* does not hold yet.

    One that does not answer is reported when the delivery is read.
    """
    take_missing(ordner, entries(profiles_of(kommune)), stichtag)


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
    unanswered = take_missing(ordner, known, stichtag)
    sorted_files = sort_files(ordner, known, stichtag)
    reader = _Reader(datenstand, lieferschein(ordner).zeilen, Befundliste(stichtag))
    reader.everything(known, sorted_files)
    for entry, fault in unanswered:
        reader.reject(_source(entry.datei.name, entry), fault)
    return Delivery(
        ordner=ordner,
        stichtag=stichtag,
        datenstand=datenstand,
        kommune=kommune,
        texte=tuple(reader.texte),
        dateien=tuple(reader.dateien),
        findings=tuple(reader.liste.findings),
        unvollstaendig=frozenset(reader.liste.unvollstaendig),
    )


def read_one(path: Path, kommune: Kommune, profil: Profil, stichtag: date) -> Delivery:
    """Read one file by the entries of *profil* that know its name, as part of no delivery."""
    reader = _Reader(stichtag, {}, Befundliste(stichtag))
    for entry in entries([profil]):
        if entry.recognises(path.name) and entry.datei.gilt(stichtag):
            reader.file(path, entry)
    return Delivery(
        path.parent, stichtag, stichtag, kommune, tuple(reader.texte), tuple(reader.dateien),
        tuple(reader.liste.findings), frozenset(reader.liste.unvollstaendig),
    )  # fmt: skip


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

    datenstand: date
    zeilen: dict[str, int]
    liste: Befundliste
    texte: list[TextTable] = field(default_factory=list)
    dateien: list[SourceFile] = field(default_factory=list)
    _seen: dict[str, Path] = field(default_factory=dict)

    def everything(self, known: list[Eintrag], files: Sortiert) -> None:
        """Read files in the order of the profiles, files of one entry by name."""
        self.liste.report(files)
        order = {id(entry): i for i, entry in enumerate(known)}
        todo = sorted(files.erkannt, key=lambda f: (order[id(f[1])], f[0].name))
        large = len(todo) > 1 and sum(_size(path) for path, _ in todo) >= GROSS
        if not (large and self._read_by_two(todo)):
            for path, entry in todo:
                self.file(path, entry)
        valid = [entry for entry in known if entry.datei.gilt(self.liste.stichtag)]
        self.liste.missing(valid, files)
        self.liste.not_there(len(set(self.zeilen) - {one.name for one in self.dateien}))

    def _read_by_two(self, todo: Sequence[Datei]) -> bool:
        """Read half of the files in a fork; where equal ones are in both, keep nothing: False.

        Which of them is refused, their order decides.
        """
        larger, other = _halves(todo)
        longest = max(1.0, sum(_size(path) for path, _ in larger.values()) / SLOW)
        there, here = nebeneinander(
            lambda: self._apart(larger), lambda: self._apart(other), mindestens=longest
        )
        if {*there.seen} & {*here.seen}:
            return False
        for number, (_, entry) in enumerate(todo):
            read = (there if number in there.reader else here).reader[number]
            self.texte += [replace(text, datei=entry.datei) for text in read.texte]
            self.dateien += read.dateien
            self.liste.findings += read.liste.findings
            self.liste.unvollstaendig |= read.liste.unvollstaendig
        return True

    def _apart(self, todo: Mapping[int, Datei]) -> _Haelfte:
        """Read some files, each for itself."""
        half = _Haelfte()
        for number, (path, entry) in todo.items():
            liste = Befundliste(self.liste.stichtag)
            own = _Reader(self.datenstand, self.zeilen, liste, _seen=half.seen)
            own.file(path, entry)
            half.reader[number] = own
        return half

    def file(self, path: Path, entry: Eintrag) -> None:
        """Read one recognised file."""
        quelle = _source(file_name(path), entry)
        try:
            _demand_name(path)
            data = read_stable(path)
            quelle = replace(quelle, sha256=sha256(data), bytes=len(data))
            check_seal(path, quelle.sha256)
            self._refuse_double(path, quelle.sha256)
            check_type(data, entry.datei.format)
            grid = self._grid(data, entry)
        except FileRejected as fault:
            self.reject(quelle, fault)
            return
        self._take(grid, quelle, entry)

    def _grid(self, data: bytes, entry: Eintrag) -> Grid:
        if entry.datei.format != "sql":
            return _grid(data, entry)
        grid, am = read_snapshot(data, entry.datei)
        self.liste.other_day(entry, am, self.datenstand)
        return grid

    def _take(self, grid: Grid, quelle: SourceFile, entry: Eintrag) -> None:
        quelle = replace(
            quelle,
            kodierung=grid.kodierung,
            trennzeichen=grid.trennzeichen,
            zeilen_roh=len(grid.zellen),
        )
        anlass = Anlass(self.liste.stichtag, self.datenstand, self.zeilen.get(quelle.name))
        notes = Notes(quelle)
        try:
            self.texte.append(text_table(grid, entry.datei, anlass, notes))
            self.dateien.append(quelle)
        except FileRejected as fault:
            self.reject(quelle, fault)
        finally:
            self.liste.findings += notes.liste

    def _refuse_double(self, path: Path, digest: str) -> None:
        first = self._seen.setdefault(digest, path)
        if first != path:
            raise FileRejected(
                "R-I10",
                f"Der Inhalt ist derselbe wie in »{first.name}«.",
                "Eine der beiden Dateien entfernen; prüfen, ob eine andere gemeint war.",
            )

    def reject(self, quelle: SourceFile, fault: FileRejected) -> None:
        """Report that a file can't be read, for each table it feeds."""
        if quelle.sha256:
            self.dateien.append(quelle)
        self.liste.block(
            quelle.tabellen,
            fault.regel,
            f"{quelle.name}: {fault.meldung}",
            fault.tun,
            datei=quelle.name,
            zeilen=fault.zeilen,
            anzahl=fault.anzahl,
        )


@dataclass
class _Haelfte:
    """What came of some files, by their place in the delivery, and the digests of all of them."""

    reader: dict[int, _Reader] = field(default_factory=dict)
    seen: dict[str, Path] = field(default_factory=dict)


def _halves(todo: Sequence[Datei]) -> tuple[dict[int, Datei], dict[int, Datei]]:
    """Share files out by their size, by their place: the largest is in the first half."""
    weights = [0, 0]
    places: tuple[list[int], list[int]] = ([], [])
    for size, place in sorted(
        ((_size(path), -i) for i, (path, _) in enumerate(todo)), reverse=True
    ):
        lighter = weights.index(min(weights))
        weights[lighter] += size
        places[lighter].append(-place)
    first, second = ({i: todo[i] for i in sorted(half)} for half in places)
    return first, second


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # whoever reads it tells
        return 0


def _demand_name(path: Path) -> None:
    if file_name(path) != path.name:
        raise FileRejected(
            "R-I01",
            "Der Dateiname ist nicht in UTF-8 kodiert (ein Umlaut aus einem alten ZIP-Archiv?).",
            "Die Datei umbenennen, am besten ohne Umlaute.",
        )


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
    if source.format == "geojson":
        return read_geojson(data)
    if source.format == "gpkg":
        return read_geopackage(data)
    if source.format == "csv":
        return read_csv(data, source, lambda grid: fits(grid, source))
    return read_xlsx(data, source) if source.format == "xlsx" else read_parquet(data)
