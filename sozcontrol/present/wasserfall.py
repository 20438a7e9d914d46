"""Waterfalls: how one total becomes another, from a table of steps or from one row of a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sozcontrol.disclosure import Released
from sozcontrol.disclosure.geheim import Gezeigt
from sozcontrol.present import alt, zeichnen
from sozcontrol.present.alt import Reihe
from sozcontrol.present.beschriftung import Spalten
from sozcontrol.present.charts import Bild, framed, instead
from sozcontrol.present.format import WIRKUNG, effect, zahl
from sozcontrol.present.fragment import Fragment, demand_table
from sozcontrol.present.table import Zeile, Zelle, figure, word

ABGESCHNITTEN = (
    "Die senkrechte Achse ist abgeschnitten und beginnt bei {}: Vergleichbar sind die Schritte "
    "untereinander, nicht die Höhe der Summen."
)


class Stufen(Bild):
    """The steps of a waterfall: (name, amount), the first and the last a total.

    With a format ``wirkung_…`` a step is told by what it does to the budget.
    """

    def __init__(
        self, released: Released, punkte: Sequence[tuple[str, Gezeigt]], format: str
    ) -> None:
        self.released, self.y, self.schritt = released, "", format
        self.format, self.punkte = format.removeprefix(WIRKUNG), tuple(punkte)

    def reihen(self) -> list[Reihe]:
        """Return the steps as the one series of the picture."""
        return [Reihe("", self.punkte)]

    def tafel(self, spalten: Spalten | None) -> tuple[list[Zelle], list[Zeile]]:
        """Return the steps with their amounts."""
        head = [word("Schritt", kopf=True), word("Betrag", kopf=True, rechts=True)]
        ends = (0, len(self.punkte) - 1)
        rows = [
            ("", [word(name, kopf=True),
                  figure(v, self.format if k in ends else self.schritt, rechts=True)])
            for k, (name, v) in enumerate(self.punkte)
        ]  # fmt: skip
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
    form = (format or "").removeprefix(WIRKUNG) or None
    bild = Bild(demand_table(released, "waterfall"), x, y, None, form)
    if form != format and (found := bild.reihen()):
        bild = Stufen(released, found[0].punkte, str(format))
    return _waterfall(bild, titel, summen, spalten, quelle)


def waterfall_of_row(
    released: Released, titel: str, stufen: Mapping[str, str], *, format: str, **zeile: Gezeigt
) -> Fragment:
    """Show one row of a table as a waterfall; *stufen* maps columns to steps, totals at the ends.

    *zeile* names the row (``hilfeart="34"``; what is not named is the total).
    """
    demand_table(released, "waterfall_of_row")
    punkte = [(name, released.zahl(column, **zeile).wert) for column, name in stufen.items()]
    bild = Stufen(released, punkte, format)
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
    worte = effect if isinstance(bild, Stufen) and bild.schritt != bild.format else None
    text = alt.of_steps(titel, reihe, ends, bild.write, cut, worte)
    svg = zeichnen.wasserfall(steps, bild.einheit, start, worte)
    hint = ABGESCHNITTEN.format(cut) if cut else None
    return framed(svg, text, titel, bild, spalten, quelle, hint)
