"""What Musterstadt planned, was recommended and decided: made up, with faults planted in it."""

from __future__ import annotations

from datetime import date

from sozcontrol.demo.kanonisch import (
    Berichtzeile,
    Beschlusszeile,
    Massnahmezeile,
    Schwerpunktzeile,
    Zusagezeile,
)

DAUERLAEUFER = "Rufbereitschaft neu ordnen"
"""Planted: carried over in every table since the first."""
WIDERSPRUCH = ("BV/0207/2023", 1)
"""Planted: reported as done, with a later date beside it."""
VERGESSEN = (2, 5)
"""Planted: promises past their day that no later report speaks of."""

# area | task | who | grade in 2022, 2023, 2024 (- not there) | obstacle
_SCHWERPUNKTE = """
Sozialer Dienst     |Rufbereitschaft neu ordnen              |SD   |f f f|Ressourcen
Sozialer Dienst     |Schutzkonzept überarbeiten              |SD/OE|- k f|Ressourcen
Sozialer Dienst     |Einarbeitung neuer Fachkräfte           |SD   |f v -|
Sozialer Dienst     |Gefährdungseinschätzung digital         |SD   |- - k|Dritte
Pflegekinder        |Neue Pflegefamilien gewinnen            |JA   |f f n|
Pflegekinder        |Bereitschaftspflege ausbauen            |JA   |- f v|
Kindertagesbetreuung|Neubau Kita am Hafen                    |KT   |f f f|Dritte
Kindertagesbetreuung|Konzept für das Sozialraumbudget        |KT/PL|n d -|
Kindertagesbetreuung|Satzung an das neue Recht anpassen      |KT   |- k k|Recht
Kindertagesbetreuung|Springerkräfte für Kitas                |KT   |- - f|
Jugendarbeit        |Jugendtreff im Norden                   |JA   |k f f|Dritte
Jugendarbeit        |Online-Beratung für Jugendliche         |JA   |- v -|
Jugendarbeit        |Spielmobil                              |JA   |f x -|
Planung             |Einwohnerprognose je Sozialraum         |PL   |- f n|
Planung             |Bericht zur sozialen Lage fortschreiben |PL   |- - v|
Planung             |Digitale Akte einführen                 |OE   |f f k|Ressourcen
Planung             |Elternbefragung                         |PL   |- - d|
Wirtschaftliche Hilfen|Teamleitungen einsetzen               |OE   |f v -|
Wirtschaftliche Hilfen|Bescheide in verständlicher Sprache   |AL   |- - x|Ereignis
"""
_GRAD = {
    "v": "vollstaendig", "d": "dauerhaft", "n": "nahezu", "f": "fortschritte", "k": "keine",
    "x": "nicht_aktuell",
}  # fmt: skip
_HINDERNIS = {
    "Dritte": "dritte", "Ressourcen": "ressourcen", "Recht": "recht", "Ereignis": "ereignis",
}  # fmt: skip
_JAHRE = (2022, 2023, 2024)
_FRUEHER = (2019, 2020, 2021)
"""In these years the first table is repeated: nothing else is told of them."""
_FERTIG = ("v", "d", "x")


def schwerpunkte() -> list[Schwerpunktzeile]:
    """Return the tables of all years; the number of last year ties a task to its earlier rows."""
    rows: list[Schwerpunktzeile] = []
    before: dict[str, tuple[int, str]] = {}
    for jahr in (*_FRUEHER, *_JAHRE):
        own: dict[str, tuple[int, str]] = {}
        for parts in _zerlegt(_SCHWERPUNKTE):
            aufgabe, grade = parts[1], parts[3]
            grad = grade.split()[max(jahr - _JAHRE[0], 0)]
            if grad == "-":
                continue
            nummer = len(own) + 1
            own[aufgabe] = (nummer, grad)
            rows.append(_schwerpunkt(jahr, nummer, before.get(aufgabe), grad, parts))
        before = {a: n for a, n in own.items() if n[1] not in _FERTIG}
    return rows


def _schwerpunkt(
    jahr: int, nummer: int, vorher: tuple[int, str] | None, grad: str, parts: list[str]
) -> Schwerpunktzeile:
    bereich, aufgabe, wer, _, hindernis = parts
    first, _, second = wer.partition("/")
    done = grad in _FERTIG[:2]
    return {
        "jahr": jahr, "schwerpunkt_nr": nummer, "vorjahr_nr": vorher[0] if vorher else None,
        "stand_am": date(jahr, 12, 31), "aufgabenbereich": bereich, "aufgabe": aufgabe,
        "zielindikator": f"{aufgabe}: abgeschlossen",
        "sachstand": "Abgeschlossen." if done else "Wird fortgesetzt.",
        "zielgrad": _GRAD[grad], "zustaendig": first, "mitzustaendig": second or None,
        "hindernis": _HINDERNIS.get(hindernis) if not done else None,
    }  # fmt: skip


