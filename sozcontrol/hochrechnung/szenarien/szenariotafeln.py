"""Scenarios as tables of a report: side by side, their effect by kind, assumptions and state.

All amounts of all scenarios stand in one table, for what is hidden in one column must not be
reckoned back from another: a scenario's total differs from the base's by the Hilfearten it names
alone, so these are counted beside all of them (``faelle_s1``, ``faelle_s1_ohne``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from sozcontrol import catalogue
from sozcontrol.catalogue.szenario import ALLE, Annahme, Szenario
from sozcontrol.hochrechnung.szenarien.wirkung import NULL, Eintrag, Szenariostand
from sozcontrol.hochrechnung.tafelteile import Zeile, Zelle
from sozcontrol.measures.aufstellungen import Aufstellung
from sozcontrol.measures.zaehlwerk.gliederung import INSGESAMT

ARTEN = {
    "plaetze": "Plätze",
    "fallzahl": "Fallzahl",
    "entgelte": "Entgelte",
    "kosten": "Kosten je Fall",
    "einmalig": "Einmaliges",
}
"""Short names of the effects, in the order of
:data:`sozcontrol.forecast.methoden.treiber.SCHRITTE`."""
_SATZ = (
    "Szenarien rechnen mit Fällen × Kosten, Bezug ist dasselbe Verfahren ohne Annahmen (Basis). "
    "Die Hochrechnung des Berichts wählt das Verfahren nach der bisherigen Treffsicherheit und "
    "kann davon abweichen; ein Szenario ist mit der Basis zu vergleichen, nicht mit ihr. Wie genau "
    "Fälle × Kosten bisher war, steht im Vergleich der Verfahren je Hilfeart."
)
FORMEN: Mapping[str, str] = {
    "Die Annahmen der Szenarien": "szenario_annahmen",
    "Zustand der Szenarien": "szenario_zustaende",
}
"""The tables beside the comparison: title → name of their columns in the catalogue."""


def alle(stand: Szenariostand) -> dict[str, Aufstellung]:
    """Return the tables that have something to show: comparison and assumptions of what is valid.

    Without any file there is none; :func:`satz` says so.
    """
    found = {"vergleich": vergleich(stand)} if stand.gueltige else {}
    for name, bau in zip(FORMEN, (annahmen, zustaende), strict=True):
        if stand.gueltige or (bau is zustaende and stand.eintraege):
            found[name] = bau(stand)
    return found


def vergleich(stand: Szenariostand) -> Aufstellung:
    """Base, chosen forecast and every valid scenario by Hilfeart and in total, in €.

    Columns of the n-th valid scenario: ``s{n}_eur`` its value, ``s{n}_unterschied_eur`` the
    difference to the base and its parts ``s{n}_{art}_eur`` (:data:`ARTEN`), which add up to it,
    and ``s{n}_folgejahr_eur``. Without a base (no cases) a row has no amounts.
    """
    import pandas as pd

    rows = [_zeile(stand, name) for name in stand.basis]
    frame = pd.DataFrame([*rows, _summe(stand, rows)], dtype="object")
    figures: dict[str, tuple[str, ...]] = {"basis_eur": ("faelle",)}
    if stand.hochrechnung is not None:
        figures["hochrechnung_eur"] = ("faelle", "faelle_vorjahr")
    counts, identities = ["faelle", "faelle_vorjahr"], []
    for n, _ in enumerate(stand.gueltige, 1):
        own = [f"faelle_s{n}", f"faelle_s{n}_ohne"]
        counts += own
        identities.append({"faelle": 1, own[0]: -1, own[1]: -1})
        figures[f"s{n}_eur"] = ("faelle", own[0])
        figures |= dict.fromkeys(_spalten_der_wirkung(n), (own[0],))
    for column in counts:
        frame[column] = frame[column].astype("Int64")
    frame = frame[["hilfeart", *counts, *figures]]
    frame = frame.mask(frame.isna(), pd.NA)
    merkmal = stand.panel.merkmal
    return Aufstellung(frame, ("hilfeart",), merkmal, tuple(counts), figures, tuple(identities))


def _spalten_der_wirkung(n: int) -> list[str]:
    return [f"s{n}_{art}_eur" for art in ("unterschied", *ARTEN, "folgejahr")]


def _zeile(stand: Szenariostand, name: str) -> Zeile:
    basis, behind = stand.basis[name].wert, stand.panel.faelle.get(name, 0)
    vorjahr = stand.panel.traeger.faelle_vorjahr.get(name, 0)
    row: Zeile = {
        "hilfeart": name, "faelle": behind, "faelle_vorjahr": vorjahr, "basis_eur": basis,
    }  # fmt: skip
    if stand.hochrechnung is not None:
        row["hochrechnung_eur"] = stand.hochrechnung.get(name)
    for n, e in enumerate(stand.gueltige, 1):
        w = e.wirkungen.get(name)
        teile = (w.unterschied, *w.schritte, w.folgejahr) if w else (NULL,) * (len(ARTEN) + 2)
        row[f"faelle_s{n}"] = behind if w else 0
        row[f"faelle_s{n}_ohne"] = 0 if w else behind
        row[f"s{n}_eur"] = None if basis is None else basis + teile[0]
        row |= dict(zip(_spalten_der_wirkung(n), teile, strict=True))
    return row


def _summe(stand: Szenariostand, rows: Sequence[Mapping[str, Zelle]]) -> Zeile:
    """Add up the rows; the chosen forecast brings its own total, which is reconciled.

    Who carries the whole is no sum: it leaves no rest where a scenario changes nothing.
    """
    total: Zeile = {
        column: sum(
            (v for r in rows if isinstance(v := r[column], int | Decimal)), start=_null(column)
        )
        for column in rows[0]
        if column not in ("hilfeart", "hochrechnung_eur")
    }
    counts = stand.panel.traeger
    total |= {"faelle": counts.faelle.get(INSGESAMT, 0)}
    total |= {"faelle_vorjahr": counts.faelle_vorjahr.get(INSGESAMT, 0)}
    total |= {f"faelle_s{n}_ohne": None for n, _ in enumerate(stand.gueltige, 1)}
    if stand.hochrechnung is not None:
        # A single series is its own total.
        total["hochrechnung_eur"] = [*stand.hochrechnung.values()][-1]
    return {"hilfeart": INSGESAMT, **total}


def _null(column: str) -> int | Decimal:
    return 0 if column.startswith("faelle") else NULL


def spalten_vergleich(stand: Szenariostand) -> dict[str, tuple[str, str]]:
    """Return the columns that put base and scenarios side by side, for ``present.table``."""
    columns = {}
    if stand.hochrechnung is not None:
        columns["hochrechnung_eur"] = ("gewählte Hochrechnung (€)", "anzahl")
    columns["basis_eur"] = ("Basis: Fälle × Kosten (€)", "anzahl")
    for n, e in enumerate(stand.gueltige, 1):
        columns[f"s{n}_eur"] = (f"{titel(e)} (€)", "anzahl")
    return columns


def spalten_wirkung(stand: Szenariostand, name: str) -> dict[str, tuple[str, str]]:
    """Return the columns with the effect of one valid scenario (by file name) by kind."""
    n = 1 + [e.name for e in stand.gueltige].index(name)
    naechstes = stand.panel.jahr + 1
    texte = {"unterschied": "Unterschied zur Basis", **{a: f"davon {t}" for a, t in ARTEN.items()},
             "folgejahr": f"Wirkung {naechstes}"}  # fmt: skip
    return {f"s{n}_{art}_eur": (f"{text} (€)", "anzahl") for art, text in texte.items()}


def titel(e: Eintrag) -> str:
    """Return what a reader calls a scenario; a faulty file has its name only."""
    return e.szenario.titel if e.szenario is not None else e.name


def zustaende(stand: Szenariostand) -> Aufstellung:
    """Every scenario file of the Stichtag with its state, and why it is not computed."""
    rows = [
        (e.name, titel(e), e.zustand, e.grund, e.szenario.stelle if e.szenario else "")
        for e in stand.eintraege
    ]
    return _texte(rows, ("szenario",), ("titel", "zustand", "grund", "stelle"), "Szenarien")


def annahmen(stand: Szenariostand) -> Aufstellung:
    """The assumptions of the valid scenarios in words, numbered as in their files."""
    rows = [
        (titel(e), f"{nr}", text)
        for e in stand.gueltige
        for nr, text in enumerate(in_worten(e.szenario), 1)
    ]
    return _texte(rows, ("szenario", "nr"), ("annahme",), "Annahmen")


def _texte(
    rows: Sequence[tuple[str, ...]], je: tuple[str, ...], texte: tuple[str, ...], merkmal: str
) -> Aufstellung:
    import pandas as pd

    frame = pd.DataFrame(rows, columns=[*je, *texte], dtype="object")
    return Aufstellung(frame, je, merkmal, abgeleitet=dict.fromkeys(texte, ()))


def in_worten(szenario: Szenario | None) -> list[str]:
    """Return each assumption of a scenario as one German line."""
    return [_annahme(a, szenario) for a in szenario.annahmen] if szenario else []


def _annahme(a: Annahme, szenario: Szenario) -> str:
    wann = f"ab {a.ab:%d.%m.%Y}"
    if a.art == "entgelt":
        was = f"Entgelte {_vorzeichen(a.prozent)} %"
        if a.ab <= szenario.stichtag:
            wann += " (soweit die letzten drei Monate sie noch nicht enthalten)"
    elif a.art == "plaetze":
        was = f"{_vorzeichen(Decimal(a.anzahl))} {'Platz' if abs(a.anzahl) == 1 else 'Plätze'}"
        wann += f" bis {a.bis:%d.%m.%Y}" if a.bis else ""
    else:
        teile = ((a.fallzahl_prozent, "Fallzahl", "%"), (a.kosten_prozent, "Kosten je Fall", "%"),
                 (a.einmalig_eur, "einmalig", "€"))  # fmt: skip
        was = "Rechtsänderung: " + ", ".join(
            f"{name} {_vorzeichen(wert)} {einheit}"
            for wert, name, einheit in teile
            if wert is not None
        )
    return f"{', '.join(_kurz(h) for h in a.hilfeart)}: {was} {wann}"


def _vorzeichen(wert: Decimal) -> str:
    text = f"{abs(wert).normalize():,f}".translate(str.maketrans(",.", ".,"))
    return f"{'−' if wert < 0 else '+'} {text}"


def _kurz(hilfeart: str) -> str:
    if hilfeart == ALLE:
        return "alle Hilfearten"
    code = catalogue.codeliste("hilfeart").gueltig[hilfeart]
    return code.merkmale.get("kurz", code.name)


def satz(stand: Szenariostand) -> str:
    """Return what a reader must know to read :func:`vergleich`, or why there is none."""
    if not stand.eintraege:
        return (
            "Zu diesem Stichtag gibt es keine Szenarien. Das Controlling legt eines an mit: "
            f"sozcontrol szenarien --stichtag {stand.stichtag} --neu NAME"
        )
    if not stand.gueltige:
        return (
            "Kein Szenario zu diesem Stichtag gilt für die jetzigen Daten; die Gründe stehen beim "
            "Szenario."
        )
    ohne = [_kurz(n) for n, b in stand.basis.items() if b.wert is None]
    return f"{_SATZ} Ohne Basis, auch in der Summe: {', '.join(ohne)}." if ohne else _SATZ
