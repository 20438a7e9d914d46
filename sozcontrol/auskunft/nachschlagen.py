"""What the catalogue holds, for people: areas, data dictionary."""

from __future__ import annotations

from sozcontrol import catalogue
from sozcontrol.catalogue import TECHNISCH, Tabelle
from sozcontrol.press.seite.export import kind_of_report


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
    if table.geliefert:
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