def _zerlegt(text: str) -> list[list[str]]:
    return [[p.strip() for p in line.split("|")] for line in text.strip().splitlines()]


# number | field | who leads | talk | minutes | open step | quantity | supplier | how often | next
_MASSNAHMEN = """
M11|pflege  |Sozialplanung     |2024-03-12|unterzeichnet|                       |Ausbildungsplätze Pflege   |Pflegekonferenz   |jahr   |2025-09-30
M12|pflege  |Sozialamt         |          |             |Gespräch terminieren   |                           |                  |       |
M13|pflege  |Sozialamt         |2024-05-07|ausgegeben   |Protokoll unterzeichnen|Plätze Kurzzeitpflege      |Pflegestützpunkt  |halbjahr|2025-06-15
M14|pflege  |Jugendamt         |2024-03-12|unterzeichnet|                       |Plätze mit Betriebskita    |Kindertagesbetreuung|jahr  |2025-12-31
M21|wohnen  |Stadtplanung      |2024-06-18|unterzeichnet|                       |Baugenehmigungen           |Bauaufsicht       |quartal|2025-07-31
M22|wohnen  |Sozialplanung     |2024-06-18|erstellt     |Protokoll ausgeben     |                           |                  |       |
M23|wohnen  |Stadtplanung      |2024-09-24|ausgegeben   |Land beteiligen        |Plätze im Wohnheim         |Studierendenwerk  |jahr   |2025-10-31
M24|wohnen  |Stadtplanung      |2024-06-18|unterzeichnet|                       |Sozialwohnungen je Bauplan |Bauaufsicht       |halbjahr|2025-05-31
M31|soziales|Jugendamt         |2024-03-12|unterzeichnet|                       |Kinder in Kursbetreuung    |Volkshochschule   |halbjahr|2025-08-31
M32|soziales|Stadtplanung      |2024-04-16|unterzeichnet|                       |Projekte mit Beteiligung   |Quartiersbüro     |jahr   |2025-12-31
M33|soziales|Sozialplanung     |2024-04-16|unterzeichnet|                       |Index der sozialen Lage    |Statistikstelle   |jahr   |2025-11-30
M41|bildung |Jugendamt         |2024-05-07|unterzeichnet|                       |Angebote mit Standard      |Schulamt          |jahr   |2025-09-30
M42|bildung |Schulamt          |2024-05-07|ausgegeben   |Protokoll unterzeichnen|Barrierefreie Räume        |Gebäudemanagement |jahr   |2025-10-31
M43|bildung |Pressestelle      |2024-09-24|erstellt     |Protokoll ausgeben     |                           |                  |       |
"""  # noqa: E501
_STAENDE = (date(2020, 10, 31), date(2024, 6, 30), date(2024, 10, 31))
_PHASE_ZWEI = ("M31", "M33")


def massnahmen() -> list[Massnahmezeile]:
    """Return the states of the recommendations: each knows the talks held by then."""
    return [_massnahme(parts, stand) for stand in _STAENDE for parts in _zerlegt(_MASSNAHMEN)]


def _massnahme(parts: list[str], stand: date) -> Massnahmezeile:
    nr, feld, wer, gespraech, protokoll, offen, groesse, liefert, turnus, naechste = parts
    talk, last = _tag(gespraech), stand == _STAENDE[-1]
    held = talk is not None and talk <= stand
    return {
        "massnahme": nr, "stand_am": stand, "handlungsfeld": feld,
        "phase": "II" if last and nr in _PHASE_ZWEI else "I", "federfuehrung": wer,
        "gespraech_am": talk if held else None,
        "vorgehen": "Bestandsaufnahme" if held else None,
        "protokoll": protokoll or None if held else None,
        "offener_schritt": offen or None if held else "Gespräch terminieren",
        "messgroesse": groesse or None if last else None,
        "datenlieferant": liefert or None if last else None,
        "turnus": turnus or None if last else None,
        "naechste_lieferung": _tag(naechste) if last else None,
    }  # fmt: skip


