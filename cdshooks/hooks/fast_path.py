"""The short way of a service call: past Flask's dispatch, which costs a small chart as much as half its decision.

Routing, contexts, signals and sessions give such a call nothing. So the application's own WSGI function answers it
here, with the view's own function (`views.answer_call`) and the headers that Flask's hooks would set. Whatever is no such
call, and every call that is refused, cannot be read or fails, goes through Flask: its views, error handlers and hooks
say what there is to say.
"""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.http import HTTP_STATUS_CODES

from cdshooks.hooks import views
from cdshooks.hooks.state import EXTENSION, ApplicationState
from cdshooks.logs import HOOK_INSTANCE
from cdshooks.protocol import catalogue
from cdshooks.protocol.catalogue import Service

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIEnvironment


class FastPath:
    """The WSGI function of an application that is complete: hooks added to it later are not heard on the fast path."""

    def __init__(self, app: Flask) -> None:
        self._flask = app.wsgi_app
        self._state: ApplicationState = app.extensions[EXTENSION]
        self._services = {f"/cds-services/{service.id}": service for service in catalogue.SERVICES}
        self._headers = {path: _headers(app, path) for path in self._services}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        service = self._services.get(path) if environ["REQUEST_METHOD"] == "POST" else None
        answered = None if service is None else self._answer(environ, service)
        if answered is None:
            return self._flask(environ, start_response)
        HOOK_INSTANCE.set(None)
        body, status = answered
        start_response(
            f"{status} {HTTP_STATUS_CODES[status]}", [*self._headers[path], ("Content-Length", str(len(body)))]
        )
        return [body]

    def _answer(self, environ: WSGIEnvironment, service: Service) -> tuple[bytes, int] | None:
        """Answer a call; return None for one that fails, with the error left in the environment for the view to raise
        again."""
        began = perf_counter()
        try:
            return views.answer_call(environ, self._state, service)
        except Exception as error:  # noqa: BLE001
            environ[views.FAILURE], environ[views.BEGAN] = error, began
            return None


def _headers(app: Flask, path: str) -> list[tuple[str, str]]:
    """Return the headers that Flask's hooks give an answer of this service; they are the same for every answer."""
    with app.test_request_context(path, method="POST"):
        headers = app.process_response(views.answered(b"", 200)).headers
    del headers["Content-Length"]
    return headers.to_wsgi_list()
