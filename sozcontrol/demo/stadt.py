"""Musterstadt as a whole: everything that happened, and what of it is known on a given day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import TypeVar

from sozcontrol.demo.akten import Hilfe, Person
from sozcontrol.demo.amtsvormundschaft import einsaetze, vormundschaften
from sozcontrol.demo.asyl_teilhabe import asyl_monate, but_berechtigte, but_leistungen
from sozcontrol.demo.budget import Budgetzeile, budget
from sozcontrol.demo.einwohnerzahlen import (
    EINWOHNER_STICHTAGE,
    SOZIALRAEUME,
    STADT_ID,
    einwohner,
    planungsstand,
)
from sozcontrol.demo.faelle import faelle
from sozcontrol.demo.festlegungen import parameter
from sozcontrol.demo.gebietsumrisse import umrisse
from sozcontrol.demo.hauptbuch import Buchung, buchungen
from sozcontrol.demo.kanonisch import (
    Anmeldezeile,
    Asylzeile,
    Belegungzeile,
    Buchungzeile,
    Budgetposten,
    Butkinderzeile,
    Butzeile,
    Einwohnerzeile,
    Fallzeile,
    Gebietzeile,
    Hilfetabellen,
    Kontaktzeile,
    Personalzeile,
    Personzeile,
    Quartalzeile,
    Stadttabellen,
    Stellenzeile,
    Uvgzeile,
    Zahlungzeile,
)
from sozcontrol.demo.kinderschutz import Kinderschutz, kinderschutz
from sozcontrol.demo.kindertagesbetreuung import Betreuung, betreuung
from sozcontrol.demo.leistungsbereiche import leistungsbereiche, leistungsquartale
from sozcontrol.demo.mittelbindung import gesamthaushalt, obligo
from sozcontrol.demo.pflegestellen import pflegestellen
from sozcontrol.demo.produkte import KONTEN, produktzuordnung
from sozcontrol.demo.sozialhilfe import (
    Sozialhilfe,
    pflegebeduerftige,
    schueler,
    sozialhilfe,
)
from sozcontrol.demo.sozialraumbudgets import (
    hilfenbudget,
    kontakte,
    landesbudget,
    sozialraumbudget,
)
from sozcontrol.demo.sozialraumindikatoren import sozialraumindikatoren
from sozcontrol.demo.stellenplan import bedarf, stellen
from sozcontrol.demo.unterhaltsvorschuss import Uvgmonat, uvg_monate
from sozcontrol.demo.vergleichskommunen import vergleichswerte
from sozcontrol.demo.vorhabenlisten import (
    berichte,
    beschluesse,
    massnahmen,
    schwerpunkte,
    zusagen,
)
from sozcontrol.demo.zahlungen import Zahlung, preis_am, zahlungen
from sozcontrol.demo.zeit import (
    HISTORIE_BIS,
    HISTORIE_VON,
    LIEFERFRIST,
    monatserster,
    monatsletzter,
)
from sozcontrol.demo.zielvereinbarungen import ziele
from sozcontrol.errors import UsageError

STANDARD_SEED = 20250630
M = TypeVar(
    "M", Belegungzeile, Anmeldezeile, Personalzeile, Kontaktzeile, Asylzeile, Butzeile,
    Butkinderzeile,
)  # fmt: skip


def cent(betrag: int) -> Decimal:
    """Return whole cents as a Decimal of euro with two places."""
    return Decimal(betrag).scaleb(-2)


@dataclass(frozen=True)
class Stadt:
    """The demo city; build it with :func:`make_city`."""

    seed: int
    hilfen: tuple[Hilfe, ...]
    zahlungen: tuple[Zahlung, ...]
    buchungen: tuple[Buchung, ...]
    budget: tuple[Budgetzeile, ...]
    einwohner: dict[tuple[date, str, int, str], int]
    uvg: tuple[Uvgmonat, ...]
    betreuung: Betreuung
    kontakte: tuple[Kontaktzeile, ...]
    leistungen: tuple[Quartalzeile, ...]
    schutz: Kinderschutz
    sozialhilfe: Sozialhilfe
    stellen: tuple[Stellenzeile, ...]
    asyl: tuple[Asylzeile, ...]
    but_leistungen: tuple[Butzeile, ...]
    but_kinder: tuple[Butkinderzeile, ...]

    def hilfen_bekannt(self, datenstand: date) -> Iterator[tuple[Hilfe, date | None]]:
        """Yield each Hilfe recorded by *datenstand*, with its end when that is recorded too."""
        for hilfe in self.hilfen:
            if hilfe.beginn <= datenstand and hilfe.beginn_erfasst <= datenstand:
                yield hilfe, hilfe.ende if hilfe.ende_erfasst <= datenstand else None

    def personen_bekannt(self, datenstand: date) -> list[Person]:
        """Return the persons with a Hilfe recorded by *datenstand*, each once, by number."""
        personen = {h.person.nummer: h.person for h, _ in self.hilfen_bekannt(datenstand)}
        return [personen[nummer] for nummer in sorted(personen)]

    def tabellen(self, stichtag: date, datenstand: date | None = None) -> Stadttabellen:
        """Return the canonical tables as lists of rows, with raw (not pseudonymised) ids.

        Amounts are Decimal euro, dates ``date``; what *datenstand* does not know is left out.
        """
        stand = pruefe_stichtag(stichtag, datenstand)
        tables: Stadttabellen = {
            "gebiet": gebiete(self.einwohner, stichtag),
            "einwohner": self._einwohner(stichtag),
            **self.hilfetabellen(stand),
            "person": [_person(p) for p in self.personen_bekannt(stand)],
            "budget": [_budget(b) for b in self.budget if b.bekannt_ab <= stand],
            "obligo": obligo(self.budget, stichtag, stand),
            "gesamthaushalt": gesamthaushalt(self.buchungen, self.budget, stichtag, stand),
            "uvg_monat": [_uvg(u) for u in self.uvg if monatsletzter(u.monat) <= stichtag],
            "kita": [k for k in self.betreuung.kitas if k["gueltig_von"] <= stichtag],
            "kita_belegung": _bis(self.betreuung.belegung, stichtag),
            "kita_anmeldung": _bis(self.betreuung.anmeldungen, stichtag),
            "kita_personal": _bis(self.betreuung.personal, stichtag),
            "sozialraumbudget": [
                *sozialraumbudget(self.seed, stichtag),
                *hilfenbudget(self.zahlungen, stichtag),
            ],
            "ksa_kontakt": _bis(self.kontakte, stichtag),
            "leistungsbereich": leistungsbereiche(),
            "leistung_quartal": [q for q in self.leistungen if q["quartal"] <= stichtag],
            "vergleichswert": [],
            "gefaehrdung": [
                g.zeile(stand) for g in self.schutz.gefaehrdungen if g.meldung_am <= stand
            ],
            "inobhutnahme": [
                i.zeile(stand) for i in self.schutz.inobhutnahmen if i.erfasst[0] <= stand
            ],
            "stelle": [s for s in self.stellen if s["stichtag"] <= stichtag],
            "personalbedarf": bedarf(),
            "ziel": [z for z in ziele() if z["gilt_ab"] <= stichtag],
            "schwerpunkt": [s for s in schwerpunkte() if s["stand_am"] <= stichtag],
            "massnahme": [m for m in massnahmen() if m["stand_am"] <= stichtag],
            "beschlusspunkt": [b for b in beschluesse() if b["beschlossen_am"] <= stichtag],
            "umsetzungsbericht": [b for b in berichte() if b["bericht_am"] <= stichtag],
            "zusage": zusagen(stichtag),
            "asyl_monat": _bis(self.asyl, stichtag),
            "but_leistung": _bis(self.but_leistungen, stichtag),
            "but_berechtigte": _bis(self.but_kinder, stichtag),
            "leistungsfall": self.sozialhilfe.liste(stichtag, stand),
            "bedarfsermittlung": self.sozialhilfe.ermittelt(stichtag, stand),
            "pflegebeduerftige": pflegebeduerftige(stichtag),
            "schueler": schueler(stichtag),
            "sozialraum_indikator": sozialraumindikatoren(self.seed, self.einwohner, stichtag),
            "gebietsumriss": umrisse(self.seed),
            "ksd_fall": [b.zeile(stand) for b in self.schutz.betreuungen if b.beginn <= stand],
            "pflegestelle": pflegestellen(self.seed, stand),
            "parameter": parameter(stichtag),
            "rufbereitschaft": einsaetze(self.seed, stichtag),
            "vormundschaft": vormundschaften(self.seed, stand),
            "landesbudget": landesbudget(stichtag),
        }
        tables["vergleichswert"] = vergleichswerte(self.seed, tables, stichtag)
        return tables

    def hilfetabellen(self, stand: date) -> Hilfetabellen:
        """Return what was recorded and booked of the Hilfen by *stand*; see :meth:`tabellen`."""
        return {
            "map_produkt": produktzuordnung(),
            "map_konto": [
                {"konto": k, "konto_name": n, "konto_art": a, "ist_soziale_sicherung": s}
                for k, (n, a, s) in KONTEN.items()
            ],
            "fall": [_fall(h, e, stand) for h, e in self.hilfen_bekannt(stand)],
            "zahlung": [z.copy() for z in self._zahlungszeilen if z["buchung_am"] <= stand],
            "buchung": [b.copy() for b in self._buchungszeilen if b["buchung_am"] <= stand],
        }

    # The same at every Stichtag, and most of the work of a delivery.
    @cached_property
    def _zahlungszeilen(self) -> list[Zahlungzeile]:
        return [_zahlung(z) for z in self.zahlungen]

    @cached_property
    def _buchungszeilen(self) -> list[Buchungzeile]:
        return [_buchung(b) for b in self.buchungen]

    def _einwohner(self, stichtag: date) -> list[Einwohnerzeile]:
        return [
            {
                "stichtag": tag,
                "gebiet_id": gebiet,
                "altersjahr": alter,
                "geschlecht": geschlecht,
                "staatsang_gruppe": "o.A.",
                "quelle": "melderegister",
                "anzahl": anzahl,
            }
            for (tag, gebiet, alter, geschlecht), anzahl in self.einwohner.items()
            if tag <= stichtag
        ]


def pruefe_stichtag(stichtag: date, datenstand: date | None) -> date:
    """Return the Datenstand (default: 21 days later) of a Stichtag the demo city can deliver.

    Raises:
        UsageError: The Stichtag lies outside the history, or the Datenstand before it.
    """
    if not date(HISTORIE_VON.year + 1, 1, 1) <= stichtag <= HISTORIE_BIS:
        raise UsageError(
            f"Für den Stichtag {stichtag:%d.%m.%Y} hat Musterstadt keine Daten.",
            wo="Stichtag",
            tun=f"Einen Tag vom 01.01.{HISTORIE_VON.year + 1} bis {HISTORIE_BIS:%d.%m.%Y} wählen.",
        )
    stand = datenstand or stichtag + LIEFERFRIST
    if stand < stichtag:
        raise UsageError(
            "Der Datenstand liegt vor dem Stichtag.",
            wo="Datenstand",
            tun="Einen Datenstand am oder nach dem Stichtag wählen.",
        )
    return stand


def gebiete(
    einwohner: Mapping[tuple[date, str, int, str], int], stichtag: date
) -> list[Gebietzeile]:
    """Return ``gebiet``: the city and its Sozialräume, with their density at the last count."""
    letzte = max(tag for tag, *_ in einwohner if tag <= stichtag)
    menschen = Counter[str]()
    for (tag, gebiet, *_), anzahl in einwohner.items():
        menschen[gebiet] += anzahl if tag == letzte else 0
    seit = date(2015, 1, 1)
    flaeche = sum((Decimal(r.flaeche_km2) for r in SOZIALRAEUME), Decimal(0))
    roh: list[tuple[str, str, str, str | None, Decimal]]
    roh = [(STADT_ID, "stadt", "Musterstadt", None, flaeche)]
    roh += [(r.id, "sozialraum", r.name, STADT_ID, Decimal(r.flaeche_km2)) for r in SOZIALRAEUME]
    return [
        {"gebiet_id": i, "typ": t, "name": n, "eltern_id": e, "gueltig_von": seit,
         "gueltig_bis": None, "flaeche_km2": f,
         "einwohner_je_km2": (menschen[i] / f).quantize(Decimal(1))}
        for i, t, n, e, f in roh
    ]  # fmt: skip


def _person(p: Person) -> Personzeile:
    return {
        "person_id": p.nummer,
        "geburtsmonat": monatserster(p.geburt),
        "geschlecht": p.geschlecht,
        "staatsang_gruppe": p.staatsang,
        "sozialraum_id": p.sozialraum,
    }


def _fall(h: Hilfe, ende: date | None, stand: date) -> Fallzeile:
    bis = min(ende or stand, stand)
    plaene = [tag for tag in h.hilfeplaene if tag <= bis]
    return {
        "hilfe_id": h.nummer,
        "fall_id": h.aktenzeichen,
        "person_id": h.person.nummer,
        "familie_id": h.person.familie,
        "rechtskreis": "SGB8",
        "paragraph": h.paragraph,
        "hilfeart": h.hilfeart,
        "segment": h.art.segment,
        "traeger": "kommunal",
        "beginn": h.beginn,
        "ende": ende,
        "antrag_am": h.antrag_am,
        "beginn_grund": h.beginn_grund,
        "ende_grund": h.ende_grund if ende else None,
        "aufenthalt_nach": h.aufenthalt_nach if ende else None,
        "leistungserbringer_id": h.erbringer.id,
        "ort": h.erbringer.ort if h.art.segment == "stationaer" else "stadt",
        "ist_uma": h.uma,
        "hat_transferbezug": h.person.transfer,
        "pflegeform": h.pflegeform,
        "tagessatz_eur": cent(preis_am(h, bis)) if h.art.einheit == "Tag" else None,
        "fls_monat": None if h.fls_monat is None else Decimal(str(h.fls_monat)),
        "hilfeplan_am": plaene[-1] if plaene else None,
        "sozialraum_id": h.person.sozialraum,
        "fachkraft_org": _org(h),
    }


def _org(h: Hilfe) -> str:
    if h.hilfeart == "33":
        return "PKD"
    bezirk = int((h.person.sozialraum or "SR01")[2:])
    return f"KSD {1 + (bezirk - 1) // 4}"


def _zahlung(z: Zahlung) -> Zahlungzeile:
    return {
        "zahlung_id": z.nummer,
        "hilfe_id": z.hilfe.nummer,
        "leistung_von": z.von,
        "leistung_bis": z.bis,
        "leistungsmonat": z.monat,
        "betrag_eur": cent(z.betrag),
        "art": z.art,
        "buchung_am": z.buchung_am,
        "storno_zu": z.storno_von.nummer if z.storno_von else None,
        "empfaenger_typ": z.empfaenger,
        "menge": Decimal(z.menge).scaleb(-4),
        "einheit": z.einheit,
        "preis_eur": cent(z.preis),
    }


def _buchung(b: Buchung) -> Buchungzeile:
    return {
        "beleg_nr": b.beleg_nr,
        "pos": b.pos,
        "haushaltsjahr": b.haushaltsjahr,
        "periode": b.periode,
        "buchung_am": b.buchung_am,
        "leistungsmonat": b.leistungsmonat,
        "produkt": b.produkt_lokal,
        "konto": b.konto,
        "kostenstelle": b.kostenstelle,
        "betrag_eur": cent(b.betrag),
        "storno_zu": b.storno_von.beleg_nr if b.storno_von else None,
        "herkunft": b.herkunft,
    }


def _budget(b: Budgetzeile) -> Budgetposten:
    return {
        "jahr": b.jahr,
        "produkt": b.produkt,
        "konto": b.konto,
        "art": b.art,
        "wirksam_ab": b.wirksam_ab,
        "betrag_eur": cent(b.betrag),
        "beschluss_ref": b.beschluss,
    }


def _bis(zeilen: Iterable[M], stichtag: date) -> list[M]:
    """Return the rows of the months that are over at the Stichtag."""
    return [z for z in zeilen if monatsletzter(z["monat"]) <= stichtag]


def _uvg(u: Uvgmonat) -> Uvgzeile:
    return {
        "monat": u.monat,
        "altersstufe": u.altersstufe,
        "leistungsjahr": u.leistungsjahr,
        "zahlfaelle": u.zahlfaelle,
        "zahlfaelle_gesamt": u.gesamt,
        "ausgaben_eur": cent(u.ausgaben),
        "einnahmen_p7_eur": cent(u.rueckgriff),
        "einnahmen_p5_eur": cent(u.rueckzahlung),
        "erstattung_eur": cent(u.erstattung),
        "leistungsunfaehig": u.leistungsunfaehig,
        "offen_eur": cent(u.offen),
    }


def make_city(seed: int = STANDARD_SEED) -> Stadt:
    """Build Musterstadt: the same *seed* gives the same city, to the byte (built once)."""
    return _build(seed)


@lru_cache(maxsize=2)
def _build(seed: int) -> Stadt:
    menschen = einwohner(seed)
    kinder = betreuung(seed, planungsstand(seed))
    hilfen = faelle(seed).hilfen
    gezahlt = zahlungen(seed, hilfen)
    gebucht = buchungen(seed, gezahlt)
    quartale = leistungsquartale(seed, gebucht)
    but_kinder = but_berechtigte(seed, quartale)
    return Stadt(
        seed=seed,
        hilfen=tuple(hilfen),
        zahlungen=tuple(gezahlt),
        buchungen=tuple(gebucht),
        budget=tuple(budget(seed, gebucht)),
        einwohner={k: v for k, v in menschen.items() if k[0] in EINWOHNER_STICHTAGE},
        uvg=tuple(uvg_monate(seed, gebucht)),
        betreuung=kinder,
        kontakte=tuple(kontakte(seed, kinder.personal)),
        leistungen=tuple(quartale),
        stellen=tuple(stellen(seed)),
        asyl=tuple(asyl_monate(seed, gebucht, quartale)),
        but_leistungen=tuple(but_leistungen(seed, gebucht, but_kinder)),
        but_kinder=tuple(but_kinder),
        schutz=kinderschutz(seed, hilfen),
        sozialhilfe=sozialhilfe(seed, quartale),
    )
