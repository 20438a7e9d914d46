"""What of a delivery is not read, and why: findings for the tables that wait for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from sozcontrol.catalogue.profil import Quelldatei
from sozcontrol.findings import Finding, Schwere
from sozcontrol.intake.files import Eintrag, Sortiert, never_read, start_of
from sozcontrol.intake.names import file_name
from sozcontrol.intake.rules import finding, places


@dataclass
class Befundliste:
    """The findings of one delivery, and the tables that are incomplete because of them."""

    stichtag: date
    findings: list[Finding] = field(default_factory=list)
    unvollstaendig: set[str] = field(default_factory=set)

    def block(
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
        """Add one finding a table, and keep that the table is incomplete."""
        self.unvollstaendig |= set(tables)
        stellen = places(datei, zeilen) if datei else ()
        self.findings += [
            finding(regel, meldung, tabelle=table, tun=tun, anzahl=anzahl, stellen=stellen)
            for table in tables
        ]

    def report(self, files: Sortiert) -> None:
        """Report the files that are not read: locked, contested, never read, outdated, unknown."""
        for path, hits in files.gesperrt:
            self._locked(path, hits)
        for path, hits in files.mehrdeutig:
            listed = ", ".join(f"»{hit.profil.profil}/{hit.datei.name}«" for hit in hits)
            tables = dict.fromkeys(table for hit in hits for table in hit.tabellen)
            self.block(
                list(tables),
                "R-I34",
                f"{file_name(path)}: Die Datei passt zu mehreren Einträgen der Profile: {listed}.",
                "Die Muster der Einträge so fassen, dass sie sich ausschließen.",
            )
        for path, hits in files.nie_gelesen:
            self._never_read(path, hits, {id(entry) for _, entry in files.erkannt})
        for path, hits in files.veraltet:
            self._outdated(path, hits)
        if files.unbekannt:
            listed = ", ".join(f"»{file_name(path)}«" for path in files.unbekannt)
            self.findings.append(
                finding(
                    "R-I28",
                    f"Kein Profil kennt diese Dateien, sie werden nicht gelesen: {listed}.",
                    anzahl=len(files.unbekannt),
                    tun="Dateien umbenennen, entfernen oder im Profil eintragen.",
                )
            )

    def _never_read(self, path: Path, hits: list[Eintrag], there: set[int]) -> None:
        """Report a PDF or XLS: in place of a file it stops the tables, beside it is only named."""
        why, tun = never_read(start_of(path)) or ("", "")
        meldung = f"{file_name(path)}: {why}"
        tables = dict.fromkeys(t for hit in hits if id(hit) not in there for t in hit.tabellen)
        if tables:
            self.block(list(tables), "R-I08", meldung, tun)
        else:
            self.findings.append(finding("R-I28", meldung, tun=tun))

    def _outdated(self, path: Path, hits: list[Eintrag]) -> None:
        spans = ", ".join(dict.fromkeys(_span(hit.datei) for hit in hits))
        self.block(
            list(dict.fromkeys(table for hit in hits for table in hit.tabellen)),
            "R-I22",
            f"{file_name(path)}: Das Profil beschreibt den Aufbau dieser Datei {spans}; "
            f"der Stichtag ist der {self.stichtag:%d.%m.%Y}.",
            "Im Profil einen Eintrag für den Aufbau dieses Stichtags anlegen.",
        )

    def _locked(self, path: Path, hits: list[Eintrag]) -> None:
        name = file_name(path)
        meldung = f"{name}: Eine Datei der Lieferung ist geöffnet oder wird noch kopiert."
        tun = "Programm schließen, Kopie abwarten; bleibt die Sperrdatei liegen, sie löschen."
        tables = list(dict.fromkeys(table for hit in hits for table in hit.tabellen))
        if tables:
            self.block(tables, "R-I29", meldung, tun)
        else:
            self.findings.append(finding("R-I29", meldung, tun=tun, schwere=Schwere.WARNUNG))

    def other_day(self, entry: Eintrag, am: date, datenstand: date) -> None:
        """Say that a database was asked on another day than the delivery's Datenstand names."""
        if am != datenstand:
            self.findings += [
                finding(
                    "R-I33",
                    f"Die Datenbank zu »{entry.datei.name}« ist am {am:%d.%m.%Y} gefragt worden; "
                    f"der Datenstand der Lieferung ist der {datenstand:%d.%m.%Y}.",
                    tabelle=table,
                    schwere=Schwere.HINWEIS,
                    tun="Prüfen, ob die Abfrage auf diesen Tag begrenzt.",
                )
                for table in entry.tabellen
            ]

    def not_there(self, number: int) -> None:
        """Report that the note states rows of *number* files that were not read.

        Their names are not repeated: whatever stands in the note was delivered.
        """
        if number:
            self.findings.append(
                finding(
                    "R-I12",
                    f"Der Lieferschein nennt Zeilen zu {number} Dateien, die nicht gelesen sind.",
                    schwere=Schwere.WARNUNG,
                    anzahl=number,
                    tun="Namen in lieferung.yml mit denen im Ordner vergleichen.",
                )
            )

    def missing(self, known: list[Eintrag], files: Sortiert) -> None:
        """Report the entries no file was delivered for."""
        contested = {id(hit) for _, hits in files.mehrdeutig for hit in hits}
        contested |= {id(hit) for _, hits in files.nie_gelesen for hit in hits}
        there = {id(entry) for _, entry in files.erkannt} | contested
        for entry in known:
            if entry.datei.format == "sql" or id(entry) in there:
                continue
            text = f"Es fehlt »{entry.datei.name}« ({entry.datei.muster}) aus {entry.profil.system}"
            tun = f"Die Datei bei {entry.profil.lieferant} anfordern und in den Ordner legen."
            if entry.datei.pflicht:
                self.block(entry.tabellen, "R-I00", f"Lieferung unvollständig: {text}.", tun)
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


def _span(source: Quelldatei) -> str:
    start, end = source.gueltig_von, source.gueltig_bis
    parts = [f"vom {start:%d.%m.%Y} an"] if start else []
    return " ".join([*parts, f"bis {end:%d.%m.%Y}"] if end else parts)
