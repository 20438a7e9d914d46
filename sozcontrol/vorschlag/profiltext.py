"""A proposal as the YAML of a profile: what is found as remarks, what is open as questions.

Every question stands on a line with one value, so that an answer changes just that line.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence

from sozcontrol.catalogue import Tabelle
from sozcontrol.catalogue.eigenes import MARKE
from sozcontrol.intake.stichtag import dates_in_name
from sozcontrol.vorschlag.herleitung import Zeile
from sozcontrol.vorschlag.quelle import Abfrage
from sozcontrol.vorschlag.vorschlag import WERT, Blattvorschlag, Vorschlag
from sozcontrol.vorschlag.zielwahl import SICHER, WAHRSCHEINLICH

_PLAIN = re.compile(r"[A-Za-zÄÖÜäöüß][\wÄÖÜäöüß./€-]*(?: [\wÄÖÜäöüß./€-]+)*")
_SPECIAL = {"ja", "nein", "yes", "no", "true", "false", "on", "off", "null", "y", "n", "~"}
_WIDE = 110
KEIN_ANFANG = "(Anfang dieser Zeile)"
"""What stands in place of the beginning of a row below the data."""


def profile_text(proposal: Vorschlag, system: str, supplier: str) -> str:
    """Return the YAML of *proposal*."""
    quelle = proposal.quelle
    lines = [
        *remark(f"Vorschlag von sozcontrol profile zu {quelle.name}: "
                 + "; ".join((*quelle.belege, *proposal.uebergangen)) + ".", 0),
        *remark("Zeilen mit der Marke ENTSCHEIDEN sind zu prüfen: Stimmt der Wert, die Marke "
                 "löschen; sonst den Wert ändern. Oder: sozcontrol profile --entscheiden "
                 f"{proposal.name}", 0),
        f"profil: {scalar(proposal.name)}",
        f"system: {scalar(system)}",
        f"lieferant: {scalar(supplier)}",
        f"beschreibung: {scalar('Vorgeschlagen aus ' + quelle.name)}",
        "dateien:",
    ]  # fmt: skip
    for sheet in proposal.blaetter:
        lines += _file(proposal, sheet)
    return "\n".join(lines) + "\n"


def scalar(value: object) -> str:
    """Return a value as YAML writes it on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(scalar(v) for v in value)}]"
    text = str(value)
    if _PLAIN.fullmatch(text) and text.casefold() not in _SPECIAL:
        return text
    return "'" + text.replace("'", "''") + "'"


def remark(text: str, indent: int) -> list[str]:
    """Return *text* as a comment of YAML, wrapped."""
    return textwrap.wrap(text, _WIDE, initial_indent=" " * indent + "# ",
                         subsequent_indent=" " * indent + "#   ")  # fmt: skip


def _asked(line: str, question: str | None) -> str:
    return f"{line}  {MARKE}: {question}" if question else line


def _file(proposal: Vorschlag, sheet: Blattvorschlag) -> Iterator[str]:
    quelle, table = proposal.quelle, sheet.wahl.tabelle
    yield f"  - name: {scalar(sheet.blatt.name or table.bezeichnung)}"
    if quelle.abfrage:
        yield from _query(quelle.abfrage, sheet)
    else:
        yield from _known_by(proposal, sheet)
    yield from _head(sheet)
    yield from _rows(sheet)
    yield from _subtotals(sheet)
    yield from _ignored(sheet) if not quelle.abfrage else ()
    yield "    tabellen:"
    question = (
        f"Sind das Zeilen von »{table.bezeichnung}«? Wenn von {sheet.naechste}, neu vorschlagen "
        f"lassen: --tabelle {sheet.naechste} --ersetzen"
    )
    yield _asked(f"      - tabelle: {table.name}", question if sheet.naechste else None)
    yield f"        # eine Zeile ist {table.zeile}"
    yield from _newest(proposal, sheet)
    yield from _feed(sheet)
    for other, lines in sheet.daneben:
        yield from _beside(proposal, sheet, other.tabelle, lines)


def _query(abfrage: Abfrage, sheet: Blattvorschlag) -> Iterator[str]:
    """Ask for what is used; what stays outside is named, and stays in the database."""
    outside = dict(sheet.ignoriert)
    yield "    format: sql"
    yield f"    # wo die Adresse steht (oder in der Datei, die {abfrage.variable}_DATEI nennt)"
    yield f"    url_variable: {scalar(abfrage.variable)}"
    yield from (f"    # nicht abgefragt: {name} ({why})" for name, why in outside.items())
    asked = [name for name in abfrage.spalten if name not in outside]
    yield f"    abfrage: {scalar(abfrage.text(asked))}"


