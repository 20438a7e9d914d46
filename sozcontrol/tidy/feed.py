"""One file into one canonical table: typed columns, and what is wrong with their cells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from sozcontrol import catalogue
from sozcontrol.catalogue import Tabelle
from sozcontrol.catalogue.profil import Speisung
from sozcontrol.findings import Finding, Fundstelle, Schwere, tally
from sozcontrol.intake import Delivery, SourceFile, TextTable, normalise
from sozcontrol.intake.rules import MAX_STELLEN, finding
from sozcontrol.intake.zellen import Zellen
from sozcontrol.tidy.columns import Column, Typed, type_column
from sozcontrol.tidy.frame import Frame, build
from sozcontrol.tidy.pseudonym import Pseudonymiser
from sozcontrol.tidy.zwillinge import Nummern

_WHAT = {
    "R-I15": "sind kein gültiges Datum im vereinbarten Format",
    "R-I16": "sind keine gültige Zahl im vereinbarten Format",
    "R-I17": "sind durch Excel veränderte Nummern (1,23E+11, 12345.0 oder mit Apostroph davor)",
    "R-I18": "haben nicht die vereinbarte Länge oder Form (führende Nullen verloren?)",
    "R-I26": "enthalten Codes, die weder Profil noch Codeliste kennen",
    "R-I27": "sind leer, obwohl die Spalte gefüllt sein muss",
}
_TUN = {
    "R-I15": "In der Quelle berichtigen, oder das Format (auch leer, offen) im Profil ergänzen.",
    "R-I16": "In der Quelle berichtigen, oder dezimal, tausender, einheit im Profil ergänzen.",
    "R-I17": "Die Datei aus der Quelle neu ausgeben, ohne sie in Excel zu öffnen.",
    "R-I18": "Die Datei neu ausgeben, ohne sie in Excel zu öffnen; Spalte als Text führen.",
    "R-I26": "Eintragen unter codes im Profil oder unter gueltig, korrektur, verworfen in der "
    "Codeliste.",
    "R-I27": "In der Quelle nachtragen, oder die Zeilen im Profil auslassen.",
}
_HEADER_UNIT = re.compile(r"\b(?:T€|TEUR|T\s?EUR|Tsd\.?)|\bin\s+1\.?000\b", re.IGNORECASE)


@dataclass
class Part:
    """What one file gives to one table: values by column, source rows, findings.

    ``defekt`` says that at least one cell could not be typed; the table is then not built, so
    that no value is missing in silence.
    """

    tabelle: Tabelle
    quelle: SourceFile
    eindeutig: bool = False
    neueste_datei: bool = False
    spalten: dict[str, Zellen] = field(default_factory=dict)
    zeile: list[int] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    defekt: bool = False
    nummern: list[Nummern] = field(default_factory=list)

    def keep(self, positions: Sequence[int]) -> None:
        """Keep the rows at *positions*."""
        self.spalten = {n: v.take([*positions]) for n, v in self.spalten.items()}
        self.zeile = [self.zeile[i] for i in positions]


def type_feed(
    text: TextTable, feed: Speisung, delivery: Delivery, pseudonyms: Pseudonymiser
) -> Part:
    """Type the rows of *text* that feed one canonical table."""
    table = catalogue.tabelle(feed.tabelle)
    frame = build(text, feed, delivery)
    part = Part(table, text.quelle, feed.eindeutig, feed.neueste_datei, zeile=frame.zeile)
    faults = []
    for column in table.spalten:
        origin = feed.spalten.get(column.name)
        if origin is None:
            part.spalten[column.name] = Zellen.gleich(None, len(frame.zeile))
            continue
        free = frame.resolve(origin.aus) in frame.ohne_personen
        spec = Column(table, column, origin, text.typisiert, free)
        cells = frame.cells(origin)
        if spec.kennung and origin.aus and not origin.muster:
            part.nummern.append(_numbers(spec, text.quelle, cells, frame.zeile))
        typed = type_column(spec, cells, pseudonyms)
        typed.lueckenhaft = frame.gaps(origin)
        part.spalten[column.name] = typed.werte
        _unit(part, spec, frame)
        faults.append((spec, typed))
    _signs(part, feed, frame)
    for spec, typed in faults:
        name = _source_name(spec, frame)
        _report(part, spec, typed, name)
        _unproved(part, feed, spec, typed, name)
    _protocol(part, frame)
    return part


def _numbers(
    column: Column, source: SourceFile, cells: Zellen[str], rows: Sequence[int]
) -> Nummern:
    nothing = frozenset({"", *column.herkunft.leer, *column.herkunft.offen})
    return Nummern(column.tabelle, column.spalte, source.name, cells, rows, nothing)


def _source_name(column: Column, frame: Frame) -> str:
    origin = column.herkunft
    key = frame.resolve(origin.aus)
    if key is not None:
        return frame.namen.get(key, key)
    return origin.vorlage or column.spalte.bezeichnung


def _places(part: Part, positions: Sequence[int]) -> tuple[Fundstelle, ...]:
    """Return places with the pseudonyms of their key.

    A row with a bad cell may be shifted: whatever else its key holds is not what it should be.
    """
    table = part.tabelle
    keys = [k for k in table.schluessel if table.spalte(k).pseudonym]
    found = []
    for i in positions[:MAX_STELLEN]:
        known = {k: part.spalten[k][i] for k in keys if part.spalten[k][i] is not None}
        found.append(Fundstelle(part.quelle.name, part.zeile[i], known))
    return tuple(found)


def _add(
    part: Part,
    regel: str,
    meldung: str,
    *,
    spalte: str | None = None,
    positions: Sequence[int] = (),
    tun: str | None = None,
    schwere: Schwere | None = None,
) -> None:
    found = finding(
        regel,
        f"{part.quelle.name}: {meldung}",
        tabelle=part.tabelle.name,
        spalte=spalte,
        schwere=schwere,
        anzahl=max(len(positions), 1),
        geprueft=len(part.zeile),
        tun=tun,
        stellen=_places(part, positions),
    )
    part.findings.append(found)
    part.defekt = part.defekt or found.schwere is Schwere.FEHLER


def _report(part: Part, column: Column, typed: Typed, source: str) -> None:
    name, total = column.spalte.name, len(part.zeile)
    bad = dict(typed.schlecht)
    known = {i for positions in (*bad.values(), typed.lueckenhaft) for i in positions}
    if typed.lueckenhaft:
        _add(
            part,
            "R-I27",
            f"In {len(typed.lueckenhaft)} von {total} Zeilen ist ein Teil der Vorlage »{source}« "
            "leer; die Zelle bleibt leer.",
            spalte=name,
            positions=typed.lueckenhaft,
            tun="In der Quelle nachtragen, oder die Zeilen im Profil auslassen.",
            schwere=None if column.spalte.pflicht else Schwere.WARNUNG,
        )
    if column.spalte.pflicht:
        empty = typed.werte.positions(lambda value: value is None)
        if empty := [i for i in empty if i not in known]:
            bad["R-I27"] = empty
    for regel, positions in bad.items():
        detail = f": {typed.details[regel]}" if regel in typed.details else ""
        where = f" (Codeliste {column.spalte.codeliste})" if column.spalte.codeliste else ""
        meldung = f"{len(positions)} von {total} Zellen der Spalte »{source}« {_WHAT[regel]}"
        _add(
            part,
            regel,
            f"{meldung}{where if regel == 'R-I26' else ''}{detail}.",
            spalte=name,
            positions=positions,
            tun=_TUN[regel],
        )
    _doubts(part, typed, name, source)


def _doubts(part: Part, typed: Typed, name: str, source: str) -> None:
    if typed.mehrdeutig:
        _add(
            part,
            "R-I16",
            f"{len(typed.mehrdeutig)} Zellen der Spalte »{source}« sind als Tausender gelesen "
            "(1.234 = 1234), andere haben Nachkommastellen.",
            spalte=name,
            positions=typed.mehrdeutig,
            tun="Prüfen, ob die Quelle Punkt und Komma mischt.",
            schwere=Schwere.WARNUNG,
        )
    if typed.einheit_fraglich:
        _add(
            part,
            "R-I24",
            f"{len(typed.einheit_fraglich)} Zellen der Spalte »{source}« passen kaum zur "
            "vereinbarten Einheit (Anteil von 0 bis 1 oder Prozent von 0 bis 100).",
            spalte=name,
            positions=typed.einheit_fraglich,
            tun="einheit der Spalte im Profil prüfen (Anteil oder %).",
            schwere=Schwere.WARNUNG,
        )
    if typed.gerundet:
        text = f"{typed.gerundet} Zellen der Spalte »{source}« sind auf vier Stellen gerundet."
        _add(part, "R-I35", text, spalte=name)


def _unproved(part: Part, feed: Speisung, column: Column, typed: Typed, source: str) -> None:
    """Say how »1.000« is read where nothing in its column, nor the profile, says what it means.

    Beside columns with a decimal point it is no thousands in all likelihood, and an error.
    """
    if typed.unbewiesen:
        german = column.herkunft.dezimal == ","
        pointed = any(o.dezimal == "." for o in feed.spalten.values()) and german
        _add(
            part,
            "R-I16",
            f"{len(typed.unbewiesen)} Zellen der Spalte »{source}« wie 1.000 oder 1,000 sind mit "
            f"{'Komma' if german else 'Punkt'} als Dezimalzeichen gelesen; keine Zelle der Spalte "
            f"beweist es{', und andere Spalten haben einen Dezimalpunkt' if pointed else ''}.",
            spalte=column.spalte.name,
            positions=typed.unbewiesen,
            tun=f"Im Profil bei {column.spalte.name} sagen, was gilt: dezimal: ',' oder '.'.",
            schwere=None if pointed else Schwere.WARNUNG,
        )


def _unit(part: Part, column: Column, frame: Frame) -> None:
    """Demand a declared unit for amounts, and that header, unit and factor agree (R-I24)."""
    origin = column.herkunft
    if column.spalte.typ != "betrag" or not origin.aus:
        return
    source = _source_name(column, frame)
    tun = "einheit (EUR oder T€) und faktor im Profil eintragen."
    if origin.einheit is None:
        text = f"Für die Betragsspalte »{source}« ist keine Einheit vereinbart."
        _add(part, "R-I24", text, spalte=column.spalte.name, tun=tun)
        return
    thousands = bool(_HEADER_UNIT.search(source))
    fits = {"EUR": origin.faktor == 1, "T€": origin.faktor == 1000}.get(origin.einheit, False)
    if not fits or (thousands and origin.einheit == "EUR"):
        text = f"Einheit {origin.einheit}, Faktor {origin.faktor} und Kopf »{source}« "
        _add(part, "R-I24", f"{text}widersprechen sich.", spalte=column.spalte.name, tun=tun)


def _signs(part: Part, feed: Speisung, frame: Frame) -> None:
    for rule in feed.vorzeichen:
        values, words = part.spalten[rule.spalte], frame.column(rule.nach)
        factors = {word: rule.faktor(word) for word in words.werte}
        unknown = words.positions(
            {w for w, factor in factors.items() if factor is None}.__contains__
        )
        pairs = values.paired(words)
        signed = [None if v is None else v * (factors[w] or 1) for v, w in pairs.werte]
        part.spalten[rule.spalte] = Zellen(signed, pairs.stellen)
        if unknown:
            persons = normalise(rule.nach) not in frame.ohne_personen
            texts = tally((words[i] for i in unknown), rule.faktoren, persons=persons)
            _add(
                part,
                "R-I26",
                f"{len(unknown)} Zellen der Spalte »{rule.nach}« nennen kein bekanntes "
                f"Vorzeichen: {texts}.",
                spalte=rule.spalte,
                positions=unknown,
                tun="Das Wort unter vorzeichen.faktoren im Profil eintragen.",
            )


def _protocol(part: Part, frame: Frame) -> None:
    """Account for every row read: typed, or left out for a reason."""
    gone = 0
    for reason, rows in frame.verworfen:
        gone += len(rows)
        text = f"{len(rows)} von {frame.gelesen} nicht übernommen: {reason}."
        found = finding(
            "R-I31",
            f"{part.quelle.name}: {text}",
            tabelle=part.tabelle.name,
            anzahl=len(rows),
            geprueft=frame.gelesen,
            stellen=tuple(Fundstelle(part.quelle.name, n) for n in rows[:MAX_STELLEN]),
        )
        part.findings.append(found)
    assert gone + len(frame.zeile) == frame.gelesen, "a row vanished without a reason"
