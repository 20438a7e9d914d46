"""From a file to a proposal: sheet by sheet, which table it feeds and how each column is read."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sozcontrol.catalogue import Spalte
from sozcontrol.catalogue.profil import Quelldatei
from sozcontrol.catalogue.quellnamen import quellnamen
from sozcontrol.errors import DeliveryError
from sozcontrol.intake import normalise
from sozcontrol.intake.rules import FileRejected
from sozcontrol.tidy.numbers import spelt
from sozcontrol.vorschlag.codewahl import of_header
from sozcontrol.vorschlag.herleitung import Zeile, asked_for, coded, made_up, read_as
from sozcontrol.vorschlag.kopfsuche import OHNE_KOPF, Kopfbefund, find
from sozcontrol.vorschlag.namenswissen import alle_namen
from sozcontrol.vorschlag.quelle import Blatt, Quelle, in_order, rejected
from sozcontrol.vorschlag.spaltenbefund import Spaltenbefund
from sozcontrol.vorschlag.spaltenschmelze import ZAHLEN
from sozcontrol.vorschlag.summenbeweis import Rohtafel, Zeilenbefund, body_of, columns_of, rows_of
from sozcontrol.vorschlag.vorzeichenwahl import SEITE, Vorzeichenregel, signs
from sozcontrol.vorschlag.zielwahl import Treffer, Wahl, beside, choose, named_like, persoenlich

WERT, _HALF = "Wert", 0.5
_DIGITS = re.compile(r"\d[\d._-]*")


@dataclass(frozen=True)
class Wunsch:
    """What a person says beforehand: the table a file feeds, the last row of its header."""

    tabelle: str | None = None
    kopf: int | None = None


@dataclass(frozen=True)
class Blattvorschlag:
    """One sheet's entry of the profile."""

    blatt: Blatt
    kopf: Kopfbefund
    zeilen: Zeilenbefund
    wahl: Wahl
    naechste: str | None
    spalten: tuple[Zeile, ...]
    daneben: tuple[tuple[Wahl, tuple[Zeile, ...]], ...]
    schmelzen: dict[str, dict[str, str]]
    vorzeichen: tuple[Vorzeichenregel, ...]
    auslassen: tuple[tuple[str, int], ...]
    ignoriert: tuple[tuple[str, str], ...]
    datenzeilen: int


@dataclass(frozen=True)
class Vorschlag:
    """A profile for one file."""

    quelle: Quelle
    name: str
    blaetter: tuple[Blattvorschlag, ...]
    uebergangen: tuple[str, ...] = field(default=())

    @property
    def nur_ziffern(self) -> bool:
        """Whether nothing in the file's name stays the same from delivery to delivery."""
        return not any(map(str.isalpha, self.quelle.pfad.stem))

    @property
    def muster(self) -> str:
        """The pattern of the file's name: what changes from delivery to delivery is its digits."""
        stem, suffix = self.quelle.pfad.stem, self.quelle.pfad.suffix
        if self.nur_ziffern:
            return self.quelle.name
        return re.sub(r"\*+", "*", _DIGITS.sub("*", stem)) + suffix

    @property
    def gleichnamige(self) -> list[Path]:
        """The files of its folder that the same pattern finds, where their names tell an order."""
        if self.quelle.abfrage:
            return []
        return in_order(self.quelle.pfad, Quelldatei(name="-", muster=self.muster, tabellen=()))


def slug(name: str) -> str:
    """Return *name* as a profile can be called: small letters, digits, underscores."""
    text = re.sub(r"[^a-z]+", "_", _DIGITS.sub("_", normalise(name))).strip("_")
    return text if re.match(r"[a-z]", text) else "profil"


def propose(quelle: Quelle, name: str, wunsch: Wunsch) -> Vorschlag:
    """Return the proposal for one file.

    Raises:
        DeliveryError: No sheet holds a table whose columns are known.
    """
    found, skipped = [], []
    faults: list[DeliveryError] = []
    for blatt in quelle.blaetter:
        one = None
        try:
            one = _sheet(quelle, blatt, wunsch)
        except FileRejected as fault:
            faults.append(rejected(quelle.pfad, fault))
        except DeliveryError as fault:
            faults.append(fault)
        if one is None or (not blatt.sichtbar and any(s.sichtbar for s in quelle.blaetter)):
            why = "ausgeblendet" if not blatt.sichtbar else "keine Tabelle mit bekannten Spalten"
            skipped.append(f"Blatt Nr. {blatt.nummer}: {why}")
        else:
            found.append(one)
    if not found and faults:
        raise faults[-1]
    if not found:
        raise DeliveryError(
            "In dieser Datei ist keine Tabelle mit bekannten Spalten zu finden.",
            wo=quelle.name,
            tun="Die letzte Kopfzeile nennen (--kopf ZEILE) oder die Zieltabelle (--tabelle NAME). "
            f"{OHNE_KOPF}",
        )
    return Vorschlag(quelle, name, tuple(found), tuple(skipped))


