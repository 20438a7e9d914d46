"""Waterfalls: how one total becomes another, from a table of steps or from one row of a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sozcontrol.disclosure import Released
from sozcontrol.disclosure.geheim import Gezeigt
from sozcontrol.present import alt, zeichnen
from sozcontrol.present.alt import Reihe
from sozcontrol.present.beschriftung import Spalten
from sozcontrol.present.charts import Bild, framed, instead
from sozcontrol.present.format import zahl
from sozcontrol.present.fragment import Fragment, demand_table, esc
from sozcontrol.present.table import Zeile, Zelle, value_html

ABGESCHNITTEN = (
    "Die senkrechte Achse ist abgeschnitten und beginnt bei {}: Vergleichbar sind die Schritte "
    "untereinander, nicht die Höhe der Summen."
)


class Stufen(Bild):
    """One row of a table as the steps of a waterfall; *stufen* names them: column → step."""

    def __init__(
        self,
        released: Released,
        stufen: Mapping[str, str],
        format: str,
        zeile: Mapping[str, Gezeigt],
    ) -> None:
        self.released, self.y, self.format = released, "", format
        found = {name: released.zahl(column, **zeile).wert for column, name in stufen.items()}
        self.punkte = tuple(found.items())

    def reihen(self) -> list[Reihe]:
        """Return the steps as the one series of the picture."""
        return [Reihe("", self.punkte)]

    def tafel(self, spalten: Spalten | None) -> tuple[list[Zelle], list[Zeile]]:
        """Return the steps with their amounts."""
        head = [Zelle("Schritt", kopf=True), Zelle("Betrag", kopf=True, rechts=True)]
        rows = [
            ("", [Zelle(esc(name), kopf=True), Zelle(value_html(v, self.format), rechts=True)])
            for name, v in self.punkte
        ]
        return head, rows


def waterfall(
    released: Released,
    titel: str,
    *,
    x: str = "schritt",
    y: str = "wert",
    summen: Sequence[str] | None = None,
    format: str | None = None,
    spalten: Spalten | None = None,
    quelle: str | None = None,
) -> Fragment:
    """Show how one total becomes another; *summen* names the totals (default: first and last)."""
    bild = Bild(demand_table(released, "waterfall"), x, y, None, format)
    return _waterfall(bild, titel, summen, spalten, quelle)


def waterfall_of_row(
    released: Released, titel: str, stufen: Mapping[str, str], *, format: str, **zeile: Gezeigt
) -> Fragment:
    """Show one row of a table as a waterfall; *stufen* maps columns to steps, totals at the ends.

    *zeile* names the row (``hilfeart="34"``; what is not named is the total).
    """
    bild = Stufen(demand_table(released, "waterfall_of_row"), stufen, format, zeile)
    return _waterfall(bild, titel, None, None, None)


def _waterfall(
    bild: Bild,
    titel: str,
    summen: Sequence[str] | None,
    spalten: Spalten | None,
    quelle: str | None,
) -> Fragment:
    reihe = (bild.reihen() or [Reihe("", ())])[0]
    if reihe.geheim or len(reihe.sichtbar) < max(2, len(reihe.punkte)):
        return instead(bild, titel, spalten, quelle, "lauter offene Werte")
    ends = summen if summen is not None else (reihe.punkte[0][0], reihe.punkte[-1][0])
    drawn = bild.linien()[0].werte
    steps = [
        (name, float(v or 0), name in ends)
        for (name, _), v in zip(reihe.punkte, drawn, strict=True)
    ]
    start = zeichnen.achsenbeginn(steps)
    cut = f"{zahl(start)} {bild.einheit}" if start else ""
    text = alt.of_steps(titel, reihe, ends, bild.write, cut)
    svg = zeichnen.wasserfall(steps, bild.einheit, start)
    hint = ABGESCHNITTEN.format(cut) if cut else None
    return framed(svg, text, titel, bild, spalten, quelle, hint)
