"""Kennzahlen on the terminal: the list, and one of them explained; as the reports show them.

An analyst's terminal is a place where numbers are copied from. So what the reports of the chosen
edition hide is withheld here too; only ``--edition intern`` shows all.
"""

from __future__ import annotations

import json
from collections.abc import Sequence, Set
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, TypedDict

from sozcontrol import catalogue
from sozcontrol.auskunft.entschieden import kept, released
from sozcontrol.errors import DeliveryMissing, UsageError
from sozcontrol.press.lauf.luecken import teilweise
from sozcontrol.press.lauf.parameter import parse_date, shown
from sozcontrol.press.lauf.zweifel import zweifel
from sozcontrol.projekt import Projekt

if TYPE_CHECKING:
    from sozcontrol.catalogue import Steckbrief
    from sozcontrol.disclosure import Released
    from sozcontrol.disclosure.geheim import Gezeigt
    from sozcontrol.hochrechnung.prognosekennzahlen import Herleitung
    from sozcontrol.measures.zaehlwerk.kennzahlen import Belegt
    from sozcontrol.store import Daten

GEHEIM_WORT = "geheim"
_FIGURES = ("wert", "zaehler", "nenner")


Angabe = int | float | str | None
"""A figure as JSON writes it; »geheim« where it is withheld."""


class Zeile(TypedDict):
    """One Kennzahl with its released figures, and as people read them."""

    id: str
    name: str
    wert: Angabe
    zaehler: Angabe
    nenner: Angabe
    einheit: str
    anzeige: dict[str, str]
    versuch: bool


@dataclass(frozen=True)
class Liste:
    """Released Kennzahlen of one delivery; what could not be computed names what is missing."""

    kopf: dict[str, str]
    zeilen: tuple[Zeile, ...]
    fehlend: dict[str, tuple[str, ...]]
    verfrueht: tuple[str, ...] = ()
    zweifel: tuple[str, ...] = ()

    def text(self, form: str) -> str:
        """Return the list as an aligned table or as JSON; an experiment is called one."""
        if form == "json":
            rows = [{k: v for k, v in z.items() if k != "anzeige"} for z in self.zeilen]
            missing = {k: list(v) for k, v in self.fehlend.items()}
            rest = {"nicht_berechenbar": missing, "zurueckgestellt": list(self.verfrueht)}
            rest |= {"zweifel": list(self.zweifel)}
            return _json({**self.kopf, "kennzahlen": rows, **rest})
        head = ("Nr.", "Kennzahl", "Wert", "Zähler", "Nenner", "Einheit")
        cells = [
            (z["id"], _marked(z), *(z["anzeige"][f] for f in _FIGURES), z["einheit"])
            for z in self.zeilen
        ]
        lines = [_headline(self.kopf), "", *_aligned(head, cells, right={2, 3, 4})]
        lines += [
            f"{id} nicht berechenbar: es fehlt {', '.join(tables)}."
            for id, tables in self.fehlend.items()
        ]
        if self.verfrueht:
            lines.append(f"{', '.join(self.verfrueht)}: zu diesem Stichtag nicht veröffentlicht.")
        lines += _caution(*self.zeilen)
        lines += [f"Zweifel: {satz}" for satz in self.zweifel]
        if any(GEHEIM_WORT in (z["wert"], z["zaehler"], z["nenner"]) for z in self.zeilen):
            lines.append("• geheim gehalten (zum Schutz kleiner Anzahlen)")
        return "\n".join(lines)


def kennzahlen(
    projekt: Projekt,
    *,
    stichtag: str | None,
    datenstand: str | None,
    bereiche: Sequence[str],
    edition: str,
) -> Liste:
    """Return the Kennzahlen of the stored delivery, of all areas or of *bereiche*.

    Raises:
        UsageError: A date, area or edition is unknown.
        DeliveryMissing: The delivery has not been read in yet.
        NotReleased: No report of it has been made, so nothing is decided.
    """
    known = catalogue.edition(shown(edition)).id
    areas = [catalogue.bereich(shown(b)) for b in bereiche]
    daten = _open(projekt, stichtag, datenstand)
    try:
        wanted = [i for a in areas for i in a.kennzahlen] or list(catalogue.steckbriefe())
        ids = sorted(i for i in catalogue.steckbriefe() if i in wanted)
        return kept(daten, known, ("kennzahlen", *ids), lambda: _liste(daten, ids, known))
    finally:
        daten.close()


def _liste(daten: Daten, ids: Sequence[str], edition: str) -> Liste:
    from sozcontrol.hochrechnung.prognosekennzahlen import fehlende, zurueckgestellt

    early = zurueckgestellt(ids, daten.stichtag, edition)
    missing = fehlende(daten, [i for i in ids if i not in early])
    there = [i for i in ids if i not in missing and i not in early]
    rows = tuple(_rows(daten, there, edition))
    return Liste(_kopf(daten, edition), rows, missing, early, _doubts(daten, there))


