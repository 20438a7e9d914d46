"""A raw table of official statistics as the YAML of a profile, and in words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from sozcontrol import catalogue
from sozcontrol.catalogue.eigenes import MARKE
from sozcontrol.catalogue.profil import Herkunft
from sozcontrol.catalogue.quellnamen import quellnamen
from sozcontrol.findings import show
from sozcontrol.vorschlag.amtlich import GEMEINDE, JAHR, Rohtabelle
from sozcontrol.vorschlag.profiltext import flow, remark, scalar
from sozcontrol.vorschlag.quelle import Quelle

_GEZAEHLT, _JAHR = "Gezählt", "Jahr"
_MUSTER = rf"(?:[0-9]{{2}}[.][0-9]{{2}}[.])?(?P<{_JAHR}>[0-9]{{4}})[^|]* [|] (?P<{_GEZAEHLT}>.+)"
"""The name of a column that begins with a year, and goes on with what is counted."""
_WORDS = 4
_UMLAUTE = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


def raw_name(table: Rohtabelle) -> str:
    """Return what a profile of the table can be called: the first words of its title."""
    words = re.findall(r"[a-z]{2,}", table.titel.casefold().translate(_UMLAUTE))
    return "_".join(["amtlich", *words[:_WORDS]])


def raw_text(table: Rohtabelle, quelle: Quelle, name: str) -> str:
    """Return the YAML of the profile that is proposed."""
    facts = quellnamen().amtlich
    pattern = f"{table.nummer}*{quelle.pfad.suffix}"
    named = pattern if quelle.pfad.name.startswith(table.nummer) else quelle.name
    lines = [
        *remark(f"Vorschlag von sozcontrol profile zu {quelle.name}: " + "; ".join(quelle.belege)
                + f". {_told(table)}.", 0),
        f"profil: {scalar(name)}",
        f"system: {scalar(f'Amtliche Statistik, Tabelle {table.nummer}')}",
        "lieferant: Statistische Ämter des Bundes und der Länder",
        f"beschreibung: {scalar(table.titel or table.nummer)}",
        "dateien:",
        f"  - name: {scalar(table.nummer)}",
        f"    muster: {scalar(named)}",
        *([f"    kodierung: {scalar(quelle.kodierung)}"] if quelle.kodierung else ()),
        f"    trennzeichen: {scalar(quelle.trennzeichen)}",
        "    stichtag_im_namen: false",
        f"    # Kopf in Zeile {table.kopf.von + 1} bis {table.kopf.bis + 1}",
        "    # Spalten ohne Namen heißen nach ihrem Platz",
        f"    kopf: {{zeilen: {table.kopf.bis - table.kopf.von + 1}, tragen: false, "
        f"suche_bis: {max(15, table.kopf.bis + 5)}}}",
        *([f"    fuss: {{beginnt: {scalar(table.fuss)}}}"] if table.fuss else ()),
        "    tabellen:",
        f"      - tabelle: {facts.tabelle}",
        *_feed(table),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _feed(table: Rohtabelle) -> Iterator[str]:
    facts, counted = quellnamen().amtlich, table.werte
    yield "        auswahl:"
    yield f"          - spalte: {scalar(_place(table.ort))}"
    ask = "Welche Orte werden verglichen? Ihre Schlüssel aus der Datei, mit Komma dazwischen"
    yield f"            gleich: {scalar(table.bekannte or [''])}  {MARKE}: {ask}"
    yield "        # jede Spalte mit Zahlen wird zu eigenen Zeilen"
    yield "        schmelzen:"
    yield f"          wert: {facts.spalten[facts.wert].aus[0]}"
    yield "          ohne_leer: false"
    if table.jahre_vorn:
        yield "          # die nächste Datei hat andere Jahre"
        yield f"          muster: {scalar(_MUSTER)}"
    else:
        yield "          # eine nicht gebrauchte hier löschen und unter ignoriert nennen"
        yield "          spalten:"
    for name, (year, what) in () if table.jahre_vorn else counted.items():
        made = {_GEZAEHLT: f"{table.nummer} {what}".strip()} | ({_JAHR: year} if year else {})
        yield f"            {scalar(name)}: {flow(made)}"
    yield "        spalten:"
    yield from _columns(table)


def _columns(table: Rohtabelle) -> Iterator[str]:
    """Yield the columns the table feeds: place, year, number, what is counted, and the others."""
    facts = quellnamen().amtlich
    zeros = "0" * (GEMEINDE - len(table.orte[0]))
    whole = scalar(f"{{{_place(table.ort)}}}{zeros}")
    yield f"          {facts.ort}: {{vorlage: {whole}, laenge: {GEMEINDE}}}"
    yield from _year(table)
    yield f"          {facts.nummer}:"
    ask = "Unter welcher Nummer wird verglichen (wie in vergleiche.yml)?"
    yield f"            konstant: {scalar(table.nummer)}  {MARKE}: {ask}"
    first = f"{table.nummer} " if table.jahre_vorn else ""
    more = "".join(f" {{{_place(i)}}}" for i in table.weitere)
    yield f"          {facts.gezaehlt}: {{vorlage: {scalar(f'{first}{{{_GEZAEHLT}}}{more}')}}}"
    for column, origin in facts.spalten.items():
        yield f"          {column}: {_origin(origin)}"


def _year(table: Rohtabelle) -> Iterator[str]:
    name = quellnamen().amtlich.jahr
    if table.jahr is not None:
        yield f"          {name}: {{aus: {scalar(_place(table.jahr))}, muster: {scalar(JAHR)}}}"
    elif all(year for year, _ in table.werte.values()):
        yield f"          {name}: {_JAHR}"
    else:
        yield f"          {name}:"
        ask = "Die Zeilen nennen kein Jahr. Aus welchem Jahr ist die Tabelle?"
        yield f"            konstant: {scalar(table.fest or '')}  {MARKE}: {ask}"


def _place(column: int) -> str:
    return f"#{column + 1}"


def _origin(origin: Herkunft) -> str:
    given: Mapping[str, object] = origin.model_dump(exclude_unset=True)
    parts = (
        f"{scalar(key)}: {flow(value) if isinstance(value, Mapping) else scalar(value)}"
        for key, value in given.items()
    )
    return "{" + ", ".join(parts) + "}"


def _told(table: Rohtabelle) -> str:
    """Say what the table is, and how many cells hold a sign in place of a number."""
    zero = quellnamen().amtlich.spalten[quellnamen().amtlich.wert].null
    signs = ", ".join(
        f"{n}-mal »{show(sign, {sign})}« "
        f"({'null' if sign in zero else 'unbekannt, bleibt als Zeichen stehen'})"
        for sign, n in sorted(table.zeichen.items())
    )
    text = f"Tabelle {table.nummer} der amtlichen Statistik, {len(table.zeilen)} Zeilen"
    return f"{text}, {signs}" if signs else text


def raw_overview(table: Rohtabelle, quelle: Quelle) -> str:
    """Return what a person reads on the terminal."""
    feeds = catalogue.tabelle(quellnamen().amtlich.tabelle)
    lines = [
        f"{quelle.name}: {'; '.join(quelle.belege)}",
        f"  {_told(table)} → {feeds.name} ({feeds.bezeichnung})",
        f"    Schlüssel der Orte in Spalte {_place(table.ort)}: {len(table.orte)} Orte, davon "
        f"{len(table.bekannte)} in der Liste der verglichenen",
    ]
    lines += [f"    {name} → {what or 'Anzahl'}" for name, (_, what) in table.werte.items()]
    if catalogue.kommune_oder_eigene().ags is None:
        lines.append("    Vorher in profile/kommune.yml den Schlüssel der eigenen Kommune nennen, "
                     "acht Ziffern: ags: '12345678'")  # fmt: skip
    return "\n".join(lines)