def _known_by(proposal: Vorschlag, sheet: Blattvorschlag) -> Iterator[str]:
    quelle = proposal.quelle
    vague = "Der Name dieser Datei besteht aus Ziffern. Wie heißen die nächsten (* für Beliebiges)?"
    yield _asked(f"    muster: {scalar(proposal.muster)}", vague if proposal.nur_ziffern else None)
    if len({day for p in proposal.gleichnamige for day in dates_in_name(p.name)}) > 1:
        yield "    # die Dateien dieses Namens nennen verschiedene Tage"
        yield "    stichtag_im_namen: false"
    if quelle.format == "xlsx":
        yield "    format: xlsx"
        yield f"    blatt: {scalar(sheet.blatt.name)}"
    else:
        if quelle.kodierung:
            yield f"    kodierung: {scalar(quelle.kodierung)}"
        separator = "tab" if quelle.trennzeichen == "\t" else quelle.trennzeichen
        yield f"    trennzeichen: {scalar(separator)}"


def _head(sheet: Blattvorschlag) -> Iterator[str]:
    header, kopf = sheet.kopf.header, sheet.kopf.kopf
    yield (
        f"    # Kopf in Zeile {header.von + 1}"
        + (f" bis {header.bis + 1}" if kopf.zeilen > 1 else "")
        + f", {sheet.kopf.bekannte} seiner Namen sind bekannt; {sheet.datenzeilen} Datenzeilen"
    )
    yield f"    kopf: {{zeilen: {kopf.zeilen}, suche_bis: {kopf.suche_bis}}}"


def _rows(sheet: Blattvorschlag) -> Iterator[str]:
    found = sheet.zeilen
    foot = found.fuss
    if foot.beginnt or found.fremd:
        yield "    fuss:"
        yield "      beginnt:"
        yield from (f"        - {scalar(b)}" for b in foot.beginnt)
        for row in found.fremd:
            ask = f"Zeile {row} steht unter den Daten. Wie beginnt sie?"
            yield _asked(f"        - {scalar(KEIN_ANFANG)}", ask)
    if foot.anzahl:
        yield f"      anzahl: {scalar(foot.anzahl)}"
    if foot.summe:
        yield "      # diese Summen im Fuß gehen auf"
        yield f"      summe: {flow(foot.summe)}"


def _subtotals(sheet: Blattvorschlag) -> Iterator[str]:
    found, rule = sheet.zeilen, sheet.zeilen.zwischensumme
    if rule is None:
        return
    count = len(found.zeilen)
    if found.bewiesen:
        yield f"    # {count} Zwischensummen, nachgerechnet: alle gehen auf"
    yield "    zwischensumme:"
    yield "      erkennung:"
    yield f"        spalte: {scalar(rule.erkennung.spalte)}"
    doubt = None if found.bewiesen else (
        f"{count} Zeilen (die erste: {found.zeilen[0]}) beginnen so, gehen aber nicht auf. "
        "Weglassen?"
    )  # fmt: skip
    yield _asked(f"        beginnt: {scalar(rule.erkennung.beginnt)}", doubt)
    yield f"      betraege: {scalar(rule.betraege)}"
    if rule.je:
        yield f"      je: {scalar(rule.je)}"


def flow(items: Mapping[str, object]) -> str:
    """Return a mapping as YAML writes it on one line."""
    return "{" + ", ".join(f"{scalar(k)}: {scalar(v)}" for k, v in items.items()) + "}"


def _ignored(sheet: Blattvorschlag) -> Iterator[str]:
    if not sheet.ignoriert:
        return
    yield "    ignoriert:"
    yield from (f"      - {scalar(name)}  # {why}" for name, why in sheet.ignoriert)


def _feed(sheet: Blattvorschlag) -> Iterator[str]:
    yield from _left_out(sheet)
    if sheet.schmelzen:
        yield "        # jede dieser Spalten wird zu eigenen Zeilen"
        yield "        schmelzen:"
        yield f"          wert: {WERT}"
        if sheet.wahl.schmelze.seiten:
            yield "          ohne_null: true"
        yield "          spalten:"
        yield from (f"            {scalar(n)}: {flow(made)}" for n, made in sheet.schmelzen.items())
    if sheet.vorzeichen:
        yield "        vorzeichen:"
    for rule in sheet.vorzeichen:
        yield f"          # {rule.grund}"
        yield f"          - spalte: {rule.spalte}"
        yield f"            nach: {scalar(rule.nach)}"
        if rule.am_anfang:
            yield "            am_anfang: true"
        yield "            faktoren:"
        for word, factor in rule.faktoren.items():
            ask = rule.frage if factor < 0 else None
            yield _asked(f"              {scalar(word)}: {factor}", ask)
    yield "        spalten:"
    for line in sheet.spalten:
        yield from _column(line)


