"""The rules that did not run, and why: silence must not look like health."""

from __future__ import annotations

from collections.abc import Iterable

from sozcontrol import catalogue
from sozcontrol.checks.verzeichnis import NICHT_GEPRUEFT
from sozcontrol.findings import Finding, Schwere


class Ungeprueft:
    """Collects rule ids by reason, so that one reason is one finding."""

    def __init__(self) -> None:
        self._reasons: dict[tuple[str | None, str, str], list[str]] = {}
        self._columns: dict[str, dict[str, None]] = {}

    def _add(self, table: str | None, kind: str, tun: str, regel: str) -> None:
        self._reasons.setdefault((table, kind, tun), []).append(regel)

    def without_table(self, regel: str, table: str) -> None:
        """*table* was not delivered, or is empty."""
        self._add(
            table,
            "die Tabelle fehlt oder leer ist",
            "Datei liefern, wenn sie gebraucht wird.",
            regel,
        )

    def unsound(self, regel: str, table: str) -> None:
        """*table* lacks a column or has one of the wrong type."""
        self._add(
            table,
            "die Tabelle eine Spalte nicht oder falsch enthält",
            "Zuerst den Fehler der Spalte beheben.",
            regel,
        )

    def without_values(self, regel: str, table: str, columns: Iterable[str]) -> None:
        """*columns* of *table* are empty in every row."""
        self._columns.setdefault(table, {}).update(dict.fromkeys(columns))
        self._add(
            table,
            "Spalten keinen Wert enthalten",
            "Spalten im Profil zuordnen, wenn das Quellsystem sie kennt.",
            regel,
        )

    def without_previous(self, regel: str) -> None:
        """There is no earlier delivery to compare with."""
        self._add(
            None,
            "eine frühere Lieferung zum Vergleich fehlt",
            "Nichts zu tun, wenn dies die erste Lieferung ist.",
            regel,
        )

    def findings(self) -> list[Finding]:
        """Return one hint a reason; ``anzahl`` counts the rules."""
        found = []
        for (table, kind, tun), rules in self._reasons.items():
            names = sorted(set(rules))
            where = f" ({catalogue.tabelle(table).bezeichnung})" if table else ""
            if kind.startswith("Spalten"):
                kind = f"{kind}: {', '.join(sorted(self._columns[str(table)]))}"
            found.append(
                Finding(
                    regel=NICHT_GEPRUEFT,
                    schwere=Schwere.HINWEIS,
                    meldung=f"Nicht geprüft{where}, weil {kind}. Regeln: {', '.join(names)}.",
                    tabelle=table,
                    anzahl=len(names),
                    tun=tun,
                )
            )
        return found
