"""A card's Markdown as HTML that can do nothing: no raw HTML is read, and what comes out is cleaned once more."""

from __future__ import annotations

import nh3
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
