"""The catalogue: what exists, as data, proved coherent when it is loaded.

Every loader is cached and cheap (YAML and pydantic only); nothing here opens a delivery.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import TypeVar, get_args

from sozcontrol.catalogue.bericht import (
    Altersgruppen,
    Bereich,
    Betrifft,
    Dominanz,
    Edition,
    Kommune,
    Rechtsaenderung,
    Reife,
    Termin,
    Ursache,
)
from sozcontrol.catalogue.codeliste import Code, Codeliste
from sozcontrol.catalogue.eigenes import (
    eigene_fakten,
    eigene_kommune,
    eigener_pfad,
    eigenes_profil,
    weitere_kommunen,
)
from sozcontrol.catalogue.fruehwarnregel import Beobachtung, Warnregel
from sozcontrol.catalogue.hierarchie import Hierarchie
from sozcontrol.catalogue.kennzahl import Kennzahl, Kennzahlendatei, Prognosekennzahl, Steckbrief
from sozcontrol.catalogue.kommunalvergleich import (
    VERGLEICHSLISTEN,
    Menge,
    Vergleich,
    Vergleichsregeln,
    definition_of,
    with_steckbrief,
)
from sozcontrol.catalogue.leserwissen import Leserwissen
from sozcontrol.catalogue.profil import Profil
from sozcontrol.catalogue.profilbeweis import prove_profil
from sozcontrol.catalogue.prozess import Prozess
from sozcontrol.catalogue.reihenprofil import reihenprofile
from sozcontrol.catalogue.satztexte import Gliederungstexte, Wortpaar, gliederungstexte
from sozcontrol.catalogue.sicht import Sicht
from sozcontrol.catalogue.spaltenbild import (
    Spaltenbild,
    Tafelbild,
    bezeichnungen,
    nach_menge,
    tafelbilder,
)
from sozcontrol.catalogue.tabelle import TECHNISCH, Spalte, Tabelle
from sozcontrol.catalogue.vergroeberung import Vergroeberung
from sozcontrol.catalogue.yaml_files import (
    HERE,
    M,
    entries,
    index,
    load_folder,
    parse,
    part,
    read_yaml,
)
from sozcontrol.errors import CatalogueError, UsageError, nearest
from sozcontrol.projekt import PROZESSE, VERGROEBERUNG, Projekt

__all__ = [
    "TECHNISCH", "VERGLEICHSLISTEN", "Bereich", "Betrifft", "Code", "Codeliste", "Edition",
    "Gliederungstexte", "Hierarchie", "Kennzahl", "Kommune", "Leserwissen", "Menge", "Profil",
    "Prognosekennzahl", "Prozess", "Rechtsaenderung", "Reife", "Sicht", "Spalte", "Spaltenbild",
    "Steckbrief", "Tabelle", "Tafelbild", "Termin", "Vergleich", "Vergleichsregeln", "Wortpaar",
    "altersgruppen", "bereich", "bereiche", "berichte_am", "bezeichnungen", "brueche", "codeliste",
    "codelisten", "definition_id", "dominanz", "edition", "editionen", "editionen_mit_hochrechnung",
    "faellige", "gliederungstexte", "hierarchien", "hochrechnung_am", "kalender", "kennzahl",
    "kennzahldatei", "kennzahlen", "kommune", "kommunen", "leserwissen", "nach_menge", "profil",
    "profile", "prognosekennzahlen", "prove", "prozesse", "rechtsaenderungen", "reife_am", "reift",
    "sicht", "sichten", "spalten", "standard_kommune", "steckbrief", "steckbriefe", "tabelle",
    "tabellen", "tafelbilder", "termin_am", "texte", "ursachen", "vergleich", "vergleiche",
    "vergleichsregeln", "vergroeberung",
]  # fmt: skip


T = TypeVar("T")


@cache
def tabellen() -> dict[str, Tabelle]:
    """Return the canonical tables by name."""
    return load_folder(Tabelle, HERE / "tabellen", key="name")


@cache
def codelisten() -> dict[str, Codeliste]:
    """Return the code lists by name."""
    return load_folder(Codeliste, HERE / "codes", key="codeliste")


@cache
def sichten() -> dict[str, Sicht]:
    """Return the views by name."""
    return load_folder(Sicht, HERE / "sichten", key="sicht")


@cache
def altersgruppen(name: str) -> dict[str, int]:
    """Return one division into age groups: label → first year, the youngest first."""
    found = _list("gruppen", Altersgruppen, "id")
    return dict(_get("Altersgruppen", name, found).ab)


@cache
def ursachen() -> dict[str, Ursache]:
    """Return the causes of revision in the order of attribution; the last takes the rest."""
    return _list("ursachen", Ursache, "id")


@cache
def reift(name: str) -> bool:
    """Say whether table *name* tells more of a past day the later it is delivered.

    Master data are kept by the city itself, and of some tables (residents, official statistics) a
    later delivery only corrects what an earlier one said.
    """
    table, known = tabelle(name), ursachen()
    if table.herkunft != "lieferung" or table.revision is None:
        return False
    return any(known[u].spaet for u in table.revision.ursachen)


@cache
def profile() -> dict[str, Profil]:
    """Return the source system profiles by name."""
    return load_folder(Profil, HERE / "profile", key="profil")


def _list(name: str, model: type[M], key: str) -> dict[str, M]:
    path = HERE / f"{name}.yml"
    given = enumerate(entries(path, name))
    items = [parse(model, entry, path, (name, i)) for i, entry in given]
    return index(items, key, path)


@cache
def bereiche() -> dict[str, Bereich]:
    """Return the monitoring areas by id, in the order reports list them."""
    return _list("bereiche", Bereich, "id")


@cache
def editionen() -> dict[str, Edition]:
    """Return the editions by id."""
    return _list("editionen", Edition, "id")


@cache
def dominanz() -> int:
    """Return what share of an amount those who carry it make together, in per cent."""
    path = HERE / "editionen.yml"
    return parse(Dominanz, part(path, "dominanz"), path, ("dominanz",)).anteil


def vergroeberung() -> Vergroeberung:
    """Return what small municipalities break their tables down by: the city's own rule, or ours."""
    own = eigene_fakten(VERGROEBERUNG)
    path = own or HERE / VERGROEBERUNG
    return _vergroeberung(path, path.read_bytes() if own else b"")


