"""How the application answers what went wrong: every error as an OperationOutcome, a fault of ours never as "no
cards"."""

from __future__ import annotations

import logging

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.exceptions import MethodNotAllowed as HttpMethodNotAllowed
from werkzeug.exceptions import NotFound as HttpNotFound
from werkzeug.wrappers import Response as BaseResponse

from cdshooks import logs, trust
from cdshooks.hooks import views
from cdshooks.hooks.state import application_state
from cdshooks.protocol import catalogue
from cdshooks.protocol.errors import BadRequest, MethodNotAllowed, NotFound, ServiceError, TooLarge, Unexpected
from cdshooks.protocol.responses import json_response

LOG = logging.getLogger("cdshooks.app")


def register(app: Flask) -> None:
    """Let Flask answer errors of each kind."""
    app.register_error_handler(ServiceError, _answer_service_error)
    app.register_error_handler(trust.Refused, _answer_refused)
    app.register_error_handler(HTTPException, _answer_http_error)
    app.register_error_handler(Exception, _answer_unexpected)


def _answer_service_error(error: ServiceError) -> Response:
    response = json_response(error.outcome, error.status)
    response.headers.update(error.headers)
    _tell_undecided(error.status)
    return response


def _answer_refused(error: trust.Refused) -> Response:
    views.count_refusal(error)
    _tell_undecided(error.status)
    response = json_response(error.outcome, error.status)
    response.headers.update(error.headers)
    return response


def _answer_http_error(error: HTTPException) -> BaseResponse:
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
        return _answer_unexpected(error)
    return _answer_service_error(said)


def _names_no_service(path: str) -> bool:
    """A service that is not there, called by GET: that it takes POST alone would say that it is there."""
    parts = path.strip("/").split("/")
    return len(parts) > 1 and parts[0] == "cds-services" and catalogue.find_service(parts[1]) is None


def _answer_unexpected(error: Exception) -> Response:
    """A fault of this service. Never an empty card list: that would read as "nothing to say"."""
    LOG.error("call failed", extra={"error": type(error).__name__, "raisedAt": logs.where_raised(error)})
    return _answer_service_error(
        Unexpected(
            "The service failed on this call. It is logged under the call's hookInstance; no conclusion may be drawn from it."
        )
    )


def _tell_undecided(status: int) -> None:
    """Calls that end before they are decided; the others are counted and told by the record."""
    service = catalogue.find_service((request.view_args or {}).get("service_id", ""))
    if service is not None and request.method == "POST" and request.endpoint == "hooks.call":
        views.tell_undecided(request.environ, application_state(), service.id, status)