def _sheet(quelle: Quelle, blatt: Blatt, wunsch: Wunsch) -> Blattvorschlag | None:
    head = find(blatt.grid, alle_namen(), wunsch.kopf, quelle.name)
    if head is None:
        return None
    tafel = Rohtafel(blatt.grid, head.header)
    rows = rows_of(tafel)
    body = body_of(tafel, rows)
    columns = columns_of(tafel, body)
    ranked = choose(columns, wunsch.tabelle)
    if not ranked:
        return None
    wahl = ranked[0]
    if wunsch.tabelle is None and wahl.anteil < _HALF:
        raise _too_little(quelle, wahl)
    titel = " ".join(c for row in blatt.grid.zellen[: head.header.von] for c in row if c)
    lines = _lines(wahl, titel, columns)
    more = tuple((other, _lines(other, titel, columns)) for other in beside(wahl, columns))
    every = (*lines, *(line for _, found in more for line in found))
    named = {line.angaben.get("aus") for line in every} | set(wahl.schmelze.spalten)
    used = {c.nummer for c in columns if c.name in named}
    rules = signs(wahl, columns)
    used |= {c.nummer for c in columns if any(r.nach == c.name for r in rules)}
    return Blattvorschlag(
        blatt=blatt, kopf=head, zeilen=rows, wahl=wahl,
        naechste=_next(ranked, [o.tabelle.name for o, _ in more]), spalten=lines, daneben=more,
        schmelzen=_melted(wahl), vorzeichen=rules, auslassen=_left_out(wahl, columns),
        ignoriert=tuple(_ignored(c, columns, wahl) for c in columns if c.nummer not in used),
        datenzeilen=len(body.zeilen),
    )  # fmt: skip


def _too_little(quelle: Quelle, wahl: Wahl) -> DeliveryError:
    """Say which table comes nearest to a file that can feed none, and what it lacks."""
    missing = ", ".join(wahl.tabelle.spalte(name).bezeichnung for name in wahl.offen)
    return DeliveryError(
        f"Zu keiner Tabelle passt diese Datei; am nächsten kommt {wahl.tabelle.name} "
        f"({wahl.tabelle.bezeichnung}), aber es fehlen: {missing}.",
        wo=quelle.name,
        tun="Was diese Tabelle verlangt, zeigt sozcontrol dictionary. Ist sie gemeint: "
        f"--tabelle {wahl.tabelle.name}",
    )


def _next(ranked: Sequence[Wahl], beside: Collection[str]) -> str | None:
    """Return the second table where it is nearly as good as the first, and not fed anyway."""
    others = [w for w in ranked[1:] if w.tabelle.name not in beside]
    close = others and others[0].punkte > 0.85 * ranked[0].punkte
    return others[0].tabelle.name if close else None


def _melted(wahl: Wahl) -> dict[str, dict[str, str]]:
    return {
        name: {pseudo(wahl, c): v for c, v in facets.items()}
        | ({SEITE: wahl.schmelze.seiten[name]} if wahl.schmelze.seiten else {})
        for name, facets in wahl.schmelze.spalten.items()
    }


def pseudo(wahl: Wahl, column: str) -> str:
    """Return what a melted column of the table is called: a year »Jahr«, as other profiles do."""
    return "Jahr" if column in quellnamen().jahre else wahl.tabelle.spalte(column).bezeichnung


def _lines(wahl: Wahl, titel: str, columns: Sequence[Spaltenbefund]) -> tuple[Zeile, ...]:
    """Return a line per canonical column that comes about, in the order of the table."""
    facets = wahl.schmelze.merkmale
    fields = [c.name for c in columns] + [pseudo(wahl, c) for c in facets]
    found = []
    for column in wahl.tabelle.spalten:
        line: Zeile | None = None
        if column.name in facets:
            line = _from_header(wahl, column)
        elif column.name == wahl.schmelze.wert:
            line = _value(wahl, titel, columns)
        elif column.name in wahl.treffer:
            line = read_as(wahl.treffer[column.name], wahl, titel)
        elif column.pflicht:
            line = made_up(column.name, wahl, fields) or asked_for(column, wahl, columns, titel)
        if line:
            found.append(line)
    return tuple(found)


