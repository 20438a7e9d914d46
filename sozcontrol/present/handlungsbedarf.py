"""What leadership has to know early, and what it has to decide, as short lists."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from sozcontrol import catalogue
from sozcontrol.catalogue import Kommune
from sozcontrol.catalogue.fruehwarnregel import Beobachtung, Warnregel
from sozcontrol.catalogue.ziel import RUECKSTAND, VERFEHLT, Ziel
from sozcontrol.disclosure import Released
from sozcontrol.disclosure.geheim import Geheim, Gezeigt
from sozcontrol.forecast.prognose.alarm import chance
from sozcontrol.hochrechnung.prognosestand import Aussage
from sozcontrol.measures import INSGESAMT, signale
from sozcontrol.present.beschriftung import mit_einheit
from sozcontrol.present.format import NBSP, as_decimal, joined, zahl
from sozcontrol.present.fragment import Fragment, anchor, esc, note
from sozcontrol.present.steckbrief import comment
from sozcontrol.present.unterrichtung import (
    ZEICHEN,
    Zeile,
    binding,
    gap_in_words,
    name_of,
    reasons,
    rows_of,
    spoken,
)
from sozcontrol.present.zielstand import ZEICHEN as ZIELZEICHEN
from sozcontrol.present.zielstand import Zielstand, judged
from sozcontrol.projekt import Projekt

GENANNT = 3
"""What one item names; what else there is is counted, other pages list it."""
_NIVEAU = catalogue.warnregeln()["niveau"].falschalarm_pct
_ERNST = ("wesentlich", "beobachten", "im Plan")
_EHER = Decimal(50)
"""Above this probability in per cent a budget is missed rather than not."""
KEINE = "Keine Regel der Frühwarnung hat angeschlagen."
NICHTS = "Nichts, was die Zahlen oder die Kommentare verlangen."
ABSCHNITT = re.compile(r"#+\s*zu entscheiden\s*:?\s*$", re.IGNORECASE)
PUNKT = re.compile(r"\s*(?:[-*+]|\d+[.)])\s+(.+)")


@dataclass(frozen=True)
class Punkt:
    """One item: what it says, what stands small below, and its stage."""

    text: str
    dazu: str
    stufe: str = ""


def warnings(
    warntafel: Released | None,
    offen: Released | None,
    einrichtungen: Released | None,
    reihen: Mapping[str, Released],
    zielwerte: Mapping[str, Released],
    titel: str,
    *,
    aussage: Aussage,
    ziele: Mapping[str, Ziel],
    stichtag: date | str,
) -> Fragment:
    """List what the rules of early warning found, the most serious first.

    Args:
        warntafel: ``hochrechnung.tafeln.warntafel``, released.
        offen: ``hochrechnung.abwicklungstafeln.rueckstellung``, released.
        einrichtungen: ``hochrechnung.einrichtungstafel.abrechnung_je_einrichtung``, released.
        reihen: ``measures.signale.warnreihen``, released: everything watched, by its id.
        zielwerte: ``measures.ziele.zielwerte``, released: what has a goal, by its Kennzahl.
        titel: What stands above the list.
        aussage: What ``hochrechnung.aussage`` says: an experiment warns of nothing.
        ziele: ``measures.ziele.je_kennzahl``.
        stichtag: The day the goals are judged on.
    """
    found: list[Punkt] = []
    if warntafel is not None and aussage.reife == "gueltig":
        found += _budgets(rows_of(warntafel))
    if offen is not None:
        found += _unbilled(offen, _late(einrichtungen))
    seen = watched(reihen)
    found += seen.signale
    day = date.fromisoformat(str(stichtag))
    stands = [judged(ziele[k], r.zahl().wert, day) for k, r in zielwerte.items() if k in ziele]
    found += behind(stands)
    seen.umsonst += _NIVEAU * sum(s.stufe in ZIELZEICHEN for s in stands)
    found.sort(key=lambda p: _ERNST.index(p.stufe))
    items = "".join(marked(p) for p in found)
    body = f'<ul class="soz-warnungen">{items}</ul>' if items else f"<p>{KEINE}</p>"
    head = f'<h3 id="{anchor(titel)}">{esc(titel)}</h3>'
    below = note(seen.in_words(), "anmerkung")
    return Fragment(f'<div class="soz-liste">{head}{body}{below}</div>', f"{titel}: {len(found)}")


@dataclass
class Beobachtet:
    """What became of the watched series: signals, those that vary as usual, those not judged."""

    signale: list[Punkt] = field(default_factory=list)
    still: list[str] = field(default_factory=list)
    offen: list[str] = field(default_factory=list)
    umsonst: Decimal = Decimal(0)

    def in_words(self) -> str:
        """Name what is watched without a signal, and how many false alarms are to be expected."""
        told = [f"Ohne Signal: {listed(self.still)}."] if self.still else []
        told += [f"Nicht beurteilt: {', '.join(self.offen)}."] if self.offen else []
        if self.umsonst:
            share = f"{zahl(self.umsonst / 100, 2)} Fehlalarme je Stichtag"
            told.append(f"Bei Schwankungen wie bisher {share}.")
        return " ".join(told)


def watched(reihen: Mapping[str, Released]) -> Beobachtet:
    """Judge the watched series by what is shown: one with a hidden value in reach is not judged.

    Whether it signals would tell of what is hidden.
    """
    found = Beobachtet()
    for one in (b for b in catalogue.beobachtungen() if b.id in reihen):
        item, rule = catalogue.steckbrief(one.kennzahl), catalogue.warnregeln()[one.regel]
        series = _reach(reihen[one.id], rule.werte + one.veraenderung, rule)
        if series is None:
            found.offen.append(item.kurzname)
            continue
        values, *counted = series
        found.umsonst += rule.falschalarm_pct
        if way := signale.signal(one, *(counted or [values])):
            found.signale.append(_signal(one, values, way))
        else:
            found.still.append(item.kurzname)
    return found


def _reach(released: Released, need: int, rule: Warnregel) -> list[list[float]] | None:
    """Return the last values a rule looks at, and what it counts; None where one is not known.

    Nor can a share of nothing be judged.
    """
    names = ["wert", "zaehler", "nenner"] if rule.zaehlend else ["wert"]
    cells = [released.spalte(name)[-need:] for name in names if name in released.spalten]
    if len(cells) < len(names) or all(v is None for v in cells[-1]):  # no base: months alike
        months: list[Gezeigt] = [1] * len(cells[0])
        cells = [cells[0], cells[0], months][: len(names)]
    if len(cells[0]) < need or any(isinstance(v, Geheim | None) for part in cells for v in part):
        return None
    series = [[float(as_decimal(v)) for v in part] for part in cells]
    return series if len(series) == 1 or all(n > 0 for n in series[-1]) else None


def _signal(one: Beobachtung, values: Sequence[float], way: int) -> Punkt:
    item, rule = catalogue.steckbrief(one.kennzahl), catalogue.warnregeln()[one.regel]
    now = mit_einheit(values[-1], item.einheit, item.rundung, None)
    moves = "steigt" if way > 0 else "fällt"
    if rule.id == "trend":
        said = f"{moves} {rule.laenge}-mal nacheinander"
    elif rule.id == "cusum":
        said = f"liegt seit Monaten {'höher' if way > 0 else 'tiefer'} als davor"
    else:
        lies = f"liegt auffällig {'höher' if way > 0 else 'tiefer'} als bisher"
        said = f"{moves} auffällig" if one.veraenderung else lies
    before = mit_einheit(values[-2], item.einheit, item.rundung, None)
    chance = f"Fehlalarm in {zahl(rule.falschalarm_pct, 1)}{NBSP}% der Stichtage"
    text = f"{item.kurzname}: {now}, davor {before}"
    return Punkt(text, f"Der Wert {said}. {chance}.", "beobachten")


def behind(stands: Sequence[Zielstand]) -> list[Punkt]:
    """Return one item of all goals that are missed or behind their way, the farthest off first."""
    off = sorted((s for s in stands if s.stufe in (VERFEHLT, RUECKSTAND)), key=lambda s: s.gewicht)
    if not off:
        return []
    missed = sum(s.stufe == VERFEHLT for s in off)
    counts = ((missed, "verfehlt"), (len(off) - missed, "im Rückstand"))
    told = ", ".join(f"{n} {word}" for n, word in counts if n)
    text = f"Ein Ziel ist {off[0].stufe}" if len(off) == 1 else f"{len(off)} Ziele: {told}"
    named = listed([s.kennzahl.kurzname for s in off])
    return [Punkt(text, named, "wesentlich" if missed else "beobachten")]


def _budgets(rows: Sequence[Zeile]) -> list[Punkt]:
    """Return one item of all budgets in danger, each with its probability."""
    warned = [r for r in rows if r["gewarnt"] == "ja"]
    if not warned:
        return []
    budgets = "Ein Ansatz" if len(warned) == 1 else f"{len(warned)} Ansätze"
    named = [
        f"{'' if r['seite'] == 'aufwand' else 'Erträge '}{r['produktgruppe_name']} "
        f"({_chance(r['wesentlich_pct'])})"
        for r in warned
    ]
    sure = any(as_decimal(r["wesentlich_pct"]) > _EHER for r in warned)
    stage = "wesentlich" if sure else "beobachten"
    return [Punkt(f"{budgets} womöglich wesentlich verfehlt", listed(named, "; "), stage)]


def listed(names: Sequence[str], sep: str = ", ") -> str:
    """Name the first and count the others; a single other is named as well as counted."""
    rest = len(names) - GENANNT
    if rest <= 1:
        return sep.join(names)
    return f"{sep.join(names[:GENANNT])} und {rest} weitere"


def _chance(pct: object) -> str:
    return chance(float(as_decimal(pct)) / 100).replace(" ", NBSP)


def _unbilled(offen: Released, late: Sequence[str]) -> list[Punkt]:
    (dimension,) = offen.je
    value = offen.zahl("offen_eur").wert
    if isinstance(value, Geheim | None):
        return []
    texte = catalogue.texte(dimension)
    names = ", ".join(late)
    who = f"spät rechnen ab: {names}" if late else "kein Träger rechnet auffällig spät ab"
    text = f"{spoken(value)} für {texte.leistungen} nicht abgerechnet"
    return [Punkt(text, who, "beobachten" if late else "im Plan")]


def _late(einrichtungen: Released | None) -> list[str]:
    if einrichtungen is None:
        return []
    (dimension,) = einrichtungen.je
    return [
        str(r[dimension]) for r in rows_of(einrichtungen)
        if r["abrechnung"] == "spät" and r[dimension] != INSGESAMT
    ]  # fmt: skip


def marked(p: Punkt) -> str:
    """Return an item of a list with its stage as shape and word."""
    kind = {"wesentlich": "wesentlich", "beobachten": "beobachten"}.get(p.stufe, "plan")
    sign = (
        f'<span class="soz-stufe soz-stufe-{kind}"><span aria-hidden="true">{ZEICHEN[p.stufe]}'
        f'</span><span class="soz-unsichtbar">{esc(p.stufe)}: </span></span>'
    )
    return f"<li>{sign}<div><strong>{esc(p.text)}</strong><small>{esc(p.dazu)}</small></div></li>"


def decisions(
    teilhaushalte: Released | None,
    einrichtungen: Released | None,
    titel: str,
    *,
    stichtag: date | str,
    bereiche: Sequence[str],
    kommune: Kommune,
    aussage: Aussage,
    projekt: Projekt,
) -> Fragment:
    """List what is to be decided: by the figures, and by what the offices ask in their comments.

    In a comment these are the items below a heading »Zu entscheiden«. Comments of *bereiche* that
    are missing stand in one item at the end.

    Args:
        teilhaushalte: ``hochrechnung.tafeln.teilhaushalte``, released.
        einrichtungen: ``hochrechnung.einrichtungstafel.abrechnung_je_einrichtung``, released.
        titel: What stands above the list.
        stichtag: Whose comments are read.
        bereiche: The areas whose comments are owed.
        kommune: Who is told of what.
        aussage: What ``hochrechnung.aussage`` says: from an experiment nothing follows.
        projekt: Where the comments lie.
    """
    rows = [] if teilhaushalte is None else binding(rows_of(teilhaushalte), aussage)
    if aussage.reife != "gueltig":
        rows = [{**r, "stufe": None} for r in rows]
    found = _duties(rows, kommune)
    if late := _late(einrichtungen):
        found.append(Punkt(f"Gespräch mit {joined(late)}", "rechnen spät ab"))
    asked, missing = _commented(projekt, date.fromisoformat(str(stichtag)), bereiche)
    found += asked
    items = "".join(_decision(n, p) for n, p in enumerate(found, start=1))
    items = items or f"<li><span></span><div>{NICHTS}</div></li>"
    if missing:
        one, many = "Eine Stellungnahme fehlt", f"{len(missing)} Stellungnahmen fehlen"
        what = one if len(missing) == 1 else many
        items += _decision(None, Punkt(what, listed(missing)))
    head = f'<h3 id="{anchor(titel)}">{esc(titel)}</h3>'
    html = f'<div class="soz-liste soz-entscheiden">{head}<ol>{items}</ol></div>'
    return Fragment(html, f"{titel}: {len(found)}")


def _commented(
    projekt: Projekt, day: date, bereiche: Sequence[str]
) -> tuple[list[Punkt], list[str]]:
    """Return what the comments ask for, and the areas without one."""
    asked: list[Punkt] = []
    missing: list[str] = []
    for name in bereiche:
        area, text = catalogue.bereich(name), comment(projekt, day, name)
        asked += [Punkt(one, area.titel) for one in asked_for(text)]
        missing += [] if text else [area.titel]
    return asked, missing


def _duties(rows: Iterable[Zeile], kommune: Kommune) -> list[Punkt]:
    told = kommune.unterrichtung
    found = []
    for r in rows:
        if r["unterrichten"] != "ja" or r["teilhaushalt"] == INSGESAMT:
            continue
        why = " und ".join(reasons(r))
        if r["stufe"] == "wesentlich":
            text = f"{name_of(r)}: gegensteuern oder Nachtrag?"
            why = gap_in_words(r["wort"], r["abweichung_eur"], r["abweichung_pct"])
        else:
            text = f"{name_of(r)}: {why}"
            why = ""
        law = f"{told.adressat} unverzüglich unterrichten ({told.grundlage})"
        found.append(Punkt(text, "; ".join(part for part in (why, law) if part)))
    return found


def asked_for(text: str) -> list[str]:
    """Return the items below a heading »Zu entscheiden« of a comment, as plain text."""
    found, within = [], False
    for line in text.splitlines():
        if line.lstrip().startswith("#"):
            within = bool(ABSCHNITT.match(line.strip()))
        elif within and (hit := PUNKT.match(line)):
            found.append(re.sub(r"[*_`]", "", hit[1]).strip())
        elif within and found and line.startswith((" ", "\t")) and line.strip():
            found[-1] += f" {line.strip()}"
    return found


def _decision(number: int | None, p: Punkt) -> str:
    sign = "!" if number is None else str(number)
    kind = ' class="soz-offen"' if number is None else ""
    small = f"<small>{esc(p.dazu)}</small>" if p.dazu else ""
    return (
        f'<li{kind}><span aria-hidden="true">{sign}</span>'
        f"<div><strong>{esc(p.text)}</strong>{small}</div></li>"
    )