@lru_cache
def _vergroeberung(path: Path, _content: bytes) -> Vergroeberung:
    """Read the rule in *path* once for each content of a file that may change under us."""
    found = parse(Vergroeberung, part(path, "vergroeberung"), path, ("vergroeberung",))
    _prove_vergroeberung(found, path)
    return found


@cache
def hierarchien() -> tuple[Hierarchie, ...]:
    """Return which codes lie within which values of another column."""
    path = HERE / "hierarchien.yml"
    given = enumerate(entries(path, "hierarchien"))
    return tuple(parse(Hierarchie, entry, path, ("hierarchien", i)) for i, entry in given)


@cache
def leserwissen() -> Leserwissen:
    """Return what readers know beyond the pages, for the audit of finished pages."""
    path = HERE / "leserwissen.yml"
    return parse(Leserwissen, read_yaml(path), path)


@cache
def warnregeln() -> dict[str, Warnregel]:
    """Return the rules of early warning by id."""
    return index(_part("fruehwarnung", "regeln", Warnregel), "id", HERE / "fruehwarnung.yml")


@cache
def beobachtungen() -> tuple[Beobachtung, ...]:
    """Return what the rules of early warning watch."""
    found = _part("fruehwarnung", "beobachtet", Beobachtung)
    return tuple(index(found, "id", HERE / "fruehwarnung.yml").values())


def _part(name: str, part: str, model: type[M]) -> list[M]:
    path = HERE / f"{name}.yml"
    return [parse(model, e, path, (part, i)) for i, e in enumerate(entries(path, part))]


def kommunen() -> dict[str, Kommune]:
    """Return the municipalities by id, with those the project itself names."""
    own = eigene_kommune()
    return {**_kommunen(), **weitere_kommunen(), **({own.id: own} if own else {})}


@cache
def _kommunen() -> dict[str, Kommune]:
    return _list("kommunen", Kommune, "id")


def standard_kommune() -> str:
    """Return the municipality a delivery belongs to when its Lieferschein names none.

    It is the one the project is opened for; without a name the one the project belongs to.
    """
    around = Projekt.around()
    return around.kommune if around and around.kommune else projektkommune()


def projektkommune() -> str:
    """Return the municipality the project belongs to."""
    own = eigene_kommune()
    return own.id if own else _standard()


def kommune_oder_eigene(genannt: str = "") -> Kommune:
    """Return the municipality of this name; without a name the standard one."""
    return kommune(genannt or standard_kommune())


@cache
def _standard() -> str:
    return str(part(HERE / "kommunen.yml", "standard"))


