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
    """One rule of reading: id, usual severity and what it demands, in German."""

    id: str
    schwere: Schwere
    meldung: str


_RULES = (
    ("R-I00", E, "Alle Pflichtdateien des Profils sind geliefert."),
    ("R-I01", E, "Die Datei ist in ihrer Kodierung streng lesbar, ihr Name in UTF-8."),
    ("R-I02", E, "Die Texte enthalten keine zerstörten Umlaute (Ã¼, â€“, Ersatzzeichen)."),
    ("R-I03", E, "Alle Datenzeilen haben gleich viele Felder; Anführungszeichen sind geschlossen."),
    ("R-I04", E, "Die Kopfzeile ist gefunden und enthält alle Spalten des Profils."),
    ("R-I05", E, "Kein Spaltenname, den das Profil benutzt, steht zweimal."),
    ("R-I06", W, "Alle Spalten sind im Profil bekannt."),
    ("R-I07", E, "Die Datei enthält Daten."),
    ("R-I08", E, "Der Inhalt der Datei passt zum Format des Profils."),
    ("R-I09", E, "Der Stichtag im Dateinamen und im Titel der Datei ist der Stichtag des Laufs."),
    ("R-I10", E, "Keine Datei ist doppelt geliefert."),
    ("R-I12", E, "Die Anzahl der Datensätze im Fuß stimmt mit den Datenzeilen überein."),
    ("R-I13", E, "Die Summe im Fuß stimmt mit der Spalte überein (± 0,01)."),
    ("R-I14", E, "Zwischensummen stimmen mit ihren Zeilen überein (± 0,01)."),
    ("R-I15", E, "Alle Datumszellen sind gültige Daten im vereinbarten Format."),
    ("R-I16", E, "Alle Zahlenzellen sind gültige Zahlen im vereinbarten Format."),
    ("R-I17", E, "Nummern sind nicht durch Excel verändert (1,23E+11, 12345.0, '123)."),
    ("R-I18", E, "Nummern haben ihre Länge und ihr Muster (führende Nullen)."),
    ("R-I19", H, "Zellen haben keine Leerzeichen am Rand."),
    ("R-I20", W, "Zwischen den Daten stehen keine Leerzeilen."),
    ("R-I22", E, "Der Aufbau der Datei ist im Profil für den Stichtag beschrieben."),
    ("R-I23", W, "Das Blatt hat keine verborgenen Zeilen oder Spalten und keinen aktiven Filter."),
    ("R-I24", E, "Beträge und Prozente haben eine vereinbarte Einheit, die zur Datei passt."),
    ("R-I26", E, "Alle Codes stehen in ihrer Codeliste."),
    ("R-I27", E, "Pflichtspalten sind gefüllt."),
    ("R-I28", W, "Alle Dateien der Lieferung sind einem Profil zugeordnet."),
    ("R-I29", E, "Keine Datei der Lieferung ist geöffnet oder wird noch kopiert."),
    ("R-I30", E, "Die Datei ist vollständig und änderte sich beim Lesen nicht."),
    ("R-I31", H, "Protokoll: Zeilen, die nach dem Profil nicht übernommen werden."),
    (
        "R-I32",
        E,
        "Die Tabelle enthält keine Fehlerzellen (#BEZUG!) und keine unberechneten Formeln.",
    ),
    ("R-I33", E, "Die Datenbank ist erreichbar und beantwortet die Abfrage."),
    ("R-I34", E, "Jede Datei passt zu genau einem Eintrag der Profile."),
    ("R-I35", H, "Dezimalzahlen haben höchstens vier Nachkommastellen."),
    ("R-I36", E, "Welche von mehreren Dateien die neuere ist, sagt ihr Name."),
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
