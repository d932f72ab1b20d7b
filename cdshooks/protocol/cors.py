"""Cross-origin calls: browser-based clients (the public sandbox) call discovery, services and feedback from their own
page.

Any origin may call. Nothing rests on cookies, and a token in a header is its sender's to give; a list of origins would
keep out no one who can send a request without a browser.
"""

from __future__ import annotations

from flask import Request, Response

ROOTS = ("/cds-services",)
METHODS = "GET, HEAD, POST, OPTIONS"
HEADERS = "Authorization, Content-Type, Content-Encoding, Accept"
A_DAY = "86400"


def concerns(path: str) -> bool:
    return any(path == root or path.startswith(root + "/") for root in ROOTS)


def allow(request: Request, response: Response) -> None:
    """The headers of an answer, and those of the answer to a preflight; a preflight asks for no authentication."""
    headers = response.headers
    headers["Access-Control-Allow-Origin"] = "*"
    if request.method != "OPTIONS":
        return
    headers["Access-Control-Allow-Methods"] = METHODS
    headers["Access-Control-Allow-Headers"] = HEADERS
    headers["Access-Control-Max-Age"] = A_DAY
    if request.headers.get("Access-Control-Request-Private-Network", "").lower() == "true":
        # An https page that calls a service on this machine or in its network: browsers ask before they do.
        headers["Access-Control-Allow-Private-Network"] = "true"
    headers["Vary"] = "Access-Control-Request-Private-Network"
