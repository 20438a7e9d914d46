"""Protection of children in Musterstadt: assessments of danger, children taken into care, advice.

What a delivery knows depends on its Datenstand: contacts, results and ends once they happened, a
Hilfe that follows once it is recorded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sozcontrol.demo.akten import Hilfe
from sozcontrol.demo.einwohnerzahlen import SOZIALRAEUME
from sozcontrol.demo.kanonisch import Gefaehrdungzeile, Inobhutnahmezeile, Ksdzeile
from sozcontrol.demo.wuerfel import Wuerfel
from sozcontrol.demo.zeit import HISTORIE_BIS, HISTORIE_VON, monate

TAG = timedelta(days=1)
STELLEN = {
    "polizei": 0.28, "schule": 0.14, "kita": 0.06, "gesundheit": 0.09, "familie": 0.19,
    "selbst": 0.04, "anonym": 0.12, "sonstige": 0.08,
}  # fmt: skip
ANLAESSE = {
    "vernachlaessigung": 0.20, "misshandlung": 0.16, "ueberforderung": 0.38, "konflikt": 0.16,
    "sonstiger": 0.10,
}  # fmt: skip
ARTEN = {"formlos": 0.55, "partnerschaft": 0.12, "trennung": 0.23, "schutz": 0.10}
FRISTGERECHT = 0.88
"""Planted: how often the first contact is made within three days; the others take four to six."""
OHNE_BEDARF = 11
"""Assessments a month that find no danger, on average; half of them find no need either."""
KURZE = 2
"""Children a month who go home within days: taken into care, but no Hilfe that is paid for."""
ANSCHLUSS, UEBERGANG = 30, 0.22


@dataclass(frozen=True)
class Gefaehrdung:
    """One assessment of danger to one child."""

    nummer: str
    person: str
    meldung_am: date
    kontakt_am: date
    abschluss_am: date
    ergebnis: str
    stelle: str
    folge: str
    folge_am: date | None
    sozialraum: str | None

    def zeile(self, stand: date) -> Gefaehrdungzeile:
        """Return the row as known on a day."""
        fertig = self.abschluss_am <= stand
        begonnen = fertig and self.folge_am is not None and self.folge_am <= stand
        return {
            "gefaehrdung_id": self.nummer, "person_id": self.person, "meldung_am": self.meldung_am,
            "erstkontakt_am": self.kontakt_am if self.kontakt_am <= stand else None,
            "ergebnis": self.ergebnis if fertig else None, "meldende_stelle": self.stelle,
            "folge": self.folge if fertig else None,
            "folge_am": self.folge_am if begonnen else None, "sozialraum_id": self.sozialraum,
        }  # fmt: skip


@dataclass(frozen=True)
class Inobhutnahme:
    """One child in care; ``hilfe`` is the Hilfe it is paid as, ``danach`` the one that follows."""

    nummer: str
    person: str
    paragraph: str
    beginn: date
    ende: date
    erfasst: tuple[date, date]
    anlass: str
    selbstmelder: bool
    uma: bool
    danach: Hilfe | None
    sozialraum: str | None

    def zeile(self, stand: date) -> Inobhutnahmezeile:
        """Return the row as known on a day."""
        zu_ende = self.erfasst[1] <= stand
        folgt = zu_ende and self.danach is not None and _bekannt(self.danach, stand)
        return {
            "inobhutnahme_id": self.nummer, "person_id": self.person, "paragraph": self.paragraph,
            "beginn": self.beginn, "ende": self.ende if zu_ende else None, "anlass": self.anlass,
            "ist_selbstmelder": self.selbstmelder, "ist_uma": self.uma,
            "anschluss_hilfe_id": self.danach.nummer if folgt and self.danach else None,
            "sozialraum_id": self.sozialraum,
        }  # fmt: skip


@dataclass(frozen=True)
class Betreuung:
    """Advice and care without a Hilfe; ``danach`` is the one it turns into."""

    nummer: str
    art: str
    beginn: date
    ende: date
    danach: Hilfe | None
    sozialraum: str | None

    def zeile(self, stand: date) -> Ksdzeile:
        """Return the row as known on a day."""
        zu_ende = self.ende <= stand
        folgt = zu_ende and self.danach is not None and _bekannt(self.danach, stand)
        return {
            "ksd_fall_id": self.nummer, "ksd_art": self.art, "beginn": self.beginn,
            "ende": self.ende if zu_ende else None,
            "uebergang_hilfe_id": self.danach.nummer if folgt and self.danach else None,
            "sozialraum_id": self.sozialraum,
            "fachkraft_org": f"KSD {1 + (int((self.sozialraum or 'SR01')[2:]) - 1) // 4}",
        }  # fmt: skip


@dataclass(frozen=True)
class Kinderschutz:
    """All of it as it really was."""

    gefaehrdungen: tuple[Gefaehrdung, ...]
    inobhutnahmen: tuple[Inobhutnahme, ...]
    betreuungen: tuple[Betreuung, ...]


def _bekannt(hilfe: Hilfe, stand: date) -> bool:
    return hilfe.beginn <= stand and hilfe.beginn_erfasst <= stand


def kinderschutz(seed: int, hilfen: Sequence[Hilfe]) -> Kinderschutz:
    """Return the whole history, beside the Hilfen that came of it."""
    gefahr = [*_zu_hilfen(seed, hilfen), *_ohne_gefahr(seed)]
    gefahr.sort(key=lambda g: (g.meldung_am, g.nummer))
    obhut = [*_bezahlte(seed, hilfen), *_kurze(seed, hilfen)]
    obhut.sort(key=lambda i: (i.beginn, i.nummer))
    return Kinderschutz(tuple(gefahr), tuple(obhut), tuple(_betreuungen(seed, hilfen)))


def _zu_hilfen(seed: int, hilfen: Sequence[Hilfe]) -> Iterator[Gefaehrdung]:
    """Give a part of the new Hilfen an assessment before them."""
    w = Wuerfel(seed, "kinderschutz/gefaehrdung")
    for h in hilfen:
        akut = h.hilfeart == "42"
        neu = h.beginn >= HISTORIE_VON and h.beginn_grund == "neu" and not h.uma
        if not neu or not w.ja(0.7 if akut else 0.12):
            continue
        meldung = h.beginn - TAG * (w.ganz(0, 2) if akut else w.ganz(12, 45))
        kontakt = min(_kontakt(w, meldung), h.beginn)
        ergebnis = "akut" if akut else w.gewichtet({"latent": 0.6, "hilfebedarf": 0.4})
        abschluss = max(kontakt, h.beginn - TAG * 5) if not akut else h.beginn
        yield Gefaehrdung(
            f"8A{h.nummer[1:]}", h.person.nummer, meldung, kontakt, abschluss, ergebnis,
            w.gewichtet(STELLEN), "inobhutnahme" if akut else "hilfe", h.beginn,
            h.person.sozialraum,
        )  # fmt: skip


def _kontakt(w: Wuerfel, meldung: date) -> date:
    return meldung + TAG * (w.ganz(0, 3) if w.ja(FRISTGERECHT) else w.ganz(4, 6))


def _ohne_gefahr(seed: int) -> Iterator[Gefaehrdung]:
    """Add the assessments that find no danger, of children nobody knew."""
    w, nummer = Wuerfel(seed, "kinderschutz/ohne-gefahr"), 0
    for monat in monate(HISTORIE_VON, HISTORIE_BIS):
        for _ in range(w.ganz(OHNE_BEDARF - 4, OHNE_BEDARF + 4)):
            nummer += 1
            meldung = monat + TAG * w.ganz(0, 27)
            kein = w.ja(0.5)
            kontakt = _kontakt(w, meldung)
            yield Gefaehrdung(
                f"8A9{nummer:06}", f"9{nummer:07}", meldung, kontakt, kontakt + TAG * w.ganz(3, 35),
                "kein" if kein else "hilfebedarf", w.gewichtet(STELLEN),
                "keine" if kein else "beratung", None, w.eins_aus(SOZIALRAEUME).id,
            )  # fmt: skip


def _bezahlte(seed: int, hilfen: Sequence[Hilfe]) -> Iterator[Inobhutnahme]:
    """Turn the Hilfen of § 42 into what they were; some of unaccompanied minors are § 42a."""
    w = Wuerfel(seed, "kinderschutz/inobhutnahme")
    je_person: dict[str, list[Hilfe]] = {}
    for h in hilfen:
        je_person.setdefault(h.person.nummer, []).append(h)
    for h in hilfen:
        if h.hilfeart != "42":
            continue
        danach = [
            f for f in je_person[h.person.nummer]
            if f.art.segment == "stationaer" and f.hilfeart in ("33", "34")
            and 0 <= (f.beginn - h.ende).days <= ANSCHLUSS
        ]  # fmt: skip
        vorlaeufig = h.uma and w.ja(0.6)
        yield Inobhutnahme(
            f"IO{h.nummer[1:]}", h.person.nummer, "42a" if vorlaeufig else "42", h.beginn, h.ende,
            (h.beginn_erfasst, h.ende_erfasst), "einreise" if h.uma else w.gewichtet(ANLAESSE),
            w.ja(0.22), h.uma, min(danach, key=lambda f: f.beginn, default=None),
            h.person.sozialraum,
        )  # fmt: skip


def _kurze(seed: int, hilfen: Sequence[Hilfe]) -> Iterator[Inobhutnahme]:
    w, nummer = Wuerfel(seed, "kinderschutz/kurz"), 0
    for monat in monate(HISTORIE_VON, HISTORIE_BIS):
        for _ in range(w.poisson(KURZE)):
            nummer += 1
            beginn = monat + TAG * w.ganz(0, 27)
            ende = beginn + TAG * w.ganz(1, 6)
            yield Inobhutnahme(
                f"IO9{nummer:06}", f"8{nummer:07}", "42", beginn, ende, (beginn, ende),
                w.gewichtet(ANLAESSE), w.ja(0.35), False, None, w.eins_aus(SOZIALRAEUME).id,
            )  # fmt: skip


def _betreuungen(seed: int, hilfen: Sequence[Hilfe]) -> Iterator[Betreuung]:
    """Begin some a month; a part of the new ambulant Hilfen grows out of one of them."""
    w = Wuerfel(seed, "kinderschutz/betreuung")
    neue = [
        h for h in hilfen
        if h.art.segment == "ambulant" and h.beginn_grund == "neu" and h.beginn >= HISTORIE_VON
    ]  # fmt: skip
    for h in neue:
        if w.ja(UEBERGANG):
            ende = h.beginn - TAG * w.ganz(0, 80)
            yield Betreuung(f"KB{h.nummer[1:]}", w.gewichtet(ARTEN), ende - TAG * w.ganz(20, 200),
                            ende, h, h.person.sozialraum)  # fmt: skip
    nummer = 0
    for monat in monate(HISTORIE_VON, HISTORIE_BIS):
        for _ in range(w.ganz(16, 26)):
            nummer += 1
            beginn = monat + TAG * w.ganz(0, 27)
            dauer = max(7, round(w.lognormal(140, 0.7)))
            yield Betreuung(f"KB9{nummer:06}", w.gewichtet(ARTEN), beginn, beginn + TAG * dauer,
                            None, w.eins_aus(SOZIALRAEUME).id)  # fmt: skip
