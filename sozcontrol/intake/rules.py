"""The rules of reading: what can be wrong with a delivery before anyone asks what it means.

``R-I01`` to ``R-I25`` are the ingest rules of the domain model; ``R-I00`` and those from ``R-I26``
on complete them. Rules about cells are applied by ``tidy``, which parses them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice

from sozcontrol.findings import Finding, Fundstelle, Schwere

MAX_STELLEN = 50
"""How many places one finding lists; ``Finding.anzahl`` counts all of them."""

E, W, H = Schwere.FEHLER, Schwere.WARNUNG, Schwere.HINWEIS


@dataclass(frozen=True)
class Einleseregel:
    """One rule of reading: id, usual severity, and what is wrong where it fails, in German."""

    id: str
    schwere: Schwere
    meldung: str


_RULES = (
    ("R-I00", E, "Eine Datei des Profils fehlt."),
    ("R-I01", E, "Die Datei ist in ihrer Kodierung nicht lesbar, oder ihr Name nicht in UTF-8."),
    ("R-I02", E, "Texte enthalten zerstörte Umlaute (Ã¼, â€“, Ersatzzeichen)."),
    (
        "R-I03",
        E,
        "Datenzeilen haben verschieden viele Felder, oder ein Anführungszeichen ist offen.",
    ),
    ("R-I04", E, "Die Kopfzeile ist nicht gefunden, oder ihr fehlt eine Spalte des Profils."),
    ("R-I05", E, "Ein Spaltenname, den das Profil benutzt, steht zweimal."),
    ("R-I06", W, "Eine Spalte ist im Profil nicht bekannt."),
    ("R-I07", E, "Die Datei enthält keine Daten."),
    ("R-I08", E, "Der Inhalt der Datei passt nicht zum Format des Profils."),
    ("R-I09", E, "Der Stichtag im Dateinamen oder im Titel der Datei ist nicht der des Laufs."),
    ("R-I10", E, "Eine Datei ist doppelt geliefert."),
    ("R-I12", E, "Der Fuß nennt eine andere Anzahl, als Datenzeilen da sind."),
    ("R-I13", E, "Die Summe im Fuß weicht von der Spalte ab (mehr als 0,01)."),
    ("R-I14", E, "Eine Zwischensumme weicht von ihren Zeilen ab (mehr als 0,01)."),
    ("R-I15", E, "Eine Zelle ist kein gültiges Datum im vereinbarten Format."),
    ("R-I16", E, "Eine Zelle ist keine gültige Zahl im vereinbarten Format."),
    ("R-I17", E, "Nummern sind durch Excel verändert (1,23E+11, 12345.0, '123)."),
    ("R-I18", E, "Nummern haben nicht ihre Länge oder ihr Muster (führende Nullen)."),
    ("R-I19", H, "Zellen hatten Leerzeichen am Rand; sie sind entfernt."),
    ("R-I20", W, "Zwischen den Daten stehen Leerzeilen."),
    ("R-I22", E, "Den Aufbau der Datei beschreibt das Profil für diesen Stichtag nicht."),
    ("R-I23", W, "Das Blatt hat verborgene Zeilen oder Spalten oder einen aktiven Filter."),
    ("R-I24", E, "Die Einheit von Beträgen oder Prozenten ist nicht die vereinbarte."),
    ("R-I26", E, "Ein Code steht nicht in seiner Codeliste."),
    ("R-I27", E, "Eine Pflichtspalte ist nicht gefüllt."),
    ("R-I28", W, "Eine Datei der Lieferung ist keinem Profil zugeordnet."),
    ("R-I29", E, "Eine Datei der Lieferung ist geöffnet oder wird noch kopiert."),
    ("R-I30", E, "Die Datei ist unvollständig, oder sie änderte sich beim Lesen."),
    ("R-I31", H, "Protokoll: Zeilen, die nach dem Profil nicht übernommen werden."),
    (
        "R-I32",
        E,
        "Die Tabelle enthält Fehlerzellen (#BEZUG!) oder unberechnete Formeln.",
    ),
    ("R-I33", E, "Die Datenbank ist nicht erreichbar oder beantwortet die Abfrage nicht."),
    ("R-I34", E, "Eine Datei passt zu mehreren Einträgen der Profile."),
    ("R-I35", H, "Eine Dezimalzahl hat mehr als vier Nachkommastellen."),
    ("R-I36", E, "Welche von mehreren Dateien die neuere ist, sagt ihr Name nicht."),
)
EINLESEREGELN = {id_: Einleseregel(id_, schwere, text) for id_, schwere, text in _RULES}


def finding(
    regel: str,
    meldung: str,
    *,
    tabelle: str | None = None,
    spalte: str | None = None,
    schwere: Schwere | None = None,
    anzahl: int = 1,
    geprueft: int | None = None,
    tun: str | None = None,
    stellen: Sequence[Fundstelle] = (),
) -> Finding:
    """Return a finding of an ingest rule, with the rule's own severity unless told otherwise."""
    return Finding(
        regel=regel,
        schwere=schwere or EINLESEREGELN[regel].schwere,
        meldung=meldung,
        tabelle=tabelle,
        spalte=spalte,
        anzahl=anzahl,
        geprueft=geprueft,
        tun=tun,
        stellen=tuple(stellen[:MAX_STELLEN]),
    )


def places(datei: str, zeilen: Iterable[int]) -> tuple[Fundstelle, ...]:
    """Return the first places of *zeilen* in *datei*."""
    return tuple(Fundstelle(datei, zeile) for zeile in islice(zeilen, MAX_STELLEN))


@dataclass(eq=False)
class FileRejected(Exception):
    """One file cannot be read; ``delivery`` turns this into a finding for each table it feeds."""

    regel: str
    meldung: str
    tun: str
    zeilen: tuple[int, ...] = ()
    anzahl: int = 1

    def __str__(self) -> str:
        return f"{self.regel}: {self.meldung}"


@contextmanager
def faults_of_the_file(meldung: str, tun: str) -> Iterator[None]:
    """Turn whatever a foreign reader raises over a delivered file into R-I08 for that file.

    Nothing but calls of that reader belongs inside: a fault of our own code must stay one.
    """
    try:
        yield
    except FileRejected:
        raise
    except BaseException as fault:
        kind = type(fault).__name__
        # A panic in Rust (calamine, over a date far out of the calendar) is no Exception.
        if not isinstance(fault, Exception) and kind != "PanicException":
            raise
        raise FileRejected("R-I08", f"{meldung} ({kind}).", tun) from fault


def broken_cells(hits: Sequence[tuple[int, str]]) -> FileRejected:
    """Return R-I32 for cells without a value: row in the source, »fehler« or »formel«."""
    formulas = sum(kind == "formel" for _, kind in hits)
    return FileRejected(
        "R-I32",
        f"{len(hits)} Zellen enthalten einen Excel-Fehler (#BEZUG!, #NV, …) oder eine Formel "
        f"ohne Ergebnis (davon {formulas} Formeln).",
        "Die Arbeitsmappe in Excel öffnen, Formeln berichtigen, neu berechnen, speichern.",
        zeilen=tuple(dict.fromkeys(row for row, _ in hits)),
        anzahl=len(hits),
    )