@cache
def kalender() -> dict[str, Termin]:
    """Return the reporting dates of a year, by ``TT.MM.``."""
    return _list("kalender", Termin, "tag")


def termin_am(stichtag: date) -> Termin | None:
    """Return the calendar's entry for *stichtag*, or None when the calendar knows none."""
    return next((t for t in kalender().values() if t.am(stichtag.year) == stichtag), None)


def faellige(termin: Termin) -> list[Bereich]:
    """Return the areas that owe a report on *termin*."""
    return [b for b in bereiche().values() if set(b.berichtsarten) & set(termin.berichtsarten)]


def berichte_am(stichtag: date) -> list[str]:
    """Return the areas that owe a report on *stichtag*; where no calendar has the day, all."""
    termin = termin_am(stichtag)
    return [b.id for b in faellige(termin)] if termin else [*bereiche()]


@cache
def _kennzahldateien() -> dict[Path, dict[str, Steckbrief]]:
    """Return the indicators of each file of ``kennzahlen/``; each holds one field."""
    found: dict[Path, dict[str, Steckbrief]] = {}
    for path in sorted((HERE / "kennzahlen").glob("*.yml")):
        given = parse(Kennzahlendatei, read_yaml(path), path).eintraege()
        kinds = [Prognosekennzahl if "groesse" in entry else Kennzahl for entry in given]
        items = [parse(kind, entry, path) for kind, entry in zip(kinds, given, strict=True)]
        named = index(items, "id", path)
        twice = set(named) & {id for other in found.values() for id in other}
        _demand(not twice, f"Eine Kennzahl steht in zwei Dateien: {', '.join(twice)}.", path)
        found[path] = named
    return found


@cache
def steckbriefe() -> dict[str, Steckbrief]:
    """Return all indicators by id."""
    return {id: item for items in _kennzahldateien().values() for id, item in items.items()}


def kennzahldatei(id: str) -> Path:
    """Return the file an indicator is declared in; of one that is nowhere, their folder."""
    named = (path for path, items in _kennzahldateien().items() if id in items)
    return next(named, HERE / "kennzahlen")


@cache
def kennzahlen() -> dict[str, Kennzahl]:
    """Return the indicators that are counted, as declared over the primitives."""
    return {i: item for i, item in steckbriefe().items() if isinstance(item, Kennzahl)}


@cache
def prognosekennzahlen() -> dict[str, Prognosekennzahl]:
    """Return the indicators of the Hochrechnung."""
    return {i: item for i, item in steckbriefe().items() if isinstance(item, Prognosekennzahl)}


def prozesse(kommune: str) -> dict[str, Prozess]:
    """Return the running processes of a municipality, by their number.

    What its own file holds is of the city the project belongs to, unless it names another.
    """
    path = eigene_fakten(PROZESSE)
    own = _eigene_prozesse(path, path.read_bytes(), projektkommune()) if path else ()
    every = (*_part("prozesse", "prozesse", Prozess), *own)
    return index((p for p in every if p.kommune == kommune), "id", path or HERE / PROZESSE)


@lru_cache
def _eigene_prozesse(path: Path, _content: bytes, city: str) -> tuple[Prozess, ...]:
    given = [
        {"kommune": city, **e} if isinstance(e, dict) else e for e in entries(path, "prozesse")
    ]
    found = tuple(parse(Prozess, e, path, ("prozesse", i)) for i, e in enumerate(given))
    for item in found:
        _prove_prozess(item, path)
    return found


@cache
def rechtsaenderungen() -> tuple[Rechtsaenderung, ...]:
    """Return the law and software changes every time series must mark, by date."""
    changes = _list("rechtsaenderungen", Rechtsaenderung, "kurz").values()
    return tuple(sorted(changes, key=lambda r: (r.am, r.kurz)))


def brueche(
    rechtskreise: Collection[str],
    kommune: str | None = None,
    betrifft: Betrifft | None = None,
    kennzahlen: Collection[str] = (),
) -> tuple[Rechtsaenderung, ...]:
    """Return the changes that break a series of *rechtskreise* or of *kennzahlen*, by date.

    Local changes are those of *kommune* (an id) only; *betrifft* is the kind of series, without it
    every kind counts.

    Raises:
        UsageError: There is no such kind of series; it would show no break, silently.
    """
    if betrifft is not None:
        _get("betrifft", betrifft, dict.fromkeys(get_args(Betrifft)))
    return tuple(
        r
        for r in rechtsaenderungen()
        if r.trifft(rechtskreise, kennzahlen)
        and r.kommune in {None, kommune}
        and (betrifft is None or betrifft in r.betrifft)
    )


