"""Prove that every view and every declared indicator can be computed as declared."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from sozcontrol import catalogue
from sozcontrol.catalogue import Bereich
from sozcontrol.catalogue.kennzahl import Ausdruck, Kennzahl
from sozcontrol.catalogue.sicht import Sicht
from sozcontrol.errors import CatalogueError, SozcontrolError, nearest
from sozcontrol.measures.zaehlwerk.grundzahlen import finde, grundzahlen
from sozcontrol.measures.zaehlwerk.rechnen import traegt
from sozcontrol.measures.zaehlwerk.sichten import bauten, spalten, tabellen

SICHTEN = Path("sozcontrol/catalogue/sichten")


def prove() -> None:
    """Prove all views and all indicators of the catalogue.

    Raises:
        CatalogueError: The first declaration that can't be computed, with its file and entry.
    """
    for view in catalogue.sichten().values():
        pruefe_sicht(view)
    for item in catalogue.kennzahlen().values():
        pruefe(item)
    for area in catalogue.bereiche().values():
        pruefe_bereich(area)
    _pruefe_verwaist()


def pruefe_bereich(area: Bereich) -> None:
    """Prove that an area names every table its Kennzahlen read."""
    named, known = {*area.braucht, *area.auch}, catalogue.kennzahlen()
    for item in (known[k] for k in area.kennzahlen if k in known):
        read = {t for term in item.terme for t in tabellen(term.sicht)} - named
        if read:
            raise CatalogueError(
                f"Bereich »{area.id}«: {item.id} liest {_aufgezaehlt(read)}, genannt ist es nicht.",
                wo="sozcontrol/catalogue/bereiche.yml",
                tun="Unter braucht (unverzichtbar) oder auch (wenn geliefert) eintragen.",
            )


def _pruefe_verwaist() -> None:
    """Prove that no view, table or code list stands there that nothing uses."""
    views = catalogue.sichten().values()
    used = {term.sicht for item in catalogue.kennzahlen().values() for term in item.terme}
    used |= {base for v in views for base in (*v.grundlage, *(j.sicht or "" for j in v.verbunden))}
    _keine_waise("Sicht", "sichten", {v.sicht for v in views} - used)
    read = {t for v in views for t in tabellen(v.sicht)}
    read |= {t for a in catalogue.bereiche().values() for t in (*a.braucht, *a.auch)}
    delivered = {t.name for t in catalogue.tabellen().values() if t.geliefert}
    _keine_waise("Tabelle", "tabellen", delivered - read)
    columns = [s for t in catalogue.tabellen().values() for s in t.spalten]
    listed = {s.codeliste for s in columns} | set(catalogue.VERGLEICHSLISTEN)
    _keine_waise("Codeliste", "codes", set(catalogue.codelisten()) - listed)


def _keine_waise(was: str, folder: str, orphans: set[str]) -> None:
    if orphans:
        raise CatalogueError(
            f"{was} »{min(orphans)}« wird von nichts gebraucht.",
            wo=f"sozcontrol/catalogue/{folder}/{min(orphans)}.yml",
            tun="Den Eintrag nennen, der sie braucht (Kennzahl, Sicht oder Bereich), oder löschen.",
        )


def pruefe_sicht(view: Sicht) -> None:
    """Prove one view: its tables, columns, dimensions, carriers and Größen."""
    if view.bau is not None:
        _fordere(view.bau in bauten(), view, f"den Bau »{view.bau}« gibt es nicht")
    for base in (*view.grundlage, *(j.sicht for j in view.verbunden if j.sicht)):
        _fordere(base in catalogue.sichten(), view, f"die Sicht »{base}« gibt es nicht")
    for name in (view.tabelle, *(j.tabelle for j in view.verbunden)):
        _fordere(name is None or name in catalogue.tabellen(), view, f"Tabelle »{name}« fehlt")
    for join in view.verbunden:
        other = spalten(join.sicht) if join.sicht else _namen(join.tabelle)
        _fordere_spalten(view, {*join.ueber.values(), *join.spalten.values()} - other, "verbunden")
    columns = spalten(view.sicht)
    _fordere_spalten(view, _genannt(view) - columns, "die Zeilen")
    _fordere_spalten(view, set(view.dimensionen) - columns, "dimensionen")
    _pruefe_groessen(view, columns)


def _namen(table: str | None) -> frozenset[str]:
    return frozenset(catalogue.tabelle(table).namen) if table else frozenset()


def _genannt(view: Sicht) -> set[str]:
    """The columns a view names outside its Größen and dimensions."""
    named = {
        view.beginn,
        view.ende,
        view.tag,
        view.bis,
        *view.je,
        *(c for j in view.verbunden for c in j.ueber),
    }
    named |= {c for j in view.verbunden for c in (j.im_jahr, j.im_monat)}
    if view.traeger:
        named |= {view.traeger.schluessel, view.traeger.spalte, *view.traeger.zaehlend}
        named.add(view.traeger.beitrag)
    if view.alter:
        named |= {view.alter.monat, view.alter.jahre}
    for made in view.abgeleitet.values():
        named |= {*made.gebiet, *made.summe, *(made.abstand or ()), made.von}
        if made.gruppen:
            catalogue.altersgruppen(made.gruppen)
    if view.folge:
        named |= {view.folge.person, *(b.spalte for wo in view.folge.spalten.values() for b in wo)}
    if view.feinste:
        named |= {view.feinste.spalte, *view.feinste.je}
    return {name for name in named if name is not None}


def _pruefe_groessen(view: Sicht, columns: frozenset[str]) -> None:
    for name, size in view.groessen.items():
        _fordere_spalten(view, set(size.spalten) - columns, f"die Größe »{name}«")
    try:
        counted = grundzahlen(view.sicht)
    except SozcontrolError as error:
        raise CatalogueError(
            error.was, wo=str(SICHTEN / f"{view.sicht}.yml"), tun=error.tun
        ) from None
    stocks = _staende(view)
    for name, size in view.groessen.items():
        twice = size.grundzahl == "summe" and size.spalte in stocks
        _fordere(not twice, view, f"»{name}« zählte dieselben Personen in jedem Stand noch einmal")
    for name, found in counted.items():
        persons = view.traeger is not None
        said = found.rolle is not None or not persons
        _fordere(said, view, f"hinter »{name}« stehen Personen, aber es hat keine rolle")


def _staende(view: Sicht) -> set[str]:
    """The counting columns that say how many there are on a day, not how many came or went."""
    if view.traeger is None or view.art != "stand":
        return set()
    asked = {s.spalte for s in view.groessen.values() if s.grundzahl in ("stand", "stand_mittel")}
    return {c for c in view.traeger.zaehlend if c in asked or c == view.traeger.spalte}


def _fordere_spalten(view: Sicht, unknown: set[str], wo: str) -> None:
    hint = nearest(min(unknown), sorted(spalten(view.sicht))) if unknown else ""
    _fordere(not unknown, view, f"{wo} kennt keine Spalte {_aufgezaehlt(unknown)}; {hint}")


def _fordere(holds: bool, view: Sicht, was: str) -> None:
    if not holds:
        raise CatalogueError(
            f"Sicht »{view.sicht}« ist so nicht zu zählen: {was}.",
            wo=str(SICHTEN / f"{view.sicht}.yml"),
            tun="Den Eintrag berichtigen.",
        )


def pruefe(item: Kennzahl) -> None:
    """Prove one indicator: views, primitives, conditions, breakdowns, its Steckbrief's claims."""
    for term in item.terme:
        known = term.sicht in catalogue.sichten()
        _demand(known, item, f"die Sicht »{term.sicht}« gibt es nicht")
        named = grundzahlen(term.sicht)
        near = nearest(term.grundzahl, [*named])
        _demand(
            term.grundzahl in named, item, f"»{term.sicht}« zählt nicht »{term.grundzahl}«; {near}"
        )
    for part in (item.zaehler, item.nenner):
        for one in _einzeln(part) if part else ():
            _pruefe_ausdruck(item, one)
    for term in item.zaehler.terme:
        lost = set(item.granularitaet) - set(traegt(term, item.granularitaet))
        _demand(not lost, item, f"der Zähler kennt nicht {_aufgezaehlt(lost)}")
    facts = {tabellen(term.sicht)[0] for term in item.terme}
    unnamed = _aufgezaehlt(facts - set(item.tabellen))
    _demand(not unnamed, item, f"gezählt wird in {unnamed}, datenquelle nennt es nicht")
    read = {t for term in item.terme for t in tabellen(term.sicht)}
    unread = _aufgezaehlt(set(item.tabellen) - read)
    _demand(not unread, item, f"datenquelle nennt {unread}, gelesen wird es nicht")
    people = any(catalogue.sicht(t.sicht).traeger for t in item.terme)
    said = "fallbezogen" if people else "ohne Personenbezug"
    _demand(item.geheimhaltung == said, item, f"geheimhaltung muss »{said}« sein")


