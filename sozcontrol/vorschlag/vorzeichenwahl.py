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
from sozcontrol.vorschlag.zielwahl import Treffer, Wahl

MEIST = 0.8
_MOST_KINDS = 12
Faktoren = dict[str, int]


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
    """Return the sign rules of the one amount of *wahl* whose accounts tell its direction."""
    amounts = [h for h in wahl.treffer.values() if h.ziel.typ == "betrag" and h.ziel.pflicht]
    account = wahl.treffer.get("konto")
    if len(amounts) != 1 or account is None:
        return ()
    values = _values(amounts[0].quelle)
    rules = []
    if (side := _named(columns, quellnamen().soll_haben.namen)) is not None:
        rule = _debit_credit(amounts[0], side)
        values = [
            v and v * rule.faktoren.get(c, 1) for v, c in zip(values, side.zellen, strict=True)
        ]
        rules.append(rule)
    kind = _named(columns, quellnamen().kontoarten)
    rules += (
        _by_kind(amounts[0], kind, values) if kind else _by_account(amounts[0], account, values)
    )
    return tuple(rules)


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


def _debit_credit(amount: Treffer, side: Spaltenbefund) -> Vorzeichenregel:
    known = quellnamen().soll_haben.faktoren
    factors = {word: known[word] for word in sorted(side.gefuellt) if word in known}
    why = "Soll zählt +, Haben −; bei Erträgen kehrt die nächste Regel es um"
    return Vorzeichenregel(amount.ziel.name, side.name, factors, False, why)


def _negative(keys: Sequence[str], values: Sequence[Decimal | None]) -> dict[str, tuple[int, int]]:
    """Return how many amounts of each kind are negative, and how many there are."""
    found: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for key, value in zip(keys, values, strict=True):
        if value:
            found[key][0] += value < 0
            found[key][1] += 1
    return {key: (minus, total) for key, (minus, total) in sorted(found.items())}


def _by_kind(
    amount: Treffer, kind: Spaltenbefund, values: Sequence[Decimal | None]
) -> list[Vorzeichenregel]:
    found = _negative(kind.zellen, values)
    turned = {k: -1 if minus > MEIST * total else 1 for k, (minus, total) in found.items()}
    if -1 not in turned.values() or len(turned) > _MOST_KINDS:
        return []
    why = f"wo »{kind.name}« einen Ertrag nennt, sind die Beträge fast alle negativ"
    return [Vorzeichenregel(amount.ziel.name, kind.name, turned, False, why)]


def _by_account(
    amount: Treffer, account: Treffer, values: Sequence[Decimal | None]
) -> list[Vorzeichenregel]:
    """Turn the accounts of one beginning whose amounts are nearly all negative: revenues."""
    found = _negative([cell[:1] for cell in account.quelle.zellen], values)
    turned = {k: -1 if minus > MEIST * total else 1 for k, (minus, total) in found.items()}
    if -1 not in turned.values() or not all(map(str.isdigit, turned)):
        return []
    told = ", ".join(
        f"{k}…: {found[k][0]} von {found[k][1]} negativ" for k, f in turned.items() if f < 0
    )
    ask = f"Konten, die so beginnen, stehen meist im Minus ({told}). Sind es Erträge? (-1 dreht um)"
    name = account.quelle.name
    return [
        Vorzeichenregel(amount.ziel.name, name, turned, True, "nach dem Anfang des Kontos", ask)
    ]
