"""What a browser or script asks for, beside the page itself."""

from __future__ import annotations

from flask import request


def wants_json() -> bool:
    return request.accept_mimetypes.best_match(("text/html", "application/json"), "text/html") == "application/json"
