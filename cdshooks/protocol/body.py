"""The bytes of a request's body: as sent or gzipped, and never more of them than the site allows."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from werkzeug.exceptions import ClientDisconnected
from werkzeug.http import parse_options_header
from werkzeug.wsgi import get_content_length
from werkzeug.wsgi import get_input_stream

from cdshooks.protocol.errors import NotJson
from cdshooks.protocol.errors import ServiceError
from cdshooks.protocol.errors import TooLarge
from cdshooks.protocol.errors import UnsupportedMedia

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

GZIP = 16 + zlib.MAX_WBITS


def body_of(environ: WSGIEnvironment, most: int) -> bytes:
    """The decompressed body. Raises TooLarge, UnsupportedMedia (an encoding that is not read) or NotJson (broken gzip)."""
    length = get_content_length(environ)
    if (length or 0) > most:
        raise _too_large(most)
    try:
        sent = _sent(environ, length, most)
    except OSError:
        raise ClientDisconnected from None
    if len(sent) > most:
        raise _too_large(most)
    encoding = environ.get("HTTP_CONTENT_ENCODING", "").strip().lower()
    if encoding in ("", "identity"):
        body = sent
    elif encoding in ("gzip", "x-gzip"):
        body = _gunzip(sent, most)
    else:
        raise UnsupportedMedia("This content encoding is not read; send gzip or none.", headers={"Accept-Encoding": "gzip, identity"})
    if len(body) > most:
        raise _too_large(most)
    return body


def _sent(environ: WSGIEnvironment, length: int | None, most: int) -> bytes:
    """What the client sent; of more than allowed, one byte too many."""
    if length is None:
        # A chunked body does not say how long it is: one byte more than allowed tells one that was cut from one that fits.
        return get_input_stream(environ).read(most + 1)
    # Straight from the server, which ends the body where it was said to end: Werkzeug's stream would copy megabytes three times over.
    source = environ["wsgi.input"]
    # One that knows where the body ends is asked for all of it: Granian would copy a part of known length together twice.
    found = source.read() if environ.get("wsgi.input_terminated") else b""
    while len(found) < length:
        more = source.read(length - len(found))
        if not more:
            raise ClientDisconnected
        found = found + more if found else more
    return found


def _gunzip(sent: bytes, most: int) -> bytes:
    """Stops as soon as there is more than allowed: a few kilobytes can unfold to gigabytes."""
    found, rest = b"", sent
    try:
        while rest:
            member = zlib.decompressobj(GZIP)
            found += member.decompress(rest, most + 1 - len(found))
            if len(found) > most:
                return found
            if not member.eof:
                raise NotJson("The gzip body ends too early.")
            rest = member.unused_data.lstrip(b"\0")
    except zlib.error:
        raise NotJson("The body is said to be gzip and is not.") from None
    return found


def _too_large(most: int) -> ServiceError:
    return TooLarge(f"The body is larger than the {most} bytes that this service takes.")


def is_json_media_type(environ: WSGIEnvironment) -> bool:
    """True when the client calls the body JSON, or calls it nothing."""
    said = parse_options_header(environ.get("CONTENT_TYPE"))[0].lower()
    return not said or said == "application/json" or said.endswith(("+json", "/json"))