def _open(projekt: Projekt, stichtag: str | None, datenstand: str | None) -> Daten:
    on = parse_date(stichtag, "stichtag") if stichtag is not None else None
    known = parse_date(datenstand, "datenstand") if datenstand is not None else None
    from sozcontrol import store

    return store.open_data(on, known, projekt)


def _doubts(daten: Daten, ids: Sequence[str]) -> tuple[str, ...]:
    from sozcontrol import store

    tables = {t for i in ids for t in catalogue.steckbrief(i).tabellen}
    findings = store.load_findings(daten.projekt, daten.stichtag, daten.datenstand)
    return (*zweifel(findings, tables), *teilweise(daten, ids))


def _kopf(daten: Daten, edition: str) -> dict[str, str]:
    return {
        "kommune": daten.kommune.name,
        "stichtag": daten.stichtag.isoformat(),
        "datenstand": daten.datenstand.isoformat(),
        "edition": edition,
    }


def _headline(kopf: dict[str, str]) -> str:
    day, known = (".".join(reversed(kopf[k].split("-"))) for k in ("stichtag", "datenstand"))
    return f"{kopf['kommune']} · Stichtag {day} · Datenstand {known} · Edition {kopf['edition']}"


def _rows(daten: Daten, ids: Sequence[str], edition: str) -> list[Zeile]:
    from sozcontrol.hochrechnung.prognosekennzahlen import kennzahlen, versuche

    marked = versuche(ids, daten.stichtag, edition)
    asked = kennzahlen(daten, ids)
    shown_tables = zip(asked, released(daten, edition, asked), strict=True)
    return [_row(w.kennzahl, one, w.kennzahl.id in marked) for w, one in shown_tables]


def _row(item: Belegt, one: Released, versuch: bool) -> Zeile:
    from sozcontrol.present.beschriftung import mit_einheit

    raw = {f: one.zahl(f).wert for f in _FIGURES}
    if item.nenner_text is None:
        raw["nenner"] = None
    plain = {f: mit_einheit(raw[f], None, None, _form(raw[f])) for f in ("zaehler", "nenner")}
    shown_value = mit_einheit(raw["wert"], item.einheit, item.rundung, None)
    return {
        "id": item.id,
        "name": item.name,
        "wert": _number(raw["wert"], item.rundung),
        "zaehler": _number(raw["zaehler"], 2),
        "nenner": _number(raw["nenner"], 2),
        "einheit": item.einheit,
        "anzeige": {"wert": shown_value.removesuffix(f"\u00a0{item.einheit}"), **plain},
        "versuch": versuch,
    }


def _marked(zeile: Zeile) -> str:
    if not zeile["versuch"]:
        return zeile["name"]
    from sozcontrol.present.prognose import VERSUCHT

    return f"{zeile['name']} ({VERSUCHT})"


def _caution(*zeilen: Zeile) -> list[str]:
    """Return the sentence below an experiment."""
    if not any(z["versuch"] for z in zeilen):
        return []
    from sozcontrol.present.prognose import VERSUCH

    return [VERSUCH]


def _form(value: Gezeigt) -> str:
    is_whole = not isinstance(value, Decimal) or value == value.to_integral_value()
    return "anzahl" if is_whole else "zahl2"


def _number(value: Gezeigt, stellen: int) -> Angabe:
    """Return a figure as JSON writes it, rounded half up; »geheim« where it is withheld."""
    if value is None or isinstance(value, int):
        return value
    if not isinstance(value, (Decimal, float)):
        return GEHEIM_WORT
    exact = Decimal(str(value)).quantize(Decimal(1).scaleb(-stellen), rounding=ROUND_HALF_UP)
    return float(exact) if stellen else int(exact)


def _json(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, indent=2, default=str)


def _aligned(
    head: Sequence[str], rows: Sequence[Sequence[str]], *, right: Set[int] = frozenset()
) -> list[str]:
    table = [tuple(head), *(tuple(map(str, row)) for row in rows)]
    widths = [max(len(row[i]) for row in table) for i in range(len(head))]
    lines = []
    for row in table:
        cells = [row[i].rjust(w) if i in right else row[i].ljust(w) for i, w in enumerate(widths)]
        lines.append("  ".join(cells).rstrip())
    lines.insert(1, "  ".join("─" * w for w in widths))
    return lines


