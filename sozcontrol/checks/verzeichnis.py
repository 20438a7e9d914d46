"""The directory of rules, for the data-quality page: everything that is ever checked."""

from __future__ import annotations

from pathlib import Path

from sozcontrol.checks.regel import Regel, load_querregeln, load_suites
from sozcontrol.findings import Schwere
from sozcontrol.intake.rules import EINLESEREGELN

NICHT_AUSWERTBAR = "R-S07"
NICHT_GEPRUEFT = "R-S08"
AUSNAHME = "R-S12"

PRUEFUNG = (
    Regel(
        NICHT_AUSWERTBAR, None, None, Schwere.FEHLER,
        "Eine Spalte hat nicht den Typ ihrer Tabelle, oder eine Regel war nicht auswertbar.",
        "pruefung",
    ),
    Regel(
        NICHT_GEPRUEFT, None, None, Schwere.HINWEIS,
        "Regeln wurden nicht geprüft, weil eine Tabelle, Werte oder eine frühere Lieferung fehlen.",
        "pruefung",
    ),
    Regel(
        AUSNAHME, None, None, Schwere.HINWEIS,
        "Eine Ausnahme gilt nicht mehr, oder sie trifft keinen Befund.",
        "pruefung",
    ),
)  # fmt: skip
"""Rules about the checking itself."""


def regelverzeichnis(expectations: Path) -> tuple[Regel, ...]:
    """Return every rule of intake, suites and SQL, in that order.

    One id may stand several times: for several tables, columns or severities.
    """
    rules = [
        Regel(r.id, None, None, r.schwere, r.meldung, "einlesen") for r in EINLESEREGELN.values()
    ]
    for name, suite in load_suites(expectations).items():
        for e in suite.expectations:
            column = ", ".join(e.spalten) or None
            rules.append(
                Regel(e.meta.regel, name, column, e.schwere, e.meta.meldung, "gx", e.meta.tun)
            )
    for _, q in load_querregeln(expectations):
        rules.append(Regel(q.id, q.tabelle, q.spalte, q.schwere, q.meldung, "sql", q.tun))
    return (*rules, *PRUEFUNG)
