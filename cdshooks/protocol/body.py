"""The bytes of a request's body: as sent or gzipped, never more of them than the site allows, nor than the worker has
room for."""

from __future__ import annotations

import contextlib
import zlib
from typing import IO, TYPE_CHECKING

from werkzeug.exceptions import ClientDisconnected
from werkzeug.http import parse_options_header
from werkzeug.wsgi import get_content_length, get_input_stream

from cdshooks.protocol.errors import Late, NotJson, ServiceError, TooLarge, Unavailable, UnsupportedMedia
from cdshooks.protocol.in_flight import SMALL, STAY, Stay

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

GZIP = 16 + zlib.MAX_WBITS


def body_of(environ: WSGIEnvironment, most: int) -> bytes:
    """The decompressed body.

    Raises TooLarge, UnsupportedMedia (an encoding that is not read), NotJson (broken gzip), Late when its connection was
    closed for being slow (what the client was told is `cdshooks.protocol.slow_bodies`; this is for log and numbers), or
    Unavailable when the worker has no room for it (`cdshooks.protocol.in_flight`, which gives the room back when the
    call has ended).
    """
    stay: Stay = environ[STAY]
    length = get_content_length(environ)
    if (length or 0) > most:
        raise _too_large(most)
    encoding = environ.get("HTTP_CONTENT_ENCODING", "").strip().lower()
    try:
        sent = _sent(environ, length, most, stay)
    except (OSError, ClientDisconnected):
        if stay.is_late():
            raise Late("The body of the request did not arrive in time.") from None
        raise ClientDisconnected from None
    if len(sent) > most:
        raise _too_large(most)
    if encoding in ("", "identity"):
        body = sent
    elif encoding in ("gzip", "x-gzip"):
        stay.make_room(min(most, max(len(sent), _said_length(sent))))
        body = _gunzip(sent, most, stay)
    else:
        raise UnsupportedMedia(
            "This content encoding is not read; send gzip or none.", headers={"Accept-Encoding": "gzip, identity"}
        )
    if len(body) > most:
        raise _too_large(most)
    stay.has_arrived()
    return body


def _sent(environ: WSGIEnvironment, length: int | None, most: int, stay: Stay) -> bytes:
    """What the client sent; of more than allowed, one byte too many."""
    if length is None:
        return _chunked(get_input_stream(environ), most, stay)
    # Straight from the server, which ends the body where it was said to end: Werkzeug's stream would copy megabytes
    # three times over.
    source = environ["wsgi.input"]
    try:
        stay.make_room(length)
    except Unavailable:
        _pass_over(source, length)
        raise
    # One that knows where the body ends is asked for all of it: Granian would copy a part of known length together
    # twice.
    found = source.read() if environ.get("wsgi.input_terminated") else b""
    while len(found) < length:
        more = source.read(length - len(found))
        if not more:
            raise ClientDisconnected
        found = found + more if found else more
    return found


def _chunked(source: IO[bytes], most: int, stay: Stay) -> bytes:
    """A chunked body does not say how long it is: beyond a small one it is given the room of the largest. One byte more
    than allowed tells one that was cut from one that fits."""
    stay.make_room(SMALL)
    found = source.read(SMALL)
    if len(found) < SMALL:
        return found
    try:
        stay.make_room(most)
    except Unavailable:
        _pass_over(source, most)
        raise
    return found + source.read(most + 1 - len(found))


def _pass_over(source: IO[bytes], length: int) -> None:
    """A client that is still sending would find the line cut before it read the answer."""
    with contextlib.suppress(OSError):
        while length > 0 and (piece := source.read(min(length, SMALL))):
            length -= len(piece)


def _said_length(sent: bytes) -> int:
    """What gzip says at its end of the size before compression; a body of several members says less than it holds."""
    return int.from_bytes(sent[-4:], "little")


def _gunzip(sent: bytes, most: int, stay: Stay) -> bytes:
    """Stops as soon as there is more than allowed: a few kilobytes can unfold to gigabytes."""
    found, rest, allowed = b"", sent, min(most, _said_length(sent))
    try:
        while rest:
            member = zlib.decompressobj(GZIP)
            found += member.decompress(rest, allowed + 1 - len(found))
            if len(found) > allowed and allowed < most:
                stay.make_room(most)
                allowed = most
                found += member.decompress(member.unconsumed_tail, allowed + 1 - len(found))
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
