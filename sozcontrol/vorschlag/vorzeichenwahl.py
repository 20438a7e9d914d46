"""Which way the amounts of a ledger point, by what its signs, sides and accounts show."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sozcontrol.catalogue.quellnamen import quellnamen
from sozcontrol.tidy.numbers import Zahlformat
from sozcontrol.vorschlag.namenswissen import schluessel
from sozcontrol.vorschlag.spaltenbefund import Spaltenbefund
from sozcontrol.vorschlag.zielwahl import Wahl

MEIST = 0.8
_MOST_KINDS = 12
SEITE = "Soll oder Haben"
"""What melting calls the side of an amount, where each side is a column of its own."""
_BEIDE = "Soll zählt +, Haben −; bei Erträgen kehrt die nächste Regel es um"
Faktoren = dict[str, int]
Zaehlung = dict[str, tuple[int, int]]
"""Per kind how many amounts are negative, and how many there are."""


@dataclass(frozen=True)
class Vorzeichenregel:
    """A sign rule as the profile writes it, with the question it raises, if any."""

    spalte: str
    nach: str
    faktoren: Faktoren
    am_anfang: bool
    grund: str
    frage: str | None = None


def signs(wahl: Wahl, columns: Sequence[Spaltenbefund]) -> tuple[Vorzeichenregel, ...]:
    """Return the sign rules of the one amount of *wahl*: by its sides, and by its accounts."""
    name, sources = _amounts(wahl, columns)
    account = wahl.treffer.get("konto")
    if name is None or (account is None and not wahl.schmelze.seiten):
        return ()
    values = [value for source in sources for value in _values(source)]
    times, rules = len(sources), list[Vorzeichenregel]()
    if wahl.schmelze.seiten:
        facts = quellnamen().soll_haben
        sides = {side: facts.faktoren[side] for side in facts.spalten}
        rules.append(Vorzeichenregel(name, SEITE, sides, False, _BEIDE))
        signed = [sides[wahl.schmelze.seiten[s.name]] for s in sources for _ in s.zellen]
        values = [v and v * f for v, f in zip(values, signed, strict=True)]
    elif (side := _named(columns, quellnamen().soll_haben.namen)) is not None:
        rule = _debit_credit(name, side)
        factors = [rule.faktoren.get(c, 1) for c in side.zellen * times]
        values = [v and v * f for v, f in zip(values, factors, strict=True)]
        rules.append(rule)
    if (kind := _named(columns, quellnamen().kontoarten)) is not None:
        return (*rules, *_by_kind(name, kind, _negative(kind.zellen * times, values)))
    if account is None:
        return tuple(rules)
    starts = [cell[:1] for cell in account.quelle.zellen * times]
    return (*rules, *_by_account(name, account.quelle.name, _negative(starts, values)))


def _amounts(
    wahl: Wahl, columns: Sequence[Spaltenbefund]
) -> tuple[str | None, list[Spaltenbefund]]:
    """Return the one mandatory amount of the table and the columns it comes from."""
    names = [s.name for s in wahl.tabelle.spalten if s.typ == "betrag" and s.pflicht]
    if len(names) != 1:
        return None, []
    if names[0] == wahl.schmelze.wert:
        return names[0], [c for c in columns if c.name in wahl.schmelze.spalten]
    hit = wahl.treffer.get(names[0])
    return (names[0], [hit.quelle]) if hit else (None, [])


def _named(columns: Sequence[Spaltenbefund], names: Sequence[str]) -> Spaltenbefund | None:
    keys = set(map(schluessel, names))
    return next((c for c in columns if schluessel(c.name) in keys and c.gefuellt), None)


def _values(source: Spaltenbefund) -> list[Decimal | None]:
    z = source.zahlen
    form = Zahlformat(z.dezimal, ".,".replace(z.dezimal, "") + " \u00a0'’", z.einheit, euro=True)
    found: list[Decimal | None] = []
    for cell in source.zellen:
        try:
            found.append(form.parse(cell) if cell in source.gefuellt else None)
        except (ValueError, ArithmeticError):
            found.append(None)
    return found


def _debit_credit(amount: str, side: Spaltenbefund) -> Vorzeichenregel:
    known = quellnamen().soll_haben.faktoren
    factors = {word: known[word] for word in sorted(side.gefuellt) if word in known}
    return Vorzeichenregel(amount, side.name, factors, False, _BEIDE)


def _negative(keys: Sequence[str], values: Sequence[Decimal | None]) -> Zaehlung:
    """Return how many amounts of each kind are negative, and how many there are."""
    found: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for key, value in zip(keys, values, strict=True):
        if value:
            found[key][0] += value < 0
            found[key][1] += 1
    return {key: (minus, total) for key, (minus, total) in sorted(found.items())}


def _turned(found: Zaehlung) -> Faktoren:
    return {k: -1 if minus > MEIST * total else 1 for k, (minus, total) in found.items()}


def _by_kind(amount: str, kind: Spaltenbefund, found: Zaehlung) -> list[Vorzeichenregel]:
    turned = _turned(found)
    if -1 not in turned.values() or len(turned) > _MOST_KINDS:
        return []
    why = f"je Wort in »{kind.name}«: -1, wo die Beträge fast alle negativ sind"
    return [Vorzeichenregel(amount, kind.name, turned, False, why)]


def _by_account(amount: str, name: str, found: Zaehlung) -> list[Vorzeichenregel]:
    """Turn the accounts of one beginning whose amounts are nearly all negative."""
    turned = _turned(found)
    if -1 not in turned.values() or not all(map(str.isdigit, turned)):
        return []
    told = ", ".join(
        f"{k}…: {found[k][0]} von {found[k][1]} negativ" for k, f in turned.items() if f < 0
    )
    ask = f"Konten, die so beginnen, stehen meist im Minus ({told}). Sind es Erträge? (-1 dreht um)"
    return [Vorzeichenregel(amount, name, turned, True, "nach dem Anfang des Kontos", ask)]
