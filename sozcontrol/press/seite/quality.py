"""The data-quality page of an edition: rule, severity, count and trend, never a row or a key.

Small counts are hidden without complements, so no total of findings may stand anywhere, neither
here nor in the manifest: there must be nothing to subtract from. (Complements would differ from
delivery to delivery, and two pages would give each other's marks away.)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, TypedDict

from sozcontrol import catalogue, store
from sozcontrol.findings import Finding, Schwere
from sozcontrol.press.lauf.unchanged import BEHALTEN
from sozcontrol.press.seite.export import Kopf, kept_page
from sozcontrol.store import seal

if TYPE_CHECKING:
    from sozcontrol.checks import Regel
    from sozcontrol.disclosure.geheim import Gezeigt

History = Mapping[tuple[date, date], Mapping[tuple[str, str], int]]
"""Delivery (Stichtag, Datenstand) → (rule, table) → count; what ``store.finding_history`` gives."""

EARLIER = 3
"""How many earlier deliveries the trend shows; a fourth would not fit beside its sentence."""

_ORDER = (Schwere.FEHLER, Schwere.WARNUNG, Schwere.HINWEIS)
_SCHWERE = {Schwere.FEHLER: "Fehler", Schwere.WARNUNG: "Warnung", Schwere.HINWEIS: "Hinweis"}
_MEHRERE = {Schwere.FEHLER: "Fehler", Schwere.WARNUNG: "Warnungen", Schwere.HINWEIS: "Hinweise"}


@dataclass(frozen=True)
class Zeile:
    """One rule that did not hold; ``anzahlen`` runs from the earliest delivery to this one."""

    regel: str
    tabelle: str
    tabelle_id: str | None
    schwere: str
    schwere_id: str
    meldung: str
    anzahlen: tuple[str, ...]
    trend: str
    anzahl: int | str


class Befund(TypedDict):
    """One rule that did not hold, as the manifest has it."""

    schwere: str
    regel: str
    tabelle: str | None
    anzahl: int | str


@dataclass(frozen=True)
class Qualitaet:
    """The page, and the same facts for the manifest."""

    html: str
    befunde: tuple[Befund, ...]


def render_quality(
    findings: Iterable[Finding],
    history: History,
    kopf: Kopf,
    *,
    regeln: Iterable[Regel],
    gesperrt: Iterable[str],
    daten: store.Daten | None = None,
) -> Qualitaet:
    """Return the page; its counts pass the same door as all counts of the edition.

    Beside *daten* is kept what passed it, and the page.

    *regeln* is the directory of rules: its sentences are shown, for a finding's own may count.
    *gesperrt* names the areas that stand still because of errors.
    """
    findings = tuple(findings)
    now = (kopf.stichtag, kopf.datenstand)
    earlier = sorted(when for when in history if when < now)[-EARLIER:]
    rows = _rows(findings, history, [*earlier, now], kopf.edition.id, tuple(regeln), daten)
    held = [catalogue.bereich(b).titel for b in gesperrt]
    context = kopf.as_context() | {
        "titel": "Datenqualität der Lieferung",
        "zeilen": rows,
        "lieferungen": [f"{s:%d.%m.%Y} (Stand {d:%d.%m.%Y})" for s, d in [*earlier, now]],
        "gesperrt": held,
        "schlagzeile": _statement(findings, len(held)),
    }
    facts = tuple(
        Befund(schwere=z.schwere_id, regel=z.regel, tabelle=z.tabelle_id, anzahl=z.anzahl)
        for z in rows
    )
    return Qualitaet(kept_page(daten, kopf.edition.id, "datenqualitaet", context), facts)


def _statement(findings: tuple[Finding, ...], gesperrt: int) -> str:
    """Say how many areas stand still, and how many rules did not hold."""
    areas = {0: "Kein Bereich ist gesperrt", 1: "Ein Bereich ist gesperrt"}
    rules = {s: len({(f.regel, f.tabelle) for f in findings if f.schwere is s}) for s in _ORDER}
    told = [f"{n} {(_SCHWERE if n == 1 else _MEHRERE)[s]}" for s, n in rules.items() if n]
    what = ", ".join(told) if told else "keine Regel fiel auf"
    return f"{areas.get(gesperrt, f'{gesperrt} Bereiche sind gesperrt')}: {what}."


def _rows(
    findings: tuple[Finding, ...],
    history: History,
    deliveries: list[tuple[date, date]],
    edition: str,
    regeln: tuple[Regel, ...],
    daten: store.Daten | None,
) -> list[Zeile]:
    grouped = _grouped(findings)
    keys = sorted(grouped, key=lambda k: (_ORDER.index(_worst(grouped[k])), k))
    current = {key: sum(f.anzahl for f in grouped[key]) for key in keys}
    counts = {
        key: [*(history[d].get(key, 0) for d in deliveries[:-1]), current[key]] for key in keys
    }
    name, made_of = store.name_aus("befunde", edition), seal.digest(repr(counts).encode())
    released = store.gerechnet(daten, BEHALTEN, name, lambda: _released(counts, edition), [made_of])
    rows = []
    for key in keys:
        severity = _worst(grouped[key])
        last = released[key][-1]
        sentences = dict.fromkeys(_sentence(f, regeln) for f in grouped[key])
        rows.append(
            Zeile(
                regel=key[0],
                tabelle=_label(key[1]),
                tabelle_id=key[1] or None,
                schwere=_SCHWERE[severity],
                schwere_id=str(severity),
                meldung=" ".join([*sentences, *_accepted(grouped[key])]),
                anzahlen=tuple(_shown(v) for v in released[key]),
                trend=_trend(released[key]),
                anzahl="geheim" if last is None else last,
            )
        )
    return rows


def _sentence(finding: Finding, regeln: tuple[Regel, ...]) -> str:
    """Return what the directory says about a finding's rule.

    The finding's own words stand here only when the directory has the very same ones: words made
    for one delivery name rows and numbers, and a number in a sentence passes no door.
    """
    own = [r.meldung for r in regeln if r.id == finding.regel]
    if finding.meldung in own:
        return finding.meldung
    return own[0] if own else "Näheres steht auf der Prüfseite im Haus."


def _accepted(findings: list[Finding]) -> list[str]:
    """Say until when the city accepts all *findings* of a rule; why, it says inside."""
    days = [f.annahme.bis for f in findings if f.annahme and f.angenommen]
    return [f"Angenommen bis {min(days):%d.%m.%Y}."] if len(days) == len(findings) else []


def _grouped(findings: tuple[Finding, ...]) -> dict[tuple[str, str], list[Finding]]:
    grouped: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        grouped.setdefault((finding.regel, finding.tabelle or ""), []).append(finding)
    return grouped


def _worst(findings: list[Finding]) -> Schwere:
    return min((f.schwere for f in findings), key=_ORDER.index)


def _released(
    counts: Mapping[tuple[str, str], list[int]], edition: str
) -> dict[tuple[str, str], list[int | None]]:
    """Pass all counts through the door at once; None where one is withheld."""
    if not counts:
        return {}
    import pandas as pd

    from sozcontrol.disclosure import Freigabe

    long = [
        {"regel": rule, "tabelle": table or "–", "lieferung": str(i), "anzahl": n}
        for (rule, table), row in counts.items()
        for i, n in enumerate(row)
    ]
    frame = pd.DataFrame(long).astype({"anzahl": "Int64"})
    released = Freigabe.open(edition).release(
        frame, je=("regel", "tabelle", "lieferung"), anzahl="anzahl", merkmal="Befunde"
    )
    columns = (released.spalte(c) for c in ("regel", "tabelle", "lieferung", "anzahl"))
    shown = {(r, t, d): n for r, t, d, n in zip(*columns, strict=True)}
    return {
        (rule, table): [_count(shown[rule, table or "–", str(i)]) for i in range(len(row))]
        for (rule, table), row in counts.items()
    }


def _count(value: Gezeigt) -> int | None:
    return value if isinstance(value, int) else None


def _shown(value: int | None) -> str:
    if value is None:
        return "•"
    if value == 0:
        return "–"
    return f"{value:,}".replace(",", ".")


def _trend(values: list[int | None]) -> str:
    """Say in a word how the count moved; nothing where a withheld figure would be given away."""
    if len(values) < 2 or None in values[-2:]:
        return ""
    before, now = (v or 0 for v in values[-2:])
    if now == before:
        return "unverändert"
    if not before:
        return "neu"
    return "mehr" if now > before else "weniger"


def _label(table: str) -> str:
    known = catalogue.tabellen()
    return known[table].bezeichnung if table in known else "Lieferung"
