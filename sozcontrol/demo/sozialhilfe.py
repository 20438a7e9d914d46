"""Single cases of the Sozialamt: who receives what, behind the sums of Monitoring Soziales.

The lists and the quarterly sums tell of the same people: what begins and ends in a quarter is the
Zugang and the Abgang of its Leistungsbereich, so both give the same stock at every quarter end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from sozcontrol.demo.einwohnerzahlen import SOZIALRAEUME
from sozcontrol.demo.kanonisch import (
    Ermittlungzeile,
    Leistungsfallzeile,
    Pflegezeile,
    Quartalzeile,
    Schuelerzeile,
)
from sozcontrol.demo.wuerfel import Wuerfel
from sozcontrol.demo.zeit import monatserster

TAG = timedelta(days=1)
FRISTGERECHT = 0.83
"""Planted: how often a decision comes within the time of §§ 14, 15 SGB IX."""
GEPLANT = 0.86
"""Planted: how many Leistungen keep their Gesamtplan fresh; the others have an old one or none."""
BUDGETS = 0.06
"""Planted: how many Leistungen of the Eingliederungshilfe are a Persönliches Budget."""
EIGENE_WOHNUNG = 0.55
"""Planted: how many adults with Assistenz live in a place of their own."""
FACHKRAFT, FESTGESTELLT = 0.8, {"pflegefachkraft": (0.75, 0.97), "sachbearbeitung": (0.93, 1.0)}
"""Planted: who finds the need, and which part of what was asked for they find."""
STUNDENSATZ = Decimal("38.50")
NACH_ALTER = {"LB05", "LB06"}
"""Leistungen that the eldest leave first: school and childhood end."""
IN_DER_LISTE = 730
"""Days for which the list still shows what has ended."""

# Art | weight | youngest and eldest at the beginning, by Leistungsbereich
_ARTEN = {
    "LB01": {"grusi_alter": (0.56, 66, 92), "grusi_erwerb": (0.44, 19, 52)},
    "LB02": {"hlu": (1.0, 22, 60)},
    "LB03": {"reha": (1.0, 20, 60)},
    "LB04": {"wfbm": (0.93, 19, 48), "budget_arbeit": (0.04, 22, 48),
             "anderer_anbieter": (0.03, 20, 48)},
    "LB05": {"schulbegleitung": (0.88, 6, 10), "hochschule": (0.12, 18, 24)},
    "LB06": {"heilpaedagogik": (0.72, 1, 5), "assistenz": (0.28, 3, 9)},
    "LB07": {"assistenz": (0.78, 19, 62), "tagesstruktur": (0.22, 20, 62)},
    "LB08": {"pflege": (1.0, 52, 93)},
}  # fmt: skip
_GRADE = {
    "ambulant": {"1": 0.02, "2": 0.45, "3": 0.33, "4": 0.15, "5": 0.05},
    "teilstationaer": {"2": 0.40, "3": 0.38, "4": 0.17, "5": 0.05},
    "stationaer": {"2": 0.24, "3": 0.36, "4": 0.28, "5": 0.12},
}
_PFLEGE = {date(2019, 12, 31): 3980, date(2021, 12, 31): 4720, date(2023, 12, 31): 5410}
_VERSORGUNG = {"pflegegeld": 0.55, "pflegedienst": 0.24, "heim": 0.21}
_PFLEGEGRADE = {"1": 0.14, "2": 0.40, "3": 0.28, "4": 0.13, "5": 0.05}
_SCHULEN = {
    "grundschule": 3890, "realschule_plus": 2040, "gesamtschule": 1730, "gymnasium": 4260,
    "foerderschule": 410,
}  # fmt: skip


@dataclass(frozen=True)
class Leistungsfall:
    """One Leistung as it really was; plans are written every ``planabstand`` days."""

    nummer: str
    person: str
    lb: str
    art: str
    ort: str
    traeger: str
    beginn: date
    ende: date | None
    entschieden: date
    frist: date | None
    antrag: date
    planabstand: int | None
    grad: str | None
    wohnform: str | None
    budget: bool | None
    geburt: date
    sozialraum: str

    def laeuft(self, tag: date) -> bool:
        """Whether it has begun and not ended on a day."""
        return self.beginn <= tag and (self.ende is None or self.ende > tag)

    def zeile(self, stand: date) -> Leistungsfallzeile:
        """Return the row as known on a day."""
        return {
            "leistung_id": self.nummer, "person_id": self.person, "lb": self.lb,
            "leistungsart": self.art, "leistungsort": self.ort, "traeger": self.traeger,
            "beginn": self.beginn,
            "ende": self.ende if self.ende and self.ende <= stand else None,
            "antrag_am": self.antrag, "entschieden_am": self.entschieden, "frist_am": self.frist,
            "gesamtplan_am": self._plan(stand), "pflegegrad": self.grad,
            "wohnform": self.wohnform, "hat_budget": self.budget,
            "geburtsmonat": monatserster(self.geburt), "sozialraum_id": self.sozialraum,
        }  # fmt: skip

    def _plan(self, stand: date) -> date | None:
        """Return the day of the last Gesamtplan: the first is due with the decision."""
        if self.planabstand is None:
            return None
        bis = min(self.ende or stand, stand)
        return self.entschieden + TAG * ((bis - self.entschieden).days // self.planabstand
                                         * self.planabstand)  # fmt: skip


@dataclass(frozen=True)
class Ermittlung:
    """One time that somebody found out how much care a person needs."""

    nummer: str
    leistung: str
    tag: date
    durch: str
    beantragt: Decimal
    festgestellt: Decimal

    def zeile(self) -> Ermittlungzeile:
        """Return the row."""
        return {
            "ermittlung_id": self.nummer, "leistung_id": self.leistung, "ermittelt_am": self.tag,
            "ermittelnd": self.durch, "beantragt_stunden": self.beantragt,
            "festgestellt_stunden": self.festgestellt,
            "beantragt_eur": (self.beantragt * STUNDENSATZ).quantize(Decimal("0.01")),
            "festgestellt_eur": (self.festgestellt * STUNDENSATZ).quantize(Decimal("0.01")),
        }  # fmt: skip


@dataclass(frozen=True)
class Sozialhilfe:
    """All of it as it really was."""

    faelle: tuple[Leistungsfall, ...]
    ermittlungen: tuple[Ermittlung, ...]

    def liste(self, stichtag: date, stand: date) -> list[Leistungsfallzeile]:
        """Return the list as known on *stand*: what runs, and what ended in the last two years."""
        seit = stichtag - TAG * IN_DER_LISTE
        return [
            f.zeile(stand)
            for f in self.faelle
            if f.beginn <= stand and (f.ende is None or f.ende > seit)
        ]

    def ermittelt(self, stichtag: date, stand: date) -> list[Ermittlungzeile]:
        """Return what was found by *stand* for the Leistungen of the list."""
        genannt = {f["leistung_id"] for f in self.liste(stichtag, stand)}
        return [e.zeile() for e in self.ermittlungen if e.tag <= stand and e.leistung in genannt]


def sozialhilfe(seed: int, quartale: Iterable[Quartalzeile]) -> Sozialhilfe:
    """Return the cases behind the quarterly sums, and who found their need."""
    teile: dict[tuple[str, str], list[Quartalzeile]] = {}
    for q in quartale:
        if q["lb"] in _ARTEN:
            teile.setdefault((q["lb"], q["leistungsort"]), []).append(q)
    faelle = [f for teil in teile.values() for f in _faelle(seed, teil)]
    return Sozialhilfe(tuple(faelle), tuple(_ermittlungen(seed, faelle)))


def _faelle(seed: int, quartale: list[Quartalzeile]) -> list[Leistungsfall]:
    """Begin and end as many Leistungen in each quarter as its row says."""
    erste = quartale[0]
    lb, ort = erste["lb"], erste["leistungsort"]
    w = Wuerfel(seed, f"sozialhilfe/{lb}/{ort}")
    ab = monatserster(erste["quartal"], -2)
    laufend = [
        _neu(w, erste, ab - TAG * w.ganz(1, 1400), n) for n in range(erste["bestand_anfang"] or 0)
    ]
    beendet: list[Leistungsfall] = []
    for q in quartale:
        anfang = monatserster(q["quartal"], -2)
        if lb in NACH_ALTER:
            laufend.sort(key=lambda f: (f.geburt, f.nummer))
        for _ in range(q["abgang"]):
            fall = laufend.pop(0 if lb in NACH_ALTER else w.ganz(0, len(laufend) - 1))
            beendet.append(replace(fall, ende=q["quartal"] - TAG * w.ganz(0, 80)))
        neue = len(laufend) + len(beendet)
        tage = (q["quartal"] - anfang).days
        laufend += [
            _neu(w, q, anfang + TAG * w.ganz(0, tage), neue + n) for n in range(q["zugang"])
        ]
    return sorted([*beendet, *laufend], key=lambda f: f.nummer)


def _neu(w: Wuerfel, q: Quartalzeile, beginn: date, nummer: int) -> Leistungsfall:
    """Return a new Leistung of one Leistungsbereich, running."""
    lb, ort = q["lb"], q["leistungsort"]
    art = w.gewichtet({a: gewicht for a, (gewicht, _, _) in _ARTEN[lb].items()})
    _, von, bis = _ARTEN[lb][art]
    teilhabe = lb in ("LB03", "LB04", "LB05", "LB06", "LB07")
    entschieden = beginn - TAG * w.ganz(0, 14)
    frist = entschieden + TAG * (w.ganz(0, 10) if w.ja(FRISTGERECHT) else -w.ganz(1, 30))
    assistenz = lb == "LB07" and art == "assistenz"
    kennung = f"{lb[2:]}{'ates'[('ambulant', 'teilstationaer', 'stationaer', 'ohne').index(ort)]}"
    return Leistungsfall(
        f"SL{kennung}{nummer:05}", f"7{lb[2:]}{nummer:05}", lb, art, ort, q["traeger"], beginn,
        None, entschieden, frist if teilhabe else None,
        min(frist - TAG * (21 if w.ja(0.6) else 56), entschieden - TAG * 5),
        (700 if w.ja(GEPLANT) else 4000 if w.ja(0.6) else None) if teilhabe else None,
        w.gewichtet(_GRADE[ort]) if lb == "LB08" else None,
        ("eigene" if w.ja(EIGENE_WOHNUNG) else "besondere") if assistenz else None,
        w.ja(BUDGETS) if teilhabe else None,
        beginn - TAG * w.ganz(von * 366, bis * 365),
        w.gewichtet({r.id: r.anteil * (0.6 + 0.4 * r.bedarf) for r in SOZIALRAEUME}),
    )  # fmt: skip


def _ermittlungen(seed: int, faelle: Iterable[Leistungsfall]) -> Iterator[Ermittlung]:
    """Find the need of everyone cared for at home, before the Leistung and once a year."""
    w, nummer = Wuerfel(seed, "sozialhilfe/ermittlung"), 0
    for f in faelle:
        if (f.lb, f.ort) != ("LB08", "ambulant"):
            continue
        tag, letzte = f.entschieden - TAG * w.ganz(2, 9), f.ende or date(2026, 1, 21)
        while tag <= letzte:
            nummer += 1
            durch = "pflegefachkraft" if w.ja(FACHKRAFT) else "sachbearbeitung"
            stunden = w.ganz(16, 60)
            anteil = w.spanne(*FESTGESTELLT[durch])
            yield Ermittlung(f"BE{nummer:06}", f.nummer, tag, durch, Decimal(stunden),
                             Decimal(round(stunden * anteil * 2)) / 2)  # fmt: skip
            tag += TAG * w.ganz(340, 390)


def pflegebeduerftige(stichtag: date) -> list[Pflegezeile]:
    """Return the statistics of care that were published by a day: each a year after its day."""
    return [
        {"stichtag": tag, "pflegegrad": grad, "versorgung": versorgung, "anzahl": anzahl}
        for tag, alle in _PFLEGE.items()
        if tag + TAG * 365 <= stichtag
        for versorgung, teil in _VERSORGUNG.items()
        for grad, anzahl in _geteilt(alle * teil, _PFLEGEGRADE).items()
    ]


def schueler(stichtag: date) -> list[Schuelerzeile]:
    """Return the pupils of every October up to a day; their number grows slowly."""
    return [
        {"stichtag": date(jahr, 10, 1), "schulart": art,
         "anzahl": round(zahl * (1 + 0.008 * (jahr - 2020)))}
        for jahr in range(2019, stichtag.year + 1) if date(jahr, 10, 1) <= stichtag
        for art, zahl in _SCHULEN.items()
    ]  # fmt: skip


def _geteilt(alle: float, anteile: Mapping[str, float]) -> dict[str, int]:
    return {name: round(alle * anteil) for name, anteil in anteile.items()}
