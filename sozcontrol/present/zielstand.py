"""Goals beside their figures: where a value stands on the way to its target, word, shape, colour.

A state is made here, of the released value as it is printed: what is hidden has none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sozcontrol import catalogue
from sozcontrol.catalogue.ziel import (
    ERREICHT,
    OHNE_WERT,
    RUECKSTAND,
    SPAETER,
    STUFEN,
    UNTERWEGS,
    UNVOLLSTAENDIG,
    VERFEHLT,
    Ziel,
    gedruckt,
)
from sozcontrol.disclosure import GEHEIM, Released
from sozcontrol.disclosure.geheim import Gezeigt
from sozcontrol.present.beschriftung import form_with_unit, mit_einheit
from sozcontrol.present.format import as_decimal, datum, joined, zahl
from sozcontrol.present.fragment import Fragment, demand_number, esc
from sozcontrol.present.svgbild import track
from sozcontrol.present.table import Zelle, figure, value_html
from sozcontrol.present.tafelblock import (
    Spalte,
    joined_parts,
    numbered,
    stage,
    stage_cell,
    told_blocks,
)

GESPERRT = "geheim gehalten"
KOPFSTUFEN = (VERFEHLT, RUECKSTAND, ERREICHT)
"""What heads the page of all goals, in this order."""
ZEICHEN = {ERREICHT: "◆", UNTERWEGS: "○", RUECKSTAND: "●", VERFEHLT: "▲"}
KLASSE = {ERREICHT: "erreicht", RUECKSTAND: "beobachten", VERFEHLT: "wesentlich"}
ART = {"hoch": "mindestens", "niedrig": "höchstens", "korridor": "um"}
KOPF = (
    Spalte("Ziel"), Spalte("Ausgang", rechts=True), Spalte("jetzt", rechts=True),
    Spalte("angestrebt", rechts=True), Spalte("Weg"), Spalte("Stand"),
)  # fmt: skip
LESEN = (
    "Der Weg ist die Gerade vom Ausgangswert zum Zielwert; der Strich zeigt, wo der Wert heute "
    "sein müsste. »So weiter« zieht den bisherigen Weg bis zum Termin und ist keine Prognose."
)
WORT = {
    ERREICHT: "erreicht", UNTERWEGS: "auf dem Weg", RUECKSTAND: "im Rückstand",
    VERFEHLT: "verfehlt", SPAETER: "erst am Jahresende zu messen",
    UNVOLLSTAENDIG: "nicht messbar, weil Angaben fehlen", OHNE_WERT: "ohne Wert",
    GESPERRT: "mit geheim gehaltenem Wert",
}  # fmt: skip
"""How a sentence says of so many goals what their state is."""


@dataclass(frozen=True)
class Zielstand:
    """One goal with its released value: None where it is hidden, or where there is none."""

    ziel: Ziel
    wert: Decimal | None
    stufe: str
    am: date

    @property
    def kennzahl(self) -> catalogue.Steckbrief:
        """The Steckbrief of what the goal is measured by."""
        return catalogue.steckbrief(str(self.ziel.kennzahl_id))

    def written(self, value: Decimal | None) -> str:
        """Return a value in the unit of its Kennzahl, the unit left out where it is long."""
        return mit_einheit(value, self._unit, self.kennzahl.rundung, None)

    @property
    def _unit(self) -> str:
        unit = self.kennzahl.einheit
        return unit if unit in ("%", "€", "Tage") else ""

    @property
    def form(self) -> tuple[str, str]:
        """How its value is written: format, and the unit behind it."""
        return form_with_unit(self.wert, self._unit, self.kennzahl.rundung, None)

    @property
    def gewicht(self) -> tuple[int, Decimal, int]:
        """The place in a list: missed first, then by how many tolerances it lies off."""
        off, due = Decimal(0), self.ziel.soll(self.am)
        if self.wert is not None and due is not None:
            off = abs(self.wert - due) / (self.ziel.toleranz or 1)
        places = [*STUFEN, GESPERRT]
        return places.index(self.stufe), -off, self.ziel.ziel_nr


def judged(ziel: Ziel, wert: Gezeigt, am: date) -> Zielstand:
    """Return where a released value stands."""
    if wert is GEHEIM:
        return Zielstand(ziel, None, GESPERRT, am)
    places = catalogue.steckbrief(str(ziel.kennzahl_id)).rundung
    value = None if wert is None else gedruckt(as_decimal(wert), places)
    return Zielstand(ziel, value, ziel.stufe(value, am), am)


def sign(stand: Zielstand) -> str:
    """Return the state as shape and word, coloured."""
    return stage(stand.stufe, ZEICHEN.get(stand.stufe), KLASSE.get(stand.stufe))


def sign_text(stand: Zielstand) -> str:
    """Return the state as shape and word, without HTML."""
    return f"{ZEICHEN.get(stand.stufe, '')} {stand.stufe}".strip()


def beneath(ziel: Ziel | None, wert: Gezeigt, am: date | None) -> str:
    """Return the line of a tile that names its goal and state; nothing without a goal."""
    if ziel is None or am is None or ziel.zielwert is None:
        return ""
    stand = judged(ziel, wert, am)
    until = f" bis {datum(ziel.termin)}" if ziel.termin else ""
    target = f"Ziel {ART[ziel.zielrichtung]} {stand.written(ziel.zielwert)}{until}"
    state = "" if stand.stufe in (GESPERRT, OHNE_WERT) else f"{sign(stand)} · "
    return f"{state}{esc(target)}"


def goals(
    werte: Mapping[str, Released],
    titel: str,
    *,
    ziele: Sequence[Ziel],
    stichtag: date | str,
) -> Fragment:
    """Show every goal: start, value, target, the way between them, and whether it suffices.

    Args:
        werte: ``measures.ziele.zielwerte``, released: the values by their Kennzahl.
        titel: The caption.
        ziele: ``measures.ziele.ziele``.
        stichtag: The day they are judged on.
    """
    stands = standings(werte, ziele, date.fromisoformat(str(stichtag)))
    if not stands:
        return Fragment('<p class="soz-satz">Ziele sind noch nicht beschlossen.</p>', titel)
    rows = [(_kind(s), _cells(s)) for s in stands]
    told = summary(stands)
    html = told_blocks(told, KOPF, rows, titel, LESEN)
    return Fragment(html, f"{titel}: {len(stands)}", schlagzeile=esc(_headline(stands)))


def standings(werte: Mapping[str, Released], ziele: Sequence[Ziel], day: date) -> list[Zielstand]:
    """Return where every goal with a Kennzahl stands, what is missed first."""
    known = [z for z in ziele if z.kennzahl_id in catalogue.steckbriefe()]
    stands = [judged(z, _value(werte.get(str(z.kennzahl_id))), day) for z in known]
    return sorted(stands, key=lambda s: s.gewicht)


def _value(released: Released | None) -> Gezeigt:
    return None if released is None else demand_number(released, "goals").wert


def summary(stands: Sequence[Zielstand]) -> str:
    """Say how many goals are in which state, what is missed first."""
    order = [ERREICHT, UNTERWEGS, RUECKSTAND, VERFEHLT, SPAETER, UNVOLLSTAENDIG, OHNE_WERT,
             GESPERRT]  # fmt: skip
    counted = [(s, sum(1 for one in stands if one.stufe == s)) for s in order]
    told = [f"{n} {WORT[s]}" for s, n in counted if n]
    if len(stands) == 1:
        return f"Ein Ziel: {WORT[stands[0].stufe]}."
    return f"{len(stands)} Ziele: {joined(told)}."


def _headline(stands: Sequence[Zielstand]) -> str:
    """Say how many goals are missed, behind and reached, and of how many."""
    counted = [(s, sum(1 for one in stands if one.stufe == s)) for s in KOPFSTUFEN]
    first, *rest = [(s, n) for s, n in counted if n] or [(ERREICHT, 0)]
    if len(stands) == 1:
        return summary(stands)
    of = f"{first[1] or 'Keines'} von {len(stands)} Zielen {WORT[first[0]]}"
    return ", ".join([of, *(f"{n} {WORT[s]}" for s, n in rest)]) + "."


def _kind(stand: Zielstand) -> str:
    return "soz-zeile-wesentlich" if stand.stufe == VERFEHLT else ""


def _cells(stand: Zielstand) -> list[Zelle]:
    ziel, item = stand.ziel, stand.kennzahl
    small = [part for part in (ziel.zieltext, _who(ziel), _changed(stand)) if part]
    start = stand.written(ziel.ausgangswert) if ziel.ausgangswert is not None else ""
    return [
        numbered(item.kurzname, item.id, small),
        _with_small(start, datum(ziel.ausgang_am) if ziel.ausgang_am else ""),
        _now(stand),
        _target(stand),
        Zelle(_way(stand), ""),
        _told(stand),
    ]


def _with_small(text: str, below: str) -> Zelle:
    small = f"<small>{esc(below)}</small>" if below else ""
    return Zelle(esc(text) + small, joined_parts([text, below]), rechts=True)


def _who(ziel: Ziel) -> str:
    return ", ".join(part for part in (ziel.verantwortlich, ziel.beschluss) if part)


def _changed(stand: Zielstand) -> str:
    """Say since when a goal is another than the list says, and what that says of its values."""
    ziel, listed = stand.ziel, stand.ziel.erklaert
    if listed is None:
        return ""
    told = [f"geändert zum {datum(ziel.gilt_ab)}"]
    if listed.zielwert is not None and listed.zielwert != ziel.zielwert:
        told.append(f"laut Liste {stand.written(listed.zielwert)}")
    if listed.toleranz != ziel.toleranz:
        new, old = (zahl(t, stand.kennzahl.rundung) for t in (ziel.toleranz, listed.toleranz))
        told.append(f"Toleranz {new}, laut Liste {old}")
    return "; ".join(told)


def _now(stand: Zielstand) -> Zelle:
    hidden = stand.stufe == GESPERRT
    shown = GEHEIM if hidden else stand.wert
    html = value_html(shown, "text") if shown is None or hidden else esc(stand.written(stand.wert))
    form, unit = stand.form
    return Zelle(html, shown, form, rechts=True, einheit=unit)


def _target(stand: Zielstand) -> Zelle:
    ziel = stand.ziel
    if ziel.zielwert is None:
        return figure(None, "text", rechts=True)
    until = f"bis {datum(ziel.termin)}" if ziel.termin else "ohne Termin"
    kind = ART[ziel.zielrichtung]
    return _with_small(f"{kind} {stand.written(ziel.zielwert)}", until)


def _way(stand: Zielstand) -> str:
    """Draw the way, the part done, and where it should be; nothing where it can't be measured."""
    ziel = stand.ziel
    due = ziel.soll(stand.am)
    if stand.wert is None or due is None or stand.stufe not in ZEICHEN:
        return ""
    assert ziel.ausgangswert is not None and ziel.zielwert is not None
    whole = ziel.zielwert - ziel.ausgangswert
    if whole == 0:
        return ""
    done, asked = ((v - ziel.ausgangswert) / whole for v in (stand.wert, due))
    kind = {VERFEHLT: "schlecht", RUECKSTAND: "warnt", ERREICHT: "gut"}.get(stand.stufe, "neutral")
    return track(done, asked, kind)


def _told(stand: Zielstand) -> Zelle:
    ziel, told = stand.ziel, []
    due = ziel.soll(stand.am)
    if stand.stufe == UNVOLLSTAENDIG:
        told.append(f"es fehlt: {', '.join(ziel.fehlt)}")
    elif stand.wert is not None and due is not None and stand.stufe in (UNTERWEGS, RUECKSTAND):
        told.append(f"heute wären {stand.written(gedruckt(due, stand.kennzahl.rundung))} nötig")
        told += _goes_on(stand, stand.wert)
    return stage_cell(sign(stand), sign_text(stand), told)


def _goes_on(stand: Zielstand, wert: Decimal) -> list[str]:
    """Say whether going on like this suffices, and where it ends if not."""
    later = stand.ziel.so_weiter(wert, stand.am)
    if later is None or stand.ziel.zielwert is None:
        return []
    if stand.ziel.vorzeichen * (later - stand.ziel.zielwert) >= 0 and stand.ziel.vorzeichen:
        return ["so weiter reicht es"]
    value = stand.written(gedruckt(later, stand.kennzahl.rundung))
    return [f"so weiter reicht es nicht: {value} am Termin"]
