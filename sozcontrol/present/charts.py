"""Charts from released tables: picture, alternative text, and the figures as a table.

Hidden points are gaps and are said to be; what cannot be drawn honestly is a sentence instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sozcontrol import catalogue
from sozcontrol.disclosure import GEHEIM, Released
from sozcontrol.disclosure.geheim import Gezeigt
from sozcontrol.errors import UsageError, nearest
from sozcontrol.measures import INSGESAMT
from sozcontrol.present import alt, zeichnen
from sozcontrol.present.alt import Reihe
from sozcontrol.present.beschriftung import Spalten, format_for, heading
from sozcontrol.present.format import WIRKUNG, as_decimal, datum, einheit_nach, schreiben
from sozcontrol.present.fragment import Fragment, anchor, current, demand_table, esc, note
from sozcontrol.present.seitenbild import inline
from sozcontrol.present.table import (
    Zeile,
    Zelle,
    by_amount,
    layout,
    legend,
    markup,
    plain_label,
    region,
    remarks,
    word,
)

HOECHSTENS = 6
"""Series in one chart: as many as there are colours people can tell apart."""

SEITEN = "besser ◂ Haushalt wird ({}) ▸ schlechter"
TEILER = {"teur": (1000, "T€"), "mio": (1_000_000, "Mio. €")}


class Bild:
    """What a chart is drawn from: series over labels, how to write them, and the table behind."""

    def __init__(
        self, released: Released, x: str, y: str, gruppe: str | None, format: str | None,
        quer: str | None = None,
    ) -> None:  # fmt: skip
        self.released, self.x, self.y, self.gruppe, self.quer = released, x, y, gruppe, quer
        for name in (x, y, *([gruppe] if gruppe else [])):
            if name not in released.spalten:
                raise UsageError(
                    f"Die Spalte »{name}« gibt es nicht.", wo="present",
                    tun=nearest(name, list(released.spalten)),
                )  # fmt: skip
        self.format = format or format_for(y, released)
        self.achse: list[Gezeigt] = []
        self.werte: dict[Gezeigt, dict[Gezeigt, Gezeigt]] = {}
        self._fill()

    def _fill(self) -> None:
        """Leave out totals over what is drawn, keep the totals over what is not."""
        released, drawn = self.released, {self.x, self.gruppe}
        for row in released.zeilen:
            cell = dict(zip(released.spalten, row, strict=True))
            if any(cell[d] != INSGESAMT for d in released.je if d not in drawn):
                continue
            if cell[self.x] == INSGESAMT or (self.gruppe and cell[self.gruppe] == INSGESAMT):
                continue
            if cell[self.x] not in self.achse:
                self.achse.append(cell[self.x])
            group = cell[self.gruppe] if self.gruppe else None
            self.werte.setdefault(group, {})[cell[self.x]] = cell[self.y]
        if len(self.werte) > HOECHSTENS:
            raise UsageError(
                f"{len(self.werte)} Reihen sind zu viele (höchstens {HOECHSTENS}).",
                wo="present", tun="Gruppen zusammenfassen oder eine Tabelle zeigen.",
            )  # fmt: skip
        days = [a for a in self.achse if isinstance(a, date)]
        if len(days) == len(self.achse):
            self.achse = [*sorted(days)]

    def order(self) -> None:
        """Begin with the highest figure where what is compared has no order of its own."""
        if self.gruppe is None and self.x.removesuffix("_name") in catalogue.nach_menge():
            found = self.werte.get(None, {})
            rows = [("", [word(a)]) for a in self.achse]
            self.achse = [self.achse[n] for n in by_amount([found[a] for a in self.achse], rows)]

    def write(self, value: Gezeigt) -> str:
        """Write a figure as the alternative text and the table do."""
        return schreiben(value, self.format) + (f" {self._unit}" if self._unit else "")

    @property
    def _unit(self) -> str:
        item = self.released.kennzahl
        return einheit_nach(item.einheit, self.format) if item and self.y == "wert" else ""

    @property
    def wirkung(self) -> bool:
        """Whether its figures are what becomes of the budget: told by a word, not by a sign."""
        return self.format.startswith(WIRKUNG)

    @property
    def einheit(self) -> str:
        """The unit on the axis."""
        form = self.format.removeprefix(WIRKUNG)
        if form in TEILER:
            unit = TEILER[form][1]
        elif form.startswith("pct"):
            unit = "%"
        else:
            unit = "€" if form.startswith("eur") else self._unit or heading(self.y, self.released)
        return SEITEN.format(unit) if self.wirkung else unit

    def reihen(self) -> list[Reihe]:
        """Return the series with written labels."""
        return [
            Reihe(self._group(group), tuple((self._label(a), found.get(a)) for a in self.achse))
            for group, found in self.werte.items()
        ]

    def linien(
        self, band: tuple[str, str] | None = None, hoehe: Sequence[str] = ()
    ) -> list[zeichnen.Linie]:
        """Return the series as drawn numbers; hidden and missing points are gaps.

        The two series named by *band* come last, as what fills the room between them; those of
        *hoehe* are one level each.
        """
        by = TEILER.get(self.format.removeprefix(WIRKUNG), (1, ""))[0]
        drawn = {r.name: tuple(_drawn(v, by) for _, v in r.punkte) for r in self.reihen()}
        ends = band or ()
        found = [
            zeichnen.Linie(name, werte, art="hoehe" if name in hoehe else "linie")
            for name, werte in drawn.items() if name not in ends
        ]  # fmt: skip
        if band and set(band) <= set(drawn):
            found.append(zeichnen.Linie("Spanne", drawn[band[0]], drawn[band[1]], art="band"))
        return found

    def _label(self, value: Gezeigt) -> str:
        return plain_label(self.released, self.x, value)

    def _group(self, value: Gezeigt) -> str:
        return plain_label(self.released, self.gruppe, value) if self.gruppe else ""

    def points(self) -> int:
        """Return how many places of the axis have something to draw."""
        seen = {x for r in self.reihen() for x, _ in r.sichtbar}
        return len(seen)

    def tafel(self, spalten: Spalten | None) -> tuple[list[Zelle], list[Zeile]]:
        """Return head and rows of the table behind the picture."""
        return layout(self.released, spalten or _own_columns(self), self.quer)


def _drawn(value: Gezeigt, by: int) -> float | None:
    return None if value is None or value is GEHEIM else float(as_decimal(value) / by)


def line_chart(
    released: Released,
    titel: str,
    *,
    x: str = "stichtag",
    y: str = "wert",
    gruppe: str | None = None,
    format: str | None = None,
    rechtskreise: Sequence[str] = (),
    kommune: catalogue.Kommune | None = None,
    betrifft: catalogue.Betrifft | None = None,
    band: tuple[str, str] | None = None,
    hoehe: Sequence[str] = (),
    hinweis: str | None = None,
    spalten: Spalten | None = None,
    quer: str | None = None,
    quelle: str | None = None,
) -> Fragment:
    """Show a development over time, with law changes of *rechtskreise* and its Kennzahl inside.

    Local changes are shown in charts of their *kommune* only; *betrifft* keeps those that break
    this kind of series (``faelle``, ``finanzen``, ``entgelte``; without it all). *band* names the
    groups between which the picture is filled, lower first; *hoehe* those that are one level; the
    values of *quer* head the columns of the table behind the picture.

    Raises:
        NotReleased: *released* did not come through the door.
        UsageError: A column does not exist, or there are more than six series.
    """
    bild = Bild(demand_table(released, "line_chart"), x, y, gruppe, format, quer)
    if bild.points() < 2:
        return instead(bild, titel, spalten, quelle, "mindestens zwei Zeitpunkte")
    kennzahl = [bild.released.kennzahl.id] if bild.released.kennzahl else []
    found = catalogue.brueche(rechtskreise, kommune.id if kommune else None, betrifft, kennzahl)
    breaks = _breaks(bild.achse, found)
    text = alt.of_series(titel, bild.reihen(), bild.write, band=band, hoehe=hoehe)
    if breaks:
        named = ", ".join(f"{kurz} ({datum(am)})" for am, kurz in breaks)
        text += f" Gesetzesänderungen im Zeitraum: {named}."
    axis = [a if isinstance(a, date) else bild._label(a) for a in bild.achse]
    svg = zeichnen.linien(axis, bild.linien(band, hoehe), bild.einheit, breaks)
    return framed(svg, text, titel, bild, spalten, quelle, hinweis)


def _breaks(
    achse: Sequence[Gezeigt], found: Sequence[catalogue.Rechtsaenderung]
) -> list[tuple[date, str]]:
    days = [a for a in achse if isinstance(a, date)]
    if not days or len(days) < len(achse):
        return []
    return [(r.am, r.kurz) for r in found if days[0] < r.am <= days[-1]]


def bar_chart(
    released: Released,
    titel: str,
    *,
    x: str,
    y: str = "wert",
    gruppe: str | None = None,
    format: str | None = None,
    spalten: Spalten | None = None,
    quelle: str | None = None,
) -> Fragment:
    """Compare groups; one bar a value of *x*, side by side for the values of *gruppe*."""
    bild = Bild(demand_table(released, "bar_chart"), x, y, gruppe, format)
    bild.order()
    if bild.points() < 2:
        return instead(bild, titel, spalten, quelle, "mindestens zwei Gruppen")
    labels = [bild._label(a) for a in bild.achse]
    svg = zeichnen.balken(labels, bild.linien(), bild.einheit, not bild.wirkung)
    return framed(svg, alt.of_bars(titel, bild.reihen(), bild.write), titel, bild, spalten, quelle)


def framed(
    svg: bytes,
    text: str,
    titel: str,
    bild: Bild,
    spalten: Spalten | None,
    quelle: str | None,
    hinweis: str | None = None,
) -> Fragment:
    """Return picture, alternative text and the figures as a table, in one ``<figure>``."""
    marker = anchor(titel)
    hidden = sum(r.geheim for r in bild.reihen())
    gaps = f"Lücken: {hidden} geheim gehalten." if hidden else None
    source = f"Quelle: {quelle}" if quelle else None
    told = remarks(hinweis, [bild.released])
    said = "".join(note(text, "anmerkung") for text in told)
    html = (
        f'<figure class="soz-abbildung" id="{marker}"><figcaption>{esc(titel)}</figcaption>'
        f"{picture(svg, titel, marker, text)}"
        f"{note(gaps, 'anmerkung')}{said}{note(source, 'herkunft')}"
        f"{_details(bild, titel, spalten, marker, (*told, source))}</figure>"
    )
    return Fragment(html, text)


def picture(svg: bytes, titel: str, marker: str, text: str) -> str:
    """Return a drawing in the box it scrolls in; *text* says what it shows."""
    return region(inline(svg, text), f"Bild: {titel}", marker, "soz-tafel soz-bild")


def _details(
    bild: Bild, titel: str, spalten: Spalten | None, marker: str, notes: Sequence[str | None]
) -> str:
    head, rows = bild.tafel(spalten)
    body = markup(head, rows, titel)
    marks = legend(body, rows, auch_null=bild.released.auch_null)
    current().beneath(rows, notes)
    return (
        '<details class="soz-daten"><summary>Daten als Tabelle: '
        f"{esc(titel)}</summary>{region(body, 'Daten: ' + titel, marker)}{marks}</details>"
    )


def _own_columns(bild: Bild) -> Spalten:
    return {bild.y: (heading(bild.y, bild.released), bild.format)}


def instead(
    bild: Bild, titel: str, spalten: Spalten | None, quelle: str | None, needs: str
) -> Fragment:
    """Say why there is no picture, and give the figures there are."""
    text = f"{titel}: kein Diagramm, denn es braucht {needs}."
    marker = anchor(titel)
    source = f"Quelle: {quelle}" if quelle else None
    data = _details(bild, titel, spalten, marker, (source,)) if len(bild.released) else ""
    html = (
        f'<figure class="soz-abbildung soz-ohne-bild" id="{marker}">'
        f"<figcaption>{esc(titel)}</figcaption>{note(text, 'anmerkung')}{data}"
        f"{note(source, 'herkunft')}</figure>"
    )
    return Fragment(html, text)
