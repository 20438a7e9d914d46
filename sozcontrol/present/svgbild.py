"""Small pictures with real text, drawn inline: they take the page's colours and can be selected.

One notation everywhere: hollow the Ansatz, solid what is measured, hatched what is expected, a
tick what it is compared with. Colours and hatches are classes of the page's style sheet.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sozcontrol.present.format import zahl
from sozcontrol.present.fragment import esc

MIO = Decimal(1_000_000)
_BREIT, _RAND = 420, 34
_BALKEN, _HOCH = 178, 20
_NAME = 128
"""Room for a name with its figure."""


def mio(value: Decimal) -> str:
    """Write an amount in millions, without its unit."""
    return zahl(value / MIO, 1)


def svg(body: str, width: int, height: int, alt: str = "") -> str:
    """Return a picture; without *alt* it repeats what stands beside it and is silent."""
    said = f'role="img" aria-label="{esc(alt)}"' if alt else 'aria-hidden="true"'
    return (
        f'<svg class="soz-svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'{said} focusable="false">{body}</svg>'
    )


def measured(plan: Decimal, wert: Decimal, spanne: tuple[Decimal, Decimal] | None, alt: str) -> str:
    """Draw an Ansatz (hollow), what is expected (a diamond) and its span (hatched) on one axis."""
    seen = [plan, wert, *(spanne or ())]
    low, high = min(seen), max(seen)
    room = (high - low) or Decimal(1)

    def at(v: Decimal) -> float:
        return float(_RAND + (v - low) / room * (_BREIT - 2 * _RAND))

    parts = [f'<path class="soz-achse" d="M{_RAND / 2} 56H{_BREIT - _RAND / 2}"/>']
    parts += _span(at(spanne[0]), at(spanne[1]), spanne) if spanne else []
    p, w = at(plan), at(wert)
    parts.append(f'<rect class="soz-plan" x="{p - 4:.1f}" y="36" width="8" height="40"/>')
    parts.append(f'<path class="soz-raute" d="M{w:.1f} 42l9 14-9 14-9-14Z"/>')
    names = sorted([(p, "Ansatz", plan), (w, "voraussichtlich", wert)])
    right = min(names[1][0] + 6, _BREIT - _NAME)
    left = min(max(names[0][0] - 6, _NAME), right - 10)
    for x, anchor, (_, name, value) in zip((left, right), ("end", "start"), names, strict=True):
        parts.append(f'<text x="{x:.1f}" y="26" text-anchor="{anchor}">{name} '
                     f'<tspan class="soz-fett">{mio(value)}</tspan></text>')  # fmt: skip
    return svg("".join(parts), _BREIT, 112 if spanne else 80, alt)


def _span(a: float, b: float, spanne: tuple[Decimal, Decimal]) -> list[str]:
    """Draw how far it may reach, with both ends."""
    ends = zip((a, b), spanne, strict=True)
    texts = [(x, 90, mio(v)) for x, v in ends]
    texts.append((min(max((a + b) / 2, _NAME), _BREIT - _NAME), 106, "möglich"))
    box = f'<rect class="soz-moeglich" x="{a:.1f}" y="42" width="{b - a:.1f}" height="28"/>'
    return [box] + [
        f'<text class="soz-leise" x="{x:.1f}" y="{y}" text-anchor="middle">{text}</text>'
        for x, y, text in texts
    ]


def bar(weg: Decimal, scale: Decimal, kind: str) -> str:
    """Draw how much worse (right) or better (left of zero) something becomes, hatched: expected."""
    half = _BALKEN / 2
    width = float(abs(weg) / scale) * (half - 2) if scale else 0.0
    x = half if weg > 0 else half - width
    return _bar(x, width, half, kind)


_WEG = 120
"""Width of the way to a target."""


def track(done: Decimal, due: Decimal, kind: str) -> str:
    """Draw the way from a start to a target: solid what is done, a tick where it should be.

    Both are parts of the way; what lies before the start or beyond the target ends at the edge.
    """
    room = _WEG - 24

    def at(part: Decimal) -> float:
        return 12 + room * float(min(max(part, Decimal("-0.1")), Decimal("1.1")))

    a, b = sorted((at(Decimal(0)), at(done)))
    body = (
        f'<path class="soz-achse" d="M12 10H{_WEG - 12}"/>'
        f'<rect class="soz-ist soz-{kind}" x="{a:.1f}" y="6" width="{b - a:.1f}" height="8"/>'
        f'<path class="soz-null" d="M{at(due):.1f} 2V18"/>'
        f'<rect class="soz-plan" x="{_WEG - 15}" y="4" width="6" height="12"/>'
    )
    return svg(body, _WEG, _HOCH)


def slippage(dates: Sequence[date], heute: date, alt: str) -> str:
    """Draw the dates a promise was given: hollow the first, a tick each later one, solid the last.

    The line ends with what comes last, the day of the report is where it turns thin.
    """
    first, last = dates[0], max(dates[-1], heute)
    room = (_WEG - 24) / max(1, (last - first).days)

    def at(day: date) -> float:
        return 12 + room * (day - first).days

    ticks = "".join(f'<path class="soz-null" d="M{at(d):.1f} 4V16"/>' for d in dates[1:-1])
    x, now = at(dates[-1]), at(max(heute, first))
    body = (
        f'<path class="soz-achse" d="M12 10H{_WEG - 12}"/>'
        f'<path class="soz-null" d="M12 10H{now:.1f}"/>{ticks}'
        f'<rect class="soz-plan" x="8" y="6" width="8" height="8"/>'
        f'<path class="soz-raute" d="M{x:.1f} 3l5 7-5 7-5-7Z"/>'
    )
    return svg(body, _WEG, _HOCH, alt)


def step(von: Decimal, bis: Decimal, rahmen: tuple[Decimal, Decimal], kind: str) -> str:
    """Draw one step of a bridge, from where the last one ended; *rahmen* are the ends of all."""
    low, high = rahmen
    unit = (_BALKEN - 4) / float((high - low) or 1)
    x, zero = (2 + float(v - low) * unit for v in (min(von, bis), Decimal(0)))
    return _bar(x, float(abs(bis - von)) * unit, zero, kind)


def _bar(x: float, width: float, zero: float, kind: str) -> str:
    box = f'x="{x:.1f}" y="3" width="{width:.1f}" height="14"'
    body = f'<rect class="soz-voraus soz-{kind}" {box}/>'
    return svg(f'{body}<path class="soz-null" d="M{zero:.1f} 0V{_HOCH}"/>', _BALKEN, _HOCH)
