"""HTTP in, HTTP out: discovery, the service calls, feedback. What to answer is decided elsewhere."""

from __future__ import annotations

import logging
import re
import time
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from typing import Any

import msgspec
from flask import Blueprint
from flask import Response
from flask import current_app
from flask import request

from cdshooks import trust
from cdshooks.audit import metrics
from cdshooks.audit.recorder import Call
from cdshooks.audit.recorder import CardNote
from cdshooks.audit.recorder import Record
from cdshooks.hooks import feedback
from cdshooks.hooks.decision import Decision
from cdshooks.hooks.decision import decide
from cdshooks.logs import HOOK_INSTANCE
from cdshooks.protocol import catalogue
from cdshooks.protocol.body import body_of
from cdshooks.protocol.body import says_json
from cdshooks.protocol.catalogue import Service
from cdshooks.protocol.errors import NotEstablished
from cdshooks.protocol.errors import NotFound
from cdshooks.protocol.errors import NotJson
from cdshooks.protocol.errors import UnsupportedMedia
from cdshooks.protocol.request import HookRequest
from cdshooks.protocol.request import parse
from cdshooks.reading.decoding import typed_pass
from cdshooks.settings.environment import Config

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

LOG = logging.getLogger(__name__)
BLUEPRINT = Blueprint("hooks", __name__)
EXTENSION = "cdshooks"
"""Name of the House in ``app.extensions``."""
FAILURE = "cdshooks.failure"
"""Name in the WSGI environment of what a call failed with before Flask saw it."""
WHOLE_SECONDS = 2.0
"""What one call may take; callbacks get what is left of it (CDS Hooks asks for half a second, clients wait longer)."""


_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True)
class House:
    """What one application holds, made once at start."""

    config: Config
    trust: trust.Trust
    replay: trust.ReplayStore
    record: Record
    discovery: bytes

    @property
    def public_base(self) -> str:
        """Never the request's own URL: behind a proxy that is another."""
        return self.config.site.public_base_url or ""


def house() -> House:
    return current_app.extensions[EXTENSION]


def as_json(document: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(document), status, mimetype="application/json")


# --- who calls, and for what ------------------------------------------------------------------------------------------


def service_of(service_id: str) -> Service:
    service = catalogue.find(service_id)
    if service is None:
        raise no_such_service()
    return service


def no_such_service() -> NotFound:
    return NotFound(f"There is no such service. The services are {', '.join(catalogue.IDS)}.")


def caller(environ: WSGIEnvironment, at_home: House, *audiences: str) -> trust.Client:
    """The client behind a request. Raises trust.Refused."""
    return trust.verify(environ.get("HTTP_AUTHORIZATION"), audiences, at_home.trust, at_home.replay)


def public_base() -> str:
    return house().public_base


def read_request(environ: WSGIEnvironment, at_home: House, service: Service) -> HookRequest:
    """The request of a service call. JSON under a wrong content type is read; anything else under one is 415."""
    body = body_of(environ, at_home.config.site.max_body)
    try:
        return parse(body, service.hook, decode=typed_pass)
    except NotJson:
        if says_json(environ):
            raise
        raise UnsupportedMedia("The body is not JSON. Send JSON as application/json.", headers={"Accept-Post": "application/json"}) from None


# --- the three endpoints of CDS Hooks ---------------------------------------------------------------------------------


@BLUEPRINT.get("/cds-services")
def discovery() -> Response:
    """Public documentation: open to all, but a client that sends a token learns early whether its set-up is right."""
    at_home = house()
    if request.headers.get("Authorization"):
        caller(request.environ, at_home, *trust.audiences.of_discovery(at_home.public_base))
    return Response(at_home.discovery, mimetype="application/json")


@BLUEPRINT.post("/cds-services/<service_id>")
def call(service_id: str) -> Response:
    """The way of a call through Flask. Most take the short one (`cdshooks.hooks.fast_path`); what fails there is told here, by Flask's error handlers."""
    if FAILURE in request.environ:
        raise request.environ.pop(FAILURE)
    return answered(*answer(request.environ, house(), service_of(service_id)))


def answer(environ: WSGIEnvironment, at_home: House, service: Service) -> tuple[bytes, int]:
    """Body and status of the answer to a service call: 200 or 412. Raises ServiceError or trust.Refused."""
    began = time.perf_counter()
    client = caller(environ, at_home, *trust.audiences.of_service(at_home.public_base, service.id))
    hook_request = read_request(environ, at_home, service)
    HOOK_INSTANCE.set(hook_request.hook_instance)
    config = at_home.config
    now = config.now()
    parsed = time.perf_counter()
    decision = decide(hook_request, service, config.site, now, WHOLE_SECONDS - (parsed - began))
    try:
        body, status = msgspec.json.encode(decision.body), 200
    except NotEstablished as error:
        body, status = msgspec.json.encode(error.outcome), error.status
    _tell_oddities(hook_request, decision)
    milliseconds = {"parse": 1000 * (parsed - began), **decision.milliseconds, "total": 1000 * (time.perf_counter() - began)}
    at_home.record.note(noted(service, hook_request, decision, client, now, status, milliseconds))
    return body, status


def answered(body: bytes, status: int) -> Response:
    return Response(body, status, mimetype="application/json", headers={"Cache-Control": "no-store"})


def _tell_oddities(asked: HookRequest, decision: Decision) -> None:
    """What whoever connects the client should look into, as counts: never a value of the request, nor a name that the client chose."""
    odd = {
        "unreadable": decision.chart.unreadable,
        "otherPatients": decision.chart.foreign,
        "nullMembers": sum(value is None or (value.__class__ is msgspec.Raw and bytes(value) == b"null") for value in asked.prefetch.values()),
        "hookInstanceNoUuid": int(_UUID.fullmatch(asked.hook_instance) is None),
    }
    if any(odd.values()):
        grave = odd["unreadable"] or odd["otherPatients"]
        LOG.log(logging.WARNING if grave else logging.INFO, "odd request", extra={name: count for name, count in odd.items() if count})


def noted(
    service: Service, asked: HookRequest, decision: Decision, client: trust.Client, now: datetime, status: int, milliseconds: dict[str, float]
) -> Call:
    """A call as the record takes it."""
    return Call(
        hook_instance=asked.hook_instance,
        service=service.id,
        hook=service.hook,
        at=now,
        status=status,
        client=client.name,
        criteria=asked.criteria,
        evaluation=decision.evaluation,
        cards=tuple(CardNote(card.uuid, card.rule, card.indicator) for card in decision.cards) if status == 200 else (),
        availability=decision.chart.listings,
        milliseconds=milliseconds,
        callbacks=decision.report.counts if decision.report.callbacks else {},
        unreadable=decision.chart.unreadable,
        foreign=decision.chart.foreign,
        patient_id=asked.patient_id,
    )


@BLUEPRINT.post("/cds-services/<service_id>/feedback")
def take_feedback(service_id: str) -> Response:
    service, at_home = service_of(service_id), house()
    client = caller(request.environ, at_home, *trust.audiences.of_feedback(at_home.public_base, service.id))
    config = at_home.config
    body = body_of(request.environ, config.site.max_body)
    try:
        feedback.receive(body, service=service.id, client=client.name, received=config.now(), record=at_home.record)
    except NotJson:
        if says_json(request.environ):
            raise
        raise UnsupportedMedia("The body is not JSON. Send JSON as application/json.", headers={"Accept-Post": "application/json"}) from None
    return as_json({"received": True})


def count_refusal(refused: trust.Refused) -> None:
    metrics.refused(refused.reason.value)
