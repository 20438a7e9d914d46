"""Released figures to outputs people can read: accessible HTML, German throughout.

Everything here takes what ``disclosure`` released and returns a stamped :class:`Output`; a bare
frame or number raises ``NotReleased``. Drawing libraries are imported when something is drawn.
"""

from sozcontrol.present.abwicklung import (
    provision,
)
from sozcontrol.present.ansatzabweichung import deviation
from sozcontrol.present.ausblick import (
    forecast,
    methods,
    outlook,
    path_to_year_end,
    scenarios,
)
from sozcontrol.present.charts import bar_chart, line_chart
from sozcontrol.present.output import Output
from sozcontrol.present.prognose import (
    forecast_table,
    maturity,
    published,
)
from sozcontrol.present.revision import revised_forecasts, revision, revision_stand
from sozcontrol.present.saetze import overview, sentence, tile, tiles
from sozcontrol.present.steckbrief import commentary, origin, steckbriefe
from sozcontrol.present.table import table
from sozcontrol.present.wasserfall import waterfall
from sozcontrol.present.zusammen import absent, beside, compared, decomposition

__all__ = [
    "Output",
    "absent",
    "bar_chart",
    "beside",
    "commentary",
    "compared",
    "decomposition",
    "deviation",
    "forecast",
    "forecast_table",
    "line_chart",
    "maturity",
    "methods",
    "origin",
    "outlook",
    "overview",
    "path_to_year_end",
    "provision",
    "published",
    "revised_forecasts",
    "revision",
    "revision_stand",
    "scenarios",
    "sentence",
    "steckbriefe",
    "table",
    "tile",
    "tiles",
    "waterfall",
]  # fmt: skip
