"""What a chart says to those who do not see it: kind, span, first and last, least and most."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sozcontrol.disclosure import GEHEIM
from sozcontrol.disclosure.geheim import Geheim, Gezeigt
from sozcontrol.present.format import as_decimal

Schreiber = Callable[[Gezeigt], str]


@dataclass(frozen=True)
class Reihe:
    """One series of a chart: its name and (label, value) points in drawing order."""

    name: str
    punkte: tuple[tuple[str, Gezeigt], ...]

    @property
    def sichtbar(self) -> list[tuple[str, Decimal]]:
        """Points with a figure: neither hidden nor missing."""
        seen = [(x, v) for x, v in self.punkte if not isinstance(v, Geheim | None)]
        return [(x, as_decimal(v)) for x, v in seen]

    @property
    def geheim(self) -> int:
        """How many points are hidden."""
        return sum(v is GEHEIM for _, v in self.punkte)


def of_series(
    titel: str,
    reihen: Sequence[Reihe],
    schreiben: Schreiber,
    *,
    band: tuple[str, str] | None = None,
    hoehe: Sequence[str] = (),
) -> str:
    """Describe a line chart; what fills a band, and what is one level, is said as such."""
    ends = [r for name in band or () for r in reihen if r.name == name]
    filled = len(ends) == 2
    rest = [r for r in reihen if r not in ends] if filled else [*reihen]
    spans = [x for r in reihen for x, _ in r.punkte]
    head = f"Liniendiagramm: {titel}. {_count(len(rest), 'Reihe', 'Reihen')}"
    head += f", {spans[0]} bis {spans[-1]}." if spans else "."
    said = [_level(r, schreiben) if r.name in hoehe else _series(r, schreiben) for r in rest]
    return " ".join([head, *said, *(_band(ends[0], ends[1], schreiben) if filled else ())])


def _level(reihe: Reihe, schreiben: Schreiber) -> str:
    seen = reihe.sichtbar
    if not seen:
        return _series(reihe, schreiben)
    return f"{_name(reihe)}waagerechte Linie bei {schreiben(seen[-1][1])}."


def _band(unten: Reihe, oben: Reihe, schreiben: Schreiber) -> list[str]:
    """Describe the filled room between two series by its width at the end."""
    if not unten.sichtbar or not oben.sichtbar:
        return []
    (x, low), (_, high) = unten.sichtbar[-1], oben.sichtbar[-1]
    return [f"Spanne als Fläche, am Ende ({x}) von {schreiben(low)} bis {schreiben(high)}."]


def _series(reihe: Reihe, schreiben: Schreiber) -> str:
    seen = reihe.sichtbar
    if not seen:
        return f"{_name(reihe)}keine darstellbaren Werte.{_hidden(reihe)}"
    (x0, first), (x1, last) = seen[0], seen[-1]
    if len(seen) == 1:
        return f"{_name(reihe)}{schreiben(first)} ({x0}).{_hidden(reihe)}"
    text = f"{_name(reihe)}von {schreiben(first)} ({x0}) auf {schreiben(last)} ({x1})"
    if len(seen) > 2:
        low = min(seen, key=lambda p: p[1])
        high = max(seen, key=lambda p: p[1])
        text += f", kleinster Wert {schreiben(low[1])} ({low[0]})"
        text += f", größter Wert {schreiben(high[1])} ({high[0]})"
    return f"{text}.{_hidden(reihe)}"


def of_bars(titel: str, reihen: Sequence[Reihe], schreiben: Schreiber) -> str:
    """Describe a bar chart: all bars when they are few, else the largest and the smallest."""
    parts = [f"Balkendiagramm: {titel}. {_count(len(reihen[0].punkte), 'Gruppe', 'Gruppen')}."]
    for reihe in reihen:
        seen = reihe.sichtbar
        if not seen:
            parts.append(f"{_name(reihe)}keine darstellbaren Werte.{_hidden(reihe)}")
        elif len(seen) <= 6:
            listed = ", ".join(f"{x} {schreiben(v)}" for x, v in seen)
            parts.append(f"{_name(reihe)}{listed}.{_hidden(reihe)}")
        else:
            low, high = min(seen, key=lambda p: p[1]), max(seen, key=lambda p: p[1])
            parts.append(
                f"{_name(reihe)}größter Wert {schreiben(high[1])} ({high[0]}), "
                f"kleinster Wert {schreiben(low[1])} ({low[0]}).{_hidden(reihe)}"
            )
    return " ".join(parts)


def of_steps(
    titel: str, reihe: Reihe, summen: Sequence[str], schreiben: Schreiber, ab: str = "",
    worte: Callable[[object], str] | None = None,
) -> str:  # fmt: skip
    """Describe a waterfall: the totals, and between them each step with its direction.

    *ab* says where an axis begins that does not begin at zero, *worte* what a step up or down
    means; without it they are plus and minus.
    """
    parts = [f"Wasserfalldiagramm: {titel}."]
    if ab:
        parts.append(f"Die Achse ist abgeschnitten und beginnt bei {ab}.")
    for name, value in reihe.sichtbar:
        if name in summen:
            parts.append(f"{name}: {schreiben(value)}.")
        else:
            way = f"{worte(value)} um" if worte else "plus" if value >= 0 else "minus"
            parts.append(f"{name}: {way} {schreiben(abs(value))}.")
    return " ".join(parts)


def _name(reihe: Reihe) -> str:
    return f"{reihe.name}: " if reihe.name else ""


def _count(n: int, one: str, many: str) -> str:
    return f"{n} {one if n == 1 else many}"


def _hidden(reihe: Reihe) -> str:
    if not reihe.geheim:
        return ""
    return f" {_count(reihe.geheim, 'Wert', 'Werte')} geheim gehalten."
