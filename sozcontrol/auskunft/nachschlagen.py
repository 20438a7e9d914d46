"""What the catalogue holds, for people: calendar, areas, data dictionary."""

from __future__ import annotations

from datetime import date

from sozcontrol import catalogue
from sozcontrol.catalogue import TECHNISCH, Tabelle
from sozcontrol.press.ablegen.publish import target
from sozcontrol.press.lauf.plan import Faellig, Faelligkeit, shows_forecast, termine
from sozcontrol.press.seite.export import kind_of_report
from sozcontrol.projekt import Projekt

HOCHRECHNUNG = {
    "gueltig": " · mit Hochrechnung",
    "experimentell": " · Hochrechnung nicht in jeder Fassung",
}


def calendar_text(jahr: int, projekt: Projekt | None = None) -> str:
    """Return the reporting dates of *jahr*: what each owes, when it is due, what was delivered."""
    home = catalogue.kommune(catalogue.standard_kommune())
    lines = [f"Berichtskalender {jahr}, Feiertage: {home.feiertage or 'keine'}", ""]
    for row in termine(jahr, home.feiertage):
        kinds = kind_of_report(row.termin.berichtsarten, row.termin.prognose)
        lines += [
            f"{row.stichtag:%d.%m.%Y}  {kinds}{_forecast(row)}",
            *(f"            {_duty(duty)}" for duty in row.fristen),
            f"            Bereiche: {', '.join(b.id for b in row.bereiche) or 'keiner'}",
        ]
        lines += [f"            {_delivered(projekt, row.stichtag)}"] if projekt else []
    return "\n".join(lines)


def _duty(duty: Faellig) -> str:
    why = f" ({duty.tag:%d.%m.}: {duty.grund})" if duty.grund else ""
    return f"fällig {duty.am:%d.%m.%Y}{why}: {duty.frist.was} – {duty.frist.grundlage}"


def _delivered(projekt: Projekt, stichtag: date) -> str:
    """Say which deliveries of a Stichtag there are, and in which editions it was reported."""
    from sozcontrol.store.fassung import dates_below

    found = dates_below(projekt.raw / stichtag.isoformat())
    if not found:
        return "geliefert: nichts"
    states = ", ".join(f"Datenstand {day:%d.%m.%Y}" for day in found)
    made = [
        e.id for e in catalogue.editionen().values()
        if (target(projekt, e.ablage, stichtag) / e.id / "manifest.json").is_file()
    ]  # fmt: skip
    return f"geliefert: {states}; berichtet: {', '.join(made) or 'noch nicht'}"


def _forecast(row: Faelligkeit) -> str:
    """Say how far the Hochrechnung is trusted, where an owed report shows one."""
    shown = any(shows_forecast(area) for area in row.bereiche)
    return HOCHRECHNUNG.get(row.termin.hochrechnung or "", "") if shown else ""


def areas_text() -> str:
    """Return the areas with what each needs and makes."""
    blocks = []
    for area in catalogue.bereiche().values():
        kinds = kind_of_report(area.berichtsarten)
        blocks.append(
            f"{area.id}\n  {area.titel}: {area.kurz}\n  Berichte: {kinds}\n"
            f"  Braucht: {', '.join(area.braucht) or '–'}\n"
            f"  Zeigt auch: {', '.join(area.auch) or '–'}\n"
            f"  Kennzahlen: {', '.join(area.kennzahlen)}\n"
            f"  Editionen: {', '.join(area.editionen)}\n  Lieferant: {area.lieferant}"
        )
    return "\n\n".join(blocks)


def dictionary() -> str:
    """Return the data dictionary of the canonical tables as Markdown."""
    parts = [
        "# Datenwörterbuch\n\nErzeugt aus dem Katalog (`sozcontrol dictionary`); nicht von Hand "
        "ändern.\n"
    ]
    parts += [_table(t) for t in catalogue.tabellen().values()]
    parts += ["## Codelisten\n"]
    for codes in catalogue.codelisten().values():
        rows = [f"| {_md(code)} | {_md(item.name)} |" for code, item in codes.gueltig.items()]
        head = f"### {codes.bezeichnung} (`{codes.codeliste}`)\n\n| Code | Bedeutung |\n|---|---|\n"
        parts.append(head + "\n".join(rows) + "\n")
    return "\n".join(parts)


def _table(table: Tabelle) -> str:
    key = ", ".join(f"`{s}`" for s in table.schluessel)
    head = (
        f"## {table.bezeichnung} (`{table.name}`)\n\n{table.bedeutung}\n\n"
        f"Eine Zeile: {table.zeile}. Schlüssel: {key}.\n\n"
        "| Spalte | Bezeichnung | Typ | Einheit | Pflicht | Bedeutung |\n"
        "|---|---|---|---|---|---|\n"
    )
    rows = [
        f"| `{s.name}` | {_md(s.bezeichnung)} | {s.typ}{_of(s)} | {_md(s.einheit or '–')} | "
        f"{'ja' if s.pflicht else 'nein'} | {_md(s.bedeutung)} |"
        for s in table.spalten
    ]
    technical = ""
    if table.name != "lieferung":
        technical = f"\n\nDazu die technischen Spalten {', '.join(f'`{t}`' for t in TECHNISCH)}."
    return head + "\n".join(rows) + technical + "\n"


def _of(spalte: catalogue.Spalte) -> str:
    if spalte.codeliste:
        return f" ({spalte.codeliste})"
    if spalte.pseudonym:
        return f" (Pseudonym: {spalte.pseudonym})"
    return f" (→ {spalte.bezug})" if spalte.bezug else ""


def _md(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
