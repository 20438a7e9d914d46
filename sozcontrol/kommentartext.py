"""What an office wrote, as HTML: the one text of a page that no figure and no notebook decides.

It stands left of all rooms, so that a comment can be set into a finished page without any of them.
"""

from __future__ import annotations


def written(text: str) -> str:
    """Return a comment (Markdown) as HTML, nothing where nothing is written.

    Raw HTML is shown as text, the rest is sanitised; headings become bold lines so that the report
    keeps its outline.
    """
    return f'<div class="soz-kommentar">{_markdown(text)}</div>' if text else ""


def _markdown(text: str) -> str:
    import mistune
    import nh3

    class Renderer(mistune.HTMLRenderer):
        def heading(self, text: str, level: int, **attrs: object) -> str:
            return f"<p><strong>{text}</strong></p>\n"

    render = mistune.create_markdown(renderer=Renderer(escape=True), plugins=["table"])
    allowed = {
        "p", "strong", "em", "ul", "ol", "li", "br", "blockquote", "code", "a",
        "table", "thead", "tbody", "tr", "th", "td", "hr",
    }  # fmt: skip
    return nh3.clean(
        str(render(text)), tags=allowed, attributes={"a": {"href"}}, url_schemes={"https", "mailto"}
    )