def _beside(
    proposal: Vorschlag, sheet: Blattvorschlag, table: Tabelle, lines: Sequence[Zeile]
) -> Iterator[str]:
    yield f"      - tabelle: {table.name}"
    yield f"        # in derselben Datei: {table.zeile}; Wiederholungen zählen einmal"
    yield "        eindeutig: true"
    if len(proposal.gleichnamige) > 1:
        yield f"        # von mehreren Angaben zu {table.zeile} gilt die der neuesten Datei"
        yield "        neueste_datei: true"
    yield from _left_out(sheet)
    yield "        spalten:"
    for line in lines:
        yield from _column(line)


def _newest(proposal: Vorschlag, sheet: Blattvorschlag) -> Iterator[str]:
    """Ask whether rows of a newer file replace older ones, where several files have its name."""
    count, table = len(proposal.gleichnamige), sheet.wahl.tabelle
    keys = [line for line in sheet.spalten if line.spalte in table.schluessel]
    if count < 2 or any("zeilennummer" in line.angaben for line in keys):
        return
    named = ", ".join(table.spalte(key).bezeichnung for key in table.schluessel)
    ask = (
        f"{count} Dateien heißen bis auf Tag oder Jahr gleich. Gilt von Zeilen mit demselben "
        f"Schlüssel ({named}) die der neuesten? (sonst: nein)"
    )
    yield _asked("        neueste_datei: true", ask)


def _left_out(sheet: Blattvorschlag) -> Iterator[str]:
    for name, number in sheet.auslassen:
        yield f"        # {number} Zeilen ohne »{name}« und ohne eine Zahl: Überschriften"
        yield "        auslassen:"
        yield f"          - {{spalte: {scalar(name)}, leer: true}}"


def _column(line: Zeile) -> Iterator[str]:
    for note in line.bemerkungen:
        yield from remark(note, 10)
    yield f"          {line.spalte}:"
    for key, value in line.angaben.items():
        if isinstance(value, Mapping):
            yield f"            {key}:"
            for word, code in value.items():
                text = f"              {scalar(word)}: {scalar(code)}"
                ask, number = line.fragen.get(f"{key}.{word}"), line.anzahl.get(word)
                yield f"{text}  # {number}-mal" if number and not ask else _asked(text, ask)
        else:
            yield _asked(f"            {key}: {scalar(value)}", line.fragen.get(key))


def sure(points: int) -> str:
    """Return how sure a choice is, in a word."""
    return (
        "sicher"
        if points >= SICHER
        else "wahrscheinlich"
        if points >= WAHRSCHEINLICH
        else "fraglich"
    )


def overview(proposal: Vorschlag) -> str:
    """Return what a person reads on the terminal: the file, the table, each column and why."""
    lines = [f"{proposal.quelle.name}: " + "; ".join(proposal.quelle.belege)]
    lines += [f"  {text}" for text in proposal.uebergangen]
    for sheet in proposal.blaetter:
        table = sheet.wahl.tabelle
        where = f"Blatt »{sheet.blatt.name}«: " if sheet.blatt.name else ""
        lines += [f"  {warning}" for _, warning, _ in sheet.blatt.grid.warnungen]
        lines.append(f"  {where}{sheet.datenzeilen} Zeilen → {table.name} ({table.bezeichnung})")
        for column, hit in sheet.wahl.treffer.items():
            lines.append(
                f"    {hit.quelle.name} → {column} ({sure(hit.punkte)}, {hit.punkte} von 100)"
            )
        for other, _ in sheet.daneben:
            fed = ", ".join(f"{t.quelle.name} → {c}" for c, t in other.treffer.items())
            lines.append(
                f"    zugleich → {other.tabelle.name} ({other.tabelle.bezeichnung}): {fed}"
            )
        if sheet.schmelzen:
            names = ", ".join(sheet.schmelzen)
            lines.append(f"    {names} → {sheet.wahl.schmelze.wert}, je Spalte eine Zeile")
        lines += [f"    {name}: bleibt draußen, {why}" for name, why in sheet.ignoriert]
    return "\n".join(lines)
