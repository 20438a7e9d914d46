"""The kinds of output there are: how each is drawn, and which columns of its tables it shows.

Columns that are not named here only stand behind figures: they bound what may be seen, and are not
in the released table.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from sozcontrol import catalogue
from sozcontrol.errors import UsageError
from sozcontrol.hochrechnung.prognosestand import Aussage
from sozcontrol.measures import Werte
from sozcontrol.present.absaetze import digest, parts
from sozcontrol.present.abwicklung import provision
from sozcontrol.present.ansatzabweichung import deviation
from sozcontrol.present.ausblick import course, forecast, methods, outlook, scenarios
from sozcontrol.present.beschriftung import Spalten, columns
from sozcontrol.present.charts import bar_chart, line_chart
from sozcontrol.present.erste_seite import board, booked, headline, measure, why
from sozcontrol.present.fragment import Fragment
from sozcontrol.present.gebietsbild import area_map
from sozcontrol.present.gebietsprofil import multiples, profiles
from sozcontrol.present.handlungsbedarf import decisions, warnings
from sozcontrol.present.jahresblatt import achieved, areas, definitions, doubts, opinions, undone
from sozcontrol.present.kommunenbild import courses, points, standing
from sozcontrol.present.plain import Undecided
from sozcontrol.present.prognose import forecast_table, maturity, published
from sozcontrol.present.prozessbild import processes
from sozcontrol.present.radarbild import radar
from sozcontrol.present.revision import revised_forecasts, revision, revision_stand
from sozcontrol.present.risikoliste import risks
from sozcontrol.present.saetze import overview, sentence, tiles
from sozcontrol.present.schlagzeile import statement
from sozcontrol.present.steckbrief import commentary, origin, steckbriefe
from sozcontrol.present.table import table
from sozcontrol.present.unterrichtung import subsidy
from sozcontrol.present.waermetafel import heat_table
from sozcontrol.present.wasserfall import waterfall
from sozcontrol.present.zielstand import goals
from sozcontrol.present.zusammen import absent, beside, decomposition, overruns, tables
from sozcontrol.revision import URSACHEN

Arguments = Mapping[str, object]
Shown = Callable[[Arguments, Undecided], Sequence[str] | None]
"""The columns an output shows of one of its tables; None: all of them."""

AT_DRAWING = ("edition", "projekt")
"""Parameters that are known when the page is drawn, and not before."""


@dataclass(frozen=True)
class Kind:
    """One kind of output: ``tables`` says which parameters hold tables, and what is shown of them.

    ``nothing`` says of which declarations nothing is ever shown. With ``nennt_ziele`` the drawing
    itself tells the page where a goal stands; else it depends on all goals it is given.
    """

    draw: Callable[..., Fragment | None]
    tables: Mapping[str, Shown] = field(default_factory=dict)
    nothing: Callable[[Arguments], bool] = lambda arguments: False
    nennt_ziele: bool = False

    @property
    def name(self) -> str:
        """What notebooks call it."""
        return self.draw.__name__

    @cached_property
    def signature(self) -> inspect.Signature:
        """The parameters of the drawing."""
        return inspect.signature(self.draw)

    @property
    def declared(self) -> inspect.Signature:
        """The parameters of a declaration: without what only the page knows."""
        kept = [p for n, p in self.signature.parameters.items() if n not in AT_DRAWING]
        return self.signature.replace(parameters=kept)


def _only(*names: str) -> Shown:
    return lambda arguments, table: names


def _described(*spalten: Spalten, also: Sequence[str] = ()) -> Shown:
    """Show columns the catalogue describes, and read *also*."""
    return lambda arguments, table: [*(c for s in spalten for c in columns(s)), *also]


def _names(spalten: object) -> list[str]:
    """Return the columns that a parameter names, as the drawing will read it."""
    if isinstance(spalten, str):
        return [*columns(spalten)]
    if isinstance(spalten, Mapping):
        return [str(name) for name in spalten]
    raise UsageError(
        f"Spalten sind ein Name oder ein Wörterbuch; übergeben: »{type(spalten).__name__}«.",
        wo="spalten",
        tun='spalten={"wert": ("Überschrift", "anzahl")} schreiben.',
    )


def _chosen(*also: str) -> Shown:
    """Show the columns of the parameter ``spalten``; without it what a table shows by itself."""

    def shown(arguments: Arguments, table: Undecided) -> Sequence[str] | None:
        if arguments.get("spalten") is not None:
            return [*_names(arguments["spalten"]), *also]
        item = table.kennzahl
        return None if item is None else ("zaehler", "nenner", "wert")

    return shown


def _drawn(arguments: Arguments, table: Undecided) -> Sequence[str]:
    own = _names(arguments["spalten"]) if arguments.get("spalten") is not None else []
    named = [str(arguments[n]) for n in ("x", "y", "gruppe") if arguments.get(n)]
    return [*named, *own]


def _whole(arguments: Arguments, table: Undecided) -> None:
    """Show every column."""


def _figure(arguments: Arguments, table: Undecided) -> Sequence[str] | None:
    return ("wert",) if isinstance(table, Werte) else None


def _watched(arguments: Arguments, table: Undecided) -> Sequence[str] | None:
    """Charts of few events judge what is counted, and what it is of."""
    if not isinstance(table, Werte):
        return None
    rules = {b.kennzahl: catalogue.warnregeln()[b.regel] for b in catalogue.beobachtungen()}
    rule = rules.get(table.kennzahl.id)
    return ("zaehler", "nenner", "wert") if rule and rule.zaehlend else ("wert",)


def _compared(arguments: Arguments, table: Undecided) -> Sequence[str]:
    """Tables of counts alone stand behind those of the Kennzahlen."""
    causes = tuple(URSACHEN) if arguments.get("ursachen") else ()
    return () if table.kennzahl is None else ("damals", "heute", "veraenderung", *causes)


def _revised(arguments: Arguments, table: Undecided) -> Sequence[str]:
    if arguments["ursachen"]:
        return [*columns("revision_ursachen"), *URSACHEN]
    return [*columns("revision_prognosen")]


def _uncounted(arguments: Arguments, table: Undecided) -> Sequence[str] | None:
    """Show all columns but the counts: one parameter holds tables of several forms."""
    counts = getattr(table, "anzahl", ())
    return [c for c in table.frame.columns if c not in counts]


def _too_early(arguments: Arguments) -> bool:
    said = arguments["aussage"]
    return isinstance(said, Aussage) and said.verfrueht


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(absent),
        Kind(achieved, {"werte": _figure}),
        Kind(area_map, {"released": _figure}),
        Kind(areas, {"kacheln": _figure, "werte": _figure}),
        Kind(bar_chart, {"released": _drawn}),
        Kind(beside, {"tabellen": _figure}),
        Kind(board, {
            "teilhaushalte": _described("zuschuss"), "gruppen": _described("auffaellig"),
            "vorjahr": _described("teilhaushalte"),
        }),
        Kind(booked, {
            "jetzt": _described("teilhaushalte"), "damals": _described("teilhaushalte"),
        }),
        Kind(commentary),
        Kind(decisions, {
            "teilhaushalte": _described("zuschuss"), "einrichtungen": _described("abrechnung"),
        }),
        Kind(courses, {"released": _whole}),
        Kind(course, {"gang": _only("betrag_eur")}),
        Kind(decomposition, {"steps": _only("betrag_eur")}),
        Kind(definitions),
        Kind(deviation, {"released": _described("abweichung", also=("vorjahr_eur",))}),
        Kind(doubts),
        Kind(digest, {"kacheln": _figure}),
        Kind(forecast, {
            "prognose": _described("hochrechnung"),
            "zeugnis": _described("zeugnis", "in_worten"),
            "teile": _described("teile"),
        }),
        Kind(goals, {"werte": _figure}),
        Kind(forecast_table, {"prognose": _chosen()}, _too_early),
        Kind(headline, {
            "teilhaushalte": _described("zuschuss"),
            "gesamt": _described("hochrechnung", also=("was",)),
            "zeugnis": _described("zeugnis"), "vorjahr": _described("teilhaushalte"),
        }),
        Kind(heat_table, {"released": _chosen()}),
        Kind(line_chart, {"released": _drawn}),
        Kind(maturity),
        Kind(measure, {
            "teilhaushalte": _described("zuschuss"), "seiten": _described("zuschussseiten"),
        }),
        Kind(methods, {
            "methoden": _described("methoden"), "ohne_antwort": _described("ohne_antwort"),
            "wahl": _described("satz"), "wege": _described("wege"),
        }),
        Kind(multiples, {"released": _chosen()}),
        Kind(opinions),
        Kind(origin),
        Kind(outlook, {
            "gesamt": _described("hochrechnung", also=("was",)),
            "zeugnis": _described("in_worten", also=("was",)),
        }),
        Kind(overruns, {"soll_ist": _chosen("abweichung_eur", "soll_eur")}),
        Kind(overview, {"zahlen": _figure, "vergleich": _figure}),
        Kind(points, {"released": _whole}),
        Kind(parts, {
            "teilhaushalte": _described("zuschuss"), "beitraege": _described("beitraege"),
            "gebucht": _described("teilhaushalte"), "frei": _described("frei_verfuegbar"),
            "vorjahr": _described("teilhaushalte"),
        }),
        Kind(provision, {
            "released": _described("rueckstellung"), "ganzes": _described("rueckstellung_gesamt"),
        }),
        Kind(processes, {
            "verlaeufe": _figure, "anderswo": _whole, "schwellen": _figure,
        }),
        Kind(profiles, {"tabellen": _figure}),
        Kind(published, {"archiv": _described("veroeffentlicht")}),
        Kind(radar, {"released": _described("radar"), "werte": _figure}),
        Kind(revised_forecasts, {"prognosen": _revised}),
        Kind(revision, {"vergleiche": _compared}),
        Kind(revision_stand, {"vergleiche": _compared}),
        Kind(risks, {
            "risiken": _described("risiken"), "zeugnis": _described("warnungszeugnis"),
        }),
        Kind(scenarios, {"tafeln": _uncounted}),
        Kind(sentence, {"zahlen": _figure}),
        Kind(standing, {"released": _whole}),
        Kind(statement, {"zahlen": _figure}),
        Kind(steckbriefe),
        Kind(subsidy, {
            "teilhaushalte": _described("zuschuss"), "gruppen": _described("auffaellig"),
            "seither": _described("seither"), "weiter": _described("weiter"),
            "jahre": _described("zuschussjahre"),
        }, _too_early),
        Kind(table, {"released": _chosen(), "daneben": _figure}),
        Kind(tables, {"tafeln": _uncounted}),
        Kind(tiles, {"kacheln": _figure, "verlauf": _figure}, nennt_ziele=True),
        Kind(warnings, {
            "warntafel": _described("warntafel"), "offen": _described("rueckstellung"),
            "einrichtungen": _described("abrechnung"), "reihen": _watched, "zielwerte": _figure,
        }),
        Kind(undone, {"released": _described("radar")}),
        Kind(waterfall, {"released": _drawn}),
        Kind(why, {
            "teilhaushalte": _described("zuschuss"), "beitraege": _described("beitraege"),
        }),
    )
}  # fmt: skip
"""By the name notebooks use."""