def _get(kind: str, name: str, known: Mapping[str, T]) -> T:
    if name not in known:
        raise UsageError(f"{kind} »{name}« ist unbekannt.", wo=kind, tun=nearest(name, [*known]))
    return known[name]


@cache
def definition_id(kennzahl: str) -> str:
    """Return what a counted Kennzahl's definition is known by: other facts, another id."""
    item = kennzahlen()[kennzahl]
    names: dict[str, None] = {}
    queue = [term.sicht for term in item.terme]
    while queue:
        if (name := queue.pop(0)) not in names:
            names[name] = None
            view = sicht(name)
            queue += [*view.grundlage, *(j.sicht for j in view.verbunden if j.sicht)]
    views = [sicht(name) for name in sorted(names)]
    asked = {(d.von, d.merkmal) for v in views for d in v.abgeleitet.values() if d.merkmal}
    marks: dict[str, object] = {
        f"{von}.{mark}": {code: c.merkmale.get(mark or "") for code, c in codes.gueltig.items()}
        for von, mark in sorted(asked, key=str)
        if (codes := codelisten().get(von or ""))
    }
    return definition_of(item, views, marks)


@cache
def vergleiche() -> dict[str, Vergleich]:
    """Return the comparisons by id, in the order of the fields; a Steckbrief fills in its own."""
    path = HERE / "vergleiche.yml"
    given = [with_steckbrief(e, steckbriefe(), definition_id) for e in entries(path, "vergleiche")]
    items = [parse(Vergleich, e, path, ("vergleiche", i)) for i, e in enumerate(given)]
    return index(items, "id", path)


def vergleich(name: str) -> Vergleich:
    """Return one comparison."""
    return _get("Vergleich", name, vergleiche())


@cache
def vergleichsregeln() -> Vergleichsregeln:
    """Return how comparisons are made."""
    path = HERE / "vergleiche.yml"
    return parse(Vergleichsregeln, part(path, "regeln"), path, ("regeln",))


def tabelle(name: str) -> Tabelle:
    """Return one table; an unknown name is answered with the nearest known one."""
    return _get("Tabelle", name, tabellen())


def sicht(name: str) -> Sicht:
    """Return one view."""
    return _get("Sicht", name, sichten())


@cache
def gelesene_tabellen(name: str) -> tuple[str, ...]:
    """Return the canonical tables view *name* reads, its own first."""
    view = sicht(name)
    read = list(noetige_tabellen(name))
    below = (*view.grundlage, *(j.sicht for j in view.verbunden if j.sicht))
    read += [t for base in below for t in gelesene_tabellen(base)]
    if any(a.gebiet for a in view.abgeleitet.values()):
        read.append("gebiet")
    return tuple(dict.fromkeys(read))


@cache
def noetige_tabellen(name: str) -> tuple[str, ...]:
    """Return the tables without which view *name* can't be: without areas all are unknown."""
    view = sicht(name)
    read = [view.tabelle] if view.tabelle else []
    for base in view.grundlage:
        read += noetige_tabellen(base)
    for join in view.verbunden:
        read += [join.tabelle] if join.tabelle else noetige_tabellen(join.sicht or "")
    return tuple(dict.fromkeys(read))


def codeliste(name: str) -> Codeliste:
    """Return one code list."""
    return _get("Codeliste", name, codelisten())


def spalten(name: str) -> Tafelbild:
    """Return the columns that the catalogue describes for one table of a report."""
    return _get("Spalten", name, tafelbilder())


def texte(dimension: str) -> Gliederungstexte:
    """Return what sentences call the whole, the parts and the causes of a breakdown."""
    return _get("Texte", dimension, gliederungstexte())


def profil(name: str) -> Profil:
    """Return one profile: the city's own, proved to feed what exists, or one of the package."""
    own = eigenes_profil(name)
    if own is None:
        return _get("Profil", name, profile())
    if name in profile():
        raise CatalogueError(
            f"Ein Profil »{name}« gibt es schon in sozcontrol.",
            wo=str(eigener_pfad(name)),
            tun="Das eigene umbenennen (Datei und Eintrag profil).",
        )
    prove_profil(own, eigener_pfad(name), tabellen(), codelisten())
    return own


def bereich(name: str) -> Bereich:
    """Return one monitoring area."""
    return _get("Bereich", name, bereiche())