@dataclass(frozen=True)
class Erlaeuterung:
    """One Kennzahl with its Steckbrief, its released value and the deliveries behind it."""

    kopf: dict[str, str]
    zeile: Zeile
    steckbrief: dict[str, str]
    lieferungen: tuple[dict[str, str], ...]
    abfragen: tuple[str, ...]
    herleitung: dict[str, str]
    zweifel: tuple[str, ...] = ()

    def text(self, form: str, *, sql: bool) -> str:
        """Return the explanation for people or as JSON; the queries only with *sql*."""
        queries = list(self.abfragen) if sql else []
        if form == "json":
            row = {k: v for k, v in self.zeile.items() if k != "anzeige"}
            body = {**self.kopf, **row, "steckbrief": self.steckbrief}
            body["lieferungen"] = list(self.lieferungen)
            body |= {"herleitung": self.herleitung} if self.herleitung else {}
            body |= {"zweifel": list(self.zweifel)} if self.zweifel else {}
            return _json(body | ({"sql": queries} if sql else {}))
        shown_figures = self.zeile["anzeige"]
        lines = [f"{self.zeile['id']}  {_marked(self.zeile)}", _headline(self.kopf), ""]
        lines += [line for said in _caution(self.zeile) for line in (said, "")]
        lines += [f"Wert      {shown_figures['wert']} {self.zeile['einheit']}"]
        lines += [
            f"Zähler    {shown_figures['zaehler']}",
            f"Nenner    {shown_figures['nenner']}",
            "",
        ]
        lines += [f"Zweifel: {satz}" for satz in self.zweifel]
        lines += [f"{name}: {text}" for name, text in self.herleitung.items()]
        lines += [f"{name}: {text}" for name, text in self.steckbrief.items()]
        lines += ["", "Lieferungen dahinter", *self._deliveries()]
        return "\n".join([*lines, *(f"\n{q}" for q in queries)])

    def _deliveries(self) -> list[str]:
        rows = [tuple(d.values()) for d in self.lieferungen]
        if not rows:
            return ["keine"]
        return _aligned(("Tabelle", "Datei", "SHA-256", "Lieferant", "Profil"), rows)


def explain(
    projekt: Projekt, *, kennzahl: str, stichtag: str | None, datenstand: str | None, edition: str
) -> Erlaeuterung:
    """Explain one Kennzahl of the stored delivery.

    Raises:
        UsageError: A name or date is unknown.
        DeliveryMissing: The delivery is not read in, or lacks a table the Kennzahl needs.
        NotReleased: No report of it has been made, so nothing is decided.
    """
    known = catalogue.edition(shown(edition)).id
    item = catalogue.steckbrief(shown(kennzahl))
    daten = _open(projekt, stichtag, datenstand)
    try:
        return kept(daten, known, ("explain", item.id), lambda: _erlaeuterung(daten, item, known))
    finally:
        daten.close()


def _erlaeuterung(daten: Daten, item: Steckbrief, edition: str) -> Erlaeuterung:
    from sozcontrol.hochrechnung import prognosekennzahlen as forecast

    if forecast.zurueckgestellt([item.id], daten.stichtag, edition):
        raise UsageError(
            f"{item.id} wird zum {daten.stichtag:%d.%m.%Y} in der Edition »{edition}« nicht "
            "veröffentlicht: So früh im Jahr trägt eine Hochrechnung nicht.",
            wo="--stichtag",
            tun="Einen Stichtag ab dem 30.06. wählen, oder --edition controlling (Versuch).",
        )
    missing = forecast.fehlende(daten, [item.id])
    if missing:
        raise DeliveryMissing(
            f"{item.id} ist nicht berechenbar: es fehlt {', '.join(missing[item.id])}.",
            wo=f"Lieferung zum {daten.stichtag:%d.%m.%Y}",
            tun="Die Prüfseite der Lieferung ansehen (sozcontrol check); eine Spalte im Profil "
            "zuordnen.",
        )
    found = forecast.explain(daten, item.id)
    (row,) = _rows(daten, [item.id], edition)
    return Erlaeuterung(
        _kopf(daten, edition), row, _steckbrief(item), tuple(_sources(found)),
        tuple(found.sql), dict(found.saetze), _doubts(daten, [item.id]),
    )  # fmt: skip


def _steckbrief(item: Steckbrief) -> dict[str, str]:
    """Return the fields a reader asks for first; all of them stand in the catalogue."""
    return {
        "Steuerungsfrage": item.steuerungsfrage,
        "Zähler": item.zaehler_text,
        "Nenner": item.nenner_text or "–",
        "Formel": item.formel,
        "Rechtsgrundlage": item.rechtsgrundlage,
        "Quelle der Definition": item.quelle_definition,
        "Datenquelle": ", ".join(item.datenquelle),
        "Lieferant": item.lieferant,
        "Vergleichbar mit": item.vergleichbar_mit,
        "Fallstricke": item.fallstricke,
        "Version": f"{item.version}, gültig ab {item.gueltig_von:%d.%m.%Y}",
    }


def _sources(found: Herleitung) -> list[dict[str, str]]:
    # Numbers of rows stay inside: of a small file they are small counts of persons.
    return [
        {
            "tabelle": str(d["tabelle"]),
            "datei": str(d["dateiname"]),
            "sha256": str(d["sha256"])[:16],
            "lieferant": str(d["lieferant"]),
            "profil": str(d["profil"]),
        }
        for d in found.lieferungen
    ]
