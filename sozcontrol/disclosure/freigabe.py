"""The local decision of one kernel: for previews in JupyterLab and for plain papermill.

It knows what this kernel has declared so far and nothing else: what was shown stays shown, what was
hidden stays hidden. The decision that counts is :func:`sozcontrol.disclosure.entscheiden`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from sozcontrol import catalogue
from sozcontrol.disclosure.entscheidung import Vorgelegt, darf_sehen, decide, lesen
from sozcontrol.disclosure.geheim import Gezeigt
from sozcontrol.disclosure.lage import Lage
from sozcontrol.disclosure.lesen import Auswertbar, Vorlage
from sozcontrol.disclosure.released import Released, Zahl
from sozcontrol.disclosure.tafel import Erklaerung, Tafel, of_release
from sozcontrol.errors import NotReleased
from sozcontrol.measures.aufstellungen import Aufstellung
from sozcontrol.measures.zaehlwerk.kennzahlen import Belegt, Werte

if TYPE_CHECKING:
    import pandas as pd


class Freigabe:
    """The decisions of one kernel for one edition, table by table."""

    def __init__(self, edition: catalogue.Edition) -> None:
        self.edition = edition
        self._lage = Lage()
        self._nr = 0

    @classmethod
    def open(cls, edition: str) -> Freigabe:
        """Open the door for one edition (``catalogue.editionen()``)."""
        return cls(catalogue.edition(edition))

    def release(
        self,
        frame: pd.DataFrame | Auswertbar,
        *,
        je: str | Sequence[str],
        anzahl: str | Sequence[str] = (),
        abgeleitet: Mapping[str, Sequence[str]] | None = None,
        betraege: Mapping[str, str | None] | None = None,
        identitaeten: Iterable[Mapping[str, int]] = (),
        anteile: Iterable[tuple[str, str]] = (),
        merkmal: str | None = None,
        kennzahl: Belegt | None = None,
    ) -> Released:
        """Release a table: one row per combination of *je*, totals marked ``insgesamt``.

        Args:
            frame: pandas frame, or anything with ``.execute()`` (an Ibis expression).
            je: Dimension columns; together they identify a row.
            anzahl: Columns counting persons, cases or other carriers; empty = no persons behind.
            abgeleitet: Figure → the count columns it was made from; hidden with any of them.
            betraege: Money → the column counting its carriers, or None (ledger sums).
            identitaeten: Column → coefficient, Σ = 0 in every row (stock and flow).
            anteile: (part, whole) count columns whose share is shown: the rest is protected too.
            merkmal: What is counted, when the column name alone does not say it in this run.
            kennzahl: The Steckbrief of the figures (unit and rounding for readers).

        Raises:
            NotReleased: A column is not declared, a row stands twice, a count is no count.
        """
        vorlage = Vorlage.read(
            frame,
            je=_tuple(je),
            anzahl=_tuple(anzahl),
            abgeleitet={k: _tuple(v) for k, v in (abgeleitet or {}).items()},
            betraege=dict(betraege or {}),
        )
        sagt = Erklaerung(merkmal, tuple(identitaeten), tuple(anteile), kennzahl)
        return self._decide(of_release(vorlage, sagt))

    def kennzahl(self, werte: Werte) -> Released:
        """Release the values of one Kennzahl (``measures.Werte``), with its numerator and base."""
        return self._decide(lesen(werte))

    def aufstellung(self, tafel: Aufstellung) -> Released:
        """Release a table that declares its own structure (``measures.Aufstellung``).

        Raises:
            NotReleased: Its rows are single cases, and this edition hides something.
        """
        if not darf_sehen(tafel, self.edition.id):
            raise NotReleased(
                "Jede Zeile steht für einen einzelnen Fall.", wo="freigabe.aufstellung",
                tun=f"Nur in der Edition »{catalogue.offene_edition()}« zeigen.",
            )  # fmt: skip
        return self._decide(lesen(tafel))

    def zahl(self, werte: Werte, **je: Gezeigt) -> Zahl:
        """Release a Kennzahl and return one of its values: the total, or the named combination."""
        return self.kennzahl(werte).zahl("wert", **je)

    def _decide(self, tafel: Tafel) -> Released:
        self._nr += 1
        name = f"Tafel {self._nr}"
        vorgelegt = Vorgelegt(name, tafel, None, lambda edition: True)
        return decide(self._lage, [vorgelegt], [self.edition.id])[name, self.edition.id]


def _tuple(value: str | Sequence[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)
