"""A delivery note to fill in: what lies in the folder, which profile reads it, what is missing.

How many rows a file has is never counted here: the note states what the supplier says, so that a
file cut short is noticed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from sozcontrol import catalogue
from sozcontrol.catalogue import Kommune
from sozcontrol.errors import UsageError, nearest
from sozcontrol.intake import profiles_of
from sozcontrol.intake.files import LIEFERSCHEIN, Eintrag, Sortiert, entries, sort_files
from sozcontrol.intake.names import file_name
from sozcontrol.press.lauf.receive import no_delivery
from sozcontrol.press.lauf.storage import storage_errors
from sozcontrol.press.run import resolve
from sozcontrol.projekt import Projekt
from sozcontrol.vorschlag.profiltext import scalar

KOPF = """\
# Lieferschein: wessen Lieferung dieser Ordner ist, und was die liefernden Stellen dazu sagen.
# Geschrieben von sozcontrol lieferung; Zeilen mit # sind Anmerkungen und dürfen weg.
# Stichtag {stichtag:%d.%m.%Y}, Datenstand {datenstand:%d.%m.%Y} (so heißt der Ordner).
kommune: {kommune}  # {name}

# Wie viele Datenzeilen jede Datei hat (ohne Kopf, Summen und Fuß), so wie die liefernde Stelle es
# sagt: im Begleitschreiben, im Protokoll des Auszugs. Nicht hier zählen: Eine abgebrochene Datei
# fiele sonst nicht auf. Ohne Angabe bleibt die Stelle hinter dem Doppelpunkt leer.
zeilen:
"""


@dataclass(frozen=True)
class Formular:
    """The folder of one delivery, as its note describes it."""

    ordner: Path
    stichtag: date
    datenstand: date
    kommune: Kommune

    @cached_property
    def _entries(self) -> list[Eintrag]:
        known = entries(profiles_of(self.kommune))
        return [e for e in known if e.datei.gilt(self.stichtag)]

    @cached_property
    def _sorted(self) -> Sortiert:
        return sort_files(self.ordner, self._entries, self.stichtag)

    @cached_property
    def dateien(self) -> dict[str, list[Eintrag]]:
        """The files of suppliers that are read, with the entries of profiles they are read by.

        A snapshot is our own: nobody states its rows.
        """
        found: dict[str, list[Eintrag]] = {}
        for path, entry in self._sorted.erkannt:
            if path.name.isprintable() and not entry.abzug:
                found.setdefault(file_name(path), []).append(entry)
        return found

    def text(self, zeilen: Mapping[str, int]) -> str:
        """Return the note, with the numbers of rows that are stated."""
        head = KOPF.format(
            stichtag=self.stichtag, datenstand=self.datenstand,
            kommune=scalar(self.kommune.id), name=self.kommune.name,
        )  # fmt: skip
        return head + "\n".join([*self._files(zeilen), "", *self._remarks(), ""])

    def _files(self, zeilen: Mapping[str, int]) -> Iterator[str]:
        for name, read_by in self.dateien.items():
            for name_of, profil in {e.profil.profil: e.profil for e in read_by}.items():
                mine = (e for e in read_by if e.profil is profil)
                tables = dict.fromkeys(t for e in mine for t in e.tabellen)
                yield f"  # Profil {name_of} ({profil.lieferant}) → {', '.join(tables)}"
            yield f"  {scalar(name)}: {zeilen.get(name, '')}".rstrip()

    def _remarks(self) -> Iterator[str]:
        found = self._sorted
        unknown = [file_name(path) for path in found.unbekannt]
        there = {id(entry) for _, entry in found.erkannt}
        queries = [e for e in self._entries if e.datei.format == "sql"]
        missing = [
            e for e in self._entries
            if e.datei.pflicht and e.datei.format != "sql" and id(e) not in there
        ]  # fmt: skip
        yield from (
            f"# Kein Profil kennt: {_line(name)} (sozcontrol profile DATEI)" for name in unknown
        )
        yield from (
            f"# Nicht zu lesen, wie sie ist: {_line(file_name(path))} (sozcontrol check sagt warum)"
            for path, _ in (*found.mehrdeutig, *found.gesperrt, *found.nie_gelesen, *found.veraltet)
        )
        yield from (
            f"# Verlangt, nicht da: {e.datei.name} ({e.datei.muster}) von {e.profil.lieferant}"
            for e in missing
        )
        yield from (
            f"# Aus einer Datenbank: {e.datei.name} → {', '.join(e.tabellen)}" for e in queries
        )


def _line(name: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in name)


def prepare(
    projekt: Projekt, stichtag: str | None, datenstand: str | None, kommune: str | None
) -> Formular:
    """Return the form for one delivery, which has no note yet.

    Raises:
        DeliveryMissing: Its folder is not there.
        UsageError: It has a note, or the Kommune is unknown.
    """
    on, known = resolve(projekt, stichtag, datenstand)
    ordner = projekt.delivery_folder(on, known)
    if not ordner.is_dir():
        raise no_delivery(projekt, on, ordner)
    if (path := ordner / LIEFERSCHEIN).exists():
        raise _there(path)
    name, there = kommune or projekt.kommune or catalogue.standard_kommune(), catalogue.kommunen()
    if name not in there:
        raise UsageError(
            "Diese Kommune ist unbekannt.", wo="--kommune", tun=nearest(name, [*there])
        )
    return Formular(ordner, on, known, there[name])


def _there(path: Path) -> UsageError:
    return UsageError(
        "Einen Lieferschein gibt es schon; er wird nicht überschrieben.",
        wo=str(path),
        tun="Die Datei ändern, oder löschen und neu anfangen.",
    )


def write(formular: Formular, zeilen: Mapping[str, int]) -> Path:
    """Write the note, and never over another one.

    Raises:
        UsageError: *zeilen* names a file that isn't read, or there is a note by now.
        StorageError: It can't be written.
    """
    for name in zeilen:
        if name not in formular.dateien:
            raise UsageError(
                "Eine Datei dieses Namens wird aus diesem Ordner nicht gelesen.",
                wo="--zeilen",
                tun=nearest(name, [*formular.dateien]),
            )
    path = formular.ordner / LIEFERSCHEIN
    text = formular.text(zeilen)
    with storage_errors("Der Lieferschein ließ sich nicht schreiben", path):
        try:
            file = path.open("x", encoding="utf-8")
        except FileExistsError:
            raise _there(path) from None
        with file:
            file.write(text)
    return path
