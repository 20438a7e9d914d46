"""Day care of Musterstadt: centres and their places, who is in them, who waits, who works there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sozcontrol.demo.einwohnerzahlen import PLANUNGSSTAND, SOZIALRAEUME, Sozialraum
from sozcontrol.demo.kanonisch import Anmeldezeile, Belegungzeile, Kitazeile, Personalzeile
from sozcontrol.demo.wuerfel import Wuerfel
from sozcontrol.demo.zeit import HISTORIE_BIS, HISTORIE_VON, monate

Einwohner = dict[tuple[date, str, int, str], int]
ALTER = {"0–1": (0, 2), "2": (2, 3), "3–5": (3, 6)}
ANTEIL_UE2 = {"2": 0.20, "3–5": 0.69, "6+": 0.11}
"""How the children from two years on divide into age groups."""
TRAEGER = ("kommunal", "kirchlich", "frei", "kirchlich", "kommunal")
NAMEN = ("Regenbogen", "St. Martin", "Pusteblume", "Arche", "Sonnenschein", "Wirbelwind")
ANBAU, SCHLUSS, NEUBAU = date(2025, 1, 1), date(2024, 7, 31), date(2023, 8, 1)
"""Planted: one centre gains places, one closes, one opens."""
ENGPASS = date(2024, 10, 1)
"""Planted: from here one centre lacks staff and closes twenty places."""


@dataclass(frozen=True)
class Kita:
    """One centre, or the childminders of a Sozialraum, with its places for a time."""

    id: str
    name: str
    traegerart: str
    raum: Sozialraum
    u2: int
    ue2: int
    von: date = date(2015, 8, 1)
    bis: date | None = None

    @property
    def tagespflege(self) -> bool:
        """Whether these are childminders."""
        return self.traegerart == "tagespflege"

    @property
    def ganztag(self) -> int:
        """Places of seven hours and more."""
        return round((self.u2 + self.ue2) * (0.75 if self.raum.bedarf > 1 else 0.6))

    def gilt(self, monat: date) -> bool:
        """Whether these places are there in a month."""
        return self.von <= monat and (self.bis is None or self.bis >= monat)


@dataclass(frozen=True)
class Betreuung:
    """All of it, as rows of the canonical tables."""

    kitas: list[Kitazeile]
    belegung: list[Belegungzeile]
    anmeldungen: list[Anmeldezeile]
    personal: list[Personalzeile]


def betreuung(seed: int, einwohner: Einwohner) -> Betreuung:
    """Return day care of the whole history, for the people its places were planned for."""
    wuerfel = Wuerfel(seed, "kindertagesbetreuung")
    kitas = _kitas(wuerfel, einwohner)
    belegung: list[Belegungzeile] = []
    personal: list[Personalzeile] = []
    for monat in monate(HISTORIE_VON, HISTORIE_BIS):
        for kita in kitas:
            if kita.gilt(monat):
                belegung += _belegung(wuerfel, kita, monat)
                if not kita.tagespflege:
                    personal.append(_personal(wuerfel, kita, monat))
    warten = Wuerfel(seed, "kita-anmeldungen")
    return Betreuung(
        [_kitazeile(k) for k in kitas], belegung, _anmeldungen(warten, einwohner), personal
    )


def _kinder(einwohner: Einwohner, raum: Sozialraum, von: int, unter: int) -> int:
    return sum(einwohner[PLANUNGSSTAND[0], raum.id, a, g] for a in range(von, unter) for g in "mw")


def _kitas(wuerfel: Wuerfel, einwohner: Einwohner) -> list[Kita]:
    found: list[Kita] = []
    for raum in SOZIALRAEUME:
        u2 = _kinder(einwohner, raum, 0, 2) * (0.30 if raum.bedarf > 1 else 0.36)
        ue2 = _kinder(einwohner, raum, 2, 6) * (0.98 if raum.bedarf > 1 else 1.06)
        anzahl = max(2, round((u2 + ue2) / 105))
        gewichte = [wuerfel.spanne(0.75, 1.25) for _ in range(anzahl)]
        for i, gewicht in enumerate(gewichte):
            teil = gewicht / sum(gewichte)
            found.append(
                Kita(f"{raum.id[2:]}{i + 1:02}", f"{NAMEN[i]} {raum.name}",
                     TRAEGER[(len(found) + i) % 5], raum, round(u2 * teil), round(ue2 * teil))
            )  # fmt: skip
        found.append(
            Kita(f"{raum.id[2:]}99", f"Tagespflege {raum.name}", "tagespflege", raum,
                 round(u2 * 0.3), round(ue2 * 0.05))
        )  # fmt: skip
    return _veraendert(found)


def _veraendert(kitas: list[Kita]) -> list[Kita]:
    """Plant an extension, a closure and an opening."""
    nach = {k.id: k for k in kitas}
    gross, klein, neu = nach["0301"], nach["0402"], nach["0902"]
    geaendert = {
        "0301": [_mit(gross, bis=date(2024, 12, 31)), _mit(gross, von=ANBAU, mehr=15)],
        "0402": [_mit(klein, bis=SCHLUSS)],
        "0902": [_mit(neu, von=NEUBAU)],
    }
    return [teil for k in kitas for teil in geaendert.get(k.id, [k])]


def _mit(k: Kita, von: date | None = None, bis: date | None = None, mehr: int = 0) -> Kita:
    return Kita(k.id, k.name, k.traegerart, k.raum, k.u2, k.ue2 + mehr, von or k.von, bis)


def _kitazeile(k: Kita) -> Kitazeile:
    return {
        "kita_id": k.id,
        "kita_name": k.name,
        "traegerart": k.traegerart,
        "gebiet_id": k.raum.id,
        "plaetze": k.u2 + k.ue2,
        "plaetze_u2": k.u2,
        "plaetze_ue2": k.ue2,
        "plaetze_ganztag": k.ganztag,
        "gueltig_von": k.von,
        "gueltig_bis": k.bis,
    }


def _hat_engpass(k: Kita, monat: date) -> bool:
    return k.id == "0302" and monat >= ENGPASS


def _belegung(wuerfel: Wuerfel, k: Kita, monat: date) -> list[Belegungzeile]:
    """Fill a centre: the year begins in August with free places and ends full in July."""
    reife = ((monat.month - 8) % 12) / 11
    fuellung = 0.92 + 0.06 * reife + wuerfel.spanne(-0.02, 0.015)
    gesperrt = 20 if _hat_engpass(k, monat) else 0
    u2 = round(k.u2 * fuellung * (0.93 if k.tagespflege else 1.0))
    ue2 = round((k.ue2 - gesperrt) * fuellung)
    juengere = {"2": ue2} if k.tagespflege else {}
    kinder = {"0–1": u2, **(juengere or _ue2(ue2))}
    ganztag = k.ganztag / max(k.u2 + k.ue2, 1)
    zeilen: list[Belegungzeile] = []
    for gruppe, anzahl in kinder.items():
        lang = round(anzahl * ganztag)
        zu = gesperrt if gruppe == "3–5" else 0
        for umfang, belegt in (("teilzeit", anzahl - lang), ("ganztag", lang)):
            frei = zu if umfang == "ganztag" else 0
            zeilen.append({
                "kita_id": k.id, "monat": monat, "altersgruppe": gruppe, "umfang": umfang,
                "belegt": belegt, "gesperrt": frei, "sperrgrund": "personal" if frei else None,
                "gemeldet_gesamt": sum(kinder.values()),
            })  # fmt: skip
    return zeilen


def _ue2(kinder: int) -> dict[str, int]:
    zwei, schule = round(kinder * ANTEIL_UE2["2"]), round(kinder * ANTEIL_UE2["6+"])
    return {"2": zwei, "3–5": kinder - zwei - schule, "6+": schule}


def _personal(wuerfel: Wuerfel, k: Kita, monat: date) -> Personalzeile:
    soll = k.u2 * 0.263 + k.ue2 * 0.1
    anteil = wuerfel.spanne(0.83, 0.88) if _hat_engpass(k, monat) else wuerfel.spanne(0.93, 1.01)
    ferien = {8: 10, 12: 5, 1: 2}.get(monat.month, 0)
    dazu = wuerfel.ganz(1, 4) if _hat_engpass(k, monat) else int(wuerfel.ja(0.2))
    return {
        "kita_id": k.id,
        "monat": monat,
        "soll_vzae": Decimal(f"{soll:.2f}"),
        "ist_vzae": Decimal(f"{soll * anteil:.2f}"),
        "ksa_vzae": Decimal("0.50") if k.raum.bedarf > 1 else Decimal(0),
        "schliesstage": ferien + dazu,
    }


def _anmeldungen(wuerfel: Wuerfel, einwohner: Einwohner) -> list[Anmeldezeile]:
    zeilen: list[Anmeldezeile] = []
    for monat in monate(HISTORIE_VON, HISTORIE_BIS):
        reife = ((monat.month - 8) % 12) / 11
        for raum in SOZIALRAEUME:
            for gruppe, (von, unter) in ALTER.items():
                kinder = _kinder(einwohner, raum, von, unter)
                anmeldungen = round(kinder * (0.08 + 0.10 * reife) * wuerfel.spanne(0.9, 1.1))
                offen = (0.10 + 0.12 * raum.bedarf) * wuerfel.spanne(0.8, 1.2)
                zeilen.append({
                    "monat": monat, "altersgruppe": gruppe, "gebiet_id": raum.id,
                    "anmeldungen": anmeldungen, "unversorgt": round(anmeldungen * offen),
                })  # fmt: skip
    return zeilen
