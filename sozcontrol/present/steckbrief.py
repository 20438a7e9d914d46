"""What stands beside the figures: definitions, origin, comments of the office, warnings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from sozcontrol import catalogue
from sozcontrol.hochrechnung.prognosekennzahlen import zurueckgestellt
from sozcontrol.kommentartext import written
from sozcontrol.measures.zaehlwerk.lieferung import Lieferung, Lieferzeile
from sozcontrol.present.format import NICHTS, datum, zahl
from sozcontrol.present.fragment import Fragment, anchor, current, esc
from sozcontrol.present.table import Zelle, table_figure, word
from sozcontrol.projekt import Projekt

FELDER = {
    "kurzname": "Kurzname", "zweck": "Zweck", "steuerungsfrage": "Steuerungsfrage",
    "zaehler_text": "Zähler", "nenner_text": "Nenner", "formel": "Formel", "einheit": "Einheit",
    "rundung": "Nachkommastellen", "bezugszeit": "Bezugszeit", "granularitaet": "Granularität",
    "richtung": "Richtung",
    "rechtsgrundlage": "Rechtsgrundlage", "quelle_definition": "Quelle der Definition",
    "datenquelle": "Datenquelle", "lieferant": "Lieferant", "erhebungsturnus": "Erhebungsturnus",
    "verantwortlich": "verantwortlich", "vergleichbar_mit": "vergleichbar mit",
    "fallstricke": "Fallstricke", "geheimhaltung": "Geheimhaltung",
    "paarkennzahl": "gemeinsam zu lesen mit", "variante_von": "Variante von",
    "gueltig_von": "gültig von", "gueltig_bis": "gültig bis", "version": "Version",
    "aenderungshistorie": "Änderungen",
}  # fmt: skip
RICHTUNG = {
    "hoch": "höher ist besser", "niedrig": "niedriger ist besser", "korridor": "im Zielkorridor",
    "neutral": "für sich weder gut noch schlecht",
}  # fmt: skip
BEZUGSZEIT = {"stichtag": "Stichtag", "zeitraum": "Zeitraum", "durchschnitt": "Durchschnitt"}

KOMMENTAR_FEHLT = "Kommentar des Fachamts fehlt"


def steckbriefe(
    ids: Sequence[str], *, stichtag: date | None = None, vertieft: Sequence[str] = (), edition: str
) -> Fragment:
    """Show the Kennzahlensteckbrief of each id, folded up.

    Those *vertieft* only where the edition shows methods, as what they describe. With a *stichtag*
    those are left out that *edition* does not show yet, so early in the year.
    """
    ids = [*ids, *vertieft] if catalogue.edition(edition).verfahren else ids
    early = zurueckgestellt(ids, stichtag, edition) if stichtag else ()
    items = [catalogue.steckbrief(i) for i in ids if i not in early]
    html = "".join(_steckbrief(item) for item in items)
    return Fragment(f'<div class="soz-steckbriefe">{html}</div>', f"{len(items)} Steckbriefe")


def _steckbrief(item: catalogue.Steckbrief) -> str:
    rows = "".join(
        f"<dt>{title}</dt><dd>{_entry(item, name)}</dd>"
        for name, title in FELDER.items()
        if getattr(item, name) is not None
    )
    marker = anchor(f"steckbrief {item.id}")
    return (
        f'<details class="soz-steckbrief" id="{marker}"><summary>{esc(item.id)} {esc(item.name)}'
        f"</summary><dl>{rows}</dl></details>"
    )


def _entry(item: catalogue.Steckbrief, name: str) -> str:
    value = getattr(item, name)
    if name == "richtung":
        context = ", im Zusammenhang zu lesen" if item.richtung_mit_kontext else ""
        return esc(RICHTUNG[item.richtung] + context)
    if name == "bezugszeit":
        return esc(BEZUGSZEIT[item.bezugszeit])
    if name == "aenderungshistorie":
        changes = item.aenderungshistorie
        return "<br>".join(f"Version {a.version} ({datum(a.am)}): {esc(a.was)}" for a in changes)
    return _field(value)


def _field(value: object) -> str:
    if isinstance(value, (tuple, list)):
        return esc(", ".join(str(v) for v in value)) or NICHTS
    if isinstance(value, date):
        return datum(value)
    if isinstance(value, Decimal):
        places = max(-int(value.normalize().as_tuple().exponent), 0)
        return zahl(value, min(places, 4))
    return esc(value)


Datei = tuple[str, str, str, str, str]
"""A delivered file as readers are told of it: name, supplier, content, Datenstand, checksum."""


def delivered(daten: Lieferung, tabellen: Iterable[str] = ()) -> list[Datei]:
    """Return the files behind a report, those of *tabellen*; row counts would count people."""
    wanted = set(tabellen)
    seen: dict[tuple[str, str, str], tuple[Lieferzeile, list[str]]] = {}
    for row in daten["lieferung"].to_pyarrow().to_pylist():
        if not wanted or row["tabelle"] in wanted:
            key = (str(row["lieferant"]), str(row["dateiname"]), str(row["sha256"]))
            seen.setdefault(key, (row, []))[1].append(_table_name(str(row["tabelle"])))
    return [_file(row, names, daten.datenstand) for _, (row, names) in sorted(seen.items())]


def _file(row: Lieferzeile, tables: list[str], known: date) -> Datei:
    content, day = ", ".join(sorted(set(tables))), datum(row.get("datenstand") or known)
    return (str(row["dateiname"]), str(row["lieferant"]), content, day, str(row["sha256"])[:12])


def origin(dateien: Sequence[Datei], titel: str = "Herkunft der Zahlen") -> Fragment:
    """Show which deliveries the figures come from: file, checksum, supplier, Datenstand."""
    if not dateien:
        return Fragment(
            '<p class="soz-hinweis">Keine Lieferung verzeichnet.</p>', "keine Lieferung"
        )
    head = [word(t, kopf=True) for t in ("Datei", "Lieferant", "Inhalt", "Datenstand", "Prüfsumme")]
    rows = [("", _origin_row(*one)) for one in dateien]
    drawn = table_figure(head, rows, titel, zaehlt="Dateien")
    return Fragment(f'<div class="soz-dicht">{drawn.html}</div>', drawn.text)


def _origin_row(name: str, supplier: str, content: str, day: str, checksum: str) -> list[Zelle]:
    return [
        word(name, kopf=True),
        word(supplier),
        word(content),
        word(day),
        Zelle(f"<code>{esc(checksum)}</code>", checksum),
    ]


def _table_name(name: str) -> str:
    known = catalogue.tabellen()
    return known[name].bezeichnung if name in known else name


def commentary(stichtag: date | str, bereich: str, *, projekt: Projekt, edition: str) -> Fragment:
    """Show what the office wrote: ``notebooks/kommentare/<stichtag>/<bereich>.md``.

    It is read when the page is drawn, and the page remembers where it stands. Where it is missing,
    an *edition* that shows code is told the path, for its readers write it.
    """
    day = date.fromisoformat(str(stichtag))
    area = catalogue.bereich(bereich)
    path = projekt.kommentar(day, area.id)
    missing = f"{KOMMENTAR_FEHLT} ({area.titel}, {datum(day)})."
    where = f" Er gehört in <code>{esc(path.relative_to(projekt.root).as_posix())}</code>."
    told = where if catalogue.edition(edition).code_zeigen else ""
    html = (
        f'<div class="soz-kommentar soz-fehlt" role="note"><p><strong>{esc(missing)}</strong>'
        f"{told}</p></div>"
    )
    text = projekt.stellungnahme(day, area.id)
    current().stellen.append((day, area.id, text, html))
    if not text:
        return Fragment(html, missing)
    return Fragment(written(text), "Kommentar des Fachamts")


def written_comment(projekt: Projekt, day: date, bereich: str) -> str:
    """Return what the office wrote as HTML, nothing where it wrote nothing."""
    return written(comment(projekt, day, bereich))


def comment(projekt: Projekt, day: date, bereich: str) -> str:
    """Return what the office wrote; the page remembers that it asked, and what it read."""
    text = projekt.stellungnahme(day, bereich)
    current().gelesen[day, bereich] = text
    return text
