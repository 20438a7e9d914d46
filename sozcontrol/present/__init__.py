"""Outputs people can read: declared in a notebook, drawn when it is decided who may see what.

The functions here take what is *undecided* (``Aufstellung``, ``Werte``) and return an
:class:`Output`, a declaration. ``draw`` makes HTML of it from released tables: accessible, German
throughout. Drawing libraries are imported when something is drawn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sozcontrol.beigebrauch import give_on_use

if TYPE_CHECKING:
    from sozcontrol.present.ausgaben import (
        absent,
        achieved,
        area_map,
        areas,
        bar_chart,
        beside,
        board,
        booked,
        commentary,
        course,
        courses,
        decisions,
        decomposition,
        definitions,
        deviation,
        digest,
        doubts,
        forecast,
        forecast_table,
        goals,
        headline,
        heat_table,
        line_chart,
        maturity,
        measure,
        methods,
        multiples,
        opinions,
        origin,
        outlook,
        overruns,
        overview,
        parts,
        points,
        processes,
        profiles,
        provision,
        published,
        radar,
        revised_forecasts,
        revision,
        revision_stand,
        risks,
        scenarios,
        sentence,
        standing,
        statement,
        steckbriefe,
        subsidy,
        table,
        tables,
        tiles,
        undone,
        warnings,
        waterfall,
        why,
    )
    from sozcontrol.present.output import Output, draw
    from sozcontrol.present.preview import fresh_preview
    from sozcontrol.present.saetze import compared, tile
else:
    give_on_use(__name__)

__all__ = [
    "Output", "absent", "achieved", "area_map", "areas", "bar_chart", "beside", "board",
    "booked", "commentary", "compared", "course", "courses", "decisions", "decomposition",
    "definitions", "deviation", "digest", "doubts", "draw", "forecast", "forecast_table",
    "fresh_preview", "goals", "headline", "heat_table", "line_chart", "maturity", "measure",
    "methods", "multiples", "opinions", "origin", "outlook", "overruns", "overview", "parts",
    "points", "processes", "profiles", "provision", "published", "radar", "revised_forecasts",
    "revision", "revision_stand", "risks", "scenarios", "sentence", "standing", "statement",
    "steckbriefe", "subsidy", "table", "tables", "tile", "tiles", "undone", "warnings",
    "waterfall", "why",
]  # fmt: skip
