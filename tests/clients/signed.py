"""A token as a CDS Client makes it: docs/integration.md, "The token"."""

from __future__ import annotations

import json
import sys
import time
import uuid
from pathlib import Path
from typing import Any

import jwt


def read_task() -> dict[str, Any]:
    """Return what to call and with which key: the JSON file that the command line names."""
    return json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))


def token_for(task: dict[str, Any], path: str) -> str:
    """Return a new token for the URL with this path."""
    now = int(time.time())
    claims = {"iss": task["issuer"], "sub": task["clientId"], "aud": task["audience"] + path, "jti": str(uuid.uuid4())}
    times = {"iat": now, "nbf": now - 30, "exp": now + 300}
    return jwt.encode({**claims, **times}, task["key"], "ES384", {"kid": task["kid"]})