def edition(name: str) -> Edition:
    """Return one edition."""
    return _get("Edition", name, editionen())


def kennzahl(name: str) -> Kennzahl:
    """Return one indicator."""
    return _get("Kennzahl", name, kennzahlen())


def steckbrief(name: str) -> Steckbrief:
    """Return one indicator, counted or forecast."""
    return _get("Kennzahl", name, steckbriefe())


def reife_am(stichtag: date) -> Reife | None:
    """Say how far a year-end forecast of *stichtag* is trusted: the calendar's last entry decides.

    None: there is none yet.
    """
    bisher = [t for t in kalender().values() if t.am(stichtag.year) <= stichtag]
    return max(bisher, key=lambda t: t.am(stichtag.year)).hochrechnung if bisher else None


def hochrechnung_am(stichtag: date, edition_id: str) -> Reife | None:
    """Say how far a year-end forecast may be shown on *stichtag* in an edition.

    One that is still ``experimentell`` only in editions that say so. None: not at all.
    """
    reife = reife_am(stichtag)
    shown = reife == "gueltig" or edition(edition_id).experimentell
    return reife if shown else None


def offene_edition() -> str:
    """Return the edition that hides nothing: its tables are the truth."""
    return next(e.id for e in editionen().values() if not e.schwelle)


def editionen_mit_verfahren() -> tuple[str, ...]:
    """Return the editions whose readers want methods, measures of error and every single series."""
    return tuple(e.id for e in editionen().values() if e.verfahren)


def editionen_mit_hochrechnung(stichtag: date) -> tuple[str, ...]:
    """Return the editions that may show a year-end forecast of *stichtag*."""
    return tuple(e for e in editionen() if hochrechnung_am(stichtag, e) is not None)


def kommune(name: str) -> Kommune:
    """Return one municipality."""
    return _get("Kommune", name, kommunen())


def _demand(holds: bool, was: str, path: Path) -> None:
    if not holds:
        raise CatalogueError(
            was, wo=str(path), tun="Eintrag berichtigen oder das Fehlende anlegen."
        )


def prove() -> None:
    """Prove the catalogue coherent: every name one fact uses of another exists.

    Raises:
        CatalogueError: The first name that leads nowhere.
    """
    reihenprofile()
    tafelbilder(), bezeichnungen(), gliederungstexte()
    for table in tabellen().values():
        where = HERE / "tabellen" / f"{table.name}.yml"
        for column in table.spalten:
            if column.codeliste:
                _demand(
                    column.codeliste in codelisten(),
                    f"Codeliste »{column.codeliste}« fehlt.",
                    where,
                )
            if column.bezug:
                other, _, key = column.bezug.partition(".")
                known = other in tabellen() and key in tabellen()[other].namen
                _demand(known, f"Bezug »{column.bezug}« führt ins Leere.", where)
    for item in profile().values():
        path = HERE / "profile" / f"{item.profil}.yml"
        prove_profil(item, path, tabellen(), codelisten())
    for one in steckbriefe().values():
        _prove_kennzahl(one)
    for area in bereiche().values():
        where = HERE / "bereiche.yml"
        missing = {*area.braucht, *area.auch} - set(tabellen())
        _demand(not missing, f"{area.id}: Tabellen fehlen {sorted(missing)}.", where)
        _demand(set(area.editionen) <= set(editionen()), f"{area.id}: Edition fehlt.", where)
        unknown = set(area.kennzahlen) - set(steckbriefe())
        _demand(not unknown, f"{area.id}: unbekannte Kennzahlen {sorted(unknown)}.", where)
        strange = sorted(set(area.leitzahlen) - set(area.kennzahlen))
        _demand(
            not strange, f"{area.id}: Leitzahlen sind keine Kennzahlen {sorted(strange)}.", where
        )
    for termin in kalender().values():
        for frist in termin.fristen:
            known = frist.edition is None or frist.edition in editionen()
            _demand(known, f"{termin.tag}: Edition »{frist.edition}« fehlt.", HERE / "kalender.yml")
    for process in _part("prozesse", "prozesse", Prozess):
        _prove_prozess(process)
    prozesse(projektkommune())
    for watched in beobachtungen():
        known = watched.kennzahl in kennzahlen() and watched.regel in warnregeln()
        where = HERE / "fruehwarnung.yml"
        _demand(known, f"{watched.id}: Kennzahl oder Regel fehlt.", where)
    for town in _kommunen().values():
        _demand(
            set(town.profile) <= set(profile()), f"{town.id}: Profil fehlt.", HERE / "kommunen.yml"
        )
    for change in rechtsaenderungen():
        _prove_bruch(change)
    for area in bereiche().values():
        _prove_rechtskreise(area)
    for nested in hierarchien():
        known = nested.teil in codelisten()
        _demand(known, f"Codeliste »{nested.teil}« fehlt.", HERE / "hierarchien.yml")
    for item_of in vergleiche().values():
        for liste, word in VERGLEICHSLISTEN.items():
            known = getattr(item_of, word) in codelisten()[liste].gueltig
            _demand(known, f"{item_of.id}: {word} ist kein {liste}.", HERE / "vergleiche.yml")
    vergleichsregeln()
    vergroeberung()
    _demand(_standard() in _kommunen(), "standard ist keine Kommune.", HERE / "kommunen.yml")


