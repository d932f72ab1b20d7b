"""The application factory: settings in, Flask application out. Whatever cannot work is said at start, not at the first call."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from typing import Any

import click
import msgspec
from flask import Flask
from flask import Response
from flask import request
from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import MethodNotAllowed as HttpMethodNotAllowed
from werkzeug.exceptions import NotFound as HttpNotFound
from werkzeug.exceptions import RequestEntityTooLarge

from cdshooks import cli
from cdshooks import console
from cdshooks import logs
from cdshooks import trust
from cdshooks.audit import health
from cdshooks.audit import metrics
from cdshooks.audit import recorder
from cdshooks.cards import book
from cdshooks.hooks import explain
from cdshooks.hooks import fast_path
from cdshooks.hooks import views
from cdshooks.knowledge import served
from cdshooks.protocol import catalogue
from cdshooks.protocol import cors
from cdshooks.protocol.errors import BadRequest
from cdshooks.protocol.errors import MethodNotAllowed
from cdshooks.protocol.errors import NotFound
from cdshooks.protocol.errors import ServiceError
from cdshooks.protocol.errors import TooLarge
from cdshooks.protocol.errors import Unexpected
from cdshooks.settings import environment
from cdshooks.store.replay import SqlReplayStore

LOG = logging.getLogger(__name__)


def create_app(settings: Mapping[str, Any] | None = None) -> Flask:
    """`settings`: as ``cdshooks.settings.environment.load`` reads them, with Flask's own. Raises ConfigError, SiteError or WordsError."""
    given = dict(settings or {})
    app = Flask("cdshooks", static_folder=None)
    app.config.update({name: value for name, value in given.items() if name.isupper() and not name.startswith("CDSHOOKS_")})
    if not app.testing:
        logs.configure(as_json=not os.isatty(2))
    config = environment.load(given)
    book.prepare()
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    app.config["MAX_CONTENT_LENGTH"] = config.site.max_body + 1  # what is one too long is refused in cdshooks.protocol.body, also when chunked
    record = recorder.open_record(config)
    if record.store is not None and _serves(app):
        record.start()
    app.extensions[recorder.EXTENSION] = record
    replay = trust.ReplayCheck(SqlReplayStore(record.store) if record.store else None, lambda by: metrics.REPLAY.labels(by).inc())
    if config.site.trust.mode == "jwt":
        replay.warm_up()  # the first calls could not wait for the database to be opened, and would be checked in memory alone
    app.extensions[views.EXTENSION] = views.House(
        config=config,
        trust=trust.Trust(config.site.trust),
        replay=replay,
        record=record,
        discovery=msgspec.json.encode(catalogue.discovery(config.site.prefetch_profile, config.site.pump_codes)),
    )
    for blueprint in (views.BLUEPRINT, explain.BLUEPRINT, served.BLUEPRINT, health.BLUEPRINT, metrics.BLUEPRINT):
        app.register_blueprint(blueprint)
    console.register(app, config)
    cli.register(app)
    app.after_request(_finish)
    app.teardown_request(_end)
    _answer_errors(app)
    app.wsgi_app = fast_path.Direct(app)  # type: ignore[method-assign]
    return app


def _serves(app: Flask) -> bool:
    """Not a test, and not a command at the terminal: then the tables are brought up to date at start, not at the first call."""
    command = click.get_current_context(silent=True)
    return not app.testing and (command is None or command.info_name == "run")


# --- around every request ---------------------------------------------------------------------------------------------


def _end(error: BaseException | None) -> None:
    logs.HOOK_INSTANCE.set(None)  # threads of a server outlive their calls


def _finish(response: Response) -> Response:
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    if cors.concerns(request.path):
        cors.allow(request, response)
    return response


# --- errors -----------------------------------------------------------------------------------------------------------


def _answer_errors(app: Flask) -> None:
    app.register_error_handler(ServiceError, _said)
    app.register_error_handler(trust.Refused, _refused)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def _said(error: ServiceError) -> Response:
    response = views.as_json(error.outcome, error.status)
    response.headers.update(error.headers)
    _count(error.status)
    return response


def _refused(error: trust.Refused) -> Response:
    views.count_refusal(error)
    _count(error.status)
    response = views.as_json(error.outcome, error.status)
    response.headers.update(error.headers)
    return response


def _http(error: HTTPException) -> Response:
    """Flask's own errors in the form that clients of CDS Hooks read; what is no error (a redirect) as it is."""
    if error.response is not None or (error.code or 500) < 400:
        return error.get_response(request.environ)
    if isinstance(error, HttpNotFound):
        said: ServiceError = NotFound("There is nothing here. Discovery is at /cds-services.")
    elif isinstance(error, HttpMethodNotAllowed) and _names_no_service(request.path):
        said = views.no_such_service()
    elif isinstance(error, HttpMethodNotAllowed):
        allowed = ", ".join(sorted(error.valid_methods or ()))
        said = MethodNotAllowed(f"This address takes {allowed}.", headers={"Allow": allowed})
    elif isinstance(error, RequestEntityTooLarge):
        said = TooLarge("The body is too large.")
    elif (error.code or 500) < 500:
        said = BadRequest("The request cannot be read.")
        said.status = error.code or 400
    else:
        return _unexpected(error)
    return _said(said)


def _names_no_service(path: str) -> bool:
    """A service that is not there, called by GET: that it takes POST alone would say that it is there."""
    parts = path.strip("/").split("/")
    return len(parts) > 1 and parts[0] == "cds-services" and catalogue.find(parts[1]) is None


def _unexpected(error: Exception) -> Response:
    """A fault of this service. Never an empty card list: that would read as "nothing to say"."""
    LOG.error("call failed", extra={"error": type(error).__name__, "raisedAt": logs.where_raised(error)})
    return _said(Unexpected("The service failed on this call. It is logged under the call's hookInstance; no conclusion may be drawn from it."))


def _count(status: int) -> None:
    """Calls that end before they are decided; the others are counted by the record."""
    service = catalogue.find((request.view_args or {}).get("service_id", ""))
    if service is not None and request.method == "POST" and request.endpoint == "hooks.call":
        metrics.CALLS.labels(service.id, str(status)).inc()
