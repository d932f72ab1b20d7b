"""Real HTTP servers on loopback for the tests: plain answers, lies, drips and hangs, on real sockets."""

from __future__ import annotations

import contextlib
import functools
import gzip
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PIECE = 50_000_000


@dataclass
class Seen:
    """One request as it arrived."""

    path: str
    headers: dict[str, str]
    port: int
    """The client's port: the same for two requests on one connection."""


@dataclass
class Server:
    """A server under test control: `answers` maps a path (before ``?``) to what is done with the handler."""

    answers: dict[str, Callable[[Handler], None]] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    url: str = ""
    released: threading.Event = field(default_factory=threading.Event)
    """Set at the end, so that hanging handlers return."""
    _http: ThreadingHTTPServer | None = None

    @property
    def paths(self) -> list[str]:
        return [seen.path for seen in self.seen]

    def kill(self) -> None:
        """Stops listening and cuts what is open, as a killed process does."""
        self.released.set()
        self._http.shutdown()
        self._http.server_close()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    owner: Server

    def do_GET(self) -> None:
        self.owner.seen.append(Seen(self.path, dict(self.headers.items()), self.client_address[1]))
        path = self.path.partition("?")[0]
        action = self.owner.answers.get(path) or self.owner.answers.get("*") or status(404)
        with contextlib.suppress(OSError):
            action(self)

    def give(self, body: bytes, code: int = 200, **headers: str) -> None:
        self.send_response(code)
        for name, value in {
            "Content-Type": "application/fhir+json",
            "Content-Length": str(len(body)),
            **headers,
        }.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        pass  # a client that gave up is what many of these tests are about


@contextlib.contextmanager
def serve(
    answers: dict[str, Callable[[Handler], None]] | None = None,
    host: str = "127.0.0.1",
    tls: ssl.SSLContext | None = None,
) -> Iterator[Server]:
    server = Server(answers or {})
    http = _Listener((host, 0), type("Bound", (Handler,), {"owner": server}))
    if tls is not None:
        http.socket = tls.wrap_socket(http.socket, server_side=True)
    server._http, server.url = http, f"http{'s' if tls else ''}://{host}:{http.server_address[1]}"
    threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield server
    finally:
        server.kill()


# --- what a server may do ---------------------------------------------------------------------------------------------


def body(value: object, code: int = 200, **headers: str) -> Callable[[Handler], None]:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return lambda handler: handler.give(raw, code, **headers)


def status(code: int, **headers: str) -> Callable[[Handler], None]:
    return body(
        {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "processing"}]}, code, **headers
    )


def html(code: int = 200) -> Callable[[Handler], None]:
    return body(b"<!DOCTYPE html><html><body>Please log in</body></html>", code, Content_Type="text/html")


def zipped(value: object) -> Callable[[Handler], None]:
    return body(gzip.compress(json.dumps(value).encode()), Content_Encoding="gzip")


def bomb(size: int) -> Callable[[Handler], None]:
    """A few hundred kilobytes that unpack to `size` bytes, in pieces of 50 MB."""
    return body(_piece() * (size // PIECE), Content_Encoding="gzip")


@functools.cache
def _piece() -> bytes:
    return gzip.compress(b" " * PIECE)


def redirect(target: str, code: int = 302) -> Callable[[Handler], None]:
    return body(b"", code, Location=target)


def after(seconds: float, then: Callable[[Handler], None]) -> Callable[[Handler], None]:
    def act(handler: Handler) -> None:
        handler.owner.released.wait(seconds)
        then(handler)

    return act


def hang(handler: Handler) -> None:
    """Accepts the request and never answers."""
    handler.owner.released.wait(30)
    handler.close_connection = True


def hang_in_body(handler: Handler) -> None:
    """Promises a long body, sends its beginning, then nothing."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/fhir+json")
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    handler.wfile.write(b'{"resourceType": "Bundle", "entry": [')
    handler.wfile.flush()
    handler.owner.released.wait(30)
    handler.close_connection = True


def drip_body(handler: Handler) -> None:
    """A space every 50 ms, for ever: no socket time-out ever strikes."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/fhir+json")
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    _drip(handler, b" ")


def drip_headers(handler: Handler) -> None:
    """The status line, then a header that never ends."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    _drip(handler, b"a")


def _drip(handler: Handler, piece: bytes) -> None:
    ends = time.monotonic() + 30
    while time.monotonic() < ends and not handler.owner.released.is_set():
        handler.wfile.write(piece)
        handler.wfile.flush()
        time.sleep(0.05)


def odd_headers(handler: Handler) -> None:
    """An answer with a header line that is none."""
    raw = b'{"resourceType": "Bundle"}'
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nno header at all\r\n\r\n" % len(raw) + raw)


def cut_in_body(handler: Handler) -> None:
    """Dies in the middle of its answer."""
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    handler.wfile.write(b'{"resourceType": "Bundle", "entry": [')
    handler.wfile.flush()
    cut(handler)


def cut(handler: Handler) -> None:
    """Closes the line without an answer."""
    handler.close_connection = True
    handler.connection.shutdown(socket.SHUT_RDWR)


def in_turn(*actions: Callable[[Handler], None]) -> Callable[[Handler], None]:
    """The first action for the first request, and so on; the last one stays."""
    left = list(actions)

    def act(handler: Handler) -> None:
        action = left.pop(0) if len(left) > 1 else left[0]
        action(handler)

    return act


# --- FHIR -------------------------------------------------------------------------------------------------------------


def bundle(*resources: dict, following: str | None = None) -> dict:
    found: dict = {
        "resourceType": "Bundle",
        "type": "searchset",
        "entry": [{"resource": resource} for resource in resources],
    }
    if following:
        found["link"] = [{"relation": "self", "url": "x"}, {"relation": "next", "url": following}]
    return found
