"""German numbers, strictly: what the profile declares, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property

from sozcontrol.catalogue.profil import Herkunft
from sozcontrol.intake import Zahlzelle

_EURO = ("€", "EUR", "Euro")
_TEURO = ("T€", "TEUR", "TEuro", "Tsd. €", "Tsd. EUR", "Tsd. Euro", "Tsd.€")
_UNITS = {None: (), "EUR": _EURO, "T€": _TEURO, "%": ("%",), "Anteil": ("%",)}
_MINUS = "\u2212\u2013-"  # minus sign, en dash, hyphen (last: it ends a character class)
_SIGNS = "+" + _MINUS
_FLOAT = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]\d+)?", re.ASCII)
_EXPONENT = re.compile(r"[-+]?\d+(?:[.,]\d+)?[eE][-+]?\d+", re.ASCII)
_CENT = Decimal("0.01")


@dataclass(frozen=True)
class Zahlformat:
    """How numbers of one column are written.

    ``dezimal`` and ``tausender`` are the signs allowed; groups must have three digits. ``euro``
    allows a euro sign where no unit is declared. A text with ``%`` in a column of unit *Anteil*
    is divided by 100; in a column of unit *%* the sign is dropped.
    """

    dezimal: str = ","
    tausender: str = ". \u00a0\u202f\u2009'’"
    einheit: str | None = None
    faktor: int = 1
    euro: bool = False
    gleitkomma: bool = False

    @classmethod
    def of(cls, origin: Herkunft, *, euro: bool = False) -> Zahlformat:
        """Return the format a profile declares."""
        return cls(
            origin.dezimal, origin.tausender, origin.einheit, origin.faktor, euro, origin.gleitkomma
        )

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        groups = re.escape("".join(c for c in self.tausender if c != self.dezimal))
        point = re.escape(self.dezimal)
        grouped = (
            rf"[1-9]\d{{0,2}}(?P<t>[{groups}])\d{{3}}(?:(?P=t)\d{{3}})*" if groups else r"(?!)"
        )
        number = rf"(?P<whole>{grouped}|\d+)(?:{point}(?P<part>\d+))?"
        signed = rf"(?P<lead>[{_SIGNS}])?\s?{number}\s?(?P<trail>[{_SIGNS}])?"
        return re.compile(rf"(?:{signed})|\((?P<inner>[^()]+)\)", re.ASCII)

    @cached_property
    def _units(self) -> tuple[str, ...]:
        units = _EURO if self.einheit is None and self.euro else _UNITS[self.einheit]
        return tuple(sorted(units, key=len, reverse=True))

    def parse(self, text: str) -> Decimal:
        """Return the number *text* stands for, times ``faktor``.

        Raises:
            ValueError: It isn't a number in this format. The message is empty: a cell's text never
                travels in an exception.
        """
        if self.gleitkomma and _FLOAT.fullmatch(text):
            return Decimal(text).quantize(_CENT, ROUND_HALF_UP) * self.faktor
        if isinstance(text, Zahlzelle):
            return Decimal(text) * self.faktor
        body, unit = self._without_unit(text)
        hit = self._pattern.fullmatch(body)
        negative = False
        if hit and hit["inner"] is not None:
            # Bookkeepers' brackets: (1.234,56) is negative, and holds no second sign.
            hit, negative = self._pattern.fullmatch(hit["inner"].strip()), True
            if hit is None or hit["inner"] or hit["lead"] or hit["trail"]:
                raise ValueError
        if hit is None or (hit["lead"] and hit["trail"]):
            raise ValueError
        return self._value(hit, negative, unit)

    def _value(self, hit: re.Match[str], negative: bool, unit: str | None) -> Decimal:
        whole = re.sub(r"\D", "", hit["whole"])
        number = Decimal(f"{whole}.{hit['part']}" if hit["part"] else whole)
        sign = hit["lead"] or hit["trail"]
        if negative or (sign and sign != "+"):
            number = -number
        if unit == "%" and self.einheit == "Anteil":
            number = number.scaleb(-2)
        return number * self.faktor

    def _without_unit(self, text: str) -> tuple[str, str | None]:
        for unit in self._units:
            if text.endswith(unit):
                return text[: -len(unit)].rstrip(), unit
            if text.startswith(unit):
                return text[len(unit) :].lstrip(), unit
        return text, None

    def ambiguous(self, text: str) -> bool:
        """Whether *text* could be a decimal number in another country (»1.234«)."""
        body = text.strip("()" + _SIGNS)
        return not isinstance(text, Zahlzelle) and bool(
            re.fullmatch(r"[1-9]\d{0,2}[.,]\d{3}", body)
        )

    def proves(self, text: str) -> bool:
        """Whether *text* shows what its point or comma means: »0,5«, »1.234,5«, »1.234.567«."""
        return not isinstance(text, Zahlzelle) and bool(
            re.fullmatch(r".*\d[.,].*", text) and not self.ambiguous(text)
        )

    def has_decimals(self, text: str) -> bool:
        """Whether *text* uses the declared decimal sign."""
        return not isinstance(text, Zahlzelle) and self.dezimal in text


def spelt(texts: Iterable[str]) -> str:
    """Say what makes texts no numbers, where it is one of the spellings Excel leaves behind."""
    all_of = list(texts)
    found = {
        "mit Apostroph davor (Text statt Zahl)": sum(t[:1] in "'’" and t != "" for t in all_of),
        "mit Exponent (1,2E+05)": sum(bool(_EXPONENT.fullmatch(t)) for t in all_of),
    }
    return ", ".join(f"{number} {what}" for what, number in found.items() if number)


def decimals(number: Decimal) -> int:
    """Return how many decimals *number* needs."""
    exponent = number.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
