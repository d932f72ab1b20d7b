"""What the console's forms send: read in memory only, and only from pages of the console itself.

Werkzeug would write a large upload to a temporary file; a pasted request may hold a patient, so nothing goes to disk
here. A form is taken when its token is the one in the cookie that the page set, and the browser does not say that
another site sent it.
"""

from __future__ import annotations

import secrets
from io import BytesIO
from typing import IO

from flask import Request, Response, g, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import Forbidden, RequestEntityTooLarge
from werkzeug.formparser import FormDataParser

from cdshooks.protocol.errors import TooLarge

FIELD = "token"
COOKIE = "itb-console"
MOST_PARTS = 50


class FormRefused(Forbidden):
    description = (
        "The form was not sent from a page of this console, or the page is too old. Open the page again and repeat."
    )


def _in_memory(
    total_content_length: int | None, content_type: str | None, filename: str | None, content_length: int | None = None
) -> IO[bytes]:
    return BytesIO()


def form_fields(sent: Request, most: int) -> MultiDict[str, str]:
    """The fields; a file that holds something stands under its field's name in place of the text. Raises TooLarge."""
    parser = FormDataParser(
        _in_memory, max_form_memory_size=most, max_content_length=most, max_form_parts=MOST_PARTS, silent=False
    )
    try:
        _, fields, files = parser.parse(sent.stream, sent.mimetype, sent.content_length, sent.mimetype_params)
    except RequestEntityTooLarge:
        raise TooLarge(f"The form is larger than the {most} bytes that this service takes.") from None
    except ValueError:
        return MultiDict()
    found = MultiDict(fields)
    for name, file in files.items():
        content = file.stream.read()
        if content:
            found[name] = content.decode("utf-8", "replace")
    return found


def token() -> str:
    """The token for the forms of this page; the cookie's if there is one."""
    if "console_token" not in g:
        held = request.cookies.get(_cookie(), "")
        g.console_token = held if 20 <= len(held) <= 100 and held.isascii() else secrets.token_urlsafe(24)
    return str(g.console_token)


def check_token(fields: MultiDict[str, str]) -> None:
    """Raises FormRefused."""
    held = request.cookies.get(_cookie(), "")
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise FormRefused
    if not held or not secrets.compare_digest(held.encode(), fields.get(FIELD, "").encode()):
        raise FormRefused


def hand_out(response: Response) -> None:
    """Gives the browser the token of the page's forms."""
    if "console_token" in g and request.cookies.get(_cookie()) != g.console_token:
        response.set_cookie(_cookie(), g.console_token, httponly=True, samesite="Strict", secure=_secure(), path="/")


def _secure() -> bool:
    from cdshooks.hooks.state import application_state

    return request.is_secure or application_state().public_base.startswith("https:")


def _cookie() -> str:
    return f"__Host-{COOKIE}" if _secure() else COOKIE