def _einzeln(part: Ausdruck) -> list[Ausdruck]:
    """Return an expression and what its terms are divided by; each counts by itself."""
    divisors = [t for term in part.terme for t in term.alle[1:]]
    return [part, *(Ausdruck(terme=(t,)) for t in divisors)]


def _pruefe_ausdruck(item: Kennzahl, part: Ausdruck) -> None:
    primitives = [finde(t) for t in part.terme]
    addable = len(primitives) == 1 or all(p.summierbar for p in primitives)
    _demand(addable, item, "ein Median lässt sich nicht addieren")
    _demand(len({p.einheit for p in primitives}) == 1, item, "Terme haben verschiedene Einheiten")
    people = {p.sicht.sicht for p in primitives if p.sicht.traeger}
    _demand(len(people) <= 1, item, "Terme zählen in verschiedenen Sichten mit Personen")
    for term in part.terme:
        unknown = {b.spalte for b in term.wo} - spalten(term.sicht)
        _demand(not unknown, item, f"unbekannte Spalten {_aufgezaehlt(unknown)}")


def _aufgezaehlt(names: Iterable[str]) -> str:
    return ", ".join(f"»{name}«" for name in sorted(names))


def _demand(holds: bool, item: Kennzahl, was: str) -> None:
    if not holds:
        raise CatalogueError(
            f"{item.id} ist so nicht zu berechnen: {was}.",
            wo=f"{catalogue.kennzahldatei(item.id)}, {item.id}",
            tun="Zähler, Nenner oder Steckbrief der Kennzahl berichtigen.",
        )
