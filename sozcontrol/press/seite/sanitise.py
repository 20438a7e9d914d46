"""The allow-list every fragment of a report passes: rendered Markdown and released outputs.

nbconvert passes HTML from data through as it is; a ``<script>`` in a cell would run. Here only
named elements and attributes survive, pictures are drawn in the page (nobody reads back what a
file shows), and links are relative, to an anchor, to https or to a mailbox. The page's
Content-Security-Policy is the second belt.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import nh3

_TEXT = (
    "a abbr b br code del dfn div em h2 h3 h4 h5 h6 hr i ins kbd li mark ol p pre q s small span "
    "strong sub sup time ul var wbr blockquote dl dt dd details summary section figure figcaption "
    "aside article meter progress"
)
_TABLE = "table caption colgroup col thead tbody tfoot tr th td"
_SVG = "svg g path rect circle line text tspan defs use clipPath pattern"
_EVERYWHERE = (
    "class id lang title dir hidden role tabindex style aria-label aria-labelledby "
    "aria-describedby aria-hidden aria-level aria-roledescription data-wert data-kopf"
)
_SHAPES = (
    "d x y x1 x2 y1 y2 cx cy r width height transform fill fill-opacity stroke stroke-width "
    "stroke-dasharray stroke-linecap stroke-linejoin stroke-opacity opacity clip-path text-anchor "
    "font-size font-weight patternUnits"
)
_STYLE = {"text-align"}
"""Where Markdown aligns a column; all else is a class of the page's style sheet."""


def _attributes() -> dict[str, set[str]]:
    allowed = {"*": set(_EVERYWHERE.split())}
    for tag in _SVG.split():
        allowed[tag] = set(_SHAPES.split())
    allowed["svg"] |= {"viewBox", "focusable"}
    allowed["use"] |= {"href"}
    allowed["a"] = {"href"}
    allowed["th"] = {"scope", "colspan", "rowspan", "headers", "abbr"}
    allowed["td"] = {"colspan", "rowspan", "headers"}
    allowed["col"] = allowed["colgroup"] = {"span"}
    allowed["details"] = {"open"}
    allowed["time"] = {"datetime"}
    allowed["ol"] = {"start"}
    allowed["meter"] = allowed["progress"] = {"value", "min", "max", "low", "high", "optimum"}
    return allowed


def _filter(tag: str, name: str, value: str) -> str | None:
    """Drop every attribute value that could fetch something or act."""
    if tag == "use" and name == "href":
        return value if value.startswith("#") else None
    # url(...) may only point into the same document: clip paths and gradients.
    if "url(" in value.replace("url(#", "").lower():
        return None
    return value


@cache
def _cleaner() -> nh3.Cleaner:
    import nh3

    return nh3.Cleaner(
        tags={*_TEXT.split(), *_TABLE.split(), *_SVG.split()},
        clean_content_tags={"script", "style", "iframe", "object", "template"},
        attributes=_attributes(),
        attribute_filter=_filter,
        url_schemes={"https", "mailto"},
        link_rel="noopener noreferrer",
        filter_style_properties=_STYLE,
    )


def clean(html: str) -> str:
    """Return *html* reduced to the allow-list; scripts and styles vanish with their content."""
    return _cleaner().clean(html)
