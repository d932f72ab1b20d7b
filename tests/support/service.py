"""The service under test, called over HTTP through Flask's test client."""

from __future__ import annotations

import functools
import json
from typing import Any

from cdshooks.app import create_app


@functools.lru_cache(maxsize=64)
def client(now: str, site: str = "") -> Any:
    """A test client whose service believes it is `now`; `site` is a site document as JSON text."""
    settings: dict[str, Any] = {"CDSHOOKS_NOW": now, "TESTING": True, "RECORD": False}
    if site:
        settings["SITE"] = json.loads(site)
    return create_app(settings).test_client()


def post_vignette(request: dict, expected: dict) -> Any:
    site = json.dumps(expected["site"], sort_keys=True) if expected.get("site") else ""
    return client(expected["now"], site).post(f"/cds-services/{expected['service']}", json=request)
