"""Released figures to outputs people can read: accessible HTML, German throughout.

Everything here takes what ``disclosure`` released and returns a stamped :class:`Output`; a bare
frame or number raises ``NotReleased``. Drawing libraries are imported when something is drawn.
"""

from sozcontrol.present.charts import bar_chart, line_chart, waterfall
from sozcontrol.present.output import Output
from sozcontrol.present.steckbrief import commentary, invented_notice, origin, steckbriefe
from sozcontrol.present.table import table
from sozcontrol.present.text import abweichung_in_worten, overview, sentence, tile, tiles
from sozcontrol.present.zusammen import SOLL_IST, ZERLEGUNG, absent, beside, compared, decomposition

__all__ = [
    "SOLL_IST", "ZERLEGUNG", "Output", "absent", "abweichung_in_worten", "bar_chart", "beside",
    "commentary", "compared", "decomposition", "invented_notice", "line_chart", "origin",
    "overview", "sentence", "steckbriefe", "table", "tile", "tiles", "waterfall",
]  # fmt: skip
