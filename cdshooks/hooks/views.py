"""HTTP in, HTTP out: discovery, the service calls, feedback. What to answer is decided elsewhere."""

from __future__ import annotations

import logging
import time
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
from flask import Blueprint, Response, request

from cdshooks import trust
from cdshooks.audit import metrics
from cdshooks.audit.call import AuditedCall, AuditedCard, UndecidedCall
from cdshooks.hooks import feedback
from cdshooks.hooks.answer import Answer, answer_request
from cdshooks.hooks.state import ApplicationState, application_state
from cdshooks.logs import HOOK_INSTANCE, UUID
from cdshooks.protocol import catalogue
from cdshooks.protocol.body import body_of, is_json_media_type
from cdshooks.protocol.catalogue import Service
from cdshooks.protocol.errors import NotFound, NotJson, UnsupportedMedia
from cdshooks.protocol.request import HookRequest, parse
from cdshooks.protocol.responses import json_response
from cdshooks.reading.decoding import typed_pass

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

LOG = logging.getLogger(__name__)
BLUEPRINT = Blueprint("hooks", __name__)
FAILURE = "cdshooks.failure"
"""Name in the WSGI environment of what a call failed with before Flask saw it."""
BEGAN = "cdshooks.began"
"""Likewise of when that call began, by `time.perf_counter`."""
READ_SECONDS = 1.75
"""From the beginning of a call to the end of its callbacks: the answer is there within two seconds, also where many end
at once. (CDS Hooks asks for half a second, clients wait longer.)"""


# --- who calls, and for what ------------------------------------------------------------------------------------------


def service_of(service_id: str) -> Service:
    service = catalogue.find_service(service_id)
    if service is None:
        raise no_such_service()
    return service


def no_such_service() -> NotFound:
    return NotFound(f"There is no such service. The services are {', '.join(catalogue.IDS)}.")


def caller(environ: WSGIEnvironment, state: ApplicationState, *audiences: str) -> trust.Client:
    """Return the client behind a request. Raises trust.Refused."""
    return trust.verify(environ.get("HTTP_AUTHORIZATION"), audiences, state.trust, state.replay)


def read_request(environ: WSGIEnvironment, state: ApplicationState, service: Service) -> HookRequest:
    """Return the request of a service call. JSON under a wrong content type is read; anything else under one is 415."""
    body = body_of(environ, state.config.site.max_body)
    try:
        return parse(body, service.hook, decode=typed_pass)
    except NotJson:
        if is_json_media_type(environ):
            raise
        raise UnsupportedMedia(
            "The body is not JSON. Send JSON as application/json.", headers={"Accept-Post": "application/json"}
        ) from None


# --- the three endpoints of CDS Hooks ---------------------------------------------------------------------------------


@BLUEPRINT.get("/cds-services")
def discovery() -> Response:
    """Return the services. Open to all, but a client that sends a token learns early whether its set-up is right."""
    state = application_state()
    if request.headers.get("Authorization"):
        caller(request.environ, state, *trust.audiences.of_discovery(state.public_base))
    return Response(state.discovery, mimetype="application/json")


@BLUEPRINT.post("/cds-services/<service_id>")
def call(service_id: str) -> Response:
    """The way of a call through Flask. Most take the short one (`cdshooks.hooks.fast_path`); what fails there is told
    here, by Flask's error handlers."""
    if FAILURE in request.environ:
        raise request.environ.pop(FAILURE)
    return answered(*answer_call(request.environ, application_state(), service_of(service_id)))


def answer_call(environ: WSGIEnvironment, state: ApplicationState, service: Service) -> tuple[bytes, int]:
    """Return body and status (200 or 412) of the answer to a service call. Raises ServiceError or trust.Refused."""
    began = time.perf_counter()
    client = caller(environ, state, *trust.audiences.of_service(state.public_base, service.id))
    hook_request = read_request(environ, state, service)
    HOOK_INSTANCE.set(hook_request.hook_instance)
    config = state.config
    now = config.now()
    parsed = time.perf_counter()
    left = READ_SECONDS - (parsed - began)
    given = answer_request(
        hook_request,
        service,
        config.site,
        now,
        known=state.silent_answers,
        repeats=state.repeats,
        client=client.name,
        seconds=left,
    )
    _tell_oddities(hook_request, given)
    milliseconds = {
        "parse": 1000 * (parsed - began),
        **given.milliseconds,
        "total": 1000 * (time.perf_counter() - began),
    }
    noted = audited(service, hook_request, given, client, now, milliseconds)
    noted.traceparent = environ.get("HTTP_TRACEPARENT")
    state.audit_trail.add(noted)
    return given.body, given.status


def answered(body: bytes, status: int) -> Response:
    return Response(body, status, mimetype="application/json", headers={"Cache-Control": "no-store"})


def _tell_oddities(asked: HookRequest, given: Answer) -> None:
    """Log what whoever connects the client should look into, as counts: no value of the request, no name that the
    client chose."""
    odd = {
        "unreadable": given.unreadable,
        "otherPatients": given.foreign,
        "nullMembers": sum(
            value is None or (value.__class__ is msgspec.Raw and bytes(value) == b"null")
            for value in asked.prefetch.values()
        ),
        "hookInstanceNoUuid": int(UUID.fullmatch(asked.hook_instance) is None),
    }
    if any(odd.values()):
        grave = odd["unreadable"] or odd["otherPatients"]
        LOG.log(
            logging.WARNING if grave else logging.INFO,
            "odd request",
            extra={name: count for name, count in odd.items() if count},
        )


def audited(
    service: Service,
    asked: HookRequest,
    given: Answer,
    client: trust.Client,
    now: datetime,
    milliseconds: dict[str, float],
) -> AuditedCall:
    """Return a call as the record takes it."""
    return AuditedCall(
        hook_instance=asked.hook_instance,
        service=service.id,
        hook=service.hook,
        at=now,
        status=given.status,
        established=given.established,
        client=client.name,
        criteria=asked.criteria,
        evaluation=given.evaluation,
        verdicts=given.verdicts,
        cards=tuple([AuditedCard(one.uuid, one.rule, one.indicator, given.said.get(one.uuid)) for one in given.cards]),
        availability=given.listings,
        milliseconds=milliseconds,
        callbacks=given.report.counts if given.report.callbacks else {},
        unreadable=given.unreadable,
        foreign=given.foreign,
        visit=given.visit,
        patient_id=asked.patient_id,
    )


@BLUEPRINT.post("/cds-services/<service_id>/feedback")
def take_feedback(service_id: str) -> Response:
    service, state = service_of(service_id), application_state()
    client = caller(request.environ, state, *trust.audiences.of_feedback(state.public_base, service.id))
    config = state.config
    body = body_of(request.environ, config.site.max_body)
    try:
        feedback.receive(
            body, service=service.id, client=client.name, received=config.now(), audit_trail=state.audit_trail
        )
    except NotJson:
        if is_json_media_type(request.environ):
            raise
        raise UnsupportedMedia(
            "The body is not JSON. Send JSON as application/json.", headers={"Accept-Post": "application/json"}
        ) from None
    return json_response({"received": True})


def tell_undecided(environ: WSGIEnvironment, state: ApplicationState, service_id: str, status: int) -> None:
    """Count and tell a service call that ended before it was decided."""
    milliseconds = 1000 * (time.perf_counter() - environ.get(BEGAN, time.perf_counter()))
    state.audit_trail.add_undecided(UndecidedCall(service_id, status, milliseconds, environ.get("HTTP_TRACEPARENT")))


def count_refusal(refused: trust.Refused) -> None:
    metrics.refused(refused.reason.value)
