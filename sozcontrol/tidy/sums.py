"""Do the source's own totals agree with its rows? (R-I13 footer, R-I14 subtotals)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from sozcontrol.catalogue.profil import Herkunft, Quelldatei
from sozcontrol.findings import Finding
from sozcontrol.intake import Kontrollsumme, TextTable, normalise
from sozcontrol.intake.rules import finding, places
from sozcontrol.tidy.numbers import Zahlformat

TOLERANZ = Decimal("0.01")
_TUN = "Datei auf Vollständigkeit prüfen und neu anfordern; fehlt nichts, die Quelle fragen."
_NAMES = {"R-I13": "Summen im Fuß", "R-I14": "Zwischensummen"}


def reconcile(text: TextTable) -> list[Finding]:
    """Compare every total the source states with the sum of the cells it covers (± 0,01).

    Both are taken as the source writes them, before any sign rule or factor of the profile.
    """
    wrong: dict[tuple[str, str], list[int]] = {}
    seen: dict[tuple[str, str], int] = {}
    for stated in text.kontrollsummen:
        key = (stated.regel, stated.spalte)
        seen[key] = seen.get(key, 0) + 1
        if not _agrees(text, stated):
            wrong.setdefault(key, []).append(stated.zeile)
    found = []
    for (regel, column), rows in wrong.items():
        name = text.quelle.name
        for table in text.quelle.tabellen:
            one = finding(
                regel,
                f"{name}: {len(rows)} {_NAMES[regel]} der Spalte »{column}« stimmen nicht mit "
                "den Zeilen überein.",
                tabelle=table,
                anzahl=len(rows),
                geprueft=seen[regel, column],
                tun=_TUN,
                stellen=places(name, rows),
            )
            found.append(replace(one))
    return found


def _agrees(text: TextTable, stated: Kontrollsumme) -> bool:
    origin = _origin(text.datei, stated.spalte)
    numbers = replace(Zahlformat.of(origin, euro=True), faktor=1) if origin else Zahlformat()
    empty = {"", *(origin.leer if origin else ())}
    cells = text.spalten[stated.spalte][stated.von : stated.bis]
    try:
        pairs = zip(cells.werte, cells.counts(), strict=True)
        total = sum((numbers.parse(c) * n for c, n in pairs if c and c not in empty), Decimal(0))
        return abs(total - numbers.parse(stated.text)) <= TOLERANZ
    except (ValueError, ArithmeticError):
        # An unreadable cell of the column is reported by R-I16; an unreadable total is wrong.
        return _readable(numbers, stated.text) and not all(
            _readable(numbers, c or "0") for c in cells.werte
        )


def _readable(numbers: Zahlformat, text: str) -> bool:
    try:
        numbers.parse(text)
    except (ValueError, ArithmeticError):
        return False
    return True


def _origin(source: Quelldatei, column: str) -> Herkunft | None:
    """Return how the profile reads *column*: as a canonical column, or as what is melted."""
    key = normalise(column)
    for feed in source.tabellen:
        for origin in feed.spalten.values():
            names = {normalise(name) for name in origin.aus}
            if key in names:
                return origin
            if feed.schmelzen and normalise(feed.schmelzen.wert) in names:
                return origin
    return None
