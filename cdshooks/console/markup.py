"""What a page shows and how: a card's Markdown as HTML that can do nothing, and whether HTML is wanted at all.

No raw HTML is read, and what comes out is cleaned once more.
"""

from __future__ import annotations

import nh3
from flask import request
from markdown_it import MarkdownIt
from markupsafe import Markup

TAGS = {"p", "strong", "em", "ul", "ol", "li", "br", "a", "code"}
_reader = MarkdownIt("commonmark", {"html": False})


def rendered(text: str) -> Markup:
    """Paragraphs, bold, lists and http(s) links; everything else comes out as text or not at all."""
    dirty = _reader.render(text)
    return Markup(
        nh3.clean(
            dirty, tags=TAGS, attributes={"a": {"href"}}, url_schemes={"http", "https"}, link_rel="noopener noreferrer"
        )
    )


def wants_json() -> bool:
    """A browser or script asks for JSON rather than for a page."""
    return request.accept_mimetypes.best_match(("text/html", "application/json"), "text/html") == "application/json"
