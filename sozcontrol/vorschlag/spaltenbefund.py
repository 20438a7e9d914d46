"""What the cells of one column show: type, dates, numbers, signs, leading zeros, people.

Only counts and shapes leave this module, never a cell.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from sozcontrol.catalogue.profil import Herkunft
from sozcontrol.intake.model import Zahlzelle
from sozcontrol.tidy.dates import GERMAN, ISO, LAST_YEAR, Datumsformat
from sozcontrol.tidy.numbers import Zahlformat

DATUMSFORMATE = (
    GERMAN, ISO, "%d.%m.%y", "%Y/%m", "%m/%Y", "%m.%Y", "%Y-%m", "%Y%m%d", "%b %Y", "%d/%m/%Y",
)  # fmt: skip
LEER = frozenset(Herkunft(zeilennummer=True).leer)
OFFEN = frozenset({"00.00.0000", "0000-00-00", "99.99.9999"})
_LAST = ((31, 12), (30, 12))
_FAR, _PLANNED = 2100, 2040
_DASHES = ("-", "–")
NAME = re.compile(r"^(?:Frau|Herrn?|Fam\.|Familie|Eheleute|Dr\.) |^[^\W\d]+,? [^\W\d]+$")
"""What may be a name: a form of address, or two words and no more."""
HAEUFIG, WORTE = 3, 12
"""From how often on a text may be a word of its system, and how many words make a list of codes."""
_WORD = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True)
class Zahlbefund:
    """How the numbers of a column are written, and what speaks for it."""

    dezimal: str
    quote: float
    nachkomma: int
    gruppiert: int
    zweifelhaft: int
    negativ: int
    minus_hinten: int
    einheit: str | None

    @property
    def eindeutig(self) -> bool:
        """Whether no »1.234« could as well be a decimal number."""
        return not self.zweifelhaft or bool(self.nachkomma)


@dataclass(frozen=True)
class Spaltenbefund:
    """One source column: where it stands, what the profile calls it, its cells of data rows."""

    nummer: int
    name: str
    zellen: tuple[str, ...]
    typisiert: bool = False

    @cached_property
    def gefuellt(self) -> Counter[str]:
        """The texts that mean something, with how often each stands there."""
        return Counter(c for c in self.zellen if c not in LEER)

    @property
    def leer(self) -> int:
        """How many cells mean nothing."""
        return len(self.zellen) - self.gefuellt.total()

    def _rate(self, fits: Iterable[str]) -> float:
        return sum(self.gefuellt[t] for t in fits) / max(self.gefuellt.total(), 1)

    @cached_property
    def offene(self) -> tuple[str, ...]:
        """The texts that stand for »no end yet«: 31.12.9999 and its kin."""
        return tuple(sorted(t for t in self.gefuellt if t in OFFEN or _far(t)))

    @cached_property
    def daten(self) -> dict[str, float]:
        """Date formats with the share of filled cells each reads, the best first."""
        rates = {f: self._rate(t for t in self.gefuellt if self._is_date(t, f))
                 for f in DATUMSFORMATE}  # fmt: skip
        return dict(sorted(((f, r) for f, r in rates.items() if r), key=lambda i: -i[1]))

    def _is_date(self, text: str, form: str) -> bool:
        if isinstance(text, Zahlzelle):
            return False
        if text in self.offene:
            return form in (GERMAN, ISO) and (form == ISO) == ("-" in text)
        return _date(text, form) is not None

    @cached_property
    def zahlen(self) -> Zahlbefund:
        """How its numbers are written, by the decimal sign that reads more of them."""
        return max(map(self._numbers, (",", ".")), key=lambda z: (z.quote, z.nachkomma))

    def _numbers(self, point: str) -> Zahlbefund:
        groups = "".join(c for c in ". \u00a0\u202f\u2009'’,".replace(point, ""))
        form = Zahlformat(point, groups, _unit(self.gefuellt))
        read = {t: v for t in self.gefuellt if (v := _number(form, t)) is not None}

        def count(texts: Iterable[str]) -> int:
            return sum(self.gefuellt[t] for t in texts)

        other = "." if point == "," else ","
        return Zahlbefund(
            dezimal=point,
            quote=self._rate(read),
            # »1.500« is no evidence for a decimal point.
            nachkomma=count(t for t, v in read.items() if v % 1 and not form.ambiguous(t)),
            gruppiert=count(t for t in read if other in t),
            zweifelhaft=count(t for t in read if form.ambiguous(t)),
            negativ=count(t for t, v in read.items() if v < 0),
            minus_hinten=count(t for t in read if t.rstrip(" €").endswith("-")),
            einheit=form.einheit,
        )

    @property
    def laenge(self) -> int | None:
        """The length of all texts where some begin with zero: lost zeros are noticed by it."""
        lengths = {len(t) for t in self.gefuellt}
        zeros = any(t.startswith("0") and t.isdigit() and len(t) > 1 for t in self.gefuellt)
        return next(iter(lengths)) if zeros and len(lengths) == 1 else None

    @property
    def art(self) -> str:
        """Whether the cells are dates, numbers or text (or nothing)."""
        if not self.gefuellt:
            return "leer"
        if next(iter(self.daten.values()), 0.0) >= 0.9:
            return "datum"
        return "zahl" if self.zahlen.quote >= 0.9 else "text"

    @property
    def erzaehlt(self) -> bool:
        """Whether its cells look like names or free text: many different ones, made of words."""
        if self.art != "text" or len(self.gefuellt) < max(5, self.gefuellt.total() * 0.4):
            return False
        worded = self._rate(t for t in self.gefuellt if _WORD.search(t) and not _coded(t))
        return worded > 0.6

    @property
    def nummern(self) -> float:
        """The share of its cells that hold a digit: words tell no case from another."""
        return self._rate(t for t in self.gefuellt if any(map(str.isdigit, t)))

    @property
    def wortliste(self) -> bool:
        """Whether its cells are few words that repeat, none built like a name."""
        few = 0 < len(self.gefuellt) <= WORTE
        return few and all(n >= HAEUFIG and not NAME.search(t) for t, n in self.gefuellt.items())

    @property
    def namensartig(self) -> bool:
        """Whether a third of its cells are built like names."""
        return self._rate(t for t in self.gefuellt if NAME.search(t)) > 1 / 3

    def beschreibung(self) -> str:
        """Return in German what the column shows."""
        total = len(self.zellen)
        parts = [f"{self.leer} von {total} leer", f"{len(self.gefuellt)} verschiedene"]
        if self.art == "datum":
            shown = [f"{f} {_pct(r)}" for f, r in self.daten.items() if r > 0.05]
            parts.append("Datum: " + ", ".join(shown[:3]))
            parts += self._centuries()
        elif self.art == "zahl":
            parts.append(self._number_words())
        else:
            parts.append(self.art if self.art == "leer" else "Text")
        if self.offene:
            parts.append("offenes Ende: " + ", ".join(self.offene))
        if self.laenge:
            parts.append(f"führende Nullen, Länge {self.laenge}")
        return "; ".join(parts)

    def _centuries(self) -> list[str]:
        """Say what becomes of years with two digits."""
        form = next(iter(self.daten))
        if "%y" not in form:
            return []
        days = [d for t in self.gefuellt if (d := _date(t, form))]
        old = sum(d.year < 2000 for d in days)
        return [f"Jahre zweistellig: {old} als 19xx gelesen, {len(days) - old} als 20xx (bis 68)"]

    @property
    def jahre_bis(self) -> int | None:
        """The century of years with two digits, by the widest gap between them.

        None where it is clear: no year is read that lies further ahead than plans reach.
        """
        form = next(iter(self.daten), "")
        days = [d for t in self.gefuellt if (d := _date(t, form))] if "%y" in form else []
        if not any(d.year > _PLANNED for d in days):
            return None
        years = sorted({d.year % 100 for d in days})
        gaps = [
            (after - before) % 100
            for before, after in zip(years, years[1:] + years[:1], strict=True)
        ]
        widest = max(range(len(gaps)), key=lambda i: (gaps[i], -i))
        century = 1900 if years[widest] > _PLANNED % 100 else 2000
        return max(century + years[widest] + min(gaps[widest] // 2, 10), 1999)

    @property
    def nullendoppel(self) -> int:
        """How many numbers differ from another one by leading zeros only."""
        bare = Counter(t.lstrip("0") for t in self.gefuellt if t.isdigit())
        return sum(n - 1 for n in bare.values())

    @property
    def striche(self) -> int:
        """How many cells hold nothing but a dash."""
        return sum(c in _DASHES for c in self.zellen)

    def _number_words(self) -> str:
        z = self.zahlen
        words = [f"Zahl {_pct(z.quote)}"]
        if z.nachkomma:
            words.append(f"{z.nachkomma} mit Nachkommastellen nach »{z.dezimal}«")
        if z.negativ:
            where = "hinten" if z.minus_hinten else "vorn"
            words.append(f"{z.negativ} negativ, Minus {where}")
        if not z.eindeutig:
            words.append(f"{z.zweifelhaft} wie 1.234, ohne eine mit Nachkommastellen")
        return ", ".join(words)


def _pct(rate: float) -> str:
    return (
        f"{rate:.0%}".replace("%", " %")
        if rate > 0.995 or rate < 0.005
        else f"{rate * 100:.1f} %".replace(".", ",")
    )


def _date(text: str, form: str) -> date | None:
    try:
        return Datumsformat((form,)).parse(text)
    except ValueError:
        return None


def _far(text: str) -> bool:
    for form in (GERMAN, ISO):
        try:
            day = Datumsformat((form,)).parse_any_year(text)
        except ValueError:
            continue
        return day.year > LAST_YEAR or (day.year > _FAR and (day.day, day.month) in _LAST)
    return False


def _number(form: Zahlformat, text: str) -> Decimal | None:
    try:
        return form.parse(text)
    except (ValueError, ArithmeticError):
        return None


def _unit(texts: Iterable[str]) -> str | None:
    """Return the unit that is written in the cells."""
    ends = {t[-2:].strip() for t in texts}
    if any(e.endswith("T€") for e in ends):
        return "T€"
    if any(e.endswith("€") for e in ends):
        return "EUR"
    return "%" if any(e.endswith("%") for e in ends) else None


def _coded(text: str) -> bool:
    """Whether a text is a number or a key rather than words: more than a third are digits."""
    return sum(c.isdigit() for c in text) * 3 > len(text)