def _tag(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


# Vorlage | point | what | council | decided | first date | who | Kennzahl
_BESCHLUESSE = """
BV/0031/2020|1|Pflegefamilien anwerben           |Jugendhilfeausschuss|2020-03-10|2024-12-31|JA|H13
BV/0118/2022|1|Fachstandards Hilfen zur Erziehung|Jugendhilfeausschuss|2022-05-24|2023-09-30|SD|H27
BV/0118/2022|2|Steuerung der Hilfen untersuchen  |Jugendhilfeausschuss|2022-05-24|2023-06-30|OE|
BV/0207/2023|1|Dienstanweisung Kinderschutz      |Jugendhilfeausschuss|2023-09-12|2024-06-30|SD|S09
BV/0207/2023|2|Zweite Stelle Verfahrenslotse     |Stadtrat            |2023-09-28|2024-12-31|AL|
BV/0012/2024|1|Warteliste der Kitas abbauen      |Stadtrat            |2024-02-15|2025-03-31|KT|T07
BV/0012/2024|2|Springerpool für Kitas            |Stadtrat            |2024-02-15|2025-08-15|KT|T10
BV/0044/2024|1|Bildung und Teilhabe vereinfachen |Sozialausschuss     |2024-04-18|2025-12-31|PL|B01
BV/0044/2024|2|Rückstau der Anträge abbauen      |Sozialausschuss     |2024-04-18|2025-06-30|PL|A08
"""

# Vorlage | point | report | status | next date | to be told again | in words
_BERICHTE = """
BV/0031/2020|1|2020-12-01|arbeit         |          |2024-12-01|Die Anwerbung läuft.
BV/0031/2020|1|2024-12-03|fortgeschrieben|2026-12-31|2025-12-01|Die Anwerbung wird fortgesetzt.
BV/0118/2022|1|2023-02-14|arbeit         |2023-12-31|2023-09-01|Die Abstimmung dauert an.
BV/0118/2022|1|2023-11-07|arbeit         |2024-06-30|2024-05-01|Die Beteiligung läuft.
BV/0118/2022|1|2024-07-02|arbeit         |2025-03-31|2025-02-01|Die Beteiligung läuft.
BV/0118/2022|2|2023-02-14|arbeit         |2023-06-30|2023-09-01|Die Aufnahme läuft.
BV/0118/2022|2|2023-11-07|umgesetzt      |          |          |Der Bericht liegt vor.
BV/0207/2023|1|2024-08-20|umgesetzt      |2025-09-30|          |Schulung am 15.09.2024 fand statt.
BV/0207/2023|2|2024-08-20|abgelehnt      |          |          |Die Stelle ist nicht finanziert.
BV/0012/2024|1|2024-11-19|arbeit         |2025-03-31|2025-04-30|Zwei Gruppen sind eröffnet.
BV/0012/2024|2|2025-05-20|arbeit         |2025-08-15|2025-09-30|Die Ausschreibung läuft.
BV/0044/2024|1|2025-03-11|arbeit         |2025-12-31|2025-10-31|Der Antrag ist vereinfacht.
BV/0044/2024|2|2025-03-11|offen          |2025-09-30|2025-10-31|Die Stellen sind ausgeschrieben.
"""

# Vorlage | point | promised | what | due | last spoken of | kept
_ZUSAGEN = """
BV/0031/2020|1|2020-03-10|Werbung in allen Kitas          |2020-12-31|2024-12-03|2020-11-30
BV/0118/2022|1|2022-05-24|Stellenbeschreibung             |2022-12-31|          |
BV/0118/2022|1|2023-02-14|Entwurf im Ausschuss            |2023-12-31|2024-07-02|
BV/0012/2024|1|2024-02-15|Bericht an den Ausschuss        |2025-12-31|          |
BV/0207/2023|1|2023-09-12|Auswertung nach einem halben Jahr|2025-03-31|          |
"""


def beschluesse() -> list[Beschlusszeile]:
    """Return the points of all decisions."""
    return [
        {"vorlage": v, "punkt": int(p), "beschluss_text": text, "gremium": wo,
         "beschlossen_am": date.fromisoformat(am), "erster_termin": date.fromisoformat(bis),
         "zustaendig": wer, "kennzahl_id": kennzahl or None}
        for v, p, text, wo, am, bis, wer, kennzahl in _zerlegt(_BESCHLUESSE)
    ]  # fmt: skip


def berichte() -> list[Berichtzeile]:
    """Return what the reports say of each point."""
    return [
        {"vorlage": v, "punkt": int(p), "bericht_am": date.fromisoformat(am),
         "beschlussstatus": status, "zieltermin": _tag(termin), "wiedervorlage": _tag(wieder),
         "sachstand": text}
        for v, p, am, status, termin, wieder, text in _zerlegt(_BERICHTE)
    ]  # fmt: skip


def zusagen(stichtag: date) -> list[Zusagezeile]:
    """Return the promises, and what of them is known at a Stichtag."""

    def known(text: str) -> date | None:
        day = _tag(text)
        return day if day is not None and day <= stichtag else None

    return [
        {"zusage_nr": n, "vorlage": v, "punkt": int(p), "zugesagt_am": date.fromisoformat(am),
         "zusage_text": was, "faellig_am": date.fromisoformat(bis), "erwaehnt_am": known(spoken),
         "erfuellt_am": known(kept)}
        for n, (v, p, am, was, bis, spoken, kept) in enumerate(_zerlegt(_ZUSAGEN), start=1)
        if date.fromisoformat(am) <= stichtag
    ]  # fmt: skip