def _from_header(wahl: Wahl, column: Spalte) -> Zeile:
    """Return a column that names of source columns feed."""
    given = {"aus": pseudo(wahl, column.name)}
    if column.name == wahl.schmelze.woerter:
        words = (facets[column.name] for facets in wahl.schmelze.spalten.values())
        return coded(Zeile(column.name, given), of_header(wahl.tabelle, column, words))
    if column.name != wahl.schmelze.aus_kopf:
        return Zeile(column.name, given)
    name, facets = next(iter(wahl.schmelze.spalten.items()))
    ask = f"Steht »{column.bezeichnung}« im Kopf (»{name}« → {facets[column.name]})?"
    return Zeile(column.name, given, {"aus": ask})


def _value(wahl: Wahl, titel: str, columns: Sequence[Spaltenbefund]) -> Zeile:
    """Return how the cells of melted columns are read: all alike."""
    melted = [c for c in columns if c.name in wahl.schmelze.spalten]
    cells = tuple(cell for c in melted for cell in c.zellen)
    together = Spaltenbefund(-1, " ".join(c.name for c in melted), cells, melted[0].typisiert)
    column = wahl.tabelle.spalte(wahl.schmelze.wert or "")
    why = f"Zellen von {len(melted)} Spalten, deren Name sagt, wofür sie stehen"
    line = read_as(Treffer(together, column, 100, why), wahl, titel)
    return Zeile(line.spalte, {**line.angaben, "aus": WERT}, line.fragen, line.bemerkungen)


def _left_out(wahl: Wahl, columns: Sequence[Spaltenbefund]) -> tuple[tuple[str, int], ...]:
    """Return a mandatory column that is empty in rows without any number: headings, no data."""
    numbers = [
        c
        for c in columns
        if c.art == "zahl" and (c.zahlen.nachkomma or c.name in wahl.schmelze.spalten)
    ]
    if not numbers:
        return ()
    bare = [not any(c.zellen[i] for c in numbers) for i in range(len(columns[0].zellen))]
    for hit in wahl.treffer.values():
        empty = [not c for c in hit.quelle.zellen]
        if (
            hit.ziel.pflicht
            and any(empty)
            and all(b for e, b in zip(empty, bare, strict=True) if e)
        ):
            return ((hit.quelle.name, sum(empty)),)
    return ()


def _ignored(
    column: Spaltenbefund, columns: Sequence[Spaltenbefund], wahl: Wahl
) -> tuple[str, str]:
    """Return a column that is left out, and why."""
    if persoenlich(column.name):
        return column.name, "dem Namen nach Menschen oder Freitext"
    if column.erzaehlt:
        return column.name, "sieht nach Namen oder Freitext aus"
    if column.art == "zahl" and _is_sum(
        column, [c for c in columns if c.name in wahl.schmelze.spalten]
    ):
        return (
            column.name,
            f"Summe der {len(wahl.schmelze.spalten)} Spalten daneben (nachgerechnet)",
        )
    if (like := named_like(column, wahl)) is not None:
        return column.name, _looks_like(like, column)
    return column.name, f"keine Zielspalte in {wahl.tabelle.name} ({column.art})"


def _looks_like(column: Spalte, source: Spaltenbefund) -> str:
    how = spelt(source.zellen) if column.typ in ZAHLEN else ""
    why = f": {how}" if how else ""
    return f"heißt wie »{column.bezeichnung}«, aber ihre Zellen passen nicht dazu{why}"


def _is_sum(column: Spaltenbefund, parts: Sequence[Spaltenbefund]) -> bool:
    from sozcontrol.tidy.numbers import Zahlformat

    if len(parts) < 2:
        return False
    try:
        rows = [
            [Zahlformat(c.zahlen.dezimal, "").parse(c.zellen[i]) for c in (column, *parts)]
            for i in range(len(column.zellen))
        ]
    except (ValueError, ArithmeticError):
        return False
    return all(row[0] == sum(row[1:]) for row in rows)
