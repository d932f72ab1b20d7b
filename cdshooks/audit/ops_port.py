"""Numbers and health on a port of their own, so that a proxy need not keep them from its clients.

Each worker listens on the same port, and the kernel deals out the connections (SO_REUSEPORT): who answers is a worker
that lives. The answers come from threads that no hook call uses.
"""

from __future__ import annotations

import socket
import threading
from socketserver import TCPServer, ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from flask import Flask

from cdshooks.audit import health, metrics
from cdshooks.audit.recorder import EXTENSION, AuditTrail

IDLE_SECONDS = 5


class _Handler(WSGIRequestHandler):
    timeout = IDLE_SECONDS  # whoever connects and says nothing must not keep a thread

    def log_message(self, format: str, *args: object) -> None:
        pass

    def address_string(self) -> str:
        return str(self.client_address[0])


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    allow_reuse_address = True

    def server_bind(self) -> None:
        if not hasattr(socket, "SO_REUSEPORT"):
            raise OSError("this system lets no two workers share a port")
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        TCPServer.server_bind(self)  # the one between would ask the name server who we are
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])
        self.setup_environ()

    def handle_error(self, request: object, client_address: object) -> None:
        pass  # a client that hung up


class _ServerOfSix(_Server):
    address_family = socket.AF_INET6


def application(audit_trail: AuditTrail) -> Flask:
    """What the port answers: ``/metrics``, ``/health/live``, ``/health/ready``."""
    app = Flask("cdshooks.ops", static_folder=None)
    app.extensions[EXTENSION] = audit_trail
    app.register_blueprint(health.BLUEPRINT)
    app.register_blueprint(metrics.BLUEPRINT)
    return app


def listen(host: str, port: int, audit_trail: AuditTrail) -> None:
    """Answers in a thread, for the life of the process. OSError when the port is not to be had."""
    kind = _ServerOfSix if ":" in host else _Server
    server = kind((host, port), _Handler)
    server.set_app(application(audit_trail))
    threading.Thread(target=server.serve_forever, name="ops-port", daemon=True).start()


def refuse_taken_port(host: str, port: int) -> None:
    """OSError when something else listens there already. For the parent of the workers, whose own ports are not open
    yet."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))
