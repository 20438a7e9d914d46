"""Areas, calendar, editions, municipalities and law changes: the small facts of a run."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import Field

from sozcontrol.catalogue.profil import Land
from sozcontrol.catalogue.yaml_files import Fact

Berichtsart = Literal["operativ", "monitoring", "jahresbericht"]
Reife = Literal["experimentell", "gueltig"]
"""How far a year-end forecast can be trusted: an experiment, or a headline."""
Betrifft = Literal["faelle", "finanzen", "entgelte"]
"""Kinds of series a break shows in: counts of Hilfen, amounts, prices per unit."""


HAUPTBUCH = "buchung"


class Bereich(Fact):
    """One monitoring area = one notebook of the same name + this entry.

    ``braucht`` are the tables it can't do without, ``auch`` those it shows something of when they
    are there; of the others its page says what they cost. ``umfang`` says at the head of the report
    what its figures contain and what they don't. With ``hochrechnung`` it is made only where a
    year-end forecast may be shown. ``leitzahlen`` are the Kennzahlen another report tells of it by,
    the most telling first; unless ``ohne_vorjahr`` beside those of a year ago, called ``gegen``.
    ``rechtskreise`` are those whose changes break its comparisons.
    """

    id: str
    titel: str
    kurz: str
    umfang: str | None = None
    braucht: tuple[str, ...]
    auch: tuple[str, ...] = ()
    kennzahlen: tuple[str, ...]
    berichtsarten: tuple[Berichtsart, ...]
    lieferant: str
    editionen: tuple[str, ...]
    hochrechnung: bool = False
    leitzahlen: tuple[str, ...] = ()
    ohne_vorjahr: bool = False
    gegen: str = "Vorjahr"
    rechtskreise: tuple[str, ...] = ()

    @property
    def liest_hauptbuch(self) -> bool:
        """Whether its figures come from the ledger, also in part."""
        return HAUPTBUCH in (*self.braucht, *self.auch)


class Ursache(Fact):
    """Why a published figure changes; the order of the file is that of attribution.

    ``spaet``: it had happened by then and was not recorded yet.
    """

    id: str
    bezeichnung: str
    spaet: bool = False


class Altersgruppen(Fact):
    """One division of ages into groups: label → first year of age; ``quelle`` says whose it is."""

    id: str
    quelle: str
    ab: Mapping[str, int]


def tag_im_jahr(tag: str, jahr: int) -> date:
    """Return ``TT.MM.`` in *jahr*; a day its month does not have is the month's last."""
    day, month = (int(p) for p in tag.rstrip(".").split("."))
    return date(jahr, month, min(day, monthrange(jahr, month)[1]))


class Frist(Fact):
    """What a reporting date owes by when (``bis``: ``TT.MM.``), for which kinds of report.

    ``edition`` is the one it is owed in, made beside the usual one where none is asked for;
    ``kurz`` is what the head of a page calls it, where it names several.
    """

    was: str
    kurz: str | None = None
    bis: str
    arten: tuple[Berichtsart, ...] = Field(min_length=1)
    grundlage: str
    edition: str | None = None

    def nach(self, stichtag: date) -> date:
        """Return the day: the first of this name after *stichtag*."""
        same_year = tag_im_jahr(self.bis, stichtag.year)
        return same_year if same_year > stichtag else tag_im_jahr(self.bis, stichtag.year + 1)


class Termin(Fact):
    """One yearly reporting date and the kinds of report it owes.

    ``tag`` is ``TT.MM.``; ``hochrechnung`` says from this day on how far a year-end forecast can
    be trusted; without it there is none yet. ``prognose`` is what the forecast of this very day is
    called, if it has a name of its own.
    """

    tag: str
    berichtsarten: tuple[Berichtsart, ...]
    fristen: tuple[Frist, ...] = Field(min_length=1)
    hochrechnung: Reife | None = None
    prognose: str | None = None

    def am(self, jahr: int) -> date:
        """Return this reporting date in *jahr*."""
        return tag_im_jahr(self.tag, jahr)


class Edition(Fact):
    """Who reads, and what may be shown to them.

    ``schwelle`` 0 means: nothing is suppressed. ``mittel`` and ``median`` are the least numbers
    that a mean duration and a median are shown of. ``experimentell``: a Hochrechnung that is not
    yet trusted may be shown, marked as such. ``verfahren``: readers want methods, measures of error
    and every single series, not what follows from them alone. ``offen``: its tables lie there as
    CSV, too, for anyone's use, where the municipality names a licence.
    """

    id: str
    titel: str
    leserschaft: str
    schwelle: int
    mittel: int = 0
    median: int = 0
    code_zeigen: bool
    experimentell: bool = False
    verfahren: bool = False
    offen: bool = False
    ablage: Literal["reports", "data"]
    vermerk: str | None = None


