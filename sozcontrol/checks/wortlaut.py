"""Findings for the terminal: file, source row, column. No key, no value."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sozcontrol import catalogue
from sozcontrol.checks.verzeichnis import NICHT_GEPRUEFT
from sozcontrol.findings import Annahme, Finding, Fundstelle, Schwere, deutsch

EINZAHL = {Schwere.FEHLER: "Fehler", Schwere.WARNUNG: "Warnung", Schwere.HINWEIS: "Hinweis"}
MEHRZAHL = {Schwere.FEHLER: "Fehler", Schwere.WARNUNG: "Warnungen", Schwere.HINWEIS: "Hinweise"}

VIELE = 10
"""From so many rows on a share and a sum say more than the rows, and nothing of one of them."""


def summary(findings: Iterable[Finding]) -> str:
    """Return »2 Fehler, 1 Warnung, 3 Hinweise«; how many rules, not how many rows.

    What the city accepts is counted apart.
    """
    found = list(findings)
    still = [f for f in found if not f.angenommen]
    counts = [(s, sum(f.schwere is s for f in still)) for s in Schwere]
    told = [f"{n} {(EINZAHL if n == 1 else MEHRZAHL)[s]}" for s, n in counts]
    more = [f"{len(found) - len(still)} angenommen"] if len(still) < len(found) else []
    return ", ".join([*told, *more])


def accepted(annahme: Annahme) -> str:
    """Return in a sentence who accepts it until when and why, or why it counts all the same."""
    who = f"{annahme.stelle}, {annahme.am:%d.%m.%Y}"
    if annahme.dagegen:
        return f"Zählt weiter, {annahme.dagegen}; vermerkt ist ({who}): {annahme.grund}"
    return f"Angenommen bis {annahme.bis:%d.%m.%Y} ({who}): {annahme.grund}"


def table_title(name: str | None) -> str:
    """Return what a reader calls the table."""
    known = catalogue.tabellen()
    return f"{known[name].bezeichnung} ({name})" if name in known else name or "Lieferung insgesamt"


def by_table(findings: Iterable[Finding]) -> dict[str | None, list[Finding]]:
    """Return the findings by table in the order of the catalogue, errors first, accepted last."""
    found = list(findings)
    known = [n for n in catalogue.tabellen() if any(f.tabelle == n for f in found)]
    others = dict.fromkeys(f.tabelle for f in found if f.tabelle not in known)
    order = list(Schwere)
    return {
        name: sorted(
            (f for f in found if f.tabelle == name),
            key=lambda f: (f.angenommen, order.index(f.schwere), f.regel),
        )
        for name in (*known, *others)
    }


def extent(finding: Finding) -> str:
    """Return »Spalte ende, 30 von 812 Zeilen (3,7 %), …«; what is not known is left out."""
    parts = [f"Spalte {finding.spalte}"] if finding.spalte else []
    if finding.ganzes:
        parts.append(finding.ganzes)
    elif not finding.je_zeile:
        parts.append(f"{finding.anzahl} Gruppe{'n' if finding.anzahl != 1 else ''}")
    elif finding.geprueft is not None:
        parts.append(_share(finding.anzahl, finding.geprueft))
        # The sum of a few rows would be the amount of a person.
        if finding.summe_eur is not None and finding.anzahl >= VIELE:
            parts.append(f"zusammen {_number(round(finding.summe_eur))} €")
    if finding.frueher is not None:
        parts.append(f"in der früheren Lieferung {_share(*finding.frueher)}")
    return ", ".join(parts)


def _share(rows: int, checked: int) -> str:
    share = f" ({100 * rows / checked:.1f} %)".replace(".", ",") if rows >= VIELE else ""
    return f"{_number(rows)} von {_number(checked)} Zeilen{share}"


def _number(number: int) -> str:
    return f"{number:,}".replace(",", ".")


def render_text(findings: Sequence[Finding], limit: int = 10) -> str:
    """Return the findings as plain lines, by table and severity.

    *limit* is how many rows of an error or a warning are named; hints only count. The validation
    page lists them all.
    """
    return "\n".join([f"Prüfung: {summary(findings)}", *body(findings, limit)]) + "\n"


def body(findings: Sequence[Finding], limit: int = 10) -> list[str]:
    """Return the lines of :func:`render_text` below its summary."""
    lines = []
    # What was not checked is long and changes little: it comes last.
    unchecked = [f for f in findings if f.regel == NICHT_GEPRUEFT]
    for name, found in by_table([f for f in findings if f not in unchecked]).items():
        lines += ["", table_title(name)]
        for f in found:
            where = f" [{extent(f)}]" if extent(f) else ""
            lines.append(f"  {EINZAHL[f.schwere].upper()} {f.regel}  {f.meldung}{where}")
            if f.annahme:
                lines.append(f"    {accepted(f.annahme)}")
            if f.angenommen:
                continue  # nothing to do about it; its rows stand on the validation page
            if f.schwere is not Schwere.HINWEIS:
                lines += [f"    {line}" for line in _places(f, limit)]
            if f.tun:
                lines.append(f"    Tun: {f.tun}")
    if unchecked:
        lines += ["", f"Nicht geprüft ({NICHT_GEPRUEFT})", *(f"  {f.meldung}" for f in unchecked)]
    return lines


def _places(finding: Finding, limit: int) -> list[str]:
    shown = finding.stellen[:limit]
    by_file: dict[str, list[str]] = {}
    for place in shown:
        by_file.setdefault(place.datei, []).append(_place(place))
    lines = []
    for file, places in by_file.items():
        rows = all(p.datei != file or p.zeile is not None for p in shown)
        word = ("Zeile " if len(places) == 1 else "Zeilen ") if rows else ""
        lines.append(f"{file}: {word}{', '.join(places)}")
    rest = finding.anzahl - len(shown)
    if shown and rest > 0:
        lines.append(f"… und {rest} weitere")
    return lines


def _place(place: Fundstelle) -> str:
    if place.zeile is not None:
        return str(place.zeile)
    # Without a row number the key is a group (year, product, area), never a person or a case.
    return " ".join(f"{k}={deutsch(v)}" for k, v in place.schluessel.items()) or "ganze Datei"
