"""Answers as Flask sends them."""

from __future__ import annotations

from typing import Any

import msgspec
from flask import Response


def json_response(document: Any, status: int = 200) -> Response:
    """Return `document` as the JSON body of an answer."""
    return Response(msgspec.json.encode(document), status, mimetype="application/json")