class Dominanz(Fact):
    """From which share on, in per cent, the largest contributions to an amount carry it.

    Fewer of them than an edition's ``schwelle``, and the amount is hidden there.
    """

    anteil: int = Field(ge=50, le=100)


class Schwelle(Fact):
    """From which overspending on a deviation is *wesentlich*: both limits must be passed.

    § 21 GemHVO leaves the threshold to the municipality; this default is not law.
    """

    anteil_pct: Decimal = Decimal(5)
    betrag_eur: Decimal = Decimal(100_000)


class Unterrichtung(Fact):
    """Whom a materially worse net of a Teilhaushalt, or a Sperre, is to be told without delay.

    ``schwelle`` is measured at the net (Zuschussbedarf) of the Teilhaushalt; it is a decision of
    the municipality, and so is who is told.
    """

    adressat: str = "Rat"
    grundlage: str = "örtliche Festlegung"
    schwelle: Schwelle = Schwelle()


class Sitzung(Fact):
    """A session whose members are reported to: who meets, and when."""

    gremium: str
    am: date


class Kommune(Fact):
    """One municipality, the profiles of its source systems, and its own thresholds.

    ``wesentlich`` is the threshold of a product group, ``unterrichtung`` that of a Teilhaushalt.
    ``nicht_enthalten`` says what its ledger exports leave out, as the head of a report names it.
    ``ags`` is its official key (eight digits), by which other sources name it. ``lizenz`` is the
    address of the licence under which anyone may use its open tables. ``lieferfrist_tage`` is how
    many days after a Stichtag everything is to be delivered; ``sitzungen`` are who meets when.
    ``feiertage`` says whose public holidays count (»DE-RP«): payments due on a first of the month
    that is no working day come a month early. ``vier_augen``: two people release a report.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_-]*$")
    name: str
    erfunden: bool = False
    ags: str | None = Field(default=None, pattern=r"^\d{8}$")
    profile: tuple[str, ...]
    wesentlich: Schwelle = Schwelle()
    unterrichtung: Unterrichtung = Unterrichtung()
    nicht_enthalten: tuple[str, ...] = ()
    feiertage: Land | None = None
    lieferfrist_tage: int | None = Field(default=None, gt=0)
    sitzungen: tuple[Sitzung, ...] = ()
    lizenz: str | None = Field(default=None, pattern=r"^https://\S+$")
    vier_augen: bool = False

    def naechste_sitzung(self, gremium: str, nach: date) -> date | None:
        """Return when a body meets next after a day, as far as its sessions are named."""
        days = (s.am for s in self.sitzungen if s.gremium == gremium and s.am > nach)
        return min(days, default=None)

    @property
    def erfunden_satz(self) -> str | None:
        """What every page of an invented municipality says, on screen and on paper."""
        if not self.erfunden:
            return None
        return (
            f"{self.name} ist erfunden: Alle Zahlen sind künstlich erzeugt und beschreiben keine "
            "wirkliche Stadt und keine wirklichen Menschen."
        )


class Rechtsaenderung(Fact):
    """A change of law or software that breaks series.

    ``rechtskreise`` says whose, ``betrifft`` which kind of series, ``kommune`` where: without one
    it holds everywhere. Where ``kennzahlen`` are named it breaks these and no other series, in
    whichever report they stand. ``bricht`` names by side the product groups whose amounts before
    that day are no model for a Hochrechnung any more.
    """

    am: date
    kurz: str
    text: str
    rechtskreise: tuple[str, ...]
    betrifft: tuple[Betrifft, ...] = Field(default=("faelle", "finanzen"), min_length=1)
    kommune: str | None = None
    kennzahlen: tuple[str, ...] = ()
    bricht: Mapping[Literal["aufwand", "ertrag"], tuple[str, ...]] = Field(default_factory=dict)

    @property
    def oertlich(self) -> bool:
        """Whether it holds in one municipality only."""
        return self.kommune is not None

    def trifft(self, rechtskreise: Collection[str], kennzahlen: Collection[str]) -> bool:
        """Say whether it breaks one of *kennzahlen*, or a series of one of *rechtskreise*."""
        if self.kennzahlen:
            return not set(self.kennzahlen).isdisjoint(kennzahlen)
        return not set(self.rechtskreise).isdisjoint(rechtskreise)