def _prove_vergroeberung(rule: Vergroeberung, where: Path) -> None:
    dims = {d for k in steckbriefe().values() for d in k.granularitaet}
    unknown = {*rule.statt, *filter(None, rule.statt.values()), *rule.allein} - dims
    _demand(rule.gezaehlt in kennzahlen(), f"Kennzahl »{rule.gezaehlt}« fehlt.", where)
    _demand(not unknown, f"Nichts wird gegliedert nach {sorted(unknown)}.", where)


def _prove_prozess(item: Prozess, where: Path = HERE / PROZESSE) -> None:
    _demand(item.kommune in kommunen(), f"{item.id}: Kommune »{item.kommune}« fehlt.", where)
    for id in filter(None, (item.kennzahl, item.gewinnschwelle)):
        _demand(id in kennzahlen(), f"{item.id}: Kennzahl »{id}« fehlt.", where)
    known = item.bericht is None or item.bericht in bereiche()
    _demand(known, f"{item.id}: Bereich »{item.bericht}« fehlt.", where)
    if item.vergleich is not None:
        other = vergleiche().get(item.vergleich)
        fits = other is not None and other.kennzahl == item.kennzahl
        _demand(fits, f"{item.id}: »{item.vergleich}« vergleicht diese Kennzahl nicht.", where)


def _prove_bruch(item: Rechtsaenderung) -> None:
    where = HERE / "rechtsaenderungen.yml"
    known = item.kommune is None or item.kommune in kommunen()
    _demand(known, f"{item.kurz}: Kommune »{item.kommune}« fehlt.", where)
    unknown = set(item.rechtskreise) - set(codelisten()["rechtskreis"].gueltig)
    _demand(not unknown, f"{item.kurz}: unbekannte Rechtskreise {sorted(unknown)}.", where)
    unknown = set(item.kennzahlen) - set(kennzahlen())
    _demand(not unknown, f"{item.kurz}: unbekannte Kennzahlen {sorted(unknown)}.", where)


def _prove_rechtskreise(item: Bereich) -> None:
    unknown = set(item.rechtskreise) - set(codelisten()["rechtskreis"].gueltig)
    message = f"{item.id}: unbekannte Rechtskreise {sorted(unknown)}."
    _demand(not unknown, message, HERE / "bereiche.yml")


def _prove_kennzahl(item: Steckbrief) -> None:
    where = kennzahldatei(item.id)
    for other in (item.paarkennzahl, item.variante_von):
        known = other is None or other in steckbriefe()
        _demand(known, f"{item.id}: Kennzahl »{other}« fehlt.", where)
    for source in item.datenquelle:
        table, _, column = source.partition(".")
        known = table in tabellen() and column in tabellen()[table].namen
        _demand(known, f"{item.id}: Datenquelle »{source}« führt ins Leere.", where)
    terms = item.terme if isinstance(item, Kennzahl) else ()
    for condition in (c for term in terms for c in term.wo):
        codes = _codes(condition.spalte)
        # YAML reads an unquoted 27_2 as the number 272; it is then not among the codes either.
        unknown = [v for v in condition.verglichen if codes and v not in codes]
        _demand(not unknown, f"{item.id}: {condition.spalte} kennt nicht {unknown}.", where)


def _codes(spalte: str) -> set[str]:
    """Return the codes any table allows in a column of this name (empty: not a code column)."""
    columns = [c for t in tabellen().values() for c in t.spalten if c.name == spalte]
    return {code for c in columns if c.codeliste for code in codelisten()[c.codeliste].gueltig}
