"""The series of a row as a small line beside its figures, and whether its last step is a usual one.

A line stands over places, one for every figure of its row; a figure that is not shown is a gap. The
gate measures the finished line against the figures of its row (``press.gegenprobe.zugprobe``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby, pairwise

from sozcontrol import catalogue
from sozcontrol.disclosure import GEHEIM, Released
from sozcontrol.disclosure.geheim import Gezeigt
from sozcontrol.measures import signale
from sozcontrol.present.beschriftung import format_for, heading
from sozcontrol.present.format import NBSP, as_decimal, datum, zahl
from sozcontrol.present.fragment import current
from sozcontrol.present.table import Zelle, figure, named, remarks, table_figure, word

RAND = 3
"""Room above and below a line."""
SCHRITT, HOCH = 9, 20
"""Width of a place and height of a line in a row, in pixels."""
KURZKARTE = catalogue.warnregeln()["kurzkarte"]
WEG = {1: ("▲", "auffällig mehr"), -1: ("▼", "auffällig weniger")}
TITEL = "Leitzahlen über acht Quartale"
GEMISCHT = "der letzte Wert (eines Bestands: der letzte Schritt)"
HEUTIG = "Jedes Quartal nach heutigem Kenntnisstand; ohne Beträge, denn Rechnungen fehlen noch."
LESEN = (
    "Verlauf: {was} liegt jenseits dessen, was die davor erwarten lassen (▲ ▼, XmR-Karte; "
    "Fehlalarm in {pct}" + NBSP + "% der Zeilen)."
)

Reihe = Sequence[float | None]
"""The figures of a row as numbers; None where none is shown."""


@dataclass(frozen=True)
class Rahmen:
    """What a line is drawn into: width and height in pixels, lowest and highest value."""

    breit: int
    hoch: int
    unten: float
    oben: float


def reihe(werte: Iterable[Gezeigt]) -> Reihe:
    """Return what is shown of figures."""
    return [None if v is None or v is GEHEIM else float(as_decimal(v)) for v in werte]


def ist_verlauf(tage: Sequence[object]) -> bool:
    """Say whether figures stand in the order of their days."""
    days = [d for d in tage if isinstance(d, date)]
    return len(days) == len(tage) > 1 and all(a < b for a, b in pairwise(days))


def zug(werte: Reihe, rahmen: Rahmen, daneben: Reihe = ()) -> str:
    """Draw a line, its last point marked; thin behind it the one it is compared with, if any."""
    behind = _pfad(daneben, rahmen, "soz-vergleich") if daneben else ""
    points = _punkte(werte, rahmen)
    last = [p for p in reversed(points) if p][:1]
    dots = [p for n, p in enumerate(points) if p and _allein(points, n)] + last
    marks = "".join(
        f'<circle class="soz-punkt" cx="{x}" cy="{y}" r="2.2"/>' for x, y in dict.fromkeys(dots)
    )
    body = behind + _pfad(werte, rahmen, "soz-zug") + marks
    return (
        f'<svg class="soz-svg soz-verlauf" viewBox="0 0 {rahmen.breit} {rahmen.hoch}" '
        f'width="{rahmen.breit}" height="{rahmen.hoch}" data-wert="{len(werte)}" '
        f'aria-hidden="true" focusable="false">{body}</svg>'
    )


def _punkte(werte: Reihe, rahmen: Rahmen) -> list[tuple[str, str] | None]:
    room = rahmen.hoch - 2 * RAND
    reach = rahmen.oben - rahmen.unten
    found: list[tuple[str, str] | None] = []
    for place, value in enumerate(werte):
        x = rahmen.breit * (place + 0.5) / len(werte)
        part = (value - rahmen.unten) / reach if value is not None and reach else 0.5
        y = RAND + room * (1 - part)
        found.append(None if value is None else (f"{x:.2f}", f"{y:.2f}"))
    return found


def _allein(points: Sequence[object], n: int) -> bool:
    """Say whether a point has no neighbour to be joined to."""
    return not any(points[m] for m in (n - 1, n + 1) if 0 <= m < len(points))


def _pfad(werte: Reihe, rahmen: Rahmen, kind: str) -> str:
    parts = []
    for there, points in groupby(_punkte(werte, rahmen), key=bool):
        joined = [f"{p[0]} {p[1]}" for p in points if p]
        parts += ["M" + "L".join(joined)] if there and len(joined) > 1 else []
    return f'<path class="{kind}" d="{"".join(parts)}"/>' if parts else ""


def grenzen(reihen: Iterable[Reihe]) -> tuple[float, float]:
    """Return the lowest and the highest value shown; without any both are 0."""
    shown = [v for werte in reihen for v in werte if v is not None]
    return (min(shown), max(shown)) if shown else (0.0, 0.0)


def zelle(werte: Sequence[Gezeigt], *, schritte: bool) -> Zelle:
    """Return the cell with the line of a row and, where all of its figures are shown, its signal.

    With *schritte* it is the last step that is judged, not the last value: of stocks.
    """
    known = reihe(werte)
    sign, words = WEG.get(_signal(known, schritte), ("", ""))
    drawn = zug(known, Rahmen(SCHRITT * len(known), HOCH, *grenzen([known])))
    said = (
        f'<span aria-hidden="true">{sign}</span><span class="soz-unsichtbar">{words}</span>'
        if sign else ""
    )  # fmt: skip
    return Zelle(f'<span class="soz-zeilenverlauf">{drawn}{said}</span>', f"{sign} {words}".strip())


def _signal(known: Reihe, schritte: bool) -> int:
    """Judge the last values by what is shown; with one hidden in reach there is no judgement."""
    reach = [v for v in known[-KURZKARTE.werte - schritte :] if v is not None]
    if len(reach) < KURZKARTE.werte + schritte:
        return 0
    if all(v == int(v) for v in reach) and signale.ist_zufaellig(*reach[-2:]):
        return 0
    judged = [b - a for a, b in pairwise(reach)] if schritte else reach
    return signale.liegt_fern(judged, KURZKARTE)


def reihentafel(tafeln: Sequence[Released]) -> tuple[str, dict[str, str]]:
    """Show series of several Kennzahlen, each with its line, and return the signals by Kennzahl.

    Without a series of days long enough for a signal there is no table (and no HTML).
    """
    known = [(t, t.kennzahl) for t in tafeln if t.kennzahl is not None and _reicht(t)]
    if not known:
        return "", {}
    head = [word("Kennzahl", kopf=True)]
    head += [named("stichtag", d, "quartal", rechts=True) for d in known[0][0].spalte("stichtag")]
    rows, signals = [], {}
    for table, item in known:
        values, form = table.spalte("wert"), format_for("wert", table)
        line = zelle(values, schritte=signale.ist_bestand(item))
        signals[item.id] = str(line.wert)
        name = word(heading("wert", table), kopf=True)
        rows.append(("", [name, *(figure(v, form, rechts=True) for v in values), line]))
    broken = _brueche(known[0][0].spalte("stichtag"), [item.id for _, item in known])
    told = remarks([_gelesen(GEMISCHT), HEUTIG, *broken], [t for t, _ in known])
    drawn = table_figure([*head, word("Verlauf", kopf=True)], rows, TITEL, hinweis=told)
    return drawn.html, signals


def _brueche(tage: Sequence[Gezeigt], kennzahlen: Sequence[str]) -> list[str]:
    """Name the changes of law within the days of a table: what lies beyond one may come from it."""
    area, days = current().bereich, [d for d in tage if isinstance(d, date)]
    recht = catalogue.bereich(area).rechtskreise if area is not None else ()
    found = catalogue.brueche(recht, catalogue.standard_kommune(), "faelle", kennzahlen)
    named = [f"{r.kurz} ({datum(r.am)})" for r in found if days[0] < r.am <= days[-1]]
    return [f"Bruch in dieser Zeit: {'; '.join(named)}."] if named else []


def _reicht(table: Released) -> bool:
    days = table.spalte("stichtag")
    shown = any(v is not None for v in table.spalte("wert"))
    return ist_verlauf(days) and len(days) > KURZKARTE.werte and shown


def lesen(schritte: bool) -> str:
    """Say how to read the signs beside the lines, and how often they are in vain."""
    return _gelesen("der letzte Schritt" if schritte else "der letzte Wert")


def _gelesen(what: str) -> str:
    return LESEN.format(was=what, pct=zahl(KURZKARTE.falschalarm_pct, 1))
