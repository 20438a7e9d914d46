"""What notebooks call: one function for each kind of output, with the signature of its drawing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from sozcontrol.present.output import Output, declared
from sozcontrol.present.steckbrief import delivered

if TYPE_CHECKING:
    from sozcontrol.store import Daten

absent = declared("absent")
achieved = declared("achieved")
area_map = declared("area_map")
areas = declared("areas")
bar_chart = declared("bar_chart")
beside = declared("beside")
board = declared("board")
booked = declared("booked")
commentary = declared("commentary")
course = declared("course")
courses = declared("courses")
decisions = declared("decisions")
decomposition = declared("decomposition")
definitions = declared("definitions")
deviation = declared("deviation")
digest = declared("digest")
doubts = declared("doubts")
forecast = declared("forecast")
forecast_table = declared("forecast_table")
goals = declared("goals")
headline = declared("headline")
heat_table = declared("heat_table")
line_chart = declared("line_chart")
maturity = declared("maturity")
measure = declared("measure")
methods = declared("methods")
multiples = declared("multiples")
opinions = declared("opinions")
outlook = declared("outlook")
overruns = declared("overruns")
overview = declared("overview")
parts = declared("parts")
points = declared("points")
processes = declared("processes")
profiles = declared("profiles")
provision = declared("provision")
published = declared("published")
radar = declared("radar")
revised_forecasts = declared("revised_forecasts")
revision = declared("revision")
revision_stand = declared("revision_stand")
risks = declared("risks")
scenarios = declared("scenarios")
sentence = declared("sentence")
standing = declared("standing")
statement = declared("statement")
steckbriefe = declared("steckbriefe")
subsidy = declared("subsidy")
table = declared("table")
tables = declared("tables")
tiles = declared("tiles")
undone = declared("undone")
warnings = declared("warnings")
waterfall = declared("waterfall")
why = declared("why")
_files = declared("origin")


def origin(
    daten: Daten,
    titel: str = "Herkunft der Zahlen",
    *,
    tabellen: Iterable[str] = (),
    sichtbar: Sequence[str] | None = None,
) -> Output | None:
    """Show which deliveries the figures come from; *tabellen* keeps those of these tables."""
    return _files(delivered(daten, tabellen), titel, sichtbar=sichtbar)
