"""The lives behind the numbers: persons, and the Hilfen they get one after another."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from sozcontrol.demo import hilfearten as ha
from sozcontrol.demo.akten import NAMEN, VORNAMEN, Hilfe, Person, Schritt
from sozcontrol.demo.einwohnerzahlen import SOZIALRAEUME
from sozcontrol.demo.hilfearten import ARTEN, Art, Erbringer
from sozcontrol.demo.wuerfel import Wuerfel
from sozcontrol.demo.zeit import (
    ENTGELTBRUCH,
    HISTORIE_BIS,
    HISTORIE_VON,
    geburtstag,
    monate,
)

VORLAUF_VON = date(2006, 1, 1)
"""Cases are drawn from here on, so that the stock of 2020 has the right, long durations."""
TAG = timedelta(days=1)
WIEDERKEHR = 0.28
"""Chance that a child brought back to its parents comes into care again, if it is young enough."""
ZU_DEN_ELTERN = frozenset({"eltern", "elternteil"})
KEINE_RUECKKEHR = frozenset({"hilfewechsel", "zustaendigkeit"})


@dataclass
class Faelle:
    """Everybody and everything the Jugendamt of Musterstadt ever recorded."""

    personen: list[Person] = field(default_factory=list)
    hilfen: list[Hilfe] = field(default_factory=list)


class Jugendamt:
    """Grants Hilfen month by month; use :func:`faelle`."""

    def __init__(self, seed: int) -> None:
        self.w = Wuerfel(seed, "faelle")
        self.bestand = Faelle()
        self._raeume = {r.id: r.anteil * r.jugend * r.bedarf for r in SOZIALRAEUME}

    def monat(self, monat: date) -> None:
        """Let the new cases of one month begin, and all that follows from each."""
        jahre = (monat - HISTORIE_VON).days / 365.25
        for art in ARTEN:
            saison = ha.BEGINN_JE_MONAT[art.saison][monat.month - 1]
            for _ in range(self.w.poisson(art.zugang / 12 * saison * (1 + art.wachstum) ** jahre)):
                self._neuer_fall(art, monat + TAG * self.w.ganz(0, 27))
        for _ in range(self.w.poisson(ha.stand(ha.UMA_JE_MONAT, monat))):
            beginn = monat + TAG * self.w.ganz(0, 27)
            person = self._person(ha.UMA_ION, beginn, uma=True)
            self._verlauf(person, ha.UMA_ION, beginn, "neu", uma=True)

    def _neuer_fall(self, art: Art, beginn: date) -> None:
        person, grund = self._rueckkehrer(art, beginn), "wiederaufnahme"
        if person is None:
            person = self._person(art, beginn)
            grund = "zustaendigkeit" if self.w.ja(0.06) else "neu"
        ende = self._verlauf(person, art, beginn, grund)
        zweite = {"31": "35a", "30": "29", "35a": "30", "32": "31"}.get(art.hilfeart)
        if zweite and self.w.ja(0.07) and art.segment != "stationaer":
            self._nebenher(person, zweite, beginn, ende)

    def _nebenher(self, person: Person, hilfeart: str, beginn: date, ende: date) -> None:
        art = next(a for a in ARTEN if a.hilfeart == hilfeart and a.segment == "ambulant")
        start = beginn + TAG * self.w.ganz(20, 120)
        if start + TAG * 60 < ende and start < geburtstag(person.geburt, 17):
            schluss = min(ende, start + TAG * self.w.ganz(60, 500))
            if self._hat_schon(person, hilfeart, start, schluss):
                return
            erbringer = self._erbringer(art)
            self._hilfe(
                Schritt(
                    person, art, hilfeart, start, schluss, "neu", "hilfeplan", erbringer, uma=False
                )
            )

    def _hat_schon(self, person: Person, hilfeart: str, von: date, bis: date) -> bool:
        return any(
            h.person is person and h.hilfeart == hilfeart and h.beginn <= bis and h.ende >= von
            for h in self.bestand.hilfen[-12:]
        )

    def _rueckkehrer(self, art: Art, beginn: date) -> Person | None:
        if not self.w.ja(0.11) or not self.bestand.hilfen:
            return None
        for _ in range(12):
            letzte = self.w.eins_aus(self.bestand.hilfen[-500:])
            person = letzte.person
            alter = (beginn - person.geburt).days / 365.25
            pause = (beginn - person.frei_ab).days
            if 10 < pause < 540 and art.alter[0] <= alter <= art.alter[2] and not letzte.uma:
                return person
        return None

    def _person(self, art: Art, beginn: date, *, uma: bool = False) -> Person:
        w, alle = self.w, self.bestand.personen
        alter = w.dreieck(*art.alter)
        geschlecht = "m" if w.ja(0.92 if uma else 0.46 if art.hilfeart == "19" else 0.55) else "w"
        if art.hilfeart == "19":
            geschlecht = "w"
        geschwister = w.eins_aus(alle[-60:]) if alle and not uma and w.ja(0.16) else None
        if geschwister and geschwister.staatsang == "Drittstaat":
            geschwister = None
        raum = geschwister.sozialraum if geschwister else w.gewichtet(self._raeume)
        person = Person(
            nummer=f"{len(alle) + 4711:08d}",
            familie=geschwister.familie if geschwister else f"F{len(alle) + 300:06d}",
            name=geschwister.name if geschwister else w.eins_aus(NAMEN),
            vorname=w.eins_aus(VORNAMEN[geschlecht]),
            geburt=beginn - timedelta(days=round(alter * 365.25)),
            geschlecht=geschlecht,
            staatsang=w.gewichtet(
                {"deutsch": 0 if uma else 78, "EU": 0 if uma else 8, "Drittstaat": 14}
            ),
            sozialraum=None if w.ja(0.015) else raum,
            transfer=w.gewichtet({True: 0.52, False: 0.41, None: 0.07}),
        )
        alle.append(person)
        return person

    def _verlauf(
        self, person: Person, art: Art, beginn: date, grund: str, *, uma: bool = False
    ) -> date:
        """Let one Hilfe begin, end, and be followed; return the last end."""
        paragraph, ende, erbringer = art.hilfeart, beginn, self._erbringer(art)
        while True:
            ende, ende_grund = self._ende(person, art, paragraph, beginn)
            hilfe = Schritt(person, art, paragraph, beginn, ende, grund, ende_grund, erbringer, uma)
            self._hilfe(hilfe)
            person.frei_ab = max(person.frei_ab, ende + TAG)
            volljaehrig = geburtstag(person.geburt, 18)
            if ende_grund == "volljaehrig":
                if beginn > HISTORIE_BIS or not self.w.ja(0.75):
                    return ende
                beginn, grund, paragraph = ende + TAG, "hilfewechsel", "41"
                continue
            nach = self._anschluss(art, uma) if ende_grund == "hilfewechsel" else None
            if nach is None or ende + TAG * 200 > volljaehrig or ende > HISTORIE_BIS:
                return ende
            anbahnung = self.w.ganz(8, 20) if nach.hilfeart == "33" and self.w.ja(0.15) else 0
            beginn = max(ende + TAG - TAG * anbahnung, beginn + TAG)
            art, grund, paragraph = nach, "hilfewechsel", nach.hilfeart
            erbringer = self._erbringer(art)

    def _ende(self, person: Person, art: Art, paragraph: str, beginn: date) -> tuple[date, str]:
        mittel = 17.0 if paragraph == "41" else art.dauer
        tage = max(0, round(self.w.lognormal(mittel, art.streuung) * 30.4375))
        if art.hilfeart == "42" and self.w.ja(0.03):
            tage = 0
        ende = beginn + TAG * tage
        grenze = geburtstag(person.geburt, 21 if paragraph == "41" else 18) - TAG
        if art.hilfeart == "19":
            grenze = date.max
        if ende >= grenze:
            kann = paragraph != "41" and art.hilfeart in {"30", "33", "34", "35a"}
            return max(beginn, grenze), "volljaehrig" if kann else "hilfeplan"
        gruende = {
            "hilfeplan": 44, "abbruch_sorgeberechtigte": 13, "abbruch_junger_mensch": 9,
            "abbruch_einrichtung": 4, "zustaendigkeit": 6, "hilfewechsel": 15, "sonstiges": 9,
        }  # fmt: skip
        if art.hilfeart == "42":
            gruende["hilfewechsel"] = 80
        if paragraph == "41":
            gruende["hilfewechsel"] = 0
        return ende, self.w.gewichtet(gruende)

    def _anschluss(self, art: Art, uma: bool) -> Art | None:
        if uma:
            return ha.UMA_HEIM if art.hilfeart == "42" else None
        ziele = {
            "30": {"34": 45, "35": 20},
            "31": {"34": 30, "33": 14, "32": 20, "30": 16},
            "32": {"34": 25, "30": 35},
            "33": {"34": 60, "31": 20},
            "34": {"31": 22, "33": 18, "30": 14, "35": 6},
            "35a": {"34": 20, "32": 20},
            "42": {"34": 48, "33": 14, "31": 30, "30": 8},
        }.get(art.hilfeart)  # fmt: skip
        if ziele is None:
            return None
        hilfeart = self.w.gewichtet(ziele)
        return next(a for a in ARTEN if a.hilfeart == hilfeart)

    def _hilfe(self, s: Schritt) -> None:
        """Record one step of a life as a Hilfe, if it falls into the history."""
        if s.ende < HISTORIE_VON or s.beginn > HISTORIE_BIS:
            return
        w, art, beginn, ende = self.w, s.art, s.beginn, s.ende
        pflege = w.gewichtet({"fremd": 62, "verwandt": 25, "netzwerk": 13})
        self.bestand.hilfen.append(
            Hilfe(
                nummer=f"H{len(self.bestand.hilfen) + 1:07d}",
                aktenzeichen=f"51-{s.person.familie[1:]}-{s.paragraph}",
                person=s.person,
                art=art,
                paragraph=s.paragraph,
                beginn=beginn,
                ende=ende,
                beginn_grund=s.beginn_grund,
                ende_grund="hilfewechsel" if s.ende_grund == "volljaehrig" else s.ende_grund,
                aufenthalt_nach=self._verbleib(art, s.ende_grund),
                antrag_am=None if w.ja(0.04) else beginn - TAG * round(w.lognormal(24, 0.8)),
                erbringer=s.erbringer,
                uma=s.uma,
                pflegeform=pflege if art.hilfeart == "33" else None,
                fls_monat=round(art.menge * w.spanne(0.6, 1.4) * 4) / 4 if art.menge else None,
                beginn_erfasst=self._beginn_erfasst(beginn),
                ende_erfasst=self._ende_erfasst(art, ende),
                hilfeplaene=self._hilfeplaene(beginn, ende),
            )
        )

    def _beginn_erfasst(self, beginn: date) -> date:
        verzug = self.w.gewichtet({(0, 12): 0.70, (8, 30): 0.22, (25, 95): 0.08})
        # The new Fachverfahren of July 2023 left a backlog.
        stau = 25 if ENTGELTBRUCH <= beginn < date(2023, 10, 1) else 0
        return beginn + TAG * (stau + self.w.ganz(*verzug))

    def _ende_erfasst(self, art: Art, ende: date) -> date:
        if art.hilfeart == "28" and self.w.ja(0.02):
            return date.max  # nobody ever closes the case
        verzug = self.w.gewichtet({(-8, 14): 0.70, (10, 45): 0.22, (35, 150): 0.08})
        return ende + TAG * self.w.ganz(*verzug)

    def _erbringer(self, art: Art) -> Erbringer:
        if art.hilfeart == "33":
            return ha.PFLEGEKINDERDIENST
        return self.w.eins_aus(ha.AMBULANTE if art.segment == "ambulant" else ha.STATIONAERE)

    def wiederkehr(self, w: Wuerfel) -> None:
        """Let some of the children brought back to their parents come into care again.

        Has its own stream and appends its Hilfen, so that it disturbs no other life.
        """
        self.w = w
        for h in [h for h in self.bestand.hilfen if ist_rueckfuehrung(h) and not h.uma]:
            beginn = h.ende + TAG * w.ganz(25, 330)
            allein = h.person.frei_ab == h.ende + TAG
            jung = beginn + TAG * 120 < geburtstag(h.person.geburt, 18)
            if w.ja(WIEDERKEHR) and allein and jung and beginn <= HISTORIE_BIS:
                hilfeart = "33" if beginn < geburtstag(h.person.geburt, 8) else "34"
                art = next(a for a in ARTEN if a.hilfeart == hilfeart)
                self._verlauf(h.person, art, beginn, "wiederaufnahme")

    def _verbleib(self, art: Art, ende_grund: str) -> str:
        if art.segment != "stationaer":
            return self.w.gewichtet({"eltern": 60, "elternteil": 36, "unbekannt": 4})
        if ende_grund == "volljaehrig":
            return self.w.gewichtet({"einrichtung": 55, "eigene_wohnung": 40, "pflegefamilie": 5})
        if ende_grund == "hilfewechsel":
            return self.w.gewichtet({"einrichtung": 60, "pflegefamilie": 22, "eltern": 18})
        return self.w.gewichtet(
            {"eltern": 27, "elternteil": 22, "verwandte": 8, "einrichtung": 16, "pflegefamilie": 4,
             "eigene_wohnung": 13, "unbekannt": 6, "sonstiges": 4}
        )  # fmt: skip

    def _hilfeplaene(self, beginn: date, ende: date) -> tuple[date, ...]:
        tag, tage = beginn + TAG * self.w.ganz(20, 70), []
        saeumig = 2.2 if self.w.ja(0.12) else 1.0
        while tag <= ende and tag <= date(2026, 12, 31):
            tage.append(tag)
            tag += TAG * round(self.w.spanne(140, 215) * saeumig)
        return tuple(tage)


def ist_rueckfuehrung(hilfe: Hilfe) -> bool:
    """Return whether foster or residential care ended with the child going back to its parents."""
    zurueck = hilfe.aufenthalt_nach in ZU_DEN_ELTERN and hilfe.ende_grund not in KEINE_RUECKKEHR
    return hilfe.hilfeart in {"33", "34"} and zurueck


def faelle(seed: int) -> Faelle:
    """Return all persons with Hilfen that ran in the history.

    In the order they were granted; those of children who came into care again stand last.
    """
    amt = Jugendamt(seed)
    for monat in monate(VORLAUF_VON, HISTORIE_BIS):
        amt.monat(monat)
    amt.wiederkehr(Wuerfel(seed, "wiederkehr"))
    _schliesse_vor_neubeginn(amt.bestand.hilfen)
    return amt.bestand


def _schliesse_vor_neubeginn(hilfen: list[Hilfe]) -> None:
    """Let nobody record the next Hilfe of a kind before the end of the last one.

    A Fachverfahren refuses it; otherwise a delivery in between would show two running at once.
    """
    letzte: dict[tuple[str, str], Hilfe] = {}
    for hilfe in sorted(hilfen, key=lambda h: h.beginn):
        key = (hilfe.person.nummer, hilfe.hilfeart)
        if vorige := letzte.get(key):
            vorige.ende_erfasst = min(vorige.ende_erfasst, hilfe.beginn_erfasst)
        letzte[key] = hilfe
